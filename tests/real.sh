#!/bin/bash
# real.sh - a real store, mounted: the usual tools on it, two mail parsers, and
# the words that another reader finds
#
#	real.sh OSTFS GMIME_CHECK STORE
#
# STORE is a file in the folder that $OST_REAL_STORES names.

. "$(dirname "$0")/mount_common.sh" "$1"
. "$(dirname "$0")/mount_checks.sh"
. "$(dirname "$0")/real_common.sh" "$3"
here=$(dirname "$0")
gmime_check=$2

[[ -x $gmime_check ]] || {
	echo "$0: no gmime_check: install libgmime-3.0-dev and build" >&2
	exit 1
}
needs cp rsync pgrep tar rg grep du stat getfattr find python3 readpst

# None of these stores has a message in a message.
all_attributes_can_be_read()
{
	getfattr --absolute-names -R -d "$m" >"$tmp/attributes" &&
		is "$(find "$m" -name '*.attachments' -prune -o -type f -print |
			wc -l)" \
			grep -c '^user.ost.class="IPM\.' "$tmp/attributes"
}

gmime_has_no_complaint()
{
	find "$m" -name '*.eml' -print0 | xargs -0 "$gmime_check"
}

# Words of subjects, such that base64 and quoted-printable cannot hide them.
words()
{
	grep -ohaE '[A-Za-z]{8,}' | LC_ALL=C sort -u
}

# Lines of an .ics are folded amid words.
our_subjects()
{
	rg -uua --no-filename '^(Subject:|[ \t])' "$m" &&
		find "$m" -name '*.ics' -exec cat {} + |
		perl -0777 -pe 's/\r?\n[ \t]//g' | sed -n '/^SUMMARY/p'
}

subjects_are_found()
{
	mkdir "$tmp/readpst"
	readpst -q -e -D -b -j 0 -o "$tmp/readpst" "$store" &&
		grep -rhE '^(Subject|SUMMARY):' "$tmp/readpst" |
		grep -v '=?' | sed 's/^[A-Za-z]*://' | words >"$tmp/words" &&
		(($(wc -l <"$tmp/words") > 10)) &&
		our_subjects | words >"$tmp/ours" &&
		is '' comm -23 "$tmp/words" "$tmp/ours"
}

is_part_of_the_whole_store()
{
	local root

	root=$(find "$m" -mindepth 1 -maxdepth 3 -type d \
		-exec sh -c '[ "$(getfattr --only-values -n user.ost.nid \
			"$1")" = "$2" ]' sh {} "$nid" \; -print)
	# Beyond the copy it has hidden folders that hold nothing.
	[[ -d $root ]] && cmp <(sums "$root") <(sums "$tmp/copy") &&
		is '' comm -13 <(directories "$root") <(directories "$tmp/copy")
}

sums()
{
	(cd "$1" && find . -type f -exec sha256sum {} + | sort)
}

directories()
{
	(cd "$1" && find . -type d | sort)
}

no_process()
{
	is '' pgrep -f -- "$tmp/m"
}

ok 'it mounts' start "$store" "$m"
ok 'it says nothing then' is '' cat "$tmp/said"
ok 'ls -lR has no complaint' eval "ls -lR '$m' >'$tmp/ls'"
ok 'there are mails' some "$m" -name '*.eml'
ok 'the size of every file is exact' every_size_is_exact
ok 'block counts follow sizes' every_block_count_follows_the_size
ok 'directories count their links' counts_links
ok 'no name and no inode is there twice' lists_nothing_twice
ok 'cp -a copies all' copies_with_cp
ok 'rsync -a copies all, and nothing the second time' copies_with_rsync_once
ok 'tar carries all' travels_by_tar
ok 'grep -r and rg read all' grep_and_rg_read_all
ok 'rg finds the words of the subjects readpst finds' subjects_are_found
ok 'du adds up' du_adds_up
ok 'Python has no complaint of any mail' "$here/check_eml.py" "$m"
tell
ok 'nor has GMime' gmime_has_no_complaint
tell
ok 'what lies beside a mail is in it' "$here/same_files.py" "$m"
tell
facts "$m" -printf '%P %s %T@ %C@ %m %i\n' >"$tmp/facts"
ok 'fusermount3 -u ends it' stop "$m"
ok 'the directory it made is gone' not test -e "$m"
ok 'so is the process' no_process

mkdir "$m"
ok 'it mounts in another time zone and locale' start_elsewhere -o xattrs
ok 'getfattr -R reads all extended attributes' all_attributes_can_be_read
ok 'items have theirs' items_have_attributes
ok 'every byte is the same as before' diff -r "$m" "$tmp/copy"
ok 'names, sizes, times and inodes are' cmp \
	<(facts "$m" -printf '%P %s %T@ %C@ %m %i\n') "$tmp/facts"
nid=$(getfattr --absolute-names --only-values -n user.ost.nid "$m")
ok 'it unmounts again' stop "$m"

ok 'the whole store can be shown' start -o root=store,xattrs "$store" "$m"
ok 'and the mailbox is a part of it' is_part_of_the_whole_store
ok 'it unmounts again' stop "$m"
ok 'and the directory that was there before stays' rmdir "$m"
finish
