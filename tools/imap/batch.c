/*
 * batch.c - many mails in a command, without waiting: RFC 3502, 7888
 *
 * Where a server has MULTIAPPEND, a batch is one command, which it takes whole
 * or not at all; where not, it is one a mail, said without waiting for the
 * answer before. What is refused is halved until the mail that is meant is
 * alone. When the connection ends, the server is asked what it took.
 */
#include <inttypes.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <time.h>

#include "imap/session.h"

enum { RANGES = 64, SAME_MOST = 20 };

void batch_free(struct batch *b)
{
	for (size_t i = 0; i < b->count; i++)
		source_facts_free(&b->mails[i].facts);
	free(b->mails);
	buf_free(&b->why);
	*b = (struct batch){ 0 };
}

/* --- what became of a mail -------------------------------------------------
 */

void batch_refuse(struct session *s, struct batch *b,
		  const struct source_item *item, const char *id,
		  const char *why)
{
	struct buf path = { 0 };
	struct ost_error none;

	if (source_path(&s->r, item, &path, &none) != OST_OK)
		buf_str(&path, "a mail");
	report_refused(s->x->report, &(struct report_mail){ buf_text(&path),
							    s->box, id, why });
	b->n->failed++;
	buf_free(&path);
}

static void mail_fails(struct session *s, struct batch *b, struct batch_mail *m,
		       const char *why)
{
	m->state = MAIL_FAILED;
	batch_refuse(s, b, &m->item, m->facts.id, why);
}

/* Say of what the server is not told as the mail has it. */
static void tell_doubts(struct session *s, const struct batch_mail *m)
{
	struct report *r = s->x->report;
	struct buf path = { 0 };
	struct ost_error none;
	const char *line = m->facts.doubts;
	const bool lacks = (m->plain && m->facts.keywords[0] != '\0') ||
			   m->facts.no_keywords;

	if (line[0] == '\0' && !lacks)
		return;
	if (source_path(&s->r, &m->item, &path, &none) != OST_OK)
		buf_str(&path, "a mail");
	while (*line != '\0') {
		const size_t len = strcspn(line, "\n");

		report_say(r, "%s: %.*s", buf_text(&path), (int)len, line);
		line += len + (line[len] == '\n');
	}
	if (lacks)
		report_say(r,
			   "%s: the server does not accept its categories as "
			   "keywords; they are in the mail only",
			   buf_text(&path));
	buf_free(&path);
}

static void count_done(struct session *s, struct batch *b,
		       const struct batch_mail *m)
{
	struct import *x = s->x;

	b->n->added++;
	pthread_mutex_lock(&x->report->lock);
	x->report->n.added++;
	x->report->bytes += m->facts.size;
	x->report->doubtful += m->facts.doubts[0] != '\0';
	pthread_mutex_unlock(&x->report->lock);
	atomic_fetch_add(&x->sent, m->facts.size);
	if (x->o->progress != NULL)
		x->o->progress(x->o->progress_arg,
			       atomic_fetch_add(&x->done, 1) + 1, x->mails,
			       atomic_load(&x->sent));
}

/* The server has it. OST_STOPPED: that cannot be written down. */
static enum ost_status mail_done(struct session *s, struct batch *b,
				 struct batch_mail *m)
{
	const struct taken_mail taken = {
		.mailbox = s->box,
		.validity = s->validity,
		.uid = m->uid,
		.item = m->item.id,
		.message = m->facts.message,
		.has_sha256 = true,
	};
	struct taken_mail line = taken;
	struct ost_error err = { "" };
	enum ost_status st;

	m->state = MAIL_DONE;
	memcpy(line.sha256, m->sha256, sizeof(line.sha256));
	tell_doubts(s, m);
	count_done(s, b, m);
	session_succeeds(s);
	s->same_count = 0;
	if (m->plain && m->facts.keywords[0] != '\0') {
		buf_cut(&s->no_keywords, 0);
		buf_str(&s->no_keywords, m->facts.keywords);
	}
	st = taken_put(s->x->taken, &line, &err);
	if (st == OST_OK)
		st = session_put(s, &m->facts.message, &err);
	if (st == OST_OK)
		return OST_OK;
	report_end(s->x->report, "%s: %s",
		   s->x->o->journal != NULL ? s->x->o->journal : "the import",
		   err.text);
	return OST_STOPPED;
}

