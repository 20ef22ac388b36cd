/*
 * ostimport.c - put the mails of a store on an IMAP server
 *
 * A child of the process that is started reads the source, confined to it;
 * the process itself speaks with the server and reads no store. See
 * imap/source.h.
 */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bytes/json.h"
#include "bytes/text.h"
#include "cli/interrupt.h"
#include "fleet/fleet.h"
#include "imap/import.h"
#include "imap/users.h"
#include "out/out.h"
#include "tool.h"

static const char usage[] =
	"usage: ostimport [OPTION...] SOURCE imap[s]://USER@HOST[:PORT]\n"
	"       ostimport [OPTION...] --tunnel COMMAND SOURCE\n"
	"       ostimport [OPTION...] --users FILE [DIR...]\n"
	"\n"
	"Puts the mails of SOURCE on an IMAP server. SOURCE is a store (.ost, "
	".pst), a\n"
	"mount of ostfs, or a copy of a mount. Each folder becomes a mailbox, "
	"and each\n"
	"mail a message with its flags, categories and date. A mail that is "
	"there is not\n"
	"added again: if something goes wrong, run it once more. Exits with 0 "
	"if all mails\n"
	"are there, with 40 if some are not, with 1 if it could not begin.\n"
	"\n"
	"The account:\n"
	"  --password-file FILE, --password-command COMMAND\n"
	"                  the password is the first line; else it is asked "
	"for\n"
	"  --token-command COMMAND\n"
	"                  this command prints a token of OAuth 2\n"
	"  --auth-as USER  log in as administrator, into the mailbox of USER\n"
	"  --cafile FILE   trust these certificates\n"
	"  --tunnel COMMAND\n"
	"                  a command that speaks IMAP without a password,\n"
	"                  such as 'doveadm exec imap -u alice'\n"
	"  --users FILE    many users: a CSV of store, url, user, password "
	"file\n"
	"Where to:\n"
	"  --under MAILBOX put all folders below this one\n"
	"  --inbox FOLDER  the folder that goes to INBOX, if roles are not "
	"known\n"
	"                  (Inbox)\n"
	"  --no-roles      keep the names of Sent Items and the like\n"
	"  --map FILE      lines of FOLDER, a tab, MAILBOX\n"
	"What:\n"
	"  --items=all     contacts, appointments, tasks and notes, too, as "
	"mails\n"
	"  --folder GLOB, --no-folder GLOB, --since DATE, --until DATE\n"
	"                  only these folders and mails\n"
	"  --dedupe=account\n"
	"                  skip a mail that is in any mailbox of the account\n"
	"How:\n"
	"  --dry-run       only say what would be done\n"
	"  --journal FILE  record what the server took; the next run skips it\n"
	"  --verify[=bytes]\n"
	"                  afterwards compare the sizes, or the bytes, on the\n"
	"                  server with the source\n"
	"  --report FILE   write a report, as JSON\n"
	"  --progress      show how far it is, even if not on a terminal\n"
	"  --batch N[,SIZE], --connections N, --rate SIZE, --retry N\n"
	"                  mails sent at a time (100,8M), connections (2), "
	"limit of\n"
	"                  bytes a second (none), attempts in a row (5)\n"
	"  --heal, -o OPTION, --reader=NAME\n"
	"                  how the store is read, as for ostls\n"
	"  --help, --version\n"
	"\n"
	"imap:// is encrypted too (STARTTLS), except to this machine.\n";

enum { PATTERNS = 64 };

struct options {
	const struct store_ops *reader;
	struct tree_options tree;
	struct import_options import;
	struct login login; /* as the command line has it */
	struct out_filter filter;
	const char *folders[PATTERNS], *not_folders[PATTERNS];
	const char *report, *users;
	bool progress, all_items;
};

/* --- the process that reads ------------------------------------------------
 */

