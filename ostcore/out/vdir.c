/*
 * vdir.c - the layout `vdir`: calendars and address books for vdirsyncer
 *
 * A directory a collection, a file an item, named by the hash of its UID. A
 * server that schedules would mail every attendee at import (RFC 6638), so it
 * is told that it is not the one who does.
 */
#include <ctype.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "out/vdirsyncer.h"
#include "out/writer.h"

/* --- nobody is invited again
 * -------------------------------------------------- */

static const char agent[] = "\r\n ;SCHEDULE-AGENT=CLIENT\r\n ";

static bool names_person(const char *line, size_t len)
{
	return (len == 9 && strncasecmp(line, "ORGANIZER", len) == 0) ||
	       (len == 8 && strncasecmp(line, "ATTENDEE", len) == 0);
}

/* The parameter is a line of its own in the fold, so none is too long. */
enum ost_status schedule_pass(void *arg, struct span in, bool last,
			      struct buf *out, struct ost_error *err)
{
	struct scheduling *s = arg;

	for (size_t i = 0; i < in.len; i++) {
		const char c = (char)in.at[i];

		if (s->in_name && (c == ';' || c == ':') &&
		    names_person(s->name, s->len))
			buf_str(out, agent);
		s->in_name =
			c == '\n' || (s->in_name && isalpha((unsigned char)c) &&
				      s->len < sizeof(s->name));
		if (c == '\n')
			s->len = 0;
		else if (s->in_name)
			s->name[s->len++] = c;
		buf_byte(out, c);
	}
	(void)last;
	return buf_status(out, err);
}

/* --- names
 * ---------------------------------------------------------------------
 */

/* The value of the line UID in the beginning of a file, unfolded. */
static void find_uid(struct span in, struct buf *uid)
{
	const char *at = (const char *)in.at, *end = at + in.len;

	while (at < end) {
		const char *line = at;
		const char *lf = memchr(at, '\n', (size_t)(end - at));

		at = lf != NULL ? lf + 1 : end;
		if (at - line < 4 || strncasecmp(line, "UID", 3) != 0 ||
		    (line[3] != ':' && line[3] != ';'))
			continue;
		while (lf != NULL) {
			size_t len = (size_t)(lf - line);

			while (len > 0 && line[len - 1] == '\r')
				len--;
			buf_add(uid, line, len);
			if (at >= end || (*at != ' ' && *at != '\t'))
				return;
			line = at + 1;
			lf = memchr(line, '\n', (size_t)(end - line));
			at = lf != NULL ? lf + 1 : end;
		}
	}
}

/* Its NID is in it: a UID may be there twice, and both are kept. */
static enum ost_status put_name(struct out *x, const struct out_job *j,
				const char *suffix, struct buf *name,
				struct ost_error *err)
{
	enum { BEGINNING = 64 << 10 };
	struct tree_file *f = NULL;
	struct buf uid = { 0 };
	struct ost_error why;
	char *text = malloc(BEGINNING);
	size_t got = 0;
	char hex[SHA_HEX];
	struct sha sha;
	enum ost_status st;

	if (text == NULL)
		return ost_no_memory(err);
	st = tree_open(x->t, j->ino, &f, &why);
	if (st == OST_OK)
		st = tree_read(f, 0, text, BEGINNING, &got, &why);
	tree_close(f);
	if (st == OST_OK)
		find_uid(span_of(text, got), &uid);
	free(text);
	sha = sha_of_text(buf_text(&uid));
	sha_hex(&sha, hex);
	buf_printf(name, "%.32s-%x%s", uid.len > 0 ? hex : "", j->nid, suffix);
	buf_free(&uid);
	return ost_is_internal(st) ? ost_fail(err, st, "%s", why.text)
				   : buf_status(name, err);
}

/* What Outlook makes for itself, unless it was asked for by a pattern. */
static bool is_own(const char *name)
{
	const size_t len = strlen(name);

	return strcasecmp(name, "GAL Contacts") == 0 ||
	       strcasecmp(name, "Recipient Cache") == 0 ||
	       (len == 38 && name[0] == '{' && name[len - 1] == '}');
}

static enum ost_status vdir_folder(struct out *x, struct out_folder *f,
				   struct ost_error *err)
{
	const char *slash = strrchr(f->path, '/');
	struct buf name = { 0 };
	enum ost_status st;

	if (x->o->filter.folder_count == 0 &&
	    is_own(slash != NULL ? slash + 1 : f->path))
		f->wanted = false;
	for (const char *at = f->path; *at != '\0'; at++)
		if (*at == '/')
			buf_str(&name, " - ");
		else
			buf_byte(&name, *at);
	if (name.len == 0)
		buf_str(&name, "Mailbox");
	/* One that is too long is cut between characters. */
	if (name.len > 200) {
		size_t len = 200;

		while (((uint8_t)name.at[len] & 0xC0) == 0x80)
			len--;
		buf_cut(&name, len);
	}
	st = names_unique(x, &name, f->nid, err);
	f->dest = name.at;
	return st;
}

