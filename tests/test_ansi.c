/*
 * test_ansi.c - the 8-bit strings of ANSI stores, through the real reader
 *
 * iconv(3) wrote them. The store names another page than the message does, so
 * that only who asks the message reads them right.
 */
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "forge.h"
#include "mail/mail.h"

enum { MESSAGE = 0x200024, CODEPAGE = 0x66C3 };

struct page {
	unsigned number;
	const char *charset, *text; /* for iconv(3), and UTF-8 */
};

static const struct page pages[] = {
	{ 866, "CP866", "Привет, мир" },
	{ 874, "CP874", "สวัสดี" },
	{ 932, "CP932", "日本語ソ表" }, /* trail bytes of 5C */
	{ 936, "CP936", "简体中文" },
	{ 949, "CP949", "한국어" },
	{ 950, "BIG5", "許功蓋" },
	{ 1250, "CP1250", "Příliš žluťoučký kůň" },
	{ 1251, "CP1251", "Привет, мир" },
	{ 1252, "CP1252", "Größe – 5 €" },
	{ 1253, "CP1253", "Καλημέρα" },
	{ 1254, "CP1254", "İstanbul ığş" },
	{ 1255, "CP1255", "שלום" },
	{ 1256, "CP1256", "مرحبا" },
	{ 1257, "CP1257", "Ačiū, žąsys" },
	{ 20866, "KOI8-R", "Привет, мир" },
	{ 65001, "UTF-8", "Grüße – мир" },
};

/*
 * A mail whose every text is that of the page, which it names with `named`;
 * the store then names another.
 */
static void fill(struct forge *f, const struct page *p, bool named)
{
	struct forge_message m = { .nid = MESSAGE };
	struct forge_props *to = forge_recipient(&m);
	struct forge_attachment *a = forge_attachment(&m);

	if (named) {
		forge_int(forge_store_props(f), CODEPAGE,
			  p->number == 1252 ? 1251 : 1252);
		forge_int(&m.props, MAPI_MESSAGE_CODEPAGE, p->number);
	}
	forge_text(&m.props, MAPI_SUBJECT, p->text);
	forge_text(&m.props, MAPI_SENT_REPRESENTING_NAME, p->text);
	forge_text(&m.props, MAPI_SENT_REPRESENTING_EMAIL, "jane@example.org");
	forge_text(&m.props, MAPI_BODY, p->text);
	forge_text(to, MAPI_DISPLAY_NAME, p->text);
	forge_text(to, MAPI_EMAIL_ADDRESS, "ann@example.org");
	forge_int(to, MAPI_RECIPIENT_TYPE, 1);
	forge_int(&a->props, MAPI_ATTACH_METHOD, MAPI_ATTACH_BY_VALUE);
	forge_text(&a->props, MAPI_ATTACH_LONG_FILENAME, p->text);
	forge_binary(&a->props, MAPI_ATTACH_DATA, "x", 1);
	forge_add(f, forge_ipm(f), &m);
	forge_message_free(&m);
}

static const char *fact(struct store_object *o, enum mail_fact which)
{
	static struct buf text;
	struct ost_error err;

	buf_free(&text);
	CHECK(mail_fact(o, which, &text, &err) == OST_OK);
	return buf_text(&text);
}

static void check_message(struct store_object *o, const struct page *p)
{
	struct mail_attachments *list = NULL;
	struct mail *mail = NULL;
	struct ost_error err;
	char bytes[4096], body[200], to[200];
	size_t got = 0;

	snprintf(to, sizeof(to), "%s <ann@example.org>", p->text);
	if (strchr(to, ',') != NULL)
		snprintf(to, sizeof(to), "\"%s\" <ann@example.org>", p->text);
	CHECK_STR(fact(o, MAIL_SUBJECT), p->text);
	CHECK_STR(fact(o, MAIL_TO), to);
	CHECK(mail_attachments_open(&list, o, NULL, &err) == OST_OK);
	snprintf(body, sizeof(body), "%s.txt", p->text); /* by what is in it */
	CHECK_STR(mail_attachment_at(list, 0)->name, body);
	mail_attachments_close(list);
	snprintf(body, sizeof(body), "\r\n\r\n%s\r\n", p->text);
	CHECK(mail_plan(&mail, o, NULL, &err) == OST_OK);
	CHECK(mail_read(mail, 0, bytes, sizeof(bytes) - 1, &got, &err) ==
	      OST_OK);
	bytes[got] = '\0';
	CHECK(strstr(bytes, body) != NULL);
	CHECK_STR(mail_notes(mail), "no-date, synth-msgid");
	mail_free(mail);
}

static void check_store(const char *path, uint32_t folder, const struct page *p,
			const struct store_options *options)
{
	struct store *s = NULL;
	struct store_object *row = NULL, *message = NULL;
	struct ost_error err = { "" };

	CHECK(store_open(&s, path, &store_native, options, &err) == OST_OK);
	CHECK(mail_directory_open(s, NULL, &err) == OST_OK);
	CHECK(store_get(s, (struct store_id){ MESSAGE, folder }, &row, &err) ==
	      OST_OK);
	CHECK_STR(fact(row, MAIL_SUBJECT), p->text);
	CHECK_STR(fact(row, MAIL_FROM_NAME), p->text);
	store_drop(row);
	CHECK(store_get(s, (struct store_id){ MESSAGE, 0 }, &message, &err) ==
	      OST_OK);
	check_message(message, p);
	store_close(s);
}

static void try_page(const struct page *p, bool named,
		     const struct store_options *options)
{
	const struct forge_options how = { .format = FORGE_ANSI,
					   .charset = p->charset };
	struct forge *f = forge_new(&how);
	const uint32_t folder = forge_ipm(f);
	char path[] = "/tmp/test_ansi.XXXXXX";
	const int fd = mkstemp(path);
	struct buf file = { 0 };
	struct ost_error err = { "" };

	fill(f, p, named);
	CHECK(forge_finish(f, &file, &err) == OST_OK);
	CHECK(fd >= 0 && write(fd, file.at, file.len) == (ssize_t)file.len);
	check_store(path, folder, p, options);
	buf_free(&file);
	close(fd);
	unlink(path);
}

static void texts_are_in_the_page_of_their_message(void)
{
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		try_page(&pages[i], true, NULL);
}

/* B3: no page anywhere: the one that is asked for. */
static void texts_are_in_the_page_asked_for(void)
{
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		struct store_options options = { 0 };

		CHECK(store_option_charset(&options, pages[i].charset));
		try_page(&pages[i], false, &options);
	}
}

/* B3: nor asked for: the letters of the texts tell. */
static void texts_tell_their_page_themselves(void)
{
	static const unsigned told[] = { 932,  936,  949,  950,	  1250, 1251,
					 1253, 1255, 1256, 20866, 65001 };
	size_t tried = 0;

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		for (size_t k = 0; k < sizeof(told) / sizeof(told[0]); k++)
			if (told[k] == pages[i].number) {
				try_page(&pages[i], false, NULL);
				tried++;
			}
	CHECK(tried == sizeof(told) / sizeof(told[0]));
}

int main(void)
{
	RUN(texts_are_in_the_page_of_their_message);
	RUN(texts_are_in_the_page_asked_for);
	RUN(texts_tell_their_page_themselves);
	return checked();
}
