#!/bin/bash
# import_mu.sh - mu indexes a mount, and finds every mail and what was read
#
#	import_mu.sh OSTFS OSTFORGE

. "$(dirname "$0")/import_common.sh"
needs mu python3
export MUHOME=$tmp/mu

index()
{
	rm -rf "$MUHOME"
	mu init --maildir="$m" && mu index --quiet
}

# mu takes the flags from the names, and no mail is new.
flags_agree()
{
	local flag query

	[[ -z $(find "$m" -path '*/new/*') ]] || return 1
	for flag in S:seen R:replied F:flagged D:draft; do
		query=flag:${flag#*:}
		diff <(find "$m" -path '*/cur/*' -name "*:2,*${flag%:*}*" |
			sort) <(mu find --fields=l "$query" 2>/dev/null | sort) ||
			return 1
	done
}

m=$tmp/m
for store in "${stores[@]}"; do
	ok "${store##*/} mounts" start -o layout=maildir "$store" "$m"
	ok '  mu indexes it' index
	ok '  it has every mail and finds it' "$here/import/check_search.py" \
		mu "$m"
	ok '  and its flags' flags_agree
	tell
	ok '  it unmounts' stop "$m"
done
finish
