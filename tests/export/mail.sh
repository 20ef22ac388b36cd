#!/bin/bash
# mail.sh - what others read of an export is what is in the store
#
#	mail.sh OSTFS OSTFORGE TOOLS
#
# Python's mailbox, GNU tar and bsdtar, Dovecot, notmuch, mu, SQLite and jq.

. "$(dirname "$0")/common.sh"
check=$here/check.py

# made FORMAT: an export of the store at hand, held against the tree.
made()
{
	rm -rf "$tmp/x"
	export_to -f "$@" "$s" "$tmp/x"
}

trees()
{
	rm -rf "$tmp/native" "$tmp/eml"
	export_to "$s" "$tmp/native" && export_to -o items=eml "$s" "$tmp/eml"
}

# --verify says proven, or what is lost in the store, and nothing else.
proves()
{
	local code=0

	"$ostexport" -f "$1" --verify "$s" "$tmp/x" >"$tmp/verdict" || code=$?
	cat "$tmp/verdict"
	((code == 0 || code == 40)) &&
		! grep -qE '^(missing|altered|extra|unreadable)' "$tmp/verdict"
}

# unpacks PROGRAM: the tar is the tree, and has its manifest.
unpacks()
{
	rm -rf "$tmp/u" && mkdir "$tmp/u" &&
		(cd "$tmp/u" && "$@" -xpf "$tmp/x.tar" 2>"$tmp/warnings") &&
		is '' cat "$tmp/warnings" &&
		same_listing "$tmp/native" "$tmp/u" &&
		diff <(sed '1d;$d' "$tmp/native/.ostexport/manifest.jsonl") \
			<(sed '1d;$d' "$tmp/u/.ostexport/manifest.jsonl")
}

streams()
{
	local code=0

	rm -f "$tmp/x.tar"
	"$ostexport" -f tar "$s" - >"$tmp/piped.tar" || code=$?
	((code == 0 || code == 40)) || return 1
	export_to -j 1 -f tar "$s" "$tmp/x.tar" &&
		cmp "$tmp/piped.tar" "$tmp/x.tar"
}

# On the other side, with what is in the tar.
proven_there()
{
	local code=0

	"$ostcheck" --verify "$tmp/u" \
		--against "$tmp/u/.ostexport/manifest.jsonl" >"$tmp/verdict" ||
		code=$?
	((code == 0 || code == 40)) &&
		! grep -qE '^(missing|altered|extra|unreadable)' "$tmp/verdict"
}

for s in "$store" "$tmp"/{exchange,hurt}.ost; do
	ok "$(basename "$s"): it is exported" trees
	for format in mbox thunderbird; do
		ok "$format" made "$format"
		ok '  has every mail' "$check" "$format" "$tmp/x" "$tmp/eml"
		ok '  and is proven' proves "$format"
	done
	ok 'maildir, with an index' made maildir,index
	ok '  has every mail' "$check" maildir "$tmp/x" "$tmp/eml"
	# Dovecot takes keywords of 1970 for those that it knows already.
	ok '  its keywords are younger than 1970' is '' find "$tmp/x" \
		-name dovecot-keywords ! -newermt 1971-01-01
	ok '  and is proven' proves maildir,index
	ok 'index' made index
	ok '  has every item' "$check" index "$tmp/x" "$tmp/native"
	ok 'tar, the same to a pipe' streams
	for program in tar bsdtar; do
		! command -v "$program" >/dev/null ||
			ok "  $program makes the tree of it" unpacks "$program"
	done
	ok '  which is proven there' proven_there
	ok 'vdir' made vdir
	ok '  has every event and contact' "$check" vdir "$tmp/x" "$tmp/native"
	ok '  and is proven' proves vdir
	ok 'bundle' made bundle
	ok '  has every item' "$check" bundle "$tmp/x" "$tmp/native"
	ok '  and is proven' proves bundle
done

# --- the same by any number of threads, and after any end --------------------------

s=$tmp/many.pst
for format in maildir,index mbox thunderbird vdir bundle index; do
	rm -rf "$tmp/one" "$tmp/eight" "$tmp/cut"
	ok "$format by one thread" export_to -j 1 -f "$format" "$store" "$tmp/one"
	ok '  and by eight' export_to -j 8 -f "$format" "$store" "$tmp/eight"
	ok '  is the same' same_manifest "$tmp/one" "$tmp/eight"
	ended()
	{
		export_to -j 2 -f "$format" "$store" "$tmp/cut" &
		pid=$!
		until [[ -e $tmp/cut/.ostexport/journal.jsonl ]]; do
			kill -0 "$pid" || break
		done
		pkill -9 -P "$pid" || :
		kill -9 "$pid" 2>/dev/null || :
		wait "$pid" || :
		export_to -f "$format" "$store" "$tmp/cut" &&
			same_manifest "$tmp/one" "$tmp/cut" &&
			diff -r -x .ostexport "$tmp/one" "$tmp/cut"
	}
	ok '  and killed, it goes on' ended
	half()
	{
		# As if it had been killed after that many lines.
		local journal=$tmp/cut/.ostexport/journal.jsonl
		local n

		n=$(wc -l <"$journal")
		head -n $((n * $1 / 100)) "$journal" >"$tmp/journal" &&
			cp "$tmp/journal" "$journal" &&
			rm -f "$tmp/cut/.ostexport/manifest.jsonl" &&
			export_to -f "$format" "$store" "$tmp/cut" &&
			same_manifest "$tmp/one" "$tmp/cut" &&
			diff -r -x .ostexport "$tmp/one" "$tmp/cut"
	}
	for percent in 30 95; do
		ok "  from $percent % on, too" half "$percent"
	done
done
ok 'a tar is not written over' exits 12 "$ostexport" -f tar "$s" "$tmp/x.tar"
ok 'nor has it an index beside it' exits 1 "$ostexport" -f tar,index "$s" \
	"$tmp/none.tar"
ok 'a terminal gets none' exits 12 script -qec \
	"'$ostexport' -f tar '$s' -" /dev/null

# --- programs -------------------------------------------------------------------------

s=$store
if command -v jq sqlite3 >/dev/null; then
	ok 'an index' made index
	count=$(wc -l <"$tmp/x/index.jsonl")
	ok 'jq reads it' is "$count" jq -s length "$tmp/x/index.jsonl"
	ok 'SQLite has a row of each' is "$count" sqlite3 :memory: \
		".import --csv '$tmp/x/index.csv' t" 'select count(*) from t'
fi
finish
