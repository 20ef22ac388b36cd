/*
 * forge_private.h - private: how the forge's files share a store
 */
#ifndef OST_FORGE_PRIVATE_H
#define OST_FORGE_PRIVATE_H

#include "forge.h"
#include "store/mapi.h"

#include <iconv.h>
#include <libdeflate.h>
#include <stdlib.h>

/* What differs between the formats. */
struct forge_layout {
	uint16_t version;      /* the usual wVer */
	uint16_t page_size;    /* bytes, as all here */
	uint16_t page_trailer; /* its offset in a page */
	uint16_t counts;       /* offset of cEnt in a page of a B-tree */
	uint8_t count_width;   /* of cEnt and cEntMax */
	uint8_t id_width;      /* of NID, BID and IB */
	uint8_t block_trailer;
	uint16_t block_align;
	uint16_t block_max;   /* of data */
	bool crc_last;	      /* trailers: BID before CRC */
	bool two_sizes;	      /* stored and inflated */
	uint8_t sub_head;     /* before the entries of an SLBLOCK */
	uint8_t hid_bits;     /* of the index in a HID */
	uint32_t dlist, map;  /* offsets of the DList and the first AMap */
	uint16_t map_head;    /* before the bits of an AMap */
	uint16_t map_bytes;   /* of bits in it */
	uint16_t map_unit;    /* bytes of the file for a bit */
	uint16_t root, crypt; /* header: of ROOT and bCryptMethod */
};

extern const struct forge_layout forge_layouts[];

enum {
	PTYPE_BBT = 0x80,
	PTYPE_NBT = 0x81,
	PTYPE_FMAP = 0x82,
	PTYPE_PMAP = 0x83,
	PTYPE_AMAP = 0x84,
	PTYPE_FPMAP = 0x85,
	PTYPE_DLIST = 0x86
};

enum { PAGE_MAX = 4096, BLOCK_MAX = 65536, ALLOC_MAX = 3580 };

struct forge_ref {
	uint64_t key, bid, ib;
};

struct block_entry {
	uint64_t bid, ib;
	uint16_t stored, size;
};

struct node_entry {
	uint32_t nid, parent;
	uint64_t data, sub;
};

struct heap {
	struct forge *f;
	uint8_t client;	   /* bClientSig */
	struct buf block;  /* the block being filled */
	struct buf starts; /* uint16_t each: its allocations */
	struct buf first;  /* block 0, kept until the root is known */
	struct buf bids;   /* uint64_t each: the finished blocks */
	size_t blocks;	   /* finished */
};

struct table {
	struct forge *f;
	struct heap heap;
	struct heap apart[2];	/* of columns that have their own */
	bool split;		/* there are such */
	struct column *columns; /* owned */
	size_t column_count;
	uint16_t ends[4];    /* rgib */
	struct buf rows;     /* the block of rows being filled */
	struct buf row_bids; /* uint64_t each */
	struct buf index;    /* uint32_t pairs: dwRowID, row number */
	struct buf subs;     /* struct forge_sub each */
	uint32_t row_count;
	uint32_t next_sub; /* index of the next LTP subnode */
};

struct folder {
	uint32_t nid, parent;
	struct forge_props props; /* owned */
	bool search, unlisted, no_tables;
	uint32_t count, unread, associated, subfolders;
	struct table *contents, *fai; /* owned; NULL: no row yet */
};

struct named {
	uint8_t guid[16];
	uint32_t lid;
	char *name; /* owned; NULL: by lid */
};

struct forge {
	struct forge_options how;
	const struct forge_layout *layout;
	uint32_t block_size, block_entries, alloc_size;
	enum ost_status status; /* the first failure */
	struct ost_error err;

	/* the file: what comes before `base` is written out */
	uint64_t base;
	struct buf pending;
	uint64_t end;	 /* where the next page or block may go */
	uint64_t map_at; /* the AMap in charge */
	uint64_t map_count;
	uint64_t used; /* bytes allocated */
	uint8_t map[PAGE_MAX];
	uint64_t next_bid, next_page;
	uint8_t *scratch; /* BLOCK_MAX, a block on its way out */
	uint8_t *encoded; /* BLOCK_MAX, its data */
	struct libdeflate_compressor *deflate;

	/* blocks that have no place yet: struct held_block and bytes each */
	struct buf held;

	/* what the trees will say */
	struct buf blocks; /* struct block_entry each */
	struct buf nodes;  /* struct node_entry each */

	/* the messaging layer */
	struct buf folders; /* struct folder * each, sorted by NID */
	struct folder *last;
	struct forge_props store_props;
	struct buf named; /* struct named each */
	struct buf text;  /* a value on its way out */
	iconv_t charset;
	uint32_t next_folder, next_message, next_associated;
	uint32_t ipm, deleted, finder;
	uint8_t record_key[16];
};

