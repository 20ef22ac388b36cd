#!/bin/bash
# import_mu.sh - mu indexes a mount, and finds every mail
#
#	import_mu.sh OSTFS OSTFORGE
#
# mu wants Maildirs: as README.md says, each folder is `cur' in one.

. "$(dirname "$0")/import_common.sh"
needs mu python3
export MUHOME=$tmp/mu

link_folders()
{
	rm -rf "$tmp/maildir" "$MUHOME"
	(cd "$m" && find . -type d) | while read -r folder; do
		mkdir -p "$tmp/maildir/$folder" &&
			ln -s "$m/$folder" "$tmp/maildir/$folder/cur"
	done
}

index()
{
	mu init --maildir="$tmp/maildir" && mu index --quiet
}

m=$tmp/m
for store in "${stores[@]}"; do
	ok "${store##*/} mounts" start -o items=eml,attachments=inside \
		"$store" "$m"
	ok '  its folders are linked' link_folders
	ok '  mu indexes it' index
	ok '  it has every mail and finds it' "$here/import/check_search.py" \
		mu "$tmp/maildir"
	tell
	ok '  it unmounts' stop "$m"
done
finish
