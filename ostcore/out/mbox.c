/*
 * mbox.c - the layouts `mbox` and `thunderbird`: a file a folder
 *
 * mboxrd: a line of the mail that begins with "From ", or with that after ">",
 * gets one more ">", which who reads it takes away; so no line is altered.
 * Lines end in LF, and an empty one follows each mail.
 */
#include <stdlib.h>
#include <time.h>

#include "mail/mail.h"
#include "mail/text/utf7.h"
#include "out/writer.h"

/* --- a mail on its way ------------------------------------------------------
 */

struct quoting {
	const struct out_job *j;
	struct buf head; /* what comes before it */
	bool begun;
	size_t line_len;   /* bytes of the line so far, at most those below */
	char line[6];	   /* how it begins, while it may be "From " */
	bool held;	   /* the line is not written yet, for it may be */
	size_t quotes;	   /* ">" that it begins with */
	bool cr;	   /* one waits: a LF may follow */
	bool blank, empty; /* the last line was; nothing was yet */
};

static const char from_[] = "From ";

/* Write what was held of the line, quoted if it is to be. */
static void release(struct quoting *q, struct buf *out, bool quote)
{
	if (quote)
		buf_byte(out, '>');
	for (size_t i = 0; i < q->quotes; i++)
		buf_byte(out, '>');
	buf_add(out, q->line, q->line_len);
	q->held = false;
}

static void end_line(struct quoting *q, struct buf *out)
{
	q->blank = q->held && q->quotes == 0 && q->line_len == 0;
	if (q->held)
		release(q, out, false);
	buf_byte(out, '\n');
	q->held = true;
	q->quotes = q->line_len = 0;
}

static void take_byte(struct quoting *q, struct buf *out, char c)
{
	if (!q->held) {
		buf_byte(out, c);
		return;
	}
	if (q->line_len == 0 && c == '>') {
		q->quotes++;
		return;
	}
	q->line[q->line_len++] = c;
	if (c != from_[q->line_len - 1])
		release(q, out, false);
	else if (q->line_len == strlen(from_))
		release(q, out, true);
}

/* The rest of a line that is held no more, at once. */
static size_t take_run(struct quoting *q, struct buf *out, const char *at,
		       size_t len)
{
	size_t n = 0;

	if (q->held || q->cr)
		return 0;
	while (n < len && at[n] != '\r' && at[n] != '\n')
		n++;
	buf_add(out, at, n);
	return n;
}

static enum ost_status quote(void *arg, struct span in, bool last,
			     struct buf *out, struct ost_error *err)
{
	struct quoting *q = arg;
	const char *at = (const char *)in.at;

	if (!q->begun)
		buf_add(out, q->head.at, q->head.len);
	q->begun = true;
	for (size_t i = 0; i < in.len;) {
		const size_t run = take_run(q, out, at + i, in.len - i);

		i += run;
		if (i == in.len)
			break;
		if (q->cr && at[i] != '\n')
			take_byte(q, out, '\r');
		q->cr = at[i] == '\r';
		if (at[i] == '\n')
			end_line(q, out);
		else if (at[i] != '\r')
			take_byte(q, out, at[i]);
		i++;
	}
	if (!last)
		return buf_status(out, err);
	if (q->cr)
		take_byte(q, out, '\r');
	q->cr = false;
	if (!q->held || q->line_len > 0 || q->quotes > 0)
		end_line(q, out);
	buf_byte(out, '\n');
	return buf_status(out, err);
}

/* --- what comes before it ----------------------------------------------------
 */

/* The address in "Name <addr>"; nothing that could end the line. */
static void put_sender(struct buf *out, const char *from)
{
	const size_t start = out->len;
	const char *open = strrchr(from, '<');
	const char *at = open != NULL ? open + 1 : from;

	for (; *at != '\0' && *at != '>'; at++)
		if (*at > ' ' && (uint8_t)*at < 0x7F)
			buf_byte(out, *at);
	if (out->len == start)
		buf_str(out, "MAILER-DAEMON");
}

static void put_asctime(struct buf *out, int64_t when)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const time_t t = (time_t)when;
	struct tm tm = { .tm_mday = 1 };

	if (gmtime_r(&t, &tm) == NULL || tm.tm_year > 8099 ||
	    tm.tm_year < -1900)
		tm = (struct tm){ .tm_mday = 1, .tm_year = 70, .tm_wday = 4 };
	buf_printf(out, "%.3s %.3s %2d %02d:%02d:%02d %04d",
		   days + 3 * tm.tm_wday, months + 3 * tm.tm_mon, tm.tm_mday,
		   tm.tm_hour, tm.tm_min, tm.tm_sec, tm.tm_year + 1900);
}

static void get_fact(struct store_object *o, enum mail_fact fact,
		     struct buf *out)
{
	struct ost_error none;

	if (o == NULL || mail_fact(o, fact, out, &none) != OST_OK)
		buf_cut(out, 0);
}

static bool has_word(const struct buf *words, const char *word)
{
	return strstr(buf_text(words), word) != NULL;
}

