/*
 * heal_header.c - opens a store whose header cannot be believed
 *
 * The format is that of the first whole page in the file, whatever its header
 * says. The roots it names are tried: if they are none, the trees are made
 * again of their leaves. The encoding shows in the blocks themselves.
 */
#include <stdlib.h>

#include "ndb/heal.h"
#include "ndb/scan.h"

enum { METHODS = 3, ASKED_MAX = 64 };

/* Can there be a store behind a header that was read with `status`? */
static bool is_doubtful(enum ost_status status, struct span header)
{
	if (status == OST_UNSUPPORTED || status == OST_ENCRYPTED)
		return !ndb_header_sums(header);
	return status == OST_NOT_STORE || status == OST_BAD_HEADER ||
	       status == OST_IO;
}

static uint16_t usual_version(enum ndb_format format)
{
	const uint16_t versions[] = {
		[NDB_ANSI] = 14, [NDB_UNICODE] = 23, [NDB_UNICODE_4K] = 36
	};

	return versions[format];
}

/* What wMagicClient says, if it says anything. */
static void find_client(struct ndb *db, struct span header)
{
	static const char *const clients[] = { "SM", "SO", "AB" };
	struct cursor c = cur_at(header, 8);
	const struct span said = cur_span(&c, 2);

	memcpy(db->info.client, db->info.format == NDB_UNICODE_4K ? "SO" : "SM",
	       3);
	for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++)
		if (cur_ok(&c) && memcmp(said.at, clients[i], 2) == 0)
			memcpy(db->info.client, clients[i], 3);
}

enum ost_status heal_header(struct ndb *db, enum ost_status status,
			    struct ost_error *err)
{
	const struct ost_error why = *err;
	uint8_t bytes[NDB_HEADER_SIZE] = { 0 };
	const struct span header = span_of(bytes, sizeof(bytes));

	if (status == OST_OK)
		return OST_OK;
	if (source_read(db->source, 0, bytes, sizeof(bytes), err) != OST_OK)
		memset(bytes, 0, sizeof(bytes));
	if (!is_doubtful(status, header)) {
		*err = why;
		return status;
	}
	if (!ndb_scan_format(db->source, &db->info.format, err)) {
		*err = why;
		return status;
	}
	db->layout = &ndb_layouts[db->info.format];
	db->info.version = usual_version(db->info.format);
	if (!ndb_root(db, header))
		return ost_fail(err, OST_BUG, "header of %zu bytes",
				header.len);
	find_client(db, header);
	db->info.header_eof = db->info.size;
	db->info.healing.header = true;
	return OST_OK;
}

/*
 * Is `bytes` how the first block of a heap begins [MS-PST] 2.3.1.2? Most nodes
 * have one: what is decoded in the wrong way looks so once in 16 million.
 */
static bool is_heap(struct span bytes)
{
	struct cursor c = cur_at(bytes, 2);
	const uint8_t signature = cur_u8(&c);
	const uint8_t client = cur_u8(&c);

	return cur_ok(&c) && signature == 0xEC &&
	       (client == 0xBC || client == 0x7C || client == 0xB5);
}

/* For each method, does the block that is not decoded yet begin so? */
static void ask(struct ndb *db, ndb_bid bid, unsigned votes[METHODS])
{
	struct ndb_block *block = NULL;
	struct ost_error why;
	uint8_t begin[8];

	if (bid_key(bid) == 0 || bid_is_internal(bid) ||
	    ndb_block_get(db, bid, &block, &why) != OST_OK)
		return;
	for (unsigned method = 0; method < METHODS; method++) {
		const size_t len = block->size < sizeof(begin) ? block->size
							       : sizeof(begin);

		memcpy(begin, block->bytes, len);
		if (ndb_decode((uint8_t)method, bid, begin, len) &&
		    is_heap(span_of(begin, len)))
			votes[method]++;
	}
	ndb_block_drop(block);
}

enum ost_status heal_encoding(struct ndb *db, struct ost_error *err)
{
	unsigned votes[METHODS] = { 0 };
	struct ndb_node node = { .nid = { 0 } };
	struct ost_error why;
	uint8_t best = db->info.encoding < METHODS ? db->info.encoding : 1;

	db->info.encoding = 0;
	for (unsigned i = 0;
	     i < ASKED_MAX && ndb_next(db, node.nid, &node, &why) == OST_OK;
	     i++, node.nid.value++)
		ask(db, node.data, votes);
	for (unsigned method = 0; method < METHODS; method++)
		if (votes[method] > votes[best])
			best = (uint8_t)method;
	db->info.encoding = best;

	/* What it keeps was not decoded. */
	cache_free(db->cache);
	return ndb_cache(db, err);
}
