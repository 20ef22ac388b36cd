/*
 * test_header.c - headers made from properties, and the facts of a listing
 */
#include "heading.h"

/* 2024-03-01 10:22:00 UTC and some seconds, as a FILETIME. */
static uint64_t at_2024(unsigned seconds)
{
	return UINT64_C(133537621200000000) + seconds * UINT64_C(10000000);
}

static void number(uint16_t id, uint64_t value)
{
	fake_number(heading_now.mail, id, MAPI_INTEGER32, value);
}

static void flag(uint16_t id, bool value)
{
	fake_number(heading_now.mail, id, MAPI_BOOLEAN, value);
}

static void when(uint16_t id, uint64_t filetime)
{
	fake_number(heading_now.mail, id, MAPI_TIME, filetime);
}

static void text(uint16_t id, const char *utf8)
{
	fake_text(heading_now.mail, id, utf8);
}

static uint16_t named(enum value_set set, uint32_t lid, const char *name)
{
	return fake_name(heading_now.store, value_guid(set), lid, name);
}

static void an_empty_message_has_a_header_that_says_so(void)
{
	heading_new();
	CHECK_STR(heading(),
		  "Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n"
		  "From: \"(unknown sender)\" <IMCEAUNKNOWN-@ost.invalid>\r\n"
		  "Subject:\r\n"
		  "Message-ID: <.0.200024@ost.invalid>\r\n"
		  "MIME-Version: 1.0\r\n"
		  "X-Ost-Note: no-from, no-date, synth-msgid\r\n"
		  "Status: O\r\n");
	heading_done();
}

static void a_subject_loses_the_mark_of_its_prefix(void)
{
	const struct {
		const char *stored, *shown;
	} subjects[] = {
		{ "\001\005Re: x", "Re: x" },
		{ "\001\001x", "x" },
		{ "\001\001", "" },
		{ "\001", "" },
		{ "Sync log", "Sync log" },
		{ "a\r\n\tb", "a b" },
		{ " \t ", "" },
		{ "  x ", "x" },
		{ "\001\020Undeliverable: x", "Undeliverable: x" },
		{ "\001\xC2\x85long", "long" },
	};

	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		heading_new();
		text(MAPI_SUBJECT, subjects[i].stored);
		CHECK_STR(heading_of("Subject"), subjects[i].shown);
		CHECK_STR(heading_fact(MAIL_SUBJECT), subjects[i].shown);
	}
	heading_done();
}

static void a_subject_that_is_missing_is_put_together(void)
{
	heading_new();
	text(MAPI_CONVERSATION_TOPIC, "topic");
	CHECK_STR(heading_of("Subject"), "topic");
	text(MAPI_NORMALIZED_SUBJECT, "lunch");
	CHECK_STR(heading_of("Subject"), "lunch");
	text(MAPI_SUBJECT_PREFIX, "Re: ");
	CHECK_STR(heading_of("Subject"), "Re: lunch");
	fake_broken(heading_now.mail, MAPI_SUBJECT, MAPI_UNICODE);
	CHECK_STR(heading_of("Subject"), "Re: lunch");
	CHECK_STR(heading_field("X-Ost-Note"),
		  "no-from, no-date, synth-msgid, prop-corrupt");
	heading_done();
}

static void the_date_is_the_first_of_several_that_is_one(void)
{
	heading_new();
	when(MAPI_LAST_MODIFICATION_TIME, at_2024(50));
	CHECK_STR(heading_of("Date"), "Fri, 01 Mar 2024 10:22:50 +0000");
	when(MAPI_CREATION_TIME, at_2024(40));
	CHECK_STR(heading_of("Date"), "Fri, 01 Mar 2024 10:22:40 +0000");
	number(MAPI_MESSAGE_FLAGS, 8); /* a draft */
	CHECK_STR(heading_of("Date"), "Fri, 01 Mar 2024 10:22:50 +0000");
	when(MAPI_MESSAGE_DELIVERY_TIME, at_2024(30));
	CHECK_STR(heading_of("Date"), "Fri, 01 Mar 2024 10:22:30 +0000");
	when(MAPI_CLIENT_SUBMIT_TIME, at_2024(20));
	CHECK_STR(heading_of("Date"), "Fri, 01 Mar 2024 10:22:20 +0000");
	fake_remove(heading_now.mail, MAPI_CLIENT_SUBMIT_TIME);
	when(MAPI_CLIENT_SUBMIT_TIME, UINT64_C(0x0CB34557A3DD4000));
	CHECK_STR(heading_of("Date"), "Fri, 01 Mar 2024 10:22:30 +0000");
	fake_remove(heading_now.mail, MAPI_CLIENT_SUBMIT_TIME);
	number(MAPI_CLIENT_SUBMIT_TIME, 12345); /* not a time */
	CHECK_STR(heading_of("Date"), "Fri, 01 Mar 2024 10:22:30 +0000");
	heading_done();
}