const char *vdir_suffix(const char *path)
{
	const size_t len = strlen(path);

	if (len > 4 && strcmp(path + len - 4, ".ics") == 0)
		return ".ics";
	return len > 4 && strcmp(path + len - 4, ".vcf") == 0 ? ".vcf" : NULL;
}

static enum ost_status vdir_work(struct out *x, struct out_job *j,
				 struct ost_error *err)
{
	struct scheduling s = { .in_name = true };
	const char *suffix = vdir_suffix(j->path);
	const bool pass = suffix != NULL && strcmp(suffix, ".ics") == 0 &&
			  !x->o->server_schedules;
	struct buf name = { 0 }, path = { 0 };
	enum ost_status st;
	int fd = -1;

	if (suffix == NULL)
		return out_leave(j);
	st = put_name(x, j, suffix, &name, err);
	buf_printf(&path, "%s/%s", j->folder->dest, buf_text(&name));
	if (st == OST_OK)
		st = buf_status(&path, err);
	if (st == OST_OK)
		st = out_folder_fd(x, j->folder, &fd, err);
	if (st == OST_OK)
		st = out_entry(j, path.at, err);
	else
		buf_free(&path);
	if (st == OST_OK)
		st = out_file(x, fd, name.at, j->ino, &j->entry,
			      pass ? schedule_pass : NULL, &s, err);
	buf_free(&name);
	return st == OST_OK ? out_put(j, &j->entry, err) : st;
}

/* What the collection is called, for those who show it. */
static enum ost_status put_display_name(struct out *x, struct out_job *j,
					struct ost_error *err)
{
	const char *slash = strrchr(j->folder->path, '/');
	const char *own = slash != NULL ? slash + 1 : j->folder->path;
	const struct span text = span_of(own, strlen(own));
	struct buf path = { 0 };
	enum ost_status st;
	int fd;

	st = out_folder_fd(x, j->folder, &fd, err);
	buf_printf(&path, "%s/displayname", j->folder->dest);
	if (st == OST_OK)
		st = buf_status(&path, err);
	if (st == OST_OK)
		st = dest_put(fd, "displayname", text,
			      store_info(tree_store(x->t))->mtime, err);
	if (st == OST_OK)
		st = out_put_file(j, path.at, text,
				  store_info(tree_store(x->t))->mtime, err);
	buf_free(&path);
	return st;
}

/* What is in a folder. */
struct vdir_folder_state {
	bool events, contacts;
};

static struct vdir_folder_state *state_of(struct out_folder *f)
{
	if (f->state == NULL)
		f->state = calloc(1, sizeof(struct vdir_folder_state));
	return f->state;
}

static enum ost_status vdir_begin(struct out *x, struct ost_error *err)
{
	if (x->o->vdirsyncer == NULL)
		return OST_OK;
	x->state = calloc(1, sizeof(struct vdirsyncer));
	return x->state != NULL ? OST_OK : ost_no_memory(err);
}

static enum ost_status vdir_take(struct out *x, struct out_job *j,
				 struct ost_error *err)
{
	struct vdir_folder_state *s;
	const char *suffix;

	if (j->kind == OUT_ITEM) {
		j->folder->table = j->folder; /* something is in it */
		suffix = vdir_suffix(j->path);
		s = suffix != NULL ? state_of(j->folder) : NULL;
		if (suffix != NULL && s == NULL)
			return ost_no_memory(err);
		if (s != NULL)
			*(strcmp(suffix, ".ics") == 0 ? &s->events
						      : &s->contacts) = true;
	}
	if (j->kind != OUT_LEAVE || j->folder->table == NULL)
		return OST_OK;
	s = j->folder->state;
	if (x->state != NULL && s != NULL)
		vdirsyncer_note(x->state, x, j->folder, s->events, s->contacts);
	return put_display_name(x, j, err);
}

static enum ost_status vdir_end(struct out *x, struct ost_error *err)
{
	return x->state != NULL ? vdirsyncer_end(x->state, x, err) : OST_OK;
}

static void vdir_drop(struct out *x)
{
	if (x->state != NULL)
		vdirsyncer_drop(x->state);
	free(x->state);
}

const struct out_format out_vdir = {
	.name = "vdir",
	.in_mail = true,
	.in_blocks = true,
	.begin = vdir_begin,
	.end = vdir_end,
	.folder = vdir_folder,
	.work = vdir_work,
	.take = vdir_take,
	.drop = vdir_drop,
};
