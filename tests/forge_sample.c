#include "forge_mailbox.h"

/* Friday 1 March 2024, 10:22 UTC; all is told from then. */
enum { HOUR = 3600, DAY = 24 * HOUR };
static const int64_t start = INT64_C(1709288520);

static const char me[] = "Alice Example";
static const char my_address[] = "alice@example.com";
static const char my_x500[] = "/o=Example/ou=First/cn=Recipients/cn=alice";

/* A red dot of 1 by 1 pixel. */
static const uint8_t png[] = {
	0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00, 0x00, 0x00, 0x0D,
	0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01,
	0x08, 0x02, 0x00, 0x00, 0x00, 0x90, 0x77, 0x53, 0xDE, 0x00, 0x00, 0x00,
	0x0C, 0x49, 0x44, 0x41, 0x54, 0x08, 0xD7, 0x63, 0xF8, 0xCF, 0xC0, 0x00,
	0x00, 0x03, 0x01, 0x01, 0x00, 0x18, 0xDD, 0x8D, 0xB0, 0x00, 0x00, 0x00,
	0x00, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82,
};

/* A mail from `name` to us, with what every mail has. */
static struct forge_message mail(const char *name, const char *address,
				 int64_t when, const char *subject)
{
	struct forge_message m = { 0 };
	struct forge_props *row;
	char id[64];

	snprintf(id, sizeof(id), "<%lld@mail.example.com>", (long long)when);
	forge_text(&m.props, MAPI_MESSAGE_CLASS, "IPM.Note");
	forge_text(&m.props, MAPI_SUBJECT, subject);
	forge_text(&m.props, MAPI_INTERNET_MESSAGE_ID, id);
	mail_from(&m, name, address);
	row = mail_to(&m, 1, me, my_address);
	forge_text(row, MAPI_ADDRTYPE, "EX");
	forge_text(row, MAPI_EMAIL_ADDRESS, my_x500);
	mail_at(&m, start + when);
	return m;
}

static void add_budget(struct mailbox *b, struct mailbox_folder in)
{
	struct forge_message m =
		mail("Jane Doe", "jane@example.org", 0, "Budget review");

	mail_to(&m, 2, "John Roe", "john@example.org");
	forge_text(&m.props, MAPI_CONVERSATION_TOPIC, "Budget review");
	forge_text(&m.props, MAPI_BODY,
		   "Hello Alice,\r\n\r\nplease have a look at the budget "
		   "before Monday.\r\n\r\nJane\r\n");
	forge_text(&m.props, MAPI_TRANSPORT_MESSAGE_HEADERS,
		   "Received: from mail.example.org (192.0.2.7) by\r\n"
		   " mx.example.com with ESMTPS; Fri, 1 Mar 2024 10:22:03 "
		   "+0000\r\n"
		   "From: Jane Doe <jane@example.org>\r\n"
		   "To: Alice Example <alice@example.com>\r\n"
		   "Cc: John Roe <john@example.org>\r\n"
		   "Subject: Budget review\r\n"
		   "Date: Fri, 1 Mar 2024 10:22:00 +0000\r\n"
		   "Message-ID: <0@mail.example.com>\r\n"
		   "MIME-Version: 1.0\r\n"
		   "Content-Type: text/plain; charset=utf-8\r\n\r\n");
	mailbox_add(b, in, &m);
}

/* U+0001 and the length of the prefix, plus one [MS-PST] 2.5.3.1.1.1 */
static void add_reply(struct mailbox *b, struct mailbox_folder in)
{
	static const char *const keywords[] = { "Budget", "To do" };
	struct forge_message m = mail("John Roe", "john@example.org", 2 * HOUR,
				      "\x01\x05RE: Budget review");

	forge_text(&m.props, MAPI_CONVERSATION_TOPIC, "Budget review");
	forge_text(&m.props, MAPI_IN_REPLY_TO_ID, "<0@mail.example.com>");
	forge_text(&m.props, MAPI_INTERNET_REFERENCES, "<0@mail.example.com>");
	forge_int(&m.props, MAPI_IMPORTANCE, 2);
	forge_texts(
		&m.props,
		forge_named(b->forge, forge_ps_public_strings, 0, "Keywords"),
		keywords, 2);
	forge_text(&m.props, MAPI_BODY,
		   "Looks good to me.\r\n\r\n> please have a look at the "
		   "budget before Monday.\r\n");
	mailbox_add(b, in, &m);
}

