/*
 * answer.c - what an IMAP server answers, taken apart
 */
#include "imap/answer.h"

#include <strings.h>

/* What follows the first `count` bytes; nothing, if there are not so many. */
static struct span after(struct span s, size_t count)
{
	struct span rest = { NULL, 0 };

	if (count <= s.len)
		(void)span_sub(s, count, s.len - count, &rest);
	return rest;
}

static struct span before(struct span s, size_t count)
{
	struct span head = { NULL, 0 };

	(void)span_sub(s, 0, count, &head);
	return head;
}

static struct span skip_spaces(struct span s)
{
	while (s.len > 0 && s.at[0] == ' ')
		s = after(s, 1);
	return s;
}

/* Up to a space, or one of `ends`. */
static struct span take_word(struct span *rest, const char *ends)
{
	size_t len = 0;
	struct span word;

	while (len < rest->len && rest->at[len] > ' ' &&
	       strchr(ends, rest->at[len]) == NULL)
		len++;
	word = before(*rest, len);
	*rest = after(*rest, len);
	return word;
}

bool answer_is(struct span word, const char *want)
{
	return word.len == strlen(want) &&
	       (word.len == 0 ||
		strncasecmp((const char *)word.at, want, word.len) == 0);
}

/* Digits alone, no more than `max`. */
static bool take_digits(struct span digits, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (digits.len == 0 || digits.len > 20)
		return false;
	for (size_t i = 0; i < digits.len; i++) {
		const unsigned d = (unsigned)digits.at[i] - '0';

		if (d > 9 || value > (max - d) / 10)
			return false;
		value = 10 * value + d;
	}
	*out = value;
	return true;
}

bool answer_number(struct span word, uint32_t *out)
{
	uint64_t value;

	if (!take_digits(word, UINT32_MAX, &value))
		return false;
	*out = (uint32_t)value;
	return true;
}

bool answer_literal(struct span line, uint64_t *size)
{
	size_t start = line.len;

	if (line.len < 3 || line.at[line.len - 1] != '}')
		return false;
	while (start > 0 && line.at[start - 1] != '{')
		start--;
	return start > 0 &&
	       take_digits(after(before(line, line.len - 1), start), INT64_MAX,
			   size);
}

/* --- states ----------------------------------------------------------------
 */

static enum answer_state state_of(struct span word)
{
	static const struct {
		const char *word;
		enum answer_state state;
	} states[] = {
		{ "OK", ANSWER_OK },	       { "NO", ANSWER_NO },
		{ "BAD", ANSWER_BAD },	       { "BYE", ANSWER_BYE },
		{ "PREAUTH", ANSWER_PREAUTH },
	};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (answer_is(word, states[i].word))
			return states[i].state;
	return ANSWER_NONE;
}

struct answer_status answer_status(struct span body)
{
	struct answer_status s = { ANSWER_NONE };
	const uint8_t *end;

	s.state = state_of(take_word(&body, ""));
	body = skip_spaces(body);
	s.text = body;
	if (s.state == ANSWER_NONE || body.len == 0 || body.at[0] != '[')
		return s;
	end = memchr(body.at, ']', body.len);
	if (end == NULL)
		return s;
	s.text = skip_spaces(after(body, (size_t)(end - body.at) + 1));
	s.args = after(before(body, (size_t)(end - body.at)), 1);
	s.code = take_word(&s.args, "");
	s.args = skip_spaces(s.args);
	return s;
}

/* --- words -----------------------------------------------------------------
 */

static enum answer_kind take_quoted(struct span *rest, struct span *raw)
{
	size_t end = 1;

	while (end < rest->len && rest->at[end] != '"')
		end += rest->at[end] == '\\' ? 2 : 1;
	if (end >= rest->len)
		return WORD_END;
	*raw = after(before(*rest, end), 1);
	*rest = after(*rest, end + 1);
	return WORD_STRING;
}

static enum answer_kind take_literal(struct span *rest, struct span *raw)
{
	const uint8_t *eol = memchr(rest->at, '\n', rest->len);
	uint64_t size;
	size_t line;

