/*
 * journal.c - what a server took
 */
#include "imap/journal.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "bytes/json.h"
#include "bytes/sorted.h"

enum {
	LINE_MAX_BYTES = 1 << 16,
	SYNC_SECONDS = 5,
};

/* A mail of an earlier run. */
struct known {
	struct key item, message;
	uint32_t box, validity;
};

struct taken {
	int fd;
	pthread_mutex_t lock;
	char **boxes; /* owned; names of mailboxes */
	size_t box_count;
	struct known *known; /* owned; by item once all are read */
	size_t count;
	time_t synced;
	bool torn; /* a line was not written to its end */
};

/* --- reading ---------------------------------------------------------------
 */

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool take_key(const cJSON *line, const char *name, struct key *out)
{
	const char *hex = cJSON_GetStringValue(cJSON_GetObjectItem(line, name));

	if (hex == NULL || strlen(hex) != 2 * sizeof(out->at))
		return false;
	for (size_t i = 0; i < sizeof(out->at); i++) {
		const int high = digit_of(hex[2 * i]),
			  low = digit_of(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out->at[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool take_number(const cJSON *line, const char *name, uint32_t *out)
{
	const cJSON *n = cJSON_GetObjectItem(line, name);

	if (!cJSON_IsNumber(n) || n->valuedouble < 0 ||
	    n->valuedouble > UINT32_MAX)
		return false;
	*out = (uint32_t)n->valuedouble;
	return true;
}

/* The number of a mailbox; SIZE_MAX: no memory. */
static size_t box_of(struct taken *t, const char *name, bool make)
{
	for (size_t i = t->box_count; i > 0; i--)
		if (strcmp(t->boxes[i - 1], name) == 0)
			return i - 1;
	if (!make || !array_more(&t->boxes, t->box_count, sizeof(*t->boxes)))
		return SIZE_MAX;
	t->boxes[t->box_count] = strdup(name);
	return t->boxes[t->box_count] != NULL ? t->box_count++ : SIZE_MAX;
}

static enum ost_status take_line(struct taken *t, const cJSON *line,
				 struct ost_error *err)
{
	const char *box =
		cJSON_GetStringValue(cJSON_GetObjectItem(line, "mailbox"));
	struct known k;
	size_t number;

	if (box == NULL || !take_key(line, "item", &k.item) ||
	    !take_key(line, "message", &k.message) ||
	    !take_number(line, "uidvalidity", &k.validity))
		return ost_fail(err, OST_CANNOT_OPEN,
				"it is not a journal of ostimport");
	number = box_of(t, box, true);
	if (number == SIZE_MAX ||
	    !array_more(&t->known, t->count, sizeof(*t->known)))
		return ost_no_memory(err);
	k.box = (uint32_t)number;
	t->known[t->count++] = k;
	return OST_OK;
}

static enum ost_status take_head(const cJSON *line, const char *account,
				 struct ost_error *err)
{
	const char *of =
		cJSON_GetStringValue(cJSON_GetObjectItem(line, "account"));

	if (of == NULL || !cJSON_HasObjectItem(line, "import"))
		return ost_fail(err, OST_CANNOT_OPEN,
				"it exists and is not a journal of ostimport");
	if (strcmp(of, account) != 0)
		return ost_fail(err, OST_CANNOT_OPEN,
				"it is the journal of %.80s, not of %.80s", of,
				account);
	return OST_OK;
}

/* All whole lines; `*end` is behind the last. */
static enum ost_status read_lines(struct taken *t, FILE *from,
				  const char *account, off_t *end,
				  struct ost_error *err)
{
	char *text = NULL;
	size_t room = 0;
	ssize_t len;
	enum ost_status st = OST_OK;

	*end = 0;
	while (st == OST_OK && (len = getline(&text, &room, from)) > 0 &&
	       text[len - 1] == '\n') {
		cJSON *line = len <= LINE_MAX_BYTES
				      ? cJSON_ParseWithLength(text, (size_t)len)
				      : NULL;

		if (line == NULL)
			st = ost_fail(err, OST_CANNOT_OPEN,
				      "it has a line that does not belong in a "
				      "journal");
		else
			st = *end == 0 ? take_head(line, account, err)
				       : take_line(t, line, err);
		cJSON_Delete(line);
		*end += len;
	}
	free(text);
	return st;
}

static int by_item(const void *a, const void *b)
{
	const struct known *x = a, *y = b;

	return memcmp(x->item.at, y->item.at, sizeof(x->item.at));
}

static enum ost_status put_head(struct taken *t, const char *account,
				struct ost_error *err)
{
	struct buf text = { 0 };
	struct json j = { .to = &text };
	enum ost_status st;

	json_object_flat(&j, NULL);
	json_raw(&j, "import", "1");
	json_str(&j, "account", account);
	json_object_end(&j);
	json_finish(&j);
	st = buf_status(&text, err);
	if (st == OST_OK &&
	    write(t->fd, text.at, text.len) != (ssize_t)text.len)
		st = ost_fail(err, OST_CANNOT_OPEN, "%s", strerror(errno));
	buf_free(&text);
	return st;
}

/* A last line that was not written to its end is none. */
static enum ost_status read_known(struct taken *t, const char *account,
				  struct ost_error *err)
{
	const int copy = dup(t->fd);
	FILE *from = copy >= 0 ? fdopen(copy, "r") : NULL;
	off_t end = 0;
	enum ost_status st;

	if (from == NULL)
		return ost_fail(err, OST_CANNOT_OPEN, "%s", strerror(errno));
	st = read_lines(t, from, account, &end, err);
	fclose(from);
	if (st == OST_OK &&
	    (ftruncate(t->fd, end) != 0 || lseek(t->fd, end, SEEK_SET) < 0))
		st = ost_fail(err, OST_CANNOT_OPEN, "%s", strerror(errno));
	if (st == OST_OK && end == 0)
		st = put_head(t, account, err);
	if (t->count > 1)
		qsort(t->known, t->count, sizeof(*t->known), by_item);
	return st;
}

static void taken_free(struct taken *t)
{
	if (t->fd >= 0)
		close(t->fd);
	for (size_t i = 0; i < t->box_count; i++)
		free(t->boxes[i]);
	free(t->boxes);
	free(t->known);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

enum ost_status taken_open(struct taken **out, const char *path,
			   const char *account, struct ost_error *err)
{
	struct taken *t = calloc(1, sizeof(*t));
	enum ost_status st = OST_OK;

	if (t == NULL)
		return ost_no_memory(err);
	pthread_mutex_init(&t->lock, NULL);
	t->fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (t->fd < 0)
		st = ost_fail(err, OST_CANNOT_OPEN, "%s", strerror(errno));
	else if (flock(t->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
		st = ost_fail(err, OST_CANNOT_OPEN,
			      "another import is writing it");
	if (st == OST_OK)
		st = read_known(t, account, err);
	if (st == OST_OK)
		*out = t;
	else
		taken_free(t);
	return st;
}

/* --- asking ----------------------------------------------------------------
 */

static int past_item(const void *key, size_t index, const void *arg)
{
	const struct taken *t = arg;

	return memcmp(key, t->known[index].item.at, sizeof(struct key));
}

bool taken_has(struct taken *t, const char *mailbox, uint32_t validity,
	       const struct key *item, struct key *message)
{
	const size_t box = box_of(t, mailbox, false);
	size_t i;

	if (box == SIZE_MAX)
		return false;
	for (i = sorted_first(item, t->count, past_item, t);
	     i < t->count && key_equal(&t->known[i].item, item); i++)
		if (t->known[i].box == box &&
		    t->known[i].validity == validity) {
			*message = t->known[i].message;
			return true;
		}
	return false;
}

void taken_subtract(struct taken *t, const char *mailbox, uint32_t validity,
		    struct keys *there)
{
	const size_t box = box_of(t, mailbox, false);

	for (size_t i = 0; box != SIZE_MAX && i < t->count; i++)
		if (t->known[i].box == box && t->known[i].validity == validity)
			(void)keys_take(there, &t->known[i].message);
}

/* --- writing ---------------------------------------------------------------
 */

static void put_hex(struct json *j, const char *name, const uint8_t *at,
		    size_t len)
{
	char hex[65] = "";

	for (size_t i = 0; i < len && i < 32; i++)
		snprintf(hex + 2 * i, sizeof(hex) - 2 * i, "%02x", at[i]);
	json_str(j, name, hex);
}

static void put_line(const struct taken_mail *m, struct buf *text)
{
	struct json j = { .to = text };

	json_object_flat(&j, NULL);
	json_str(&j, "mailbox", m->mailbox);
	json_raw(&j, "uidvalidity", "%" PRIu32, m->validity);
	json_raw(&j, "uid", "%" PRIu32, m->uid);
	put_hex(&j, "item", m->item.at, sizeof(m->item.at));
	put_hex(&j, "message", m->message.at, sizeof(m->message.at));
	if (m->has_sha256)
		put_hex(&j, "sha256", m->sha256, sizeof(m->sha256));
	json_object_end(&j);
	json_finish(&j);
}

/* One write a line: what is there of it is all of it, or its beginning. */
static enum ost_status append(struct taken *t, const struct buf *text,
			      struct ost_error *err)
{
	const time_t now = time(NULL);

	if (t->torn ||
	    write(t->fd, text->at, text->len) != (ssize_t)text->len) {
		t->torn = true;
		return ost_fail(err, OST_CANNOT_OPEN, "%s",
				errno != 0 ? strerror(errno)
					   : "it cannot be written");
	}
	if (now - t->synced < SYNC_SECONDS)
		return OST_OK;
	t->synced = now;
	return fdatasync(t->fd) == 0
		       ? OST_OK
		       : ost_fail(err, OST_CANNOT_OPEN, "%s", strerror(errno));
}

enum ost_status taken_put(struct taken *t, const struct taken_mail *m,
			  struct ost_error *err)
{
	struct buf text = { 0 };
	enum ost_status st;

	if (t == NULL)
		return OST_OK;
	put_line(m, &text);
	st = buf_status(&text, err);
	pthread_mutex_lock(&t->lock);
	if (st == OST_OK)
		st = append(t, &text, err);
	pthread_mutex_unlock(&t->lock);
	buf_free(&text);
	return st;
}

enum ost_status taken_close(struct taken *t, struct ost_error *err)
{
	enum ost_status st = OST_OK;

	if (t == NULL)
		return OST_OK;
	if (fdatasync(t->fd) != 0 && errno != EINVAL)
		st = ost_fail(err, OST_CANNOT_OPEN, "%s", strerror(errno));
	taken_free(t);
	return st;
}
