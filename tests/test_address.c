/*
 * test_address.c - who: roles, recipients and entry ids as addresses
 */
#include "heading.h"

#include "mail/address/entryid.h"

static const uint8_t one_off_uid[] = { 0x81, 0x2B, 0x1F, 0xA4, 0xBE, 0xA3,
				       0x10, 0x19, 0x9D, 0x6E, 0x00, 0xDD,
				       0x01, 0x0F, 0x54, 0x02 };
static const uint8_t ex_uid[] = { 0xDC, 0xA7, 0x40, 0xC8, 0xC0, 0x42,
				  0x10, 0x1A, 0xB4, 0xB9, 0x08, 0x00,
				  0x2B, 0x2F, 0xE1, 0x82 };
static const uint8_t wrapped_uid[] = { 0xC0, 0x91, 0xAD, 0xD3, 0x51, 0x9D,
				       0xCF, 0x11, 0xA4, 0xA9, 0x00, 0xAA,
				       0x00, 0x47, 0xFA, 0xA4 };
static const uint8_t contact_uid[] = { 0xFE, 0x42, 0xAA, 0x0A, 0x18, 0xC7,
				       0x1A, 0x10, 0xE8, 0x85, 0x0B, 0x65,
				       0x1C, 0x24, 0x00, 0x00 };

static void put_u32(struct buf *b, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		buf_byte(b, (char)(v >> 8 * i));
}

/* The start of an entry id: flags and whose it is. */
static void begin(struct buf *b, const uint8_t uid[16])
{
	put_u32(b, 0);
	buf_add(b, uid, 16);
}

/* ASCII as UTF-16LE and a NUL, or as it is and a NUL. */
static void put_text(struct buf *b, const char *text, bool wide)
{
	for (size_t i = 0; i <= strlen(text); i++) {
		buf_byte(b, text[i]);
		if (wide)
			buf_byte(b, '\0');
	}
}

static void one_off(struct buf *b, const char *name, const char *addr,
		    bool wide)
{
	begin(b, one_off_uid);
	put_u32(b, wide ? 0x90010000 : 0x10000);
	put_text(b, name, wide);
	put_text(b, "SMTP", wide);
	put_text(b, addr, wide);
}

static void ex(struct buf *b, const char *name)
{
	begin(b, ex_uid);
	put_u32(b, 1);
	put_u32(b, 0);
	put_text(b, name, false);
}

static void binary(struct fake *o, uint16_t id, struct buf *b)
{
	fake_bytes(o, id, MAPI_BINARY, b->at, b->len);
	buf_free(b);
}

static void text(uint16_t id, const char *utf8)
{
	fake_text(heading_now.mail, id, utf8);
}

/* A recipient of a new message, for the test to fill. */
static struct fake *row(uint32_t type)
{
	struct fake *r = fake_recipient(heading_now.mail);

	fake_number(r, MAPI_RECIPIENT_TYPE, MAPI_INTEGER32, type);
	return r;
}

static void addresses_are_known_by_their_form(void)
{
	static const char *const good[][2] = {
		{ "a@b", "a@b" },
		{ " <a@b.c> ", "a@b.c" },
		{ "'a@b'", "a@b" },
		{ "\"a@b\"", "a@b" },
		{ "SMTP:a@b", "a@b" },
		{ "mailto:a@b", "a@b" },
		{ "a.b+c=d@b-c.org", "a.b+c=d@b-c.org" },
		{ "\"a@b\"@c", "\"a@b\"@c" },
		{ "a@[127.0.0.1]", "a@[127.0.0.1]" },
	};
	static const char *const bad[] = {
		"",	   "Lokay",	  "@b",	     "a@",    "a@b@c",
		"a b@c",   "/o=x/cn=a@b", "a@b,c@d", "a@b;",  "a@b>",
		"a\001@b", "j\xFCrgen@b", "a@.b",    "a@b.",  "\"a@b",
		"a@b c",   "<>",	  "''",	     "a@b:c", "smtp:",
	};
	struct span got;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		CHECK(entryid_smtp(chars_of(good[i][0]), &got));
		CHECK(span_equal(got, chars_of(good[i][1])));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (entryid_smtp(chars_of(bad[i]), &got))
			CHECK_STR(bad[i], "no address");
	CHECK(check_count > 0);
}

