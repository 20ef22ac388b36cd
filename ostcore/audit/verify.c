#include "audit/verify.h"

#include <stdlib.h>
#include <unicase.h>

#include "audit/order.h"
#include "audit/verify_copy.h"

struct verifying {
	struct tree *t; /* NULL: against a manifest */
	int dir;
	const struct verify_options *options;
	struct verify_result *result;
	struct order *order;
	struct state *state;   /* NULL: nothing is remembered */
	struct path_set paths; /* that ought to be there */
	struct path_set other; /* those that are not, without their case */
	struct path_key above; /* the directory that was added last */
	struct parts {
		struct path_key key;
		uint64_t end; /* of the parts so far */
	} * parts;	      /* of files that have parts; owned */
	size_t part_count, part_room;
	enum ost_status st; /* our own trouble */
	struct ost_error err;
};

struct job {
	uint64_t ino; /* 0: the entry is of a manifest */
	struct manifest_entry entry;
	struct copy_check check;
	bool remembered;
	enum ost_status st;
	struct ost_error err;
};

bool verify_is_proven(const struct verify_result *r)
{
	uint64_t bad = 0;

	for (int i = VERIFY_MISSING; i <= VERIFY_LOST; i++)
		bad += r->counts[i];
	return bad == 0;
}

static void tell(struct verifying *v, enum verify_verdict verdict,
		 const char *path, const char *why)
{
	v->result->counts[verdict]++;
	if (v->options->tell != NULL && verdict != VERIFY_SAME)
		v->options->tell(v->options->arg, verdict, path, why);
}

/* True, with the check made, if the copy is as it was when it was the same. */
static bool is_remembered(const struct verifying *v, struct job *j)
{
	struct copy_check *c = &j->check;

	if (v->state == NULL || manifest_is_dir(&j->entry) ||
	    j->entry.is_part || j->entry.error != NULL)
		return false;
	*c = (struct copy_check){ .verdict = VERIFY_SAME };
	return copy_stat(v->dir, j->entry.path, &c->file) == 0 &&
	       S_ISREG(c->file.st_mode) &&
	       state_has(v->state, j->entry.path, &c->file);
}

static void work(void *arg, void *item)
{
	const struct verifying *v = arg;
	const struct audit_watch *watch = &v->options->watch;
	struct job *j = item;

	if (j->ino != 0)
		j->entry.kind = manifest_kind_of(v->t, j->ino);
	j->remembered = is_remembered(v, j);
	if (j->remembered)
		return;
	if (j->ino != 0)
		j->st = manifest_fill(&j->entry, v->t, j->ino, watch, &j->err);
	if (j->st == OST_OK)
		j->st = copy_check(&j->check, v->dir, &j->entry, watch,
				   &j->err);
}

/* The key of `path` where case and form of Unicode tell nothing apart. */
static bool fold(struct path_key *out, const char *path)
{
	size_t len;
	uint8_t *folded = u8_casefold((const uint8_t *)path, strlen(path) + 1,
				      NULL, UNINORM_NFC, NULL, &len);

	if (folded != NULL)
		*out = path_key((const char *)folded);
	free(folded);
	return folded != NULL;
}

/* The parts of the file `path`; those that were met last come first. */
static struct parts *parts_of(struct verifying *v, const char *path)
{
	const struct path_key key = path_key(path);

	for (size_t i = v->part_count; i > 0; i--)
		if (memcmp(&v->parts[i - 1].key, &key, sizeof(key)) == 0)
			return &v->parts[i - 1];
	if (v->part_count == v->part_room) {
		const size_t room = v->part_room > 0 ? 2 * v->part_room : 64;
		void *more = reallocarray(v->parts, room, sizeof(*v->parts));

		if (more == NULL) {
			v->st = ost_no_memory(&v->err);
			return NULL;
		}
		v->parts = more;
		v->part_room = room;
	}
	v->parts[v->part_count] = (struct parts){ key, 0 };
	return &v->parts[v->part_count++];
}

