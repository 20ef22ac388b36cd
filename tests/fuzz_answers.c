/*
 * fuzz_answers.c - what a process that reads a store may answer, and say
 *
 * The first byte says what was asked. What is taken for an answer is of the
 * length that it says, and names nothing of another store.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fs/link.h"
#include "fs/ops.h"
#include "fs/said.h"

enum { SLOT = 7, UNIQUE = 1 };

static void need(bool that)
{
	if (!that)
		abort();
}

static void ignore(void *arg, uint64_t unique)
{
	(void)arg;
	need(unique == UNIQUE);
}

static void check_entry(const uint8_t *at)
{
	struct fuse_entry_out e;

	memcpy(&e, at, sizeof(e));
	need(e.nodeid == 0 || e.nodeid >> FS_SLOT_SHIFT == SLOT);
}

static void check_taken(uint32_t opcode, const uint8_t *at, size_t len)
{
	struct fuse_out_header head;

	need(len >= sizeof(head));
	memcpy(&head, at, sizeof(head));
	need(head.len == len && head.unique == UNIQUE);
	if (head.error != 0)
		need(head.error < 0 && len == sizeof(head));
	else if (opcode == FUSE_LOOKUP)
		check_entry(at + sizeof(head));
	else if (opcode == FUSE_READDIRPLUS && len > sizeof(head))
		check_entry(at + sizeof(head));
}

static void as_answer(uint32_t opcode, const uint8_t *at, size_t len)
{
	const struct fuse_in_header in = { .len = sizeof(in),
					   .opcode = opcode,
					   .unique = UNIQUE };
	struct link l;
	int ends[2];

	need(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
	link_start(&l);
	l.fd = ends[0];
	l.live = true;
	need(link_add(&l, &in));
	link_send(&l);
	if (link_answers(&l, (const void *)at, len, SLOT))
		check_taken(opcode, at, len);
	link_lost(&l, false, ignore, NULL);
	need(link_is_idle(&l));
	close(ends[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t opcodes[] = { FUSE_LOOKUP, FUSE_READDIRPLUS,
					    FUSE_READ, FUSE_GETATTR };
	uint8_t *message;
	struct said said;

	if (size == 0)
		return 0;
	message = malloc(size); /* aligned, and no byte more */
	need(message != NULL);
	memcpy(message, data + 1, size - 1);
	as_answer(opcodes[data[0] % 4], message, size - 1);
	if (said_read(&said, message, size - 1) && said.kind == WORKER_FAILED)
		need(said.code > 0 && said.code < 256);
	free(message);
	return 0;
}
