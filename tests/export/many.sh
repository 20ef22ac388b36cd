#!/bin/bash
# many.sh - several stores, or a directory of them, each into its own place
#
#	many.sh OSTFS OSTFORGE TOOLS

. "$(dirname "$0")/../mount_common.sh" "$1" "$2"
forge=$2 ostexport=$3/ostexport ostcheck=$3/ostcheck
. "$(dirname "$0")/../manifest_common.sh"
pcs=$tmp/PCs outlook=AppData/Local/Microsoft/Outlook
record=.ostexport/stores.jsonl

for n in 1 2 3; do
	"$forge" --messages 8 --folders 2 --attachments 3000 --seed $n \
		-o "$tmp/$n.pst"
done
"$forge" --messages 6 --format 4k --kind ost --seed 9 -o "$tmp/4.ost"
"$forge" --messages 30 --folders 2 --attachments 9000 --damage missing \
	--seed 5 -o "$tmp/hurt.pst"

put()
{
	mkdir -p "$pcs/$(dirname "$2")"
	cp "$tmp/$1" "$pcs/$2"
}
put 1.pst "PC-01/Users/alice/$outlook/alice@example.com.ost"
put 2.pst "PC-02/Users/alice/$outlook/alice@example.com.ost"
put 4.ost "PC-03/Users/carol/$outlook/outlook.ost"
put 3.pst "PC-03/Users/carol/Documents/Outlook Files/archive.pst"
put hurt.pst "PC-04/Users/dave/$outlook/dave@example.com.ost"
put 2.pst $'hostile\nname \xff.pst'
put 1.pst mailbox.pst # by where it lies, this would be PCs
head -c 100000 /dev/zero >"$pcs/erik@example.com.ost"
head -c 300 "$tmp/1.pst" >"$pcs/stump.pst"
size=$(stat -c %s "$tmp/4.ost")
head -c $((size - 4096)) "$tmp/4.ost" >"$pcs/cut@example.com.ost"

# All there is of what can be read whole, but what is told beside it, with
# times but those of tops.
listing()
{
	(cd "$1" && find . -mindepth 1 \( -name .ostexport -o -name .ostfs -o \
		-name '*.problem.txt' \) -prune -o -mindepth 1 -maxdepth 1 \
		\( -name '[cde]*@*' -o -name stump \) -prune -o -type f -printf '%P %T@ ' -exec \
		sha256sum {} + -o -mindepth 2 -printf '%P %y %T@\n' | sort)
}

is_the_mount()
{
	local code=0

	start "$pcs" "$m" && mkdir "$tmp/copy" || return 1
	rsync -a --exclude=.ostfs "$m/" "$tmp/copy/" || true
	stop "$m" || code=1
	diff <(listing "$tmp/copy") <(listing "$tmp/e") || code=1
	diff <(cd "$tmp/copy" && ls -d -- * | grep -v 'problem\|^erik\|^stump\|^cut') \
		<(ls "$tmp/e") || code=1
	return "$code"
}

codes_are()
{
	is "$1" python3 -c 'import json, sys
for line in open(sys.argv[1]):
    e = json.loads(line)
    print(e["name"], e["code"])' "$tmp/e/$record"
}

to_e()
{
	"$ostexport" "$@" "$pcs" "$tmp/e" 2>"$tmp/told"
}

ok 'a directory of stores, not all of them whole' exits 40 to_e
ok 'is the fleet mount: names, bytes and times' is_the_mount
ok 'the record has a code of each' codes_are 'alice@example.com 0
alice@example.com [PC-02] 0
carol 0
carol - archive 0
dave@example.com 40
cut@example.com 33
erik@example.com 30
hostile name � 0
mailbox 0
stump 33'
ok 'the one of zeros is told' grep -q 'erik.*nothing but zeros' "$tmp/told"
ok 'and again at the end' grep -q 'not written: .*erik.*exit status 30' \
	"$tmp/told"
ok 'and the sum' grep -q 'of 10 stores, 6 are written whole, 1 with losses, 3 '\
'not; see ' "$tmp/told"
ok 'what is cut short is not whole' exits 40 eval "'$ostexport' --heal \
	'$pcs/cut@example.com.ost' '$tmp/cut' 2>'$tmp/told'"
ok 'and it says so' grep -q 'cut short: 4096 bytes of it are not' "$tmp/told"
ok 'each is proven against its store' "$ostcheck" --verify "$tmp/e/carol" \
	"$pcs/PC-03/Users/carol/$outlook/outlook.ost"
cp -a "$tmp/e" "$tmp/first"
ok 'run again, it is gone on with' exits 40 to_e
ok 'and nothing is written again' not grep -v 'there already' <(
	grep ' files of ' "$tmp/told")
ok 'all is as it was' diff -r "$tmp/first" "$tmp/e"

