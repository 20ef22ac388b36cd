/*
 * codepage_dump.c - every byte of every single-byte code page
 *
 * A line a page: its number, and for each byte the character in hexadecimal,
 * or "-".
 */
#include <stdio.h>

#include "bytes/codepage.h"

int main(void)
{
	for (size_t i = 0; i < CODEPAGE_SINGLES; i++) {
		printf("%u", codepage_singles[i].cp);
		for (unsigned b = 0; b < 256; b++) {
			const uint8_t byte = (uint8_t)b;
			struct buf out = { 0 };
			const size_t bad = codepage_decode_single(
				&codepage_singles[i], &out, span_of(&byte, 1));

			printf(bad == 0 ? " " : " -");
			for (size_t n = 0; bad == 0 && n < out.len; n++)
				printf("%02x", (uint8_t)out.at[n]);
			buf_free(&out);
		}
		printf("\n");
	}
	return 0;
}
