/* fuzz_pff_wire.c - what a process that was taken over may say, and we to it */
#include <stdlib.h>

#include "store/pff_wire.h"

/* What was taken for a request is one: it comes out as it went in. */
static void check_request(struct span in, const struct pff_request *r)
{
	struct buf b = { 0 };

	pff_put_request(&b, r);
	if (!b.bad && !span_equal(span_of(b.at + 4, b.len - 4), in))
		abort();
	buf_free(&b);
}

static void check_reply(const struct pff_request *to, const struct pff_reply *r)
{
	if (r->status == OST_BUG)
		abort();
	if (r->status != OST_OK) {
		if (strnlen(r->err.text, sizeof(r->err.text)) ==
		    sizeof(r->err.text))
			abort();
	} else if (to->op == PFF_NEXT) {
		if (r->prop.id < to->id || r->prop.id > to->last)
			abort();
		if (r->prop.in_place && r->prop.size > sizeof(r->prop.place))
			abort();
	} else if (to->op == PFF_COUNT) {
		if (r->count > PFF_RECOVERED + 1) /* one more: says so */
			abort();
	} else if (r->bytes.len != (to->op == PFF_READ ? to->len : 0)) {
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct pff_request asked[] = {
		{ .op = PFF_OBJECT },
		{ .op = PFF_NEXT, .id = 0x37, .last = 0x3701 },
		{ .op = PFF_READ, .len = 4 },
		{ .op = PFF_READ, .len = PFF_BYTES },
		{ .op = PFF_COUNT },
		{ .op = PFF_DROP },
	};
	const struct span in = span_of(data, size);
	struct pff_request request;
	struct pff_reply reply;

	if (pff_get_request(in, &request))
		check_request(in, &request);
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		if (pff_get_reply(in, &asked[i], &reply))
			check_reply(&asked[i], &reply);
	return 0;
}
