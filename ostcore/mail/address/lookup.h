/*
 * lookup.h - private: what an item itself says of someone
 */
#ifndef OST_MAIL_LOOKUP_H
#define OST_MAIL_LOOKUP_H

#include "mail/address/address.h"

/* What is known so far of one role of one object; free with lookup_free(). */
struct lookup {
	struct store_object *o;
	enum address_role role;
	struct address *out;
	struct notes *notes;
	struct ost_error *err;
	bool both; /* the X.500 name is wanted beside the address, no name */
	struct peers *peers; /* of the item; NULL: they are not asked */

	struct buf name;
	struct buf type; /* of `raw` */
	struct buf raw;	 /* an address that is not Internet mail */
};

/*
 * Ask all that the item knows of the role itself, until its address is known:
 * `addr` of `out`. Without one, `raw` is the next best, an X.500 name before
 * anything else.
 */
enum ost_status lookup_item(struct lookup *l);

/* Ask an entry id: for the address, the name, and `raw`. */
enum ost_status lookup_entryid(struct lookup *l, struct span bytes);

/* Append what the role is called. */
enum ost_status lookup_name(struct lookup *l, struct buf *out);

/* The address, and the name, of whom the item calls `raw` in another role. */
enum ost_status lookup_peer(struct lookup *l);

/* True if `in` is an address, which is then taken unless there is one. */
bool lookup_accept(struct lookup *l, struct span in);

/* Keep `in` in case nothing better is found. */
void lookup_keep(struct lookup *l, struct span in, struct span type);

/* True if `raw` is an X.500 name. */
bool lookup_is_x500(const struct lookup *l);

void lookup_free(struct lookup *l);

#endif
