/*
 * forge_meanings.c - items of which readers are prone to make something else
 *
 * Each has its line of peers/meanings.py in its subject, but where that is
 * what is tried; there is said what is right.
 */
#include "forge_mailbox.h"

enum { HOUR = 3600 };

/* Tuesday 5 March 2024, midnight in Berlin. */
static const int64_t day = INT64_C(1709593200);

static struct forge_message item(const char *class, const char *subject)
{
	struct forge_message m = { 0 };

	forge_text(&m.props, MAPI_MESSAGE_CLASS, class);
	if (subject != NULL)
		forge_text(&m.props, MAPI_SUBJECT, subject);
	mail_at(&m, day + 9 * HOUR);
	return m;
}

static struct forge_message mail(const char *subject)
{
	struct forge_message m = item("IPM.Note", subject);

	mail_from(&m, "Jane Doe", "jane@example.org");
	mail_to(&m, 1, "John Roe", "john@example.org");
	return m;
}

static void add_rtf(struct mailbox *b, struct mailbox_folder in)
{
	static const struct {
		const char *subject, *rtf;
	} cases[] = {
		{ "B1 list",
		  "{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0{\\fonttbl{\\f0"
		  "\\fswiss\\fcharset0 Arial;}{\\f1\\fnil\\fcharset2 Symbol;}}"
		  "\\uc1\\pard\\plain\\f0 {\\*\\htmltag64 <li>}\\htmlrtf {{\\*"
		  "\\pn\\pnlvlblt\\pnf1{\\pntxtb\\'b7}}\\htmlrtf0 {\\pntext\\f1"
		  "\\'b7\\tab}Item{\\*\\htmltag72 </li>}\\htmlrtf }\\htmlrtf0 "
		  "}" },
		{ "B9 letter",
		  "{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0{\\fonttbl{\\f0"
		  "\\fcharset0 Arial;}{\\f6\\fcharset2 Webdings;}}\\uc1\\pard"
		  "\\plain\\f0 {\\*\\htmltag64 <p>}leaf:{\\f6 P}:end}" },
		{ "B15 bold",
		  "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fcharset0 "
		  "Arial;}}\\pard plain {\\b heavy} end\\par}" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct forge_message m = mail(cases[i].subject);

		forge_rtf(&m.props, cases[i].rtf, true);
		mailbox_add(b, in, &m);
	}
}

static void add_charsets(struct mailbox *b, struct mailbox_folder in)
{
	struct forge_message m = mail(NULL);

	forge_text8(&m.props, MAPI_SUBJECT, "CP1252", "B2 öäü");
	forge_int(&m.props, MAPI_INTERNET_CODEPAGE, 65001);
	forge_int(&m.props, MAPI_MESSAGE_LOCALE_ID, 0x407);
	forge_text(&m.props, MAPI_BODY, "text");
	mailbox_add(b, in, &m);
	/* Of these no page is named anywhere: most of the store says which. */
	for (unsigned i = 0; i < 12; i++) {
		m = mail(NULL);
		forge_text8(&m.props, MAPI_SUBJECT, "CP1251", "B3 Привет, мир");
		forge_text(&m.props, MAPI_BODY, "text");
		mailbox_add(b, in, &m);
	}
}

static void add_people(struct mailbox *b, struct mailbox_folder in)
{
	struct forge_message m = item("IPM.Note", "B4 sender");

	forge_text(&m.props, MAPI_SENDER_NAME, "J");
	forge_text(&m.props, MAPI_SENDER_ADDRTYPE, "EX");
	forge_text(&m.props, MAPI_SENDER_EMAIL, "/O=X/OU=Y/CN=RECIPIENTS/CN=J");
	forge_text(&m.props, 0x4022, "EX");
	forge_text(&m.props, 0x4023, "/o=X/ou=Y/cn=Recipients/cn=j");
	forge_text(&m.props, 0x5D0A, "j@x.example");
	mail_to(&m, 1, "John Roe", "john@example.org");
	forge_text(&m.props, MAPI_BODY, "text");
	mailbox_add(b, in, &m);

	m = mail("B8 umlaut");
	mail_to(&m, 1, "User", "user@exämple.example");
	forge_text(&m.props, MAPI_BODY, "text");
	mailbox_add(b, in, &m);
}

static void put16(struct buf *b, uint32_t value)
{
	buf_byte(b, (char)(uint8_t)value);
	buf_byte(b, (char)(uint8_t)(value >> 8));
}

static void put32(struct buf *b, uint32_t value)
{
	put16(b, value & 0xFFFF);
	put16(b, value >> 16);
}

/* An attribute of TNEF [MS-OXTNEF] 2.1.3.1, with the sum of its bytes. */
static void put_attribute(struct buf *b, uint32_t id, const void *bytes,
			  size_t len)
{
	uint32_t sum = 0;

	buf_byte(b, 2); /* of an attachment */
	put32(b, id);
	put32(b, (uint32_t)len);
	buf_add(b, bytes, len);
	for (size_t i = 0; i < len; i++)
		sum += ((const uint8_t *)bytes)[i];
	put16(b, sum);
}

/* A winmail.dat with one file in it. */
static void add_winmail(struct mailbox *b, struct mailbox_folder in)
{
	static const uint8_t rendering[14] = { 1 };
	static const char name[] = "plan.txt";
	struct forge_message m = mail("B6 winmail");
	struct buf tnef = { 0 };

	put32(&tnef, 0x223E9F78);
	put16(&tnef, 1);
	put_attribute(&tnef, 0x00069002, rendering, sizeof(rendering));
	put_attribute(&tnef, 0x00018010, name, sizeof(name));
	put_attribute(&tnef, 0x0006800F, "a plan", 6);
	mail_attach(&m, "winmail.dat", "application/ms-tnef", tnef.at,
		    tnef.len);
	forge_text(&m.props, MAPI_BODY, "text");
	mailbox_add(b, in, &m);
	buf_free(&tnef);
}

static void add_files(struct mailbox *b, struct mailbox_folder in)
{
	static const char whole[] =
		"Content-Type: multipart/signed; micalg=sha-256;\r\n"
		" protocol=\"application/pkcs7-signature\"; boundary=outer\r\n"
		"\r\n--outer\r\n"
		"Content-Type: multipart/mixed; boundary=inner\r\n\r\n"
		"--inner\r\nContent-Type: text/plain\r\n\r\nsigned text\r\n"
		"--inner\r\nContent-Type: application/pdf; name=invoice.pdf\r\n"
		"Content-Disposition: attachment; filename=invoice.pdf\r\n"
		"Content-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQK\r\n"
		"--inner--\r\n\r\n--outer\r\n"
		"Content-Type: application/pkcs7-signature; name=smime.p7s\r\n"
		"Content-Transfer-Encoding: base64\r\n\r\nMIIB\r\n"
		"--outer--\r\n";
	static const struct {
		const char *class, *subject;
	} cases[] = {
		{ "IPM.Note.SMIME.MultipartSigned", "B6 signed" },
		{ "IPM.Note", "B7 signed" },
	};
	struct forge_message m;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		m = mail(cases[i].subject);
		forge_text(&m.props, MAPI_MESSAGE_CLASS, cases[i].class);
		mail_attach(&m, "smime.p7m", "multipart/signed", whole,
			    sizeof(whole) - 1);
		mailbox_add(b, in, &m);
	}
	m = mail("B16 file");
	mail_attach(&m, "=?utf-8?B?w7xiZXIucGRm?=", "application/pdf",
		    "%PDF-1.4\n", 9);
	forge_text(&m.props, MAPI_BODY, "text");
	mailbox_add(b, in, &m);
}

