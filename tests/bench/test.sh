#!/bin/bash
# test.sh - the scripts here do their work, on tiny stores; how long it takes
# is not looked at
#
#	test.sh BUILD

set -euo pipefail
cd "$(dirname "$0")"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

# has PATTERN: a line of the results is so.
has()
{
	grep -qE "$1" "$tmp/results" && return
	echo "FAIL no line: $1"
	failed=1
}

# A build with sanitizers does not run in valgrind: run it as it is.
mkdir "$tmp/bin"
cat >"$tmp/bin/valgrind" <<'END'
#!/bin/sh
shift 2
"$@" && echo "==1== Collected : 12345678" >&2
END
chmod +x "$tmp/bin/valgrind"

printf 'Above.\n\n## Instructions\n\nold\n\n## More\n\nkept\n' >"$tmp/results"
PATH=$tmp/bin:$PATH TMPDIR=$tmp ./bench "$1" --scale 0.001 --runs 1 \
	--idle 0.1 --note 'tiny' --write "$tmp/results"
[[ $(grep -c '^## ' "$tmp/results") == 7 ]] || has '^seven sections'
for line in '^Above' '^kept' '^Note: tiny' \
	'^\| [ABC] \| mount ' '^\| B \| ls -f ' '^\| B \| ls -l, again .*nullfs' \
	'^\| B \| cp -a .*readpst -S' '^\| B \| rsync ' '^\| B \| rg ' \
	'^\| B \| tar c \\\| cat ' '^\| [AC] \| cp -a .*cat \+ nullfs' \
	'^\| [AC] \| cp -a, inside .*readpst' '^\| A \| 64 readers ' \
	'^\| C \| cp -a, beside .*pffexport' '^\| C \| attachment, in order ' \
	'^\| C \| mail with it' '^\| C \| attachment, 4 KiB ' \
	'^\| B \| maildir .*readpst -S' '^\| C \| tree, inside .*base64' \
	'^\| B \| tree, inside, again ' '^8 stores' '^\| mount from cold' \
	'^\| of 64 stores, .* \| 8 \| 0 \|' \
	'^\| A \| idle for 5 s .* wake-ups' '^\| 100 \|' '^\| largest / first ' \
	'^\| subfolders \| 20 ' '^\| attachments \| 20 ' \
	'^\| first byte of a mail ' '^\| reads for 4 KiB ' \
	'^\| a folder is listed .* 12\.3 \|'; do
	has "$line"
done
! grep -qx old "$tmp/results" || has '^the old section gone'

# Any store will do, too; --only leaves out the rest.
"$1/tests/ostforge" -o "$tmp/given.pst" --messages 5
TMPDIR=$tmp ./bench "$1" --runs 1 "$tmp/given.pst" >"$tmp/results"
has '^\| given.pst, 0 MiB \|'
TMPDIR=$tmp ./bench "$1" --scale 0.001 --runs 1 --part goals --only 'B ls -f' \
	--format ansi >"$tmp/results"
has '^\| B \| ls -f '
! grep -q rsync "$tmp/results" || has '^only that'
exit "$failed"