/* B17 */
static void a_message_id_is_the_same_in_each_cache_of_a_mailbox(void)
{
	static const uint8_t guid[16] = { 1, 2, 3 };
	const uint32_t nids[] = { 0x200024, 0x300044 };

	for (size_t i = 0; i < 2; i++) {
		heading_new();
		struct store *s = heading_now.store;
		fake_bytes(fake_again(s, MAPI_NID_STORE), MAPI_MAILBOX_GUID,
			   MAPI_GUID, guid, sizeof(guid));
		fake_add(s, MAPI_NID_ROOT_FOLDER, 0);
		fake_add(s, 0x2142, MAPI_NID_ROOT_FOLDER);
		fake_add(s, 0x2182, 0x2142);
		heading_now.mail = fake_add(s, nids[i] + 0x20, 0x2182);
		fake_bytes(heading_now.mail, MAPI_SEARCH_KEY, MAPI_BINARY,
			   i == 0 ? "\1" : "\2", 1);
		fake_number(heading_now.mail, MAPI_SERVER_ID, MAPI_INTEGER64,
			    0x5500000001);
		CHECK_STR(heading_of("Message-ID"),
			  "<01020300000000000000000000000000.5500000001"
			  "@ost.invalid>");
	}
	heading_done();
}

static void a_message_id_is_kept_or_made_the_same_each_time(void)
{
	heading_new();
	fake_bytes(heading_now.mail, MAPI_SEARCH_KEY, MAPI_BINARY, "\x01\xAB",
		   2);
	CHECK_STR(heading_of("Message-ID"), "<01ab.200024@ost.invalid>");
	CHECK_STR(heading_of("Message-ID"), "<01ab.200024@ost.invalid>");
	CHECK_STR(heading_fact(MAIL_MESSAGE_ID), "<01ab.200024@ost.invalid>");
	text(MAPI_INTERNET_MESSAGE_ID, "a@b");
	CHECK_STR(heading_of("Message-ID"), "<a@b>");
	fake_remove(heading_now.mail, MAPI_INTERNET_MESSAGE_ID);
	text(MAPI_INTERNET_MESSAGE_ID, "<odd but there>");
	CHECK_STR(heading_of("Message-ID"), "<odd but there>");
	CHECK(!note_has(&heading_now.notes, NOTE_MESSAGE_ID));
	heading_done();
}

/* What each_property_has_its_field() expects of what it sets. */
static const struct {
	const char *name, *value;
} expected[] = {
	{ "In-Reply-To", "<r@b>" },
	{ "References", "<q@b> <r@b>" },
	{ "Thread-Topic", "topic" },
	{ "Thread-Index", "AQI=" },
	{ "Return-Path", "<bounce@x.org>" },
	{ "Importance", "high" },
	{ "X-Priority", "1" },
	{ "Priority", "non-urgent" },
	{ "Sensitivity", "Company-Confidential" },
	{ "Disposition-Notification-To", "a@x.org" },
	{ "Return-Receipt-To", "a@x.org" },
	{ "X-Ost-Requests", "ndr, response" },
	{ "Reply-By", "Fri, 01 Mar 2024 10:22:01 +0000" },
	{ "X-Message-Flag", "Follow up" },
	{ "X-Message-Completed", "Fri, 01 Mar 2024 10:22:02 +0000" },
	{ "Expires", "Fri, 01 Mar 2024 10:22:03 +0000" },
	{ "Deferred-Delivery", "Fri, 01 Mar 2024 10:22:04 +0000" },
	{ "List-Help", "<mailto:h@x.org>" },
	{ "List-Unsubscribe", "<mailto:u@x.org>" },
	{ "Content-Language", "de-DE" },
	{ "X-Auto-Response-Suppress", "DR, OOF" },
	{ "X-MS-Exchange-Organization-AutoForwarded", "true" },
	{ "X-MS-Exchange-Organization-SCL", "-1" },
	{ "X-MS-Exchange-Organization-SenderIdResult", "Pass" },
	{ "X-MS-Exchange-Organization-PRD", "x.org" },
	{ "X-Microsoft-Classified", "true" },
	{ "X-Microsoft-ClassDesc", "Secret" },
	{ "X-Ost-Message-Class", "IPM.Note.Special" },
	{ "X-CallID", "(none)" },
	{ "X-Unsent", "1" },
	{ "Status", "RO" },
	{ "X-Status", "T" },
};

