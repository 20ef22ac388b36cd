/*
 * users.h - who gets which store: a CSV, RFC 4180
 */
#ifndef OST_IMAP_USERS_H
#define OST_IMAP_USERS_H

#include "bytes/buf.h"

enum { USERS_MAX = 100000 };

struct user {
	char *store, *url, *user, *secret; /* owned; `secret` may be "" */
};

struct users {
	struct user *at; /* owned */
	size_t count;
};

/*
 * Read "store,url,user,secret" lines; one that begins with #, an empty one, and
 * a first that is these four words are left out. OST_CANNOT_OPEN with the
 * number of the line.
 */
enum ost_status users_read(struct users *out, const char *path,
			   struct ost_error *err);
enum ost_status users_parse(struct users *out, struct span text,
			    struct ost_error *err);
void users_free(struct users *u);

#endif
