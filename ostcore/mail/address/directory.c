#include "mail/address/directory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "mail/address/addrmap.h"
#include "mail/rtf/vote.h"

enum { LEARNED_MAX = 16 << 20 }; /* bytes: 70,000 people and more */

struct directory {
	struct store_guest guest; /* first: the store owns it */
	const struct mail_addrmap *given;
	/*
	 * Held while the store is read, by a thread for all that wait for it:
	 * what it reads through never asks for an address.
	 */
	pthread_mutex_t lock;
	struct addrbook learned;
	bool whole;	      /* of all items */
	atomic_bool complete; /* `learned` changes no more */
	atomic_bool stop;     /* it is being closed */
	pthread_t thread;     /* that learns before anybody asks */
	bool has_thread;
};

static void directory_close(struct store_guest *guest)
{
	struct directory *d = (struct directory *)guest;

	d->stop = true;
	if (d->has_thread)
		pthread_join(d->thread, NULL);
	addrbook_free(&d->learned);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

enum ost_status mail_directory_open(struct store *store,
				    const struct mail_addrmap *given,
				    struct ost_error *err)
{
	struct directory *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return ost_no_memory(err);
	d->guest.close = directory_close;
	d->given = given;
	d->learned.max = LEARNED_MAX;
	pthread_mutex_init(&d->lock, NULL);
	store_set_guest(store, &d->guest);
	store_set_vote(store, charset_vote);
	return OST_OK;
}

/* Once, and not before it is asked for: it takes a read of all the store. */
static enum ost_status harvest(struct directory *d, struct store *s,
			       struct ost_error *err)
{
	enum ost_status st = OST_OK;
	struct store own;

	if (atomic_load_explicit(&d->complete, memory_order_acquire))
		return OST_OK;
	pthread_mutex_lock(&d->lock);
	if (!d->complete) {
		/* A bad sector must not cost all who ask for an address. */
		store_again(&own, s);
		store_settle(&own);
		st = harvest_store(&d->learned, &d->whole, &own, &d->stop, err);
		if (store_failed(&own))
			d->whole = false;
		if (st == OST_OK)
			atomic_store_explicit(&d->complete, true,
					      memory_order_release);
		else
			addrbook_free(&d->learned);
	}
	pthread_mutex_unlock(&d->lock);
	return st;
}

static void *harvest_early(void *arg)
{
	struct store *s = arg;
	struct ost_error err;

	/* Whoever asks tries again, and is told. */
	(void)harvest((struct directory *)store_guest(s), s, &err);
	return NULL;
}

void mail_directory_start(struct store *store)
{
	struct directory *d = (struct directory *)store_guest(store);

	if (!d->has_thread)
		d->has_thread = pthread_create(&d->thread, NULL, harvest_early,
					       store) == 0;
}

enum ost_status mail_directory_wait(struct store *store, struct ost_error *err)
{
	return harvest((struct directory *)store_guest(store), store, err);
}

/* A cell of CSV (RFC 4180), always in quotes. */
static void put_cell(struct buf *out, struct span text, const char *after)
{
	buf_byte(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '"')
			buf_byte(out, '"');
		buf_byte(out, (char)text.at[i]);
	}
	buf_byte(out, '"');
	buf_str(out, after);
}

static void put_person(void *arg, const struct person *p)
{
	struct buf *out = arg;

	put_cell(out, p->dn, ",");
	put_cell(out, p->addr, "\r\n");
}

const char mail_directory_headings[] = "legacyExchangeDN,mail\r\n";

enum ost_status mail_directory_csv(struct store *store, struct buf *out,
				   bool *whole, struct ost_error *err)
{
	struct directory *d = (struct directory *)store_guest(store);
	const enum ost_status st = harvest(d, store, err);

	if (st != OST_OK)
		return st;
	addrbook_each(&d->learned, put_person, out);
	*whole = d->whole;
	return buf_status(out, err);
}

enum ost_status directory_find(struct store *s, struct span dn,
			       struct directory_answer *out,
			       struct ost_error *err)
{
	struct directory *d = (struct directory *)store_guest(s);
	const struct person *p = NULL;
	enum ost_status st;

	*out = (struct directory_answer){ 0 };
	if (d == NULL)
		return OST_OK;
	if (d->given != NULL)
		p = addrmap_find(d->given, dn);
	if (p == NULL) {
		st = harvest(d, s, err);
		if (st != OST_OK)
			return st;
		p = addrbook_find(&d->learned, dn);
		out->partial = !d->whole;
	}
	if (p != NULL) {
		out->addr = p->addr;
		out->name = p->name;
	}
	return OST_OK;
}
