#include "forge_private.h"

/* A new entry at the end, zeroed; NULL when memory ran out. */
static struct forge_prop *add(struct forge_props *p, uint16_t id, uint16_t type)
{
	if (p == NULL || p->bad)
		return NULL;
	if (p->count == p->cap) {
		const size_t cap = p->cap == 0 ? 16 : p->cap * 2;
		void *at = realloc(p->at, cap * sizeof(*p->at));

		if (at == NULL) {
			p->bad = true;
			return NULL;
		}
		p->at = at;
		p->cap = cap;
	}

	struct forge_prop *prop = &p->at[p->count++];
	*prop = (struct forge_prop){ .id = id, .type = type };
	return prop;
}

void forge_raw(struct forge_props *p, uint16_t id, uint16_t type,
	       const void *bytes, size_t len)
{
	struct forge_prop *prop = add(p, id, type);

	if (prop == NULL)
		return;
	prop->bytes = malloc(len + 1);
	if (prop->bytes == NULL) {
		p->bad = true;
		p->count--;
		return;
	}
	if (len > 0)
		memcpy(prop->bytes, bytes, len);
	prop->bytes[len] = '\0';
	prop->size = len;
}

void forge_text(struct forge_props *p, uint16_t id, const char *utf8)
{
	const size_t before = p == NULL ? 0 : p->count;

	forge_raw(p, id, MAPI_UNICODE, utf8, strlen(utf8));
	if (p != NULL && p->count > before)
		p->at[before].text = true;
}

void forge_text8(struct forge_props *p, uint16_t id, const char *charset,
		 const char *utf8)
{
	const iconv_t cd = iconv_open(charset, "UTF-8");
	char *in = (char *)(uintptr_t)utf8;
	size_t in_left = strlen(utf8), out_left = 4 * in_left + 16;
	const size_t cap = out_left;
	char *bytes = malloc(cap), *out = bytes;

	if (p == NULL || bytes == NULL || cd == (iconv_t)-1 ||
	    iconv(cd, &in, &in_left, &out, &out_left) == (size_t)-1 ||
	    iconv(cd, NULL, NULL, &out, &out_left) == (size_t)-1) {
		if (p != NULL)
			p->bad = true;
	} else {
		forge_raw(p, id, MAPI_STRING8, bytes, cap - out_left);
	}
	if (cd != (iconv_t)-1)
		iconv_close(cd);
	free(bytes);
}

void forge_int(struct forge_props *p, uint16_t id, uint32_t value)
{
	uint8_t bytes[4];

	put_uint(bytes, 4, value);
	forge_raw(p, id, MAPI_INTEGER32, bytes, 4);
}

void forge_bool(struct forge_props *p, uint16_t id, bool value)
{
	const uint8_t byte = value;

	forge_raw(p, id, MAPI_BOOLEAN, &byte, 1);
}

/* FILETIME: units of 100 ns since 1601. */
void forge_time(struct forge_props *p, uint16_t id, int64_t seconds)
{
	const int64_t since_1601 = seconds + INT64_C(11644473600);
	uint8_t bytes[8];

	put_uint(bytes, 8, (uint64_t)since_1601 * 10000000);
	forge_raw(p, id, MAPI_TIME, bytes, 8);
}

void forge_binary(struct forge_props *p, uint16_t id, const void *bytes,
		  size_t len)
{
	forge_raw(p, id, MAPI_BINARY, bytes, len);
}

/* Kept as strings each with its NUL; value_of() makes offsets of them. */
void forge_texts(struct forge_props *p, uint16_t id, const char *const *utf8,
		 size_t count)
{
	const size_t before = p == NULL ? 0 : p->count;
	struct buf all = { 0 };

	for (size_t i = 0; i < count; i++)
		buf_add(&all, utf8[i], strlen(utf8[i]) + 1);
	forge_raw(p, id, MAPI_MULTIPLE | MAPI_UNICODE, all.at, all.len);
	if (p != NULL && p->count > before)
		p->at[before].text = true;
	if (p != NULL && all.bad)
		p->bad = true;
	buf_free(&all);
}

/* [MS-PST] 2.3.3.4.2: a count, offsets from the start, the values. */
void forge_binaries(struct forge_props *p, uint16_t id,
		    const struct span *values, size_t count)
{
	size_t off = 4 + 4 * count;
	struct buf all = { 0 };
	uint8_t word[4];

	put_uint(word, 4, count);
	buf_add(&all, word, 4);
	for (size_t i = 0; i < count; i++) {
		put_uint(word, 4, off);
		buf_add(&all, word, 4);
		off += values[i].len;
	}
	for (size_t i = 0; i < count; i++)
		buf_add(&all, values[i].at, values[i].len);
	forge_raw(p, id, MAPI_MULTIPLE | MAPI_BINARY, all.at, all.len);
	if (p != NULL && all.bad)
		p->bad = true;
	buf_free(&all);
}

