/*
 * folder.c - the folders of a store, and what is in them  [MS-PST] 2.4.4
 *
 * Depth first: a folder has its NID before those in it, they are written, then
 * its own messages, then itself. So one table of contents is open at a time,
 * and when a folder is written it is known what became of those in it.
 */
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>

#include "bytes/sorted.h"
#include "bytes/text.h"
#include "pst/writer.h"
#include "store/budget.h"
#include "store/identity.h"
#include "store/limits.h"
#include "store/root.h"

enum {
	NAME_MAX = 255, /* characters of a folder's name */
	MORE_MAX = 8,
	MANY_ITEMS = 100000,
	FACT_MAX = 32 << 10, /* bytes of a value that is in no row */
	DEEP = 301, /* folders, the top among them, that imports refuse */
	SPAM_SEARCH = 0x2223,
	CONTAINER_CLASS = MAPI_CONTAINER_CLASS,
};

/* Properties that a folder keeps beside its name and counts. */
static const struct {
	uint16_t id, type;
} carried[] = {
	{ MAPI_COMMENT, MAPI_UNICODE },
	{ MAPI_CREATION_TIME, MAPI_TIME },
	{ MAPI_LAST_MODIFICATION_TIME, MAPI_TIME },
	{ MAPI_CONTAINER_CLASS, MAPI_UNICODE },
	{ 0x36DA, MAPI_BINARY },
	{ 0x36DE, MAPI_INTEGER32 },
	{ MAPI_ATTRIBUTE_HIDDEN, MAPI_BOOLEAN },
};
_Static_assert(sizeof(carried) / sizeof(carried[0]) <= MORE_MAX, "room");

/* What a folder says of itself; each is in `values`. */
struct facts {
	struct buf name; /* UTF-16LE */
	struct {
		uint32_t tag;
		struct buf value;
	} more[MORE_MAX];
	size_t more_count;
};

/* A folder that was written in this part, for the table of the one around. */
struct child {
	struct facts facts;	  /* that the table has cells for */
	struct pst_folder folder; /* without what is in `facts` */
};

/* Where messages come from. */
enum frame_kind {
	FRAME_SOURCE,	 /* the lists of a folder of the store */
	FRAME_NIDS,	 /* a list of NIDs */
	FRAME_RECOVERED, /* STORE_RECOVERED */
};

struct frame {
	struct frame *below; /* on the stack */
	struct frame *up;    /* the folder it is in; NULL: the top */
	enum frame_kind kind;
	struct store_object *o; /* owned; NULL: no folder of the store */
	uint32_t nid;		/* that it has there; 0: none */
	unsigned depth;
	size_t next; /* of its subfolders */
	const uint32_t *nids;
	size_t nid_count;
	bool wanted, silent;
	unsigned ordinal; /* 2: it is the second of that name */
	size_t plain;	  /* bytes of the name without that number */
	struct facts facts;

	/* Of the part. */
	uint32_t fixed;	  /* the NID it must have; 0: any */
	uint32_t new_nid; /* 0: it is not there yet */
	uint32_t count, unread;
	struct pst_table *contents, *associated;
	struct child *children;
	size_t child_count;
	uint64_t listed; /* entries of its lists */
	bool in_report;
};

/* --- what a folder says of itself ------------------------------------------
 */

static void facts_free(struct facts *f)
{
	buf_free(&f->name);
	for (size_t i = 0; i < f->more_count; i++)
		buf_free(&f->more[i].value);
	f->more_count = 0;
}

static void facts_add(struct facts *f, uint32_t tag, struct span value)
{
	f->more[f->more_count].tag = tag;
	buf_add(&f->more[f->more_count].value, value.at, value.len);
	f->more_count++;
}

/* Copy all, or what the row of the folder has cells for. */
static void facts_copy(struct facts *to, const struct facts *from, bool all)
{
	*to = (struct facts){ .more_count = 0 };
	buf_add(&to->name, buf_text(&from->name), from->name.len);
	for (size_t i = 0; i < from->more_count; i++)
		if (all || pst_folder_has_cell(from->more[i].tag))
			facts_add(to, from->more[i].tag,
				  buf_span(&from->more[i].value));
}

/* So many things that are told of one folder. */
static void account_each(struct writer *w, enum report_what what, uint32_t nid,
			 uint64_t count)
{
	if (count > 0)
		account_line(&w->report, &(struct report_line){ .what = what,
								.nid = nid,
								.count = count,
								.each = true });
}

static void account_folder(struct writer *w, enum report_what what,
			   uint32_t nid, uint32_t folder, uint64_t count,
			   const char *why)
{
	const struct report_line line = { .what = what,
					  .nid = nid,
					  .folder = folder,
					  .count = count,
					  .why = why };

	account_line(&w->report, &line);
}

/* To the length that fits, and no half of a pair at the end. */
static void cut_name(struct buf *name)
{
	const uint8_t *at = (const uint8_t *)name->at;
	const bool pair = (at[2 * NAME_MAX - 1] & 0xFC) == 0xD8;

	buf_cut(name, 2 * (size_t)(NAME_MAX - pair));
}

/* A folder that is not written, by its name or path. */
static void account_named(struct writer *w, enum report_what what, uint32_t nid,
			  uint32_t folder, const struct buf *name)
{
	account_line(&w->report,
		     &(struct report_line){ .what = what,
					    .nid = nid,
					    .folder = folder,
					    .name = buf_span(name) });
}

/* The name, which has no NULs, is not empty, and is of a length that fits. */
static void read_name(struct writer *w, struct frame *f)
{
	struct buf text = { 0 };
	struct store_reading how = { 0 };
	struct ost_error err = { "it has none" };
	const char *why = NULL;

	if (f->o == NULL ||
	    store_text(f->o, MAPI_DISPLAY_NAME, &text, &how, &err) != OST_OK)
		buf_cut(&text, 0);
	if (text.len == 0) {
		why = err.text;
		buf_str(&text, "(no name)");
	}
	pst_utf16(&f->facts.name, buf_span(&text));
	if (f->facts.name.len > 2 * NAME_MAX) {
		why = "it had more than 255 characters";
		cut_name(&f->facts.name);
	} else if (how.replaced > 0) {
		why = "it has invalid bytes, which are now U+FFFD";
	}
	if (why != NULL)
		account_folder(w, REPORT_FOLDER_NAME, f->nid, 0, 0, why);
	buf_free(&text);
}

