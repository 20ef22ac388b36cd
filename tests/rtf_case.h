/*
 * rtf_case.h - RTF, and exactly what comes out of it
 */
#ifndef OST_RTF_CASE_H
#define OST_RTF_CASE_H

#include "mail/rtf/rtf.h"

#include "check.h"

#define LOST	 "\xEF\xBF\xBD"
#define CRLF	 "\r\n"
#define BYTES(s) span_of((s), sizeof(s) - 1)
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* RTF of each kind, but for its end. */
#define HTML "{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0"
#define TEXT "{\\rtf1\\ansi\\ansicpg1252\\fromtext \\deff0"
#define OWN  "{\\rtf1\\ansi\\ansicpg1252\\deff0"

struct one {
	struct span in;
	const char *want;
	uint64_t notes; /* nonzero: not all of it is there */
};

static inline uint64_t bit(enum note note)
{
	return UINT64_C(1) << note;
}

static inline void read_one(const struct one *o, const struct rtf_names *names)
{
	static const char before[] = "before ";
	struct buf out = { 0 };
	struct notes notes = { 0 };
	bool whole;

	buf_str(&out, before);
	whole = rtf_read(o->in, rtf_recognise(o->in), names, &out, &notes);
	CHECK_STR(out.at + strlen(before), o->want);
	CHECK(out.len == strlen(out.at));
	CHECK(whole == (o->notes == 0));
	CHECK(notes.set == o->notes);
	buf_free(&out);
}

static inline void read_all(const struct one *all, size_t count)
{
	for (size_t i = 0; i < count; i++)
		read_one(&all[i], NULL);
}

#endif
