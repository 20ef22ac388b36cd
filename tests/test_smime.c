/*
 * test_smime.c - signed and encrypted messages
 *
 * What is signed is made by openssl(1), stored in a forged store, read back
 * as a mail and verified by openssl(1). With a directory as its argument,
 * leaves each mail there for check_eml.py.
 */
#include <unistd.h>

#include "forge.h"
#include "mailkit.h"

#define SIGNED "IPM.Note.SMIME.MultipartSigned"
#define OPAQUE "IPM.Note.SMIME"

/*
 * By openssl
 */

/* A folder of its own, in which a person's key and mails are. */
static char folder[] = "/tmp/test_smime.XXXXXX";

static bool run(const char *command)
{
	char all[1024];

	snprintf(all, sizeof(all), "cd %s && { %s; } >>log 2>&1", folder,
		 command);
	return system(all) == 0;
}

static void set_up(void)
{
	CHECK(mkdtemp(folder) != NULL);
	CHECK(run("openssl req -x509 -newkey ec -nodes -keyout key.pem -days 9 "
		  "-pkeyopt ec_paramgen_curve:prime256v1 -out cert.pem "
		  "-subj /CN=Jane"));
	CHECK(run("printf 'Content-Type: text/plain\\r\\n\\r\\n"
		  "Signed  \\r\\n\\r\\n-- \\r\\nJane\\r\\n' >part"));
}

static void tear_down(void)
{
	CHECK(run("rm key.pem cert.pem part file mail out store"));
	CHECK(run("rm -f log"));
	CHECK(rmdir(folder) == 0);
}

static void read_file(const char *name, struct buf *out)
{
	char path[64];
	int c;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "rb");
	CHECK(f != NULL);
	while (f != NULL && (c = getc(f)) != EOF)
		buf_byte(out, (char)c);
	if (f != NULL)
		fclose(f);
}

static void write_file(const char *name, const struct buf *bytes)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "wb");
	CHECK(f != NULL && fwrite(bytes->at, 1, bytes->len, f) == bytes->len);
	CHECK(f != NULL && fclose(f) == 0);
}

/* A forged store whose only message, of `class`, holds the file "file". */
static uint32_t forge_it(const char *class, struct buf *file)
{
	const struct forge_options how = { .format = FORGE_UNICODE_4K };
	struct forge *f = forge_new(&how);
	struct forge_message m = { 0 };
	struct forge_attachment *a = forge_attachment(&m);
	struct buf bytes = { 0 };
	struct ost_error err;

	forge_text(&m.props, MAPI_MESSAGE_CLASS, class);
	forge_text(&m.props, MAPI_SUBJECT, "Signed");
	forge_text(&m.props, MAPI_BODY, "a copy of the text");
	forge_int(&a->props, MAPI_ATTACH_METHOD, MAPI_ATTACH_BY_VALUE);
	forge_text(&a->props, MAPI_ATTACH_LONG_FILENAME, "smime.p7m");
	forge_binary(&a->props, MAPI_ATTACH_DATA, file->at, file->len);
	const uint32_t nid = forge_add(f, forge_ipm(f), &m);
	forge_message_free(&m);
	CHECK(forge_finish(f, &bytes, &err) == OST_OK);
	write_file("store", &bytes);
	buf_free(&bytes);
	return nid;
}

/* The mail of the file "file" in a store, as the file "mail". */
static void through_a_store(const char *class, struct buf *mail)
{
	struct buf file = { 0 };
	struct store *store = NULL;
	struct store_object *item = NULL;
	struct mail *m = NULL;
	struct ost_error err = { "" };
	char path[64];

	read_file("file", &file);
	const uint32_t nid = forge_it(class, &file);
	snprintf(path, sizeof(path), "%s/store", folder);
	CHECK(store_open(&store, path, &store_native, NULL, &err) == OST_OK);
	CHECK(store_get(store, (struct store_id){ nid, 0 }, &item, &err) ==
	      OST_OK);
	CHECK(mail_plan(&m, item, NULL, &err) == OST_OK);
	read_all(m, 4096, mail);
	CHECK(mail->len == mail_size(m));
	write_file("mail", mail);
	mail_free(m);
	store_close(store);
	buf_free(&file);
}

