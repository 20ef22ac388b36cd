/*
 * test_inside.c - the files in signed messages and in winmail.dat
 *
 * What is signed is made by openssl(1), which must verify the mail; what
 * tnef(1) takes out of a winmail.dat must be beside the mail.
 */
#include <unistd.h>

#include "mail/attach/cms.h"
#include "mail/attach/tnef.h"
#include "mail/attachments.h"
#include "mailkit.h"

/* A folder of its own, for other programs. */
static char folder[] = "/tmp/test_inside.XXXXXX";

static bool run(const char *command)
{
	char all[1024];

	snprintf(all, sizeof(all), "cd %s && { %s; } >>log 2>&1", folder,
		 command);
	return system(all) == 0;
}

static void read_file(const char *name, struct buf *out)
{
	char path[300];
	int c;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "rb");
	CHECK(f != NULL);
	while (f != NULL && (c = getc(f)) != EOF)
		buf_byte(out, (char)c);
	if (f != NULL)
		fclose(f);
}

static void write_file(const char *name, struct span bytes)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "wb");
	CHECK(f != NULL && fwrite(bytes.at, 1, bytes.len, f) == bytes.len);
	CHECK(f != NULL && fclose(f) == 0);
}

/*
 * The attachments of the message, each as "name: bytes" and a line end, but
 * for the first `skip`.
 */
static const char *beside(struct made *t, size_t skip)
{
	static struct buf all;
	struct store_object *item = fake_open(t->message);
	struct mail_attachments *list = NULL;

	buf_free(&all);
	CHECK(mail_attachments_open(&list, item, NULL, &t->err) == OST_OK);
	for (size_t i = skip; list != NULL && i < mail_attachments_count(list);
	     i++) {
		struct mail *m = NULL;
		struct buf bytes = { 0 };

		CHECK(mail_plan_attachment(&m, item, i, NULL, &t->err) ==
		      OST_OK);
		if (m != NULL)
			read_all(m, 100, &bytes);
		buf_printf(&all, "%s: ", mail_attachment_at(list, i)->name);
		buf_add(&all, buf_text(&bytes), bytes.len);
		buf_byte(&all, '\n');
		buf_free(&bytes);
		mail_free(m);
	}
	mail_attachments_close(list);
	store_drop(item);
	return buf_text(&all);
}

/* What is signed: a text, a file, and one whose name is of RFC 2231. */
#define SIGNED_PART                                                            \
	"Content-Type: multipart/mixed; boundary=\"in\"\r\n\r\n"               \
	"--in\r\nContent-Type: text/plain; charset=utf-8\r\n"                  \
	"Content-Transfer-Encoding: quoted-printable\r\n\r\n"                  \
	"Gr=C3=BC=C3=9Fe, see =\r\nbelow\r\n"                                  \
	"--in\r\nContent-Type: application/pdf; name=\"invoice.pdf\"\r\n"      \
	"Content-Disposition: attachment; filename=\"invoice.pdf\"\r\n"        \
	"Content-Transfer-Encoding: base64\r\n\r\n"                            \
	"JVBERi0xLjQK\r\n"                                                     \
	"--in\r\nContent-Type: text/plain\r\nContent-Disposition: "            \
	"attachment; filename*0*=utf-8''%C3%BC; filename*1*=b.txt\r\n\r\n"     \
	"x\r\n--in--\r\n"
#define LEAVES                                                                 \
	"message.txt: Gr\xC3\xBC\xC3\x9F"                                      \
	"e, see below\n"                                                       \
	"invoice.pdf: %PDF-1.4\n\n"                                            \
	"\xC3\xBC"                                                             \
	"b.txt: x\n"

static void sign(const char *how, struct buf *out)
{
	char line[512];

	snprintf(line, sizeof(line),
		 "openssl cms -sign %s -in part -signer cert.pem "
		 "-inkey key.pem >file",
		 how);
	CHECK(run(line));
	read_file("file", out);
}

static const char clear[] = "-crlfeol";
static const char opaque[] = "-nodetach -outform DER";
static const char stream[] = "-nodetach -stream -outform DER";

/* A message of `class` that is nothing but the file that `how` gives. */
static struct made signed_mail(const char *class, const char *tag,
			       const char *how)
{
	struct made t = make();
	struct buf file = { 0 };
	struct fake *a = attach(t.message, "smime.p7m", tag, NULL, NULL);

	sign(how, &file);
	fake_text(t.message, MAPI_MESSAGE_CLASS, class);
	fake_bytes(a, MAPI_ATTACH_DATA, MAPI_BINARY, file.at, file.len);
	buf_free(&file);
	return t;
}

