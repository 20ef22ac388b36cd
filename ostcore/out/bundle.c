/*
 * bundle.c - the layout `bundle`: a file a folder and kind, as services take
 * them: .mbox for mail, .ics for a calendar, .vcf for an address book
 *
 * All events of a folder are in one VCALENDAR, in which each time zone stands
 * once. One that has the name of another, and not its rules, gets a name of
 * its own.
 */
#include <stdlib.h>
#include <strings.h>

#include "out/writer.h"

static const char calendar_begin[] = "BEGIN:VCALENDAR\r\n"
				     "VERSION:2.0\r\n"
				     "PRODID:-//ostfs//ostfs//EN\r\n";
static const char calendar_end[] = "END:VCALENDAR\r\n";

/* A time zone that is in the calendar. */
struct zone {
	struct zone *next;
	struct sha sha; /* of its text */
	char *name;	/* owned; the value of its TZID */
};

struct bundle {
	struct appended *open;
	struct zone *zones; /* of the calendar that is written */
	char *calendar;	    /* its path, on loan from what is open; or NULL */
};

static struct bundle *state_of(struct out *x)
{
	if (x->state == NULL)
		x->state = calloc(1, sizeof(struct bundle));
	return x->state;
}

static void drop_zones(struct bundle *b)
{
	struct zone *z;

	while ((z = b->zones) != NULL) {
		b->zones = z->next;
		free(z->name);
		free(z);
	}
}

/* --- one calendar of many
 * ------------------------------------------------------- */

struct merging {
	struct bundle *b;
	struct buf *out;
	struct span left; /* of the item */
};

/* The next line, with its end; empty at the end. */
static struct span next_line(struct span *left)
{
	const uint8_t *lf = memchr(left->at, '\n', left->len);
	const size_t len = lf != NULL ? (size_t)(lf - left->at) + 1 : left->len;
	const struct span line = span_of(left->at, len);

	*left = span_of(left->at + len, left->len - len);
	return line;
}

static bool is_line(struct span line, const char *text)
{
	size_t len = line.len;

	while (len > 0 &&
	       (line.at[len - 1] == '\n' || line.at[len - 1] == '\r'))
		len--;
	return len == strlen(text) &&
	       strncasecmp((const char *)line.at, text, len) == 0;
}

static bool begins(struct span line, const char *text)
{
	const size_t len = strlen(text);

	return line.len >= len &&
	       strncasecmp((const char *)line.at, text, len) == 0;
}

/* The value of TZID in the text of a zone. */
static void zone_name(struct span text, struct buf *name)
{
	struct span line;

	while (text.len > 0) {
		line = next_line(&text);
		if (!begins(line, "TZID:"))
			continue;
		for (size_t i = 5; i < line.len; i++)
			if (line.at[i] != '\r' && line.at[i] != '\n')
				buf_byte(name, (char)line.at[i]);
		while (text.len > 0 &&
		       (text.at[0] == ' ' || text.at[0] == '\t')) {
			line = next_line(&text);
			for (size_t i = 1; i < line.len; i++)
				if (line.at[i] != '\r' && line.at[i] != '\n')
					buf_byte(name, (char)line.at[i]);
		}
		return;
	}
}

/* Is the zone in the calendar? With `*other`, another of its name is. */
static bool has_zone(const struct bundle *b, const struct sha *sha,
		     const char *name, bool *other)
{
	*other = false;
	for (const struct zone *z = b->zones; z != NULL; z = z->next) {
		if (sha_equal(&z->sha, sha))
			return true;
		*other |= strcmp(z->name, name) == 0;
	}
	return false;
}

static enum ost_status add_zone(struct bundle *b, const struct sha *sha,
				const char *name, struct ost_error *err)
{
	struct zone *z = calloc(1, sizeof(*z));

	if (z == NULL || (z->name = strdup(name)) == NULL) {
		free(z);
		return ost_no_memory(err);
	}
	z->sha = *sha;
	z->next = b->zones;
	b->zones = z;
	return OST_OK;
}

