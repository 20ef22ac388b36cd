/*
 * test_answers.c - what the front of a fleet hears and reads: the answers of
 * a process that reads a store, which a hostile one may have taken over; a
 * catalogue, which anybody may have written; and what a look found, on any
 * file system
 */
#include "check.h"
#include "fs/catalog.h"
#include "fs/link.h"
#include "fs/looked.h"
#include "fs/ops.h"
#include "fs/said.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SLOT = 7, UNIQUE = 42 };

#define OWN   ((uint64_t)SLOT << FS_SLOT_SHIFT | 5)
#define OTHER ((uint64_t)(SLOT + 1) << FS_SLOT_SHIFT | 5)

/* A message, put together piece by piece. */
struct message {
	_Alignas(8) uint8_t at[4096];
	size_t len;
};

static void put(struct message *m, const void *bytes, size_t len)
{
	memcpy(m->at + m->len, bytes, len);
	m->len += len;
}

static struct message answer(int error, uint64_t unique)
{
	const struct fuse_out_header head = { .error = error,
					      .unique = unique };
	struct message m = { .len = 0 };

	put(&m, &head, sizeof(head));
	return m;
}

/* Say how long it is, as it is. */
static const struct fuse_out_header *whole(struct message *m)
{
	const uint32_t len = (uint32_t)m->len;

	memcpy(m->at, &len, sizeof(len));
	return (const void *)m->at;
}

/* An entry of a listing, as long as it says its name is. */
static void put_entry(struct message *m, uint64_t node, uint32_t says)
{
	struct fuse_direntplus d = { 0 };

	d.entry_out.nodeid = node;
	d.dirent.namelen = says;
	put(m, &d, FUSE_NAME_OFFSET_DIRENTPLUS);
	put(m, "name\0\0\0\0", 8);
}

/* A link to a worker that has been asked `opcode`; the worker's end. */
static int asked(struct link *l, uint32_t opcode)
{
	const struct fuse_in_header in = { .len = sizeof(in),
					   .opcode = opcode,
					   .unique = UNIQUE,
					   .nodeid = OWN };
	int ends[2];

	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
	link_start(l);
	l->fd = ends[0];
	l->live = true;
	CHECK(link_add(l, &in));
	link_send(l);
	CHECK(l->asked_count == 1);
	return ends[1];
}

static void ignore(void *arg, uint64_t unique)
{
	CHECK(unique == UNIQUE);
	++*(unsigned *)arg;
}

/* Is it one? And if not, the request is refused once the worker is gone. */
static bool takes(uint32_t opcode, struct message *m, size_t len)
{
	struct link l;
	const int other = asked(&l, opcode);
	const bool good = link_answers(&l, whole(m), len, SLOT);
	unsigned refused = 0;

	CHECK(link_is_idle(&l) == good);
	link_lost(&l, false, ignore, &refused);
	CHECK(refused == (good ? 0 : 1));
	CHECK(link_is_idle(&l));
	close(other);
	return good;
}

static void takes_answers_to_what_was_asked(void)
{
	struct message m = answer(0, UNIQUE);
	struct fuse_entry_out entry = { .nodeid = OWN };

	CHECK(takes(FUSE_READ, &m, m.len));
	m = answer(-EIO, UNIQUE);
	CHECK(takes(FUSE_LOOKUP, &m, m.len));
	m = answer(0, UNIQUE);
	put(&m, &entry, sizeof(entry));
	CHECK(takes(FUSE_LOOKUP, &m, m.len));
	entry.nodeid = 0;
	m = answer(0, UNIQUE);
	put(&m, &entry, sizeof(entry));
	CHECK(takes(FUSE_LOOKUP, &m, m.len));
	m = answer(0, UNIQUE);
	CHECK(takes(FUSE_READDIRPLUS, &m, m.len));
	put_entry(&m, OWN, 4);
	put_entry(&m, 0, 8);
	CHECK(takes(FUSE_READDIRPLUS, &m, m.len));
}

