/*
 * report.c - what became of the mails
 */
#include "imap/report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "bytes/json.h"
#include "bytes/sorted.h"
#include "bytes/text.h"
#include "cli/interrupt.h"

void report_init(struct report *r, const char *program, bool keeps_refused)
{
	*r = (struct report){ .program = program };
	pthread_mutex_init(&r->lock, NULL);
	if (keeps_refused)
		r->refused = tmpfile();
}

void report_free(struct report *r)
{
	for (size_t i = 0; i < r->folder_count; i++) {
		free(r->folders[i].folder);
		free(r->folders[i].mailbox);
	}
	free(r->folders);
	free(r->ended);
	if (r->refused != NULL)
		fclose(r->refused);
	pthread_mutex_destroy(&r->lock);
}

/* --- for people ------------------------------------------------------------
 */

static void print_safe(FILE *to, const char *text)
{
	struct buf safe = { 0 };

	text_safe(&safe, span_of(text, strlen(text)), false);
	fputs(buf_text(&safe), to);
	buf_free(&safe);
}

static void say(const struct report *r, const char *text)
{
	fprintf(stderr, "%s%s: ", r->wipes ? "\r\033[K" : "", r->program);
	print_safe(stderr, text);
	fputc('\n', stderr);
}

void report_say(struct report *r, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	pthread_mutex_lock(&r->lock);
	say(r, text != NULL ? text : "out of memory");
	pthread_mutex_unlock(&r->lock);
	free(text);
}

void report_end(struct report *r, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	pthread_mutex_lock(&r->lock);
	if (r->ended == NULL) {
		say(r, text != NULL ? text : "out of memory");
		r->ended = text != NULL ? text : strdup("out of memory");
		text = NULL;
	}
	pthread_mutex_unlock(&r->lock);
	free(text);
}

bool report_has_ended(struct report *r)
{
	bool has;

	pthread_mutex_lock(&r->lock);
	has = r->ended != NULL;
	pthread_mutex_unlock(&r->lock);
	return has || interrupt_asked();
}

