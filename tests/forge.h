/*
 * forge.h - writes stores: good ones of every format, and bad ones
 *
 * Made from the format's description, not from the reader, so that the two
 * check each other. The same calls give the same bytes: no clock, no chance.
 *
 *	struct forge_options how = { .format = FORGE_UNICODE };
 *	struct forge *f = forge_new(&how);
 *	struct forge_message m = { 0 };
 *	struct buf store = { 0 };
 *
 *	forge_text(&m.props, MAPI_SUBJECT, "Hello");
 *	forge_text(forge_recipient(&m), MAPI_DISPLAY_NAME, "Jane Doe");
 *	nid = forge_add(f, forge_ipm(f), &m);
 *	forge_message_free(&m);
 *	CHECK(forge_finish(f, &store, &err) == OST_OK);
 *
 * Nothing here returns an error but forge_finish(): the forge remembers its
 * first failure, and a property list remembers that memory ran out.
 */
#ifndef OST_FORGE_H
#define OST_FORGE_H

#include "bytes/buf.h"

struct forge; /* a store being written; for one thread */

enum forge_format { FORGE_ANSI, FORGE_UNICODE, FORGE_UNICODE_4K };
enum forge_kind { FORGE_PST, FORGE_OST };
enum forge_encoding { FORGE_PLAIN, FORGE_PERMUTE, FORGE_CYCLIC };

/* Which blocks of a 4K store are deflated. */
enum forge_deflate {
	FORGE_STORED,  /* none */
	FORGE_OUTLOOK, /* any that saves a unit of 512 bytes */
	FORGE_ALWAYS,  /* any that gets shorter at all */
};

/* Works from { 0 }: an ANSI .pst in memory, not encoded. */
struct forge_options {
	enum forge_format format;
	enum forge_kind kind;
	enum forge_encoding encoding;
	enum forge_deflate deflate;
	uint32_t seed;	     /* of record keys and change keys */
	int fd;		     /* a file to write; 0: in memory */
	uint16_t version;    /* wVer; 0: 14, 23 or 36 by the format */
	const char *charset; /* of text in ANSI stores; NULL: WINDOWS-1252 */
	const char *name;    /* of the store; NULL: "forged" */
	bool mailbox;	     /* as an .ost: "Root - Mailbox" with IPM_SUBTREE
				in it, and no 0x35E0 in the store object */
	bool split;	     /* in contents tables, the sender's name and the
				conversation id lie in heaps of their own, as
				in the real 4K stores */
	bool unclean;	     /* fAMapValid 0 */
	bool scattered;	     /* blocks lie in an order of chance, as after years
				of use; all are kept in memory until then */

	/* To make trees deep without much data; 0: as many as fit. */
	uint32_t block_size;	/* bytes in a data block */
	uint32_t page_entries;	/* in a page of the B-trees, at least 2 */
	uint32_t block_entries; /* in XBLOCK, XXBLOCK, SLBLOCK, SIBLOCK */
	uint32_t alloc_size;	/* bytes in an allocation of a BTH */

	/* Columns of contents tables beyond the usual ones, as tags. */
	const uint32_t *columns;
	size_t column_count;
	uint32_t wide; /* tag of a column that is 8 bytes wide, whatever its
			  type; what is behind a value there is slack */
};

/* Begin a store. NULL when memory ran out; all calls take it calmly. */
struct forge *forge_new(const struct forge_options *options);

/*
 * Write all that is left and free the forge, even on failure. In memory,
 * `out` gets the store; with `fd`, `out` may be NULL. OST_LIMIT: the format
 * cannot hold so much; OST_IO; OST_NO_MEMORY; OST_BUG: no such charset
 * or folder.
 */
enum ost_status forge_finish(struct forge *f, struct buf *out,
			     struct ost_error *err);

/* PROPERTIES: a list that works from { 0 }; of equal ids the last counts. */

/* Fill `buf` with the `len` bytes at `off`; false: it cannot. */
typedef bool forge_reader(void *arg, uint64_t off, void *buf, size_t len);

