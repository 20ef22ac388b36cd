/*
 * test_ledger.c - what was lost stands in the ledger, and nothing else does
 */
#include "audit/ledger.h"
#include "ledgerkit.h"
#include "ndb/layout.h"
#include "store/native.h"

enum { ADDED = 3, LONG = 300000 };

/* What of the mailbox below is not as it should be. */
struct flaws {
	bool unlisted; /* messages that no table lists */
	bool no_node;  /* rows without their message */
	bool nobodys;  /* a folder that no table lists */
	bool stale;    /* a folder that says 9 */
	bool twice;    /* a row for what another folder lists */
	bool hidden;   /* associated: one of each of the first two */
};

/* What it was made with. */
static struct {
	uint32_t inbox, listed, unlisted, missing, nobodys, hidden[3];
	uint64_t before; /* BID of a block; those of the file follow */
} made;

static uint32_t add(struct forge *f, uint32_t folder, const char *subject,
		    struct forge_message m)
{
	uint32_t nid;

	forge_text(&m.props, MAPI_SUBJECT, subject);
	forge_text(&m.props, MAPI_SENDER_NAME, "Jane Doe");
	forge_text(&m.props, MAPI_BODY, "Hello");
	forge_time(&m.props, MAPI_MESSAGE_DELIVERY_TIME, 1709288520);
	nid = forge_add(f, folder, &m);
	forge_message_free(&m);
	return nid;
}

static void add_file(struct forge *f, uint32_t folder)
{
	static uint32_t seed = 7;
	struct forge_message m = { 0 };
	struct forge_props *p = &forge_attachment(&m)->props;

	forge_text(p, MAPI_ATTACH_LONG_FILENAME, "noise.bin");
	forge_int(p, MAPI_ATTACH_METHOD, MAPI_ATTACH_BY_VALUE);
	forge_stream(p, MAPI_ATTACH_DATA, MAPI_BINARY, LONG, forge_noise,
		     &seed);
	made.before = forge_next_bid(f);
	(void)add(f, folder, "with a file", m);
}