/* Does openssl say that the mail holds what was signed? */
static void check_verified(struct made *t)
{
	struct buf part = { 0 }, out = { 0 };

	(void)render_as(t, MAIL_ALL_INSIDE, NULL);
	write_file("mail", buf_span(&t->bytes));
	CHECK(run("openssl cms -verify -noverify -in mail -out out"));
	read_file("part", &part);
	read_file("out", &out);
	CHECK_STR(buf_text(&out), buf_text(&part));
	buf_free(&part);
	buf_free(&out);
}

static const struct {
	const char *class, *tag, *how;
} kinds[] = {
	{ "IPM.Note.SMIME.MultipartSigned", "multipart/signed", clear },
	{ "IPM.Note.SMIME", "application/pkcs7-mime", opaque },
	{ "IPM.Note.SMIME", "application/x-pkcs7-mime", stream },
	{ "IPM.Note.SMIME", NULL, opaque },
};

static void b6_what_is_signed_is_beside_the_mail(void)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct made t =
			signed_mail(kinds[i].class, kinds[i].tag, kinds[i].how);

		check_verified(&t);
		CHECK_STR(mail_notes(t.mail), "");
		CHECK_STR(beside(&t, 1), LEAVES);
		done(&t);
	}
}

static void b7_a_signed_mail_is_one_without_its_class(void)
{
	for (size_t i = 0; i + 1 < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct made t =
			signed_mail("IPM.Note", kinds[i].tag, kinds[i].how);

		check_verified(&t);
		CHECK(strstr(mail_notes(t.mail), "smime-shape") == NULL);
		CHECK_STR(beside(&t, 1), LEAVES);
		done(&t);
	}
}

/* B7: what only says so is an attachment, and one beside a text is too. */
static void b7_a_mail_that_is_none_stays_one(void)
{
	struct made t = make();

	fake_text(t.message, MAPI_MESSAGE_CLASS, "IPM.Note");
	attach(t.message, "a.p7m", "application/pkcs7-mime", NULL, "no CMS");
	CHECK(strstr(render_as(&t, MAIL_ALL_INSIDE, NULL),
		     "Content-Type: multipart/mixed") != NULL);
	CHECK(strstr(mail_notes(t.mail), "smime-shape") == NULL);
	done(&t);

	t = signed_mail("IPM.Note", "application/pkcs7-mime", opaque);
	fake_text(t.message, MAPI_BODY, "Here is a signed file");
	CHECK(strstr(render_as(&t, MAIL_ALL_INSIDE, NULL),
		     "Here is a signed file") != NULL);
	done(&t);
}

/* B6: whatever is cut off it, that is told, and what there is is there. */
static void b6_a_signed_object_cut_short_is_noted(void)
{
	struct buf file = { 0 };

	sign(opaque, &file);
	for (size_t len = 4; len < file.len; len += len < 600 ? 1 : 97) {
		struct buf out = { 0 };
		struct ost_error err;
		const struct span cut = span_of(file.at, len);
		const enum ost_status st = cms_signed(cut, &out, &err);

		CHECK(st == OST_OK || st == OST_CORRUPT || st == OST_NOT_FOUND);
		CHECK(out.len <= sizeof(SIGNED_PART) - 1);
		CHECK(memcmp(buf_text(&out), SIGNED_PART, out.len) == 0);
		CHECK(st != OST_OK || out.len == sizeof(SIGNED_PART) - 1);
		buf_free(&out);
	}
	struct made t = make();
	struct fake *a = attach(t.message, "smime.p7m", NULL, NULL, NULL);

	fake_text(t.message, MAPI_MESSAGE_CLASS, "IPM.Note.SMIME");
	fake_bytes(a, MAPI_ATTACH_DATA, MAPI_BINARY, file.at, 300);
	(void)render_as(&t, MAIL_ALL_INSIDE, NULL);
	CHECK_STR(mail_notes(t.mail), "inside-damaged");
	CHECK(strstr(beside(&t, 1), "message.txt: Gr") != NULL);
	done(&t);
	buf_free(&file);
}

