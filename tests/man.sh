#!/bin/bash
# man.sh - every manual page is well formed, and of every program there is one
#
#	man.sh MAN-DIRECTORY PROGRAM...

set -euo pipefail

man=$1
shift
failed=0

# Neither may say a word.
quiet()
{
	local said

	said=$("$@" 2>&1) || true
	[[ -z $said ]] && return
	printf 'FAIL %s\n%s\n' "$*" "$said"
	failed=1
}

for page in "$man"/*.[158]; do
	quiet mandoc -T lint -W warning "$page"
	quiet groff -mdoc -ww -z "$page"
done
for program; do
	[[ -f $man/$program.1 ]] && continue
	echo "FAIL no manual page of $program"
	failed=1
done
exit "$failed"
