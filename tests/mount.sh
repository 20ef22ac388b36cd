#!/bin/bash
# mount.sh - a mounted store through the kernel and the tools people use on it

. "$(dirname "$0")/mount_common.sh"
. "$(dirname "$0")/mount_checks.sh"
m=$tmp/m

sums()
{
	(cd "$1" && find . -type f -print0 | LC_ALL=C sort -z |
		xargs -0 sha256sum)
}

same()
{
	diff <("${@:2}" "$m") <("${@:2}" "$1")
}

found_some()
{
	[[ -n $("$@") ]]
}

largest()
{
	(cd "$1" && find . -type f -printf '%s %P\n') | sort -n | tail -n 1 |
		cut -d' ' -f2-
}

# On a fresh mount and past the page cache, so that each read reaches us.
reads_at_odd_offsets()
{
	local name skip count size

	name=$(largest "$tmp/copy")
	size=$(stat -c %s "$tmp/copy/$name")
	((size > 4096))
	for skip in 0 1 56 57 77 78 79 511 4095 4097 $((size - 5)) "$size"; do
		for count in 1 57 79 4096 131073; do
			cmp <(tail -c +$((skip + 1)) "$tmp/copy/$name" |
				head -c $count) \
				<(dd if="$m/$name" bs=$count count=1 \
					skip="$skip" status=none \
					iflag=direct,skip_bytes) || return 1
		done
	done
}

readers_agree()
{
	local pids=() i

	for i in 1 2 3 4 5 6 7 8; do
		sums "$m" >"$tmp/sums.$i" &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i" || return 1
	done
	sums "$tmp/copy" >"$tmp/sums"
	for i in 1 2 3 4 5 6 7 8; do
		cmp "$tmp/sums" "$tmp/sums.$i" || return 1
	done
}

first_mail()
{
	find "$m" -name '*.eml' | LC_ALL=C sort | sed -n 1p
}

lacks_other_attributes()
{
	local said

	said=$(getfattr -n user.nothing "$(first_mail)" 2>&1) && return 1
	grep -q 'No such attribute' <<<"$said" || { echo "$said"; return 1; }
}

lists_no_attributes()
{
	is '' getfattr -d "$(first_mail)"
}

lists_attributes()
{
	getfattr -d "$(first_mail)" >"$tmp/listed" &&
		grep -q '^user.ost.class="IPM' "$tmp/listed" &&
		grep -q '^user.mime_type="message/rfc822"$' "$tmp/listed"
}

has_no_attributes()
{
	lists_no_attributes &&
		not getfattr -n user.ost.class "$(first_mail)" &&
		lists_no_attributes
}

# Files of a copy can be written, moved, copied over again and removed.
can_be_handled()
{
	is '644' eval "find '$m' -type f -printf '%m\n' | sort -u" &&
		is '755' eval "find '$m' -type d -printf '%m\n' | sort -u" &&
		cp -a "$m" "$tmp/handled" && cp -a "$m/." "$tmp/handled" &&
		setpriv --bounding-set=-all --inh-caps=-all \
			sh -c 'mv "$1/Inbox" "$1/Moved" && rm -r "$1"' sh \
			"$tmp/handled"
}

is_read_only()
{
	local said

	said=$("$@" 2>&1) && { echo "could: $*"; return 1; }
	grep -q 'Read-only file system' <<<"$said" || { echo "$said"; return 1; }
}

refuses_writes()
{
	local mail

	mail=$(first_mail)
	is_read_only touch "$m/x" && is_read_only mkdir "$m/x" &&
		is_read_only rm -f "$mail" && is_read_only mv "$mail" "$m/x" &&
		is_read_only chmod 600 "$mail" && is_read_only touch "$mail" &&
		is_read_only ln -s a "$m/x" && is_read_only ln "$mail" "$m/x" &&
		is_read_only dd if=/dev/null of="$mail" &&
		is_read_only setfattr -n user.a -v b "$mail"
}

control_directory_is_hidden()
{
	is '' find "$m" -name '.*' && [[ -d $m/.ostfs ]] &&
		ls "$m/.ostfs" | grep -qx info.json &&
		python3 -m json.tool "$m/.ostfs/info.json"
}

# By name, as long as it says, and JSON of the thing with that number.
gives_all_properties()
{
	local nid file count=0

	is '' ls "$m/.ostfs/mapi" && not ls "$m/.ostfs/mapi/2.json" || return 1
	for nid in 21 122 $(find "$m" -name '*.attachments' -prune -o -print |
		sed -n 's/.*\[\([0-9a-f]*\)\]\.[a-z]*$/\1/p'); do
		file=$m/.ostfs/mapi/$nid.json
		is "$(stat -c %s "$file")" eval "wc -c <'$file'" &&
			is 1 grep -c "^  \"nid\": \"0x$nid\",\$" "$file" &&
			python3 -m json.tool "$file" /dev/null || return 1
		((++count))
	done
	((count > 10))
}

# A name that is not there is asked for once; then the kernel knows.
has_no_other_names()
{
	not test -e "$m/nothing" && not test -e "$m/nothing" &&
		not test -e "$m/.git" && not ls "$m/nothing"
}

fills_in_statfs()
{
	local size

	size=$(stat -c %s "$store")
	is "$(((size + 511) / 512)) 512 255" stat -fc '%b %S %l' "$m"
}

shows_more_than_the_mailbox()
{
	(($(wc -l <"$tmp/facts") < $(find "$m" -mindepth 1 | wc -l)))
}

