/*
 * attach.c - what an attachment is, and the texts that stand for one that is
 * not there [MS-OXCMSG] 2.2.2
 */
#include "mail/attach/attach.h"

#include <inttypes.h>
#include <stdlib.h>

#include "bytes/seen.h"
#include "bytes/text.h"
#include "mail/text/chars.h"
#include "store/limits.h"

/*
 * The size an attachment declares counts its other properties too, so a real
 * empty file declares a little. Above this it must have had data.
 */
enum {
	EMPTY_MAX = 32 << 10,
	HAS_ATTACHMENTS = 0x10, /* in the flags, [MS-OXCMSG] 2.2.1.6 */
};

/* In place of a method when there is none. */
#define NO_METHOD UINT32_MAX

static bool is_reference(const struct attach *a)
{
	return (a->method >= MAPI_ATTACH_BY_REFERENCE &&
		a->method <= MAPI_ATTACH_BY_REFERENCE_ONLY) ||
	       a->method == MAPI_ATTACH_WEB_REFERENCE;
}

/*
 * What kind it is
 */

/* What cannot be read is not there either, but once was. */
static enum ost_status not_there(struct attach *a, enum ost_status st)
{
	if (st == OST_OK || ost_is_internal_or_transient(st))
		return st;
	a->damaged |= st != OST_NOT_FOUND;
	return OST_NOT_FOUND;
}

/* OST_OK with `data` set when its bytes are there; else OST_NOT_FOUND. */
static enum ost_status find_data(struct attach *a, struct ost_error *err)
{
	struct store_prop p;
	enum ost_status st = store_find(a->object, MAPI_ATTACH_DATA, &p, err);

	if (st == OST_OK && p.type != MAPI_BINARY && p.type != MAPI_OBJECT)
		st = ost_fail(err, OST_NOT_FOUND, "data of type %#06x", p.type);
	if (st == OST_OK && a->method == MAPI_ATTACH_EMBEDDED &&
	    p.type != MAPI_BINARY)
		st = ost_fail(err, OST_NOT_FOUND, "a message, not data");

	/* No size: it is empty, or its size cannot be known. */
	if (st == OST_OK && p.size == 0)
		st = store_read(a->object, &p, 0, (uint8_t[1]){ 0 }, 0, err);
	if (st == OST_OK && p.size == 0 &&
	    (a->declared > EMPTY_MAX || p.type == MAPI_OBJECT ||
	     is_reference(a) || a->method == MAPI_ATTACH_NONE))
		st = ost_fail(err, OST_NOT_FOUND, "no data");
	if (st == OST_OK)
		a->data = p;
	return not_there(a, st);
}

/* OST_OK with `*out` the message in it; else OST_NOT_FOUND. */
static enum ost_status find_message(struct attach *a, struct store_object **out,
				    struct ost_error *err)
{
	struct store_prop p;
	enum ost_status st = store_find(a->object, MAPI_ATTACH_DATA, &p, err);

	*out = NULL;
	if (st == OST_OK && p.type != MAPI_OBJECT)
		st = ost_fail(err, OST_NOT_FOUND, "no object");
	if (st == OST_OK)
		st = store_child(a->object, STORE_MESSAGES, 0, out, err);
	return not_there(a, st);
}

static enum ost_status find_path(struct attach *a, struct ost_error *err)
{
	const uint16_t ids[] = { MAPI_ATTACH_LONG_PATHNAME,
				 MAPI_ATTACH_PATHNAME };

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		const enum ost_status st =
			store_text(a->object, ids[i], &a->path, NULL, err);

		if (ost_is_internal_or_transient(st))
			return st;
		if (a->path.len > 0)
			return OST_OK;
	}
	return OST_NOT_FOUND;
}

/*
 * Decide by what is there, the method only telling what to try first: with a
 * damaged or unheard-of method nothing is lost. `*message` is owned.
 */
static enum ost_status find_kind(struct attach *a,
				 struct store_object **message,
				 struct ost_error *err)
{
	const bool message_first = a->method == MAPI_ATTACH_EMBEDDED;
	enum ost_status st = OST_NOT_FOUND;

	a->kind = MAIL_MESSAGE;
	if (message_first)
		st = find_message(a, message, err);
	if (st == OST_NOT_FOUND) {
		a->kind = MAIL_FILE;
		st = find_data(a, err);
	}
	if (st == OST_NOT_FOUND && !message_first &&
	    a->method != MAPI_ATTACH_OLE) {
		a->kind = MAIL_MESSAGE;
		st = find_message(a, message, err);
	}
	if (st == OST_NOT_FOUND) {
		a->kind = MAIL_LINK;
		st = find_path(a, err);
	}
	if (st == OST_NOT_FOUND) {
		a->kind = MAIL_MISSING;
		st = OST_OK;
	}
	return st;
}

