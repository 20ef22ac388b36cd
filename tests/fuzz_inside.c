/*
 * fuzz_inside.c - bytes as a signed message and as a winmail.dat
 *
 * The first byte says what they are said to be. Whatever they are, there is a
 * mail, and each file beside it can be read.
 */
#include <stdlib.h>

#include "fake.h"
#include "mail/attachments.h"
#include "mail/mail.h"

static void read_beside(struct store_object *item)
{
	struct mail_attachments *list = NULL;
	struct ost_error err;

	if (mail_attachments_open(&list, item, NULL, &err) != OST_OK)
		abort();
	/* Each is found by looking for all: a few tell as much. */
	for (size_t i = 0; i < mail_attachments_count(list) && i < 8; i++) {
		struct mail *m = NULL;
		char byte[64];
		size_t got;

		if (mail_attachment_at(list, i)->name[0] == '\0' ||
		    mail_plan_attachment(&m, item, i, NULL, &err) != OST_OK ||
		    mail_read(m, 0, byte, sizeof(byte), &got, &err) != OST_OK)
			abort();
		mail_free(m);
	}
	mail_attachments_close(list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const tags[] = { "application/pkcs7-mime",
					    "multipart/signed",
					    "application/ms-tnef" };
	struct store *store = fake_store_new();
	struct fake *message = fake_add(store, 0x200024, 0);
	struct fake *a = fake_attachment(message);
	struct store_object *item;
	struct mail *m = NULL;
	struct ost_error err;
	const size_t skip = size > 0;

	fake_number(a, MAPI_ATTACH_METHOD, MAPI_INTEGER32,
		    MAPI_ATTACH_BY_VALUE);
	fake_text(a, MAPI_ATTACH_MIME_TAG, tags[size > 0 ? data[0] % 3 : 0]);
	fake_bytes(a, MAPI_ATTACH_DATA, MAPI_BINARY, data + skip, size - skip);
	item = fake_open(message);
	read_beside(item);
	if (mail_plan(&m, item, NULL, &err) != OST_OK)
		abort();
	mail_free(m);
	store_close(store);
	return 0;
}
