/*
 * report.c - the account of a run
 */
#include "pst/report.h"

#include <inttypes.h>
#include <stdlib.h>

enum { IDS = 1 << 16, FLUSH_AT = 1 << 16 };

static const struct {
	const char *word;
	enum report_kind kind;
	const char *sentence;
} rows[REPORT_WHATS] = {
	[REPORT_NOTHING] = { "nothing", REPORT_REMARK, "nothing" },
	[REPORT_FOLDER_UNREADABLE] = { "folder-unreadable", REPORT_LOSS,
				       "folders that cannot be read" },
	[REPORT_LIST_UNREADABLE] = { "list-unreadable", REPORT_LOSS,
				     "entries of lists that cannot be read" },
	[REPORT_MESSAGE_MISSING] = { "message-missing", REPORT_LOSS,
				     "messages that a folder lists and that "
				     "are not in the store" },
	[REPORT_MESSAGE_UNREADABLE] = { "message-unreadable", REPORT_LOSS,
					"messages that cannot be read" },
	[REPORT_RECIPIENTS_UNREADABLE] = { "recipients-unreadable", REPORT_LOSS,
					   "lists of recipients that cannot "
					   "be read completely" },
	[REPORT_ATTACHMENT_UNREADABLE] = { "attachment-unreadable", REPORT_LOSS,
					   "attachments that cannot be read" },
	[REPORT_ATTACHMENT_PART] = { "attachment-part", REPORT_LOSS,
				     "attachments with zeros in place of a "
				     "part that cannot be read" },
	[REPORT_ATTACHMENT_LARGE] = { "attachment-large", REPORT_LOSS,
				      "attachments of over 2 GiB, which a PST "
				      "cannot hold" },
	[REPORT_EMBEDDED_UNREADABLE] = { "embedded-unreadable", REPORT_LOSS,
					 "attached messages that cannot be "
					 "read" },
	[REPORT_EMBEDDED_DEEP] = { "embedded-deep", REPORT_LOSS,
				   "attached messages more than 8 deep" },
	[REPORT_VALUE_UNREADABLE] = { "value-unreadable", REPORT_LOSS,
				      "values of properties that cannot be "
				      "read" },
	[REPORT_VALUE_LARGE] = { "value-large", REPORT_LOSS,
				 "values that are too large to be written" },
	[REPORT_VALUE_TYPE] = { "value-type", REPORT_LOSS,
				"values of a type that a PST cannot hold" },
	[REPORT_NAMES_UNREADABLE] = { "names-unreadable", REPORT_LOSS,
				      "the table of property names, which "
				      "cannot be read" },
	[REPORT_LIMIT] = { "limit", REPORT_LOSS,
			   "folders that have too much in them, or are "
			   "too deep" },
	[REPORT_FILTERED] = { "filtered", REPORT_NOT_ASKED,
			      "messages and folders that were not asked for" },
	[REPORT_ASSOCIATED] = { "associated", REPORT_NOT_ASKED,
				"hidden items of folders: views, rules and "
				"settings" },
	[REPORT_SEARCH_FOLDER] = { "search-folder", REPORT_NOT_ASKED,
				   "search folders" },
	[REPORT_OTHER_FOLDER] = { "other-folder", REPORT_NOT_ASKED,
				  "folders that Outlook does not show" },
	[REPORT_OTHER_ITEM] = { "other-item", REPORT_NOT_ASKED,
				"items of folders that Outlook does not "
				"show" },
	[REPORT_TWICE] = { "twice", REPORT_NOT_ASKED,
			   "entries that list a message or folder a "
			   "second time" },
	[REPORT_BOOKKEEPING] = { "bookkeeping", REPORT_RULE,
				 "values that the store keeps for its own "
				 "use" },
	[REPORT_SYNCHRONISATION] = { "synchronisation", REPORT_RULE,
				     "the state of synchronisation" },
	[REPORT_REPLICATION] = { "replication", REPORT_RULE,
				 "the state of replication" },
	[REPORT_COMPUTED] = { "computed", REPORT_RULE,
			      "values that each store computes itself" },
	[REPORT_DANGLING] = { "dangling", REPORT_RULE,
			      "entry IDs that lead into the old store" },
	[REPORT_EMPTY] = { "empty", REPORT_RULE,
			   "empty lists of recipients' names" },
	[REPORT_IN_ROW] = { "in-row", REPORT_RULE,
			    "values that only the folder's table has" },
	[REPORT_TO_UNICODE] = { "to-unicode", REPORT_ALTERED,
				"text of 8-bit characters, now Unicode" },
	[REPORT_GUESSED] = { "charset-guessed", REPORT_ALTERED,
			     "text whose code page was guessed" },
	[REPORT_REPLACED] = { "replaced", REPORT_ALTERED,
			      "text with invalid bytes, which are now U+FFFD" },
	[REPORT_NULS] = { "nuls", REPORT_ALTERED,
			  "text that ended in NULs, which were removed" },
	[REPORT_ODD] = { "odd", REPORT_ALTERED,
			 "text that ended in half a character, which "
			 "was removed" },
	[REPORT_FLAGS] = { "flags", REPORT_ALTERED, "flags of messages" },
	[REPORT_SIZE] = { "size", REPORT_ALTERED, "sizes of messages" },
	[REPORT_SIZE_CAPPED] = { "size-capped", REPORT_ALTERED,
				 "sizes of over 2 GiB, written as 2 GiB" },
	[REPORT_ATTACH_SIZE] = { "attachment-size", REPORT_ALTERED,
				 "sizes of attachments" },
	[REPORT_FOLDER_NAME] = { "folder-name", REPORT_ALTERED,
				 "names of folders" },
	[REPORT_FOLDER_SPLIT] = { "folder-split", REPORT_ALTERED,
				  "folders that continue in a folder with a "
				  "similar name" },
	[REPORT_ADDED_PROPERTY] = { "property-added", REPORT_ADDED,
				    "properties that Outlook requires" },
	[REPORT_ADDED_CELL] = { "cell-added", REPORT_ADDED,
				"values of recipients that Outlook requires" },
	[REPORT_ADDED_NAME] = { "name-added", REPORT_ADDED,
				"new names for properties whose names are "
				"lost" },
	[REPORT_NOTE] = { "note", REPORT_ADDED,
			  "notes in items that lack something" },
	[REPORT_HEADER_ONLY] = { "header-only", REPORT_REMARK,
				 "messages without their body, which Outlook "
				 "had not fetched" },
	[REPORT_NOT_STORED] = { "attachment-not-stored", REPORT_REMARK,
				"attachments whose data is not in the store" },
	[REPORT_MANY_ITEMS] = { "many-items", REPORT_REMARK,
				"folders of over 100,000 items, which make "
				"Outlook slow" },
	[REPORT_LARGE_ITEM] = { "large-item", REPORT_REMARK,
				"messages of over 150 MB, which an import may "
				"refuse" },
	[REPORT_LARGE_PART] = { "large-file", REPORT_REMARK,
				"files of over 20 GB, which an import may "
				"refuse" },
	[REPORT_HUGE_PART] = { "huge-file", REPORT_REMARK,
			       "files of over 50 GB, which Outlook does not "
			       "open unless it is told to" },
	[REPORT_DEEP_FOLDER] = { "deep-folder", REPORT_REMARK,
				 "folders more than 300 levels deep, which an "
				 "import may refuse" },
};

