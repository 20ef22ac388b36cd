#include "mail/rfc822/transport.h"

#include "bytes/text.h"
#include "mail/text/chars.h"
#include "mail/text/date.h"
#include "mail/text/encode.h"
#include "mail/text/idn.h"
#include "mail/text/lines.h"

enum {
	NAME_MAX = 256,
	LINE_MAX = 998, /* RFC 5322 2.1.1, without CRLF */
};

/* Fields that may stand once, RFC 5322 3.6, in which a second is renamed. */
static const char *const singletons[] = {
	"From",	      "Sender",	     "Reply-To",   "To",
	"Cc",	      "Bcc",	     "Date",	   "Subject",
	"Message-ID", "In-Reply-To", "References", "MIME-Version",
};
enum { SINGLETONS = sizeof(singletons) / sizeof(singletons[0]) };
enum { LAST_ORIGINATOR = 2 }; /* of them: From, Sender, Reply-To */

/* Fields with addresses in them. */
static const char *const address_fields[] = {
	"From",
	"Sender",
	"Reply-To",
	"To",
	"Cc",
	"Bcc",
	"Resent-From",
	"Resent-To",
	"Resent-Cc",
	"Resent-Bcc",
	"Resent-Sender",
	"Return-Path",
	"Disposition-Notification-To",
	"Return-Receipt-To",
};

/*
 * Fields of the body as it was sent, and those that mail programs keep their
 * own state in. A "*" stands for any ending.
 */
static const char *const renamed[] = {
	"Content-Type",
	"Content-Transfer-Encoding",
	"Content-Disposition",
	"Content-ID",
	"Content-Description",
	"Content-Location",
	"Content-Base",
	"Content-MD5",
	"Content-Length",
	"Lines",
	"Status",
	"X-Status",
	"X-Mozilla-*",
	"X-UID",
	"X-UIDL",
	"X-Keywords",
	"X-Evolution*",
	"X-Ost-*",
};

/* Where `name` is in a list of names; `count` when it is not. */
static size_t place_of(struct span name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct span one = chars_of(names[i]);
		const bool any = one.at[one.len - 1] == '*';

		if (any && name.len >= one.len - 1 &&
		    chars_same(chars_first(name, one.len - 1),
			       chars_first(one, one.len - 1)))
			return i;
		if (!any && chars_same(name, one))
			return i;
	}
	return count;
}

void transport_prefix(struct span name, struct buf *out)
{
	enum { COUNT = sizeof(renamed) / sizeof(renamed[0]) };

	if (place_of(name, renamed, COUNT) < COUNT)
		buf_str(out, "X-Ost-Orig-");
}

/* The line at the start of `s`, with its CRLF. */
static struct span line_of(struct span s)
{
	return chars_first(s, chars_find(s, '\n') + 1);
}

/* The name of the field that `line` begins; empty: it begins none. */
static struct span name_of(struct span line)
{
	const size_t colon = chars_find(line, ':');
	size_t len = colon;

	while (len > 0 && (line.at[len - 1] == ' ' || line.at[len - 1] == '\t'))
		len--; /* as once was allowed: RFC 5322 4.5 */
	for (size_t i = 0; i < len; i++)
		if (line.at[i] <= ' ' || line.at[i] >= 0x7F)
			return chars_first(line, 0);
	return chars_first(line, colon < line.len && len <= NAME_MAX ? len : 0);
}

bool transport_next(struct span *rest, struct transport_field *out)
{
	const struct span first = line_of(*rest);
	struct span next = chars_from(*rest, first.len);
	size_t len = first.len;

	if (first.len <= 2)
		return false;
	out->name = name_of(first);
	while (out->name.len > 0 && next.len > 0 &&
	       (next.at[0] == ' ' || next.at[0] == '\t')) {
		len += line_of(next).len;
		next = chars_from(*rest, len);
	}
	out->raw = chars_first(*rest, len);
	out->value =
		out->name.len > 0
			? chars_from(out->raw, chars_find(out->raw, ':') + 1)
			: out->raw;
	while (out->value.len > 0 &&
	       chars_in(out->value.at[out->value.len - 1], "\r\n"))
		out->value.len--;
	*rest = next;
	return true;
}

bool transport_find(struct span header, const char *name,
		    struct transport_field *out)
{
	const struct span want = chars_of(name);

	while (transport_next(&header, out))
		if (chars_same(out->name, want))
			return true;
	return false;
}

