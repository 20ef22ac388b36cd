/*
 * recipients.c - the table of a message's recipients   [MS-PST] 2.4.5.3
 *
 * Its columns are those of the template and those that the rows of the source
 * have besides: they are read twice, once for the columns.
 */
#include <stdlib.h>

#include "bytes/sorted.h"
#include "pst/writer.h"
#include "store/limits.h"

enum {
	RESPONSIBILITY = 0x0E0F,
	DISPLAY_TYPE = 0x3900,
	SEND_RICH = 0x3A40,
	MAIL_USER = 6,
	COLUMNS_MAX = 256,
};

struct table {
	struct writer *w;
	const struct message *m;
	struct pst_table *out;
	uint32_t extra[COLUMNS_MAX];
	size_t extra_count;
	struct recipients_lost lost;
	struct ost_error *err;

	/* Of a row. */
	struct pst_cell cells[COLUMNS_MAX];
	struct buf values[COLUMNS_MAX];
	size_t count;
	uint32_t index; /* of the row, from 1 */
};

static const struct {
	uint16_t id, type;
	uint32_t value;
} required[] = {
	{ MAPI_RECIPIENT_TYPE, MAPI_INTEGER32, 1 },
	{ RESPONSIBILITY, MAPI_BOOLEAN, 0 },
	{ MAPI_OBJECT_TYPE, MAPI_INTEGER32, MAIL_USER },
	{ DISPLAY_TYPE, MAPI_INTEGER32, 0 },
	{ SEND_RICH, MAPI_BOOLEAN, 0 },
};

static uint16_t written_type(uint16_t type)
{
	return (type & (uint16_t)~MAPI_MULTIPLE) == MAPI_STRING8 ? type | 1
								 : type;
}

/* The column of property `id`, as a tag; 0: there is none. */
static uint32_t column_of(const struct table *t, uint16_t id)
{
	size_t count;
	const uint32_t *own = pst_template_columns(PST_RECIPIENT_TABLE, &count);

	for (size_t i = 0; i < count; i++)
		if (own[i] >> 16 == id)
			return own[i];
	for (size_t i = 0; i < t->extra_count; i++)
		if (t->extra[i] >> 16 == id)
			return t->extra[i];
	return 0;
}

static void lose(struct table *t, enum report_what what,
		 const struct store_prop *p, const char *why)
{
	const struct report_line line = {
		.what = what,
		.nid = t->m->nid,
		.new_nid = t->m->new_nid,
		.folder = t->m->folder,
		.id = p->id,
		.count = p->size,
		.why = why,
	};

	account_line(&t->w->report, &line);
	t->lost.values++;
}

/* --- rows, each property of each ----------------------------------------- */

typedef enum ost_status visit_value(struct table *t, struct store_object *row,
				    const struct store_prop *p,
				    struct ost_error *err);

static enum ost_status each_value(struct table *t, struct store_object *row,
				  visit_value *visit, struct ost_error *err)
{
	struct store_prop p = { 0 };
	enum ost_status st = OST_OK;

	for (uint32_t id = 0; st == OST_OK && id <= UINT16_MAX;
	     id = (uint32_t)p.id + 1) {
		st = store_next(row, (uint16_t)id, &p, err);
		if (st == OST_OK &&
		    convert_leaves(CONVERT_RECIPIENT, p.id) == REPORT_NOTHING)
			st = visit(t, row, &p, err);
	}
	return st == OST_NOT_FOUND ? OST_OK : st;
}

typedef enum ost_status take_row(struct table *t, struct store_object *row,
				 struct ost_error *err);

/* The rows that can be read. */
static enum ost_status each_row(struct table *t, take_row *take,
				struct ost_error *err)
{
	enum ost_status st = OST_OK;

	for (size_t i = 0; i < LIMIT_RECIPIENTS; i++) {
		struct store_object *row = NULL;

		st = store_child(t->m->o, STORE_RECIPIENTS, i, &row, err);
		if (st == OST_NOT_FOUND)
			return OST_OK;
		if (st == OST_OK)
			st = take(t, row, err);
		store_drop(row);
		if (st != OST_OK && writer_ends(t->w, st))
			return st;
		if (st != OST_OK && !t->lost.rows)
			*t->err = *err;
		t->lost.rows |= st != OST_OK;
	}
	t->lost.rows = true;
	(void)!ost_fail(t->err, OST_LIMIT, "over %d recipients",
			LIMIT_RECIPIENTS);
	return OST_OK;
}

/* --- columns ----------------------------------------------------------------
 */

static enum ost_status add_column(struct table *t, struct store_object *row,
				  const struct store_prop *p,
				  struct ost_error *err)
{
	(void)row;
	(void)err;
	if (convert_knows(p->type) && column_of(t, p->id) == 0 &&
	    t->extra_count < COLUMNS_MAX)
		t->extra[t->extra_count++] =
			pst_tag(p->id, written_type(p->type));
	return OST_OK;
}

static enum ost_status add_columns(struct table *t, struct store_object *row,
				   struct ost_error *err)
{
	return each_value(t, row, add_column, err);
}

static int by_tag(const void *a, const void *b)
{
	return sorted_uint32(a, 0, b);
}

/* As many of the columns as fit. */
static enum ost_status make_table(struct table *t, struct ost_error *err)
{
	enum ost_status st;

	qsort(t->extra, t->extra_count, sizeof(t->extra[0]), by_tag);
	do {
		st = pst_table_new(&t->out, t->w->out, PST_RECIPIENT_TABLE,
				   t->extra, t->extra_count, err);
	} while (st == OST_LIMIT && t->extra_count-- > 0);
	return st;
}

