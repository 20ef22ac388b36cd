/*
 * error.h - what went wrong: a status for the caller, a line for a person
 */
#ifndef OST_ERROR_H
#define OST_ERROR_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__clang__)
#define OST_NODISCARD __attribute__((warn_unused_result))
#else
#define OST_NODISCARD [[nodiscard]]
#endif
#define OST_PRINTF(at, first) __attribute__((format(printf, at, first)))

/*
 * Told apart only where some caller acts differently: the mount answers with
 * an errno, a tool with an exit code. The attribute makes the compiler refuse
 * any call whose status is dropped.
 */
__extension__ enum OST_NODISCARD ost_status {
	OST_OK = 0,
	OST_NOT_FOUND,	 /* no such node, property, child or name */
	OST_CORRUPT,	 /* the store breaks the rules of its own format */
	OST_UNSUPPORTED, /* well formed, but a variant we do not read */
	OST_LIMIT,	 /* well formed, but larger than our caps */
	OST_IO,		 /* the file below us could not be read */
	OST_NO_MEMORY,
	OST_BUG, /* we broke our own rule; fuzzing aborts on it */

	/* Only from opening a store. */
	OST_CANNOT_OPEN, /* no such file, no permission, a directory */
	OST_ENCRYPTED,	 /* by Windows Information Protection (wVer 37) */
	OST_NOT_STORE,	 /* some other kind of file */
	OST_BAD_HEADER,	 /* a store whose header is damaged */
	OST_TRUNCATED,	 /* a store cut short, or still being written */

	OST_STOPPED, /* who asked wants it no more */
};

/* Our own trouble, not the store's: it ends what was asked for. */
static inline bool ost_is_internal(enum ost_status st)
{
	return st == OST_NO_MEMORY || st == OST_BUG;
}

/* The same may succeed when it is asked for again. */
static inline bool ost_is_transient(enum ost_status st)
{
	return st == OST_IO || st == OST_NO_MEMORY;
}

/* Not damage of the store: where damage costs a part, this ends the whole. */
static inline bool ost_is_internal_or_transient(enum ost_status st)
{
	return ost_is_internal(st) || ost_is_transient(st);
}

/*
 * One line for a person. Filled by the function that found the fault, then
 * given a noun by each owner it passes through, outermost first:
 *
 *	mail.ost: message 0x200024: page at 0x4400: CRC is 1f2e, not 77aa
 *
 * It lives on the caller's stack and never needs freeing.
 */
struct ost_error {
	char text[240];
};

/* Say why. Returns `status`, so a function can `return ost_fail(...)`. */
enum ost_status ost_fail(struct ost_error *err, enum ost_status status,
			 const char *format, ...) OST_PRINTF(3, 4);

/* Say that there is no memory: OST_NO_MEMORY. */
enum ost_status ost_no_memory(struct ost_error *err);

/*
 * Say that `what` number `number` is not there: OST_NOT_FOUND. Most of what
 * is asked of a store is not in it, so this one does without printf(3).
 */
enum ost_status ost_none(struct ost_error *err, const char *what,
			 uint64_t number);

/* Say where: prefix the text with a noun and ": ". Returns `status`. */
enum ost_status ost_within(struct ost_error *err, enum ost_status status,
			   const char *format, ...) OST_PRINTF(3, 4);

/* The errno(3) that a file system answers with. */
int ost_errno(enum ost_status status);

/* The exit codes of every program here. */
enum ost_exit {
	OST_EXIT_OK = 0,
	OST_EXIT_USAGE = 1,
	OST_EXIT_MOUNT_POINT = 10,
	OST_EXIT_CANNOT_OPEN = 11,
	OST_EXIT_ENCRYPTED = 22,
	OST_EXIT_NOT_STORE = 30,
	OST_EXIT_BAD_HEADER = 31,
	OST_EXIT_DAMAGED = 32,
	OST_EXIT_TRUNCATED = 33,
	OST_EXIT_LOSSES = 40,
	OST_EXIT_INTERRUPTED = 130,
};

/* The exit code for a program that ends because of `status`. */
int ost_exit_code(enum ost_status status);

#endif
