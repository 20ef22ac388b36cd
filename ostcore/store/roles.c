/*
 * roles.c - which folders of a mailbox are for what
 *
 * The five folders that every mailbox has keep their NIDs in every .ost. The
 * Inbox has the entry ids of the others [MS-OXOSFLD] 2.2.3, 2.2.4, which name
 * a folder by its number on the server, and folders have theirs in 0x67F4. A
 * .pst has entry ids that end in a NID, in the store object.
 */
#include "store/roles.h"

#include <stdlib.h>
#include <strings.h>

enum {
	NID_OST_TOP = 0x2142,
	FOLDERS_MAX = 4096, /* of a mailbox that are looked at */
	DEPTH_MAX = 3,	    /* levels below its top */
	ENTRYID_MAX = 64,
	ENTRYIDS_MAX = 4096,
	ENTRYID_SERVER = 46, /* bytes of one of a folder on a server */
	ENTRYID_FILE = 24,   /* and of one in a .pst */
};

/* A folder below the top of a mailbox. */
struct place {
	uint32_t nid, parent;
	uint64_t number; /* on the server; 0: none */
};

struct places {
	struct place *items; /* owned */
	size_t count;
};

/* Where the Inbox says which folder has a role. */
static const struct pointer {
	uint16_t id;
	uint8_t index; /* of a multi-valued property */
	enum store_role role;
} pointers[] = {
	{ 0x36D0, 0, ROLE_CALENDAR },	 { 0x36D1, 0, ROLE_CONTACTS },
	{ 0x36D2, 0, ROLE_JOURNAL },	 { 0x36D3, 0, ROLE_NOTES },
	{ 0x36D4, 0, ROLE_TASKS },	 { 0x36D7, 0, ROLE_DRAFTS },
	{ 0x35FF, 0, ROLE_ARCHIVE },	 { 0x36D8, 0, ROLE_CONFLICTS },
	{ 0x36D8, 1, ROLE_SYNC_ISSUES }, { 0x36D8, 2, ROLE_LOCAL_FAILURES },
	{ 0x36D8, 4, ROLE_JUNK },	 { 0x36D8, 3, ROLE_SERVER_FAILURES },
};
enum { POINTERS = sizeof(pointers) / sizeof(pointers[0]) };

static struct store_object *folder_open(struct store *s, uint32_t nid)
{
	struct store_object *o = NULL;
	struct ost_error err;

	if ((nid & MAPI_NID_TYPE) != MAPI_NID_FOLDER ||
	    store_get(s, (struct store_id){ nid, 0 }, &o, &err) != OST_OK)
		return NULL;
	return o;
}

static bool folder_exists(struct store *s, uint32_t nid)
{
	struct store_object *o = folder_open(s, nid);

	store_drop(o);
	return o != NULL;
}

/* Gather what is below `o`, each folder once. */
static void places_gather(struct places *p, struct store_object *o,
			  unsigned depth)
{
	struct ost_error err;

	for (size_t i = 0; p->count < FOLDERS_MAX && i < FOLDERS_MAX; i++) {
		struct store_object *child = NULL;
		const enum ost_status st =
			store_child(o, STORE_FOLDERS, i, &child, &err);
		bool known = false;

		if (st == OST_NOT_FOUND)
			break;
		if (st != OST_OK)
			continue;
		for (size_t k = 0; k < p->count && !known; k++)
			known = p->items[k].nid == child->id.nid;
		if (!known &&
		    (child->id.nid & MAPI_NID_TYPE) == MAPI_NID_FOLDER) {
			p->items[p->count++] = (struct place){
				.nid = child->id.nid,
				.parent = o->id.nid,
				.number =
					store_number(child, MAPI_SERVER_ID, 0),
			};
			if (depth < DEPTH_MAX)
				places_gather(p, child, depth + 1);
		}
		store_drop(child);
	}
}

static enum ost_status places_of(struct store *s, uint32_t top,
				 struct places *out, struct ost_error *err)
{
	struct store_object *o;

	*out = (struct places){ .items = calloc(FOLDERS_MAX,
						sizeof(*out->items)) };
	if (out->items == NULL)
		return ost_no_memory(err);
	o = folder_open(s, top);
	if (o != NULL)
		places_gather(out, o, 1);
	store_drop(o);
	return OST_OK;
}

