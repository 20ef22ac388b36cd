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
 * Two blocks, the XBLOCK and the data, and for each a leaf of the block B-tree:
 * 4 reads. Pages of 512 bytes have 20 entries, so there the page above the leaf
 * is another two, as long as nobody has asked for it. It cannot be had for
 * less: it says where the leaf is, and to read all such pages beforehand takes
 * a read for each 400 blocks, 130 of an attachment of 400 MiB.
 */
static const struct {
	struct forge_options how;
	unsigned first, later; /* reads, at most */
} kinds[] = {
	{ { .format = FORGE_ANSI }, 6, 4 },
	{ { .format = FORGE_UNICODE, .encoding = FORGE_PERMUTE }, 6, 4 },
	{ { .format = FORGE_UNICODE_4K, .kind = FORGE_OST, .mailbox = true },
	  2,
	  2 },
};

static uint32_t seed = 7;
static uint64_t listed; /* directory */
static unsigned found;	/* names in it */

static struct tree *again(const char *path)
{
	struct store *store = NULL;
	struct tree *t = NULL;
	struct ost_error err = { "" };

	CHECK(store_open(&store, path, &store_native, NULL, &err) == OST_OK);
	CHECK(tree_new(&t, store, &(struct tree_options){ 0 }, &err) == OST_OK);
	return t;
}

/* A mail with a large attachment, in a file that is gone when it is closed. */
static struct tree *large_mail(const struct forge_options *how, uint32_t *nid)
{
	char path[] = "/tmp/ost-costs-XXXXXX";
	struct forge_options to = *how;
	struct forge_message m = { 0 };
	struct tree *t;
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
	t = again(path);
	CHECK_STR(err.text, "");
	forge_message_free(&m);
	close(to.fd);
	unlink(path);
	return t;
}

/* The number of place 1 of the attachment index, as tree.h lays it out. */
static uint64_t attachment_of(uint32_t nid)
{
	return UINT64_C(1) << 34 | nid;
}

static void check_page(struct tree *t, struct tree_file *f, uint64_t off,
		       unsigned max)
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
	CHECK(reads <= max && fstats <= 1);
	if (reads > max)
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
			check_page(t, f, off, kinds[i].first);
		for (uint64_t off = LARGE / 32; f != NULL && off < LARGE;
		     off += LARGE / 16 + PAGE)
			check_page(t, f, off, kinds[i].later);
		tree_close(f);
		tree_free(t);
	}
}

/* --- many attachments (D10) --------------------------------------------- */

/* All that an object says, to be compared. */
static void dump(struct store_object *o, struct buf *out)
{
	struct store_prop p = { .id = 0 };
	struct ost_error err = { "" };
	enum ost_status st = store_next(o, 0, &p, &err);

	while (st == OST_OK) {
		buf_printf(out, "%#x %#x %llu ", p.id, p.type,
			   (unsigned long long)p.size);
		(void)!store_bytes(o, p.id, 1 << 16, out, &err);
		st = p.id < UINT16_MAX
			     ? store_next(o, (uint16_t)(p.id + 1), &p, &err)
			     : OST_NOT_FOUND;
	}
	CHECK(st == OST_NOT_FOUND);
}

/* D10: of many attachments each holds little, and says the same. */
static void d10_what_rests_says_what_it_said(void)
{
	uint32_t nid = 0;
	struct tree *t = large_mail(&kinds[1].how, &nid);
	struct store_object *mail = NULL, *o = NULL;
	struct ost_error err = { "" };
	struct buf said[3] = { 0 };

	CHECK(store_get(tree_store(t), (struct store_id){ nid, 0 }, &mail,
			&err) == OST_OK);
	CHECK(store_child(mail, STORE_ATTACHMENTS, 0, &o, &err) == OST_OK);
	dump(o, &said[0]);
	store_rest(o);
	store_rest(o);
	dump(o, &said[1]);
	store_wake(o);
	store_wake(o);
	dump(o, &said[2]);
	CHECK(said[0].len > 100);
	for (size_t i = 1; i < 3; i++)
		CHECK(said[i].len == said[0].len &&
		      memcmp(said[i].at, said[0].at, said[0].len) == 0);
	for (size_t i = 0; i < 3; i++)
		buf_free(&said[i]);
	store_drop(o);
	store_drop(mail);
	tree_free(t);
}

/* --- the names of a directory (D10) ------------------------------------- */

enum { MANY = 2000, COMPARES_MAX = 40 };

static struct tree *show(struct forge *f, const char *path)
{
	struct ost_error err = { "" };

	CHECK(forge_finish(f, NULL, &err) == OST_OK);
	return again(path);
}

static bool note_dir(void *arg, const struct tree_entry *e)
{
	*(uint64_t *)arg = e->is_dir ? e->ino : *(uint64_t *)arg;
	return true;
}

static bool look_up(void *arg, const struct tree_entry *e)
{
	struct tree *t = arg;
	struct tree_node node;
	struct ost_error err;

	compares = 0;
	CHECK(tree_lookup(t, listed, e->name, &node, &err) == OST_OK);
	CHECK(node.ino == e->ino && compares <= COMPARES_MAX);
	found++;
	return true;
}

