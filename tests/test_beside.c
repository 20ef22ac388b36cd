#include "tree/parts.h"
#include "treekit.h"

/* --- attachments -------------------------------------------------------- */

#define STEM   "2024-03-01 10.22 Jane Doe - Budget review [200024]"
#define OTHER  "2024-03-01 10.22 Jane Doe - Budget review [200044]"
#define BESIDE "Inbox/" STEM ".attachments"

static struct store *with_attachments(void)
{
	struct store *s = mailbox();
	struct fake *m = add_message(s, MESSAGE, INBOX), *inner;

	add_file(m, "a.txt", "one");
	add_file(m, "A.TXT", "two");
	inner = add_embedded(m, "Re: lunch");
	add_file(inner, "menu.pdf", "%PDF");
	add_file(add_embedded(inner, "Fwd: lunch"), "a.txt", "deep");
	add_embedded(m, "No more");
	add_file(m, "what?.txt", "x");
	return s;
}

static void lists_attachments_beside_the_mail(void)
{
	struct tree *t = show(with_attachments());
	char *bytes;

	check_list(t, "Inbox", STEM ".eml\n" STEM ".attachments/\n");
	check_list(t, BESIDE,
		   "a.txt\n"
		   "A [8045].TXT\n"
		   "Re- lunch [8065].eml\n"
		   "Re- lunch [8065].attachments/\n"
		   "No more [8125].eml\n"
		   "what-.txt\n");
	check_list(t, BESIDE "/Re- lunch [8065].attachments",
		   "menu.pdf\n"
		   "Fwd- lunch [80c5].eml\n"
		   "Fwd- lunch [80c5].attachments/\n");
	check_list(t,
		   BESIDE "/Re- lunch [8065].attachments"
			  "/Fwd- lunch [80c5].attachments",
		   "a.txt\n");
	bytes = bytes_at(t, BESIDE "/A [8045].TXT");
	CHECK_STR(bytes, "two");
	free(bytes);
	bytes = bytes_at(t, BESIDE "/Re- lunch [8065].attachments"
				   "/Fwd- lunch [80c5].attachments/a.txt");
	CHECK_STR(bytes, "deep");
	free(bytes);
	bytes = bytes_at(t, BESIDE "/Re- lunch [8065].eml");
	CHECK(strstr(bytes, "\nSubject: Re: lunch\r\n") != NULL);
	free(bytes);
	tree_free(t);
}

/* As tree.h lays inode numbers out; the place counts depth first. */
static void numbers_attachments_by_their_place(void)
{
	static const struct {
		const char *path;
		uint64_t place, kind;
		uint32_t nlink;
	} cases[] = {
		{ "Inbox/" STEM ".eml", 0, 0, 1 },
		{ BESIDE, 0, 1, 3 },
		{ BESIDE "/a.txt", 1, 0, 1 },
		{ BESIDE "/A [8045].TXT", 2, 0, 1 },
		{ BESIDE "/Re- lunch [8065].eml", 3, 0, 1 },
		{ BESIDE "/Re- lunch [8065].attachments", 3, 1, 3 },
		{ BESIDE "/Re- lunch [8065].attachments/menu.pdf", 4, 0, 1 },
		{ BESIDE "/Re- lunch [8065].attachments/Fwd- lunch [80c5].eml",
		  5, 0, 1 },
		{ BESIDE "/No more [8125].eml", 7, 0, 1 },
		{ BESIDE "/what-.txt", 8, 0, 1 },
	};
	struct tree *t = show(with_attachments());

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tree_node node = { 0 };
		struct ost_error err;
		uint64_t parent = 0;

		CHECK(tree_walk(t, cases[i].path, &node, &err) == OST_OK);
		CHECK(node.ino ==
		      (cases[i].place << 34 | cases[i].kind << 32 | MESSAGE));
		CHECK(node.nlink == cases[i].nlink);
		CHECK(node.is_dir == (cases[i].kind == 1));
		CHECK(tree_parent(t, node.ino, &parent, &err) == OST_OK);
		CHECK(parent == (i < 2	  ? (uint64_t)INBOX
				 : i == 6 ? UINT64_C(3) << 34 |
						    UINT64_C(1) << 32 | MESSAGE
				 : i == 7 ? UINT64_C(3) << 34 |
						    UINT64_C(1) << 32 | MESSAGE
					  : UINT64_C(1) << 32 | MESSAGE));
	}
	tree_free(t);
}

