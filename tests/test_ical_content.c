/*
 * test_ical_content.c - what appointments say, who comes, what is attached
 *
 * With a directory as its argument, leaves each calendar there for
 * ical_check.py.
 */
#include "icalkit.h"

#include "mail/text/chars.h"

/*
 * What
 */

static void text_is_escaped_and_folded(void)
{
	struct fake *f = appointment("20240715T160000", NULL, false);
	struct buf body = { 0 };

	fake_text(f, named(SET_APPOINTMENT, LID_LOCATION),
		  "a;b,c\\d:\"e\"\x07\n\tf");
	buf_str(&body, "one\r\ntwo\nthree\r");
	for (int i = 0; i < 100; i++)
		buf_str(&body, "a\xC3\xA9\xF0\x9F\x98\x80");
	fake_text(f, MAPI_BODY, body.at);
	(void)CALENDAR();
	CHECK(has_line("LOCATION:a\\;b\\,c\\\\d:\"e\"  f"));
	CHECK(strstr(item_now.text.at, "DESCRIPTION:one\\ntwo\\nthree\\na\xC3"
				       "\xA9\xF0\x9F\x98\x80"
				       "a\xC3\xA9") != NULL);
	buf_free(&body);
	item_done();
}

static void html_is_an_alternative(void)
{
	struct fake *f = appointment("20240715T160000", NULL, false);
	static const char html[] = "<html><p>x;</p></html>";

	fake_bytes(f, MAPI_HTML, MAPI_BINARY, html, sizeof(html) - 1);
	set_int(f, MAPI_INTERNET_CODEPAGE, 65001);
	(void)CALENDAR();
	CHECK(has_line(
		"X-ALT-DESC;FMTTYPE=text/html:<html><p>x\\;</p></html>"));
	CHECK(has_line("DESCRIPTION:x\\;"));
	item_done();
}

/* B10: RTF is attached where it has what the text cannot have, and only there.
 */
static void B10_rtf_is_attached_if_it_says_more(void)
{
	static const struct {
		const char *rtf, *description; /* NULL: none */
		bool attached;
	} cases[] = {
		{ "{\\rtf1\\ansi{\\stylesheet{\\s1 x;}}{\\header "
		  "x}\\pard\\par}",
		  NULL, false },
		{ "{\\rtf1\\ansi{\\b Bring} the plan\\par}",
		  "\r\nDESCRIPTION:Bring the plan", false },
		{ "{\\rtf1 a{\\pict\\pngblip 89504e470d0a1a0a}}",
		  "\r\nDESCRIPTION:a", true },
		{ "{\\rtf1{\\pict\\pngblip 89504e470d0a1a0a}}", NULL, true },
		{ "{\\rtf1\\trowd\\cellx99 a\\cell\\row}",
		  "\r\nDESCRIPTION:a\t\\n", true },
		{ "{\\rtf1 a{\\object{\\*\\objdata 00}}}", "\r\nDESCRIPTION:a",
		  true },
		/* damaged: there may be more in it */
		{ "{\\rtf1 a", "\r\nDESCRIPTION:a", true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set_rtf(appointment("20240715T160000", NULL, false),
			cases[i].rtf);
		const char *text = CALENDAR();
		CHECK(has_name("ATTACH") == cases[i].attached);
		CHECK(has_name("DESCRIPTION") ==
		      (cases[i].description != NULL));
		if (cases[i].description != NULL)
			CHECK(strstr(text, cases[i].description) != NULL);
		item_done();
	}
}

static void states_have_their_words(void)
{
	static const struct {
		uint32_t busy, state;
		const char *lines[3];
	} cases[] = {
		{ 0,
		  0,
		  { "STATUS:CONFIRMED", "TRANSP:TRANSPARENT",
		    "X-MICROSOFT-CDO-BUSYSTATUS:FREE" } },
		{ 1,
		  0,
		  { "STATUS:TENTATIVE", "TRANSP:OPAQUE",
		    "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE" } },
		{ 2,
		  0,
		  { "STATUS:CONFIRMED", "TRANSP:OPAQUE",
		    "X-MICROSOFT-CDO-BUSYSTATUS:BUSY" } },
		{ 3,
		  4,
		  { "STATUS:CANCELLED", "TRANSP:OPAQUE",
		    "X-MICROSOFT-CDO-BUSYSTATUS:OOF" } },
		{ 4,
		  1,
		  { "STATUS:CONFIRMED", "TRANSP:TRANSPARENT",
		    "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE" } },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake *f = appointment("20240715T160000", NULL, false);

		set_int(f, named(SET_APPOINTMENT, LID_BUSY_STATUS),
			cases[i].busy);
		set_int(f, named(SET_APPOINTMENT, LID_STATE_FLAGS),
			cases[i].state);
		(void)CALENDAR();
		for (size_t j = 0; j < 3; j++)
			CHECK(has_line(cases[i].lines[j]));
	}
	item_done();
}

static void sensitivity_and_importance_have_their_words(void)
{
	static const struct {
		uint32_t sensitivity, importance;
		const char *class, *priority;
	} cases[] = {
		{ 0, 0, "CLASS:PUBLIC", "PRIORITY:9" },
		{ 1, 1, "CLASS:X-PERSONAL", "PRIORITY:5" },
		{ 2, 2, "CLASS:PRIVATE", "PRIORITY:1" },
		{ 3, 1, "CLASS:CONFIDENTIAL", "PRIORITY:5" },
	};
	struct fake *f;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		f = appointment("20240715T160000", NULL, false);
		set_int(f, MAPI_SENSITIVITY, cases[i].sensitivity);
		set_int(f, MAPI_IMPORTANCE, cases[i].importance);
		(void)CALENDAR();
		CHECK(has_line(cases[i].class));
		CHECK(has_line(cases[i].priority));
	}
	f = appointment("20240715T160000", NULL, false);
	set_bool(f, named(SET_COMMON, LID_PRIVATE), true);
	(void)CALENDAR();
	CHECK(has_line("CLASS:PRIVATE"));
	item_done();
}

