/*
 * rtf_to_html.c - HTML of RTF files, as mails have it
 *
 *	rtf_to_html DIR FILE...	writes DIR/NAME.html for each FILE, and what
 *				it shows as DIR/NAME-1, DIR/NAME-2 ...
 */
#include <stdio.h>
#include <stdlib.h>

#include "mail/rtfhtml/rtfhtml.h"

static void fail(const char *path)
{
	perror(path);
	exit(1);
}

static void read_file(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "rb");
	char part[4096];
	size_t got;

	if (f == NULL)
		fail(path);
	while ((got = fread(part, 1, sizeof(part), f)) > 0)
		buf_add(out, part, got);
	if (ferror(f) || out->bad)
		fail(path);
	fclose(f);
}

static void write_file(const char *path, const struct buf *bytes)
{
	FILE *f = fopen(path, "wb");

	if (f == NULL || fwrite(buf_text(bytes), 1, bytes->len, f) < bytes->len)
		fail(path);
	if (fclose(f) != 0)
		fail(path);
}

static void convert(const char *dir, const char *path)
{
	const char *name = strrchr(path, '/');
	struct rtfhtml made = { 0 };
	struct buf rtf = { 0 };
	char to[4096];

	name = name != NULL ? name + 1 : path;
	read_file(path, &rtf);
	if (rtf_recognise(buf_span(&rtf)) != RTF_PLAIN ||
	    !rtfhtml_make(buf_span(&rtf), NULL, &made)) {
		fprintf(stderr, "%s: no HTML is made of it\n", path);
		exit(1);
	}
	snprintf(to, sizeof(to), "%s/%s.html", dir, name);
	write_file(to, &made.html);
	for (size_t i = 0; i < made.count; i++) {
		snprintf(to, sizeof(to), "%s/%s-%zu", dir, name, i + 1);
		write_file(to, &made.pictures[i].bytes);
		printf("%s %s\n", to, made.pictures[i].type);
	}
	rtfhtml_free(&made);
	buf_free(&rtf);
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fputs("usage: rtf_to_html DIR FILE...\n", stderr);
		return 1;
	}
	for (int i = 2; i < argc; i++)
		convert(argv[1], argv[i]);
	return 0;
}
