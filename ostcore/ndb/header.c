/*
 * header.c - the file header: which format, and where the trees are
 *                                                       [MS-PST] 2.2.2.6
 */
#include <inttypes.h>

#include "bytes/text.h"
#include "ndb/layout.h"

enum {
	CACHE_DEFAULT = 16 << 20,
	MAGIC = 0x4E444221, /* !BDN */
	CRC_FROM = 8,
	CRC_PARTIAL_LEN = 471,
	CRC_FULL_LEN = 516,
	CRC_FULL_AT = 524,
	VERSION_END = 12, /* of wVer */
	VERSION_WIP = 37,
	CRYPT_WIP = 0x10,
};

/* The format of wVer. False: none we know. */
static bool format_of(uint16_t version, enum ndb_format *out)
{
	if (version == 14 || version == 15)
		*out = NDB_ANSI;
	else if (version == 21 || version == 23)
		*out = NDB_UNICODE;
	else if (version == 36)
		*out = NDB_UNICODE_4K;
	else
		return false;
	return true;
}

static uint32_t partial_crc(struct span header)
{
	struct span covered;

	(void)span_sub(header, CRC_FROM, CRC_PARTIAL_LEN, &covered);
	return ndb_crc(covered);
}

bool ndb_header_sums(struct span header)
{
	struct cursor c = cur_at(header, 4);
	const uint32_t want = cur_u32(&c);

	return cur_ok(&c) && want != 0 && partial_crc(header) == want;
}

static enum ost_status read_magic(struct span header, struct ost_error *err)
{
	struct cursor c = cur_at(header, 0);

	if (cur_u32(&c) == MAGIC)
		return OST_OK;
	if (ndb_header_sums(header))
		return ost_fail(err, OST_BAD_HEADER,
				"has a damaged header: it does not begin with "
				"!BDN");
	return ost_fail(err, OST_NOT_STORE,
			"is not an Outlook store: it does not begin with "
			"!BDN");
}

static enum ost_status read_version(struct ndb *db, struct span header,
				    struct ost_error *err)
{
	struct cursor c = cur_at(header, CRC_FROM);
	const struct span client = cur_span(&c, 2);

	db->info.version = cur_u16(&c);
	memcpy(db->info.client, client.at, client.len);
	if (db->info.version == VERSION_WIP)
		return ost_fail(err, OST_ENCRYPTED,
				"is encrypted by Windows Information "
				"Protection; only Windows with the owner's "
				"key can read it");
	if (!format_of(db->info.version, &db->info.format))
		return ost_fail(err, OST_UNSUPPORTED,
				"has store version %u, which is not one of 14, "
				"15, 21, 23, 36",
				db->info.version);
	db->layout = &ndb_layouts[db->info.format];
	return OST_OK;
}

static enum ost_status check_crc(const struct ndb *db, struct span header,
				 struct ost_error *err)
{
	struct cursor partial = cur_at(header, 4);
	struct cursor full = cur_at(header, CRC_FULL_AT);
	const uint32_t want_partial = cur_u32(&partial);
	const uint32_t want_full = cur_u32(&full);
	struct span all;

	if (!span_sub(header, CRC_FROM, CRC_FULL_LEN, &all))
		return ost_fail(err, OST_BUG, "header of %zu bytes",
				header.len);
	if (sum_differs(partial_crc(header), want_partial))
		return ost_fail(err, OST_BAD_HEADER,
				"has a damaged header: its CRC is %#x, not "
				"%#x",
				partial_crc(header), want_partial);
	if (db->layout->full_crc && sum_differs(ndb_crc(all), want_full))
		return ost_fail(err, OST_BAD_HEADER,
				"has a damaged header: its full CRC is %#x, "
				"not %#x",
				ndb_crc(all), want_full);
	return OST_OK;
}

