#include "mail/header/fields.h"

#include "mail/text/chars.h"
#include "mail/text/date.h"
#include "mail/text/encode.h"
#include "mail/text/language.h"
#include "mail/text/origin.h"
#include "mail/text/value.h"

/* Property `id` as a field: text made RFC 2047 words, or only folded. */
static enum ost_status put_line(struct header *h, const char *name, uint16_t id,
				bool words)
{
	struct buf text = { 0 };
	const enum ost_status st =
		value_line(h->item, id, &text, h->notes, h->err);

	if (st == OST_OK && text.len > 0) {
		if (words)
			encode_field(h->out, name, buf_span(&text));
		else
			encode_folded(h->out, name, buf_span(&text));
	}
	buf_free(&text);
	return st;
}

static enum ost_status put_text(struct header *h, const struct field *f)
{
	return put_line(h, f->name, f->id, true);
}

/* Message ids, which are never words. */
static enum ost_status put_ids(struct header *h, const struct field *f)
{
	return put_line(h, f->name, f->id, false);
}

static enum ost_status put_common_text(struct header *h, const struct field *f)
{
	return put_line(h, f->name, value_named(h->item, SET_COMMON, f->id),
			true);
}

static enum ost_status put_date_of(struct header *h, const char *name,
				   int64_t sec)
{
	buf_printf(h->out, "%s: ", name);
	encode_date(h->out, sec);
	buf_str(h->out, "\r\n");
	return OST_OK;
}

static enum ost_status put_time(struct header *h, const struct field *f)
{
	int64_t sec;
	uint32_t nsec;

	if (!date_property(h->item, f->id, &sec, &nsec))
		return OST_OK;
	return put_date_of(h, f->name, sec);
}

static enum ost_status put_date(struct header *h, const struct field *f)
{
	const bool draft = (value_state(h->item) & STATE_DRAFT) != 0;
	const uint16_t ids[] = {
		MAPI_CLIENT_SUBMIT_TIME,
		MAPI_MESSAGE_DELIVERY_TIME,
		MAPI_REPORT_TIME,
		draft ? MAPI_LAST_MODIFICATION_TIME : 0,
		MAPI_CREATION_TIME,
		MAPI_LAST_MODIFICATION_TIME,
	};
	int64_t sec = 0;
	uint32_t nsec;

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (date_property(h->item, ids[i], &sec, &nsec))
			return put_date_of(h, f->name, sec);
	note_add(h->notes, NOTE_NO_DATE);
	return put_date_of(h, f->name, 0);
}

static enum ost_status put_subject(struct header *h, const struct field *f)
{
	struct buf text = { 0 };
	const enum ost_status st =
		value_subject(h->item, &text, h->notes, h->err);

	if (st == OST_OK)
		encode_field(h->out, f->name, buf_span(&text));
	buf_free(&text);
	return st;
}

static enum ost_status put_message_id(struct header *h, const struct field *f)
{
	struct buf id = { 0 }, text = { 0 };
	enum ost_status st =
		value_line(h->item, f->id, &text, h->notes, h->err);

	if (st == OST_OK && text.len == 0) {
		note_add(h->notes, NOTE_MESSAGE_ID);
		st = origin_name(h->item, &text, h->notes, h->err);
		buf_str(&text, "@ost.invalid");
	}
	const struct span all = buf_span(&text);
	const bool bare = chars_find(all, '<') == all.len;
	buf_str(&id, bare ? "<" : "");
	buf_add(&id, all.at, all.len);
	buf_str(&id, bare ? ">" : "");
	encode_folded(h->out, f->name, buf_span(&id));
	h->out->bad = h->out->bad || id.bad || text.bad;
	buf_free(&id);
	buf_free(&text);
	return st;
}

static enum ost_status put_thread_index(struct header *h, const struct field *f)
{
	enum { MAX = 700 }; /* fits on a line: it must not be folded */
	struct buf bytes = { 0 };
	const enum ost_status st =
		value_bytes(h->item, f->id, &bytes, h->notes, h->err);

