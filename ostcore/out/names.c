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

/* Another may be called as this one then is: it gets its number once more. */
enum ost_status names_unique(struct out *x, struct buf *name, uint32_t nid,
			     struct ost_error *err)
{
	while (buf_status(name, err) == OST_OK &&
	       !seen_add(&x->names, key_of(buf_text(name))) && !x->names.bad)
		buf_printf(name, "_%x", nid);
	return x->names.bad ? ost_no_memory(err) : buf_status(name, err);
}
