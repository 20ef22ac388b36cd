/*
 * dump.c - all that is in a store, as lines, to be compared
 *
 *	pst_dump STORE
 *
 *	K KEY				the record key, in hexadecimal
 *	F NID PARENT NAME		a folder; its name in hexadecimal UTF-8
 *	L NID LIST ID...		what it lists, in order: f, m or a
 *	M NID PARENT			a message; its values follow
 *	V WHERE ID TYPE SIZE HASH NAME	a value. WHERE is "." or the way to a
 *					part of the message: r0, a1, a1/m/r0
 *	W ID TYPE SIZE HASH NAME	what only its row in the folder has
 *
 * HASH is SHA-256 of the bytes, and of text in UTF-8 without NULs at its end;
 * NAME is of a named property, else "-"; "!" in place of HASH: unreadable.
 */
#include <inttypes.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>

#include "mail/rtf/vote.h"
#include "store/store.h"

enum { CHUNK = 1 << 16, DEPTH_MAX = 16, TEXT_MAX = 1 << 22 };

static void put_hex(struct span bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		printf("%02x", bytes.at[i]);
	if (bytes.len == 0)
		putchar('-');
}

static void put_hash(struct sha256_ctx *hash)
{
	uint8_t digest[SHA256_DIGEST_SIZE];

	sha256_digest(hash, sizeof(digest), digest);
	put_hex(span_of(digest, sizeof(digest)));
}

static void hash_span(struct sha256_ctx *hash, struct span in)
{
	if (in.len > 0)
		sha256_update(hash, in.len, in.at);
}

/* --- values ----------------------------------------------------------------
 */

static bool is_text(uint16_t type)
{
	return type == MAPI_STRING8 || type == MAPI_UNICODE;
}

static bool hash_bytes(struct store_object *o, const struct store_prop *p,
		       struct sha256_ctx *hash, uint64_t *size)
{
	static uint8_t piece[CHUNK];
	struct ost_error err;
	uint64_t off = 0;

	*size = p->size;
	do {
		const uint64_t left = p->size - off;
		const size_t len = left < CHUNK ? (size_t)left : CHUNK;

		if (store_read(o, p, off, piece, len, &err) != OST_OK)
			return false;
		hash_span(hash, span_of(piece, len));
		off += len;
	} while (off < p->size);
	return true;
}

static bool hash_text(struct store_object *o, uint16_t id,
		      struct sha256_ctx *hash, uint64_t *size)
{
	struct buf text = { 0 };
	struct ost_error err;
	const bool good = store_text(o, id, &text, NULL, &err) == OST_OK;

	hash_span(hash, buf_span(&text));
	*size = text.len;
	buf_free(&text);
	return good;
}

static bool hash_texts(struct store_object *o, uint16_t id,
		       struct sha256_ctx *hash, uint64_t *size)
{
	struct buf text = { 0 };
	struct ost_error err;
	enum ost_status st = OST_OK;

	*size = 0;
	while (st == OST_OK) {
		buf_cut(&text, 0);
		st = store_multi(o, id, (size_t)*size, &text, NULL, &err);
		if (st != OST_OK)
			break;
		buf_byte(&text, '\n');
		hash_span(hash, buf_span(&text));
		(*size)++;
	}
	buf_free(&text);
	return st == OST_NOT_FOUND;
}

static void put_name(struct store_object *o, uint16_t id)
{
	struct store_name name;

	if (!store_id_name(o->store, id, &name)) {
		puts("\t-");
		return;
	}
	putchar('\t');
	put_hex(span_of(name.guid, sizeof(name.guid)));
	if (name.name == NULL)
		printf(":%" PRIu32 "\n", name.lid);
	else
		printf(":%s\n", name.name);
}

static void put_value(struct store_object *o, const struct store_prop *p)
{
	struct sha256_ctx hash;
	uint64_t size = 0;
	bool good;

	sha256_init(&hash);
	if (is_text(p->type) && p->size <= TEXT_MAX)
		good = hash_text(o, p->id, &hash, &size);
	else if ((p->type & MAPI_MULTIPLE) != 0 &&
		 is_text(p->type & (uint16_t)~MAPI_MULTIPLE))
		good = hash_texts(o, p->id, &hash, &size);
	else
		good = hash_bytes(o, p, &hash, &size);
	printf("%04X\t%04X\t%" PRIu64 "\t", p->id, p->type, size);
	if (good)
		put_hash(&hash);
	else
		putchar('!');
	put_name(o, p->id);
}

/* A small value as it is: flags, times. */
static void put_small(struct store_object *o, const struct store_prop *p)
{
	uint8_t bytes[24];
	struct ost_error err;

	if (p->size > 0 && p->size <= sizeof(bytes) && !is_text(p->type) &&
	    store_read(o, p, 0, bytes, (size_t)p->size, &err) == OST_OK) {
		printf("B\t%04X\t", p->id);
		put_hex(span_of(bytes, (size_t)p->size));
		putchar('\n');
	}
}

static void put_values(struct store_object *o, const char *kind,
		       const char *where)
{
	struct store_prop p = { 0 };
	struct ost_error err;

	for (uint32_t id = 0; id <= UINT16_MAX; id = (uint32_t)p.id + 1) {
		if (store_next(o, (uint16_t)id, &p, &err) != OST_OK)
			return;
		printf("%s\t%s\t", kind, where);
		put_value(o, &p);
		put_small(o, &p);
	}
}

