/*
 * diskshim.c - what a program asks of the disk that a store lies on
 *
 *	OST_DISK_STORE=FILE OST_DISK_COUNTS=FILE LD_PRELOAD=.../libdiskshim.so \
 *		PROGRAM...
 *
 * Put in place of pread(2) and preadv(2). It counts the reads of the store,
 * their bytes, and the seeks: reads that begin more than 1 MiB from where the
 * last one ended, whoever made it. The counts are in a file that is mapped
 * before the program shuts itself in, and that its children share: three
 * numbers of 64 bits, and where the last read ended.
 *
 * With OST_DISK_SEEK and OST_DISK_READ in microseconds each seek and each read
 * waits for so long, which is a slow disk. It waits by looking at the clock,
 * as the sandbox allows no sleep.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { FAR = 1 << 20 };

struct counts {
	_Atomic uint64_t reads, bytes, seeks, end;
};

static struct counts *counts;
static struct stat store;
static uint64_t seek_ns, read_ns;

static uint64_t wait_of(const char *name)
{
	const char *text = getenv(name);

	return text == NULL ? 0 : strtoull(text, NULL, 10) * 1000;
}

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("OST_DISK_STORE");
	const char *to = getenv("OST_DISK_COUNTS");
	const int fd = to == NULL ? -1 : open(to, O_RDWR | O_CLOEXEC);
	void *at = MAP_FAILED;

	if (path == NULL || fd < 0 || stat(path, &store) != 0)
		return;
	if (ftruncate(fd, sizeof(*counts)) == 0)
		at = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE,
			  MAP_SHARED, fd, 0);
	close(fd);
	counts = at == MAP_FAILED ? NULL : at;
	seek_ns = wait_of("OST_DISK_SEEK");
	read_ns = wait_of("OST_DISK_READ");
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void count(int fd, off_t off, ssize_t got)
{
	struct stat s;
	uint64_t last, away, until;

	if (counts == NULL || got <= 0 || fstat(fd, &s) != 0 ||
	    s.st_dev != store.st_dev || s.st_ino != store.st_ino)
		return;
	last = atomic_exchange(&counts->end, (uint64_t)(off + got));
	away = (uint64_t)off > last ? (uint64_t)off - last
				    : last - (uint64_t)off;
	atomic_fetch_add(&counts->reads, 1);
	atomic_fetch_add(&counts->bytes, (uint64_t)got);
	atomic_fetch_add(&counts->seeks, away > FAR);
	if (seek_ns + read_ns == 0)
		return;
	until = now() + read_ns + (away > FAR ? seek_ns : 0);
	while (now() < until)
		continue;
}

#define NEXT(name, ...) ((ssize_t(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))

ssize_t pread64(int fd, void *buf, size_t len, off_t off)
{
	static ssize_t (*next)(int, void *, size_t, off_t);
	ssize_t got;

	if (next == NULL)
		next = NEXT("pread64", int, void *, size_t, off_t);
	got = next(fd, buf, len, off);
	count(fd, off, got);
	return got;
}

ssize_t preadv64(int fd, const struct iovec *to, int n, off_t off)
{
	static ssize_t (*next)(int, const struct iovec *, int, off_t);
	ssize_t got;

	if (next == NULL)
		next = NEXT("preadv64", int, const struct iovec *, int, off_t);
	got = next(fd, to, n, off);
	count(fd, off, got);
	return got;
}
