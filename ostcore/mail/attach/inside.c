#include "mail/attach/inside.h"

#include "mail/attach/cms.h"
#include "mail/attach/ole.h"
#include "mail/attach/tnef.h"
#include "mail/rfc822/entity.h"
#include "mail/rfc822/leaves.h"
#include "mail/text/chars.h"

enum {
	DATA_MAX = 16 << 20,
	ALL_MAX = 32 << 20, /* of one message */
	FILES_MAX = 255,    /* of one attachment: see made_nid() */
	DEPTH_MAX = 5,	    /* signed in signed, TNEF in that */
};

/* The attachment that is looked into, and where what is found goes. */
struct inside {
	struct attach_list *list; /* NULL: it is only looked at */
	struct notes *notes;
	size_t index;
	uint32_t nid;
	unsigned files;
	unsigned depth;
	size_t size; /* of all files of the message */
};

/* A number that no attachment has, nor another file in one. */
static uint32_t made_nid(uint32_t nid, unsigned file)
{
	return nid == 0 ? 0 : (nid | MAPI_NID_TYPE) ^ (uint32_t)file << 24;
}

/* What a file without a name is called. */
static void name_by_type(struct attach *out, unsigned file)
{
	const char *extension = type_extension(buf_text(&out->type));
	const bool text = chars_begin(buf_span(&out->type), "text/");

	if (chars_same(buf_span(&out->type), chars_of("text/plain")))
		extension = "txt";
	buf_str(&out->name, text ? "message" : "part");
	if (!text)
		buf_printf(&out->name, "-%u", file + 1);
	buf_printf(&out->name, ".%s", extension != NULL ? extension : "bin");
}

static void type_by_name(struct attach *out)
{
	const char *dot = strrchr(buf_text(&out->name), '.');
	const char *type = dot != NULL ? type_of_extension(dot + 1) : NULL;

	buf_str(&out->type, type != NULL ? type : "application/octet-stream");
}

static enum ost_status put_file(struct inside *in, struct span name,
				struct span type, struct span bytes,
				struct ost_error *err)
{
	struct attach file = { .kind = MAIL_FILE,
			       .made = true,
			       .index = in->index,
			       .position = ATTACH_NO_POSITION,
			       .nid = made_nid(in->nid, in->files) };

	if (in->files == FILES_MAX || bytes.len > ALL_MAX - in->size) {
		note_add(in->notes, NOTE_INSIDE);
		return OST_OK;
	}
	in->size += bytes.len;
	in->files++;
	if (in->list == NULL)
		return OST_OK;
	buf_add(&file.type, type.at, type.len);
	attach_put_name(&file.name, name);
	if (file.name.len == 0)
		name_by_type(&file, in->files - 1);
	if (file.type.len == 0)
		type_by_name(&file);
	buf_add(&file.bytes, bytes.at, bytes.len);
	file.data.size = bytes.len;
	if (file.name.bad || file.type.bad || file.bytes.bad) {
		attach_close(&file);
		return ost_no_memory(err);
	}
	return attach_list_add(in->list, &file, err);
}

/* Damage costs what it hit, and is noted. */
static enum ost_status noted(struct inside *in, enum ost_status st)
{
	if (st == OST_OK || ost_is_internal_or_transient(st))
		return st;
	note_add(in->notes, NOTE_INSIDE);
	return OST_OK;
}

/*
 * Looking into bytes. OST_NOT_FOUND: there are no files in them.
 */

static enum ost_status look(struct inside *in, struct span bytes,
			    struct ost_error *err);

static enum ost_status take_tnef(void *arg, const struct tnef_file *f,
				 struct ost_error *err)
{
	return put_file(arg, buf_span(&f->name), buf_span(&f->type), f->bytes,
			err);
}

static enum ost_status take_leaf(void *arg, const struct leaf *leaf,
				 struct ost_error *err)
{
	struct inside *in = arg;
	struct buf bytes = { 0 };
	enum ost_status st = OST_NOT_FOUND;

	entity_decode(leaf->body, leaf->encoding, &bytes);
	if (bytes.bad)
		st = ost_no_memory(err);
	else if (chars_begin(buf_span(&leaf->type), "application/"))
		st = look(in, buf_span(&bytes), err);
	if (st == OST_NOT_FOUND)
		st = put_file(in, buf_span(&leaf->name), buf_span(&leaf->type),
			      buf_span(&bytes), err);
	buf_free(&bytes);
	return st;
}

static enum ost_status look_signed(struct inside *in, struct span entity,
				   struct ost_error *err)
{
	return noted(in, leaves_each(entity, take_leaf, in, err));
}

