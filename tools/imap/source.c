/*
 * source.c - asking the process that reads a source
 *
 * It may have been taken over by what it reads: nothing that it says is
 * believed but as texts, numbers and bytes, which are then sent to a server
 * that the user named.
 */
#include "imap/source.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bytes/sorted.h"
#include "imap/frame.h"

enum { FOLDERS_MAX = 1 << 20, ITEMS_MAX = 1 << 26 };

/* --- frames ----------------------------------------------------------------
 */

bool frame_send(int to, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		const ssize_t n = send(to, at, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

bool frame_receive(int from, void *bytes, size_t len)
{
	char *at = bytes;

	while (len > 0) {
		const ssize_t n = recv(from, at, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

bool frame_put(int to, enum frame_kind kind, const void *head, size_t head_len,
	       struct span rest)
{
	const struct frame f = { kind, (uint32_t)(head_len + rest.len) };

	return frame_send(to, &f, sizeof(f)) &&
	       frame_send(to, head, head_len) &&
	       frame_send(to, rest.at, rest.len);
}

/* --- a reader --------------------------------------------------------------
 */

bool source_reader_open(struct source_reader *r, int fd)
{
	*r = (struct source_reader){ .fd = fd };
	r->frame = malloc(SOURCE_FRAME_MAX);
	return r->frame != NULL;
}

void source_reader_close(struct source_reader *r)
{
	if (r->fd >= 0)
		close(r->fd);
	free(r->frame);
	*r = (struct source_reader){ .fd = -1 };
}

static enum ost_status gone(struct ost_error *err)
{
	return ost_fail(err, SOURCE_GONE,
			"the process that reads the source ended too early");
}

static enum ost_status ask(struct source_reader *r, enum frame_op op,
			   uint64_t number, uint64_t place,
			   struct ost_error *err)
{
	const struct frame_request q = { .op = op,
					 .number = number,
					 .place = place };

	return frame_send(r->fd, &q, sizeof(q)) ? OST_OK : gone(err);
}

static enum ost_status fail_text(struct span text, struct ost_error *err)
{
	return ost_fail(err, OST_CORRUPT, "%.*s",
			(int)(text.len < 200 ? text.len : 200),
			(const char *)text.at);
}

/* The next frame; `*body` until the one after. FRAME_FAIL is OST_CORRUPT. */
static enum ost_status next(struct source_reader *r, enum frame_kind *kind,
			    struct span *body, struct ost_error *err)
{
	struct frame f;

	*kind = FRAME_FAIL;
	*body = span_of(NULL, 0);
	if (!frame_receive(r->fd, &f, sizeof(f)) || f.len > SOURCE_FRAME_MAX ||
	    f.kind > FRAME_FAIL || !frame_receive(r->fd, r->frame, f.len))
		return gone(err);
	*kind = (enum frame_kind)f.kind;
	*body = span_of(r->frame, f.len);
	return *kind == FRAME_FAIL ? fail_text(*body, err) : OST_OK;
}

static enum ost_status not_asked(struct ost_error *err)
{
	return ost_fail(err, SOURCE_GONE,
			"the process that reads the source gave an answer that "
			"was not asked for");
}

/* --- folders and items -----------------------------------------------------
 */

static enum ost_status add_folder(struct source_folders *out, struct span body,
				  struct ost_error *err)
{
	struct frame_folder f;
	char *path;

	if (body.len < sizeof(f) || out->count >= FOLDERS_MAX)
		return not_asked(err);
	memcpy(&f, body.at, sizeof(f));
	path = strndup((const char *)body.at + sizeof(f), body.len - sizeof(f));
	if (path == NULL ||
	    !array_more(&out->at, out->count, sizeof(*out->at))) {
		free(path);
		return ost_no_memory(err);
	}
	out->at[out->count++] = (struct source_folder){
		.number = f.number,
		.path = path,
		.role = f.role < SOURCE_ROLES ? (enum source_role)f.role
					      : SOURCE_PLAIN,
		.mails = f.mails,
		.others = f.others,
	};
	return OST_OK;
}

enum ost_status source_folders(struct source_reader *r,
			       struct source_folders *out,
			       struct ost_error *err)
{
	enum ost_status st = ask(r, ASK_FOLDERS, 0, 0, err);

	*out = (struct source_folders){ 0 };
	while (st == OST_OK) {
		enum frame_kind kind;
		struct span body;

		st = next(r, &kind, &body, err);
		if (st != OST_OK || kind == FRAME_END)
			break;
		if (kind == FRAME_FOLDER) {
			st = add_folder(out, body, err);
		} else if (kind == FRAME_FAULT) {
			out->fault_count++;
			if (out->faults.len < SOURCE_FRAME_MAX)
				buf_add(&out->faults, body.at, body.len);
			st = buf_status(&out->faults, err);
		} else {
			st = not_asked(err);
		}
	}
	return st;
}

void source_folders_free(struct source_folders *f)
{
	for (size_t i = 0; i < f->count; i++)
		free(f->at[i].path);
	free(f->at);
	buf_free(&f->faults);
	*f = (struct source_folders){ 0 };
}

enum ost_status source_items(struct source_reader *r, uint64_t folder,
			     struct source_item **out, size_t *count,
			     struct ost_error *err)
{
	enum { ITEM = sizeof(struct source_item) };
	struct buf all = { 0 };
	enum ost_status st = ask(r, ASK_ITEMS, folder, 0, err);

	*out = NULL;
	while (st == OST_OK) {
		enum frame_kind kind;
		struct span body;

		st = next(r, &kind, &body, err);
		if (st != OST_OK || kind == FRAME_END)
			break;
		if (kind != FRAME_ITEMS || body.len % ITEM != 0 ||
		    all.len / ITEM > ITEMS_MAX)
			st = not_asked(err);
		buf_add(&all, body.at, body.len);
		if (st == OST_OK)
			st = buf_status(&all, err);
	}
	if (st != OST_OK) {
		buf_free(&all);
		return st;
	}
	*count = all.len / ITEM;
	*out = (struct source_item *)(void *)all.at;
	return OST_OK;
}

/* --- mails -----------------------------------------------------------------
 */

void source_facts_free(struct source_facts *f)
{
	free(f->id);
	free(f->flags);
	free(f->keywords);
	free(f->doubts);
	*f = (struct source_facts){ 0 };
}

/* Texts that go to the server in a line of their own making. */
static bool is_line(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

static enum ost_status take_facts(struct span body, struct source_facts *out,
				  struct ost_error *err)
{
	char **const texts[FACTS_TEXTS] = { &out->id, &out->flags,
					    &out->keywords, &out->doubts };
	struct frame_facts f;
	struct span rest;

	if (body.len < sizeof(f))
		return not_asked(err);
	memcpy(&f, body.at, sizeof(f));
	(void)span_sub(body, sizeof(f), body.len - sizeof(f), &rest);
	for (size_t i = 0; i < FACTS_TEXTS; i++) {
		const uint8_t *end =
			rest.len > 0 ? memchr(rest.at, 0, rest.len) : NULL;
		if (end == NULL)
			return not_asked(err);
		*texts[i] = strdup((const char *)rest.at);
		if (*texts[i] == NULL)
			return ost_no_memory(err);
		(void)span_sub(rest, (size_t)(end - rest.at) + 1,
			       rest.len - (size_t)(end - rest.at) - 1, &rest);
	}
	out->size = f.size;
	out->mtime = f.mtime;
	out->message = f.message;
	out->no_keywords = f.no_keywords != 0;
	return is_line(out->flags) && is_line(out->keywords) ? OST_OK
							     : not_asked(err);
}

enum ost_status source_facts(struct source_reader *r,
			     const struct source_item *item,
			     struct source_facts *out, struct ost_error *err)
{
	enum frame_kind kind;
	struct span body;
	enum ost_status st = ask(r, ASK_FACTS, item->number, 0, err);

	*out = (struct source_facts){ 0 };
	if (st == OST_OK)
		st = next(r, &kind, &body, err);
	if (st == OST_OK)
		st = kind == FRAME_FACTS ? take_facts(body, out, err)
					 : not_asked(err);
	if (st != OST_OK)
		source_facts_free(out);
	return st;
}

enum ost_status source_path(struct source_reader *r,
			    const struct source_item *item, struct buf *path,
			    struct ost_error *err)
{
	enum frame_kind kind;
	struct span body;
	enum ost_status st = ask(r, ASK_PATH, item->number, item->place, err);

	if (st == OST_OK)
		st = next(r, &kind, &body, err);
	if (st == OST_OK && kind != FRAME_PATH)
		st = not_asked(err);
	if (st == OST_OK)
		buf_add(path, body.at, body.len);
	return st == OST_OK ? buf_status(path, err) : st;
}

enum ost_status source_bytes(struct source_reader *r,
			     const struct source_item *item, uint64_t size,
			     source_sink *take, void *arg,
			     struct ost_error *err)
{
	enum ost_status st = ask(r, ASK_BYTES, item->number, 0, err);
	enum ost_status taken = OST_OK;
	uint64_t left = size;

	while (st == OST_OK) {
		enum frame_kind kind;
		struct span body;
		struct ost_error why;

		st = next(r, &kind, &body, &why);
		if (st != OST_OK)
			return taken != OST_OK && st == OST_CORRUPT
				       ? taken
				       : ost_fail(err, st, "%s", why.text);
		if (kind == FRAME_END)
			break;
		if (kind != FRAME_BYTES || body.len > left)
			return not_asked(err);
		left -= body.len;
		if (taken == OST_OK)
			taken = take(arg, body, err);
	}
	if (st == OST_OK && taken == OST_OK && left > 0)
		return ost_fail(err, OST_CORRUPT,
				"it ended before all of it was read");
	return st != OST_OK ? st : taken;
}
