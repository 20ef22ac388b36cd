/*
 * names.c - what an attachment is called
 */
#include "mail/attach/attach.h"

#include <stdlib.h>
#include <strings.h>
#include <uninorm.h>

#include "mail/text/encode.h"
#include "mail/text/value.h"

/* Longer names are cut: no header line and no file system takes them. */
enum { NAME_MAX = 900, EXTENSION_MAX = 12 };

/* Unicode normal form C, so that a name is spelled in one way. */
static void normalize(struct buf *name)
{
	size_t len = 0;
	uint8_t *nfc = u8_normalize(UNINORM_NFC, (const uint8_t *)name->at,
				    name->len, NULL, &len);

	if (nfc == NULL)
		return;
	buf_cut(name, 0);
	buf_add(name, nfc, len);
	free(nfc);
}

static bool is_control(struct span s, size_t i)
{
	const bool c1 = s.at[i] == 0xC2 && i + 1 < s.len &&
			s.at[i + 1] >= 0x80 && s.at[i + 1] < 0xA0;

	return s.at[i] < 0x20 || s.at[i] == 0x7F || c1;
}

/* The length of `s` cut to `most` bytes, between characters. */
static size_t cut_at(struct span s, size_t max)
{
	size_t len = s.len < max ? s.len : max;

	while (len > 0 && len < s.len && (s.at[len] & 0xC0) == 0x80)
		len--;
	return len;
}

/* The extension of a name, with its dot; where it ends when it has none. */
static size_t extension_at(struct span name)
{
	size_t i = name.len;

	while (i > 0 && name.len - i <= EXTENSION_MAX &&
	       name.at[i - 1] != '.' && name.at[i - 1] != ' ')
		i--;
	if (i < 2 || i == name.len || name.at[i - 1] != '.')
		return name.len;
	return i - 1;
}

void attach_put_name(struct buf *out, struct span raw)
{
	struct buf name = { 0 };
	struct span s, ext;

	for (size_t i = 0; i < raw.len; i++) {
		if (is_control(raw, i))
			i += raw.at[i] == 0xC2;
		else if (raw.at[i] == '/' || raw.at[i] == '\\')
			buf_byte(&name, '_');
		else
			buf_byte(&name, (char)raw.at[i]);
	}
	if (name.len > 0)
		normalize(&name);

	s = buf_span(&name);
	while (s.len > 0 && s.at[0] == ' ')
		s = span_of(s.at + 1, s.len - 1);
	while (s.len > 0 && s.at[s.len - 1] == ' ')
		s.len--;

	const size_t at = extension_at(s);
	const size_t stem = cut_at(span_of(s.at, at), NAME_MAX);
	(void)span_sub(s, at, s.len - at, &ext);
	buf_add(out, s.at, stem);
	buf_add(out, ext.at, ext.len);
	out->bad = out->bad || name.bad;
	buf_free(&name);
}

/* What follows the last separator of either kind. */
static struct span basename_of(struct span path)
{
	size_t i = path.len;
	struct span last;

	while (i > 0 && path.at[i - 1] != '/' && path.at[i - 1] != '\\')
		i--;
	(void)span_sub(path, i, path.len - i, &last);
	return last;
}

/* As mail programs store what they cannot decode: RFC 2047 words. */
static void undo_words(struct buf *name)
{
	struct buf text = { 0 };

	if (strstr(buf_text(name), "=?") == NULL)
		return;
	encode_undo_words(&text, buf_span(name));
	buf_free(name);
	*name = text;
}

static bool take(struct attach *a, uint16_t id, bool is_path,
		 struct notes *notes)
{
	struct store_reading how = { 0 };
	struct buf raw = { 0 };
	struct ost_error err;
	struct span s;

	if (store_text(a->object, id, &raw, &how, &err) == OST_OK) {
		undo_words(&raw);
		s = buf_span(&raw);
		attach_put_name(&a->name, is_path ? basename_of(s) : s);
		notes_reading(notes, &how, MAPI_STRING8);
	}
	a->name.bad = a->name.bad || raw.bad;
	buf_free(&raw);
	return a->name.len > 0;
}

static bool take_subject(struct attach *a, struct store_object *embedded)
{
	struct notes notes = { 0 }; /* they are in the file */
	struct buf raw = { 0 };
	struct ost_error err;

	if (embedded != NULL &&
	    value_subject(embedded, &raw, &notes, &err) == OST_OK)
		attach_put_name(&a->name, buf_span(&raw));
	buf_free(&raw);
	return a->name.len > 0;
}

void attach_set_name(struct attach *a, struct store_object *embedded,
		     struct notes *notes)
{
	if (a->object != NULL &&
	    (take(a, MAPI_ATTACH_LONG_FILENAME, false, notes) ||
	     take(a, MAPI_ATTACH_FILENAME, false, notes) ||
	     take(a, MAPI_ATTACH_LONG_PATHNAME, true, notes) ||
	     take(a, MAPI_ATTACH_PATHNAME, true, notes) ||
	     take_subject(a, embedded) ||
	     take(a, MAPI_DISPLAY_NAME, false, notes)))
		return;
	buf_printf(&a->name, "attachment-%zu", a->index + 1);
}

/* The stored extension, with its dot; "" when there is none fit to use. */
static void stored_extension(const struct attach *a, struct buf *out)
{
	struct buf raw = { 0 }, clean = { 0 };
	struct ost_error err;
	const char *s;

	if (store_text(a->object, MAPI_ATTACH_EXTENSION, &raw, NULL, &err) ==
	    OST_OK)
		attach_put_name(&clean, buf_span(&raw));
	s = buf_text(&clean);
	if (*s == '.')
		s++;
	if (*s != '\0' && strlen(s) <= EXTENSION_MAX &&
	    strpbrk(s, ". ") == NULL)
		buf_printf(out, ".%s", s);
	buf_free(&clean);
	buf_free(&raw);
}

static void add_extension(struct attach *a)
{
	const char *by_type = type_extension(buf_text(&a->type));
	struct buf ext = { 0 };

	if (a->object == NULL || extension_at(buf_span(&a->name)) < a->name.len)
		return;
	stored_extension(a, &ext);
	if (ext.len == 0 && by_type != NULL)
		buf_printf(&ext, ".%s", by_type);
	buf_add(&a->name, ext.at, ext.len);
	buf_free(&ext);
}

/* A message is saved in our form, whatever Outlook calls its own. */
static void end_message(struct attach *a, const char *suffix)
{
	const size_t at = extension_at(buf_span(&a->name));
	const char *ext = buf_text(&a->name) + at;

	if (strcasecmp(ext, suffix) == 0)
		return;
	if (strcasecmp(ext, ".msg") == 0)
		buf_cut(&a->name, at);
	buf_str(&a->name, suffix);
}

void attach_end_name(struct attach *a, const char *suffix)
{
	switch (a->kind) {
	case MAIL_FILE:
		add_extension(a);
		break;
	case MAIL_MESSAGE:
		end_message(a, suffix);
		break;
	case MAIL_LINK:
		buf_str(&a->name, ".url");
		break;
	case MAIL_MISSING:
		buf_str(&a->name, ".MISSING.txt");
		break;
	}
}
