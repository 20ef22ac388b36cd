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
	PARTS = 3
};

/* The state of the generator: xorshift, and noise for attachments. */
struct chance {
	uint64_t state;
	uint32_t seeds[PARTS]; /* of the noise in one message */
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

static void add_body(struct chance *c, struct forge_message *m, bool html)
{
	const uint32_t lines = 2 + pick(c, 12);
	struct buf text = { 0 };

	if (html)
		buf_str(&text, "<html><body>\r\n");
	for (uint32_t i = 0; i < lines; i++) {
		buf_str(&text, html ? "<p>" : "");
		add_words(c, &text, 4 + pick(c, 8));
		buf_str(&text, html ? "</p>\r\n" : ".\r\n");
	}
	if (html) {
		buf_str(&text, "</body></html>\r\n");
		forge_binary(&m->props, MAPI_HTML, text.at, text.len);
		forge_int(&m->props, MAPI_INTERNET_CODEPAGE, 65001);
	} else {
		forge_text(&m->props, MAPI_BODY, buf_text(&text));
	}
	m->props.bad |= text.bad;
	buf_free(&text);
}

/* Small ones more often than large ones. */
static void add_attachments(struct chance *c, struct forge_message *m,
			    uint64_t most)
{
	const uint32_t count = 1 + pick(c, PARTS);

	for (uint32_t i = 0; i < count; i++) {
		const uint64_t limit = most >> pick(c, 8);
		const uint64_t size =
			limit == 0 ? 1
				   : 1 + (uint64_t)pick(c, UINT32_MAX) % limit;
		char name[64];

		snprintf(name, sizeof(name), "%s %u.bin", words[pick(c, WORDS)],
			 (unsigned)i + 1);
		c->seeds[i] = pick(c, UINT32_MAX);

		struct forge_attachment *a = mail_attach(
			m, name, "application/octet-stream", NULL, 0);
		if (a != NULL)
			forge_stream(&a->props, MAPI_ATTACH_DATA, MAPI_BINARY,
				     size, forge_noise, &c->seeds[i]);
	}
}

static void add_person(struct chance *c, struct forge_message *m, uint32_t type)
{
	const char *name = people[pick(c, PEOPLE)];
	char address[64];
	size_t len = 0;

	for (const char *s = name; *s != '\0' && len < 32; s++)
		if ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z'))
			address[len++] = (char)(*s | 0x20);
	snprintf(address + len, sizeof(address) - len, "@example.com");
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

	buf_printf(&text, "%u ", (unsigned)i + 1);
	add_words(c, &text, 2 + pick(c, 6));
	forge_text(&m.props, MAPI_SUBJECT, buf_text(&text));
	buf_cut(&text, 0);
	buf_printf(&text, "<%u.%u@example.com>", (unsigned)i + 1,
		   (unsigned)how->seed);
	forge_text(&m.props, MAPI_MESSAGE_CLASS, "IPM.Note");
	forge_text(&m.props, MAPI_INTERNET_MESSAGE_ID, buf_text(&text));
	m.props.bad |= text.bad;
	buf_free(&text);
	mail_at(&m, INT64_C(1577836800) + (int64_t)i * 600);
	add_person(c, &m, 0);
	for (uint32_t n = 1 + pick(c, 3); n > 0; n--)
		add_person(c, &m, n > 2 ? 2 : 1);
	add_body(c, &m, pick(c, 5) == 0);
	if (how->attachment_most > 0 && pick(c, 4) == 0)
		add_attachments(c, &m, how->attachment_most);
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
}
