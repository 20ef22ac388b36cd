#!/bin/bash
# run.sh - ostfleet on one machine: what it finds, does, leaves, and tells
#
#	run.sh OSTFS OSTFORGE TOOLS OSTFLEET

forge=$2 tools=$3 ostfleet=$4
set -- "$1" "$2"
. "$(dirname "$0")/../mount_common.sh"
here=$(cd "$(dirname "$0")" && pwd)
# Leaks are for the tests of each program, of which there are many runs here.
export ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0
export PATH=$tools:$PATH PYTHONDONTWRITEBYTECODE=1
pcs=$tmp/PCs out=$tmp/rescue catalog=$tmp/catalog.jsonl
outlook=AppData/Local/Microsoft/Outlook

make_profiles()
{
	local n

	for n in 1 2 3; do
		mkdir -p "$pcs/PC-$n/Users/u$n/$outlook"
		"$forge" --messages 4 --seed "$n" \
			-o "$pcs/PC-$n/Users/u$n/$outlook/u$n@example.com.ost"
	done
	mkdir -p "$pcs/PC-4/Users/u1/$outlook" \
		"$pcs/PC-4/Users/u1/Documents/Outlook Files" \
		"$pcs/"{1,2,3,4,5,6,7,8,9,10,11,12,13}
	cp "$pcs/PC-1/Users/u1/$outlook/u1@example.com.ost" \
		"$pcs/PC-4/Users/u1/$outlook/"
	"$forge" --messages 9 --damage missing \
		-o "$pcs/PC-4/Users/u1/Documents/Outlook Files/archive.PST"
	head -c 65536 /dev/zero >"$pcs/PC-3/zeros.ost"
	: >"$pcs/~lock.ost"
	ln -s PC-3/zeros.ost "$pcs/link.ost"
	mkfifo "$pcs/pipe.ost"
}

finds()
(
	cd "$tmp" && "$ostfleet" find PCs >"$catalog.new" 2>said &&
		mv "$catalog.new" "$catalog" && cat said
)

names()
{
	jq -r .name "$catalog"
}

exits()
{
	local want=$1 got=0
	shift

	"$@" || got=$?
	is "$want" echo "$got"
}

steps=(check export verify)
run()
{
	"$ostfleet" run -j 2 "$catalog" "$out" -- "${steps[@]}" >"$tmp/ran" 2>&1
}

ledger()
{
	jq -r "$1" "$out/ledger/$(key "$2").json"
}

key()
{
	jq -r --arg name "$1" 'select(.name == $name) | .key' "$catalog"
}

row()
{
	jq -r --arg name "$1" ".stores[] | select(.name == \$name) | $2" \
		"$out/report.json"
}

state()
{
	find "$out" -type f ! -name 'report.*' ! -name '*.lock' \
		! -path "$out/ledger/$(key zeros).json" \
		! -path "$out/ledger/$(key 'u1 - archive').json" \
		! -name run.json ! -name job.sh ! -name people.csv ! -name nodes \
		! -name catalog.jsonl -printf '%p %T@ %s\n' | sort
}

make_profiles
ok 'it finds stores' finds
ok 'their names are those of the mount' is "$(printf '%s\n' u1@example.com \
	u2@example.com u3@example.com zeros 'u1 - archive' \
	'u1@example.com [PC-4]' | sort)" sort <(names)
ok 'it says how many' grep -q '^6 stores, .*, 25 items' "$tmp/said"
ok 'what cannot be read is said' grep -q 'zeros: begins with nothing but' \
	"$tmp/said"
ok 'and is in the catalogue' is '30 unreadable' jq -r 'select(.name == "zeros") |
	"\(.exit) \(.state)"' "$catalog"
cp "$catalog" "$tmp/first"
ok 'it finds the same again' finds
ok '  to the byte' cmp "$tmp/first" "$catalog"
key_is_of_record_key_and_path()
{
	local path record

	path=$(jq -r 'select(.name == "u2@example.com") | .path' "$catalog")
	record=$(ostinfo --json "$path" | jq -r '.[0].record_key')
	is "$(printf '%s%s' "$record" "$path" | sha256sum | cut -c1-12)" \
		key u2@example.com
}
ok 'a key is the hash of record key and path' key_is_of_record_key_and_path
ok 'whom X.500 names stand for is beside it' \
	is legacyExchangeDN,mail head -n 1 "$tmp/people.csv"
ok 'a directory without stores is said' exits 11 "$ostfleet" find "$pcs/1"

ok 'not all are whole, so a run exits with 40' exits 40 run
ok 'it says the command that the engine got' grep -q \
	"^+ seq 6 | xargs -P 2 -n 1 '$out'/job.sh$" "$tmp/ran"
ok 'what is whole is proven and without loss' \
	is 'true true 4 4 done' row u2@example.com \
	'"\(.proven) \(.without_loss) \(.found) \(.copied) \(.state)"'
