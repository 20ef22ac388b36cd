/*
 * test_cached.c - what a store has but a part of is no loss, and is told
 */
#include "ledgerkit.h"

enum { SAID = 400000 }; /* bytes that a server would have */

static struct forge_message mail(const char *subject)
{
	struct forge_message m = { 0 };

	forge_text(&m.props, MAPI_SUBJECT, subject);
	forge_text(&m.props, MAPI_SENDER_NAME, "Jane Doe");
	forge_time(&m.props, MAPI_MESSAGE_DELIVERY_TIME, 1709288520);
	return m;
}

/* The whole body, but not the attachment. */
static struct forge_message without_file(uint32_t method)
{
	struct forge_message m = mail("without its file");
	struct forge_props *p = &forge_attachment(&m)->props;

	forge_text(&m.props, MAPI_BODY, "Hello");
	forge_text(p, MAPI_ATTACH_LONG_FILENAME, "plan.pdf");
	forge_int(p, MAPI_ATTACH_METHOD, method);
	forge_int(p, MAPI_ATTACH_SIZE, SAID);
	if (method != MAPI_ATTACH_BY_VALUE)
		forge_text(p, MAPI_ATTACH_LONG_PATHNAME, "\\\\nas\\plan.pdf");
	return m;
}

static struct forge_message header_only(void)
{
	struct forge_message m = mail("header only");

	forge_int(&m.props, MAPI_MESSAGE_SIZE, SAID);
	return m;
}

static struct forge_message start_only(void)
{
	struct forge_message m = mail("its start only");

	forge_text(&m.props, MAPI_PREVIEW, "Dear Alice, as you may");
	return m;
}

static struct forge_message whole(void)
{
	struct forge_message m = mail("whole");

	forge_text(&m.props, MAPI_BODY, "Hello");
	forge_int(&m.props, MAPI_MESSAGE_SIZE, 2000);
	return m;
}

/* The ledger of a store that has nothing but `m`, which is freed. */
static struct tree *store_of(size_t kind, struct forge_message *m)
{
	struct forge *f = forge_new(&kinds[kind]);
	struct buf store = { 0 };
	struct ost_error err = { "" };

	(void)forge_add(f, forge_ipm(f), m);
	forge_message_free(m);
	CHECK(forge_finish(f, &store, &err) == OST_OK);
	CHECK_STR(err.text, "");
	return show(&store);
}

static struct buf text_of(struct tree *t)
{
	const struct ledger_options options = { .deep = true, .threads = 1 };
	struct ledger *l = NULL;
	struct ost_error err;
	struct buf text = { 0 };

	CHECK(ledger_make(&l, t, &options, &err) == OST_OK);
	ledger_text(l, &text);
	ledger_free(l);
	return text;
}

static void check_told(size_t kind, struct forge_message m, uint64_t files,
		       const char *code, const char *meaning)
{
	struct tree *t = store_of(kind, &m);
	struct buf why = { 0 }, json, text;
	uint64_t losses;

	json = audit(t, true, 1, &losses);
	CHECK(losses == 0);
	CHECK(total(&json, "not_cached") == files);
	CHECK(total(&json, "expected") == 1 && total(&json, "shown") == 1);
	buf_printf(&why, "\"why\": \"%s\"", code);
	CHECK(has(&json, "\"what\": \"not-cached\", \"nid\": \"200024\""));
	CHECK(has(&json, why.at));
	text = text_of(t);
	CHECK(has(&text, "  partial   "));
	CHECK(has(&text, meaning));
	buf_free(&text);
	buf_free(&why);
	buf_free(&json);
	tree_free(t);
}

static void tells_of_a_mail_of_which_there_is_but_the_header(void)
{
	for (size_t i = 0; i < KINDS; i++)
		check_told(i, header_only(), 1, "no-body",
			   "a body was expected and none is stored");
}

static void tells_of_a_mail_of_which_there_is_but_the_start(void)
{
	for (size_t i = 0; i < KINDS; i++)
		check_told(i, start_only(), 1, "body-preview-only",
			   "only the start of the body is stored");
}

/* In the mail, and beside it. */
static void tells_of_an_attachment_whose_data_is_not_there(void)
{
	for (size_t i = 0; i < KINDS; i++) {
		check_told(i, without_file(MAPI_ATTACH_BY_VALUE), 2,
			   "att-missing", "an attachment's data is not stored");
		check_told(i, without_file(MAPI_ATTACH_BY_REFERENCE), 2,
			   "att-ref", "an attachment stored by reference only");
	}
}

static void says_nothing_of_what_is_whole(void)
{
	for (size_t i = 0; i < KINDS; i++) {
		struct forge_message m = whole();
		struct tree *t = store_of(i, &m);
		uint64_t losses;
		struct buf json = audit(t, true, 1, &losses);
		struct buf text = text_of(t);

		CHECK(losses == 0);
		CHECK(total(&json, "not_cached") == 0);
		CHECK(strstr(buf_text(&text), "partial") == NULL);
		buf_free(&text);
		buf_free(&json);
		tree_free(t);
	}
}

static void says_that_it_did_not_look(void)
{
	struct forge_message m = header_only();
	struct tree *t = store_of(0, &m);
	uint64_t losses;
	struct buf json = audit(t, false, 1, &losses);

	CHECK(total(&json, "not_cached") == 0);
	CHECK(has(&json, "\"contents\": false"));
	buf_free(&json);
	tree_free(t);
}

int main(void)
{
	RUN(tells_of_a_mail_of_which_there_is_but_the_header);
	RUN(tells_of_a_mail_of_which_there_is_but_the_start);
	RUN(tells_of_an_attachment_whose_data_is_not_there);
	RUN(says_nothing_of_what_is_whole);
	RUN(says_that_it_did_not_look);
	return checked();
}
