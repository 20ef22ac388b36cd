/*
 * test_pst.c - stores written as PSTs: parts, folders, items, and the report
 */
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "forge.h"
#include "pst/pst.h"
#include "store/backend.h"
#include "store/inventory.h"
#include "store/mapi.h"
#include "store/store.h"

enum { NOW = 1709288520, PARTS = 8 };

static char dir[sizeof("/dev/shm/ostfs-pst-XXXXXX")];

/* A run, and what it says. */
struct run {
	struct pst_result n;
	enum ost_status st;
	struct ost_error err;
	struct buf json;
	char out[300];
};

static struct forge_message mail(const char *subject)
{
	struct forge_message m = { 0 };

	forge_text(&m.props, MAPI_SUBJECT, subject);
	forge_text(&m.props, MAPI_BODY, "Hello");
	forge_time(&m.props, MAPI_MESSAGE_DELIVERY_TIME, NOW);
	return m;
}

static uint32_t add(struct forge *f, uint32_t folder, struct forge_message m)
{
	const uint32_t nid = forge_add(f, folder, &m);

	forge_message_free(&m);
	return nid;
}

/* A file of so many bytes in it. */
static void attach(struct forge_message *m, uint64_t size)
{
	static uint32_t seed = 7;
	struct forge_props *p = &forge_attachment(m)->props;

	forge_text(p, MAPI_ATTACH_LONG_FILENAME, "noise.bin");
	forge_int(p, MAPI_ATTACH_METHOD, MAPI_ATTACH_BY_VALUE);
	forge_stream(p, MAPI_ATTACH_DATA, MAPI_BINARY, size, forge_noise,
		     &seed);
}

static uint32_t add_with_file(struct forge *f, uint32_t folder, uint64_t size)
{
	struct forge_message m = mail("with a file");

	attach(&m, size);
	return add(f, folder, m);
}

static struct forge *begin(void)
{
	static const struct forge_options how = { .format = FORGE_UNICODE,
						  .encoding = FORGE_PERMUTE };

	return forge_new(&how);
}

static void finish(struct forge *f, struct buf *store)
{
	struct ost_error err = { "" };

	*store = (struct buf){ 0 };
	CHECK(forge_finish(f, store, &err) == OST_OK);
	CHECK_STR(err.text, "");
}

/* --- running ---------------------------------------------------------------
 */

static struct store *open_bytes(const struct buf *bytes)
{
	char path[] = "/tmp/ostfs-pst-XXXXXX";
	const int fd = mkstemp(path);
	struct store *s = NULL;
	struct ost_error err;

	CHECK(fd >= 0 &&
	      write(fd, bytes->at, bytes->len) == (ssize_t)bytes->len);
	CHECK(store_open(&s, path, &store_native, NULL, &err) == OST_OK);
	unlink(path);
	close(fd);
	return s;
}

static void read_json(FILE *from, struct buf *to)
{
	char some[4096];
	size_t len;

	rewind(from);
	while ((len = fread(some, 1, sizeof(some), from)) > 0)
		buf_add(to, some, len);
}

static struct run write_it(const struct buf *store, struct pst_options o)
{
	struct run r = { .st = OST_OK };
	struct store *s = open_bytes(store);

	if (*dir == '\0') {
		snprintf(dir, sizeof(dir), "%s/ostfs-pst-XXXXXX",
			 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
		CHECK(mkdtemp(dir) != NULL);
	}
	snprintf(r.out, sizeof(r.out), "%s/out.pst", dir);
	o.out = r.out;
	o.source = "store";
	o.verify = true;
	o.report = tmpfile();
	o.scratch = tmpfile();
	CHECK(o.report != NULL && o.scratch != NULL);
	r.st = pst_write(&r.n, s, &o, &r.err);
	read_json(o.report, &r.json);
	fclose(o.report);
	fclose(o.scratch);
	store_close(s);
	return r;
}

/* How often `what` stands in the report. */
static size_t times(const struct run *r, const char *what)
{
	size_t count = 0;

	for (const char *at = buf_text(&r->json);
	     (at = strstr(at, what)) != NULL; at++)
		count++;
	return count;
}

static struct store *part(const struct run *r, unsigned number)
{
	char path[320];
	struct store *s = NULL;
	struct ost_error err = { "" };

