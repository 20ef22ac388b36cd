#include "forge_mailbox.h"

/* Sunday 3 March 2024, 08:00:01 UTC; an hour later each. */
static const int64_t start = INT64_C(1709452801);

enum { HOUR = 3600, PROPS = 4, CATEGORIES = 4 };

/*
 * A mail in a state: its subject is what the state comes to, in the words of
 * ostfs(5), and its text the categories, a line each.
 */
static const struct state {
	const char *subject;
	struct {
		uint16_t id;
		uint32_t value;
	} props[PROPS]; /* an id of 0 ends them */
	const char *categories[CATEGORIES + 1];
} states[] = {
	{ "new", { { MAPI_MESSAGE_FLAGS, 0 } }, { NULL } },
	{ "read", { { MAPI_MESSAGE_FLAGS, 1 } }, { NULL } },
	{ "draft", { { MAPI_MESSAGE_FLAGS, 8 } }, { NULL } },
	{ "read answered",
	  { { MAPI_MESSAGE_FLAGS, 1 }, { MAPI_LAST_VERB_EXECUTED, 102 } },
	  { NULL } },
	{ "read answered", /* to all */
	  { { MAPI_MESSAGE_FLAGS, 1 }, { MAPI_LAST_VERB_EXECUTED, 103 } },
	  { NULL } },
	{ "answered", /* says the icon */
	  { { MAPI_MESSAGE_FLAGS, 0 }, { MAPI_ICON_INDEX, 0x105 } },
	  { NULL } },
	{ "read forwarded",
	  { { MAPI_MESSAGE_FLAGS, 1 }, { MAPI_LAST_VERB_EXECUTED, 104 } },
	  { NULL } },
	{ "forwarded",
	  { { MAPI_MESSAGE_FLAGS, 0 }, { MAPI_ICON_INDEX, 0x106 } },
	  { NULL } },
	{ "flagged",
	  { { MAPI_MESSAGE_FLAGS, 0 }, { MAPI_FLAG_STATUS, 2 } },
	  { NULL } },
	{ "read", /* the flag says that it is done */
	  { { MAPI_MESSAGE_FLAGS, 1 }, { MAPI_FLAG_STATUS, 1 } },
	  { NULL } },
	{ "deleted",
	  { { MAPI_MESSAGE_FLAGS, 0 }, { MAPI_MESSAGE_STATUS, 8 } },
	  { NULL } },
	{ "read draft answered flagged deleted",
	  { { MAPI_MESSAGE_FLAGS, 9 },
	    { MAPI_LAST_VERB_EXECUTED, 102 },
	    { MAPI_FLAG_STATUS, 2 },
	    { MAPI_MESSAGE_STATUS, 8 } },
	  { "Budget" } },
	{ "read",
	  { { MAPI_MESSAGE_FLAGS, 1 } },
	  { "To do", "A, B", "say \"hi\" \\o/", "50% {off} [now]*" } },
	{ "flagged",
	  { { MAPI_MESSAGE_FLAGS, 0 }, { MAPI_FLAG_STATUS, 2 } },
	  { "\xC3\xA9t\xC3\xA9 & co", "\xE4\xBC\x9A\xE8\xAD\xB0", "budget" } },
	{ "read",
	  { { MAPI_MESSAGE_FLAGS, 1 } },
	  { "Longer than a server takes, which in most of them is about fifty "
	    "letters" } },
};

static void add(struct mailbox *b, struct mailbox_folder in, unsigned i)
{
	const struct state *s = &states[i];
	struct forge_message m = { 0 };
	struct buf text = { 0 };
	size_t categories = 0;

	forge_text(&m.props, MAPI_MESSAGE_CLASS, "IPM.Note");
	forge_text(&m.props, MAPI_SUBJECT, s->subject);
	mail_from(&m, "Jane Doe", "jane@example.org");
	mail_to(&m, 1, "Alice Example", "alice@example.com");
	mail_at(&m, start + (int64_t)i * HOUR);
	for (size_t p = 0; p < PROPS && s->props[p].id != 0; p++)
		forge_int(&m.props, s->props[p].id, s->props[p].value);
	for (; s->categories[categories] != NULL; categories++)
		buf_printf(&text, "%s\r\n", s->categories[categories]);
	if (categories > 0)
		forge_texts(&m.props,
			    forge_named(b->forge, forge_ps_public_strings, 0,
					"Keywords"),
			    s->categories, categories);
	forge_text(&m.props, MAPI_BODY, buf_text(&text));
	m.props.bad |= text.bad;
	buf_free(&text);
	mailbox_add(b, in, &m);
}

void states_fill(struct mailbox *b)
{
	static const char *const names[] = {
		"Inbox",
		("Gr\xC3\xB6\xC3\x9F"
		 "e & co."), /* two strings: \x would take the e too */
		"50% \"new\"",
	};
	uint32_t parent = forge_ipm(b->forge);

	for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
		const struct mailbox_folder in = {
			forge_folder_named(b->forge, parent, names[n]),
			names[n],
		};

		for (unsigned i = 0; i < sizeof(states) / sizeof(states[0]);
		     i++)
			add(b, in, i);
		if (n > 0)
			parent = in.nid; /* the next one is in it */
	}
}
