/*
 * vcard_contact.c - a contact as a vCard 3.0
 */
#include <stdio.h>
#include <time.h>

#include "mail/card/vcard.h"
#include "mail/text/chars.h"
#include "mail/text/date.h"
#include "mail/text/value.h"

/*
 * Fields, by what their values are made of
 */

enum { SOURCES = 7 };

struct field {
	const char *name;
	void (*put)(struct vcard *v, const struct field *f);
	struct vcard_from from[SOURCES];
};

#define TAG(number)                                                            \
	{                                                                      \
		.id = (number)                                                 \
	}
#define LID(number)                                                            \
	{                                                                      \
		.lid = (number)                                                \
	}
#define EITHER(tag, l)                                                         \
	{                                                                      \
		(tag), (l)                                                     \
	}

static void put_text(struct vcard *v, const struct field *f)
{
	vcard_text(v, f->name, f->from[0]);
}

/* A URL, which is not escaped. */
static void put_url(struct vcard *v, const struct field *f)
{
	struct buf url = { 0 };

	vcard_get_line(v, f->from[0], &url);
	if (url.len > 0) {
		ical_name(&v->lines, f->name);
		ical_value(&v->lines, buf_span(&url));
	}
	v->lines.out->bad |= url.bad;
	buf_free(&url);
}

/* RFC 2426 3.1.1: there must be one, so anything is better than none. */
static void put_full_name(struct vcard *v, const struct field *f)
{
	struct buf name = { 0 };

	for (size_t i = 0; name.len == 0 && i < SOURCES; i++)
		vcard_get_line(v, f->from[i], &name);
	if (name.len == 0 && v->st == OST_OK)
		vcard_ok(v, value_subject(v->item, &name, v->notes, v->err));
	if (name.len == 0)
		buf_str(&name, "(no name)");
	ical_text_line(&v->lines, f->name, buf_span(&name));
	v->lines.out->bad |= name.bad;
	buf_free(&name);
}

/* Components with ";" between them; `keep`: all, though they be empty. */
static void put_components(struct vcard *v, const char *name,
			   const struct vcard_from *from, size_t count,
			   bool keep)
{
	struct buf texts[SOURCES] = { 0 };
	size_t last = keep ? count : 0;
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		vcard_get(v, from[i], &texts[i]);
		any = any || texts[i].len > 0;
		if (texts[i].len > 0 && last < i + 1)
			last = i + 1;
	}
	if (any || strcmp(name, "N") == 0) {
		ical_name(&v->lines, name);
		for (size_t i = 0; i < last; i++)
			ical_text_part(&v->lines, i == 0 ? ":" : ";",
				       buf_span(&texts[i]));
		ical_stop(&v->lines);
	}
	for (size_t i = 0; i < count; i++) {
		v->lines.out->bad |= texts[i].bad;
		buf_free(&texts[i]);
	}
}

static void put_name(struct vcard *v, const struct field *f)
{
	enum { PARTS = 5 };

	put_components(v, f->name, f->from, PARTS, true);
}

static void put_organization(struct vcard *v, const struct field *f)
{
	put_components(v, f->name, f->from, 2, false);
}

/*
 * A fax number that stands in an address only, as NAME@NUMBER: when from[0],
 * where numbers are, has none.
 */
static void put_fax(struct vcard *v, const struct field *f)
{
	struct buf text = { 0 };
	size_t at;

	vcard_get_line(v, f->from[0], &text);
	if (text.len == 0) {
		vcard_get_line(v, f->from[1], &text);
		at = text.len;
		while (at > 0 && text.at[at - 1] != '@')
			at--;
		ical_text_line(&v->lines, f->name,
			       chars_from(buf_span(&text), at));
	} else {
		ical_text_line(&v->lines, f->name, buf_span(&text));
	}
	v->lines.out->bad |= text.bad;
	buf_free(&text);
}

static void put_value(struct vcard *v, const char *name, struct span value)
{
	ical_text_line(&v->lines, name, chars_trim(value));
}