static void entry_ids_give_what_they_hold(void)
{
	struct buf b = { 0 };
	struct entryid id;
	struct ost_error err;

	for (int wide = 0; wide < 2; wide++) {
		one_off(&b, "Jane", "j@x.org", wide);
		CHECK(entryid_read(&id, buf_span(&b), NULL, &err) == OST_OK);
		CHECK(id.kind == ENTRYID_ONE_OFF);
		CHECK_STR(buf_text(&id.name), "Jane");
		CHECK_STR(buf_text(&id.type), "SMTP");
		CHECK_STR(buf_text(&id.addr), "j@x.org");
		entryid_free(&id);
		buf_free(&b);
	}
	begin(&b, wrapped_uid);
	buf_byte(&b, (char)0xB5);
	ex(&b, "/o=X/cn=j");
	CHECK(entryid_read(&id, buf_span(&b), NULL, &err) == OST_OK);
	CHECK(id.kind == ENTRYID_EX);
	CHECK_STR(buf_text(&id.addr), "/o=X/cn=j");
	entryid_free(&id);
	buf_free(&b);

	begin(&b, wrapped_uid);
	buf_byte(&b, (char)0xD3);
	begin(&b, one_off_uid); /* the store's, whatever it is */
	put_u32(&b, 0x200044);
	CHECK(entryid_read(&id, buf_span(&b), NULL, &err) == OST_OK);
	CHECK(id.kind == ENTRYID_CONTACT && id.nid == 0x200044 && id.slot == 1);
	entryid_free(&id);
	buf_free(&b);
}

static void an_entry_id_cut_anywhere_gives_no_address(void)
{
	struct buf b = { 0 };
	struct ost_error err;

	begin(&b, wrapped_uid);
	buf_byte(&b, 0);
	one_off(&b, "Jane", "j@x.org", true);
	for (size_t len = 0; len < b.len; len++) {
		struct entryid id;
		struct span smtp;
		/* A copy, for the sanitizer to see a read past its end. */
		uint8_t *cut = malloc(len + 1);

		memcpy(cut, b.at, len);
		cut = realloc(cut, len > 0 ? len : 1);
		CHECK(entryid_read(&id, span_of(cut, len), NULL, &err) ==
		      OST_OK);
		CHECK(id.kind == (len < 45 ? ENTRYID_OTHER : ENTRYID_ONE_OFF));
		CHECK(!entryid_smtp(buf_span(&id.addr), &smtp));
		entryid_free(&id);
		free(cut);
	}
	buf_free(&b);
}

static void an_exchange_sender_has_its_smtp_property(void)
{
	heading_new();
	text(MAPI_SENT_REPRESENTING_NAME, "Jane Doe");
	text(MAPI_SENT_REPRESENTING_EMAIL, "/O=X/CN=JANE");
	text(MAPI_SENT_REPRESENTING_ADDRTYPE, "EX");
	text(MAPI_SENT_REPRESENTING_SMTP, "jane@x.org");
	CHECK_STR(heading_of("From"), "Jane Doe <jane@x.org>");
	CHECK_STR(heading_fact(MAIL_FROM), "Jane Doe <jane@x.org>");
	heading_done();
}

static void an_exchange_sender_is_in_the_account_it_sent_from(void)
{
	heading_new();
	text(MAPI_SENT_REPRESENTING_EMAIL, "/O=X/CN=JANE");
	text(MAPI_PRIMARY_SEND_ACCOUNT, "0082\001/o=x/cn=jane\001jane@x.org");
	CHECK_STR(heading_of("From"), "jane@x.org");

	heading_new();
	text(MAPI_SENT_REPRESENTING_EMAIL, "/O=X/CN=JANE");
	text(MAPI_NEXT_SEND_ACCOUNT, "0082\001/o=x/cn=bob\001bob@x.org");
	CHECK(strstr(heading_of("From"), "bob") == NULL);
	heading_done();
}

