/*
 * sniff.c - types of attachments that nothing else tells; only here libmagic
 *
 * Loading its database takes a while, so that waits until it is needed. One
 * handle serves all threads, one at a time.
 */
#include <magic.h>
#include <pthread.h>

#include "mail/attach/attach.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static magic_t handle;
static bool tried;

/* The handle, or NULL when there is no database. The lock is held. */
static magic_t loaded(void)
{
	if (tried)
		return handle;
	tried = true;
	handle = magic_open(MAGIC_MIME_TYPE);
	if (handle != NULL && magic_load(handle, NULL) != 0) {
		magic_close(handle);
		handle = NULL;
	}
	return handle;
}

bool sniff_type(struct span head, struct buf *out)
{
	const size_t before = out->len;
	const char *type;
	magic_t m;

	pthread_mutex_lock(&lock);
	m = loaded();
	type = m != NULL ? magic_buffer(m, head.at, head.len) : NULL;
	if (type != NULL)
		buf_str(out, type);
	pthread_mutex_unlock(&lock);
	return out->len > before;
}
