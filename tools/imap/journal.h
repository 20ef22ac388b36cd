/*
 * journal.h - what a server took: so that a run goes on without asking it
 *
 * A file of lines of JSON. The first says for whom; each other one that the
 * server said OK to a mail:
 *
 *	{"import":1,"account":"alice@mail.example.com"}
 *	{"mailbox":"INBOX","uidvalidity":7,"uid":12,"item":"...",
 *	 "message":"...","sha256":"..."}
 *
 * `item` is of the mail in the source, `message` of its Message-ID; uid is 0
 * where the server does not tell it. Any thread may call.
 */
#ifndef OST_IMAP_JOURNAL_H
#define OST_IMAP_JOURNAL_H

#include "bytes/buf.h"
#include "imap/keys.h"

struct taken;

struct taken_mail {
	const char *mailbox;
	uint32_t validity, uid;
	struct key item, message;
	bool has_sha256; /* it was there already: its bytes were not read */
	uint8_t sha256[32];
};

/*
 * Open the file `path`, which is made if need be. OST_CANNOT_OPEN: it cannot
 * be, another run has it, or it is of another account.
 */
enum ost_status taken_open(struct taken **out, const char *path,
			   const char *account, struct ost_error *err);

/* Is the mail in that mailbox already? */
bool taken_has(struct taken *t, const char *mailbox, uint32_t validity,
	       const struct key *item, struct key *message);

/* Take out of `there` all that is known to be in the mailbox. */
void taken_subtract(struct taken *t, const char *mailbox, uint32_t validity,
		    struct keys *there);

/* Write it down. OST_CANNOT_OPEN: that could not be. NULL is fine. */
enum ost_status taken_put(struct taken *t, const struct taken_mail *m,
			  struct ost_error *err);

/* See to it that it is on the disk. NULL is fine. */
enum ost_status taken_close(struct taken *t, struct ost_error *err);

#endif
