/*
 * pff_props.c - backend: libpff; an object's properties
 *
 * The entries of libpff's record set, by number, with type and bytes as they
 * are stored. Its conversions and its multi-value functions are left alone:
 * they interpret, and partly wrongly.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "store/pff.h"

#include "bytes/sorted.h"

enum {
	MAX_ENTRIES = 65536, /* a property has 16 bits of number */
};

/* A property, and which of the record set's entries it is. */
struct pff_value {
	struct store_prop prop;
	int entry;
	bool bad; /* libpff cannot tell its size */
};

static int by_id(const void *left, const void *right)
{
	const struct pff_value *a = left, *b = right;

	if (a->prop.id != b->prop.id)
		return a->prop.id < b->prop.id ? -1 : 1;
	return (a->entry > b->entry) - (a->entry < b->entry);
}

static bool is_object(const struct pff_object *o, const struct store_prop *p)
{
	return o->attachment && p->id == MAPI_ATTACH_DATA &&
	       p->type == MAPI_OBJECT;
}

/*
 * Bytes in an attachment's object. The entry holds no more than a reference;
 * libpff_attachment_*() alone follows it to the subnode.
 */
static void object_size(const struct pff_object *o, struct pff_value *v)
{
	size64_t size = 0;

	v->bad = libpff_attachment_get_data_size(o->item, &size, NULL) != 1;
	v->prop.size = v->bad ? 0 : size;
}

/* What entry `index` of the record set is. False: nothing with a number. */
static bool load_value(const struct pff_object *o, int index,
		       struct pff_value *out)
{
	libpff_record_entry_t *entry = NULL;
	uint32_t id = 0, type = 0;
	size_t size = 0;
	bool named, sized;

	named = libpff_record_set_get_entry_by_index(o->set, index, &entry,
						     NULL) == 1 &&
		libpff_record_entry_get_entry_type(entry, &id, NULL) == 1 &&
		libpff_record_entry_get_value_type(entry, &type, NULL) == 1 &&
		id <= UINT16_MAX;
	sized = named &&
		libpff_record_entry_get_data_size(entry, &size, NULL) == 1;
	libpff_record_entry_free(&entry, NULL);
	*out = (struct pff_value){
		.prop = { (uint16_t)id, (uint16_t)type, sized ? size : 0 },
		.entry = index,
		.bad = !sized,
	};
	if (is_object(o, &out->prop))
		object_size(o, out);
	/* It takes what it cannot read for empty. */
	if (pff_file_fault().text[0] != '\0') {
		out->bad = true;
		out->prop.size = 0;
	}
	return named;
}

static enum ost_status load_values(struct pff_object *o, struct ost_error *err)
{
	libpff_error_t *why = NULL;
	struct ost_error fault;
	int entries = 0;

	if (libpff_record_set_get_number_of_entries(o->set, &entries, &why) !=
	    1)
		return pff_fail(err, OST_CORRUPT, why, "properties");
	fault = pff_file_fault();
	if (fault.text[0] != '\0') /* and there may be more of them */
		return ost_fail(err, OST_CORRUPT, "properties: %s", fault.text);
	if (entries < 0 || entries > MAX_ENTRIES)
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

/* Make sure that the values are there, or say why not again. */
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
	size_t at;

	SORTED_FIRST(at, o->count, i, o->values[i].prop.id < id);
	return at < o->count ? &o->values[at] : NULL;
}

enum ost_status pff_next(struct store_object *object, uint16_t id,
			 uint16_t last, struct store_prop *out,
			 struct ost_error *err)
{
	struct pff_object *o = (struct pff_object *)object;
	const struct pff_value *v;
	enum ost_status st;

	st = load(o, err);
	if (st == OST_OK) {
		v = value_from(o, id);
		if (v != NULL && v->prop.id <= last)
			*out = v->prop;
		else
			st = ost_none(err, "property", id);
	}
	return st;
}

/* Read from the subnode that an attachment's object refers to. */
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

/* Read from entry `index` of the record set. */
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

/* Read from value `v`. */
static enum ost_status read_value(struct pff_object *o,
				  const struct pff_value *v, uint64_t off,
				  void *buf, size_t len, struct ost_error *err)
{
	if (v->bad)
		return ost_fail(err, OST_CORRUPT, "property %#x has no size",
				v->prop.id);
	if (off > v->prop.size || len > v->prop.size - off)
		return ost_fail(err, OST_CORRUPT,
				"property %#x ends at byte %" PRIu64,
				v->prop.id, v->prop.size);
	if (len == 0)
		return OST_OK;
	if (is_object(o, &v->prop))
		return read_object(o, off, buf, len, err);
	return read_entry(o, v->entry, off, buf, len, err);
}

enum ost_status pff_read(struct store_object *object,
			 const struct store_prop *p, uint64_t off, void *buf,
			 size_t len, struct ost_error *err)
{
	struct pff_object *o = (struct pff_object *)object;
	const struct pff_value *v;
	enum ost_status st;

	st = load(o, err);
	if (st == OST_OK) {
		v = value_from(o, p->id);
		if (v != NULL && v->prop.id == p->id)
			st = read_value(o, v, off, buf, len, err);
		else
			st = ost_fail(err, OST_NOT_FOUND, "no property %#x",
				      p->id);
	}
	return st;
}

bool pff_holds_message(struct pff_object *o)
{
	uint8_t method[4] = { MAPI_ATTACH_EMBEDDED };
	const struct pff_value *v;
	struct ost_error err;

	if (load(o, &err) != OST_OK)
		return false;
	v = value_from(o, MAPI_ATTACH_DATA);
	if (v == NULL || !is_object(o, &v->prop))
		return false;
	v = value_from(o, MAPI_ATTACH_METHOD);
	if (v != NULL && v->prop.id == MAPI_ATTACH_METHOD &&
	    read_value(o, v, 0, method, sizeof(method), &err) != OST_OK)
		return false;
	return method[0] == MAPI_ATTACH_EMBEDDED;
}
