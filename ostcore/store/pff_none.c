/*
 * pff_none.c - backend: libpff, in a build without it (OST_PFF=OFF)
 */
#include "store/backend.h"
#include "store/pff_raw.h"

const bool store_has_pff = false;

const char *store_pff_version(void)
{
	return "(none)";
}

static enum ost_status none_open(struct store_core **out, const char *path,
				 const struct store_options *options,
				 struct ost_error *err)
{
	(void)path;
	(void)options;
	*out = NULL;
	return ost_fail(err, OST_UNSUPPORTED, "%s", store_pff_lacking);
}

const struct store_ops store_pff = { .name = "pff", .open = none_open };
const struct store_ops store_pff_raw = { .name = "pff", .open = none_open };

void pff_list_cap(struct store *s, uint32_t max)
{
	(void)s;
	(void)max;
}