ok 'what is zeros is neither' is 'false false null failed' row zeros \
	'"\(.proven) \(.without_loss) \(.copied) \(.state)"'
ok '  and why' grep -q 'nothing but zeros' <(row zeros .why)
ok 'what lost something is not without loss' is 'false 3' row 'u1 - archive' \
	'"\(.without_loss) \(.lost)"'
ok '  and why' grep -q '3 listed, but not in the store' \
	<(row 'u1 - archive' .why)
ok 'the worst is first' is zeros jq -r '.stores[0].name' "$out/report.json"
ok 'a ledger has every step' is 'check export verify' \
	ledger '[.steps[].step] | join(" ")' u3@example.com
ok '  with its files' is 4 ledger '.steps[1].items' u3@example.com
ok 'the copy is one that others prove, too' ostcheck \
	--verify "$out/export/tree/u2@example.com" \
	"$pcs/PC-2/Users/u2/$outlook/u2@example.com.ost"
ok 'no part is left' is '' find "$out" -name '*.part*'

before=$(state)
ok 'a second run has nothing to do' exits 40 run
ok '  and does nothing' is "$before" state

# What is worked on is left alone.
locked()
{
	local got=0

	exec 6>"$out/$(key u2@example.com).lock" && flock 6
	"$ostfleet" job "$out/catalog.jsonl" \
		"$(names | grep -n '^u2@' | cut -d : -f 1)" 2>&1 || got=$?
	exec 6>&-
	is 75 echo "$got"
}
ok 'a store that another job has exits with 75' locked

# A store that was copied again.
again()
{
	"$forge" --messages 7 --seed 3 \
		-o "$pcs/PC-3/Users/u3/$outlook/u3@example.com.ost"
	exits 40 run
}
ok 'a store that has changed is done again' again
ok '  all of it' is '7 7' ledger '"\(.steps[0].items) \(.steps[1].items)"' \
	u3@example.com
ok '  what was there stays beside it' \
	test -d "$out/export/tree/u3@example.com (before 1)"
ok '  and it is proven' is true row u3@example.com .proven

# A job that is killed at some moment, and begun again.
killed()
{
	local n pid wait

	n=$(names | grep -n '^u2@' | cut -d : -f 1)
	for wait in 0.2 0.6; do
		rm -rf "$out/ledger/$(key u2@example.com).json" \
			"$out/export/"*/u2@example.com
		setsid "$out/job.sh" "$n" >"$tmp/killed" 2>&1 &
		pid=$!
		sleep "$wait"
		kill -9 -- "-$pid" 2>/dev/null || true
		wait "$pid" || true
		"$out/job.sh" "$n" 2>&1 || return
		diff <(sed 's/ .*//' <<<"$before") <(state | sed 's/ .*//') ||
			return
	done
}
before=$(state)
ok 'a job that is killed goes on' killed

# A disk of the node, from which the store is gone afterwards.
staged()
{
	rm -f "$out/ledger/$(key u2@example.com).json"
	"$ostfleet" run --stage "$tmp/stage" "$catalog" "$out" -- check 2>&1
	is '' ls "$tmp/stage"
}
mkdir "$tmp/stage"
ok 'a store can be read from a copy' staged || true
ok '  and is named by where it lies' is \
	"$(jq -r 'select(.name == "u2@example.com") | .path' "$catalog")" \
	ledger .store u2@example.com

# Who gets what, and what ostimport is asked to do.
mkdir "$tmp/fake"
cat >"$tmp/fake/ostimport" <<'END'
#!/bin/bash
printf '%s|' "$@" >>"$OSTFLEET_TEST/imports" && echo >>"$OSTFLEET_TEST/imports"
while [[ $1 != --report ]]; do shift; done
echo '{"added": 3, "there": 1, "failed": 1, "left": 0, "bytes": 99,
	"ended": null, "user": "u"}' >"$2"
exit 40
END
chmod +x "$tmp/fake/ostimport"
imports()
{
	"$ostfleet" users "$catalog" imaps://mx.example.com >"$tmp/listed" &&
		cat "$tmp/listed"
	printf '%s\n' 'store,url,user,secret' '# a comment' \
		'"u2@example.com",imaps://mx.example.com,"u 2@x",/secret/u2' \
		'u1@example.com,imaps://mx.example.com,"u""1",!token u1' \
		"$(key 'u1 - archive'),,," >"$tmp/users.csv"
	OSTFLEET_TEST=$tmp PATH=$tmp/fake:$PATH "$ostfleet" run \
		--users "$tmp/users.csv" --import-option --cafile=/ca.pem \
		"$catalog" "$out" -- import 2>&1
}
ok 'an import that is not whole exits with 40' exits 40 imports
ok 'a password comes from a file' grep -q \
	'^--password-file|/secret/u2|--cafile=/ca.pem|--dedupe|account|--jo.*|/.*/u2@example.com.ost|imaps://u%202%40x@mx.example.com|$' \
	"$tmp/imports"
