#include "fs/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <fuse_log.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fs/log.h"

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

static enum keeper_end await(void)
{
	int status;

	while (waitpid((pid_t)child, &status, 0) < 0)
		if (errno != EINTR)
			return KEEPER_FAILED;
	if (WIFEXITED(status) && (WEXITSTATUS(status) == KEEPER_UNMOUNTED ||
				  WEXITSTATUS(status) == KEEPER_TOLD ||
				  WEXITSTATUS(status) == KEEPER_FAILED))
		return (enum keeper_end)WEXITSTATUS(status);
	fuse_log(FUSE_LOG_ERR,
		 "the process that serves was ended by signal %d; the mount "
		 "is dead, clear it with: fusermount3 -u -z MOUNTPOINT\n",
		 WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	return KEEPER_CRASHED;
}

/*
 * A mount is dead when nobody has its descriptor, and better dead than
 * without an answer.
 */
static void let_go(int device, int ready)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	close(device);
	if (ready < 0 || null < 0)
		return;
	setsid();
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	close(null);
	close(ready);
	log_to_syslog();
}

bool keeper_fork(int device, int ready, enum keeper_end *end)
{
	sigset_t all, before;
	pid_t pid;

	/* None may come before it is known whom to pass it on to. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	pid = fork();
	child = (sig_atomic_t)pid;
	if (pid > 0)
		keep_signals();
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (pid == 0)
		return true;
	*end = KEEPER_FAILED;
	if (pid < 0) {
		log_say("fork: %s", strerror(errno));
		return false;
	}
	let_go(device, ready);
	*end = await();
	return false;
}
