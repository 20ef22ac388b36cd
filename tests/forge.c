#include "forge_private.h"

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
	folders_free(f);
	buf_free(&f->pending);
	buf_free(&f->held);
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
	const uint32_t max = f->layout->block_max;
	uint32_t block = f->how.block_size, alloc = f->how.alloc_size;

	if (block == 0 || block > max)
		block = max;
	if (block < 512)
		block = 512;
	if (alloc == 0 || alloc > ALLOC_MAX)
		alloc = ALLOC_MAX;
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
	f->scratch = malloc(BLOCK_MAX);
	f->encoded = malloc(BLOCK_MAX);
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
		return ost_no_memory(err);
	if (forge_ok(f, NULL)) {
		folders_write(f);
		write_store(f);
		names_write(f);
		blocks_scatter(f);
		btree_finish(f);
	}
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

uint32_t forge_ipm(const struct forge *f)
{
	return f == NULL ? 0 : f->ipm;
}

uint32_t forge_deleted(const struct forge *f)
{
	return f == NULL ? 0 : f->deleted;
}

uint32_t forge_finder(const struct forge *f)
{
	return f == NULL ? 0 : f->finder;
}

struct forge_props *forge_store_props(struct forge *f)
{
	return f == NULL ? NULL : &f->store_props;
}
