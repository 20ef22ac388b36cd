#include "mail/textform/words.h"

#include <stdlib.h>

#include "bytes/sorted.h"
#include "mail/text/chars.h"

static bool is_inside(uint8_t c)
{
	return chars_letter(c) || chars_digit(c) || c >= 0x80;
}

/* Take the next word off `*text`; empty: there is no more. */
static struct span next_word(struct span *text)
{
	size_t start = 0, len = 0;

	while (start < text->len && !is_inside(text->at[start]))
		start++;
	*text = chars_from(*text, start);
	while (len < text->len && is_inside(text->at[len]))
		len++;
	const struct span word = chars_first(*text, len);
	*text = chars_from(*text, len);
	return word;
}

/* FNV-1a, of 64 bits: two words of one mail have not the same. */
static uint64_t hash_of(struct span word)
{
	uint64_t hash = UINT64_C(0xCBF29CE484222325);

	for (size_t i = 0; i < word.len; i++)
		hash = (hash ^ word.at[i]) * UINT64_C(0x100000001B3);
	return hash;
}

static int by_hash(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int against(const void *key, size_t index, const void *arg)
{
	return by_hash(key, (const uint64_t *)arg + index);
}

bool words_all_in(struct span text, struct span all, bool *bad)
{
	uint64_t *hashes = NULL;
	size_t count = 0, i;
	bool in = true;

	for (struct span word; (word = next_word(&all)).len > 0;) {
		if (!array_more(&hashes, count, sizeof(*hashes))) {
			*bad = true;
			free(hashes);
			return false;
		}
		hashes[count++] = hash_of(word);
	}
	if (count > 0)
		qsort(hashes, count, sizeof(*hashes), by_hash);
	for (struct span word; in && (word = next_word(&text)).len > 0;) {
		const uint64_t hash = hash_of(word);

		in = sorted_find(&hash, count, against, hashes, &i);
	}
	free(hashes);
	return in;
}