static int serve_store(const struct options *o, const char *path,
		       const int *fds)
{
	struct store *store = NULL;
	struct tree *tree = NULL;
	struct ost_error err = { "" };
	enum ost_status st;

	tool_look(path);
	tool_options.cache = 4 << 20;
	st = store_open(&store, path, o->reader, &tool_options, &err);
	if (st == OST_OK)
		st = tree_new(&tree, store, &o->tree, &err);
	if (st == OST_OK)
		st = source_serve_tree(tree, &o->filter, fds,
				       o->import.connections, &err);
	tree_free(tree); /* and the store in it */
	return st == OST_OK ? OST_EXIT_OK : tool_fail(path, st, &err);
}

static int serve_dir(const struct options *o, const char *path, const int *fds)
{
	static int dir;
	struct ost_error err = { "" };
	enum ost_status st;

	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0) {
		(void)!ost_fail(&err, OST_CANNOT_OPEN, "%s", strerror(errno));
		return tool_fail(path, OST_CANNOT_OPEN, &err);
	}
	tool_below = &dir;
	tool_enter_sandbox();
	st = source_serve_dir(dir, &o->filter, fds, o->import.connections,
			      &err);
	return st == OST_OK ? OST_EXIT_OK : tool_fail(path, st, &err);
}

static bool is_dir(const char *path)
{
	struct stat is;

	return stat(path, &is) == 0 && S_ISDIR(is.st_mode);
}

/* Sockets between who reads and who asks: [0] of each pair is the child's. */
struct pairs {
	int at[SOURCE_READERS_MAX][2];
	unsigned count;
};

static void close_ends(struct pairs *p, int end)
{
	for (unsigned i = 0; i < p->count; i++)
		close(p->at[i][end]);
}

static bool make_pairs(struct pairs *p, unsigned count)
{
	for (p->count = 0; p->count < count; p->count++)
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
			       p->at[p->count]) != 0) {
			close_ends(p, 0);
			close_ends(p, 1);
			return false;
		}
	return true;
}

/* Ctrl-C is for the one who asks: when that ends, so does this. */
static void read_source(const struct options *o, const char *source,
			struct pairs *p, pid_t parent)
{
	int fds[SOURCE_READERS_MAX];

	signal(SIGINT, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close_ends(p, 1);
	for (unsigned i = 0; i < p->count; i++)
		fds[i] = p->at[i][0];
	if (getppid() == parent)
		exit(is_dir(source) ? serve_dir(o, source, fds)
				    : serve_store(o, source, fds));
	_exit(OST_EXIT_INTERRUPTED);
}

/* The sockets to ask on; -1: after saying why there is no child. */
static pid_t start_reader(const struct options *o, const char *source,
			  int fds[SOURCE_READERS_MAX])
{
	const pid_t self = getpid();
	struct pairs p;
	pid_t child = -1;

	fflush(NULL);
	if (make_pairs(&p, o->import.connections)) {
		child = fork();
		if (child == 0)
			read_source(o, source, &p, self);
		close_ends(&p, 0);
	}
	if (child < 0) {
		tool_warn("%s", strerror(errno));
		return -1;
	}
	for (unsigned i = 0; i < p.count; i++)
		fds[i] = p.at[i][1];
	return child;
}

/* What it ended with. */
static int end_reader(pid_t child, const char *source)
{
	int status = 0;

	if (interrupt_asked())
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (interrupt_asked())
		return OST_EXIT_INTERRUPTED;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	tool_warn("%s: the process that read it was ended by signal %d", source,
		  WTERMSIG(status));
	return OST_EXIT_DAMAGED;
}

/* --- the process that speaks with the server --------------------------------
 */

struct shown {
	bool on;
	pthread_mutex_t lock;
	struct timespec begun;
	int64_t last;
};
static struct shown shown = { .lock = PTHREAD_MUTEX_INITIALIZER };

static int64_t tenths_since(const struct timespec *begun)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ((int64_t)now.tv_sec - (int64_t)begun->tv_sec) * 10 +
	       (now.tv_nsec - begun->tv_nsec) / 100000000;
}

