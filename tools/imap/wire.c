/*
 * wire.c - bytes to an IMAP server and back
 */
#include "imap/wire.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/interrupt.h"

enum {
	CONNECT_SECONDS = 60,
	SILENCE_SECONDS = 600, /* in which a server says nothing */
};

struct wire {
	CURL *curl; /* NULL: not by libcurl */
	int fd;	    /* its socket, or ours to the command; -1: none */
	pid_t child;
	struct span fake; /* what is left of it */
	bool greets;
	int patience; /* in seconds */
};

static struct wire *wire_new(void)
{
	struct wire *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->fd = -1;
	w->patience = SILENCE_SECONDS;
	return w;
}

void wire_patience(struct wire *w, int seconds)
{
	w->patience = seconds;
}

bool wire_greets(const struct wire *w)
{
	return w->greets;
}

void wire_close(struct wire *w)
{
	if (w == NULL)
		return;
	if (w->curl != NULL)
		curl_easy_cleanup(w->curl);
	else if (w->fd >= 0)
		close(w->fd);
	if (w->child > 0) {
		kill(w->child, SIGTERM);
		while (waitpid(w->child, NULL, 0) < 0 && errno == EINTR)
			;
	}
	free(w);
}

/* --- a command -------------------------------------------------------------
 */

/* It ends by SIGTERM, and with us. */
static void run_tunnel(const char *command, int to)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (dup2(to, STDIN_FILENO) >= 0 && dup2(to, STDOUT_FILENO) >= 0)
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static enum ost_status open_tunnel(struct wire *w, const char *command,
				   struct ost_error *err)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return ost_fail(err, OST_IO, "%s", strerror(errno));
	w->child = fork();
	if (w->child == 0)
		run_tunnel(command, ends[1]);
	close(ends[1]);
	w->fd = ends[0];
	w->greets = true;
	if (w->child < 0 || fcntl(w->fd, F_SETFL, O_NONBLOCK) != 0)
		return ost_fail(err, OST_IO, "%s", strerror(errno));
	return OST_OK;
}

/* --- libcurl ---------------------------------------------------------------
 */

static bool set_text(CURL *curl, CURLoption option, const char *text)
{
	return text == NULL || curl_easy_setopt(curl, option, text) == CURLE_OK;
}

static bool set_tls(CURL *curl, const struct wire_options *o)
{
	const char *file =
		o->cafile != NULL ? o->cafile : getenv("SSL_CERT_FILE");

	return curl_easy_setopt(curl, CURLOPT_USE_SSL,
				o->plain ? CURLUSESSL_NONE : CURLUSESSL_ALL) ==
		       CURLE_OK &&
	       set_text(curl, CURLOPT_CAINFO, file);
}

static bool set_where(CURL *curl, const struct wire_options *o)
{
	return curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)CONNECT_SECONDS) ==
		       CURLE_OK &&
	       set_text(curl, CURLOPT_PROTOCOLS_STR, "imap,imaps") &&
	       set_text(curl, CURLOPT_URL, o->url) && set_tls(curl, o);
}

static bool set_who(CURL *curl, const struct wire_options *o)
{
	return set_text(curl, CURLOPT_USERNAME, o->user) &&
	       set_text(curl, CURLOPT_PASSWORD, o->password) &&
	       set_text(curl, CURLOPT_XOAUTH2_BEARER, o->token) &&
	       set_text(curl, CURLOPT_SASL_AUTHZID, o->as) &&
	       /* The identity is a word of PLAIN alone. */
	       set_text(curl, CURLOPT_LOGIN_OPTIONS,
			o->as != NULL && o->token == NULL ? "AUTH=PLAIN"
							  : NULL);
}

/* What a certificate says of `field`, in `certificate`. */
static const char *certificate_line(const struct curl_slist *certificate,
				    const char *field)
{
	const size_t len = strlen(field);

	for (; certificate != NULL; certificate = certificate->next)
		if (strncmp(certificate->data, field, len) == 0)
			return certificate->data + len;
	return "?";
}

/*
 * Connect once more, as nobody and believing any certificate, only to say
 * which it is.
 */
