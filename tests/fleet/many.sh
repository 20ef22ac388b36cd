#!/bin/bash
# many.sh - COUNT stores behind one mount: all are copied and proven, memory
# and descriptors stay as they are, and who reads some is not disturbed by
# what becomes of others
#
#	many.sh OSTFS OSTFORGE OSTCHECK COUNT

ostcheck=$3 count=$4
set -- "$1" "$2"
. "$(dirname "$0")/../mount_common.sh"
m=$tmp/m pcs=$tmp/PCs copy=$tmp/copy
readers=20 open=8 seconds=10

for n in 1 2 3 4; do
	"$2" --messages 2 --folders 2 --attachments 2000 --seed $n \
		-o "$tmp/$n.pst"
done
head -c 50000 /dev/zero >"$tmp/zeros"
head -c 300 "$tmp/1.pst" >"$tmp/cut"

# kind N: which store the Nth is; of the first, which are read, none is bad.
kind()
{
	if (($1 > readers && $1 % 10 == 0)); then
		echo zeros
	elif (($1 > readers && $1 % 10 == 1)); then
		echo cut
	else
		echo $(($1 % 4 + 1)).pst
	fi
}

path()
{
	echo "$pcs/PC-$1/Users/u$1/u$1@example.com.ost"
}

bad=0
for ((n = 1; n <= count; n++)); do
	mkdir -p "$pcs/PC-$n/Users/u$n"
	k=$(kind "$n")
	cp "$tmp/$k" "$(path "$n")"
	[[ $k == *.pst ]] || bad=$((bad + 1))
done

# What all processes of the mount hold: descriptors, and KiB of memory.
holds()
{
	local front pid fds=0 rss=0
	front=$(pgrep -o -f "^$ostfs .*$m\$")
	for pid in $(pgrep -f "^$ostfs .*$m\$"); do
		fds=$((fds + $(find "/proc/$pid/fd" -mindepth 1 | wc -l)))
		rss=$((rss + $(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status")))
	done
	[[ -n $front ]] && echo "$fds $rss"
}

copied()
{
	rsync -a --exclude=.ostfs "$m/" "$copy/" 2>"$tmp/rsync" && return 1
	is "$bad" grep -c 'opendir.*failed' "$tmp/rsync"
}

# A problem file beside each that is bad, and only there.
problems()
{
	is "$bad" sh -c "ls '$m' | grep -c 'problem.txt$'"
}

proven()
{
	local n name
	for ((n = 1; n <= count; n++)); do
		[[ $(kind "$n") == *.pst ]] || continue
		name=u$n@example.com
		"$ostcheck" --verify "$copy/$name" \
			--against "$m/$name/.ostfs/manifest.jsonl" \
			>"$tmp/verdict" 2>&1 ||
			{ cat "$tmp/verdict"; return 1; }
	done
}

numbers()
{
	{ find "$m" -printf '%i %P\n' 2>/dev/null || true; } |
		grep -v 'problem.txt$' | sort
}

# Descriptors of the workers that may be open, and a few; and no more memory
# than after everything was read once.
bounded()
{
	local fds rss
	read -r fds rss <<<"$(holds)"
	echo "$fds descriptors, $rss KiB after $first_rss KiB"
	((fds <= 40 * (open + 3) && rss <= first_rss * 5 / 4))
}

# Of the other stores some come, go, break and are whole again.
change_others()
{
	local n=$((readers + 1)) new=$((count + 1))
	until [[ -e $tmp/done ]]; do
		n=$((n < count ? n + 1 : readers + 1))
		case $((n % 4)) in
		0) rm -f "$(path $n)" ;;
		1) cp "$tmp/zeros" "$tmp/new" && mv "$tmp/new" "$(path $n)" ;;
		2) cp "$tmp/2.pst" "$tmp/new" && mv "$tmp/new" "$(path $n)" ;;
		3)	mkdir -p "$pcs/PC-$new/Users/u$new"
			cp "$tmp/3.pst" "$(path $new)"
			new=$((new + 1)) ;;
		esac
		ls "$m/u$n@example.com" "$m/u$new@example.com" || true
		ls "$m" || true
	done >/dev/null 2>&1
}

read_on()
{
	local end=$((SECONDS + seconds)) times=0
	while ((SECONDS < end || times < 2)); do
		diff -r --exclude=.ostfs "$copy/$1" "$m/$1" || return 1
		# What is cached tells nothing.
		[[ ! -w /proc/sys/vm/drop_caches ]] ||
			echo 2 2>/dev/null >/proc/sys/vm/drop_caches || true
		times=$((times + 1))
	done
}

undisturbed()
{
	local n pid failed_readers=0 pids=()
	change_others &
	for ((n = 1; n <= readers; n++)); do
		read_on "u$n@example.com" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || failed_readers=$((failed_readers + 1))
	done
	touch "$tmp/done"
	wait
	is 0 echo "$failed_readers"
}

ok 'they are mounted' start -o stores=$open "$pcs" "$m"
ok 'and all there' is "$count" sh -c "ls '$m' | wc -l"
ok 'rsync copies them, and says which it cannot' copied
ok 'those have a file that says why' problems
read -r _ first_rss <<<"$(holds)"
ok 'each copy is proven' proven
numbers >"$tmp/first"
ok 'what the processes hold is bounded' bounded
ok 'they are unmounted' stop "$m"
ok 'and mounted again' start -o stores=$open "$pcs" "$m"
ok 'with the same inode numbers' diff "$tmp/first" <(numbers)
ok "$readers readers are not disturbed by what becomes of others" undisturbed
ok 'what the processes hold is bounded still' bounded
ok 'the end of it' stop "$m"
finish