static void set_what_was_sent(void)
{
	text(MAPI_SENDER_EMAIL, "a@x.org");
	text(MAPI_IN_REPLY_TO_ID, "<r@b>");
	text(MAPI_INTERNET_REFERENCES, "<q@b>\t<r@b>");
	text(MAPI_CONVERSATION_TOPIC, "topic");
	fake_bytes(heading_now.mail, MAPI_CONVERSATION_INDEX, MAPI_BINARY,
		   "\1\2", 2);
	text(MAPI_INTERNET_RETURN_PATH, "bounce@x.org");
	number(MAPI_IMPORTANCE, 2);
	number(MAPI_PRIORITY, UINT32_MAX);
	number(MAPI_SENSITIVITY, 3);
	flag(MAPI_READ_RECEIPT_REQUESTED, true);
	flag(MAPI_ORIGINATOR_DELIVERY_REPORT, true);
	flag(MAPI_NDR_REQUESTED, true);
	flag(MAPI_RESPONSE_REQUESTED, true);
}

static void set_what_was_done(void)
{
	when(MAPI_REPLY_TIME, at_2024(1));
	text(named(SET_COMMON, 0x8530, NULL), "Follow up");
	number(MAPI_FLAG_STATUS, 1);
	when(MAPI_FLAG_COMPLETE_TIME, at_2024(2));
	when(MAPI_EXPIRY_TIME, at_2024(3));
	when(MAPI_DEFERRED_DELIVERY_TIME, at_2024(4));
	text(MAPI_LIST_HELP, "<mailto:h@x.org>");
	text(MAPI_LIST_UNSUBSCRIBE, "<mailto:u@x.org>");
	number(MAPI_MESSAGE_LOCALE_ID, 0x407);
	number(MAPI_AUTO_RESPONSE_SUPPRESS, 0x11);
	flag(MAPI_AUTO_FORWARDED, true);
	number(MAPI_CONTENT_FILTER_SCL, UINT32_MAX);
	number(MAPI_SENDER_ID_STATUS, 2);
	text(MAPI_PURPORTED_SENDER_DOMAIN, "x.org");
	flag(named(SET_COMMON, 0x85B5, NULL), true);
	text(named(SET_COMMON, 0x85B7, NULL), "Secret");
	text(MAPI_MESSAGE_CLASS, "IPM.Note.Special");
	text(0x6806, "not a call");
	number(MAPI_MESSAGE_FLAGS, 9);
}

static void each_property_has_its_field(void)
{
	heading_new();
	set_what_was_sent();
	set_what_was_done();
	heading();
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		CHECK_STR(heading_field(expected[i].name), expected[i].value);
	CHECK(strncmp(heading(), "Date: ", 6) == 0);
	heading_done();
}

static void usual_values_have_no_field(void)
{
	heading_new();
	number(MAPI_IMPORTANCE, 1);
	number(MAPI_PRIORITY, 0);
	number(MAPI_SENSITIVITY, 0);
	flag(MAPI_READ_RECEIPT_REQUESTED, false);
	when(MAPI_REPLY_TIME, at_2024(0)); /* but no flag request */
	text(MAPI_MESSAGE_CLASS, "ipm.note");
	heading();
	CHECK_STR(heading_field("Importance"), "(none)");
	CHECK_STR(heading_field("X-Priority"), "(none)");
	CHECK_STR(heading_field("Priority"), "(none)");
	CHECK_STR(heading_field("Sensitivity"), "(none)");
	CHECK_STR(heading_field("Disposition-Notification-To"), "(none)");
	CHECK_STR(heading_field("Reply-By"), "(none)");
	CHECK_STR(heading_field("X-Ost-Message-Class"), "(none)");
	heading_done();
}

