/*
 * test_sidecar_value.c - each type of property as JSON
 */
#include "sidecarkit.h"

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
		const char *json; /* from "type" on */
	} cases[] = {
		{ 0x0002, 2, "\xFE\xFF",
		  "PtypInteger16\", \"size\": 2, \"value\": -2}" },
		{ 0x0003, 4, "\x01\0\0\x80",
		  "PtypInteger32\", \"size\": 4, \"value\": -2147483647}" },
		{ 0x0004, 4, "\0\0\xC0\x3F",
		  "PtypFloating32\", \"size\": 4, \"value\": 1.5}" },
		{ 0x0005, 8, "\x9A\x99\x99\x99\x99\x99\xB9\x3F",
		  "PtypFloating64\", \"size\": 8, "
		  "\"value\": 0.10000000000000001}" },
		{ 0x0005, 8, "\0\0\0\0\0\0\xF0\xFF",
		  "PtypFloating64\", \"size\": 8, \"value\": \"-Infinity\"}" },
		{ 0x0005, 8, "\0\0\0\0\0\0\0\x80",
		  "PtypFloating64\", \"size\": 8, \"value\": -0.0}" },
		{ 0x0006, 8, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
		  "PtypCurrency\", \"size\": 8, \"value\": \"-0.0001\"}" },
		{ 0x0006, 8, "\0\0\0\0\0\0\0\x80",
		  "PtypCurrency\", \"size\": 8, "
		  "\"value\": \"-922337203685477.5808\"}" },
		{ 0x000A, 4, "\x0F\x01\x04\x80",
		  "PtypErrorCode\", \"size\": 4, \"value\": \"0x8004010f\"}" },
		{ 0x000B, 1, "\x01",
		  "PtypBoolean\", \"size\": 1, \"value\": true}" },
		{ 0x0014, 8, "\0\0\0\0\0\0\0\x80",
		  "PtypInteger64\", \"size\": 8, "
		  "\"value\": \"-9223372036854775808\"}" },
		{ 0x001E, 4, "ab\0\0",
		  "PtypString8\", \"size\": 4, \"value\": \"ab\"}" },
		{ 0x001F, 16, "\"\0\\\0\n\0\x01\0\x9B\0\x28\x20\x7F\0\x09\0",
		  "PtypString\", \"size\": 16, \"value\": "
		  "\"\\\"\\\\\\n\\u0001\\u009b\\u2028\\u007f\\t\"}" },
		{ 0x001F, 6, "\x3D\xD8\x00\xDE\x00\x00",
		  "PtypString\", \"size\": 6, "
		  "\"value\": \"\xF0\x9F\x98\x80\"}" },
		{ 0x0040, 8, "\x01\x80\x3E\xD5\xDE\xB1\x9D\x01",
		  "PtypTime\", \"size\": 8, "
		  "\"value\": \"1970-01-01T00:00:00.0000001Z\"}" },
		{ 0x0040, 8, "\0\0\0\0\0\0\0\0",
		  "PtypTime\", \"size\": 8, "
		  "\"value\": \"1601-01-01T00:00:00.0000000Z\"}" },
		{ 0x0040, 8, "\xFF\x3F\xC0\xD1\x5E\x5A\xC8\x24",
		  "PtypTime\", \"size\": 8, "
		  "\"value\": \"9999-12-31T23:59:59.9999999Z\"}" },
		{ 0x0040, 8, "\x00\x40\xC0\xD1\x5E\x5A\xC8\x24",
		  "PtypTime\", \"size\": 8, "
		  "\"value\": \"2650467744000000000\"}" },
		{ 0x0040, 8, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
		  "PtypTime\", \"size\": 8, "
		  "\"value\": \"18446744073709551615\"}" },
		{ 0x0048, 16, "\x08\x20\x06\0\0\0\0\0\xC0\0\0\0\0\0\0\x46",
		  "PtypGuid\", \"size\": 16, "
		  "\"value\": \"00062008-0000-0000-c000-000000000046\"}" },
		{ 0x0102, 5, "Hello",
		  "PtypBinary\", \"size\": 5, \"value\": \"SGVsbG8=\"}" },
		{ 0x0102, 0, "",
		  "PtypBinary\", \"size\": 0, \"value\": \"\"}" },
		{ 0x000D, 1, "\xFF",
		  "PtypObject\", \"size\": 1, \"base64\": \"/w==\"}" },
		{ 0x1003, 8, "\x01\0\0\0\xFF\xFF\xFF\xFF",
		  "PtypMultipleInteger32\", \"size\": 8, "
		  "\"value\": [1, -1]}" },
		{ 0x1003, 0, "",
		  "PtypMultipleInteger32\", \"size\": 0, \"value\": []}" },
		{ 0x101E, 15, "\x02\0\0\0\x0C\0\0\0\x0D\0\0\0abc",
		  "PtypMultipleString8\", \"size\": 15, "
		  "\"value\": [\"a\", \"bc\"]}" },
		{ 0x1102, 11, "\x01\0\0\0\x08\0\0\0abc",
		  "PtypMultipleBinary\", \"size\": 11, "
		  "\"value\": [\"YWJj\"]}" },
		{ 0x101F, 4, "\0\0\0\0",
		  "PtypMultipleString\", \"size\": 4, \"value\": []}" },
		{ 0x0000, 2, "ab",
		  "0x0000\", \"size\": 2, \"base64\": \"YWI=\"}" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store *s = fake_store_new();
		struct fake *m = fake_add(s, MESSAGE, 0);
		char want[200];

		fake_bytes(m, 0x6001, cases[i].type, cases[i].bytes,
			   cases[i].len);
		snprintf(want, sizeof(want),
			 "{\"tag\": \"0x6001\", \"type\": \"%s", cases[i].json);
		char *text = write_all(m, "");
		CHECK_STR(line_of(text, "0x6001"), want);
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
		const char *json; /* from the size on */
		const char *notes;
	} cases[] = {
		/* half a surrogate pair, half a code unit */
		{ 0x001F, 2, "\0\xD8",
		  "2, \"value\": \"\xEF\xBF\xBD\", \"replaced\": 1, "
		  "\"base64\": \"ANg=\"}",
		  "" },
		{ 0x001F, 3, "a\0b",
		  "3, \"value\": \"a\xEF\xBF\xBD\", \"replaced\": 1, "
		  "\"base64\": \"YQBi\"}",
		  "" },
		/* in a code page that is a guess */
		{ 0x001E, 4, "a\xE4\0\0",
		  "4, \"value\": \"a\xC3\xA4\", \"base64\": \"YeQAAA==\"}",
		  "" },
		{ 0x101E, 9, "\x01\0\0\0\x08\0\0\0\xE4",
		  "9, \"value\": [\"\xC3\xA4\"], "
		  "\"base64\": \"AQAAAAgAAADk\"}",
		  "" },
		/* a value of a list with a NUL, or a gap before the first */
		{ 0x101E, 10, "\x01\0\0\0\x08\0\0\0a\0",
		  "10, \"value\": [\"a\"], \"base64\": \"AQAAAAgAAABhAA==\"}",
		  "" },
		{ 0x1102, 10, "\x01\0\0\0\x09\0\0\0xa",
		  "10, \"value\": [\"YQ==\"], \"base64\": "
		  "\"AQAAAAkAAAB4YQ==\"}",
		  "" },
		/* a true that is not 1, a NaN with something in it */
		{ 0x000B, 1, "\x02",
		  "1, \"value\": true, \"base64\": \"Ag==\"}", "" },
		{ 0x0004, 4, "\x01\0\xC0\x7F",
		  "4, \"value\": \"NaN\", \"base64\": \"AQDAfw==\"}", "" },
		/* a number of the wrong width */
		{ 0x0003, 2, "ab", "2, \"base64\": \"YWI=\"}", "" },
		{ 0x0003, 0, "", "0, \"base64\": \"\"}", "" },
		{ 0x1003, 5, "abcde", "5, \"base64\": \"YWJjZGU=\"}", "" },
		/* lists that lie about themselves */
		{ 0x101F, 2, "ab",
		  "2, \"value\": [], \"error\": \"0 values in 2 bytes\", "
		  "\"base64\": \"YWI=\"}",
		  "prop-corrupt" },
		{ 0x1102, 8, "\x01\0\0\0\xFF\0\0\0",
		  "8, \"value\": [], \"error\": \"value 0 of 1 is at 255 to 8 "
		  "of 8\", \"base64\": \"AQAAAP8AAAA=\"}",
		  "prop-corrupt" },
		{ 0x1102, 4, "\xFF\xFF\xFF\xFF",
		  "4, \"value\": [], \"error\": \"4294967295 values in 4 "
		  "bytes\", \"base64\": \"/////w==\"}",
		  "prop-corrupt" },
		{ 0x1102, 5, "\0\0\0\0a",
		  "5, \"value\": [], \"base64\": \"AAAAAGE=\"}", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct store *s = fake_store_new();
		struct fake *m = fake_add(s, MESSAGE, 0);

		fake_bytes(m, 0x6001, cases[i].type, cases[i].bytes,
			   cases[i].len);
		char *text = write_all(m, cases[i].notes);
		const char *line = line_of(text, "0x6001");
		const char *size = strstr(line, "\"size\": ");
		CHECK_STR(size != NULL ? size + 8 : line, cases[i].json);
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
		char *text = write_all(m, "prop-corrupt");
		CHECK(strstr(line_of(text, "0x6001"),
			     "\"size\": 0, \"error\": \"") != NULL);
		free(text);
		store_close(s);
	}
}

int main(void)
{
	RUN(writes_a_value_of_each_type_so_that_it_can_be_read);
	RUN(keeps_the_stored_bytes_where_a_value_would_not_tell_all);
	RUN(says_of_an_unreadable_property_that_it_is_one);
	return checked();
}
