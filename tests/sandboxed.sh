#!/usr/bin/env bash
# sandboxed.sh TOOLS OSTFORGE - D2: all programs that read a store are sandboxed
set -euo pipefail
tools=$1
forge=$2

checks=0
failed=0
ok()
{
	local sentence=$1
	shift
	checks=$((checks + 1))
	if "$@"; then
		printf 'ok   %s\n' "$sentence"
	else
		failed=$((failed + 1))
		printf 'FAIL %s\n' "$sentence"
	fi
}

tmp=$(mktemp -d "${TMPDIR:-/tmp}/ostfs-test.XXXXXX")
pid=
trap 'kill ${pid:-} ${reader:-} 2>/dev/null || true; rm -rf "$tmp"' EXIT
"$forge" -o "$tmp/s.ost" --sample --format 4k

# Whoever writes into it waits: it is full, and nobody reads.
mkfifo "$tmp/full"
exec 5<>"$tmp/full"
dd if=/dev/zero of="$tmp/full" bs=4096 count=4096 oflag=nonblock 2>/dev/null ||
	true

status()
{
	awk -v field="$1:" '$1 == field { print $2 }' "/proc/$2/status" \
		2>/dev/null
}

# A process of the tool's that has entered, or the tool has ended.
entered()
{
	local process

	while kill -0 "$pid" 2>/dev/null; do
		for process in "$pid" $(pgrep -P "$pid"); do
			[[ $(status Seccomp "$process") == 2 ]] || continue
			reader=$process
			return
		done
		sleep 0.1
	done
	return 1
}

confined()
{
	[[ $(status NoNewPrivs "$reader") == 1 &&
		! -e /proc/$reader/fd/9 ]]
}

# sandboxed TOOL ARGUMENT...: what it has to say stays in the pipe, and so it.
# Who says nothing but how far it has come, or asks a server, is held by that.
tested=()
sandboxed()
{
	local out=$tmp/full err=$tmp/said

	tested+=("$1")
	[[ " $* " != *' --progress '* ]] || err=$tmp/full
	[[ " $* " != *' --tunnel '* ]] || out=/dev/null
	timeout 120 "$tools/$1" "${@:2}" 5>&- 9<"$tmp/s.ost" \
		>"$out" 2>"$err" &
	pid=$(pgrep -P $! || true)
	until [[ -n $pid ]]; do
		kill -0 $! 2>/dev/null || break
		pid=$(pgrep -P $! || true)
	done
	reader=
	ok "$1 ${2#--} is sandboxed while it writes" entered
	[[ -z $reader ]] ||
		ok 'without what was open before' confined
	kill -KILL "${pid:-$!}" ${pid:+$(pgrep -P "$pid")} $reader \
		2>/dev/null || true
	wait
	pid=
}

sandboxed ostinfo "$tmp/s.ost"
sandboxed ostls "$tmp/s.ost" Inbox
sandboxed ostcat "$tmp/s.ost" 200044
sandboxed ostcheck --deep "$tmp/s.ost"
sandboxed ostcheck --second-opinion "$tmp/s.ost"
sandboxed ostcheck --manifest - "$tmp/s.ost"
mkdir "$tmp/copy"
sandboxed ostcheck --verify "$tmp/copy" "$tmp/s.ost"
sandboxed ostls --reader=pff "$tmp/s.ost"
sandboxed ostexport -f tar "$tmp/s.ost" -
sandboxed ostexport --progress "$tmp/s.ost" "$tmp/tree"
sandboxed ost2pst --progress "$tmp/s.ost" "$tmp/s.pst"
sandboxed ostimport --tunnel 'exec sleep 120' "$tmp/s.ost"
sandboxed ostimport --tunnel 'exec sleep 120' "$tmp/copy"

# Of ostfs itself, mount_sandbox.sh; ostfleet only starts these.
programs()
{
	find "$tools" -maxdepth 1 -type f -executable -name 'ost*' \
		! -name ostfleet -printf '%f\n' | sort
}
ok 'those are all programs' cmp <(programs) \
	<(printf '%s\n' "${tested[@]}" | sort -u)

ok 'unless that is asked for' eval \
	'"$tools/ostls" -o nosandbox "$tmp/s.ost" >"$tmp/list"'
ok 'with the same answer' eval \
	'"$tools/ostls" "$tmp/s.ost" | cmp - "$tmp/list"'

# What is written under another name first is there whole, or not at all.
ok 'a manifest gets its name' eval '
	"$tools/ostcheck" --manifest "$tmp/m" "$tmp/s.ost" 2>/dev/null &&
	[[ -s $tmp/m && ! -e $tmp/m.part ]]'
head -c 3000 "$tmp/s.ost" >"$tmp/cut.ost"
ok 'but none of what is no store' eval '
	! "$tools/ostcheck" --manifest "$tmp/n" "$tmp/cut.ost" 2>/dev/null &&
	[[ ! -e $tmp/n && ! -e $tmp/n.part ]]'
printf '%d checks, %d failed\n' "$checks" "$failed"
exit $((failed > 0 || checks == 0))
