#!/bin/bash
# mount_idle.sh - -o idle_unmount: a mount that nobody uses ends, and no other
#
#	mount_idle.sh OSTFS OSTFORGE
#
# That of a user who is not root is in mount_users.sh.

. "$(dirname "$0")/mount_common.sh" "$1" "$2"
mkdir "$tmp/m" "$tmp/profiles"
cp "$store" "$tmp/profiles/"

mounted()
{
	mountpoint -q "$tmp/m"
}

# used SECONDS COMMAND...: run it each second.
used()
{
	local n=$1
	shift

	for ((i = 0; i < n; i++)); do
		"$@" || return 1
		sleep 1
	done
}

look()
{
	mounted && find "$tmp/m" -name "nothing $RANDOM $i" >/dev/null &&
		! cat "$tmp/m/nothing $RANDOM" 2>/dev/null
}

unused()
{
	for what in "$store" "$tmp/profiles"; do
		ok "${what##*/} is mounted" start -o idle_unmount=2 "$what" "$tmp/m"
		ok 'it stays while it is asked' used 4 look
		exec 5<"$tmp/m/."
		sleep 4
		ok 'it stays while a directory is open' mounted
		exec 5<&-
		ok 'then it ends by itself' gone
		ok 'and is unmounted' not mounted
	done
}

unused
ok 'without a sandbox it is refused' not "$ostfs" \
	-o idle_unmount=5,nosandbox "$store" "$tmp/m"
ok '0 is refused' not "$ostfs" -o idle_unmount=0 "$store" "$tmp/m"
finish