	if (eol == NULL || eol == rest->at || eol[-1] != '\r')
		return WORD_END;
	line = (size_t)(eol - rest->at) + 1;
	if (!answer_literal(before(*rest, line - 2), &size) ||
	    !span_sub(*rest, line, size, raw))
		return WORD_END;
	*rest = after(*rest, line + raw->len);
	return WORD_LITERAL;
}

enum answer_kind answer_word(struct span *rest, struct span *raw)
{
	*raw = (struct span){ NULL, 0 };
	*rest = skip_spaces(*rest);
	if (rest->len == 0)
		return WORD_END;
	switch (rest->at[0]) {
	case '(':
		*rest = after(*rest, 1);
		return WORD_OPEN;
	case ')':
		*rest = after(*rest, 1);
		return WORD_CLOSE;
	case '"':
		return take_quoted(rest, raw);
	case '{':
		return take_literal(rest, raw);
	default:
		*raw = take_word(rest, "()\"{");
		return raw->len > 0 ? WORD_ATOM : WORD_END;
	}
}

void answer_text(struct buf *out, enum answer_kind kind, struct span raw)
{
	for (size_t i = 0; i < raw.len; i++) {
		if (kind == WORD_STRING && raw.at[i] == '\\' && i + 1 < raw.len)
			i++;
		buf_byte(out, (char)raw.at[i]);
	}
}

static bool is_string(enum answer_kind kind)
{
	return kind == WORD_STRING || kind == WORD_LITERAL;
}

/* Past the list that was just opened, however deep it is. */
static bool skip_list(struct span *rest)
{
	struct span raw;

	for (size_t depth = 1; depth > 0;) {
		switch (answer_word(rest, &raw)) {
		case WORD_END:
			return false;
		case WORD_OPEN:
			depth++;
			break;
		case WORD_CLOSE:
			depth--;
			break;
		default:
			break;
		}
	}
	return true;
}

/* --- what is asked for ------------------------------------------------------
 */

static void take_limit(struct span word, struct capabilities *out)
{
	static const char name[] = "APPENDLIMIT=";
	const struct span head = before(word, sizeof(name) - 1);
	uint64_t limit;

	if (answer_is(head, name) &&
	    take_digits(after(word, sizeof(name) - 1), INT64_MAX, &limit))
		out->append_limit = limit;
}

void answer_capabilities(struct span words, struct capabilities *out)
{
	const struct {
		const char *name;
		bool *has;
	} names[] = {
		{ "MULTIAPPEND", &out->multiappend },
		{ "LITERAL+", &out->literal_plus },
		{ "LITERAL-", &out->literal_minus },
		{ "UIDPLUS", &out->uidplus },
		{ "SPECIAL-USE", &out->special_use },
		{ "NAMESPACE", &out->namespaces },
		{ "LIST-EXTENDED", &out->list_extended },
		{ "APPENDLIMIT", &out->append_limits },
	};

	while ((words = skip_spaces(words)).len > 0) {
		const struct span word = take_word(&words, "");

		if (word.len == 0)
			break; /* a control character */
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (answer_is(word, names[i].name))
				*names[i].has = true;
		take_limit(word, out);
	}
}

static unsigned special_of(struct span flag)
{
	static const char *const names[SPECIAL_COUNT] = {
		[SPECIAL_SENT] = "\\Sent",	 [SPECIAL_DRAFTS] = "\\Drafts",
		[SPECIAL_TRASH] = "\\Trash",	 [SPECIAL_JUNK] = "\\Junk",
		[SPECIAL_ARCHIVE] = "\\Archive",
	};

	for (unsigned i = 1; i < SPECIAL_COUNT; i++)
		if (answer_is(flag, names[i]))
			return 1U << i;
	return 0;
}

/* A delimiter: a quoted character, or NIL. */
static char delimiter_of(enum answer_kind kind, struct span raw)
{
	return is_string(kind) && raw.len > 0 ? (char)raw.at[raw.len - 1]
					      : '\0';
}

