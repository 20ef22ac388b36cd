/*
 * ole.c - files in OLE objects
 */
#include "mail/attach/ole.h"

#include "bytes/text.h"
#include "mail/attach/cfb.h"
#include "mail/text/chars.h"

enum {
	STREAM_MAX = 16 << 20,
	ALL_MAX = 32 << 20, /* of one message */
	NAME_MAX = 1024,
};

/* {xxxxxxxx-0000-0000-C000-000000000046}, as stored */
#define OLE_CLASS(a, b, c, d)                                                  \
	{                                                                      \
		d, c, b, a, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46           \
	}

static const struct {
	uint8_t class[16];
	const char *type;
} documents[] = {
	{ OLE_CLASS(0, 2, 0x09, 0x06), "application/msword" },
	{ OLE_CLASS(0, 2, 0x09, 0x00), "application/msword" },
	{ OLE_CLASS(0, 2, 0x08, 0x20), "application/vnd.ms-excel" },
	{ OLE_CLASS(0, 2, 0x08, 0x21), "application/vnd.ms-excel" },
	{ OLE_CLASS(0, 2, 0x08, 0x10), "application/vnd.ms-excel" },
	{ OLE_CLASS(0, 2, 0x08, 0x11), "application/vnd.ms-excel" },
	{ OLE_CLASS(0, 2, 0x1A, 0x13), "application/vnd.visio" },
	{ OLE_CLASS(0, 2, 0x1A, 0x14), "application/vnd.visio" },
	{ { 0x10, 0x8D, 0x81, 0x64, 0x9B, 0x4F, 0xCF, 0x11, 0x86, 0xEA, 0x00,
	    0xAA, 0x00, 0xB9, 0x29, 0xE8 },
	  "application/vnd.ms-powerpoint" },
};

#define COUNT(all) (sizeof(all) / sizeof((all)[0]))

/*
 * The compound file of an attachment
 */

static enum ost_status read_data(void *arg, uint64_t off, void *buf, size_t len,
				 struct ost_error *err)
{
	const struct attach *a = arg;

	return store_read(a->object, &a->data, off, buf, len, err);
}

static struct cfb_source source_of_data(const struct attach *a)
{
	return (struct cfb_source){ .read = read_data,
				    .arg = (void *)(uintptr_t)a,
				    .size = a->data.size };
}

bool ole_is_object(const struct attach *a)
{
	return a->kind == MAIL_FILE && !a->made &&
	       a->method == MAPI_ATTACH_OLE && a->object != NULL;
}

static const char *document_of(const struct cfb *c)
{
	for (size_t i = 0; i < COUNT(documents); i++)
		if (memcmp(documents[i].class, cfb_class(c), 16) == 0)
			return documents[i].type;
	return NULL;
}

const char *ole_document(const struct attach *a)
{
	const struct cfb_source source = source_of_data(a);
	const char *type = NULL;
	struct cfb *c = NULL;
	struct ost_error err;

	if (ole_is_object(a) &&
	    store_met(a->object->store, cfb_open(&c, &source, &err)) == OST_OK)
		type = document_of(c);
	cfb_close(c);
	return type;
}

/*
 * Files in streams. Each takes the bytes of a stream and says, as an
 * attachment, what file they hold; false: none that is known.
 */

static bool begins(struct span s, const char *with, size_t len)
{
	return s.len >= len && memcmp(s.at, with, len) == 0;
}

static bool take(struct attach *out, struct span file, const char *type)
{
	buf_add(&out->bytes, file.at, file.len);
	buf_str(&out->type, type);
	return true;
}

/* Windows metafiles, with or without a placeable header; enhanced ones. */
static bool take_metafile(struct attach *out, struct span s)
{
	static const char signature[] = " EMF"; /* at 40 [MS-EMF] 2.3.4.2 */
	struct span at40;

	if (begins(s, "\xD7\xCD\xC6\x9A", 4) ||
	    begins(s, "\1\0\x09\0\0\3", 6) || begins(s, "\1\0\x09\0\0\1", 6))
		return take(out, s, "image/wmf");
	if (begins(s, "\1\0\0\0", 4) && span_sub(s, 40, 4, &at40) &&
	    memcmp(at40.at, signature, 4) == 0)
		return take(out, s, "image/emf");
	return false;
}

/* A whole file: what static pictures and some programs keep there. */
static bool take_contents(struct attach *out, struct span s)
{
	if (begins(s, "BM", 2))
		return take(out, s, "image/bmp");
	if (begins(s, "%PDF-", 5))
		return take(out, s, "application/pdf");
	return take_metafile(out, s);
}