static void note_kind(const struct attach *a, struct notes *notes)
{
	if (a->damaged && (a->kind == MAIL_MISSING || a->kind == MAIL_LINK))
		note_add(notes, NOTE_ATTACH_CORRUPT);
	else if (a->method == MAPI_ATTACH_NONE)
		note_add(notes, NOTE_ATTACH_EMPTY);
	else if (a->kind == MAIL_MISSING)
		note_add(notes, NOTE_ATTACH_MISSING);
	if (a->kind == MAIL_LINK)
		note_add(notes, NOTE_ATTACH_REFERENCE);
}

static enum ost_status set_type(struct attach *a, struct ost_error *err)
{
	switch (a->kind) {
	case MAIL_FILE:
		return attach_set_type(a, err);
	case MAIL_MESSAGE:
		buf_str(&a->type, form_type(a->form));
		break;
	case MAIL_LINK:
		buf_str(&a->type, "application/internet-shortcut");
		break;
	case MAIL_MISSING:
		buf_str(&a->type, "text/plain");
		break;
	}
	return OST_OK;
}

static enum ost_status describe(struct attach *a, struct notes *notes,
				struct ost_error *err)
{
	struct store_object *message = NULL;
	enum ost_status st;

	a->nid = a->object->id.nid;
	a->damaged = a->object->lost;
	a->method = (uint32_t)store_number(a->object, MAPI_ATTACH_METHOD,
					   NO_METHOD);
	a->declared = store_number(a->object, MAPI_ATTACH_SIZE, 0);
	a->position = (uint32_t)store_number(a->object, MAPI_RENDERING_POSITION,
					     ATTACH_NO_POSITION);
	a->hidden = store_number(a->object, MAPI_ATTACHMENT_HIDDEN, 0) != 0;
	st = find_kind(a, &message, err);
	if (st != OST_OK)
		goto out;
	note_kind(a, notes);
	if (message != NULL)
		a->form = form_of(message);
	attach_set_name(a, message, notes);
	st = set_type(a, err);
	attach_end_name(a, form_suffix(a->form));
out:
	store_drop(message);
	return st;
}

enum ost_status attach_open(struct attach *out, struct store_object *item,
			    size_t index, struct notes *notes,
			    struct ost_error *err)
{
	struct attach a = { .index = index, .position = ATTACH_NO_POSITION };
	enum ost_status st;

	*out = a;
	st = store_child(item, STORE_ATTACHMENTS, index, &a.object, err);
	if (st == OST_NOT_FOUND || ost_is_internal_or_transient(st))
		return st;
	if (st == OST_OK) {
		st = describe(&a, notes, err);
	} else {
		note_add(notes, NOTE_ATTACH_CORRUPT);
		a.kind = MAIL_MISSING;
		attach_set_name(&a, NULL, notes);
		attach_end_name(&a, "");
		st = set_type(&a, err);
	}
	if (st == OST_OK &&
	    (a.name.bad || a.type.bad || a.tag.bad || a.path.bad || a.text.bad))
		st = ost_no_memory(err);
	if (st == OST_OK)
		*out = a;
	else
		attach_close(&a);
	return st;
}

void attach_close(struct attach *a)
{
	store_drop(a->object);
	buf_free(&a->name);
	buf_free(&a->type);
	buf_free(&a->tag);
	buf_free(&a->path);
	buf_free(&a->text);
	buf_free(&a->bytes);
	*a = (struct attach){ 0 };
}

void attach_as(struct attach *a, enum form form)
{
	if (a->kind != MAIL_MESSAGE || a->form == form)
		return;
	buf_cut(&a->name, a->name.len - strlen(form_suffix(a->form)));
	a->form = form;
	buf_str(&a->name, form_suffix(a->form));
	buf_cut(&a->type, 0);
	buf_str(&a->type, form_type(a->form));
}

enum ost_status attach_message(const struct attach *a,
			       struct store_object **out, struct ost_error *err)
{
	*out = NULL;
	if (a->kind != MAIL_MESSAGE || a->object == NULL)
		return ost_fail(err, OST_NOT_FOUND,
				"attachment %#x: no message", a->nid);
	return store_child(a->object, STORE_MESSAGES, 0, out, err);
}

