#!/bin/bash
# mount_users.sh - mounts by root, by users, by mount(8) and fstab(5)
#
# Runs in a mount namespace of its own, so that it may put the program into
# /usr/local/bin, write its own /etc/fstab and /etc/fuse.conf, and have a
# /dev/fuse that users may open (A1): that of a machine without udev is root's.

set -euo pipefail
if [[ -z ${OST_IN_NAMESPACE:-} ]]; then
	((EUID == 0)) || exec sudo -n "$0" "$@"
	OST_IN_NAMESPACE=1 exec "$(dirname "$0")/own_mounts.sh" "$0" "$@"
fi
. "$(dirname "$0")/mount_common.sh"

# A directory of nobody's own, and a program in the path that mount(8) uses.
home=$tmp/home
install -d -o 65534 -g 65534 "$home"
m=$home/m
etc=/usr/local/bin # what is mounted from here is not in the way of rm
mount -t tmpfs none "$etc"
ln -s "$ostfs" /usr/local/bin/ostfs
# A fresh machine has no /etc/mtab, without which fusermount3 unmounts nothing.
cp -a /etc "$etc/etc"
ln -sf /proc/self/mounts "$etc/etc/mtab"
mount --bind "$etc/etc" /etc
mknod -m 666 "$etc/fuse" c 10 229
mount --bind "$etc/fuse" /dev/fuse
as_nobody test -r "$store" || { echo "$0: $tmp is closed to users" >&2; exit 1; }

# start() by the ordinary user nobody
program=$ostfs
cat >"$tmp/as_nobody" <<END
#!/bin/sh
exec setpriv --reuid=65534 --regid=65534 --clear-groups "$program" "\$@"
END
chmod 755 "$tmp/as_nobody"

user_start()
{
	local ostfs=$tmp/as_nobody

	start "$@"
}

user_refused()
{
	local code=$1 words=$2 got=0
	shift 2

	as_nobody "$ostfs" "$@" 2>"$tmp/stderr" || got=$?
	cat "$tmp/stderr"
	is "$code" echo "$got" && is 1 sed -n '$=' "$tmp/stderr" &&
		grep -qF -- "$words" "$tmp/stderr"
}

has_options()
{
	findmnt -no OPTIONS "$1" | grep -qF -- "$2" ||
		{ findmnt "$1"; return 1; }
}

ok 'a user mounts' user_start "$store" "$m"
ok 'read-only and harmless' has_options "$m" 'ro,nosuid,nodev,noexec,'
ok 'sees mails' as_nobody find "$m" -name '*.eml' -fprint "$home/list"
ok 'some' test -s "$home/list"
ok 'owns them' as_nobody test -O "$m"
ok 'can copy them all' as_nobody cp -a "$m" "$home/copy"
ok 'root is not let in' not ls "$m"
ok 'nor mounts there again' user_refused 10 'is mounted there already' \
	"$store" "$m"
ok 'the user unmounts' as_nobody fusermount3 -u "$m"
ok 'which ends it' gone
ok 'and removes the directory' not test -e "$m"

ok 'a directory of root is refused' user_refused 10 'cannot make the directory' \
	"$store" "$tmp/m"
install -d "$tmp/closed"
ok 'so is one that is there' user_refused 10 'it is not your directory' \
	"$store" "$tmp/closed"
install -d -m 1777 "$tmp/sticky"
ok 'so is one like /tmp' user_refused 10 'it is not your directory' \
	"$store" "$tmp/sticky"
install -m 600 "$store" "$tmp/private.ost"
ok 'a store of root is refused' user_refused 11 'Permission denied' \
	"$tmp/private.ost" "$m"
ok 'and no directory is left' not test -e "$m"

echo '#user_allow_other' >"$etc/no.conf"
echo 'user_allow_other' >"$etc/yes.conf"
mount --bind "$etc/no.conf" /etc/fuse.conf
ok 'allow_other is refused' user_refused 10 'user_allow_other' \
	-o allow_other "$store" "$m"
ok 'allow_root too' user_refused 10 'user_allow_other' \
	-o allow_root "$store" "$m"
mount --bind "$etc/yes.conf" /etc/fuse.conf
ok 'allow_other can be allowed' user_start -o allow_other "$store" "$m"
ok 'which lets root in' eval "ls '$m' | grep -q ."
ok 'and is unmounted' stop "$m"

# Programs and devices that are not there
no_fusermount()
{
	mount --bind /dev/null /usr/bin/fusermount3
	user_refused 10 'fusermount3: not found' "$store" "$m"
}

no_device()
{
	mount -t tmpfs none /dev
	user_refused 10 'modprobe fuse' "$store" "$m"
}

