#include "forge_mailbox.h"

static const char *const words[] = {
	"account",  "again",	"agreed",   "amount",	"answer",   "april",
	"attached", "balance",	"before",   "budget",	"building", "call",
	"change",   "client",	"comments", "contract", "copy",	    "customer",
	"date",	    "delivery", "details",  "draft",	"every",    "figures",
	"file",	    "friday",	"harbour",  "invoice",	"june",	    "kindly",
	"later",    "letter",	"list",	    "lunch",	"meeting",  "monday",
	"morning",  "network",	"number",   "office",	"order",    "paper",
	"payment",  "people",	"plan",	    "please",	"price",    "project",
	"question", "quarter",	"ready",    "report",	"request",  "review",
	"room",	    "schedule", "server",   "sign",	"station",  "supply",
	"team",	    "tomorrow", "travel",   "version",
};

static const char *const people[] = {
	"Jane Doe",	"John Roe",    "Maria Silva",  "Chen Wei",
	"Anna Schmidt", "Omar Haddad", "Lucy O'Brien", "Peter van Dijk",
};

enum {
	WORDS = sizeof(words) / sizeof(words[0]),
	PEOPLE = sizeof(people) / sizeof(people[0]),
	PARTS = 3,
	CSV_LINE = 64 /* bytes */
};

/* The state of the generator: xorshift, and what is kept for a message. */
struct chance {
	uint64_t state;
	uint32_t seeds[PARTS]; /* of its attachments */
	struct buf headers;    /* of its sender and recipients */
};

static uint32_t pick(struct chance *c, uint32_t below)
{
	c->state ^= c->state << 13;
	c->state ^= c->state >> 7;
	c->state ^= c->state << 17;
	return (uint32_t)((c->state >> 16) % below);
}

static void add_words(struct chance *c, struct buf *out, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (i > 0)
			buf_byte(out, ' ');
		buf_str(out, words[pick(c, WORDS)]);
	}
}

static void add_lines(struct chance *c, struct buf *out, const char *begin,
		      const char *end)
{
	for (uint32_t i = 2 + pick(c, 12); i > 0; i--) {
		buf_str(out, begin);
		add_words(c, out, 4 + pick(c, 8));
		buf_str(out, end);
	}
}

static void add_text(struct chance *c, struct forge_message *m)
{
	struct buf text = { 0 };

	add_lines(c, &text, "", ".\r\n");
	forge_text(&m->props, MAPI_BODY, buf_text(&text));
	m->props.bad |= text.bad;
	buf_free(&text);
}

/* `styled`: between what mail programs put around it. */
static void add_html(struct chance *c, struct forge_message *m, bool styled)
{
	struct buf text = { 0 };

	buf_str(&text, "<html>");
	for (unsigned i = 0; styled && i < WORDS; i++)
		buf_printf(&text,
			   "%s.%s%u { margin: 0cm; font-size: %u.0pt; "
			   "font-family: \"Calibri\", sans-serif; }\r\n",
			   i == 0 ? "<head><style>\r\n" : "", words[i], i,
			   8 + i % 4);
	buf_str(&text, styled ? "</style></head><body>\r\n" : "<body>\r\n");
	add_lines(c, &text, styled ? "<p class=\"MsoNormal\">" : "<p>",
		  "</p>\r\n");
	buf_str(&text, "</body></html>\r\n");
	forge_binary(&m->props, MAPI_HTML, text.at, text.len);
	forge_int(&m->props, MAPI_INTERNET_CODEPAGE, 65001);
	m->props.bad |= text.bad;
	buf_free(&text);
}

