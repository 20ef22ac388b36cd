/*
 * body_rtf.c - RTF among the bodies of a message            [MS-OXBBODY]
 */
#include "mail/body/body_rtf.h"

#include <stdlib.h>

#include "mail/attach/ole.h"
#include "mail/body/body_text.h"
#include "mail/rtf/rtf.h"
#include "mail/text/chars.h"
#include "mail/text/lines.h"

enum { NATIVE_RTF = 2 }; /* [MS-OXBBODY] 2.1.4.2 */

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

/* Those that have a place in the RTF, in order. */
struct places {
	struct attach_list list;
	struct rtf_names names;
	const char **at;
	const char **ids;
	struct buf *owned; /* what `ids` points to */
};

static void places_free(struct places *p)
{
	for (size_t i = 0; p->owned != NULL && i < p->names.count; i++)
		buf_free(&p->owned[i]);
	free(p->at);
	free(p->ids);
	free(p->owned);
	attach_list_close(&p->list);
}

/* What is a picture is shown in its place, by its Content-ID. */
static void place_one(struct places *p, size_t i, const struct attach *a)
{
	p->at[i] = buf_text(&a->name);
	if (a->kind != MAIL_FILE || !chars_begin(buf_span(&a->type), "image/"))
		return;
	attach_place_id(a, &p->owned[i]);
	p->ids[i] = buf_text(&p->owned[i]);
}

static void place_all(struct places *p, struct placed *placed)
{
	const struct attach_list *list = &p->list;
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++)
		if (list->all[i].position != ATTACH_NO_POSITION)
			placed[count++] =
				(struct placed){ list->all[i].position, i };
	qsort(placed, count, sizeof(*placed), by_position);
	for (size_t i = 0; i < count; i++)
		place_one(p, i, &list->all[placed[i].index]);
	p->names = (struct rtf_names){ p->at, count, p->ids };
}

static bool has_places(struct span rtf)
{
	static const char word[] = "\\objattph";

	return rtf.len > 0 &&
	       memmem(rtf.at, rtf.len, word, strlen(word)) != NULL;
}

/* None, when the RTF has no place for any. */
static enum ost_status places_open(struct places *p, struct store_object *item,
				   struct span rtf, struct ost_error *err)
{
	struct notes theirs = { 0 }; /* noted by who writes attachments */
	struct placed *placed;
	enum ost_status st;

	*p = (struct places){ 0 };
	if (!has_places(rtf))
		return OST_OK;
	st = attach_list_open(&p->list, item, &theirs, err);
	if (st == OST_OK)
		st = ole_add(&p->list, &theirs, err);
	if (st != OST_OK) {
		attach_list_close(&p->list);
		return st;
	}
	p->at = calloc(p->list.count + 1, sizeof(*p->at));
	p->ids = calloc(p->list.count + 1, sizeof(*p->ids));
	p->owned = calloc(p->list.count + 1, sizeof(*p->owned));
	placed = calloc(p->list.count + 1, sizeof(*placed));
	if (p->at != NULL && p->ids != NULL && p->owned != NULL &&
	    placed != NULL)
		place_all(p, placed);
	else
		st = ost_no_memory(err);
	free(placed);
	if (st != OST_OK)
		places_free(p);
	return st;
}

/*
 * The text of the RTF
 */

/* Append what `rtf` holds, as a body has it. Clears `*whole` if not all. */
static enum ost_status read_rtf(struct span rtf, enum rtf_kind kind,
				const struct rtf_names *names, struct buf *out,
				struct notes *notes, bool *whole,
				struct ost_error *err)
{
	struct buf text = { 0 }, lines = { 0 };

	*whole = rtf_read(rtf, kind, names, &text, notes) && *whole;
	lines_crlf(kind == RTF_HTML ? &lines : out, buf_span(&text));
	if (kind == RTF_HTML)
		body_as_utf8(out, buf_span(&lines));
	if (text.bad || lines.bad)
		out->bad = true;
	buf_free(&text);
	buf_free(&lines);
	return buf_status(out, err);
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
	if (stored->len > 0) {
		b->older = *stored;
		b->older_is_html = html;
		b->older_id = *id;
	}
	*id = MAPI_RTF_COMPRESSED;
	*stored = *fresh;
	*fresh = (struct buf){ 0 };
}

