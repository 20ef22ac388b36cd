#!/bin/bash
# servers.sh - servers and programs take what was exported, all of it
#
#	servers.sh OSTFS OSTFORGE TOOLS
#
# Dovecot serves the Maildir as it is, and imports it; Radicale takes each
# calendar and address book of the bundle; khal shows the events of the vdir;
# Python has a row an item of the table.

forge=$2 tools=$3
set -- "$1" "$2"
. "$(dirname "$0")/../mount_common.sh"
. "$(dirname "$0")/../fleet/engines.sh"
export PATH=$tools:$PATH
trap 'stop_engines; clean_up' EXIT
"$forge" -o "$tmp/states.pst" --states
x=$tmp/x

# --- a mail server -------------------------------------------------------------

as=()
((EUID != 0)) || as=(setpriv --reuid=65534 --regid=65534 --clear-groups)

# What is in a Maildir: of each mail its hash, and whether it was read.
mails()
{
	find "$1" -path '*/cur/*' -type f | while read -r file; do
		printf '%s %s\n' "$(sha256sum <"$file" | cut -d' ' -f1)" \
			"$([[ $file == *:2,*S* ]] && echo read || echo new)"
	done | sort
}

# served USER: the same of what the server gives a user.
served()
{
	python3 - "$imap" "$1" <<-'END' | sort
		import hashlib, imaplib, re, sys
		host, port = sys.argv[1].split(":")
		server = imaplib.IMAP4(host, int(port))
		server.login(sys.argv[2], "secret")
		for line in server.list()[1]:
		    name = re.search(rb' ("(?:[^"\\]|\\.)*"|\S+)$', line).group(1)
		    if rb"\Noselect" in line:
		        continue
		    count = int(server.select(name.decode(), True)[1][0])
		    for n in range(1, count + 1):
		        got = server.fetch(str(n), "(FLAGS BODY.PEEK[])")[1]
		        said = b" ".join(p if isinstance(p, bytes) else p[0] for p in got)
		        body = next(p[1] for p in got if isinstance(p, tuple))
		        print(hashlib.sha256(body).hexdigest(),
		              "read" if rb"\Seen" in said else "new")
	END
}

same_mails()
{
	diff <(mails "$x") <(served "$1") && [[ -n $(mails "$x") ]]
}

keywords_are_known()
{
	"${as[@]}" doveadm -c "$tmp/dovecot/conf" fetch -u sorted flags \
		mailbox '*' ALL >"$tmp/flags"
	cat "$tmp/flags"
	grep -q "$1" "$tmp/flags"
}

ok 'a Maildir' ostexport -f maildir "$tmp/states.pst" "$x"
mkdir -p "$tmp/dovecot/mail/served"
cp -a "$x" "$tmp/dovecot/mail/served/mail"
rm -r "$tmp/dovecot/mail/served/mail/.ostexport"
ok 'a mail server starts' start_dovecot
ok 'it has every mail of the Maildir, read or not' same_mails served
ok 'and imports it' "${as[@]}" doveadm -c "$tmp/dovecot/conf" import -u taken \
	"maildir:$tmp/dovecot/mail/served/mail" '' ALL
ok 'every mail, read or not' same_mails taken
rm -rf "$x"
ok 'a Maildir with categories' ostexport -f maildir "$store" "$x"
cat "$x"/.[!.]*/dovecot-keywords "$x/dovecot-keywords" 2>/dev/null |
	cut -d' ' -f2 >"$tmp/keywords" || :
mkdir -p "$tmp/dovecot/mail/sorted"
cp -a "$x" "$tmp/dovecot/mail/sorted/mail"
((EUID != 0)) || chown -R 65534:65534 "$tmp/dovecot/mail"
ok 'has some' test -s "$tmp/keywords"
ok 'that the server knows' keywords_are_known "$(sed -n 1p "$tmp/keywords")"

# --- calendars and contacts ------------------------------------------------------

# put FILE TYPE COMPONENT...: it is taken whole, and has as many of these after.
put()
{
	local file=$1 type=$2 url=http://$dav/anna/$RANDOM$RANDOM/

	shift 2
	curl -sf -u anna:x -X PUT -H "Content-Type: $type; charset=utf-8" \
		--data-binary "@$file" "$url" >/dev/null &&
		curl -sf -u anna:x "$url" >"$tmp/got" || return 1
	is "$(grep -cE "^BEGIN:($1)" "$file")" grep -cE "^BEGIN:($1)" \
		"$tmp/got"
}

bundle_is_taken()
{
	local file n=0

	while read -r file; do
		case $file in
		*.ics) put "$file" text/calendar 'VEVENT|VTODO' ;;
		*) put "$file" text/vcard VCARD ;;
		esac || { echo "not taken: $file"; return 1; }
		n=$((n + 1))
	done < <(find "$1" -name '*.ics' -o -name '*.vcf')
	((n > 1))
}

ok 'a server of calendars starts' start_radicale
ok 'and knows its user' curl -sf -u anna:x -X PROPFIND "http://$dav/anna/"
ok 'a bundle' ostexport -f bundle "$store" "$tmp/bundle"
ok 'each of whose files it takes' bundle_is_taken "$tmp/bundle"

# khal shows each event of the vdir on its day.
shown_by_khal()
{
	local file day title n=0

	printf '%s\n' '[calendars]' '[[c]]' "path = $tmp/vdir/Calendar" \
		'[locale]' 'local_timezone = UTC' 'default_timezone = UTC' \
		'dateformat = %Y-%m-%d' 'longdateformat = %Y-%m-%d' \
		'timeformat = %H:%M' 'datetimeformat = %Y-%m-%d %H:%M' \
		'longdatetimeformat = %Y-%m-%d %H:%M' \
		'[sqlite]' "path = $tmp/khal.db" >"$tmp/khal"
	for file in "$tmp"/vdir/Calendar/*.ics; do
		day=$(sed -nE 's/^DTSTART[^:]*:(....)(..)(..).*/\1-\2-\3/p' \
			"$file" | head -n 1)
		title=$(sed -n 's/^SUMMARY:\([^\r]*\).*/\1/p' "$file")
		khal -c "$tmp/khal" list --format '{title}' "$day" 1d |
			grep -F "$title" || return 1
		n=$((n + 1))
	done
	((n > 0))
}
ok 'a vdir' ostexport -f vdir "$store" "$tmp/vdir"
ok 'whose events khal shows on their days' shown_by_khal

# --- tables -----------------------------------------------------------------------

rows()
{
	python3 - "$tmp/table" <<-'END'
		import csv, json, sys
		top = sys.argv[1]
		lines = [json.loads(l) for l in open(top + "/index.jsonl", encoding="utf-8")]
		with open(top + "/index.csv", encoding="utf-8", newline="") as f:
		    rows = list(csv.DictReader(f, strict=True))
		assert len(rows) == len(lines) > 0, (len(rows), len(lines))
		for line, row in zip(lines, rows):
		    assert None not in row and None not in row.values(), row
		    for key, value in line.items():
		        if key == "attachments":
		            value = "; ".join(a["name"] for a in value)
		        assert row[key] == str(value), (key, row[key], value)
	END
}
ok 'a table' ostexport -f index "$store" "$tmp/table"
ok 'has the same in both its forms, as Python reads them' rows
stop_engines
finish
