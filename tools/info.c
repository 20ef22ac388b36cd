/*
 * info.c - what a store holds, counted
 */
#include "info.h"

#include <stdlib.h>
#include <strings.h>
#include <time.h>

#include "bytes/seen.h"
#include "bytes/sorted.h"
#include "mail/mail.h"

enum {
	CLASSES_MAX = 256,
	/* A list that fails this often in a row is taken to be at its end. */
	FAILURES_MAX = 1024,
	MAPI_MAILBOX_OWNER_NAME = 0x661C,
};

/* A folder that is still to be counted. */
struct to_count {
	uint32_t nid;
	unsigned depth;
	size_t parent; /* in info->folders */
};

/* One walk over the folders, however deep they lie in one another. */
struct walk {
	struct store *store;
	struct info *info;
	struct seen_set seen; /* of NIDs: a cycle ends there */
	struct buf waiting;   /* struct to_count; the next is the last */
};

/* Text property `id` as an owned string, "" when there is none. */
static char *text_of(struct store_object *o, uint16_t id)
{
	struct buf text = { 0 };
	struct ost_error err;

	if (store_text(o, id, &text, NULL, &err) != OST_OK)
		buf_cut(&text, 0);
	buf_str(&text, "");
	if (!text.bad)
		return text.at;
	buf_free(&text);
	return NULL;
}

static enum ost_status tally_new(struct info_tally *t, size_t max,
				 struct ost_error *err)
{
	*t = (struct info_tally){ .max = max };
	t->at = calloc(max, sizeof(*t->at));
	return t->at != NULL ? OST_OK : ost_no_memory(err);
}

static enum ost_status tally_add(struct info_tally *t, const char *name,
				 struct ost_error *err)
{
	size_t at = 0;

	while (at < t->count && strcmp(t->at[at].name, name) != 0)
		at++;
	/* The last place is kept for the rest. */
	if (at == t->count && at >= t->max - 1 && *name != '\0')
		return tally_add(t, "", err);
	if (at == t->count) {
		char *copy = strdup(name);

		if (copy == NULL)
			return ost_no_memory(err);
		t->at[t->count++] = (struct info_named){ copy, 0 };
	}
	t->at[at].count++;
	return OST_OK;
}

static int by_count(const void *a, const void *b)
{
	const struct info_named *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->name, y->name);
}

static void tally_sort(struct info_tally *t)
{
	if (t->count > 0)
		qsort(t->at, t->count, sizeof(*t->at), by_count);
}

static void tally_free(struct info_tally *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->at[i].name);
	free(t->at);
}

static enum ost_status count_message(struct info *i, struct store_object *row,
				     struct ost_error *err)
{
	struct buf name = { 0 };
	int64_t sec;
	uint32_t nsec;
	enum ost_status st = mail_fact(row, MAIL_CLASS, &name, err);

	if (ost_is_internal(st))
		goto out;
	st = tally_add(&i->classes, buf_text(&name), err);
	/* An appointment's time is its own, not when it was received. */
	if (strncmp(buf_text(&name), "IPM.Appointment", 15) != 0 &&
	    mail_time(row, &sec, &nsec)) {
		if (!i->dated || sec < i->first)
			i->first = sec;
		if (!i->dated || sec > i->last)
			i->last = sec;
		i->dated = true;
	}
out:
	buf_free(&name);
	return st;
}

/*
 * Count the rows of one list of `folder`, and with `each` what is in them.
 * Rows that cannot be read go to `*damaged`.
 */
static enum ost_status count_list(struct info *each,
				  struct store_object *folder,
				  enum store_list list, uint64_t *count,
				  uint64_t *damaged, struct ost_error *err)
{
	unsigned failures = 0;

	for (size_t i = 0; failures < FAILURES_MAX; i++) {
		struct store_object *row = NULL;
		enum ost_status st = store_child(folder, list, i, &row, err);

		if (st == OST_NOT_FOUND)
			break;
		if (ost_is_internal(st))
			return st;
		if (st != OST_OK) {
			failures++;
			continue;
		}
		*damaged += failures;
		failures = 0;
		++*count;
		st = each != NULL ? count_message(each, row, err) : OST_OK;
		store_drop(row);
		if (st != OST_OK)
			return st;
	}
	/* All of a list that never ended is one damaged thing. */
	*damaged += failures == FAILURES_MAX ? 1 : failures;
	return OST_OK;
}

