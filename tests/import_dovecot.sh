#!/bin/bash
# import_dovecot.sh - a mounted store in a mail server: tools/ostimport puts it
# there, and import/check_imap.py asks the server what it makes of it
#
#	import_dovecot.sh OSTFS OSTFORGE OSTIMPORT

. "$(dirname "$0")/import_common.sh"
. "$here/import_server.sh"
ostimport=$3
needs dovecot doveadm setpriv python3 cp

# add USER [OPTION...] DIR
add()
{
	"$ostimport" --password-file "$home/password" "${@:2}" \
		"imap://$1@$address:$port"
}

check()
{
	"$here/import/check_imap.py" "$address:$port" "$1" secret "${@:2}"
}

exits()
{
	local want=$1 got=0
	shift

	"$@" || got=$?
	is "$want" echo "$got"
}

# says SENTENCE COMMAND...: it succeeds, and that is a line it prints.
says()
{
	local line=$1
	shift

	"$@" >"$tmp/said" && cat "$tmp/said" && grep -qxF -- "$line" "$tmp/said"
}

how()
{
	case $1 in
	states) echo --states ;;
	sample | many) printf '%s\n' --manifest "$tmp/$1.manifest" ;;
	esac
}

imports()
{
	local name=${1##*/} args

	name=${name%%[.@]*}
	mapfile -t args < <(how "$name")
	ok "$name mounts" start -o items=eml,xattrs "$1" "$m"
	ok '  it is put on the server' add "$name" "$m"
	ok '  the server has all of it, as it is' check "$name" "$m" "${args[@]}"
	tell
	ok '  it unmounts' stop "$m"
}

# What goes another way than straight through, with the sample.
part_is_completed()
{
	cp -r --preserve=timestamps "$m" "$tmp/copy" && chmod -R u+w "$tmp/copy" &&
		rm -r "$tmp/copy"/{Calendar,Tasks} "$tmp/copy/Inbox/"*'[200044'* &&
		says '14 mails added, 0 there already, 0 failed' \
			add part "$tmp/copy" &&
		says '3 mails added, 14 there already, 0 failed' \
			add part "$m" && check part "$m"
}

sees_what_cannot_be_read()
{
	ln -s nowhere "$tmp/copy/Inbox/gone.eml" &&
		exits 40 add faulty "$tmp/copy"
}

# D6: what senders can write is put there, all of it, and only once.
takes_hostile_mails()
{
	local all doubted

	read -r all doubted < <("$here/import/hostile.py" --make \
		"$tmp/hostile") &&
		! add hostile "$tmp/hostile" >"$tmp/said" && cat "$tmp/said" &&
		grep -qx "$all mails added, 0 there already, 0 failed" \
			"$tmp/said" &&
		grep -q "^$doubted mails lack a category, or have another date" "$tmp/said" &&
		says "0 mails added, $all there already, 0 failed" \
			add hostile "$tmp/hostile"
}

goes_below()
{
	add below --under 'Old/My mail' "$m" &&
		says '0 mails added, 17 there already, 0 failed' \
			add below --under 'Old/My mail' "$m" &&
		says 'Old/My mail/Inbox: 0 to add, 10 there already' \
			add below --dry-run --under 'Old/My mail' "$m"
}

goes_through_a_tunnel()
{
	"$ostimport" --tunnel "${as[*]} doveadm -c '$home/conf' exec imap -u \
		tunnel" "$m" && check tunnel "$m"
}

m=$tmp/m
ok 'the server starts' start_server
trap 'stop_server; clean_up' EXIT
for store in "${stores[@]}"; do
	imports "$store"
done

ok 'the sample mounts again' start -o items=eml,xattrs "$tmp/sample.ost" "$m"
ok 'it is not put there twice' says \
	'0 mails added, 17 there already, 0 failed' add sample "$m"
ok 'a dry run says what it would do' says \
	'17 mails to add, 0 there already, 0 failed' add dry --dry-run "$m"
ok 'and does nothing' says 'INBOX: 10 to add, 0 there already' \
	add dry --dry-run "$m"
ok 'another folder can be the INBOX' says 'INBOX: 1 to add, 0 there already' \
	add dry --dry-run --inbox Notes "$m"
ok 'what is missing is added' part_is_completed
ok 'a mail that cannot be read is said' sees_what_cannot_be_read
ok 'no mail that can be sent stops it' takes_hostile_mails
ok 'it can go below a mailbox' goes_below
ok 'it can go through a tunnel' goes_through_a_tunnel
ok 'a wrong password is said' exits 1 "$ostimport" --password-file /dev/null \
	"$m" "imap://sample@$address:$port"
ok 'so is a server that is not there' exits 1 add 'sample@127.0.0.0:1#' "$m"
ok 'and a directory that is not there' exits 11 add sample "$tmp/nowhere"
ok 'it unmounts' stop "$m"
ok 'it mounts as calendars and address books have it' start \
	"$tmp/sample.ost" "$m"
ok 'what is no mail is counted' says \
	'4 files are not mails and were left out; mount with -o items=eml for them' \
	add native "$m"
ok 'it unmounts' stop "$m"
stop_server
finish
