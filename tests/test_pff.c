/*
 * test_pff.c - the libpff backend by itself: what it gives, and what it says
 * of files that are no good
 */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "check.h"
#include "forge.h"
#include "store/pff_raw.h"
#include "store/store.h"

static char folder[] = "/tmp/pff.XXXXXX";
static char path[64];

/* Put a file with these bytes at `path`. */
static void put_file(struct span bytes)
{
	FILE *f = fopen(path, "wb");

	CHECK(f != NULL);
	if (f == NULL)
		return;
	CHECK(fwrite(bytes.at, 1, bytes.len, f) == bytes.len);
	CHECK(fclose(f) == 0);
}

static uint32_t seed = 3;
enum { FILE_SIZE = 300000 };

static const struct forge_options unicode = { .format = FORGE_UNICODE };

/* A store with one message, which holds a file and another message. */
static uint32_t forge_one(const struct forge_options *how, struct buf *out)
{
	struct forge *f = forge_new(how);
	struct forge_message m = { 0 }, *inside;
	struct forge_props *p;
	struct ost_error err = { "" };
	uint32_t nid;

	forge_text(&m.props, MAPI_SUBJECT, "Outer");
	forge_text(forge_recipient(&m), MAPI_DISPLAY_NAME, "Jane");
	forge_text(forge_recipient(&m), MAPI_DISPLAY_NAME, "John");
	p = &forge_attachment(&m)->props;
	forge_int(p, MAPI_ATTACH_METHOD, MAPI_ATTACH_BY_VALUE);
	forge_stream(p, MAPI_ATTACH_DATA, MAPI_BINARY, FILE_SIZE, forge_noise,
		     &seed);
	inside = forge_embed(forge_attachment(&m));
	forge_text(&inside->props, MAPI_SUBJECT, "Inner");
	nid = forge_add(f, forge_ipm(f), &m);
	forge_message_free(&m);
	CHECK(forge_finish(f, out, &err) == OST_OK);
	CHECK_STR(err.text, "");
	return nid;
}

static struct store *open_one(uint32_t *nid)
{
	struct buf bytes = { 0 };
	struct store *s = NULL;
	struct ost_error err = { "" };

	*nid = forge_one(&unicode, &bytes);
	put_file(buf_span(&bytes));
	CHECK(store_open(&s, path, &store_pff, NULL, &err) == OST_OK);
	CHECK_STR(err.text, "");
	buf_free(&bytes);
	return s;
}

static struct store_object *get(struct store *s, uint32_t nid)
{
	struct store_object *o = NULL;
	struct ost_error err;

	CHECK(store_get(s, (struct store_id){ nid, 0 }, &o, &err) == OST_OK);
	return o;
}

static struct store_object *child(struct store_object *o, enum store_list list,
				  size_t index)
{
	struct store_object *c = NULL;
	struct ost_error err;

	CHECK(store_child(o, list, index, &c, &err) == OST_OK);
	return c;
}

static void check_text(struct store_object *o, uint16_t id, const char *want)
{
	struct buf text = { 0 };
	struct ost_error err;

	CHECK(store_text(o, id, &text, NULL, &err) == OST_OK);
	CHECK_STR(buf_text(&text), want);
	buf_free(&text);
}

static void gives_what_a_message_holds(void)
{
	uint32_t nid;
	struct store *s = open_one(&nid);
	struct store_object *m = get(s, nid), *c, *inside;
	struct ost_error err;

	check_text(m, MAPI_SUBJECT, "Outer");
	c = child(m, STORE_RECIPIENTS, 1);
	check_text(c, MAPI_DISPLAY_NAME, "John");
	store_drop(c);
	CHECK(store_child(m, STORE_RECIPIENTS, 2, &c, &err) == OST_NOT_FOUND);
	CHECK(store_child(m, STORE_ATTACHMENTS, 2, &c, &err) == OST_NOT_FOUND);
	c = child(m, STORE_ATTACHMENTS, 1);
	store_drop(m); /* what came out of it must live on */
	inside = child(c, STORE_MESSAGES, 0);
	store_drop(c);
	check_text(inside, MAPI_SUBJECT, "Inner");
	CHECK(store_child(inside, STORE_ATTACHMENTS, 0, &c, &err) ==
	      OST_NOT_FOUND);
	store_drop(inside);
	store_close(s);
}