/* A value that a folder keeps, or what is told of it. */
static enum ost_status read_fact(struct writer *w, struct frame *f,
				 const struct store_prop *p, uint16_t type,
				 struct ost_error *err)
{
	struct convert_changes changes = { 0 };
	struct convert_value v = { 0 };
	struct report_line line = { .nid = f->nid,
				    .id = p->id,
				    .count = p->size };
	const enum ost_status st = convert_value(f->o, p, &v, &changes, err);

	if (st != OST_OK)
		line.what = REPORT_VALUE_UNREADABLE;
	else if (v.type != type)
		line.what = REPORT_VALUE_TYPE;
	else if (!v.held || v.size > (pst_folder_has_cell(pst_tag(v.id, type))
					      ? PST_IN_HEAP_MAX
					      : FACT_MAX))
		line.what = REPORT_VALUE_LARGE;
	else if (v.size > 0)
		facts_add(&f->facts, pst_tag(v.id, v.type), buf_span(&v.bytes));
	line.why = st != OST_OK ? err->text : "a value of a folder";
	if (line.what != REPORT_NOTHING && !writer_ends(w, st))
		account_line(&w->report, &line);
	else
		convert_count(&w->report, p->id, &changes);
	convert_free(&v);
	return writer_ends(w, st) ? st : OST_OK;
}

static enum ost_status read_facts(struct writer *w, struct frame *f,
				  struct ost_error *err)
{
	enum ost_status st = OST_OK;

	read_name(w, f);
	for (size_t i = 0; st == OST_OK && f->o != NULL &&
			   i < sizeof(carried) / sizeof(carried[0]);
	     i++) {
		struct store_prop p = { .id = carried[i].id };

		st = store_find(f->o, carried[i].id, &p, err);
		if (st == OST_NOT_FOUND)
			st = OST_OK;
		else if (st == OST_OK)
			st = read_fact(w, f, &p, carried[i].type, err);
		else if (!writer_ends(w, st)) {
			account_line(&w->report,
				     &(struct report_line){
					     .what = REPORT_VALUE_UNREADABLE,
					     .nid = f->nid,
					     .id = p.id,
					     .why = err->text });
			st = OST_OK;
		}
	}
	return st;
}

/* What is in it, where it says nothing of that, is as around it. */
static void inherit_class(struct writer *w, struct frame *f)
{
	const uint32_t tag = pst_tag(CONTAINER_CLASS, MAPI_UNICODE);

	for (size_t i = 0; i < f->facts.more_count; i++)
		if (f->facts.more[i].tag == tag)
			return;
	if (f->up == NULL || f->facts.more_count == MORE_MAX)
		return;
	for (size_t i = 0; i < f->up->facts.more_count; i++)
		if (f->up->facts.more[i].tag == tag) {
			facts_add(&f->facts, tag,
				  buf_span(&f->up->facts.more[i].value));
			account_count(&w->report, REPORT_ADDED_PROPERTY,
				      CONTAINER_CLASS);
			return;
		}
}

/* --- a frame -----------------------------------------------------------------
 */

static void children_free(struct frame *f)
{
	for (size_t i = 0; i < f->child_count; i++)
		facts_free(&f->children[i].facts);
	free(f->children);
	f->children = NULL;
	f->child_count = 0;
}

static void frame_free(struct frame *f)
{
	children_free(f);
	facts_free(&f->facts);
	pst_table_free(f->contents);
	pst_table_free(f->associated);
	store_drop(f->o);
	free(f);
}

static void stack_drop(struct writer *w)
{
	while (w->stack != NULL) {
		struct frame *f = w->stack;

		w->stack = f->below;
		frame_free(f);
	}
}

/* The path of `f`, by names with "/" between; "" of the top. */
static void put_path(const struct frame *f, struct buf *out)
{
	const struct frame *all[PST_FOLDER_DEPTH_MAX + 8];
	size_t count = 0;

	for (; f->up != NULL && count < sizeof(all) / sizeof(all[0]); f = f->up)
		all[count++] = f;
	while (count-- > 0) {
		if (out->len > 0)
			buf_byte(out, '/');
		(void)text_utf16(out, buf_span(&all[count]->facts.name));
	}
}

static bool fits(const struct writer *w, const struct frame *f)
{
	struct buf path = { 0 };
	bool is = w->o->folder_count == 0;

	put_path(f, &path);
	for (size_t i = 0; f->up != NULL && !is && i < w->o->folder_count; i++)
		is = fnmatch(w->o->folders[i], buf_text(&path),
			     FNM_PATHNAME | FNM_LEADING_DIR) == 0;
	buf_free(&path);
	return is;
}

/* A frame on the stack, in `up`. NULL: no memory. */
static struct frame *push(struct writer *w, struct frame *up,
			  struct store_object *o, uint32_t nid)
{
	struct frame *f = calloc(1, sizeof(*f));

	if (f == NULL) {
		store_drop(o);
		return NULL;
	}
	f->o = o;
	f->nid = nid;
	f->up = up;
	f->depth = up != NULL ? up->depth + 1 : 0;
	f->silent = up != NULL && up->silent;
	f->below = w->stack;
	w->stack = f;
	return f;
}

/* --- a folder in the part
 * ------------------------------------------------------ */

/* Give it, and those around it, NIDs in this part. */
static enum ost_status ensure(struct writer *w, struct frame *f,
			      struct ost_error *err)
{
	while (f->new_nid == 0) {
		struct frame *first = f;

		while (first->up != NULL && first->up->new_nid == 0)
			first = first->up;
		first->new_nid = first->fixed != 0
					 ? first->fixed
					 : pst_nid(w->out, PST_NID_FOLDER);
		if (first->new_nid == 0)
			return ost_fail(err, OST_LIMIT, "too many folders");
	}
	return OST_OK;
}

static struct pst_folder as_folder(const struct facts *facts,
				   struct pst_cell cells[MORE_MAX])
{
	for (size_t i = 0; i < facts->more_count; i++)
		cells[i] = (struct pst_cell){
			.tag = facts->more[i].tag,
			.bytes = buf_span(&facts->more[i].value),
		};
	return (struct pst_folder){ .name = buf_span(&facts->name),
				    .more = cells,
				    .more_count = facts->more_count };
}