/* All of a component, from the line that begins it on. */
static void take_component(struct span *left, struct span first,
			   const char *end, struct buf *text)
{
	struct span line = first;

	buf_add(text, line.at, line.len);
	while (left->len > 0 && !is_line(line, end)) {
		line = next_line(left);
		buf_add(text, line.at, line.len);
	}
}

static enum ost_status merge_zone(struct merging *m, struct span first,
				  bool *clash, struct ost_error *err)
{
	struct buf text = { 0 }, name = { 0 };
	enum ost_status st;
	bool other, has;
	struct sha sha;

	take_component(&m->left, first, "END:VTIMEZONE", &text);
	zone_name(buf_span(&text), &name);
	sha = sha_of_text(buf_text(&text));
	has = has_zone(m->b, &sha, buf_text(&name), &other);
	*clash |= !has && other;
	st = text.bad || name.bad ? ost_no_memory(err) : OST_OK;
	if (st == OST_OK && !has && !other) {
		buf_add(m->out, text.at, text.len);
		st = add_zone(m->b, &sha, buf_text(&name), err);
	}
	buf_free(&text);
	buf_free(&name);
	return st;
}

/* What the calendar of one item adds. With `*clash`, nothing: its zone has
   the name of another. */
static enum ost_status merge(struct bundle *b, struct span item,
			     struct buf *out, bool *clash,
			     struct ost_error *err)
{
	struct merging m = { .b = b, .out = out, .left = item };
	enum ost_status st = OST_OK;
	bool inside = false; /* a component of the calendar */
	unsigned depth = 0;

	*clash = false;
	while (st == OST_OK && m.left.len > 0) {
		const struct span line = next_line(&m.left);

		if (depth == 1 && is_line(line, "BEGIN:VTIMEZONE")) {
			st = merge_zone(&m, line, clash, err);
			continue;
		}
		depth += begins(line, "BEGIN:");
		inside = depth > 1;
		if (inside)
			buf_add(out, line.at, line.len);
		depth -= depth > 0 && begins(line, "END:");
	}
	return st == OST_OK ? buf_status(out, err) : st;
}

static enum ost_status sink_memory(void *to, struct span bytes,
				   struct ost_error *err)
{
	buf_add(to, bytes.at, bytes.len);
	return buf_status(to, err);
}

/* Where a zone clashes, the item has a calendar of its own: more than one in
   a file is what RFC 5545 3.4 allows. */
static enum ost_status merge_into(struct bundle *b, struct out_job *j,
				  bool first, struct buf *text,
				  struct ost_error *err)
{
	bool clash;
	enum ost_status st;

	if (first)
		buf_str(text, calendar_begin);
	st = merge(b, buf_span(&j->bytes), text, &clash, err);
	if (st != OST_OK || !clash)
		return st;
	buf_cut(text, 0);
	if (first)
		buf_str(text, calendar_begin);
	buf_str(text, calendar_end);
	buf_add(text, j->bytes.at, j->bytes.len);
	buf_str(text, calendar_begin);
	drop_zones(b);
	return buf_status(text, err);
}

static enum ost_status hash_into(struct out_job *j, const struct buf *text)
{
	struct sha256_ctx sum;

	sha256_init(&sum);
	sha256_update(&sum, text->len, (const uint8_t *)text->at);
	sha256_digest(&sum, sizeof(j->entry.sha.at), j->entry.sha.at);
	j->entry.size = text->len;
	return OST_OK;
}

static enum ost_status put_event(struct out *x, struct out_job *j,
				 struct appended *a, struct ost_error *err)
{
	struct bundle *b = state_of(x);
	struct scheduling s = { .in_name = true };
	struct buf text = { 0 };
	enum ost_status st = OST_OK;

	if (j->late) {
		st = out_copy(x, j->ino, &j->entry,
			      x->o->server_schedules ? NULL : schedule_pass, &s,
			      sink_memory, &j->bytes, err);
		atomic_fetch_add(&x->held, j->bytes.len);
		j->late = false;
	}
	if (st == OST_OK && j->entry.error == NULL)
		st = merge_into(b, j, a->end == 0, &text, err);
	if (st == OST_OK && j->entry.error == NULL)
		st = hash_into(j, &text);
	if (st == OST_OK) {
		atomic_fetch_sub(&x->held, j->bytes.len);
		buf_free(&j->bytes);
		j->bytes = text;
		atomic_fetch_add(&x->held, j->bytes.len);
		st = append_put(x, j, a, NULL, NULL, err);
	} else {
		buf_free(&text);
	}
	return st;
}

