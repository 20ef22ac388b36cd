/*
 * test_readahead.c - planning ahead changes nothing but when it is done
 */
#include <pthread.h>
#include <sched.h>

#include "tree/parts.h"
#include "treekit.h"

enum {
	FOLDERS = 3,
	MAILS = 400, /* in each: more than are planned ahead */
	FILES = FOLDERS * MAILS,
	FIRST_FOLDER = 0x8042,
	LOST = 150, /* the row of each folder that cannot be read */
};

static struct ost_error err;

static uint32_t mail_nid(size_t folder, size_t index)
{
	return (uint32_t)((folder * 1000 + index) << 5) + MESSAGE;
}

static uint64_t mail_ino(size_t i)
{
	return ino_make(INO_THING, mail_nid(i / MAILS, i % MAILS), 0);
}

static uint64_t folder_ino(size_t folder)
{
	return FIRST_FOLDER + folder * 0x20;
}

static void add_mail(struct store *s, size_t folder, size_t index)
{
	struct fake *o = add_message(s, mail_nid(folder, index),
				     (uint32_t)folder_ino(folder));
	char body[1000] = "";

	memset(body, 'a' + (int)(index % 26), index * 7 % (sizeof(body) - 1));
	fake_remove(o, MAPI_BODY);
	fake_text(o, MAPI_BODY, body);
}

static struct store *make_store(void)
{
	struct store *s = fake_store_new();

	add_folder(s, TOP, 0, "");
	add_folder(s, SUBTREE, TOP, "IPM_SUBTREE");
	for (size_t f = 0; f < FOLDERS; f++) {
		struct fake *o = add_folder(s, (uint32_t)folder_ino(f), SUBTREE,
					    "Folder");

		for (size_t i = 0; i < MAILS; i++) {
			if (i == LOST)
				fake_lost_child(o, STORE_MESSAGES);
			add_mail(s, f, i);
		}
	}
	return s;
}

static struct tree *show_readahead(unsigned threads, size_t plans)
{
	const struct tree_options options = { .readahead = threads,
					      .plans = plans };
	struct tree *t = NULL;

	CHECK(tree_new(&t, make_store(), &options, &err) == OST_OK);
	return t;
}

/* What there is to know of a file. */
struct facts {
	uint64_t size, hash;
};

static uint64_t hash_of(struct tree *t, uint64_t ino)
{
	uint64_t hash = UINT64_C(0xCBF29CE484222325);
	struct tree_file *f = NULL;
	struct ost_error why;
	char buf[512];
	size_t got = 0;

	if (tree_open(t, ino, &f, &why) != OST_OK)
		return 0;
	for (uint64_t off = 0;; off += got) {
		if (tree_read(f, off, buf, sizeof(buf), &got, &why) != OST_OK)
			hash = 1;
		for (size_t i = 0; i < got; i++)
			hash = (hash ^ (uint8_t)buf[i]) *
			       UINT64_C(0x100000001B3);
		if (got == 0)
			break;
	}
	tree_close(f);
	return hash;
}

static struct facts facts_of(struct tree *t, uint64_t ino)
{
	struct ost_error why;
	struct tree_node n = { 0 };
	struct facts facts = { 0 };

	if (tree_stat(t, ino, &n, &why) == OST_OK)
		facts.size = n.size;
	facts.hash = hash_of(t, ino);
	return facts;
}

/* How it is without planning ahead. */
static struct facts wanted[FILES];

static void find_out_what_is_wanted(void)
{
	struct tree *t = show_readahead(0, 0);

	for (size_t i = 0; i < FILES; i++) {
		wanted[i] = facts_of(t, mail_ino(i));
		CHECK(wanted[i].size > 100 && wanted[i].hash > 1);
	}
	CHECK(wanted[1].size != wanted[2].size);
	tree_free(t);
}

/* One who goes through all files, each in its own order. */
struct reader {
	struct tree *t;
	size_t step; /* has no divisor in common with FILES */
	size_t from;
	bool sizes; /* as ls -l: with the places of the listing */
	unsigned wrong;
};

static void *go_through(void *arg)
{
	struct reader *r = arg;

	for (size_t k = 0; k < FILES; k++) {
		const size_t i = (r->from + k * r->step) % FILES;
		struct facts f;

		if (r->sizes && k % 50 == 0)
			tree_readahead(r->t, folder_ino(i / MAILS),
				       i % MAILS * 2);
		f = facts_of(r->t, mail_ino(i));
		r->wrong +=
			f.size != wanted[i].size || f.hash != wanted[i].hash;
	}
	return NULL;
}

