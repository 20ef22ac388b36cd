#include "mail/address/addrmap.h"

#include <stdlib.h>

#include "bytes/source.h"
#include "bytes/text.h"
#include "mail/address/entryid.h"
#include "mail/text/chars.h"
#include "mail/text/encode.h"

enum {
	FILE_MAX = 256 << 20,
	FIELD_NAME_MAX = 64,
	TYPE_MAX = 16,	/* of an address: "SMTP" */
	DNS_MAX = 1000, /* of one entry */
};

struct mail_addrmap {
	struct addrbook people;
	size_t bad;	/* entries and lines left out */
	struct buf why; /* about the first */
};

/* Mostly an address's own type tells; SMTP in capitals is the one to use. */
enum {
	RANK_PROXY = ADDRMAP_MAIL,
	RANK_EXTERNAL,
	RANK_MAIL,
	RANK_PRIMARY,
	RANK_PRIMARY_PROXY,
};

unsigned addrmap_field(struct span name)
{
	static const struct {
		const char *name;
		unsigned field;
	} fields[] = {
		{ "legacyexchangedn", ADDRMAP_DN },
		{ "legacydn", ADDRMAP_DN },
		{ "proxyaddresses", ADDRMAP_PROXIES },
		{ "emailaddresses", ADDRMAP_PROXIES },
		{ "x500addresses", ADDRMAP_PROXIES },
		{ "x500", ADDRMAP_PROXIES },
		{ "displayname", ADDRMAP_NAME },
		{ "primarysmtpaddress", RANK_PRIMARY },
		{ "mail", RANK_MAIL },
		{ "email", RANK_MAIL },
		{ "emailaddress", RANK_MAIL },
		{ "smtpaddress", RANK_MAIL },
		{ "windowsemailaddress", RANK_MAIL },
		{ "externalemailaddress", RANK_EXTERNAL },
		{ "targetaddress", RANK_EXTERNAL },
	};
	char plain[FIELD_NAME_MAX];
	size_t len = 0;

	for (size_t i = 0; i < name.len && len < sizeof(plain); i++)
		if (!chars_blank(name.at[i]) && !chars_in(name.at[i], "-_"))
			plain[len++] = (char)chars_lower(name.at[i]);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (span_equal(span_of(plain, len), chars_of(fields[i].name)))
			return fields[i].field;
	return ADDRMAP_OTHER;
}

static void take_addr(struct addrmap_entry *e, struct span value, unsigned rank)
{
	struct span smtp;

	if ((e->addr.len > 0 && e->rank >= rank) || !entryid_smtp(value, &smtp))
		return;
	buf_cut(&e->addr, 0);
	entryid_mail(&e->addr, smtp);
	e->rank = rank;
}

static void take_dn(struct addrmap_entry *e, struct span value)
{
	static const char *const types[] = { "x500:", "ex:" };

	for (size_t i = 0; i < 2; i++)
		if (chars_begin(value, types[i]))
			value = chars_from(value, strlen(types[i]));
	value = chars_trim(value);
	if (!entryid_x500(value) || chars_find(value, 0) < value.len) {
		e->bad_dn = e->bad_dn || value.len > 0;
		return;
	}
	buf_add(&e->dns, value.at, value.len);
	buf_byte(&e->dns, '\0');
}

static bool is_between(uint8_t c)
{
	return chars_blank(c) || chars_in(c, ";,|%{}");
}

/* Bytes of the "TYPE:" that `s` begins with; 0: none. */
static size_t type_len(struct span s)
{
	size_t len = 0;

	while (len < s.len && len < TYPE_MAX &&
	       (chars_letter(s.at[len]) || (len > 0 && chars_digit(s.at[len]))))
		len++;
	return len > 0 && len < s.len && s.at[len] == ':' ? len + 1 : 0;
}

/* One address of a list. */
static void take_proxy(struct addrmap_entry *e, struct span proxy)
{
	const size_t type = type_len(proxy);
	const struct span name = chars_first(proxy, type);

	while (proxy.len > 0 && is_between(proxy.at[proxy.len - 1]))
		proxy.len--;
	if (chars_same(name, chars_of("smtp:")))
		take_addr(e, chars_from(proxy, type),
			  span_equal(name, chars_of("SMTP:"))
				  ? RANK_PRIMARY_PROXY
				  : RANK_PROXY);
	else if (chars_same(name, chars_of("x500:")) ||
		 chars_same(name, chars_of("ex:")))
		take_dn(e, proxy);
}

