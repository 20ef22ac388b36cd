/*
 * sidecar.h - private: every property of an object as JSON
 *
 * Numbers, texts and short values are text of the plan; a large value is a
 * piece, read from the store as the file is. So that what is damaged can say
 * so in its place, large values are read once while the file is planned.
 */
#ifndef OST_MAIL_SIDECAR_H
#define OST_MAIL_SIDECAR_H

#include "bytes/json.h"
#include "mail/plan/piece.h"
#include "mail/text/notes.h"
#include "store/store.h"

enum { SIDECAR_CHUNK = 64 << 10 };

struct sidecar {
	struct pieces *pieces;
	struct json json;
	struct notes notes;
	uint64_t checked;	/* bytes of large values that were read */
	uint8_t *chunk;		/* SIDECAR_CHUNK bytes */
	enum ost_status failed; /* for a reason that is not the store's */
	struct ost_error why;
};

/* One object. */
struct subject {
	struct sidecar *s;
	struct store_object *o;
	bool used; /* pieces of it are in the plan */
	bool told; /* the JSON object being written has its "error" */
};

/* Write why something is lost; a failure that is ours ends all instead. */
void sidecar_reason(struct sidecar *s, enum ost_status st, enum note note,
		    const struct ost_error *err);

/* The same once in a JSON object: the first is told, and others noted. */
void sidecar_error(struct subject *sub, enum ost_status st, enum note note,
		   const struct ost_error *err);

/* True when there is no room for more, or the work has failed. */
bool sidecar_full(const struct sidecar *s);
enum ost_status sidecar_fail_full(struct ost_error *err);

/* sidecar_prop.c: write all properties of an object, as an array. */
void sidecar_properties(struct subject *sub);

/*
 * sidecar_value.c
 */

/* A type of property [MS-OXCDATA] 2.11.1. */
struct sidecar_type {
	uint16_t type; /* of one value */
	const char *name;
	size_t width; /* 0: as long as it likes */
	/*
	 * Read one value and write it. False if what was written does not
	 * tell every bit of it. NULL: it is no number.
	 */
	bool (*put)(struct json *j, const char *key, struct cursor *c);
};

/* The type of the values of a property of `type`; NULL: it is unknown. */
const struct sidecar_type *sidecar_type(uint16_t type);

/* Read a GUID [MS-DTYP] 2.3.4 and write it. True: it tells all. */
bool sidecar_guid(struct json *j, const char *key, struct cursor *c);

#endif
