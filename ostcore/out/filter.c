/*
 * filter.c - what of a store is wanted
 */
#include <ctype.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

#include "out/writer.h"

/* Does `pattern` fit `path` or a folder above it? */
static bool fits(const char *pattern, const char *path)
{
	return fnmatch(pattern, path, FNM_PATHNAME | FNM_LEADING_DIR) == 0;
}

static bool fits_any(const char *const *patterns, size_t count,
		     const char *path)
{
	for (size_t i = 0; i < count; i++)
		if (fits(patterns[i], path))
			return true;
	return false;
}

bool out_wants_folder(const struct out_filter *f, const char *path)
{
	if (f->folder_count > 0 && !fits_any(f->folders, f->folder_count, path))
		return false;
	return !fits_any(f->not_folders, f->not_folder_count, path);
}

static void to_lower(char *text)
{
	for (; *text != '\0'; text++)
		*text = (char)tolower((unsigned char)*text);
}

/* What a fact of the item says is wanted. */
static enum ost_status has_fact(struct store_object *o, enum mail_fact fact,
				const char *want, bool *wanted,
				struct ost_error *err)
{
	struct buf text = { 0 };
	enum ost_status st = mail_fact(o, fact, &text, err);

	if (ost_is_internal(st)) {
		buf_free(&text);
		return st;
	}
	if (st != OST_OK)
		buf_cut(&text, 0);
	else if (text.at != NULL && fact == MAIL_CLASS)
		to_lower(text.at);
	*wanted = fact == MAIL_CLASS
			  ? fnmatch(want, buf_text(&text), FNM_CASEFOLD) == 0
			  : strcasestr(buf_text(&text), want) != NULL;
	buf_free(&text);
	return OST_OK;
}

/* Sender by name or address: what a listing shows, and what the mail has. */
static enum ost_status has_sender(struct store_object *o, const char *want,
				  bool *wanted, struct ost_error *err)
{
	enum ost_status st = has_fact(o, MAIL_FROM, want, wanted, err);

	if (st == OST_OK && !*wanted)
		st = has_fact(o, MAIL_FROM_NAME, want, wanted, err);
	return st;
}

/* What cannot be read has a size of 1, or none, and no date of its own. */
static bool is_readable(struct out *x, const struct out_job *j)
{
	struct tree_file *f = NULL;
	struct ost_error none;
	const bool is = j->node.size > 1 ||
			tree_open(x->t, j->ino, &f, &none) == OST_OK;

	tree_close(f);
	return is;
}

enum ost_status filter_item(struct out *x, const struct out_job *j,
			    bool *wanted, struct ost_error *err)
{
	const struct out_filter *f = &x->o->filter;
	const struct store_id id = { j->nid, 0 };
	struct store_object *o = NULL;
	enum ost_status st;

	*wanted = true; /* what cannot be read may be what is asked for */
	if (!out_is_filtered(f) || !is_readable(x, j))
		return OST_OK;
	*wanted = (!f->has_since || j->node.mtime >= f->since) &&
		  (!f->has_until || j->node.mtime < f->until) &&
		  (!f->attachments || j->beside != 0);
	if (!*wanted || (f->class == NULL && f->sender == NULL))
		return OST_OK;
	st = store_get(tree_store(x->t), id, &o, err);
	if (st != OST_OK)
		return ost_is_internal(st) ? st : OST_OK;
	if (f->class != NULL)
		st = has_fact(o, MAIL_CLASS, f->class, wanted, err);
	if (st == OST_OK && *wanted && f->sender != NULL)
		st = has_sender(o, f->sender, wanted, err);
	store_drop(o);
	return st;
}

static void put_words(struct buf *out, const char *name,
		      const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_printf(out, "%s%s=%s", out->len > 0 ? "; " : "", name,
			   words[i]);
}

static void put_number(struct buf *out, const char *name, int64_t number)
{
	buf_printf(out, "%s%s=%" PRId64, out->len > 0 ? "; " : "", name,
		   number);
}

void filter_put(const struct out_filter *f, struct buf *out)
{
	put_words(out, "folder", f->folders, f->folder_count);
	put_words(out, "no-folder", f->not_folders, f->not_folder_count);
	if (f->has_since)
		put_number(out, "since", f->since);
	if (f->has_until)
		put_number(out, "until", f->until);
	put_words(out, "class", &f->class, f->class != NULL);
	put_words(out, "sender", &f->sender, f->sender != NULL);
	if (f->attachments)
		buf_printf(out, "%shas-attachment", out->len > 0 ? "; " : "");
}

bool out_is_filtered(const struct out_filter *f)
{
	struct buf text = { 0 };

	filter_put(f, &text);
	const bool is = text.bad || text.len > 0;
	buf_free(&text);
	return is;
}

bool out_date(int64_t *out, const char *text, bool end)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%d", &tm);
	const bool day = rest != NULL && *rest == '\0';

	if (rest != NULL && *rest == 'T')
		rest = strptime(rest, "T%H:%M:%SZ", &tm);
	if (rest == NULL || *rest != '\0')
		return false;
	*out = (int64_t)timegm(&tm) + (day && end ? 24 * 3600 : 0);
	return true;
}
