/*
 * lzfu.c - compressed RTF                                   [MS-OXRTFCP]
 */
#include "mail/rtf/lzfu.h"

enum {
	LZFU = 0x75465A4C, /* "LZFu": compressed */
	MELA = 0x414C454D, /* "MELA": stored as it is */
	HEADER = 16,
	BEFORE_SIZE = 4, /* bytes that the size in the header leaves out */
	SIZE_LEAST = HEADER - BEFORE_SIZE,
	RING = 4096,
};

/* What the ring holds at first: 2.1.2.1. */
static const char preset[] =
	"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman "
	"\\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes "
	"New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
	"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
_Static_assert(sizeof(preset) - 1 == 207, "the preset is 207 bytes long");

/* The last 4096 bytes of output, which references point into. */
struct ring {
	uint8_t bytes[RING];
	size_t at; /* where the next byte goes */
};

/* CRC-32 as 2.1.3.2 has it: of polynomial EDB88320, never inverted. */
static uint32_t crc32_of(struct span in)
{
	static const uint32_t table[16] = {
		0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC,
		0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
		0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
		0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
	};
	uint32_t crc = 0;

	for (size_t i = 0; i < in.len; i++) {
		crc ^= in.at[i];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return crc;
}

static void emit(struct ring *ring, uint8_t byte, struct buf *out)
{
	ring->bytes[ring->at] = byte;
	ring->at = (ring->at + 1) % RING;
	buf_byte(out, (char)byte);
}

/*
 * A reference: twelve bits of position and four of length, less two. False
 * when it is the mark of the end: it points to where it would write.
 */
static bool copy(struct ring *ring, uint16_t reference, struct buf *out)
{
	size_t from = reference >> 4;

	if (from == ring->at)
		return false;
	for (unsigned left = (reference & 15) + 2; left > 0; left--) {
		emit(ring, ring->bytes[from], out);
		from = (from + 1) % RING;
	}
	return true;
}

/* Decompress `c` to its end. False if that came before the mark of it. */
static bool decompress(struct cursor *c, struct buf *out)
{
	struct ring ring = { .at = sizeof(preset) - 1 };
	const size_t before = out->len;

	memcpy(ring.bytes, preset, sizeof(preset) - 1);
	while (c->rest.len > 0 && out->len - before <= LZFU_MAX) {
		const uint8_t kinds = cur_u8(c);

		for (unsigned bit = 0; bit < 8 && c->rest.len > 0; bit++) {
			if ((kinds >> bit & 1) == 0) {
				emit(&ring, cur_u8(c), out);
				continue;
			}
			const uint8_t high = cur_u8(c);
			const uint8_t low = cur_u8(c);

			if (!cur_ok(c))
				return false;
			if (!copy(&ring, (uint16_t)(high << 8 | low), out))
				return true;
		}
	}
	return false;
}

/* The header; what else there is of it is in the order it is stored. */
struct lzfu {
	uint32_t size, raw_size, magic, crc;
	struct span body; /* as long as the property lets it be */
	bool cut;
};

static bool read_header(struct span in, struct lzfu *h)
{
	struct cursor c = cur_at(in, 0);

	h->size = cur_u32(&c);
	h->raw_size = cur_u32(&c);
	h->magic = cur_u32(&c);
	h->crc = cur_u32(&c);
	h->body = c.rest;
	h->cut = h->size < SIZE_LEAST ||
		 !span_sub(c.rest, 0, h->size - SIZE_LEAST, &h->body);
	if (h->cut)
		h->body = c.rest;
	return cur_ok(&c);
}

enum ost_status lzfu_decode(struct span in, struct buf *out,
			    struct notes *notes, struct ost_error *err)
{
	const size_t before = out->len;
	struct lzfu h;

	if (!read_header(in, &h))
		return ost_fail(err, OST_CORRUPT,
				"compressed RTF of %zu bytes, not %d", in.len,
				HEADER);
	if (h.magic == MELA) {
		buf_add(out, h.body.at, h.body.len);
		/* Some writers repeat the size as the raw size. */
		if (out->len - before < h.raw_size && h.raw_size != h.size)
			h.cut = true;
	} else if (h.magic == LZFU) {
		struct cursor c = cur_at(h.body, 0);

		if (!decompress(&c, out) || out->len - before < h.raw_size)
			h.cut = true;
		if (!h.cut && crc32_of(h.body) != h.crc)
			note_add(notes, NOTE_RTF_CRC);
	} else {
		return ost_fail(err, OST_CORRUPT,
				"compressed RTF is of kind %#x", h.magic);
	}
	if (out->len - before > LZFU_MAX)
		return ost_fail(err, OST_LIMIT, "over %d MiB of RTF",
				LZFU_MAX >> 20);
	if (out->len == before && h.raw_size > 0)
		return ost_fail(err, OST_CORRUPT,
				"compressed RTF holds nothing of %u bytes",
				h.raw_size);
	if (h.cut)
		note_add(notes, NOTE_RTF_TRUNCATED);
	return buf_status(out, err);
}
