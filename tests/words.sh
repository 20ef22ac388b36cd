#!/bin/bash
# words.sh - what a reader sees can be found with grep (C6), measured
#
#	words.sh OSTFS OSTFORGE			on forged stores
#	words.sh OSTFS OSTFORGE STORE...	on these of $OST_REAL_STORES

. "$(dirname "$0")/mount_common.sh" "$1" "$2"
here=$(dirname "$0")
forge=$2
shift 2

# measured STORE: prints the figures, and fails below the goals.
measured()
{
	local got=0

	mkdir -p "$tmp/m" "$tmp/t"
	start "$1" "$tmp/m"
	"$ostfs" -o layout=text "$1" "$tmp/t" || return 1
	"$here/words.py" "$tmp/m" "$tmp/t" || got=1
	fusermount3 -u "$tmp/t"
	stop "$tmp/m"
	return "$got"
}

# The figures are for people, too.
told()
{
	ok "$@"
	sed 's/^/     /' "$tmp/out"
}

if (($# == 0)); then
	"$forge" --sample -o "$tmp/sample.pst"
	"$forge" --messages 60 --internet --exchange -o "$tmp/messages.pst"
	set -- "$tmp/sample.pst" "$tmp/messages.pst"
else
	set -- "${@/#/${OST_REAL_STORES:?is not set: see tests/run}/}"
fi
for store; do
	told "grep finds the words of ${store##*/}" measured "$store"
done
finish