/* --- a row -------------------------------------------------------------------
 */

static enum ost_status add_cell(struct table *t, uint32_t tag, struct span in,
				struct ost_error *err)
{
	struct buf *to = &t->values[t->count];
	const struct digest_key key = { .nid = t->m->new_nid,
					.place = t->index,
					.id = (uint16_t)(tag >> 16),
					.type = (uint16_t)tag };

	buf_cut(to, 0);
	buf_add(to, in.at, in.len);
	t->cells[t->count++] =
		(struct pst_cell){ .tag = tag, .bytes = buf_span(to) };
	digest_add(&t->w->digest, &key, in);
	return buf_status(to, err);
}

static enum ost_status put_value(struct table *t, struct store_object *row,
				 const struct store_prop *p,
				 struct ost_error *err)
{
	struct convert_changes changes = { 0 };
	struct convert_value v = { 0 };
	const uint32_t tag = column_of(t, p->id);
	enum ost_status st = convert_value(row, p, &v, &changes, err);

	if (st != OST_OK && !writer_ends(t->w, st)) {
		lose(t,
		     st == OST_UNSUPPORTED ? REPORT_VALUE_TYPE
					   : REPORT_VALUE_UNREADABLE,
		     p, err->text);
		st = OST_OK;
	} else if (st == OST_OK && tag != pst_tag(p->id, v.type)) {
		lose(t, REPORT_VALUE_TYPE, p,
		     tag != 0 ? "its column holds values of another type"
			      : "there is no room for its column");
	} else if (st == OST_OK && !v.held) {
		lose(t, REPORT_VALUE_LARGE, p, NULL);
	} else if (st == OST_OK && v.size == 0) {
		account_count(&t->w->report, REPORT_EMPTY, p->id);
	} else if (st == OST_OK) {
		convert_count(&t->w->report, p->id, &changes);
		if (changes.replaced > 0)
			account_count(&t->w->report, REPORT_REPLACED, p->id);
		st = add_cell(t, tag, buf_span(&v.bytes), err);
	}
	convert_free(&v);
	return st;
}

static bool has_cell(const struct table *t, uint16_t id)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->cells[i].tag >> 16 == id)
			return true;
	return false;
}

/* Who has no name has his address for one, or that he has none. */
static enum ost_status add_name(struct table *t, struct ost_error *err)
{
	static const uint8_t none[] = { '(', 0, 'n', 0, 'o', 0, ' ', 0, 'n', 0,
					'a', 0, 'm', 0, 'e', 0, ')', 0 };
	static const uint16_t from[] = { MAPI_EMAIL_ADDRESS,
					 MAPI_SMTP_ADDRESS };
	const uint32_t tag = pst_tag(MAPI_DISPLAY_NAME, MAPI_UNICODE);
	struct span name = span_of(none, sizeof(none));

	if (has_cell(t, MAPI_DISPLAY_NAME))
		return OST_OK;
	for (size_t k = 2; k-- > 0;)
		for (size_t i = 0; i < t->count; i++)
			if (t->cells[i].tag == pst_tag(from[k], MAPI_UNICODE))
				name = t->cells[i].bytes;
	account_count(&t->w->report, REPORT_ADDED_CELL, MAPI_DISPLAY_NAME);
	return add_cell(t, tag, name, err);
}

static enum ost_status add_required(struct table *t, struct ost_error *err)
{
	enum ost_status st = OST_OK;

	for (size_t i = 0;
	     st == OST_OK && i < sizeof(required) / sizeof(required[0]); i++) {
		const uint8_t value[4] = { (uint8_t)required[i].value };

		if (has_cell(t, required[i].id))
			continue;
		account_count(&t->w->report, REPORT_ADDED_CELL, required[i].id);
		st = add_cell(t, pst_tag(required[i].id, required[i].type),
			      span_of(value, convert_fixed(required[i].type)),
			      err);
	}
	return st == OST_OK ? add_name(t, err) : st;
}

static enum ost_status put_row(struct table *t, struct store_object *row,
			       struct ost_error *err)
{
	const struct digest digest = t->w->digest;
	enum ost_status st;

	t->count = 0;
	t->index++;
	st = each_value(t, row, put_value, err);
	if (st == OST_OK)
		st = add_required(t, err);
	if (st == OST_OK)
		st = pst_table_row(t->out, pst_unique(t->w->out), t->cells,
				   t->count, err);
	if (st != OST_OK) {
		t->w->digest = digest;
		t->index--;
	}
	return st;
}

enum ost_status recipients_copy(struct writer *w, const struct message *m,
				struct pst_part *part,
				struct recipients_lost *lost,
				struct ost_error *err)
{
	struct ost_error why = { "" };
	struct table *t = calloc(1, sizeof(*t));
	enum ost_status st;

	if (t == NULL)
		return ost_no_memory(err);
	t->w = w;
	t->m = m;
	t->err = &why;
	st = each_row(t, add_columns, err);
	if (st == OST_OK)
		st = make_table(t, err);
	t->lost = (struct recipients_lost){ .values = 0 };
	if (st == OST_OK)
		st = each_row(t, put_row, err);
	if (st == OST_OK)
		st = pst_table_end(t->out, part, err);
	*lost = t->lost;
	if (t->lost.rows && st == OST_OK)
		*err = why;
	for (size_t i = 0; i < COLUMNS_MAX; i++)
		buf_free(&t->values[i]);
	pst_table_free(t->out);
	free(t);
	return st;
}
