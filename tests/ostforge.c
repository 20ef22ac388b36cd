/*
 * ostforge - make a store of known content
 *
 * For samples, for tests from scripts, and for trying how things go with
 * many or large messages. The same options give the same bytes.
 */
#include "forge_mailbox.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>

static const char usage[] =
	"usage: ostforge [options] -o FILE\n"
	"Make an Outlook store of known content.\n"
	"\n"
	"  -o, --output FILE        the store to write\n"
	"      --format FORMAT      ansi, unicode (default) or 4k\n"
	"      --kind KIND          pst (default) or ost\n"
	"      --encoding ENCODING  none, permute (default) or cyclic\n"
	"      --deflate WHICH      blocks of a 4k store that are deflated:\n"
	"                           none, outlook (default) or all\n"
	"      --sample             a small mailbox with something of\n"
	"                           everything (default)\n"
	"      --states             a mail in each state a mail can be in\n"
	"      --meanings           what readers are prone to misread\n"
	"      --hostile            names that no file may have, everywhere\n"
	"      --messages N         N messages instead, all different\n"
	"      --folders M          in M folders (default 1)\n"
	"      --attachments BYTES  some with attachments of up to BYTES, and\n"
	"                           one with just that; a third are text\n"
	"      --internet           with transport headers, and HTML beside\n"
	"                           the text\n"
	"      --exchange           with X.500 names for senders, of whom "
	"some\n"
	"                           are recipients elsewhere, with an address\n"
	"      --unnamed            with subjects in a code page that nothing\n"
	"                           names\n"
	"      --many WHAT          as many as --messages says of WHAT in one\n"
	"                           place: subfolders, subfolders-alike,\n"
	"                           lost-folders, attachments,\n"
	"                           attachments-alike, names-in-to, "
	"recipients\n"
	"      --scattered          blocks lie in an order of chance, as "
	"after\n"
	"                           years of use\n"
	"      --owner NAME         the mailbox of NAME@corp.example in place "
	"of\n"
	"                           that, with --messages in its Inbox, GUID,\n"
	"                           roles of folders and numbers of a server;\n"
	"                           with --format 4k --kind ost\n"
	"      --shared NAME        and that of NAME@corp.example in it\n"
	"      --german             with German names of folders\n"
	"      --seed S             of what is different (default 1)\n"
	"      --damage WHAT        every third message \"unlisted\" or\n"
	"                           \"missing\", or with \"attachment-rows\" "
	"or\n"
	"                           \"attachment-nodes\" that are not there;\n"
	"                           or a byte of a \"table\", of an\n"
	"                           \"associated-table\", of a \"node-page\",\n"
	"                           of a \"block-page\", or of \"block:N\";\n"
	"                           or of the \"root\" or its \"root-list\",\n"
	"                           or that list is a \"circle\"; or a folder\n"
	"                           is its \"own-parent\"; or the index of\n"
	"                           nodes has \"no-leaf\", or two entries\n"
	"                           \"swapped\"\n"
	"      --manifest FILE      write what is in the store, a line of\n"
	"                           JSON for each message; after damage, a\n"
	"                           last one of what becomes of each\n"
	"      --help               this text\n";

struct request {
	struct forge_options how;
	struct bulk bulk;
	struct company_mailbox company;
	enum { SAMPLE, STATES, MEANINGS, HOSTILE, BULK } what;
	const char *many; /* NULL: messages */
	const char *output, *manifest;
	struct damage damage;
	int fd; /* of the output */
};

/* In a page of a store that is damaged, so that not all are on one. */
enum { PAGE_ENTRIES = 8 };

enum {
	OPT_FORMAT = 256,
	OPT_KIND,
	OPT_ENCODING,
	OPT_DEFLATE,
	OPT_SAMPLE,
	OPT_STATES,
	OPT_MEANINGS,
	OPT_HOSTILE,
	OPT_MESSAGES,
	OPT_FOLDERS,
	OPT_ATTACHMENTS,
	OPT_INTERNET,
	OPT_EXCHANGE,
	OPT_UNNAMED,
	OPT_MANY,
	OPT_SCATTERED,
	OPT_OWNER,
	OPT_SHARED,
	OPT_GERMAN,
	OPT_SEED,
	OPT_MANIFEST,
	OPT_DAMAGE,
	OPT_HELP
};

