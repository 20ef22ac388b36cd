/*
 * mailkit.h - a message in a store of its own, planned and read
 *
 * For the tests of mail/. Included once a program.
 */
#ifndef OST_MAILKIT_H
#define OST_MAILKIT_H

#include <stdarg.h>
#include <stdlib.h>

#include "check.h"
#include "fake.h"
#include "mail/mail.h"

enum { INBOX = 0x8022, MESSAGE = 0x200024 };

/* Where each mail is left for check_eml.py; NULL: nowhere. */
static const char *directory;

/* A message of a store of its own, with what a plan of it gave. */
struct made {
	struct store *store;
	struct fake *message;
	struct mail *mail;
	struct buf bytes;
	struct ost_error err;
};

static inline struct made make(void)
{
	static const uint8_t key[16] = { 1, 2, 3, 4 };
	struct made t = { .store = fake_store_new() };

	fake_add(t.store, INBOX, 0);
	t.message = fake_add(t.store, MESSAGE, INBOX);
	fake_text(t.message, MAPI_SUBJECT, "Budget review");
	fake_text(t.message, MAPI_SENDER_NAME, "Jane Doe");
	fake_text(t.message, MAPI_SENDER_EMAIL, "jane@example.org");
	fake_text(t.message, MAPI_SENDER_ADDRTYPE, "SMTP");
	fake_text(t.message, MAPI_INTERNET_MESSAGE_ID, "<1@example.org>");
	fake_number(t.message, MAPI_CLIENT_SUBMIT_TIME, MAPI_TIME,
		    133536673200000000);
	fake_bytes(t.message, MAPI_SEARCH_KEY, MAPI_BINARY, key, sizeof(key));
	return t;
}

static inline void done(struct made *t)
{
	mail_free(t->mail);
	buf_free(&t->bytes);
	store_close(t->store);
}

/* All of `mail`, in reads of `step` bytes. */
static inline void read_all(const struct mail *mail, size_t step,
			    struct buf *out)
{
	size_t got = 1;

	while (got > 0) {
		struct ost_error err = { "" };
		void *at = buf_more(out, step);
		const enum ost_status st =
			at == NULL ? OST_NO_MEMORY
				   : mail_read(mail, out->len - step, at, step,
					       &got, &err);

		CHECK(st == OST_OK);
		if (st != OST_OK)
			got = 0;
		buf_cut(out, out->len - step + got);
	}
}

static inline void leave(const char *test, const struct buf *bytes)
{
	char path[512];
	FILE *f;

	if (directory == NULL || test == NULL)
		return;
	snprintf(path, sizeof(path), "%s/%s.eml", directory, test);
	f = fopen(path, "wb");
	CHECK(f != NULL);
	if (f == NULL)
		return;
	CHECK(fwrite(buf_text(bytes), 1, bytes->len, f) == bytes->len);
	CHECK(fclose(f) == 0);
}

static inline enum ost_status plan_as(struct made *t, enum mail_inside inside)
{
	const struct mail_options options = { inside };

	mail_free(t->mail);
	return mail_plan(&t->mail, fake_open(t->message), &options, &t->err);
}

/* Plan the message and read all of it. Returns it as text. */
static inline const char *render_as(struct made *t, enum mail_inside inside,
				    const char *test)
{
	const enum ost_status st = plan_as(t, inside);

	CHECK(st == OST_OK);
	buf_cut(&t->bytes, 0);
	if (st != OST_OK)
		return "";
	read_all(t->mail, 4096, &t->bytes);
	CHECK(t->bytes.len == mail_size(t->mail));
	leave(test, &t->bytes);
	return buf_text(&t->bytes);
}

#define RENDER(t) render_as(t, MAIL_ALL_INSIDE, __func__)

static inline void add_html(struct made *t, const char *html)
{
	fake_bytes(t->message, MAPI_HTML, MAPI_BINARY, html, strlen(html));
	fake_number(t->message, MAPI_INTERNET_CODEPAGE, MAPI_INTEGER32, 65001);
}

/* An attachment by value; what is NULL is left out. */
static inline struct fake *attach(struct fake *message, const char *name,
				  const char *type, const char *cid,
				  const char *data)
{
	struct fake *a = fake_attachment(message);

	fake_number(a, MAPI_ATTACH_METHOD, MAPI_INTEGER32,
		    MAPI_ATTACH_BY_VALUE);
	if (name != NULL)
		fake_text(a, MAPI_ATTACH_LONG_FILENAME, name);
	if (type != NULL)
		fake_text(a, MAPI_ATTACH_MIME_TAG, type);
	if (cid != NULL)
		fake_text(a, MAPI_ATTACH_CONTENT_ID, cid);
	if (data != NULL)
		fake_bytes(a, MAPI_ATTACH_DATA, MAPI_BINARY, data,
			   strlen(data));
	return a;
}

static inline struct fake *attach_method(struct fake *message, uint32_t method)
{
	struct fake *a = fake_attachment(message);

	fake_number(a, MAPI_ATTACH_METHOD, MAPI_INTEGER32, method);
	return a;
}

static inline struct fake *attach_message(struct fake *message,
					  const char *subject)
{
	const uint8_t object[8] = { 0x24, 0x80 };
	struct fake *a = attach_method(message, MAPI_ATTACH_EMBEDDED);
	struct fake *m = fake_embedded(a);

	fake_bytes(a, MAPI_ATTACH_DATA, MAPI_OBJECT, object, sizeof(object));
	fake_text(m, MAPI_SUBJECT, subject);
	return m;
}

static inline size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}

/* Do these stand in `text` in this order? Ends with NULL. */
static inline bool in_order(const char *text, ...)
{
	va_list all;
	const char *one;
	bool found = true;

	va_start(all, text);
	while (found && (one = va_arg(all, const char *)) != NULL) {
		const char *at = strstr(text, one);

		found = at != NULL;
		if (found)
			text = at + strlen(one);
		else
			fprintf(stderr, "not there, or not there yet: %s\n",
				one);
	}
	va_end(all);
	return found;
}

static inline bool has_note(const struct mail *m, const char *code)
{
	return strstr(mail_notes(m), code) != NULL;
}

static inline void fill(struct made *t)
{
	struct fake *m;

	fake_text(t->message, MAPI_BODY, "See the files");
	add_html(t, "<html><img src=cid:i@x>\xC3\xBC</html>");
	attach(t->message, "i.png", "image/png", "i@x", "an image");
	attach(t->message, "data.bin", NULL, NULL, "\x01\x02\x03 data");
	m = attach_message(t->message, "Inner");
	fake_text(m, MAPI_BODY, "inner body");
	attach(m, "inner.txt", NULL, NULL, "inner file");
	fake_text(attach_method(t->message, MAPI_ATTACH_BY_REFERENCE),
		  MAPI_ATTACH_LONG_PATHNAME, "C:\\there.doc");
	attach(t->message, "gone.doc", NULL, NULL, NULL);
}

#endif
