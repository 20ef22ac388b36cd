/*
 * import.c - a source put on a server, whole
 */
#include "imap/import.h"

#include <inttypes.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "bytes/sorted.h"
#include "imap/session.h"

/* --- which folders go where ------------------------------------------------
 */

static bool is_same_box(const char *a, const char *b)
{
	return strcmp(a, b) == 0 ||
	       (strcasecmp(a, "INBOX") == 0 && strcasecmp(b, "INBOX") == 0);
}

static struct import_box *box_of(struct import *x, const char *name)
{
	for (size_t i = 0; i < x->box_count; i++)
		if (is_same_box(x->boxes[i].name, name))
			return &x->boxes[i];
	if (!array_more(&x->boxes, x->box_count, sizeof(*x->boxes)))
		return NULL;
	x->boxes[x->box_count] = (struct import_box){ .name = strdup(name) };
	return x->boxes[x->box_count].name != NULL ? &x->boxes[x->box_count++]
						   : NULL;
}

/* What would be empty is not made. */
static enum ost_status place_folders(struct import *x, struct ost_error *err)
{
	for (size_t i = 0; i < x->folders.count; i++) {
		const struct source_folder *f = &x->folders.at[i];
		struct buf name = { 0 };
		struct import_box *box;

		x->report->others += f->others;
		if (f->mails == 0)
			continue;
		x->mails += f->mails;
		roles_mailbox(&x->roles, &x->folders, f->path, &name);
		box = name.bad ? NULL : box_of(x, buf_text(&name));
		buf_free(&name);
		if (box == NULL || !array_more(&box->folders, box->count,
					       sizeof(*box->folders)))
			return ost_no_memory(err);
		box->folders[box->count++] = i;
	}
	return OST_OK;
}

/* --- a folder --------------------------------------------------------------
 */

struct filling {
	struct session *s;
	struct batch b;
	struct report_counts n;
	const struct source_folder *folder;
};

/* OST_IO over and over ends in OST_STOPPED. */
static enum ost_status enter_again(struct session *s, const char *box)
{
	struct ost_error err = { "" };
	enum ost_status st;

	do {
		st = session_connect(s);
		if (st == OST_OK)
			st = session_enter(s, box, &err);
		if (st == OST_OK)
			return OST_OK;
		if (st == OST_IO) {
			session_drop(s);
			st = session_wait(s, err.text) == OST_OK ? OST_IO
								 : OST_STOPPED;
		}
	} while (st == OST_IO);
	if (st != OST_STOPPED)
		report_end(s->x->report, "%s", err.text);
	return OST_STOPPED;
}

/* What is in the mailbox, asked for when it must be known. */
static enum ost_status load(struct session *s)
{
	struct ost_error err = { "" };
	enum ost_status st = session_load(s, &err);

	while (st == OST_IO) {
		session_drop(s);
		st = session_wait(s, err.text);
		if (st == OST_OK)
			st = enter_again(s, s->box);
		if (st == OST_OK)
			st = session_load(s, &err);
	}
	if (st != OST_OK && st != OST_STOPPED)
		report_end(s->x->report, "%s: %s", s->box, err.text);
	return st == OST_OK ? OST_OK : OST_STOPPED;
}

static void count_there(struct filling *f)
{
	struct import *x = f->s->x;

	f->n.there++;
	pthread_mutex_lock(&x->report->lock);
	x->report->n.there++;
	pthread_mutex_unlock(&x->report->lock);
	atomic_fetch_add(&x->done, 1);
}

/* It is not asked for once more. */
static enum ost_status note_there(struct filling *f,
				  const struct source_item *item,
				  const struct key *message)
{
	struct session *s = f->s;
	const struct taken_mail m = { .mailbox = s->box,
				      .validity = s->validity,
				      .item = item->id,
				      .message = *message };
	struct ost_error err = { "" };
	enum ost_status st = OST_OK;

	count_there(f);
	if (!s->x->o->dry_run && !s->x->o->account)
		st = taken_put(s->x->taken, &m, &err);
	if (st == OST_OK)
		return OST_OK;
	report_end(s->x->report, "%s: %s", s->x->o->journal, err.text);
	return OST_STOPPED;
}

static bool is_wanted(const struct import_options *o, int64_t when)
{
	return (!o->has_since || when >= o->since) &&
	       (!o->has_until || when < o->until);
}

