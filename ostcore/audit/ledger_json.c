#include <inttypes.h>
#include <time.h>

#include "audit/ledger.h"
#include "bytes/json.h"

enum { VERSION = 1 };

static void put_count(struct json *j, const char *key, uint64_t count)
{
	json_raw(j, key, "%" PRIu64, count);
}

static void put_nid(struct json *j, const char *key, uint32_t nid)
{
	json_raw(j, key, "\"%" PRIx32 "\"", nid);
}

static void put_time(struct json *j, const char *key, bool known, int64_t sec)
{
	const time_t when = (time_t)sec;
	char text[64];
	struct tm tm;

	if (!known || gmtime_r(&when, &tm) == NULL) {
		json_raw(j, key, "null");
		return;
	}
	(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	json_str(j, key, text);
}

static void put_store(struct json *j, const struct ledger *l)
{
	const struct store_info *i = store_info(tree_store(l->tree));

	json_object(j, "store");
	json_str(j, "kind", i->kind);
	json_str(j, "format", i->format);
	json_str(j, "reader", store_reader(tree_store(l->tree)));
	put_count(j, "bytes", i->size);
	put_count(j, "header_bytes", i->header_eof);
	put_count(j, "missing_bytes", l->cut_off);
	json_bool(j, "clean", i->clean);
	json_object_flat(j, "healed");
	json_bool(j, "header", i->healing.header);
	put_count(j, "pages", i->healing.pages);
	put_count(j, "nodes", i->healing.nodes);
	put_count(j, "blocks", i->healing.blocks);
	json_object_end(j);
	json_object_end(j);
	json_object_flat(j, "checked");
	json_bool(j, "counts", true);
	json_bool(j, "nodes", l->inventory != NULL && !l->inventory->cut);
	json_bool(j, "names", true);
	json_bool(j, "contents", l->deep);
	json_object_end(j);
}

static void put_sums(struct json *j, const struct ledger *l)
{
	const struct {
		const char *key;
		uint64_t count;
	} sums[] = {
		{ "expected", l->sum.expected },
		{ "shown", l->sum.shown },
		{ "found", l->sum.found },
		{ "outside", l->sum.outside },
		{ "recovered", l->sum.recovered },
		{ "associated", l->sum.hidden },
		{ "associated_missing", l->sum.hidden_missing },
		{ "associated_unlisted", l->sum.hidden_unlisted },
		{ "missing", l->counts[ENTRY_MISSING] },
		{ "unreadable", l->counts[ENTRY_UNREADABLE] },
		{ "damaged", l->counts[ENTRY_DAMAGED] },
		{ "not_shown", l->sum.not_shown },
		{ "tables_damaged", l->sum.tables },
		{ "places_damaged", l->sum.places },
		{ "unaccounted", l->sum.unaccounted },
		{ "listed_twice", l->sum.twice },
		{ "folders_counting_wrong", l->sum.stale },
		{ "not_cached", l->counts[ENTRY_NOT_CACHED] },
		{ "degraded", l->counts[ENTRY_DEGRADED] },
		{ "files_read", l->files },
		{ "bytes_read", l->bytes },
	};

	json_object(j, "totals");
	for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++)
		put_count(j, sums[i].key, sums[i].count);
	json_object_end(j);
	put_time(j, "first", l->dated, l->first);
	put_time(j, "last", l->dated, l->last);
}

static void put_folder(struct json *j, const struct ledger *l,
		       const struct ledger_folder *f)
{
	const struct inventory_count *c = &f->count.of[INVENTORY_MESSAGES];
	const struct inventory_count *a = &f->count.of[INVENTORY_ASSOCIATED];

	json_object_flat(j, NULL);
	put_nid(j, "nid", f->nid);
	json_str(j, "path", ledger_at(l, f->path));
	json_str(j, "place",
		 f->found	? "found"
		 : f->recovered ? "recovered"
		 : f->outside	? "outside"
				: "tree");
	if (c->has_declared)
		put_count(j, "says", c->declared);
	if (f->counted) {
		put_count(j, "rows", c->rows);
		put_count(j, "nodes", c->nodes);
		put_count(j, "unlisted", c->unlisted);
		put_count(j, "missing", c->missing);
		put_count(j, "twice", c->twice);
		json_bool(j, "table_damaged", inventory_is_damaged(c));
		put_count(j, "associated_says", a->declared);
		put_count(j, "associated_rows", a->rows);
		put_count(j, "associated_nodes", a->nodes);
		json_bool(j, "associated_damaged", inventory_is_damaged(a));
		json_bool(j, "folders_damaged", f->count.folders_lost);
	}
	put_count(j, "shown", f->shown);
	put_count(j, "unreadable", f->unreadable);
	json_object_end(j);
}

