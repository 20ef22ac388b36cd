/*
 * open.c - a store file, opened: its header, its caches, and its healing
 */
#include <stdlib.h>

#include "ndb/heal.h"

enum ost_status ndb_open(struct ndb **out, struct source *src,
			 const struct ndb_options *options,
			 struct ost_error *err)
{
	const struct ndb_options asked =
		options != NULL ? *options : (struct ndb_options){ 0 };
	struct ndb *db = calloc(1, sizeof(*db));
	enum ost_status st;

	*out = NULL;
	if (db == NULL) {
		source_close(src);
		return ost_no_memory(err);
	}
	db->source = src;
	db->options = asked;
	st = ndb_header(db, err);
	if (asked.heal)
		st = heal_header(db, st, err);
	else if (st == OST_OK)
		st = ndb_header_roots(db, err);
	if (st == OST_OK)
		st = health_new(&db->health, err);
	if (st == OST_OK)
		st = ndb_cache(db, err);
	if (st == OST_OK && asked.heal)
		st = heal_make(db, err);
	if (st == OST_OK && !asked.heal && (db->latest = latest_new()) == NULL)
		st = ost_no_memory(err);
	if (st != OST_OK) {
		ndb_close(db);
		return st;
	}
	*out = db;
	return OST_OK;
}

void ndb_close(struct ndb *db)
{
	if (db == NULL)
		return;
	heal_free(db->heal);
	health_free(db->health);
	latest_free(db->latest);
	cache_free(db->cache);
	source_close(db->source);
	free(db);
}

enum ost_status ndb_check(struct ndb *db, struct ost_error *err)
{
	return source_check(db->source, err);
}

const struct ndb_info *ndb_info(const struct ndb *db)
{
	return &db->info;
}
