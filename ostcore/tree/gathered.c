#include "tree/gathered.h"

void home_of_item(const struct tree *t, uint64_t *dir)
{
	const struct ino i = ino_split(t, *dir);

	if (t->options.maildir)
		*dir = ino_inside(INO_CUR, i);
	else if (t->options.attachments == TREE_IN_FOLDER)
		*dir = ino_inside(INO_GATHERED, i);
}

/* A directory of ours that is in those of items, and where it is shown. */
static const struct inside {
	const char *name;
	enum ino_kind kind;
	bool maildir;
} insides[] = {
	{ GATHERED_NAME, INO_GATHERED, false },
	{ CUR_NAME, INO_CUR, true },
	{ NEW_NAME, INO_NEW, true },
	{ TMP_NAME, INO_TMP, true },
};

enum { INSIDES = sizeof(insides) / sizeof(insides[0]) };

static bool is_shown(const struct tree *t, const struct inside *in)
{
	return in->maildir ? t->options.maildir
			   : t->options.attachments == TREE_IN_FOLDER;
}

enum ost_status gathered_at(const struct tree *t, struct ino dir, size_t index,
			    struct dir_entry *out, struct ost_error *err)
{
	size_t i = 0;

	for (; i < INSIDES; i++)
		if (is_shown(t, &insides[i]) && index-- == 0)
			break;
	if (i == INSIDES)
		return ost_none(err, "directory", index);
	out->ino = ino_inside(insides[i].kind, dir);
	buf_str(&out->name, insides[i].name);
	return buf_status(&out->name, err);
}

bool gathered_named(const struct tree *t, struct ino dir, const char *name,
		    uint64_t *ino)
{
	for (size_t i = 0; i < INSIDES; i++) {
		*ino = ino_inside(insides[i].kind, dir);
		if (is_shown(t, &insides[i]) &&
		    strcmp(insides[i].name, name) == 0)
			return true;
	}
	return false;
}
