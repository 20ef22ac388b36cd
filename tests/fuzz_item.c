/*
 * fuzz_item.c - an item of any class, with any bytes in any property
 *
 * The first byte says the class. Then follow properties: whose it is, which
 * it is, its length in two bytes and its value. What was promised must hold:
 * there is a file, of the size that was said, whatever the store says; and so
 * there is for each of its attachments.
 */
#include <stdlib.h>

#include "fake.h"
#include "mail/mail.h"
#include "mail/text/value.h"

static const char *const classes[] = {
	"IPM.Note",
	"IPM.Contact",
	"IPM.DistList",
	"IPM.Appointment",
	"IPM.Task",
	"IPM.TaskRequest",
	"IPM.Activity",
	"IPM.StickyNote",
	"IPM.Post.Rss",
	"IPM.Schedule.Meeting.Request",
	"IPM.Schedule.Meeting.Resp.Tent",
	"REPORT.IPM.Note.NDR",
	"REPORT.IPM.Note.IPNRN",
	"IPM.Note.SMIME",
	"IPM.Note.SMIME.MultipartSigned",
};

static const struct {
	uint16_t id, type;
} props[] = {
	{ MAPI_SUBJECT, MAPI_UNICODE },
	{ MAPI_BODY, MAPI_UNICODE },
	{ MAPI_BODY, MAPI_STRING8 },
	{ MAPI_HTML, MAPI_BINARY },
	{ MAPI_RTF_COMPRESSED, MAPI_BINARY },
	{ MAPI_NATIVE_BODY, MAPI_INTEGER32 },
	{ MAPI_INTERNET_CODEPAGE, MAPI_INTEGER32 },
	{ MAPI_MIME_SKELETON, MAPI_BINARY },
	{ MAPI_BODY_CONTENT_ID, MAPI_UNICODE },
	{ MAPI_TRANSPORT_MESSAGE_HEADERS, MAPI_STRING8 },
	{ MAPI_SENDER_ENTRYID, MAPI_BINARY },
	{ MAPI_REPLY_RECIPIENT_ENTRIES, MAPI_BINARY },
	{ MAPI_CLIENT_SUBMIT_TIME, MAPI_TIME },
	{ MAPI_DISPLAY_NAME, MAPI_UNICODE },
	{ MAPI_EMAIL_ADDRESS, MAPI_UNICODE },
	{ MAPI_ENTRYID, MAPI_BINARY },
	{ MAPI_RECIPIENT_TYPE, MAPI_INTEGER32 },
	{ MAPI_ATTACH_METHOD, MAPI_INTEGER32 },
	{ MAPI_ATTACH_DATA, MAPI_BINARY },
	{ MAPI_ATTACH_DATA, MAPI_OBJECT },
	{ MAPI_ATTACH_LONG_FILENAME, MAPI_UNICODE },
	{ MAPI_ATTACH_MIME_TAG, MAPI_UNICODE },
	{ MAPI_ATTACH_CONTENT_ID, MAPI_UNICODE },
	{ MAPI_ATTACH_LONG_PATHNAME, MAPI_UNICODE },
};

static const struct {
	enum value_set set;
	uint32_t lid;
	uint16_t type;
} named[] = {
	{ SET_ADDRESS, 0x8054, MAPI_MULTIPLE | MAPI_BINARY },
	{ SET_ADDRESS, 0x8055, MAPI_MULTIPLE | MAPI_BINARY },
	{ SET_ADDRESS, 0x8064, MAPI_BINARY },
	{ SET_ADDRESS, 0x8083, MAPI_UNICODE },
	{ SET_ADDRESS, 0x8085, MAPI_BINARY },
	{ SET_ADDRESS, 0x80DE, MAPI_TIME },
	{ SET_APPOINTMENT, 0x820D, MAPI_TIME },
	{ SET_APPOINTMENT, 0x8215, MAPI_BOOLEAN },
	{ SET_APPOINTMENT, 0x8216, MAPI_BINARY },
	{ SET_APPOINTMENT, 0x8233, MAPI_BINARY },
	{ SET_APPOINTMENT, 0x825E, MAPI_BINARY },
	{ SET_APPOINTMENT, 0x827A, MAPI_BINARY },
	{ SET_MEETING, 0x0003, MAPI_BINARY },
	{ SET_TASK, 0x8102, MAPI_FLOATING64 },
	{ SET_TASK, 0x8116, MAPI_BINARY },
	{ SET_POST_RSS, 0x8905, MAPI_UNICODE },
	{ SET_NOTE, 0x8B00, MAPI_INTEGER32 },
};

