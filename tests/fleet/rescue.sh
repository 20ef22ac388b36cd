#!/bin/bash
# rescue.sh - the whole rescue: twenty stores of twelve people, one damaged and
# one of zeros, through ostfleet on several machines, into a mail server and one
# for calendars and contacts
#
#	rescue.sh OSTFS OSTFORGE TOOLS OSTFLEET slurm|ssh [PERSON...]
#
# The machines are daemons on this one: two nodes of Slurm, or two sshd of
# which one is killed in the middle. The calendars are those of some people, or
# of all.

forge=$2 tools=$3 ostfleet=$4 engine=$5 dated=("${@:6}")
set -- "$1" "$2"
. "$(dirname "$0")/../mount_common.sh"
here=$(cd "$(dirname "$0")" && pwd)
. "$here/engines.sh"
. "$here/company.sh"
export PATH=$tools:$PATH PYTHONDONTWRITEBYTECODE=1
pcs=$tmp/PCs out=$tmp/rescue catalog=$tmp/catalog.jsonl
trap 'stop_engines; clean_up' EXIT
# Leaks are for the tests of each program; here there are some 150 runs.
export ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0

finds()
(
	cd "$tmp" && "$ostfleet" find PCs >"$catalog" 2>said && cat said
)

row()
{
	jq -r --arg name "$1" ".stores[] | select(.name == \$name) | $2" \
		"$out/report.json"
}

((${#dated[@]})) || dated=("${people[@]}")
steps=(check export verify import dav)
run()
{
	local got=0

	timeout 800 "$ostfleet" run --engine "$engine" "$@" \
		--users "$tmp/users.csv" --dav "$tmp/dav.csv" \
		"$catalog" "$out" -- "${steps[@]}" >"$tmp/ran" 2>&1 || got=$?
	tail -n 40 "$tmp/ran"
	is 40 echo "$got"
}

# Kill the daemon of a node, and what it has begun, when that has work to do.
node_dies()
{
	local n pid

	for ((n = 0; n < 600; n++)); do
		! grep -qs '"node": "n2"' "$out"/ledger/*.json || break
		sleep 0.1
	done
	for pid in $(pgrep -P "$1" || true); do
		pkill -9 -P "$pid" || true
		kill -9 "$pid" 2>/dev/null || true
	done
	kill -9 "$1"
}

two_work()
{
	is "$1" jq -r '[.stores[].node] | unique | join(" ")' "$out/report.json"
}

make_company
ok 'it finds twenty stores' finds
ok '  of twelve mailboxes, and says which are not whole' grep -q \
	'^20 stores, .*; 12 mailboxes' "$tmp/said"
ok '  the older cache of a mailbox is told' is 1 \
	jq -s 'map(select(.same_mailbox_as)) | length' "$catalog"
ok 'a mail server starts' start_dovecot
ok 'and one for calendars' start_radicale
"$ostfleet" users "$catalog" "imap://$imap" >"$tmp/listed"
complete_users "$tmp/listed" "$tmp/dovecot/password" "imap://$imap" \
	>"$tmp/users.csv"
complete_users "$tmp/listed" "$tmp/dovecot/password" "http://$dav/" \
	"${dated[@]}" >"$tmp/dav.csv"
if [[ $engine == slurm ]]; then
	ok 'two nodes of Slurm start' start_slurm n1 n2
	ok 'all stores are taken care of' run
	ok '  by both nodes' two_work 'n1 n2'
else
	ok 'two nodes with sshd start' start_ssh n1 n2
	printf '2/n1\n2/n2\n' >"$tmp/nodes"
	node_dies "$ssh_n2" &
	ok 'all stores are taken care of, though a node dies' \
		run --nodes "$tmp/nodes"
	wait $!
	ok '  what it had begun is done by the other' two_work 'n1 n2'
fi
ok 'every mailbox has every mail once, with its flags and date' \
	"$here/check_fleet.py" "$imap" "$tmp/truth"
ok 'every calendar and address book has every item once' \
	"$here/check_fleet.py" --dav "$tmp/radicale/store" "$tmp/truth" \
	"${dated[@]}"
counted()
{
	"$ostfleet" report "$out" | awk '$1 == "anna@corp.example" { print $6 }'
}
ok 'mails and what else there is are counted together' is 10 counted
ok 'two stores need somebody' is 18 jq .totals.complete "$out/report.json"
ok '  the zeros' is 'false false' row 'lena@corp.example [PC-14]' \
	'"\(.proven) \(.without_loss)"'
ok '  of which it is said why' grep -q 'nothing but zeros' \
	<(row 'lena@corp.example [PC-14]' .why)
ok '  and the damaged one' is 'false 2' row 'kurt - archive' \
	'"\(.without_loss) \(.lost)"'
ok '  of which it is said, too' grep -q '2 listed, but not in the store' \
	<(row 'kurt - archive' .why)
stop_engines
finish
