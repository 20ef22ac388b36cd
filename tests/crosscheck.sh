#!/bin/bash
# crosscheck.sh - what libpff makes of a store, by ostcheck
#
#	crosscheck.sh OSTCHECK OSTFORGE

set -euo pipefail

check=$1
forge=$2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# The exit code, with what was said in $tmp/said.
code()
{
	local code=0

	"$check" --second-opinion "$@" >"$tmp/said" 2>&1 || code=$?
	printf '%s' "$code"
}

fail()
{
	printf 'FAIL %s\n' "$*"
	cat "$tmp/said"
	exit 1
}

for format in ansi unicode 4k; do
	"$forge" --format="$format" -o "$tmp/$format"
	[[ $(code "$tmp/$format") == 0 ]] || fail "$format"
	grep -qx 'The readers agree in all.' "$tmp/said" || fail "$format"
	grep -q ' differences  0,' "$tmp/said" || fail "$format"
done

[[ $(code --json "$tmp/4k") == 0 ]] || fail json
python3 - "$tmp/said" <<'END' || fail json
import json, sys
said = json.load(open(sys.argv[1]))
assert said["differences"] == said["unexplained"] == 0
assert said["compared"]["objects"] > 10 and said["list_complete"]
END

# We do without the header, libpff does not.
printf 'x' | dd of="$tmp/4k" bs=1 seek=30 conv=notrunc status=none
[[ $(code --heal "$tmp/4k") == 40 ]] || fail 'no second opinion'
grep -q '^NOTHING WAS COMPARED' "$tmp/said" || fail 'no second opinion'

# Nor do we without the file.
[[ $(code "$tmp/none") == 11 ]] || fail 'no such file'
