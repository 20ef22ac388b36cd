/*
 * part.c - one PST of a run: begun, named and finished
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/text.h"
#include "pst/writer.h"

enum { ID_FIRST = 0x8000, ID_LAST = 0xFFFD, RESERVE = 64 };

/* PS_INTERNET_HEADERS: names of message headers. */
static const uint8_t ps_headers[16] = { 0x86, 0x03, 0x02, 0, 0, 0, 0, 0,
					0xC0, 0,    0,	  0, 0, 0, 0, 0x46 };
/* Ours, of names that were lost: 7f2c9d4e-51b6-4f0a-9c38-62d41e8b7a05. */
static const uint8_t ps_lost[16] = { 0x4E, 0x9D, 0x2C, 0x7F, 0xB6, 0x51,
				     0x0A, 0x4F, 0x9C, 0x38, 0x62, 0xD4,
				     0x1E, 0x8B, 0x7A, 0x05 };

/* --- what names the part -----------------------------------------------------
 */

/* "OUT.pst", "OUT.2.pst", ...; owned. NULL: no memory. */
static char *path_of(const char *out, unsigned part)
{
	static const char suffix[] = ".pst";
	const size_t len = strlen(out);
	const bool has = len > 4 && strcasecmp(out + len - 4, suffix) == 0;
	char *path;

	if (part == 1)
		return strdup(out);
	if (asprintf(&path, "%.*s.%u%s", (int)(has ? len - 4 : len), out, part,
		     has ? out + len - 4 : "") < 0)
		return NULL;
	return path;
}

static void hash_number(struct sha256_ctx *hash, uint64_t v)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(v >> 8 * i);
	sha256_update(hash, sizeof(bytes), bytes);
}

static void hash_text(struct sha256_ctx *hash, const char *text)
{
	if (text != NULL)
		sha256_update(hash, strlen(text), (const uint8_t *)text);
	hash_number(hash, text != NULL ? strlen(text) : UINT64_MAX);
}

/* What of the options makes another file. */
static void hash_options(struct sha256_ctx *hash, const struct pst_options *o)
{
	hash_text(hash, o->name);
	for (size_t i = 0; i < o->folder_count; i++)
		hash_text(hash, o->folders[i]);
	hash_number(hash, o->has_since ? (uint64_t)o->since : UINT64_MAX);
	hash_number(hash, o->has_until ? (uint64_t)o->until : UINT64_MAX);
	hash_number(hash, o->split);
	hash_number(hash, o->folder_rows);
	hash_number(hash, (uint64_t)o->associated | (uint64_t)o->hidden << 1 |
				  (uint64_t)o->recovered << 2 |
				  (uint64_t)o->omit_damaged << 3 |
				  (uint64_t)o->heal << 4 |
				  (uint64_t)o->codepage << 32);
}

/* Two parts never have the same: Outlook takes them for one store. */
static void make_uid(const struct writer *w, const char *tag, uint8_t uid[16])
{
	const struct span key = store_key(w->s);
	struct sha256_ctx hash;

	sha256_init(&hash);
	hash_text(&hash, tag);
	sha256_update(&hash, key.len, key.at);
	hash_number(&hash, store_info(w->s)->size);
	hash_options(&hash, w->o);
	hash_text(&hash, store_reader(w->s));
	hash_number(&hash, w->part);
	sha256_digest(&hash, 16, uid);
}

/* --- named properties
 * ----------------------------------------------------------- */

static struct pst_name as_name(const struct store_name *name, struct buf *text)
{
	struct pst_name out = { .lid = name->lid };

	memcpy(out.guid, name->guid, sizeof(out.guid));
	if (name->name != NULL) {
		pst_utf16(text, span_of(name->name, strlen(name->name)));
		out.name = buf_span(text);
	}
	return out;
}

/* All that the store's map has. */
static enum ost_status add_names(struct writer *w, struct ost_error *err)
{
	enum ost_status st = OST_OK;

	for (uint32_t id = ID_FIRST; st == OST_OK && id <= ID_LAST; id++) {
		struct store_name name;
		struct buf text = { 0 };
		struct pst_name as;

		if (!store_id_name(w->s, (uint16_t)id, &name))
			continue;
		as = as_name(&name, &text);
		st = buf_status(&text, err);
		if (st == OST_OK)
			st = pst_names_add(w->names, (uint16_t)id, &as, err);
		if (st == OST_LIMIT) /* then it is named when it is met */
			st = OST_OK;
		buf_free(&text);
	}
	return st;
}

