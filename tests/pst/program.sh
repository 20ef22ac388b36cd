#!/bin/bash
# program.sh - ost2pst as a program: what it is asked, what it leaves behind,
# what it says, and with what code it ends; and ostexport -f pst, which is it
#
#	program.sh BUILD [--all]
#
# Without --all a few of them, which take a second or two.

set -euo pipefail
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
here=$(dirname "$(realpath "$0")")
build=$(realpath "$1")
ost2pst=$build/tools/ost2pst ostexport=$build/tools/ostexport
forge=$build/tests/ostforge ostcheck=$build/tools/ostcheck
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0
mkdir "$tmp/out"

# ok WHAT COMMAND...: it must succeed.
ok()
{
	local what=$1

	shift
	if "$@" >"$tmp/log" 2>&1; then
		echo "ok   $what"
		return
	fi
	echo "FAIL $what"
	head -n 30 "$tmp/log"
	failed=1
}

# exits CODE COMMAND...: what it says is in $tmp/said.
exits()
{
	local want=$1 code=0

	shift
	"$@" >"$tmp/said" 2>&1 || code=$?
	((code == want)) || {
		echo "exits with $code, not $want: $(<"$tmp/said")"
		return 1
	}
}

# says CODE TEXT COMMAND...: the same, and TEXT is a part of what it says.
says()
{
	local code=$1 text=$2

	shift 2
	exits "$code" "$@" && grep -qF -- "$text" "$tmp/said" || {
		echo "no \"$text\" in: $(<"$tmp/said")"
		return 1
	}
}

# told REPORT PYTHON: that is so of r, a report.
told()
{
	python3 -c 'import json, sys
r = json.load(open(sys.argv[1], encoding="utf-8"))
folders = {f["path"]: f for f in r["folders"]}
things = [t["what"] for t in r["things"]]
sys.exit(not eval("(" + sys.argv[2] + ")") and json.dumps(r)[:3000])' "$1" "$2"
}

# What is there beside what is meant to be.
only()
{
	diff <(cd "$tmp/out" && ls -A) <(printf '%s\n' "$@" | sed '/^$/d')
}

"$forge" --sample -o "$tmp/sample.pst"
"$forge" --messages 30 --folders 3 --attachments 9000 -o "$tmp/many.pst"
"$forge" --messages 12 --attachments 60000 --damage block:10 -o "$tmp/hurt.pst"
"$forge" --messages 30 --folders 3 --damage missing -o "$tmp/missing.pst"
cd "$tmp/out"

# --- a few
same=(--associated --hidden '--name=Mail of Alice')
ok 'ost2pst' exits 0 "$ost2pst" "${same[@]}" --report "$tmp/1.json" \
	"$tmp/sample.pst" 1.pst
ok 'ostexport -f pst' exits 0 "$ostexport" -f pst "${same[@]}" --report \
	"$tmp/2.json" "$tmp/sample.pst" 2.pst
ok 'the same bytes' cmp 1.pst 2.pst
ok 'the same report' diff <(sed '/"name"/d' "$tmp/1.json") \
	<(sed '/"name"/d' "$tmp/2.json")
ok 'what is there is left alone' says 12 'is there already' "$ost2pst" \
	"$tmp/many.pst" 1.pst
ok 'messages that are not there are lost' says 40 '10 things were lost' \
	"$ost2pst" "$tmp/missing.pst" 3.pst
