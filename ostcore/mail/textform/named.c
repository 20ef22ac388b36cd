#include "mail/textform/named.h"

#include "mail/address/recipients.h"
#include "mail/text/chars.h"

/* More are listed all: to look for each in a text of all is quadratic. */
enum { SOUGHT_MAX = 200 };

static void put_person(struct making *m, const char *label,
		       const struct address *who, size_t start, bool all)
{
	const struct span said = chars_from(buf_span(m->page.out), start);
	const struct span what =
		buf_span(who->name.len > 0 ? &who->name : &who->addr);
	struct buf line = { 0 };

	if (what.len == 0 ||
	    (!all && memmem(said.at, said.len, what.at, what.len) != NULL))
		return;
	address_text(who, &line);
	page_field(&m->page, label, buf_span(&line));
	m->page.out->bad = m->page.out->bad || line.bad;
	buf_free(&line);
}

static enum ost_status put_role(struct making *m, struct store_object *item,
				enum address_role role, const char *label,
				size_t start)
{
	struct address who = { 0 };
	const enum ost_status st =
		address_of(item, role, &who, m->notes, m->err);

	if (st == OST_OK)
		put_person(m, label, &who, start, false);
	address_free(&who);
	return st;
}

enum ost_status named_put(struct making *m, struct store_object *item,
			  size_t start)
{
	static const char *const labels[] = {
		[RECIPIENT_TO] = "To, by name",
		[RECIPIENT_CC] = "Cc, by name",
		[RECIPIENT_BCC] = "Bcc, by name",
		[RECIPIENT_RESOURCE] = "Resource",
	};
	struct recipients to = { 0 };
	enum ost_status st =
		put_role(m, item, ADDRESS_FROM, "From, by name", start);

	if (st == OST_OK)
		st = put_role(m, item, ADDRESS_SENDER, "Sender, by name",
			      start);
	if (st == OST_OK)
		st = recipients_read(&to, item, m->notes, m->err);
	for (size_t i = 0; st == OST_OK && i < to.count; i++)
		put_person(m, labels[to.at[i].type], &to.at[i].who, start,
			   to.count > SOUGHT_MAX);
	recipients_free(&to);
	return st;
}