/* PidLidTimeZoneStruct: one hour ahead, two from March to October. */
static const uint8_t berlin[48] = {
	[0] = 0xC4, [1] = 0xFF, [2] = 0xFF,  [3] = 0xFF,  /* bias -60 */
	[8] = 0xC4, [9] = 0xFF, [10] = 0xFF, [11] = 0xFF, /* in summer -60 */
	[16] = 10,  [20] = 5,	[22] = 3, /* last Sunday of October, 3:00 */
	[34] = 3,   [38] = 5,	[40] = 2, /* and of March, 2:00 */
};

/* Pacific time from a year on [MS-OXOCAL] 2.2.1.41.1: which Sundays. */
struct rule {
	uint16_t flags, year;
	uint16_t month_off, sunday_off, month_on, sunday_on;
};
static const struct rule us[] = {
	{ 2, 2007, 11, 1, 3, 2 },
	{ 0, 2006, 10, 5, 4, 1 },
	{ 2, 2007, 11, 1, 3, 2 },
};

/* A SYSTEMTIME: on a Sunday of a month, at two. */
static void put_two(struct buf *b, uint16_t month, uint16_t sunday)
{
	const uint16_t fields[8] = { 0, month, 0, sunday, 2, 0, 0, 0 };

	for (size_t i = 0; i < 8; i++)
		put16(b, fields[i]);
}

static void set_zone(struct mailbox *b, struct forge_props *p, uint32_t lid,
		     const struct rule *rules, uint16_t count)
{
	static const char name[] = "Pacific Standard Time";
	const uint16_t length = sizeof(name) - 1;
	struct buf z = { 0 };

	put16(&z, 0x0102);
	put16(&z, 6 + 2U * length);
	put16(&z, 2);
	put16(&z, length);
	for (size_t i = 0; i < length; i++)
		put16(&z, (uint8_t)name[i]);
	put16(&z, count);
	for (size_t i = 0; i < count; i++) {
		put16(&z, 0x0102);
		put16(&z, 0x3E);
		put16(&z, rules[i].flags);
		put16(&z, rules[i].year);
		for (size_t j = 0; j < 7; j++)
			put16(&z, 0);
		put32(&z, 480);
		put32(&z, 0);
		put32(&z, (uint32_t)-60);
		put_two(&z, rules[i].month_off, rules[i].sunday_off);
		put_two(&z, rules[i].month_on, rules[i].sunday_on);
	}
	forge_binary(p,
		     forge_named(b->forge, forge_psetid_appointment, lid, NULL),
		     z.at, z.len);
	buf_free(&z);
}

