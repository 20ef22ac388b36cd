/*
 * addrmap.h - private: a directory that the user has, as LDIF or CSV
 *
 * What counts is what Exchange keeps of people: legacyExchangeDN and the X500:
 * of proxyAddresses are their X.500 names. Their address is the SMTP: of
 * proxyAddresses, else PrimarySmtpAddress, mail and the like. displayName is
 * for items that name nobody. The names of columns and attributes are compared
 * without case, blanks and hyphens. UTF-8, UTF-16 with a mark, or else 1252.
 */
#ifndef OST_MAIL_ADDRMAP_H
#define OST_MAIL_ADDRMAP_H

#include "mail/address/addrbook.h"
#include "mail/address/addrmap_file.h"

/* As mail_addrmap_read(), of the bytes of a file. */
enum ost_status addrmap_parse(struct mail_addrmap **out, struct span bytes,
			      struct ost_error *err);

/* Who is called `dn`, on loan for the life of `m`; NULL: nobody. */
const struct person *addrmap_find(const struct mail_addrmap *m, struct span dn);

/*
 * What follows is between addrmap*.c.
 */

enum addrmap_field {
	ADDRMAP_OTHER,
	ADDRMAP_DN,
	ADDRMAP_PROXIES, /* "SMTP:a@b" and "X500:/o=...", one or many */
	ADDRMAP_NAME,
	ADDRMAP_MAIL, /* this and all above it: the better, the higher */
};

/* What the attribute or column called `name` is. */
unsigned addrmap_field(struct span name);

/* An entry being read; works from { 0 }. */
struct addrmap_entry {
	size_t line;	 /* where it starts, from 1 */
	struct buf dns;	 /* X.500 names, a NUL after each */
	struct buf addr; /* the best so far */
	struct buf name;
	unsigned rank; /* of `addr`: ADDRMAP_MAIL and above */
	bool bad_dn;   /* it has a name that is none */
};

void addrmap_value(struct addrmap_entry *e, unsigned field, struct span value);

/* Take in what `e` holds, and empty it. */
enum ost_status addrmap_end(struct mail_addrmap *m, struct addrmap_entry *e,
			    struct ost_error *err);

/* Say that something was left out; the first `why` is told in full. */
void addrmap_bad(struct mail_addrmap *m, size_t line, const char *why);

/* The formats, of UTF-8. */
enum ost_status addrmap_ldif(struct mail_addrmap *m, struct span text,
			     struct ost_error *err);
enum ost_status addrmap_csv(struct mail_addrmap *m, struct span text,
			    struct ost_error *err);

/* Take a line off `*rest`, without its end, and count it. */
struct span addrmap_line(struct span *rest, size_t *line);

#endif
