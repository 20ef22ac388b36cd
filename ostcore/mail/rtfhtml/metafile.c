/*
 * metafile.c - the bitmap in a Windows metafile that only shows one [MS-WMF]
 *
 * Programs for Windows paste a picture as a metafile of one drawing record,
 * with the bitmap in it. Mail programs elsewhere show bitmaps, not metafiles.
 */
#include "mail/rtfhtml/page.h"

enum { COPY = 0x00CC0020 }; /* the raster operation that only copies */

/* Records that show a bitmap, and the bytes between raster operation and it. */
static const struct {
	uint16_t function;
	bool copies; /* begins with a raster operation */
	uint8_t skip;
} shows[] = {
	{ 0x0F43, true, 18 },  /* META_STRETCHDIB */
	{ 0x0B41, true, 16 },  /* META_DIBSTRETCHBLT */
	{ 0x0940, true, 12 },  /* META_DIBBITBLT */
	{ 0x0D33, false, 18 }, /* META_SETDIBTODEV */
};

/* Records that draw nothing. */
static const uint16_t silent[] = {
	0x0000, 0x001E, 0x0035, 0x00F7, 0x0102, 0x0103, 0x0104, 0x0106,
	0x0107, 0x0108, 0x0127, 0x012C, 0x012D, 0x012E, 0x01F0, 0x0201,
	0x0209, 0x020B, 0x020C, 0x020D, 0x020E, 0x0234, 0x02FA, 0x02FB,
	0x02FC, 0x0410, 0x0412, 0x0416, 0x0626,
};

static bool is_silent(uint16_t function)
{
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
		if (silent[i] == function)
			return true;
	return false;
}

/* The bitmap that a record shows, all of it; empty: it does something else. */
static struct span shown_by(uint16_t function, struct span record)
{
	struct cursor c = cur_at(record, 0);

	for (size_t i = 0; i < sizeof(shows) / sizeof(shows[0]); i++) {
		if (shows[i].function != function)
			continue;
		if (shows[i].copies && cur_u32(&c) != COPY)
			break;
		(void)cur_span(&c, shows[i].skip);
		if (cur_ok(&c))
			return c.rest;
	}
	return (struct span){ NULL, 0 };
}

struct span page_metafile_bitmap(struct span wmf)
{
	enum { HEADER = 18, WORD = 2, RECORD = 6 };
	struct cursor c = cur_at(wmf, HEADER);
	struct span found = { NULL, 0 };

	while (cur_ok(&c) && c.rest.len > 0) {
		const uint32_t words = cur_u32(&c);
		const uint16_t function = cur_u16(&c);
		const struct span record =
			cur_span(&c, words >= RECORD / WORD
					     ? (uint64_t)words * WORD - RECORD
					     : UINT64_MAX);

		if (function == 0 || !cur_ok(&c))
			break;
		if (is_silent(function))
			continue;
		if (found.len > 0)
			return (struct span){ NULL, 0 };
		found = shown_by(function, record);
		if (found.len == 0)
			break;
	}
	return found;
}
