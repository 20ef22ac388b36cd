#include "output.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

enum { KEEP = 'k' };

/*
 * In a process that reads no store: wait for the one that does, and name or
 * remove the file. That one may be killed, but not take us along.
 */
static void finish(int asked, const char *part, const char *path)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	int error = 0;
	char what;

	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		signal(ending[i], SIG_IGN);
	if (read(asked, &what, 1) == 1 && what == KEEP)
		error = rename(part, path) == 0 ? 0 : errno;
	else
		error = ECANCELED;
	if (error != 0)
		unlink(part);
	(void)!write(asked, &error, sizeof(error));
	_exit(0);
}

/* False, with errno, if there can be no such process. */
static bool start_finisher(struct output *out, const char *part)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return false;
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		finish(ends[1], part, out->path);
	}
	close(ends[1]);
	out->finisher = ends[0];
	return pid > 0;
}

static FILE *open_part(struct output *out)
{
	FILE *to = NULL;
	char *part;

	if (asprintf(&part, "%s.part", out->path) < 0) {
		errno = ENOMEM;
		return NULL;
	}
	to = fopen(part, "we");
	if (to != NULL && !start_finisher(out, part)) {
		unlink(part);
		fclose(to);
		to = NULL;
	}
	free(part);
	return to;
}

bool output_open(struct output *out, const char *path)
{
	struct stat st;

	*out = (struct output){ .path = path, .finisher = -1 };
	if (strcmp(path, "-") == 0)
		out->to = stdout;
	else if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		out->to = fopen(path, "we");
	else
		out->to = open_part(out);
	if (out->to == NULL)
		tool_warn("%s: %s", path, strerror(errno));
	return out->to != NULL;
}

/* 0, or an errno: what became of the file. */
static int ask_finisher(int finisher, bool keep)
{
	const char what = KEEP;
	int error = EIO;

	if (keep)
		(void)!send(finisher, &what, 1, MSG_NOSIGNAL);
	else
		shutdown(finisher, SHUT_WR);
	if (read(finisher, &error, sizeof(error)) != sizeof(error))
		error = EIO;
	close(finisher);
	return keep ? error : 0;
}

int output_close(struct output *out, int code)
{
	const bool whole = code == OST_EXIT_OK || code == OST_EXIT_LOSSES;
	int error;

	if (out->to == stdout)
		return tool_finish(code);
	error = fclose(out->to) == 0 ? 0 : errno;
	if (out->finisher >= 0) {
		const int other =
			ask_finisher(out->finisher, whole && error == 0);

		error = error != 0 ? error : other;
	}
	if (error == 0)
		return code;
	tool_warn("%s: %s", out->path, strerror(error));
	return whole ? OST_EXIT_USAGE : code;
}
