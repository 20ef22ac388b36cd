/*
 * recovered.c - messages as they were, or that are no more
 *
 * The store's past (ndb.h) has nodes of all kinds. Those of messages count
 * that can still be read to their end, attachments excepted: of these what is
 * there is better than nothing.
 */
#include <stdlib.h>

#include "bytes/buf.h"
#include "store/native.h"

/* As many as have a number; the history has far fewer. */
enum { RECOVERED_MAX = 1 << 27 };

/* Are all blocks of a node's own data there? */
static enum ost_status check_data(struct ndb *db, ndb_bid data,
				  struct ost_error *err)
{
	struct ndb_stream *s = NULL;
	size_t count = 0;
	enum ost_status st = ndb_stream_open(&s, db, data, err);

	if (st == OST_OK)
		st = ndb_stream_blocks(s, &count, err);
	for (size_t i = 0; st == OST_OK && i < count; i++) {
		struct ndb_block *block = NULL;

		st = ndb_stream_block(s, i, &block, err);
		ndb_block_drop(block);
	}
	ndb_stream_close(s);
	return st;
}

/* Are all blocks that list its subnodes there? */
static enum ost_status check_subnodes(struct ndb *db,
				      const struct ndb_node *node,
				      struct ost_error *err)
{
	struct ndb_node sub = { .nid = { 0 } };
	enum ost_status st;

	do {
		st = ndb_next_sub(db, node, sub.nid, &sub, err);
	} while (st == OST_OK && sub.nid.value++ < UINT32_MAX);
	return st == OST_NOT_FOUND ? OST_OK : st;
}

/* Does it hold properties, and among them what any message has? */
static enum ost_status check_message(struct store_core *s, struct ndb *db,
				     const struct ndb_node *node,
				     struct ost_error *err)
{
	struct store_object *o = NULL;
	struct store_prop p;
	enum ost_status st = native_node(s, db, node, &o, err);

	if (st == OST_OK)
		st = store_find(o, MAPI_MESSAGE_CLASS, &p, err);
	store_drop(o);
	return st;
}

/* OST_NO_MEMORY ends the search; any other fault only this message. */
static enum ost_status add(struct native *n, struct ndb *history,
			   const struct ndb_node *node, struct buf *out,
			   struct ost_error *err)
{
	enum ost_status st;

	if ((node->nid.value & MAPI_NID_TYPE) != MAPI_NID_MESSAGE)
		return OST_OK;
	st = check_data(history, node->data, err);
	if (st == OST_OK)
		st = check_subnodes(history, node, err);
	if (st == OST_OK)
		st = check_message(&n->base, history, node, err);
	n->recovered_failed |= ost_is_transient(st);
	if (st != OST_OK)
		return st == OST_NO_MEMORY ? st : OST_OK;
	buf_add(out, node, sizeof(*node));
	return buf_status(out, err);
}

static enum ost_status find_all(struct native *n, struct ost_error *err)
{
	struct buf found = { 0 };
	struct ndb *history = NULL;
	struct ndb_node node;
	enum ost_status st = ndb_history_open(&history, n->db, err);

	for (size_t i = 0; st == OST_OK && ndb_history_node(history, i, &node);
	     i++)
		st = add(n, history, &node, &found, err);
	if (st == OST_OK && found.len / sizeof(node) > RECOVERED_MAX)
		st = ost_fail(err, OST_LIMIT, "over %d recovered messages",
			      RECOVERED_MAX);
	if (st != OST_OK) {
		ndb_history_close(history);
		buf_free(&found);
		return st;
	}
	n->recovered = (struct ndb_node *)(void *)found.at;
	n->recovered_count = found.len / sizeof(node);
	__atomic_store_n(&n->history, history, __ATOMIC_RELEASE);
	return OST_OK;
}

static enum ost_status find_once(struct native *n, struct ost_error *err)
{
	enum ost_status st = OST_OK;

	if (__atomic_load_n(&n->history, __ATOMIC_ACQUIRE) != NULL)
		return OST_OK;
	pthread_mutex_lock(&n->recover_lock);
	if (n->history == NULL)
		st = find_all(n, err);
	pthread_mutex_unlock(&n->recover_lock);
	return st;
}

enum ost_status native_recovered(struct store_core *s, size_t index,
				 struct store_object **out,
				 struct ost_error *err)
{
	struct native *n = native_of(s);
	enum ost_status st = n->recover ? find_once(n, err) : OST_OK;

	/* What cannot be searched is one error long. */
	if (st != OST_OK && index > 0 && st != OST_IO && st != OST_NO_MEMORY)
		return ost_none(err, "recovered message", index);
	if (st != OST_OK)
		return st;
	if (index >= n->recovered_count)
		return ost_none(err, "recovered message", index);
	st = native_node(s, n->history, &n->recovered[index], out, err);
	if (st != OST_OK)
		return st;
	(*out)->original_nid = (*out)->id.nid;
	(*out)->id.nid = (uint32_t)index << 5 | MAPI_NID_RECOVERED;
	return OST_OK;
}

/* The map of names that `node` is, if it can be read to its end. */
static enum ost_status old_map(struct store_core *s,
			       const struct ndb_node *node,
			       struct store_object **out, struct ost_error *err)
{
	struct ndb *history = native_of(s)->names_history;
	enum ost_status st = check_data(history, node->data, err);

	if (st == OST_OK)
		st = check_subnodes(history, node, err);
	if (st == OST_OK)
		st = native_node(s, history, node, out, err);
	if (st == OST_OK)
		(*out)->original_nid = MAPI_NID_NAMES;
	return st;
}

enum ost_status native_old_names(struct store_core *s,
				 struct store_object **out,
				 struct ost_error *err)
{
	struct native *n = native_of(s);
	enum ost_status st = OST_OK, met = OST_OK;
	struct ndb_node node;

	pthread_mutex_lock(&n->recover_lock);
	if (n->names_history == NULL)
		st = ndb_history_open(&n->names_history, n->db, err);
	pthread_mutex_unlock(&n->recover_lock);
	if (st != OST_OK)
		return st;
	for (size_t i = 0; ndb_history_node(n->names_history, i, &node); i++) {
		if (node.nid.value != MAPI_NID_NAMES)
			continue;
		st = old_map(s, &node, out, err);
		if (st == OST_OK) {
			object_met(*out, met);
			return OST_OK;
		}
		if (ost_is_transient(st))
			met = st;
	}
	if (met != OST_OK)
		return ost_fail(err, met, "an older map of names");
	return ost_none(err, "older node", MAPI_NID_NAMES);
}
