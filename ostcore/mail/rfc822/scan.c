#include "mail/rfc822/scan.h"

enum { CHUNK = 16 << 10 };

/* Look at one more byte, which follows `last` in a line of `*line` so far. */
static void look(struct scan *s, uint8_t last, uint8_t c, size_t *line)
{
	s->crlf = s->crlf || (last == '\r' && c == '\n');
	s->lf = s->lf || (last != '\r' && c == '\n');
	s->strange = s->strange || c == '\0' || (last == '\r' && c != '\n');
	s->eight = s->eight || c >= 0x80;
	*line = c == '\n' ? 0 : *line + (c != '\r');
	if (*line > s->longest)
		s->longest = *line;
}

void scan_bytes(struct scan *out, struct span bytes)
{
	struct scan s = { .whole = true };
	uint8_t last = 0;
	size_t line = 0;

	for (size_t i = 0; i < bytes.len; i++) {
		look(&s, last, bytes.at[i], &line);
		last = bytes.at[i];
	}
	s.strange = s.strange || last == '\r';
	*out = s;
}

enum ost_status scan_data(struct scan *out, struct store_object *o,
			  const struct store_prop *data, uint64_t from,
			  struct ost_error *err)
{
	const uint64_t all = from < data->size ? data->size - from : 0;
	const uint64_t max = all < SCAN_MAX ? all : SCAN_MAX;
	struct scan s = { .whole = max == all };
	uint8_t bytes[CHUNK], last = 0;
	size_t line = 0;

	for (uint64_t off = 0; off < max;) {
		const size_t len =
			(size_t)(max - off < CHUNK ? max - off : CHUNK);
		const enum ost_status st =
			store_read(o, data, from + off, bytes, len, err);

		if (st != OST_OK)
			return st;
		for (size_t i = 0; i < len; i++) {
			look(&s, last, bytes[i], &line);
			last = bytes[i];
		}
		off += len;
	}
	s.strange = s.strange || last == '\r';
	*out = s;
	return OST_OK;
}
