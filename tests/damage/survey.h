/*
 * survey.h - private to damage/: what is in a store, and where it comes from
 *
 * An entry is a file or a directory of the tree. Its `need` is every range of
 * the store that is read when it is looked up by its path and read to its end
 * with nothing cached: damage elsewhere must not change a byte of it.
 */
#ifndef OST_DAMAGE_SURVEY_H
#define OST_DAMAGE_SURVEY_H

#include "bytes/buf.h"
#include "tree/tree.h"

/* Bytes `off` to `end` - 1 of the store. */
struct range {
	uint64_t off, end;
};

/* What came of looking at an entry. */
struct look {
	enum ost_status status;
	struct tree_node node;
	struct buf bytes; /* of a file; of a directory, its listing */
	struct buf notes; /* what a file says was degraded in it */
	struct ost_error why;
};

struct survey_entry {
	char *path; /* owned; "" is the root */
	bool is_dir;
	struct look look; /* in the undamaged store */
	struct range *need;
	size_t need_count;
};

struct survey {
	struct survey_entry *at;
	size_t count;
	struct range *read; /* by any of them: each once, sorted */
	size_t read_count;
};

/*
 * All of the store at `path`, which is undamaged; false, with a word on
 * stderr, when it is not. `*out` is owned.
 */
bool survey_make(struct survey *out, const char *path);
void survey_free(struct survey *s);

/* A tree of the store at `path`. */
enum ost_status survey_open(struct tree **out, const char *path, bool heal,
			    struct ost_error *err);

/* Look `e` up, and read it. `out` is to be given back with look_free(). */
void look_at(struct tree *t, const struct survey_entry *e, struct look *out);
void look_free(struct look *l);

bool look_same_bytes(const struct buf *a, const struct buf *b);

/* Is it what it was, to the last byte and time? */
bool look_is_same(const struct look *was, const struct look *is);

/* Does any of the bytes that `e` needs lie in one of `hurt`? */
bool entry_needs(const struct survey_entry *e, const struct range *hurt,
		 size_t count);

#endif