static void takes_no_answer_that_was_not_asked_for(void)
{
	static const struct {
		const char *what;
		uint64_t unique;
		int error;
	} cases[] = {
		{ "another number", UNIQUE + 1, 0 },
		{ "a notice to the kernel", 0, 3 },
		{ "a notice without a code", 0, 0 },
		{ "an error that is none", UNIQUE, 5 },
		{ "an error that the kernel has not", UNIQUE, -512 },
		{ "the least number", UNIQUE, -2147483647 - 1 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct message m = answer(cases[i].error, cases[i].unique);

		if (takes(FUSE_READ, &m, m.len))
			CHECK_STR(cases[i].what, "refused");
	}
}

static void takes_no_answer_of_another_length(void)
{
	struct message m = answer(-EIO, UNIQUE);
	struct fuse_entry_out entry = { .nodeid = OWN };

	CHECK(!takes(FUSE_READ, &m, m.len + 1)); /* than it says */
	for (size_t len = 0; len < m.len; len++)
		CHECK(!takes(FUSE_READ, &m, len));
	put(&m, "more", 4);
	CHECK(!takes(FUSE_READ, &m, m.len)); /* an error has no more */
	m = answer(0, UNIQUE);
	CHECK(!takes(FUSE_LOOKUP, &m, m.len));
	put(&m, &entry, sizeof(entry) - 1);
	CHECK(!takes(FUSE_LOOKUP, &m, m.len));
	put(&m, "12", 2);
	CHECK(!takes(FUSE_LOOKUP, &m, m.len));
}

static void takes_nothing_of_another_store(void)
{
	struct fuse_entry_out entry = { .nodeid = OTHER };
	struct message m = answer(0, UNIQUE);

	put(&m, &entry, sizeof(entry));
	CHECK(!takes(FUSE_LOOKUP, &m, m.len));
	entry.nodeid = 1; /* the top */
	m = answer(0, UNIQUE);
	put(&m, &entry, sizeof(entry));
	CHECK(!takes(FUSE_LOOKUP, &m, m.len));
	m = answer(0, UNIQUE);
	put_entry(&m, OWN, 4);
	put_entry(&m, OTHER, 4);
	CHECK(!takes(FUSE_READDIRPLUS, &m, m.len));
}

static void takes_no_listing_that_is_not_whole(void)
{
	static const uint32_t lengths[] = {
		9, 1000, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff
	};
	struct message m;

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		m = answer(0, UNIQUE);
		put_entry(&m, OWN, lengths[i]);
		CHECK(!takes(FUSE_READDIRPLUS, &m, m.len));
	}
	m = answer(0, UNIQUE);
	put_entry(&m, OWN, 4);
	put(&m, "rest", 4);
	CHECK(!takes(FUSE_READDIRPLUS, &m, m.len));
}

/* Only what two workers died of fails. */
static void asks_again_once(void)
{
	struct link l;
	const int first = asked(&l, FUSE_READ);
	unsigned refused = 0;
	int ends[2];

	link_lost(&l, true, ignore, &refused);
	CHECK(refused == 0 && !link_is_idle(&l) && l.alone);
	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
	l.fd = ends[0];
	l.live = true;
	link_send(&l);
	CHECK(l.asked_count == 1);
	link_lost(&l, true, ignore, &refused);
	CHECK(refused == 1 && link_is_idle(&l));
	close(first);
	close(ends[1]);
}

/* --- what a worker says ----------------------------------------------------
 */

static bool hears(struct said *s, int error, const char *words, size_t len)
{
	static struct message m; /* `s` is of it */

	m = answer(error, UINT64_MAX);
	put(&m, words, len);
	whole(&m);
	return said_read(s, m.at, m.len);
}

