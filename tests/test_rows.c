/*
 * test_rows.c - a row is found by what it says, and no row is lost
 *
 * D3: a listing and a look-up never differ, though the row index is wrong.
 * D1, D3: a key of the node index that is out of order is damage, told.
 * D4: an attachment that the index leads away from is there all the same.
 * A4: attachments that no row leads to are all there, or it is said.
 * A9: a search folder without a list of its own has lost nothing.
 * A10: a store without its map of names has, and heal looks for an older one.
 */
#include "audit/ledger.h"
#include "fake.h"
#include "ledgerkit.h"
#include "store/limits.h"
#include "store/native.h"
#include "store/pff_raw.h"

enum { MESSAGES = 4, FILES = 3, INBOX_OF_FAKE = 0x8042 };

static const struct forge_options plain[] = {
	{ .format = FORGE_ANSI },
	{ .format = FORGE_UNICODE },
	{ .format = FORGE_UNICODE_4K, .kind = FORGE_OST },
};

struct made {
	struct buf store;
	uint32_t inbox, nids[MESSAGES];
	uint64_t first, end; /* BIDs of the first message */
};

static void add_files(struct forge_message *m, unsigned count, bool no_row)
{
	static const char large[9000]; /* as a subnode of the attachment */

	for (unsigned i = 0; i < count; i++) {
		struct forge_attachment *a = forge_attachment(m);

		forge_text(&a->props, MAPI_ATTACH_LONG_FILENAME, "a.txt");
		forge_int(&a->props, MAPI_ATTACH_METHOD, MAPI_ATTACH_BY_VALUE);
		forge_binary(&a->props, MAPI_ATTACH_DATA,
			     i == 1 ? large : "hello",
			     i == 1 ? sizeof(large) : 5);
		a->no_row = no_row;
	}
}

static void add_recipient(struct forge_message *m)
{
	struct forge_props *p = forge_recipient(m);

	forge_text(p, MAPI_DISPLAY_NAME, "Jane");
	forge_text(p, MAPI_SMTP_ADDRESS, "jane@x.org");
	forge_int(p, MAPI_RECIPIENT_TYPE, 1);
}

/* A mailbox whose first message has `files` attachments. */
static struct made make(const struct forge_options *how, unsigned files,
			bool no_row)
{
	struct made made = { 0 };
	struct forge *f = forge_new(how);
	struct ost_error err = { "" };

	made.inbox = forge_folder_named(f, forge_ipm(f), "Inbox");
	for (int i = 0; i < MESSAGES; i++) {
		struct forge_message m = { 0 };

		forge_text(&m.props, MAPI_SUBJECT, "Hello");
		forge_text(&m.props, MAPI_BODY, "Hello");
		add_recipient(&m);
		if (i == 0)
			add_files(&m, files, no_row);
		made.nids[i] = forge_add(f, made.inbox, &m);
		if (i == 0) {
			made.first = m.first_bid;
			made.end = m.end_bid;
		}
		forge_message_free(&m);
	}
	CHECK(forge_finish(f, &made.store, &err) == OST_OK);
	CHECK_STR(err.text, "");
	return made;
}

/* The entry of `id` and `row` in a row index; its two neighbours prove it. */
static uint64_t find_entry(const struct buf *store, struct forge_place p,
			   const uint32_t id[2], size_t width)
{
	for (uint64_t at = p.off; at + 2 * (4 + width) <= p.off + p.size; at++)
		if (forge_get(store, at, 4) == id[0] &&
		    forge_get(store, at + 4, width) == 0 &&
		    forge_get(store, at + 4 + width, 4) == id[1] &&
		    forge_get(store, at + 8 + width, width) == 1)
			return at;
	return 0;
}

/*
 * In a block from `first` to `end` - 1 the row index has `ids` as its first
 * two: give the second the id of the first, or the first the row of the second.
 */
