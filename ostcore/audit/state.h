/*
 * state.h - private: files that were found to be the same, remembered
 */
#ifndef OST_AUDIT_STATE_H
#define OST_AUDIT_STATE_H

#include <sys/stat.h>

#include "audit/entry.h"

/* Enough of the hash of a path to stand for it. */
struct path_key {
	uint8_t at[16];
};

struct path_key path_key(const char *path);

/* Keys, to be asked for once all are there. Works from { 0 }. */
struct path_set {
	struct path_key *at; /* owned */
	size_t count, cap;
	bool bad; /* memory ran out */
};

void path_set_add(struct path_set *s, struct path_key key);
void path_set_sort(struct path_set *s);
bool path_set_has(const struct path_set *s, struct path_key key);
void path_set_free(struct path_set *s);

struct state;

/*
 * Begin with a file that is open to be read and appended to, on loan. What was
 * remembered of another store, or of one shown in another way, which `head`
 * tells, is forgotten; so is a line that is none.
 */
enum ost_status state_open(struct state **out, FILE *file, const char *head,
			   struct ost_error *err);

/* True if `path` was the same when its file was as it is now. Any thread. */
bool state_has(const struct state *s, const char *path,
	       const struct stat *file);

/* Remember it. By one thread, while others ask. */
void state_add(struct state *s, const char *path, const struct stat *file);

/* End it. OST_IO: not all of it could be written. NULL is fine. */
enum ost_status state_close(struct state *s, struct ost_error *err);

#endif
