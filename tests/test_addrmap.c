/*
 * test_addrmap.c - directories exported as LDIF and CSV, good and bad
 */
#include "check.h"

#include "mail/address/addrmap.h"
#include "mail/text/chars.h"

#include <stdlib.h>
#include <unistd.h>

static struct mail_addrmap *map;
static struct ost_error err;

/* Read `text` from memory of just its size; false: it was refused. */
static bool reads_bytes(const void *text, size_t len)
{
	void *exact = malloc(len > 0 ? len : 1);
	enum ost_status st;

	memcpy(exact, text, len);
	mail_addrmap_free(map);
	err.text[0] = '\0';
	st = addrmap_parse(&map, span_of(exact, len), &err);
	free(exact);
	CHECK(st == OST_OK || st == OST_CORRUPT);
	CHECK((st == OST_OK) == (map != NULL));
	return st == OST_OK;
}

static bool reads(const char *text)
{
	return reads_bytes(text, strlen(text));
}

/* "addr", or "addr Name", of who has this X.500 name; "-": nobody. */
static const char *who(const char *dn)
{
	static char text[200];
	const struct person *p = addrmap_find(map, chars_of(dn));

	if (p == NULL)
		return "-";
	snprintf(text, sizeof(text), "%.*s%s%.*s", (int)p->addr.len,
		 (const char *)p->addr.at, p->name.len > 0 ? " " : "",
		 (int)p->name.len, (const char *)p->name.at);
	return text;
}

static void an_ldif_file_names_people(void)
{
	CHECK(reads(
		"# ldapsearch says this first\n"
		"# and that\n"
		"version: 1\n"
		"\n"
		"dn: CN=Jane,OU=Users,DC=example,DC=org\n"
		"objectClass: user\n"
		"displayName: Jane Doe\n"
		"mail: jd@example.org\n"
		"legacyExchangeDN: /o=Org/ou=Exchange Administrative Group\n"
		"  (FYDIBOHF23SPDLT)/cn=Recipients/cn=jane\n"
		"proxyAddresses: smtp:old@example.org\n"
		"proxyAddresses: SMTP:jane@example.org\n"
		"proxyAddresses: x500:/o=Old/ou=NA/cn=jd\n"
		"proxyAddresses: X400:c=US;a= ;p=Org;o=Ex;s=Doe;g=Jane;\n"
		"\n"
		"dn:: Q049SsO2cmc=\n"
		"displayName:: SsO2cmcgTGV3\n"
		"legacyExchangeDN:: L289T3JnL2NuPWpvZXJn\n"
		"mail: joerg@example.org\n"
		"jpegPhoto:< file:///etc/passwd\n"
		"\n"
		"dn: CN=Printers,DC=example,DC=org\n"
		"objectClass: group\n"
		"\n"
		"search: 2\n"
		"result: 0 Success\n"));
	CHECK_STR(mail_addrmap_left_out(map), "");
	CHECK(mail_addrmap_count(map) == 3);
	CHECK_STR(who("/O=ORG/OU=EXCHANGE ADMINISTRATIVE GROUP "
		      "(FYDIBOHF23SPDLT)/CN=RECIPIENTS/CN=JANE"),
		  "jane@example.org Jane Doe");
	CHECK_STR(who("/o=old/ou=na/cn=jd"), "jane@example.org Jane Doe");
	CHECK_STR(who("/o=Org/cn=joerg"), "joerg@example.org J\xC3\xB6rg Lew");
	CHECK_STR(who("/o=Org/cn=nobody"), "-");
}

static void an_ldif_file_may_have_other_line_ends(void)
{
	CHECK(reads("dn: x\r\nlegacyExchangeDN: /o=X/c\r\n n=a\r\n"
		    "# a comment that\r\n  goes on\r\nmail;lang-de: a@x.org\r\n"
		    "-\r\n\r\n\r\ndn: y\r\nmail: b@x.org\r\n"
		    "legacyExchangeDN: /o=X/cn=b"));
	CHECK_STR(mail_addrmap_left_out(map), "");
	CHECK_STR(who("/o=x/cn=a"), "a@x.org");
	CHECK_STR(who("/o=x/cn=b"), "b@x.org");
}

