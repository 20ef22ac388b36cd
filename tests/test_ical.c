/*
 * test_ical.c - appointments, meetings, tasks and journal entries
 *
 *	test_ical		the tests
 *	test_ical DIR		the same; leaves each calendar in DIR
 *	test_ical DIR STORE...	writes all calendar items of the stores to DIR
 */
#include "icalkit.h"

/* --- the items of real stores ------------------------------------------- */

static void write_item(struct store *s, uint32_t nid, const char *name,
		       size_t *count)
{
	struct store_object *o = NULL;
	struct buf class = { 0 };
	struct ost_error err;

	CHECK(store_get(s, (struct store_id){ nid, 0 }, &o, &err) == OST_OK);
	if (o != NULL && value_class(o, &class, &err) == OST_OK &&
	    ical_is(buf_span(&class))) {
		struct buf text = { 0 };
		struct notes notes = { 0 };
		char file[300];

		CHECK(ical_write(o, &text, &notes, &err) == OST_OK);
		snprintf(file, sizeof(file), "%s-%x", name, o->id.nid);
		leave(file, &text);
		unfold(&text);
		buf_free(&text);
		++*count;
	}
	buf_free(&class);
	store_drop(o);
}

static int write_store(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct store *s = NULL;
	struct store_object *top = NULL, *o = NULL;
	struct ost_error err = { "" };
	size_t count = 0;

	if (store_open(&s, path, &store_native, 64 << 20, &err) != OST_OK ||
	    store_get(s, (struct store_id){ MAPI_NID_STORE, 0 }, &top, &err) !=
		    OST_OK) {
		fprintf(stderr, "%s: %s\n", path, err.text);
		store_close(s);
		return 1;
	}
	for (size_t nid = 0;
	     store_child(top, STORE_NODES, nid, &o, &err) == OST_OK;) {
		nid = (size_t)o->id.nid + 1;
		if ((o->id.nid & MAPI_NID_TYPE) == MAPI_NID_MESSAGE)
			write_item(s, o->id.nid,
				   slash != NULL ? slash + 1 : path, &count);
		store_drop(o);
	}
	store_drop(top);
	store_close(s);
	printf("%s: %zu items\n", path, count);
	return 0;
}

int main(int argc, char **argv)
{
	int failed = 0;

	if (argc > 1)
		directory = argv[1];
	for (int i = 2; i < argc; i++)
		failed |= write_store(argv[i]);
	if (argc > 2)
		return failed || checked();
	return checked();
}
