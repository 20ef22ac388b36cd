/*
 * open.c - a store is opened by one of the readers
 */
#include "store/backend.h"

#include "store/charset.h"
#include "store/identity.h"
#include "store/named.h"

const char store_pff_lacking[] =
	"this build of ostfs has no libpff, only the reader native";

const struct store_ops *store_backend(const char *name)
{
	const struct store_ops *all[] = { &store_native, &store_pff };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(all[i]->name, name) == 0)
			return all[i];
	return NULL;
}

/* The code page the store itself names; 0: none that we know. */
static unsigned store_codepage(struct store *s)
{
	struct store_object *o = NULL;
	struct ost_error err;
	uint64_t cp = 0;

	if (store_get(s, (struct store_id){ MAPI_NID_STORE, 0 }, &o, &err) ==
	    OST_OK)
		cp = store_number(o, MAPI_CODEPAGE_ID, 0);
	store_drop(o);
	return charset_known(cp);
}

/* Where what is read once of a store is kept. */
static enum ost_status store_keep(struct store_core *c, struct ost_error *err)
{
	const enum ost_status st = named_new(&c->names, err);

	return st == OST_OK ? identity_new(&c->identity, err) : st;
}

static enum ost_status core_open(struct store_core **out, const char *path,
				 const struct store_ops *ops,
				 const struct store_options *options,
				 struct ost_error *err)
{
	const enum ost_status st = ops->open(out, path, options, err);

	if (st == OST_OK) {
		(*out)->ops = ops;
		(*out)->self.core = *out;
	}
	return st;
}

static void core_close(struct store_core *c)
{
	if (c != NULL)
		c->ops->close(c);
}

/*
 * The same file for libpff, which may be unable to read it: then it recovers
 * nothing. Its process is there from the start, but has nothing to do yet.
 */
static struct store_core *crosscheck_open(const char *path,
					  const struct store_options *options)
{
	struct store_options later = *options;
	struct store_core *second = NULL;
	struct ost_error err;

	later.later = true;
	later.opened = NULL;
	return core_open(&second, path, &store_pff, &later, &err) == OST_OK
		       ? second
		       : NULL;
}

/* Every store has a root folder; our own reader has seen to it. */
static enum ost_status check_root(struct store *s,
				  const struct store_options *options,
				  struct ost_error *err)
{
	const struct store_id root = { MAPI_NID_ROOT_FOLDER, 0 };
	struct store_object *o = NULL;
	enum ost_status st;

	if (s->core->ops != &store_pff || (options != NULL && options->later))
		return OST_OK;
	st = store_get(s, root, &o, err);
	store_drop(o);
	return st == OST_NOT_FOUND || st == OST_UNSUPPORTED
		       ? ost_within(err, OST_CORRUPT, "is damaged")
		       : st;
}

enum ost_status store_open(struct store **out, const char *path,
			   const struct store_ops *ops,
			   const struct store_options *options,
			   struct ost_error *err)
{
	static const struct store_options usual = { 0 };
	const bool twice =
		options != NULL && options->recover_pff && ops != &store_pff;
	/* Before `ops` says that all is open. */
	struct store_core *second =
		twice ? crosscheck_open(path, options) : NULL;
	struct store_core *c = NULL;
	enum ost_status st = core_open(&c, path, ops,
				       options != NULL ? options : &usual, err);

	*out = NULL;
	if (st != OST_OK) {
		core_close(second);
		return st;
	}
	c->second = second;
	st = store_keep(c, err);
	if (st == OST_OK)
		st = check_root(&c->self, options, err);
	if (st != OST_OK) {
		store_close(&c->self);
		return st;
	}
	c->codepage = options != NULL && options->codepage != 0
			      ? options->codepage
			      : store_codepage(&c->self);
	*out = &c->self;
	return OST_OK;
}

void store_close(struct store *s)
{
	if (s == NULL)
		return;

	struct store_core *c = s->core;
	struct store_identity_slot *identity = c->identity;
	struct store_names *names = c->names;
	if (c->guest != NULL)
		c->guest->close(c->guest);
	core_close(c->second);
	core_close(c);
	identity_drop(identity);
	named_free(names);
}
