/*
 * readback.c - a PST that was written, read as any other
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pst/writer.h"

enum { PIECE = 1 << 18, CACHE = 16 << 20 };

struct reading {
	struct store *s;
	const struct pst_options *o;
	struct digest digest;
	uint8_t *piece; /* owned; PIECE bytes */
};

/* --- values ------------------------------------------------------------------
 */

static enum ost_status read_value(struct reading *r, struct store_object *o,
				  const struct store_prop *p,
				  const struct digest_key *key,
				  struct ost_error *err)
{
	struct digest_value v;
	uint64_t off = 0;
	enum ost_status st = OST_OK;

	digest_begin(&v, key);
	do {
		const uint64_t left = p->size - off;
		const size_t len = left < PIECE ? (size_t)left : PIECE;

		st = store_read(o, p, off, r->piece, len, err);
		digest_more(&v, span_of(r->piece, len));
		off += len;
	} while (st == OST_OK && off < p->size);
	if (st == OST_OK)
		digest_end(&r->digest, &v);
	return st;
}

/* What the writer makes itself, of every row. */
static bool is_row_id(uint16_t id)
{
	return id == 0x67F2 || id == 0x67F3;
}

typedef bool leave_out(const struct store_prop *p);

static bool leaves_message(const struct store_prop *p)
{
	return p->id == MAPI_MESSAGE_SIZE;
}

static bool leaves_attachment(const struct store_prop *p)
{
	return p->id == MAPI_ATTACH_DATA && p->type == MAPI_OBJECT;
}

static bool leaves_recipient(const struct store_prop *p)
{
	return is_row_id(p->id);
}

static bool leaves_folder(const struct store_prop *p)
{
	return p->id != MAPI_DISPLAY_NAME;
}

static enum ost_status read_values(struct reading *r, struct store_object *o,
				   uint32_t nid, uint32_t place,
				   leave_out *leaves, struct ost_error *err)
{
	struct store_prop p = { 0 };
	enum ost_status st = OST_OK;

	for (uint32_t id = 0; st == OST_OK && id <= UINT16_MAX;
	     id = (uint32_t)p.id + 1) {
		st = store_next(o, (uint16_t)id, &p, err);
		if (st != OST_OK || leaves(&p))
			continue;

		const struct digest_key key = {
			.nid = nid, .place = place, .id = p.id, .type = p.type
		};
		st = read_value(r, o, &p, &key, err);
	}
	return st == OST_NOT_FOUND ? OST_OK : st;
}

/* --- messages
 * ------------------------------------------------------------------ */

static enum ost_status read_message(struct reading *r, struct store_object *o,
				    uint32_t parent, unsigned depth,
				    struct ost_error *err);

/* The message in it, or its OLE data. */
static enum ost_status read_object(struct reading *r, struct store_object *o,
				   unsigned depth, struct ost_error *err)
{
	struct store_object *in = NULL;
	struct store_prop p;
	enum ost_status st = store_find(o, MAPI_ATTACH_DATA, &p, err);

	if (st != OST_OK || p.type != MAPI_OBJECT)
		return st == OST_NOT_FOUND ? OST_OK : st;
	st = store_child(o, STORE_MESSAGES, 0, &in, err);
	if (st == OST_OK) {
		st = read_message(r, in, o->id.nid, depth + 1, err);
	} else if (st == OST_NOT_FOUND) {
		const struct digest_key key = { .nid = o->id.nid,
						.id = p.id,
						.type = p.type };

		st = read_value(r, o, &p, &key, err);
	}
	store_drop(in);
	return st;
}

static enum ost_status read_list(struct reading *r, struct store_object *o,
				 enum store_list list, unsigned depth,
				 struct ost_error *err)
{
	const bool attachments = list == STORE_ATTACHMENTS;
	enum ost_status st = OST_OK;

	for (uint32_t i = 0; st == OST_OK; i++) {
		struct store_object *child = NULL;

		st = store_child(o, list, i, &child, err);
		if (st == OST_OK && attachments) {
			digest_object(&r->digest, child->id.nid, o->id.nid);
			st = child->rowless || child->lost
				     ? ost_fail(err, OST_CORRUPT,
						"attachment %u is lost", i)
				     : read_values(r, child, child->id.nid, 0,
						   leaves_attachment, err);
			if (st == OST_OK)
				st = read_object(r, child, depth, err);
		} else if (st == OST_OK) {
			st = read_values(r, child, o->id.nid, i + 1,
					 leaves_recipient, err);
		}
		store_drop(child);
	}
	return st == OST_NOT_FOUND ? OST_OK : st;
}

static enum ost_status read_message(struct reading *r, struct store_object *o,
				    uint32_t parent, unsigned depth,
				    struct ost_error *err)
{
	enum ost_status st;

	if (depth > PST_EMBEDDED_MAX)
		return ost_fail(err, OST_CORRUPT, "messages too deep");
	digest_object(&r->digest, o->id.nid, parent);
	st = read_values(r, o, o->id.nid, 0, leaves_message, err);
	if (st == OST_OK)
		st = read_list(r, o, STORE_RECIPIENTS, depth, err);
	if (st == OST_OK)
		st = read_list(r, o, STORE_ATTACHMENTS, depth, err);
	return st;
}

/* --- all
 * ------------------------------------------------------------------------ */

/* Folders that every PST has, and that nothing was put in. */
static bool is_own_folder(uint32_t nid)
{
	return nid == PST_ROOT || nid == PST_FINDER || nid == PST_VIEWS;
}

