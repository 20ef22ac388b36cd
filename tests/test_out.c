/*
 * test_out.c - the parts of an export: its journal, names, calendars
 */
#include "check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "out/writer.h"

/* --- the journal -------------------------------------------------------------
 */

static struct span span_text(const char *text)
{
	return span_of(text, strlen(text));
}

static void a_line_is_known_by_how_it_begins(void)
{
	static const char *const bad[] = {
		"",
		"\n",
		"{",
		"{\"kind\": \"item\"",
		"{\"kind\": \"item\", \"path\": \"",
		"{\"kind\": \"item\", \"path\": \"a\"",
		"{\"kind\": \"item\", \"path\": \"a\\",
		"{\"kind\": \"item\", \"path\": \"a\\\", \"nid\": \"24\"",
		"{\"kind\": \"item\", \"path\": \"a\", \"nid\": \"\"",
		"{\"kind\": \"item\", \"path\": \"a\", \"nid\": \"24",
		"{\"kind\": \"item\", \"path\": \"a\", \"nid\": \"24g\"",
		"{\"kind\": \"item\", \"path\": \"a\", \"nid\": \"2A\"",
		"{\"kind\": \"item\", \"path\": \"a\", \"nid\": \"123456789\"",
		"{\"kind\": \"items\", \"path\": \"a\", \"nid\": \"24\"",
		"{\"kind\": \"\", \"path\": \"a\", \"nid\": \"24\"",
		"{\"kind\":\"item\",\"path\":\"a\",\"nid\":\"24\"",
		"{\"path\": \"a\", \"kind\": \"item\", \"nid\": \"24\"",
	};
	struct journal_line l;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!journal_line(&l, span_text(bad[i])));
	CHECK(journal_line(&l, span_text("{\"kind\": \"item\", \"path\": "
					 "\"a\\\", \\\"nid\\\": \\\"7\", "
					 "\"nid\": \"ffffffff\"")));
	CHECK(l.kind == MANIFEST_ITEM && l.nid == UINT32_MAX);
}

static void every_line_that_is_written_is_known(void)
{
	static char *const paths[] = { "a",	 "a/\"b\"",	      "\\",
				       "\\\"\\", "\xC3\xA9/\xFF\x01", "" };

	for (int kind = 0; kind < MANIFEST_KINDS; kind++) {
		for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
			struct manifest_entry e = {
				.kind = (enum manifest_kind)kind,
				.path = paths[i],
				.nid = 0x200024 + (uint32_t)i,
			};
			struct journal_line l = { 0 };
			struct buf line = { 0 };

			manifest_put(&line, &e);
			CHECK(journal_line(&l, buf_span(&line)));
			CHECK(l.kind == e.kind && l.nid == e.nid);
			buf_free(&line);
		}
	}
}

/* A directory of a test's own, gone when done. */
static char place[] = "/tmp/ost-test-out-XXXXXX";

static int enter(void)
{
	strcpy(place + sizeof(place) - 7, "XXXXXX");
	return mkdtemp(place) != NULL
		       ? open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
		       : -1;
}

static void leave(int dir)
{
	(void)unlinkat(dir, ".ostexport/journal.jsonl", 0);
	(void)unlinkat(dir, ".ostexport/journal.jsonl.part", 0);
	(void)unlinkat(dir, ".ostexport", AT_REMOVEDIR);
	close(dir);
	(void)rmdir(place);
}

static const char head[] = "{\"kind\": \"manifest\", \"record_key\": \"k\"}\n";

static struct journal *begun(int dir)
{
	const struct journal_run run = { .dest = dir,
					 .head = head,
					 .boot = "b" };
	struct journal *j = NULL;
	struct ost_error err;
	bool other;

	CHECK(journal_open(&j, &run, &other, &err) == OST_OK);
	CHECK(j != NULL && journal_begin(j, &run, &err) == OST_OK);
	return j;
}

static void put(struct journal *j, enum manifest_kind kind, uint32_t nid)
{
	struct manifest_entry e = { .kind = kind, .path = "p", .nid = nid };
	struct buf line = { 0 };
	struct ost_error err;

	manifest_put(&line, &e);
	CHECK(journal_put(j, &line, 0, &err) == OST_OK);
	buf_free(&line);
}

/* How many lines the next run is given of it. */
static int taken(struct journal *j, enum manifest_kind kind, uint32_t nid)
{
	struct buf lines = { 0 };
	struct ost_error err;
	int n = 0;

	CHECK(journal_take(j, kind, nid, &lines, &err) == OST_OK);
	for (size_t i = 0; i < lines.len; i++)
		n += lines.at[i] == '\n';
	buf_free(&lines);
	return n;
}

static void the_next_run_is_given_what_was_done(void)
{
	const int dir = enter();
	struct journal *j = begun(dir);

	CHECK(!journal_goes_on(j));
	put(j, MANIFEST_FOLDER, 0x8022);
	put(j, MANIFEST_ITEM, 0x24);
	put(j, MANIFEST_ATTACHMENTS, 0x24);
	put(j, MANIFEST_ATTACHMENT, 0x24);
	put(j, MANIFEST_ITEM, 0x64);
	journal_close(j);

	j = begun(dir);
	CHECK(journal_goes_on(j));
	CHECK(taken(j, MANIFEST_FOLDER, 0x8022) == 1);
	CHECK(taken(j, MANIFEST_ITEM, 0x44) == 0); /* it was left out */
	CHECK(taken(j, MANIFEST_ITEM, 0x24) == 3); /* and what is beside it */
	CHECK(taken(j, MANIFEST_ITEM, 0x64) == 1);
	CHECK(taken(j, MANIFEST_ITEM, 0x84) == 0);
	journal_close(j);
	leave(dir);
}

