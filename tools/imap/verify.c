/*
 * verify.c - is all that was put on the server there, as it is?
 *
 * The server is asked for the size of each message and its Message-ID, or for
 * all of its bytes; the source is read once more. Each mail wants a message of
 * its own that is the same. What was counted on the way is not believed.
 */
#include <inttypes.h>
#include <nettle/sha2.h>
#include <stdlib.h>

#include "imap/session.h"

/* A mail by its size and its Message-ID. */
static struct key sized_key(const struct key *message, uint64_t size)
{
	return key_join(*message, span_of(&size, sizeof(size)));
}

/* --- the server ------------------------------------------------------------
 */

static void add_sized(void *arg, const struct answer_fetch *f,
		      const struct key *message)
{
	const struct key key = sized_key(message, f->size);

	if (f->has_size)
		keys_add(arg, &key);
}

struct hashing {
	struct keys *there;
	struct sha256_ctx sum;
	bool open;
};

static struct key hash_end(struct sha256_ctx *sum)
{
	struct key key;

	sha256_digest(sum, sizeof(key.at), key.at);
	return key;
}

/* No bytes: a message begins, or ends. */
static enum ost_status hash_message(void *arg, struct span bytes,
				    struct ost_error *err)
{
	struct hashing *h = arg;

	(void)err;
	if (bytes.len > 0) {
		sha256_update(&h->sum, bytes.len, bytes.at);
		return OST_OK;
	}
	if (h->open) {
		const struct key key = hash_end(&h->sum);

		keys_add(h->there, &key);
	} else {
		sha256_init(&h->sum);
	}
	h->open = !h->open;
	return OST_OK;
}

static enum ost_status hash_all(struct session *s, struct keys *there,
				struct ost_error *err)
{
	struct hashing h = { .there = there };
	struct answer_status status;
	enum ost_status st;

	s->d->sink = hash_message;
	s->d->sink_arg = &h;
	st = dialog_say(s->d, &status, NULL, err,
			"UID FETCH 1:* (BODY.PEEK[])");
	s->d->sink = NULL;
	if (st == OST_OK && status.state != ANSWER_OK)
		return ost_fail(err, OST_CORRUPT,
				"the server does not send its messages");
	return st;
}

/* What is in a mailbox, which is read anew where the connection ends. */
static enum ost_status ask_box(struct session *s, const char *box,
			       struct keys *there, struct ost_error *err)
{
	enum ost_status st = session_connect(s);

	if (st == OST_OK)
		st = session_enter(s, box, err);
	if (st != OST_OK || !s->exists || s->messages == 0)
		return st;
	return s->x->o->verify == VERIFY_BYTES
		       ? hash_all(s, there, err)
		       : session_fetch(s, 1, true, add_sized, there, err);
}

static void merge(struct keys *into, const struct keys *from)
{
	for (size_t i = 0; i < from->cap; i++)
		for (uint32_t n = 0; n < from->at[i].count; n++)
			keys_add(into, &from->at[i].key);
	into->bad |= from->bad;
}

static enum ost_status add_box(struct session *s, const char *box,
			       struct keys *there, struct ost_error *err)
{
	enum ost_status st = OST_IO;

	while (st == OST_IO) {
		struct keys found = { 0 };

		st = ask_box(s, box, &found, err);
		if (st == OST_OK)
			merge(there, &found);
		keys_free(&found);
		if (st != OST_IO)
			break;
		session_drop(s);
		st = session_wait(s, err->text) == OST_OK ? OST_IO
							  : OST_STOPPED;
	}
	session_succeeds(s);
	return st == OST_OK && there->bad ? ost_no_memory(err) : st;
}

/* --- the source ------------------------------------------------------------
 */

static enum ost_status hash_mail(void *arg, struct span bytes,
				 struct ost_error *err)
{
	(void)err;
	sha256_update(arg, bytes.len, bytes.at);
	return OST_OK;
}

