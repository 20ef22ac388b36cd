/*
 * skeleton.c - what every PST has, and its folders      [MS-PST] 2.4, 2.7
 */
#include "pst/skeleton.h"

#include "pst/block.h"
#include "pst/put.h"
#include "store/mapi.h"

/* Node ids that have names only here. */
enum {
	SPAM_SEARCH = 0x2223,
	SPAM_QUEUE = 0x2226,
	SPAM_CRITERIA = 0x2227,
	SPAM_CONTENTS = 0x2230,
	SEARCH_LIST = 0x201,
	ID_MAP = 0xC01,
	RECEIVE_ROW = 1,
};

/* In the order in which their tables are written: those of folders first,
   since theirs share these. */
static const enum pst_template templates[] = {
	PST_HIERARCHY_TABLE, PST_CONTENTS_TABLE,       PST_ASSOC_TABLE,
	PST_SEARCH_TABLE,    PST_OUTGOING_TABLE,       PST_ATTACHMENT_TABLE,
	PST_RECIPIENT_TABLE, PST_CHANGE_HISTORY_TABLE, PST_REPLICATION_TABLE,
	PST_CHANGE_TABLE,
};

/* Queues, which are empty: nodes without data. */
static const uint32_t queues[] = {
	0x1E1, 0x261, 0xE41, 0xEC1, 0xF21, SPAM_QUEUE,
};

/* The search folder that waits to be updated. */
static const uint8_t search_list[] = { SPAM_SEARCH & 0xFF, SPAM_SEARCH >> 8, 0,
				       0 };

/* A heap with an empty B-tree of ids, key 16 bytes, entry 4. */
static const uint8_t id_map[] = {
	0x18, 0x00, 0xEC, 0x9C, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x40, 0x00, 0x00, 0x00, 0xB5, 0x10, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x02, 0x00, 0x00, 0x00, 0x0C, 0x00, 0x10, 0x00, 0x18, 0x00,
};

static enum ost_status end_table(struct pst_out *o, uint32_t nid,
				 struct pst_table *t, struct ost_error *err)
{
	struct pst_part part;
	enum ost_status st = pst_table_end(t, &part, err);

	return st == OST_OK ? pst_node(o, nid, 0, &part, err) : st;
}

/* Write a table without rows as the node `nid`. */
static enum ost_status empty_table(struct pst_out *o, uint32_t nid,
				   enum pst_template which,
				   struct ost_error *err)
{
	struct pst_table *t;
	enum ost_status st = pst_table_new(&t, o, which, NULL, 0, err);

	if (st == OST_OK)
		st = end_table(o, nid, t, err);
	pst_table_free(t);
	return st;
}

enum ost_status pst_skeleton_begin(struct pst_out *o, struct ost_error *err)
{
	enum ost_status st = OST_OK;

	for (size_t i = 0;
	     i < sizeof(templates) / sizeof(templates[0]) && st == OST_OK; i++)
		st = empty_table(o, templates[i], templates[i], err);
	return st;
}

static enum ost_status end_props(struct pst_out *o, uint32_t nid,
				 uint32_t parent, struct pst_props *p,
				 struct ost_error *err)
{
	struct pst_part part;
	enum ost_status st = pst_props_end(p, &part, err);

	return st == OST_OK ? pst_node(o, nid, parent, &part, err) : st;
}

/* What a folder's properties and its row both say. */
enum { FOLDER_CELLS = 4 };
struct folder_cells {
	uint8_t count[4], unread[4], subfolders[1];
	struct pst_cell all[FOLDER_CELLS];
};

static void folder_cells(const struct pst_folder *f, struct folder_cells *c)
{
	put32(c->count, f->count);
	put32(c->unread, f->unread);
	c->subfolders[0] = f->subfolders;
	c->all[0] = (struct pst_cell){ .tag = 0x3001001F, .bytes = f->name };
	c->all[1] = (struct pst_cell){ .tag = 0x36020003,
				       .bytes = span_of(c->count, 4) };
	c->all[2] = (struct pst_cell){ .tag = 0x36030003,
				       .bytes = span_of(c->unread, 4) };
	c->all[3] = (struct pst_cell){ .tag = 0x360A000B,
				       .bytes = span_of(c->subfolders, 1) };
}

