/*
 * test_bytes.c - spans, cursors, growing output, sources, errors
 */
#include "bytes/buf.h"
#include "bytes/error.h"
#include "bytes/json.h"
#include "bytes/source.h"
#include "callcount.h"
#include "check.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };

static void takes_only_what_lies_inside_a_span(void)
{
	const struct {
		uint64_t off, len;
		bool ok;
	} cases[] = {
		{ 0, 9, true },
		{ 9, 0, true },
		{ 4, 5, true },
		{ 0, 10, false },
		{ 10, 0, false },
		{ 9, 1, false },
		{ UINT64_MAX, 1, false },
		{ 1, UINT64_MAX, false },
		{ UINT64_MAX - 3, 8, false },
	};
	struct span part;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK(span_sub(span_of(bytes, 9), cases[i].off, cases[i].len,
			       &part) == cases[i].ok);
		CHECK(part.len == (cases[i].ok ? cases[i].len : 0));
		CHECK(part.len == 0 || part.at == bytes + cases[i].off);
	}
}

static void stays_bad_after_the_first_short_read(void)
{
	struct cursor c = cur_at(span_of(bytes, 3), 0);

	CHECK(cur_u32(&c) == 0);
	CHECK(!cur_ok(&c));
	CHECK(cur_u8(&c) == 0); /* though a byte is there */
	CHECK(!cur_ok(&c));
	c = cur_at(span_of(bytes, 3), 4);
	CHECK(!cur_ok(&c));
}

static void reads_little_endian_of_any_width(void)
{
	struct cursor c = cur_at(span_of(bytes, 9), 0);

	CHECK(cur_u16(&c) == 0x0201);
	CHECK(cur_u32(&c) == 0x06050403);
	CHECK(cur_uint(&c, 3) == 0x090807);
	CHECK(cur_ok(&c) && c.rest.len == 0);
	c = cur_at(span_of(bytes, 9), 1);
	CHECK(cur_u64(&c) == UINT64_C(0x0908070605040302));
}

static void grows_and_stays_a_string(void)
{
	struct buf b = { 0 };
	struct ost_error err;

	CHECK_STR(buf_text(&b), "");
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%d,", i);
	CHECK(b.len == 3890 && strlen(b.at) == b.len);
	CHECK(memcmp(b.at, "0,1,2,", 6) == 0);
	buf_cut(&b, 3);
	CHECK_STR(buf_text(&b), "0,1");
	buf_cut(&b, 30);
	CHECK(b.len == 3);
	buf_byte(&b, '!');
	buf_add(&b, "abc", 2);
	CHECK_STR(buf_text(&b), "0,1!ab");
	CHECK(buf_status(&b, &err) == OST_OK);
	buf_free(&b);
	CHECK(b.at == NULL && b.len == 0);
}

static void writes_json_in_lines_or_in_one(void)
{
	struct buf b = { 0 };
	struct json j = { .to = &b };

	json_object(&j, NULL);
	json_array_flat(&j, "flat");
	json_raw(&j, NULL, "1");
	json_object(&j, NULL);
	json_bool(&j, "a", true);
	json_object_end(&j);
	json_array_end(&j);
	json_array(&j, "lines");
	json_raw(&j, NULL, "1");
	json_object_flat(&j, NULL);
	json_raw(&j, "a", "1");
	json_raw(&j, "b", "2");
	json_object_end(&j);
	json_array_end(&j);
	json_array(&j, "none");
	json_array_end(&j);
	json_object_end(&j);
	json_finish(&j);
	CHECK_STR(buf_text(&b), "{\n"
				"  \"flat\": [1, {\"a\": true}],\n"
				"  \"lines\": [\n"
				"    1,\n"
				"    {\"a\": 1, \"b\": 2}\n"
				"  ],\n"
				"  \"none\": []\n"
				"}\n");
	buf_free(&b);
}

static void remembers_that_memory_ran_out(void)
{
	struct buf b = { 0 };
	struct ost_error err;

	buf_str(&b, "kept");
	CHECK(buf_more(&b, SIZE_MAX / 2) == NULL);
	CHECK(b.bad);
	buf_str(&b, " and this not");
	CHECK_STR(buf_text(&b), "kept");
	CHECK(buf_status(&b, &err) == OST_NO_MEMORY);
	buf_free(&b);
}

