/*
 * forge_mailbox.h - private to ostforge: mailboxes to fill stores with
 */
#ifndef OST_FORGE_MAILBOX_H
#define OST_FORGE_MAILBOX_H

#include "forge.h"
#include "store/mapi.h"

#include <stdio.h>

/* What must become of a message, from good to bad. */
enum fate {
	FATE_SHOWN,
	FATE_FOUND, /* shown, though no folder lists it */
	FATE_DAMAGED,
	FATE_LOST
};

/* A message that was made. */
struct made {
	uint32_t nid, folder;
	uint64_t first, end; /* its blocks, see struct forge_message */
	bool associated;
	enum fate fate;
};

struct damage {
	const char *name; /* NULL: none */
	uint64_t number;  /* of the block */
	unsigned tables;  /* that are damaged */
};

/* A store that is being filled, and the truth about it. */
struct mailbox {
	struct forge *forge;
	FILE *manifest; /* NULL: none */
	bool ansi;	/* text is 8-bit */
	struct damage damage;
	struct buf made;   /* struct made each */
	uint32_t numbered; /* what the server counts the next; 0: none does */
};

struct mailbox_folder {
	uint32_t nid;
	const char *path; /* below the IPM subtree, e.g. "Inbox/Old" */
};

/* PidTagMid or PidTagFolderId: a replica, and what it counts. */
void mail_numbered(struct forge_props *p, uint32_t counter);
/* A new folder of the IPM subtree. */
struct mailbox_folder mailbox_folder(struct mailbox *b, const char *name,
				     const char *container);

/* Add the message, write its line of the manifest, and free what it owns. */
uint32_t mailbox_add(struct mailbox *b, struct mailbox_folder folder,
		     struct forge_message *m);

/* forge_damage.c: to a message before it is added, and what it comes to. */
void damage_message(struct mailbox *b, struct forge_message *m);
void damage_made(struct mailbox *b, struct mailbox_folder folder,
		 const struct forge_message *m, uint32_t nid);
/* To a finished store; false: there is no such thing in it. */
bool damage_store(struct mailbox *b, struct buf *store);
/* Write the last line of the manifest: what becomes of each message. */
void damage_tell(const struct mailbox *b);

/* forge_people.c: the usual parts of a message */
void mail_from(struct forge_message *m, const char *name, const char *address);
struct forge_props *mail_to(struct forge_message *m, uint32_t type,
			    const char *name, const char *address);
void mail_at(struct forge_message *m, int64_t seconds);
struct forge_attachment *mail_attach(struct forge_message *m, const char *name,
				     const char *type, const void *bytes,
				     size_t len);

/* A small mailbox with something of everything. */
void sample_fill(struct mailbox *b);

/* forge_items.c: what is not mail */
void sample_calendar(struct mailbox *b, struct mailbox_folder in,
		     int64_t start);
void sample_contacts(struct mailbox *b, struct mailbox_folder in,
		     int64_t start);
void sample_tasks(struct mailbox *b, struct mailbox_folder in, int64_t start);
void sample_notes(struct mailbox *b, struct mailbox_folder in, int64_t start);

/* A mail in each state a mail can be in, in each of some folders. */
void states_fill(struct mailbox *b);

/* What readers are prone to take for something else, an item each. */
void meanings_fill(struct mailbox *b);

/* Names that no file may have, of folders, mails, people, files, events. */
void hostile_fill(struct mailbox *b);

struct bulk {
	uint32_t messages, folders, seed;
	uint64_t attachment_max; /* bytes, which one has; 0: no attachments */
	bool internet; /* with transport headers, and HTML beside the text */
	bool exchange; /* senders have X.500 names; some recipients have both */
	bool unnamed;  /* subjects in Russian, in a page that nothing names */
};

/* As many messages as asked for, different and always the same. */
void bulk_fill(struct mailbox *b, const struct bulk *how);

struct company_mailbox {
	const char *owner;  /* before the @ of the address */
	const char *shared; /* a mailbox of others in it; NULL: none */
	bool german;	    /* names of folders */
	uint32_t messages;  /* in the Inbox */
};

/* A mailbox of an account: with GUID, owner, roles and the server's numbers. */
void company_fill(struct mailbox *b, const struct company_mailbox *how);

/* `count` of one kind of thing in one place; false: no such kind. */
bool many_fill(struct mailbox *b, const char *what, uint32_t count);

#endif
