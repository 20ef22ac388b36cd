/*
 * frame.h - private: what a source's process and who asks it say to each other
 *
 * A request is one struct. An answer is frames of at most SOURCE_FRAME_MAX
 * bytes, of which END or FAIL is the last. Both are of one machine.
 */
#ifndef OST_IMAP_FRAME_H
#define OST_IMAP_FRAME_H

#include "imap/source.h"

enum frame_op { ASK_FOLDERS, ASK_ITEMS, ASK_FACTS, ASK_PATH, ASK_BYTES };

struct frame_request {
	uint32_t op, zero;
	uint64_t number, place;
};

enum frame_kind {
	FRAME_FOLDER,
	FRAME_FAULT,
	FRAME_ITEMS,
	FRAME_FACTS,
	FRAME_PATH,
	FRAME_BYTES,
	FRAME_END,
	FRAME_FAIL, /* a text */
};

struct frame {
	uint32_t kind, len;
};

/* What a FRAME_FOLDER begins with; its path follows. */
struct frame_folder {
	uint64_t number, mails, others;
	uint32_t role, zero;
};

/* What FRAME_FACTS begins with; its texts follow, each with a NUL. */
struct frame_facts {
	uint64_t size;
	int64_t mtime;
	struct key message;
	uint32_t no_keywords, zero;
};
enum { FACTS_TEXTS = 4 };

/* False: the other end is gone. */
bool frame_send(int to, const void *bytes, size_t len);
bool frame_receive(int from, void *bytes, size_t len);
bool frame_put(int to, enum frame_kind kind, const void *head, size_t head_len,
	       struct span rest);

#endif