static int by_nid(const void *a, const void *b)
{
	const struct child *x = a, *y = b;

	return (x->folder.nid > y->folder.nid) -
	       (x->folder.nid < y->folder.nid);
}

/* The table of the folders in `f`. */
static enum ost_status put_children(struct writer *w, struct frame *f,
				    struct pst_table **out,
				    struct ost_error *err)
{
	enum ost_status st = OST_OK;

	*out = NULL;
	if (f->child_count == 0)
		return OST_OK;
	qsort(f->children, f->child_count, sizeof(*f->children), by_nid);
	st = pst_table_new(out, w->out, PST_HIERARCHY_TABLE, NULL, 0, err);
	for (size_t i = 0; st == OST_OK && i < f->child_count; i++) {
		const struct child *c = &f->children[i];
		struct pst_cell cells[MORE_MAX];
		struct pst_folder row = as_folder(&c->facts, cells);

		row.nid = c->folder.nid;
		row.parent = c->folder.parent;
		row.count = c->folder.count;
		row.unread = c->folder.unread;
		row.subfolders = c->folder.subfolders;
		st = pst_folder_row(*out, &row, err);
	}
	return st;
}

static enum ost_status add_child(struct frame *up, const struct facts *facts,
				 const struct pst_folder *folder,
				 struct ost_error *err)
{
	struct child *c;

	if (!array_more(&up->children, up->child_count, sizeof(*c)))
		return ost_no_memory(err);
	c = &up->children[up->child_count++];
	c->folder = *folder;
	facts_copy(&c->facts, facts, false);
	return OST_OK;
}

static void digest_folder(struct writer *w, const struct pst_folder *f)
{
	const struct digest_key key = { .nid = f->nid,
					.id = MAPI_DISPLAY_NAME,
					.type = MAPI_UNICODE };

	digest_object(&w->digest, f->nid, f->parent);
	digest_add(&w->digest, &key, f->name);
}

/* The wastebasket that every PST has, empty. */
static enum ost_status add_deleted(struct writer *w, struct frame *top,
				   struct ost_error *err)
{
	static const char name[] = "Deleted Items";
	struct facts facts = { .more_count = 0 };
	struct pst_folder f = { .nid = PST_DELETED, .parent = top->new_nid };
	enum ost_status st;

	for (size_t i = 0; i < top->child_count; i++)
		if (top->children[i].folder.nid == PST_DELETED)
			return OST_OK;
	pst_utf16(&facts.name, span_of(name, sizeof(name) - 1));
	f.name = buf_span(&facts.name);
	st = pst_folder_end(w->out, &f, NULL, NULL, NULL, err);
	if (st == OST_OK)
		st = add_child(top, &facts, &f, err);
	digest_folder(w, &f);
	facts_free(&facts);
	return st;
}

static void forget_part(struct frame *f)
{
	children_free(f);
	pst_table_free(f->contents);
	pst_table_free(f->associated);
	f->contents = f->associated = NULL;
	f->new_nid = f->count = f->unread = 0;
}

/* Write `f`, if it is in the part, and its row; `*top`: it is the top. */
static enum ost_status finish(struct writer *w, struct frame *f,
			      struct pst_folder *top, struct ost_error *err)
{
	struct pst_table *hierarchy = NULL;
	struct pst_cell cells[MORE_MAX];
	struct pst_folder is;
	enum ost_status st = OST_OK;

	if (f->new_nid == 0)
		return OST_OK;
	if (f->up == NULL)
		st = add_deleted(w, f, err);
	is = as_folder(&f->facts, cells);
	is.nid = f->new_nid;
	is.parent = f->up != NULL ? f->up->new_nid : PST_ROOT;
	is.count = f->count;
	is.unread = f->unread;
	is.subfolders = f->child_count > 0;
	if (st == OST_OK)
		st = put_children(w, f, &hierarchy, err);
	if (st == OST_OK)
		st = pst_folder_end(w->out, &is, hierarchy, f->contents,
				    f->associated, err);
	pst_table_free(hierarchy);
	if (st == OST_OK && f->up != NULL)
		st = add_child(f->up, &f->facts, &is, err);
	else if (st == OST_OK && top != NULL)
		*top = is;
	if (st == OST_OK) {
		digest_folder(w, &is);
		w->n->folders++;
	}
	forget_part(f);
	return st;
}

/* Of the top no more than its number is asked for its row. */
enum ost_status folders_end(struct writer *w, struct pst_folder *top,
			    struct ost_error *err)
{
	enum ost_status st = OST_OK;

	for (struct frame *f = w->stack; st == OST_OK && f != NULL;
	     f = f->below)
		st = finish(w, f, top, err);
	top->more = NULL;
	top->more_count = 0;
	return st;
}

static enum ost_status pop(struct writer *w, struct ost_error *err)
{
	struct frame *f = w->stack;
	const enum ost_status st = finish(w, f, NULL, err);

	w->stack = f->below;
	frame_free(f);
	return st;
}

/* --- the report of a folder
 * ------------------------------------------------------ */

static void account_enter(struct writer *w, struct frame *f)
{
	struct json *j = &w->report.json;
	struct buf path = { 0 };

	put_path(f, &path);
	json_object(j, NULL);
	json_text(j, "path", buf_span(&path));
	if (f->nid != 0)
		json_raw(j, "nid", "%" PRIu32, f->nid);
	json_raw(j, "new_nid", "%" PRIu32, f->new_nid);
	json_raw(j, "part", "%u", w->part);
	json_array_flat(j, "items");
	buf_free(&path);
	f->in_report = true;
	f->listed = 0;
}

static void account_item(struct writer *w, uint32_t nid, uint32_t new_nid)
{
	json_raw(&w->report.json, NULL, "[%" PRIu32 ", %" PRIu32 "]", nid,
		 new_nid);
	if (w->report.text.len > 1 << 16)
		account_flush(&w->report);
}