static void knows_no_inode_that_nothing_has(void)
{
	static const uint64_t inos[] = {
		0,
		2,
		0x9992,
		MAPI_NID_STORE,
		MESSAGE | UINT64_C(1) << 52,
		TREE_ROOT | UINT64_C(1) << 63,
		MESSAGE | UINT64_C(9) << 34,
		MESSAGE | UINT64_C(9) << 34 | UINT64_C(1) << 32,
		MESSAGE | UINT64_C(1) << 34 | UINT64_C(1) << 32, /* a file */
		MESSAGE | UINT64_C(0x3FFFF) << 34,
		INBOX | UINT64_C(1) << 32,
		INBOX | UINT64_C(1) << 34,
		UINT64_C(2) << 32 | UINT64_C(3) << 34,
		UINT64_C(2) << 32 | 5,
		UINT64_MAX,
	};
	struct tree *t = show(with_attachments());

	for (size_t i = 0; i < sizeof(inos) / sizeof(inos[0]); i++) {
		struct tree_file *f = NULL;
		struct tree_node node;
		struct ost_error err;

		CHECK(tree_stat(t, inos[i], &node, &err) == OST_NOT_FOUND);
		CHECK(tree_open(t, inos[i], &f, &err) != OST_OK && f == NULL);
	}
	tree_free(t);
}

static void leaves_attachments_where_it_is_told(void)
{
	const struct tree_options inside = { .attachments = TREE_INSIDE };
	const struct tree_options beside = { .attachments = TREE_BESIDE };
	struct tree *t = show_as(with_attachments(), &inside);
	char *bytes;

	check_list(t, "Inbox", STEM ".eml\n");
	CHECK(!is_there(t, BESIDE));
	bytes = bytes_at(t, "Inbox/" STEM ".eml");
	CHECK(strstr(bytes, "JVBERg==") != NULL); /* %PDF */
	free(bytes);
	tree_free(t);

	t = show_as(with_attachments(), &beside);
	check_list(t, "Inbox", STEM ".eml\n" STEM ".attachments/\n");
	bytes = bytes_at(t, "Inbox/" STEM ".eml");
	CHECK(strstr(bytes, "JVBERg==") == NULL);
	free(bytes);
	tree_free(t);
}

