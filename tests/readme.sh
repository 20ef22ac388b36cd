#!/bin/bash
# readme.sh - README.md names the packages that quickstart installs, the exit
# codes that the programs have and the figures of EVIDENCE.md, and is short
#
#	readme.sh REPOSITORY

set -euo pipefail
cd "$1"
failed=0

fail()
{
	echo "FAIL $*"
	failed=1
}

# same WHAT FILE FILE
same()
{
	diff "$2" "$3" || fail "$1: README.md has the first"
}

same packages \
	<(sed -n '/needs these packages:/,/^Then/s/^    //p' README.md |
		tr ' ' '\n' | sort) \
	<(tools/quickstart --packages | sort)
same "exit codes" \
	<(sed -n 's/^| \([0-9]*\) |.*/\1/p' README.md) \
	<(sed -n 's/.*OST_EXIT_[A-Z_]* = \([0-9]*\),/\1/p' \
		ostcore/bytes/error.h ostcore/out/out.h | sort -n)

# What remains of damaged stores, without and with -o heal, and what of it is
# wrong: as in the last row of the table, "all".
row=$(grep '^| all |' tests/EVIDENCE.md)
IFS='|' read -r _ _ stores _ intact _ _ _ wrong _ <<<"${row// /}"
same figures \
	<(tr '\n' ' ' <README.md | grep -oE \
		'On [0-9,]+ damaged copies .* [0-9]+ % of files .* [0-9]+ % with' |
		tr -d , | grep -oE '[0-9]+') \
	<(printf '%.0f\n' "$stores" "${intact%/*}" "${intact#*/}")
[[ $wrong == 0/0 ]] || fail "README.md says that none is silently wrong"

# C1: it is read on the worst day.
words=$(wc -w <README.md)
((words <= 1800)) || fail "README.md has $words words; 1,800 is the most"

for file in README.md tests/README.md tests/EVIDENCE.md; do
	while read -r link; do
		[[ $link == http* || $link == '#'* ||
			-e $(dirname "$file")/${link%#*} ]] ||
			fail "$file: no such file: $link"
	done < <(grep -oE '\]\([^)]+\)' "$file" | sed 's/^](//; s/)$//')
done
exit "$failed"
