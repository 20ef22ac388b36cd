/*
 * test_caps.c - A4: a cap is never the end of a list
 *
 * Of each list that is read no further than a cap, as many as that are no
 * loss, and one more is told. What is there below the cap is there with one
 * more, too.
 */
#include "fake.h"
#include "ledgerkit.h"
#include "mail/address/directory.h"
#include "mail/address/recipients.h"
#include "mail/attach/attach.h"
#include "mail/mail.h"
#include "mail/text/value.h"
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

/* Of an item that says most of it in properties: all of them as text. */
static struct told listed_values(size_t count)
{
	return values("IPM.TaskRequest", "Strange", count);
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

/* A cap, and whether so many are all shown. */
static const struct {
	const char *what;
	struct told (*of)(size_t count);
	size_t cap;
	bool counted; /* `there` is what is taken */
	size_t over;  /* of what counts more than this; 0: one more */
} caps[] = {
	{ "recipients", recipients, LIMIT_RECIPIENTS, true },
	{ "attachments", attachments, LIMIT_ATTACHMENTS, true },
	{ "categories of a contact", card_categories, LIMIT_VALUES, true },
	{ "categories of an event", event_categories, LIMIT_VALUES, true },
	{ "values as text", listed_values, LIMIT_VALUES, true },
	{ "recipients harvested", harvested, 4096, true },
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
	return checked();
}