static struct pst_name note_name(struct buf *text)
{
	static const char name[] = "x-ost-note";
	struct pst_name out = { .lid = 0 };

	memcpy(out.guid, ps_headers, sizeof(out.guid));
	pst_utf16(text, span_of(name, sizeof(name) - 1));
	out.name = buf_span(text);
	return out;
}

static enum ost_status name_lost(struct writer *w, uint16_t id,
				 struct ost_error *err)
{
	struct buf text = { 0 };
	struct pst_name name = { .lid = 0 };
	char plain[32];
	enum ost_status st;

	memcpy(name.guid, ps_lost, sizeof(name.guid));
	snprintf(plain, sizeof(plain), "ost2pst-0x%04X", id);
	pst_utf16(&text, span_of(plain, strlen(plain)));
	name.name = buf_span(&text);
	st = pst_names_add(w->names, id, &name, err);
	buf_free(&text);
	if (st == OST_OK)
		account_line(&w->report,
			     &(struct report_line){ .what = REPORT_ADDED_NAME,
						    .id = id,
						    .why = plain });
	return st;
}

enum ost_status part_name(struct writer *w, uint16_t id, struct ost_error *err)
{
	struct buf text = { 0 };
	struct pst_name note;
	enum ost_status st;

	if (pst_names_has(w->names, id))
		return OST_OK;
	if (id != w->note_id)
		return name_lost(w, id, err);
	note = note_name(&text);
	st = pst_names_add(w->names, id, &note, err);
	buf_free(&text);
	return st;
}

static enum ost_status begin_names(struct writer *w, struct ost_error *err)
{
	struct buf text = { 0 };
	struct pst_name note = note_name(&text);
	enum ost_status st = pst_names_new(&w->names, err);

	if (st == OST_OK)
		st = add_names(w, err);
	if (st == OST_OK) {
		w->note_id = pst_names_find(w->names, &note);
		if (w->note_id == 0)
			w->note_id = pst_names_free_id(w->names);
	}
	buf_free(&text);
	return st;
}

/* --- beginning
 * -------------------------------------------------------------------- */

/* A failure that is of the destination. */
static enum ost_status at_destination(struct writer *w, enum ost_status st)
{
	w->n->destination |= st != OST_OK && !ost_is_internal(st);
	return st;
}

/* Is there a file of that name, and may it stay so? */
static enum ost_status look(struct writer *w, struct ost_error *err)
{
	const int fd = open(w->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	w->keeps = false;
	if (fd < 0)
		return OST_OK;
	close(fd);
	w->keeps = w->o->resume;
	if (w->keeps || w->o->replace)
		return OST_OK;
	return ost_fail(err, OST_CANNOT_OPEN, "%s: it is there already",
			w->path);
}

enum ost_status part_begin(struct writer *w, struct ost_error *err)
{
	enum ost_status st = OST_OK;

	w->part++;
	w->part_messages = 0;
	w->digest = (struct digest){ .values = 0 };
	free(w->path);
	w->path = w->o->dry ? NULL : path_of(w->o->out, w->part);
	if (!w->o->dry && w->path == NULL)
		return ost_no_memory(err);
	if (!w->o->dry)
		st = look(w, err);
	if (st == OST_OK)
		st = pst_out_new(&w->out, w->keeps ? NULL : w->path, err);
	if (st != OST_OK)
		return at_destination(w, st);
	make_uid(w, "ost2pst store uid", w->uid);
	make_uid(w, "ost2pst replica id", w->replica);
	st = begin_names(w, err);
	return st == OST_OK ? pst_skeleton_begin(w->out, err) : st;
}

void part_drop(struct writer *w)
{
	pst_names_free(w->names);
	pst_out_free(w->out);
	w->names = NULL;
	w->out = NULL;
}

bool part_is_full(const struct writer *w)
{
	const uint64_t split = w->o->split;

	return split != 0 && pst_out_size(w->out) > split - split / RESERVE;
}

/* --- ending
 * ------------------------------------------------------------------------- */

/* The name that Outlook shows: as asked for, or as the store says. */
static enum ost_status display_name(struct writer *w, struct buf *out,
				    struct ost_error *err)
{
	struct store_object *o = NULL;
	struct buf text = { 0 };