static void a_csv_file_names_people(void)
{
	static const char *const files[] = {
		"legacyExchangeDN,mail,displayName\n/o=X/cn=a,a@x.org,A\n",
		"\"LegacyExchangeDN\",\"PrimarySmtpAddress\",\"DisplayName\""
		"\r\n\"/o=X/cn=a\",\"a@x.org\",\"A\"\r\n",
		"#TYPE Selected.System.Management.Automation.PSCustomObject\n"
		"\"DisplayName\";\"LegacyExchangeDN\";\"Windows Email-Address\""
		"\n\"A\";\"/o=X/cn=a\";\"a@x.org\"",
		"sep=;\nEmailAddress;Legacy_DN;Display Name\n"
		"a@x.org;/o=X/cn=a;A\n\n\n",
		"DisplayName\tE-mail address\tlegacyExchangeDN\n"
		"A\ta@x.org\tEX:/o=X/cn=a\n",
		"\xEF\xBB\xBFlegacyExchangeDN,mail,displayName\n"
		"/o=X/cn=a,<a@x.org>,A,and,more\n/o=X/cn=b\n",
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		CHECK(reads(files[i]));
		CHECK_STR(who("/o=X/cn=a"), "a@x.org A");
		CHECK(mail_addrmap_count(map) == 1);
	}
	CHECK_STR(mail_addrmap_left_out(map),
		  "line 3: an X.500 name without an address");
}

static void cells_may_be_quoted(void)
{
	CHECK(reads("legacyExchangeDN,displayName,mail\n"
		    "/o=X/cn=a,\"Doe, \"\"J\"\"\",a@x.org\n"
		    "/o=X/cn=b,\"two\r\nlines\",b@x.org\n"
		    "/o=X/cn=c,x\"y,c\n"
		    "/o=X/cn=d,\"\",\"d@x.org\"\n"));
	CHECK_STR(who("/o=X/cn=a"), "a@x.org Doe, \"J\"");
	CHECK_STR(who("/o=X/cn=b"), "b@x.org two lines");
	CHECK_STR(who("/o=X/cn=d"), "d@x.org");
	CHECK_STR(mail_addrmap_left_out(map),
		  "line 5: an X.500 name without an address");
}

static void addresses_may_be_in_one_list(void)
{
	static const char *const lists[] = {
		"smtp:b@x.org;SMTP:a@x.org;X500:/o=X/ou=a b (c)/cn=a",
		"X500:/o=X/ou=a b (c)/cn=a SMTP:a@x.org smtp:b@x.org",
		"{SMTP:a@x.org, X500:/o=X/ou=a b (c)/cn=a, SIP:a@x.org}",
		"MS:X/P/A%SMTP:a@x.org%x500:/o=X/ou=a b (c)/cn=a%",
		" eum:12|||||X500:/o=X/ou=a b (c)/cn=a|||||SMTP:a@x.org ",
	};
	char text[300];

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		snprintf(text, sizeof(text), "Alias,EmailAddresses\na,\"%s\"\n",
			 lists[i]);
		CHECK(reads(text));
		CHECK_STR(who("/o=X/ou=a b (c)/cn=a"), "a@x.org");
		CHECK(mail_addrmap_count(map) == 1);
	}
}

static void the_address_to_use_is_the_primary_one(void)
{
	CHECK(reads("dn: 1\nlegacyExchangeDN: /o=X/cn=1\n"
		    "targetAddress: SMTP:out@y.org\nproxyAddresses: "
		    "smtp:second@x.org\nmail: mail@x.org\n\n"
		    "dn: 2\nlegacyExchangeDN: /o=X/cn=2\nmail: mail@x.org\n"
		    "proxyAddresses: SMTP:first@x.org\n\n"
		    "dn: 3\nlegacyExchangeDN: /o=X/cn=3\nmail: none\n"
		    "proxyAddresses: smtp:second@x.org\n"));
	CHECK_STR(who("/o=X/cn=1"), "mail@x.org");
	CHECK_STR(who("/o=X/cn=2"), "first@x.org");
	CHECK_STR(who("/o=X/cn=3"), "second@x.org");
}

