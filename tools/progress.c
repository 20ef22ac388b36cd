#include "progress.h"

#include <inttypes.h>
#include <stdio.h>

#include "tool.h"

static int64_t tenths(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 10 + t->tv_nsec / 100000000;
}

void progress_all(struct progress *p, uint64_t files, uint64_t bytes)
{
	p->all_files = files;
	p->all_bytes = bytes;
	clock_gettime(CLOCK_MONOTONIC, &p->begun);
}

/* What is left takes as long as what was done, byte for byte. */
static void put_rest(const struct progress *p, int64_t gone, uint64_t bytes)
{
	const double seconds = (double)gone / 10;
	const double rate = seconds > 0 ? (double)bytes / seconds : 0;
	const double left =
		p->all_bytes > bytes ? (double)(p->all_bytes - bytes) : 0;

	if (rate <= 0)
		return;
	fprintf(stderr, ", %.1f MB/s, %.0f s left", rate / 1e6, left / rate);
}

/* At most ten times a second. */
void progress_at(struct progress *p, uint64_t files, uint64_t bytes)
{
	struct timespec now;

	if (!p->shown)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (tenths(&now) == p->last)
		return;
	p->last = tenths(&now);
	fprintf(stderr,
		"\r%s: %" PRIu64 " of %" PRIu64 " files, %" PRIu64
		" of %" PRIu64 " MB",
		tool_name, files, p->all_files, bytes / 1000000,
		p->all_bytes / 1000000);
	put_rest(p, p->last - tenths(&p->begun), bytes);
	fputs("\033[K", stderr);
}

void progress_items(struct progress *p, uint64_t items)
{
	struct timespec now;

	if (!p->shown)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (tenths(&now) == p->last)
		return;
	p->last = tenths(&now);
	fprintf(stderr, "\r%s: %" PRIu64 " of %" PRIu64 " messages\033[K",
		tool_name, items, p->all_files);
}

void progress_end(const struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
}
