#!/bin/bash
# hostile.sh - every layout of a store whose names no file may have, of stores
# that are damaged in many ways, and of runs that are killed
#
#	hostile.sh OSTFS OSTFORGE TOOLS [--all]
#
# Without --all, a few of these.

all=${4:-}
. "$(dirname "$0")/common.sh"
check=$here/check.py
formats=(tree text maildir,index mbox thunderbird vdir bundle index)
some=(tree bundle)
kinds=(missing)
kills=1
[[ -z $all ]] || {
	some=("${formats[@]}") kills=20
	kinds=(unlisted missing attachment-rows attachment-nodes table
		associated-table node-page block-page block:9 root-list circle
		own-parent no-leaf swapped)
}
"$forge" --hostile -o "$tmp/hostile.pst"
"$forge" --hostile --format ansi -o "$tmp/hostile-ansi.pst"
"$forge" --hostile --format 4k --kind ost -o "$tmp/hostile.ost"

# Nothing is where it should not be, nor called what a file may not be.
stamp()
{
	(cd "$tmp" && find . -mindepth 1 -maxdepth 1 ! -name '[xy]' ! -name out \
		! -name reports ! -name verdict -printf '%P %T@\n' | sort)
}
tame()
{
	is '' find "$tmp/x" -mindepth 1 -name '*[[:cntrl:]]*' &&
		is '' find "$tmp/x" -mindepth 1 \( -type l -o -name '.' -o \
			-name '..' -o -name '* ' -o -size +9M \) &&
		is '' find "$tmp/x" -mindepth 1 -regextype posix-extended \
			-regex '.*/[^/]{256,}' &&
		is "$before" stamp
}
made()
{
	rm -rf "$tmp/x"
	export_to "$@" "$s" "$tmp/x"
}
proves()
{
	"$ostexport" -f "$1" --verify "$s" "$tmp/x" >"$tmp/verdict" 2>&1 || :
	grep '^proven' "$tmp/verdict"
}
like_one()
{
	rm -rf "$tmp/y"
	export_to -j 8 -f "$1" "$s" "$tmp/y" &&
		diff -r -x journal.jsonl "$tmp/x" "$tmp/y" &&
		diff <(times "$tmp/x") <(times "$tmp/y")
}

times()
{
	(cd "$1" && find . -name .ostexport -prune -o -type f -printf \
		'%P %T@\n' | sort)
}

for s in "$tmp"/hostile{,-ansi}.pst "$tmp/hostile.ost"; do
	[[ $all || $s == *hostile.pst ]] || continue
	export_to "$s" "$tmp/native"
	export_to -o items=eml "$s" "$tmp/eml"
	before=$(stamp)
	for format in "${some[@]}"; do
		[[ $s == *hostile.pst || $format == [tm]* ]] || continue
		ok "${s##*/}: $format" made -j 1 -f "$format"
		ok '  all names are tame' tame
		ok '  it is proven' proves "$format"
		ok '  by eight threads it is the same' like_one "$format"
		case $format in
		tree | text) ;;
		mbox | thunderbird | maildir*)
			ok '  every mail is there' "$check" "${format%,*}" \
				"$tmp/x" "$tmp/eml"
			;;
		*) ok '  every item is there' "$check" "$format" "$tmp/x" \
			"$tmp/native" ;;
		esac
	done
	rm -rf "$tmp/native" "$tmp/eml"
	export_to -f tar "$s" "$tmp/x.tar" 2>/dev/null
	ok '  tar' eval "! tar -tf '$tmp/x.tar' | grep -E '^/|(^|/)\.\.(/|$)'"
	rm "$tmp/x.tar"
done

# --- text is what the mount shows ----------------------------------------------

