#!/bin/bash
# requests.sh - what a file manager asks for, to show a folder of 20,000 mails
#
#	requests.sh OSTFS OSTFORGE PROGRAM [PICTURE]
#
# PROGRAM (thunar, pcmanfm-qt, nautilus, dolphin) shows the folder on a screen
# that nobody sees, as ostfs-open mounts it. Prints the requests of the first
# 20 s, by kind. How the screen is then goes to PICTURE.

. "$(dirname "$0")/../mount_common.sh" "$1"
if [[ -z ${OST_IN_SESSION-} ]]; then
	clean_up
	OST_IN_SESSION=1 exec timeout 300 dbus-run-session -- "$0" "$@"
fi
program=$3 picture=${4:-$tmp/picture.png}
export HOME=$tmp/home XDG_RUNTIME_DIR=$tmp/run XDG_CACHE_HOME=$tmp/home/.cache
export XDG_CONFIG_HOME=$tmp/home/.config XDG_DATA_HOME=$tmp/home/.local/share
export GSK_RENDERER=cairo
mkdir -p "$HOME/mail" "$XDG_CONFIG_HOME" "$XDG_DATA_HOME"
mkdir -m 700 "$XDG_RUNTIME_DIR"
"$2" -o "$tmp/many.pst" --messages 20000
exec 6>"$tmp/display"
Xvfb -displayfd 6 -screen 0 1000x640x24 >"$tmp/xvfb" 2>&1 &
xvfb=$!
trap 'kill "$xvfb" $shows 2>/dev/null; clean_up' EXIT
shows=
until [[ -s $tmp/display ]]; do sleep 0.1; done
DISPLAY=:$(<"$tmp/display")
export DISPLAY

foreground -d -o attachments=folder "$tmp/many.pst" "$HOME/mail"
before=$(wc -l <"$tmp/said")
"$program" "$HOME/mail/Inbox" >"$tmp/shown" 2>&1 &
shows=$!
sleep 20
tail -n "+$((before + 1))" "$tmp/said" >"$tmp/asked"
import -silent -window root "$picture"
sed -n 's/.*opcode: \([A-Z_0-9]*\) .*/\1/p' "$tmp/asked" | sort | uniq -c |
	sort -rn | awk -v sep="$program: " '
		{ printf "%s%s %d", sep, $2, $1; sep = ", " } END { print "" }'
