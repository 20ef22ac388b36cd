/*
 * pff_recovered.c - backend: libpff; the items that it recovers
 *
 * It looks for nodes in what the file does not use. It checks neither what it
 * finds nor what that refers to, so what is no message to all appearance is
 * left out, and the rest is said to be unchecked by who shows it.
 */
#include "store/pff.h"
#include "store/pff_wire.h"

enum { CLASS_MAX = 512 };

enum ost_status pff_recovered(struct store_core *s, uint32_t *count,
			      struct ost_error *err)
{
	struct pff_store *p = (struct pff_store *)s;
	libpff_error_t *why = NULL;
	int found = 0;

	*count = p->recovered_count;
	if (p->recovered && p->recover_status != OST_OK)
		return ost_fail(err, p->recover_status, "recovery failed");
	if (p->recovered)
		return OST_OK;
	/* It refuses a second time, also after it has failed. */
	p->recovered = true;
	p->recover_status = OST_CORRUPT;
	if (libpff_file_recover_items(p->file, 0, &why) != 1 ||
	    libpff_file_get_number_of_recovered_items(p->file, &found, &why) !=
		    1)
		return pff_fail(err, OST_CORRUPT, why, "recovery");
	if (found > PFF_RECOVERED + 1)
		found = PFF_RECOVERED + 1; /* which only says so */
	p->recover_status = OST_OK;
	p->recovered_count = found > 0 ? (uint32_t)found : 0;
	*count = p->recovered_count;
	return OST_OK;
}

/* Is its class one? It has letters, digits and the like, and no others. */
static bool has_class(struct pff_object *o)
{
	uint8_t bytes[CLASS_MAX];
	struct store_prop p;
	struct ost_error err;
	size_t step;

	if (pff_next(&o->base, MAPI_MESSAGE_CLASS, MAPI_MESSAGE_CLASS, &p,
		     &err) != OST_OK ||
	    p.size == 0 || p.size > sizeof(bytes) ||
	    (p.type != MAPI_UNICODE && p.type != MAPI_STRING8) ||
	    pff_read(&o->base, &p, 0, bytes, (size_t)p.size, &err) != OST_OK)
		return false;
	step = p.type == MAPI_UNICODE ? 2 : 1;
	for (size_t i = 0; i < p.size; i++) {
		const bool high = i % step != 0;

		if (high ? bytes[i] != 0
			 : bytes[i] != 0 && (bytes[i] < ' ' || bytes[i] > '~'))
			return false;
	}
	return true;
}

enum ost_status pff_recovered_get(struct pff_object *o, uint32_t nid,
				  struct ost_error *err)
{
	struct pff_store *p = (struct pff_store *)o->base.core;
	const uint32_t number = nid >> 5; /* from 1 */
	libpff_error_t *why = NULL;
	uint32_t count = 0;
	enum ost_status st = pff_recovered(o->base.core, &count, err);

	if (st != OST_OK)
		return st;
	if (number == 0 || number > count)
		return ost_none(err, "recovered item", number);
	if (libpff_file_get_recovered_item_by_index(p->file, (int)number - 1,
						    &o->item, &why) != 1 ||
	    libpff_item_get_identifier(o->item, &o->base.original_nid, &why) !=
		    1)
		return pff_fail(err, OST_UNSUPPORTED, why, "recovered item");
	if ((o->base.original_nid & MAPI_NID_TYPE) != MAPI_NID_MESSAGE ||
	    !has_class(o))
		return ost_fail(err, OST_UNSUPPORTED, "no message");
	return OST_OK;
}
