#include "mail/address/addrbook.h"

#include <search.h>
#include <stdlib.h>

#include "mail/text/chars.h"

/* A person with what its spans are in. */
struct kept {
	struct person person; /* first, for compare() */
	uint8_t text[];
};

/* Of any machine, so that all keep the same people of a store that has more. */
enum {
	KEPT = 56,	/* bytes of a struct kept where pointers have 8 */
	TREE_NODE = 48, /* bytes that tsearch(3) takes, about */
};
_Static_assert(sizeof(struct kept) <= KEPT, "there is room for one");

/* A balanced tree: names chosen to collide cannot slow it down. */
static int compare(const void *a, const void *b)
{
	const struct span x = ((const struct person *)a)->dn;
	const struct span y = ((const struct person *)b)->dn;

	for (size_t i = 0; i < x.len && i < y.len; i++) {
		const int order = chars_lower(x.at[i]) - chars_lower(y.at[i]);

		if (order != 0)
			return order;
	}
	return (x.len > y.len) - (x.len < y.len);
}

static size_t size_of(const struct person *p)
{
	return KEPT + p->dn.len + p->addr.len + p->name.len;
}

/* Copy `from` to `*at`, which moves on. */
static struct span keep(uint8_t **at, struct span from)
{
	const struct span kept = span_of(*at, from.len);

	if (from.len > 0)
		memcpy(*at, from.at, from.len);
	*at += from.len;
	return kept;
}

static struct kept *kept_of(const struct person *p)
{
	struct kept *e = malloc(size_of(p));
	uint8_t *at;

	if (e == NULL)
		return NULL;
	at = e->text;
	e->person.dn = keep(&at, p->dn);
	e->person.addr = keep(&at, p->addr);
	e->person.name = keep(&at, p->name);
	e->person.rank = p->rank;
	return e;
}

/* Where whoever is called as `p` is; NULL: nowhere. */
static struct kept **place_of(const struct addrbook *b, const struct person *p)
{
	return tfind(p, &b->root, compare);
}

static enum ost_status put_new(struct addrbook *b, const struct person *p,
			       struct ost_error *err)
{
	struct kept *e = kept_of(p);

	if (e == NULL || tsearch(e, &b->root, compare) == NULL) {
		free(e);
		return ost_no_memory(err);
	}
	b->bytes += size_of(p) + TREE_NODE;
	b->count++;
	return OST_OK;
}

enum ost_status addrbook_put(struct addrbook *b, const struct person *p,
			     struct ost_error *err)
{
	struct kept **place = place_of(b, p), *e;
	const size_t more = size_of(p) + TREE_NODE;

	if (place != NULL && ((*place)->person.rank > p->rank ||
			      (span_equal((*place)->person.addr, p->addr) &&
			       (*place)->person.rank == p->rank)))
		return OST_OK;
	if (more > b->max || b->bytes > b->max - more) {
		b->full = true;
		return OST_OK;
	}
	if (place == NULL)
		return put_new(b, p, err);
	e = kept_of(p);
	if (e == NULL)
		return ost_no_memory(err);
	b->bytes = b->bytes - size_of(&(*place)->person) + size_of(p);
	free(*place);
	*place = e;
	return OST_OK;
}

const struct person *addrbook_find(const struct addrbook *b, struct span dn)
{
	const struct person wanted = { .dn = dn };
	struct kept **place = place_of(b, &wanted);

	return place != NULL ? &(*place)->person : NULL;
}

struct each {
	void (*take)(void *arg, const struct person *p);
	void *arg;
};

/* A node is visited once on the way from its left to its right, or a leaf. */
static void visit(const void *node, VISIT which, void *closure)
{
	const struct kept *const *place = node;
	const struct each *e = closure;

	if (which == postorder || which == leaf)
		e->take(e->arg, &(*place)->person);
}

void addrbook_each(const struct addrbook *b,
		   void (*take)(void *arg, const struct person *p), void *arg)
{
	struct each e = { take, arg };

	twalk_r(b->root, visit, &e);
}

void addrbook_free(struct addrbook *b)
{
	tdestroy(b->root, free);
	*b = (struct addrbook){ .max = b->max };
}