static void what_follows_a_line_that_is_none_is_done_again(void)
{
	const int dir = enter();
	struct journal *j = begun(dir);
	int fd;

	put(j, MANIFEST_ITEM, 0x24);
	journal_close(j);
	fd = openat(dir, ".ostexport/journal.jsonl", O_WRONLY | O_APPEND);
	CHECK(write(fd, "\0{}\n", 4) == 4);
	close(fd);
	j = begun(dir);
	CHECK(taken(j, MANIFEST_ITEM, 0x24) == 1);
	CHECK(taken(j, MANIFEST_ITEM, 0x44) == 0);
	journal_close(j);
	leave(dir);
}

static void another_export_is_left_alone(void)
{
	const int dir = enter();
	struct journal_run run = { .dest = dir,
				   .head = "{\"kind\": \"manifest\", "
					   "\"record_key\": \"l\"}\n",
				   .boot = "b" };
	struct journal *j = begun(dir);
	struct ost_error err;
	bool other;

	journal_close(j);
	CHECK(journal_open(&j, &run, &other, &err) == OUT_DESTINATION);
	CHECK(!other); /* another store's */
	run.head = "{\"kind\": \"manifest\", \"record_key\": \"k\", "
		   "\"items\": \"eml\"}\n";
	CHECK(journal_open(&j, &run, &other, &err) == OUT_DESTINATION);
	CHECK(other); /* of this one, by other options */
	leave(dir);
}

/* --- names -------------------------------------------------------------------
 */

static void a_name_is_given_once_whatever_the_others_are(void)
{
	static const char *const names[] = { "a_22", "A", "a", "a_22",
					     "a_22_22" };
	char kept[5][32];
	struct out x = { 0 };
	struct ost_error err;

	for (size_t i = 0; i < 5; i++) {
		struct buf name = { 0 };

		buf_str(&name, names[i]);
		CHECK(names_unique(&x, &name, 0x22, &err) == OST_OK);
		snprintf(kept[i], sizeof(kept[i]), "%s", buf_text(&name));
		buf_free(&name);
		for (size_t k = 0; k < i; k++)
			CHECK(strcmp(kept[k], kept[i]) != 0);
	}
	CHECK_STR(kept[1], "A");
	seen_free(&x.names);
}

/* --- calendars ---------------------------------------------------------------
 */

/* `text`, given to the pass in pieces of `piece` bytes. */
static void passed(const char *text, size_t piece, const char *want)
{
	struct scheduling s = { .in_name = true };
	const size_t len = strlen(text);
	struct buf out = { 0 };
	struct ost_error err;

	for (size_t at = 0; at < len; at += piece) {
		const size_t n = len - at < piece ? len - at : piece;

		CHECK(schedule_pass(&s, span_of(text + at, n), at + n == len,
				    &out, &err) == OST_OK);
	}
	CHECK_STR(buf_text(&out), want);
	buf_free(&out);
}

static void nobody_is_invited_again(void)
{
	static const struct {
		const char *in, *out;
	} lines[] = {
		{ "ATTENDEE:mailto:a\r\n",
		  "ATTENDEE\r\n ;SCHEDULE-AGENT=CLIENT\r\n :mailto:a\r\n" },
		{ "ORGANIZER;CN=b:mailto:b\r\n",
		  "ORGANIZER\r\n ;SCHEDULE-AGENT=CLIENT\r\n ;CN=b:mailto:b"
		  "\r\n" },
		{ "attendee:c\r\n",
		  "attendee\r\n ;SCHEDULE-AGENT=CLIENT\r\n :c\r\n" },
		{ "X-ATTENDEE:d\r\n", "X-ATTENDEE:d\r\n" },
		{ "ATTENDEES:e\r\n", "ATTENDEES:e\r\n" },
		{ "SUMMARY:ATTENDEE:f\r\n", "SUMMARY:ATTENDEE:f\r\n" },
		{ "SUMMARY:a\r\n ATTENDEE:g\r\n",
		  "SUMMARY:a\r\n ATTENDEE:g\r\n" },
		{ "", "" },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		for (size_t piece = 1; piece < 12; piece++)
			passed(lines[i].in, piece, lines[i].out);
}

/* --- the store's hash, made meanwhile ---------------------------------------
 */

static bool is_told_to_stop(void *arg)
{
	(void)arg;
	return true;
}

static void a_hash_made_meanwhile_is_that_of_the_store(void)
{
	static uint8_t bytes[3 << 20];
	const struct audit_watch none = { 0 },
				 over = { .stop = is_told_to_stop };
	struct source *store = NULL;
	struct ost_error err;
	struct sha sha, made;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7 + i / 251);
	CHECK(source_of(&store, span_of(bytes, sizeof(bytes)), &err) == OST_OK);
	CHECK(sha_of_source(&sha, store, &none, &err) == OST_OK);
	CHECK(sha_join(sha_start(store, &none), &made, &err) == OST_OK);
	CHECK(sha_equal(&sha, &made));
	/* Who is interrupted has no hash; who has failed waits for none. */
	CHECK(sha_join(sha_start(store, &over), &made, &err) == OST_STOPPED);
	(void)!sha_join(sha_start(store, &none), NULL, &err);
	source_close(store);
}

int main(void)
{
	RUN(a_line_is_known_by_how_it_begins);
	RUN(every_line_that_is_written_is_known);
	RUN(the_next_run_is_given_what_was_done);
	RUN(what_follows_a_line_that_is_none_is_done_again);
	RUN(another_export_is_left_alone);
	RUN(a_name_is_given_once_whatever_the_others_are);
	RUN(nobody_is_invited_again);
	RUN(a_hash_made_meanwhile_is_that_of_the_store);
	return checked();
}
