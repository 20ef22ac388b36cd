#!/usr/bin/env bash
# fuzz.sh - run a fuzz target for a while from seeds that the forge makes
#
#   fuzz.sh TARGET OSTFORGE CORPUS      OST_FUZZ_SECONDS=60
set -euo pipefail
target=$1 forge=$2 corpus=$3
mkdir -p "$corpus"
if [[ $target == *fuzz_store ]]; then
	for format in ansi unicode 4k; do
		"$forge" --format "$format" --sample -o "$corpus/sample-$format"
		"$forge" --format "$format" --messages 3 -o "$corpus/few-$format"
	done
fi
exec "$target" -max_total_time="${OST_FUZZ_SECONDS:-60}" -timeout=20 \
	-rss_limit_mb=2048 -max_len=1000000 -print_final_stats=1 "$corpus"
