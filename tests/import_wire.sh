#!/bin/bash
# import_wire.sh - ostimport over bad lines, to servers that can little, and
# with what an account has already
#
#	import_wire.sh OSTFS OSTFORGE OSTIMPORT OSTEXPORT [CUTS]

. "$(dirname "$0")/mount_common.sh" "$1" "$2"
. "$(dirname "$0")/real_common.sh" pstextractortest@outlook.com.ost
ostforge=$2 ostimport=$3 ostexport=$4 cuts=${5:-10}
real=$OST_REAL_STORES/pstextractortest@outlook.com.ost
here=$(cd "$(dirname "$0")" && pwd)
export PYTHONDONTWRITEBYTECODE=1
. "$here/import_server.sh"
needs dovecot doveadm setpriv python3 openssl
special=create plugins=quota quota=20M tls=yes tls_port=10993

# through OPTION...: from now on by way of a proxy that does that
through()
{
	via=10144
	start_proxy "$address:$via" "$@"
}

direct()
{
	stop_proxy
	via=$port
}

# put USER [OPTION...] SOURCE
put()
{
	timeout 120 "$ostimport" --password-file "$home/password" "${@:2}" \
		"imap://$1@$address:$via"
}

exits()
{
	local want=$1 got=0
	shift

	"$@" || got=$?
	is "$want" echo "$got"
}

# says LINE COMMAND...: it succeeds, and that is a line it prints.
says()
{
	local line=$1
	shift

	"$@" >"$tmp/said" 2>&1 && cat "$tmp/said" &&
		grep -qxF -- "$line" "$tmp/said"
}

# tells PATTERN CODE COMMAND...: it ends so, and a line that fits, once.
tells()
{
	local pattern=$1 code=$2 got=0
	shift 2

	"$@" >"$tmp/said" 2>&1 || got=$?
	cat "$tmp/said"
	is "$code" echo "$got" && is 1 grep -c -- "$pattern" "$tmp/said"
}

same()
{
	"$here/import/same.py" "$address:$port" "$1" secret "$2" "${@:3}"
}

# All mails of $many, once, whatever is done to the connection.
survives()
{
	through "${@:2}" && put "$1" --retry 30 "$tmp/many.pst" &&
		direct && same "$1" "$tmp/many"
}

goes_without()
{
	through --hide "${@:2}" && put "$1" --verify=bytes "$tmp/many.pst" &&
		direct && same "$1" "$tmp/many"
}

# Three of 100 are refused, told, and in the report; the next run adds them.
tells_the_refused()
{
	through --no 40 --hide MULTIAPPEND LITERAL+ LITERAL- &&
		tells 'not this time' 40 put refuse --batch 1 \
			--connections 1 --report "$tmp/report" \
			--folder Inbox "$tmp/refuse" &&
		python3 - "$tmp/report" <<-'END' &&
			import json, sys
			r = json.load(open(sys.argv[1]))
			assert r["exit"] == 40 and r["failed"] == 1, r
			assert r["refused"][0]["why"] == "not this time", r
			assert r["refused"][0]["path"].startswith("Inbox/"), r
			assert r["added"] == 39, r
		END
		direct && says '1 mails added, 39 there already, 0 failed' \
			put refuse "$tmp/refuse"
}

make_refusable()
{
	local i

	mkdir -p "$tmp/refuse/Inbox"
	for i in {1..40}; do
		printf 'Message-ID: <%s@x>\r\n\r\n%s\r\n' \
			"$i" "$i" >"$tmp/refuse/Inbox/$i.eml"
	done
}

# The mailbox is full: one sentence that says what to do, and no more.
says_that_it_is_full()
{
	local i

	mkdir -p "$tmp/big/Inbox" && for i in {1..5}; do
		{
			printf 'Message-ID: <big%s@x>\r\n\r\n' "$i"
			head -c 6000000 /dev/zero | tr '\0' x
		} >"$tmp/big/Inbox/$i.eml"
	done
	tells 'the mailbox is full: .*raise its quota' 40 put quota --batch 1 \
		"$tmp/big" && is 1 grep -c '^ostimport: ' "$tmp/said" &&
		grep -qx '3 mails added, 0 there already, 0 failed' "$tmp/said"
}

# What is for sent mail there is where sent mail goes, by whatever name.
meets_roles()
{
	put roles "$real" >"$tmp/said" && cat "$tmp/said" &&
		grep -q '^INBOX: ' "$tmp/said" && grep -q '^Sent: ' "$tmp/said" &&
		not grep -q '^Sent Items' "$tmp/said" &&
		put byname --no-roles "$real" >"$tmp/said" &&
		grep -q '^Sent Items' "$tmp/said"
}