static void mislead(struct made *m, uint64_t first, uint64_t end,
		    const uint32_t ids[2], bool by_id)
{
	const size_t width =
		forge_header(&m->store).width == 4 ? 2 : 4; /* of a row */
	struct forge_place p;
	uint64_t at = 0;

	for (; first < end && at == 0; first++)
		if (forge_find_block(&m->store, first, &p))
			at = find_entry(&m->store, p, ids, width);
	CHECK(at != 0);
	if (at == 0)
		return;
	if (by_id)
		forge_put(&m->store, at + 4 + width, 4, ids[0]);
	else
		forge_put(&m->store, at + 4, width, 1);
	forge_seal_block(&m->store, &p);
}

struct looking {
	struct tree *t;
	uint64_t dir;
	unsigned files, dirs;
};

/* Each entry is found by its name. */
static bool look(void *arg, const struct tree_entry *e)
{
	struct looking *l = arg;
	struct tree_file *f = NULL;
	struct tree_node node;
	struct ost_error err;

	CHECK(tree_lookup(l->t, l->dir, e->name, &node, &err) == OST_OK);
	CHECK(node.ino == e->ino);
	if (!e->is_dir)
		CHECK(tree_open(l->t, node.ino, &f, &err) == OST_OK);
	tree_close(f);
	l->files += !e->is_dir;
	l->dirs += e->is_dir;
	return true;
}

static struct looking look_in(struct tree *t, const char *path)
{
	struct looking l = { .t = t };
	struct tree_node node;
	struct ost_error err;

	CHECK(tree_walk(t, path, &node, &err) == OST_OK);
	l.dir = node.ino;
	CHECK(tree_list(t, node.ino, 0, look, &l, &err) == OST_OK);
	return l;
}

static void d3_what_is_listed_is_found_by_its_name(void)
{
	for (size_t i = 0; i < 3; i++) {
		struct made m = make(&plain[i], 0, false);
		struct forge_entry e;
		struct buf json;
		struct tree *t;
		uint64_t losses;

		CHECK(forge_find_entry(&m.store, FORGE_NBT,
				       (m.inbox & ~0x1FU) | 0x0E, &e));
		mislead(&m, e.bid, e.bid + 1, m.nids, true);
		t = show(&m.store);
		CHECK(look_in(t, "Inbox").files == MESSAGES);
		json = audit(t, true, 2, &losses);
		CHECK(losses > 0 && has(&json, "row index"));
		CHECK(total(&json, "shown") == MESSAGES &&
		      total(&json, "unreadable") == 0);
		buf_free(&json);
		tree_free(t);
	}
}

/* The listing has it and the look-up does not: to read deep is to be told. */
static void d3_deep_opens_what_it_reads_by_its_name(void)
{
	struct store *s = fake_store_new();
	const struct tree_options options = { .whole_store = true };
	struct fake *inbox, *other, *m;
	struct ost_error err;
	struct tree *t = NULL;
	struct buf json;
	uint64_t losses;

	(void)fake_add(s, MAPI_NID_ROOT_FOLDER, 0);
	inbox = fake_add(s, INBOX_OF_FAKE, MAPI_NID_ROOT_FOLDER);
	other = fake_add(s, INBOX_OF_FAKE + 0x20, MAPI_NID_ROOT_FOLDER);
	m = fake_add(s, 0x200024, INBOX_OF_FAKE);
	fake_text(m, MAPI_MESSAGE_CLASS, "IPM.Note");
	fake_text(m, MAPI_BODY, "Hello");
	fake_list(other, STORE_MESSAGES, m);
	CHECK(inbox != NULL && tree_new(&t, s, &options, &err) == OST_OK);
	json = audit(t, true, 1, &losses);
	CHECK(total(&json, "unreadable") == 1);
	CHECK(has(&json, "by the name"));
	buf_free(&json);
	tree_free(t);
}

static unsigned attachments(const struct made *m, struct tree *t, size_t from,
			    size_t to)
{
	const struct store_id id = { m->nids[0], 0 };
	struct store_object *o = NULL, *a = NULL;
	struct ost_error err;
	unsigned count = 0;

	CHECK(store_get(tree_store(t), id, &o, &err) == OST_OK);
	for (size_t i = from; i < to; i++)
		if (store_child(o, STORE_ATTACHMENTS, i, &a, &err) == OST_OK) {
			count++;
			store_drop(a);
		}
	store_drop(o);
	return count;
}

