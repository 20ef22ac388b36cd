/*
 * control.c - the files of the control directory: made once, when asked for
 */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "bytes/source.h"
#include "tree/parts.h"

/* What became of a file. */
struct made {
	enum { NOT_MADE, MAKING, MADE } state;
	struct buf text;
	struct source *source; /* over `text`, or a file; once it is made */
};

struct controls {
	pthread_mutex_t lock; /* of each `state`; not held while one is made */
	pthread_cond_t changed;
	size_t count;
	struct tree_control *at;
	struct made *made;
};

/* Ours, in the order they are listed; then come those of a higher layer. */
static const struct tree_control ours[] = {
	{ "info.json", info_make, NULL },
};

enum { OURS = sizeof(ours) / sizeof(ours[0]) };

struct controls *controls_new(const struct tree_options *options)
{
	struct controls *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->changed, NULL);
	c->count = OURS + options->control_count;
	c->at = calloc(c->count, sizeof(*c->at));
	c->made = calloc(c->count, sizeof(*c->made));
	if (c->at == NULL || c->made == NULL) {
		controls_free(c);
		return NULL;
	}
	for (size_t i = 0; i < c->count; i++)
		c->at[i] = i < OURS ? ours[i] : options->controls[i - OURS];
	return c;
}

void controls_free(struct controls *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; c->made != NULL && i < c->count; i++) {
		source_close(c->made[i].source);
		buf_free(&c->made[i].text);
	}
	pthread_cond_destroy(&c->changed);
	pthread_mutex_destroy(&c->lock);
	free(c->made);
	free(c->at);
	free(c);
}

const struct tree_control *control_at(const struct tree *t, uint32_t place)
{
	return place >= CONTROL_FILES &&
			       place - CONTROL_FILES < t->controls->count
		       ? &t->controls->at[place - CONTROL_FILES]
		       : NULL;
}

uint32_t control_find(const struct tree *t, const char *name)
{
	const struct tree_control *c;

	for (uint32_t p = CONTROL_FILES; (c = control_at(t, p)) != NULL; p++)
		if (strcmp(c->name, name) == 0)
			return p;
	return 0;
}

const char *control_type(const struct tree *t, struct ino i)
{
	const struct tree_control *c = control_at(t, i.place);
	const char *name = i.nid != 0 ? ".json" : c != NULL ? c->name : NULL;
	const char *suffix = name != NULL ? strrchr(name, '.') : NULL;

	if (suffix != NULL && strcmp(suffix, ".json") == 0)
		return "application/json";
	if (suffix != NULL && strcmp(suffix, ".jsonl") == 0)
		return "application/jsonl";
	return "text/plain";
}

static enum ost_status make(struct tree *t, const struct tree_control *control,
			    struct made *m, struct ost_error *err)
{
	int fd = -1;
	enum ost_status st = control->make(control->arg, t, &m->text, &fd, err);

	if (st == OST_OK)
		st = buf_status(&m->text, err);
	if (st != OST_OK && fd >= 0)
		close(fd);
	else if (fd >= 0)
		st = source_take(&m->source, fd, err);
	else if (st == OST_OK)
		st = source_of(&m->source, buf_span(&m->text), err);
	if (st == OST_OK)
		return OST_OK;
	buf_free(&m->text);
	return ost_within(err, st, "%s/%s", CONTROL_NAME, control->name);
}

/* Wait until nobody else makes it. True if it is now for the caller to make. */
static bool begin(struct controls *c, struct made *m)
{
	bool mine;

	pthread_mutex_lock(&c->lock);
	while (m->state == MAKING)
		pthread_cond_wait(&c->changed, &c->lock);
	mine = m->state == NOT_MADE;
	if (mine)
		m->state = MAKING;
	pthread_mutex_unlock(&c->lock);
	return mine;
}

static void end(struct controls *c, struct made *m, bool made)
{
	pthread_mutex_lock(&c->lock);
	m->state = made ? MADE : NOT_MADE;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
}

enum ost_status control_open(struct tree *t, uint32_t place,
			     struct source **out, struct ost_error *err)
{
	struct controls *c = t->controls;
	enum ost_status st = OST_OK;

	*out = NULL;
	if (control_at(t, place) == NULL)
		return ost_fail(err, OST_NOT_FOUND, "no such control file");

	const uint32_t at = place - CONTROL_FILES;
	struct made *m = &c->made[at];
	if (begin(c, m)) {
		st = make(t, &c->at[at], m, err);
		end(c, m, st == OST_OK);
	}
	if (st == OST_OK)
		*out = m->source;
	return st;
}
