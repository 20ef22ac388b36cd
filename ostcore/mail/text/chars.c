#include "mail/text/chars.h"

#ifdef __x86_64__ /* which has SSE2 */
#include <emmintrin.h>

/* chars_plain() but for the last fifteen, sixteen at a time. They are compared
   as signed: what is 0x80 or above is below 0. */
static size_t plain_sixteens(struct span s)
{
	const __m128i low = _mm_set1_epi8(0x1F), del = _mm_set1_epi8(0x7F);
	size_t i = 0;

	for (; s.len - i >= sizeof(low); i += sizeof(low)) {
		const __m128i b = _mm_loadu_si128((const __m128i *)(s.at + i));
		const __m128i plain = _mm_andnot_si128(_mm_cmpeq_epi8(b, del),
						       _mm_cmpgt_epi8(b, low));

		const int is = _mm_movemask_epi8(plain);

		if (is != 0xFFFF)
			return i + (size_t)__builtin_ctz(~(unsigned)is);
	}
	return i;
}

/* chars_count() in as many sixteens as there are; `*done`: bytes of them. */
static size_t count_sixteens(struct span s, uint8_t c, size_t *done)
{
	const __m128i want = _mm_set1_epi8((char)c), one = _mm_set1_epi8(1);
	__m128i sum = _mm_setzero_si128();
	size_t i = 0;

	for (; s.len - i >= sizeof(want); i += sizeof(want)) {
		const __m128i b = _mm_loadu_si128((const __m128i *)(s.at + i));
		const __m128i is = _mm_and_si128(_mm_cmpeq_epi8(b, want), one);

		sum = _mm_add_epi64(sum, _mm_sad_epu8(is, _mm_setzero_si128()));
	}
	*done = i;
	sum = _mm_add_epi64(sum, _mm_unpackhi_epi64(sum, sum));
	return (size_t)_mm_cvtsi128_si64(sum);
}
#else
static size_t plain_sixteens(struct span s)
{
	(void)s;
	return 0;
}

static size_t count_sixteens(struct span s, uint8_t c, size_t *done)
{
	(void)s, (void)c;
	*done = 0;
	return 0;
}
#endif

/* Eight at a time: of a byte below 0x20, at 0x7F or above, the top bit shows.
 */
size_t chars_plain(struct span s)
{
	const uint64_t each = UINT64_C(0x0101010101010101), top = each << 7;
	size_t i = plain_sixteens(s);

	for (; s.len - i >= sizeof(each); i += sizeof(each)) {
		uint64_t b;

		memcpy(&b, s.at + i, sizeof(b));
		if (((b | (b + each) | ~((b | top) - each * 0x20)) & top) != 0)
			break;
	}
	while (i < s.len && s.at[i] >= 0x20 && s.at[i] < 0x7F)
		i++;
	return i;
}

/* Eight at a time: in what is not `c` some bit of its byte differs. */
size_t chars_count(struct span s, uint8_t c)
{
	const uint64_t each = UINT64_C(0x0101010101010101), low = each * 0x7F;
	size_t i, count = count_sixteens(s, c, &i);

	for (; s.len - i >= sizeof(each); i += sizeof(each)) {
		uint64_t b;

		memcpy(&b, s.at + i, sizeof(b));
		b ^= each * c;
		b = ~(((b & low) + low) | b | low);
		count += (b >> 7) * each >> 56; /* the sum of its bytes */
	}
	for (; i < s.len; i++)
		count += s.at[i] == c;
	return count;
}

uint32_t chars_next(struct span *s)
{
	/* Lowest scalar that needs so many bytes: anything less is overlong. */
	static const uint32_t lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t lead = s->at[0];
	size_t len = 1;
	uint32_t c = lead;

	if (lead >= 0xF0 && lead <= 0xF4) {
		len = 4;
		c = lead & 0x07;
	} else if (lead >= 0xE0 && lead < 0xF0) {
		len = 3;
		c = lead & 0x0F;
	} else if (lead >= 0xC2 && lead < 0xE0) {
		len = 2;
		c = lead & 0x1F;
	} else if (lead >= 0x80) {
		c = 0xFFFD;
	}

	bool good = len <= s->len;
	for (size_t i = 1; good && i < len; i++) {
		good = (s->at[i] & 0xC0) == 0x80;
		c = c << 6 | (s->at[i] & 0x3F);
	}
	if (!good || c < lowest[len] || c > 0x10FFFF ||
	    (c >= 0xD800 && c <= 0xDFFF)) {
		c = 0xFFFD;
		len = 1;
	}
	*s = chars_from(*s, len);
	return c;
}