	if (number == 1)
		snprintf(path, sizeof(path), "%s", r->out);
	else
		snprintf(path, sizeof(path), "%s/out.%u.pst", dir, number);
	CHECK(store_open(&s, path, &store_native, NULL, &err) == OST_OK);
	CHECK_STR(err.text, "");
	return s;
}

/* Messages that are listed in it. */
static size_t messages_in(struct store *s)
{
	struct inventory *c = NULL;
	struct ost_error err;
	size_t count = 0;

	CHECK(inventory_take(&c, s, &err) == OST_OK);
	for (size_t i = 0; c != NULL && i < c->folder_count; i++)
		count += (size_t)c->folders[i].of[INVENTORY_MESSAGES].rows;
	inventory_free(c);
	return count;
}

/* What is there is no more than `count` files; they go. */
static void clear(struct run *r, size_t count)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	size_t found = 0;
	char path[600];

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		found++;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		unlink(path);
	}
	if (d != NULL)
		closedir(d);
	CHECK(found == count);
	buf_free(&r->json);
}

/* --- parts -------------------------------------------------------------------
 */

static void a_part_is_a_store_of_its_own_and_no_larger_than_asked_for(void)
{
	enum { MAILS = 12, FILE_SIZE = 200000, SPLIT = 1 << 20 };
	uint8_t keys[PARTS][16];
	struct forge *f = begin();
	struct buf store;
	struct run r;
	size_t messages = 0;

	for (int i = 0; i < MAILS; i++)
		(void)add_with_file(f, forge_ipm(f), FILE_SIZE);
	finish(f, &store);
	r = write_it(&store, (struct pst_options){ .split = SPLIT });
	CHECK(r.st == OST_OK && r.n.lost == 0);
	CHECK(r.n.parts >= 3 && r.n.parts <= PARTS);
	for (unsigned i = 0; i < r.n.parts && i < PARTS; i++) {
		struct store *s = part(&r, i + 1);
		const struct span key = store_key(s);

		CHECK(s->core->info.size <= SPLIT);
		messages += messages_in(s);
		CHECK(key.len == sizeof(keys[i]));
		memcpy(keys[i], key.at, sizeof(keys[i]));
		for (unsigned k = 0; k < i; k++)
			CHECK(memcmp(keys[i], keys[k], sizeof(keys[i])) != 0);
		store_close(s);
	}
	CHECK(messages == MAILS && r.n.messages == MAILS);
	clear(&r, (size_t)r.n.parts);
	buf_free(&store);
}

static void an_item_larger_than_a_part_has_one_to_itself(void)
{
	struct forge *f = begin();
	struct buf store;
	struct run r;

	(void)add_with_file(f, forge_ipm(f), 1000);
	(void)add_with_file(f, forge_ipm(f), 3 << 20);
	(void)add_with_file(f, forge_ipm(f), 1000);
	finish(f, &store);
	r = write_it(&store, (struct pst_options){ .split = 1 << 20 });
	CHECK(r.st == OST_OK && r.n.parts == 3 && r.n.messages == 3);
	for (unsigned i = 1; i <= 3; i++) {
		struct store *s = part(&r, i);

		CHECK(messages_in(s) == 1);
		CHECK((s->core->info.size > 3 << 20) == (i == 2));
		store_close(s);
	}
	clear(&r, 3);
	buf_free(&store);
}

/* Once there is a first part. */
static bool stop_then(void *arg)
{
	(void)arg;
	char path[300];

	snprintf(path, sizeof(path), "%s/out.pst", dir);
	return access(path, F_OK) == 0;
}

