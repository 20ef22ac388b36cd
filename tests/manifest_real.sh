#!/bin/bash
# manifest_real.sh - manifests of the real stores, and copies proven
#
#	manifest_real.sh OSTFS OSTCHECK

. "$(dirname "$0")/mount_common.sh" "$1"
ostcheck=$2
. "$(dirname "$0")/manifest_common.sh"

for name in enron.pst pstextractortest@outlook.com.ost \
	pstextractortestpdf@outlook.com.ost; do
	. "$(dirname "$0")/real_common.sh" "$name"
	ok "$name mounts" start -o xattrs "$store" "$m"
	ok 'a manifest is written' "$ostcheck" --manifest "$manifest" "$store"
	ok 'its hashes are those of the files' sums_are_right
	ok 'its sizes, times, NIDs and directories are' facts_are_right
	ok 'the mount has the same' cmp "$m/.ostfs/manifest.jsonl" "$manifest"
	ok 'it is copied' cp -a "$m" "$tmp/copy"
	ok 'it unmounts' stop "$m"
	ok 'the copy is proven' "$ostcheck" --verify "$tmp/copy" "$store"
	ok 'by the manifest, too' "$ostcheck" --verify "$tmp/copy" \
		--against "$manifest"
	rm -rf "$tmp/copy"
done
finish