/* All that no folder shows, so that each can be found in .ostfs/mapi. */
static void put_associated(struct json *j, const struct ledger *l)
{
	static const struct inventory_list none;
	const struct inventory_list *list =
		l->inventory != NULL ? &l->inventory->of[INVENTORY_ASSOCIATED]
				     : &none;

	json_array(j, "associated");
	for (size_t i = 0; i < list->count && i < ENTRIES_MAX; i++) {
		json_object_flat(j, NULL);
		put_nid(j, "nid", list->nids[i]);
		put_nid(j, "folder", list->parents[i]);
		json_bool(j, "listed", inventory_is_listed(list, i));
		json_object_end(j);
	}
	json_array_end(j);
	json_bool(j, "associated_complete", list->count <= ENTRIES_MAX);
}

static void put_entry(struct json *j, const struct ledger *l,
		      const struct entry *e)
{
	static const char *const kinds[ENTRY_KINDS] = { "missing", "unreadable",
							"damaged", "not-cached",
							"degraded" };

	json_object_flat(j, NULL);
	json_str(j, "what", kinds[e->kind]);
	put_nid(j, "nid", e->nid);
	if (e->place > 0)
		put_count(j, "attachment", e->place);
	json_str(j, "path", ledger_at(l, e->path));
	if (e->bytes > 0) {
		put_count(j, "offset", e->off);
		put_count(j, "bytes", e->bytes);
	}
	json_str(j, "why", ledger_at(l, e->why));
	json_object_end(j);
}

static void put_damage(struct json *j, const struct ledger *l)
{
	struct store_damage d;
	size_t i = 0;

	json_array(j, "places");
	for (; store_damage(tree_store(l->tree), i, &d); i++) {
		json_object_flat(j, NULL);
		json_str(j, "what", d.what);
		put_count(j, "offset", d.off);
		json_raw(j, "bid", "\"%" PRIx64 "\"", d.bid);
		json_str(j, "why", d.why.text);
		json_object_end(j);
	}
	json_array_end(j);
	json_bool(j, "places_complete", i >= l->sum.places);
}

void ledger_json(const struct ledger *l, struct buf *out)
{
	struct json j = { .to = out };
	struct buf verdict = { 0 };
	uint64_t entries = 0;

	json_object(&j, NULL);
	json_raw(&j, "version", "%d", VERSION);
	put_count(&j, "losses", ledger_losses(l));
	ledger_verdict(l, &verdict);
	json_str(&j, "verdict", buf_text(&verdict));
	out->bad |= verdict.bad;
	buf_free(&verdict);
	put_store(&j, l);
	put_sums(&j, l);
	json_array(&j, "folders");
	for (size_t i = 0; i < l->folder_count; i++)
		put_folder(&j, l, &l->folders[i]);
	json_array_end(&j);
	put_associated(&j, l);
	json_array(&j, "entries");
	for (size_t i = 0; i < l->entry_count; i++)
		put_entry(&j, l, &l->entries[i]);
	json_array_end(&j);
	for (size_t i = 0; i < ENTRY_KINDS; i++)
		entries += l->counts[i];
	json_bool(&j, "entries_complete", entries == l->entry_count);
	json_object(&j, "notes");
	for (size_t i = 0; i < l->note_count; i++)
		put_count(&j, l->notes[i].code, l->notes[i].files);
	json_object_end(&j);
	put_damage(&j, l);
	json_object_end(&j);
	json_finish(&j);
}

static enum ost_status make_report(void *arg, struct tree *t, struct buf *text,
				   int *fd, struct ost_error *err)
{
	const struct ledger_options options = { 0 };
	struct ledger *l = NULL;
	const enum ost_status st = ledger_make(&l, t, &options, err);

	(void)arg;
	(void)fd;
	if (st == OST_OK)
		ledger_json(l, text);
	ledger_free(l);
	return st;
}

const struct tree_control audit_controls[] = {
	{ "report.json", make_report, NULL },
};
const size_t audit_control_count =
	sizeof(audit_controls) / sizeof(audit_controls[0]);
