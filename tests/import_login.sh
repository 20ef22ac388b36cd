#!/bin/bash
# import_login.sh - who ostimport is to a server, and what it says when it is
# not let in, is told to stop, or finds something else than it put
#
#	import_login.sh OSTFS OSTFORGE OSTIMPORT [TIMES]
#
# TIMES is how often a password comes from a command.

. "$(dirname "$0")/mount_common.sh" "$1" "$2"
ostforge=$2 ostimport=$3 times=${4:-2}
here=$(cd "$(dirname "$0")" && pwd)
export PYTHONDONTWRITEBYTECODE=1
. "$here/import_server.sh"
tls=yes tls_port=10993 log=$home/log
read -r local_port token_port plain_port < <(python3 -c 'import socket
all = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*(s.getsockname()[1] for s in all))')
token='' run=()

# Beyond the others: an administrator for all, tokens, and this machine by name.
mkdir -p "$home"
cat >"$home/more" <<END
auth_master_user_separator = *
auth_mechanisms = plain login xoauth2 oauthbearer
passdb {
  driver = passwd-file
  args = $home/masters
  master = yes
}
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = $home/oauth
}
service imap-login {
  inet_listener local {
    address = 127.0.0.1
    port = $local_port
  }
}
END
echo 'admin:{PLAIN}master' >"$home/masters"
echo master >"$tmp/master"
cat >"$home/oauth" <<END
introspection_mode = get
introspection_url = http://127.0.0.1:$token_port/?token=
username_attribute = email
active_attribute = active
active_value = true
END

tidy()
{
	stop_proxy
	[[ -z $token ]] || kill "$token" 2>/dev/null || true
	stop_server
	clean_up
}

# tells CODE PATTERN COMMAND...: it ends so, and says that in one sentence.
tells()
{
	local code=$1 pattern=$2 got=0
	shift 2

	timeout 120 "$@" >"$tmp/said" 2>&1 || got=$?
	cat "$tmp/said"
	is "$code" echo "$got" && grep -q -- "$pattern" "$tmp/said" &&
		is 1 grep -c '^ostimport: ' "$tmp/said"
}

same()
{
	"$here/import/same.py" "$address:$port" "$1" secret "$tmp/mails"
}

put()
{
	timeout 120 "$ostimport" "$@" 2>&1
}

# A token that has expired is asked for once more, and then all goes well.
takes_tokens()
{
	local hidden who=ann

	for hidden in OAUTHBEARER XOAUTH2; do
		start_proxy "$address:10144" --hide "AUTH=$hidden"
		printf 'stale\ngood-%s\n' "$who" >"$tmp/tokens"
		put --token-command "head -n 1 $tmp/tokens;
			sed -i 1d $tmp/tokens" "$tmp/mails" \
			"imap://$who@$address:10144" && same "$who" || return
		[[ ! -s $tmp/tokens ]] || return
		who=anton
	done
}

tells_of_tokens()
{
	tells 1 'look at the token that --token-command prints' "$ostimport" \
		--token-command 'echo stale' "$tmp/mails" \
		"imap://bea@$address:$port" &&
		tells 1 'exit 3: it failed' "$ostimport" --token-command \
			'exit 3' "$tmp/mails" "imap://bea@$address:$port"
}

# One administrator for one, and for all that a table has.
is_an_administrator()
{
	put --password-file "$tmp/master" --auth-as carl "$tmp/mails" \
		"imap://admin@$address:$port" && same carl &&
		printf '%s,imap://%s,%s,\n' \
			"$tmp/mails" "$address:$port" dora \
			"$tmp/mails" "$address:$port" emil >"$tmp/all.csv" &&
		put --password-file "$tmp/master" --auth-as admin \
			--users "$tmp/all.csv" && same dora && same emil
}

# A table tells what would go where, and nothing is done.
tells_what_it_would_do()
{
	printf '%s,imap://%s,%s,%s\n' \
		"$tmp/mails" "$address:$port" fay "$home/password" \
		"$tmp/mails" "$address:$port" gus "$home/password" \
		>"$tmp/two.csv"
	put --dry-run --users "$tmp/two.csv" --report "$tmp/dry" >"$tmp/said" &&
		cat "$tmp/said" &&
		is 2 grep -c '^INBOX: 12 to add, 0 there already$' "$tmp/said" &&
		grep -qx "$tmp/mails to gus at imap://$address:$port:" \
			"$tmp/said" &&
		is true jq .dry_run "$tmp/dry/gus.json" &&
		not same fay && [[ ! -e $home/mail/fay/mail/.Sent ]] &&
		put --users "$tmp/two.csv" && same fay && same gus
}

