#!/bin/bash
# notes.sh - ostfs(5) explains every note code, and no others
#
#	notes.sh NOTES.H OSTFS.5

set -euo pipefail

codes()
{
	grep -oP '^\s*X\(\w+, "\K[^"]+' "$1" | sort
}

explained()
{
	sed -n '/^\.Sh NOTES/,/^\.El/s/^\.It Cm //p' "$1" | sort
}

[[ -n $(codes "$1") ]]
diff <(codes "$1") <(explained "$2")
