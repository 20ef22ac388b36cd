/*
 * index.c - a line an item, as JSON and as CSV
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "mail/address/recipients.h"
#include "mail/mail.h"
#include "out/writer.h"

/* The files; each is made anew by every run. */
struct index_files {
	struct index_file {
		const char *name;
		struct dest_file file;
		struct sha256_ctx sum;
		uint64_t size;
		int64_t mtime;
	} json, csv;
};

/* --- a line
 * ---------------------------------------------------------------------
 */

struct row {
	struct json json;
	struct buf *csv;
	struct store_object *o; /* NULL: it cannot be read */
};

/* RFC 4180 */
static void put_csv(struct buf *out, const char *text)
{
	const bool quoted = strpbrk(text, ",\"\r\n") != NULL;

	if (out->len > 0 && out->at[out->len - 1] != '\n')
		buf_byte(out, ',');
	if (quoted)
		buf_byte(out, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			buf_byte(out, '"');
		buf_byte(out, *text);
	}
	if (quoted)
		buf_byte(out, '"');
}

static void put_text(struct row *r, const char *key, const char *text)
{
	json_str(&r->json, key, text);
	put_csv(r->csv, text);
}

static void put_number(struct row *r, const char *key, uint64_t number)
{
	json_raw(&r->json, key, "%" PRIu64, number);
	buf_printf(r->csv, ",%" PRIu64, number);
}

/* No fact of a listing, but people of the mail. */
enum { CC = 1000 + RECIPIENT_CC, BCC = 1000 + RECIPIENT_BCC };

static enum ost_status put_people(struct store_object *o, int type,
				  struct buf *out, struct ost_error *err)
{
	struct notes notes = { 0 };
	struct recipients all;
	enum ost_status st = recipients_read(&all, o, &notes, err);

	for (size_t i = 0; st == OST_OK && i < all.count; i++) {
		if ((int)all.at[i].type != type)
			continue;
		if (out->len > 0)
			buf_str(out, ", ");
		address_text(&all.at[i].who, out);
	}
	recipients_free(&all);
	return st;
}

static enum ost_status read_fact(struct store_object *o, int fact,
				 struct buf *out, struct ost_error *err)
{
	return fact < CC ? mail_fact(o, (enum mail_fact)fact, out, err)
			 : put_people(o, fact - 1000, out, err);
}

static enum ost_status put_fact(struct row *r, const char *key, int fact,
				struct ost_error *err)
{
	struct buf text = { 0 };
	struct ost_error none;
	enum ost_status st = OST_NOT_FOUND;

	if (r->o != NULL)
		st = read_fact(r->o, fact, &text, &none);
	if (ost_is_internal(st)) {
		buf_free(&text);
		return ost_fail(err, st, "%s", none.text);
	}
	if (st != OST_OK)
		buf_cut(&text, 0);
	put_text(r, key, buf_text(&text));
	buf_free(&text);
	return OST_OK;
}

static const struct {
	const char *key;
	int fact;
} facts[] = {
	{ "message_id", MAIL_MESSAGE_ID },
	{ "date", MAIL_DATE },
	{ "from", MAIL_FROM },
	{ "to", MAIL_TO },
	{ "cc", CC },
	{ "bcc", BCC },
	{ "subject", MAIL_SUBJECT },
	{ "class", MAIL_CLASS },
	{ "flags", MAIL_FLAGS },
	{ "categories", MAIL_CATEGORIES },
};

enum { FACTS = sizeof(facts) / sizeof(facts[0]) };

static void put_header(struct buf *out)
{
	buf_str(out, "path,folder,nid,mailbox,number");
	for (size_t i = 0; i < FACTS; i++)
		buf_printf(out, ",%s", facts[i].key);
	buf_str(out, ",size,sha256,attachments,notes,error\r\n");
}

/* --- attachments
 * -----------------------------------------------------------------
 */

struct listing {
	struct out *x;
	struct json json;
	struct buf names;
	enum ost_status st;
	struct ost_error *err;
};

static enum ost_status sink_none(void *to, struct span bytes,
				 struct ost_error *err)
{
	(void)to;
	(void)bytes;
	(void)err;
	return OST_OK;
}

