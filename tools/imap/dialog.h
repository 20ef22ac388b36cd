/*
 * dialog.h - commands to an IMAP server, and its answers      RFC 3501, 7888
 *
 * A server may be hostile: no answer is longer than a cap, and a command is
 * answered with no more than a cap of them. One thread at a time for each.
 */
#ifndef OST_IMAP_DIALOG_H
#define OST_IMAP_DIALOG_H

#include "imap/answer.h"
#include "imap/wire.h"

enum {
	DIALOG_ANSWER_MAX = 1 << 20, /* bytes of one, with its literals */
};

enum dialog_kind { DIALOG_UNTAGGED, DIALOG_CONTINUE, DIALOG_TAGGED };

struct dialog_answer {
	enum dialog_kind kind;
	uint32_t tag;	  /* of a tagged one */
	struct span body; /* what follows "*", "+" or the tag; on loan */
};

/* Takes bytes of a literal that is too long to be kept. */
typedef enum ost_status dialog_sink(void *arg, struct span bytes,
				    struct ost_error *err);

struct dialog {
	struct wire *wire; /* owned */
	struct capabilities can;
	uint32_t tag; /* the last that was given */

	/* The literal of "BODY[] {n}" goes there, unless that is NULL: between
	   calls of it with no bytes, one before and one after. */
	dialog_sink *sink;
	void *sink_arg;

	struct buf out;	   /* what is still to be sent */
	struct buf answer; /* that was read last */
	size_t at, end;	   /* of what is in `in` and was not read */
	char in[16 << 10];
};

/* Take over `w`, even on failure; greeting and capabilities are read. */
enum ost_status dialog_open(struct dialog **out, struct wire *w,
			    enum wire_fault *fault, struct ost_error *err);
void dialog_close(struct dialog *d); /* NULL is fine */

/* Say LOGOUT, and wait for an answer a moment only. */
void dialog_logout(struct dialog *d);

/* Begin a command: its tag, and a space. Returns the tag. */
uint32_t dialog_begin(struct dialog *d);

/* More of a command; it goes when it is much, or by dialog_flush(). */
enum ost_status dialog_put(struct dialog *d, struct span bytes,
			   struct ost_error *err);
enum ost_status dialog_flush(struct dialog *d, struct ost_error *err);

/* The next answer; `*a` until the one after. */
enum ost_status dialog_read(struct dialog *d, struct dialog_answer *a,
			    struct ost_error *err);

/* Takes each untagged answer of a command. Not OST_OK: it ends there. */
typedef enum ost_status dialog_take(void *arg, struct span body,
				    struct ost_error *err);

/*
 * Say a command, `words` and then what printf(3) makes of it, and read all its
 * answers. What the server says of it is `*status`, on loan until the next.
 */
struct dialog_command {
	dialog_take *take; /* NULL: nobody takes them */
	void *arg;
};
enum ost_status dialog_say(struct dialog *d, struct answer_status *status,
			   const struct dialog_command *c,
			   struct ost_error *err, const char *format, ...)
	OST_PRINTF(5, 6);

/* Append a mailbox's name, that is in IMAP's UTF-7 already, in quotes. */
void dialog_quote(struct buf *out, const char *name);

#endif
