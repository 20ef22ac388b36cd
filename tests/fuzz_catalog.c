/*
 * fuzz_catalog.c - what somebody says is a catalogue of stores
 *
 * No more than can be numbered come out, each with an absolute path that has
 * lost its first "/", and what is refused says why.
 */
#include <stdlib.h>
#include <string.h>

#include "fs/catalog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fleet f = { 0 };
	struct buf text = { 0 };
	struct ost_error err = { "" };
	enum ost_status st;

	buf_add(&text, data, size);
	st = catalog_parse(&f, buf_span(&text), span_of("/dev/", 5), &err);
	if (st == OST_BUG || (st != OST_OK && err.text[0] == '\0') ||
	    f.count > FLEET_MAX)
		abort();
	for (size_t i = 0; i < f.count; i++)
		if (f.stores[i].path[0] == '/' ||
		    strstr(f.stores[i].path, "..") == f.stores[i].path)
			abort();
	fleet_free(&f);
	buf_free(&text);
	return 0;
}
