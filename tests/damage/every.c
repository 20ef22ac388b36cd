/*
 * every.c - changes a small store in every place, one at a time
 *
 *	damage_every [--step N] [--first I] [--jobs J] [--save DIR]
 *	             [--structure] STORE...
 *
 * Each page and block is zeroed, and gets a flipped bit. Each entry of each
 * index page, and each word of each heap, has another value and checksums that
 * are right: so is each node, heap item and row index entry of the skeleton
 * hurt. Each such store is read to its end in a process of its own, of bounded
 * time and memory, as it is, healed, and now and then with what is recovered
 * (D1, D8).
 *
 * What was listed in the whole store must be listed, or a loss must be told;
 * what is listed opens by its name, or a loss is told (as --deep does it). A
 * property that lies under a right checksum nobody can tell: of these only the
 * folders and items must be there, not what a mail says that it has.
 *
 * What leads to something is structure. With --structure only that is: each
 * number of a node, a subnode or an XBLOCK, and the root of each table and list
 * of properties, is zeroed. Of what is shown then, each file is what it was, or
 * a loss is told.
 *
 * What is whole can be read: a file or directory that needs no byte of what
 * was changed is what it was, to its last byte. See survey.h.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit/ledger.h"
#include "forge.h"
#include "survey.h"

enum {
	SECONDS_MAX = 30,
	MEMORY_MAX = 512 << 10, /* KiB, with sanitizers */
	RECOVERED_EVERY = 16,
	HN_SIGNATURE = 0xEC,
	PROPERTIES = 0xBC,
	TABLE = 0x7C,
	BTH = 0xB5,
};

/* One change, and what is to be made right again after it. */
struct change {
	struct forge_place place;
	uint64_t at, value;
	size_t width; /* 0: all of it is zeroed */
	bool is_page, sealed, property, structure;
};

struct every {
	const char *path, *save;
	struct buf store, changes, whole; /* struct change; inode numbers */
	struct survey survey;		  /* of the whole store */
	uint64_t step, first;
	bool structure; /* only what is of this is changed */
	unsigned jobs, running;
	uint64_t done, failed;
};

static struct change *change_at(const struct every *e, size_t i)
{
	return (struct change *)(void *)e->changes.at + i;
}

static size_t change_count(const struct every *e)
{
	return e->changes.len / sizeof(struct change);
}

/* --- all places ---------------------------------------------------------- */

static void add(struct every *e, struct change c)
{
	if (c.structure == e->structure)
		buf_add(&e->changes, &c, sizeof(c));
	if (e->changes.bad)
		abort();
}

/* Zeroed, and one bit of it another, without a right checksum. */
static void add_thing(struct every *e, struct forge_place p, bool is_page)
{
	const uint64_t was = forge_get(&e->store, p.off, 1);

	add(e, (struct change){ .place = p, .is_page = is_page });
	add(e, (struct change){ .place = p,
				.at = p.off,
				.value = was ^ 1,
				.width = 1,
				.is_page = is_page });
}

static void add_word(struct every *e, struct forge_place p, uint64_t at,
		     size_t width, uint64_t change, bool is_page, bool property)
{
	add(e,
	    (struct change){ .place = p,
			     .at = at,
			     .value = forge_get(&e->store, at, width) ^ change,
			     .width = width,
			     .is_page = is_page,
			     .sealed = true,
			     .property = property });
}

/* Zeroed, unless it is; what it is of is the structure of the store. */
static void add_zero(struct every *e, struct forge_place p, uint64_t at,
		     size_t width, bool is_page)
{
	if (forge_get(&e->store, at, width) != 0)
		add(e, (struct change){ .place = p,
					.at = at,
					.width = width,
					.is_page = is_page,
					.sealed = true,
					.structure = true });
}

/* The numbers in an XBLOCK or a block of subnodes, and how many there are. */
static void add_internal(struct every *e, struct forge_place p)
{
	const size_t w = forge_header(&e->store).width;
	const uint64_t count = forge_get(&e->store, p.off + 2, 2);

	for (uint64_t at = p.off + (w == 4 ? 4 : 8); at + w <= p.off + p.size;
	     at += w)
		add_zero(e, p, at, w, false);
	add(e, (struct change){ .place = p,
				.at = p.off + 2,
				.value = count - 1,
				.width = 2,
				.sealed = true,
				.structure = true });
}

