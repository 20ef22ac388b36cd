/*
 * login.h - connections to one account, and the secret for them
 */
#ifndef OST_IMAP_LOGIN_H
#define OST_IMAP_LOGIN_H

#include <pthread.h>

#include "imap/dialog.h"

/* Where to, and where the secret comes from; all on loan. */
struct login {
	struct wire_options to;
	const char *password_file;    /* its first line */
	const char *password_command; /* the first line that it prints */
	const char *token_command;    /* the same, a token of OAuth 2 */
	pthread_mutex_t lock;	      /* around the secret */
	char *secret;		      /* owned; NULL: not asked for yet */
};

void login_init(struct login *l);
/* The secret is wiped. */
void login_free(struct login *l);

/* Connect, and log in. OST_IO with `*fault`; OST_CANNOT_OPEN: there is no
   secret. Any thread. */
enum ost_status login_open(struct login *l, struct dialog **out,
			   enum wire_fault *fault, struct ost_error *err);

/* Append what somebody can do about a fault, as the end of a sentence. */
void login_advice(const struct login *l, enum wire_fault fault,
		  struct buf *out);

#endif
