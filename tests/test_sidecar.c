/*
 * test_sidecar.c - every property of an object, as JSON
 */
#include "mail/item/proplist.h"
#include "sidecarkit.h"

/* --- names -------------------------------------------------------------- */

static void names_a_property_as_microsoft_does(void)
{
	static const uint8_t common[16] = { 8,	  0x20, 6, 0, 0, 0, 0, 0,
					    0xC0, 0,	0, 0, 0, 0, 0, 0x46 };
	static const uint8_t meeting[16] = { 0x90, 0xDA, 0xD8, 0x6E, 0x0B, 0x45,
					     0x1B, 0x10, 0x98, 0xDA, 0x00, 0xAA,
					     0x00, 0x3F, 0x13, 0x05 };
	static const char *const want[] = {
		"{\"tag\": \"0x0037\", \"canonical\": \"PidTagSubject\", ",
		"{\"tag\": \"0x3701\", "
		"\"canonical\": \"PidTagAttachDataObject\", ",
		"{\"tag\": \"0x6001\", \"type\": ",
		"{\"tag\": \"0x8000\", "
		"\"guid\": \"00062008-0000-0000-c000-000000000046\", "
		"\"lid\": \"0x8503\", \"canonical\": \"PidLidReminderSet\", ",
		"{\"tag\": \"0x8001\", "
		"\"guid\": \"00062008-0000-0000-c000-000000000046\", "
		"\"name\": \"Kind\", ",
		"{\"tag\": \"0x8002\", "
		"\"guid\": \"6ed8da90-450b-101b-98da-00aa003f1305\", "
		"\"lid\": \"0x0003\", \"canonical\": \"PidLidGlobalObjectId\",",
		"{\"tag\": \"0x8003\", "
		"\"guid\": \"6ed8da90-450b-101b-98da-00aa003f1305\", "
		"\"lid\": \"0x8503\", \"type\": ",
		"{\"tag\": \"0x9000\", \"type\": ",
	};
	struct store *s = fake_store_new();
	struct fake *m = fake_add(s, MESSAGE, 0);

	fake_text(m, MAPI_SUBJECT, "x");
	fake_bytes(m, MAPI_ATTACH_DATA, MAPI_OBJECT, "", 0);
	fake_number(m, 0x6001, MAPI_INTEGER32, 1);
	fake_number(m, fake_name(s, common, 0x8503, NULL), MAPI_BOOLEAN, 1);
	fake_number(m, fake_name(s, common, 0, "Kind"), MAPI_BOOLEAN, 0);
	fake_number(m, fake_name(s, meeting, 3, NULL), MAPI_BOOLEAN, 0);
	fake_number(m, fake_name(s, meeting, 0x8503, NULL), MAPI_BOOLEAN, 0);
	fake_number(m, 0x9000, MAPI_INTEGER32, 1);
	char *text = write_all(m, "");
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		if (strstr(text, want[i]) == NULL)
			CHECK_STR(text, want[i]);
	CHECK(text != NULL);
	free(text);
	store_close(s);
}

static void knows_each_name_by_one_number(void)
{
	bool shown;

	for (size_t i = 1; i < propname_tag_count; i++)
		CHECK(propname_tags[i - 1].id < propname_tags[i].id);
	for (size_t i = 1; i < propname_lid_count; i++)
		CHECK(propname_lids[i - 1].set != propname_lids[i].set ||
		      propname_lids[i - 1].lid < propname_lids[i].lid);
	CHECK(propname_tag(0x0038, &shown) == NULL && !shown);
	CHECK_STR(propname_tag(MAPI_SUBJECT, &shown), "Subject");
	CHECK(shown);
}

/* --- objects ------------------------------------------------------------ */

static void goes_down_to_the_message_in_an_attachment(void)
{
	struct store *s = fake_store_new();
	struct fake *m = fake_add(s, MESSAGE, 0);
	struct fake *a = fake_attachment(m);

	fake_text(fake_recipient(m), MAPI_DISPLAY_NAME, "Jane");
	fake_text(a, MAPI_ATTACH_FILENAME, "inner.msg");
	fake_text(fake_embedded(a), MAPI_SUBJECT, "Inner");
	fake_lost_child(m, STORE_ATTACHMENTS);
	char *text = write_all(m, "att-corrupt");
	const char *jane = strstr(text, "\"Jane\"");
	const char *file = strstr(text, "\"inner.msg\"");
	const char *inner = strstr(text, "\"Inner\"");
	CHECK(jane != NULL && file != NULL && inner != NULL);
	CHECK(jane < file && file < inner);
	CHECK(strstr(inner != NULL ? inner : "",
		     "{\n      \"error\": \"child 1 is lost\"\n    }") != NULL);
	free(text);
	store_close(s);
}

