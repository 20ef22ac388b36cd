#!/bin/bash
# readme.sh - README.md names the packages that quickstart installs, and the
# exit codes that the programs have
#
#	readme.sh REPOSITORY

set -euo pipefail
cd "$1"
failed=0

# same WHAT FILE FILE
same()
{
	diff "$2" "$3" && return
	echo "FAIL $1: README.md has the first"
	failed=1
}

same packages \
	<(sed -n '/^The packages that are needed/,/^(/s/^    //p' README.md |
		tr ' ' '\n' | sort) \
	<(tools/quickstart --packages | sort)
same "exit codes" \
	<(sed -n 's/^| \([0-9]*\) |.*/\1/p' README.md) \
	<(sed -n 's/.*OST_EXIT_[A-Z_]* = \([0-9]*\),/\1/p' \
		ostcore/bytes/error.h ostcore/out/out.h | sort -n)
exit "$failed"
