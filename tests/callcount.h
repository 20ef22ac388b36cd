/*
 * callcount.h - how often the system was asked
 *
 * Counted where the linker puts these in place of the calls: see ost_counts()
 * in CMakeLists.txt. Where ostcore is shared libraries the loader does it, and
 * finds what they stand for. Included once a program.
 */
#ifndef OST_CALLCOUNT_H
#define OST_CALLCOUNT_H

#include <stdatomic.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bytes/stat.h"

static atomic_uint reads, fstats;
__attribute__((unused)) static atomic_uint compares;

#ifdef OST_SHARED
#include <dlfcn.h>
#define NEXT(name, type, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))
#define __wrap_pread64	      pread
#define __wrap_preadv64	      preadv
#define __wrap_stat_open_file stat_open_file
#define __real_pread64	      NEXT("pread64", ssize_t, int, void *, size_t, off_t)
#define __real_preadv64                                                        \
	NEXT("preadv64", ssize_t, int, const struct iovec *, int, off_t)
#define __real_stat_open_file NEXT("stat_open_file", int, int, struct stat *)
#else
ssize_t __real_pread64(int fd, void *buf, size_t len, off_t off);
ssize_t __wrap_pread64(int fd, void *buf, size_t len, off_t off);
ssize_t __real_preadv64(int fd, const struct iovec *to, int n, off_t off);
ssize_t __wrap_preadv64(int fd, const struct iovec *to, int n, off_t off);
int __real_strcmp(const char *a, const char *b);
int __wrap_strcmp(const char *a, const char *b);
int __real_stat_open_file(int fd, struct stat *out);
int __wrap_stat_open_file(int fd, struct stat *out);
#endif

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

#ifndef OST_SHARED /* the sanitizers need theirs to begin with */
/* Of names: how many others each is held against. */
int __wrap_strcmp(const char *a, const char *b)
{
	compares++;
	return __real_strcmp(a, b);
}
#endif

int __wrap_stat_open_file(int fd, struct stat *out)
{
	fstats++;
	return __real_stat_open_file(fd, out);
}

#endif