/* B6: a cap is told. */
static void b6_more_than_is_looked_into_is_noted(void)
{
	struct made t = make();
	struct fake *a = attach(t.message, "smime.p7m", NULL, NULL, NULL);

	fake_text(t.message, MAPI_MESSAGE_CLASS, "IPM.Note.SMIME");
	fake_huge(a, MAPI_ATTACH_DATA, MAPI_BINARY, (16 << 20) + 1, '0');
	CHECK(plan_as(&t, MAIL_ALL_INSIDE) == OST_OK);
	CHECK(strstr(mail_notes(t.mail), "inside-damaged") != NULL);
	done(&t);

	struct buf many = { 0 };

	t = make();
	buf_str(&many, "Content-Type: multipart/signed; boundary=b\r\n\r\n"
		       "--b\r\nContent-Type: multipart/mixed; boundary=i\r\n"
		       "\r\n");
	for (int i = 0; i < 256; i++)
		buf_printf(&many,
			   "--i\r\nContent-Type: text/plain; "
			   "name=\"%d.txt\"\r\n\r\n%d\r\n",
			   i, i);
	buf_str(&many, "--i--\r\n--b\r\n\r\n--b--\r\n");
	a = attach(t.message, "smime.p7m", "multipart/signed", NULL, NULL);
	fake_bytes(a, MAPI_ATTACH_DATA, MAPI_BINARY, many.at, many.len);
	CHECK(strstr(beside(&t, 255), "254.txt: 254\n") != NULL);
	(void)render_as(&t, MAIL_ALL_INSIDE, NULL);
	CHECK(strstr(mail_notes(t.mail), "inside-damaged") != NULL);
	done(&t);
	buf_free(&many);
}

/*
 * winmail.dat [MS-OXTNEF]
 */

static void put16(struct buf *b, uint32_t v)
{
	buf_byte(b, (char)(uint8_t)v);
	buf_byte(b, (char)(uint8_t)(v >> 8));
}

static void put32(struct buf *b, uint32_t v)
{
	put16(b, v & 0xFFFF);
	put16(b, v >> 16);
}

static void put_attr(struct buf *b, uint8_t level, uint32_t id,
		     const void *bytes, size_t len)
{
	const uint8_t *at = bytes;
	uint32_t sum = 0;

	buf_byte(b, (char)level);
	put32(b, id);
	put32(b, (uint32_t)len);
	if (len > 0)
		buf_add(b, bytes, len);
	for (size_t i = 0; i < len; i++)
		sum += at[i];
	put16(b, sum);
}

/* A property with a value of its own length. */
static void put_prop(struct buf *b, uint32_t tag, const void *bytes, size_t len)
{
	put32(b, tag);
	put32(b, 1);
	put32(b, (uint32_t)len);
	buf_add(b, bytes, len);
	while (b->len % 4 != 0)
		buf_byte(b, '\0');
}

enum {
	RENDDATA = 0x00069002,
	ATTACHMENT = 0x00069005,
	TITLE = 0x00018010,
	DATA = 0x0006800F,
	MSGPROPS = 0x00069003,
	CODEPAGE = 0x00069007,
	BODY = 0x0002800C,
};

static void put_file(struct buf *b, const char *title, const char *data)
{
	static const uint8_t rend[14] = { 1 };

	put_attr(b, 2, RENDDATA, rend, sizeof(rend));
	put_attr(b, 2, TITLE, title, strlen(title) + 1);
	put_attr(b, 2, DATA, data, strlen(data));
}

static void put_start(struct buf *b)
{
	static const uint8_t page[8] = { 0xE2, 4 }; /* 1250 */

	put32(b, 0x223E9F78);
	put16(b, 1);
	put_attr(b, 1, CODEPAGE, page, sizeof(page));
}

/* A message in an attachment: its interface, and TNEF again. */
static void put_inner(struct buf *b)
{
	static const uint8_t rend[14] = { 1 };
	static const uint8_t message[16] = { 7,	   3, 2, 0, 0, 0, 0, 0,
					     0xC0, 0, 0, 0, 0, 0, 0, 0x46 };
	struct buf inner = { 0 }, object = { 0 }, props = { 0 };

	put_start(&inner);
	put_file(&inner, "deep.txt", "deep");
	buf_add(&object, message, sizeof(message));
	buf_add(&object, inner.at, inner.len);
	put32(&props, 1);
	put_prop(&props, 0x3701000D, object.at, object.len);
	put_attr(b, 2, RENDDATA, rend, sizeof(rend));
	put_attr(b, 2, ATTACHMENT, props.at, props.len);
	buf_free(&inner);
	buf_free(&object);
	buf_free(&props);
}

static struct buf winmail(void)
{
	static const char html[] = "<p>Hello</p>";
	struct buf b = { 0 }, props = { 0 }, more = { 0 };