/* ROOT [MS-PST] 2.2.2.5 */
bool ndb_root(struct ndb *db, struct span header)
{
	const unsigned width = db->layout->id_width;
	struct cursor c = cur_at(header, db->layout->root_at);
	struct cursor crypt = cur_at(header, db->layout->crypt_at);

	(void)cur_u32(&c); /* dwReserved */
	db->info.header_eof = cur_uint(&c, width);
	(void)cur_span(&c, 3 * (uint64_t)width); /* AMap, free space */
	db->nbt.bid.value = cur_uint(&c, width);
	db->nbt.ib = cur_uint(&c, width);
	db->bbt.bid.value = cur_uint(&c, width);
	db->bbt.ib = cur_uint(&c, width);
	db->info.clean = cur_u8(&c) != 0; /* fAMapValid */
	db->info.encoding = cur_u8(&crypt);
	return cur_ok(&c) && cur_ok(&crypt);
}

static enum ost_status read_root(struct ndb *db, struct span header,
				 struct ost_error *err)
{
	if (!ndb_root(db, header))
		return ost_fail(err, OST_BUG, "header of %zu bytes",
				header.len);
	if (db->info.encoding == CRYPT_WIP)
		return ost_fail(err, OST_ENCRYPTED,
				"is encrypted by Windows Information "
				"Protection; only Windows with the owner's "
				"key can read it");
	if (db->info.encoding > 2)
		return ost_fail(err, OST_UNSUPPORTED,
				"is encoded by method %#x, which is unknown",
				db->info.encoding);
	return OST_OK;
}

/* Too little of a store to say which version it is. */
static enum ost_status check_length(struct span header, size_t have,
				    struct ost_error *err)
{
	const size_t magic = have < 4 ? have : 4;

	if (have >= VERSION_END || memcmp(header.at, "!BDN", magic) != 0)
		return OST_OK;
	return ost_fail(err, OST_TRUNCATED,
			"is cut short within its header, at %zu %s", have,
			text_plural(have, "byte", "bytes"));
}

static bool is_zero(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] != 0)
			return false;
	return true;
}

/* The roots must lie in the file, or nothing can be found in it. */
enum ost_status ndb_header_roots(const struct ndb *db, struct ost_error *err)
{
	const uint64_t size = db->info.size;
	const uint64_t page = db->layout->page_size;

	if (size >= page && db->nbt.ib <= size - page &&
	    db->bbt.ib <= size - page)
		return OST_OK;
	if (size >= db->info.header_eof)
		return ost_fail(err, OST_BAD_HEADER,
				"has a damaged header: its trees lie past the "
				"end of the file");
	return ost_fail(err, OST_TRUNCATED,
			"is cut short: %" PRIu64 " bytes of %" PRIu64
			", without the index of its contents",
			size, db->info.header_eof);
}

enum ost_status ndb_header(struct ndb *db, struct ost_error *err)
{
	uint8_t bytes[NDB_HEADER_SIZE] = { 0 };
	const uint64_t size = source_size(db->source);
	const size_t have =
		size < NDB_HEADER_SIZE ? (size_t)size : NDB_HEADER_SIZE;
	const struct span header = span_of(bytes, sizeof(bytes));
	enum ost_status st;

	db->info.size = size;
	db->info.mtime = source_mtime(db->source);
	if (size == 0)
		return ost_fail(err, OST_NOT_STORE,
				"is empty: the copy was never written");
	st = source_read(db->source, 0, bytes, have, err);
	if (st == OST_OK && is_zero(header))
		return ost_fail(err, OST_NOT_STORE,
				"begins with nothing but zeros: it was copied "
				"while in use, or not to the end");
	if (st == OST_OK)
		st = check_length(header, have, err);
	if (st == OST_OK)
		st = read_magic(header, err);
	if (st == OST_OK)
		st = read_version(db, header, err);
	if (st == OST_OK && have < sizeof(bytes))
		return ost_fail(err, OST_TRUNCATED,
				"is cut short within its header, at %zu bytes",
				have); /* more than one */
	if (st == OST_OK)
		st = check_crc(db, header, err);
	if (st == OST_OK)
		st = read_root(db, header, err);
	return st;
}

enum ost_status ndb_cache(struct ndb *db, struct ost_error *err)
{
	const size_t max = db->options.cache;

	return cache_new(&db->cache, max > 0 ? max : CACHE_DEFAULT, err);
}
