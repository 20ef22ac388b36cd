/*
 * name.h - display text to file names, safe and unique
 *
 * The rule for every name: NFC UTF-8 of at most 232 bytes, cut between
 * graphemes; each of / \ : * ? " < > | is a "-"; runs of white space and
 * controls are one space; characters that turn or hide text (bidirectional
 * controls, U+FEFF and the like) are left out; no dot or space at either end;
 * a name that DOS takes for a device gets "_" after it. What is no UTF-8 is
 * U+FFFD.
 */
#ifndef OST_TREE_NAME_H
#define OST_TREE_NAME_H

#include "bytes/buf.h"

/*
 * In bytes. NAME_MAX is 255, but programs put more around a name: rsync 8
 * bytes while it copies, and notmuch 10 and a number to make a term of Xapian,
 * which has 245 at most; it gives up on the first that is longer.
 */
enum { NAME_LIMIT = 232 };

#define NAME_BESIDE ".attachments"

/*
 * Append `text` by the rule above, but for length, ends and devices: it may
 * be put together with more. Only its first 1000 bytes or so are taken.
 */
void name_clean(struct buf *out, struct span text);

/*
 * Append clean text cut to `most` bytes, with its ends and device names seen
 * to; `otherwise` when nothing is left of it.
 */
void name_fit(struct buf *out, struct span clean, size_t max,
	      const char *otherwise);

/* What the name of an item is made of; texts as the store has them. */
struct name_parts {
	bool dated;
	int64_t sec; /* since 1970 */
	struct span sender;
	struct span subject;
	uint32_t nid;
	bool day_only; /* the date without a time */
};

/*
 * Append `YYYY-MM-DD HH.MM <sender> - <subject> [<nid>]`, without what is not
 * known, and with room left for `suffix` as well as for NAME_BESIDE.
 */
void name_item(struct buf *out, const struct name_parts *parts,
	       const char *suffix);

/* What the name of a mail in a Maildir is made of. */
struct name_mail {
	int64_t sec; /* since 1970 */
	uint32_t nid;
	const uint8_t *mailbox; /* its GUID, as stored; NULL: not known */
	const char *size;	/* of the file, in digits; NULL: leave it out */
	const char *flags;	/* as MAIL_FLAGS has them */
};

/* Append `<sec>.N<nid>.<mailbox>[,S=<size>]:2,<flags>`. */
void name_mail(struct buf *out, const struct name_mail *parts);

/* Take the NID from such a name. False when it is none. */
bool name_mail_nid(const char *name, uint32_t *nid);

/*
 * Take the NID from a name that ends in ` [<nid>]` and a suffix, on loan in
 * `*suffix`. False when it is not of that form.
 */
bool name_nid(const char *name, uint32_t *nid, const char **suffix);

/* Bytes of the ".ext" that `name` ends in; 0 when it has none. */
size_t name_suffix(struct span name);

/*
 * The names of one directory, told apart as the least careful file system
 * would: without regard to case. Works from { 0 }.
 */
struct name_set {
	char **keys; /* hash table of owned strings */
	size_t cap;  /* 0 or a power of two */
	size_t count;
	bool bad; /* memory ran out */
};

/* Add `name`. False when one like it is there, or memory ran out. */
bool name_set_add(struct name_set *set, const char *name);
void name_set_free(struct name_set *set);

/* How name_unique() makes a name differ from those in the set. */
struct name_tag {
	uint32_t nid;
	uint32_t place;	     /* differs for each entry of the directory */
	bool always;	     /* tag it even if there is none like it */
	bool before_suffix;  /* "a [5].txt", not "a.txt [5]" */
	size_t spare;	     /* bytes to leave of NAME_LIMIT */
	const char *nothing; /* the name of an entry without one */
};

/* Append clean text as a name that is new in `set`, and add it there. */
void name_unique(struct buf *out, struct name_set *set, struct span clean,
		 const struct name_tag *tag);

#endif
