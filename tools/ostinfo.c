/*
 * ostinfo.c - say what a store is and what it holds
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "audit/audit.h"
#include "bytes/json.h"
#include "bytes/text.h"
#include "info.h"
#include "inforows.h"
#include "tool.h"

static const char usage[] =
	"usage: ostinfo [--json] [--long] [--heal] [--reader=native|pff] "
	"STORE...\n"
	"       ostinfo --people STORE...\n"
	"\n"
	"Says what each STORE (an Outlook .ost or .pst file) is, whose it is,\n"
	"whether the copy is complete, and what it has, folder by folder.\n"
	"For several stores it prints a line each, and the total.\n"
	"\n"
	"  --json          a JSON array with an object a store, for programs\n"
	"  --long          the full text for each of several stores, too\n"
	"  --people        addresses of Exchange users, as a CSV for -o "
	"addrmap=\n"
	"  -o charset=NAME character set of old 8-bit text, such as "
	"windows-1251\n"
	"  --heal, -o heal search the whole file for what a damaged index "
	"lost\n"
	"  -o nosandbox    do not read the store in a sandbox\n"
	"  --reader=NAME   read with native (the default) or pff (libpff)\n"
	"  --help, --version\n";

struct options {
	const struct store_ops *reader;
	struct json *json;    /* NULL: text */
	struct inforows rows; /* of several stores */
	bool people, full;
};

static const char *format_name(const struct store_info *i)
{
	if (strcmp(i->format, "ansi") == 0)
		return "ANSI, 512-byte pages";
	if (strcmp(i->format, "unicode-4k") == 0)
		return "Unicode, 4096-byte pages";
	return "Unicode, 512-byte pages";
}

static const char *kind_name(const struct store_info *i)
{
	if (strcmp(i->kind, "ost") == 0)
		return "offline store (.ost)";
	if (strcmp(i->kind, "pst") == 0)
		return "personal store (.pst)";
	return "address book (.pab)";
}

/* Whether the file is as long as its header says. */
static const char *length_of(const struct store_info *i)
{
	if (i->size < i->header_eof)
		return "cut-short";
	return i->size > i->header_eof ? "longer" : "whole";
}

static void print_healing(const struct store_healing *h)
{
	const uint64_t found = h->nodes + h->blocks;

	printf("  healed    %s%" PRIu64 " %s of its index could not be read, "
	       "%" PRIu64 " %s found without them\n",
	       h->header ? "its header is DAMAGED, " : "", h->pages,
	       text_plural(h->pages, "page", "pages"), found,
	       text_plural(found, "entry was", "entries were"));
}

static void print_header(const char *path, const struct store_info *i)
{
	printf("%s\n", path);
	printf("  kind      Outlook %s, %s (version %u)\n", kind_name(i),
	       format_name(i), i->version);
	printf("  size      %" PRIu64 " %s", i->size,
	       text_plural(i->size, "byte", "bytes"));
	if (i->size < i->header_eof)
		printf(", CUT SHORT: its header says %" PRIu64
		       "; copy it again with Outlook closed",
		       i->header_eof);
	else if (i->size > i->header_eof)
		printf(", %" PRIu64 " more than its header says",
		       i->size - i->header_eof);
	printf("\n  encoding  %s\n", i->encoding);
	printf("  closed    %s\n",
	       i->clean ? "in good order"
			: "NOT in good order: copied while in use, or "
			  "Outlook crashed");
	if (i->healing.header || i->healing.pages > 0)
		print_healing(&i->healing);
	printf("  changed   %s\n", info_when(i->mtime).text);
}

/* A line of the summary, unless there is nothing to say. */
static void print_line(const char *label, const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	printf("  %-10s", label);
	tool_print(stdout, text, false);
	printf("\n");
}

static void print_classes(const struct info_tally *t)
{
	if (t->count > 0)
		printf("\n     items  class\n");
	for (size_t n = 0; n < t->count; n++) {
		printf("%10" PRIu64 "  ", t->at[n].count);
		tool_print(stdout,
			   *t->at[n].name != '\0' ? t->at[n].name : "(others)",
			   false);
		printf("\n");
	}
}

