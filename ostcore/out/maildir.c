/*
 * maildir.c - the layout `maildir`: Maildir++, as Dovecot and Courier have it
 *
 * The Inbox is at the top, every other folder beside it, its path in its name;
 * a mail's flags are in the name of its file, its date is the file's time. So
 * a server needs no import: it has its mail already.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "bytes/sorted.h"
#include "mail/mail.h"
#include "mail/text/utf7.h"
#include "out/writer.h"
#include "tree/name.h"

enum {
	LETTERS = 26,	      /* of keywords: a to z */
	NAME_BYTES_MAX = 230, /* of a folder's name */
};

struct maildir {
	/* Categories of the folder that is taken, as keywords; owned. */
	char *keywords[LETTERS];
	unsigned keyword_count;
	struct placed {
		char *path, *name; /* owned; "" is the top */
	} * placed;
	size_t placed_count;
};

/* A mail that is written but for the end of its name, which tells its
   keywords: which letters these have is known when those before it are. */
struct unnamed {
	struct dest_file file;
	struct buf name;
	struct buf keywords; /* a line each */
};

static struct maildir *state_of(struct out *x)
{
	if (x->state == NULL)
		x->state = calloc(1, sizeof(struct maildir));
	return x->state;
}

/* --- keywords
 * ------------------------------------------------------------------
 */

/* Of an item: its categories, a line each. */
static enum ost_status put_keywords(struct store_object *o, struct buf *lines,
				    struct ost_error *err)
{
	struct buf text = { 0 };
	struct ost_error none;
	const enum ost_status st = mail_fact(o, MAIL_CATEGORIES, &text, &none);
	const char *at, *end;

	for (at = buf_text(&text); *at != '\0'; at = end) {
		end = strstr(at, ", ");
		if (end == NULL)
			end = at + strlen(at);
		utf7_keyword(lines, span_of(at, (size_t)(end - at)));
		buf_byte(lines, '\n');
		end += *end != '\0' ? 2 : 0;
	}
	buf_free(&text);
	if (ost_is_internal(st))
		return ost_fail(err, st, "%s", none.text);
	return buf_status(lines, err); /* what cannot be read has none */
}

/* The letter of a keyword: in order, as they come up; 0: all are given. */
static char letter_of(struct maildir *m, const char *name, size_t len)
{
	unsigned i = 0;

	while (i < m->keyword_count && (strlen(m->keywords[i]) != len ||
					memcmp(m->keywords[i], name, len) != 0))
		i++;
	if (i == LETTERS)
		return 0;
	if (i == m->keyword_count) {
		m->keywords[i] = strndup(name, len);
		m->keyword_count += m->keywords[i] != NULL;
	}
	return m->keywords[i] != NULL ? (char)('a' + i) : 0;
}

/* Append the letters of the keywords in `lines`. */
static void put_letters(struct out *x, struct maildir *m,
			const struct buf *lines, struct buf *out)
{
	bool has[LETTERS] = { false };
	const char *at, *end;

	for (at = buf_text(lines); (end = strchr(at, '\n')) != NULL;
	     at = end + 1) {
		const char c = letter_of(m, at, (size_t)(end - at));

		if (c != 0)
			has[c - 'a'] = true;
		else
			x->n->keywords_left++;
	}
	for (int i = 0; i < LETTERS; i++)
		if (has[i])
			buf_byte(out, (char)('a' + i));
}

static void drop_keywords(struct maildir *m)
{
	while (m->keyword_count > 0)
		free(m->keywords[--m->keyword_count]);
}

/* --- folders
 * -------------------------------------------------------------------
 */

static const char *role_name(const struct out *x, uint32_t nid)
{
	static const char *const names[ROLE_COUNT] = {
		[ROLE_SENT] = "Sent",	    [ROLE_DRAFTS] = "Drafts",
		[ROLE_DELETED] = "Trash",   [ROLE_JUNK] = "Junk",
		[ROLE_ARCHIVE] = "Archive",
	};

	if (x->identity == NULL || x->o->keep_roles)
		return NULL;
	for (int i = 0; i < ROLE_COUNT; i++)
		if (names[i] != NULL &&
		    x->identity->mailboxes[0].folders[i] == nid)
			return names[i];
	return NULL;
}

/* IMAP has one Inbox, in any letter case: where no role tells which folder it
   is, the one of that name is. */
