/*
 * list.c - lists: which kind a paragraph is an item of, and their tags
 *
 * {\*\listtable says how each level of a list is numbered, \ls and \ilvl of
 * a paragraph which it is in. Where that is not said, the text that stands
 * for the number in it tells, which is left out: HTML counts itself.
 */
#include "mail/rtfhtml/page.h"
#include "mail/text/chars.h"

/*
 * {\*\listtable and {\*\listoverridetable
 */

void page_list_style_begin(struct page *p)
{
	p->level = 0;
	if (p->style_count == STYLES_MAX)
		return;
	p->styles[p->style_count] = (struct list_style){ 0 };
	memset(p->styles[p->style_count].kinds, KIND_BULLET, LISTS_MAX);
}

void page_list_style_level(struct page *p)
{
	p->level++;
}

void page_list_style_kind(struct page *p, int32_t kind)
{
	if (p->style_count < STYLES_MAX && p->level > 0 &&
	    p->level <= LISTS_MAX)
		p->styles[p->style_count].kinds[p->level - 1] =
			(uint8_t)(kind >= 0 && kind < KIND_NONE ? kind
								: KIND_NONE);
}

void page_list_style_start(struct page *p, int32_t start)
{
	if (p->style_count < STYLES_MAX && p->level > 0 &&
	    p->level <= LISTS_MAX)
		p->styles[p->style_count].starts[p->level - 1] = start;
}

/* \listid ends what is said of a list. */
void page_list_style_id(struct page *p, int32_t id)
{
	if (p->now.part == PART_OVERRIDES) {
		p->override_id = id;
	} else if (p->style_count < STYLES_MAX) {
		p->styles[p->style_count++].id = id;
		page_list_style_begin(p);
	}
}

void page_list_override(struct page *p, int32_t number)
{
	if (number <= 0 || number >= OVERRIDES_MAX)
		return;
	for (size_t i = 0; i < p->style_count; i++)
		if (p->styles[i].id == p->override_id) {
			p->overrides[number] = (uint16_t)(i + 1);
			return;
		}
}

/*
 * What a paragraph is an item of
 */

struct kind {
	bool ordered;
	char style; /* `type` of <ol>; 0: 1, 2, 3 */
	int32_t start;
};

static int32_t roman_digit(uint8_t c)
{
	static const struct {
		char digit;
		int32_t value;
	} digits[] = { { 'i', 1 },   { 'v', 5 },   { 'x', 10 },	 { 'l', 50 },
		       { 'c', 100 }, { 'd', 500 }, { 'm', 1000 } };

	for (size_t i = 0; i < sizeof(digits) / sizeof(digits[0]); i++)
		if (chars_lower(c) == (uint8_t)digits[i].digit)
			return digits[i].value;
	return 0;
}

static int32_t roman_in(struct span mark)
{
	enum { DIGITS_MAX = 15 };
	int32_t value = 0;

	for (size_t i = 0; i < mark.len && chars_letter(mark.at[i]); i++) {
		const int32_t digit = roman_digit(mark.at[i]);
		const int32_t next =
			i + 1 < mark.len ? roman_digit(mark.at[i + 1]) : 0;

		if (digit == 0 || i == DIGITS_MAX)
			return 0;
		value += digit < next ? -digit : digit;
	}
	return value;
}

/* A number as it is written, in the style that it is in; 0: it is none. */
static int32_t number_in(struct span mark, char style)
{
	int32_t value = 0;

	while (mark.len > 0 && !chars_digit(mark.at[0]) &&
	       !chars_letter(mark.at[0]))
		mark = chars_from(mark, 1);
	if (style == 0) {
		size_t end = mark.len;

		/* of 1.2.3. the last counts */
		while (end > 0 && !chars_digit(mark.at[end - 1]))
			end--;
		size_t at = end;
		while (at > 0 && chars_digit(mark.at[at - 1]))
			at--;
		for (; at < end && value < 100000; at++)
			value = value * 10 + (mark.at[at] - '0');
		return value;
	}
	if (chars_lower((uint8_t)style) == 'i')
		return roman_in(mark);
	if (chars_lower((uint8_t)style) == 'a' && mark.len > 0 &&
	    chars_letter(mark.at[0]) &&
	    !(mark.len > 1 && chars_letter(mark.at[1])))
		return chars_lower(mark.at[0]) - 'a' + 1;
	return 0;
}

/* By the text that stands for the number: "1.", "b)", "(iv)", a bullet. */
static struct kind kind_of_mark(struct span mark)
{
	struct kind k = { .ordered = false };

