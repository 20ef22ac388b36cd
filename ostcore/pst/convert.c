/*
 * convert.c - values of a store as a PST has them
 */
#include "pst/convert.h"

#include <stdlib.h>

#include "bytes/text.h"

enum {
	HELD_MAX = 1 << 20,  /* larger ones are read in pieces */
	TEXT_MAX = 64 << 20, /* of text that has to be decoded, and of lists */
	PIECE = 1 << 16,
	SALVAGE_LEAST = 512, /* bytes that fail together */
	UNKNOWN = 0x0000,
};

/* --- which properties ----------------------------------------------------- */

/* Those that are not carried, by number. */
struct left {
	uint16_t first, last;
	enum report_what why;
};

/* What a store keeps of its own: rows, synchronisation, replication. */
static const struct left bookkeeping[] = {
	{ 0x0E30, 0x0E31, REPORT_REPLICATION },
	{ 0x0E33, 0x0E34, REPORT_REPLICATION },
	{ 0x0E37, 0x0E38, REPORT_REPLICATION },
	{ 0x0E3C, 0x0E3E, REPORT_REPLICATION },
	{ 0x65E0, 0x65E1, REPORT_SYNCHRONISATION },
	{ 0x6612, 0x6612, REPORT_SYNCHRONISATION },
	{ 0x6614, 0x6614, REPORT_BOOKKEEPING },
	{ 0x6617, 0x6617, REPORT_BOOKKEEPING },
	{ 0x661A, 0x661C, REPORT_BOOKKEEPING },
	{ 0x661F, 0x6620, REPORT_BOOKKEEPING },
	{ 0x6622, 0x6623, REPORT_SYNCHRONISATION },
	{ 0x6628, 0x6628, REPORT_SYNCHRONISATION },
	{ 0x6638, 0x6639, REPORT_BOOKKEEPING },
	{ 0x6743, 0x6743, REPORT_BOOKKEEPING },
	{ 0x6748, 0x674E, REPORT_BOOKKEEPING },
	{ 0x67E2, 0x67E2, REPORT_BOOKKEEPING },
	{ 0x67F0, 0x67FF, REPORT_BOOKKEEPING },
};

static const struct left of_message[] = {
	{ 0x0E09, 0x0E09, REPORT_COMPUTED },
	{ 0x0E0A, 0x0E0B, REPORT_DANGLING },
	{ 0x0E12, 0x0E13, REPORT_COMPUTED },
	{ 0x0E1B, 0x0E1B, REPORT_COMPUTED },
	{ 0x0FF4, 0x0FF4, REPORT_COMPUTED },
	{ 0x0FF7, 0x0FFB, REPORT_COMPUTED },
	{ 0x0FFE, 0x0FFF, REPORT_COMPUTED },
	{ 0x340D, 0x340D, REPORT_COMPUTED },
	{ 0x3414, 0x3416, REPORT_COMPUTED },
};

static const struct left of_attachment[] = {
	{ MAPI_ATTACH_NUMBER, MAPI_ATTACH_NUMBER, REPORT_COMPUTED },
};

static const struct left of_recipient[] = {
	{ 0x67F2, 0x67F3, REPORT_BOOKKEEPING },
};

#define LIST(a)                                                                \
	{                                                                      \
		a, sizeof(a) / sizeof((a)[0])                                  \
	}

static const struct {
	struct {
		const struct left *at;
		size_t count;
	} lists[2];
} kinds[] = {
	[CONVERT_MESSAGE] = { { LIST(bookkeeping), LIST(of_message) } },
	[CONVERT_ATTACHMENT] = { { LIST(bookkeeping), LIST(of_attachment) } },
	[CONVERT_RECIPIENT] = { { LIST(of_recipient), { NULL, 0 } } },
};

enum report_what convert_leaves(enum convert_kind kind, uint16_t id)
{
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < kinds[kind].lists[k].count; i++) {
			const struct left *l = &kinds[kind].lists[k].at[i];

			if (id >= l->first && id <= l->last)
				return l->why;
		}
	return REPORT_NOTHING;
}

/* --- types ---------------------------------------------------------------- */