/* Append `text` with CRLF at every line's end, and no NUL or mark of order. */
static void normalise(struct span text, struct buf *out)
{
	if (chars_begin(text, "\xEF\xBB\xBF"))
		text = chars_from(text, 3);
	lines_crlf(out, text);
	if (out->len > 0 && out->at[out->len - 1] != '\n')
		buf_str(out, "\r\n");
}

/* Without empty lines and the line Outlook writes before what it shows. */
static struct span without_start(struct span text)
{
	while (text.len > 0 && (chars_blank(text.at[0])))
		text = chars_from(text, 1);
	if (chars_begin(text, "Microsoft Mail Internet Headers"))
		text = chars_from(text, line_of(text).len);
	while (text.len > 0 && (text.at[0] == '\r' || text.at[0] == '\n'))
		text = chars_from(text, 1);
	return text;
}

/* True if `text` may be a mail header: one known field, or three of any. */
static bool is_plausible(struct span text)
{
	static const char *const known[] = {
		"Received",	"From",		  "To",		  "Date",
		"Subject",	"Message-ID",	  "MIME-Version", "Return-Path",
		"Content-Type", "DKIM-Signature", "Delivered-To",
	};
	enum { COUNT = sizeof(known) / sizeof(known[0]), ENOUGH = 3 };
	struct transport_field f;
	size_t fields = 0;

	while (transport_next(&text, &f)) {
		if (place_of(f.name, known, COUNT) < COUNT)
			return true;
		fields += f.name.len > 0;
	}
	return fields >= ENOUGH;
}

/*
 * Append `text`, or, when it is UTF-8 that was taken for Latin-1, what it was
 * before.
 */
static void recover(struct span text, struct buf *out)
{
	struct buf bytes = { 0 };
	struct span rest = text;
	bool latin = true;

	while (latin && rest.len > 0) {
		const uint32_t c = chars_next(&rest);

		latin = c <= 0xFF;
		buf_byte(&bytes, (char)c);
	}
	if (latin && text_is_utf8(buf_span(&bytes)))
		text = buf_span(&bytes);
	buf_add(out, text.at, text.len);
	out->bad = out->bad || bytes.bad;
	buf_free(&bytes);
}

/* The length of what `s` begins with: blanks, a quoted-string, a special
 * character of addresses, or a run of anything else. */
static size_t unit_of(struct span s)
{
	size_t len = 1;

	if (s.at[0] == '"') {
		while (len < s.len && s.at[len] != '"')
			len += s.at[len] == '\\' && len + 1 < s.len ? 2 : 1;
		return len < s.len ? len + 1 : s.len;
	}
	if (s.at[0] == ' ' || chars_in(s.at[0], "<>,;()"))
		return 1;
	while (len < s.len && s.at[len] != ' ' &&
	       !chars_in(s.at[len], "<>,;()\""))
		len++;
	return len;
}

/* Does a '<' stand in what is left of the first address of `s`? */
static bool is_before_angle(struct span s)
{
	while (s.len > 0 && s.at[0] != ',' && s.at[0] != ';' && s.at[0] != '<')
		s = chars_from(s, unit_of(s));
	return s.len > 0 && s.at[0] == '<';
}

/* A field of addresses as it is written: what was seen, and what is held. */
struct addresses {
	struct buf *out;
	size_t column;
	struct buf token, words;
	bool angle;	  /* within <> */
	unsigned comment; /* how deep */
	uint8_t last;	  /* what is not a blank */
};

static void put_token(struct addresses *a)
{
	if (a->token.len > 0)
		encode_token(a->out, buf_span(&a->token), &a->column);
	buf_cut(&a->token, 0);
}

static void put_held_words(struct addresses *a)
{
	if (a->words.len > 0)
		encode_words(a->out, buf_span(&a->words), &a->column);
	buf_cut(&a->words, 0);
}

/*
 * Is a unit, with `rest` behind it, of an address? That may have no words in
 * it (RFC 2047 5 (3)).
 */
static bool is_of_address(const struct addresses *a, struct span unit,
			  struct span rest)
{
	if (a->comment > 0)
		return false;
	return a->angle || a->last == '@' ||
	       (rest.len > 0 && rest.at[0] == '@') ||
	       (unit.at[0] != '"' && chars_find(unit, '@') < unit.len &&
		!is_before_angle(chars_first(rest, LINE_MAX)));
}