static void an_interrupted_run_keeps_whole_parts_and_goes_on(void)
{
	struct forge *f = begin();
	struct buf store;
	struct run r, again;
	char second[320];

	for (int i = 0; i < 12; i++)
		(void)add_with_file(f, forge_ipm(f), 200000);
	finish(f, &store);
	r = write_it(&store, (struct pst_options){ .split = 1 << 20,
						   .stop = stop_then });
	CHECK(r.st == OST_STOPPED && r.n.parts == 1);
	again = write_it(&store, (struct pst_options){ .split = 1 << 20,
						       .resume = true });
	CHECK(again.st == OST_OK && again.n.messages == 12);
	/* Of another run, a part is refused, and stays as it is. */
	snprintf(second, sizeof(second), "%s/out.2.pst", dir);
	CHECK(rename(second, again.out) == 0);
	buf_free(&r.json);
	r = write_it(&store,
		     (struct pst_options){ .split = 1 << 20, .resume = true });
	CHECK(r.st == OST_CANNOT_OPEN && r.n.destination);
	clear(&r, (size_t)again.n.parts - 1);
	buf_free(&again.json);
	buf_free(&store);
}

/* --- folders -----------------------------------------------------------------
 */

static void a_folder_that_is_full_goes_on_beside_itself(void)
{
	struct forge *f = begin();
	const uint32_t box = forge_folder_named(f, forge_ipm(f), "Box");
	struct buf store;
	struct run r;

	for (int i = 0; i < 8; i++)
		(void)add(f, box, mail("one of many"));
	finish(f, &store);
	r = write_it(&store, (struct pst_options){ .folder_rows = 3 });
	CHECK(r.st == OST_OK && r.n.messages == 8 && r.n.lost == 0);
	CHECK(times(&r, "\"path\": \"Box\"") == 1);
	CHECK(times(&r, "\"path\": \"Box (2)\"") == 1);
	CHECK(times(&r, "\"path\": \"Box (3)\"") == 1);
	CHECK(times(&r, "\"what\": \"folder-split\"") == 2);
	clear(&r, 1);
	buf_free(&store);
}

static void search_folders_are_left_out_and_told(void)
{
	struct forge *f = begin();
	const struct forge_folder how = { .name = "Unread", .search = true };
	const uint32_t search = forge_folder(f, forge_finder(f), &how);
	const uint32_t inside = forge_folder(f, forge_ipm(f), &how);
	const uint32_t nid = add(f, forge_ipm(f), mail("found"));
	struct buf store;
	struct store *s;
	struct run r;

	forge_result(f, search, nid, NULL);
	forge_result(f, inside, nid, NULL);
	finish(f, &store);
	r = write_it(&store, (struct pst_options){ .hidden = true });
	CHECK(r.st == OST_OK && r.n.messages == 1 && r.n.lost == 0);
	CHECK(times(&r, "\"what\": \"search-folder\"") == 2);
	CHECK(times(&r, "\"search-folder\": 2") == 1);
	CHECK(times(&r, "\"what\": \"twice\"") == 0);
	s = part(&r, 1);
	CHECK(messages_in(s) == 1);
	store_close(s);
	clear(&r, 1);
	buf_free(&store);
}

/* What a folder says of itself is carried, or its loss is told. */
static void what_a_folder_lacks_is_told(void)
{
	static char large[3000];
	struct forge *f = begin();
	struct forge_props much = { 0 }, odd = { 0 };
	struct forge_folder how = { .name = "Much", .props = &much };
	struct buf store;
	struct run r;

	memset(large, 'x', sizeof(large) - 1);
	forge_text(&much, MAPI_COMMENT, large);
	(void)forge_folder(f, forge_ipm(f), &how);
	forge_int(&odd, MAPI_COMMENT, 7);
	how = (struct forge_folder){ .name = "Odd", .props = &odd };
	(void)forge_folder(f, forge_ipm(f), &how);
	how = (struct forge_folder){ .name = NULL };
	(void)forge_folder(f, forge_ipm(f), &how);
	forge_props_free(&much);
	forge_props_free(&odd);
	finish(f, &store);
	r = write_it(&store, (struct pst_options){ .split = 0 });
	CHECK(r.st == OST_OK && r.n.lost == 2);
	CHECK(times(&r, "\"what\": \"value-large\"") == 1);
	CHECK(times(&r, "\"what\": \"value-type\"") == 1);
	CHECK(times(&r, "\"what\": \"folder-name\"") == 1);
	CHECK(times(&r, "\"path\": \"(no name)\"") == 1);
	clear(&r, 1);
	buf_free(&store);
}

