/*
 * source.h - what is put on a server: the folders and mails of a store, or of
 * a directory that is a mount or a copy
 *
 * A store is hostile. A child process, confined to the one file or directory,
 * reads it; what is here asks that for plain facts and bytes, and believes it
 * no length. Each reader is for one thread; all of them ask the one child.
 */
#ifndef OST_IMAP_SOURCE_H
#define OST_IMAP_SOURCE_H

#include <sys/types.h>

#include "bytes/buf.h"
#include "imap/keys.h"

enum {
	SOURCE_READERS_MAX = 16,
	SOURCE_FRAME_MAX = 64 << 10, /* bytes of an answer, or a part of one */
};

/* The process that reads is no more, or makes no sense. */
#define SOURCE_GONE OST_NOT_FOUND

/* What a folder is for, as far as a server has a place for that. */
enum source_role {
	SOURCE_PLAIN,
	SOURCE_SENT,
	SOURCE_DRAFTS,
	SOURCE_TRASH,
	SOURCE_JUNK,
	SOURCE_ARCHIVE,
	SOURCE_INBOX,
	SOURCE_ROLES,
};

struct source_folder {
	uint64_t number;
	char *path; /* owned; names with "/" between */
	enum source_role role;
	uint64_t mails;	 /* of those that are asked for */
	uint64_t others; /* items or files that are no mail */
};

struct source_item {
	uint64_t number, place; /* of the folder that was listed last */
	struct key id;		/* the same as long as it is the same mail */
};

/* What a mail is, to who puts it somewhere. Texts are owned. */
struct source_facts {
	uint64_t size;
	int64_t mtime;
	bool no_keywords;   /* they were too long */
	struct key message; /* of its Message-ID */
	char *id, *flags, *keywords;
	char *doubts; /* lines */
};
void source_facts_free(struct source_facts *f);

/* --- the one who asks ------------------------------------------------------
 */

struct source_reader {
	int fd;	     /* owned; -1: none */
	char *frame; /* owned; of SOURCE_FRAME_MAX bytes */
};

bool source_reader_open(struct source_reader *r, int fd);
void source_reader_close(struct source_reader *r);

struct source_folders {
	struct source_folder *at;
	size_t count;
	struct buf faults; /* lines: what cannot be listed */
	uint64_t fault_count;
};
enum ost_status source_folders(struct source_reader *r,
			       struct source_folders *out,
			       struct ost_error *err);
void source_folders_free(struct source_folders *f);

/* The mails of a folder, in order; `*out` is owned. */
enum ost_status source_items(struct source_reader *r, uint64_t folder,
			     struct source_item **out, size_t *count,
			     struct ost_error *err);

/*
 * The facts of a mail. OST_CORRUPT: it cannot be read, `err` says why.
 * SOURCE_GONE: nothing can be read any more.
 */
enum ost_status source_facts(struct source_reader *r,
			     const struct source_item *item,
			     struct source_facts *out, struct ost_error *err);

/* Append the path of a mail, for a person. */
enum ost_status source_path(struct source_reader *r,
			    const struct source_item *item, struct buf *path,
			    struct ost_error *err);

/*
 * All bytes of a mail, as many as its facts say, to `take`. OST_CORRUPT: some
 * of them cannot be read. What `take` answers, other than OST_OK, ends it;
 * then and on OST_CORRUPT the reader goes on with the next mail.
 */
typedef enum ost_status source_sink(void *arg, struct span bytes,
				    struct ost_error *err);
enum ost_status source_bytes(struct source_reader *r,
			     const struct source_item *item, uint64_t size,
			     source_sink *take, void *arg,
			     struct ost_error *err);

/* --- the one who answers ----------------------------------------------------
 */

/* A mail, open. */
struct source_mail {
	void *of; /* its source's */
	int fd;
	uint64_t size;
	int64_t mtime;
};

/*
 * How a kind of source is read. A view is what one thread has listed: its own,
 * NULL at first.
 */
struct source_ops {
	/* Tell of all folders by source_tell_folder(), and of faults. */
	enum ost_status (*folders)(void *source, int to, struct ost_error *err);
	enum ost_status (*items)(void *source, void **view, uint64_t folder,
				 int to, struct ost_error *err);
	enum ost_status (*path)(void *source, void *view,
				const struct source_item *item,
				struct buf *path, struct ost_error *err);
	enum ost_status (*open)(void *source, void *view, uint64_t number,
				struct source_mail *mail,
				struct ost_error *err);
	enum ost_status (*read)(struct source_mail *mail, uint64_t off,
				void *to, size_t want, size_t *got,
				struct ost_error *err);
	void (*close)(struct source_mail *mail);
	void (*drop)(void *view); /* NULL is fine */
};

/* False: nobody asks any more. */
bool source_tell_folder(int to, const struct source_folder *f);
bool source_tell_fault(int to, const char *path, const char *why);
bool source_tell_items(int to, const struct source_item *items, size_t count);

/* Answer on each of `fds`, a thread each, until all are closed. */
enum ost_status source_serve(const struct source_ops *ops, void *source,
			     const int *fds, size_t count,
			     struct ost_error *err);

struct out_filter;
struct tree;

/* A directory: a mount or a copy. */
enum ost_status source_serve_dir(int dir, const struct out_filter *filter,
				 const int *fds, size_t count,
				 struct ost_error *err);

/* A store, as `t` shows it. */
enum ost_status source_serve_tree(struct tree *t,
				  const struct out_filter *filter,
				  const int *fds, size_t count,
				  struct ost_error *err);

#endif