static void reads_a_file_from_any_offset(void)
{
	uint32_t nid;
	struct store *s = open_one(&nid);
	struct store_object *m = get(s, nid);
	struct store_object *a = child(m, STORE_ATTACHMENTS, 0), *c;
	const uint64_t offsets[] = { 0, 1, 8175, 8176, 8177, 299990 };
	struct store_prop p = { 0 };
	uint8_t want[10], got[10];
	struct ost_error err = { "" };

	CHECK(store_find(a, MAPI_ATTACH_DATA, &p, &err) == OST_OK);
	CHECK(p.type == MAPI_BINARY);
	CHECK(p.size == FILE_SIZE);
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		CHECK(forge_noise(&seed, offsets[i], want, sizeof(want)));
		CHECK(store_read(a, &p, offsets[i], got, sizeof(got), &err) ==
		      OST_OK);
		CHECK(memcmp(want, got, sizeof(got)) == 0);
	}
	CHECK(store_read(a, &p, 299991, got, sizeof(got), &err) == OST_CORRUPT);
	CHECK_STR(err.text, "property 0x3701 ends at byte 300000");
	CHECK(store_read(a, &p, UINT64_MAX, got, 1, &err) == OST_CORRUPT);
	/* Its first bytes are no NID, though libpff would take them so. */
	CHECK(store_child(a, STORE_MESSAGES, 0, &c, &err) == OST_NOT_FOUND);
	store_drop(a);
	store_drop(m);
	store_close(s);
}

static void says_what_is_not_there(void)
{
	const struct store_prop absent = { .id = 0x7FF0,
					   .type = MAPI_BINARY,
					   .size = 4 };
	uint32_t nid;
	struct store *s = open_one(&nid);
	struct store_object *m = get(s, nid), *root = get(s, MAPI_NID_STORE);
	struct store_object *o;
	struct store_prop p;
	uint8_t bytes[4];
	struct ost_error err = { "" };

	CHECK(store_get(s, (struct store_id){ nid + 0x20000, 0 }, &o, &err) ==
	      OST_NOT_FOUND);
	CHECK(store_child(root, STORE_NODES, 0, &o, &err) == OST_UNSUPPORTED);
	CHECK_STR(err.text, "libpff cannot list nodes");
	CHECK(store_next(m, 0xFFFF, &p, &err) == OST_NOT_FOUND);
	CHECK(store_read(m, &absent, 0, bytes, 4, &err) == OST_NOT_FOUND);
	CHECK(store_child(m, STORE_FOLDERS, 0, &o, &err) != OST_OK);
	CHECK(store_child(m, STORE_FOLDERS, 1, &o, &err) == OST_NOT_FOUND);
	store_drop(root);
	store_drop(m);
	store_close(s);
}

/* --- threads ------------------------------------------------------------ */

struct reader {
	struct store *store;
	uint32_t nid;
	unsigned good;
};

/* Read what the other threads read, from an object of its own. */
static void *read_much(void *arg)
{
	struct reader *r = arg;
	uint8_t want[4096], got[4096];
	struct store_object *m = NULL, *a = NULL;
	struct store_prop p;
	struct ost_error err;

	for (unsigned i = 0; i < 50; i++) {
		const uint64_t off = (i * 7919u) % (FILE_SIZE - sizeof(got));

		if (store_get(r->store, (struct store_id){ r->nid, 0 }, &m,
			      &err) == OST_OK &&
		    store_child(m, STORE_ATTACHMENTS, 0, &a, &err) == OST_OK &&
		    store_find(a, MAPI_ATTACH_DATA, &p, &err) == OST_OK &&
		    store_read(a, &p, off, got, sizeof(got), &err) == OST_OK &&
		    forge_noise(&seed, off, want, sizeof(want)) &&
		    memcmp(got, want, sizeof(got)) == 0)
			r->good++;
		store_drop(a);
		store_drop(m);
		a = m = NULL;
	}
	return NULL;
}

