/* test_identity.c - whose a store is, and what its folders are for */
#include <stdlib.h>

#include "check.h"
#include "fake.h"
#include "store/backend.h"
#include "store/identity.h"

enum { TOP = 0x2142, INBOX = 0x2182, SENT = 0x21C2, CALENDAR = 0x8022 };
enum { DRAFTS = 0x8042, JUNK = 0x8062, SHARED = 0x2242, INFO = 0x8082 };
enum { INFO_INBOX = 0x80A2, INFO_DRAFTS = 0x80C2 };

static const uint8_t alice[16] = { 0xC5, 0x3B, 0x4F, 0xD3, 1 };
static const uint8_t info[16] = { 0xAC, 0x7C, 0x92, 0x8A, 2 };

static struct store *store;
static uint32_t next_nid;

/* The number on the server of the folder with this counter, in replica 1. */
static uint64_t number_of(uint64_t counter)
{
	return counter << 16 | 1;
}

static struct buf entryid(const uint8_t guid[16], uint64_t counter)
{
	struct buf id = { 0 };
	const uint8_t replica[16] = { 0x15, 0x85 };

	buf_add(&id, "\0\0\0\0", 4);
	buf_add(&id, guid, 16);
	buf_add(&id, "\1\0", 2);
	buf_add(&id, replica, 16);
	for (unsigned i = 0; i < 6; i++)
		buf_byte(&id, (char)(counter >> 8 * i));
	buf_add(&id, "\0\0", 2);
	return id;
}

static void point(struct fake *o, uint16_t prop, struct buf id)
{
	fake_bytes(o, prop, MAPI_BINARY, id.at, id.len);
	buf_free(&id);
}

static struct fake *folder(uint32_t nid, uint32_t parent, const char *name,
			   uint64_t counter)
{
	struct fake *f = fake_add(store, nid, parent);

	fake_text(f, MAPI_DISPLAY_NAME, name);
	if (counter != 0)
		fake_number(f, MAPI_SERVER_ID, MAPI_INTEGER64,
			    number_of(counter));
	return f;
}

/* A mail in `folder` that `address` received, or sent. */
static struct fake *mail(uint32_t folder, const char *address)
{
	struct fake *m = fake_add(store, next_nid, folder);
	const bool sent = folder == SENT;

	next_nid += 0x20;
	fake_text(m, sent ? MAPI_SENT_REPRESENTING_SMTP : MAPI_RECEIVED_BY_SMTP,
		  address);
	fake_text(m, sent ? MAPI_SENT_REPRESENTING_NAME : MAPI_RECEIVED_BY_NAME,
		  "Alice Archer");
	return m;
}

/* An .ost of an Outlook that speaks the language of `names`. */
static struct fake *new_ost(const char *const names[5])
{
	struct fake *inbox;

	store_close(store);
	store = fake_store_new();
	next_nid = 0x200024;
	fake_bytes(fake_again(store, MAPI_NID_STORE), MAPI_MAILBOX_GUID,
		   MAPI_GUID, alice, sizeof(alice));
	fake_add(store, MAPI_NID_ROOT_FOLDER, 0);
	folder(TOP, MAPI_NID_ROOT_FOLDER, "IPM_SUBTREE", 10);
	inbox = folder(INBOX, TOP, names[0], 12);
	folder(SENT, TOP, names[1], 14);
	folder(CALENDAR, TOP, names[2], 17);
	folder(DRAFTS, TOP, names[3], 19);
	folder(JUNK, TOP, names[4], 23);
	point(inbox, 0x36D0, entryid(alice, 17));
	point(inbox, 0x36D7, entryid(alice, 19));
	return inbox;
}

static const char *const english[] = { "Inbox", "Sent Items", "Calendar",
				       "Drafts", "Junk Email" };
static const char *const german[] = { "Posteingang", "Gesendete Elemente",
				      "Kalender", "Entwürfe", "Junk-E-Mail" };
static const char *const japanese[] = { "受信トレイ", "送信済みアイテム",
					"予定表", "下書き", "迷惑メール" };

static const struct store_identity *identity(void)
{
	const struct store_identity *i = NULL;
	struct ost_error err;

	CHECK(store_identity(store, &i, &err) == OST_OK && i != NULL);
	if (i == NULL)
		abort();
	return i;
}

static void gives_roles_in_any_language(void)
{
	const char *const *const languages[] = { english, german, japanese };

	for (size_t n = 0; n < 3; n++) {
		const struct store_identity *i;

		new_ost(languages[n]);
		i = identity();
		CHECK(store_identity_role(i, TOP) == ROLE_TOP);
		CHECK(store_identity_role(i, INBOX) == ROLE_INBOX);
		CHECK(store_identity_role(i, SENT) == ROLE_SENT);
		CHECK(store_identity_role(i, CALENDAR) == ROLE_CALENDAR);
		CHECK(store_identity_role(i, DRAFTS) == ROLE_DRAFTS);
		CHECK(store_identity_role(i, JUNK) == ROLE_NONE);
		CHECK_STR(store_role_name(ROLE_SENT), "sent");
		CHECK(i->count == 1 && i->mailboxes[0].has_guid);
	}
}

