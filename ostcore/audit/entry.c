#include "audit/entry.h"

#include <inttypes.h>
#include <stdlib.h>

const char *const manifest_kinds[MANIFEST_KINDS] = {
	[MANIFEST_FOLDER] = "folder", [MANIFEST_ATTACHMENTS] = "attachments",
	[MANIFEST_ITEM] = "item",     [MANIFEST_ATTACHMENT] = "attachment",
	[MANIFEST_FILE] = "file",
};

enum ost_status audit_go_on(const struct audit_watch *watch,
			    struct ost_error *err)
{
	if (watch->stop == NULL || !watch->stop(watch->arg))
		return OST_OK;
	return ost_fail(err, OST_STOPPED, "interrupted");
}

void manifest_entry_free(struct manifest_entry *e)
{
	free(e->path);
	free(e->notes);
	free(e->error);
}

static void put_sha(struct json *j, const struct sha *sha)
{
	char hex[SHA_HEX];

	sha_hex(sha, hex);
	json_str(j, "sha256", hex);
}

static void put_notes(struct json *j, const char *codes)
{
	struct span code;

	json_array(j, "notes");
	while (mail_note_next(&codes, &code))
		json_text(j, NULL, code);
	json_array_end(j);
}

void manifest_put(struct buf *out, const struct manifest_entry *e)
{
	struct json j = { .to = out };

	json_object_flat(&j, NULL);
	json_str(&j, "kind", manifest_kinds[e->kind]);
	json_str(&j, "path", e->path);
	json_raw(&j, "nid", "\"%" PRIx32 "\"", e->nid);
	if (!manifest_is_dir(e)) {
		if (e->is_part && e->kind != MANIFEST_FILE)
			json_raw(&j, "offset", "%" PRIu64, e->offset);
		json_raw(&j, "size", "%" PRIu64, e->size);
		json_raw(&j, "mtime", "%" PRId64, e->mtime);
		json_raw(&j, "mtime_nsec", "%" PRIu32, e->nsec);
	}
	if (e->error != NULL)
		json_str(&j, "error", e->error);
	else if (e->is_part && e->kind == MANIFEST_FILE)
		json_bool(&j, "parts", true);
	else if (!manifest_is_dir(e))
		put_sha(&j, &e->sha);
	if (e->notes != NULL)
		put_notes(&j, e->notes);
	json_object_end(&j);
	json_finish(&j);
}

void manifest_put_head(struct buf *out, struct tree *t, const char *name,
		       const struct sha *sha)
{
	manifest_put_export(out, t, name, sha, NULL);
}

void manifest_put_export(struct buf *out, struct tree *t, const char *name,
			 const struct sha *sha, const struct manifest_export *x)
{
	static const char *const attachments[] = {
		[TREE_BOTH] = "both",
		[TREE_INSIDE] = "inside",
		[TREE_BESIDE] = "beside",
		[TREE_IN_FOLDER] = "folder",
	};
	static const char *const items[] = {
		[MAIL_ITEMS_NATIVE] = "native",
		[MAIL_ITEMS_EML] = "eml",
		[MAIL_ITEMS_TEXT] = "text",
	};
	const struct tree_options *shape = tree_shape(t);
	const struct store_info *info = store_info(tree_store(t));
	struct json j = { .to = out };

	json_object_flat(&j, NULL);
	json_str(&j, "kind", "manifest");
	json_raw(&j, "version", "%d", MANIFEST_VERSION);
	json_str(&j, "program", "ostfs " OST_VERSION);
	json_raw(&j, "rendering", "%d", MAIL_RENDERING);
	json_str(&j, "store", name);
	json_raw(&j, "size", "%" PRIu64, info->size);
	if (sha != NULL)
		put_sha(&j, sha);
	json_str(&j, "reader", store_reader(tree_store(t)));
	json_bool(&j, "healed",
		  info->healing.header || info->healing.pages > 0);
	json_str(&j, "root", shape->whole_store ? "store" : "mailbox");
	json_str(&j, "attachments", attachments[shape->attachments]);
	json_str(&j, "items", items[shape->items]);
	if (shape->maildir)
		json_str(&j, "layout", "maildir");
	json_str(&j, "types", mail_types());
	json_bool(&j, "search_folders", shape->search_folders);
	json_bool(&j, "hidden", shape->hidden);
	json_bool(&j, "addrmap", shape->addrmap != NULL);
	if (x != NULL) {
		json_str(&j, "format", x->format);
		json_str(&j, "filters", x->filters);
		json_str(&j, "record_key", x->record_key);
	}
	json_object_end(&j);
	json_finish(&j);
}

void manifest_put_totals(struct buf *out, const struct manifest_totals *n,
			 const struct sha *sha)
{
	struct json j = { .to = out };

	json_object_flat(&j, NULL);
	json_str(&j, "kind", "totals");
	json_raw(&j, "directories", "%" PRIu64, n->directories);
	json_raw(&j, "files", "%" PRIu64, n->files);
	json_raw(&j, "bytes", "%" PRIu64, n->bytes);
	json_raw(&j, "unreadable", "%" PRIu64, n->unreadable);
	put_sha(&j, sha);
	json_object_end(&j);
	json_finish(&j);
}

/* A directory that cannot be listed has a second line, which says so. */
void manifest_count(struct manifest_totals *n, const struct manifest_entry *e)
{
	if (e->error != NULL)
		n->unreadable++;
	if (e->kind == MANIFEST_FILE && e->is_part) {
		; /* its parts are counted */
	} else if (!manifest_is_dir(e)) {
		n->files++;
		n->bytes += e->size;
	} else if (e->error == NULL) {
		n->directories++;
	}
}