static bool is_inbox(const struct out *x, const struct out_folder *f)
{
	const uint32_t inbox =
		x->identity != NULL
			? x->identity->mailboxes[0].folders[ROLE_INBOX]
			: 0;

	return inbox != 0 ? f->nid == inbox : strcasecmp(f->path, "Inbox") == 0;
}

/* The name of the folder that `path` is in; "" at the top. */
static const char *parent_name(const struct maildir *m, const char *path)
{
	const char *slash = strrchr(path, '/');
	const size_t len = slash != NULL ? (size_t)(slash - path) : 0;

	for (size_t i = m->placed_count; i > 0 && len > 0; i--) {
		const struct placed *p = &m->placed[i - 1];

		if (strlen(p->path) == len && memcmp(p->path, path, len) == 0)
			return p->name[0] != '\0' ? p->name : ".INBOX";
	}
	return "";
}

/* A name as a part of that of a directory; "." is what stands between. */
static void put_part(struct buf *name, const char *text, size_t most)
{
	char *safe = strdup(text);
	const size_t start = name->len;

	for (char *at = safe; at != NULL && *at != '\0'; at++)
		if (*at == '.' || *at == '/')
			*at = '_';
	if (safe == NULL)
		name->bad = true;
	while (safe != NULL) {
		size_t len = strlen(safe);

		utf7_put(name, span_of(safe, strlen(safe)));
		if (name->len - start <= most || len == 0)
			break;
		buf_cut(name, start);
		/* A character less: a cut in what it becomes is none. */
		do
			len--;
		while (len > 0 && ((uint8_t)safe[len] & 0xC0) == 0x80);
		safe[len] = '\0';
	}
	free(safe);
}

static enum ost_status put_name(struct out *x, struct maildir *m,
				const struct out_folder *f, struct buf *name,
				struct ost_error *err)
{
	const char *slash = strrchr(f->path, '/');
	const char *own = slash != NULL ? slash + 1 : f->path;
	const char *parent = parent_name(m, f->path);
	const char *role = role_name(x, f->nid);

	if (is_inbox(x, f) || f->path[0] == '\0')
		return OST_OK;
	if (role != NULL)
		parent = "";
	/* One that is too deep is at the top, with its number. */
	if (strlen(parent) + 40 > NAME_BYTES_MAX) {
		buf_printf(name, ".%x_", f->nid);
		parent = "";
	} else {
		buf_printf(name, "%s.", parent);
	}
	put_part(name, role != NULL ? role : own, NAME_BYTES_MAX - name->len);
	if (strcasecmp(buf_text(name), ".INBOX") == 0)
		buf_printf(name, "_%x", f->nid);
	return names_unique(x, name, f->nid, err);
}

/* A copy of the GUID of the mailbox it is in, if that is known. */
static enum ost_status take_mailbox(struct out *x, struct out_folder *f,
				    struct ost_error *err)
{
	const struct store_mailbox *of =
		x->identity != NULL ? store_mailbox_of(tree_store(x->t),
						       x->identity, f->nid)
				    : NULL;

	if (of == NULL && x->identity != NULL)
		of = &x->identity->mailboxes[0];
	if (of == NULL || !of->has_guid)
		return OST_OK;
	f->state = malloc(sizeof(of->guid));
	if (f->state == NULL)
		return ost_no_memory(err);
	memcpy(f->state, of->guid, sizeof(of->guid));
	return OST_OK;
}

/* Make `name`/`sub`. */
static enum ost_status make_dir(struct out *x, const char *name,
				const char *sub, struct ost_error *err)
{
	struct buf path = { 0 };
	enum ost_status st;
	int fd = -1;

	buf_printf(&path, "%s%s%s", name, name[0] != '\0' ? "/" : "", sub);
	st = buf_status(&path, err);
	if (st == OST_OK)
		st = dest_dir(&fd, x->o->dest, path.at, true, err);
	if (fd >= 0)
		close(fd);
	buf_free(&path);
	return st;
}

static enum ost_status make_folder(struct out *x, struct out_folder *f,
				   const char *name, struct ost_error *err)
{
	enum ost_status st = make_dir(x, name, "cur", err);

	if (st == OST_OK)
		st = make_dir(x, name, "new", err);
	if (st == OST_OK)
		st = make_dir(x, name, "tmp", err);
	if (st == OST_OK && asprintf(&f->dest, "%s%scur", name,
				     name[0] != '\0' ? "/" : "") < 0) {
		f->dest = NULL;
		st = ost_no_memory(err);
	}
	return st;
}

static enum ost_status maildir_folder(struct out *x, struct out_folder *f,
				      struct ost_error *err)
{
	struct maildir *m = state_of(x);
	struct buf name = { 0 };
	enum ost_status st;

