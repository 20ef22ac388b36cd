#include <stdlib.h>

#include "bytes/source.h"
#include "tree/attachment_index.h"
#include "tree/folder.h"
#include "tree/found.h"
#include "tree/homes.h"
#include "tree/node.h"
#include "tree/recovered.h"

enum {
	FOLDERS_KEPT = 8 << 20, /* bytes */
	ATTACHMENT_INDEXES_KEPT = 8 << 20,
	ATTRS_KEPT = 1 << 20,
	PLANS_KEPT = 12 << 20, /* unless options say else */
	READAHEAD_SHARE = 4,   /* of them, made before they are asked for */
};

enum ost_status tree_new(struct tree **out, struct store *store,
			 const struct tree_options *options,
			 struct ost_error *err)
{
	const size_t plans = options->plans > 0 ? options->plans : PLANS_KEPT;
	struct tree *t = calloc(1, sizeof(*t));

	*out = NULL;
	if (t == NULL) {
		store_close(store);
		return ost_no_memory(err);
	}
	t->store = store;
	t->options = *options;
	t->nodes = nodes;
	if (options->maildir) {
		t->options.attachments = TREE_INSIDE;
		t->options.items = MAIL_ITEMS_EML;
	}
	t->folders = lru_new(FOLDERS_KEPT);
	t->attachment_indexes = lru_new(ATTACHMENT_INDEXES_KEPT);
	t->attrs = lru_new(ATTRS_KEPT);
	t->files = lru_new(plans);
	t->sizes = size_cache_new();
	t->controls = controls_new(options);
	t->homes = homes_new();
	t->found = found_new();
	t->recovered = recovered_new();
	t->readahead =
		readahead_new(t, options->readahead, plans / READAHEAD_SHARE);
	if (t->readahead == NULL || t->folders == NULL ||
	    t->attachment_indexes == NULL || t->files == NULL ||
	    t->attrs == NULL || t->sizes == NULL || t->controls == NULL ||
	    t->homes == NULL || t->found == NULL || t->recovered == NULL) {
		tree_free(t);
		return ost_no_memory(err);
	}
	if (mail_directory_open(store, options->addrmap, err) != OST_OK) {
		tree_free(t);
		return OST_NO_MEMORY;
	}
	t->root =
		options->whole_store ? MAPI_NID_ROOT_FOLDER : root_find(store);
	t->shared = root_shared(store, t->root);
	*out = t;
	return OST_OK;
}

void tree_free(struct tree *t)
{
	if (t == NULL)
		return;
	readahead_free(t->readahead);
	lru_free(t->files); /* plans hold objects of the store */
	lru_free(t->attrs);
	lru_free(t->attachment_indexes);
	lru_free(t->folders);
	size_cache_free(t->sizes);
	controls_free(t->controls);
	homes_free(t->homes);
	found_free(t->found);
	recovered_free(t->recovered);
	store_close(t->store);
	free(t);
}

void tree_start(struct tree *t)
{
	mail_directory_start(t->store);
}

struct store *tree_store(struct tree *t)
{
	return t->store;
}

const struct tree_options *tree_shape(const struct tree *t)
{
	return &t->options;
}

void tree_begin(struct tree *t)
{
	(void)t;
	source_defer();
}

enum ost_status tree_end(struct tree *t, enum ost_status st,
			 struct ost_error *err)
{
	struct ost_error why;

	if (!source_settle() || store_check(t->store, &why) == OST_OK)
		return st;
	*err = why;
	return OST_IO;
}

uint64_t tree_properties(const struct tree *t, uint64_t ino)
{
	const struct ino i = ino_split(t, ino);

	return ino_make(INO_CONTROL, i.nid, i.place + CONTROL_MAPI);
}

enum ost_status tree_inventory(struct tree *t, const struct inventory **out,
			       struct ost_error *err)
{
	return found_inventory(t, out, err);
}

uint64_t tree_bytes(const struct tree *t)
{
	return store_info(t->store)->size;
}
