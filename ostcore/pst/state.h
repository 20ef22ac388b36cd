/*
 * state.h - private to out.c and finish.c: a PST that is being written
 */
#ifndef OST_PST_STATE_H
#define OST_PST_STATE_H

#include "pst/out.h"
#include "pst/spool.h"
#include "pst/trees.h"

enum { PST_NODE_WIDTH = 32, PST_BLOCK_WIDTH = 24 };

/* Runs of nodes: each but the others is ascending. */
enum pst_run { PST_RUN_MESSAGES, PST_RUN_ASSOCIATED, PST_RUN_OTHERS, PST_RUNS };

struct pst_out {
	struct pst_file file;
	struct ost_error why; /* the first failure of the destination */
	bool failed;
	bool finished;
	struct pst_regions regions;
	struct pst_spool blocks; /* entries of the block B-tree, ascending */
	struct pst_spool nodes[PST_RUN_OTHERS]; /* the same of nodes */
	struct buf others;			/* owned: the other nodes' */
	struct buf shared;	       /* owned: uint64_t, a BID each time */
	uint32_t last[PST_RUN_OTHERS]; /* NID of the run */
	uint32_t given[PST_NID_TYPES], highest[PST_NID_TYPES]; /* indexes */
	uint32_t unique;				       /* in use */
	struct pst_empty empty[PST_EMPTY_KINDS];
	uint64_t next_block;
	uint64_t next_page;
};

/* Keep the first failure of the destination, after which there is no going
   on. Returns `st`. */
enum ost_status pst_settle(struct pst_out *o, enum ost_status st,
			   struct ost_error *err);

/* That failure again. */
enum ost_status pst_go_on(const struct pst_out *o, struct ost_error *err);

#endif