static void tell_certificate(const struct wire_options *o, const char *why,
			     struct ost_error *err)
{
	CURL *curl = curl_easy_init();
	struct curl_certinfo *info = NULL;

	if (curl == NULL || !set_where(curl, o) ||
	    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_CERTINFO, 1L) != CURLE_OK ||
	    curl_easy_perform(curl) != CURLE_OK ||
	    curl_easy_getinfo(curl, CURLINFO_CERTINFO, &info) != CURLE_OK ||
	    info == NULL || info->num_of_certs < 1)
		(void)!ost_fail(err, OST_IO, "%s", why);
	else
		(void)!ost_fail(
			err, OST_IO,
			"the certificate of %.50s, by %.50s, until %.24s: "
			"%.80s",
			certificate_line(info->certinfo[0], "Subject:"),
			certificate_line(info->certinfo[0], "Issuer:"),
			certificate_line(info->certinfo[0], "Expire date:"),
			why);
	curl_easy_cleanup(curl);
}

static enum wire_fault fault_of(CURLcode code)
{
	switch (code) {
	case CURLE_LOGIN_DENIED:
	case CURLE_AUTH_ERROR:
		return WIRE_LOGIN;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		return WIRE_TLS;
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_OPERATION_TIMEDOUT:
		return WIRE_NOWHERE;
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_NOT_BUILT_IN:
	case CURLE_USE_SSL_FAILED:
		return WIRE_WRONG;
	default:
		return WIRE_LOST;
	}
}

/*
 * A certificate by somebody who is trusted has a result of 0, or one that says
 * that there was nothing to say: then the name is another.
 */
static enum wire_fault fault_of_tls(CURL *curl)
{
	enum { NOTHING = 1, HAS_EXPIRED = 10 }; /* as OpenSSL counts */
	long result = 0;

	if (curl_easy_getinfo(curl, CURLINFO_SSL_VERIFYRESULT, &result) !=
	    CURLE_OK)
		return WIRE_TLS;
	return result <= NOTHING       ? WIRE_NAME
	       : result == HAS_EXPIRED ? WIRE_WRONG
				       : WIRE_TLS;
}

static enum ost_status open_curl(struct wire *w, const struct wire_options *o,
				 enum wire_fault *fault, struct ost_error *err)
{
	char text[CURL_ERROR_SIZE] = "";
	curl_socket_t fd = CURL_SOCKET_BAD;
	CURLcode code;

	w->curl = curl_easy_init();
	*fault = WIRE_WRONG;
	if (w->curl == NULL || !set_where(w->curl, o) || !set_who(w->curl, o) ||
	    curl_easy_setopt(w->curl, CURLOPT_ERRORBUFFER, text) != CURLE_OK)
		return ost_fail(err, OST_IO,
				"libcurl lacks a feature that this needs");
	code = curl_easy_perform(w->curl);
	(void)curl_easy_setopt(w->curl, CURLOPT_ERRORBUFFER, NULL);
	*fault = fault_of(code);
	if (*fault == WIRE_TLS) {
		if (code == CURLE_PEER_FAILED_VERIFICATION)
			*fault = fault_of_tls(w->curl);
		tell_certificate(o,
				 *fault == WIRE_NAME
					 ? "it is for a server of another name"
					 : text,
				 err);
		return OST_IO;
	}
	if (code != CURLE_OK)
		return ost_fail(err, OST_IO, "%s",
				text[0] != '\0' ? text
						: curl_easy_strerror(code));
	if (curl_easy_getinfo(w->curl, CURLINFO_ACTIVESOCKET, &fd) !=
		    CURLE_OK ||
	    fd == CURL_SOCKET_BAD)
		return ost_fail(err, OST_IO, "the connection was lost");
	w->fd = fd;
	return OST_OK;
}

enum ost_status wire_open(struct wire **out, const struct wire_options *o,
			  enum wire_fault *fault, struct ost_error *err)
{
	struct wire *w = wire_new();
	enum ost_status st;

