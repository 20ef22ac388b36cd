/*
 * fuzz_entryid.c - bytes as an entry id, and its texts as addresses
 *
 * What is taken for an address can stand in a header, and what is not is made
 * into one that can, whatever it is.
 */
#include "mail/address/entryid.h"

#include <stdlib.h>

#include "fake.h"

#include "bytes/text.h"
#include "mail/text/chars.h"

static void need(bool that)
{
	if (!that)
		abort();
}

/* One line of ASCII, without blanks, with an @ that is not at its ends. */
static void check_addr(struct span s)
{
	const size_t at = chars_find(s, '@');

	need(at > 0 && at + 1 < s.len);
	for (size_t i = 0; i < s.len; i++)
		need(s.at[i] > ' ' && s.at[i] < 0x7F);
}

/* Its domain is ASCII; its local part is one word of UTF-8. */
static void check_mail(struct span smtp)
{
	struct buf mail = { 0 };
	size_t at;

	entryid_mail(&mail, smtp);
	need(text_is_utf8(buf_span(&mail)));
	for (at = mail.len; at > 0 && mail.at[at - 1] != '@'; at--)
		need(mail.at[at - 1] > ' ' && mail.at[at - 1] < 0x7F);
	need(at > 1 && at < mail.len);
	for (size_t i = 0; i < at; i++)
		need((uint8_t)mail.at[i] > ' ' && mail.at[i] != 0x7F);
	buf_free(&mail);
}

static void check_text(const struct buf *text, const struct buf *type)
{
	struct span smtp;
	struct buf imcea = { 0 };

	need(text_is_utf8(buf_span(text)));
	if (entryid_smtp(buf_span(text), &smtp))
		check_mail(smtp);
	if (entryid_smtp_shown(buf_span(text), &smtp))
		check_mail(smtp);
	(void)entryid_imcea(&imcea, buf_span(type), buf_span(text),
			    chars_of("ost.invalid"));
	check_addr(buf_span(&imcea));
	buf_free(&imcea);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned codepages[] = { 1252, 932, 65001, 0 };
	struct store *store;
	struct fake *item;
	struct store_object *o;
	struct entryid id;
	struct ost_error err;

	if (size == 0)
		return 0;
	store = fake_store_new();
	item = fake_add(store, 0x200024, 0);
	fake_number(item, MAPI_MESSAGE_CODEPAGE, MAPI_INTEGER32,
		    codepages[data[0] % 4]);
	o = fake_open(item);
	need(entryid_read(&id, span_of(data + 1, size - 1), o, &err) == OST_OK);
	need(id.kind != ENTRYID_OTHER ||
	     (id.name.len == 0 && id.addr.len == 0 && id.nid == 0));
	check_text(&id.name, &id.type);
	check_text(&id.type, &id.type);
	check_text(&id.addr, &id.type);
	entryid_free(&id);
	store_drop(o);
	store_close(store);
	return 0;
}
