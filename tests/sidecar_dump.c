/*
 * sidecar_dump.c - what objects hold and the JSON of them, for sidecar_check.py
 *
 *	sidecar_dump		objects in memory, of every type of property
 *	sidecar_dump STORE	every folder, message and attachment of STORE
 *
 * For each object a line "item NID", then a line for each property of it and
 * of what is in it, "PATH ID TYPE SIZE BYTES", with BYTES in hexadecimal or
 * "!" from where they cannot be read; then "json SIZE" and that many bytes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "fake.h"
#include "mail/mail.h"

enum { CHUNK = 1 << 20, OBJECTS = 200, DEPTH_MAX = 30 };

static void need(bool that, const struct ost_error *err)
{
	if (that)
		return;
	fprintf(stderr, "sidecar_dump: %s\n", err->text);
	exit(1);
}

/* --- dumping ------------------------------------------------------------ */

static void dump_bytes(struct store_object *o, const struct store_prop *p)
{
	static const char hex[] = "0123456789abcdef";
	static uint8_t bytes[CHUNK];
	static char text[2 * CHUNK];
	struct ost_error err;

	for (uint64_t off = 0; off == 0 || off < p->size; off += CHUNK) {
		const uint64_t left = p->size - off;
		const size_t len = left < CHUNK ? (size_t)left : CHUNK;

		if (store_read(o, p, off, bytes, len, &err) != OST_OK) {
			putchar('!');
			return;
		}
		for (size_t i = 0; i < len; i++) {
			text[2 * i] = hex[bytes[i] >> 4];
			text[2 * i + 1] = hex[bytes[i] & 15];
		}
		fwrite(text, 1, 2 * len, stdout);
	}
}

static void dump_object(struct store_object *o, const char *path,
			unsigned depth);

static void dump_list(struct store_object *o, enum store_list list,
		      const char *path, unsigned depth)
{
	static const char *const names[] = {
		[STORE_RECIPIENTS] = "recipients",
		[STORE_ATTACHMENTS] = "attachments",
		[STORE_MESSAGES] = "messages",
	};
	struct store_object *child = NULL;
	struct ost_error err;

	for (size_t i = 0; store_child(o, list, i, &child, &err) == OST_OK;
	     i++) {
		struct buf inner = { 0 };

		buf_printf(&inner, "%s/%s/%zu", path, names[list], i);
		dump_object(child, inner.at, depth + 1);
		buf_free(&inner);
		store_drop(child);
	}
}

static void dump_object(struct store_object *o, const char *path,
			unsigned depth)
{
	const uint32_t type = o->id.nid & MAPI_NID_TYPE;
	struct store_prop p = { 0 };
	struct ost_error err;

	for (uint32_t id = 0; id <= UINT16_MAX &&
			      store_next(o, (uint16_t)id, &p, &err) == OST_OK;
	     id = p.id + UINT32_C(1)) {
		printf("%s %04x %04x %" PRIu64 " ", path, p.id, p.type, p.size);
		dump_bytes(o, &p);
		putchar('\n');
	}
	if (depth > DEPTH_MAX || strstr(path, "/recipients/") != NULL)
		return;
	if (type == MAPI_NID_MESSAGE || type == MAPI_NID_ASSOCIATED) {
		dump_list(o, STORE_RECIPIENTS, path, depth);
		dump_list(o, STORE_ATTACHMENTS, path, depth);
	} else if (type == MAPI_NID_ATTACHMENT) {
		dump_list(o, STORE_MESSAGES, path, depth);
	}
}

static void dump_json(struct store_object *o)
{
	static char bytes[CHUNK];
	struct mail *m = NULL;
	struct ost_error err = { "" };
	size_t got = 1;

	need(mail_plan_properties(&m, o, &err) == OST_OK, &err);
	printf("json %" PRIu64 "\n", mail_size(m));
	for (uint64_t off = 0; got > 0; off += got) {
		need(mail_read(m, off, bytes, sizeof(bytes), &got, &err) ==
			     OST_OK,
		     &err);
		fwrite(bytes, 1, got, stdout);
	}
	mail_free(m);
}

/* Object `nid`, unless it is lost. */
static void dump_item(struct store *s, uint32_t nid)
{
	const struct store_id id = { nid, 0 };
	struct store_object *o = NULL;
	struct ost_error err;

	if (store_get(s, id, &o, &err) != OST_OK)
		return;
	printf("item %" PRIx32 "\n", nid);
	dump_object(o, "", 0);
	dump_json(o);
}

static void dump_store(struct store *s)
{
	const struct store_id top = { MAPI_NID_STORE, 0 };
	struct store_object *store = NULL, *node = NULL;
	struct ost_error err;

	need(store_get(s, top, &store, &err) == OST_OK, &err);
	dump_item(s, MAPI_NID_STORE);
	dump_item(s, MAPI_NID_NAMES);
	for (size_t nid = 0;
	     store_child(store, STORE_NODES, nid, &node, &err) == OST_OK;) {
		nid = node->id.nid + (size_t)1;
		store_drop(node);
		dump_item(s, (uint32_t)nid - 1);
	}
	store_drop(store);
}

