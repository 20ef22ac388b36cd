/*
 * directory.h - private: whom an X.500 name stands for, store-wide
 */
#ifndef OST_MAIL_DIRECTORY_H
#define OST_MAIL_DIRECTORY_H

#include <stdatomic.h>

#include "mail/address/addrbook.h"
#include "store/store.h"

struct directory_answer {
	struct span addr; /* empty: not known; on loan while `s` is open */
	struct span name; /* empty: not known */
	bool partial;	  /* not all of the store could be asked */
};

/*
 * Look for the X.500 name `dn`: first in what the user gave, then among what
 * the items of the store have. Only a failure of ours is one: OST_NO_MEMORY,
 * OST_BUG.
 */
enum ost_status directory_find(struct store *s, struct span dn,
			       struct directory_answer *out,
			       struct ost_error *err);

/*
 * harvest.c: put all that the items of `s` have of X.500 names and addresses
 * into `book`, or those of a sample of a large store, always the same one.
 * `*whole` is false if not all was asked: there was no room for all, some is
 * damaged, or it is libpff, which cannot list items. OST_IO once `*stop`.
 */
enum ost_status harvest_store(struct addrbook *book, bool *whole,
			      struct store *s, const atomic_bool *stop,
			      struct ost_error *err);

#endif
