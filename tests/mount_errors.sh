#!/bin/bash
# mount_errors.sh - what cannot be mounted, and what is said about it

. "$(dirname "$0")/mount_common.sh"
m=$tmp/m
cd "$tmp" # should an odd name be mounted on all the same

# refuses CODE WORDS ARGUMENT...: one line for a person, with the words in it,
# and the exit code; nothing stays mounted, no directory is left.
refuses()
{
	local code=$1 words=$2 got=0
	shift 2

	"${runner[@]}" "$ostfs" "$@" >"$tmp/stdout" 2>"$tmp/stderr" || got=$?
	cat "$tmp/stderr"
	[[ $got == "$code" ]] || { echo "exit code $got, not $code"; return 1; }
	is 1 sed -n '$=' "$tmp/stderr" && is '' cat "$tmp/stdout" &&
		grep -q '^ostfs: ' "$tmp/stderr" &&
		grep -qF -- "$words" "$tmp/stderr" || return 1
	[[ ! -e $m ]] || { echo "$m is still there"; return 1; }
}
runner=()

# said WORDS: the last mount went well, but for a warning.
warned()
{
	cat "$tmp/said"
	is 1 sed -n '$=' "$tmp/said" && grep -qF -- "warning: $1" "$tmp/said"
}

prints()
{
	"$ostfs" "$2" >"$tmp/stdout" && grep -q "$1" "$tmp/stdout"
}

ok '--help says how' prints '^usage: ostfs' --help
ok '-h too' prints '^usage: ostfs' -h
ok '--version says which' prints '^ostfs [0-9]' --version
ok '-V too, and of libfuse' prints '^libfuse [0-9]' -V
ok 'and of libpff' prints '^libpff [0-9]' -V
ok 'and of libmagic' prints '^libmagic [0-9]' -V

usage='usage: ostfs [options] STORE... MOUNTPOINT'
ok 'no argument' refuses 1 "$usage"
ok 'one argument' refuses 1 "$usage" "$store"
ok 'a store beside a catalogue' refuses 1 "$usage" -o fleet=x "$store" "$m"
while IFS='|' read -r option words; do
	ok "-o $option" refuses 1 "$words" -o "$option" "$store" "$m"
done <<'END'
bogus|unknown option "bogus"
allow_others|unknown option
readers=pff|unknown option
reader=|want native or pff
reader=foo|want native or pff
root=here|want mailbox or store
attachments=none|want both, inside, beside or folder
items=none|want native or eml
stores=0|want a number from 1 to 1000
stores=1001|want a number from 1 to 1000
idle=0|want seconds
fleet=|want the name of a file that lists stores
addrmap=|want the name of an LDIF or CSV file
addrmap=/no/such|/no/such: No such file
addrmap=/dev/null|/dev/null: 
cache=|want 1M or more
cache=much|want 1M or more
cache=12x|want 1M or more
cache=1K|want 1M or more
cache=99999999999999999999|want 1M or more
cache=-1|want 1M or more
uid=|want a number
uid=root|want a number
uid=-1|want a number
uid=4294967295|want a number
gid=1x|want a number
umask=8|want an octal number
umask=7777|want an octal number
END
printf 'name,mail\nA,a@example.org\n' >"$tmp/people.csv"
ok 'addresses without names' refuses 1 \
	'people.csv: line 1: no column legacyExchangeDN; nobody in it has' \
	-o "addrmap=$tmp/people.csv" "$store" "$m"
ok '--reader=foo' refuses 1 'want native or pff' --reader=foo "$store" "$m"
ok '--bogus' refuses 1 'unknown option "--bogus"' --bogus "$store" "$m"
ok '-x' refuses 1 'unknown option "-x"' -x "$store" "$m"

# Stores
: >"$tmp/empty"
head -c 100000 /dev/zero >"$tmp/zeros"
echo 'Dear diary' >"$tmp/text"
head -c 300 "$store" >"$tmp/short"
head -c 20000 "$store" >"$tmp/cut"
cp "$store" "$tmp/header"
printf '\377' | dd of="$tmp/header" bs=1 seek=200 conv=notrunc status=none
mkfifo "$tmp/pipe"
ln -s nowhere "$tmp/link"
while IFS='|' read -r code file words; do
	ok "store: $file" refuses "$code" "$words" "$tmp/$file" "$m"
done <<'END'
11|missing|missing: No such file or directory; name an Outlook
11|link|link: No such file or directory; name an Outlook
11|text/x|Not a directory
30|empty|empty: is empty
30|zeros|zeros: begins with nothing but zeros
30|text|text: is not an Outlook store
33|short|short: is cut short
33|cut|cut: is cut short
31|header|header: has a damaged header
END
ok 'the foreground says the same' refuses 30 'text: is not an Outlook store' \
	-f "$tmp/text" "$m"

