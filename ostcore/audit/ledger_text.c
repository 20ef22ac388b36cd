#include <inttypes.h>
#include <time.h>

#include "audit/ledger.h"
#include "bytes/text.h"

enum { LINES_MAX = 20 }; /* of each kind of entry; the rest is in the JSON */

/* Text of the store in one line, with nothing that moves a cursor. */
static void put_safe(struct buf *out, const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
		buf_byte(out,
			 (unsigned char)*c < 0x20 || *c == 0x7F ? '?' : *c);
}

static void put_day(struct buf *out, int64_t sec)
{
	const time_t when = (time_t)sec;
	char text[32] = "?";
	struct tm tm;

	if (gmtime_r(&when, &tm) != NULL)
		(void)strftime(text, sizeof(text), "%Y-%m-%d", &tm);
	buf_str(out, text);
}

static void put_store(const struct ledger *l, struct buf *out)
{
	const struct store_info *i = store_info(tree_store(l->tree));
	const struct store_healing *h = &i->healing;

	buf_printf(out, "  store     .%s, %s, %" PRIu64 " %s, %s\n", i->kind,
		   i->format, i->size, text_plural(i->size, "byte", "bytes"),
		   i->clean ? "closed in good order"
			    : "NOT closed in good order: the newest changes "
			      "may be missing");
	if (l->cut_off > 0)
		buf_printf(out,
			   "  CUT SHORT %" PRIu64 " %s missing; copy it again, "
			   "all of it\n",
			   l->cut_off,
			   text_plural(l->cut_off, "byte of it is",
				       "bytes of it are"));
	if (h->header || h->pages > 0)
		buf_printf(out,
			   "  healed    %s%" PRIu64 " %s of its index could "
			   "not be read, %" PRIu64 " %s found without them\n",
			   h->header ? "its header is damaged, " : "", h->pages,
			   text_plural(h->pages, "page", "pages"),
			   h->nodes + h->blocks,
			   text_plural(h->nodes + h->blocks, "entry was",
				       "entries were"));
	buf_printf(out, "  checked   the counts and names of all messages%s\n",
		   l->deep ? ", and every byte of every file"
			   : "; not what is in them (--deep)");
	if (l->deep)
		buf_printf(out,
			   "  read      %" PRIu64 " %s, attachments too: "
			   "%" PRIu64 " %s\n",
			   l->files, text_plural(l->files, "file", "files"),
			   l->bytes, text_plural(l->bytes, "byte", "bytes"));
}

static void put_sums(const struct ledger *l, struct buf *out)
{
	buf_printf(out,
		   "  messages  %" PRIu64 " expected, %" PRIu64
		   " listed in their folders, %" PRIu64 " in Lost and found\n",
		   l->sum.expected, l->sum.shown, l->sum.found);
	if (l->counts[ENTRY_MISSING] + l->counts[ENTRY_UNREADABLE] +
		    l->counts[ENTRY_DAMAGED] >
	    0)
		buf_printf(out,
			   "  LOST      %" PRIu64 " missing, %" PRIu64
			   " unreadable, %" PRIu64 " damaged in part; see "
			   "below\n",
			   l->counts[ENTRY_MISSING],
			   l->counts[ENTRY_UNREADABLE],
			   l->counts[ENTRY_DAMAGED]);
	if (l->sum.outside > 0)
		buf_printf(out,
			   "  outside   %" PRIu64 " in folders that Outlook "
			   "does not show; -o root=store does\n",
			   l->sum.outside);
	if (l->sum.hidden > 0)
		buf_printf(out,
			   "  hidden    %" PRIu64 " associated %s (views, "
			   "rules, settings) %s kept, but not\n"
			   "            shown; .ostfs/mapi/NID.json has all of "
			   "each\n",
			   l->sum.hidden,
			   text_plural(l->sum.hidden, "item", "items"),
			   text_plural(l->sum.hidden, "is", "are"));
	if (tree_shape(l->tree)->recovered)
		buf_printf(out,
			   "  recovered %" PRIu64 " %s, not counted above\n",
			   l->sum.recovered,
			   text_plural(l->sum.recovered,
				       "deleted item or older version",
				       "deleted items and older versions"));
	if (l->counts[ENTRY_NOT_CACHED] > 0)
		buf_printf(out,
			   "  partial   %" PRIu64
			   " %s what was never in the store; see below\n",
			   l->counts[ENTRY_NOT_CACHED],
			   text_plural(l->counts[ENTRY_NOT_CACHED],
				       "file lacks", "files lack"));
	if (l->dated) {
		buf_str(out, "  dates     ");
		put_day(out, l->first);
		buf_str(out, " to ");
		put_day(out, l->last);
		if (strcmp(store_info(tree_store(l->tree))->kind, "ost") == 0)
			buf_str(out, "; the server may have more than "
				     "this copy");
		buf_byte(out, '\n');
	}
}

