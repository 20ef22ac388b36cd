/*
 * fuzz_imap.c - bytes as what a server says, and as the header of a mail
 *
 * Whatever it is, the dialog ends, and what is made of it is text of a line.
 */
#include <stdlib.h>

#include "imap/dialog.h"
#include "imap/header.h"
#include "imap/users.h"

static void need(bool that)
{
	if (!that)
		abort();
}

static enum ost_status take(void *arg, struct span body, struct ost_error *err)
{
	struct buf *out = arg;
	struct answer_fetch f;
	struct answer_list l;
	char delimiter;
	uint32_t validity, uids[4];

	(void)err;
	if (answer_fetch(body, &f) && f.has_header)
		header_id(out, f.header);
	if (answer_list(body, &l))
		answer_text(out, l.kind, l.name);
	(void)answer_namespace(body, out, &delimiter);
	(void)answer_appenduid(answer_status(body).args, &validity, uids, 4);
	buf_cut(out, 0);
	return OST_OK;
}

static enum ost_status sink(void *arg, struct span bytes, struct ost_error *err)
{
	(void)err;
	*(uint64_t *)arg += bytes.len;
	return OST_OK;
}

static void as_server(struct span input)
{
	struct buf scratch = { 0 };
	const struct dialog_command c = { take, &scratch };
	struct answer_status status;
	struct ost_error err = { "" };
	struct wire *w;
	struct dialog *d;
	enum wire_fault fault;
	uint64_t sum = 0;

	if (wire_fake(&w, input, &err) != OST_OK ||
	    dialog_open(&d, w, &fault, &err) != OST_OK) {
		need(err.text[0] != '\0');
		return;
	}
	d->sink = sink;
	d->sink_arg = &sum;
	while (dialog_say(d, &status, &c, &err, "NOOP") == OST_OK)
		;
	need(err.text[0] != '\0');
	dialog_close(d);
	buf_free(&scratch);
}

static void as_header(struct span input)
{
	struct header h = { 0 };

	header_read(&h, input);
	for (size_t i = 0; i < h.keywords.len; i++)
		need(h.keywords.at[i] >= ' ' && h.keywords.at[i] <= '~');
	need(strchr(buf_text(&h.flags), '\n') == NULL);
	header_free(&h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct users u = { 0 };
	struct ost_error err;

	as_server(span_of(data, size));
	as_header(span_of(data, size));
	(void)!users_parse(&u, span_of(data, size), &err);
	users_free(&u);
	return 0;
}
