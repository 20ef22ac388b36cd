/*
 * roles.c - which mailbox a folder goes to
 */
#include "imap/roles.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "bytes/sorted.h"
#include "mail/text/utf7.h"

enum { MAP_LINE_MAX = 1 << 16 };

/* --- the map ---------------------------------------------------------------
 */

static enum ost_status add_line(struct roles *r, char *line, unsigned number,
				struct ost_error *err)
{
	char *tab = strchr(line, '\t');

	line[strcspn(line, "\r\n")] = '\0';
	if (line[0] == '\0' || line[0] == '#')
		return OST_OK;
	if (tab == NULL || tab == line || tab[1] == '\0')
		return ost_fail(err, OST_CANNOT_OPEN,
				"line %u is not a folder, a tab and a mailbox",
				number);
	if (!array_more(&r->map, r->map_count, sizeof(*r->map)))
		return ost_no_memory(err);
	*tab = '\0';
	r->map[r->map_count] =
		(struct roles_line){ strdup(line), strdup(tab + 1) };
	return r->map[r->map_count++].mailbox != NULL ? OST_OK
						      : ost_no_memory(err);
}

enum ost_status roles_open(struct roles *r, const struct roles_options *o,
			   struct ost_error *err)
{
	FILE *from;
	char *line = NULL;
	size_t room = 0;
	unsigned number = 0;
	enum ost_status st = OST_OK;

	*r = (struct roles){ .o = *o, .delimiter = '/' };
	if (o->map == NULL)
		return OST_OK;
	from = fopen(o->map, "re");
	if (from == NULL)
		return ost_fail(err, OST_CANNOT_OPEN, "%s", strerror(errno));
	while (st == OST_OK && getline(&line, &room, from) > 0 &&
	       room < MAP_LINE_MAX)
		st = add_line(r, line, ++number, err);
	if (st == OST_OK && (ferror(from) || !feof(from)))
		st = ost_fail(
			err, OST_CANNOT_OPEN,
			"it cannot be read, or has a line that is too long");
	free(line);
	fclose(from);
	return st;
}

void roles_close(struct roles *r)
{
	for (size_t i = 0; i < r->map_count; i++) {
		free(r->map[i].folder);
		free(r->map[i].mailbox);
	}
	for (size_t i = 0; i < r->box_count; i++)
		free(r->boxes[i]);
	for (size_t i = 0; i < SOURCE_ROLES; i++)
		free(r->special[i]);
	free(r->map);
	free(r->boxes);
	buf_free(&r->prefix);
	*r = (struct roles){ 0 };
}

/* --- the server ------------------------------------------------------------
 */

enum { BOXES_MAX = 1 << 16 };

static bool set_special(struct roles *r, const struct answer_list *list,
			const char *name)
{
	static const enum source_role roles[SPECIAL_COUNT] = {
		[SPECIAL_SENT] = SOURCE_SENT,
		[SPECIAL_DRAFTS] = SOURCE_DRAFTS,
		[SPECIAL_TRASH] = SOURCE_TRASH,
		[SPECIAL_JUNK] = SOURCE_JUNK,
		[SPECIAL_ARCHIVE] = SOURCE_ARCHIVE,
	};

	for (unsigned i = 1; i < SPECIAL_COUNT; i++) {
		char **at = &r->special[roles[i]];

		if ((list->special & 1U << i) == 0 || *at != NULL)
			continue;
		*at = strdup(name);
		if (*at == NULL)
			return false;
	}
	return true;
}

/* A name that a line cannot hold is none that we can say. */
static bool can_say(const struct buf *name)
{
	for (size_t i = 0; i < name->len; i++)
		if ((uint8_t)name->at[i] < ' ' || (uint8_t)name->at[i] > '~')
			return false;
	return name->len > 0;
}

static enum ost_status add_box(struct roles *r, const struct answer_list *list,
			       struct ost_error *err)
{
	struct buf name = { 0 };
	bool good = true;

	answer_text(&name, list->kind, list->name);
	if (can_say(&name))
		good = set_special(r, list, buf_text(&name));
	if (good && can_say(&name) && !list->no_select) {
		good = array_more(&r->boxes, r->box_count, sizeof(*r->boxes));
		if (good)
			r->boxes[r->box_count] = strdup(buf_text(&name));
		good = good && r->boxes[r->box_count] != NULL;
		r->box_count += good;
	}
	good = good && !name.bad;
	buf_free(&name);
	return good ? OST_OK : ost_no_memory(err);
}

static enum ost_status take_box(void *arg, struct span body,
				struct ost_error *err)
{
	struct roles *r = arg;
	struct answer_list list;

	if (!answer_list(body, &list))
		return OST_OK;
	if (r->box_count >= BOXES_MAX)
		return ost_fail(err, OST_CORRUPT,
				"the server has more than %d mailboxes",
				BOXES_MAX);
	return add_box(r, &list, err);
}

static enum ost_status take_delimiter(void *arg, struct span body,
				      struct ost_error *err)
{
	struct roles *r = arg;
	struct answer_list list;

	(void)err;
	if (answer_list(body, &list) && list.delimiter != '\0')
		r->delimiter = list.delimiter;
	return OST_OK;
}

static enum ost_status take_namespace(void *arg, struct span body,
				      struct ost_error *err)
{
	struct roles *r = arg;
	struct buf prefix = { 0 };
	char delimiter = '\0';