/* Why the counts of a folder differ; "" when they do not. */
static void explain(const struct ledger_folder *f, struct buf *out)
{
	const struct inventory_count *c = &f->count.of[INVENTORY_MESSAGES];
	const struct inventory_count *a = &f->count.of[INVENTORY_ASSOCIATED];
	const size_t start = out->len;

#define SAY(when, ...)                                                         \
	do {                                                                   \
		if (when) {                                                    \
			buf_str(out, out->len > start ? ", " : "");            \
			buf_printf(out, __VA_ARGS__);                          \
		}                                                              \
	} while (0)
	SAY(inventory_is_damaged(c), "TABLE DAMAGED");
	SAY(f->count.folders_lost, "LIST OF FOLDERS DAMAGED");
	SAY(c->missing > 0, "%" PRIu64 " MISSING", c->missing);
	SAY(f->unreadable > 0, "%" PRIu64 " UNREADABLE", f->unreadable);
	SAY(c->unlisted > 0, "%" PRIu64 " in Lost and found", c->unlisted);
	SAY(c->twice > 0, "%" PRIu64 " listed twice", c->twice);
	SAY(c->has_declared && c->declared != c->rows, "its own count is old");
	SAY(inventory_is_damaged(a), "TABLE OF HIDDEN ITEMS DAMAGED");
	SAY(a->missing > 0, "%" PRIu64 " HIDDEN ITEMS MISSING", a->missing);
	SAY(c->nodes + c->missing + c->twice != c->rows + c->unlisted,
	    "lists messages of other folders, or others list its own");
#undef SAY
}

static void put_folders(const struct ledger *l, struct buf *out)
{
	uint64_t empty = 0;

	buf_str(out, "\nThe messages of each folder: what it says, rows of its "
		     "table, nodes of the\nindex that name it, and files "
		     "shown:\n\n"
		     "      says     rows    nodes    shown  folder\n");
	for (size_t i = 0; i < l->folder_count; i++) {
		const struct ledger_folder *f = &l->folders[i];
		const struct inventory_count *c =
			&f->count.of[INVENTORY_MESSAGES];
		struct buf why = { 0 };

		explain(f, &why);
		if (c->declared + c->rows + c->nodes + f->shown + why.len ==
		    0) {
			empty++;
			buf_free(&why);
			continue;
		}
		if (f->counted)
			buf_printf(out, "%10" PRIu64 " %8" PRIu64 " %8" PRIu64,
				   c->declared, c->rows, c->nodes);
		else
			buf_printf(out, "%10s %8s %8s", "-", "-", "-");
		if (f->outside)
			buf_printf(out, " %8s  ", "-");
		else
			buf_printf(out, " %8" PRIu64 "  ", f->shown);
		put_safe(out, f->path > 0 ? ledger_at(l, f->path) : "");
		if (ledger_at(l, f->path)[0] == '\0')
			buf_str(out, "(the top)");
		if (f->outside)
			buf_str(out, " (outside)");
		if (why.len > 0)
			buf_printf(out, " (%s)", buf_text(&why));
		buf_byte(out, '\n');
		buf_free(&why);
	}
	if (empty > 0)
		buf_printf(out, "%37s%" PRIu64 " empty %s\n", "", empty,
			   text_plural(empty, "folder", "folders"));
}