static void an_exchange_sender_without_any_is_kept_whole(void)
{
	heading_new();
	text(MAPI_SENT_REPRESENTING_NAME, "Jane");
	text(MAPI_SENT_REPRESENTING_EMAIL, "/O=X/OU=a b/CN=J_D");
	text(MAPI_SENT_REPRESENTING_ADDRTYPE, "SMTP"); /* it says */
	CHECK_STR(heading_of("From"),
		  "Jane <IMCEAEX-_O=X_OU=a+20b_CN=J+5FD@ost.invalid>");
	CHECK(note_has(&heading_now.notes, NOTE_ADDRESS_IMCEA));

	/* The owner's domain is better, when it is known. */
	heading_new();
	struct fake *other = fake_add(heading_now.store, 0x200044, 0);
	fake_text(other, MAPI_SUBJECT, "not the store");
	text(MAPI_SENT_REPRESENTING_EMAIL, "Lokay");
	CHECK_STR(heading_of("From"), "IMCEAUNKNOWN-Lokay@ost.invalid");
	heading_done();
}

static void each_source_of_an_address_is_tried(void)
{
	/* The type is empty, the address is good. */
	heading_new();
	text(MAPI_SENT_REPRESENTING_ADDRTYPE, "");
	text(MAPI_SENT_REPRESENTING_EMAIL, "a@x.org");
	CHECK_STR(heading_of("From"), "a@x.org");

	/* Only the search key has it, in capitals. */
	heading_new();
	fake_bytes(heading_now.mail, MAPI_SENT_REPRESENTING_SEARCH_KEY,
		   MAPI_BINARY, "SMTP:JANE@X.ORG", 16);
	CHECK_STR(heading_of("From"), "jane@x.org");
	CHECK(note_has(&heading_now.notes, NOTE_ADDRESS_CASE));

	/* The sender is the same Exchange user, and known better. */
	heading_new();
	text(MAPI_SENT_REPRESENTING_EMAIL, "/O=X/CN=JANE");
	text(MAPI_SENDER_EMAIL, "/o=x/cn=jane");
	text(MAPI_SENDER_SMTP, "jane@x.org");
	CHECK_STR(heading_of("From"), "jane@x.org");
	CHECK_STR(heading_field("Sender"), "(none)");

	/* So is the owner, in what he sent and got back. */
	heading_new();
	text(MAPI_SENT_REPRESENTING_EMAIL, "/O=X/CN=JANE");
	text(MAPI_RECEIVED_BY_EMAIL, "/O=X/CN=JANE");
	text(MAPI_RECEIVED_BY_SMTP, "jane@x.org");
	CHECK_STR(heading_of("From"), "jane@x.org");

	/* The return path of what came by POP; not of a report. */
	heading_new();
	text(MAPI_SENT_REPRESENTING_EMAIL, "/O=X/CN=JANE");
	text(MAPI_INTERNET_RETURN_PATH, "j@x.org");
	CHECK_STR(heading_of("From"), "j@x.org");
	text(MAPI_MESSAGE_CLASS, "REPORT.IPM.Note.NDR");
	CHECK_STR(heading_of("From"), "IMCEAEX-_O=X_CN=JANE@ost.invalid");
	CHECK_STR(heading_field("Return-Path"), "(none)");
	heading_done();
}