static void believes_no_entry_id_that_may_be_wrong(void)
{
	static const struct {
		const char *why;
		const uint8_t *guid;
		uint64_t counter;
		size_t cut; /* bytes off its end */
	} bad[] = {
		{ "of another mailbox", info, 23, 0 },
		{ "cut short", alice, 23, 1 },
		{ "cut off", alice, 23, 40 },
		{ "of nothing", alice, 99, 0 },
		{ "of the Inbox itself", alice, 12, 0 },
		{ "of what the Inbox is in", alice, 10, 0 },
		{ "of a folder with a role", alice, 14, 0 },
		{ "of number 0", alice, 0, 0 },
	};

	for (size_t n = 0; n < sizeof(bad) / sizeof(bad[0]); n++) {
		struct fake *inbox = new_ost(english);
		struct buf id = entryid(bad[n].guid, bad[n].counter);
		const struct store_identity *i;

		buf_cut(&id, id.len - bad[n].cut);
		point(inbox, 0x36D4, id);
		i = identity();
		if (i->mailboxes[0].folders[ROLE_TASKS] != 0)
			fprintf(stderr, "believed one %s\n", bad[n].why);
		CHECK(i->mailboxes[0].folders[ROLE_TASKS] == 0);
		CHECK(store_identity_role(i, INBOX) == ROLE_INBOX);
		CHECK(store_identity_role(i, SENT) == ROLE_SENT);
	}
}

static void chooses_neither_of_two_folders_with_a_number(void)
{
	struct fake *inbox = new_ost(english);

	folder(0x8202, TOP, "One", 77);
	folder(0x8222, TOP, "Two", 77);
	point(inbox, 0x36D4, entryid(alice, 77));
	CHECK(identity()->mailboxes[0].folders[ROLE_TASKS] == 0);
}

static void elects_the_owner_by_the_mail(void)
{
	static const struct {
		unsigned alice, bob; /* votes */
		const char *owner;
	} cases[] = {
		{ 0, 0, "" },
		{ 1, 0, "" }, /* one is none */
		{ 2, 0, "alice@corp.example" },
		{ 6, 4, "alice@corp.example" },
		{ 5, 4, "" }, /* 56 % */
		{ 2, 2, "" },
	};

	for (size_t n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
		const struct store_person *p;

		new_ost(english);
		for (unsigned i = 0; i < cases[n].alice; i++)
			mail(i % 2 == 0 ? INBOX : SENT, "Alice@Corp.example");
		for (unsigned i = 0; i < cases[n].bob; i++)
			mail(INBOX, "bob@corp.example");
		p = &identity()->mailboxes[0].owner;
		CHECK_STR(p->address, cases[n].owner);
		CHECK_STR(p->name,
			  *cases[n].owner != '\0' ? "Alice Archer" : "");
		CHECK(p->of == cases[n].alice + cases[n].bob);
	}
}

/* A new mailbox has one mail, and a greeting that nobody received. */
static void believes_one_mail_that_another_bears_out(void)
{
	static const struct {
		const char *changed_by, *owner;
	} cases[] = {
		{ "Alice@corp.example", "alice@corp.example" },
		{ "bob@corp.example", "" },
		{ "", "" },
	};

	for (size_t n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
		const struct store_person *p;

		new_ost(english);
		mail(INBOX, "alice@corp.example");
		fake_text(mail(INBOX, ""), MAPI_MODIFIER_SMTP,
			  cases[n].changed_by);
		p = &identity()->mailboxes[0].owner;
		CHECK_STR(p->address, cases[n].owner);
		CHECK(p->of == 1);
	}
}

static void asks_a_hundred_items_at_most(void)
{
	new_ost(english);
	for (unsigned i = 0; i < 60; i++) {
		mail(INBOX, "alice@corp.example");
		mail(SENT, "alice@corp.example");
	}
	CHECK(identity()->mailboxes[0].owner.of == 100);
}

static void takes_what_is_no_address_for_no_vote(void)
{
	static const char *const bad[] = { "",	     "alice",	"@corp",
					   "a@b@c",  "a b@c.d", "a<b@c.d",
					   "a\n@b.c" };

	new_ost(english);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		mail(INBOX, bad[i]);
	CHECK(identity()->mailboxes[0].owner.of == 0);
}

static void knows_two_caches_of_one_mailbox(void)
{
	struct buf guids[2] = { { 0 }, { 0 } };

	for (size_t n = 0; n < 2; n++) {
		new_ost(n == 0 ? english : german);
		store_guid_text(identity()->mailboxes[0].guid, &guids[n]);
	}
	CHECK_STR(buf_text(&guids[0]), buf_text(&guids[1]));
	CHECK_STR(buf_text(&guids[0]), "d34f3bc5-0001-0000-0000-000000000000");
	buf_free(&guids[0]);
	buf_free(&guids[1]);
}

