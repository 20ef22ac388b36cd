# manifest_common.sh - what the tests of manifests share; sourced by them,
# after mount_common.sh, with $ostcheck set

m=$tmp/m
manifest=$tmp/manifest

# exits CODE COMMAND...: the command exits with that.
exits()
{
	local want=$1 code=0
	shift

	"$@" || code=$?
	((code == want)) || {
		echo "exits with $code, not $want"
		return 1
	}
}

# What the lines of a manifest say of files, as sha256sum(1) reads it.
sums_in()
{
	python3 -c 'import json, sys
for line in open(sys.argv[1], encoding="utf-8"):
    e = json.loads(line)
    if e["kind"] in ("item", "attachment") and "sha256" in e:
        print(e["sha256"] + "  " + e["path"])' "$1"
}

# The hashes are those of the files below $m, of which there are no others.
sums_are_right()
{
	sums_in "$manifest" >"$tmp/sums" &&
		(cd "$m" && sha256sum -c --quiet --strict "$tmp/sums") &&
		is "$(cut -c 67- "$tmp/sums" | sort)" \
			eval "cd '$m' && find . -type f -printf '%P\n' | sort"
}

# sizes, times and directories of the same, as the mount has them
facts_are_right()
{
	python3 -c 'import json, os, sys
os.chdir(sys.argv[2])
dirs = 0
for line in open(sys.argv[1], encoding="utf-8"):
    e = json.loads(line)
    if e["kind"] in ("folder", "attachments"):
        assert os.path.isdir(e["path"]), e
        dirs += 1
    elif e["kind"] in ("item", "attachment"):
        st = os.lstat(e["path"])
        assert st.st_size == e["size"], e
        assert st.st_mtime_ns == e["mtime"] * 10**9 + e["mtime_nsec"], e
        nid = os.getxattr(e["path"], "user.ost.nid").decode()
        assert e["kind"] != "item" or nid == e["nid"], (e, nid)
assert dirs == sum(len(d) for _, d, _ in os.walk(".")), dirs' "$manifest" "$m"
}