static void every_order_gives_the_same(void)
{
	static const size_t plans[] = { 1, 100000, 0 };
	static const size_t steps[] = { 1, FILES - 1, 7, 401 };

	for (size_t p = 0; p < 3; p++) {
		struct tree *t = show_readahead(2, plans[p]);

		for (size_t s = 0; s < 4; s++) {
			struct reader r = { .t = t, .step = steps[s] };

			r.sizes = s % 2 == 0;
			go_through(&r);
			CHECK(r.wrong == 0);
		}
		tree_free(t);
	}
}

static void many_at_once_get_the_same(void)
{
	enum { READERS = 6 };
	struct tree *t = show_readahead(3, 200000);
	struct reader readers[READERS];
	pthread_t threads[READERS];

	for (size_t i = 0; i < READERS; i++) {
		readers[i] = (struct reader){ .t = t,
					      .step = i < 4 ? 1 : 7,
					      .from = i / 2 * MAILS,
					      .sizes = i % 2 == 0 };
		CHECK(pthread_create(&threads[i], NULL, go_through,
				     &readers[i]) == 0);
	}
	for (size_t i = 0; i < READERS; i++) {
		pthread_join(threads[i], NULL);
		CHECK(readers[i].wrong == 0);
	}
	tree_free(t);
}

static bool is_planned(struct tree *t, size_t i)
{
	uint64_t size;

	return size_cache_get(t->sizes, mail_ino(i), &size);
}

/* A bound for a test that fails, not for one that holds. */
static bool becomes_planned(struct tree *t, size_t i)
{
	for (long tries = 0; tries < 10000000 && !is_planned(t, i); tries++)
		sched_yield();
	return is_planned(t, i);
}

static void plans_what_a_listing_comes_to(void)
{
	struct tree *t = show_readahead(1, 0);

	tree_readahead(t, folder_ino(1), 0);
	CHECK(becomes_planned(t, MAILS + 100));
	CHECK(!is_planned(t, MAILS + 300));
	CHECK(!is_planned(t, 100));
	tree_readahead(t, folder_ino(1), 2 * 250);
	CHECK(becomes_planned(t, MAILS + 300));
	tree_free(t);
}

/* The mail that is being planned is then no longer one of those followed. */
static void a_jump_while_it_plans_is_followed(void)
{
	for (unsigned i = 0; i < 100; i++) {
		struct tree *t = show_readahead(1, 0);

		tree_readahead(t, folder_ino(1), 0);
		CHECK(becomes_planned(t, MAILS + 10 + i));
		tree_readahead(t, folder_ino(1), 2 * 250);
		CHECK(becomes_planned(t, MAILS + 300));
		tree_free(t);
	}
}

static void plans_what_a_reader_comes_to(void)
{
	struct tree *t = show_readahead(1, 0);

	for (size_t i = 0; i < 10; i++)
		CHECK(facts_of(t, mail_ino(MAILS + i)).size > 1);
	CHECK(becomes_planned(t, MAILS + 50));
	CHECK(!is_planned(t, MAILS + 300));
	tree_free(t);
}

static void plans_no_more_than_fits(void)
{
	struct tree *t = show_readahead(1, 40000);

	tree_readahead(t, folder_ino(1), 0);
	CHECK(becomes_planned(t, MAILS + 5));
	tree_readahead(t, folder_ino(1), 0);
	CHECK(!is_planned(t, MAILS + 50));
	tree_free(t);
}

static void ends_in_the_middle_of_it(void)
{
	for (size_t i = 0; i < 20; i++) {
		struct tree *t = show_readahead(4, 0);

		tree_readahead(t, folder_ino(i % FOLDERS), 2 * i);
		if (i % 2 != 0)
			CHECK(becomes_planned(t, i % FOLDERS * MAILS + i + 9));
		tree_free(t);
	}
}

static void a_place_that_is_none_is_no_matter(void)
{
	struct tree *t = show_readahead(2, 0);

	tree_readahead(t, folder_ino(0), INT64_MAX);
	tree_readahead(t, folder_ino(9), 0);
	tree_readahead(t, mail_ino(0), 0);
	tree_readahead(t, TREE_ROOT, 0);
	CHECK(facts_of(t, mail_ino(0)).hash == wanted[0].hash);
	tree_free(t);
}

int main(void)
{
	RUN(find_out_what_is_wanted);
	RUN(every_order_gives_the_same);
	RUN(many_at_once_get_the_same);
	RUN(plans_what_a_listing_comes_to);
	RUN(a_jump_while_it_plans_is_followed);
	RUN(plans_what_a_reader_comes_to);
	RUN(plans_no_more_than_fits);
	RUN(ends_in_the_middle_of_it);
	RUN(a_place_that_is_none_is_no_matter);
	return checked();
}
