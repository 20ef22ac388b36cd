#!/bin/bash
# tools.sh - ostinfo, ostls and ostcat on forged stores and on files that are
# no stores
#
#	tools.sh OSTINFO OSTLS OSTCAT OSTFORGE

set -euo pipefail

ostinfo=$1 ostls=$2 ostcat=$3 ostforge=$4
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

fail()
{
	printf 'FAIL %s\n' "$*"
	failed=1
}

# expect CODE PATTERN COMMAND...: it ends with CODE, and stderr has PATTERN.
expect()
{
	local code=$1 pattern=$2 got=0 said

	shift 2
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null || got=$?
	said=$(<"$tmp/err")
	[[ $got == "$code" ]] || fail "exit $got, not $code: $*: $said"
	# shellcheck disable=SC2053 # it is a pattern
	[[ $said == $pattern ]] || fail "stderr \"$said\": $*"
}

# json_is FILE EXPRESSION: what a Python expression says of the JSON `j`.
json_is()
{
	python3 -c '
import json, sys
j = json.load(open(sys.argv[1], encoding="utf-8"))
sys.exit(not eval(sys.argv[2]))' "$1" "$2" || fail "$1: not so: $2"
}

# Every file of the store at $1 below the folder $2: its size and its path.
walk()
{
	local size day time name names

	names=$("$ostls" -l "$1" "$2") || fail "ostls $1 $2"
	[[ $names ]] || return 0
	while read -r size day time name; do
		[[ $day\ $time == ????-??-??\ ??:?? ]] || fail "$name: time"
		if [[ $name == */ ]]; then
			walk "$1" "$2/${name%/}"
		else
			printf '%s %s\n' "$size" "$2/$name"
		fi
	done <<<"$names"
}

# An item is as long as listed.
check_size()
{
	local store=$1 size=$2 path=$3

	expect 0 '' "$ostcat" "$store" "$path"
	[[ $(stat -c %s "$tmp/out") == "$size" ]] || fail "$path: not $size"
}

