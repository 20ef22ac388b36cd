/*
 * session.c - one connection of an import, and the mailbox that it fills
 */
#include "imap/session.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "bytes/sorted.h"
#include "imap/header.h"

/* --- the connection --------------------------------------------------------
 */

void session_drop(struct session *s)
{
	dialog_close(s->d);
	s->d = NULL;
}

bool session_sleep(struct session *s, uint64_t ms)
{
	enum { STEP = 100 };
	const struct timespec step = { .tv_nsec = STEP * 1000000L };

	for (; ms >= STEP; ms -= STEP) {
		if (report_has_ended(s->x->report))
			return false;
		nanosleep(&step, NULL);
	}
	return !report_has_ended(s->x->report);
}

/* At once, then after 1, 2, 4 and at most 60 seconds. */
enum ost_status session_wait(struct session *s, const char *why)
{
	enum { SECOND = 1000, MOST = 60 };
	const unsigned n = s->failures++;
	uint64_t seconds = n == 0 ? 0 : n < 7 ? 1U << (n - 1) : MOST;

	if (n >= s->x->o->retry) {
		report_end(s->x->report,
			   "the connection ended: %s; run this again to go on",
			   why);
		return OST_STOPPED;
	}
	seconds = seconds < MOST ? seconds : MOST;
	return session_sleep(s, seconds * SECOND) ? OST_OK : OST_STOPPED;
}

void session_succeeds(struct session *s)
{
	s->failures = 0;
}

enum ost_status session_connect(struct session *s)
{
	while (s->d == NULL) {
		struct ost_error err = { "" };
		enum wire_fault fault;
		struct buf advice = { 0 };
		enum ost_status st =
			login_open(s->x->login, &s->d, &fault, &err);

		if (st == OST_OK)
			break;
		if (st == OST_IO &&
		    (fault == WIRE_LOST || fault == WIRE_NOWHERE)) {
			st = session_wait(s, err.text);
			if (st == OST_OK)
				continue;
			return st;
		}
		login_advice(s->x->login, fault, &advice);
		report_end(s->x->report, "%s%s; run this again to go on",
			   err.text, buf_text(&advice));
		buf_free(&advice);
		return OST_STOPPED;
	}
	return OST_OK;
}

/* --- a mailbox -------------------------------------------------------------
 */

static void take_code(struct session *s, const struct answer_status *status)
{
	uint32_t n;

	if (!answer_number(status->args, &n))
		return;
	if (answer_is(status->code, "UIDVALIDITY"))
		s->validity = n;
	else if (answer_is(status->code, "UIDNEXT"))
		s->next = n;
}

static enum ost_status take_examined(void *arg, struct span body,
				     struct ost_error *err)
{
	struct session *s = arg;
	const struct answer_status status = answer_status(body);
	struct span number, word;
	uint32_t n;

	(void)err;
	if (status.state == ANSWER_OK)
		take_code(s, &status);
	else if (answer_word(&body, &number) == WORD_ATOM &&
		 answer_word(&body, &word) == WORD_ATOM &&
		 answer_is(word, "EXISTS") && answer_number(number, &n))
		s->messages = n;
	return OST_OK;
}

/* STATUS name (APPENDLIMIT 1000) */
static enum ost_status take_limit(void *arg, struct span body,
				  struct ost_error *err)
{
	struct session *s = arg;
	struct span word;
	enum answer_kind kind;
	uint32_t n;

	(void)err;
	while ((kind = answer_word(&body, &word)) != WORD_END)
		if (kind == WORD_ATOM && answer_is(word, "APPENDLIMIT") &&
		    answer_word(&body, &word) == WORD_ATOM &&
		    answer_number(word, &n))
			s->limit = n;
	return OST_OK;
}

static enum ost_status ask_limit(struct session *s, const struct buf *name,
				 struct ost_error *err)
{
	const struct dialog_command c = { take_limit, s };
	struct answer_status status;

	s->limit = s->d->can.append_limit;
	if (!s->d->can.append_limits || s->limit > 0 || !s->exists)
		return OST_OK;
	return dialog_say(s->d, &status, &c, err, "STATUS %s (APPENDLIMIT)",
			  buf_text(name));
}

static void forget_since(struct session *s)
{
	free(s->since);
	s->since = NULL;
	s->since_count = 0;
}

enum ost_status session_enter(struct session *s, const char *box,
			      struct ost_error *err)
{
	const struct dialog_command c = { take_examined, s };
	struct answer_status status;
	struct buf name = { 0 };
	enum ost_status st;

	s->box = box;
	s->validity = s->next = s->messages = 0;
	s->limit = 0;
	forget_since(s);
	dialog_quote(&name, box);
	st = dialog_say(s->d, &status, &c, err, "EXAMINE %s", buf_text(&name));
	s->exists = st == OST_OK && status.state == ANSWER_OK;
	if (st == OST_OK)
		st = ask_limit(s, &name, err);
	buf_free(&name);
	return st;
}