/* The headers of a message that came through three servers. */
static void add_headers(struct chance *c, struct forge_message *m, uint32_t i)
{
	struct buf text = { 0 };

	for (uint32_t n = 3; n > 0; n--)
		buf_printf(&text,
			   "Received: from mx%u.example.com (192.0.2.%u) by\r\n"
			   " mx%u.example.com (192.0.2.%u) with ESMTPS id "
			   "%08x;\r\n Wed, 1 Jan 2020 00:00:0%u +0000\r\n",
			   (unsigned)n + 1, (unsigned)n + 1, (unsigned)n,
			   (unsigned)n, pick(c, UINT32_MAX), 4 - (unsigned)n);
	buf_str(&text, "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; "
		       "d=example.com;\r\n s=mail; h=from:to:subject; b=");
	for (uint32_t n = 0; n < 32; n++)
		buf_printf(&text, "%s%08x", n % 8 == 0 ? "\r\n " : "",
			   pick(c, UINT32_MAX));
	buf_str(&text, "\r\n");
	buf_add(&text, c->headers.at, c->headers.len);
	buf_printf(&text,
		   "Message-ID: <%u.transport@example.com>\r\n"
		   "MIME-Version: 1.0\r\n"
		   "Content-Type: multipart/mixed; boundary=\"=_%08x\"\r\n"
		   "X-Mailer: Example Mailer 16.0\r\n\r\n",
		   (unsigned)i + 1, pick(c, UINT32_MAX));
	forge_text(&m->props, MAPI_TRANSPORT_MESSAGE_HEADERS, buf_text(&text));
	m->props.bad |= text.bad || c->headers.bad;
	buf_free(&text);
}

/* Lines of a table of figures, which deflate to about a third. */
static bool read_csv(void *arg, uint64_t off, void *buf, size_t len)
{
	uint32_t seed;
	char *out = buf;

	memcpy(&seed, arg, sizeof(seed));
	while (len > 0) {
		const uint64_t n = off / CSV_LINE + seed;
		const uint64_t hash = n * UINT64_C(0x9E3779B97F4A7C15);
		const size_t skip = (size_t)(off % CSV_LINE);
		const size_t take =
			len < CSV_LINE - skip ? len : CSV_LINE - skip;
		char line[CSV_LINE + 1];

		snprintf(line, sizeof(line), "%012u;%-21s;%-17s;%08x;\r\n",
			 (unsigned)(n & UINT32_MAX), people[hash >> 61],
			 words[hash >> 32 & (WORDS - 1)],
			 (unsigned)(hash >> 8 & UINT32_MAX));
		memcpy(out, line + skip, take);
		out += take;
		off += take;
		len -= take;
	}
	return true;
}

static void add_attachment(struct chance *c, struct forge_message *m,
			   uint32_t number, uint64_t size)
{
	char name[64];

	c->seeds[number] = pick(c, UINT32_MAX);

	const bool csv = c->seeds[number] % 3 == 0;
	snprintf(name, sizeof(name), "%s %u.%s", words[pick(c, WORDS)],
		 (unsigned)number + 1, csv ? "csv" : "bin");

	struct forge_attachment *a = mail_attach(
		m, name, csv ? "text/csv" : "application/octet-stream", NULL,
		0);
	if (a != NULL)
		forge_stream(&a->props, MAPI_ATTACH_DATA, MAPI_BINARY, size,
			     csv ? read_csv : forge_noise, &c->seeds[number]);
}

/* Small ones more often than large ones. */
static void add_attachments(struct chance *c, struct forge_message *m,
			    uint64_t max)
{
	for (uint32_t count = 1 + pick(c, PARTS), i = 0; i < count; i++) {
		const uint64_t limit = max >> pick(c, 8);

		add_attachment(c, m, i,
			       limit == 0 ? 1
					  : 1 + (uint64_t)pick(c, UINT32_MAX) %
							    limit);
	}
}

/*
 * Everyone has an X.500 name in place of an address. Who has an even number
 * is a recipient at times, with both; of the others nobody knows an address.
 */