/* Bytes of a value; 0: they differ. */
static const struct {
	uint16_t type;
	uint8_t size;
} types[] = {
	{ MAPI_INTEGER16, 2 },	{ MAPI_INTEGER32, 4 },
	{ MAPI_FLOATING32, 4 }, { MAPI_FLOATING64, 8 },
	{ MAPI_CURRENCY, 8 },	{ MAPI_FLOATING_TIME, 8 },
	{ MAPI_ERROR_CODE, 4 }, { MAPI_BOOLEAN, 1 },
	{ MAPI_INTEGER64, 8 },	{ MAPI_TIME, 8 },
	{ MAPI_GUID, 16 },	{ MAPI_STRING8, 0 },
	{ MAPI_UNICODE, 0 },	{ MAPI_BINARY, 0 },
	{ MAPI_NULL, 0 },
};

static bool find_type(uint16_t type, unsigned *size)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].type == type) {
			*size = types[i].size;
			return true;
		}
	return false;
}

unsigned convert_fixed(uint16_t type)
{
	unsigned size;

	return find_type(type, &size) ? size : 0;
}

bool convert_knows(uint16_t type)
{
	const uint16_t one = type & (uint16_t)~MAPI_MULTIPLE;
	unsigned size;

	if (!find_type(one, &size))
		return false;
	return one == type || (one != MAPI_BOOLEAN && one != MAPI_ERROR_CODE &&
			       one != MAPI_NULL);
}

/* --- text ----------------------------------------------------------------- */

/* Append UTF-8, which is well-formed, as UTF-16LE. */
static void put_utf16(struct buf *out, struct span utf8)
{
	for (size_t i = 0; i < utf8.len;) {
		const uint8_t first = utf8.at[i++];
		uint32_t c = first;
		unsigned more = first < 0x80   ? 0
				: first < 0xE0 ? 1
				: first < 0xF0 ? 2
					       : 3;

		c = more == 0 ? c : c & (0x3FU >> more);
		while (more-- > 0 && i < utf8.len)
			c = c << 6 | (utf8.at[i++] & 0x3F);
		if (c >= 0x10000) {
			const uint32_t high = 0xD7C0 + (c >> 10);

			buf_byte(out, (char)high);
			buf_byte(out, (char)(high >> 8));
			c = 0xDC00 | (c & 0x3FF);
		}
		buf_byte(out, (char)c);
		buf_byte(out, (char)(c >> 8));
	}
}

/* Text in 8-bit characters, to UTF-16. */
static void widen(struct store_object *o, struct span in, struct buf *out,
		  struct convert_changes *changes)
{
	struct store_reading how = { 0 };
	struct buf utf8 = { 0 };

	store_decode(o, MAPI_STRING8, in, &utf8, &how);
	put_utf16(out, buf_span(&utf8));
	out->bad |= utf8.bad;
	changes->to_unicode = true;
	changes->nuls_cut |= in.len > 0 && in.at[in.len - 1] == 0;
	changes->replaced += how.replaced;
	changes->guessed |= how.guessed;
	buf_free(&utf8);
}

/* UTF-16 without the half unit and the NULs at its end. */
static struct span trim(struct span in, struct convert_changes *changes)
{
	changes->odd_cut |= in.len % 2 != 0;
	in.len -= in.len % 2;
	while (in.len >= 2 && in.at[in.len - 1] == 0 &&
	       in.at[in.len - 2] == 0) {
		in.len -= 2;
		changes->nuls_cut = true;
	}
	return in;
}

/* --- lists of values [MS-PST] 2.3.3.4 ------------------------------------- */

static void put_u32(struct buf *out, uint32_t v)
{
	const uint8_t bytes[4] = { (uint8_t)v, (uint8_t)(v >> 8),
				   (uint8_t)(v >> 16), (uint8_t)(v >> 24) };

	buf_add(out, bytes, sizeof(bytes));
}

/* The `count` values of a list of texts, written anew. */
static enum ost_status list_text(struct store_object *o, uint16_t type,
				 struct span all, uint32_t count,
				 struct buf *out,
				 struct convert_changes *changes,
				 struct ost_error *err)
{
	struct buf values = { 0 };
	enum ost_status st = OST_OK;