/* What a server said, for a person. */
static enum ost_status said(const struct answer_status *status,
			    struct ost_error *err)
{
	return ost_fail(err, OST_CORRUPT, "%.*s",
			(int)(status->text.len < 150 ? status->text.len : 150),
			(const char *)status->text.at);
}

enum ost_status session_create(struct session *s, struct ost_error *err)
{
	struct answer_status status;
	struct buf name = { 0 };
	struct ost_error why = { "" };
	enum ost_status st;
	bool made;

	dialog_quote(&name, s->box);
	st = dialog_say(s->d, &status, NULL, err, "CREATE %s", buf_text(&name));
	made = st == OST_OK && status.state == ANSWER_OK;
	if (st == OST_OK && !made)
		(void)!said(&status, &why);
	if (made)
		st = dialog_say(s->d, &status, NULL, err, "SUBSCRIBE %s",
				buf_text(&name));
	buf_free(&name);
	/* Where it could not be made it may be there by now. */
	if (st == OST_OK)
		st = session_enter(s, s->box, err);
	if (st == OST_OK && !s->exists)
		return ost_fail(err, OST_CORRUPT, "%s",
				made ? "it cannot be opened" : why.text);
	return st;
}

/* --- what is in it ---------------------------------------------------------
 */

struct fetching {
	uint32_t from;
	session_found *found;
	void *arg;
};

static enum ost_status take_fetched(void *arg, struct span body,
				    struct ost_error *err)
{
	const struct fetching *f = arg;
	struct answer_fetch fetched;
	struct buf id = { 0 };
	struct key key;
	enum ost_status st;

	/* "n:*" has the last one, too, where there are none from n on. */
	if (!answer_fetch(body, &fetched) || !fetched.has_header ||
	    (fetched.uid > 0 && fetched.uid < f->from))
		return OST_OK;
	header_id(&id, fetched.header);
	key = key_of(buf_span(&id));
	st = buf_status(&id, err);
	buf_free(&id);
	if (st == OST_OK)
		f->found(f->arg, &fetched, &key);
	return st;
}

enum ost_status session_fetch(struct session *s, uint32_t uid, bool sizes,
			      session_found *found, void *arg,
			      struct ost_error *err)
{
	struct fetching f = { uid, found, arg };
	const struct dialog_command c = { take_fetched, &f };
	struct answer_status status;
	enum ost_status st =
		dialog_say(s->d, &status, &c, err,
			   "UID FETCH %" PRIu32
			   ":* (UID%s BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])",
			   uid > 0 ? uid : 1, sizes ? " RFC822.SIZE" : "");

	if (st == OST_OK && status.state != ANSWER_OK)
		st = said(&status, err);
	return st;
}

struct key session_key(const struct import *x, const char *box,
		       const struct key *message)
{
	const struct key none = key_of(span_of(NULL, 0));

	if (!x->o->account || !key_equal(message, &none))
		return *message;
	return key_join(none, span_of(box, strlen(box)));
}

static void add_present(void *arg, const struct answer_fetch *f,
			const struct key *message)
{
	(void)f;
	keys_add(arg, message);
}

enum ost_status session_load(struct session *s, struct ost_error *err)
{
	enum ost_status st = OST_OK;

	if (s->has_present || s->x->o->account)
		return OST_OK;
	keys_free(&s->present);
	if (s->exists && s->messages > 0)
		st = session_fetch(s, 1, false, add_present, &s->present, err);
	if (st == OST_OK && s->present.bad)
		st = ost_no_memory(err);
	if (st == OST_OK && s->x->taken != NULL)
		taken_subtract(s->x->taken, s->box, s->validity, &s->present);
	s->has_present = st == OST_OK;
	return st;
}

bool session_has(struct session *s, const struct key *message)
{
	const struct key key = session_key(s->x, s->box, message);
	bool has;

	if (!s->x->o->account) {
		has = keys_take(&s->present, &key);
		/* Where no UIDNEXT tells the new from the old, the old are
		   taken for ours. */
		if (has && s->next == 0) {
			struct ost_error none;

			(void)!session_put(s, message, &none);
		}
		return has;
	}
	pthread_mutex_lock(&s->x->report->lock);
	has = keys_take(&s->x->account, &key);
	pthread_mutex_unlock(&s->x->report->lock);
	return has;
}

enum ost_status session_put(struct session *s, const struct key *message,
			    struct ost_error *err)
{
	if (!array_more(&s->since, s->since_count, sizeof(*s->since)))
		return ost_no_memory(err);
	s->since[s->since_count++] = *message;
	return OST_OK;
}
