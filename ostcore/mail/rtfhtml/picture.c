/*
 * picture.c - pictures: the bytes in {\pict, made a file
 */
#include <stdlib.h>

#include "mail/rtfhtml/page.h"
#include "mail/text/chars.h"

enum { FILE_HEADER = 14, INFO_HEADER = 40, CORE_HEADER = 12 };

void page_picture_begin(struct page *p)
{
	buf_cut(&p->picture.bytes, 0);
	p->picture.form = PICTURE_FILE;
	p->picture.width = p->picture.height = 0;
	p->picture.goal_width = p->picture.goal_height = 0;
	p->picture.scale_x = p->picture.scale_y = 100;
	p->picture.high = -1;
}

static int digit_of(uint8_t c)
{
	const uint8_t low = chars_lower(c);

	if (chars_digit(c))
		return c - '0';
	return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

void page_picture_digits(struct page *p, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		const int digit = digit_of(text.at[i]);

		if (digit < 0)
			continue;
		if (p->picture.high < 0) {
			p->picture.high = digit;
			continue;
		}
		buf_byte(&p->picture.bytes,
			 (char)(p->picture.high << 4 | digit));
		p->picture.high = -1;
	}
}

void page_picture_bytes(struct page *p, struct span bytes)
{
	buf_add(&p->picture.bytes, bytes.at, bytes.len);
}

/*
 * Files of them
 */

static bool begins(struct span s, const char *with, size_t len)
{
	return s.len >= len && memcmp(s.at, with, len) == 0;
}

/* The type of what is a file as it is; NULL: it is none that is known. */
static const char *type_of(struct span s)
{
	struct span at40;

	if (begins(s, "\x89PNG\r\n\x1A\n", 8))
		return "image/png";
	if (begins(s, "\xFF\xD8\xFF", 3))
		return "image/jpeg";
	if (begins(s, "GIF8", 4))
		return "image/gif";
	if (begins(s, "\xD7\xCD\xC6\x9A", 4))
		return "image/wmf";
	if (begins(s, "\1\0\0\0", 4) && span_sub(s, 40, 4, &at40) &&
	    memcmp(at40.at, " EMF", 4) == 0)
		return "image/emf";
	if (begins(s, "BM", 2) && s.len > FILE_HEADER + CORE_HEADER)
		return "image/bmp";
	return NULL;
}

static void put_le(struct buf *out, uint64_t value, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		buf_byte(out, (char)(value >> 8 * i & 0xFF));
}

/*
 * A device independent bitmap: a BMP file without its own header, which says
 * where the pixels begin. False: it is none.
 */
static bool put_bitmap(struct buf *out, struct span dib)
{
	struct cursor c = cur_at(dib, 0);
	const uint32_t header = cur_u32(&c);
	const bool core = header == CORE_HEADER;

	(void)cur_span(&c, core ? 4 : 8); /* width, height */
	(void)cur_u16(&c);		  /* planes */
	const uint16_t bits = cur_u16(&c);
	const uint32_t compression = core ? 0 : cur_u32(&c);
	if (!core)
		(void)cur_span(&c, 12); /* size, pixels per metre */
	uint64_t colors = core ? 0 : cur_u32(&c);
	if (!cur_ok(&c) || (!core && header < INFO_HEADER) || bits > 32)
		return false;
	if (colors == 0 && bits <= 8)
		colors = UINT64_C(1) << bits;
	const uint64_t at =
		header + colors * (core ? 3 : 4) +
		(compression == 3 && header == INFO_HEADER ? 12 : 0);
	if (at >= dib.len || dib.len > UINT32_MAX - FILE_HEADER)
		return false;
	buf_str(out, "BM");
	put_le(out, dib.len + FILE_HEADER, 4);
	put_le(out, 0, 4);
	put_le(out, at + FILE_HEADER, 4);
	buf_add(out, dib.at, dib.len);
	return true;
}

/*
 * A Windows metafile, to which the header is added that says how large it is
 * [MS-WMF] 2.3.2.3: without it few programs show it.
 */