static void d4_an_attachment_that_no_entry_leads_to_is_there(void)
{
	static const uint32_t ids[] = { 0x8025, 0x8045 };

	for (size_t i = 0; i < 3; i++) {
		struct made m = make(&plain[i], FILES, false);
		struct buf json;
		struct tree *t;
		uint64_t losses;

		mislead(&m, m.first, m.end, ids, false);
		t = show(&m.store);
		CHECK(attachments(&m, t, 0, FILES) == FILES);
		CHECK(attachments(&m, t, FILES, FILES + 9) == 0);
		json = audit(t, true, 2, &losses);
		CHECK(losses > 0 && has(&json, "row index"));
		buf_free(&json);
		tree_free(t);
	}
}

/* D4: a message whose node no longer says where what is in it lies. */
static void d4_attachments_that_nothing_leads_to_are_missed(void)
{
	for (size_t i = 0; i < 6; i++) {
		struct made m = make(&plain[i % 3], FILES, false);
		const bool cache = plain[i % 3].kind == FORGE_OST;
		const size_t width = forge_header(&m.store).width;
		struct forge_entry e, block;
		struct buf json;
		struct tree *t;
		uint64_t losses;

		CHECK(forge_find_entry(&m.store, FORGE_NBT, m.nids[0], &e));
		CHECK(forge_find_entry(&m.store, FORGE_BBT, e.sub, &block));
		forge_put(&m.store, e.at + 2 * width, width, 0);
		forge_seal_page(&m.store, &e.page);
		if (i >= 3) { /* cRef: nobody has used it for long */
			forge_put(&m.store,
				  block.at + 2 * width + (cache ? 4 : 2), 2, 1);
			forge_seal_page(&m.store, &block.page);
		}
		t = show(&m.store);
		json = audit(t, true, 2, &losses);
		CHECK((losses > 0) == (!cache || i < 3));
		CHECK((total(&json, "places_damaged") > 0) == (i < 3));
		CHECK((total(&json, "not_cached") > 0) == cache);
		CHECK(has(&json, cache ? "att-missing" : "att-corrupt"));
		buf_free(&json);
		tree_free(t);
	}
}

/*
 * Where a number of the entry of subnode `nid` is in the first message: 0 the
 * NID, 1 its data, 2 its own subnodes. `p` is the block.
 */
static uint64_t find_sub(const struct made *m, uint32_t nid, size_t which,
			 struct forge_place *p)
{
	const size_t w = forge_header(&m->store).width;
	struct forge_entry e;

	CHECK(forge_find_entry(&m->store, FORGE_NBT, m->nids[0], &e));
	CHECK(forge_find_block(&m->store, e.sub, p));
	for (uint64_t at = p->off + (w == 4 ? 4 : 8);
	     at + 3 * w <= p->off + p->size; at += 3 * w)
		if (forge_get(&m->store, at, w) == nid)
			return at + which * w;
	CHECK(false);
	return p->off;
}

/* D4: what leads to the list is gone, by its number or from the block. */
static void d4_recipients_that_nothing_leads_to_are_missed(void)
{
	enum { RECIPIENTS = 0x692, OTHER = 0x6B2 };

	for (size_t i = 0; i < 3; i++) {
		struct made m = make(&plain[i], FILES, false);
		struct forge_place p;
		struct buf json;
		struct tree *t;
		uint64_t losses, at;

		at = find_sub(&m, RECIPIENTS, 0, &p);
		forge_put(&m.store, at, 4, OTHER);
		forge_seal_block(&m.store, &p);
		t = show(&m.store);
		json = audit(t, true, 2, &losses);
		CHECK(losses > 0 && has(&json, "rcpt-corrupt"));
		CHECK(total(&json, "shown") == MESSAGES);
		buf_free(&json);
		tree_free(t);
	}
}

