#include "store/info.h"

void info_fill(struct store_info *out, const struct ndb_info *in)
{
	static const char *const formats[] = {
		[NDB_ANSI] = "ansi",
		[NDB_UNICODE] = "unicode",
		[NDB_UNICODE_4K] = "unicode-4k",
	};
	static const char *const encodings[] = { "none", "permute", "cyclic" };
	const bool ost = strcmp(in->client, "SO") == 0;
	const bool pab = strcmp(in->client, "AB") == 0;

	*out = (struct store_info){
		.format = formats[in->format],
		.encoding = encodings[in->encoding],
		.version = in->version,
		.clean = in->clean,
		.size = in->size,
		.header_eof = in->header_eof,
		.mtime = in->mtime,
		.healing = {
			.header = in->healing.header,
			.pages = in->healing.pages,
			.nodes = in->healing.nodes,
			.blocks = in->healing.blocks,
		},
	};
	memcpy(out->kind, ost ? "ost" : pab ? "pab" : "pst", 4);
}

bool info_damage(struct ndb *db, size_t index, struct store_damage *out)
{
	static const char *const what[] = {
		[NDB_NODE_PAGE_BAD] = "node index page",
		[NDB_BLOCK_PAGE_BAD] = "block index page",
		[NDB_BLOCK_BAD] = "block",
		[NDB_ROWS_BAD] = "row index",
		[NDB_LIST_BAD] = "list of folders",
		[NDB_PROPS_BAD] = "properties",
		[NDB_BLOCK_ORPHAN] = "orphaned block",
	};
	struct ndb_damage damage;

	if (!ndb_damage(db, index, &damage))
		return false;
	*out = (struct store_damage){ what[damage.what], damage.off,
				      damage.bid.value, damage.why };
	return true;
}