# Mount points
mkdir -p "$tmp/full/sub" "$tmp/here"
ln "$store" "$tmp/here/store.ost"
ok 'no parent' refuses 10 'does not exist; make it with: mkdir -p' \
	"$store" "$tmp/a/b"
ok 'a file' refuses 10 'is not a directory' "$store" "$tmp/text"
ok 'below a file' refuses 10 'Not a directory' "$store" "$tmp/text/m"
ok 'files in it' refuses 10 'is not empty' "$store" "$tmp/full"
ok 'the store in it' refuses 10 'would be hidden by the mount' \
	"$tmp/here/store.ost" "$tmp/here"
ok 'the store below it, even if told so' refuses 10 \
	'would be hidden by the mount' -o nonempty "$tmp/here/store.ost" "$tmp"
ok 'an empty name' refuses 10 'has an empty name' "$store" ''

ok 'files in it can be covered' start -o nonempty "$store" "$tmp/full"
ok 'they are hidden then' not test -e "$tmp/full/sub"
ok 'it is mounted already' refuses 10 'is mounted there already; unmount it' \
	-o nonempty "$store" "$tmp/full"
ok 'and unmounts' stop "$tmp/full"
ok 'and they are back' test -e "$tmp/full/sub"

killed()
{
	kill -KILL $(pgrep -P "$pid") # who serves
	! wait "$pid" 2>/dev/null
}

ok 'a daemon can be killed' eval 'mkdir "$tmp/dead" &&
	foreground "$store" "$tmp/dead" && killed'
ok 'its mount is dead' refuses 10 'clear it with: fusermount3 -u -z' \
	"$store" "$tmp/dead"
ok 'which can be cleared as it says' fusermount3 -u -z "$tmp/dead"
ok 'and mounted on again' start "$store" "$tmp/dead"
ok 'and unmounts' stop "$tmp/dead"

# Stores that are odd, and mounted all the same
cp "$store" "$tmp/long"
printf 'more' >>"$tmp/long"
ok 'a store longer than it says' start "$tmp/long" "$m"
ok 'has a warning' warned 'it has '
ok 'and unmounts' stop "$m"

# Names that are hard
odd=$tmp/$'a b,c:d\\e\n\t\303\244'
mkdir "$odd"
cp "$store" "$odd/$'x,y:z\\.ost"
ok 'odd names' start "$odd/$'x,y:z\\.ost" "$odd/m"
ok 'are no host names' eval \
	'! grep fuse.ostfs /proc/self/mounts | cut -d" " -f1 | grep :'
ok 'hold mails' some "$odd/m" -name '*.eml'
ok 'and unmount' stop "$odd/m"
ok 'relative names' start ./sample.ost ./m//
ok 'and unmounts' stop "$m"
ok 'after which it is gone' not test -e "$m"

# fstab(5) and mount(8) say all this to everyone
ok 'generic options' start -o rw,suid,dev,exec,noatime,_netdev,nofail,noauto \
	-o users,x-systemd.automount,x-gvfs-show,comment=a,defaults \
	-o nodiratime,relatime "$store" "$m"
ok 'and -o rw is told what it is' warned 'mounted read-only'
ok 'change nothing' eval "findmnt -no OPTIONS '$m' |
	grep -q '^ro,nosuid,nodev,noexec,'"
ok 'and unmounts' stop "$m"

for signal in INT TERM HUP; do
	ok "it runs in the foreground" foreground "$store" "$m"
	kill -$signal "$pid"
	ok "SIG$signal ends it well" wait "$pid"
	ok 'and it says nothing' is '' cat "$tmp/said"
	ok 'and its directory is gone' not test -e "$m"
done

read_to_the_end()
{
	exec 6<"$(find "$m" -name '*.eml' | sed -n 1p)"
	kill -TERM "$pid"
	wait "$pid" || return 1
	exec 6<&-
}
# The kernel never closes that file, so its plan is never freed.
ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0
ok 'with a file open' foreground "$store" "$m"
ok 'it ends, too' read_to_the_end

# A13: the mount before this one removes the directory that it made, when it
# pleases. Whatever it removes while another mounts, that one makes again.
mounts_while_removed()
{
	local i remover failed=0

	(trap 'exit 0' TERM; while :; do rmdir "$tmp/again" || true; done) \
		2>/dev/null &
	remover=$!
	for i in {1..12}; do
		"$ostfs" "$store" "$tmp/again" || { failed=1; break; }
		fusermount3 -u "$tmp/again" || failed=1
	done
	kill "$remover"
	wait "$remover" || true
	return $failed
}

ok 'it mounts where another removes the directory' mounts_while_removed
finish
