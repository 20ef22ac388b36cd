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

/* Is `a` an object, as far as the store says? */
bool ole_is_object(const struct attach *a);

/*
 * The MIME type of the document that the object in `a` is itself, by its
 * class; NULL: it is none, or not one that we know.
 */
const char *ole_document(const struct attach *a);

/*
 * Put in the place of the OLE objects in `list` the files that are in them,
 * as MAIL_FILEs with `made` set. An object without one stays, and what cannot
 * be read, which is noted.
 */
enum ost_status ole_add(struct attach_list *list, struct notes *notes,
			struct ost_error *err);

#endif