/* A document of the later kind, which is a zip file. */
static bool take_package(struct attach *out, struct span s)
{
	static const struct {
		const char *part;
		const char *type;
	} kinds[] = {
		{ "word/", "application/vnd.openxmlformats-officedocument."
			   "wordprocessingml.document" },
		{ "xl/", "application/vnd.openxmlformats-officedocument."
			 "spreadsheetml.sheet" },
		{ "ppt/", "application/vnd.openxmlformats-officedocument."
			  "presentationml.presentation" },
	};

	if (!begins(s, "PK\3\4", 4))
		return false;
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (memmem(s.at, s.len, kinds[i].part, strlen(kinds[i].part)))
			return take(out, s, kinds[i].type);
	return take(out, s, "application/zip");
}

/* A string that ends in a NUL. */
static struct span cur_string(struct cursor *c)
{
	const struct span s = cur_span(c, chars_find(c->rest, 0));

	(void)cur_u8(c); /* the NUL, if there is one */
	return s;
}

/* The last part of `path`, which is text of `o` stored as `type`. */
static void put_name(struct attach *out, struct span path,
		     struct store_object *o, uint16_t type)
{
	struct buf name = { 0 };
	size_t from = 0;

	if (path.len <= NAME_MAX)
		store_decode(o, type, path, &name, NULL);
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] == '\\' || name.at[i] == '/')
			from = i + 1;
	attach_put_name(&out->name, chars_from(buf_span(&name), from));
	out->name.bad = out->name.bad || name.bad;
	buf_free(&name);
}

/* Bytes, or characters of two, that their number stands before. */
static struct span cur_counted(struct cursor *c, unsigned width)
{
	return cur_span(c, (uint64_t)cur_u32(c) * width);
}

/*
 * A file that was dragged in: the Packager's own form, which none tells of.
 * Later versions give the names in UTF-16 too, behind the file.
 */
static bool take_packager(struct attach *out, struct span s,
			  struct store_object *o)
{
	enum { EMBEDDED = 2 };
	struct cursor c = cur_at(s, 0);
	const uint16_t kind = cur_u16(&c);
	const struct span label = cur_string(&c);
	const struct span path = cur_string(&c);

	(void)cur_u32(&c);	  /* flags */
	(void)cur_counted(&c, 1); /* where it was for a while */
	const struct span file = cur_counted(&c, 1);
	if (kind != EMBEDDED || !cur_ok(&c))
		return false;
	(void)cur_counted(&c, 2); /* where it was for a while */
	const struct span wide_label = cur_counted(&c, 2);
	const struct span wide_path = cur_counted(&c, 2);
	if (cur_ok(&c))
		put_name(out, wide_path.len > 0 ? wide_path : wide_label, o,
			 MAPI_UNICODE);
	if (out->name.len == 0)
		put_name(out, path.len > 0 ? path : label, o, MAPI_STRING8);

	const char *dot = strrchr(buf_text(&out->name), '.');
	const char *type = dot != NULL ? type_of_extension(dot + 1) : NULL;
	return take(out, file,
		    type != NULL ? type : "application/octet-stream");
}

/* [MS-OLEDS] 2.3.6: the same after its size. */
static bool take_native(struct attach *out, struct span s,
			struct store_object *o)
{
	return take_packager(out, chars_from(s, 4), o);
}

/* An object of OLE 1, which is no compound file [MS-OLEDS] 2.2.5. */
static bool take_old(struct attach *out, struct span s, struct store_object *o)
{
	enum { EMBEDDED = 2 };
	struct cursor c = cur_at(s, 4); /* after a version that may be any */
	const uint32_t format = cur_u32(&c);
	const struct span class = cur_counted(&c, 1);

	(void)cur_counted(&c, 1); /* topic */
	(void)cur_counted(&c, 1); /* item */
	const struct span native = cur_counted(&c, 1);
	if (format != EMBEDDED || !cur_ok(&c))
		return false;
	return chars_begin(class, "Package") ? take_packager(out, native, o)
					     : take_contents(out, native);
}

/* The picture that is shown in its place [MS-OLEDS] 2.3.4. */
static bool take_picture(struct attach *out, struct span s)
{
	struct cursor c = cur_at(s, 0);
	const uint32_t mark = cur_u32(&c);
	const bool named = mark != UINT32_MAX && mark != UINT32_MAX - 1;

	(void)cur_span(&c, named ? mark : mark == 0 ? 0 : 4); /* format */
	const uint32_t device = cur_u32(&c);
	(void)cur_span(&c, device > 4 ? device - 4 : 0);
	(void)cur_span(&c, 4 * 6); /* aspect to height */
	const struct span file = cur_span(&c, cur_u32(&c));

	return cur_ok(&c) && take_metafile(out, file);
}