/* A sentence, or note codes. */
static void put_why(const char *why, struct buf *out)
{
	const char *codes = why, *separator = "";
	struct span code;

	while (mail_note_next(&codes, &code)) {
		const char *meaning = mail_note_meaning(code);

		buf_str(out, separator);
		put_safe(out, *meaning != '\0' ? meaning : why);
		if (*meaning == '\0')
			return;
		separator = "; ";
	}
}

static void put_entry(const struct ledger *l, const struct entry *e,
		      struct buf *out)
{
	buf_printf(out, "  %" PRIx32 "  ", e->nid);
	put_safe(out, ledger_at(l, e->path));
	buf_str(out, "\n      ");
	if (e->bytes > 0)
		buf_printf(out, "%" PRIu64 " %s, the first at %" PRIu64 ": ",
			   e->bytes, text_plural(e->bytes, "byte", "bytes"),
			   e->off);
	put_why(ledger_at(l, e->why), out);
	buf_byte(out, '\n');
}

static void put_more(uint64_t count, struct buf *out)
{
	buf_printf(out, "  ... and %" PRIu64 " more; see --json\n", count);
}

static void put_entries(const struct ledger *l, struct buf *out)
{
	static const char *const titles[ENTRY_KINDS] = {
		"MISSING, though a folder lists it", "UNREADABLE",
		"DAMAGED in part",
		"only in part in the store; where it came from may have all",
		"rendered otherwise than it was"
	};
	uint64_t said[ENTRY_KINDS] = { 0 };

	for (size_t i = 0; i < l->entry_count; i++) {
		const struct entry *e = &l->entries[i];

		if (e->kind == ENTRY_DEGRADED)
			continue; /* the notes are counted */
		if (said[e->kind] == 0)
			buf_printf(out, "\n%s: %" PRIu64 "\n", titles[e->kind],
				   l->counts[e->kind]);
		if (said[e->kind]++ < LINES_MAX)
			put_entry(l, e, out);
		else if (said[e->kind] == LINES_MAX + 1)
			put_more(l->counts[e->kind] - LINES_MAX, out);
	}
}

static void put_damage(const struct ledger *l, struct buf *out)
{
	struct store_damage d;

	if (l->sum.places > 0)
		buf_str(out, "\nDamaged in the file:\n");
	for (size_t i = 0;
	     i < LINES_MAX && store_damage(tree_store(l->tree), i, &d); i++)
		buf_printf(out, "  %s at %#" PRIx64 ": %s\n", d.what, d.off,
			   d.why.text);
	if (l->sum.places > LINES_MAX)
		put_more(l->sum.places - LINES_MAX, out);
}

static void put_notes(const struct ledger *l, struct buf *out)
{
	if (l->note_count > 0)
		buf_str(out, "\n     files  note\n");
	for (size_t i = 0; i < l->note_count; i++) {
		const char *code = l->notes[i].code;

		buf_printf(out, "%10" PRIu64 "  %-18s %s\n", l->notes[i].files,
			   code,
			   mail_note_meaning(span_of(code, strlen(code))));
	}
}

void ledger_verdict(const struct ledger *l, struct buf *out)
{
	const uint64_t losses = ledger_losses(l);

	if (losses > 0)
		buf_printf(out, "NOT ALL IS THERE: %" PRIu64 " %s", losses,
			   text_plural(losses, "loss", "losses"));
	else if (l->inventory == NULL)
		buf_str(out,
			l->deep ? "All that this reader lists can be read, "
				  "and has the right checksums. It cannot "
				  "tell what is not listed, nor what it "
				  "reads wrongly."
				: "No message that this reader lists is "
				  "missing. It cannot tell what is not "
				  "listed.");
	else if (l->deep)
		buf_str(out, "Nothing was lost: all that is in the store is "
			     "shown and can be read.");
	else
		buf_str(out, "No message is missing.");
	if (!l->deep)
		buf_str(out, losses > 0
				     ? ". Contents were not read: use --deep."
				     : " Contents were not read: use --deep.");
}

void ledger_text(const struct ledger *l, struct buf *out)
{
	put_store(l, out);
	put_sums(l, out);
	put_folders(l, out);
	put_entries(l, out);
	put_damage(l, out);
	put_notes(l, out);
	buf_byte(out, '\n');
	ledger_verdict(l, out);
	buf_byte(out, '\n');
}
