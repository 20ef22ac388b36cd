/*
 * info.c - .ostfs/info.json: what store this is
 */
#include <inttypes.h>
#include <time.h>

#include "bytes/json.h"
#include "store/identity.h"
#include "tree/folder.h"

enum { DEPTH_MAX = 64, FOLDERS_MAX = 100000 };

/* Text property `id` of `o`, null when it has none. */
static void put_text(struct json *j, const char *key, struct store_object *o,
		     uint16_t id)
{
	struct buf text = { 0 };
	struct ost_error err;

	if (o != NULL && store_text(o, id, &text, NULL, &err) == OST_OK)
		json_text(j, key, buf_span(&text));
	else
		json_raw(j, key, "null");
	buf_free(&text);
}

static void put_time(struct json *j, const char *key, int64_t sec)
{
	const time_t when = (time_t)sec;
	char text[64] = "";
	struct tm tm;

	if (gmtime_r(&when, &tm) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	json_str(j, key, text);
}

static void put_store(struct json *j, struct store *s)
{
	const struct store_id id = { MAPI_NID_STORE, 0 };
	struct store_object *o = NULL;
	struct ost_error err;

	if (store_get(s, id, &o, &err) != OST_OK)
		o = NULL;
	put_text(j, "name", o, MAPI_DISPLAY_NAME);
	store_drop(o);
	json_str(j, "kind", store_info(s)->kind);
	json_str(j, "format", store_info(s)->format);
	json_raw(j, "version", "%u", store_info(s)->version);
	json_str(j, "encoding", store_info(s)->encoding);
	json_str(j, "reader", store_reader(s));
	json_raw(j, "bytes", "%" PRIu64, store_info(s)->size);
	json_raw(j, "header_bytes", "%" PRIu64, store_info(s)->header_eof);
	json_bool(j, "clean", store_info(s)->clean);
	json_str(j, "types", mail_types());
	put_time(j, "modified", store_info(s)->mtime);
}

/* A walk over the folders that are shown. */
struct counting {
	struct tree *t;
	struct json *json;
	const struct store_identity *identity;
	struct buf path; /* of the folder that is looked at */
	unsigned folders;
	uint64_t items; /* as the folders say */
	bool cut;	/* there were more folders than are listed */
};

/* What the folder itself says; null where it does not. */
static void put_count(struct counting *c, const char *key,
		      struct store_object *o, uint16_t id)
{
	const uint64_t none = UINT64_MAX;
	const uint64_t count = o != NULL ? store_number(o, id, none) : none;

	if (count == none) {
		json_raw(c->json, key, "null");
		return;
	}
	json_raw(c->json, key, "%" PRIu64, count);
	if (id == MAPI_CONTENT_COUNT)
		c->items += count;
}

static void put_folder(struct counting *c, uint32_t nid)
{
	const struct store_id id = { nid, 0 };
	struct store_object *o = NULL;
	struct ost_error err;

	if (store_get(c->t->store, id, &o, &err) != OST_OK)
		o = NULL;
	json_object_flat(c->json, NULL);
	json_text(c->json, "path", buf_span(&c->path));
	json_raw(c->json, "nid", "\"%" PRIx32 "\"", nid);
	store_role_json(c->json, c->identity, nid);
	put_count(c, "items", o, MAPI_CONTENT_COUNT);
	put_count(c, "unread", o, MAPI_CONTENT_UNREAD);
	json_object_end(c->json);
	c->folders++;
	store_drop(o);
}

static enum ost_status count_folders(struct counting *c, uint32_t nid,
				     unsigned depth, struct ost_error *err)
{
	const size_t len = c->path.len;
	struct folder *f = NULL;
	enum ost_status st;

	if (depth > DEPTH_MAX || c->folders >= FOLDERS_MAX) {
		c->cut = true;
		return OST_OK;
	}
	put_folder(c, nid);
	st = folder_open(c->t, nid, &f, err);
	c->cut |= st != OST_OK || f->unlisted || f->lost_count > 0;
	for (size_t i = 0; st == OST_OK && i < f->count; i++) {
		if (len > 0)
			buf_byte(&c->path, '/');
		buf_str(&c->path, folder_name(f, i));
		st = count_folders(c, f->at[i].nid, depth + 1, err);
		buf_cut(&c->path, len);
	}
	folder_drop(f);
	return ost_is_internal(st) ? st : OST_OK;
}

enum ost_status info_make(void *arg, struct tree *t, struct buf *text, int *fd,
			  struct ost_error *err)
{
	struct json json = { .to = text };
	struct counting c = { .t = t, .json = &json };
	enum ost_status st = store_identity(t->store, &c.identity, err);

	(void)arg;
	(void)fd;
	if (st != OST_OK)
		return st;
	json_object(&json, NULL);
	put_store(&json, t->store);
	store_identity_json(&json, t->store, c.identity);
	json_array(&json, "folders");
	st = count_folders(&c, t->root, 0, err);
	json_array_end(&json);
	json_raw(&json, "folder_count", "%u", c.folders);
	json_raw(&json, "item_count", "%" PRIu64, c.items);
	json_bool(&json, "folders_complete", !c.cut);
	json_object_end(&json);
	json_finish(&json);
	buf_free(&c.path);
	return st;
}