/* NULL, or why no server can take it. */
static const char *why_not(const struct session *s,
			   const struct source_facts *facts, char *text,
			   size_t room)
{
	if (facts->size == 0)
		return "it is empty";
	if (s->limit == 0 || facts->size <= s->limit)
		return NULL;
	snprintf(text, room,
		 "it has %" PRIu64 " bytes; the server takes mails of at most "
		 "%" PRIu64,
		 facts->size, s->limit);
	return text;
}

/* A time that IMAP cannot say: years 1 to 9999. */
static enum ost_status doubt_time(struct source_facts *facts)
{
	const int64_t first = INT64_C(-62135596800),
		      last = INT64_C(253402300799);
	char *more = NULL;

	if (facts->mtime >= first && facts->mtime <= last)
		return OST_OK;
	if (asprintf(&more,
		     "%sIMAP cannot express its time; on the server it has "
		     "the time of the import\n",
		     facts->doubts) < 0)
		return OST_NO_MEMORY;
	free(facts->doubts);
	facts->doubts = more;
	return OST_OK;
}

static enum ost_status add_mail(struct filling *f,
				const struct source_item *item,
				struct source_facts *facts)
{
	const struct import_options *o = f->s->x->o;
	struct batch *b = &f->b;

	if (b->count > 0 && (b->count == o->batch_mails ||
			     b->bytes + facts->size > o->batch_bytes)) {
		const enum ost_status st = batch_put(f->s, b);

		if (st != OST_OK) {
			source_facts_free(facts);
			return st;
		}
	}
	if (!array_more(&b->mails, b->count, sizeof(*b->mails)) ||
	    doubt_time(facts) != OST_OK) {
		source_facts_free(facts);
		report_end(f->s->x->report, "out of memory");
		return OST_STOPPED;
	}
	b->mails[b->count++] =
		(struct batch_mail){ .item = *item, .facts = *facts };
	b->bytes += facts->size;
	return OST_OK;
}

static enum ost_status count_to_add(struct filling *f,
				    struct source_facts *facts)
{
	struct report *r = f->s->x->report;

	f->n.added++;
	pthread_mutex_lock(&r->lock);
	r->n.added++;
	r->bytes += facts->size;
	pthread_mutex_unlock(&r->lock);
	source_facts_free(facts);
	return OST_OK;
}

static enum ost_status place_mail(struct filling *f,
				  const struct source_item *item,
				  struct source_facts *facts)
{
	struct session *s = f->s;
	const struct key message = facts->message;
	char text[120];
	const char *why;

	if (!is_wanted(s->x->o, facts->mtime)) {
		source_facts_free(facts);
		pthread_mutex_lock(&s->x->report->lock);
		s->x->report->left++;
		pthread_mutex_unlock(&s->x->report->lock);
		return OST_OK;
	}
	if (session_has(s, &message)) {
		source_facts_free(facts);
		return note_there(f, item, &message);
	}
	why = why_not(s, facts, text, sizeof(text));
	if (why != NULL) {
		batch_refuse(s, &f->b, item, facts->id, why);
		source_facts_free(facts);
		return OST_OK;
	}
	return s->x->o->dry_run ? count_to_add(f, facts)
				: add_mail(f, item, facts);
}

/* One that cannot be read is told, and the next is tried. */
static enum ost_status take_mail(struct filling *f,
				 const struct source_item *item)
{
	struct session *s = f->s;
	struct source_facts facts;
	struct ost_error err = { "" };
	enum ost_status st;

	if (report_has_ended(s->x->report))
		return OST_STOPPED;
	st = load(s);
	if (st != OST_OK)
		return st;
	st = source_facts(&s->r, item, &facts, &err);
	if (st == OST_OK)
		return place_mail(f, item, &facts);
	if (st == OST_CORRUPT) {
		batch_refuse(s, &f->b, item, "", err.text);
		return OST_OK;
	}
	report_end(s->x->report, "%s", err.text);
	return OST_STOPPED;
}

/* A mailbox that takes nothing is told of once, not once a mail. */
static void fail_rest(struct filling *f, uint64_t more)
{
	const uint64_t count = f->b.left + more;

	f->n.failed += count;
	report_failed(f->s->x->report, count);
	report_say(f->s->x->report,
		   "%s: %s: %" PRIu64 " mails are not on the server", f->s->box,
		   buf_text(&f->b.why), count);
}

