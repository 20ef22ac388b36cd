/*
 * test_control.c - the control directory, and files made for it elsewhere
 */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "treekit.h"

static void keeps_its_own_files_out_of_sight(void)
{
	struct store *s = mailbox();
	struct tree *t;
	char *bytes;

	fake_number(fake_again(s, INBOX), MAPI_CONTENT_COUNT, MAPI_INTEGER32,
		    7);
	fake_text(fake_again(s, MAPI_NID_STORE), MAPI_DISPLAY_NAME,
		  "Jane \"J\" Doe");
	t = show(s);
	check_list(t, "", "Inbox/\n");
	check_list(t, ".ostfs", "mapi/\ninfo.json\n");
	CHECK(!is_there(t, "Inbox/.ostfs"));
	CHECK(!is_there(t, ".ostfs/x"));
	bytes = bytes_at(t, ".ostfs/info.json");
	CHECK(strstr(bytes, "\"name\": \"Jane \\\"J\\\" Doe\"") != NULL);
	CHECK(strstr(bytes, "\"kind\": \"ost\"") != NULL);
	CHECK(strstr(bytes, "\"clean\": true") != NULL);
	CHECK(strstr(bytes, "\"mailbox_guid\": null") != NULL);
	CHECK(strstr(bytes, "\"owner\": null") != NULL);
	CHECK(strstr(bytes, "\"role\": null") != NULL);
	CHECK(strstr(bytes, "\"folder_count\": 2") != NULL);
	CHECK(strstr(bytes, "\"item_count\": 7") != NULL);
	CHECK(strstr(bytes, "\"path\": \"Inbox\"") != NULL);
	free(bytes);
	tree_free(t);
}

static void says_whose_it_is(void)
{
	static const uint8_t guid[16] = { 0xC5, 0x3B, 0x4F, 0xD3 };
	struct store *s = fake_store_new();
	struct tree *t;
	char *bytes;

	fake_bytes(fake_again(s, MAPI_NID_STORE), MAPI_MAILBOX_GUID, MAPI_GUID,
		   guid, sizeof(guid));
	fake_bytes(fake_again(s, MAPI_NID_STORE), MAPI_RECORD_KEY, MAPI_BINARY,
		   guid, sizeof(guid));
	fake_add(s, MAPI_NID_ROOT_FOLDER, 0);
	fake_text(fake_add(s, 0x2142, MAPI_NID_ROOT_FOLDER), MAPI_DISPLAY_NAME,
		  "IPM_SUBTREE");
	fake_text(fake_add(s, 0x2182, 0x2142), MAPI_DISPLAY_NAME,
		  "Posteingang");
	for (uint32_t i = 0; i < 2; i++)
		fake_text(fake_add(s, 0x200024 + 0x20 * i, 0x2182),
			  MAPI_RECEIVED_BY_SMTP, "alice@corp.example");
	t = show(s);
	bytes = bytes_at(t, ".ostfs/info.json");
	CHECK(strstr(bytes, "\"mailbox_guid\": \"d34f3bc5-0000-0000-"
			    "0000-000000000000\"") != NULL);
	CHECK(strstr(bytes, "\"record_key\": \"c53b4fd3000000000000"
			    "000000000000\"") != NULL);
	CHECK(strstr(bytes, "\"owner\": \"alice@corp.example\"") != NULL);
	CHECK(strstr(bytes, "\"owner_of\": 2") != NULL);
	CHECK(strstr(bytes, "\"path\": \"Posteingang\", \"nid\": \"2182\", "
			    "\"role\": \"inbox\"") != NULL);
	free(bytes);
	tree_free(t);
}

/* --- properties ---------------------------------------------------------- */

static struct store *mailbox_with_mail(void)
{
	struct store *s = mailbox();
	struct fake *m = add_message(s, MESSAGE, INBOX);

	add_file(m, "a.txt", "Hello");
	fake_text(add_embedded(m, "Lunch"), MAPI_SENDER_NAME, "Jane");
	return s;
}