closed_device()
{
	mount -t tmpfs none /dev
	mknod -m 600 /dev/fuse c 10 229
	user_refused 10 '--device /dev/fuse' "$store" "$m"
}

export -f no_fusermount no_device closed_device user_refused as_nobody is
export ostfs store m tmp
ok 'without fusermount3 it says so' unshare -m bash -c no_fusermount
ok 'without /dev/fuse it says so' unshare -m bash -c no_device
ok 'with a closed /dev/fuse it says so' unshare -m bash -c closed_device

cannot_mount()
{
	# Root, but without the capability, as in a container.
	setpriv --bounding-set -sys_admin --inh-caps -sys_admin \
		"$ostfs" "$store" "$tmp/m" 2>"$tmp/stderr" && return 1
	cat "$tmp/stderr"
	is 1 sed -n '$=' "$tmp/stderr" &&
		grep -q 'cannot mount: .*--cap-add SYS_ADMIN$' "$tmp/stderr" &&
		not test -e "$tmp/m"
}
ok 'without the right to mount it says so' cannot_mount

# mount(8); its daemon has no fd of ours, so it is waited for by its end
ended()
{
	local pid

	for pid in $(pidof -x "$tmp/ostfs" ostfs); do
		[[ $(readlink "/proc/$pid/exe") != "$tmp/ostfs" ]] ||
			timeout 60 tail --pid="$pid" -f /dev/null || return 1
	done
}

helper=$tmp/helper
mkdir "$helper"
ok 'mount -t fuse.ostfs' mount -t fuse.ostfs \
	-o uid=65534,umask=077,attachments=inside "$store" "$helper"
ok 'has the usual options' has_options "$helper" 'ro,nosuid,nodev,noexec,'
ok 'and ours' is '65534 700' stat -c '%u %a' "$helper"
ok 'and mails' some "$helper" -name '*.eml'
ok 'and is unmounted' umount "$helper"
ok 'mount.fuse3 with less rights' mount.fuse3 "$store" "$helper" \
	-t fuse.ostfs -o drop_privileges,ro
ok 'has mails' some "$helper" -name '*.eml'
ok 'and is unmounted' umount "$helper"
ok 'a bad store is refused by mount(8) too' not \
	mount -t fuse.ostfs "$tmp/as_nobody" "$helper"

install -d -o 65534 "$m"
cat >"$etc/fstab" <<END
$store $helper fuse.ostfs rw,noauto,nofail,_netdev,allow_other,x-systemd.automount,x-gvfs-show 0 0
$store $m fuse.ostfs ro,noauto,users,comment=mail,reader=native 0 0
END
mount --bind "$etc/fstab" /etc/fstab
ok 'a line of fstab' mount "$helper"
ok 'has the usual options' has_options "$helper" 'ro,nosuid,nodev,noexec,'
ok 'and ours' has_options "$helper" allow_other
ok 'and is unmounted' umount "$helper"
ok 'a file like fstab' mount -T "$etc/fstab" "$helper"
ok 'will do' some "$helper" -name '*.eml'
ok 'and is unmounted' umount "$helper"
ok 'a line for users' as_nobody mount "$m"
ok 'shows them mails' as_nobody ls "$m"
ok 'and they unmount it' as_nobody umount "$m"

# C8: the lines that ostfs(8) gives, of this store, for nobody
page=$(dirname "$0")/../man/ostfs.8
example()
{
	sed -n "s|^/stores/alice.ost /srv/alice|$store $2|p" "$page" |
		sed 's/=1000/=65534/g' | grep -- "$1" >"$etc/example" &&
		mount --bind "$etc/example" /etc/fstab
}

stranger()
{
	setpriv --reuid=65533 --regid=65533 --clear-groups "$@"
}

ok 'the line for root in ostfs(8)' example allow_other "$helper"
ok 'mounts' mount "$helper"
ok 'for the user' eval "as_nobody find '$helper' -name '*.eml' | grep -q ."
ok 'who owns it' as_nobody test -O "$helper"
ok 'and for no other' not stranger ls "$helper"
ok 'and is unmounted' umount "$helper"
install -d -o 65534 "$home/own"
ok 'the line for a user in ostfs(8)' example ',user ' "$home/own"
ok 'lets her mount' as_nobody mount "$home/own"
ok 'and see mails' eval "as_nobody find '$home/own' -name '*.eml' | grep -q ."
ok 'and unmount' as_nobody umount "$home/own"
ok 'all of them end' ended
ok 'the mount of a user that nobody uses' user_start -o idle_unmount=1 "$store" \
	"$m"
ok 'ends by itself' gone
ok 'and is unmounted' not mountpoint -q "$m"
finish
