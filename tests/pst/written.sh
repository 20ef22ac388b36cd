#!/bin/bash
# written.sh - what the unit tests of the writer write, judged by the verifier
#
#	written.sh BUILD [--large]
#
# They leave *.pst, which are whole, small ones of odd stores among them,
# and *.bin, whose nodes are no messages: in those it is the lower layer that
# can be judged. --large: one of over 10 GB, which is sparse, instead.

set -euo pipefail
here=$(dirname "$(realpath "$0")")
build=$1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0
lower=V1,V2,V3,V4,V5,V6,V7,V8,V9,V10,V11,V12

if [[ ${2-} == --large ]]; then
	OST_PST_DIR=$tmp "$build/tests/test_pst_file" --large
	du -h --apparent-size "$tmp/large.bin"
	du -h "$tmp/large.bin"
	"$here/verify" --only "$lower" "$tmp/large.bin"
	exit
fi

for test in pst_file pst_items pst; do
	OST_PST_DIR=$tmp "$build/tests/test_$test" >"$tmp/said" || {
		cat "$tmp/said"
		exit 1
	}
done
whole=("$tmp"/*.pst) parts=("$tmp"/*.bin)
echo "${#whole[@]} whole files, ${#parts[@]} others"
((${#whole[@]} >= 20 && ${#parts[@]} >= 5)) || failed=1
"$here/verify" "${whole[@]}" || failed=1
"$here/verify" --only "$lower" "${parts[@]}" || failed=1
exit "$failed"