static void accounts_names_and_contacts_are_tried_too(void)
{
	struct buf b = { 0 };

	/* The account's name, of what we sent. */
	heading_new();
	const uint16_t account = fake_name(
		heading_now.store, value_guid(SET_COMMON), 0x8580, NULL);
	text(MAPI_SENT_REPRESENTING_EMAIL, "/O=X/CN=JANE");
	text(account, "me@x.org");
	CHECK_STR(heading_of("From"), "IMCEAEX-_O=X_CN=JANE@ost.invalid");
	fake_number(heading_now.mail, MAPI_MESSAGE_FLAGS, MAPI_INTEGER32, 0x20);
	CHECK_STR(heading_of("From"), "me@x.org");

	/* The name is the address. */
	heading_new();
	text(MAPI_SENDER_NAME, "'jane@x.org'");
	CHECK_STR(heading_of("From"), "jane@x.org");

	/* A contact's second address. */
	heading_new();
	struct fake *contact = fake_add(heading_now.store, 0x200044, 0);
	fake_text(contact,
		  fake_name(heading_now.store, value_guid(SET_ADDRESS), 0x8093,
			    NULL),
		  "second@x.org");
	begin(&b, contact_uid);
	put_u32(&b, 3);
	put_u32(&b, 4);
	put_u32(&b, 1);
	put_u32(&b, 24);
	put_u32(&b, 0);
	buf_add(&b, ex_uid, 16);
	put_u32(&b, 0x200044);
	binary(heading_now.mail, MAPI_SENT_REPRESENTING_ENTRYID, &b);
	CHECK_STR(heading_of("From"), "second@x.org");
	heading_done();
}

static void sender_stands_only_when_it_is_another(void)
{
	heading_new();
	text(MAPI_SENDER_EMAIL, "s@x.org");
	CHECK_STR(heading_of("From"), "s@x.org");
	CHECK_STR(heading_field("Sender"), "(none)");
	text(MAPI_SENT_REPRESENTING_EMAIL, "S@X.ORG");
	CHECK_STR(heading_of("Sender"), "(none)");
	fake_remove(heading_now.mail, MAPI_SENT_REPRESENTING_EMAIL);
	text(MAPI_SENT_REPRESENTING_EMAIL, "boss@x.org");
	text(MAPI_SENDER_NAME, "Sec, Retary");
	CHECK_STR(heading_of("From"), "boss@x.org");
	CHECK_STR(heading_field("Sender"), "\"Sec, Retary\" <s@x.org>");
	heading_done();
}

static void recipients_go_where_their_type_says(void)
{
	struct buf b = { 0 };
	struct fake *r;

	heading_new();
	fake_text(row(0), MAPI_EMAIL_ADDRESS, "originator@x.org");
	r = row(1);
	fake_text(r, MAPI_DISPLAY_NAME, "'a@x.org'");
	fake_text(r, MAPI_EMAIL_ADDRESS, "a@x.org");
	r = row(1);
	fake_text(r, MAPI_EMAIL_ADDRESS, "");
	one_off(&b, "Bo B", "b@x.org", true);
	binary(r, MAPI_ENTRYID, &b);
	r = row(2);
	fake_text(r, MAPI_DISPLAY_NAME, "C");
	fake_text(r, MAPI_SMTP_ADDRESS, "no domain");
	fake_text(r, MAPI_SIP_ADDRESS, "sip:c@x.org");
	fake_text(row(3), MAPI_SMTP_ADDRESS, "d@x.org");
	CHECK_STR(heading_of("To"), "a@x.org, Bo B <b@x.org>");
	CHECK_STR(heading_field("Cc"), "C <c@x.org>");
	CHECK_STR(heading_field("Bcc"), "d@x.org");
	CHECK(note_has(&heading_now.notes, NOTE_ADDRESS_SIP));
	CHECK_STR(heading_fact(MAIL_TO), "a@x.org, Bo B <b@x.org>");
	heading_done();
}

static void a_resource_of_a_meeting_is_no_blind_copy(void)
{
	static const char *const classes[] = { "IPM.Schedule.Meeting.Request",
					       "IPM.Appointment" };

	for (size_t i = 0; i < 2; i++) {
		heading_new();
		text(MAPI_MESSAGE_CLASS, classes[i]);
		fake_text(row(3), MAPI_SMTP_ADDRESS, "room@x.org");
		CHECK_STR(heading_of("Bcc"), "(none)");
		CHECK_STR(heading_field("X-Ost-Resource"), "room@x.org");
	}
	heading_done();
}