is_smaller_than_the_copy()
{
	(($(du -sb "$m" | cut -f1) < $(du -sb "$tmp/copy" | cut -f1)))
}

ok 'it mounts and returns' start "$store" "$m"
ok 'it says nothing then' is '' cat "$tmp/said"
ok 'it mounts read-only and harmless' eval \
	"findmnt -no FSTYPE,OPTIONS '$m' | grep -q \
		'^fuse.ostfs *ro,nosuid,nodev,noexec,'"
ok 'the source is the store' is "$store" findmnt -no SOURCE "$m"
ok 'ls -lR has no complaint' eval "ls -lR '$m' >'$tmp/ls'"
ok 'there are mails' some "$m" -name '*.eml'
ok 'there are attachments' some "$m" -name '*.attachments'
ok 'the size of every file is exact' every_size_is_exact
ok 'block counts follow sizes' every_block_count_follows_the_size
ok 'directories count their links' counts_links
ok 'no name and no inode is there twice' lists_nothing_twice
ok 'cp -a copies all' copies_with_cp
ok 'rsync -a copies all, and nothing the second time' copies_with_rsync_once
ok 'tar carries all' travels_by_tar
ok 'grep -r and rg read all' grep_and_rg_read_all
ok 'du adds up' du_adds_up
ok 'C5: there are no extended attributes' has_no_attributes
ok 'C2: copies can be handled' can_be_handled
ok 'writing is refused' refuses_writes
ok 'the control directory is there and hidden' control_directory_is_hidden
ok 'all properties of everything are there' gives_all_properties
ok 'names that are not there are not there' has_no_other_names
ok 'df is told the size of the store' fills_in_statfs
facts "$m" -printf '%P %s %T@ %C@ %m %i\n' >"$tmp/facts"
ok 'fusermount3 -u ends it' stop "$m"
ok 'the directory it made is gone' not test -e "$m"

mkdir "$m"
ok 'it mounts in another time zone and locale' start_elsewhere
ok 'direct reads at odd offsets see the same bytes' reads_at_odd_offsets
ok 'readers at the same time see the same bytes' readers_agree
ok 'names, sizes, times and inodes are the same as before' cmp \
	<(facts "$m" -printf '%P %s %T@ %C@ %m %i\n') "$tmp/facts"
ok 'it unmounts again' stop "$m"
ok 'a directory that was there before stays' rmdir "$m"

ok 'it mounts with one thread' start -s \
	-o "uid=$EUID,gid=34,umask=027" "$store" "$m"
ok 'the owner and permissions are as asked' is "$EUID 34 750" \
	stat -c '%u %g %a' "$m"
ok 'so are those of files' is "$EUID 34 640" \
	stat -c '%u %g %a' "$(first_mail)"
ok 'one thread reads the same' diff -r "$m" "$tmp/copy"
ok 'and unmounts' stop "$m"

ok 'the whole store can be shown' start -o root=store,xattrs "$store" "$m"
ok 'extended attributes can be listed then' lists_attributes
ok 'items have theirs' items_have_attributes
ok 'other attributes are not there' lacks_other_attributes
ok 'and is more than the mailbox' shows_more_than_the_mailbox
ok 'and unmounts' stop "$m"

ok 'attachments can be inside only' start -o attachments=inside "$store" "$m"
ok 'and are in no directory then' is '' find "$m" -name '*.attachments'
ok 'all directories count their links' counts_links
ok 'and unmounts' stop "$m"

ok 'attachments can be beside only' start -o attachments=beside "$store" "$m"
ok 'the mails are smaller then' is_smaller_than_the_copy
ok 'the size of every file is exact then too' every_size_is_exact
ok 'and unmounts' stop "$m"

# C3
ok 'attachments can be gathered in a directory of each folder' \
	start -o attachments=folder "$store" "$m"
ok 'and no mail has a directory beside it then' is '' \
	find "$m" -name '*.attachments' -not -path '*/Attachments/*'
ok 'they are there' found_some find "$m" -path '*/Attachments/*' -type f
ok 'and unmounts' stop "$m"

ok 'all can be text' start -o layout=text "$store" "$m"
ok 'and then is' is '' find "$m" -type f -not -name '*.txt' \
	-not -path '*.attachments/*'
ok 'and unmounts' stop "$m"

# He is known by an X.500 name there, and beside his address elsewhere.
printf '%s\n' 'dn: cn=alice' 'mail: a@example.net' 'legacyExchangeDN:: '"$(
	printf /o=Example/ou=First/cn=Recipients/cn=Alice | base64 -w0)" \
	>"$tmp/people.ldif"
sent_by()
{
	grep -q "^From: Alice Example <$1>" "$m/Sent Items/"*.eml
}
ok 'it mounts' start "$store" "$m"
ok 'an address is found elsewhere in the store' sent_by alice@example.com
ok 'which is noted' grep -q '^X-Ost-Note: .*addr-map' "$m/Sent Items/"*.eml
ok 'and unmounts' stop "$m"
ok 'it mounts with addresses' start -o "addrmap=$tmp/people.ldif" "$store" "$m"
ok 'nothing was wrong with them' is '' cat "$tmp/said"
ok 'an address is found among them' sent_by a@example.net
ok 'and unmounts' stop "$m"
cd "$tmp"
ok 'addresses are read from here' start -o addrmap=people.ldif "$store" "$m"
ok 'and are the same' sent_by a@example.net
ok 'and unmounts' stop "$m"

ok 'libpff can read it' start --reader=pff "$store" "$m"
ok 'and shows mails' some "$m" -name '*.eml'
ok 'and unmounts' stop "$m"
finish