static void hears_what_a_worker_says(void)
{
	struct said s;

	CHECK(hears(&s, 0, "r", 1) && s.kind == WORKER_READY &&
	      s.words.len == 0);
	CHECK(hears(&s, 0, "rcut short", 10) && s.words.len == 9);
	CHECK(hears(&s, 33, "fcut short", 10) && s.kind == WORKER_FAILED &&
	      s.code == 33 && s.words.len == 9);
	CHECK(hears(&s, 0, "w1\0a@b\0A\0", 9) && s.kind == WORKER_WHOSE);
	CHECK(s.whose[0].len == 1 && s.whose[1].len == 3 &&
	      s.whose[2].len == 1);
	CHECK(hears(&s, 0, "w\0\0\0", 4) && s.whose[2].len == 0);
}

static void hears_nothing_else(void)
{
	static const struct {
		int error;
		const char *words;
		size_t len;
	} cases[] = {
		{ 0, "", 0 },  /* nothing */
		{ 0, "x", 1 }, /* no kind of ours */
		{ 0, "\0", 1 },
		{ 1, "r", 1 },	   /* ready, but not well */
		{ 0, "fwhy", 4 },  /* failed, but well */
		{ -5, "fwhy", 4 }, /* no exit code */
		{ 256, "fwhy", 4 },
		{ 1, "w\0\0\0", 4 }, /* an owner, and an error */
		{ 0, "w", 1 },	     /* too few texts */
		{ 0, "w\0\0", 3 },
		{ 0, "w\0\0x", 4 },    /* no end of the last */
		{ 0, "w\0\0\0\0", 5 }, /* too many */
		{ 0, "w\0\0\0x", 5 },
	};
	static uint8_t
		large[sizeof(struct fuse_out_header) + 2 + WORKER_WORDS_MAX];
	struct fuse_out_header head = { .len = sizeof(large) };
	struct said s;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK(!hears(&s, cases[i].error, cases[i].words, cases[i].len));
	memcpy(large, &head, sizeof(head));
	large[sizeof(head)] = WORKER_READY;
	CHECK(!said_read(&s, large, sizeof(large)));
	CHECK(!said_read(&s, large, sizeof(large) - 1)); /* it says more */
	head.len--;
	memcpy(large, &head, sizeof(head));
	CHECK(said_read(&s, large, sizeof(large) - 1));
}

/* --- catalogues ------------------------------------------------------------
 */

static enum ost_status parse(const char *text, size_t len, size_t *count,
			     struct ost_error *err)
{
	struct fleet f = { 0 };
	struct buf b = { 0 };
	enum ost_status st;

	buf_add(&b, text, len);
	st = catalog_parse(&f, buf_span(&b), span_of("/dev/", 5), err);
	*count = f.count;
	fleet_free(&f);
	buf_free(&b);
	return st;
}

static void reads_a_catalogue(void)
{
	static const struct {
		const char *text;
		size_t count;
	} cases[] = {
		{ "", 0 },
		{ " \n\t", 0 },
		{ "[]", 0 },
		{ "{\"path\": \"null\"}", 1 },
		{ "{\"path\":\"/dev/null\"}\n{\"path\":\"zero\"}\n", 2 },
		{ "[{\"path\":\"null\",\"name\":7,\"owner\":null}, "
		  "{\"path\":\"zero\",\"more\":[[{}]]}]",
		  2 },
		{ "[{\"path\":\"null\"}][{\"path\":\"zero\"}]", 2 },
	};
	static const char nul[] = "{\"path\":\"null\"}\n\0"
				  "{\"path\":\"zero\"}";
	struct ost_error err;
	size_t count;

	/* A NUL is no end of it. */
	CHECK(parse(nul, sizeof(nul) - 1, &count, &err) == OST_OK);
	CHECK(count == 2);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK(parse(cases[i].text, strlen(cases[i].text), &count,
			    &err) == OST_OK);
		CHECK(count == cases[i].count);
	}
}