static int digit_of(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
				     "pqrstuvwxyz0123456789+,";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

/* Append what is between & and -: UTF-16, high byte first. */
static void put_shifted(struct buf *out, const char *text, size_t len)
{
	struct buf units = { 0 };
	uint32_t bits = 0;
	unsigned count = 0;

	for (size_t i = 0; i < len; i++) {
		bits = bits << 6 | (unsigned)digit_of(text[i]);
		count += 6;
		if (count < 16)
			continue;
		count -= 16;
		buf_byte(&units, (char)(bits >> count));
		buf_byte(&units, (char)(bits >> count >> 8));
	}
	text_utf16(out, buf_span(&units));
	out->bad |= units.bad;
	buf_free(&units);
}

void report_mailbox(struct buf *out, const char *name)
{
	while (*name != '\0') {
		size_t len = 1;

		if (*name != '&') {
			buf_byte(out, *name++);
			continue;
		}
		while (digit_of(name[len]) >= 0)
			len++;
		if (len == 1)
			buf_byte(out, '&');
		else
			put_shifted(out, name + 1, len - 1);
		name += len + (name[len] == '-');
	}
}

/* --- mails and folders -----------------------------------------------------
 */

static void keep_refused(struct report *r, const struct report_mail *m)
{
	struct buf text = { 0 }, box = { 0 };
	struct json j = { .to = &text, .depth = 1, .flat = 1 };

	report_mailbox(&box, m->mailbox);
	json_object_flat(&j, NULL);
	json_str(&j, "path", m->path);
	json_str(&j, "mailbox", buf_text(&box));
	json_str(&j, "message_id", m->id);
	json_str(&j, "why", m->why);
	json_object_end(&j);
	if (r->refused_count++ > 0)
		fputs(",\n", r->refused);
	fputs(buf_text(&text), r->refused);
	buf_free(&text);
	buf_free(&box);
}

void report_refused(struct report *r, const struct report_mail *m)
{
	struct buf line = { 0 };

	buf_printf(&line, "%s: %s", m->path, m->why);
	pthread_mutex_lock(&r->lock);
	r->n.failed++;
	say(r, buf_text(&line));
	if (r->refused != NULL)
		keep_refused(r, m);
	pthread_mutex_unlock(&r->lock);
	buf_free(&line);
}

void report_failed(struct report *r, uint64_t count)
{
	pthread_mutex_lock(&r->lock);
	r->n.failed += count;
	pthread_mutex_unlock(&r->lock);
}

void report_folder(struct report *r, const char *folder, const char *mailbox,
		   const struct report_counts *n)
{
	struct buf name = { 0 };

	report_mailbox(&name, mailbox);
	pthread_mutex_lock(&r->lock);
	print_safe(stdout, buf_text(&name));
	printf(": %" PRIu64 " %s, %" PRIu64 " there already\n", n->added,
	       r->dry_run ? "to add" : "added", n->there);
	fflush(stdout);
	if (array_more(&r->folders, r->folder_count, sizeof(*r->folders)))
		r->folders[r->folder_count++] =
			(struct report_folder){ strdup(folder),
						strdup(buf_text(&name)), *n };
	pthread_mutex_unlock(&r->lock);
	buf_free(&name);
}

/* --- the end ---------------------------------------------------------------
 */

static void conclude_rest(const struct report *r, bool is_store)
{
	if (r->doubtful > 0)
		printf("%" PRIu64
		       " mails lack a category, or have another date; "
		       "standard error says which\n",
		       r->doubtful);
	if (r->left > 0)
		printf("%" PRIu64
		       " mails were not asked for and were left out\n",
		       r->left);
	if (r->others > 0 && is_store)
		printf("%" PRIu64 " items are not mails and were left out; "
		       "--items=all takes them\n",
		       r->others);
	else if (r->others > 0)
		printf("%" PRIu64 " files are not mails and were left out; "
		       "mount with -o items=eml for them\n",
		       r->others);
	if (r->verified)
		printf("verified: of %" PRIu64 " mails %" PRIu64
		       " are on the server with the same %s, %" PRIu64
		       " are not\n",
		       r->whole + r->missing, r->whole,
		       r->by_bytes ? "bytes" : "size", r->missing);
	if (r->verified && r->twice > 0)
		printf("%" PRIu64
		       " messages are on the server more than once\n",
		       r->twice);
}

int report_conclude(struct report *r, bool is_store)
{
	printf("%" PRIu64 " mails %s, %" PRIu64 " there already, %" PRIu64
	       " failed\n",
	       r->n.added, r->dry_run ? "to add" : "added", r->n.there,
	       r->n.failed);
	conclude_rest(r, is_store);
	if (interrupt_asked())
		return OST_EXIT_INTERRUPTED;
	return r->n.failed > 0 || r->doubtful > 0 || r->faults > 0 ||
			       r->missing > 0 || r->ended != NULL
		       ? OST_EXIT_LOSSES
		       : OST_EXIT_OK;
}

static void put_count(struct json *j, const char *name, uint64_t n)
{
	json_raw(j, name, "%" PRIu64, n);
}

static void put_counts(struct json *j, const struct report_counts *n)
{
	put_count(j, "added", n->added);
	put_count(j, "there", n->there);
	put_count(j, "failed", n->failed);
}

static void put_verified(struct json *j, const struct report *r)
{
	if (!r->verified) {
		json_raw(j, "verified", "null");
		return;
	}
	json_object_flat(j, "verified");
	json_str(j, "how", r->by_bytes ? "bytes" : "size");
	put_count(j, "whole", r->whole);
	put_count(j, "missing", r->missing);
	put_count(j, "twice", r->twice);
	json_object_end(j);
}

static void put_folders(struct json *j, const struct report *r)
{
	json_array(j, "folders");
	for (size_t i = 0; i < r->folder_count; i++) {
		const struct report_folder *f = &r->folders[i];

		json_object_flat(j, NULL);
		json_str(j, "folder", f->folder != NULL ? f->folder : "");
		json_str(j, "mailbox", f->mailbox != NULL ? f->mailbox : "");
		put_counts(j, &f->n);
		json_object_end(j);
	}
	json_array_end(j);
}

/* They are JSON already. */
static void put_refused(const struct report *r, struct buf *out)
{
	char chunk[4096];
	size_t got;

	if (r->refused == NULL)
		return;
	rewind(r->refused);
	while ((got = fread(chunk, 1, sizeof(chunk), r->refused)) > 0)
		buf_add(out, chunk, got);
	out->bad |= ferror(r->refused) != 0;
}

void report_json(struct report *r, const struct report_about *about,
		 struct buf *out)
{
	struct json j = { .to = out };

	json_object(&j, NULL);
	json_raw(&j, "report", "1");
	json_str(&j, "source", about->source);
	json_str(&j, "url", about->url);
	json_str(&j, "user", about->user);
	json_bool(&j, "dry_run", r->dry_run);
	json_raw(&j, "exit", "%d", about->code);
	if (r->ended != NULL)
		json_str(&j, "ended", r->ended);
	else
		json_raw(&j, "ended", "null");
	put_counts(&j, &r->n);
	put_count(&j, "left", r->left);
	put_count(&j, "others", r->others);
	put_count(&j, "doubtful", r->doubtful);
	put_count(&j, "bytes", r->bytes);
	put_verified(&j, r);
	put_folders(&j, r);
	json_array(&j, "refused");
	put_refused(r, out);
	json_array_end(&j);
	json_object_end(&j);
	json_finish(&j);
}
