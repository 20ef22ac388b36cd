/*
 * pff.c - backend: libpff; the store and its objects
 *
 * An adaptor and nothing more: libpff's items are our objects, the entries of
 * its record sets our properties. What it says is what it believes the store
 * to hold. It takes damaged blocks for good ones, which is why it is given
 * none, and loses what it does not understand: this reader is the second
 * opinion, not the first.
 *
 * Its items may point into the item they came out of, so an object keeps its
 * owner.
 */
#include <stdlib.h>

#include "store/pff.h"

enum { LTP_ROW_ID = 0x67F2 }; /* PidTagLtpRowId: in a contents table, the NID */

const bool store_has_pff = true;

const char *store_pff_version(void)
{
	return libpff_get_version();
}

/* --- objects ---------------------------------------------------------- */

/* A new object out of `owner`, of which it becomes a user. */
static enum ost_status object_new(struct pff_object **out, struct store_core *s,
				  struct pff_object *owner,
				  struct ost_error *err)
{
	struct pff_object *o = calloc(1, sizeof(*o));

	*out = o;
	if (o == NULL)
		return ost_fail(err, OST_NO_MEMORY, "no memory for an object");
	o->base.core = s;
	o->users = 1;
	o->owner = owner;
	if (owner != NULL)
		owner->users++;
	return OST_OK;
}

/* One user less; the last takes the object along, and so on up. */
static void object_drop(struct pff_object *o)
{
	while (o != NULL && --o->users == 0) {
		struct pff_object *owner = o->owner;

		libpff_record_set_free(&o->set, NULL);
		libpff_item_free(&o->table, NULL);
		libpff_item_free(&o->item, NULL);
		free(o->values);
		free(o);
		o = owner;
	}
}

static enum ost_status get_node(struct pff_object *o, uint32_t nid,
				struct ost_error *err)
{
	libpff_file_t *file = ((struct pff_store *)o->base.core)->file;
	libpff_error_t *why = NULL;
	const int found =
		libpff_file_get_item_by_identifier(file, nid, &o->item, &why);

	if (found < 0)
		return pff_fail(err, OST_CORRUPT, why, "node");
	if (found == 0)
		return ost_fail(err, OST_NOT_FOUND, "no node %#x", nid);
	return OST_OK;
}

enum ost_status pff_get(struct store_core *s, struct store_id id,
			struct store_object **out, struct ost_error *err)
{
	struct pff_object *o = NULL;
	enum ost_status st;

	*out = NULL;
	st = object_new(&o, s, NULL, err);
	if (st != OST_OK)
		return st;
	if ((id.nid & MAPI_NID_TYPE) == MAPI_NID_RECOVERED_PFF)
		st = pff_recovered_get(o, id.nid, err);
	else
		st = get_node(o, id.nid, err);
	o->base.id = id;
	o->base.parent = id.folder;
	if (st == OST_OK)
		*out = &o->base;
	else
		object_drop(o);
	return st;
}

void pff_drop(struct store_object *o)
{
	object_drop((struct pff_object *)o);
}

/* --- children --------------------------------------------------------- */

/* How libpff counts a list and hands out what is in it. */
static const struct pff_list {
	const char *what;
	int (*count)(libpff_item_t *, int *, libpff_error_t **);
	int (*item)(libpff_item_t *, int, libpff_item_t **, libpff_error_t **);
} lists[] = {
	[STORE_FOLDERS] = { "subfolders",
			    libpff_folder_get_number_of_sub_folders,
			    libpff_folder_get_sub_folder },
	[STORE_MESSAGES] = { "contents",
			     libpff_folder_get_number_of_sub_messages,
			     libpff_folder_get_sub_message },
	[STORE_ASSOCIATED] = { "associated contents",
			       libpff_folder_get_number_of_sub_associated_contents,
			       libpff_folder_get_sub_associated_content },
	[STORE_ATTACHMENTS] = { "attachments",
				libpff_message_get_number_of_attachments,
				libpff_message_get_attachment },
};

/*
 * Is there a child `index` among `count`? A list that cannot be read is
 * reported once, for its first child, so that a walk over it ends.
 */