static void categories_are_in_the_event(void)
{
	static const char *const names[] = { "Red, or so", "Gr\xC3\xBCn" };
	struct fake *f = appointment("20240715T160000", NULL, false);

	fake_multi(f,
		   fake_name(item_now.store, value_guid(SET_PUBLIC_STRINGS), 0,
			     "Keywords"),
		   names, 2);
	(void)CALENDAR();
	CHECK(has_line("CATEGORIES:Red\\, or so,Gr\xC3\xBCn"));
	CHECK(strstr(item_now.text.at, "BEGIN:VEVENT") <
	      strstr(item_now.text.at, "CATEGORIES"));
	item_done();
}

static void reminders_ring_before(void)
{
	static const struct {
		uint32_t delta;
		const char *line;
	} cases[] = {
		{ 30, "TRIGGER:-PT30M" },
		{ 0x5AE980E1, "TRIGGER:-PT15M" },
		{ 0, "TRIGGER:PT0M" },
		{ 2880, "TRIGGER:-PT2880M" },
		{ (uint32_t)-5, "TRIGGER:PT5M" },
		{ 0x80000000, "TRIGGER:PT2147483648M" },
	};
	struct fake *f;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		f = appointment("20240715T160000", NULL, false);
		set_bool(f, named(SET_COMMON, LID_REMINDER_SET), true);
		set_int(f, named(SET_COMMON, LID_REMINDER_DELTA),
			cases[i].delta);
		(void)CALENDAR();
		CHECK(has_line(cases[i].line));
	}
	f = appointment("20240715T160000", NULL, false);
	set_bool(f, named(SET_COMMON, LID_REMINDER_SET), false);
	(void)CALENDAR();
	CHECK(strstr(item_now.text.at, "VALARM") == NULL);
	item_done();
}

/*
 * Who
 */

static void people_have_their_roles(void)
{
	struct fake *f = appointment("20240715T160000", NULL, false);

	from_jane(f);
	set_bool(f, MAPI_RESPONSE_REQUESTED, true);
	person(f, "Jane", "jane@example.org", 1, 3, 1);
	person(f, "Ann", "ann@example.org", 1, 1, 3);
	person(f, "Bob; B", "bob@example.org", 2, 1, 4);
	person(f, "Room 5", "room5@example.org", 3, 1, 0);
	person(f, "Gone", "gone@example.org", 1, 0x21, 0);
	person(f, "o'neil@example.org", "o'neil@example.org", 1, 1, 2);
	(void)CALENDAR();
	CHECK(has_line(
		"ORGANIZER;CN=\"Doe, ^'Jane^'\":mailto:jane@example.org"));
	CHECK(has_line("ATTENDEE;CN=Ann;ROLE=REQ-PARTICIPANT;"
		       "PARTSTAT=ACCEPTED;RSVP=TRUE:mailto:ann@example.org"));
	CHECK(has_line("ATTENDEE;CN=\"Bob; B\";ROLE=OPT-PARTICIPANT;"
		       "PARTSTAT=DECLINED;RSVP=TRUE:mailto:bob@example.org"));
	CHECK(has_line("ATTENDEE;CN=Room 5;CUTYPE=RESOURCE;"
		       "ROLE=NON-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:"
		       "mailto:room5@example.org"));
	CHECK(has_line("ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=TENTATIVE;"
		       "RSVP=TRUE:mailto:o'neil@example.org"));
	CHECK(strstr(item_now.text.at, "gone@") == NULL);
	CHECK(strstr(item_now.text.at, "ATTENDEE;CN=Jane") == NULL);
	item_done();
}