/* D4: each field that leads to a block, zeroed under a right checksum. */
static void d4_what_nothing_in_a_message_leads_to_is_told(void)
{
	static const struct {
		uint32_t nid;
		size_t which;
	} fields[] = {
		{ 0x671, 1 }, { 0x692, 1 }, { 0x8025, 1 }, { 0x8045, 2 }
	};

	for (size_t i = 0; i < 3 * sizeof(fields) / sizeof(fields[0]); i++) {
		struct made m = make(&plain[i % 3], FILES, false);
		struct forge_place p;
		struct buf json;
		struct tree *t;
		uint64_t losses, at;

		at = find_sub(&m, fields[i / 3].nid, fields[i / 3].which, &p);
		CHECK(forge_get(&m.store, at, 4) != 0);
		forge_put(&m.store, at, 4, 0);
		forge_seal_block(&m.store, &p);
		t = show(&m.store);
		json = audit(t, true, 2, &losses);
		CHECK(losses > 0);
		buf_free(&json);
		tree_free(t);
	}
}

/* D4: what Outlook leaves behind itself is no loss, whatever its cRef. */
static void d4_a_block_that_is_left_over_is_no_loss(void)
{
	for (size_t i = 0; i < 6; i++) {
		struct forge *f = forge_new(&plain[i % 3]);
		const struct forge_sub lists[] = {
			{ 0x692, forge_tree_of(f, "hello", 5), 0 },
		};
		struct buf store = { 0 }, json;
		struct ost_error err;
		struct tree *t;
		uint64_t losses;

		if (i >= 3)
			(void)forge_subnodes(f, lists, 1);
		CHECK(forge_finish(f, &store, &err) == OST_OK);
		t = show(&store);
		json = audit(t, true, 2, &losses);
		CHECK(losses == 0);
		buf_free(&json);
		tree_free(t);
	}
}

/* Let the row index of the list whose heap is in `p` be empty, if it is not. */
static bool empty_index_in(struct buf *store, const struct forge_place *p)
{
	enum { INDEX = 0x04B5 }; /* BTHHEADER: keys of 4 bytes */

	for (uint64_t at = p->off; at + 8 < p->off + p->size; at++)
		if (forge_get(store, at, 2) == INDEX &&
		    forge_get(store, at + 3, 1) == 0 &&
		    forge_get(store, at + 4, 4) != 0) {
			forge_put(store, at + 4, 4, 0);
			forge_seal_block(store, p);
			return true;
		}
	return false;
}

/* Let the row indexes of the two lists in a message be empty. */
static void empty_index(struct made *m)
{
	struct forge_place p;
	uint64_t found = 0;

	for (uint64_t bid = m->first; bid < m->end; bid++) {
		if (!forge_find_block(&m->store, bid, &p) || p.size < 20 ||
		    forge_get(&m->store, p.off + 2, 2) != 0x7CEC)
			continue;
		found += empty_index_in(&m->store, &p);
	}
	CHECK(found == 2); /* of recipients, and of attachments */
}

/* The same of the table that is node `nid`. */
static void empty_table(struct made *m, uint32_t nid)
{
	struct forge_entry e;
	struct forge_place p;

	CHECK(forge_find_entry(&m->store, FORGE_NBT, nid, &e));
	CHECK(forge_find_block(&m->store, e.bid, &p));
	CHECK(empty_index_in(&m->store, &p));
}

/* D4: rows that no entry of the index leads to, for it has none. */
static void d4_rows_without_an_index_are_there(void)
{
	for (size_t i = 0; i < 3; i++) {
		struct made m = make(&plain[i], FILES, false);
		struct buf json;
		struct tree *t;
		uint64_t losses;

		empty_index(&m);
		t = show(&m.store);
		CHECK(attachments(&m, t, 0, FILES) == FILES);
		CHECK(attachments(&m, t, FILES, FILES + 9) == 0);
		json = audit(t, true, 2, &losses);
		CHECK(losses > 0 && has(&json, "the row index is empty"));
		buf_free(&json);
		tree_free(t);
	}
}

