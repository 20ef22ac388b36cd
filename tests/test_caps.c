/*
 * test_caps.c - A4: a cap is never the end of a list
 *
 * Of each list that is read no further than a cap, as many as that are no
 * loss, and one more is told. What is there below the cap is there with one
 * more, too.
 */
#include "audit/ledger.h"
#include "fake.h"
#include "ledgerkit.h"
#include "mail/address/address.h"
#include "mail/address/directory.h"
#include "mail/address/recipients.h"
#include "mail/attach/attach.h"
#include "mail/calendar/ical_parts.h"
#include "mail/mail.h"
#include "mail/text/value.h"
#include "store/backend.h"
#include "store/identity.h"
#include "store/limits.h"

enum { TOP = MAPI_NID_ROOT_FOLDER, INBOX = 0x8042, MESSAGE = 0x200024 };

/* What one more than a cap comes to. */
struct told {
	bool loss;
	size_t there;
};

static struct fake *add_folder(struct store *s, uint32_t nid, uint32_t parent,
			       const char *name)
{
	struct fake *o = fake_add(s, nid, parent);

	fake_text(o, MAPI_DISPLAY_NAME, name);
	return o;
}

/* An item in a mailbox of its own. */
struct one {
	struct store *store;
	struct fake *inbox, *item;
};

static struct one make_one(const char *class)
{
	struct one o = { .store = fake_store_new() };

	(void)add_folder(o.store, TOP, 0, "");
	o.inbox = add_folder(o.store, INBOX, TOP, "Inbox");
	o.item = fake_add(o.store, MESSAGE, INBOX);
	fake_text(o.item, MAPI_MESSAGE_CLASS, class);
	fake_text(o.item, MAPI_SUBJECT, "Many");
	return o;
}

static size_t count_in(const struct buf *text, const char *what)
{
	size_t count = 0;

	for (const char *p = buf_text(text); (p = strstr(p, what)) != NULL;
	     p += strlen(what))
		count++;
	return count;
}

static bool says(const struct buf *text, const char *what)
{
	return strstr(buf_text(text), what) != NULL;
}

static void no_notes(struct notes *n)
{
	*n = (struct notes){ 0 };
}

static struct told recipients(size_t count)
{
	struct one o = make_one("IPM.Note");
	struct store_object *item = fake_open(o.item);
	struct recipients all = { 0 };
	struct ost_error err;
	struct notes notes;
	struct told told;

	no_notes(&notes);
	for (size_t i = 0; i < count; i++)
		fake_text(fake_recipient(o.item), MAPI_SMTP_ADDRESS, "a@b.c");
	CHECK(recipients_read(&all, item, &notes, &err) == OST_OK);
	told = (struct told){ note_has(&notes, NOTE_RECIPIENTS_CORRUPT),
			      all.count };
	recipients_free(&all);
	store_drop(item);
	store_close(o.store);
	return told;
}

/* One that cannot be read stands where the cap is. */
static struct told recipients_past_a_lost_one(size_t count)
{
	struct one o = make_one("IPM.Note");
	struct store_object *item = fake_open(o.item);
	struct recipients all = { 0 };
	struct ost_error err;
	struct notes notes;
	struct told told;

	no_notes(&notes);
	for (size_t i = 0; i < count; i++) {
		if (i == LIMIT_RECIPIENTS)
			fake_lost_child(o.item, STORE_RECIPIENTS);
		fake_text(fake_recipient(o.item), MAPI_SMTP_ADDRESS, "a@b.c");
	}
	CHECK(recipients_read(&all, item, &notes, &err) == OST_OK);
	told = (struct told){ note_has(&notes, NOTE_RECIPIENTS_CORRUPT),
			      all.count };
	recipients_free(&all);
	store_drop(item);
	store_close(o.store);
	return told;
}

static struct told attachments(size_t count)
{
	struct one o = make_one("IPM.Note");
	struct store_object *item = fake_open(o.item);
	struct attach_list list = { 0 };
	struct ost_error err;
	struct notes notes;
	struct told told;

