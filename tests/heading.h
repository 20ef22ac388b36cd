/*
 * heading.h - a message in a fake store, and the header it gets
 *
 * One test at a time: a test begins with heading_new() and ends with
 * heading_done().
 */
#ifndef OST_HEADING_H
#define OST_HEADING_H

#include "check.h"
#include "fake.h"

#include "mail/header/header.h"
#include "mail/mail.h"
#include "mail/rfc822/transport.h"
#include "mail/text/chars.h"
#include "mail/text/value.h"

#include <stdlib.h>

static struct heading {
	struct store *store;
	struct fake *mail;
	struct buf text;  /* what heading() made */
	struct buf value; /* what heading_field() found */
	struct notes notes;
	struct header_facts facts;
} heading_now;

static inline void heading_done(void)
{
	store_close(heading_now.store);
	buf_free(&heading_now.text);
	buf_free(&heading_now.value);
	header_facts_free(&heading_now.facts);
	heading_now = (struct heading){ 0 };
}

/* An empty message, of node 0x200024. */
static inline struct fake *heading_new(void)
{
	heading_done();
	heading_now.store = fake_store_new();
	heading_now.mail = fake_add(heading_now.store, 0x200024, 0);
	return heading_now.mail;
}

/* The whole header of the message; on loan until the next call. */
static inline const char *heading(void)
{
	struct store_object *o = fake_open(heading_now.mail);
	struct ost_error err;

	buf_cut(&heading_now.text, 0);
	header_facts_free(&heading_now.facts);
	heading_now.notes = (struct notes){ 0 };
	CHECK(header_write(o, &heading_now.text, &heading_now.facts,
			   &heading_now.notes, &err) == OST_OK);
	header_tail(o, &heading_now.notes, &heading_now.text);
	store_drop(o);
	return buf_text(&heading_now.text);
}

/*
 * The value of field `name`, unfolded and without blanks at its ends, of what
 * heading() made; "(none)" when there is no such field, "(many)" when it is
 * there more than once.
 */
static inline const char *heading_field(const char *name)
{
	struct span rest = buf_span(&heading_now.text);
	struct transport_field f;
	size_t count = 0;

	buf_cut(&heading_now.value, 0);
	while (transport_next(&rest, &f)) {
		if (!chars_same(f.name, chars_of(name)))
			continue;
		const struct span value = chars_trim(f.value);

		for (size_t i = 0; count == 0 && i < value.len; i++)
			if (value.at[i] != '\r' && value.at[i] != '\n')
				buf_byte(&heading_now.value, (char)value.at[i]);
		count++;
	}
	return count == 0  ? "(none)"
	       : count > 1 ? "(many)"
			   : buf_text(&heading_now.value);
}

/* The value of `name` in the header of the message as it now is. */
static inline const char *heading_of(const char *name)
{
	(void)heading();
	return heading_field(name);
}

/* A fact about the message; on loan until the next call. */
static inline const char *heading_fact(enum mail_fact fact)
{
	struct store_object *o = fake_open(heading_now.mail);
	struct ost_error err;

	buf_cut(&heading_now.value, 0);
	CHECK(mail_fact(o, fact, &heading_now.value, &err) == OST_OK);
	store_drop(o);
	return buf_text(&heading_now.value);
}

#endif