/* Those of a mail itself: what is in one that is attached is in its file. */
static bool take_attachment(void *arg, const struct tree_entry *entry)
{
	struct listing *l = arg;
	struct manifest_entry e = { .kind = MANIFEST_ATTACHMENT };
	char hex[SHA_HEX];

	if (entry->is_dir)
		return true;
	l->st = out_copy(l->x, entry->ino, &e, NULL, NULL, sink_none, NULL,
			 l->err);
	json_object_flat(&l->json, NULL);
	json_str(&l->json, "name", entry->name);
	if (e.error != NULL) {
		json_str(&l->json, "error", e.error);
	} else {
		sha_hex(&e.sha, hex);
		json_raw(&l->json, "size", "%" PRIu64, e.size);
		json_str(&l->json, "sha256", hex);
	}
	json_object_end(&l->json);
	if (l->names.len > 0)
		buf_str(&l->names, "; ");
	buf_str(&l->names, entry->name);
	free(e.notes);
	free(e.error);
	return l->st == OST_OK;
}

static enum ost_status put_attachments(struct out *x, const struct out_job *j,
				       struct row *r, struct ost_error *err)
{
	struct listing l = { .x = x, .json = r->json, .err = err };
	struct ost_error none;
	enum ost_status st = OST_OK;

	json_array(&l.json, "attachments");
	if (j->beside != 0)
		st = tree_list(x->t, j->beside, 0, take_attachment, &l, &none);
	json_array_end(&l.json);
	r->json = l.json;
	put_csv(r->csv, buf_text(&l.names));
	if (l.st == OST_OK && ost_is_internal(st))
		l.st = ost_fail(err, st, "%s", none.text);
	if (l.st == OST_OK)
		l.st = buf_status(&l.names, err);
	buf_free(&l.names);
	return l.st;
}

/* --- an item
 * ----------------------------------------------------------------------
 */

static void put_place(struct out *x, const struct out_job *j, struct row *r)
{
	enum { ITEM_NUMBER = 0x67F4 };
	const struct store_mailbox *m =
		x->identity != NULL
			? store_mailbox_of(tree_store(x->t), x->identity,
					   j->folder->nid)
			: NULL;
	const uint64_t number =
		r->o != NULL ? store_number(r->o, ITEM_NUMBER, 0) : 0;
	struct buf guid = { 0 };
	char text[24];

	if (m != NULL && m->has_guid)
		store_guid_text(m->guid, &guid);
	put_text(r, "folder", j->folder->path);
	snprintf(text, sizeof(text), "%x", j->nid);
	put_text(r, "nid", text);
	put_text(r, "mailbox", buf_text(&guid));
	text[0] = '\0';
	if (number != 0)
		snprintf(text, sizeof(text), "%016" PRIx64, number);
	put_text(r, "number", text);
	buf_free(&guid);
}

static enum ost_status put_row(struct out *x, struct out_job *j, struct row *r,
			       struct ost_error *err)
{
	const struct manifest_entry *e = &j->entry;
	enum ost_status st = OST_OK;
	char hex[SHA_HEX] = "";

	put_place(x, j, r);
	for (size_t i = 0; st == OST_OK && i < FACTS; i++)
		st = put_fact(r, facts[i].key, facts[i].fact, err);
	put_number(r, "size", e->size);
	if (e->error == NULL)
		sha_hex(&e->sha, hex);
	put_text(r, "sha256", hex);
	if (st == OST_OK)
		st = put_attachments(x, j, r, err);
	put_text(r, "notes", e->notes != NULL ? e->notes : "");
	put_text(r, "error", e->error != NULL ? e->error : "");
	json_object_end(&r->json);
	json_finish(&r->json);
	buf_str(r->csv, "\r\n");
	return st;
}

/* What a row begins with; some paths are known only when they are taken. */
static void put_path(struct row *r, const char *path)
{
	json_object_flat(&r->json, NULL);
	put_text(r, "path", path);
	buf_byte(r->csv, ',');
}

enum ost_status index_work(struct out *x, struct out_job *j,
			   struct ost_error *err)
{
	const struct store_id id = { j->nid, 0 };
	struct buf head = { 0 };
	struct row r = { .json = { .to = &head }, .csv = &head };
	struct ost_error none;
	enum ost_status st;

	if (j->late) /* its hash is known when it was taken */
		return OST_OK;
	put_path(&r, "");
	buf_free(&head);
	r.json.to = &j->json;
	r.csv = &j->csv;
	st = store_get(tree_store(x->t), id, &r.o, &none);
	if (ost_is_internal(st))
		return ost_fail(err, st, "%s", none.text);
	if (st != OST_OK)
		r.o = NULL;
	st = put_row(x, j, &r, err);
	store_drop(r.o);
	if (st == OST_OK)
		st = buf_status(&j->json, err);
	return st == OST_OK ? buf_status(&j->csv, err) : st;
}

/* --- the files
 * ---------------------------------------------------------------------
 */

static enum ost_status put_bytes(struct index_file *f, const struct buf *b,
				 struct ost_error *err)
{
	const enum ost_status st = buf_status(b, err);