/* --- one command -----------------------------------------------------------
 */

/* Commands that were said and not answered yet; each of mails from..to. */
struct said {
	uint32_t tag;
	size_t from, to;
};

struct sending {
	struct session *s;
	struct batch *b;
	size_t from, to;
	struct said *said; /* owned */
	size_t first, count;
	struct sha256_ctx sum; /* of the mail that is sent */
	bool broken;	       /* a mail cannot be read, and is partly sent */
	bool lasting; /* no more of it is to be tried: `why` has the reason */
	enum answer_state code; /* of the refusal */
	char word[32];		/* and its code */
};

static void put_date(struct buf *out, int64_t when)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const time_t t = (time_t)when;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL || tm.tm_year < 1 - 1900 ||
	    tm.tm_year > 9999 - 1900)
		return;
	buf_printf(out, "\"%02d-%.3s-%04d %02d:%02d:%02d +0000\" ", tm.tm_mday,
		   months + (ptrdiff_t)3 * tm.tm_mon, tm.tm_year + 1900,
		   tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* Does the literal go without being asked for? */
static bool goes_at_once(const struct capabilities *can, uint64_t size)
{
	enum { SMALL = 4096 }; /* RFC 7888 5 */

	return can->literal_plus || (can->literal_minus && size <= SMALL);
}

static void put_head(const struct session *s, const struct batch_mail *m,
		     struct buf *out)
{
	const struct source_facts *f = &m->facts;
	const bool words = !m->plain && f->keywords[0] != '\0';

	buf_printf(out, " (%s%s%s) ", f->flags,
		   words && f->flags[0] != '\0' ? " " : "",
		   words ? f->keywords : "");
	put_date(out, f->mtime);
	buf_printf(out, "{%" PRIu64 "%s}\r\n", f->size,
		   goes_at_once(&s->d->can, f->size) ? "+" : "");
}

static void take_rate(struct import *x, size_t bytes)
{
	struct timespec now, wait;
	uint64_t at, due;

	if (x->o->rate == 0)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	at = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	pthread_mutex_lock(&x->rate_lock);
	due = x->rate_due > at ? x->rate_due : at;
	x->rate_due =
		due + (uint64_t)((double)bytes * 1e9 / (double)x->o->rate);
	pthread_mutex_unlock(&x->rate_lock);
	wait = (struct timespec){ (time_t)((due - at) / 1000000000),
				  (long)((due - at) % 1000000000) };
	if (due > at)
		nanosleep(&wait, NULL);
}

static enum ost_status send_bytes(void *arg, struct span bytes,
				  struct ost_error *err)
{
	struct sending *w = arg;

	take_rate(w->s->x, bytes.len);
	sha256_update(&w->sum, bytes.len, bytes.at);
	return dialog_put(w->s->d, bytes, err);
}

/* --- answers ---------------------------------------------------------------
 */

static void keep_words(struct sending *w, const struct answer_status *status)
{
	const struct span text = status->text;
	const size_t len = status->code.len < sizeof(w->word) - 1
				   ? status->code.len
				   : sizeof(w->word) - 1;

	buf_cut(&w->b->why, 0);
	buf_add(&w->b->why, text.at, text.len < 300 ? text.len : 300);
	w->code = status->state;
	memcpy(w->word,
	       status->code.at != NULL ? (const char *)status->code.at : "",
	       len);
	w->word[len] = '\0';
}

static enum ost_status take_ok(struct sending *w, const struct said *c,
			       const struct answer_status *status)
{
	const size_t count = c->to - c->from;
	uint32_t *uids = calloc(count, sizeof(*uids)), validity = 0;
	size_t n = 0;
	enum ost_status st = OST_OK;

	if (uids != NULL &&
	    (!answer_is(status->code, "APPENDUID") ||
	     !answer_appenduid(status->args, &validity, uids, count)))
		memset(uids, 0, count * sizeof(*uids));
	if (validity != 0 && w->s->validity == 0)
		w->s->validity = validity;
	for (size_t i = c->from; st == OST_OK && i < c->to; i++, n++) {
		struct batch_mail *m = &w->b->mails[i];

		m->uid = uids != NULL ? uids[n] : 0;
		st = mail_done(w->s, w->b, m);
	}
	free(uids);
	return st;
}

/* Sort an answer to one of our commands. `*go`: it asks for a literal. */
static enum ost_status take_answer(struct sending *w,
				   const struct dialog_answer *a, bool *go,
				   struct ost_error *err)
{
	const struct said *c = &w->said[w->first];
	struct answer_status status;

	*go = a->kind == DIALOG_CONTINUE;
	if (a->kind != DIALOG_TAGGED)
		return OST_OK;
	if (w->first == w->count || a->tag != c->tag)
		return ost_fail(
			err, OST_IO,
			"the server answered a command that was not sent");
	status = answer_status(a->body);
	w->first++;
	if (status.state == ANSWER_OK)
		return take_ok(w, c, &status);
	if (status.state == ANSWER_NONE)
		return ost_fail(err, OST_IO,
				"the server's answer cannot be understood");
	for (size_t i = c->from; i < c->to; i++)
		w->b->mails[i].refused = true;
	keep_words(w, &status);
	return OST_OK;
}

/* Until all are answered, or with `go` until a literal is asked for. */
static enum ost_status read_answers(struct sending *w, bool *go,
				    struct ost_error *err)
{
	const size_t last = w->count - 1;
	bool goes = false;
	enum ost_status st = dialog_flush(w->s->d, err);

	while (st == OST_OK && w->first < w->count && !goes) {
		struct dialog_answer a;

		st = dialog_read(w->s->d, &a, err);
		if (st == OST_OK)
			st = take_answer(w, &a, &goes, err);
		if (st == OST_OK && goes && (go == NULL || w->first < last))
			goes = false; /* of a literal that was not waited for */
	}
	if (go != NULL)
		*go = goes;
	return st;
}

/* --- sending ---------------------------------------------------------------
 */

/* One mail of a command; false in `*on`: the server wants no more of it. */
static enum ost_status send_mail(struct sending *w, struct batch_mail *m,
				 bool *on, struct ost_error *err)
{
	struct dialog *d = w->s->d;
	struct ost_error why = { "" };
	enum ost_status st;

	put_head(w->s, m, &d->out);
	*on = true;
	if (!goes_at_once(&d->can, m->facts.size)) {
		st = read_answers(w, on, err);
		if (st != OST_OK || !*on)
			return st;
	}
	sha256_init(&w->sum);
	st = source_bytes(&w->s->r, &m->item, m->facts.size, send_bytes, w,
			  &why);
	sha256_digest(&w->sum, sizeof(m->sha256), m->sha256);
	if (st == OST_CORRUPT) {
		w->broken = true;
		mail_fails(w->s, w->b, m, why.text);
		return ost_fail(err, OST_IO, "%s", why.text);
	}
	return st == OST_OK ? OST_OK : ost_fail(err, st, "%s", why.text);
}

static void begin_command(struct sending *w, size_t i)
{
	struct dialog *d = w->s->d;

	w->said[w->count++] = (struct said){ dialog_begin(d), i, i + 1 };
	buf_str(&d->out, "APPEND ");
	dialog_quote(&d->out, w->s->box);
}

static enum ost_status end_command(struct sending *w, struct ost_error *err)
{
	return dialog_put(w->s->d, span_of("\r\n", 2), err);
}

/* The mails from..to, in one command or in one each. */
static enum ost_status send_all(struct sending *w, struct ost_error *err)
{
	const bool multi = w->s->d->can.multiappend;
	enum ost_status st = OST_OK;
	bool on = true;

	for (size_t i = w->from; st == OST_OK && i < w->to; i++) {
		if (!multi || i == w->from)
			begin_command(w, i);
		w->said[w->count - 1].to = multi ? w->to : i + 1;
		st = send_mail(w, &w->b->mails[i], &on, err);
		if (st == OST_OK && on && (!multi || i + 1 == w->to))
			st = end_command(w, err);
		if (!on && multi)
			break;
	}
	w->s->in_doubt = st == OST_OK;
	if (st == OST_OK)
		st = read_answers(w, NULL, err);
	w->s->in_doubt = w->s->in_doubt && st != OST_OK;
	return st;
}

/* --- what the server does not take ------------------------------------------
 */

static bool is_any(const char *word, const char *const *words)
{
	for (; *words != NULL; words++)
		if (answer_is(span_of(word, strlen(word)), *words))
			return true;
	return false;
}

/* It takes nothing more, whatever is tried: RFC 5530. */
static bool is_lasting(const struct sending *w)
{
	static const char *const codes[] = {
		"OVERQUOTA",	       "AUTHENTICATIONFAILED",
		"AUTHORIZATIONFAILED", "EXPIRED",
		"PRIVACYREQUIRED",     "CONTACTADMIN",
		"CLIENTBUG",	       NULL,
	};

	return is_any(w->word, codes);
}

static bool is_passing(const struct sending *w)
{
	static const char *const codes[] = { "INUSE", "LIMIT", "UNAVAILABLE",
					     "SERVERBUG", NULL };

	return is_any(w->word, codes);
}

static bool is_of_mailbox(const struct sending *w)
{
	static const char *const codes[] = { "NOPERM", "NONEXISTENT",
					     "TRYCREATE", NULL };

	return is_any(w->word, codes);
}

static enum ost_status end_lasting(struct sending *w)
{
	const bool full = strcasecmp(w->word, "OVERQUOTA") == 0;

	report_end(w->s->x->report,
		   full ? "the mailbox is full: %s: raise its quota or make "
			  "room in it, then run this again to go on"
			: "the server takes no more mails: %s: remove the "
			  "cause, then run this again to go on",
		   buf_text(&w->b->why));
	return OST_STOPPED;
}

/* Many in a row, in the same words: it is not the mails. */
static bool is_same(struct session *s, const struct batch *b)
{
	if (s->same_count > 0 &&
	    strcmp(buf_text(&s->same), buf_text(&b->why)) == 0)
		return ++s->same_count >= SAME_MOST;
	buf_cut(&s->same, 0);
	buf_add(&s->same, b->why.at, b->why.len);
	s->same_count = 1;
	return false;
}

/* One that was refused alone: once more without its keywords, or told. */
static enum ost_status refuse_one(struct sending *w, struct batch_mail *m)
{
	struct session *s = w->s;

	if (!m->plain && m->facts.keywords[0] != '\0') {
		m->plain = true;
		return OST_OK;
	}
	mail_fails(s, w->b, m, buf_text(&w->b->why));
	if (!is_same(s, w->b))
		return OST_OK;
	report_end(s->x->report,
		   "the server refused %d mails in a row for the same reason: "
		   "%s: remove the cause, then run this again to go on",
		   SAME_MOST, buf_text(&w->b->why));
	return OST_STOPPED;
}

/* --- ranges ----------------------------------------------------------------
 */

struct ranges {
	struct batch_range {
		size_t from, to;
	} at[RANGES];
	size_t count;
};

static void push(struct ranges *r, size_t from, size_t to)
{
	if (from < to && r->count < RANGES)
		r->at[r->count++] = (struct batch_range){ from, to };
}

/* What is still to do in it, in runs without what is not: those that stand
   first are on top. */
static void push_todo(struct ranges *r, const struct batch *b, size_t from,
		      size_t to, size_t most)
{
	while (to > from) {
		size_t start;

		while (to > from && b->mails[to - 1].state != MAIL_TODO)
			to--;
		start = to;
		while (start > from && to - start < most &&
		       b->mails[start - 1].state == MAIL_TODO)
			start--;
		/* No room: all that is left goes as one, and is looked at
		   again when it comes up. */
		if (r->count == RANGES - 1)
			start = from;
		push(r, start, to);
		to = start;
	}
}

static size_t half(size_t from, size_t to)
{
	return to - from > 1 ? (to - from + 1) / 2 : 1;
}

/* As many as went well at a time, and more each time. */
static size_t at_once(const struct session *s)
{
	return s->most > 0 ? s->most : s->x->o->batch_mails;
}

/* The server refused what it was given, and the connection stands. */
static enum ost_status after_refusal(struct sending *w, struct ranges *r)
{
	struct batch_mail *m = &w->b->mails[w->from];
	struct ost_error err = { "" };
	enum ost_status st = OST_OK;

	if (w->code == ANSWER_OK)
		return OST_OK;
	if (is_lasting(w))
		return end_lasting(w);
	if (is_passing(w)) {
		st = session_wait(w->s, buf_text(&w->b->why));
		push_todo(r, w->b, w->from, w->to, w->to - w->from);
		return st;
	}
	if (is_of_mailbox(w)) {
		if (strcasecmp(w->word, "TRYCREATE") == 0 && m->tries++ == 0 &&
		    session_create(w->s, &err) == OST_OK)
			push_todo(r, w->b, w->from, w->to, w->to - w->from);
		else
			w->b->ends = true;
		return OST_OK;
	}
	if (w->to - w->from == 1)
		st = refuse_one(w, m);
	push_todo(r, w->b, w->from, w->to, half(w->from, w->to));
	return st;
}

static void take_known(void *arg, const struct answer_fetch *f,
		       const struct key *message)
{
	(void)f;
	keys_add(arg, message);
}

/* Of what was under way, what did the server take? */
static enum ost_status look_up(struct session *s, struct batch *b,
			       uint32_t from, const struct key *ours,
			       size_t count, struct ost_error *err)
{
	struct keys fresh = { 0 };
	enum ost_status st = OST_OK;

	if (s->exists)
		st = session_fetch(s, from, false, take_known, &fresh, err);
	if (st == OST_OK && fresh.bad)
		st = ost_no_memory(err);
	for (size_t i = 0; st == OST_OK && i < count; i++)
		(void)keys_take(&fresh, &ours[i]);
	if (s->next == 0)
		for (size_t i = 0; st == OST_OK && i < count; i++)
			st = session_put(s, &ours[i], err);
	for (size_t i = 0; st == OST_OK && i < b->count; i++) {
		struct batch_mail *m = &b->mails[i];

		if (m->state == MAIL_TODO &&
		    keys_take(&fresh, &m->facts.message))
			st = mail_done(s, b, m);
	}
	keys_free(&fresh);
	return st;
}

/* Once more to the mailbox that was left, which must be the same. */
static enum ost_status go_back(struct session *s, struct batch *b,
			       struct ost_error *err)
{
	enum { DOUBT_MS = 500 };
	const uint32_t validity = s->validity, from = s->next;
	struct key *ours = s->since;
	const size_t count = s->since_count;
	enum ost_status st = session_connect(s);

	s->since = NULL;
	s->since_count = 0;
	/* A command that was said to its end may be being done still. */
	if (st == OST_OK && s->in_doubt && !session_sleep(s, DOUBT_MS))
		st = OST_STOPPED;
	if (st == OST_OK)
		st = session_enter(s, s->box, err);
	if (st == OST_OK && s->exists && validity != 0 &&
	    s->validity != validity) {
		report_end(s->x->report,
			   "the mailbox %s was deleted and made again during "
			   "the import; run this again",
			   s->box);
		st = OST_STOPPED;
	}
	if (st == OST_OK)
		st = look_up(s, b, from, ours, count, err);
	if (st == OST_IO) { /* for the next try */
		free(s->since);
		s->since = ours;
		s->since_count = count;
		s->next = from;
		s->validity = validity;
		return st;
	}
	s->in_doubt = false;
	free(ours);
	return st;
}

/* The connection ended: connect, and find out what was taken. */
static enum ost_status recover(struct session *s, struct batch *b,
			       const char *why)
{
	struct ost_error err = { "" };
	enum ost_status st = OST_IO;

	(void)!ost_fail(&err, OST_IO, "%s", why);
	while (st == OST_IO) {
		session_drop(s);
		st = session_wait(s, err.text);
		if (st == OST_OK)
			st = go_back(s, b, &err);
	}
	if (st == OST_CORRUPT || st == OST_NO_MEMORY) {
		report_end(s->x->report, "%s", err.text);
		st = OST_STOPPED;
	}
	return st;
}

/* It was tried alone, and the connection ended each time: it is the mail. */
static enum ost_status blame(struct sending *w, struct batch_mail *m,
			     const struct ost_error *err)
{
	if (m->state != MAIL_TODO || ++m->tries <= w->s->x->o->retry / 2)
		return OST_OK;
	buf_cut(&w->b->why, 0);
	buf_str(&w->b->why, err->text);
	m->plain = true; /* it is not its keywords */
	session_succeeds(w->s);
	return refuse_one(w, m);
}

/*
 * The connection ended. Where commands are answered one by one, the first that
 * was not is tried alone; a command of many mails is halved.
 */
static enum ost_status after_loss(struct sending *w, struct ranges *r,
				  const struct ost_error *err)
{
	const bool multi = w->s->d->can.multiappend;
	const bool alone = w->to - w->from == 1;
	size_t first = w->from;
	enum ost_status st = recover(w->s, w->b, err->text);

	if (st != OST_OK)
		return st;
	if (!alone || w->broken)
		session_succeeds(w->s); /* it is there, and there is less */
	else
		st = blame(w, &w->b->mails[w->from], err);
	while (first < w->to && w->b->mails[first].state != MAIL_TODO)
		first++;
	if (multi)
		w->s->most = half(w->from, w->to);
	push_todo(r, w->b, multi ? first : first + 1, w->to, at_once(w->s));
	if (!multi)
		push(r, first, first < w->to ? first + 1 : first);
	return st;
}

static enum ost_status put_range(struct session *s, struct batch *b,
				 const struct batch_range *range,
				 struct ranges *r)
{
	struct sending w = { .s = s,
			     .b = b,
			     .from = range->from,
			     .to = range->to,
			     .code = ANSWER_OK };
	struct ost_error err = { "" };
	enum ost_status st;

	for (size_t i = w.from; i < w.to; i++) {
		b->mails[i].refused = false;
		if (s->no_keywords.len > 0 &&
		    strcmp(buf_text(&s->no_keywords),
			   b->mails[i].facts.keywords) == 0)
			b->mails[i].plain = true;
	}
	w.said = calloc(w.to - w.from, sizeof(*w.said));
	st = w.said != NULL ? send_all(&w, &err) : ost_no_memory(&err);
	free(w.said);
	if (st == OST_IO)
		return after_loss(&w, r, &err);
	if (st == OST_OK && s->most > 0)
		s->most = s->most < s->x->o->batch_mails ? 2 * s->most : 0;
	if (st == OST_OK)
		return after_refusal(&w, r);
	if (st != OST_STOPPED)
		report_end(s->x->report, "%s", err.text);
	return OST_STOPPED;
}

/* Make the mailbox, if it is not there. */
static enum ost_status make_box(struct session *s, struct batch *b)
{
	struct ost_error err = { "" };
	enum ost_status st = OST_OK;

	while (!s->exists && !b->ends && st == OST_OK) {
		st = session_create(s, &err);
		if (st == OST_IO)
			st = recover(s, b, err.text);
		if (st != OST_CORRUPT)
			continue;
		buf_cut(&b->why, 0);
		buf_str(&b->why, err.text);
		b->ends = true;
		st = OST_OK;
	}
	return st;
}

enum ost_status batch_put(struct session *s, struct batch *b)
{
	struct ranges r = { .count = 0 };
	enum ost_status st = make_box(s, b);

	push_todo(&r, b, 0, b->count, at_once(s));
	while (st == OST_OK && r.count > 0 && !b->ends) {
		struct batch_range range = r.at[--r.count];
		const struct batch_mail *m = &b->mails[range.from];

		/* What was found to be there, or is not to be tried. */
		while (range.from < range.to && m->state != MAIL_TODO)
			m = &b->mails[++range.from];
		for (size_t i = range.from; i < range.to; i++)
			if (b->mails[i].state != MAIL_TODO) {
				push_todo(&r, b, range.from, range.to,
					  at_once(s));
				range.to = range.from;
			}
		if (range.from < range.to)
			st = put_range(s, b, &range, &r);
		if (report_has_ended(s->x->report))
			st = OST_STOPPED;
	}
	b->left = 0;
	for (size_t i = 0; i < b->count; i++)
		b->left += b->mails[i].state == MAIL_TODO;
	for (size_t i = 0; i < b->count; i++)
		source_facts_free(&b->mails[i].facts);
	b->count = 0;
	b->bytes = 0;
	return st;
}