static enum ost_status add_cells(struct pst_props *p,
				 const struct pst_cell *cells, size_t count,
				 struct ost_error *err)
{
	enum ost_status st = OST_OK;

	for (size_t i = 0; i < count && st == OST_OK; i++)
		st = pst_props_add(p, (uint16_t)(cells[i].tag >> 16),
				   (uint16_t)cells[i].tag, cells[i].bytes, err);
	return st;
}

/* The properties of a folder, as the node of it. */
static enum ost_status folder_props(struct pst_out *o,
				    const struct pst_folder *f,
				    struct ost_error *err)
{
	struct folder_cells c;
	struct pst_props *p;
	enum ost_status st = pst_props_new(&p, o, err);

	folder_cells(f, &c);
	if (st == OST_OK)
		st = add_cells(p, c.all, FOLDER_CELLS, err);
	if (st == OST_OK)
		st = add_cells(p, f->more, f->more_count, err);
	if (st == OST_OK)
		st = end_props(o, f->nid, f->parent, p, err);
	pst_props_free(p);
	return st;
}

/* One of the tables of a folder; NULL: it has no rows. */
static enum ost_status folder_table(struct pst_out *o, uint32_t folder,
				    enum pst_nid_type type,
				    enum pst_template which,
				    struct pst_table *t, struct ost_error *err)
{
	const uint32_t nid = pst_nid_as(folder, type);

	return t != NULL ? end_table(o, nid, t, err)
			 : empty_table(o, nid, which, err);
}

enum ost_status pst_folder_end(struct pst_out *o, const struct pst_folder *f,
			       struct pst_table *hierarchy,
			       struct pst_table *contents,
			       struct pst_table *associated,
			       struct ost_error *err)
{
	enum ost_status st = folder_props(o, f, err);

	if (st == OST_OK)
		st = folder_table(o, f->nid, PST_NID_HIERARCHY,
				  PST_HIERARCHY_TABLE, hierarchy, err);
	if (st == OST_OK)
		st = folder_table(o, f->nid, PST_NID_CONTENTS,
				  PST_CONTENTS_TABLE, contents, err);
	if (st == OST_OK)
		st = folder_table(o, f->nid, PST_NID_ASSOC_CONTENTS,
				  PST_ASSOC_TABLE, associated, err);
	return st;
}

bool pst_folder_has_cell(uint32_t tag)
{
	size_t count;
	const uint32_t *all = pst_template_columns(PST_HIERARCHY_TABLE, &count);

	for (size_t i = 0; i < count; i++)
		if (all[i] == tag)
			return true;
	return false;
}

enum ost_status pst_folder_row(struct pst_table *parents,
			       const struct pst_folder *f,
			       struct ost_error *err)
{
	enum { CELLS_MAX = 16 };
	struct pst_cell cells[CELLS_MAX];
	struct folder_cells c;
	size_t count = FOLDER_CELLS;

	folder_cells(f, &c);
	memcpy(cells, c.all, sizeof(c.all));
	for (size_t i = 0; i < f->more_count && count < CELLS_MAX; i++)
		if (pst_folder_has_cell(f->more[i].tag))
			cells[count++] = f->more[i];
	return pst_table_row(parents, f->nid, cells, count, err);
}

/* 0x21, the message store [MS-PST] 2.4.3 */
enum { ENTRY_ID_SIZE = 24, REPLICA_SIZE = 24 };

static void put_entry_id(uint8_t to[ENTRY_ID_SIZE],
			 const struct pst_identity *id, uint32_t nid)
{
	put32(to, 0);
	memcpy(to + 4, id->uid, sizeof(id->uid));
	put32(to + 20, nid);
}

static enum ost_status store_props(struct pst_props *p,
				   const struct pst_identity *id,
				   struct ost_error *err)
{
	static const struct {
		uint16_t id;
		uint32_t nid;
	} folders[] = { { 0x35E0, PST_TOP },
			{ 0x35E3, PST_DELETED },
			{ 0x35E6, PST_VIEWS },
			{ 0x35E7, PST_FINDER } };
	static const struct {
		uint16_t id, type;
		uint32_t value;
	} numbers[] = {
		{ 0x0E38, MAPI_INTEGER32, 0 },
		{ 0x35DF, MAPI_INTEGER32, 0xC9 }, /* which of those are valid */
		{ 0x6633, MAPI_BOOLEAN, 1 },
		{ 0x66FA, MAPI_INTEGER32, 0xE0011 },
		{ 0x67FF, MAPI_INTEGER32, 0 }, /* no password */
	};
	uint8_t replica[REPLICA_SIZE], entry[ENTRY_ID_SIZE];
	enum ost_status st;