	put_start(&b);
	put32(&props, 3);
	put32(&props, 0x85A0000B); /* a named property before it */
	buf_add(&props, "0123456789ABCDEF", 16);
	put32(&props, 1);
	put32(&props, 6);
	buf_add(&props, "a\0b\0\0\0\0\0", 8);
	put32(&props, 1);
	put32(&props, 0x00170003); /* importance */
	put32(&props, 1);
	put_prop(&props, 0x10130102, html, sizeof(html) - 1);
	put_attr(&b, 1, MSGPROPS, props.at, props.len);
	put_file(&b, "p\xF8\xEDloha.txt", "one"); /* in 1250 */
	put_file(&b, "SHORT~1.TXT", "two");
	put32(&more, 2);
	put_prop(&more, 0x3707001F, "l\0o\0n\0g\0.\0t\0x\0t\0\0\0", 18);
	put_prop(&more, 0x370E001E, "text/x-long", 12);
	put_attr(&b, 2, ATTACHMENT, more.at, more.len);
	put_inner(&b);
	buf_free(&props);
	buf_free(&more);
	return b;
}

static struct made mail_with(const struct buf *b, const char *name)
{
	struct made t = make();
	struct fake *a =
		attach(t.message, name, "application/ms-tnef", NULL, NULL);

	fake_text(t.message, MAPI_MESSAGE_CLASS, "IPM.Note");
	fake_text(t.message, MAPI_BODY, "text");
	fake_bytes(a, MAPI_ATTACH_DATA, MAPI_BINARY, b->at, b->len);
	return t;
}

static void b6_what_is_in_a_winmail_dat_is_beside_the_mail(void)
{
	struct buf b = winmail();
	struct made t = mail_with(&b, "winmail.dat");
	struct buf out = { 0 };

	CHECK_STR(beside(&t, 1), "p\xC5\x99\xC3\xADloha.txt: one\n"
				 "long.txt: two\n"
				 "deep.txt: deep\n"
				 "message.html: <p>Hello</p>\n");
	CHECK(strstr(render_as(&t, MAIL_ALL_INSIDE, NULL), "winmail.dat") !=
	      NULL);
	CHECK(strstr(t.bytes.at, "Content-Type: text/x-long") == NULL);
	CHECK_STR(mail_notes(t.mail), "");
	done(&t);

	/* tnef(1), which leaves messages alone, is of the same opinion. */
	write_file("winmail.dat", buf_span(&b));
	CHECK(run("mkdir t && tnef -C t --save-body=body winmail.dat"));
	read_file("t/long.txt", &out);
	CHECK_STR(buf_text(&out), "two");
	buf_cut(&out, 0);
	read_file("t/body.html", &out);
	CHECK_STR(buf_text(&out), "<p>Hello</p>");
	CHECK(run("rm -r t"));
	buf_free(&out);
	buf_free(&b);
}

static enum ost_status count_files(void *arg, const struct tnef_file *file,
				   struct ost_error *err)
{
	(void)err;
	(void)file;
	++*(size_t *)arg;
	return OST_OK;
}

static enum ost_status files_in(struct span bytes, size_t *count)
{
	struct ost_error err;

	*count = 0;
	return tnef_each(bytes, count_files, count, &err);
}

/* B6: bad inputs, and what is still there. */
static void b6_a_winmail_dat_that_is_damaged_is_noted(void)
{
	static const struct {
		const char *what;
		size_t at;
		uint8_t byte;
		enum ost_status want;
	} cases[] = {
		{ "signature", 0, 0, OST_CORRUPT },
		{ "level", 6, 9, OST_CORRUPT },
		{ "length", 14, 0xFF, OST_CORRUPT },
		{ "checksum", 23, 9, OST_CORRUPT },
		{ "key", 4, 9, OST_OK },
	};
	struct buf b = winmail();
	size_t count;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char was = b.at[cases[i].at];

		b.at[cases[i].at] = (char)cases[i].byte;
		if (files_in(buf_span(&b), &count) != cases[i].want)
			CHECK_STR(cases[i].what, "");
		b.at[cases[i].at] = was;
	}
	for (size_t len = 0; len < b.len; len++) {
		const enum ost_status st = files_in(span_of(b.at, len), &count);

		/* Cut between two attributes, it is only shorter. */
		CHECK(st == OST_CORRUPT || st == OST_OK);
		CHECK(count <= 4);
	}
	CHECK(files_in(buf_span(&b), &count) == OST_OK && count == 4);
	buf_cut(&b, b.len - 3);
	struct made t = mail_with(&b, "winmail.dat");
	CHECK(strstr(beside(&t, 1), "long.txt: two\n") != NULL);
	(void)render_as(&t, MAIL_ALL_INSIDE, NULL);
	CHECK_STR(mail_notes(t.mail), "inside-damaged");
	done(&t);
	buf_free(&b);
}

