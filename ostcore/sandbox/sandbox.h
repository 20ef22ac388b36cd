/*
 * sandbox.h - a process that can do nothing but read what it has open
 *
 * A store is hostile input, and a fault in reading it must not be worth
 * anything. Once a process has open what it reads and writes it needs little
 * else.
 */
#ifndef OST_SANDBOX_H
#define OST_SANDBOX_H

#include <stdbool.h>

/* Takes a sentence on what is not in force; `what` is static. */
typedef void sandbox_lack(const char *what);

/* Each may do what those before it may. */
enum sandbox_role {
	SANDBOX_READER, /* read what is open, answer on a socket: libpff's */
	SANDBOX_TOOL,	/* and have threads, end children of its own */
	SANDBOX_SERVER, /* and serve FUSE */
};

enum { SANDBOX_NO_LANDLOCK = -1 };

struct sandbox {
	enum sandbox_role role;
	/* Of a SANDBOX_TOOL: an open directory; what lies below it may be
	   opened to be read. NULL: nothing may be opened at all. */
	const int *below;
	/* The same for an open directory below which files and directories
	   may be made, written, renamed and removed, too. */
	const int *writes;
	sandbox_lack *lack;

	/* For tests. */
	int landlock;	/* the version of Landlock to use at most; 0: the
			   kernel's; SANDBOX_NO_LANDLOCK */
	bool no_filter; /* leave all system calls open */
};

/*
 * Load what libraries load when they first need it, for nothing can be loaded
 * later: to be called before sandbox_enter(). False, with a static sentence on
 * what is lacking, if the process could not end a thread without it.
 */
bool sandbox_load(const char **lacking);

/*
 * Give up for good, for this process and its children:
 *	capabilities, and privileges to be had by executing;
 *	descriptors that were inherited: those above 2 without FD_CLOEXEC;
 *	files, sockets and signals to others (Landlock);
 *	all system calls but a few, with the arguments they need (seccomp);
 *	core dumps, which would hold mail.
 * What the kernel or a container does not offer is told to `lack` and left
 * out. To be called before there are threads. No thread may block SIGSYS.
 */
void sandbox_enter(const struct sandbox *s);

#endif
