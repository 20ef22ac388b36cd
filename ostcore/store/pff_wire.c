#include "store/pff_wire.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

bool pff_path_same(const struct pff_path *a, const struct pff_path *b)
{
	if (a->root.nid != b->root.nid || a->root.folder != b->root.folder ||
	    a->steps != b->steps)
		return false;
	for (unsigned i = 0; i < a->steps; i++)
		if (a->step[i].list != b->step[i].list ||
		    a->step[i].index != b->step[i].index)
			return false;
	return true;
}

/* --- writing ------------------------------------------------------------ */

static void put(struct buf *out, uint64_t value, unsigned width)
{
	for (; width > 0; width--, value >>= 8)
		buf_byte(out, (char)(value & 0xFF));
}

/* Where the length of a message goes, which is not known yet. */
static size_t begin(struct buf *out)
{
	put(out, 0, 4);
	return out->len;
}

static void end(struct buf *out, size_t start)
{
	const uint32_t len = htole32((uint32_t)(out->len - start));

	if (!out->bad)
		memcpy(out->at + start - 4, &len, 4);
}

void pff_put_request(struct buf *out, const struct pff_request *r)
{
	const size_t start = begin(out);

	put(out, r->op, 1);
	put(out, r->path.root.nid, 4);
	put(out, r->path.root.folder, 4);
	put(out, r->path.steps, 1);
	for (unsigned i = 0; i < r->path.steps; i++) {
		put(out, r->path.step[i].list, 1);
		put(out, r->path.step[i].index, 4);
	}
	put(out, r->id, 2);
	put(out, r->last, 2);
	put(out, r->off, 8);
	put(out, r->len, 4);
	end(out, start);
}

void pff_put_reply(struct buf *out, enum pff_op op, const struct pff_reply *r)
{
	const size_t start = begin(out);

	put(out, r->status, 1);
	if (r->status != OST_OK) {
		buf_str(out, r->err.text);
	} else if (op == PFF_OBJECT) {
		put(out, r->id.nid, 4);
		put(out, r->id.folder, 4);
		put(out, r->parent, 4);
		put(out, r->original_nid, 4);
	} else if (op == PFF_NEXT) {
		put(out, r->prop.id, 2);
		put(out, r->prop.type, 2);
		put(out, r->prop.size, 8);
		put(out, r->prop.in_place, 1);
		put(out, r->prop.place, 8);
	} else if (op == PFF_COUNT) {
		put(out, r->count, 4);
	} else {
		buf_add(out, r->bytes.at, r->bytes.len);
	}
	end(out, start);
}

/* --- reading ------------------------------------------------------------ */

static bool get_path(struct cursor *c, struct pff_path *out)
{
	out->root.nid = cur_u32(c);
	out->root.folder = cur_u32(c);
	out->steps = cur_u8(c);
	if (out->steps > PFF_STEPS)
		return false;
	for (unsigned i = 0; i < out->steps; i++) {
		const uint8_t list = cur_u8(c);

		if (list > STORE_RECOVERED)
			return false;
		out->step[i].list = (enum store_list)list;
		out->step[i].index = cur_u32(c);
	}
	return true;
}

bool pff_get_request(struct span in, struct pff_request *out)
{
	struct cursor c = cur_at(in, 0);
	const uint8_t op = cur_u8(&c);

	*out = (struct pff_request){ .op = PFF_OPS };
	if (op >= PFF_OPS || !get_path(&c, &out->path))
		return false;
	out->op = (enum pff_op)op;
	out->id = cur_u16(&c);
	out->last = cur_u16(&c);
	out->off = cur_u64(&c);
	out->len = cur_u32(&c);
	return cur_ok(&c) && c.rest.len == 0 && out->len <= PFF_BYTES;
}

/* A line for a log: what is no plain character in it is not passed on. */
static void get_error(struct span text, struct ost_error *out)
{
	size_t len = 0;

	for (; len < text.len && len < sizeof(out->text) - 1; len++)
		out->text[len] = text.at[len] >= ' ' && text.at[len] < 0x7F
					 ? (char)text.at[len]
					 : '?';
	out->text[len] = '\0';
}

