/*
 * writer.h - private: a store on its way into PSTs
 */
#ifndef OST_PST_WRITER_H
#define OST_PST_WRITER_H

#include <nettle/sha2.h>
#include <pthread.h>
#include <stdatomic.h>

#include "bytes/seen.h"
#include "pst/convert.h"
#include "pst/digest.h"
#include "pst/pst.h"
#include "pst/report.h"
#include "pst/skeleton.h"
#include "store/inventory.h"

struct frame;

struct writer {
	struct store *s;
	const struct pst_options *o;
	struct pst_result *n;
	struct report report;
	struct inventory *inventory;	   /* owned; NULL: not to be had */
	uint64_t left;			   /* of the budget of rows */
	struct seen_set messages, folders; /* NIDs of the store */
	struct frame *stack; /* the folder that is gone through, and those
				that it was reached by */
	uint32_t root;
	bool outside;	 /* of what is below `root` */
	bool wanted_any; /* some folder fits */

	/* Of the part that is being written. */
	struct pst_out *out;
	struct pst_names *names;
	uint16_t note_id; /* of the property for notes */
	unsigned part;	  /* from 1 */
	char *path;	  /* owned */
	bool keeps;	  /* there is such a file, and it is not written */
	bool over;	  /* it could not be ended, or the next not begun */
	uint64_t part_messages;
	struct digest digest;
	struct buf parts; /* their JSON */
	uint8_t uid[16], replica[16];
};

/* Does this end all, or only what was being read? */
bool writer_ends(const struct writer *w, enum ost_status st);

/* OST_STOPPED if nobody wants more. */
enum ost_status writer_go_on(const struct writer *w, struct ost_error *err);

/* --- message.c ------------------------------------------------------------ */

/*
 * The values of a message that its row in a table has, too: those of the
 * columns of a template.
 */
enum { KEPT_MAX = 32 };

struct kept_value {
	uint32_t tag; /* of the column */
	bool has, held;
	struct buf bytes;
	uint64_t size;
};

struct kept {
	const uint32_t *columns; /* as pst_template_columns() */
	size_t count;
	struct kept_value values[KEPT_MAX];
	bool tracks; /* PidTagConversationIndexTracking */
};

/* A message: what it was and what it is to be. */
struct message {
	struct store_object *o;
	struct store_object *row; /* of its folder; NULL: there is none */
	uint32_t nid, folder;	  /* that it has in the store; 0: none */
	uint32_t new_nid;
	bool associated;
};

/* One that is written, and has no row yet. */
struct written {
	struct kept kept;
	struct pst_props *props; /* owned */
	uint64_t attachments;
	bool unread;
};

/*
 * Write message `m` with all that is in it, and name its node, in folder
 * `parent`. What it lacks is in the report. A status that does not end all:
 * it cannot be written, and what was written of it is to be taken back.
 */
enum ost_status message_copy(struct writer *w, const struct message *m,
			     uint32_t parent, struct written *out,
			     struct ost_error *err);
void written_free(struct written *m);

/* --- row.c -----------------------------------------------------------------
 */

void kept_start(struct kept *k, bool associated);
void kept_free(struct kept *k);
/* Keep the value if there is a column for it. False: there is none, of its
   type, or it is too large to be held. */
bool kept_put(struct kept *k, uint16_t id, uint16_t type, struct span bytes,
	      uint64_t size, bool held);
const struct kept_value *kept_find(const struct kept *k, uint16_t id);
/* The number that was kept; `fallback`: none was. */
uint64_t kept_number(const struct kept *k, uint16_t id, uint64_t fallback);

/*
 * The conversation that it belongs to, by its index or its topic: 16 bytes.
 * False: it is not known.
 */
bool kept_conversation(const struct kept *k, uint8_t id[16]);

/* Add the row of message `nid`, which `props` are of, to `table`. */
enum ost_status kept_row(const struct kept *k, uint32_t nid,
			 const struct pst_props *props, struct pst_table *table,
			 struct ost_error *err);

/* --- recipients.c -----------------------------------------------------------
 */

/* The table of the recipients of `o`, empty if need be. */
struct recipients_lost {
	bool rows;	 /* some; `err` says why */
	uint64_t values; /* told one by one */
};

enum ost_status recipients_copy(struct writer *w, const struct message *m,
				struct pst_part *part,
				struct recipients_lost *lost,
				struct ost_error *err);

/* --- folder.c ---------------------------------------------------------------
 */

/* Go through the whole store. */
enum ost_status folders_copy(struct writer *w, struct ost_error *err);

/* Write all folders of the part that are still open, the top last. */
enum ost_status folders_end(struct writer *w, struct pst_folder *top,
			    struct ost_error *err);

/* --- part.c ------------------------------------------------------------------
 */

enum ost_status part_begin(struct writer *w, struct ost_error *err);
/* End the part with folder `top` and give it its name. */
enum ost_status part_end(struct writer *w, struct ost_error *err);
void part_drop(struct writer *w);
/* Is it time for the next? */
bool part_is_full(const struct writer *w);

/* Name property `id`, which is from 0x8000 up, if it has no name yet. */
enum ost_status part_name(struct writer *w, uint16_t id, struct ost_error *err);

/* --- readback.c
 * --------------------------------------------------------------- */

/*
 * Read the PST `fd` with our own reader: every value of every object. OST_OK:
 * nothing of it is damaged, and it holds what `want` is the sum of.
 */
enum ost_status readback(int fd, const struct digest *want,
			 const struct pst_options *o, struct ost_error *err);

/*
 * SHA-256 of a file, taken by a thread while the file is read back. What was
 * begun is ended: in `hex`, in lower-case digits, if it is still wanted.
 */
struct readback_hash {
	int fd; /* on loan */
	atomic_bool stop;
	bool has_thread;
	pthread_t thread;
	struct sha256_ctx sha;
	int error; /* 0: none; else of errno */
};
void readback_hash_begin(struct readback_hash *h, int fd);
enum ost_status readback_hash_end(struct readback_hash *h, bool wanted,
				  char hex[65], struct ost_error *err);

#endif
