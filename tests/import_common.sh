# import_common.sh - what the tests of imports share; sourced by them
#
#	import_x.sh OSTFS OSTFORGE
#
# On top of mount_common.sh: $stores, three forged ones, which are in $tmp, and
# those that are in the folder that $OST_REAL_STORES names.

. "$(dirname "$0")/mount_common.sh" "$1" "$2"
. "$(dirname "$0")/real_common.sh" enron.pst
here=$(cd "$(dirname "$0")" && pwd)
export PYTHONDONTWRITEBYTECODE=1

"$2" -o "$tmp/sample.ost" --sample --format 4k --kind ost \
	--manifest "$tmp/sample.manifest"
"$2" -o "$tmp/states.pst" --states
"$2" -o "$tmp/many.pst" --messages 100 --folders 7 --attachments 100000 \
	--format ansi --manifest "$tmp/many.manifest"
stores=("$tmp"/{sample.ost,states.pst,many.pst}
	"$OST_REAL_STORES"/{enron.pst,pstextractortest{,pdf}@outlook.com.ost})