bool answer_list(struct span body, struct answer_list *out)
{
	enum answer_kind kind;
	struct span raw;

	*out = (struct answer_list){ 0 };
	if (answer_word(&body, &raw) != WORD_ATOM || !answer_is(raw, "LIST") ||
	    answer_word(&body, &raw) != WORD_OPEN)
		return false;
	while ((kind = answer_word(&body, &raw)) == WORD_ATOM) {
		out->special |= special_of(raw);
		out->no_select |= answer_is(raw, "\\Noselect") ||
				  answer_is(raw, "\\NonExistent");
	}
	if (kind != WORD_CLOSE)
		return false;
	kind = answer_word(&body, &raw);
	out->delimiter = delimiter_of(kind, raw);
	if (!is_string(kind) && kind != WORD_ATOM)
		return false;
	out->kind = answer_word(&body, &out->name);
	return is_string(out->kind) || out->kind == WORD_ATOM;
}

bool answer_namespace(struct span body, struct buf *prefix, char *delimiter)
{
	struct span raw, of;
	enum answer_kind kind;

	if (answer_word(&body, &raw) != WORD_ATOM ||
	    !answer_is(raw, "NAMESPACE") ||
	    answer_word(&body, &raw) != WORD_OPEN ||
	    answer_word(&body, &raw) != WORD_OPEN ||
	    !is_string(kind = answer_word(&body, &of)))
		return false;
	answer_text(prefix, kind, of);
	kind = answer_word(&body, &raw);
	*delimiter = delimiter_of(kind, raw);
	return true;
}

/* The value of a thing that we asked for, or of one that we did not. */
static bool fetch_value(struct answer_fetch *out, struct span name,
			struct span *rest)
{
	struct span raw;
	const enum answer_kind kind = answer_word(rest, &raw);

	if (kind == WORD_OPEN)
		return skip_list(rest);
	if (kind != WORD_ATOM && !is_string(kind))
		return false;
	if (answer_is(name, "UID"))
		return answer_number(raw, &out->uid) && out->uid > 0;
	if (answer_is(name, "RFC822.SIZE"))
		out->has_size = answer_number(raw, &out->size);
	return true;
}

/* BODY[HEADER.FIELDS (MESSAGE-ID)] {n}: its name has spaces and brackets. */
static bool fetch_section(struct answer_fetch *out, struct span *rest)
{
	const uint8_t *end =
		rest->len > 0 ? memchr(rest->at, ']', rest->len) : NULL;
	struct span raw;
	enum answer_kind kind;

	if (end == NULL)
		return false;
	*rest = after(*rest, (size_t)(end - rest->at) + 1);
	kind = answer_word(rest, &raw);
	if (!is_string(kind) && kind != WORD_ATOM) /* NIL */
		return false;
	out->has_header = true;
	if (is_string(kind))
		out->header = raw;
	return true;
}

bool answer_fetch(struct span body, struct answer_fetch *out)
{
	struct span raw;
	uint32_t number;

	*out = (struct answer_fetch){ 0 };
	if (answer_word(&body, &raw) != WORD_ATOM ||
	    !answer_number(raw, &number) ||
	    answer_word(&body, &raw) != WORD_ATOM || !answer_is(raw, "FETCH") ||
	    answer_word(&body, &raw) != WORD_OPEN)
		return false;
	for (;;) {
		enum answer_kind kind;
		struct span name;

		body = skip_spaces(body);
		if (answer_is(before(body, 5), "BODY[")) {
			if (!fetch_section(out, &body))
				return false;
			continue;
		}
		kind = answer_word(&body, &name);
		if (kind == WORD_CLOSE)
			return true;
		if (kind != WORD_ATOM || !fetch_value(out, name, &body))
			return false;
	}
}

bool answer_appenduid(struct span args, uint32_t *validity, uint32_t *uids,
		      size_t count)
{
	size_t n = 0;

	if (!answer_number(take_word(&args, ""), validity) || *validity == 0)
		return false;
	args = skip_spaces(args);
	while (args.len > 0) {
		uint32_t from, to;

		if (!answer_number(take_word(&args, ",:"), &from) || from == 0)
			return false;
		to = from;
		if (args.len > 0 && args.at[0] == ':') {
			args = after(args, 1);
			if (!answer_number(take_word(&args, ","), &to))
				return false;
		}
		if (to < from || n == count || to - from >= count - n)
			return false;
		while (from <= to && n < count && from != 0)
			uids[n++] = from++;
		if (args.len > 0 && args.at[0] != ',')
			return false;
		if (args.len == 1)
			return false;
		args = after(args, args.len > 0 ? 1 : 0);
	}
	return n == count && count > 0;
}