static void gives_the_properties_of_whatever_has_some(void)
{
	static const struct {
		const char *name, *has;
	} cases[] = {
		{ "200024.json", "\"value\": \"Budget review\"" },
		{ "200024.json", "\"value\": \"Lunch\"" },
		{ "8042.json", "\"value\": \"Inbox\"" },
		{ "122.json", "\"nid\": \"0x122\"" },
		{ "21.json", "\"nid\": \"0x21\"" },
	};
	static const char *const none[] = {
		"200044.json",	"0200024.json", "0x200024.json",
		"200024.JSON",	"200024",	"200024.json.json",
		"-1.json",	".json",	"1200024024.json",
		" 200024.json", "0.json",	"61.json",
		"60d.json",	"8045.json",
	};
	struct tree *t = show(mailbox_with_mail());
	struct buf path = { 0 };

	check_list(t, ".ostfs/mapi", "");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_cut(&path, 0);
		buf_printf(&path, ".ostfs/mapi/%s", cases[i].name);
		char *bytes = bytes_at(t, path.at);
		CHECK(strstr(bytes, cases[i].has) != NULL);
		free(bytes);
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		buf_cut(&path, 0);
		buf_printf(&path, ".ostfs/mapi/%s", none[i]);
		CHECK(!is_there(t, path.at));
	}
	buf_free(&path);
	tree_free(t);
}

static void numbers_properties_by_what_has_them(void)
{
	struct tree *t = show(mailbox_with_mail());
	const uint64_t mapi = UINT64_C(0x600000000);
	const uint64_t mail = mapi | MESSAGE;
	struct tree_node node, item;
	struct ost_error err;
	uint64_t up = 0;

	CHECK(ino_at(t, ".ostfs/mapi") == mapi);
	CHECK(ino_at(t, ".ostfs/mapi/200024.json") == mail);
	CHECK(tree_properties(t, MESSAGE) == mail);
	CHECK(tree_properties(t, TREE_ROOT) == (mapi | SUBTREE));
	CHECK(tree_parent(t, mail, &up, &err) == OST_OK && up == mapi);
	CHECK(tree_parent(t, mapi, &up, &err) == OST_OK &&
	      up == ino_at(t, ".ostfs"));
	CHECK(tree_stat(t, mail, &node, &err) == OST_OK);
	CHECK(tree_stat(t, MESSAGE, &item, &err) == OST_OK);
	CHECK(!node.is_dir && node.nlink == 1);
	CHECK(node.mtime == item.mtime && node.mtime == MARCH_1);
	CHECK(tree_stat(t, mapi, &node, &err) == OST_OK);
	CHECK(node.is_dir && node.nlink == 2);
	CHECK(tree_stat(t, mapi | 0x200044, &node, &err) == OST_NOT_FOUND);
	CHECK(tree_stat(t, mapi | 0x8045, &node, &err) == OST_NOT_FOUND);
	CHECK(tree_stat(t, UINT64_C(0x200200024), &node, &err) ==
	      OST_NOT_FOUND);
	tree_free(t);
}

static void gives_the_properties_of_an_attachment_too(void)
{
	static const struct {
		uint32_t place;
		const char *has;
	} cases[] = {
		{ 1, "\"value\": \"SGVsbG8=\"" },
		{ 2, "\"value\": \"Lunch\"" },
	};
	struct tree *t = show(mailbox_with_mail());

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const uint64_t ino = (uint64_t)cases[i].place << 34 | MESSAGE;
		struct tree_file *f = NULL;
		struct tree_node node;
		struct ost_error err;
		char bytes[8000] = "";
		size_t got;

		CHECK(tree_stat(t, tree_properties(t, ino), &node, &err) ==
		      OST_OK);
		CHECK(tree_open(t, node.ino, &f, &err) == OST_OK);
		CHECK(tree_read(f, 0, bytes, sizeof(bytes) - 1, &got, &err) ==
		      OST_OK);
		CHECK(got == node.size && got == tree_file_size(f));
		CHECK(strstr(bytes, cases[i].has) != NULL);
		tree_close(f);
	}
	tree_free(t);
}

static void notes_what_properties_could_not_be_read(void)
{
	struct store *s = mailbox_with_mail();
	struct buf value = { 0 };
	struct tree *t;
	struct ost_error err;

	fake_broken(fake_again(s, MESSAGE), 0x6001, MAPI_BINARY);
	t = show(s);
	const uint64_t ino = ino_at(t, ".ostfs/mapi/200024.json");
	CHECK(tree_xattr(t, ino, "user.ost.notes", &value, &err) == OST_OK);
	CHECK_STR(buf_text(&value), "prop-corrupt");
	buf_cut(&value, 0);
	CHECK(tree_xattr(t, ino, "user.mime_type", &value, &err) == OST_OK);
	CHECK_STR(buf_text(&value), "application/json");
	buf_cut(&value, 0);
	CHECK(tree_xattr(t, ino, "user.ost.nid", &value, &err) == OST_OK);
	CHECK_STR(buf_text(&value), "200024");
	CHECK(tree_xattr(t, ino_at(t, ".ostfs/mapi"), "user.mime_type", &value,
			 &err) == OST_NOT_FOUND);
	buf_free(&value);
	tree_free(t);
}

