#include "mail/textform/card.h"

#include "mail/text/chars.h"

/* A line of a vCard or iCalendar, without its folds. */
struct entry {
	struct span name;
	struct span parameters; /* ";A=b;C=d" */
	struct span value;
};

enum style {
	STYLE_TEXT,   /* its escapes undone */
	STYLE_PARTS,  /* parts with ";" between */
	STYLE_TIME,   /* one or more dates or times */
	STYLE_PERSON, /* mailto: with its name beside it */
	STYLE_PLAIN,  /* as it is */
	STYLE_NONE,   /* not for people */
	STYLE_BODY,   /* shown of an exception, or where there is no body */
};

static const struct rule {
	const char *name, *label;
	enum style style;
} rules[] = {
	{ "SUMMARY", "Subject", STYLE_TEXT },
	{ "DTSTART", "Start", STYLE_TIME },
	{ "DTEND", "End", STYLE_TIME },
	{ "DUE", "Due", STYLE_TIME },
	{ "COMPLETED", "Completed", STYLE_TIME },
	{ "RRULE", "Repeats", STYLE_PLAIN },
	{ "RDATE", "Also on", STYLE_TIME },
	{ "EXDATE", "Not on", STYLE_TIME },
	{ "RECURRENCE-ID", "Instead of", STYLE_TIME },
	{ "X-OST-DTEND", "End", STYLE_TIME },
	{ "X-OST-DUE", "Due", STYLE_TIME },
	{ "LOCATION", "Location", STYLE_TEXT },
	{ "CLASS", "Access", STYLE_TEXT },
	{ "ORGANIZER", "Organizer", STYLE_PERSON },
	{ "ATTENDEE", "Attendee", STYLE_PERSON },
	{ "MEMBER", "Member", STYLE_PERSON },
	{ "X-OST-MEMBER", "Member", STYLE_TEXT },
	{ "FN", "Name", STYLE_TEXT },
	{ "N", "Name in parts", STYLE_PARTS },
	{ "ORG", "Organization", STYLE_PARTS },
	{ "ADR", "Address", STYLE_PARTS },
	{ "TEL", "Phone", STYLE_TEXT },
	{ "EMAIL", "E-mail", STYLE_TEXT },
	{ "BDAY", "Birthday", STYLE_TIME },
	{ "ANNIVERSARY", "Anniversary", STYLE_TIME },
	{ "DESCRIPTION", "Description", STYLE_BODY },
	{ "BEGIN", NULL, STYLE_NONE },
	{ "END", NULL, STYLE_NONE },
	{ "VERSION", NULL, STYLE_NONE },
	{ "PRODID", NULL, STYLE_NONE },
	{ "CALSCALE", NULL, STYLE_NONE },
	{ "METHOD", NULL, STYLE_NONE },
	{ "UID", NULL, STYLE_NONE },
	{ "DTSTAMP", NULL, STYLE_NONE },
	{ "CREATED", NULL, STYLE_NONE },
	{ "LAST-MODIFIED", NULL, STYLE_NONE },
	{ "REV", NULL, STYLE_NONE },
	{ "SEQUENCE", NULL, STYLE_NONE },
	{ "TRANSP", NULL, STYLE_NONE },
	{ "ATTACH", NULL, STYLE_NONE },
	{ "PHOTO", NULL, STYLE_NONE },
	{ "LOGO", NULL, STYLE_NONE },
	{ "KEY", NULL, STYLE_NONE },
	{ "NOTE", "Note", STYLE_BODY },
	{ "X-ALT-DESC", NULL, STYLE_NONE },
	{ "X-OST-NOTE", NULL, STYLE_NONE },
	{ "X-OST-ATTACHMENT", NULL, STYLE_NONE },
	{ "X-MICROSOFT-CDO-INSTTYPE", NULL, STYLE_NONE },
	{ "X-MICROSOFT-CDO-OWNERAPPTID", NULL, STYLE_NONE },
	{ "X-MICROSOFT-CDO-ALLDAYEVENT", NULL, STYLE_NONE },
	{ "X-MICROSOFT-DISALLOW-COUNTER", NULL, STYLE_NONE },
};

/* Components of iCalendar that are not for people. */
static const char *const unseen[] = { "VTIMEZONE", "VALARM" };

static struct rule rule_of(struct span name)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (chars_same(name, chars_of(rules[i].name)))
			return rules[i];
	return (struct rule){ NULL, NULL, STYLE_TEXT };
}

