#include "forge_mailbox.h"

/*
 * A mailbox as a company has many of: whose it is stands in its mail, its
 * folders are known by EntryIDs and not by names, and its server has given a
 * number to each item, so that two caches of it are told to be of one.
 */

/* Friday 1 March 2024, 08:00 UTC; an hour later each. */
static const int64_t start = INT64_C(1709280000);

enum { HOUR = 3600, ENTRY_ID = 46, PTYP_GUID = 0x48, COUNTER = 0x1000 };

struct company {
	struct mailbox *b;
	const char *who;
	uint8_t guid[16];
};

static const struct role_name {
	const char *english, *german, *container;
	uint32_t nid;	/* 0: no fixed one */
	uint16_t entry; /* where the Inbox has its EntryID; 0: it has not */
} roles[] = {
	{ "Sent Items", "Gesendete Elemente", "IPF.Note", 0x21C2, 0 },
	{ "Outbox", "Postausgang", "IPF.Note", 0x21A2, 0 },
	{ "Drafts", "Entw\xC3\xBCrfe", "IPF.Note", 0, 0x36D7 },
	{ "Calendar", "Kalender", "IPF.Appointment", 0, 0x36D0 },
	{ "Contacts", "Kontakte", "IPF.Contact", 0, 0x36D1 },
	{ "Tasks", "Aufgaben", "IPF.Task", 0, 0x36D4 },
};

enum { SENT, OUTBOX, DRAFTS, CALENDAR, CONTACTS, TASKS, ROLES };

/* [MS-OXCDATA] 2.2.4.1 */
static void put_entry_id(const struct company *c, struct forge_props *p,
			 uint16_t id, uint32_t counter)
{
	uint8_t bytes[ENTRY_ID] = { 0 };

	memcpy(bytes + 4, c->guid, 16);
	bytes[20] = 1;
	memcpy(bytes + 22, c->guid, 16);
	bytes[38] = (uint8_t)(counter >> 16);
	bytes[39] = (uint8_t)(counter >> 8);
	bytes[40] = (uint8_t)counter;
	forge_binary(p, id, bytes, sizeof(bytes));
}

static void name_of(const char *who, char *out, size_t room)
{
	snprintf(out, room, "%s Example", who);
	out[0] = (char)(out[0] - ('a' <= out[0] && out[0] <= 'z' ? 32 : 0));
}

static void address_of(const char *who, char *out, size_t room)
{
	snprintf(out, room, "%s@corp.example", who);
}

/* A mail in one of four states; every other one has a Message-ID. */
static void add_mail(struct company *c, struct mailbox_folder in,
		     const char *from, const char *to, uint32_t i)
{
	static const uint32_t flags[] = { 0, 1, 1, 1 };
	struct forge_message m = { 0 };
	char name[80], address[80], text[120];

	snprintf(text, sizeof(text), "%s to %s, number %u", from, to,
		 (unsigned)i + 1);
	forge_text(&m.props, MAPI_SUBJECT, text);
	forge_text(&m.props, MAPI_BODY, "With kind regards\r\n");
	if (i % 2 == 0) {
		snprintf(text, sizeof(text), "<%s.%s.%u@corp.example>", from,
			 to, (unsigned)i);
		forge_text(&m.props, MAPI_INTERNET_MESSAGE_ID, text);
	}
	address_of(from, address, sizeof(address));
	name_of(from, name, sizeof(name));
	mail_from(&m, name, address);
	forge_text(&m.props, MAPI_SENT_REPRESENTING_SMTP, address);
	address_of(to, address, sizeof(address));
	name_of(to, name, sizeof(name));
	mail_to(&m, 1, name, address);
	if (strcmp(from, c->who) != 0) {
		forge_text(&m.props, MAPI_RECEIVED_BY_NAME, name);
		forge_text(&m.props, MAPI_RECEIVED_BY_SMTP, address);
	}
	forge_int(&m.props, MAPI_MESSAGE_FLAGS, flags[i % 4]);
	if (i % 4 == 2)
		forge_int(&m.props, MAPI_LAST_VERB_EXECUTED, 102);
	if (i % 4 == 3)
		forge_int(&m.props, MAPI_FLAG_STATUS, 2);
	mail_at(&m, start + (int64_t)i * HOUR);
	mailbox_add(c->b, in, &m);
}

static struct mailbox_folder folder(struct company *c, uint32_t parent,
				    uint32_t nid, const char *name,
				    const char *container,
				    struct forge_props *props)
{
	const struct forge_folder how = {
		.name = name, .container = container, .nid = nid, .props = props
	};

	return (struct mailbox_folder){ forge_folder(c->b->forge, parent, &how),
					name };
}

/* Between the numbers of one folder's items and the next's: a cache with more
 * in the Inbox has the same of what was sent. */
enum { APART = 100000 };

/* What a user has of others: info@, of which there is an Inbox. */
static void add_shared(struct company *c, const char *shared)
{
	const struct mailbox_folder data = folder(
		c, 0x20A2, MAPI_NID_OST_SHARED, "Shared Data", NULL, NULL);
	const struct mailbox_folder top =
		folder(c, data.nid, 0, shared, NULL, NULL);
	const struct mailbox_folder in =
		folder(c, top.nid, 0, "Inbox", "IPF.Note", NULL);

	c->b->numbered = COUNTER + 2 * APART;
	for (uint32_t i = 0; i < 3; i++)
		add_mail(c, in, "customer", shared, i);
}

static void add_items(struct company *c, const struct mailbox_folder *in,
		      struct mailbox_folder inbox, uint32_t messages)
{
	c->b->numbered = COUNTER;
	for (uint32_t i = 0; i < messages; i++)
		add_mail(c, inbox, i % 3 == 0 ? "zoe" : "yuri", c->who, i);
	c->b->numbered = COUNTER + APART;
	for (uint32_t i = 0; i < 3; i++)
		add_mail(c, in[SENT], c->who, "zoe", i);
	sample_calendar(c->b, in[CALENDAR], start);
	sample_contacts(c->b, in[CONTACTS], start);
	sample_tasks(c->b, in[TASKS], start);
}

void company_fill(struct mailbox *b, const struct company_mailbox *how)
{
	struct company c = { .b = b, .who = how->owner };
	struct mailbox_folder in[ROLES], inbox;
	struct forge_props p = { 0 }, own;
	uint32_t seed = 0;
	const uint32_t ipm = forge_ipm(b->forge);

	for (const char *at = how->owner; *at != '\0'; at++)
		seed = seed * 31 + (uint8_t)*at;
	forge_noise(&seed, 0, c.guid, sizeof(c.guid));
	forge_raw(forge_store_props(b->forge), MAPI_MAILBOX_GUID, PTYP_GUID,
		  c.guid, sizeof(c.guid));
	for (uint32_t i = 0; i < ROLES; i++) {
		const struct role_name *r = &roles[i];

		own = (struct forge_props){ 0 };
		if (r->entry != 0) {
			mail_numbered(&own, i + 1);
			put_entry_id(&c, &p, r->entry, i + 1);
		}
		in[i] = folder(&c, ipm, r->nid,
			       how->german ? r->german : r->english,
			       r->container, &own);
		forge_props_free(&own);
	}
	inbox = folder(&c, ipm, 0x2182, how->german ? "Posteingang" : "Inbox",
		       "IPF.Note", &p);
	forge_props_free(&p);
	add_items(&c, in, inbox, how->messages);
	if (how->shared != NULL)
		add_shared(&c, how->shared);
}