/* `text`, which is ASCII, as UTF-16; its size in `*len`. */
static char *utf16(const char *text, bool big, size_t *len)
{
	char *out = malloc(2 * strlen(text) + 2);

	*len = 0;
	out[(*len)++] = (char)(big ? 0xFE : 0xFF);
	out[(*len)++] = (char)(big ? 0xFF : 0xFE);
	for (size_t i = 0; i < strlen(text); i++) {
		out[(*len)++] = big ? '\0' : text[i];
		out[(*len)++] = big ? text[i] : '\0';
	}
	return out;
}

static void text_comes_in_several_encodings(void)
{
	size_t len;

	for (int big = 0; big < 2; big++) {
		char *text = utf16("legacyExchangeDN,mail\r\n"
				   "/o=X/cn=a,a@x.org\r\n",
				   big != 0, &len);

		CHECK(reads_bytes(text, len));
		CHECK_STR(who("/o=X/cn=a"), "a@x.org");
		(void)reads_bytes(text, len - 1); /* half a character less */
		free(text);
	}
	CHECK(reads("legacyExchangeDN,mail,displayName\n"
		    "/o=X/cn=a,a@x.org,J\xF6rg\n"));
	CHECK_STR(who("/o=X/cn=a"), "a@x.org J\xC3\xB6rg");
}

/* One good entry beside each: what is bad costs itself only. */
static void what_is_bad_is_left_out_and_said(void)
{
	static const struct {
		const char *text, *left_out;
	} cases[] = {
		{ "dn: 1\nlegacyExchangeDN: cn=jane\nmail: a@x.org\n",
		  "line 1: an X.500 name begins with /o=" },
		{ "dn: 1\nlegacyExchangeDN: /o=X/cn=b\nmail: a b\n",
		  "line 1: an X.500 name without an address" },
		{ "dn: 1\nwhat is this\nmail: a@x.org\n",
		  "line 2: no \"attribute: value\"" },
		{ "dn: 1\n: value\n", "line 2: no \"attribute: value\"" },
		{ "dn: 1\nmail:: a@x.org\n", "line 2: damaged base64" },
		{ "dn: 1\nmail:: YUB4Lm9yZw==\nlegacyExchangeDN: /o=X/cn=a\n"
		  "\n\ndn: 2\nlegacyExchangeDN: /O=x/cn=A\nmail: b@x.org\n",
		  "line 6: an X.500 name of someone before" },
		{ "dn: 1\none\ntwo\nthree\n",
		  "line 2: no \"attribute: value\"; left out so: 3" },
	};
	char text[300];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text),
			 "%s\ndn: 9\nlegacyExchangeDN: /o=X/cn=good\n"
			 "mail: good@x.org\n",
			 cases[i].text);
		CHECK(reads(text));
		CHECK_STR(who("/o=X/cn=good"), "good@x.org");
		CHECK_STR(mail_addrmap_left_out(map), cases[i].left_out);
	}
	CHECK(reads("mail,legacyExchangeDN\na@x.org,/o=X/cn=a\n"
		    "b@x.org,\"/o=X/cn=b\n"));
	CHECK_STR(mail_addrmap_left_out(map),
		  "line 3: quotes that are never closed");
}