/* A file that is no mail has no room for attachments. */
/* C3: a file manager shows directories first, one beside each mail. */
static void c3_gathers_attachments_in_one_directory_of_the_folder(void)
{
	static const char inner[] =
		"Inbox/Attachments/" STEM "/Re- lunch [8065].attachments";
	const struct tree_options options = { .attachments = TREE_IN_FOLDER };
	struct store *s = with_attachments();
	struct tree_node node;
	struct ost_error err;
	struct tree *t;
	uint64_t up = 0;
	char *bytes;

	add_message(s, MESSAGE + 0x20, INBOX);
	add_folder(s, 0x8102, INBOX, "attachments");
	add_folder(s, 0x8122, SUBTREE, "Empty");
	t = show_as(s, &options);
	check_list(t, "", "Inbox/\nEmpty/\n");
	check_list(t, "Empty", "");
	CHECK(!is_there(t, "Empty/Attachments"));
	check_list(t, "Inbox",
		   "attachments [8102]/\nAttachments/\n" STEM ".eml\n" OTHER
		   ".eml"
		   "\n");
	check_list(t, "Inbox/Attachments", STEM "/\n");
	check_list(t, "Inbox/Attachments/" STEM,
		   "a.txt\n"
		   "A [8045].TXT\n"
		   "Re- lunch [8065].eml\n"
		   "Re- lunch [8065].attachments/\n"
		   "No more [8125].eml\n"
		   "what-.txt\n");
	check_list(t, inner,
		   "menu.pdf\n"
		   "Fwd- lunch [80c5].eml\n"
		   "Fwd- lunch [80c5].attachments/\n");
	CHECK(!is_there(t, BESIDE));
	CHECK(!is_there(t, "Inbox/" STEM));
	CHECK(!is_there(t, "Inbox/Attachments/" STEM ".eml"));
	CHECK(!is_there(t, "Inbox/Attachments/" STEM ".attachments"));
	CHECK(!is_there(t, "Inbox/Attachments/" OTHER));
	CHECK(tree_parent(t, ino_at(t, "Inbox/Attachments/" STEM), &up, &err) ==
		      OST_OK &&
	      up == ino_at(t, "Inbox/Attachments"));
	CHECK(tree_parent(t, up, &up, &err) == OST_OK &&
	      up == ino_at(t, "Inbox"));
	CHECK(tree_stat(t, ino_at(t, "Inbox/Attachments"), &node, &err) ==
		      OST_OK &&
	      node.is_dir && node.nlink == 1);
	/* The mail is complete too. */
	bytes = bytes_at(t, "Inbox/" STEM ".eml");
	CHECK(strstr(bytes, "menu.pdf") != NULL);
	free(bytes);
	tree_free(t);

	/* Its numbers are of nothing where it is not asked for. */
	t = show(with_attachments());
	CHECK(tree_stat(t, ino_make(INO_GATHERED, INBOX, 0), &node, &err) ==
	      OST_NOT_FOUND);
	tree_free(t);
}