/* Each value of a list on a line of its own. */
static void put_each(struct vcard *v, const struct field *f)
{
	vcard_each(v, f->from[0].id, f->name, put_value);
}

static void put_gender(struct vcard *v, const struct field *f)
{
	static const char *const genders[] = { NULL, "F", "M" };
	const uint64_t gender = store_number(v->item, f->from[0].id, 0);

	if (gender == 1 || gender == 2)
		ical_line(&v->lines, f->name, "%s", genders[gender]);
}

/* [MS-OXOCNTC] 2.2.1.5: the year that says that there is none. */
enum { NO_YEAR = 1604 };

static void put_day(struct vcard *v, const char *name, int64_t sec)
{
	const time_t t = (time_t)sec;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL)
		return;
	if (tm.tm_year + 1900 == NO_YEAR)
		ical_line(&v->lines, name, "--%02d-%02d", tm.tm_mon + 1,
			  tm.tm_mday);
	else
		ical_line(&v->lines, name, "%04d-%02d-%02d", tm.tm_year + 1900,
			  tm.tm_mon + 1, tm.tm_mday);
}

/*
 * A day: the named property is its midnight where the user was, said in UTC;
 * the older one is the moment that was, which may be up to half a day off.
 */
static void put_date(struct vcard *v, const struct field *f)
{
	enum { HALF_DAY = 12 * 60 * 60 };
	uint32_t nsec;
	int64_t sec;

	if (date_property(v->item, vcard_lid(v, f->from[0].lid), &sec, &nsec))
		put_day(v, f->name, sec);
	else if (date_property(v->item, f->from[0].id, &sec, &nsec))
		put_day(v, f->name, sec + HALF_DAY);
}

/*
 * Postal addresses
 */

enum { MAILING_HOME = 1, MAILING_WORK = 2, MAILING_OTHER = 3 };

static const struct postal {
	const char *type;
	uint64_t mailing; /* what PidLidPostalAddressId is for it */
	/* post office box, extended, street, city, region, code, country */
	struct vcard_from from[SOURCES];
	struct vcard_from label;
} postals[] = {
	{ "WORK",
	  MAILING_WORK,
	  { LID(0x804A),
	    { 0 },
	    LID(0x8045),
	    LID(0x8046),
	    LID(0x8047),
	    LID(0x8048),
	    LID(0x8049) },
	  LID(0x801B) },
	{ "HOME",
	  MAILING_HOME,
	  { TAG(0x3A5E),
	    { 0 },
	    TAG(0x3A5D),
	    TAG(0x3A59),
	    TAG(0x3A5C),
	    TAG(0x3A5B),
	    TAG(0x3A5A) },
	  LID(0x801A) },
	{ "POSTAL",
	  MAILING_OTHER,
	  { TAG(0x3A64),
	    { 0 },
	    TAG(0x3A63),
	    TAG(0x3A5F),
	    TAG(0x3A62),
	    TAG(0x3A61),
	    TAG(0x3A60) },
	  LID(0x801C) },
};

/*
 * The mailing address: a copy of the address that is for mailing. A contact
 * made by another program may have nothing but the copy, or its text.
 */
static const struct postal mailing_address = {
	.from = { TAG(0x3A2B),
		  { 0 },
		  TAG(0x3A29),
		  TAG(0x3A27),
		  TAG(0x3A28),
		  TAG(0x3A2A),
		  TAG(0x3A26) },
	.label = TAG(0x3A15),
};

static bool has_any(struct vcard *v, const struct vcard_from *from,
		    size_t count)
{
	struct buf text = { 0 };
	bool any;

	for (size_t i = 0; i < count; i++)
		vcard_get(v, from[i], &text);
	any = text.len > 0;
	buf_free(&text);
	return any;
}

/* Line `name` of an address of type `type`. */
static const char *postal_name(char out[32], const char *name, const char *type,
			       bool preferred)
{
	snprintf(out, 32, "%s;TYPE=%s%s", name, type, preferred ? ",PREF" : "");
	return out;
}

