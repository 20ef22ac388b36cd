#!/bin/bash
# keeps.sh - the table of EVIDENCE.md, of what three readers keep of a store
#
#	keeps.sh OSTFS OSTFORGE OSTCAT EVIDENCE
#
# Has ostfs, readpst and pffexport read the real stores in the folder that
# $OST_REAL_STORES names, and two forged ones for what is in none of these,
# and counts what is in the files they make; keeps/table.py says what is
# counted. Fails if EVIDENCE.md has other numbers.

. "$(dirname "$0")/mount_common.sh" "$1" "$2"
. "$(dirname "$0")/real_common.sh" enron.pst
table=$(cd "$(dirname "$0")" && pwd)/keeps/table.py
ostcat=$3 evidence=$4
export PYTHONDONTWRITEBYTECODE=1
needs pffexport readpst python3 getfattr cp diff

"$2" -o "$tmp/states.pst" --states
real=("$OST_REAL_STORES"/{enron.pst,pstextractortest{,pdf}@outlook.com.ost})
forged=("$tmp/sample.ost" "$tmp/states.pst")
declare -A same=([ostfs]=yes [readpst]=yes [pffexport]=yes)

# readers STORE DIR: what readpst and pffexport make of it. With more than one
# job readpst drops messages.
readers()
{
	mkdir -p "$2/readpst" &&
		readpst -q -e -D -b -j 0 -o "$2/readpst" "$1" &&
		pffexport -q -m all -f all -t "$2/pffexport" "$1"
}

# readpst writes the time of the day into calendars, to the second.
readers_again()
{
	sleep 1.1
	readers "$@"
}

# Of whatever differs in a second run, no.
compare_runs()
{
	diff -r "$d/copy" "$d/whole" || same[ostfs]=no
	diff -r "$d/readpst" "$d/again/readpst" || same[readpst]=no
	diff -r "$d/pffexport.export" "$d/again/pffexport.export" ||
		same[pffexport]=no
}

counted()
{
	"$table" count "$ostcat" "$1" "$d" "$mailbox" >"$d.json"
}

count()
{
	d=$tmp/${1##*/}.d
	mkdir -p "$d/whole"
	ok "${1##*/}: the others read it" readers "$1" "$d"
	ok '  and again' readers_again "$1" "$d/again"
	ok '  we mount the mailbox' start -o xattrs "$1" "$d/whole"
	mailbox=$(getfattr --absolute-names --only-values -n user.ost.nid \
		"$d/whole")
	ok '  it unmounts' stop "$d/whole"
	ok '  we mount the whole' start -o root=store,search_folders "$1" \
		"$d/whole"
	ok '  we copy it' cp -r "$d/whole" "$d/copy"
	ok '  it unmounts' stop "$d/whole"
	ok '  we mount it again' start -o root=store,search_folders,xattrs "$1" \
		"$d/whole"
	ok '  what was kept can be counted' counted "$1"
	compare_runs >/dev/null
	ok '  it unmounts' stop "$d/whole"
}

# json STORE...: where their counts are.
json()
{
	local store

	for store; do
		printf '%s\n' "$tmp/${store##*/}.d.json"
	done
}

print_table()
{
	local first second

	mapfile -t first < <(json "${real[@]}")
	mapfile -t second < <(json "${forged[@]}")
	"$table" print "${first[@]}" -- "${second[@]}" &&
		printf '| %s | | %s | %s | %s |\n' \
			'the same bytes when run again' "${same[ostfs]}" \
			"${same[readpst]}" "${same[pffexport]}"
}

in_evidence()
{
	diff <(sed -n '/^| what is kept/,/^$/p' "$evidence" | sed '1,2d;$d') \
		"$tmp/table"
}

for store in "${real[@]}" "${forged[@]}"; do
	count "$store"
done
ok 'it makes a table' print_table
cp "$tmp/out" "$tmp/table"
cat "$tmp/table"
ok 'it is the one in EVIDENCE.md' in_evidence
finish
