#!/bin/bash
# limits.sh - A2: every test has a time limit, and none can be added without
#
#	limits.sh BUILD LIMITS.CMAKE

set -euo pipefail
build=$1 limits=$2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# The tests of a build and their limits, a line each.
limits_of()
{
	ctest --test-dir "$1" --show-only=json-v1 | python3 -c '
import json, sys
for test in json.load(sys.stdin)["tests"]:
    limit = [p["value"] for p in test["properties"] if p["name"] == "TIMEOUT"]
    print(test["name"], int(limit[0]) if limit else "none")'
}

limits_of "$build" >"$tmp/ours"
[[ $(wc -l <"$tmp/ours") -gt 50 ]] || { echo "FAIL too few tests"; exit 1; }
if awk '$2 == "none" || $2 < 60' "$tmp/ours" | grep .; then
	echo "FAIL these have no limit, or less than a minute"
	exit 1
fi

# Added before or after, in a loop or a function: all of them are limited.
cat >"$tmp/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(limited LANGUAGES NONE)
enable_testing()
include($limits)
ost_limit_tests()
add_test(NAME quick COMMAND true)
function(more name)
  add_test(NAME \${name} COMMAND true)
endfunction()
more(slow)
ost_takes(100 slow)
add_test(NAME never COMMAND sleep 1000)
END
cmake -G Ninja -S "$tmp" -B "$tmp/build" >"$tmp/said"
limits_of "$tmp/build" >"$tmp/theirs"
diff - "$tmp/theirs" <<'END'
quick 900
slow 1000
never 900
END
