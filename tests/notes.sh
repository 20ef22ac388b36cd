#!/bin/bash
# notes.sh - ostfs(5) explains every note code, and no others, and marks those
# that are a loss (A7)
#
#	notes.sh NOTES.H OSTFS.5

set -euo pipefail

# Of a row, which may go on in the next line: the code, and * for a loss.
codes()
{
	tr -d '\\\n\t' <"$1" |
		grep -oP '(?<=X\()[A-Z]\w*, *"[^"]+", *\w+(?=, *")' |
		sed -E 's/^\w+, *"([^"]+)", *(\w+)$/\1 \2/; s/ DAMAGED$/*/
			s/ \w+$//' | sort
}

explained()
{
	sed -n '/^\.Sh NOTES/,/^\.El/{s/ Ns \*$/*/; s/^\.It Cm //p;}' "$1" | sort
}

[[ $(codes "$1" | wc -l) -eq $(grep -oP '\bX\([A-Z]\w*,' "$1" | wc -l) ]]
codes "$1" | grep -q '\*$'
diff <(codes "$1") <(explained "$2")
