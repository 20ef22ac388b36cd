#!/bin/bash
# thunar.sh - tools/desktop: a double-click on a store, in a real file manager
#
#	thunar.sh OSTFS OSTFORGE TOOLS REPOSITORY
#
# Thunar on a screen that nobody sees. gio(1) opens the store, as a double-click
# does: by its MIME type, our entry and ostfs-open. With OST_PICTURE, a file, a
# picture of the window is put there.

. "$(dirname "$0")/../mount_common.sh" "$1" "$2"
desktop=$4/tools/desktop
if [[ -z ${OST_IN_SESSION-} ]]; then
	for program in Xvfb thunar gio xdotool dbus-run-session; do
		command -v "$program" >/dev/null ||
			{ echo "no $program here"; exit 1; }
	done
	clean_up
	OST_IN_SESSION=1 exec timeout 120 dbus-run-session -- "$0" "$@"
fi
export HOME=$tmp/home XDG_DATA_HOME=$tmp/home/.local/share
export XDG_CONFIG_HOME=$HOME/.config XDG_RUNTIME_DIR=$tmp/run
export XDG_CACHE_HOME=$HOME/.cache PATH=$tmp/bin:$PATH
mkdir -p "$XDG_DATA_HOME"/{mime/packages,applications} "$tmp/bin" "$HOME/Work" \
	"$XDG_CONFIG_HOME"
mkdir -m 700 "$XDG_RUNTIME_DIR"
ln -s "$ostfs" "$3"/ost{check,export} "$desktop/ostfs-open" "$tmp/bin"
cp "$desktop/ostfs.xml" "$XDG_DATA_HOME/mime/packages"
cp "$desktop/ostfs.desktop" "$XDG_DATA_HOME/applications"
update-mime-database "$XDG_DATA_HOME/mime"
update-desktop-database "$XDG_DATA_HOME/applications"
cp "$store" "$HOME/Work/alice@example.com.ost"
cp "$store" "$HOME/Work/no suffix"

exec 6>"$tmp/display"
Xvfb -displayfd 6 -screen 0 1000x640x24 >"$tmp/xvfb" 2>&1 &
xvfb=$!
trap 'kill "$xvfb" 2>/dev/null; clean_up' EXIT
for ((i = 0; i < 100; i++)); do
	[[ ! -s $tmp/display ]] || break
	sleep 0.1
done
DISPLAY=:$(<"$tmp/display")
export DISPLAY

type_of()
{
	gio info -a standard::content-type "$1" |
		sed -n 's/.*standard::content-type: //p'
}

# window NAME: there is one that has it in its title, within half a minute.
window()
{
	timeout 60 xdotool search --sync --onlyvisible --name "$1"
}

ok 'a store has a type, by its name' is application/vnd.ms-outlook-pst \
	type_of "$HOME/Work/alice@example.com.ost"
ok 'and without a suffix, by what is in it' \
	is application/vnd.ms-outlook-pst type_of "$HOME/Work/no suffix"
ok 'it is opened' gio open "$HOME/Work/alice@example.com.ost"
ok 'a window shows it' window alice@example
ok 'it is mounted in the home directory' mountpoint -q "$HOME/alice@example.com"
gio open "$HOME/alice@example.com/Inbox"
ok 'a folder of it is shown' window Inbox
if [[ -n ${OST_PICTURE-} ]]; then
	sleep 8
	import -window root "$OST_PICTURE"
fi
thunar --quit 2>/dev/null || true
ok 'it is unmounted' ostfs-open -u "$HOME/Work/alice@example.com.ost"
kill "$xvfb"
finish