	no_notes(&notes);
	for (size_t i = 0; i < count; i++)
		fake_number(fake_attachment(o.item), MAPI_ATTACH_METHOD,
			    MAPI_INTEGER32, MAPI_ATTACH_BY_VALUE);
	CHECK(attach_list_open(&list, item, &notes, &err) == OST_OK);
	told = (struct told){ note_has(&notes, NOTE_ATTACH_CORRUPT),
			      list.count };
	attach_list_close(&list);
	store_drop(item);
	store_close(o.store);
	return told;
}

/* `count` values "~" in a property, and the item as a file. */
static struct told values(const char *class, const char *name, size_t count)
{
	struct one o = make_one(class);
	const char **all = calloc(count, sizeof(*all));
	struct buf bytes = { 0 };
	struct mail *mail = NULL;
	struct ost_error err;
	struct told told;
	size_t got = 0;

	for (size_t i = 0; i < count; i++)
		all[i] = "~";
	fake_multi(o.item,
		   fake_name(o.store, value_guid(SET_PUBLIC_STRINGS), 0, name),
		   all, count);
	CHECK(mail_plan(&mail, fake_open(o.item), NULL, &err) == OST_OK);
	CHECK(mail_read(mail, 0, buf_more(&bytes, 1 << 20), 1 << 20, &got,
			&err) == OST_OK);
	buf_cut(&bytes, got);
	told = (struct told){ strstr(mail_notes(mail), "prop-corrupt") != NULL,
			      count_in(&bytes, "~") };
	mail_free(mail);
	buf_free(&bytes);
	free(all);
	store_close(o.store);
	return told;
}

static struct told card_categories(size_t count)
{
	return values("IPM.Contact", "Keywords", count);
}

static struct told event_categories(size_t count)
{
	return values("IPM.Appointment", "Keywords", count);
}

static struct told mail_categories(size_t count)
{
	struct told told = values("IPM.Note", "Keywords", count);

	told.there /= 2; /* in Keywords, and in X-Keywords */
	return told;
}

/* Of an item that says most of it in properties: all of them as text. */
static struct told listed_values(size_t count)
{
	return values("IPM.TaskRequest", "Strange", count);
}

/* Those who are asked to a meeting, of whom most have no file of their own. */
static struct told attendees(size_t count)
{
	struct one o = make_one("IPM.Appointment");
	struct mail *mail = NULL;
	struct ost_error err;
	struct told told;

	fake_number(
		o.item,
		fake_name(o.store, value_guid(SET_APPOINTMENT), 0x8217, NULL),
		MAPI_INTEGER32, 1);
	for (size_t i = 0; i < count; i++)
		(void)fake_recipient(o.item);
	CHECK(mail_plan(&mail, fake_open(o.item), NULL, &err) == OST_OK);
	told = (struct told){ strstr(mail_notes(mail), "rcpt-corrupt") != NULL,
			      count };
	mail_free(mail);
	store_close(o.store);
	return told;
}

/* Who an X.500 name stands for: `loss` is that not all was asked. */
static struct told harvested(size_t count)
{
	struct one o = make_one("IPM.Note");
	const atomic_bool stop = false;
	struct addrbook book = { .max = 1 << 24 };
	struct ost_error err;
	bool whole = false;

	for (size_t i = 0; i < count; i++) {
		struct fake *row = fake_recipient(o.item);
		char dn[32];

		snprintf(dn, sizeof(dn), "/O=X/CN=P%zu", i);
		fake_text(row, MAPI_EMAIL_ADDRESS, dn);
		fake_text(row, MAPI_ADDRTYPE, "EX");
		fake_text(row, MAPI_SMTP_ADDRESS, "a@b.c");
	}
	CHECK(harvest_store(&book, &whole, o.store, &stop, &err) == OST_OK);
	const struct told told = { !whole, book.count };

	addrbook_free(&book);
	store_close(o.store);
	return told;
}