/* `copied`: the mailing address is a copy of this one. */
static void put_postal(struct vcard *v, const struct postal *p, bool copied,
		       bool preferred)
{
	const struct vcard_from *from = p->from;
	struct vcard_from label = p->label;
	struct vcard_from free_text[SOURCES] = { 0 };
	char name[32];

	if (copied && !has_any(v, from, SOURCES))
		from = mailing_address.from;
	if (copied && !has_any(v, &label, 1))
		label = mailing_address.label;
	/* Free text only: all of it in place of the street, for programs that
	   know no LABEL. */
	free_text[2] = label;
	if (!has_any(v, from, SOURCES))
		from = free_text;
	put_components(v, postal_name(name, "ADR", p->type, preferred), from,
		       SOURCES, true);
	vcard_text(v, postal_name(name, "LABEL", p->type, preferred), label);
}

static void put_postals(struct vcard *v, const struct field *f)
{
	const uint64_t mailing =
		store_number(v->item, vcard_lid(v, f->from[0].lid), 0);
	const bool known = mailing >= MAILING_HOME && mailing <= MAILING_OTHER;

	for (size_t i = 0; i < sizeof(postals) / sizeof(postals[0]); i++) {
		const bool preferred = postals[i].mailing == mailing;

		/* It is work if none is said. */
		put_postal(v, &postals[i], preferred || (!known && i == 0),
			   preferred);
	}
}

/*
 * The whole
 */

static void put_emails(struct vcard *v, const struct field *f)
{
	(void)f;
	vcard_emails(v);
}

static void put_class(struct vcard *v, const struct field *f)
{
	static const char *const classes[] = { NULL, "PRIVATE", "PRIVATE",
					       "CONFIDENTIAL" };
	const uint64_t class = store_number(v->item, f->from[0].id, 0);

	if (class >= 1 && class <= 3)
		ical_line(&v->lines, f->name, "%s", classes[class]);
}