/* B8: where a receipt goes may not be a group, nor may a return path. */
static void b8_no_group_stands_where_none_may(void)
{
	heading_new();
	flag(MAPI_READ_RECEIPT_REQUESTED, true);
	text(MAPI_SENT_REPRESENTING_EMAIL, "\xC3\xBC@x.org");
	text(MAPI_INTERNET_RETURN_PATH, "\xC3\xBC@x.org");
	CHECK_STR(heading_of("From"), "=?utf-8?Q?=C3=BC=40x=2Eorg?=:;");
	CHECK_STR(heading_field("Disposition-Notification-To"), "(none)");
	CHECK_STR(heading_field("X-Ost-Orig-Disposition-Notification-To"),
		  "=?utf-8?Q?=C3=BC=40x=2Eorg?=");
	CHECK_STR(heading_field("Return-Path"), "(none)");
	CHECK_STR(heading_field("X-Ost-Orig-Return-Path"),
		  "=?utf-8?Q?=C3=BC=40x=2Eorg?=");
	heading_new();
	flag(MAPI_READ_RECEIPT_REQUESTED, true);
	text(MAPI_SENT_REPRESENTING_EMAIL, "u@ex\xC3\xA4mple.de");
	text(MAPI_INTERNET_RETURN_PATH, "u@ex\xC3\xA4mple.de");
	CHECK_STR(heading_of("Disposition-Notification-To"),
		  "u@xn--exmple-cua.de");
	CHECK_STR(heading_field("Return-Path"), "<u@xn--exmple-cua.de>");
	heading_done();
}

static void states_become_status_and_flags(void)
{
	const struct {
		uint16_t id;
		uint32_t value;
		const char *status, *x_status, *flags;
	} states[] = {
		{ MAPI_MESSAGE_FLAGS, 0, "O", "(none)", "" },
		{ MAPI_MESSAGE_FLAGS, 1, "RO", "(none)", "read" },
		{ MAPI_READ, 1, "RO", "(none)", "read" },
		{ MAPI_MESSAGE_FLAGS, 8, "O", "T", "draft" },
		{ MAPI_LAST_VERB_EXECUTED, 102, "O", "A", "answered" },
		{ MAPI_LAST_VERB_EXECUTED, 103, "O", "A", "answered" },
		{ MAPI_ICON_INDEX, 0x105, "O", "A", "answered" },
		{ MAPI_LAST_VERB_EXECUTED, 104, "O", "P", "forwarded" },
		{ MAPI_ICON_INDEX, 0x106, "O", "P", "forwarded" },
		{ MAPI_FLAG_STATUS, 2, "O", "F", "flagged" },
		{ MAPI_FLAG_STATUS, 1, "O", "(none)", "" },
		{ MAPI_MESSAGE_STATUS, 8, "O", "D", "deleted" },
	};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		heading_new();
		number(states[i].id, states[i].value);
		heading();
		CHECK_STR(heading_field("Status"), states[i].status);
		CHECK_STR(heading_field("X-Status"), states[i].x_status);
		CHECK_STR(heading_fact(MAIL_FLAGS), states[i].flags);
	}
	heading_done();
}

static void categories_stay_apart(void)
{
	const char *const categories[] = { "A,B", "\xC3\xA9", "Plain one" };
	const char *want = "\"A,B\", =?utf-8?B?w6k=?=, Plain one";

	heading_new();
	fake_multi(heading_now.mail, named(SET_PUBLIC_STRINGS, 0, "Keywords"),
		   categories, 3);
	CHECK_STR(heading_of("Keywords"), want);
	CHECK_STR(heading_field("X-Keywords"), want);
	CHECK_STR(heading_fact(MAIL_CATEGORIES), "A,B, \xC3\xA9, Plain one");

	heading_new();
	fake_multi(heading_now.mail, named(SET_PUBLIC_STRINGS, 0x9000, NULL),
		   categories, 1);
	CHECK_STR(heading_of("Keywords"), "\"A,B\"");
	heading_done();
}

