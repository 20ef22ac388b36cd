#!/bin/bash
# completions.sh - the shells complete every option that --help has
#
#	completions.sh BUILD REPOSITORY PROGRAM...
#
# bash, and of zsh and fish those that are here. What --help has is found by
# other means than the completions have: by words.

set -euo pipefail
export LC_ALL=C.UTF-8
build=$1 from=$2/tools/package/completions
shift 2
failed=0
tmp=$(mktemp -d "${TMPDIR:-/tmp}/ostfs-test.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/bin" "$tmp/stores"
touch "$tmp/stores/alice.ost" "$tmp/stores/BOB.PST" "$tmp/stores/readme.txt"
for program; do
	path=$(find "$build/fs" "$build/tools" "$from/../../desktop" \
		"$from/../.." -maxdepth 1 \
		-name "$program" -type f -perm -u+x | head -n 1)
	"$path" --help >"$tmp/$program.help"
	printf '#!/bin/sh\ncat "%s"\n' "$tmp/$program.help" \
		>"$tmp/bin/$program"
	chmod +x "$tmp/bin/$program"
done
export PATH=$tmp/bin:$PATH
cd "$tmp/stores"

fail()
{
	echo "FAIL $*"
	failed=1
}

# words PROGRAM: the options in its --help, however they are set apart.
words()
{
	"$1" --help | tr -s '[]|, \t' '\n' | sed -n 's/^\(--*[a-zA-Z][a-z-]*\).*/\1/p' |
		grep -vx -e -o | sort -u
}

# mount_words PROGRAM: the same of what follows "-o".
mount_words()
{
	"$1" --help | tr -s '[]|, \t' '\n' |
		{ grep -A 1 -xe -o || true; } |
		sed -n 's/^\([a-z_][a-z_]*\).*/\1/p' | sort -u
}

# in_bash PROGRAM WORD...: what bash would offer for the last word.
in_bash()
{
	bash -c '
		compopt() { :; }
		source "$1"
		shift
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_ostfs "$1"
		printf "%s\n" "${COMPREPLY[@]}"' - "$tmp/ostfs.bash" "$@"
}

in_zsh()
{
	zsh -fc '
		compset() { :; }
		compadd() { while [[ $1 != -- ]]; do shift; done; shift; print -l -- $@; }
		_files() { print -l -- *(#i).(ost|pst); }
		setopt extendedglob
		words=("$@") CURRENT=$#
		source "$0"' "$tmp/_ostfs" "$@"
}

in_fish()
{
	fish --no-config -c '
		source $argv[1]
		complete -C (string join " " -- $argv[2..])' \
		"$tmp/ostfs.fish" "$@" | cut -f 1
}

# offers SHELL PROGRAM WANTED WORD...: that is among what SHELL offers.
offers()
{
	local shell=$1 program=$2 wanted=$3 got word
	shift 3

	got=$("in_$shell" "$program" "$@")
	for word in $wanted; do
		grep -qE -e "^$word(=.*)?$" <<<"$got" ||
			fail "$shell: $program ${*: -2}: no $word"
	done
}

shells=(bash)
for shell in zsh fish; do
	command -v "$shell" >/dev/null && shells+=("$shell") ||
		echo "no $shell here"
done
for file in ostfs.bash _ostfs ostfs.fish; do
	sed "s/@OST_PROGRAM_NAMES@/$*/" "$from/$file.in" >"$tmp/$file"
done
for program; do
	options=$(words "$program") mount=$(mount_words "$program")
	[[ $options == *--help* ]] || fail "$program: no --help in its --help"
	for shell in "${shells[@]}"; do
		offers "$shell" "$program" "$options" -
		offers "$shell" "$program" "$mount" -o ''
		offers "$shell" "$program" "alice.ost BOB.PST" ''
	done
done
[[ $(in_bash ostfs '') != *readme.txt* ]] || fail 'bash: readme.txt is no store'
[[ $(in_bash ostfs -o heal,rec) == heal,recovered ]] ||
	fail 'bash: nothing after a comma'
exit "$failed"
