#include "audit/crosscheck.h"

#include <inttypes.h>
#include <stdlib.h>

#include "audit/compare.h"
#include "bytes/json.h"
#include "bytes/text.h"
#include "store/pff_raw.h"

enum { VERSION = 1, KEPT_MAX = 100000, LINES_MAX = 20 };

/* A difference, without what it was found on. */
struct kept {
	enum compare_kind kind;
	uint16_t id;
	size_t path, text; /* in texts */
	const char *why;   /* NULL: not explained */
};

struct crosscheck {
	struct compare compare;
	struct buf texts; /* strings, each with its NUL */
	struct buf kept;  /* struct kept */
	size_t max;	  /* of them */
};

static const struct kept *kept_at(const struct crosscheck *s, size_t index)
{
	return (const struct kept *)(const void *)s->kept.at + index;
}

static size_t kept_count(const struct crosscheck *s)
{
	return s->kept.len / sizeof(struct kept);
}

static size_t put(struct crosscheck *s, const char *text)
{
	const size_t at = s->texts.len;

	buf_add(&s->texts, text, strlen(text) + 1);
	return at;
}

/* What is not explained is kept, however much else there is. */
static void found(void *arg, const struct compare *w,
		  const struct compare_difference *d)
{
	struct crosscheck *s = arg;
	const size_t max = d->why != NULL ? s->max / 2 : s->max;
	struct kept k = { .kind = d->kind, .id = d->id, .why = d->why };

	(void)w;
	if (kept_count(s) >= max)
		return;
	k.path = put(s, d->path);
	k.text = put(s, d->text.text);
	buf_add(&s->kept, &k, sizeof(k));
}

/* They cannot even open it, which ours can. */
static void not_opened(struct crosscheck *s, enum ost_status st,
		       const struct ost_error *why)
{
	const struct compare_difference d = {
		.kind = COMPARE_STORE, .theirs = st, .path = "", .text = *why
	};

	s->compare.differences++;
	found(s, &s->compare, &d);
}

/* Theirs is opened first: ours says when nothing more may be. */
static enum ost_status compare(struct crosscheck *s, const char *path,
			       const struct store_options *options,
			       struct ost_error *err)
{
	struct store_options of_theirs = { 0 };
	struct ost_error why = { "" };
	enum ost_status st, theirs;

	if (options != NULL)
		of_theirs = *options;
	of_theirs.opened = NULL;
	theirs = store_open(&s->compare.theirs, path, &store_pff_raw,
			    &of_theirs, &why);
	st = store_open(&s->compare.ours, path, &store_native, options, err);
	if (st == OST_OK && theirs == OST_OK)
		compare_walk(&s->compare);
	else if (st == OST_OK)
		not_opened(s, theirs, &why);
	store_close(s->compare.theirs);
	s->compare.theirs = NULL;
	return st;
}

enum ost_status crosscheck_make(struct crosscheck **out, const char *path,
				const struct store_options *options,
				struct ost_error *err)
{
	return crosscheck_make_of(out, path, options, KEPT_MAX, err);
}

enum ost_status crosscheck_make_of(struct crosscheck **out, const char *path,
				   const struct store_options *options,
				   size_t max, struct ost_error *err)
{
	struct crosscheck *s = calloc(1, sizeof(*s));
	enum ost_status st;

	*out = NULL;
	if (s == NULL)
		return ost_no_memory(err);
	s->max = max;
	s->compare.explain = compare_known;
	s->compare.found = found;
	s->compare.arg = s;
	st = compare(s, path, options, err);
	if (st == OST_OK &&
	    (s->compare.no_memory || s->texts.bad || s->kept.bad))
		st = ost_no_memory(err);
	if (st == OST_OK)
		*out = s;
	else
		crosscheck_free(s);
	return st;
}

void crosscheck_free(struct crosscheck *s)
{
	if (s == NULL)
		return;
	store_close(s->compare.ours);
	compare_free(&s->compare);
	buf_free(&s->texts);
	buf_free(&s->kept);
	free(s);
}

static bool is_complete(const struct crosscheck *s)
{
	return kept_count(s) == s->compare.differences;
}

size_t crosscheck_unexplained(const struct crosscheck *s)
{
	return s->compare.differences - s->compare.explained;
}

/*
 * For programs
 */

static const char *const kinds[COMPARE_KINDS] = {
	[COMPARE_STORE] = "store",	  [COMPARE_OBJECT] = "object",
	[COMPARE_LIST] = "list",	  [COMPARE_OURS] = "ours-only",
	[COMPARE_THEIRS] = "theirs-only", [COMPARE_TYPE] = "type",
	[COMPARE_SIZE] = "size",	  [COMPARE_BYTES] = "bytes",
	[COMPARE_READ] = "read",
};