# Two caches of one mailbox, with the mails in other folders, are one.
merges_caches()
{
	cp -r "$tmp/many" "$tmp/moved" && mkdir "$tmp/moved/Elsewhere" &&
		mv "$tmp/moved/Inbox"/*.eml "$tmp/moved/Elsewhere" &&
		put merge --dedupe=account "$tmp/many" &&
		says '0 mails added, 100 there already, 0 failed' \
			put merge --dedupe=account "$tmp/moved" &&
		same merge "$tmp/many"
}

# With a journal nothing is asked for a mail, and little for a mailbox.
asks_nothing()
{
	put journal --journal "$tmp/journal" "$tmp/many.pst" &&
		through --count "$tmp/count" &&
		says '0 mails added, 100 there already, 0 failed' \
			put journal --journal "$tmp/journal" "$tmp/many.pst" &&
		direct && not grep -Eq 'FETCH|APPEND|CREATE' "$tmp/count" &&
		grep -q EXAMINE "$tmp/count"
}

# Another mailbox of that name is asked what it has.
sees_a_new_mailbox()
{
	local box doveadm=("${as[@]}" doveadm -c "$home/conf")

	box=$("${doveadm[@]}" mailbox list -u journal | grep -v INBOX |
		head -n 1) && [[ -n $box ]] &&
		"${doveadm[@]}" mailbox delete -u journal "$box" &&
		not same journal "$tmp/many" &&
		put journal --journal "$tmp/journal" --verify "$tmp/many.pst" &&
		same journal "$tmp/many"
}

keeps_journals_apart()
{
	exits 1 put other --journal "$tmp/journal" "$tmp/many.pst"
}

# A run that is killed goes on, and puts nothing twice.
goes_on()
{
	local pid

	through --delay 60
	"$ostimport" --password-file "$home/password" --batch 5 \
		--connections 1 --journal "$tmp/killed" "$tmp/many.pst" \
		"imap://killed@$address:$via" &
	pid=$!
	until [[ $(wc -l <"$tmp/killed" 2>/dev/null || echo 0) -gt 10 ]]; do
		kill -0 "$pid" || return 1
		sleep 0.05
	done
	kill -KILL "$pid"
	wait "$pid" || true
	direct
	put killed --journal "$tmp/killed" "$tmp/many.pst" &&
		same killed "$tmp/many"
}

filters()
{
	put filter --folder Inbox "$tmp/refuse" &&
		says '0 mails added, 0 there already, 0 failed' put filter \
			--since 2100-01-01 "$tmp/refuse" &&
		printf 'Inbox\tOld/Post\n' >"$tmp/map" &&
		says 'Old/Post: 40 to add, 0 there already' put filter \
			--dry-run --map "$tmp/map" "$tmp/refuse"
}

many_users()
{
	cat >"$tmp/users.csv" <<-END
		store,url,user,secret
		# two of them, and one whose password is wrong
		$tmp/many.pst,imap://$address:$port,ann,$home/password
		"$tmp/refuse",imap://$address:$port,bob,!exit 3
		$tmp/refuse,imap://$address:$port,eve,/dev/null
	END
	exits 1 "$ostimport" --users "$tmp/nowhere" || return
	exits 40 "$ostimport" --users "$tmp/users.csv" --report "$tmp/users" ||
		return
	sed -i "s|!exit 3|$home/password|; /eve/d" "$tmp/users.csv"
	"$ostimport" --users "$tmp/users.csv" --report "$tmp/users" &&
		same ann "$tmp/many" && same bob "$tmp/refuse" &&
		python3 - "$tmp/users" <<-'END'
			import json, sys
			top = sys.argv[1]
			users = json.load(open(top + "/users.json"))["users"]
			assert [u["exit"] for u in users] == [0, 0], users
			assert json.load(open(top + "/bob.json"))["added"] == 40
		END
}

# A certificate that nobody signed: it says which, and how to trust it.
tells_of_the_certificate()
{
	local url=imaps://tls@$address:$tls_port

	tells 'mail.example.com.*--cafile' 1 "$ostimport" \
		--password-file "$home/password" "$tmp/refuse" "$url" &&
		"$ostimport" --password-file "$home/password" \
			--cafile "$home/cert.pem" "$tmp/refuse" "$url" &&
		same tls "$tmp/refuse"
}

# straight SENTENCE COMMAND...: as ok, without what the one before left behind
straight()
{
	direct
	ok "$@"
}

ok 'the server starts' start_server
trap 'direct; stop_server; clean_up' EXIT
direct
"$ostforge" -o "$tmp/many.pst" --messages 100 --folders 7 --format ansi
"$ostexport" "$tmp/many.pst" "$tmp/many" 2>/dev/null
rm -rf "$tmp/many/.ostexport"
make_refusable
"$ostforge" -o "$tmp/list.pst" --format ansi --encoding none --messages 6 \
	--folders 2 --damage root-list
ok 'all bytes are there' put plain --verify=bytes "$tmp/many.pst"
ok 'once' same plain "$tmp/many"
straight "the line is cut $cuts times" survives cuts --cut "$cuts" 7
straight 'also before it is well begun' survives early --cut 4 3 --span 400
straight 'and where it can but one mail at a time' survives single --cut 5 8 \
	--hide MULTIAPPEND
straight 'no MULTIAPPEND' goes_without nomulti MULTIAPPEND
straight 'no literals without waiting, no UIDs' goes_without noplus LITERAL+ \
	LITERAL- MULTIAPPEND UIDPLUS
straight 'what is refused is told' tells_the_refused
straight 'a list that is lost is a loss, though all mails are found' tells \
	'parts of it are lost: ostcheck --deep says which' 40 put list "$tmp/list.pst"
straight 'a full mailbox is told once' says_that_it_is_full
straight 'roles meet roles' meets_roles
straight 'two caches are one mailbox' merges_caches
straight 'a second run asks nothing for a mail' asks_nothing
straight 'a mailbox that was made anew is filled' sees_a_new_mailbox
straight 'a journal is of one account' keeps_journals_apart
straight 'a run that was killed goes on' goes_on
straight 'only what is asked for' filters
straight 'many users' many_users
straight 'a certificate is told' tells_of_the_certificate
straight 'no password is on the command line' exits 1 "$ostimport" "$tmp/many.pst" \
	"imap://ann:secret@$address:$port"
finish
