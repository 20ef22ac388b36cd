#include "audit/order.h"

#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>

/* Where all slots are full, so many are taken in one go: who adds and takes
   need not be woken for each. */
enum { SLOTS = 256, BATCH = SLOTS / 2, THREADS_MAX = 64 };

struct order {
	struct order_options options;
	bool refused; /* take() wants no more */

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t added, worked;
	struct slot {
		void *item;
		bool done;
	} slots[SLOTS];
	/* How many were taken, begun and added: a ring in the slots. */
	uint64_t taken, begun, count;
	uint64_t awaited; /* which item who takes waits for, if it does */
	unsigned idle;	  /* threads that wait for one to work on */
	bool ended;

	pthread_t threads[THREADS_MAX];
	unsigned thread_count;
};

static struct slot *slot(struct order *o, uint64_t number)
{
	return &o->slots[number % SLOTS];
}

/* Work on the next item. The lock is held, but not while it is worked on. */
static void work_on_next(struct order *o)
{
	const uint64_t number = o->begun++;
	struct slot *s = slot(o, number);

	pthread_mutex_unlock(&o->lock);
	o->options.work(o->options.arg, s->item);
	pthread_mutex_lock(&o->lock);
	s->done = true;
	if (number == o->awaited)
		pthread_cond_signal(&o->worked);
}

static void *serve(void *arg)
{
	struct order *o = arg;

	pthread_mutex_lock(&o->lock);
	for (;;) {
		while (o->begun == o->count && !o->ended) {
			o->idle++;
			pthread_cond_wait(&o->added, &o->lock);
			o->idle--;
		}
		if (o->begun == o->count)
			break;
		work_on_next(o);
	}
	pthread_mutex_unlock(&o->lock);
	return NULL;
}

static unsigned cores(void)
{
	cpu_set_t usable;

	if (sched_getaffinity(0, sizeof(usable), &usable) != 0)
		return 1;
	return (unsigned)CPU_COUNT(&usable);
}

struct order *order_start(const struct order_options *options)
{
	struct order *o = calloc(1, sizeof(*o));
	unsigned max = options->threads > 0 ? options->threads : cores();

	if (o == NULL)
		return NULL;
	o->options = *options;
	pthread_mutex_init(&o->lock, NULL);
	pthread_cond_init(&o->added, NULL);
	pthread_cond_init(&o->worked, NULL);
	if (max > THREADS_MAX)
		max = THREADS_MAX;
	while (o->thread_count < max &&
	       pthread_create(&o->threads[o->thread_count], NULL, serve, o) ==
		       0)
		o->thread_count++;
	return o;
}

/* The lock is held. */
static void await(struct order *o, uint64_t number)
{
	o->awaited = number;
	while (!slot(o, number)->done)
		pthread_cond_wait(&o->worked, &o->lock);
}

/* Wait for the oldest item and take it. The lock is held. */
static void take_oldest(struct order *o)
{
	struct slot *s = slot(o, o->taken);
	bool more;

	await(o, o->taken);
	pthread_mutex_unlock(&o->lock);
	more = o->options.take(o->options.arg, s->item);
	pthread_mutex_lock(&o->lock);
	o->refused = o->refused || !more;
	o->taken++;
}

bool order_add(struct order *o, void *item)
{
	pthread_mutex_lock(&o->lock);
	if (o->count - o->taken == SLOTS) {
		await(o, o->taken + BATCH - 1);
		while (o->count - o->taken > SLOTS - BATCH)
			take_oldest(o);
	}
	while (o->taken < o->count && slot(o, o->taken)->done)
		take_oldest(o);
	*slot(o, o->count++) = (struct slot){ item, false };
	if (o->thread_count == 0)
		work_on_next(o);
	else if (o->idle > 0)
		pthread_cond_signal(&o->added);
	pthread_mutex_unlock(&o->lock);
	return !o->refused;
}

bool order_finish(struct order *o)
{
	bool more;

	pthread_mutex_lock(&o->lock);
	o->ended = true;
	pthread_cond_broadcast(&o->added);
	while (o->taken < o->count)
		take_oldest(o);
	more = !o->refused;
	pthread_mutex_unlock(&o->lock);
	for (unsigned i = 0; i < o->thread_count; i++)
		pthread_join(o->threads[i], NULL);
	pthread_cond_destroy(&o->worked);
	pthread_cond_destroy(&o->added);
	pthread_mutex_destroy(&o->lock);
	free(o);
	return more;
}
