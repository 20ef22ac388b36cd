/*
 * pff_file.c - backend: libpff; a source as the file that libpff reads
 *
 * Where libpff is at work no file can be opened, so it is handed one.
 */
#include <stdio.h>
#include <stdlib.h>

#include "store/pff.h"

struct pff_file {
	struct pff_input in; /* on loan */
	uint64_t at;
	bool open;
};

static struct pff_file *file_of(intptr_t *handle)
{
	return (struct pff_file *)handle;
}

static int file_free(intptr_t **handle, libbfio_error_t **error)
{
	(void)error;
	free(*handle);
	*handle = NULL;
	return 1;
}

static int file_open(intptr_t *handle, int flags, libbfio_error_t **error)
{
	(void)flags;
	(void)error;
	file_of(handle)->at = 0;
	file_of(handle)->open = true;
	return 1;
}

static int file_close(intptr_t *handle, libbfio_error_t **error)
{
	(void)error;
	file_of(handle)->open = false;
	return 0;
}

/* libpff's errors have no room for ours, and it has one thread. */
static struct ost_error fault;

struct ost_error pff_file_fault(void)
{
	const struct ost_error last = fault;

	fault.text[0] = '\0';
	return last;
}

/* As read(2): less than `size` bytes at the end of the file. */
static ssize_t file_read(intptr_t *handle, uint8_t *buf, size_t size,
			 libbfio_error_t **error)
{
	struct pff_file *f = file_of(handle);
	const uint64_t end = source_size(f->in.source);
	const uint64_t rest = f->at < end ? end - f->at : 0;
	const size_t len = size < rest ? size : (size_t)rest;
	struct ost_error err;

	(void)error;
	if (source_read(f->in.source, f->at, buf, len, &err) != OST_OK ||
	    (f->in.map != NULL &&
	     ndb_map_check(f->in.map, f->at, len, &err) != OST_OK)) {
		fault = err;
		return -1;
	}
	f->at += len;
	return (ssize_t)len;
}

static ssize_t file_write(intptr_t *handle, const uint8_t *buf, size_t size,
			  libbfio_error_t **error)
{
	(void)handle;
	(void)buf;
	(void)size;
	(void)error;
	return -1;
}

static off64_t file_seek(intptr_t *handle, off64_t off, int whence,
			 libbfio_error_t **error)
{
	struct pff_file *f = file_of(handle);
	int64_t from = 0, to;

	(void)error;
	if (whence == SEEK_CUR)
		from = (int64_t)f->at;
	else if (whence == SEEK_END)
		from = (int64_t)source_size(f->in.source);
	if (__builtin_add_overflow(from, off, &to) || to < 0)
		return -1;
	f->at = (uint64_t)to;
	return to;
}

static int file_exists(intptr_t *handle, libbfio_error_t **error)
{
	(void)handle;
	(void)error;
	return 1;
}

static int file_is_open(intptr_t *handle, libbfio_error_t **error)
{
	(void)error;
	return file_of(handle)->open;
}

static int file_size(intptr_t *handle, size64_t *size, libbfio_error_t **error)
{
	(void)error;
	*size = source_size(file_of(handle)->in.source);
	return 1;
}

libbfio_handle_t *pff_file_new(const struct pff_input *in)
{
	struct pff_file *f = malloc(sizeof(*f));
	libbfio_handle_t *handle = NULL;

	if (f == NULL)
		return NULL;
	*f = (struct pff_file){ .in = *in };
	if (libbfio_handle_initialize(
		    &handle, (intptr_t *)f, file_free, NULL, file_open,
		    file_close, file_read, file_write, file_seek, file_exists,
		    file_is_open, file_size,
		    LIBBFIO_FLAG_IO_HANDLE_MANAGED |
			    LIBBFIO_FLAG_IO_HANDLE_CLONE_BY_FUNCTION,
		    NULL) != 1)
		free(f);
	return handle;
}

enum ost_status pff_fail(struct ost_error *err, enum ost_status status,
			 libpff_error_t *cause, const char *what)
{
	const struct ost_error read = pff_file_fault();
	char text[sizeof(read.text)] = "no reason given";

	if (read.text[0] != '\0')
		snprintf(text, sizeof(text), "%s", read.text);
	else if (cause != NULL)
		libpff_error_sprint(cause, text, sizeof(text));
	libpff_error_free(&cause);
	return ost_fail(err, status, "%s: %s", what, text);
}
