/*
 * compare_known.c - what libpff is known to get wrong
 *
 * A fault explains a difference only if what is known of our object says that
 * it is met there. Those of the first kind are gone in later versions.
 */
#include "audit/compare.h"

enum {
	BLOCK_4K = 65512,    /* bytes of data in a block of a 4K store */
	VALUE_MAX = 1 << 16, /* bytes in a cell */
	ROWS = 100,	     /* that are in one block, whatever is in them */
};

static bool is_old(void)
{
	return strcmp(store_pff_version(), "20180714") == 0;
}

static bool is_4k(const struct compare *w)
{
	return strcmp(store_info(w->ours)->format, "unicode-4k") == 0;
}

/* They fail where we do not, be it that there is nothing. */
static bool they_fail(const struct compare_difference *d)
{
	const bool we_do = d->ours != OST_OK && d->ours != OST_NOT_FOUND;

	return !we_do && d->theirs != OST_OK && d->theirs != d->ours;
}

static bool is_long_value(const struct compare *w,
			  const struct compare_difference *d)
{
	return is_old() && is_4k(w) && d->kind == COMPARE_SIZE &&
	       d->theirs_size == 0 && d->ours_size > BLOCK_4K;
}

static bool is_long_list(const struct compare *w,
			 const struct compare_difference *d)
{
	struct store_object *row = NULL;
	struct ost_error err;
	bool is;

	if (!is_old() || !is_4k(w) || !they_fail(d) ||
	    d->kind != COMPARE_LIST || d->list > STORE_ASSOCIATED)
		return false;
	is = store_child(d->object, d->list, ROWS, &row, &err) == OST_OK;
	store_drop(row);
	return is;
}

