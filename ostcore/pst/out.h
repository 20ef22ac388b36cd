/*
 * out.h - private: a PST that is being written          [MS-PST] 2.2, 2.6
 *
 * One pass, append only, the header last. Blocks go out in the order in which
 * they are made; the two B-trees, the maps and the header follow in
 * pst_out_finish(). The file has no name until pst_out_publish().
 *
 * One thread calls. Everything that is given is copied or written before the
 * call returns. The first failure of the destination stays: all that is asked
 * afterwards fails likewise, and pst_out_failed() tells it from damage of the
 * store that is read.
 *
 *	pst_out_new, pst_skeleton_begin,
 *	...data, properties, tables, nodes...,
 *	pst_names_end, pst_skeleton_end, pst_out_finish,
 *	...read back by pst_out_fd..., pst_out_publish, pst_out_free
 */
#ifndef OST_PST_OUT_H
#define OST_PST_OUT_H

#include "bytes/bytes.h"
#include "bytes/error.h"

enum {
	PST_BLOCK_MAX = 8176,	  /* bytes of data in a block */
	PST_IN_HEAP_MAX = 1024,	  /* bytes of a value that is no subnode */
	PST_REGION_SIZE = 253952, /* bytes that one AMap page is of */
	PST_FIRST_REGION = 0x4400,
};

/* Types of NIDs [MS-PST] 2.2.2.1 */
enum pst_nid_type {
	PST_NID_INTERNAL = 0x01,
	PST_NID_FOLDER = 0x02,
	PST_NID_SEARCH_FOLDER = 0x03,
	PST_NID_MESSAGE = 0x04, /* and embedded ones */
	PST_NID_ATTACHMENT = 0x05,
	PST_NID_ASSOCIATED = 0x08, /* FAI messages */
	PST_NID_OLE = 0x09,	   /* data of an OLE attachment */
	PST_NID_HIERARCHY = 0x0D,
	PST_NID_CONTENTS = 0x0E,
	PST_NID_ASSOC_CONTENTS = 0x0F,
	PST_NID_VALUE = 0x1F, /* a large value, a row matrix */
	PST_NID_TYPES = 32,
};

/* Subnodes of a message that always have the same NID. */
enum { PST_NID_ATTACHMENTS = 0x671, PST_NID_RECIPIENTS = 0x692 };

/*
 * What a node or a subnode is made of. Whoever is given one refers to it
 * once: each part ends up in exactly one node or subnode.
 */
struct pst_part {
	uint64_t data; /* BID of its data; 0: none */
	uint64_t sub;  /* BID of its subnodes; 0: none */
	uint64_t size; /* bytes of all blocks of data of it and, at any depth,
			  of its subnodes: PidTagMessageSize */
};

struct pst_out;

/*
 * Begin the PST that is to be `path`. Fails unless the directory can be
 * written to. NULL: nothing is written, but everything is counted, and all
 * sizes and ids come out the same.
 */
enum ost_status pst_out_new(struct pst_out **out, const char *path,
			    struct ost_error *err);

/* Did the destination fail, rather than what is read? */
bool pst_out_failed(const struct pst_out *o);

/* Write the B-trees, the maps and the header. Nothing may follow. */
enum ost_status pst_out_finish(struct pst_out *o, struct ost_error *err);

/* The finished file, to be read; on loan. -1: nothing is written. */
int pst_out_fd(const struct pst_out *o);

/*
 * Give the finished file its name: synced, then linked. With `replace`, in
 * place of a file that has it; without, such a file is a failure.
 */
enum ost_status pst_out_publish(struct pst_out *o, bool replace,
				struct ost_error *err);

/* NULL is fine. What was not published is gone. */
void pst_out_free(struct pst_out *o);

/* Bytes of the file if it were finished now; exact once it is. */
uint64_t pst_out_size(const struct pst_out *o);

/*
 * IDS. The next NID of `type`, from the counters of the whole file, upwards
 * from the least that Outlook gives; for subnodes too. A folder has one index
 * for all its nodes: ask for PST_NID_FOLDER, then pst_nid_as(). 0: there are
 * no more; only PST_NID_VALUE starts again.
 */
uint32_t pst_nid(struct pst_out *o, enum pst_nid_type type);

/* `nid` with the same index and another type. */
static inline uint32_t pst_nid_as(uint32_t nid, enum pst_nid_type type)
{
	return (nid & ~UINT32_C(0x1F)) | (uint32_t)type;
}

/* Unique in the file: PidTagLtpRowVer, and the ids of recipient rows. */
uint32_t pst_unique(struct pst_out *o);

/*
 * NODES. Name `part` in the node B-tree. `parent` is 0 but for folders and
 * messages. Messages in ascending order, each NID once.
 */
enum ost_status pst_node(struct pst_out *o, uint32_t nid, uint32_t parent,
			 const struct pst_part *part, struct ost_error *err);

/* A table without rows, which all folders share that have none. */
struct pst_empty {
	struct pst_part part; /* `data` 0: none was written so far */
	uint32_t users;
};
enum { PST_EMPTY_KINDS = 4 };

/* For table.c: kind `kind` of those, to be changed. */
struct pst_empty *pst_out_empty(struct pst_out *o, unsigned kind);

/*
 * TAKING BACK. pst_undo() makes the file what it was at the mark, bytes and
 * ids and nodes: for what cannot be completed, and for the item that makes a
 * part too large. Tables and properties must be as they were then, too, or
 * freed.
 */
struct pst_mark {
	uint64_t end;	     /* bytes of the file that are in use */
	uint64_t used;	     /* slots of 64 bytes */
	uint64_t next_block; /* BID */
	uint64_t blocks;
	uint64_t nodes[3]; /* messages, FAI, others in bytes */
	uint64_t shared;   /* bytes */
	uint32_t last[2];
	uint32_t unique;
	uint32_t highest[PST_NID_TYPES], given[PST_NID_TYPES];
	struct pst_empty empty[PST_EMPTY_KINDS];
};
void pst_mark(const struct pst_out *o, struct pst_mark *mark);
enum ost_status pst_undo(struct pst_out *o, const struct pst_mark *mark,
			 struct ost_error *err);

/*
 * BLOCKS, for block.c, subs.c and the like. Write one block of 1 to
 * PST_BLOCK_MAX bytes. `internal`: it holds BIDs, and is not encoded.
 */
enum ost_status pst_block(struct pst_out *o, struct span bytes, bool internal,
			  uint64_t *bid, struct ost_error *err);

/* One more refers to the block `bid`, which has one so far or more. */
enum ost_status pst_share(struct pst_out *o, uint64_t bid,
			  struct ost_error *err);

/* Leave `count` regions empty: for tests of what lies beyond 2 GiB. */
enum ost_status pst_out_skip(struct pst_out *o, uint64_t count,
			     struct ost_error *err);

#endif