/* A unit of an address as ASCII. False if it has no such form. */
static bool put_domain(struct addresses *a, struct span unit)
{
	const size_t at = chars_find(unit, '@');
	const size_t len = at < unit.len    ? at + 1
			   : a->last == '@' ? 0
					    : unit.len;

	buf_add(&a->token, unit.at, len);
	return text_is_ascii(chars_first(unit, len)) &&
	       idn_domain(&a->token, chars_from(unit, len));
}

static void put_foreign_words(struct addresses *a, struct span unit)
{
	if (unit.len >= 2 && unit.at[0] == '"' && unit.at[unit.len - 1] == '"')
		unit = chars_first(chars_from(unit, 1), unit.len - 2);
	put_token(a);
	/* Between words a space is not text: it goes inside. */
	if (a->words.len > 0)
		buf_byte(&a->words, ' ');
	buf_add(&a->words, unit.at, unit.len);
}

/* False if the unit has no form in ASCII. */
static bool put_unit(struct addresses *a, struct span unit, struct span rest)
{
	if (unit.at[0] == ' ') {
		put_token(a);
		return true;
	}
	const bool address = is_of_address(a, unit, rest);
	bool done = true;

	if (text_is_ascii(unit)) {
		put_held_words(a);
		buf_add(&a->token, unit.at, unit.len);
	} else if (address) {
		put_held_words(a);
		done = put_domain(a, unit);
	} else {
		put_foreign_words(a, unit);
	}
	a->angle = unit.at[0] == '<' || (a->angle && unit.at[0] != '>');
	a->comment += unit.at[0] == '(';
	a->comment -= unit.at[0] == ')' && a->comment > 0;
	a->last = unit.at[unit.len - 1];
	return done;
}

/*
 * Append a field of addresses with only what is not ASCII made RFC 2047 words,
 * and the quotes around that left out, which words may not have; domains have
 * their A-labels. False, and nothing is appended, when a local part is not
 * ASCII, or a domain is none: such a field has no form in ASCII.
 */
static bool put_addresses(struct buf *out, const char *name, struct span value)
{
	const size_t start = out->len;
	struct addresses a = { .out = out, .column = strlen(name) + 1 };
	bool done = true;

	buf_printf(out, "%s:", name);
	while (done && value.len > 0) {
		const struct span unit = chars_first(value, unit_of(value));

		value = chars_from(value, unit.len);
		done = put_unit(&a, unit, value);
	}
	put_held_words(&a);
	put_token(&a);
	buf_str(out, "\r\n");
	if (!done)
		buf_cut(out, start);
	out->bad = out->bad || a.token.bad || a.words.bad;
	buf_free(&a.token);
	buf_free(&a.words);
	return done;
}

/*
 * A field with bytes above 0x7F. `name` has its prefix. Addresses that have no
 * form in ASCII are kept as text, and those of the properties stand for them.
 */
static void put_foreign(const struct transport_field *f, struct buf *name,
			struct buf *out)
{
	enum { COUNT = sizeof(address_fields) / sizeof(address_fields[0]) };
	struct buf text = { 0 }, line = { 0 };
	bool done = false;

	recover(f->value, &text);
	encode_clean(&line, buf_span(&text));
	if (place_of(f->name, address_fields, COUNT) < COUNT) {
		done = put_addresses(out, buf_text(name), buf_span(&line));
		if (!done) {
			buf_cut(name, 0);
			buf_str(name, "X-Ost-Orig-");
			buf_add(name, f->name.at, f->name.len);
		}
	}
	if (!done)
		encode_field(out, buf_text(name), chars_trim(buf_span(&line)));
	out->bad = out->bad || text.bad || line.bad;
	buf_free(&text);
	buf_free(&line);
}

/*
 * Append a line too long, with its CRLF, as several: broken at blanks. The
 * line it begins on already holds `used` characters.
 */
static void put_long(struct span line, size_t used, struct buf *out)
{
	size_t cap = LINE_MAX - used;

	line.len -= 2;
	while (line.len > 0 && chars_blank(line.at[line.len - 1]))
		line.len--;
	if (line.len == 0)
		return; /* alone, it would end the header */
	while (line.len > cap) {
		size_t at = cap;

		while (at > 1 && !chars_blank(line.at[at]))
			at--;
		const bool hard = at == 1;
		if (hard)
			at = cap;
		buf_add(out, line.at, at);
		buf_str(out, hard ? "\r\n " : "\r\n");
		cap = hard ? LINE_MAX - 1 : LINE_MAX;
		line = chars_from(line, at);
	}
	buf_add(out, line.at, line.len);
	buf_str(out, "\r\n");
}

