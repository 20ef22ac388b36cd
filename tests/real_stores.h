/*
 * real_stores.h - the stores in the folder that OST_REAL_STORES names
 *
 * Included once a program.
 */
#ifndef OST_REAL_STORES_H
#define OST_REAL_STORES_H

#include <dirent.h>
#include <stdlib.h>

#include "bytes/buf.h"
#include "check.h"

/* Call `each` with the path of each of them; there are three at least. */
static inline void real_stores(void (*each)(const char *path))
{
	const char *folder = getenv("OST_REAL_STORES");
	DIR *dir = folder != NULL ? opendir(folder) : NULL;
	size_t found = 0;

	if (dir == NULL)
		fprintf(stderr,
			"OST_REAL_STORES must name the folder with real "
			"stores: package/example/testdata of the npm package "
			"pst-extractor 1.12.0\n");
	CHECK(dir != NULL);
	for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
		const char *dot = strrchr(e->d_name, '.');
		struct buf path = { 0 };

		if (dot == NULL ||
		    (strcmp(dot, ".pst") != 0 && strcmp(dot, ".ost") != 0))
			continue;
		buf_printf(&path, "%s/%s", folder, e->d_name);
		each(buf_text(&path));
		buf_free(&path);
		found++;
	}
	CHECK(found >= 3);
	if (dir != NULL)
		closedir(dir);
}

#endif