static void the_owners_own_answer_is_kept(void)
{
	static const struct {
		uint32_t answer, track;
		const char *ann, *line;
	} cases[] = {
		{ 3, 0, "ann@example.org",
		  "ATTENDEE;CN=Ann;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED:"
		  "mailto:ann@example.org" },
		{ 4, 2, "ANN@example.org", /* the table has a later one */
		  "ATTENDEE;CN=Ann;ROLE=REQ-PARTICIPANT;PARTSTAT=TENTATIVE:"
		  "mailto:ANN@example.org" },
		{ 2, 0, "all@example.org",
		  "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=TENTATIVE:"
		  "mailto:ann@example.org" },
		{ 5, 0, "ann@example.org", /* none yet */
		  "ATTENDEE;CN=Ann;ROLE=REQ-PARTICIPANT;"
		  "PARTSTAT=NEEDS-ACTION:mailto:ann@example.org" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake *f = appointment("20240715T160000", NULL, false);

		from_jane(f);
		fake_text(f, MAPI_RECEIVED_BY_ADDRTYPE, "SMTP");
		fake_text(f, MAPI_RECEIVED_BY_EMAIL, "ann@example.org");
		set_int(f, named(SET_APPOINTMENT, LID_RESPONSE_STATUS),
			cases[i].answer);
		person(f, "Jane", "jane@example.org", 1, 3, 0);
		person(f, "Ann", cases[i].ann, 1, 1, cases[i].track);
		(void)CALENDAR();
		CHECK(has_line(cases[i].line));
	}
	item_done();
}

/* A meeting by Jane, of whom it has an X.500 name that nobody knows. */
static struct fake *unresolved_meeting(void)
{
	struct fake *f = appointment("20240715T160000", NULL, false);

	set_int(f, named(SET_APPOINTMENT, LID_STATE_FLAGS), STATE_MEETING);
	fake_text(f, MAPI_SENT_REPRESENTING_NAME, "Jane");
	fake_text(f, MAPI_SENT_REPRESENTING_ADDRTYPE, "EX");
	fake_text(f, MAPI_SENT_REPRESENTING_EMAIL, "/o=X/cn=Jane");
	return f;
}

static void b12_an_organizer_who_does_not_resolve_is_in_the_table(void)
{
	struct fake *f = unresolved_meeting();

	person(f, "Ann", "ann@example.org", 1, 1, 3);
	person(f, "Jane", "jane@example.org", 1, 3, 0);
	person(f, "Jane", "jane@example.org", 1, 1, 0);
	(void)CALENDAR();
	CHECK(has_line("ORGANIZER;CN=Jane:mailto:jane@example.org"));
	CHECK(has_line("ATTENDEE;CN=Ann;ROLE=REQ-PARTICIPANT;"
		       "PARTSTAT=ACCEPTED:mailto:ann@example.org"));
	CHECK(strstr(item_now.text.at, "ATTENDEE;CN=Jane") == NULL);
	CHECK(!note_has(&item_now.notes, NOTE_ADDRESS_IMCEA));

	/* Who sent it under her name, but not who sent it for her. */
	f = unresolved_meeting();
	fake_text(f, MAPI_SENDER_NAME, "JANE");
	fake_text(f, MAPI_SENDER_EMAIL, "jane@example.org");
	(void)CALENDAR();
	CHECK(has_line("ORGANIZER;CN=JANE:mailto:jane@example.org"));
	f = unresolved_meeting();
	fake_text(f, MAPI_SENDER_NAME, "Secretary");
	fake_text(f, MAPI_SENDER_EMAIL, "sec@example.org");
	(void)CALENDAR();
	CHECK(has_line("ORGANIZER;CN=Jane:mailto:"
		       "IMCEAEX-_o=X_cn=Jane@ost.invalid"));
	item_done();
}

/* B4 */
static void b4_an_organizer_is_known_in_another_role(void)
{
	struct fake *f = unresolved_meeting();

	fake_text(f, MAPI_CREATOR_EMAIL, "/O=x/CN=jane");
	fake_text(f, MAPI_CREATOR_SMTP, "jane@example.org");
	person(f, "Secretary", "sec@example.org", 1, 3, 0);
	(void)CALENDAR();
	CHECK(has_line("ORGANIZER;CN=Jane:mailto:jane@example.org"));
	item_done();
}

/* B8 */
static void b8_people_are_called_by_a_domain_in_ascii(void)
{
	struct fake *f = unresolved_meeting();

	fake_text(f, MAPI_SENT_REPRESENTING_SMTP, "jane@ex\xC3\xA4mple.de");
	person(f, "Ann", "\xC3\xA4@ex\xC3\xA4mple.de", 1, 1, 3);
	(void)CALENDAR();
	CHECK(has_line("ORGANIZER;CN=Jane:mailto:jane@xn--exmple-cua.de"));
	CHECK(has_line("ATTENDEE;CN=Ann;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED:"
		       "mailto:%C3%A4@xn--exmple-cua.de"));
	item_done();
}

static void alone_nobody_is_the_organizer(void)
{
	struct fake *f = appointment("20240715T160000", NULL, false);

	from_jane(f);
	(void)CALENDAR();
	CHECK(!has_name("ORGANIZER"));
	CHECK(!has_name("ATTENDEE"));
	f = appointment("20240715T160000", NULL, false);
	from_jane(f);
	set_int(f, named(SET_APPOINTMENT, LID_STATE_FLAGS), STATE_MEETING);
	(void)CALENDAR();
	CHECK(has_name("ORGANIZER"));
	item_done();
}

static void people_without_a_table_go_by_their_names(void)
{
	struct fake *f = appointment("20240715T160000", NULL, false);

	fake_text(f, MAPI_SENDER_NAME, "Jane");
	fake_text(f, MAPI_SENDER_ADDRTYPE, "SMTP");
	fake_text(f, MAPI_SENDER_EMAIL, "jane@example.org");
	fake_text(f, MAPI_DISPLAY_TO, "ann@example.org");
	fake_text(f, MAPI_DISPLAY_CC, "bob@example.org");
	set_int(f, named(SET_APPOINTMENT, LID_STATE_FLAGS), STATE_MEETING);
	(void)CALENDAR();
	CHECK(has_line("ORGANIZER;CN=Jane:mailto:jane@example.org"));
	CHECK(has_line("ATTENDEE;ROLE=REQ-PARTICIPANT;"
		       "PARTSTAT=NEEDS-ACTION:mailto:ann@example.org"));
	CHECK(has_line("ATTENDEE;ROLE=OPT-PARTICIPANT;"
		       "PARTSTAT=NEEDS-ACTION:mailto:bob@example.org"));
	CHECK(note_has(&item_now.notes, NOTE_RECIPIENT_NAMES));
	item_done();
}

static void recipients_that_cannot_be_read_are_noted(void)
{
	struct fake *f = appointment("20240715T160000", NULL, false);

	from_jane(f);
	fake_lost_child(f, STORE_RECIPIENTS);
	person(f, "Ann", "ann@example.org", 1, 1, 3);
	(void)CALENDAR();
	CHECK(has_name("ATTENDEE"));
	CHECK(note_has(&item_now.notes, NOTE_RECIPIENTS_CORRUPT));
	item_done();
}

/*
 * UIDs
 */

static void uids_are_those_of_the_meeting(void)
{
	static const char outlook[] =
		"040000008200E00074C5B7101A82E00800000000"
		"0102030405060708000000000000000004000000DEADBEEF";
	static const struct {
		const char *data;
		size_t len;
		const char *uid;
	} cases[] = {
		{ "vCal-Uid\1\0\0\0a,b@example.org\0junk", 31,
		  "a,b@example.org" },
		{ "vCal-Uid\1\0\0\0no-nul", 18, "no-nul" },
		{ "\xDE\xAD\xBE\xEF", 4, outlook },
	};
	struct ost_error err = { "" };
	int64_t day;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf id = object_id(cases[i].data, cases[i].len);
		struct buf uid = { 0 };

		CHECK(ical_uid_decode(buf_span(&id), &uid, &err) == OST_OK);
		CHECK_STR(buf_text(&uid), cases[i].uid);
		CHECK(ical_uid_day(buf_span(&id), &day));
		CHECK(day == wall_of("20240715"));
		buf_free(&uid);
		buf_free(&id);
	}
}