static void gives_what_is_no_message_its_properties_only(void)
{
	struct store *s = fake_store_new();
	struct fake *f = fake_add(s, FOLDER, 0);
	char *text;

	fake_text(f, MAPI_DISPLAY_NAME, "Inbox");
	fake_text(fake_add(s, MESSAGE, FOLDER), MAPI_SUBJECT, "x");
	text = write_all(f, "");
	CHECK_STR(text, "{\n  \"nid\": \"0x8022\",\n  \"properties\": [\n    "
			"{\"tag\": \"0x3001\", "
			"\"canonical\": \"PidTagDisplayName\", "
			"\"type\": \"PtypString\", \"size\": 10, "
			"\"value\": \"Inbox\"}\n  ]\n}\n");
	free(text);
	store_close(s);
}

static void stops_at_messages_nested_without_end(void)
{
	struct store *s = fake_store_new();
	struct fake *top = fake_add(s, MESSAGE, 0), *m = top;

	for (int i = 1; i <= 110; i++) {
		m = fake_embedded(fake_attachment(m));
		if (i == 100)
			fake_text(m, MAPI_SUBJECT, "The last");
		if (i == 101)
			fake_text(m, MAPI_SUBJECT, "Too deep");
	}
	char *text = write_all(top, "depth");
	CHECK(strstr(text, "\"nested deeper than 100\"") != NULL);
	CHECK(strstr(text, "The last") != NULL);
	CHECK(strstr(text, "Too deep") == NULL);
	free(text);
	store_close(s);
}

static void stops_at_children_that_fail_without_end(void)
{
	struct store *s = fake_store_new();
	struct fake *m = fake_add(s, MESSAGE, 0);

	for (int i = 0; i < 1030; i++)
		fake_lost_child(m, STORE_RECIPIENTS);
	char *text = write_all(m, "rcpt-corrupt, prop-corrupt");
	CHECK(strstr(text, "\"child 1023 is lost\"") != NULL);
	CHECK(strstr(text, "\"child 1024 is lost\"") == NULL);
	CHECK(strstr(text, "\"more than 1024 cannot be read\"") != NULL);
	free(text);
	store_close(s);
}

/* D9: it holds all of 50,000 recipients, who take 50 to 120 MiB of it. */
static void says_when_there_is_more_than_it_can_hold(void)
{
	struct store *s = fake_store_new();
	struct fake *m = fake_add(s, MESSAGE, 0);

	/* each of them within its limit, and escaped to six times its size */
	for (int i = 0; i < 12; i++)
		fake_huge(fake_recipient(m), 0x6001, MAPI_STRING8, 4 << 20, 1);
	char *text = write_all(m, "prop-corrupt");
	const size_t len = strlen(text);
	CHECK(len > 128 << 20 && len < 160 << 20);
	CHECK(strstr(text, "\n  ],\n  \"error\": \"over 128 MiB of properties: "
			   "the rest is left out\",\n  \"attachments\": []\n}"
			   "\n") != NULL);
	free(text);
	store_close(s);
}

static void fails_when_the_file_below_fails(void)
{
	struct store *s = fake_store_new();
	struct fake *m = fake_add(s, MESSAGE, 0);
	struct mail *mail = NULL;
	struct ost_error err = { "" };

	fake_failing(m, 0x6001, MAPI_BINARY, OST_IO);
	CHECK(mail_plan_properties(&mail, fake_open(m), &err) == OST_IO);
	CHECK(mail == NULL);
	CHECK_STR(err.text, "property 0x6001 is lost");
	store_close(s);
}

/* --- large values ------------------------------------------------------- */

