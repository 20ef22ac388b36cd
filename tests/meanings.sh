#!/bin/bash
# meanings.sh - who is right about what readers are prone to misread
#
#	meanings.sh OSTFS OSTFORGE EVIDENCE
#
# Has ostfs, readpst and pffexport read a store of ostforge --meanings;
# peers/meanings.py says what is right. Fails unless we are right in all, or
# if EVIDENCE.md has another table.

. "$(dirname "$0")/mount_common.sh" "$1" "$2"
evidence=$3 m=$tmp/m
export PYTHONDONTWRITEBYTECODE=1

others_read()
{
	mkdir "$tmp/readpst" &&
		readpst -q -e -D -b -j 0 -o "$tmp/readpst" "$tmp/m.pst" &&
		pffexport -q -m all -f all -t "$tmp/pff" "$tmp/m.pst"
}

judge()
{
	"$(dirname "$0")/peers/meanings.py" "$tmp/ours" "$tmp/readpst" \
		"$tmp/pff.export" >"$tmp/table"
}

in_evidence()
{
	diff <(sed -n '/^| line | what is right/,/^$/p' "$evidence" |
		sed '$d') "$tmp/table"
}

mkdir "$m"
"$2" --meanings -o "$tmp/m.pst"
ok 'we mount it' start "$tmp/m.pst" "$m"
ok 'we copy it' cp -r "$m" "$tmp/ours"
ok 'it unmounts' stop "$m"
ok 'the others read it' others_read
ok 'we are right' judge
cat "$tmp/table"
ok 'the table is the one in EVIDENCE.md' in_evidence
finish