static struct tree *tree_of(struct store *s)
{
	const struct tree_options whole = { .whole_store = true };
	struct ost_error err;
	struct tree *t = NULL;

	CHECK(tree_new(&t, s, &whole, &err) == OST_OK);
	return t;
}

static bool count_entry(void *arg, const struct tree_entry *e)
{
	*(size_t *)arg += e->is_dir;
	return true;
}

/* What is beyond is a loss to all: an entry that cannot be read. */
static struct told subfolders(size_t count)
{
	struct one o = make_one("IPM.Note");
	struct told told = { false, 0 };
	struct fake *folder;
	struct ost_error err;
	struct tree *t;
	uint64_t losses;
	struct buf json;

	folder = add_folder(o.store, 0x10002, INBOX, "F");
	for (size_t i = 1; i < count; i++)
		fake_list(o.inbox, STORE_FOLDERS, folder);
	t = tree_of(o.store);
	CHECK(tree_list(t, INBOX, 0, count_entry, &told.there, &err) == OST_OK);
	json = audit(t, false, 1, &losses);
	told.loss = losses > 0;
	CHECK(says(&json, "it has more than") == told.loss);
	buf_free(&json);
	tree_free(t);
	return told;
}

/* The ledger of a mail with so many messages in one another. */
static struct told nested(size_t count, bool beside)
{
	struct one o = make_one("IPM.Note");
	const struct tree_options options = {
		.whole_store = true,
		.attachments = beside ? TREE_BESIDE : TREE_BOTH
	};
	struct fake *m = o.item, *a;
	struct told told = { false, 0 };
	struct tree *t = NULL;
	struct ost_error err;
	uint64_t losses;
	struct buf json;

	for (size_t i = 0; i < count; i++) {
		a = fake_attachment(m);
		fake_number(a, MAPI_ATTACH_METHOD, MAPI_INTEGER32,
			    MAPI_ATTACH_EMBEDDED);
		m = fake_embedded(a);
		fake_text(m, MAPI_MESSAGE_CLASS, "IPM.Note");
		fake_text(m, MAPI_SUBJECT, "In");
	}
	CHECK(tree_new(&t, o.store, &options, &err) == OST_OK);
	json = audit(t, true, 1, &losses);
	told.loss = losses > 0;
	buf_free(&json);
	tree_free(t);
	return told;
}

static struct told nested_inside(size_t count)
{
	return nested(count, false);
}

static struct told nested_beside(size_t count)
{
	return nested(count, true);
}

/* A message of many recipients is one that holds it only if all were seen. */
static struct told held(size_t count)
{
	struct one o = make_one("IPM.Note");
	struct store_object *item = fake_open(o.item);
	struct told told;

	for (size_t i = 0; i < count; i++)
		(void)fake_recipient(o.item);
	told = (struct told){ !store_contains(item, item), count };
	store_drop(item);
	store_close(o.store);
	return told;
}

/* One file of so many bytes, and how many the run could read. */
static struct told bytes(size_t count)
{
	struct one o = make_one("IPM.Note");
	struct fake *a = fake_attachment(o.item);
	struct buf json;
	struct told told;
	struct tree *t;
	uint64_t losses;

	fake_number(a, MAPI_ATTACH_METHOD, MAPI_INTEGER32,
		    MAPI_ATTACH_BY_VALUE);
	fake_text(a, MAPI_ATTACH_LONG_FILENAME, "a.bin");
	fake_huge(a, MAPI_ATTACH_DATA, MAPI_BINARY, count, 'x');
	t = tree_of(o.store);
	json = audit(t, true, 1, &losses);
	told = (struct told){ says(&json, "has read all that a store"), 0 };
	CHECK((losses > 0) == told.loss);
	buf_free(&json);
	tree_free(t);
	return told;
}

/*
 * A file of which `count` pieces cannot be read: what is given up after so
 * many is lost, too. `there` is the bytes that are.
 */