/* --- items -------------------------------------------------------------------
 */

static void what_was_not_fetched_is_told_and_written(void)
{
	struct forge *f = begin();
	struct forge_message header = { 0 }, start = { 0 }, file;
	struct forge_props *p;
	struct buf store;
	struct run r;

	forge_text(&header.props, MAPI_SUBJECT, "header only");
	forge_int(&header.props, MAPI_MESSAGE_SIZE, 400000);
	(void)add(f, forge_ipm(f), header);
	forge_text(&start.props, MAPI_PREVIEW, "Dear Alice, as you may");
	(void)add(f, forge_ipm(f), start);
	file = mail("without its file");
	p = &forge_attachment(&file)->props;
	forge_int(p, MAPI_ATTACH_METHOD, MAPI_ATTACH_BY_VALUE);
	forge_int(p, MAPI_ATTACH_SIZE, 400000);
	(void)add(f, forge_ipm(f), file);
	(void)add(f, forge_ipm(f), mail("whole"));
	finish(f, &store);
	r = write_it(&store, (struct pst_options){ .split = 0 });
	CHECK(r.st == OST_OK && r.n.messages == 4 && r.n.lost == 0);
	CHECK(times(&r, "\"what\": \"header-only\"") == 2);
	CHECK(times(&r, "\"what\": \"attachment-not-stored\"") == 1);
	clear(&r, 1);
	buf_free(&store);
}

/* Messages in messages: so many, and the one around them. */
static struct forge_message nested(int depth)
{
	struct forge_message m = mail("outermost"), *in = &m;

	for (int i = 0; i < depth; i++) {
		in = forge_embed(forge_attachment(in));
		forge_text(&in->props, MAPI_SUBJECT, "in it");
	}
	return m;
}

static void messages_are_in_messages_eight_deep(void)
{
	for (int depth = 8; depth <= 10; depth++) {
		struct forge *f = begin();
		struct buf store;
		struct run r;

		(void)add(f, forge_ipm(f), nested(depth));
		finish(f, &store);
		r = write_it(&store, (struct pst_options){ .split = 0 });
		CHECK(r.st == OST_OK && r.n.messages == 1);
		CHECK(r.n.lost == (depth > 8));
		CHECK(times(&r, "\"what\": \"embedded-deep\"") == (depth > 8));
		CHECK(times(&r, "\"note\": 1") == (depth > 8));
		clear(&r, 1);
		buf_free(&store);
	}
}

static void a_value_of_a_type_that_none_knows_is_lost_and_told(void)
{
	struct forge *f = begin();
	struct forge_message m = mail("of odd types");
	struct buf store;
	struct run r;

	forge_raw(&m.props, 0x5001, 0x0BAD, "12345678", 8);
	/* Read or not, as a text: nobody knows. */
	forge_text(&m.props, MAPI_MESSAGE_FLAGS, "read");
	(void)add(f, forge_ipm(f), m);
	finish(f, &store);
	r = write_it(&store, (struct pst_options){ .split = 0 });
	CHECK(r.st == OST_OK && r.n.messages == 1 && r.n.lost == 2);
	CHECK(times(&r, "\"property\": \"0x5001\"") == 1);
	CHECK(times(&r, "\"property\": \"0x0E07\"") == 1);
	CHECK(times(&r, "\"note\": 1") == 1);
	clear(&r, 1);
	buf_free(&store);
}

static void a_named_property_without_a_name_gets_one(void)
{
	struct forge *f = begin();
	struct forge_message m = mail("of unknown names");
	struct buf store;
	struct run r;

	forge_raw(&m.props, 0x9123, MAPI_INTEGER32, "abcd", 4);
	(void)add(f, forge_ipm(f), m);
	finish(f, &store);
	r = write_it(&store, (struct pst_options){ .split = 0 });
	CHECK(r.st == OST_OK && r.n.lost == 0);
	CHECK(times(&r, "ost2pst-0x9123") == 1);
	CHECK(times(&r, "\"name-added\": 1") == 1);
	clear(&r, 1);
	buf_free(&store);
}