static enum ost_status within_list(const char *what, int counted, int count,
				   size_t index, libpff_error_t *why,
				   struct ost_error *err)
{
	if (counted != 1 && why != NULL && index == 0)
		return pff_fail(err, OST_CORRUPT, why, what);
	libpff_error_free(&why);
	if (counted != 1 || count < 0 || index >= (size_t)count)
		return ost_fail(err, OST_NOT_FOUND, "no more %s", what);
	return OST_OK;
}

/* Child `index` of a list that is made of items. */
static enum ost_status item_child(struct pff_object *o, enum store_list list,
				  size_t index, struct pff_object *child,
				  struct ost_error *err)
{
	const struct pff_list *l = &lists[list];
	const bool in_folder =
		list == STORE_MESSAGES || list == STORE_ASSOCIATED;
	libpff_error_t *why = NULL;
	int count = 0;
	const int counted = l->count(o->item, &count, &why);
	const enum ost_status st =
		within_list(l->what, counted, count, index, why, err);

	if (st != OST_OK)
		return st;
	why = NULL;
	if (l->item(o->item, (int)index, &child->item, &why) != 1 ||
	    libpff_item_get_identifier(child->item, &child->base.id.nid,
				       &why) != 1)
		return pff_fail(err, OST_CORRUPT, why, l->what);
	child->attachment = list == STORE_ATTACHMENTS;
	child->base.parent = list == STORE_ATTACHMENTS ? 0 : o->base.id.nid;
	child->base.id.folder = in_folder ? o->base.id.nid : 0;
	return OST_OK;
}

/* Row `index` of the table that `table` gets. */
static enum ost_status
table_row(struct pff_object *o, const char *what,
	  int (*table)(libpff_item_t *, libpff_item_t **, libpff_error_t **),
	  size_t index, libpff_record_set_t **out, struct ost_error *err)
{
	libpff_error_t *why = NULL;
	int count = 0, counted = 1;
	enum ost_status st;

	if (o->table == NULL)
		counted = table(o->item, &o->table, &why);
	if (counted == 1)
		counted = libpff_item_get_number_of_record_sets(o->table,
								&count, &why);
	st = within_list(what, counted, count, index, why, err);
	if (st != OST_OK)
		return st;
	why = NULL;
	if (libpff_item_get_record_set_by_index(o->table, (int)index, out,
						&why) != 1)
		return pff_fail(err, OST_CORRUPT, why, what);
	return OST_OK;
}

/* The dwRowID of a row, which the table repeats as a cell. */
static enum ost_status row_id(libpff_record_set_t *row, uint32_t *out,
			      struct ost_error *err)
{
	libpff_record_entry_t *cell = NULL;
	libpff_error_t *why = NULL;
	enum ost_status st = OST_OK;

	if (libpff_record_set_get_entry_by_type(
		    row, LTP_ROW_ID, MAPI_INTEGER32, &cell,
		    LIBPFF_ENTRY_VALUE_FLAG_IGNORE_NAME_TO_ID_MAP, &why) != 1 ||
	    libpff_record_entry_get_data_as_32bit_integer(cell, out, &why) != 1)
		st = pff_fail(err, OST_CORRUPT, why, "row without an id");
	libpff_record_entry_free(&cell, NULL);
	return st;
}

/* Row `index` of a message's table of recipients. */
static enum ost_status recipient_child(struct pff_object *o, size_t index,
				       struct pff_object *child,
				       struct ost_error *err)
{
	const enum ost_status st =
		table_row(o, "recipients", libpff_message_get_recipients, index,
			  &child->set, err);

	child->row = true;
	return st == OST_OK ? row_id(child->set, &child->base.id.nid, err) : st;
}

/*
 * Message `index` that a search folder found. libpff takes the table of
 * results for associated contents, and then looks for the messages among the
 * folder's own: only the rows are of use.
 */
