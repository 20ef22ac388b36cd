/*
 * readahead.h - private: mails are planned before they are asked for
 *
 * Whoever goes through a folder (ls -l, cp, tar, grep) asks for one mail at a
 * time and waits for its plan. When that is seen, threads of ours plan those
 * that follow, a bounded number of them, so that they are in the cache when
 * their turn comes. One folder is followed at a time. Threads are made when
 * they are first needed, and sleep when they are not.
 */
#ifndef OST_TREE_READAHEAD_H
#define OST_TREE_READAHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct readahead;
struct tree;

/*
 * To plan mails of `t` with `threads` threads, as long as those that nobody
 * has asked for yet cost less than `budget`. NULL: no memory.
 */
struct readahead *readahead_new(struct tree *t, unsigned threads,
				size_t budget);
/* Ends the threads: before anything that they use is freed. NULL is fine. */
void readahead_free(struct readahead *a);

/*
 * What is seen. All of these return at once, and are fine with `a` NULL.
 */

/* Sizes in `folder` are asked for, from row `index` on. */
void readahead_sizes(struct readahead *a, uint32_t folder, uint64_t index);
/* Mail `nid` was asked for. */
void readahead_asked(struct readahead *a, uint32_t nid);
/* Mail `nid` of `folder` has to be planned now. */
void readahead_missed(struct readahead *a, uint32_t folder, uint32_t nid);

#endif
