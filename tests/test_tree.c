#include "store/backend.h"
#include "treekit.h"

/* --- where the root is -------------------------------------------------- */

static void add_entryid(struct store *s, uint16_t id, uint32_t nid, size_t len)
{
	uint8_t entryid[24] = { 0 };

	for (size_t i = 0; i < 4; i++)
		entryid[20 + i] = (uint8_t)(nid >> 8 * i);
	fake_bytes(fake_again(s, MAPI_NID_STORE), id, MAPI_BINARY, entryid,
		   len);
}

/* The tree of .ost files: two subtrees, the public one first and empty. */
static void add_roots(struct store *s, const char *subtree, const char *inbox)
{
	add_folder(s, TOP, 0, "");
	add_folder(s, 0x2002, TOP, "Root - Public");
	add_folder(s, 0x2022, 0x2002, "IPM_SUBTREE");
	add_folder(s, 0x2042, TOP, "Root - Mailbox");
	add_folder(s, SUBTREE, 0x2042, subtree);
	add_folder(s, INBOX, SUBTREE, inbox);
	add_folder(s, OTHER, SUBTREE, "Papierkorb");
}

static void finds_the_folder_that_outlook_shows_as_the_root(void)
{
	static const struct {
		const char *subtree, *inbox;
		uint16_t entryid; /* of the store object */
		uint32_t nid;	  /* in it */
		size_t len;
		bool whole;
		const char *list;
	} cases[] = {
		{ "IPM_SUBTREE", "Eingang", 0, 0, 0, false,
		  "Eingang/\nPapierkorb/\n" },
		{ "ipm_subtree", "Eingang", 0, 0, 0, false,
		  "Eingang/\nPapierkorb/\n" },
		{ "Top of Outlook data file", "Eingang", 0, 0, 0, false,
		  "Eingang/\nPapierkorb/\n" },
		{ "Oben", "Inbox", 0, 0, 0, false, "Inbox/\nPapierkorb/\n" },
		{ "Oben", "Eingang", 0, 0, 0, false,
		  "Root - Public/\nRoot - Mailbox/\n" },
		{ "IPM_SUBTREE", "Inbox", 0, 0, 0, true,
		  "Root - Public/\nRoot - Mailbox/\n" },
		/* as the store says */
		{ "Oben", "Eingang", MAPI_IPM_SUBTREE_ENTRYID, SUBTREE, 24,
		  false, "Eingang/\nPapierkorb/\n" },
		{ "IPM_SUBTREE", "Eingang", MAPI_IPM_SUBTREE_ENTRYID, 0x2042,
		  24, false, "IPM_SUBTREE/\n" },
		{ "Oben", "Eingang", MAPI_IPM_WASTEBASKET_ENTRYID, OTHER, 24,
		  false, "Eingang/\nPapierkorb/\n" },
		{ "Oben", "Eingang", MAPI_IPM_SENTMAIL_ENTRYID, OTHER, 24,
		  false, "Eingang/\nPapierkorb/\n" },
		/* which can be wrong: no folder, of no such type, too short */
		{ "IPM_SUBTREE", "Eingang", MAPI_IPM_SUBTREE_ENTRYID, 0x9992,
		  24, false, "Eingang/\nPapierkorb/\n" },
		{ "IPM_SUBTREE", "Eingang", MAPI_IPM_SUBTREE_ENTRYID,
		  MAPI_NID_STORE, 24, false, "Eingang/\nPapierkorb/\n" },
		{ "IPM_SUBTREE", "Eingang", MAPI_IPM_SUBTREE_ENTRYID, 0x2042,
		  23, false, "Eingang/\nPapierkorb/\n" },
		{ "IPM_SUBTREE", "Eingang", MAPI_IPM_SENTMAIL_ENTRYID, 0x9992,
		  24, false, "Eingang/\nPapierkorb/\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct tree_options options = { .whole_store =
							      cases[i].whole };
		struct store *s = fake_store_new();
		struct tree *t;

		add_roots(s, cases[i].subtree, cases[i].inbox);
		if (cases[i].entryid != 0)
			add_entryid(s, cases[i].entryid, cases[i].nid,
				    cases[i].len);
		t = show_as(s, &options);
		check_list(t, "", cases[i].list);
		tree_free(t);
	}
}