static void print_folders(const struct info *i)
{
	printf("\n  messages  unread  hidden  folder\n");
	for (size_t n = 0; n < i->folder_count; n++) {
		const struct info_folder *f = &i->folders[n];
		const char *role;

		printf("%10" PRIu64 "  %6" PRIu64 "  %6" PRIu64 "  %*s",
		       f->messages, f->unread, f->hidden, 2 * (int)f->depth,
		       "");
		if (*f->name == '\0')
			printf("(folder %#x)", f->nid);
		tool_print(stdout, f->name, false);
		role = store_role_name(
			store_identity_role(i->identity, f->nid));
		if (*role != '\0')
			printf(" [%s]", role);
		if (f->search)
			printf(" (search)");
		else if (f->messages != f->says_messages)
			printf(" (says %" PRIu64 ")", f->says_messages);
		if (f->damaged > 0)
			printf(" (DAMAGED: %" PRIu64 ")", f->damaged);
		printf("\n");
	}
}

/* Whose mail `m` has, and how sure that is. */
static void print_owner(const struct store_mailbox *m, const char *path,
			const char *stated)
{
	const struct store_person *p = &m->owner;
	struct buf who = { 0 };

	if (*p->address != '\0' && info_disputed(p, path))
		buf_printf(&who, "not known: its mail says %s, its name %.*s",
			   p->address, (int)store_file_address(path).len,
			   (const char *)store_file_address(path).at);
	else if (*p->address != '\0')
		buf_printf(&who, "%s%s%s", p->name, *p->name != '\0' ? " " : "",
			   p->address);
	else
		buf_str(&who, stated != NULL ? stated : "");
	if (p->votes > 0)
		buf_printf(&who, " (by %u of %u %s looked at)", p->votes, p->of,
			   text_plural(p->of, "mail", "mails"));
	print_line("owner", buf_text(&who));
	buf_free(&who);
}

static void print_identity(const struct info *i, const char *path)
{
	for (size_t n = 0; n < i->identity->count; n++) {
		const struct store_mailbox *m = &i->identity->mailboxes[n];
		struct buf guid = { 0 };

		if (m->has_guid)
			store_guid_text(m->guid, &guid);
		if (n == 0)
			print_owner(m, path, i->owner);
		print_line(n == 0 ? "mailbox" : "shared", buf_text(&guid));
		if (n > 0)
			print_owner(m, "", NULL);
		buf_free(&guid);
	}
}

static void print_contents(const struct info *i, const char *path)
{
	const uint64_t differing = info_differing(i);

	print_line("name", i->name);
	print_identity(i, path);
	printf("  messages  %" PRIu64 " in %zu %s, %" PRIu64 " unread, %" PRIu64
	       " hidden",
	       i->messages, i->folder_count,
	       text_plural(i->folder_count, "folder", "folders"), i->unread,
	       i->hidden);
	if (i->has_nodes && i->nodes != i->messages)
		printf("; %" PRIu64 " in the whole store", i->nodes);
	printf("\n");
	if (i->dated)
		printf("  dates     %.10s to %.10s\n", info_when(i->first).text,
		       info_when(i->last).text);
	if (differing > 0)
		printf("  differing %" PRIu64 " between the folders' own "
		       "counts and their tables\n",
		       differing);
	if (i->damaged > 0)
		printf("  DAMAGED   %" PRIu64 " %s cannot be read\n",
		       i->damaged, text_plural(i->damaged, "entry", "entries"));
	if (i->losses > 0)
		printf("  LOSSES    %" PRIu64 "; ostcheck lists them\n",
		       i->losses);
	print_classes(&i->classes);
	print_folders(i);
}

static void json_header(struct json *j, const struct store_info *i)
{
	json_str(j, "kind", i->kind);
	json_str(j, "format", i->format);
	json_raw(j, "version", "%u", i->version);
	json_str(j, "encoding", i->encoding);
	json_raw(j, "size", "%" PRIu64, i->size);
	json_raw(j, "header_size", "%" PRIu64, i->header_eof);
	json_str(j, "length", length_of(i));
	json_bool(j, "clean", i->clean);
	json_str(j, "changed", info_when(i->mtime).text);
}

static void json_folder(struct json *j, const struct store_identity *whose,
			const struct info_folder *f)
{
	json_object_flat(j, NULL);
	json_raw(j, "nid", "\"%#x\"", f->nid);
	json_raw(j, "depth", "%u", f->depth);
	json_str(j, "name", f->name);
	store_role_json(j, whose, f->nid);
	json_bool(j, "search", f->search);
	json_raw(j, "messages", "%" PRIu64, f->messages);
	json_raw(j, "says_messages", "%" PRIu64, f->says_messages);
	json_raw(j, "unread", "%" PRIu64, f->unread);
	json_raw(j, "hidden", "%" PRIu64, f->hidden);
	json_raw(j, "says_hidden", "%" PRIu64, f->says_hidden);
	json_raw(j, "damaged", "%" PRIu64, f->damaged);
	json_object_end(j);
}