static void account_leave(struct writer *w, struct frame *f)
{
	struct json *j = &w->report.json;

	if (!f->in_report)
		return;
	json_array_end(j);
	json_raw(j, "listed", "%" PRIu64, f->listed);
	json_raw(j, "written", "%" PRIu32, f->count);
	json_raw(j, "unread", "%" PRIu32, f->unread);
	json_object_end(j);
	f->in_report = false;
}

/* --- messages
 * ----------------------------------------------------------------------- */

/* Is its time one that is asked for? Without one it is. */
static bool is_in_time(const struct pst_options *o, struct store_object *m)
{
	static const uint16_t ids[] = { MAPI_MESSAGE_DELIVERY_TIME,
					MAPI_CLIENT_SUBMIT_TIME,
					MAPI_CREATION_TIME };
	uint64_t is = 0;
	int64_t seconds;

	if (!o->has_since && !o->has_until)
		return true;
	for (size_t i = 0; is == 0 && i < sizeof(ids) / sizeof(ids[0]); i++)
		is = store_number(m, ids[i], 0);
	if (is == 0)
		return true;
	seconds = (int64_t)(is / 10000000) - INT64_C(11644473600);
	return (!o->has_since || seconds >= o->since) &&
	       (!o->has_until || seconds < o->until);
}

/* The table of `f` that the message is to be in, made if need be. */
static enum ost_status table_of(struct writer *w, struct frame *f,
				bool associated, struct pst_table **out,
				struct ost_error *err)
{
	struct pst_table **at = associated ? &f->associated : &f->contents;
	enum ost_status st = ensure(w, f, err);

	if (st == OST_OK && *at == NULL)
		st = pst_table_new(at, w->out,
				   associated ? PST_ASSOC_TABLE
					      : PST_CONTENTS_TABLE,
				   NULL, 0, err);
	*out = *at;
	return st;
}

/* A folder of like name beside `f`, or in the top, in which it goes on. */
static enum ost_status go_on_beside(struct writer *w, struct frame **f,
				    struct ost_error *err)
{
	struct frame *was = *f, *next;
	struct buf number = { 0 };
	enum ost_status st;

	account_leave(w, was);
	next = push(w, was->up != NULL ? was->up : was, NULL, was->nid);
	if (next == NULL)
		return ost_no_memory(err);
	facts_copy(&next->facts, &was->facts, true);
	next->ordinal = was->ordinal > 0 ? was->ordinal + 1 : 2;
	next->plain = was->ordinal > 0 ? was->plain : was->facts.name.len;
	next->wanted = true;
	buf_cut(&next->facts.name, next->plain);
	buf_printf(&number, " (%u)", next->ordinal);
	pst_utf16(&next->facts.name, buf_span(&number));
	buf_free(&number);
	st = ensure(w, next, err);
	*f = next;
	account_folder(w, REPORT_FOLDER_SPLIT, was->nid, 0, next->ordinal,
		       NULL);
	account_enter(w, next);
	return st;
}

static bool is_full(const struct writer *w, const struct frame *f,
		    bool associated)
{
	const struct pst_table *t = associated ? f->associated : f->contents;
	const uint32_t most = w->o->folder_rows;

	return t != NULL &&
	       (pst_table_full(t) || (most != 0 && pst_table_rows(t) >= most));
}

/* Write it, if it fits: `*fits`. What does not was taken back. */
static enum ost_status try_message(struct writer *w, struct frame *f,
				   struct message *m, bool *fits_in,
				   struct ost_error *err)
{
	const struct digest digest = w->digest;
	struct written written = { .props = NULL };
	struct pst_table *table = NULL;
	struct pst_mark mark;
	struct ost_error why;
	enum ost_status st = table_of(w, f, m->associated, &table, err);

	if (st != OST_OK)
		return st;
	pst_mark(w->out, &mark);
	m->new_nid = pst_nid(w->out, m->associated ? PST_NID_ASSOCIATED
						   : PST_NID_MESSAGE);
	st = message_copy(w, m, f->new_nid, &written, err);
	*fits_in = w->part_messages == 0 || !part_is_full(w);
	if (st == OST_OK && *fits_in)
		st = kept_row(&written.kept, m->new_nid, written.props, table,
			      err);
	if (st == OST_OK && *fits_in && !m->associated) {
		f->count++;
		f->unread += written.unread;
	}
	if (st == OST_OK && *fits_in)
		w->n->attachments += written.attachments;
	written_free(&written);
	if ((st == OST_OK && *fits_in) || writer_ends(w, st))
		return st;
	w->digest = digest;
	if (pst_undo(w->out, &mark, &why) != OST_OK)
		return ost_fail(err, OST_IO, "%s", why.text);
	return st;
}

/* The next part, in which `f` goes on. */
static enum ost_status cut(struct writer *w, struct frame *f,
			   struct ost_error *err)
{
	enum ost_status st;

	account_leave(w, f);
	st = part_end(w, err);
	if (st == OST_OK)
		st = part_begin(w, err);
	if (st == OST_OK)
		st = ensure(w, f, err);
	if (st == OST_OK)
		account_enter(w, f);
	w->over = st != OST_OK;
	return st;
}

static enum ost_status put_message(struct writer *w, struct frame *f,
				   struct message *m, struct ost_error *err)
{
	bool fits_in = false;
	enum ost_status st = OST_OK;

	while (st == OST_OK && !fits_in) {
		account_hold(&w->report);
		st = try_message(w, f, m, &fits_in, err);
		if (st == OST_OK && fits_in)
			account_keep(&w->report);
		else
			account_drop(&w->report);
		if (st == OST_OK && !fits_in)
			st = cut(w, f, err);
	}
	if (st != OST_OK)
		return st;
	w->part_messages++;
	w->n->messages++;
	account_item(w, m->nid, m->new_nid);
	if (f->count == MANY_ITEMS + 1)
		account_folder(w, REPORT_MANY_ITEMS, f->nid, 0, 0, NULL);
	if (w->o->progress != NULL)
		w->o->progress(w->o->arg, w->n->messages,
			       w->inventory != NULL ? w->inventory->of[0].count
						    : 0);
	return OST_OK;
}

static void lose_message(struct writer *w, struct frame *f, uint32_t nid,
			 enum ost_status st, const struct ost_error *err)
{
	account_folder(w,
		       st == OST_NOT_FOUND ? REPORT_MESSAGE_MISSING
					   : REPORT_MESSAGE_UNREADABLE,
		       nid, f->nid, 0, err->text);
}

