#!/bin/bash
# manifest.sh - manifests, and copies of a mount held against them
#
#	manifest.sh OSTFS OSTFORGE OSTCHECK

. "$(dirname "$0")/mount_common.sh" "$1" "$2"
ostcheck=$3
. "$(dirname "$0")/manifest_common.sh"
copy=$tmp/copy

write_manifest()
{
	"$ostcheck" --manifest "$manifest" "$@" "$store"
}

# verify ARGUMENT...: what it says goes to $tmp/verdict, too.
verify()
{
	local code=0

	"$ostcheck" --verify "$copy" "$@" >"$tmp/verdict" || code=$?
	cat "$tmp/verdict"
	return "$code"
}

# The first lines say just that, by kind and path, and the last "NOT proven".
finds()
{
	exits 40 verify "$store" &&
		is "$(printf '%s\n' "$@")" \
			sed '$d; s/": .*/"/; s/"//g' "$tmp/verdict" &&
		grep -q '^NOT proven: ' "$tmp/verdict" &&
		cp "$tmp/verdict" "$tmp/first" &&
		exits 40 verify --against "$manifest" &&
		diff <(sed '$d' "$tmp/first") <(sed '$d' "$tmp/verdict")
}

anew()
{
	rm -rf "$copy"
	cp -a "$tmp/whole" "$copy"
}

same_at()
{
	taskset -c 0 "$ostcheck" --manifest "$tmp/other" "$store" &&
		cmp "$tmp/other" "$manifest" &&
		TZ=Asia/Kolkata LC_ALL=tr_TR.UTF-8 "$ostcheck" \
			--manifest "$tmp/other" "$store" &&
		cmp "$tmp/other" "$manifest"
}

# altered PROGRAM: a manifest that sed's PROGRAM changed is none any more.
altered()
{
	sed "$1" "$manifest" >"$tmp/bad"
	exits 32 verify --against "$tmp/bad"
}

# It takes signals itself, as it reads and proves.
has_begun()
{
	until grep -q '^SigBlk:.*4002$' "/proc/$pid/status"; do
		kill -0 "$pid" || return 1
		sleep 0.1
	done
}

# verify_slowly [ARGUMENT...]: verify against a pipe, as the child $pid.
verify_slowly()
{
	env --default-signal=INT "$ostcheck" --verify "$copy" \
		--against "$tmp/slow" "$@" 6<&- &
	pid=$!
}

# What is sent to it before it is the program would meet a shell's child, which
# ignores it.
is_running()
{
	until [[ $(readlink "/proc/$pid/exe") -ef $ostcheck ]]; do
		kill -0 "$pid" || return 1
		sleep 0.1
	done
}

# One INT ends $pid, whatever it waits for.
ends_at_once()
{
	kill -INT "$pid"
	exits 130 wait "$pid"
}

# A2: the pipe is open for writing, and gives no more.
interrupted()
{
	mkfifo "$tmp/slow"
	exec 6<>"$tmp/slow"
	head -n 3 "$manifest" >&6
	verify_slowly >"$tmp/verdict"
	has_begun && ends_at_once && exec 6<&-
}

# A2: nobody opens the pipe.
interrupted_before()
{
	verify_slowly >"$tmp/verdict"
	is_running && ends_at_once
}

# A2: nobody reads the manifest.
interrupted_writing()
{
	env --default-signal=INT "$ostcheck" --manifest "$tmp/slow" "$store" &
	pid=$!
	is_running && ends_at_once
}

# Until it has proven a file, it is given one more line of the manifest.
interrupted_later()
{
	exec 6<>"$tmp/slow" 5<"$manifest"
	verify_slowly --progress --resume "$tmp/later" \
		>"$tmp/verdict" 2>"$tmp/progress" 5<&-
	has_begun
	until grep -qE '[1-9][0-9]* files' "$tmp/progress"; do
		IFS= read -r line <&5 && printf '%s\n' "$line" >&6 || return 1
		sleep 0.2
	done
	ends_at_once && exec 5<&- 6<&-
}

chmod -R u+w "$tmp"
ok 'it mounts' start -o xattrs "$store" "$m"
ok 'a manifest is written' write_manifest
ok 'its hashes are those of the files' sums_are_right
ok 'its sizes, times, NIDs and directories are' facts_are_right
ok 'the mount has the same' cmp "$m/.ostfs/manifest.jsonl" "$manifest"
ok 'and a second time' cmp "$m/.ostfs/manifest.jsonl" "$manifest"
ok 'it is known what it is' is application/jsonl getfattr --absolute-names \
	--only-values -n user.mime_type "$m/.ostfs/manifest.jsonl"
