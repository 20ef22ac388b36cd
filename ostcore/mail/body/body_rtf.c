/*
 * body_rtf.c - RTF among the bodies of a message            [MS-OXBBODY]
 */
#include "mail/body/body_rtf.h"

#include <stdlib.h>

#include "mail/attach/attach.h"
#include "mail/body/body_text.h"
#include "mail/rtf/rtf.h"
#include "mail/text/chars.h"
#include "mail/text/lines.h"

enum { NATIVE_RTF = 2 };	   /* [MS-OXBBODY] 2.1.4.2 */
enum { NO_POSITION = UINT32_MAX }; /* of PidTagRenderingPosition */

/*
 * What attachments are called
 */

struct placed {
	uint32_t position;
	size_t index;
};

static int by_position(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->position != y->position)
		return x->position < y->position ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* The names of those that have a place in the RTF, in order. */
static void place_names(const struct attach_list *list, const char **names,
			struct placed *placed, size_t *count)
{
	*count = 0;
	for (size_t i = 0; i < list->count; i++) {
		struct store_object *o = list->all[i].object;
		const uint64_t position =
			o == NULL ? NO_POSITION
				  : store_number(o, MAPI_RENDERING_POSITION,
						 NO_POSITION);

		if (position < NO_POSITION)
			placed[(*count)++] =
				(struct placed){ (uint32_t)position, i };
	}
	qsort(placed, *count, sizeof(*placed), by_position);
	for (size_t i = 0; i < *count; i++)
		names[i] = buf_text(&list->all[placed[i].index].name);
}

/* Read RTF of its own, which may have places for attachments. */
static enum ost_status read_with_names(struct store_object *item,
				       struct span rtf, struct buf *out,
				       struct notes *notes, bool *whole,
				       struct ost_error *err)
{
	struct notes theirs = { 0 }; /* noted by who writes attachments */
	struct attach_list list;
	struct rtf_names names = { 0 };
	const char **at;
	struct placed *placed;
	enum ost_status st = attach_list_open(&list, item, &theirs, err);

	if (st != OST_OK)
		return st;
	at = calloc(list.count + 1, sizeof(*at));
	placed = calloc(list.count + 1, sizeof(*placed));
	if (at != NULL && placed != NULL) {
		place_names(&list, at, placed, &names.count);
		names.at = at;
		*whole = rtf_read(rtf, RTF_PLAIN, &names, out, notes) && *whole;
	} else {
		out->bad = true;
	}
	free(at);
	free(placed);
	attach_list_close(&list);
	return OST_OK;
}

/*
 * The text of the RTF
 */

static bool has_places(struct span rtf)
{
	static const char word[] = "\\objattph";

	return memmem(rtf.at, rtf.len, word, strlen(word)) != NULL;
}

/* Append what `rtf` holds, as a body has it. Clears `*whole` if not all. */
static enum ost_status read_rtf(struct store_object *item, struct span rtf,
				enum rtf_kind kind, struct buf *out,
				struct notes *notes, bool *whole,
				struct ost_error *err)
{
	struct buf text = { 0 }, lines = { 0 };
	enum ost_status st = OST_OK;

	if (kind == RTF_PLAIN && has_places(rtf))
		st = read_with_names(item, rtf, &text, notes, whole, err);
	else
		*whole = rtf_read(rtf, kind, NULL, &text, notes) && *whole;
	lines_crlf(kind == RTF_HTML ? &lines : out, buf_span(&text));
	if (kind == RTF_HTML)
		body_as_utf8(out, buf_span(&lines));
	if (text.bad || lines.bad)
		out->bad = true;
	buf_free(&text);
	buf_free(&lines);
	return st == OST_OK ? buf_status(out, err) : st;
}

/* Are they the same text, but for blanks? */
static bool is_same(struct span a, struct span b)
{
	size_t i = 0, k = 0;

	for (;;) {
		while (i < a.len && chars_blank(a.at[i]))
			i++;
		while (k < b.len && chars_blank(b.at[k]))
			k++;
		if (i == a.len || k == b.len)
			return i == a.len && k == b.len;
		if (a.at[i++] != b.at[k++])
			return false;
	}
}

/* Has the message been changed in its RTF, and nowhere else? */
static bool is_newer(struct store_object *item)
{
	return store_number(item, MAPI_NATIVE_BODY, 0) == NATIVE_RTF &&
	       store_number(item, MAPI_RTF_IN_SYNC, 0) == 0;
}

/*
 * Put `fresh` in the place of the stored body of its kind, which is older
 * unless it says the same.
 */
static void take_fresh(struct body *b, bool html, struct buf *fresh)
{
	struct buf *stored = html ? &b->html : &b->plain;
	uint16_t *id = html ? &b->html_id : &b->plain_id;

	if (stored->len > 0 && is_same(buf_span(stored), buf_span(fresh)))
		return;
	b->older = *stored;
	b->older_is_html = html;
	b->older_id = *id;
	*id = MAPI_RTF_COMPRESSED;
	*stored = *fresh;
	*fresh = (struct buf){ 0 };
}

enum ost_status body_use_rtf(struct store_object *item, struct body *b,
			     struct notes *notes, struct ost_error *err)
{
	const struct span rtf = buf_span(&b->rtf);
	const enum rtf_kind kind = rtf_recognise(rtf);
	const bool html = kind == RTF_HTML, newer = is_newer(item);
	const size_t stored = html ? b->html.len : b->plain.len;
	struct buf fresh = { 0 };
	bool whole = !note_has(notes, NOTE_RTF_CRC) &&
		     !note_has(notes, NOTE_RTF_TRUNCATED);
	enum ost_status st = OST_OK;

	b->stale_plain = newer && b->has_plain;
	b->stale_html = newer && b->has_html;
	if (kind == RTF_NONE) {
		note_add(notes, NOTE_RTF_DAMAGED);
	} else if (newer || stored == 0) {
		bool *has = html ? &b->has_html : &b->has_plain;

		st = read_rtf(item, rtf, kind, &fresh, notes, &whole, err);
		if (fresh.len > 0 || stored == 0) {
			*(html ? &b->stale_html : &b->stale_plain) = false;
			*has = *has || !html || fresh.len > 0;
			take_fresh(b, html, &fresh);
		}
	}
	buf_free(&fresh);
	b->has_rtf = kind == RTF_NONE || kind == RTF_PLAIN || !whole;
	if (!b->has_rtf)
		buf_free(&b->rtf);
	return st;
}