# A name of this machine that is not localhost is another one's: encrypted.
starts_tls()
{
	local url=imap://hana@mail.localhost:$local_port

	tells 1 "certificate of .*mail.example.com, by .*, until .*: .*; if it \
is the right server, .*--cafile" "$ostimport" \
		--password-file "$home/password" "$tmp/mails" "$url" &&
		put --password-file "$home/password" \
			--cafile "$home/cert.pem" "$tmp/mails" "$url" &&
		same hana && grep -q 'Login: user=<hana>.*, TLS,' "$log" &&
		not grep -q 'user=<hana>.*secured' <(grep -v TLS "$log")
}

# There is no way round: a server without says so, and gets no password.
wants_tls()
{
	start_proxy "127.0.0.1:$plain_port" --hide STARTTLS --count "$tmp/heard"
	tells 1 'STARTTLS' "$ostimport" --password-file "$home/password" \
		"$tmp/mails" "imap://ivo@mail.localhost:$plain_port" &&
		not grep -Eq 'LOGIN|AUTHENTICATE' "$tmp/heard"
}

# Trust does not help against another name.
tells_the_name()
{
	tells 1 "mail.example.com.*; name the server as its certificate does$" \
		"$ostimport" --password-file "$home/password" \
		--cafile "$home/cert.pem" "$tmp/mails" \
		"imap://ivo@other.localhost:$local_port"
}

tells_the_password()
{
	echo wrong >"$tmp/wrong"
	tells 1 "look at the user's name and the password" "$ostimport" \
		--password-file "$tmp/wrong" "$tmp/mails" \
		"imap://ivo@$address:$port"
}

# A mailbox that cannot be is told once, with how many mails are not there.
tells_the_mailbox()
{
	tells 40 ': 12 mails are not on the server$' "$ostimport" --under 'a//b' \
		--no-roles --password-file "$home/password" "$tmp/mails" \
		"imap://ivo@$address:$port"
}

# Some 400 kB at 200 kB/s take two seconds.
takes_its_time()
{
	local from=${EPOCHREALTIME/./}

	mkdir -p "$tmp/large/Inbox"
	{
		printf 'Message-ID: <l@x>\r\n\r\n'
		head -c 400000 /dev/zero | tr '\0' x
	} >"$tmp/large/Inbox/l.eml"
	put --rate 200K --password-file "$home/password" "$tmp/large" \
		"imap://jill@$address:$port" &&
		((${EPOCHREALTIME/./} - from > 1700000))
}

# What is not as it was put is told: with a journal nothing of it is put again.
verified()
{
	local how=$1 want=$2 got=0

	put --journal "$tmp/journal" --report "$tmp/verified" \
		--verify="$how" --password-file "$home/password" "$tmp/mails" \
		"imap://kurt@$address:$port" || got=$?
	is "$want" jq -c '[.exit, .verified.whole, .verified.missing,
		.verified.twice]' "$tmp/verified"
}

verifies()
{
	local files

	verified bytes '[0,12,0,0]' && verified size '[0,12,0,0]' || return
	mapfile -t files < <(find "$home/mail/kurt/mail/"{cur,new} -type f)
	cp -p "${files[0]}" "${files[0]%/*}/x${files[0]##*/}" # twice
	verified bytes '[0,12,0,1]' || return
	rm "${files[0]%/*}/x${files[0]##*/}"
	sed -i 's/body/BODY/' "${files[1]}" # of the same size
	verified size '[0,12,0,0]' && verified bytes '[40,11,1,0]' || return
	rm "${files[0]}"
	verified size '[40,11,1,0]' && verified bytes '[40,10,2,0]'
}

# Seen to end badly once, while libraries were replaced.
asks_a_command()
{
	local n

	for ((n = 0; n < times; n++)); do
		SSL_CERT_FILE=$home/cert.pem "${run[@]}" "$ostimport" \
			--password-command 'echo secret' "$tmp/mails" \
			"imaps://lena@$address:$tls_port" || return
	done
	same lena
}

make_mails()
{
	local n

	mkdir -p "$tmp/mails/Inbox"
	for n in {1..12}; do
		printf 'Message-ID: <%s@x>\r\n\r\nbody, number %s\r\n' \
			"$n" "$n" >"$tmp/mails/Inbox/$n.eml"
	done
}

make_mails
trap tidy EXIT
# Leaks are for import_wire.sh and import_dovecot.sh: here are many short runs.
export ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0
ok 'the server starts' start_server
python3 "$here/import/oauth.py" "$token_port" &
token=$!
ok 'tokens are taken, and asked for again' takes_tokens
ok 'and one that is none is told' tells_of_tokens
ok 'one administrator does it for others' is_an_administrator
ok 'a table is told before it is done' tells_what_it_would_do
ok 'a connection becomes TLS' starts_tls
ok '  or is none' wants_tls
ok 'a certificate of another name is told' tells_the_name
ok 'a wrong password is told once' tells_the_password
ok 'so is a mailbox that cannot be' tells_the_mailbox
ok 'it goes as slowly as it is told' takes_its_time
ok 'what is there is held against what was put' verifies
ok "a password comes from a command, $times times" asks_a_command
finish
