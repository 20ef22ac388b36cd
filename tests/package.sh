#!/bin/bash
# package.sh - the Debian packages build from what is committed, lintian has
# neither errors nor warnings, and the tests of autopkgtest pass
#
#	package.sh REPOSITORY
#
# The packages are unpacked, not installed: this is no place for that. Where
# there is a systemd-analyze, it looks at the units.

set -euo pipefail
repo=$1
tmp=$(mktemp -d "${TMPDIR:-/tmp}/ostfs-test.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
"$repo/tools/package/build-deb" "$tmp/deb" >"$tmp/log" 2>&1 || {
	tail -n 40 "$tmp/log"
	exit 1
}
for deb in "$tmp"/deb/ostfs_*.deb "$tmp"/deb/ostfs-desktop_*.deb; do
	dpkg-deb -x "$deb" "$tmp/root"
done
size=$(dpkg-deb -f "$tmp"/deb/ostfs_*.deb Installed-Size)
((size <= 4096)) || { echo "FAIL $size KiB are installed"; exit 1; }
mkdir "$tmp/units"
for unit in "$tmp"/root/usr/lib/systemd/system/*@.service \
	"$tmp"/root/lib/systemd/system/*@.service; do
	[[ ! -e $unit ]] || sed "s,/usr/bin,$tmp/root/usr/bin," "$unit" \
		>"$tmp/units/$(basename "$unit" .service)srv-x.service"
done
[[ $(ls "$tmp/units" | wc -l) == 2 ]] || { echo 'FAIL not two units'; exit 1; }
! command -v systemd-analyze >/dev/null ||
	systemd-analyze verify --man=no "$tmp"/units/*
export PATH=$tmp/root/usr/bin:$PATH
[[ $(command -v ostcheck) == "$tmp"/* ]]
cd "$tmp"/deb/ostfs-*/
for test in $(sed -n 's/^Tests: //p' debian/tests/control); do
	debian/tests/"$test" >"$tmp/log" 2>&1 || {
		echo "FAIL $test"
		cat "$tmp/log"
		exit 1
	}
done