/* The key of a mail in the source. OST_CORRUPT: it cannot be read. */
static enum ost_status mail_key(struct session *s,
				const struct source_item *item, bool *wanted,
				struct key *key, struct ost_error *err)
{
	const struct import_options *o = s->x->o;
	struct source_facts f;
	struct sha256_ctx sum;
	enum ost_status st = source_facts(&s->r, item, &f, err);

	*wanted = true;
	if (st != OST_OK)
		return st;
	*wanted = (!o->has_since || f.mtime >= o->since) &&
		  (!o->has_until || f.mtime < o->until);
	*key = sized_key(&f.message, f.size);
	if (*wanted && o->verify == VERIFY_BYTES) {
		sha256_init(&sum);
		st = source_bytes(&s->r, item, f.size, hash_mail, &sum, err);
		*key = hash_end(&sum);
	}
	source_facts_free(&f);
	return st;
}

static void tell_missing(struct session *s, const struct source_item *item)
{
	struct buf path = { 0 };
	struct ost_error none;

	if (source_path(&s->r, item, &path, &none) == OST_OK)
		report_say(s->x->report,
			   "%s: the server has no message that is the same",
			   buf_text(&path));
	s->x->report->missing++;
	buf_free(&path);
}

/* Messages of the server, and those of them that are mails of the source. */
struct checking {
	struct keys there, ours;
};

static void checking_free(struct checking *c)
{
	keys_free(&c->there);
	keys_free(&c->ours);
}

/* What is left there of a mail that has its message is one too many. */
static void count_twice(struct report *r, struct checking *c)
{
	for (size_t i = 0; i < c->ours.cap; i++)
		if (c->ours.at[i].used)
			while (keys_take(&c->there, &c->ours.at[i].key))
				r->twice++;
}

static enum ost_status check_folder(struct session *s,
				    const struct source_folder *folder,
				    struct checking *c, struct ost_error *err)
{
	struct source_item *items = NULL;
	size_t count = 0;
	enum ost_status st =
		source_items(&s->r, folder->number, &items, &count, err);

	for (size_t i = 0; st == OST_OK && i < count; i++) {
		struct key key;
		bool wanted;

		if (report_has_ended(s->x->report)) {
			st = OST_STOPPED;
			break;
		}
		st = mail_key(s, &items[i], &wanted, &key, err);
		if (!wanted)
			continue;
		if (st == OST_OK && keys_take(&c->there, &key)) {
			keys_add(&c->ours, &key);
			s->x->report->whole++;
		} else if (st == OST_OK || st == OST_CORRUPT)
			tell_missing(s, &items[i]);
		if (st == OST_CORRUPT)
			st = OST_OK;
	}
	free(items);
	return st == OST_OK && c->ours.bad ? ost_no_memory(err) : st;
}

/* --- all -------------------------------------------------------------------
 */

static enum ost_status check_box(struct session *s,
				 const struct import_box *box,
				 struct checking *c, struct ost_error *err)
{
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i < box->count; i++)
		st = check_folder(s, &s->x->folders.at[box->folders[i]], c,
				  err);
	return st;
}

enum ost_status verify_all(struct session *s, struct ost_error *err)
{
	struct import *x = s->x;
	struct roles now = { 0 };
	struct checking c = { 0 };
	enum ost_status st = roles_open(&now, &x->o->roles, err);

	x->report->whole = x->report->missing = x->report->twice = 0;
	x->report->by_bytes = x->o->verify == VERIFY_BYTES;
	/* In an account a mail may be in any mailbox. */
	if (st == OST_OK && x->o->account)
		st = roles_ask(&now, s->d, err);
	for (size_t i = 0; st == OST_OK && i < now.box_count; i++)
		st = add_box(s, now.boxes[i], &c.there, err);
	for (size_t i = 0; st == OST_OK && i < x->box_count; i++) {
		if (!x->o->account) {
			checking_free(&c);
			st = add_box(s, x->boxes[i].name, &c.there, err);
		}
		if (st == OST_OK)
			st = check_box(s, &x->boxes[i], &c, err);
		if (!x->o->account || i + 1 == x->box_count)
			count_twice(x->report, &c);
	}
	x->report->verified = st == OST_OK;
	checking_free(&c);
	roles_close(&now);
	return st;
}
