/*
 * block.h - private: data of any length, in blocks      [MS-PST] 2.2.2.8
 *
 * Every block but the last is full. Up to 1021 blocks are listed in an
 * XBLOCK, more in an XXBLOCK. Memory: 2 MiB for 2 GiB of data.
 */
#ifndef OST_PST_BLOCK_H
#define OST_PST_BLOCK_H

#include "bytes/buf.h"
#include "pst/out.h"

/* The most bytes of one value: lcbTotal has 32 bits. */
#define PST_DATA_MAX UINT32_MAX

/*
 * Exactly `len` bytes of a value from byte `off`. Asked for from front to
 * back, each byte once, at most PST_READ_MAX at a time. A failure ends the
 * value; what is to be replaced by zeros, the callee replaces.
 */
typedef enum ost_status pst_read(void *from, uint64_t off, void *buf,
				 size_t len, struct ost_error *err);
enum { PST_READ_MAX = 8 * PST_BLOCK_MAX };

/*
 * Write a value of `size` bytes. On a failure of `read` what was written of
 * it is taken back. 0 bytes: `*part` is { 0 }.
 */
enum ost_status pst_data_from(struct pst_out *o, uint64_t size, pst_read *read,
			      void *from, struct pst_part *part,
			      struct ost_error *err);

/* The same of bytes in memory. */
enum ost_status pst_data_of(struct pst_out *o, struct span bytes,
			    struct pst_part *part, struct ost_error *err);

/*
 * Data that is made piece by piece. Zeroed but for `out` it is empty.
 * pst_data_keep() holds a place, in order, for a full block that
 * pst_data_put() writes later: heaps know their fill levels late. It ends
 * the block before it, which must be full.
 */
struct pst_data {
	struct pst_out *out;
	struct buf blocks; /* owned: uint64_t, a BID each */
	struct buf rest;   /* owned: bytes that fill no block yet */
	uint64_t size;	   /* bytes of the blocks */
};
enum ost_status pst_data_add(struct pst_data *d, struct span bytes,
			     struct ost_error *err);
/* Add `size` bytes that `read` gives, as above; nothing is taken back. */
enum ost_status pst_data_copy(struct pst_data *d, uint64_t size, pst_read *read,
			      void *from, struct ost_error *err);
enum ost_status pst_data_keep(struct pst_data *d, size_t *place,
			      struct ost_error *err);
enum ost_status pst_data_put(struct pst_data *d, size_t place,
			     struct span bytes, struct ost_error *err);
enum ost_status pst_data_end(struct pst_data *d, struct pst_part *part,
			     struct ost_error *err);
void pst_data_free(struct pst_data *d); /* zeroed is fine */

#endif