/*
 * The file in an object
 */

/* A name for a file that brings none: that of the object. */
static void name_as_object(struct attach *out, const struct attach *object)
{
	const struct span name = buf_span(&object->name);
	const char *extension = type_extension(buf_text(&out->type));
	const bool ends = chars_end(name, chars_of(".ole"));

	if (out->name.len > 0)
		return;
	buf_add(&out->name, name.at, name.len - (ends ? 4 : 0));
	buf_printf(&out->name, ".%s", extension != NULL ? extension : "bin");
}

/* OST_NOT_FOUND: there is none. */
static enum ost_status find_file(struct attach *out, struct cfb *c,
				 struct store_object *o, struct ost_error *err)
{
	static const char *const streams[] = { "CONTENTS", "Package",
					       "\1Ole10Native",
					       "\2OlePres000" };
	static const uint8_t metafile[16] = OLE_CLASS(0, 0, 3, 0x15);
	const bool picture = memcmp(cfb_class(c), metafile, 16) == 0;
	bool found = false;

	for (size_t i = 0; !found && i < COUNT(streams); i++) {
		struct buf bytes = { 0 };
		const enum ost_status st =
			cfb_stream(c, streams[i], STREAM_MAX, &bytes, err);
		const struct span s = buf_span(&bytes);

		if (st == OST_OK)
			found = i == 0	 ? take_contents(out, s)
				: i == 1 ? take_package(out, s)
				: i == 2 ? take_native(out, s, o)
					 : picture && take_picture(out, s);
		buf_free(&bytes);
		if (st != OST_OK && st != OST_NOT_FOUND)
			return st;
	}
	return found ? OST_OK : OST_NOT_FOUND;
}

static enum ost_status find_old_file(struct attach *out, const struct attach *a,
				     struct ost_error *err)
{
	struct buf bytes = { 0 };
	const enum ost_status st = store_bytes(a->object, MAPI_ATTACH_DATA,
					       STREAM_MAX, &bytes, err);
	const bool found =
		st == OST_OK && take_old(out, buf_span(&bytes), a->object);

	buf_free(&bytes);
	return found ? OST_OK : st == OST_OK ? OST_NOT_FOUND : st;
}

/*
 * The file in the object `a`; OST_NOT_FOUND when there is none, or none that
 * can be had, which is noted.
 */
static enum ost_status open_file(struct attach *out, const struct attach *a,
				 struct notes *notes, struct ost_error *err)
{
	const struct cfb_source source = source_of_data(a);
	struct cfb *c = NULL;
	enum ost_status st = OST_NOT_FOUND;

	*out = (struct attach){ .kind = MAIL_FILE,
				.made = true,
				.index = a->index,
				.nid = a->nid,
				.position = a->position,
				.hidden = a->hidden };
	if (ole_is_object(a))
		st = cfb_open(&c, &source, err);
	if (st == OST_OK)
		st = document_of(c) != NULL ? OST_NOT_FOUND /* a file itself */
					    : find_file(out, c, a->object, err);
	else if (st == OST_UNSUPPORTED)
		st = find_old_file(out, a, err);
	if (st == OST_OK) {
		name_as_object(out, a);
		out->data.size = out->bytes.len;
		if (out->bytes.bad || out->name.bad || out->type.bad)
			st = ost_no_memory(err);
	}
	cfb_close(c);
	if (st == OST_OK || st == OST_NOT_FOUND ||
	    ost_is_internal_or_transient(st))
		goto out;
	note_add(notes, NOTE_OLE);
	st = OST_NOT_FOUND;
out:
	if (st != OST_OK)
		attach_close(out);
	return st;
}

enum ost_status ole_add(struct attach_list *list, struct notes *notes,
			struct ost_error *err)
{
	size_t size = 0;

	for (size_t i = 0; i < list->count; i++) {
		struct attach file;
		const enum ost_status st =
			open_file(&file, &list->all[i], notes, err);

		if (st == OST_NOT_FOUND)
			continue;
		if (st != OST_OK)
			return st;
		if (file.bytes.len > ALL_MAX - size) {
			note_add(notes, NOTE_OLE);
			attach_close(&file);
			continue;
		}
		size += file.bytes.len;
		attach_close(&list->all[i]);
		list->all[i] = file;
	}
	return OST_OK;
}