static bool is_message(uint32_t nid)
{
	const uint32_t type = nid & MAPI_NID_TYPE;

	return type == MAPI_NID_MESSAGE || type == MAPI_NID_ASSOCIATED ||
	       type == MAPI_NID_RECOVERED;
}

/* Message `nid`, of which `row` is what its folder says, or NULL. */
static enum ost_status copy_message(struct writer *w, struct frame **f,
				    struct store_object *row, uint32_t nid,
				    bool associated, struct ost_error *err)
{
	struct message m = { .row = row,
			     .nid = nid,
			     .folder = (*f)->nid,
			     .associated = associated };
	enum ost_status st = OST_OK;

	if (!is_message(nid)) {
		account_folder(w, REPORT_LIST_UNREADABLE, nid, (*f)->nid, 0,
			       "an entry of the wrong type");
		return OST_OK;
	}
	if (!seen_add(&w->messages, nid)) {
		account_folder(w, REPORT_TWICE, nid, (*f)->nid, 0, NULL);
		return w->messages.bad ? ost_no_memory(err) : OST_OK;
	}
	if (is_full(w, *f, associated))
		st = go_on_beside(w, f, err);
	if (st != OST_OK)
		return st;
	st = store_get(w->s, (struct store_id){ nid, 0 }, &m.o, err);
	if (st == OST_OK && !is_in_time(w->o, m.o))
		account_count(&w->report, REPORT_FILTERED, 0);
	else if (st == OST_OK)
		st = put_message(w, *f, &m, err);
	store_drop(m.o);
	if (st != OST_OK && !writer_ends(w, st)) {
		lose_message(w, *f, nid, st, err);
		st = OST_OK;
	}
	return st;
}

/* The rows of folder `from`, into `*f`. */
static enum ost_status copy_list(struct writer *w, const struct frame *from,
				 struct frame **f, enum store_list list,
				 struct ost_error *err)
{
	struct store_object *o = from->o;
	const uint32_t nid = from->nid;
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK; i++) {
		struct store_object *row = NULL;

		st = writer_go_on(w, err);
		if (st == OST_OK)
			st = store_child(o, list, i, &row, err);
		if (st == OST_NOT_FOUND)
			return OST_OK;
		(*f)->listed++;
		if (!budget_take(&w->left, 1)) {
			account_folder(w, REPORT_LIMIT, 0, nid, 0, NULL);
			store_drop(row);
			return OST_OK;
		}
		if (st == OST_OK)
			st = copy_message(w, f, row, row->id.nid,
					  list == STORE_ASSOCIATED, err);
		else if (!writer_ends(w, st)) {
			account_folder(w, REPORT_LIST_UNREADABLE, 0, nid, i + 1,
				       err->text);
			st = OST_OK;
		}
		store_drop(row);
	}
	return st;
}

/* How many entries a list has; where no inventory says it, by going through. */
static uint64_t rows_of(const struct writer *w, struct store_object *o,
			uint32_t nid, bool associated)
{
	const enum inventory_kind kind =
		associated ? INVENTORY_ASSOCIATED : INVENTORY_MESSAGES;
	const enum store_list list =
		associated ? STORE_ASSOCIATED : STORE_MESSAGES;
	const struct inventory_folder *c =
		w->inventory != NULL ? inventory_folder(w->inventory, nid)
				     : NULL;
	struct ost_error err;
	uint64_t count = 0;

	if (c != NULL)
		return c->of[kind].rows;
	while (o != NULL && count < w->left) {
		struct store_object *row = NULL;
		const enum ost_status st =
			store_child(o, list, (size_t)count, &row, &err);

		store_drop(row);
		if (st == OST_NOT_FOUND || ost_is_internal(st))
			break;
		count++;
	}
	return count;
}

static enum ost_status copy_nids(struct writer *w, struct frame **f,
				 struct ost_error *err)
{
	const uint32_t *nids = (*f)->nids;
	const size_t count = (*f)->nid_count;
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i < count; i++) {
		(*f)->listed++;
		st = writer_go_on(w, err);
		if (st == OST_OK)
			st = copy_message(w, f, NULL, nids[i], false, err);
	}
	return st;
}

static enum ost_status copy_recovered(struct writer *w, struct frame **f,
				      struct ost_error *err)
{
	struct store_object *top = NULL;
	enum ost_status st;

	st = store_get(w->s, (struct store_id){ MAPI_NID_STORE, 0 }, &top, err);
	for (size_t i = 0; st == OST_OK; i++) {
		struct store_object *o = NULL;

		st = store_child(top, STORE_RECOVERED, i, &o, err);
		if (st == OST_OK)
			st = copy_message(w, f, NULL, o->id.nid, false, err);
		else if (st != OST_NOT_FOUND && !writer_ends(w, st)) {
			account_folder(w, REPORT_LIST_UNREADABLE, 0, 0, i + 1,
				       err->text);
			st = OST_OK;
		}
		store_drop(o);
	}
	store_drop(top);
	return st == OST_NOT_FOUND ? OST_OK : st;
}

static enum ost_status copy_from(struct writer *w, const struct frame *from,
				 struct frame **f, struct ost_error *err)
{
	enum ost_status st;

	switch (from->kind) {
	case FRAME_NIDS:
		return copy_nids(w, f, err);
	case FRAME_RECOVERED:
		return copy_recovered(w, f, err);
	case FRAME_SOURCE:
		break;
	}
	st = copy_list(w, from, f, STORE_MESSAGES, err);
	if (st == OST_OK && w->o->associated)
		return copy_list(w, from, f, STORE_ASSOCIATED, err);
	if (st == OST_OK)
		account_each(w, REPORT_ASSOCIATED, from->nid,
			     rows_of(w, from->o, from->nid, true));
	return st;
}

/* Does nothing lie in it, as far as one knows? */
static bool is_empty(const struct writer *w, uint32_t nid)
{
	const struct inventory_folder *c =
		w->inventory != NULL ? inventory_folder(w->inventory, nid)
				     : NULL;

	for (int kind = 0; c != NULL && kind < INVENTORY_KINDS; kind++)
		if (c->of[kind].unreadable || c->of[kind].rows > 0)
			return false;
	return c != NULL;
}

