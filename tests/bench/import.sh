#!/bin/bash
# import.sh - ostimport into a Dovecot: how long, and in how much memory
#
#	import.sh BUILD [WHAT...]
#
# WHAT of: latency mbsync nothing memory; all of them, if none is named. BUILD
# is a Release build. Needs dovecot-imapd, python3, isync and GNU time.

set -euo pipefail
build=$(realpath "$1")
shift
here=$(cd "$(dirname "$0")/.." && pwd)
tmp=$(mktemp -d)
chmod 755 "$tmp"
special=no plugins='' quota=0
. "$here/import_server.sh"
want=${*:-latency mbsync nothing memory}
import=$build/tools/ostimport

end()
{
	stop_proxy
	stop_server
	rm -rf "$tmp"
}

# took WORDS COMMAND...: seconds, and the most that one process held
took()
{
	local words=$1
	shift

	/usr/bin/time -f "$words: %e s, %M KiB" "$@" >"$tmp/said" 2>"$tmp/err" ||
		{ cat "$tmp/said" "$tmp/err"; return 1; }
	tail -n 1 "$tmp/err"
	grep -E '^[0-9]+ mails' "$tmp/said" || true
}

put()
{
	took "$1" "$import" --password-file "$home/password" "${@:3}" \
		"imap://$2@$address:${via:-$port}"
}

forge()
{
	"$build/tests/ostforge" -o "$tmp/$1.pst" --messages "$1" "${@:2}"
}

latency()
{
	forge 2000 --folders 10 --attachments 20000
	start_proxy "$address:10144" --delay 20
	via=10144 put '2,000 mails, 20 ms round trip' far "$tmp/2000.pst"
	stop_proxy
}

mbsync_same()
{
	local mail=$tmp/maildir

	forge 5000 --folders 1 --attachments 20000
	"$build/tools/ostexport" -f maildir "$tmp/5000.pst" "$mail" 2>/dev/null
	rm -rf "$mail/.ostexport"
	cat >"$tmp/mbsyncrc" <<-END
		IMAPAccount a
		Host $address
		Port $port
		User sync
		Pass secret
		SSLType None
		AuthMechs LOGIN

		IMAPStore far
		Account a

		MaildirStore near
		Inbox $mail
		SubFolders Maildir++

		Channel c
		Far :far:
		Near :near:
		Patterns *
		Create Far
		Sync Push
		CopyArrivalDate yes
		SyncState *
	END
	chmod -R u+rw "$mail"
	for i in 1 2 3; do
		put "5,000 mails, run $i" "near$i" "$tmp/5000.pst"
		rm -f "$mail/.mbsyncstate"* "$mail"/.*/.mbsyncstate*
		sed -i "s/^User .*/User sync$i/" "$tmp/mbsyncrc"
		rm -rf "$mail.run" && cp -a "$mail" "$mail.run"
		sed "s|$mail\\b|$mail.run|g" "$tmp/mbsyncrc" >"$tmp/rc"
		took "mbsync of the same Maildir, run $i" mbsync -q -c "$tmp/rc" -a
	done
}

nothing()
{
	forge 100000 --folders 20
	put '100,000 mails' many --journal "$tmp/journal" "$tmp/100000.pst"
	put 'once more, nothing to do' many --journal "$tmp/journal" \
		"$tmp/100000.pst"
}

memory()
{
	forge 20 --attachments 100000000
	put 'an attachment of 100 MB' big "$tmp/20.pst"
}

trap end EXIT
start_server
uptime
for what in $want; do
	case $what in
	latency | nothing | memory) "$what" ;;
	mbsync) mbsync_same ;;
	*) echo "no such: $what" >&2; exit 1 ;;
	esac
done