/* D4: a folder that counts, and nodes that name it, and no row. */
static void d4_a_list_that_lacks_what_its_folder_counts_is_damage(void)
{
	for (size_t i = 0; i < 3; i++) {
		struct made m = make(&plain[i], FILES, false);
		struct buf json;
		struct tree *t;
		uint64_t losses;

		empty_table(&m, (m.inbox & ~0x1FU) | 0x0E);
		t = show(&m.store);
		json = audit(t, false, 2, &losses);
		CHECK(losses == 1 && total(&json, "tables_damaged") == 1);
		CHECK(total(&json, "found") == MESSAGES);
		buf_free(&json);
		tree_free(t);
	}
}

/* D4: a folder that says that it has folders, and lists none. */
static void d4_a_list_of_folders_that_is_emptied_is_damage(void)
{
	for (size_t i = 0; i < 3; i++) {
		struct made m = make(&plain[i], FILES, false);
		struct forge_entry e;
		struct buf json;
		struct tree *t;
		uint64_t losses;
		uint32_t up;

		CHECK(forge_find_entry(&m.store, FORGE_NBT, m.inbox, &e));
		up = (uint32_t)forge_get(
			&m.store, e.at + 3 * forge_header(&m.store).width, 4);
		empty_table(&m, (up & ~0x1FU) | 0x0D);
		t = show(&m.store);
		json = audit(t, false, 2, &losses);
		CHECK(losses == 1 && has(&json, "\"folders_damaged\": true"));
		buf_free(&json);
		tree_free(t);
	}
}

/* D4: the message in an attachment, to which its properties lead. */
static void d4_a_message_that_its_attachment_lacks_is_damage(void)
{
	for (size_t i = 0; i < 3; i++) {
		struct forge *f = forge_new(&plain[i]);
		struct forge_message m = { 0 };
		struct forge_attachment *a = forge_attachment(&m);
		struct made made = { 0 };
		struct forge_place p;
		struct ost_error err;
		struct buf json;
		struct tree *t;
		uint64_t losses, at;

		forge_int(&a->props, MAPI_ATTACH_METHOD, MAPI_ATTACH_EMBEDDED);
		forge_text(&forge_embed(a)->props, MAPI_SUBJECT, "In");
		made.nids[0] = forge_add(f, forge_ipm(f), &m);
		forge_message_free(&m);
		CHECK(forge_finish(f, &made.store, &err) == OST_OK);
		at = find_sub(&made, 0x8025, 2, &p);
		CHECK(forge_get(&made.store, at, 4) != 0);
		forge_put(&made.store, at, 4, 0);
		forge_seal_block(&made.store, &p);
		t = show(&made.store);
		json = audit(t, true, 2, &losses);
		CHECK(has(&json, "att-corrupt"));
		CHECK(losses > 0);
		buf_free(&json);
		tree_free(t);
	}
}

/* Let the B-tree of the properties of node `nid` be empty. */
static void empty(struct buf *store, uint32_t nid)
{
	enum { PROPS = 0x0602B5 }; /* BTHHEADER: keys of 2 bytes, values of 6 */
	struct forge_entry e;
	struct forge_place p;
	uint64_t at;

	CHECK(forge_find_entry(store, FORGE_NBT, nid, &e));
	CHECK(forge_find_block(store, e.bid, &p));
	at = p.off;
	while (at + 8 < p.off + p.size && forge_get(store, at, 3) != PROPS)
		at++;
	CHECK(forge_get(store, at, 3) == PROPS);
	forge_put(store, at + 4, 4, 0);
	forge_seal_block(store, &p);
}

/* D4: of a message or a folder, in one sealed field. */
static void d4_properties_that_nothing_leads_to_are_missed(void)
{
	for (size_t i = 0; i < 6; i++) {
		struct made m = make(&plain[i % 3], FILES, false);
		struct buf json;
		struct tree *t;
		uint64_t losses;

		empty(&m.store, i < 3 ? m.nids[0] : m.inbox);
		t = show(&m.store);
		CHECK(attachments(&m, t, 0, FILES) == FILES);
		json = audit(t, true, 2, &losses);
		CHECK(losses > 0 && has(&json, ": there are none"));
		CHECK(total(&json, "shown") == MESSAGES);
		buf_free(&json);
		tree_free(t);
	}
}