/* --- files of a higher layer --------------------------------------------- */

enum { LARGE = 3 << 20, THREADS = 8 };

/* How a file is made, and how often it was. */
struct maker {
	unsigned fail; /* the first few times */
	bool large;    /* in a file of its own */
	atomic_uint made;
};

/* Byte `at` of a large file. */
static uint8_t byte_at(size_t at)
{
	return (uint8_t)(at >> 16 ^ at);
}

static int large_file(void)
{
	char name[] = "/tmp/test_control.XXXXXX";
	const int fd = mkstemp(name);
	uint8_t *bytes = malloc(LARGE);

	if (fd < 0 || bytes == NULL)
		abort();
	unlink(name);
	for (size_t i = 0; i < LARGE; i++)
		bytes[i] = byte_at(i);
	CHECK(write(fd, bytes, LARGE) == LARGE);
	free(bytes);
	return fd;
}

static enum ost_status make(void *arg, struct tree *t, struct buf *text,
			    int *fd, struct ost_error *err)
{
	struct maker *m = arg;
	struct tree_node node;

	if (atomic_fetch_add(&m->made, 1) < m->fail) {
		buf_str(text, "half of it");
		*fd = m->large ? large_file() : -1;
		return ost_fail(err, OST_IO, "not now");
	}
	if (m->large)
		*fd = large_file();
	else
		buf_str(text, "{}\n");
	/* It may look about. */
	return tree_walk(t, ".ostfs/info.json", &node, err);
}

static struct tree *show_with(struct maker *m, const char *name)
{
	const struct tree_control control = { name, make, m };
	const struct tree_options options = { .plans = 1,
					      .controls = &control,
					      .control_count = 1 };

	return show_as(mailbox(), &options);
}

static void makes_a_file_when_it_is_asked_for_and_once(void)
{
	struct maker m = { 0 };
	struct tree *t = show_with(&m, "report.json");
	struct tree_node node;
	struct ost_error err;
	char *bytes;

	check_list(t, ".ostfs", "mapi/\ninfo.json\nreport.json\n");
	CHECK(is_there(t, ".ostfs/info.json"));
	CHECK(m.made == 0);
	CHECK(tree_walk(t, ".ostfs/report.json", &node, &err) == OST_OK);
	CHECK(node.size == 3 && !node.is_dir);
	CHECK(m.made == 1);
	CHECK(is_there(t, ".ostfs/info.json")); /* and drops the other plan */
	bytes = bytes_at(t, ".ostfs/report.json");
	CHECK_STR(bytes, "{}\n");
	CHECK(m.made == 1);
	free(bytes);
	tree_free(t);
}

static void keeps_a_large_file_out_of_memory(void)
{
	struct maker m = { .large = true };
	struct tree *t = show_with(&m, "manifest.jsonl");
	struct tree_file *f = NULL;
	struct tree_node node;
	struct ost_error err;
	uint8_t bytes[1000];
	size_t got = 0, wrong = 0;

	CHECK(tree_walk(t, ".ostfs/manifest.jsonl", &node, &err) == OST_OK);
	CHECK(node.size == LARGE);
	CHECK(tree_open(t, node.ino, &f, &err) == OST_OK);
	for (size_t off = 0; off < LARGE + 2000; off += 999) {
		CHECK(tree_read(f, off, bytes, sizeof(bytes), &got, &err) ==
		      OST_OK);
		CHECK(got == (off >= LARGE		    ? 0
			      : LARGE - off < sizeof(bytes) ? LARGE - off
							    : sizeof(bytes)));
		for (size_t i = 0; i < got; i++)
			wrong += bytes[i] != byte_at(off + i);
	}
	CHECK(wrong == 0);
	tree_close(f);
	tree_free(t);
}

static void tries_again_when_a_file_could_not_be_made(void)
{
	for (int large = 0; large < 2; large++) {
		struct maker m = { .fail = 2, .large = large != 0 };
		struct tree *t = show_with(&m, "log");
		struct tree_file *f = NULL;
		struct tree_node node;
		struct ost_error err = { "" };

		for (int i = 0; i < 2; i++) {
			CHECK(tree_walk(t, ".ostfs/log", &node, &err) ==
			      OST_IO);
			CHECK(strstr(err.text, ".ostfs/log: not now") != NULL);
		}
		CHECK(tree_walk(t, ".ostfs/log", &node, &err) == OST_OK);
		CHECK(tree_open(t, node.ino, &f, &err) == OST_OK);
		CHECK(tree_file_size(f) == (large != 0 ? LARGE : 3));
		CHECK(m.made == 3);
		tree_close(f);
		tree_free(t);
	}
}