/*
 * May HTML be made of RTF beside the stored text? Not when that says another
 * thing, and nothing tells that the RTF is the newer.
 */
static bool is_current(struct store_object *item, struct body *b,
		       const struct rtf_names *names)
{
	struct buf text = { 0 };
	struct notes notes = { 0 };
	bool same;

	if (b->plain.len == 0 || b->plain_id == MAPI_RTF_COMPRESSED ||
	    store_number(item, MAPI_RTF_IN_SYNC, 0) != 0)
		return true;
	(void)rtf_read(buf_span(&b->rtf), RTF_PLAIN, names, &text, &notes);
	same = is_same(buf_span(&b->plain), buf_span(&text));
	buf_free(&text);
	return same;
}

/* RTF of its own becomes HTML, unless there is some as new. */
static enum ost_status show_rtf(struct store_object *item, struct body *b,
				const struct rtf_names *names,
				struct ost_error *err)
{
	const bool newer = is_newer(item) && b->older.len == 0;

	b->rtf_rich = true;
	if ((b->html.len > 0 && !newer) || !is_current(item, b, names))
		return OST_OK;
	if (!rtfhtml_make(buf_span(&b->rtf), names, &b->shown)) {
		const enum ost_status st = buf_status(&b->shown.html, err);

		rtfhtml_free(&b->shown);
		return st;
	}
	b->rtf_rich = b->shown.rich;
	if (b->shown.html.len > 0) {
		b->has_html = true;
		b->stale_html = false;
		take_fresh(b, true, &b->shown.html);
	}
	return OST_OK;
}

/* Take the text or HTML that `b` has not, or has only older. */
static enum ost_status take_rtf(struct store_object *item, struct body *b,
				enum rtf_kind kind,
				const struct rtf_names *names,
				struct notes *notes, bool *whole,
				struct ost_error *err)
{
	const bool html = kind == RTF_HTML;
	const size_t stored = html ? b->html.len : b->plain.len;
	struct buf fresh = { 0 };
	enum ost_status st = OST_OK;

	if (is_newer(item) || stored == 0) {
		bool *has = html ? &b->has_html : &b->has_plain;

		st = read_rtf(buf_span(&b->rtf), kind, names, &fresh, notes,
			      whole, err);
		if (fresh.len > 0 || stored == 0) {
			*(html ? &b->stale_html : &b->stale_plain) = false;
			*has = *has || !html || fresh.len > 0;
			take_fresh(b, html, &fresh);
		}
	}
	buf_free(&fresh);
	if (st == OST_OK && kind == RTF_PLAIN)
		st = show_rtf(item, b, names, err);
	return st;
}

enum ost_status body_use_rtf(struct store_object *item, struct body *b,
			     struct notes *notes, struct ost_error *err)
{
	const enum rtf_kind kind = rtf_recognise(buf_span(&b->rtf));
	struct places places = { 0 };
	bool whole = !note_has(notes, NOTE_RTF_CRC) &&
		     !note_has(notes, NOTE_RTF_TRUNCATED);
	enum ost_status st = OST_OK;

	b->stale_plain = is_newer(item) && b->has_plain;
	b->stale_html = is_newer(item) && b->has_html;
	if (kind == RTF_NONE)
		note_add(notes, NOTE_RTF_DAMAGED);
	if (kind == RTF_PLAIN)
		st = places_open(&places, item, buf_span(&b->rtf), err);
	if (st == OST_OK && kind != RTF_NONE) {
		st = take_rtf(item, b, kind, &places.names, notes, &whole, err);
		places_free(&places);
	}
	b->has_rtf = kind == RTF_NONE || kind == RTF_PLAIN || !whole;
	b->rtf_rich = b->rtf_rich || kind == RTF_NONE || !whole;
	if (!b->has_rtf)
		buf_free(&b->rtf);
	return st;
}
