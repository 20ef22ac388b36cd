/*
 * serve.c - answering for a source, in the process that reads it
 */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "imap/frame.h"
#include "imap/header.h"

bool source_tell_folder(int to, const struct source_folder *f)
{
	const struct frame_folder head = { .number = f->number,
					   .mails = f->mails,
					   .others = f->others,
					   .role = f->role };

	return frame_put(to, FRAME_FOLDER, &head, sizeof(head),
			 span_of(f->path, strlen(f->path)));
}

bool source_tell_fault(int to, const char *path, const char *why)
{
	struct buf line = { 0 };
	bool told;

	buf_printf(&line, "%.4096s: %s\n", path[0] != '\0' ? path : ".", why);
	told = frame_put(to, FRAME_FAULT, NULL, 0, buf_span(&line));
	buf_free(&line);
	return told;
}

bool source_tell_items(int to, const struct source_item *items, size_t count)
{
	enum { ONCE = SOURCE_FRAME_MAX / sizeof(*items) };

	for (; count > 0; items += count < ONCE ? count : ONCE,
			  count -= count < ONCE ? count : ONCE)
		if (!frame_put(to, FRAME_ITEMS, NULL, 0,
			       span_of(items,
				       sizeof(*items) *
					       (count < ONCE ? count : ONCE))))
			return false;
	return true;
}

/* --- one who asks ----------------------------------------------------------
 */

struct server {
	const struct source_ops *ops;
	void *source, *view;
	int fd;
	char *chunk; /* owned; of SOURCE_FRAME_MAX bytes */
	pthread_t thread;
};

static bool end(const struct server *s, enum ost_status st,
		const struct ost_error *err)
{
	const struct span none = { NULL, 0 };

	if (st == OST_OK)
		return frame_put(s->fd, FRAME_END, NULL, 0, none);
	return frame_put(s->fd, FRAME_FAIL, NULL, 0,
			 span_of(err->text, strlen(err->text)));
}

/* Where in `text` the header ends; 0: not in it. */
static size_t header_end(const struct buf *text, size_t from)
{
	const char *at = buf_text(text);

	for (size_t i = from; i < text->len; i++)
		if (at[i] == '\n' &&
		    ((i > 0 && at[i - 1] == '\n') ||
		     (i > 1 && at[i - 1] == '\r' && at[i - 2] == '\n')))
			return i + 1;
	return 0;
}

static enum ost_status read_header(struct server *s, struct source_mail *m,
				   struct buf *text, struct ost_error *err)
{
	enum { FIRST = 4096 };
	enum ost_status st = OST_OK;

	while (st == OST_OK && text->len < HEADER_MAX) {
		const size_t from = text->len;
		size_t got = 0;

		st = s->ops->read(m, from, s->chunk,
				  from == 0 ? FIRST : SOURCE_FRAME_MAX, &got,
				  err);
		if (st != OST_OK || got == 0)
			break;
		buf_add(text, s->chunk, got);
		st = buf_status(text, err);
		if (header_end(text, from) != 0)
			break;
	}
	return st;
}

static void put_text(struct buf *out, const char *text, size_t max)
{
	buf_add(out, text, strnlen(text, max));
	buf_byte(out, '\0');
}

static enum ost_status put_facts(struct server *s, const struct source_mail *m,
				 const struct buf *text, struct buf *rest,
				 struct ost_error *err)
{
	enum { ID_SHOWN = 998, DOUBTS_SHOWN = 16 << 10 };
	struct header h = { 0 };
	struct frame_facts f = { .size = m->size, .mtime = m->mtime };
	bool bad;

	header_read(&h, buf_span(text));
	bad = h.id.bad || h.flags.bad || h.keywords.bad || h.doubts.bad;
	f.message = key_of(buf_span(&h.id));
	f.no_keywords = h.no_keywords;
	put_text(rest, buf_text(&h.id), ID_SHOWN);
	put_text(rest, buf_text(&h.flags), ID_SHOWN);
	put_text(rest, buf_text(&h.keywords), HEADER_KEYWORDS_MAX);
	put_text(rest, buf_text(&h.doubts), DOUBTS_SHOWN);
	header_free(&h);
	if (bad || rest->bad)
		return ost_no_memory(err);
	(void)!frame_put(s->fd, FRAME_FACTS, &f, sizeof(f), buf_span(rest));
	return OST_OK;
}

