/*
 * pff.c - backend: libpff
 *
 * An adaptor and nothing more: libpff's items are our objects, the entries of
 * its record sets are our properties. Its convenience functions are left
 * alone, because they interpret, and what it returns is what it believes the
 * store holds; the limits of that are in the manual page, and the reader made
 * here is the second opinion, not the first.
 *
 * libpff has no locks, so one mutex is held around every use of it. Its items
 * may point into the item they came from, so every object keeps its owner.
 */
#include <libpff.h>
#include <pthread.h>
#include <stdlib.h>

#include "bytes/source.h"
#include "ndb/ndb.h"
#include "store/store.h"

enum {
	MOST_ENTRIES = 65536, /* a property has 16 bits of number */
};

/* A property, and which of the record set's entries it is. */
struct pff_value {
	struct store_prop prop;
	int entry;
};

struct pff_store {
	struct store base;
	libpff_file_t *file;
};

struct pff_object {
	struct store_object base;
	struct pff_object *owner; /* what this came out of, or NULL */
	unsigned users;		  /* the caller, and those it is the owner of */
	bool attachment;
	bool row; /* of a table: of the record sets of its owner's recipients */

	libpff_item_t *item;	   /* owned; NULL for a row */
	libpff_item_t *recipients; /* owned; the table, once asked for */

	/* Found when first asked for. */
	bool loaded;
	enum ost_status load_status;
	struct ost_error load_error;
	libpff_record_set_t *set;
	struct pff_value *values; /* by id */
	size_t count;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct pff_store *own_store(struct store *s)
{
	return (struct pff_store *)s; /* `base` comes first */
}

static struct pff_object *own_object(struct store_object *o)
{
	return (struct pff_object *)o; /* `base` comes first */
}

const char *store_pff_version(void)
{
	return libpff_get_version();
}

/* Turn libpff's error into ours and free it. Returns `status`. */
static enum ost_status pff_fail(struct ost_error *err, enum ost_status status,
				libpff_error_t *cause, const char *what)
{
	char text[160] = "no reason given";

	if (cause != NULL)
		libpff_error_sprint(cause, text, sizeof(text));
	libpff_error_free(&cause);
	return ost_fail(err, status, "%s: %s", what, text);
}

/* --- objects ---------------------------------------------------------- */

/* A new object out of `owner`, of which it becomes a user. Lock held. */
static enum ost_status object_new(struct pff_object **out, struct store *s,
				  struct pff_object *owner,
				  struct ost_error *err)
{
	struct pff_object *o = calloc(1, sizeof(*o));

	*out = o;
	if (o == NULL)
		return ost_fail(err, OST_NO_MEMORY, "no memory for an object");
	o->base.ops = &store_pff;
	o->base.store = s;
	o->users = 1;
	o->owner = owner;
	if (owner != NULL)
		owner->users++;
	return OST_OK;
}

/* One user less; the last takes the object along, and so on up. Lock held. */
static void object_drop(struct pff_object *o)
{
	while (o != NULL && --o->users == 0) {
		struct pff_object *owner = o->owner;

		libpff_record_set_free(&o->set, NULL);
		libpff_item_free(&o->recipients, NULL);
		libpff_item_free(&o->item, NULL);
		free(o->values);
		free(o);
		o = owner;
	}
}

static enum ost_status pff_get(struct store *s, struct store_id id,
			       struct store_object **out, struct ost_error *err)
{
	struct pff_object *o = NULL;
	libpff_error_t *why = NULL;
	enum ost_status st;
	int found;