ok 'nothing else is left behind' only 1.pst 2.pst 3.pst
rm -f ./*.pst
[[ ${2-} == --all ]] || exit "$failed"

# --- the command line, codes, and what is left behind
ok 'nothing is no command line' exits 1 "$ost2pst"
ok 'OUT before STORE is seen' says 1 'comes first' "$ost2pst" new.pst \
	"$tmp/many.pst"
ok 'a size that is none' says 1 '64M to 50G' "$ost2pst" --split 12 \
	"$tmp/many.pst" x.pst
ok 'a damage that is none' says 1 'keep or omit' "$ost2pst" --damaged=no \
	"$tmp/many.pst" x.pst
ok 'force and resume' says 1 exclude "$ost2pst" --force --resume \
	"$tmp/many.pst" x.pst
ok 'a folder that is none' says 1 'no folder is called so' "$ost2pst" \
	--folder Nowhere "$tmp/many.pst" x.pst
ok 'no store' exits 11 "$ost2pst" "$tmp/none.pst" x.pst
head -c 4096 /dev/zero >"$tmp/zeros.pst"
ok 'zeros are no store' exits 30 "$ost2pst" "$tmp/zeros.pst" x.pst
ok 'no directory' exits 12 "$ost2pst" "$tmp/many.pst" "$tmp/none/x.pst"
ok 'the store is not written over' says 12 'the store itself' "$ost2pst" \
	--force "$tmp/many.pst" "$tmp/many.pst"
ok 'after all that nothing is there' only ''
ok 'it is written' exits 0 "$ost2pst" "$tmp/many.pst" a.pst
ok 'and is alone' only a.pst
cp a.pst "$tmp/a.pst"
ok 'a file that is there is left alone' says 12 'is there already' "$ost2pst" \
	"$tmp/sample.pst" a.pst
ok 'as it was' cmp a.pst "$tmp/a.pst"
ok 'it is replaced if one forces it' exits 0 "$ost2pst" --force \
	"$tmp/sample.pst" a.pst
ok 'by another' eval '! cmp -s a.pst "$tmp/a.pst"'
ok 'and back' exits 0 "$ost2pst" --force "$tmp/many.pst" a.pst
ok 'to the same bytes' cmp a.pst "$tmp/a.pst"
ok 'what is there and right is kept' exits 0 "$ost2pst" --resume \
	"$tmp/many.pst" a.pst
ok 'what is there and wrong is not' says 12 'is not a part of this run' \
	"$ost2pst" --resume "$tmp/sample.pst" a.pst
ok 'still as it was' cmp a.pst "$tmp/a.pst"
printf '\377' | dd of=a.pst bs=1 seek=60000 conv=notrunc 2>/dev/null
ok 'nor what is damaged' exits 12 "$ost2pst" --resume "$tmp/many.pst" a.pst
rm a.pst

# A signal while it is read back, or before: nothing stays but the report's
# place, and what it would have been can be written at once.
interrupted()
{
	local wait=$1 code=0

	timeout -s INT "$wait" "$ost2pst" --report "$tmp/out/r.json" \
		"$tmp/many.pst" i.pst >"$tmp/said" 2>&1 || code=$?
	((code == 130 || code == 124)) && only '' && return
	# It was done before that.
	((code == 0)) && only i.pst r.json && rm i.pst r.json
}
for wait in 0.05 0.1 0.2 0.4; do
	ok "after $wait s, interrupted, nothing stays" interrupted "$wait"
done

# --- what is asked for
ok 'a dry run' exits 0 "$ost2pst" --dry-run --report "$tmp/dry.json" \
	"$tmp/many.pst" d.pst
ok 'leaves nothing' only ''
ok 'a hash without a report' exits 1 "$ost2pst" --dry-run --sha256 \
	"$tmp/many.pst" d.pst
ok 'a hash' exits 0 "$ost2pst" --dry-run --sha256 --report "$tmp/h.json" \
	"$tmp/many.pst" d.pst
ok 'is that of the store' test \
	"$(python3 -c 'import json, sys
print(json.load(open(sys.argv[1]))["store"]["sha256"])' "$tmp/h.json")" = \
	"$(sha256sum <"$tmp/many.pst" | cut -d ' ' -f 1)"
ok 'with a report' exits 0 "$ost2pst" --report "$tmp/r.json" "$tmp/many.pst" \
	d.pst
ok 'that tells as much, with the size' python3 - "$tmp/dry.json" \
	"$tmp/r.json" <<'PY'
import json, sys
dry, r = (json.load(open(p, encoding="utf-8")) for p in sys.argv[1:])
for one in dry, r:
    del one["options"]["dry_run"], one["options"]["verified"]
    for part in one["parts"]:
        part.pop("name", None), part.pop("sha256", None)
assert dry == r and r["parts"][0]["size"] > 200000
PY
ok 'the sum and the size are those of the file' told "$tmp/r.json" \
	"r['parts'][0]['sha256'] == '$(sha256sum d.pst | cut -c -64)' and
	r['parts'][0]['size'] == $(stat -c %s d.pst)"
ok 'one folder' exits 0 "$ost2pst" --folder Inbox/ --report "$tmp/f.json" \
	"$tmp/sample.pst" f.pst
ok 'has what is below it and no other' told "$tmp/f.json" \
	"all(p.split('/')[0] in ('', 'Inbox') for p in folders) and
	folders['Inbox']['written'] > 0 and r['left_out']['filtered'] > 0"
# What is left out is as many as a run without the filter writes beyond it.
ok 'without a filter' exits 0 "$ost2pst" --report "$tmp/all.json" \
	"$tmp/sample.pst" all.pst
ok 'what was not asked for is counted, each message' python3 - "$tmp/f.json" \
	"$tmp/all.json" <<'PY'
import json, sys
f, every = (json.load(open(p, encoding="utf-8")) for p in sys.argv[1:])
items = sum(len(x["items"]) for x in every["folders"])
some = sum(len(x["items"]) for x in f["folders"])
folders = sum(t["what"] == "filtered" and "count" not in t for t in f["things"])
print(items, some, folders, f["left_out"])
assert items - some == f["left_out"]["filtered"] - folders > 0
PY
ok 'an interval of time' exits 0 "$ost2pst" --since \
	2020-01-01T01:00:00Z --until 2020-01-01T02:00:00Z --report "$tmp/t.json" "$tmp/many.pst" t.pst
ok 'is counted' told "$tmp/t.json" "r['written']['messages'] == 6 and
	r['left_out']['filtered'] == 24"
ok 'no date' says 1 'is not a date' "$ost2pst" --since today "$tmp/many.pst" y.pst
ok 'a name' exits 0 "$ost2pst" --name 'Mail of Jürgen' "$tmp/many.pst" name.pst
ok 'which Outlook is to show' eval \
	'"$build/tools/ostinfo" name.pst | grep -q "Mail of Jürgen"'
ok 'hidden items are left out and counted' told "$tmp/all.json" \
	"r['left_out']['associated'] == sum(t['count'] for t in r['things']
	if t['what'] == 'associated') > 0"
ok 'or written' exits 0 "$ost2pst" --associated --report "$tmp/fai.json" \
	"$tmp/sample.pst" fai.pst
ok 'as many' told "$tmp/fai.json" "'associated' not in r['left_out'] and
	sum(len(f['items']) - f['written'] for f in r['folders']) == $(python3 \
	-c 'import json; print(json.load(open("'"$tmp"'/all.json"))["left_out"]["associated"])')"
ok 'search folders are left out, and told' told "$tmp/all.json" \
	"r['left_out']['search-folder'] == things.count('search-folder') > 0"
rm -f ./*.pst

# --- losses: code 40, in the report, in the item, and as the ledger has them
for how in keep omit; do
	ok "of a damaged store, $how" exits 40 "$ost2pst" --damaged="$how" \
		--report "$tmp/$how.json" "$tmp/hurt.pst" "$how.pst"
	ok "is whole, $how" python3 "$here/verify" "$how.pst"
done
ok 'what lacks a part has zeros there, and says so' told "$tmp/keep.json" \
	"r['lost'].get('attachment-part') == 1 == r['added'].get('note')"
ok 'or is not there, and says so' told "$tmp/omit.json" \
	"r['lost'].get('attachment-part') == 1 == r['added'].get('note') and
	r['written']['attachments'] ==
	$(python3 -c 'import json; print(json.load(open("'"$tmp"'/keep.json"))["written"]["attachments"])') - 1"
ok 'messages that are not there' exits 40 "$ost2pst" --report \
	"$tmp/missing.json" "$tmp/missing.pst" missing.pst
# The same store, counted by the ledger.
ok 'the ledger counts the same' eval '"$ostcheck" --json "$tmp/missing.pst" \
	>"$tmp/ledger.json" || (($? == 40)); python3 - "$tmp/ledger.json" \
	"$tmp/missing.json" <<"PY"
import json, sys
ledger, r = (json.load(open(p, encoding="utf-8")) for p in sys.argv[1:])
t = ledger["totals"]
print(t, r["lost"], r["written"])
assert t["missing"] == r["lost"]["message-missing"] > 0
assert t["expected"] == r["written"]["messages"] + t["missing"]
PY'
rm -f ./*.pst

# --- ostexport -f pst is the same
for options in '' '--associated --hidden --name=Alice' '--folder Inbox' \
	'--since 2024-03-01 --damaged=omit --split 64M'; do
	# shellcheck disable=SC2086
	ok "ost2pst $options" exits 0 "$ost2pst" $options --report "$tmp/1.json" \
		"$tmp/sample.pst" 1.pst
	# shellcheck disable=SC2086
	ok "ostexport -f pst $options" exits 0 "$ostexport" -f pst $options \
		--report "$tmp/2.json" "$tmp/sample.pst" 2.pst
	ok 'the same bytes' cmp 1.pst 2.pst
	ok 'the same report' diff <(sed '/"name"/d' "$tmp/1.json") \
		<(sed '/"name"/d' "$tmp/2.json")
	rm -f 1.pst 2.pst
done
ok 'and the same codes' exits 40 "$ostexport" -f pst "$tmp/missing.pst" 3.pst
ok 'it leaves alone what is there' says 12 'is there already' "$ostexport" \
	-f pst "$tmp/many.pst" 3.pst
ok 'several stores have a file each' exits 40 "$ostexport" -f pst \
	"$tmp/many.pst" "$tmp/missing.pst" several
ok 'by their names' diff <(ls several) <(printf '%s\n' many.pst missing.pst)
ok 'as ost2pst writes them' exits 0 "$ost2pst" "$tmp/many.pst" 4.pst
ok 'byte for byte' cmp 4.pst several/many.pst
ok 'one report is not for several' says 1 'names one file' "$ostexport" -f pst \
	--report x.json "$tmp/many.pst" "$tmp/missing.pst" other
for option in --class=IPM.Note --sender=x --has-attachment --no-folder=x \
	--manifest=x '-o items=eml'; do
	# shellcheck disable=SC2086
	ok "it has no $option" says 1 'is not for -f pst' "$ostexport" $option \
		-f pst "$tmp/many.pst" 5.pst
done
ok 'nor has a tree a --split' says 1 'is for -f pst' "$ostexport" --split 1G \
	"$tmp/many.pst" tree
ok 'nor an index' says 1 'one but pst' "$ostexport" -f pst,index \
	"$tmp/many.pst" 5.pst
ok 'after all that' only 3.pst 4.pst several
exit "$failed"
