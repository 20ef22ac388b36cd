#!/usr/bin/env bash
# mount_sandbox.sh - who serves a mount can do nothing else, and may die
source "${BASH_SOURCE[0]%/*}/mount_common.sh"
m=$tmp/m

# server OPTION...: mount in the foreground; $server is who serves.
server()
{
	foreground "$@" "$store" "$m" && server=$(pgrep -P "$pid")
}

# status FIELD: what the kernel says of who serves.
status()
{
	awk -v field="$1:" '$1 == field { print $2 }' "/proc/$server/status"
}

links()
{
	find "/proc/$1/fd" -type l -printf '%l\n' | sort -u
}

# What it has open, but for what the test gave it.
descriptors()
{
	comm -23 <(links "$server") <(links $$) | grep -v '^pipe:' |
		grep -v -x -e "$tmp/said" -e /dev/null |
		sed 's/.* (deleted)$/unnamed/' | tr '\n' ' '
}

# Unmounted, not killed: all its files are closed then.
ended()
{
	fusermount3 -u "$m" && wait "$pid"
}

ok 'a store is mounted' server -o xattrs
ok 'who serves gains nothing by executing' is 1 status NoNewPrivs
ok 'its system calls are filtered' is 2 status Seccomp
ok 'it has nothing open but the device, the store and room for a manifest' \
	is "/dev/fuse $store unnamed " descriptors
ok 'all of it can be read' eval 'find "$m" -type f -exec cat {} + >"$tmp/all"'
ok 'attributes, too' getfattr -n user.ost.nid "$(find "$m" -name '*.eml' |
	sed -n 1p)"
ok 'and it ends' ended
ok 'with its directory' not test -e "$m"

ok 'it can be asked to keep its rights' eval '
	foreground -o nosandbox "$store" "$m" && server=$pid'
ok 'and then does' is 0 status Seccomp
ok 'it serves the same bytes' eval \
	'find "$m" -type f -exec cat {} + | cmp - "$tmp/all"'
ok 'and it ends' ended

# Whoever has a store of the directory open can do nothing else.
readers_are_sandboxed()
{
	local fd pids=()

	for fd in /proc/[0-9]*/fd/*; do
		[[ $(readlink "$fd" 2>/dev/null) == "$tmp/stores/"* ]] ||
			continue
		fd=${fd#/proc/}
		pids+=("${fd%%/*}")
	done
	mapfile -t pids < <(printf '%s\n' "${pids[@]}" | sort -u)
	((${#pids[@]} >= 2)) &&
		for server in "${pids[@]}"; do
			is 2 status Seccomp && is 1 status NoNewPrivs ||
				return 1
		done
}

mkdir "$tmp/stores"
cp "$store" "$tmp/stores/a.ost"
cp "$store" "$tmp/stores/b.ost"
ok 'a directory of stores is mounted' foreground "$tmp/stores" "$m"
ok 'which can be read' eval 'find "$m" -type f -exec cat {} + >"$tmp/both"'
ok 'who reads one is sandboxed, too' readers_are_sandboxed
ok 'and it ends' ended

# The process in which libpff reads, started by one that who serves has.
reader()
{
	local process

	for process in $(pgrep -P "$(pgrep -P "$pid")"); do
		pgrep -P "$process" && return
	done
}

all_is_there()
{
	find "$m" -type f -exec cat {} + | cmp - "$tmp/pff"
}

# With one reader after another dying, in the middle of it.
all_is_there_while_readers_die()
{
	local i

	for i in {1..5}; do
		kill -KILL "$(reader)" && find "$m" -name '*.eml' >"$tmp/names"
		head -n "$i" "$tmp/names" | tail -n 1 | xargs -d '\n' cat \
			>"$tmp/one" 2>&1 || true
	done
	all_is_there
}

ok 'libpff reads in a process of its own' foreground --reader=pff "$store" "$m"
ok 'and gives' eval 'find "$m" -type f -exec cat {} + >"$tmp/pff"'
ok 'the same when that process dies' all_is_there_while_readers_die
ok 'which has no rights' grep -qx 'Seccomp:.2' "/proc/$(reader)/status"
ok 'and it ends' ended
ok 'with its processes' is '' pgrep -P "$pid"

ok 'libpff recovers in it, too' foreground -o recovered "$store" "$m"
ok 'when somebody looks' is '' ls "$m/Recovered/by libpff"
ok 'and it ends' ended

crashed()
{
	kill -SEGV "$server"
	! wait "$pid"
}

dead()
{
	! ls "$m" 2>"$tmp/why" && grep -q 'not connected' "$tmp/why"
}

# A dead mount stops a copy; an empty directory would pass for one.
mkdir "$m"
ASAN_OPTIONS=$ASAN_OPTIONS:handle_segv=0
ok 'when who serves crashes' server
ok 'the program fails' crashed
ok 'and says so' grep -q 'ended by signal 11' "$tmp/said"
ok 'and its mount is dead, not empty' dead
ok 'until it is cleared' fusermount3 -u -z "$m"
ok 'and mounted again' server
ok 'which ends well' ended
finish
