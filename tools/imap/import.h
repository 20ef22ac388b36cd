/*
 * import.h - a source put on a server, whole: folders, mails, proof
 */
#ifndef OST_IMAP_IMPORT_H
#define OST_IMAP_IMPORT_H

#include "imap/login.h"
#include "imap/report.h"
#include "imap/roles.h"
#include "imap/source.h"

enum import_verify { VERIFY_NOT, VERIFY_SIZE, VERIFY_BYTES };

struct import_options {
	bool dry_run;
	unsigned batch_mails; /* in one command, at most; 1 to 1000 */
	uint64_t batch_bytes;
	unsigned connections;
	bool account;	/* a mail is there already wherever it is */
	uint64_t rate;	/* bytes a second; 0: as it goes */
	unsigned retry; /* how often in a row */
	bool has_since, has_until;
	int64_t since, until;
	enum import_verify verify;
	struct roles_options roles;
	const char *journal;	  /* NULL: none */
	const char *account_name; /* for the journal: "user@host" */
	/* Told after each mail; NULL: nobody is. */
	void (*progress)(void *arg, uint64_t files, uint64_t all,
			 uint64_t bytes);
	void *progress_arg;
};

/*
 * Put all that `fds`, one a connection, give on the server: what became of it
 * is in `report`. The descriptors are taken over. OST_IO, with `*fault`:
 * refused at once. OST_CANNOT_OPEN: the journal, or a file that is read, is
 * none. OST_CORRUPT: the source's process ended before it said anything.
 */
enum ost_status import_run(struct report *report, const int *fds,
			   const struct import_options *o, struct login *login,
			   enum wire_fault *fault, struct ost_error *err);

#endif
