/*
 * options.h - what the command line asks for
 */
#ifndef OST_FS_OPTIONS_H
#define OST_FS_OPTIONS_H

#include <sys/types.h>

#include "tree/tree.h"

struct options {
	/* As given, on loan from argv: of several stores the first. */
	const char *store;
	const char *mount_point;
	const char **given; /* stores, and the mount point */
	unsigned given_count;
	unsigned store_count;
	struct buf fleet;      /* a file that names the stores; "": none */
	unsigned stores_open;  /* at once, at most */
	unsigned idle;	       /* seconds until a store is closed again */
	unsigned idle_unmount; /* seconds until the mount ends; 0: never */

	const struct store_ops *reader;
	struct tree_options tree;
	struct buf addrmap_path;      /* "": none given */
	struct mail_addrmap *addrmap; /* owned; what was read of it */
	struct store_options reading; /* all but its cache */
	size_t cache; /* bytes, for blocks and plans together, of all stores;
			 0: not given */

	uid_t uid; /* who owns what is shown */
	gid_t gid;
	mode_t umask;

	bool foreground;
	bool debug;
	bool single; /* thread */
	bool xattrs; /* see fs/ops.h */
	bool no_xattrs;
	bool no_sandbox;
	bool help;
	bool version;
	bool writable;	   /* is asked for, in vain */
	bool nonempty;	   /* a mount point with files in it will do */
	bool others;	   /* allow_other or allow_root */
	struct buf passed; /* ",option" each: for libfuse and the kernel */
};

enum { OPTIONS_STORES_MAX = 1000, OPTIONS_IDLE_MAX = 7 * 86400 };

/*
 * Read the command line into `*out`, which options_free() empties. False,
 * after saying what is wrong and how it should be, for one we cannot follow.
 */
bool options_read(struct options *out, int argc, char **argv);
void options_free(struct options *o);

/* What --help and --version print on stdout. */
void options_help(void);
void options_version(void);

#endif