cp -a "$m" "$tmp/whole"
chmod -R u+w "$tmp/whole"
copy=$m
ok 'the mount itself is proven' verify "$store"
copy=$tmp/copy
ok 'it unmounts' stop "$m"
ok 'it is the same on one core, in another zone and locale' same_at
ok 'it mounts in another time zone and locale' env TZ=Asia/Kolkata \
	LC_ALL=tr_TR.UTF-8 "$ostfs" "$store" "$m"
ok 'and has the same manifest' cmp "$m/.ostfs/manifest.jsonl" "$manifest"
fusermount3 -u "$m"
ok 'it goes to standard output, too' eval \
	"'$ostcheck' --manifest - '$store' | cmp - '$manifest'"
ok 'with other options' "$ostcheck" --manifest "$tmp/other" \
	-o attachments=beside "$store"
ok 'it is another' not cmp -s "$tmp/other" "$manifest"
ok 'where it cannot be written, it says so' exits 1 \
	"$ostcheck" --manifest /dev/full "$store"
ok 'and nothing is left' eval "! ls '$tmp'/*.part"

anew
ok 'a whole copy is proven' verify "$store"
ok 'and says so' grep -q '^proven: .* unaltered$' "$tmp/verdict"
ok 'it is by the manifest' verify --against "$manifest"
one='Inbox/2024-03-01 10.22 Jane Doe - Budget review [200024].eml'
two='Inbox/2024-03-01 12.22 John Roe - RE- Budget review [200044].eml'
printf X | dd of="$copy/$one" bs=1 seek=20 conv=notrunc 2>"$tmp/dd"
ok 'one byte that differs is found' finds "altered: $one"
anew
truncate -s -1 "$copy/$one"
ok 'so is a file cut short' finds "altered: $one"
anew
rm "$copy/$two"
ok 'and a missing one' finds "missing: $two"
anew
touch "$copy/Inbox/more" "$copy/.hidden"
mkdir "$copy/none"
ok 'and what is too much' finds 'extra: .hidden' 'extra: none' \
	'extra: Inbox/more'
anew
mv "$copy/$one" "$tmp/x"
mv "$copy/$two" "$copy/$one"
mv "$tmp/x" "$copy/$two"
ok 'and a swapped pair' finds "altered: $one" "altered: $two"
anew
mv "$copy/$one" "$tmp/x"
ln -s "$tmp/x" "$copy/$one"
ok 'a symbolic link is no copy' finds "altered: $one"
rm "$copy/$one"
mkfifo "$copy/$one"
ok 'nor is a pipe' finds "altered: $one"
anew
mv "$copy/Notes" "$tmp/y"
ln -s "$tmp/y" "$copy/Notes"
ok 'nor is what a symbolic link leads to' finds 'altered: Notes' \
	"missing: Notes/$(ls "$tmp/y")"
rm "$copy/Notes"
mv "$tmp/y" "$copy/notes"
exits 40 verify "$store" >"$tmp/out"
ok 'letter case is told for what it is' grep -q \
	'^extra: "notes": .*in other letter case' "$tmp/verdict"
anew
touch -d '2001-01-01 UTC' "$copy/$one"
ok 'a time is no difference' verify "$store"
ok 'but is counted' grep -q '; 1 has another time$' "$tmp/verdict"
ok 'and listed on request' eval \
	"verify --times '$store' | grep -q '^other time: \"Inbox/'"

anew
files=$(find "$copy" -type f | wc -l)
ok 'it remembers' verify --resume "$tmp/state" "$store"
ok 'what it need not read again' eval "verify --resume '$tmp/state' '$store' |
	grep -q '; $files were not read again'"
printf X | dd of="$copy/$one" bs=1 seek=20 conv=notrunc 2>"$tmp/dd"
touch -r "$tmp/whole/$one" "$copy/$one"
ok 'what has changed since is read' exits 40 verify --resume "$tmp/state" \
	"$store"
ok 'and all for another tree' not grep -q 'read again' <(verify \
	--resume "$tmp/state" -o attachments=inside "$store")

anew
ok 'a manifest cut short proves nothing' altered '$d'
ok 'nor an altered one' altered '3s/"size": 2/"size": 3/'
ok 'nor one that leads elsewhere' altered '3s|"path": "|&../|'
ok 'nor one that goes on' altered '$s/$/\nx/'
ok 'nor what is none' exits 32 verify --against "$store"
ok 'an interrupted proof is none' interrupted
ok 'nor one against a pipe that nobody opens' interrupted_before
ok 'a manifest can be interrupted, too' interrupted_writing
ok 'one that had come further is none either' interrupted_later
ok 'but goes on where it was' eval "verify --resume '$tmp/later' \\
	--against '$manifest' | grep -q '; [1-9][0-9]* w[aer]*s* not read again'"
ok 'a copy that is not there is said so' exits 11 "$ostcheck" --verify \
	"$tmp/none" "$store"
finish
