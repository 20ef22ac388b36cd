/*
 * options.c - the options of a tree, as they are written after -o
 */
#include <string.h>

#include "tree/tree.h"

static void set_root(struct tree_options *o, unsigned store)
{
	o->whole_store = store != 0;
}

static void set_attachments(struct tree_options *o, unsigned where)
{
	o->attachments = where;
}

static void set_items(struct tree_options *o, unsigned as)
{
	o->items = (enum mail_items)as;
}

enum { LAYOUT_TREE, LAYOUT_TEXT, LAYOUT_MAILDIR };

static void set_layout(struct tree_options *o, unsigned layout)
{
	o->maildir = layout == LAYOUT_MAILDIR;
	if (layout == LAYOUT_TEXT)
		o->items = MAIL_ITEMS_TEXT;
	else if (o->items == MAIL_ITEMS_TEXT)
		o->items = MAIL_ITEMS_NATIVE;
}

static void set_search_folders(struct tree_options *o, unsigned shown)
{
	o->search_folders = shown != 0;
}

static void set_hidden(struct tree_options *o, unsigned shown)
{
	o->hidden = shown != 0;
}

static void set_recovered(struct tree_options *o, unsigned shown)
{
	o->recovered = shown != 0;
}

/* One line a choice; those that name the same option stand together. */
static const struct choice {
	const char *text;
	void (*set)(struct tree_options *o, unsigned value);
	unsigned value;
	const char *want;
} choices[] = {
	{ "root=mailbox", set_root, false, "mailbox or store" },
	{ "root=store", set_root, true, "mailbox or store" },
	{ "attachments=both", set_attachments, TREE_BOTH,
	  "both, inside, beside or folder" },
	{ "attachments=inside", set_attachments, TREE_INSIDE,
	  "both, inside, beside or folder" },
	{ "attachments=beside", set_attachments, TREE_BESIDE,
	  "both, inside, beside or folder" },
	{ "attachments=folder", set_attachments, TREE_IN_FOLDER,
	  "both, inside, beside or folder" },
	{ "items=native", set_items, MAIL_ITEMS_NATIVE, "native or eml" },
	{ "items=eml", set_items, MAIL_ITEMS_EML, "native or eml" },
	{ "layout=tree", set_layout, LAYOUT_TREE, "tree, text or maildir" },
	{ "layout=text", set_layout, LAYOUT_TEXT, "tree, text or maildir" },
	{ "layout=maildir", set_layout, LAYOUT_MAILDIR,
	  "tree, text or maildir" },
	{ "search_folders", set_search_folders, true, NULL },
	{ "hidden", set_hidden, true, NULL },
	{ "recovered", set_recovered, true, NULL },
};

bool tree_option(struct tree_options *o, const char *text, const char **want)
{
	*want = NULL;
	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		const struct choice *c = &choices[i];

		if (strcmp(text, c->text) == 0) {
			c->set(o, c->value);
			return true;
		}
		if (c->want != NULL &&
		    strncmp(text, c->text, strcspn(c->text, "=") + 1) == 0)
			*want = c->want;
	}
	return false;
}