/* A folder that is not written, and how much is in it. */
static void tell_unwanted(struct writer *w, const struct frame *f)
{
	struct buf path = { 0 };
	const uint64_t messages = f->kind == FRAME_NIDS
					  ? f->nid_count
					  : rows_of(w, f->o, f->nid, false);

	if (f->silent && is_empty(w, f->nid))
		return;
	put_path(f, &path);
	if (f->silent) {
		account_named(w, REPORT_OTHER_FOLDER, f->nid, 0, &path);
		account_each(w, REPORT_OTHER_ITEM, f->nid,
			     messages + rows_of(w, f->o, f->nid, true));
	} else if (f->kind != FRAME_RECOVERED) {
		if (f->up != NULL && f->nid != 0)
			account_named(w, REPORT_FILTERED, f->nid, 0, &path);
		account_each(w, REPORT_FILTERED, f->nid, messages);
	}
	buf_free(&path);
}

/* All messages of the folder on the top of the stack. */
static enum ost_status copy_messages(struct writer *w, struct ost_error *err)
{
	struct frame *const base = w->stack;
	struct frame *f = base;
	enum ost_status st = OST_OK;

	if (!f->wanted || f->silent) {
		tell_unwanted(w, f);
		return OST_OK;
	}
	st = ensure(w, f, err);
	if (st == OST_OK)
		account_enter(w, f);
	if (st == OST_OK)
		st = copy_from(w, base, &f, err);
	account_leave(w, f);
	while (st == OST_OK && w->stack != base)
		st = pop(w, err);
	return st;
}

/* The folder on the top of the stack is done. */
static enum ost_status leave(struct writer *w, struct ost_error *err)
{
	const enum ost_status st = copy_messages(w, err);

	return st == OST_OK ? pop(w, err) : st;
}

/* --- going through
 * ------------------------------------------------------------------- */

/* Folder `o`, which is owned from here on, in `up`. */
static enum ost_status enter(struct writer *w, struct frame *up,
			     struct store_object *o, struct ost_error *err)
{
	const uint32_t nid = o->id.nid;
	enum store_role role = ROLE_NONE;
	struct frame *f = push(w, up, o, nid);
	enum ost_status st;

	if (f == NULL)
		return ost_no_memory(err);
	st = read_facts(w, f, err);
	inherit_class(w, f);
	if (st == OST_OK && up->fixed == PST_TOP)
		st = store_folder_role(w->s, nid, &role, err);
	if (role == ROLE_DELETED)
		f->fixed = PST_DELETED;
	f->wanted = (up->up != NULL && up->wanted) || fits(w, f);
	w->wanted_any |= f->wanted;
	if (f->depth == DEEP)
		account_folder(w, REPORT_DEEP_FOLDER, nid, 0, 0, NULL);
	return st == OST_OK && f->wanted && !f->silent ? ensure(w, f, err) : st;
}

/* A folder of ours, in `up`. */
static enum ost_status enter_own(struct writer *w, struct frame *up,
				 const char *name, struct ost_error *err)
{
	struct frame *f = push(w, up, NULL, 0);

	if (f == NULL)
		return ost_no_memory(err);
	f->kind = FRAME_NIDS;
	pst_utf16(&f->facts.name, span_of(name, strlen(name)));
	f->wanted = fits(w, f) || (up->up != NULL && up->wanted);
	w->wanted_any |= f->wanted;
	return buf_status(&f->facts.name, err);
}

static bool is_folder(uint32_t nid)
{
	return (nid & MAPI_NID_TYPE) == MAPI_NID_FOLDER;
}

static void tell_search_folder(struct writer *w, struct store_object *o,
			       uint32_t folder)
{
	struct ost_error err;
	struct buf name = { 0 };

	if (store_text(o, MAPI_DISPLAY_NAME, &name, NULL, &err) != OST_OK)
		buf_cut(&name, 0);
	account_named(w, REPORT_SEARCH_FOLDER, o->id.nid, folder, &name);
	buf_free(&name);
}

/* Subfolder `o` of `f`: gone into, or told why not. */
static enum ost_status meet(struct writer *w, struct frame *f,
			    struct store_object *o, struct ost_error *err)
{
	const uint32_t nid = o->id.nid;

	if ((nid & MAPI_NID_TYPE) == MAPI_NID_SEARCH_FOLDER) {
		if (nid != SPAM_SEARCH) /* which every PST has */
			tell_search_folder(w, o, f->nid);
	} else if (!is_folder(nid)) {
		account_folder(w, REPORT_LIST_UNREADABLE, nid, f->nid, 0,
			       "an entry of the wrong type");
	} else if (f->depth >= PST_FOLDER_DEPTH_MAX) {
		account_folder(w, REPORT_LIMIT, nid, f->nid, 0,
			       "folders are over 512 deep");
	} else if (seen_add(&w->folders, nid)) {
		return enter(w, f, o, err);
	} else if (w->folders.bad) {
		store_drop(o);
		return ost_no_memory(err);
	} else if (f->nid != MAPI_NID_ROOT_FOLDER &&
		   (!w->outside || nid != w->root)) {
		account_folder(w, REPORT_TWICE, nid, f->nid, 0, NULL);
	}
	store_drop(o);
	return OST_OK;
}

/* The next subfolder of `f`; OST_NOT_FOUND: there is none. */
static enum ost_status step(struct writer *w, struct frame *f,
			    struct ost_error *err)
{
	struct store_object *o = NULL;
	enum ost_status st = writer_go_on(w, err);

	if (st != OST_OK)
		return st;
	if (f->o == NULL)
		return ost_none(err, "folder", 0);
	if (f->next == LIMIT_SUBFOLDERS) {
		account_folder(w, REPORT_LIMIT, 0, f->nid, 0,
			       "it has too many folders");
		return ost_none(err, "folder", f->next);
	}
	st = store_child(f->o, STORE_FOLDERS, f->next++, &o, err);
	if (st == OST_OK)
		return meet(w, f, o, err);
	if (st == OST_NOT_FOUND || writer_ends(w, st))
		return st;
	account_folder(w, REPORT_LIST_UNREADABLE, 0, f->nid, f->next,
		       err->text);
	return OST_OK;
}

