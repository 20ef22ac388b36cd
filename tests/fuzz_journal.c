/*
 * fuzz_journal.c - what lies where the journal of an export is looked for
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "out/journal.h"

static const char head[] = "{\"kind\": \"manifest\", \"record_key\": \"\"}\n";

/* A directory that has a journal of `data`, and is removed at the end. */
static char place[] = "/tmp/fuzz-journal-XXXXXX";

static void remove_place(void)
{
	const int dir = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)unlinkat(dir, ".ostexport/journal.jsonl", 0);
	(void)unlinkat(dir, ".ostexport", AT_REMOVEDIR);
	close(dir);
	(void)rmdir(place);
}

static int make(const uint8_t *data, size_t size)
{
	static int dir = -1;
	int fd;

	if (dir < 0) {
		if (mkdtemp(place) == NULL)
			abort();
		dir = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (mkdirat(dir, ".ostexport", 0700) != 0)
			abort();
		atexit(remove_place);
	}
	fd = openat(dir, ".ostexport/journal.jsonl",
		    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	/* Most inputs are of this run: else nothing behind it is looked at. */
	if (fd < 0 || write(fd, head, size > 0 ? sizeof(head) - 1 : 0) < 0 ||
	    write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
	return dir;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct journal_run run = { .head = head, .boot = "b" };
	struct journal_line line;
	struct journal *j = NULL;
	struct ost_error err;
	bool other;
	enum ost_status st;

	run.dest = make(data, size);
	st = journal_open(&j, &run, &other, &err);
	if (st == OST_BUG)
		abort();
	/* What is taken is of what was asked for, and begins as a line does. */
	for (uint32_t nid = 0; st == OST_OK && nid < 64; nid++) {
		struct buf lines = { 0 };
		const enum manifest_kind kind =
			(enum manifest_kind)(nid % MANIFEST_KINDS);

		st = journal_take(j, kind, nid, &lines, &err);
		if (lines.len > 0 && (!journal_line(&line, buf_span(&lines)) ||
				      lines.at[lines.len - 1] != '\n'))
			abort();
		buf_free(&lines);
	}
	journal_close(j);
	return 0;
}
