/* test_crosscheck.c - the second opinion, on stores with something wrong */
#include <sys/mman.h>
#include <unistd.h>

#include "audit/crosscheck.h"
#include "check.h"
#include "forge.h"
#include "store/mapi.h"

enum { FILE_SIZE = 300000, MESSAGES = 3 };

static uint32_t seed = 5, nids[MESSAGES];
static bool no_row;	  /* of an attachment */
static uint16_t odd_type; /* of a property of the second; 0: none */

/* Messages, the first with a file of an XXBLOCK. */
static void forge_it(struct buf *out)
{
	const struct forge_options how = { .format = FORGE_UNICODE,
					   .block_entries = 8 };
	struct forge *f = forge_new(&how);
	struct ost_error err;

	for (int i = 0; i < MESSAGES; i++) {
		struct forge_message m = { 0 };

		forge_text(&m.props, MAPI_SUBJECT, "Any");
		if (i == 0)
			forge_stream(&forge_attachment(&m)->props,
				     MAPI_ATTACH_DATA, MAPI_BINARY, FILE_SIZE,
				     forge_noise, &seed);
		if (i == 1 && odd_type != 0)
			forge_raw(&m.props, 0x6700, odd_type, "abcd", 4);
		if (i == 2 && no_row)
			forge_attachment(&m)->no_row = true;
		nids[i] = forge_add(f, forge_ipm(f), &m);
		forge_message_free(&m);
	}
	CHECK(forge_finish(f, out, &err) == OST_OK);
}

enum { ALL = 100 };

/* What the readers differ in, of which no more than `max` are kept. */
static struct crosscheck *second(const struct buf *store, size_t max)
{
	const int fd = memfd_create("store", 0);
	struct crosscheck *s = NULL;
	struct ost_error err = { "" };
	char path[64];

	CHECK(fd >= 0 &&
	      write(fd, store->at, store->len) == (ssize_t)store->len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CHECK((max == ALL ? crosscheck_make(&s, path, NULL, &err)
			  : crosscheck_make_of(&s, path, NULL, max, &err)) ==
	      OST_OK);
	close(fd);
	return s;
}

/* The report has each of `lines`, and so many differences of no known kind. */
static void check_second(const struct buf *store, size_t unexplained,
			 const char *const lines[3])
{
	struct crosscheck *s = second(store, ALL);
	struct buf text = { 0 }, json = { 0 };

	crosscheck_text(s, &text);
	if (crosscheck_unexplained(s) != unexplained)
		CHECK_STR(buf_text(&text), "other counts");
	crosscheck_json(s, &json);
	for (size_t i = 0; i < 3 && lines[i] != NULL; i++)
		if (strstr(buf_text(&text), lines[i]) == NULL)
			CHECK_STR(buf_text(&text), lines[i]);
	CHECK(strstr(buf_text(&json), "\"list_complete\": true") != NULL);
	crosscheck_free(s);
	buf_free(&text);
	buf_free(&json);
}

static void readers_agree_on_what_is_well(void)
{
	static const char *const said[3] = { "differences  0,",
					     "The readers agree in all." };
	struct buf bytes = { 0 };

	forge_it(&bytes);
	check_second(&bytes, 0, said);
	buf_free(&bytes);
}

/* A8: libpff gives rows in the order of their ids, we in that of the table. */
static void A8_the_order_of_rows_is_no_difference(void)
{
	static const char *const said[3] = { "differences  0,",
					     "The readers agree in all." };
	static const enum forge_format formats[] = { FORGE_ANSI, FORGE_UNICODE,
						     FORGE_UNICODE_4K };

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		const struct forge_options how = { .format = formats[i] };
		struct forge *f = forge_new(&how);
		struct buf bytes = { 0 };
		struct ost_error err;

		for (uint32_t n = 0; n < 7; n++) {
			struct forge_message m = {
				.nid = (0x20000u + 37 * n % 7) << 5 |
				       MAPI_NID_MESSAGE,
			};

			forge_text(&m.props, MAPI_SUBJECT, "Any");
			(void)forge_add(f, forge_ipm(f), &m);
			forge_message_free(&m);
		}
		CHECK(forge_finish(f, &bytes, &err) == OST_OK);
		check_second(&bytes, 0, said);
		buf_free(&bytes);
	}
}

/* A8: what a column is wider than its type is slack. */
static void A8_a_wide_column_is_no_difference(void)
{
	static const char *const said[3] = { "differences  0,",
					     "The readers agree in all." };
	static const uint32_t tags[] = { 0x0C150003, 0x39000003, 0x0E170003,
					 0x00360003 };

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		const struct forge_options how = { .format = FORGE_UNICODE,
						   .wide = tags[i] };
		struct forge *f = forge_new(&how);
		struct forge_message m = { 0 };
		struct forge_props *p = forge_recipient(&m);
		struct buf bytes = { 0 };
		struct ost_error err;

		forge_int(&m.props, (uint16_t)(tags[i] >> 16), 3);
		forge_text(p, MAPI_DISPLAY_NAME, "Jane");
		forge_int(p, (uint16_t)(tags[i] >> 16), 5);
		(void)forge_add(f, forge_ipm(f), &m);
		forge_message_free(&m);
		CHECK(forge_finish(f, &bytes, &err) == OST_OK);
		check_second(&bytes, 0, said);
		buf_free(&bytes);
	}
}

