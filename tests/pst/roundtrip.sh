#!/bin/bash
# roundtrip.sh - what ost2pst makes of a store holds what the store held
#
#	roundtrip.sh BUILD real STORE
#	roundtrip.sh BUILD forged OSTFORGE-OPTION...
#
# STORE is a file in the folder that $OST_REAL_STORES names. Every value of
# every message is compared; every file is verified; a second run, and one of
# what came out, give the same.

set -euo pipefail
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
here=$(dirname "$(realpath "$0")")
build=$1 kind=$2
shift 2
tools=$build/tools dump=$build/tests/pst_dump
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

# ok WHAT COMMAND...: it must succeed.
ok()
{
	local what=$1

	shift
	if "$@" >"$tmp/said" 2>&1; then
		echo "ok   $what"
		return
	fi
	echo "FAIL $what"
	head -n 40 "$tmp/said"
	failed=1
}

# writes CODES OPTION... STORE OUT: ost2pst ends with one of them.
writes()
{
	local codes=$1 code=0

	shift
	"$tools/ost2pst" "$@" || code=$?
	[[ " $codes " == *" $code "* ]] || {
		echo "exit code $code, not $codes"
		return 1
	}
}

is_whole()
{
	[[ ! -x $here/verify ]] || python3 "$here/verify" "$@"
}

# holds REPORT STORE PART...: what REPORT says of it is so.
holds()
{
	local report=$1 from=$2 dumps=() part

	shift 2
	"$dump" "$from" >"$tmp/from"
	for part; do
		"$dump" "$part" >"$part.dump"
		dumps+=("$part.dump")
	done
	"$here/compare.py" "$tmp/from" "$report" "${dumps[@]}"
}

# Nothing was lost, left out or told of this PST, which is one of ours.
nothing_is_lost()
{
	python3 -c 'import json, sys
r = json.load(open(sys.argv[1], encoding="utf-8"))
bad = r["things"] or r["lost"] or r["left_out"] or r["added"]
sys.exit(json.dumps(bad, indent=1)[:2000] if bad else 0)' "$1"
}

# A sound store lists nothing twice, and it is not said to.
none_is_listed_twice()
{
	[[ "${*:2}" == *--damage* ]] ||
		python3 -c 'import json, sys
sys.exit("twice" in json.load(open(sys.argv[1]))["left_out"])' "$1"
}

# The same under another sky.
same_again()
{
	(umask 077 && TZ=Asia/Tokyo LANG=tr_TR.UTF-8 LC_ALL=C taskset -c 0 \
		"$tools/ost2pst" "${options[@]}" "$store" "$tmp/again.pst")
	cmp "$tmp/out.pst" "$tmp/again.pst"
}

dry_run_tells_the_same()
{
	writes "0 40" "${options[@]}" --dry-run --report "$tmp/dry.json" \
		"$store" "$tmp/none.pst" && [[ ! -e $tmp/none.pst ]] &&
		python3 -c 'import json, sys
a, b = (json.load(open(p, encoding="utf-8")) for p in sys.argv[1:])
for r in a, b:
    del r["options"]
    for p in r["parts"]:
        p.pop("name", None), p.pop("sha256", None)
sys.exit(a != b)' "$tmp/out.json" "$tmp/dry.json"
}

options=()
if [[ $kind == real ]]; then
	store=$OST_REAL_STORES/$1
else
	store=$tmp/store.pst
	"$build/tests/ostforge" "$@" -o "$store" >/dev/null
fi
ok 'it is written' writes "0 40" "${options[@]}" --report "$tmp/out.json" \
	"$store" "$tmp/out.pst"
ok 'the verifier finds nothing' is_whole "$tmp/out.pst"
ok 'it holds what the store holds' holds "$tmp/out.json" "$store" "$tmp/out.pst"
tail -n 1 "$tmp/said"
ok 'what is listed once is not told' none_is_listed_twice "$tmp/out.json" "$@"
ok 'written again it has the same bytes' same_again
ok 'a dry run tells the same' dry_run_tells_the_same
ok 'what came out can be written' writes 0 --report "$tmp/twice.json" \
	"$tmp/out.pst" "$tmp/twice.pst"
ok 'of it nothing is lost or left out' nothing_is_lost "$tmp/twice.json"
ok 'and it holds the same' holds "$tmp/twice.json" "$tmp/out.pst" \
	"$tmp/twice.pst"
ok 'in everything at once it verifies' is_whole "$tmp/twice.pst"
ok 'with all that there is it is written' writes "0 40" --associated --hidden \
	--recovered --report "$tmp/all.json" "$store" "$tmp/all.pst"
ok 'the verifier finds nothing in that' is_whole "$tmp/all.pst"
ok 'that holds what the store holds' holds "$tmp/all.json" "$store" \
	"$tmp/all.pst"
exit "$failed"
