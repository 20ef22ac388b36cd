#include "check.h"
#include "fleet/fleet.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char top[] = "/tmp/ost-fleet.XXXXXX";

/* Make `path` below the top, and the directories above it. */
static void make(const char *path)
{
	char full[4096];
	int fd;

	snprintf(full, sizeof(full), "%s/%s", top, path);
	for (char *c = full + strlen(top) + 1; *c != '\0'; c++) {
		if (*c != '/')
			continue;
		*c = '\0';
		CHECK(mkdir(full, 0755) == 0 || errno == EEXIST);
		*c = '/';
	}
	fd = open(full, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	CHECK(fd >= 0 && write(fd, "x", 1) == 1);
	close(fd);
}

static int drop(const char *path, const struct stat *st, int type,
		struct FTW *at)
{
	(void)st;
	(void)type;
	return at->level > 0 ? remove(path) : 0;
}

static void clear(void)
{
	CHECK(nftw(top, drop, 16, FTW_DEPTH | FTW_PHYS) == 0);
}

static enum ost_status look(struct fleet *f)
{
	const int dir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct ost_error err = { "" };
	enum ost_status st = fleet_find(f, dir, &err);

	if (st == OST_OK)
		st = fleet_name(f, &err);
	close(dir);
	return st;
}

static const char *name_of(const struct fleet *f, const char *path)
{
	for (size_t i = 0; i < f->count; i++)
		if (strcmp(f->stores[i].path, path) == 0)
			return f->stores[i].name;
	return "(not found)";
}

#define OUTLOOK "/AppData/Local/Microsoft/Outlook/"

static void names_stores_by_address_file_or_profile(void)
{
	static const struct {
		const char *path, *name;
	} cases[] = {
		{ "PC1/Users/alice" OUTLOOK "alice@example.com.ost",
		  "alice@example.com" },
		{ "PC2/Users/bob" OUTLOOK "bob@example.com - Work.OST",
		  "bob@example.com" },
		{ "PC3/Users/carol" OUTLOOK "outlook.ost", "carol" },
		{ "PC3/Users/carol/Documents/Outlook Files/archive.pst",
		  "carol - archive" },
		{ "PC4/Documents and Settings/dora/Local Settings/"
		  "Application Data/Microsoft/Outlook/Outlook2.ost",
		  "dora" },
		{ "PC5/Users/erik" OUTLOOK "Projects.pst", "Projects" },
		{ "frida/backup (3).pst", "frida - backup (3)" },
		{ "mailbox.ost", "mailbox" },
		{ "gerd/2019.pst", "2019" },
		{ "x.nst", "x" },
	};
	struct fleet f = { 0 };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		make(cases[i].path);
	CHECK(look(&f) == OST_OK);
	CHECK(f.count == sizeof(cases) / sizeof(cases[0]));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_STR(name_of(&f, cases[i].path), cases[i].name);
	CHECK(f.unread == 0 && f.too_deep == 0);
	fleet_free(&f);
	clear();
}

static void tells_two_of_a_name_apart_by_their_paths(void)
{
	struct fleet f = { 0 };

	make("PC-004/Users/dave" OUTLOOK "dave@example.com.ost");
	make("PC-005/Users/dave" OUTLOOK "DAVE@example.com.ost");
	make("PC-005/Users/dave/old/dave@example.com.ost");
	make("PC-006/Users/dave" OUTLOOK "dave@example.com.ost");
	make("a.ost");
	make("a.pst");
	make("a.problem.txt.ost");
	CHECK(look(&f) == OST_OK);
	CHECK(f.count == 7);
	CHECK_STR(
		name_of(&f, "PC-004/Users/dave" OUTLOOK "dave@example.com.ost"),
		"dave@example.com");
	CHECK_STR(
		name_of(&f, "PC-005/Users/dave" OUTLOOK "DAVE@example.com.ost"),
		"DAVE@example.com [PC-005]");
	CHECK_STR(name_of(&f, "PC-005/Users/dave/old/dave@example.com.ost"),
		  "dave@example.com [old]");
	CHECK_STR(
		name_of(&f, "PC-006/Users/dave" OUTLOOK "dave@example.com.ost"),
		"dave@example.com [PC-006]");
	/* what would be the file that says why "a" cannot be read */
	CHECK_STR(name_of(&f, "a.ost"), "a");
	CHECK_STR(name_of(&f, "a.problem.txt.ost"), "a.problem.txt [2]");
	CHECK_STR(name_of(&f, "a.pst"), "a [a.pst]");
	fleet_free(&f);
	clear();
}

/* A name that was given stays; who comes later is told apart from it. */
static void keeps_the_names_that_were_given(void)
{
	struct fleet f = { 0 };
	struct ost_error err;

	CHECK(fleet_add(&f, "b/x@example.com.ost", NULL, &err) == OST_OK);
	CHECK(fleet_name(&f, &err) == OST_OK);
	CHECK(fleet_add(&f, "a/x@example.com.ost", NULL, &err) == OST_OK);
	CHECK(fleet_add(&f, "c/y.ost", "../The Boss/\n", &err) == OST_OK);
	CHECK(fleet_add(&f, "c/z.ost", "the boss", &err) == OST_OK);
	CHECK(fleet_name(&f, &err) == OST_OK);
	CHECK_STR(f.stores[0].name, "x@example.com");
	CHECK_STR(f.stores[1].name, "x@example.com [a]");
	CHECK_STR(f.stores[2].name, "-The Boss-");
	CHECK_STR(f.stores[3].name, "the boss");
	fleet_free(&f);
}

/* What a record says, it says again; and who is not in it comes after. */
static void keeps_the_names_of_a_record(void)
{
	struct fleet f = { 0 }, again = { 0 };
	struct ost_error err;
	struct buf record = { 0 };

	CHECK(fleet_add(&f, "b/x@example.com.ost", NULL, &err) == OST_OK);
	CHECK(fleet_add(&f, "c/\xff\n.ost", NULL, &err) == OST_OK);
	CHECK(fleet_name(&f, &err) == OST_OK);
	for (size_t i = 0; i < f.count; i++)
		fleet_record_put(&record, &f.stores[i], i > 0 ? 30 : -1);
	CHECK(strstr(buf_text(&record),
		     "{\"name\": \"x@example.com\", "
		     "\"path\": \"b/x@example.com.ost\", \"code\": null}\n") ==
	      record.at);
	CHECK(fleet_add(&again, "a/x@example.com.ost", NULL, &err) == OST_OK);
	CHECK(fleet_add(&again, "b/x@example.com.ost", NULL, &err) == OST_OK);
	CHECK(fleet_add(&again, "c/\xff\n.ost", NULL, &err) == OST_OK);
	CHECK(fleet_record_use(&again, buf_span(&record), &err) == OST_OK);
	CHECK(fleet_name(&again, &err) == OST_OK);
	CHECK_STR(name_of(&again, "a/x@example.com.ost"), "x@example.com [a]");
	CHECK_STR(name_of(&again, "b/x@example.com.ost"), "x@example.com");
	CHECK_STR(name_of(&again, "c/\xff\n.ost"), name_of(&f, "c/\xff\n.ost"));
	fleet_free(&f);
	fleet_free(&again);
	buf_free(&record);
}

/* Of a record that somebody else wrote, a name is taken as one of a file. */
static void takes_nothing_bad_of_a_record(void)
{
	static const struct {
		const char *record, *name;
	} cases[] = {
		{ "", "x" },
		{ "{\"path\": \"x.ost\", \"name\": \"../../etc\"}\n",
		  "-..-etc" },
		{ "{\"path\": \"x.ost\", \"name\": \"\"}\n", "x" },
		{ "{\"path\": \"x.ost\", \"name\": 7}\n", "x" },
		{ "{\"path\": \"x.ost\", \"name\": \".\"}\n", "store" },
		{ "{\"path\": \"x.ost\", \"name\": \"y\"", "x" },
		{ "{\"path\": \"x.ost\", \"name\": \"y\"}", "y" },
		{ "{\"path\": \"x.ost\", \"name\": \"y\"}\n"
		  "{\"path\": \"x.ost\", \"name\": \"z\"}\n",
		  "y" },
		{ "[[[[{\n}\n\n\xff\n"
		  "{\"path\": \"x.ost\", \"name\": \"y\"}\n",
		  "y" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *text = cases[i].record;
		struct fleet f = { 0 };
		struct ost_error err;

		CHECK(fleet_add(&f, "x.ost", NULL, &err) == OST_OK);
		CHECK(fleet_record_use(&f, span_of(text, strlen(text)), &err) ==
		      OST_OK);
		CHECK(fleet_name(&f, &err) == OST_OK);
		CHECK_STR(f.stores[0].name, cases[i].name);
		fleet_free(&f);
	}
}

static void takes_only_files_that_may_be_stores(void)
{
	struct fleet f = { 0 };
	char path[4096];

	make("real.ost");
	make("~real.ost");
	make("real.ost.tmp");
	make("real.txt");
	make(".ost");
	make("dir.ost/inside.pst");
	snprintf(path, sizeof(path), "%s/fifo.ost", top);
	CHECK(mkfifo(path, 0600) == 0);
	snprintf(path, sizeof(path), "%s/link.ost", top);
	CHECK(symlink("real.ost", path) == 0);
	snprintf(path, sizeof(path), "%s/out", top);
	CHECK(symlink("/", path) == 0);
	snprintf(path, sizeof(path), "%s/again", top);
	CHECK(symlink(".", path) == 0);
	CHECK(look(&f) == OST_OK);
	CHECK(f.count == 2);
	CHECK_STR(name_of(&f, "real.ost"), "real");
	CHECK_STR(name_of(&f, "dir.ost/inside.pst"), "inside");
	fleet_free(&f);
	clear();
}

/* What is too deep is not looked into, and that is told. */
static void goes_no_deeper_than_it_may(void)
{
	struct fleet f = { 0 };
	struct buf path = { 0 };
	char here[4096];

	make("1/2/3/4/5/6/7/8/9/10/11/12/in.ost");
	make("1/2/3/4/5/6/7/8/9/10/11/12/13/out.ost");
	CHECK(getcwd(here, sizeof(here)) != NULL && chdir(top) == 0);
	for (int i = 0; i < 300; i++)
		CHECK(mkdir("deep", 0755) == 0 && chdir("deep") == 0);
	CHECK(mknod("x.ost", S_IFREG | 0600, 0) == 0);
	CHECK(chdir(here) == 0);
	CHECK(look(&f) == OST_OK);
	CHECK(f.count == 1);
	CHECK(f.too_deep == 2 && f.unread == 0);
	CHECK(strstr(f.first.text, "too many levels") != NULL);
	fleet_free(&f);
	buf_free(&path);
	clear();
}

static void gives_safe_names_to_hostile_ones(void)
{
	static const char *const names[] = {
		"line\nbreak.ost",
		"..ost",
		"...ost",
		" .ost",
		"\xff\xfe.ost",
		"\xe2\x80\xaegpj.ost",
		"con.ost",
		"-rf.ost",
		".ostfs.ost",
		"a\\b:c*d?e\"f<g>h|i.ost",
		"ends in dots....ost",
	};
	struct fleet f = { 0 };
	char longest[256];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		make(names[i]);
	memset(longest, 'x', 251);
	memcpy(longest + 251, ".ost", 5);
	make(longest);
	memcpy(longest + 251, ".pst", 5);
	make(longest);
	CHECK(look(&f) == OST_OK);
	CHECK(f.count == sizeof(names) / sizeof(names[0]) + 2);
	for (size_t i = 0; i < f.count; i++) {
		const char *name = f.stores[i].name;

		CHECK(strlen(name) > 0);
		CHECK(strlen(name) + strlen(FLEET_PROBLEM) <= 232);
		CHECK(name[0] != '.' && strpbrk(name, "/\\\n:*?\"<>|") == NULL);
		for (size_t k = 0; k < i; k++)
			CHECK(strcasecmp(name, f.stores[k].name) != 0);
	}
	fleet_free(&f);
	clear();
}

/* Several go through it at once: what they find is in one order. */
static void finds_the_same_in_any_order(void)
{
	struct fleet f = { 0 };
	char path[64];

	for (int i = 99; i >= 0; i--) {
		snprintf(path, sizeof(path), "PC-%02d/Users/u/outlook.ost", i);
		make(path);
		snprintf(path, sizeof(path),
			 "PC-%02d/1/2/3/4/5/6/7/8/9/a/b/c/d", i);
		make(path);
	}
	for (int again = 0; again < 5; again++) {
		CHECK(look(&f) == OST_OK);
		CHECK(f.count == 100 && f.too_deep == 100 && f.unread == 0);
		CHECK(strncmp(f.first.text, "PC-00/1/", 8) == 0);
		for (size_t i = 0; i < f.count; i++) {
			snprintf(path, sizeof(path),
				 "PC-%02zu/Users/u/outlook.ost", i);
			CHECK_STR(f.stores[i].path, path);
		}
		fleet_free(&f);
	}
	clear();
}

static void tells_of_directories_that_cannot_be_read(void)
{
	struct fleet f = { 0 };
	struct ost_error err;
	char path[4096];

	CHECK(fleet_find(&f, -1, &err) == OST_CANNOT_OPEN);
	if (geteuid() == 0)
		return; /* for root there are none */
	make("closed/x.ost");
	snprintf(path, sizeof(path), "%s/closed", top);
	CHECK(chmod(path, 0) == 0);
	CHECK(look(&f) == OST_OK);
	CHECK(f.count == 0 && f.unread == 1);
	CHECK(chmod(path, 0700) == 0);
	fleet_free(&f);
	clear();
}

static void takes_no_more_than_it_can_number(void)
{
	struct fleet f = { 0 };
	struct ost_error err;
	char path[32];

	for (int i = 0; i < FLEET_MAX; i++) {
		snprintf(path, sizeof(path), "%d/outlook.ost", i / 3);
		CHECK(fleet_add(&f, path, NULL, &err) == OST_OK);
	}
	CHECK(fleet_add(&f, "one more.ost", NULL, &err) == OST_LIMIT);
	CHECK(f.count == FLEET_MAX);
	CHECK(fleet_name(&f, &err) == OST_OK);
	CHECK_STR(f.stores[0].name, "0");
	CHECK_STR(f.stores[1].name, "0 [2]");
	CHECK_STR(f.stores[2].name, "0 [3]");
	fleet_free(&f);
}

int main(void)
{
	if (mkdtemp(top) == NULL)
		return 1;
	RUN(names_stores_by_address_file_or_profile);
	RUN(tells_two_of_a_name_apart_by_their_paths);
	RUN(keeps_the_names_that_were_given);
	RUN(keeps_the_names_of_a_record);
	RUN(takes_nothing_bad_of_a_record);
	RUN(takes_only_files_that_may_be_stores);
	RUN(goes_no_deeper_than_it_may);
	RUN(gives_safe_names_to_hostile_ones);
	RUN(finds_the_same_in_any_order);
	RUN(tells_of_directories_that_cannot_be_read);
	RUN(takes_no_more_than_it_can_number);
	rmdir(top);
	return checked();
}
