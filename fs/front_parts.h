/*
 * front_parts.h - private: what the front is made of
 *
 * top.c answers what is asked of the top directory; front.c looks which stores
 * there are, opens and closes them, and hands on what is asked of them. One
 * thread does it all.
 */
#ifndef OST_FS_FRONT_PARTS_H
#define OST_FS_FRONT_PARTS_H

#include <linux/fuse.h>

#include "fs/front.h"
#include "fs/known.h"
#include "fs/porter.h"

enum {
	WAITING_MAX = 1024,
	MESSAGE_MAX = (1 << 20) + 4096, /* what the kernel may send */
};

/* A question on the top that waits until it is known what is there. */
struct waiting {
	fuse_req_t req;
	uint64_t until;	 /* ms */
	char *name;	 /* owned; looked up; NULL: what follows is asked */
	bool attributes; /* of the top; false: its entries */
	size_t size;
	off_t off;
	bool plus;
};

struct front {
	const struct options *asked;
	struct options each; /* how one store is shown */
	struct porter_place place;
	struct fleet named;
	struct known known;
	int porter;
	struct fuse_session *session;
	struct known_store *opened[OPTIONS_STORES_MAX]; /* or being so */
	size_t open;
	bool wanted; /* some are to be opened */
	bool no_open;

	bool looking;
	uint64_t look_began, look_ended; /* ms */
	struct waiting waiting[WAITING_MAX];
	size_t waiting_count;

	struct buf json; /* fleet.json as it was last told */
	uint64_t json_edition, json_made;
	struct timespec json_changed;

	/* FUSE_INIT as it came, for the workers. */
	_Alignas(8) uint8_t init[256];
	size_t init_len;
	_Alignas(8) uint8_t message[MESSAGE_MAX + 1];
};

/* The store that `ino` is of; NULL: of none that is there. */
struct known_store *front_store_of(const struct front *f, fuse_ino_t ino);

/* Answer the questions that have waited long enough, or all. */
void front_answer_waiting(struct front *f, bool all);

uint64_t front_now_ms(void); /* of the monotonic clock */

/* Look again, unless that was done just now. Is it being done? */
bool front_look_again(struct front *f);

#endif
