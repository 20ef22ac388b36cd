#include "progress.h"

#include <inttypes.h>
#include <stdio.h>

#include "tool.h"

static int64_t tenths(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 10 + t->tv_nsec / 100000000;
}

void progress_all(struct progress *p, uint64_t items)
{
	p->all = items;
	clock_gettime(CLOCK_MONOTONIC, &p->begun);
}

/* What is left takes as long as what was done, item for item. */
static void put_rest(const struct progress *p, int64_t gone, uint64_t items,
		     uint64_t bytes)
{
	const double seconds = (double)gone / 10;
	const double left = p->all > items ? (double)(p->all - items) : 0;

	if (bytes == 0 || items == 0 || gone <= 0)
		return;
	fprintf(stderr, ", %.1f MB/s, %.0f s left",
		(double)bytes / seconds / 1e6, left * seconds / (double)items);
}

/* At most ten times a second, and at the end. */
void progress_at(struct progress *p, uint64_t items, uint64_t bytes)
{
	struct timespec now;

	if (!p->shown)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (tenths(&now) == p->last && items != p->all)
		return;
	p->last = tenths(&now);
	fprintf(stderr, "\r%s: %" PRIu64 " of %" PRIu64 " items", tool_name,
		items, p->all > items ? p->all : items);
	if (bytes > 0)
		fprintf(stderr, ", %" PRIu64 " MB", bytes / 1000000);
	put_rest(p, p->last - tenths(&p->begun), items, bytes);
	fputs("\033[K", stderr);
}

void progress_end(const struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
}
