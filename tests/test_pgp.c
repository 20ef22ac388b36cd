/*
 * test_pgp.c - messages that others than CMS encrypted, signed or packed
 *
 * With a directory as its argument, leaves each mail there for check_eml.py.
 */
#include "mailkit.h"

static void pgp_mime_is_one_entity_again(void)
{
	static const char *const header =
		"From: a@b.c\r\nContent-Type: multipart/encrypted;\r\n"
		" protocol=\"application/pgp-encrypted\"; boundary=x\r\n\r\n";

	for (int i = 0; i < 2; i++) {
		struct made t = make();
		char name[64];

		snprintf(name, sizeof(name), "%s-%d", __func__, i);
		fake_text(t.message, MAPI_TRANSPORT_MESSAGE_HEADERS, header);
		if (i == 1)
			attach(t.message, "encrypted.asc", NULL, NULL,
			       "-----BEGIN PGP\nLF\n");
		attach(t.message, "version", "application/pgp-encrypted", NULL,
		       "Version: 1\r\n");
		if (i == 0)
			attach(t.message, "encrypted.asc",
			       "application/octet-stream", NULL,
			       "-----BEGIN PGP\r\n");
		render_as(&t, MAIL_ALL_INSIDE, name);
		CHECK(in_order(buf_text(&t.bytes),
			       "Content-Type: multipart/encrypted; "
			       "protocol=\"application/pgp-encrypted\";",
			       "Content-Type: application/pgp-encrypted;",
			       "Version: 1\r\n",
			       "Content-Type: application/octet-stream;",
			       i == 0 ? "-----BEGIN PGP\r\n" : "LS0tLS1CRUdJTi",
			       NULL));
		CHECK(strstr(buf_text(&t.bytes), "text/plain") == NULL);
		done(&t);
	}
}

static void what_an_encrypted_message_says_beside_is_kept(void)
{
	struct made t = make();

	fake_text(
		t.message, MAPI_TRANSPORT_MESSAGE_HEADERS,
		"From: a@b.c\r\nContent-Type: multipart/encrypted; boundary=x;"
		"\r\n protocol=\"application/pgp-encrypted\"\r\n\r\n");
	fake_text(t.message, MAPI_BODY, "checked by our gateway");
	attach(t.message, "version", "application/pgp-encrypted", NULL,
	       "Version: 1\r\n");
	attach(t.message, "encrypted.asc", NULL, NULL, "-----BEGIN PGP\r\n");
	CHECK(in_order(RENDER(&t), "multipart/mixed", "checked by our gateway",
		       "name=version", "name=encrypted.asc", NULL));
	done(&t);
}

static void a_pgp_signature_that_holds_no_more_is_noted(void)
{
	struct made t = make();

	fake_text(t.message, MAPI_TRANSPORT_MESSAGE_HEADERS,
		  "From: a@b.c\r\nContent-Type: multipart/signed; boundary=x;"
		  "\r\n protocol=\"application/pgp-signature\"\r\n\r\n");
	fake_text(t.message, MAPI_BODY, "the text");
	attach(t.message, "signature.asc", "application/pgp-signature", NULL,
	       "-----BEGIN PGP SIGNATURE");
	CHECK(in_order(RENDER(&t), "multipart/mixed", "the text",
		       "signature.asc", NULL));
	CHECK(has_note(t.mail, "pgp-signed-lost"));
	done(&t);
}

static void rights_managed_mail_is_kept_as_it_is(void)
{
	static const uint8_t set[16] = { 0x86, 3, 2, 0, 0, 0, 0, 0,
					 0xC0, 0, 0, 0, 0, 0, 0, 0x46 };
	struct made t = make();

	fake_text(t.message, fake_name(t.store, set, 0, "content-class"),
		  "rpmsg.message");
	attach(t.message, "message.rpmsg",
	       "application/x-microsoft-rpmsg-message", NULL, "v");
	CHECK(in_order(RENDER(&t), "\r\nContent-Class: rpmsg.message\r\n",
		       "application/x-microsoft-rpmsg-message", "dg==", NULL));
	done(&t);
}

static void a_winmail_dat_is_kept_as_it_is(void)
{
	struct made t = make();

	fake_text(t.message, MAPI_BODY, "the text");
	attach(t.message, "winmail.dat", "application/ms-tnef", NULL,
	       "\x78\x9F\x3E\x22");
	CHECK(in_order(RENDER(&t), "multipart/mixed", "the text",
		       "Content-Type: application/ms-tnef",
		       "filename=winmail.dat", "eJ8+Ig==", NULL));
	done(&t);
}

int main(int argc, char **argv)
{
	directory = argc > 1 ? argv[1] : NULL;
	RUN(pgp_mime_is_one_entity_again);
	RUN(what_an_encrypted_message_says_beside_is_kept);
	RUN(a_pgp_signature_that_holds_no_more_is_noted);
	RUN(rights_managed_mail_is_kept_as_it_is);
	RUN(a_winmail_dat_is_kept_as_it_is);
	return checked();
}