static void refuses_a_catalogue_that_is_none(void)
{
	static const struct {
		const char *text;
		size_t len;
		const char *why;
	} cases[] = {
#define TEXT(t) t, sizeof(t) - 1
		{ TEXT("x"), "is not JSON after store 0" },
		{ TEXT("\0"), "is not JSON after store 0" },
		{ TEXT("{\"path\":\"null\"}\n{\"path\":\"ze"),
		  "is not JSON after store 1" },
		{ TEXT("[{\"path\":\"null\"}"), "is not JSON after store 0" },
		{ TEXT("\xff\xfe{\0\"\0"), "is not JSON after store 0" },
		{ TEXT("{\"path\":\"null\"}\n1"), "store 2 of it has no" },
		{ TEXT("\"null\""), "store 1 of it has no" },
		{ TEXT("null"), "store 1 of it has no" },
		{ TEXT("[[{\"path\":\"null\"}]]"), "store 1 of it has no" },
		{ TEXT("{\"Path\":\"null\"}"), "store 1 of it has no" },
		{ TEXT("{\"path\":\"\"}"), "store 1 of it has no" },
		{ TEXT("{\"path\":[\"null\"]}"), "store 1 of it has no" },
		{ TEXT("{\"path\":\"nobody has this\"}"), "No such file" },
		{ TEXT("{\"path\":\"../dev/../no/such\"}"), "No such file" },
#undef TEXT
	};
	struct ost_error err;
	size_t count;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK(parse(cases[i].text, cases[i].len, &count, &err) !=
		      OST_OK);
		if (strstr(err.text, cases[i].why) == NULL)
			CHECK_STR(err.text, cases[i].why);
	}
}

static void bounds_a_catalogue(void)
{
	static const char one[] = "{\"path\":\"null\"}";
	struct buf text = { 0 };
	struct ost_error err;
	size_t count;

	for (int i = 0; i < 100000; i++)
		buf_byte(&text, '[');
	CHECK(parse(text.at, text.len, &count, &err) == OST_CORRUPT);
	buf_cut(&text, 0);
	for (int i = 0; i <= FLEET_MAX; i++)
		buf_str(&text, one);
	CHECK(parse(text.at, text.len, &count, &err) == OST_LIMIT);
	CHECK(count == FLEET_MAX);
	buf_free(&text);
}

/* --- what a look found -----------------------------------------------------
 */

/* Where the parts of its first record are; its path is "a/b.ost", 7 bytes. */
enum {
	AT_NSEC = 32,
	AT_PATH_LEN = 36,
	AT_WISH_LEN = 40,
	AT_NONE = 44,
	AT_PATH = 48,
};

/* Two stores, as they are written; the caller's to free. */
static char *two_found(size_t *len)
{
	struct fleet f = { 0 };
	struct ost_error err;
	char *text = NULL;
	FILE *to = open_memstream(&text, len);

	CHECK(fleet_add(&f, "a/b.ost", "Anna", &err) == OST_OK);
	CHECK(fleet_add(&f, "\xff\n.pst", NULL, &err) == OST_OK);
	f.stores[0].size = UINT64_MAX;
	f.stores[0].mtime = INT64_MIN;
	f.stores[0].mtime_nsec = 999999999;
	f.stores[1].device = 7;
	f.stores[1].inode = UINT64_MAX - 1;
	CHECK(looked_write(to, &f));
	CHECK(fclose(to) == 0);
	fleet_free(&f);
	return text;
}

static bool reads(struct fleet *out, char *text, size_t len)
{
	FILE *from = fmemopen(text, len, "r");
	bool good;

	*out = (struct fleet){ 0 };
	CHECK(from != NULL);
	good = looked_read(from, out);
	fclose(from);
	return good;
}

static bool is_refused(char *text, size_t len)
{
	struct fleet f;
	const bool good = reads(&f, text, len);

	fleet_free(&f);
	return !good;
}

