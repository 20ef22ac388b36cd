/*
 * notes.h - private: what was degraded while a mail was made
 *
 * A set of codes. Each stands in the X-Ost-Note field of the mail and in the
 * user.ost.notes attribute, in the order of this list, and is explained in
 * ostfs(5). How bad it is stands beside it: only what is MAIL_DAMAGED is a
 * loss.
 */
#ifndef OST_MAIL_NOTES_H
#define OST_MAIL_NOTES_H

#include "bytes/buf.h"
#include "store/store.h"

/* How bad what a note tells of is. */
enum mail_severity {
	MAIL_DEGRADED,	 /* it could not be rendered as it was */
	MAIL_NOT_CACHED, /* the server had more of it than the store has */
	MAIL_DAMAGED,	 /* a part of it cannot be read: a loss */
};

/* X(name, code, MAIL_severity, what it means) */
#define OST_NOTES(X)                                                           \
	X(RECOVERED, "recovered", DEGRADED,                                    \
	  "a deleted item, or one as it was before it was changed")            \
	X(UNCHECKED, "unchecked", DEGRADED,                                    \
	  "recovered by libpff, which does not check what it reads")           \
	X(CONTROL, "ctl", DEGRADED,                                            \
	  "control characters in a header became spaces")                      \
	X(SURROGATE, "surrogate", DEGRADED, "ill-formed UTF-16 became U+FFFD") \
	X(CHARSET, "charset", DEGRADED,                                        \
	  "bytes that are no text became U+FFFD")                              \
	X(CHARSET_GUESS, "charset-guess", DEGRADED,                            \
	  "8-bit text in a code page that nothing that fits names")            \
	X(ADDRESS_CASE, "addr-case", DEGRADED,                                 \
	  "an address from an upper-cased key")                                \
	X(ADDRESS_IMCEA, "addr-imcea", DEGRADED,                               \
	  "an address that is not Internet mail")                              \
	X(ADDRESS_CUT, "addr-cut", DEGRADED,                                   \
	  "an address that is not Internet mail, cut short")                   \
	X(ADDRESS_MAP, "addr-map", DEGRADED,                                   \
	  "an address found elsewhere by its X.500 name")                      \
	X(ADDRESS_MAP_PART, "addr-map-part", DEGRADED,                         \
	  "an address looked for in a part of the store")                      \
	X(ADDRESS_SIP, "addr-sip", DEGRADED,                                   \
	  "an address taken from a SIP URI")                                   \
	X(NO_FROM, "no-from", DEGRADED, "the store names no author")           \
	X(P1, "p1", DEGRADED, "a recipient of a resend only")                  \
	X(RECIPIENT_NAMES, "rcpt-display-only", DEGRADED,                      \
	  "recipients known by name only")                                     \
	X(NO_DATE, "no-date", DEGRADED, "the store holds no date")             \
	X(MESSAGE_ID, "synth-msgid", DEGRADED,                                 \
	  "the Message-ID was made from the store")                            \
	X(TH_BAD_LINE, "th-bad-line", DEGRADED,                                \
	  "a transport header line that is none")                              \
	X(TH_BOGUS, "th-bogus", DEGRADED,                                      \
	  "transport headers that are none: attached")                         \
	X(TH_DUPLICATE, "th-dup", DEGRADED,                                    \
	  "a field that may stand once stood twice")                           \
	X(TH_8BIT, "th-8bit", DEGRADED,                                        \
	  "raw 8-bit text in the transport headers")                           \
	X(TH_FOLD, "th-fold", DEGRADED,                                        \
	  "a transport header line was too long")                              \
	X(TH_DATE, "th-date", DEGRADED,                                        \
	  "an unreadable Date in the transport headers")                       \
	X(FIELD_LARGE, "field-large", DEGRADED,                                \
	  "a header field was left out, being too large")                      \
	X(NO_BODY, "no-body", NOT_CACHED,                                      \
	  "a body was expected and none is stored")                            \
	X(PREVIEW_ONLY, "body-preview-only", NOT_CACHED,                       \
	  "only the start of the body is stored")                              \
	X(BODY_CORRUPT, "body-corrupt", DAMAGED, "a body could not be read")   \
	X(BODY_LARGE, "body-large", DEGRADED,                                  \
	  "a body is attached, being too large")                               \
	X(RTF_CRC, "rtf-crc", DAMAGED, "the compressed RTF fails its CRC")     \
	X(RTF_TRUNCATED, "rtf-trunc", DAMAGED,                                 \
	  "the compressed RTF is cut short")                                   \
	X(RTF_DAMAGED, "rtf-damaged", DEGRADED,                                \
	  "the RTF is damaged, and is attached")                               \
	X(RTF_DEPTH, "rtf-depth", DEGRADED,                                    \
	  "the RTF is nested too deep: attached")                              \
	X(ATTACH_EMPTY, "att-empty", DEGRADED, "an attachment of no kind")     \
	X(ATTACH_REFERENCE, "att-ref", NOT_CACHED,                             \
	  "an attachment stored by reference only")                            \
	X(ATTACH_MISSING, "att-missing", NOT_CACHED,                           \
	  "an attachment's data is not stored")                                \
	X(ATTACH_HIDDEN, "att-hidden", DEGRADED,                               \
	  "a hidden, unreferenced attachment")                                 \
	X(RECIPIENTS_CORRUPT, "rcpt-corrupt", DAMAGED,                         \
	  "recipients could not be read")                                      \
	X(ATTACH_CORRUPT, "att-corrupt", DAMAGED,                              \
	  "attachments could not be read")                                     \
	X(PROPERTY_CORRUPT, "prop-corrupt", DAMAGED,                           \
	  "a property could not be read")                                      \
	X(SIGNED_SHAPE, "smime-shape", DEGRADED,                               \
	  "a signed or encrypted message that is none: as attachments")        \
	X(SIGNED_LF, "lf", DEGRADED,                                           \
	  "signed lines ended in LF alone, now in CRLF")                       \
	X(PGP_SIGNED, "pgp-signed-lost", DEGRADED,                             \
	  "what an OpenPGP signature signed is not stored")                    \
	X(ATTACH_BESIDE, "att-beside", DEGRADED,                               \
	  "an attachment lies beside the file only")                           \
	X(HTML_TEXT, "html-text", DEGRADED,                                    \
	  "plain text was made of an HTML body")                               \
	X(GROUP_NESTED, "group-nested", DEGRADED,                              \
	  "a list in a list is only named")                                    \
	X(RECURRENCE, "recurrence-corrupt", DAMAGED,                           \
	  "how a series comes again could not be read in full")                \
	X(HIJRI, "hijri", DEGRADED,                                            \
	  "a series by a calendar that iCalendar lacks")                       \
	X(TASK_RULE, "task-rule", DEGRADED,                                    \
	  "how a task comes again is no rule that iCalendar has")              \
	X(ZONE, "tz-corrupt", DAMAGED, "a time zone could not be read")        \
	X(NO_ZONE, "no-tz", DEGRADED,                                          \
	  "a series is in a time zone that is not stored")                     \
	X(TIMES, "times", DEGRADED,                                            \
	  "an end before its start is in X-OST-DTEND or X-OST-DUE")            \
	X(OLE, "ole-damaged", DEGRADED,                                        \
	  "what is in an OLE object could not be read")                        \
	X(INSIDE, "inside-damaged", DEGRADED,                                  \
	  "files in a signed message or winmail.dat are not all beside it")    \
	X(SKELETON, "skeleton-unusable", DEGRADED,                             \
	  "the MIME structure it came in cannot be filled again")              \
	X(DEPTH, "depth", DAMAGED, "messages nested too deep")                 \
	X(STORE, "store-corrupt", DAMAGED,                                     \
	  "what all items share, such as names of properties, is damaged")

#define OST_NOTE_ENUM(name, code, severity, meaning) NOTE_##name,
enum note { OST_NOTES(OST_NOTE_ENUM) NOTE_COUNT };
#undef OST_NOTE_ENUM

enum { MAIL_NOTE_MAX = 24 }; /* bytes of a code, with its NUL */

struct notes {
	uint64_t set; /* one bit a note */
};
_Static_assert(NOTE_COUNT <= 64, "a set has a bit for each");

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

/* Add what befell text of type `type` on its way to UTF-8. */
void notes_reading(struct notes *n, const struct store_reading *how,
		   uint16_t type);

/* Add what holds of `item` by where it comes from. */
void notes_origin(struct notes *n, struct store_object *item);

/* Append the codes, comma-separated. */
void notes_text(const struct notes *n, struct buf *out);

/* The next of such codes, on loan from `*codes`; false: there is no more. */
bool mail_note_next(const char **codes, struct span *code);

/* What a note code means, for people; "" for one that there is not. */
const char *mail_note_meaning(struct span code);

/* How bad that is; what is no code is MAIL_DAMAGED. */
enum mail_severity mail_note_severity(struct span code);

#endif