same_text()
{
	local code=0

	start -o layout=text "$s" "$m" && made -f text || return 1
	unreadable "$tmp/x" >"$tmp/lost"
	diff <(listing "$m" 2>/dev/null | grep -vFf "$tmp/lost") \
		<(listing "$tmp/x") || code=1
	some "$tmp/x" -name '*.txt' || code=1
	stop "$m" || code=1
	return "$code"
}
# What cannot be read: its line in the manifest has an error.
unreadable()
{
	printf 'no such name\n'
	jq -r 'select(.error and .path) | .path' \
		"$1/.ostexport/manifest.jsonl"
}
for s in "$tmp/hurt.ost" ${all:+"$tmp/exchange.ost" "$tmp/hostile.pst" "$store"}; do
	ok "${s##*/}: -f text is the mount with layout=text" same_text
done

# --- killed at any moment --------------------------------------------------------

# killed FORMAT: the time of a whole run, cut anywhere, then gone on with.
killed()
{
	local n took

	rm -rf "$tmp/x" "$tmp/y"
	took=$(date +%s%N)
	export_to -f "$1" "$s" "$tmp/x" || return 1
	took=$((($(date +%s%N) - took) / 1000000))
	for ((n = 0; n < kills; n++)); do
		rm -rf "$tmp/y"
		"$ostexport" -f "$1" "$s" "$tmp/y" 2>/dev/null &
		pid=$!
		sleep "$(printf '0.%03d' $((RANDOM % (took < 900 ? took : 900))))"
		pkill -9 -P "$pid" || :
		kill -9 "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
		export_to -f "$1" "$s" "$tmp/y" &&
			diff -r -x journal.jsonl "$tmp/x" "$tmp/y" &&
			is '' find "$tmp/y" -name '.ostexport-*' || return 1
	done
}
s=$tmp/many.pst
for format in "${some[@]}"; do
	ok "$format, killed $kills times at any moment, goes on" killed "$format"
done

# --- damage ------------------------------------------------------------------------

# hurt KIND: what cannot be read is in manifest, ledger and exit code, and all
# else is in every layout what it is in the tree.
hurt()
{
	local code=0 lost notes how

	# Not each can be done to each: one has few pages, one is encoded.
	s=$tmp/hurt-$1.pst
	for how in unicode ansi 'unicode --encoding none'; do
		# shellcheck disable=SC2086 # these are words
		"$forge" --messages 24 --folders 3 --attachments 3000 \
			--format $how --damage "$1" -o "$s" && break
	done
	[[ -e $s ]] || return 1
	rm -rf "$tmp/native" "$tmp/eml"
	"$ostexport" "$s" "$tmp/native" 2>"$tmp/told" || code=$?
	if ((code != 0 && code != 40)); then
		# Not even a folder can be found: the mount says the same.
		exits "$code" "$ostcheck" --manifest /dev/null "$s"
		return
	fi
	lost=$(grep -c '"error": ' "$tmp/native/.ostexport/manifest.jsonl") || :
	notes=$(grep -cE 'lost|damage' <<<"$(grep -o '"notes": [^]]*' \
		"$tmp/native/.ostexport/manifest.jsonl")") || :
	((lost == 0 || code == 40)) || {
		echo "$lost are lost, and it exits with $code"
		return 1
	}
	"$ostcheck" --manifest "$tmp/list" "$s" 2>/dev/null || :
	diff <(sed '1d;$d' "$tmp/list") \
		<(sed '1d;$d' "$tmp/native/.ostexport/manifest.jsonl") ||
		return 1
	"$ostexport" -o items=eml "$s" "$tmp/eml" 2>/dev/null || :
	for format in maildir,index mbox bundle index; do
		rm -rf "$tmp/x"
		exits "$code" "$ostexport" -f "$format" "$s" "$tmp/x" || return 1
		case $format in
		maildir* | mbox) "$check" "${format%,*}" "$tmp/x" "$tmp/eml" ;;
		*) "$check" "$format" "$tmp/x" "$tmp/native" ;;
		esac || return 1
	done
}
for kind in "${kinds[@]}"; do
	ok "damage: $kind" hurt "$kind"
done
finish