enum {
	CLASSES = sizeof(classes) / sizeof(classes[0]),
	PROPS = sizeof(props) / sizeof(props[0]),
	NAMED = sizeof(named) / sizeof(named[0]),
	OBJECTS = 4, /* the item, a row, an attachment, the message in it */
};

static void must(bool that)
{
	if (!that)
		abort();
}

/* Give `o` the property, unless it has it. */
static void add(struct fake *o, uint16_t id, uint16_t type, struct span value)
{
	struct store_object *handle = fake_open(o);
	struct store_prop p;
	struct ost_error err;

	if (store_find(handle, id, &p, &err) == OST_NOT_FOUND)
		fake_bytes(o, id, type, value.at, value.len);
	store_drop(handle);
}

static void fill(struct fake *const objects[OBJECTS], const uint16_t ids[NAMED],
		 struct cursor *in)
{
	while (in->rest.len > 0) {
		struct fake *o = objects[cur_u8(in) % OBJECTS];
		const size_t which = cur_u8(in) % (PROPS + NAMED);
		const uint16_t want = cur_u16(in);
		const struct span value =
			cur_span(in, want < in->rest.len ? want : in->rest.len);

		if (which < PROPS)
			add(o, props[which].id, props[which].type, value);
		else
			add(o, ids[which - PROPS], named[which - PROPS].type,
			    value);
	}
}

static void read_all(struct mail *mail)
{
	struct ost_error err;
	char buf[4096];
	uint64_t off = 0;
	size_t got = 1;

	for (; got > 0; off += got)
		must(mail_read(mail, off, buf, sizeof(buf), &got, &err) ==
		     OST_OK);
	must(off == mail_size(mail));
	mail_free(mail);
}

static void read_item(struct fake *f, const struct mail_options *options)
{
	struct mail_attachments *list = NULL;
	struct mail *mail = NULL;
	struct ost_error err;

	must(mail_plan(&mail, fake_open(f), options, &err) == OST_OK);
	read_all(mail);

	struct store_object *o = fake_open(f);
	must(mail_attachments_open(&list, o, options, &err) == OST_OK);
	for (size_t i = 0; i < mail_attachments_count(list); i++) {
		must(mail_attachment_at(list, i)->name[0] != '\0');
		must(mail_plan_attachment(&mail, o, i, options, &err) ==
		     OST_OK);
		read_all(mail);
	}
	mail_attachments_close(list);
	store_drop(o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct mail_options as[] = {
		{ MAIL_ALL_INSIDE, MAIL_ITEMS_NATIVE },
		{ MAIL_BESIDE, MAIL_ITEMS_EML },
		{ MAIL_ALL_INSIDE, MAIL_ITEMS_TEXT },
	};
	struct cursor in = cur_at(span_of(data, size), 0);
	const uint8_t class = cur_u8(&in);
	struct store *s = fake_store_new();
	struct fake *objects[OBJECTS];
	uint16_t ids[NAMED];

	objects[0] = fake_add(s, 0x200024, 0);
	objects[1] = fake_recipient(objects[0]);
	objects[2] = fake_attachment(objects[0]);
	objects[3] = class & 0x80 ? fake_embedded(objects[2]) : objects[0];
	for (size_t i = 0; i < NAMED; i++)
		ids[i] = fake_name(s, value_guid(named[i].set), named[i].lid,
				   NULL);
	fake_text(objects[0], MAPI_MESSAGE_CLASS, classes[class % CLASSES]);
	fill(objects, ids, &in);
	for (size_t i = 0; i < sizeof(as) / sizeof(as[0]); i++)
		read_item(objects[0], &as[i]);
	store_close(s);
	return 0;
}
