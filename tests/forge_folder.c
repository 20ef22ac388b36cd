#include "forge_private.h"

enum {
	NID_HIERARCHY = 0x0D,
	NID_CONTENTS = 0x0E,
	NID_ASSOCIATED_CONTENTS = 0x0F,
	NID_SEARCH_CONTENTS = 0x10,
};

static struct folder **folders(const struct forge *f)
{
	return (struct folder **)(void *)f->folders.at;
}

static size_t folder_count(const struct forge *f)
{
	return f->folders.len / sizeof(struct folder *);
}

/* Where a folder of this NID is, or belongs. */
static size_t folder_index(const struct forge *f, uint32_t nid)
{
	size_t low = 0, high = folder_count(f);

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (folders(f)[middle]->nid < nid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct folder *folder_find(struct forge *f, uint32_t nid)
{
	if (f->last != NULL && f->last->nid == nid)
		return f->last;

	const size_t i = folder_index(f, nid);
	if (i >= folder_count(f) || folders(f)[i]->nid != nid)
		return NULL;
	f->last = folders(f)[i];
	return f->last;
}

static void folder_insert(struct forge *f, struct folder *folder)
{
	const size_t i = folder_index(f, folder->nid);
	const size_t after = folder_count(f) - i;

	if (buf_more(&f->folders, sizeof(folder)) == NULL) {
		(void)forge_ok(f, &f->folders);
		free(folder);
		return;
	}

	struct folder **at = folders(f) + i;
	memmove(at + 1, at, after * sizeof(folder));
	*at = folder;
}

static void copy_props(struct forge_props *to, const struct forge_props *from)
{
	for (size_t i = 0; from != NULL && i < from->count; i++) {
		const struct forge_prop *p = &from->at[i];

		if (p->bytes == NULL) {
			forge_stream(to, p->id, p->type, p->size, p->read,
				     p->arg);
			continue;
		}
		forge_raw(to, p->id, p->type, p->bytes, (size_t)p->size);
		if (!to->bad)
			to->at[to->count - 1].text = p->text;
	}
}

uint32_t forge_folder(struct forge *f, uint32_t parent,
		      const struct forge_folder *how)
{
	struct folder *folder = f == NULL ? NULL : calloc(1, sizeof(*folder));
	struct folder *up = f == NULL ? NULL : folder_find(f, parent);

	if (f == NULL)
		return 0;
	if (folder == NULL) {
		forge_fail(f, OST_NO_MEMORY, "out of memory");
		return 0;
	}
	folder->nid = how->nid;
	if (how->nid == 0) {
		folder->nid = f->next_folder + (how->search ? 1 : 0);
		f->next_folder += 0x20;
	}
	folder->parent = parent;
	folder->search = how->search;
	folder->unlisted = how->unlisted;
	folder->no_tables = how->no_tables;
	if (how->name != NULL)
		forge_text(&folder->props, MAPI_DISPLAY_NAME, how->name);
	if (how->container != NULL)
		forge_text(&folder->props, MAPI_CONTAINER_CLASS,
			   how->container);
	copy_props(&folder->props, how->props);
	if (up != NULL && !how->unlisted)
		up->subfolders++;

	const uint32_t nid = folder->nid;
	folder_insert(f, folder);
	return nid;
}

uint32_t forge_folder_named(struct forge *f, uint32_t parent, const char *name)
{
	const struct forge_folder how = { .name = name };

	return forge_folder(f, parent, &how);
}

static struct table *usual_table(struct forge *f, enum table_kind kind)
{
	struct buf tags = { 0 };
	struct table *t = NULL;

	table_tags(f, kind, &tags);
	if (forge_ok(f, &tags))
		t = table_new(f, (const uint32_t *)(void *)tags.at,
			      tags.len / sizeof(uint32_t));
	buf_free(&tags);
	if (kind == TABLE_CONTENTS && f->how.split)
		table_split(t);
	return t;
}

/* The row of message `nid` in the folder's table. */
static void list(struct forge *f, uint32_t folder, uint32_t nid,
		 bool associated, const struct forge_props *base,
		 const struct forge_props *over)
{
	struct folder *in = folder_find(f, folder);

	if (in == NULL) {
		forge_fail(f, OST_BUG, "no folder %#x", (unsigned)folder);
		return;
	}

	struct table **t = associated ? &in->fai : &in->contents;
	if (*t == NULL)
		*t = usual_table(f, associated ? TABLE_ASSOCIATED
					       : TABLE_CONTENTS);
	table_row(*t, nid, base, over);
	if (associated) {
		in->associated++;
		return;
	}
	in->count++;

	const struct forge_prop *flags = NULL;
	if (over != NULL)
		flags = forge_props_find(over, MAPI_MESSAGE_FLAGS);
	if (flags != NULL && flags->bytes != NULL && (*flags->bytes & 1) == 0)
		in->unread++;
}

/*
 * Messages inside messages have numbers of their own too, as in real stores:
 * libpff takes the one it finds in the node B-tree first.
 */
uint32_t message_nid(struct forge *f, const struct forge_message *m)
{
	uint32_t *next = m->associated ? &f->next_associated : &f->next_message;
	const uint32_t nid = *next;

	if (m->nid != 0)
		return m->nid;
	*next += 0x20;
	return nid;
}

uint32_t forge_add(struct forge *f, uint32_t folder, struct forge_message *m)
{
	struct forge_props more = { 0 };
	struct forge_sub node = { 0 };

	if (f == NULL)
		return 0;

	const uint32_t nid = message_nid(f, m);
	message_more(m, &more);
	m->first_bid = forge_next_bid(f);
	if (!m->no_node) {
		message_write(f, m, &more, &node);
		forge_node(f, nid, node.data, node.subnodes, folder);
	}
	m->end_bid = forge_next_bid(f);
	if (!m->unlisted)
		list(f, folder, nid, m->associated, &more, &m->props);
	forge_props_free(&more);
	return nid;
}

void forge_result(struct forge *f, uint32_t search_folder, uint32_t nid,
		  const struct forge_props *props)
{
	if (f != NULL)
		list(f, search_folder, nid, false, NULL, props);
}

/* A node with the table `t`, or with an empty one. */
static void table_node(struct forge *f, uint32_t nid, uint32_t parent,
		       enum table_kind kind, struct table *t)
{
	struct forge_sub node;

	table_close(t != NULL ? t : usual_table(f, kind), &node);
	forge_node(f, nid, node.data, node.subnodes, parent);
}

static void folder_more(const struct folder *folder, struct forge_props *out)
{
	forge_int(out, MAPI_CONTENT_COUNT, folder->count);
	forge_int(out, MAPI_CONTENT_UNREAD, folder->unread);
	forge_bool(out, MAPI_SUBFOLDERS, folder->subfolders > 0);
	forge_int(out, MAPI_ASSOCIATED_CONTENT_COUNT, folder->associated);
}

static void write_folder(struct forge *f, struct folder *folder,
			 struct table *children)
{
	const uint32_t index = folder->nid & ~0x1FU;
	struct forge_props more = { 0 };
	struct buf subs = { 0 };

	folder_more(folder, &more);
	const uint64_t data = props_write(f, &more, &folder->props, &subs);
	forge_node(f, folder->nid, data, subs_write(f, &subs), folder->parent);
	forge_props_free(&more);
	buf_free(&subs);

	struct table *contents = folder->contents, *fai = folder->fai;
	folder->contents = folder->fai = NULL;
	if (folder->no_tables) {
		table_free(contents);
		table_free(fai);
		table_free(children);
		return;
	}
	if (folder->search) {
		table_node(f, index | NID_SEARCH_CONTENTS, 0, TABLE_CONTENTS,
			   contents);
		table_free(fai);
		table_free(children);
		return;
	}
	table_node(f, index | NID_HIERARCHY, 0, TABLE_HIERARCHY, children);
	table_node(f, index | NID_CONTENTS, 0, TABLE_CONTENTS, contents);
	table_node(f, index | NID_ASSOCIATED_CONTENTS, 0, TABLE_ASSOCIATED,
		   fai);
}

/* A row of each folder in the table of its parent. */
static struct table **hierarchy(struct forge *f)
{
	const size_t count = folder_count(f);
	struct table **out = calloc(count + 1, sizeof(struct table *));

	for (size_t i = 0; out != NULL && i < count; i++) {
		const struct folder *folder = folders(f)[i];
		const size_t up = folder_index(f, folder->parent);
		struct forge_props more = { 0 };

		if (folder->unlisted || folder->nid == folder->parent ||
		    up >= count || folders(f)[up]->nid != folder->parent)
			continue;
		if (out[up] == NULL)
			out[up] = usual_table(f, TABLE_HIERARCHY);
		folder_more(folder, &more);
		table_row(out[up], folder->nid, &more, &folder->props);
		forge_props_free(&more);
	}
	if (out == NULL)
		forge_fail(f, OST_NO_MEMORY, "out of memory");
	return out;
}

/* The tables that new folders and messages are made from. */
static void write_templates(struct forge *f)
{
	static const struct {
		uint32_t nid;
		enum table_kind kind;
	} all[] = {
		{ 0x60D, TABLE_HIERARCHY },   { 0x60E, TABLE_CONTENTS },
		{ 0x60F, TABLE_ASSOCIATED },  { 0x610, TABLE_CONTENTS },
		{ 0x671, TABLE_ATTACHMENTS }, { 0x692, TABLE_RECIPIENTS },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		table_node(f, all[i].nid, 0, all[i].kind, NULL);
}

void folders_write(struct forge *f)
{
	struct table **children = hierarchy(f);

	for (size_t i = 0; children != NULL && i < folder_count(f); i++)
		write_folder(f, folders(f)[i], children[i]);
	free(children);
	write_templates(f);
}

void folders_free(struct forge *f)
{
	for (size_t i = 0; i < folder_count(f); i++) {
		struct folder *folder = folders(f)[i];

		forge_props_free(&folder->props);
		table_free(folder->contents);
		table_free(folder->fai);
		free(folder);
	}
	buf_free(&f->folders);
}