static size_t lost_bytes(size_t count)
{
	enum { PIECE = 4096, GOOD = 1 << 20 };
	const uint64_t size = GOOD + (uint64_t)count * PIECE;
	struct one o = make_one("IPM.Note");
	struct fake *a = fake_attachment(o.item);
	struct ledger_options options = { .deep = true, .threads = 1 };
	struct ledger *l = NULL;
	struct ost_error err;
	struct tree *t;
	size_t lost = 0;

	fake_number(a, MAPI_ATTACH_METHOD, MAPI_INTEGER32,
		    MAPI_ATTACH_BY_VALUE);
	fake_text(a, MAPI_ATTACH_LONG_FILENAME, "a.bin");
	fake_cut(a, MAPI_ATTACH_DATA, MAPI_BINARY, size, GOOD);
	t = tree_of(o.store);
	CHECK(ledger_make(&l, t, &options, &err) == OST_OK);
	for (size_t i = 0; i < l->entry_count; i++)
		if (strstr(buf_text(&l->texts) + l->entries[i].path, "a.bin") !=
		    NULL)
			lost += l->entries[i].bytes;
	CHECK(ledger_losses(l) > 0);
	ledger_free(l);
	tree_free(t);
	return lost;
}

static void a4_what_is_given_up_of_a_file_is_lost(void)
{
	enum { PIECE = 4096, MOST = 256 };

	for (size_t over = 0; over < 3; over++)
		CHECK(lost_bytes(MOST + over) == (MOST + over) * PIECE);
}

/* Rows of a folder: the run counts them, and says where it ended. */
static struct told rows(size_t count)
{
	struct one o = make_one("IPM.Note");
	struct buf json;
	struct told told;
	struct tree *t;
	uint64_t losses;

	for (size_t i = 1; i < count; i++)
		fake_list(o.inbox, STORE_MESSAGES, o.item);
	t = tree_of(o.store);
	json = audit(t, false, 1, &losses);
	told = (struct told){ losses > 0, 0 };
	buf_free(&json);
	tree_free(t);
	return told;
}

/* What was degraded leaves room in a ledger for what was lost. */
static struct told degraded_entries(size_t count)
{
	const struct ledger_options options = { .deep = false };
	const struct entry e = { .kind = ENTRY_DEGRADED, .nid = MESSAGE };
	struct one o = make_one("IPM.Note");
	struct tree *t = tree_of(o.store);
	struct ledger *l = NULL;
	struct buf json = { 0 };
	struct ost_error err;
	struct told told;

	CHECK(ledger_make(&l, t, &options, &err) == OST_OK);
	for (size_t i = 0; i < count; i++)
		ledger_add(l, &e, "Inbox/Many.eml", "why");
	ledger_json(l, &json);
	told = (struct told){ says(&json, "\"entries_complete\": false"),
			      l->entry_count };
	CHECK(l->counts[ENTRY_DEGRADED] == count && ledger_losses(l) == 0);
	ledger_free(l);
	buf_free(&json);
	tree_free(t);
	return told;
}

/* The items that no folder shows, of which a ledger lists so many. */
static struct told hidden_items(size_t count)
{
	const struct ledger_options options = { .deep = false };
	struct one o = make_one("IPM.Note");
	struct tree *t = tree_of(o.store);
	uint32_t *nids = calloc(count, sizeof(*nids));
	uint8_t *listed = calloc(count / 8 + 1, 1);
	const struct inventory many = { .of[INVENTORY_ASSOCIATED] = {
						nids, nids, listed, count } };
	const struct inventory *was;
	struct ledger *l = NULL;
	struct buf json = { 0 };
	struct ost_error err;
	struct told told;

	CHECK(ledger_make(&l, t, &options, &err) == OST_OK);
	was = l->inventory;
	l->inventory = &many;
	ledger_json(l, &json);
	told = (struct told){ says(&json, "\"associated_complete\": false"),
			      0 };
	l->inventory = was;
	ledger_free(l);
	buf_free(&json);
	tree_free(t);
	free(nids);
	free(listed);
	return told;
}

