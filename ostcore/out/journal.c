#include "out/journal.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "audit/verify.h"
#include "out/dest.h"

#define JOURNAL	 "journal.jsonl"
#define PART	 "journal.jsonl.part"
#define MANIFEST "manifest.jsonl"

enum {
	HELD_MAX = 32 << 10,   /* bytes of lines before they are written */
	SYNC_BYTES = 64 << 20, /* written out, or */
	SYNC_SECONDS = 5,      /* gone by, and all goes to the disk */
	LINE_MAX_BYTES = 1 << 20,
};

struct journal {
	int dest, dir;	   /* DEST, on loan; and DEST/.ostexport */
	int fd;		   /* lines go there */
	bool is_part;	   /* which has not the name of a journal yet */
	struct buf held;   /* lines that are not written yet */
	uint64_t unsynced; /* bytes of files */
	time_t synced;	   /* when */
	FILE *old;	   /* of the run before; NULL: none, or all taken */
	char *line;	   /* the next of it; LINE_MAX_BYTES + 1 */
	size_t len;	   /* 0: there is none */
	struct journal_line next;
	long trusted; /* bytes of it */
};

static enum ost_status fail(struct ost_error *err, const char *what)
{
	return ost_fail(err, OUT_DESTINATION, VERIFY_JOURNAL "/%s: %s", what,
			strerror(errno));
}

/* --- the run before --------------------------------------------------------
 */

/* The next line; false at the end, or where one is not whole. */
static bool read_line(struct journal *j)
{
	j->len = 0;
	if (j->trusted >= 0 && ftell(j->old) >= j->trusted)
		return false;
	if (fgets(j->line, LINE_MAX_BYTES + 1, j->old) == NULL)
		return false;
	j->len = strlen(j->line);
	if (j->len == 0 || j->line[j->len - 1] != '\n')
		j->len = 0;
	return j->len > 0;
}

static bool is_kind(const char *line, const char *kind)
{
	static const char key[] = "{\"kind\": \"";

	return strncmp(line, key, strlen(key)) == 0 &&
	       strncmp(line + strlen(key), kind, strlen(kind)) == 0 &&
	       line[strlen(key) + strlen(kind)] == '"';
}

static bool skip(struct span *left, const char *text)
{
	const size_t len = strlen(text);

	if (left->len < len || memcmp(left->at, text, len) != 0)
		return false;
	*left = span_of(left->at + len, left->len - len);
	return true;
}

/* Up to the quote that ends a string. */
static void skip_string(struct span *left)
{
	size_t i = 0;

	while (i < left->len && left->at[i] != '"')
		i += left->at[i] == '\\' && i + 1 < left->len ? 2 : 1;
	*left = span_of(left->at + i, left->len - i);
}

static bool take_kind(struct span *left, enum manifest_kind *out)
{
	for (int i = 0; i < MANIFEST_KINDS; i++) {
		struct span rest = *left;

		*out = (enum manifest_kind)i;
		if (!skip(&rest, manifest_kinds[i]) || !skip(&rest, "\""))
			continue;
		*left = rest;
		return true;
	}
	return false;
}

/* As it is written: in small letters. -1: none. */
static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool take_nid(struct span *left, uint32_t *out)
{
	enum { DIGITS = 8 };
	size_t i = 0;

	for (*out = 0; i < left->len && i < DIGITS; i++) {
		const int digit = hex_digit(left->at[i]);

		if (digit < 0)
			break;
		*out = *out << 4 | (uint32_t)digit;
	}
	*left = span_of(left->at + i, left->len - i);
	return i > 0 && skip(left, "\"");
}

bool journal_line(struct journal_line *out, struct span line)
{
	if (!skip(&line, "{\"kind\": \"") || !take_kind(&line, &out->kind) ||
	    !skip(&line, ", \"path\": \""))
		return false;
	skip_string(&line);
	return skip(&line, "\", \"nid\": \"") && take_nid(&line, &out->nid);
}

/* Go on to the next entry of the run before, or have none. What is no line of
   ours, and what follows it, is not known, and done again. */
static void next_entry(struct journal *j)
{
	while (j->old != NULL && read_line(j))
		if (!is_kind(j->line, "run") && !is_kind(j->line, "synced"))
			break;
	if (j->old != NULL && j->len > 0 &&
	    !journal_line(&j->next, span_of(j->line, j->len)))
		j->len = 0;
}

bool journal_goes_on(const struct journal *j)
{
	return j->old != NULL;
}

/*
 * How many bytes of the journal tell of what is on the disk. In the run of one
 * machine all that was written is there, whatever ended the program; after a
 * crash of the machine, what was there when all was last synced.
 */
