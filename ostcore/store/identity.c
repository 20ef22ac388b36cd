/*
 * identity.c - whose store this is
 */
#include "store/identity.h"

#include <pthread.h>
#include <stdlib.h>

#include "store/backend.h"
#include "store/roles.h"

enum {
	ITEMS_MAX = 50,	  /* of a folder that vote */
	ROWS_MAX = 500,	  /* of it that are looked at for them */
	DEPTH_MAX = 64,	  /* of folders in folders */
	TEXT_MAX = 1024,  /* bytes of an address or a name */
	VOTES_MIN = 2,	  /* that an owner needs, */
	PERCENT_MIN = 60, /* and of all votes */
};

const char *store_role_name(enum store_role role)
{
	static const char *const names[ROLE_COUNT] = {
		[ROLE_NONE] = "",
		[ROLE_TOP] = "top",
		[ROLE_INBOX] = "inbox",
		[ROLE_OUTBOX] = "outbox",
		[ROLE_SENT] = "sent",
		[ROLE_DELETED] = "deleted",
		[ROLE_DRAFTS] = "drafts",
		[ROLE_JUNK] = "junk",
		[ROLE_ARCHIVE] = "archive",
		[ROLE_CALENDAR] = "calendar",
		[ROLE_CONTACTS] = "contacts",
		[ROLE_JOURNAL] = "journal",
		[ROLE_NOTES] = "notes",
		[ROLE_TASKS] = "tasks",
		[ROLE_SYNC_ISSUES] = "sync_issues",
		[ROLE_CONFLICTS] = "conflicts",
		[ROLE_LOCAL_FAILURES] = "local_failures",
		[ROLE_SERVER_FAILURES] = "server_failures",
	};

	return role < ROLE_COUNT ? names[role] : "";
}

/* What one item says of the owner, each "" where it does not. */
struct vote {
	struct buf address, name, x500;
};

struct votes {
	struct vote items[2 * ITEMS_MAX];
	size_t count;
};

/* Where an item of a folder has its owner: in whom it was for, or from. */
static const struct voter {
	enum store_role folder;
	uint16_t address, name, x500;
} voters[] = {
	{ ROLE_INBOX, MAPI_RECEIVED_BY_SMTP, MAPI_RECEIVED_BY_NAME,
	  MAPI_RECEIVED_BY_EMAIL },
	{ ROLE_SENT, MAPI_SENT_REPRESENTING_SMTP, MAPI_SENT_REPRESENTING_NAME,
	  MAPI_SENT_REPRESENTING_EMAIL },
};

/* By whom an item was last changed: that alone may be anybody. */
static const struct voter witness = { ROLE_INBOX, MAPI_MODIFIER_SMTP,
				      MAPI_RECEIVED_BY_NAME,
				      MAPI_RECEIVED_BY_EMAIL };

static void vote_text(struct store_object *o, uint16_t id, struct buf *out)
{
	struct store_prop p;
	struct ost_error err;

	if (store_find(o, id, &p, &err) != OST_OK || p.size > TEXT_MAX ||
	    store_text(o, id, out, NULL, &err) != OST_OK)
		buf_cut(out, 0);
	for (size_t i = 0; i < out->len; i++)
		if ((uint8_t)out->at[i] < ' ') {
			buf_cut(out, 0);
			break;
		}
}

static bool is_smtp(struct span s)
{
	size_t at = 0;

	while (at < s.len && s.at[at] != '@')
		at++;
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] <= ' ' || strchr("/<>\",;:", s.at[i]) != NULL ||
		    (s.at[i] == '@' && i != at))
			return false;
	return at > 0 && at + 1 < s.len;
}

static void lower(struct buf *text)
{
	for (size_t i = 0; i < text->len; i++)
		if (text->at[i] >= 'A' && text->at[i] <= 'Z')
			text->at[i] = (char)(text->at[i] - 'A' + 'a');
}

static void vote_free(struct vote *v)
{
	buf_free(&v->address);
	buf_free(&v->name);
	buf_free(&v->x500);
}

/* Take the vote of message `nid`; false: it says nothing. */
static bool vote_read(struct store *s, uint32_t nid, const struct voter *by,
		      struct vote *out)
{
	struct store_object *o = NULL;
	struct ost_error err;

	*out = (struct vote){ 0 };
	if (store_get(s, (struct store_id){ nid, 0 }, &o, &err) != OST_OK)
		return false;
	vote_text(o, by->address, &out->address);
	vote_text(o, by->name, &out->name);
	vote_text(o, by->x500, &out->x500);
	store_drop(o);
	lower(&out->address);
	if (out->x500.len > 0 && out->x500.at[0] != '/')
		buf_cut(&out->x500, 0);
	if (is_smtp(buf_span(&out->address)))
		return true;
	vote_free(out);
	return false;
}