/* ASCII, which may hold control characters and lines that are too long. */
static void put_ascii(struct span raw, size_t prefix, struct buf *out,
		      struct notes *notes)
{
	const size_t start = out->len;

	while (raw.len > 0) {
		const struct span line = line_of(raw);

		raw = chars_from(raw, line.len);
		if (line.len - 2 + prefix <= LINE_MAX) {
			buf_add(out, line.at, line.len);
		} else {
			note_add(notes, NOTE_TH_FOLD);
			put_long(line, prefix, out);
		}
		prefix = 0;
	}
	for (size_t i = start; i < out->len; i++) {
		i += chars_plain(chars_from(buf_span(out), i));
		if (i == out->len)
			break;

		const uint8_t c = (uint8_t)out->at[i];

		if (!chars_control(c) || chars_blank(c))
			continue;
		out->at[i] = ' ';
		note_add(notes, NOTE_CONTROL);
	}
}

/*
 * Does an originator's field name anybody, by an address or by one word, as
 * mail within a host does? Else the properties of the item do it better.
 */
static bool names_someone(struct span value)
{
	size_t words = 0;

	if (chars_find(value, '@') < value.len)
		return true;
	for (size_t i = 0; i < value.len; i++) {
		const bool begins = i == 0 || !chars_atom(value.at[i - 1]);

		if (value.at[i] == '"' || value.at[i] == '(')
			return false;
		words += begins && chars_atom(value.at[i]);
	}
	return words == 1;
}

/* What to write before a field's name; marks it as seen. */
static void choose_prefix(const struct transport_field *f, unsigned *seen,
			  struct buf *out, struct notes *notes)
{
	const size_t place = place_of(f->name, singletons, SINGLETONS);
	int64_t sec;

	transport_prefix(f->name, out);
	if (place == SINGLETONS)
		return;
	if (place <= LAST_ORIGINATOR && !names_someone(f->value)) {
		buf_str(out, "X-Ost-Orig-");
		return;
	}
	if (*seen & 1U << place) {
		buf_str(out, "X-Ost-Dup-");
		note_add(notes, NOTE_TH_DUPLICATE);
		return;
	}
	*seen |= 1U << place;
	if (chars_same(f->name, chars_of("Date")) &&
	    !date_parse(f->value, &sec)) {
		buf_str(out, "X-Ost-Orig-");
		note_add(notes, NOTE_TH_DATE);
	}
}

static void put_field(const struct transport_field *f, unsigned *seen,
		      struct buf *out, struct notes *notes)
{
	struct buf name = { 0 };

	choose_prefix(f, seen, &name, notes);
	buf_add(&name, f->name.at, f->name.len);
	if (text_is_ascii(f->raw)) {
		const struct span rest =
			chars_from(f->raw, chars_find(f->raw, ':'));

		buf_add(out, buf_text(&name), name.len);
		put_ascii(rest, name.len, out, notes);
	} else {
		note_add(notes, NOTE_TH_8BIT);
		put_foreign(f, &name, out);
	}
	out->bad = out->bad || name.bad;
	buf_free(&name);
}

static void put_bad_line(struct span line, struct buf *out, struct notes *notes)
{
	const bool mbox = out->len == 0 && chars_begin(line, "From ");

	if (!mbox)
		note_add(notes, NOTE_TH_BAD_LINE);
	encode_field(out, mbox ? "X-Ost-Mbox-From" : "X-Ost-Bad-Header",
		     chars_trim(line));
}

bool transport_write(struct span text, struct buf *out, struct notes *notes)
{
	struct buf all = { 0 }, header = { 0 };
	struct transport_field f;
	unsigned seen = 0;
	struct span rest;
	bool used = false;

	normalise(text, &all);
	rest = without_start(buf_span(&all));
	if (is_plausible(rest)) {
		while (transport_next(&rest, &f))
			if (f.name.len > 0)
				put_field(&f, &seen, &header, notes);
			else
				put_bad_line(f.raw, &header, notes);
		buf_add(out, header.at, header.len);
		used = true;
	}
	out->bad = out->bad || all.bad || header.bad;
	buf_free(&all);
	buf_free(&header);
	return used;
}
