#!/bin/bash
# quickstart.sh - C9: tools/quickstart, with what was built here
#
#	quickstart.sh OSTFS OSTFORGE QUICKSTART
#
# A checkout is made up in which all has been built.

. "$(dirname "$0")/mount_common.sh" "$1" "$2"
export HOME=$tmp/home
checkout=$tmp/checkout
mkdir -p "$HOME/a" "$HOME/b" "$checkout/tools" "$checkout/build/fs" "$tmp/bin"
cp "$3" "$checkout/tools"
ln -s "$ostfs" "$checkout/build/fs/ostfs"
cat >"$tmp/bin/cmake" <<END
#!/bin/sh
echo "\$*" >>"$tmp/cmake"
END
chmod +x "$tmp/bin/cmake"
PATH=$tmp/bin:$PATH

quickstart()
{
	"$checkout/tools/quickstart" --no-install "$@" >"$tmp/quick" 2>&1 ||
		{ cat "$tmp/quick"; return 1; }
}

# holds MOUNTPOINT STORE: what is mounted there is that store.
holds()
{
	is "fuse.ostfs $2" findmnt -rno FSTYPE,SOURCE "$1"
}

cp "$store" "$HOME/a/mail.ost"
cp "$store" "$HOME/b/mail.ost"
ok 'a store is mounted in the home directory' quickstart "$HOME/a/mail.ost"
ok 'where its name says' holds "$HOME/ostfs-mail" "$HOME/a/mail.ost"
ok 'how to run the programs is told' grep -qF "'$checkout/build/fs/ostfs'" \
	"$tmp/quick"
ok 'and how to install them' grep -qF -- --install-programs "$tmp/quick"
ok 'another of its name' quickstart "$HOME/b/mail.ost"
ok 'has a place of its own' holds "$HOME/ostfs-mail-2" "$HOME/b/mail.ost"
ok 'which is told' grep -qF "/a/mail.ost is mounted at $HOME/ostfs-mail" \
	"$tmp/quick"
ok 'the first is where it was' holds "$HOME/ostfs-mail" "$HOME/a/mail.ost"
ok 'mounted again, the second' quickstart "$HOME/b/mail.ost"
ok 'is where it was, too' holds "$HOME/ostfs-mail-2" "$HOME/b/mail.ost"
ok 'and nowhere else' is 2 eval "mounts_below '$HOME' | wc -l"
odd="$HOME/a/x, y:z \\ä.ost"
cp "$store" "$odd"
ok 'an odd name' quickstart "$odd"
ok 'is known again' quickstart "$odd"
ok 'as the one that it is' is 3 eval "mounts_below '$HOME' | wc -l"

ok 'programs can be installed' quickstart --install-programs
ok 'in /usr/local' grep -q -- '^--install .* --prefix /usr/local$' "$tmp/cmake"
ok 'which mounts nothing' is 3 eval "mounts_below '$HOME' | wc -l"
for dir in "$HOME"/ostfs-*; do
	ok 'it is unmounted' fusermount3 -u "$dir"
done
finish