static void internet_headers_fill_in_when_nothing_else_does(void)
{
	heading_new();
	text(named(SET_INTERNET_HEADERS, 0, "list-id"), "<l.x.org>");
	text(named(SET_INTERNET_HEADERS, 0, "x-ms-has-attach"), "yes");
	text(named(SET_INTERNET_HEADERS, 0, "X-MyOwn"), "\xC3\xA9");
	text(named(SET_INTERNET_HEADERS, 0, "content-type"), "x/y");
	text(named(SET_INTERNET_HEADERS, 0, "bad name"), "x");
	text(named(SET_INTERNET_HEADERS, 0, "subject"), "another");
	number(named(SET_INTERNET_HEADERS, 0, "x-number"), 7);
	text(named(SET_COMMON, 0, "x-elsewhere"), "x");
	text(MAPI_SUBJECT, "this one");
	heading();
	CHECK(strstr(buf_text(&heading_now.text),
		     "\r\nList-Id: <l.x.org>\r\n") != NULL);
	CHECK(strstr(buf_text(&heading_now.text),
		     "\r\nX-MS-Has-Attach: yes\r\n") != NULL);
	CHECK_STR(heading_field("X-MyOwn"), "=?utf-8?B?w6k=?=");
	CHECK_STR(heading_field("Content-Type"), "(none)");
	CHECK_STR(heading_field("Subject"), "this one");
	CHECK_STR(heading_field("X-Number"), "(none)");
	CHECK_STR(heading_field("X-Elsewhere"), "(none)");

	text(MAPI_TRANSPORT_MESSAGE_HEADERS,
	     "From: a@x.org\r\nList-ID: <l.x.org>\r\n");
	CHECK_STR(heading_of("List-Id"), "<l.x.org>");
	heading_done();
}

static void what_no_header_holds_is_noted(void)
{
	static uint8_t index[701];
	static char huge[(1 << 20) + 2];
	char name[16];
	uint16_t last = 0;

	heading_new();
	fake_bytes(heading_now.mail, MAPI_CONVERSATION_INDEX, MAPI_BINARY,
		   index, 700);
	for (unsigned i = 0; i < 1001; i++) {
		snprintf(name, sizeof(name), "x-n%u", i);
		last = named(SET_INTERNET_HEADERS, 0, name);
		text(last, "x");
	}
	CHECK_STR(heading_of("X-N999"), "x");
	CHECK_STR(heading_field("X-N1000"), "(none)");
	CHECK(strlen(heading_field("Thread-Index")) == 936);
	CHECK(strstr(heading_field("X-Ost-Note"), "field-large") != NULL);
	fake_remove(heading_now.mail, last);
	CHECK_STR(heading_of("X-N999"), "x");
	CHECK(strstr(heading_field("X-Ost-Note"), "field-large") == NULL);
	heading_done();

	heading_new();
	fake_bytes(heading_now.mail, MAPI_CONVERSATION_INDEX, MAPI_BINARY,
		   index, 701);
	CHECK_STR(heading_of("Thread-Index"), "(none)");
	CHECK(strstr(heading_field("X-Ost-Note"), "field-large") != NULL);
	heading_done();

	heading_new();
	memset(huge, 'x', sizeof(huge) - 1);
	fake_string8(heading_now.mail, MAPI_SUBJECT, huge);
	CHECK_STR(heading_of("Subject"), "");
	CHECK(strstr(heading_field("X-Ost-Note"), "field-large") != NULL);
	heading_done();
}

static void what_cannot_be_read_costs_only_itself(void)
{
	static const uint16_t ids[] = {
		MAPI_MESSAGE_CLASS,
		MAPI_SENT_REPRESENTING_NAME,
		MAPI_SENT_REPRESENTING_EMAIL,
		MAPI_SENDER_ENTRYID,
		MAPI_SENDER_SEARCH_KEY,
		MAPI_CLIENT_SUBMIT_TIME,
		MAPI_INTERNET_MESSAGE_ID,
		MAPI_SEARCH_KEY,
		MAPI_TRANSPORT_MESSAGE_HEADERS,
		MAPI_CONVERSATION_INDEX,
		MAPI_REPLY_RECIPIENT_ENTRIES,
		MAPI_IMPORTANCE,
		MAPI_MESSAGE_FLAGS,
	};
	static const uint16_t types[] = {
		MAPI_UNICODE,	MAPI_BINARY, MAPI_TIME,
		MAPI_INTEGER32, MAPI_OBJECT, MAPI_MULTIPLE | MAPI_UNICODE
	};

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		for (size_t k = 0; k < sizeof(types) / sizeof(types[0]); k++) {
			heading_new();
			text(MAPI_SUBJECT, "still here");
			fake_broken(heading_now.mail, ids[i], types[k]);
			CHECK_STR(heading_of("Subject"), "still here");
			CHECK_STR(heading_fact(MAIL_SUBJECT), "still here");
			fake_remove(heading_now.mail, ids[i]);
			fake_bytes(heading_now.mail, ids[i], types[k], "x", 1);
			CHECK_STR(heading_of("Subject"), "still here");
		}
	heading_done();
}