	if (w->o->name != NULL) {
		buf_str(&text, w->o->name);
	} else if (store_get(w->s, (struct store_id){ MAPI_NID_STORE, 0 }, &o,
			     err) != OST_OK ||
		   store_text(o, MAPI_DISPLAY_NAME, &text, NULL, err) !=
			   OST_OK) {
		buf_cut(&text, 0);
	}
	if (text.len == 0)
		buf_str(&text, w->o->source);
	if (w->part > 1)
		buf_printf(&text, " (%u)", w->part);
	pst_utf16(out, buf_span(&text));
	out->bad |= text.bad;
	store_drop(o);
	buf_free(&text);
	return buf_status(out, err);
}

static enum ost_status complete(struct writer *w, struct ost_error *err)
{
	struct pst_identity id;
	struct buf name = { 0 };
	struct pst_folder top = { .nid = 0 };
	enum ost_status st = folders_end(w, &top, err);

	memcpy(id.uid, w->uid, sizeof(id.uid));
	memcpy(id.replica, w->replica, sizeof(id.replica));
	if (st == OST_OK)
		st = display_name(w, &name, err);
	id.display = buf_span(&name);
	if (st == OST_OK)
		st = pst_skeleton_end(w->out, &id, &top, err);
	if (st == OST_OK)
		st = pst_names_end(w->names, w->out, err);
	if (st == OST_OK)
		st = pst_out_finish(w->out, err);
	buf_free(&name);
	return st;
}

static void put_part(struct writer *w, const char *hash)
{
	struct json j = { .to = &w->parts, .depth = 2, .more = w->part > 1 };
	const char *slash = w->path != NULL ? strrchr(w->path, '/') : NULL;

	json_object_flat(&j, NULL);
	json_raw(&j, "part", "%u", w->part);
	if (w->path != NULL)
		json_str(&j, "name", slash != NULL ? slash + 1 : w->path);
	json_raw(&j, "size", "%" PRIu64, pst_out_size(w->out));
	json_raw(&j, "messages", "%" PRIu64, w->part_messages);
	if (hash != NULL)
		json_str(&j, "sha256", hash);
	json_object_end(&j);
}

/* Read back what is in `fd`, and take its hash if it is wanted. */
static enum ost_status check(struct writer *w, int fd, char hash[65],
			     struct ost_error *err)
{
	const bool hashes = w->o->report != NULL;
	struct readback_hash of;
	enum ost_status st = OST_OK, hashed = OST_OK;

	hash[0] = '\0';
	if (hashes)
		readback_hash_begin(&of, fd);
	if (w->o->verify || w->keeps)
		st = readback(fd, &w->digest, w->o, err);
	if (hashes)
		hashed = readback_hash_end(&of, st == OST_OK, hash, err);
	return st == OST_OK ? hashed : st;
}

/* A part that was there: is it what would have been written? */
static enum ost_status check_kept(struct writer *w, char hash[65],
				  struct ost_error *err)
{
	const int fd = open(w->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat is;
	enum ost_status st;

	if (fd < 0 || fstat(fd, &is) != 0)
		return ost_fail(err, OST_CANNOT_OPEN, "%s: %s", w->path,
				strerror(errno));
	st = (uint64_t)is.st_size == pst_out_size(w->out)
		     ? check(w, fd, hash, err)
		     : ost_fail(err, OST_CORRUPT, "it has another size");
	close(fd);
	if (st == OST_OK || ost_is_internal(st) || st == OST_STOPPED)
		return st;
	return ost_within(err, OST_CANNOT_OPEN,
			  "%s: exists, and is not a part of this run", w->path);
}

enum ost_status part_end(struct writer *w, struct ost_error *err)
{
	char hash[65] = "";
	enum ost_status st = complete(w, err);

	if (st == OST_OK && w->keeps)
		st = at_destination(w, check_kept(w, hash, err));
	else if (st == OST_OK && !w->o->dry) {
		st = check(w, pst_out_fd(w->out), hash, err);
		if (st != OST_OK && st != OST_STOPPED && !ost_is_internal(st))
			st = at_destination(
				w, ost_within(err, st,
					      "what was written is wrong"));
		if (st == OST_OK)
			st = at_destination(
				w, pst_out_publish(w->out, w->o->replace, err));
	}
	if (st != OST_OK) {
		w->n->destination |= pst_out_failed(w->out);
		return st;
	}
	put_part(w, hash[0] != '\0' ? hash : NULL);
	account_part(&w->report, pst_out_size(w->out), w->path);
	w->n->parts++;
	w->n->bytes += pst_out_size(w->out);
	part_drop(w);
	return buf_status(&w->parts, err);
}
