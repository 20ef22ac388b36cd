/*
 * damage.c - damages stores in every way, and holds us to what we promise
 *
 *	damage [--count N] [--seed S] [--first I] [--jobs J] [--save DIR]
 *	       STORE...
 *
 * Each mutation of each store is read in a process of its own, of bounded
 * time and memory, as it is and with healing. It must not crash or hang; what
 * shares no byte with the damage must be what it was; and what is not as it
 * was must say so. Prints what was lost, by kind of damage, as a table; exits
 * 1 if a promise was broken.
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

#include "mutate.h"

enum { SECONDS_MAX = 60, MEMORY_MAX = 1 << 20 /* KiB */, JOBS_MAX = 16 };

/* What became of the entries of a store. */
struct outcome {
	uint64_t intact;
	uint64_t degraded; /* and it is said */
	uint64_t lost;	   /* and it is said */
	uint64_t silent;   /* not what it was, and nothing says so */
	uint64_t spread;   /* not what it was, though no byte of it is hurt */
	uint64_t misled;   /* the same, but by a lie that is well sealed */
	bool unopened;
	bool done; /* else the process died */
};

struct table {
	struct outcome sum[MUTATIONS][2]; /* as it is, healed */
	uint64_t stores[MUTATIONS], unopened[MUTATIONS][2];
	uint64_t deaths;
};

struct campaign {
	uint64_t count, seed, first;
	unsigned jobs;
	const char *save; /* a directory for what would be read */
	const char *path; /* of the store now in work */
	struct buf store;
	struct survey survey;
	struct outcome *outcomes; /* shared by all processes */
	struct table table;
};

static enum mutation kind_of(uint64_t n)
{
	return (enum mutation)(n % MUTATIONS);
}

/* --- one look at a damaged store ---------------------------------------- */

/* What is not there, or is other than it was: does anything say so? */
static bool is_said(struct tree *t, const struct look *was,
		    const struct look *is)
{
	struct store_damage d;

	if (is->status != OST_OK && is->status != OST_NOT_FOUND)
		return true;
	if (is->status == OST_OK && !is->node.is_dir)
		return !look_same_bytes(&was->notes, &is->notes);
	return store_damage(tree_store(t), 0, &d);
}

static void tell(const struct campaign *c, uint64_t n, bool heal,
		 const char *what, const struct survey_entry *e,
		 const struct look *is)
{
	printf("%s: mutation %" PRIu64 " (%s)%s: %s: %s: %s\n", c->path, n,
	       mutation_names[kind_of(n)], heal ? ", healed" : "",
	       e->path[0] != '\0' ? e->path : "/", what,
	       is->status == OST_OK ? "read without an error" : is->why.text);
}

static void judge(const struct campaign *c, struct tree *t, uint64_t n,
		  bool heal, const struct hurt *hurt,
		  const struct survey_entry *e, struct outcome *out)
{
	const bool sealed = kind_of(n) >= MUTATE_LIE;
	struct look is;

	look_at(t, e, &is);
	if (is.status == OST_BUG)
		abort();
	if (is.status == OST_OK && is.node.ino != e->look.node.ino)
		is.status = ost_fail(&is.why, OST_NOT_FOUND,
				     "another thing has its name");
	if (look_is_same(&e->look, &is)) {
		out->intact++;
	} else if (!entry_needs(e, hurt->at, hurt->count)) {
		tell(c, n, heal, "changed, though none of it is hurt", e, &is);
		out->spread++;
	} else if (!is_said(t, &e->look, &is) && sealed) {
		out->misled++;
	} else if (!is_said(t, &e->look, &is)) {
		tell(c, n, heal, "changed, and nothing says so", e, &is);
		out->silent++;
	} else if (is.status == OST_OK) {
		out->degraded++;
	} else {
		out->lost++;
	}
	look_free(&is);
}

/* The child: all entries of the damaged store. */
static void look_at_all(const struct campaign *c, uint64_t n, bool heal,
			const char *path, const struct hurt *hurt,
			struct outcome *out)
{
	struct tree *t = NULL;
	struct ost_error err;
	const enum ost_status st = survey_open(&t, path, heal, &err);

	if (st == OST_BUG)
		abort();
	out->unopened = t == NULL;
	for (size_t i = 0; t == NULL && i < c->survey.count; i++)
		out->lost++;
	for (size_t i = 0; t != NULL && i < c->survey.count; i++)
		judge(c, t, n, heal, hurt, &c->survey.at[i], out);
	tree_free(t);
}

