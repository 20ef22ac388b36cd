/*
 * record.c - what the stores of a fleet were called, for the next time
 */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "bytes/json.h"
#include "bytes/sorted.h"
#include "fleet/fleet.h"

void fleet_record_put(struct buf *out, const struct fleet_store *s, int code)
{
	struct json j = { .to = out };

	json_object_flat(&j, NULL);
	json_str(&j, "name", s->name);
	json_str(&j, "path", s->path);
	if (code >= 0)
		json_raw(&j, "code", "%d", code);
	else
		json_raw(&j, "code", "null");
	json_object_end(&j);
	json_finish(&j);
}

/* What a path is called in a record, where it is UTF-8. */
struct recorded {
	char *path, *name; /* owned */
	size_t line;	   /* of two of a path the first counts */
};

struct record {
	struct recorded *at; /* owned */
	size_t count;
};

static int by_path(const void *a, const void *b)
{
	const struct recorded *x = a, *y = b;
	const int order = strcmp(x->path, y->path);

	return order != 0 ? order : (x->line > y->line) - (x->line < y->line);
}

static enum ost_status add(struct record *r, const cJSON *line,
			   struct ost_error *err)
{
	const char *path = cJSON_GetStringValue(
		cJSON_GetObjectItemCaseSensitive(line, "path"));
	const char *name = cJSON_GetStringValue(
		cJSON_GetObjectItemCaseSensitive(line, "name"));
	struct recorded one = { .line = r->count };

	if (path == NULL || name == NULL || *name == '\0' ||
	    r->count >= FLEET_MAX)
		return OST_OK;
	one.path = strdup(path);
	one.name = strdup(name);
	if (one.path == NULL || one.name == NULL ||
	    !array_more(&r->at, r->count, sizeof(*r->at))) {
		free(one.path);
		free(one.name);
		return ost_no_memory(err);
	}
	r->at[r->count++] = one;
	return OST_OK;
}

/* All lines that can be read; one that was cut names nothing. */
static enum ost_status read_lines(struct record *r, struct span text,
				  struct ost_error *err)
{
	enum ost_status st = OST_OK;

	while (st == OST_OK && text.len > 0) {
		const uint8_t *end = memchr(text.at, '\n', text.len);
		const size_t len =
			end != NULL ? (size_t)(end - text.at) : text.len;
		cJSON *line = cJSON_ParseWithLength((const char *)text.at, len);

		st = add(r, line, err);
		cJSON_Delete(line);
		text = end != NULL ? span_of(end + 1, text.len - len - 1)
				   : span_of(NULL, 0);
	}
	if (r->count > 1)
		qsort(r->at, r->count, sizeof(*r->at), by_path);
	return st;
}

static int against(const void *key, size_t index, const void *arg)
{
	const struct record *r = arg;

	return strcmp(key, r->at[index].path);
}

/* As a record has it, which is in UTF-8. */
static char *as_recorded(const char *path)
{
	struct buf text = { 0 };
	struct json j = { .to = &text };
	char *out = NULL;
	cJSON *value;

	json_str(&j, NULL, path);
	value = cJSON_Parse(buf_text(&text));
	if (cJSON_GetStringValue(value) != NULL)
		out = strdup(cJSON_GetStringValue(value));
	cJSON_Delete(value);
	buf_free(&text);
	return out;
}

static enum ost_status wish_for(struct fleet_store *s, const struct record *r,
				struct ost_error *err)
{
	char *path = as_recorded(s->path);
	size_t i = 0;
	const bool known =
		path != NULL && sorted_find(path, r->count, against, r, &i);
	const bool failed = path == NULL;

	free(path);
	if (!known)
		return failed ? ost_no_memory(err) : OST_OK;
	free(s->wish);
	s->wish = strdup(r->at[i].name);
	return s->wish != NULL ? OST_OK : ost_no_memory(err);
}

/* Those that had a name come first, else in the order that they have. */
static enum ost_status known_first(struct fleet *f, struct ost_error *err)
{
	struct fleet_store *sorted = calloc(f->count + 1, sizeof(*sorted));
	size_t n = 0;

	if (sorted == NULL)
		return ost_no_memory(err);
	for (int known = 1; known >= 0; known--)
		for (size_t i = 0; i < f->count; i++)
			if ((f->stores[i].wish != NULL) == (known == 1))
				sorted[n++] = f->stores[i];
	for (size_t i = 0; i < n; i++)
		f->stores[i] = sorted[i];
	free(sorted);
	return OST_OK;
}

enum ost_status fleet_record_use(struct fleet *f, struct span text,
				 struct ost_error *err)
{
	struct record r = { 0 };
	enum ost_status st = read_lines(&r, text, err);

	for (size_t i = 0; st == OST_OK && i < f->count; i++)
		st = wish_for(&f->stores[i], &r, err);
	if (st == OST_OK)
		st = known_first(f, err);
	for (size_t i = 0; i < r.count; i++) {
		free(r.at[i].path);
		free(r.at[i].name);
	}
	free(r.at);
	return st;
}
