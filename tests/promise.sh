#!/usr/bin/env bash
# promise.sh OSTFS OSTFORGE TOOLS - A5: the same store, the same bytes
#
# Whoever asks, from wherever, in whatever language and time zone, with however
# many processors and however much memory: by the tools and by a mount.
source "${BASH_SOURCE[0]%/*}/mount_common.sh" "$1" "$2"
tools=$3
install -m 755 "$tools/ostcheck" "$tools/ostcat" "$tmp/"
umask 022

# Rules that call everything what it is not.
install -d "$tmp/home"
printf '0 string P chess\n!:mime application/x-chess\n0 ubyte x all\n!:mime x/y\n' \
	>"$tmp/home/.magic"

# manifest [COMMAND...]: of $store, run in that way.
manifest()
{
	"$@" "$tmp/ostcheck" --manifest - "$store" 2>/dev/null
}

same()
{
	manifest "$@" | cmp - "$tmp/want"
}

mounted_same()
{
	start "$@" "$store" "$tmp/m" &&
		cmp "$tmp/m/.ostfs/manifest.jsonl" "$tmp/want"
	local result=$?

	stop "$tmp/m"
	return $result
}

# The bytes of each file as ostcat gives them have the hash that is promised.
cat_same()
{
	local path sha

	while IFS=$'\t' read -r sha path; do
		[[ $("$tmp/ostcat" "$store" "/$path" | sha256sum) == "$sha "* ]] ||
			{ echo "$path"; return 1; }
	done < <(python3 - "$tmp/want" <<'EOF'
import json, sys
for line in list(open(sys.argv[1], encoding="utf-8", errors="surrogateescape"))[:12]:
    entry = json.loads(line)
    if "path" in entry and "sha256" in entry:
        print(entry["sha256"], entry["path"], sep="\t")
EOF
	)
}

in_root()
{
	(cd / && "$@")
}

masked()
{
	(umask 077 && "$@")
}

promise()
{
	store=$1
	local name=${store##*/}

	chmod 644 "$store"
	manifest env -i PATH="$PATH" >"$tmp/want"
	ok "$name: there is a tree" grep -q '"totals"' "$tmp/want"
	ok 'the rules that tell types are ours' grep -q '"types": "ostfs 1"' \
		"$tmp/want"
	ok 'not those of the user' same env HOME="$tmp/home"
	ok 'nor of the environment' same env MAGIC="$tmp/home/.magic" \
		GCONV_PATH=/nonexistent
	ok 'it is the same in Kathmandu' same env TZ=Asia/Kathmandu
	ok 'in Turkish' same env LANG=tr_TR.UTF-8 LC_ALL=tr_TR.UTF-8
	ok 'in no language' same env LC_ALL=C LANG=
	ok 'for a careful user' same masked
	ok 'from elsewhere' same in_root
	ok 'for another user' same as_nobody
	ok 'with one processor' same taskset -c 0
	ok 'by ostcat' cat_same
	ok 'by a mount' mounted_same
	ok 'with little memory' mounted_same -o cache=1M
	ok 'with much, and other rules' env HOME="$tmp/home" \
		MAGIC="$tmp/home/.magic" TZ=Asia/Kathmandu bash -c '
		"$0" -o cache=256M "$1" "$2" && trap "fusermount3 -u $2" EXIT &&
		cmp "$2/.ostfs/manifest.jsonl" "$3"' \
		"$ostfs" "$store" "$tmp/m" "$tmp/want"
	ok 'without a sandbox' mounted_same -o nosandbox
}

"$2" -o "$tmp/ansi.pst" --sample --format ansi
promise "$store"
promise "$tmp/ansi.pst"
if [[ -d ${OST_REAL_STORES:-} ]]; then
	for real in "$OST_REAL_STORES"/*.[op]st; do
		cp "$real" "$tmp/"
		promise "$tmp/${real##*/}"
	done
fi
finish
