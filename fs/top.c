/* top.c - the directory of all stores, and what is in it besides them */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "bytes/text.h"
#include "fs/front_parts.h"
#include "fs/log.h"
#include "fs/reply.h"
#include "fs/worker.h"

enum {
	/* Inodes of the top, which has slot 0. */
	INO_TOP = FUSE_ROOT_ID,
	INO_CONTROL,
	INO_JSON,
	INO_LOG,
	INO_PROBLEM = 1 << 16, /* and the slot of the store */

	/* ms of a look that who asks waits for what it finds: for a name
	   that is not known, and for a listing, which is soon made again. */
	LOOK_WAIT_NAME = 1000,
	LOOK_WAIT_LIST = 50,
	JSON_EVERY = 2000, /* ms that fleet.json stays as it is */
	BLOCK = 512,
};

static const double top_stays = 5; /* seconds */

static struct front *front_of(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

struct known_store *front_store_of(const struct front *f, fuse_ino_t ino)
{
	const uint64_t slot = ino >> FS_SLOT_SHIFT;
	struct known_store *s = f->known.by_slot[slot % KNOWN_SLOTS];

	return slot > 0 && s != NULL && !s->gone ? s : NULL;
}

static fuse_ino_t root_of(const struct known_store *s)
{
	return (uint64_t)s->slot << FS_SLOT_SHIFT | TREE_ROOT;
}

/* The one whose problem file `ino` is. */
static struct known_store *problem_of(const struct front *f, fuse_ino_t ino)
{
	struct known_store *s =
		ino >= INO_PROBLEM && ino < INO_PROBLEM + KNOWN_SLOTS
			? f->known.by_slot[ino - INO_PROBLEM]
			: NULL;

	return s != NULL && !s->gone && s->state == KNOWN_FAILED ? s : NULL;
}

/* Kept for a while, so that who reads it in pieces reads one whole. */
static void make_json(struct front *f)
{
	const uint64_t now = front_now_ms();

	if (f->json.len > 0 && (f->json_edition == f->known.edition ||
				now - f->json_made < JSON_EVERY))
		return;
	buf_free(&f->json);
	known_json(&f->known, &f->json);
	f->json_edition = f->known.edition;
	f->json_made = now;
	clock_gettime(CLOCK_REALTIME, &f->json_changed);
}

static struct stat attr_of(struct front *f, fuse_ino_t ino)
{
	const bool is_dir = ino == INO_TOP || ino == INO_CONTROL ||
			    front_store_of(f, ino) != NULL;
	const mode_t mode = is_dir ? S_IFDIR | 0777 : S_IFREG | 0666;
	const struct known_store *s = front_store_of(f, ino);
	struct stat a = {
		.st_ino = ino,
		.st_mode = mode & ~f->asked->umask,
		.st_nlink = 1,
		.st_uid = f->asked->uid,
		.st_gid = f->asked->gid,
		.st_mtim = f->known.changed,
	};
	struct buf text = { 0 };
	uint32_t nsec = 0;
	int64_t sec = 0;

	if (s != NULL) {
		a.st_mtim = fs_time(s->file.mtime, s->file.mtime_nsec);
	} else if (ino == INO_JSON) {
		make_json(f);
		a.st_size = (off_t)f->json.len;
		a.st_mtim = f->json_changed;
	} else if (ino == INO_LOG) {
		a.st_size = (off_t)log_size(NULL, &sec, &nsec);
		a.st_mtim = fs_time(sec, nsec);
	} else if (problem_of(f, ino) != NULL) {
		known_problem(problem_of(f, ino), &text);
		a.st_size = (off_t)text.len;
		a.st_mtim = problem_of(f, ino)->problem_at;
		buf_free(&text);
	}
	a.st_ctim = a.st_atim = a.st_mtim;
	a.st_blocks = (a.st_size + BLOCK - 1) / BLOCK;
	return a;
}

static struct fuse_entry_param entry_of(struct front *f, fuse_ino_t ino)
{
	const struct known_store *s = front_store_of(f, ino);

	return (struct fuse_entry_param){
		.ino = ino,
		.generation = s != NULL ? s->generation : 0,
		.attr = attr_of(f, ino),
		.attr_timeout = s != NULL ? top_stays : 0,
		.entry_timeout = top_stays,
	};
}

/* The inode of entry `name` of the top; 0: there is none. */
static fuse_ino_t find_in_top(const struct front *f, const char *name)
{
	const size_t len = strlen(name), tail = strlen(FLEET_PROBLEM);
	const struct known_store *s = known_called(&f->known, name);
	char stem[NAME_MAX + 1];

	if (s != NULL)
		return root_of(s);
	if (strcmp(name, ".ostfs") == 0)
		return INO_CONTROL;
	if (len <= tail || len > NAME_MAX ||
	    strcmp(name + len - tail, FLEET_PROBLEM) != 0)
		return 0;
	snprintf(stem, sizeof(stem), "%.*s", (int)(len - tail), name);
	s = known_called(&f->known, stem);
	return s != NULL && s->state == KNOWN_FAILED ? INO_PROBLEM + s->slot
						     : 0;
}

static fuse_ino_t find(const struct front *f, fuse_ino_t dir, const char *name)
{
	if (strcmp(name, ".") == 0)
		return dir;
	if (strcmp(name, "..") == 0)
		return INO_TOP;
	if (dir == INO_TOP)
		return find_in_top(f, name);
	if (dir == INO_CONTROL && strcmp(name, "fleet.json") == 0)
		return INO_JSON;
	if (dir == INO_CONTROL && strcmp(name, "log") == 0)
		return INO_LOG;
	return 0;
}

/* Is there, or was there, anything of this number? */
static bool is_there(const struct front *f, fuse_ino_t ino)
{
	return (ino >= INO_TOP && ino <= INO_LOG) ||
	       front_store_of(f, ino) != NULL || problem_of(f, ino) != NULL;
}

static void reply_lookup(struct front *f, fuse_req_t req, fuse_ino_t ino)
{
	const struct fuse_entry_param entry = entry_of(f, ino);

	if (ino == 0)
		fuse_reply_err(req, ENOENT);
	else
		fuse_reply_entry(req, &entry);
}

/* Entry number `at` of `dir`, from 0; 0: there are no more. */
static fuse_ino_t entry_at(const struct front *f, fuse_ino_t dir, uint64_t at,
			   struct buf *name)
{
	const struct known_store *s;

	buf_cut(name, 0);
	if (at < 2) {
		buf_str(name, at == 0 ? "." : "..");
		return at == 0 ? dir : INO_TOP;
	}
	at -= 2;
	if (dir == INO_CONTROL) {
		buf_str(name, at == 0 ? "fleet.json" : "log");
		return at == 0 ? INO_JSON : at == 1 ? INO_LOG : 0;
	}
	/* Two places a store, the second for its problem. */
	s = f->known.shown[at / 2];
	if (at % 2 == 1 && s->state != KNOWN_FAILED)
		return 0;
	buf_str(name, s->file.name);
	buf_str(name, at % 2 == 1 ? FLEET_PROBLEM : "");
	return at % 2 == 1 ? INO_PROBLEM + s->slot : root_of(s);
}

static void reply_list(struct front *f, fuse_req_t req, fuse_ino_t dir,
		       size_t size, off_t off, bool plus)
{
	const uint64_t end =
		dir == INO_TOP ? 2 + 2 * (uint64_t)f->known.count : 4;
	char *text = malloc(size);
	struct buf name = { 0 };
	size_t used = 0;

	for (uint64_t at = (uint64_t)off; text != NULL && at < end; at++) {
		const fuse_ino_t ino = entry_at(f, dir, at, &name);
		struct fuse_entry_param entry;
		size_t need;

		if (ino == 0 || name.bad)
			continue;
		entry = entry_of(f, ino);
		if (at < 2)
			entry.ino = 0; /* it is known already */
		need = plus ? fuse_add_direntry_plus(req, text + used,
						     size - used, name.at,
						     &entry, (off_t)at + 1)
			    : fuse_add_direntry(req, text + used, size - used,
						name.at, &entry.attr,
						(off_t)at + 1);
		if (need > size - used)
			break;
		used += need;
	}
	if (text == NULL || name.bad)
		fuse_reply_err(req, ENOMEM);
	else
		fuse_reply_buf(req, text, used);
	buf_free(&name);
	free(text);
}

static void reply_attributes(struct front *f, fuse_req_t req, fuse_ino_t ino)
{
	const struct fuse_entry_param entry = entry_of(f, ino);

	fuse_reply_attr(req, &entry.attr, entry.attr_timeout);
}

static void answer(struct front *f, const struct waiting *w)
{
	if (w->name != NULL)
		reply_lookup(f, w->req, find_in_top(f, w->name));
	else if (w->attributes)
		reply_attributes(f, w->req, INO_TOP);
	else
		reply_list(f, w->req, INO_TOP, w->size, w->off, w->plus);
	free(w->name);
}

void front_answer_waiting(struct front *f, bool all)
{
	const uint64_t now = front_now_ms();
	size_t kept = 0;

	for (size_t i = 0; i < f->waiting_count; i++)
		if (all || f->waiting[i].until <= now)
			answer(f, &f->waiting[i]);
		else
			f->waiting[kept++] = f->waiting[i];
	f->waiting_count = kept;
}

/* Answer when it is known what there is now, or soon. */
static void wait_or_answer(struct front *f, struct waiting w)
{
	const bool looking = front_look_again(f);

	w.until = f->look_began +
		  (w.name != NULL ? LOOK_WAIT_NAME : LOOK_WAIT_LIST);
	if (looking && f->waiting_count < WAITING_MAX &&
	    front_now_ms() < w.until)
		f->waiting[f->waiting_count++] = w;
	else
		answer(f, &w);
}

static void front_lookup(fuse_req_t req, fuse_ino_t dir, const char *name)
{
	struct front *f = front_of(req);
	const fuse_ino_t ino = find(f, dir, name);
	struct waiting w = { .req = req };

	if (!is_there(f, dir)) {
		fuse_reply_err(req, ESTALE);
		return;
	}
	if (dir == INO_TOP && ino != 0)
		front_look_again(f); /* it may be another one by now */
	if (dir != INO_TOP || ino != 0) {
		reply_lookup(f, req, ino);
		return;
	}
	w.name = strdup(name);
	if (w.name != NULL)
		wait_or_answer(f, w);
	else
		fuse_reply_err(req, ENOMEM);
}

static void front_getattr(fuse_req_t req, fuse_ino_t ino,
			  struct fuse_file_info *fi)
{
	struct front *f = front_of(req);
	const struct waiting w = { .req = req, .attributes = true };

	(void)fi;
	if (!is_there(f, ino))
		fuse_reply_err(req, ESTALE);
	else if (ino == INO_TOP) /* the kernel asks before it lists again */
		wait_or_answer(f, w);
	else
		reply_attributes(f, req, ino);
}

static void front_list(fuse_req_t req, fuse_ino_t dir, size_t size, off_t off,
		       bool plus)
{
	struct front *f = front_of(req);
	const struct waiting w = {
		.req = req, .size = size, .off = off, .plus = plus
	};

	if (dir == INO_TOP && off == 0)
		wait_or_answer(f, w);
	else
		reply_list(f, req, dir, size, off, plus);
}

static void front_readdir(fuse_req_t req, fuse_ino_t dir, size_t size,
			  off_t off, struct fuse_file_info *fi)
{
	(void)fi;
	front_list(req, dir, size, off, false);
}

static void front_readdirplus(fuse_req_t req, fuse_ino_t dir, size_t size,
			      off_t off, struct fuse_file_info *fi)
{
	(void)fi;
	front_list(req, dir, size, off, true);
}

/* What is in a file of the top, from `off` on. */
static void front_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		       struct fuse_file_info *fi)
{
	struct front *f = front_of(req);
	struct buf text = { 0 };
	const struct buf *from = &text;
	char *log;

	(void)fi;
	if (ino == INO_LOG) {
		log = malloc(size);
		if (log != NULL)
			buf_add(&text, log,
				log_read(NULL, (uint64_t)off, log, size));
		text.bad |= log == NULL;
		free(log);
		off = 0;
	} else if (ino == INO_JSON) {
		if (f->json.len == 0)
			make_json(f);
		from = &f->json;
	} else if (problem_of(f, ino) != NULL) {
		known_problem(problem_of(f, ino), &text);
	} else {
		fuse_reply_err(req, is_there(f, ino) ? EISDIR : ESTALE);
		return;
	}
	if (from->bad)
		fuse_reply_err(req, ENOMEM);
	else if ((size_t)off >= from->len)
		fuse_reply_buf(req, NULL, 0);
	else
		fuse_reply_buf(req, from->at + off,
			       from->len - (size_t)off < size
				       ? from->len - (size_t)off
				       : size);
	buf_free(&text);
}

