#!/bin/bash
# dav.sh - calendars and address books of a store in a CalDAV server, by
# vdirsyncer as ostexport configures it; and nobody is invited again
#
#	dav.sh OSTFS OSTFORGE TOOLS OSTFLEET

forge=$2 tools=$3 ostfleet=$4
set -- "$1" "$2"
. "$(dirname "$0")/../mount_common.sh"
. "$(dirname "$0")/engines.sh"
# Leaks are for the tests of each program, of which there are many runs here.
export ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0
export PATH=$tools:$PATH
out=$tmp/rescue config=$tmp/rescue/export/vdir/anna@corp.example
config+=/.ostexport/vdirsyncer.conf
trap 'stop_engines; clean_up' EXIT

run()
{
	cd "$tmp" && "$ostfleet" run --dav dav.csv catalog.jsonl "$out" -- dav \
		>"$tmp/ran" 2>&1 || [[ $? == 40 ]] || { cat "$tmp/ran"; return 1; }
	cat "$tmp/ran"
	is 0 jq '.stores[0].steps[0].exit' "$out/report.json"
}

on_server()
{
	find "$tmp/radicale/store/collection-root" -path '*Radicale*' -prune \
		-o -type f -printf '%P\n' | sed 's|/[^/]*\.|/|' | sort
}

# Lines of people without the parameter, when lines are unfolded.
who_would_be_mailed()
{
	sed -z 's/\r\n[ \t]//g' "$@" | grep -aE '^(ORGANIZER|ATTENDEE)' |
		grep -v ';SCHEDULE-AGENT=CLIENT[;:]'
}

mkdir "$tmp/PCs"
"$forge" --kind ost --format unicode --owner anna --german --messages 2 \
	-o "$tmp/PCs/anna@corp.example.ost"
(cd "$tmp" && "$ostfleet" find PCs >catalog.jsonl 2>said)
ok 'a server starts' start_radicale
printf '%s\n' secret >"$tmp/password"
printf 'anna@corp.example,http://%s/,anna,%s\n' "$dav" "$tmp/password" \
	>"$tmp/dav.csv"
ok 'calendars and contacts are put there' run
ok '  each once, in a collection each, by role and in any language' \
	is "$(printf '%s\n' anna/Aufgaben/ics anna/Kalender/ics \
		anna/Kontakte/vcf)" on_server
ok '  and counted' is 3 jq .totals.dav "$out/report.json"
ok 'a second time, nothing is' eval \
	"vdirsyncer -c '$config' sync 2>&1 | not grep uploading"
ok '  and all is there once' is 3 eval 'on_server | wc -l'
ok 'there are people in it' grep -raq '^ATTENDEE' "$out/export/vdir"
ok 'and nobody is mailed by a server that schedules' is '' eval \
	"who_would_be_mailed '$out'/export/vdir/*/*/*.ics || true"
ok 'a URL that is none is refused' not ostexport -f vdir --vdirsyncer dav \
	"$tmp/PCs/anna@corp.example.ost" "$tmp/x"
ok 'so is another format' not ostexport -f maildir --vdirsyncer http://x/ \
	"$tmp/PCs/anna@corp.example.ost" "$tmp/x"
ok 'a limit that is none is refused' not ostexport -f vdir --attach-limit 9 \
	"$tmp/PCs/anna@corp.example.ost" "$tmp/x"
ok 'so is one of mail' not ostexport -f mbox --attach-limit 1K \
	"$tmp/PCs/anna@corp.example.ost" "$tmp/x"
stop_engines
finish