static void a_resend_row_counts_only_when_alone(void)
{
	heading_new();
	fake_text(row(0x10000001), MAPI_SMTP_ADDRESS, "A@x.org");
	fake_text(row(1), MAPI_SMTP_ADDRESS, "a@x.org");
	fake_text(row(1), MAPI_SMTP_ADDRESS, "b@x.org");
	CHECK_STR(heading_of("To"), "a@x.org, b@x.org");
	CHECK(!note_has(&heading_now.notes, NOTE_P1));
	fake_text(row(0x10000001), MAPI_SMTP_ADDRESS, "c@x.org");
	CHECK_STR(heading_of("To"), "a@x.org, b@x.org, c@x.org");
	CHECK(note_has(&heading_now.notes, NOTE_P1));
	heading_done();
}

static void lost_rows_cost_themselves_only(void)
{
	heading_new();
	fake_text(row(1), MAPI_SMTP_ADDRESS, "a@x.org");
	fake_lost_child(heading_now.mail, STORE_RECIPIENTS);
	fake_text(row(1), MAPI_SMTP_ADDRESS, "b@x.org");
	CHECK_STR(heading_of("To"), "a@x.org, b@x.org");
	CHECK(note_has(&heading_now.notes, NOTE_RECIPIENTS_CORRUPT));
	heading_done();
}

static void without_rows_the_names_shown_are_the_recipients(void)
{
	heading_new();
	text(MAPI_DISPLAY_TO, "Jane Doe; b@x.org;");
	text(MAPI_DISPLAY_CC, "C");
	CHECK_STR(heading_of("To"),
		  "Jane Doe <IMCEAUNKNOWN-Jane+20Doe@ost.invalid>, b@x.org");
	CHECK_STR(heading_field("Cc"), "C <IMCEAUNKNOWN-C@ost.invalid>");
	CHECK(note_has(&heading_now.notes, NOTE_RECIPIENT_NAMES));
	heading_done();
}

static void a_report_is_not_addressed_to_whom_it_is_about(void)
{
	heading_new();
	text(MAPI_MESSAGE_CLASS, "REPORT.IPM.Note.NDR");
	text(MAPI_RECEIVED_BY_EMAIL, "me@x.org");
	fake_text(row(1), MAPI_SMTP_ADDRESS, "failed@x.org");
	CHECK_STR(heading_of("To"), "me@x.org");
	CHECK_STR(heading_field("X-Ost-Recipient"), "to; failed@x.org");
	text(MAPI_RCVD_REPRESENTING_EMAIL, "us@x.org");
	CHECK_STR(heading_of("To"), "us@x.org");
	heading_done();
}

static void replies_go_to_all_of_the_list(void)
{
	struct buf list = { 0 }, a = { 0 }, b = { 0 }, c = { 0 };

	heading_new();
	one_off(&a, "Doe; Jane", "a@x.org", false);
	one_off(&b, "", "b@x.org", true);
	ex(&c, "/o=X/cn=me");
	put_u32(&list, 3);
	put_u32(&list, 0);
	for (struct buf *one = &a; one != NULL; one = one == &a	  ? &b
						      : one == &b ? &c
								  : NULL) {
		put_u32(&list, (uint32_t)one->len);
		buf_add(&list, one->at, one->len);
		while (list.len % 4 != 0)
			buf_byte(&list, '\0');
		buf_free(one);
	}
	const size_t whole = list.len;
	text(MAPI_REPLY_RECIPIENT_NAMES, "Doe; Jane;B");
	text(MAPI_SENDER_EMAIL, "/O=X/CN=ME");
	text(MAPI_SENDER_SMTP, "me@x.org");
	binary(heading_now.mail, MAPI_REPLY_RECIPIENT_ENTRIES, &list);
	CHECK(whole % 4 == 0);
	CHECK_STR(heading_of("Reply-To"),
		  "\"Doe; Jane\" <a@x.org>, Jane <b@x.org>, B <me@x.org>");
	CHECK(!note_has(&heading_now.notes, NOTE_ADDRESS_IMCEA));
	fake_remove(heading_now.mail, MAPI_REPLY_RECIPIENT_ENTRIES);
	fake_bytes(heading_now.mail, MAPI_REPLY_RECIPIENT_ENTRIES, MAPI_BINARY,
		   "\xFF\xFF\xFF\xFF\0\0\0\0\xFF\xFF\xFF\xFF", 12);
	CHECK_STR(heading_of("Reply-To"), "(none)");
	CHECK(note_has(&heading_now.notes, NOTE_PROPERTY_CORRUPT));
	fake_remove(heading_now.mail, MAPI_REPLY_RECIPIENT_NAMES);
	text(MAPI_REPLY_RECIPIENT_NAMES, "r@x.org");
	CHECK_STR(heading_of("Reply-To"), "r@x.org");
	heading_done();
}