/* What Thunderbird keeps of a mail, in its own words: nsMsgMessageFlags. */
static void put_mozilla(struct buf *out, struct store_object *o)
{
	enum { READ = 1, REPLIED = 2, MARKED = 4, FORWARDED = 0x1000 };
	struct buf flags = { 0 }, categories = { 0 };
	const char *at, *end;

	get_fact(o, MAIL_FLAGS, &flags);
	get_fact(o, MAIL_CATEGORIES, &categories);
	buf_printf(out, "X-Mozilla-Status: %04x\nX-Mozilla-Status2: 00000000\n",
		   (unsigned)(has_word(&flags, "read") * READ +
			      has_word(&flags, "answered") * REPLIED +
			      has_word(&flags, "flagged") * MARKED +
			      has_word(&flags, "forwarded") * FORWARDED));
	buf_str(out, "X-Mozilla-Keys: ");
	/* Atoms with blanks between, as IMAP has keywords. */
	for (at = buf_text(&categories); *at != '\0'; at = end) {
		end = strstr(at, ", ");
		if (end == NULL)
			end = at + strlen(at);
		utf7_keyword(out, span_of(at, (size_t)(end - at)));
		if (*end != '\0')
			buf_byte(out, ' ');
		end += *end != '\0' ? 2 : 0;
	}
	buf_byte(out, '\n');
	buf_free(&flags);
	buf_free(&categories);
}

static enum ost_status put_before(struct out *x, struct quoting *q,
				  struct ost_error *err)
{
	const struct store_id id = { q->j->nid, 0 };
	struct store_object *o = NULL;
	struct buf from = { 0 };
	struct ost_error none;
	const enum ost_status st = store_get(tree_store(x->t), id, &o, &none);

	if (ost_is_internal(st))
		return ost_fail(err, st, "%s", none.text);
	if (st != OST_OK)
		o = NULL;
	get_fact(o, MAIL_FROM, &from);
	buf_str(&q->head, from_);
	put_sender(&q->head, buf_text(&from));
	buf_byte(&q->head, ' ');
	put_asctime(&q->head, q->j->node.mtime);
	buf_byte(&q->head, '\n');
	if (x->format == &out_thunderbird)
		put_mozilla(&q->head, o);
	buf_free(&from);
	store_drop(o);
	return buf_status(&q->head, err);
}

/* --- the layout
 * --------------------------------------------------------------- */

/* The file of a folder. `state` of the layout: those that are open. */
static void put_path(const struct out *x, struct buf *path, const char *folder)
{
	const bool nests = x->format == &out_thunderbird;

	if (folder[0] == '\0')
		folder = "Mailbox";
	for (; *folder != '\0'; folder++) {
		if (*folder == '/' && nests)
			buf_str(path, ".sbd");
		buf_byte(path, *folder);
	}
	if (!nests)
		buf_str(path, ".mbox");
}

static enum ost_status mbox_work(struct out *x, struct out_job *j,
				 struct ost_error *err)
{
	struct quoting q = { .j = j, .held = true };
	struct buf path = { 0 };
	enum ost_status st;

	put_path(x, &path, j->folder->path);
	st = path.bad ? buf_status(&path, err) : out_entry(j, path.at, err);
	if (st == OST_OK)
		st = put_before(x, &q, err);
	if (st == OST_OK)
		st = append_work(x, j, quote, &q, err);
	buf_free(&q.head);
	return st;
}

static enum ost_status put_late(struct out *x, struct out_job *j,
				struct appended *a, struct ost_error *err)
{
	struct quoting q = { .j = j, .held = true };
	enum ost_status st = put_before(x, &q, err);

	if (st == OST_OK)
		st = append_put(x, j, a, quote, &q, err);
	buf_free(&q.head);
	return st;
}

enum ost_status mbox_item(struct out *x, struct out_job *j,
			  struct appended **open, struct ost_error *err)
{
	struct appended *a;
	enum ost_status st = append_open(x, open, &a, j->entry.path, err);

	if (st != OST_OK)
		return st;
	if (j->kept > 0)
		return append_keep(x, j, a, err);
	return j->late ? put_late(x, j, a, err)
		       : append_put(x, j, a, NULL, NULL, err);
}

/* A folder is there, even when it is empty. */
static enum ost_status mbox_folder(struct out *x, struct out_job *j,
				   struct appended **open,
				   struct ost_error *err)
{
	struct appended *a;
	struct buf path = { 0 };
	enum ost_status st;

	if (j->folder->path[0] == '\0' || !j->folder->wanted)
		return OST_OK;
	put_path(x, &path, j->folder->path);
	st = buf_status(&path, err);
	if (st == OST_OK)
		st = append_open(x, open, &a, path.at, err);
	buf_free(&path);
	return st;
}

static enum ost_status mbox_take(struct out *x, struct out_job *j,
				 struct ost_error *err)
{
	struct appended **open = (struct appended **)&x->state;

	switch (j->kind) {
	case OUT_FOLDER:
		return mbox_folder(x, j, open, err);
	case OUT_ITEM:
		return mbox_item(x, j, open, err);
	default:
		return append_close(open, j, err);
	}
}

static void mbox_drop(struct out *x)
{
	append_drop((struct appended **)&x->state);
}

const struct out_format out_mbox = {
	.name = "mbox",
	.in_mail = true,
	.all_mail = true,
	.work = mbox_work,
	.take = mbox_take,
	.drop = mbox_drop,
};

const struct out_format out_thunderbird = {
	.name = "thunderbird",
	.in_mail = true,
	.all_mail = true,
	.work = mbox_work,
	.take = mbox_take,
	.drop = mbox_drop,
};
