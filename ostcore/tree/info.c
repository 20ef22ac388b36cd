/*
 * info.c - .ostfs/info.json: what store this is
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tree/folder.h"

enum { MAILBOX_OWNER_NAME = 0x661C, DEPTH_MOST = 64, FOLDERS_MOST = 100000 };

/* Text property `id` of `o` as member `name`, null when it has none. */
static void add_text(cJSON *to, const char *name, struct store_object *o,
		     uint16_t id)
{
	struct buf text = { 0 };
	struct ost_error err;

	if (o != NULL && store_text(o, id, &text, NULL, &err) == OST_OK)
		cJSON_AddStringToObject(to, name, buf_text(&text));
	else
		cJSON_AddNullToObject(to, name);
	buf_free(&text);
}

static void add_time(cJSON *to, const char *name, int64_t sec)
{
	const time_t when = (time_t)sec;
	char text[64] = "";
	struct tm tm;

	if (gmtime_r(&when, &tm) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	cJSON_AddStringToObject(to, name, text);
}

static void add_store(cJSON *to, struct store *s)
{
	const struct store_id id = { MAPI_NID_STORE, 0 };
	struct store_object *o = NULL;
	struct ost_error err;

	if (store_get(s, id, &o, &err) != OST_OK)
		o = NULL;
	add_text(to, "name", o, MAPI_DISPLAY_NAME);
	add_text(to, "owner", o, MAILBOX_OWNER_NAME);
	store_drop(o);
	cJSON_AddStringToObject(to, "kind", s->info.kind);
	cJSON_AddStringToObject(to, "format", s->info.format);
	cJSON_AddNumberToObject(to, "version", s->info.version);
	cJSON_AddStringToObject(to, "encoding", s->info.encoding);
	cJSON_AddStringToObject(to, "reader", s->ops->name);
	cJSON_AddNumberToObject(to, "bytes", (double)s->info.size);
	cJSON_AddNumberToObject(to, "header_bytes", (double)s->info.header_eof);
	cJSON_AddBoolToObject(to, "clean", s->info.clean);
	add_time(to, "modified", s->info.mtime);
}

/* A walk over the folders that are shown. */
struct counting {
	struct tree *t;
	cJSON *list;
	struct buf path; /* of the folder that is looked at */
	unsigned folders;
	double items; /* as the folders say */
	bool cut;     /* there were more folders than are listed */
};

/* What the folder itself says; null where it does not. */
static void add_count(struct counting *c, cJSON *to, const char *name,
		      struct store_object *o, uint16_t id)
{
	const uint64_t none = UINT64_MAX;
	const uint64_t count = o != NULL ? store_number(o, id, none) : none;

	if (count == none) {
		cJSON_AddNullToObject(to, name);
		return;
	}
	cJSON_AddNumberToObject(to, name, (double)count);
	if (id == MAPI_CONTENT_COUNT)
		c->items += (double)count;
}

static void add_folder(struct counting *c, uint32_t nid)
{
	const struct store_id id = { nid, 0 };
	cJSON *folder = cJSON_CreateObject();
	struct store_object *o = NULL;
	struct ost_error err;
	char hex[16];

	if (store_get(c->t->store, id, &o, &err) != OST_OK)
		o = NULL;
	snprintf(hex, sizeof(hex), "%x", nid);
	cJSON_AddStringToObject(folder, "path", buf_text(&c->path));
	cJSON_AddStringToObject(folder, "nid", hex);
	add_count(c, folder, "items", o, MAPI_CONTENT_COUNT);
	add_count(c, folder, "unread", o, MAPI_CONTENT_UNREAD);
	cJSON_AddItemToArray(c->list, folder);
	c->folders++;
	store_drop(o);
}

static enum ost_status count_folders(struct counting *c, uint32_t nid,
				     unsigned depth, struct ost_error *err)
{
	const size_t len = c->path.len;
	struct folder *f = NULL;
	enum ost_status st;

	if (depth > DEPTH_MOST || c->folders >= FOLDERS_MOST) {
		c->cut = true;
		return OST_OK;
	}
	add_folder(c, nid);
	st = folder_open(c->t, nid, &f, err);
	for (size_t i = 0; st == OST_OK && i < f->count; i++) {
		if (len > 0)
			buf_byte(&c->path, '/');
		buf_str(&c->path, folder_name(f, i));
		st = count_folders(c, f->at[i].nid, depth + 1, err);
		buf_cut(&c->path, len);
	}
	folder_drop(f);
	return is_grave(st) ? st : OST_OK;
}

static enum ost_status print(cJSON *json, struct buf *out,
			     struct ost_error *err)
{
	char *text = cJSON_Print(json);

	if (text == NULL)
		return ost_fail(err, OST_NO_MEMORY, "out of memory");
	buf_str(out, text);
	buf_byte(out, '\n');
	cJSON_free(text);
	return buf_status(out, err);
}

enum ost_status info_make(void *arg, struct tree *t, struct buf *text, int *fd,
			  struct ost_error *err)
{
	cJSON *json = cJSON_CreateObject();
	struct counting c = { .t = t, .list = cJSON_CreateArray() };
	enum ost_status st = count_folders(&c, t->root, 0, err);

	(void)arg;
	(void)fd;
	add_store(json, t->store);
	cJSON_AddNumberToObject(json, "folder_count", c.folders);
	cJSON_AddNumberToObject(json, "item_count", c.items);
	cJSON_AddBoolToObject(json, "folders_complete", !c.cut);
	cJSON_AddItemToObject(json, "folders", c.list);
	if (st == OST_OK)
		st = print(json, text, err);
	cJSON_Delete(json);
	buf_free(&c.path);
	return st;
}