void attach_content_id(const struct attach *a, struct buf *out)
{
	struct buf raw = { 0 };
	struct ost_error err;
	struct span id;

	if (a->object != NULL && store_text(a->object, MAPI_ATTACH_CONTENT_ID,
					    &raw, NULL, &err) == OST_OK) {
		id = chars_trim(buf_span(&raw));
		if (id.len > 0 && id.at[0] == '<')
			id = chars_from(id, 1);
		if (id.len > 0 && id.at[id.len - 1] == '>')
			id.len--;
		buf_add(out, id.at, id.len);
	}
	buf_free(&raw);
}

void attach_place_id(const struct attach *a, struct buf *out)
{
	const size_t before = out->len;

	attach_content_id(a, out);
	if (out->len == before)
		buf_printf(out, "attachment-%zu@rtf.ost.invalid", a->index + 1);
}

/*
 * All of them
 */

enum ost_status attach_list_add(struct attach_list *list, struct attach *a,
				struct ost_error *err)
{
	if (list->count == list->cap) {
		const size_t cap = list->cap == 0 ? 4 : list->cap * 2;
		void *at = realloc(list->all, cap * sizeof(*list->all));

		if (at == NULL) {
			attach_close(a);
			return ost_no_memory(err);
		}
		list->all = at;
		list->cap = cap;
	}
	list->all[list->count++] = *a;
	return OST_OK;
}

/*
 * Does the table of attachments have an end? One that cannot be read at all
 * answers the same at any index, and is shown as one missing attachment.
 */
static bool has_end(struct store_object *item)
{
	struct store_object *none = NULL;
	struct ost_error err;
	const enum ost_status st =
		store_child(item, STORE_ATTACHMENTS, UINT32_MAX, &none, &err);

	store_drop(none);
	return st == OST_NOT_FOUND;
}

/* Two rows that lead to one attachment: another's row is damaged. */
static enum ost_status note_twice(struct seen_set *seen, uint32_t nid,
				  struct notes *notes, struct ost_error *err)
{
	if (nid != 0 && !seen_add(seen, nid) && !seen->bad)
		note_add(notes, NOTE_ATTACH_CORRUPT);
	return seen->bad ? ost_no_memory(err) : OST_OK;
}

/*
 * It says that it has some, and none is there: what led to them is lost, but
 * for a cache, into which they may never have come.
 */
static void note_absent(struct store_object *item, struct notes *notes)
{
	if ((store_number(item, MAPI_MESSAGE_FLAGS, 0) & HAS_ATTACHMENTS) != 0)
		note_add(notes,
			 strcmp(store_info(item->store)->kind, "ost") == 0
				 ? NOTE_ATTACH_MISSING
				 : NOTE_ATTACH_CORRUPT);
}

enum ost_status attach_list_open(struct attach_list *out,
				 struct store_object *item, struct notes *notes,
				 struct ost_error *err)
{
	struct attach_list list = { 0 };
	struct seen_set seen = { 0 };
	enum ost_status st = OST_OK;
	bool checked = false;

	*out = list;
	for (size_t i = 0; st == OST_OK && i <= LIMIT_ATTACHMENTS; i++) {
		struct attach a;

		st = attach_open(&a, item, i, notes, err);
		if (st != OST_OK)
			break;
		if (i == LIMIT_ATTACHMENTS) {
			note_add(notes, NOTE_ATTACH_CORRUPT);
			attach_close(&a);
			break;
		}
		if (i >= LIMIT_AWAKE)
			store_rest(a.object);
		const bool lost = a.object == NULL;
		const uint32_t nid = a.nid;

		st = attach_list_add(&list, &a, err);
		if (st == OST_OK)
			st = note_twice(&seen, nid, notes, err);
		if (lost && !checked && !has_end(item))
			break;
		checked = checked || lost;
	}
	seen_free(&seen);
	if (st == OST_NOT_FOUND && list.count == 0)
		note_absent(item, notes);
	if (st == OST_NOT_FOUND)
		st = OST_OK;
	if (st == OST_OK)
		*out = list;
	else
		attach_list_close(&list);
	return st;
}

void attach_list_close(struct attach_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		attach_close(&list->all[i]);
	free(list->all);
	*list = (struct attach_list){ 0 };
}

/*
 * Texts that stand for attachments
 */

/* Does `path` start with a URL scheme? One letter is a drive. */
static bool is_url(struct span path)
{
	size_t i = 0;

	while (i < path.len &&
	       ((path.at[i] | 0x20) >= 'a' && (path.at[i] | 0x20) <= 'z'))
		i++;
	return i > 1 && i < path.len && path.at[i] == ':';
}

