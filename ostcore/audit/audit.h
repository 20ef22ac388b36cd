/*
 * audit.h - whether all that is in a store is shown, and what of it is not
 *
 * The ledger holds three counts of each folder against each other (what the
 * folder says, what its contents table lists, what the node B-tree knows of)
 * and against what the tree shows; read in depth, also every byte of every
 * file. All that differs, and all that could not be read, stands in it.
 */
#ifndef OST_AUDIT_H
#define OST_AUDIT_H

#include "tree/tree.h"

struct ledger; /* never changes once made */

struct ledger_options {
	bool deep;	  /* read every byte of every file and item */
	unsigned threads; /* that do; 0: one a core */

	/*
	 * Told how many items of how many were read, by the thread that
	 * makes the ledger; NULL: nobody is.
	 */
	void (*progress)(void *arg, uint64_t done, uint64_t all);
	void *arg;
};

/*
 * The ledger of what `t` shows. Damage is in the ledger; an error is that we
 * ran out of memory. Takes some 100 bytes of memory a folder, besides what
 * tree_inventory() takes, and at most some 20 MiB for what it lists.
 */
enum ost_status ledger_make(struct ledger **out, struct tree *t,
			    const struct ledger_options *options,
			    struct ost_error *err);
void ledger_free(struct ledger *l); /* NULL is fine */

/* How many things were lost, of what was looked at. */
uint64_t ledger_losses(const struct ledger *l);

/*
 * Has what `t` shows losses that no reading of its files finds: lists that are
 * damaged, items that are listed and not there? By a ledger that is not deep.
 */
enum ost_status ledger_has_losses(struct tree *t, bool *lost,
				  struct ost_error *err);

/* Append what it comes to, in a line that says no more than was looked at. */
void ledger_verdict(const struct ledger *l, struct buf *out);

/* Append it as JSON, which ostfs-json(5) describes. */
void ledger_json(const struct ledger *l, struct buf *out);

/* Append it as lines for a person. */
void ledger_text(const struct ledger *l, struct buf *out);

/* The files of the control directory that this layer makes. */
extern const struct tree_control audit_controls[];
extern const size_t audit_control_count;

#endif