static void front_open_file(fuse_req_t req, fuse_ino_t ino,
			    struct fuse_file_info *fi)
{
	(void)ino;
	fs_reply_open(req, fi, front_of(req)->no_open);
}

/*
 * Not of a store's own directory: that is for who reads the store, so that it
 * fails if nobody can. To fail the listing only would be too late for Samba,
 * which then shows an empty one.
 */
static void front_opendir(fuse_req_t req, fuse_ino_t ino,
			  struct fuse_file_info *fi)
{
	(void)ino;
	fi->cache_readdir = 1;
	fi->keep_cache = 1;
	fuse_reply_open(req, fi);
}

/* The bytes of all stores, or of the one that `ino` is in. */
static void front_statfs(fuse_req_t req, fuse_ino_t ino)
{
	const struct front *f = front_of(req);
	const struct known_store *s = front_store_of(f, ino);
	uint64_t bytes = s != NULL ? s->file.size : 0;

	for (size_t i = 0; s == NULL && i < f->known.count; i++)
		bytes += f->known.shown[i]->file.size;

	const struct statvfs all = {
		.f_bsize = BLOCK,
		.f_frsize = BLOCK,
		.f_blocks = (bytes + BLOCK - 1) / BLOCK,
		.f_namemax = 255,
	};
	fuse_reply_statfs(req, &all);
}

