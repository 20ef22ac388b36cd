#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>

#include "audit/entry.h"

/* A path is as long as folders are deep, and a line holds six times that. */
enum { LINE_MAX = 1 << 20 };

struct manifest_reader {
	FILE *from;
	char *line; /* LINE_MAX + 1 bytes */
	size_t len;
	uint64_t number;       /* of the line */
	struct sha256_ctx sum; /* of the lines before it */
	struct manifest_totals totals;
	struct buf head;
};

static enum ost_status bad(const struct manifest_reader *r,
			   struct ost_error *err, const char *why)
{
	return ost_fail(err, OST_CORRUPT, "line %llu: %s",
			(unsigned long long)r->number, why);
}

/* OST_NOT_FOUND at the end of the file. */
static enum ost_status read_line(struct manifest_reader *r,
				 struct ost_error *err)
{
	r->number++;
	errno = 0;
	if (fgets(r->line, LINE_MAX + 1, r->from) == NULL)
		return ferror(r->from)
			       ? ost_fail(err, OST_IO, "%s", strerror(errno))
			       : ost_fail(err, OST_NOT_FOUND, "the end");
	r->len = strlen(r->line);
	if (r->len == 0 || r->line[r->len - 1] != '\n')
		return bad(r, err, "it is cut short, or not of a manifest");
	return OST_OK;
}

static void add_to_sum(struct manifest_reader *r)
{
	sha256_update(&r->sum, r->len, (const uint8_t *)r->line);
}

/* NULL: it is no object. */
static cJSON *parse(const struct manifest_reader *r)
{
	cJSON *line = cJSON_ParseWithLength(r->line, r->len);

	if (cJSON_IsObject(line))
		return line;
	cJSON_Delete(line);
	return NULL;
}

/* NULL: there is no such text. */
static const char *text_of(const cJSON *line, const char *key)
{
	return cJSON_GetStringValue(
		cJSON_GetObjectItemCaseSensitive(line, key));
}

/* A whole number; `*good` becomes false when there is none. */
static int64_t number_of(const cJSON *line, const char *key, bool *good)
{
	static const double max = 9007199254740992; /* all below are exact */
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(line, key);
	const double number = cJSON_IsNumber(item) ? item->valuedouble : max;

	if (number > -max && number < max && number == (double)(int64_t)number)
		return (int64_t)number;
	*good = false;
	return 0;
}

