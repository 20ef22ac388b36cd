#!/bin/bash
# ledger_real.sh - nothing is lost of the real stores, and each count of theirs
# is explained; and whose each cache is, is found
#
#	ledger_real.sh OSTCHECK OSTINFO

: "${OST_REAL_STORES:?is not set: tests/run fetches the real stores and sets it}"
set -euo pipefail
ostcheck=$1 ostinfo=$2
tmp=$(mktemp -d "${TMPDIR:-/tmp}/ostfs-test.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

# Messages and associated items that are there.
while read -r name messages associated; do
	for how in '' --deep; do
		"$ostcheck" $how "$OST_REAL_STORES/$name" >"$tmp/text"
		"$ostcheck" $how --json "$OST_REAL_STORES/$name" >"$tmp/json"
		grep -q "^${how:+Nothing was lost: }" "$tmp/text"
		[[ -n $how ]] || grep -qx 'No message is missing. Contents were not read: use --deep.' "$tmp/text"
		python3 - "$tmp/json" "$messages" "$associated" "$how" <<-'EOF'
			import json, sys
			report = json.load(open(sys.argv[1], encoding="utf-8"))
			totals, folders = report["totals"], report["folders"]
			assert report["losses"] == 0, report["losses"]
			assert totals["shown"] == int(sys.argv[2]), totals
			assert totals["expected"] == totals["shown"], totals
			assert totals["associated"] == int(sys.argv[3]), totals
			assert totals["found"] == totals["unaccounted"] == 0
			assert (totals["files_read"] > 0) == bool(sys.argv[4])
			for f in folders:
			    counts = {f["says"], f["rows"], f["nodes"]}
			    if f["place"] == "tree":
			        counts.add(f["shown"])
			    assert len(counts) == 1, f
			    assert f["associated_rows"] == f["associated_nodes"], f
			assert sum(f["rows"] for f in folders) == totals["shown"]
			assert not report["places"] and report["entries_complete"]
			lost = {"missing", "unreadable", "damaged"}
			assert not [e for e in report["entries"] if e["what"] in lost]
		EOF
	done
	echo "ok   $name: $messages messages, $associated associated"
done <<-'EOF'
	enron.pst 71 0
	pstextractortest@outlook.com.ost 183 31
	pstextractortestpdf@outlook.com.ost 162 17
EOF

# The address is in the file's name, which is not what tells it.
for name in pstextractortest@outlook.com pstextractortestpdf@outlook.com; do
	cp "$OST_REAL_STORES/$name.ost" "$tmp/outlook.ost"
	"$ostinfo" --long "$tmp/outlook.ost" >"$tmp/text"
	grep -q "^  owner .* $name (by" "$tmp/text"
	echo "ok   $name owns its cache"
done
