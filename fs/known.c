#include "fs/known.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bytes/json.h"
#include "bytes/sorted.h"
#include "bytes/text.h"
#include "store/identity.h"

/* FNV-1a. */
static uint32_t hash(uint32_t h, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < len; i++)
		h = (h ^ at[i]) * 16777619u;
	return h;
}

enum { HASH_START = (int)2166136261u };

static uint32_t generation_of(const struct fleet_store *f)
{
	uint32_t h = hash((uint32_t)HASH_START, f->path, strlen(f->path));

	h = hash(h, &f->size, sizeof(f->size));
	h = hash(h, &f->mtime, sizeof(f->mtime));
	return hash(h, &f->mtime_nsec, sizeof(f->mtime_nsec)) | 1;
}

static bool is_same_file(const struct fleet_store *a,
			 const struct fleet_store *b)
{
	return a->size == b->size && a->mtime == b->mtime &&
	       a->mtime_nsec == b->mtime_nsec && a->device == b->device &&
	       a->inode == b->inode;
}

static void store_free(struct known_store *s)
{
	if (s == NULL)
		return;
	free(s->file.path);
	free(s->file.name);
	free(s->file.wish);
	free(s->reason);
	free(s->warnings);
	free(s->guid);
	free(s->owner);
	free(s->owner_name);
	free(s);
}

/* A slot for `path`: nobody's, or that of whoever is gone. 0: there is none. */
static unsigned slot_for(const struct known *k, const char *path, bool again)
{
	const uint32_t start = hash((uint32_t)HASH_START, path, strlen(path));

	for (unsigned i = 0; i < KNOWN_SLOTS - 1; i++) {
		const unsigned slot =
			1 + (start % (KNOWN_SLOTS - 1) + i) % (KNOWN_SLOTS - 1);
		const struct known_store *s = k->by_slot[slot];

		if (s == NULL || (again && s->gone && link_is_idle(&s->link)))
			return slot;
	}
	return 0;
}

/* Takes path and name out of `f`. */
static enum ost_status add(struct known *k, struct fleet_store *f,
			   struct ost_error *err)
{
	struct known_store *s = calloc(1, sizeof(*s));
	unsigned slot = slot_for(k, f->path, false);

	if (slot == 0)
		slot = slot_for(k, f->path, true);
	if (s == NULL || slot == 0) {
		free(s);
		return s == NULL ? ost_no_memory(err)
				 : ost_fail(err, OST_LIMIT,
					    "more than %d stores", FLEET_MAX);
	}
	store_free(k->by_slot[slot]);
	s->file = *f;
	*f = (struct fleet_store){ 0 };
	s->slot = slot;
	s->generation = generation_of(&s->file);
	link_start(&s->link);
	k->by_slot[slot] = s;
	return OST_OK;
}

/* One that nobody has read may change: it is being copied, say. */
static void change(struct known_store *s, const struct fleet_store *f)
{
	s->file.size = f->size;
	s->file.mtime = f->mtime;
	s->file.mtime_nsec = f->mtime_nsec;
	s->file.device = f->device;
	s->file.inode = f->inode;
	s->generation = generation_of(&s->file);
	s->state = KNOWN_UNOPENED;
	free(s->reason);
	s->reason = NULL;
	s->code = 0;
}

/* Has it been read, or is somebody at it? */
static bool is_in_use(const struct known_store *s)
{
	return s->read || s->state == KNOWN_OPENING || s->state == KNOWN_OPEN ||
	       s->state == KNOWN_WANTED;
}

static int by_name(const void *a, const void *b)
{
	const struct known_store *const *x = a, *const *y = b;

	return strcmp((*x)->file.name, (*y)->file.name);
}

static void put_in_order(struct known *k)
{
	k->count = 0;
	for (unsigned slot = 1; slot < KNOWN_SLOTS; slot++)
		if (k->by_slot[slot] != NULL && !k->by_slot[slot]->gone)
			k->shown[k->count++] = k->by_slot[slot];
	qsort(k->shown, k->count, sizeof(struct known_store *), by_name);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct fleet_store *)a)->path,
		      ((const struct fleet_store *)b)->path);
}

/*
 * Of those that are shown, which are gone or others? Others keep the name.
 * `stays` is told of each that was found whether it is one of them still.
 */
static bool leave(struct known *k, struct fleet *found, bool *stays,
		  void (*gone)(void *arg, struct known_store *s), void *arg)
{
	bool changed = false;

	for (size_t i = 0; i < k->count; i++) {
		struct known_store *s = k->shown[i];
		struct fleet_store *f =
			bsearch(&s->file, found->stores, found->count,
				sizeof(*found->stores), by_path);

		if (f != NULL)
			f->name = strdup(s->file.name);
		if (f != NULL && is_same_file(f, &s->file)) {
			stays[f - found->stores] = true;
			continue;
		}
		changed = true;
		if (f != NULL && !is_in_use(s)) {
			change(s, f);
			stays[f - found->stores] = true;
			continue;
		}
		s->gone = true;
		gone(arg, s);
	}
	return changed;
}

enum ost_status known_merge(struct known *k, struct fleet *found,
			    void (*gone)(void *arg, struct known_store *s),
			    void *arg, struct ost_error *err)
{
	bool *stays = calloc(found->count + 1, sizeof(*stays));
	enum ost_status st;
	bool changed;

	if (stays == NULL) {
		fleet_free(found);
		return ost_no_memory(err);
	}
	if (found->count > 1)
		qsort(found->stores, found->count, sizeof(*found->stores),
		      by_path);
	changed = leave(k, found, stays, gone, arg);
	st = fleet_name(found, err);
	for (size_t i = 0; st == OST_OK && i < found->count; i++) {
		if (stays[i])
			continue;
		st = add(k, &found->stores[i], err);
		changed = true;
	}
	put_in_order(k);
	if (changed) {
		clock_gettime(CLOCK_REALTIME, &k->changed);
		k->edition++;
	}
	fleet_free(found);
	free(stays);
	return st;
}

