#!/bin/bash
# fleet.sh - many stores behind one mount: names, damage, change, limits
#
#	fleet.sh OSTFS OSTFORGE OSTCHECK

ostcheck=$3
set -- "$1" "$2"
. "$(dirname "$0")/mount_common.sh"
m=$tmp/m pcs=$tmp/PCs
outlook=AppData/Local/Microsoft/Outlook

# Four stores, all different, of which the others are copies.
for n in 1 2 3; do
	"$2" --messages 5 --folders 2 --attachments 3000 --seed $n \
		-o "$tmp/$n.pst"
done
"$2" --messages 4 --format 4k --kind ost --seed 9 -o "$tmp/4.ost"

# put STORE PATH: it is there, below the directory of all stores.
put()
{
	mkdir -p "$pcs/$(dirname "$2")"
	cp "$tmp/$1" "$pcs/$2"
}

for n in {10..29}; do
	put $((n % 3 + 1)).pst "PC-$n/Users/u$n/$outlook/u$n@example.com.ost"
done
put 4.ost "PC-01/Users/carol/$outlook/outlook.ost"
put 1.pst "PC-01/Users/carol/Documents/Outlook Files/archive.pst"
put 2.pst "PC-02/Users/dave/$outlook/dave@example.com.ost"
put 3.pst "PC-03/Users/dave/$outlook/dave@example.com.ost"

# What is no store, or not to be followed.
mkfifo "$pcs/pipe.ost"
ln -s ../1.pst "$pcs/link.ost"
ln -s .. "$pcs/up"
put 1.pst "~lock.ost"
deep=$pcs
for n in {1..14}; do deep+=/d; done
mkdir -p "$deep" && cp "$tmp/1.pst" "$deep/deep.pst"

# What is a store by its name only.
head -c 100000 /dev/zero >"$pcs/zeros@example.com.ost"
head -c 300 "$tmp/1.pst" >"$pcs/stump.pst"
(cat "$tmp/2.pst" && head -c 512 /dev/zero) >"$pcs/longer.pst"

names()
{
	(cd "$m" && printf '%s\n' *)
}

ok 'a directory of stores is mounted' start -o stores=4 "$pcs" "$m"
ok 'and it says how many there are' grep -q ': 27 stores' "$tmp/said"
ok 'and what it did not look into' grep -q 'more than 12 levels' "$tmp/said"
ok 'no line more than that' is 2 sed -n '$=' "$tmp/said"
want=$(printf '%s\n' carol 'carol - archive' dave@example.com \
	'dave@example.com [PC-03]' longer stump
	printf 'u%s@example.com\n' {10..29}
	echo zeros@example.com)
ok 'names are addresses, or whose profile it is' is "$want" names
ok 'a listing of the top opens no store' \
	is 0 grep -c '"state": "\(open\|closed\)"' "$m/.ostfs/fleet.json"

# The same as alone, of each.
numbers=$(cd "$m" && find . -printf "%i %p\n" 2>/dev/null | sort) || true
ok 'all can be found, but what cannot be opened' \
	grep -q 'u29@example.com/.*eml$' <<<"$numbers"
ok 'no two have the same number' \
	is '' uniq -d <(cut -d ' ' -f 1 <<<"$numbers")
at_most_open()
{
	local open
	open=$(grep -c '"state": "open"' "$m/.ostfs/fleet.json")
	((open > 0 && open <= $1)) || { echo "$open are open"; return 1; }
}
ok 'no more are open than may be' at_most_open 4

copy()
{
	rsync -a --exclude=.ostfs "$m/" "$tmp/copy/" 2>"$tmp/rsync" || true
	cat "$tmp/rsync"
	[[ $(grep -c 'zeros@example.com\|stump' "$tmp/rsync") -ge 2 ]]
}
verified()
{
	"$ostcheck" --verify "$tmp/copy/$1" --times "$pcs/$2"
}
ok 'rsync copies all, and says what it cannot' copy
ok 'a copy is proven' verified carol "PC-01/Users/carol/$outlook/outlook.ost"
ok 'and that of its neighbour' \
	verified 'dave@example.com [PC-03]' \
	"PC-03/Users/dave/$outlook/dave@example.com.ost"
