/*
 * addrmap_file.h - whom X.500 names stand for: the user's own directory
 */
#ifndef OST_MAIL_ADDRMAP_FILE_H
#define OST_MAIL_ADDRMAP_FILE_H

#include "store/store.h"

/*
 * WHO IS WHO. Exchange names people by X.500 names. An item that has nothing
 * else of someone is given the address that the user's own directory has for
 * that name, or else one that other items of the store have beside it.
 */
struct mail_addrmap; /* a directory; never changes, so threads may share it */

/*
 * Read a directory exported as LDIF or CSV (addrmap.h says what of it).
 * `*out` is owned. OST_CANNOT_OPEN, OST_LIMIT, OST_CORRUPT: no line of it is
 * of use; `err` names the line and what to do about it.
 */
enum ost_status mail_addrmap_read(struct mail_addrmap **out, const char *path,
				  struct ost_error *err);
void mail_addrmap_free(struct mail_addrmap *m); /* NULL is fine */

/* How many people are in it by an X.500 name. */
size_t mail_addrmap_count(const struct mail_addrmap *m);

/* One line for a person on what of it was left out, and why; "": nothing. */
const char *mail_addrmap_left_out(const struct mail_addrmap *m);

/*
 * Have the items of `store` look in `given` (NULL: none), which must outlive
 * it, and in each other. Call once, before anything is planned; without it
 * they do neither. Costs nothing until an address is first looked for, or
 * mail_directory_start(): then items of the store are read, once, whatever
 * thread asks: all of up to 1000, else a sample that is always the same one.
 * What they have is kept up to 16 MiB, until the store is closed.
 */
enum ost_status mail_directory_open(struct store *store,
				    const struct mail_addrmap *given,
				    struct ost_error *err);

/* Have a thread read them before anybody asks. Ends when the store closes. */
void mail_directory_start(struct store *store);

/*
 * Have those items been read, now if not yet: what of the store was read, and
 * found to be damaged, then does not depend on how far that thread has come.
 */
enum ost_status mail_directory_wait(struct store *store, struct ost_error *err);

/*
 * Append what those items have, as rows of CSV. After the headings they are
 * what mail_addrmap_read() takes. `*whole` is false if some item was not
 * asked: there are too many, or some are damaged.
 */
extern const char mail_directory_headings[];
enum ost_status mail_directory_csv(struct store *store, struct buf *out,
				   bool *whole, struct ost_error *err);

#endif
