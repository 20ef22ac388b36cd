/*
 * rtf.c - RTF to the HTML or text in it
 *
 * One pass over the tokens, with a stack of groups. What is left out is still
 * read: fonts and code pages change in it.
 */
#include "mail/rtf/rtf.h"

#include <stdlib.h>

#include "mail/rtf/rtf_reader.h"

enum {
	DEPTH_MAX = 10000,
	OUTPUT_MAX = 64 << 20,
	TOKENS_LOOKED_AT = 10, /* to tell what it was made of */
};

enum rtf_kind rtf_recognise(struct span rtf)
{
	struct cursor in = cur_at(rtf, 0);
	struct rtf_token t = rtf_next(&in);

	if (t.kind != RTF_OPEN)
		return RTF_NONE;
	t = rtf_next(&in);
	if (!rtf_is_word(&t, "rtf"))
		return RTF_NONE;
	for (unsigned i = 2; i < TOKENS_LOOKED_AT; i++) {
		t = rtf_next(&in);
		if (t.kind != RTF_WORD && t.kind != RTF_OPEN &&
		    t.kind != RTF_CLOSE)
			break;
		if (rtf_is_word(&t, "fromtext"))
			return RTF_TEXT;
		if (rtf_is_word(&t, "fromhtml") &&
		    (!t.has_number || t.number != 0))
			return RTF_HTML;
	}
	return RTF_PLAIN;
}

/*
 * Groups
 */

static bool grow(struct rtf_reader *r)
{
	const size_t cap = r->cap == 0 ? 32 : r->cap * 2;
	struct rtf_group *around;

	if (r->depth < r->cap)
		return true;
	around = realloc(r->around, cap * sizeof(*around));
	if (around == NULL) {
		r->out->bad = true;
		return false;
	}
	r->around = around;
	r->cap = cap;
	return true;
}

static void open_group(struct rtf_reader *r)
{
	if (r->depth == DEPTH_MAX) {
		r->uncounted++;
		rtf_lose(r, NOTE_RTF_DEPTH);
		return;
	}
	if (!grow(r))
		return;
	r->around[r->depth++] = r->now;
	r->now.closing = RTF_AS_IS;
	if (r->sink != NULL)
		r->sink->open(r->sink->arg);
}

/* What a field links to is known: its result, beside it, needs it. */
static void know_field(struct rtf_reader *r)
{
	struct rtf_group *field = &r->around[r->depth - 1];
	const size_t before = r->urls.len;

	rtf_hyperlink(buf_span(&r->field), &r->urls);
	if (r->urls.len > before) {
		field->url = before;
		field->url_len = r->urls.len - before;
	}
	r->out->bad = r->out->bad || r->urls.bad;
}

/* The result of a field is written: the URL follows, if it is not that. */
static void end_field(struct rtf_reader *r)
{
	struct span url, text;

	if (r->out->bad ||
	    !span_sub(buf_span(&r->urls), r->now.url, r->now.url_len, &url) ||
	    !span_sub(buf_span(r->out), r->now.shown,
		      r->out->len - r->now.shown, &text))
		return;
	if (!span_equal(url, text)) {
		buf_str(r->out, " <");
		buf_add(r->out, url.at, url.len);
		buf_str(r->out, ">");
	}
	r->around[r->depth - 1].url_len = 0;
}

static void close_group(struct rtf_reader *r)
{
	if (r->uncounted > 0) {
		r->uncounted--;
		return;
	}
	if (r->depth == 0)
		return;
	if (r->now.to == RTF_TO_FONTS)
		rtf_font_end(&r->fonts);
	if (r->now.closing == RTF_FIELD_KNOWN)
		know_field(r);
	else if (r->now.closing == RTF_FIELD_SHOWN)
		end_field(r);
	else if (r->now.closing == RTF_CHOICE_MADE && !r->chosen)
		rtf_lose(r, NOTE_RTF_DAMAGED); /* only the worse is there */
	else if (r->now.closing == RTF_NOTE_SHOWN)
		rtf_put(r, "]");
	r->now = r->around[--r->depth];
	if (r->sink != NULL)
		r->sink->close(r->sink->arg);
}

/*
 * Tokens
 */

static void put_symbol(struct rtf_reader *r, uint8_t symbol)
{
	static const struct rtf_token par = {
		.kind = RTF_WORD, .bytes = { (const uint8_t *)"par", 3 }
	};
	const bool html = r->kind == RTF_HTML;

	switch (symbol) {
	case '~':
		rtf_put(r, html ? "&nbsp;" : "\u00A0");
		break;
	case '_': /* in RTF of its own, a hyphen that does not break */
		rtf_put(r, html			  ? "&shy;"
			   : r->kind == RTF_PLAIN ? "\u2011"
						  : "\u00AD");
		break;
	case '-':
		rtf_put(r, "\u00AD");
		break;
	case '\r':
	case '\n':
		rtf_word(r, &par);
		break;
	case '\'': /* without its digits */
		rtf_lose(r, NOTE_RTF_DAMAGED);
		break;
	default:
		break;
	}
}

