/*
 * addrmap_csv.c - a directory as CSV (RFC 4180), a comma, semicolon or tab
 * between the cells, and the names of the columns in the first row
 */
#include "mail/address/addrmap.h"

#include "mail/text/chars.h"

enum { COLUMNS_MAX = 1024 };

struct csv {
	struct span rest;
	size_t line; /* of what is read next, from 1 */
	uint8_t between;
	struct buf cell;
	bool open; /* the quotes of the last cell were never closed */
};

/* Take the quoted part of a cell, "" being a quote in it. */
static void take_quoted(struct csv *c)
{
	c->rest = chars_from(c->rest, 1);
	for (;;) {
		const size_t end = chars_find(c->rest, '"');
		const struct span part = chars_first(c->rest, end);

		buf_add(&c->cell, part.at, part.len);
		for (size_t i = 0; i < part.len; i++)
			c->line += part.at[i] == '\n';
		c->open = end == c->rest.len;
		c->rest = chars_from(c->rest, end + 1);
		if (c->rest.len == 0 || c->rest.at[0] != '"')
			return;
		buf_byte(&c->cell, '"');
		c->rest = chars_from(c->rest, 1);
	}
}

/* Take a cell into `cell`. False when it was the last of its row. */
static bool take_cell(struct csv *c)
{
	buf_cut(&c->cell, 0);
	if (c->rest.len > 0 && c->rest.at[0] == '"')
		take_quoted(c);
	while (c->rest.len > 0) {
		const uint8_t next = c->rest.at[0];

		c->rest = chars_from(c->rest, 1);
		if (next == c->between)
			return true;
		if (next == '\n') {
			c->line++;
			return false;
		}
		buf_byte(&c->cell, (char)next);
	}
	return false;
}

/* What stands between the cells: whichever the header has most of. */
static uint8_t find_between(struct span header)
{
	static const char all[] = { ',', ';', '\t' };
	size_t max = 0;
	char best = ',';

	for (size_t i = 0; i < sizeof(all); i++) {
		size_t count = 0;

		for (size_t at = 0; at < header.len; at++)
			count += header.at[at] == (uint8_t)all[i];
		if (count > max) {
			max = count;
			best = all[i];
		}
	}
	return (uint8_t)best;
}

/* Pass over what programs put before the names of the columns. */
static void find_header(struct csv *c)
{
	for (;;) {
		struct span rest = c->rest;
		size_t line = c->line;
		const struct span first =
			chars_trim(addrmap_line(&rest, &line));

		if (rest.len == 0 || (first.len > 0 && first.at[0] != '#' &&
				      !chars_begin(first, "sep="))) {
			c->between = find_between(first);
			return;
		}
		c->rest = rest;
		c->line = line;
	}
}

/*
 * Read the names of the columns. False: none has X.500 names. `*cut`: there
 * are more than COLUMNS_MAX.
 */
static bool read_header(struct csv *c, unsigned *fields, size_t *count,
			bool *cut)
{
	bool any = false, more = true;

	for (*count = 0; more;) {
		more = take_cell(c);
		*cut = *count == COLUMNS_MAX;
		if (*cut)
			continue;
		const unsigned field =
			addrmap_field(chars_trim(buf_span(&c->cell)));

		any = any || field == ADDRMAP_DN || field == ADDRMAP_PROXIES;
		fields[(*count)++] = field;
	}
	return any;
}

static enum ost_status read_row(struct mail_addrmap *m, struct csv *c,
				const unsigned *fields, size_t count,
				struct ost_error *err)
{
	struct addrmap_entry e = { .line = c->line };
	bool more = true;

	for (size_t i = 0; more; i++) {
		more = take_cell(c);
		if (i < count)
			addrmap_value(&e, fields[i],
				      chars_trim(buf_span(&c->cell)));
	}
	if (c->open)
		addrmap_bad(m, e.line, "quotes that are never closed");
	e.dns.bad = e.dns.bad || c->cell.bad;
	return addrmap_end(m, &e, err);
}

enum ost_status addrmap_csv(struct mail_addrmap *m, struct span text,
			    struct ost_error *err)
{
	struct csv c = { .rest = text, .line = 1 };
	unsigned fields[COLUMNS_MAX];
	size_t count;
	bool cut = false;
	enum ost_status st = OST_OK;

	find_header(&c);
	const size_t header = c.line;
	const bool any = read_header(&c, fields, &count, &cut);
	if (cut)
		addrmap_bad(m, header, "too many columns");
	if (!any)
		addrmap_bad(m, header, "no column legacyExchangeDN");
	while (any && st == OST_OK && c.rest.len > 0)
		st = read_row(m, &c, fields, count, err);
	buf_free(&c.cell);
	return st;
}