	put32(replica, 1);
	memcpy(replica + 4, id->replica, sizeof(id->replica));
	put32(replica + 20, 1);
	st = pst_props_add(p, 0x0E34, MAPI_BINARY,
			   span_of(replica, sizeof(replica)), err);
	if (st == OST_OK)
		st = pst_props_add(p, 0x0FF9, MAPI_BINARY,
				   span_of(id->uid, sizeof(id->uid)), err);
	if (st == OST_OK)
		st = pst_props_add(p, 0x3001, MAPI_UNICODE, id->display, err);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		put_entry_id(entry, id, folders[i].nid);
		if (st == OST_OK)
			st = pst_props_add(p, folders[i].id, MAPI_BINARY,
					   span_of(entry, sizeof(entry)), err);
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (st == OST_OK)
			st = pst_props_number(p, numbers[i].id, numbers[i].type,
					      numbers[i].value, err);
	return st;
}

static enum ost_status write_store(struct pst_out *o,
				   const struct pst_identity *id,
				   struct ost_error *err)
{
	struct pst_props *p;
	enum ost_status st = pst_props_new(&p, o, err);

	if (st == OST_OK)
		st = store_props(p, id, err);
	if (st == OST_OK)
		st = end_props(o, MAPI_NID_STORE, 0, p, err);
	pst_props_free(p);
	return st;
}

/* The receive folder table: all that comes goes to the root. */
static enum ost_status write_receive(struct pst_out *o, struct ost_error *err)
{
	uint8_t root[4];
	const struct pst_cell cells[] = {
		{ .tag = 0x001A001F },
		{ .tag = 0x66050003, .bytes = span_of(root, sizeof(root)) },
	};
	struct pst_table *t;
	enum ost_status st;

	put32(root, PST_ROOT);
	st = pst_table_new(&t, o, PST_RECEIVE_TABLE, NULL, 0, err);
	if (st == OST_OK)
		st = pst_table_row(t, RECEIVE_ROW, cells, 2, err);
	if (st == OST_OK)
		st = end_table(o, PST_RECEIVE_TABLE, t, err);
	pst_table_free(t);
	return st;
}

static enum ost_status write_bytes(struct pst_out *o, uint32_t nid,
				   struct span bytes, struct ost_error *err)
{
	struct pst_part part;
	enum ost_status st = pst_data_of(o, bytes, &part, err);

	return st == OST_OK ? pst_node(o, nid, 0, &part, err) : st;
}

/* The search folder that every store has: it never runs here. */
static enum ost_status write_search(struct pst_out *o,
				    const struct pst_folder *spam,
				    struct ost_error *err)
{
	struct pst_props *p;
	enum ost_status st = folder_props(o, spam, err);

	if (st == OST_OK)
		st = empty_table(o, SPAM_CONTENTS, PST_SEARCH_TABLE, err);
	if (st != OST_OK)
		return st;
	st = pst_props_new(&p, o, err);
	if (st == OST_OK)
		st = pst_props_number(p, 0x660B, MAPI_INTEGER32, 0, err);
	if (st == OST_OK)
		st = end_props(o, SPAM_CRITERIA, 0, p, err);
	pst_props_free(p);
	return st;
}

/* All that is the same in every store. */
static enum ost_status write_fixed(struct pst_out *o, struct ost_error *err)
{
	const struct pst_part none = { 0 };
	enum ost_status st;

	st = write_bytes(o, SEARCH_LIST,
			 span_of(search_list, sizeof(search_list)), err);
	if (st == OST_OK)
		st = write_bytes(o, ID_MAP, span_of(id_map, sizeof(id_map)),
				 err);
	for (size_t i = 0; i < sizeof(queues) / sizeof(queues[0]); i++)
		if (st == OST_OK)
			st = pst_node(o, queues[i], 0, &none, err);
	return st == OST_OK ? write_receive(o, err) : st;
}

