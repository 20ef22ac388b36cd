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

/* What is known of a folder before the first of its mails is written. */
struct keywords {
	uint32_t nid;
	unsigned count;
	char *names[LETTERS]; /* owned; categories as keywords */
};

struct maildir {
	struct keywords *keywords; /* owned; of folders that have some */
	size_t keyword_count;
	struct placed {
		char *path, *name; /* owned; "" is the top */
	} * placed;
	size_t placed_count;
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
static enum ost_status get_keywords(struct out *x, uint32_t nid,
				    struct buf *lines, struct ost_error *err)
{
	const struct store_id id = { nid, 0 };
	struct store_object *o = NULL;
	struct buf text = { 0 };
	struct ost_error none;
	enum ost_status st = store_get(tree_store(x->t), id, &o, &none);
	const char *at, *end;

	if (st == OST_OK)
		st = mail_fact(o, MAIL_CATEGORIES, &text, &none);
	if (ost_is_internal(st))
		st = ost_fail(err, st, "%s", none.text);
	else
		st = OST_OK; /* what cannot be read has none */
	for (at = buf_text(&text); *at != '\0'; at = end) {
		end = strstr(at, ", ");
		if (end == NULL)
			end = at + strlen(at);
		utf7_keyword(lines, span_of(at, (size_t)(end - at)));
		buf_byte(lines, '\n');
		end += *end != '\0' ? 2 : 0;
	}
	store_drop(o);
	buf_free(&text);
	return st == OST_OK ? buf_status(lines, err) : st;
}

static enum ost_status measure(struct out *x, struct out_job *j,
			       struct ost_error *err)
{
	return get_keywords(x, j->nid, &j->csv, err);
}

static struct keywords *keywords_of(struct maildir *m, uint32_t nid, bool make)
{
	struct keywords *k;

	for (size_t i = m->keyword_count; i > 0; i--)
		if (m->keywords[i - 1].nid == nid)
			return &m->keywords[i - 1];
	if (!make ||
	    !array_more(&m->keywords, m->keyword_count, sizeof(*m->keywords)))
		return NULL;
	k = &m->keywords[m->keyword_count++];
	*k = (struct keywords){ .nid = nid };
	return k;
}

/* The letter of a keyword, 0 for none; with `make`, it gets one. */
static char letter_of(struct keywords *k, const char *name, size_t len,
		      bool make)
{
	unsigned i = 0;

	while (i < k->count && (strlen(k->names[i]) != len ||
				memcmp(k->names[i], name, len) != 0))
		i++;
	if (i < k->count)
		return (char)('a' + i);
	if (!make || k->count == LETTERS)
		return 0;
	k->names[i] = strndup(name, len);
	k->count += k->names[i] != NULL;
	return k->names[i] != NULL ? (char)('a' + i) : 0;
}

/* In order: a folder's keywords have the letters in which they come up. */
static enum ost_status measured(struct out *x, struct out_job *j,
				struct ost_error *err)
{
	struct maildir *m = state_of(x);
	const char *at = buf_text(&j->csv), *end;
	struct keywords *k;

	if (m == NULL)
		return ost_no_memory(err);
	if (*at == '\0')
		return OST_OK;
	k = keywords_of(m, j->folder->nid, true);
	if (k == NULL)
		return ost_no_memory(err);
	for (; (end = strchr(at, '\n')) != NULL; at = end + 1)
		if (letter_of(k, at, (size_t)(end - at), true) == 0)
			x->n->keywords_left++;
	return OST_OK;
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

static enum ost_status make_folder(struct out *x, struct maildir *m,
				   struct out_folder *f, const char *name,
				   struct ost_error *err)
{
	enum ost_status st = make_dir(x, name, "cur", err);

	if (st == OST_OK)
		st = make_dir(x, name, "new", err);
	if (st == OST_OK)
		st = make_dir(x, name, "tmp", err);
	f->table = keywords_of(m, f->nid, false);
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
		st = make_folder(x, m, f, buf_text(&name), err);
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
		st = dest_put(fd, file, bytes, j->folder->node.mtime, err);
	if (st == OST_OK)
		st = out_put_file(j, path.at, bytes, j->folder->node.mtime,
				  err);
	if (fd >= 0)
		close(fd);
	buf_free(&path);
	return st;
}

static void put_keywords(const struct keywords *k, struct buf *out)
{
	for (unsigned i = 0; k != NULL && i < k->count; i++)
		buf_printf(out, "%u %s\n", i, k->names[i]);
}

static enum ost_status take_folder(struct out *x, struct out_job *j,
				   struct ost_error *err)
{
	static const char *const subs[] = { "cur", "new", "tmp" };
	char *dest = j->folder->dest;
	const size_t len = dest != NULL ? strlen(dest) - strlen("cur") : 0;
	struct buf text = { 0 }, path = { 0 };
	enum ost_status st = OST_OK;

