/*
 * inforows.c - several stores, a line each
 */
#include "inforows.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>

#include "bytes/text.h"
#include "tool.h"

struct inforows_sum {
	uint64_t stores, failed, bytes, items;
	bool dated;
	int64_t first, last;
};

static const char line_format[] = "%-32s %-32s %-4s %9s %9s %-23s ";

static void put_line(const char *name, const char *owner, const char *kind,
		     const char *size, const char *items, const char *dates)
{
	printf(line_format, name, owner, kind, size, items, dates);
}

bool inforows_name(struct inforows *r, char **paths, size_t count)
{
	struct ost_error err;
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i < count; i++)
		st = fleet_add(&r->fleet, paths[i], NULL, &err);
	if (st == OST_OK)
		st = fleet_name(&r->fleet, &err);
	if (st != OST_OK)
		tool_warn("%s", err.text);
	return st == OST_OK;
}

bool inforows_start(struct inforows *r, char **paths, size_t count)
{
	struct ost_error err;

	if (!inforows_name(r, paths, count))
		return false;
	r->sum = mmap(NULL, sizeof(*r->sum), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r->sum == MAP_FAILED) {
		r->sum = NULL;
		(void)ost_no_memory(&err);
		tool_warn("%s", err.text);
		return false;
	}
	put_line("name", "owner", "kind", "size", "items", "dates");
	printf("verdict\n");
	return true;
}

const char *inforows_called(const struct inforows *r, const char *path)
{
	for (size_t i = 0; i < r->fleet.count; i++)
		if (strcmp(r->fleet.stores[i].path, path) == 0)
			return r->fleet.stores[i].name;
	return path;
}

struct size_text {
	char text[16];
};

/* "3.4 GiB" */
static struct size_text size_of(uint64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	struct size_text out;
	double size = (double)bytes;
	unsigned unit = 0;

	while (size >= 1024 && unit < 4) {
		size /= 1024;
		unit++;
	}
	snprintf(out.text, sizeof(out.text), unit > 0 ? "%.1f %s" : "%.0f %s",
		 size, units[unit]);
	return out;
}

static void put_dates(struct buf *out, bool dated, int64_t first, int64_t last)
{
	if (dated)
		buf_printf(out, "%.10s to %.10s", info_when(first).text,
			   info_when(last).text);
}

static void sum_up(struct inforows_sum *sum, const struct store_info *header,
		   const struct info *info)
{
	sum->stores++;
	sum->bytes += header->size;
	sum->items += info->messages;
	if (!info->dated)
		return;
	if (!sum->dated || info->first < sum->first)
		sum->first = info->first;
	if (!sum->dated || info->last > sum->last)
		sum->last = info->last;
	sum->dated = true;
}

/* Of the worst first; that nothing is lost was not looked at. */
static void print_verdict(const struct store_info *header,
			  const struct info *info)
{
	if (header->size < header->header_eof)
		printf("CUT SHORT");
	else if (info->losses > 0)
		printf("DAMAGED: %" PRIu64 " %s", info->losses,
		       text_plural(info->losses, "loss", "losses"));
	else if (header->healing.header || header->healing.pages > 0)
		printf("healed");
	else if (!header->clean)
		printf("not closed in good order");
	else
		printf("readable");
	printf("\n");
}

void inforows_put(const struct inforows *r, const char *path,
		  const struct store_info *header, const struct info *info)
{
	const struct store_person *p = &info->identity->mailboxes[0].owner;
	struct buf owner = { 0 }, dates = { 0 };
	char items[24];

	snprintf(items, sizeof(items), "%" PRIu64, info->messages);
	if (info_disputed(p, path))
		buf_str(&owner, "?");
	text_safe(&owner, span_of(p->address, strlen(p->address)), false);
	put_dates(&dates, info->dated, info->first, info->last);
	put_line(inforows_called(r, path), buf_text(&owner), header->kind,
		 size_of(header->size).text, items, buf_text(&dates));
	print_verdict(header, info);
	sum_up(r->sum, header, info);
	buf_free(&owner);
	buf_free(&dates);
}

void inforows_failed(const struct inforows *r, const char *path, int code)
{
	put_line(inforows_called(r, path), "", "", "", "", "");
	printf("CANNOT BE READ (code %d)\n", code);
	r->sum->failed++;
}

void inforows_end(const struct inforows *r)
{
	const struct inforows_sum *sum = r->sum;
	const uint64_t unread = r->fleet.count - sum->stores;
	struct buf dates = { 0 };
	char items[24], stores[48];

	snprintf(items, sizeof(items), "%" PRIu64, sum->items);
	snprintf(stores, sizeof(stores), "total of %" PRIu64 " %s", sum->stores,
		 text_plural(sum->stores, "store", "stores"));
	put_dates(&dates, sum->dated, sum->first, sum->last);
	put_line(stores, "", "", size_of(sum->bytes).text, items,
		 buf_text(&dates));
	if (unread > 0)
		printf("%" PRIu64 " cannot be read", unread);
	printf("\n");
	buf_free(&dates);
}

void inforows_free(struct inforows *r)
{
	if (r->sum != NULL)
		munmap(r->sum, sizeof(*r->sum));
	r->sum = NULL;
	fleet_free(&r->fleet);
}
