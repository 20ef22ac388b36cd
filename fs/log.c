#include "fs/log.h"

#include <fuse_log.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <syslog.h>
#include <unistd.h>

static bool in_syslog; /* set once, before there are threads */
static int stderr_kept = -1;

/* libfuse's levels are those of syslog(3). */
static void log_line(enum fuse_log_level level, const char *format,
		     va_list args)
{
	char text[1024];

	vsnprintf(text, sizeof(text), format, args);
	if (in_syslog)
		syslog((int)level, "%s", text);
	else
		fprintf(stderr, "%s%s",
			level == FUSE_LOG_DEBUG ? "" : "ostfs: ", text);
}

void log_start(void)
{
	fuse_set_log_func(log_line);
}

void log_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("ostfs: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

void log_to_syslog(void)
{
	openlog("ostfs", LOG_PID, LOG_DAEMON);
	in_syslog = true;
}

bool log_hold(void)
{
	const int held = memfd_create("ostfs-held", MFD_CLOEXEC);

	fflush(stderr);
	stderr_kept = dup(STDERR_FILENO);
	if (held >= 0 && stderr_kept >= 0 && dup2(held, STDERR_FILENO) >= 0) {
		close(held);
		return true;
	}
	if (held >= 0)
		close(held);
	if (stderr_kept >= 0)
		close(stderr_kept);
	return false;
}

void log_held(struct buf *out)
{
	char text[4096];
	ssize_t got;

	fflush(stderr);
	got = pread(STDERR_FILENO, text, sizeof(text), 0);
	if (got > 0)
		buf_add(out, text, (size_t)got);
	dup2(stderr_kept, STDERR_FILENO);
	close(stderr_kept);
}