static enum ost_status look_opaque(struct inside *in, struct span bytes,
				   struct ost_error *err)
{
	struct buf entity = { 0 };
	enum ost_status st = cms_signed(bytes, &entity, err);

	if (st == OST_CORRUPT) {
		note_add(in->notes, NOTE_INSIDE);
		st = OST_OK;
	}
	if (st == OST_OK)
		st = look_signed(in, buf_span(&entity), err);
	buf_free(&entity);
	return st;
}

/* What is that deep is not looked into; it is beside as it is. */
static enum ost_status too_deep(struct inside *in, struct span bytes)
{
	struct span part;

	if (tnef_is(bytes) || cms_type(bytes) != NULL ||
	    leaves_signed(bytes, &part))
		note_add(in->notes, NOTE_INSIDE);
	return OST_NOT_FOUND;
}

static enum ost_status look(struct inside *in, struct span bytes,
			    struct ost_error *err)
{
	struct span part;
	enum ost_status st = OST_NOT_FOUND;

	in->depth++;
	if (in->depth > DEPTH_MAX)
		st = too_deep(in, bytes);
	else if (tnef_is(bytes))
		st = noted(in, tnef_each(bytes, take_tnef, in, err));
	else if (cms_type(bytes) != NULL)
		st = look_opaque(in, bytes, err);
	else if (leaves_signed(bytes, &part))
		st = look_signed(in, part, err);
	in->depth--;
	return st;
}

/*
 * Attachments
 */

/* Is it said to be of `type`, be that believed or not? */
static bool is_said(const struct attach *a, const char *type)
{
	return chars_begin(buf_span(&a->type), type) ||
	       chars_begin(buf_span(&a->tag), type);
}

/* May there be something in it, by what is said of it? */
static bool is_likely(const struct attach *a)
{
	static const char *const types[] = { "application/pkcs7-mime",
					     "application/x-pkcs7-mime",
					     "multipart/signed",
					     "application/ms-tnef",
					     "application/vnd.ms-tnef" };
	const struct span name = buf_span(&a->name);

	if (a->kind != MAIL_FILE || a->made || a->object == NULL)
		return false;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (is_said(a, types[i]))
			return true;
	return chars_end(name, chars_of(".p7m")) ||
	       chars_same(name, chars_of("winmail.dat"));
}

static enum ost_status look_into(struct inside *in, const struct attach *a,
				 struct ost_error *err)
{
	struct buf bytes = { 0 };
	enum ost_status st;

	if (!is_likely(a))
		return OST_OK;
	in->index = a->index;
	in->nid = a->nid;
	in->files = 0;
	st = store_bytes(a->object, MAPI_ATTACH_DATA, DATA_MAX, &bytes, err);
	if (st == OST_OK)
		st = look(in, buf_span(&bytes), err);
	buf_free(&bytes);
	return st == OST_NOT_FOUND ? OST_OK : noted(in, st);
}

enum ost_status inside_check(const struct attach_list *list,
			     struct notes *notes, struct ost_error *err)
{
	struct inside in = { .notes = notes };
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i < list->count; i++)
		st = look_into(&in, &list->all[i], err);
	return st;
}

enum ost_status inside_add(struct attach_list *list, struct notes *notes,
			   struct ost_error *err)
{
	const size_t stored = list->count;
	struct inside in = { .list = list, .notes = notes };
	enum ost_status st = ole_add(list, notes, err);

	for (size_t i = 0; st == OST_OK && i < stored; i++) {
		/* The list may move while files are added to it. */
		const struct attach a = list->all[i];

		st = look_into(&in, &a, err);
	}
	return st;
}

enum ost_status inside_open(struct attach *out, struct store_object *item,
			    size_t index, struct notes *notes,
			    struct ost_error *err)
{
	struct attach_list list = { 0 };
	enum ost_status st = attach_open(out, item, index, notes, err);

	if (st == OST_OK && ole_is_object(out)) {
		/* How much room there is for its file, those before say. */
		attach_close(out);
		st = OST_NOT_FOUND;
	}
	if (st != OST_NOT_FOUND)
		return st;
	st = attach_list_open(&list, item, notes, err);
	if (st == OST_OK)
		st = inside_add(&list, notes, err);
	if (st == OST_OK && index >= list.count)
		st = ost_fail(err, OST_NOT_FOUND, "no attachment %zu", index);
	if (st == OST_OK) {
		*out = list.all[index];
		list.all[index] = (struct attach){ 0 };
	}
	attach_list_close(&list);
	return st;
}
