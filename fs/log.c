#include "fs/log.h"

#include <fuse_log.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <syslog.h>
#include <unistd.h>

static bool in_syslog; /* set once, before there are threads */
static int stderr_kept = -1;
static int until = -1; /* see log_until_closed() */

enum { KEPT_MAX = 64 << 10, LINE_MAX = 1024 };

/* The first line, once there were older ones than are kept. */
static const char older[] = "(there were older lines, which are not kept)\n";

/* Whole lines, the oldest of which make room for new ones. */
static struct {
	pthread_mutex_t lock;
	size_t len;
	struct timespec changed;
	char at[KEPT_MAX];
} kept = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* The lock is held. */
static void make_room(size_t len)
{
	const size_t head = sizeof(older) - 1;
	const char *end;
	size_t cut;

	if (kept.len + len <= KEPT_MAX)
		return;
	cut = kept.len + len + head - KEPT_MAX;
	end = memchr(kept.at + cut - 1, '\n', kept.len - cut + 1);
	cut = end != NULL ? (size_t)(end - kept.at) + 1 : kept.len;
	kept.len -= cut;
	memmove(kept.at + head, kept.at + cut, kept.len);
	memcpy(kept.at, older, head);
	kept.len += head;
}

static void keep(const char *text)
{
	char line[LINE_MAX + 32] = "";
	struct timespec now;
	struct tm tm;
	size_t len = 0;

	clock_gettime(CLOCK_REALTIME, &now);
	if (gmtime_r(&now.tv_sec, &tm) != NULL)
		len = strftime(line, sizeof(line), "%Y-%m-%dT%H:%M:%SZ ", &tm);
	for (; *text != '\0' && *text != '\n' && len < sizeof(line) - 1; text++)
		line[len++] = *text;
	line[len++] = '\n';
	pthread_mutex_lock(&kept.lock);
	make_room(len);
	memcpy(kept.at + kept.len, line, len);
	kept.len += len;
	kept.changed = now;
	pthread_mutex_unlock(&kept.lock);
}

uint64_t log_size(void *none, int64_t *sec, uint32_t *nsec)
{
	size_t len;

	(void)none;
	pthread_mutex_lock(&kept.lock);
	len = kept.len;
	*sec = kept.changed.tv_sec;
	*nsec = (uint32_t)kept.changed.tv_nsec;
	pthread_mutex_unlock(&kept.lock);
	return len;
}

size_t log_read(void *none, uint64_t off, void *buf, size_t want)
{
	size_t len = 0;

	(void)none;
	pthread_mutex_lock(&kept.lock);
	if (off < kept.len) {
		len = kept.len - off < want ? kept.len - off : want;
		memcpy(buf, kept.at + off, len);
	}
	pthread_mutex_unlock(&kept.lock);
	return len;
}

static bool is_closed(int fd)
{
	struct pollfd on = { .fd = fd };

	return poll(&on, 1, 0) > 0 && (on.revents & POLLHUP) != 0;
}

/* libfuse's levels are those of syslog(3). */
static void log_line(enum fuse_log_level level, const char *format,
		     va_list args)
{
	static const char cut[] = " ...\n";
	char text[LINE_MAX];

	if (until >= 0 && is_closed(until))
		return;
	if (vsnprintf(text, sizeof(text), format, args) >= LINE_MAX)
		memcpy(text + LINE_MAX - sizeof(cut), cut, sizeof(cut));
	if (level < FUSE_LOG_DEBUG)
		keep(text);
	if (in_syslog)
		syslog((int)level, "%s", text);
	else
		fprintf(stderr, "%s%s",
			level == FUSE_LOG_DEBUG ? "" : "ostfs: ", text);
}

void log_start(void)
{
	clock_gettime(CLOCK_REALTIME, &kept.changed);
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

void log_until_closed(int fd)
{
	until = fd;
}

void log_prepare(void)
{
	openlog("ostfs", LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

void log_to_syslog(void)
{
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
