/*
 * shown.h - a store that is open and ready to be served
 */
#ifndef OST_FS_SHOWN_H
#define OST_FS_SHOWN_H

#include "cli/advice.h"
#include "fs/manifest.h"
#include "fs/ops.h"
#include "fs/options.h"

struct shown {
	const struct options *o;
	const char *name; /* of the store, as a person knows it */
	struct fs fs;
	struct manifest_file manifest;
	/* Takes a warning on the store; NULL: it is said on stderr. */
	void (*warn)(void *arg, const char *text);
	void *arg;
};

void shown_start(struct shown *s, const struct options *o);

/* Say what of the sandbox is not in force. */
void shown_lacking(const char *what);

/*
 * Open the store at `path`, in a sandbox from there on if `sandboxed`, and all
 * that is needed to serve it. Returns the exit code; if that is not 0, `why`
 * has the name, the reason and what to do about it.
 */
int shown_load(struct shown *s, const char *path, bool sandboxed,
	       struct buf *why);

/* To the log of the running mount, whoever mounted it. */
void shown_log_losses(const struct shown *s);

void shown_free(struct shown *s);

#endif
