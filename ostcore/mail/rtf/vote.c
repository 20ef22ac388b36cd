#include "mail/rtf/vote.h"

#include <stdlib.h>

#include "bytes/text.h"
#include "mail/rtf/lzfu.h"
#include "mail/text/chars.h"

enum {
	SAMPLE = 500,	   /* messages */
	ROWS_MAX = 8,	   /* of recipients and of attachments, of a message */
	STRING_MAX = 1024, /* bytes of a text that is looked at */
	RTF_MAX = 512,	   /* of the start of compressed RTF */
	PAGES_MAX = 64,	   /* that are voted for */
};

struct votes {
	struct vote {
		unsigned cp, count;
	} at[PAGES_MAX];
	size_t pages;
	unsigned all;
};

static void vote_for(struct votes *v, unsigned cp)
{
	size_t i = 0;

	if (cp == 0 || cp > UINT16_MAX || !text_knows(cp))
		return;
	while (i < v->pages && v->at[i].cp != cp)
		i++;
	if (i == PAGES_MAX)
		return;
	if (i == v->pages)
		v->at[v->pages++].cp = cp;
	v->at[i].count++;
	v->all++;
}

/* UTF-8 says nothing of what other text is in. */
static void vote_by_text(struct votes *v, struct store_object *o,
			 const struct store_prop *p)
{
	uint8_t some[STRING_MAX];
	struct span in = span_of(some, (size_t)p->size);
	struct ost_error err;

	if (p->type != MAPI_STRING8 || p->size > sizeof(some) ||
	    store_read(o, p, 0, some, in.len, &err) != OST_OK)
		return;
	in = chars_first(in, chars_find(in, 0));
	if (!text_is_ascii(in) && !text_is_utf8(in))
		vote_for(v, text_guess(in));
}

static void vote_by_texts(struct votes *v, struct store_object *o)
{
	struct store_prop p;
	struct ost_error err;
	uint32_t id = 0;

	while (id <= UINT16_MAX &&
	       store_next(o, (uint16_t)id, &p, &err) == OST_OK) {
		vote_by_text(v, o, &p);
		id = p.id + 1U;
	}
}

static void vote_by_rows(struct votes *v, struct store_object *o,
			 enum store_list list)
{
	struct store_object *row = NULL;
	struct ost_error err;

	for (size_t i = 0; i < ROWS_MAX; i++) {
		const enum ost_status st = store_child(o, list, i, &row, &err);

		if (st == OST_OK)
			vote_by_texts(v, row);
		store_drop(row);
		row = NULL;
		if (st == OST_NOT_FOUND)
			return;
	}
}

static void vote_by_rtf(struct votes *v, struct store_object *o)
{
	static const char word[] = "\\ansicpg";
	uint8_t some[RTF_MAX];
	struct buf rtf = { 0 };
	struct notes ignored = { 0 };
	struct store_prop p;
	struct ost_error err;
	const char *at;

	if (store_find(o, MAPI_RTF_COMPRESSED, &p, &err) != OST_OK)
		return;
	const size_t len = p.size < RTF_MAX ? (size_t)p.size : RTF_MAX;
	if (store_read(o, &p, 0, some, len, &err) == OST_OK &&
	    store_met(o->store, lzfu_decode(span_of(some, len), &rtf, &ignored,
					    &err)) == OST_OK &&
	    (at = strstr(buf_text(&rtf), word)) != NULL)
		vote_for(v, (unsigned)strtoul(at + strlen(word), NULL, 10));
	buf_free(&rtf);
}

static void vote_by_message(struct votes *v, struct store_object *o)
{
	vote_for(v, (unsigned)store_number(o, MAPI_MESSAGE_CODEPAGE, 0));
	vote_for(v, text_lcid_codepage((uint32_t)store_number(
			    o, MAPI_MESSAGE_LOCALE_ID, 0)));
	vote_by_rtf(v, o);
	vote_by_texts(v, o);
	vote_by_rows(v, o, STORE_RECIPIENTS);
	vote_by_rows(v, o, STORE_ATTACHMENTS);
}

static void vote_by_nid(struct votes *v, struct store *s, uint32_t nid)
{
	struct store_object *o = NULL;
	struct ost_error err;

	if (store_get(s, (struct store_id){ nid, 0 }, &o, &err) == OST_OK)
		vote_by_message(v, o);
	store_drop(o);
}

static unsigned winner(const struct votes *v)
{
	for (size_t i = 0; i < v->pages; i++)
		if (v->at[i].count > v->all / 2)
			return v->at[i].cp;
	return 0;
}

unsigned charset_vote(struct store *s)
{
	struct store_object *top = NULL, *o = NULL;
	struct votes v = { 0 };
	struct ost_error err;
	uint32_t nid = 0;
	unsigned messages = 0;

	if (store_get(s, (struct store_id){ MAPI_NID_STORE, 0 }, &top, &err) !=
	    OST_OK)
		return 0;
	while (messages < SAMPLE && nid < UINT32_MAX &&
	       store_child(top, STORE_NODES, nid, &o, &err) == OST_OK) {
		nid = o->id.nid;
		store_drop(o);
		if ((nid & MAPI_NID_TYPE) == MAPI_NID_MESSAGE) {
			vote_by_nid(&v, s, nid);
			messages++;
		}
		nid++;
	}
	store_drop(top);
	return winner(&v);
}
