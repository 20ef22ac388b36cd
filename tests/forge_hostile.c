/*
 * forge_hostile.c - names that no file may have, wherever a name can be
 */
#include "forge_mailbox.h"

/* 3 March 2024, 08:00:01 UTC; a minute later each. */
static const int64_t start = INT64_C(1709452801);

enum { LONG = 300 };

#define FAMILY "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7"

/* Each of these as a folder, a subject, a sender, a category, a UID, a file. */
static const char *const names[] = {
	"..",
	".",
	"/",
	"../../etc/passwd",
	"/etc/passwd",
	"a/b\\c",
	"line\nbreak\r\nFrom x",
	".hidden",
	"...",
	"-rf --no-preserve-root",
	"CON",
	"nul.txt",
	"ends in dots...",
	" ",
	"a*b?c\"d<e>f|g:h",
	"same",
	"SAME",
	"same",
	"cur",
	"new",
	"tmp",
	".ostexport",
	".ostfs",
	"manifest.jsonl",
	"index.jsonl",
	"Inbox.mbox",
	"Inbox.sbd",
	"displayname",
	"dovecot-keywords",
	"Inbox.Projects",
	"Inbox - Projects",
	"&-~&AOk-",
	"\xC3\xA9t\xC3\xA9",
	"e\xCC\x81te\xCC\x81",
	"\xE2\x80\xAEgpj.exe",
	"\x01\x1B[31mred",
	FAMILY FAMILY FAMILY FAMILY FAMILY FAMILY FAMILY FAMILY FAMILY FAMILY,
	"=?utf-8?Q?x?=",
	"%2e%2e%2f",
	/* Of these, the words of ASCII are what somebody searches for. */
	"\xE7\x94\xB0\xE4\xB8\xAD \xE5\xA4\xAA\xE9\x83\x8E Tanaka Trading",
	"\xD0\x98\xD0\xB2\xD0\xB0\xD0\xBD\xD0\xBE\xD0\xB2 Ivanov, Corp. "
	"\xD0\xB8 "
	"\xD0\xBF\xD0\xB0\xD1\x80\xD1\x82\xD0\xBD\xD1\x91\xD1\x80\xD1\x8B",
};

enum { NAMES = sizeof(names) / sizeof(names[0]) };

/* Text in which a NUL follows `name`; an ANSI store has the bytes. */
static void text_with_nul(struct mailbox *b, struct forge_props *p, uint16_t id,
			  const char *name)
{
	char wide[2 * LONG + 16] = { 0 };
	const size_t len = strlen(name);

	for (size_t i = 0; i < len; i++)
		wide[b->ansi ? i : 2 * i] = name[i];
	memcpy(wide + (b->ansi ? len + 1 : 2 * len + 2), "/ x\0 y", 6);
	forge_raw(p, id, b->ansi ? MAPI_STRING8 : MAPI_UNICODE, wide,
		  b->ansi ? len + 6 : 2 * len + 8);
}

static void add_mail(struct mailbox *b, struct mailbox_folder in,
		     const char *name, unsigned n)
{
	struct forge_message m = { 0 };

	forge_text(&m.props, MAPI_MESSAGE_CLASS, "IPM.Note");
	if (n % 8 == 7)
		text_with_nul(b, &m.props, MAPI_SUBJECT, "nul");
	else
		forge_text(&m.props, MAPI_SUBJECT, name);
	mail_from(&m, name, "a@example.org");
	mail_to(&m, 1, name, "alice@example.com");
	mail_at(&m, start + (int64_t)n * 60);
	forge_texts(
		&m.props,
		forge_named(b->forge, forge_ps_public_strings, 0, "Keywords"),
		&name, 1);
	forge_text(&m.props, MAPI_BODY,
		   "From here\r\n>From there\r\n\r\nFrom x Mon Jan  1 00:00:00 "
		   "2024\r\n.\r\n");
	mail_attach(&m, name, NULL, name, strlen(name));
	mailbox_add(b, in, &m);
}

static void add_event(struct mailbox *b, struct mailbox_folder in,
		      const char *name, unsigned n)
{
	const uint8_t *set = forge_psetid_appointment;
	const int64_t begins = start + (int64_t)n * 86400;
	struct forge_message m = { 0 };
	struct forge_props *p = &m.props;

	forge_text(p, MAPI_MESSAGE_CLASS, "IPM.Appointment");
	forge_text(p, MAPI_SUBJECT, name);
	forge_time(p, forge_named(b->forge, set, 0x820D, NULL), begins);
	forge_time(p, forge_named(b->forge, set, 0x820E, NULL), begins + 3600);
	forge_text(p, forge_named(b->forge, set, 0x8208, NULL), name);
	forge_binary(p, forge_named(b->forge, forge_psetid_meeting, 0x23, NULL),
		     name, strlen(name)); /* its UID */
	mailbox_add(b, in, &m);
}

static void add_contact(struct mailbox *b, struct mailbox_folder in,
			const char *name)
{
	struct forge_message m = { 0 };

	forge_text(&m.props, MAPI_MESSAGE_CLASS, "IPM.Contact");
	forge_text(&m.props, MAPI_SUBJECT, name);
	forge_text(&m.props, MAPI_DISPLAY_NAME, name);
	forge_text(&m.props, 0x3A11, name); /* Surname */
	mailbox_add(b, in, &m);
}

static void add_all(struct mailbox *b, struct mailbox_folder in,
		    const char *name, unsigned n)
{
	add_mail(b, in, name, n);
	add_event(b, in, name, n);
	add_contact(b, in, name);
}

/* A folder that has a NUL in its name, and one without any. */
static void add_odd_folders(struct mailbox *b, uint32_t parent)
{
	struct forge_props p = { 0 };
	const struct forge_folder nul = { .name = "nul", .props = &p },
				  none = { 0 };

	text_with_nul(b, &p, MAPI_DISPLAY_NAME, "nul");
	add_mail(b,
		 (struct mailbox_folder){ forge_folder(b->forge, parent, &nul),
					  "nul" },
		 "of it", 0);
	add_mail(b,
		 (struct mailbox_folder){ forge_folder(b->forge, parent, &none),
					  "" },
		 "of it", 1);
	forge_props_free(&p);
}

void hostile_fill(struct mailbox *b)
{
	const uint32_t ipm = forge_ipm(b->forge);
	const struct mailbox_folder inbox = {
		forge_folder_named(b->forge, ipm, "Inbox"), "Inbox"
	};
	char longest[LONG + 1];

	memset(longest, 'x', LONG);
	longest[LONG] = '\0';
	for (unsigned n = 0; n <= NAMES; n++) {
		const char *name = n < NAMES ? names[n] : longest;
		const struct mailbox_folder in = {
			forge_folder_named(b->forge,
					   n % 3 == 2 ? inbox.nid : ipm, name),
			name,
		};

		add_all(b, inbox, name, n);
		add_all(b, in, name, n);
	}
	add_odd_folders(b, ipm);
}