/* What is left takes as long as what was done, mail for mail. */
static void show_progress(void *arg, uint64_t files, uint64_t all,
			  uint64_t bytes)
{
	struct shown *s = arg;
	int64_t gone;

	pthread_mutex_lock(&s->lock);
	gone = tenths_since(&s->begun);
	if (gone != s->last && gone > 0 && files > 0) {
		s->last = gone;
		fprintf(stderr,
			"\r%s: %" PRIu64 " of %" PRIu64
			" mails, %.1f MB, %.1f MB/s, %.0f s left\033[K",
			tool_name, files, all, (double)bytes / 1e6,
			(double)bytes / 1e5 / (double)gone,
			(double)(all - (files < all ? files : all)) *
				(double)gone / 10 / (double)files);
	}
	pthread_mutex_unlock(&s->lock);
}

/* Write `text` to `path`, whole or not at all. */
static bool write_whole(const char *path, const struct buf *text)
{
	char *part = NULL;
	FILE *to = NULL;
	bool good;

	if (text->bad || asprintf(&part, "%s.part", path) < 0)
		return false;
	to = fopen(part, "we");
	good = to != NULL && fwrite(text->at, 1, text->len, to) == text->len;
	if (to != NULL && fclose(to) != 0)
		good = false;
	good = good && rename(part, path) == 0;
	if (!good)
		tool_warn("%s: %s", path, strerror(errno));
	free(part);
	return good;
}

static int write_report(struct report *r, const char *path,
			const struct report_about *about)
{
	struct buf text = { 0 };
	bool good;

	if (path == NULL)
		return about->code;
	report_json(r, about, &text);
	good = write_whole(path, &text);
	buf_free(&text);
	return good ? about->code : OST_EXIT_DESTINATION;
}

static void say_refused(struct login *login, enum wire_fault fault,
			const char *url, const struct ost_error *err)
{
	struct buf advice = { 0 };

	login_advice(login, fault, &advice);
	tool_warn("%s%s%s%s", url, url[0] != '\0' ? ": " : "", err->text,
		  buf_text(&advice));
	buf_free(&advice);
}

/* One source into one account; counts in `*r`. */
static int import_one(const struct options *o, const char *source,
		      struct login *login, struct report *r)
{
	struct import_options own = o->import;
	struct ost_error err = { "" };
	enum wire_fault fault = WIRE_LOST;
	const char *url = login->to.tunnel != NULL ? "" : login->to.url;
	const bool is_store = !is_dir(source);
	int fds[SOURCE_READERS_MAX], code;
	pid_t child = start_reader(o, source, fds);
	enum ost_status st;

	if (child < 0)
		return OST_EXIT_USAGE;
	(void)interrupt_start(tool_name);
	clock_gettime(CLOCK_MONOTONIC, &shown.begun);
	if (shown.on) {
		own.progress = show_progress;
		own.progress_arg = &shown;
	}
	st = import_run(r, fds, &own, login, &fault, &err);
	if (shown.on)
		fputs("\r\033[K", stderr);
	code = end_reader(child, source);
	if (st == OST_OK)
		return report_conclude(r, is_store);
	if (st == OST_CORRUPT)
		return code != OST_EXIT_OK ? code : OST_EXIT_DAMAGED;
	if (st == OST_IO)
		say_refused(login, fault, url, &err);
	else
		tool_warn("%s", err.text);
	return interrupt_asked() ? OST_EXIT_INTERRUPTED : OST_EXIT_USAGE;
}

/* --- the account ------------------------------------------------------------
 */