static void a4_all_attachments_without_a_row_are_there(void)
{
	enum { COUNT = 257 };

	for (size_t i = 0; i < 3; i++) {
		struct made m = make(&plain[i], COUNT, true);
		struct tree *t = show(&m.store);

		CHECK(attachments(&m, t, 0, COUNT) == COUNT);
		CHECK(attachments(&m, t, COUNT, COUNT + 9) == 0);
		tree_free(t);
	}
}

static enum ost_status child_status(struct store_object *o, size_t index)
{
	struct store_object *a = NULL;
	struct ost_error err;
	const enum ost_status st =
		store_child(o, STORE_ATTACHMENTS, index, &a, &err);

	store_drop(a);
	return st;
}

/* So few rows of a table a reader takes. */
static uint32_t rows_max;

static void cap_native(struct store *s)
{
	native_of(s->core)->rows_max = rows_max;
}

static void cap_pff(struct store *s)
{
	pff_list_cap(s, rows_max);
}

/* As many rows as a reader takes are well, and one more is said. */
static void a4_one_row_too_many_is_said(void)
{
	for (size_t i = 0; i < (store_has_pff ? 4 : 3); i++)
		for (uint32_t over = 0; over < 2; over++) {
			const struct ledger_options options = { 0 };
			struct made m = make(&plain[i % 3], 0, false);
			struct ledger *l = NULL;
			struct ost_error err;
			struct tree *t;

			rows_max = MESSAGES - over;
			t = i < 3 ? show_by(&store_native, cap_native, &m.store)
				  : show_by(&store_pff, cap_pff, &m.store);
			CHECK(ledger_make(&l, t, &options, &err) == OST_OK);
			CHECK((ledger_losses(l) > 0) == (over > 0));
			ledger_free(l);
			tree_free(t);
		}
}

static void a4_one_attachment_too_many_is_said(void)
{
	struct made m = make(&plain[1], LIMIT_ATTACHMENTS + 1, true);
	struct tree *t = show(&m.store);
	const struct store_id id = { m.nids[0], 0 };
	struct store_object *o = NULL;
	struct ost_error err;

	CHECK(store_get(tree_store(t), id, &o, &err) == OST_OK);
	CHECK(child_status(o, LIMIT_ATTACHMENTS - 1) == OST_OK);
	CHECK(child_status(o, LIMIT_ATTACHMENTS) == OST_LIMIT);
	CHECK(child_status(o, LIMIT_ATTACHMENTS + 1) == OST_NOT_FOUND);
	store_drop(o);
	tree_free(t);
}

/* Make the heap of a folder's contents table one of another kind. */
static void unlist(struct buf *store, uint32_t folder, uint32_t type)
{
	struct forge_entry e;
	struct forge_place p;

	CHECK(forge_find_entry(store, FORGE_NBT, (folder & ~0x1FU) | type, &e));
	CHECK(forge_find_block(store, e.bid, &p));
	forge_put(store, p.off + 3, 1, 0xAC);
	forge_seal_block(store, &p);
}

static struct tree *show_as(struct buf *store, bool heal)
{
	const struct tree_options options = { .whole_store = true,
					      .search_folders = true };
	const struct store_options how = { .heal = heal };
	char path[] = "/tmp/ostfs-rows-XXXXXX";
	const int fd = mkstemp(path);
	struct store *s = NULL;
	struct tree *t = NULL;
	struct ost_error err = { "" };

	CHECK(fd >= 0 &&
	      write(fd, store->at, store->len) == (ssize_t)store->len);
	CHECK(store_open(&s, path, &store_native, &how, &err) == OST_OK);
	CHECK(s != NULL && tree_new(&t, s, &options, &err) == OST_OK);
	unlink(path);
	close(fd);
	return t;
}

