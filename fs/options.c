#include "fs/options.h"

#include <errno.h>
#include <fuse_lowlevel.h>
#include <magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fs/log.h"

enum { MIB = 1 << 20 };

/* A number in `base`, whole and at most `most`; false if it is not one. */
static bool number(const char *text, int base, uint64_t max, uint64_t *out,
		   const char **end)
{
	char *stop;

	errno = 0;
	*out = strtoull(text, &stop, base);
	*end = stop;
	return errno == 0 && text[0] >= '0' && text[0] <= '9' && *out <= max;
}

/* All of `text` is a number of at most `max`. */
static bool whole(const char *text, int base, uint64_t max, uint64_t *out)
{
	const char *end;

	return number(text, base, max, out, &end) && *end == '\0';
}

static bool take_uid(struct options *o, const char *value)
{
	uint64_t n;

	if (!whole(value, 10, UINT32_MAX - 1, &n))
		return false;
	o->uid = (uid_t)n;
	return true;
}

static bool take_gid(struct options *o, const char *value)
{
	uint64_t n;

	if (!whole(value, 10, UINT32_MAX - 1, &n))
		return false;
	o->gid = (gid_t)n;
	return true;
}

static bool take_umask(struct options *o, const char *value)
{
	uint64_t n;

	if (!whole(value, 8, 0777, &n))
		return false;
	o->umask = (mode_t)n;
	return true;
}

/* 64M, 1G, 500000 */
static bool take_cache(struct options *o, const char *value)
{
	static const char suffixes[] = "KMG";
	const char *end, *suffix;
	unsigned shift = 0;
	uint64_t n;

	if (!number(value, 10, UINT64_MAX, &n, &end))
		return false;
	if (*end != '\0') {
		suffix = strchr(suffixes, *end & ~0x20);
		if (suffix == NULL || end[1] != '\0')
			return false;
		shift = 10 * (unsigned)(suffix - suffixes + 1);
	}
	if (n > SIZE_MAX >> shift) /* at most 30 bits, also where it has 32 */
		return false;
	o->cache = (size_t)n << shift;
	return o->cache >= MIB;
}

static bool take_stores_open(struct options *o, const char *value)
{
	uint64_t n;

	if (!whole(value, 10, OPTIONS_STORES_MAX, &n))
		return false;
	o->stores_open = (unsigned)n;
	return n > 0;
}

static bool take_seconds(unsigned *out, const char *value)
{
	uint64_t n;

	if (!whole(value, 10, OPTIONS_IDLE_MAX, &n))
		return false;
	*out = (unsigned)n;
	return n > 0;
}

static bool take_idle(struct options *o, const char *value)
{
	return take_seconds(&o->idle, value);
}

static bool take_idle_unmount(struct options *o, const char *value)
{
	return take_seconds(&o->idle_unmount, value);
}

static bool take_fleet(struct options *o, const char *value)
{
	buf_cut(&o->fleet, 0);
	buf_str(&o->fleet, value);
	return o->fleet.len > 0;
}

static bool take_reader(struct options *o, const char *value)
{
	o->reader = store_backend(value);
	return o->reader != NULL;
}

static bool take_charset(struct options *o, const char *value)
{
	return store_option_charset(&o->reading, value);
}

static bool take_addrmap(struct options *o, const char *value)
{
	buf_cut(&o->addrmap_path, 0);
	buf_str(&o->addrmap_path, value);
	return o->addrmap_path.len > 0;
}

/* A rule with neither `take` nor `flag` asks for nothing of ours. */
#define VALUE(taker, wanted) .take = (taker), .want = (wanted)
#define FLAG(member)	     .flag = offsetof(struct options, member)
#define PASSED		     .pass = true

/* One line an option that is none of the tree's; see is_named(). */
static const struct rule {
	const char *name;
	bool (*take)(struct options *o, const char *value);
	const char *want; /* of the value */
	size_t flag;	  /* the bool to set */
	bool pass;	  /* on to libfuse */
} rules[] = {
	{ "-f", FLAG(foreground) },
	{ "-d", FLAG(debug) },
	{ "debug", FLAG(debug) },
	{ "-s", FLAG(single) },
	{ "nosandbox", FLAG(no_sandbox) },
	{ "-h", FLAG(help) },
	{ "help", FLAG(help) },
	{ "-V", FLAG(version) },
	{ "version", FLAG(version) },
	{ "reader=", VALUE(take_reader, "native or pff") },
	{ "addrmap=", VALUE(take_addrmap, "the name of an LDIF or CSV file") },
	{ "fleet=", VALUE(take_fleet, "the name of a file that lists stores") },
	{ "stores=", VALUE(take_stores_open, "a number from 1 to 1000") },
	{ "idle=", VALUE(take_idle, "seconds, from 1 on") },
	{ "idle_unmount=", VALUE(take_idle_unmount, "seconds, from 1 on") },
	{ "charset=", VALUE(take_charset, "a charset, as in windows-1251") },
	{ "heal", FLAG(reading.heal) },
	{ "xattrs", FLAG(xattrs) },
	{ "noxattrs", FLAG(no_xattrs) },
	{ "cache=", VALUE(take_cache, "1M or more, as in 256M or 1G") },
	{ "uid=", VALUE(take_uid, "a number, as printed by \"id -u NAME\"") },
	{ "gid=", VALUE(take_gid, "a number, as printed by \"id -g NAME\"") },
	{ "umask=", VALUE(take_umask, "an octal number, as in 077") },
	{ "rw", FLAG(writable) },
	{ "nonempty", FLAG(nonempty) },
	{ "allow_other", FLAG(others), PASSED },
	{ "allow_root", FLAG(others), PASSED },
	{ "auto_unmount", PASSED },
	{ "context=", PASSED },
	{ "fscontext=", PASSED },
	{ "defcontext=", PASSED },
	{ "rootcontext=", PASSED },
};

