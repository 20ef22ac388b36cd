/*
 * ledgerkit.h - the ledger of a forged store
 *
 * For the tests of audit/. Included once a program.
 */
#ifndef OST_LEDGERKIT_H
#define OST_LEDGERKIT_H

#include <stdlib.h>
#include <unistd.h>

#include "audit/audit.h"
#include "check.h"
#include "forge.h"

static const struct forge_options kinds[] = {
	{ .format = FORGE_ANSI },
	{ .format = FORGE_UNICODE, .encoding = FORGE_PERMUTE },
	{ .format = FORGE_UNICODE_4K,
	  .kind = FORGE_OST,
	  .mailbox = true,
	  .deflate = FORGE_ALWAYS },
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* Show what a reader finds in `store`, which is freed; first do `opened`. */
static inline struct tree *show_by(const struct store_ops *reader,
				   void (*opened)(struct store *s),
				   struct buf *store)
{
	const struct tree_options options = { .controls = audit_controls,
					      .control_count =
						      audit_control_count };
	char path[] = "/tmp/ostfs-ledger-XXXXXX";
	const int fd = mkstemp(path);
	struct store *s = NULL;
	struct tree *t = NULL;
	struct ost_error err = { "" };

	CHECK(fd >= 0 &&
	      write(fd, store->at, store->len) == (ssize_t)store->len);
	CHECK(store_open(&s, path, reader, NULL, &err) == OST_OK);
	if (s != NULL && opened != NULL)
		opened(s);
	CHECK(s != NULL && tree_new(&t, s, &options, &err) == OST_OK);
	CHECK_STR(err.text, "");
	unlink(path);
	close(fd);
	buf_free(store);
	return t;
}

static inline struct tree *show(struct buf *store)
{
	return show_by(&store_native, NULL, store);
}

/* The ledger of `t` as JSON; `losses` is what it says was lost. */
static inline struct buf audit(struct tree *t, bool deep, unsigned threads,
			       uint64_t *losses)
{
	const struct ledger_options options = { .deep = deep,
						.threads = threads };
	struct ledger *l = NULL;
	struct ost_error err = { "" };
	struct buf json = { 0 }, text = { 0 };

	CHECK(ledger_make(&l, t, &options, &err) == OST_OK);
	ledger_json(l, &json);
	ledger_text(l, &text);
	*losses = ledger_losses(l);
	CHECK((strstr(buf_text(&text), "NOT ALL IS THERE") != NULL) ==
	      (*losses > 0));
	/* A6: no more than was looked at. */
	CHECK((strstr(buf_text(&text), "\nNothing was lost: all ") != NULL) ==
	      (*losses == 0 && deep));
	CHECK((strstr(buf_text(&text),
		      "\nNo message is missing. Contents were not read: "
		      "use --deep.\n") != NULL) == (*losses == 0 && !deep));
	buf_free(&text);
	ledger_free(l);
	return json;
}

static inline bool has(const struct buf *json, const char *what)
{
	const bool is = strstr(buf_text(json), what) != NULL;

	if (!is)
		fprintf(stderr, "no %s in %s\n", what, buf_text(json));
	return is;
}

/* The number after `key`, a total; UINT64_MAX: there is none. */
static inline uint64_t total(const struct buf *json, const char *key)
{
	struct buf name = { 0 };
	const char *at = strstr(buf_text(json), "\"totals\"");

	buf_printf(&name, "\"%s\": ", key);
	at = at != NULL ? strstr(at, name.at) : NULL;
	const uint64_t value =
		at != NULL ? strtoull(at + name.len, NULL, 10) : UINT64_MAX;
	buf_free(&name);
	return value;
}

#endif