static enum ost_status fill_from(struct filling *f,
				 const struct source_item *items, size_t count)
{
	struct session *s = f->s;
	struct taken *taken = s->x->taken;
	enum ost_status st = OST_OK;
	size_t i;

	for (i = 0; st == OST_OK && i < count && !f->b.ends; i++) {
		struct key message;

		if (taken != NULL && s->exists &&
		    taken_has(taken, s->box, s->validity, &items[i].id,
			      &message))
			count_there(f);
		else
			st = take_mail(f, &items[i]);
	}
	if (st == OST_OK && f->b.count > 0)
		st = batch_put(s, &f->b);
	if (st == OST_OK && f->b.ends)
		fail_rest(f, count - i);
	return st;
}

static enum ost_status fill_folder(struct session *s,
				   const struct source_folder *folder)
{
	struct filling f = { .s = s, .folder = folder };
	struct source_item *items = NULL;
	struct ost_error err = { "" };
	size_t count = 0;
	enum ost_status st =
		source_items(&s->r, folder->number, &items, &count, &err);

	f.b.n = &f.n;
	if (st == OST_OK) {
		st = fill_from(&f, items, count);
	} else if (st == OST_CORRUPT) {
		report_say(s->x->report, "%s: %s", folder->path, err.text);
		report_failed(s->x->report, folder->mails);
		f.n.failed += folder->mails;
		st = OST_OK;
	} else {
		report_end(s->x->report, "%s", err.text);
		st = OST_STOPPED;
	}
	report_folder(s->x->report, folder->path, s->box, &f.n);
	batch_free(&f.b);
	free(items);
	return st;
}

/* --- a connection ----------------------------------------------------------
 */

static enum ost_status fill_box(struct session *s, const struct import_box *box)
{
	enum ost_status st = enter_again(s, box->name);

	s->has_present = false;
	for (size_t i = 0; st == OST_OK && i < box->count; i++)
		st = fill_folder(s, &s->x->folders.at[box->folders[i]]);
	return st;
}

static void *run_session(void *arg)
{
	struct session *s = arg;
	struct import *x = s->x;
	size_t i;

	while ((i = atomic_fetch_add(&x->next, 1)) < x->box_count)
		if (fill_box(s, &x->boxes[i]) != OST_OK)
			break;
	return NULL;
}

static void session_free(struct session *s)
{
	if (s->d != NULL)
		dialog_logout(s->d);
	session_drop(s);
	source_reader_close(&s->r);
	keys_free(&s->present);
	buf_free(&s->same);
	buf_free(&s->no_keywords);
	free(s->since);
}

/* What the first does not do, others do at the same time. */
static void run_sessions(struct session *sessions, size_t count)
{
	pthread_t threads[SOURCE_READERS_MAX];
	size_t begun = 1;

	while (begun < count && begun < sessions[0].x->box_count &&
	       pthread_create(&threads[begun], NULL, run_session,
			      &sessions[begun]) == 0)
		begun++;
	run_session(&sessions[0]);
	for (size_t i = 1; i < begun; i++)
		pthread_join(threads[i], NULL);
}

/* --- all of it -------------------------------------------------------------
 */

static void gather(void *arg, const struct answer_fetch *f,
		   const struct key *message)
{
	(void)f;
	keys_add(arg, message);
}

/* Of mailbox `box`, what the journal does not know of. */
static void add_unknown(struct import *x, const char *box, struct keys *there,
			uint32_t validity)
{
	if (x->taken != NULL)
		taken_subtract(x->taken, box, validity, there);
	for (size_t i = 0; i < there->cap; i++) {
		const struct keys_place *p = &there->at[i];
		const struct key key = session_key(x, box, &p->key);

		for (uint32_t n = 0; p->used && n < p->count; n++)
			keys_add(&x->account, &key);
	}
	x->account.bad = x->account.bad || there->bad;
}

/* What is in any mailbox, for --dedupe account. */
static enum ost_status load_account(struct session *s, struct ost_error *err)
{
	struct import *x = s->x;
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i < x->roles.box_count; i++) {
		const char *box = x->roles.boxes[i];
		struct keys there = { 0 };

		st = session_enter(s, box, err);
		if (st == OST_OK && s->exists && s->messages > 0)
			st = session_fetch(s, 1, false, gather, &there, err);
		if (st == OST_OK)
			add_unknown(x, box, &there, s->validity);
		keys_free(&there);
	}
	return st == OST_OK && x->account.bad ? ost_no_memory(err) : st;
}