	*out = NULL;
	pthread_mutex_lock(&lock);
	st = object_new(&o, s, NULL, err);
	if (st != OST_OK)
		goto out;
	found = libpff_file_get_item_by_identifier(own_store(s)->file, id.nid,
						   &o->item, &why);
	if (found < 0)
		st = pff_fail(err, OST_CORRUPT, why, "node");
	else if (found == 0)
		st = ost_fail(err, OST_NOT_FOUND, "no node %#x", id.nid);
	if (st != OST_OK)
		goto out;
	o->base.id = id;
	o->base.parent = id.folder;
	*out = &o->base;
	o = NULL;
out:
	object_drop(o);
	pthread_mutex_unlock(&lock);
	return st;
}

static void pff_drop(struct store_object *o)
{
	if (o == NULL)
		return;
	pthread_mutex_lock(&lock);
	object_drop(own_object(o));
	pthread_mutex_unlock(&lock);
}

/* --- properties ------------------------------------------------------- */

static int by_id(const void *left, const void *right)
{
	const struct pff_value *a = left, *b = right;

	if (a->prop.id != b->prop.id)
		return a->prop.id < b->prop.id ? -1 : 1;
	return (a->entry > b->entry) - (a->entry < b->entry);
}

/*
 * The bytes of an attachment. Only libpff_attachment_*() follows an object to
 * its subnode: the entry itself holds the reference, not the data.
 */
static void object_size(struct pff_object *o, struct store_prop *p)
{
	size64_t size = 0;

	p->size = 0;
	if (libpff_attachment_get_data_size(o->item, &size, NULL) == 1)
		p->size = size;
}

static bool is_attached_object(const struct pff_object *o,
			       const struct store_prop *p)
{
	return o->attachment && p->id == MAPI_ATTACH_DATA &&
	       p->type == MAPI_OBJECT;
}

/* What entry `index` of the record set is. False: nothing that has an id. */
static bool load_value(struct pff_object *o, int index, struct pff_value *out)
{
	libpff_record_entry_t *entry = NULL;
	uint32_t id = 0, type = 0;
	size_t size = 0;
	bool good;

	good = libpff_record_set_get_entry_by_index(o->set, index, &entry,
						    NULL) == 1 &&
	       libpff_record_entry_get_entry_type(entry, &id, NULL) == 1 &&
	       libpff_record_entry_get_value_type(entry, &type, NULL) == 1;
	if (good && libpff_record_entry_get_data_size(entry, &size, NULL) != 1)
		size = 0; /* named, but `read` will fail */
	libpff_record_entry_free(&entry, NULL);
	*out = (struct pff_value){
		{ (uint16_t)id, (uint16_t)type, size },
		index,
	};
	if (is_attached_object(o, &out->prop))
		object_size(o, &out->prop);
	return good && id <= UINT16_MAX;
}

static enum ost_status load_values(struct pff_object *o, struct ost_error *err)
{
	libpff_error_t *why = NULL;
	int entries = 0;

	if (libpff_record_set_get_number_of_entries(o->set, &entries, &why) !=
	    1)
		return pff_fail(err, OST_CORRUPT, why, "properties");
	if (entries < 0 || entries > MOST_ENTRIES)
		return ost_fail(err, OST_LIMIT, "%d properties", entries);
	o->values = calloc((size_t)entries + 1, sizeof(*o->values));
	if (o->values == NULL)
		return ost_fail(err, OST_NO_MEMORY, "no memory for %d values",
				entries);
	for (int i = 0; i < entries; i++)
		if (load_value(o, i, &o->values[o->count]))
			o->count++;
	qsort(o->values, o->count, sizeof(*o->values), by_id);
	return OST_OK;
}

static enum ost_status load_set(struct pff_object *o, struct ost_error *err)
{
	libpff_error_t *why = NULL;
	int sets = 0;