	put_u32(out, count);
	for (uint32_t i = 0; st == OST_OK && i < count; i++) {
		struct span value;

		st = store_multi_of(all, i, &value, err);
		if (st != OST_OK)
			break;
		put_u32(out, (uint32_t)(4 + 4 * (uint64_t)count + values.len));
		if (type == MAPI_STRING8)
			widen(o, value, &values, changes);
		else if ((value = trim(value, changes)).len > 0)
			buf_add(&values, value.at, value.len);
	}
	buf_add(out, values.at, values.len);
	out->bad |= values.bad;
	buf_free(&values);
	return st == OST_OK ? buf_status(out, err) : st;
}

/* Are the offsets of a list of binary values in order? */
static enum ost_status list_check(struct span all, uint32_t count,
				  struct ost_error *err)
{
	enum ost_status st = OST_OK;
	struct span value;

	for (uint32_t i = 0; st == OST_OK && i < count; i++)
		st = store_multi_of(all, i, &value, err);
	return st;
}

/* A list whose values differ in length. */
static enum ost_status list_value(struct store_object *o, uint16_t type,
				  struct span all, struct buf *out,
				  struct convert_changes *changes,
				  struct ost_error *err)
{
	struct cursor c = cur_at(all, 0);
	const uint32_t count = cur_u32(&c);
	enum ost_status st;

	if (all.len == 0)
		return OST_OK; /* no values */
	if (!cur_ok(&c) || count > all.len / 4)
		return ost_fail(err, OST_CORRUPT, "a list of %u in %zu bytes",
				count, all.len);
	if (type != MAPI_BINARY)
		return list_text(o, type, all, count, out, changes, err);
	st = list_check(all, count, err);
	buf_add(out, all.at, all.len);
	return st == OST_OK ? buf_status(out, err) : st;
}

void convert_count(struct report *r, uint16_t id,
		   const struct convert_changes *changes)
{
	const struct {
		bool is;
		enum report_what what;
	} all[] = {
		{ changes->to_unicode, REPORT_TO_UNICODE },
		{ changes->guessed, REPORT_GUESSED },
		{ changes->nuls_cut, REPORT_NULS },
		{ changes->odd_cut, REPORT_ODD },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].is)
			account_count(r, all[i].what, id);
}

/* --- a value -------------------------------------------------------------- */

void convert_free(struct convert_value *v)
{
	buf_free(&v->bytes);
}

static enum ost_status read_all(struct store_object *o,
				const struct store_prop *p, struct buf *out,
				struct ost_error *err)
{
	void *to = buf_more(out, (size_t)p->size);

	if (p->size > 0 && to == NULL)
		return ost_no_memory(err);
	return store_read(o, p, 0, to, (size_t)p->size, err);
}

/* What was read whole, as it is to be written. */
static enum ost_status from_memory(struct store_object *o,
				   const struct store_prop *p, struct span in,
				   struct convert_value *out,
				   struct convert_changes *changes,
				   struct ost_error *err)
{
	const uint16_t one = p->type & (uint16_t)~MAPI_MULTIPLE;
	const unsigned fixed = convert_fixed(one);
	const bool many = one != p->type;

	if (p->type == MAPI_NULL ? in.len > 0
				 : fixed > 0 && (many ? in.len % fixed != 0
						      : in.len != fixed))
		return ost_fail(err, OST_CORRUPT,
				"value of type %#06x in %zu bytes", p->type,
				in.len);
	if (many && fixed == 0)
		return list_value(o, one, in, &out->bytes, changes, err);
	if (p->type == MAPI_STRING8)
		widen(o, in, &out->bytes, changes);
	else if (p->type == MAPI_UNICODE)
		in = trim(in, changes);
	if (p->type != MAPI_STRING8 && in.len > 0)
		buf_add(&out->bytes, in.at, in.len);
	return buf_status(&out->bytes, err);
}

static enum ost_status hold(struct store_object *o, const struct store_prop *p,
			    struct convert_value *out,
			    struct convert_changes *changes,
			    struct ost_error *err)
{
	struct buf in = { 0 };
	enum ost_status st;

