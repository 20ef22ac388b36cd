#!/bin/bash
# schedules.sh - a calendar of a store in a server that mails everybody who is
# invited, Cyrus: nobody is mailed
#
#	schedules.sh OSTFS OSTFORGE TOOLS
#
# What it wants to have mailed, Cyrus writes to a socket. Of the same calendar
# without SCHEDULE-AGENT=CLIENT it does, so that the test would see it.

forge=$2 tools=$3
set -- "$1" "$2"
. "$(dirname "$0")/../mount_common.sh"
. "$(dirname "$0")/engines.sh"
export PATH=$tools:$PATH ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0
cyrus=/usr/lib/cyrus/bin d=$tmp/cyrus
trap 'stop_engines; clean_up' EXIT
((EUID == 0)) || { echo "$0: Cyrus is started by root" >&2; exit 1; }

listens()
{
	python3 -u - "$d/notify" >"$tmp/mailed" <<-'END' &
		import os, socket, sys
		s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		s.bind(sys.argv[1])
		os.chmod(sys.argv[1], 0o666)
		while True:
		    print(s.recv(65536).replace(b"\0", b" ").decode())
	END
	pids+=($!)
	until [[ -S $d/notify ]]; do sleep 0.1; done
}

# Its mailbox is made when a mail comes.
make_user()
{
	until [[ -S $d/lmtp ]]; do sleep 0.1; done
	python3 - "$d/lmtp" "$1" <<-'END'
		import smtplib, sys
		with smtplib.LMTP(sys.argv[1]) as server:
		    server.sendmail("x@example.com", sys.argv[2], "X: y\n\nz\n")
	END
}

start_cyrus()
{
	dav=127.0.0.1:$(free_port)
	mkdir -p "$d/conf/socket" "$d/conf/db" "$d/spool"
	printf '%s\n' "configdirectory: $d/conf" 'defaultpartition: default' \
		"partition-default: $d/spool" "proc_path: $d/proc" \
		"mboxname_lockpath: $d/lock" 'admins: cyrus' \
		'unixhierarchysep: yes' 'altnamespace: yes' \
		'httpmodules: caldav carddav' 'allowplaintext: yes' \
		'sasl_pwcheck_method: auxprop' 'sasl_mech_list: PLAIN' \
		'sasl_auxprop_plugin: sasldb' "sasl_sasldb_path: $d/users" \
		'servername: localhost' 'autocreate_users: anyone' \
		'autocreate_quota: 0' 'autocreate_post: yes' \
		'calendar_user_address_set: example.com' \
		'caldav_allowscheduling: on' 'imipnotifier: imip' \
		"notifysocket: $d/notify" "lmtpsocket: $d/lmtp" \
		>"$d/imapd.conf"
	printf '%s\n' 'START {' \
		"recover cmd=\"$cyrus/ctl_cyrusdb -C $d/imapd.conf -r\"" '}' \
		'SERVICES {' \
		"http cmd=\"$cyrus/httpd -C $d/imapd.conf\" listen=\"$dav\"" \
		"lmtp cmd=\"$cyrus/lmtpd -a -C $d/imapd.conf\" listen=\"$d/lmtp\"" \
		'}' >"$d/cyrus.conf"
	echo secret | saslpasswd2 -p -c -f "$d/users" -u localhost alice
	chown -R cyrus:mail "$d"
	setpriv --reuid=cyrus --regid=mail --init-groups "$cyrus/master" -D \
		-C "$d/imapd.conf" -M "$d/cyrus.conf" -p "$d/pid" \
		>"$d/out" 2>&1 &
	pids+=($!)
	listens
	answers "$dav" && make_user alice
}

# puts DIR OPTION...: the calendar
puts()
{
	local to=$tmp/$1
	shift

	ostexport -f vdir "$@" --folder Calendar --vdirsyncer \
		"http://alice@$dav/" --password-file "$tmp/password" \
		"$tmp/alice.ost" "$to" || return
	# Of what is over, Cyrus tells nobody.
	sed -i 's/^\(DTSTART\|DTEND\):2024/\1:2037/' "$to"/Calendar/*.ics
	vdirsyncer -c "$to/.ostexport/vdirsyncer.conf" discover < <(yes) &&
		vdirsyncer -c "$to/.ostexport/vdirsyncer.conf" sync
}

on_server()
{
	curl -s -u alice:secret -X PROPFIND -H 'Depth: 1' \
		"http://$dav/dav/calendars/user/alice/Calendar/" |
		grep -c '<D:href>.*\.ics'
}

echo secret >"$tmp/password"
"$forge" --kind ost --format unicode --owner alice --messages 1 \
	-o "$tmp/alice.ost"
ok 'a server that schedules starts' start_cyrus
ok 'a calendar is put there' puts clients
ok '  with its appointment' is 1 on_server
sleep 1
ok '  and nobody is mailed' is '' cat "$tmp/mailed"
ok 'it is deleted there' curl -sf -u alice:secret -X DELETE \
	"http://$dav/dav/calendars/user/alice/Calendar/"
ok '  and still nobody is mailed' is '' cat "$tmp/mailed"
ok 'the same, told that the server schedules' puts servers \
	--scheduling=server
sleep 1
ok '  it mails who is invited' grep -q '"recipient":"jane@example.org"' \
	"$tmp/mailed"
stop_engines
finish
