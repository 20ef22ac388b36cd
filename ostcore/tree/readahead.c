#include "tree/readahead.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "tree/parts.h"

enum {
	WINDOW = 128,	    /* mails planned before they are asked for */
	CLOSE = 4,	    /* so few before, whoever asks is there first */
	SEEN = 512,	    /* rows remembered: a power of two */
	SWEEP = 3,	    /* mails of a folder in a row are a sweep of it */
	SEEK_MAX = 1 << 16, /* rows looked through for one mail */
	FAILURES_MAX = 16,  /* doublings of SWEEP */
	THREADS_MAX = 8,
};

/* A row that was read, and what the plan costs that waits for its mail. */
struct seen {
	uint64_t index;
	uint32_t nid; /* 0: none */
	size_t cost;
};

struct readahead {
	struct tree *t;
	size_t budget;
	unsigned threads, started, idle;
	pthread_t thread[THREADS_MAX];
	pthread_mutex_t
		lock; /* of all below; not held while anything is read */
	pthread_cond_t work;
	bool stop;

	/* The folder that is followed. */
	atomic_uint folder; /* 0: none; also read without the lock */
	bool sizes;	    /* nothing but sizes is asked for */
	bool ended;	    /* there are no rows from `next` on */
	uint64_t asked;	    /* all rows before it were asked for */
	uint64_t next;	    /* the row to be read next */
	uint32_t seek;	    /* the mail whose row is looked for; 0: none */
	uint64_t sought;    /* rows it was not in */
	size_t waiting;	    /* cost of plans from `asked` on */
	unsigned credit;    /* plans to be made before one has been of use */
	struct seen seen[SEEN];

	/* The folder that may be followed next. */
	uint32_t candidate;
	unsigned misses, failures;
};

struct readahead *readahead_new(struct tree *t, unsigned threads, size_t budget)
{
	struct readahead *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->work, NULL);
	a->t = t;
	a->threads = threads < THREADS_MAX ? threads : THREADS_MAX;
	a->budget = budget;
	return a;
}

