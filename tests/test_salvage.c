/*
 * test_salvage.c - folders and messages of stores that are damaged, and
 * messages that are no more
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "forge.h"
#include "store/backend.h"
#include "store/store.h"

enum { FOLDERS = 3, MESSAGES = 5, DEPTH_MAX = 5 };

/* FOLDERS in the mailbox, with MESSAGES each; `folders` get their NIDs. */
static struct buf forge_it(int format, uint32_t folders[FOLDERS])
{
	const struct forge_options how = {
		.format = (enum forge_format)format,
		.encoding = FORGE_PERMUTE,
		.page_entries = 6,
	};
	struct forge *f = forge_new(&how);
	struct buf out = { 0 };
	struct ost_error err;

	for (int i = 0; i < FOLDERS; i++) {
		char name[24];

		snprintf(name, sizeof(name), "Folder %d", i);
		folders[i] = forge_folder_named(f, forge_ipm(f), name);
		for (int k = 0; k < MESSAGES; k++) {
			struct forge_message m = { 0 };
			struct forge_attachment *a = forge_attachment(&m);
			char subject[32];

			snprintf(subject, sizeof(subject), "%d of %d", k, i);
			forge_text(&m.props, MAPI_SUBJECT, subject);
			forge_binary(&a->props, MAPI_ATTACH_DATA, subject,
				     strlen(subject));
			forge_add(f, folders[i], &m);
			forge_message_free(&m);
		}
	}
	CHECK(forge_finish(f, &out, &err) == OST_OK);
	return out;
}

