# common.sh - what the tests of exports share; sourced by them
#
#	x.sh OSTFS OSTFORGE TOOLS

. "$(dirname "$0")/../mount_common.sh" "$1" "$2"
forge=$2
ostexport=$3/ostexport
ostcheck=$3/ostcheck
. "$(dirname "$0")/../manifest_common.sh"
here=$(cd "$(dirname "$0")" && pwd)
export PYTHONDONTWRITEBYTECODE=1

"$forge" -o "$tmp/states.pst" --states
"$forge" -o "$tmp/many.pst" --messages 120 --folders 7 --attachments 100000 \
	--format ansi
"$forge" -o "$tmp/exchange.ost" --messages 60 --folders 3 --exchange \
	--internet --format 4k --kind ost --deflate outlook
"$forge" -o "$tmp/hurt.ost" --messages 90 --folders 3 --attachments 9000 \
	--damage missing
stores=("$store" "$tmp"/{states.pst,many.pst,exchange.ost,hurt.ost})
for real in "${OST_REAL_STORES:-/nonexistent}"/*.{ost,pst}; do
	[[ ! -f $real ]] || stores+=("$real")
done

# All there is below a directory: paths, types, times; and hashes of files.
# Of a damaged store, a mount lists what cannot be asked for.
listing()
(
	cd "$1"
	find . -mindepth 1 -name .ostexport -prune -o -mindepth 1 \
		-printf '%P %y %T@\n' | sort || :
	find . -name .ostexport -prune -o -type f -print0 | sort -z |
		xargs -0r sha256sum || :
)

same_listing()
{
	diff <(listing "$1") <(listing "$2")
}

# The manifest without what tells runs apart, of which there is nothing.
same_manifest()
{
	cmp "$1/.ostexport/manifest.jsonl" "$2/.ostexport/manifest.jsonl"
}

# export [OPTION...] STORE DEST: exits with 0, or for losses with 40.
export_to()
{
	local code=0

	"$ostexport" "$@" || code=$?
	((code == 0 || code == 40)) || {
		echo "exits with $code"
		return 1
	}
}