static const struct option options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "kind", required_argument, NULL, OPT_KIND },
	{ "encoding", required_argument, NULL, OPT_ENCODING },
	{ "deflate", required_argument, NULL, OPT_DEFLATE },
	{ "sample", no_argument, NULL, OPT_SAMPLE },
	{ "states", no_argument, NULL, OPT_STATES },
	{ "meanings", no_argument, NULL, OPT_MEANINGS },
	{ "hostile", no_argument, NULL, OPT_HOSTILE },
	{ "messages", required_argument, NULL, OPT_MESSAGES },
	{ "folders", required_argument, NULL, OPT_FOLDERS },
	{ "attachments", required_argument, NULL, OPT_ATTACHMENTS },
	{ "internet", no_argument, NULL, OPT_INTERNET },
	{ "exchange", no_argument, NULL, OPT_EXCHANGE },
	{ "unnamed", no_argument, NULL, OPT_UNNAMED },
	{ "many", required_argument, NULL, OPT_MANY },
	{ "scattered", no_argument, NULL, OPT_SCATTERED },
	{ "owner", required_argument, NULL, OPT_OWNER },
	{ "shared", required_argument, NULL, OPT_SHARED },
	{ "german", no_argument, NULL, OPT_GERMAN },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "manifest", required_argument, NULL, OPT_MANIFEST },
	{ "damage", required_argument, NULL, OPT_DAMAGE },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

static _Noreturn void complain(const char *what, const char *about)
{
	fprintf(stderr, "ostforge: %s: %s\n", about, what);
	exit(OST_EXIT_USAGE);
}

/* The place of `word` in `list`, which NULL ends. */
static unsigned one_of(const char *word, const char *const *list)
{
	for (unsigned i = 0; list[i] != NULL; i++)
		if (strcmp(word, list[i]) == 0)
			return i;
	complain("no such choice; see --help", word);
}

static uint64_t number(const char *word, uint64_t max)
{
	char *end;

	errno = 0;
	const unsigned long long value = strtoull(word, &end, 10);
	if (errno != 0 || end == word || *end != '\0' || *word == '-' ||
	    value > max)
		complain("not a number, or too large", word);
	return value;
}

/* "block:7" */
static struct damage damage_of(char *word)
{
	char *colon = strchr(word, ':');
	struct damage d = { .name = word };

	if (colon != NULL) {
		d.number = number(colon + 1, UINT32_MAX);
		*colon = '\0';
	}
	return d;
}

static void set_choice(struct request *r, int option, const char *word)
{
	static const char *const formats[] = { "ansi", "unicode", "4k", NULL };
	static const char *const kinds[] = { "pst", "ost", NULL };
	static const char *const encodings[] = { "none", "permute", "cyclic",
						 NULL };
	static const char *const deflates[] = { "none", "outlook", "all",
						NULL };

	switch (option) {
	case OPT_FORMAT:
		r->how.format = (enum forge_format)one_of(word, formats);
		break;
	case OPT_KIND:
		r->how.kind = (enum forge_kind)one_of(word, kinds);
		r->how.mailbox = r->how.kind == FORGE_OST;
		break;
	case OPT_ENCODING:
		r->how.encoding = (enum forge_encoding)one_of(word, encodings);
		break;
	default:
		r->how.deflate = (enum forge_deflate)one_of(word, deflates);
	}
}

static void set_option(struct request *r, int option, char *word)
{
	switch (option) {
	case 'o':
		r->output = word;
		break;
	case OPT_SAMPLE:
		r->what = SAMPLE;
		break;
	case OPT_STATES:
		r->what = STATES;
		break;
	case OPT_MEANINGS:
		r->what = MEANINGS;
		break;
	case OPT_HOSTILE:
		r->what = HOSTILE;
		break;
	case OPT_MESSAGES:
		r->bulk.messages = (uint32_t)number(word, 4000000);
		r->what = BULK;
		break;
	case OPT_FOLDERS:
		r->bulk.folders = (uint32_t)number(word, 100000);
		break;
	case OPT_ATTACHMENTS:
		r->bulk.attachment_max = number(word, INT32_MAX);
		break;
	case OPT_INTERNET:
		r->bulk.internet = true;
		break;
	case OPT_EXCHANGE:
		r->bulk.exchange = true;
		break;
	case OPT_UNNAMED:
		r->bulk.unnamed = true;
		break;
	case OPT_MANY:
		if (!many_fill(NULL, word, 0))
			complain("no such choice; see --help", word);
		r->many = word;
		break;
	case OPT_SCATTERED:
		r->how.scattered = true;
		break;
	case OPT_OWNER:
		r->company.owner = word;
		break;
	case OPT_SHARED:
		r->company.shared = word;
		break;
	case OPT_GERMAN:
		r->company.german = true;
		break;
	case OPT_SEED:
		r->bulk.seed = (uint32_t)number(word, UINT32_MAX);
		r->how.seed = r->bulk.seed;
		break;
	case OPT_MANIFEST:
		r->manifest = word;
		break;
	case OPT_DAMAGE:
		r->damage = damage_of(word);
		break;
	case OPT_HELP:
		fputs(usage, stdout);
		exit(OST_EXIT_OK);
	case '?':
		fputs("ostforge: see --help\n", stderr);
		exit(OST_EXIT_USAGE);
	default:
		set_choice(r, option, word);
	}
}