/* The items of the folder that `by` is for, in the order of its table. */
static void votes_gather(struct store *s, const struct store_mailbox *m,
			 const struct voter *by, struct votes *votes)
{
	struct store_object *folder = NULL;
	struct ost_error err;
	unsigned taken = 0;

	if (m->folders[by->folder] == 0 ||
	    store_get(s, (struct store_id){ m->folders[by->folder], 0 },
		      &folder, &err) != OST_OK)
		return;
	for (size_t i = 0; i < ROWS_MAX && taken < ITEMS_MAX; i++) {
		struct store_object *row = NULL;
		const enum ost_status st =
			store_child(folder, STORE_MESSAGES, i, &row, &err);

		if (st == OST_NOT_FOUND)
			break;
		if (st != OST_OK)
			continue;
		if (vote_read(s, row->id.nid, by,
			      &votes->items[votes->count])) {
			votes->count++;
			taken++;
		}
		store_drop(row);
	}
	store_drop(folder);
}

/* How many of the votes for `address` have `text` in `at`. */
static unsigned votes_for(const struct votes *v, struct span address, size_t at,
			  struct span text)
{
	unsigned count = 0;

	for (size_t i = 0; i < v->count; i++) {
		const struct buf *field =
			(const struct buf *)((const char *)&v->items[i] + at);

		count += span_equal(buf_span(&v->items[i].address), address) &&
			 span_equal(buf_span(field), text);
	}
	return count;
}

/* What most of the votes for `address` have in `at`, owned; "": nothing. */
static char *votes_max(const struct votes *v, struct span address, size_t at)
{
	struct span best = { NULL, 0 };
	unsigned max = 0;

	for (size_t i = 0; i < v->count; i++) {
		const struct span text = buf_span(
			(const struct buf *)((const char *)&v->items[i] + at));
		const unsigned count = votes_for(v, address, at, text);

		if (text.len > 0 && count > max) {
			max = count;
			best = text;
		}
	}
	return strndup(best.len > 0 ? (const char *)best.at : "", best.len);
}

static unsigned votes_for_address(const struct votes *v, struct span address)
{
	return votes_for(v, address, offsetof(struct vote, address), address);
}

/* `least` is how many votes an owner needs. */
static enum ost_status person_elect(struct store_person *p,
				    const struct votes *v, unsigned least,
				    struct ost_error *err)
{
	struct span winner = { NULL, 0 };

	p->of = (unsigned)v->count;
	for (size_t i = 0; i < v->count; i++) {
		const struct span address = buf_span(&v->items[i].address);
		const unsigned count = votes_for_address(v, address);

		if (count >= least && count * 100 >= PERCENT_MIN * p->of) {
			winner = address;
			p->votes = count;
		}
	}
	p->address = votes_max(v, winner, offsetof(struct vote, address));
	p->name = votes_max(v, winner, offsetof(struct vote, name));
	p->x500 = votes_max(v, winner, offsetof(struct vote, x500));
	if (p->address == NULL || p->name == NULL || p->x500 == NULL)
		return ost_no_memory(err);
	return OST_OK;
}

static void votes_free(struct votes *v)
{
	for (size_t i = 0; v != NULL && i < v->count; i++)
		vote_free(&v->items[i]);
	free(v);
}

/* A new mailbox has one mail: is it by the same person that any was changed? */
static bool has_witness(struct store *s, const struct store_mailbox *m,
			const struct votes *v)
{
	struct votes *w = v->count == 1 ? calloc(1, sizeof(*w)) : NULL;
	bool has = false;

	if (w == NULL)
		return false;
	votes_gather(s, m, &witness, w);
	has = votes_for_address(w, buf_span(&v->items[0].address)) > 0;
	votes_free(w);
	return has;
}

static enum ost_status mailbox_elect(struct store *s, struct store_mailbox *m,
				     struct ost_error *err)
{
	struct votes *v = calloc(1, sizeof(*v));
	enum ost_status st;

	if (v == NULL)
		return ost_no_memory(err);
	for (size_t i = 0; i < sizeof(voters) / sizeof(voters[0]); i++)
		votes_gather(s, m, &voters[i], v);
	st = person_elect(&m->owner, v, has_witness(s, m, v) ? 1 : VOTES_MIN,
			  err);
	votes_free(v);
	return st;
}

static void identity_free(struct store_identity *i)
{
	if (i == NULL)
		return;
	for (size_t n = 0; n < i->count; n++) {
		free(i->mailboxes[n].owner.address);
		free(i->mailboxes[n].owner.name);
		free(i->mailboxes[n].owner.x500);
	}
	free(i->mailboxes);
	free(i);
}