/* "X-MS-SPOUSE" says "Spouse"; what is known only here keeps its words. */
static void put_label(struct buf *out, struct span name)
{
	static const char *const prefixes[] = {
		"X-MICROSOFT-CDO-", "X-MICROSOFT-",
		"X-MS-OLK-",	    "X-MS-",
		"X-OST-",	    "X-"
	};
	const size_t start = out->len;

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (chars_begin(name, prefixes[i])) {
			name = chars_from(name, strlen(prefixes[i]));
			break;
		}
	for (size_t i = 0; i < name.len; i++) {
		const uint8_t c = chars_lower(name.at[i]);

		if (c == '-')
			buf_byte(out, ' ');
		else
			buf_byte(out, (char)(out->len == start && c >= 'a' &&
							     c <= 'z'
						     ? c & ~0x20
						     : c));
	}
}

/*
 * Taking lines apart
 */

/* Append the next line, unfolded, and take it off `*text`. */
static bool next_line(struct span *text, struct buf *out)
{
	buf_cut(out, 0);
	if (text->len == 0)
		return false;
	for (;;) {
		const struct span line =
			chars_first(*text, chars_find(*text, '\n'));
		const size_t cr = line.len > 0 && line.at[line.len - 1] == '\r';

		buf_add(out, line.at, line.len - cr);
		*text = chars_from(*text, line.len + (line.len < text->len));
		if (text->len == 0 || !chars_in(text->at[0], " \t"))
			return true;
		*text = chars_from(*text, 1);
	}
}

/* Where the first of `set` is in `s`, outside of quotes; its length: nowhere */
static size_t find_outside(struct span s, const char *set)
{
	bool quoted = false;

	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] == '"')
			quoted = !quoted;
		else if (!quoted && chars_in(s.at[i], set))
			return i;
	}
	return s.len;
}

static struct entry split(struct span line)
{
	const size_t name = find_outside(line, ";:");
	const struct span rest = chars_from(line, name);
	const size_t parameters = find_outside(rest, ":");
	struct entry e = {
		.name = chars_first(line, name),
		.parameters = chars_first(rest, parameters),
		.value = chars_from(rest, parameters + 1),
	};
	const size_t dot = chars_find(e.name, '.'); /* "item1.EMAIL" */

	if (dot < e.name.len)
		e.name = chars_from(e.name, dot + 1);
	return e;
}

/* Append the values of parameter `name`, RFC 6868's circumflexes undone. */
static void put_parameter(struct buf *out, const struct entry *e,
			  const char *name)
{
	struct span rest = chars_from(e->parameters, 1);
	const char *between = "";

	while (rest.len > 0) {
		const struct span one =
			chars_first(rest, find_outside(rest, ";"));
		const size_t equals = chars_find(one, '=');
		const struct span value = chars_from(one, equals + 1);

		rest = chars_from(rest, one.len + 1);
		if (!chars_same(chars_first(one, equals), chars_of(name)))
			continue;
		buf_str(out, between);
		between = ", ";
		for (size_t i = 0; i < value.len; i++) {
			const uint8_t next =
				i + 1 < value.len ? value.at[i + 1] : 0;

			if (value.at[i] == '"')
				continue;
			if (value.at[i] != '^' || !chars_in(next, "n'^")) {
				buf_byte(out, (char)value.at[i]);
				continue;
			}
			buf_byte(out, next == 'n'   ? ' '
				      : next == '^' ? '^'
						    : '"');
			i++;
		}
	}
}

/*
 * Values
 */

static void put_text(struct buf *out, struct span value)
{
	for (size_t i = 0; i < value.len; i++) {
		if (value.at[i] != '\\' || i + 1 == value.len) {
			buf_byte(out, (char)value.at[i]);
			continue;
		}
		i++;
		buf_byte(out, chars_in(value.at[i], "nN") ? '\n'
							  : (char)value.at[i]);
	}
}

static void put_parts(struct buf *out, struct span value)
{
	const size_t start = out->len;

	while (value.len > 0) {
		size_t len = 0;

		while (len < value.len && value.at[len] != ';')
			len += value.at[len] == '\\' && len + 1 < value.len ? 2
									    : 1;
		const struct span part = chars_trim(chars_first(value, len));

		value = chars_from(value, len + 1);
		if (part.len > 0 && out->len > start)
			buf_str(out, ", ");
		put_text(out, part);
	}
}

static bool has_digits(struct span s, size_t from, size_t count)
{
	for (size_t i = from; i < from + count; i++)
		if (i >= s.len || !chars_digit(s.at[i]))
			return false;
	return true;
}

