#include "mail/attach/tnef.h"

#include "bytes/text.h"
#include "mail/rtf/lzfu.h"
#include "mail/text/chars.h"
#include "store/mapi.h"

enum {
	SIGNATURE = 0x223E9F78,
	LEVEL_MESSAGE = 1,
	LEVEL_ATTACHMENT = 2,
	FILES_MAX = 1000,
	DEPTH_MAX = 10,
	VALUES_MAX = 1 << 16, /* of a property with many */
	CP_ANSI = 1252,

	/* Attributes, as ids without their types [MS-OXTNEF] 2.1.3.4 */
	ATTR_TITLE = 0x8010,	  /* attAttachTitle: a file name */
	ATTR_BODY = 0x800C,	  /* attBody */
	ATTR_DATA = 0x800F,	  /* attAttachData */
	ATTR_BEGIN = 0x9002,	  /* attAttachRenddata: the next one */
	ATTR_MESSAGE = 0x9003,	  /* attMAPIProps */
	ATTR_ATTACHMENT = 0x9005, /* attAttachment: properties */
	ATTR_CODEPAGE = 0x9007,	  /* attOemCodepage */

	PROP_RTF = 0x1009,
	MULTIPLE = 0x1000, /* flag of a property's type */
};

/* An attachment, or a body, while it is put together. On loan. */
struct piece {
	bool any;
	struct span title; /* 8-bit */
	struct span data, object;
	struct span name, mime; /* properties, and their types */
	uint16_t name_type, mime_type;
};

struct tnef {
	tnef_taker *take;
	void *arg;
	struct ost_error *err;
	unsigned codepage;
	unsigned files;
	unsigned depth;
	struct piece attachment;
	struct span text, html, rtf; /* of the body */
	uint16_t text_type;
	bool damaged;
};

bool tnef_is(struct span head)
{
	struct cursor c = cur_at(head, 0);

	return cur_u32(&c) == SIGNATURE && cur_ok(&c);
}

/*
 * Properties [MS-OXTNEF] 2.1.3.5.1
 */

struct prop {
	uint16_t id, type;
	struct span value; /* the first, if there are many */
};

/* Bytes of a value of a fixed size; 0: its size stands before it. */
static unsigned size_of(uint16_t type)
{
	switch (type & ~MULTIPLE) {
	case 0x0002: /* of 2 bytes, on 4 */
	case 0x0003:
	case 0x0004:
	case 0x000A:
	case 0x000B:
		return 4;
	case 0x0005:
	case 0x0006:
	case 0x0007:
	case 0x0014:
	case 0x0040:
		return 8;
	case 0x0048:
		return 16;
	default:
		return 0;
	}
}

static struct span cur_padded(struct cursor *c, uint32_t size)
{
	const struct span s = cur_span(c, size);

	(void)cur_span(c, (4 - size % 4) % 4);
	return s;
}

/* The name of a named property is of no use here. */
static void skip_name(struct cursor *c)
{
	enum { BY_NUMBER = 0 };

	(void)cur_span(c, 16);
	if (cur_u32(c) == BY_NUMBER)
		(void)cur_u32(c);
	else
		(void)cur_padded(c, cur_u32(c));
}

static bool next_prop(struct cursor *c, struct prop *out)
{
	uint32_t count = 1;

	out->type = cur_u16(c);
	out->id = cur_u16(c);
	if (out->id >= 0x8000)
		skip_name(c);
	const unsigned size = size_of(out->type);
	if (size == 0 || (out->type & MULTIPLE))
		count = cur_u32(c);
	out->value = span_of(NULL, 0);
	for (uint32_t i = 0; cur_ok(c) && i < count && i < VALUES_MAX; i++) {
		const uint32_t len = size != 0 ? size : cur_u32(c);
		const struct span value = cur_padded(c, len);

		if (i == 0)
			out->value = value;
	}
	return cur_ok(c) && count <= VALUES_MAX;
}