/* The root folder, with a row for each of its children. */
static enum ost_status write_root(struct pst_out *o,
				  const struct pst_folder *const children[],
				  size_t count, struct ost_error *err)
{
	const struct pst_folder root = { .nid = PST_ROOT,
					 .parent = PST_ROOT,
					 .subfolders = true };
	struct pst_table *t;
	enum ost_status st;

	st = pst_table_new(&t, o, PST_HIERARCHY_TABLE, NULL, 0, err);
	for (size_t i = 0; i < count && st == OST_OK; i++)
		st = pst_folder_row(t, children[i], err);
	if (st == OST_OK)
		st = pst_folder_end(o, &root, t, NULL, NULL, err);
	pst_table_free(t);
	return st;
}

/* The folders that users see, where there are none of theirs. */
static enum ost_status write_top(struct pst_out *o,
				 const struct pst_folder *top,
				 const struct pst_folder *deleted,
				 struct ost_error *err)
{
	struct pst_table *t;
	enum ost_status st = pst_folder_end(o, deleted, NULL, NULL, NULL, err);

	if (st != OST_OK)
		return st;
	st = pst_table_new(&t, o, PST_HIERARCHY_TABLE, NULL, 0, err);
	if (st == OST_OK)
		st = pst_folder_row(t, deleted, err);
	if (st == OST_OK)
		st = pst_folder_end(o, top, t, NULL, NULL, err);
	pst_table_free(t);
	return st;
}

/* The folders of the skeleton. */
enum folder { SPAM, TOP, FINDER, VIEWS, DELETED, FOLDERS };

static const struct {
	uint32_t nid, parent;
	const char *name;
	bool subfolders;
} folders[FOLDERS] = {
	[SPAM] = { SPAM_SEARCH, PST_ROOT, "SPAM Search Folder 2", false },
	[TOP] = { PST_TOP, PST_ROOT, "Top of Outlook data file", true },
	[FINDER] = { PST_FINDER, PST_ROOT, "Search Root", false },
	[VIEWS] = { PST_VIEWS, PST_ROOT, "IPM_COMMON_VIEWS", false },
	[DELETED] = { PST_DELETED, PST_TOP, "Deleted Items", false },
};

static enum ost_status write_folders(struct pst_out *o,
				     const struct pst_folder f[FOLDERS],
				     const struct pst_folder *top,
				     struct ost_error *err)
{
	const struct pst_folder *const children[] = {
		&f[SPAM], top != NULL ? top : &f[TOP], &f[FINDER], &f[VIEWS]
	};
	enum ost_status st = write_search(o, &f[SPAM], err);

	if (st == OST_OK && top == NULL)
		st = write_top(o, &f[TOP], &f[DELETED], err);
	if (st == OST_OK)
		st = pst_folder_end(o, &f[FINDER], NULL, NULL, NULL, err);
	if (st == OST_OK)
		st = pst_folder_end(o, &f[VIEWS], NULL, NULL, NULL, err);
	return st == OST_OK ? write_root(o, children, 4, err) : st;
}

enum ost_status pst_skeleton_end(struct pst_out *o,
				 const struct pst_identity *id,
				 const struct pst_folder *top,
				 struct ost_error *err)
{
	struct pst_folder f[FOLDERS];
	struct buf names[FOLDERS] = { 0 };
	enum ost_status st = OST_OK;

	for (unsigned i = 0; i < FOLDERS; i++) {
		pst_utf16(&names[i],
			  span_of(folders[i].name, strlen(folders[i].name)));
		if (st == OST_OK)
			st = buf_status(&names[i], err);
		f[i] = (struct pst_folder){ .nid = folders[i].nid,
					    .parent = folders[i].parent,
					    .name = buf_span(&names[i]),
					    .subfolders =
						    folders[i].subfolders };
	}
	if (st == OST_OK)
		st = write_fixed(o, err);
	if (st == OST_OK)
		st = write_folders(o, f, top, err);
	if (st == OST_OK)
		st = write_store(o, id, err);
	for (unsigned i = 0; i < FOLDERS; i++)
		buf_free(&names[i]);
	return st;
}
