/*
 * order.h - private: work for many threads, whose results come in order
 */
#ifndef OST_AUDIT_ORDER_H
#define OST_AUDIT_ORDER_H

#include <stdbool.h>

struct order;

struct order_options {
	unsigned threads; /* 0: one a core */
	/* Do what is to be done for `item`. Called by any thread. */
	void (*work)(void *arg, void *item);
	/*
	 * Take and free an item that was worked on: in the order they were
	 * added, and by the thread that adds. False: no more of them.
	 */
	bool (*take)(void *arg, void *item);
	void *arg;
};

/*
 * Begin. NULL: no memory. Where the system gives no threads, order_add() does
 * the work itself.
 */
struct order *order_start(const struct order_options *options);

/*
 * Have `item` worked on, once there is room for it. False: no more are wanted;
 * the item is taken all the same, as all that were added are.
 */
bool order_add(struct order *o, void *item);

/* Wait until all is worked on and taken. False: no more were wanted. */
bool order_finish(struct order *o);

#endif
