/*
 * report.h - what became of the mails: counted, told, and written down
 *
 * Any thread may call.
 */
#ifndef OST_IMAP_REPORT_H
#define OST_IMAP_REPORT_H

#include <pthread.h>
#include <stdio.h>

#include "bytes/buf.h"

struct report_counts {
	uint64_t added, there, failed;
};

struct report_folder {
	char *folder;  /* owned */
	char *mailbox; /* owned; as people read it */
	struct report_counts n;
};

struct report {
	pthread_mutex_t lock;
	const char *program;
	bool dry_run;
	bool wipes; /* a line of progress stands on the terminal */
	struct report_counts n;
	uint64_t doubtful, left, bytes, others;
	uint64_t faults;	       /* what cannot be listed */
	struct report_folder *folders; /* owned */
	size_t folder_count;
	FILE *refused; /* its JSON, in a temporary file; NULL: none is kept */
	uint64_t refused_count;
	char *ended; /* owned; why the run ended before its end; NULL */
	bool verified;
	bool by_bytes;
	uint64_t whole, missing, twice;
};

void report_init(struct report *r, const char *program, bool keeps_refused);
void report_free(struct report *r);

/* Say on stderr, as a person can read it. */
void report_say(struct report *r, const char *format, ...) OST_PRINTF(2, 3);

struct report_mail {
	const char *path, *mailbox, *id, *why;
};
/* A mail is not there. It is told, kept and counted. */
void report_refused(struct report *r, const struct report_mail *m);

/* So many are not there, and why was told for all of them. */
void report_failed(struct report *r, uint64_t count);

/* The run ends here: the first who says why is told. */
void report_end(struct report *r, const char *format, ...) OST_PRINTF(2, 3);
bool report_has_ended(struct report *r);

/* A folder is done: its line is printed. `mailbox` is in UTF-7. */
void report_folder(struct report *r, const char *folder, const char *mailbox,
		   const struct report_counts *n);

/* The last lines, on stdout. Returns the exit code. */
int report_conclude(struct report *r, bool is_store);

/* Append all of it as JSON; the refused mails are read from their file. */
struct report_about {
	const char *source, *url, *user;
	int code;
};
void report_json(struct report *r, const struct report_about *about,
		 struct buf *out);

/* Append a mailbox's name as people read it: of UTF-7, or as it is. */
void report_mailbox(struct buf *out, const char *name);

#endif
