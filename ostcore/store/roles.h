/*
 * roles.h - private: which folders of a mailbox are for what
 */
#ifndef OST_ROLES_H
#define OST_ROLES_H

#include "store/identity.h"

/*
 * Fill the top and the folders of the mailboxes of `s`, and the GUIDs of those
 * that are shared. `i` has room for 64 mailboxes, and the user's own in it.
 */
enum ost_status roles_find(struct store *s, struct store_identity *i,
			   struct ost_error *err);

enum { ROLES_MAILBOXES_MAX = 64 };

#endif
