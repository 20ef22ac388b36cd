/*
 * fuzz_manifest.c - what somebody says is a manifest
 */
#include <stdlib.h>

#include "audit/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *from =
		size > 0 ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
	struct manifest_reader *r = NULL;
	struct manifest_entry e;
	struct ost_error err;
	enum ost_status st;

	if (from == NULL)
		return 0;
	st = manifest_open(&r, from, &err);
	while (st == OST_OK) {
		st = manifest_next(r, &e, &err);
		/* What it promised must hold. */
		if (st == OST_OK && e.error == NULL &&
		    (e.path[0] == '/' || strstr(e.path, "//") != NULL ||
		     strncmp(e.path, "../", 3) == 0 || e.path[0] == '\0'))
			abort();
		manifest_entry_free(&e);
	}
	if (st == OST_BUG)
		abort();
	manifest_close(r);
	fclose(from);
	return 0;
}