static struct request read_options(int argc, char **argv)
{
	struct request r = {
		.how = { .format = FORGE_UNICODE,
			 .encoding = FORGE_PERMUTE,
			 .deflate = FORGE_OUTLOOK,
			 .seed = 1 },
		.bulk = { .folders = 1, .seed = 1 },
	};
	bool encoded = false;
	int option;

	while ((option = getopt_long(argc, argv, "o:", options, NULL)) != -1) {
		encoded |= option == OPT_ENCODING;
		set_option(&r, option, optarg);
	}
	if (optind < argc)
		complain("not an option; see --help", argv[optind]);
	if (r.output == NULL)
		complain("no file to write; see --help", "-o");
	if (!encoded && r.how.format == FORGE_UNICODE_4K)
		r.how.encoding = FORGE_PLAIN; /* as all that are known */
	r.how.split = r.how.format == FORGE_UNICODE_4K;
	r.company.messages = r.bulk.messages;
	if (r.damage.name != NULL)
		r.how.page_entries = PAGE_ENTRIES;
	return r;
}

static void fill(struct mailbox *b, const struct request *r)
{
	if (r->many != NULL)
		(void)many_fill(b, r->many, r->bulk.messages);
	else if (r->company.owner != NULL)
		company_fill(b, &r->company);
	else if (r->what == BULK)
		bulk_fill(b, &r->bulk);
	else if (r->what == STATES)
		states_fill(b);
	else if (r->what == MEANINGS)
		meanings_fill(b);
	else if (r->what == HOSTILE)
		hostile_fill(b);
	else
		sample_fill(b);
}

/* In memory, where it can be damaged. */
static enum ost_status make_damaged(struct mailbox *b, const struct request *r,
				    struct ost_error *err)
{
	struct buf store = { 0 };
	enum ost_status st = forge_finish(b->forge, &store, err);

	if (st == OST_OK && (b->made.bad || !damage_store(b, &store)))
		complain("there is no such thing to damage", r->damage.name);
	if (st == OST_OK && b->manifest != NULL)
		damage_tell(b);
	for (size_t off = 0; st == OST_OK && off < store.len;) {
		const ssize_t put =
			write(r->fd, store.at + off, store.len - off);

		if (put < 0)
			complain(strerror(errno), r->output);
		off += (size_t)put;
	}
	buf_free(&store);
	return st;
}

static enum ost_status make(const struct request *r, FILE *manifest,
			    struct ost_error *err)
{
	struct forge_options how = r->how;
	struct mailbox b = { .manifest = manifest,
			     .ansi = how.format == FORGE_ANSI,
			     .damage = r->damage };
	enum ost_status st;

	how.fd = r->damage.name == NULL ? r->fd : 0;
	b.forge = forge_new(&how);
	fill(&b, r);
	st = r->damage.name == NULL ? forge_finish(b.forge, NULL, err)
				    : make_damaged(&b, r, err);
	buf_free(&b.made);
	return st;
}

int main(int argc, char **argv)
{
	struct request r = read_options(argc, argv);
	FILE *manifest = NULL;
	struct ost_error err;

	r.fd = open(r.output, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (r.fd < 0)
		complain(strerror(errno), r.output);
	if (r.manifest != NULL) {
		manifest = fopen(r.manifest, "w");
		if (manifest == NULL)
			complain(strerror(errno), r.manifest);
	}

	const enum ost_status st = make(&r, manifest, &err);
	if (st != OST_OK)
		fprintf(stderr, "ostforge: %s: %s\n", r.output, err.text);
	if ((manifest != NULL && fclose(manifest) != 0) || close(r.fd) != 0)
		complain(strerror(errno), r.output);
	return st == OST_OK ? OST_EXIT_OK : ost_exit_code(st);
}