/* Is folder `nid` one that `inner` is in? */
static bool places_above(const struct places *p, uint32_t nid, uint32_t inner)
{
	for (size_t n = 0; n < DEPTH_MAX; n++)
		for (size_t i = 0; i < p->count; i++)
			if (p->items[i].nid == inner) {
				inner = p->items[i].parent;
				if (inner == nid)
					return true;
				break;
			}
	return false;
}

/* The one folder that an entry id of a server's folder names; 0: none. */
static uint32_t places_named(const struct places *p,
			     const struct store_mailbox *m, struct span entryid)
{
	struct cursor c = cur_at(entryid, 4);
	const struct span guid = cur_span(&c, 16);
	const uint64_t type = cur_uint(&c, 2);
	struct cursor tail = cur_at(entryid, 38);
	const uint64_t counter = cur_uint(&tail, 6);
	uint32_t found = 0;

	if (entryid.len != ENTRYID_SERVER || !cur_ok(&c) || !cur_ok(&tail) ||
	    type != 1 || !m->has_guid || memcmp(guid.at, m->guid, 16) != 0)
		return 0;
	for (size_t i = 0; i < p->count; i++)
		if (p->items[i].number >> 16 == counter && counter != 0) {
			if (found != 0)
				return 0; /* of two, neither is the one */
			found = p->items[i].nid;
		}
	return found;
}

/* The NID that an entry id of this .pst ends in [MS-PST] 2.4.3.2; 0: none. */
static uint32_t entryid_nid(struct store *s, struct span entryid)
{
	const struct span key = store_key(s);
	struct cursor c = cur_at(entryid, 4);
	const struct span of = cur_span(&c, 16);
	const uint32_t nid = cur_u32(&c);

	if (entryid.len != ENTRYID_FILE || !cur_ok(&c) || key.len != 16 ||
	    memcmp(of.at, key.at, 16) != 0)
		return 0;
	return nid;
}

/* The value of property `id`, or value `index` of a multi-valued one. */
static void pointer_read(struct store_object *o, const struct pointer *p,
			 struct buf *out)
{
	enum ost_status ignored = OST_OK; /* then `out` is short */
	struct store_prop prop;
	struct ost_error err;

	if (store_find(o, p->id, &prop, &err) != OST_OK ||
	    prop.size > ENTRYIDS_MAX)
		return;
	if (prop.type == (MAPI_MULTIPLE | MAPI_BINARY))
		ignored = store_multi(o, p->id, p->index, out, NULL, &err);
	else if (prop.type == MAPI_BINARY && p->index == 0)
		ignored = store_bytes(o, p->id, ENTRYID_MAX, out, &err);
	(void)ignored;
}

static bool role_is_free(const struct store_mailbox *m, enum store_role role,
			 uint32_t nid)
{
	if (m->folders[role] != 0)
		return false;
	for (unsigned i = 0; i < ROLE_COUNT; i++)
		if (m->folders[i] == nid)
			return false;
	return true;
}

/* What the Inbox `nid` says of the other folders. */
static void roles_by_inbox(struct store *s, const struct places *p,
			   struct store_mailbox *m, uint32_t nid)
{
	struct store_object *inbox = folder_open(s, nid);

	for (size_t i = 0; inbox != NULL && i < POINTERS; i++) {
		struct buf id = { 0 };
		uint32_t folder;

		pointer_read(inbox, &pointers[i], &id);
		folder = id.len == ENTRYID_FILE
				 ? entryid_nid(s, buf_span(&id))
				 : places_named(p, m, buf_span(&id));
		if (folder != 0 && folder_exists(s, folder) &&
		    !places_above(p, folder, nid) && folder != m->top &&
		    role_is_free(m, pointers[i].role, folder))
			m->folders[pointers[i].role] = folder;
		buf_free(&id);
	}
	store_drop(inbox);
}

static void roles_of_ost(struct store *s, const struct places *p,
			 struct store_mailbox *m)
{
	static const struct {
		uint32_t nid;
		enum store_role role;
	} fixed[] = {
		{ 0x2162, ROLE_DELETED },
		{ 0x2182, ROLE_INBOX },
		{ 0x21A2, ROLE_OUTBOX },
		{ 0x21C2, ROLE_SENT },
	};

