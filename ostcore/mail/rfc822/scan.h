/*
 * scan.h - private: what the lines of an attached file are, if they are any
 */
#ifndef OST_MAIL_SCAN_H
#define OST_MAIL_SCAN_H

#include "store/store.h"

enum { SCAN_MAX = 16 << 20 }; /* bytes that are looked at */

struct scan {
	bool whole;	/* all of the file was looked at */
	bool crlf;	/* there is a CRLF */
	bool lf;	/* there is an LF that is not in one */
	bool strange;	/* there is a NUL, or a CR that is not in one */
	bool eight;	/* there is a byte above 0x7F */
	size_t longest; /* bytes in the longest line, without its end */
};

/* Look at property `data` of `o` from byte `from` on. */
enum ost_status scan_data(struct scan *out, struct store_object *o,
			  const struct store_prop *data, uint64_t from,
			  struct ost_error *err);

/* The same of bytes in memory. */
void scan_bytes(struct scan *out, struct span bytes);

/* Are these lines that a mail may have (RFC 5322 2.1.1), 7-bit or not? */
static inline bool scan_lines(const struct scan *s)
{
	return s->whole && !s->lf && !s->strange && s->longest <= 998;
}

/* May it stand in a mail as it is, in lines of 7-bit text? */
static inline bool scan_7bit(const struct scan *s)
{
	return scan_lines(s) && !s->eight;
}

#endif