	if (dest == NULL)
		return OST_OK;
	for (size_t i = 0; st == OST_OK && i < 3; i++) {
		struct manifest_entry e = { .kind = MANIFEST_FOLDER,
					    .nid = j->folder->nid };

		buf_cut(&path, 0);
		buf_printf(&path, "%.*s%s", (int)len, dest, subs[i]);
		e.path = path.at;
		st = buf_status(&path, err);
		if (st == OST_OK)
			st = out_put(j, &e, err);
	}
	buf_cut(&path, 0);
	buf_printf(&path, "%.*s", len > 0 ? (int)len - 1 : 0, dest);
	put_keywords(j->folder->table, &text);
	if (st == OST_OK && len > 0)
		st = put_small(x, j, buf_text(&path), "maildirfolder",
			       span_of("", 0), err);
	if (st == OST_OK && text.len > 0)
		st = put_small(x, j, buf_text(&path), "dovecot-keywords",
			       buf_span(&text), err);
	buf_free(&path);
	buf_free(&text);
	return st;
}

/* --- mails
 * ---------------------------------------------------------------------
 */

static enum ost_status put_letters(struct out *x, const struct out_job *j,
				   struct buf *out, struct ost_error *err)
{
	struct keywords *k = j->folder->table;
	bool has[LETTERS] = { false };
	struct buf lines = { 0 };
	const char *at, *end;
	enum ost_status st = OST_OK;

	if (k != NULL)
		st = get_keywords(x, j->nid, &lines, err);
	for (at = buf_text(&lines); (end = strchr(at, '\n')) != NULL;
	     at = end + 1) {
		const char c = letter_of(k, at, (size_t)(end - at), false);

		if (c != 0)
			has[c - 'a'] = true;
	}
	for (int i = 0; i < LETTERS; i++)
		if (has[i])
			buf_byte(out, (char)('a' + i));
	buf_free(&lines);
	return st;
}

static enum ost_status put_file_name(struct out *x, const struct out_job *j,
				     struct buf *name, struct ost_error *err)
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
	if (ost_is_internal(st))
		st = ost_fail(err, st, "%s", none.text);
	else
		st = OST_OK;
	buf_printf(&size, "%" PRIu64, j->node.size);
	parts.size = buf_text(&size);
	parts.flags = buf_text(&words);
	name_mail(name, &parts);
	if (size.bad)
		name->bad = true;
	if (st == OST_OK)
		st = put_letters(x, j, name, err);
	store_drop(o);
	buf_free(&size);
	buf_free(&words);
	return st == OST_OK ? buf_status(name, err) : st;
}

static enum ost_status maildir_work(struct out *x, struct out_job *j,
				    struct ost_error *err)
{
	struct buf name = { 0 }, path = { 0 };
	enum ost_status st = put_file_name(x, j, &name, err);
	int fd = -1;

	if (st == OST_OK)
		st = out_folder_fd(x, j->folder, &fd, err);
	buf_printf(&path, "%s/%s", j->folder->dest, buf_text(&name));
	if (st == OST_OK)
		st = buf_status(&path, err);
	if (st == OST_OK)
		st = out_entry(j, path.at, err);
	else
		buf_free(&path);
	if (st == OST_OK)
		st = out_file(x, fd, name.at, j->ino, &j->entry, NULL, NULL,
			      err);
	if (st == OST_OK)
		st = out_put(j, &j->entry, err);
	buf_free(&name);
	return st;
}

static enum ost_status maildir_take(struct out *x, struct out_job *j,
				    struct ost_error *err)
{
	return j->kind == OUT_FOLDER ? take_folder(x, j, err) : OST_OK;
}

static void maildir_drop(struct out *x)
{
	struct maildir *m = x->state;

	if (m == NULL)
		return;
	for (size_t i = 0; i < m->keyword_count; i++)
		for (unsigned k = 0; k < m->keywords[i].count; k++)
			free(m->keywords[i].names[k]);
	for (size_t i = 0; i < m->placed_count; i++) {
		free(m->placed[i].path);
		free(m->placed[i].name);
	}
	free(m->keywords);
	free(m->placed);
	free(m);
}

const struct out_format out_maildir = {
	.name = "maildir",
	.in_mail = true,
	.all_mail = true,
	.in_blocks = true,
	.measure = measure,
	.measured = measured,
	.folder = maildir_folder,
	.work = maildir_work,
	.take = maildir_take,
	.drop = maildir_drop,
};