	for (size_t i = 0; i < mark.len && !k.ordered; i++) {
		const uint8_t c = mark.at[i], low = chars_lower(c);
		const uint8_t next = i + 1 < mark.len ? mark.at[i + 1] : 0;

		if (!chars_digit(c) && !chars_letter(c))
			continue;
		/* A bullet may be the letter o of another font. */
		if (chars_letter(c) && !chars_in(next, ".)") &&
		    !chars_letter(next))
			return k;
		k.ordered = true;
		if (chars_letter(c) && chars_in(low, "ivxlcdm") &&
		    (low == 'i' || chars_letter(next)))
			k.style = c == low ? 'i' : 'I';
		else if (chars_letter(c))
			k.style = c == low ? 'a' : 'A';
	}
	return k;
}

static struct kind kind_of_style(uint8_t number)
{
	static const char styles[] = { 0, 'I', 'i', 'A', 'a' };

	if (number == KIND_BULLET)
		return (struct kind){ .ordered = false };
	if (number < sizeof(styles))
		return (struct kind){ .ordered = true,
				      .style = styles[number] };
	return (struct kind){ .ordered = true };
}

/* Is the paragraph an item, and of what? */
static bool find_kind(const struct page *p, struct kind *k)
{
	const struct form *f = &p->now.form;
	const struct span mark = chars_trim(buf_span(&p->mark));
	const uint16_t style = f->list < OVERRIDES_MAX && p->overrides != NULL
				       ? p->overrides[f->list]
				       : 0;
	const unsigned level =
		f->list_level < LISTS_MAX ? f->list_level : LISTS_MAX - 1;

	if (f->list > 0 && style > 0) {
		const uint8_t number = p->styles[style - 1].kinds[level];

		if (number == KIND_NONE)
			return false;
		*k = kind_of_style(number);
		k->start = p->styles[style - 1].starts[level];
	} else if (f->list > 0 || (f->old == OLD_NONE && mark.len > 0)) {
		*k = kind_of_mark(mark);
	} else if (f->old == OLD_BULLET || f->old == OLD_NUMBER) {
		*k = (struct kind){ .ordered = f->old == OLD_NUMBER,
				    .style = f->style };
	} else {
		return false;
	}
	/* What was shown counts; else what the list begins with. */
	if (k->ordered)
		k->start = mark.len > 0 ? number_in(mark, k->style) : k->start;
	return true;
}

/*
 * Their tags. A list in another is in its last item.
 */

static void end_one(struct sheet *s)
{
	const struct list *l = &s->lists[--s->list_depth];

	buf_str(&s->out, l->ordered ? "</li></ol>\r\n" : "</li></ul>\r\n");
}

void page_list_end_all(struct sheet *s)
{
	while (s->list_depth > 0)
		end_one(s);
}

static void begin_one(struct sheet *s, const struct kind *k, uint16_t number,
		      uint16_t level)
{
	s->lists[s->list_depth++] = (struct list){ .number = number,
						   .level = level,
						   .ordered = k->ordered };
	buf_str(&s->out, k->ordered ? "<ol" : "<ul");
	if (k->style != 0)
		buf_printf(&s->out, " type=\"%c\"", k->style);
	if (k->start > 1)
		buf_printf(&s->out, " start=\"%d\"", (int)k->start);
	buf_str(&s->out, ">");
}

/* End the lists that an item of `level` of list `number` is not in. */
static void end_others(struct sheet *s, const struct kind *k, uint16_t number,
		       uint16_t level)
{
	while (s->list_depth > 0) {
		const struct list *l = &s->lists[s->list_depth - 1];

		if (l->level < level ||
		    (l->level == level && l->ordered == k->ordered &&
		     (l->number == number || s->list_depth > 1)))
			return;
		end_one(s);
	}
}

bool page_list_item(struct page *p, struct sheet *s, struct span html,
		    const char *style)
{
	const struct form *f = &p->now.form;
	struct kind k;

	if (!find_kind(p, &k)) {
		page_list_end_all(s);
		return false;
	}
	end_others(s, &k, f->list, f->list_level);
	const struct list *top =
		s->list_depth > 0 ? &s->lists[s->list_depth - 1] : NULL;
	if (top != NULL && top->level == f->list_level)
		buf_str(&s->out, "</li>\r\n");
	else if (s->list_depth < LISTS_MAX)
		begin_one(s, &k, f->list, f->list_level);
	buf_str(&s->out, "<li");
	if (*style != '\0')
		buf_printf(&s->out, " style=\"%s\"", style + 1);
	buf_str(&s->out, f->right_to_left ? " dir=\"rtl\">" : ">");
	buf_add(&s->out, html.at, html.len);
	return true;
}
