#include "cli/interrupt.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "bytes/error.h"

enum { GRACE = 2 /* seconds */ };

static atomic_bool asked;
static sigset_t ending;

/*
 * A handler would not do: between a look at its flag and a read(2) that waits
 * for ever a signal would be without effect, and a thread that waits for a
 * network file runs no handler at all.
 */
static void *wait_for_signal(void *program)
{
	const struct timespec grace = { .tv_sec = GRACE };
	int number;

	sigwait(&ending, &number);
	atomic_store(&asked, true);
	while (sigtimedwait(&ending, NULL, &grace) < 0 && errno == EINTR)
		;
	dprintf(STDERR_FILENO, "%s: interrupted\n", (const char *)program);
	_exit(OST_EXIT_INTERRUPTED);
}

bool interrupt_start(const char *program)
{
	pthread_attr_t detached;
	static bool started;
	sigset_t before;
	pthread_t thread;
	bool good;

	if (started)
		return true;
	sigemptyset(&ending);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGTERM);
	if (pthread_attr_init(&detached) != 0)
		return false;
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	pthread_sigmask(SIG_BLOCK, &ending, &before);
	good = pthread_create(&thread, &detached, wait_for_signal,
			      (void *)(uintptr_t)program) == 0;
	started = good;
	if (!good)
		pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&detached);
	return good;
}

bool interrupt_asked(void)
{
	return atomic_load(&asked);
}