/* forge_file.c */
bool forge_fail(struct forge *f, enum ost_status status, const char *format,
		...) OST_PRINTF(3, 4);
bool forge_ok(struct forge *f, const struct buf *b);
void put_uint(uint8_t *at, unsigned width, uint64_t value);
uint64_t get_uint(const uint8_t *at, unsigned width);
void file_begin(struct forge *f);
uint64_t file_refcount(struct forge *f, size_t size, size_t align);
void file_add(struct forge *f, const void *bytes, size_t len);
void file_patch(struct forge *f, uint64_t off, const void *bytes, size_t len);
void file_flush(struct forge *f);
void file_end_map(struct forge *f);
void page_seal(const struct forge_layout *l, uint8_t *page, uint8_t type,
	       uint64_t ib, uint64_t bid);

/* forge_block.c */
void block_encode(enum forge_encoding how, uint64_t bid, uint8_t *bytes,
		  size_t len);
uint64_t block_write(struct forge *f, const void *bytes, size_t len,
		     bool internal);
void block_seal(const struct forge_layout *l, uint8_t *trailer, uint64_t ib,
		uint64_t bid, uint32_t crc, size_t stored, size_t size);
void blocks_scatter(struct forge *f);
uint64_t tree_top(struct forge *f, const uint64_t *bids, size_t count,
		  uint64_t size);

/* forge_btree.c */
void btree_finish(struct forge *f);

/* forge_value.c: a property as it is stored */
struct value {
	uint16_t id, type;
	uint64_t size;
	const void *bytes;	       /* on loan from the list or f->text */
	const struct forge_prop *from; /* NULL bytes: ask its reader */
};
struct value value_of(struct forge *f, const struct forge_prop *p);
uint16_t value_type(const struct forge *f, const struct forge_prop *p);
unsigned type_width(uint16_t type);
void value_utf16(struct buf *out, const char *utf8, size_t len);
uint64_t value_tree(struct forge *f, const struct value *v);
/* As the reader of an object: its bytes already name a subnode. */
bool value_ready(void *arg, uint64_t off, void *buf, size_t len);
/* `over` on `base`, as struct forge_prop *, sorted by id, each id once. */
void props_merge(struct buf *out, const struct forge_props *base,
		 const struct forge_props *over);

/* forge_heap.c */
enum { HEAP_FIRST = 12, HEAP_SECOND = 20 }; /* offsets of two allocations */
void heap_begin(struct heap *h, struct forge *f, uint8_t client);
void heap_new(struct heap *h, struct forge *f, uint8_t client);
void heap_free(struct heap *h);
uint32_t heap_add(struct heap *h, const void *bytes, size_t len);
void heap_bth(struct heap *h, unsigned key, unsigned ent, const void *records,
	      size_t count);
void heap_fill(struct heap *h, size_t off, const void *bytes, size_t len);
uint64_t heap_end(struct heap *h, uint32_t root);
/* A value into the heap, or into a subnode added to `subs`: its HNID. */
uint32_t heap_value(struct heap *h, const struct value *v, struct buf *subs,
		    uint32_t *next_sub);
uint64_t props_write(struct forge *f, const struct forge_props *base,
		     const struct forge_props *over, struct buf *subs);
/* Sort by NID and write; 0 when there are none. */
uint64_t subs_write(struct forge *f, struct buf *subs);
void subs_add(struct buf *subs, uint64_t nid, uint64_t data, uint64_t sub);

/* forge_table.c */
struct table *table_new(struct forge *f, const uint32_t *tags, size_t count);
/* From here on, two columns have heaps of their own. */
void table_split(struct table *t);
void table_row(struct table *t, uint32_t id, const struct forge_props *base,
	       const struct forge_props *over);
void table_close(struct table *t, struct forge_sub *out); /* and free */
void table_free(struct table *t);
/* Tags usual in a kind of table, strings as the format has them. */
enum table_kind {
	TABLE_HIERARCHY,
	TABLE_CONTENTS,
	TABLE_ASSOCIATED,
	TABLE_RECIPIENTS,
	TABLE_ATTACHMENTS
};
void table_tags(const struct forge *f, enum table_kind kind, struct buf *out);

/* forge_message.c */
void message_write(struct forge *f, struct forge_message *m,
		   const struct forge_props *more, struct forge_sub *out);
/* What Outlook writes for any message, unless it is bare. */
void message_more(const struct forge_message *m, struct forge_props *out);

/* forge_folder.c: folders, their tables, and the templates of tables */
void folders_write(struct forge *f);
void folders_free(struct forge *f);
/* The NID asked for, or the next one. */
uint32_t message_nid(struct forge *f, const struct forge_message *m);

/* forge_names.c */
void names_write(struct forge *f);
void names_free(struct forge *f);

#endif
