/*
 * manifest.h - what .ostfs/manifest.jsonl is made with
 */
#ifndef OST_FS_MANIFEST_H
#define OST_FS_MANIFEST_H

#include "audit/manifest.h"
#include "fs/ops.h"

struct manifest_file {
	const struct fs *fs;  /* on loan; its session may end the making */
	const char *name;     /* of the store, on loan */
	struct source *bytes; /* of the store */
	int fd;		      /* of an unlinked temporary file */
};

/*
 * Open what the making needs, as long as files may be opened: `store` once
 * more, which is told as the last part of `name`, and a temporary file. False,
 * with `err`, when that cannot be.
 */
bool manifest_file_open(struct manifest_file *m, const struct fs *fs,
			const char *store, const char *name,
			struct ost_error *err);
void manifest_file_close(struct manifest_file *m);

/* Make it, as tree.h says of struct tree_control; `arg` is the above. */
enum ost_status manifest_file_make(void *arg, struct tree *t, struct buf *text,
				   int *fd, struct ost_error *err);

#endif
