/*
 * trial.h - a message put together by hand, and its bodies as they are read
 */
#ifndef OST_TRIAL_H
#define OST_TRIAL_H

#include "check.h"
#include "fake.h"
#include "mail/body/body.h"

/* Bytes of a literal, which may hold NULs. */
#define BYTES(s) span_of((s), sizeof(s) - 1)

/* Compressed RTF: the examples of [MS-OXRTFCP] 3.1 and 3.2. */
#define HELLO                                                                  \
	"\x2D\0\0\0\x2B\0\0\0LZFu\xF1\xC5\xC7\xA7\x03\0\x0A\0rcpg125"          \
	"B2\x0A\xF3 hel\x09\0 bw\x05\xB0ld}\x0A\x80\x0F\xA0"
#define CROSSING                                                               \
	"\x1A\0\0\0\x1C\0\0\0LZFu\xE2\xD4\x4B\x51\x41\0\x04\x20WXYZ\x0D\x6E"   \
	"}\x01\x0E\xB0"

enum { TRIAL_MESSAGE = 0x200024 };

struct trial {
	struct store *store;
	struct fake *message;
	struct body body;
	struct notes notes;
	struct ost_error err;
};

static inline struct trial trial(void)
{
	struct trial t = { .store = fake_store_new() };

	t.message = fake_add(t.store, TRIAL_MESSAGE, 0);
	return t;
}

static inline void read_it(struct trial *t)
{
	struct store_object *o = fake_open(t->message);

	CHECK(body_read(o, &t->body, &t->notes, &t->err) == OST_OK);
	store_drop(o);
}

static inline void done(struct trial *t)
{
	body_free(&t->body);
	store_close(t->store);
}

static inline void notes_are(const struct trial *t, uint64_t want)
{
	CHECK(t->notes.set == want);
}

static inline uint64_t bit(enum note note)
{
	return UINT64_C(1) << note;
}

#endif