# Killed at any moment, in whichever store.
rm -rf "$tmp/e"
for wait in 0.02 0.1 0.25 0.5; do
	(timeout -s KILL $wait "$ostexport" "$pcs" "$tmp/e" || true) 2>/dev/null
done
ok 'killed many times, it goes on' exits 40 to_e
ok 'to the same' diff -r -x journal.jsonl "$tmp/first" "$tmp/e"

# Who comes later does not take the name of who was there.
put 3.pst "PC-00/Users/alice/$outlook/alice@example.com.ost"
ok 'a newcomer of a name that is taken' exits 40 to_e
ok 'gets another' test -d "$tmp/e/alice@example.com [PC-00]"
ok 'and who had it keeps it' diff -r -x .ostexport \
	"$tmp/first/alice@example.com" "$tmp/e/alice@example.com"
cp "$tmp/1.pst" "$pcs/erik@example.com.ost"
cp "$tmp/1.pst" "$pcs/stump.pst"
ok 'one that was copied again is written' exits 40 to_e
ok 'as it is now' "$ostcheck" --verify "$tmp/e/erik@example.com" "$tmp/1.pst"

# A record that somebody else wrote.
cp -a "$tmp/first" "$tmp/evil"
python3 - "$tmp/evil/$record" "$tmp/first/$record" <<'END'
import json, sys
bad = ["../../../out", "/etc", "a/b", "", "x" * 300, "line\nbreak", ".ostexport",
       {"a": 1}, None, "alice@example.com"]
with open(sys.argv[1], "wb") as f:
    for n, line in enumerate(open(sys.argv[2])):
        e = json.loads(line)
        e["name"] = bad[n % len(bad)]
        f.write(json.dumps(e).encode() + b"\n")
    f.write(b'{"path": "x"' + b"[" * 5000 + b"\0\n\xff\n{}\n[]\n7\n")
END
touch "$tmp/stamp"
evil()
{
	exits 40 "$ostexport" "$pcs" "$tmp/evil" || return 1
	is '' find "$tmp" -maxdepth 1 -newer "$tmp/stamp" ! -path "$tmp" \
		! -path "$tmp/out" ! -path "$tmp/evil" &&
		[[ -d $tmp/evil/-etc && -d $tmp/evil/a-b ]]
}
ok 'a hostile record leads nowhere else' evil

# Where it may not be written.
mkdir "$tmp/theirs" "$tmp/elsewhere"
echo mine >"$tmp/theirs/file"
ln -s elsewhere "$tmp/link"
ok 'what holds something else is left alone' exits 12 \
	"$ostexport" "$pcs" "$tmp/theirs"
ok 'as it was' is file ls -A "$tmp/theirs"
ok 'no link is followed' exits 12 "$ostexport" "$pcs" "$tmp/link"
ok 'nor with a slash' exits 12 "$ostexport" "$tmp/1.pst" "$tmp/2.pst" \
	"$tmp/link/"
ok 'nothing is there' is '' ls -A "$tmp/elsewhere"
ok 'nor is it written among the stores' exits 12 "$ostexport" "$pcs" \
	"$pcs/out"
ok 'where nothing is left' not test -e "$pcs/out"
ok 'one store is no export of many' exits 12 "$ostexport" "$tmp/1.pst" \
	"$tmp/first"
ok 'nor are many one of one' exits 12 "$ostexport" "$pcs" "$tmp/first/carol"
rm "$tmp/first/carol/.ostexport/journal.jsonl"
ok 'without its journal it is no export' exits 12 "$ostexport" "$tmp/4.ost" \
	"$tmp/first/carol"
ok 'a pipe takes one store' exits 1 "$ostexport" -f tar "$pcs" -
ok 'and so does a manifest' exits 1 "$ostexport" --manifest "$tmp/x" "$pcs" \
	"$tmp/new"
ok 'DEST before the stores' exits 1 "$ostexport" "$tmp/elsewhere" "$tmp/1.pst"
ok 'no store at all' exits 11 "$ostexport" "$tmp/elsewhere" "$tmp/new"
ok 'makes nothing' not test -e "$tmp/new"

# Several that are named; a file each.
ok 'two of one name' "$ostexport" -f tar "$pcs/PC-02/Users/alice/$outlook/"*.ost \
	"$pcs/PC-01/Users/alice/$outlook/alice@example.com.ost" "$tmp/tars"
ok 'are told apart as in a mount' is $'alice@example.com [PC-02].tar
alice@example.com.tar' ls "$tmp/tars"
ok 'a missing one stops none' exits 40 "$ostexport" -f mbox "$tmp/1.pst" \
	"$tmp/none.pst" "$tmp/2.pst" "$tmp/named"
ok 'the others are there' is $'1\n2' ls "$tmp/named"
finish