/* The parts of a file follow each other and leave nothing out, so that who
   has seen them all has seen the file. */
static void check_parts(struct verifying *v, struct job *j)
{
	const struct manifest_entry *e = &j->entry;
	struct parts *p;

	if (!e->is_part || e->error != NULL)
		return;
	p = parts_of(v, e->path);
	if (p == NULL)
		return;
	if (e->kind != MANIFEST_FILE && e->offset == p->end)
		p->end += e->size;
	else if (e->kind != MANIFEST_FILE || e->size != p->end) {
		j->check.verdict = VERIFY_ALTERED;
		snprintf(j->check.why, sizeof(j->check.why),
			 "its parts do not follow each other");
	}
}

/* The directories that it is in are part of the copy, though what was asked
   for may not list them. Entries of one directory follow each other. */
static void add_above(struct verifying *v, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *above =
		slash != NULL ? strndup(path, (size_t)(slash - path)) : NULL;
	const struct path_key key = path_key(above != NULL ? above : "");

	if (slash != NULL && above == NULL)
		v->paths.bad = true;
	if (above != NULL && memcmp(&key, &v->above, sizeof(key)) != 0) {
		path_set_add(&v->paths, key);
		v->above = key;
		add_above(v, above);
		v->above = key;
	}
	free(above);
}

static void count(struct verifying *v, const struct job *j)
{
	const struct copy_check *c = &j->check;
	const struct manifest_entry *e = &j->entry;
	struct path_key key;

	path_set_add(&v->paths, path_key(e->path));
	add_above(v, e->path);
	tell(v, c->verdict, e->path, c->why);
	if (c->verdict == VERIFY_MISSING && fold(&key, e->path))
		path_set_add(&v->other, key);
	if (manifest_is_dir(e)) {
		v->result->directories += e->error == NULL;
	} else if (c->verdict == VERIFY_SAME &&
		   !(e->is_part && e->kind == MANIFEST_FILE)) {
		v->result->files++;
		v->result->bytes +=
			e->is_part ? e->size : (uint64_t)c->file.st_size;
		v->result->remembered += j->remembered;
		if (v->state != NULL && !j->remembered && !e->is_part)
			state_add(v->state, e->path, &c->file);
	}
	if (c->verdict == VERIFY_SAME && c->other_time)
		tell(v, VERIFY_TIME, e->path, "it has another time");
}

static bool take(void *arg, void *item)
{
	struct verifying *v = arg;
	const struct audit_watch *watch = &v->options->watch;
	struct job *j = item;

	if (v->st == OST_OK && j->st == OST_OK)
		check_parts(v, j);
	if (v->st == OST_OK && j->st == OST_OK) {
		count(v, j);
		if (v->paths.bad || v->other.bad)
			v->st = ost_no_memory(&v->err);
		if (watch->progress != NULL)
			watch->progress(watch->arg, v->result->files,
					v->result->bytes);
	} else if (v->st == OST_OK) {
		v->st = j->st;
		v->err = j->err;
	}
	manifest_entry_free(&j->entry);
	free(j);
	return v->st == OST_OK;
}

static bool add(struct verifying *v, const struct job *of)
{
	struct job *j = malloc(sizeof(*j));

	if (j == NULL) {
		struct manifest_entry lost = of->entry;

		manifest_entry_free(&lost);
		v->st = ost_no_memory(&v->err);
		return false;
	}
	*j = *of;
	return order_add(v->order, j);
}

static bool add_found(void *arg, const struct manifest_found *found)
{
	struct job j = { .ino = found->ino, .entry.path = found->path };

	if (found->why != NULL)
		j.entry.error = strdup(found->why);
	return add(arg, &j);
}

/* All that ought to be there, from the tree or from a manifest. */
static enum ost_status check_all(struct verifying *v, struct manifest_reader *r,
				 struct ost_error *err)
{
	const struct order_options order = {
		.threads = v->options->threads,
		.work = work,
		.take = take,
		.arg = v,
	};
	struct ost_error stopped;
	enum ost_status st = OST_OK;
	struct job j = { 0 };