static void a9_a_search_folder_without_a_list_has_lost_nothing(void)
{
	for (size_t i = 0; i < 6; i++) {
		const bool search = i < 3;
		const struct forge_folder how = { .name = "Unread",
						  .search = search };
		struct forge *f = forge_new(&plain[i % 3]);
		const uint32_t nid = forge_folder(
			f, search ? forge_finder(f) : forge_ipm(f), &how);
		struct buf store = { 0 }, json;
		struct ost_error err;
		struct tree *t;
		uint64_t losses;

		CHECK(forge_finish(f, &store, &err) == OST_OK);
		unlist(&store, nid, search ? 0x10 : 0x0E);
		t = show_as(&store, false);
		json = audit(t, true, 1, &losses);
		CHECK((losses == 0) == search);
		buf_free(&json);
		buf_free(&store);
		tree_free(t);
	}
}

/* A mailbox with an empty folder, whose node has the key `key` instead. */
static struct buf with_key(const struct forge_options *how, uint32_t key)
{
	struct forge *f = forge_new(how);
	const uint32_t inbox = forge_folder_named(f, forge_ipm(f), "Inbox");
	const uint32_t empty = forge_folder_named(f, forge_ipm(f), "Empty");
	struct forge_message m = { 0 };
	struct buf store = { 0 };
	struct ost_error err;
	struct forge_entry e;

	forge_text(&m.props, MAPI_SUBJECT, "Hello");
	for (int i = 0; i < MESSAGES; i++) {
		m.nid = 0;
		(void)forge_add(f, inbox, &m);
	}
	forge_message_free(&m);
	CHECK(forge_finish(f, &store, &err) == OST_OK);
	CHECK(forge_find_entry(&store, FORGE_NBT, empty, &e));
	if (key != 0) {
		forge_put(&store, e.at, 4, key);
		forge_seal_page(&store, &e.page);
	}
	return store;
}

/* One that is there already, below and above, and one that no other has. */
static void d1_d3_a_key_out_of_order_is_told(void)
{
	static const uint32_t keys[] = { 0, MAPI_NID_STORE,
					 MAPI_NID_ROOT_FOLDER, 0x200024,
					 0xFFFFFFE2 };

	for (unsigned i = 0; i < 3 * 2 * 2 * 5; i++) {
		struct forge_options how = plain[i % 3];
		const bool heal = i / 3 % 2, deep = i / 6 % 2;
		const uint32_t key = keys[i / 12];
		struct buf store, json;
		struct tree *t;
		uint64_t losses;

		how.page_entries = deep ? 4 : 0;
		store = with_key(&how, key);
		t = show_as(&store, heal);
		json = audit(t, true, 1, &losses);
		CHECK((losses > 0) == (key != 0));
		CHECK(key == 0 || has(&json, "out of order"));
		CHECK(look_in(t, "Top of Outlook data file/Inbox").files ==
		      MESSAGES);
		buf_free(&json);
		buf_free(&store);
		tree_free(t);
	}
}

/* An appointment on 2024-03-01 that was made on 2001-09-09. */
static struct buf with_appointment(const struct forge_options *how)
{
	struct forge *f = forge_new(how);
	const uint32_t folder = forge_folder_named(f, forge_ipm(f), "Calendar");
	struct forge_message m = { 0 };
	struct buf store = { 0 };
	struct ost_error err;

	forge_text(&m.props, MAPI_MESSAGE_CLASS, "IPM.Appointment");
	forge_text(&m.props, MAPI_SUBJECT, "Meeting");
	forge_time(&m.props, MAPI_CREATION_TIME, 1000000000);
	forge_time(&m.props,
		   forge_named(f, forge_psetid_appointment, 0x820D, NULL),
		   1709288520);
	(void)forge_add(f, folder, &m);
	forge_message_free(&m);
	CHECK(forge_finish(f, &store, &err) == OST_OK);
	CHECK(forge_forget(&store, MAPI_NID_NAMES));
	return store;
}

struct reading {
	struct tree *t;
	struct buf text;
};

static bool read_entry(void *arg, const struct tree_entry *e)
{
	struct reading *r = arg;
	struct tree_file *f = NULL;
	struct ost_error err;
	char bytes[4096];
	size_t got = 0;

	if (e->is_dir || tree_open(r->t, e->ino, &f, &err) != OST_OK)
		return true;
	CHECK(tree_read(f, 0, bytes, sizeof(bytes), &got, &err) == OST_OK);
	buf_add(&r->text, bytes, got);
	tree_close(f);
	return true;
}