static void json_tally(struct json *j, const char *key,
		       const struct info_tally *t)
{
	json_array(j, key);
	for (size_t n = 0; n < t->count; n++) {
		json_object_flat(j, NULL);
		json_str(j, "name", t->at[n].name);
		json_raw(j, "messages", "%" PRIu64, t->at[n].count);
		json_object_end(j);
	}
	json_array_end(j);
}

static void json_contents(struct json *j, struct store *s, const struct info *i,
			  const char *path)
{
	json_str(j, "name", i->name != NULL ? i->name : "");
	store_identity_json(j, s, i->identity);
	json_bool(j, "owner_disputed",
		  info_disputed(&i->identity->mailboxes[0].owner, path));
	json_raw(j, "messages", "%" PRIu64, i->messages);
	json_raw(j, "unread", "%" PRIu64, i->unread);
	json_raw(j, "hidden", "%" PRIu64, i->hidden);
	json_raw(j, "damaged", "%" PRIu64, i->damaged);
	json_raw(j, "losses", "%" PRIu64, i->losses);
	json_raw(j, "differing", "%" PRIu64, info_differing(i));
	if (i->has_nodes)
		json_raw(j, "message_nodes", "%" PRIu64, i->nodes);
	if (i->dated) {
		json_str(j, "first", info_when(i->first).text);
		json_str(j, "last", info_when(i->last).text);
	}
	json_tally(j, "classes", &i->classes);
	json_array(j, "folders");
	for (size_t n = 0; n < i->folder_count; n++)
		json_folder(j, i->identity, &i->folders[n]);
	json_array_end(j);
}

/*
 * Say what there is to say of an open store. OST_TRUNCATED when it is shorter
 * than its header says, however much of it could be read.
 */
static enum ost_status describe(const struct options *o, const char *path,
				struct store *store, uint64_t *losses,
				struct ost_error *err)
{
	const struct store_info *header = store_info(store);
	struct info info;
	enum ost_status st;

	if (o->json != NULL)
		json_header(o->json, header);
	else if (!inforows_are(&o->rows))
		print_header(path, header);
	fflush(stdout); /* counting a large store takes a while */
	st = info_read(store, &info, err);
	info.losses = *losses;
	if (st == OST_OK && o->json != NULL)
		json_contents(o->json, store, &info, path);
	else if (st == OST_OK && inforows_are(&o->rows))
		inforows_put(&o->rows, path, header, &info);
	else if (st == OST_OK)
		print_contents(&info, path);
	info_free(&info);
	if (st == OST_OK && header->size < header->header_eof)
		return ost_fail(err, OST_TRUNCATED,
				"is cut short: %" PRIu64 " bytes of %" PRIu64,
				header->size, header->header_eof);
	return st;
}

/* Whom its X.500 names stand for. */
static enum ost_status print_people(const char *path, struct store *store,
				    struct ost_error *err)
{
	struct buf text = { 0 };
	bool whole = true;
	enum ost_status st = mail_directory_open(store, NULL, err);

	if (st == OST_OK)
		st = mail_directory_csv(store, &text, &whole, err);
	if (st == OST_OK)
		fwrite(buf_text(&text), 1, text.len, stdout);
	if (st == OST_OK && !whole)
		tool_warn("%s: warning: not all items were asked whom they "
			  "know: there are too many, or some are damaged",
			  path);
	buf_free(&text);
	return st;
}

/*
 * What is lost is what ostcheck says: it is asked first, for what is read
 * after that tells of more damage.
 */
static enum ost_status check(struct tree *tree, uint64_t *losses,
			     struct ost_error *err)
{
	const struct ledger_options quick = { .deep = false };
	struct ledger *l = NULL;
	enum ost_status st = ledger_make(&l, tree, &quick, err);

	if (st == OST_OK)
		*losses = ledger_losses(l);
	ledger_free(l);
	return st;
}

