#include "mail/header/header.h"

#include "bytes/sorted.h"
#include "bytes/text.h"
#include "mail/header/fields.h"
#include "mail/rfc822/skeleton_parse.h"
#include "mail/rfc822/transport.h"
#include "mail/text/chars.h"
#include "mail/text/encode.h"
#include "mail/text/value.h"

/* Of a header with more than that, the rest is left out. */
enum { TRANSPORT_MAX = 1 << 20, HEADER_MAX = 4 << 20, NAMED_MAX = 1000 };

static struct span written(const struct header *h)
{
	return chars_from(buf_span(h->out), h->start);
}

/* What two names that are the same but for their case have in common. */
static uint32_t name_key(struct span name)
{
	return (uint32_t)(name.len & 0xFF) << 24 |
	       (uint32_t)chars_lower(name.at[0]) << 16 |
	       (uint32_t)chars_lower(name.at[name.len / 2]) << 8 |
	       chars_lower(name.at[name.len - 1]);
}

/* Which bit of `keys` a key is. */
static unsigned key_bit(uint32_t key)
{
	return key * 0x9E3779B1U >> 24;
}

/* Note the names of the fields written since the last time. */
static void note_names(struct header *h)
{
	const struct span all = written(h);
	struct span rest = chars_from(all, h->noted);
	struct transport_field f;

	while (transport_next(&rest, &f)) {
		if (f.name.len == 0)
			continue;
		if (!array_more(&h->names, h->name_count, sizeof(*h->names))) {
			h->out->bad = true;
			break;
		}
		const struct header_name name = {
			.key = name_key(f.name),
			.at = (uint32_t)(f.name.at - all.at),
		};
		const unsigned bit = key_bit(name.key);

		h->keys[bit / 64] |= UINT64_C(1) << bit % 64;
		h->names[h->name_count++] = name;
	}
	h->noted = all.len - rest.len;
}

bool header_find(struct header *h, struct span name,
		 struct transport_field *out)
{
	const struct span all = written(h);
	const uint32_t key = name_key(name);
	const unsigned bit = key_bit(key);

	if (h->noted < all.len)
		note_names(h);
	if ((h->keys[bit / 64] >> bit % 64 & 1) == 0)
		return false;
	for (size_t i = 0; i < h->name_count; i++) {
		struct span rest = chars_from(all, h->names[i].at);

		if (h->names[i].key == key && transport_next(&rest, out) &&
		    chars_same(out->name, name))
			return true;
	}
	return false;
}

bool header_has(struct header *h, const char *name)
{
	struct transport_field f;

	return header_find(h, chars_of(name), &f);
}

/* The transport headers, when they are some; attached when they are not. */
static enum ost_status put_transport(struct header *h,
				     struct header_facts *facts)
{
	struct buf text = { 0 };
	struct store_reading how = { 0 };
	enum ost_status st = store_text(h->item, MAPI_TRANSPORT_MESSAGE_HEADERS,
					&text, &how, h->err);

	if (st == OST_NOT_FOUND)
		st = skeleton_header(h->item, &text, h->err);
	if (st != OST_OK && st != OST_NOT_FOUND && !ost_is_internal(st))
		note_add(h->notes, NOTE_PROPERTY_CORRUPT);
	if (st == OST_OK)
		notes_reading(h->notes, &how, MAPI_STRING8);
	if (st == OST_OK && chars_trim(buf_span(&text)).len > 0 &&
	    (text.len > TRANSPORT_MAX ||
	     !transport_write(buf_span(&text), h->out, h->notes))) {
		note_add(h->notes, NOTE_TH_BOGUS);
		facts->bogus = text;
		text = (struct buf){ 0 };
	}
	buf_free(&text);
	return ost_is_internal(st) ? st : OST_OK;
}

/* Equal but for how many blanks there are between words. */
static bool same_words(struct span a, struct span b)
{
	a = chars_trim(a);
	b = chars_trim(b);
	while (a.len > 0 && b.len > 0) {
		const bool blank = chars_blank(a.at[0]);

		if (blank != chars_blank(b.at[0]) ||
		    (!blank && a.at[0] != b.at[0]))
			return false;
		a = blank ? chars_trim(a) : chars_from(a, 1);
		b = blank ? chars_trim(b) : chars_from(b, 1);
	}
	return a.len == b.len;
}

/* When the user changed the subject, the mail keeps the one it came with. */
static enum ost_status put_changed_subject(struct header *h)
{
	struct buf stored = { 0 }, decoded = { 0 }, sent = { 0 };
	struct transport_field f;
	enum ost_status st = value_subject(h->item, &stored, h->notes, h->err);

	if (st == OST_OK && stored.len > 0 &&
	    header_find(h, chars_of("Subject"), &f)) {
		encode_clean(&decoded, f.value);
		encode_undo_words(&sent, buf_span(&decoded));
		if (!same_words(buf_span(&sent), buf_span(&stored)))
			encode_field(h->out, "X-Ost-Subject",
				     buf_span(&stored));
	}
	h->out->bad = h->out->bad || decoded.bad || sent.bad;
	buf_free(&stored);
	buf_free(&decoded);
	buf_free(&sent);
	return st;
}

/*
 * Append the usual spelling of a field name: names in the store are mostly in
 * lower case, whatever they came in.
 */
