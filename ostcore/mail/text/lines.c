#include "mail/text/lines.h"

#include "mail/text/chars.h"

void lines_crlf(struct buf *out, struct span utf8)
{
	size_t done = 0;

	for (size_t i = 0; i < utf8.len; i++) {
		i += chars_plain(chars_from(utf8, i));
		const uint8_t c = i < utf8.len ? utf8.at[i] : ' ';

		if (c != '\r' && c != '\n' && c != '\0')
			continue;
		buf_add(out, utf8.at + done, i - done);
		if (c != '\0')
			buf_str(out, "\r\n");
		if (c == '\r' && i + 1 < utf8.len && utf8.at[i + 1] == '\n')
			i++;
		done = i + 1;
	}
	if (done < utf8.len)
		buf_add(out, utf8.at + done, utf8.len - done);
}