static void limit(void)
{
	const struct rlimit seconds = { SECONDS_MAX, SECONDS_MAX + 1 };

	setrlimit(RLIMIT_CPU, &seconds);
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	alarm(10 * SECONDS_MAX); /* for one that sleeps for ever */
}

static bool within_memory(void)
{
	struct rusage used;

	return getrusage(RUSAGE_SELF, &used) == 0 &&
	       used.ru_maxrss < MEMORY_MAX;
}

/* A file in memory with the bytes of a store, as old as all others. */
static int memory_file(const struct buf *bytes, char path[64])
{
	const struct timespec times[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	const int fd = memfd_create("store", MFD_CLOEXEC);

	if (fd < 0 ||
	    (bytes->len > 0 &&
	     write(fd, bytes->at, bytes->len) != (ssize_t)bytes->len) ||
	    futimens(fd, times) != 0)
		abort();
	snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd;
}

static int child(struct campaign *c, uint64_t n)
{
	const struct hurt hurt =
		mutate(&c->store, &c->survey, kind_of(n), c->seed + n);
	char path[64];

	limit();
	(void)memory_file(&c->store, path);
	for (int heal = 0; heal < 2; heal++) {
		struct outcome *out = &c->outcomes[2 * n + (unsigned)heal];

		look_at_all(c, n, heal, path, &hurt, out);
		out->done = within_memory();
	}
	fflush(stdout);
	return 0;
}

/* --- many --------------------------------------------------------------- */

static bool save(const struct campaign *c, uint64_t n)
{
	struct buf bytes = { 0 };
	struct hurt hurt;
	char path[4096];
	FILE *f;
	bool good;

	buf_add(&bytes, c->store.at, c->store.len);
	hurt = mutate(&bytes, &c->survey, kind_of(n), c->seed + n);
	snprintf(path, sizeof(path), "%s/%u-%" PRIu64 "-%s", c->save,
		 (unsigned)kind_of(n), n, strrchr(c->path, '/') + 1);
	f = hurt.count > 0 ? fopen(path, "w") : NULL;
	good = f != NULL && fwrite(bytes.at, 1, bytes.len, f) == bytes.len;
	buf_free(&bytes);
	return f != NULL ? fclose(f) == 0 && good : hurt.count == 0;
}

static void await_one(struct campaign *c)
{
	int status;

	if (wait(&status) < 0)
		abort();
	if (status != 0) {
		printf("%s: a process ended with status %#x\n", c->path,
		       (unsigned)status);
		c->table.deaths++;
	}
}

static void mutate_all(struct campaign *c)
{
	unsigned running = 0;

	fflush(stdout);
	for (uint64_t n = c->first; n < c->count; n++) {
		if (running == c->jobs) {
			await_one(c);
			running--;
		}
		const pid_t pid = fork();

		if (pid < 0)
			abort();
		if (pid == 0)
			exit(child(c, n));
		running++;
	}
	for (; running > 0; running--)
		await_one(c);
}

static void add(struct outcome *sum, const struct outcome *o)
{
	sum->intact += o->intact;
	sum->degraded += o->degraded;
	sum->lost += o->lost;
	sum->silent += o->silent;
	sum->spread += o->spread;
	sum->misled += o->misled;
}

static void sum_up(struct campaign *c)
{
	struct table *t = &c->table;

	for (uint64_t n = c->first; n < c->count; n++) {
		t->stores[kind_of(n)]++;
		for (unsigned heal = 0; heal < 2; heal++) {
			const struct outcome *o = &c->outcomes[2 * n + heal];

			add(&t->sum[kind_of(n)][heal], o);
			t->unopened[kind_of(n)][heal] += o->unopened;
			if (o->done)
				continue;
			printf("%s: mutation %" PRIu64
			       " (%s)%s: took too much, or died\n",
			       c->path, n, mutation_names[kind_of(n)],
			       heal > 0 ? ", healed" : "");
			t->deaths++;
		}
	}
}

static bool read_store(struct campaign *c)
{
	FILE *f = fopen(c->path, "r");
	struct stat st;
	void *at;
	bool good;

	if (f == NULL || fstat(fileno(f), &st) != 0)
		return false;
	at = buf_more(&c->store, (size_t)st.st_size);
	good = at != NULL && fread(at, 1, c->store.len, f) == c->store.len;
	fclose(f);
	return good;
}

static bool run(struct campaign *c)
{
	const size_t size = (size_t)c->count * 2 * sizeof(*c->outcomes);
	char path[64];
	int fd;
	bool good;

	c->store = (struct buf){ 0 };
	if (!read_store(c)) {
		fprintf(stderr, "%s: %s\n", c->path, strerror(errno));
		return false;
	}
	fd = memory_file(&c->store, path);
	good = survey_make(&c->survey, path);
	close(fd);
	c->outcomes = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (c->outcomes == MAP_FAILED)
		abort();
	for (uint64_t n = c->first; good && c->save && n < c->count; n++)
		good = save(c, n);
	if (good && c->save == NULL) {
		mutate_all(c);
		sum_up(c);
	}
	munmap(c->outcomes, size);
	survey_free(&c->survey);
	buf_free(&c->store);
	return good;
}

/* --- the table ---------------------------------------------------------- */

static double percent(uint64_t part, const struct outcome *o)
{
	const uint64_t all = o->intact + o->degraded + o->lost + o->silent +
			     o->spread + o->misled;

	return all > 0 ? 100.0 * (double)part / (double)all : 0;
}

static void put_row(const char *name, uint64_t stores,
		    const uint64_t unopened[2], const struct outcome o[2])
{
	printf("| %s | %" PRIu64 " | %" PRIu64 " / %" PRIu64
	       " | %.2f / %.2f | %.2f / %.2f | %.2f / %.2f | %.2f / %.2f"
	       " | %" PRIu64 " / %" PRIu64 " |\n",
	       name, stores, unopened[0], unopened[1], percent(o[0].intact, o),
	       percent(o[1].intact, o + 1), percent(o[0].degraded, o),
	       percent(o[1].degraded, o + 1), percent(o[0].lost, o),
	       percent(o[1].lost, o + 1), percent(o[0].misled, o),
	       percent(o[1].misled, o + 1), o[0].silent + o[0].spread,
	       o[1].silent + o[1].spread);
}

static bool put_table(const struct table *t)
{
	struct outcome sum[2] = { 0 };
	uint64_t stores = 0, unopened[2] = { 0 };

	printf("| damage, and without / with healing | stores | not opened "
	       "| %% intact | %% degraded, said so | %% lost, said so "
	       "| %% misled by a lie | silently wrong |\n"
	       "| --- | --- | --- | --- | --- | --- | --- | --- |\n");
	for (unsigned i = 0; i < MUTATIONS; i++) {
		put_row(mutation_names[i], t->stores[i], t->unopened[i],
			t->sum[i]);
		stores += t->stores[i];
		for (unsigned heal = 0; heal < 2; heal++) {
			add(&sum[heal], &t->sum[i][heal]);
			unopened[heal] += t->unopened[i][heal];
		}
	}
	put_row("all", stores, unopened, sum);
	printf("%" PRIu64 " processes died or took too much\n", t->deaths);
	for (unsigned heal = 0; heal < 2; heal++)
		if (sum[heal].silent + sum[heal].spread > 0)
			return false;
	return stores > 0 && t->deaths == 0;
}

static bool options_of(struct campaign *c, int argc, char **argv)
{
	static const struct option options[] = {
		{ "count", required_argument, NULL, 'n' },
		{ "seed", required_argument, NULL, 's' },
		{ "first", required_argument, NULL, 'f' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "save", required_argument, NULL, 'o' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == '?')
			return false;
		if (option == 'o')
			c->save = optarg;
		else if (option == 'j')
			c->jobs = (unsigned)strtoul(optarg, NULL, 10);
		else
			*(option == 'n'	  ? &c->count
			  : option == 's' ? &c->seed
					  : &c->first) =
				strtoull(optarg, NULL, 10);
	}
	return optind < argc && c->jobs > 0 && c->jobs <= JOBS_MAX &&
	       c->count <= 1 << 20 && c->first < c->count;
}

int main(int argc, char **argv)
{
	struct campaign c = { .count = 100, .seed = 1, .jobs = 2 };
	bool good = true;

	if (!options_of(&c, argc, argv)) {
		fprintf(stderr,
			"usage: %s [--count N] [--seed S] [--first I] "
			"[--jobs J] [--save DIR] STORE...\n",
			argv[0]);
		return 1;
	}
	for (int i = optind; good && i < argc; i++) {
		c.path = argv[i];
		good = run(&c);
	}
	if (good && c.save == NULL)
		good = put_table(&c.table);
	return good ? 0 : 1;
}