static void front_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name,
			   size_t size)
{
	(void)ino;
	(void)name;
	(void)size;
	fuse_reply_err(req, front_of(req)->each.xattrs &&
					    !front_of(req)->each.no_xattrs
				    ? ENODATA
				    : ENOSYS);
}

static void front_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size)
{
	(void)ino;
	if (!front_of(req)->each.xattrs || front_of(req)->each.no_xattrs)
		fuse_reply_err(req, ENOSYS);
	else if (size == 0)
		fuse_reply_xattr(req, 0);
	else
		fuse_reply_buf(req, NULL, 0);
}

static void front_init(void *data, struct fuse_conn_info *conn)
{
	struct front *f = data;

	conn->want |= conn->capable & FUSE_CAP_EXPORT_SUPPORT;
	conn->want |= conn->capable & FUSE_CAP_POSIX_ACL;
	/* An answer of a worker is one message of a socket. */
	conn->max_write = conn->max_read = WORKER_READ_MAX;
	f->no_open = (conn->capable & FUSE_CAP_NO_OPEN_SUPPORT) != 0;
}

const struct fuse_lowlevel_ops front_ops = {
	.init = front_init,
	.lookup = front_lookup,
	.getattr = front_getattr,
	.open = front_open_file,
	.read = front_read,
	.opendir = front_opendir,
	.readdir = front_readdir,
	.readdirplus = front_readdirplus,
	.statfs = front_statfs,
	.getxattr = front_getxattr,
	.listxattr = front_listxattr,
};