	if (bytes.len > MAX) {
		note_add(h->notes, NOTE_FIELD_LARGE);
	} else if (st == OST_OK && bytes.len > 0) {
		buf_printf(h->out, "%s: ", f->name);
		encode_base64_run(h->out, buf_span(&bytes));
		buf_str(h->out, "\r\n");
	}
	buf_free(&bytes);
	return st;
}

/* A number that is one of a few words. */
struct word {
	uint32_t value;
	const char *text;
};

static enum ost_status put_word(struct header *h, const struct field *f,
				const struct word *words, size_t count)
{
	const uint64_t value = store_number(h->item, f->id, UINT64_MAX);

	for (size_t i = 0; i < count; i++)
		if (value != UINT64_MAX && words[i].value == (uint32_t)value)
			buf_printf(h->out, "%s: %s\r\n", f->name,
				   words[i].text);
	return OST_OK;
}

static enum ost_status put_importance(struct header *h, const struct field *f)
{
	static const struct word words[] = { { 0, "low" }, { 2, "high" } };

	return put_word(h, f, words, 2);
}

static enum ost_status put_x_priority(struct header *h, const struct field *f)
{
	static const struct word words[] = { { 0, "5" }, { 2, "1" } };

	return put_word(h, f, words, 2);
}

static enum ost_status put_priority(struct header *h, const struct field *f)
{
	static const struct word words[] = { { UINT32_MAX, "non-urgent" },
					     { 1, "urgent" } };

	return put_word(h, f, words, 2);
}

static enum ost_status put_sensitivity(struct header *h, const struct field *f)
{
	static const struct word words[] = { { 1, "Personal" },
					     { 2, "Private" },
					     { 3, "Company-Confidential" } };

	return put_word(h, f, words, 3);
}

/* PidTagSenderIdStatus [MS-OXCSPAM] 2.2.2.5 */
static enum ost_status put_sender_id(struct header *h, const struct field *f)
{
	static const struct word words[] = {
		{ 1, "Neutral" },
		{ 2, "Pass" },
		{ 3, "Fail" },
		{ 4, "SoftFail" },
		{ 5, "None" },
		{ 0x80000006, "TempError" },
		{ 0x80000007, "PermError" },
	};

	return put_word(h, f, words, 7);
}

static enum ost_status put_scl(struct header *h, const struct field *f)
{
	const uint64_t none = UINT64_MAX;
	const uint64_t value = store_number(h->item, f->id, none);

	if (value != none)
		buf_printf(h->out, "%s: %d\r\n", f->name,
			   (int)(int32_t)(uint32_t)value);
	return OST_OK;
}

static enum ost_status put_true(struct header *h, const struct field *f)
{
	if (store_number(h->item, f->id, 0) != 0)
		buf_printf(h->out, "%s: true\r\n", f->name);
	return OST_OK;
}

static enum ost_status put_common_true(struct header *h, const struct field *f)
{
	const struct field named = { f->name, NULL,
				     value_named(h->item, SET_COMMON, f->id) };

	return named.id != 0 ? put_true(h, &named) : OST_OK;
}

/* Of several bits or booleans, the names of those that are set. */
static void put_list(struct header *h, const char *name,
		     const char *const *names, uint32_t set)
{
	const char *separator = ": ";

	if (set == 0)
		return;
	buf_str(h->out, name);
	for (; *names != NULL; names++, set >>= 1) {
		if ((set & 1) == 0)
			continue;
		buf_printf(h->out, "%s%s", separator, *names);
		separator = ", ";
	}
	buf_str(h->out, "\r\n");
}

static enum ost_status put_requests(struct header *h, const struct field *f)
{
	static const char *const names[] = { "nonreceipt", "ndr", "reply",
					     "response", NULL };
	static const uint16_t ids[] = { MAPI_NON_RECEIPT_REQUESTED,
					MAPI_NDR_REQUESTED,
					MAPI_REPLY_REQUESTED,
					MAPI_RESPONSE_REQUESTED };
	uint32_t set = 0;

	for (size_t i = 0; i < 4; i++)
		if (store_number(h->item, ids[i], 0) != 0)
			set |= 1U << i;
	put_list(h, f->name, names, set);
	return OST_OK;
}

