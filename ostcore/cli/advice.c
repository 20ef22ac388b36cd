#include "cli/advice.h"

#include <errno.h>
#include <sys/stat.h>

#include "bytes/source.h"

#define STORE "an Outlook .ost or .pst file"

enum { HEALABLE = 4096 }; /* bytes: there is nothing to find in fewer */

void advice_look(struct advice_look *out, const char *path)
{
	struct source *src = NULL;
	struct ost_error err;
	struct stat st;

	*out = (struct advice_look){ .error = ENOENT };
	if (stat(path, &st) != 0) {
		out->error = errno;
		return;
	}
	errno = 0;
	if (source_open(&src, path, &err) != OST_OK) {
		out->error = S_ISDIR(st.st_mode) ? EISDIR : errno;
		return;
	}
	out->error = 0;
	out->size = source_size(src);
	out->len = out->size < sizeof(out->bytes) ? (size_t)out->size
						  : sizeof(out->bytes);
	if (source_read(src, 0, out->bytes, out->len, &err) != OST_OK)
		out->len = 0;
	source_close(src);
}

static bool is_zero(struct span s)
{
	size_t i = 0;

	while (i < s.len && s.at[i] == 0)
		i++;
	return i == s.len;
}

/* What to do about a file that is no store. */
static void put_foreign(struct buf *out, const struct advice_look *look,
			bool heal)
{
	const struct span head = span_of(look->bytes, look->len);
	const struct foreign *is = foreign_of(head);

	if (is != NULL)
		buf_printf(out, "; it is %s: %s", is->what, is->way);
	else if (heal && is_zero(head))
		buf_str(out, "; try -o heal, or copy it again with Outlook "
			     "closed");
	else
		buf_str(out, "; name the .ost or .pst file itself, copied "
			     "while Outlook was closed");
}

static void put_no_file(struct buf *out, const struct advice_look *look)
{
	switch (look->error) {
	case EISDIR:
		buf_str(out, "; name the .ost or .pst file itself");
		break;
	case EACCES:
	case EPERM:
		buf_str(out, "; try as its owner, or as root");
		break;
	case ENOENT:
	case ENOTDIR:
		buf_str(out, "; name " STORE);
		break;
	}
}

void advice_put(struct buf *out, const char *name,
		const struct advice_look *look, enum ost_status status,
		const struct ost_error *err, bool healed)
{
	const bool heal = !healed && look->size >= HEALABLE;

	buf_printf(out, "%s: %s", name, err->text);
	switch (status) {
	case OST_CANNOT_OPEN:
		put_no_file(out, look);
		break;
	case OST_NOT_STORE:
		put_foreign(out, look, heal);
		break;
	case OST_UNSUPPORTED:
		buf_str(out, "; this version of ostfs cannot read it");
		break;
	case OST_ENCRYPTED:
		buf_str(out, "; export it from Outlook there");
		break;
	case OST_BAD_HEADER:
		buf_str(out, heal ? "; try -o heal, or another copy, taken "
				    "while Outlook was closed"
				  : "; take another copy, while Outlook is "
				    "closed");
		break;
	case OST_TRUNCATED:
		buf_printf(out, "; copy it again with Outlook closed%s",
			   heal ? ", or try -o heal" : "");
		break;
	default:
		break;
	}
}

bool advice_swapped(const char *store, const char *other)
{
	struct advice_look first, second;

	advice_look(&first, store);
	advice_look(&second, other);
	return first.error != 0 && first.error != EACCES && second.error == 0 &&
	       second.len >= 4 && memcmp(second.bytes, "!BDN", 4) == 0;
}