	for (size_t i = 0; i < p->count; i++)
		for (size_t k = 0; k < sizeof(fixed) / sizeof(fixed[0]); k++)
			if (p->items[i].nid == fixed[k].nid)
				m->folders[fixed[k].role] = fixed[k].nid;
	roles_by_inbox(s, p, m, m->folders[ROLE_INBOX]);
}

/*
 * The Inbox of a mailbox that is shared is the one folder of it that knows
 * others by a mailbox's GUID.
 */
static void roles_of_shared(struct store *s, const struct places *p,
			    struct store_mailbox *m)
{
	struct store_mailbox found = { .top = m->top };
	unsigned inboxes = 0;

	for (size_t i = 0; i < p->count; i++) {
		struct store_mailbox try = { .top = m->top, .has_guid = true };
		struct store_object *o = folder_open(s, p->items[i].nid);
		struct buf id = { 0 };

		for (size_t k = 0; o != NULL && k < POINTERS; k++) {
			pointer_read(o, &pointers[k], &id);
			if (id.len == ENTRYID_SERVER)
				break;
			buf_cut(&id, 0);
		}
		store_drop(o);
		if (id.len == ENTRYID_SERVER) {
			memcpy(try.guid, id.at + 4, sizeof(try.guid));
			try.folders[ROLE_INBOX] = p->items[i].nid;
			roles_by_inbox(s, p, &try, p->items[i].nid);
			inboxes++;
			found = try;
		}
		buf_free(&id);
	}
	if (inboxes == 1)
		*m = found;
}