/* A block of a file is damaged: the rest is kept, or nothing of it. */
static void a_part_of_an_attachment_is_kept_or_left_out(void)
{
	for (int omit = 0; omit < 2; omit++) {
		struct forge *f = begin();
		const uint64_t before = forge_next_bid(f);
		struct forge_place block = { 0 };
		struct buf store;
		struct run r;
		uint64_t bid = before;

		(void)add_with_file(f, forge_ipm(f), 50000);
		finish(f, &store);
		while (!(forge_find_block(&store, bid, &block) &&
			 block.size == 8176) &&
		       bid < before + 400)
			bid += 4;
		CHECK(block.size == 8176);
		store.at[block.off + 1000] ^= 0x55;
		r = write_it(&store,
			     (struct pst_options){ .omit_damaged = omit == 1 });
		CHECK(r.st == OST_OK && r.n.messages == 1 && r.n.lost == 1);
		CHECK(r.n.attachments == 1 - (uint64_t)omit);
		CHECK(times(&r, "\"what\": \"attachment-part\"") == 1);
		/* Readable bytes beside it may go with it: up to 512 on each
		   side. */
		const char *count = strstr(buf_text(&r.json), "\"count\": ");

		CHECK(count != NULL && atoi(count + 9) >= 8176 &&
		      atoi(count + 9) <= 8176 + 2 * 512);
		CHECK(times(&r, "\"note\": 1") == 1);
		clear(&r, 1);
		buf_free(&store);
	}
}

/* --- filters -----------------------------------------------------------------
 */

static void what_is_not_asked_for_is_counted_item_by_item(void)
{
	static const char *const folders[] = { "Box" };
	struct forge *f = begin();
	const uint32_t box = forge_folder_named(f, forge_ipm(f), "Box");
	const uint32_t other = forge_folder_named(f, forge_ipm(f), "Other");
	struct forge_message lost = mail("in no table");
	struct buf store;
	struct run r;

	(void)add(f, box, mail("asked for"));
	for (int i = 0; i < 3; i++)
		(void)add(f, other, mail("not asked for"));
	(void)add(f, forge_ipm(f), mail("at the top"));
	lost.unlisted = true;
	(void)add(f, other, lost);
	for (int i = 0; i < 2; i++) {
		struct forge_message m = mail("a view");

		m.associated = true;
		(void)add(f, box, m);
	}
	finish(f, &store);
	r = write_it(&store, (struct pst_options){ .folders = folders,
						   .folder_count = 1 });
	CHECK(r.st == OST_OK && r.n.messages == 1 && r.n.lost == 0);
	/* Four messages in Other, that at the top, and the folders. */
	CHECK(times(&r, "\"associated\": 2") == 1);
	CHECK(times(&r, "\"what\": \"filtered\"") >= 4);
	CHECK(r.n.not_asked >= 2 + 5 + 1);
	clear(&r, 1);
	buf_free(&store);
}

int main(void)
{
	RUN(a_part_is_a_store_of_its_own_and_no_larger_than_asked_for);
	RUN(an_item_larger_than_a_part_has_one_to_itself);
	RUN(an_interrupted_run_keeps_whole_parts_and_goes_on);
	RUN(a_folder_that_is_full_goes_on_beside_itself);
	RUN(search_folders_are_left_out_and_told);
	RUN(what_a_folder_lacks_is_told);
	RUN(what_was_not_fetched_is_told_and_written);
	RUN(messages_are_in_messages_eight_deep);
	RUN(a_value_of_a_type_that_none_knows_is_lost_and_told);
	RUN(a_named_property_without_a_name_gets_one);
	RUN(a_part_of_an_attachment_is_kept_or_left_out);
	RUN(what_is_not_asked_for_is_counted_item_by_item);
	if (*dir != '\0')
		rmdir(dir);
	return checked();
}
