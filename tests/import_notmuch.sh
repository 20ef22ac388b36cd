#!/bin/bash
# import_notmuch.sh - notmuch indexes a mount as it is, and finds every mail
#
#	import_notmuch.sh OSTFS OSTFORGE

. "$(dirname "$0")/import_common.sh"
needs notmuch python3
export NOTMUCH_CONFIG=$tmp/notmuch-config

configure()
{
	rm -rf "$tmp/index" && mkdir "$tmp/index" &&
		cat >"$NOTMUCH_CONFIG" <<-END
			[database]
			path=$tmp/index
			mail_root=$m
			[user]
			name=Alice
			primary_email=alice@example.com
			[maildir]
			synchronize_flags=false
		END
}

m=$tmp/m
for store in "${stores[@]}"; do
	ok "${store##*/} mounts" start -o items=eml,attachments=inside \
		"$store" "$m"
	configure
	ok '  notmuch indexes it' notmuch new --quiet
	ok '  it has every mail and finds it' "$here/import/check_search.py" \
		notmuch "$m"
	tell
	ok '  it unmounts' stop "$m"
done
finish