static void put_count(struct json *j, const char *key, uint64_t count)
{
	json_raw(j, key, "%" PRIu64, count);
}

static void put_kept(struct json *j, const struct crosscheck *s,
		     const struct kept *k)
{
	json_object_flat(j, NULL);
	json_str(j, "what", kinds[k->kind]);
	json_str(j, "object", s->texts.at + k->path);
	if (k->id != 0)
		json_raw(j, "property", "\"%04x\"", k->id);
	json_str(j, "difference", s->texts.at + k->text);
	if (k->why != NULL)
		json_str(j, "known", k->why);
	json_object_end(j);
}

void crosscheck_json(const struct crosscheck *s, struct buf *out)
{
	const struct compare *w = &s->compare;
	struct json j = { .to = out };

	json_object(&j, NULL);
	json_raw(&j, "version", "%d", VERSION);
	json_str(&j, "libpff", store_pff_version());
	json_object_flat(&j, "compared");
	put_count(&j, "objects", w->objects);
	put_count(&j, "properties", w->properties);
	put_count(&j, "cells", w->cells);
	put_count(&j, "bytes", w->bytes);
	json_object_end(&j);
	put_count(&j, "absent_cells", w->absent);
	put_count(&j, "differences", w->differences);
	put_count(&j, "unexplained", crosscheck_unexplained(s));
	json_array(&j, "list");
	for (size_t i = 0; i < kept_count(s); i++)
		put_kept(&j, s, kept_at(s, i));
	json_array_end(&j);
	json_bool(&j, "list_complete", is_complete(s));
	json_object_end(&j);
	json_finish(&j);
}

/*
 * For a person
 */

/* All those with the same explanation; NULL: without one. */
static void put_group(const struct crosscheck *s, const char *why,
		      struct buf *out)
{
	size_t count = 0;

	for (size_t i = 0; i < kept_count(s); i++) {
		const struct kept *k = kept_at(s, i);

		if (k->why != why)
			continue;
		if (count == 0)
			buf_printf(out, "\n%s\n",
				   why != NULL ? why : "NOT EXPLAINED");
		if (count++ >= LINES_MAX)
			continue;
		buf_printf(out, "  %s: ", s->texts.at + k->path);
		if (k->id != 0)
			buf_printf(out, "property %#06x: ", k->id);
		buf_printf(out, "%s\n", s->texts.at + k->text);
	}
	if (count > LINES_MAX)
		buf_printf(out, "  and %zu more, which --json has\n",
			   count - LINES_MAX);
}

enum { WHYS_MAX = 32 }; /* more than compare_known() has */

/* All that have an explanation, in the order in which those came. */
static void put_groups(const struct crosscheck *s, struct buf *out)
{
	const char *whys[WHYS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < kept_count(s) && count < WHYS_MAX; i++) {
		const char *why = kept_at(s, i)->why;
		size_t k = 0;

		while (k < count && whys[k] != why)
			k++;
		if (why == NULL || k < count)
			continue;
		whys[count++] = why;
		put_group(s, why, out);
	}
}

void crosscheck_text(const struct crosscheck *s, struct buf *out)
{
	const struct compare *w = &s->compare;

	buf_printf(out,
		   "  readers      ostfs %s and libpff %s\n"
		   "  compared     %zu %s, %zu %s, %zu %s of tables, "
		   "%" PRIu64 " %s\n"
		   "  differences  %zu, not explained: %zu\n",
		   OST_VERSION, store_pff_version(), w->objects,
		   text_plural(w->objects, "object", "objects"), w->properties,
		   text_plural(w->properties, "property", "properties"),
		   w->cells, text_plural(w->cells, "cell", "cells"), w->bytes,
		   text_plural(w->bytes, "byte", "bytes"), w->differences,
		   crosscheck_unexplained(s));
	if (w->absent > 0)
		buf_printf(out,
			   "  made up      %zu %s that rows do not have, which "
			   "libpff gives as empty\n",
			   w->absent, text_plural(w->absent, "cell", "cells"));
	put_group(s, NULL, out);
	put_groups(s, out);
	if (!is_complete(s))
		buf_printf(out, "\nOnly %zu of the differences are listed.\n",
			   kept_count(s));
	if (w->objects == 0)
		buf_str(out, "\nNOTHING WAS COMPARED: libpff cannot open it\n");
	else if (crosscheck_unexplained(s) > 0)
		buf_str(out, "\nTHE READERS DIFFER: one of them is wrong\n");
	else if (w->differences > 0)
		buf_str(out, "\nThe readers agree, but for what libpff is "
			     "known to get wrong.\n");
	else
		buf_str(out, "\nThe readers agree in all.\n");
}
