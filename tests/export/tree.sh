#!/bin/bash
# tree.sh - an export is the mount, byte for byte, whatever ends it
#
#	tree.sh OSTFS OSTFORGE TOOLS

. "$(dirname "$0")/common.sh"

# What cannot be read: its line in the manifest has an error.
unreadable()
{
	printf 'no such name\n' # grep wants a pattern
	jq -r 'select(.error and .path) | .path' \
		"$1/.ostexport/manifest.jsonl"
}

# mounted STORE: names, types, times and bytes are those of the mount, of all
# that can be read there.
mounted()
{
	local code=0

	start "$1" "$m" && export_to "$1" "$tmp/e" &&
		unreadable "$tmp/e" >"$tmp/lost" &&
		diff <(listing "$m" 2>/dev/null | grep -vFf "$tmp/lost") \
			<(listing "$tmp/e") || code=1
	stop "$m"
	return "$code"
}

# proven STORE: ostcheck proves it, of whatever can be read.
proven()
{
	local code=0

	"$ostcheck" --verify "$tmp/e" "$1" >"$tmp/verdict" || code=$?
	cat "$tmp/verdict"
	[[ $code == 0 ]] || ! grep -qE '^(missing|altered|extra)' "$tmp/verdict"
}

listed_as_ostcheck_does()
{
	"$ostcheck" --manifest "$tmp/list" "$1" || (($? == 40))
	diff <(sed '1d;$d' "$tmp/list") \
		<(sed '1d;$d' "$tmp/e/.ostexport/manifest.jsonl")
}

for s in "${stores[@]}"; do
	rm -rf "$tmp/e"
	ok "$(basename "$s"): it is the mount" mounted "$s"
	ok 'ostcheck proves it' proven "$s"
	ok 'its manifest is that of ostcheck' listed_as_ostcheck_does "$s"
done

many=$tmp/many.pst
whole=$tmp/whole
ok 'one thread' "$ostexport" -j 1 "$many" "$whole"
ok 'and eight' "$ostexport" -j8 "$many" "$tmp/eight"
ok 'make the same' same_listing "$whole" "$tmp/eight"
ok 'and the same manifest' same_manifest "$whole" "$tmp/eight"
ok 'in another zone and locale, too' env TZ=Asia/Kolkata LC_ALL=tr_TR.UTF-8 \
	"$ostexport" "$many" "$tmp/zone"
ok 'all of it' same_manifest "$whole" "$tmp/zone"
ok 'with --verify it says so itself' eval "'$ostexport' --verify '$many' \
	'$tmp/eight' | grep '^proven: '"
ok 'and writes its manifest elsewhere' eval "'$ostexport' --manifest - \
	'$many' '$tmp/eight' | cmp - '$whole/.ostexport/manifest.jsonl'"

# --- how far it has come ---------------------------------------------------------

# The last that is said is all of all, whatever is left out.
ends_with_all()
{
	rm -rf "$tmp/p"
	export_to --progress "$@" "$tmp/p" 2>"$tmp/said" || return 1
	tr '\r' '\n' <"$tmp/said" | grep -oE '[0-9]+ of [0-9]+ items' |
		tail -n 1 >"$tmp/last"
	read -r done_ _ all _ <"$tmp/last" && [[ $done_ == "$all" ]] &&
		((all > 0))
}
ok 'progress has an end that is true' ends_with_all "$many"
ok 'also of what is asked for' ends_with_all --since 2030-01-01 "$many"
ok 'of calendars' ends_with_all -f vdir "$store"
ok 'and of what is damaged' ends_with_all "$tmp/hurt.ost"

# --- the shapes of the mount -----------------------------------------------------

as_maildirs()
{
	local code=0

	rm -rf "$tmp/e"
	start -o layout=maildir "$store" "$m" || return 1
	export_to -o layout=maildir "$store" "$tmp/e" &&
		diff <(listing "$m") <(listing "$tmp/e") || code=1
	stop "$m"
	return "$code"
}
ok 'with layout=maildir it is that mount' as_maildirs
ok 'attachments in the folder are for mounts' exits 1 "$ostexport" \
	-o attachments=folder "$store" "$tmp/none"

# --- ended in the middle ------------------------------------------------------

