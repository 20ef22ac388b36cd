#!/usr/bin/env bash
# promise.sh OSTFS OSTFORGE TOOLS [--all] - A5: the same store, the same bytes
#
# Whoever asks, from wherever, in whatever language and time zone, with however
# many processors and however much memory: by the tools, and by a mount whose
# whole tree is read. Of the forged stores each of these is another alone; of
# the real ones all are at once, or with --all each alone too.
#
# Runs in a mount namespace of its own, where users may open /dev/fuse.
if [[ -z ${OST_IN_NAMESPACE:-} ]]; then
	((EUID == 0)) || exec sudo -n -E "$0" "$@"
	OST_IN_NAMESPACE=1 exec "${BASH_SOURCE[0]%/*}/own_mounts.sh" "$0" "$@"
fi
source "${BASH_SOURCE[0]%/*}/mount_common.sh" "$1" "$2"
tools=$3 all=${4-}
install -m 755 "$tools/ostcheck" "$tools/ostcat" "$tools/ostexport" "$tmp/"
umask 022
mkdir "$tmp/dev"
mount -t tmpfs none "$tmp/dev"
mknod -m 666 "$tmp/dev/fuse" c 10 229
mount --bind "$tmp/dev/fuse" /dev/fuse

# Rules that call everything what it is not.
install -d "$tmp/home"
printf '0 string P chess\n!:mime application/x-chess\n0 ubyte x all\n!:mime x/y\n' \
	>"$tmp/home/.magic"

script()
{
	printf '#!/bin/sh\n%s\n' "$2" >"$tmp/$1"
	chmod 755 "$tmp/$1"
}

script nobody 'exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"'
script careful 'umask 077; exec "$@"'

# What is another, and the command that makes it so.
ways=(
	"home|env HOME=$tmp/home"
	"magic|env MAGIC=$tmp/home/.magic GCONV_PATH=/nonexistent"
	'time zone|env TZ=Asia/Kathmandu'
	'language|env LANG=tr_TR.UTF-8 LANGUAGE=tr'
	'locale|env LC_ALL=C LANG='
	'Turkish locale|env LC_ALL=tr_TR.UTF-8'
	"umask|$tmp/careful"
	'directory|env -C /'
	"user|$tmp/nobody"
	'number of processors|taskset -c 0'
)
everything="env -C / HOME=$tmp/home MAGIC=$tmp/home/.magic TZ=Asia/Kathmandu
	LANG=tr_TR.UTF-8 LC_ALL=C taskset -c 0 $tmp/careful $tmp/nobody"

# tool_same WAY: the manifest of $store, made in that way, is the first one.
tool_same()
{
	# shellcheck disable=SC2086 # words of a command
	$1 "$tmp/ostcheck" --manifest - "$store" 2>/dev/null |
		cmp - "$tmp/want"
}

# mounted WAY COMMAND OPTION...: runs COMMAND with the mount as $m, as whoever
# has mounted it.
mounted()
{
	local way=$1 command=$2 ostfs=$tmp/way result=0 m=$tmp/m
	shift 2

	script way "exec ${way//$'\n'/ } '$tmp/ostfs' \"\$@\""
	start "$@" "$store" "$m" || return 1
	as=
	[[ $way != *nobody* ]] || as=$tmp/nobody
	$command || result=1
	stop "$m" && return $result
}

same_manifest()
{
	$as cat "$m/.ostfs/manifest.jsonl" | cmp - "$tmp/want"
}

same()
{
	same_manifest && same_tree
}

# All that stat and the bytes say, but for whose it is.
same_tree()
{
	$as find "$m" -path "$m/.ostfs" -prune -o -printf '%P %y %m %s %T@\n' |
		sort >"$tmp/stats"
	[[ -e $tmp/want.stats ]] || cp "$tmp/stats" "$tmp/want.stats"
	cmp "$tmp/stats" "$tmp/want.stats" && same_files "$m" "$as"
}

# same_files DIR AS: it has the files of the manifest, with their hashes.
same_files()
{
	# shellcheck disable=SC2016 # for the other shell
	$2 sh -c 'cd "$1" && find . -path './.ost*' -prune -o -type f -print0 |
		xargs -0 sha256sum' sh "$1" | sort | cmp - "$tmp/want.sums"
}

sums_of_want()
{
	python3 - "$tmp/want" <<'END' | sort >"$tmp/want.sums"
import json, sys
for line in open(sys.argv[1], encoding="utf-8"):
    entry = json.loads(line)
    if "path" in entry and "sha256" in entry:
        print(entry["sha256"], "", "./" + entry["path"])
END
}

exported_same()
{
	install -d -m 777 "$tmp/copy"
	# shellcheck disable=SC2086 # words of a command
	$1 "$tmp/ostexport" "$store" "$tmp/copy/tree" >"$tmp/said" 2>&1 ||
		{ cat "$tmp/said"; return 1; }
	same_files "$tmp/copy/tree" "$tmp/nobody"
}

# The first files, one at a time.
cat_same()
{
	local sha path

	while read -r sha path; do
		[[ $("$tmp/ostcat" "$store" "/${path#./}" | sha256sum) == \
			"$sha "* ]] || { echo "$path"; return 1; }
	done < <(head -n 12 "$tmp/want.sums")
}

# promise STORE [each]
promise()
{
	store=$1
	local name=${store##*/} way cache

	chmod 644 "$store"
	chown 65534 "$tmp/m"
	rm -rf "$tmp/want.stats" "$tmp/copy"
	env -i PATH="$PATH" "$tmp/ostcheck" --manifest - "$store" \
		>"$tmp/want" 2>/dev/null || true
	sums_of_want
	ok "$name: there is a tree" grep -q '"totals"' "$tmp/want"
	ok 'and files' test -s "$tmp/want.sums"
	ok 'the rules that tell types are ours' grep -q '"types": "ostfs 1"' \
		"$tmp/want"
	ok 'a mount has the same' mounted env same
	ok 'without a sandbox, with a large cache' \
		mounted env same_tree -o nosandbox,cache=1G
	for cache in ${all:+2M 3M 5M 8M 16M 33M 64M 256M}; do
		ok "with a cache of $cache" mounted env same_tree \
			-o "cache=$cache"
	done
	ok 'with all that is around it another, by a tool' \
		tool_same "$everything"
	ok 'by an export' exported_same "$everything"
	ok 'by a mount, with a small cache' mounted "$everything" same \
		-o cache=1M
	[[ -n ${2-} ]] || return 0
	ok 'by ostcat' cat_same
	for way in "${ways[@]}"; do
		ok "with another ${way%%|*}, by a tool" tool_same "${way#*|}"
		ok 'by a mount' mounted "${way#*|}" same_tree
	done
}

mkdir "$tmp/m"
"$2" -o "$tmp/ansi.pst" --sample --format ansi
promise "$store" each
promise "$tmp/ansi.pst" ${all:+each}
if [[ -d ${OST_REAL_STORES:-} ]]; then
	for real in ${OST_REAL_STORES}/*.[op]st; do
		cp "$real" "$tmp/"
		promise "$tmp/${real##*/}" ${all:+each}
	done
fi
umount -l "$tmp/dev"
finish
