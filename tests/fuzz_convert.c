/*
 * fuzz_convert.c - bytes as a value, and the value that a PST gets of it
 *
 * What is written is of the form that its type has, and is written again as it
 * is: a PST that was made of a PST holds the same.
 */
#include "pst/convert.h"

#include <stdlib.h>

#include "fake.h"

static void need(bool that)
{
	if (!that)
		abort();
}

/* UTF-16LE, with no NUL at its end. */
static void check_text(struct span text)
{
	need(text.len % 2 == 0);
	need(text.len == 0 || text.at[text.len - 1] != 0 ||
	     text.at[text.len - 2] != 0);
}

static void check_list(uint16_t one, struct span all)
{
	struct cursor c = cur_at(all, 0);
	const uint32_t count = all.len > 0 ? cur_u32(&c) : 0;
	struct ost_error err;

	for (uint32_t i = 0; i < count; i++) {
		struct span value;

		need(store_multi_of(all, i, &value, &err) == OST_OK);
		if (one == MAPI_UNICODE)
			check_text(value);
	}
}

static void check_form(const struct convert_value *v)
{
	const uint16_t one = v->type & (uint16_t)~MAPI_MULTIPLE;
	const unsigned fixed = convert_fixed(one);
	const bool many = one != v->type;

	need(convert_knows(v->type) && one != MAPI_STRING8);
	need(v->held && v->size == v->bytes.len);
	if (fixed > 0)
		need(many ? v->size % fixed == 0 : v->size == fixed);
	else if (many)
		check_list(one, buf_span(&v->bytes));
	else if (one == MAPI_UNICODE)
		check_text(buf_span(&v->bytes));
}

/* The value of `bytes` as a property; false: it is none. */
static bool convert(uint16_t type, unsigned codepage, struct span bytes,
		    struct convert_value *out, struct convert_changes *changes)
{
	static struct fake *item; /* a new store takes a while */
	struct store_object *o;
	struct store_prop p;
	struct ost_error err;
	enum ost_status st;

	if (item == NULL)
		item = fake_add(fake_store_new(), 0x200024, 0);
	fake_number(item, MAPI_MESSAGE_CODEPAGE, MAPI_INTEGER32, codepage);
	fake_bytes(item, MAPI_SUBJECT, type, bytes.at, bytes.len);
	o = fake_open(item);
	need(store_find(o, MAPI_SUBJECT, &p, &err) == OST_OK);
	*out = (struct convert_value){ .held = false };
	st = convert_value(o, &p, out, changes, &err);
	need(st == OST_OK || st == OST_CORRUPT || st == OST_UNSUPPORTED);
	store_drop(o);
	fake_remove(item, MAPI_MESSAGE_CODEPAGE);
	fake_remove(item, MAPI_SUBJECT);
	return st == OST_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned codepages[] = { 1252, 932, 65001, 0 };
	struct convert_value v, again;
	struct convert_changes changes = { 0 }, none = { 0 };
	unsigned codepage;
	uint16_t type;

	if (size < 3)
		return 0;
	type = (uint16_t)(data[0] | (data[1] & 0x10) << 8);
	codepage = codepages[data[2] % 4];
	if (convert(type, codepage, span_of(data + 3, size - 3), &v,
		    &changes)) {
		check_form(&v);
		need(convert(v.type, codepage, buf_span(&v.bytes), &again,
			     &none));
		need(span_equal(buf_span(&v.bytes), buf_span(&again.bytes)));
		need(!none.to_unicode && !none.nuls_cut && !none.odd_cut);
		convert_free(&again);
	}
	convert_free(&v);
	return 0;
}
