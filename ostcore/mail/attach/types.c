/*
 * types.c - the MIME type of an attached file: as stored, else by its name,
 * else by its first bytes
 */
#include <strings.h>

#include "bytes/text.h"
#include "mail/attach/attach.h"
#include "mail/attach/ole.h"
#include "mail/attach/sniff.h"
#include "mail/text/encode.h"

enum {
	HEAD_MAX = 4 << 10,    /* bytes that are sniffed */
	MESSAGE_MAX = 4 << 20, /* message/... files that are shown as text */
	LINE_MAX = 998,	       /* RFC 5322 2.1.1 */
	TYPE_MAX = 127,	       /* RFC 6838 4.2, both halves */
};

#define OCTETS "application/octet-stream"

/* The first of a type or of an extension is the one that is given for it. */
static const struct {
	const char *extension, *type;
} known[] = {
	{ "txt", "text/plain" },
	{ "pdf", "application/pdf" },
	{ "doc", "application/msword" },
	{ "xls", "application/vnd.ms-excel" },
	{ "ppt", "application/vnd.ms-powerpoint" },
	{ "docx", "application/vnd.openxmlformats-officedocument."
		  "wordprocessingml.document" },
	{ "xlsx", "application/vnd.openxmlformats-officedocument."
		  "spreadsheetml.sheet" },
	{ "pptx", "application/vnd.openxmlformats-officedocument."
		  "presentationml.presentation" },
	{ "docm", "application/vnd.ms-word.document.macroenabled.12" },
	{ "xlsm", "application/vnd.ms-excel.sheet.macroenabled.12" },
	{ "xlsb", "application/vnd.ms-excel.sheet.binary.macroenabled.12" },
	{ "vsd", "application/vnd.visio" },
	{ "mpp", "application/vnd.ms-project" },
	{ "one", "application/onenote" },
	{ "msg", "application/vnd.ms-outlook" },
	{ "odt", "application/vnd.oasis.opendocument.text" },
	{ "ods", "application/vnd.oasis.opendocument.spreadsheet" },
	{ "odp", "application/vnd.oasis.opendocument.presentation" },
	{ "rtf", "application/rtf" },
	{ "rtf", "text/rtf" },
	{ "htm", "text/html" },
	{ "html", "text/html" },
	{ "css", "text/css" },
	{ "csv", "text/csv" },
	{ "log", "text/plain" },
	{ "xml", "text/xml" },
	{ "xml", "application/xml" },
	{ "json", "application/json" },
	{ "ics", "text/calendar" },
	{ "vcf", "text/vcard" },
	{ "vcf", "text/x-vcard" },
	{ "eml", "message/rfc822" },
	{ "png", "image/png" },
	{ "jpg", "image/jpeg" },
	{ "jpeg", "image/jpeg" },
	{ "gif", "image/gif" },
	{ "bmp", "image/bmp" },
	{ "bmp", "image/x-ms-bmp" },
	{ "tif", "image/tiff" },
	{ "tiff", "image/tiff" },
	{ "webp", "image/webp" },
	{ "svg", "image/svg+xml" },
	{ "ico", "image/vnd.microsoft.icon" },
	{ "emf", "image/emf" },
	{ "wmf", "image/wmf" },
	{ "heic", "image/heic" },
	{ "mp3", "audio/mpeg" },
	{ "wav", "audio/x-wav" },
	{ "m4a", "audio/mp4" },
	{ "wma", "audio/x-ms-wma" },
	{ "mp4", "video/mp4" },
	{ "mov", "video/quicktime" },
	{ "avi", "video/x-msvideo" },
	{ "wmv", "video/x-ms-wmv" },
	{ "zip", "application/zip" },
	{ "zip", "application/x-zip-compressed" },
	{ "7z", "application/x-7z-compressed" },
	{ "rar", "application/vnd.rar" },
	{ "gz", "application/gzip" },
	{ "tar", "application/x-tar" },
	{ "exe", "application/vnd.microsoft.portable-executable" },
	{ "p7m", "application/pkcs7-mime" },
	{ "p7s", "application/pkcs7-signature" },
	{ "cer", "application/pkix-cert" },
	{ "rpmsg", "application/x-microsoft-rpmsg-message" },
	{ "url", "application/internet-shortcut" },
	{ "ole", "application/x-ole-storage" },
};