/* All below `base`, which stays, and what it lists. */
static enum ost_status walk(struct writer *w, struct frame *base,
			    struct ost_error *err)
{
	enum ost_status st = OST_OK;

	for (;;) {
		struct frame *f = w->stack;

		st = step(w, f, err);
		if (st == OST_OK)
			continue;
		if (st != OST_NOT_FOUND || f == base)
			break;
		st = leave(w, err);
		if (st != OST_OK)
			return st;
	}
	return st == OST_NOT_FOUND ? OST_OK : st;
}

/* Folder `nid` and all below it, in the folder at the top of the stack. */
static enum ost_status walk_into(struct writer *w, struct frame *up,
				 struct store_object *o, struct ost_error *err)
{
	enum ost_status st = enter(w, up, o, err);
	struct frame *f = w->stack;

	if (st == OST_OK)
		st = walk(w, f, err);
	return st == OST_OK ? leave(w, err) : st;
}

/* --- beside the IPM subtree
 * ------------------------------------------------------------ */

/* All below folder `nid`, in a folder of ours called `name`. */
static enum ost_status walk_beside(struct writer *w, struct frame *top,
				   uint32_t nid, const char *name, bool silent,
				   struct ost_error *err)
{
	struct store_object *o = NULL;
	struct frame *f;
	enum ost_status st =
		store_get(w->s, (struct store_id){ nid, 0 }, &o, err);

	if (st != OST_OK && !writer_ends(w, st) && st != OST_NOT_FOUND)
		account_folder(w, REPORT_FOLDER_UNREADABLE, nid, 0, 0,
			       err->text);
	if (st != OST_OK)
		return writer_ends(w, st) ? st : OST_OK;
	st = enter_own(w, top, name, err);
	f = w->stack;
	if (st != OST_OK) {
		store_drop(o);
		return st;
	}
	f->kind = FRAME_SOURCE;
	f->o = o;
	f->nid = nid;
	f->silent = silent;
	st = walk(w, f, err);
	return st == OST_OK ? leave(w, err) : st;
}

/* What others share with the owner of an .ost. */
static enum ost_status walk_shared(struct writer *w, struct frame *top,
				   struct ost_error *err)
{
	const uint32_t nid = root_shared(w->s, w->root);

	if (nid == 0 || !seen_add(&w->folders, nid))
		return OST_OK;
	return walk_beside(w, top, nid, SHARED_NAME, false, err);
}

/* Folders outside of what Outlook shows: copied, or just told. */
static enum ost_status walk_hidden(struct writer *w, struct frame *top,
				   struct ost_error *err)
{
	enum ost_status st;

	if (w->root == MAPI_NID_ROOT_FOLDER)
		return OST_OK;
	(void)seen_add(&w->folders, MAPI_NID_ROOT_FOLDER);
	w->outside = true;
	st = walk_beside(w, top, MAPI_NID_ROOT_FOLDER, "Hidden folders",
			 !w->o->hidden, err);
	w->outside = false;
	return st;
}

/* --- what no folder lists
 * ---------------------------------------------------------------- */

/* Folders that those which were not reached list, to `*inner`. */
static enum ost_status find_inner(struct writer *w, const uint32_t *lost,
				  size_t count, struct seen_set *inner,
				  struct ost_error *err)
{
	for (size_t i = 0; i < count; i++) {
		struct store_object *o = NULL;
		enum ost_status st = store_get(
			w->s, (struct store_id){ lost[i], 0 }, &o, err);

		for (size_t k = 0; st == OST_OK && k < LIMIT_SUBFOLDERS; k++) {
			struct store_object *child = NULL;

			st = store_child(o, STORE_FOLDERS, k, &child, err);
			if (st == OST_OK)
				(void)seen_add(inner, child->id.nid);
			else if (st != OST_NOT_FOUND && !writer_ends(w, st))
				st = OST_OK;
			store_drop(child);
		}
		store_drop(o);
		if (st != OST_OK && st != OST_NOT_FOUND && writer_ends(w, st))
			return st;
	}
	return inner->bad ? ost_no_memory(err) : OST_OK;
}

/* A group of lost messages: those of `folder`, 0 being none that is there. */
static enum ost_status enter_group(struct writer *w, struct frame *found,
				   uint32_t folder, struct ost_error *err)
{
	struct store_object *o = NULL;
	struct buf name = { 0 };
	enum ost_status st =
		store_get(w->s, (struct store_id){ folder, 0 }, &o, err);

	buf_str(&name, "Messages of ");
	if (st == OST_OK &&
	    store_text(o, MAPI_DISPLAY_NAME, &name, NULL, err) != OST_OK)
		buf_cut(&name, strlen("Messages of "));
	buf_printf(&name, "%s[%" PRIx32 "]",
		   name.len > strlen("Messages of ") ? " " : "", folder);
	store_drop(o);
	st = buf_status(&name, err);
	if (st == OST_OK)
		st = enter_own(w, found, buf_text(&name), err);
	if (st == OST_OK)
		w->stack->nid = folder;
	buf_free(&name);
	return st;
}

/* The lost messages in `nids` that are of `folder`. */
static enum ost_status copy_group(struct writer *w, struct frame *found,
				  uint32_t folder, const uint32_t *nids,
				  size_t count, struct ost_error *err)
{
	enum ost_status st;

	if (folder == 0) {
		found->nids = nids;
		found->nid_count = count;
		return OST_OK;
	}
	st = enter_group(w, found, folder, err);
	if (st != OST_OK)
		return st;
	w->stack->nids = nids;
	w->stack->nid_count = count;
	return leave(w, err);
}

struct lost {
	uint32_t folder, nid;
};

static int by_folder(const void *a, const void *b)
{
	const struct lost *x = a, *y = b;

	if (x->folder != y->folder)
		return x->folder > y->folder ? 1 : -1;
	return (x->nid > y->nid) - (x->nid < y->nid);
}