void attach_link(const struct attach *a, struct buf *out)
{
	const struct span path = buf_span(&a->path);
	const bool url = is_url(path);
	size_t i = 0;

	buf_str(out, "[InternetShortcut]\r\nURL=");
	if (!url) {
		/* \\server\share is file://server/share; C:\x file:///C:/x */
		const bool unc = path.len > 1 && path.at[0] == '\\' &&
				 path.at[1] == '\\';

		buf_str(out, unc ? "file://" : "file:///");
		i = unc ? 2 : 0;
	}
	for (; i < path.len; i++) {
		const uint8_t c = path.at[i];

		if (!url && c == '\\')
			buf_byte(out, '/');
		else if (c <= ' ' || c >= 0x7F || c == '"' || c == '<' ||
			 c == '>' || (!url && (c == '%' || c == '#')))
			buf_printf(out, "%%%02X", c);
		else
			buf_byte(out, (char)c);
	}
	buf_str(out, "\r\n");
}

/* The name without the ending that its kind was given. */
static int plain_len(const struct attach *a)
{
	static const char missing[] = ".MISSING.txt";
	const size_t cut = a->kind == MAIL_MISSING ? sizeof(missing) - 1 : 0;

	return (int)(a->name.len - cut);
}

void attach_missing(const struct attach *a, struct buf *out)
{
	buf_printf(out, "The attachment \"%.*s\"", plain_len(a),
		   buf_text(&a->name));
	if (a->object == NULL || a->damaged)
		buf_str(out, " is listed in the store, but cannot be read.");
	else if (a->method == MAPI_ATTACH_NONE)
		buf_str(out, " is listed in the store, but was never given "
			     "any data.");
	else
		buf_str(out, " is listed in the store, but its data is not "
			     "there.");
	buf_str(out, "\r\n");
	if (a->declared > 0)
		buf_printf(out, "Size it is said to have: %" PRIu64 " %s\r\n",
			   a->declared,
			   text_plural(a->declared, "byte", "bytes"));
	if (a->nid != 0)
		buf_printf(out, "Number in its message: %" PRIx32 "\r\n",
			   a->nid);
}

void attach_beside(const struct attach *a, struct buf *out)
{
	buf_printf(out, "The attachment \"%s\" is not in this file.\r\n",
		   buf_text(&a->name));
	buf_str(out, "It lies in the directory beside it, which has the name "
		     "of this file with\r\n\".attachments\" in place of "
		     "\".eml\".\r\n");
	buf_printf(out, "Type: %s\r\n", buf_text(&a->type));
	if (a->kind == MAIL_FILE)
		buf_printf(out, "Size: %" PRIu64 " %s\r\n", a->data.size,
			   text_plural(a->data.size, "byte", "bytes"));
	buf_printf(out, "Number in its message: %" PRIx32 "\r\n", a->nid);
}

/*
 * What a row says of them. It may say it twice, and one column is enough: the
 * other may be damaged. False: it does not say.
 */
static bool row_says(struct store_object *row, bool *has)
{
	const uint64_t flags =
		store_number(row, MAPI_MESSAGE_FLAGS, UINT64_MAX);

	*has = (flags != UINT64_MAX && (flags & HAS_ATTACHMENTS) != 0) ||
	       store_number(row, MAPI_HAS_ATTACHMENTS, 0) != 0;
	return *has || flags != UINT64_MAX;
}

bool mail_has_attachments(struct store_object *item)
{
	struct store_object *first = NULL, *message = NULL;
	struct ost_error err;
	enum ost_status st;
	bool has;

	/* A row knows, and asking the message would read it. */
	if (item->id.folder != 0 && row_says(item, &has))
		return has;
	if (item->id.folder != 0) {
		if (store_get(item->store, (struct store_id){ item->id.nid, 0 },
			      &message, &err) != OST_OK)
			return false;
		item = message;
	}
	st = store_child(item, STORE_ATTACHMENTS, 0, &first, &err);
	store_drop(first);
	store_drop(message);
	return st != OST_NOT_FOUND;
}

bool mail_denies_attachments(struct store_object *row,
			     struct store_object *message)
{
	enum ost_status st = OST_OK;
	bool shown = false;

	if (mail_has_attachments(row))
		return false;
	for (size_t i = 0; i < LIMIT_ATTACHMENTS && !shown; i++) {
		struct store_object *a = NULL;
		struct ost_error err;

		st = store_child(message, STORE_ATTACHMENTS, i, &a, &err);
		if (st == OST_NOT_FOUND)
			break;
		shown = st != OST_OK ||
			store_number(a, MAPI_ATTACHMENT_HIDDEN, 0) == 0;
		store_drop(a);
	}
	return shown;
}