static void many_recipients_are_folded(void)
{
	heading_new();
	for (int i = 0; i < 200; i++) {
		struct fake *r = row(1);
		char addr[64];

		snprintf(addr, sizeof(addr), "someone.number.%d@example.org",
			 i);
		fake_text(r, MAPI_SMTP_ADDRESS, addr);
		fake_text(r, MAPI_DISPLAY_NAME, i % 2 ? "N\xC3\xA4me, A" : "N");
	}
	heading();
	size_t column = 0, longest = 0;
	for (size_t i = 0; i < heading_now.text.len; i++) {
		column = heading_now.text.at[i] == '\n' ? 0 : column + 1;
		longest = column > longest ? column : longest;
	}
	CHECK(longest <= 79);
	CHECK(strstr(heading_field("To"), "199@example.org") != NULL);
	heading_done();
}

static const char *const jane_upper = "/O=X/OU=Y/CN=RECIPIENTS/CN=J";
static const char *const jane_lower = "/o=x/ou=y/cn=Recipients/cn=j";

/*
 * B4: each role whose X.500 name, SMTP property and name are numbers of
 * their own [MS-OXPROPS]; the tags are written out, as the code reads them
 * from a table.
 */
static void b4_an_equal_x500_name_has_the_address_in_any_role(void)
{
	static const struct {
		uint16_t email, smtp;
	} roles[] = {
		{ 0x0065, 0x5D02 }, { 0x0067, 0x5D03 }, { 0x0069, 0x5D04 },
		{ 0x402A, 0x5D05 }, { 0x007A, 0x5D06 }, { 0x0076, 0x5D07 },
		{ 0x0078, 0x5D08 }, { 0x4023, 0x5D0A }, { 0x4025, 0x5D0B },
	};

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		heading_new();
		text(MAPI_SENDER_EMAIL, jane_upper);
		text(MAPI_SENDER_ADDRTYPE, "EX");
		text(roles[i].email, jane_lower);
		text(roles[i].smtp, "j@x.org");
		(void)heading();
		CHECK(!note_has(&heading_now.notes, NOTE_ADDRESS_IMCEA));
		CHECK_STR(heading_field("From"), "j@x.org");

		/* Another name is another person. */
		fake_remove(heading_now.mail, roles[i].email);
		text(roles[i].email, "/o=x/ou=y/cn=Recipients/cn=jo");
		(void)heading();
		if (i != 0) /* which is From itself */
			CHECK_STR(heading_field("From"),
				  "IMCEAEX-_O=X_OU=Y_CN=RECIPIENTS_CN=J"
				  "@ost.invalid");
	}
}

/* B4: the name may be in an entry id or a search key, of it or of the other */
static void b4_entry_ids_and_search_keys_name_people_too(void)
{
	struct buf b = { 0 };

	heading_new();
	ex(&b, jane_upper);
	binary(heading_now.mail, MAPI_SENT_REPRESENTING_ENTRYID, &b);
	ex(&b, jane_lower);
	binary(heading_now.mail, 0x3FF9, &b); /* PidTagCreatorEntryId */
	text(0x5D0A, "j@x.org");
	text(0x3FF8, "Jane Doe");
	CHECK_STR(heading_of("From"), "Jane Doe <j@x.org>");

	heading_new();
	fake_bytes(heading_now.mail, MAPI_SENT_REPRESENTING_SEARCH_KEY,
		   MAPI_BINARY, "EX:/O=X/OU=Y/CN=RECIPIENTS/CN=J", 32);
	text(0x4025, jane_lower);
	text(0x5D0B, "j@x.org");
	CHECK_STR(heading_of("From"), "j@x.org");
}

