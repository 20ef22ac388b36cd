/*
 * shim.c - a disk that fails: LD_PRELOADed, it has reads of a file fail
 *
 * $OST_FAULTS names a file of 64-bit numbers in the machine's order: the size
 * of the file that is on the bad disk, then pairs, the first byte of a bad
 * range and that after it. Mapped, so that it may change while a daemon runs
 * that can open nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { NUMBERS = 512 };

static const volatile uint64_t *faults;

__attribute__((constructor)) static void start(void)
{
	const char *path = getenv("OST_FAULTS");
	const int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *at = MAP_FAILED;

	if (fd >= 0)
		at = mmap(NULL, NUMBERS * sizeof(uint64_t), PROT_READ,
			  MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		abort();
	faults = at;
	close(fd);
}

static int is_bad(int fd, uint64_t off, uint64_t end)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || (uint64_t)st.st_size != faults[0])
		return 0;
	for (unsigned i = 1; i + 1 < NUMBERS && faults[i + 1] != 0; i += 2)
		if (off < faults[i + 1] && faults[i] < end)
			return 1;
	return 0;
}

ssize_t pread(int fd, void *buf, size_t len, off_t off)
{
	if (is_bad(fd, (uint64_t)off, (uint64_t)off + len)) {
		errno = EIO;
		return -1;
	}
	return syscall(SYS_pread64, fd, buf, len, off);
}

ssize_t preadv(int fd, const struct iovec *parts, int count, off_t off)
{
	uint64_t end = (uint64_t)off;

	for (int i = 0; i < count; i++)
		end += parts[i].iov_len;
	if (is_bad(fd, (uint64_t)off, end)) {
		errno = EIO;
		return -1;
	}
	/* The high half of the offset is for machines whose words have 32. */
	return syscall(SYS_preadv, fd, parts, count, off, 0);
}