/* --- objects in memory -------------------------------------------------- */

static uint64_t state = 1;

/* One of `count`; the same sequence every time. */
static size_t pick(size_t count)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407U;
	return (size_t)(state >> 33) % count;
}

static void put_random(struct buf *out, size_t len)
{
	static const uint8_t some[] = { 0, 1, 0x7F, 0x80, 0xD8, 0xDC, 0xFF };

	for (; len > 0; len--)
		buf_byte(out, (char)(pick(3) > 0 ? pick(256)
						 : some[pick(sizeof(some))]));
}

static void put_text(struct buf *out, uint16_t type)
{
	static const uint16_t units[] = { 0x22, 0x5C, 0x0A,   0x1F,
					  0x7F, 0x85, 0x2028, 0xFEFF,
					  0xE9, 0x41, 0x4F1A, 0xFFFE };

	for (size_t n = pick(40); n > 0; n--) {
		const uint16_t unit =
			units[pick(sizeof(units) / sizeof(units[0]))];

		buf_byte(out, (char)(unit & 0xFF));
		if ((type & 0xFFF) == MAPI_UNICODE)
			buf_byte(out, (char)(unit >> 8));
	}
	for (size_t n = pick(3) * (pick(4) == 0); n > 0; n--)
		buf_add(out, "\0", (type & 0xFFF) == MAPI_UNICODE ? 2 : 1);
}

static void put_u32(struct buf *out, size_t value)
{
	for (unsigned i = 0; i < 4; i++)
		buf_byte(out, (char)(uint8_t)(value >> 8 * i));
}

static void put_list(struct buf *out, uint16_t type)
{
	const size_t count = pick(6);
	struct buf values = { 0 };

	put_u32(out, count);
	for (size_t i = 0; i < count; i++) {
		put_u32(out, 4 + 4 * count + values.len);
		if ((type & 0xFFF) == MAPI_BINARY)
			put_random(&values, pick(30));
		else
			put_text(&values, type);
	}
	buf_add(out, values.at, values.len);
	buf_free(&values);
}

static void put_value(struct buf *out, uint16_t type, size_t width)
{
	if (pick(10) == 0)
		put_random(out, pick(40)); /* whatever it should be */
	else if (width > 0 && (type & MAPI_MULTIPLE) != 0)
		put_random(out, width * pick(5));
	else if (width > 0)
		put_random(out, width);
	else if ((type & MAPI_MULTIPLE) != 0)
		put_list(out, type);
	else if (type == MAPI_UNICODE || type == MAPI_STRING8)
		put_text(out, type);
	else
		put_random(out, pick(8) == 0 ? pick(100000) : pick(100));
}

static void add_properties(struct fake *o)
{
	static const struct {
		uint16_t type;
		uint8_t width;
	} types[] = {
		{ 0x0002, 2 }, { 0x0003, 4 },  { 0x0004, 4 }, { 0x0005, 8 },
		{ 0x0006, 8 }, { 0x0007, 8 },  { 0x000A, 4 }, { 0x000B, 1 },
		{ 0x000D, 0 }, { 0x0014, 8 },  { 0x001E, 0 }, { 0x001F, 0 },
		{ 0x0040, 8 }, { 0x0048, 16 }, { 0x0102, 0 }, { 0x00FD, 0 },
	};
	uint32_t id = (uint32_t)pick(100) + 1;

	for (size_t n = pick(60); n > 0; n--) {
		const size_t t = pick(sizeof(types) / sizeof(types[0]));
		const uint16_t type =
			(uint16_t)(types[t].type |
				   (pick(3) == 0 ? MAPI_MULTIPLE : 0));
		struct buf value = { 0 };

		put_value(&value, type, types[t].width);
		if (pick(50) == 0)
			fake_broken(o, (uint16_t)id, type);
		else
			fake_bytes(o, (uint16_t)id, type, value.at, value.len);
		buf_free(&value);
		id += (uint32_t)pick(1000) + 1;
	}
}

static void add_message(struct fake *m, unsigned depth)
{
	add_properties(m);
	for (size_t n = pick(3); n > 0; n--)
		add_properties(fake_recipient(m));
	for (size_t n = pick(3); n > 0; n--) {
		struct fake *a = fake_attachment(m);

		add_properties(a);
		if (depth > 0 && pick(2) == 0)
			add_message(fake_embedded(a), depth - 1);
	}
}

static struct store *in_memory(void)
{
	struct store *s = fake_store_new();

	for (uint32_t i = 1; i <= OBJECTS; i++)
		add_message(fake_add(s, i << 5 | MAPI_NID_MESSAGE, 0), 4);
	return s;
}

int main(int argc, char **argv)
{
	const struct store_options options = { .cache = 1 << 24 };
	struct store *s = NULL;
	struct ost_error err = { "" };

	if (argc < 2)
		s = in_memory();
	else
		need(store_open(&s, argv[1], &store_native, &options, &err) ==
			     OST_OK,
		     &err);
	dump_store(s);
	store_close(s);
	return ferror(stdout) != 0;
}
