/*
 * names.c - names of folders that are given once
 */
#include "out/writer.h"

/* Letter case apart, for a disk may not tell it. */
static uint64_t key_of(const char *name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *name != '\0'; name++) {
		const uint8_t c = (uint8_t)*name;

		hash ^= c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
		hash *= UINT64_C(0x100000001b3);
	}
	return hash;
}

enum ost_status names_unique(struct out *x, struct buf *name, uint32_t nid,
			     struct ost_error *err)
{
	enum ost_status st = buf_status(name, err);

	if (st == OST_OK && !seen_add(&x->names, key_of(buf_text(name)))) {
		buf_printf(name, "_%x", nid);
		(void)seen_add(&x->names, key_of(buf_text(name)));
	}
	if (x->names.bad)
		return ost_no_memory(err);
	return st == OST_OK ? buf_status(name, err) : st;
}
