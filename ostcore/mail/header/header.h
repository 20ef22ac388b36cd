/*
 * header.h - private: the header fields of a message
 */
#ifndef OST_MAIL_HEADER_H
#define OST_MAIL_HEADER_H

#include "mail/text/notes.h"
#include "store/store.h"

/* What header_write() found in the transport headers, for the MIME layer. */
struct header_facts {
	struct buf bogus; /* transport headers that are none: attach them */
};

/*
 * Append all fields of `item` but those that describe the MIME body and those
 * of header_tail(): the transport headers, merged, when it has them, else
 * generated ones. Always holds MIME-Version, Date and From, and starts with
 * one of Received, Return-Path, From, Date, Delivered-To when generated.
 */
enum ost_status header_write(struct store_object *item, struct buf *out,
			     struct header_facts *facts, struct notes *notes,
			     struct ost_error *err);

/* Append X-Ost-Note, Status and X-Status: the last fields, before the empty
 * line. */
void header_tail(struct store_object *item, const struct notes *notes,
		 struct buf *out);

void header_facts_free(struct header_facts *facts);

#endif
