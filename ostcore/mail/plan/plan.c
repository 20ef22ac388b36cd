/*
 * plan.c - a planned file: its pieces, and what is to be said of them
 */
#include "mail/plan/plan.h"

#include <stdlib.h>

enum ost_status plan_finish(struct mail **out, struct mail *mail,
			    enum ost_status st, struct ost_error *err)
{
	if (st == OST_OK)
		st = pieces_seal(&mail->pieces, err);
	if (st == OST_OK)
		st = buf_status(&mail->notes, err);
	if (st == OST_OK)
		*out = mail;
	else
		mail_free(mail);
	return st;
}

uint64_t mail_size(const struct mail *m)
{
	return pieces_size(&m->pieces);
}

enum ost_status mail_read(const struct mail *m, uint64_t off, void *buf,
			  size_t want, size_t *got, struct ost_error *err)
{
	return pieces_read(&m->pieces, off, buf, want, got, err);
}

size_t mail_memory(const struct mail *m)
{
	return sizeof(*m) + m->notes.cap + pieces_memory(&m->pieces);
}

const char *mail_notes(const struct mail *m)
{
	return buf_text(&m->notes);
}

void mail_free(struct mail *m)
{
	if (m == NULL)
		return;
	pieces_free(&m->pieces);
	buf_free(&m->notes);
	free(m);
}