static void bad_object_ids_are_none(void)
{
	static const size_t lens[] = { 0, 1, 16, 20, 39, 4097 };
	static const char *const texts[] = {
		"global object id of 0 bytes",
		"global object id of 1 bytes",
		"global object id of 16 bytes",
		"global object id of 20 bytes",
		"global object id of 39 bytes",
		"global object id of 4097 bytes",
	};
	static const uint8_t dates[][4] = {
		{ 0, 0, 0, 0 },	       { 0x07, 0xE8, 13, 1 },
		{ 0x07, 0xE8, 2, 30 }, { 0x07, 0xE8, 0, 1 },
		{ 0x07, 0xE8, 1, 0 },  { 0xFF, 0xFF, 1, 1 },
	};
	static const char zeros[4097];
	int64_t day;

	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		struct ost_error err = { "" };
		struct buf uid = { 0 };

		CHECK(ical_uid_decode(span_of(zeros, lens[i]), &uid, &err) ==
		      OST_CORRUPT);
		CHECK_STR(err.text, texts[i]);
		CHECK(uid.len == 0);
	}
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		struct buf id = object_id("", 0);

		memcpy(id.at + 16, dates[i], 4);
		CHECK(!ical_uid_day(buf_span(&id), &day));
		buf_free(&id);
	}
}

