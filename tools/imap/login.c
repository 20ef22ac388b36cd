/*
 * login.c - connections to one account
 */
#include "imap/login.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

void login_init(struct login *l)
{
	pthread_mutex_init(&l->lock, NULL);
}

static void forget(struct login *l)
{
	if (l->secret != NULL)
		explicit_bzero(l->secret, strlen(l->secret));
	free(l->secret);
	l->secret = NULL;
}

void login_free(struct login *l)
{
	forget(l);
	pthread_mutex_destroy(&l->lock);
}

/* --- the secret ------------------------------------------------------------
 */

/* The first line of `from`; NULL: it has none. */
static char *first_line(FILE *from)
{
	char *line = NULL;
	size_t room = 0;

	if (getline(&line, &room, from) < 0) {
		free(line);
		return NULL;
	}
	line[strcspn(line, "\r\n")] = '\0';
	return line;
}

static enum ost_status from_file(struct login *l, struct ost_error *err)
{
	FILE *from = fopen(l->password_file, "re");

	if (from == NULL)
		return ost_fail(err, OST_CANNOT_OPEN, "%s: %s",
				l->password_file, strerror(errno));
	l->secret = first_line(from);
	if (l->secret == NULL)
		l->secret = strdup("");
	fclose(from);
	return l->secret != NULL ? OST_OK : ost_no_memory(err);
}

static enum ost_status from_command(struct login *l, const char *command,
				    struct ost_error *err)
{
	FILE *from = popen(command, "re"); /* it is the user's: NOLINT */
	int status;

	if (from == NULL)
		return ost_fail(err, OST_CANNOT_OPEN, "%s: %s", command,
				strerror(errno));
	l->secret = first_line(from);
	while (getc(from) != EOF)
		; /* or it ends by SIGPIPE */
	status = pclose(from);
	if (status == 0 && l->secret != NULL && l->secret[0] != '\0')
		return OST_OK;
	forget(l);
	return ost_fail(err, OST_CANNOT_OPEN, "%s: it %s", command,
			status != 0 ? "failed" : "printed nothing");
}

static enum ost_status from_person(struct login *l, struct ost_error *err)
{
	const char *typed = getpass("Password: ");

	if (typed == NULL)
		return ost_fail(err, OST_CANNOT_OPEN,
				"there is no terminal to ask for the password: "
				"use --password-file");
	l->secret = strdup(typed);
	return l->secret != NULL ? OST_OK : ost_no_memory(err);
}

static enum ost_status get_secret(struct login *l, struct ost_error *err)
{
	if (l->to.tunnel != NULL || l->secret != NULL)
		return OST_OK;
	if (l->token_command != NULL)
		return from_command(l, l->token_command, err);
	if (l->password_command != NULL)
		return from_command(l, l->password_command, err);
	return l->password_file != NULL ? from_file(l, err)
					: from_person(l, err);
}

/* --- connecting ------------------------------------------------------------
 */

static enum ost_status open_once(struct login *l, struct wire **out,
				 enum wire_fault *fault, struct ost_error *err)
{
	struct wire_options to = l->to;
	enum ost_status st;
	char *secret = NULL;

	pthread_mutex_lock(&l->lock);
	*fault = WIRE_LOGIN;
	st = get_secret(l, err);
	if (st == OST_OK && l->secret != NULL)
		secret = strdup(l->secret);
	if (st == OST_OK && l->secret != NULL && secret == NULL)
		st = ost_no_memory(err);
	pthread_mutex_unlock(&l->lock);
	if (l->token_command != NULL)
		to.token = secret;
	else
		to.password = secret;
	if (st == OST_OK)
		st = wire_open(out, &to, fault, err);
	if (secret != NULL)
		explicit_bzero(secret, strlen(secret));
	free(secret);
	return st;
}

/* A token is good for an hour or so: one that is refused is asked for anew. */
enum ost_status login_open(struct login *l, struct dialog **out,
			   enum wire_fault *fault, struct ost_error *err)
{
	struct wire *wire = NULL;
	enum ost_status st = open_once(l, &wire, fault, err);

	if (st == OST_IO && *fault == WIRE_LOGIN && l->token_command != NULL) {
		pthread_mutex_lock(&l->lock);
		forget(l);
		pthread_mutex_unlock(&l->lock);
		st = open_once(l, &wire, fault, err);
	}
	return st == OST_OK ? dialog_open(out, wire, fault, err) : st;
}

void login_advice(const struct login *l, enum wire_fault fault, struct buf *out)
{
	if (fault == WIRE_TLS)
		buf_str(out, "; if it is the right server, save the "
			     "certificate of who issued it and name that file "
			     "with --cafile");
	else if (fault == WIRE_NAME)
		buf_str(out, "; name the server as its certificate does");
	else if (fault == WIRE_LOGIN && l->token_command != NULL)
		buf_str(out, "; look at the token that --token-command "
			     "prints, and at the user's name");
	else if (fault == WIRE_LOGIN && l->to.tunnel == NULL)
		buf_str(out, "; look at the user's name and the password, and "
			     "whether the server lets the user use IMAP");
}