static void add_inline_image(struct mailbox *b, struct mailbox_folder in)
{
	static const char html[] =
		"<html><head><meta charset=\"utf-8\"></head><body>\r\n"
		"<p>Our new <b>logo</b>: <img src=\"cid:logo@example\"></p>\r\n"
		"<p>Gr\xC3\xBC\xC3\x9F"
		"e aus K\xC3\xB6ln</p>\r\n"
		"</body></html>\r\n";
	struct forge_message m =
		mail("Maria Silva", "maria@example.net", DAY, "The new logo");
	struct forge_attachment *a =
		mail_attach(&m, "logo.png", "image/png", png, sizeof(png));

	forge_text(&a->props, MAPI_ATTACH_CONTENT_ID, "logo@example");
	forge_int(&a->props, MAPI_ATTACH_FLAGS, 4); /* in the HTML */
	forge_bool(&a->props, MAPI_ATTACHMENT_HIDDEN, true);
	forge_binary(&m.props, MAPI_HTML, html, sizeof(html) - 1);
	forge_int(&m.props, MAPI_INTERNET_CODEPAGE, 65001);
	forge_int(&m.props, MAPI_NATIVE_BODY, 3);
	mailbox_add(b, in, &m);
}

static void add_attachments(struct mailbox *b, struct mailbox_folder in)
{
	static uint32_t noise = 42;
	static const char csv[] = "item,amount\r\nrent,1200\r\npaper,35\r\n";
	struct forge_message m =
		mail("Jane Doe", "jane@example.org", 2 * DAY, "Three files");
	struct forge_attachment *a;

	forge_text(&m.props, MAPI_BODY, "As promised.\r\n");
	mail_attach(&m, "Budget 2024.csv", "text/csv", csv, sizeof(csv) - 1);
	mail_attach(&m, "photo.png", "image/png", png, sizeof(png));
	a = mail_attach(&m, "archive.bin", NULL, NULL, 0);
	forge_stream(&a->props, MAPI_ATTACH_DATA, MAPI_BINARY, 300000,
		     forge_noise, &noise);
	mailbox_add(b, in, &m);
}

static void add_embedded(struct mailbox *b, struct mailbox_folder in)
{
	static const char minutes[] = "We met.\r\nWe agreed.\r\n";
	struct forge_message m =
		mail("John Roe", "john@example.org", 3 * DAY, "FW: Minutes");
	struct forge_attachment *a = forge_attachment(&m);
	struct forge_message *inner;

	forge_text(&m.props, MAPI_BODY, "See the mail below.\r\n");
	forge_text(&a->props, MAPI_DISPLAY_NAME, "Minutes");
	inner = forge_embed(a);
	*inner = mail("Chen Wei", "wei@example.net", 3 * DAY - HOUR, "Minutes");
	forge_text(&inner->props, MAPI_BODY, "The minutes are attached.\r\n");
	mail_attach(inner, "minutes.txt", "text/plain", minutes,
		    sizeof(minutes) - 1);
	mailbox_add(b, in, &m);
}

/* Text in its own code page where the store has no other. */
static void foreign(const struct mailbox *b, struct forge_props *p, uint16_t id,
		    const char *utf8)
{
	if (b->ansi)
		forge_text8(p, id, "CP932", utf8);
	else
		forge_text(p, id, utf8);
}

static void add_japanese(struct mailbox *b, struct mailbox_folder in)
{
	struct forge_message m = mail("?", "taro@example.jp", 4 * DAY, "?");
	struct forge_attachment *a;

	foreign(b, &m.props, MAPI_SUBJECT, "会議のお知らせ");
	foreign(b, &m.props, MAPI_SENDER_NAME, "山田太郎");
	foreign(b, &m.props, MAPI_SENT_REPRESENTING_NAME, "山田太郎");
	foreign(b, &m.props, MAPI_BODY,
		"来週の月曜日に会議を行います。\r\n\r\n山田\r\n");
	forge_int(&m.props, MAPI_MESSAGE_CODEPAGE, 932);
	forge_int(&m.props, MAPI_INTERNET_CODEPAGE, 932);
	a = mail_attach(&m, "?.txt", "text/plain", "1. 2. 3.\r\n", 10);
	foreign(b, &a->props, MAPI_ATTACH_LONG_FILENAME, "議題.txt");
	mailbox_add(b, in, &m);
}

static void add_scripts(struct mailbox *b, struct mailbox_folder in)
{
	struct forge_message m = mail("Ольга Петрова", "olga@example.net",
				      5 * DAY, "Привет, שלום, γειά σου, 😀");

	forge_text(&m.props, MAPI_BODY,
		   "Добрый день!\r\nשלום עולם\r\nΚαλημέρα\r\n"
		   "😀 naïve café\r\n");
	mailbox_add(b, in, &m);
}

static void add_nasty_names(struct mailbox *b, struct mailbox_folder in)
{
	static const char *const names[] = {
		"../../etc/passwd", "CON.txt",	"a<b>:c?*\"|.txt",   "same.txt",
		"same.txt",	    ".hidden.", "tab\there\x1B.txt",
	};
	struct buf subject = { 0 };
	struct forge_message m;

	buf_str(&subject,
		"A/B\\C: what? \"yes\" <no> | * \xE2\x80\xAEtxt.exe ");
	for (unsigned i = 0; i < 40; i++)
		buf_str(&subject, "and so on ");
	m = mail("Evil/../Person", "evil@example.net", 6 * DAY,
		 buf_text(&subject));
	forge_text(&m.props, MAPI_BODY, "Mind the names.\r\n");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		mail_attach(&m, names[i], NULL, names[i], strlen(names[i]));
	m.props.bad |= subject.bad;
	buf_free(&subject);
	mailbox_add(b, in, &m);
}

