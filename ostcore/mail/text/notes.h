/*
 * notes.h - private: what was degraded while a mail was made
 *
 * A set of codes. Each stands in the X-Ost-Note field of the mail and in the
 * user.ost.notes attribute, in the order of this list, and is explained in
 * ostfs(5).
 */
#ifndef OST_MAIL_NOTES_H
#define OST_MAIL_NOTES_H

#include "bytes/buf.h"
#include "store/store.h"

/* X(name, code, what it means) */
#define OST_NOTES(X)                                                           \
	X(RECOVERED, "recovered",                                              \
	  "a deleted item, or one as it was before it was changed")            \
	X(UNCHECKED, "unchecked",                                              \
	  "recovered by libpff, which does not check what it reads")           \
	X(CONTROL, "ctl", "control characters in a header became spaces")      \
	X(SURROGATE, "surrogate", "ill-formed UTF-16 became U+FFFD")           \
	X(CHARSET, "charset", "bytes that are no text became U+FFFD")          \
	X(ADDRESS_CASE, "addr-case", "an address from an upper-cased key")     \
	X(ADDRESS_IMCEA, "addr-imcea", "an address that is not Internet mail") \
	X(ADDRESS_MAP, "addr-map",                                             \
	  "an address found elsewhere by its X.500 name")                      \
	X(ADDRESS_MAP_PART, "addr-map-part",                                   \
	  "an address looked for in a part of the store")                      \
	X(ADDRESS_SIP, "addr-sip", "an address taken from a SIP URI")          \
	X(NO_FROM, "no-from", "the store names no author")                     \
	X(P1, "p1", "a recipient of a resend only")                            \
	X(RECIPIENT_NAMES, "rcpt-display-only",                                \
	  "recipients known by name only")                                     \
	X(NO_DATE, "no-date", "the store holds no date")                       \
	X(MESSAGE_ID, "synth-msgid", "the Message-ID was made from the store") \
	X(TH_BAD_LINE, "th-bad-line", "a transport header line that is none")  \
	X(TH_BOGUS, "th-bogus", "transport headers that are none: attached")   \
	X(TH_DUPLICATE, "th-dup", "a field that may stand once stood twice")   \
	X(TH_8BIT, "th-8bit", "raw 8-bit text in the transport headers")       \
	X(TH_FOLD, "th-fold", "a transport header line was too long")          \
	X(TH_DATE, "th-date", "an unreadable Date in the transport headers")   \
	X(FIELD_LARGE, "field-large",                                          \
	  "a header field was left out, being too large")                      \
	X(NO_BODY, "no-body", "a body was expected and none is stored")        \
	X(PREVIEW_ONLY, "body-preview-only",                                   \
	  "only the start of the body is stored")                              \
	X(BODY_CORRUPT, "body-corrupt", "a body could not be read")            \
	X(BODY_LARGE, "body-large", "a body is attached, being too large")     \
	X(RTF_CRC, "rtf-crc", "the compressed RTF fails its CRC")              \
	X(RTF_TRUNCATED, "rtf-trunc", "the compressed RTF is cut short")       \
	X(RTF_DAMAGED, "rtf-damaged", "the RTF is damaged, and is attached")   \
	X(RTF_DEPTH, "rtf-depth", "the RTF is nested too deep: attached")      \
	X(ATTACH_EMPTY, "att-empty", "an attachment of no kind")               \
	X(ATTACH_REFERENCE, "att-ref",                                         \
	  "an attachment stored by reference only")                            \
	X(ATTACH_MISSING, "att-missing", "an attachment's data is not stored") \
	X(ATTACH_HIDDEN, "att-hidden", "a hidden, unreferenced attachment")    \
	X(RECIPIENTS_CORRUPT, "rcpt-corrupt", "recipients could not be read")  \
	X(ATTACH_CORRUPT, "att-corrupt", "attachments could not be read")      \
	X(PROPERTY_CORRUPT, "prop-corrupt", "a property could not be read")    \
	X(SIGNED_SHAPE, "smime-shape",                                         \
	  "a signed or encrypted message that is none: as attachments")        \
	X(SIGNED_LF, "lf", "signed lines ended in LF alone, now in CRLF")      \
	X(PGP_SIGNED, "pgp-signed-lost",                                       \
	  "what an OpenPGP signature signed is not stored")                    \
	X(ATTACH_BESIDE, "att-beside",                                         \
	  "an attachment lies beside the file only")                           \
	X(HTML_TEXT, "html-text", "plain text was made of an HTML body")       \
	X(GROUP_NESTED, "group-nested", "a list in a list is only named")      \
	X(RECURRENCE, "recurrence-corrupt",                                    \
	  "how a series comes again could not be read in full")                \
	X(HIJRI, "hijri", "a series by a calendar that iCalendar lacks")       \
	X(TASK_RULE, "task-rule",                                              \
	  "how a task comes again is no rule that iCalendar has")              \
	X(ZONE, "tz-corrupt", "a time zone could not be read")                 \
	X(NO_ZONE, "no-tz", "a series is in a time zone that is not stored")   \
	X(TIMES, "times",                                                      \
	  "an end before its start is in X-OST-DTEND or X-OST-DUE")            \
	X(OLE, "ole-damaged", "what is in an OLE object could not be read")    \
	X(INSIDE, "inside-damaged",                                            \
	  "files in a signed message or winmail.dat are not all beside it")    \
	X(SKELETON, "skeleton-unusable",                                       \
	  "the MIME structure it came in cannot be filled again")              \
	X(DEPTH, "depth", "messages nested too deep")                          \
	X(STORE, "store-corrupt",                                              \
	  "what all items share, such as names of properties, is damaged")

#define OST_NOTE_ENUM(name, code, meaning) NOTE_##name,
enum note { OST_NOTES(OST_NOTE_ENUM) NOTE_COUNT };
#undef OST_NOTE_ENUM

struct notes {
	uint64_t set; /* one bit a note */
};

static inline void note_add(struct notes *n, enum note note)
{
	n->set |= UINT64_C(1) << note;
}

static inline void note_drop(struct notes *n, enum note note)
{
	n->set &= ~(UINT64_C(1) << note);
}

static inline bool note_has(const struct notes *n, enum note note)
{
	return (n->set >> note & 1) != 0;
}

/* Add what holds of `item` by where it comes from. */
void notes_origin(struct notes *n, const struct store_object *item);

/* Append the codes, comma-separated. */
void notes_text(const struct notes *n, struct buf *out);

/* The next of such codes, on loan from `*codes`; false: there is no more. */
bool mail_note_next(const char **codes, struct span *code);

/* What a note code means, for people; "" for one that there is not. */
const char *mail_note_meaning(struct span code);

#endif