struct known_store *known_called(const struct known *k, const char *name)
{
	size_t at;

	SORTED_FIRST(at, k->count, i, strcmp(k->shown[i]->file.name, name) < 0);
	return at < k->count && strcmp(k->shown[at]->file.name, name) == 0
		       ? k->shown[at]
		       : NULL;
}

void known_set(struct known *k, char **text, struct span value)
{
	free(*text);
	*text = malloc(value.len + 1);
	if (*text != NULL) {
		memcpy(*text, value.at, value.len);
		(*text)[value.len] = '\0';
	}
	k->edition++;
}

void known_failed(struct known *k, struct known_store *s, int code,
		  struct span why)
{
	known_set(k, &s->reason, why);
	s->state = KNOWN_FAILED;
	s->code = code;
	clock_gettime(CLOCK_REALTIME, &s->problem_at);
	k->changed = s->problem_at;
}

void known_problem(const struct known_store *s, struct buf *out)
{
	const char *why = s->reason != NULL ? s->reason : "out of memory";

	buf_printf(out, "%s: ", s->file.name);
	text_safe(out, span_of(why, strlen(why)), false);
	buf_printf(out, " (code %d)\n", s->code);
}

/* --- fleet.json ------------------------------------------------------------
 */

static const char *state_name(const struct known_store *s)
{
	static const char *const names[] = {
		[KNOWN_UNOPENED] = "unopened", [KNOWN_WANTED] = "unopened",
		[KNOWN_OPENING] = "unopened",  [KNOWN_OPEN] = "open",
		[KNOWN_CLOSED] = "closed",     [KNOWN_FAILED] = "failed",
	};

	return names[s->state];
}

static void put_text(struct json *j, const char *key, const char *text)
{
	if (text != NULL && *text != '\0')
		json_str(j, key, text);
	else
		json_raw(j, key, "null");
}

/* Of the caches of one mailbox the newest is the first. */
static const struct known_store *first_of(const struct known *k,
					  const struct known_store *s)
{
	const struct known_store *first = s;

	for (size_t i = 0; s->guid != NULL && i < k->count; i++) {
		const struct known_store *o = k->shown[i];

		if (o->guid == NULL || *o->guid == '\0' ||
		    strcmp(o->guid, s->guid) != 0)
			continue;
		if (o->file.mtime > first->file.mtime ||
		    (o->file.mtime == first->file.mtime &&
		     strcmp(o->file.name, first->file.name) < 0))
			first = o;
	}
	return first;
}

static void put_warnings(struct json *j, const struct known_store *s)
{
	const char *at = s->warnings != NULL ? s->warnings : "";

	json_array_flat(j, "warnings");
	for (size_t len; *at != '\0'; at += len + (at[len] != '\0')) {
		len = strcspn(at, "\n");
		json_text(j, NULL, span_of(at, len));
	}
	if (s->crashes > 0) {
		struct buf text = { 0 };

		buf_printf(&text, "the process that reads it crashed: %u %s",
			   s->crashes,
			   text_plural(s->crashes, "time", "times"));
		json_text(j, NULL, buf_span(&text));
		buf_free(&text);
	}
	json_array_end(j);
}

/* The address in the file's name, if the mail says another one. */
static bool is_disputed(const struct known_store *s)
{
	const struct span name = store_file_address(s->file.path);

	return name.len > 0 && s->owner != NULL && *s->owner != '\0' &&
	       (name.len != strlen(s->owner) ||
		strncasecmp((const char *)name.at, s->owner, name.len) != 0);
}

static void put_store(struct json *j, const struct known *k,
		      const struct known_store *s)
{
	const struct known_store *first = first_of(k, s);
	const time_t when = (time_t)s->file.mtime;
	struct buf path = { 0 };
	char text[40] = "";
	struct tm tm;

	if (gmtime_r(&when, &tm) != NULL)
		(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	json_object_flat(j, NULL);
	json_str(j, "name", s->file.name);
	buf_printf(&path, "%s%s", k->base, s->file.path);
	json_str(j, "path", buf_text(&path));
	buf_free(&path);
	json_raw(j, "size", "%" PRIu64, s->file.size);
	json_str(j, "mtime", text);
	json_str(j, "state", state_name(s));
	if (s->state == KNOWN_UNOPENED || s->state == KNOWN_WANTED ||
	    s->state == KNOWN_OPENING)
		json_raw(j, "code", "null");
	else
		json_raw(j, "code", "%d", s->code);
	put_text(j, "reason", s->reason);
	put_warnings(j, s);
	put_text(j, "mailbox_guid", s->guid);
	put_text(j, "owner", s->owner);
	put_text(j, "owner_name", s->owner_name);
	json_bool(j, "owner_disputed", is_disputed(s));
	put_text(j, "same_mailbox_as", first != s ? first->file.name : NULL);
	json_object_end(j);
}

void known_json(const struct known *k, struct buf *out)
{
	struct json j = { .to = out };

	json_array(&j, NULL);
	for (size_t i = 0; i < k->count; i++)
		put_store(&j, k, k->shown[i]);
	json_array_end(&j);
	json_finish(&j);
}

void known_free(struct known *k)
{
	for (unsigned slot = 0; slot < KNOWN_SLOTS; slot++)
		store_free(k->by_slot[slot]);
}
