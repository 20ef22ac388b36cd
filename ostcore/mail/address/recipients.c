#include "mail/address/recipients.h"

#include "mail/address/entryid.h"
#include "mail/text/chars.h"
#include "mail/text/value.h"
#include "store/limits.h"

#include <stdlib.h>

enum { LOST_MAX = 64 /* unreadable rows in a row: the table is lost */ };

/* A place for one more; NULL, with `err` set, when memory ran out. */
static struct recipient *add(struct recipients *r, struct ost_error *err)
{
	/* Room grows at every power of two. */
	if ((r->count & (r->count - 1)) == 0) {
		const size_t cap = r->count == 0 ? 1 : 2 * r->count;
		struct recipient *at = realloc(r->at, cap * sizeof(r->at[0]));

		if (at == NULL) {
			(void)ost_no_memory(err);
			return NULL;
		}
		r->at = at;
	}
	r->at[r->count] = (struct recipient){ .type = RECIPIENT_TO };
	return &r->at[r->count++];
}

static void take_back(struct recipients *r)
{
	address_free(&r->at[--r->count].who);
}

void recipients_free(struct recipients *r)
{
	while (r->count > 0)
		take_back(r);
	free(r->at);
	*r = (struct recipients){ 0 };
}

bool recipient_is_blank(struct store_object *row)
{
	static const uint16_t ids[] = {
		MAPI_DISPLAY_NAME, MAPI_EMAIL_ADDRESS, MAPI_SMTP_ADDRESS,
		MAPI_ENTRYID,	   MAPI_SEARCH_KEY,    MAPI_ORG_EMAIL_ADDRESS,
	};
	struct store_prop p;
	struct ost_error err;

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (store_find(row, ids[i], &p, &err) == OST_OK && p.size > 0)
			return false;
	return true;
}

static enum ost_status read_row(struct recipients *out, struct peers *peers,
				struct store_object *row, bool meeting,
				struct notes *notes, struct ost_error *err)
{
	enum { TYPE_MASK = 15, TYPE_ORIGINATOR = 0, TYPE_RESENT = 0x10000000 };
	const uint64_t type =
		store_number(row, MAPI_RECIPIENT_TYPE, RECIPIENT_TO);
	struct recipient *r;
	enum ost_status st;

	if ((type & TYPE_MASK) == TYPE_ORIGINATOR)
		return OST_OK;
	r = add(out, err);
	if (r == NULL)
		return OST_NO_MEMORY;
	r->resent = (type & TYPE_RESENT) != 0;
	if ((type & TYPE_MASK) == RECIPIENT_CC)
		r->type = RECIPIENT_CC;
	if ((type & TYPE_MASK) == RECIPIENT_BCC)
		r->type = meeting ? RECIPIENT_RESOURCE : RECIPIENT_BCC;
	st = address_of_row(peers, row, &r->who, notes, err);
	if (st == OST_OK && r->who.addr.len == 0) {
		if (!recipient_is_blank(row))
			note_add(notes, NOTE_RECIPIENTS_CORRUPT);
		take_back(out);
	}
	return st;
}

static enum ost_status read_table(struct recipients *out, struct peers *peers,
				  bool meeting, struct notes *notes,
				  struct ost_error *err)
{
	struct store_object *item = peers->item;
	enum ost_status st = OST_OK;

	for (size_t i = 0, lost = 0; lost < LOST_MAX; i++) {
		struct store_object *row = NULL;

		st = store_child(item, STORE_RECIPIENTS, i, &row, err);
		if (st == OST_OK && i >= LIMIT_RECIPIENTS) {
			store_drop(row);
			break;
		}
		if (st == OST_OK) {
			st = read_row(out, peers, row, meeting, notes, err);
			store_drop(row);
			lost = 0;
			if (st != OST_OK)
				return st;
			continue;
		}
		if (st == OST_NOT_FOUND)
			return OST_OK;
		if (ost_is_internal(st))
			return st;
		note_add(notes, NOTE_RECIPIENTS_CORRUPT);
		lost++;
	}
	note_add(notes, NOTE_RECIPIENTS_CORRUPT);
	return OST_OK;
}