static void *open_it(void *arg)
{
	struct tree_node node;
	struct ost_error err;
	const bool good =
		tree_walk(arg, ".ostfs/report.json", &node, &err) == OST_OK &&
		node.size == LARGE;

	return good ? arg : NULL;
}

static void makes_a_file_once_for_many_who_ask_at_once(void)
{
	struct maker m = { .large = true };
	struct tree *t = show_with(&m, "report.json");
	pthread_t threads[THREADS];
	void *good;

	for (size_t i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, open_it, t) != 0)
			abort();
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &good);
		CHECK(good != NULL);
	}
	CHECK(m.made == 1);
	tree_free(t);
}

static void tells_the_type_of_a_file_by_its_name(void)
{
	const struct {
		const char *name, *type;
	} cases[] = {
		{ "report.json", "application/json" },
		{ "manifest.jsonl", "application/jsonl" },
		{ "log", "text/plain" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct maker m = { 0 };
		struct tree *t = show_with(&m, cases[i].name);
		struct buf path = { 0 }, type = { 0 };
		struct tree_node node;
		struct ost_error err;

		buf_printf(&path, ".ostfs/%s", cases[i].name);
		CHECK(tree_walk(t, path.at, &node, &err) == OST_OK);
		CHECK(tree_xattr(t, node.ino, "user.mime_type", &type, &err) ==
		      OST_OK);
		CHECK_STR(buf_text(&type), cases[i].type);
		buf_free(&path);
		buf_free(&type);
		tree_free(t);
	}
}

/* A file that grows by a letter each time somebody asks for its size. */
static uint64_t grow(void *arg, int64_t *sec, uint32_t *nsec)
{
	uint64_t *size = arg;

	*sec = 1000 + (int64_t)*size;
	*nsec = 5;
	return ++*size;
}

static size_t read_grown(void *arg, uint64_t off, void *buf, size_t want)
{
	const uint64_t *size = arg;
	const size_t len = off < *size ? (size_t)(*size - off) : 0;

	memset(buf, 'x', len < want ? len : want);
	return len < want ? len : want;
}

static void says_what_a_live_file_is_now(void)
{
	uint64_t size = 0;
	const struct tree_control control = { .name = "log",
					      .arg = &size,
					      .live_size = grow,
					      .live_read = read_grown };
	const struct tree_options options = { .controls = &control,
					      .control_count = 1 };
	struct tree *t = show_as(mailbox(), &options);
	struct tree_file *f = NULL;
	struct tree_node node;
	struct ost_error err;
	char text[16];
	size_t got = 0;

	CHECK(tree_walk(t, ".ostfs/log", &node, &err) == OST_OK);
	for (uint64_t last = 0; last < 3; last = node.size) {
		CHECK(tree_stat(t, node.ino, &node, &err) == OST_OK);
		CHECK(node.live && !node.is_dir && node.size > last);
		CHECK(node.mtime == 999 + (int64_t)node.size &&
		      node.mtime_nsec == 5 && node.ctime == node.mtime);
		CHECK(tree_open(t, node.ino, &f, &err) == OST_OK);
		CHECK(tree_read(f, 1, text, 16, &got, &err) == OST_OK);
		CHECK(got == size - 1);
		tree_close(f);
	}
	CHECK(tree_walk(t, ".ostfs/info.json", &node, &err) == OST_OK);
	CHECK(!node.live);
	tree_free(t);
}

int main(void)
{
	RUN(says_whose_it_is);
	RUN(keeps_its_own_files_out_of_sight);
	RUN(gives_the_properties_of_whatever_has_some);
	RUN(numbers_properties_by_what_has_them);
	RUN(gives_the_properties_of_an_attachment_too);
	RUN(notes_what_properties_could_not_be_read);
	RUN(makes_a_file_when_it_is_asked_for_and_once);
	RUN(keeps_a_large_file_out_of_memory);
	RUN(tries_again_when_a_file_could_not_be_made);
	RUN(makes_a_file_once_for_many_who_ask_at_once);
	RUN(tells_the_type_of_a_file_by_its_name);
	RUN(says_what_a_live_file_is_now);
	return checked();
}
