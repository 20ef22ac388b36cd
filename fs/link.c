#include "fs/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fs/ops.h"

struct link_request {
	struct link_request *next;
	unsigned tries;
	struct fuse_in_header *in; /* in->len bytes, after this */
};

void link_start(struct link *l)
{
	*l = (struct link){ .fd = -1, .last = &l->first };
}

static void append(struct link *l, struct link_request *r)
{
	r->next = NULL;
	*l->last = r;
	l->last = &r->next;
}

bool link_add(struct link *l, const struct fuse_in_header *in)
{
	struct link_request *r = malloc(sizeof(*r) + in->len);

	if (r == NULL)
		return false;
	r->tries = 0;
	r->in = (struct fuse_in_header *)(r + 1);
	memcpy(r->in, in, in->len);
	append(l, r);
	return true;
}

static struct link_request *take_first(struct link *l)
{
	struct link_request *r = l->first;

	l->first = r->next;
	if (l->first == NULL)
		l->last = &l->first;
	return r;
}

void link_send(struct link *l)
{
	l->full = false;
	while (l->live && l->first != NULL &&
	       (!l->alone || l->asked_count == 0)) {
		struct link_request *r = l->first;

		if (send(l->fd, r->in, r->in->len,
			 MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
			/* One that is gone is noticed as it hangs up. */
			l->full = errno == EAGAIN || errno == EINTR ||
				  errno == ENOBUFS;
			return;
		}
		(void)take_first(l);
		r->tries++;
		r->next = l->asked;
		l->asked = r;
		l->asked_count++;
	}
	if (l->first == NULL && l->asked == NULL)
		l->alone = false;
}

static bool is_own(uint64_t ino, unsigned slot)
{
	return ino >> FS_SLOT_SHIFT == slot;
}

/* Of a listing with attributes: each entry is of this store, or has none. */
static bool entries_are_own(const uint8_t *at, size_t len, unsigned slot)
{
	while (len >= sizeof(struct fuse_direntplus)) {
		struct fuse_direntplus d;
		size_t step;

		memcpy(&d, at, sizeof(d));
		step = FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET_DIRENTPLUS +
					 (size_t)d.dirent.namelen);
		if (step > len)
			return false;
		if (d.entry_out.nodeid != 0 &&
		    !is_own(d.entry_out.nodeid, slot))
			return false;
		at += step;
		len -= step;
	}
	return len == 0;
}

static bool names_own_only(const struct fuse_in_header *in,
			   const struct fuse_out_header *out, unsigned slot)
{
	const uint8_t *body = (const uint8_t *)(out + 1);
	const size_t len = out->len - sizeof(*out);
	struct fuse_entry_out entry = { 0 };

	if (out->error != 0)
		return out->error < 0 && out->error > -512 && len == 0;
	if (in->opcode == FUSE_READDIRPLUS)
		return entries_are_own(body, len, slot);
	if (in->opcode != FUSE_LOOKUP)
		return true;
	if (len != sizeof(entry))
		return false;
	memcpy(&entry, body, sizeof(entry));
	return entry.nodeid == 0 || is_own(entry.nodeid, slot);
}

bool link_answers(struct link *l, const struct fuse_out_header *out, size_t len,
		  unsigned slot)
{
	struct link_request **at = &l->asked, *r;

	if (len < sizeof(*out) || out->len != len)
		return false;
	while (*at != NULL && (*at)->in->unique != out->unique)
		at = &(*at)->next;
	r = *at;
	if (r == NULL || !names_own_only(r->in, out, slot))
		return false;
	*at = r->next;
	l->asked_count--;
	free(r);
	return true;
}

void link_lost(struct link *l, bool keep,
	       void (*refuse)(void *arg, uint64_t unique), void *arg)
{
	struct link_request *asked = l->asked, *first = l->first, *next;
	const bool was_asked = asked != NULL;

	if (l->fd >= 0)
		close(l->fd);
	link_start(l);
	l->alone = was_asked;
	for (; asked != NULL; asked = next) {
		next = asked->next;
		if (keep && asked->tries < 2) {
			append(l, asked);
			continue;
		}
		refuse(arg, asked->in->unique);
		free(asked);
	}
	for (; first != NULL; first = next) {
		next = first->next;
		if (keep) {
			append(l, first);
			continue;
		}
		refuse(arg, first->in->unique);
		free(first);
	}
}
