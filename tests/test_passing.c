/*
 * test_passing.c - what could not be read for a reason that may pass: it
 * sticks to what it was read through, and nothing made of it is kept
 */
#include "store/backend.h"
#include "treekit.h"

/* What cannot be read now: that property, or that list; 0 and -1: all can. */
static uint16_t bad_id;
static int bad_list = -1;

static const struct store_ops *real;

static enum ost_status next(struct store_object *o, uint16_t id, uint16_t last,
			    struct store_prop *out, struct ost_error *err)
{
	const enum ost_status st = real->next(o, id, last, out, err);

	if (st == OST_OK && bad_id != 0 && out->id == bad_id)
		return ost_fail(err, OST_IO, "bad sector");
	return st;
}

static enum ost_status child(struct store_object *o, enum store_list list,
			     size_t index, struct store_object **out,
			     struct ost_error *err)
{
	if ((int)list == bad_list)
		return ost_fail(err, OST_IO, "bad sector");
	return real->child(o, list, index, out, err);
}

static struct store *store;
static struct tree *tree;
static struct ost_error err;
static struct store_ops ops;

static void begin(void)
{
	store = mailbox();
	real = store->core->ops;
	ops = *real;
	ops.next = next;
	ops.child = child;
	store->core->ops = &ops;
	bad_id = 0;
	bad_list = -1;
	add_message(store, MESSAGE, INBOX);
	fake_number(fake_again(store, INBOX), MAPI_LAST_MODIFICATION_TIME,
		    MAPI_TIME, filetime(MARCH_1 + 120));
}

static void sticks_to_what_it_was_read_through(void)
{
	struct store_object *o = NULL;
	struct store own, other, inner;

	begin();
	store_again(&own, store);
	store_again(&inner, &own);
	store_again(&other, store);
	CHECK(store_get(&inner, (struct store_id){ MESSAGE, 0 }, &o, &err) ==
	      OST_OK);
	CHECK(store_number(o, MAPI_PRIORITY, 7) == 7);
	CHECK(!store_failed(&inner)); /* it is not there: no failure */
	bad_id = MAPI_MESSAGE_DELIVERY_TIME;
	CHECK(store_number(o, MAPI_MESSAGE_DELIVERY_TIME, 7) == 7);
	CHECK(store_failed(&inner) && store_failed(&own));
	CHECK(store_failed(store) && !store_failed(&other));
	store_drop(o);

	/* Once it is on its own, it alone. */
	store_again(&own, &other);
	store_settle(&own);
	CHECK(store_met(&own, OST_NO_MEMORY) == OST_NO_MEMORY);
	CHECK(store_failed(&own) && !store_failed(&other));
	store_again(&own, &other);
	CHECK(store_met(&own, OST_CORRUPT) == OST_CORRUPT);
	CHECK(!store_failed(&own));
	store_close(store);
}

/* A backend that gave what it could says so of the object. */
static enum ost_status half(struct store_object *o, enum store_list list,
			    size_t index, struct store_object **out,
			    struct ost_error *why)
{
	const enum ost_status st = real->child(o, list, index, out, why);

	if (st == OST_OK)
		object_met(*out, OST_IO);
	return st;
}

static void sticks_when_the_reader_made_up_for_it(void)
{
	struct store_object *o = NULL, *row = NULL;
	struct store own;

	begin();
	store_again(&own, store);
	ops.child = half;
	CHECK(store_get(&own, (struct store_id){ INBOX, 0 }, &o, &err) ==
	      OST_OK);
	CHECK(!store_failed(&own));
	CHECK(store_child(o, STORE_MESSAGES, 0, &row, &err) == OST_OK);
	CHECK(store_failed(&own));
	store_drop(row);
	store_drop(o);
	store_close(store);
}

static void a_map_of_names_is_read_again(void)
{
	static const struct store_name name = { .name = "Keywords" };
	struct fake *o;
	uint16_t id;

	begin();
	o = fake_again(store, MESSAGE);
	id = fake_name(store, name.guid, 0, name.name);
	fake_text(o, id, "Red");
	bad_id = 0x0003; /* the stream of its entries */
	CHECK(store_name_id(store, &name) == 0);
	CHECK(store_is_damaged(store));
	bad_id = 0;
	CHECK(store_name_id(store, &name) == id);
	CHECK(!store_is_damaged(store));
	store_close(store);
}

