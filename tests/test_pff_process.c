/*
 * test_pff_process.c - libpff in a process of its own: what becomes of us when
 * that crashes, hangs, is killed, wants too much, or lies
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "forge.h"
#include "store/pff_wire.h"

static char folder[] = "/tmp/pff.XXXXXX";
static char path[64];
static uint32_t seed = 3;

enum { FILE_SIZE = 300000 };

/* A store with two messages, the first with a file of `size` bytes. */
static void forge_two(uint64_t size, uint32_t nids[2], struct buf *out)
{
	struct forge_options how = {
		.format = FORGE_UNICODE,
		.block_entries = size > FILE_SIZE ? 0 : 8,
	};
	struct forge *f = forge_new(&how);
	struct ost_error err = { "" };

	for (int i = 0; i < 2; i++) {
		struct forge_message m = { 0 };

		forge_text(&m.props, MAPI_SUBJECT, i == 0 ? "Zero" : "One");
		if (i == 0)
			forge_stream(&forge_attachment(&m)->props,
				     MAPI_ATTACH_DATA, MAPI_BINARY, size,
				     forge_noise, &seed);
		nids[i] = forge_add(f, forge_ipm(f), &m);
		forge_message_free(&m);
	}
	CHECK(forge_finish(f, out, &err) == OST_OK);
	CHECK_STR(err.text, "");
}

static struct store *open_bytes(struct buf *bytes,
				const struct store_options *options)
{
	FILE *f = fopen(path, "wb");
	struct store *s = NULL;
	struct ost_error err = { "" };

	CHECK(f != NULL && fwrite(bytes->at, 1, bytes->len, f) == bytes->len);
	CHECK(f != NULL && fclose(f) == 0);
	CHECK(store_open(&s, path, &store_pff, options, &err) == OST_OK);
	CHECK_STR(err.text, "");
	/* No path is looked up again. */
	CHECK(unlink(path) == 0);
	buf_free(bytes);
	return s;
}

static struct store *open_two(uint32_t nids[2],
			      const struct store_options *options)
{
	struct buf bytes = { 0 };

	forge_two(FILE_SIZE, nids, &bytes);
	return open_bytes(&bytes, options);
}

static struct store_object *get(struct store *s, uint32_t nid)
{
	struct store_object *o = NULL;
	struct ost_error err = { "" };

	CHECK(store_get(s, (struct store_id){ nid, 0 }, &o, &err) == OST_OK);
	CHECK_STR(err.text, "");
	return o;
}

/* The subject, which can be had, is `want`. */
static void check_subject(struct store_object *o, const char *want)
{
	struct buf text = { 0 };
	struct ost_error err = { "" };

	CHECK(store_text(o, MAPI_SUBJECT, &text, NULL, &err) == OST_OK);
	CHECK_STR(buf_text(&text), want);
	CHECK_STR(err.text, "");
	buf_free(&text);
}

/* The one child of a process. */
static pid_t child_of(pid_t parent)
{
	char name[64];
	int child = 0;
	FILE *f;

	snprintf(name, sizeof(name), "/proc/%d/task/%d/children", parent,
		 parent);
	f = fopen(name, "re");
	CHECK(f != NULL && fscanf(f, "%d", &child) == 1);
	if (f != NULL)
		fclose(f);
	return child;
}

static pid_t reader(void)
{
	return child_of(child_of(getpid()));
}

/* --- ends ---------------------------------------------------------------- */

static void a_crash_costs_what_it_was_about(void)
{
	uint32_t nids[2];
	struct buf bytes = { 0 };
	struct store *s;
	struct store_object *m, *a = NULL, *other;
	struct store_prop p;
	struct ost_error err = { "" };

	forge_two(FILE_SIZE, nids, &bytes);
	CHECK(forge_endless(&bytes, FILE_SIZE));
	s = open_bytes(&bytes, NULL);
	m = get(s, nids[0]);
	other = get(s, nids[1]);
	CHECK(store_child(m, STORE_ATTACHMENTS, 0, &a, &err) == OST_OK);
	for (int i = 0; i < 2; i++) {
		CHECK(store_find(a, MAPI_ATTACH_DATA, &p, &err) == OST_CORRUPT);
		CHECK(strstr(err.text, ": libpff ") != NULL);
		check_subject(other, "One");
		check_subject(m, "Zero");
	}
	CHECK(store_find(a, MAPI_ATTACH_DATA, &p, &err) == OST_CORRUPT);
	CHECK_STR(err.text, "libpff ended here twice: not tried again");
	check_subject(other, "One");
	store_drop(a);
	store_drop(m);
	store_drop(other);
	store_close(s);
}

