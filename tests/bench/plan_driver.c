/*
 * plan_driver.c - plans and reads every message of a store, without a mount
 *
 *	plan_driver [-n MOST] [-c CACHE] [-t THREADS] [-p] [-e] STORE
 *
 * What the layers below the tree cost, in CPU time a message; under
 * `valgrind --tool=callgrind`, in instructions, which no busy machine blurs.
 * The sum it prints is of every byte of every message, whatever the order:
 * two runs with the same sum gave the same mail. The threads share the
 * messages out; with -e each reads every message, and all must read the
 * same. -p plans only.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "mail/mail.h"

enum { BATCH = 64, THREADS_MAX = 256, CHUNK = 128 << 10 };

struct work {
	struct store *store;
	uint32_t *nids; /* owned */
	size_t count;
	size_t next; /* atomic */
	bool plan_only;
	struct mail **shared; /* owned, atomic each; with -e: the plans */
};

/* What one thread found and what it took. */
struct share {
	struct work *work;
	uint64_t bytes, sum, failed;
	double plan, read; /* seconds of CPU */
};

static double cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* FNV-1a, 64 bits. */
static uint64_t hash(uint64_t h, const char *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)at[i]) * UINT64_C(0x100000001b3);
	return h;
}

static struct mail *plan(struct share *s, uint32_t nid)
{
	struct store_object *item = NULL;
	struct mail *mail = NULL;
	struct ost_error err;
	enum ost_status st = store_get(
		s->work->store, (struct store_id){ nid, 0 }, &item, &err);

	if (st == OST_OK)
		st = mail_plan(&mail, item, NULL, &err);
	s->failed += st != OST_OK;
	return st == OST_OK ? mail : NULL;
}

/* Read all of `mail`, in pieces as the kernel asks for them. */
static void read_all(struct share *s, const struct mail *mail, uint32_t nid,
		     char *buf)
{
	struct ost_error err;
	uint64_t h = nid;
	size_t got = 1;

	for (uint64_t off = 0; got > 0; off += got) {
		const double from = cpu();

		if (mail_read(mail, off, buf, CHUNK, &got, &err) != OST_OK) {
			s->failed++;
			got = 0;
		}
		s->read += cpu() - from;
		h = hash(h, buf, got);
		s->bytes += got;
	}
	s->sum += h;
}