/* The end of the calendar is a part of it, of no item. */
static enum ost_status end_calendar(struct bundle *b, struct out_job *j,
				    struct ost_error *err)
{
	enum ost_status st = OST_OK;

	for (struct appended *a = b->open; st == OST_OK && a != NULL;
	     a = a->next) {
		const size_t len = strlen(a->path);
		struct manifest_entry e = { .kind = MANIFEST_ITEM,
					    .path = a->path,
					    .is_part = true,
					    .offset = a->end,
					    .size = strlen(calendar_end),
					    .sha = sha_of_text(calendar_end),
					    .mtime = a->mtime };

		if (a->end == 0 || strcmp(a->path + len - 4, ".ics") != 0)
			continue;
		st = append_bytes(a, span_of(calendar_end, e.size), err);
		if (st == OST_OK)
			st = out_put(j, &e, err);
	}
	drop_zones(b);
	return st;
}

/* --- the layout
 * ------------------------------------------------------------------- */

static enum ost_status bundle_work(struct out *x, struct out_job *j,
				   struct ost_error *err)
{
	struct scheduling s = { .in_name = true };
	const char *suffix = vdir_suffix(j->path);
	const size_t len = strlen(j->path);
	const bool calendar = suffix != NULL && strcmp(suffix, ".ics") == 0;
	struct buf path = { 0 };
	enum ost_status st;

	if (suffix == NULL && len > 4 && strcmp(j->path + len - 4, ".eml") == 0)
		return out_mbox.work(x, j, err);
	if (suffix == NULL)
		return out_leave(j);
	buf_printf(&path, "%s%s",
		   j->folder->path[0] != '\0' ? j->folder->path : "Mailbox",
		   suffix);
	st = path.bad ? buf_status(&path, err) : out_entry(j, path.at, err);
	if (st == OST_OK)
		st = append_work(x, j,
				 calendar && !x->o->server_schedules
					 ? schedule_pass
					 : NULL,
				 &s, err);
	return st;
}

static enum ost_status bundle_item(struct out *x, struct out_job *j,
				   struct bundle *b, struct ost_error *err)
{
	const char *suffix = vdir_suffix(j->path);
	struct appended *a;
	enum ost_status st;

	if (suffix == NULL)
		return mbox_item(x, j, &b->open, err);
	st = append_open(x, &b->open, &a, j->entry.path, err);
	if (st == OST_OK && strcmp(suffix, ".ics") == 0)
		return put_event(x, j, a, err);
	if (st == OST_OK && j->kept > 0)
		return append_keep(x, j, a, err);
	return st == OST_OK ? append_put(x, j, a, NULL, NULL, err) : st;
}

static enum ost_status bundle_take(struct out *x, struct out_job *j,
				   struct ost_error *err)
{
	struct bundle *b = state_of(x);
	enum ost_status st;

	if (b == NULL)
		return ost_no_memory(err);
	if (j->kind == OUT_ITEM)
		return bundle_item(x, j, b, err);
	if (j->kind != OUT_LEAVE)
		return OST_OK;
	st = end_calendar(b, j, err);
	return st == OST_OK ? append_close(&b->open, j, err) : st;
}

/* Which zones are in a calendar is known only to who wrote it all. */
static bool bundle_keeps(const struct out_job *j)
{
	const char *suffix = vdir_suffix(j->path);

	return suffix == NULL || strcmp(suffix, ".ics") != 0;
}

static void bundle_drop(struct out *x)
{
	struct bundle *b = x->state;

	if (b == NULL)
		return;
	append_drop(&b->open);
	drop_zones(b);
	free(b);
}

const struct out_format out_bundle = {
	.name = "bundle",
	.in_mail = true,
	.work = bundle_work,
	.take = bundle_take,
	.keeps = bundle_keeps,
	.drop = bundle_drop,
};