/* Everything that is held when the reader ends can be used on. */
static void one_that_was_killed_is_replaced(void)
{
	uint32_t nids[2];
	struct store *s = open_two(nids, NULL);
	struct store_object *m = get(s, nids[0]), *a = NULL;
	const pid_t first = reader();
	uint8_t want[100], got[100];
	struct store_prop p;
	struct ost_error err = { "" };

	CHECK(store_child(m, STORE_ATTACHMENTS, 0, &a, &err) == OST_OK);
	CHECK(store_find(a, MAPI_ATTACH_DATA, &p, &err) == OST_OK);
	CHECK(kill(first, SIGKILL) == 0);
	/* Whether the request is cut short or not even sent. */
	if (store_read(a, &p, 200000, got, sizeof(got), &err) != OST_OK)
		CHECK(store_read(a, &p, 200000, got, sizeof(got), &err) ==
		      OST_OK);
	CHECK(forge_noise(&seed, 200000, want, sizeof(want)));
	CHECK(memcmp(want, got, sizeof(got)) == 0);
	check_subject(m, "Zero");
	CHECK(reader() != first);
	store_drop(a);
	store_drop(m);
	store_close(s);
}

static void one_that_hangs_is_killed_and_replaced(void)
{
	const struct store_options options = { .wait_ms = 1500 };
	uint32_t nids[2];
	struct store *s = open_two(nids, &options);
	struct store_object *m = get(s, nids[0]);
	struct store_prop p;
	struct ost_error err = { "" };

	CHECK(kill(reader(), SIGSTOP) == 0);
	CHECK(store_find(m, MAPI_SUBJECT, &p, &err) == OST_IO);
	CHECK(strstr(err.text, ": libpff did not answer for 1.5 s") != NULL);
	check_subject(m, "Zero");
	store_drop(m);
	store_close(s);
}

/* The next reader recovers it again. */
static void what_is_recovered_outlives_the_reader(void)
{
	uint32_t nids[2];
	struct buf bytes = { 0 };
	struct forge_place old;
	struct store *s;
	struct store_object *top, *o = NULL, *again = NULL;
	struct ost_error err = { "" };

	forge_two(100, nids, &bytes);
	CHECK(forge_delete(&bytes, nids[1], &old));
	s = open_bytes(&bytes, NULL);
	top = get(s, MAPI_NID_STORE);
	CHECK(store_child(top, STORE_RECOVERED_PFF, 0, &o, &err) == OST_OK);
	CHECK(store_child(top, STORE_RECOVERED_PFF, 1, &again, &err) ==
	      OST_NOT_FOUND);
	CHECK(o != NULL && o->original_nid == nids[1]);
	CHECK(kill(reader(), SIGKILL) == 0);
	(void)!store_get(s, o->id, &again, &err); /* may be cut short */
	store_drop(again);
	again = get(s, o->id.nid);
	check_subject(again, "One");
	check_subject(o, "One");
	store_drop(again);
	store_drop(o);
	store_drop(top);
	store_close(s);
}

static void *go_on(void *pid)
{
	usleep(5000);
	CHECK(kill(*(const pid_t *)pid, SIGCONT) == 0);
	return NULL;
}

/* What child `index` of a list comes to while the reader crashes. */
static enum ost_status child_in_crash(struct store_object *o,
				      enum store_list list, size_t index,
				      struct ost_error *err)
{
	struct store_object *child = NULL;
	pid_t pid = reader();
	enum ost_status st;
	pthread_t thread;

	/* It cannot act on the second before it goes on. */
	CHECK(kill(pid, SIGSTOP) == 0 && kill(pid, SIGSEGV) == 0);
	CHECK(pthread_create(&thread, NULL, go_on, &pid) == 0);
	st = store_child(o, list, index, &child, err);
	CHECK(pthread_join(thread, NULL) == 0);
	store_drop(child);
	return st;
}