	if (m == NULL ||
	    !array_more(&m->placed, m->placed_count, sizeof(*m->placed)))
		return ost_no_memory(err);
	st = take_mailbox(x, f, err);
	if (st == OST_OK)
		st = put_name(x, m, f, &name, err);
	if (st == OST_OK) {
		struct placed *p = &m->placed[m->placed_count++];

		*p = (struct placed){ strdup(f->path),
				      strdup(buf_text(&name)) };
		if (p->path == NULL || p->name == NULL)
			st = ost_no_memory(err);
	}
	if (st == OST_OK && f->wanted)
		st = make_folder(x, f, buf_text(&name), err);
	buf_free(&name);
	return st;
}

/* The lines of a folder, and the small files in it. */
static enum ost_status put_small(struct out *x, struct out_job *j,
				 const char *name, const char *file,
				 struct span bytes, struct ost_error *err)
{
	struct buf path = { 0 };
	enum ost_status st;
	int fd = -1;

	buf_printf(&path, "%s%s%s", name, name[0] != '\0' ? "/" : "", file);
	st = buf_status(&path, err);
	if (st == OST_OK)
		st = dest_dir(&fd, x->o->dest, name, true, err);
	if (st == OST_OK)
		st = dest_put(fd, file, bytes,
			      store_info(tree_store(x->t))->mtime, err);
	if (st == OST_OK)
		st = out_put_file(j, path.at, bytes,
				  store_info(tree_store(x->t))->mtime, err);
	if (fd >= 0)
		close(fd);
	buf_free(&path);
	return st;
}

/* The directory of a folder: `dest` is its cur. */
static void put_top(const struct out_folder *f, struct buf *path)
{
	const size_t len = strlen(f->dest) - strlen("cur");

	buf_printf(path, "%.*s", len > 0 ? (int)len - 1 : 0, f->dest);
}

static enum ost_status take_folder(struct out *x, struct out_job *j,
				   struct ost_error *err)
{
	static const char *const subs[] = { "cur", "new", "tmp" };
	struct buf top = { 0 };
	enum ost_status st = OST_OK;

	put_top(j->folder, &top);
	for (size_t i = 0; st == OST_OK && i < 3; i++) {
		struct manifest_entry e = { .kind = MANIFEST_FOLDER,
					    .nid = j->folder->nid };

		if (asprintf(&e.path, "%s%s%s", buf_text(&top),
			     top.len > 0 ? "/" : "", subs[i]) < 0)
			st = ost_no_memory(err);
		else
			st = out_put(j, &e, err);
		free(e.path);
	}
	if (st == OST_OK)
		st = buf_status(&top, err);
	if (st == OST_OK && top.len > 0)
		st = put_small(x, j, top.at, "maildirfolder", span_of("", 0),
			       err);
	buf_free(&top);
	return st;
}

/* The names of the keywords, which are known now. */
static enum ost_status leave_folder(struct out *x, struct maildir *m,
				    struct out_job *j, struct ost_error *err)
{
	struct buf text = { 0 }, top = { 0 };
	enum ost_status st = OST_OK;

	for (unsigned i = 0; i < m->keyword_count; i++)
		buf_printf(&text, "%u %s\n", i, m->keywords[i]);
	put_top(j->folder, &top);
	if (text.bad || top.bad)
		st = ost_no_memory(err);
	if (st == OST_OK && text.len > 0)
		st = put_small(x, j, buf_text(&top), "dovecot-keywords",
			       buf_span(&text), err);
	buf_free(&text);
	buf_free(&top);
	drop_keywords(m);
	return st;
}

/* --- mails
 * ---------------------------------------------------------------------
 */

/* The name of a mail but for its letters, and what these will be of. */
static enum ost_status put_file_name(struct out *x, const struct out_job *j,
				     struct unnamed *u, struct ost_error *err)
{
	const struct store_id id = { j->nid, 0 };
	struct store_object *o = NULL;
	struct buf words = { 0 }, size = { 0 };
	struct name_mail parts = { .sec = j->node.mtime,
				   .nid = j->nid,
				   .mailbox = j->folder->state };
	struct ost_error none;
	enum ost_status st = store_get(tree_store(x->t), id, &o, &none);