const char *account_word(enum report_what what)
{
	return rows[what].word;
}

const char *account_sentence(enum report_what what)
{
	return rows[what].sentence;
}

enum report_kind account_kind_of(enum report_what what)
{
	return rows[what].kind;
}

/* One that is held: its sentence is at `why` of them, plus one. */
struct held {
	struct report_line line;
	bool listed;
	size_t why;
};

static void hold(struct report *r, const struct report_line *line, bool listed)
{
	struct held h = { .line = *line, .listed = listed };

	h.line.name = span_of(NULL, 0);
	if (line->why != NULL) {
		h.why = r->whys.len + 1;
		buf_add(&r->whys, line->why, strlen(line->why) + 1);
	}
	buf_add(&r->held, &h, sizeof(h));
	r->failed |= r->held.bad || r->whys.bad;
}

void account_hold(struct report *r)
{
	r->holding = true;
}

void account_drop(struct report *r)
{
	buf_cut(&r->held, 0);
	buf_cut(&r->whys, 0);
	r->holding = false;
}

void account_keep(struct report *r)
{
	struct held h;

	r->holding = false;
	for (size_t at = 0; at < r->held.len; at += sizeof(h)) {
		memcpy(&h, r->held.at + at, sizeof(h));
		if (h.why > 0)
			h.line.why = r->whys.at + h.why - 1;
		if (h.listed)
			account_line(r, &h.line);
		else
			account_count(r, h.line.what, h.line.id);
	}
	account_drop(r);
}

size_t account_held(const struct report *r)
{
	return r->held.len;
}

void account_cut(struct report *r, size_t to)
{
	buf_cut(&r->held, to);
}

uint64_t account_losses(const struct report *r)
{
	uint64_t count = 0;

	for (int what = 0; what < REPORT_WHATS; what++)
		if (rows[what].kind == REPORT_LOSS)
			count += r->totals[what];
	return count;
}

void account_count(struct report *r, enum report_what what, uint16_t id)
{
	if (r->holding) {
		hold(r, &(struct report_line){ .what = what, .id = id }, false);
		return;
	}
	r->totals[what]++;
	if (id == 0)
		return;
	if (r->by_id[what] == NULL)
		r->by_id[what] = calloc(IDS, sizeof(*r->by_id[what]));
	if (r->by_id[what] == NULL)
		r->failed = true;
	else
		r->by_id[what][id]++;
}