/* The mailbox of a user's .ost, and below Shared data those of others. */
static struct one make_shared(size_t others)
{
	enum { MAILBOX = 0x8022, SUBTREE = 0x2142 };
	struct one o = make_one("IPM.Note");
	uint32_t nid = 0x10002;

	snprintf(o.store->core->info.kind, sizeof(o.store->core->info.kind),
		 "ost");
	(void)add_folder(o.store, MAILBOX, TOP, "Root - Mailbox");
	(void)add_folder(o.store, SUBTREE, MAILBOX, "IPM_SUBTREE");
	(void)add_folder(o.store, MAPI_NID_OST_SHARED, MAILBOX, "Shared");
	for (size_t i = 0; i < others; i++, nid += 0x20) {
		(void)add_folder(o.store, nid, MAPI_NID_OST_SHARED, "Other");
		fake_text(fake_add(o.store, (nid & ~0x1FU) | 4, nid),
			  MAPI_MESSAGE_CLASS, "IPM.Note");
	}
	return o;
}

/*
 * Mailboxes of others, the user's own counting: who the rest is of is not
 * known, and is said; but all of them are shown, and nothing is outside.
 */
static struct told mailboxes(size_t count)
{
	struct one o = make_shared(count - 1);
	const struct ledger_options options = { .deep = false };
	const struct tree_options usual = { 0 };
	const struct store_identity *whose = NULL;
	struct json j = { 0 };
	struct buf text = { 0 };
	struct ledger *l = NULL;
	struct tree *t = NULL;
	struct ost_error err;
	struct told told;

	CHECK(store_identity(o.store, &whose, &err) == OST_OK);
	j.to = &text;
	json_object(&j, NULL);
	store_identity_json(&j, o.store, whose);
	json_object_end(&j);
	json_finish(&j);
	told = (struct told){ says(&text, "\"shared_complete\": false"),
			      whose->count };
	CHECK(says(&text, "\"shared_complete\": true") != told.loss);
	buf_free(&text);
	CHECK(tree_new(&t, o.store, &usual, &err) == OST_OK);
	CHECK(ledger_make(&l, t, &options, &err) == OST_OK);
	CHECK(ledger_losses(l) == 0 && l->sum.outside == 1 &&
	      l->sum.shown == count - 1);
	ledger_free(l);
	tree_free(t);
	return told;
}

/* Folders in which the mailbox is looked for: past them, all is shown. */
static struct told looked_at(size_t count)
{
	struct one o = make_one("IPM.Note");
	const struct tree_options usual = { 0 };
	struct told told = { false, 0 };
	struct tree *t = NULL;
	struct tree_node node;
	struct ost_error err;

	for (size_t i = 2; i < count; i++)
		(void)add_folder(o.store, (uint32_t)(0x10002 + 0x20 * i), TOP,
				 "Other");
	(void)add_folder(o.store, 0x8022, TOP, "IPM_SUBTREE");
	(void)add_folder(o.store, 0x8062, 0x8022, "Mine");
	CHECK(tree_new(&t, o.store, &usual, &err) == OST_OK);
	told.loss = tree_walk(t, "IPM_SUBTREE/Mine", &node, &err) == OST_OK;
	CHECK(told.loss || tree_walk(t, "Mine", &node, &err) == OST_OK);
	tree_free(t);
	return told;
}

/* An address of so many characters that is not Internet mail. */
static struct told x500(size_t count)
{
	static const char head[] = "IMCEAEX-";
	struct one o = make_one("IPM.Note");
	struct store_object *item = fake_open(o.item);
	struct buf dn = { 0 };
	struct address who;
	struct ost_error err;
	struct notes notes;
	struct told told;

