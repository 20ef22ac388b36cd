/*
 * test_pst.c - stores written as PSTs: parts, folders, items, and the report
 */
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "forge.h"
#include "pst/pst.h"
#include "pst/report.h"
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

/* A file goes, or to the directory that $OST_PST_DIR names, to be verified. */
static void put_away(const char *path)
{
	static unsigned number;
	const char *keep = getenv("OST_PST_DIR");
	char to[300], command[1000];
	struct stat is;

	if (keep != NULL && stat(path, &is) == 0 && is.st_size < 1 << 20) {
		snprintf(to, sizeof(to), "%s/run.%u.pst", keep, number++);
		snprintf(command, sizeof(command), "cp '%s' '%s'", path, to);
		CHECK(system(command) == 0);
	}
	unlink(path);
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
		put_away(path);
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
	static char large[40000];
	struct forge *f = begin();
	struct forge_props much = { 0 }, odd = { 0 };
	struct forge_folder how = { .name = "Much", .props = &much };
	struct buf store;
	struct run r;

	memset(large, 'x', sizeof(large) - 1);
	forge_text(&much, MAPI_COMMENT, large);
	(void)forge_folder(f, forge_ipm(f), &how);
	how.name = "Enough";
	large[3000] = '\0';
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

/* The object `nid` of the PST that a run wrote, or the first of a list of it.
 */
static struct store_object *had(struct store *s, uint32_t nid,
				enum store_list list)
{
	struct store_object *o = NULL, *first = NULL;
	struct ost_error err;

	CHECK(store_get(s, (struct store_id){ nid, 0 }, &o, &err) == OST_OK);
	if (list == STORE_NODES)
		return o;
	CHECK(store_child(o, list, 0, &first, &err) == OST_OK);
	store_drop(o);
	return first;
}

enum { TOP = 0x8022, FOLDER = 0x80A2, MESSAGE = 0x200024 };

/* A folder's comment may be long, and its name is cut between characters. */
static void a_folder_keeps_a_long_comment_and_whole_characters(void)
{
	static char comment[3001], name[254 + sizeof("\360\237\223\247x")];
	struct forge *f = begin();
	struct forge_props much = { 0 };
	const struct forge_folder how = { .name = name, .props = &much };
	struct buf store, text = { 0 };
	struct store_object *o;
	struct store *s;
	struct ost_error err;
	struct run r;

	memset(comment, 'x', sizeof(comment) - 1);
	memset(name, 'n', 254);
	strcpy(name + 254, "\360\237\223\247x");
	forge_text(&much, MAPI_COMMENT, comment);
	(void)forge_folder(f, forge_ipm(f), &how);
	forge_props_free(&much);
	finish(f, &store);
	r = write_it(&store, (struct pst_options){ .split = 0 });
	CHECK(r.st == OST_OK && r.n.lost == 0);
	CHECK(times(&r, "\"folder-name\": 1") == 1);
	s = part(&r, 1);
	o = had(s, FOLDER, STORE_NODES);
	CHECK(store_text(o, MAPI_COMMENT, &text, NULL, &err) == OST_OK);
	CHECK_STR(buf_text(&text), comment);
	buf_cut(&text, 0);
	CHECK(store_text(o, MAPI_DISPLAY_NAME, &text, NULL, &err) == OST_OK);
	CHECK(text.len == 254);
	store_drop(o);
	store_close(s);
	buf_free(&text);
	clear(&r, 1);
	buf_free(&store);
}

/* What is left out is told by its name, too. */
static void folders_that_are_left_out_are_named(void)
{
	static const char *const folders[] = { "Box" };
	struct forge *f = begin();
	const struct forge_folder how = { .name = "Unread", .search = true };
	struct buf store;
	struct run r;

	(void)forge_folder_named(f, forge_ipm(f), "Box");
	(void)forge_folder_named(f, forge_ipm(f), "Other");
	(void)forge_folder(f, forge_ipm(f), &how);
	finish(f, &store);
	r = write_it(&store, (struct pst_options){ .folders = folders,
						   .folder_count = 1 });
	CHECK(r.st == OST_OK);
	CHECK(times(&r, "\"name\": \"Other\"") == 1);
	CHECK(times(&r, "\"name\": \"Unread\"") == 1);
	clear(&r, 1);
	buf_free(&store);
}

/* FAI go on beside a folder that is full, as messages do. */
static void a_folder_full_of_hidden_items_goes_on_beside_itself(void)
{
	struct forge *f = begin();
	const uint32_t box = forge_folder_named(f, forge_ipm(f), "Box");
	struct buf store;
	struct run r;

	for (int i = 0; i < 5; i++) {
		struct forge_message m = mail("a view");

		m.associated = true;
		(void)add(f, box, m);
	}
	finish(f, &store);
	r = write_it(&store, (struct pst_options){ .folder_rows = 3,
						   .associated = true });
	CHECK(r.st == OST_OK && r.n.messages == 5 && r.n.lost == 0);
	CHECK(times(&r, "\"path\": \"Box (2)\"") == 1);
	clear(&r, 1);
	buf_free(&store);
}

/* Files are told of that others may not take. */
static void large_files_are_remarked_on(void)
{
	struct report r = { .to = NULL };

	account_part(&r, UINT64_C(20) << 30, NULL);
	CHECK(r.totals[REPORT_LARGE_PART] == 0);
	account_part(&r, (UINT64_C(20) << 30) + 1, NULL);
	CHECK(r.totals[REPORT_LARGE_PART] == 1);
	account_part(&r, UINT64_C(50) << 30, NULL);
	CHECK(r.totals[REPORT_HUGE_PART] == 0);
	account_part(&r, (UINT64_C(50) << 30) + 1, NULL);
	CHECK(r.totals[REPORT_HUGE_PART] == 1);
	account_free(&r);
}

/* Outlook takes two files of one UID for one store. */
static void what_makes_another_file_makes_another_uid(void)
{
	const struct pst_options ways[] = { { .split = 0 },
					    { .heal = true },
					    { .codepage = 1251 },
					    { .name = "Another" },
					    { .omit_damaged = true } };
	enum { WAYS = sizeof(ways) / sizeof(ways[0]) };
	uint8_t keys[WAYS][16];
	struct forge *f = begin();
	struct buf store;

	(void)add(f, forge_ipm(f), mail("one"));
	finish(f, &store);
	for (size_t i = 0; i < WAYS; i++) {
		struct run r = write_it(&store, ways[i]);
		struct store *s = part(&r, 1);

		CHECK(store_key(s).len == sizeof(keys[i]));
		memcpy(keys[i], store_key(s).at, sizeof(keys[i]));
		for (size_t k = 0; k < i; k++)
			CHECK(memcmp(keys[i], keys[k], sizeof(keys[i])) != 0);
		store_close(s);
		clear(&r, 1);
	}
	buf_free(&store);
}

/* --- items -------------------------------------------------------------------
 */

/* Only an empty text is no cell: of an empty index there is one. */
static void an_empty_index_has_its_cell(void)
{
	struct forge *f = begin();
	struct forge_message m = mail("with an empty index");
	struct store_object *row;
	struct store_prop p;
	struct ost_error err;
	struct buf store;
	struct store *s;
	struct run r;

	forge_binary(&m.props, MAPI_CONVERSATION_INDEX, "", 0);
	forge_text(&m.props, MAPI_DISPLAY_CC, "");
	(void)add(f, forge_ipm(f), m);
	finish(f, &store);
	r = write_it(&store, (struct pst_options){ .split = 0 });
	CHECK(r.st == OST_OK && r.n.lost == 0);
	s = part(&r, 1);
	row = had(s, TOP, STORE_MESSAGES);
	CHECK(store_find(row, MAPI_CONVERSATION_INDEX, &p, &err) == OST_OK &&
	      p.size == 0);
	CHECK(store_find(row, MAPI_DISPLAY_CC, &p, &err) == OST_NOT_FOUND);
	store_drop(row);
	store_close(s);
	clear(&r, 1);
	buf_free(&store);
}

/* The time of change that only the row has is nearer than that of delivery. */
static void a_time_that_lacks_is_the_other_one(void)
{
	struct forge *f = begin();
	const uint32_t box = forge_folder_named(f, forge_ipm(f), "Box");
	struct forge_message m = mail("without its times");
	struct forge_props row = { 0 };
	struct store_object *o;
	struct buf store;
	struct store *s;
	struct run r;
	uint32_t nid;

	m.unlisted = true;
	nid = add(f, box, m);
	forge_time(&row, MAPI_LAST_MODIFICATION_TIME, NOW + 500);
	forge_result(f, box, nid, &row);
	forge_props_free(&row);
	finish(f, &store);
	r = write_it(&store, (struct pst_options){ .split = 0 });
	CHECK(r.st == OST_OK && r.n.messages == 1 && r.n.lost == 0);
	s = part(&r, 1);
	o = had(s, MESSAGE, STORE_NODES);
	CHECK(store_number(o, MAPI_LAST_MODIFICATION_TIME, 0) / 10000000 ==
	      NOW + 500 + UINT64_C(11644473600));
	CHECK(store_number(o, MAPI_CREATION_TIME, 0) ==
	      store_number(o, MAPI_LAST_MODIFICATION_TIME, 1));
	store_drop(o);
	store_close(s);
	clear(&r, 1);
	buf_free(&store);
}

/* Entry ids of what is not in the PST, and what has no value. */
static void entry_ids_of_the_old_store_are_told_as_such(void)
{
	struct forge *f = begin();
	struct forge_message m = mail("with entry ids");
	struct store_object *o;
	struct store_prop p;
	struct ost_error err;
	struct buf store;
	struct store *s;
	struct run r;

	forge_binary(&m.props, 0x0E0A, "abcd", 4);
	forge_binary(&m.props, 0x0E0B, "abcd", 4);
	forge_binary(&m.props, 0x0E09, "abcd", 4);
	forge_raw(&m.props, 0x6801, MAPI_NULL, "", 0);
	(void)add(f, forge_ipm(f), m);
	finish(f, &store);
	r = write_it(&store, (struct pst_options){ .split = 0 });
	CHECK(r.st == OST_OK && r.n.lost == 0);
	CHECK(times(&r, "\"dangling\": 2") == 1);
	s = part(&r, 1);
	o = had(s, MESSAGE, STORE_NODES);
	CHECK(store_find(o, 0x6801, &p, &err) == OST_OK &&
	      p.type == MAPI_NULL && p.size == 0);
	store_drop(o);
	store_close(s);
	clear(&r, 1);
	buf_free(&store);
}

/* What an attachment says of itself as no number is lost, and its row has what
   it has then. */
static void an_attachment_is_as_its_row_says(void)
{
	struct forge *f = begin();
	struct forge_message m = mail("with an odd file");
	struct forge_props *p = &forge_attachment(&m)->props;
	struct store_object *message, *o = NULL;
	struct ost_error err;
	struct buf store;
	struct store *s;
	struct run r;

	forge_text(p, MAPI_ATTACH_METHOD, "by value");
	forge_int(p, MAPI_RENDERING_POSITION, 7);
	forge_binary(p, MAPI_ATTACH_DATA, "abc", 3);
	(void)add(f, forge_ipm(f), m);
	finish(f, &store);
	r = write_it(&store, (struct pst_options){ .split = 0 });
	CHECK(r.st == OST_OK && r.n.lost == 1 && r.n.attachments == 1);
	CHECK(times(&r, "\"property\": \"0x3705\"") == 1);
	s = part(&r, 1);
	message = had(s, MESSAGE, STORE_NODES);
	CHECK(store_child(message, STORE_ATTACHMENTS, 0, &o, &err) == OST_OK);
	CHECK(store_number(o, MAPI_ATTACH_METHOD, 0) == MAPI_ATTACH_BY_VALUE);
	CHECK(store_number(o, MAPI_RENDERING_POSITION, 0) == 7);
	store_drop(o);
	store_drop(message);
	store_close(s);
	clear(&r, 1);
	buf_free(&store);
}

/* Nobody has no name; and a table may have as many columns as fit. */
static void recipients_have_names_and_all_their_columns(void)
{
	enum { EXTRA = 241 };
	struct forge *f = begin();
	struct forge_message m = mail("to nobody");
	struct forge_props *to = forge_recipient(&m);
	struct store_object *message, *o = NULL;
	struct buf store, name = { 0 };
	struct ost_error err;
	struct store *s;
	struct run r;

	forge_int(to, MAPI_RECIPIENT_TYPE, 1);
	for (uint16_t i = 0; i < EXTRA; i++)
		forge_int(to, (uint16_t)(0x6800 + i), i);
	(void)add(f, forge_ipm(f), m);
	finish(f, &store);
	r = write_it(&store, (struct pst_options){ .split = 0 });
	CHECK(r.st == OST_OK && r.n.lost == 0);
	s = part(&r, 1);
	message = had(s, MESSAGE, STORE_NODES);
	CHECK(store_child(message, STORE_RECIPIENTS, 0, &o, &err) == OST_OK);
	CHECK(store_text(o, MAPI_DISPLAY_NAME, &name, NULL, &err) == OST_OK);
	CHECK_STR(buf_text(&name), "(no name)");
	CHECK(store_number(o, 0x6800 + EXTRA - 1, 0) == EXTRA - 1);
	store_drop(o);
	store_drop(message);
	store_close(s);
	buf_free(&name);
	clear(&r, 1);
	buf_free(&store);
}

/* That it was to be sent is told, item by item. */
static void what_was_to_be_sent_is_told(void)
{
	struct forge *f = begin();
	struct forge_message m = mail("in the outbox");
	struct buf store;
	struct run r;

	forge_int(&m.props, MAPI_MESSAGE_FLAGS, 0x4 | 0x8);
	(void)add(f, forge_ipm(f), m);
	finish(f, &store);
	r = write_it(&store, (struct pst_options){ .split = 0 });
	CHECK(r.st == OST_OK && r.n.lost == 0);
	CHECK(times(&r, "\"what\": \"flags\"") == 1);
	clear(&r, 1);
	buf_free(&store);
}

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
	RUN(a_folder_keeps_a_long_comment_and_whole_characters);
	RUN(folders_that_are_left_out_are_named);
	RUN(a_folder_full_of_hidden_items_goes_on_beside_itself);
	RUN(large_files_are_remarked_on);
	RUN(what_makes_another_file_makes_another_uid);
	RUN(an_empty_index_has_its_cell);
	RUN(a_time_that_lacks_is_the_other_one);
	RUN(entry_ids_of_the_old_store_are_told_as_such);
	RUN(an_attachment_is_as_its_row_says);
	RUN(recipients_have_names_and_all_their_columns);
	RUN(what_was_to_be_sent_is_told);
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
