/*
 * sidecar.c - an object and what is in it as JSON, as ostfs-json(5) describes
 * it
 */
#include "mail/properties/sidecar.h"

#include <inttypes.h>
#include <stdlib.h>

#include "mail/plan/plan.h"
#include "mail/text/value.h"

enum {
	DEPTH_MAX = 100, /* messages in messages */
	FAILURES_MAX = 1024,
	TEXT_MAX = 128 << 20, /* and half of it for what is begun then */
	PIECES_MAX = 60000,
};

void sidecar_reason(struct sidecar *s, enum ost_status st, enum note note,
		    const struct ost_error *err)
{
	if (!ost_is_internal_or_transient(st)) {
		json_str(&s->json, "error", err->text);
		note_add(&s->notes, note);
	} else if (s->failed == OST_OK) {
		s->failed = st;
		s->why = *err;
	}
}

void sidecar_error(struct subject *sub, enum ost_status st, enum note note,
		   const struct ost_error *err)
{
	if (!sub->told)
		sidecar_reason(sub->s, st, note, err);
	note_add(&sub->s->notes, note);
	sub->told = true;
}

bool sidecar_full(const struct sidecar *s)
{
	return s->failed != OST_OK || s->json.to->bad ||
	       s->pieces->text.len > TEXT_MAX || s->pieces->count > PIECES_MAX;
}

enum ost_status sidecar_fail_full(struct ost_error *err)
{
	return ost_fail(err, OST_LIMIT,
			"over %d MiB of properties: the rest is left out",
			TEXT_MAX >> 20);
}

enum kind { OTHER, MESSAGE, ATTACHMENT };

static void put_object(struct sidecar *s, struct store_object *o,
		       enum kind kind, unsigned depth);

static const struct list {
	enum kind owner;
	enum store_list list;
	const char *key;
	enum kind kind;
	enum note note;	 /* of one that cannot be read */
	enum note limit; /* of those that are left out */
} lists[] = {
	{ MESSAGE, STORE_RECIPIENTS, "recipients", OTHER,
	  NOTE_RECIPIENTS_CORRUPT, NOTE_PROPERTY_CORRUPT },
	{ MESSAGE, STORE_ATTACHMENTS, "attachments", ATTACHMENT,
	  NOTE_ATTACH_CORRUPT, NOTE_PROPERTY_CORRUPT },
	{ ATTACHMENT, STORE_MESSAGES, "messages", MESSAGE, NOTE_ATTACH_CORRUPT,
	  NOTE_DEPTH },
};

/* Why what is left of a list is left out, if it is. */
static enum ost_status check_room(const struct subject *sub,
				  const struct list *list, unsigned depth,
				  unsigned failures, struct ost_error *err)
{
	if (sidecar_full(sub->s))
		return sidecar_fail_full(err);
	if (list->kind == MESSAGE && depth > DEPTH_MAX)
		return ost_fail(err, OST_LIMIT, "nested deeper than %d",
				DEPTH_MAX);
	if (failures == FAILURES_MAX)
		return ost_fail(err, OST_LIMIT, "more than %d cannot be read",
				FAILURES_MAX);
	return OST_OK;
}

static void put_list(struct subject *sub, const struct list *list,
		     unsigned depth)
{
	struct sidecar *s = sub->s;
	struct ost_error err, why;
	enum ost_status cap = OST_OK;
	unsigned failures = 0;

	json_array(&s->json, list->key);
	for (size_t i = 0; cap == OST_OK; i++) {
		struct store_object *child = NULL;
		const enum ost_status st =
			store_child(sub->o, list->list, i, &child, &err);

		if (st == OST_NOT_FOUND)
			break;
		cap = check_room(sub, list, depth, failures, &why);
		if (cap != OST_OK) {
			store_drop(child);
			break;
		}
		json_object(&s->json, NULL);
		if (st == OST_OK && child->lost)
			note_add(&s->notes, list->note);
		if (st == OST_OK)
			put_object(s, child, list->kind, depth);
		else
			sidecar_reason(s, st, list->note, &err);
		json_object_end(&s->json);
		failures += st != OST_OK;
	}
	json_array_end(&s->json);
	if (cap != OST_OK)
		sidecar_error(sub, cap, list->limit, &why);
}

/* The members of the JSON object of `o`, which is owned from here on. */
static void put_object(struct sidecar *s, struct store_object *o,
		       enum kind kind, unsigned depth)
{
	struct subject sub = { .s = s, .o = o };

	json_raw(&s->json, "nid", "\"0x%" PRIx32 "\"", o->id.nid);
	sidecar_properties(&sub);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (lists[i].owner == kind)
			put_list(&sub, &lists[i], depth + (kind == ATTACHMENT));
	if (sub.used)
		pieces_own(s->pieces, o);
	else
		store_drop(o);
}

static enum kind kind_of(const struct store_object *o)
{
	switch (o->id.nid & MAPI_NID_TYPE) {
	case MAPI_NID_MESSAGE:
	case MAPI_NID_ASSOCIATED:
		return MESSAGE;
	case MAPI_NID_ATTACHMENT:
		return ATTACHMENT;
	default:
		return OTHER;
	}
}

enum ost_status mail_plan_properties(struct mail **out,
				     struct store_object *item,
				     struct ost_error *err)
{
	struct mail *mail = calloc(1, sizeof(*mail));
	struct sidecar s = { .chunk = malloc(SIDECAR_CHUNK) };

	*out = NULL;
	if (mail == NULL || s.chunk == NULL) {
		free(s.chunk);
		free(mail);
		store_drop(item);
		return ost_no_memory(err);
	}
	s.pieces = &mail->pieces;
	s.pieces->text_max = TEXT_MAX + TEXT_MAX / 2;
	s.json.to = pieces_out(s.pieces);
	json_object(&s.json, NULL);
	put_object(&s, item, kind_of(item), 0);
	json_object_end(&s.json);
	json_finish(&s.json);
	notes_text(&s.notes, &mail->notes);
	free(s.chunk);
	if (s.failed != OST_OK)
		*err = s.why;
	return plan_finish(out, mail, s.failed, err);
}
