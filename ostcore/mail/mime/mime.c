/*
 * mime.c - text entities and multiparts
 */
#include "mail/mime/mime.h"

#include "bytes/text.h"
#include "mail/header/header.h"
#include "mail/text/chars.h"
#include "mail/text/encode.h"

enum { LINE_MAX = 998 }; /* RFC 5322 2.1.1, without CRLF */

/* Above this share of escapes base64 is shorter, and no less readable. */
enum { ESCAPES_MOST_PERCENT = 40 };

static void header_begin(struct mime *m, const struct mime_top *top)
{
	if (top != NULL)
		buf_add(pieces_out(m->pieces), top->header.at, top->header.len);
}

void mime_header_end(struct mime *m, const struct mime_top *top)
{
	struct buf *out = pieces_out(m->pieces);

	if (top != NULL)
		header_tail(top->item, top->notes, out);
	buf_str(out, "\r\n");
}

/*
 * Text
 */

struct shape {
	bool ascii;
	bool strange;	/* NUL, or CR and LF apart: no line of mail */
	size_t longest; /* bytes in the longest line */
	size_t escapes; /* bytes that quoted-printable escapes */
};

static struct shape measure(struct span text)
{
	struct shape s = { .ascii = true };
	size_t line = 0;

	for (size_t i = 0; i < text.len; i++) {
		const struct span rest = chars_from(text, i);
		const size_t plain = chars_plain(rest);
		uint8_t c;

		line += plain;
		if (line > s.longest)
			s.longest = line;
		s.escapes += chars_count(chars_first(rest, plain), '=');
		i += plain;
		if (i == text.len)
			break;
		c = text.at[i];
		if (c == '\r' && i + 1 < text.len && text.at[i + 1] == '\n') {
			i++;
			line = 0;
			continue;
		}
		line++;
		if (line > s.longest)
			s.longest = line;
		s.ascii = s.ascii && c < 0x80;
		s.strange = s.strange || c == '\0' || c == '\r' || c == '\n';
		s.escapes += c != '\t';
	}
	return s;
}

enum mime_lines mime_text(struct mime *m, const struct mime_top *top,
			  const char *type, struct span fields,
			  struct span text)
{
	struct buf *out = pieces_out(m->pieces);
	const struct shape s = measure(text);
	const bool plain = s.longest <= LINE_MAX && !s.strange;
	const bool base64 =
		!plain && s.escapes / ESCAPES_MOST_PERCENT > text.len / 100;
	const char *encoding = base64	 ? "base64"
			       : !plain	 ? "quoted-printable"
			       : s.ascii ? "7bit"
					 : "8bit";

	header_begin(m, top);
	buf_printf(out,
		   "Content-Type: %s; charset=%s\r\n"
		   "Content-Transfer-Encoding: %s\r\n",
		   type, s.ascii ? "us-ascii" : "utf-8", encoding);
	buf_add(out, fields.at, fields.len);
	mime_header_end(m, top);
	if (base64)
		pieces_base64(m->pieces, text);
	else if (!plain)
		encode_quoted_printable(out, text);
	else
		buf_add(out, text.at, text.len);
	return plain && !s.ascii ? MIME_8BIT : MIME_7BIT;
}

/*
 * Multiparts
 */

void mime_open(struct mime *m, struct mime_multi *multi)
{
	*multi = (struct mime_multi){
		.slot = pieces_slot(m->pieces),
		.boundary = boundary_new(m->boundaries),
	};
}

void mime_part(struct mime *m, struct mime_multi *multi)
{
	struct buf *out = pieces_out(m->pieces);

	buf_str(out, multi->any ? "\r\n--" : "--");
	boundary_put(m->boundaries, m->pieces, multi->boundary);
	buf_str(out, "\r\n");
	multi->any = true;
}

void mime_close(struct mime *m, const struct mime_multi *multi,
		const struct mime_top *top, const char *subtype)
{
	struct buf *out = pieces_out(m->pieces);

	buf_str(out, "\r\n--");
	boundary_put(m->boundaries, m->pieces, multi->boundary);
	buf_str(out, "--\r\n");
	pieces_cut(m->pieces);

	header_begin(m, top);
	buf_printf(out, "Content-Type: multipart/%s;\r\n boundary=\"", subtype);
	boundary_put(m->boundaries, m->pieces, multi->boundary);
	buf_printf(out, "\"\r\nContent-Transfer-Encoding: %s\r\n",
		   multi->lines == MIME_8BIT ? "8bit" : "7bit");
	mime_header_end(m, top);
	pieces_fill(m->pieces, multi->slot);
}
