/*
 * info.h - what a store holds, counted
 */
#ifndef OST_INFO_H
#define OST_INFO_H

#include "store/identity.h"

struct info_folder {
	uint32_t nid;
	unsigned depth; /* 0: the root folder */
	char *name;	/* UTF-8, owned */
	bool search;	/* a search folder: what it lists lies elsewhere */

	/* What its tables hold. */
	uint64_t messages;
	uint64_t hidden;  /* associated: views, rules, settings */
	uint64_t damaged; /* rows and subfolders that could not be read */

	/* What the folder itself says (0x3602, 0x3603, 0x3617). */
	uint64_t says_messages;
	uint64_t unread;
	uint64_t says_hidden;
};

/* Things of a name, counted; "" stands for all that came after the cap. */
struct info_tally {
	struct info_named {
		char *name; /* owned */
		uint64_t count;
	} * at; /* owned; the most frequent first */
	size_t count;
	size_t max;
};

struct info {
	char *name;  /* display name of the store, owned, "" when it has none */
	char *owner; /* what the store itself says of it, owned, mostly "" */

	struct info_folder *folders; /* owned; a tree, parents first */
	size_t folder_count;
	struct info_tally classes;	       /* of messages */
	const struct store_identity *identity; /* on loan from the store */

	/* Sums over the folders that are no search folders. */
	uint64_t messages, unread, hidden, damaged;
	uint64_t losses; /* what ostcheck says; the caller fills it in */

	/* Message nodes in the node B-tree, of whatever folder or none. */
	bool has_nodes; /* the reader can tell */
	uint64_t nodes;

	bool dated; /* some message that is no appointment has a time */
	int64_t first, last;
};

/*
 * Count what `store` (on loan) holds, by rows: no message is opened unless
 * its row says too little. Damage is counted, not returned. `*out` is owned,
 * also on failure: info_free().
 */
enum ost_status info_read(struct store *store, struct info *out,
			  struct ost_error *err);

/* How many rows differ from what the folders say of themselves. */
uint64_t info_differing(const struct info *i);

/* Does the name of the file have another address than the mail in it? */
bool info_disputed(const struct store_person *owner, const char *path);

/* A time as RFC 3339 has it, "" when it is beyond the calendar. */
struct info_when {
	char text[40];
};
struct info_when info_when(int64_t sec);

/* Of two exit codes that of the store that is worse off. */
int info_worse(int a, int b);

void info_free(struct info *i);

#endif