static void openssl_verifies_what_it_signed(void)
{
	static const struct {
		const char *name, *class, *how, *through, *type;
	} cases[] = {
		{ "clear", SIGNED, "", "sed 's/\\r*$/\\r/'",
		  "\r\nContent-Type: multipart/signed;" },
		{ "clear-lf", SIGNED, "", "tr -d '\\r'",
		  "\r\nContent-Type: multipart/signed;" },
		{ "clear-as-opaque", OPAQUE, "", "sed 's/\\r*$/\\r/'",
		  "\r\nContent-Type: multipart/signed;" },
		{ "opaque", OPAQUE, "-nodetach -outform DER", "cat",
		  "\r\nContent-Type: application/pkcs7-mime;\r\n"
		  " smime-type=signed-data; name=\"smime.p7m\"\r\n" },
		{ "opaque-stream", "IPM.Note.Custom.SMIME",
		  "-nodetach -stream -outform DER", "cat",
		  "smime-type=signed-data" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf mail = { 0 }, part = { 0 }, out = { 0 };
		char line[512];

		snprintf(line, sizeof(line),
			 "openssl cms -sign %s -in part -signer cert.pem "
			 "-inkey key.pem | %s >file",
			 cases[i].how, cases[i].through);
		CHECK(run(line));
		through_a_store(cases[i].class, &mail);
		CHECK(in_order(buf_text(&mail), "Subject: Signed\r\n",
			       "MIME-Version: 1.0", cases[i].type, NULL));
		CHECK(strstr(buf_text(&mail), "a copy of the text") == NULL);
		CHECK(run("openssl cms -verify -noverify -in mail -out out"));
		read_file("part", &part);
		read_file("out", &out);
		CHECK_STR(buf_text(&out), buf_text(&part));
		leave(cases[i].name, &mail);
		buf_free(&mail);
		buf_free(&part);
		buf_free(&out);
	}
}

static void openssl_decrypts_what_it_encrypted(void)
{
	struct buf mail = { 0 }, part = { 0 }, out = { 0 };

	CHECK(run("openssl cms -encrypt -aes128 -binary -in part -outform DER "
		  "-out file cert.pem"));
	through_a_store(OPAQUE, &mail);
	CHECK(in_order(buf_text(&mail), "smime-type=enveloped-data",
		       "filename=\"smime.p7m\"", NULL));
	CHECK(run("openssl cms -decrypt -in mail -recip cert.pem "
		  "-inkey key.pem -out out"));
	read_file("part", &part);
	read_file("out", &out);
	CHECK_STR(buf_text(&out), buf_text(&part));
	leave(__func__, &mail);
	buf_free(&mail);
	buf_free(&part);
	buf_free(&out);
}

/*
 * By hand
 */

#define ENTITY                                                                 \
	"Content-Type: multipart/signed; boundary=b; micalg=sha1;\r\n"         \
	"\tprotocol=\"application/x-pkcs7-signature\"\r\n\r\n"                 \
	"preamble\r\n--b\r\n\r\n \t odd  \r\n\n--b\r\n\r\nsig\r\n--b--"

/* As RENDER(), of lines that no mail should have. */
static const char *render_odd(struct made *t)
{
	const char *const kept = directory;
	const char *text;

	directory = NULL;
	text = render_as(t, MAIL_ALL_INSIDE, "");
	directory = kept;
	return text;
}

static struct fake *hold(struct made *t, const char *class, const char *data,
			 size_t len)
{
	struct fake *a = attach(t->message, "smime.p7m", NULL, NULL, NULL);

	fake_text(t->message, MAPI_MESSAGE_CLASS, class);
	fake_bytes(a, MAPI_ATTACH_DATA, MAPI_BINARY, data, len);
	return a;
}

static void no_byte_of_a_signed_entity_changes(void)
{
	struct made t = make();
	const char *text;

	hold(&t, SIGNED, ENTITY, strlen(ENTITY));
	text = render_odd(&t);
	CHECK(t.bytes.len > strlen(ENTITY));
	CHECK(in_order(text,
		       "MIME-Version: 1.0\r\nContent-Type: multipart/signed;",
		       NULL));
	CHECK_STR(text + t.bytes.len - strlen(strstr(ENTITY, "\r\n\r\n")),
		  strstr(ENTITY, "\r\n\r\n"));
	CHECK(count(text, "MIME-Version") == 1);
	CHECK(!has_note(t.mail, "lf"));
	done(&t);
}

static void a_signed_entity_in_a_message_is_whole(void)
{
	struct made t = make();
	struct fake *m = attach_message(t.message, "Inner"), *a;

	fake_text(m, MAPI_MESSAGE_CLASS, SIGNED);
	a = attach(m, "s", NULL, NULL, NULL);
	fake_bytes(a, MAPI_ATTACH_DATA, MAPI_BINARY, ENTITY, strlen(ENTITY));
	CHECK(in_order(render_odd(&t), "Content-Type: message/rfc822",
		       strstr(ENTITY, "preamble"), "\r\n--=_ost_", NULL));
	done(&t);
}

static void a_header_that_is_there_stays(void)
{
	struct made t = make();
	const char entity[] =
		"Subject: other\r\nMIME-Version: 1.0\r\nX-Own: yes\r\n"
		"Content-Type: multipart/signed; boundary=b\r\n\r\n"
		"--b\r\nContent-Transfer-Encoding: 8bit\r\nContent-Type: "
		"text/plain; charset=utf-8\r\n\r\n\xC3\xBC\r\n"
		"--b\r\n\r\n--b--\r\n";

	hold(&t, SIGNED, entity, strlen(entity));
	CHECK(in_order(RENDER(&t), "\r\nSubject: Budget review\r\n",
		       "\r\nX-Ost-Orig-Subject: other\r\n",
		       "\r\nX-Own: yes\r\n", "Content-Type: multipart/signed",
		       "Content-Transfer-Encoding: 8bit\r\n", "\r\n\r\n--b\r\n",
		       "\r\n\r\n\xC3\xBC\r\n", NULL));
	done(&t);
}

static void the_type_may_be_told_elsewhere(void)
{
	static const uint8_t set[16] = { 0x86, 3, 2, 0, 0, 0, 0, 0,
					 0xC0, 0, 0, 0, 0, 0, 0, 0x46 };
	const char *type = "multipart/signed; boundary=\"b\"";
	const char body[] = "--b\r\n\r\na\r\n--b\r\n\r\n--b--\r\n";

	for (int i = 0; i < 2; i++) {
		struct made t = make();
		char header[128];

		snprintf(header, sizeof(header),
			 "From: a@b.c\r\nContent-Type: %s\r\n\r\n", type);
		hold(&t, SIGNED, body, strlen(body));
		if (i == 0)
			fake_text(t.message, MAPI_TRANSPORT_MESSAGE_HEADERS,
				  header);
		else
			fake_text(t.message,
				  fake_name(t.store, set, 0, "content-type"),
				  type);
		CHECK(in_order(RENDER(&t),
			       "\r\nContent-Type: multipart/signed;",
			       "boundary=\"b\"\r\n", "\r\n\r\n--b\r\n", NULL));
		CHECK(!has_note(t.mail, "smime-shape"));
		done(&t);
	}
}

static void a_huge_signed_entity_is_only_planned(void)
{
	const uint64_t size = UINT64_C(3) << 30;
	struct made t = make();
	struct fake *a = attach(t.message, "smime.p7m", NULL, NULL, NULL);
	char last[16] = "";
	size_t got = 0;

	fake_text(t.message, MAPI_MESSAGE_CLASS, SIGNED);
	fake_text(t.message, MAPI_TRANSPORT_MESSAGE_HEADERS,
		  "From: a@b.c\r\nContent-Type: multipart/signed; boundary=b");
	fake_huge(a, MAPI_ATTACH_DATA, MAPI_BINARY, size, '-');
	CHECK(plan_as(&t, MAIL_ALL_INSIDE) == OST_OK);
	CHECK(mail_size(t.mail) > size && mail_size(t.mail) < size + 2000);
	CHECK(mail_read(t.mail, mail_size(t.mail) - 10, last, sizeof(last),
			&got, &t.err) == OST_OK);
	CHECK(got == 10 && memcmp(last, "----------", 10) == 0);
	done(&t);
}

static void the_type_of_an_opaque_object_is_in_it(void)
{
#define OID "\x2A\x86\x48\x86\xF7\x0D\1"
	static const struct {
		const char *data;
		size_t len;
		const char *want; /* NULL: it is none */
	} cases[] = {
		{ "\x30\x0B\6\x09" OID "\7\2", 13, "smime-type=signed-data" },
		{ "\x30\x82\1\0\6\x09" OID "\7\3", 15,
		  "smime-type=enveloped-data" },
		{ "\x30\x80\6\x0B" OID "\x09\x10\1\x17", 15,
		  "smime-type=authEnveloped-data" },
		{ "\x30\x80\6\x0B" OID "\x09\x10\1\x09", 15,
		  "smime-type=compressed-data; name=\"smime.p7z\"" },
		{ "\x30\x0B\6\x09" OID "\7\1", 13, NULL }, /* data */
		{ "\x30\x0B\6\x09" OID "\7\2", 12, NULL }, /* cut */
		{ "\x30\x0B\6\x08" OID "\7\2", 13, NULL }, /* shorter */
		{ "\x30\x0B\6\xFF" OID "\7\2", 13, NULL }, /* longer */
		{ "\x30\xFF\6\x09" OID "\7\2", 13, NULL }, /* no length */
		{ "\x31\x0B\6\x09" OID "\7\2", 13, NULL }, /* a SET */
		{ "\x30\x0B\4\x09" OID "\7\2", 13, NULL }, /* octets */
		{ "\x30", 1, NULL },
		{ "", 0, NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = make();
		char name[64];

		snprintf(name, sizeof(name), "%s-%zu", __func__, i);
		hold(&t, OPAQUE, cases[i].data, cases[i].len);
		render_as(&t, MAIL_ALL_INSIDE, name);
		CHECK(has_note(t.mail, "smime-shape") ==
		      (cases[i].want == NULL));
		CHECK(cases[i].want == NULL ||
		      strstr(buf_text(&t.bytes), cases[i].want) != NULL);
		CHECK(strstr(buf_text(&t.bytes), "smime.p7") != NULL);
		done(&t);
	}
}

static void an_opaque_object_keeps_the_type_it_came_with(void)
{
	static const struct {
		const char *type, *want;
	} cases[] = {
		{ "application/x-pkcs7-mime; smime-type=signed-data;\r\n"
		  " name=smime.p7m",
		  "\r\nContent-Type: application/x-pkcs7-mime; "
		  "smime-type=signed-data;" },
		{ "application/octet-stream",
		  "\r\nContent-Type: application/pkcs7-mime;\r\n"
		  " smime-type=signed-data;" },
	};

	for (size_t i = 0; i < 2; i++) {
		struct made t = make();
		char header[256], name[64];

		snprintf(name, sizeof(name), "%s-%zu", __func__, i);
		snprintf(header, sizeof(header),
			 "From: a@b.c\r\nContent-Type: %s\r\n\r\n",
			 cases[i].type);
		fake_text(t.message, MAPI_TRANSPORT_MESSAGE_HEADERS, header);
		hold(&t, OPAQUE, "\x30\x0B\6\x09" OID "\7\2", 13);
		render_as(&t, MAIL_ALL_INSIDE, name);
		CHECK(strstr(buf_text(&t.bytes), cases[i].want) != NULL);
		done(&t);
	}
}

static void what_is_not_signed_loses_nothing(void)
{
	static const char *const cases[] = {
		"",
		"--b\r\n\r\n--b--\r\n", /* and no type anywhere */
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b--\r\n",
		"Content-Type: multipart/signed; boundary=b\r\n", /* no end */
		"Content-Type: multipart/signed; boundary=b\r\n no\x01\r\n\r\n",
		"Content-Type: multipart/signed; boundary=\xFF\r\n\r\n",
		"no field\r\nContent-Type: multipart/signed\r\n\r\n",
		"\r\nContent-Type: multipart/signed\r\n\r\n",
		" x: y\r\nContent-Type: multipart/signed\r\n\r\n",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = make();
		char name[64];

		snprintf(name, sizeof(name), "%s-%zu", __func__, i);
		fake_text(t.message, MAPI_BODY, "the text");
		hold(&t, SIGNED, cases[i], strlen(cases[i]));
		render_as(&t, MAIL_ALL_INSIDE, name);
		CHECK(has_note(t.mail, "smime-shape"));
		CHECK(in_order(buf_text(&t.bytes), "multipart/mixed",
			       "the text", "smime.p7m", NULL));
		done(&t);
	}
}

static void headers_that_are_none_are_in_the_header(void)
{
	struct made t = make();

	fake_text(t.message, MAPI_TRANSPORT_MESSAGE_HEADERS,
		  "no header\r\nat all, \xC3\xBC\r\n");
	hold(&t, OPAQUE, "\x30\x0B\6\x09" OID "\7\2", 13);
	CHECK(in_order(RENDER(&t), "X-Ost-Bad-Header: no header\r\n",
		       "X-Ost-Bad-Header: at all, =?utf-8?",
		       "application/pkcs7-mime", NULL));
	CHECK(has_note(t.mail, "th-bogus"));
	done(&t);
}

static void two_attachments_are_both_there(void)
{
	struct made t = make();

	fake_text(t.message, MAPI_BODY, "the text");
	hold(&t, SIGNED, ENTITY, strlen(ENTITY));
	attach(t.message, "other.txt", NULL, NULL, "other");
	CHECK(in_order(RENDER(&t), "smime-shape", "the text", "smime.p7m",
		       "other.txt", NULL));
	done(&t);
}

static void data_that_is_missing_is_said_to_be(void)
{
	struct made t = make();

	fake_text(t.message, MAPI_MESSAGE_CLASS, OPAQUE);
	attach(t.message, "smime.p7m", NULL, NULL, NULL);
	CHECK(in_order(RENDER(&t), "att-missing", "smime-shape",
		       "smime.p7m.MISSING.txt", NULL));
	done(&t);
}

int main(int argc, char **argv)
{
	directory = argc > 1 ? argv[1] : NULL;
	set_up();
	RUN(openssl_verifies_what_it_signed);
	RUN(openssl_decrypts_what_it_encrypted);
	tear_down();
	RUN(no_byte_of_a_signed_entity_changes);
	RUN(a_signed_entity_in_a_message_is_whole);
	RUN(a_header_that_is_there_stays);
	RUN(the_type_may_be_told_elsewhere);
	RUN(a_huge_signed_entity_is_only_planned);
	RUN(the_type_of_an_opaque_object_is_in_it);
	RUN(an_opaque_object_keeps_the_type_it_came_with);
	RUN(what_is_not_signed_loses_nothing);
	RUN(headers_that_are_none_are_in_the_header);
	RUN(two_attachments_are_both_there);
	RUN(data_that_is_missing_is_said_to_be);
	return checked();
}