/* A type that [MS-OXCDATA] 2.11.1 has. */
static bool is_type(uint16_t type)
{
	static const uint16_t types[] = {
		MAPI_INTEGER16,	 MAPI_INTEGER32, MAPI_FLOATING32,
		MAPI_FLOATING64, MAPI_CURRENCY,	 MAPI_FLOATING_TIME,
		MAPI_ERROR_CODE, MAPI_BOOLEAN,	 MAPI_OBJECT,
		MAPI_INTEGER64,	 MAPI_STRING8,	 MAPI_UNICODE,
		MAPI_TIME,	 MAPI_GUID,	 MAPI_BINARY,
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if ((type & ~MAPI_MULTIPLE) == types[i])
			return true;
	return false;
}

static bool has_odd_type(const struct compare *w,
			 const struct compare_difference *d)
{
	struct store_prop p = { .id = 0 };
	struct ost_error err;
	uint32_t id = 0;

	(void)w;
	if (d->id != 0 || !they_fail(d) || d->object == NULL)
		return false;
	while (id <= UINT16_MAX &&
	       store_next(d->object, (uint16_t)id, &p, &err) == OST_OK) {
		if (!is_type(p.type))
			return true;
		id = p.id + 1u;
	}
	return false;
}

static bool is_end(const struct compare *w, const struct compare_difference *d)
{
	static const char *const ends[] = { "libpff crashed", "libpff ended",
					    "libpff did not answer" };

	(void)w;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (d->theirs != OST_OK &&
		    strstr(d->complaint.text, ends[i]) != NULL)
			return true;
	return false;
}

/* A row, of which they give the message, and we cannot. */
static bool is_of_damaged(const struct compare *w,
			  const struct compare_difference *d)
{
	struct store_object *message = NULL;
	struct ost_error err;
	enum ost_status st;

	if (d->object == NULL || d->object->id.folder == 0)
		return false;
	st = store_get(w->ours, (struct store_id){ d->object->id.nid, 0 },
		       &message, &err);
	store_drop(message);
	return st == OST_CORRUPT;
}

static bool is_unchecked(const struct compare *w,
			 const struct compare_difference *d)
{
	return (d->ours == OST_CORRUPT &&
		(d->theirs == OST_OK || d->theirs == OST_NOT_FOUND)) ||
	       is_of_damaged(w, d);
}

/* A row of a message that is not there is all that we have of it. */
static bool is_missing(const struct compare *w,
		       const struct compare_difference *d)
{
	struct store_object *row = NULL, *message = NULL;
	struct ost_error err;
	bool is;

	if (!they_fail(d) || d->kind != COMPARE_LIST ||
	    (d->list != STORE_MESSAGES && d->list != STORE_ASSOCIATED) ||
	    store_child(d->object, d->list, d->index, &row, &err) != OST_OK)
		return false;
	is = store_get(w->ours, (struct store_id){ row->id.nid, 0 }, &message,
		       &err) == OST_NOT_FOUND;
	store_drop(message);
	store_drop(row);
	return is;
}

/* Is property `id` of message `nid` the same to both? */
static bool is_same(const struct compare *w, uint32_t nid, uint16_t id)
{
	const struct store_id whole = { nid, 0 };
	struct store_object *ours = NULL, *theirs = NULL;
	struct buf a = { 0 }, b = { 0 };
	struct ost_error err;
	bool is;

	is = store_get(w->ours, whole, &ours, &err) == OST_OK &&
	     store_get(w->theirs, whole, &theirs, &err) == OST_OK &&
	     store_bytes(ours, id, VALUE_MAX, &a, &err) == OST_OK &&
	     store_bytes(theirs, id, VALUE_MAX, &b, &err) == OST_OK &&
	     span_equal(buf_span(&a), buf_span(&b));
	store_drop(ours);
	store_drop(theirs);
	buf_free(&a);
	buf_free(&b);
	return is;
}

/* Of rows they give the message: if it is that, nobody is wrong. */
static bool is_stale(const struct compare *w,
		     const struct compare_difference *d)
{
	return d->id != 0 && d->object != NULL && d->object->id.folder != 0 &&
	       is_same(w, d->object->id.nid, d->id);
}

/* An attachment that only its node tells of. */
static bool is_rowless(const struct compare *w,
		       const struct compare_difference *d)
{
	struct store_object *a = NULL;
	struct ost_error err;
	bool is;

	(void)w;
	if (d->kind != COMPARE_LIST || d->list != STORE_ATTACHMENTS ||
	    d->ours != OST_OK || d->theirs == OST_OK)
		return false;
	is = store_child(d->object, d->list, d->index, &a, &err) == OST_OK &&
	     a->rowless;
	store_drop(a);
	return is;
}

/* Where something is damaged, they may give up all that it is in. */
static bool is_given_up(const struct compare *w,
			const struct compare_difference *d)
{
	struct store_damage damage;

	return they_fail(d) && store_damage(w->ours, 0, &damage);
}

/* The first that is so explains it. */
static const struct fault {
	bool (*is)(const struct compare *w, const struct compare_difference *d);
	const char *why;
} faults[] = {
	{ is_long_value, "libpff reads a value as empty when the list of its "
			 "blocks is compressed" },
	{ is_long_list, "libpff does not read a table when the list of its "
			"blocks is compressed" },
	{ has_odd_type, "libpff does not read an object that has a property "
			"of a type it does not know" },
	{ is_end, "libpff crashed or hung there, and was stopped" },
	{ is_missing, "a folder lists a message that is not in the store, and "
		      "libpff skips it" },
	{ is_rowless, "the list of attachments lacks an attachment, and libpff "
		      "does not search for it" },
	{ is_stale, "a value differs between the folder's table and the "
		    "message, and both readers read the message alike" },
	{ is_unchecked, "it is damaged, which libpff does not notice" },
	{ is_given_up, "the store is damaged, and libpff does not read what "
		       "is near the damage" },
};

const char *compare_known(const struct compare *w,
			  const struct compare_difference *d)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (faults[i].is(w, d))
			return faults[i].why;
	return NULL;
}