	*out = NULL;
	*fault = WIRE_LOST;
	if (w == NULL)
		return ost_no_memory(err);
	st = o->tunnel != NULL ? open_tunnel(w, o->tunnel, err)
			       : open_curl(w, o, fault, err);
	if (st == OST_OK)
		*out = w;
	else
		wire_close(w);
	return st;
}

enum ost_status wire_fake(struct wire **out, struct span input,
			  struct ost_error *err)
{
	*out = wire_new();
	if (*out == NULL)
		return ost_no_memory(err);
	(*out)->fake = input;
	return OST_OK;
}

/* --- bytes -----------------------------------------------------------------
 */

/* Until there is something to read, or room to write; looked up each second,
   for it may be told to end. */
static enum ost_status wait_for(const struct wire *w, short events,
				struct ost_error *err)
{
	struct pollfd p = { .fd = w->fd, .events = events };

	for (int i = 0; i < w->patience; i++) {
		const int n = poll(&p, 1, 1000);

		if (interrupt_asked())
			return ost_fail(err, OST_STOPPED, "interrupted");
		if (n > 0)
			return OST_OK;
		if (n < 0 && errno != EINTR)
			return ost_fail(err, OST_IO, "%s", strerror(errno));
	}
	return ost_fail(err, OST_IO,
			"the server has not answered for %d seconds",
			w->patience);
}

/* How many bytes went; 0: none now. */
static enum ost_status send_some(struct wire *w, struct span bytes,
				 size_t *sent, struct ost_error *err)
{
	CURLcode code;
	ssize_t n;

	*sent = 0;
	if (w->curl != NULL) {
		code = curl_easy_send(w->curl, bytes.at, bytes.len, sent);
		if (code == CURLE_OK || code == CURLE_AGAIN)
			return OST_OK;
		return ost_fail(err, OST_IO, "%s", curl_easy_strerror(code));
	}
	n = send(w->fd, bytes.at, bytes.len, MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return ost_fail(err, OST_IO, "%s", strerror(errno));
	*sent = n > 0 ? (size_t)n : 0;
	return OST_OK;
}

enum ost_status wire_send(struct wire *w, struct span bytes,
			  struct ost_error *err)
{
	enum ost_status st = OST_OK;

	if (w->fd < 0)
		return OST_OK; /* a fake */
	while (st == OST_OK && bytes.len > 0) {
		size_t sent;

		st = send_some(w, bytes, &sent, err);
		if (st == OST_OK && sent == 0)
			st = wait_for(w, POLLOUT, err);
		(void)span_sub(bytes, sent, bytes.len - sent, &bytes);
	}
	return st;
}

static enum ost_status receive_fake(struct wire *w, void *to, size_t room,
				    size_t *got, struct ost_error *err)
{
	struct span some;

	*got = w->fake.len < room ? w->fake.len : room;
	if (*got == 0)
		return ost_fail(err, OST_IO, "the connection was closed");
	(void)span_sub(w->fake, 0, *got, &some);
	memcpy(to, some.at, some.len);
	(void)span_sub(w->fake, *got, w->fake.len - *got, &w->fake);
	return OST_OK;
}

/* As read(2) of a socket that does not wait. */
static ssize_t receive_some(struct wire *w, void *to, size_t room)
{
	size_t got = 0;
	CURLcode code;

	if (w->curl == NULL)
		return recv(w->fd, to, room, 0);
	code = curl_easy_recv(w->curl, to, room, &got);
	if (code == CURLE_OK)
		return (ssize_t)got;
	errno = code == CURLE_AGAIN ? EAGAIN : EIO;
	return -1;
}

enum ost_status wire_receive(struct wire *w, void *to, size_t room, size_t *got,
			     struct ost_error *err)
{
	enum ost_status st = OST_OK;

	*got = 0;
	if (w->fd < 0)
		return receive_fake(w, to, room, got, err);
	while (st == OST_OK) {
		const ssize_t n = receive_some(w, to, room);

		if (n > 0) {
			*got = (size_t)n;
			return OST_OK;
		}
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			return ost_fail(err, OST_IO,
					"the server closed the connection");
		st = wait_for(w, POLLIN, err);
	}
	return st;
}
