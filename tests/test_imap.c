#include "check.h"
#include "imap/answer.h"
#include "imap/dialog.h"
#include "imap/header.h"
#include "imap/keys.h"
#include "imap/roles.h"
#include "imap/users.h"
#include "mail/text/utf7.h"

#include <stdlib.h>
#include <unistd.h>

static struct span text(const char *s)
{
	return span_of(s, strlen(s));
}

/* --- answers ---------------------------------------------------------------
 */

static void statuses_are_told_apart(void)
{
	static const struct {
		const char *body;
		enum answer_state state;
		const char *code, *args, *text;
	} rows[] = {
		{ "OK done", ANSWER_OK, "", "", "done" },
		{ "NO [OVERQUOTA] full", ANSWER_NO, "OVERQUOTA", "", "full" },
		{ "ok [UIDNEXT 5] x", ANSWER_OK, "UIDNEXT", "5", "x" },
		{ "BAD", ANSWER_BAD, "", "", "" },
		{ "BYE [x", ANSWER_BYE, "", "", "[x" },
		{ "", ANSWER_NONE, "", "", "" },
		{ "OKAY", ANSWER_NONE, "", "", "" },
		{ "OK []", ANSWER_OK, "", "", "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct answer_status s =
			answer_status(text(rows[i].body));

		CHECK(s.state == rows[i].state);
		CHECK(span_equal(s.code, text(rows[i].code)));
		CHECK(span_equal(s.args, text(rows[i].args)));
		if (s.state != ANSWER_NONE)
			CHECK(span_equal(s.text, text(rows[i].text)));
	}
}

static void literals_are_numbers(void)
{
	static const struct {
		const char *line;
		bool is;
		uint64_t size;
	} rows[] = {
		{ "x {5}", true, 5 },
		{ "{0}", true, 0 },
		{ "x {}", false, 0 },
		{ "x {5", false, 0 },
		{ "x 5}", false, 0 },
		{ "x {-1}", false, 0 },
		{ "x {5+}", false, 0 },
		{ "x {99999999999999999999999}", false, 0 },
		{ "x {9223372036854775808}", false, 0 },
		{ "", false, 0 },
		{ "}", false, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t size = 0;

		CHECK(answer_literal(text(rows[i].line), &size) == rows[i].is);
		CHECK(!rows[i].is || size == rows[i].size);
	}
}

static void fetches_are_read(void)
{
	struct answer_fetch f;

	CHECK(answer_fetch(text("7 FETCH (UID 9 RFC822.SIZE 40 BODY[HEADER."
				"FIELDS (MESSAGE-ID)] {3}\r\na)b FLAGS (\\Seen "
				"(x)))"),
			   &f));
	CHECK(f.uid == 9 && f.has_size && f.size == 40);
	CHECK(span_equal(f.header, text("a)b")));
	CHECK(answer_fetch(text("1 FETCH (BODY[HEADER] NIL UID 1)"), &f));
	CHECK(f.has_header);
}

/* None of them is read over its end, or taken for what it is not. */
static void bad_fetches_are_none(void)
{
	static const char *const rows[] = {
		"",
		"1",
		"1 FETCH",
		"1 FETCH (",
		"1 FETCH (UID",
		"1 FETCH (UID )",
		"1 FETCH (UID 0)",
		"1 FETCH (UID 4294967296)",
		"1 FETCH (UID x)",
		"x FETCH (UID 1)",
		"1 EXISTS",
		"1 FETCH (BODY[HEADER.FIELDS (MESSAGE-ID) {3}\r\nabc)",
		"1 FETCH (BODY[] {30}\r\nabc)",
		"1 FETCH (BODY[] {3}abc)",
		"1 FETCH (BODY[] \"abc)",
		"1 FETCH (BODY[] \"abc\\",
		"1 FETCH (FLAGS (((((())",
		"1 FETCH (UID 1",
		"1 FETCH (\x01)",
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct answer_fetch f;
		/* On the heap, where a sanitizer sees its end. */
		const size_t len = strlen(rows[i]);
		char *copy = malloc(len + 1);

		if (copy == NULL)
			continue;
		memcpy(copy, rows[i], len);
		CHECK(!answer_fetch(span_of(copy, len), &f));
		free(copy);
	}
}

static void uids_are_just_as_many(void)
{
	static const struct {
		const char *args;
		size_t count;
		bool good;
	} rows[] = {
		{ "7 5", 1, true },
		{ "7 5:7", 3, true },
		{ "7 5,9:10", 3, true },
		{ "7 5:7", 2, false },
		{ "7 5:7", 4, false },
		{ "0 5", 1, false },
		{ "7 0", 1, false },
		{ "7 7:5", 3, false },
		{ "7 1:4294967295", 3, false },
		{ "7 5,", 1, false },
		{ "7", 1, false },
		{ "", 1, false },
		{ "7 4294967295", 1, true },
		{ "7 *", 1, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t validity = 0, uids[4] = { 0 };

		CHECK(answer_appenduid(text(rows[i].args), &validity, uids,
				       rows[i].count) == rows[i].good);
	}
}

static void lists_tell_roles(void)
{
	struct answer_list l;
	struct buf name = { 0 };

	CHECK(answer_list(text("LIST (\\Sent \\HasNoChildren) \"/\" "
			       "\"Ge\\\"sendet\""),
			  &l));
	CHECK(l.special == 1U << SPECIAL_SENT && l.delimiter == '/');
	answer_text(&name, l.kind, l.name);
	CHECK_STR(buf_text(&name), "Ge\"sendet");
	CHECK(answer_list(text("LIST (\\Noselect) NIL x"), &l));
	CHECK(l.no_select && l.delimiter == '\0');
	CHECK(!answer_list(text("LIST"), &l));
	CHECK(!answer_list(text("LIST (("), &l));
	CHECK(!answer_list(text("LIST () \"/\""), &l));
	CHECK(!answer_list(text("LSUB () \"/\" x"), &l));
	buf_free(&name);
}

static void capabilities_are_whole_words(void)
{
	struct capabilities can = { 0 };

	answer_capabilities(text("IMAP4rev1 multiappend LITERAL+X XLITERAL- "
				 "APPENDLIMIT=1000 UIDPLUS"),
			    &can);
	CHECK(can.multiappend && can.uidplus && can.append_limit == 1000);
	CHECK(!can.literal_plus && !can.literal_minus);
}

/* --- the dialog ------------------------------------------------------------
 */

struct heard {
	unsigned answers;
	uint64_t bytes;
};

static enum ost_status hear(void *arg, struct span body, struct ost_error *err)
{
	struct heard *h = arg;

	(void)err;
	h->answers++;
	h->bytes += body.len;
	return OST_OK;
}

/* What comes of "A1 CAPABILITY", and then of a command that is answered by
   `input`. */
static enum ost_status converse(struct span input, struct heard *h,
				struct answer_status *status)
{
	static const char greeting[] = "* CAPABILITY X\r\nA1 OK done\r\n";
	const struct dialog_command c = { hear, h };
	struct buf all = { 0 };
	struct wire *w;
	struct dialog *d;
	enum wire_fault fault;
	struct ost_error err;
	enum ost_status st;

	buf_str(&all, greeting);
	buf_add(&all, input.at, input.len);
	st = wire_fake(&w, buf_span(&all), &err);
	if (st == OST_OK)
		st = dialog_open(&d, w, &fault, &err);
	if (st == OST_OK) {
		st = dialog_say(d, status, &c, &err, "NOOP");
		dialog_close(d);
	}
	buf_free(&all);
	return st;
}

static void answers_have_literals(void)
{
	struct heard h = { 0 };
	struct answer_status s;

	CHECK(converse(
		      text("* 1 FETCH (X {4}\r\na\r\nb Y {0}\r\n)\r\nA2 NO [X] "
			   "no\r\n"),
		      &h, &s) == OST_OK);
	CHECK(h.answers == 1 && s.state == ANSWER_NO);
}

/* A server may say anything: it ends the connection, and nothing more. */
static void bad_answers_end_the_connection(void)
{
	static const char *const rows[] = {
		"",
		"A2",
		"A2 \r\n",
		"A2 MAYBE\r\n",
		"A3 OK\r\n",
		"A99999999999 OK\r\n",
		"hello\r\n",
		"\r\n",
		"* 1 FETCH ({5}\r\nab",
		"* {99999999}\r\n",
		"* {18446744073709551615}\r\n",
		"* OK",
		"B2 OK\r\n",
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct heard h = { 0 };
		struct answer_status s;

		CHECK(converse(text(rows[i]), &h, &s) == OST_IO);
	}
}

/* A line that has no end is not kept to its end. */
static void long_answers_end_the_connection(void)
{
	enum { LONG = 2 * DIALOG_ANSWER_MAX };
	struct heard h = { 0 };
	struct answer_status s;
	char *line = malloc(LONG);

	CHECK(line != NULL);
	if (line == NULL)
		return;
	memset(line, 'x', LONG);
	line[0] = '*';
	line[1] = ' ';
	CHECK(converse(span_of(line, LONG), &h, &s) == OST_IO);
	CHECK(h.answers == 0);
	free(line);
}

/* --- the header ------------------------------------------------------------
 */

static void headers_tell_states(void)
{
	struct header h = { 0 };

	header_read(&h, text("Status: RO\r\nX-Status: AFX\r\nMessage-ID:\r\n"
			     "\t<a @b>\r\nKeywords: Red, \"a, b\", "
			     "=?utf-8?q?=C3=A9?=, =?x?q?y?=\r\n\r\nKeywords: "
			     "no\r\n"));
	CHECK_STR(buf_text(&h.id), "<a@b>");
	CHECK_STR(buf_text(&h.flags), "\\Seen \\Answered \\Flagged");
	CHECK_STR(buf_text(&h.keywords), "Red a,_b &AOk- =?x?q?y?=");
	CHECK(strstr(buf_text(&h.doubts), "character set") != NULL);
	header_free(&h);
}

static void names_are_utf7(void)
{
	static const struct {
		const char *name, *want;
	} rows[] = {
		{ "Inbox", "Inbox" },
		{ "R&D", "R&-D" },
		{ "Entw\xC3\xBCrfe", "Entw&APw-rfe" },
		{ "\xE5\x8F\xB0\xE5\x8C\x97", "&U,BTFw-" },
		{ "\xF0\x9F\x98\x80", "&2D3eAA-" },
		{ "\xFF", "&,,0-" },
		{ "a\xC3", "a&,,0-" },
		{ "", "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out = { 0 };

		utf7_put(&out, text(rows[i].name));
		CHECK_STR(buf_text(&out), rows[i].want);
		buf_free(&out);
	}
}

/* --- where folders go ------------------------------------------------------
 */

static const struct source_folder german[] = {
	{ .path = (char *)"Posteingang", .role = SOURCE_INBOX, .mails = 1 },
	{ .path = (char *)"Posteingang/Alt", .mails = 1 },
	{ .path = (char *)"Gesendete Elemente", .role = SOURCE_SENT },
	{ .path = (char *)"Gel\xC3\xB6schte Elemente", .role = SOURCE_TRASH },
	{ .path = (char *)"Entw\xC3\xBCrfe", .role = SOURCE_DRAFTS },
	{ .path = (char *)"a.b" },
};

static void goes_to(struct roles *r, const char *path, const char *want)
{
	const struct source_folders all = {
		(struct source_folder *)german, 6, { 0 }, 0
	};
	struct buf out = { 0 };

	roles_mailbox(r, &all, path, &out);
	CHECK_STR(buf_text(&out), want);
	buf_free(&out);
}

/* A German store meets \Sent and \Trash. */
static void roles_go_by_what_they_are(void)
{
	struct roles r = { .o = { .inbox = "Inbox" }, .delimiter = '.' };

	r.special[SOURCE_SENT] = strdup("Sent");
	r.special[SOURCE_TRASH] = strdup("Bin");
	goes_to(&r, "Posteingang", "INBOX");
	goes_to(&r, "Posteingang/Alt", "INBOX.Alt");
	goes_to(&r, "Gesendete Elemente", "Sent");
	goes_to(&r, "Gel\xC3\xB6schte Elemente/x/y", "Bin.x.y");
	/* The server has no place for drafts: they keep their name. */
	goes_to(&r, "Entw\xC3\xBCrfe", "Entw&APw-rfe");
	goes_to(&r, "a.b", "a_b");
	r.o.by_name = true;
	goes_to(&r, "Gesendete Elemente", "Gesendete Elemente");
	goes_to(&r, "inbox/x", "INBOX.x");
	r.o.under = "Old/Mail";
	goes_to(&r, "Posteingang", "Old.Mail.Posteingang");
	roles_close(&r);
}

/* --- users -----------------------------------------------------------------
 */

static void users_are_lines(void)
{
	static const struct {
		const char *csv;
		int count; /* -1: it is refused */
	} rows[] = {
		{ "store,url,user,secret\na.ost,imap://h,u,f\n", 1 },
		{ "# x\n\na.ost,imap://h,u\r\n\"b,\"\"c\"\"\",i,u,!x\n", 2 },
		{ "a,b\n", -1 },
		{ "a,b,c,d,e\n", -1 },
		{ "a,,c,d\n", -1 },
		{ "\"a,b,c\n", -1 },
		{ "\"a\"x,b,c\n", -1 },
		{ "", 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct users u = { 0 };
		struct ost_error err;
		const enum ost_status st =
			users_parse(&u, text(rows[i].csv), &err);

		CHECK((st == OST_OK) == (rows[i].count >= 0));
		CHECK(st != OST_OK || (int)u.count == rows[i].count);
		users_free(&u);
	}
}

static void keys_are_counted(void)
{
	struct keys k = { 0 };
	const struct key a = key_of(text("a")), b = key_of(text("b"));

	CHECK(!keys_take(&k, &a));
	for (int i = 0; i < 1000; i++) {
		const struct key key = key_of(span_of(&i, sizeof(i)));

		keys_add(&k, &key);
	}
	keys_add(&k, &a);
	keys_add(&k, &a);
	CHECK(keys_take(&k, &a) && keys_take(&k, &a) && !keys_take(&k, &a));
	CHECK(!keys_take(&k, &b) && k.sum == 1000);
	keys_free(&k);
}

int main(void)
{
	RUN(statuses_are_told_apart);
	RUN(literals_are_numbers);
	RUN(fetches_are_read);
	RUN(bad_fetches_are_none);
	RUN(uids_are_just_as_many);
	RUN(lists_tell_roles);
	RUN(capabilities_are_whole_words);
	RUN(answers_have_literals);
	RUN(bad_answers_end_the_connection);
	RUN(long_answers_end_the_connection);
	RUN(headers_tell_states);
	RUN(names_are_utf7);
	RUN(roles_go_by_what_they_are);
	RUN(users_are_lines);
	RUN(keys_are_counted);
	return checked();
}
