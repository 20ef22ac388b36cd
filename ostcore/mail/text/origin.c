#include "mail/text/origin.h"

#include "mail/text/value.h"
#include "store/identity.h"

static void put_hex(struct buf *out, struct span bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		buf_printf(out, "%02x", bytes.at[i]);
}

enum ost_status origin_server(struct store_object *item, struct buf *out,
			      struct ost_error *err)
{
	const uint64_t number = store_number(item, MAPI_SERVER_ID, 0);
	const struct store_identity *identity;
	const struct store_mailbox *mailbox;
	enum ost_status st;

	/* An older version has the number of what it became. */
	if (number == 0 || item->parent == 0 || item->original_nid != 0)
		return OST_OK;
	st = store_identity(item->store, &identity, err);
	if (st != OST_OK)
		return st;
	mailbox = store_mailbox_of(item->store, identity, item->parent);
	if (mailbox == NULL || !mailbox->has_guid)
		return OST_OK;
	put_hex(out, span_of(mailbox->guid, sizeof(mailbox->guid)));
	buf_printf(out, ".%llx", (unsigned long long)number);
	return OST_OK;
}

/*
 * What names the item in this store only. A copy keeps the search key, so the
 * node is in it; and where there is no search key the store's own key and the
 * time are, for items of several stores may meet.
 */
static enum ost_status put_store_id(struct store_object *item, struct buf *out,
				    struct notes *notes, struct ost_error *err)
{
	struct store_object *store = NULL;
	struct buf key = { 0 };
	enum ost_status st =
		value_bytes(item, MAPI_SEARCH_KEY, &key, notes, err);

	buf_cut(&key, 64);
	put_hex(out, buf_span(&key));
	if (st == OST_OK && key.len == 0) {
		st = store_get(item->store,
			       (struct store_id){ MAPI_NID_STORE, 0 }, &store,
			       err);
		if (st == OST_OK)
			st = value_bytes(store, MAPI_RECORD_KEY, &key, notes,
					 err);
		buf_cut(&key, 64);
		put_hex(out, buf_span(&key));
		buf_printf(out, ".%llx",
			   (unsigned long long)store_number(
				   item, MAPI_CREATION_TIME, 0));
		store_drop(store);
	}
	buf_printf(out, ".%x", item->id.nid);
	out->bad = out->bad || key.bad;
	buf_free(&key);
	return st;
}

enum ost_status origin_name(struct store_object *item, struct buf *out,
			    struct notes *notes, struct ost_error *err)
{
	const size_t start = out->len;
	enum ost_status st = origin_server(item, out, err);

	if (st == OST_OK && out->len == start)
		st = put_store_id(item, out, notes, err);
	return ost_is_internal(st) ? st : OST_OK;
}