/* One store. Returns the exit code. */
static int tell(const struct options *o, const char *path)
{
	struct store *store = NULL;
	struct ost_error err = { "" };
	const struct tree_options shape = { .whole_store = false };
	struct tree *tree = NULL;
	uint64_t losses = 0;
	enum ost_status st;
	int code = OST_EXIT_OK;

	if (o->json != NULL) {
		json_object(o->json, NULL);
		json_str(o->json, "file", path);
		json_str(o->json, "called", inforows_called(&o->rows, path));
	}
	tool_look(path);
	st = store_open(&store, path, o->reader, &tool_options, &err);
	if (st == OST_OK && o->people)
		st = print_people(path, store, &err);
	else if (st == OST_OK)
		st = tree_new(&tree, store, &shape, &err);
	if (tree != NULL)
		st = check(tree, &losses, &err);
	if (st == OST_OK && tree != NULL)
		st = describe(o, path, store, &losses, &err);
	if (st != OST_OK)
		code = tool_fail(path, st, &err);
	else if (losses > 0)
		code = OST_EXIT_LOSSES;
	if (o->json != NULL) {
		if (st != OST_OK)
			json_str(o->json, "error", err.text);
		json_raw(o->json, "exit", "%d", code);
		json_object_end(o->json);
	}
	if (inforows_are(&o->rows) &&
	    (store == NULL || (st != OST_OK && st != OST_TRUNCATED)))
		inforows_failed(&o->rows, path, code);
	if (o->people)
		store_close(store);
	tree_free(tree); /* and the store in it */
	return code;
}

/* What was written of the JSON so far, to stdout. */
static void print_json(struct buf *text, int *code)
{
	struct ost_error err;
	const enum ost_status st = buf_status(text, &err);

	if (st == OST_OK)
		fwrite(text->at, 1, text->len, stdout);
	else
		*code = tool_fail("--json", st, &err);
	buf_cut(text, 0);
}

/*
 * One store, in a process of its own: that is sandboxed once the store is
 * open, and one store does nothing to what is said of another.
 */
static int tell_apart(const struct options *o, const char *path)
{
	int status = 0, code = OST_EXIT_OK;
	pid_t child;

	if (o->json != NULL)
		print_json(o->json->to, &code);
	fflush(stdout); /* or it is written twice */
	child = fork();
	if (child == 0) {
		code = tell(o, path);
		if (o->json != NULL)
			print_json(o->json->to, &code);
		exit(tool_finish(code));
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (o->json != NULL && WIFEXITED(status))
		o->json->more = true; /* the child has written one */
	if (child > 0 && WIFEXITED(status))
		return WEXITSTATUS(status);
	if (child > 0 && WTERMSIG(status) == SIGPIPE)
		return 128 + SIGPIPE; /* who reads has seen enough */
	tool_warn("%s: %s %d", path,
		  child < 0 ? "no process, error" : "ended by signal",
		  child < 0 ? errno : WTERMSIG(status));
	return child < 0 ? OST_EXIT_USAGE : 128 + WTERMSIG(status);
}

static int tell_all(const struct options *o, char **paths, int count)
{
	int code = OST_EXIT_OK;

	if (o->json != NULL)
		json_array(o->json, NULL);
	if (o->people)
		fputs(mail_directory_headings, stdout);
	for (int i = 0; i < count; i++) {
		if (i > 0 && o->json == NULL && !o->people &&
		    !inforows_are(&o->rows))
			printf("\n");
		code = info_worse(code, tell_apart(o, paths[i]));
	}
	if (inforows_are(&o->rows))
		inforows_end(&o->rows);
	if (o->json != NULL) {
		json_array_end(o->json);
		json_finish(o->json);
		print_json(o->json->to, &code);
	}
	return tool_finish(code);
}

int main(int argc, char **argv)
{
	static const struct option names[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "long", no_argument, NULL, 'l' },
		{ "people", no_argument, NULL, 'p' },
		TOOL_OPTIONS,
	};
	struct buf text = { 0 };
	struct json json = { .to = &text };
	struct options o = { .reader = &store_native };
	int c, code;

	tool_name = "ostinfo";
	while ((c = getopt_long(argc, argv, "jo:hV", names, NULL)) != -1) {
		switch (c) {
		case 'j':
			o.json = &json;
			break;
		case 'l':
			o.full = true;
			break;
		case 'p':
			o.people = true;
			break;
		default:
			code = tool_common(c, NULL, &o.reader, usage);
			if (code != TOOL_GO_ON)
				return code;
		}
	}
	if (optind == argc)
		return tool_usage(usage);
	if (o.people && o.json != NULL)
		return tool_usage(usage);
	if (o.json != NULL &&
	    !inforows_name(&o.rows, argv + optind, (size_t)(argc - optind)))
		return OST_EXIT_USAGE;
	if (argc - optind > 1 && !o.full && !o.people && o.json == NULL &&
	    !inforows_start(&o.rows, argv + optind, (size_t)(argc - optind)))
		return OST_EXIT_USAGE;
	code = tell_all(&o, argv + optind, argc - optind);
	inforows_free(&o.rows);
	buf_free(&text);
	return code;
}
