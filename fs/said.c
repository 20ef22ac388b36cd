#include "fs/said.h"

#include <linux/fuse.h>
#include <string.h>

/* `count` texts with a NUL after each, and nothing else. */
static bool take_texts(struct span words, struct span *texts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const uint8_t *end =
			words.len > 0 ? memchr(words.at, 0, words.len) : NULL;

		if (end == NULL)
			return false;
		texts[i] = span_of(words.at, (size_t)(end - words.at));
		words = span_of(end + 1, words.len - texts[i].len - 1);
	}
	return words.len == 0;
}

bool said_read(struct said *out, const void *message, size_t len)
{
	struct fuse_out_header head;
	const uint8_t *body = (const uint8_t *)message + sizeof(head);

	*out = (struct said){ 0 };
	if (len <= sizeof(head) || len > sizeof(head) + 1 + WORKER_WORDS_MAX)
		return false;
	memcpy(&head, message, sizeof(head));
	if (head.len != len)
		return false;
	out->kind = *body;
	out->code = head.error;
	out->words = span_of(body + 1, len - sizeof(head) - 1);
	switch (out->kind) {
	case WORKER_READY:
		return head.error == 0;
	case WORKER_FAILED:
		return head.error > 0 && head.error < 256;
	case WORKER_WHOSE:
		return head.error == 0 &&
		       take_texts(out->words, out->whose, SAID_WHOSE);
	default:
		return false;
	}
}