void forge_stream(struct forge_props *p, uint16_t id, uint16_t type,
		  uint64_t size, forge_reader *read, void *arg)
{
	struct forge_prop *prop = add(p, id, type);

	if (prop == NULL)
		return;
	prop->size = size;
	prop->read = read;
	prop->arg = arg;
}

/*
 * LZFu [MS-OXRTFCP] 2.1.3: eight literals a control byte, and at the end a
 * reference to where the dictionary would be written next. It begins with
 * 207 bytes.
 */
static void add_literals(struct buf *out, const char *text, size_t len)
{
	const uint32_t end = (uint32_t)((207 + len) & 0xFFF) << 4;
	size_t i = 0;

	for (; len - i >= 8; i += 8) {
		buf_byte(out, 0);
		buf_add(out, text + i, 8);
	}
	buf_byte(out, (char)(1U << (len - i)));
	buf_add(out, text + i, len - i);
	buf_byte(out, (char)(end >> 8));
	buf_byte(out, (char)(end & 0xFF));
}

void forge_rtf(struct forge_props *p, const char *rtf, bool packed)
{
	const size_t len = strlen(rtf);
	uint8_t header[16] = { 0 };
	struct buf all = { 0 };

	buf_add(&all, header, sizeof(header));
	if (packed)
		add_literals(&all, rtf, len);
	else
		buf_add(&all, rtf, len);
	if (!all.bad) {
		const size_t body = all.len - sizeof(header);

		put_uint(header, 4, body + 12);
		put_uint(header + 4, 4, len);
		memcpy(header + 8, packed ? "LZFu" : "MELA", 4);
		put_uint(header + 12, 4,
			 packed ? forge_crc(all.at + 16, body) : 0);
		memcpy(all.at, header, sizeof(header));
		forge_binary(p, MAPI_RTF_COMPRESSED, all.at, all.len);
	} else if (p != NULL) {
		p->bad = true;
	}
	buf_free(&all);
}

/* The byte at `off` depends on `off` and the seed alone. */
bool forge_noise(void *arg, uint64_t off, void *buf, size_t len)
{
	const uint64_t seed = *(const uint32_t *)arg;
	uint8_t *out = buf;
	uint64_t word = 0, number = UINT64_MAX;

	for (size_t i = 0; i < len; i++, off++) {
		if (off / 8 != number) {
			number = off / 8;
			word = (number + 1) * UINT64_C(0x9E3779B97F4A7C15) +
			       seed * UINT64_C(0xD1B54A32D192ED03);
			word = (word ^ word >> 30) *
			       UINT64_C(0xBF58476D1CE4E5B9);
			word = (word ^ word >> 27) *
			       UINT64_C(0x94D049BB133111EB);
			word ^= word >> 31;
		}
		out[i] = (uint8_t)(word >> 8 * (off % 8));
	}
	return true;
}

const struct forge_prop *forge_props_find(const struct forge_props *p,
					  uint16_t id)
{
	for (size_t i = p->count; i > 0; i--)
		if (p->at[i - 1].id == id)
			return &p->at[i - 1];
	return NULL;
}

void forge_props_free(struct forge_props *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->count; i++)
		free(p->at[i].bytes);
	free(p->at);
	*p = (struct forge_props){ 0 };
}

/* Put `prop` where its id belongs, in place of one that has the same. */
static void merge_one(struct buf *out, const struct forge_prop *prop)
{
	const struct forge_prop **at =
		(const struct forge_prop **)(void *)out->at;
	const size_t count = out->len / sizeof(prop);
	size_t i = count;

	while (i > 0 && at[i - 1]->id > prop->id)
		i--;
	if (i > 0 && at[i - 1]->id == prop->id) {
		at[i - 1] = prop;
		return;
	}
	if (buf_more(out, sizeof(prop)) == NULL)
		return;
	at = (const struct forge_prop **)(void *)out->at;
	memmove(at + i + 1, at + i, (count - i) * sizeof(prop));
	at[i] = prop;
}

void props_merge(struct buf *out, const struct forge_props *base,
		 const struct forge_props *over)
{
	for (size_t i = 0; base != NULL && i < base->count; i++)
		merge_one(out, &base->at[i]);
	for (size_t i = 0; over != NULL && i < over->count; i++)
		merge_one(out, &over->at[i]);
	if ((base != NULL && base->bad) || (over != NULL && over->bad))
		out->bad = true;
}