/* Message `index`, planned by the first thread that comes to it. */
static const struct mail *shared(struct share *s, size_t index)
{
	struct mail **slot = &s->work->shared[index];
	struct mail *mail = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
	struct mail *none = NULL;

	if (mail != NULL)
		return mail;
	mail = plan(s, s->work->nids[index]);
	if (__atomic_compare_exchange_n(slot, &none, mail, false,
					__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return mail;
	mail_free(mail);
	return none;
}

static void *run_every(void *arg)
{
	struct share *s = arg;
	char *buf = malloc(CHUNK);

	for (size_t i = 0; buf != NULL && i < s->work->count; i++) {
		const struct mail *mail = shared(s, i);

		if (mail != NULL)
			read_all(s, mail, s->work->nids[i], buf);
	}
	free(buf);
	return NULL;
}

static void *run(void *arg)
{
	struct share *s = arg;
	struct work *w = s->work;
	struct mail *mails[BATCH];
	char *buf = malloc(CHUNK);

	for (;;) {
		const size_t from =
			__atomic_fetch_add(&w->next, BATCH, __ATOMIC_RELAXED);
		const size_t left = from < w->count ? w->count - from : 0;
		const size_t count = left < BATCH ? left : BATCH;
		double at = cpu();

		if (buf == NULL || count == 0)
			break;
		for (size_t i = 0; i < count; i++)
			mails[i] = plan(s, w->nids[from + i]);
		s->plan += cpu() - at;
		for (size_t i = 0; !w->plan_only && i < count; i++)
			if (mails[i] != NULL)
				read_all(s, mails[i], w->nids[from + i], buf);
		at = cpu();
		for (size_t i = 0; i < count; i++)
			mail_free(mails[i]);
		s->plan += cpu() - at;
	}
	free(buf);
	return NULL;
}

/* The NIDs of all messages, at most `most`. */
static void list(struct work *w, size_t max)
{
	struct store_object *root = NULL, *node = NULL;
	struct ost_error err;
	size_t cap = 0;

	if (store_get(w->store, (struct store_id){ MAPI_NID_STORE, 0 }, &root,
		      &err) != OST_OK)
		return;
	for (size_t at = 0;
	     w->count < max &&
	     store_child(root, STORE_NODES, at, &node, &err) == OST_OK;) {
		const uint32_t nid = node->id.nid;

		store_drop(node);
		at = (size_t)nid + 1;
		if ((nid & MAPI_NID_TYPE) != MAPI_NID_MESSAGE)
			continue;
		if (w->count == cap) {
			uint32_t *more;

			cap = cap > 0 ? cap * 2 : 1024;
			more = realloc(w->nids, cap * sizeof(*more));
			if (more == NULL)
				break;
			w->nids = more;
		}
		w->nids[w->count++] = nid;
	}
	store_drop(root);
}

static void report(const struct work *w, const struct share *all)
{
	const double each = w->count > 0 ? 1e6 / (double)w->count : 0;

	printf("%zu messages, %" PRIu64 " bytes, %" PRIu64
	       " failed, sum %016" PRIx64 "\n",
	       w->count, all->bytes, all->failed, all->sum);
	fprintf(stderr, "%.1f us to plan one, %.1f us to read it\n",
		all->plan * each, all->read * each);
}

static void add(struct share *all, const struct share *one)
{
	all->bytes += one->bytes;
	all->failed += one->failed;
	all->sum += one->sum;
	all->plan += one->plan;
	all->read += one->read;
}

/* With -e, what each thread found must be what the first did. */
static bool alike(const struct share *a, const struct share *b)
{
	return a->bytes == b->bytes && a->sum == b->sum;
}

static int drive(struct work *w, size_t threads)
{
	struct share shares[THREADS_MAX] = { { 0 } }, all = { 0 };
	pthread_t ids[THREADS_MAX];
	const bool every = w->shared != NULL;
	int exit_code = w->count == 0;

	for (size_t i = 0; i < threads; i++) {
		shares[i].work = w;
		if (pthread_create(&ids[i], NULL, every ? run_every : run,
				   &shares[i]) != 0)
			return 1;
	}
	for (size_t i = 0; i < threads; i++) {
		pthread_join(ids[i], NULL);
		if (every && !alike(&shares[i], &shares[0]))
			exit_code = 1;
		if (!every || i == 0)
			add(&all, &shares[i]);
	}
	report(w, &all);
	return exit_code;
}

/* Open the store at `path` and find what is in it. */
static int open_work(struct work *w, const char *path, size_t cache, size_t max,
		     bool every)
{
	const struct store_options options = { .cache = cache };
	struct ost_error err;

	if (store_open(&w->store, path, &store_native, &options, &err) !=
	    OST_OK) {
		fprintf(stderr, "%s: %s\n", path, err.text);
		return 1;
	}
	list(w, max);
	if (every)
		w->shared = calloc(w->count + 1, sizeof(struct mail *));
	return 0;
}

static void close_work(struct work *w)
{
	for (size_t i = 0; w->shared != NULL && i < w->count; i++)
		mail_free(w->shared[i]);
	free(w->shared);
	free(w->nids);
	store_close(w->store);
}

static size_t number(const char *s)
{
	return (size_t)strtoull(s, NULL, 10);
}

int main(int argc, char **argv)
{
	struct work w = { 0 };
	size_t max = SIZE_MAX, cache = 0, threads = 1;
	bool every = false;
	int opt, exit_code;

	while ((opt = getopt(argc, argv, "n:c:t:pe")) != -1) {
		if (opt == 'n')
			max = number(optarg);
		else if (opt == 'c')
			cache = number(optarg);
		else if (opt == 't')
			threads = number(optarg);
		else if (opt == 'p')
			w.plan_only = true;
		else if (opt == 'e')
			every = true;
		else
			return 1;
	}
	if (optind + 1 != argc || threads < 1 || threads > THREADS_MAX) {
		fprintf(stderr, "usage: plan_driver [-n MOST] [-c CACHE] "
				"[-t THREADS] [-p] [-e] STORE\n");
		return 1;
	}
	if (open_work(&w, argv[optind], cache, max, every) != 0)
		return 1;
	exit_code = drive(&w, threads);
	close_work(&w);
	return exit_code;
}