/* B4: the author is a recipient, a recipient the author, or there twice. */
static void b4_recipients_are_roles_of_the_item(void)
{
	struct fake *r;

	heading_new();
	text(MAPI_SENT_REPRESENTING_EMAIL, jane_upper);
	r = row(2);
	fake_text(r, MAPI_EMAIL_ADDRESS, jane_lower);
	fake_text(r, MAPI_SMTP_ADDRESS, "j@x.org");
	r = row(1);
	fake_text(r, MAPI_EMAIL_ADDRESS, jane_upper);
	fake_text(r, MAPI_ADDRTYPE, "EX");
	(void)heading();
	CHECK_STR(heading_field("From"), "j@x.org");
	CHECK_STR(heading_field("To"), "j@x.org");

	heading_new();
	text(0x4023, jane_lower);
	text(0x5D0A, "j@x.org");
	text(MAPI_SENT_REPRESENTING_EMAIL, "a@x.org");
	r = row(1);
	fake_text(r, MAPI_EMAIL_ADDRESS, jane_upper);
	fake_text(r, MAPI_DISPLAY_NAME, "Jane");
	CHECK_STR(heading_of("To"), "Jane <j@x.org>");
	CHECK_STR(heading_field("From"), "a@x.org");
}

/* A4: the sender is found in the last of the rows that are looked at. */
static void a4_a_peer_past_those_that_are_looked_at_is_noted(void)
{
	enum { MOST = 4096 };

	for (int over = 0; over < 3; over++) {
		struct fake *r;

		heading_new();
		text(MAPI_SENT_REPRESENTING_EMAIL, jane_upper);
		for (int i = 1; i < MOST + over; i++)
			fake_text(row(1), MAPI_SMTP_ADDRESS, "a@x.org");
		if (over == 2)
			fake_lost_child(heading_now.mail, STORE_RECIPIENTS);
		r = row(2);
		fake_text(r, MAPI_EMAIL_ADDRESS, jane_lower);
		fake_text(r, MAPI_SMTP_ADDRESS, "j@x.org");
		(void)heading();
		CHECK((strcmp(heading_field("From"), "j@x.org") == 0) ==
		      (over == 0));
		CHECK(note_has(&heading_now.notes, NOTE_ADDRESS_MAP_PART) ==
		      (over > 0));
	}
}

/* B12: a receipt's address that cannot be resolved is no address. */
static void b12_a_fallback_is_used_when_a_source_does_not_resolve(void)
{
	heading_new();
	text(MAPI_SENT_REPRESENTING_EMAIL, "a@x.org");
	fake_number(heading_now.mail, MAPI_READ_RECEIPT_REQUESTED, MAPI_BOOLEAN,
		    1);
	text(MAPI_READ_RECEIPT_EMAIL, jane_upper);
	CHECK_STR(heading_of("Disposition-Notification-To"), "a@x.org");

	heading_new();
	text(MAPI_MESSAGE_CLASS, "REPORT.IPM.Note.NDR");
	text(MAPI_RCVD_REPRESENTING_EMAIL, jane_upper);
	text(MAPI_RECEIVED_BY_EMAIL, "me@x.org");
	CHECK_STR(heading_of("To"), "me@x.org");
	CHECK(!note_has(&heading_now.notes, NOTE_ADDRESS_IMCEA) ||
	      strstr(heading(), "IMCEAUNKNOWN") != NULL);
}

/*
 * B8: a domain has its A-labels; a mailbox whose local part is not ASCII is a
 * group, as RFC 6857 has it.
 */