/* Its start and its end are in one zone, of which they tell different years. */
static void add_us_event(struct mailbox *b, struct mailbox_folder in)
{
	const uint8_t *set = forge_psetid_appointment;
	struct forge_message m = item("IPM.Appointment", "B5 call");

	forge_time(&m.props, forge_named(b->forge, set, 0x820D, NULL),
		   day + 18 * HOUR);
	forge_time(&m.props, forge_named(b->forge, set, 0x820E, NULL),
		   day + 19 * HOUR);
	set_zone(b, &m.props, 0x825E, us, 1);
	set_zone(b, &m.props, 0x825F, us + 1, 2);
	mailbox_add(b, in, &m);
}

static void add_event(struct mailbox *b, struct mailbox_folder in,
		      const char *subject, bool whole_day)
{
	const uint8_t *set = forge_psetid_appointment;
	const int64_t begins = whole_day ? day : day + 10 * HOUR;
	struct forge_message m = item("IPM.Appointment", subject);
	struct forge_props *p = &m.props, *r;

	forge_time(p, forge_named(b->forge, set, 0x820D, NULL), begins);
	forge_time(p, forge_named(b->forge, set, 0x820E, NULL),
		   begins + (whole_day ? 24 * HOUR : HOUR));
	forge_bool(p, forge_named(b->forge, set, 0x8215, NULL), whole_day);
	forge_binary(p, forge_named(b->forge, set, 0x8233, NULL), berlin,
		     sizeof(berlin));
	if (!whole_day) {
		forge_int(p, forge_named(b->forge, set, 0x8217, NULL), 1);
		forge_text(p, 0x0064, "EX");
		forge_text(p, 0x0065, "/O=X/OU=Y/CN=RECIPIENTS/CN=NOBODY");
		r = mail_to(&m, 1, "Boss", "boss@example.org");
		forge_int(r, 0x5FFD, 3);
		mail_to(&m, 1, "John Roe", "john@example.org");
		forge_rtf(p,
			  "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0"
			  "\\fcharset0 Arial;}}\\pard agenda\\par}",
			  true);
	}
	mailbox_add(b, in, &m);
}

static void add_contact(struct mailbox *b, struct mailbox_folder in)
{
	struct forge_message m = item("IPM.Contact", "B14 contact");

	forge_text(&m.props, MAPI_DISPLAY_NAME, "B14 contact");
	forge_text(&m.props,
		   forge_named(b->forge, forge_psetid_address, 0x801B, NULL),
		   "Main Street 1\r\nSpringfield");
	mailbox_add(b, in, &m);
}

/* A daily task that comes again a day after it was done. */
static const uint8_t again[] = {
	0x04, 0x30, 0x04, 0x30, 0x0A, 0x20, 0,	  0,	0, 0, /* daily */
	0,    0,    0,	  0,	0xA0, 0x05, 0,	  0,	1, 0,
	0,    0, /* 1440 minutes; sliding */
	0x23, 0x20, 0,	  0,	10,   0,    0,	  0,	0, 0,
	0,    0,				     /* no end */
	0,    0,    0,	  0,	0,    0,    0,	  0, /* nothing deleted or
							changed */
	0xA0, 0x1D, 0x44, 0x0D, 0xDF, 0x80, 0xE9, 0x5A,
};

static void add_task(struct mailbox *b, struct mailbox_folder in)
{
	const uint8_t *set = forge_psetid_task;
	struct forge_message m = item("IPM.Task", "B11 task");

	forge_time(&m.props, forge_named(b->forge, set, 0x8104, NULL),
		   day + HOUR);
	forge_time(&m.props, forge_named(b->forge, set, 0x8105, NULL),
		   day + HOUR);
	forge_bool(&m.props, forge_named(b->forge, set, 0x8126, NULL), true);
	forge_binary(&m.props, forge_named(b->forge, set, 0x8116, NULL), again,
		     sizeof(again));
	mailbox_add(b, in, &m);
}

void meanings_fill(struct mailbox *b)
{
	const struct mailbox_folder mails =
		mailbox_folder(b, "Inbox", "IPF.Note");
	const struct mailbox_folder events =
		mailbox_folder(b, "Calendar", "IPF.Appointment");

	add_rtf(b, mails);
	add_charsets(b, mails);
	add_people(b, mails);
	add_files(b, mails);
	add_winmail(b, mails);
	add_us_event(b, events);
	add_event(b, events, "B10 B12 meeting", false);
	add_event(b, events, "B13 holiday", true);
	add_contact(b, mailbox_folder(b, "Contacts", "IPF.Contact"));
	add_task(b, mailbox_folder(b, "Tasks", "IPF.Task"));
}