	if (o->row)
		return load_values(o, err);
	if (libpff_item_get_number_of_record_sets(o->item, &sets, &why) != 1)
		return pff_fail(err, OST_CORRUPT, why, "properties");
	if (sets < 1)
		return OST_OK; /* a node without properties */
	if (libpff_item_get_record_set_by_index(o->item, 0, &o->set, &why) != 1)
		return pff_fail(err, OST_CORRUPT, why, "properties");
	return load_values(o, err);
}

/* Make sure that the values are there, or say why not again. Lock held. */
static enum ost_status load(struct pff_object *o, struct ost_error *err)
{
	if (!o->loaded) {
		o->loaded = true;
		o->load_status = load_set(o, &o->load_error);
	}
	if (o->load_status != OST_OK)
		*err = o->load_error;
	return o->load_status;
}

/* The value with the lowest id at or above `id`, or NULL. */
static const struct pff_value *value_from(const struct pff_object *o,
					  uint16_t id)
{
	size_t low = 0, high = o->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (o->values[middle].prop.id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < o->count ? &o->values[low] : NULL;
}

static enum ost_status pff_next(struct store_object *object, uint16_t id,
				struct store_prop *out, struct ost_error *err)
{
	struct pff_object *o = own_object(object);
	const struct pff_value *v;
	enum ost_status st;

	pthread_mutex_lock(&lock);
	st = load(o, err);
	if (st == OST_OK) {
		v = value_from(o, id);
		if (v != NULL)
			*out = v->prop;
		else
			st = ost_fail(err, OST_NOT_FOUND, "no more properties");
	}
	pthread_mutex_unlock(&lock);
	return st;
}

/* Read from the subnode that an attachment's object refers to. Lock held. */
static enum ost_status read_object(struct pff_object *o, uint64_t off,
				   void *buf, size_t len, struct ost_error *err)
{
	libpff_error_t *why = NULL;
	size_t done = 0;
	ssize_t got = 1;

	if (libpff_attachment_data_seek_offset(o->item, (off64_t)off, SEEK_SET,
					       &why) != (off64_t)off)
		return pff_fail(err, OST_CORRUPT, why, "attachment");
	while (done < len && got > 0) {
		got = libpff_attachment_data_read_buffer(
			o->item, (uint8_t *)buf + done, len - done, &why);
		if (got > 0)
			done += (size_t)got;
	}
	if (done < len)
		return pff_fail(err, OST_CORRUPT, why, "attachment");
	return OST_OK;
}

/* Read from entry `index` of the record set. Lock held. */
static enum ost_status read_entry(struct pff_object *o, int index, uint64_t off,
				  void *buf, size_t len, struct ost_error *err)
{
	libpff_record_entry_t *entry = NULL;
	libpff_error_t *why = NULL;
	enum ost_status st = OST_OK;

	if (libpff_record_set_get_entry_by_index(o->set, index, &entry, &why) !=
		    1 ||
	    libpff_record_entry_seek_offset(entry, (off64_t)off, SEEK_SET,
					    &why) != (off64_t)off ||
	    libpff_record_entry_read_buffer(entry, buf, len, &why) !=
		    (ssize_t)len)
		st = pff_fail(err, OST_CORRUPT, why, "property");
	libpff_record_entry_free(&entry, NULL);
	return st;
}

static enum ost_status pff_read(struct store_object *object,
				const struct store_prop *p, uint64_t off,
				void *buf, size_t len, struct ost_error *err)
{
	struct pff_object *o = own_object(object);
	const struct pff_value *v = NULL;
	enum ost_status st;

	pthread_mutex_lock(&lock);
	st = load(o, err);
	if (st == OST_OK)
		v = value_from(o, p->id);
	if (st != OST_OK)
		;
	else if (v == NULL || v->prop.id != p->id)
		st = ost_fail(err, OST_NOT_FOUND, "no property %#x", p->id);
	else if (off > v->prop.size || len > v->prop.size - off)
		st = ost_fail(err, OST_CORRUPT,
			      "property %#x ends at byte %llu", p->id,
			      (unsigned long long)v->prop.size);
	else if (len > 0 && is_attached_object(o, &v->prop))
		st = read_object(o, off, buf, len, err);
	else if (len > 0)
		st = read_entry(o, v->entry, off, buf, len, err);
	pthread_mutex_unlock(&lock);
	return st;
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

/* Child `index` of a list that is made of items. Lock held. */
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

/* Row `index` of a message's table of recipients. Lock held. */
static enum ost_status recipient_child(struct pff_object *o, size_t index,
				       struct pff_object *child,
				       struct ost_error *err)
{
	libpff_error_t *why = NULL;
	int count = 0, counted = 1;
	enum ost_status st;

	if (o->recipients == NULL)
		counted = libpff_message_get_recipients(o->item, &o->recipients,
							&why);
	if (counted == 1)
		counted = libpff_item_get_number_of_record_sets(o->recipients,
								&count, &why);
	st = within_list("recipients", counted, count, index, why, err);
	if (st != OST_OK)
		return st;
	why = NULL;
	if (libpff_item_get_record_set_by_index(o->recipients, (int)index,
						&child->set, &why) != 1)
		return pff_fail(err, OST_CORRUPT, why, "recipient");
	child->row = true;
	child->base.id.nid = (uint32_t)index;
	return OST_OK;
}

/* The message in an attachment. Lock held. */
static enum ost_status embedded_child(struct pff_object *o, size_t index,
				      struct pff_object *child,
				      struct ost_error *err)
{
	libpff_error_t *why = NULL;
	int found = 0;

	if (index == 0)
		found = libpff_attachment_get_item(o->item, &child->item, &why);
	if (found < 0 || (found == 1 &&
			  libpff_item_get_identifier(
				  child->item, &child->base.id.nid, &why) != 1))
		return pff_fail(err, OST_CORRUPT, why, "message inside");
	if (found == 0)
		return ost_fail(err, OST_NOT_FOUND, "no message inside");
	return OST_OK;
}

static enum ost_status pff_child(struct store_object *object,
				 enum store_list list, size_t index,
				 struct store_object **out,
				 struct ost_error *err)
{
	struct pff_object *o = own_object(object), *child = NULL;
	enum ost_status st;

	*out = NULL;
	if (list == STORE_NODES)
		return ost_fail(err, OST_UNSUPPORTED,
				"libpff cannot list nodes");
	pthread_mutex_lock(&lock);
	st = object_new(&child, object->store, o, err);
	if (st != OST_OK)
		;
	else if (o->row)
		st = ost_fail(err, OST_NOT_FOUND, "a row has no children");
	else if (list == STORE_RECIPIENTS)
		st = recipient_child(o, index, child, err);
	else if (o->attachment && list == STORE_MESSAGES)
		st = embedded_child(o, index, child, err);
	else
		st = item_child(o, list, index, child, err);
	if (st == OST_OK)
		*out = &child->base;
	else
		object_drop(child);
	pthread_mutex_unlock(&lock);
	return st;
}

/* --- the store -------------------------------------------------------- */

static void pff_close(struct store *s)
{
	struct pff_store *p = own_store(s);

	if (s == NULL)
		return;
	pthread_mutex_lock(&lock);
	if (p->file != NULL) {
		libpff_file_close(p->file, NULL);
		libpff_file_free(&p->file, NULL);
	}
	pthread_mutex_unlock(&lock);
	free(p);
}

/*
 * What the header says. Ours is asked, so that a file that is no store is
 * refused in the same words whichever reader it is for; libpff refuses the
 * same files, but cannot tell one reason from another.
 */
static enum ost_status read_info(struct store_info *out, const char *path,
				 struct ost_error *err)
{
	static const char *const formats[] = {
		[NDB_ANSI] = "ansi",
		[NDB_UNICODE] = "unicode",
		[NDB_UNICODE_4K] = "unicode-4k",
	};
	static const char *const encodings[] = { "none", "permute", "cyclic" };
	const struct ndb_info *about;
	struct source *src = NULL;
	struct ndb *db = NULL;
	enum ost_status st;

	st = source_open(&src, path, err);
	if (st == OST_OK)
		st = ndb_open(&db, src, 0, err);
	if (st != OST_OK)
		return st;
	about = ndb_about(db);
	*out = (struct store_info){
		.kind = "pst",
		.format = formats[about->format],
		.encoding = encodings[about->encoding],
		.version = about->version,
		.clean = about->clean,
		.size = about->size,
		.header_eof = about->header_eof,
		.mtime = about->mtime,
	};
	if (strcmp(about->client, "SO") == 0)
		memcpy(out->kind, "ost", sizeof("ost"));
	else if (strcmp(about->client, "AB") == 0)
		memcpy(out->kind, "pab", sizeof("pab"));
	ndb_close(db);
	return OST_OK;
}

/* libpff keeps what it wants: `cache` does not bind it. */
static enum ost_status pff_open(struct store **out, const char *path,
				size_t cache, struct ost_error *err)
{
	struct pff_store *p = calloc(1, sizeof(*p));
	libpff_error_t *why = NULL;
	enum ost_status st;

	(void)cache;
	*out = NULL;
	if (p == NULL)
		return ost_fail(err, OST_NO_MEMORY, "no memory for a store");
	p->base.ops = &store_pff;
	st = read_info(&p->base.info, path, err);
	if (st != OST_OK)
		goto out;
	pthread_mutex_lock(&lock);
	if (libpff_file_initialize(&p->file, &why) != 1 ||
	    libpff_file_open(p->file, path, LIBPFF_OPEN_READ, &why) != 1)
		st = pff_fail(err,
			      p->base.info.size < p->base.info.header_eof
				      ? OST_TRUNCATED
				      : OST_CORRUPT,
			      why, "libpff cannot open it");
	pthread_mutex_unlock(&lock);
out:
	if (st == OST_OK)
		*out = &p->base;
	else
		pff_close(&p->base);
	return st;
}

const struct store_ops store_pff = {
	.name = "pff",
	.open = pff_open,
	.get = pff_get,
	.child = pff_child,
	.next = pff_next,
	.read = pff_read,
	.drop = pff_drop,
	.close = pff_close,
};
