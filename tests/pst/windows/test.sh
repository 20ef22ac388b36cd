#!/bin/bash
# test.sh - the pack for Windows can be made; Windows itself is not here
#
#	test.sh BUILD

set -euo pipefail
here=$(dirname "$(realpath "$0")")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

"$here/pack" "$1" "$tmp/pack" --small
cd "$tmp/pack"
sha256sum --check --quiet SHA256SUMS
diff <(ls) - <<'EOF'
README.txt
SHA256SUMS
damaged.json
damaged.pst
expected.csv
small.json
small.pst
try.ps1
EOF
# What try.ps1 is to hold against Outlook's counts, counted by the writer.
python3 - <<'EOF'
import csv, json
for row in csv.DictReader(open("expected.csv", encoding="ascii")):
    told = json.load(open(row["file"][:-4] + ".json"))["written"]
    # One of its folders is that around all others.
    told = told["folders"] - 1, told["messages"], told["attachments"]
    ours = tuple(int(row[key]) for key in ("folders", "messages",
                                           "attachments"))
    print(row["file"], ours)
    assert told == ours and ours[1] > 10, told
EOF
