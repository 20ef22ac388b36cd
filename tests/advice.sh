#!/bin/bash
# advice.sh - C7: what is no store, or half of one, is called what it is, with
# what to do about it, in the same words by every program and reader
#
#	advice.sh OSTFS OSTINFO OSTLS OSTCAT OSTCHECK OSTFORGE

set -euo pipefail
export LC_ALL=C.UTF-8
ostfs=$1 ostinfo=$2 ostls=$3 ostcat=$4 ostcheck=$5 ostforge=$6
tmp=$(mktemp -d "${TMPDIR:-/tmp}/ostfs-test.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
failed=0

fail()
{
	printf 'FAIL %s\n' "$*"
	failed=1
}

# says CODE PATTERN COMMAND...: it ends with CODE and one line on stderr that
# has the PATTERN, which is left in $said without the program's name.
says()
{
	local code=$1 pattern=$2 got=0
	shift 2

	"$@" >out 2>err </dev/null || got=$?
	said=$(<err)
	[[ $got == "$code" && $(wc -l <err) == 1 ]] ||
		fail "exit $got, not $code: ${*##*/}: $said"
	# shellcheck disable=SC2053 # it is a pattern
	[[ $said == $pattern ]] || fail "\"$said\" is not $pattern: ${*##*/}"
	said=${said#*: }
}

# all_say CODE PATTERN FILE [OPTION...]
all_say()
{
	local code=$1 pattern="*: $3: $2" file=$3 first program
	shift 3

	says "$code" "$pattern" "$ostinfo" "$@" "$file"
	first=$said
	for program in "$ostfs $* $file none" "$ostls $* $file" \
		"$ostcat $* $file 21" "$ostcheck $* $file"; do
		# shellcheck disable=SC2086 # no name here has spaces
		says "$code" "$pattern" $program
		[[ $said == "$first" ]] || fail "$program: not: $first"
	done
}

# Begins with the bytes $2, at byte ${3:-0}, and is large enough to be one.
make()
{
	head -c 20000 /dev/zero | tr '\0' z >"$1"
	printf "$2" | dd of="$1" bs=1 seek="${3:-0}" conv=notrunc status=none
}

not_a_store()
{
	make mail.msg '\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1'
	make store.zip 'PK\3\4'
	make store.gz '\x1F\x8B\x08'
	make store.xz '\xFD7zXZ\0'
	make store.7z '7z\xBC\xAF\x27\x1C'
	make store.tar 'ustar' 257
	make inbox.dbx '\xCF\xAD\x12\xFE'
	make server.edb '\xEF\xCD\xAB\x89' 4
	make disk.img '\x55\xAA' 510
	make disk.e01 'EVF\x09\r\n\xFF'
	make store.lnk '\x4C\0\0\0\1\x14\2\0'
	make winmail.dat '\x78\x9F\x3E\x22'
	make mails.mbox 'From jane@example.org Fri Mar  1 10:22:00 2024\n'
	make page.ost '<!doctype HTML>\n'
	printf 'BEGIN:VCARD\r\nVERSION:3.0\r\n' >jane.vcf
	printf '\xEF\xBB\xBFReceived: from x by y\r\n' >mark.eml
	printf 'From: jane@example.org\r\nSubject: x\r\n\r\nHello' >mail.eml
	while IFS='|' read -r file words; do
		all_say 30 "is not an Outlook store*; it is $words" "$file"
	done <<-'END'
		mail.msg|*Outlook item (.msg)*: open it in Outlook*
		store.zip|a ZIP archive*: unpack it*
		store.gz|compressed with gzip*: unpack it*
		store.xz|compressed with xz*: unpack it*
		store.7z|a 7-Zip archive*: unpack it*
		store.tar|a tar archive*: unpack it*
		inbox.dbx|*Outlook Express (.dbx): convert it*
		server.edb|*Exchange server (.edb): export its mailboxes*
		disk.img|an image of a disk: mount it*
		disk.e01|a forensic image*: mount it*
		store.lnk|a Windows shortcut*: copy the file*
		winmail.dat|the TNEF part of a mail*: unpack it*
		mails.mbox|a mailbox of many mails*
		page.ost|a web page: *fetch it again
		jane.vcf|a contact (.vcf): *
		mark.eml|a mail (.eml): *
		mail.eml|a mail (.eml): *
	END
	make text 'Dear Jane, this is not a store.'
	all_say 30 'is not an Outlook store*; name the .ost or .pst file*' text
	: >empty
	all_say 30 'is empty*; name the .ost or .pst file itself*' empty
}

# However short a store was cut, it is one that was cut short.
cut_short()
{
	local size

	for size in 1 4 11 12 100 563; do
		head -c "$size" store.pst >cut
		all_say 33 'is cut short*; copy it again with Outlook closed' cut
	done
	head -c 20000 store.pst >cut
	all_say 33 'is cut short*; copy it again *, or try -o heal' cut
	head -c 4 store.pst >cut
	says 33 'ostinfo: cut: is cut short within its header*' "$ostinfo" \
		--reader=pff cut
}

# What was just tried is not advised.
healed()
{
	head -c 100000 /dev/zero >zeros
	all_say 30 'begins with nothing but zeros*; try -o heal, or *' zeros
	all_say 30 'begins with nothing but zeros*' zeros -o heal
	[[ $said != *heal* ]] || fail "healed: $said"
	cp store.pst crc
	printf '\377' | dd of=crc bs=1 seek=200 conv=notrunc status=none
	all_say 31 'has a damaged header*; try -o heal, or another copy*' crc
	all_say 30 "is not an Outlook store*" mail.eml -o heal
	[[ $said != *heal* ]] || fail "healed: $said"
}

swapped()
{
	mkdir mnt
	for first in mnt none; do
		says 1 "*: store.pst is the store and comes first: ostfs \
store.pst $first" "$ostfs" "$first" store.pst
	done
	says 1 '*: store.pst is the store and *: ostls store.pst Inbox' \
		"$ostls" Inbox store.pst
	says 1 '*: store.pst is the store and *: ostcat store.pst 200024' \
		"$ostcat" 200024 store.pst
	says 11 '*: store.pst: Not a directory; --verify needs the directory*' \
		"$ostcheck" --verify store.pst store.pst
	for program in ostinfo ostls ostcheck; do
		says 11 "*: mnt: is a directory, not a store; name the .ost or*" \
			"${!program}" mnt
	done
	says 11 '*: mnt: no .ost or .pst below it; name a store, or a*' \
		"$ostfs" mnt none
	all_say 11 'No such file or directory; name an Outlook .ost or*' none
}

# One is not many.
one()
{
	"$ostforge" -o lost.pst --messages 3 --damage missing
	"$ostcheck" lost.pst >out && fail 'nothing lost?'
	grep -q '^NOT ALL IS THERE: 1 loss\b' out || fail "$(tail -n 1 out)"
	if grep -nE '\b1 (losses|entries|[a-z]+s) ' out; then
		fail 'one is not many'
	fi
}

"$ostforge" -o store.pst --sample --format unicode
not_a_store
cut_short
healed
swapped
one
exit "$failed"
