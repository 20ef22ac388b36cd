/*
 * gmime_check.c - does GMime read every .eml, to the last byte of each part?
 *
 *	gmime_check FILE...
 *
 * Every file must be a message; every multipart in it must have parts, every
 * embedded message a message, every other part contents, which must decode,
 * and to bytes where there are any. Prints the counts, and each fault with
 * its file; exits 1 on any, and when there was no part at all.
 */
#include <gmime/gmime.h>
#include <stdio.h>

static struct {
	const char *file;
	unsigned files, parts, addresses, faults;
	int64_t bytes;
} seen;

static void fault(const char *what)
{
	seen.faults++;
	fprintf(stderr, "%s: %s\n", seen.file, what);
}

/*
 * GMime's own complaints are faults of ours, but for addresses: a header that
 * a mail came with is shown as it came.
 */
static void complain(gint64 offset, GMimeParserWarning code, const gchar *item,
		     gpointer user)
{
	char text[160];

	(void)user;
	if (code == GMIME_WARN_INVALID_ADDRESS_LIST) {
		seen.addresses++;
		return;
	}
	snprintf(text, sizeof(text), "complaint %d at %" G_GINT64_FORMAT ": %s",
		 (int)code, offset, item != NULL ? item : "");
	fault(text);
}

static void check_leaf(GMimePart *part)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeStream *out = g_mime_stream_null_new();
	GMimeStream *raw;
	gssize got;

	if (content == NULL) {
		fault("a part without contents");
		g_object_unref(out);
		return;
	}
	raw = g_mime_data_wrapper_get_stream(content);
	got = g_mime_data_wrapper_write_to_stream(content, out);
	if (got < 0)
		fault("contents that do not decode");
	else if (got == 0 && g_mime_stream_length(raw) > 2)
		fault("contents that decode to nothing");
	else
		seen.bytes += got;
	g_object_unref(out);
}

static void check_part(GMimeObject *parent, GMimeObject *part, gpointer user)
{
	(void)parent;
	(void)user;
	seen.parts++;
	if (GMIME_IS_MULTIPART(part)) {
		if (g_mime_multipart_get_count(GMIME_MULTIPART(part)) == 0)
			fault("a multipart without parts");
	} else if (GMIME_IS_MESSAGE_PART(part)) {
		if (g_mime_message_part_get_message(GMIME_MESSAGE_PART(part)) ==
		    NULL)
			fault("no message in a message part");
	} else if (GMIME_IS_PART(part)) {
		check_leaf(GMIME_PART(part));
	} else {
		fault("a part of a kind that is none");
	}
}

static void check_file(const char *name, GMimeParserOptions *options)
{
	GMimeStream *in = g_mime_stream_file_open(name, "r", NULL);
	GMimeParser *parser;
	GMimeMessage *message;

	seen.files++;
	seen.file = name;
	if (in == NULL) {
		fault("cannot be opened");
		return;
	}
	parser = g_mime_parser_new_with_stream(in);
	message = g_mime_parser_construct_message(parser, options);
	if (message == NULL) {
		fault("not a message");
	} else {
		if (g_mime_message_get_mime_part(message) == NULL)
			fault("a message without a body");
		g_mime_message_foreach(message, check_part, NULL);
		g_object_unref(message);
	}
	g_object_unref(parser);
	g_object_unref(in);
}

int main(int argc, char **argv)
{
	GMimeParserOptions *options;

	g_mime_init();
	options = g_mime_parser_options_new();
	g_mime_parser_options_set_warning_callback(options, complain, NULL);
	for (int i = 1; i < argc; i++)
		check_file(argv[i], options);
	g_mime_parser_options_free(options);
	g_mime_shutdown();
	printf("%u files, %u parts, %" G_GINT64_FORMAT " bytes, "
	       "%u odd addresses, %u faults\n",
	       seen.files, seen.parts, seen.bytes, seen.addresses, seen.faults);
	return seen.faults > 0 || seen.parts == 0;
}
