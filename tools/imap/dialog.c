/*
 * dialog.c - commands to an IMAP server, and its answers
 */
#include "imap/dialog.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	OUT_USUAL = 64 << 10,
	ANSWERS_MAX = 1 << 24, /* untagged ones, of a command */
};

/* --- to the server ---------------------------------------------------------
 */

uint32_t dialog_begin(struct dialog *d)
{
	buf_printf(&d->out, "A%" PRIu32 " ", ++d->tag);
	return d->tag;
}

enum ost_status dialog_flush(struct dialog *d, struct ost_error *err)
{
	enum ost_status st = buf_status(&d->out, err);

	if (st == OST_OK)
		st = wire_send(d->wire, buf_span(&d->out), err);
	buf_cut(&d->out, 0);
	return st;
}

enum ost_status dialog_put(struct dialog *d, struct span bytes,
			   struct ost_error *err)
{
	buf_add(&d->out, bytes.at, bytes.len);
	return d->out.len < OUT_USUAL ? buf_status(&d->out, err)
				      : dialog_flush(d, err);
}

void dialog_quote(struct buf *out, const char *name)
{
	buf_byte(out, '"');
	for (; *name != '\0'; name++) {
		if (*name == '"' || *name == '\\')
			buf_byte(out, '\\');
		buf_byte(out, *name);
	}
	buf_byte(out, '"');
}

/* --- from the server -------------------------------------------------------
 */

static enum ost_status fill(struct dialog *d, struct ost_error *err)
{
	d->at = d->end = 0;
	return wire_receive(d->wire, d->in, sizeof(d->in), &d->end, err);
}

static enum ost_status too_long(struct ost_error *err)
{
	return ost_fail(err, OST_IO,
			"the server's answer is longer than %d bytes",
			DIALOG_ANSWER_MAX);
}

/* Append bytes up to a line feed, which is left out with the CR before it. */
static enum ost_status read_line(struct dialog *d, size_t *start,
				 struct ost_error *err)
{
	*start = d->answer.len;
	for (;;) {
		const char *eol;
		size_t len;
		enum ost_status st;

		if (d->at == d->end) {
			st = fill(d, err);
			if (st != OST_OK)
				return st;
		}
		eol = memchr(d->in + d->at, '\n', d->end - d->at);
		len = eol != NULL ? (size_t)(eol - d->in) - d->at
				  : d->end - d->at;
		if (d->answer.len + len > DIALOG_ANSWER_MAX)
			return too_long(err);
		buf_add(&d->answer, d->in + d->at, len);
		d->at += len + (eol != NULL);
		if (d->answer.bad)
			return ost_no_memory(err);
		if (eol != NULL)
			break;
	}
	if (d->answer.len > *start && d->answer.at[d->answer.len - 1] == '\r')
		buf_cut(&d->answer, d->answer.len - 1);
	return OST_OK;
}

/* `size` bytes, to `sink`, or with that NULL appended to the answer. */
static enum ost_status read_literal(struct dialog *d, uint64_t size,
				    dialog_sink *sink, struct ost_error *err)
{
	enum ost_status st = OST_OK;

	while (st == OST_OK && size > 0) {
		size_t len;

		if (d->at == d->end)
			st = fill(d, err);
		if (st != OST_OK)
			break;
		len = d->end - d->at;
		len = len < size ? len : (size_t)size;
		if (sink != NULL)
			st = sink(d->sink_arg, span_of(d->in + d->at, len),
				  err);
		else
			buf_add(&d->answer, d->in + d->at, len);
		d->at += len;
		size -= len;
	}
	return st == OST_OK ? buf_status(&d->answer, err) : st;
}

/* A message that is not kept: an empty one stands in its place. */
static enum ost_status read_message(struct dialog *d, uint64_t size,
				    struct ost_error *err)
{
	const struct span nothing = { NULL, 0 };
	enum ost_status st = d->sink(d->sink_arg, nothing, err);

	if (st == OST_OK)
		st = read_literal(d, size, d->sink, err);
	if (st == OST_OK)
		st = d->sink(d->sink_arg, nothing, err);
	while (d->answer.len > 0 && d->answer.at[d->answer.len - 1] != '{')
		buf_cut(&d->answer, d->answer.len - 1);
	buf_cut(&d->answer, d->answer.len > 0 ? d->answer.len - 1 : 0);
	buf_str(&d->answer, "\"\"");
	return st;
}

static bool is_message(struct span line)
{
	static const char name[] = "BODY[] ";
	const uint8_t *open =
		line.len > 0 ? memrchr(line.at, '{', line.len) : NULL;
	struct span word;

	return open != NULL && (size_t)(open - line.at) >= sizeof(name) - 1 &&
	       span_sub(line, (size_t)(open - line.at) - (sizeof(name) - 1),
			sizeof(name) - 1, &word) &&
	       answer_is(word, name);
}

/* Lines, and the literals between them. */
static enum ost_status read_all(struct dialog *d, struct ost_error *err)
{
	buf_cut(&d->answer, 0);
	for (;;) {
		struct span line;
		uint64_t size;
		size_t start;
		enum ost_status st = read_line(d, &start, err);

		if (st != OST_OK)
			return st;
		line = span_of(buf_text(&d->answer) + start,
			       d->answer.len - start);
		if (!answer_literal(line, &size))
			return OST_OK;
		if (d->sink != NULL && is_message(line)) {
			st = read_message(d, size, err);
		} else if (size > DIALOG_ANSWER_MAX - d->answer.len) {
			return too_long(err);
		} else {
			buf_str(&d->answer, "\r\n");
			st = read_literal(d, size, NULL, err);
		}
		if (st != OST_OK)
			return st;
	}
}

