/*
 * fuzz_cfb.c - bytes as a compound file, and as an OLE object in a mail
 *
 * What was promised must hold: a stream is no longer than was allowed, one
 * that fails appends nothing, and any object leaves a mail.
 */
#include <stdlib.h>

#include "fake.h"
#include "mail/attach/cfb.h"
#include "mail/mail.h"

enum { MAX = 1 << 16 };

static enum ost_status read_bytes(void *arg, uint64_t off, void *buf,
				  size_t len, struct ost_error *err)
{
	const struct span *all = arg;
	struct span part;

	(void)err;
	if (!span_sub(*all, off, len, &part))
		abort();
	memcpy(buf, part.at, len);
	return OST_OK;
}

static void read_streams(struct span bytes)
{
	static const char *const names[] = { "CONTENTS", "Package",
					     "\1Ole10Native", "\2OlePres000" };
	const struct cfb_source source = { read_bytes, &bytes, bytes.len };
	struct cfb *c = NULL;
	struct ost_error err = { "" };

	if (cfb_open(&c, &source, &err) != OST_OK) {
		if (err.text[0] == '\0')
			abort();
		return;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct buf out = { 0 };
		const enum ost_status st =
			cfb_stream(c, names[i], MAX, &out, &err);

		if (st == OST_BUG || out.len > MAX ||
		    (st != OST_OK && out.len > 0))
			abort();
		buf_free(&out);
	}
	cfb_close(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct store *store = fake_store_new();
	struct fake *mail = fake_add(store, 0x200024, 0);
	struct fake *a = fake_attachment(mail);
	struct mail *m = NULL;
	struct ost_error err;

	read_streams(span_of(data, size));
	fake_number(a, MAPI_ATTACH_METHOD, MAPI_INTEGER32, MAPI_ATTACH_OLE);
	fake_bytes(a, MAPI_ATTACH_DATA, MAPI_OBJECT, data, size);
	if (mail_plan(&m, fake_open(mail), NULL, &err) != OST_OK)
		abort();
	mail_free(m);
	store_close(store);
	return 0;
}