/* A4: a list of what is recovered that libpff ends in is no shorter one. */
static void a4_a_list_that_the_reader_ends_in_has_no_end(void)
{
	enum { TRIES = 50 }; /* it may have crashed before it was asked */
	uint32_t nids[2];
	struct buf bytes = { 0 };
	struct forge_place old;
	struct store *s;
	struct store_object *top, *o = NULL;
	struct ost_error err = { "" };
	enum ost_status st = OST_NOT_FOUND;

	forge_two(100, nids, &bytes);
	CHECK(forge_delete(&bytes, nids[1], &old));
	s = open_bytes(&bytes, NULL);
	top = get(s, MAPI_NID_STORE);
	for (int i = 0; i < TRIES && st == OST_NOT_FOUND; i++) {
		CHECK(store_child(top, STORE_RECOVERED_PFF, 0, &o, &err) ==
		      OST_OK);
		store_drop(o);
		st = child_in_crash(top, STORE_RECOVERED_PFF, 1, &err);
	}
	CHECK(st == OST_LIMIT);
	CHECK(strstr(err.text, "what is recovered from 1: ") == err.text);
	store_drop(top);
	store_close(s);
}

/* A4: after so many readers no more are started, and nothing seems absent. */
static void a4_what_is_given_up_is_not_absent(void)
{
	enum { DEATHS = 64, TRIES = 1000 };
	uint32_t nids[2];
	struct store *s = open_two(nids, NULL);
	struct store_object *m = get(s, nids[0]), *o = NULL;
	struct ost_error err = { "" };
	unsigned deaths = 0;

	for (size_t i = 9; deaths < DEATHS && i < TRIES; i++) {
		check_subject(m, "Zero");
		deaths += child_in_crash(m, STORE_ATTACHMENTS, i, &err) ==
			  OST_CORRUPT;
	}
	CHECK(store_get(s, (struct store_id){ nids[1], 0 }, &o, &err) ==
	      OST_IO);
	CHECK_STR(err.text, "libpff ended 64 times and is given up");
	for (size_t i = 0; i < 3; i++)
		CHECK(store_child(m, STORE_ATTACHMENTS, i, &o, &err) == OST_IO);
	store_drop(m);
	store_close(s);
}

/* A4: messages in one another, as deep as there is a way to name. */
static void a4_what_lies_too_deep_is_told(void)
{
	struct forge *f =
		forge_new(&(struct forge_options){ .format = FORGE_UNICODE });
	struct forge_message m = { 0 }, *in = &m;
	struct store_object *o, *child = NULL;
	struct buf bytes = { 0 };
	struct ost_error err = { "" };
	struct store *s;
	uint32_t nid;

	for (unsigned i = 0; i < PFF_STEPS; i += 2) {
		forge_text(&in->props, MAPI_SUBJECT, "In");
		in = forge_embed(forge_attachment(in));
	}
	(void)forge_attachment(in);
	nid = forge_add(f, forge_ipm(f), &m);
	forge_message_free(&m);
	CHECK(forge_finish(f, &bytes, &err) == OST_OK);
	s = open_bytes(&bytes, NULL);
	o = get(s, nid);
	for (unsigned i = 0; i < PFF_STEPS; i++) {
		CHECK(store_child(o,
				  i % 2 == 0 ? STORE_ATTACHMENTS
					     : STORE_MESSAGES,
				  0, &child, &err) == OST_OK);
		CHECK_STR(err.text, "");
		store_drop(o);
		o = child;
	}
	CHECK(store_child(o, STORE_ATTACHMENTS, 0, &child, &err) == OST_LIMIT);
	store_drop(o);
	store_close(s);
}

static void without_the_spawner_requests_fail(void)
{
	uint32_t nids[2];
	struct store *s = open_two(nids, NULL);
	struct store_object *o = get(s, nids[0]), *none = NULL;
	const pid_t first = reader();
	struct ost_error err = { "" };

	CHECK(kill(child_of(getpid()), SIGKILL) == 0);
	CHECK(kill(first, SIGKILL) == 0);
	CHECK(store_get(s, (struct store_id){ nids[1], 0 }, &none, &err) ==
		      OST_IO ||
	      store_get(s, (struct store_id){ nids[1], 0 }, &none, &err) ==
		      OST_IO);
	CHECK(strstr(err.text, "the process that starts libpff is gone") !=
	      NULL);
	store_drop(o);
	store_close(s);
}

/*
 * A file of 40 MB takes libpff that and more. The limit is on what it maps, so
 * it comes first: later there may be room in what this process has freed.
 */