static void tell_faults(struct import *x)
{
	const char *line = buf_text(&x->folders.faults);

	while (*line != '\0') {
		const size_t len = strcspn(line, "\n");

		report_say(x->report, "%.*s", (int)len, line);
		line += len + (line[len] == '\n');
	}
	x->report->faults = x->folders.fault_count;
}

static enum ost_status ask_account(struct import *x, struct session *s,
				   enum wire_fault *fault,
				   struct ost_error *err)
{
	enum ost_status st = login_open(x->login, &s->d, fault, err);

	if (st == OST_OK)
		st = roles_open(&x->roles, &x->o->roles, err);
	if (st == OST_OK)
		st = roles_ask(&x->roles, s->d, err);
	if (st == OST_OK && x->o->account)
		st = load_account(s, err);
	return st;
}

/* A server that answers is asked again when the connection ends. */
static enum ost_status begin(struct import *x, struct session *s,
			     enum wire_fault *fault, struct ost_error *err)
{
	enum { SECOND = 1000 };
	enum ost_status st = ask_account(x, s, fault, err);

	for (unsigned n = 0; n < x->o->retry; n++) {
		if (st != OST_IO || *fault != WIRE_LOST ||
		    !session_sleep(s, n * SECOND))
			break;
		session_drop(s);
		roles_close(&x->roles);
		keys_free(&x->account);
		st = ask_account(x, s, fault, err);
	}
	return st;
}

/* Before anything is put: what there is, and what is there. */
static enum ost_status prepare(struct import *x, struct session *s,
			       enum wire_fault *fault, struct ost_error *err)
{
	enum ost_status st = source_folders(&s->r, &x->folders, err);

	if (st != OST_OK)
		return OST_CORRUPT;
	tell_faults(x);
	st = roles_open(&x->roles, &x->o->roles, err);
	if (st != OST_OK)
		return ost_within(err, st, "%s", x->o->roles.map);
	if (x->o->journal != NULL)
		st = taken_open(&x->taken, x->o->journal, x->o->account_name,
				err);
	if (st != OST_OK)
		return ost_within(err, st, "%s", x->o->journal);
	roles_close(&x->roles);
	st = begin(x, s, fault, err);
	if (st == OST_CORRUPT) {
		*fault = WIRE_WRONG;
		st = OST_IO;
	}
	return st == OST_OK ? place_folders(x, err) : st;
}

static void verify(struct import *x, struct session *s)
{
	struct ost_error err = { "" };
	enum ost_status st;

	if (x->o->verify == VERIFY_NOT || x->o->dry_run ||
	    report_has_ended(x->report))
		return;
	do {
		st = session_connect(s);
		if (st == OST_OK)
			st = verify_all(s, &err);
		if (st != OST_IO)
			break;
		session_drop(s);
		st = session_wait(s, err.text);
	} while (st == OST_OK);
	if (st != OST_OK && st != OST_STOPPED)
		report_end(x->report, "the mails were not verified: %s",
			   err.text);
}

static void import_free(struct import *x)
{
	for (size_t i = 0; i < x->box_count; i++) {
		free(x->boxes[i].name);
		free(x->boxes[i].folders);
	}
	free(x->boxes);
	roles_close(&x->roles);
	source_folders_free(&x->folders);
	keys_free(&x->account);
	pthread_mutex_destroy(&x->rate_lock);
}

enum ost_status import_run(struct report *report, const int *fds,
			   const struct import_options *o, struct login *login,
			   enum wire_fault *fault, struct ost_error *err)
{
	struct import x = { .o = o, .login = login, .report = report };
	struct session sessions[SOURCE_READERS_MAX] = { 0 };
	enum ost_status st = OST_OK, closed;
	bool good = true;

	pthread_mutex_init(&x.rate_lock, NULL);
	report->dry_run = o->dry_run;
	for (size_t i = 0; i < o->connections; i++) {
		sessions[i].x = &x;
		good &= source_reader_open(&sessions[i].r, fds[i]);
	}
	st = good ? prepare(&x, &sessions[0], fault, err) : ost_no_memory(err);
	if (st == OST_OK) {
		run_sessions(sessions, o->connections);
		verify(&x, &sessions[0]);
	}
	for (size_t i = 0; i < o->connections; i++)
		session_free(&sessions[i]);
	closed = taken_close(x.taken, err);
	if (st == OST_OK && closed != OST_OK)
		report_end(report, "%s: %s", o->journal, err->text);
	import_free(&x);
	return st;
}
