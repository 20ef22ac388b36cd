/*
 * fuzz_skeleton.c - bytes as a MIME skeleton
 *
 * What was promised must hold: entities lie in one another and in the text,
 * and whatever the skeleton is, the message leaves a mail with its text and
 * its file in it.
 */
#include <stdlib.h>

#include "fake.h"
#include "mail/mail.h"
#include "mail/rfc822/skeleton_parse.h"

static void need(bool that)
{
	if (!that)
		abort();
}

static void check_parts(struct span text)
{
	struct skeleton s;
	struct ost_error err = { "" };
	const enum ost_status st = skeleton_parse(&s, text, &err);

	need(st == OST_OK || err.text[0] != '\0');
	for (size_t i = 0; i < s.count; i++) {
		const struct skeleton_part *p = &s.all[i];

		need(p->header <= p->body && p->body <= p->end &&
		     p->end <= text.len);
		need(p->next > i && p->next <= s.count);
		need(i == 0 || (p->parent < i && s.all[p->parent].multi &&
				p->header >= s.all[p->parent].body &&
				p->end <= s.all[p->parent].end));
	}
	skeleton_free(&s);
}

/* Has the mail at least the bytes of what is in it? */
static void check_mail(struct fake *message)
{
	struct mail *m = NULL;
	struct ost_error err;
	char bytes[4096];
	size_t got = 1;

	need(mail_plan(&m, fake_open(message), NULL, &err) == OST_OK);
	for (uint64_t off = 0; got > 0; off += got)
		need(mail_read(m, off, bytes, sizeof(bytes), &got, &err) ==
		     OST_OK);
	need(mail_size(m) > 100);
	mail_free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct store *store = fake_store_new();
	struct fake *mail = fake_add(store, 0x200024, 0);
	struct fake *a = fake_attachment(mail);

	check_parts(span_of(data, size));
	fake_bytes(mail, MAPI_MIME_SKELETON, MAPI_BINARY, data, size);
	fake_text(mail, MAPI_BODY_CONTENT_ID, "b");
	fake_text(mail, MAPI_BODY, "caf\xC3\xA9\r\n--b--\r\n");
	fake_number(a, MAPI_ATTACH_METHOD, MAPI_INTEGER32,
		    MAPI_ATTACH_BY_VALUE);
	fake_text(a, MAPI_ATTACH_CONTENT_ID, "a");
	fake_bytes(a, MAPI_ATTACH_DATA, MAPI_BINARY, "file", 4);
	check_mail(mail);
	store_close(store);
	return 0;
}