static void reads_what_a_look_found(void)
{
	size_t len;
	char *text = two_found(&len);
	struct fleet f;

	CHECK(reads(&f, text, len));
	CHECK(f.count == 2);
	CHECK_STR(f.stores[0].path, "a/b.ost");
	CHECK_STR(f.stores[0].wish, "Anna");
	CHECK(f.stores[0].size == UINT64_MAX);
	CHECK(f.stores[0].mtime == INT64_MIN);
	CHECK(f.stores[0].mtime_nsec == 999999999);
	CHECK_STR(f.stores[1].path, "\xff\n.pst");
	CHECK(f.stores[1].wish == NULL);
	CHECK(f.stores[1].device == 7);
	CHECK(f.stores[1].inode == UINT64_MAX - 1);
	fleet_free(&f);
	free(text);
}

static void refuses_what_no_look_found(void)
{
	static const struct {
		const char *what;
		size_t at;
		uint32_t value;
	} cases[] = {
		{ "a second of more than 10^9 ns", AT_NSEC, 1000000000 },
		{ "no path", AT_PATH_LEN, 0 },
		{ "a path that is too long", AT_PATH_LEN, (1 << 16) + 1 },
		{ "a path of 4 GiB", AT_PATH_LEN, UINT32_MAX },
		{ "a path longer than all there is", AT_PATH_LEN, 1000 },
		{ "a path into what follows", AT_PATH_LEN, 20 },
		{ "a wish of 4 GiB", AT_WISH_LEN, UINT32_MAX },
		{ "a wish longer than all there is", AT_WISH_LEN, 1000 },
		{ "a wish into what follows", AT_WISH_LEN, 5 },
		{ "bytes that mean nothing", AT_NONE, 1 },
		{ "an absolute path", AT_PATH, 0x74736f2f }, /* "/ost" */
		{ "a NUL in a path", AT_PATH + 1, 0 },
		{ "a NUL in a wish", AT_PATH + 7, 0x616e6e00 },
	};
	size_t len;
	char *good = two_found(&len);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = malloc(len);

		memcpy(text, good, len);
		memcpy(text + cases[i].at, &cases[i].value,
		       sizeof(cases[i].value));
		if (!is_refused(text, len))
			CHECK_STR(cases[i].what, "refused");
		free(text);
	}
	free(good);
}

/* A list that ends in the middle of a store is no list; nor is one that
   cannot be read: it is not that there are fewer stores. */
static void takes_no_part_for_all_that_was_found(void)
{
	size_t len, first = AT_PATH + 7 + 4;
	char *text = two_found(&len);
	struct fleet f = { 0 };
	FILE *directory = fopen("/", "r");

	for (size_t cut = 1; cut < len; cut++)
		CHECK(is_refused(text, cut) == (cut != first));
	CHECK(directory != NULL);
	CHECK(!looked_read(directory, &f)); /* EISDIR */
	CHECK(f.count == 0);
	fclose(directory);
	free(text);
}

static void bounds_what_a_look_found(void)
{
	struct fleet one = { 0 }, f;
	struct ost_error err;
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	CHECK(fleet_add(&one, "x.ost", NULL, &err) == OST_OK);
	for (int i = 0; i < FLEET_MAX; i++)
		CHECK(looked_write(to, &one));
	CHECK(reads(&f, text, len) && f.count == FLEET_MAX);
	fleet_free(&f);
	CHECK(looked_write(to, &one));
	CHECK(!reads(&f, text, len) && f.count == FLEET_MAX);
	fleet_free(&f);
	fclose(to);
	free(text);
	fleet_free(&one);
}

int main(void)
{
	RUN(takes_answers_to_what_was_asked);
	RUN(takes_no_answer_that_was_not_asked_for);
	RUN(takes_no_answer_of_another_length);
	RUN(takes_nothing_of_another_store);
	RUN(takes_no_listing_that_is_not_whole);
	RUN(asks_again_once);
	RUN(hears_what_a_worker_says);
	RUN(hears_nothing_else);
	RUN(reads_a_catalogue);
	RUN(refuses_a_catalogue_that_is_none);
	RUN(bounds_a_catalogue);
	RUN(reads_what_a_look_found);
	RUN(refuses_what_no_look_found);
	RUN(takes_no_part_for_all_that_was_found);
	RUN(bounds_what_a_look_found);
	return checked();
}
