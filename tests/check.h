/*
 * check.h - all the harness there is: CHECK in a test, RUN in main
 *
 * A failed CHECK says where and goes on, so that one run shows all; the
 * program then exits 1. A test program ends with `return checked();`. Given
 * the name of a test, as in `test_mail a_name_is_kept`, it runs that one only.
 */
#ifndef OST_CHECK_H
#define OST_CHECK_H

#include <stdio.h>
#include <string.h>

static int check_failed;
static int check_count;

#define CHECK(that)                                                            \
	do {                                                                   \
		check_count++;                                                 \
		if (!(that)) {                                                 \
			check_failed++;                                        \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__,       \
				__LINE__, #that);                              \
		}                                                              \
	} while (0)

#define CHECK_STR(got, want)                                                   \
	do {                                                                   \
		const char *got_ = (got), *want_ = (want);                     \
		check_count++;                                                 \
		if (strcmp(got_, want_) != 0) {                                \
			check_failed++;                                        \
			fprintf(stderr,                                        \
				"%s:%d: got  \"%s\"\n%*swant \"%s\"\n",        \
				__FILE__, __LINE__, got_,                      \
				(int)strlen(__FILE__) + 6, "", want_);         \
		}                                                              \
	} while (0)

static const char *check_only; /* NULL: all */

/* The C library hands a constructor what it hands main(). */
__attribute__((constructor)) static void check_arguments(int argc, char **argv)
{
	if (argc == 2 && argv[1][0] != '-' && strchr(argv[1], '/') == NULL)
		check_only = argv[1];
}

#define RUN(test)                                                              \
	do {                                                                   \
		const int before_ = check_failed;                              \
		if (check_only != NULL && strcmp(check_only, #test) != 0)      \
			break;                                                 \
		test();                                                        \
		printf("%s %s\n", check_failed == before_ ? "ok  " : "FAIL",   \
		       #test);                                                 \
	} while (0)

/* The exit code: a program that checked nothing has failed too. */
static inline int checked(void)
{
	printf("%d checks, %d failed\n", check_count, check_failed);
	return check_failed > 0 || check_count == 0;
}

#endif
