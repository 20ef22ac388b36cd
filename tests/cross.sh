#!/bin/bash
# cross.sh - built for another processor: the unit tests, and the same bytes
#
#	cross.sh REPOSITORY ARCH FORGE OSTCHECK DIR
#
# For ARCH, which is s390x (its numbers have the other order) or i386 (its
# pointers have 32 bits), builds in DIR, runs the unit tests, and holds the
# manifests of a store of each format, and of the real ones, against those that
# OSTCHECK, built for this machine, makes. DIR is kept, for the next time.
# Programs for i386 run as they are where the kernel lets them, all else by qemu.

set -euo pipefail
repo=$1 arch=$2 forge=$3 ostcheck=$4 dir=$5
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
case $arch in
s390x) triplet=s390x-linux-gnu emulator=qemu-s390x-static ;;
i386) triplet=i686-linux-gnu emulator=qemu-i386-static ;;
*)
	echo "cross.sh: for s390x or i386" >&2
	exit 1
	;;
esac
root=$dir/root failed=0
mkdir -p "$dir"

# The libraries of the other machine, unpacked only.
sysroot()
{
	local include link

	[[ ! -e $root.done ]] || return 0
	rm -rf "$root"
	include=$("$repo/tools/quickstart" --packages | grep -- '-dev$' |
		grep -vE 'libpff|libbfio' | paste -sd,)
	mmdebstrap --variant=extract --architectures="$arch" \
		--include="libc6-dev,$include" "$suite" "$root"
	# A linker would look for what "/lib/x" means on this machine.
	find "$root" -lname '/*' -print0 | while IFS= read -rd '' link; do
		ln -sfn "$(realpath -m --relative-to="${link%/*}" \
			"$root$(readlink "$link")")" "$link"
	done
	touch "$root.done"
}

toolchain()
{
	cat >"$dir/toolchain.cmake" <<-END
		set(CMAKE_SYSTEM_NAME Linux)
		set(CMAKE_SYSTEM_PROCESSOR $arch)
		set(CMAKE_C_COMPILER $triplet-gcc)
		set(CMAKE_SYSROOT $root)
		set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
		set(CMAKE_CROSSCOMPILING_EMULATOR $(IFS=';' && echo "${run[*]}"))
	END
	# Debian's directory of i386 has another name than its compiler.
	lib=$root/usr/lib/${triplet/i686/i386}
	export PKG_CONFIG_LIBDIR=$lib/pkgconfig:$root/usr/share/pkgconfig
	export PKG_CONFIG_SYSROOT_DIR=$root
	[[ $arch != i386 ]] || echo "set(CMAKE_LIBRARY_ARCHITECTURE i386-linux-gnu)
		set(CMAKE_LIBRARY_PATH $lib)
		set(CMAKE_EXE_LINKER_FLAGS_INIT \"-B$lib -L$lib -Wl,-rpath-link,$lib \
			-Wl,--dynamic-linker=$loader,-rpath,${lib/usr/}:$lib\")" \
		>>"$dir/toolchain.cmake"
}

other()
{
	"${run[@]}" "$dir/build/tools/ostcheck" ${run:+-o nosandbox} "$@"
}

# manifest STORE: the same on both machines.
manifest()
{
	"$ostcheck" --manifest "$dir/here" "$1" 2>/dev/null || [[ $? == 40 ]]
	other --manifest "$dir/there" "$1" 2>/dev/null || [[ $? == 40 ]]
	if cmp "$dir/here" "$dir/there"; then
		echo "ok   ${1##*/}: $(wc -l <"$dir/here") lines of manifest"
	else
		echo "FAIL ${1##*/}: another manifest on $arch"
		failed=1
	fi
}

sysroot
run=("$emulator" -L "$root") loader=$root/lib/ld-linux.so.2
[[ $arch != i386 ]] || ! "$loader" --version >/dev/null 2>&1 || run=()
toolchain
cmake -G Ninja -S "$repo" -B "$dir/build" -DOST_PFF=OFF \
	-DCMAKE_BUILD_TYPE=Release -DCMAKE_TOOLCHAIN_FILE="$dir/toolchain.cmake"
cmake --build "$dir/build" --parallel 2
# qemu knows no seccomp, and its own memory counts.
ctest --test-dir "$dir/build" -L unit --output-on-failure \
	-E '^(pff|pff_process|sandbox|caps|compare|compare.real|crosscheck|interrupt)$' || failed=1
for format in ansi unicode 4k; do
	"$forge" -o "$dir/$format.pst" --sample --format "$format"
	manifest "$dir/$format.pst"
done
for store in "${OST_REAL_STORES:-/nowhere}"/*.[op]st; do
	[[ ! -e $store ]] || manifest "$store"
done
exit "$failed"
