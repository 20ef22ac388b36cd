#include "forge_mailbox.h"

#include <stdlib.h>

/*
 * Damage, and what it must come to for each message: the truth that a reader
 * is held against. A message of which a block is damaged is damaged, and lost
 * if that block is the one its node names; a message without node is lost; one
 * that no table lists can be found.
 */

enum {
	EVERY = 3,
	TYPE_CONTENTS = 0x0E,
	TYPE_ASSOCIATED = 0x0F,
	ROOT_FOLDER = 0x122,
	ROOT_LIST = 0x12D,
};

static bool is_damage(const struct damage *d, const char *name)
{
	return d->name != NULL && strcmp(d->name, name) == 0;
}

void damage_message(struct mailbox *b, struct forge_message *m)
{
	const struct damage *d = &b->damage;

	if (m->associated || b->made.len / sizeof(struct made) % EVERY != 0)
		return;
	m->unlisted = is_damage(d, "unlisted");
	m->no_node = is_damage(d, "missing");
	for (struct forge_attachment *a = m->attachments; a != NULL;
	     a = a->next) {
		a->no_row = is_damage(d, "attachment-rows");
		a->no_node = is_damage(d, "attachment-nodes");
	}
}

void damage_made(struct mailbox *b, struct mailbox_folder folder,
		 const struct forge_message *m, uint32_t nid)
{
	const struct made made = {
		.nid = nid,
		.folder = folder.nid,
		.first = m->first_bid,
		.end = m->end_bid,
		.associated = m->associated,
		.fate = m->no_node    ? FATE_LOST
			: m->unlisted ? FATE_FOUND
				      : FATE_SHOWN,
	};
	struct made *at;

	buf_add(&b->made, &made, sizeof(made));
	if (b->made.bad)
		return;
	at = (struct made *)(void *)(b->made.at + b->made.len) - 1;
	for (const struct forge_attachment *a = m->attachments; a != NULL;
	     a = a->next)
		if (a->no_node)
			at->fate = FATE_DAMAGED;
}

static struct made *all(const struct mailbox *b, size_t *count)
{
	*count = b->made.len / sizeof(struct made);
	return (struct made *)(void *)b->made.at;
}

static void worsen(struct made *m, enum fate fate)
{
	if (m->fate < fate)
		m->fate = fate;
}

/* True if a block `bid` is part of a message, which becomes what it must. */
static bool lose_block(struct mailbox *b, const struct buf *store, uint64_t bid,
		       bool only_look)
{
	struct forge_entry node = { 0 };
	struct made *m;
	size_t count;

	m = all(b, &count);
	for (size_t i = 0; i < count; i++) {
		if (bid < m[i].first || (bid & ~UINT64_C(3)) >= m[i].end)
			continue;
		if (!only_look &&
		    forge_find_entry(store, FORGE_NBT, m[i].nid, &node))
			worsen(&m[i],
			       node.bid == bid ? FATE_LOST : FATE_DAMAGED);
		return true;
	}
	return false;
}

static void flip(struct buf *store, uint64_t off)
{
	forge_put(store, off, 1, forge_get(store, off, 1) ^ 0x55);
}

/* Block `number` of those that messages have. */
static bool damage_block(struct mailbox *b, struct buf *store, uint64_t number)
{
	struct forge_place place;
	struct made *m;
	size_t count;

	m = all(b, &count);
	for (size_t i = 0; i < count; i++) {
		for (uint64_t bid = m[i].first; bid < m[i].end; bid += 4) {
			const uint64_t internal = bid | 2;
			const bool data = forge_find_block(store, bid, &place);

			if (!data && !forge_find_block(store, internal, &place))
				continue;
			if (number-- > 0)
				continue;
			flip(store, place.off);
			return lose_block(b, store, data ? bid : internal,
					  false);
		}
	}
	return false;
}

/* The table of that NID type of the first message's folder. */
static bool damage_table(struct mailbox *b, struct buf *store, uint32_t type)
{
	struct forge_entry node;
	struct forge_place place;
	struct made *m;
	size_t count;

	m = all(b, &count);
	if (count == 0 ||
	    !forge_find_entry(store, FORGE_NBT,
			      (m->folder & ~UINT32_C(0x1F)) | type, &node) ||
	    !forge_find_block(store, node.bid, &place))
		return false;
	flip(store, place.off);
	b->damage.tables++;
	for (size_t i = 0; type == TYPE_CONTENTS && i < count; i++)
		if (m[i].folder == m->folder && !m[i].associated)
			worsen(&m[i], FATE_FOUND);
	return true;
}

/* The fate of what is named by entry `key` of a page that is destroyed. */
static bool lose_entry(struct mailbox *b, const struct buf *store,
		       enum forge_btree tree, uint64_t key, bool only_look)
{
	struct made *m;
	size_t count;

	if (tree == FORGE_BBT)
		return lose_block(b, store, key, only_look);
	m = all(b, &count);
	for (size_t i = 0; i < count; i++) {
		if (m[i].nid != key)
			continue;
		if (!only_look)
			worsen(&m[i], FATE_LOST);
		return true;
	}
	return false;
}

static bool lose_page(struct mailbox *b, const struct buf *store,
		      enum forge_btree tree, const struct forge_place *page,
		      bool only_look)
{
	const struct forge_fields f = forge_page_fields(store, page);
	const size_t count = (size_t)forge_get(store, f.count, f.count_width);
	const size_t width = (size_t)forge_get(store, f.width, 1);
	const size_t id = forge_header(store).width;

	for (size_t i = 0; i < count; i++)
		if (!lose_entry(b, store, tree,
				forge_get(store, page->off + i * width, id),
				only_look))
			return false;
	return count > 0;
}