static void gives_many_threads_the_right_bytes(void)
{
	enum { THREADS = 4 };
	pthread_t threads[THREADS];
	struct reader readers[THREADS];
	uint32_t nid;
	struct store *s = open_one(&nid);

	for (size_t i = 0; i < THREADS; i++) {
		readers[i] = (struct reader){ s, nid, 0 };
		CHECK(pthread_create(&threads[i], NULL, read_much,
				     &readers[i]) == 0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		CHECK(pthread_join(threads[i], NULL) == 0);
		CHECK(readers[i].good == 50);
	}
	store_close(s);
}

/* --- bad files ---------------------------------------------------------- */

static void refuses_what_is_no_store(void)
{
	static const uint8_t zeros[4096];
	const struct {
		const char *bytes;
		size_t len;
		enum ost_status status;
	} cases[] = {
		{ "", 0, OST_NOT_STORE },
		{ (const char *)zeros, 1, OST_NOT_STORE },
		{ (const char *)zeros, sizeof(zeros), OST_NOT_STORE },
		{ "From jane@example.com", 21, OST_NOT_STORE },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store *s = NULL;
		struct ost_error err = { "" };

		put_file(span_of(cases[i].bytes, cases[i].len));
		CHECK(store_open(&s, path, &store_pff, NULL, &err) ==
		      cases[i].status);
		CHECK(s == NULL);
		CHECK(err.text[0] != '\0');
	}
}

static void refuses_a_folder_and_a_missing_file(void)
{
	struct store *s = NULL;
	struct ost_error err = { "" };

	CHECK(store_open(&s, folder, &store_pff, NULL, &err) ==
	      OST_CANNOT_OPEN);
	CHECK(store_open(&s, "/nowhere/a.pst", &store_pff, NULL, &err) ==
	      OST_CANNOT_OPEN);
	CHECK(s == NULL);
}

/* Look at everything, so that a crash would show. Returns the objects. */
static unsigned look_at(struct store_object *o, unsigned depth)
{
	const enum store_list lists[] = { STORE_FOLDERS, STORE_MESSAGES,
					  STORE_ASSOCIATED, STORE_RECIPIENTS,
					  STORE_ATTACHMENTS };
	struct store_prop p = { 0 };
	struct store_object *c;
	struct ost_error err;
	enum ost_status st;
	uint8_t byte;
	unsigned seen = 1;

	for (uint32_t id = 0; id <= UINT16_MAX; id = p.id + 1u) {
		st = store_next(o, (uint16_t)id, &p, &err);
		if (st != OST_OK)
			break;
		if (p.size > 0)
			(void)!store_read(o, &p, p.size - 1, &byte, 1, &err);
	}
	for (size_t l = 0; depth > 0 && l < 5; l++)
		for (size_t i = 0; i < 100; i++) {
			st = store_child(o, lists[l], i, &c, &err);
			if (st == OST_NOT_FOUND)
				break;
			if (st == OST_OK)
				seen += look_at(c, depth - 1);
			store_drop(c);
		}
	return seen;
}

/* Open what is at `path` and look at all of it; 0 if it does not open. */
static unsigned look_at_file(enum ost_status *status)
{
	static const char reason[] = "libpff cannot open it: libpff_file_open";
	static const char rootless[] = "is damaged: ";
	struct store *s = NULL;
	struct store_object *o = NULL;
	struct ost_error err = { "" };
	unsigned seen = 0;

	/* With all that is damaged, as it would be without us. */
	*status = store_open(&s, path, &store_pff_raw, NULL, &err);
	if (*status == OST_CORRUPT)
		CHECK(strncmp(err.text, reason, strlen(reason)) == 0 ||
		      strncmp(err.text, rootless, strlen(rootless)) == 0);
	if (*status == OST_OK &&
	    store_get(s, (struct store_id){ MAPI_NID_ROOT_FOLDER, 0 }, &o,
		      &err) == OST_OK)
		seen = look_at(o, 6);
	store_drop(o);
	store_close(s);
	return seen;
}

static void survives_a_store_cut_anywhere(void)
{
	struct buf bytes = { 0 };
	enum ost_status st;

	(void)forge_one(&unicode, &bytes);
	put_file(buf_span(&bytes));
	CHECK(look_at_file(&st) > 3);
	for (size_t i = 1; i < 40; i++) {
		const size_t len = bytes.len / 40 * i;

		put_file(span_of(bytes.at, len));
		(void)look_at_file(&st);
		CHECK(st == OST_OK || st == OST_TRUNCATED);
	}
	put_file(span_of(bytes.at, 300));
	(void)look_at_file(&st);
	CHECK(st == OST_TRUNCATED);
	buf_free(&bytes);
}

static void survives_zeroed_pages(void)
{
	struct buf bytes = { 0 };
	enum ost_status st;
	unsigned opened = 0;

	(void)forge_one(&unicode, &bytes);
	for (size_t off = 0x4400; off + 512 <= bytes.len; off += 512) {
		char page[512];

		if (off > 0x4400 + 512 * 40 && bytes.len - off > 512 * 90)
			continue; /* noise, and nothing else */
		memcpy(page, bytes.at + off, sizeof(page));
		memset(bytes.at + off, 0, sizeof(page));
		put_file(buf_span(&bytes));
		(void)look_at_file(&st);
		CHECK(st == OST_OK || st == OST_CORRUPT);
		opened += st == OST_OK;
		memcpy(bytes.at + off, page, sizeof(page));
	}
	CHECK(opened > 0);
	buf_free(&bytes);
}

static void loses_one_message_to_an_unknown_type(void)
{
	struct forge *f = forge_new(&unicode);
	struct forge_message m = { 0 };
	struct buf bytes = { 0 };
	struct store *s = NULL;
	struct store_object *o;
	struct store_prop p;
	struct ost_error err = { "" };
	uint32_t bad;

	forge_raw(&m.props, 0x6700, 0x2102, "abcd", 4);
	bad = forge_add(f, forge_ipm(f), &m);
	forge_message_free(&m);
	CHECK(forge_finish(f, &bytes, &err) == OST_OK);
	put_file(buf_span(&bytes));
	CHECK(store_open(&s, path, &store_pff, NULL, &err) == OST_OK);
	o = get(s, bad);
	CHECK(store_next(o, 0, &p, &err) == OST_CORRUPT);
	CHECK(store_next(o, 0, &p, &err) == OST_CORRUPT); /* the same again */
	CHECK(strncmp(err.text, "properties: libpff_", 19) == 0);
	store_drop(o);
	o = get(s, MAPI_NID_ROOT_FOLDER);
	CHECK(store_next(o, 0, &p, &err) == OST_OK);
	store_drop(o);
	store_close(s);
	buf_free(&bytes);
}

/* libpff's limit; ours to report it, and to let a walk over the list end. */
static void reports_a_lost_list_once(void)
{
	struct forge *f = forge_new(&unicode);
	struct forge_message m = { 0 };
	struct buf bytes = { 0 };
	struct store *s = NULL;
	struct store_object *o, *c;
	struct ost_error err = { "" };
	uint32_t nid;

	forge_int(&forge_attachment(&m)->props, MAPI_ATTACH_METHOD, 1);
	forge_attachment(&m)->no_node = true;
	nid = forge_add(f, forge_ipm(f), &m);
	forge_message_free(&m);
	CHECK(forge_finish(f, &bytes, &err) == OST_OK);
	put_file(buf_span(&bytes));
	CHECK(store_open(&s, path, &store_pff, NULL, &err) == OST_OK);
	o = get(s, nid);
	CHECK(store_child(o, STORE_ATTACHMENTS, 0, &c, &err) == OST_CORRUPT);
	CHECK(strncmp(err.text, "attachments: libpff_", 20) == 0);
	CHECK(store_child(o, STORE_ATTACHMENTS, 1, &c, &err) == OST_NOT_FOUND);
	store_drop(o);
	store_close(s);
	buf_free(&bytes);
}

/* --- damage ------------------------------------------------------------- */

/* All that is read, and how much could not be. */
struct all {
	struct buf bytes;
	unsigned failed;
};

static bool is_end(struct all *a, enum ost_status st)
{
	a->failed += st != OST_OK && st != OST_NOT_FOUND;
	return st != OST_OK;
}

static void take_all(struct store_object *o, unsigned depth, struct all *a);

static void take_list(struct store_object *o, enum store_list list,
		      unsigned depth, struct all *a)
{
	struct store_object *c;
	struct ost_error err;

	for (size_t i = 0; depth > 0 && i < 20; i++) {
		if (is_end(a, store_child(o, list, i, &c, &err)))
			break;
		buf_printf(&a->bytes, "child %x\n", c->id.nid);
		if (list != STORE_RECIPIENTS)
			take_all(c, depth - 1, a);
		store_drop(c);
	}
}

static void take_all(struct store_object *o, unsigned depth, struct all *a)
{
	const uint32_t type = o->id.nid & MAPI_NID_TYPE;
	struct store_prop p = { 0 };
	struct ost_error err;

	for (uint32_t id = 0; id <= UINT16_MAX; id = p.id + 1u) {
		if (is_end(a, store_next(o, (uint16_t)id, &p, &err)))
			break;
		buf_printf(&a->bytes, " %x %x %x ", p.id, p.type,
			   (unsigned)p.size);
		(void)is_end(a, store_bytes(o, p.id, 2 * FILE_SIZE, &a->bytes,
					    &err));
	}
	if (type == MAPI_NID_FOLDER) {
		take_list(o, STORE_FOLDERS, depth, a);
		take_list(o, STORE_MESSAGES, depth, a);
	} else if (type == MAPI_NID_MESSAGE) {
		take_list(o, STORE_RECIPIENTS, depth, a);
		take_list(o, STORE_ATTACHMENTS, depth, a);
	} else if (type == MAPI_NID_ATTACHMENT) {
		take_list(o, STORE_MESSAGES, depth, a);
	}
}

static struct all take_file(void)
{
	const uint32_t nids[] = { MAPI_NID_STORE, MAPI_NID_ROOT_FOLDER };
	struct all a = { .failed = 0 };
	struct store_damage damage;
	struct store *s = NULL;
	struct ost_error err;

	if (is_end(&a, store_open(&s, path, &store_pff, NULL, &err)))
		return a;
	for (size_t i = 0; i < 2; i++) {
		struct store_object *o = NULL;

		if (!is_end(&a, store_get(s, (struct store_id){ nids[i], 0 },
					  &o, &err)))
			take_all(o, 6, &a);
		store_drop(o);
	}
	a.failed += store_damage(s, 0, &damage);
	store_close(s);
	return a;
}

/* With 4 bytes at `off` changed, all is as it was, or something says not. */
static unsigned tell_damage(struct buf *store, uint64_t off,
			    const struct all *whole)
{
	const uint64_t was = forge_get(store, off, 4);
	struct all a;

	forge_put(store, off, 4, was ^ 0x5A5A5A5A);
	put_file(buf_span(store));
	forge_put(store, off, 4, was);
	a = take_file();
	CHECK(a.failed > 0 ||
	      span_equal(buf_span(&a.bytes), buf_span(&whole->bytes)));
	buf_free(&a.bytes);
	return a.failed > 0;
}

/* D7: libpff checks nothing; what it is given is. */
static void D7_gives_nothing_that_is_damaged(void)
{
	static const struct forge_options formats[] = {
		{ .format = FORGE_UNICODE, .encoding = FORGE_PERMUTE },
		{ .format = FORGE_UNICODE_4K, .kind = FORGE_OST },
	};

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct buf store = { 0 };
		struct forge_place at;
		struct all whole;
		unsigned told = 0, large = 0, small = 0;

		(void)forge_one(&formats[i], &store);
		put_file(buf_span(&store));
		whole = take_file();
		CHECK(whole.failed == 0);
		CHECK(whole.bytes.len > (i == 0 ? FILE_SIZE : 4000));
		for (uint64_t bid = 4; bid < 1000; bid += 2) {
			if (!forge_find_block(&store, bid, &at) ||
			    (at.size > 5000 ? large++ % 16 : small++ % 3) != 0)
				continue; /* each costs a process */
			told += tell_damage(
				&store,
				at.off + (bid % 8 != 0 ? 0 : at.size - 4),
				&whole);
		}
		CHECK(told > 4);
		for (size_t n = 0;
		     forge_find_page(&store, FORGE_BBT, 0, n, &at); n++)
			CHECK(tell_damage(&store, at.off + 8, &whole) > 0);
		for (size_t n = 0;
		     forge_find_page(&store, FORGE_NBT, 0, n, &at); n++)
			CHECK(tell_damage(&store, at.off + 8, &whole) > 0);
		buf_free(&whole.bytes);
		buf_free(&store);
	}
}

static void has_a_version(void)
{
	CHECK(strlen(store_pff_version()) == 8);
	CHECK(store_backend("pff") == &store_pff);
}

int main(void)
{
	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/store", folder);
	RUN(has_a_version);
	RUN(gives_what_a_message_holds);
	RUN(reads_a_file_from_any_offset);
	RUN(says_what_is_not_there);
	RUN(gives_many_threads_the_right_bytes);
	RUN(refuses_what_is_no_store);
	RUN(refuses_a_folder_and_a_missing_file);
	RUN(survives_a_store_cut_anywhere);
	RUN(survives_zeroed_pages);
	RUN(loses_one_message_to_an_unknown_type);
	RUN(reports_a_lost_list_once);
	RUN(D7_gives_nothing_that_is_damaged);
	unlink(path);
	CHECK(rmdir(folder) == 0);
	return checked();
}