/* Each name in the directory at `path` is found, and not by going through. */
static void check_names(struct tree *t, const char *path, bool in_first)
{
	struct tree_node dir = { 0 };
	struct ost_error err = { "" };

	CHECK(tree_walk(t, path, &dir, &err) == OST_OK);
	listed = dir.ino;
	if (in_first)
		CHECK(tree_list(t, dir.ino, 0, note_dir, &listed, &err) ==
		      OST_OK);
	found = 0;
	CHECK(tree_list(t, listed, 0, look_up, t, &err) == OST_OK);
	CHECK(found >= MANY);
}

/* D10: subfolders, also in Lost and found, and attachments. */
static void finds_a_name_without_going_through_all(void)
{
	static const char *const paths[] = { "Inbox", "Lost and found",
					     "Inbox" };

	for (int kind = 0; kind < 3; kind++) {
		char path[] = "/tmp/ost-costs-XXXXXX";
		const struct forge_options how = { .fd = mkstemp(path) };
		struct forge *f = forge_new(&how);
		const uint32_t inbox =
			forge_folder_named(f, forge_ipm(f), "Inbox");
		struct forge_message m = { 0 };

		for (int i = 0; i < MANY; i++) {
			char name[32];

			snprintf(name, sizeof(name), "Number %d", i);
			if (kind < 2)
				forge_folder(f, inbox,
					     &(struct forge_folder){
						     .name = name,
						     .unlisted = kind == 1 });
			else
				forge_text(&forge_attachment(&m)->props,
					   MAPI_ATTACH_LONG_FILENAME, name);
		}
		if (kind == 2)
			forge_add(f, inbox, &m);

		struct tree *t = show(f, path);
		check_names(t, paths[kind], kind == 2);
		tree_free(t);
		forge_message_free(&m);
		close(how.fd);
		unlink(path);
	}
}

/* --- whom an X.500 name stands for (A11) -------------------------------- */

enum { MAILS = 3000, SAMPLE_READS = 4000 };

static void add_colleagues(struct forge *f)
{
	const uint32_t inbox = forge_folder_named(f, forge_ipm(f), "Inbox");

	for (int i = 0; i < MAILS; i++) {
		struct forge_message m = { 0 };
		struct forge_props *to = forge_recipient(&m);
		char dn[64];

		snprintf(dn, sizeof(dn), "/o=X/cn=Recipients/cn=p%d", i % 9);
		forge_text(&m.props, MAPI_MESSAGE_CLASS, "IPM.Note");
		forge_text(&m.props, MAPI_SENT_REPRESENTING_ADDRTYPE, "EX");
		forge_text(&m.props, MAPI_SENT_REPRESENTING_EMAIL, dn);
		snprintf(dn, sizeof(dn), "/o=X/cn=Recipients/cn=p%d", i % 8);
		forge_text(to, MAPI_ADDRTYPE, "EX");
		forge_text(to, MAPI_EMAIL_ADDRESS, dn);
		snprintf(dn, sizeof(dn), "p%d@example.com", i % 8);
		forge_text(to, MAPI_SMTP_ADDRESS, dn);
		forge_add(f, inbox, &m);
		forge_message_free(&m);
	}
}

static void read_mail(struct tree *t, uint32_t nid, struct buf *out)
{
	struct tree_file *f = NULL;
	struct ost_error err;
	char bytes[4096];
	size_t got = 0;

	CHECK(tree_open(t, nid, &f, &err) == OST_OK);
	CHECK(tree_read(f, 0, bytes, sizeof(bytes), &got, &err) == OST_OK);
	buf_add(out, bytes, got);
	tree_close(f);
}

/* A11: few are read for it, always the same, whenever it is asked. */
static void asks_a_sample_of_a_large_store_for_addresses(void)
{
	enum { FIRST = 0x200024 };
	char path[] = "/tmp/ost-costs-XXXXXX";
	const struct forge_options how = { .format = FORGE_UNICODE,
					   .fd = mkstemp(path) };
	struct forge *f = forge_new(&how);
	struct buf of[4] = { { 0 } };

	add_colleagues(f);
	for (int i = 0; i < 2; i++) {
		struct tree *t = i == 0 ? show(f, path) : again(path);

		reads = 0;
		if (i == 1)
			tree_start(t);
		/* Of person 0, who is known, and 8, whom nobody knows. */
		read_mail(t, FIRST + 32 * 9 * 200, &of[i]);
		CHECK(i == 1 || reads < SAMPLE_READS);
		read_mail(t, FIRST + 32 * (8 + 9 * 200), &of[2 + i]);
		tree_free(t);
	}
	CHECK(strstr(buf_text(&of[0]), "p0@example.com") != NULL);
	CHECK(strstr(buf_text(&of[2]), "IMCEAEX-") != NULL);
	CHECK_STR(buf_text(&of[1]), buf_text(&of[0]));
	CHECK_STR(buf_text(&of[3]), buf_text(&of[2]));
	for (int i = 0; i < 4; i++)
		buf_free(&of[i]);
	close(how.fd);
	unlink(path);
}

int main(void)
{
	RUN(reads_little_for_a_page_of_an_attachment);
	RUN(d10_what_rests_says_what_it_said);
	RUN(finds_a_name_without_going_through_all);
	RUN(asks_a_sample_of_a_large_store_for_addresses);
	return checked();
}
