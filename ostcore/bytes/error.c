#include "bytes/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum ost_status ost_fail(struct ost_error *err, enum ost_status status,
			 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	return status;
}

enum ost_status ost_no_memory(struct ost_error *err)
{
	return ost_fail(err, OST_NO_MEMORY, "out of memory");
}

enum ost_status ost_none(struct ost_error *err, const char *what,
			 uint64_t number)
{
	enum { WHAT_MAX = 64 };
	const size_t len = strnlen(what, WHAT_MAX);
	char *to = err->text;
	int shift = (63 - __builtin_clzll(number | 1)) / 4 * 4;

	memcpy(to, "no ", 3);
	memcpy(to + 3, what, len);
	memcpy(to + 3 + len, " 0x", 3);
	to += 6 + len;
	for (; shift >= 0; shift -= 4)
		*to++ = "0123456789abcdef"[number >> shift & 15];
	*to = '\0';
	return OST_NOT_FOUND;
}

enum ost_status ost_within(struct ost_error *err, enum ost_status status,
			   const char *format, ...)
{
	const struct ost_error inner = *err;
	va_list args;

	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);

	const size_t used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, ": %s",
		 inner.text);
	return status;
}

int ost_errno(enum ost_status status)
{
	switch (status) {
	case OST_OK:
		return 0;
	case OST_NOT_FOUND:
		return ENOENT;
	case OST_NO_MEMORY:
		return ENOMEM;
	case OST_LIMIT:
		return EFBIG;
	case OST_CORRUPT:
	case OST_UNSUPPORTED:
	case OST_IO:
	case OST_BUG:
	case OST_CANNOT_OPEN:
	case OST_ENCRYPTED:
	case OST_NOT_STORE:
	case OST_BAD_HEADER:
	case OST_TRUNCATED:
		break;
	case OST_STOPPED:
		return EINTR;
	}
	return EIO;
}

int ost_exit_code(enum ost_status status)
{
	switch (status) {
	case OST_OK:
		return OST_EXIT_OK;
	case OST_CANNOT_OPEN:
	case OST_IO:
		return OST_EXIT_CANNOT_OPEN;
	case OST_ENCRYPTED:
		return OST_EXIT_ENCRYPTED;
	case OST_NOT_STORE:
		return OST_EXIT_NOT_STORE;
	case OST_BAD_HEADER:
		return OST_EXIT_BAD_HEADER;
	case OST_CORRUPT:
	case OST_UNSUPPORTED:
		return OST_EXIT_DAMAGED;
	case OST_TRUNCATED:
		return OST_EXIT_TRUNCATED;
	case OST_STOPPED:
		return OST_EXIT_INTERRUPTED;
	case OST_NOT_FOUND:
	case OST_LIMIT:
	case OST_NO_MEMORY:
	case OST_BUG:
		break;
	}
	return OST_EXIT_USAGE;
}