static enum ost_status count_folder(struct info *i, struct store_object *o,
				    struct info_folder *f,
				    struct ost_error *err)
{
	enum ost_status st;

	f->says_messages = store_number(o, MAPI_CONTENT_COUNT, 0);
	f->unread = store_number(o, MAPI_CONTENT_UNREAD, 0);
	f->says_hidden = store_number(o, MAPI_ASSOCIATED_CONTENT_COUNT, 0);
	st = count_list(f->search ? NULL : i, o, STORE_MESSAGES, &f->messages,
			&f->damaged, err);
	if (st == OST_OK)
		st = count_list(NULL, o, STORE_ASSOCIATED, &f->hidden,
				&f->damaged, err);
	if (st != OST_OK || f->search)
		return st;
	i->messages += f->messages;
	i->unread += f->unread;
	i->hidden += f->hidden;
	return OST_OK;
}

/* A new folder at the end of the list; NULL without memory. */
static struct info_folder *add_folder(struct walk *w)
{
	struct info *i = w->info;

	if (!array_more(&i->folders, i->folder_count, sizeof(*i->folders)))
		return NULL;
	i->folders[i->folder_count] = (struct info_folder){ 0 };
	return &i->folders[i->folder_count++];
}

static struct to_count *items_in(const struct buf *waiting)
{
	return (struct to_count *)(void *)waiting->at;
}

static size_t count_in(const struct buf *waiting)
{
	return waiting->len / sizeof(struct to_count);
}

/* Those that wait from `from` on, the first to be the last. */
static void turn(struct buf *waiting, size_t from)
{
	struct to_count *items = items_in(waiting);
	size_t end = count_in(waiting);

	for (; from + 1 < end; from++) {
		const struct to_count first = items[from];

		items[from] = items[--end];
		items[end] = first;
	}
}

/* The subfolders of folder number `at`, which is `o`, wait after it. */
static enum ost_status list_subfolders(struct walk *w, struct store_object *o,
				       size_t at, struct ost_error *err)
{
	const unsigned depth = w->info->folders[at].depth + 1;
	const size_t from = count_in(&w->waiting);
	unsigned failures = 0;

	for (size_t i = 0; failures < FAILURES_MAX; i++) {
		struct store_object *sub = NULL;
		enum ost_status st =
			store_child(o, STORE_FOLDERS, i, &sub, err);

		if (st == OST_NOT_FOUND)
			break;
		if (st == OST_OK && seen_add(&w->seen, sub->id.nid)) {
			const struct to_count one = { sub->id.nid, depth, at };

			buf_add(&w->waiting, &one, sizeof(one));
		} else if (st != OST_OK) {
			w->info->folders[at].damaged++;
			failures++;
		}
		store_drop(sub);
		if (ost_is_internal(st))
			return st;
	}
	if (w->seen.bad || w->waiting.bad)
		return ost_no_memory(err);
	turn(&w->waiting, from);
	return OST_OK;
}

static enum ost_status count_one(struct walk *w, const struct to_count *one,
				 struct store_object *o, struct ost_error *err)
{
	struct info_folder *f = add_folder(w);
	const size_t at = w->info->folder_count - 1;
	enum ost_status st;

	if (f == NULL)
		return ost_no_memory(err);
	f->nid = one->nid;
	f->depth = one->depth;
	f->search = (one->nid & MAPI_NID_TYPE) == MAPI_NID_SEARCH_FOLDER;
	f->name = text_of(o, MAPI_DISPLAY_NAME);
	if (f->name == NULL)
		return ost_no_memory(err);
	st = count_folder(w->info, o, f, err);
	return st == OST_OK ? list_subfolders(w, o, at, err) : st;
}

/* What a search folder lists is no loss: it lies elsewhere. */
static void sum_damage(struct info *i)
{
	for (size_t n = 0; n < i->folder_count; n++)
		if (!i->folders[n].search)
			i->damaged += i->folders[n].damaged;
}

static enum ost_status walk_all(struct store *store, struct info *out,
				struct ost_error *err)
{
	struct walk w = { .store = store, .info = out };
	struct to_count one = { MAPI_NID_ROOT_FOLDER, 0, 0 };
	enum ost_status st = OST_OK;