static int compare(const void *a, const void *b)
{
	const struct span x =
		buf_span(&(*(struct recipient *const *)a)->who.addr);
	const struct span y =
		buf_span(&(*(struct recipient *const *)b)->who.addr);

	for (size_t i = 0; i < x.len && i < y.len; i++)
		if (chars_lower(x.at[i]) != chars_lower(y.at[i]))
			return chars_lower(x.at[i]) - chars_lower(y.at[i]);
	return (x.len > y.len) - (x.len < y.len);
}

/* A row of a resend says nothing when the same address has another row. */
static enum ost_status drop_resent(struct recipients *r, struct notes *notes,
				   struct ost_error *err)
{
	const size_t width = sizeof(const struct recipient *);
	const struct recipient **others;
	size_t count = 0, kept = 0;

	for (size_t i = 0; i < r->count; i++)
		count += !r->at[i].resent;
	if (count == r->count)
		return OST_OK;
	others = calloc(count + 1, width);
	if (others == NULL)
		return ost_no_memory(err);
	for (size_t i = count = 0; i < r->count; i++)
		if (!r->at[i].resent)
			others[count++] = &r->at[i];
	qsort(others, count, width, compare);

	bool *drop = calloc(r->count, sizeof(drop[0]));
	for (size_t i = 0; drop != NULL && i < r->count; i++) {
		const struct recipient *one = &r->at[i];

		drop[i] = one->resent &&
			  bsearch(&one, others, count, width, compare);
	}
	free(others);
	if (drop == NULL)
		return ost_no_memory(err);
	for (size_t i = 0; i < r->count; i++) {
		if (drop[i]) {
			address_free(&r->at[i].who);
			continue;
		}
		if (r->at[i].resent)
			note_add(notes, NOTE_P1);
		r->at[kept++] = r->at[i];
	}
	r->count = kept;
	free(drop);
	return OST_OK;
}

/* Those named in a display string, "a; b". */
static enum ost_status read_names(struct recipients *out,
				  struct store_object *item, uint16_t id,
				  enum recipient_type type, struct notes *notes,
				  struct ost_error *err)
{
	struct buf text = { 0 };
	enum ost_status st = value_line(item, id, &text, notes, err);
	struct span rest = buf_span(&text);

	while (st == OST_OK && rest.len > 0 && out->count < LIMIT_RECIPIENTS) {
		const size_t end = chars_find(rest, ';');
		const struct span name = chars_trim(chars_first(rest, end));
		struct recipient *r;

		rest = chars_from(rest, end + 1);
		if (name.len == 0)
			continue;
		r = add(out, err);
		if (r == NULL) {
			st = OST_NO_MEMORY;
			break;
		}
		r->type = type;
		st = address_of_name(item, name, &r->who, notes, err);
		note_add(notes, NOTE_RECIPIENT_NAMES);
	}
	if (st == OST_OK && chars_trim(rest).len > 0)
		note_add(notes, NOTE_RECIPIENTS_CORRUPT); /* there are more */
	buf_free(&text);
	return st;
}

enum ost_status recipients_read(struct recipients *out,
				struct store_object *item, struct notes *notes,
				struct ost_error *err)
{
	struct buf class = { 0 };
	enum ost_status st = value_class(item, &class, err);
	const struct span name = buf_span(&class);
	const bool meeting = value_class_is(name, "IPM.Schedule.Meeting") ||
			     value_class_is(name, "IPM.Appointment");

	struct peers peers = { .item = item };

