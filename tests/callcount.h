/*
 * callcount.h - how often the system was asked
 *
 * Counted where the linker puts these in place of the calls: see ost_counts()
 * in CMakeLists.txt. Included once a program.
 */
#ifndef OST_CALLCOUNT_H
#define OST_CALLCOUNT_H

#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_uint reads, fstats, compares;

ssize_t __real_pread64(int fd, void *buf, size_t len, off_t off);
ssize_t __wrap_pread64(int fd, void *buf, size_t len, off_t off);
ssize_t __real_preadv64(int fd, const struct iovec *to, int n, off_t off);
ssize_t __wrap_preadv64(int fd, const struct iovec *to, int n, off_t off);
int __real_strcmp(const char *a, const char *b);
int __wrap_strcmp(const char *a, const char *b);
int __real_fstat64(int fd, struct stat *out);
int __wrap_fstat64(int fd, struct stat *out);

ssize_t __wrap_pread64(int fd, void *buf, size_t len, off_t off)
{
	reads++;
	return __real_pread64(fd, buf, len, off);
}

ssize_t __wrap_preadv64(int fd, const struct iovec *to, int n, off_t off)
{
	reads++;
	return __real_preadv64(fd, to, n, off);
}

/* Of names: how many others each is held against. */
int __wrap_strcmp(const char *a, const char *b)
{
	compares++;
	return __real_strcmp(a, b);
}

int __wrap_fstat64(int fd, struct stat *out)
{
	fstats++;
	return __real_fstat64(fd, out);
}

#endif
