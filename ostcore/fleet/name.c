/*
 * name.c - what the stores of a fleet are called
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fleet/fleet.h"
#include "store/identity.h"
#include "tree/name.h"

enum {
	/* Bytes of a name, so that FLEET_PROBLEM has room after it. */
	FLEET_NAME_MAX = NAME_LIMIT - (int)sizeof(FLEET_PROBLEM) + 1,
	FLEET_TAG_MAX = 64, /* and of what tells two apart in it */
};

/* The next part of a path, from `*rest` on, which moves on; empty: none. */
static struct span next_part(const char **rest)
{
	const char *start = *rest + strspn(*rest, "/");
	const size_t len = strcspn(start, "/");

	*rest = start + len;
	return span_of(start, len);
}

static bool is_like(struct span s, const char *word)
{
	return s.len == strlen(word) &&
	       strncasecmp((const char *)s.at, word, s.len) == 0;
}

static bool is_any_of(struct span s, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_like(s, words[i]))
			return true;
	return false;
}

/* The last part of `path`. */
static struct span file_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;

	return span_of(name, strlen(name));
}

static struct span stem_of(const char *path)
{
	struct span s = file_of(path);

	s.len -= s.len > 4 ? 4 : 0;
	return s;
}

/* What Outlook calls the file of anybody: also with a number after it. */
static bool says_nothing(struct span stem)
{
	static const char *const words[] = {
		"outlook", "archive",	       "backup",
		"mailbox", "personal folders", "outlook data file",
	};

	while (stem.len > 0 &&
	       strchr("0123456789 ()-_.", stem.at[stem.len - 1]) != NULL)
		stem.len--;
	return is_any_of(stem, words, sizeof(words) / sizeof(words[0]));
}

/*
 * Whose profile `path` is in: the directory below "Users", else the last
 * directory that is not one that every profile has. Empty: nobody's.
 */
static struct span user_of(const char *path)
{
	static const char *const homes[] = { "Users",
					     "Documents and Settings" };
	static const char *const usual[] = {
		"AppData",	    "Local",	    "Roaming",
		"Local Settings",   "Microsoft",    "Outlook",
		"Application Data", "Documents",    "Outlook Files",
		"My Documents",	    "Users",	    "Documents and Settings",
		"Desktop",	    "Outlook Data",
	};
	struct span found = { NULL, 0 }, part;
	const char *rest = path;
	bool home = false;

	for (part = next_part(&rest); *rest != '\0'; part = next_part(&rest)) {
		if (home)
			return part;
		home = is_any_of(part, homes, sizeof(homes) / sizeof(homes[0]));
		if (!is_any_of(part, usual, sizeof(usual) / sizeof(usual[0])))
			found = part;
	}
	return found;
}

static void buf_span_add(struct buf *out, struct span s)
{
	buf_add(out, s.at, s.len);
}

/* The name that a store asks for, as it is there. */
static void wanted_name(struct buf *out, const struct fleet_store *s)
{
	const char *path = s->path;
	const struct span address = store_file_address(path);
	const struct span stem = stem_of(path), user = user_of(path);
	const struct span file = file_of(path);

	if (s->wish != NULL && s->wish[0] != '\0') {
		buf_str(out, s->wish);
	} else if (address.len > 0) {
		buf_span_add(out, address);
	} else if (!says_nothing(stem) || user.len == 0) {
		buf_span_add(out, stem);
	} else {
		buf_span_add(out, user);
		if (strcasecmp((const char *)file.at + stem.len, ".pst") == 0) {
			buf_str(out, " - ");
			buf_span_add(out, stem);
		}
	}
}

/* Append `clean` and, unless that is empty, " [TAG]". */
static void put_name(struct buf *out, struct span clean, struct span tag)
{
	size_t max = FLEET_NAME_MAX;
	struct buf fit = { 0 };

	if (tag.len > 0) {
		name_fit(&fit, tag, FLEET_TAG_MAX, "_");
		max -= fit.len + 3;
	}
	name_fit(out, clean, max, "store");
	if (tag.len > 0)
		buf_printf(out, " [%s]", buf_text(&fit));
	out->bad |= fit.bad;
	buf_free(&fit);
}

