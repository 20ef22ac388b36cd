/*
 * vdirsyncer.c - the configuration that has vdirsyncer put a vdir on a server
 *
 * It lies beside the manifest. Values are JSON. What is in folders for mail is
 * no calendar: a copy of an appointment in Deleted Items stays a file.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes/json.h"
#include "out/dest.h"
#include "out/vdirsyncer.h"
#include "out/writer.h"

static bool is_for_mail(const struct out *x, uint32_t nid)
{
	if (x->identity == NULL)
		return false;
	switch (store_identity_role(x->identity, nid)) {
	case ROLE_INBOX:
	case ROLE_OUTBOX:
	case ROLE_SENT:
	case ROLE_DELETED:
	case ROLE_DRAFTS:
	case ROLE_JUNK:
		return true;
	default:
		return false;
	}
}

/* Text as JSON, which vdirsyncer reads as UTF-8. */
static void put_text(struct buf *out, const char *text)
{
	buf_byte(out, '"');
	for (; *text != '\0'; text++) {
		const uint8_t c = (uint8_t)*text;

		if (c < 0x20 || c == 0x7F || c == '"' || c == '\\')
			buf_printf(out, "\\u%04x", (unsigned)c);
		else
			buf_byte(out, *text);
	}
	buf_byte(out, '"');
}

void vdirsyncer_note(struct vdirsyncer *v, const struct out *x,
		     const struct out_folder *f, bool events, bool contacts)
{
	struct buf *const to[] = { &v->calendars, &v->books };
	const bool in[] = { events, contacts };

	if (is_for_mail(x, f->nid))
		return;
	for (int i = 0; i < 2; i++) {
		if (!in[i])
			continue;
		if (to[i]->len > 0)
			buf_str(to[i], ", ");
		put_text(to[i], f->dest);
	}
}

static int hex_of(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c == '\0' ? NULL : strchr(digits, c | 0x20);

	return at != NULL ? (int)(at - digits) : -1;
}

/* The user in a URL, decoded, and the URL without. */
static void put_server(struct buf *out, const char *url, const char *secret)
{
	const char *host = strstr(url, "://") + 3;
	const size_t len = strcspn(host, "/");
	const char *at = memchr(host, '@', len);
	struct buf text = { 0 };

	buf_add(&text, url, (size_t)(host - url));
	buf_str(&text, at != NULL ? at + 1 : host);
	buf_str(out, "url = ");
	put_text(out, buf_text(&text));
	buf_cut(&text, 0);
	for (; at != NULL && host < at; host++) {
		const int high = *host == '%' ? hex_of(host[1]) : -1;
		const int low = high >= 0 ? hex_of(host[2]) : -1;

		buf_byte(&text, low >= 0 ? (char)(high * 16 + low) : *host);
		host += low >= 0 ? 2 : 0;
	}
	if (text.len > 0) {
		buf_str(out, "\nusername = ");
		put_text(out, buf_text(&text));
		buf_str(out, "\npassword.fetch = [");
		buf_str(out, secret != NULL
				     ? "\"command\", \"head\", \"-n\", \"1\", "
				     : "\"prompt\", \"Password\"");
		if (secret != NULL)
			put_text(out, secret);
		buf_str(out, "]");
	}
	buf_str(out, "\n");
	out->bad |= text.bad;
	buf_free(&text);
}

/* A pair: the files, which are only read, and the server. */
static void put_pair(struct buf *out, const struct out_options *o,
		     const struct buf *names, const char *what,
		     const char *suffix, const char *type)
{
	if (names->len == 0)
		return;
	buf_printf(out,
		   "\n[pair %s]\na = \"%s_files\"\nb = \"%s_server\"\n"
		   "collections = [",
		   what, what, what);
	buf_add(out, names->at, names->len);
	buf_printf(out,
		   "]\npartial_sync = \"ignore\"\n"
		   "conflict_resolution = \"b wins\"\n"
		   "\n[storage %s_files]\ntype = \"filesystem\"\npath = ",
		   what);
	put_text(out, o->dest_path);
	buf_printf(out,
		   "\nfileext = \"%s\"\nread_only = true\n"
		   "\n[storage %s_server]\ntype = \"%s\"\n",
		   suffix, what, type);
	put_server(out, o->vdirsyncer, o->password_file);
}

enum ost_status vdirsyncer_end(struct vdirsyncer *v, const struct out *x,
			       struct ost_error *err)
{
	const int64_t mtime = store_info(tree_store(x->t))->mtime;
	struct buf text = { 0 };
	enum ost_status st;
	int fd = -1;

	buf_str(&text, "[general]\nstatus_path = \"vdirsyncer-status/\"\n");
	put_pair(&text, x->o, &v->calendars, "calendars", ".ics", "caldav");
	put_pair(&text, x->o, &v->books, "contacts", ".vcf", "carddav");
	text.bad |= v->calendars.bad || v->books.bad;
	st = buf_status(&text, err);
	if (st == OST_OK)
		st = dest_dir(&fd, x->o->dest, ".ostexport", true, err);
	if (st == OST_OK) {
		st = dest_put(fd, VDIRSYNCER_CONFIG, span_of(text.at, text.len),
			      mtime, err);
		close(fd);
	}
	buf_free(&text);
	return st;
}

void vdirsyncer_drop(struct vdirsyncer *v)
{
	buf_free(&v->calendars);
	buf_free(&v->books);
}