static void add_colleague(struct chance *c, struct forge_message *m,
			  uint32_t type)
{
	enum { COLLEAGUES = 1000 };
	const uint32_t number =
		pick(c, COLLEAGUES / 2) * 2 + (type == 0 ? pick(c, 2) : 0);
	const char *name = people[number % PEOPLE];
	char dn[96], address[64];

	snprintf(dn, sizeof(dn),
		 "/o=Example/ou=First/cn=Recipients/cn=person%u",
		 (unsigned)number);
	snprintf(address, sizeof(address), "person%u@example.com",
		 (unsigned)number);
	if (type == 0) {
		mail_from(m, name, dn);
		forge_text(&m->props, MAPI_SENDER_ADDRTYPE, "EX");
		forge_text(&m->props, MAPI_SENT_REPRESENTING_ADDRTYPE, "EX");
		return;
	}

	struct forge_props *p = mail_to(m, type, name, dn);
	forge_text(p, MAPI_ADDRTYPE, "EX");
	forge_text(p, MAPI_SMTP_ADDRESS, address);
}

static void add_person(struct chance *c, struct forge_message *m, uint32_t type)
{
	static const char *const fields[] = { "From", "To", "Cc" };
	const char *name = people[pick(c, PEOPLE)];
	char address[64];
	size_t len = 0;

	for (const char *s = name; *s != '\0' && len < 32; s++)
		if ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z'))
			address[len++] = (char)(*s | 0x20);
	snprintf(address + len, sizeof(address) - len, "@example.com");
	buf_printf(&c->headers, "%s: %s <%s>\r\n", fields[type], name, address);
	if (type == 0)
		mail_from(m, name, address);
	else
		mail_to(m, type, name, address);
}

static void add_one(struct mailbox *b, const struct bulk *how,
		    struct mailbox_folder folder, struct chance *c, uint32_t i)
{
	struct forge_message m = { 0 };
	struct buf text = { 0 };

	buf_cut(&c->headers, 0);
	buf_printf(&text, "%u ", (unsigned)i + 1);
	add_words(c, &text, 2 + pick(c, 6));
	if (how->unnamed) {
		buf_str(&text, " Привет, мир");
		forge_text8(&m.props, MAPI_SUBJECT, "CP1251", buf_text(&text));
	} else {
		forge_text(&m.props, MAPI_SUBJECT, buf_text(&text));
	}
	buf_cut(&text, 0);
	buf_printf(&text, "<%u.%u@example.com>", (unsigned)i + 1,
		   (unsigned)how->seed);
	forge_text(&m.props, MAPI_MESSAGE_CLASS, "IPM.Note");
	forge_text(&m.props, MAPI_INTERNET_MESSAGE_ID, buf_text(&text));
	m.props.bad |= text.bad;
	buf_free(&text);
	mail_at(&m, INT64_C(1577836800) + (int64_t)i * 600);
	(how->exchange ? add_colleague : add_person)(c, &m, 0);
	for (uint32_t n = 1 + pick(c, 3); n > 0; n--)
		(how->exchange ? add_colleague : add_person)(c, &m,
							     n > 2 ? 2 : 1);
	if (how->internet) {
		add_headers(c, &m, i);
		add_text(c, &m);
		add_html(c, &m, true);
	} else if (pick(c, 5) == 0) {
		add_html(c, &m, false);
	} else {
		add_text(c, &m);
	}
	if (how->attachment_max > 0 && i == how->messages / 2)
		add_attachment(c, &m, 0, how->attachment_max);
	else if (how->attachment_max > 0 && pick(c, 4) == 0)
		add_attachments(c, &m, how->attachment_max);
	mailbox_add(b, folder, &m);
}

void bulk_fill(struct mailbox *b, const struct bulk *how)
{
	const uint32_t folders = how->folders == 0 ? 1 : how->folders;
	struct chance c = {
		.state = (how->seed + UINT64_C(1)) *
			 UINT64_C(0x9E3779B97F4A7C15),
	};
	uint32_t done = 0;

	for (uint32_t i = 0; i < folders; i++) {
		const uint32_t upto =
			(uint32_t)((uint64_t)how->messages * (i + 1) / folders);
		char name[32];

		snprintf(name, sizeof(name), i == 0 ? "Inbox" : "Folder %u",
			 (unsigned)i + 1);

		const struct mailbox_folder folder = {
			forge_folder_named(b->forge, forge_ipm(b->forge), name),
			name,
		};
		for (; done < upto; done++)
			add_one(b, how, folder, &c, done);
	}
	buf_free(&c.headers);
}