static void put_spelling(struct span name, struct buf *out)
{
	static const char *const capitals[] = { "DKIM", "ARC",	"SPF",	"MS",
						"MIME", "TNEF", "BIMI", "IP",
						"CTCH", "SID" };
	size_t start = 0;

	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] >= 'A' && name.at[i] <= 'Z')
			start = name.len; /* it has a spelling */
	buf_add(out, name.at, start);
	while (start < name.len) {
		struct span word = chars_from(name, start);
		bool upper = false;

		word = chars_first(word, chars_find(word, '-'));
		for (size_t i = 0; i < sizeof(capitals) / sizeof(capitals[0]);
		     i++)
			upper = upper ||
				chars_same(word, chars_of(capitals[i]));
		for (size_t i = 0; i < word.len; i++)
			buf_byte(out, (char)(chars_letter(word.at[i]) &&
							     (upper || i == 0)
						     ? word.at[i] & ~0x20
						     : word.at[i]));
		start += word.len;
		if (start++ < name.len)
			buf_byte(out, '-');
	}
}

/* True if a property of this name may be written as a field. */
static bool is_field_name(struct span name)
{
	enum { MAX = 200 };

	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] <= ' ' || name.at[i] >= 0x7F ||
		    name.at[i] == ':')
			return false;
	return name.len > 0 && name.len <= MAX &&
	       (!chars_begin(name, "content-") ||
		chars_same(name, chars_of("content-class"))) &&
	       !chars_same(name, chars_of("mime-version"));
}

static bool is_full(struct header *h, size_t named)
{
	if (written(h).len <= HEADER_MAX && named <= NAMED_MAX)
		return false;
	note_add(h->notes, NOTE_FIELD_LARGE);
	return true;
}

/*
 * A field that was kept as a property, in the set of Internet headers; these
 * are counted.
 */
static enum ost_status put_named(struct header *h, const struct store_prop *p,
				 size_t *count)
{
	struct store_name known;
	struct buf name = { 0 }, text = { 0 };
	enum ost_status st = OST_OK;

	if ((p->type != MAPI_UNICODE && p->type != MAPI_STRING8) ||
	    !store_id_name(h->item->store, p->id, &known) ||
	    known.name == NULL ||
	    memcmp(known.guid, value_guid(SET_INTERNET_HEADERS), 16) != 0 ||
	    !is_field_name(chars_of(known.name)))
		return OST_OK;
	if (++*count > NAMED_MAX)
		return OST_OK;
	transport_prefix(chars_of(known.name), &name);
	put_spelling(chars_of(known.name), &name);
	if (!header_has(h, known.name) && !header_has(h, buf_text(&name)))
		st = value_line(h->item, p->id, &text, h->notes, h->err);
	if (st == OST_OK && text.len > 0)
		encode_field(h->out, buf_text(&name), buf_span(&text));
	h->out->bad = h->out->bad || name.bad;
	buf_free(&name);
	buf_free(&text);
	return st;
}

static enum ost_status put_all_named(struct header *h)
{
	enum { FIRST_NAMED = 0x8000 };
	struct store_prop p;
	uint32_t id = FIRST_NAMED;
	size_t count = 0;
	enum ost_status st = OST_OK;

	while (st == OST_OK && id <= UINT16_MAX && !is_full(h, count)) {
		st = store_next(h->item, (uint16_t)id, &p, h->err);
		if (st == OST_OK)
			st = put_named(h, &p, &count);
		id = (uint32_t)p.id + 1;
	}
	return ost_is_internal(st) ? st : OST_OK;
}

/* Append the fields that the header does not have yet. */
static enum ost_status put_missing(struct header *h)
{
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i < fields_count && !is_full(h, 0);
	     i++)
		if (!header_has(h, fields[i].name))
			st = fields[i].put(h, &fields[i]);
	if (st == OST_OK)
		st = put_all_named(h);
	return st;
}

enum ost_status header_write(struct store_object *item, struct buf *out,
			     struct header_facts *facts, struct notes *notes,
			     struct ost_error *err)
{
	struct header h;
	enum ost_status st;
	bool transported;

	*facts = (struct header_facts){ 0 };
	st = header_open(&h, item, out, notes, err);
	if (st == OST_OK)
		st = put_transport(&h, facts);
	transported = out->len > h.start;
	if (st == OST_OK)
		st = put_missing(&h);
	if (st == OST_OK && transported)
		st = put_changed_subject(&h);
	if (st == OST_OK && (transported || h.report))
		st = put_missing_recipients(&h);
	if (st == OST_OK && !header_has(&h, "MIME-Version"))
		buf_str(out, "MIME-Version: 1.0\r\n");
	header_close(&h);
	return st == OST_OK ? buf_status(out, err) : st;
}

void header_tail(struct store_object *item, const struct notes *notes,
		 struct buf *out)
{
	static const struct {
		unsigned state;
		char letter;
	} letters[] = { { STATE_ANSWERED, 'A' },
			{ STATE_FORWARDED, 'P' }, /* "passed", as in Maildir */
			{ STATE_FLAGGED, 'F' },
			{ STATE_DRAFT, 'T' },
			{ STATE_DELETED, 'D' } };
	const unsigned state = value_state(item);
	struct buf text = { 0 };

	notes_text(notes, &text);
	if (text.len > 0)
		encode_folded(out, "X-Ost-Note", buf_span(&text));
	buf_printf(out, "Status: %s\r\n", state & STATE_READ ? "RO" : "O");
	buf_cut(&text, 0);
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if (state & letters[i].state)
			buf_byte(&text, letters[i].letter);
	if (text.len > 0)
		buf_printf(out, "X-Status: %s\r\n", buf_text(&text));
	out->bad = out->bad || text.bad;
	buf_free(&text);
}

void header_facts_free(struct header_facts *facts)
{
	buf_free(&facts->bogus);
}