	if (p->size > TEXT_MAX)
		return ost_fail(err, OST_LIMIT, "it has %llu bytes",
				(unsigned long long)p->size);
	st = read_all(o, p, &in, err);
	if (st == OST_OK)
		st = from_memory(o, p, buf_span(&in), out, changes, err);
	out->held = true;
	out->size = out->bytes.len;
	buf_free(&in);
	return st;
}

/* Bytes of a large text without the NULs at its end. */
static enum ost_status trimmed_size(struct store_object *o,
				    const struct store_prop *p, uint64_t *size,
				    struct convert_changes *changes,
				    struct ost_error *err)
{
	uint8_t some[4096];
	enum ost_status st = OST_OK;

	changes->odd_cut |= p->size % 2 != 0;
	*size = p->size - p->size % 2;
	while (st == OST_OK && *size > 0) {
		const size_t len =
			*size < sizeof(some) ? (size_t)*size : sizeof(some);
		struct span rest;

		st = store_read(o, p, *size - len, some, len, err);
		if (st != OST_OK)
			break;
		rest = trim(span_of(some, len), changes);
		*size -= len - rest.len;
		if (rest.len > 0)
			break;
	}
	return st;
}

/* Can all of a large value be read? It is written when it is read again. */
static enum ost_status try_all(struct store_object *o,
			       const struct convert_value *v,
			       struct ost_error *err)
{
	uint8_t *some = malloc(PIECE);
	enum ost_status st = some != NULL ? OST_OK : ost_no_memory(err);

	for (uint64_t off = 0; st == OST_OK && off < v->size; off += PIECE) {
		const uint64_t left = v->size - off;

		st = convert_piece(o, v, off, some,
				   left < PIECE ? (size_t)left : PIECE, err);
	}
	free(some);
	return st;
}

enum ost_status convert_value(struct store_object *o,
			      const struct store_prop *p,
			      struct convert_value *out,
			      struct convert_changes *changes,
			      struct ost_error *err)
{
	const uint16_t one = p->type & (uint16_t)~MAPI_MULTIPLE;
	const uint16_t as =
		one == MAPI_STRING8
			? (uint16_t)(MAPI_UNICODE | (p->type & MAPI_MULTIPLE))
			: p->type;
	enum ost_status st = OST_OK;

	*out = (struct convert_value){
		.id = p->id, .type = as, .size = p->size, .from = *p
	};
	if (!convert_knows(p->type))
		return ost_fail(err, OST_UNSUPPORTED, "type %#06x", p->type);
	if (p->size <= HELD_MAX ||
	    (p->type != MAPI_BINARY && p->type != MAPI_UNICODE))
		return hold(o, p, out, changes, err);
	if (p->type == MAPI_UNICODE)
		st = trimmed_size(o, p, &out->size, changes, err);
	/* Of an attachment's bytes a part is better than nothing. */
	if (st == OST_OK && p->id != MAPI_ATTACH_DATA)
		st = try_all(o, out, err);
	return st;
}

enum ost_status convert_piece(struct store_object *o,
			      const struct convert_value *v, uint64_t off,
			      void *to, size_t len, struct ost_error *err)
{
	return store_read(o, &v->from, off, to, len, err);
}

enum ost_status convert_salvage(struct store_object *o,
				const struct convert_value *v, uint64_t off,
				void *to, size_t len, uint64_t *zeros,
				struct ost_error *err)
{
	const size_t half = len / 2;
	enum ost_status st = convert_piece(o, v, off, to, len, err);

	if (st == OST_OK || ost_is_internal(st) || st == OST_STOPPED)
		return st;
	if (len <= SALVAGE_LEAST) {
		memset(to, 0, len);
		*zeros += len;
		return OST_OK;
	}
	st = convert_salvage(o, v, off, to, half, zeros, err);
	if (st == OST_OK)
		st = convert_salvage(o, v, off + half, (uint8_t *)to + half,
				     len - half, zeros, err);
	return st;
}

bool convert_is_dangling(const struct convert_value *v, struct span key)
{
	static const uint8_t flags[4];

	return v->type == MAPI_BINARY && v->held && v->size == 24 &&
	       key.len == 16 && memcmp(v->bytes.at, flags, 4) == 0 &&
	       memcmp(v->bytes.at + 4, key.at, 16) == 0;
}