/* The first leaf on which there are only messages, or blocks of them. */
static bool damage_page(struct mailbox *b, struct buf *store,
			enum forge_btree tree)
{
	struct forge_place page;

	for (size_t i = 1; forge_find_page(store, tree, 0, i, &page); i++) {
		if (!lose_page(b, store, tree, &page, true))
			continue;
		(void)lose_page(b, store, tree, &page, false);
		flip(store, page.off);
		return true;
	}
	return false;
}

/* --- the skeleton: what it comes to for messages is not told ------------- */

/* A byte of what node `nid` has. */
static bool damage_node(struct buf *store, uint32_t nid)
{
	struct forge_entry node;
	struct forge_place place;

	if (!forge_find_entry(store, FORGE_NBT, nid, &node) ||
	    !forge_find_block(store, node.bid, &place))
		return false;
	flip(store, place.off);
	return true;
}

/* The node of the first message's folder names itself as the one above. */
static bool damage_parent(const struct mailbox *b, struct buf *store)
{
	const size_t id = forge_header(store).width;
	struct forge_entry node;
	size_t count;
	const struct made *m = all(b, &count);

	if (count == 0 || !forge_find_entry(store, FORGE_NBT, m->folder, &node))
		return false;
	forge_put(store, node.at + 3 * id, 4, m->folder);
	forge_seal_page(store, &node.page);
	return true;
}

/* The root's list of folders has the root itself, wherever it has another. */
static bool damage_list(struct buf *store)
{
	struct forge_entry node;
	struct forge_place place;
	bool any = false;

	if (!forge_find_entry(store, FORGE_NBT, ROOT_LIST, &node) ||
	    !forge_find_block(store, node.bid, &place))
		return false;
	for (uint64_t at = place.off; at + 4 <= place.off + place.size; at++) {
		const uint64_t nid = forge_get(store, at, 4);

		if ((nid & 0x1F) != 2 || nid < 0x8000 || nid > 0x8FFF)
			continue;
		forge_put(store, at, 4, ROOT_FOLDER);
		any = true;
	}
	forge_seal_block(store, &place);
	return any;
}

/* The first leaf of the index of nodes is gone. */
static bool damage_leaf(struct buf *store)
{
	struct forge_place page;

	if (!forge_find_page(store, FORGE_NBT, 0, 0, &page))
		return false;
	memset(store->at + page.off, 0, page.size);
	return true;
}

/* Its first two entries stand in each other's place. */
static bool damage_order(struct buf *store)
{
	struct forge_place page;
	size_t width;

	if (!forge_find_page(store, FORGE_NBT, 0, 0, &page))
		return false;
	width = (size_t)forge_get(store, forge_page_fields(store, &page).width,
				  1);
	for (uint64_t at = page.off; at < page.off + width; at++) {
		const uint64_t first = forge_get(store, at, 1);

		forge_put(store, at, 1, forge_get(store, at + width, 1));
		forge_put(store, at + width, 1, first);
	}
	forge_seal_page(store, &page);
	return true;
}

static bool damage_skeleton(struct mailbox *b, struct buf *store)
{
	const struct damage *d = &b->damage;

	if (is_damage(d, "root"))
		return damage_node(store, ROOT_FOLDER);
	if (is_damage(d, "root-list"))
		return damage_node(store, ROOT_LIST);
	if (is_damage(d, "own-parent"))
		return damage_parent(b, store);
	if (is_damage(d, "circle"))
		return damage_list(store);
	if (is_damage(d, "no-leaf"))
		return damage_leaf(store);
	return is_damage(d, "swapped") && damage_order(store);
}

bool damage_store(struct mailbox *b, struct buf *store)
{
	const struct damage *d = &b->damage;

	if (damage_skeleton(b, store))
		return true;
	if (is_damage(d, "block"))
		return damage_block(b, store, d->number);
	if (is_damage(d, "table"))
		return damage_table(b, store, TYPE_CONTENTS);
	if (is_damage(d, "associated-table"))
		return damage_table(b, store, TYPE_ASSOCIATED);
	if (is_damage(d, "node-page"))
		return damage_page(b, store, FORGE_NBT);
	if (is_damage(d, "block-page"))
		return damage_page(b, store, FORGE_BBT);
	return is_damage(d, "unlisted") || is_damage(d, "missing") ||
	       is_damage(d, "attachment-rows") ||
	       is_damage(d, "attachment-nodes");
}

void damage_tell(const struct mailbox *b)
{
	static const char *const fates[] = {
		[FATE_SHOWN] = "shown",
		[FATE_FOUND] = "found",
		[FATE_DAMAGED] = "damaged",
		[FATE_LOST] = "lost",
	};
	const struct made *m;
	size_t count;

	m = all(b, &count);
	fprintf(b->manifest, "{\"damage\":\"%s\",\"tables\":%u,\"fates\":{",
		b->damage.name, b->damage.tables);
	for (size_t i = 0; i < count; i++)
		fprintf(b->manifest, "%s\"%x\":\"%s\"", i > 0 ? "," : "",
			(unsigned)m[i].nid, fates[m[i].fate]);
	fputs("}}\n", b->manifest);
}