static void it_gets_no_more_memory_than_it_may(void)
{
	const struct store_options options[] = { { .memory = 16 << 20 },
						 { 0 } };
	const struct store_prop p = { .id = MAPI_ATTACH_DATA };

	for (int i = 0; i < 2; i++) {
		uint32_t nids[2];
		struct buf bytes = { 0 };
		struct store *s;
		struct store_object *m, *a = NULL;
		struct ost_error err = { "" };
		uint8_t byte;

		forge_two(40 << 20, nids, &bytes);
		s = open_bytes(&bytes, &options[i]);
		m = get(s, nids[0]);
		CHECK(store_child(m, STORE_ATTACHMENTS, 0, &a, &err) == OST_OK);
		CHECK((store_read(a, &p, 9, &byte, 1, &err) == OST_OK) ==
		      (i == 1));
		check_subject(m, "Zero");
		store_drop(a);
		store_drop(m);
		store_close(s);
	}
}

static void nothing_is_left_when_the_store_is_closed(void)
{
	uint32_t nids[2];
	struct store *s = open_two(nids, NULL);
	const pid_t spawner = child_of(getpid()), child = reader();

	CHECK(spawner > 0 && child > 0);
	store_close(s);
	CHECK(kill(spawner, 0) != 0);
	CHECK(kill(child, 0) != 0);
}

/* --- what it may do --------------------------------------------------------
 */

static void status_of(pid_t pid, const char *field, const char *want)
{
	char name[64], line[256], *value = NULL;
	FILE *f;

	snprintf(name, sizeof(name), "/proc/%d/status", pid);
	f = fopen(name, "re");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, field, strlen(field)) == 0) {
			value = line + strlen(field);
			break;
		}
	CHECK(value != NULL);
	if (value != NULL) {
		value[strcspn(value, "\n")] = '\0';
		CHECK_STR(value + strspn(value, "\t"), want);
	}
	if (f != NULL)
		fclose(f);
}

/* Descriptors 0 to 2 and those of which there are `count` more. */
static void check_descriptors(pid_t pid, unsigned count)
{
	unsigned seen = 0;

	for (unsigned fd = 0; fd < 256; fd++) {
		char name[64], to[256];

		snprintf(name, sizeof(name), "/proc/%d/fd/%u", pid, fd);

		const ssize_t len = readlink(name, to, sizeof(to) - 1);

		if (len < 0)
			continue;
		to[len] = '\0';
		if (fd < 3)
			CHECK_STR(to, "/dev/null");
		else if (strstr(to, folder) != NULL ||
			 strncmp(to, "socket:", 7) == 0)
			seen++;
		else
			CHECK_STR(to, "the store or a socket");
	}
	CHECK(seen == count);
}

static void who_reads_can_do_nothing_else(void)
{
	const int other = open("/dev/zero", O_RDONLY);
	uint32_t nids[2];
	struct store *s = open_two(nids, NULL);

	CHECK(other >= 0);
	store_drop(get(s, nids[0]));
	status_of(reader(), "NoNewPrivs:", "1");
	status_of(reader(), "Seccomp:", "2");
	check_descriptors(reader(), 2);
	store_close(s);
	close(other);
}

/* --- the wire --------------------------------------------------------------
 */

static const struct pff_request asked[] = {
	{ .op = PFF_OBJECT, .path = { .root = { 0x200024, 0 } } },
	{ .op = PFF_NEXT, .id = 0x37, .last = 0x39 },
	{ .op = PFF_READ, .id = 0x37, .len = 4 },
	{ .op = PFF_COUNT },
};

