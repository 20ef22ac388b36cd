/*
 * session.h - private: one connection of an import, and the mailbox that it
 * fills
 */
#ifndef OST_IMAP_SESSION_H
#define OST_IMAP_SESSION_H

#include <stdatomic.h>

#include "imap/import.h"
#include "imap/journal.h"

/* All connections together. */
struct import {
	const struct import_options *o;
	struct login *login;
	struct report *report;
	struct roles roles;
	struct source_folders folders;
	struct taken *taken; /* NULL: no journal */
	struct keys account; /* what is anywhere; under the report's lock */
	struct import_box {
		char *name;	 /* owned, in UTF-7 */
		size_t *folders; /* owned; indexes, in order */
		size_t count;
	} * boxes; /* owned */
	size_t box_count;
	atomic_size_t next;		 /* of the boxes */
	uint64_t mails;			 /* in all of them */
	atomic_uint_fast64_t done, sent; /* mails; bytes */
	pthread_mutex_t rate_lock;
	uint64_t rate_due; /* when the next byte may go, in ns */
};

struct session {
	struct import *x;
	struct dialog *d; /* NULL: not connected */
	struct source_reader r;
	unsigned failures;	/* in a row */
	size_t most;		/* mails at a time; 0: as many as may be */
	bool in_doubt;		/* a command went, and no answer came */
	struct buf no_keywords; /* that the server did not take */
	struct buf same;	/* what was said of the last that was refused */
	unsigned same_count;	/* how often, with nothing taken between */

	/* The mailbox. */
	const char *box;
	bool exists;
	uint32_t validity, next, messages;
	uint64_t limit;	     /* bytes of a mail; 0: not told */
	struct keys present; /* there before, and not one of ours yet */
	bool has_present;
	struct key *since; /* owned: put there since `next` was asked for */
	size_t since_count;
};

/* Connect, as often as may be. OST_STOPPED: the report says why not. */
enum ost_status session_connect(struct session *s);
/* The connection is no more. */
void session_drop(struct session *s);
/* Sleep before the next try; OST_STOPPED: that was the last. */
enum ost_status session_wait(struct session *s, const char *why);
/* What was tried went well. */
void session_succeeds(struct session *s);
/* Sleep; false: the run ends. */
bool session_sleep(struct session *s, uint64_t ms);

/* Look at a mailbox; it need not be there. */
enum ost_status session_enter(struct session *s, const char *box,
			      struct ost_error *err);
/* Make it. OST_CORRUPT: the server says why not. */
enum ost_status session_create(struct session *s, struct ost_error *err);

/* What is in the mailbox from `uid` on: Message-IDs, and more as asked for. */
typedef void session_found(void *arg, const struct answer_fetch *f,
			   const struct key *message);
enum ost_status session_fetch(struct session *s, uint32_t uid, bool sizes,
			      session_found *found, void *arg,
			      struct ost_error *err);

/* `s->present`, once. */
enum ost_status session_load(struct session *s, struct ost_error *err);
/* Is a mail with this Message-ID there, that is not one of ours yet? */
bool session_has(struct session *s, const struct key *message);
/* A mail with this Message-ID was put there. */
enum ost_status session_put(struct session *s, const struct key *message,
			    struct ost_error *err);

/* In an account, mails without a Message-ID are told apart by mailbox. */
struct key session_key(const struct import *x, const char *box,
		       const struct key *message);

/* --- batch.c ----------------------------------------------------------------
 */

enum mail_state { MAIL_TODO, MAIL_DONE, MAIL_FAILED };

struct batch_mail {
	struct source_item item;
	struct source_facts facts;
	enum mail_state state;
	bool plain;   /* without its keywords */
	bool refused; /* in the command that was said last */
	unsigned tries;
	uint32_t uid;
	uint8_t sha256[32];
};

struct batch {
	struct batch_mail *mails; /* owned; room for `cap` */
	size_t count, cap;
	uint64_t bytes;
	struct report_counts *n; /* of the folder, on loan */
	struct buf why;		 /* the words of the last refusal */
	bool ends;   /* nothing more can be put into the mailbox: `why` */
	size_t left; /* of what was to be put, what neither went nor failed */
};

/* Put all of it, and make it empty. OST_STOPPED: the run ends. */
enum ost_status batch_put(struct session *s, struct batch *b);
/* A mail is not there, and `why`. */
void batch_refuse(struct session *s, struct batch *b,
		  const struct source_item *item, const char *id,
		  const char *why);
void batch_free(struct batch *b);

/* --- verify.c ---------------------------------------------------------------
 */

/* Is all that was put, or was there, on the server? Counts in the report. */
enum ost_status verify_all(struct session *s, struct ost_error *err);

#endif