/* In the order they are written. */
static const struct field fields[] = {
	{ "FN",
	  put_full_name,
	  { TAG(0x3001), LID(0x8005), TAG(0x3A16), LID(0x8083), LID(0x8080) } },
	{ "N",
	  put_name,
	  { TAG(0x3A11), TAG(0x3A06), TAG(0x3A44), TAG(0x3A45), TAG(0x3A05) } },
	{ "SORT-STRING", put_text, { LID(0x8005) } },
	{ "X-MS-FILE-AS", put_text, { LID(0x8005) } },
	{ "X-PHONETIC-FIRST-NAME", put_text, { LID(0x802C) } },
	{ "X-PHONETIC-LAST-NAME", put_text, { LID(0x802D) } },
	{ "X-PHONETIC-ORG", put_text, { LID(0x802E) } },
	{ "NICKNAME", put_text, { TAG(0x3A4F) } },
	{ "X-MS-INITIALS", put_text, { TAG(0x3A0A) } },
	{ "ORG", put_organization, { TAG(0x3A16), EITHER(0x3A18, 0x8010) } },
	{ "TITLE", put_text, { TAG(0x3A17) } },
	{ "ROLE", put_text, { TAG(0x3A46) } },
	{ "X-MS-OFFICE", put_text, { TAG(0x3A19) } },
	{ "EMAIL", put_emails, { { 0 } } },
	{ "TEL;TYPE=WORK,VOICE", put_text, { TAG(0x3A08) } },
	{ "TEL;TYPE=WORK,VOICE", put_text, { TAG(0x3A1B) } },
	{ "TEL;TYPE=HOME,VOICE", put_text, { TAG(0x3A09) } },
	{ "TEL;TYPE=HOME,VOICE", put_text, { TAG(0x3A2F) } },
	{ "TEL;TYPE=CELL", put_text, { TAG(0x3A1C) } },
	{ "TEL;TYPE=VOICE", put_text, { TAG(0x3A1F) } },
	{ "TEL;TYPE=CAR", put_text, { TAG(0x3A1E) } },
	{ "TEL;TYPE=PAGER", put_text, { TAG(0x3A21) } },
	{ "TEL;TYPE=PREF", put_text, { TAG(0x3A1A) } },
	{ "TEL;TYPE=ISDN", put_text, { TAG(0x3A2D) } },
	{ "TEL;TYPE=WORK,FAX", put_fax, { TAG(0x3A24), LID(0x80C3) } },
	{ "TEL;TYPE=HOME,FAX", put_fax, { TAG(0x3A25), LID(0x80D3) } },
	{ "TEL;TYPE=FAX", put_fax, { TAG(0x3A23), LID(0x80B3) } },
	{ "X-MS-TEL;TYPE=ASSISTANT", put_text, { TAG(0x3A2E) } },
	{ "X-MS-TEL;TYPE=CALLBACK", put_text, { TAG(0x3A02) } },
	{ "X-MS-TEL;TYPE=COMPANY", put_text, { TAG(0x3A57) } },
	{ "X-MS-TEL;TYPE=RADIO", put_text, { TAG(0x3A1D) } },
	{ "X-MS-TEL;TYPE=TTYTDD", put_text, { TAG(0x3A4B) } },
	{ "X-MS-TEL;TYPE=TELEX", put_text, { TAG(0x3A2C) } },
	{ "ADR", put_postals, { LID(0x8022) } },
	{ "URL;TYPE=HOME", put_url, { TAG(0x3A50) } },
	{ "URL;TYPE=WORK", put_url, { TAG(0x3A51) } },
	{ "URL", put_url, { LID(0x802B) } },
	{ "FBURL", put_url, { LID(0x80D8) } },
	{ "X-MS-IMADDRESS", put_text, { LID(0x8062) } },
	{ "BDAY", put_date, { EITHER(0x3A42, 0x80DE) } },
	{ "X-MS-ANNIVERSARY", put_date, { EITHER(0x3A41, 0x80DF) } },
	{ "GENDER", put_gender, { TAG(0x3A4D) } },
	{ "X-MS-ASSISTANT", put_text, { TAG(0x3A30) } },
	{ "X-MS-MANAGER", put_text, { TAG(0x3A4E) } },
	{ "X-MS-SPOUSE", put_text, { TAG(0x3A48) } },
	{ "X-MS-CHILD", put_each, { TAG(0x3A58) } },
	{ "X-MS-INTERESTS", put_text, { TAG(0x3A43) } },
	{ "X-MS-REFERRED-BY", put_text, { TAG(0x3A47) } },
	{ "X-MS-COMPUTER", put_text, { TAG(0x3A49) } },
	{ "X-MS-CUSTOMER-ID", put_text, { TAG(0x3A4A) } },
	{ "X-MS-GOVERNMENT-ID", put_text, { TAG(0x3A07) } },
	{ "X-MS-ORG-ID", put_text, { TAG(0x3A10) } },
	{ "X-MS-FTP", put_text, { TAG(0x3A4C) } },
	{ "X-MS-LOCATION", put_text, { TAG(0x3A0D) } },
	{ "X-MS-TEXT;TYPE=1", put_text, { LID(0x804F) } },
	{ "X-MS-TEXT;TYPE=2", put_text, { LID(0x8050) } },
	{ "X-MS-TEXT;TYPE=3", put_text, { LID(0x8051) } },
	{ "X-MS-TEXT;TYPE=4", put_text, { LID(0x8052) } },
	{ "CLASS", put_class, { TAG(MAPI_SENSITIVITY) } },
};

enum ost_status vcard_contact(struct store_object *item, struct buf *out,
			      struct notes *notes, struct ost_error *err)
{
	struct vcard v = {
		.item = item, .lines = { out }, .notes = notes, .err = err
	};

	vcard_begin(&v, "3.0");
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		fields[i].put(&v, &fields[i]);
	vcard_keys(&v);
	vcard_attachments(&v, true);
	vcard_end(&v);
	return v.st == OST_OK ? buf_status(out, err) : v.st;
}
