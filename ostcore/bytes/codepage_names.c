/*
 * codepage_names.c - code pages by locale and by MIME charset name
 */
#include "bytes/text.h"

/*
 * ANSI pages of languages [MS-LCID]. A whole LCID is looked for before its
 * primary language (the low ten bits). Languages of Windows that have no ANSI
 * page, such as Hindi, are not here.
 */
static const struct locale {
	uint16_t lcid;
	uint16_t cp;
} locales[] = {
	/* where script or place decides */
	{ 0x0004, 936 },  { 0x0404, 950 },  { 0x0804, 936 },  { 0x0C04, 950 },
	{ 0x1004, 936 },  { 0x1404, 950 },  { 0x7804, 936 },  { 0x7C04, 950 },
	{ 0x0C1A, 1251 }, { 0x1C1A, 1251 }, { 0x201A, 1251 }, { 0x281A, 1251 },
	{ 0x301A, 1251 }, { 0x641A, 1251 }, { 0x6C1A, 1251 }, { 0x082C, 1251 },
	{ 0x742C, 1251 }, { 0x0843, 1251 }, { 0x7843, 1251 }, { 0x0850, 0 },
	{ 0x0459, 0 },	  { 0x045D, 0 },
};

static const struct language {
	uint16_t cp;
	const uint16_t *primary; /* ends with 0 */
} languages[] = {
	/* Thai */
	{ 874, (const uint16_t[]){ 0x1E, 0 } },
	/* Japanese */
	{ 932, (const uint16_t[]){ 0x11, 0 } },
	/* Korean */
	{ 949, (const uint16_t[]){ 0x12, 0 } },
	/* Czech, Hungarian, Polish, Romanian, Croatian and its kin, Slovak,
	   Albanian, Slovenian, Turkmen */
	{ 1250, (const uint16_t[]){ 0x05, 0x0E, 0x15, 0x18, 0x1A, 0x1B, 0x1C,
				    0x24, 0x42, 0 } },
	/* Bulgarian, Russian, Ukrainian, Belarusian, Tajik, Macedonian,
	   Kyrgyz, Tatar, Mongolian, Bashkir, Sakha */
	{ 1251, (const uint16_t[]){ 0x02, 0x19, 0x22, 0x23, 0x28, 0x2F, 0x40,
				    0x44, 0x50, 0x6D, 0x85, 0 } },
	/* Western Europe, and what is written with its letters */
	{ 1252, (const uint16_t[]){ 0x03, 0x06, 0x07, 0x09, 0x0A, 0x0B, 0x0C,
				    0x0F, 0x10, 0x13, 0x14, 0x16, 0x17, 0x1D,
				    0x21, 0x2D, 0x2E, 0x32, 0x34, 0x35, 0x36,
				    0x38, 0x3B, 0x3C, 0x3E, 0x41, 0x52, 0x56,
				    0x5D, 0x5F, 0x62, 0x64, 0x68, 0x6A, 0x6B,
				    0x6C, 0x6E, 0x6F, 0x70, 0x7A, 0x7C, 0x7E,
				    0x82, 0x83, 0x84, 0x86, 0x87, 0x88, 0 } },
	/* Greek */
	{ 1253, (const uint16_t[]){ 0x08, 0 } },
	/* Turkish, Azerbaijani, Uzbek */
	{ 1254, (const uint16_t[]){ 0x1F, 0x2C, 0x43, 0 } },
	/* Hebrew */
	{ 1255, (const uint16_t[]){ 0x0D, 0 } },
	/* Arabic, Urdu, Persian, Sindhi, Uyghur, Dari */
	{ 1256, (const uint16_t[]){ 0x01, 0x20, 0x29, 0x59, 0x80, 0x8C, 0 } },
	/* Estonian, Latvian, Lithuanian */
	{ 1257, (const uint16_t[]){ 0x25, 0x26, 0x27, 0 } },
	/* Vietnamese */
	{ 1258, (const uint16_t[]){ 0x2A, 0 } },
};

unsigned text_lcid_codepage(uint32_t lcid)
{
	const uint32_t tag = lcid & 0xFFFF, primary = lcid & 0x3FF;

	for (size_t i = 0; i < sizeof(locales) / sizeof(locales[0]); i++)
		if (locales[i].lcid == tag)
			return locales[i].cp;
	for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++)
		for (const uint16_t *p = languages[i].primary; *p != 0; p++)
			if (*p == primary)
				return languages[i].cp;
	return 0;
}

/*
 * Charset names in lower case [IANA character sets], and what mail says
 * instead. Names that end in their page's number are not here.
 */
