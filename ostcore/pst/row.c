/*
 * row.c - the row of a message: the same values once more  [MS-PST] 2.4.4.5
 */
#include <nettle/md5.h>
#include <unicase.h>

#include "pst/writer.h"

enum {
	CONVERSATION_ID = 0x3013,
	INDEX_TRACKS = 0x3016,
	INDEX_LEAST = 22, /* bytes of an index that has an id in it */
	INDEX_AT = 6,
	TOPIC_MAX = 255, /* characters */
	CONVERSATION = 16,
};

void kept_start(struct kept *k, bool associated)
{
	*k = (struct kept){ .columns = NULL };
	k->columns = pst_template_columns(
		associated ? PST_ASSOC_TABLE : PST_CONTENTS_TABLE, &k->count);
	if (k->count > KEPT_MAX - 2)
		k->count = KEPT_MAX - 2;
	for (size_t i = 0; i < k->count; i++)
		k->values[i].tag = k->columns[i];
	/* What is no column of associated ones, and is asked for all the same.
	 */
	k->values[k->count].tag = pst_tag(CONVERSATION_ID, MAPI_BINARY);
	k->values[k->count + 1].tag =
		pst_tag(MAPI_MESSAGE_SIZE, MAPI_INTEGER32);
}

void kept_free(struct kept *k)
{
	for (size_t i = 0; i < KEPT_MAX; i++)
		buf_free(&k->values[i].bytes);
}

static struct kept_value *find(const struct kept *k, uint16_t id)
{
	for (size_t i = 0; i < k->count + 2; i++)
		if (k->values[i].tag >> 16 == id)
			return (struct kept_value *)&k->values[i];
	return NULL;
}

bool kept_put(struct kept *k, uint16_t id, uint16_t type, struct span bytes,
	      uint64_t size, bool held)
{
	struct kept_value *v = find(k, id);

	if (id == INDEX_TRACKS && type == MAPI_BOOLEAN)
		k->tracks = bytes.len > 0 && bytes.at[0] != 0;
	if (v == NULL || v->tag != pst_tag(id, type))
		return false;
	v->has = true;
	v->held = held;
	v->size = size;
	if (bytes.len > 0 && bytes.at == (const uint8_t *)v->bytes.at)
		return held; /* it is what was kept */
	buf_cut(&v->bytes, 0);
	if (held && bytes.len > 0)
		buf_add(&v->bytes, bytes.at, bytes.len);
	return held;
}

const struct kept_value *kept_find(const struct kept *k, uint16_t id)
{
	const struct kept_value *v = find(k, id);

	return v != NULL && v->has ? v : NULL;
}

uint64_t kept_number(const struct kept *k, uint16_t id, uint64_t fallback)
{
	const struct kept_value *v = kept_find(k, id);
	struct cursor c;

	if (v == NULL || v->bytes.len == 0 || v->bytes.len > 8)
		return fallback;
	c = cur_at(buf_span(&v->bytes), 0);
	return cur_uint(&c, (unsigned)v->bytes.len);
}

/* The topic as it is hashed: in capitals, each unit of UTF-16 for itself. */
static void hash_topic(struct span topic, uint8_t id[CONVERSATION])
{
	struct md5_ctx hash;
	struct cursor c = cur_at(topic, 0);

	md5_init(&hash);
	for (size_t i = 0; i < topic.len / 2 && i < TOPIC_MAX; i++) {
		const ucs4_t upper = uc_toupper(cur_u16(&c));
		const uint8_t unit[2] = { (uint8_t)upper,
					  (uint8_t)(upper >> 8) };

		md5_update(&hash, sizeof(unit), unit);
	}
	md5_digest(&hash, CONVERSATION, id);
}

bool kept_conversation(const struct kept *k, uint8_t id[16])
{
	const struct kept_value *index = kept_find(k, MAPI_CONVERSATION_INDEX);
	const struct kept_value *topic = kept_find(k, MAPI_CONVERSATION_TOPIC);

	if (k->tracks && index != NULL && index->bytes.len >= INDEX_LEAST) {
		memcpy(id, index->bytes.at + INDEX_AT, CONVERSATION);
		return true;
	}
	if (topic == NULL || topic->bytes.len == 0)
		return false;
	hash_topic(buf_span(&topic->bytes), id);
	return true;
}

/* An empty text is no cell, but in these. */
static bool may_be_empty(uint32_t tag)
{
	return (tag & 0xFFFF) != MAPI_UNICODE ||
	       tag == pst_tag(MAPI_SUBJECT, MAPI_UNICODE) ||
	       tag == pst_tag(MAPI_SENT_REPRESENTING_NAME, MAPI_UNICODE) ||
	       tag == pst_tag(MAPI_CONVERSATION_TOPIC, MAPI_UNICODE);
}

/* The cell of a value; false: there is none. */
static bool cell_of(const struct kept_value *v, const struct pst_props *props,
		    struct pst_cell *out)
{
	*out = (struct pst_cell){ .tag = v->tag };
	if (!v->has || (v->size == 0 && !may_be_empty(v->tag)))
		return false;
	if (v->size > PST_IN_HEAP_MAX)
		out->bid = pst_props_bid(props, (uint16_t)(v->tag >> 16), NULL);
	if (out->bid == 0)
		out->bytes = buf_span(&v->bytes);
	return out->bid != 0 || v->held;
}

/* The two that every row has, whatever the message has. */
static bool cell_always(const struct kept_value *v, uint8_t id[CONVERSATION],
			const struct kept *k, struct pst_cell *out)
{
	static const uint8_t zero[4];

	*out = (struct pst_cell){ .tag = v->tag };
	if (v->tag == pst_tag(MAPI_MESSAGE_STATUS, MAPI_INTEGER32)) {
		out->bytes = v->has ? buf_span(&v->bytes) : span_of(zero, 4);
		return true;
	}
	if (v->tag != pst_tag(CONVERSATION_ID, MAPI_BINARY))
		return false;
	if (v->has && v->bytes.len == CONVERSATION)
		memcpy(id, v->bytes.at, CONVERSATION);
	else if (!kept_conversation(k, id))
		return false;
	out->bytes = span_of(id, CONVERSATION);
	return true;
}

enum ost_status kept_row(const struct kept *k, uint32_t nid,
			 const struct pst_props *props, struct pst_table *table,
			 struct ost_error *err)
{
	struct pst_cell cells[KEPT_MAX];
	uint8_t id[CONVERSATION];
	size_t count = 0;

	for (size_t i = 0; i < k->count; i++) {
		const struct kept_value *v = &k->values[i];
		const uint32_t own = v->tag >> 16;
		const bool always =
			own == MAPI_MESSAGE_STATUS || own == CONVERSATION_ID;

		if (own == 0x67F2 || own == 0x67F3)
			continue;
		if (v->bytes.bad)
			return ost_no_memory(err);
		count += always ? cell_always(v, id, k, &cells[count])
				: cell_of(v, props, &cells[count]);
	}
	return pst_table_row(table, nid, cells, count, err);
}
