/*
 * file.h - private: a file that has no name until it is complete
 */
#ifndef OST_PST_FILE_H
#define OST_PST_FILE_H

#include "bytes/bytes.h"
#include "bytes/error.h"

struct pst_file {
	int fd;		 /* -1: nothing is written */
	int dir;	 /* -1: not open */
	char *name;	 /* owned: of the finished file, in `dir` */
	char *temporary; /* owned; NULL: the file has no name so far */
};

/* Begin the file that is to be `path`. All failures are OST_IO. */
enum ost_status pst_file_new(struct pst_file *f, const char *path,
			     struct ost_error *err);

/* A further file in the same directory, which never gets a name. */
enum ost_status pst_file_spare(const struct pst_file *f, int *fd,
			       struct ost_error *err);

enum ost_status pst_file_write(int fd, uint64_t off, struct span bytes,
			       struct ost_error *err);

/* Exactly `len` bytes that were written before. */
enum ost_status pst_file_read(int fd, uint64_t off, void *to, size_t len,
			      struct ost_error *err);

/* Have the file end at `size`. */
enum ost_status pst_file_cut(int fd, uint64_t size, struct ost_error *err);

/* See pst_out_publish(). */
enum ost_status pst_file_publish(struct pst_file *f, bool replace,
				 struct ost_error *err);

/* Close, and remove what was not published. */
void pst_file_free(struct pst_file *f);

#endif
