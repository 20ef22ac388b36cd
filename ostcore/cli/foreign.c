#include "cli/foreign.h"

#include <strings.h>

#define UNPACK	"unpack it, and name the .ost or .pst file in it"
#define IMAGE	"mount it, or extract the .ost or .pst file from it"
#define NO_NEED "it needs no ostfs; mail programs open it as it is"

/* A file that has `len` bytes of `magic` at `off`. */
static const struct {
	size_t off, len;
	const char *magic;
	struct foreign is;
} magics[] = {
#define AT(off, magic) off, sizeof(magic) - 1, magic
	{ AT(0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"),
	  { "a single Outlook item (.msg) or another compound file",
	    "open it in Outlook, or convert it with msgconvert; ostfs reads "
	    "whole stores" } },
	{ AT(0, "PK\3\4"), { "a ZIP archive (.zip, .olm, .docx)", UNPACK } },
	{ AT(0, "PK\5\6"), { "an empty ZIP archive", "copy it again" } },
	{ AT(0, "\x1F\x8B"), { "compressed with gzip (.gz, .tgz)", UNPACK } },
	{ AT(0, "BZh"), { "compressed with bzip2 (.bz2)", UNPACK } },
	{ AT(0, "\xFD"
		"7zXZ\0"),
	  { "compressed with xz (.xz)", UNPACK } },
	{ AT(0, "\x28\xB5\x2F\xFD"),
	  { "compressed with zstd (.zst)", UNPACK } },
	{ AT(0, "7z\xBC\xAF\x27\x1C"), { "a 7-Zip archive (.7z)", UNPACK } },
	{ AT(0, "Rar!\x1A\7"), { "a RAR archive (.rar)", UNPACK } },
	{ AT(0, "MSCF"), { "a cabinet archive (.cab)", UNPACK } },
	{ AT(257, "ustar"), { "a tar archive (.tar)", UNPACK } },
	{ AT(0, "\xCF\xAD\x12\xFE"),
	  { "a mail folder of Outlook Express (.dbx)",
	    "convert it with readdbx of libdbx, or import it into "
	    "Thunderbird" } },
	{ AT(4, "\xEF\xCD\xAB\x89"),
	  { "an ESE database, such as that of an Exchange server (.edb)",
	    "export its mailboxes to .pst files on the server "
	    "(New-MailboxExportRequest)" } },
	{ AT(0, "SQLite format 3"),
	  { "an SQLite database, such as that of Outlook for Mac",
	    "export its mail from the program that made it" } },
	{ AT(0, "Nostromoi"),
	  { "a store of Windows Mail or the new Outlook (HxStore)",
	    "its mail is on the server; export it from there" } },
	{ AT(0, "\x1A\0\0\4"),
	  { "a database of Lotus Notes (.nsf)",
	    "export its mail from Notes" } },
	{ AT(0, "\x78\x9F\x3E\x22"),
	  { "the TNEF part of a mail (winmail.dat)", "unpack it with tnef" } },
	{ AT(0, "\x4C\0\0\0\1\x14\2\0"),
	  { "a Windows shortcut (.lnk)", "copy the file that it leads to" } },
	{ AT(0, "EVF\x09\r\n\xFF"),
	  { "a forensic image (.E01)", "mount it with ewfmount, and name the "
				       ".ost or .pst file in it" } },
	{ AT(0, "KDMV"), { "a disk of a virtual machine (.vmdk)", IMAGE } },
	{ AT(0, "vhdxfile"), { "a disk of a virtual machine (.vhdx)", IMAGE } },
	{ AT(0, "conectix"), { "a disk of a virtual machine (.vhd)", IMAGE } },
	{ AT(0, "QFI\xFB"), { "a disk of a virtual machine (.qcow2)", IMAGE } },
	{ AT(3, "NTFS    "), { "an image of an NTFS disk", IMAGE } },
	{ AT(3, "-FVE-FS-"),
	  { "an image of a disk encrypted by BitLocker",
	    "unlock it first, with dislocker or on Windows" } },
	{ AT(510, "\x55\xAA"), { "an image of a disk", IMAGE } },
	{ AT(0, "%PDF-"), { "a PDF document", "name the .ost or .pst file" } },
#undef AT
};

/* How text begins, in any letter case, after a byte order mark. */
static const struct {
	const char *start;
	struct foreign is;
} texts[] = {
#define MAIL                                                                   \
	{                                                                      \
		"a mail (.eml)", NO_NEED                                       \
	}
#define PAGE                                                                   \
	{                                                                      \
		"a web page",                                                  \
			"the download gave a page in place of the file: "      \
			"fetch it again"                                       \
	}
	{ "From ", { "a mailbox of many mails (mbox)", NO_NEED } },
	{ "BEGIN:VCARD", { "a contact (.vcf)", NO_NEED } },
	{ "BEGIN:VCALENDAR", { "a calendar (.ics)", NO_NEED } },
	{ "<!DOCTYPE html", PAGE },
	{ "<html", PAGE },
	{ "ARC-", MAIL },
	{ "Authentication-Results:", MAIL },
	{ "Bcc:", MAIL },
	{ "Cc:", MAIL },
	{ "Content-", MAIL },
	{ "Date:", MAIL },
	{ "Delivered-To:", MAIL },
	{ "DKIM-Signature:", MAIL },
	{ "Envelope-To:", MAIL },
	{ "From:", MAIL },
	{ "In-Reply-To:", MAIL },
	{ "Message-ID:", MAIL },
	{ "MIME-Version:", MAIL },
	{ "Received:", MAIL },
	{ "References:", MAIL },
	{ "Reply-To:", MAIL },
	{ "Return-Path:", MAIL },
	{ "Sender:", MAIL },
	{ "Subject:", MAIL },
	{ "Thread-", MAIL },
	{ "To:", MAIL },
	{ "X-", MAIL },
#undef MAIL
#undef PAGE
};

static const struct foreign *text_of(struct span head)
{
	static const char mark[] = "\xEF\xBB\xBF";

	if (head.len >= 3 && memcmp(head.at, mark, 3) == 0)
		head = span_of(head.at + 3, head.len - 3);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const size_t len = strlen(texts[i].start);

		if (head.len > len && strncasecmp((const char *)head.at,
						  texts[i].start, len) == 0)
			return &texts[i].is;
	}
	return NULL;
}

const struct foreign *foreign_of(struct span head)
{
	struct span part;

	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (span_sub(head, magics[i].off, magics[i].len, &part) &&
		    memcmp(part.at, magics[i].magic, part.len) == 0)
			return &magics[i].is;
	return text_of(head);
}