/* What mount(8) and fstab(5) say to all: we do it anyway, or never. */
static const char *const ignored[] = {
	"ro",
	"suid",
	"nosuid",
	"dev",
	"nodev",
	"exec",
	"noexec",
	"sync",
	"async",
	"dirsync",
	"atime",
	"noatime",
	"diratime",
	"nodiratime",
	"relatime",
	"norelatime",
	"strictatime",
	"nostrictatime",
	"lazytime",
	"nolazytime",
	"auto",
	"noauto",
	"user",
	"nouser",
	"users",
	"nousers",
	"owner",
	"noowner",
	"group",
	"nogroup",
	"defaults",
	"_netdev",
	"nofail",
	"nobootwait",
	"silent",
	"loud",
	"mand",
	"nomand",
	"iversion",
	"noiversion",
	"symfollow",
	"nosymfollow",
	"default_permissions",
	"x-",
	"X-",
	"comment=",
	"user=",
	"uhelper=",
	"helper=",
	"",
};

/* A name that ends in "=" or "-" is the start of an option, else all of it. */
static bool is_named(const char *option, const char *name)
{
	const size_t len = strlen(name);

	if (strncmp(option, name, len) != 0)
		return false;
	return option[len] == '\0' ||
	       (len > 1 && strchr("=-", name[len - 1]) != NULL);
}

static const struct rule *rule_of(const char *option)
{
	static const struct rule nothing = { .name = "" };

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (is_named(option, rules[i].name))
			return &rules[i];
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		if (is_named(option, ignored[i]))
			return &nothing;
	return NULL;
}

static bool take_option(struct options *o, const char *given)
{
	const char *option = strncmp(given, "--", 2) == 0 ? given + 2 : given;
	const struct rule *rule = rule_of(option);
	const char *want;

	if (tree_option(&o->tree, option, &want))
		return true;
	if (want != NULL) {
		log_say("%s: want %s", given, want);
		return false;
	}
	if (rule == NULL) {
		log_say("unknown option \"%s\"; \"ostfs --help\" lists them",
			given);
		return false;
	}
	if (rule->take != NULL && !rule->take(o, option + strlen(rule->name))) {
		log_say("%s: want %s", given, rule->want);
		return false;
	}
	if (rule->flag != 0)
		*(bool *)((char *)o + rule->flag) = true;
	if (rule->pass)
		buf_printf(&o->passed, ",%s", option);
	return true;
}

/* Called for each argument, and for each part of a -o a,b. */
static int take(void *data, const char *arg, int key, struct fuse_args *out)
{
	struct options *o = data;

	(void)out;
	if (key != FUSE_OPT_KEY_NONOPT)
		return take_option(o, arg) ? 0 : -1;
	o->given[o->given_count++] = arg;
	return 0;
}

static bool enough(const struct options *o)
{
	if (o->help || o->version)
		return true;
	if (o->fleet.len > 0 && o->given_count == 1)
		return true;
	if (o->fleet.len == 0 && o->given_count >= 2)
		return true;
	log_say("%s; usage: ostfs [options] STORE... MOUNTPOINT",
		o->given_count == 0 ? "no store named"
		: o->fleet.len > 0  ? "a store beside those of -o fleet="
				    : "no mount point named");
	return false;
}

/* The mount point is the last, whatever comes before it. */
static void tell_apart(struct options *o)
{
	if (o->given_count == 0)
		return;
	o->store_count = o->given_count - 1;
	o->mount_point = o->given[o->given_count - 1];
	o->store = o->fleet.len > 0 ? buf_text(&o->fleet) : o->given[0];
}

/* Read now what is named by a path from here. */
static bool read_addrmap(struct options *o)
{
	const char *path = buf_text(&o->addrmap_path), *left_out;
	struct ost_error err;

	if (o->addrmap_path.len == 0 || o->help || o->version)
		return true;
	if (mail_addrmap_read(&o->addrmap, path, &err) != OST_OK) {
		log_say("%s: %s", path, err.text);
		return false;
	}
	left_out = mail_addrmap_left_out(o->addrmap);
	if (left_out[0] != '\0')
		log_say("%s: warning: %s", path, left_out);
	o->tree.addrmap = o->addrmap;
	return true;
}