/* The roots of the B-trees in a heap, and the matrix of a table. */
static void add_roots(struct every *e, struct forge_place p)
{
	const uint64_t map = p.off + forge_get(&e->store, p.off, 2);
	const uint64_t count = forge_get(&e->store, map, 2);

	for (uint64_t i = 0; i < count; i++) {
		const uint64_t at =
			p.off + forge_get(&e->store, map + 4 + 2 * i, 2);
		const uint64_t end =
			p.off + forge_get(&e->store, map + 6 + 2 * i, 2);

		if (end - at == 8 && forge_get(&e->store, at, 1) == BTH)
			add_zero(e, p, at + 4, 4, false);
		if (end - at >= 22 && forge_get(&e->store, at, 1) == TABLE &&
		    end - at == 22 + 8 * forge_get(&e->store, at + 1, 1)) {
			add_zero(e, p, at + 10, 4, false);
			add_zero(e, p, at + 14, 4, false);
		}
	}
}

/* The key, and what it leads to, of each entry of a page. */
static void add_page(struct every *e, struct forge_place p, bool is_nodes)
{
	const struct forge_fields f = forge_page_fields(&e->store, &p);
	const uint64_t count = forge_get(&e->store, f.count, f.count_width);
	const uint64_t width = forge_get(&e->store, f.width, 1);
	const size_t w = forge_header(&e->store).width;

	add_thing(e, p, true);
	for (uint64_t i = 0; i < count; i++) {
		add_word(e, p, p.off + i * width, w, 0x40, true, false);
		add_word(e, p, p.off + i * width + w, w, 4, true, false);
		/* Of a node this is what is in it: another's, if it has one. */
		add_word(e, p, p.off + i * width + 2 * w, w, 0x40, true,
			 is_nodes);
		for (size_t k = 0; is_nodes && k < 3; k++)
			add_zero(e, p, p.off + i * width + k * w, w, true);
	}
}

/* Each word of a heap; of other blocks the first eight. */
static void add_block(struct every *e, struct forge_place p, bool is_internal)
{
	const bool is_heap = p.size > 12 &&
			     forge_get(&e->store, p.off + 2, 1) == HN_SIGNATURE;
	const bool property =
		is_heap && forge_get(&e->store, p.off + 3, 1) == PROPERTIES;
	const uint64_t end = is_heap || p.size < 32 ? p.size : 32;

	add_thing(e, p, false);
	if (is_heap)
		add_roots(e, p);
	if (is_internal)
		add_internal(e, p);
	for (uint64_t at = 0; at + 2 <= end; at += 2)
		add_word(e, p, p.off + at, 2, 0x20, false, property);
}

static void find_places(struct every *e)
{
	const size_t w = forge_header(&e->store).width;
	struct forge_place p, block;

	for (int tree = FORGE_BBT; tree <= FORGE_NBT; tree++)
		for (unsigned level = 0;
		     level < forge_levels(&e->store, (enum forge_btree)tree);
		     level++)
			for (size_t i = 0;
			     forge_find_page(&e->store, (enum forge_btree)tree,
					     level, i, &p);
			     i++)
				add_page(e, p, tree == FORGE_NBT);
	for (size_t i = 0; forge_find_page(&e->store, FORGE_BBT, 0, i, &p);
	     i++) {
		const struct forge_fields f = forge_page_fields(&e->store, &p);
		const uint64_t count =
			forge_get(&e->store, f.count, f.count_width);
		const uint64_t width = forge_get(&e->store, f.width, 1);

		for (uint64_t k = 0; k < count; k++) {
			const uint64_t bid =
				forge_get(&e->store, p.off + k * width, w);

			if (forge_find_block(&e->store, bid, &block))
				add_block(e, block, (bid & 2) != 0);
		}
	}
}

static void apply(struct buf *store, const struct change *c)
{
	if (c->width == 0)
		memset(store->at + c->place.off, 0, c->place.whole);
	else
		forge_put(store, c->at, c->width, c->value);
	if (c->sealed && c->is_page)
		forge_seal_page(store, &c->place);
	else if (c->sealed)
		forge_seal_block(store, &c->place);
}

/* --- what a store shows -------------------------------------------------- */

struct shown {
	struct tree *t;
	struct buf inos; /* uint64_t */
};

static bool take_one(void *arg, const struct tree_entry *e)
{
	struct shown *s = arg;

	buf_add(&s->inos, &e->ino, sizeof(e->ino));
	return true;
}

static bool visit(void *arg, const struct walk_entry *e)
{
	struct shown *s = arg;
	struct ost_error err;

	if (e->why == NULL)
		buf_add(&s->inos, &e->ino, sizeof(e->ino));
	if (e->what.kind == TREE_ATTACHMENTS)
		(void)!tree_list(s->t, e->ino, 0, take_one, s, &err);
	return true;
}

