/*
 * ole.h - private: what is in an OLE object             [MS-OLEDS], [MS-CFB]
 *
 * Something that was put into the text of a message is kept as a compound
 * file that only the program it came from opens. Often there is a file in it
 * that others open too: a picture, a document, a file dragged in.
 */
#ifndef OST_MAIL_OLE_H
#define OST_MAIL_OLE_H

#include "mail/attach/attach.h"

/*
 * The MIME type of the document that the object in `a` is itself, by its
 * class; NULL: it is none, or not one that we know.
 */
const char *ole_document(const struct attach *a);

/*
 * Append to `list`, after all that are stored, what is in its OLE objects, as
 * MAIL_FILEs with `made` set. What cannot be read is noted: the objects are
 * in the list anyway.
 */
enum ost_status ole_add(struct attach_list *list, struct notes *notes,
			struct ost_error *err);

#endif