static unsigned votes;

static unsigned vote(struct store *s)
{
	votes++;
	return store_met(s, bad_id != 0 ? OST_IO : OST_OK) == OST_OK ? 1251 : 0;
}

static void evidence_is_asked_for_again(void)
{
	begin();
	store->core->codepage = 0;
	store_set_vote(store, vote);
	votes = 0;
	bad_id = 1;
	CHECK(store_evidence(store) == 0 && store_evidence(store) == 0);
	CHECK(votes == 2);
	bad_id = 0;
	CHECK(store_evidence(store) == 1251 && store_evidence(store) == 1251);
	CHECK(votes == 3);
	store_close(store);
}

static void a_time_that_cannot_be_read_now_is_not_kept(void)
{
	struct tree_node node;

	begin();
	tree = show(store);
	bad_id = MAPI_LAST_MODIFICATION_TIME;
	CHECK(tree_stat(tree, INBOX, &node, &err) == OST_OK);
	CHECK(node.passing && node.mtime != MARCH_1 + 120);
	bad_id = 0;
	CHECK(tree_stat(tree, INBOX, &node, &err) == OST_OK);
	CHECK(!node.passing && node.mtime == MARCH_1 + 120);
	tree_free(tree);
}

/* A mail that lacks what cannot be read now is no mail, yet. */
static void a_file_is_whole_or_fails(void)
{
	struct tree_node node;

	begin();
	tree = show(store);
	bad_id = MAPI_SUBJECT;
	CHECK(tree_stat(tree, MESSAGE, &node, &err) == OST_IO);
	bad_id = 0;
	CHECK(tree_stat(tree, MESSAGE, &node, &err) == OST_OK);
	CHECK(!node.passing && node.size > 1);
	/* It is kept, and so can be read whatever comes. */
	bad_id = MAPI_SUBJECT;
	CHECK(tree_stat(tree, MESSAGE, &node, &err) == OST_OK);
	CHECK(!node.passing);
	tree_free(tree);
}

static void no_name_is_denied_for_now(void)
{
	struct tree_node node;

	begin();
	tree = show(store);
	bad_list = STORE_FOLDERS;
	CHECK(tree_lookup(tree, TREE_ROOT, "Inbox", &node, &err) == OST_IO);
	CHECK(strstr(err.text, "cannot be read now") != NULL);
	bad_list = -1;
	CHECK(tree_lookup(tree, TREE_ROOT, "Inbox", &node, &err) == OST_OK);
	CHECK(node.ino == INBOX && !node.passing);
	CHECK(tree_lookup(tree, TREE_ROOT, "x", &node, &err) == OST_NOT_FOUND);
	tree_free(tree);
}

static void the_list_of_attachments_is_whole_or_fails(void)
{
	struct tree_node node;

	begin();
	add_file(fake_again(store, MESSAGE), "a.txt", "a");
	tree = show(store);
	bad_list = STORE_ATTACHMENTS;
	CHECK(tree_stat(tree, MESSAGE | UINT64_C(1) << 34, &node, &err) ==
	      OST_IO);
	bad_list = -1;
	CHECK(tree_stat(tree, MESSAGE | UINT64_C(1) << 34, &node, &err) ==
	      OST_OK);
	CHECK(node.size == 1 && !node.passing);
	tree_free(tree);
}

int main(void)
{
	RUN(sticks_to_what_it_was_read_through);
	RUN(sticks_when_the_reader_made_up_for_it);
	RUN(a_map_of_names_is_read_again);
	RUN(evidence_is_asked_for_again);
	RUN(a_time_that_cannot_be_read_now_is_not_kept);
	RUN(a_file_is_whole_or_fails);
	RUN(no_name_is_denied_for_now);
	RUN(the_list_of_attachments_is_whole_or_fails);
	return checked();
}