/* The names of an Inbox in a .pst, which has no number for it. */
static bool is_inbox_name(const char *name)
{
	static const char *const names[] = {
		"Inbox",
		"Posteingang",
		"Boîte de réception",
		"Bandeja de entrada",
		"Posta in arrivo",
		"Postvak IN",
		"Caixa de Entrada",
		"A receber",
		"Skrzynka odbiorcza",
		"Doručená pošta",
		"Beérkezett üzenetek",
		"Inkorgen",
		"Innboks",
		"Indbakke",
		"Saapuneet",
		"Gelen Kutusu",
		"Εισερχόμενα",
		"Входящие",
		"Вхідні",
		"受信トレイ",
		"收件箱",
		"收件匣",
		"받은 편지함",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

static void folder_text(struct store_object *o, uint16_t id, struct buf *out)
{
	struct ost_error err;

	buf_cut(out, 0);
	if (store_text(o, id, out, NULL, &err) != OST_OK)
		buf_cut(out, 0);
}

/* Role by the class of what is in a folder, where it is the only such one. */
static enum store_role role_of_class(const char *class)
{
	static const struct {
		const char *class;
		enum store_role role;
	} classes[] = {
		{ "IPF.Appointment", ROLE_CALENDAR },
		{ "IPF.Contact", ROLE_CONTACTS },
		{ "IPF.Task", ROLE_TASKS },
		{ "IPF.StickyNote", ROLE_NOTES },
		{ "IPF.Journal", ROLE_JOURNAL },
	};

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (strcasecmp(class, classes[i].class) == 0)
			return classes[i].role;
	return ROLE_NONE;
}

/* Of the folders right below the top: the Inbox, and those of a class. */
static void roles_by_look(struct store *s, const struct places *p,
			  struct store_mailbox *m)
{
	uint32_t only[ROLE_COUNT] = { 0 };
	bool twice[ROLE_COUNT] = { false };
	struct buf text = { 0 };

	for (size_t i = 0; i < p->count; i++) {
		struct store_object *o =
			p->items[i].parent == m->top
				? folder_open(s, p->items[i].nid)
				: NULL;
		enum store_role role;

		if (o == NULL)
			continue;
		folder_text(o, MAPI_CONTAINER_CLASS, &text);
		role = role_of_class(buf_text(&text));
		folder_text(o, MAPI_DISPLAY_NAME, &text);
		if (role == ROLE_NONE && is_inbox_name(buf_text(&text)))
			role = ROLE_INBOX;
		twice[role] = twice[role] || only[role] != 0;
		only[role] = p->items[i].nid;
		store_drop(o);
	}
	buf_free(&text);
	if (!twice[ROLE_INBOX] && only[ROLE_INBOX] != 0 &&
	    role_is_free(m, ROLE_INBOX, only[ROLE_INBOX])) {
		m->folders[ROLE_INBOX] = only[ROLE_INBOX];
		roles_by_inbox(s, p, m, only[ROLE_INBOX]);
	}
	for (unsigned role = ROLE_INBOX; role < ROLE_COUNT; role++)
		if (only[role] != 0 && !twice[role] &&
		    role_is_free(m, (enum store_role)role, only[role]))
			m->folders[role] = only[role];
}

/* The folder that property `id` of the store object names; 0: none. */
static uint32_t pst_folder(struct store *s, uint16_t id)
{
	const struct pointer pointer = { id, 0, ROLE_NONE };
	struct store_object *o = NULL;
	struct buf value = { 0 };
	struct ost_error err;
	uint32_t nid = 0;

	if (store_get(s, (struct store_id){ MAPI_NID_STORE, 0 }, &o, &err) ==
	    OST_OK) {
		pointer_read(o, &pointer, &value);
		nid = entryid_nid(s, buf_span(&value));
	}
	store_drop(o);
	buf_free(&value);
	return folder_exists(s, nid) ? nid : 0;
}

static void roles_of_pst(struct store *s, const struct places *p,
			 struct store_mailbox *m)
{
	static const struct pointer said[] = {
		{ MAPI_IPM_OUTBOX_ENTRYID, 0, ROLE_OUTBOX },
		{ MAPI_IPM_WASTEBASKET_ENTRYID, 0, ROLE_DELETED },
		{ MAPI_IPM_SENTMAIL_ENTRYID, 0, ROLE_SENT },
	};

	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		const uint32_t nid = pst_folder(s, said[i].id);

		if (nid != 0 && nid != m->top &&
		    role_is_free(m, said[i].role, nid))
			m->folders[said[i].role] = nid;
	}
	roles_by_look(s, p, m);
}

/* The mailboxes of others, each a folder of the one that holds them. */
static enum ost_status roles_shared(struct store *s, struct store_identity *i,
				    struct ost_error *err)
{
	struct store_object *o = folder_open(s, MAPI_NID_OST_SHARED);
	enum ost_status st = OST_OK;

	for (size_t n = 0; o != NULL && !i->cut; n++) {
		struct store_object *child = NULL;
		struct store_mailbox *m;
		struct places p;

		st = store_child(o, STORE_FOLDERS, n, &child, err);
		if (st == OST_NOT_FOUND || ost_is_internal(st))
			break;
		if (st != OST_OK)
			continue;
		i->cut = i->count == ROLES_MAILBOXES_MAX;
		if (i->cut) {
			store_drop(child);
			break;
		}
		m = &i->mailboxes[i->count];
		m->top = child->id.nid;
		store_drop(child);
		st = places_of(s, m->top, &p, err);
		if (st != OST_OK)
			break;
		roles_of_shared(s, &p, m);
		m->folders[ROLE_TOP] = m->top;
		i->count++;
		free(p.items);
	}
	store_drop(o);
	return ost_is_internal(st) ? st : OST_OK;
}

enum ost_status roles_find(struct store *s, struct store_identity *i,
			   struct ost_error *err)
{
	const bool ost = strcmp(store_info(s)->kind, "ost") == 0;
	struct store_mailbox *m = &i->mailboxes[0];
	struct places p;
	enum ost_status st;

	m->top = ost ? NID_OST_TOP : pst_folder(s, MAPI_IPM_SUBTREE_ENTRYID);
	if (!folder_exists(s, m->top))
		m->top = 0;
	if (m->top == 0)
		return OST_OK;
	st = places_of(s, m->top, &p, err);
	if (st != OST_OK)
		return st;
	m->folders[ROLE_TOP] = m->top;
	if (ost)
		roles_of_ost(s, &p, m);
	else
		roles_of_pst(s, &p, m);
	free(p.items);
	return ost ? roles_shared(s, i, err) : OST_OK;
}
