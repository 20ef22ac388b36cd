/*
 * inside.h - private: the files that are in attachments, beside the mail
 *
 * In OLE objects (ole.h), in what is signed by S/MIME, opaque or clear, and
 * in winmail.dat. The attachment itself stays as it is, but for an OLE object,
 * which is the file in it.
 */
#ifndef OST_MAIL_INSIDE_H
#define OST_MAIL_INSIDE_H

#include "mail/attach/attach.h"

/*
 * Put the files in OLE objects in their places in `list`, and append, after
 * all that are stored, those in the others, as MAIL_FILEs with `made` set: of
 * one attachment at most 255, of 16 MiB; of a message 32 MiB. What is more, and
 * what cannot be read, is noted: the attachments are in the list anyway.
 */
enum ost_status inside_add(struct attach_list *list, struct notes *notes,
			   struct ost_error *err);

/* Only note what inside_add() would, of signed messages and winmail.dat. */
enum ost_status inside_check(const struct attach_list *list,
			     struct notes *notes, struct ost_error *err);

/* As attach_open(), but of the list as inside_add() leaves it. */
enum ost_status inside_open(struct attach *out, struct store_object *item,
			    size_t index, struct notes *notes,
			    struct ost_error *err);

#endif
