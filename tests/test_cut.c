/*
 * test_cut.c - a mail of which any property ends anywhere
 *
 *	test_cut [DIR]	leaves some of the mails in DIR, for check_eml.py
 *
 * Whatever is missing costs itself only: there is always a mail.
 */
#include "cfbkit.h"
#include "mailkit.h"

enum { PARTS_MAX = 8, STEPS = 48 };

/* A message with all that can be cut in it. */
struct item {
	struct made t;
	struct fake *parts[PARTS_MAX]; /* the message, its rows and files */
	size_t count;
	bool judged; /* its mails are left */
};

static struct fake *part(struct item *i, struct fake *f)
{
	i->parts[i->count++] = f;
	return f;
}

static struct item item(const char *class)
{
	struct item i = { .t = make(), .judged = true };

	fake_text(part(&i, i.t.message), MAPI_MESSAGE_CLASS, class);
	return i;
}

static void bytes(struct fake *f, uint16_t id, const char *s, size_t len)
{
	fake_bytes(f, id, MAPI_BINARY, s, len);
}

#define LITERAL(s) s, sizeof(s) - 1

/* A one-off entry id [MS-OXCDATA] 2.2.5.1, of a\0SMTP\0a@b.c\0 in UTF-16. */
#define ONE_OFF                                                                \
	"\0\0\0\0\x81\x2B\x1F\xA4\xBE\xA3\x10\x19\x9D\x6E\0\xDD\1\x0FT\2"      \
	"\0\0\1\x90"                                                           \
	"a\0\0\0S\0M\0T\0P\0\0\0a\0@\0b\0.\0c\0\0\0"

static struct item note(void)
{
	static const char *const categories[] = { "A,B", "\xC3\xA9" };
	struct item i = item("IPM.Note");
	struct fake *m = i.t.message, *f;

	fake_text(m, MAPI_TRANSPORT_MESSAGE_HEADERS,
		  "Received: from a by b;\r\n\tFri, 1 Mar 2024 10:22:00 +0000"
		  "\r\nFrom: =?utf-8?Q?J=C3=BC?= <a@b.c>\r\nContent-Type: x/y"
		  "\r\ndate: Fri, 1 Mar 2024 10:22:00 +0000\r\n\r\n");
	bytes(m, MAPI_SENT_REPRESENTING_ENTRYID, LITERAL(ONE_OFF));
	bytes(m, MAPI_SENDER_SEARCH_KEY, LITERAL("SMTP:A@B.C"));
	bytes(m, MAPI_REPLY_RECIPIENT_ENTRIES,
	      LITERAL("\1\0\0\0\x36\0\0\0\x30\0\0\0" ONE_OFF "\0\0"));
	bytes(m, MAPI_CONVERSATION_INDEX, LITERAL("0123456789012345678901"));
	fake_text(m, MAPI_BODY,
		  "Gr\xC3\xBC\xC3\x9F"
		  "e \xF0\x9F\x98\x80");
	bytes(m, MAPI_HTML,
	      LITERAL("<html><meta charset=utf-8><img src=\"cid:i@x\">"
		      "\xC3\xBC</html>"));
	fake_number(m, MAPI_INTERNET_CODEPAGE, MAPI_INTEGER32, 65001);
	fake_multi(m,
		   fake_name(i.t.store,
			     (const uint8_t *)"\x29\3\2\0\0\0\0\0\xC0\0\0\0\0\0"
					      "\0\x46",
			     0, "Keywords"),
		   categories, 2);
	f = part(&i, fake_recipient(m));
	fake_text(f, MAPI_DISPLAY_NAME, "J\xC3\xBCrgen, B");
	bytes(f, MAPI_ENTRYID, LITERAL(ONE_OFF));
	fake_number(f, MAPI_RECIPIENT_TYPE, MAPI_INTEGER32, 1);
	part(&i, attach(m, "\xC3\xBC\"x.png", "image/png", "i@x", "\x89PNG"));
	part(&i, attach_message(m, "Inner"));
	return i;
}

static struct item rtf(void)
{
	struct item i = item("IPM.Note");

	bytes(i.t.message, MAPI_RTF_COMPRESSED,
	      LITERAL("\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\x0a\0"
		      "rcpg125\x42\x32\x0a\xf3 hel\x09\0 bw\x05\xb0ld}\x0a\x80"
		      "\x0f\xa0"));
	fake_text(attach_method(i.t.message, MAPI_ATTACH_BY_REFERENCE),
		  MAPI_ATTACH_LONG_PATHNAME, "\\\\server\\a.doc");
	return i;
}

#define CONTENT_ID "X-Exchange-Mime-Skeleton-Content-Id: "

static struct item skeleton(void)
{
	struct item i = item("IPM.Note");

	bytes(i.t.message, MAPI_MIME_SKELETON,
	      LITERAL("From: a@b.c\r\nMIME-Version: 1.0\r\n"
		      "Content-Type: multipart/mixed; boundary=\"a b\"\r\n\r\n"
		      "--a b\r\nContent-Type: text/plain; charset=utf-8\r\n"
		      "Content-Transfer-Encoding: "
		      "quoted-printable\r\n" CONTENT_ID "b\r\n\r\n\r\n"
		      "--a b\r\nContent-Type: x/y\r\n" CONTENT_ID
		      "a\r\n\r\n\r\n--a b--\r\n"));
	fake_text(i.t.message, MAPI_BODY_CONTENT_ID, "b");
	fake_text(i.t.message, MAPI_BODY, "body \xC3\xBC");
	part(&i, attach(i.t.message, "y", "x/y", "a", "data"));
	return i;
}

