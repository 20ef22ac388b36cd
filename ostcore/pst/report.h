/*
 * report.h - private: the account of a run, as JSON
 *
 * What was not carried, was altered or added is counted by what became of it;
 * what may matter to somebody is listed, too, with the NIDs it had and has.
 */
#ifndef OST_PST_REPORT_H
#define OST_PST_REPORT_H

#include <stdio.h>

#include "bytes/json.h"
#include "store/store.h"

enum report_what {
	REPORT_NOTHING,
	/* what is lost */
	REPORT_FOLDER_UNREADABLE,
	REPORT_LIST_UNREADABLE,
	REPORT_MESSAGE_MISSING,
	REPORT_MESSAGE_UNREADABLE,
	REPORT_RECIPIENTS_UNREADABLE,
	REPORT_ATTACHMENT_UNREADABLE,
	REPORT_ATTACHMENT_PART,
	REPORT_ATTACHMENT_LARGE,
	REPORT_EMBEDDED_UNREADABLE,
	REPORT_EMBEDDED_DEEP,
	REPORT_VALUE_UNREADABLE,
	REPORT_VALUE_LARGE,
	REPORT_VALUE_TYPE,
	REPORT_NAMES_UNREADABLE,
	REPORT_LIMIT,
	/* what was not asked for, or is there already */
	REPORT_FILTERED,
	REPORT_ASSOCIATED,
	REPORT_SEARCH_FOLDER,
	REPORT_OTHER_FOLDER,
	REPORT_OTHER_ITEM,
	REPORT_TWICE,
	/* properties that are no part of an item */
	REPORT_BOOKKEEPING,
	REPORT_SYNCHRONISATION,
	REPORT_REPLICATION,
	REPORT_COMPUTED,
	REPORT_DANGLING,
	REPORT_EMPTY,
	REPORT_IN_ROW,
	/* what is altered */
	REPORT_TO_UNICODE,
	REPORT_GUESSED,
	REPORT_REPLACED,
	REPORT_NULS,
	REPORT_ODD,
	REPORT_FLAGS,
	REPORT_SIZE,
	REPORT_SIZE_CAPPED,
	REPORT_ATTACH_SIZE,
	REPORT_FOLDER_NAME,
	REPORT_FOLDER_SPLIT,
	/* what is added */
	REPORT_ADDED_PROPERTY,
	REPORT_ADDED_CELL,
	REPORT_ADDED_NAME,
	REPORT_NOTE,
	/* what somebody should know */
	REPORT_HEADER_ONLY,
	REPORT_NOT_STORED,
	REPORT_MANY_ITEMS,
	REPORT_LARGE_ITEM,
	REPORT_LARGE_PART,
	REPORT_HUGE_PART,
	REPORT_DEEP_FOLDER,
	REPORT_WHATS
};

enum report_kind {
	REPORT_LOSS,
	REPORT_NOT_ASKED,
	REPORT_RULE,
	REPORT_ALTERED,
	REPORT_ADDED,
	REPORT_REMARK,
	REPORT_KINDS
};

/* One thing, to be listed. */
struct report_line {
	enum report_what what;
	uint32_t nid;	  /* the NID it has in the store; 0: none */
	uint32_t new_nid; /* and in the PST; 0: it is not there */
	uint32_t folder;  /* the NID of its folder in the store; 0: not known */
	uint32_t place;	  /* of an attachment, from 1; 0: of the item itself */
	uint16_t id;	  /* of a property; 0: none */
	uint64_t count;	  /* of bytes, or what is counted; 0: none */
	bool each;	  /* it stands for `count` things, not for one */
	const char *why;  /* a sentence; NULL: what it is says it all */
	struct span name; /* of a folder, in UTF-8; not of what is held */
};

struct report {
	FILE *to;     /* the JSON; NULL: only the counts are wanted */
	FILE *things; /* the lines, until they are due; NULL with `to` */
	struct buf text;
	struct json json;
	bool failed; /* `to` or `things` could not be written */
	uint64_t totals[REPORT_WHATS];
	uint64_t
		*by_id[REPORT_WHATS]; /* of those that have properties; owned */
	bool holding;
	struct buf held; /* struct report_line, see account_hold() */
	struct buf whys; /* their sentences, each with its NUL */
};

/* What of `what` there is, e.g. "message-unreadable". */
const char *account_word(enum report_what what);
const char *account_sentence(enum report_what what);
enum report_kind account_kind_of(enum report_what what);

/* Count what of property `id` it is about; 0: none. */
void account_count(struct report *r, enum report_what what, uint16_t id);

/* The same, and list it. */
void account_line(struct report *r, const struct report_line *line);

/* Tell what limits of others a file of `size` bytes exceeds. */
void account_part(struct report *r, uint64_t size, const char *path);

/*
 * From here on, what is counted and listed is held until it is kept, or
 * dropped: what it is about may yet be taken back.
 */
void account_hold(struct report *r);
void account_keep(struct report *r);
void account_drop(struct report *r);
/* The place so far, and forget what came after it. */
size_t account_held(const struct report *r);
void account_cut(struct report *r, size_t to);

/* How many things were lost. */
uint64_t account_losses(const struct report *r);

/* The beginning of the JSON, its next member, and the end of all. */
void account_begin(struct report *r);
void account_flush(struct report *r);
void account_end(struct report *r);

/* Put all that was counted and listed. */
void account_totals(struct report *r);

void account_free(struct report *r);

#endif