	if (answer_namespace(body, &prefix, &delimiter) && can_say(&prefix)) {
		buf_cut(&r->prefix, 0);
		buf_add(&r->prefix, prefix.at, prefix.len);
	}
	if (delimiter != '\0')
		r->delimiter = delimiter;
	r->prefix.bad |= prefix.bad;
	buf_free(&prefix);
	return buf_status(&r->prefix, err);
}

enum ost_status roles_ask(struct roles *r, struct dialog *d,
			  struct ost_error *err)
{
	const struct dialog_command where = {
		d->can.namespaces ? take_namespace : take_delimiter, r
	};
	const struct dialog_command boxes = { take_box, r };
	/* Who says what is for what says it when it is asked to. */
	const bool ask = d->can.special_use && d->can.list_extended;
	struct answer_status s;
	enum ost_status st =
		dialog_say(d, &s, &where, err, "%s",
			   d->can.namespaces ? "NAMESPACE" : "LIST \"\" \"\"");

	if (st == OST_OK)
		st = dialog_say(d, &s, &boxes, err, "LIST \"\" \"*\"%s",
				ask ? " RETURN (SPECIAL-USE)" : "");
	if (st == OST_OK && s.state != ANSWER_OK)
		return ost_fail(err, OST_CORRUPT,
				"the server does not list its mailboxes");
	if (st == OST_OK && (uint8_t)r->delimiter <= ' ')
		r->delimiter = '/';
	return st;
}

/* --- names -----------------------------------------------------------------
 */

/* Append a folder's name as a part of a mailbox's. */
static void put_part(const struct roles *r, struct span name, struct buf *out)
{
	struct buf safe = { 0 };

	for (size_t i = 0; i < name.len; i++) {
		const uint8_t c = name.at[i];
		/* U+0080 to U+009F in UTF-8 */
		const bool c1 =
			c == 0xC2 && i + 1 < name.len && name.at[i + 1] < 0xA0;

		if (c < ' ' || c == 0x7F || c1 || c == (uint8_t)r->delimiter)
			buf_byte(&safe, '_');
		else
			buf_byte(&safe, (char)c);
		i += c1;
	}
	utf7_put(out, buf_span(&safe));
	out->bad |= safe.bad;
	buf_free(&safe);
}

/* The same of "a/b/c", with the delimiter between. */
static void put_parts(const struct roles *r, const char *path, struct buf *out)
{
	for (;;) {
		const size_t len = strcspn(path, "/");

		put_part(r, span_of(path, len), out);
		if (path[len] == '\0')
			return;
		buf_byte(out, r->delimiter);
		path += len + 1;
	}
}

static bool is_at(const char *path, const char *folder, size_t len)
{
	return strlen(folder) == len && memcmp(path, folder, len) == 0;
}

/* The mailbox that the folder of `len` bytes of `path` is said to be; false:
   it is said to be none. */
static bool put_said(const struct roles *r, const struct source_folders *all,
		     const char *path, size_t len, struct buf *out)
{
	for (size_t i = 0; i < r->map_count; i++)
		if (is_at(path, r->map[i].folder, len)) {
			put_parts(r, r->map[i].mailbox, out);
			return true;
		}
	for (size_t i = 0;
	     !r->o.by_name && r->o.under == NULL && i < all->count; i++) {
		const enum source_role role = all->at[i].role;

		if (role == SOURCE_PLAIN || !is_at(path, all->at[i].path, len))
			continue;
		if (role == SOURCE_INBOX)
			buf_str(out, "INBOX");
		else if (r->special[role] != NULL)
			buf_str(out, r->special[role]);
		return out->len > 0;
	}
	return false;
}

static bool has_inbox(const struct source_folders *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->at[i].role == SOURCE_INBOX)
			return true;
	return false;
}

static bool is_named(const char *path, size_t len, const char *name)
{
	return len == strlen(name) && strncasecmp(path, name, len) == 0;
}

/* By its name: the Inbox, or one as it is. At the top of a server any spelling
 * of INBOX is that. */
static void put_named(const struct roles *r, const struct source_folders *all,
		      const char *path, struct buf *out)
{
	const size_t first = strcspn(path, "/");
	const bool by_role = !r->o.by_name && has_inbox(all);

	if (r->o.under != NULL) {
		buf_add(out, r->prefix.at, r->prefix.len);
		put_parts(r, r->o.under, out);
		if (path[0] != '\0')
			buf_byte(out, r->delimiter);
	} else if (path[0] == '\0' ||
		   (!by_role && is_named(path, first, r->o.inbox)) ||
		   (r->prefix.len == 0 && is_named(path, first, "INBOX"))) {
		buf_str(out, "INBOX");
		path += first;
		if (path[0] == '/') {
			buf_byte(out, r->delimiter);
			path++;
		}
	} else {
		buf_add(out, r->prefix.at, r->prefix.len);
	}
	if (path[0] != '\0')
		put_parts(r, path, out);
}

void roles_mailbox(const struct roles *r, const struct source_folders *all,
		   const char *path, struct buf *out)
{
	size_t len = strlen(path);

	while (len > 0) {
		if (put_said(r, all, path, len, out)) {
			if (path[len] == '/') {
				buf_byte(out, r->delimiter);
				put_parts(r, path + len + 1, out);
			}
			return;
		}
		while (len > 0 && path[--len] != '/')
			;
	}
	put_named(r, all, path, out);
}