static void find_trusted(struct journal *j, const char *boot)
{
	long synced = 0;
	bool same = false;

	j->trusted = -1;
	while (read_line(j)) {
		struct cJSON *run;

		if (is_kind(j->line, "synced"))
			synced = ftell(j->old);
		if (!is_kind(j->line, "run"))
			continue;
		run = cJSON_ParseWithLength(j->line, j->len);
		const char *was = cJSON_GetStringValue(
			cJSON_GetObjectItemCaseSensitive(run, "boot"));
		same = was != NULL && *boot != '\0' && strcmp(was, boot) == 0;
		cJSON_Delete(run);
	}
	j->trusted = same ? -1 : synced;
	rewind(j->old);
}

/* True if the two lines have the same under `key`; else what each has. */
static bool is_same(const cJSON *was, const cJSON *is, const char *key,
		    struct buf *text)
{
	const cJSON *a = cJSON_GetObjectItemCaseSensitive(was, key);
	const cJSON *b = cJSON_GetObjectItemCaseSensitive(is, key);
	char *before = cJSON_PrintUnformatted(a);
	char *now = cJSON_PrintUnformatted(b);
	const bool same =
		before != NULL && now != NULL && strcmp(before, now) == 0;

	buf_printf(text, "its \"%s\" is %s, not %s", key,
		   before != NULL ? before : "not there",
		   now != NULL ? now : "");
	cJSON_free(before);
	cJSON_free(now);
	return same;
}

/* What differs between the first lines of two exports. */
static enum ost_status differs(struct journal *j, const char *head, bool *other,
			       struct ost_error *err)
{
	cJSON *was = cJSON_ParseWithLength(j->line, j->len);
	cJSON *is = cJSON_Parse(head);
	const cJSON *now = NULL;
	struct buf text = { 0 };

	*other = is_same(was, is, "record_key", &text);
	if (*other) {
		cJSON_ArrayForEach(now, is)
		{
			buf_cut(&text, 0);
			if (!is_same(was, is, now->string, &text))
				break;
		}
	}
	(void)!ost_fail(err, OUT_DESTINATION, "it holds an export %s: %s",
			*other ? "made in another way" : "of another store",
			buf_text(&text));
	buf_free(&text);
	cJSON_Delete(was);
	cJSON_Delete(is);
	return OUT_DESTINATION;
}

/* Hold the first lines of the journal against this run. */
static enum ost_status compare_run(struct journal *j,
				   const struct journal_run *run, bool *other,
				   struct ost_error *err)
{
	struct cJSON *line;
	double mtime;

	if (!read_line(j))
		return OST_OK; /* ended before it had begun */
	if (strcmp(j->line, run->head) != 0)
		return differs(j, run->head, other, err);
	if (!read_line(j))
		return OST_OK;
	line = cJSON_ParseWithLength(j->line, j->len);
	mtime = cJSON_GetNumberValue(
		cJSON_GetObjectItemCaseSensitive(line, "store_mtime"));
	cJSON_Delete(line);
	if (mtime == (double)run->store_mtime)
		return OST_OK;
	*other = true;
	return ost_fail(err, OUT_DESTINATION,
			"it holds an export of the store as it was before the "
			"store was changed");
}

/* Nothing is in it but, perhaps, `name`; a volume's own directory is nothing.
 */
static enum ost_status check_empty(int dest, const char *name,
				   struct ost_error *err)
{
	const int fd = openat(dest, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *d;
	enum ost_status st = OST_OK;

	if (dir == NULL)
		return ost_fail(err, OUT_DESTINATION, "%s", strerror(errno));
	while (st == OST_OK && (d = readdir(dir)) != NULL) {
		if (strcmp(d->d_name, ".") == 0 ||
		    strcmp(d->d_name, "..") == 0 ||
		    strcmp(d->d_name, "lost+found") == 0 ||
		    strcmp(d->d_name, name) == 0)
			continue;
		st = ost_fail(err, OUT_DESTINATION,
			      "it has files that are not of an export, and is "
			      "left alone; name a new directory");
	}
	closedir(dir);
	return st;
}

/* A run that was ended at once leaves no more than that. */
enum ost_status out_begun(int dest, const char *part, struct ost_error *err)
{
	struct stat is;
	int own;
	enum ost_status st;