static void add_rtf(struct mailbox *b, struct mailbox_folder in)
{
	struct forge_message m = mail("Anna Schmidt", "anna@example.net",
				      7 * DAY, "Only in RTF");

	forge_rtf(&m.props,
		  "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0 Arial;}}"
		  "\\pard This text is {\\b only} in RTF.\\par\r\n"
		  "Gr\\'fc\\'dfe\\par}\r\n",
		  true);
	forge_bool(&m.props, MAPI_RTF_IN_SYNC, true);
	forge_int(&m.props, MAPI_NATIVE_BODY, 2);
	mailbox_add(b, in, &m);
}

/* Nothing at all, and what folders keep for themselves. */
static void add_odd(struct mailbox *b, struct mailbox_folder in)
{
	struct forge_message m = { .no_recipients = true };

	mail_at(&m, start + 8 * DAY);
	mailbox_add(b, in, &m);

	m = (struct forge_message){ .associated = true };
	forge_text(&m.props, MAPI_MESSAGE_CLASS, "IPM.Configuration.Sample");
	forge_text(&m.props, MAPI_SUBJECT, "IPM.Configuration.Sample");
	mailbox_add(b, in, &m);
}

static void fill_inbox(struct mailbox *b)
{
	const struct mailbox_folder in = mailbox_folder(b, "Inbox", "IPF.Note");

	add_budget(b, in);
	add_reply(b, in);
	add_inline_image(b, in);
	add_attachments(b, in);
	add_embedded(b, in);
	add_japanese(b, in);
	if (!b->ansi)
		add_scripts(b, in);
	add_nasty_names(b, in);
	add_rtf(b, in);
	add_odd(b, in);
}

static void fill_others(struct mailbox *b)
{
	const struct mailbox_folder deleted = { forge_deleted(b->forge),
						"Deleted Items" };
	const struct mailbox_folder sent =
		mailbox_folder(b, "Sent Items", "IPF.Note");
	const struct mailbox_folder drafts =
		mailbox_folder(b, "Drafts", "IPF.Note");
	struct forge_message m = { 0 };

	forge_text(&m.props, MAPI_SUBJECT, "Re: Lunch");
	forge_text(&m.props, MAPI_BODY, "At noon, then.\r\n");
	mail_from(&m, me, my_x500);
	forge_text(&m.props, MAPI_SENDER_ADDRTYPE, "EX");
	forge_text(&m.props, MAPI_SENT_REPRESENTING_ADDRTYPE, "EX");
	mail_to(&m, 1, "Jane Doe", "jane@example.org");
	mail_to(&m, 3, "Lucy O'Brien", "lucy@example.org");
	mail_at(&m, start + 5 * HOUR);
	mailbox_add(b, sent, &m);

	forge_text(&m.props, MAPI_SUBJECT, "Not yet sent");
	forge_text(&m.props, MAPI_BODY, "Dear all,\r\n");
	forge_int(&m.props, MAPI_MESSAGE_FLAGS, 0x09); /* read, unsent */
	forge_time(&m.props, MAPI_CREATION_TIME, start + 6 * HOUR);
	mail_to(&m, 1, "John Roe", "john@example.org");
	mailbox_add(b, drafts, &m);

	m = mail("Peter van Dijk", "peter@example.net", -DAY, "Win a prize!");
	forge_text(&m.props, MAPI_BODY, "Not really.\r\n");
	mailbox_add(b, deleted, &m);
}

static void fill_search(struct mailbox *b, uint32_t nid)
{
	const struct forge_folder how = { .name = "For later", .search = true };
	struct forge_props row = { 0 };

	forge_text(&row, MAPI_MESSAGE_CLASS, "IPM.Note");
	forge_text(&row, MAPI_SUBJECT, "Budget review");
	forge_int(&row, MAPI_MESSAGE_FLAGS, 1);
	forge_result(b->forge,
		     forge_folder(b->forge, forge_finder(b->forge), &how), nid,
		     &row);
	forge_props_free(&row);
}

void sample_fill(struct mailbox *b)
{
	fill_inbox(b);
	fill_others(b);
	sample_calendar(b, mailbox_folder(b, "Calendar", "IPF.Appointment"),
			start);
	sample_contacts(b, mailbox_folder(b, "Contacts", "IPF.Contact"), start);
	sample_tasks(b, mailbox_folder(b, "Tasks", "IPF.Task"), start);
	sample_notes(b, mailbox_folder(b, "Notes", "IPF.StickyNote"), start);
	fill_search(b, 0x200024); /* the first message of all */
}