/* Types that were seen in mail and are not what they should be. */
static const struct {
	const char *junk, *type;
} mended[] = {
	{ "application/msexcell", "application/vnd.ms-excel" },
	{ "application/x-msexcel", "application/vnd.ms-excel" },
	{ "application/excel", "application/vnd.ms-excel" },
	{ "application/x-pdf", "application/pdf" },
	{ "application/octetstream", OCTETS },
	{ "application/octet", OCTETS },
	{ "image/jpg", "image/jpeg" },
	{ "image/pjpeg", "image/jpeg" },
	{ "image/x-png", "image/png" },
};

#define COUNT(all) (sizeof(all) / sizeof((all)[0]))

const char *type_extension(const char *type)
{
	for (size_t i = 0; i < COUNT(known); i++)
		if (strcasecmp(known[i].type, type) == 0)
			return known[i].extension;
	return NULL;
}

const char *type_of_extension(const char *extension)
{
	for (size_t i = 0; i < COUNT(known); i++)
		if (strcasecmp(known[i].extension, extension) == 0)
			return known[i].type;
	return NULL;
}

/* RFC 6838 4.2: what the halves of a type are made of. */
static bool is_type_char(uint8_t c, bool first)
{
	if ((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
		return true;
	return !first && c != '\0' && strchr("!#$&-^_.+", c) != NULL;
}

/* The length of the type/subtype that `s` starts with; 0: it has none. */
static size_t type_length(struct span s)
{
	size_t slash = 0, i;

	for (i = 0; i < s.len && i <= TYPE_MAX; i++) {
		if (s.at[i] == '/' && slash == 0 && i > 0)
			slash = i;
		else if (!is_type_char(s.at[i], i == 0 || i == slash + 1))
			break;
	}
	const bool ended = i == s.len || s.at[i] == ';' || s.at[i] == ' ';
	return slash > 0 && i > slash + 1 && i <= TYPE_MAX && ended ? i : 0;
}

static bool starts(const struct buf *b, const char *with)
{
	return strncasecmp(buf_text(b), with, strlen(with)) == 0;
}

static void set(struct buf *b, const char *text)
{
	buf_cut(b, 0);
	buf_str(b, text);
}

static void from_tag(struct attach *a)
{
	struct ost_error err;
	struct span s;

	if (store_text(a->object, MAPI_ATTACH_MIME_TAG, &a->tag, NULL, &err) !=
	    OST_OK)
		buf_cut(&a->tag, 0);
	s = buf_span(&a->tag);
	while (s.len > 0 && s.at[0] == ' ')
		s = span_of(s.at + 1, s.len - 1);
	buf_add(&a->type, s.at, type_length(s));
	for (size_t i = 0; i < COUNT(mended); i++)
		if (strcasecmp(buf_text(&a->type), mended[i].junk) == 0)
			set(&a->type, mended[i].type);
}

static void from_extension(struct attach *a)
{
	const char *dot = strrchr(buf_text(&a->name), '.');
	const char *type = dot != NULL ? type_of_extension(dot + 1) : NULL;
	struct buf ext = { 0 };
	struct ost_error err;

	if (type == NULL && store_text(a->object, MAPI_ATTACH_EXTENSION, &ext,
				       NULL, &err) == OST_OK) {
		const char *s = buf_text(&ext);

		type = type_of_extension(*s == '.' ? s + 1 : s);
	}
	if (type != NULL)
		set(&a->type, type);
	buf_free(&ext);
}

/* The type its first bytes tell. */
static enum ost_status from_bytes(struct attach *a, struct ost_error *err)
{
	uint8_t head[HEAD_MAX];
	const size_t len = a->data.size < sizeof(head) ? (size_t)a->data.size
						       : sizeof(head);
	const enum ost_status st =
		store_read(a->object, &a->data, 0, head, len, err);

	if (ost_is_internal_or_transient(st))
		return st;
	if (st == OST_OK && len > 0)
		(void)sniff_type(span_of(head, len), &a->type);
	return OST_OK;
}

/* What a line of a message may hold; CR only before LF. */
static bool is_mail_text(struct span s)
{
	size_t line = 0;

	for (size_t i = 0; i < s.len; i++) {
		const bool end =
			s.at[i] == '\r' && i + 1 < s.len && s.at[i + 1] == '\n';

		if (end) {
			i++;
			line = 0;
		} else if (s.at[i] == '\0' || s.at[i] == '\r' ||
			   s.at[i] == '\n' || ++line > LINE_MAX) {
			return false;
		}
	}
	return true;
}

/* Does `s` start with header fields, all in ASCII? RFC 5322 2.2 */
static bool has_header(struct span s)
{
	const uint8_t *blank =
		s.len > 0 ? memmem(s.at, s.len, "\r\n\r\n", 4) : NULL;
	const size_t len = blank != NULL ? (size_t)(blank - s.at) : s.len;
	size_t i = 0;

	while (i < len && s.at[i] > ' ' && s.at[i] < 0x7F && s.at[i] != ':')
		i++;
	return i > 0 && i < len && s.at[i] == ':' &&
	       text_is_ascii(span_of(s.at, len));
}

/*
 * A stored message/... file: RFC 2046 5.2 forbids to encode it, so it is
 * either fit to be shown as it is, or some bytes of no known type.
 */
static enum ost_status from_message(struct attach *a, struct ost_error *err)
{
	const bool mail = strcasecmp(buf_text(&a->type), "message/rfc822") == 0;
	const bool report = strcasecmp(buf_text(&a->type),
				       "message/delivery-status") == 0 ||
			    strcasecmp(buf_text(&a->type),
				       "message/disposition-notification") == 0;
	enum ost_status st = OST_NOT_FOUND;
	struct span s;

	if (mail || report)
		st = store_bytes(a->object, MAPI_ATTACH_DATA, MESSAGE_MAX,
				 &a->text, err);
	if (ost_is_internal_or_transient(st))
		return st;
	s = buf_span(&a->text);
	if (st != OST_OK || !is_mail_text(s) || !has_header(s) ||
	    (report && !text_is_ascii(s))) {
		buf_free(&a->text);
		if (a->tag.len == 0)
			buf_str(&a->tag, buf_text(&a->type));
		set(&a->type, OCTETS);
	}
	return OST_OK;
}

enum ost_status attach_set_type(struct attach *a, struct ost_error *err)
{
	enum ost_status st = OST_OK;
	bool guessed, tagged;

	from_tag(a);
	tagged = a->tag.len > 0;
	if (a->type.len == 0)
		from_extension(a);
	if (a->type.len == 0 && a->method == MAPI_ATTACH_OLE) {
		const char *type = ole_document(a);

		set(&a->type,
		    type != NULL ? type : "application/x-ole-storage");
	}
	guessed = a->type.len == 0;
	if (guessed)
		st = from_bytes(a, err);
	if (a->type.len == 0)
		set(&a->type, OCTETS);
	if (st == OST_OK &&
	    (starts(&a->type, "message/") || starts(&a->type, "multipart/")))
		st = from_message(a, err);
	if ((guessed && !tagged) ||
	    strcasecmp(buf_text(&a->tag), buf_text(&a->type)) == 0)
		buf_cut(&a->tag, 0);
	return st;
}