static void read_guid(struct store *s, struct store_mailbox *m)
{
	struct store_object *o = NULL;
	struct store_prop p;
	struct ost_error err;

	if (store_get(s, (struct store_id){ MAPI_NID_STORE, 0 }, &o, &err) ==
		    OST_OK &&
	    store_find(o, MAPI_MAILBOX_GUID, &p, &err) == OST_OK &&
	    p.type == MAPI_GUID && p.size == sizeof(m->guid))
		m->has_guid = store_read(o, &p, 0, m->guid, sizeof(m->guid),
					 &err) == OST_OK;
	store_drop(o);
}

/* All but who the owners are. */
static enum ost_status identity_read(struct store_identity **out,
				     struct store *s, struct ost_error *err)
{
	struct store_identity *i = calloc(1, sizeof(*i));
	enum ost_status st = OST_OK;

	if (i != NULL)
		i->mailboxes =
			calloc(ROLES_MAILBOXES_MAX, sizeof(*i->mailboxes));
	if (i == NULL || i->mailboxes == NULL) {
		free(i);
		return ost_no_memory(err);
	}
	i->count = 1;
	read_guid(s, &i->mailboxes[0]);
	st = roles_find(s, i, err);
	if (st == OST_OK)
		*out = i;
	else
		identity_free(i);
	return st;
}

struct store_identity_slot {
	pthread_mutex_t lock;
	struct store_identity *identity; /* NULL: not asked for yet */
	bool elected;			 /* its owners are known */
};

enum ost_status identity_new(struct store_identity_slot **out,
			     struct ost_error *err)
{
	struct store_identity_slot *slot = calloc(1, sizeof(*slot));

	*out = slot;
	if (slot == NULL)
		return ost_no_memory(err);
	pthread_mutex_init(&slot->lock, NULL);
	return OST_OK;
}

void identity_drop(struct store_identity_slot *slot)
{
	if (slot == NULL)
		return;
	identity_free(slot->identity);
	pthread_mutex_destroy(&slot->lock);
	free(slot);
}

enum ost_status store_identity(struct store *s,
			       const struct store_identity **out,
			       struct ost_error *err)
{
	struct store_identity_slot *slot = s->core->identity;
	enum ost_status st = OST_OK;

	pthread_mutex_lock(&slot->lock);
	if (slot->identity == NULL)
		st = identity_read(&slot->identity, s, err);
	for (size_t n = 0;
	     st == OST_OK && !slot->elected && n < slot->identity->count; n++)
		st = mailbox_elect(s, &slot->identity->mailboxes[n], err);
	slot->elected = st == OST_OK;
	*out = slot->identity;
	pthread_mutex_unlock(&slot->lock);
	return st;
}

enum ost_status store_folder_role(struct store *s, uint32_t nid,
				  enum store_role *out, struct ost_error *err)
{
	struct store_identity_slot *slot = s->core->identity;
	enum ost_status st = OST_OK;

	pthread_mutex_lock(&slot->lock);
	if (slot->identity == NULL)
		st = identity_read(&slot->identity, s, err);
	*out = st == OST_OK ? store_identity_role(slot->identity, nid)
			    : ROLE_NONE;
	pthread_mutex_unlock(&slot->lock);
	return st;
}

enum store_role store_identity_role(const struct store_identity *i,
				    uint32_t nid)
{
	for (size_t n = 0; nid != 0 && n < i->count; n++)
		for (unsigned role = 0; role < ROLE_COUNT; role++)
			if (i->mailboxes[n].folders[role] == nid)
				return (enum store_role)role;
	return ROLE_NONE;
}

const struct store_mailbox *
store_mailbox_of(struct store *s, const struct store_identity *i, uint32_t nid)
{
	for (unsigned depth = 0; nid != 0 && depth < DEPTH_MAX; depth++) {
		struct store_object *o = NULL;
		struct ost_error err;

		for (size_t n = 0; n < i->count; n++)
			if (i->mailboxes[n].top == nid)
				return &i->mailboxes[n];
		if (store_get(s, (struct store_id){ nid, 0 }, &o, &err) !=
		    OST_OK)
			return NULL;
		nid = o->parent != nid ? o->parent : 0;
		store_drop(o);
	}
	return NULL;
}

void store_guid_text(const uint8_t guid[16], struct buf *out)
{
	struct cursor c = cur_at(span_of(guid, 16), 0);
	const unsigned first = cur_u32(&c);
	const unsigned second = cur_u16(&c);
	const unsigned third = cur_u16(&c);

	buf_printf(out, "%08x-%04x-%04x-", first, second, third);
	for (unsigned i = 8; i < 16; i++)
		buf_printf(out, i == 10 ? "-%02x" : "%02x", guid[i]);
}

struct span store_file_address(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	const char *dash = strstr(name, " - ");
	const char *dot = strrchr(name, '.');
	const char *end = dash != NULL ? dash : dot;
	struct span address = { NULL, 0 };

	if (end != NULL && end > name)
		address = span_of(name, (size_t)(end - name));
	return is_smtp(address) ? address : span_of(NULL, 0);
}