static void take_attachment_prop(struct tnef *t, const struct prop *p)
{
	struct piece *a = &t->attachment;

	switch (p->id) {
	case MAPI_ATTACH_DATA:
		a->object = p->value;
		break;
	case MAPI_ATTACH_LONG_FILENAME:
		a->name = p->value;
		a->name_type = p->type;
		break;
	case MAPI_ATTACH_MIME_TAG:
		a->mime = p->value;
		a->mime_type = p->type;
		break;
	}
}

static void take_message_prop(struct tnef *t, const struct prop *p)
{
	switch (p->id) {
	case MAPI_BODY:
		t->text = p->value;
		t->text_type = p->type;
		break;
	case MAPI_HTML:
		t->html = p->value;
		break;
	case PROP_RTF:
		t->rtf = p->value;
		break;
	}
}

static void read_props(struct tnef *t, struct span all, bool attachment)
{
	struct cursor c = cur_at(all, 0);
	const uint32_t count = cur_u32(&c);
	struct prop p;

	for (uint32_t i = 0; i < count; i++) {
		if (!next_prop(&c, &p)) {
			t->damaged = true;
			return;
		}
		if (attachment)
			take_attachment_prop(t, &p);
		else
			take_message_prop(t, &p);
	}
}

/*
 * Files
 */

static void put_string(const struct tnef *t, struct span s, uint16_t type,
		       struct buf *out)
{
	struct buf text = { 0 };

	if (type == MAPI_UNICODE)
		(void)text_utf16(&text, s);
	else
		(void)text_codepage(&text, t->codepage, s);
	buf_add(out, text.at, chars_find(buf_span(&text), 0));
	out->bad = out->bad || text.bad;
	buf_free(&text);
}

static enum ost_status tell(struct tnef *t, struct tnef_file *f)
{
	enum ost_status st = OST_OK;

	if (t->files == FILES_MAX)
		st = ost_fail(t->err, OST_LIMIT, "more than %d files",
			      FILES_MAX);
	else if (f->name.bad || f->type.bad)
		st = ost_no_memory(t->err);
	else
		st = t->take(t->arg, f, t->err);
	t->files++;
	buf_free(&f->name);
	buf_free(&f->type);
	return st;
}

static enum ost_status read_all(struct tnef *t, struct span all);

/* What an object is: a message, which is TNEF again, or a file. */
static enum ost_status tell_object(struct tnef *t, struct tnef_file *f,
				   struct span object)
{
	enum { INTERFACE = 16 };
	const struct span inner = chars_from(object, INTERFACE);
	struct tnef nested = { .take = t->take,
			       .arg = t->arg,
			       .err = t->err,
			       .codepage = t->codepage,
			       .files = t->files,
			       .depth = t->depth + 1 };
	enum ost_status st;

	if (!tnef_is(inner)) {
		f->bytes = inner;
		return tell(t, f);
	}
	buf_free(&f->name);
	buf_free(&f->type);
	if (nested.depth > DEPTH_MAX)
		return ost_fail(t->err, OST_LIMIT,
				"messages in one another, more than %d",
				DEPTH_MAX);
	st = read_all(&nested, inner);
	t->files = nested.files;
	t->damaged = t->damaged || nested.damaged;
	return st;
}

/* The attachment that is over. */
static enum ost_status end_attachment(struct tnef *t)
{
	const struct piece a = t->attachment;
	struct tnef_file f = { .bytes = a.data };

	t->attachment = (struct piece){ 0 };
	if (!a.any)
		return OST_OK;
	if (a.name.len > 0)
		put_string(t, a.name, a.name_type, &f.name);
	if (f.name.len == 0 && a.title.len > 0)
		put_string(t, a.title, MAPI_STRING8, &f.name);
	if (a.mime.len > 0)
		put_string(t, a.mime, a.mime_type, &f.type);
	return a.object.len > 0 && a.data.len == 0
		       ? tell_object(t, &f, a.object)
		       : tell(t, &f);
}

