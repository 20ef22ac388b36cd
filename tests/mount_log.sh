#!/bin/bash
# mount_log.sh - what a mount logs, and shows of that
#
#	mount_log.sh OSTFS OSTFORGE

. "$(dirname "$0")/mount_common.sh" "$1" "$2"
m=$tmp/m
log=$m/.ostfs/log
"$2" --format 4k --damage node-page -o "$tmp/damaged.ost"
cp "$store" "$tmp/cut.ost"
truncate -s -1000 "$tmp/cut.ost"

read_all()
{
	find "$m" -type f -exec cat {} + >"$tmp/read" 2>&1 || true
}

# It has more lines when more has failed, which nobody has to wait for.
tells_more()
{
	local before

	before=$(wc -l <"$log")
	read_all
	(($(wc -l <"$log") > before))
}

tells_no_names()
{
	cut -d ' ' -f 2- "$log" >"$tmp/lines"
	not grep -e Budget -e jane -e '\.eml' "$tmp/lines"
}

# The newest lines, each whole, after one that tells of those that are gone (A4).
is_bounded()
{
	local first i

	for ((i = 0; i < 2000; i++)); do
		first=$(head -n 1 "$log")
		[[ $first == 20* ]] || break
		read_all
	done
	[[ $first == '(there were older lines, which are not kept)' ]] &&
		(($(stat -c %s "$log") <= 65536)) &&
		(($(stat -c %s "$log") > 60000)) &&
		tail -n +2 "$log" >"$tmp/lines" &&
		not grep -vE '^20[0-9-]+T[0-9:]+Z [a-z]+ of inode 0x' \
			"$tmp/lines"
}

ok 'a mount without losses' start "$store" "$m"
read_all
ok 'has nothing to log' is '' cat "$log"
ok 'it unmounts' stop "$m"
ok 'one with a damaged page' start "$tmp/damaged.ost" "$m"
ok 'logs what cannot be read' tells_more
ok 'with its inode and the reason' grep -q ' read of inode 0x.* CRC ' "$log"
ok 'and says so each time' tells_more
ok 'without the names of anybody or anything' tells_no_names
ok 'it keeps 64 KiB of it' is_bounded
ok 'it unmounts again' stop "$m"
ok 'one of a store that is cut short' start -o heal "$tmp/cut.ost" "$m"
ok 'says at once what is missing' grep -q \
	' losses: 1000 bytes of the store are missing$' "$log"
ok 'it unmounts' stop "$m"

# D9: what a folder lists and the store lacks is an error, and told.
fails_to_read()
{
	local missing

	missing=$(find "$m" -name '*.eml' -size 1c -print -quit)
	! cat "$missing" 2>"$tmp/why" >&2 &&
		grep -q 'Input/output error' "$tmp/why"
}
"$2" --messages 9 --damage missing -o "$tmp/missing.pst"
ok 'one that lists what is not there' start "$tmp/missing.pst" "$m"
ok 'fails to read that' fails_to_read
ok 'and logs it' grep -q ' read of inode 0x.* is listed, but ' "$log"
ok 'it unmounts' stop "$m"
finish
