/*
 * test_vcard_parts.c - what a vCard has that is not text, and damage to it
 *
 *	test_vcard_parts [DIR]	leaves each card in DIR, for vcard_check.py
 */
#include "cardkit.h"
#include "mail/card/vcard.h"

static void certificates_are_keys(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *line;
	} cases[] = {
		{ "\x30\x01x", 3, "KEY;TYPE=X509;ENCODING=b:MAF4" },
		/* settings: 8 signs, 3 encrypts */
		{ "\x08\0\x06\0\x30s\x03\0\x06\0\x30x", 12,
		  "KEY;TYPE=X509;ENCODING=b:MHg=" },
		{ "\x08\0\x06\0\x30s", 6, "KEY;TYPE=X509;ENCODING=b:MHM=" },
		/* cut, too short to be one, and none */
		{ "\x03\0\x07\0\x30x", 6,
		  "X-MS-CERTIFICATE;ENCODING=b:"
		  "AwAHADB4" },
		{ "\x03\0\x03\0\x30x", 6,
		  "X-MS-CERTIFICATE;ENCODING=b:"
		  "AwADADB4" },
		{ "xyz", 3, "X-MS-CERTIFICATE;ENCODING=b:eHl6" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct made t = make_class("IPM.Contact");
		uint8_t value[32] = { 1, 0, 0, 0, 8 };

		memcpy(value + 8, cases[i].bytes, cases[i].len);
		fake_bytes(t.message, 0x3A70, MAPI_MULTIPLE | MAPI_BINARY,
			   value, 8 + cases[i].len);
		CHECK(has_line(NATIVE(&t), cases[i].line));
		done(&t);
	}
}

static void a_picture_is_in_the_card(void)
{
	static const char png[] = "\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\1";
	struct made t = make_class("IPM.Contact");
	struct fake *a = fake_attachment(t.message);

	attach(t.message, "cv.pdf", NULL, NULL, "paper");
	fake_number(a, MAPI_ATTACH_METHOD, MAPI_INTEGER32, 1);
	fake_text(a, MAPI_ATTACH_LONG_FILENAME, "face");
	fake_number(a, MAPI_ATTACHMENT_CONTACT_PHOTO, MAPI_BOOLEAN, 1);
	fake_bytes(a, MAPI_ATTACH_DATA, MAPI_BINARY, png, sizeof(png) - 1);
	CHECK(in_order(NATIVE(&t), "PHOTO;ENCODING=b;TYPE=PNG:iVBORw0KGgo",
		       "X-OST-ATTACHMENT;X-SIZE=5:cv.pdf\r\n",
		       "X-OST-NOTE:att-beside\r\n", NULL));
	done(&t);

	t = make_class("IPM.Contact");
	attach(t.message, "ContactPicture.jpg", "image/jpeg", NULL,
	       "\xFF\xD8\xFF\xE0");
	CHECK(has_line(NATIVE(&t), "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4A=="));
	CHECK_STR(mail_notes(t.mail), "");
	done(&t);
}

static void a_picture_that_is_none_lies_beside(void)
{
	for (int i = 0; i < 3; i++) {
		struct made t = make_class("IPM.Contact");
		struct fake *a = attach(t.message, "ContactPicture.jpg", NULL,
					NULL, NULL);

		if (i == 0)
			fake_broken(a, MAPI_ATTACH_DATA, MAPI_BINARY);
		if (i == 1)
			fake_huge(a, MAPI_ATTACH_DATA, MAPI_BINARY, 9 << 20, 7);
		CHECK(count(NATIVE(&t), "PHOTO") == 0);
		CHECK(count(buf_text(&t.bytes), "X-OST-ATTACHMENT") == 1);
		CHECK(has_note(t.mail, "att-beside"));
		CHECK(t.bytes.len < 1000);
		done(&t);
	}
}

static void what_cannot_be_read_is_noted(void)
{
	struct made t = make_class("IPM.Contact");

	fake_text(t.message, MAPI_DISPLAY_NAME, "Jane");
	fake_broken(t.message, 0x3A16, MAPI_UNICODE);
	fake_broken(t.message, 0x3A58, MAPI_MULTIPLE | MAPI_UNICODE);
	fake_lost_child(t.message, STORE_ATTACHMENTS);
	CHECK(has_line(NATIVE(&t), "FN:Jane"));
	CHECK(has_line(buf_text(&t.bytes),
		       "X-OST-NOTE:att-corrupt\\, prop-corrupt\\, att-beside"));
	done(&t);
}

static void a_uid_is_one_cards_alone(void)
{
	struct buf uids[4] = { 0 };
	struct store *s = fake_store_new();

	for (uint32_t i = 0; i < 4; i++) {
		struct fake *f = fake_add(s, MESSAGE + 32 * i, 0);
		struct store_object *o = fake_open(f);

		/* Two copies of one contact, and two without a key. */
		if (i < 2)
			fake_bytes(f, MAPI_SEARCH_KEY, MAPI_BINARY,
				   "0123456789abcdef", 16);
		vcard_uid(o, &uids[i]);
		CHECK(strncmp(buf_text(&uids[i]), "urn:uuid:", 9) == 0 &&
		      uids[i].len == 45);
		for (uint32_t j = 0; j < i; j++)
			CHECK(strcmp(buf_text(&uids[i]), buf_text(&uids[j])) !=
			      0);
		store_drop(o);
	}
	for (size_t i = 0; i < 4; i++)
		buf_free(&uids[i]);
	store_close(s);
}

