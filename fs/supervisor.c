#include "fs/supervisor.h"

#include <errno.h>
#include <fuse_log.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fs/idle.h"
#include "fs/log.h"
#include "sandbox/descriptor.h"
#include "tree/tree.h"

static volatile sig_atomic_t child;

static void pass_on(int number)
{
	kill((pid_t)child, number);
}

/* The signals for which libfuse ends a session. */
static void keep_signals(void)
{
	static const int ending[] = { SIGTERM, SIGINT, SIGHUP };
	const struct sigaction action = { .sa_handler = pass_on };

	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		sigaction(ending[i], &action, NULL);
}

/* With signals blocked: none may come before it is known whom to pass it on
   to. */
static pid_t fork_quietly(void)
{
	sigset_t all, before;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	pid = fork();
	child = (sig_atomic_t)pid;
	if (pid > 0)
		keep_signals();
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}

bool supervisor_fork(int *channel)
{
	int ends[2];
	pid_t pid = -1;

	*channel = -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
		log_say("socketpair: %s", strerror(errno));
		return false;
	}
	pid = fork_quietly();
	if (pid < 0)
		log_say("fork: %s", strerror(errno));
	close(ends[pid == 0 ? 0 : 1]);
	if (pid < 0)
		close(ends[0]);
	else
		*channel = ends[pid == 0 ? 1 : 0];
	return pid == 0;
}

static bool wait_for_child(int *status)
{
	while (waitpid((pid_t)child, status, 0) < 0) {
		if (errno != EINTR)
			return false;
		idle_check();
	}
	return true;
}

bool supervisor_await(int channel, int *code)
{
	ssize_t got;
	char byte;
	int status;

	do {
		got = read(channel, &byte, 1);
	} while (got < 0 && errno == EINTR);
	if (got == 1)
		return true;
	*code = OST_EXIT_USAGE;
	if (!wait_for_child(&status))
		return false;
	if (WIFEXITED(status)) {
		*code = WEXITSTATUS(status);
		return false;
	}
	log_say("ended by signal %d before the mount was there",
		WTERMSIG(status));
	*code = 128 + WTERMSIG(status);
	return false;
}

bool supervisor_give(int channel, int device)
{
	const char byte = 0;

	if (device >= 0 && descriptor_send(channel, &byte, 1, device))
		return true;
	log_say("the process that serves is gone");
	return false;
}

int supervisor_take(int channel)
{
	char byte = 0;
	int device = -1;

	if (send(channel, &byte, 1, MSG_NOSIGNAL) != 1 ||
	    !descriptor_receive(channel, &byte, 1, &device))
		return -1;
	return device;
}

enum supervisor_end supervisor_wait(int ready)
{
	int status;

	if (ready >= 0) {
		setsid();
		dup2(STDOUT_FILENO, STDERR_FILENO); /* nowhere */
		close(ready);
		log_to_syslog();
	}
	if (!wait_for_child(&status))
		return SUPERVISOR_FAILED;
	if (WIFEXITED(status) && (WEXITSTATUS(status) == SUPERVISOR_UNMOUNTED ||
				  WEXITSTATUS(status) == SUPERVISOR_TOLD ||
				  WEXITSTATUS(status) == SUPERVISOR_FAILED))
		return (enum supervisor_end)WEXITSTATUS(status);
	fuse_log(FUSE_LOG_ERR,
		 "the process that serves was ended by signal %d; the mount "
		 "is dead, clear it with: fusermount3 -u -z MOUNTPOINT\n",
		 WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	return SUPERVISOR_CRASHED;
}