static void a_contact_has_its_attachments_beside_it_anyway(void)
{
	static const struct {
		struct tree_options how;
		const char *list;
	} cases[] = {
		{ { .attachments = TREE_INSIDE },
		  "Jane [200024].vcf\nJane [200024].attachments/\n" },
		{ { .attachments = TREE_BESIDE },
		  "Jane [200024].vcf\nJane [200024].attachments/\n" },
		{ { .items = MAIL_ITEMS_EML },
		  "Jane [200024].eml\nJane [200024].attachments/\n" },
		{ { .attachments = TREE_INSIDE, .items = MAIL_ITEMS_EML },
		  "Jane [200024].eml\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store *s = mailbox();
		struct fake *m = fake_add(s, MESSAGE, INBOX);
		struct tree *t;

		fake_text(m, MAPI_MESSAGE_CLASS, "IPM.Contact");
		fake_text(m, MAPI_SUBJECT, "Jane");
		add_file(m, "cv.pdf", "%PDF");
		t = show_as(s, &cases[i].how);
		check_list(t, "Inbox", cases[i].list);
		tree_free(t);
	}
}

/* --- attributes --------------------------------------------------------- */

static void check_attribute(struct tree *t, const char *path, const char *name,
			    const char *want)
{
	struct buf value = { 0 };
	struct ost_error err = { "" };
	const enum ost_status st =
		tree_xattr(t, ino_at(t, path), name, &value, &err);

	CHECK(st == (want != NULL ? OST_OK : OST_NOT_FOUND));
	CHECK_STR(buf_text(&value), want != NULL ? want : "");
	buf_free(&value);
}

static void tells_what_it_knows_in_attributes(void)
{
	static const struct {
		const char *path, *name, *value;
	} cases[] = {
		{ "Inbox/" STEM ".eml", "user.ost.nid", "200024" },
		{ "Inbox/" STEM ".eml", "user.ost.class", "IPM.Note" },
		{ "Inbox/" STEM ".eml", "user.ost.subject", "Budget review" },
		{ "Inbox/" STEM ".eml", "user.ost.date",
		  "2024-03-01T10:22:00Z" },
		{ "Inbox/" STEM ".eml", "user.mime_type", "message/rfc822" },
		{ "Inbox/" STEM ".eml", "user.ost.categories", NULL },
		{ "Inbox/" STEM ".eml", "security.selinux", NULL },
		{ "Inbox/" STEM ".eml", "system.posix_acl_access", NULL },
		{ "Inbox/" STEM ".eml", "user.ost", NULL },
		{ "Inbox/" STEM ".eml", "", NULL },
		{ "Inbox", "user.ost.nid", "8042" },
		{ "Inbox", "user.ost.class", "IPF.Note" },
		{ "Inbox", "user.ost.subject", NULL },
		{ "Inbox", "user.mime_type", NULL },
		{ "", "user.ost.nid", "8022" },
		{ BESIDE, "user.ost.nid", NULL },
		{ BESIDE "/a.txt", "user.ost.nid", "8025" },
		{ BESIDE "/a.txt", "user.mime_type", "text/plain" },
		{ BESIDE "/a.txt", "user.ost.class", NULL },
		{ BESIDE "/Re- lunch [8065].eml", "user.ost.nid", "8065" },
		{ BESIDE "/Re- lunch [8065].eml", "user.ost.subject",
		  "Re: lunch" },
		{ BESIDE "/Re- lunch [8065].eml", "user.mime_type",
		  "message/rfc822" },
		{ ".ostfs/info.json", "user.mime_type", "application/json" },
		{ ".ostfs/info.json", "user.ost.nid", NULL },
		{ ".ostfs", "user.mime_type", NULL },
	};
	struct store *s = with_attachments();
	struct tree *t;

	fake_text(fake_again(s, INBOX), MAPI_CONTAINER_CLASS, "IPF.Note");
	t = show(s);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_attribute(t, cases[i].path, cases[i].name,
				cases[i].value);
	tree_free(t);
}

/* A contact has no header to have one in. */
static void only_what_is_a_mail_has_a_message_id(void)
{
	for (int eml = 0; eml < 2; eml++) {
		const struct tree_options how = {
			.items = eml ? MAIL_ITEMS_EML : MAIL_ITEMS_NATIVE
		};
		struct store *s = mailbox();
		struct fake *m = fake_add(s, MESSAGE, INBOX);

		fake_text(m, MAPI_MESSAGE_CLASS, "IPM.Contact");
		fake_text(m, MAPI_SUBJECT, "Bob");
		fake_text(m, MAPI_INTERNET_MESSAGE_ID, "<1@x.org>");
		struct tree *t = show_as(s, &how);
		check_attribute(t,
				eml ? "Inbox/Bob [200024].eml"
				    : "Inbox/Bob [200024].vcf",
				"user.ost.message-id",
				eml ? "<1@x.org>" : NULL);
		tree_free(t);
	}
}

static void lists_the_attributes_that_have_a_value(void)
{
	static const char want[] = "user.ost.class\0user.ost.nid";
	struct store *s = with_attachments();
	struct buf names = { 0 };
	struct tree *t;
	struct ost_error err;

	fake_text(fake_again(s, INBOX), MAPI_CONTAINER_CLASS, "IPF.Note");
	t = show(s);
	CHECK(tree_xattrs(t, INBOX, &names, &err) == OST_OK);
	CHECK(names.len == sizeof(want) &&
	      memcmp(names.at, want, sizeof(want)) == 0);
	buf_free(&names);
	tree_free(t);
}

int main(void)
{
	RUN(lists_attachments_beside_the_mail);
	RUN(numbers_attachments_by_their_place);
	RUN(knows_no_inode_that_nothing_has);
	RUN(leaves_attachments_where_it_is_told);
	RUN(c3_gathers_attachments_in_one_directory_of_the_folder);
	RUN(a_contact_has_its_attachments_beside_it_anyway);
	RUN(tells_what_it_knows_in_attributes);
	RUN(only_what_is_a_mail_has_a_message_id);
	RUN(lists_the_attributes_that_have_a_value);
	return checked();
}
