#!/bin/bash
# readme_commands.sh - C1: each command in README.md does what it says
#
#	readme_commands.sh OSTFS OSTFORGE TOOLS REPOSITORY
#
# Runs what stands in blocks, and between backquotes if it is one of our
# programs and has all that it needs. Below a session's command is what it must
# print. What would change the machine or ask a server is not run: it must only
# have options that the program's --help names.

. "$(dirname "$0")/mount_common.sh" "$1" "$2"
tools=$3
repo=$(realpath "$4")
export HOME=$tmp/home
bin=$tmp/bin
mkdir -p "$HOME/stores" "$bin" "$tmp/srv/profiles" "$tmp/srv/rescue" \
	"$tmp/srv/export" "$HOME/mail"
ln -s "$ostfs" "$tools"/ost{info,check,ls,cat,export,import,2pst} \
	"$repo/tools/ostfleet" "$bin"
cp "$store" "$HOME/stores/alice.ost"
cp "$store" "$tmp/srv/profiles/alice@example.com.ost"
cp "$store" "$tmp/srv/profiles/bob@example.com.ost"

# known PROGRAM ARGUMENT...: its --help names each option.
known()
{
	local program=$1 help word
	shift

	help=$("$program" --help)
	for word; do
		[[ $word != -* ]] || grep -qwe "$word" <<<"$help" ||
			{ echo "${program##*/} has no $word"; return 1; }
	done
}

ostimport()
{
	known "$bin/ostimport" "$@"
}

ostfleet()
{
	case $* in
	*--users*) known "$bin/ostfleet" "$@" ;;
	*) command ostfleet "$@" ;;
	esac
}

tools/quickstart()
{
	known "$repo/tools/quickstart" "$@"
}

tests/run()
{
	[[ -x $repo/tests/run ]]
}

git()
{
	mkdir "${*: -1}"
}

cmake()
{
	grep -qwe "$1" <<<"$(command cmake --help)"
}

sudo()
{
	"$@"
}

export PATH=$bin:$PATH
mnt=$HOME/mail

mounted()
{
	mountpoint -q "$mnt"
}

# As the reader has it: mounted where a command reads the mount, and free
# where one mounts.
prepare()
{
	local mounts='^ostfs .*~/mail *(#.*)?$'

	[[ $1 == *'~/mail'* && ! $1 =~ ostimport ]] || return 0
	if [[ $1 =~ $mounts ]]; then
		! mounted || fusermount3 -u "$mnt"
	else
		mounted || "$ostfs" "$HOME/stores/alice.ost" "$mnt"
	fi
}

run()
{
	prepare "$1" && eval "${1//\/srv\//$tmp/srv/}"
}

# run_block FILE: a session has "$ " before its commands and says what they
# print; else each line is a command, that may go on in the next.
run_block()
{
	local line command=

	cd "$HOME/stores"
	if grep -q '^\$ ' "$1"; then
		run_session "$1"
		return
	fi
	while read -r line; do
		command+=$line
		[[ $command != *\\ ]] || { command=${command%\\}; continue; }
		ok "$command" run "$command"
		command=
	done <"$1"
}

run_session()
{
	local line command

	while read -r line; do
		if [[ $line == '$ '* ]]; then
			command=${line#'$ '}
			ok "$command" run "$command"
			cp "$tmp/out" "$tmp/printed"
		else
			ok "  prints $line" grep -qxF -- "$line" <(fmt_ls)
		fi
	done <"$1"
}

# As ls prints on a terminal: names in one line, two spaces between.
fmt_ls()
{
	cat "$tmp/printed"
	paste -sd' ' "$tmp/printed" | sed 's/ /  /g'
	paste -sd@ "$tmp/printed" | sed 's/@/  /g'
}

# blocks: those of README.md but the list of packages, one a file.
blocks()
{
	awk -v dir="$tmp" '
		/^    / {
			if (!inside)
				file = sprintf("%s/block%02d", dir, ++n)
			inside = 1
			print substr($0, 5) >file
			next
		}
		{ inside = 0 }' "$repo/README.md"
	grep -l '^gcc cmake' "$tmp"/block* | xargs rm
}

# Code in the text: a program of ours with a store, and options of mounts.
inline()
{
	tr '\n' ' ' <"$repo/README.md" | grep -oE '`[^`]+`' | tr -d '`' |
		sort -u
}

blocks
for block in "$tmp"/block*; do
	run_block "$block"
done
cd "$HOME/stores"
ok 'a manifest is made' run 'ostcheck --manifest alice.jsonl alice.ost'
while read -r code; do
	case $code in
	ost*alice*)
		ok "$code" run "${code/COPY//srv/rescue/alice}"
		;;
	-o\ *)
		for option in $(tr , ' ' <<<"${code#-o }"); do
			ok "$code" grep -qE -- "(-o |[ ,|])${option%%=*}\b" \
				<("$ostfs" --help)
		done
		;;
	esac
done < <(inline)

# What step by step the programs say is what they do say: rsync's aside.
while read -r words; do
	ok "\"$words\" is said" grep -rqF "$words" --include='*.c' \
		"$repo/fs" "$repo/tools" "$repo/ostcore"
done < <(sed -n '/^## The rescue/,/^## Getting it/s/^| \(`[^|]*`\)[^|`]*| .*/\1/p' \
	"$repo/README.md" | tr -d '`' | sed 's/, /\n/g' |
	grep -vxE 'Input/output error|No space left|not connected')
! mounted || ok 'it is unmounted' fusermount3 -u "$mnt"
finish
