#!/bin/bash
# open.sh - tools/desktop: ostfs-open does what a double-click is to do, and
# each failure is one message
#
#	open.sh OSTFS OSTFORGE TOOLS REPOSITORY
#
# notify-send and xdg-open are ours here: they write down what they are told.

. "$(dirname "$0")/../mount_common.sh" "$1" "$2"
desktop=$4/tools/desktop
export HOME=$tmp/home
mkdir -p "$tmp/bin" "$HOME" "$tmp/a" "$tmp/b"
ln -s "$ostfs" "$3"/ost{check,export} "$desktop/ostfs-open" "$tmp/bin"
for program in notify-send xdg-open; do
	cat >"$tmp/bin/$program" <<-END
		#!/bin/sh
		echo "\$*" >>"$tmp/$program"
		[ $program = xdg-open ] || cat "$tmp/answer" 2>/dev/null || true
	END
	chmod +x "$tmp/bin/$program"
done
export PATH=$tmp/bin:$PATH

# opens CODE COMMAND...: ends with it, after so many messages: one, or none
# with CODE 0.
opens()
{
	local want=$1 code=0 messages=0
	shift

	rm -f "$tmp/notify-send" "$tmp/xdg-open"
	ostfs-open "$@" || code=$?
	[[ ! -e $tmp/notify-send ]] || messages=$(wc -l <"$tmp/notify-send")
	cat "$tmp/notify-send" 2>/dev/null || true
	[[ $code == "$want" && $messages == $((want > 0)) ]] ||
		{ echo "exit $code, $messages messages"; return 1; }
}

shown()
{
	is "$1" cat "$tmp/xdg-open"
}

said()
{
	grep -qe "$1" "$tmp/notify-send"
}

cp "$store" "$tmp/a/My mail.ost"
cp "$store" "$tmp/b/My mail.ost"
ok 'a store is opened' opens 0 "$tmp/a/My mail.ost"
ok 'in the home directory, by its name' shown "$HOME/My mail"
ok 'with its mails' test -d "$HOME/My mail/Inbox/Attachments"
ok 'opened again' opens 0 "$tmp/a/My mail.ost"
ok 'it is shown where it is' shown "$HOME/My mail"
ok 'another of its name' opens 0 "$tmp/b/My mail.ost"
ok 'has a place of its own' shown "$HOME/My mail-2"
ok 'the first is unmounted by its name' opens 0 -u "$tmp/a/My mail.ost"
ok 'and only that' is "$HOME/My\\x20mail-2" mounts_below "$HOME"
exec 5<"$HOME/My mail-2/Inbox/."
ok 'what is in use is not unmounted' opens 1 -u "$HOME/My mail-2"
ok 'and a message says why' said 'is in use: close'
exec 5<&-
ok 'the other, by its place' opens 0 -u "$HOME/My mail-2"
ok 'nothing is mounted' is '' mounts_below "$HOME"
ok 'what is not mounted cannot be unmounted' opens 1 -u "$tmp/a/My mail.ost"
mkdir "$HOME/My mail"
touch "$HOME/My mail/x"
ok 'files that have its name' opens 0 "$tmp/a/My mail.ost"
ok 'are not covered' shown "$HOME/My mail-2"
ok 'it is unmounted' opens 0 -u "$tmp/a/My mail.ost"
odd="$tmp/a/x, y:z \\ä's [1].pst"
cp "$store" "$odd"
ok 'an odd name' opens 0 "$odd"
ok 'is known again' opens 0 "$odd"
ok 'as the one that it is' is 1 eval "mounts_below '$HOME' | wc -l"
ok 'and unmounted' opens 0 -u "$odd"

# Every exit code of a store that cannot be mounted
echo 'Dear Jane' >"$tmp/text.ost"
head -c 100000 /dev/zero >"$tmp/zeros.ost"
head -c 20000 "$store" >"$tmp/cut.ost"
cp "$store" "$tmp/header.ost"
printf '\377' | dd of="$tmp/header.ost" bs=1 seek=200 conv=notrunc status=none
cp "$store" "$tmp/wip.ost"
printf '\45' | dd of="$tmp/wip.ost" bs=1 seek=10 conv=notrunc status=none
ok 'no store: a message' opens 30 "$tmp/text.ost"
ok 'which says so' said 'is not an Outlook store'
ok 'only zeros' opens 30 "$tmp/zeros.ost"
ok 'offers the rest' said '--action=yes=Show what is left'
ok 'cut short' opens 33 "$tmp/cut.ost"
ok 'a damaged header' opens 31 "$tmp/header.ost"
ok 'encrypted' opens 22 "$tmp/wip.ost"
ok 'nothing is mounted by these' is '' mounts_below "$HOME"
echo yes >"$tmp/answer"
rm -f "$tmp/xdg-open"
ok 'whoever wants the rest' ostfs-open "$tmp/header.ost"
ok 'gets it' shown "$HOME/header"
ok 'which is healed' grep -q 'Budget' <(ls "$HOME/header/Inbox")
ok 'and is unmounted' opens 0 -u "$tmp/header.ost"
rm "$tmp/answer"
ok 'no such file' not ostfs-open "$tmp/nowhere.ost"
ok 'the command line is wrong' not ostfs-open

export HOME=$tmp/home2
mkdir "$HOME"
ok 'a store is checked' ostfs-open --check "$store"
ok 'which says how it is' said 'sample.ost: .*'
ok 'it is exported' ostfs-open --export "$store"
ok 'and that is proven' said 'proven: '
ok 'the export is shown' shown "$HOME/sample export"
ok 'it has the mails' some "$HOME/sample export/Inbox" -name '*.eml'

# The files that desktops read
validated()
{
	! command -v "$1" >/dev/null || "$@"
}
ok 'the MIME type is well formed' validated xmllint --noout \
	"$desktop/ostfs.xml" "$desktop/thunar-uca.xml"
ok 'the entry is valid' validated desktop-file-validate "$desktop/ostfs.desktop"
for file in "$desktop"/*.desktop "$desktop/thunar-uca.xml"; do
	ok "${file##*/}: its options are there" eval '
		! grep -oE "ostfs-open -+[a-z]+" "$file" |
		sed "s/^ostfs-open //" |
		grep -vxFf <(ostfs-open --help | grep -oE "^ +-+[a-z]+" | tr -d " ")'
done
known()
{
	command -v update-mime-database >/dev/null || return 0
	mkdir -p "$tmp/mime/mime/packages"
	cp "$desktop/ostfs.xml" "$tmp/mime/mime/packages"
	XDG_DATA_HOME=$tmp/mime XDG_DATA_DIRS=$tmp/mime \
		update-mime-database "$tmp/mime/mime" &&
		grep -q 'vnd.ms-outlook-pst:\*.ost' "$tmp/mime/mime/globs"
}
ok 'the MIME type is known' known
finish
