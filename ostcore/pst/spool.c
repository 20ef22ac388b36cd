/*
 * spool.c - many records, written once and read once, in order
 */
#include "pst/spool.h"

#include <unistd.h>

void pst_spool_init(struct pst_spool *s, const struct pst_file *near,
		    size_t width)
{
	*s = (struct pst_spool){ .near = near, .width = width, .fd = -1 };
}

void pst_spool_free(struct pst_spool *s)
{
	buf_free(&s->kept);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static enum ost_status write_kept(struct pst_spool *s, struct ost_error *err)
{
	enum ost_status st = OST_OK;

	if (s->fd < 0)
		st = pst_file_spare(s->near, &s->fd, err);
	if (st == OST_OK)
		st = pst_file_write(s->fd, s->written * s->width,
				    buf_span(&s->kept), err);
	if (st != OST_OK)
		return st;
	s->written += s->kept.len / s->width;
	buf_cut(&s->kept, 0);
	return OST_OK;
}

enum ost_status pst_spool_add(struct pst_spool *s, const uint8_t *record,
			      struct ost_error *err)
{
	s->count++;
	if (s->near->fd < 0)
		return OST_OK;
	buf_add(&s->kept, record, s->width);
	if (s->kept.bad || s->kept.len < PST_SPOOL_KEPT - s->width)
		return buf_status(&s->kept, err);
	return write_kept(s, err);
}

enum ost_status pst_spool_cut(struct pst_spool *s, uint64_t count,
			      struct ost_error *err)
{
	if (count > s->count)
		return ost_fail(err, OST_BUG, "a spool cannot be cut longer");
	s->count = count;
	if (count >= s->written) {
		const uint64_t kept = (count - s->written) * s->width;

		if (kept < s->kept.len)
			buf_cut(&s->kept, (size_t)kept);
		return OST_OK;
	}
	s->written = count; /* what is in the file is overwritten */
	buf_cut(&s->kept, 0);
	return OST_OK;
}

/* Read on: a number of records that are in the file. */
static enum ost_status read_some(struct pst_spool_reader *r,
				 struct ost_error *err)
{
	const struct pst_spool *s = r->spool;
	uint64_t count = PST_SPOOL_KEPT / 4 / s->width;
	void *to;

	if (count > s->written - r->next)
		count = s->written - r->next;
	buf_cut(&r->some, 0);
	to = buf_more(&r->some, (size_t)count * s->width);
	if (to == NULL)
		return ost_no_memory(err);
	r->first = r->next;
	return pst_file_read(s->fd, r->next * s->width, to,
			     (size_t)count * s->width, err);
}

enum ost_status pst_spool_next(struct pst_spool_reader *r, const uint8_t **out,
			       struct ost_error *err)
{
	const struct pst_spool *s = r->spool;
	enum ost_status st = OST_OK;

	*out = NULL;
	if (r->next >= s->count)
		return OST_OK;
	if (r->next >= s->written) {
		*out = (const uint8_t *)s->kept.at +
		       (r->next - s->written) * s->width;
		r->next++;
		return OST_OK;
	}
	if (r->some.len == 0 || r->next - r->first >= r->some.len / s->width)
		st = read_some(r, err);
	if (st != OST_OK)
		return st;
	*out = (const uint8_t *)r->some.at + (r->next - r->first) * s->width;
	r->next++;
	return OST_OK;
}