static void writes_utf8_of_scalars_only(void)
{
	const struct {
		uint32_t c;
		const char *utf8;
	} cases[] = {
		{ 0x41, "A" },
		{ 0xE9, "\xC3\xA9" },
		{ 0x20AC, "\xE2\x82\xAC" },
		{ 0x1F600, "\xF0\x9F\x98\x80" },
		{ 0xD800, "\xEF\xBF\xBD" },
		{ 0xDFFF, "\xEF\xBF\xBD" },
		{ 0x110000, "\xEF\xBF\xBD" },
		{ 0x10FFFF, "\xF4\x8F\xBF\xBF" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b = { 0 };

		buf_utf8(&b, cases[i].c);
		CHECK_STR(buf_text(&b), cases[i].utf8);
		buf_free(&b);
	}
}

static void puts_the_outer_noun_first(void)
{
	struct ost_error err;
	char noun[400];

	CHECK(ost_fail(&err, OST_CORRUPT, "CRC is %x", 0x1f2e) == OST_CORRUPT);
	CHECK(ost_within(&err, OST_CORRUPT, "page at %#x", 0x4400) ==
	      OST_CORRUPT);
	CHECK(ost_within(&err, OST_CORRUPT, "mail.ost") == OST_CORRUPT);
	CHECK_STR(err.text, "mail.ost: page at 0x4400: CRC is 1f2e");
	memset(noun, 'x', sizeof(noun) - 1);
	noun[sizeof(noun) - 1] = '\0';
	CHECK(ost_within(&err, OST_IO, "%s", noun) == OST_IO);
	CHECK(strlen(err.text) == sizeof(err.text) - 1);
}

static void says_what_is_not_there(void)
{
	struct ost_error err;
	char noun[sizeof(err.text) + 50];

	CHECK(ost_none(&err, "property", 0x3001) == OST_NOT_FOUND);
	CHECK_STR(err.text, "no property 0x3001");
	CHECK(ost_none(&err, "row", 0) == OST_NOT_FOUND);
	CHECK_STR(err.text, "no row 0x0");
	CHECK(ost_none(&err, "entry", UINT64_MAX) == OST_NOT_FOUND);
	CHECK_STR(err.text, "no entry 0xffffffffffffffff");
	memset(noun, 'x', sizeof(noun) - 1);
	noun[sizeof(noun) - 1] = '\0';
	CHECK(ost_none(&err, noun, 7) == OST_NOT_FOUND);
	CHECK_STR(err.text + strlen(err.text) - 5, "x 0x7");
}

static void answers_each_status_with_a_code(void)
{
	const struct {
		enum ost_status status;
		int error, code;
	} cases[] = {
		{ OST_OK, 0, 0 },
		{ OST_NOT_FOUND, ENOENT, 1 },
		{ OST_CORRUPT, EIO, 32 },
		{ OST_LIMIT, EFBIG, 1 },
		{ OST_NO_MEMORY, ENOMEM, 1 },
		{ OST_CANNOT_OPEN, EIO, 11 },
		{ OST_ENCRYPTED, EIO, 22 },
		{ OST_NOT_STORE, EIO, 30 },
		{ OST_BAD_HEADER, EIO, 31 },
		{ OST_TRUNCATED, EIO, 33 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK(ost_errno(cases[i].status) == cases[i].error);
		CHECK(ost_exit_code(cases[i].status) == cases[i].code);
	}
}

static void check_reads(struct source *s)
{
	uint8_t got[9] = { 0 };
	struct ost_error err;

	CHECK(source_size(s) == 9);
	CHECK(source_read(s, 2, got, 4, &err) == OST_OK);
	CHECK(memcmp(got, bytes + 2, 4) == 0);
	CHECK(source_read(s, 9, got, 0, &err) == OST_OK);
	CHECK(source_read(s, 8, got, 2, &err) == OST_CORRUPT);
	CHECK(source_read(s, UINT64_MAX, got, 1, &err) == OST_CORRUPT);
	CHECK(source_read_on(s, 1, got, 2, got + 2, 6, &err) == OST_OK);
	CHECK(memcmp(got, bytes + 1, 8) == 0);
	CHECK(source_read_on(s, 2, got, 4, NULL, 0, &err) == OST_OK);
	CHECK(source_read_on(s, 2, got, 2, got + 2, 6, &err) == OST_CORRUPT);
	CHECK(source_read_on(s, UINT64_MAX, got, 1, got + 1, 1, &err) ==
	      OST_CORRUPT);
}

static void reads_a_file_or_memory_at_an_offset(void)
{
	char path[] = "/tmp/ost-bytes-XXXXXX";
	const int fd = mkstemp(path);
	struct source *s = NULL;
	struct ost_error err;

	CHECK(source_of(&s, span_of(bytes, 9), &err) == OST_OK);
	check_reads(s);
	source_close(s);

	CHECK(fd >= 0 && write(fd, bytes, 9) == 9);
	CHECK(source_open(&s, path, &err) == OST_OK);
	check_reads(s);
	source_close(s);
	close(fd);
	unlink(path);
}

static void reads_nothing_of_a_file_that_was_changed(void)
{
	const struct timespec old[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	char path[] = "/tmp/ost-bytes-XXXXXX";
	const int fd = mkstemp(path);
	struct source *s = NULL;
	struct ost_error err = { "" };
	uint8_t got[9];

	CHECK(fd >= 0 && write(fd, bytes, 9) == 9 && futimens(fd, old) == 0);
	CHECK(source_open(&s, path, &err) == OST_OK);
	CHECK(source_read(s, 2, got, 4, &err) == OST_OK);
	CHECK(pwrite(fd, "x", 1, 8) == 1); /* not what is read */
	CHECK(source_read(s, 2, got, 4, &err) == OST_IO);
	CHECK_STR(err.text, "the file was changed after it was opened");
	CHECK(source_read_on(s, 2, got, 2, got + 2, 2, &err) == OST_IO);
	CHECK(futimens(fd, old) == 0); /* too late */
	CHECK(source_read(s, 2, got, 4, &err) == OST_IO);
	source_close(s);
	CHECK(source_open(&s, path, &err) == OST_OK);
	CHECK(source_read(s, 2, got, 4, &err) == OST_OK);
	CHECK(ftruncate(fd, 3) == 0);
	CHECK(source_read(s, 2, got, 4, &err) == OST_IO);
	CHECK(source_read_on(s, 0, got, 2, got + 2, 4, &err) == OST_IO);
	source_close(s);
	close(fd);
	unlink(path);
}

/* A12: once a request, at its end. */
static void asks_once_whether_a_file_was_changed(void)
{
	char path[] = "/tmp/ost-bytes-XXXXXX";
	const int fd = mkstemp(path);
	struct source *s = NULL;
	struct ost_error err = { "" };
	uint8_t got[4];

	CHECK(fd >= 0 && write(fd, bytes, 9) == 9);
	CHECK(source_open(&s, path, &err) == OST_OK);
	source_defer();
	source_defer();
	fstats = 0;
	CHECK(source_read(s, 2, got, 4, &err) == OST_OK);
	CHECK(source_read_on(s, 2, got, 2, got + 2, 2, &err) == OST_OK);
	CHECK(!source_settle() && source_settle());
	CHECK(fstats == 0 && source_check(s, &err) == OST_OK && fstats == 1);
	CHECK(source_check(s, &err) == OST_OK && fstats == 1);

	source_defer();
	CHECK(ftruncate(fd, 8) == 0);
	CHECK(source_read(s, 2, got, 4, &err) == OST_OK);
	CHECK(source_settle() && source_check(s, &err) == OST_IO);
	CHECK(source_read(s, 2, got, 4, &err) == OST_IO);
	source_close(s);
	close(fd);
	unlink(path);
}

static void says_why_a_file_cannot_be_opened(void)
{
	const struct {
		const char *path, *text;
	} cases[] = {
		{ "/nonexistent/alice.ost", "No such file or directory" },
		{ "/tmp", "is a directory, not a store" },
		{ "/dev/null", "is not a file that can be read at an offset" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct source *s = NULL;
		struct ost_error err;

		CHECK(source_open(&s, cases[i].path, &err) == OST_CANNOT_OPEN);
		CHECK(s == NULL);
		CHECK_STR(err.text, cases[i].text);
	}
}

int main(void)
{
	RUN(takes_only_what_lies_inside_a_span);
	RUN(stays_bad_after_the_first_short_read);
	RUN(reads_little_endian_of_any_width);
	RUN(grows_and_stays_a_string);
	RUN(writes_json_in_lines_or_in_one);
	RUN(remembers_that_memory_ran_out);
	RUN(writes_utf8_of_scalars_only);
	RUN(puts_the_outer_noun_first);
	RUN(says_what_is_not_there);
	RUN(answers_each_status_with_a_code);
	RUN(reads_a_file_or_memory_at_an_offset);
	RUN(reads_nothing_of_a_file_that_was_changed);
	RUN(asks_once_whether_a_file_was_changed);
	RUN(says_why_a_file_cannot_be_opened);
	return checked();
}