static void a_row_tells_its_author_cheaply(void)
{
	heading_new();
	CHECK_STR(heading_fact(MAIL_FROM_NAME), "");
	text(MAPI_SENDER_EMAIL, "s@x.org");
	CHECK_STR(heading_fact(MAIL_FROM_NAME), "s@x.org");
	text(MAPI_SENT_REPRESENTING_EMAIL, "/O=X/OU=Y/CN=RECIPIENTS/CN=Jane");
	CHECK_STR(heading_fact(MAIL_FROM_NAME), "Jane");
	text(MAPI_SENDER_NAME, "Sen Der");
	CHECK_STR(heading_fact(MAIL_FROM_NAME), "Sen Der");
	text(MAPI_SENT_REPRESENTING_NAME, "Jane Doe");
	CHECK_STR(heading_fact(MAIL_FROM_NAME), "Jane Doe");
	CHECK_STR(heading_fact(MAIL_CLASS), "IPM.Note");
	text(MAPI_MESSAGE_CLASS, "IPM.Task");
	CHECK_STR(heading_fact(MAIL_CLASS), "IPM.Task");
	heading_done();
}

typedef bool time_fn(struct store_object *item, int64_t *sec, uint32_t *nsec);

/* A time of the message, in seconds after 2024-03-01 10:22; -1: none. */
static int64_t seconds(time_fn *ask)
{
	struct store_object *o = fake_open(heading_now.mail);
	int64_t sec = 0;
	uint32_t nsec;
	const bool is = ask(o, &sec, &nsec);

	store_drop(o);
	return is ? sec - 1709288520 : -1;
}

static void an_item_goes_by_the_time_that_fits_it(void)
{
	struct store_object *o;
	uint16_t start;
	int64_t sec;
	uint32_t nsec;

	heading_new();
	start = named(SET_APPOINTMENT, 0x820D, NULL);
	CHECK(seconds(mail_time) == -1);
	when(MAPI_CREATION_TIME, at_2024(1));
	CHECK(seconds(mail_time) == 1);
	when(MAPI_CLIENT_SUBMIT_TIME, at_2024(2));
	CHECK(seconds(mail_time) == 2);
	when(MAPI_MESSAGE_DELIVERY_TIME, at_2024(3));
	CHECK(seconds(mail_time) == 3);
	when(MAPI_START_DATE, at_2024(4));
	CHECK(seconds(mail_time) == 3);
	text(MAPI_MESSAGE_CLASS, "IPM.Appointment");
	CHECK(seconds(mail_when) == 4);
	when(start, at_2024(5));
	CHECK(seconds(mail_when) == 5);
	CHECK(seconds(mail_time) == 3);
	CHECK_STR(heading_fact(MAIL_DATE), "2024-03-01T10:22:05Z");

	o = fake_open(heading_now.mail);
	CHECK(!mail_changed(o, &sec, &nsec));
	store_drop(o);
	when(MAPI_LAST_MODIFICATION_TIME, at_2024(6) + 1);
	o = fake_open(heading_now.mail);
	CHECK(mail_changed(o, &sec, &nsec));
	CHECK(sec == 1709288526 && nsec == 100);
	store_drop(o);
	heading_done();
}

int main(void)
{
	RUN(an_empty_message_has_a_header_that_says_so);
	RUN(a_subject_loses_the_mark_of_its_prefix);
	RUN(a_subject_that_is_missing_is_put_together);
	RUN(the_date_is_the_first_of_several_that_is_one);
	RUN(a_message_id_is_the_same_in_each_cache_of_a_mailbox);
	RUN(a_message_id_is_kept_or_made_the_same_each_time);
	RUN(each_property_has_its_field);
	RUN(usual_values_have_no_field);
	RUN(b8_no_group_stands_where_none_may);
	RUN(states_become_status_and_flags);
	RUN(categories_stay_apart);
	RUN(internet_headers_fill_in_when_nothing_else_does);
	RUN(what_no_header_holds_is_noted);
	RUN(what_cannot_be_read_costs_only_itself);
	RUN(a_row_tells_its_author_cheaply);
	RUN(an_item_goes_by_the_time_that_fits_it);
	return checked();
}