static bool put_metafile(struct buf *out, struct span wmf,
			 const struct picture *picture)
{
	enum { KEY = 0x9AC6CDD7, TWIPS_PER_INCH = 1440 };
	uint16_t words[10] = { KEY & 0xFFFF, KEY >> 16, 0, 0, 0 };
	uint16_t sum = 0;
	int32_t width = picture->goal_width, height = picture->goal_height;

	if (!begins(wmf, "\1\0\x09\0", 4) && !begins(wmf, "\2\0\x09\0", 4))
		return false;
	/* Else in hundredths of a millimetre. */
	if (width <= 0 || height <= 0) {
		width = (int32_t)((int64_t)picture->width * 1440 / 2540);
		height = (int32_t)((int64_t)picture->height * 1440 / 2540);
	}
	words[5] = (uint16_t)(width > 0 && width < INT16_MAX ? width : 1440);
	words[6] = (uint16_t)(height > 0 && height < INT16_MAX ? height : 1440);
	words[7] = TWIPS_PER_INCH;
	for (size_t i = 0; i < 10; i++) {
		sum ^= words[i];
		put_le(out, words[i], 2);
	}
	put_le(out, sum, 2);
	buf_add(out, wmf.at, wmf.len);
	return true;
}

/* The picture as a file; NULL: none that is known. */
static const char *make_file(const struct picture *picture, struct buf *out)
{
	const struct span s = buf_span(&picture->bytes);
	const char *type = type_of(s);

	if (type != NULL) {
		buf_add(out, s.at, s.len);
		return type;
	}
	if (picture->form == PICTURE_METAFILE &&
	    put_bitmap(out, page_metafile_bitmap(s)))
		return "image/bmp";
	if (picture->form == PICTURE_METAFILE && put_metafile(out, s, picture))
		return "image/wmf";
	if (picture->form == PICTURE_BITMAP && put_bitmap(out, s))
		return "image/bmp";
	return NULL;
}

/*
 * Their place in the text
 */

static bool keep(struct page *p, const char *type, struct buf *bytes)
{
	struct rtfhtml *h = p->out;

	if (h->count == PICTURES_MAX)
		return false;
	if (h->count == h->cap) {
		const size_t cap = h->cap == 0 ? 4 : h->cap * 2;
		void *at = realloc(h->pictures, cap * sizeof(*h->pictures));

		if (at == NULL) {
			p->bad = true;
			return false;
		}
		h->pictures = at;
		h->cap = cap;
	}
	h->pictures[h->count++] = (struct rtfhtml_picture){ type, *bytes };
	*bytes = (struct buf){ 0 };
	return true;
}

/* A length in pixels: as it should be, scaled. */
static int length_of(int32_t goal, int32_t scale)
{
	return page_pixels((int64_t)goal * (scale > 0 ? scale : 100) / 100);
}

void page_picture_end(struct page *p)
{
	const struct picture *picture = &p->picture;
	const int width = length_of(picture->goal_width, picture->scale_x);
	const int height = length_of(picture->goal_height, picture->scale_y);
	struct buf file = { 0 }, html = { 0 };
	const char *type = make_file(picture, &file);

	p->bad = p->bad || picture->bytes.bad || file.bad;
	if (picture->bytes.len == 0)
		goto out;
	p->out->rich = p->any = true;
	if (type != NULL && !p->bad && keep(p, type, &file)) {
		buf_str(&html, "<img src=\"cid:");
		rtfhtml_id(p->out->count - 1, &html);
		buf_str(&html, "\" alt=\"\"");
		if (width > 0 && height > 0)
			buf_printf(&html, " width=\"%d\" height=\"%d\"", width,
				   height);
		buf_str(&html, ">");
	} else {
		buf_str(&html, "[picture]");
	}
	page_inline(p, buf_span(&html));
	p->bad = p->bad || html.bad;
out:
	buf_free(&file);
	buf_free(&html);
	buf_cut(&p->picture.bytes, 0);
}
