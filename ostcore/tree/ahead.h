/*
 * ahead.h - private: mails are planned before they are asked for
 *
 * Whoever goes through a folder (ls -l, cp, tar, grep) asks for one mail at a
 * time and waits for its plan. When that is seen, threads of ours plan those
 * that follow, a bounded number of them, so that they are in the cache when
 * their turn comes. One folder is followed at a time. Threads are made when
 * they are first needed, and sleep when they are not.
 */
#ifndef OST_TREE_AHEAD_H
#define OST_TREE_AHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ahead;
struct tree;

/*
 * To plan mails of `t` with `threads` threads, as long as those that nobody
 * has asked for yet cost less than `budget`. NULL: no memory.
 */
struct ahead *ahead_new(struct tree *t, unsigned threads, size_t budget);
/* Ends the threads: before anything that they use is freed. NULL is fine. */
void ahead_free(struct ahead *a);

/*
 * What is seen. All of these return at once, and are fine with `a` NULL.
 */

/* Sizes in `folder` are asked for, from row `index` on. */
void ahead_sizes(struct ahead *a, uint32_t folder, uint64_t index);
/* Mail `nid` was asked for. */
void ahead_asked(struct ahead *a, uint32_t nid);
/* Mail `nid` of `folder` has to be planned now. */
void ahead_missed(struct ahead *a, uint32_t folder, uint32_t nid);

#endif
