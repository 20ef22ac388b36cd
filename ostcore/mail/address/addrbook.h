/*
 * addrbook.h - private: X.500 names and the addresses they stand for
 */
#ifndef OST_MAIL_ADDRBOOK_H
#define OST_MAIL_ADDRBOOK_H

#include "bytes/buf.h"

struct person {
	struct span dn;	  /* X.500 name; compared without case */
	struct span addr; /* local@domain */
	struct span name; /* to show; empty: not known */
	unsigned rank;	  /* how far `addr` can be trusted */
};

/* Works from { 0 } with `most` set. Many may find, once no one puts. */
struct addrbook {
	void *root;   /* private */
	size_t count; /* people */
	size_t bytes; /* that they take, roughly */
	size_t max;   /* of those */
	bool full;    /* someone was left out for want of room */
};

/*
 * Put in a copy of `p`. It takes the place of one of the same X.500 name whose
 * rank is not higher.
 */
enum ost_status addrbook_put(struct addrbook *b, const struct person *p,
			     struct ost_error *err);

/* Who is called `dn`, on loan until the next put; NULL: nobody. */
const struct person *addrbook_find(const struct addrbook *b, struct span dn);

/* Take each person, in the order of their X.500 names. */
void addrbook_each(const struct addrbook *b,
		   void (*take)(void *arg, const struct person *p), void *arg);

void addrbook_free(struct addrbook *b);

#endif
