#include "store/pff_spawner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/descriptor.h"
#include "sandbox/sandbox.h"

enum { FORK = 'f', KILL = 'k' };
enum { PATIENCE_MS = 30000 }; /* with the spawner, which has little to do */

/* What the spawner answers, along with a descriptor if it forked. */
struct answer {
	int failed; /* errno of fork(2) and the like */
	int how;    /* the last reader ended: as of waitpid(2) */
};

/* --- in the spawner ------------------------------------------------------- */

/* Descriptors: only the two that are needed, and the usual three, mute. */
static bool close_others(int control, int store)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	const int low = control < store ? control : store;
	const int high = control < store ? store : control;

	return low > STDERR_FILENO && null >= 0 &&
	       dup2(null, STDIN_FILENO) >= 0 &&
	       dup2(null, STDOUT_FILENO) >= 0 &&
	       dup2(null, STDERR_FILENO) >= 0 &&
	       (low <= 3 || close_range(3, (unsigned)low - 1, 0) == 0) &&
	       (high == low + 1 ||
		close_range((unsigned)low + 1, (unsigned)high - 1, 0) == 0) &&
	       close_range((unsigned)high + 1, ~0U, 0) == 0;
}

/*
 * `more` bytes than are mapped now: with sanitizers, that is a lot. No limit
 * can be set in a process that is sandboxed already.
 */
static void limit_memory(uint64_t more)
{
	struct rlimit limit;
	unsigned long long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f == NULL)
		return;
	if (fscanf(f, "%llu", &pages) == 1) {
		limit.rlim_cur = pages * (uint64_t)sysconf(_SC_PAGESIZE) + more;
		limit.rlim_max = limit.rlim_cur;
		setrlimit(RLIMIT_AS, &limit);
	}
	fclose(f);
}

/* Who asks does not wait for one that does not listen. */
static bool limit_wait(int fd)
{
	const struct timeval max = { PATIENCE_MS / 1000, 0 };

	return setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &max, sizeof(max)) == 0;
}

/* Who mounts is told what is lacking by the process that serves. */
static void no_matter(const char *what)
{
	(void)what;
}

static pid_t fork_reader(int control, const struct pff_input *in,
			 uint64_t memory, int *fd)
{
	const struct sandbox own = { .role = SANDBOX_READER,
				     .lack = no_matter };
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return -1;
	pid = limit_wait(ends[0]) ? fork() : -1;
	if (pid == 0) {
		close(control);
		close(ends[0]);
		limit_memory(memory);
		sandbox_enter(&own);
		pff_serve(ends[1], in);
		_exit(0);
	}
	close(ends[1]);
	if (pid < 0)
		close(ends[0]);
	else
		*fd = ends[0];
	return pid;
}

/* End the reader, if there is one. */
static int reap(pid_t *reader)
{
	int how = 0;

	if (*reader > 0) {
		kill(*reader, SIGKILL);
		while (waitpid(*reader, &how, 0) < 0 && errno == EINTR)
			;
	}
	*reader = -1;
	return how;
}

static void reply(int control, struct answer a, int fd)
{
	if (!descriptor_send(control, &a, sizeof(a), fd))
		_exit(0);
}

/* Until nobody has the other end of `control`. */
static void spawn(int control, const struct pff_input *in, uint64_t memory)
{
	pid_t reader = -1;
	char what;

	while (read(control, &what, 1) == 1) {
		struct answer a = { .how = reap(&reader) };
		int fd = -1;

		if (what == FORK)
			reader = fork_reader(control, in, memory, &fd);
		if (what == FORK && reader < 0)
			a.failed = errno;
		reply(control, a, fd);
		if (fd >= 0)
			close(fd);
	}
	(void)reap(&reader);
}

/* --- in the process that asks --------------------------------------------- */

/* A process of a session of its own: no terminal's signal is for it. */
static void become_spawner(int control, const struct pff_input *in,
			   uint64_t memory)
{
	setsid();
	if (close_others(control, source_fd(in->source)))
		spawn(control, in, memory);
	_exit(0);
}

enum ost_status pff_spawner_start(struct pff_spawner *out,
				  const struct pff_input *in, uint64_t memory,
				  struct ost_error *err)
{
	int ends[2];

	*out = (struct pff_spawner){ -1, -1 };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return ost_fail(err, OST_IO, "socketpair: %s", strerror(errno));
	out->pid = fork();
	if (out->pid == 0) {
		close(ends[0]);
		become_spawner(ends[1], in, memory);
	}
	close(ends[1]);
	out->control = ends[0];
	if (out->pid < 0) {
		(void)ost_fail(err, OST_IO, "fork: %s", strerror(errno));
		pff_spawner_stop(out);
		return OST_IO;
	}
	return OST_OK;
}

static bool hear(int control, struct answer *a, int *fd)
{
	struct pollfd p = { .fd = control, .events = POLLIN };

	*fd = -1;
	return poll(&p, 1, PATIENCE_MS) == 1 &&
	       descriptor_receive(control, a, sizeof(*a), fd);
}

static bool ask(const struct pff_spawner *s, char what, struct answer *a,
		int *fd)
{
	return send(s->control, &what, 1, MSG_NOSIGNAL) == 1 &&
	       hear(s->control, a, fd);
}

enum ost_status pff_spawner_fork(const struct pff_spawner *s, int *fd,
				 struct ost_error *err)
{
	struct answer a = { 0 };

	*fd = -1;
	if (!ask(s, FORK, &a, fd))
		return ost_fail(err, OST_IO,
				"the process that starts libpff is gone");
	if (*fd < 0)
		return ost_fail(err, OST_IO, "no process for libpff: %s",
				strerror(a.failed));
	return OST_OK;
}

int pff_spawner_kill(const struct pff_spawner *s)
{
	struct answer a = { 0 };
	int fd;

	if (!ask(s, KILL, &a, &fd) || !WIFSIGNALED(a.how))
		return 0;
	return WTERMSIG(a.how);
}

/* Who closes is not always who opened, and then has no such child. */
void pff_spawner_stop(struct pff_spawner *s)
{
	if (s->control >= 0) {
		shutdown(s->control, SHUT_RDWR); /* others may have it, too */
		close(s->control);
	}
	if (s->pid > 0)
		while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
			;
	*s = (struct pff_spawner){ -1, -1 };
}
