/*
 * users.c - who gets which store
 */
#include "imap/users.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "bytes/sorted.h"

enum { FIELDS = 4, FILE_MAX = 64 << 20 };

struct parsing {
	struct span text;
	size_t at;
	unsigned line;
};

static int peek(const struct parsing *p)
{
	return p->at < p->text.len ? p->text.at[p->at] : -1;
}

static bool ends_line(int c)
{
	return c < 0 || c == '\n' || c == '\r';
}

/* One field; false: its quotes are not closed, or more follows them. */
static bool take_field(struct parsing *p, struct buf *out)
{
	if (peek(p) != '"') {
		while (!ends_line(peek(p)) && peek(p) != ',')
			buf_byte(out, (char)p->text.at[p->at++]);
		return true;
	}
	for (p->at++; peek(p) >= 0; p->at++) {
		if (peek(p) == '"') {
			p->at++;
			if (peek(p) != '"')
				return ends_line(peek(p)) || peek(p) == ',';
		}
		p->line += peek(p) == '\n';
		buf_byte(out, (char)peek(p));
	}
	return false;
}

static void end_line(struct parsing *p)
{
	while (!ends_line(peek(p)))
		p->at++;
	p->at += peek(p) == '\r';
	p->at += peek(p) == '\n';
	p->line++;
}

static bool is_head(const struct buf fields[FIELDS])
{
	static const char *const head[] = { "store", "url", "user" };

	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
		if (strcmp(buf_text(&fields[i]), head[i]) != 0)
			return false;
	return true;
}

static enum ost_status add_user(struct users *out,
				const struct buf fields[FIELDS],
				struct ost_error *err)
{
	struct user *u;

	if (out->count >= USERS_MAX)
		return ost_fail(err, OST_CANNOT_OPEN,
				"it has more than %d users", USERS_MAX);
	if (!array_more(&out->at, out->count, sizeof(*out->at)))
		return ost_no_memory(err);
	u = &out->at[out->count++];
	u->store = strdup(buf_text(&fields[0]));
	u->url = strdup(buf_text(&fields[1]));
	u->user = strdup(buf_text(&fields[2]));
	u->secret = strdup(buf_text(&fields[3]));
	return u->store != NULL && u->url != NULL && u->user != NULL &&
			       u->secret != NULL
		       ? OST_OK
		       : ost_no_memory(err);
}

static enum ost_status take_line(struct parsing *p, struct users *out,
				 struct buf fields[FIELDS],
				 struct ost_error *err)
{
	const unsigned line = p->line;
	size_t n = 0;
	bool good = true;

	for (;; p->at++) {
		good = n < FIELDS && take_field(p, &fields[n++]);
		if (!good || peek(p) != ',')
			break;
	}
	good = good && n >= 3 && ends_line(peek(p));
	for (size_t i = 0; good && i < n; i++) {
		if (fields[i].bad)
			return ost_no_memory(err);
		good = (i == 3 || fields[i].len > 0) &&
		       strlen(buf_text(&fields[i])) == fields[i].len;
	}
	if (!good)
		return ost_fail(err, OST_CANNOT_OPEN,
				"line %u is not store,url,user,secret", line);
	end_line(p);
	return line == 1 && is_head(fields) ? OST_OK
					    : add_user(out, fields, err);
}

enum ost_status users_parse(struct users *out, struct span text,
			    struct ost_error *err)
{
	struct parsing p = { .text = text, .line = 1 };
	enum ost_status st = OST_OK;

	while (st == OST_OK && p.at < text.len) {
		struct buf fields[FIELDS] = { { 0 } };

		if (peek(&p) == '#' || ends_line(peek(&p))) {
			end_line(&p);
			continue;
		}
		st = take_line(&p, out, fields, err);
		for (size_t i = 0; i < FIELDS; i++)
			buf_free(&fields[i]);
	}
	return st;
}

enum ost_status users_read(struct users *out, const char *path,
			   struct ost_error *err)
{
	FILE *from = fopen(path, "re");
	struct buf text = { 0 };
	char chunk[4096];
	size_t got;
	enum ost_status st;

	if (from == NULL)
		return ost_fail(err, OST_CANNOT_OPEN, "%s: %s", path,
				strerror(errno));
	while (text.len < FILE_MAX &&
	       (got = fread(chunk, 1, sizeof(chunk), from)) > 0)
		buf_add(&text, chunk, got);
	if (ferror(from) || text.len >= FILE_MAX)
		st = ost_fail(err, OST_CANNOT_OPEN,
			      "it cannot be read, or is too large");
	else
		st = buf_status(&text, err);
	fclose(from);
	if (st == OST_OK)
		st = users_parse(out, buf_span(&text), err);
	buf_free(&text);
	return st == OST_OK ? OST_OK : ost_within(err, st, "%s", path);
}

void users_free(struct users *u)
{
	for (size_t i = 0; i < u->count; i++) {
		free(u->at[i].store);
		free(u->at[i].url);
		free(u->at[i].user);
		free(u->at[i].secret);
	}
	free(u->at);
	*u = (struct users){ 0 };
}
