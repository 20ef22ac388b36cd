/*
 * identity.h - whose store this is, and what its folders are for
 *
 * Nothing here goes by the names of folders where the store has numbers, so a
 * "Posteingang" is an inbox. What the store does not tell, or tells in two
 * ways, is not known: no role is better than a wrong one.
 */
#ifndef OST_IDENTITY_H
#define OST_IDENTITY_H

#include "bytes/json.h"
#include "store/store.h"

enum store_role {
	ROLE_NONE,
	ROLE_TOP, /* of a mailbox: the folder that holds the others */
	ROLE_INBOX,
	ROLE_OUTBOX,
	ROLE_SENT,
	ROLE_DELETED,
	ROLE_DRAFTS,
	ROLE_JUNK,
	ROLE_ARCHIVE,
	ROLE_CALENDAR,
	ROLE_CONTACTS,
	ROLE_JOURNAL,
	ROLE_NOTES,
	ROLE_TASKS,
	ROLE_SYNC_ISSUES,
	ROLE_CONFLICTS,
	ROLE_LOCAL_FAILURES,
	ROLE_SERVER_FAILURES,
	ROLE_COUNT,
};

/* "inbox", "sent", ...; "" for ROLE_NONE. */
const char *store_role_name(enum store_role role);

/*
 * A person as the mail of a mailbox knows its owner: by whom the mail in the
 * Inbox was received, and that in Sent Items was sent. UTF-8, owned, "" where
 * not known.
 */
struct store_person {
	char *address; /* SMTP, in lower case */
	char *name;
	char *x500;
	unsigned votes; /* items that say so */
	unsigned of;	/* items that say anything: 100 at most */
};

/* The user's own mailbox, or one of others that is cached beside it. */
struct store_mailbox {
	uint32_t top; /* NID of its top folder; 0: not found */
	bool has_guid;
	uint8_t guid[16]; /* as stored: the same in every cache of it */
	struct store_person owner;
	uint32_t folders[ROLE_COUNT]; /* NIDs by role; 0: not known */
};

/* The first mailbox is the user's own; those shared with him follow. */
struct store_identity {
	struct store_mailbox *mailboxes;
	size_t count; /* 1 to 64 */
	bool cut;     /* there are more than those */
};

/*
 * Whose `s` is, on loan until it is closed. Read when it is first asked for,
 * from 100 items a mailbox at most; who asks meanwhile waits for that. Only
 * OST_NO_MEMORY and OST_BUG: damage makes it know less.
 */
enum ost_status store_identity(struct store *s,
			       const struct store_identity **out,
			       struct ost_error *err);

/* What folder `nid` is for, in any of the mailboxes. */
enum store_role store_identity_role(const struct store_identity *i,
				    uint32_t nid);

/*
 * The same without asking who the owners are: no item is read for it. It goes
 * through the folders when it is first asked; only OST_NO_MEMORY and OST_BUG.
 */
enum ost_status store_folder_role(struct store *s, uint32_t nid,
				  enum store_role *out, struct ost_error *err);

/*
 * The mailbox that what lies in folder `nid` belongs to: the one whose top is
 * the nearest above it. NULL: of none.
 */
const struct store_mailbox *
store_mailbox_of(struct store *s, const struct store_identity *i, uint32_t nid);

/* Append a GUID as stored: "733604b1-7a66-49f1-817c-0918652aa1d1". */
void store_guid_text(const uint8_t guid[16], struct buf *out);

/*
 * Put the record key of `s`, its owner, and the mailboxes that are cached
 * beside into the object that `j` is in: as ostfs(5) has them.
 */
void store_identity_json(struct json *j, struct store *s,
			 const struct store_identity *i);
/* And what folder `nid` is for, as "role"; null: not known. */
void store_role_json(struct json *j, const struct store_identity *i,
		     uint32_t nid);

/*
 * The address in the name of the file at `path`, as Outlook gives it:
 * "alice@example.com - Profile.ost". Empty when there is none; on loan from
 * `path`.
 */
struct span store_file_address(const char *path);

struct store_identity_slot;

/* For who makes a store, and store_close(): where it is kept. */
enum ost_status identity_new(struct store_identity_slot **out,
			     struct ost_error *err);
void identity_drop(struct store_identity_slot *slot); /* NULL is fine */

#endif