/* A path that leads nowhere but down. */
static bool is_path(const char *path)
{
	for (;;) {
		const size_t len = strcspn(path, "/");

		if (len == 0 || (len == 1 && path[0] == '.') ||
		    (len == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		if (path[len] == '\0')
			return true;
		path += len + 1;
	}
}

static bool read_kind(struct manifest_entry *e, const cJSON *line)
{
	const char *kind = text_of(line, "kind");

	for (int i = 0; kind != NULL && i < MANIFEST_KINDS; i++) {
		if (strcmp(kind, manifest_kinds[i]) == 0) {
			e->kind = (enum manifest_kind)i;
			return true;
		}
	}
	return false;
}

static bool read_file(struct manifest_entry *e, const cJSON *line)
{
	const char *hex = text_of(line, "sha256");
	const cJSON *offset = cJSON_GetObjectItemCaseSensitive(line, "offset");
	const bool parts =
		cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(line, "parts"));
	bool good = true;
	const int64_t size = number_of(line, "size", &good);
	const int64_t nsec = number_of(line, "mtime_nsec", &good);
	const int64_t at =
		offset != NULL ? number_of(line, "offset", &good) : 0;

	e->mtime = number_of(line, "mtime", &good);
	e->size = (uint64_t)size;
	e->nsec = (uint32_t)nsec;
	e->offset = (uint64_t)at;
	e->is_part = offset != NULL || (parts && e->kind == MANIFEST_FILE);
	if (hex != NULL && !sha_parse(&e->sha, hex))
		good = false;
	return good && size >= 0 && at >= 0 && nsec >= 0 && nsec < 1000000000 &&
	       (e->error != NULL || hex != NULL ||
		(e->is_part && e->kind == MANIFEST_FILE));
}

static bool take_text(char **out, const cJSON *line, const char *key)
{
	const char *text = text_of(line, key);

	*out = text != NULL ? strdup(text) : NULL;
	return text == NULL || *out != NULL;
}

/* Codes of notes, with commas between. */
static enum ost_status take_notes(char **out, const cJSON *line,
				  struct ost_error *err)
{
	const cJSON *notes = cJSON_GetObjectItemCaseSensitive(line, "notes");
	const cJSON *note = NULL;
	struct buf codes = { 0 };
	enum ost_status st;

	cJSON_ArrayForEach(note, notes)
	{
		const char *code = cJSON_GetStringValue(note);

		if (code != NULL)
			buf_printf(&codes, "%s%s", codes.len > 0 ? ", " : "",
				   code);
	}
	st = buf_status(&codes, err);
	if (st == OST_OK && codes.len > 0)
		*out = codes.at;
	else
		buf_free(&codes);
	return st;
}

static enum ost_status take_entry(struct manifest_entry *e, const cJSON *line,
				  struct ost_error *err)
{
	const char *path = text_of(line, "path"), *nid = text_of(line, "nid");

	if (!read_kind(e, line) || path == NULL || nid == NULL)
		return ost_fail(err, OST_CORRUPT,
				"it is not an entry of a manifest");
	if (!take_text(&e->path, line, "path") ||
	    !take_text(&e->error, line, "error"))
		return ost_no_memory(err);
	/* What is wrong with the root itself has no path. */
	if (!is_path(path) && (e->error == NULL || path[0] != '\0'))
		return ost_fail(err, OST_CORRUPT,
				"its path leads out of the tree");
	e->nid = (uint32_t)strtoul(nid, NULL, 16);
	if (!manifest_is_dir(e) && !read_file(e, line))
		return ost_fail(err, OST_CORRUPT,
				"it lacks a size, a time or a hash");
	return take_notes(&e->notes, line, err);
}

static enum ost_status read_entry(struct manifest_reader *r,
				  struct manifest_entry *e, const cJSON *line,
				  struct ost_error *err)
{
	const enum ost_status st = take_entry(e, line, err);

	if (st == OST_CORRUPT)
		return ost_within(err, st, "line %llu",
				  (unsigned long long)r->number);
	if (st == OST_OK)
		manifest_count(&r->totals, e);
	return st;
}

enum ost_status manifest_parse(struct manifest_entry *out, struct span line,
			       struct ost_error *err)
{
	cJSON *json = cJSON_ParseWithLength((const char *)line.at, line.len);
	enum ost_status st;

	*out = (struct manifest_entry){ 0 };
	if (!cJSON_IsObject(json))
		st = ost_fail(err, OST_CORRUPT, "it is not a JSON object");
	else
		st = take_entry(out, json, err);
	cJSON_Delete(json);
	if (st != OST_OK) {
		manifest_entry_free(out);
		*out = (struct manifest_entry){ 0 };
	}
	return st;
}

/* The last line; OST_NOT_FOUND if it is right and nothing follows. */
static enum ost_status read_totals(struct manifest_reader *r, const cJSON *line,
				   struct ost_error *err)
{
	const struct manifest_totals *n = &r->totals;
	const char *hex = text_of(line, "sha256");
	struct sha want, have;
	enum ost_status st;
	bool good = true;

	good = (uint64_t)number_of(line, "directories", &good) ==
		       n->directories &&
	       (uint64_t)number_of(line, "files", &good) == n->files &&
	       (uint64_t)number_of(line, "bytes", &good) == n->bytes &&
	       (uint64_t)number_of(line, "unreadable", &good) ==
		       n->unreadable &&
	       good;
	sha256_digest(&r->sum, sizeof(have.at), have.at);
	if (!good || hex == NULL || !sha_parse(&want, hex) ||
	    !sha_equal(&want, &have))
		return bad(r, err,
			   "the lines before it are not those it sums up");
	st = read_line(r, err);
	return st == OST_OK ? bad(r, err, "something follows the totals") : st;
}

enum ost_status manifest_next(struct manifest_reader *r,
			      struct manifest_entry *out, struct ost_error *err)
{
	enum ost_status st = read_line(r, err);
	const char *kind;
	cJSON *line;

	*out = (struct manifest_entry){ 0 };
	if (st == OST_NOT_FOUND)
		return bad(r, err, "the manifest is cut short");
	if (st != OST_OK)
		return st;
	line = parse(r);
	kind = text_of(line, "kind");
	if (line == NULL)
		st = bad(r, err, "it is not a JSON object");
	else if (kind != NULL && strcmp(kind, "totals") == 0)
		st = read_totals(r, line, err);
	else
		st = read_entry(r, out, line, err);
	cJSON_Delete(line);
	if (st == OST_OK)
		add_to_sum(r);
	return st;
}

static enum ost_status read_head(struct manifest_reader *r,
				 struct ost_error *err)
{
	enum ost_status st = read_line(r, err);
	bool good = true;
	const char *kind;
	cJSON *line;

	if (st == OST_NOT_FOUND)
		return bad(r, err, "it is empty, no manifest");
	if (st != OST_OK)
		return st;
	line = parse(r);
	kind = text_of(line, "kind");
	if (kind == NULL || strcmp(kind, "manifest") != 0)
		st = bad(r, err, "this is not a manifest");
	else if (number_of(line, "version", &good) != MANIFEST_VERSION)
		st = ost_fail(err, OST_UNSUPPORTED,
			      "a manifest of a version that is not known");
	cJSON_Delete(line);
	buf_add(&r->head, r->line, r->len);
	add_to_sum(r);
	return st == OST_OK ? buf_status(&r->head, err) : st;
}

enum ost_status manifest_open(struct manifest_reader **out, FILE *from,
			      struct ost_error *err)
{
	struct manifest_reader *r = calloc(1, sizeof(*r));
	enum ost_status st;

	*out = NULL;
	if (r == NULL)
		return ost_no_memory(err);
	r->from = from;
	r->line = malloc(LINE_MAX + 1);
	sha256_init(&r->sum);
	st = r->line != NULL ? read_head(r, err) : ost_no_memory(err);
	if (st == OST_OK)
		*out = r;
	else
		manifest_close(r);
	return st;
}

bool manifest_is_filtered(const struct manifest_reader *r)
{
	cJSON *head = cJSON_Parse(buf_text(&r->head));
	const char *filters = text_of(head, "filters");
	const bool is = filters != NULL && filters[0] != '\0';

	cJSON_Delete(head);
	return is;
}

const char *manifest_head(const struct manifest_reader *r)
{
	return buf_text(&r->head);
}

void manifest_close(struct manifest_reader *r)
{
	if (r == NULL)
		return;
	buf_free(&r->head);
	free(r->line);
	free(r);
}
