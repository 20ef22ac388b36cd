#include "mail/textform/heading.h"

#include "mail/rfc822/transport.h"
#include "mail/text/chars.h"
#include "mail/text/encode.h"

/* In the order in which they are shown; one field may stand several times. */
static const struct {
	const char *field, *label;
	bool people;
} rows[] = {
	{ "Date", "Date", false },
	{ "From", "From", true },
	{ "Sender", "Sender", true },
	{ "Reply-To", "Reply-To", true },
	{ "To", "To", true },
	{ "Cc", "Cc", true },
	{ "Bcc", "Bcc", true },
	{ "X-Ost-Recipient", "Recipient", true },
	{ "Newsgroups", "Newsgroups", false },
	{ "Subject", "Subject", false },
	{ "X-Ost-Subject", "Subject in the store", false },
	{ "Comments", "Comments", false },
	{ "Keywords", "Categories", false },
	{ "Importance", "Importance", false },
	{ "Sensitivity", "Sensitivity", false },
	{ "Message-ID", "Message-ID", false },
};

/* Append with the backslashes of quoted-strings undone (RFC 5322 3.2.4). */
static void put_unquoted(struct buf *out, struct span text)
{
	bool quoted = false;

	for (size_t i = 0; i < text.len; i++) {
		if (quoted && text.at[i] == '\\' && i + 1 < text.len)
			i++;
		else if (text.at[i] == '"')
			quoted = !quoted;
		buf_byte(out, (char)text.at[i]);
	}
}

/* RFC 5322 2.2.3 */
static void unfold(struct buf *out, struct span value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.at[i] != '\r' && value.at[i] != '\n')
			buf_byte(out, (char)value.at[i]);
}

static void put_field(struct page *p, size_t row, struct span value)
{
	struct buf line = { 0 }, clean = { 0 }, decoded = { 0 }, text = { 0 };

	unfold(&line, value);
	encode_clean(&clean, buf_span(&line));
	encode_undo_words(&decoded, buf_span(&clean));
	if (rows[row].people)
		put_unquoted(&text, buf_span(&decoded));
	else
		buf_add(&text, decoded.at, decoded.len);
	page_field(p, rows[row].label, buf_span(&text));
	p->out->bad =
		p->out->bad || line.bad || clean.bad || decoded.bad || text.bad;
	buf_free(&line);
	buf_free(&clean);
	buf_free(&decoded);
	buf_free(&text);
}

void heading_put(struct page *p, struct span header)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct span rest = header;
		struct transport_field f;

		while (transport_next(&rest, &f))
			if (chars_same(f.name, chars_of(rows[i].field)))
				put_field(p, i, f.value);
	}
}