bool options_read(struct options *out, int argc, char **argv)
{
	struct fuse_args args = FUSE_ARGS_INIT(argc, argv);
	bool good;

	*out = (struct options){
		.reader = &store_native,
		.given = calloc((size_t)argc, sizeof(*out->given)),
		.stores_open = 64,
		.idle = 300,
		.uid = getuid(),
		.gid = getgid(),
		.umask = 022,
	};
	if (out->given == NULL) {
		log_say("out of memory");
		return false;
	}
	good = fuse_opt_parse(&args, out, NULL, take) == 0 && enough(out);
	fuse_opt_free_args(&args);
	if (good)
		tell_apart(out);
	if (out->debug)
		out->foreground = true;
	if (out->passed.bad || out->fleet.bad || out->addrmap_path.bad) {
		log_say("out of memory");
		return false;
	}
	if (out->reader == &store_pff && !store_has_pff) {
		log_say("%s", store_pff_lacking);
		return false;
	}
	if (out->idle_unmount > 0 && out->no_sandbox) {
		log_say("idle_unmount: needs the process that nosandbox does "
			"without; leave out one of them");
		return false;
	}
	return good && read_addrmap(out);
}

void options_free(struct options *o)
{
	mail_addrmap_free(o->addrmap);
	free(o->given);
	buf_free(&o->fleet);
	buf_free(&o->addrmap_path);
	buf_free(&o->passed);
}

void options_help(void)
{
	fputs("usage: ostfs [options] STORE MOUNTPOINT\n"
	      "       ostfs [options] DIRECTORY MOUNTPOINT\n"
	      "       ostfs [options] STORE STORE... MOUNTPOINT\n"
	      "       ostfs [options] -o fleet=CATALOG MOUNTPOINT\n"
	      "\n"
	      "Shows the mail in STORE, an Outlook .ost or .pst file, as files "
	      "in folders\nunder the directory MOUNTPOINT, which is made if it "
	      "does not exist. STORE is\nonly read. Several stores, or all "
	      "stores below DIRECTORY, have a directory\neach there. Unmount "
	      "with: fusermount3 -u MOUNTPOINT\n"
	      "\n"
	      "  -f                    stay in the foreground\n"
	      "  -d, -o debug          log everything (implies -f)\n"
	      "  -s                    use one thread only\n"
	      "  -h, --help            print this text\n"
	      "  -V, --version         print versions, of libraries too\n"
	      "  --reader=native|pff   read STORE with ostfs's own reader "
	      "(default) or libpff\n"
	      "  -o reader=...         the same\n"
	      "  -o root=mailbox       show what Outlook shows (default)\n"
	      "  -o root=store         show everything in STORE\n"
	      "  -o attachments=both   in the mails and beside them (default)\n"
	      "  -o attachments=inside in the mails only\n"
	      "  -o attachments=beside beside the mails only\n"
	      "  -o attachments=folder in the mails, and in one directory of "
	      "each folder\n"
	      "  -o items=native       contacts as .vcf, events as .ics, notes "
	      "as .txt (default)\n"
	      "  -o items=eml          show all items as mails\n"
	      "  -o layout=text        show every item as .txt, to read and "
	      "search\n"
	      "  -o layout=maildir     show every folder as a Maildir\n"
	      "  -o addrmap=FILE       addresses of Exchange users, as LDIF or "
	      "CSV\n"
	      "  -o charset=NAME       character set of old 8-bit text, such "
	      "as "
	      "windows-1251\n"
	      "  -o heal               search the whole file for what a "
	      "damaged "
	      "index lost\n"
	      "  -o recovered          show deleted items and older versions, "
	      "too\n"
	      "  -o search_folders     show search folders, too\n"
	      "  -o hidden             show empty hidden folders, too\n"
	      "  -o xattrs             have extended attributes; copies take "
	      "longer\n"
	      "  -o cache=SIZE         size of the cache (32M; for many stores "
	      "64M)\n"
	      "  -o fleet=CATALOG      a JSON file of stores and their names\n"
	      "  -o stores=N           keep at most N of many stores open "
	      "(64)\n"
	      "  -o idle=SECONDS       of many stores, close one that is not "
	      "used (300)\n"
	      "  -o idle_unmount=SECONDS\n"
	      "                        unmount when the mount is not used "
	      "(never)\n"
	      "  -o uid=N,gid=N        who owns the files (you)\n"
	      "  -o umask=N            permissions to take away, octal (022)\n"
	      "  -o allow_other        let other users in\n"
	      "  -o allow_root         let root in\n"
	      "  -o nosandbox          do not read the store in a sandbox\n"
	      "  -o nonempty           mount over the files in MOUNTPOINT\n"
	      "\n"
	      "Exit status: 0 mounted, 1 usage, 10 cannot mount there, "
	      "11 cannot open STORE,\nor no store below DIRECTORY, 22 "
	      "encrypted, 30 not a store, "
	      "31 bad header, 32 damaged, 33 cut short.\n",
	      stdout);
}

void options_version(void)
{
	printf("ostfs %s\nlibfuse %s\nlibpff %s\nlibmagic %d.%02d\n",
	       OST_VERSION, fuse_pkgversion(), store_pff_version(),
	       magic_version() / 100, magic_version() % 100);
}