	*out = (struct recipients){ 0 };
	if (st == OST_OK)
		st = read_table(out, &peers, meeting, notes, err);
	peers_free(&peers);
	if (st == OST_OK)
		st = drop_resent(out, notes, err);
	if (st == OST_OK && out->count == 0) {
		st = read_names(out, item, MAPI_DISPLAY_TO, RECIPIENT_TO, notes,
				err);
		if (st == OST_OK)
			st = read_names(out, item, MAPI_DISPLAY_CC,
					RECIPIENT_CC, notes, err);
		if (st == OST_OK)
			st = read_names(out, item, MAPI_DISPLAY_BCC,
					meeting ? RECIPIENT_RESOURCE
						: RECIPIENT_BCC,
					notes, err);
	}
	buf_free(&class);
	return st;
}

/* How many names "a; b" holds. */
static size_t count_names(struct span names)
{
	size_t count = names.len > 0;

	for (size_t i = 0; i + 1 < names.len; i++)
		count += names.at[i] == ';';
	return count;
}

/* Take the next name off "a; b". */
static struct span next_name(struct span *names)
{
	const size_t end = chars_find(*names, ';');
	const struct span name = chars_trim(chars_first(*names, end));

	*names = chars_from(*names, end + 1);
	return name;
}

/* Each entry of a flat list; `names` go with them when they are as many. */
static enum ost_status read_flat_list(struct recipients *out,
				      struct store_object *item,
				      struct span list, struct span names,
				      struct notes *notes,
				      struct ost_error *err)
{
	struct cursor c = cur_at(list, 0);
	const uint32_t count = cur_u32(&c);
	enum ost_status st = OST_OK;

	(void)cur_u32(&c); /* bytes in the entries */
	if (count_names(names) != count)
		names.len = 0;
	for (uint32_t i = 0; st == OST_OK && i < count; i++) {
		const uint32_t size = cur_u32(&c);
		const struct span id = cur_span(&c, size);
		struct recipient *r;

		if (!cur_ok(&c) || i == LIMIT_RECIPIENTS) {
			note_add(notes, NOTE_PROPERTY_CORRUPT);
			break;
		}
		/* The last entry may lack the bytes that align the next. */
		const size_t pad = (4 - size % 4) % 4;
		(void)cur_span(&c, pad < c.rest.len ? pad : c.rest.len);
		r = add(out, err);
		if (r == NULL)
			return OST_NO_MEMORY;
		st = address_of_entryid(item, id, next_name(&names), &r->who,
					notes, err);
		if (r->who.addr.len == 0)
			take_back(out);
	}
	return st;
}

enum ost_status recipients_reply_to(struct recipients *out,
				    struct store_object *item,
				    struct notes *notes, struct ost_error *err)
{
	struct buf list = { 0 }, names = { 0 };
	struct span smtp;
	enum ost_status st = value_bytes(item, MAPI_REPLY_RECIPIENT_ENTRIES,
					 &list, notes, err);

	*out = (struct recipients){ 0 };
	if (st == OST_OK)
		st = value_line(item, MAPI_REPLY_RECIPIENT_NAMES, &names, notes,
				err);
	if (st == OST_OK && list.len > 0)
		st = read_flat_list(out, item, buf_span(&list),
				    buf_span(&names), notes, err);
	if (st == OST_OK && out->count == 0 &&
	    entryid_smtp(buf_span(&names), &smtp)) {
		struct recipient *r = add(out, err);

		st = r == NULL
			     ? OST_NO_MEMORY
			     : address_of_name(item, smtp, &r->who, notes, err);
	}
	buf_free(&list);
	buf_free(&names);
	return st;
}

void recipients_write(const struct recipients *r, enum recipient_type type,
		      const char *name, struct buf *out)
{
	const struct recipient *last = NULL;
	size_t column = strlen(name) + 1;

	for (size_t i = 0; i < r->count; i++) {
		if (r->at[i].type != type)
			continue;
		if (last == NULL)
			buf_printf(out, "%s:", name);
		else
			address_write(&last->who, ",", out, &column);
		last = &r->at[i];
	}
	if (last == NULL)
		return;
	address_write(&last->who, "", out, &column);
	buf_str(out, "\r\n");
}
