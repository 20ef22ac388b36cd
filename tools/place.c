#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "out/out.h"
#include "tool.h"

int place_fail(const char *dest, const char *why)
{
	fprintf(stderr, "%s: ", tool_name);
	tool_print(stderr, dest, false);
	fputs(": ", stderr);
	tool_print(stderr, why, false);
	fputc('\n', stderr);
	return OST_EXIT_DESTINATION;
}

/* One that is ended takes its child along, which takes a moment. */
static bool lock_dir(int fd)
{
	enum { TRIES = 50 };
	const struct timespec tenth = { .tv_nsec = 100000000 };

	for (int i = 0; i < TRIES; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
			return true; /* or there are no locks there */
		nanosleep(&tenth, NULL);
	}
	return false;
}

int place_open(const char *dest, bool *made)
{
	enum { FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };
	int fd;

	*made = mkdir(dest, 0777) == 0;
	if (!*made && errno != EEXIST) {
		place_fail(dest, strerror(errno));
		return -1;
	}
	fd = open(dest, FLAGS);
	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		place_fail(dest, "is not a directory; a symbolic link is not "
				 "followed");
	else if (fd < 0)
		place_fail(dest, strerror(errno));
	if (fd >= 0 && !lock_dir(fd)) {
		place_fail(dest, "another export is being written there");
		close(fd);
		fd = -1;
	}
	return fd;
}
