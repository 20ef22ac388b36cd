/*
 * rows.c - what the rows of the contents tables say: dates, and messages that
 * are listed and not there
 */
#include <stdlib.h>

#include "audit/ledger.h"
#include "store/budget.h"

static int by_nid(const void *key, const void *at)
{
	const uint32_t x = *(const uint32_t *)key, y = *(const uint32_t *)at;

	return (x > y) - (x < y);
}

bool ledger_has(const struct ledger *l, uint32_t nid)
{
	const struct inventory_list *list;

	if (l->inventory == NULL)
		return true;
	switch (nid & MAPI_NID_TYPE) {
	case MAPI_NID_MESSAGE:
		list = &l->inventory->of[INVENTORY_MESSAGES];
		break;
	case MAPI_NID_ASSOCIATED:
		list = &l->inventory->of[INVENTORY_ASSOCIATED];
		break;
	default:
		return true;
	}
	return list->count > 0 && bsearch(&nid, list->nids, list->count,
					  sizeof(nid), by_nid) != NULL;
}

static void missing(struct ledger *l, const struct ledger_folder *f,
		    uint32_t nid, enum store_list list)
{
	struct buf path = { 0 };

	buf_str(&path, ledger_at(l, f->path)); /* that may move */
	ledger_add_missing(l, nid, buf_text(&path),
			   list == STORE_MESSAGES
				   ? "the folder"
				   : "the table of associated items");
	buf_free(&path);
}

/* An appointment's time is its own, not when it came. */
static enum ost_status date(struct ledger *l, struct store_object *row,
			    struct ost_error *err)
{
	struct buf class = { 0 };
	enum ost_status st = OST_OK;
	int64_t sec;
	uint32_t nsec;

	if (!mail_time(row, &sec, &nsec) ||
	    (l->dated && sec >= l->first && sec <= l->last))
		return OST_OK; /* it changes nothing */
	st = mail_fact(row, MAIL_CLASS, &class, err);
	if (st == OST_OK &&
	    strncmp(buf_text(&class), "IPM.Appointment", 15) != 0) {
		if (!l->dated || sec < l->first)
			l->first = sec;
		if (!l->dated || sec > l->last)
			l->last = sec;
		l->dated = true;
	}
	buf_free(&class);
	return ost_is_internal(st) ? st : OST_OK;
}

static enum ost_status read_rows(struct ledger *l,
				 const struct ledger_folder *f,
				 struct store_object *folder,
				 enum store_list list, uint64_t *left,
				 struct ost_error *err)
{
	enum ost_status st = OST_OK;

	/* Where this ends the inventory has ended too, and told so. */
	for (size_t i = 0; !ost_is_internal(st) && budget_take(left, 1); i++) {
		struct store_object *row = NULL;

		st = store_child(folder, list, i, &row, err);
		if (st == OST_NOT_FOUND)
			break;
		/* What is shown was told of where it is. */
		if (st == OST_OK && (list == STORE_ASSOCIATED || f->outside) &&
		    !ledger_has(l, row->id.nid))
			missing(l, f, row->id.nid, list);
		if (st == OST_OK && list == STORE_MESSAGES && !f->outside)
			st = date(l, row, err);
		store_drop(row);
	}
	return ost_is_internal(st) ? st : OST_OK;
}

static enum ost_status read_folder(struct ledger *l,
				   const struct ledger_folder *f,
				   enum ledger_rows rows, uint64_t *left,
				   struct ost_error *err)
{
	struct store_object *o = NULL;
	enum ost_status st = store_get(tree_store(l->tree),
				       (struct store_id){ f->nid, 0 }, &o, err);

	if (st == OST_OK && (rows == LEDGER_DATES || f->outside))
		st = read_rows(l, f, o, STORE_MESSAGES, left, err);
	if (st == OST_OK)
		st = read_rows(l, f, o, STORE_ASSOCIATED, left, err);
	store_drop(o);
	return ost_is_internal(st) ? st : OST_OK;
}

enum ost_status rows_read(struct ledger *l, enum ledger_rows rows,
			  struct ost_error *err)
{
	uint64_t left = 2 * budget_entries(tree_store(l->tree));
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i < l->folder_count; i++)
		if (!l->folders[i].found && !l->folders[i].recovered)
			st = read_folder(l, &l->folders[i], rows, &left, err);
	return st;
}