	no_notes(&notes);
	buf_str(&dn, "/o=");
	while (dn.len < count)
		buf_byte(&dn, 'x');
	fake_text(o.item, MAPI_SENT_REPRESENTING_EMAIL, buf_text(&dn));
	fake_text(o.item, MAPI_SENT_REPRESENTING_ADDRTYPE, "EX");
	CHECK(address_of(item, ADDRESS_FROM, &who, &notes, &err) == OST_OK);
	CHECK(note_has(&notes, NOTE_ADDRESS_IMCEA));
	told = (struct told){ note_has(&notes, NOTE_ADDRESS_CUT),
			      strcspn(buf_text(&who.addr), "@") -
				      strlen(head) };
	address_free(&who);
	buf_free(&dn);
	store_drop(item);
	store_close(o.store);
	return told;
}

/* The text of an event in HTML of so many bytes, which RTF became. */
static struct told event_html(size_t count)
{
	struct buf text = { 0 };
	struct notes notes = { 0 };
	struct ical w = { .lines = { .out = &text }, .notes = &notes };
	struct body body = { .has_html = true, .html_id = MAPI_RTF_COMPRESSED };
	struct told told;

	buf_str(&body.html, "<p>Hello<img src=\"cid:a\">");
	memset(buf_more(&body.html, count - body.html.len), ' ',
	       count - body.html.len);
	ical_put_body(&w, &body, NULL);
	told = (struct told){ note_has(&notes, NOTE_BODY_LARGE), 0 };
	CHECK(says(&text, "DESCRIPTION:Hello") != told.loss);
	body_free(&body);
	buf_free(&text);
	return told;
}

/* A cap, and whether so many are all shown. */
static const struct {
	const char *what;
	struct told (*of)(size_t count);
	size_t cap;
	bool counted; /* `there` is what is taken */
	size_t over;  /* of what counts more than this; 0: one more */
} caps[] = {
	{ "recipients", recipients, LIMIT_RECIPIENTS, true },
	{ "recipients, one of them lost", recipients_past_a_lost_one,
	  LIMIT_RECIPIENTS, true },
	{ "attachments", attachments, LIMIT_ATTACHMENTS, true },
	{ "categories of a contact", card_categories, LIMIT_VALUES, true },
	{ "categories of an event", event_categories, LIMIT_VALUES, true },
	{ "categories of a mail", mail_categories, LIMIT_VALUES, true },
	{ "values as text", listed_values, LIMIT_VALUES, true },
	{ "recipients harvested", harvested, 4096, true },
	{ "characters of an X.500 name", x500, 800, true },
	{ "bytes of an event's HTML", event_html, 8 << 20, false },
	{ "attendees", attendees, LIMIT_RECIPIENTS, false },
	{ "messages in one another", nested_inside, 100, false },
	{ "messages in one another, beside", nested_beside, 100, false },
	{ "degraded entries", degraded_entries, ENTRIES_MAX / 2, true },
	{ "hidden items in a report", hidden_items, ENTRIES_MAX, false },
	{ "mailboxes of others", mailboxes, 64, true },
	{ "folders looked at", looked_at, 5000, false },
	{ "subfolders", subfolders, LIMIT_SUBFOLDERS, false },
	{ "recipients compared", held, 65536, false },
	{ "bytes of a run", bytes, 1 << 20, false, (1 << 30) + 1 },
	{ "rows of a run", rows, 60000, false, (1 << 16) + 1 },
};

static void a4_one_more_than_a_cap_is_told(void)
{
	for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
		const size_t cap = caps[i].cap;
		const struct told at = caps[i].of(cap);
		const struct told over =
			caps[i].of(caps[i].over > 0 ? caps[i].over : cap + 1);

		if (at.loss || !over.loss)
			fprintf(stderr, "%s: at %d, over %d\n", caps[i].what,
				at.loss, over.loss);
		CHECK(!at.loss && over.loss);
		if (caps[i].counted && (at.there != cap || over.there != cap))
			fprintf(stderr, "%s: %zu, %zu of %zu\n", caps[i].what,
				at.there, over.there, cap);
		CHECK(!caps[i].counted ||
		      (at.there == cap && over.there == cap));
	}
}

int main(void)
{
	RUN(a4_one_more_than_a_cap_is_told);
	RUN(a4_what_is_given_up_of_a_file_is_lost);
	return checked();
}