struct forge_prop {
	uint16_t id;
	uint16_t type;
	bool text;     /* UTF-8, written as the format has it */
	uint64_t size; /* bytes */
	char *bytes;   /* owned; NULL: `read` gives them */
	forge_reader *read;
	void *arg;
};

struct forge_props {
	struct forge_prop *at; /* owned */
	size_t count;
	size_t cap;
	bool bad; /* memory ran out, or a text had no place in its charset */
};

/*
 * Text: PtypString in Unicode stores, PtypString8 in ANSI ones, where what
 * the store's charset lacks becomes '?', as Outlook has it.
 */
void forge_text(struct forge_props *p, uint16_t id, const char *utf8);

/* Text as PtypString8 in any store, in an iconv(3) charset, e.g. "CP932". */
void forge_text8(struct forge_props *p, uint16_t id, const char *charset,
		 const char *utf8);

void forge_int(struct forge_props *p, uint16_t id, uint32_t value);
void forge_bool(struct forge_props *p, uint16_t id, bool value);

/* Seconds since 1970, UTC, as FILETIME. */
void forge_time(struct forge_props *p, uint16_t id, int64_t seconds);

void forge_binary(struct forge_props *p, uint16_t id, const void *bytes,
		  size_t len);

/* A value of any type, even one that there is not: its bytes as stored. */
void forge_raw(struct forge_props *p, uint16_t id, uint16_t type,
	       const void *bytes, size_t len);

/* PtypMultipleString (PtypMultipleString8 in ANSI stores). */
void forge_texts(struct forge_props *p, uint16_t id, const char *const *utf8,
		 size_t count);

/* PtypMultipleBinary. */
void forge_binaries(struct forge_props *p, uint16_t id,
		    const struct span *values, size_t count);

/*
 * 0x1009 with the text of an RTF document [MS-OXRTFCP]: `packed` as LZFu of
 * literals only, else as MELA, the bytes as they are.
 */
void forge_rtf(struct forge_props *p, const char *rtf, bool packed);

/* A value of `size` bytes that is asked for while the store is written. */
void forge_stream(struct forge_props *p, uint16_t id, uint16_t type,
		  uint64_t size, forge_reader *read, void *arg);

/* A reader of noise that does not deflate; `arg` is a uint32_t, its seed. */
bool forge_noise(void *arg, uint64_t off, void *buf, size_t len);

/* The property `id`, or NULL. On loan until the list changes. */
const struct forge_prop *forge_props_find(const struct forge_props *p,
					  uint16_t id);

void forge_props_free(struct forge_props *p);

/*
 * The number of a named property, by `name` unless NULL, else by `lid`; the
 * same call gives the same number. `guid` as stored, 16 bytes. 0: it cannot.
 */
uint16_t forge_named(struct forge *f, const void *guid, uint32_t lid,
		     const char *name);

extern const uint8_t forge_ps_mapi[16];
extern const uint8_t forge_ps_public_strings[16];
extern const uint8_t forge_ps_internet_headers[16];
extern const uint8_t forge_psetid_common[16];
extern const uint8_t forge_psetid_address[16];
extern const uint8_t forge_psetid_appointment[16];
extern const uint8_t forge_psetid_meeting[16];
extern const uint8_t forge_psetid_task[16];
extern const uint8_t forge_psetid_note[16];
extern const uint8_t forge_psetid_log[16];

/* MESSAGES */

struct forge_attachment {
	struct forge_props props;
	struct forge_message *message; /* owned; 0x3701 of method 5 */
	uint32_t nid;		       /* 0: the next; then the one it got */
	bool no_node;		       /* a row, but nothing it points to */
	bool no_row;		       /* nothing points to it */
	struct forge_attachment *next;
};

struct forge_recipient {
	struct forge_props props;
	struct forge_recipient *next;
};

