#!/bin/bash
# without_pff.sh - C10: a build without libpff is whole, and says what it lacks
#
#	without_pff.sh REPOSITORY OSTFORGE
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cmake -G Ninja -S "$1" -B "$tmp/build" -DOST_PFF=OFF -DOST_TESTS=OFF \
	-DCMAKE_BUILD_TYPE=Debug >"$tmp/log"
cmake --build "$tmp/build" --parallel 2 >>"$tmp/log" || { cat "$tmp/log"; exit 1; }
"$2" --sample -o "$tmp/a.pst"
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
if ldd "$tmp/build/fs/ostfs" | grep -E 'pff|bfio'; then
	echo 'FAIL libpff is linked all the same'
	failed=1
fi
exit "$failed"