/* PidTagAutoResponseSuppress [MS-OXOMSG] 2.2.1.77 */
static enum ost_status put_suppress(struct header *h, const struct field *f)
{
	static const char *const names[] = { "DR",  "NDR",	 "RN", "NRN",
					     "OOF", "AutoReply", NULL };
	const uint32_t set = (uint32_t)store_number(h->item, f->id, 0);

	if (set == UINT32_MAX)
		buf_printf(h->out, "%s: All\r\n", f->name);
	else
		put_list(h, f->name, names, set & 0x3F);
	return OST_OK;
}

enum { LID_FLAG_REQUEST = 0x8530 };

/* A flag's due time means something only with what is due. */
static enum ost_status put_reply_by(struct header *h, const struct field *f)
{
	struct buf request = { 0 };
	enum ost_status st = value_line(
		h->item, value_named(h->item, SET_COMMON, LID_FLAG_REQUEST),
		&request, h->notes, h->err);

	if (st == OST_OK && request.len > 0)
		st = put_time(h, f);
	buf_free(&request);
	return st;
}

static enum ost_status put_completed(struct header *h, const struct field *f)
{
	enum { COMPLETE = 1 };

	if (store_number(h->item, MAPI_FLAG_STATUS, 0) != COMPLETE)
		return OST_OK;
	return put_time(h, f);
}

static enum ost_status put_categories(struct header *h, const struct field *f)
{
	size_t column = strlen(f->name) + 1;
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK; i++) {
		struct buf text = { 0 };

		st = value_category(h->item, i, &text, h->notes, h->err);
		if (st == OST_OK && i == 0)
			buf_printf(h->out, "%s:", f->name);
		else if (st == OST_OK)
			buf_byte(h->out, ',');
		if (st == OST_OK)
			encode_phrase(h->out, buf_span(&text), &column);
		column++;
		buf_free(&text);
		if (st == OST_NOT_FOUND && i > 0)
			buf_str(h->out, "\r\n");
	}
	return st == OST_NOT_FOUND ? OST_OK : st;
}

static enum ost_status put_language(struct header *h, const struct field *f)
{
	const char *tag =
		language_tag((uint32_t)store_number(h->item, f->id, 0));

	if (tag != NULL)
		buf_printf(h->out, "%s: %s\r\n", f->name, tag);
	return OST_OK;
}

/* PidLidClassificationGuid is text. Those of Unified Messaging are numbers
 * that other objects use for something else. */
static bool is_unified(const struct header *h)
{
	const struct span class = buf_span(&h->class);

	return value_class_is(class, "IPM.Note.Microsoft") ||
	       value_class_is(class, "IPM.Note.rpmsg.Microsoft.Voicemail");
}

static enum ost_status put_unified_text(struct header *h, const struct field *f)
{
	return is_unified(h) ? put_text(h, f) : OST_OK;
}

static enum ost_status put_unified_number(struct header *h,
					  const struct field *f)
{
	return is_unified(h) ? put_scl(h, f) : OST_OK;
}

/* Of an item of a feed [MS-OXORSS] 2.2.1. */
static enum ost_status put_rss(struct header *h, const struct field *f)
{
	struct field named = *f;

	named.id = value_named(h->item, SET_POST_RSS, f->id);
	return named.id != 0 ? put_text(h, &named) : OST_OK;
}

static enum ost_status put_class(struct header *h, const struct field *f)
{
	if (!chars_same(buf_span(&h->class), chars_of("IPM.Note")))
		encode_field(h->out, f->name, buf_span(&h->class));
	return OST_OK;
}

static enum ost_status put_unsent(struct header *h, const struct field *f)
{
	if (value_state(h->item) & STATE_DRAFT)
		buf_printf(h->out, "%s: 1\r\n", f->name);
	return OST_OK;
}