ok 'a token from a command' grep -q \
	'^--token-command|token u1|.*|imaps://u%221@mx.example.com|$' \
	"$tmp/imports"
ok 'nobody else is imported' is 2 grep -c . "$tmp/imports"
ok 'what was taken is in the report' is '3 1 1 1 mail is not on the server' \
	row u2@example.com '"\(.imported) \(.there) \(.refused) \(.why)"'
ok 'who is left out on purpose is' is '0 true' ledger \
	'.steps[] | select(.step == "import") | "\(.exit) \(.left_out)"' \
	'u1 - archive'
ok 'who is forgotten is not' grep -q 'no line of users.csv is for it' \
	<(row u3@example.com .why)
ok 'a first list asks whose a store is' grep -q \
	'^# whose is .*/u2@example.com.ost?' "$tmp/listed"
ok 'and says what cannot be read' grep -q '^# cannot be read: .*zeros.ost' \
	"$tmp/listed"

# Every step, of one store: index and pst are looked into.
all_out=$tmp/all
takes_all_steps()
{
	jq -c 'select(.name == "u2@example.com")' "$catalog" >"$tmp/one.jsonl"
	OSTFLEET_TEST=$tmp PATH=$tmp/fake:$PATH exits 40 "$ostfleet" run \
		--users "$tmp/users.csv" "$tmp/one.jsonl" "$all_out" -- \
		check export:maildir verify import index pst 2>&1
}
all_ledger()
{
	jq -c "$1" "$all_out/ledger/$(key u2@example.com).json"
}
finds_by_notmuch()
{
	local config=$all_out/index/u2@example.com/config

	is 4 notmuch --config="$config" count '*' &&
		notmuch --config="$config" search --output=files '*' |
		xargs -r -d '\n' ls
}
ok 'all steps are taken' takes_all_steps
ok '  each is in the ledger' is \
	'[["check",0],["export:maildir",0],["verify",0],["import",40],["index",0],["pst",0]]' \
	all_ledger '[.steps[] | [.step, .exit]]'
ok '  the index has every mail' is 4 all_ledger \
	'.steps[] | select(.step == "index") | .messages'
ok '  and finds its file' finds_by_notmuch
ok '  the .pst has every mail' is '4 pst' eval "ostinfo --json \
	'$all_out/export/pst/u2@example.com.pst' |
	jq -r '.[0] | \"\(.messages) \(.kind)\"'"
ok '  and is read without loss' ostcheck --deep \
	"$all_out/export/pst/u2@example.com.pst"
ok '  a .pst that is there is not written again' is "$(stat -c %Y \
	"$all_out/export/pst/u2@example.com.pst" 2>&1)" eval \
	"takes_all_steps >'$tmp/again' && stat -c %Y \
	'$all_out/export/pst/u2@example.com.pst'"

ok 'a map for autofs has every store' is 6 \
	grep -c 'fstype=fuse.ostfs' <("$ostfleet" autofs "$catalog")
ok '  with its name in quotes' grep -qF "\"u1 - archive\"  \
-fstype=fuse.ostfs,ro,allow_other  :\"$pcs/PC-4/Users/u1/Documents/Outlook \
Files/archive.PST\"" <("$ostfleet" autofs "$catalog")

# What cannot be meant.
refuses()
{
	exits 1 "$ostfleet" run "$@" 2>&1
}
ok 'an unknown step is refused' refuses "$catalog" "$out" -- burn
ok 'so is an unknown format' refuses "$catalog" "$out" -- export:msg
ok 'and a proof of nothing' refuses "$catalog" "$out" -- verify
ok 'an index of nothing' refuses "$catalog" "$out" -- export:mbox index
ok 'an import to nobody' refuses "$catalog" "$out" -- import
ok 'ssh without hosts' refuses --engine ssh "$catalog" "$out" -- check
ok 'an engine that is none' refuses --engine horse "$catalog" "$out" -- check
sed 's/"name":"[^"]*"/"name":"..\/..\/etc"/' "$catalog" >"$tmp/hostile.jsonl"
ok 'a name that leads elsewhere' refuses "$tmp/hostile.jsonl" "$out" -- check
ok 'a catalogue that is none' refuses "$tmp/users.csv" "$out" -- check
ok 'a directory that cannot be written' exits 12 "$ostfleet" run "$catalog" \
	"$tmp/said/no" -- check

# Every string of a store is escaped, in the page and in the table.
"$here/hostile.py" make "$out" "$tmp/evil"
ok 'a report of hostile names' exits 40 "$ostfleet" report "$tmp/evil"
ok '  shows them as text' "$here/hostile.py" check "$tmp/evil"
ok '  and moves no terminal' not grep -q $'[\x01-\x08\x0b-\x1f\x7f]' "$tmp/out"
finish
