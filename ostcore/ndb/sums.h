/*
 * sums.h - checksums, and what blocks are encoded with  [MS-PST] 5
 */
#ifndef OST_NDB_SUMS_H
#define OST_NDB_SUMS_H

#include "ndb/ndb.h"

/* CRC of [MS-PST] 5.3: start 0, no final inversion. crypt.c */
uint32_t ndb_crc(struct span bytes);

/* wSig of [MS-PST] 5.5. */
uint16_t ndb_signature(uint64_t ib, ndb_bid bid);

/* Encode `from` to `to`, which has as much room, by method 1 of 5.1. */
void ndb_permute(uint8_t *to, struct span from);

#endif