/* clang-format off */
const struct field fields[] = {
	{ "Date", put_date, 0 },
	{ "From", put_from, 0 },
	{ "Sender", put_sender, 0 },
	{ "Reply-To", put_reply_to, 0 },
	{ "To", put_to, RECIPIENT_TO },
	{ "Cc", put_recipients, RECIPIENT_CC },
	{ "Bcc", put_recipients, RECIPIENT_BCC },
	{ "Subject", put_subject, 0 },
	{ "Message-ID", put_message_id, MAPI_INTERNET_MESSAGE_ID },
	{ "In-Reply-To", put_ids, MAPI_IN_REPLY_TO_ID },
	{ "References", put_ids, MAPI_INTERNET_REFERENCES },
	{ "Thread-Topic", put_text, MAPI_CONVERSATION_TOPIC },
	{ "Thread-Index", put_thread_index, MAPI_CONVERSATION_INDEX },
	{ "Return-Path", put_return_path, MAPI_INTERNET_RETURN_PATH },
	{ "X-Ost-Resource", put_recipients, RECIPIENT_RESOURCE },
	{ "Importance", put_importance, MAPI_IMPORTANCE },
	{ "X-Priority", put_x_priority, MAPI_IMPORTANCE },
	{ "Priority", put_priority, MAPI_PRIORITY },
	{ "Sensitivity", put_sensitivity, MAPI_SENSITIVITY },
	{ "Disposition-Notification-To", put_receipt_to,
	  MAPI_READ_RECEIPT_REQUESTED },
	{ "Return-Receipt-To", put_receipt_to,
	  MAPI_ORIGINATOR_DELIVERY_REPORT },
	{ "X-Ost-Requests", put_requests, 0 },
	{ "Reply-By", put_reply_by, MAPI_REPLY_TIME },
	{ "X-Message-Flag", put_common_text, LID_FLAG_REQUEST },
	{ "X-Message-Completed", put_completed, MAPI_FLAG_COMPLETE_TIME },
	{ "Expires", put_time, MAPI_EXPIRY_TIME },
	{ "Deferred-Delivery", put_time, MAPI_DEFERRED_DELIVERY_TIME },
	{ "Keywords", put_categories, 0 },
	{ "X-Keywords", put_categories, 0 },
	{ "List-Help", put_text, MAPI_LIST_HELP },
	{ "List-Subscribe", put_text, MAPI_LIST_SUBSCRIBE },
	{ "List-Unsubscribe", put_text, MAPI_LIST_UNSUBSCRIBE },
	{ "Content-Language", put_language, MAPI_MESSAGE_LOCALE_ID },
	{ "X-Auto-Response-Suppress", put_suppress,
	  MAPI_AUTO_RESPONSE_SUPPRESS },
	{ "X-MS-Exchange-Organization-AutoForwarded", put_true,
	  MAPI_AUTO_FORWARDED },
	{ "X-MS-Exchange-Organization-SCL", put_scl, MAPI_CONTENT_FILTER_SCL },
	{ "X-MS-Exchange-Organization-SenderIdResult", put_sender_id,
	  MAPI_SENDER_ID_STATUS },
	{ "X-MS-Exchange-Organization-PRD", put_text,
	  MAPI_PURPORTED_SENDER_DOMAIN },
	{ "X-Microsoft-Classified", put_common_true, 0x85B5 },
	{ "X-Microsoft-ClassKeep", put_common_true, 0x85BA },
	{ "X-Microsoft-Classification", put_common_text, 0x85B6 },
	{ "X-Microsoft-ClassDesc", put_common_text, 0x85B7 },
	{ "X-Microsoft-ClassID", put_common_text, 0x85B8 },
	{ "X-CallingTelephoneNumber", put_unified_text, 0x6802 },
	{ "X-VoiceMessageDuration", put_unified_number, 0x6801 },
	{ "X-VoiceMessageSenderName", put_unified_text, 0x6803 },
	{ "X-FaxNumberOfPages", put_unified_number, 0x6804 },
	{ "X-AttachmentOrder", put_unified_text, 0x6805 },
	{ "X-CallID", put_unified_text, 0x6806 },
	{ "X-RSS-Channel-Link", put_rss, 0x8900 },
	{ "X-RSS-Link", put_rss, 0x8901 },
	{ "X-RSS-Guid", put_rss, 0x8903 },
	{ "X-RSS-Subscription", put_rss, 0x8906 },
	{ "X-Ost-Message-Class", put_class, 0 },
	{ "X-Unsent", put_unsent, 0 },
};
/* clang-format on */
const size_t fields_count = sizeof(fields) / sizeof(fields[0]);
