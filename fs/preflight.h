/*
 * preflight.h - what must hold before a mount, and what to do where it does not
 *
 * Each check that fails says one sentence on stderr that names the file and
 * the way out.
 */
#ifndef OST_FS_PREFLIGHT_H
#define OST_FS_PREFLIGHT_H

#include "fs/options.h"

struct mount_point {
	char *path; /* absolute, owned */
	bool there; /* when we looked */
	int made;   /* by us: open, and to be removed at the end; else -1 */
	bool open;  /* "/dev/fd/N": mounted already, by mount.fuse3(8) */
};

/*
 * Find the directory that `options` name, and refuse one that cannot or
 * should not be mounted on. `store` is absolute.
 */
bool mount_point_find(struct mount_point *out, const struct options *options,
		      const char *store);

/* Make the directory if it is not there. */
bool mount_point_make(struct mount_point *p);

/* Has it gone, as when the mount before us removes what it made? */
bool mount_point_gone(const struct mount_point *p);

/* Remove it if we made it, and free what `p` holds. */
void mount_point_leave(struct mount_point *p);

/* True if this machine and user can mount by FUSE with `options`. */
bool fuse_usable(const struct options *options);

#endif