static bool is_this_machine(const char *host)
{
	struct in_addr four;
	struct in6_addr six;

	if (inet_pton(AF_INET, host, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	if (inet_pton(AF_INET6, host, &six) == 1)
		return IN6_IS_ADDR_LOOPBACK(&six);
	return strcmp(host, "localhost") == 0;
}

/* What an URL says, and the account's name. */
struct account {
	char *url, *user, *name; /* owned */
	bool plain;
};

static void account_free(struct account *a)
{
	free(a->url);
	free(a->user);
	free(a->name);
	*a = (struct account){ 0 };
}

static char *url_part(CURLU *u, CURLUPart part, unsigned flags)
{
	char *text = NULL, *own;

	if (curl_url_get(u, part, &text, flags) != CURLUE_OK)
		return NULL;
	own = strdup(text);
	curl_free(text);
	return own;
}

/* An address of IPv6 without its brackets. */
static void strip_brackets(char *host)
{
	const size_t len = strlen(host);

	if (len > 2 && host[0] == '[') {
		memmove(host, host + 1, len - 2);
		host[len - 2] = '\0';
	}
}

static bool split_url(CURLU *u, struct account *a, const char *user,
		      const char *as)
{
	char *scheme = url_part(u, CURLUPART_SCHEME, 0),
	     *host = url_part(u, CURLUPART_HOST, 0),
	     *path = url_part(u, CURLUPART_PATH, 0),
	     *port = url_part(u, CURLUPART_PORT, CURLU_DEFAULT_PORT);
	const bool tls = scheme != NULL && strcmp(scheme, "imaps") == 0;
	bool good = scheme != NULL && host != NULL && port != NULL &&
		    (tls || strcmp(scheme, "imap") == 0) &&
		    (path == NULL || strspn(path, "/") == strlen(path));

	a->user = user != NULL ? strdup(user)
			       : url_part(u, CURLUPART_USER, CURLU_URLDECODE);
	good = good && a->user != NULL && a->user[0] != '\0' &&
	       asprintf(&a->url, "%s://%s:%s", scheme, host, port) > 0;
	good = good &&
	       asprintf(&a->name, "%s@%s", as != NULL ? as : a->user, host) > 0;
	if (good)
		strip_brackets(host);
	a->plain = good && !tls && is_this_machine(host);
	free(scheme);
	free(host);
	free(path);
	free(port);
	return good;
}

/* `user`, unless NULL, is the one; false after saying why it is none. */
static bool read_url(struct account *a, const char *url, const char *user,
		     const char *as)
{
	CURLU *u = curl_url();
	char *password = NULL;
	bool good = u != NULL &&
		    curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK;

	*a = (struct account){ 0 };
	if (good)
		password = url_part(u, CURLUPART_PASSWORD, 0);
	if (password != NULL)
		tool_warn("a password in an URL can be seen by all: use "
			  "--password-file");
	else if (!good || !split_url(u, a, user, as))
		tool_warn("%s: not imap[s]://USER@HOST[:PORT]", url);
	good = good && password == NULL && a->name != NULL;
	free(password);
	curl_url_cleanup(u);
	if (!good)
		account_free(a);
	return good;
}

static int run_one(struct options *o, const char *source, const char *url)
{
	struct account a = { 0 };
	struct login login = o->login;
	struct report r;
	int code;

	if (login.to.tunnel == NULL) {
		if (!read_url(&a, url, NULL, login.to.as))
			return OST_EXIT_USAGE;
		login.to.url = a.url;
		login.to.user = a.user;
		login.to.plain = a.plain;
	}
	o->import.account_name = a.name != NULL ? a.name : login.to.tunnel;
	login_init(&login);
	report_init(&r, tool_name, o->report != NULL);
	r.wipes = shown.on;
	code = import_one(o, source, &login, &r);
	code = write_report(
		&r, o->report,
		&(struct report_about){ source, a.url != NULL ? a.url : "",
					a.user != NULL ? a.user : "", code });
	report_free(&r);
	login_free(&login);
	account_free(&a);
	return tool_finish(code);
}

/* --- many accounts -----------------------------------------------------------
 */

/* The stores below `path`, by their whole paths. */
static enum ost_status find_below(struct fleet *f, const char *path,
				  struct ost_error *err)
{
	const int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const size_t first = f->count;
	enum ost_status st;

	if (dir < 0)
		return ost_fail(err, OST_CANNOT_OPEN, "%s: %s", path,
				strerror(errno));
	st = fleet_find(f, dir, err);
	close(dir);
	for (size_t i = first; st == OST_OK && i < f->count; i++) {
		char *whole;

		if (asprintf(&whole, "%s/%s", path, f->stores[i].path) < 0)
			return ost_no_memory(err);
		free(f->stores[i].path);
		f->stores[i].path = whole;
	}
	return st;
}

/* The path of a store that is named, or that a name of the fleet is for. */
static const char *store_of(const struct fleet *f, const char *name)
{
	if (strchr(name, '/') != NULL || access(name, F_OK) == 0)
		return name;
	for (size_t i = 0; i < f->count; i++)
		if (strcmp(f->stores[i].name, name) == 0)
			return f->stores[i].path;
	return NULL;
}

/* DIR/USER and `suffix`, for what is of one user; NULL: none is kept. */
static char *user_file(const char *dir, const char *user, const char *suffix)
{
	char *path = NULL;

	if (dir == NULL)
		return NULL;
	if (asprintf(&path, "%s/%s%s", dir, user, suffix) < 0)
		return NULL;
	for (char *at = path + strlen(dir) + 1; *at != '\0'; at++)
		if (*at == '/' || (uint8_t)*at < ' ' ||
		    (*at == '.' && at == path + strlen(dir) + 1))
			*at = '_';
	return path;
}

/* How it ended for one of them. */
struct user_end {
	const struct user *user;
	const char *store;
	struct report_counts n;
	int code;
};

static int run_user(const struct options *o, struct user_end *e)
{
	const struct user *u = e->user;
	struct options own = *o;
	struct login login = o->login;
	struct account a = { 0 };
	struct report r;
	char *report = user_file(o->report, u->user, ".json");
	char *journal = user_file(o->import.journal, u->user, ".jsonl");
	int code;

	own.import.journal = journal;
	if (u->secret[0] == '!')
		login.token_command = u->secret + 1;
	else if (u->secret[0] != '\0')
		login.password_file = u->secret;
	if (!read_url(&a, u->url, u->user, NULL)) {
		free(report);
		free(journal);
		return OST_EXIT_USAGE;
	}
	login.to.url = a.url;
	login.to.user = a.user;
	login.to.plain = a.plain;
	if (o->login.to.as != NULL) { /* "*": one administrator for all */
		login.to.user = o->login.to.as;
		login.to.as = a.user;
	}
	own.import.account_name = a.name;
	login_init(&login);
	report_init(&r, tool_name, report != NULL);
	r.wipes = shown.on;
	code = import_one(&own, e->store, &login, &r);
	code = write_report(
		&r, report,
		&(struct report_about){ e->store, a.url, a.user, code });
	e->n = r.n;
	report_free(&r);
	login_free(&login);
	account_free(&a);
	free(report);
	free(journal);
	return code;
}

static int write_ends(const char *dir, const struct user_end *ends,
		      size_t count, int code)
{
	char *path = user_file(dir, "users", ".json");
	struct buf text = { 0 };
	struct json j = { .to = &text };

	if (path == NULL)
		return code;
	json_object(&j, NULL);
	json_raw(&j, "report", "1");
	json_array(&j, "users");
	for (size_t i = 0; i < count; i++) {
		json_object_flat(&j, NULL);
		json_str(&j, "store", ends[i].store);
		json_str(&j, "url", ends[i].user->url);
		json_str(&j, "user", ends[i].user->user);
		json_raw(&j, "exit", "%d", ends[i].code);
		json_raw(&j, "added", "%" PRIu64, ends[i].n.added);
		json_raw(&j, "there", "%" PRIu64, ends[i].n.there);
		json_raw(&j, "failed", "%" PRIu64, ends[i].n.failed);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_object_end(&j);
	json_finish(&j);
	if (!write_whole(path, &text))
		code = OST_EXIT_DESTINATION;
	buf_free(&text);
	free(path);
	return code;
}

/* One that fails stops no other. */
static int run_each(const struct options *o, struct user_end *ends,
		    size_t count)
{
	size_t good = 0, done = 0;
	int code = OST_EXIT_OK;

	for (; done < count && code != OST_EXIT_INTERRUPTED; done++) {
		struct user_end *e = &ends[done];

		tool_print(stdout, e->store, false);
		fputs(" to ", stdout);
		tool_print(stdout, e->user->user, false);
		fputs(" at ", stdout);
		tool_print(stdout, e->user->url, false);
		fputs(":\n", stdout);
		fflush(stdout);
		e->code = run_user(o, e);
		good += e->code == OST_EXIT_OK;
		if (e->code == OST_EXIT_INTERRUPTED)
			code = e->code;
	}
	printf("of %zu users, %zu have all of their mails, %zu do not\n", count,
	       good, count - good);
	if (code == OST_EXIT_OK && good < count)
		code = OST_EXIT_LOSSES;
	return write_ends(o->report, ends, done, code);
}

/* Whose store each is must be known before the first is begun. */
static bool find_stores(const struct users *users, const struct fleet *f,
			struct user_end *ends)
{
	bool good = true;

	for (size_t i = 0; i < users->count; i++) {
		ends[i].user = &users->at[i];
		ends[i].store = store_of(f, users->at[i].store);
		if (ends[i].store != NULL)
			continue;
		tool_warn("%s: no such store, and none is shown by that name",
			  users->at[i].store);
		good = false;
	}
	return good;
}

static bool make_dir(const char *path)
{
	if (path == NULL || mkdir(path, 0777) == 0 || errno == EEXIST)
		return true;
	tool_warn("%s: %s", path, strerror(errno));
	return false;
}

static int run_users(struct options *o, char **dirs, int count)
{
	struct users users = { 0 };
	struct fleet f = { 0 };
	struct ost_error err = { "" };
	struct user_end *ends = NULL;
	enum ost_status st = users_read(&users, o->users, &err);
	int code = OST_EXIT_USAGE;

	for (int i = 0; st == OST_OK && i < count; i++)
		st = find_below(&f, dirs[i], &err);
	if (st == OST_OK)
		st = fleet_name(&f, &err);
	if (st == OST_OK)
		ends = calloc(users.count + 1, sizeof(*ends));
	if (ends == NULL)
		tool_warn("%s", st == OST_OK ? "out of memory" : err.text);
	else if (find_stores(&users, &f, ends) && make_dir(o->report) &&
		 make_dir(o->import.journal))
		code = run_each(o, ends, users.count);
	free(ends);
	fleet_free(&f);
	users_free(&users);
	return tool_finish(code);
}

/* --- the command line -------------------------------------------------------
 */

static int bad(const char *option, const char *wants)
{
	tool_warn("--%s wants %s", option, wants);
	return OST_EXIT_USAGE;
}

/* A number from `min` to `max`, up to `end`. */
static bool take_number(const char *text, uint64_t min, uint64_t max,
			uint64_t *out, const char **end)
{
	char *rest;

	errno = 0;
	*out = strtoull(text, &rest, 10);
	*end = rest;
	return *text >= '0' && *text <= '9' && errno == 0 && *out >= min &&
	       *out <= max;
}

/* "8M": bytes. */
static bool take_size(const char *text, uint64_t *out)
{
	static const char units[] = "KMG";
	const char *end, *unit;

	if (!take_number(text, 1, UINT64_C(1) << 40, out, &end))
		return false;
	unit = *end != '\0' ? strchr(units, *end & ~0x20) : NULL;
	if (unit != NULL && *end != '/') {
		*out <<= 10 * (unit - units + 1);
		end++;
	}
	return *end == '\0' || strcmp(end, "/s") == 0;
}

static int take_batch(struct import_options *o)
{
	const char *end;
	uint64_t n;

	if (!take_number(optarg, 1, 1000, &n, &end) ||
	    (*end == ',' ? !take_size(end + 1, &o->batch_bytes) : *end != '\0'))
		return bad("batch", "a number from 1 to 1000, and a size, as "
				    "100,8M");
	o->batch_mails = (unsigned)n;
	return TOOL_GO_ON;
}

static int take_count(const char *name, unsigned max, unsigned *out)
{
	const char *end;
	uint64_t n;

	if (!take_number(optarg, max > 100 ? 0 : 1, max, &n, &end) ||
	    *end != '\0') {
		tool_warn("--%s wants a number of at most %u", name, max);
		return OST_EXIT_USAGE;
	}
	*out = (unsigned)n;
	return TOOL_GO_ON;
}

static int take_pattern(const char **patterns, size_t *count)
{
	if (*count == PATTERNS) {
		tool_warn("at most %d patterns", PATTERNS);
		return OST_EXIT_USAGE;
	}
	patterns[(*count)++] = optarg;
	return TOOL_GO_ON;
}

static int take_date(const char *name, int64_t *out, bool *has, bool end)
{
	*has = out_date(out, optarg, end);
	return *has ? TOOL_GO_ON
		    : bad(name, "a date: 2024-03-01 or 2024-03-01T10:22:00Z");
}

/* A word of two. */
static int take_word(const char *name, const char *no, const char *yes,
		     bool *out)
{
	*out = strcmp(optarg, yes) == 0;
	if (*out || strcmp(optarg, no) == 0)
		return TOOL_GO_ON;
	tool_warn("--%s wants %s or %s", name, no, yes);
	return OST_EXIT_USAGE;
}

static int take_verify(struct import_options *o)
{
	o->verify = VERIFY_SIZE;
	if (optarg == NULL || strcmp(optarg, "size") == 0)
		return TOOL_GO_ON;
	o->verify = VERIFY_BYTES;
	return strcmp(optarg, "bytes") == 0 ? TOOL_GO_ON
					    : bad("verify", "size or bytes");
}

enum option_code {
	O_PASSWORD_FILE = 256,
	O_PASSWORD_COMMAND,
	O_TOKEN_COMMAND,
	O_AUTH_AS,
	O_CAFILE,
	O_TUNNEL,
	O_USERS,
	O_UNDER,
	O_INBOX,
	O_ROLES,
	O_NO_ROLES,
	O_MAP,
	O_ITEMS,
	O_FOLDER,
	O_NO_FOLDER,
	O_SINCE,
	O_UNTIL,
	O_DEDUPE,
	O_DRY_RUN,
	O_JOURNAL,
	O_VERIFY,
	O_REPORT,
	O_PROGRESS,
	O_BATCH,
	O_CONNECTIONS,
	O_RATE,
	O_RETRY,
};

/* Those that only keep their text; false: it is another. */
static bool keep_text(struct options *o, int c)
{
	const struct {
		int code;
		const char **to;
	} texts[] = {
		{ O_PASSWORD_FILE, &o->login.password_file },
		{ O_PASSWORD_COMMAND, &o->login.password_command },
		{ O_TOKEN_COMMAND, &o->login.token_command },
		{ O_AUTH_AS, &o->login.to.as },
		{ O_CAFILE, &o->login.to.cafile },
		{ O_TUNNEL, &o->login.to.tunnel },
		{ O_USERS, &o->users },
		{ O_UNDER, &o->import.roles.under },
		{ O_INBOX, &o->import.roles.inbox },
		{ O_MAP, &o->import.roles.map },
		{ O_JOURNAL, &o->import.journal },
		{ O_REPORT, &o->report },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].code == c) {
			*texts[i].to = optarg;
			return true;
		}
	return false;
}

static int take_what(struct options *o, int c)
{
	struct import_options *i = &o->import;
	struct out_filter *f = &o->filter;

	switch (c) {
	case O_ITEMS:
		return take_word("items", "mail", "all", &o->all_items);
	case O_FOLDER:
		return take_pattern(o->folders, &f->folder_count);
	case O_NO_FOLDER:
		return take_pattern(o->not_folders, &f->not_folder_count);
	case O_SINCE:
		return take_date("since", &i->since, &i->has_since, false);
	case O_UNTIL:
		return take_date("until", &i->until, &i->has_until, true);
	case O_DEDUPE:
		return take_word("dedupe", "folder", "account", &i->account);
	default:
		return tool_common(c, &o->tree, &o->reader, usage);
	}
}

static int take_option(struct options *o, int c)
{
	struct import_options *i = &o->import;

	if (keep_text(o, c))
		return TOOL_GO_ON;
	switch (c) {
	case O_ROLES:
	case O_NO_ROLES:
		i->roles.by_name = c == O_NO_ROLES;
		return TOOL_GO_ON;
	case O_DRY_RUN:
		i->dry_run = true;
		return TOOL_GO_ON;
	case O_PROGRESS:
		o->progress = true;
		return TOOL_GO_ON;
	case O_VERIFY:
		return take_verify(i);
	case O_BATCH:
		return take_batch(i);
	case O_CONNECTIONS:
		return take_count("connections", SOURCE_READERS_MAX,
				  &i->connections);
	case O_RATE:
		return take_size(optarg, &i->rate)
			       ? TOOL_GO_ON
			       : bad("rate", "bytes a second, as 500K");
	case O_RETRY:
		return take_count("retry", 1000, &i->retry);
	default:
		return take_what(o, c);
	}
}

static void prepare(struct options *o)
{
	enum { PLANS = 4 << 20 };

	o->filter.folders = o->folders;
	o->filter.not_folders = o->not_folders;
	o->tree.plans = PLANS;
	o->tree.maildir = false;
	o->tree.attachments = TREE_INSIDE;
	o->tree.items = o->all_items ? MAIL_ITEMS_EML : MAIL_ITEMS_NATIVE;
	shown.on = o->progress;
	signal(SIGPIPE, SIG_IGN);
}

static int run(struct options *o, int argc, char **argv)
{
	const int rest = argc - optind;
	const bool tunnel = o->login.to.tunnel != NULL;

	prepare(o);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		tool_warn("libcurl does not start");
		return OST_EXIT_USAGE;
	}
	if (o->users != NULL)
		return tunnel ? tool_usage(usage)
			      : run_users(o, argv + optind, rest);
	if (rest != (tunnel ? 1 : 2))
		return tool_usage(usage);
	return run_one(o, argv[optind], tunnel ? "" : argv[optind + 1]);
}

int main(int argc, char **argv)
{
	static const struct option names[] = {
		{ "password-file", required_argument, NULL, O_PASSWORD_FILE },
		{ "password-command", required_argument, NULL,
		  O_PASSWORD_COMMAND },
		{ "token-command", required_argument, NULL, O_TOKEN_COMMAND },
		{ "auth-as", required_argument, NULL, O_AUTH_AS },
		{ "cafile", required_argument, NULL, O_CAFILE },
		{ "tunnel", required_argument, NULL, O_TUNNEL },
		{ "users", required_argument, NULL, O_USERS },
		{ "under", required_argument, NULL, O_UNDER },
		{ "inbox", required_argument, NULL, O_INBOX },
		{ "roles", no_argument, NULL, O_ROLES },
		{ "no-roles", no_argument, NULL, O_NO_ROLES },
		{ "map", required_argument, NULL, O_MAP },
		{ "items", required_argument, NULL, O_ITEMS },
		{ "folder", required_argument, NULL, O_FOLDER },
		{ "no-folder", required_argument, NULL, O_NO_FOLDER },
		{ "since", required_argument, NULL, O_SINCE },
		{ "until", required_argument, NULL, O_UNTIL },
		{ "dedupe", required_argument, NULL, O_DEDUPE },
		{ "dry-run", no_argument, NULL, O_DRY_RUN },
		{ "journal", required_argument, NULL, O_JOURNAL },
		{ "verify", optional_argument, NULL, O_VERIFY },
		{ "report", required_argument, NULL, O_REPORT },
		{ "progress", no_argument, NULL, O_PROGRESS },
		{ "batch", required_argument, NULL, O_BATCH },
		{ "connections", required_argument, NULL, O_CONNECTIONS },
		{ "rate", required_argument, NULL, O_RATE },
		{ "retry", required_argument, NULL, O_RETRY },
		TOOL_OPTIONS,
	};
	struct options o = {
		.reader = &store_native,
		.import = { .batch_mails = 100,
			    .batch_bytes = 8 << 20,
			    .connections = 2,
			    .retry = 5,
			    .roles = { .inbox = "Inbox" } },
	};
	int c, code;

	tool_name = "ostimport";
	o.progress = isatty(STDERR_FILENO) != 0;
	while ((c = getopt_long(argc, argv, "o:hV", names, NULL)) != -1) {
		code = take_option(&o, c);
		if (code != TOOL_GO_ON)
			return code;
	}
	return run(&o, argc, argv);
}
