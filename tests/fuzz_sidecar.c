/*
 * fuzz_sidecar.c - bytes as properties of any type, in objects in objects
 *
 * What was promised must hold: whatever the store says, what comes out is
 * JSON in UTF-8 of the size it was said to have, the same from any place.
 */
#include <stdlib.h>

#include "bytes/text.h"
#include "fake.h"
#include "mail/mail.h"

enum { MESSAGE = 0x200024, DEPTH_MAX = 2000 };

static void need(bool that)
{
	if (!that)
		abort();
}

/* --- JSON, as strictly as RFC 8259 has it ------------------------------- */

static uint8_t peek(struct span s)
{
	return s.len > 0 ? s.at[0] : 0;
}

static uint8_t take(struct span *s)
{
	const uint8_t c = peek(*s);

	need(s->len > 0);
	s->at++;
	s->len--;
	return c;
}

static void take_blanks(struct span *s)
{
	while (peek(*s) == ' ' || peek(*s) == '\n')
		(void)take(s);
}

static void take_word(struct span *s, const char *word)
{
	for (; *word != '\0'; word++)
		need(take(s) == (uint8_t)*word);
}

static void take_string(struct span *s)
{
	need(take(s) == '"');
	while (peek(*s) != '"') {
		const uint8_t c = take(s);

		need(c >= 0x20);
		if (c != '\\')
			continue;
		const uint8_t what = take(s);
		need(what != 0 && strchr("\"\\nrtu", what) != NULL);
		for (int i = 0; i < 4 && what == 'u'; i++) {
			const uint8_t digit = take(s);

			need(digit != 0 &&
			     strchr("0123456789abcdef", digit) != NULL);
		}
	}
	(void)take(s);
}

static void take_digits(struct span *s)
{
	need(peek(*s) >= '0' && peek(*s) <= '9');
	while (peek(*s) >= '0' && peek(*s) <= '9')
		(void)take(s);
}

static void take_number(struct span *s)
{
	if (peek(*s) == '-')
		(void)take(s);
	if (peek(*s) == '0')
		(void)take(s);
	else
		take_digits(s);
	if (peek(*s) == '.') {
		(void)take(s);
		take_digits(s);
	}
	if (peek(*s) == 'e') {
		(void)take(s);
		if (peek(*s) == '-' || peek(*s) == '+')
			(void)take(s);
		take_digits(s);
	}
}

static void take_value(struct span *s, unsigned depth);

/* The members of an object, or the elements of an array. */
static void take_inside(struct span *s, uint8_t end, unsigned depth)
{
	(void)take(s);
	take_blanks(s);
	while (peek(*s) != end) {
		if (end == '}') {
			take_string(s);
			need(take(s) == ':');
		}
		take_value(s, depth + 1);
		if (peek(*s) == end)
			break;
		need(take(s) == ',');
		take_blanks(s);
		need(peek(*s) != end);
	}
	(void)take(s);
}

static void take_value(struct span *s, unsigned depth)
{
	need(depth < DEPTH_MAX);
	take_blanks(s);
	switch (peek(*s)) {
	case '{':
		take_inside(s, '}', depth);
		break;
	case '[':
		take_inside(s, ']', depth);
		break;
	case '"':
		take_string(s);
		break;
	case 't':
		take_word(s, "true");
		break;
	case 'f':
		take_word(s, "false");
		break;
	default:
		take_number(s);
	}
	take_blanks(s);
}

/* --- objects ------------------------------------------------------------ */

static void add_properties(struct fake *o, struct cursor *c)
{
	uint32_t id = 1;

	for (unsigned n = cur_u8(c) & 15; n > 0 && cur_ok(c); n--) {
		const uint16_t type = cur_u16(c);
		const uint8_t how = cur_u8(c);
		const uint64_t max = (how & 1) != 0 ? 40000 : 200;
		const uint64_t len = cur_u16(c) % max;
		const uint64_t there = len < c->rest.len ? len : c->rest.len;
		const struct span bytes = cur_span(c, there);

		if (how == 0xFF)
			fake_broken(o, (uint16_t)id, type);
		else if (how == 0xFE)
			fake_cut(o, (uint16_t)id, type, 200000, 70000);
		else
			fake_bytes(o, (uint16_t)id, type, bytes.at, bytes.len);
		id += 1 + (uint32_t)how * 30;
	}
}

static void add_message(struct fake *m, struct cursor *c, unsigned depth)
{
	const uint8_t what = cur_u8(c);

	add_properties(m, c);
	for (unsigned n = what & 3; n > 0 && cur_ok(c); n--)
		add_properties(fake_recipient(m), c);
	if ((what & 4) != 0)
		fake_lost_child(m, STORE_ATTACHMENTS);
	for (unsigned n = what >> 4 & 3; n > 0 && depth > 0 && cur_ok(c); n--) {
		struct fake *a = fake_attachment(m);

		add_properties(a, c);
		if ((what & 8) != 0)
			add_message(fake_embedded(a), c, depth - 1);
	}
}

static void check(const struct mail *m)
{
	const size_t size = (size_t)mail_size(m), half = size / 2;
	char *all = malloc(size + 1), *part = malloc(size + 1);
	struct ost_error err;
	struct span rest;
	size_t got;

	need(all != NULL && part != NULL);
	need(mail_read(m, 0, all, size + 1, &got, &err) == OST_OK);
	need(got == size);
	need(mail_read(m, half, part, size, &got, &err) == OST_OK);
	need(got == size - half && memcmp(part, all + half, got) == 0);
	rest = span_of(all, size);
	need(text_is_utf8(rest));
	take_value(&rest, 0);
	need(rest.len == 0);
	free(all);
	free(part);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct store *store = fake_store_new();
	struct fake *names = fake_add(store, MAPI_NID_NAMES, 0);
	struct cursor c = cur_at(span_of(data, size), 0);
	struct mail *m = NULL;
	struct ost_error err;

	/* the streams of GUIDs, entries and strings */
	for (uint16_t id = 2; id <= 4; id++) {
		const uint64_t len = cur_u8(&c);
		const uint64_t there = len < c.rest.len ? len : c.rest.len;
		const struct span bytes = cur_span(&c, there);

		fake_bytes(names, id, MAPI_BINARY, bytes.at, bytes.len);
	}
	fake_add(store, MESSAGE, 0);
	add_message(fake_again(store, MESSAGE), &c, 3);
	need(mail_plan_properties(&m, fake_open(fake_again(store, MESSAGE)),
				  &err) == OST_OK);
	check(m);
	mail_free(m);
	store_close(store);
	return 0;
}
