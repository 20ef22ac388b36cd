/*
 * report_status.c - how a delivery ended, as a status code (RFC 3463)
 */
#include "mail/mime/report.h"
#include "mail/text/chars.h"
#include "mail/text/value.h"

/* In place of a code when there is none. */
#define NO_CODE UINT32_MAX

/* By diagnostic code, those of X.411 [MS-OXOMSG] 2.2.2.30; NULL: not told. */
static const char *const by_diagnostic[] = {
	[0] = "5.1.1",	/* name not recognized */
	[1] = "5.1.4",	/* name ambiguous */
	[2] = "4.4.5",	/* congested */
	[3] = "5.4.6",	/* loop */
	[4] = "5.2.1",	/* recipient unavailable */
	[5] = "4.4.7",	/* time expired */
	[6] = "5.6.1",	/* encoded information type unsupported */
	[7] = "5.2.3",	/* content too long */
	[8] = "5.6.3",	/* impractical to convert */
	[9] = "5.6.2",	/* prohibited to convert */
	[10] = "5.6.3", /* conversion not subscribed to */
	[13] = "5.2.3", /* length constraint */
	[14] = "5.5.3", /* number constraint */
	[15] = "5.6.1", /* content type unsupported */
	[16] = "5.5.3", /* too many recipients */
	[19] = "5.6.4", /* conversion would lose something */
	[27] = "5.4.6", /* redirection loop */
	[28] = "5.7.2", /* expansion prohibited */
	[29] = "5.7.1", /* submission prohibited */
	[30] = "5.2.4", /* expansion failed */
	[32] = "5.1.3", /* address incorrect */
	[34] = "5.1.3", /* address incomplete */
	[35] = "5.1.1", /* recipient unknown */
	[38] = "5.7.1", /* refused */
	[40] = "5.1.6", /* recipient moved */
	[43] = "5.1.6", /* new address unknown */
	[46] = "5.7.0", /* secure messaging error */
};

/* By reason code, [MS-OXOMSG] 2.2.2.29. */
static const char *const by_reason[] = {
	[2] = "5.6.3", /* conversion not performed */
	[5] = "5.7.1", /* restricted delivery */
	[6] = "4.4.3", /* directory operation failed */
};

#define COUNT(all) (sizeof(all) / sizeof((all)[0]))

static uint32_t code(struct store_object *item, struct store_object *row,
		     uint16_t id)
{
	const uint64_t of_item = store_number(item, id, NO_CODE);

	return (uint32_t)store_number(row, id, of_item);
}

/* What its first digit may be. */
static const char *digits_of(enum report_kind kind)
{
	if (kind == REPORT_FAILED)
		return "45";
	return kind == REPORT_DELAYED ? "4" : "2";
}

/* A run of up to three digits that `s` begins with. */
static size_t digits(struct span s)
{
	size_t len = 0;

	while (len < s.len && len < 4 && chars_digit(s.at[len]))
		len++;
	return len > 3 ? 0 : len;
}

/* The length of the code that `s` begins with; 0: it is none. */
static size_t code_length(struct span s, const char *first)
{
	size_t len = 2, more;

	if (s.len < 5 || !chars_in(s.at[0], first) || s.at[1] != '.')
		return 0;
	more = digits(chars_from(s, len));
	len += more;
	if (more == 0 || len >= s.len || s.at[len] != '.')
		return 0;
	more = digits(chars_from(s, ++len));
	len += more;
	if (more == 0 ||
	    (len + 1 < s.len && s.at[len] == '.' && chars_digit(s.at[len + 1])))
		return 0; /* part of an address, or a version */
	return len;
}

/* Append the first code in a text. */
static void find_code(struct span text, const char *first, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		const bool begins = i == 0 || (!chars_letter(text.at[i - 1]) &&
					       !chars_digit(text.at[i - 1]) &&
					       text.at[i - 1] != '.');
		const struct span rest = chars_from(text, i);
		const size_t len = begins ? code_length(rest, first) : 0;

		if (len > 0) {
			buf_add(out, rest.at, len);
			return;
		}
	}
}

static enum ost_status from_text(struct store_object *o, uint16_t id,
				 const char *first, struct buf *out,
				 struct notes *notes, struct ost_error *err)
{
	struct buf text = { 0 };
	enum ost_status st = OST_OK;

	if (out->len == 0)
		st = value_line(o, id, &text, notes, err);
	if (st == OST_OK)
		find_code(buf_span(&text), first, out);
	buf_free(&text);
	return st;
}

static void from_codes(struct store_object *item, struct store_object *row,
		       struct buf *out)
{
	const uint32_t diagnostic = code(item, row, MAPI_NDR_DIAG_CODE);
	const uint32_t reason = code(item, row, MAPI_NDR_REASON_CODE);

	if (diagnostic < COUNT(by_diagnostic) &&
	    by_diagnostic[diagnostic] != NULL)
		buf_str(out, by_diagnostic[diagnostic]);
	else if (reason < COUNT(by_reason) && by_reason[reason] != NULL)
		buf_str(out, by_reason[reason]);
}

enum ost_status report_status(struct store_object *item,
			      struct store_object *row, enum report_kind kind,
			      struct buf *out, struct notes *notes,
			      struct ost_error *err)
{
	const uint32_t number = code(item, row, MAPI_NDR_STATUS_CODE);
	const char *first = digits_of(kind);
	struct buf text = { 0 };
	enum ost_status st = OST_OK;

	/* 447 is 4.4.7 */
	if (number >= 200 && number < 600 && number / 100 != 3)
		buf_printf(&text, "%u.%u.%u", number / 100, number / 10 % 10,
			   number % 10);
	st = from_text(row, MAPI_SUPPLEMENTARY_INFO, first, &text, notes, err);
	if (st == OST_OK)
		st = from_text(item, MAPI_SUPPLEMENTARY_INFO, first, &text,
			       notes, err);
	if (st == OST_OK)
		st = from_text(item, MAPI_REPORT_TEXT, first, &text, notes,
			       err);
	if (text.len == 0 && kind == REPORT_FAILED)
		from_codes(item, row, &text);
	if (text.len == 0)
		buf_str(&text, kind == REPORT_FAILED	? "5.0.0"
			       : kind == REPORT_DELAYED ? "4.4.7"
							: "2.0.0");
	buf_add(out, text.at, text.len);
	buf_free(&text);
	return st;
}
