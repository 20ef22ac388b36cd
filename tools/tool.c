/*
 * tool.c - what the tools share: how they speak and how they end
 */
#include "tool.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes/text.h"
#include "cli/advice.h"
#include "sandbox/sandbox.h"

const char *tool_name = "ostfs";
const int *tool_below, *tool_writes;
static bool no_sandbox;
static struct advice_look look;

static void when_opened(void *arg)
{
	(void)arg;
	tool_enter_sandbox();
}

struct store_options tool_options = { .cache = 32 << 20,
				      .opened = when_opened };

static void say_lacking(const char *what)
{
	fprintf(stderr,
		"%s: warning: less protected from a hostile store: %s\n",
		tool_name, what);
}

void tool_enter_sandbox(void)
{
	const struct sandbox own = { .role = SANDBOX_TOOL,
				     .below = tool_below,
				     .writes = tool_writes,
				     .lack = say_lacking };
	const char *lacking;

	if (!sandbox_load(&lacking)) {
		fprintf(stderr, "%s: %s\n", tool_name, lacking);
		exit(OST_EXIT_USAGE);
	}
	text_load();
	mail_load();
	if (!no_sandbox)
		sandbox_enter(&own);
}

/* The reader of `--reader=NAME`; NULL after saying that it is none. */
static const struct store_ops *reader_of(const char *name)
{
	const struct store_ops *ops = store_backend(name);

	if (ops == NULL)
		tool_warn("no reader \"%s\"; there are native and pff", name);
	if (ops != &store_pff || store_has_pff)
		return ops;
	fprintf(stderr, "%s: %s\n", tool_name, store_pff_lacking);
	return NULL;
}

/* Say on a terminal how far a scan has come: it can take minutes. */
static void show_progress(void *arg, uint64_t done, uint64_t size)
{
	(void)arg;
	fprintf(stderr, "\r%s: scanning: %3u %%%s", tool_name,
		(unsigned)(100 * (done / 1024) / (size / 1024 + 1)),
		done < size ? "" : "\r\033[K");
}

/* Set in tool_options what the text of an `-o` says. False: it is unknown. */
static bool set_option(const char *text)
{
	static const char charset[] = "charset=";

	if (strncmp(text, charset, strlen(charset)) == 0)
		return store_option_charset(&tool_options,
					    text + strlen(charset));
	if (strcmp(text, "nosandbox") == 0)
		return no_sandbox = true;
	if (strcmp(text, "heal") != 0)
		return false;
	tool_options.heal = true;
	if (isatty(STDERR_FILENO))
		tool_options.progress = show_progress;
	return true;
}

/* Read the directory at `path`; false after saying why it cannot be. */
static bool read_addrmap(struct tree_options *tree, const char *path)
{
	static struct mail_addrmap *addrmap; /* needed to the end */
	struct ost_error err;

	mail_addrmap_free(addrmap);
	if (mail_addrmap_read(&addrmap, path, &err) != OST_OK) {
		tool_warn("%s: %s", path, err.text);
		return false;
	}
	if (mail_addrmap_left_out(addrmap)[0] != '\0')
		tool_warn("%s: warning: %s", path,
			  mail_addrmap_left_out(addrmap));
	tree->addrmap = addrmap;
	return true;
}

/* The same of the tree, too. Returns the exit code: 0 unless it said why. */
static int set_tree_option(struct tree_options *tree, const char *text,
			   const char *usage)
{
	static const char map[] = "addrmap=";
	const char *want;

	if (strncmp(text, map, strlen(map)) == 0)
		return read_addrmap(tree, text + strlen(map)) ? OST_EXIT_OK
							      : OST_EXIT_USAGE;
	if (!tree_option(tree, text, &want) && !set_option(text))
		return tool_usage(usage);
	tool_options.recover = tool_options.recover_pff = tree->recovered;
	return OST_EXIT_OK;
}

static int version(void)
{
	printf("%s %s, libpff %s\n", tool_name, OST_VERSION,
	       store_pff_version());
	return tool_finish(OST_EXIT_OK);
}

int tool_common(int c, struct tree_options *tree,
		const struct store_ops **reader, const char *usage)
{
	int code = OST_EXIT_OK;

	switch (c) {
	case 'o':
		if (tree != NULL)
			code = set_tree_option(tree, optarg, usage);
		else if (!set_option(optarg))
			code = tool_usage(usage);
		return code == OST_EXIT_OK ? TOOL_GO_ON : code;
	case 'H':
		(void)set_option("heal");
		return TOOL_GO_ON;
	case 'r':
		*reader = reader_of(optarg);
		return *reader != NULL ? TOOL_GO_ON : OST_EXIT_USAGE;
	case 'h':
		fputs(usage, stdout);
		return tool_finish(OST_EXIT_OK);
	case 'V':
		return version();
	default:
		return tool_usage(usage);
	}
}

void tool_print(FILE *to, const char *text, bool lines)
{
	struct buf safe = { 0 };

	text_safe(&safe, span_of(text, strlen(text)), lines);
	fwrite(buf_text(&safe), 1, safe.len, to);
	buf_free(&safe);
}

void tool_warn(const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	fprintf(stderr, "%s: ", tool_name);
	tool_print(stderr, text != NULL ? text : "out of memory", false);
	fputc('\n', stderr);
	free(text);
}

int tool_fail(const char *path, enum ost_status status,
	      const struct ost_error *err)
{
	struct buf why = { 0 };

	fflush(stdout);
	advice_put(&why, path, &look, status, err, tool_options.heal);
	fprintf(stderr, "%s: ", tool_name);
	tool_print(stderr, buf_text(&why), false);
	fputc('\n', stderr);
	buf_free(&why);
	return ost_exit_code(status);
}

const char *tool_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

void tool_look(const char *path)
{
	advice_look(&look, path);
}

bool tool_in_order(const char *store, const char *other)
{
	if (!advice_swapped(store, other))
		return true;
	tool_warn("%s is the store and comes first: %s %s %s", other, tool_name,
		  other, store);
	return false;
}

int tool_usage(const char *usage)
{
	fputs(usage, stderr);
	return OST_EXIT_USAGE;
}

int tool_finish(int code)
{
	const bool failed = ferror(stdout) != 0;

	if (fflush(stdout) == 0 && !failed)
		return code;
	if (errno != EPIPE)
		fprintf(stderr, "%s: standard output: %s\n", tool_name,
			strerror(errno));
	return code != OST_EXIT_OK ? code : OST_EXIT_USAGE;
}
