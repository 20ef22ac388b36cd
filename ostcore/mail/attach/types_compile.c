/*
 * types_compile.c - at build time: types.magic as bytes of a C file
 *
 *	types_compile RULES OUT.c
 *
 * As libmagic compiles them, and as they are written: a libmagic of another
 * version may not take what this one made. The compiled file is made in the
 * current directory.
 */
#include <libgen.h>
#include <magic.h>
#include <stdio.h>
#include <string.h>

static int put(FILE *out, const char *name, const char *path)
{
	FILE *in = fopen(path, "rb");
	int c;

	if (in == NULL)
		return -1;
	fprintf(out, "const unsigned char %s[] = {", name);
	for (unsigned long n = 0; (c = getc(in)) != EOF; n++)
		fprintf(out, "%s%d,", n % 20 == 0 ? "\n" : "", c);
	fprintf(out, "\n};\nconst size_t %s_size = sizeof(%s);\n", name, name);
	return fclose(in);
}

int main(int argc, char **argv)
{
	char compiled[256], rules[4096];
	magic_t m = magic_open(MAGIC_NONE);
	FILE *out = argc == 3 ? fopen(argv[2], "w") : NULL;
	int bad;

	if (out == NULL || m == NULL || magic_compile(m, argv[1]) != 0) {
		fprintf(stderr, "types_compile: %s\n",
			m != NULL ? magic_error(m) : "cannot");
		return 1;
	}
	magic_close(m);
	snprintf(rules, sizeof(rules), "%s", argv[1]);
	snprintf(compiled, sizeof(compiled), "%s.mgc", basename(rules));
	fputs("#include <stddef.h>\n"
	      "extern const unsigned char types_rules[], types_compiled[];\n"
	      "extern const size_t types_rules_size, types_compiled_size;\n",
	      out);
	bad = put(out, "types_compiled", compiled);
	bad |= put(out, "types_rules", argv[1]);
	return bad | fclose(out) ? 1 : 0;
}