static void opens_a_store_without_any_folder(void)
{
	struct tree *t = show(fake_store_new());
	struct buf names = { 0 };
	struct tree_node node;
	struct ost_error err = { "" };

	CHECK(tree_stat(t, TREE_ROOT, &node, &err) == OST_NOT_FOUND);
	CHECK(tree_list(t, TREE_ROOT, 0, put_name, &names, &err) ==
	      OST_NOT_FOUND);
	CHECK_STR(err.text, "folder 0x122: no node 0x122");
	tree_free(t);
	buf_free(&names);
}

/* --- folders ------------------------------------------------------------ */

static void tells_folders_of_one_name_apart_by_nid(void)
{
	struct store *s = mailbox();
	struct tree *t;

	/* in no order: the lowest NID keeps the name */
	add_folder(s, 0x8102, SUBTREE, "Projects");
	add_folder(s, 0x80C2, SUBTREE, "projects");
	add_folder(s, 0x80E2, SUBTREE, "A/B: C?");
	add_folder(s, 0x8122, SUBTREE, "a-b- c-");
	add_folder(s, 0x8142, SUBTREE, "");
	add_folder(s, 0x8162, SUBTREE, NULL);
	add_folder(s, 0x8182, SUBTREE, ".ostfs");
	add_folder(s, 0x81A2, SUBTREE, "..");
	add_folder(s, 0x81C2, SUBTREE, "x [200024].eml");
	add_folder(s, 0x81E2, SUBTREE, "Unreadable message 1");
	add_folder(s, 0x8203, SUBTREE, "a search");
	t = show(s);
	check_list(t, "",
		   "Inbox/\n"
		   "projects/\n"
		   "A-B- C-/\n"
		   "Projects [8102]/\n"
		   "a-b- c- [8122]/\n"
		   "Folder [8142]/\n"
		   "Folder [8162]/\n"
		   "ostfs/\n"
		   "Folder/\n"
		   "x [200024].eml [81c2]/\n"
		   "Unreadable message 1 [81e2]/\n");
	CHECK(ino_at(t, "projects") == 0x80C2);
	CHECK(ino_at(t, "/Projects [8102]/") == 0x8102);
	CHECK(!is_there(t, "Projects"));
	tree_free(t);
}

static void shows_search_folders_when_asked(void)
{
	const struct tree_options options = { .search_folders = true };
	struct store *s = mailbox();
	struct fake *search = add_folder(s, 0x8203, SUBTREE, "Unread");
	struct tree *t;

	fake_list(search, STORE_MESSAGES, add_message(s, MESSAGE, INBOX));
	t = show_as(s, &options);
	check_list(t, "", "Inbox/\nUnread/\n");
	check_list(t, "Unread",
		   "2024-03-01 10.22 Jane Doe - Budget review [200024].eml\n");
	tree_free(t);
}

/* C1: what is hidden and empty is not shown; what holds something is, last. */
static void c1_hidden_folders_are_shown_when_they_hold_something(void)
{
	static const struct tree_options ways[] = { { 0 }, { .hidden = true } };
	static const char *const lists[] = {
		"Projects/\nQuick Step Settings/\nNot read/\nSays/\nOuter/\n",
		"Projects/\nQuick Step Settings/\nYammer Root/\nNot read/\n"
		"Says/\nOuter/\n",
	};

	for (size_t i = 0; i < 2; i++) {
		struct store *s = fake_store_new();
		struct tree *t;
		const struct {
			uint32_t nid, parent;
			const char *name;
			bool hidden;
		} folders[] = {
			{ TOP, 0, "", false },
			{ SUBTREE, TOP, "IPM_SUBTREE", false },
			{ 0x8042, SUBTREE, "Quick Step Settings", true },
			{ 0x8062, SUBTREE, "Yammer Root", true },
			{ 0x8082, 0x8062, "Feeds", true },
			{ 0x80A2, 0x8082, "Not hidden", false },
			{ 0x80C2, SUBTREE, "Not read", true },
			{ 0x80E2, SUBTREE, "Says", true },
			{ 0x8102, SUBTREE, "Outer", true },
			{ 0x8122, 0x8102, "Inner", true },
			{ 0x8142, 0x8122, "Innermost", true },
			{ 0x8162, SUBTREE, "Projects", false },
		};

		for (size_t k = 0; k < sizeof(folders) / sizeof(folders[0]);
		     k++) {
			struct fake *f =
				add_folder(s, folders[k].nid, folders[k].parent,
					   folders[k].name);

			if (folders[k].hidden)
				fake_number(f, MAPI_ATTRIBUTE_HIDDEN,
					    MAPI_BOOLEAN, 1);
		}
		add_message(s, MESSAGE, 0x8042);
		add_message(s, MESSAGE + 0x20, 0x8142);
		fake_lost_child(fake_again(s, 0x80C2), STORE_MESSAGES);
		fake_number(fake_again(s, 0x80E2), MAPI_CONTENT_COUNT,
			    MAPI_INTEGER32, 1);
		t = show_as(s, &ways[i]);
		check_list(t, "", lists[i]);
		check_list(t, "Outer/Inner", "Innermost/\n");
		CHECK(is_there(t, "Yammer Root") == ways[i].hidden);
		tree_free(t);
	}
}

