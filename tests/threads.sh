#!/bin/bash
# threads.sh - the same mail whatever the cache holds and however many read it
#
#	threads.sh PLAN_DRIVER OSTFORGE
#
# Every message of a store in each format is planned and read by one thread
# with the usual cache, then by many threads with a cache that holds next to
# nothing, the usual and a large one: shared out among them, and each of them
# reading all. Built with -DOST_TSAN=ON, this is the test of all our locks.

set -euo pipefail
driver=$1 forge=$2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

# same STORE WANTED ARGUMENT...: the driver must find what is wanted.
same()
{
	local store=$1 wanted=$2 got

	shift 2
	got=$("$driver" "$@" "$store" 2>"$tmp/err") || got="exit $?: $(<"$tmp/err")"
	[[ $got == "$wanted" ]] && return
	failed=1
	printf '%s %s:\n got  %s\n want %s\n' "${store##*/}" "$*" "$got" \
		"$wanted" >&2
}

for format in ansi unicode 4k; do
	"$forge" --format "$format" --sample -o "$tmp/sample.$format"
	"$forge" --format "$format" --messages 60 --attachments 200000 \
		-o "$tmp/bulk.$format"
done
"$forge" --format 4k --kind ost --deflate all --messages 60 \
	--attachments 200000 -o "$tmp/deflated.4k"

for store in "$tmp"/*.*; do
	wanted=$("$driver" "$store" 2>"$tmp/err")
	for cache in 1 0 1000000000; do
		same "$store" "$wanted" -c "$cache"
		same "$store" "$wanted" -c "$cache" -t 8
		same "$store" "$wanted" -c "$cache" -t 4 -e
	done
done
exit "$failed"
