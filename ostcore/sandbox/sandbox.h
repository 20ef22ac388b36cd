/*
 * sandbox.h - a process that can do nothing but serve what it has open
 *
 * A store is hostile input, and a fault in reading it must not be worth
 * anything. Once a process has the store open it needs little else.
 */
#ifndef OST_SANDBOX_H
#define OST_SANDBOX_H

/* Takes a sentence on what this system does not offer; `what` is static. */
typedef void sandbox_lack(const char *what);

/*
 * Give up for good, for this process and its children:
 *	capabilities, and privileges to be had by executing;
 *	files other than what is open (Landlock), but for reading a few of the
 *	system that libmagic, iconv and the linker open late;
 *	system calls that reading and serving do not need: the network,
 *	executing, other processes (seccomp);
 *	core dumps, which would hold mail.
 * What the kernel or a container does not offer is told to `lack` and left
 * out. To be called before there are threads.
 */
void sandbox_enter(sandbox_lack *lack);

/*
 * The same for a process that reads what it has open and answers on a socket:
 * no file at all, and no other process, thread, socket or signal either.
 */
void sandbox_enter_reader(sandbox_lack *lack);

#endif
