/*
 * test_cfb.c - compound files, good and bad
 */
#include "mail/attach/cfb.h"

#include "cfbkit.h"
#include "check.h"

static const uint8_t class_id[16] = { 0x16, 3, 0, 0, 0, 0, 0, 0,
				      0xC0, 0, 0, 0, 0, 0, 0, 0x46 };

static enum ost_status read_bytes(void *arg, uint64_t off, void *buf,
				  size_t len, struct ost_error *err)
{
	const struct buf *b = arg;
	struct span part;

	if (!span_sub(buf_span(b), off, len, &part))
		return ost_fail(err, OST_BUG, "asked past the end");
	memcpy(buf, part.at, len);
	return OST_OK;
}

/* The stream `name` of a file; "" with the status and error when there is
 * none. */
static enum ost_status stream(struct cfb_file *f, const char *name,
			      struct buf *out, struct ost_error *err)
{
	const struct cfb_source source = { read_bytes, &f->bytes,
					   f->bytes.len };
	struct cfb *c = NULL;
	enum ost_status st = cfb_open(&c, &source, err);

	if (st == OST_OK)
		st = cfb_stream(c, name, 1 << 20, out, err);
	cfb_close(c);
	return st;
}

static void streams_of_all_sizes_are_read(void)
{
	static const size_t sizes[] = { 0,    1,    63,	  64,	65,
					4095, 4096, 4097, 8192, 70000 };
	static char bytes[70000];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7 + i / 256);
	for (unsigned shift = 9; shift <= 12; shift += 3)
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			const struct cfb_made all[] = {
				{ "Before", "x", 1 },
				{ "\1Name", bytes, sizes[i] },
				{ "After", bytes, 5000 },
				{ NULL, NULL, 0 },
			};
			struct cfb_file f = cfb_make(shift, class_id, all);
			struct ost_error err = { "" };
			struct buf got = { 0 };

			CHECK(stream(&f, "\1Name", &got, &err) == OST_OK);
			CHECK(got.len == sizes[i]);
			CHECK(got.len == 0 ||
			      memcmp(got.at, bytes, got.len) == 0);
			buf_free(&got);
			CHECK(stream(&f, "Name", &got, &err) == OST_NOT_FOUND);
			CHECK(got.len == 0);
			buf_free(&got);
			buf_free(&f.bytes);
		}
}

/* With sectors of FAT that the header has no room to name. */
static void a_fat_may_be_long(void)
{
	const size_t size = 9 << 20;
	char *bytes = calloc(1, size);
	const struct cfb_made all[] = { { "Big", bytes, size },
					{ NULL, NULL, 0 } };
	struct cfb_file f = cfb_make(12, class_id, all);
	const struct cfb_source source = { read_bytes, &f.bytes, f.bytes.len };
	struct cfb *c = NULL;
	struct ost_error err = { "" };
	struct buf got = { 0 };
	const size_t fats = (size_t)(uint8_t)f.bytes.at[44];

	CHECK(fats == 3);
	/* Move the numbers of all but the first to a sector at the end. */
	cfb_put(&f, 68, (f.bytes.len >> 12) - 1, 4);
	cfb_put(&f, 72, 1, 4);
	for (size_t i = 1; i < 109; i++)
		cfb_put(&f, 76 + 4 * i, 0, 4);
	for (size_t i = 0; i < 1023; i++)
		cfb_int(&f.bytes, 1, 4);
	cfb_int(&f.bytes, 0xFFFFFFFE, 4);
	cfb_put(&f, 76, 0, 4);
	cfb_put(&f, 80, 1, 4);
	cfb_put(&f, 84, 2, 4);
	const struct cfb_source longer = { read_bytes, &f.bytes, f.bytes.len };
	CHECK(cfb_open(&c, &longer, &err) == OST_OK);
	CHECK(cfb_stream(c, "Big", size, &got, &err) == OST_OK);
	CHECK(got.len == size);
	CHECK(cfb_stream(c, "Big", size - 1, &got, &err) == OST_LIMIT);
	CHECK_STR(err.text, "a stream of 9437184 bytes");
	cfb_close(c);

	/* 110 sectors: the last is named only in the chain. */
	cfb_put(&f, 44, 110, 4);
	CHECK(cfb_open(&c, &longer, &err) == OST_OK);
	cfb_close(c);
	cfb_put(&f, 68, 0xFFFFFFFE, 4);
	CHECK(cfb_open(&c, &longer, &err) == OST_CORRUPT);
	CHECK_STR(err.text, "109 of 110 sectors of FAT");
	(void)source;
	buf_free(&got);
	buf_free(&f.bytes);
	free(bytes);
}