static struct store *open_it(const struct buf *bytes,
			     const struct store_options *options)
{
	const int fd = memfd_create("store", 0);
	struct store *s = NULL;
	struct ost_error err = { "" };
	char path[64];

	CHECK(fd >= 0 &&
	      write(fd, bytes->at, bytes->len) == (ssize_t)bytes->len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CHECK(store_open(&s, path, &store_native, options, &err) == OST_OK);
	if (s == NULL)
		fprintf(stderr, "%s\n", err.text);
	close(fd);
	return s;
}

static struct store_object *get(struct store *s, uint32_t nid)
{
	struct store_object *o = NULL;
	struct ost_error err = { "" };

	CHECK(store_get(s, (struct store_id){ nid, 0 }, &o, &err) == OST_OK);
	if (o == NULL)
		fprintf(stderr, "%s\n", err.text);
	return o;
}

/* The subject, then what is in the attachment. */
static void describe(struct store_object *message, struct buf *out)
{
	struct store_object *a = NULL;
	struct ost_error err;

	CHECK(store_text(message, MAPI_SUBJECT, out, NULL, &err) == OST_OK);
	buf_str(out, ": ");
	CHECK(store_child(message, STORE_ATTACHMENTS, 0, &a, &err) == OST_OK);
	if (a != NULL)
		CHECK(store_bytes(a, MAPI_ATTACH_DATA, 100, out, &err) ==
		      OST_OK);
	store_drop(a);
}

/* How many messages there are below a folder that can be read. */
static size_t count_below(struct store *s, struct store_object *folder,
			  unsigned depth)
{
	struct store_object *o = NULL;
	struct ost_error err;
	size_t count = 0;

	for (size_t i = 0;
	     store_child(folder, STORE_MESSAGES, i, &o, &err) == OST_OK; i++) {
		const struct store_id id = { o->id.nid, 0 };
		struct store_object *again = NULL, *whole = NULL;
		struct buf text = { 0 };

		CHECK(o->id.folder == folder->id.nid);
		CHECK(store_get(s, o->id, &again, &err) == OST_OK);
		if (store_get(s, id, &whole, &err) == OST_OK) {
			describe(whole, &text);
			count++;
		}
		store_drop(again);
		buf_free(&text);
		store_drop(whole);
		store_drop(o);
	}
	for (size_t i = 0; depth > 0 && store_child(folder, STORE_FOLDERS, i,
						    &o, &err) == OST_OK;
	     i++) {
		count += count_below(s, o, depth - 1);
		store_drop(o);
	}
	return count;
}

static size_t count_all(struct store *s)
{
	struct store_object *root = get(s, MAPI_NID_ROOT_FOLDER);
	size_t count = 0;

	if (root != NULL)
		count = count_below(s, root, DEPTH_MAX);
	store_drop(root);
	return count;
}

/* Messages named by a page of the node B-tree. */
static size_t messages_on(const struct buf *store,
			  const struct forge_place *page)
{
	const struct forge_fields f = forge_page_fields(store, page);
	size_t count = 0;

	for (size_t i = 0; i < forge_get(store, f.count, f.count_width); i++)
		count +=
			(forge_get(store,
				   page->off + i * forge_get(store, f.width, 1),
				   1) &
			 MAPI_NID_TYPE) == MAPI_NID_MESSAGE;
	return count;
}

/*
 * Each leaf of the node B-tree is destroyed in turn: all other messages are
 * in folders still, whichever folders and tables were on the leaf.
 */
static void messages_are_reached_without_their_folders(void)
{
	const struct store_options heal = { .heal = true };

	for (int format = FORGE_ANSI; format <= FORGE_UNICODE_4K; format++) {
		uint32_t folders[FOLDERS];
		struct buf bytes = forge_it(format, folders);
		struct forge_place page;
		size_t pages = 0;

		for (; forge_find_page(&bytes, FORGE_NBT, 0, pages, &page);
		     pages++) {
			const size_t lost = messages_on(&bytes, &page);
			char kept[4096];

			memcpy(kept, bytes.at + page.off, page.whole);
			memset(bytes.at + page.off, 0, page.whole);

			struct store *s = open_it(&bytes, &heal);
			CHECK(count_all(s) == FOLDERS * MESSAGES - lost);
			CHECK(s->core->info.healing.pages == 1);
			store_close(s);
			memcpy(bytes.at + page.off, kept, page.whole);
		}
		CHECK(pages > 5);
		buf_free(&bytes);
	}
}

static void damage_is_told(void)
{
	uint32_t folders[FOLDERS];
	struct buf bytes = forge_it(FORGE_UNICODE, folders);
	struct forge_place page;
	struct store_damage damage;

	CHECK(forge_find_page(&bytes, FORGE_NBT, 0, 7, &page));
	bytes.at[page.off] ^= 1;
	for (int heal = 0; heal < 2; heal++) {
		const struct store_options options = { .heal = heal > 0 };
		struct store *s = open_it(&bytes, &options);

		(void)count_all(s);
		CHECK(store_damage(s, 0, &damage));
		CHECK_STR(damage.what, "node index page");
		CHECK(damage.off == page.off);
		CHECK(strncmp(damage.why.text, "page CRC is ", 12) == 0);
		CHECK(!store_damage(s, 1, &damage));
		store_close(s);
	}
	buf_free(&bytes);
}

/* The place of a node's entry in its leaf. */
static struct forge_entry entry_of(const struct buf *bytes, uint32_t nid)
{
	struct forge_entry e = { 0 };

	CHECK(forge_find_entry(bytes, FORGE_NBT, nid, &e));
	return e;
}

/* The first block of a node's data fails its CRC from here on. */
static void spoil(struct buf *bytes, uint32_t nid)
{
	struct forge_place block;

	CHECK(forge_find_block(bytes, entry_of(bytes, nid).bid, &block));
	bytes->at[block.off] ^= 1;
}

/* Else who lists it never comes to an end. */
static void a_list_that_is_lost_is_one_error_long(void)
{
	enum { HIERARCHY = 0x0D, CONTENTS = 0x0E };
	uint32_t folders[FOLDERS];
	struct buf bytes = forge_it(FORGE_UNICODE, folders);
	const uint32_t table = folders[0] & ~(uint32_t)MAPI_NID_TYPE;
	struct store_object *folder, *child = NULL;
	struct ost_error err;
	struct store *s;

	spoil(&bytes, table | HIERARCHY);
	spoil(&bytes, table | CONTENTS);
	s = open_it(&bytes, NULL);
	folder = get(s, folders[0]);
	for (int list = STORE_FOLDERS; list <= STORE_MESSAGES; list++) {
		CHECK(store_child(folder, (enum store_list)list, 0, &child,
				  &err) == OST_CORRUPT);
		CHECK(store_child(folder, (enum store_list)list, 1, &child,
				  &err) == OST_NOT_FOUND);
	}
	store_drop(folder);
	store_close(s);
	buf_free(&bytes);
}

static void what_all_items_share_is_missed(void)
{
	static const uint32_t shared[] = { 0, MAPI_NID_STORE, MAPI_NID_NAMES };

	for (unsigned i = 0; i < 6; i++) {
		const struct store_options options = { .heal = i % 2 > 0 };
		uint32_t folders[FOLDERS];
		struct buf bytes = forge_it(FORGE_UNICODE, folders);
		struct store *s;

		if (i >= 2)
			spoil(&bytes, shared[i / 2]);
		s = open_it(&bytes, &options);
		CHECK(store_is_damaged(s) == (i >= 2));
		store_close(s);
		buf_free(&bytes);
	}
}

/* The NID of a message of a folder. */
static uint32_t message_of(struct store *s, uint32_t folder, size_t index)
{
	struct store_object *o = get(s, folder), *child = NULL;
	struct ost_error err;
	uint32_t nid = 0;

	if (o != NULL &&
	    store_child(o, STORE_MESSAGES, index, &child, &err) == OST_OK)
		nid = child->id.nid;
	store_drop(child);
	store_drop(o);
	return nid;
}

static struct store_object *recovered(struct store *s, size_t index)
{
	struct store_object *top = get(s, MAPI_NID_STORE), *o = NULL;
	struct ost_error err;

	(void)!store_child(top, STORE_RECOVERED, index, &o, &err);
	store_drop(top);
	return o;
}

static void deleted_messages_are_read(void)
{
	const struct store_options recover = { .recover = true };

	for (int format = FORGE_ANSI; format <= FORGE_UNICODE_4K; format++) {
		uint32_t folders[FOLDERS];
		struct buf bytes = forge_it(format, folders), text = { 0 };
		struct store *s = open_it(&bytes, NULL);
		const uint32_t first = message_of(s, folders[1], 2);
		const uint32_t second = message_of(s, folders[2], 0);
		struct store_object *o, *again;

		CHECK(recovered(s, 0) == NULL); /* not asked for */
		store_close(s);
		CHECK(forge_forget(&bytes, second));
		CHECK(forge_forget(&bytes, first));
		s = open_it(&bytes, &recover);
		o = recovered(s, 0);
		CHECK(o != NULL && o->original_nid == first &&
		      o->parent == folders[1]);
		CHECK(o != NULL && o->id.nid == MAPI_NID_RECOVERED);
		if (o != NULL)
			describe(o, &text);
		CHECK_STR(buf_text(&text), "2 of 1: 2 of 1");
		store_drop(o);

		again = get(s, 1 << 5 | MAPI_NID_RECOVERED);
		CHECK(again != NULL && again->original_nid == second);
		store_drop(again);
		CHECK(recovered(s, 2) == NULL);
		store_close(s);
		buf_free(&text);
		buf_free(&bytes);
	}
}

/* A message whose own data is overwritten is none; its attachment may be. */
static void what_is_overwritten_is_not_recovered(void)
{
	const struct store_options recover = { .recover = true };
	uint32_t folders[FOLDERS];
	struct buf bytes = forge_it(FORGE_UNICODE, folders);
	struct store *s = open_it(&bytes, NULL);
	const uint32_t nid = message_of(s, folders[0], 1);
	const uint64_t data = entry_of(&bytes, nid).bid;
	struct store_object *o;
	struct forge_place block;

	store_close(s);
	CHECK(forge_forget(&bytes, nid));
	s = open_it(&bytes, &recover);
	o = recovered(s, 0);
	CHECK(o != NULL);
	store_drop(o);
	store_close(s);

	CHECK(forge_find_block(&bytes, data, &block));
	bytes.at[block.off + 9] ^= 4;
	s = open_it(&bytes, &recover);
	CHECK(recovered(s, 0) == NULL);
	store_close(s);
	buf_free(&bytes);
}

int main(void)
{
	RUN(messages_are_reached_without_their_folders);
	RUN(damage_is_told);
	RUN(a_list_that_is_lost_is_one_error_long);
	RUN(what_all_items_share_is_missed);
	RUN(deleted_messages_are_read);
	RUN(what_is_overwritten_is_not_recovered);
	return checked();
}