/*
 * Take off `t` what only stands in for the character of a \u before it. True
 * if that was all of it. It never reaches over a brace.
 */
static bool is_fallback(struct rtf_reader *r, struct rtf_token *t)
{
	size_t taken;

	if (t->kind == RTF_OPEN || t->kind == RTF_CLOSE)
		r->skip = 0;
	if (r->skip == 0)
		return false;
	if (t->kind != RTF_BYTES) {
		r->skip--;
		return true;
	}
	taken = t->bytes.len < r->skip ? t->bytes.len : r->skip;
	r->skip -= (uint32_t)taken;
	(void)span_sub(t->bytes, taken, t->bytes.len - taken, &t->bytes);
	return t->bytes.len == 0;
}

/*
 * Gather `t` if it is bytes of text. One character may be made of several
 * tokens: a trail byte may look like anything.
 */
static bool is_text(struct rtf_reader *r, const struct rtf_token *t)
{
	if (t->kind == RTF_BYTES)
		rtf_put_bytes(r, t->bytes);
	else if (t->kind == RTF_SYMBOL &&
		 (t->byte == '\\' || t->byte == '{' || t->byte == '}'))
		rtf_put_bytes(r, span_of(&t->byte, 1));
	else if (t->kind != RTF_HEX)
		return false;
	else if (t->byte != 0)
		rtf_put_bytes(r, span_of(&t->byte, 1));
	return true;
}

static void take(struct rtf_reader *r, struct rtf_token *t)
{
	const bool star = r->opened && t->kind == RTF_SYMBOL && t->byte == '*';

	r->opened = t->kind == RTF_OPEN;
	if (!is_fallback(r, t) && !is_text(r, t)) {
		rtf_flush(r);
		if (t->kind == RTF_OPEN)
			open_group(r);
		else if (t->kind == RTF_CLOSE)
			close_group(r);
		else if (t->kind == RTF_WORD)
			rtf_word(r, t);
		else if (t->kind == RTF_SYMBOL)
			put_symbol(r, t->byte);
		else if (t->kind == RTF_BINARY && r->sink != NULL)
			r->sink->bytes(r->sink->arg, t->data);
	}
	r->starred = star;
}

static bool is_enough(const struct rtf_reader *r)
{
	return r->out->bad || r->out->len > r->out_max ||
	       (r->sink != NULL && r->sink->stop);
}

static void read_all(struct rtf_reader *r)
{
	struct rtf_token t;

	do {
		t = rtf_next(&r->in);
		if (t.kind != RTF_END)
			take(r, &t);
	} while (t.kind != RTF_END && r->depth > 0 && !is_enough(r));
	rtf_flush(r);
	rtf_settle(r);
	if (r->out->len > r->out_max)
		rtf_lose(r, NOTE_BODY_LARGE);
	else if (r->depth > 0 || rtf_next(&r->in).kind != RTF_END)
		rtf_lose(r, NOTE_RTF_DAMAGED);
}

static struct rtf_reader *reader_new(struct span rtf, enum rtf_kind kind,
				     struct buf *out, struct notes *notes)
{
	struct rtf_reader *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		out->bad = true;
		return NULL;
	}
	r->in = cur_at(rtf, 0);
	r->kind = kind;
	r->out = out;
	r->out_max = out->len + OUTPUT_MAX;
	r->notes = notes;
	r->now.fallback = 1;
	r->now.unicode_to = RTF_TO_NOWHERE;
	rtf_fonts_start(&r->fonts);
	return r;
}

static void reader_free(struct rtf_reader *r)
{
	r->out->bad = r->out->bad || r->run.bad || r->decoded.bad ||
		      r->field.bad || r->urls.bad || r->fonts.names.bad;
	free(r->around);
	buf_free(&r->run);
	buf_free(&r->decoded);
	buf_free(&r->field);
	buf_free(&r->urls);
	rtf_fonts_free(&r->fonts);
	free(r);
}

bool rtf_read(struct span rtf, enum rtf_kind kind,
	      const struct rtf_names *names, struct buf *out,
	      struct notes *notes)
{
	struct rtf_reader *r = reader_new(rtf, kind, out, notes);
	bool lost;

	if (r == NULL)
		return false;
	r->names = names;
	if (rtf_recognise(rtf) != RTF_NONE)
		read_all(r);
	else
		rtf_lose(r, NOTE_RTF_DAMAGED);
	lost = r->lost;
	reader_free(r);
	return !lost && !out->bad;
}

void rtf_walk(struct span rtf, struct rtf_sink *sink,
	      struct rtf_reader **reader)
{
	struct notes notes = { 0 }; /* rtf_read() tells of the same */
	struct buf none = { 0 };

	*reader = reader_new(rtf, RTF_PLAIN, &none, &notes);
	if (*reader != NULL) {
		(*reader)->sink = sink;
		if (rtf_recognise(rtf) != RTF_NONE)
			read_all(*reader);
		sink->end(sink->arg);
		reader_free(*reader);
	}
	sink->bad = none.bad;
	buf_free(&none);
	*reader = NULL;
}
