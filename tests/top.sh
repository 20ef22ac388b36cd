#!/bin/bash
# top.sh - A3: the top level is what it should be, and no find of a fuzzer is
# part of the source, in a checkout and in a tarball of it
#
#	top.sh REPOSITORY

set -euo pipefail

# What belongs at the top: every path begins with one of these.
top='CMakeLists\.txt$|LICENSE$|README\.md$|\.|fs/|man/|ostcore/|tests/|tools/'

# The files of the source at $1: what git tracks, or all, in a tarball.
files()
{
	local root

	root=$(git -C "$1" rev-parse --show-toplevel 2>/dev/null) || root=
	if [[ $root && $root -ef $1 ]]; then
		git -C "$1" ls-files
	else
		(cd "$1" && find . -path './build*' -prune -o -type f -print |
			sed 's|^\./||')
	fi
}

# Those of them that do not belong there.
strangers()
{
	files "$1" | grep -vE "^($top)" || true
	files "$1" | grep -E '(^|/)(crash|leak|timeout|oom|slow-unit)-' || true
}

# finds WANT DIRECTORY
finds()
{
	local got

	got=$(strangers "$2" | sort -u | tr '\n' ' ')
	[[ $got == "$1" ]] && return
	echo "FAIL not in the source of $2: $got, want: $1"
	failed=1
}

failed=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
finds '' "$1"
[[ $(files "$1" | wc -l) -gt 100 ]] || { echo "FAIL no source"; failed=1; }

# What is looked for would be found.
mkdir -p "$tmp/fs" "$tmp/build-x" "$tmp/tests" "$tmp/notes"
touch "$tmp/README.md" "$tmp/.clang-format" "$tmp/fs/main.c" \
	"$tmp/build-x/crash-1" "$tmp/README.md.orig" "$tmp/notes/x" \
	"$tmp/crash-29f7" "$tmp/tests/leak-1"
found='README.md.orig crash-29f7 notes/x tests/leak-1 '
finds "$found" "$tmp"
git -C "$tmp" init -q
git -C "$tmp" add README.md .clang-format fs README.md.orig notes crash-29f7 \
	tests
finds "$found" "$tmp"
exit "$failed"