/* "20240305T093000Z" as "2024-03-05 09:30 UTC"; what is none as it is. */
static void put_time(struct buf *out, struct span t)
{
	const bool clock = t.len >= 15 && t.at[8] == 'T' && has_digits(t, 9, 6);

	if (!has_digits(t, 0, 8) || (t.len != 8 && !clock)) {
		buf_add(out, t.at, t.len);
		return;
	}
	buf_printf(out, "%.4s-%.2s-%.2s", (const char *)t.at,
		   (const char *)t.at + 4, (const char *)t.at + 6);
	if (!clock)
		return;
	buf_printf(out, " %.2s:%.2s", (const char *)t.at + 9,
		   (const char *)t.at + 11);
	if (memcmp(t.at + 13, "00", 2) != 0)
		buf_printf(out, ":%.2s", (const char *)t.at + 13);
	if (t.len > 15 && t.at[15] == 'Z')
		buf_str(out, " UTC");
}

static void put_times(struct buf *out, const struct entry *e)
{
	struct span rest = e->value;
	struct buf zone = { 0 };

	while (rest.len > 0) {
		const struct span one =
			chars_first(rest, chars_find(rest, ','));

		put_time(out, one);
		rest = chars_from(rest, one.len + 1);
		if (rest.len > 0)
			buf_str(out, ", ");
	}
	put_parameter(&zone, e, "TZID");
	if (zone.len > 0)
		buf_printf(out, " (%s)", buf_text(&zone));
	buf_free(&zone);
}

static void put_person(struct buf *out, const struct entry *e)
{
	struct span address = e->value;
	struct buf said = { 0 };

	put_parameter(out, e, "CN");
	if (chars_begin(address, "mailto:"))
		address = chars_from(address, strlen("mailto:"));
	if (chars_same(address, buf_span(out))) /* known by it alone */
		address.len = 0;
	if (address.len > 0)
		buf_printf(out, out->len > 0 ? " <%.*s>" : "%.*s",
			   (int)address.len, (const char *)address.at);
	put_parameter(&said, e, "PARTSTAT");
	for (size_t i = 0; i < said.len; i++)
		said.at[i] = said.at[i] == '-'
				     ? ' '
				     : (char)chars_lower((uint8_t)said.at[i]);
	if (said.len > 0)
		buf_printf(out, " (%s)", buf_text(&said));
	buf_free(&said);
}

static void put_value(struct buf *out, const struct entry *e, enum style style)
{
	switch (style) {
	case STYLE_PARTS:
		put_parts(out, e->value);
		break;
	case STYLE_TIME:
		put_times(out, e);
		break;
	case STYLE_PERSON:
		put_person(out, e);
		break;
	case STYLE_PLAIN:
		buf_add(out, e->value.at, e->value.len);
		break;
	default:
		put_text(out, e->value);
	}
}

/* Is the value bytes in base64? */
static bool is_bytes(const struct entry *e)
{
	struct buf encoding = { 0 };
	bool is;

	put_parameter(&encoding, e, "ENCODING");
	is = chars_begin(buf_span(&encoding), "b") ||
	     chars_begin(e->value, "data:");
	buf_free(&encoding);
	return is;
}

static void put_entry(struct page *p, const struct entry *e, bool described)
{
	const struct rule rule = rule_of(e->name);
	struct buf label = { 0 }, kind = { 0 }, value = { 0 };

	if (rule.style == STYLE_NONE || is_bytes(e) ||
	    (rule.style == STYLE_BODY && !described))
		return;
	if (rule.label != NULL)
		buf_str(&label, rule.label);
	else
		put_label(&label, e->name);
	put_parameter(&kind, e, "TYPE");
	for (size_t i = 0; i < kind.len; i++)
		kind.at[i] = (char)chars_lower((uint8_t)kind.at[i]);
	if (kind.len > 0)
		buf_printf(&label, " (%s)", buf_text(&kind));
	put_value(&value, e, rule.style);
	page_field(p, buf_text(&label), buf_span(&value));
	p->out->bad = p->out->bad || label.bad || kind.bad || value.bad;
	buf_free(&label);
	buf_free(&kind);
	buf_free(&value);
}

static bool is_unseen(struct span component)
{
	for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
		if (chars_same(component, chars_of(unseen[i])))
			return true;
	return false;
}

void card_put(struct page *p, struct span text, bool described)
{
	struct buf line = { 0 };
	size_t shown = 0;   /* components seen that are for people */
	unsigned depth = 0; /* in those that are not */

	while (next_line(&text, &line)) {
		const struct entry e = split(buf_span(&line));
		const bool begins = chars_same(e.name, chars_of("BEGIN"));

		if (begins && (depth > 0 || is_unseen(e.value)))
			depth++;
		else if (begins &&
			 !chars_same(e.value, chars_of("VCALENDAR")) &&
			 shown++ > 0)
			page_gap(p);
		else if (depth == 0)
			put_entry(p, &e, described || shown > 1);
		if (depth > 0 && chars_same(e.name, chars_of("END")))
			depth--;
	}
	p->out->bad = p->out->bad || line.bad;
	buf_free(&line);
}
