#include "fs/reply.h"

#include <errno.h>
#include <sys/stat.h>

/*
 * A listing needs no state, so the kernel is told to open directories on its
 * own: ENOSYS means "never ask again", and that listings may be cached.
 */
void fs_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	if (fs_of(req)->no_opendir) {
		fuse_reply_err(req, ENOSYS);
		return;
	}
	fi->cache_readdir = 1;
	fi->keep_cache = 1;
	fuse_reply_open(req, fi);
}

/* One reply to a readdir. */
struct listing {
	fuse_req_t req;
	struct fs *fs;
	char *at;
	size_t cap;
	size_t used;
	bool plus;  /* entries have room for their attributes */
	bool attrs; /* and they are put there */
};

/*
 * Attributes cost a plan of the item. Where there are none, inode 0 tells the
 * kernel to look up itself; so an item that cannot be planned is still listed.
 */
static struct fuse_entry_param listed(const struct listing *l, uint64_t ino,
				      bool is_dir)
{
	struct tree_node node;
	struct ost_error err;

	if (l->attrs && tree_stat(l->fs->tree, ino, &node, &err) == OST_OK &&
	    !node.passing)
		return fs_entry(l->fs, &node);
	return (struct fuse_entry_param){
		.attr.st_ino = l->fs->slot | ino,
		.attr.st_mode = is_dir ? S_IFDIR : S_IFREG,
	};
}

/* `off` is where the listing goes on after this entry; false: no room. */
static bool put(struct listing *l, const char *name,
		const struct fuse_entry_param *entry, off_t off)
{
	char *at = l->at + l->used;
	const size_t cap = l->cap - l->used;
	const size_t need = l->plus ? fuse_add_direntry_plus(l->req, at, cap,
							     name, entry, off)
				    : fuse_add_direntry(l->req, at, cap, name,
							&entry->attr, off);

	if (need > cap)
		return false;
	l->used += need;
	return true;
}

/*
 * Offsets 0 and 1 are "." and "..", and the tree's places follow; its very
 * last one, INT64_MAX, is itself.
 */
enum { DOTS = 2 };

static off_t off_of(uint64_t place)
{
	return place < INT64_MAX - DOTS ? (off_t)place + DOTS : INT64_MAX;
}

static uint64_t place_of(off_t off)
{
	return off < INT64_MAX ? (uint64_t)off - DOTS : INT64_MAX;
}

static bool take_entry(void *arg, const struct tree_entry *e)
{
	struct listing *l = arg;
	const struct fuse_entry_param entry = listed(l, e->ino, e->is_dir);

	return put(l, e->name, &entry, off_of(e->next));
}

/* "." and "..": false when there was no room. */
static bool put_dots(struct listing *l, fuse_ino_t dir, off_t from)
{
	struct fuse_entry_param dot = { .attr.st_mode = S_IFDIR };
	struct ost_error err;
	uint64_t up;

	dot.attr.st_ino = l->fs->slot | dir;
	if (from == 0 && !put(l, ".", &dot, 1))
		return false;
	if (tree_parent(l->fs->tree, dir, &up, &err) != OST_OK)
		up = TREE_ROOT; /* no reason not to list what can be */
	dot.attr.st_ino = l->fs->slot | up;
	return put(l, "..", &dot, DOTS);
}

static enum ost_status list(struct listing *l, fuse_ino_t dir, off_t from,
			    struct ost_error *err)
{
	if (from < DOTS) {
		if (!put_dots(l, dir, from))
			return OST_OK;
		from = DOTS;
	}
	return tree_list(l->fs->tree, dir, place_of(from), take_entry, l, err);
}

static void reply_list(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		       bool plus)
{
	const uint64_t dir = fs_own(fs_of(req), ino);
	/*
	 * The kernel begins every listing with a readdirplus, before it knows
	 * whether anybody wants sizes; it goes on with them if someone does.
	 */
	struct listing l = {
		.req = req,
		.fs = fs_of(req),
		.at = fs_scratch(size),
		.cap = size,
		.plus = plus,
		.attrs = plus && off != 0,
	};
	struct ost_error err;
	enum ost_status st;

	if (l.at == NULL) {
		fuse_reply_err(req, ENOMEM);
		return;
	}
	tree_begin(l.fs->tree);
	if (l.attrs)
		tree_readahead(l.fs->tree, dir, place_of(off));
	st = list(&l, dir, off, &err);
	st = tree_end(l.fs->tree, st, &err);
	if (st == OST_OK)
		fuse_reply_buf(req, l.at, l.used);
	else
		fs_fail(req, ino, "readdir", st, &err);
}

void fs_readdir(fuse_req_t req, fuse_ino_t dir, size_t size, off_t off,
		struct fuse_file_info *fi)
{
	(void)fi;
	reply_list(req, dir, size, off, false);
}

void fs_readdirplus(fuse_req_t req, fuse_ino_t dir, size_t size, off_t off,
		    struct fuse_file_info *fi)
{
	(void)fi;
	reply_list(req, dir, size, off, true);
}
