#include "forge_mailbox.h"

enum { HOUR = 3600, DAY = 24 * HOUR };

/* An item of `class`, made at `when`. */
static struct forge_message item(const char *class, const char *subject,
				 int64_t when)
{
	struct forge_message m = { 0 };

	forge_text(&m.props, MAPI_MESSAGE_CLASS, class);
	forge_text(&m.props, MAPI_SUBJECT, subject);
	forge_time(&m.props, MAPI_CREATION_TIME, when);
	forge_time(&m.props, MAPI_LAST_MODIFICATION_TIME, when + 60);
	return m;
}

/* [MS-OXOCAL] */
void sample_calendar(struct mailbox *b, struct mailbox_folder in, int64_t start)
{
	const int64_t begins = start + 3 * DAY + HOUR, ends = begins + HOUR;
	const uint8_t *set = forge_psetid_appointment;
	struct forge_message m =
		item("IPM.Appointment", "Project meeting", start);
	struct forge_props *p = &m.props;

	forge_time(p, forge_named(b->forge, set, 0x820D, NULL), begins);
	forge_time(p, forge_named(b->forge, set, 0x820E, NULL), ends);
	forge_text(p, forge_named(b->forge, set, 0x8208, NULL), "Room 12");
	forge_int(p, forge_named(b->forge, set, 0x8205, NULL), 2); /* busy */
	forge_bool(p, forge_named(b->forge, set, 0x8215, NULL), false);
	forge_time(p, MAPI_START_DATE, begins);
	forge_time(p, MAPI_END_DATE, ends);
	forge_text(p, MAPI_BODY, "Please bring your numbers.\r\n");
	mail_from(&m, "Alice Example", "alice@example.com");
	mail_to(&m, 1, "Jane Doe", "jane@example.org");
	mail_to(&m, 2, "John Roe", "john@example.org");
	mailbox_add(b, in, &m);
}

/* [MS-OXOCNTC] */
void sample_contacts(struct mailbox *b, struct mailbox_folder in, int64_t start)
{
	const uint8_t *set = forge_psetid_address;
	struct forge_message m = item("IPM.Contact", "Jane Doe", start);
	struct forge_props *p = &m.props;

	forge_text(p, MAPI_DISPLAY_NAME, "Jane Doe");
	forge_text(p, 0x3A06, "Jane");		   /* GivenName */
	forge_text(p, 0x3A11, "Doe");		   /* Surname */
	forge_text(p, 0x3A16, "Example Ltd.");	   /* CompanyName */
	forge_text(p, 0x3A17, "Head of Budgets");  /* Title */
	forge_text(p, 0x3A08, "+44 20 7946 0018"); /* Business phone */
	forge_text(p, 0x3A1C, "+44 7700 900123");  /* Mobile phone */
	forge_text(p, forge_named(b->forge, set, 0x8080, NULL), "Jane Doe");
	forge_text(p, forge_named(b->forge, set, 0x8082, NULL), "SMTP");
	forge_text(p, forge_named(b->forge, set, 0x8083, NULL),
		   "jane@example.org");
	forge_text(p, MAPI_BODY, "Met at the spring fair.\r\n");
	mailbox_add(b, in, &m);
}

/* [MS-OXOTASK] */
void sample_tasks(struct mailbox *b, struct mailbox_folder in, int64_t start)
{
	const int64_t midnight = start / DAY * DAY;
	const uint8_t *set = forge_psetid_task;
	const uint8_t half[8] = { 0, 0, 0, 0, 0, 0, 0xE0, 0x3F }; /* 0.5 */
	struct forge_message m = item("IPM.Task", "Write the report", start);
	struct forge_props *p = &m.props;

	forge_int(p, forge_named(b->forge, set, 0x8101, NULL), 1);
	forge_raw(p, forge_named(b->forge, set, 0x8102, NULL), MAPI_FLOATING64,
		  half, sizeof(half));
	forge_time(p, forge_named(b->forge, set, 0x8104, NULL), midnight);
	forge_time(p, forge_named(b->forge, set, 0x8105, NULL),
		   midnight + 7 * DAY);
	forge_bool(p, forge_named(b->forge, set, 0x811C, NULL), false);
	forge_text(p, MAPI_BODY, "Not more than two pages.\r\n");
	mailbox_add(b, in, &m);
}

/* [MS-OXONOTE] */
void sample_notes(struct mailbox *b, struct mailbox_folder in, int64_t start)
{
	struct forge_message m =
		item("IPM.StickyNote", "Buy milk", start + HOUR);

	forge_int(&m.props,
		  forge_named(b->forge, forge_psetid_note, 0x8B00, NULL), 3);
	forge_text(&m.props, MAPI_BODY, "Buy milk\r\nand bread\r\n");
	mailbox_add(b, in, &m);
}