# kill_at FRACTION: killed when so much of the journal is written.
killed=0
kill_at()
{
	local size whole_size

	rm -rf "$tmp/k"
	whole_size=$(stat -c %s "$whole/.ostexport/journal.jsonl")
	"$ostexport" -j 2 "$many" "$tmp/k" 2>"$tmp/said" &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		size=$(find "$tmp/k" -type f -size +0 2>/dev/null | wc -l) || :
		((size * 100 < $1 * 2)) || break
	done
	if kill -9 "$pid" 2>/dev/null; then killed=$((killed + 1)); fi
	wait "$pid" 2>/dev/null || :
	"$ostexport" "$many" "$tmp/k" && same_listing "$whole" "$tmp/k" &&
		same_manifest "$whole" "$tmp/k" &&
		is '' find "$tmp/k" -name '.ostexport-*'
}

for at in 1 20 50 70 90; do
	ok "killed at $at %, it goes on" kill_at "$at"
done
ok 'it was killed, most times' test "$killed" -ge 2
ok 'run again, nothing is written' eval "'$ostexport' '$many' '$tmp/k' 2>&1 |
	grep -E '; ([0-9]+) were there already'"
one=$(find "$tmp/k" -name '*.eml' | sed -n 1p)
rm "$one"
two=$(find "$tmp/k" -name '*.eml' | tail -n 1)
printf x >>"$two"
ok 'what was taken away or changed' "$ostexport" "$many" "$tmp/k"
ok 'is written again' same_listing "$whole" "$tmp/k"

interrupted()
{
	rm -rf "$tmp/k"
	env --default-signal=INT "$ostexport" -j 1 "$many" "$tmp/k" &
	pid=$!
	until [[ -e $tmp/k/.ostexport/journal.jsonl ]]; do
		kill -0 "$pid" || return 0 # it was done
	done
	kill -INT "$pid" || return 0
	wait "$pid" || (($? == 130)) || return 1
	"$ostexport" "$many" "$tmp/k" && same_manifest "$whole" "$tmp/k"
}
ok 'Ctrl-C ends it, and it goes on' interrupted

# --- where it is written --------------------------------------------------------

holds_only()
{
	is "$2" eval "cd '$1' && find . -mindepth 1 | sort"
}

mkdir "$tmp/theirs"
echo mine >"$tmp/theirs/file"
ok 'what holds something else is left alone' exits 12 \
	"$ostexport" "$store" "$tmp/theirs"
ok 'as it was' holds_only "$tmp/theirs" ./file
ln -s "$tmp/elsewhere" "$tmp/link"
mkdir "$tmp/elsewhere"
ok 'no link is followed' exits 12 "$ostexport" "$store" "$tmp/link"
ok 'nor with a slash after it' exits 12 "$ostexport" "$store" "$tmp/link/"
ok 'nothing is there' holds_only "$tmp/elsewhere" ''
ok 'nor is a file' exits 12 "$ostexport" "$store" "$store"
ok 'nor what is nowhere' exits 12 "$ostexport" "$store" "$tmp/none/there"
# Forged stores all have one record key; real ones have not.
ok 'another store is another export' not "$ostexport" "$store" "$tmp/eight"
other_options()
{
	exits 1 "$ostexport" -o attachments=inside "$many" "$tmp/eight" \
		2>"$tmp/said" && grep -q '"attachments".*both.*inside' "$tmp/said"
}
ok 'so are other options, which are named' other_options
ok 'and another format' exits 1 "$ostexport" -f mbox "$many" "$tmp/eight"
ok 'the export is as it was' same_listing "$whole" "$tmp/eight"
cp "$many" "$tmp/grown.pst"
touch -d '2001-01-01' "$tmp/grown.pst"
rm -rf "$tmp/k"
ok 'of a store' "$ostexport" "$tmp/grown.pst" "$tmp/k"
touch "$tmp/grown.pst"
ok 'that has changed since' exits 1 "$ostexport" "$tmp/grown.pst" "$tmp/k"
install -d -m 755 "$tmp/roots"
ok 'without permission' exits 12 as_nobody "$ostexport" "$store" "$tmp/roots"
ok 'nor below' exits 12 as_nobody "$ostexport" "$store" "$tmp/roots/x"
ok 'what is no store makes no directory' exits 30 \
	"$ostexport" "$tmp/verdict" "$tmp/nothing"
ok 'none' not test -e "$tmp/nothing"

# A link that comes to be in it, where a directory was.
planted()
{
	cp -a "$whole" "$tmp/planted"
	dir=$(cd "$tmp/planted" && find . -mindepth 1 -maxdepth 1 -type d \
		! -name .ostexport | sed -n 1p)
	rm -rf "${tmp:?}/planted/$dir"
	ln -s "$tmp/elsewhere" "$tmp/planted/$dir"
	exits 12 "$ostexport" "$many" "$tmp/planted" &&
		holds_only "$tmp/elsewhere" ''
}
ok 'nor is a link in it followed' planted