static void put_nid(struct json *j, const char *key, uint32_t nid)
{
	if (nid != 0)
		json_raw(j, key, "%" PRIu32, nid);
}

static void put_line(struct json *j, const struct report_line *line)
{
	json_object_flat(j, NULL);
	json_str(j, "what", rows[line->what].word);
	put_nid(j, "nid", line->nid);
	put_nid(j, "new_nid", line->new_nid);
	put_nid(j, "folder", line->folder);
	put_nid(j, "attachment", line->place);
	if (line->id != 0)
		json_raw(j, "property", "\"0x%04X\"", line->id);
	if (line->count != 0)
		json_raw(j, "count", "%" PRIu64, line->count);
	if (line->name.len > 0)
		json_text(j, "name", line->name);
	if (line->why != NULL)
		json_str(j, "why", line->why);
	json_object_end(j);
}

void account_line(struct report *r, const struct report_line *line)
{
	struct buf text = { 0 };
	struct json j = { .to = &text, .depth = 2 };

	if (r->holding) {
		hold(r, line, true);
		return;
	}
	account_count(r, line->what, line->id);
	if (line->each)
		r->totals[line->what] += line->count - 1;
	if (r->things == NULL)
		return;
	put_line(&j, line);
	buf_byte(&text, '\0');
	if (text.bad || fwrite(text.at, 1, text.len, r->things) != text.len)
		r->failed = true;
	buf_free(&text);
}

void account_part(struct report *r, uint64_t size, const char *path)
{
	static const struct {
		uint64_t most;
		enum report_what what;
	} limits[] = { { UINT64_C(20) << 30, REPORT_LARGE_PART },
		       { UINT64_C(50) << 30, REPORT_HUGE_PART } };

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (size > limits[i].most)
			account_line(r, &(struct report_line){
						.what = limits[i].what,
						.count = size,
						.why = path });
}

void account_flush(struct report *r)
{
	if (r->to == NULL) {
		buf_cut(&r->text, 0);
		return;
	}
	if (r->text.bad ||
	    fwrite(buf_text(&r->text), 1, r->text.len, r->to) != r->text.len)
		r->failed = true;
	buf_cut(&r->text, 0);
}

void account_begin(struct report *r)
{
	r->json = (struct json){ .to = &r->text };
	json_object(&r->json, NULL);
}

/* The lines that were listed, which stand in a file until then. */
static void put_things(struct report *r)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	json_array(&r->json, "things");
	if (r->things != NULL) {
		rewind(r->things);
		while ((len = getdelim(&line, &room, '\0', r->things)) > 1) {
			const char *at = line + strspn(line, ",\n ");

			json_raw(&r->json, NULL, "%s", "");
			buf_str(&r->text, at);
			if (r->text.len > FLUSH_AT)
				account_flush(r);
		}
		r->failed |= ferror(r->things) != 0;
	}
	free(line);
	json_array_end(&r->json);
}

static void put_ids(struct json *j, const uint64_t *by_id)
{
	for (unsigned id = 0; id < IDS; id++)
		if (by_id[id] > 0) {
			char key[8];

			snprintf(key, sizeof(key), "0x%04X", id);
			json_raw(j, key, "%" PRIu64, by_id[id]);
		}
}

void account_totals(struct report *r)
{
	static const char *const kinds[REPORT_KINDS] = {
		[REPORT_LOSS] = "lost",	   [REPORT_NOT_ASKED] = "left_out",
		[REPORT_RULE] = "by_rule", [REPORT_ALTERED] = "altered",
		[REPORT_ADDED] = "added",  [REPORT_REMARK] = "remarks",
	};

	put_things(r);
	for (int kind = 0; kind < REPORT_KINDS; kind++) {
		json_object(&r->json, kinds[kind]);
		for (int what = 1; what < REPORT_WHATS; what++)
			if (rows[what].kind == (enum report_kind)kind &&
			    r->totals[what] > 0)
				json_raw(&r->json, rows[what].word, "%" PRIu64,
					 r->totals[what]);
		json_object_end(&r->json);
	}
	json_object(&r->json, "properties");
	for (int what = 1; what < REPORT_WHATS; what++)
		if (r->by_id[what] != NULL) {
			json_object(&r->json, rows[what].word);
			put_ids(&r->json, r->by_id[what]);
			json_object_end(&r->json);
		}
	json_object_end(&r->json);
	account_flush(r);
}

void account_end(struct report *r)
{
	json_object_end(&r->json);
	json_finish(&r->json);
	account_flush(r);
}

void account_free(struct report *r)
{
	for (int what = 0; what < REPORT_WHATS; what++)
		free(r->by_id[what]);
	buf_free(&r->text);
	buf_free(&r->held);
	buf_free(&r->whys);
	*r = (struct report){ 0 };
}
