/*
 * topst.h - a store written as a PST: of ost2pst, and of ostexport -f pst
 */
#ifndef OST_TOPST_H
#define OST_TOPST_H

#include "pst/pst.h"

/* What is to be done; `pst` without what lies in the other members. */
struct topst {
	const struct store_ops *reader;
	struct pst_options pst;
	const char *report; /* NULL: none is wanted */
	bool sha256;	    /* the report says that of the store's file */
	bool progress;
};

/* As it is when nothing is asked for. */
#define TOPST_DEFAULT                                                          \
	{                                                                      \
		.reader = &store_native,                                       \
		.pst = {.split = PST_SPLIT_DEFAULT,                            \
			.verify = true }                                       \
	}

/* What getopt_long() gives for the options below; above all letters. */
enum topst_option {
	TOPST_FIRST = 0x100,
	TOPST_SPLIT = TOPST_FIRST,
	TOPST_ASSOCIATED,
	TOPST_HIDDEN,
	TOPST_RECOVERED,
	TOPST_DAMAGED,
	TOPST_NAME,
	TOPST_DRY_RUN,
	TOPST_REPORT,
	TOPST_SHA256,
	TOPST_NO_VERIFY,
	TOPST_FORCE,
	TOPST_RESUME,
	TOPST_END
};

/* Options that say how a PST is written, and say nothing elsewhere. */
#define TOPST_OPTIONS                                                          \
	{ "split", required_argument, NULL, TOPST_SPLIT },                     \
		{ "associated", no_argument, NULL, TOPST_ASSOCIATED },         \
		{ "hidden", no_argument, NULL, TOPST_HIDDEN },                 \
		{ "recovered", no_argument, NULL, TOPST_RECOVERED },           \
		{ "damaged", required_argument, NULL, TOPST_DAMAGED },         \
		{ "name", required_argument, NULL, TOPST_NAME },               \
		{ "dry-run", no_argument, NULL, TOPST_DRY_RUN },               \
		{ "report", required_argument, NULL, TOPST_REPORT },           \
		{ "sha256", no_argument, NULL, TOPST_SHA256 },                 \
		{ "no-verify", no_argument, NULL, TOPST_NO_VERIFY },           \
		{ "force", no_argument, NULL, TOPST_FORCE },                   \
	{                                                                      \
		"resume", no_argument, NULL, TOPST_RESUME                      \
	}

/* Take one of them. TOOL_GO_ON, or the exit code to end with. */
int topst_take(struct topst *t, int c);

/* Write `store` as `out`. Returns the exit code. */
int topst_run(struct topst *t, const char *store, const char *out);

#endif