# --- a small disk -----------------------------------------------------------------

disk=$tmp/disk
mkdir "$disk"
as_root=()
((EUID == 0)) || as_root=(sudo -n)

# small_disk SIZE
small_disk()
{
	"${as_root[@]}" mount -t tmpfs -o "size=$1,uid=$EUID" none "$disk"
}

ok 'there is a small disk' small_disk 1M
too_little()
{
	exits 12 "$ostexport" "$many" "$disk/e" 2>"$tmp/said" &&
		grep -qE 'needs [0-9.]+ MB, [0-9.]+ [KM]B are free' \
			"$tmp/said"
}
ok 'there is too little room, and it says how much' too_little
ok 'nothing was written' holds_only "$disk" ''
"${as_root[@]}" umount "$disk"
size=$(du -sk "$whole" | cut -f1)
small_disk "$((size + 600))K"
filled()
{
	local code=0

	# Between the look and the last file, somebody fills it.
	"$ostexport" -j 1 "$many" "$disk/e" &
	pid=$!
	until [[ -e $disk/e/.ostexport/journal.jsonl ]]; do
		kill -0 "$pid" || break
	done
	head -c "$((size * 900))" /dev/zero >"$disk/fill" || :
	wait "$pid" || code=$?
	((code == 12 || code == 0)) || return 1
	rm "$disk/fill"
	"$ostexport" "$many" "$disk/e" &&
		same_manifest "$whole" "$disk/e"
}
ok 'a disk that is full ends it, and it goes on' filled
"${as_root[@]}" umount "$disk"

# --- what is asked for --------------------------------------------------------------

# asked WORD... : an export of $many with these options, proven.
asked()
{
	rm -rf "$tmp/f"
	"$ostexport" --verify "$@" "$many" "$tmp/f" >"$tmp/verdict" &&
		cat "$tmp/verdict" && grep -q 'asked for' "$tmp/verdict" &&
		"$ostcheck" --verify "$tmp/f" \
			--against "$tmp/f/.ostexport/manifest.jsonl"
}

folder=$(cd "$whole" && find . -mindepth 1 -maxdepth 1 -type d \
	! -name .ostexport -printf '%P\n' | sort | sed -n 1p)
ok 'one folder' asked --folder "$folder"
ok 'is there, and no other' is "$folder" eval "cd '$tmp/f' && ls"
ok 'with all that is in it' diff -r "$whole/$folder" "$tmp/f/$folder"
ok 'all but one folder' asked --no-folder "$folder"
ok 'has not that' not test -e "$tmp/f/$folder"
ok 'those with attachments' asked --has-attachment
ok 'have them' is "$(cd "$whole" && find . -name '*.attachments' | wc -l)" \
	eval "cd '$tmp/f' && find . -name '*.eml' -path './*/*' \
	! -path '*.attachments/*' | wc -l"
year=$(find "$whole" -name '*.eml' -printf '%TY\n' | sort | sed -n 1p)
ok 'a year' asked --since "$year-01-01" --until "$year-12-31"
ok 'is that year' is "$year" eval "find '$tmp/f' -path '*/.ostexport' -prune \
	-o -type f -printf '%TY\n' | sort -u"
ok 'a class that nothing has' asked --class 'IPM.Nothing*'
ok 'has nothing' is 0 eval "find '$tmp/f' -name '*.eml' | wc -l"
# Nothing tells of what time is what cannot be read: it is not left out.
no_loss_is_left_out()
{
	export_to "$tmp/hurt.ost" "$tmp/all" &&
		export_to --until 2000-01-01 "$tmp/hurt.ost" "$tmp/old" &&
		diff <(unreadable "$tmp/all" | grep -F .eml | sort) \
			<(unreadable "$tmp/old" | grep -F .eml | sort) &&
		is 30 eval "unreadable '$tmp/old' | grep -cF .eml"
}
ok 'what cannot be read may be of that time' no_loss_is_left_out

# A9: all that is shown is written, and the list that is lost is told.
"$forge" -o "$tmp/list.pst" --format ansi --encoding none --messages 6 \
	--folders 2 --damage root-list
ok 'a list of folders that is damaged is a loss' exits 40 eval \
	'"$ostexport" "$tmp/list.pst" "$tmp/unlisted" 2>"$tmp/told"'
ok 'and it says so' grep -q 'has losses: ostcheck --deep tells' "$tmp/told"
ok 'a date that is none' exits 1 "$ostexport" --since yesterday "$many" \
	"$tmp/none"
ok 'a format that is none' exits 1 "$ostexport" -f docx "$many" "$tmp/none"

finish