/* Whose answer it is. */
static enum ost_status sort_answer(struct dialog *d, struct dialog_answer *a,
				   struct ost_error *err)
{
	const char *text = buf_text(&d->answer);
	const char *space = memchr(text, ' ', d->answer.len);
	const size_t len =
		space != NULL ? (size_t)(space - text) : d->answer.len;
	const size_t body = space != NULL ? len + 1 : len;

	a->body = span_of(text + body, d->answer.len - body);
	a->tag = 0;
	if (len == 1 && text[0] == '*')
		a->kind = DIALOG_UNTAGGED;
	else if (len == 1 && text[0] == '+')
		a->kind = DIALOG_CONTINUE;
	else if (len > 1 && text[0] == 'A' &&
		 answer_number(span_of(text + 1, len - 1), &a->tag))
		a->kind = DIALOG_TAGGED;
	else
		return ost_fail(err, OST_IO, "the server's answer is not IMAP");
	return OST_OK;
}

enum ost_status dialog_read(struct dialog *d, struct dialog_answer *a,
			    struct ost_error *err)
{
	enum ost_status st = read_all(d, err);

	return st == OST_OK ? sort_answer(d, a, err) : st;
}

/* --- both ------------------------------------------------------------------
 */

static enum ost_status wait_for(struct dialog *d, uint32_t tag,
				struct answer_status *status,
				const struct dialog_command *c,
				struct ost_error *err)
{
	for (int i = 0; i < ANSWERS_MAX; i++) {
		struct dialog_answer a;
		enum ost_status st = dialog_read(d, &a, err);

		if (st == OST_OK && a.kind == DIALOG_TAGGED && a.tag == tag) {
			*status = answer_status(a.body);
			return status->state != ANSWER_NONE
				       ? OST_OK
				       : ost_fail(err, OST_IO,
						  "the server's answer cannot "
						  "be "
						  "understood");
		}
		if (st == OST_OK && a.kind == DIALOG_UNTAGGED && c != NULL &&
		    c->take != NULL)
			st = c->take(c->arg, a.body, err);
		if (st != OST_OK)
			return st;
	}
	return ost_fail(err, OST_IO, "the server's answers have no end");
}

enum ost_status dialog_say(struct dialog *d, struct answer_status *status,
			   const struct dialog_command *c,
			   struct ost_error *err, const char *format, ...)
{
	const uint32_t tag = dialog_begin(d);
	char *words = NULL;
	va_list args;
	enum ost_status st;

	va_start(args, format);
	if (vasprintf(&words, format, args) < 0)
		words = NULL;
	va_end(args);
	if (words == NULL)
		return ost_no_memory(err);
	buf_str(&d->out, words);
	buf_str(&d->out, "\r\n");
	free(words);
	st = dialog_flush(d, err);
	return st == OST_OK ? wait_for(d, tag, status, c, err) : st;
}

/* --- beginning and end -----------------------------------------------------
 */

static enum ost_status greet(struct dialog *d, enum wire_fault *fault,
			     struct ost_error *err)
{
	struct dialog_answer a;
	struct answer_status s;
	enum ost_status st = dialog_read(d, &a, err);

	if (st != OST_OK)
		return st;
	s = answer_status(a.body);
	if (a.kind == DIALOG_UNTAGGED && s.state == ANSWER_PREAUTH)
		return OST_OK;
	*fault = s.state == ANSWER_OK ? WIRE_LOGIN : WIRE_LOST;
	return s.state == ANSWER_OK
		       ? ost_fail(err, OST_IO,
				  "the command of --tunnel has not logged "
				  "in a user")
		       : ost_fail(err, OST_IO, "the server says: %.*s",
				  (int)(a.body.len < 150 ? a.body.len : 150),
				  (const char *)a.body.at);
}

static enum ost_status take_capabilities(void *arg, struct span body,
					 struct ost_error *err)
{
	struct dialog *d = arg;
	struct span word;

	(void)err;
	if (answer_word(&body, &word) == WORD_ATOM &&
	    answer_is(word, "CAPABILITY"))
		answer_capabilities(body, &d->can);
	return OST_OK;
}

enum ost_status dialog_open(struct dialog **out, struct wire *w,
			    enum wire_fault *fault, struct ost_error *err)
{
	struct dialog *d = calloc(1, sizeof(*d));
	const struct dialog_command c = { take_capabilities, d };
	struct answer_status s;
	enum ost_status st = OST_OK;

	*out = NULL;
	*fault = WIRE_LOST;
	if (d == NULL) {
		wire_close(w);
		return ost_no_memory(err);
	}
	d->wire = w;
	if (wire_greets(w))
		st = greet(d, fault, err);
	if (st == OST_OK)
		st = dialog_say(d, &s, &c, err, "CAPABILITY");
	if (st == OST_OK)
		*out = d;
	else
		dialog_close(d);
	return st;
}

void dialog_logout(struct dialog *d)
{
	enum { PATIENCE = 3 };
	struct answer_status status;
	struct ost_error none;

	wire_patience(d->wire, PATIENCE);
	(void)!dialog_say(d, &status, NULL, &none, "LOGOUT");
}

void dialog_close(struct dialog *d)
{
	if (d == NULL)
		return;
	wire_close(d->wire);
	buf_free(&d->out);
	buf_free(&d->answer);
	free(d);
}