static void checks_ranges(const struct mail *m)
{
	char *all = bytes_of(m);
	const size_t size = (size_t)mail_size(m);
	static char part[70000];
	struct ost_error err;
	size_t got;

	for (size_t i = 0; i < 500; i++) {
		const size_t off = i * 7919 % (size + 10);
		const size_t want = i * 104729 % sizeof(part);
		const size_t left = off < size ? size - off : 0;

		CHECK(mail_read(m, off, part, want, &got, &err) == OST_OK);
		CHECK(got == (want < left ? want : left));
		CHECK(got == 0 || memcmp(part, all + off, got) == 0);
	}
	free(all);
}

static void reads_any_part_of_a_large_value(void)
{
	static const size_t sizes[] = { 16384, 16385, 65536, 100000, 100001 };
	static uint8_t bytes[100001];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * i >> 7);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct store *s = fake_store_new();
		struct fake *m = fake_add(s, MESSAGE, 0);
		struct mail *mail;

		fake_bytes(m, 0x3701, MAPI_BINARY, bytes, sizes[i]);
		fake_bytes(m, 0x3702, MAPI_BINARY, bytes + 1, sizes[i] - 1);
		fake_text(fake_recipient(m), MAPI_DISPLAY_NAME, "Jane");
		mail = plan(m);
		checks_ranges(mail);
		mail_free(mail);
		store_close(s);
	}
}

static void streams_a_value_that_no_memory_would_hold(void)
{
	static const uint64_t size = UINT64_C(6) << 30;
	struct store *s = fake_store_new();
	struct fake *m = fake_add(s, MESSAGE, 0);
	struct ost_error err;
	char tail[100] = "";
	struct mail *mail;
	size_t got = 0;

	fake_huge(m, 0x3701, MAPI_BINARY, size, 0);
	mail = plan(m);
	CHECK(mail_size(mail) > (size + 2) / 3 * 4);
	CHECK(mail_size(mail) < (size + 2) / 3 * 4 + 1000);
	CHECK(mail_read(mail, mail_size(mail) - 58, tail, 99, &got, &err) ==
	      OST_OK);
	CHECK_STR(tail, "AAAAAAAA\"}\n  ],\n  \"recipients\": [],\n  "
			"\"attachments\": []\n}\n");
	mail_free(mail);
	store_close(s);
}

static void keeps_what_can_be_read_of_a_damaged_value(void)
{
	struct store *s = fake_store_new();
	struct fake *m = fake_add(s, MESSAGE, 0);
	char *text;

	fake_cut(m, 0x3701, MAPI_BINARY, 300000, 200000);
	fake_cut(m, 0x3702, MAPI_BINARY, 300000, 100);
	fake_cut(m, 0x3703, MAPI_UNICODE, 300000, 100);
	text = write_all(m, "prop-corrupt");
	const char *first = strstr(text, "\"0x3701\"");
	const char *value = strstr(first, "\"value\": \"");
	/* whole chunks of 64 KiB */
	CHECK(strspn(value + 10, "A") == 196608 / 3 * 4);
	CHECK(strncmp(value + 10 + 196608 / 3 * 4, "\", \"error\": \"", 13) ==
	      0);
	CHECK(strstr(text, "\"0x3702\", \"canonical\": "
			   "\"PidTagAttachEncoding\", \"type\": "
			   "\"PtypBinary\", \"size\": 300000, \"error\": \"") !=
	      NULL);
	CHECK(strstr(text, "\"0x3703\", \"canonical\": "
			   "\"PidTagAttachExtension\", \"type\": "
			   "\"PtypString\", \"size\": 300000, \"error\": \"") !=
	      NULL);
	free(text);
	store_close(s);
}

int main(void)
{
	RUN(names_a_property_as_microsoft_does);
	RUN(knows_each_name_by_one_number);
	RUN(goes_down_to_the_message_in_an_attachment);
	RUN(gives_what_is_no_message_its_properties_only);
	RUN(stops_at_messages_nested_without_end);
	RUN(stops_at_children_that_fail_without_end);
	RUN(says_when_there_is_more_than_it_can_hold);
	RUN(fails_when_the_file_below_fails);
	RUN(reads_any_part_of_a_large_value);
	RUN(streams_a_value_that_no_memory_would_hold);
	RUN(keeps_what_can_be_read_of_a_damaged_value);
	return checked();
}
