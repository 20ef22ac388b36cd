#!/bin/bash
# complete.sh - stores of known content, damaged or not: the ledger, the
# manifest, the mount and a copy of it all say what became of each message
#
#	complete.sh OSTFS OSTFORGE OSTCHECK FORMAT

. "$(dirname "$0")/mount_common.sh" "$1" "$2"
forge=$2 ostcheck=$3 format=$4
. "$(dirname "$0")/manifest_common.sh"
stores=$tmp/stores
mkdir "$stores"

# The paths that the manifest says cannot be read.
unreadable()
{
	python3 -c 'import json, sys
for line in open(sys.argv[1], encoding="utf-8"):
    e = json.loads(line)
    if "path" in e and "error" in e:
        print("lost in the store: " + json.dumps(
            e["path"], ensure_ascii=False))' "$manifest" | LC_ALL=C sort
}

# What is said of a copy: all that was lost in the store, and nothing else.
verdict()
{
	local want

	unreadable >"$tmp/want"
	want=$([[ -s $tmp/want ]] && echo 40 || echo 0)
	exits "$want" "$ostcheck" --verify "$tmp/copy" "$@" >"$tmp/verdict" &&
		diff "$tmp/want" <(sed '$d; s/": .*/"/' "$tmp/verdict" |
			LC_ALL=C sort)
}

# Reading fails where the manifest says so, and nowhere else.
fails_where_it_should()
{
	local path

	while read -r path; do
		path=$(python3 -c 'import json, sys
print(json.loads(sys.argv[1]))' "${path#lost in the store: }")
		not cat "$m/$path" >"$tmp/read" || return 1
	done < <(unreadable)
	[[ -s $tmp/sums ]] && (cd "$m" && sha256sum -c --quiet "$tmp/sums")
}

ok 'what is said of each store is how it was made' \
	"$(dirname "$0")/complete.py" "$forge" "$ostcheck" "$stores" "$format"
tail -n 1 "$tmp/out"
rm -f "$stores/block.ost"
for store in "$stores"/*.ost; do
	name=$(basename "$store" .ost)
	"$ostcheck" --manifest "$manifest" "$store" 2>"$tmp/said" || true
	sums_in "$manifest" >"$tmp/sums"
	ok "$name: it mounts" start "$store" "$m"
	ok "$name: the mount has the ledger" \
		cmp <("$ostcheck" --json "$store") "$m/.ostfs/report.json"
	ok "$name: and the manifest" cmp "$m/.ostfs/manifest.jsonl" "$manifest"
	ok "$name: what can be read is what it was" fails_where_it_should
	cp -a "$m" "$tmp/copy" 2>"$tmp/said" || true
	ok "$name: it unmounts" stop "$m"
	chmod -R u+w "$tmp/copy"
	ok "$name: a copy lacks what the store does" verdict "$store"
	ok "$name: as the manifest has it" verdict --against "$manifest"
	rm -rf "$tmp/copy"
done
finish
