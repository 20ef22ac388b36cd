# mount_common.sh - what the tests of the mount share; sourced by mount*.sh
#
#	mount_x.sh OSTFS [OSTFORGE]
#
# Makes $tmp, which all users may enter, with the program as $ostfs and, given
# an OSTFORGE, a forged store as $store; unmounts and removes all of it at the
# end.

set -euo pipefail
export LC_ALL=C.UTF-8

checks=0
failed=0

# ok SENTENCE COMMAND...: the sentence holds if the command succeeds.
ok()
{
	local sentence=$1
	shift

	checks=$((checks + 1))
	if "$@" >"$tmp/out" 2>&1; then
		printf 'ok   %s\n' "$sentence"
		return
	fi
	failed=$((failed + 1))
	printf 'FAIL %s\n' "$sentence"
	sed -n '1,30s/^/     /p' "$tmp/out"
}

not()
{
	! "$@"
}

# is WANT COMMAND...: the command prints exactly that.
is()
{
	local want=$1 got
	shift

	got=$("$@")
	[[ $got == "$want" ]] || {
		printf 'got  %s\nwant %s\n' "$got" "$want"
		return 1
	}
}

# some FIND-ARGUMENT...: there is such a file.
some()
{
	[[ -n $(find "$@" -print -quit) ]]
}

# start [OPTION...] STORE MOUNTPOINT: mount in the background; what is said
# goes to $tmp/said. The pipe $tmp/alive is open for writing in the daemon and
# nowhere else, so that gone() reads to its end when the daemon ends.
start()
{
	rm -f "$tmp/alive"
	mkfifo "$tmp/alive"
	exec 8<>"$tmp/alive" 7<"$tmp/alive"
	"$ostfs" "$@" 9>"$tmp/alive" 7<&- 8>&- >"$tmp/said" 2>&1 || {
		exec 7<&- 8>&-
		cat "$tmp/said"
		return 1
	}
	exec 8>&-
}

# The daemon has ended (or a minute has passed, which is a failure).
gone()
{
	timeout 60 cat <&7 && exec 7<&-
}

# stop MOUNTPOINT: unmount and wait for the daemon's end. The kernel tells of
# files that were closed when it pleases, and not once it has unmounted, so the
# daemon is asked something after that: else what it held for them is a leak.
stop()
{
	stat -f "$1" >/dev/null
	fusermount3 -u "$1" && gone
}

# foreground [OPTION...] STORE MOUNTPOINT: the same, as the child $pid.
foreground()
{
	local dir=${*: -1}

	# A shell's background job ignores SIGINT, and hands that down.
	env --default-signal=INT "$ostfs" -f "$@" >"$tmp/said" 2>&1 &
	pid=$!
	until mountpoint -q "$dir" 2>/dev/null; do
		kill -0 "$pid" || return 1
	done
}

# as_nobody COMMAND...
as_nobody()
{
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

mounts_below()
{
	findmnt -rno TARGET | grep -F "$1/" || true
}

clean_up()
{
	local dir

	mounts_below "$tmp" | while read -r dir; do
		fusermount3 -u -z "$dir" || umount -l "$dir" || true
	done
	chmod -R u+w "$tmp" # copies of what may not be written
	rm -rf --one-file-system "$tmp"
}

# No complaint of a sanitizer, not even in a daemon without a terminal.
sane()
{
	local report

	for report in "$tmp"/reports/*; do
		# On a busy machine LeakSanitizer says that it may see leaks
		# that are none. It is those that count.
		[[ -e $report ]] && grep -qv 'False leaks are possible' \
			"$report" && { cat "$report"; return 1; }
	done
	return 0
}

finish()
{
	ok 'the sanitizers have nothing to say' sane
	ok 'nothing is left mounted' is '' mounts_below "$tmp"
	printf '%d checks, %d failed\n' "$checks" "$failed"
	exit $((failed > 0 || checks == 0))
}

[[ $# == 1 || $# == 2 ]] || { echo "usage: $0 OSTFS OSTFORGE" >&2; exit 1; }
[[ -w /dev/fuse ]] || { echo "$0: no /dev/fuse: modprobe fuse" >&2; exit 1; }

tmp=$(mktemp -d "${TMPDIR:-/tmp}/ostfs-test.XXXXXX")
trap clean_up EXIT
chmod 755 "$tmp"
install -m 755 "$1" "$tmp/ostfs"
ostfs=$tmp/ostfs
if [[ $# == 2 ]]; then
	store=$tmp/sample.ost
	"$2" -o "$store" --sample --format 4k
	chmod 644 "$store"
fi

# Reports of daemons, which may be nobody's, land in $tmp.
install -d -m 1777 "$tmp/reports"
export OST_REPORTS=$tmp/reports # within reach of the sandbox
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}log_path=$tmp/reports/asan
export UBSAN_OPTIONS=${UBSAN_OPTIONS:+$UBSAN_OPTIONS:}log_path=$tmp/reports/ub
export TSAN_OPTIONS=${TSAN_OPTIONS:+$TSAN_OPTIONS:}log_path=$tmp/reports/tsan
