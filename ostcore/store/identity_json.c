/*
 * identity_json.c - whose a store is, for programs
 */
#include <inttypes.h>

#include "store/identity.h"

static void put_known(struct json *j, const char *key, const char *text)
{
	if (*text != '\0')
		json_str(j, key, text);
	else
		json_raw(j, key, "null");
}

static void put_mailbox(struct json *j, const struct store_mailbox *m)
{
	struct buf guid = { 0 };

	if (m->has_guid)
		store_guid_text(m->guid, &guid);
	put_known(j, "mailbox_guid", buf_text(&guid));
	put_known(j, "owner", m->owner.address);
	put_known(j, "owner_name", m->owner.name);
	put_known(j, "owner_x500", m->owner.x500);
	json_raw(j, "owner_votes", "%u", m->owner.votes);
	json_raw(j, "owner_of", "%u", m->owner.of);
	buf_free(&guid);
}

void store_identity_json(struct json *j, struct store *s,
			 const struct store_identity *i)
{
	const struct span key = store_key(s);
	struct buf hex = { 0 };

	for (size_t n = 0; n < key.len; n++)
		buf_printf(&hex, "%02x", key.at[n]);
	put_known(j, "record_key", buf_text(&hex));
	buf_free(&hex);
	put_mailbox(j, &i->mailboxes[0]);
	json_array(j, "shared");
	for (size_t n = 1; n < i->count; n++) {
		json_object_flat(j, NULL);
		json_raw(j, "nid", "\"%" PRIx32 "\"", i->mailboxes[n].top);
		put_mailbox(j, &i->mailboxes[n]);
		json_object_end(j);
	}
	json_array_end(j);
	json_bool(j, "shared_complete", !i->cut);
}

void store_role_json(struct json *j, const struct store_identity *i,
		     uint32_t nid)
{
	put_known(j, "role", store_role_name(store_identity_role(i, nid)));
}
