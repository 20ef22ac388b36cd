/*
 * sidecarkit.h - the properties of objects in memory as JSON
 *
 * For the tests of mail/sidecar*.c. Included once a program.
 */
#ifndef OST_SIDECARKIT_H
#define OST_SIDECARKIT_H

#include <stdlib.h>

#include "check.h"
#include "fake.h"
#include "mail/mail.h"

enum { MESSAGE = 0x200024, FOLDER = 0x8022 };

/* The whole of a file, as a string. Owned. */
static inline char *bytes_of(const struct mail *m)
{
	const size_t size = (size_t)mail_size(m);
	char *text = calloc(1, size + 1);
	struct ost_error err;
	size_t got = 0;

	CHECK(text != NULL &&
	      mail_read(m, 0, text, size + 1, &got, &err) == OST_OK);
	CHECK(got == size);
	return text;
}

static inline struct mail *plan(struct fake *o)
{
	struct mail *m = NULL;
	struct ost_error err = { "" };

	CHECK(mail_plan_properties(&m, fake_open(o), &err) == OST_OK);
	CHECK_STR(err.text, "");
	return m;
}

/* The properties of `o`, when `notes` is all that they should note. Owned. */
static inline char *write_all(struct fake *o, const char *notes)
{
	struct mail *m = plan(o);
	char *text = bytes_of(m);

	CHECK_STR(mail_notes(m), notes);
	mail_free(m);
	return text;
}

#endif