	if (dest_stat(dest, VERIFY_JOURNAL, &is) == ENOENT)
		return check_empty(dest, "", err);
	st = check_empty(dest, VERIFY_JOURNAL, err);
	if (st == OST_OK)
		st = dest_dir(&own, dest, VERIFY_JOURNAL, false, err);
	if (st != OST_OK)
		return st;
	st = check_empty(own, part, err);
	close(own);
	return st;
}

static enum ost_status open_old(struct journal *j,
				const struct journal_run *run, bool *other,
				struct ost_error *err)
{
	const int fd = openat(j->dir, JOURNAL,
			      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	enum ost_status st;

	if (fd < 0)
		return errno == ENOENT ? out_begun(j->dest, PART, err)
				       : fail(err, JOURNAL);
	j->old = fdopen(fd, "r");
	j->line = malloc(LINE_MAX_BYTES + 1);
	if (j->old == NULL || j->line == NULL)
		return ost_no_memory(err);
	find_trusted(j, run->boot);
	const long trusted = j->trusted;
	j->trusted = -1;
	st = compare_run(j, run, other, err);
	j->trusted = trusted;
	rewind(j->old);
	(void)read_line(j); /* the head */
	if (st == OST_OK)
		next_entry(j);
	return st;
}

/* --- a new one --------------------------------------------------------------
 */

static enum ost_status flush(struct journal *j, struct ost_error *err)
{
	enum ost_status st = dest_write(j->fd, j->held.at, j->held.len, err);

	buf_cut(&j->held, 0);
	/* It is the journal as soon as it tells no less than that before. */
	if (st == OST_OK && j->is_part && j->len == 0) {
		j->is_part = false;
		if (renameat(j->dir, PART, j->dir, JOURNAL) != 0)
			st = fail(err, JOURNAL);
	}
	return st;
}

enum ost_status journal_open(struct journal **out,
			     const struct journal_run *run, bool *other,
			     struct ost_error *err)
{
	struct journal *j = calloc(1, sizeof(*j));
	struct stat is;
	enum ost_status st = OST_OK;

	*out = NULL;
	*other = false;
	if (j == NULL)
		return ost_no_memory(err);
	j->dest = run->dest;
	j->dir = j->fd = -1;
	if (dest_stat(run->dest, VERIFY_JOURNAL, &is) == ENOENT) {
		st = out_begun(run->dest, PART, err);
	} else {
		st = dest_dir(&j->dir, run->dest, VERIFY_JOURNAL, false, err);
		if (st == OST_OK)
			st = open_old(j, run, other, err);
	}
	if (st == OST_OK)
		*out = j;
	else
		journal_close(j);
	return st;
}

enum ost_status journal_begin(struct journal *j, const struct journal_run *run,
			      struct ost_error *err)
{
	enum { FLAGS = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC };
	struct json json = { .to = &j->held };
	enum ost_status st = OST_OK;

	if (j->dir < 0)
		st = dest_dir(&j->dir, run->dest, VERIFY_JOURNAL, true, err);
	if (st != OST_OK)
		return st;
	j->fd = openat(j->dir, PART, FLAGS, 0666);
	if (j->fd < 0)
		return fail(err, PART);
	j->is_part = true;
	buf_str(&j->held, run->head);
	json_object_flat(&json, NULL);
	json_str(&json, "kind", "run");
	json_raw(&json, "store_mtime", "%" PRId64, run->store_mtime);
	json_str(&json, "boot", run->boot);
	json_object_end(&json);
	json_finish(&json);
	j->synced = time(NULL);
	st = buf_status(&j->held, err);
	return st == OST_OK ? flush(j, err) : st;
}

/* --- going on ---------------------------------------------------------------
 */

static bool is_next(const struct journal *j, enum manifest_kind kind,
		    uint32_t nid)
{
	/* The end of a file of many items is of none, and like that of it. */
	if (j->len > 0 && j->next.kind == MANIFEST_ITEM && j->next.nid == 0)
		return kind == MANIFEST_FILE;
	return j->len > 0 && j->next.kind == kind &&
	       (kind == MANIFEST_FILE || j->next.nid == nid);
}

enum ost_status journal_take(struct journal *j, enum manifest_kind kind,
			     uint32_t nid, struct buf *lines,
			     struct ost_error *err)
{
	if (!is_next(j, kind, nid))
		return OST_OK;
	do {
		buf_add(lines, j->line, j->len);
		next_entry(j);
	} while (kind == MANIFEST_FILE ? is_next(j, MANIFEST_FILE, 0)
		 : kind == MANIFEST_ITEM
			 ? is_next(j, MANIFEST_ATTACHMENTS, nid) ||
				   is_next(j, MANIFEST_ATTACHMENT, nid)
			 : is_next(j, MANIFEST_FOLDER, nid) ||
				   is_next(j, MANIFEST_FILE, 0));
	return buf_status(lines, err);
}

/* All that is written down so far is to be there after a crash. */
static enum ost_status sync_all(struct journal *j, struct ost_error *err)
{
	static const char synced[] = "{\"kind\": \"synced\"}\n";
	enum ost_status st = OST_OK;

