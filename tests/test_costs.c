/* test_costs.c - what is read of a store for one answer, in system calls */
#include <stdlib.h>

#include "callcount.h"
#include "check.h"
#include "forge.h"
#include "tree/tree.h"

enum {
	LARGE = 40 << 20, /* of 8 KiB blocks: below an XXBLOCK */
	PAGE = 4096,
};

/*
 * Two blocks, the XBLOCK and the data, and for each a way down the block
 * B-tree, whose upper pages are kept: pages of 512 bytes have 20 entries.
 */
static const struct {
	struct forge_options how;
	unsigned most; /* reads */
} kinds[] = {
	{ { .format = FORGE_ANSI }, 6 },
	{ { .format = FORGE_UNICODE, .encoding = FORGE_PERMUTE }, 6 },
	{ { .format = FORGE_UNICODE_4K, .kind = FORGE_OST, .mailbox = true },
	  2 },
};

static uint32_t seed = 7;

/* A mail with a large attachment, in a file that is gone when it is closed. */
static struct tree *large_mail(const struct forge_options *how, uint32_t *nid)
{
	char path[] = "/tmp/ost-costs-XXXXXX";
	struct forge_options to = *how;
	struct forge_message m = { 0 };
	struct store *store = NULL;
	struct tree *t = NULL;
	struct ost_error err = { "" };

	to.fd = mkstemp(path);
	CHECK(to.fd >= 0);
	struct forge *f = forge_new(&to);
	struct forge_props *a = &forge_attachment(&m)->props;

	forge_text(&m.props, MAPI_MESSAGE_CLASS, "IPM.Note");
	forge_text(a, MAPI_ATTACH_LONG_FILENAME, "a.bin");
	forge_text(a, MAPI_ATTACH_MIME_TAG, "application/octet-stream");
	forge_stream(a, MAPI_ATTACH_DATA, MAPI_BINARY, LARGE, forge_noise,
		     &seed);
	*nid = forge_add(f, forge_folder_named(f, forge_ipm(f), "Inbox"), &m);
	CHECK(forge_finish(f, NULL, &err) == OST_OK);
	CHECK(store_open(&store, path, &store_native, NULL, &err) == OST_OK);
	CHECK(tree_new(&t, store, &(struct tree_options){ 0 }, &err) == OST_OK);
	CHECK_STR(err.text, "");
	forge_message_free(&m);
	close(to.fd);
	unlink(path);
	return t;
}

/* The number of place 1 of the outline, as tree.h lays it out. */
static uint64_t attachment_of(uint32_t nid)
{
	return UINT64_C(1) << 34 | nid;
}

static void check_page(struct tree *t, struct tree_file *f, uint64_t off,
		       unsigned most)
{
	static uint8_t want[PAGE], got[PAGE];
	struct ost_error err = { "" };
	size_t len = 0;

	reads = fstats = 0;
	tree_begin(t);
	CHECK(tree_read(f, off, got, PAGE, &len, &err) == OST_OK);
	CHECK(tree_end(t, OST_OK, &err) == OST_OK);
	CHECK(len == PAGE && forge_noise(&seed, off, want, PAGE));
	CHECK(memcmp(got, want, PAGE) == 0);
	CHECK(reads <= most && fstats <= 1);
	if (reads > most)
		fprintf(stderr, "%u reads at %llu\n", reads,
			(unsigned long long)off);
}

/* A12: 4 KiB of a large attachment cost no look at all of its blocks. */
static void reads_little_for_a_page_of_an_attachment(void)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct tree_file *f = NULL;
		struct ost_error err = { "" };
		uint32_t nid = 0;
		struct tree *t = large_mail(&kinds[i].how, &nid);

		CHECK(tree_open(t, attachment_of(nid), &f, &err) == OST_OK);
		for (uint64_t off = 0; f != NULL && off < LARGE;
		     off += LARGE / 16 + PAGE)
			check_page(t, f, off, kinds[i].most);
		tree_close(f);
		tree_free(t);
	}
}

int main(void)
{
	RUN(reads_little_for_a_page_of_an_attachment);
	return checked();
}