static enum ost_status read_node(struct reading *r, struct store_object *node,
				 struct ost_error *err)
{
	const uint32_t nid = node->id.nid, type = nid & MAPI_NID_TYPE;
	struct store_object *o = NULL;
	enum ost_status st;

	if (type == MAPI_NID_SEARCH_FOLDER || is_own_folder(nid))
		return OST_OK;
	st = store_get(r->s, (struct store_id){ nid, 0 }, &o, err);
	if (st == OST_OK && type == MAPI_NID_FOLDER) {
		digest_object(&r->digest, nid, node->parent);
		st = read_values(r, o, nid, 0, leaves_folder, err);
	} else if (st == OST_OK) {
		st = read_message(r, o, node->parent, 0, err);
	}
	store_drop(o);
	return st == OST_NOT_FOUND ? OST_CORRUPT : st;
}

static enum ost_status read_nodes(struct reading *r, struct ost_error *err)
{
	struct store_object *top = NULL;
	uint64_t nid = 0;
	enum ost_status st;

	st = store_get(r->s, (struct store_id){ MAPI_NID_STORE, 0 }, &top, err);
	while (st == OST_OK && nid <= UINT32_MAX) {
		struct store_object *node = NULL;

		if (r->o->stop != NULL && r->o->stop(r->o->arg))
			st = ost_fail(err, OST_STOPPED, "stopped");
		if (st == OST_OK)
			st = store_child(top, STORE_NODES, (size_t)nid, &node,
					 err);
		if (st != OST_OK)
			break;
		nid = (uint64_t)node->id.nid + 1;
		st = read_node(r, node, err);
		store_drop(node);
	}
	store_drop(top);
	return st == OST_NOT_FOUND ? OST_OK : st;
}

/* Do the folders list just what there is? */
static enum ost_status check_lists(struct store *s, struct ost_error *err)
{
	struct inventory *c = NULL;
	bool good;
	enum ost_status st = inventory_take(&c, s, err);

	if (st != OST_OK)
		return st;
	good = !c->cut;
	for (size_t i = 0; i < c->folder_count; i++)
		for (int k = 0; k < INVENTORY_KINDS; k++) {
			const struct inventory_count *n = &c->folders[i].of[k];

			good = good && !n->unreadable && n->unlisted == 0 &&
			       n->missing == 0 && n->twice == 0 &&
			       n->rows == n->nodes &&
			       (!n->has_declared || n->declared == n->rows);
		}
	inventory_free(c);
	return good ? OST_OK
		    : ost_fail(err, OST_CORRUPT,
			       "folders do not list what is in them");
}

static enum ost_status read_all(struct reading *r, const struct digest *want,
				struct ost_error *err)
{
	enum ost_status st = check_lists(r->s, err);

	if (st == OST_OK)
		st = read_nodes(r, err);
	if (st == OST_OK && store_damage_count(r->s) > 0)
		st = ost_fail(err, OST_CORRUPT, "parts of it are damaged");
	if (st == OST_OK && !digest_equal(&r->digest, want))
		st = ost_fail(err, OST_CORRUPT,
			      "it holds %" PRIu64 " values of %" PRIu64
			      " objects, not the %" PRIu64 " of %" PRIu64
			      " that were given",
			      r->digest.values, r->digest.objects, want->values,
			      want->objects);
	return st;
}

enum ost_status readback(int fd, const struct digest *want,
			 const struct pst_options *o, struct ost_error *err)
{
	const struct store_options options = { .cache = CACHE };
	struct reading r = { .o = o, .piece = malloc(PIECE) };
	char path[40];
	enum ost_status st;

	if (r.piece == NULL)
		return ost_no_memory(err);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	st = store_open(&r.s, path, &store_native, &options, err);
	if (st == OST_OK)
		st = read_all(&r, want, err);
	store_close(r.s);
	free(r.piece);
	return st;
}

static void *hash_file(void *arg)
{
	struct readback_hash *h = arg;
	uint8_t *piece = malloc(PIECE);
	off_t off = 0;
	ssize_t got = -1;

	sha256_init(&h->sha);
	errno = ENOMEM;
	while (piece != NULL && !atomic_load(&h->stop) &&
	       (got = pread(h->fd, piece, PIECE, off)) > 0) {
		sha256_update(&h->sha, (size_t)got, piece);
		off += got;
	}
	h->error = got == 0 ? 0 : errno;
	free(piece);
	return NULL;
}

void readback_hash_begin(struct readback_hash *h, int fd)
{
	h->fd = fd;
	atomic_init(&h->stop, false);
	h->has_thread = pthread_create(&h->thread, NULL, hash_file, h) == 0;
}

enum ost_status readback_hash_end(struct readback_hash *h, bool wanted,
				  char hex[65], struct ost_error *err)
{
	uint8_t hash[SHA256_DIGEST_SIZE];

	atomic_store(&h->stop, !wanted);
	if (h->has_thread)
		pthread_join(h->thread, NULL);
	else
		hash_file(h);
	if (!wanted)
		return OST_OK;
	if (h->error != 0)
		return ost_fail(err, OST_CANNOT_OPEN, "%s", strerror(h->error));
	sha256_digest(&h->sha, sizeof(hash), hash);
	for (size_t i = 0; i < sizeof(hash); i++)
		snprintf(hex + 2 * i, 3, "%02x", hash[i]);
	return OST_OK;
}