	if (syncfs(j->dest) != 0)
		return fail(err, "syncfs");
	buf_str(&j->held, synced);
	st = flush(j, err);
	if (st == OST_OK && fdatasync(j->fd) != 0)
		st = fail(err, JOURNAL);
	j->unsynced = 0;
	j->synced = time(NULL);
	return st;
}

enum ost_status journal_put(struct journal *j, const struct buf *lines,
			    uint64_t bytes, struct ost_error *err)
{
	enum ost_status st;

	buf_add(&j->held, lines->at, lines->len);
	j->unsynced += bytes;
	st = buf_status(&j->held, err);
	if (st == OST_OK && (j->unsynced >= SYNC_BYTES ||
			     time(NULL) - j->synced >= SYNC_SECONDS))
		return sync_all(j, err);
	if (st == OST_OK && j->held.len >= HELD_MAX)
		st = flush(j, err);
	return st;
}

/* --- the manifest ----------------------------------------------------------
 */

struct finishing {
	struct sha256_ctx sum;
	FILE *to, *copy;
};

static void put(struct finishing *f, const char *line, size_t len)
{
	sha256_update(&f->sum, len, (const uint8_t *)line);
	fwrite(line, 1, len, f->to);
	if (f->copy != NULL)
		fwrite(line, 1, len, f->copy);
}

/* The entries of the journal, in their order. */
static enum ost_status put_entries(struct journal *j, struct finishing *f,
				   struct ost_error *err)
{
	const int fd =
		openat(j->dir, JOURNAL, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	FILE *from = fd >= 0 ? fdopen(fd, "r") : NULL;
	char *line = malloc(LINE_MAX_BYTES + 1);
	bool head = true;

	if (from == NULL || line == NULL) {
		free(line);
		return fail(err, JOURNAL);
	}
	while (fgets(line, LINE_MAX_BYTES + 1, from) != NULL) {
		if (!head && !is_kind(line, "run") && !is_kind(line, "synced"))
			put(f, line, strlen(line));
		head = false;
	}
	free(line);
	const bool bad = ferror(from) != 0;
	fclose(from);
	return bad ? fail(err, JOURNAL) : OST_OK;
}

static enum ost_status put_manifest(struct journal *j, struct finishing *f,
				    const struct buf *head,
				    const struct manifest_totals *totals,
				    struct ost_error *err)
{
	struct buf last = { 0 };
	struct sha sha;
	enum ost_status st;

	sha256_init(&f->sum);
	put(f, head->at, head->len);
	st = put_entries(j, f, err);
	sha256_digest(&f->sum, sizeof(sha.at), sha.at);
	manifest_put_totals(&last, totals, &sha);
	if (st == OST_OK)
		st = buf_status(&last, err);
	if (st == OST_OK)
		put(f, last.at, last.len);
	buf_free(&last);
	if (st == OST_OK && fflush(f->to) != 0)
		st = fail(err, MANIFEST);
	if (st == OST_OK && f->copy != NULL && fflush(f->copy) != 0)
		st = ost_fail(err, OUT_DESTINATION, "the manifest: %s",
			      strerror(errno));
	return st;
}

enum ost_status journal_finish(struct journal *j, const struct buf *head,
			       const struct manifest_totals *totals, FILE *copy,
			       struct ost_error *err)
{
	struct finishing f = { .copy = copy };
	struct dest_file file;
	enum ost_status st;

	j->len = 0; /* what is left of the run before is of no use */
	st = flush(j, err);
	if (st == OST_OK)
		st = dest_begin(&file, j->dir, 0, err);
	if (st != OST_OK)
		return st;
	f.to = fdopen(fcntl(file.fd, F_DUPFD_CLOEXEC, 0), "w");
	st = f.to != NULL ? put_manifest(j, &f, head, totals, err)
			  : fail(err, MANIFEST);
	if (f.to != NULL && fclose(f.to) != 0 && st == OST_OK)
		st = fail(err, MANIFEST);
	if (st == OST_OK)
		st = dest_end(&file, MANIFEST, time(NULL), 0, err);
	else
		dest_drop(&file);
	return st == OST_OK ? sync_all(j, err) : st;
}

void journal_close(struct journal *j)
{
	struct ost_error err;

	if (j == NULL)
		return;
	if (j->fd >= 0 && j->held.len > 0)
		(void)!flush(j, &err);
	if (j->fd >= 0)
		close(j->fd);
	if (j->dir >= 0)
		close(j->dir);
	if (j->old != NULL)
		fclose(j->old);
	buf_free(&j->held);
	free(j->line);
	free(j);
}
