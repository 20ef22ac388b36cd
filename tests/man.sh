#!/bin/bash
# man.sh - every manual page is well formed, and of every program there is one
#
#	man.sh MAN-DIRECTORY PROGRAM...

set -euo pipefail
export LC_ALL=C.UTF-8

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

# C11: quotes that were opened are closed before others are.
nested()
{
	groff -mdoc -Tutf8 -P-cbu "$1" | tr -s '\n\t ' ' ' |
		grep -oE '‘[^’]{0,80}‘.{30}|.{30}’’|“[^”]{0,80}“.{30}'
}

# A word that is a macro, such as "No", is not printed where macros are read.
swallowed()
{
	grep -nE '^\.(D1|Dl|Dq|Em|It|Pq|Ql|Qq|Sq|Sy)( .*)? (No|Ns|An|At|In|Me|Of|So|Ap) [a-z]' "$1" |
		grep -vE ' Ns (Ar|Cm|Fl|Pa|Ql|Li|Op|Va|Oo|Oc|No|=|\.|,|:|\[|\])'
}

for page in "$man"/*.[1-9]; do
	quiet swallowed "$page"
	quiet mandoc -T lint -W warning "$page"
	quiet groff -mdoc -ww -z "$page"
	quiet nested "$page"
done
for program; do
	[[ -f $man/$program.1 ]] && continue
	echo "FAIL no manual page of $program"
	failed=1
done
exit "$failed"
