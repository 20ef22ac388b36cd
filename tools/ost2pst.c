/*
 * ost2pst.c - write a store as a PST that Outlook opens: the command line
 */
#include <unistd.h>

#include "choice.h"
#include "tool.h"
#include "topst.h"

static const char usage[] =
	"usage: ost2pst [OPTION]... STORE OUT.pst\n"
	"\n"
	"Writes STORE (an Outlook .ost or .pst file) as a Unicode PST. "
	"Properties\n"
	"are copied unchanged. What cannot be read is left out and reported. "
	"OUT.pst\n"
	"gets its name only when it is complete and was read back. Exits with "
	"40 when\n"
	"something was lost, and with 12 when OUT.pst cannot be written.\n"
	"\n"
	"  --folder PATH   only that folder and those below it; may be a "
	"pattern,\n"
	"                  and be given several times\n"
	"  --since DATE, --until DATE\n"
	"                  only items from DATE on, or up to it\n"
	"  --split SIZE    the most that a part may have: 64M to 50G, or 0 for "
	"no\n"
	"                  limit (9G). Parts are OUT.pst, OUT.2.pst ..., each "
	"a\n"
	"                  complete PST\n"
	"  --associated    also write views, rules and settings of folders\n"
	"  --hidden        also write folders that Outlook does not show\n"
	"  --recovered     also write deleted items and older versions\n"
	"  --damaged=keep|omit\n"
	"                  an attachment that lost a part is kept, with zeros "
	"in\n"
	"                  its place, or left out\n"
	"  --name NAME     the name under which Outlook shows it\n"
	"  --dry-run       read everything and report, but write nothing\n"
	"  --report FILE   write a report of all that was done, as JSON\n"
	"  --sha256        the report names the SHA-256 of STORE, too\n"
	"  --verify, --no-verify\n"
	"                  read each part back before it gets its name "
	"(default)\n"
	"  --force         replace OUT.pst\n"
	"  --resume        go on after an interrupted run; keep its parts\n"
	"  --progress      show how far it is, even if not on a terminal\n"
	"  --heal, -o heal search the whole file for what a damaged index "
	"lost\n"
	"  -o charset=NAME, -o nosandbox\n"
	"                  as for ostls\n"
	"  --reader=NAME   read with native (the default) or pff (libpff)\n"
	"  --help, --version\n";

struct options {
	struct topst to;
	const char *folders[CHOICE_PATTERNS];
};

/* TOOL_GO_ON, or the exit code to end with. */
static int take_option(struct options *o, int c)
{
	struct pst_options *pst = &o->to.pst;

	if (c >= TOPST_FIRST && c < TOPST_END)
		return topst_take(&o->to, c);
	switch (c) {
	case 'F':
		return choice_pattern(o->folders, &pst->folder_count);
	case 's':
		return choice_date(&pst->since, &pst->has_since, false);
	case 'u':
		return choice_date(&pst->until, &pst->has_until, true);
	case 'v':
		pst->verify = true;
		return TOOL_GO_ON;
	case 'p':
		o->to.progress = true;
		return TOOL_GO_ON;
	default:
		return tool_common(c, NULL, &o->to.reader, usage);
	}
}

int main(int argc, char **argv)
{
	static const struct option names[] = {
		{ "folder", required_argument, NULL, 'F' },
		{ "since", required_argument, NULL, 's' },
		{ "until", required_argument, NULL, 'u' },
		{ "verify", no_argument, NULL, 'v' },
		{ "progress", no_argument, NULL, 'p' },
		TOPST_OPTIONS,
		TOOL_OPTIONS,
	};
	struct options o = { .to = TOPST_DEFAULT };
	int c, code;

	tool_name = "ost2pst";
	o.to.progress = isatty(STDERR_FILENO) != 0;
	while ((c = getopt_long(argc, argv, "o:hV", names, NULL)) != -1) {
		code = take_option(&o, c);
		if (code != TOOL_GO_ON)
			return code;
	}
	if (argc - optind != 2)
		return tool_usage(usage);
	o.to.pst.folders = o.folders;
	return topst_run(&o.to, argv[optind], argv[optind + 1]);
}
