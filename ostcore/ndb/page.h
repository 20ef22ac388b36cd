/*
 * page.h - private: a page of a B-tree                  [MS-PST] 2.2.2.7
 */
#ifndef OST_NDB_PAGE_H
#define OST_NDB_PAGE_H

#include "ndb/layout.h"

/* What a page says of itself at its end [MS-PST] 2.2.2.7.1 */
struct page_trailer {
	uint8_t type, again; /* enum ndb_page_type, twice */
	uint16_t sig;
	uint32_t crc;
	ndb_bid bid;
};

/* A page's entries, on loan from its bytes. */
struct page {
	struct span entries;
	enum ndb_page_type type;
	size_t count;
	size_t width; /* bytes in an entry */
	uint8_t level;
	bool sifted; /* lacks entries that were out of order */
};

enum { LEVEL_ANY = UINT8_MAX };

/* A run of keys, both included. */
struct key_range {
	uint64_t low, high;
};

/* A page as its parent has it. */
struct page_want {
	struct ndb_ref ref;
	unsigned level;		/* or LEVEL_ANY */
	struct key_range range; /* of all keys in it */
};

/* The root of a tree, and what entry `index` of a branch leads to. page.c */
struct page_want page_root(const struct ndb *db, enum ndb_page_type type);
struct page_want page_child(const struct ndb_layout *layout,
			    const struct page *p, size_t index,
			    struct key_range range);

/*
 * The page that is wanted, from the cache or the file. `*block`, in which its
 * entries are, is owned. Entries whose keys do not rise, or leave the range,
 * are noted as damage and left out. OST_CORRUPT: all of them leave it. btree.c
 */
enum ost_status page_get(struct ndb *db, enum ndb_page_type type,
			 const struct page_want *want, struct ndb_block **block,
			 struct page *out, struct ost_error *err);

/*
 * Given each page of a tree, those above before those below; NULL: it cannot
 * be read, and neither can what is below it. Not OST_OK: to stop. btree.c
 */
typedef enum ost_status page_visit(void *arg, const struct page_want *want,
				   const struct page *page,
				   struct ost_error *err);

enum ost_status page_walk(struct ndb *db, enum ndb_page_type type,
			  page_visit *visit, void *arg, struct ost_error *err);

/* Do all keys rise? False: `*key` is one that does not. */
bool page_rises(const struct ndb_layout *layout, const struct page *p,
		uint64_t *key);

/*
 * Leave out entries outside `range` of a page whose keys rise. False: there
 * were some, one of them with `*key`.
 */
bool page_trim(const struct ndb_layout *layout, struct page *p,
	       struct key_range range, uint64_t *key);

/*
 * Leave in the page of `bytes`, which is `p`, only the entries that are in
 * each of the longest rising runs of its keys.
 */
void page_filter(const struct ndb_layout *layout, uint8_t *bytes,
		 const struct page *p);

/* False: too few bytes. */
bool page_trailer(const struct ndb_layout *layout, struct span bytes,
		  struct page_trailer *out);

/* Is the page that lies at `ib` whole? OST_CORRUPT: its sums say no. */
enum ost_status page_check(const struct ndb_layout *layout, struct span bytes,
			   uint64_t ib, struct ost_error *err);

/* The entries of a page that is whole; OST_CORRUPT when they cannot be. */
enum ost_status page_decode(const struct ndb_layout *layout, struct span bytes,
			    enum ndb_page_type type, struct page *out,
			    struct ost_error *err);

/* Entry `index`, which must be there. */
struct cursor page_entry(const struct page *p, size_t index);

/*
 * The key of an entry: of nodes the low half, as the upper can hold rubbish,
 * of blocks without bit 0.
 */
uint64_t page_key(const struct ndb_layout *layout, const struct page *p,
		  size_t index);

/* What entry `index` of a branch leads to. */
struct ndb_ref page_ref(const struct ndb_layout *layout, const struct page *p,
			size_t index);

/* An entry of a leaf, by the tree it is of. */
struct ndb_node page_node(const struct ndb_layout *layout, struct cursor entry);
struct ndb_place page_place(const struct ndb_layout *layout,
			    struct cursor entry);

#endif