/* Messages that no table lists, by the folder that they name. */
static size_t find_lost(const struct writer *w, struct lost *out)
{
	const struct inventory_list *l = &w->inventory->of[INVENTORY_MESSAGES];
	size_t count = 0;

	for (size_t i = 0; i < l->count; i++) {
		if (inventory_is_listed(l, i) ||
		    seen_has(&w->messages, l->nids[i]))
			continue;
		if (out != NULL)
			out[count] = (struct lost){
				inventory_folder(w->inventory, l->parents[i]) !=
						NULL
					? l->parents[i]
					: 0,
				l->nids[i],
			};
		count++;
	}
	return count;
}

static enum ost_status copy_lost(struct writer *w, struct frame *found,
				 const struct lost *lost, size_t count,
				 uint32_t *nids, struct ost_error *err)
{
	enum ost_status st = OST_OK;

	for (size_t i = 0; i < count; i++)
		nids[i] = lost[i].nid;
	for (size_t i = 0, next; st == OST_OK && i < count; i = next) {
		for (next = i;
		     next < count && lost[next].folder == lost[i].folder;)
			next++;
		st = copy_group(w, found, lost[i].folder, nids + i, next - i,
				err);
	}
	return st;
}

/* A folder that no other leads to, with all below it. */
static enum ost_status walk_lost(struct writer *w, struct frame *found,
				 uint32_t nid, struct ost_error *err)
{
	struct store_object *o = NULL;
	enum ost_status st;

	if (!seen_add(&w->folders, nid))
		return w->folders.bad ? ost_no_memory(err) : OST_OK;
	st = store_get(w->s, (struct store_id){ nid, 0 }, &o, err);
	if (st == OST_OK)
		return walk_into(w, found, o, err);
	if (writer_ends(w, st))
		return st;
	account_folder(w, REPORT_FOLDER_UNREADABLE, nid, 0, 0, err->text);
	return OST_OK;
}

/* First those that none of the others lists; the rest list each other. */
static enum ost_status walk_all_lost(struct writer *w, struct frame *found,
				     const uint32_t *lost, size_t count,
				     struct ost_error *err)
{
	struct seen_set inner = { 0 };
	enum ost_status st = find_inner(w, lost, count, &inner, err);

	for (size_t i = 0; st == OST_OK && i < count; i++)
		if (!seen_has(&inner, lost[i]))
			st = walk_lost(w, found, lost[i], err);
	for (size_t i = 0; st == OST_OK && i < count; i++)
		st = walk_lost(w, found, lost[i], err);
	seen_free(&inner);
	return st;
}

static size_t find_lost_folders(const struct writer *w, uint32_t *out)
{
	size_t count = 0;

	for (size_t i = 0; i < w->inventory->folder_count; i++) {
		const uint32_t nid = w->inventory->folders[i].nid;

		if (seen_has(&w->folders, nid) || nid == MAPI_NID_ROOT_FOLDER)
			continue;
		if (out != NULL)
			out[count] = nid;
		count++;
	}
	return count;
}

static enum ost_status walk_found(struct writer *w, struct frame *top,
				  struct ost_error *err)
{
	size_t folders, messages;
	uint32_t *folder_nids, *nids = NULL;
	struct lost *lost = NULL;
	enum ost_status st;

	if (w->inventory == NULL)
		return OST_OK;
	folders = find_lost_folders(w, NULL);
	messages = find_lost(w, NULL);
	if (folders + messages == 0)
		return OST_OK;
	st = enter_own(w, top, "Lost and found", err);
	folder_nids = calloc(folders + 1, sizeof(*folder_nids));
	if (st == OST_OK && folder_nids == NULL)
		st = ost_no_memory(err);
	if (st == OST_OK) {
		(void)find_lost_folders(w, folder_nids);
		st = walk_all_lost(w, w->stack, folder_nids, folders, err);
	}
	free(folder_nids);
	messages = find_lost(w, NULL);
	lost = calloc(messages + 1, sizeof(*lost));
	nids = calloc(messages + 1, sizeof(*nids));
	if (st == OST_OK && (lost == NULL || nids == NULL))
		st = ost_no_memory(err);
	if (st == OST_OK) {
		(void)find_lost(w, lost);
		qsort(lost, messages, sizeof(*lost), by_folder);
		st = copy_lost(w, w->stack, lost, messages, nids, err);
	}
	if (st == OST_OK)
		st = leave(w, err);
	free(lost);
	free(nids);
	return st;
}

static enum ost_status walk_recovered(struct writer *w, struct frame *top,
				      struct ost_error *err)
{
	enum ost_status st;

	if (!w->o->recovered)
		return OST_OK;
	st = enter_own(w, top, "Recovered", err);
	w->stack->kind = FRAME_RECOVERED;
	return st == OST_OK ? leave(w, err) : st;
}

static enum ost_status walk_all(struct writer *w, struct frame *top,
				struct ost_error *err)
{
	enum ost_status st = walk(w, top, err);

	if (st == OST_OK)
		st = walk_shared(w, top, err);
	if (st == OST_OK)
		st = walk_hidden(w, top, err);
	if (st == OST_OK)
		st = walk_found(w, top, err);
	if (st == OST_OK)
		st = walk_recovered(w, top, err);
	return st == OST_OK ? copy_messages(w, err) : st;
}

enum ost_status folders_copy(struct writer *w, struct ost_error *err)
{
	static const char name[] = "Top of Outlook data file";
	struct store_object *o = NULL;
	struct frame *top;
	enum ost_status st;

	w->root = root_find(w->s);
	(void)seen_add(&w->folders, w->root);
	st = store_get(w->s, (struct store_id){ w->root, 0 }, &o, err);
	if (st != OST_OK)
		return st;
	top = push(w, NULL, o, w->root);
	if (top == NULL)
		return ost_no_memory(err);
	top->fixed = PST_TOP;
	top->wanted = w->o->folder_count == 0;
	pst_utf16(&top->facts.name, span_of(name, sizeof(name) - 1));
	st = buf_status(&top->facts.name, err);
	if (st == OST_OK)
		st = part_begin(w, err);
	if (st == OST_OK)
		st = ensure(w, top, err);
	if (st == OST_OK)
		st = walk_all(w, top, err);
	if (st == OST_OK && !top->wanted && !w->wanted_any) {
		w->n->no_folder = true;
		st = ost_fail(err, OST_NOT_FOUND, "no folder fits");
	}
	if (st == OST_OK)
		st = part_end(w, err);
	stack_drop(w);
	return st;
}