static enum ost_status result_child(struct pff_object *o, size_t index,
				    struct pff_object *child,
				    struct ost_error *err)
{
	libpff_file_t *file = ((struct pff_store *)o->base.core)->file;
	libpff_record_set_t *row = NULL;
	libpff_error_t *why = NULL;
	uint32_t nid = 0;
	enum ost_status st;

	st = table_row(o, "results", libpff_folder_get_sub_associated_contents,
		       index, &row, err);
	if (st == OST_OK)
		st = row_id(row, &nid, err);
	libpff_record_set_free(&row, NULL);
	if (st == OST_OK && libpff_file_get_item_by_identifier(
				    file, nid, &child->item, &why) != 1)
		st = pff_fail(err, OST_CORRUPT, why, "message found");
	child->base.id = (struct store_id){ nid, o->base.id.nid };
	return st;
}

/* The message in an attachment. */
static enum ost_status embedded_child(struct pff_object *o, size_t index,
				      struct pff_object *child,
				      struct ost_error *err)
{
	libpff_error_t *why = NULL;
	int found = 0;

	/* libpff would take the first bytes of a file for the NID. */
	if (index == 0 && pff_holds_message(o))
		found = libpff_attachment_get_item(o->item, &child->item, &why);
	if (found < 0 || (found == 1 &&
			  libpff_item_get_identifier(
				  child->item, &child->base.id.nid, &why) != 1))
		return pff_fail(err, OST_CORRUPT, why, "message inside");
	if (found == 0)
		return ost_fail(err, OST_NOT_FOUND, "no message inside");
	return OST_OK;
}

static bool is_search(const struct pff_object *o)
{
	return (o->base.id.nid & MAPI_NID_TYPE) == MAPI_NID_SEARCH_FOLDER;
}

enum ost_status pff_child(struct store_object *object, enum store_list list,
			  size_t index, struct store_object **out,
			  struct ost_error *err)
{
	struct pff_object *o = (struct pff_object *)object, *child = NULL;
	enum ost_status st;

	*out = NULL;
	if (list == STORE_NODES)
		return ost_fail(err, OST_UNSUPPORTED,
				"libpff cannot list nodes");
	st = object_new(&child, object->core, o, err);
	if (st != OST_OK)
		;
	else if (o->row)
		st = ost_fail(err, OST_NOT_FOUND, "a row has no children");
	else if (list == STORE_RECIPIENTS)
		st = recipient_child(o, index, child, err);
	else if (o->attachment && list == STORE_MESSAGES)
		st = embedded_child(o, index, child, err);
	else if (is_search(o) && list == STORE_MESSAGES)
		st = result_child(o, index, child, err);
	else if (is_search(o) && list == STORE_ASSOCIATED)
		st = ost_fail(err, OST_NOT_FOUND, "a search has none");
	else
		st = item_child(o, list, index, child, err);
	if (st == OST_OK)
		*out = &child->base;
	else
		object_drop(child);
	return st;
}

/* --- the store -------------------------------------------------------- */

void pff_close(struct store_core *s)
{
	struct pff_store *p = (struct pff_store *)s;

	if (s == NULL)
		return;
	if (p->file != NULL) {
		libpff_file_close(p->file, NULL);
		libpff_file_free(&p->file, NULL);
	}
	libbfio_handle_free(&p->bytes, NULL);
	free(p);
}

enum ost_status pff_open(struct store_core **out, const struct pff_input *in,
			 struct ost_error *err)
{
	struct pff_store *p = calloc(1, sizeof(*p));
	libpff_error_t *why = NULL;
	enum ost_status st = OST_OK;

	*out = NULL;
	if (p != NULL)
		p->bytes = pff_file_new(in);
	if (p == NULL || p->bytes == NULL)
		st = ost_fail(err, OST_NO_MEMORY, "no memory for a store");
	else if (libpff_file_initialize(&p->file, &why) != 1 ||
		 libpff_file_open_file_io_handle(p->file, p->bytes,
						 LIBPFF_OPEN_READ, &why) != 1)
		st = pff_fail(err, OST_CORRUPT, why, "libpff cannot open it");
	if (st == OST_OK)
		*out = &p->base;
	else
		pff_close(&p->base);
	return st;
}
