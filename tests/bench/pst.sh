#!/bin/bash
# pst.sh - ost2pst: how long, in how much memory, and of what is large
#
#	pst.sh BUILD PLACE [WHAT...]
#
# WHAT of: B C million attachment part; all of them, if none is named. BUILD is
# a Release build; PLACE a directory with room for 25 GB, in which each store is
# removed when it is done. B and C are measured twice, or $OST_RUNS times. Needs
# pst-utils, python3 and GNU time.
#
#	B		100,000 mails, beside what readpst -S takes
#	C		4 GB of attachments, deflated, beside cp of the store
#	million		1,000,000 mails: memory, and the verifier over all
#	attachment	one of 2 GiB less 64 KiB, and one that is over it
#	part		a file of over 10.14 GB, which has two FPMap pages

set -euo pipefail
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
here=$(cd "$(dirname "$0")/.." && pwd)
build=$(realpath "$1") place=$(realpath "$2")
shift 2
tmp=$(mktemp -d "$place/pst.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
forge=$build/tests/ostforge ost2pst=$build/tools/ost2pst
failed=0 runs=${OST_RUNS:-2}

# took WORDS COMMAND...: seconds, of them the processor's, and the most memory
# that one process held.
took()
{
	local words=$1

	shift
	/usr/bin/time -f "$words: %e s, processor %U + %S s, %M KiB" \
		-o "$tmp/time" "$@" >"$tmp/said" 2>&1 || {
		echo "FAIL $words: exit code $?"
		tail -n 5 "$tmp/said"
		failed=1
	}
	tail -n 1 "$tmp/time"
}

# What it holds is in the cache of pages, as it was before.
warm()
{
	cat "$1" >/dev/null
}

verified()
{
	took "the verifier${2+, $2}" python3 "$here/pst/verify" \
		${2+--only "$2"} "$1"
}

# written STORE OPTION...: as out.pst
written()
{
	warm "$1"
	took "ost2pst ${*:2}" "$ost2pst" --force "${@:2}" --report \
		"$tmp/report.json" "$1" "$tmp/out.pst"
	tail -n 1 "$tmp/said"
	stat -c '%n: %s bytes' "$1" "$tmp"/out*.pst | sed "s|$tmp/||"
}

B()
{
	"$forge" --messages 100000 --format 4k --kind ost -o "$tmp/B.ost"
	for ((run = 0; run < runs; run++)); do
		warm "$tmp/B.ost"
		took 'readpst -j0 -S' readpst -j0 -S -q -o "$tmp" "$tmp/B.ost"
		find "$tmp" -mindepth 1 -maxdepth 1 -type d -exec rm -rf {} +
		written "$tmp/B.ost"
		written "$tmp/B.ost" --no-verify
		rm "$tmp"/out*.pst
	done
}

C()
{
	"$forge" --messages 260 --attachments $((400 << 20)) --internet \
		--format 4k --kind ost -o "$tmp/C.ost"
	for ((run = 0; run < runs; run++)); do
		warm "$tmp/C.ost"
		took 'cp, and sync' sh -c "cp '$tmp/C.ost' '$tmp/copy' &&
			sync '$tmp/copy'"
		rm "$tmp/copy"
		written "$tmp/C.ost"
		written "$tmp/C.ost" --no-verify
		rm "$tmp"/out*.pst
	done
}

million()
{
	"$forge" --messages 1000000 --folders 20 --format 4k --kind ost \
		-o "$tmp/million.ost"
	written "$tmp/million.ost"
	verified "$tmp/out.pst"
}

attachment()
{
	local most=$(((1 << 31) - (64 << 10)))

	"$forge" --messages 6 --attachments "$most" --format 4k --kind ost \
		-o "$tmp/most.ost"
	written "$tmp/most.ost"
	verified "$tmp/out.pst" V1,V2,V3,V4,V5,V6,V7,V8,V9,V10,V11,V12
	"$build/tools/ost2pst" --dry-run "$tmp/out.pst" "$tmp/again.pst" 2>&1 |
		tail -n 1
}

part()
{
	"$forge" --messages 90000 --folders 90 --attachments 4000000 \
		--format 4k --kind ost -o "$tmp/part.ost"
	written "$tmp/part.ost" --split 0
	verified "$tmp/out.pst" V1,V2,V3,V4,V5,V6
	written "$tmp/part.ost"
}

echo "load: $(cut -d ' ' -f -3 /proc/loadavg)"
for what in "${@:-B C million attachment part}"; do
	for one in $what; do
		echo "== $one"
		"$one"
		find "$tmp" -mindepth 1 -delete
	done
done
echo "load: $(cut -d ' ' -f -3 /proc/loadavg)"
exit "$failed"
