#!/bin/bash
# meanings.sh - who is right about what readers are prone to misread
#
#	meanings.sh OSTFS OSTFORGE EVIDENCE
#
# Has ostfs, readpst and pffexport read a store of ostforge --meanings, and two
# caches of one mailbox, of which the second has more in its Inbox;
# peers/meanings.py says what is right. Fails unless we are right in all, or
# if EVIDENCE.md has another table.

. "$(dirname "$0")/mount_common.sh" "$1" "$2"
evidence=$3 m=$tmp/m
export PYTHONDONTWRITEBYTECODE=1

forge()
{
	"$1" --meanings -o "$tmp/m.pst" &&
		"$1" --kind ost --owner alice --messages 2 -o "$tmp/a.ost" &&
		"$1" --kind ost --owner alice --messages 5 -o "$tmp/b.ost"
}

# we_read STORE
we_read()
{
	start "$1" "$m" && cp -r "$m" "$tmp/ours/${1##*/}" && stop "$m"
}

others_read()
{
	local store

	for store in "$tmp/m.pst" "$tmp"/?.ost; do
		mkdir -p "$tmp/readpst/${store##*/}" &&
			readpst -q -e -D -b -j 0 \
				-o "$tmp/readpst/${store##*/}" "$store" &&
			pffexport -q -m all -f all \
				-t "$tmp/pff/${store##*/}" "$store" || return
	done
}

judge()
{
	"$(dirname "$0")/peers/meanings.py" "$tmp/ours" "$tmp/readpst" \
		"$tmp/pff" >"$tmp/table"
}

in_evidence()
{
	diff <(sed -n '/^| line | what is right/,/^$/p' "$evidence" |
		sed '$d') "$tmp/table"
}

mkdir "$m" "$tmp/ours" "$tmp/pff"
ok 'they are made' forge "$2"
for store in m.pst a.ost b.ost; do
	ok "we read $store" we_read "$tmp/$store"
done
ok 'the others read it' others_read
ok 'we are right' judge
cat "$tmp/table"
ok 'the table is the one in EVIDENCE.md' in_evidence
finish
