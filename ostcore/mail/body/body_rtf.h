/*
 * body_rtf.h - private: RTF among the bodies of a message
 */
#ifndef OST_MAIL_BODY_RTF_H
#define OST_MAIL_BODY_RTF_H

#include "mail/body/body.h"

/*
 * Take from `b->rtf`, which is decompressed, the text or HTML that `item` has
 * not, or has only older: then what is stored becomes `b->older`. `b->rtf` is
 * kept where it says more than that, or could not all be read.
 */
enum ost_status body_use_rtf(struct store_object *item, struct body *b,
			     struct notes *notes, struct ost_error *err);

#endif
