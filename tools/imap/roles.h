/*
 * roles.h - which mailbox a folder goes to: what is for sent mail here goes to
 * what is for sent mail there, whatever the two are called     RFC 6154, 2342
 */
#ifndef OST_IMAP_ROLES_H
#define OST_IMAP_ROLES_H

#include "imap/dialog.h"
#include "imap/source.h"

struct roles_options {
	const char *under; /* all goes below this mailbox; or NULL */
	const char *inbox; /* the folder for INBOX, where no role tells */
	const char *map;   /* a file of FOLDER TAB MAILBOX; or NULL */
	bool by_name;	   /* roles are not looked at */
};

struct roles {
	struct roles_options o;
	struct buf prefix; /* of the user's own mailboxes, in UTF-7 */
	char delimiter;
	char *special[SOURCE_ROLES]; /* owned, in UTF-7; NULL: there is none */
	struct roles_line {
		char *folder, *mailbox; /* owned */
	} * map;
	size_t map_count;
	char **boxes; /* owned, in UTF-7: all that can be opened */
	size_t box_count;
};

/* Read the map. OST_CANNOT_OPEN when that cannot be. */
enum ost_status roles_open(struct roles *r, const struct roles_options *o,
			   struct ost_error *err);

/* Ask the server. OST_CORRUPT: it does not say what is needed. */
enum ost_status roles_ask(struct roles *r, struct dialog *d,
			  struct ost_error *err);

/*
 * Append the name of the mailbox, in UTF-7, for the folder at `path`, which is
 * one of `all`: where it or one above it has a role, that counts.
 */
void roles_mailbox(const struct roles *r, const struct source_folders *all,
		   const char *path, struct buf *out);

void roles_close(struct roles *r);

#endif
