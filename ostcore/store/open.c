/*
 * open.c - a store is opened by one of the readers
 */
#include "store/store.h"

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
static enum ost_status store_keep(struct store *s, struct ost_error *err)
{
	const enum ost_status st = named_new(&s->names, err);

	return st == OST_OK ? identity_new(&s->identity, err) : st;
}

/*
 * The same file for libpff, which may be unable to read it: then it recovers
 * nothing. Its process is there from the start, but has nothing to do yet.
 */
static struct store *crosscheck_open(const char *path,
				     const struct store_options *options)
{
	struct store_options later = *options;
	struct store *second = NULL;
	struct ost_error err;

	later.later = true;
	later.opened = NULL;
	if (store_pff.open(&second, path, &later, &err) != OST_OK)
		return NULL;
	second->ops = &store_pff;
	if (store_keep(second, &err) == OST_OK)
		return second;
	store_close(second);
	return NULL;
}

static void crosscheck_set(struct store *s, struct store *second)
{
	if (second == NULL)
		return;
	second->info = s->info;
	second->first = s;
	s->second = second;
}

/* Every store has a root folder; our own reader has seen to it. */
static enum ost_status check_root(struct store *s,
				  const struct store_options *options,
				  struct ost_error *err)
{
	const struct store_id root = { MAPI_NID_ROOT_FOLDER, 0 };
	struct store_object *o = NULL;
	enum ost_status st;

	if (s->ops != &store_pff || (options != NULL && options->later))
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
	struct store *second = twice ? crosscheck_open(path, options) : NULL;
	enum ost_status st =
		ops->open(out, path, options != NULL ? options : &usual, err);

	if (st != OST_OK) {
		store_close(second);
		return st;
	}
	(*out)->ops = ops;
	st = store_keep(*out, err);
	if (st == OST_OK)
		st = check_root(*out, options, err);
	if (st != OST_OK) {
		store_close(second);
		store_close(*out);
		*out = NULL;
		return st;
	}
	(*out)->codepage = options != NULL && options->codepage != 0
				   ? options->codepage
				   : store_codepage(*out);
	crosscheck_set(*out, second);
	return OST_OK;
}

void store_close(struct store *s)
{
	if (s == NULL)
		return;

	struct store_identity_slot *identity = s->identity;
	struct store_names *names = s->names;
	if (s->guest != NULL)
		s->guest->close(s->guest);
	store_close(s->second);
	s->ops->close(s);
	identity_drop(identity);
	named_free(names);
}