# Each item is the same by name and by number, and its properties are JSON.
check_file()
{
	local store=$1 path=$3 nid

	check_size "$@"
	mv "$tmp/out" "$tmp/by-path"
	expect 0 '' "$ostcat" -p "$store" "$path"
	json_is "$tmp/out" 'len(j["properties"]) > 0'
	[[ $path == *.attachments/* || $path != *\[*\].* ]] && return
	nid=${path##*[}
	nid=${nid%%]*}
	mv "$tmp/out" "$tmp/properties"
	expect 0 '' "$ostcat" "$store" ".ostfs/mapi/$nid.json"
	cmp -s "$tmp/out" "$tmp/properties" || fail "$path: not its properties"
	expect 0 '' "$ostcat" "$store" "$nid"
	cmp -s "$tmp/out" "$tmp/by-path" || fail "$path: not what $nid is"
}

# What the forge says it wrote, one line an item, is what ostcat -p shows.
check_manifest()
{
	python3 - "$1" "$2" "$ostcat" <<-'END' || fail "$1: not as forged"
	import json, subprocess, sys
	store, manifest, ostcat = sys.argv[1:]
	lines = [json.loads(line) for line in open(manifest, encoding="utf-8")]
	assert len(lines) > 10
	for line in lines:
	    shown = json.loads(subprocess.run(
	        [ostcat, "-p", store, "%x" % line["nid"]], check=True,
	        stdout=subprocess.PIPE).stdout)
	    values = {p["tag"]: p.get("value") for p in shown["properties"]}
	    assert int(shown["nid"], 16) == line["nid"]
	    # null: the forge was not told, or wrote it in some code page
	    subject, got = line["subject"], values.get("0x0037")
	    if subject is not None and "ansi" in store:
	        subject = subject.encode("cp1252", "replace").decode("cp1252")
	    assert subject in (None, got), (line, got)
	    assert line["class"] in (None, values.get("0x001A")), line
	    assert len(shown["recipients"]) == line["recipients"], line
	    assert len(shown["attachments"]) == len(line["attachments"]), line
	END
}

check_store()
{
	local store=$1 kind=$2 format=$3 encoding=$4 size path check

	expect 0 '' "$ostinfo" "$store"
	grep -q '^  closed    in good order$' "$tmp/out" || fail "$store: closed"
	expect 0 '' "$ostinfo" --json "$store"
	json_is "$tmp/out" "j[0]['kind'] == '$kind'"
	json_is "$tmp/out" "j[0]['format'] == '$format'"
	json_is "$tmp/out" "j[0]['encoding'] == '$encoding'"
	json_is "$tmp/out" 'j[0]["length"] == "whole" and j[0]["clean"]'
	json_is "$tmp/out" 'j[0]["exit"] == 0 and j[0]["damaged"] == 0'
	json_is "$tmp/out" '(j[0]["owner"] is None and "mailbox_guid" in j[0]
		and not j[0]["owner_disputed"] and j[0]["shared"] == [])'
	json_is "$tmp/out" '"deleted" in [f["role"] for f in j[0]["folders"]]'
	json_is "$tmp/out" 'j[0]["messages"] == sum(c["messages"]
		for c in j[0]["classes"]) > 0'
	json_is "$tmp/out" 'j[0]["messages"] == sum(f["messages"]
		for f in j[0]["folders"] if not f["search"])'
	json_is "$tmp/out" 'j[0]["differing"] == 0'
	json_is "$tmp/out" '"1990" < j[0]["first"] <= j[0]["last"] < "2100"'
	walk "$store" "" >"$tmp/files"
	[[ -s $tmp/files ]] || fail "$store: no files"
	# Formats differ below the names of items: one does for those.
	check=check_size
	[[ $format == ansi ]] && check=check_file
	while read -r size path; do
		"$check" "$store" "$size" "$path"
	done <"$tmp/files"
	expect 0 '' "$ostcat" -p "$store" 21
	json_is "$tmp/out" 'any(p["tag"] == "0x3001" for p in j["properties"])'
	expect 0 '' "$ostcat" -p "$store" 0x122
}

# Byte $2 of the file $1 becomes $3, in octal.
poke()
{
	printf '%b' "\\0$3" |
		dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

make()
{
	"$ostforge" --sample --format "$1" --kind "$2" --encoding "$3" \
		--manifest "$tmp/$1.jsonl" -o "$tmp/$1.$2"
}

good_stores()
{
	make ansi pst cyclic
	make unicode pst permute
	make 4k ost none
	check_store "$tmp/ansi.pst" pst ansi cyclic
	check_store "$tmp/unicode.pst" pst unicode permute
	check_store "$tmp/4k.ost" ost unicode-4k none
	check_manifest "$tmp/ansi.pst" "$tmp/ansi.jsonl"
	check_manifest "$tmp/unicode.pst" "$tmp/unicode.jsonl"
	check_manifest "$tmp/4k.ost" "$tmp/4k.jsonl"
	expect 0 '' "$ostinfo" --json "$tmp/ansi.pst" "$tmp/4k.ost"
	json_is "$tmp/out" 'len(j) == 2'
	expect 0 '' "$ostinfo" --reader=pff "$tmp/unicode.pst"
	damaged_to_pff
}

# D9: what is damaged beyond libpff's reading is 32 to every program, not 1.
damaged_to_pff()
{
	local what

	for what in no-leaf swapped; do
		"$ostforge" -o "$tmp/$what.pst" --format unicode \
			--encoding none --messages 6 --folders 2 --damage "$what"
		expect 32 '*libpff cannot open it: *' \
			"$ostinfo" --reader=pff "$tmp/$what.pst"
		expect 32 '*libpff cannot open it: *' \
			"$ostls" --reader=pff "$tmp/$what.pst"
		expect 32 '*libpff cannot open it: *' \
			"$ostcat" --reader=pff "$tmp/$what.pst" 200024
	done
}

bad_files()
{
	local good=$tmp/unicode.pst size
	size=$(stat -c %s "$good")

	: >"$tmp/empty"
	head -c 100000 /dev/zero >"$tmp/zeros"
	echo "Dear Jane, this is not a store." >"$tmp/text"
	head -c 300 "$good" >"$tmp/header"
	head -c 1024 "$good" >"$tmp/stump"
	head -c $((size / 2)) "$good" >"$tmp/half"
	(cat "$good" && head -c 512 /dev/zero) >"$tmp/longer"
	cp "$good" "$tmp/wip"
	poke "$tmp/wip" 10 45 # wVer 37
	cp "$good" "$tmp/version"
	poke "$tmp/version" 10 143
	cp "$good" "$tmp/crc"
	poke "$tmp/crc" 200 377
	mkfifo "$tmp/fifo"

	local tool
	for tool in "$ostinfo" "$ostls" "$ostcat"; do
		local last=()
		[[ $tool == "$ostcat" ]] && last=(200024)
		bad()
		{
			expect "$1" "*: $tmp/$2: $3" "$tool" "$tmp/$2" \
				"${last[@]}"
		}
		bad 11 missing 'No such file or directory; name an Outlook*'
		bad 11 . 'is a directory, not a store; name the .ost*'
		bad 11 fifo 'is not a file that can be read at an offset'
		bad 30 empty 'is empty*; name the .ost or .pst file*'
		bad 30 zeros 'begins with nothing but zeros*'
		bad 30 text 'is not an Outlook store*'
		bad 22 wip 'is encrypted by Windows Information Protection*'
		bad 32 version 'has store version 99*'
		bad 31 crc 'has a damaged header*try -o heal, or another copy*'
		bad 33 header 'is cut short*'
		bad 33 stump 'is cut short*Outlook closed*'
		bad 33 half 'is cut short*'
	done
	expect 30 '*' "$ostinfo" --json "$tmp/zeros" "$good"
	json_is "$tmp/out" 'j[0]["exit"] == 30 and "zeros" in j[0]["error"]'
	json_is "$tmp/out" 'j[1]["exit"] == 0'
	expect 0 '' "$ostinfo" "$tmp/longer"
	grep -q ' 512 more than its header says' "$tmp/out" || fail longer
}

# Several stores: a line each, their total, and the code of the worst one.
several()
{
	local dir=$tmp/PCs good=$tmp/unicode.pst

	mkdir -p "$dir/1/Users/ann" "$dir/2/Users/bea"
	cp "$good" "$dir/1/Users/ann/archive.pst"
	cp "$good" "$dir/1/Users/ann/x@example.net.pst"
	cp "$good" "$dir/2/Users/bea/x@example.net.pst"
	expect 0 '' "$ostinfo" "$dir"/?/Users/*/*.pst
	[[ $(wc -l <"$tmp/out") == 5 ]] || fail 'several: not 5 lines'
	grep -Eq '^ann - archive +pst +[0-9.]+ [KM]iB +[0-9]+ .*readable$' \
		"$tmp/out" || fail 'several: ann'
	grep -Eq '^x@example.net \[2\] ' "$tmp/out" || fail 'several: [2]'
	grep -Eq '^total of 3 stores ' "$tmp/out" || fail 'several: total'
	expect 0 '' "$ostinfo" --long "$good" "$good"
	[[ $(grep -c '^  kind      ' "$tmp/out") == 2 ]] || fail --long
	# The worst is the code, whatever comes first.
	head -c 300 "$good" >"$dir/stump.pst"
	expect 33 '*' "$ostinfo" "$good" "$dir/stump.pst"
	grep -Eq '^stump .* CANNOT BE READ \(code 33\)$' "$tmp/out" ||
		fail 'several: stump'
	grep -Eq '^total of 1 store .* 1 cannot be read$' "$tmp/out" ||
		fail 'several: total of 1'
	expect 30 '*' "$ostinfo" "$dir/stump.pst" "$tmp/zeros" "$good"
	expect 30 '*' "$ostinfo" --long "$tmp/zeros" "$dir/stump.pst" "$good"
}

# What a store knows of its people is what another is told by addrmap=.
people()
{
	local dn addr file out=$tmp/learned.csv good=$tmp/unicode.pst

	"$ostforge" --messages 40 --exchange -o "$tmp/ex.pst"
	expect 0 '' "$ostinfo" --people "$tmp/ex.pst" "$tmp/ex.pst"
	cp "$tmp/out" "$out"
	[[ $(head -n 1 "$out") == $'legacyExchangeDN,mail\r' ]] ||
		fail 'people: headings'
	[[ $(wc -l <"$out") -gt 3 ]] || fail 'people: nobody'
	IFS=, read -r dn addr < <(sed -n 2p "$out" | tr -d '\r"')
	"$ostforge" --sample -o "$tmp/alone.pst"
	sed "2s|^\"[^\"]*\"|\"/o=Example/ou=First/cn=Recipients/cn=alice\"|" \
		"$out" >"$tmp/fed.csv"
	file=$("$ostls" "$tmp/alone.pst" 'Sent Items' | head -n 1)
	expect 0 '' "$ostcat" -o "addrmap=$out" "$tmp/alone.pst" \
		"Sent Items/$file"
	expect 0 '' "$ostcat" -o "addrmap=$tmp/fed.csv" "$tmp/alone.pst" \
		"Sent Items/$file"
	grep -q "^From: .*<$addr>" "$tmp/out" || fail "people: no $addr for $dn"
	expect 1 'usage: *' "$ostinfo" --people --json "$good"
}

command_line()
{
	local good=$tmp/unicode.pst tool path

	for tool in "$ostinfo" "$ostls" "$ostcat"; do
		expect 0 '' "$tool" --help
		grep -q "^usage: ${tool##*/} " "$tmp/out" || fail "$tool --help"
		expect 0 '' "$tool" --version
		expect 1 'usage: *' "$tool"
		expect 1 '*unrecognized option*usage: *' "$tool" --nope "$good"
		expect 1 '*no reader "x"*' "$tool" --reader=x "$good"
	done
	expect 1 'usage: *' "$ostls" -o nope "$good"
	expect 1 'usage: *' "$ostcat" -o attachments=nowhere "$good" 21
	for tool in "$ostls" "$ostcat"; do
		expect 1 '*/no/such: No such file*' "$tool" \
			-o addrmap=/no/such "$good"
		# D9: no name reaches the terminal as anything but what is seen.
		expect 1 '*/no/?\[2J?x: No such file*' "$tool" \
			-o addrmap=$'/no/\e[2J\u202ex' "$good"
		grep -q $'\e\\|\u202e' "$tmp/err" && fail "$tool: a raw name"
		"$tool" --help | grep -q -e '-o nosandbox ' ||
			fail "$tool --help: no nosandbox"
	done
	expect 11 '*/no/?\[2J: No such file*' "${ostls%/*}/ostcheck" \
		--verify $'/no/\e[2J' "$good"
	grep -q $'\e' "$tmp/err" && fail 'ostcheck --verify: a raw name'
	printf 'legacydn;mail\n%s;a@example.net\n/o=b;b\n' \
		/o=Example/ou=First/cn=Recipients/cn=alice >"$tmp/people.csv"
	path=$("$ostls" "$good" 'Sent Items' | head -n 1)
	expect 0 '*: warning: line 3: an X.500 name without an address' \
		"$ostcat" -o "addrmap=$tmp/people.csv" "$good" \
		"Sent Items/$path"
	grep -q '^From: Alice Example <a@example.net>' "$tmp/out" ||
		fail 'addrmap: not used'
	expect 1 '*: 1ffffe4: *' "$ostcat" "$good" 1ffffe4
	expect 1 '*: No/such: *' "$ostcat" "$good" No/such
	expect 1 '*: No/such: *' "$ostls" "$good" No/such
	expect 1 '*: Inbox: is a folder*' "$ostcat" "$good" Inbox
	expect 1 '*No space left on device' bash -c \
		"'$ostcat' -p '$good' 21 >/dev/full"
	# A reader that has seen enough is no reason to complain.
	expect 0 '' bash -c "('$ostcat' -p '$good' 21; true) | head -c 1"
	expect 0 '' bash -c "trap '' PIPE
		('$ostcat' -p '$good' 21; true) | head -c 1"
}

good_stores
bad_files
several
people
command_line
exit "$failed"
