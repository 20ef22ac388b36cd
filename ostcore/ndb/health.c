/*
 * health.c - the damaged pages and blocks that were met
 */
#include <pthread.h>
#include <stdlib.h>

#include "ndb/layout.h"

enum { DAMAGE_MAX = 1024 };

struct health {
	pthread_mutex_t lock;
	struct ndb_damage *at; /* owned */
	size_t count, cap;
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
	free(h->at);
	free(h);
}

/* Room for one more; false: there are enough, or memory ran out. */
static bool make_room(struct health *h)
{
	const size_t cap = h->cap == 0 ? 8 : 2 * h->cap;
	struct ndb_damage *more;

	if (h->count < h->cap)
		return true;
	if (cap > DAMAGE_MAX)
		return false;
	more = realloc(h->at, cap * sizeof(*more));
	if (more == NULL)
		return false;
	h->at = more;
	h->cap = cap;
	return true;
}

static bool is_known(const struct health *h, enum ndb_damaged what,
		     uint64_t off)
{
	for (size_t i = 0; i < h->count; i++)
		if (h->at[i].off == off && h->at[i].what == what)
			return true;
	return false;
}

void health_note(struct ndb *db, enum ndb_damaged what, ndb_bid bid,
		 uint64_t off, enum ost_status status,
		 const struct ost_error *why)
{
	struct health *h = db->health;

	if (status != OST_CORRUPT && status != OST_IO)
		return;
	pthread_mutex_lock(&h->lock);
	if (!is_known(h, what, off) && make_room(h)) {
		struct ndb_damage *d = &h->at[h->count++];

		*d = (struct ndb_damage){
			.what = what,
			.bid = bid,
			.off = off,
			.why = *why,
		};
	}
	pthread_mutex_unlock(&h->lock);
}

bool ndb_damage(struct ndb *db, size_t index, struct ndb_damage *out)
{
	struct health *h = db->health;
	bool there;

	pthread_mutex_lock(&h->lock);
	there = index < h->count;
	if (there)
		*out = h->at[index];
	pthread_mutex_unlock(&h->lock);
	return there;
}

void ndb_note_rows(struct ndb *db, const struct ndb_node *node,
		   const struct ost_error *why)
{
	struct ndb_place place = { .ib = 0 };
	struct ost_error err;

	(void)!ndb_place_of(db, node->data, &place, &err);
	health_note(db, NDB_ROWS_BAD, node->data, place.ib, OST_CORRUPT, why);
}
