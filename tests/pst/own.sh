#!/bin/bash
# own.sh - what ost2pst writes, judged by the verifier, and mutated
#
#	own.sh BUILD [MUTATE-OPTION...]
#
# The stores have, together, a place for every mutation but those that need
# a file of more than 32 MB, and OLE data.

set -euo pipefail
here=$(dirname "$(realpath "$0")")
build=$1
shift
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

# make NAME OSTFORGE-OPTION...: $tmp/NAME.pst, by ost2pst
make()
{
	local name=$1

	shift
	"$build/tests/ostforge" "$@" -o "$tmp/store" >/dev/null
	"$build/tools/ost2pst" --associated --hidden "$tmp/store" \
		"$tmp/$name.pst" >/dev/null 2>&1 || {
		echo "FAIL ost2pst of $*: exit code $?"
		exit 1
	}
}

make sample --sample
make rows --messages 90 --attachments 20000
make attachments --many attachments --messages 400
make names --many names-in-to --messages 200
for file in sample rows attachments names; do
	"$here/verify" "$tmp/$file.pst" || failed=1
done
# Of these, the wastebasket is empty.
for file in rows attachments names; do
	"$here/skeleton" "$tmp/$file.pst" "$here/skeleton.expected" || failed=1
done
"$here/mutate" "$@" "$tmp"/{sample,rows,attachments,names}.pst || failed=1
exit "$failed"
