/*
 * writer.h - private: what a layout does
 *
 * The store is gone through once by one thread, which hands out folders and
 * items in an order that is always the same. Items are worked on by many
 * threads, and taken again in that order.
 */
#ifndef OST_OUT_WRITER_H
#define OST_OUT_WRITER_H

#include <pthread.h>
#include <stdatomic.h>

#include "audit/entry.h"
#include "audit/ledger.h"
#include "audit/order.h"
#include "audit/sha.h"
#include "bytes/seen.h"
#include "bytes/text.h"
#include "out/dest.h"
#include "out/journal.h"
#include "out/out.h"
#include "store/identity.h"

/* A folder of the tree; shared and counted. */
struct out_folder {
	atomic_uint owners;
	uint64_t ino;
	uint32_t nid;
	char *path; /* owned; in the tree, "" is its root */
	bool wanted;
	struct tree_node node;
	void *state; /* the layout's, freed by free(3) */
	void *table; /* the layout's, on loan from its state */

	pthread_mutex_t lock;
	char *dest; /* owned; of the directory for its files; NULL: none */
	int fd;	    /* which is open; -1: not yet */
};

enum out_kind { OUT_FOLDER, OUT_ITEM, OUT_LEAVE, OUT_ERROR };

/* One thing to do. */
struct out_job {
	enum out_kind kind;
	struct out_folder *folder; /* owned; it is, or is in */
	uint64_t ino;
	uint32_t nid;
	uint64_t beside;   /* the directory of its attachments; 0: none */
	char *beside_path; /* owned */
	char *path;	   /* owned; in the tree */
	struct tree_node node;
	struct buf old; /* lines of it from the run before */

	/* Of the work. */
	struct manifest_entry entry; /* of the item, as it is written */
	struct buf lines; /* for the manifest, all that was written */
	struct manifest_totals n;
	uint64_t damaged, left_out, kept;
	bool late;	  /* too large: it is read when it is taken */
	struct buf bytes; /* of the item, for who appends them */
	struct buf json, csv;
	void *more; /* the layout's, freed by its job_drop() */
	enum ost_status st;
	struct ost_error err;
};

struct out {
	struct tree *t;
	const struct out_options *o;
	const struct out_format *format;
	const struct store_identity *identity; /* on loan; NULL: not known */
	struct out_result *n;
	struct journal *journal; /* NULL: there is none */
	struct order *order;
	void *state;		   /* the layout's */
	struct index_files *index; /* NULL: none */
	struct sha_work *hash;	   /* of the store; NULL: it is made last */
	atomic_size_t held;	   /* bytes of jobs that wait to be taken */

	/* Of the thread that goes through the store. */
	struct out_folder *folder;
	struct out_job *pending; /* an item whose attachments may follow */
	bool surveying;
	/* See room.c: items there are, and gone through; bytes for them as
	   their lists have it, UINT64_MAX if one says nothing; and as all are
	   planned, if they are. */
	uint64_t items, gone, guess, need, files;
	uint32_t block;	       /* of the destination, in bytes */
	struct seen_set names; /* see names.c */
	struct out_dir {
		char *path;
		uint64_t ino;
	} * dirs; /* whose times are set at the end; owned */
	size_t dir_count;
	enum ost_status st;
	struct ost_error err;
};

struct out_format {
	const char *name;
	bool stream;	    /* one file, or a pipe */
	bool as_tree;	    /* paths are those of the tree, with attachments */
	bool in_mail;	    /* attachments only in the mail */
	bool all_mail;	    /* each item is a mail */
	bool in_blocks;	    /* a file an item, which takes whole blocks */
	const char *layout; /* of the tree; NULL: its usual one */

	/* Begin and end the layout; either may be NULL. */
	enum ost_status (*begin)(struct out *x, struct ost_error *err);
	enum ost_status (*end)(struct out *x, struct ost_error *err);
	/* A folder is entered; as the tree is gone through. */
	enum ost_status (*folder)(struct out *x, struct out_folder *f,
				  struct ost_error *err);
	/* Work on an item: by any thread. */
	enum ost_status (*work)(struct out *x, struct out_job *j,
				struct ost_error *err);
	/* Take a folder, an item, or the end of a folder: in order. */
	enum ost_status (*take)(struct out *x, struct out_job *j,
				struct ost_error *err);
	/* May what an earlier run wrote of the item stay? NULL: it may. */
	bool (*keeps)(const struct out_job *j);
	void (*job_drop)(struct out *x, struct out_job *j);
	void (*drop)(struct out *x); /* its state, whatever became of it */
	/* Of a stream: what comes before its manifest of `size` bytes, which
	   is the last in it, and after that. */
	enum ost_status (*manifest)(struct out *x, uint64_t size,
				    struct ost_error *err);
	enum ost_status (*close)(struct out *x, uint64_t size,
				 struct ost_error *err);
};

extern const struct out_format out_tree, out_text, out_maildir, out_mbox,
	out_thunderbird, out_index, out_tar, out_vdir, out_bundle;

/* --- files.c: items as files -------------------------------------------- */

/* What becomes of bytes on their way; `last`: there are no more. */
typedef enum ost_status out_pass(void *arg, struct span in, bool last,
				 struct buf *out, struct ost_error *err);

/* Where they go. */
typedef enum ost_status out_sink(void *to, struct span bytes,
				 struct ost_error *err);

/*
 * Read the file `ino` through `pass` (NULL: as it is) into `sink`; its notes,
 * and hash and size of what was written, are in `e` then. Damage is OST_OK with
 * an error in `e`, and what was written till then is to be thrown away.
 */
