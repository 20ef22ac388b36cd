#!/usr/bin/env bash
# mount_faults.sh - what can happen to a store, and to a daemon, while it is
# mounted never shows as other bytes, and passes when its cause does
#
#	mount_faults.sh OSTFS OSTFORGE SHIM
shim=$(realpath "$3")
files=${BASH_SOURCE[0]%/*}/faults/files.py
set -- "$1" "$2"
source "${BASH_SOURCE[0]%/*}/mount_common.sh"
m=$tmp/m

# Without an encoding, so that other bytes mean the same in both stores.
"$2" -o "$store" --sample --format unicode --encoding none
size=$(stat -c %s "$store")

# bad [FROM TO]...: those ranges of the store cannot be read.
bad()
{
	python3 -c 'import struct, sys
numbers = [int(a) for a in sys.argv[2:]]
numbers += [0] * (512 - len(numbers))
with open(sys.argv[1], "r+b") as f:
    f.write(struct.pack("512Q", *numbers))' "$tmp/faults" "$size" "$@"
}

# on_bad_disk OPTION...: mount the store, whose disk may fail.
on_bad_disk()
{
	ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0 \
		OST_FAULTS=$tmp/faults LD_PRELOAD=$shim \
		foreground "$@" "$store" "$m"
}

ended()
{
	stat -f "$m" >/dev/null
	fusermount3 -u "$m" && wait "$pid"
}

same()
{
	"$files" same "$m" "$tmp/want"
}

honest()
{
	"$files" honest "$m" "$tmp/want" 2>"$tmp/refused"
}

# refused FROM TO: as many files as that could not be read.
refused()
{
	local count
	read -r count _ <"$tmp/refused"
	(($1 <= count && count <= $2)) || { cat "$tmp/refused"; return 1; }
}

head -c 4096 /dev/zero >"$tmp/faults"
ok 'a store is mounted' foreground "$store" "$m"
ok 'all of it is read' "$files" take "$m" "$tmp/want"
ok 'and it ends' ended

# A disk that fails in one place, wherever it is
step=$((size / 12 / 512 * 512))
for ((at = 4096; at < size; at += step)); do
	bad
	ok "a disk that will fail at $at" on_bad_disk
	bad "$at" $((at + 8192))
	ok 'no file is other than it was' honest
	ok 'nor are all lost' refused 0 40
	bad
	ok 'and all are there again when it works' same
	ok 'and it ends' ended
done

# A disk that fails as a whole, with more on it than is read before
small=$store
store=$tmp/large.ost
"$2" -o "$store" --messages 900 --format unicode --encoding none
size=$(stat -c %s "$store")
mv "$tmp/want" "$tmp/want.small"
ok 'a larger store is mounted' foreground "$store" "$m"
ok 'all of it is read' "$files" take "$m" "$tmp/want"
ok 'and it ends' ended
bad
ok 'a disk that will fail as a whole' on_bad_disk
bad 0 "$size"
ok 'nothing can be read' honest
ok 'of all there is' refused 25 1000
bad
ok 'until it works again' same
ok 'and it ends' ended
store=$small
size=$(stat -c %s "$store")
rm -rf "$tmp/want"
mv "$tmp/want.small" "$tmp/want"

# A store that others write to
ok 'a store is mounted' foreground "$store" "$m"
cp "$store" "$tmp/next"
mv "$tmp/next" "$store"
ok 'one that takes its place is not looked at' same
ok 'and it ends' ended

cp "$store" "$tmp/keep"
ok 'a store is mounted' foreground "$store" "$m"
ok 'some of it is read' eval 'ls -lR "$m" >"$tmp/list"'
truncate -s $((size / 2)) "$store"
ok 'when it is cut short, no file is other than it was' honest
ok 'but some cannot be read' refused 1 1000
ok 'and it ends' ended
cat "$tmp/keep" >"$store"

"$2" -o "$tmp/other" --sample --format unicode --encoding none --seed 2
ok 'a store is mounted' foreground "$store" "$m"
ok 'some of it is read' eval 'ls "$m"/* >"$tmp/list"'
cat "$tmp/other" >"$store"
ok 'when another is written over it, none of that is shown' honest
ok 'but that it cannot be read' refused 1 1000
ok 'and it ends' ended
cat "$tmp/keep" >"$store"

# Who serves the mount, once it does.
server()
{
	stat -f "$m" >/dev/null && pgrep -P "$pid"
}

# Memory that runs out
starve()
{
	prlimit --pid "$(server)" --as="$1:"
}

"$2" -o "$tmp/large" --messages 6 --attachments 3000000
ok 'a store is mounted' foreground "$tmp/large" "$m"
ok 'all of it is read' "$files" take "$m" "$tmp/want-large"
ok 'and it ends' ended
# The sanitizer ends a program when it cannot keep where memory was asked for.
ASAN_OPTIONS=$ASAN_OPTIONS:allocator_may_return_null=1:log_path=$tmp/starved
ASAN_OPTIONS=$ASAN_OPTIONS:malloc_context_size=0
ok 'a store is mounted' foreground -s "$tmp/large" "$m"
ok 'its daemon gets no more memory' starve 1
ok 'no file is other than it was' eval \
	'"$files" honest "$m" "$tmp/want-large" 2>"$tmp/refused"'
ok 'but some cannot be read' refused 1 1000
ok 'it gets memory again' starve unlimited
ok 'and all is there' "$files" same "$m" "$tmp/want-large"
ok 'and it ends' ended

# A daemon that dies, is waited for, and has many readers
killed()
{
	kill -KILL "$(server)" && ! wait "$pid"
}
mkdir -p "$m"
ok 'a store is mounted' foreground "$store" "$m"
ok 'its daemon is killed' killed
ok 'its mount is cleared' fusermount3 -u -z "$m"
ok 'and mounted again' foreground "$store" "$m"
ok 'all of it is as it was' same
ok '2000 threads read what they should' \
	"$files" read "$m" "$tmp/want" 2000
exec 6<"$(find "$m" -name '*.eml' | sed -n 1p)"
ok 'while a file is open, it is not unmounted' not fusermount3 -u "$m"
ok 'but is still there' same
ok 'it is unmounted for all others' fusermount3 -u -z "$m"
ok 'who has it open can read it' cat <&6
exec 6<&-
ok 'and it ends when that is closed' wait "$pid"

mkdir -p "$m"
ok 'a store is mounted' foreground "$store" "$m"
exec 6<"$(find "$m" -name '*.eml' | sed -n 1p)"
ok 'its daemon is told to end while a file is open' kill -TERM "$pid"
ok 'and does' wait "$pid"
ok 'with nothing mounted' not mountpoint -q "$m"
exec 6<&-
finish
