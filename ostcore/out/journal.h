/*
 * journal.h - private: what of an export is done, so that a run can go on
 *
 * DEST/.ostexport/journal.jsonl: a line that says of what it is an export, and
 * one that tells the run; then the lines of the manifest as their files are
 * written, in the order in which the store is gone through. So what is done is
 * always the beginning of what is to be done, and nothing need be looked up.
 */
#ifndef OST_OUT_JOURNAL_H
#define OST_OUT_JOURNAL_H

#include "audit/entry.h"

struct journal;

struct journal_run {
	int dest;
	const char *head; /* the first line: of store and options */
	const char *boot; /* of the machine; "" is not known */
	int64_t store_mtime;
};

/*
 * Open the journal of the directory `run->dest`, if it has one; nothing is
 * written yet. OUT_DESTINATION:
 * the directory holds something else, or an export of another store; with
 * `*other`, one with other options.
 */
enum ost_status journal_open(struct journal **out,
			     const struct journal_run *run, bool *other,
			     struct ost_error *err);

/* True if a run before wrote something. */
bool journal_goes_on(const struct journal *j);

/* Begin to write. */
enum ost_status journal_begin(struct journal *j, const struct journal_run *run,
			      struct ost_error *err);

/*
 * If the next that was done is of `kind` and `nid` (and of any, with 0 and
 * MANIFEST_FILE), append its lines: an item's file, and its attachments.
 */
enum ost_status journal_take(struct journal *j, enum manifest_kind kind,
			     uint32_t nid, struct buf *lines,
			     struct ost_error *err);

/*
 * Of which entry a line of it is. The line may be anybody's: false, if it does
 * not begin as those do that are written here. What follows is not looked at.
 */
struct journal_line {
	enum manifest_kind kind;
	uint32_t nid;
};
bool journal_line(struct journal_line *out, struct span line);

/* Write down lines of what is written now. */
enum ost_status journal_put(struct journal *j, const struct buf *lines,
			    uint64_t bytes, struct ost_error *err);

/*
 * All is done: write the manifest, between `head` and totals, also to `copy`
 * unless that is NULL.
 */
enum ost_status journal_finish(struct journal *j, const struct buf *head,
			       const struct manifest_totals *totals, FILE *copy,
			       struct ost_error *err);

/* What was written down is kept. NULL is fine. */
void journal_close(struct journal *j);

#endif
