/*
 * fleet.h - the stores below a directory, and what each is to be called
 *
 * For who shows or writes the mail of many stores beside each other. Nothing
 * is opened but directories: whether a file is a store is told when it is
 * read. Same files, same names, on every host and in every order of listing.
 * One thread at a time.
 */
#ifndef OST_FLEET_H
#define OST_FLEET_H

#include "bytes/buf.h"
#include "bytes/error.h"

enum {
	FLEET_MAX = 4095, /* stores */
	FLEET_DEPTH = 12, /* directories above a store, at most */
};

/* What goes beside a store that cannot be read is called NAME and this. */
#define FLEET_PROBLEM ".problem.txt"

struct fleet_store {
	char *path;  /* owned; as found or given, any bytes, "/"-separated */
	char *name;  /* owned; safe for a file name, unlike all others without
			regard to case, and so with FLEET_PROBLEM; NULL: none
			was given yet */
	char *wish;  /* owned; any text: what it shall be called; or NULL */
	bool tagged; /* it has more in its name, for another has it already */
	/* Of the file, when it was looked at; 0: it was not. */
	uint64_t size;
	int64_t mtime; /* seconds since 1970 */
	uint32_t mtime_nsec;
	uint64_t device, inode;
};

/* Works from { 0 }. */
struct fleet {
	struct fleet_store *stores; /* owned */
	size_t count;
	/* What was not looked into, for it cannot be read, or is deeper than
	   FLEET_DEPTH; the first of those, "" if there is none. */
	uint64_t unread, too_deep;
	struct ost_error first;
};

/*
 * Add the stores below the open directory `dir`, which stays the caller's, in
 * the order of their paths: regular files that end in .ost, .pst or .nst, in
 * any case. Links are not followed, nor is another file system entered, unless
 * it is a child of `dir`. OST_LIMIT for more than FLEET_MAX; OST_CANNOT_OPEN
 * if `dir` itself cannot be read.
 */
enum ost_status fleet_find(struct fleet *f, int dir, struct ost_error *err);

/* Add one file by its path, and, unless that is NULL, what it asks for. */
enum ost_status fleet_add(struct fleet *f, const char *path, const char *wish,
			  struct ost_error *err);

/*
 * Give a name to each that has none, in their order; those that have one keep
 * it. The name is what it asks for; else the address in the file's name; or the
 * file's name itself, if it says anything ("outlook.ost" does not); or whose
 * profile it is in.
 */
enum ost_status fleet_name(struct fleet *f, struct ost_error *err);

/*
 * Append a line that says what `s` is called, and what became of it: an exit
 * code, -1 for none yet. Paths that are not UTF-8 are written as JSON can.
 */
void fleet_record_put(struct buf *out, const struct fleet_store *s, int code);

/*
 * Have the stores ask for the names that such lines give them, and come first
 * when they are named. `text` may be anything: what is no such line says
 * nothing.
 */
enum ost_status fleet_record_use(struct fleet *f, struct span text,
				 struct ost_error *err);

void fleet_free(struct fleet *f);

#endif
