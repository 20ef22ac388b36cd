/*
 * forge_many.c - as many of one thing as are asked for, in one place
 *
 * For what must not take longer for each the more there are.
 */
#include "forge_mailbox.h"

static void name_of(char name[32], uint32_t i)
{
	snprintf(name, 32, "Number %u", (unsigned)i + 1);
}

static void many_folders(struct mailbox *b, uint32_t count, const char *name,
			 bool lost)
{
	const uint32_t inbox =
		forge_folder_named(b->forge, forge_ipm(b->forge), "Inbox");

	for (uint32_t i = 0; i < count; i++) {
		char text[32];
		const struct forge_folder how = { .name = name ? name : text,
						  .unlisted = lost };

		name_of(text, i);
		forge_folder(b->forge, inbox, &how);
	}
}

static void fill_subfolders(struct mailbox *b, uint32_t count)
{
	many_folders(b, count, NULL, false);
}

static void fill_alike(struct mailbox *b, uint32_t count)
{
	many_folders(b, count, "Alike", false);
}

static void fill_lost(struct mailbox *b, uint32_t count)
{
	many_folders(b, count, NULL, true);
}

static void add_mail(struct mailbox *b, struct forge_message *m)
{
	const struct mailbox_folder inbox = {
		forge_folder_named(b->forge, forge_ipm(b->forge), "Inbox"),
		"Inbox"
	};

	forge_text(&m->props, MAPI_SUBJECT, "Many");
	forge_text(&m->props, MAPI_MESSAGE_CLASS, "IPM.Note");
	forge_text(&m->props, MAPI_BODY, "Hello");
	mail_from(m, "Jane Doe", "jane@example.com");
	mail_at(m, INT64_C(1577836800));
	mailbox_add(b, inbox, m);
}

static void many_attachments(struct mailbox *b, uint32_t count,
			     const char *name)
{
	struct forge_message m = { 0 };

	for (uint32_t i = 0; i < count; i++) {
		char text[32];

		name_of(text, i);
		mail_attach(&m, name ? name : text, "application/x-any", "abc",
			    3);
	}
	add_mail(b, &m);
}

static void fill_attachments(struct mailbox *b, uint32_t count)
{
	many_attachments(b, count, NULL);
}

static void fill_same_attachments(struct mailbox *b, uint32_t count)
{
	many_attachments(b, count, "Alike.bin");
}

/* The table is empty: their names alone are known. */
static void fill_names(struct mailbox *b, uint32_t count)
{
	struct forge_message m = { 0 };
	struct buf to = { 0 };

	for (uint32_t i = 0; i < count; i++) {
		char name[32];

		name_of(name, i);
		buf_printf(&to, "%s%s", i > 0 ? "; " : "", name);
	}
	forge_text(&m.props, MAPI_DISPLAY_TO, buf_text(&to));
	m.props.bad |= to.bad;
	buf_free(&to);
	add_mail(b, &m);
}

static void fill_recipients(struct mailbox *b, uint32_t count)
{
	struct forge_message m = { 0 };

	for (uint32_t i = 0; i < count; i++) {
		char name[32], address[64];

		name_of(name, i);
		snprintf(address, sizeof(address), "p%u@example.com",
			 (unsigned)i + 1);
		mail_to(&m, 1, name, address);
	}
	add_mail(b, &m);
}

static const struct {
	const char *name;
	void (*fill)(struct mailbox *b, uint32_t count);
} kinds[] = {
	{ "subfolders", fill_subfolders },
	{ "subfolders-alike", fill_alike },
	{ "lost-folders", fill_lost },
	{ "attachments", fill_attachments },
	{ "attachments-alike", fill_same_attachments },
	{ "names-in-to", fill_names },
	{ "recipients", fill_recipients },
};

bool many_fill(struct mailbox *b, const char *what, uint32_t count)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, what) != 0)
			continue;
		if (b != NULL)
			kinds[i].fill(b, count);
		return true;
	}
	return false;
}
