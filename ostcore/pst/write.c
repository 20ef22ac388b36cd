/*
 * write.c - a run: one store, the PSTs that it becomes, and their account
 */
#include <inttypes.h>
#include <stdlib.h>

#include "pst/writer.h"
#include "store/budget.h"
#include "store/identity.h"

bool writer_ends(const struct writer *w, enum ost_status st)
{
	return ost_is_internal(st) || st == OST_STOPPED ||
	       (st != OST_OK && w->over) ||
	       (st != OST_OK && w->out != NULL && pst_out_failed(w->out));
}

enum ost_status writer_go_on(const struct writer *w, struct ost_error *err)
{
	if (w->o->stop != NULL && w->o->stop(w->o->arg))
		return ost_fail(err, OST_STOPPED, "interrupted");
	return OST_OK;
}

static void put_options(struct json *j, const struct pst_options *o)
{
	json_object(j, "options");
	json_array_flat(j, "folders");
	for (size_t i = 0; i < o->folder_count; i++)
		json_str(j, NULL, o->folders[i]);
	json_array_end(j);
	if (o->has_since)
		json_raw(j, "since", "%" PRIi64, o->since);
	if (o->has_until)
		json_raw(j, "until", "%" PRIi64, o->until);
	json_raw(j, "split", "%" PRIu64, o->split);
	json_bool(j, "associated", o->associated);
	json_bool(j, "hidden", o->hidden);
	json_bool(j, "recovered", o->recovered);
	json_bool(j, "omit_damaged", o->omit_damaged);
	json_bool(j, "dry_run", o->dry);
	json_bool(j, "verified", o->verify && !o->dry);
	json_object_end(j);
}

static void put_store(struct json *j, struct store *s,
		      const struct pst_options *o)
{
	const struct span key = store_key(s);

	json_object(j, "store");
	json_str(j, "name", o->source);
	json_str(j, "kind", store_info(s)->kind);
	json_str(j, "format", store_info(s)->format);
	json_raw(j, "size", "%" PRIu64, store_info(s)->size);
	if (o->sha256 != NULL)
		json_str(j, "sha256", o->sha256);
	json_string_begin(j, "record_key");
	for (size_t i = 0; i < key.len; i++)
		buf_printf(j->to, "%02x", key.at[i]);
	json_string_end(j);
	json_object_end(j);
}

static void begin_report(struct writer *w)
{
	struct json *j = &w->report.json;

	account_begin(&w->report);
	json_str(j, "made_by", "ost2pst " OST_VERSION);
	put_store(j, w->s, w->o);
	put_options(j, w->o);
	json_array(j, "folders");
}

static void end_report(struct writer *w)
{
	struct json *j = &w->report.json;

	json_array_end(j);
	json_array(j, "parts");
	buf_add(j->to, buf_text(&w->parts), w->parts.len);
	j->more = w->parts.len > 0;
	json_array_end(j);
	json_object(j, "written");
	json_raw(j, "folders", "%" PRIu64, w->n->folders);
	json_raw(j, "messages", "%" PRIu64, w->n->messages);
	json_raw(j, "attachments", "%" PRIu64, w->n->attachments);
	json_object_end(j);
	json_bool(j, "searched_for_lost", !w->n->unsearched);
	account_totals(&w->report);
	account_end(&w->report);
}

static enum ost_status take_inventory(struct writer *w, struct ost_error *err)
{
	const enum ost_status st = inventory_take(&w->inventory, w->s, err);

	w->n->unsearched = st != OST_OK;
	if (st != OST_OK && ost_is_internal(st))
		return st;
	w->n->unsearched |= w->inventory != NULL && w->inventory->cut;
	return OST_OK;
}

static void sum_up(struct writer *w)
{
	struct pst_result *n = w->n;

	for (int what = 1; what < REPORT_WHATS; what++)
		n->totals[what] = w->report.totals[what];
	n->lost = account_losses(&w->report);
	for (int what = 1; what < REPORT_WHATS; what++)
		if (account_kind_of((enum report_what)what) == REPORT_NOT_ASKED)
			n->not_asked += n->totals[what];
}

static enum ost_status run(struct writer *w, struct ost_error *err)
{
	enum ost_status st = take_inventory(w, err);

	if (st != OST_OK)
		return st;
	begin_report(w);
	if (store_is_damaged(w->s))
		account_line(&w->report,
			     &(struct report_line){
				     .what = REPORT_NAMES_UNREADABLE });
	st = folders_copy(w, err);
	if (st != OST_OK)
		return st;
	end_report(w);
	return w->report.failed ? ost_fail(err, OST_CANNOT_OPEN,
					   "the report cannot be written")
				: OST_OK;
}

enum ost_status pst_write(struct pst_result *result, struct store *s,
			  const struct pst_options *options,
			  struct ost_error *err)
{
	struct writer w = {
		.s = s, .o = options, .n = result, .left = budget_entries(s)
	};
	enum ost_status st;

	_Static_assert((int)REPORT_WHATS <= (int)PST_TOTALS, "room for all");
	*result = (struct pst_result){ .parts = 0 };
	w.report.to = options->report;
	w.report.things = options->report != NULL ? options->scratch : NULL;
	st = run(&w, err);
	if (w.report.failed)
		result->destination = true;
	sum_up(&w);
	part_drop(&w);
	account_free(&w.report);
	inventory_free(w.inventory);
	seen_free(&w.messages);
	seen_free(&w.folders);
	buf_free(&w.parts);
	free(w.path);
	return st;
}

void pst_say(const struct pst_result *result, struct buf *to)
{
	for (int what = 1; what < REPORT_WHATS; what++) {
		const enum report_kind kind =
			account_kind_of((enum report_what)what);

		if (result->totals[what] > 0 &&
		    (kind == REPORT_LOSS || kind == REPORT_NOT_ASKED ||
		     kind == REPORT_REMARK))
			buf_printf(to, "%s%s: %" PRIu64 "\n",
				   kind == REPORT_LOSS	      ? "lost: "
				   : kind == REPORT_NOT_ASKED ? "left out: "
							      : "note: ",
				   account_sentence((enum report_what)what),
				   result->totals[what]);
	}
}
