#!/bin/bash
# peers.sh - all that three other readers find in a real store is in ours
#
#	peers.sh OSTFS STORE
#
# STORE is a file in the folder that $OST_REAL_STORES names, which is in the
# npm package pst-extractor, one of the three; the others are pffexport
# (libpff) and readpst (libpst). peers/compare.py says what is compared, and
# peers/excuses.py why each of them finds less than we do.

. "$(dirname "$0")/mount_common.sh" "$1"
. "$(dirname "$0")/real_common.sh" "$2"
peers=$(dirname "$0")/peers
package=$OST_REAL_STORES/../..

needs pffexport readpst node python3 getfattr
[[ -f $package/dist/index.js ]] || {
	echo "$0: OST_REAL_STORES is not in the package pst-extractor" >&2
	exit 1
}
# npm puts what a package needs in it or beside it.
[[ -d $package/node_modules/long || -d $package/../long ]] || {
	echo "$0: run: cd $package && npm install --omit=dev" >&2
	exit 1
}

pffexport_reads()
{
	pffexport -q -m all -f all -t "$tmp/pffexport" "$store"
}

# One job: with more of them it drops messages.
readpst_reads()
{
	mkdir "$tmp/readpst" &&
		readpst -q -e -D -b -j 0 -o "$tmp/readpst" "$store"
}

extractor_reads()
{
	node "$peers/extractor.js" "$package" "$store" >"$tmp/extractor.jsonl"
}

all_is_in_ours()
{
	PYTHONDONTWRITEBYTECODE=1 "$peers/compare.py" "${store##*/}" "$tmp" \
		"$mailbox" >"$tmp/compared"
}

mkdir "$tmp/whole"
ok 'pffexport reads the store' pffexport_reads
ok 'readpst reads the store' readpst_reads
ok 'pst-extractor reads the store' extractor_reads
ok 'we mount the mailbox' start -o xattrs "$store" "$m"
mailbox=$(getfattr --absolute-names --only-values -n user.ost.nid "$m")
ok 'it unmounts' stop "$m"
ok 'we mount the whole store' start -o root=store,search_folders,xattrs "$store" \
	"$tmp/whole"
ok 'whatever they find is in ours, differences are explained' all_is_in_ours
cat "$tmp/compared"
ok 'it unmounts again' stop "$tmp/whole"
finish
