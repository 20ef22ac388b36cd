/*
 * many.h - several stores, each into a place of its own
 */
#ifndef OST_MANY_H
#define OST_MANY_H

struct many {
	const char *suffix; /* after the name of each: "", or ".tar" */
	/* Write one; returns its exit code. */
	int (*run)(void *arg, const char *store, const char *dest);
	void *arg;
};

/*
 * Write all stores, or all of the directory that is the only one, below
 * `dest`, each under the name that ostfs(1) gives it. One that cannot be
 * written stops no other. What each is called and how it ended stands in
 * DEST/.ostexport/stores.jsonl, so that it is called that the next time, too.
 * Returns the exit code of all.
 */
int many_run(const struct many *m, char **stores, int count, const char *dest);

#endif
