/*
 * pstkit.h - PSTs that a test writes, and reading them back
 *
 * They go into a directory of their own, or into the one that $OST_PST_DIR
 * names, where they stay: for those who look at them with other programs.
 */
#ifndef OST_PSTKIT_H
#define OST_PSTKIT_H

#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "ltp/ltp.h"
#include "pst/skeleton.h"

static char pst_dir[sizeof("/dev/shm/ostfs-pst-XXXXXX")]; /* "": none */
static char pst_path[300];

static inline struct span ascii16(struct buf *to, const char *s)
{
	buf_cut(to, 0);
	pst_utf16(to, span_of(s, strlen(s)));
	return buf_span(to);
}

/* Begin a PST that is to be `name`, with its skeleton. */
static inline struct pst_out *pst_begin(const char *name)
{
	const char *keep = getenv("OST_PST_DIR");
	struct pst_out *o = NULL;
	struct ost_error err;

	if (keep == NULL && *pst_dir == '\0') {
		/* To sync thousands of holes to a busy disk takes a minute. */
		snprintf(pst_dir, sizeof(pst_dir), "%s/ostfs-pst-XXXXXX",
			 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
		CHECK(mkdtemp(pst_dir) != NULL);
	}
	snprintf(pst_path, sizeof(pst_path), "%s/%s",
		 keep != NULL ? keep : pst_dir, name);
	CHECK(pst_out_new(&o, pst_path, &err) == OST_OK);
	CHECK(pst_skeleton_begin(o, &err) == OST_OK);
	return o;
}

static inline void pst_finish(struct pst_out *o, const struct pst_folder *top)
{
	struct pst_identity id = { .uid = "the UID of it..", .replica = "r" };
	struct buf name = { 0 };
	struct pst_names *names;
	struct ost_error err = { 0 };

	id.display = ascii16(&name, "A store");
	CHECK(pst_names_new(&names, &err) == OST_OK);
	CHECK(pst_names_end(names, o, &err) == OST_OK);
	CHECK(pst_skeleton_end(o, &id, top, &err) == OST_OK);
	CHECK(pst_out_finish(o, &err) == OST_OK);
	CHECK_STR(err.text, "");
	pst_names_free(names);
	buf_free(&name);
}

/* Finish, publish as pst_path, and free. */
static inline void pst_save(struct pst_out *o, const struct pst_folder *top)
{
	struct ost_error err = { 0 };

	pst_finish(o, top);
	CHECK(pst_out_publish(o, true, &err) == OST_OK);
	CHECK_STR(err.text, "");
	pst_out_free(o);
}

static inline struct ndb *pst_reopen(void)
{
	struct ndb *db = NULL;
	struct source *source;
	struct ost_error err = { 0 };

	CHECK(source_open(&source, pst_path, &err) == OST_OK);
	CHECK(ndb_open(&db, source, NULL, &err) == OST_OK);
	CHECK_STR(err.text, "");
	return db;
}

/* Remove the directory, which nothing is left in. */
static inline void pst_leave(void)
{
	if (getenv("OST_PST_DIR") == NULL)
		CHECK(rmdir(pst_dir) == 0);
	*pst_dir = '\0';
}

/* After the last: remove what is not to stay. */
static inline void pst_done(struct ndb *db)
{
	CHECK(ndb_damage_count(db) == 0);
	ndb_close(db);
	if (getenv("OST_PST_DIR") == NULL)
		CHECK(unlink(pst_path) == 0);
	pst_leave();
}

/* Where in `p` the property `id` is. */
static inline struct ltp_value value_of(struct ltp_props *p, uint16_t id)
{
	struct ltp_value v = { 0 };
	struct ost_error err;

	CHECK(ltp_props_next(p, id, id, &v, &err) == OST_OK);
	return v;
}

static inline struct ltp_props *props_of(struct ndb *db, uint32_t nid)
{
	struct ltp_props *p = NULL;
	struct ndb_node node;
	struct ost_error err;

	CHECK(ndb_find(db, (ndb_nid){ nid }, &node, &err) == OST_OK);
	CHECK(ltp_props_open(&p, db, &node, &err) == OST_OK);
	return p;
}

#endif