/* Works from { 0 }. */
struct forge_message {
	struct forge_props props;
	struct forge_recipient *recipients;   /* owned; in order */
	struct forge_attachment *attachments; /* owned; in order */
	uint32_t nid;			      /* 0: the next */
	bool bare;	 /* add no property by itself: no class, flags, size */
	bool associated; /* FAI: in the folder's other table */
	bool unlisted;	 /* a node, but in no table */
	bool no_node;	 /* a row, but no node it points to */
	bool no_recipients; /* not even an empty recipient table */

	/*
	 * Set by forge_add(): the BIDs of its blocks, without their two lowest
	 * bits, are the first and up, and below the second.
	 */
	uint64_t first_bid, end_bid;
};

/* A new recipient row at the end; on loan. Its properties become cells. */
struct forge_props *forge_recipient(struct forge_message *m);

/* A new attachment at the end; on loan. */
struct forge_attachment *forge_attachment(struct forge_message *m);

/* The message inside `a`, made when first asked for; sets method 5. On loan. */
struct forge_message *forge_embed(struct forge_attachment *a);

/*
 * Write `m` into the folder. Returns the NID of the message, whose nodes are
 * in the store from here on: only its row is kept.
 */
uint32_t forge_add(struct forge *f, uint32_t folder, struct forge_message *m);

/* Free all that `m` owns. */
void forge_message_free(struct forge_message *m);

/* FOLDERS */

struct forge_folder {
	const char *name;	   /* UTF-8; NULL: without a name */
	const char *container;	   /* 0x3613, e.g. "IPF.Contact"; NULL: none */
	uint32_t nid;		   /* 0: the next */
	bool search;		   /* a search folder: type 3, table 0x10 */
	bool unlisted;		   /* not in its parent's hierarchy table */
	bool no_tables;		   /* nor any of its own */
	struct forge_props *props; /* more, or other values; NULL: none */
};

/*
 * A folder below `parent`. Returns its NID. Its tables are written at the
 * end, with the counts unless `props` has them.
 */
uint32_t forge_folder(struct forge *f, uint32_t parent,
		      const struct forge_folder *how);

/* A plain folder called `name`. */
uint32_t forge_folder_named(struct forge *f, uint32_t parent, const char *name);

uint32_t forge_ipm(const struct forge *f);     /* the IPM subtree */
uint32_t forge_deleted(const struct forge *f); /* "Deleted Items" in it */
uint32_t forge_finder(const struct forge *f);  /* where search folders go */

/* A row for message `nid`, which lies elsewhere: what a search found. */
void forge_result(struct forge *f, uint32_t search_folder, uint32_t nid,
		  const struct forge_props *props);

/* Properties of the store object 0x21 beyond the usual ones. */
struct forge_props *forge_store_props(struct forge *f);

/* NODES: below messages, for tests of the node database alone. */

struct forge_sub {
	uint64_t nid; /* in Unicode stores the upper half may be rubbish */
	uint64_t data;
	uint64_t subnodes;
};

/* One data block; its BID. */
uint64_t forge_block(struct forge *f, const void *bytes, size_t len);

/* One internal block as it is, e.g. an XBLOCK that lies; its BID. */
uint64_t forge_internal(struct forge *f, const void *bytes, size_t len);

/* A data tree; the BID of its top, 0 when `size` is 0. */
uint64_t forge_tree(struct forge *f, uint64_t size, forge_reader *read,
		    void *arg);
uint64_t forge_tree_of(struct forge *f, const void *bytes, size_t len);

/* The subnode tree of `count` entries, sorted by NID; its BID. */
uint64_t forge_subnodes(struct forge *f, const struct forge_sub *subs,
			size_t count);

/* A node in the node B-tree. */
void forge_node(struct forge *f, uint32_t nid, uint64_t data, uint64_t subnodes,
		uint32_t parent);

/* The BID that the next data block will get. */
uint64_t forge_next_bid(const struct forge *f);

