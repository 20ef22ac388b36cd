/*
 * sniff.c - types of attachments that nothing else tells; only here libmagic
 *
 * It is asked for our own rules, types.magic, and nothing else: neither the
 * system's rules nor $MAGIC, ~/.magic and the tests built into libmagic, so
 * that its version, the host and the user change no byte of ours.
 */
#include "mail/attach/sniff.h"

#include <magic.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* Made by types_compile.c. */
extern const unsigned char types_rules[], types_compiled[];
extern const size_t types_rules_size, types_compiled_size;

/* One handle serves all threads, one at a time. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static magic_t handle;
static bool tried;

static bool load_compiled(void)
{
	void *bytes = (void *)(uintptr_t)types_compiled; /* is not written */
	size_t size = types_compiled_size;

	return magic_load_buffers(handle, &bytes, &size, 1) == 0;
}

/* What was compiled may be of another version of libmagic. */
static bool load_rules(void)
{
	const int fd = memfd_create("types.magic", MFD_CLOEXEC);
	char path[32];
	bool good;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	good = fd >= 0 &&
	       write(fd, types_rules, types_rules_size) ==
		       (ssize_t)types_rules_size &&
	       magic_load(handle, path) == 0;
	if (fd >= 0)
		close(fd);
	return good;
}

/* The handle, or NULL when there are no rules. The lock is held. */
static magic_t loaded(void)
{
	if (tried)
		return handle;
	tried = true;
	handle = magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_BUILTIN);
	if (handle != NULL && !load_compiled() && !load_rules()) {
		magic_close(handle);
		handle = NULL;
	}
	return handle;
}

void mail_load(void)
{
	pthread_mutex_lock(&lock);
	(void)loaded();
	pthread_mutex_unlock(&lock);
}

const char *mail_types(void)
{
	mail_load();
	return handle != NULL ? "ostfs 1" : "none";
}

/* Is a character of text: no control but those of lines, pages, terminals. */
static bool is_text_char(unsigned c)
{
	return c >= 0x20 ? c != 0x7F
			 : (c >= '\a' && c <= '\r' && c != '\v') || c == 0x1B;
}

static bool is_utf16(struct span head, unsigned low)
{
	for (size_t i = 0; i + 1 < head.len; i += 2)
		if (head.at[i + 1 - low] == 0 &&
		    !is_text_char(head.at[i + low]))
			return false;
	return true;
}

/* Text of any page that has ASCII in it, or UTF-16 that says so. */
static bool is_text(struct span head)
{
	if (head.len >= 2 && head.at[0] == 0xFF && head.at[1] == 0xFE)
		return is_utf16(head, 0);
	if (head.len >= 2 && head.at[0] == 0xFE && head.at[1] == 0xFF)
		return is_utf16(head, 1);
	for (size_t i = 0; i < head.len; i++)
		if (!is_text_char(head.at[i]))
			return false;
	return true;
}

bool sniff_type(struct span head, struct buf *out)
{
	const size_t before = out->len;
	const char *type;
	magic_t m;

	pthread_mutex_lock(&lock);
	m = loaded();
	type = m != NULL ? magic_buffer(m, head.at, head.len) : NULL;
	if (type != NULL && strcmp(type, "application/octet-stream") == 0)
		type = is_text(head) ? "text/plain" : NULL;
	if (type != NULL)
		buf_str(out, type);
	pthread_mutex_unlock(&lock);
	return out->len > before;
}
