/*
 * test_props.c - every property of an object, as JSON
 */
#include <stdlib.h>

#include "check.h"
#include "fake.h"
#include "props.h"

enum { MESSAGE = 0x200024, FOLDER = 0x8022 };

static uint64_t damaged;

/* What props_write() makes of `o`. Owned. */
static char *write_all(struct fake *o)
{
	struct store_object *object = fake_open(o);
	char *text = NULL;
	size_t size;
	struct json json = { .to = open_memstream(&text, &size) };

	damaged = 0;
	props_write(&json, object, &damaged);
	fclose(json.to);
	store_drop(object);
	return text;
}

/* The line of the property in `text` that has `tag`, without its comma. */
static const char *line_of(char *text, const char *tag)
{
	char *at = strstr(text, tag);

	if (at == NULL)
		return "";
	while (at > text && at[-1] != '\n')
		at--;
	at += strspn(at, " ");
	at[strcspn(at, "\n")] = '\0';
	if (*at != '\0' && at[strlen(at) - 1] == ',')
		at[strlen(at) - 1] = '\0';
	return at;
}

static void writes_a_value_of_each_type_so_that_it_can_be_read(void)
{
	const struct {
		uint16_t type;
		size_t len;
		const char *bytes;
		const char *json;
	} cases[] = {
		{ 0x0002, 2, "\xFE\xFF",
		  "\"type\": \"PtypInteger16\", \"size\": 2, \"value\": -2}" },
		{ 0x0003, 4, "\x01\0\0\x80",
		  "\"type\": \"PtypInteger32\", \"size\": 4, "
		  "\"value\": -2147483647}" },
		{ 0x0004, 4, "\0\0\xC0\x3F",
		  "\"type\": \"PtypFloating32\", \"size\": 4, "
		  "\"value\": 1.5}" },
		{ 0x0005, 8, "\0\0\0\0\0\0\xF0\x7F",
		  "\"type\": \"PtypFloating64\", \"size\": 8, "
		  "\"value\": \"inf\"}" },
		{ 0x0006, 8, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
		  "\"type\": \"PtypCurrency\", \"size\": 8, "
		  "\"value\": -0.0001}" },
		{ 0x000A, 4, "\x0F\x01\x04\x80",
		  "\"type\": \"PtypErrorCode\", \"size\": 4, "
		  "\"value\": \"0x8004010f\"}" },
		{ 0x000B, 1, "\x01",
		  "\"type\": \"PtypBoolean\", \"size\": 1, "
		  "\"value\": true}" },
		{ 0x0014, 8, "\0\0\0\0\0\0\0\x80",
		  "\"type\": \"PtypInteger64\", \"size\": 8, "
		  "\"value\": -9223372036854775808}" },
		{ 0x001E, 4, "a\xE4\0\0",
		  "\"type\": \"PtypString8\", \"size\": 4, "
		  "\"value\": \"a\xC3\xA4\"}" },
		{ 0x001F, 8, "\"\0\\\0\n\0\x01\0",
		  "\"type\": \"PtypString\", \"size\": 8, "
		  "\"value\": \"\\\"\\\\\\n\\u0001\"}" },
		{ 0x0040, 8, "\x01\x80\x3E\xD5\xDE\xB1\x9D\x01",
		  "\"type\": \"PtypTime\", \"size\": 8, "
		  "\"value\": \"1970-01-01T00:00:00.0000001Z\"}" },
		{ 0x0040, 8, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
		  "\"type\": \"PtypTime\", \"size\": 8, "
		  "\"value\": 18446744073709551615}" },
		{ 0x0048, 16, "\x08\x20\x06\0\0\0\0\0\xC0\0\0\0\0\0\0\x46",
		  "\"type\": \"PtypGuid\", \"size\": 16, "
		  "\"value\": \"00062008-0000-0000-c000-000000000046\"}" },
		{ 0x0102, 5, "Hello",
		  "\"type\": \"PtypBinary\", \"size\": 5, "
		  "\"value\": \"SGVsbG8=\"}" },
		{ 0x000D, 1, "\xFF",
		  "\"type\": \"PtypObject\", \"size\": 1, "
		  "\"base64\": \"/w==\"}" },
		{ 0x1003, 8, "\x01\0\0\0\xFF\xFF\xFF\xFF",
		  "\"type\": \"PtypMultipleInteger32\", \"size\": 8, "
		  "\"value\": [1, -1]}" },
		{ 0x101E, 15, "\x02\0\0\0\x0C\0\0\0\x0D\0\0\0abc",
		  "\"type\": \"PtypMultipleString8\", \"size\": 15, "
		  "\"value\": [\"a\", \"bc\"]}" },
		{ 0x1102, 11, "\x01\0\0\0\x08\0\0\0abc",
		  "\"type\": \"PtypMultipleBinary\", \"size\": 11, "
		  "\"value\": [\"YWJj\"]}" },
		{ 0x0000, 2, "ab",
		  "\"type\": \"0x0000\", \"size\": 2, \"base64\": \"YWI=\"}" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store *s = fake_store_new();
		struct fake *m = fake_add(s, MESSAGE, 0);
		char want[200];

		fake_bytes(m, 0x6001, cases[i].type, cases[i].bytes,
			   cases[i].len);
		snprintf(want, sizeof(want), "{\"tag\": \"0x6001\", %s",
			 cases[i].json);
		char *text = write_all(m);
		CHECK_STR(line_of(text, "0x6001"), want);
		CHECK(damaged == 0);
		free(text);
		store_close(s);
	}
}

static void keeps_the_stored_bytes_where_a_value_would_not_tell_all(void)
{
	const struct {
		uint16_t type;
		size_t len;
		const char *bytes;
		const char *json; /* from "size" on */
		uint64_t damaged;
	} cases[] = {
		/* half a surrogate pair */
		{ 0x001F, 2, "\0\xD8",
		  "2, \"value\": \"\xEF\xBF\xBD\", \"base64\": \"ANg=\"}", 0 },
		/* a number of the wrong width */
		{ 0x0003, 2, "ab", "2, \"base64\": \"YWI=\"}", 0 },
		{ 0x1003, 5, "abcde", "5, \"base64\": \"YWJjZGU=\"}", 0 },
		/* lists that lie about themselves */
		{ 0x101F, 2, "ab",
		  "2, \"value\": [], \"error\": \"2 bytes of a list\", "
		  "\"base64\": \"YWI=\"}",
		  1 },
		{ 0x1102, 8, "\x01\0\0\0\xFF\0\0\0",
		  "8, \"value\": [], \"error\": \"value 0 of 1 is at 255 to 8 "
		  "of 8\", \"base64\": \"AQAAAP8AAAA=\"}",
		  1 },
		{ 0x1102, 4, "\xFF\xFF\xFF\xFF", "4, \"base64\": \"/////w==\"}",
		  0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store *s = fake_store_new();
		struct fake *m = fake_add(s, MESSAGE, 0);

		fake_bytes(m, 0x6001, cases[i].type, cases[i].bytes,
			   cases[i].len);
		char *text = write_all(m);
		const char *line = line_of(text, "0x6001");
		const char *size = strstr(line, "\"size\": ");
		CHECK_STR(size != NULL ? size + 8 : line, cases[i].json);
		CHECK(damaged == cases[i].damaged);
		free(text);
		store_close(s);
	}
}

static void says_of_an_unreadable_property_that_it_is_one(void)
{
	const uint16_t types[] = { 0x0003, 0x001F, 0x0102, 0x101F, 0x1003 };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct store *s = fake_store_new();
		struct fake *m = fake_add(s, MESSAGE, 0);

		fake_broken(m, 0x6001, types[i]);
		char *text = write_all(m);
		CHECK(strstr(line_of(text, "0x6001"),
			     "\"size\": 0, \"error\": \"") != NULL);
		CHECK(damaged == 1);
		free(text);
		store_close(s);
	}
}

static void names_a_named_property(void)
{
	static const uint8_t guid[16] = { 8,	0x20, 6, 0, 0, 0, 0, 0,
					  0xC0, 0,    0, 0, 0, 0, 0, 0x46 };
	struct store *s = fake_store_new();
	struct fake *m = fake_add(s, MESSAGE, 0);

	fake_number(m, fake_name(s, guid, 0x8503, NULL), MAPI_BOOLEAN, 1);
	fake_number(m, fake_name(s, guid, 0, "Kind"), MAPI_BOOLEAN, 0);
	char *text = write_all(m);
	CHECK(strstr(text, "\"guid\": "
			   "\"00062008-0000-0000-c000-000000000046\", "
			   "\"lid\": \"0x8503\", ") != NULL);
	CHECK(strstr(text, "\"name\": \"Kind\", ") != NULL);
	free(text);
	store_close(s);
}

static void goes_down_to_the_message_in_an_attachment(void)
{
	struct store *s = fake_store_new();
	struct fake *m = fake_add(s, MESSAGE, 0);
	struct fake *a = fake_attachment(m);

	fake_text(fake_recipient(m), MAPI_DISPLAY_NAME, "Jane");
	fake_text(a, MAPI_ATTACH_FILENAME, "inner.msg");
	fake_text(fake_embedded(a), MAPI_SUBJECT, "Inner");
	fake_lost_child(m, STORE_ATTACHMENTS);
	char *text = write_all(m);
	const char *jane = strstr(text, "\"Jane\"");
	const char *file = strstr(text, "\"inner.msg\"");
	const char *inner = strstr(text, "\"Inner\"");
	CHECK(jane != NULL && file != NULL && inner != NULL);
	CHECK(jane < file && file < inner);
	CHECK(strstr(inner != NULL ? inner : "", "\"error\": ") != NULL);
	CHECK(damaged == 1);
	free(text);
	store_close(s);
}

static void stops_at_messages_nested_without_end(void)
{
	struct store *s = fake_store_new();
	struct fake *top = fake_add(s, MESSAGE, 0), *m = top;

	for (int i = 0; i < 40; i++)
		m = fake_embedded(fake_attachment(m));
	fake_text(m, MAPI_SUBJECT, "Deep");
	char *text = write_all(top);
	CHECK(strstr(text, "nested deeper than 16") != NULL);
	CHECK(strstr(text, "Deep") == NULL);
	CHECK(damaged == 1);
	free(text);
	store_close(s);
}

static void writes_a_large_value_whole(void)
{
	enum { SIZE = 1000000 };
	struct store *s = fake_store_new();
	struct fake *m = fake_add(s, MESSAGE, 0);

	fake_huge(m, 0x3701, MAPI_BINARY, SIZE, 0);
	char *text = write_all(m);
	const char *from = strstr(text, "\"value\": \"");
	CHECK(from != NULL && strspn(from + 10, "A") == (SIZE + 2) / 3 * 4 - 2);
	free(text);
	store_close(s);
}

int main(void)
{
	RUN(writes_a_value_of_each_type_so_that_it_can_be_read);
	RUN(keeps_the_stored_bytes_where_a_value_would_not_tell_all);
	RUN(says_of_an_unreadable_property_that_it_is_one);
	RUN(names_a_named_property);
	RUN(goes_down_to_the_message_in_an_attachment);
	RUN(stops_at_messages_nested_without_end);
	RUN(writes_a_large_value_whole);
	return checked();
}
