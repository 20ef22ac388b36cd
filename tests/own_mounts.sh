#!/bin/bash
# own_mounts.sh COMMAND...: as root, in a mount namespace of its own, of which
# nothing is seen outside; in a plain chroot, too
#
# There the root is no mount point, so that unshare(1) cannot make it private.
# Then the command has the same root, bound into a tmpfs that is; only that is
# ever mounted where others might see it, and it is unmounted.

set -euo pipefail
if unshare -m true 2>/dev/null; then
	exec unshare -m "$@"
fi
dir=$(mktemp -d)
trap 'rmdir "$dir"' EXIT
unshare -m --propagation unchanged bash -euc '
	dir=$1
	shift
	mount -t tmpfs none "$dir"
	trap "umount -l \"$dir\"" EXIT
	mount --make-private "$dir"
	mkdir "$dir/root"
	mount --rbind / "$dir/root"
	mount --make-rprivate "$dir/root"
	chroot "$dir/root" "$@"' bash "$dir" "$@"
