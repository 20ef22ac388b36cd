/*
 * verify_copy.h - private: looking into a copy, which may be anybody's
 */
#ifndef OST_AUDIT_VERIFY_COPY_H
#define OST_AUDIT_VERIFY_COPY_H

#include "audit/state.h"
#include "audit/verify.h"

/* What was found of one path. */
struct copy_check {
	enum verify_verdict verdict;
	struct stat file; /* of a file that is the same */
	bool other_time;
	char why[200];
};

/* What `path` in `dir` is, without following symbolic links. 0, or an errno. */
int copy_stat(int dir, const char *path, struct stat *out);

/*
 * Hold what is in `dir` against the entry. Returns OST_STOPPED or
 * OST_NO_MEMORY; whatever else there is to say is in `*out`.
 */
enum ost_status copy_check(struct copy_check *out, int dir,
			   const struct manifest_entry *e,
			   const struct audit_watch *watch,
			   struct ost_error *err);

/* Told of all that is in the copy; `error`, 0 or an errno, of what cannot be
   looked into. False: no more. */
typedef bool copy_visit(void *arg, const char *path, int error);

/* Go through all of `dir`. */
enum ost_status copy_walk(int dir, copy_visit *visit, void *arg,
			  struct ost_error *err);

#endif
