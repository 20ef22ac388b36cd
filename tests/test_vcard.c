/*
 * test_vcard.c - contacts as vCards
 *
 *	test_vcard [DIR [STORE...]]
 *
 * With DIR, each card made here is left there as a .vcf, and with STOREs the
 * cards of all their contacts too: for vcard_check.py.
 */
#include "cardkit.h"
#include "mail/render/form.h"

/* 1601 to the second `sec` of 1970. */
static uint64_t filetime(int64_t sec)
{
	return (uint64_t)((sec + INT64_C(11644473600)) * 10000000);
}

static void a_property_becomes_a_line(void)
{
	static const struct {
		uint16_t id; /* below 0x8000, else a LID */
		const char *text, *line;
	} cases[] = {
		{ 0x3001, "Jane Doe", "FN:Jane Doe" },
		{ 0x8005, "Doe, Jane", "X-MS-FILE-AS:Doe\\, Jane" },
		{ 0x8005, "Doe, Jane", "SORT-STRING:Doe\\, Jane" },
		{ 0x3A4F, "JD", "NICKNAME:JD" },
		{ 0x3A0A, "J. D.", "X-MS-INITIALS:J. D." },
		{ 0x3A16, "Doe; Sons", "ORG:Doe\\; Sons" },
		{ 0x3A18, "R&D", "ORG:;R&D" },
		{ 0x8010, "R&D", "ORG:;R&D" },
		{ 0x3A17, "Engineer", "TITLE:Engineer" },
		{ 0x3A46, "Smith", "ROLE:Smith" },
		{ 0x3A19, "B 12", "X-MS-OFFICE:B 12" },
		{ 0x3A08, "+49 30 1", "TEL;TYPE=WORK,VOICE:+49 30 1" },
		{ 0x3A1B, "+49 30 1", "TEL;TYPE=WORK,VOICE:+49 30 1" },
		{ 0x3A09, "+49 30 1", "TEL;TYPE=HOME,VOICE:+49 30 1" },
		{ 0x3A2F, "+49 30 1", "TEL;TYPE=HOME,VOICE:+49 30 1" },
		{ 0x3A1C, "+49 30 1", "TEL;TYPE=CELL:+49 30 1" },
		{ 0x3A1F, "+49 30 1", "TEL;TYPE=VOICE:+49 30 1" },
		{ 0x3A1E, "+49 30 1", "TEL;TYPE=CAR:+49 30 1" },
		{ 0x3A21, "+49 30 1", "TEL;TYPE=PAGER:+49 30 1" },
		{ 0x3A1A, "+49 30 1", "TEL;TYPE=PREF:+49 30 1" },
		{ 0x3A2D, "+49 30 1", "TEL;TYPE=ISDN:+49 30 1" },
		{ 0x3A24, "+49 30 1", "TEL;TYPE=WORK,FAX:+49 30 1" },
		{ 0x3A25, "+49 30 1", "TEL;TYPE=HOME,FAX:+49 30 1" },
		{ 0x3A23, "+49 30 1", "TEL;TYPE=FAX:+49 30 1" },
		{ 0x80B3, "Jane@+49 30 1", "TEL;TYPE=FAX:+49 30 1" },
		{ 0x80C3, "Jane@+49 30 1", "TEL;TYPE=WORK,FAX:+49 30 1" },
		{ 0x80D3, "+49 30 1", "TEL;TYPE=HOME,FAX:+49 30 1" },
		{ 0x3A2E, "1", "X-MS-TEL;TYPE=ASSISTANT:1" },
		{ 0x3A02, "1", "X-MS-TEL;TYPE=CALLBACK:1" },
		{ 0x3A57, "1", "X-MS-TEL;TYPE=COMPANY:1" },
		{ 0x3A1D, "1", "X-MS-TEL;TYPE=RADIO:1" },
		{ 0x3A4B, "1", "X-MS-TEL;TYPE=TTYTDD:1" },
		{ 0x3A2C, "1", "X-MS-TEL;TYPE=TELEX:1" },
		{ 0x8045, "Street", "ADR;TYPE=WORK:;;Street;;;;" },
		{ 0x8046, "City", "ADR;TYPE=WORK:;;;City;;;" },
		{ 0x8047, "State", "ADR;TYPE=WORK:;;;;State;;" },
		{ 0x8048, "Zip", "ADR;TYPE=WORK:;;;;;Zip;" },
		{ 0x8049, "Country", "ADR;TYPE=WORK:;;;;;;Country" },
		{ 0x804A, "Box", "ADR;TYPE=WORK:Box;;;;;;" },
		{ 0x3A29, "Street", "ADR;TYPE=WORK:;;Street;;;;" },
		{ 0x801B, "A\r\nB", "LABEL;TYPE=WORK:A\\nB" },
		/* B14: an address in one piece is an ADR, too */
		{ 0x801B, "A\r\nB", "ADR;TYPE=WORK:;;A\\nB;;;;" },
		{ 0x801A, "A, B", "ADR;TYPE=HOME:;;A\\, B;;;;" },
		{ 0x801C, "A", "ADR;TYPE=POSTAL:;;A;;;;" },
		{ 0x3A5D, "Street", "ADR;TYPE=HOME:;;Street;;;;" },
		{ 0x801A, "A\nB", "LABEL;TYPE=HOME:A\\nB" },
		{ 0x3A63, "Street", "ADR;TYPE=POSTAL:;;Street;;;;" },
		{ 0x801C, "A", "LABEL;TYPE=POSTAL:A" },
		{ 0x3A50, "http://a/?b,c", "URL;TYPE=HOME:http://a/?b,c" },
		{ 0x3A51, "http://a", "URL;TYPE=WORK:http://a" },
		{ 0x802B, "http://a", "URL:http://a" },
		{ 0x80D8, "http://a", "FBURL:http://a" },
		{ 0x8062, "a@b.c", "X-MS-IMADDRESS:a@b.c" },
		{ 0x3A30, "Ann", "X-MS-ASSISTANT:Ann" },
		{ 0x3A4E, "Ann", "X-MS-MANAGER:Ann" },
		{ 0x3A48, "Ann", "X-MS-SPOUSE:Ann" },
		{ 0x3A43, "Ships", "X-MS-INTERESTS:Ships" },
		{ 0x3A47, "Ann", "X-MS-REFERRED-BY:Ann" },
		{ 0x3A49, "pc", "X-MS-COMPUTER:pc" },
		{ 0x3A4A, "1", "X-MS-CUSTOMER-ID:1" },
		{ 0x3A07, "1", "X-MS-GOVERNMENT-ID:1" },
		{ 0x3A10, "1", "X-MS-ORG-ID:1" },
		{ 0x3A4C, "ftp://a", "X-MS-FTP:ftp://a" },
		{ 0x3A0D, "Ulm", "X-MS-LOCATION:Ulm" },
		{ 0x804F, "one", "X-MS-TEXT;TYPE=1:one" },
		{ 0x8052, "four", "X-MS-TEXT;TYPE=4:four" },
		{ 0x802C, "a", "X-PHONETIC-FIRST-NAME:a" },
		{ 0x802D, "a", "X-PHONETIC-LAST-NAME:a" },
		{ 0x802E, "a", "X-PHONETIC-ORG:a" },
		{ 0x8083, "a@b.c", "EMAIL;TYPE=INTERNET,PREF:a@b.c" },
		{ 0x80A3, "a@b.c", "EMAIL;TYPE=INTERNET,PREF:a@b.c" },
		{ 0x39FE, "a@b.c", "EMAIL;TYPE=INTERNET,PREF:a@b.c" },
		{ MAPI_BODY, "a, b\r\nc", "NOTE:a\\, b\\nc" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = make_class("IPM.Contact");

		fake_text(t.message,
			  cases[i].id < 0x8000 ? cases[i].id
					       : lid(&t, cases[i].id),
			  cases[i].text);
		CHECK(has_line(NATIVE(&t), cases[i].line));
		CHECK_STR(mail_notes(t.mail), "");
		done(&t);
	}
}

static void a_card_has_all_its_lines_in_order(void)
{
	struct made t = make_class("IPM.Contact");
	const char *text;

	fake_text(t.message, MAPI_DISPLAY_NAME, "Dr. Jane M. Doe jr.");
	fake_text(t.message, 0x3A11, "Doe");
	fake_text(t.message, 0x3A06, "Jane");
	fake_text(t.message, 0x3A44, "M.");
	fake_text(t.message, 0x3A45, "Dr.");
	fake_text(t.message, 0x3A05, "jr.");
	fake_number(t.message, MAPI_LAST_MODIFICATION_TIME, MAPI_TIME,
		    filetime(1709288520));
	fake_number(t.message, MAPI_SENSITIVITY, MAPI_INTEGER32, 2);
	fake_number(t.message, 0x3A4D, MAPI_INTEGER16, 1);
	text = NATIVE(&t);
	CHECK(in_order(text, "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Dr. Jane",
		       "N:Doe;Jane;M.;Dr.;jr.\r\n", "GENDER:F\r\n",
		       "CLASS:PRIVATE\r\n", "REV:20240301T102200Z\r\n",
		       "UID:urn:uuid:411c2abe-b1fb-38ff-26d2-47f93d9cfd53\r\n"
		       "END:VCARD\r\n",
		       NULL));
	CHECK(count(text, "X-OST-NOTE") == 0 && count(text, "PREF") == 0);
	done(&t);
}

static void a_card_has_a_name_whatever_is_stored(void)
{
	static const struct {
		uint16_t id;
		const char *text, *line;
	} cases[] = {
		{ 0x3001, "Jane", "FN:Jane" },
		{ 0x8005, "Doe", "FN:Doe" },
		{ 0x3A16, "Doe Ltd", "FN:Doe Ltd" },
		{ 0x8083, "a@b.c", "FN:a@b.c" },
		{ MAPI_SUBJECT, "\x01\x01Jane", "FN:Jane" },
		{ 0x3A1C, "1", "FN:(no name)" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = make_class("IPM.Contact");

		fake_remove(t.message, MAPI_SUBJECT);
		fake_text(t.message,
			  cases[i].id < 0x8000 ? cases[i].id
					       : lid(&t, cases[i].id),
			  cases[i].text);
		CHECK(has_line(NATIVE(&t), cases[i].line));
		CHECK(has_line(buf_text(&t.bytes), "N:;;;;"));
		done(&t);
	}
}

static void a_day_is_the_day_it_was_there(void)
{
	/* 1990-06-15T00:00:00Z, and half a day around it; 1604-06-15 */
	enum { DAY = 645408000, HOUR = 3600 };
	const int64_t leap = INT64_C(-11535523200);
	const struct {
		uint16_t id; /* below 0x8000, else a LID */
		int64_t sec;
		const char *line;
	} cases[] = {
		{ 0x80DE, DAY, "BDAY:1990-06-15" },
		{ 0x3A42, DAY, "BDAY:1990-06-15" },
		{ 0x3A42, DAY - 5 * HOUR, "BDAY:1990-06-15" }, /* 19:00Z */
		{ 0x3A42, DAY - 12 * HOUR, "BDAY:1990-06-15" },
		{ 0x3A42, DAY + 11 * HOUR, "BDAY:1990-06-15" },
		{ 0x3A42, DAY + 12 * HOUR, "BDAY:1990-06-16" },
		{ 0x80DE, leap, "BDAY:--06-15" },
		{ 0x3A42, leap - 2 * HOUR, "BDAY:--06-15" },
		{ 0x80DF, DAY, "X-MS-ANNIVERSARY:1990-06-15" },
		{ 0x3A41, DAY - HOUR, "X-MS-ANNIVERSARY:1990-06-15" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = make_class("IPM.Contact");

		fake_number(t.message,
			    cases[i].id < 0x8000 ? cases[i].id
						 : lid(&t, cases[i].id),
			    MAPI_TIME, filetime(cases[i].sec));
		CHECK(has_line(NATIVE(&t), cases[i].line));
		done(&t);
	}
}

static void no_day_is_no_line(void)
{
	const uint64_t none[] = { 0, 0x0CB34557A3DD4000, INT64_MAX,
				  UINT64_MAX };

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		struct made t = make_class("IPM.Contact");

		fake_number(t.message, 0x3A42, MAPI_TIME, none[i]);
		CHECK(count(NATIVE(&t), "BDAY") == 0);
		done(&t);
	}
}

/* B14: the text of the mailing address, where there is nothing else of it. */
static void the_text_of_the_mailing_address_is_an_address(void)
{
	static const struct {
		uint64_t mailing; /* PidLidPostalAddressId */
		uint16_t other;	  /* LID of what the contact has besides */
		const char *line, *label;
	} cases[] = {
		{ 0, 0, "ADR;TYPE=WORK:;;A\\nB;;;;", "LABEL;TYPE=WORK:A\\nB" },
		{ 1, 0, "ADR;TYPE=HOME,PREF:;;A\\nB;;;;",
		  "LABEL;TYPE=HOME,PREF:A\\nB" },
		{ 2, 0, "ADR;TYPE=WORK,PREF:;;A\\nB;;;;",
		  "LABEL;TYPE=WORK,PREF:A\\nB" },
		{ 3, 0, "ADR;TYPE=POSTAL,PREF:;;A\\nB;;;;",
		  "LABEL;TYPE=POSTAL,PREF:A\\nB" },
		{ 9, 0, "ADR;TYPE=WORK:;;A\\nB;;;;", "LABEL;TYPE=WORK:A\\nB" },
		{ 2, 0x801B, "ADR;TYPE=WORK,PREF:;;C;;;;",
		  "LABEL;TYPE=WORK,PREF:C" },
		{ 0, 0x8045, "ADR;TYPE=WORK:;;C;;;;", "LABEL;TYPE=WORK:A\\nB" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = make_class("IPM.Contact");

		fake_text(t.message, 0x3A15, "A\r\nB");
		if (cases[i].other != 0)
			fake_text(t.message, lid(&t, cases[i].other), "C");
		fake_number(t.message, lid(&t, 0x8022), MAPI_INTEGER32,
			    cases[i].mailing);
		CHECK(has_line(NATIVE(&t), cases[i].line));
		CHECK(has_line(buf_text(&t.bytes), cases[i].label));
		CHECK(count(buf_text(&t.bytes), "\nADR;") == 1);
		CHECK(count(buf_text(&t.bytes), "\nLABEL;") == 1);
		done(&t);
	}
}

static void the_mailing_address_is_no_other_address(void)
{
	static const struct {
		uint64_t mailing; /* PidLidPostalAddressId */
		const char *line;
		size_t addresses;
	} cases[] = {
		{ 0, "ADR;TYPE=WORK:;;Mail St;;;;", 2 },
		{ 1, "ADR;TYPE=HOME,PREF:;;Home St;;;;", 1 },
		{ 2, "ADR;TYPE=WORK,PREF:;;Mail St;;;;", 2 },
		{ 3, "ADR;TYPE=POSTAL,PREF:;;Mail St;;;;", 2 },
		{ 77, "ADR;TYPE=WORK:;;Mail St;;;;", 2 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = make_class("IPM.Contact");

		fake_text(t.message, 0x3A29, "Mail St");
		fake_text(t.message, 0x3A5D, "Home St");
		fake_number(t.message, lid(&t, 0x8022), MAPI_INTEGER32,
			    cases[i].mailing);
		CHECK(has_line(NATIVE(&t), cases[i].line));
		CHECK(count(buf_text(&t.bytes), "\nADR;") ==
		      cases[i].addresses);
		done(&t);
	}
}

static void an_address_is_found_where_it_is(void)
{
	static const struct {
		const char *type, *address, *original, *display, *line;
		const char *notes;
	} cases[] = {
		{ "SMTP", "a@b.c", NULL, NULL, "a@b.c", "" },
		/* B8 */
		{ "SMTP", "j\xC3\xBC@ex\xC3\xA4mple.de", NULL, NULL,
		  "j\xC3\xBC@ex\xC3\xA4mple.de", "" },
		{ "EX", "/o=X/cn=jane", "jane@b.c", "Jane", "jane@b.c", "" },
		{ "EX", "/o=X/cn=jane", NULL, "Jane (jane@b.c)", "jane@b.c",
		  "" },
		{ "EX", "/o=X/cn=jane", "Jane Doe", "Jane",
		  "IMCEAEX-_o=X_cn=jane@ost.invalid", "addr-imcea" },
		{ "NOTES", "Jane/X", NULL, NULL,
		  "IMCEANOTES-Jane_X@ost.invalid", "addr-imcea" },
		{ "SMTP", "Lokay", NULL, NULL, "IMCEAUNKNOWN-Lokay@ost.invalid",
		  "addr-imcea" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = make_class("IPM.Contact");
		char line[128];

		fake_text(t.message, lid(&t, 0x8092), cases[i].type);
		fake_text(t.message, lid(&t, 0x8093), cases[i].address);
		if (cases[i].original != NULL)
			fake_text(t.message, lid(&t, 0x8094),
				  cases[i].original);
		if (cases[i].display != NULL)
			fake_text(t.message, lid(&t, 0x8090), cases[i].display);
		snprintf(line, sizeof(line), "EMAIL;TYPE=INTERNET,PREF:%s",
			 cases[i].line);
		CHECK(has_line(NATIVE(&t), line));
		CHECK_STR(mail_notes(t.mail), cases[i].notes);
		done(&t);
	}
}

static void three_addresses_keep_their_order_and_names(void)
{
	struct made t = make_class("IPM.Contact");

	fake_text(t.message, lid(&t, 0x8083), "one@b.c");
	fake_text(t.message, lid(&t, 0x8080), "one@b.c");
	fake_text(t.message, lid(&t, 0x8093), "two@b.c");
	fake_text(t.message, lid(&t, 0x8090), "Jane at work");
	fake_text(t.message, lid(&t, 0x80A3), "three@b.c");
	CHECK(in_order(NATIVE(&t), "EMAIL;TYPE=INTERNET,PREF:one@b.c\r\n",
		       "EMAIL;TYPE=INTERNET:two@b.c\r\n",
		       "X-MS-EMAIL-DISPLAY:Jane at work\r\n",
		       "EMAIL;TYPE=INTERNET:three@b.c\r\n", NULL));
	CHECK(count(buf_text(&t.bytes), "X-MS-EMAIL-DISPLAY") == 1);
	done(&t);
}

static void lists_of_values_are_lists(void)
{
	const char *const children[] = { "Ann", "Bob, jr." };
	const char *const categories[] = { "A,B", "\xC3\xA9" };
	struct made t = make_class("IPM.Contact");
	uint8_t strings[16];
	uint16_t id;

	memcpy(strings, address_set, sizeof(strings));
	strings[0] = 0x29;
	strings[1] = 3;
	strings[2] = 2;
	strings[3] = 0;
	id = fake_name(t.store, strings, 0, "Keywords");
	fake_multi(t.message, 0x3A58, children, 2);
	fake_multi(t.message, id, categories, 2);
	CHECK(in_order(NATIVE(&t), "X-MS-CHILD:Ann\r\nX-MS-CHILD:Bob\\, jr.",
		       "CATEGORIES:A\\,B,\xC3\xA9\r\n", NULL));
	done(&t);
}

static void lines_fold_between_characters(void)
{
	struct made t = make_class("IPM.Contact");
	struct buf name = { 0 };
	const char *text;

	for (int i = 0; i < 200; i++)
		buf_str(&name, i % 3 == 0 ? "\xF0\x9F\x98\x80" : "\xC3\xA9");
	fake_text(t.message, MAPI_DISPLAY_NAME, buf_text(&name));
	text = NATIVE(&t);
	for (const char *line = text; *line != '\0';) {
		const char *end = strstr(line, "\r\n");

		CHECK(end != NULL && end - line <= 75);
		if (end == NULL)
			break;
		CHECK(((uint8_t)line[line[0] == ' '] & 0xC0) != 0x80);
		line = end + 2;
	}
	buf_free(&name);
	done(&t);
}

static void the_note_is_the_body_whatever_it_is_in(void)
{
	struct made t = make_class("IPM.Contact");

	add_html(&t, "<p>Call <b>her</b><br>back &amp; soon</p>");
	CHECK(has_line(NATIVE(&t), "NOTE:Call her\\nback & soon"));
	CHECK(has_line(buf_text(&t.bytes), "X-OST-NOTE:html-text"));
	done(&t);

	t = make_class("IPM.Contact");
	fake_bytes(t.message, MAPI_RTF_COMPRESSED, MAPI_BINARY,
		   "\x2D\0\0\0\x2B\0\0\0LZFu\xF1\xC5\xC7\xA7\x03\0\x0A\0rcpg125"
		   "B2\x0A\xF3 hel\x09\0 bw\x05\xB0ld}\x0A\x80\x0F\xA0",
		   49);
	CHECK(has_line(NATIVE(&t), "NOTE:hello world"));
	done(&t);
}

/*
 * Real contacts
 */

static void write_item(struct store_object *o, const char *store)
{
	struct buf out = { 0 };
	struct notes notes = { 0 };
	struct ost_error err;
	char name[64];

	snprintf(name, sizeof(name), "%s-%x", store, o->id.nid);
	CHECK(form_write(o, form_of(o), NULL, &out, &notes, &err) == OST_OK);
	leave_card(name, &out);
	buf_free(&out);
}

/* Write the cards of the store at `path`, if it has any. */
static void write_cards(const char *path, const char *name)
{
	struct store *s = NULL;
	struct store_object *all = NULL;
	struct ost_error err = { "" };
	size_t cards = 0;

	CHECK(store_open(&s, path, &store_native, NULL, &err) == OST_OK);
	if (s == NULL)
		return;
	CHECK(store_get(s, (struct store_id){ MAPI_NID_STORE, 0 }, &all,
			&err) == OST_OK);
	for (size_t nid = 0; all != NULL;) {
		struct store_object *o = NULL;

		if (store_child(all, STORE_NODES, nid, &o, &err) != OST_OK)
			break;
		const struct store_id id = { o->id.nid, 0 };

		nid = id.nid + (size_t)1;
		store_drop(o);
		if ((id.nid & MAPI_NID_TYPE) != MAPI_NID_MESSAGE ||
		    store_get(s, id, &o, &err) != OST_OK)
			continue;
		if (form_of(o) == FORM_CONTACT || form_of(o) == FORM_GROUP) {
			write_item(o, name);
			cards++;
		}
		store_drop(o);
	}
	store_drop(all);
	store_close(s);
	printf("%s: %zu cards\n", path, cards);
}

int main(int argc, char **argv)
{
	directory = argc > 1 ? argv[1] : NULL;
	RUN(a_property_becomes_a_line);
	RUN(a_card_has_all_its_lines_in_order);
	RUN(a_card_has_a_name_whatever_is_stored);
	RUN(a_day_is_the_day_it_was_there);
	RUN(no_day_is_no_line);
	RUN(the_text_of_the_mailing_address_is_an_address);
	RUN(the_mailing_address_is_no_other_address);
	RUN(an_address_is_found_where_it_is);
	RUN(three_addresses_keep_their_order_and_names);
	RUN(lists_of_values_are_lists);
	RUN(lines_fold_between_characters);
	RUN(the_note_is_the_body_whatever_it_is_in);
	for (int i = 2; i < argc; i++) {
		char name[16];

		snprintf(name, sizeof(name), "store%d", i - 1);
		write_cards(argv[i], name);
	}
	return checked();
}