/* C1: of so many that not all are looked into, none is left out. */
static void c1_no_more_is_said_than_was_looked_at(void)
{
	struct store *s = mailbox();
	struct tree *t;

	fake_number(add_folder(s, 0x8062, SUBTREE, "Many"),
		    MAPI_ATTRIBUTE_HIDDEN, MAPI_BOOLEAN, 1);
	fake_number(add_folder(s, 0x8082, SUBTREE, "Few"),
		    MAPI_ATTRIBUTE_HIDDEN, MAPI_BOOLEAN, 1);
	for (uint32_t i = 0; i < 257; i++)
		add_folder(s, 0xA002 + 0x20 * i, i < 256 ? 0x8062 : 0x8082,
			   "x");
	add_folder(s, 0xF002, 0x8062, "one over");
	t = show(s);
	check_list(t, "", "Inbox/\nMany/\n");
	tree_free(t);
}

/* C4: in what the owner wrote, everything is from him. */
static void c4_what_was_sent_is_named_by_whom_it_went_to(void)
{
	static const uint8_t key[16] = { 0 };
	struct store *s = mailbox();
	struct fake *m, *row;
	struct tree *t;

	memcpy(s->core->info.kind, "pst", 4);
	fake_bytes(fake_again(s, MAPI_NID_STORE), MAPI_RECORD_KEY, MAPI_BINARY,
		   key, sizeof(key));
	add_folder(s, OTHER, SUBTREE, "Gesendet");
	add_folder(s, 0x8082, SUBTREE, "Ausgang");
	add_entryid(s, MAPI_IPM_SUBTREE_ENTRYID, SUBTREE, 24);
	add_entryid(s, MAPI_IPM_SENTMAIL_ENTRYID, OTHER, 24);
	add_entryid(s, MAPI_IPM_OUTBOX_ENTRYID, 0x8082, 24);
	fake_text(add_message(s, MESSAGE, OTHER), MAPI_DISPLAY_TO,
		  "Bob; Eve Doe");
	fake_text(add_message(s, MESSAGE + 0x20, OTHER), MAPI_DISPLAY_BCC,
		  "Bob");
	row = fake_recipient(add_message(s, MESSAGE + 0x40, OTHER));
	fake_number(row, MAPI_RECIPIENT_TYPE, MAPI_INTEGER32, 1);
	fake_text(row, MAPI_EMAIL_ADDRESS, "bob@x.org");
	add_message(s, MESSAGE + 0x60, OTHER); /* to nobody */
	fake_text(add_message(s, MESSAGE + 0x80, 0x8082), MAPI_DISPLAY_TO,
		  "Bob");
	m = add_message(s, MESSAGE + 0xA0, INBOX);
	fake_text(m, MAPI_DISPLAY_TO, "Bob");
	t = show(s);
#define OF(who, nid) "2024-03-01 10.22 " who "Budget review [" nid "].eml\n"
	check_list(t, "Gesendet",
		   OF("to Bob; Eve Doe - ", "200024") OF("to Bob - ", "200044")
			   OF("to bob@x.org - ", "200064") OF("", "200084"));
	check_list(t, "Ausgang", OF("to Bob - ", "2000a4"));
	check_list(t, "Inbox", OF("Jane Doe - ", "2000c4"));
#undef OF
	CHECK(is_there(t, "Gesendet/2024-03-01 10.22 to Bob - Budget review "
			  "[200044].eml"));
	tree_free(t);
}