static bool tell_facts(struct server *s, uint64_t number)
{
	struct source_mail m = { .fd = -1 };
	struct buf text = { 0 }, rest = { 0 };
	struct ost_error err = { "" };
	enum ost_status st = s->ops->open(s->source, s->view, number, &m, &err);

	if (st == OST_OK) {
		st = read_header(s, &m, &text, &err);
		if (st == OST_OK)
			st = put_facts(s, &m, &text, &rest, &err);
		s->ops->close(&m);
	}
	buf_free(&text);
	buf_free(&rest);
	return st == OST_OK || end(s, st, &err);
}

static bool tell_bytes(struct server *s, uint64_t number)
{
	struct source_mail m = { .fd = -1 };
	struct ost_error err = { "" };
	enum ost_status st = s->ops->open(s->source, s->view, number, &m, &err);
	uint64_t off = 0;
	bool opened = st == OST_OK, there = true;

	while (st == OST_OK && there && off < m.size) {
		size_t got = 0;

		st = s->ops->read(&m, off, s->chunk, SOURCE_FRAME_MAX, &got,
				  &err);
		if (st != OST_OK || got == 0)
			break;
		there = frame_put(s->fd, FRAME_BYTES, NULL, 0,
				  span_of(s->chunk, got));
		off += got;
	}
	if (opened)
		s->ops->close(&m);
	return there && end(s, st, &err);
}

static bool tell_path(struct server *s, const struct frame_request *q)
{
	const struct source_item item = { .number = q->number,
					  .place = q->place };
	struct buf path = { 0 };
	struct ost_error err = { "" };
	enum ost_status st =
		s->ops->path(s->source, s->view, &item, &path, &err);
	bool there;

	buf_cut(&path, SOURCE_FRAME_MAX);
	there = st == OST_OK && !path.bad
			? frame_put(s->fd, FRAME_PATH, NULL, 0, buf_span(&path))
			: end(s, OST_CORRUPT, &err);
	buf_free(&path);
	return there;
}

static bool answer(struct server *s, const struct frame_request *q)
{
	struct ost_error err = { "" };
	enum ost_status st;

	switch (q->op) {
	case ASK_FOLDERS:
		st = s->ops->folders(s->source, s->fd, &err);
		return end(s, st, &err);
	case ASK_ITEMS:
		st = s->ops->items(s->source, &s->view, q->number, s->fd, &err);
		return end(s, st, &err);
	case ASK_FACTS:
		return tell_facts(s, q->number);
	case ASK_PATH:
		return tell_path(s, q);
	case ASK_BYTES:
		return tell_bytes(s, q->number);
	default:
		return false;
	}
}

static void *serve(void *arg)
{
	struct server *s = arg;
	struct frame_request q;

	s->chunk = malloc(SOURCE_FRAME_MAX);
	while (s->chunk != NULL && frame_receive(s->fd, &q, sizeof(q)) &&
	       answer(s, &q))
		;
	s->ops->drop(s->view);
	free(s->chunk);
	close(s->fd);
	return NULL;
}

enum ost_status source_serve(const struct source_ops *ops, void *source,
			     const int *fds, size_t count,
			     struct ost_error *err)
{
	struct server servers[SOURCE_READERS_MAX];
	size_t begun = 0;

	while (begun < count && begun < SOURCE_READERS_MAX) {
		struct server *s = &servers[begun];

		*s = (struct server){ .ops = ops,
				      .source = source,
				      .fd = fds[begun] };
		if (pthread_create(&s->thread, NULL, serve, s) != 0)
			break;
		begun++;
	}
	for (size_t i = begun; i < count; i++)
		close(fds[i]);
	for (size_t i = 0; i < begun; i++)
		pthread_join(servers[i].thread, NULL);
	return begun > 0 ? OST_OK : ost_no_memory(err);
}