/* In the range that was asked for; in place is what has the room. */
static bool get_prop(struct cursor *c, const struct pff_request *to,
		     struct store_prop *out)
{
	uint8_t in_place;

	out->id = cur_u16(c);
	out->type = cur_u16(c);
	out->size = cur_u64(c);
	in_place = cur_u8(c);
	out->in_place = in_place == 1;
	out->place = cur_u64(c);
	return out->id >= to->id && out->id <= to->last &&
	       (in_place == 0 ||
		(in_place == 1 && out->size <= sizeof(out->place)));
}

static bool get_answer(struct cursor *c, const struct pff_request *to,
		       struct pff_reply *out)
{
	switch (to->op) {
	case PFF_OBJECT:
		out->id.nid = cur_u32(c);
		out->id.folder = cur_u32(c);
		out->parent = cur_u32(c);
		out->original_nid = cur_u32(c);
		return true;
	case PFF_NEXT:
		return get_prop(c, to, &out->prop);
	case PFF_COUNT:
		out->count = cur_u32(c);
		return out->count <= PFF_RECOVERED + 1;
	case PFF_READ:
		out->bytes = cur_span(c, to->len);
		return true;
	default:
		return false;
	}
}

bool pff_get_reply(struct span in, const struct pff_request *to,
		   struct pff_reply *out)
{
	struct cursor c = cur_at(in, 0);
	const uint8_t status = cur_u8(&c);

	*out = (struct pff_reply){ .status = OST_CORRUPT };
	if (!cur_ok(&c) || status > OST_TRUNCATED)
		return false;
	out->status = (enum ost_status)status;
	if (out->status == OST_OK)
		return get_answer(&c, to, out) && cur_ok(&c) && c.rest.len == 0;
	/* What it gets wrong is no fault of ours. */
	if (out->status == OST_BUG)
		out->status = OST_CORRUPT;
	get_error(c.rest, &out->err);
	return true;
}

/* --- the socket --------------------------------------------------------- */

bool pff_send(int fd, const struct buf *message)
{
	size_t done = 0;

	while (!message->bad && done < message->len) {
		const ssize_t sent = send(fd, message->at + done,
					  message->len - done, MSG_NOSIGNAL);

		if (sent < 0 && errno != EINTR)
			return false;
		if (sent > 0)
			done += (size_t)sent;
	}
	return !message->bad;
}

/* Milliseconds left until then, rounded up; -1 for ever. */
static int left(const struct timespec *until)
{
	struct timespec now;
	int64_t ms;

	if (until == NULL)
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = ((int64_t)until->tv_sec - now.tv_sec) * 1000 +
	     (until->tv_nsec - now.tv_nsec + 999999) / 1000000;
	return ms <= 0 ? 0 : ms < INT32_MAX ? (int)ms : INT32_MAX;
}

static enum pff_heard hear_bytes(int fd, const struct timespec *until,
				 void *buf, size_t len)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t done = 0;

	while (done < len) {
		const int ready = poll(&p, 1, left(until));
		ssize_t got;

		if (ready == 0)
			return PFF_LATE;
		if (ready < 0 && errno == EINTR)
			continue;
		got = recv(fd, (char *)buf + done, len - done, MSG_DONTWAIT);
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got <= 0)
			return PFF_GONE;
		done += (size_t)got;
	}
	return PFF_HEARD;
}

enum pff_heard pff_hear(int fd, const struct timespec *until, struct buf *in)
{
	uint8_t length[4];
	enum pff_heard heard = hear_bytes(fd, until, length, sizeof(length));
	uint64_t len;
	void *at;

	buf_cut(in, 0);
	if (heard != PFF_HEARD)
		return heard;
	len = span_uint(span_of(length, sizeof(length)));
	at = len <= PFF_MESSAGE ? buf_more(in, (size_t)len) : NULL;
	return at != NULL ? hear_bytes(fd, until, at, (size_t)len) : PFF_GONE;
}
