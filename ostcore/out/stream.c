/*
 * stream.c - the manifest of what is written as one stream, at its end
 */
#include <errno.h>
#include <stdlib.h>

#include "out/writer.h"

static enum ost_status fail(struct ost_error *err)
{
	return ost_fail(err, OUT_DESTINATION, "a temporary file: %s",
			strerror(errno));
}

enum ost_status stream_keep(struct out *x, const struct buf *lines,
			    struct ost_error *err)
{
	FILE *to = x->o->scratch;

	if (lines->len == 0)
		return OST_OK;
	return fwrite(lines->at, 1, lines->len, to) == lines->len ? OST_OK
								  : fail(err);
}

/* Give all lines to `sink`, and take them into the sum. */
static enum ost_status put_lines(struct out *x, struct sha256_ctx *sum,
				 out_sink *sink, struct ost_error *err)
{
	enum { CHUNK = 64 << 10 };
	char *chunk = malloc(CHUNK);
	enum ost_status st = OST_OK;
	size_t got;

	if (chunk == NULL)
		return ost_no_memory(err);
	rewind(x->o->scratch);
	while (st == OST_OK &&
	       (got = fread(chunk, 1, CHUNK, x->o->scratch)) > 0) {
		if (sum != NULL)
			sha256_update(sum, got, (const uint8_t *)chunk);
		if (sink != NULL)
			st = sink(x, span_of(chunk, got), err);
	}
	if (st == OST_OK && ferror(x->o->scratch))
		st = fail(err);
	free(chunk);
	return st;
}

/* To the stream, and to the copy that was asked for. */
static enum ost_status sink_both(void *to, struct span bytes,
				 struct ost_error *err)
{
	const struct out *x = to;

	if (x->o->manifest != NULL &&
	    fwrite(bytes.at, 1, bytes.len, x->o->manifest) != bytes.len)
		return ost_fail(err, OUT_DESTINATION, "the manifest: %s",
				strerror(errno));
	return dest_write(x->o->dest, bytes.at, bytes.len, err);
}

enum ost_status stream_finish(struct out *x, const struct buf *head,
			      struct ost_error *err)
{
	struct sha256_ctx sum;
	struct buf last = { 0 };
	struct sha sha;
	long lines;
	enum ost_status st = OST_OK;

	if (fflush(x->o->scratch) != 0 ||
	    fseek(x->o->scratch, 0, SEEK_END) != 0 ||
	    (lines = ftell(x->o->scratch)) < 0)
		return fail(err);
	sha256_init(&sum);
	sha256_update(&sum, head->len, (const uint8_t *)head->at);
	st = put_lines(x, &sum, NULL, err);
	sha256_digest(&sum, sizeof(sha.at), sha.at);
	manifest_put_totals(&last, &x->n->totals, &sha);
	if (st == OST_OK)
		st = buf_status(&last, err);

	const uint64_t size = head->len + (uint64_t)lines + last.len;
	if (st == OST_OK)
		st = x->format->manifest(x, size, err);
	if (st == OST_OK)
		st = sink_both(x, buf_span(head), err);
	if (st == OST_OK)
		st = put_lines(x, NULL, sink_both, err);
	if (st == OST_OK)
		st = sink_both(x, buf_span(&last), err);
	buf_free(&last);
	return st == OST_OK ? x->format->close(x, size, err) : st;
}