/* What no folder shows: one is listed and there, one is not, one neither. */
static void add_hidden(struct forge *f, uint32_t folder)
{
	const struct forge_message all[] = {
		{ .associated = true },
		{ .associated = true, .no_node = true },
		{ .associated = true, .unlisted = true },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		made.hidden[i] = add(f, folder, "a view", all[i]);
}

static struct buf forged(const struct forge_options *how, struct flaws flaws)
{
	struct forge *f = forge_new(how);
	struct forge_props says = { 0 };
	const struct forge_folder inbox = { .name = "Inbox",
					    .props = flaws.stale ? &says
								 : NULL };
	const struct forge_folder nobodys = { .name = "Nobody's",
					      .unlisted = flaws.nobodys };
	const struct forge_message plain = { 0 };
	const struct forge_message unlisted = { .unlisted = flaws.unlisted };
	const struct forge_message missing = { .no_node = flaws.no_node };
	struct ost_error err = { "" };
	struct buf store = { 0 };

	forge_int(&says, MAPI_CONTENT_COUNT, 99);
	made.inbox = forge_folder(f, forge_ipm(f), &inbox);
	made.nobodys = forge_folder(f, forge_ipm(f), &nobodys);
	for (int i = 0; i < ADDED; i++) {
		made.listed = add(f, made.inbox, "listed", plain);
		made.unlisted = add(f, made.inbox, "unlisted", unlisted);
		made.missing = add(f, made.inbox, "missing", missing);
		(void)add(f, made.nobodys, "nobody's", plain);
	}
	if (flaws.twice)
		forge_result(f, made.nobodys, made.listed, &says);
	if (flaws.hidden)
		add_hidden(f, made.inbox);
	add_file(f, made.inbox);
	CHECK(forge_finish(f, &store, &err) == OST_OK);
	CHECK_STR(err.text, "");
	forge_props_free(&says);
	return store;
}

/* A store with `flaws`, looked at in depth or not. */
static struct buf audited(size_t kind, struct flaws flaws, bool deep,
			  uint64_t *losses)
{
	struct buf store = forged(&kinds[kind], flaws);
	struct tree *t = show(&store);
	const struct buf json = audit(t, deep, 2, losses);

	tree_free(t);
	return json;
}

enum { ALL = 4 * ADDED + 1 };

static void says_that_nothing_was_lost(void)
{
	const struct flaws none = { 0 };

	for (size_t i = 0; i < KINDS; i++) {
		for (int deep = 0; deep < 2; deep++) {
			uint64_t losses;
			struct buf json = audited(i, none, deep != 0, &losses);

			CHECK(losses == 0);
			CHECK(total(&json, "expected") == ALL);
			CHECK(total(&json, "shown") == ALL);
			CHECK(total(&json, "found") == 0);
			CHECK(total(&json, "folders_counting_wrong") == 0);
			/* the file beside the mail, too */
			CHECK(total(&json, "files_read") ==
			      (deep != 0 ? ALL + 1 : 0));
			CHECK(deep != 0 || has(&json, "\"entries\": []"));
			CHECK(deep == 0 || has(&json, "\"synth-msgid\": 13"));
			CHECK(has(&json,
				  "\"first\": \"2024-03-01T10:22:00Z\""));
			CHECK(has(&json, deep != 0 ? "\"contents\": true"
						   : "\"contents\": false"));
			buf_free(&json);
		}
	}
}

static void tells_of_rows_without_their_message_once(void)
{
	const struct flaws flaws = { .no_node = true };
	char text[160];

	for (size_t i = 0; i < KINDS; i++) {
		for (int deep = 0; deep < 2; deep++) {
			uint64_t losses;
			struct buf json = audited(i, flaws, deep != 0, &losses);

			CHECK(losses == ADDED);
			CHECK(total(&json, "missing") == ADDED);
			CHECK(total(&json, "unreadable") == 0);
			snprintf(text, sizeof(text),
				 "\"what\": \"missing\", \"nid\": \"%x\", "
				 "\"path\": \"Inbox/2024-03-01 10.22 missing "
				 "[%x].eml\"",
				 made.missing, made.missing);
			CHECK(has(&json, text));
			buf_free(&json);
		}
	}
}

static void takes_what_was_found_for_no_loss(void)
{
	const struct flaws flaws = { .unlisted = true, .nobodys = true };

	for (size_t i = 0; i < KINDS; i++) {
		uint64_t losses;
		struct buf json = audited(i, flaws, true, &losses);

		CHECK(losses == 0);
		CHECK(total(&json, "expected") == ALL);
		CHECK(total(&json, "found") == ADDED);
		CHECK(total(&json, "shown") == ALL - ADDED);
		CHECK(total(&json, "files_read") == ALL + 1);
		CHECK(has(&json, "\"unlisted\": 3"));
		CHECK(has(&json, "\"place\": \"found\""));
		buf_free(&json);
	}
}

/* A mail with a file, and what its row says of that. */
static struct buf denied(size_t kind, uint32_t flags, bool has, bool hidden)
{
	struct forge *f = forge_new(&kinds[kind]);
	struct forge_message m = { 0 };
	struct forge_props *p = &forge_attachment(&m)->props;
	struct ost_error err = { "" };
	struct buf store = { 0 };

	forge_text(p, MAPI_ATTACH_LONG_FILENAME, "a.txt");
	forge_int(p, MAPI_ATTACH_METHOD, MAPI_ATTACH_BY_VALUE);
	forge_binary(p, MAPI_ATTACH_DATA, "Hello", 5);
	forge_bool(p, MAPI_ATTACHMENT_HIDDEN, hidden);
	forge_int(&m.props, MAPI_MESSAGE_FLAGS, flags);
	forge_bool(&m.props, MAPI_HAS_ATTACHMENTS, has);
	(void)add(f,
		  forge_folder(f, forge_ipm(f),
			       &(struct forge_folder){ .name = "Inbox" }),
		  "denied", m);
	CHECK(forge_finish(f, &store, &err) == OST_OK);
	return store;
}

/* D4: what its row denies is shown by the other column, or told. */
static void D4_tells_of_attachments_that_their_row_denies(void)
{
	static const struct {
		uint32_t flags;
		bool has, hidden, shown, loss;
	} rows[] = {
		{ 0x11, true, false, true, false },
		{ 0x11, false, false, true, false },
		{ 0x01, true, false, true, false },
		{ 0x01, false, false, false, true },
		{ 0x01, false, true, false, false }, /* as some servers do */
	};

	for (size_t i = 0; i < KINDS * sizeof(rows) / sizeof(rows[0]); i++) {
		const size_t r = i / KINDS;
		struct buf store = denied(i % KINDS, rows[r].flags, rows[r].has,
					  rows[r].hidden);
		struct tree *t = show(&store);
		uint64_t losses;
		struct buf json = audit(t, true, 2, &losses);

		CHECK((losses == 1) == rows[r].loss);
		CHECK(losses <= 1);
		CHECK(total(&json, "files_read") == (rows[r].shown ? 2 : 1));
		CHECK(!rows[r].loss ||
		      has(&json, "its attachments are in this file only"));
		buf_free(&json);
		tree_free(t);
	}
}

static void tells_of_folders_that_count_wrong(void)
{
	const struct flaws flaws = { .stale = true };

	for (size_t i = 0; i < KINDS; i++) {
		uint64_t losses;
		struct buf json = audited(i, flaws, false, &losses);

		CHECK(losses == 0);
		CHECK(total(&json, "folders_counting_wrong") == 1);
		CHECK(total(&json, "unaccounted") == 99 - 3 * ADDED - 1);
		CHECK(has(&json, "\"says\": 99"));
		buf_free(&json);
	}
}

static void tells_of_a_message_in_two_folders(void)
{
	const struct flaws flaws = { .twice = true };

	for (size_t i = 0; i < KINDS; i++) {
		uint64_t losses;
		struct buf json = audited(i, flaws, false, &losses);

		CHECK(losses == 0);
		CHECK(total(&json, "listed_twice") == 1);
		CHECK(total(&json, "expected") == ALL);
		buf_free(&json);
	}
}

static void counts_what_no_folder_shows(void)
{
	const struct flaws flaws = { .hidden = true };
	char text[100];

	for (size_t i = 0; i < KINDS; i++) {
		uint64_t losses;
		struct buf json = audited(i, flaws, false, &losses);

		CHECK(losses == 1); /* the one that is listed and not there */
		CHECK(total(&json, "missing") == 1);
		CHECK(total(&json, "associated") == 2);
		CHECK(total(&json, "associated_missing") == 1);
		CHECK(total(&json, "associated_unlisted") == 1);
		CHECK(total(&json, "expected") == ALL);
		CHECK(total(&json, "found") == 0);
		CHECK(has(&json, "\"associated_says\": 2, "
				 "\"associated_rows\": 2, "
				 "\"associated_nodes\": 2, "
				 "\"associated_damaged\": false"));
		snprintf(text, sizeof(text),
			 "{\"nid\": \"%x\", \"folder\": \"%x\", "
			 "\"listed\": false}",
			 made.hidden[2], made.inbox);
		CHECK(has(&json, text));
		snprintf(text, sizeof(text),
			 "\"what\": \"missing\", \"nid\": \"%x\", "
			 "\"path\": \"Inbox\"",
			 made.hidden[1]);
		CHECK(has(&json, text));
		buf_free(&json);
	}
}

/* The first block of the attachment: nothing else is so large. */
static uint64_t attachment(const struct buf *store)
{
	struct forge_place block = { 0 };
	uint64_t bid = made.before;

	while (bid < made.before + 400 &&
	       !(forge_find_block(store, bid, &block) && block.size > 7000))
		bid += 4;
	return bid;
}

/* Change the first byte of block `bid`. */
static uint64_t damage_block(struct buf *store, uint64_t bid)
{
	struct forge_place block = { 0 };

	CHECK(forge_find_block(store, bid, &block));
	forge_put(store, block.off, 1, forge_get(store, block.off, 1) ^ 0x55);
	return block.off;
}

/* A6: what was not read is not said to be there. */
static void A6_says_what_was_looked_at(void)
{
	const struct flaws none = { 0 };

	for (size_t i = 0; i < KINDS; i++) {
		struct buf store = forged(&kinds[i], none), json;
		struct forge_place block = { 0 };
		struct tree *t;
		uint64_t losses;

		CHECK(forge_find_block(&store, attachment(&store), &block));
		memset(store.at + block.off, 0, block.size);
		t = show(&store);
		json = audit(t, false, 1, &losses);
		CHECK(has(&json, "\"losses\": 0,\n  \"verdict\": \"No message "
				 "is missing. Contents were not read: use "
				 "--deep.\","));
		buf_free(&json);
		json = audit(t, true, 1, &losses);
		CHECK(has(&json, "\"verdict\": \"NOT ALL IS THERE: "));
		buf_free(&json);
		tree_free(t);
	}
}

static void tells_which_part_of_a_file_is_damaged(void)
{
	const struct flaws none = { 0 };

	for (size_t i = 0; i < KINDS; i++) {
		struct buf store = forged(&kinds[i], none);
		const uint64_t off = damage_block(&store, attachment(&store));
		struct tree *t = show(&store);
		uint64_t losses;
		char text[100];
		struct buf json = audit(t, false, 1, &losses);

		CHECK(losses == 0); /* nobody looked */
		buf_free(&json);
		json = audit(t, true, 1, &losses);
		CHECK(losses > 0);
		CHECK(total(&json, "unreadable") == 0);
		CHECK(total(&json, "damaged") >= 2); /* beside and inside */
		CHECK(total(&json, "places_damaged") == 1);
		snprintf(text, sizeof(text), "\"offset\": %llu, \"bid\"",
			 (unsigned long long)off);
		CHECK(has(&json, text));
		CHECK(has(&json, "\"attachment\": 1, \"path\": "));
		CHECK(has(&json, "noise.bin\", \"offset\": 0, \"bytes\": "));
		buf_free(&json);
		tree_free(t);
	}
}

/* Damage the table of the inbox that has this NID type. */
static void damage_table(struct buf *store, uint32_t type)
{
	const uint32_t nid = (made.inbox & ~(uint32_t)MAPI_NID_TYPE) | type;
	struct forge_entry node = { 0 };

	CHECK(forge_find_entry(store, FORGE_NBT, nid, &node));
	(void)damage_block(store, node.bid);
}

static void tells_of_a_table_of_what_is_not_shown(void)
{
	const struct flaws flaws = { .hidden = true };

	for (size_t i = 0; i < KINDS; i++) {
		struct buf store = forged(&kinds[i], flaws), json;
		struct tree *t;
		uint64_t losses;

		damage_table(&store, 0x0F);
		t = show(&store);
		json = audit(t, false, 1, &losses);
		CHECK(losses > 0);
		CHECK(total(&json, "tables_damaged") == 1);
		CHECK(total(&json, "associated") == 2);
		CHECK(total(&json, "associated_unlisted") == 2);
		CHECK(total(&json, "shown") == ALL);
		CHECK(has(&json, "\"associated_damaged\": true"));
		buf_free(&json);
		tree_free(t);
	}
}

static void tells_of_a_table_that_cannot_be_read(void)
{
	const struct flaws none = { 0 };

	for (size_t i = 0; i < KINDS; i++) {
		struct buf store = forged(&kinds[i], none), json;
		struct tree *t;
		uint64_t losses;

		damage_table(&store, 0x0E);
		t = show(&store);
		json = audit(t, true, 2, &losses);
		CHECK(losses > 0);
		CHECK(total(&json, "tables_damaged") == 1);
		CHECK(total(&json, "expected") == ALL);
		CHECK(total(&json, "found") == 3 * ADDED + 1);
		CHECK(total(&json, "shown") == ADDED);
		CHECK(total(&json, "files_read") == ALL + 1);
		CHECK(has(&json, "\"table_damaged\": true"));
		buf_free(&json);
		tree_free(t);
	}
}

static void shows_a_message_whose_attachment_row_is_gone(void)
{
	for (size_t i = 0; i < KINDS; i++) {
		struct forge *f = forge_new(&kinds[i]);
		struct forge_message m = { 0 };
		struct ost_error err = { "" };
		struct buf store = { 0 }, json;
		struct tree *t;
		uint64_t losses;

		for (int n = 0; n < 3; n++) {
			struct forge_attachment *a = forge_attachment(&m);

			a->no_row = n != 1;
			forge_text(&forge_embed(a)->props, MAPI_SUBJECT,
				   "Lunch");
		}
		(void)add(f, forge_ipm(f), "with messages", m);
		CHECK(forge_finish(f, &store, &err) == OST_OK);
		t = show(&store);
		json = audit(t, true, 1, &losses);
		CHECK(losses == 0);
		CHECK(total(&json, "expected") == 1);
		CHECK(total(&json, "files_read") == 4);
		buf_free(&json);
		tree_free(t);
	}
}

static void tells_of_a_page_of_the_index(void)
{
	const struct flaws none = { 0 };

	for (size_t i = 0; i < KINDS; i++) {
		struct forge_options how = kinds[i];
		struct forge_place page = { 0 };
		struct buf store, json;
		struct tree *t;
		uint64_t losses;

		how.page_entries = 4;
		store = forged(&how, none);
		/* Of messages: these come late, but for the last page. */
		for (size_t at = 0;
		     forge_find_page(&store, FORGE_NBT, 0, at + 2, &page);
		     at++) {
		}
		forge_put(&store, page.off, 1,
			  forge_get(&store, page.off, 1) ^ 0x55);
		t = show(&store);
		json = audit(t, false, 1, &losses);
		CHECK(losses > 0);
		CHECK(total(&json, "places_damaged") >= 1);
		CHECK(has(&json, "\"node index page\""));
		/* What is on the pages behind it was counted. */
		CHECK(has(&json, "\"nodes\": true"));
		CHECK(total(&json, "shown") > 0);
		buf_free(&json);
		tree_free(t);
	}
}

/* A4: of the entries, too. */
static void A4_counts_all_entries(void)
{
	const struct ledger_options options = { .deep = false };
	const struct entry e = { .kind = ENTRY_MISSING, .nid = 0x200024 };
	const struct flaws none = { 0 };
	struct buf store = forged(&kinds[0], none);
	struct tree *t = show(&store);
	struct ledger *l = NULL;
	struct ost_error err;

	CHECK(ledger_make(&l, t, &options, &err) == OST_OK);
	for (size_t i = 0; i < ENTRIES_MAX; i++)
		ledger_add(l, &e, "Inbox/Many.eml", "why");
	for (int over = 0; over < 2; over++) {
		struct buf json = { 0 };

		ledger_json(l, &json);
		CHECK(ledger_losses(l) == ENTRIES_MAX + (uint64_t)over);
		CHECK(l->entry_count == ENTRIES_MAX);
		CHECK((strstr(buf_text(&json), "\"entries_complete\": false") !=
		       NULL) == (over > 0));
		buf_free(&json);
		ledger_add(l, &e, "Inbox/Many.eml", "why");
	}
	ledger_free(l);
	tree_free(t);
}

/* A4: of more than it keeps it counts all, and says that it is not all. */
static void A4_counts_all_damaged_places(void)
{
	const struct flaws none = { 0 };

	for (uint64_t over = 0; over < 2; over++) {
		struct buf store = forged(&kinds[0], none), json;
		struct tree *t = show(&store);
		struct ndb *db = native_of(tree_store(t)->core)->db;
		const struct ost_error why = { "damaged" };
		struct store_damage d;
		uint64_t losses;

		for (uint64_t i = 0; i < NDB_DAMAGE_MAX + over; i++)
			health_note(db, NDB_BLOCK_BAD, (ndb_bid){ 4 * i },
				    64 * i, OST_CORRUPT, &why);
		CHECK(store_damage(tree_store(t), NDB_DAMAGE_MAX - 1, &d));
		CHECK(!store_damage(tree_store(t), NDB_DAMAGE_MAX, &d));
		json = audit(t, false, 1, &losses);
		CHECK(losses == NDB_DAMAGE_MAX + over);
		CHECK(has(&json, over > 0 ? "\"places_complete\": false"
					  : "\"places_complete\": true"));
		buf_free(&json);
		tree_free(t);
	}
}

static void tells_how_much_of_the_file_is_missing(void)
{
	const struct flaws none = { 0 };
	struct buf store = forged(&kinds[1], none), json;
	const uint64_t eof = forge_get(&store, forge_header(&store).eof,
				       forge_header(&store).width);
	struct tree *t;
	uint64_t losses;

	forge_put(&store, forge_header(&store).eof, 8, eof + 12345);
	forge_seal_header(&store);
	t = show(&store);
	json = audit(t, false, 1, &losses);
	CHECK(losses == 1);
	CHECK(has(&json, "\"missing_bytes\": 12345"));
	buf_free(&json);
	tree_free(t);
}

static void says_the_same_however_many_threads_there_are(void)
{
	const struct flaws flaws = { .unlisted = true,
				     .no_node = true,
				     .nobodys = true,
				     .stale = true };
	struct buf store = forged(&kinds[2], flaws), one, many;
	struct tree *t = show(&store);
	uint64_t losses;

	one = audit(t, true, 1, &losses);
	many = audit(t, true, 7, &losses);
	CHECK_STR(buf_text(&many), buf_text(&one));
	buf_free(&one);
	buf_free(&many);
	tree_free(t);
}

static void is_in_the_control_directory(void)
{
	const struct flaws flaws = { .no_node = true };
	struct buf store = forged(&kinds[1], flaws), json, file = { 0 };
	struct tree *t = show(&store);
	struct tree_file *f = NULL;
	struct tree_node node;
	struct ost_error err;
	uint64_t losses;
	size_t got = 0;
	char *to;

	CHECK(tree_walk(t, ".ostfs/report.json", &node, &err) == OST_OK);
	CHECK(tree_open(t, node.ino, &f, &err) == OST_OK);
	to = buf_more(&file, node.size);
	CHECK(tree_read(f, 0, to, node.size, &got, &err) == OST_OK);
	CHECK(got == node.size);
	tree_close(f);
	json = audit(t, false, 1, &losses);
	CHECK_STR(buf_text(&file), buf_text(&json));
	buf_free(&file);
	buf_free(&json);
	tree_free(t);
}

int main(void)
{
	RUN(says_that_nothing_was_lost);
	RUN(tells_of_rows_without_their_message_once);
	RUN(takes_what_was_found_for_no_loss);
	RUN(D4_tells_of_attachments_that_their_row_denies);
	RUN(tells_of_folders_that_count_wrong);
	RUN(tells_of_a_message_in_two_folders);
	RUN(counts_what_no_folder_shows);
	RUN(A6_says_what_was_looked_at);
	RUN(tells_which_part_of_a_file_is_damaged);
	RUN(tells_of_a_table_that_cannot_be_read);
	RUN(tells_of_a_table_of_what_is_not_shown);
	RUN(shows_a_message_whose_attachment_row_is_gone);
	RUN(tells_of_a_page_of_the_index);
	RUN(A4_counts_all_damaged_places);
	RUN(A4_counts_all_entries);
	RUN(tells_how_much_of_the_file_is_missing);
	RUN(says_the_same_however_many_threads_there_are);
	RUN(is_in_the_control_directory);
	return checked();
}