/* A store may list a folder below itself, twice, or in two places. */
static void shows_each_folder_in_one_place(void)
{
	struct store *s = mailbox();
	struct fake *inbox = fake_again(s, INBOX);
	struct fake *other = add_folder(s, OTHER, INBOX, "Other");
	struct tree *t;

	fake_list(inbox, STORE_FOLDERS, inbox);
	fake_list(inbox, STORE_FOLDERS, other);
	fake_list(other, STORE_FOLDERS, inbox);
	fake_list(other, STORE_FOLDERS, fake_again(s, SUBTREE));
	fake_list(other, STORE_FOLDERS, fake_again(s, TOP));
	t = show(s);
	check_list(t, "", "Inbox/\n");
	check_list(t, "Inbox", "Other/\n");
	check_list(t, "Inbox/Other", "");
	tree_free(t);
}

static void shows_a_folder_that_only_another_one_lists(void)
{
	struct store *s = mailbox();
	struct fake *lost = add_folder(s, OTHER, 0, "Nobody's");
	struct tree *t;

	fake_list(fake_again(s, INBOX), STORE_FOLDERS, lost);
	t = show(s);
	check_list(t, "Inbox", "Nobody's/\n");
	tree_free(t);
}

/* --- items -------------------------------------------------------------- */

static void names_items_by_their_class(void)
{
	static const struct {
		const char *class, *subject, *sender;
		bool dated;
		const char *name;
	} cases[] = {
		{ "IPM.Note", "Re: x", "Jane", true,
		  "2024-03-01 10.22 Jane - Re- x [200024].eml\n" },
		{ "IPM.Unheard.Of", "x", "Jane", true,
		  "2024-03-01 10.22 Jane - x [200024].eml\n" },
		{ NULL, "x", "Jane", true,
		  "2024-03-01 10.22 Jane - x [200024].eml\n" },
		{ "IPM.Note", "x", NULL, false, "x [200024].eml\n" },
		{ "IPM.Note", NULL, NULL, false, "No subject [200024].eml\n" },
		{ "IPM.Contact", "Jane Doe", "me", true,
		  "Jane Doe [200024].vcf\n" },
		{ "ipm.contact.custom", "Jane Doe", "me", true,
		  "Jane Doe [200024].vcf\n" },
		{ "IPM.DistList", "All", "me", true, "All [200024].vcf\n" },
		{ "IPM.Task", "Do it", "me", true, "Do it [200024].ics\n" },
		{ "IPM.TaskRequest", "Do it", "me", true,
		  "2024-03-01 10.22 me - Do it [200024].eml\n" },
		{ "IPM.StickyNote", "Milk", NULL, true, "Milk [200024].txt\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store *s = mailbox();
		struct fake *o = fake_add(s, MESSAGE, INBOX);
		struct tree *t;

		if (cases[i].class != NULL)
			fake_text(o, MAPI_MESSAGE_CLASS, cases[i].class);
		if (cases[i].subject != NULL)
			fake_text(o, MAPI_SUBJECT, cases[i].subject);
		if (cases[i].sender != NULL)
			fake_text(o, MAPI_SENDER_NAME, cases[i].sender);
		if (cases[i].dated)
			fake_number(o, MAPI_MESSAGE_DELIVERY_TIME, MAPI_TIME,
				    filetime(MARCH_1));
		t = show(s);
		check_list(t, "Inbox", cases[i].name);
		tree_free(t);
	}
}

/* A time zone with a name, always so many minutes ahead [MS-OXOCAL]. */
static void add_zone(struct fake *o, uint16_t id, int32_t readahead)
{
	uint8_t zone[76] = { 2, 1, 6, 0, 2, 0, 0, 0, 1, 0, 2, 1, 0x3E, 0, 2 };

	zone[16] = 0x41; /* 1601 */
	zone[17] = 0x06;
	for (size_t i = 0; i < 4; i++)
		zone[32 + i] = (uint8_t)((uint32_t)-readahead >> 8 * i);
	fake_bytes(o, id, MAPI_BINARY, zone, sizeof(zone));
}

static void b13_names_appointments_by_the_clock_of_their_zone(void)
{
	static const uint8_t set[16] = { 0x02, 0x20, 6, 0, 0, 0, 0, 0,
					 0xC0, 0,    0, 0, 0, 0, 0, 0x46 };
	static const struct {
		int64_t start;
		int32_t readahead; /* minutes; 0: no zone is known */
		bool day;
		const char *name;
	} cases[] = {
		/* 5 March in Berlin, and where it is not known where */
		{ 1709593200, 60, true, "2024-03-05 x [200024].ics\n" },
		{ 1709593200, 0, true, "2024-03-05 x [200024].ics\n" },
		/* and in Los Angeles and Auckland */
		{ 1709625600, -480, true, "2024-03-05 x [200024].ics\n" },
		{ 1709550000, 780, true, "2024-03-05 x [200024].ics\n" },
		{ 1709593200, 60, false, "2024-03-05 00.00 x [200024].ics\n" },
		{ 1709593200, 0, false, "2024-03-04 23.00 x [200024].ics\n" },
		{ 1709593200, -300, false,
		  "2024-03-04 18.00 x [200024].ics\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store *s = mailbox();
		struct fake *o = fake_add(s, MESSAGE, INBOX);
		struct tree *t;

		fake_text(o, MAPI_MESSAGE_CLASS, "IPM.Appointment");
		fake_text(o, MAPI_SUBJECT, "x");
		fake_number(o, fake_name(s, set, 0x820D, NULL), MAPI_TIME,
			    filetime(cases[i].start));
		fake_number(o, fake_name(s, set, 0x8215, NULL), MAPI_BOOLEAN,
			    cases[i].day);
		if (cases[i].readahead != 0)
			add_zone(o, fake_name(s, set, 0x825E, NULL),
				 cases[i].readahead);
		t = show(s);
		check_list(t, "Inbox", cases[i].name);
		tree_free(t);
	}
}

/* A10: when it was made is no date of an appointment that says no start. */
static void an_appointment_without_a_start_has_no_date_in_its_name(void)
{
	struct store *s = mailbox();
	struct fake *o = fake_add(s, MESSAGE, INBOX);
	struct tree *t;

	fake_text(o, MAPI_MESSAGE_CLASS, "IPM.Appointment");
	fake_text(o, MAPI_SUBJECT, "x");
	fake_number(o, MAPI_CREATION_TIME, MAPI_TIME, filetime(1709593200));
	fake_number(o, MAPI_MESSAGE_DELIVERY_TIME, MAPI_TIME,
		    filetime(1709593200));
	t = show(s);
	check_list(t, "Inbox", "x [200024].ics\n");
	tree_free(t);
}

static void shows_all_as_text_when_asked(void)
{
	const struct tree_options plain = { .items = MAIL_ITEMS_EML };
	struct tree_options options = plain;
	struct store *s = mailbox();
	const char *want;
	struct tree *t;
	char *bytes;

	CHECK(!tree_option(&options, "layout=mbox", &want) && want != NULL);
	CHECK(tree_option(&options, "layout=tree", &want));
	CHECK(options.items == MAIL_ITEMS_EML);
	CHECK(tree_option(&options, "layout=text", &want));
	add_message(s, MESSAGE, INBOX);
	t = show_as(s, &options);
	check_list(t, "Inbox", CALLED("[200024].txt\n"));
	bytes = bytes_at(
		t,
		"Inbox/2024-03-01 10.22 Jane Doe - Budget review [200024].txt");
	CHECK(strstr(bytes, "\nSubject: Budget review\n") != NULL);
	free(bytes);
	tree_free(t);
	CHECK(tree_option(&options, "layout=tree", &want));
	CHECK(options.items == MAIL_ITEMS_NATIVE);
}

static void shows_folders_as_maildirs_when_asked(void)
{
	struct tree_options options = { .attachments = TREE_BESIDE };
	const char name[] = "Inbox/cur/1709288520.N200024.00000000:2,S";
	struct store *s = mailbox();
	struct tree_node node;
	struct ost_error err;
	const char *want;
	struct tree *t;
	uint64_t up = 0;
	char *bytes;

	CHECK(tree_option(&options, "layout=maildir", &want));
	add_message(s, MESSAGE, INBOX);
	fake_number(fake_again(s, MESSAGE), MAPI_MESSAGE_FLAGS, MAPI_INTEGER32,
		    1);
	add_folder(s, 0x8102, INBOX, "Cur");
	t = show_as(s, &options);
	check_list(t, "", "Inbox/\ncur/\nnew/\ntmp/\n");
	check_list(t, "Inbox", "Cur [8102]/\ncur/\nnew/\ntmp/\n");
	check_list(t, "Inbox/cur", "1709288520.N200024.00000000:2,S\n");
	check_list(t, "Inbox/new", "");
	check_list(t, "Inbox/tmp", "");
	check_list(t, "Inbox/Cur [8102]/cur", "");
	bytes = bytes_at(t, name);
	CHECK(strstr(bytes, "\nSubject: Budget review\r\n") != NULL);
	free(bytes);
	CHECK(!is_there(t, "Inbox/1709288520.N200024.00000000:2,S"));
	CHECK(!is_there(t, "Inbox/cur/1709288520.N200024.00000000:2,"));
	CHECK(!is_there(t, "Inbox/cur/1709288521.N200024.00000000:2,S"));
	CHECK(!is_there(t, "Inbox/new/1709288520.N200024.00000000:2,S"));
	CHECK(!is_there(t, "Inbox/Cur [8102]/cur/"
			   "1709288520.N200024.00000000:2,S"));
	CHECK(!is_there(t, "Inbox/cur/2024-03-01 10.22 Jane Doe - Budget "
			   "review [200024].eml"));
	CHECK(tree_parent(t, ino_at(t, name), &up, &err) == OST_OK &&
	      up == ino_at(t, "Inbox/cur"));
	CHECK(tree_parent(t, up, &up, &err) == OST_OK &&
	      up == ino_at(t, "Inbox"));
	CHECK(tree_stat(t, up, &node, &err) == OST_OK);
	tree_free(t);
}

static void names_a_contact_without_a_subject_by_its_own_name(void)
{
	struct store *s = mailbox();
	struct fake *o = fake_add(s, MESSAGE, INBOX);
	struct tree *t;

	fake_text(o, MAPI_MESSAGE_CLASS, "IPM.Contact");
	fake_text(o, MAPI_DISPLAY_NAME, "Jane Doe");
	t = show(s);
	check_list(t, "Inbox", "Jane Doe [200024].vcf\n");
	tree_free(t);
}

static void finds_an_item_by_its_whole_name_only(void)
{
	static const char *const wrong[] = {
		"",
		"x",
		"[200024].eml",
		CALLED("[200024]"),
		CALLED("[200024].vcf"),
		CALLED("[200024].EML"),
		CALLED("[0200024].eml"),
		CALLED("[200084].eml"),
		CALLED("[200064].eml"),
		"2024-03-01 10.22 jane doe - Budget review [200024].eml",
		CALLED("[200024].eml "),
		CALLED("[200024].attachments"),
		"x [8042].eml",
		"x [21].eml",
		"x [ffffffff].eml",
		"Unreadable message 1",
		"Unreadable messages",
		"Unreadable folder 1",
		"Unreadable folders",
		"Unreadable message -1",
		"Unreadable message 99999999999999999999",
	};
	struct store *s = mailbox();
	struct tree *t;
	struct tree_node node;
	struct ost_error err;

	add_message(s, MESSAGE, INBOX);
	add_message(s, MESSAGE + 0x20, INBOX);
	add_folder(s, OTHER, SUBTREE, "Other");
	add_message(s, MESSAGE + 0x40, OTHER);
	t = show(s);
	CHECK(ino_at(t, "Inbox/2024-03-01 10.22 Jane Doe - Budget review "
			"[200024].eml") == MESSAGE);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK(tree_lookup(t, INBOX, wrong[i], &node, &err) ==
		      OST_NOT_FOUND);
	CHECK(tree_lookup(t, MESSAGE, "x", &node, &err) == OST_NOT_FOUND);
	tree_free(t);
}

static void gives_an_item_its_times(void)
{
	struct store *s = mailbox();
	struct fake *o = add_message(s, MESSAGE, INBOX);
	struct fake *bare = fake_add(s, MESSAGE + 0x20, INBOX);
	struct tree *t;
	struct tree_node node;
	struct ost_error err;

	fake_number(o, MAPI_LAST_MODIFICATION_TIME, MAPI_TIME,
		    filetime(MARCH_1 + 60) + 1234567);
	fake_number(fake_again(s, INBOX), MAPI_LAST_MODIFICATION_TIME,
		    MAPI_TIME, filetime(MARCH_1 + 120));
	fake_text(bare, MAPI_SUBJECT, "when?");
	s->core->info.mtime = 1000000000;
	s->core->info.size = 4096;
	t = show(s);
	CHECK(tree_stat(t, MESSAGE, &node, &err) == OST_OK);
	CHECK(node.mtime == MARCH_1 && node.mtime_nsec == 0);
	CHECK(node.ctime == MARCH_1 + 60 && node.ctime_nsec == 123456700);
	CHECK(node.nlink == 1 && !node.is_dir && node.size > 0);
	CHECK(tree_stat(t, MESSAGE + 0x20, &node, &err) == OST_OK);
	CHECK(node.mtime == 1000000000 && node.ctime == 1000000000);
	CHECK(tree_stat(t, INBOX, &node, &err) == OST_OK);
	CHECK(node.mtime == MARCH_1 + 120 && node.ctime == node.mtime);
	CHECK(tree_stat(t, TREE_ROOT, &node, &err) == OST_OK);
	CHECK(node.mtime == 1000000000 && node.ino == TREE_ROOT);
	CHECK(tree_bytes(t) == 4096);
	tree_free(t);
}

static void counts_links_where_it_knows_the_subdirectories(void)
{
	const struct tree_options inside = { .attachments = TREE_INSIDE,
					     .items = MAIL_ITEMS_EML };
	static const struct {
		const char *path;
		uint32_t both, inside;
	} cases[] = {
		{ "", 1, 1 },	   /* who knows if anything is lost */
		{ "Inbox", 1, 3 }, /* it has messages: who knows */
		{ "Inbox/Done", 2, 2 },
		{ ".ostfs", 3, 3 },
		{ ".ostfs/mapi", 2, 2 },
	};
	struct tree_node node;
	struct ost_error err;

	for (int i = 0; i < 2; i++) {
		struct store *s = mailbox();
		struct tree *t;

		add_folder(s, OTHER, SUBTREE, "Other");
		add_folder(s, 0x8082, INBOX, "Done");
		add_message(s, MESSAGE, INBOX);
		t = i == 0 ? show(s) : show_as(s, &inside);
		for (size_t j = 0; j < sizeof(cases) / sizeof(cases[0]); j++) {
			CHECK(tree_walk(t, cases[j].path, &node, &err) ==
			      OST_OK);
			CHECK(node.nlink ==
			      (i == 0 ? cases[j].both : cases[j].inside));
		}
		tree_free(t);
	}
}

/* --- damage ------------------------------------------------------------- */

static void check_cannot_be_read(struct tree *t, const char *path,
				 const char *why)
{
	struct tree_file *f = NULL;
	struct ost_error err = { "" };
	struct tree_node node = { 0 };

	CHECK(tree_walk(t, path, &node, &err) == OST_OK);
	CHECK(!node.is_dir && node.size == 1); /* or tools would not read it */
	CHECK(tree_open(t, node.ino, &f, &err) == OST_CORRUPT && f == NULL);
	CHECK_STR(err.text, why);
}

static void lists_what_it_cannot_read_by_its_place(void)
{
	struct store *s = mailbox();
	struct fake *inbox = fake_again(s, INBOX);
	struct tree *t;
	uint64_t parent = 0;
	struct ost_error err;

	add_folder(s, OTHER, INBOX, "Other");
	fake_lost_child(inbox, STORE_FOLDERS);
	add_message(s, MESSAGE, INBOX);
	fake_lost_child(inbox, STORE_MESSAGES);
	fake_list(inbox, STORE_MESSAGES, fake_again(s, SUBTREE));
	add_message(s, MESSAGE + 0x20, INBOX);
	t = show(s);
	check_list(t, "Inbox",
		   "Other/\n"
		   "Unreadable folder 2\n"
		   "2024-03-01 10.22 Jane Doe - Budget review [200024].eml\n"
		   "Unreadable message 2\n"
		   "Unreadable message 3\n"
		   "2024-03-01 10.22 Jane Doe - Budget review [200044].eml\n");
	check_cannot_be_read(t, "Inbox/Unreadable folder 2",
			     "folder 0x8042: list of folders: "
			     "child 1 is lost");
	check_cannot_be_read(t, "Inbox/Unreadable message 2",
			     "folder 0x8042: list of messages: "
			     "child 1 is lost");
	check_cannot_be_read(t, "Inbox/Unreadable message 3",
			     "folder 0x8042: list of messages: "
			     "an entry of the wrong type");
	CHECK(!is_there(t, "Inbox/Unreadable message 1"));
	CHECK(!is_there(t, "Inbox/Unreadable message 4"));
	CHECK(!is_there(t, "Inbox/Unreadable messages"));
	CHECK(!is_there(t, "Inbox/Unreadable folder 1"));
	CHECK(tree_parent(t, ino_at(t, "Inbox/Unreadable message 2"), &parent,
			  &err) == OST_OK &&
	      parent == INBOX);
	tree_free(t);
}

/* The first of a list may be lost without the list. */
static void a_lost_first_entry_is_no_lost_list(void)
{
	struct store *s = mailbox();
	struct fake *inbox = fake_again(s, INBOX);
	struct tree *t;

	fake_lost_child(inbox, STORE_FOLDERS);
	add_folder(s, OTHER, INBOX, "Other");
	fake_lost_child(inbox, STORE_MESSAGES);
	add_message(s, MESSAGE, INBOX);
	t = show(s);
	check_list(t, "Inbox",
		   "Other/\n"
		   "Unreadable folder 1\n"
		   "Unreadable message 1\n"
		   "2024-03-01 10.22 Jane Doe - Budget review [200024].eml\n");
	CHECK(!is_there(t, "Inbox/Unreadable folders"));
	CHECK(!is_there(t, "Inbox/Unreadable messages"));
	tree_free(t);
}

static void says_when_a_whole_list_cannot_be_read(void)
{
	struct store *s = mailbox();
	struct fake *inbox = fake_again(s, INBOX);
	struct tree *t;

	fake_lost_child(inbox, STORE_FOLDERS);
	fake_lost_child(inbox, STORE_MESSAGES);
	t = show(s);
	check_list(t, "Inbox", "Unreadable folders\nUnreadable messages\n");
	check_cannot_be_read(t, "Inbox/Unreadable folders",
			     "folder 0x8042: list of folders: "
			     "child 0 is lost");
	check_cannot_be_read(t, "Inbox/Unreadable messages",
			     "folder 0x8042: list of messages: "
			     "child 0 is lost");
	CHECK(!is_there(t, "Inbox/Unreadable message 1"));
	tree_free(t);
}

static void names_an_item_whose_texts_are_damaged(void)
{
	struct store *s = mailbox();
	struct fake *o = fake_add(s, MESSAGE, INBOX);
	struct tree *t;

	fake_broken(o, MAPI_SUBJECT, MAPI_UNICODE);
	fake_broken(o, MAPI_MESSAGE_CLASS, MAPI_UNICODE);
	fake_broken(o, MAPI_SENDER_NAME, MAPI_UNICODE);
	t = show(s);
	check_list(t, "Inbox", "No subject [200024].eml\n");
	CHECK(ino_at(t, "Inbox/No subject [200024].eml") == MESSAGE);
	tree_free(t);
}

int main(void)
{
	RUN(finds_the_folder_that_outlook_shows_as_the_root);
	RUN(opens_a_store_without_any_folder);
	RUN(tells_folders_of_one_name_apart_by_nid);
	RUN(shows_search_folders_when_asked);
	RUN(c1_hidden_folders_are_shown_when_they_hold_something);
	RUN(c1_no_more_is_said_than_was_looked_at);
	RUN(c4_what_was_sent_is_named_by_whom_it_went_to);
	RUN(shows_each_folder_in_one_place);
	RUN(shows_a_folder_that_only_another_one_lists);
	RUN(names_items_by_their_class);
	RUN(b13_names_appointments_by_the_clock_of_their_zone);
	RUN(an_appointment_without_a_start_has_no_date_in_its_name);
	RUN(shows_all_as_text_when_asked);
	RUN(shows_folders_as_maildirs_when_asked);
	RUN(names_a_contact_without_a_subject_by_its_own_name);
	RUN(finds_an_item_by_its_whole_name_only);
	RUN(gives_an_item_its_times);
	RUN(counts_links_where_it_knows_the_subdirectories);
	RUN(lists_what_it_cannot_read_by_its_place);
	RUN(a_lost_first_entry_is_no_lost_list);
	RUN(says_when_a_whole_list_cannot_be_read);
	RUN(names_an_item_whose_texts_are_damaged);
	return checked();
}
