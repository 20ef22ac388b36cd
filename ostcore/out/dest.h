/*
 * dest.h - private: making files and directories below one that is open
 *
 * Nothing here follows a symbolic link, and nothing has its final name before
 * it is whole. A failure is OUT_DESTINATION.
 */
#ifndef OST_OUT_DEST_H
#define OST_OUT_DEST_H

#include <sys/stat.h>

#include "bytes/buf.h"
#include "out/out.h"

/*
 * The directory `path` below `root`, "" for itself, open; with `make`, made
 * with those above it where it is not there. `*fd` is the caller's.
 */
enum ost_status dest_dir(int *fd, int root, const char *path, bool make,
			 struct ost_error *err);

/* What `name` in directory `dir` is: 0, or an errno. */
int dest_stat(int dir, const char *name, struct stat *out);
/* The same of a path below `root`. */
int dest_stat_path(int root, const char *path, struct stat *out);

/* A file on its way. */
struct dest_file {
	int dir;	    /* on loan */
	int fd;		    /* -1: none is open */
	char temporary[48]; /* "": it has its name, or is none */
};

/* Begin one in `dir`; `id` is of none other that is on its way there. */
enum ost_status dest_begin(struct dest_file *f, int dir, uint64_t id,
			   struct ost_error *err);
enum ost_status dest_write(int fd, const void *bytes, size_t len,
			   struct ost_error *err);
/* Give it its time, and close it: it is whole but for its name. */
enum ost_status dest_close(struct dest_file *f, int64_t mtime, uint32_t nsec,
			   struct ost_error *err);
/* Give one that was closed its name. */
enum ost_status dest_name(struct dest_file *f, const char *name,
			  struct ost_error *err);
/* Both. */
enum ost_status dest_end(struct dest_file *f, const char *name, int64_t mtime,
			 uint32_t nsec, struct ost_error *err);
/* Remove it, unless it has its name. */
void dest_drop(struct dest_file *f);

/* Set the time of the directory `fd`. */
enum ost_status dest_time(int fd, int64_t mtime, uint32_t nsec,
			  struct ost_error *err);

/* Write a small file, whole. */
enum ost_status dest_put(int dir, const char *name, struct span bytes,
			 int64_t mtime, struct ost_error *err);

#endif