/* B17: and one contact's in each cache of its mailbox, whatever its key. */
static void a_uid_is_one_contacts_in_all_caches(void)
{
	static const uint8_t guid[16] = { 1, 2, 3 };
	struct buf uids[3] = { 0 };

	for (uint32_t i = 0; i < 3; i++) {
		struct store *s = fake_store_new();
		struct store_object *o;
		struct fake *f;

		fake_bytes(fake_again(s, MAPI_NID_STORE), MAPI_MAILBOX_GUID,
			   MAPI_GUID, guid, sizeof(guid));
		fake_add(s, MAPI_NID_ROOT_FOLDER, 0);
		fake_add(s, 0x2142, MAPI_NID_ROOT_FOLDER);
		fake_add(s, 0x2182, 0x2142);
		f = fake_add(s, MESSAGE + 32 * i, 0x2182);
		fake_bytes(f, MAPI_SEARCH_KEY, MAPI_BINARY,
			   i == 1 ? "0123456789abcdef" : "x", i == 1 ? 16 : 1);
		fake_number(f, MAPI_SERVER_ID, MAPI_INTEGER64,
			    i < 2 ? 0x5500000001 : 0x5600000001);
		o = fake_open(f);
		vcard_uid(o, &uids[i]);
		store_drop(o);
		store_close(s);
	}
	CHECK_STR(buf_text(&uids[0]), buf_text(&uids[1]));
	CHECK(strcmp(buf_text(&uids[0]), buf_text(&uids[2])) != 0);
	for (size_t i = 0; i < 3; i++)
		buf_free(&uids[i]);
}

/* Properties of a card that are not text, or are text of many kinds. */
static const struct {
	uint16_t id; /* below 0x8000, else a LID */
	uint16_t type;
	const char *bytes;
	size_t len;
} samples[] = {
	{ MAPI_DISPLAY_NAME, MAPI_UNICODE, "J\0\x3D\xD8\0\xDE;\0,\0\\\0", 12 },
	{ 0x3A16, MAPI_STRING8, "M\xFCller; Sons", 12 },
	{ 0x3A42, MAPI_TIME, "\0\0\xA7\x1A\x9B\x2D\xB1\x01", 8 },
	{ 0x3A4D, MAPI_INTEGER16, "\2\0", 2 },
	{ 0x3A58, MAPI_MULTIPLE | MAPI_UNICODE,
	  "\2\0\0\0\x0C\0\0\0\x0E\0\0\0A\0B\0", 16 },
	{ 0x3A70, MAPI_MULTIPLE | MAPI_BINARY,
	  "\1\0\0\0\x08\0\0\0\x03\0\x06\0\x30x", 14 },
	{ MAPI_SEARCH_KEY, MAPI_BINARY, "0123456789abcdef", 16 },
	{ MAPI_HTML, MAPI_BINARY, "<p>a<!--x-->&auml;<b c=\"d>\">e</p>", 34 },
	{ 0x8083, MAPI_UNICODE, "/\0o\0=\0x\0", 8 },
	{ 0x8085, MAPI_BINARY,
	  "\0\0\0\0\x81\x2B\x1F\xA4\xBE\xA3\x10\x19\x9D\x6E\x00\xDD\x01\x0F"
	  "\x54\x02\0\0\0\0J\0SMTP\0j@b.c\0",
	  37 },
	{ 0x8022, MAPI_INTEGER32, "\2\0\0\0", 4 },
	{ 0x8055, MAPI_MULTIPLE | MAPI_BINARY,
	  "\1\0\0\0\x08\0\0\0\0\0\0\0\x81\x2B\x1F\xA4\xBE\xA3\x10\x19\x9D\x6E"
	  "\x00\xDD\x01\x0F\x54\x02\0\0\0\0J\0SMTP\0j@b.c\0",
	  45 },
	{ 0x8064, MAPI_BINARY,
	  "\1\0\0\0........\1\0\0\0............\4\0\0\0....\0\0\0\0\0\0\0\0",
	  44 },
};

/* All of them, but of sample `cut` only its first `len` bytes. */
static void fill_cut(struct made *t, size_t cut, size_t len)
{
	fake_remove(t->message, MAPI_SEARCH_KEY);
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		fake_bytes(t->message,
			   samples[i].id < 0x8000 ? samples[i].id
						  : lid(t, samples[i].id),
			   samples[i].type, samples[i].bytes,
			   i == cut ? len : samples[i].len);
}

static void a_property_cut_anywhere_leaves_a_card(void)
{
	static const char *const classes[] = { "IPM.Contact", "IPM.DistList" };

	for (size_t c = 0; c < 2; c++)
		for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]);
		     i++)
			for (size_t len = 0; len <= samples[i].len; len++) {
				struct made t = make_class(classes[c]);

				fill_cut(&t, i, len);
				CHECK(in_order(NATIVE(&t),
					       "BEGIN:VCARD\r\nVERSION:",
					       "\r\nFN:", "\r\nUID:urn:uuid:",
					       "\r\nEND:VCARD\r\n", NULL));
				done(&t);
			}
}

int main(int argc, char **argv)
{
	directory = argc > 1 ? argv[1] : NULL;
	RUN(certificates_are_keys);
	RUN(a_picture_is_in_the_card);
	RUN(a_picture_that_is_none_lies_beside);
	RUN(what_cannot_be_read_is_noted);
	RUN(a_uid_is_one_cards_alone);
	RUN(a_uid_is_one_contacts_in_all_caches);
	RUN(a_property_cut_anywhere_leaves_a_card);
	return checked();
}
