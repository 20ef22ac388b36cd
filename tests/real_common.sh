# real_common.sh - what the tests on real stores share; sourced by them, after
# mount_common.sh
#
#	. real_common.sh STORE
#
# Makes $store the real store of that name, and $m a place to mount it.

: "${OST_REAL_STORES:?is not set: tests/run fetches the real stores and sets it}"
store=$OST_REAL_STORES/$1
m=$tmp/m
[[ -f $store ]] || {
	echo "$0: no $1 in OST_REAL_STORES=$OST_REAL_STORES" >&2
	exit 1
}

# needs PROGRAM...: all of them are there.
needs()
{
	local program

	for program; do
		command -v "$program" >/dev/null && continue
		echo "$0: no $program: tests/run installs what is needed" >&2
		exit 1
	done
}

# What the last ok() printed, as it has something to say when it is well, too.
tell()
{
	sed -n '1,5s/^/     /p' "$tmp/out"
}
