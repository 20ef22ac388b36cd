#!/bin/bash
# readers.sh - other readers find in a PST of ost2pst what is in its store
#
#	readers.sh BUILD real STORE
#	readers.sh BUILD forged OSTFORGE-OPTION...
#
# STORE is a file in the folder that $OST_REAL_STORES names, which is in the
# npm package pst-extractor, one of the three readers; the others are pffexport
# (libpff) and readpst (libpst). readers.py says what is compared.

set -euo pipefail
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
here=$(dirname "$(realpath "$0")")
build=$(realpath "$1") kind=$2
shift 2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
package=$OST_REAL_STORES/../..

# What each finds in $1, as $tmp/NAME...
read_all()
{
	local store=$1 name=$2

	pffexport -q -m all -f all -t "$tmp/$name.pff" "$store" >/dev/null
	mkdir "$tmp/$name.readpst"
	# One job: with more of them it drops messages.
	readpst -q -e -D -b -j 0 -o "$tmp/$name.readpst" "$store"
	# Of an ANSI store that ostforge made it says that there is no 0x61.
	node "$here/../peers/extractor.js" "$package" "$store" \
		>"$tmp/$name.jsonl" 2>"$tmp/said" || [[ $name == store ]] || {
		cat "$tmp/said"
		return 1
	}
}

if [[ $kind == real ]]; then
	store=$OST_REAL_STORES/$1
else
	store=$tmp/store.pst
	"$build/tests/ostforge" "$@" -o "$store" >/dev/null
fi
"$build/tools/ost2pst" --associated --hidden --report "$tmp/report.json" \
	"$store" "$tmp/out.pst"
"$build/tools/ostcheck" --manifest "$tmp/manifest.jsonl" "$store" >/dev/null
pffinfo "$tmp/out.pst" >"$tmp/pffinfo"
grep -q 'Folders:.*Subtree, Wastbox, Common views, Finder' "$tmp/pffinfo" &&
	! grep -qi 'corrupt\|error' "$tmp/pffinfo" || {
	echo FAIL pffinfo
	cat "$tmp/pffinfo"
	exit 1
}
read_all "$store" store
read_all "$tmp/out.pst" out
"$here/readers.py" "$tmp" "$tmp/report.json" "$tmp/manifest.jsonl"