static void finds_the_mailboxes_of_others(void)
{
	const struct store_identity *i;
	struct fake *inbox;

	new_ost(english);
	folder(SHARED, MAPI_NID_ROOT_FOLDER, "Shared Data", 0);
	folder(INFO, SHARED, "Info", 1);
	inbox = folder(INFO_INBOX, INFO, "Inbox", 13);
	folder(INFO_DRAFTS, INFO, "Drafts", 19);
	point(inbox, 0x36D7, entryid(info, 19));
	mail(INFO_INBOX, "info@corp.example");
	mail(INFO_INBOX, "info@corp.example");
	i = identity();
	CHECK(i->count == 2);
	CHECK(i->mailboxes[1].top == INFO);
	CHECK(memcmp(i->mailboxes[1].guid, info, 16) == 0);
	CHECK(store_identity_role(i, INFO_INBOX) == ROLE_INBOX);
	CHECK(store_identity_role(i, INFO_DRAFTS) == ROLE_DRAFTS);
	CHECK_STR(i->mailboxes[1].owner.address, "info@corp.example");
	CHECK(i->mailboxes[0].folders[ROLE_DRAFTS] == DRAFTS);
}

/* An entry id of a .pst: the key of the store, and a NID. */
static void point_pst(struct fake *o, uint16_t prop, const uint8_t key[16],
		      uint32_t nid)
{
	uint8_t id[24] = { 0 };

	memcpy(id + 4, key, 16);
	for (unsigned i = 0; i < 4; i++)
		id[20 + i] = (uint8_t)(nid >> 8 * i);
	fake_bytes(o, prop, MAPI_BINARY, id, sizeof(id));
}

static void gives_roles_in_a_pst(void)
{
	const struct store_identity *i;
	struct fake *top;

	store_close(store);
	store = fake_store_new();
	memcpy(store->core->info.kind, "pst", 4);
	top = fake_again(store, MAPI_NID_STORE);
	fake_bytes(top, MAPI_RECORD_KEY, MAPI_BINARY, alice, 16);
	fake_add(store, MAPI_NID_ROOT_FOLDER, 0);
	folder(0x8022, MAPI_NID_ROOT_FOLDER, "Top", 0);
	folder(0x8042, 0x8022, "Boîte de réception", 0);
	folder(0x8062, 0x8022, "Envoyés", 0);
	fake_text(folder(0x8082, 0x8022, "Agenda", 0), MAPI_CONTAINER_CLASS,
		  "IPF.Appointment");
	fake_text(folder(0x80A2, 0x8022, "A", 0), MAPI_CONTAINER_CLASS,
		  "IPF.Contact");
	fake_text(folder(0x80C2, 0x8022, "B", 0), MAPI_CONTAINER_CLASS,
		  "IPF.Contact");
	point_pst(top, MAPI_IPM_SUBTREE_ENTRYID, alice, 0x8022);
	point_pst(top, MAPI_IPM_SENTMAIL_ENTRYID, alice, 0x8062);
	point_pst(top, MAPI_IPM_OUTBOX_ENTRYID, info, 0x8082);
	i = identity();
	CHECK(store_identity_role(i, 0x8022) == ROLE_TOP);
	CHECK(store_identity_role(i, 0x8042) == ROLE_INBOX);
	CHECK(store_identity_role(i, 0x8062) == ROLE_SENT);
	CHECK(store_identity_role(i, 0x8082) == ROLE_CALENDAR);
	CHECK(i->mailboxes[0].folders[ROLE_OUTBOX] == 0);
	CHECK(i->mailboxes[0].folders[ROLE_CONTACTS] == 0); /* which? */
}

static void finds_the_address_in_the_name_of_a_file(void)
{
	static const struct {
		const char *path, *address;
	} cases[] = {
		{ "/x@y/alice@example.com.ost", "alice@example.com" },
		{ "alice@example.com - Profile.ost", "alice@example.com" },
		{ "/srv/outlook.ost", "" },
		{ "archive.pst", "" },
		{ "@.ost", "" },
		{ "", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct span s = store_file_address(cases[i].path);
		struct buf text = { 0 };

		buf_add(&text, s.at, s.len);
		CHECK_STR(buf_text(&text), cases[i].address);
		buf_free(&text);
	}
}

int main(void)
{
	RUN(gives_roles_in_any_language);
	RUN(believes_no_entry_id_that_may_be_wrong);
	RUN(chooses_neither_of_two_folders_with_a_number);
	RUN(elects_the_owner_by_the_mail);
	RUN(believes_one_mail_that_another_bears_out);
	RUN(asks_a_hundred_items_at_most);
	RUN(takes_what_is_no_address_for_no_vote);
	RUN(knows_two_caches_of_one_mailbox);
	RUN(finds_the_mailboxes_of_others);
	RUN(gives_roles_in_a_pst);
	RUN(finds_the_address_in_the_name_of_a_file);
	store_close(store);
	return checked();
}
