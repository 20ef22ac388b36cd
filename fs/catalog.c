#include "fs/catalog.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bytes/source.h"

enum { CATALOG_MAX = 64 << 20 };

enum ost_status catalog_add(struct fleet *out, const char *path,
			    const char *wish, struct ost_error *err)
{
	char *real = realpath(path, NULL);
	enum ost_status st;

	if (real == NULL)
		return ost_fail(err, OST_CANNOT_OPEN, "%s: %s", path,
				strerror(errno));
	st = fleet_add(out, real + 1, wish, err);
	free(real);
	return st;
}

static const char *text_in(const cJSON *object, const char *key)
{
	const char *text = cJSON_GetStringValue(
		cJSON_GetObjectItemCaseSensitive(object, key));

	return text != NULL && *text != '\0' ? text : NULL;
}

/* `base` is the directory of the catalogue and a "/". */
static enum ost_status take_object(struct fleet *out, const cJSON *object,
				   struct span base, size_t number,
				   struct ost_error *err)
{
	const char *path = text_in(object, "path");
	const char *wish = text_in(object, "name");
	struct buf full = { 0 };
	enum ost_status st;

	if (path == NULL)
		return ost_fail(err, OST_CORRUPT,
				"store %zu of it has no \"path\"", number);
	if (*path != '/')
		buf_add(&full, base.at, base.len);
	buf_str(&full, path);
	st = buf_status(&full, err);
	if (st == OST_OK)
		st = catalog_add(out, full.at,
				 wish != NULL ? wish : text_in(object, "owner"),
				 err);
	buf_free(&full);
	return st;
}

static struct span skip_blanks(struct span text)
{
	while (text.len > 0 && strchr(" \t\r\n", *text.at) != NULL &&
	       *text.at != '\0')
		text = span_of(text.at + 1, text.len - 1);
	return text;
}

/* Arrays of objects, and objects, one after the other. */
enum ost_status catalog_parse(struct fleet *out, struct span text,
			      struct span base, struct ost_error *err)
{
	enum ost_status st = OST_OK;
	size_t number = 0;

	while (st == OST_OK && (text = skip_blanks(text)).len > 0) {
		const char *end;
		cJSON *value = cJSON_ParseWithLengthOpts((const char *)text.at,
							 text.len, &end, false);
		const cJSON *one = cJSON_IsArray(value) ? value->child : value;

		if (value == NULL)
			return ost_fail(err, OST_CORRUPT,
					"is not JSON after store %zu", number);
		text.len -= (size_t)((const uint8_t *)end - text.at);
		text.at = (const uint8_t *)end;
		for (; st == OST_OK && one != NULL; one = one->next)
			st = take_object(out, one, base, ++number, err);
		cJSON_Delete(value);
	}
	return st;
}

static enum ost_status read_whole(struct buf *out, const char *path,
				  struct ost_error *err)
{
	struct source *s = NULL;
	enum ost_status st = source_open(&s, path, err);
	uint64_t size = st == OST_OK ? source_size(s) : 0;
	void *to;

	if (st == OST_OK && size > CATALOG_MAX)
		st = ost_fail(err, OST_LIMIT, "is larger than 64 MiB");
	to = st == OST_OK ? buf_more(out, (size_t)size) : NULL;
	if (to != NULL && size > 0)
		st = source_read(s, 0, to, (size_t)size, err);
	source_close(s);
	return st == OST_OK ? buf_status(out, err) : st;
}

enum ost_status catalog_read(struct fleet *out, const char *path,
			     struct ost_error *err)
{
	char *real = realpath(path, NULL);
	struct buf text = { 0 };
	const char *slash;
	enum ost_status st;

	if (real == NULL)
		return ost_fail(err, OST_CANNOT_OPEN, "%s", strerror(errno));
	slash = strrchr(real, '/');
	st = read_whole(&text, real, err);
	if (st == OST_OK)
		st = catalog_parse(out, buf_span(&text),
				   span_of(real, (size_t)(slash - real) + 1),
				   err);
	buf_free(&text);
	free(real);
	return st;
}