	if (st == OST_OK)
		st = mail_fact(o, MAIL_FLAGS, &words, &none);
	if (st == OST_OK)
		st = put_keywords(o, &u->keywords, &none);
	if (ost_is_internal(st))
		st = ost_fail(err, st, "%s", none.text);
	else
		st = OST_OK;
	buf_printf(&size, "%" PRIu64, j->node.size);
	parts.size = buf_text(&size);
	parts.flags = buf_text(&words);
	name_mail(&u->name, &parts);
	if (size.bad)
		u->name.bad = true;
	store_drop(o);
	buf_free(&size);
	buf_free(&words);
	return st == OST_OK ? buf_status(&u->name, err) : st;
}

static enum ost_status maildir_work(struct out *x, struct out_job *j,
				    struct ost_error *err)
{
	struct unnamed *u = j->more = calloc(1, sizeof(*u));
	struct buf path = { 0 };
	enum ost_status st;
	int fd = -1;

	if (u == NULL)
		return ost_no_memory(err);
	u->file.fd = -1;
	st = put_file_name(x, j, u, err);
	if (st == OST_OK)
		st = out_folder_fd(x, j->folder, &fd, err);
	buf_printf(&path, "%s/%s", j->folder->dest, buf_text(&u->name));
	if (st == OST_OK)
		st = buf_status(&path, err);
	if (st == OST_OK)
		st = out_entry(j, path.at, err);
	else
		buf_free(&path);
	return st == OST_OK ? out_part(x, &u->file, fd, j->ino, &j->entry, NULL,
				       NULL, err)
			    : st;
}

static enum ost_status take_mail(struct out *x, struct maildir *m,
				 struct out_job *j, struct ost_error *err)
{
	struct unnamed *u = j->more;
	const size_t bare = u->name.len;
	enum ost_status st;
	char *path;

	put_letters(x, m, &u->keywords, &u->name);
	st = buf_status(&u->name, err);
	if (st == OST_OK && u->name.len > bare) {
		if (asprintf(&path, "%s/%s", j->folder->dest, u->name.at) < 0)
			return ost_no_memory(err);
		free(j->entry.path);
		j->entry.path = path;
	}
	if (st == OST_OK && j->entry.error == NULL)
		st = dest_name(&u->file, u->name.at, err);
	return st == OST_OK ? out_put(j, &j->entry, err) : st;
}

/* One of the run before: its letters are in its name, and what they are of is
   asked for again. */
static enum ost_status keep_mail(struct out *x, struct maildir *m,
				 const struct out_job *j, struct ost_error *err)
{
	const struct store_id id = { j->nid, 0 };
	const size_t len = strlen(j->entry.path);
	const char last = len > 0 ? j->entry.path[len - 1] : '\0';
	struct store_object *o = NULL;
	struct buf lines = { 0 }, letters = { 0 };
	enum ost_status st;

	if (m->keyword_count < LETTERS && (last < 'a' || last > 'z'))
		return OST_OK;
	st = store_get(tree_store(x->t), id, &o, err);
	if (st == OST_OK)
		st = put_keywords(o, &lines, err);
	if (st == OST_OK)
		put_letters(x, m, &lines, &letters);
	store_drop(o);
	buf_free(&lines);
	buf_free(&letters);
	return ost_is_internal(st) ? st : OST_OK;
}

static enum ost_status maildir_take(struct out *x, struct out_job *j,
				    struct ost_error *err)
{
	struct maildir *m = x->state;

	if (j->folder->dest == NULL)
		return OST_OK;
	if (j->kind == OUT_FOLDER)
		return take_folder(x, j, err);
	if (j->kind == OUT_LEAVE)
		return leave_folder(x, m, j, err);
	return j->kept > 0 ? keep_mail(x, m, j, err) : take_mail(x, m, j, err);
}

static void maildir_job_drop(struct out *x, struct out_job *j)
{
	struct unnamed *u = j->more;

	(void)x;
	if (u == NULL)
		return;
	dest_drop(&u->file);
	buf_free(&u->name);
	buf_free(&u->keywords);
	free(u);
}

static void maildir_drop(struct out *x)
{
	struct maildir *m = x->state;

	if (m == NULL)
		return;
	drop_keywords(m);
	for (size_t i = 0; i < m->placed_count; i++) {
		free(m->placed[i].path);
		free(m->placed[i].name);
	}
	free(m->placed);
	free(m);
}

const struct out_format out_maildir = {
	.name = "maildir",
	.in_mail = true,
	.all_mail = true,
	.in_blocks = true,
	.folder = maildir_folder,
	.work = maildir_work,
	.take = maildir_take,
	.job_drop = maildir_job_drop,
	.drop = maildir_drop,
};
