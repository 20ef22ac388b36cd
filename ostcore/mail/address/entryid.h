/*
 * entryid.h - private: addresses inside entry ids and search keys
 *
 * [MS-OXCDATA] 2.2.5, [MS-OXOCNTC] 2.2.2.4, [MS-OXOCFG]
 */
#ifndef OST_MAIL_ENTRYID_H
#define OST_MAIL_ENTRYID_H

#include "store/store.h"

enum entryid_kind {
	ENTRYID_OTHER,	 /* none of these, or damaged */
	ENTRYID_ONE_OFF, /* name, type and address in the id itself */
	ENTRYID_EX,	 /* of the address list: `addr` is its X.500 name */
	ENTRYID_CONTACT, /* a slot of a contact that is in a store */
	ENTRYID_LIST,	 /* a distribution list that is in a store */
};

struct entryid {
	enum entryid_kind kind;
	struct buf name, type, addr; /* UTF-8, as stored */
	uint32_t nid;		     /* of the contact or list */
	unsigned slot;		     /* 0-2: Email1-3; more: fax numbers */
};

/* Read `id`, which is of `o`, as its 8-bit text is. Only memory can run out. */
enum ost_status entryid_read(struct entryid *out, struct span id,
			     struct store_object *o, struct ost_error *err);

void entryid_free(struct entryid *e);

/*
 * The address of `in`: trimmed, and without brackets, quotes or a scheme
 * around it. False unless it is local@domain, and the domain has a form in
 * ASCII. It is as it was written: see entryid_mail().
 */
bool entryid_smtp(struct span in, struct span *out);

/*
 * Append what entryid_smtp() gave with its domain in ASCII; the local part
 * may still be UTF-8, for it has no other form.
 */
void entryid_mail(struct buf *out, struct span smtp);

/*
 * The same of text that shows an address: all of it, or "Jane Doe (addr)" as
 * Outlook has it.
 */
bool entryid_smtp_shown(struct span in, struct span *out);

/* True if `s` is an X.500 name of Exchange, "/o=..." [MS-OXCDATA] 2.2.5.2. */
bool entryid_x500(struct span s);

/*
 * Append an address that is not Internet mail as one that is: IMCEA, which
 * keeps all of it [MS-OXCMAIL] 2.1.3.4.1. `type` may be empty. False: it is too
 * long, and was cut short.
 */
bool entryid_imcea(struct buf *out, struct span type, struct span addr,
		   struct span domain);

#endif
