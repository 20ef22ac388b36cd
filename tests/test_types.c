/* test_types.c - what the first bytes of an attachment say that it is */
#include <stdlib.h>

#include "check.h"
#include "mail/attach/sniff.h"

#define HEAD(type, bytes)                                                      \
	{                                                                      \
		type, bytes, sizeof(bytes) - 1                                 \
	}

static const struct {
	const char *type; /* "": none */
	const char *bytes;
	size_t len;
} heads[] = {
	HEAD("application/pdf", "%PDF-1.7\n"),
	HEAD("application/postscript", "%!PS-Adobe-3.0\n"),
	HEAD("text/rtf", "{\\rtf1\\ansi"),
	HEAD("image/png", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
	HEAD("image/jpeg", "\xff\xd8\xff\xe0\0\x10JFIF\0"),
	HEAD("image/gif", "GIF89a\1\0\1\0"),
	HEAD("image/bmp", "BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"),
	HEAD("image/tiff", "II*\0\x08\0\0\0"),
	HEAD("image/tiff", "MM\0*\0\0\0\x08"),
	HEAD("image/webp", "RIFF\x24\0\0\0WEBPVP8 "),
	HEAD("image/wmf", "\xd7\xcd\xc6\x9a\0\0"),
	HEAD("image/vnd.microsoft.icon", "\0\0\1\0\1\0\x10\x10\0\0\1\0"),
	HEAD("audio/x-wav", "RIFF\x24\0\0\0WAVEfmt "),
	HEAD("video/x-msvideo", "RIFF\x24\0\0\0AVI LIST"),
	HEAD("audio/mpeg", "ID3\3\0\0\0\0"),
	HEAD("audio/mpeg", "\xff\xfb\x90\x64\0\0"),
	HEAD("application/ogg", "OggS\0\2\0\0"),
	HEAD("video/mp4", "\0\0\0\x20"
			  "ftypisom\0\0\2\0"),
	HEAD("audio/mp4", "\0\0\0\x20"
			  "ftypM4A \0\0\0\0"),
	HEAD("image/heic", "\0\0\0\x20"
			   "ftypheic\0\0\0\0"),
	HEAD("video/quicktime", "\0\0\0\x20"
				"ftypqt  \0\0\0\0"),
	HEAD("application/zip",
	     "PK\3\4\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\5\0\0\0"
	     "a.txt and what is in it, deflated"),
	HEAD("application/vnd.openxmlformats-officedocument."
	     "wordprocessingml.document",
	     "PK\3\4\x14\0\6\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x13\0\0\0"
	     "[Content_Types].xml...PK\3\4......word/document.xml"),
	HEAD("application/vnd.openxmlformats-officedocument."
	     "spreadsheetml.sheet",
	     "PK\3\4\x14\0\6\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x13\0\0\0"
	     "[Content_Types].xml...PK\3\4......xl/workbook.xml"),
	HEAD("application/vnd.openxmlformats-officedocument."
	     "presentationml.presentation",
	     "PK\3\4\x14\0\6\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x13\0\0\0"
	     "[Content_Types].xml...PK\3\4......ppt/presentation.xml"),
	HEAD("application/vnd.oasis.opendocument.text",
	     "PK\3\4\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\x27\0\0\0\x27\0\0\0\x08\0\0"
	     "\0"
	     "mimetypeapplication/vnd.oasis.opendocument.text"),
	HEAD("application/gzip", "\x1f\x8b\x08\0\0\0\0\0"),
	HEAD("application/x-7z-compressed", "7z\xbc\xaf\x27\x1c\0\4"),
	HEAD("application/vnd.rar", "Rar!\x1a\x07\0"),
	HEAD("application/x-ole-storage", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0"),
	HEAD("application/msword", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...."
				   "W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0\0\0"),
	HEAD("application/vnd.ms-excel", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...."
					 "W\0o\0r\0k\0b\0o\0o\0k\0\0\0"),
	HEAD("application/vnd.ms-powerpoint",
	     "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...."
	     "P\0o\0w\0e\0r\0P\0o\0i\0n\0t\0 \0D\0o\0"),
	HEAD("application/vnd.ms-outlook",
	     "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...."
	     "_\0_\0p\0r\0o\0p\0e\0r\0t\0i\0e\0s\0_\0v\0"),
	HEAD("application/vnd.ms-tnef", "\x78\x9f\x3e\x22\1\0"),
	HEAD("application/vnd.microsoft.portable-executable",
	     "MZ\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
	     "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x40\0\0"
	     "\0"
	     "PE\0\0\x64\x86"),
	HEAD("text/html", "<!DOCTYPE html>\n<html>"),
	HEAD("text/html", "<HTML><head>"),
	HEAD("text/xml", "<?xml version=\"1.0\"?>\n<a/>"),
	HEAD("image/svg+xml", "<?xml version=\"1.0\"?>\n<svg xmlns=''>"),
	HEAD("text/vcard", "BEGIN:VCARD\r\nVERSION:3.0\r\n"),
	HEAD("text/calendar", "begin:vcalendar\r\n"),
	HEAD("message/rfc822", "Received: from a by b\r\n\r\nx"),
	HEAD("application/pgp-keys", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"),
	HEAD("text/plain", "#!/bin/sh\necho\n"),
	HEAD("text/plain", "{\"json\": 1}\n"),
	HEAD("text/plain", "a,b\n1,2\n3,4\n"),
	HEAD("text/plain", "Gr\xfc\xdf"
			   "e\r\n"),
	HEAD("text/plain", "\xff\xfeH\0i\0\r\0\n\0"),
	HEAD("text/plain", "\xfe\xff\0H\0i"),
	/* nothing that is known */
	HEAD("", "\0"),
	HEAD("", "\x01\x02\x03\x04"),
	HEAD("", "text\0with a zero"),
	HEAD("", "\xff\xfe\1\0"),
	HEAD("", "\xd0\xcf\x11\xe0"),
	HEAD("", "\x1f\x8b"),
	HEAD("", "\0\0\0\x20"
		 "ftyq"),
	/* cut short where a rule looks further */
	HEAD("text/plain", "BM"),
	HEAD("text/plain", "RIFF"),
	HEAD("text/plain", "MZ"),
};

/* A5: whatever the user's and the system's rules say. */
static void first_bytes_tell_the_type(void)
{
	CHECK(setenv("MAGIC", "/nonexistent", 1) == 0);
	CHECK_STR(mail_types(), "ostfs 1");
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		struct buf type = { 0 };

		CHECK(sniff_type(span_of(heads[i].bytes, heads[i].len),
				 &type) == (heads[i].type[0] != '\0'));
		CHECK_STR(buf_text(&type), heads[i].type);
		buf_free(&type);
	}
}

int main(void)
{
	RUN(first_bytes_tell_the_type);
	return checked();
}
