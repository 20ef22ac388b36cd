/*
 * wire.h - bytes to an IMAP server and back: TCP and TLS by libcurl, which
 * logs in too, or a command's input and output
 *
 * One thread at a time for each.
 */
#ifndef OST_IMAP_WIRE_H
#define OST_IMAP_WIRE_H

#include "bytes/buf.h"

/* Where to, and as whom; all on loan. */
struct wire_options {
	const char *tunnel; /* a command for sh(1); else: */
	const char *url;    /* "imap[s]://HOST[:PORT]" */
	const char *user;
	const char *password; /* or: */
	const char *token;    /* of OAuth 2 */
	const char *as;	      /* whose mailbox; NULL: the user's own */
	const char *cafile;   /* NULL: the system's */
	bool plain;	      /* without TLS: the server is this machine */
};

/* Why there is no connection: what somebody can do about it differs. */
enum wire_fault {
	WIRE_NOWHERE, /* there is no answer from there, now */
	WIRE_LOST,    /* it may work later */
	WIRE_LOGIN,   /* the server does not let the user in */
	WIRE_TLS,     /* nobody knows whether it is the server */
	WIRE_NAME,    /* it is a server of another name */
	WIRE_WRONG,   /* it cannot work */
};

struct wire;

/* Connect and log in. OST_IO, with `*fault`, when that cannot be. */
enum ost_status wire_open(struct wire **out, const struct wire_options *o,
			  enum wire_fault *fault, struct ost_error *err);

/* One that answers with the bytes of `input`, and takes all that is sent. */
enum ost_status wire_fake(struct wire **out, struct span input,
			  struct ost_error *err);

/* Is there a greeting to be read? */
bool wire_greets(const struct wire *w);

enum ost_status wire_send(struct wire *w, struct span bytes,
			  struct ost_error *err);

/* At least one byte; OST_IO when there are no more. */
enum ost_status wire_receive(struct wire *w, void *to, size_t room, size_t *got,
			     struct ost_error *err);

/* From here on wait so many seconds for the server, not ten minutes. */
void wire_patience(struct wire *w, int seconds);

void wire_close(struct wire *w); /* NULL is fine */

#endif