static struct item report(void)
{
	struct item i = item("REPORT.IPM.Note.NDR");
	struct fake *f = part(&i, fake_recipient(i.t.message));

	fake_text(i.t.message, MAPI_BODY, "5.1.1 Not delivered");
	fake_text(f, MAPI_SMTP_ADDRESS, "ann@example.org");
	fake_text(f, 0x0C1B, "550 5.1.1 no such user");
	part(&i,
	     attach(i.t.message, "details.txt", "message/delivery-status", NULL,
		    "Reporting-MTA: dns; a.b\r\n\r\n"
		    "Final-Recipient: rfc822; a@b.c\r\nAction: failed\r\n"
		    "Status: 5.1.1\r\n"));
	return i;
}

static struct item clear_signed(void)
{
	struct item i = item("IPM.Note.SMIME.MultipartSigned");

	part(&i, attach(i.t.message, "smime.p7m", "multipart/signed", NULL,
			"Content-Type: multipart/signed; boundary=b; "
			"protocol=\"application/pkcs7-signature\"\r\n\r\n"
			"--b\r\n\r\ntext\r\n--b\r\nContent-Type: "
			"application/pkcs7-signature\r\n\r\nx\r\n--b--\r\n"));
	i.judged = false; /* it is as it came, cut or not */
	return i;
}

static struct item opaque(void)
{
	struct item i = item("IPM.Note.SMIME");
	struct fake *a =
		part(&i, attach(i.t.message, "smime.p7m", NULL, NULL, NULL));

	bytes(a, MAPI_ATTACH_DATA,
	      LITERAL("\x30\x0F\6\x09\x2A\x86\x48\x86\xF7\x0D\1\7\3\xA0\2\5"
		      "\0"));
	return i;
}

static struct item object(void)
{
	static const uint8_t class[16] = { 0x0C, 0, 3, 0, 0, 0, 0, 0,
					   0xC0, 0, 0, 0, 0, 0, 0, 0x46 };
	const struct cfb_made streams[] = {
		{ "\1Ole10Native",
		  LITERAL("\0\0\0\0\2\0L\0C:\\x\\a.txt\0\0\0\3\0\2\0\0\0x\0"
			  "\4\0\0\0data\1\0\0\0x\0\1\0\0\0l\0\1\0\0\0f\0") },
		{ NULL, NULL, 0 }
	};
	struct cfb_file f = cfb_make(9, class, streams);
	struct item i = item("IPM.Note");
	struct fake *a = part(&i, attach_method(i.t.message, MAPI_ATTACH_OLE));

	fake_bytes(a, MAPI_ATTACH_DATA, MAPI_OBJECT, f.bytes.at, f.bytes.len);
	buf_free(&f.bytes);
	return i;
}

static void check_mail(struct item *i, const char *name)
{
	const char *text = render_as(&i->t, MAIL_ALL_INSIDE, name);

	CHECK(in_order(text, "MIME-Version:", "\r\nStatus: ", "\r\n\r\n",
		       NULL));
}

/* Cut property `p` of `f`, whose value is `all`, at each of its bytes. */
static void cut(struct item *i, const char *name, struct fake *f,
		const struct store_prop *p, const struct buf *all)
{
	const size_t step = all->len / STEPS + 1;
	char file[160];

	for (size_t len = 0; len < all->len; len += step) {
		const bool half =
			len <= all->len / 2 && len + step > all->len / 2;

		snprintf(file, sizeof(file), "cut-%s-%x-%zu", name, p->id, len);
		fake_remove(f, p->id);
		fake_bytes(f, p->id, p->type, all->at, len);
		check_mail(i, half && i->judged ? file : NULL);
	}
	fake_remove(f, p->id);
	fake_bytes(f, p->id, p->type, all->at, all->len);
}

static void cut_all(struct item *i, const char *name, struct fake *f)
{
	struct store_object *o = fake_open(f);
	struct store_prop p = { 0 };
	struct ost_error err;
	uint32_t id = 0;

	while (id <= UINT16_MAX &&
	       store_next(o, (uint16_t)id, &p, &err) == OST_OK) {
		struct buf all = { 0 };

		CHECK(store_bytes(o, p.id, 1 << 20, &all, &err) == OST_OK);
		cut(i, name, f, &p, &all);
		buf_free(&all);
		id = p.id + 1U;
	}
	store_drop(o);
}

static void any_property_may_end_anywhere(void)
{
	const struct {
		const char *name;
		struct item (*make)(void);
	} items[] = {
		{ "note", note },	    { "rtf", rtf },
		{ "skeleton", skeleton },   { "report", report },
		{ "signed", clear_signed }, { "opaque", opaque },
		{ "object", object },
	};

	for (size_t k = 0; k < sizeof(items) / sizeof(items[0]); k++) {
		struct item i = items[k].make();
		char name[64];

		for (size_t n = 0; n < i.count; n++) {
			snprintf(name, sizeof(name), "%s%zu", items[k].name, n);
			cut_all(&i, name, i.parts[n]);
		}
		check_mail(&i, items[k].name);
		done(&i.t);
	}
}

int main(int argc, char **argv)
{
	directory = argc > 1 ? argv[1] : NULL;
	RUN(any_property_may_end_anywhere);
	return checked();
}
