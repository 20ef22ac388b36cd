# mount_checks.sh - what must hold of any mounted store; sourced by tests
#
# Functions for ok() of mount_common.sh. Each succeeds if it holds of $store,
# mounted at $m; copies are left in $tmp.

every_size_is_exact()
{
	local size path

	while IFS=$'\t' read -r -d '' size path; do
		is "$size" wc -c <"$path" || { echo "$path"; return 1; }
	done < <(find "$m" -type f -printf '%s\t%p\0')
}

every_block_count_follows_the_size()
{
	find "$m" -type f -printf '%s %b %p\n' |
		awk '$2 != int(($1 + 511) / 512) { bad = 1; print }
			END { exit bad }'
}

# What of a tree should never change: names, sizes, times, modes.
facts()
{
	(cd "$1" && find . -mindepth 1 "${@:2}" | LC_ALL=C sort)
}

copies_with_cp()
{
	cp -a "$m/." "$tmp/copy" && diff -r "$m" "$tmp/copy" &&
		diff <(facts "$m" -type f -printf '%P %s %T@ %m\n') \
			<(facts "$tmp/copy" -type f -printf '%P %s %T@ %m\n')
}

copies_with_rsync_once()
{
	rsync -a "$m/" "$tmp/rsync" && is '' rsync -ai "$m/" "$tmp/rsync" &&
		diff -r "$m" "$tmp/rsync"
}

travels_by_tar()
{
	mkdir "$tmp/tar" && tar -C "$m" -cf - . >"$tmp/all.tar" &&
		is "$(find "$m" | wc -l)" eval "tar -tf '$tmp/all.tar' | wc -l" &&
		tar -C "$tmp/tar" -xf "$tmp/all.tar" && diff -r "$m" "$tmp/tar"
}

grep_and_rg_read_all()
{
	local all

	all=$(cd "$m" && find . -type f -size +0 | LC_ALL=C sort)
	[[ -n $all ]] &&
		is "$all" eval "cd '$m' && grep -rl '' . | LC_ALL=C sort" &&
		is "$all" eval "cd '$m' && rg -uuul '' . | LC_ALL=C sort"
}

du_adds_up()
{
	local sizes blocks

	sizes=$(find "$m" -type f -printf '%s\n' | awk '{ n += $1 } END { print n }')
	blocks=$(find "$m" -type f -printf '%b\n' | awk '{ n += $1 } END { print int((n + 1) / 2) }')
	((sizes > 0)) &&
		is "$sizes" eval "du -sb '$m' | cut -f1" &&
		is "$blocks" eval "du -sk '$m' | cut -f1"
}

items_have_attributes()
{
	local path nid

	while read -r -d '' path; do
		nid=${path##*\[}
		is "${nid%%\]*}" getfattr --only-values -n user.ost.nid "$path" &&
			getfattr --only-values -n user.ost.class "$path" |
			grep -q "^IPM\." &&
			is message/rfc822 getfattr --only-values \
				-n user.mime_type "$path" || return 1
	done < <(find "$m" -name '*.attachments' -prune -o -name '*.eml' -print0)
}

lists_nothing_twice()
{
	is '' eval "find '$m' -printf '%i\n' | sort | uniq -d" &&
		is '' eval "find '$m' | sort | uniq -d" &&
		is '' eval "find '$m' | LC_ALL=C grep -P '[\x00-\x1f\x7f]'"
}

counts_links()
{
	local links subdirs path

	while IFS=$'\t' read -r -d '' links path; do
		subdirs=$(find "$path" -mindepth 1 -maxdepth 1 -type d | wc -l)
		((links == 1 || links == 2 + subdirs)) ||
			{ echo "$links $path"; return 1; }
	done < <(find "$m" -type d -printf '%n\t%p\0')
}

start_elsewhere()
{
	local -x TZ=Pacific/Kiritimati LC_ALL=C

	start "$@" "$store" "$m"
}