	if (st != OST_OK)
		return st;
	sha256_update(&f->sum, b->len, (const uint8_t *)b->at);
	f->size += b->len;
	return dest_write(f->file.fd, b->at, b->len, err);
}

static enum ost_status open_file(struct out *x, struct index_file *f,
				 const char *name, uint64_t id,
				 struct ost_error *err)
{
	f->name = name;
	sha256_init(&f->sum);
	return dest_begin(&f->file, x->o->dest, id, err);
}

enum ost_status index_open(struct out *x, struct ost_error *err)
{
	struct buf header = { 0 };
	enum ost_status st;

	x->index = calloc(1, sizeof(*x->index));
	if (x->index == NULL)
		return ost_no_memory(err);
	x->index->json.file.fd = x->index->csv.file.fd = -1;
	st = open_file(x, &x->index->json, "index.jsonl", 1, err);
	if (st == OST_OK)
		st = open_file(x, &x->index->csv, "index.csv", 2, err);
	put_header(&header);
	if (st == OST_OK)
		st = buf_status(&header, err);
	if (st == OST_OK)
		st = put_bytes(&x->index->csv, &header, err);
	buf_free(&header);
	return st;
}

static enum ost_status put_whole(struct index_files *to,
				 const struct out_job *j, struct ost_error *err)
{
	struct buf json = { 0 }, csv = { 0 };
	struct row r = { .json = { .to = &json }, .csv = &csv };
	enum ost_status st;

	put_path(&r, j->entry.path);
	st = put_bytes(&to->json, &json, err);
	if (st == OST_OK)
		st = put_bytes(&to->json, &j->json, err);
	if (st == OST_OK)
		st = put_bytes(&to->csv, &csv, err);
	if (st == OST_OK)
		st = put_bytes(&to->csv, &j->csv, err);
	buf_free(&json);
	buf_free(&csv);
	return st;
}

enum ost_status index_take(struct out *x, struct out_job *j,
			   struct ost_error *err)
{
	/* What was kept from the run before was not asked for its times. */
	const int64_t mtime = j->kept > 0 ? j->entry.mtime : j->node.mtime;
	enum ost_status st = OST_OK;

	if (j->late) {
		j->late = false;
		st = index_work(x, j, err);
	}
	if (x->index->json.mtime < mtime)
		x->index->json.mtime = mtime;
	return st == OST_OK && j->json.len > 0 ? put_whole(x->index, j, err)
					       : st;
}

static enum ost_status close_file(struct index_file *f, int64_t mtime,
				  struct out_job *j, struct ost_error *err)
{
	struct manifest_entry e = { .kind = MANIFEST_FILE,
				    .path = (char *)(uintptr_t)f->name,
				    .size = f->size,
				    .mtime = mtime };
	enum ost_status st = dest_end(&f->file, f->name, mtime, 0, err);

	sha256_digest(&f->sum, sizeof(e.sha.at), e.sha.at);
	return st == OST_OK ? out_put(j, &e, err) : st;
}

enum ost_status index_close(struct out *x, struct out_job *j,
			    struct ost_error *err)
{
	const int64_t mtime = x->index->json.mtime;
	enum ost_status st = close_file(&x->index->json, mtime, j, err);

	if (st == OST_OK)
		st = close_file(&x->index->csv, mtime, j, err);
	return st;
}

void index_drop(struct out *x)
{
	if (x->index == NULL)
		return;
	dest_drop(&x->index->json.file);
	dest_drop(&x->index->csv.file);
	free(x->index);
	x->index = NULL;
}

/* --- the layout `index`: nothing but it
 * ---------------------------------------------
 */

/* Its path is the one that it has in the mount. */
static enum ost_status read_item(struct out *x, struct out_job *j,
				 struct ost_error *err)
{
	enum ost_status st = out_entry(j, strdup(j->path), err);

	return st == OST_OK ? out_copy(x, j->ino, &j->entry, NULL, NULL,
				       sink_none, NULL, err)
			    : st;
}

/* There is no file of it; what cannot be read is told all the same. */
static enum ost_status count_item(struct out *x, struct out_job *j,
				  struct ost_error *err)
{
	(void)x;
	if (j->kind != OUT_ITEM)
		return OST_OK;
	if (j->entry.error != NULL)
		return out_put(j, &j->entry, err);
	j->damaged +=
		j->entry.notes != NULL && notes_are_damage(j->entry.notes);
	return OST_OK;
}

const struct out_format out_index = {
	.name = "index",
	.work = read_item,
	.take = count_item,
};