static void a_crash_of_libpff_is_known(void)
{
	static const char *const said[3] = { "libpff crashed or hung there",
					     "attachment 0x8025",
					     "known to get wrong" };
	struct buf bytes = { 0 };

	forge_it(&bytes);
	CHECK(forge_endless(&bytes, FILE_SIZE));
	check_second(&bytes, 0, said);
	buf_free(&bytes);
}

static void what_libpff_does_not_check_is_known(void)
{
	static const char *const said[3] = {
		"it is damaged, which libpff does not notice", "block"
	};
	struct buf bytes = { 0 };
	struct forge_entry e;
	struct forge_place block;

	forge_it(&bytes);
	CHECK(forge_find_entry(&bytes, FORGE_NBT, nids[1], &e));
	CHECK(forge_find_block(&bytes, e.bid, &block));
	/* In the text of the subject. */
	bytes.at[block.off + block.size - 24] ^= 1;
	check_second(&bytes, 0, said);
	buf_free(&bytes);
}

static void a_row_without_a_message_is_known(void)
{
	static const char *const said[3] = { "a message that is not in",
					     "message 2: they fail" };
	struct buf bytes = { 0 };

	forge_it(&bytes);
	CHECK(forge_forget(&bytes, nids[2]));
	check_second(&bytes, 0, said);
	buf_free(&bytes);
}

static void a_type_that_is_none_is_known(void)
{
	static const char *const said[3] = { "of a type it does not know" };
	struct buf bytes = { 0 };

	odd_type = 0x2102;
	forge_it(&bytes);
	odd_type = 0;
	check_second(&bytes, 0, said);
	buf_free(&bytes);
}

/* Of an attachment that no table lists libpff knows nothing. */
static void an_attachment_without_a_row_is_known(void)
{
	static const char *const said[3] = {
		"the list of attachments lacks an attachment",
		"attachment 0: only ours", "The readers agree, but for"
	};
	struct buf bytes = { 0 };

	no_row = true;
	forge_it(&bytes);
	check_second(&bytes, 0, said);
	buf_free(&bytes);
}

/* A4: of more differences than are kept, none is kept in silence. */
static void check_list(const struct buf *store, size_t max, bool complete)
{
	struct crosscheck *s = second(store, max);
	struct buf text = { 0 }, json = { 0 };

	crosscheck_text(s, &text);
	crosscheck_json(s, &json);
	CHECK((strstr(buf_text(&text), "of the differences are listed") ==
	       NULL) == complete);
	CHECK((strstr(buf_text(&json), "\"list_complete\": true") != NULL) ==
	      complete);
	CHECK(crosscheck_unexplained(s) == 1);
	crosscheck_free(s);
	buf_free(&text);
	buf_free(&json);
}

/* A folder that is in itself: libpff opens no such store, which is told. */
static void a_difference_that_is_not_known_is_told(void)
{
	static const char *const said[3] = { "differences  1, not explained: 1",
					     "\nNOT EXPLAINED\n",
					     "NOTHING WAS COMPARED" };
	const struct forge_options how = { .format = FORGE_UNICODE };
	struct forge *f = forge_new(&how);
	const uint32_t nid = forge_folder_named(f, forge_ipm(f), "Aa");
	struct buf bytes = { 0 };
	struct forge_entry e;
	struct ost_error err;

	CHECK(forge_finish(f, &bytes, &err) == OST_OK);
	CHECK(forge_find_entry(&bytes, FORGE_NBT, nid, &e));
	forge_put(&bytes, e.at + 3 * forge_header(&bytes).width, 4, nid);
	forge_seal_page(&bytes, &e.page);
	check_second(&bytes, 1, said);
	check_list(&bytes, 1, true);
	check_list(&bytes, 0, false);
	buf_free(&bytes);
}

int main(void)
{
	RUN(readers_agree_on_what_is_well);
	RUN(A8_the_order_of_rows_is_no_difference);
	RUN(A8_a_wide_column_is_no_difference);
	RUN(a_crash_of_libpff_is_known);
	RUN(what_libpff_does_not_check_is_known);
	RUN(a_row_without_a_message_is_known);
	RUN(a_type_that_is_none_is_known);
	RUN(an_attachment_without_a_row_is_known);
	RUN(a_difference_that_is_not_known_is_told);
	return checked();
}
