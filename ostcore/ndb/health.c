/*
 * health.c - the damaged pages and blocks that were met
 */
#include <pthread.h>
#include <stdlib.h>

#include "bytes/seen.h"
#include "bytes/sorted.h"
#include "ndb/layout.h"

struct health {
	pthread_mutex_t lock;
	struct ndb_damage *items; /* owned; the first that were met */
	size_t count;
	bool sorted;
	uint64_t all;	      /* that were met */
	struct seen_set seen; /* of them */
};

enum ost_status health_new(struct health **out, struct ost_error *err)
{
	struct health *h = calloc(1, sizeof(*h));

	*out = h;
	if (h == NULL)
		return ost_no_memory(err);
	pthread_mutex_init(&h->lock, NULL);
	return OST_OK;
}

void health_free(struct health *h)
{
	if (h == NULL)
		return;
	pthread_mutex_destroy(&h->lock);
	free(h->items);
	seen_free(&h->seen);
	free(h);
}

/* All are counted, each once; so many are told of. */
static void take(struct health *h, const struct ndb_damage *d)
{
	if (!seen_add(&h->seen, d->off << 3 | d->what) && !h->seen.bad)
		return;
	h->all++;
	if (h->count == NDB_DAMAGE_MAX ||
	    !array_more(&h->items, h->count, sizeof(*h->items)))
		return;
	h->items[h->count++] = *d;
	h->sorted = false;
}

void health_note(struct ndb *db, enum ndb_damaged what, ndb_bid bid,
		 uint64_t off, enum ost_status status,
		 const struct ost_error *why)
{
	struct health *h = db->health;

	if (status != OST_CORRUPT && status != OST_IO)
		return;
	pthread_mutex_lock(&h->lock);
	take(h, &(struct ndb_damage){
			.what = what, .bid = bid, .off = off, .why = *why });
	pthread_mutex_unlock(&h->lock);
}

static int by_place(const void *a, const void *b)
{
	const struct ndb_damage *x = a, *y = b;

	if (x->off != y->off)
		return x->off < y->off ? -1 : 1;
	return (x->what > y->what) - (x->what < y->what);
}

bool ndb_damage(struct ndb *db, size_t index, struct ndb_damage *out)
{
	struct health *h = db->health;
	bool there;

	pthread_mutex_lock(&h->lock);
	there = index < h->count;
	if (there && !h->sorted)
		qsort(h->items, h->count, sizeof(*h->items), by_place);
	h->sorted = h->sorted || there;
	if (there)
		*out = h->items[index];
	pthread_mutex_unlock(&h->lock);
	return there;
}

uint64_t ndb_damage_count(struct ndb *db)
{
	struct health *h = db->health;
	uint64_t all;

	pthread_mutex_lock(&h->lock);
	all = h->all;
	pthread_mutex_unlock(&h->lock);
	return all;
}

void ndb_note_table(struct ndb *db, enum ndb_damaged what,
		    const struct ndb_node *node, const struct ost_error *why)
{
	struct ndb_place place = { .ib = 0 };
	struct ost_error err;

	(void)!ndb_place_of(db, node->data, &place, &err);
	health_note(db, what, node->data, place.ib, OST_CORRUPT, why);
}