static void says_what_is_wrong_with_a_bad_file(void)
{
	enum place { FILE_START, FAT, DIRECTORY, MINIFAT };
	static const struct {
		const char *text;
		enum place place;
		size_t off;
		uint64_t to;
		int width;
	} cases[] = {
		{ "no compound file", FILE_START, 0, 0, 1 },
		{ "version 5 with sectors of 2^9 and 2^6", FILE_START, 26, 5,
		  2 },
		{ "version 3 with sectors of 2^60 and 2^6", FILE_START, 30, 60,
		  2 },
		{ "version 3 with sectors of 2^9 and 2^5", FILE_START, 32, 5,
		  2 },
		{ "4294967295 sectors of FAT in a file of 17", FILE_START, 44,
		  0xFFFFFFFF, 4 },
		{ "sector 305419896 is past the end of the file", FILE_START,
		  48, 0x12345678, 4 },
		{ "sector 4294967295 is past the end of the file", FILE_START,
		  76, 0xFFFFFFFF, 4 },
		{ "no root entry", FILE_START, 48, 0xFFFFFFFE, 4 },
		{ "no root entry", DIRECTORY, 66, 1, 1 },
		{ "no such stream", DIRECTORY, 76, 0xFFFFFFFF, 4 },
		{ "no such stream", DIRECTORY, 76, 5, 4 },
		{ "no such stream", DIRECTORY, 128 + 66, 1, 1 },
		{ "no such stream", DIRECTORY, 128 + 64, 0, 2 },
		{ "no such stream", DIRECTORY, 128 + 64, 0xFFFF, 2 },
		{ "a stream of 4294967295 bytes in a file of 8704", DIRECTORY,
		  128 + 120, 0xFFFFFFFF, 4 },
		{ "sector 1118481 is past the end of the file", DIRECTORY,
		  128 + 116, 0x111111, 4 },
		{ "a stream of 5000 bytes ends after 2048", FAT, 9 * 4,
		  0xFFFFFFFE, 4 },
		{ "a stream of 5000 bytes ends after 0", DIRECTORY, 128 + 116,
		  0xFFFFFFFE, 4 },
		{ "sector 5242880 is past the end of the file", FAT, 9 * 4,
		  0x500000, 4 },
	};
	static const char bytes[5000] = "large";
	const struct cfb_made all[] = { { "A", bytes, sizeof(bytes) },
					{ "B", bytes, 100 },
					{ NULL, NULL, 0 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cfb_file f = cfb_make(9, class_id, all);
		const size_t from[] = { 0, f.fat, f.directory, f.minifat };
		struct ost_error err = { "" };
		struct buf got = { 0 };

		cfb_put(&f, from[cases[i].place] + cases[i].off, cases[i].to,
			cases[i].width);
		CHECK(stream(&f, "A", &got, &err) != OST_OK);
		CHECK_STR(err.text, cases[i].text);
		CHECK(got.len == 0);
		buf_free(&got);
		buf_free(&f.bytes);
	}
}

static void chains_and_trees_that_loop_have_an_end(void)
{
	static const char bytes[5000] = "large";
	const struct cfb_made all[] = { { "A", bytes, sizeof(bytes) },
					{ "B", bytes, 3000 },
					{ NULL, NULL, 0 } };
	struct cfb_file f = cfb_make(9, class_id, all);
	const size_t sector = (f.directory - f.fat) / 512;
	struct ost_error err = { "" };
	struct buf got = { 0 };

	/* The directory's own sector comes next after itself. */
	cfb_put(&f, f.fat + 4 * sector, sector, 4);
	CHECK(stream(&f, "A", &got, &err) == OST_LIMIT);
	CHECK_STR(err.text, "a directory above 1048576 bytes");
	cfb_put(&f, f.fat + 4 * sector, 0xFFFFFFFE, 4);

	/* Each entry is both neighbours of the other. */
	for (size_t i = 1; i <= 2; i++) {
		cfb_put(&f, f.directory + 128 * i + 68, 3 - i, 4);
		cfb_put(&f, f.directory + 128 * i + 72, 3 - i, 4);
	}
	CHECK(stream(&f, "C", &got, &err) == OST_NOT_FOUND);
	CHECK(stream(&f, "B", &got, &err) == OST_OK);
	CHECK(got.len == 3000);

	/* A small sector is the next of itself. */
	cfb_put(&f, f.minifat, 0, 4);
	buf_cut(&got, 0);
	CHECK(stream(&f, "B", &got, &err) == OST_OK);
	CHECK(got.len == 3000);
	cfb_put(&f, f.minifat, 1000, 4);
	buf_cut(&got, 0);
	CHECK(stream(&f, "B", &got, &err) == OST_CORRUPT);
	CHECK_STR(err.text, "a stream of 3000 bytes ends after 64");
	buf_free(&got);
	buf_free(&f.bytes);
}

/* Cut at any byte, it is read or refused, and asked for nothing it lacks. */
static void a_file_may_end_anywhere(void)
{
	static const char bytes[5000] = "large";
	const struct cfb_made all[] = { { "A", bytes, sizeof(bytes) },
					{ "B", bytes, 100 },
					{ NULL, NULL, 0 } };
	struct cfb_file f = cfb_make(9, class_id, all);
	const size_t size = f.bytes.len;

	for (size_t len = 0; len < size; len += 61) {
		struct ost_error err = { "" };
		struct buf got = { 0 };

		f.bytes.len = len;
		const enum ost_status st = stream(&f, "A", &got, &err);
		CHECK(st == OST_CORRUPT || st == OST_UNSUPPORTED);
		CHECK(got.len == 0);
		buf_free(&got);
	}
	f.bytes.len = size;
	buf_free(&f.bytes);
}

int main(void)
{
	RUN(streams_of_all_sizes_are_read);
	RUN(a_fat_may_be_long);
	RUN(says_what_is_wrong_with_a_bad_file);
	RUN(chains_and_trees_that_loop_have_an_end);
	RUN(a_file_may_end_anywhere);
	return checked();
}