static void a10_without_its_names_an_item_says_so(void)
{
	for (size_t i = 0; i < 6; i++) {
		const bool heal = i >= 3;
		struct buf store = with_appointment(&plain[i % 3]), json;
		struct tree *t = show_as(&store, heal);
		struct reading r = { .t = t };
		struct tree_node dir;
		struct ost_error err;
		uint64_t losses;

		json = audit(t, true, 1, &losses);
		CHECK((losses > 0) == !heal);
		CHECK(heal || has(&json, "store-corrupt"));
		CHECK(tree_walk(t, "Top of Outlook data file/Calendar", &dir,
				&err) == OST_OK);
		CHECK(tree_list(t, dir.ino, 0, read_entry, &r, &err) == OST_OK);
		CHECK((strstr(buf_text(&r.text), "DTSTART:20240301T102200Z") !=
		       NULL) == heal);
		CHECK((strstr(buf_text(&r.text), "store-corrupt") != NULL) ==
		      !heal);
		CHECK(strstr(buf_text(&r.text), "DTSTART:2001") == NULL);
		buf_free(&r.text);
		buf_free(&json);
		buf_free(&store);
		tree_free(t);
	}
}

/* A10: nor is it that of a message in another which lacks them. */
static void A10_without_its_names_a_message_in_a_message_says_so(void)
{
	static const char *const classes[] = { "IPM.Note", "IPM.Appointment" };

	for (size_t i = 0; i < 6; i++) {
		struct forge *f = forge_new(&plain[i % 3]);
		struct forge_message m = { 0 }, *inner;
		struct buf store = { 0 }, json;
		struct ost_error err;
		uint64_t losses;
		struct tree *t;

		forge_text(&m.props, MAPI_SUBJECT, "Outer");
		inner = forge_embed(forge_attachment(&m));
		forge_text(&inner->props, MAPI_MESSAGE_CLASS, classes[i / 3]);
		forge_text(&inner->props, MAPI_SUBJECT, "Inner");
		forge_time(
			&inner->props,
			forge_named(f, forge_psetid_appointment, 0x820D, NULL),
			1709288520);
		(void)forge_add(f, forge_folder_named(f, forge_ipm(f), "Inbox"),
				&m);
		forge_message_free(&m);
		CHECK(forge_finish(f, &store, &err) == OST_OK);
		CHECK(forge_forget(&store, MAPI_NID_NAMES));
		t = show_as(&store, false);
		json = audit(t, true, 1, &losses);
		CHECK(losses > 0 && has(&json, "\"store-corrupt\": 2"));
		buf_free(&json);
		buf_free(&store);
		tree_free(t);
	}
}

int main(void)
{
	RUN(d3_what_is_listed_is_found_by_its_name);
	RUN(d3_deep_opens_what_it_reads_by_its_name);
	RUN(d1_d3_a_key_out_of_order_is_told);
	RUN(d4_an_attachment_that_no_entry_leads_to_is_there);
	RUN(d4_attachments_that_nothing_leads_to_are_missed);
	RUN(d4_properties_that_nothing_leads_to_are_missed);
	RUN(d4_rows_without_an_index_are_there);
	RUN(d4_recipients_that_nothing_leads_to_are_missed);
	RUN(d4_what_nothing_in_a_message_leads_to_is_told);
	RUN(d4_a_block_that_is_left_over_is_no_loss);
	RUN(d4_a_list_that_lacks_what_its_folder_counts_is_damage);
	RUN(d4_a_list_of_folders_that_is_emptied_is_damage);
	RUN(d4_a_message_that_its_attachment_lacks_is_damage);
	RUN(a4_all_attachments_without_a_row_are_there);
	RUN(a4_one_row_too_many_is_said);
	RUN(a4_one_attachment_too_many_is_said);
	RUN(a9_a_search_folder_without_a_list_has_lost_nothing);
	RUN(a10_without_its_names_an_item_says_so);
	RUN(A10_without_its_names_a_message_in_a_message_says_so);
	return checked();
}
