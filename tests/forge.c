#include "forge_private.h"

enum {
	NID_SEARCH_UPDATE = 0x06,
	NID_SEARCH_CRITERIA = 0x07,
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
	if (!m->no_node) {
		message_write(f, m, &more, &node);
		forge_node(f, nid, node.data, node.subnodes, folder);
	}
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

uint32_t forge_ipm(const struct forge *f)
{
	return f == NULL ? 0 : f->ipm;
}

uint32_t forge_deleted(const struct forge *f)
{
	return f == NULL ? 0 : f->deleted;
}

struct forge_props *forge_store_props(struct forge *f)
{
	return f == NULL ? NULL : &f->store_props;
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

static void write_folders(struct forge *f)
{
	struct table **children = hierarchy(f);

	for (size_t i = 0; children != NULL && i < folder_count(f); i++)
		write_folder(f, folders(f)[i], children[i]);
	free(children);
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

/* EntryID [MS-PST] 2.4.3.2 of a folder of this store. */
static void entry_id(const struct forge *f, struct forge_props *p, uint16_t id,
		     uint32_t nid)
{
	uint8_t bytes[24] = { 0 };

	memcpy(bytes + 4, f->record_key, 16);
	put_uint(bytes + 20, 4, nid);
	forge_binary(p, id, bytes, sizeof(bytes));
}

/* The message store [MS-PST] 2.4.3 */
static void write_store(struct forge *f)
{
	const char *name = f->how.name == NULL ? "forged" : f->how.name;
	struct forge_props p = { 0 };
	struct buf subs = { 0 };

	forge_binary(&p, MAPI_RECORD_KEY, f->record_key, 16);
	forge_text(&p, MAPI_DISPLAY_NAME, name);
	forge_int(&p, 0x35DF, 0x89); /* PidTagValidFolderMask */
	if (!f->how.mailbox) {
		entry_id(f, &p, MAPI_IPM_SUBTREE_ENTRYID, f->ipm);
		entry_id(f, &p, MAPI_IPM_WASTEBASKET_ENTRYID, f->deleted);
		entry_id(f, &p, 0x35E7, f->finder); /* PidTagFinderEntryId */
	}
	forge_int(&p, 0x67FF, 0); /* PidTagPstPassword */

	const uint64_t data = props_write(f, &p, &f->store_props, &subs);
	forge_node(f, MAPI_NID_STORE, data, subs_write(f, &subs), 0);
	forge_props_free(&p);
	buf_free(&subs);
}

/* The folders that are in every store: those of a .pst ... */
static void begin_folders(struct forge *f)
{
	const uint32_t root = MAPI_NID_ROOT_FOLDER;

	f->ipm = forge_folder_named(f, root, "Top of Outlook data file");
	f->finder = forge_folder_named(f, root, "Search Root");
	f->deleted = forge_folder_named(f, f->ipm, "Deleted Items");
}

/* ... and of an .ost, by the numbers that Outlook gives them. */
static void begin_mailbox(struct forge *f)
{
	static const struct {
		const char *name;
		uint32_t nid, parent;
	} all[] = {
		{ "Root - Public", 0x2002, MAPI_NID_ROOT_FOLDER },
		{ "IPM_SUBTREE", 0x2022, 0x2002 },
		{ "NON_IPM_SUBTREE", 0x2042, 0x2002 },
		{ "Root - Mailbox", 0x20A2, MAPI_NID_ROOT_FOLDER },
		{ "Common Views", 0x20C2, 0x20A2 },
		{ "Finder", 0x20E2, 0x20A2 },
		{ "Shortcuts", 0x2102, 0x20A2 },
		{ "Views", 0x2122, 0x20A2 },
		{ "IPM_SUBTREE", 0x2142, 0x20A2 },
		{ "Deleted Items", 0x2162, 0x2142 },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const struct forge_folder how = { .name = all[i].name,
						  .nid = all[i].nid };

		(void)forge_folder(f, all[i].parent, &how);
	}
	f->finder = 0x20E2;
	f->ipm = 0x2142;
	f->deleted = 0x2162;
}

static void free_forge(struct forge *f)
{
	for (size_t i = 0; i < folder_count(f); i++) {
		struct folder *folder = folders(f)[i];

		forge_props_free(&folder->props);
		table_free(folder->contents);
		table_free(folder->fai);
		free(folder);
	}
	buf_free(&f->folders);
	buf_free(&f->pending);
	buf_free(&f->blocks);
	buf_free(&f->nodes);
	buf_free(&f->text);
	forge_props_free(&f->store_props);
	names_free(f);
	libdeflate_free_compressor(f->deflate);
	if (f->charset != (iconv_t)-1)
		iconv_close(f->charset);
	free(f->scratch);
	free(f->encoded);
	free(f);
}

/* Sizes: what was asked for, within what the format allows. */
static void set_sizes(struct forge *f)
{
	const uint32_t most = f->layout->block_most;
	uint32_t block = f->how.block_size, alloc = f->how.alloc_size;

	if (block == 0 || block > most)
		block = most;
	if (block < 512)
		block = 512;
	if (alloc == 0 || alloc > ALLOC_MOST)
		alloc = ALLOC_MOST;
	if (alloc > block - 80)
		alloc = block - 80;
	f->block_size = block;
	f->alloc_size = alloc;
	f->block_entries = f->how.block_entries == 1 ? 2 : f->how.block_entries;
}

struct forge *forge_new(const struct forge_options *options)
{
	const struct forge_folder root = { .name = "",
					   .nid = MAPI_NID_ROOT_FOLDER };
	struct forge *f = calloc(1, sizeof(*f));
	uint32_t seed = options->seed;

	if (f == NULL)
		return NULL;
	f->how = *options;
	f->layout = &forge_layouts[options->format];
	f->next_bid = 4;
	f->next_page = 1;
	f->next_folder = 0x8022;
	f->next_message = 0x200024;
	f->next_associated = 0x8008;
	f->scratch = malloc(BLOCK_MOST);
	f->encoded = malloc(BLOCK_MOST);
	f->charset = iconv_open(options->charset == NULL ? "WINDOWS-1252"
							 : options->charset,
				"UTF-8");
	if (options->format == FORGE_UNICODE_4K &&
	    options->deflate != FORGE_STORED)
		f->deflate = libdeflate_alloc_compressor(3);
	if (f->scratch == NULL || f->encoded == NULL)
		forge_fail(f, OST_NO_MEMORY, "out of memory");
	if (f->charset == (iconv_t)-1)
		forge_fail(f, OST_BUG, "no such charset");
	forge_noise(&seed, 0, f->record_key, sizeof(f->record_key));
	set_sizes(f);
	file_begin(f);
	(void)forge_folder(f, MAPI_NID_ROOT_FOLDER, &root);
	if (options->mailbox)
		begin_mailbox(f);
	else
		begin_folders(f);
	/* Outlook always has some; libpff wants none of the streams empty. */
	(void)forge_named(f, forge_psetid_common, 0x8506, NULL);
	(void)forge_named(f, forge_ps_public_strings, 0, "Keywords");
	return f;
}

enum ost_status forge_finish(struct forge *f, struct buf *out,
			     struct ost_error *err)
{
	enum ost_status st;

	if (f == NULL)
		return ost_fail(err, OST_NO_MEMORY, "out of memory");
	write_folders(f);
	write_templates(f);
	write_store(f);
	names_write(f);
	btree_finish(f);
	st = f->status;
	if (st != OST_OK)
		st = ost_fail(err, st, "%s", f->err.text);
	if (st == OST_OK && out != NULL) {
		buf_free(out);
		*out = f->pending;
		f->pending = (struct buf){ 0 };
	}
	free_forge(f);
	return st;
}