/*
 * Programs put different things between the addresses of a list, blanks too,
 * which may be in an X.500 name: one ends where the next has its type.
 */
static void take_proxies(struct addrmap_entry *e, struct span list)
{
	while (list.len > 0 && is_between(list.at[0]))
		list = chars_from(list, 1);
	while (list.len > 0) {
		size_t end = type_len(list);

		while (end < list.len &&
		       !(is_between(list.at[end]) &&
			 type_len(chars_from(list, end + 1)) > 0))
			end++;
		take_proxy(e, chars_first(list, end));
		list = chars_from(list, end + 1);
	}
}

void addrmap_value(struct addrmap_entry *e, unsigned field, struct span value)
{
	switch (field) {
	case ADDRMAP_OTHER:
		break;
	case ADDRMAP_DN:
		take_dn(e, value);
		break;
	case ADDRMAP_PROXIES:
		take_proxies(e, value);
		break;
	case ADDRMAP_NAME:
		if (e->name.len == 0)
			encode_clean(&e->name, value);
		break;
	default:
		take_addr(e, value, field);
		break;
	}
}

void addrmap_bad(struct mail_addrmap *m, size_t line, const char *why)
{
	if (m->bad++ == 0)
		buf_printf(&m->why, "line %zu: %s", line, why);
}

/* Put in `e` by one of its names. */
static enum ost_status put(struct mail_addrmap *m,
			   const struct addrmap_entry *e, struct span dn,
			   struct ost_error *err)
{
	const struct person person = {
		.dn = dn,
		.addr = buf_span(&e->addr),
		.name = buf_span(&e->name),
	};
	const struct person *old = addrbook_find(&m->people, dn);

	if (old == NULL)
		return addrbook_put(&m->people, &person, err);
	if (!chars_same(old->addr, person.addr))
		addrmap_bad(m, e->line, "an X.500 name of someone before");
	return OST_OK;
}

static enum ost_status put_all(struct mail_addrmap *m,
			       const struct addrmap_entry *e,
			       struct ost_error *err)
{
	struct span rest = buf_span(&e->dns);
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && rest.len > 0 && i < DNS_MAX; i++) {
		const struct span dn = chars_first(rest, chars_find(rest, 0));

		rest = chars_from(rest, dn.len + 1);
		st = put(m, e, dn, err);
	}
	if (st == OST_OK && rest.len > 0)
		addrmap_bad(m, e->line, "too many X.500 names of one person");
	return st;
}

enum ost_status addrmap_end(struct mail_addrmap *m, struct addrmap_entry *e,
			    struct ost_error *err)
{
	enum ost_status st = OST_OK;

	if (e->dns.bad || e->addr.bad || e->name.bad)
		st = ost_no_memory(err);
	if (e->bad_dn)
		addrmap_bad(m, e->line, "an X.500 name begins with /o=");
	else if (e->dns.len > 0 && e->addr.len == 0)
		addrmap_bad(m, e->line, "an X.500 name without an address");
	if (st == OST_OK && e->addr.len > 0)
		st = put_all(m, e, err);
	buf_free(&e->dns);
	buf_free(&e->addr);
	buf_free(&e->name);
	*e = (struct addrmap_entry){ 0 };
	return st;
}

struct span addrmap_line(struct span *rest, size_t *line)
{
	const size_t end = chars_find(*rest, '\n');
	struct span taken = chars_first(*rest, end);

	*rest = chars_from(*rest, end + 1);
	(*line)++;
	if (taken.len > 0 && taken.at[taken.len - 1] == '\r')
		taken.len--;
	return taken;
}

