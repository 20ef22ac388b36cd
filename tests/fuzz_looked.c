/*
 * fuzz_looked.c - what the process that looked for stores says there is
 *
 * What is taken for a list has no more stores than can be numbered, each with
 * a path below a directory, and is written again byte for byte.
 */
#include <stdlib.h>
#include <string.h>

#include "fs/looked.h"

static void need(bool that)
{
	if (!that)
		abort();
}

static void check_taken(const struct fleet *f, const uint8_t *data, size_t size)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	need(to != NULL && f->count > 0);
	for (size_t i = 0; i < f->count; i++) {
		const struct fleet_store *s = &f->stores[i];

		need(s->path[0] != '\0' && s->path[0] != '/');
		need(s->name == NULL && s->mtime_nsec < 1000000000);
	}
	need(looked_write(to, f) && fclose(to) == 0);
	need(len == size && memcmp(text, data, size) == 0);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fleet f = { 0 };
	FILE *from =
		size > 0 ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;

	if (from == NULL)
		return 0;
	if (looked_read(from, &f))
		check_taken(&f, data, size);
	need(f.count <= FLEET_MAX);
	fclose(from);
	fleet_free(&f);
	return 0;
}