static const struct charset {
	const char *name;
	uint16_t cp;
} charsets[] = {
	{ "utf-8", 65001 },
	{ "utf8", 65001 },
	{ "unicode-1-1-utf-8", 65001 },
	{ "x-unicode20utf8", 65001 },
	{ "utf-7", 65000 },
	{ "unicode-1-1-utf-7", 65000 },
	{ "utf-16", 1200 },
	{ "utf-16le", 1200 },
	{ "ucs-2", 1200 },
	{ "unicode", 1200 },
	{ "utf-16be", 1201 },
	{ "unicodefffe", 1201 },
	{ "utf-32", 12000 },
	{ "utf-32le", 12000 },
	{ "utf-32be", 12001 },
	{ "us-ascii", 20127 },
	{ "ascii", 20127 },
	{ "ansi_x3.4-1968", 20127 },
	{ "iso646-us", 20127 },
	{ "x-ia5", 20105 },
	{ "x-ia5-german", 20106 },
	{ "x-ia5-swedish", 20107 },
	{ "x-ia5-norwegian", 20108 },
	{ "latin1", 28591 },
	{ "l1", 28591 },
	{ "latin2", 28592 },
	{ "l2", 28592 },
	{ "latin3", 28593 },
	{ "latin4", 28594 },
	{ "cyrillic", 28595 },
	{ "arabic", 28596 },
	{ "ecma-114", 28596 },
	{ "asmo-708", 708 },
	{ "greek", 28597 },
	{ "ecma-118", 28597 },
	{ "elot_928", 28597 },
	{ "hebrew", 28598 },
	{ "iso-8859-8-i", 38598 },
	{ "iso-8859-8-e", 28598 },
	{ "logical", 38598 },
	{ "visual", 28598 },
	{ "latin5", 28599 },
	{ "latin-9", 28605 },
	{ "latin9", 28605 },
	{ "tis-620", 874 },
	{ "koi8-r", 20866 },
	{ "koi8", 20866 },
	{ "koi", 20866 },
	{ "koi8-u", 21866 },
	{ "koi8-ru", 21866 },
	{ "dos-720", 720 },
	{ "dos-862", 862 },
	{ "shift_jis", 932 },
	{ "shift-jis", 932 },
	{ "sjis", 932 },
	{ "x-sjis", 932 },
	{ "ms_kanji", 932 },
	{ "windows-31j", 932 },
	{ "ms932", 932 },
	{ "iso-2022-jp", 50220 },
	{ "iso-2022-jp-1", 50220 },
	{ "iso-2022-jp-ms", 50221 },
	{ "csiso2022jp", 50221 },
	{ "_iso-2022-jp$sio", 50222 },
	{ "euc-jp", 51932 },
	{ "x-euc-jp", 51932 },
	{ "x-euc", 51932 },
	{ "eucjp", 51932 },
	{ "gb2312", 936 },
	{ "gb_2312-80", 936 },
	{ "chinese", 936 },
	{ "gbk", 936 },
	{ "ms936", 936 },
	{ "x-gbk", 936 },
	{ "euc-cn", 51936 },
	{ "x-euc-cn", 51936 },
	{ "gb18030", 54936 },
	{ "hz-gb-2312", 52936 },
	{ "hz", 52936 },
	{ "iso-2022-cn", 50227 },
	{ "big5", 950 },
	{ "big-5", 950 },
	{ "cn-big5", 950 },
	{ "x-x-big5", 950 },
	{ "big5-hkscs", 950 },
	{ "euc-tw", 51950 },
	{ "ks_c_5601-1987", 949 },
	{ "ks_c_5601", 949 },
	{ "ksc5601", 949 },
	{ "ksc_5601", 949 },
	{ "korean", 949 },
	{ "uhc", 949 },
	{ "euc-kr", 949 }, /* what calls itself so uses all of 949 */
	{ "iso-2022-kr", 50225 },
	{ "johab", 1361 },
	{ "macintosh", 10000 },
	{ "mac", 10000 },
	{ "x-mac-roman", 10000 },
	{ "x-mac-japanese", 10001 },
	{ "x-mac-chinesetrad", 10002 },
	{ "x-mac-korean", 10003 },
	{ "x-mac-arabic", 10004 },
	{ "x-mac-hebrew", 10005 },
	{ "x-mac-greek", 10006 },
	{ "x-mac-cyrillic", 10007 },
	{ "x-mac-chinesesimp", 10008 },
	{ "x-mac-romanian", 10010 },
	{ "x-mac-ukrainian", 10017 },
	{ "x-mac-thai", 10021 },
	{ "x-mac-ce", 10029 },
	{ "x-mac-icelandic", 10079 },
	{ "x-mac-turkish", 10081 },
	{ "x-mac-croatian", 10082 },
};

/* Names that are a word and a number: the page is `base` plus the number. */
static const struct numbered {
	const char *word;
	uint16_t base;
} numbered[] = {
	{ "windows-", 0 },     { "cp", 0 },
	{ "cp-", 0 },	       { "x-cp", 0 },
	{ "ibm", 0 },	       { "ibm-", 0 },
	{ "dos-", 0 },	       { "iso-8859-", 28590 },
	{ "iso8859-", 28590 }, { "iso_8859-", 28590 },
	{ "iso-8859", 28590 }, { "iso8859", 28590 },
};

enum { NAME_MAX = 32 };

/* ASCII only: tolower(3) asks the locale. */
static char lower(uint8_t c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* The number that is all of `digits`; 0 if it is none, or over 65535. */
static unsigned number(const char *digits)
{
	unsigned value = 0;

	for (; *digits >= '0' && *digits <= '9'; digits++) {
		value = value * 10 + (unsigned)(*digits - '0');
		if (value > UINT16_MAX)
			return 0;
	}
	return *digits == '\0' ? value : 0;
}

unsigned text_charset_codepage(struct span name)
{
	char low[NAME_MAX + 1] = "";

	if (name.len > NAME_MAX)
		return 0;
	for (size_t i = 0; i < name.len; i++)
		low[i] = lower(name.at[i]);
	for (size_t i = 0; i < sizeof(charsets) / sizeof(charsets[0]); i++)
		if (strcmp(charsets[i].name, low) == 0)
			return charsets[i].cp;
	for (size_t i = 0; i < sizeof(numbered) / sizeof(numbered[0]); i++) {
		const size_t len = strlen(numbered[i].word);
		unsigned n = 0;

		if (strncmp(low, numbered[i].word, len) == 0)
			n = number(low + len);
		if (n > 0 && text_knows(n + numbered[i].base))
			return n + numbered[i].base;
	}
	return 0;
}
