/*
 * test_heal_real.c - the stores in the folder $OST_REAL_STORES, damaged
 */
#include "healkit.h"

/* --- real stores ------------------------------------------------------ */

static struct buf read_store(const char *name)
{
	const char *folder = getenv("OST_REAL_STORES");
	char path[4096];
	struct buf out = { 0 };
	size_t got = 1;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder != NULL ? folder : ".",
		 name);
	f = fopen(path, "rb");
	CHECK(f != NULL);
	while (f != NULL && got > 0) {
		void *at = buf_more(&out, 1 << 20);

		got = at != NULL ? fread(at, 1, 1 << 20, f) : 0;
		buf_cut(&out, out.len - (1 << 20) + got);
	}
	if (f != NULL)
		fclose(f);
	return out;
}

static void real_stores_lose_only_what_lay_on_a_page(void)
{
	static const struct {
		const char *name;
		size_t step; /* 1 finds nothing else, but takes longer */
	} stores[] = {
		{ "enron.pst", 60 },
		{ "pstextractortest@outlook.com.ost", 4 },
		{ "pstextractortestpdf@outlook.com.ost", 4 },
	};

	for (size_t i = 0; i < sizeof(stores) / sizeof(stores[0]); i++) {
		struct buf store = read_store(stores[i].name);

		if (store.len > 0)
			without_each_page(&store, stores[i].step, false);
		buf_free(&store);
	}
}

/* Messages whose node and all blocks are there. */
static size_t whole_messages(const struct digests *all)
{
	size_t count = 0;

	for (size_t i = 0; i < all->count; i++)
		count += (all->at[i].nid & 0x1F) == 4 && !all->at[i].bad;
	return count;
}

static void a_real_store_that_is_cut_keeps_what_is_there(void)
{
	struct buf store = read_store("enron.pst");
	const struct digests all = digest_of(&store, false);
	const size_t len = store.len;

	CHECK(whole_messages(&all) == 71);
	buf_cut(&store, len / 100 * 99);
	const struct digests max = digest_of(&store, true);
	buf_cut(&store, len / 2);
	const struct digests half = digest_of(&store, true);
	printf("of %zu messages, %zu of 99 %%, %zu of 50 %%\n",
	       whole_messages(&all), whole_messages(&max),
	       whole_messages(&half));
	CHECK(whole_messages(&max) >= 69);
	CHECK(whole_messages(&half) >= 50);
	for (size_t i = 0; i < half.count; i++) {
		const struct digest *d = digest_find(&all, half.at[i].nid);

		/* Of tables an older version may be all there is. */
		if ((half.at[i].nid & 0x1F) == 4 && !half.at[i].bad)
			CHECK(d != NULL && same(&half.at[i], d));
	}
	free(all.at);
	free(max.at);
	free(half.at);
	buf_free(&store);
}

int main(void)
{
	RUN(real_stores_lose_only_what_lay_on_a_page);
	RUN(a_real_store_that_is_cut_keeps_what_is_there);
	return checked();
}