/* Append the text of a file as UTF-8. */
static void put_utf8(struct buf *out, struct span bytes)
{
	const struct span mark = chars_first(bytes, 2);
	struct buf swapped = { 0 };

	if (span_equal(mark, chars_of("\xFF\xFE"))) {
		(void)text_utf16(out, chars_from(bytes, 2));
	} else if (span_equal(mark, chars_of("\xFE\xFF"))) {
		for (size_t i = 2; i + 1 < bytes.len; i += 2) {
			buf_byte(&swapped, (char)bytes.at[i + 1]);
			buf_byte(&swapped, (char)bytes.at[i]);
		}
		(void)text_utf16(out, buf_span(&swapped));
	} else if (chars_begin(bytes, "\xEF\xBB\xBF")) {
		buf_add(out, bytes.at + 3, bytes.len - 3);
	} else if (text_is_utf8(bytes)) {
		buf_add(out, bytes.at, bytes.len);
	} else {
		(void)text_codepage(out, 1252, bytes);
	}
	out->bad = out->bad || swapped.bad;
	buf_free(&swapped);
}

/* LDIF begins with its version or with the name of an entry (RFC 2849). */
static bool is_ldif(struct span text)
{
	size_t ignored = 0;

	while (text.len > 0) {
		const struct span line =
			chars_trim(addrmap_line(&text, &ignored));

		if (line.len > 0 && line.at[0] != '#')
			return chars_begin(line, "dn:") ||
			       chars_begin(line, "version:");
	}
	return false;
}

static enum ost_status parse(struct mail_addrmap *m, struct span text,
			     struct ost_error *err)
{
	enum ost_status st = is_ldif(text) ? addrmap_ldif(m, text, err)
					   : addrmap_csv(m, text, err);

	if (st == OST_OK)
		st = buf_status(&m->why, err);
	if (st != OST_OK || m->people.count > 0)
		return st;
	return ost_fail(err, OST_CORRUPT,
			"%s%snobody in it has both an X.500 name and an "
			"address; export legacyExchangeDN, mail, "
			"proxyAddresses and displayName, as LDIF or CSV",
			buf_text(&m->why), m->bad > 0 ? "; " : "");
}

enum ost_status addrmap_parse(struct mail_addrmap **out, struct span bytes,
			      struct ost_error *err)
{
	struct mail_addrmap *m = calloc(1, sizeof(*m));
	struct buf text = { 0 };
	enum ost_status st;

	*out = NULL;
	if (m == NULL)
		return ost_no_memory(err);
	m->people.max = SIZE_MAX; /* the file's size bounds it */
	put_utf8(&text, bytes);
	st = buf_status(&text, err);
	if (st == OST_OK)
		st = parse(m, buf_span(&text), err);
	if (m->bad > 1)
		buf_printf(&m->why, "; left out so: %zu", m->bad);
	buf_free(&text);
	if (st == OST_OK)
		*out = m;
	else
		mail_addrmap_free(m);
	return st;
}

enum ost_status mail_addrmap_read(struct mail_addrmap **out, const char *path,
				  struct ost_error *err)
{
	struct source *file = NULL;
	struct buf bytes = { 0 };
	enum ost_status st = source_open(&file, path, err);

	*out = NULL;
	if (st == OST_OK && source_size(file) > FILE_MAX)
		st = ost_fail(err, OST_LIMIT,
			      "over 256 MiB; export legacyExchangeDN, mail, "
			      "proxyAddresses and displayName alone");
	if (st == OST_OK) {
		const size_t size = (size_t)source_size(file);
		void *at = buf_more(&bytes, size);

		st = buf_status(&bytes, err);
		if (st == OST_OK && size > 0)
			st = source_read(file, 0, at, size, err);
	}
	if (st == OST_OK)
		st = addrmap_parse(out, buf_span(&bytes), err);
	source_close(file);
	buf_free(&bytes);
	return st;
}

void mail_addrmap_free(struct mail_addrmap *m)
{
	if (m == NULL)
		return;
	addrbook_free(&m->people);
	buf_free(&m->why);
	free(m);
}

size_t mail_addrmap_count(const struct mail_addrmap *m)
{
	return m->people.count;
}

const char *mail_addrmap_left_out(const struct mail_addrmap *m)
{
	return buf_text(&m->why);
}

const struct person *addrmap_find(const struct mail_addrmap *m, struct span dn)
{
	return addrbook_find(&m->people, dn);
}
