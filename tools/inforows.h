/*
 * inforows.h - several stores, a line each
 */
#ifndef OST_INFOROWS_H
#define OST_INFOROWS_H

#include "fleet/fleet.h"
#include "info.h"

/* Works from { 0 }. Lines are printed by a process for each store. */
struct inforows {
	struct fleet fleet;	  /* what each is called */
	struct inforows_sum *sum; /* of all processes; NULL: none are wanted */
};

/* Name the stores as ostfs would. False after saying why not. */
bool inforows_name(struct inforows *r, char **paths, size_t count);
/* What the store at `path` is called. */
const char *inforows_called(const struct inforows *r, const char *path);

/* Name the stores and print what stands above. False after saying why not. */
bool inforows_start(struct inforows *r, char **paths, size_t count);

static inline bool inforows_are(const struct inforows *r)
{
	return r->sum != NULL;
}

/* The line of a store that was read, or of one that cannot be. */
void inforows_put(const struct inforows *r, const char *path,
		  const struct store_info *header, const struct info *info);
void inforows_failed(const struct inforows *r, const char *path, int code);

/* The line below all. */
void inforows_end(const struct inforows *r);
void inforows_free(struct inforows *r);

#endif
