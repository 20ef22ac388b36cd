#!/bin/bash
# import_maildir.sh - mutt, notmuch and Dovecot take -o layout=maildir as it is
#
#	import_maildir.sh OSTFS OSTFORGE

. "$(dirname "$0")/import_common.sh"
needs mutt notmuch dovecot doveadm script
m=$tmp/m
# Dovecot reads no mail as root.
ids=("$(id -u)" "$(id -g)") how=layout=maildir
((EUID != 0)) || ids=(65534 65534) how+=,allow_other

maildirs()
{
	find "$m" -type d -name cur -printf '%h\n' | sort
}

# How many mails of a Maildir are read, and how many are not, in its names.
count_names()
{
	local read all

	all=$(find "$1/cur" -type f | wc -l)
	read=$(find "$1/cur" -type f -name '*:2,*S*' | wc -l)
	echo "$read $((all - read))"
}

# The same as mutt sees it: it is made to tell of each mail.
count_mutt()
{
	local push=

	for which in 'r ~R' 'u !~R'; do
		push+="<untag-pattern>~A<enter><tag-pattern>${which#* }<enter>"
		push+="<tag-prefix-cond><pipe-message>echo ${which%% *} >>"
		push+="$tmp/said<enter><end-cond>"
	done
	: >"$tmp/said"
	HOME=$tmp TERM=vt100 timeout 100 script -qec "mutt -n -R \
		-F /dev/null -f '$1' -e 'set pipe_split=yes wait_key=no' \
		-e 'push \"$push<exit>\"'" /dev/null </dev/null >/dev/null 2>&1
	echo "$(grep -c r "$tmp/said") $(grep -c u "$tmp/said")"
}

# Three folders with the fewest mails: mutt starts a program for each.
mutt_agrees()
{
	local d want

	while read -r d; do
		want=$(count_names "$d")
		[[ $(count_mutt "$d") == "$want" ]] || {
			echo "mutt does not see $want: $d"
			return 1
		}
	done < <(maildirs | while read -r d; do
		n=$(find "$d/cur" -type f | wc -l)
		((n == 0)) || printf '%s\t%s\n' "$n" "$d"
	done | sort -n | head -n 3 | cut -f2-)
}

notmuch_takes_all()
{
	export NOTMUCH_CONFIG=$tmp/notmuch.conf
	rm -rf "$tmp/index" && mkdir "$tmp/index"
	printf '[database]\npath=%s\nmail_root=%s\n' "$tmp/index" "$m" \
		>"$NOTMUCH_CONFIG"
	printf '[maildir]\nsynchronize_flags=true\n' >>"$NOTMUCH_CONFIG"
	notmuch new --quiet &&
		[[ $(notmuch search --output=files '*' | wc -l) == \
			$(find "$m" -path '*/cur/*' -type f | wc -l) ]]
}

# A folder has the mails in Dovecot that it has, and as many are unseen.
dovecot_agrees()
{
	local d name want got
	local where=maildir:$m:LAYOUT=fs:UTF-8:INBOX=$m/Inbox

	where+=:INDEX=$tmp/dovecot/index:CONTROL=$tmp/dovecot/control
	rm -rf "$tmp/dovecot" && mkdir -p "$tmp/dovecot"/{run,index,control}
	cat >"$tmp/dovecot/conf" <<-END
		protocols =
		base_dir = $tmp/dovecot/run
		state_dir = $tmp/dovecot
		log_path = $tmp/dovecot/log
		ssl = no
		first_valid_uid = 0
		first_valid_gid = 0
		default_internal_user = $(id -un)
		default_internal_group = $(id -gn)
		default_login_user = $(id -un)
		mail_uid = ${ids[0]}
		mail_gid = ${ids[1]}
		mail_location = $where
		namespace inbox {
		  inbox = yes
		  separator = /
		}
	END
	((EUID != 0)) || {
		chmod 755 "$tmp" && chown -R "${ids[0]}" "$tmp/dovecot"
	}
	while read -r d; do
		name=${d#"$m"} name=${name#/}
		[[ -n $name && $name != Inbox ]] || continue
		want=$(count_names "$d")
		got=$(HOME=$tmp USER=x doveadm -c "$tmp/dovecot/conf" \
			mailbox status 'messages unseen' "$name") || return 1
		got=$(sed -E 's/.*messages=([0-9]+) unseen=([0-9]+)/\1 \2/' \
			<<<"$got")
		got="$((${got% *} - ${got#* })) ${got#* }"
		[[ $want == "$got" ]] || {
			echo "Dovecot has $got, there are $want: $name"
			return 1
		}
	done < <(maildirs)
}

for store in "${stores[@]}"; do
	ok "${store##*/} mounts" start -o "$how" "$store" "$m"
	ok '  mutt sees what is read' mutt_agrees
	ok '  notmuch takes every mail' notmuch_takes_all
	ok '  Dovecot sees it too' dovecot_agrees
	tell
	ok '  it unmounts' stop "$m"
done
finish