enum ost_status out_copy(struct out *x, uint64_t ino, struct manifest_entry *e,
			 out_pass *pass, void *pass_arg, out_sink *sink,
			 void *to, struct ost_error *err);

/* The same into a file of the open directory `dir`, that has no name yet:
   without an error in `e`, dest_name() gives it one. */
enum ost_status out_part(struct out *x, struct dest_file *f, int dir,
			 uint64_t ino, struct manifest_entry *e, out_pass *pass,
			 void *pass_arg, struct ost_error *err);

/* And into the file `name`. */
enum ost_status out_file(struct out *x, int dir, const char *name, uint64_t ino,
			 struct manifest_entry *e, out_pass *pass,
			 void *pass_arg, struct ost_error *err);

/* Append the entry's line to the job's, and count it. */
enum ost_status out_put(struct out_job *j, const struct manifest_entry *e,
			struct ost_error *err);

/* Append a line for a file of `size` bytes that is of no item. */
enum ost_status out_put_file(struct out_job *j, const char *path,
			     struct span bytes, int64_t mtime,
			     struct ost_error *err);

/* The open directory for files of `f`, made when first asked for. */
enum ost_status out_folder_fd(struct out *x, struct out_folder *f, int *fd,
			      struct ost_error *err);

/* The job is left out. */
enum ost_status out_leave(struct out_job *j);

/* Begin the entry of the job's item: its path in DEST, owned then. */
enum ost_status out_entry(struct out_job *j, char *path, struct ost_error *err);

/* --- append.c: many items in a file ------------------------------------- */

struct appended {
	struct appended *next;
	char *path; /* owned; in DEST */
	char *part; /* owned; its name until it is whole */
	int dir, fd;
	uint64_t end;
	int64_t mtime; /* of its newest item */
};

/*
 * Read the job's item through `pass` into its memory, or leave it for
 * append_put(), when it is large.
 */
enum ost_status append_work(struct out *x, struct out_job *j, out_pass *pass,
			    void *pass_arg, struct ost_error *err);

/* Append it to `a`, and its line to the job's. */
enum ost_status append_put(struct out *x, struct out_job *j, struct appended *a,
			   out_pass *pass, void *pass_arg,
			   struct ost_error *err);

/* The job's item is in it already, from the run before. */
enum ost_status append_keep(struct out *x, struct out_job *j,
			    struct appended *a, struct ost_error *err);

/* The file `path`, begun or gone on with; `*list` owns it. */
enum ost_status append_open(struct out *x, struct appended **list,
			    struct appended **out, const char *path,
			    struct ost_error *err);
enum ost_status append_bytes(struct appended *a, struct span bytes,
			     struct ost_error *err);
/* Give all in `*list` their names, with lines in the job's; it is empty then.
 */
enum ost_status append_close(struct appended **list, struct out_job *j,
			     struct ost_error *err);
void append_drop(struct appended **list);

/* --- mbox.c -------------------------------------------------------------- */

/* Take a mail that out_mbox worked on: into its file, which `*open` has. */
enum ost_status mbox_item(struct out *x, struct out_job *j,
			  struct appended **open, struct ost_error *err);

/* --- vdir.c -------------------------------------------------------------- */

/* A calendar on its way, for schedule_pass(). */
struct scheduling {
	bool in_name; /* of a line; true at the start */
	size_t len;
	char name[12];
};

/* An out_pass: no server that takes it mails the people in it. */
enum ost_status schedule_pass(void *arg, struct span in, bool last,
			      struct buf *out, struct ost_error *err);

/* ".ics" or ".vcf", if a file has that suffix; else NULL. */
const char *vdir_suffix(const char *path);

/* --- stream.c ------------------------------------------------------------ */

/* Keep lines for the manifest, which comes last. */
enum ost_status stream_keep(struct out *x, const struct buf *lines,
			    struct ost_error *err);
enum ost_status stream_finish(struct out *x, const struct buf *head,
			      struct ost_error *err);

/* --- names.c ------------------------------------------------------------- */

/* Append `nid` to the name in `name` if it was given already. */
enum ost_status names_unique(struct out *x, struct buf *name, uint32_t nid,
			     struct ost_error *err);

/* --- room.c --------------------------------------------------------------- */

/* Count the items, and guess how many bytes they take. */
enum ost_status room_guess(struct out *x, struct ost_error *err);
/* OUT_DESTINATION: there is not so much room as they take. */
enum ost_status room_check(struct out *x, struct ost_error *err);
/* Of the work of a survey: what an item takes. */
enum ost_status room_measure(struct out *x, struct out_job *j,
			     struct ost_error *err);
/* In how many bytes the destination gives room to a file. */
uint32_t room_block(const struct out *x);

/* export.c: plan every item, and write nothing. */
enum ost_status out_survey(struct out *x, struct ost_error *err);

/* --- filter.c ------------------------------------------------------------ */

/* Of an item that is in a wanted folder. */
enum ost_status filter_item(struct out *x, const struct out_job *j,
			    bool *wanted, struct ost_error *err);
/* Append what was asked for, as the manifest has it. */
void filter_put(const struct out_filter *f, struct buf *out);

/* --- index.c ------------------------------------------------------------- */

enum ost_status index_open(struct out *x, struct ost_error *err);
enum ost_status index_work(struct out *x, struct out_job *j,
			   struct ost_error *err);
enum ost_status index_take(struct out *x, struct out_job *j,
			   struct ost_error *err);
enum ost_status index_close(struct out *x, struct out_job *j,
			    struct ost_error *err);
void index_drop(struct out *x);

#endif
