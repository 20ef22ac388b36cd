#include "forge_private.h"

#include <errno.h>

/* The next scalar of well-formed UTF-8; a byte that is none, as it is. */
static uint32_t next_scalar(const uint8_t **at, const uint8_t *end)
{
	const uint8_t first = *(*at)++;
	const unsigned more = first < 0xC0   ? 0
			      : first < 0xE0 ? 1
			      : first < 0xF0 ? 2
					     : 3;
	uint32_t c = more == 0 ? first : first & (0x3FU >> more);

	for (unsigned i = 0; i < more && *at < end; i++)
		c = c << 6 | (*(*at)++ & 0x3FU);
	return c;
}

void value_utf16(struct buf *out, const char *utf8, size_t len)
{
	const uint8_t *at = (const uint8_t *)utf8, *end = at + len;

	while (at < end) {
		uint32_t c = next_scalar(&at, end);
		uint8_t unit[4];

		if (c > 0xFFFF) {
			c -= 0x10000;
			put_uint(unit, 2, 0xD800 | c >> 10);
			put_uint(unit + 2, 2, 0xDC00 | (c & 0x3FF));
			buf_add(out, unit, 4);
		} else {
			put_uint(unit, 2, c);
			buf_add(out, unit, 2);
		}
	}
}

/* What the charset lacks becomes '?', as Outlook has it. */
static void add_text8(struct forge *f, struct buf *out, const char *utf8,
		      size_t len)
{
	char *in = (char *)(uintptr_t)utf8;
	const char *end = utf8 + len;

	while (f->charset != (iconv_t)-1 && in < end) {
		char bytes[256], *to = bytes;
		size_t left = (size_t)(end - in), cap = sizeof(bytes);
		const bool failed =
			iconv(f->charset, &in, &left, &to, &cap) == (size_t)-1;

		buf_add(out, bytes, sizeof(bytes) - cap);
		if (failed && errno != E2BIG) {
			const uint8_t *at = (const uint8_t *)in;

			(void)next_scalar(&at, (const uint8_t *)end);
			in += at - (const uint8_t *)in;
			buf_byte(out, '?');
		}
	}
}

static void add_text(struct forge *f, struct buf *out, const char *utf8,
		     size_t len)
{
	if (f->how.format == FORGE_ANSI)
		add_text8(f, out, utf8, len);
	else
		value_utf16(out, utf8, len);
}

/* Strings with their NULs to [MS-PST] 2.3.3.4.2. */
static void add_texts(struct forge *f, struct buf *out,
		      const struct forge_prop *p)
{
	const char *end = p->bytes + p->size;
	size_t count = 0;
	uint8_t word[4];

	for (const char *s = p->bytes; s < end; s += strlen(s) + 1)
		count++;
	put_uint(word, 4, count);
	buf_add(out, word, 4);

	const size_t offsets = out->len;
	memset(word, 0, sizeof(word));
	for (size_t i = 0; i < count; i++)
		buf_add(out, word, 4);
	count = 0;
	for (const char *s = p->bytes; s < end; s += strlen(s) + 1) {
		if (out->bad)
			return;
		put_uint((uint8_t *)out->at + offsets + 4 * count++, 4,
			 out->len);
		add_text(f, out, s, strlen(s));
	}
}

uint16_t value_type(const struct forge *f, const struct forge_prop *p)
{
	if (!p->text || f->how.format != FORGE_ANSI)
		return p->type;
	return (uint16_t)((p->type & MAPI_MULTIPLE) | MAPI_STRING8);
}

/* Bytes of a value of fixed size; 0: it has none. */
unsigned type_width(uint16_t type)
{
	switch (type) {
	case MAPI_BOOLEAN:
		return 1;
	case MAPI_INTEGER16:
		return 2;
	case MAPI_INTEGER32:
	case MAPI_FLOATING32:
	case MAPI_ERROR_CODE:
		return 4;
	case MAPI_FLOATING64:
	case MAPI_CURRENCY:
	case MAPI_FLOATING_TIME:
	case MAPI_INTEGER64:
	case MAPI_TIME:
		return 8;
	default:
		return 0;
	}
}

struct value value_of(struct forge *f, const struct forge_prop *p)
{
	struct value v = { p->id, value_type(f, p), p->size, p->bytes, p };
	struct buf *text = &f->text;

	buf_cut(text, 0);
	if (p->text && (p->type & MAPI_MULTIPLE) != 0) {
		add_texts(f, text, p);
	} else if (p->text) {
		add_text(f, text, p->bytes, (size_t)p->size);
	} else if (p->bytes == NULL && p->size <= ALLOC_MAX) {
		void *cap = buf_more(text, (size_t)p->size);

		if (cap != NULL && p->size > 0 &&
		    !p->read(p->arg, 0, cap, (size_t)p->size))
			forge_fail(f, OST_IO, "cannot read a value");
	} else {
		return v;
	}
	v.bytes = forge_ok(f, text) ? buf_text(text) : "";
	v.size = forge_ok(f, text) ? text->len : 0;
	return v;
}

bool value_ready(void *arg, uint64_t off, void *buf, size_t len)
{
	(void)arg;
	(void)off;
	(void)buf;
	return len == 0;
}

uint64_t value_tree(struct forge *f, const struct value *v)
{
	if (v->bytes != NULL)
		return forge_tree_of(f, v->bytes, (size_t)v->size);
	return forge_tree(f, v->size, v->from->read, v->from->arg);
}
