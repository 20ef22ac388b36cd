#include "fs/looked.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 1 << 16, NSEC_MAX = 999999999 };

/* A store: its path follows, then what it asks to be called. */
struct record {
	uint64_t size, device, inode;
	int64_t mtime;
	uint32_t mtime_nsec, path_len, wish_len;
	uint32_t none; /* 0: no byte is left to chance */
};

static void write_store(FILE *to, const struct fleet_store *s)
{
	const char *wish = s->wish != NULL ? s->wish : "";
	const struct record r = {
		.size = s->size,
		.device = s->device,
		.inode = s->inode,
		.mtime = s->mtime,
		.mtime_nsec = s->mtime_nsec,
		.path_len = (uint32_t)strlen(s->path),
		.wish_len = (uint32_t)strlen(wish),
	};

	fwrite(&r, sizeof(r), 1, to);
	fwrite(s->path, 1, r.path_len, to);
	fwrite(wish, 1, r.wish_len, to);
}

bool looked_write(FILE *to, const struct fleet *f)
{
	for (size_t i = 0; i < f->count; i++)
		write_store(to, &f->stores[i]);
	return fflush(to) == 0 && ferror(to) == 0;
}

/* A string of `len` bytes, none of them NUL; NULL: it is not there. */
static char *read_text(FILE *from, size_t len)
{
	char *text = len <= TEXT_MAX ? malloc(len + 1) : NULL;

	if (text != NULL && fread(text, 1, len, from) == len &&
	    memchr(text, '\0', len) == NULL) {
		text[len] = '\0';
		return text;
	}
	free(text);
	return NULL;
}

/* Could a look have written that? Paths are below a directory. */
static bool is_sound(const struct record *r, const char *path)
{
	return r->none == 0 && r->mtime_nsec <= NSEC_MAX && *path != '\0' &&
	       *path != '/';
}

static bool read_store(FILE *from, const struct record *r, struct fleet *out)
{
	char *path = read_text(from, r->path_len);
	char *wish = path != NULL ? read_text(from, r->wish_len) : NULL;
	struct ost_error err;
	bool good = wish != NULL && is_sound(r, path) &&
		    fleet_add(out, path, *wish != '\0' ? wish : NULL, &err) ==
			    OST_OK;

	free(path);
	free(wish);
	if (good) {
		struct fleet_store *s = &out->stores[out->count - 1];

		s->size = r->size;
		s->device = r->device;
		s->inode = r->inode;
		s->mtime = r->mtime;
		s->mtime_nsec = r->mtime_nsec;
	}
	return good;
}

bool looked_read(FILE *from, struct fleet *out)
{
	struct record r;
	size_t got;

	while ((got = fread(&r, 1, sizeof(r), from)) > 0)
		if (got != sizeof(r) || !read_store(from, &r, out))
			return false;
	return ferror(from) == 0;
}