static void takes_only_requests_for_requests(void)
{
	struct pff_request r = { .op = PFF_READ,
				 .path = { { 0x200024, 0x8022 },
					   2,
					   { { STORE_ATTACHMENTS, 7 },
					     { STORE_MESSAGES, 0 } } },
				 .id = 0x3701,
				 .last = 0x3702,
				 .off = UINT64_C(1) << 40,
				 .len = PFF_BYTES },
			   got;
	struct buf b = { 0 };

	pff_put_request(&b, &r);
	CHECK(pff_get_request(span_of(b.at + 4, b.len - 4), &got));
	CHECK(got.op == PFF_READ && pff_path_same(&got.path, &r.path));
	CHECK(got.id == r.id && got.last == r.last && got.off == r.off &&
	      got.len == r.len);
	for (size_t len = 0; len < b.len - 4; len++)
		CHECK(!pff_get_request(span_of(b.at + 4, len), &got));
	buf_byte(&b, 0);
	CHECK(!pff_get_request(span_of(b.at + 4, b.len - 4), &got));

	static const struct {
		size_t at;
		char to;
	} lies[] = {
		{ 0, PFF_OPS },		      /* no such operation */
		{ 9, PFF_STEPS + 1 },	      /* too long a way */
		{ 10, STORE_RECOVERED + 1 },  /* no such list */
		{ 10 + 2 * 5 + 4 + 8 + 2, 5 } /* too many bytes */
	};
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		buf_cut(&b, 0);
		pff_put_request(&b, &r);
		b.at[4 + lies[i].at] = lies[i].to;
		CHECK(!pff_get_request(span_of(b.at + 4, b.len - 4), &got));
	}
	buf_free(&b);
}

/* A property of low byte `id`, of `size` bytes, in place or not. */
#define PROP(id, size, in_place)                                               \
	"\0" id "\0\x1f\0" size "\0\0\0\0\0\0\0" in_place "abcdefgh"

static void takes_only_answers_for_answers(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		int to; /* in `asked` */
		bool good;
	} cases[] = {
		{ "", 0, 0, false },
		{ "\0abcdefghijklmnop", 17, 0, true },
		{ "\0abcdefghijklmno", 16, 0, false },
		{ "\0abcdefghijklmnopq", 18, 0, false },
		{ "\x7F", 1, 0, false },   /* no status */
		{ "\x02why", 4, 0, true }, /* OST_CORRUPT */
		{ "\x01", 1, 2, true },	   /* not found */
		{ PROP("\x37", "\5", "\0"), 22, 1, true },
		{ PROP("\x36", "\5", "\0"), 22, 1, false }, /* below */
		{ PROP("\x3a", "\5", "\0"), 22, 1, false }, /* above */
		{ PROP("\x37", "\5", "\0"), 21, 1, false },
		{ PROP("\x37", "\x8", "\1"), 22, 1, true }, /* in place */
		{ PROP("\x37", "\x9", "\1"), 22, 1, false },
		{ PROP("\x37", "\5", "\2"), 22, 1, false },
		{ "\0abcd", 5, 2, true },
		{ "\0abc", 4, 2, false },
		{ "\0abcde", 6, 2, false },
		{ "\0\1\0\0\0", 5, 3, true },
		{ "\0\1\0\0", 4, 3, false },
		{ "\0\1\0\1\0", 5, 3, true }, /* one too many: says so */
		{ "\0\2\0\1\0", 5, 3, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pff_reply r;

		CHECK(pff_get_reply(span_of(cases[i].bytes, cases[i].len),
				    &asked[cases[i].to], &r) == cases[i].good);
	}
}

static void passes_no_control_characters_on(void)
{
	struct pff_reply r = { .status = OST_BUG }, got;
	struct buf b = { 0 };

	memset(r.err.text, '\x1b', sizeof(r.err.text) - 1);
	pff_put_reply(&b, PFF_NEXT, &r);
	CHECK(pff_get_reply(span_of(b.at + 4, b.len - 4), &asked[1], &got));
	CHECK(got.status == OST_CORRUPT); /* a bug of ours it cannot claim */
	CHECK(strspn(got.err.text, "?") == sizeof(got.err.text) - 1);
	buf_free(&b);
}

int main(void)
{
	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/store", folder);
	RUN(a_crash_costs_what_it_was_about);
	RUN(one_that_was_killed_is_replaced);
	RUN(one_that_hangs_is_killed_and_replaced);
	RUN(what_is_recovered_outlives_the_reader);
	RUN(a4_a_list_that_the_reader_ends_in_has_no_end);
	RUN(a4_what_is_given_up_is_not_absent);
	RUN(a4_what_lies_too_deep_is_told);
	RUN(without_the_spawner_requests_fail);
	RUN(it_gets_no_more_memory_than_it_may);
	RUN(nothing_is_left_when_the_store_is_closed);
	RUN(who_reads_can_do_nothing_else);
	RUN(takes_only_requests_for_requests);
	RUN(takes_only_answers_for_answers);
	RUN(passes_no_control_characters_on);
	CHECK(rmdir(folder) == 0);
	return checked();
}