	(void)seen_add(&w.seen, one.nid);
	buf_add(&w.waiting, &one, sizeof(one));
	while (st == OST_OK && w.waiting.len > 0) {
		struct store_object *o = NULL;

		one = items_in(&w.waiting)[count_in(&w.waiting) - 1];
		buf_cut(&w.waiting, w.waiting.len - sizeof(one));
		st = store_get(store, (struct store_id){ one.nid, 0 }, &o, err);
		if (st == OST_OK)
			st = count_one(&w, &one, o, err);
		else if (one.depth > 0)
			out->folders[one.parent].damaged++;
		else
			out->damaged++;
		store_drop(o);
		if (!ost_is_internal(st))
			st = OST_OK;
	}
	sum_damage(out);
	seen_free(&w.seen);
	buf_free(&w.waiting);
	return st;
}

/* Names, and the messages that the node B-tree knows of. */
static enum ost_status read_store_object(struct store *store, struct info *out,
					 struct ost_error *err)
{
	struct store_object *o = NULL, *node = NULL;
	enum ost_status st = store_get(
		store, (struct store_id){ MAPI_NID_STORE, 0 }, &o, err);
	uint64_t nid = 0;

	if (st != OST_OK)
		goto out;
	out->name = text_of(o, MAPI_DISPLAY_NAME);
	out->owner = text_of(o, MAPI_MAILBOX_OWNER_NAME);
	while (nid <= UINT32_MAX) {
		st = store_child(o, STORE_NODES, (size_t)nid, &node, err);
		if (st != OST_OK)
			break;
		nid = (uint64_t)node->id.nid + 1;
		if ((node->id.nid & MAPI_NID_TYPE) == MAPI_NID_MESSAGE)
			out->nodes++;
		store_drop(node);
	}
	out->has_nodes = st == OST_NOT_FOUND;
out:
	store_drop(o);
	return ost_is_internal(st) ? st : OST_OK;
}

enum ost_status info_read(struct store *store, struct info *out,
			  struct ost_error *err)
{
	enum ost_status st;

	*out = (struct info){ 0 };
	st = tally_new(&out->classes, CLASSES_MAX, err);
	if (st == OST_OK)
		st = read_store_object(store, out, err);
	if (st == OST_OK)
		st = walk_all(store, out, err);
	if (st == OST_OK)
		st = store_identity(store, &out->identity, err);
	tally_sort(&out->classes);
	return st;
}

uint64_t info_differing(const struct info *i)
{
	uint64_t sum = 0;

	for (size_t n = 0; n < i->folder_count; n++) {
		const struct info_folder *f = &i->folders[n];

		if (!f->search)
			sum += f->says_messages > f->messages
				       ? f->says_messages - f->messages
				       : f->messages - f->says_messages;
	}
	return sum;
}

bool info_disputed(const struct store_person *owner, const char *path)
{
	const struct span name = store_file_address(path);

	return name.len > 0 && *owner->address != '\0' &&
	       (name.len != strlen(owner->address) ||
		strncasecmp((const char *)name.at, owner->address, name.len) !=
			0);
}

struct info_when info_when(int64_t sec)
{
	const time_t t = (time_t)sec;
	struct info_when out = { "" };
	struct tm tm;

	if (gmtime_r(&t, &tm) != NULL)
		(void)strftime(out.text, sizeof(out.text), "%Y-%m-%dT%H:%M:%SZ",
			       &tm);
	return out;
}

int info_worse(int a, int b)
{
	static const int mild[] = { OST_EXIT_OK, OST_EXIT_LOSSES,
				    OST_EXIT_TRUNCATED };
	size_t of_a = 0, of_b = 0;

	while (of_a < 3 && mild[of_a] != a)
		of_a++;
	while (of_b < 3 && mild[of_b] != b)
		of_b++;
	if (of_a != of_b)
		return of_a > of_b ? a : b;
	return a > b ? a : b;
}

void info_free(struct info *i)
{
	for (size_t n = 0; n < i->folder_count; n++)
		free(i->folders[n].name);
	free(i->folders);
	tally_free(&i->classes);
	free(i->name);
	free(i->owner);
	*i = (struct info){ 0 };
}