/* --- messages ----------------------------------------------------------------
 */

static void put_message(struct store_object *o, const char *where,
			unsigned depth);

static void put_parts(struct store_object *o, enum store_list list,
		      const char *where, unsigned depth)
{
	struct ost_error err;
	enum ost_status st = OST_OK;

	for (size_t i = 0; st != OST_NOT_FOUND; i++) {
		struct store_object *child = NULL, *in = NULL;
		struct buf path = { 0 };

		st = store_child(o, list, i, &child, &err);
		if (st == OST_OK) {
			buf_printf(&path, "%s%s%c%zu",
				   where[0] == '.' ? "" : where,
				   where[0] == '.' ? "" : "/",
				   list == STORE_RECIPIENTS ? 'r' : 'a', i);
			printf("O\t%s\n", path.at);
			put_values(child, "V", path.at);
			buf_str(&path, "/m");
			if (list == STORE_ATTACHMENTS &&
			    store_child(child, STORE_MESSAGES, 0, &in, &err) ==
				    OST_OK)
				put_message(in, path.at, depth + 1);
		} else if (st != OST_NOT_FOUND) {
			printf("E\t%s\n", where);
		}
		store_drop(in);
		store_drop(child);
		buf_free(&path);
	}
}

static void put_message(struct store_object *o, const char *where,
			unsigned depth)
{
	if (depth > DEPTH_MAX)
		return;
	printf("O\t%s\n", where);
	put_values(o, "V", where);
	put_parts(o, STORE_RECIPIENTS, where, depth);
	put_parts(o, STORE_ATTACHMENTS, where, depth);
}

/* --- the store
 * ----------------------------------------------------------------- */

static void put_list(struct store_object *o, enum store_list list, char letter)
{
	struct ost_error err;
	enum ost_status st = OST_OK;

	printf("L\t%" PRIu32 "\t%c", o->id.nid, letter);
	for (size_t i = 0; st != OST_NOT_FOUND; i++) {
		struct store_object *child = NULL;

		st = store_child(o, list, i, &child, &err);
		if (st == OST_OK)
			printf("\t%" PRIu32, child->id.nid);
		store_drop(child);
	}
	putchar('\n');
}

static void put_folder(struct store_object *o, uint32_t parent)
{
	struct buf name = { 0 };
	struct ost_error err;

	if (store_text(o, MAPI_DISPLAY_NAME, &name, NULL, &err) != OST_OK)
		buf_cut(&name, 0);
	printf("F\t%" PRIu32 "\t%" PRIu32 "\t", o->id.nid, parent);
	put_hex(buf_span(&name));
	putchar('\n');
	put_values(o, "G", ".");
	put_list(o, STORE_FOLDERS, 'f');
	put_list(o, STORE_MESSAGES, 'm');
	put_list(o, STORE_ASSOCIATED, 'a');
	buf_free(&name);
}

static void put_node(struct store *s, struct store_object *node)
{
	const uint32_t nid = node->id.nid;
	struct store_object *o = NULL, *row = NULL;
	struct ost_error err;

	if (store_get(s, (struct store_id){ nid, 0 }, &o, &err) != OST_OK) {
		printf("X\t%" PRIu32 "\t%s\n", nid, err.text);
		return;
	}
	if ((nid & MAPI_NID_TYPE) == MAPI_NID_FOLDER ||
	    (nid & MAPI_NID_TYPE) == MAPI_NID_SEARCH_FOLDER) {
		put_folder(o, node->parent);
	} else {
		printf("M\t%" PRIu32 "\t%" PRIu32 "\n", nid, node->parent);
		put_message(o, ".", 0);
		if (store_get(s, (struct store_id){ nid, node->parent }, &row,
			      &err) == OST_OK)
			put_values(row, "W", ".");
	}
	store_drop(row);
	store_drop(o);
}

static int fail(const char *path, const struct ost_error *err)
{
	fprintf(stderr, "pst_dump: %s: %s\n", path, err->text);
	return 1;
}

int main(int argc, char **argv)
{
	const struct store_options options = { .heal = argc > 2 };
	struct store *s = NULL;
	struct store_object *top = NULL, *node = NULL;
	struct ost_error err = { "" };
	uint64_t nid = 0;

	if (argc < 2)
		return 2;
	if (store_open(&s, argv[1], &store_native, &options, &err) != OST_OK)
		return fail(argv[1], &err);
	store_set_vote(s, charset_vote);
	printf("K\t");
	put_hex(store_key(s));
	putchar('\n');
	if (store_get(s, (struct store_id){ MAPI_NID_STORE, 0 }, &top, &err) !=
	    OST_OK)
		return fail(argv[1], &err);
	while (nid <= UINT32_MAX && store_child(top, STORE_NODES, (size_t)nid,
						&node, &err) == OST_OK) {
		nid = (uint64_t)node->id.nid + 1;
		put_node(s, node);
		store_drop(node);
		node = NULL;
	}
	store_drop(top);
	store_close(s);
	return ferror(stdout) != 0;
}