/*
 * BAD STORES: find a thing in a finished store, change it, and seal it
 * again, so that only the intended lie remains. All work on any format, by
 * the store's header; false, or nothing done, when it is not there.
 */

enum forge_btree { FORGE_BBT, FORGE_NBT };

struct forge_place {
	uint64_t off; /* of its first byte in the file */
	size_t size;  /* bytes of data or entries, as stored */
	size_t whole; /* bytes in the file, trailer and padding too */
};

/* A leaf entry of a B-tree: the page, and in `at` the entry itself. */
struct forge_entry {
	struct forge_place page;
	uint64_t at;
	size_t width; /* bytes */
	uint64_t bid; /* NBT: of the node's data. BBT: of the block */
	uint64_t sub; /* NBT: of the node's subnodes. BBT: its offset */
};

bool forge_find_block(const struct buf *store, uint64_t bid,
		      struct forge_place *out);
bool forge_find_entry(const struct buf *store, enum forge_btree tree,
		      uint64_t key, struct forge_entry *out);

/* Page `index`, counted from the left, of `level` (0: the leaves). */
bool forge_find_page(const struct buf *store, enum forge_btree tree,
		     unsigned level, size_t index, struct forge_place *out);

/* Levels of a tree: 1 when its root is a leaf. */
unsigned forge_levels(const struct buf *store, enum forge_btree tree);

/*
 * A copy of a page at the end of the file, sealed, as another version of it
 * would be there: nothing leads to it.
 */
bool forge_copy_page(struct buf *store, const struct forge_place *page,
		     uint64_t bid, struct forge_place *out);

/*
 * Let node `nid` be no more, or with `by` have the data and subnodes of that
 * one. An old leaf tells of what it was, and its blocks are still there.
 */
bool forge_forget(struct buf *store, uint32_t nid);
/*
 * The same as Outlook does it: the blocks of the data and the list of subnodes
 * are in no tree either, and free to be used, as is the old leaf `old`. Of a
 * Unicode store that has one AMap.
 */
bool forge_delete(struct buf *store, uint32_t nid, struct forge_place *old);
bool forge_replace(struct buf *store, uint32_t nid, uint32_t by);

/*
 * Let the XXBLOCK of a value of `size` bytes name itself as the first of its
 * blocks. Of a Unicode store.
 */
bool forge_endless(struct buf *store, uint32_t size);

/* A field of a page of a B-tree, to be changed with forge_put(). */
struct forge_fields {
	uint64_t count, max, width, level; /* where each is in the file */
	size_t count_width;		   /* bytes of the first two */
	uint64_t type, again, signature, crc, bid;
};

struct forge_fields forge_page_fields(const struct buf *store,
				      const struct forge_place *page);

/* The trailer of a block: where each field is in the file. */
struct forge_block_fields {
	uint64_t size, signature, crc, bid;
};

struct forge_block_fields forge_block_fields(const struct buf *store,
					     const struct forge_place *block);

uint64_t forge_get(const struct buf *store, uint64_t off, size_t width);
void forge_put(struct buf *store, uint64_t off, size_t width, uint64_t value);

/* Make CRC and signature right for the BID and place that are there. */
void forge_seal_page(struct buf *store, const struct forge_place *page);
void forge_seal_block(struct buf *store, const struct forge_place *block);
void forge_seal_header(struct buf *store);

/* Where header fields are: byte offsets by the store's format. */
struct forge_header {
	uint64_t version, client, encoding;
	uint64_t eof, amap_valid;
	uint64_t nbt, bbt; /* of a BREF: BID, then byte offset */
	size_t width;	   /* bytes of a BID and of an offset */
};

struct forge_header forge_header(const struct buf *store);

/* [MS-PST] 5.3 and 5.5; a CRC that goes on from `crc`, at first 0. */
uint32_t forge_crc(const void *bytes, size_t len);
uint32_t forge_crc_more(uint32_t crc, const void *bytes, size_t len);
uint16_t forge_signature(uint64_t off, uint64_t bid);

#endif