/* A4: 1,000 names of a person, and 1,024 columns, and one more. */
static void a4_what_is_too_much_is_said(void)
{
	for (int over = 0; over < 2; over++) {
		struct buf b = { 0 };

		buf_str(&b, "dn: 1\nmail: a@x.org\n");
		for (int i = 0; i < 1000 + over; i++)
			buf_printf(&b, "legacyExchangeDN: /o=X/cn=%d\n", i);
		CHECK(reads(buf_text(&b)));
		CHECK(mail_addrmap_count(map) == 1000);
		CHECK_STR(mail_addrmap_left_out(map),
			  over ? "line 1: too many X.500 names of one person"
			       : "");

		buf_cut(&b, 0);
		buf_str(&b, "mail,legacyExchangeDN");
		for (int i = 2; i < 1024 + over; i++)
			buf_printf(&b, ",c%d", i);
		buf_str(&b, "\na@x.org,/o=X/cn=a\n");
		CHECK(reads(buf_text(&b)) && mail_addrmap_count(map) == 1);
		CHECK_STR(mail_addrmap_left_out(map),
			  over ? "line 1: too many columns" : "");
		buf_free(&b);
	}
}

static void a_file_of_no_use_is_refused(void)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ "", "line 1: no column legacyExchangeDN; nobody" },
		{ "\n\n", "line 2: no column legacyExchangeDN; nobody" },
		{ "just some text", "line 1: no column legacyExchangeDN" },
		{ "mail,name\na@x.org,A\n", "line 1: no column" },
		{ "legacyExchangeDN,mail\n", "nobody in it has both" },
		{ "legacyExchangeDN\n/o=X/cn=a\n", "line 2: an X.500 name " },
		{ "dn: 1\nmail: a@x.org\n", "nobody in it has both" },
		{ "dn: 1\nlegacyExchangeDN: /o=X\n", "line 1: an X.500 name " },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK(!reads(cases[i].text));
		if (strncmp(err.text, cases[i].said, strlen(cases[i].said)) !=
		    0)
			CHECK_STR(err.text, cases[i].said);
		CHECK(strstr(err.text, "export legacyExchangeDN") != NULL);
	}
}

/* Neither shorter nor otherwise changed does it do harm. */
static void a_file_cut_anywhere_is_read_as_far_as_it_goes(void)
{
	static const char *const files[] = {
		"dn: 1\nlegacyExchangeDN:: L289WC9jbj1h\nmail: a@x.org\n"
		"proxyAddresses: X500:/o=Y/cn=a\n\ndn: 2\n",
		"\"legacyExchangeDN\",\"mail\"\r\n\"/o=X/cn=a\",\"a@x.org\"\r\n"
		"\"/o=Y/cn=a\",\"a@x.org\"",
	};

	for (size_t i = 0; i < 2; i++) {
		for (size_t len = 0; len <= strlen(files[i]); len++) {
			(void)reads_bytes(files[i], len);
			CHECK(map == NULL || mail_addrmap_count(map) <= 2);
		}
		CHECK(mail_addrmap_count(map) == 2);
	}
}

static void a_file_is_read_by_its_name(void)
{
	char path[] = "/tmp/addrmap-XXXXXX";
	const int fd = mkstemp(path);
	struct mail_addrmap *m = NULL;

	CHECK(write(fd, "legacydn,mail\n/o=X/cn=a,a@x.org\n", 32) == 32);
	close(fd);
	CHECK(mail_addrmap_read(&m, path, &err) == OST_OK);
	CHECK(m != NULL && mail_addrmap_count(m) == 1);
	mail_addrmap_free(m);
	unlink(path);
	CHECK(mail_addrmap_read(&m, path, &err) == OST_CANNOT_OPEN);
	CHECK(m == NULL);
}

int main(void)
{
	RUN(an_ldif_file_names_people);
	RUN(an_ldif_file_may_have_other_line_ends);
	RUN(a_csv_file_names_people);
	RUN(cells_may_be_quoted);
	RUN(addresses_may_be_in_one_list);
	RUN(the_address_to_use_is_the_primary_one);
	RUN(text_comes_in_several_encodings);
	RUN(what_is_bad_is_left_out_and_said);
	RUN(a4_what_is_too_much_is_said);
	RUN(a_file_of_no_use_is_refused);
	RUN(a_file_cut_anywhere_is_read_as_far_as_it_goes);
	RUN(a_file_is_read_by_its_name);
	mail_addrmap_free(map);
	return checked();
}