ok 'a manifest is in each store' \
	grep -q '"path"' "$m/carol - archive/.ostfs/manifest.jsonl"
ok 'and it proves the copy' "$ostcheck" \
	--verify "$tmp/copy/carol - archive" \
	--against "$m/carol - archive/.ostfs/manifest.jsonl"

# What cannot be opened.
ok 'a store of zeros cannot be listed' not ls "$m/zeros@example.com"
ok 'nor can its directory be opened' \
	not bash -c "exec 3<'$m/zeros@example.com'"
ok 'a file beside it says why' grep -q \
	'begins with nothing but zeros.*(code 30)$' \
	"$m/zeros@example.com.problem.txt"
ok 'with the code of a single mount' \
	grep -q '(code 33)$' "$m/stump.problem.txt"
ok 'fleet.json has it' grep -q \
	'"zeros@example.com".*"state": "failed", "code": 30, "reason": "' \
	"$m/.ostfs/fleet.json"
ok 'one with more than its header says is shown' \
	some "$m/longer" -name '*.eml'
ok 'and has a warning' grep -q \
	'"longer".*"code": 0, .*"warnings": \["it has 47616 bytes' \
	"$m/.ostfs/fleet.json"

# What comes, goes and changes.
within()
{
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS < end)) || return 1
		sleep 0.3
	done
}
listed()
{
	# shellcheck disable=SC2010 # names of ours
	ls "$m" | grep -qxF -- "$1"
}
exec 5<"$m/u10@example.com/.ostfs/manifest.jsonl"
before=$(stat -c %i "$m/u11@example.com")
put 1.pst "PC-50/Users/new/$outlook/new@example.com.ost"
ok 'a new store is found by its name' within 90 ls "$m/new@example.com"
rm "$pcs/PC-10/Users/u10/$outlook/u10@example.com.ost"
cp "$tmp/4.ost" "$tmp/other"
mv "$tmp/other" "$pcs/PC-11/Users/u11/$outlook/u11@example.com.ost"
ok 'one that is removed is gone' within 90 not listed u10@example.com
as_the_new_one()
{
	[[ $(stat -c %i "$m/u11@example.com") != "$before" ]] &&
		diff -r --exclude=.ostfs "$m/u11@example.com" "$m/carol"
}
ok 'one that is replaced is the new one, by another number' \
	within 90 as_the_new_one
ok 'what was open of the removed one is none of another' \
	not cat <&5
exec 5<&-
ok 'the others are as they were' diff -r --exclude=.ostfs \
	"$m/u12@example.com" "$tmp/copy/u12@example.com"
: >"$pcs/PC-13/Users/u13/$outlook/u13@example.com.ost"
ok 'one that is cut to nothing fails' \
	within 90 not ls "$m/u13@example.com"
ok 'and its neighbour does not' ls "$m/u14@example.com"
cp "$tmp/2.pst" "$pcs/PC-13/Users/u13/$outlook/u13@example.com.ost"
ok 'until it is a store again' within 90 ls "$m/u13@example.com"

# A reader that dies costs nobody anything.
porter=$(pgrep -P "$(pgrep -P "$(pgrep -o -f "^$ostfs .*$m\$")")" || true)
# The next kill comes when all that was asked at the last one is answered: what
# two readers in a row die of is refused, however long they take to start.
kill_while_reading()
{
	local end=$((SECONDS + 9)) n=0 seen
	: >"$tmp/read"
	(while [[ ! -e $tmp/done ]]; do
		pkill -KILL -P "$porter" || true
		seen=$(stat -c %s "$tmp/read")
		until [[ -e $tmp/done ]] ||
			(($(stat -c %s "$tmp/read") > seen + 1)); do
			sleep "0.$RANDOM"
		done
	done) &
	while ((SECONDS < end)); do
		for n in 20 21 22 23 24 25; do
			diff -r --exclude=.ostfs "$m/u$n@example.com" \
				"$tmp/copy/u$n@example.com" || break 2
			printf . >>"$tmp/read"
		done
	done
	touch "$tmp/done"
	wait $!
	[[ $n == 25 ]]
}
ok 'the porter is there' test -n "$porter"
ok 'reads go on while the readers are killed' kill_while_reading
ok 'which fleet.json tells' within 5 grep -q 'crashed: [0-9]' \
	"$m/.ostfs/fleet.json"