static int by_ino(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int memory_file(const struct buf *bytes, char path[64])
{
	const struct timespec old[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	const int fd = memfd_create("store", MFD_CLOEXEC);

	if (fd < 0 || write(fd, bytes->at, bytes->len) != (ssize_t)bytes->len ||
	    futimens(fd, old) != 0)
		abort();
	snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd;
}

/*
 * All that is shown, and whether a loss is told. False: it cannot be opened,
 * which is told too.
 */
static bool read_store(const struct buf *bytes, bool heal, bool recovered,
		       struct buf *inos, bool *told)
{
	const struct store_options how = { .heal = heal, .recover = recovered };
	const struct tree_options options = { .whole_store = true,
					      .recovered = recovered };
	const struct ledger_options deep = { .deep = true, .threads = 1 };
	struct shown shown = { 0 };
	struct ledger *l = NULL;
	struct store *s = NULL;
	struct ost_error err = { "" };
	char path[64];
	const int fd = memory_file(bytes, path);
	bool good = store_open(&s, path, &store_native, &how, &err) == OST_OK;

	*told = !good;
	if (good)
		good = tree_new(&shown.t, s, &options, &err) == OST_OK &&
		       ledger_make(&l, shown.t, &deep, &err) == OST_OK &&
		       walk_tree(shown.t, visit, &shown, &err) == OST_OK;
	if (l != NULL)
		*told = ledger_losses(l) > 0;
	ledger_free(l);
	tree_free(shown.t);
	close(fd);
	if (!good && !*told) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	if (shown.inos.len > 0)
		qsort(shown.inos.at, shown.inos.len / 8, 8, by_ino);
	*inos = shown.inos;
	return good;
}

/* The first number of `was` that `is` lacks; 0: none. */
static uint64_t lacking(const struct buf *was, const struct buf *is,
			bool things_only)
{
	for (size_t i = 0; i < was->len / 8; i++) {
		const uint64_t *ino = (const uint64_t *)(void *)was->at + i;

		if (things_only && *ino >> 32 != 0)
			continue; /* an attachment, or the directory of some */
		if (is->len == 0 ||
		    bsearch(ino, is->at, is->len / 8, 8, by_ino) == NULL)
			return *ino;
	}
	return 0;
}

/* --- one change ---------------------------------------------------------- */

static void tell(const struct every *e, size_t n, bool heal, const char *what,
		 uint64_t ino)
{
	const struct change *c = change_at(e, n);

	printf("%s: change %zu%s (%s at %#" PRIx64 ", byte %" PRIu64
	       "%s): %s %" PRIx64 "\n",
	       e->path, n, heal ? ", healed" : "",
	       c->is_page ? "page" : "block", c->place.off,
	       c->width > 0 ? c->at - c->place.off : 0,
	       c->width == 0 ? ", zeroed"
	       : c->sealed   ? ", sealed"
			     : "",
	       what, ino);
}

/*
 * Is all that needs nothing of what was changed as it was? And if that was
 * structure and no loss is told, is all?
 */
static bool whole_is_read(const struct every *e, size_t n, bool heal, bool told)
{
	const struct change *c = change_at(e, n);
	const struct range hurt = { c->place.off,
				    c->place.off + c->place.whole };
	struct tree *t = NULL;
	struct ost_error err;
	char path[64];
	const int fd = memory_file(&e->store, path);
	const bool opened = survey_open(&t, path, heal, &err) == OST_OK;
	bool good = true;

	for (size_t i = 0; i < e->survey.count; i++) {
		const struct survey_entry *one = &e->survey.at[i];
		const bool needs = entry_needs(one, &hurt, 1);
		struct look is = { .status = OST_CORRUPT };

		if (needs && (told || !c->structure))
			continue;
		if (opened)
			look_at(t, one, &is);
		if (!look_is_same(&one->look, &is)) {
			printf("%s\n", one->path);
			tell(e, n, heal,
			     needs ? "is other than it was, untold,"
				   : "is whole, and other than it was",
			     one->look.node.ino);
			good = false;
		}
		look_free(&is);
	}
	tree_free(t);
	close(fd);
	return good;
}

static int child(struct every *e, size_t n)
{
	const struct rlimit seconds = { SECONDS_MAX, SECONDS_MAX + 1 };
	const struct change *c = change_at(e, n);
	struct rusage used;
	int failed = 0;

	setrlimit(RLIMIT_CPU, &seconds);
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	apply(&e->store, c);
	for (int heal = 0; heal < 2; heal++) {
		struct buf inos = { 0 };
		bool told;
		uint64_t gone;

		(void)read_store(&e->store, heal > 0, n % RECOVERED_EVERY == 0,
				 &inos, &told);
		gone = lacking(&e->whole, &inos, c->property);
		if (gone != 0 && !told) {
			tell(e, n, heal > 0, "nothing tells of the loss of",
			     gone);
			failed = 1;
		}
		buf_free(&inos);
		if (!whole_is_read(e, n, heal > 0, told))
			failed = 1;
	}
	if (getrusage(RUSAGE_SELF, &used) != 0 || used.ru_maxrss > MEMORY_MAX) {
		tell(e, n, false, "it took KiB", (uint64_t)(used.ru_maxrss));
		failed = 1;
	}
	fflush(stdout);
	return failed;
}

static void await_one(struct every *e)
{
	int status;

	if (wait(&status) < 0)
		abort();
	if (!WIFEXITED(status))
		printf("%s: a process ended with status %#x\n", e->path,
		       (unsigned)status);
	e->failed += status != 0;
	e->running--;
}

static void try_one(struct every *e, size_t n)
{
	pid_t pid;

	if (e->running == e->jobs)
		await_one(e);
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		abort();
	if (pid == 0)
		_exit(child(e, n));
	e->running++;
	e->done++;
}

static void save_one(const struct every *e, size_t n)
{
	struct buf bytes = { 0 };
	char path[4096];
	FILE *f;

	buf_add(&bytes, e->store.at, e->store.len);
	apply(&bytes, change_at(e, n));
	const char *slash = strrchr(e->path, '/');

	snprintf(path, sizeof(path), "%s/%zu-%s", e->save, n,
		 slash != NULL ? slash + 1 : e->path);
	f = fopen(path, "w");
	if (f == NULL || fwrite(bytes.at, 1, bytes.len, f) != bytes.len ||
	    fclose(f) != 0)
		abort();
	buf_free(&bytes);
}

/* --- all of them --------------------------------------------------------- */

static bool load(struct every *e)
{
	FILE *f = fopen(e->path, "r");
	char bytes[65536];
	size_t got;

	if (f == NULL)
		return false;
	while ((got = fread(bytes, 1, sizeof(bytes), f)) > 0)
		buf_add(&e->store, bytes, got);
	return fclose(f) == 0 && !e->store.bad;
}

/* What is in the store while it is whole, and what of it that needs. */
static bool survey(struct every *e)
{
	char path[64];
	const int fd = memory_file(&e->store, path);
	bool told = false;
	const bool good =
		read_store(&e->store, false, false, &e->whole, &told) &&
		!told && survey_make(&e->survey, path);

	close(fd);
	return good;
}

static bool run(struct every *e)
{
	if (!load(e)) {
		fprintf(stderr, "%s: %s\n", e->path, strerror(errno));
		return false;
	}
	if (!survey(e)) {
		fprintf(stderr, "%s: is not whole to begin with\n", e->path);
		return false;
	}
	find_places(e);
	for (size_t n = e->first; n < change_count(e); n += e->step)
		e->save != NULL ? save_one(e, n) : try_one(e, n);
	while (e->running > 0)
		await_one(e);
	printf("%s: %zu changes, %" PRIu64 " tried, %" PRIu64 " failed\n",
	       e->path, change_count(e), e->done, e->failed);
	buf_free(&e->store);
	buf_free(&e->changes);
	buf_free(&e->whole);
	survey_free(&e->survey);
	return e->failed == 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "step", required_argument, NULL, 's' },
		{ "first", required_argument, NULL, 'f' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "save", required_argument, NULL, 'o' },
		{ "structure", no_argument, NULL, 't' },
		{ 0 },
	};
	struct every how = { .step = 1, .jobs = 2 };
	bool good = true;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 's')
			how.step = strtoull(optarg, NULL, 10);
		else if (option == 'f')
			how.first = strtoull(optarg, NULL, 10);
		else if (option == 'j')
			how.jobs = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 't')
			how.structure = true;
		else if (option == 'o')
			how.save = optarg;
		else
			return 1;
	}
	if (optind == argc || how.step == 0 || how.jobs == 0) {
		fprintf(stderr,
			"usage: %s [--step N] [--first I] [--jobs J] "
			"[--save DIR] [--structure] STORE...\n",
			argv[0]);
		return 1;
	}
	for (int i = optind; i < argc; i++) {
		struct every e = how;

		e.path = argv[i];
		good &= run(&e);
	}
	return good ? 0 : 1;
}
