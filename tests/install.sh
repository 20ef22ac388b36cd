#!/bin/bash
# install.sh - C11: what is installed is every program with its manual page,
# and nothing that is empty
#
#	install.sh BUILD PROGRAM...

set -euo pipefail
build=$1
shift
failed=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cmake --install "$build" --prefix "$tmp" >"$tmp/log"

fail()
{
	echo "FAIL $*"
	failed=1
}

for program; do
	[[ $("$tmp/bin/$program" --help) == *"usage: $program"* ]] ||
		fail "$program: not installed, or does not run"
	[[ -s $tmp/share/man/man1/$program.1 ]] || fail "$program: no page"
done
for page in ostfs ostfs-json; do
	[[ -s $tmp/share/man/man5/$page.5 ]] || fail "no page $page(5)"
done
[[ -s $tmp/share/doc/ostfs/README.md ]] || fail 'no README.md'
empty=$(find "$tmp" -empty)
[[ -z $empty ]] || fail "empty: $empty"
[[ $(ls "$tmp/bin" | wc -l) == $# ]] || fail "other programs: $(ls "$tmp/bin")"
exit "$failed"
