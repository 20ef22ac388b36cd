#include "out/writer.h"

/* One row a layout. */
static const struct out_format *const formats[] = {
	&out_tree,  &out_text, &out_maildir, &out_mbox,	  &out_thunderbird,
	&out_index, &out_tar,  &out_vdir,    &out_bundle,
};

enum { FORMATS = sizeof(formats) / sizeof(formats[0]) };

const struct out_format *out_format_of(const char *name)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}

const char *out_format_name(const struct out_format *f)
{
	return f->name;
}

void out_format_names(struct buf *to)
{
	for (size_t i = 0; i < FORMATS; i++)
		buf_printf(to, "%s%s", i > 0 ? ", " : "", formats[i]->name);
}

bool out_format_is_stream(const struct out_format *f)
{
	return f->stream;
}

bool out_format_is_tree(const struct out_format *f)
{
	return f->as_tree && !f->stream;
}

void out_format_shape(const struct out_format *f, struct tree_options *o)
{
	const char *want;

	if (f->in_mail)
		o->attachments = TREE_BOTH; /* the mail has them, and we know
					       which mail has some */
	if (f->all_mail)
		o->items = MAIL_ITEMS_EML;
	if (f->layout != NULL)
		(void)tree_option(o, f->layout, &want);
}