static enum ost_status tell_body(struct tnef *t, const char *name,
				 const char *type, struct span bytes)
{
	struct tnef_file f = { .bytes = bytes };

	if (bytes.len == 0)
		return OST_OK;
	buf_str(&f.name, name);
	buf_str(&f.type, type);
	return tell(t, &f);
}

/* The body: as HTML, else as RTF; and as text, which stands for both. */
static enum ost_status end_body(struct tnef *t)
{
	struct buf text = { 0 };
	enum ost_status st;

	put_string(t, t->text, t->text_type, &text);
	st = tell_body(t, "message.txt", "text/plain", buf_span(&text));
	buf_free(&text);
	if (st == OST_OK && t->html.len > 0)
		return tell_body(t, "message.html", "text/html", t->html);
	if (st == OST_OK && t->rtf.len > 0) {
		struct notes notes = { 0 };
		struct buf rtf = { 0 };

		if (lzfu_decode(t->rtf, &rtf, &notes, t->err) != OST_OK ||
		    notes.set != 0)
			t->damaged = true;
		st = tell_body(t, "message.rtf", "application/rtf",
			       buf_span(&rtf));
		buf_free(&rtf);
	}
	return st;
}

/*
 * Attributes
 */

static enum ost_status take_attribute(struct tnef *t, uint16_t id,
				      struct span value)
{
	struct cursor c = cur_at(value, 0);
	enum ost_status st = OST_OK;

	switch (id) {
	case ATTR_CODEPAGE:
		t->codepage = cur_u32(&c);
		break;
	case ATTR_BODY:
		if (t->text.len == 0) {
			t->text = value;
			t->text_type = MAPI_STRING8;
		}
		break;
	case ATTR_MESSAGE:
		read_props(t, value, false);
		break;
	case ATTR_BEGIN:
		st = end_attachment(t);
		t->attachment.any = true;
		break;
	case ATTR_TITLE:
		t->attachment.title = value;
		break;
	case ATTR_DATA:
		t->attachment.data = value;
		t->attachment.any = true;
		break;
	case ATTR_ATTACHMENT:
		read_props(t, value, true);
		t->attachment.any = true;
		break;
	}
	return st;
}

static bool sum_is(struct span value, uint16_t sum)
{
	uint16_t all = 0;

	for (size_t i = 0; i < value.len; i++)
		all = (uint16_t)(all + value.at[i]);
	return all == sum;
}

static enum ost_status read_all(struct tnef *t, struct span all)
{
	struct cursor c = cur_at(all, 6); /* after signature and key */
	enum ost_status st = OST_OK;

	while (st == OST_OK && c.rest.len > 0) {
		const uint8_t level = cur_u8(&c);
		const uint16_t id = cur_u16(&c);

		(void)cur_u16(&c); /* its type */
		const uint32_t size = cur_u32(&c);
		const struct span value = cur_span(&c, size);
		const uint16_t sum = cur_u16(&c);
		if (!cur_ok(&c) ||
		    (level != LEVEL_MESSAGE && level != LEVEL_ATTACHMENT)) {
			t->damaged = true;
			break;
		}
		t->damaged = t->damaged || !sum_is(value, sum);
		st = take_attribute(t, id, value);
	}
	if (st == OST_OK)
		st = end_attachment(t);
	return st == OST_OK ? end_body(t) : st;
}

enum ost_status tnef_each(struct span all, tnef_taker *take, void *arg,
			  struct ost_error *err)
{
	struct tnef t = {
		.take = take, .arg = arg, .err = err, .codepage = CP_ANSI
	};
	enum ost_status st;

	if (!tnef_is(all))
		return ost_fail(err, OST_CORRUPT, "no TNEF");
	st = read_all(&t, all);
	if (st == OST_OK && t.damaged)
		st = ost_fail(err, OST_CORRUPT, "the TNEF is damaged");
	return st;
}