void readahead_free(struct readahead *a)
{
	if (a == NULL)
		return;
	pthread_mutex_lock(&a->lock);
	a->stop = true;
	pthread_cond_broadcast(&a->work);
	pthread_mutex_unlock(&a->lock);
	for (unsigned i = 0; i < a->started; i++)
		pthread_join(a->thread[i], NULL);
	pthread_cond_destroy(&a->work);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

static struct seen *seen_at(struct readahead *a, uint64_t index)
{
	return &a->seen[index & (SEEN - 1)];
}

/* The row of `nid`; it is most likely the one after that asked for last. */
static struct seen *find(struct readahead *a, uint32_t nid)
{
	if (nid == 0)
		return NULL;
	for (uint64_t i = 0; i < SEEN; i++)
		if (seen_at(a, a->asked + i)->nid == nid)
			return seen_at(a, a->asked + i);
	return NULL;
}

static bool has_work(const struct readahead *a)
{
	if (a->folder == 0 || a->ended)
		return false;
	return a->seek != 0 ||
	       (a->next < a->asked + WINDOW && a->waiting < a->budget);
}

/* Follow no folder; `failed` when it was not worth it. */
static void end_sweep(struct readahead *a, bool failed)
{
	a->folder = 0;
	a->candidate = 0;
	if (failed && a->failures < FAILURES_MAX)
		a->failures++;
}

/* The rows before `index` need nothing more. */
static void advance(struct readahead *a, uint64_t index)
{
	for (; a->asked < index; a->asked++) {
		struct seen *s = seen_at(a, a->asked);

		if (s->index != a->asked)
			continue;
		a->waiting -= s->cost;
		s->cost = 0;
	}
}

/*
 * One row
 */

struct row {
	uint32_t folder, nid;
	uint64_t index;
	bool sizes;
};

/* Is the mail of a row that was just read to be planned? */
static bool take_row(struct readahead *a, const struct row *row,
		     enum ost_status st)
{
	if (a->folder != row->folder)
		return false;
	if (st == OST_NOT_FOUND) {
		a->ended = true;
		if (a->seek != 0)
			end_sweep(a, true);
		return false;
	}
	a->waiting -= seen_at(a, row->index)->cost;
	*seen_at(a, row->index) = (struct seen){ row->index, row->nid, 0 };
	if (a->seek == 0 || a->seek == row->nid)
		a->sought = 0;
	else if (++a->sought > SEEK_MAX)
		end_sweep(a, true);
	if (a->seek == row->nid) {
		advance(a, row->index + 1);
		a->seek = 0;
	}
	if (a->seek != 0 || row->nid == 0 || row->index < a->asked + CLOSE)
		return false;
	if (a->credit == 0) {
		end_sweep(a, true);
		return false;
	}
	a->credit--;
	return true;
}

static void plan(struct readahead *a, const struct row *row)
{
	const uint64_t ino = ino_make(INO_THING, row->nid, 0);
	struct seen *s;
	uint64_t known;
	size_t cost = 1;

	if (!row->sizes || !size_cache_get(a->t->sizes, ino, &known))
		cost = file_plan(a->t, ino);
	pthread_mutex_lock(&a->lock);
	s = seen_at(a, row->index);
	if (a->folder == row->folder && s->index == row->index &&
	    s->nid == row->nid && row->index >= a->asked) {
		s->cost = cost;
		a->waiting += cost;
	}
	pthread_mutex_unlock(&a->lock);
}

/* Read the row, of folder `*o` or of another that is opened for it. */
static enum ost_status read_row(struct readahead *a, struct store_object **o,
				struct row *row)
{
	struct store_object *at = NULL;
	struct ost_error err;
	enum ost_status st = OST_OK;

	if (*o != NULL && (*o)->id.nid != row->folder) {
		store_drop(*o);
		*o = NULL;
	}
	if (*o == NULL)
		st = store_get(a->t->store, (struct store_id){ row->folder, 0 },
			       o, &err);
	if (st != OST_OK)
		return OST_NOT_FOUND;
	st = store_child(*o, STORE_MESSAGES, (size_t)row->index, &at, &err);
	if (st == OST_OK && nid_is_message(at->id.nid))
		row->nid = at->id.nid;
	store_drop(at);
	return st;
}

static void *work(void *arg)
{
	struct store_object *folder = NULL;
	struct readahead *a = arg;

	pthread_mutex_lock(&a->lock);
	for (;;) {
		while (!a->stop && !has_work(a)) {
			a->idle++;
			pthread_cond_wait(&a->work, &a->lock);
			a->idle--;
		}
		if (a->stop)
			break;

		struct row row = { .folder = a->folder,
				   .index = a->next++,
				   .sizes = a->sizes };
		pthread_mutex_unlock(&a->lock);
		const enum ost_status st = read_row(a, &folder, &row);
		pthread_mutex_lock(&a->lock);
		if (take_row(a, &row, st)) {
			pthread_mutex_unlock(&a->lock);
			plan(a, &row);
			pthread_mutex_lock(&a->lock);
		}
	}
	pthread_mutex_unlock(&a->lock);
	store_drop(folder);
	return NULL;
}

/*
 * What is seen
 */

/* Signals are for the threads that wait for them; SIGSYS is a sandbox's. */
static void start_threads(struct readahead *a)
{
	sigset_t all, before;

	sigfillset(&all);
	sigdelset(&all, SIGSYS);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (a->started < a->threads &&
	       pthread_create(&a->thread[a->started], NULL, work, a) == 0)
		a->started++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Not for each mail: threads are woken when half of the window is used up. */
static void wake(struct readahead *a)
{
	if (a->started < a->threads)
		start_threads(a);
	if (a->idle > 0 && has_work(a) &&
	    (a->seek != 0 || a->next < a->asked + WINDOW / 2))
		pthread_cond_broadcast(&a->work);
}

static void begin_sweep(struct readahead *a, uint32_t folder, uint64_t index,
			uint32_t seek)
{
	a->folder = folder;
	a->sizes = seek == 0;
	a->ended = false;
	a->asked = a->next = index;
	a->seek = seek;
	a->sought = 0;
	a->waiting = 0;
	a->credit = 2 * WINDOW;
	a->candidate = 0;
	a->misses = 0;
	for (size_t i = 0; i < SEEN; i++)
		a->seen[i] = (struct seen){ .index = UINT64_MAX };
}

void readahead_sizes(struct readahead *a, uint32_t folder, uint64_t index)
{
	if (a == NULL || a->threads == 0)
		return;
	pthread_mutex_lock(&a->lock);
	/* The kernel asks again for what its reader had no room for. */
	if (a->folder != folder || !a->sizes || index + SEEN < a->asked ||
	    index > a->next)
		begin_sweep(a, folder, index, 0);
	advance(a, index);
	wake(a);
	pthread_mutex_unlock(&a->lock);
}

void readahead_asked(struct readahead *a, uint32_t nid)
{
	struct seen *s;

	if (a == NULL || atomic_load(&a->folder) == 0)
		return;
	pthread_mutex_lock(&a->lock);
	s = find(a, nid);
	if (s != NULL && s->index >= a->asked) {
		if (s->cost > 0) {
			a->credit = 2 * WINDOW;
			a->failures = 0;
		}
		advance(a, s->index + 1);
		wake(a);
	}
	pthread_mutex_unlock(&a->lock);
}

/*
 * A mail of the folder that is followed lies further on: faster is who asks,
 * or the mails are asked for in another order.
 */
void readahead_missed(struct readahead *a, uint32_t folder, uint32_t nid)
{
	if (a == NULL || a->threads == 0 || folder == 0)
		return;
	pthread_mutex_lock(&a->lock);
	if (a->folder != 0 && find(a, nid) != NULL) {
		/* It is one of ours, or left to others. */
	} else if (a->folder == folder && !a->ended) {
		a->seek = nid;
		wake(a);
	} else if (a->candidate != folder) {
		a->candidate = folder;
		a->misses = 1;
	} else if (++a->misses >= (unsigned)SWEEP << a->failures) {
		begin_sweep(a, folder, 0, nid);
		wake(a);
	}
	pthread_mutex_unlock(&a->lock);
}