	v->order = order_start(&order);
	if (v->order == NULL)
		return ost_no_memory(err);
	if (r == NULL)
		st = manifest_walk(v->t, add_found, v, err);
	while (r != NULL && st == OST_OK) {
		st = manifest_next(r, &j.entry, err);
		if (st != OST_OK)
			manifest_entry_free(&j.entry);
		else if (!add(v, &j))
			break;
		if (audit_go_on(&v->options->watch, &stopped) != OST_OK)
			st = ost_fail(err, OST_STOPPED, "%s", stopped.text);
	}
	(void)order_finish(v->order);
	return r != NULL && st == OST_NOT_FOUND ? OST_OK : st;
}

/* --- what else is there ----------------------------------------------------
 */

static bool look(void *arg, const char *path, int error)
{
	struct verifying *v = arg;
	const char *why = "the store has no such file";
	struct path_key key;

	v->st = audit_go_on(&v->options->watch, &v->err);
	if (v->st != OST_OK)
		return false;
	if (error != 0)
		tell(v, VERIFY_UNREADABLE, *path != '\0' ? path : ".",
		     strerror(error));
	if (error != 0 || path_set_has(&v->paths, path_key(path)))
		return true;
	if (fold(&key, path) && path_set_has(&v->other, key))
		why = "one that is missing has this name in other letter case, "
		      "or another form of Unicode";
	tell(v, VERIFY_EXTRA, path, why);
	return true;
}

static enum ost_status verify(struct verifying *v, struct manifest_reader *r,
			      const char *head, struct ost_error *err)
{
	enum ost_status st = OST_OK, closed;
	struct ost_error why;

	if (v->options->state != NULL)
		st = state_open(&v->state, v->options->state, head, err);
	if (st != OST_OK)
		return ost_within(err, st, "%s", v->options->state_name);
	st = check_all(v, r, err);
	path_set_sort(&v->paths);
	path_set_sort(&v->other);
	if (st == OST_OK && v->st == OST_OK)
		st = copy_walk(v->dir, look, v, err);
	path_set_free(&v->paths);
	path_set_free(&v->other);
	free(v->parts);
	closed = state_close(v->state, &why);
	if (st == OST_OK && v->st != OST_OK)
		st = ost_fail(err, v->st, "%s", v->err.text);
	if (st == OST_OK && closed != OST_OK)
		st = ost_fail(err, closed, "%s: %s", v->options->state_name,
			      why.text);
	return st;
}

/* What is remembered is of this store, shown in this way. */
static void put_identity(struct buf *out, struct tree *t, const char *name)
{
	manifest_put_head(out, t, name, NULL);
	buf_printf(out, "%lld", (long long)store_info(tree_store(t))->mtime);
}

enum ost_status verify_tree(struct verify_result *out, struct tree *t, int dir,
			    const struct verify_options *options,
			    struct ost_error *err)
{
	struct verifying v = {
		.t = t, .dir = dir, .options = options, .result = out
	};
	struct buf head = { 0 };
	enum ost_status st;

	*out = (struct verify_result){ 0 };
	put_identity(&head, t, options->name);
	st = buf_status(&head, err);
	if (st == OST_OK)
		st = verify(&v, NULL, head.at, err);
	buf_free(&head);
	return st;
}

enum ost_status verify_manifest(struct verify_result *out, FILE *manifest,
				int dir, const struct verify_options *options,
				struct ost_error *err)
{
	struct verifying v = { .dir = dir, .options = options, .result = out };
	struct manifest_reader *r = NULL;
	enum ost_status st;

	*out = (struct verify_result){ 0 };
	st = manifest_open(&r, manifest, err);
	out->filtered = st == OST_OK && manifest_is_filtered(r);
	if (st == OST_OK)
		st = verify(&v, r, manifest_head(r), err);
	manifest_close(r);
	return st;
}