static void b8_a_domain_is_in_ascii_in_mail(void)
{
	static const char *const cases[][2] = {
		{ "user@ex\xC3\xA4mple.de", "user@xn--exmple-cua.de" },
		{ "user@EX\xC3\x84MPLE.de", "user@xn--exmple-cua.de" },
		{ "user@exa\xCC\x88mple.de", "user@xn--exmple-cua.de" },
		{ "user@stra\xC3\x9F"
		  "e.de",
		  "user@xn--strae-oqa.de" },
		{ "user@xn--exmple-cua.de", "user@xn--exmple-cua.de" },
		{ "smtp:u@\xE4\xBE\x8B\xE3\x81\x88\xE3\x80\x82jp",
		  "u@xn--r8jz45g.jp" },
		{ "j\xC3\xBCrgen@ex\xC3\xA4mple.de",
		  "=?utf-8?Q?j=C3=BCrgen=40xn--exmple-cua=2Ede?=:;" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		heading_new();
		text(MAPI_SENT_REPRESENTING_NAME, cases[i][0]);
		text(MAPI_SENT_REPRESENTING_EMAIL, cases[i][0]);
		CHECK_STR(heading_of("From"), cases[i][1]);
		CHECK(!note_has(&heading_now.notes, NOTE_ADDRESS_IMCEA));
	}
	heading_new();
	text(MAPI_SENT_REPRESENTING_EMAIL, "a@ex\xC3\xA4mple.de");
	text(MAPI_SENDER_EMAIL, "a@xn--exmple-cua.de");
	CHECK_STR(heading_of("From"), "a@xn--exmple-cua.de");
	CHECK(strstr(heading(), "Sender:") == NULL);
	heading_done();
}

/* B8: two fields of what cannot be an address of mail, as before. */
static void b8_what_has_no_form_in_ascii_is_kept_whole(void)
{
	static const char *const bad[] = {
		"a@\xEF\xBF\xBD.de",		   /* a character lost */
		"a@z\xEF\xBC\xA0z.de",		   /* becomes an at sign */
		"a@\xCC\x88.de",		   /* begins with a mark */
		"a\xE2\x80\x8B@ex\xC3\xA4mple.de", /* nothing is seen */
		"a@\xC3\xA4..de",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		heading_new();
		text(MAPI_SENT_REPRESENTING_EMAIL, bad[i]);
		text(MAPI_SENT_REPRESENTING_ADDRTYPE, "SMTP");
		CHECK(strncmp(heading_of("From"), "IMCEASMTP-", 10) == 0);
		CHECK(note_has(&heading_now.notes, NOTE_ADDRESS_IMCEA));
	}
	heading_done();
}

int main(void)
{
	RUN(addresses_are_known_by_their_form);
	RUN(entry_ids_give_what_they_hold);
	RUN(an_entry_id_cut_anywhere_gives_no_address);
	RUN(an_exchange_sender_has_its_smtp_property);
	RUN(an_exchange_sender_is_in_the_account_it_sent_from);
	RUN(an_exchange_sender_without_any_is_kept_whole);
	RUN(each_source_of_an_address_is_tried);
	RUN(accounts_names_and_contacts_are_tried_too);
	RUN(sender_stands_only_when_it_is_another);
	RUN(recipients_go_where_their_type_says);
	RUN(a_resource_of_a_meeting_is_no_blind_copy);
	RUN(a_resend_row_counts_only_when_alone);
	RUN(lost_rows_cost_themselves_only);
	RUN(without_rows_the_names_shown_are_the_recipients);
	RUN(a_report_is_not_addressed_to_whom_it_is_about);
	RUN(replies_go_to_all_of_the_list);
	RUN(many_recipients_are_folded);
	RUN(b4_an_equal_x500_name_has_the_address_in_any_role);
	RUN(b4_entry_ids_and_search_keys_name_people_too);
	RUN(b4_recipients_are_roles_of_the_item);
	RUN(a4_a_peer_past_those_that_are_looked_at_is_noted);
	RUN(b8_a_domain_is_in_ascii_in_mail);
	RUN(b8_what_has_no_form_in_ascii_is_kept_whole);
	RUN(b12_a_fallback_is_used_when_a_source_does_not_resolve);
	return checked();
}