/* Can it be had, with the file beside it? What fails is not given later. */
static bool is_free(struct name_set *set, struct buf *name)
{
	const size_t len = name->len;
	bool free = name_set_add(set, buf_text(name));

	buf_str(name, FLEET_PROBLEM);
	free = free && name_set_add(set, buf_text(name));
	buf_cut(name, len);
	return free;
}

/* Who is called `name` already, or would have been but for a tag. */
static const struct fleet_store *holder_of(const struct fleet *f,
					   const char *name)
{
	const size_t len = strlen(name);

	for (size_t i = 0; i < f->count; i++) {
		const char *other = f->stores[i].name;

		if (other != NULL && strncasecmp(other, name, len) == 0 &&
		    other[len] == '\0')
			return &f->stores[i];
	}
	return NULL;
}

/* By what is first another in its path than in that of the holder. */
static bool tag_by_path(struct buf *name, struct name_set *set,
			struct span clean, const char *path, const char *other)
{
	struct buf tag = { 0 };
	bool found = false;

	while (!found && *path != '\0') {
		const struct span a = next_part(&path), b = next_part(&other);

		if (a.len == b.len && memcmp(a.at, b.at, a.len) == 0)
			continue;
		buf_cut(name, 0);
		buf_cut(&tag, 0);
		name_clean(&tag, a);
		if (tag.len == 0)
			continue;
		put_name(name, clean, buf_span(&tag));
		found = is_free(set, name);
	}
	name->bad |= tag.bad;
	buf_free(&tag);
	return found;
}

static void tag_by_number(struct buf *name, struct name_set *set,
			  struct span clean)
{
	struct buf tag = { 0 };

	for (unsigned n = 2; n <= 2 * FLEET_MAX; n++) {
		buf_cut(name, 0);
		buf_cut(&tag, 0);
		buf_printf(&tag, "%u", n);
		put_name(name, clean, buf_span(&tag));
		if (is_free(set, name))
			break;
	}
	name->bad |= tag.bad;
	buf_free(&tag);
}

static enum ost_status name_one(const struct fleet *f, struct fleet_store *s,
				struct name_set *set, struct span asked,
				struct ost_error *err)
{
	const struct fleet_store *holder;
	struct buf clean = { 0 }, name = { 0 };
	enum ost_status st = OST_OK;

	name_clean(&clean, asked);
	put_name(&name, buf_span(&clean), span_of(NULL, 0));
	if (!is_free(set, &name)) {
		holder = holder_of(f, buf_text(&name));
		s->tagged = true;
		if (holder == NULL || !tag_by_path(&name, set, buf_span(&clean),
						   s->path, holder->path))
			tag_by_number(&name, set, buf_span(&clean));
	}
	if (set->bad || clean.bad || name.bad)
		st = ost_no_memory(err);
	buf_free(&clean);
	if (st == OST_OK)
		s->name = name.at;
	else
		buf_free(&name);
	return st;
}

enum ost_status fleet_name(struct fleet *f, struct ost_error *err)
{
	struct name_set set = { 0 };
	enum ost_status st = OST_OK;

	for (size_t i = 0; i < f->count; i++) {
		struct buf held = { 0 };

		buf_str(&held,
			f->stores[i].name != NULL ? f->stores[i].name : "");
		if (held.len > 0)
			(void)is_free(&set, &held);
		buf_free(&held);
	}
	for (size_t i = 0; st == OST_OK && i < f->count; i++) {
		struct fleet_store *s = &f->stores[i];
		struct buf asked = { 0 };

		if (s->name != NULL)
			continue;
		wanted_name(&asked, s);
		st = buf_status(&asked, err);
		if (st == OST_OK)
			st = name_one(f, s, &set, buf_span(&asked), err);
		buf_free(&asked);
	}
	name_set_free(&set);
	return st;
}