static void a_uid_of_another_program_is_kept(void)
{
	struct fake *f = appointment("20240715T160000", NULL, false);
	struct buf id = object_id("vCal-Uid\1\0\0\0a,b@example.org", 27);

	set_blob(f, named(SET_MEETING, LID_CLEAN_GLOBAL_OBJECT_ID), &id);
	(void)CALENDAR();
	CHECK(has_line("UID:a\\,b@example.org"));
	item_done();
}

static void a_uid_is_made_of_what_there_is(void)
{
	struct fake *f = appointment("20240715T160000", NULL, false);

	fake_bytes(f, named(SET_MEETING, LID_GLOBAL_OBJECT_ID), MAPI_BINARY,
		   "abc", 3);
	(void)CALENDAR();
	CHECK(has_line("UID:abcd0102.200024@ost.invalid"));
	CHECK(has_line("X-OST-NOTE:prop-corrupt"));
	fake_remove(f, MAPI_SEARCH_KEY);
	(void)CALENDAR();
	CHECK(has_line("UID:.1da3c457689c000.200024@ost.invalid"));
	item_done();
}

/* B17: the same in each cache of its mailbox. */
static void a_uid_is_made_of_what_the_server_called_it(void)
{
	static const uint8_t guid[16] = { 1, 2, 3 };
	struct store *s;
	struct fake *f;

	(void)item_new("IPM.Task");
	s = item_now.store;
	fake_bytes(fake_again(s, MAPI_NID_STORE), MAPI_MAILBOX_GUID, MAPI_GUID,
		   guid, sizeof(guid));
	fake_add(s, MAPI_NID_ROOT_FOLDER, 0);
	fake_add(s, 0x2142, MAPI_NID_ROOT_FOLDER);
	fake_add(s, 0x2182, 0x2142);
	f = fake_add(s, 0x200044, 0x2182);
	item_now.fake = f;
	fake_text(f, MAPI_MESSAGE_CLASS, "IPM.Task");
	fake_number(f, MAPI_SERVER_ID, MAPI_INTEGER64, 0x5500000001);
	(void)CALENDAR();
	CHECK(has_line("UID:01020300000000000000000000000000.5500000001"
		       "@ost.invalid"));
	item_done();
}

/*
 * Attachments
 */

static void attachments_are_inside(void)
{
	struct fake *f = appointment("20240715T160000", NULL, false);

	fake_bytes(attach_file(f, "a \"b\", c.bin"), MAPI_ATTACH_DATA,
		   MAPI_BINARY, "\0\1\2\3", 4);
	fake_bytes(attach_file(f, "empty.bin"), MAPI_ATTACH_DATA, MAPI_BINARY,
		   "", 0);
	(void)CALENDAR();
	CHECK(has_line("ATTACH;FMTTYPE=application/x-test;ENCODING=BASE64;"
		       "VALUE=BINARY;X-FILENAME=\"a ^'b^', c.bin\":AAECAw=="));
	CHECK(has_line(
		"X-OST-ATTACHMENT;FMTTYPE=application/x-test:empty.bin"));
	CHECK(!has_name("X-OST-NOTE"));
	item_done();
}

