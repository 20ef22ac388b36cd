#!/bin/bash
# without_pff.sh - C10: a build as for a package, with one library and without
# libpff, is whole and small, and says what it lacks
#
#	without_pff.sh REPOSITORY OSTFORGE PROGRAM...
set -euo pipefail
repo=$1 forge=$2
shift 2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cmake -G Ninja -S "$repo" -B "$tmp/build" -DOST_PFF=OFF -DOST_TESTS=OFF \
	-DOST_ONE_LIBRARY=ON -DCMAKE_BUILD_TYPE=Release >"$tmp/log"
cmake --build "$tmp/build" --parallel 2 >>"$tmp/log" || { cat "$tmp/log"; exit 1; }
"$forge" --sample -o "$tmp/a.pst"
failed=0

# lacks COMMAND...
lacks()
{
	local code=0

	"$@" >"$tmp/out" 2>&1 || code=$?
	[[ $code == 1 && $(<"$tmp/out") == *'this build of ostfs has no libpff'* ]] &&
		return
	echo "FAIL exit $code: $*: $(<"$tmp/out")"
	failed=1
}

for tool in ostinfo ostls ostcheck; do
	lacks "$tmp/build/tools/$tool" --reader=pff "$tmp/a.pst"
	"$tmp/build/tools/$tool" "$tmp/a.pst" >"$tmp/out"
done
lacks "$tmp/build/tools/ostcheck" --second-opinion "$tmp/a.pst"
lacks "$tmp/build/fs/ostfs" --reader=pff "$tmp/a.pst" "$tmp/m"
"$tmp/build/tools/ostls" -o recovered "$tmp/a.pst" Recovered >"$tmp/out"
"$repo/tests/install.sh" "$tmp/build" "$@" || failed=1
cmake --install "$tmp/build" --strip --prefix "$tmp/installed" >"$tmp/log"
size=$(du -sk "$tmp"/installed/{bin,lib*} | awk '{ sum += $1 } END { print sum }')
((size <= 4096)) || { echo "FAIL $size KiB are installed"; failed=1; }
if ldd "$tmp/build/fs/ostfs" | grep -E 'pff|bfio'; then
	echo 'FAIL libpff is linked all the same'
	failed=1
fi
exit "$failed"