ok 'it is unmounted' stop "$m"
ok 'and no process is left' within 10 not pgrep -f "ostfs.*$pcs"

# At the next mount.
ok 'it is mounted again' start -o stores=3,idle=1 "$pcs" "$m"
again()
{
	(cd "$m" && find . -printf "%i %p\n" 2>/dev/null | sort) \
		>"$tmp/again" || true
	printf '%s\n' "$numbers" | grep -v 'u1[013]@\|problem' >"$tmp/first"
	grep -v 'u1[013]@\|problem\|new@' "$tmp/again" | diff "$tmp/first" -
}
ok 'all have the numbers that they had' again
ok 'who is not asked for is closed' within 90 \
	is 0 grep -c '"state": "open"' "$m/.ostfs/fleet.json"
ok 'and opened again when he is' cat "$m/u20@example.com/.ostfs/info.json"
ok 'there are attributes only on request' \
	not getfattr -d "$m/u20@example.com"/*
ok 'it is unmounted again' stop "$m"

# Named one by one, and by a catalogue.
ok 'stores that are named are mounted' \
	start "$tmp/1.pst" "$tmp/4.ost" "$tmp/2.pst" "$m"
ok 'by their names' is $'1\n2\n4' names
cp "$m/.ostfs/fleet.json" "$tmp/fleet.json"
ok 'they are unmounted' stop "$m"
mkfifo "$tmp/pipe.pst"
ok 'what is named, but is no file, is mounted' \
	start "$tmp/1.pst" "$pcs" "$tmp/pipe.pst" "$m"
ok 'a directory cannot be listed as a store' not ls "$m/PCs"
ok 'nor can a pipe' not ls "$m/pipe"
ok 'which is told, with the whole path' grep -qF \
	"$tmp/pipe.pst: cannot be opened: it is not a regular file (code 11)" \
	"$m/pipe.problem.txt"
ok 'these are unmounted' stop "$m"
cat >"$tmp/catalogue" <<-END
	{"path": "1.pst", "name": "The boss"}
	{"path": "$tmp/2.pst", "owner": "b@example.com", "size": 1}
	{"path": "PCs/PC-02/Users/dave/$outlook/dave@example.com.ost"}
END
ok 'a catalogue is mounted' start -o fleet="$tmp/catalogue" "$m"
ok 'with its names' is $'The boss\nb@example.com\ndave@example.com' names
ok 'and read' some "$m/The boss" -name '*.eml'
ok 'it is unmounted, too' stop "$m"
ok 'fleet.json is a catalogue' start -o fleet="$tmp/fleet.json",xattrs "$m"
ok 'and has the same names' is $'1\n2\n4' names
ok 'and attributes' getfattr -d "$m/1"/*
ok 'the end of it' stop "$m"

refuses()
{
	local code=$1 words=$2 got=0
	shift 2
	"$ostfs" "$@" >"$tmp/said" 2>&1 || got=$?
	cat "$tmp/said"
	[[ $got == "$code" ]] && grep -qF -- "$words" "$tmp/said"
}
mkdir "$tmp/none"
ok 'a directory without stores is refused' refuses 11 \
	'no .ost or .pst below it; name a store' "$tmp/none" "$m"
ok 'a mount point among the stores is refused' refuses 10 \
	'the directory of the stores; name' "$pcs" "$pcs/mail"
ok 'a store that is not there is refused' refuses 11 \
	"$tmp/5.pst: No such file" "$tmp/1.pst" "$tmp/5.pst" "$m"
echo '{"name": "x"}' >"$tmp/catalogue"
ok 'a catalogue without a path is refused' refuses 1 'has no "path"' \
	-o fleet="$tmp/catalogue" "$m"
mkdir "$tmp/many"
(cd "$tmp/many" && seq -f %g.pst 4096 | xargs touch)
ok 'more than can be numbered are refused' refuses 1 \
	'more than 4095 stores; mount its subdirectories one by one' \
	"$tmp/many" "$m"
finish