static void large_attachments_are_beside(void)
{
	struct fake *f = appointment("20240715T160000", NULL, false);

	fake_huge(attach_file(f, "first.bin"), MAPI_ATTACH_DATA, MAPI_BINARY,
		  16 << 20, 'a');
	fake_huge(attach_file(f, "second.bin"), MAPI_ATTACH_DATA, MAPI_BINARY,
		  1, 'b');
	fake_huge(attach_file(f, "third.bin"), MAPI_ATTACH_DATA, MAPI_BINARY,
		  UINT64_C(1) << 40, 'c');
	(void)calendar_as(NULL);
	CHECK(strstr(item_now.text.at, "X-FILENAME=first.bin:YWFh") != NULL);
	CHECK(has_line(
		"X-OST-ATTACHMENT;FMTTYPE=application/x-test:second.bin"));
	CHECK(has_line(
		"X-OST-ATTACHMENT;FMTTYPE=application/x-test:third.bin"));
	CHECK(has_line("X-OST-NOTE:att-beside"));
	CHECK(item_now.text.len < 24 << 20);
	item_done();
}

static void a_lower_limit_is_kept(void)
{
	struct fake *f = appointment("20240715T160000", NULL, false);
	struct store_object *o;
	struct ost_error err = { "" };
	struct notes notes = { 0 };
	struct buf text = { 0 };

	fake_huge(attach_file(f, "first.bin"), MAPI_ATTACH_DATA, MAPI_BINARY,
		  4096, 'a');
	fake_huge(attach_file(f, "second.bin"), MAPI_ATTACH_DATA, MAPI_BINARY,
		  1, 'b');
	o = fake_open(f);
	CHECK(ical_write(o, 4096, &text, &notes, &err) == OST_OK);
	unfold(&text);
	CHECK(strstr(buf_text(&text), "X-FILENAME=first.bin:YW") != NULL);
	CHECK(strstr(buf_text(&text), ":second.bin\r\n") != NULL);
	CHECK((notes.set >> NOTE_ATTACH_BESIDE & 1) == 1);
	store_drop(o);
	buf_free(&text);
	item_done();
}

static void attachments_that_cannot_be_read_are_named(void)
{
	struct fake *f = appointment("20240715T160000", NULL, false);

	fake_broken(attach_file(f, "broken.bin"), MAPI_ATTACH_DATA,
		    MAPI_BINARY);
	fake_lost_child(f, STORE_ATTACHMENTS);
	(void)CALENDAR();
	CHECK(!has_name("ATTACH"));
	CHECK(strstr(item_now.text.at, "broken.bin") != NULL);
	CHECK(note_has(&item_now.notes, NOTE_ATTACH_CORRUPT));
	item_done();
}

int main(int argc, char **argv)
{
	if (argc > 1)
		directory = argv[1];
	RUN(text_is_escaped_and_folded);
	RUN(html_is_an_alternative);
	RUN(B10_rtf_is_attached_if_it_says_more);
	RUN(states_have_their_words);
	RUN(sensitivity_and_importance_have_their_words);
	RUN(categories_are_in_the_event);
	RUN(reminders_ring_before);
	RUN(people_have_their_roles);
	RUN(the_owners_own_answer_is_kept);
	RUN(b12_an_organizer_who_does_not_resolve_is_in_the_table);
	RUN(b4_an_organizer_is_known_in_another_role);
	RUN(b8_people_are_called_by_a_domain_in_ascii);
	RUN(alone_nobody_is_the_organizer);
	RUN(people_without_a_table_go_by_their_names);
	RUN(recipients_that_cannot_be_read_are_noted);
	RUN(uids_are_those_of_the_meeting);
	RUN(bad_object_ids_are_none);
	RUN(a_uid_of_another_program_is_kept);
	RUN(a_uid_is_made_of_what_there_is);
	RUN(a_uid_is_made_of_what_the_server_called_it);
	RUN(attachments_are_inside);
	RUN(large_attachments_are_beside);
	RUN(a_lower_limit_is_kept);
	RUN(attachments_that_cannot_be_read_are_named);
	return checked();
}