/* Messages in one another, the innermost with a file. */
static struct buf nested_winmail(unsigned depth)
{
	struct buf b = { 0 };

	put_start(&b);
	put_file(&b, "deepest", "x");
	for (unsigned i = 0; i < depth; i++) {
		static const uint8_t rend[14] = { 1 };
		struct buf props = { 0 }, outer = { 0 }, object = { 0 };

		buf_add(&object, "0123456789ABCDEF", 16);
		buf_add(&object, b.at, b.len);
		put32(&props, 1);
		put_prop(&props, 0x3701000D, object.at, object.len);
		put_start(&outer);
		put_attr(&outer, 2, RENDDATA, rend, sizeof(rend));
		put_attr(&outer, 2, ATTACHMENT, props.at, props.len);
		buf_free(&props);
		buf_free(&object);
		buf_free(&b);
		b = outer;
	}
	return b;
}

static struct buf files_winmail(unsigned files)
{
	struct buf b = { 0 };

	put_start(&b);
	for (unsigned i = 0; i < files; i++)
		put_file(&b, "a", "x");
	return b;
}

/* A property of many numbers before the one file. */
static struct buf values_winmail(unsigned values)
{
	struct buf b = { 0 }, props = { 0 };

	put_start(&b);
	put32(&props, 1);
	put32(&props, 0x66001003);
	put32(&props, values);
	for (unsigned i = 0; i < values; i++)
		put32(&props, i);
	put_attr(&b, 1, MSGPROPS, props.at, props.len);
	put_file(&b, "a", "x");
	buf_free(&props);
	return b;
}

/* A4, B6: as many as are taken, and one more, which is said. */
static void a4_more_than_is_taken_of_a_winmail_dat_is_said(void)
{
	static const struct {
		struct buf (*of)(unsigned count);
		unsigned cap;
		size_t files, files_over;
		enum ost_status over;
	} caps[] = {
		{ files_winmail, 1000, 1000, 1000, OST_LIMIT },
		{ nested_winmail, 10, 1, 0, OST_LIMIT },
		{ values_winmail, 1 << 16, 1, 1, OST_CORRUPT },
	};

	for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
		struct buf at = caps[i].of(caps[i].cap);
		struct buf over = caps[i].of(caps[i].cap + 1);
		size_t count;

		CHECK(files_in(buf_span(&at), &count) == OST_OK);
		CHECK(count == caps[i].files);
		CHECK(files_in(buf_span(&over), &count) == caps[i].over);
		CHECK(count == caps[i].files_over);
		buf_free(&at);
		buf_free(&over);
	}
}

/* A4: of the 256 files of a winmail.dat, 255 are beside the mail. */
static void a4_more_than_is_put_beside_a_mail_is_noted(void)
{
	for (unsigned over = 0; over < 2; over++) {
		struct buf b = files_winmail(255 + over);
		struct made t = mail_with(&b, "winmail.dat");
		const char *all = beside(&t, 1);
		size_t count = 0;

		while ((all = strchr(all, '\n')) != NULL) {
			all++;
			count++;
		}
		CHECK(count == 255);
		(void)render_as(&t, MAIL_ALL_INSIDE, NULL);
		CHECK_STR(mail_notes(t.mail), over > 0 ? "inside-damaged" : "");
		done(&t);
		buf_free(&b);
	}
}

int main(void)
{
	CHECK(mkdtemp(folder) != NULL);
	CHECK(run("openssl req -x509 -newkey ec -nodes -keyout key.pem -days 9 "
		  "-pkeyopt ec_paramgen_curve:prime256v1 -out cert.pem "
		  "-subj /CN=Jane"));
	write_file("part", span_of(SIGNED_PART, sizeof(SIGNED_PART) - 1));
	RUN(b6_what_is_signed_is_beside_the_mail);
	RUN(b7_a_signed_mail_is_one_without_its_class);
	RUN(b7_a_mail_that_is_none_stays_one);
	RUN(b6_a_signed_object_cut_short_is_noted);
	RUN(b6_more_than_is_looked_into_is_noted);
	RUN(b6_what_is_in_a_winmail_dat_is_beside_the_mail);
	RUN(b6_a_winmail_dat_that_is_damaged_is_noted);
	RUN(a4_more_than_is_taken_of_a_winmail_dat_is_said);
	RUN(a4_more_than_is_put_beside_a_mail_is_noted);
	CHECK(run("rm -f key.pem cert.pem part file mail out winmail.dat log"));
	CHECK(rmdir(folder) == 0);
	return checked();
}
