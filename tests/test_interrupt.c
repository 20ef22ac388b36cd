/*
 * test_interrupt.c - A2: a program ends on the first Ctrl-C, in order if it
 * can and all the same if it cannot
 */
#include "cli/interrupt.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

enum { ENDED_WELL = 7, INTERRUPTED = 130 };

/* A child that does `work` once it may be interrupted; see await_child(). */
static pid_t start(void (*work)(void), int *ready)
{
	int ends[2];
	pid_t child;

	CHECK(pipe(ends) == 0);
	child = fork();
	if (child == 0) {
		if (freopen("/dev/null", "w", stderr) == NULL ||
		    !interrupt_start("test") || write(ends[1], "", 1) != 1)
			_exit(1);
		work();
		_exit(2);
	}
	close(ends[1]);
	*ready = ends[0];
	return child;
}

/* The exit code of a child that gets `signals` as soon as it is ready. */
static int ended_by(void (*work)(void), const int *signals, size_t count)
{
	int ready, status = 0;
	const pid_t child = start(work, &ready);
	char byte;

	CHECK(read(ready, &byte, 1) == 1);
	close(ready);
	for (size_t i = 0; i < count; i++)
		CHECK(kill(child, signals[i]) == 0);
	CHECK(waitpid(child, &status, 0) == child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void end_when_asked(void)
{
	while (!interrupt_asked())
		usleep(1000);
	_exit(ENDED_WELL);
}

static void never_end(void)
{
	for (;;)
		pause();
}

static void it_ends_in_order(void)
{
	static const int interrupt = SIGINT, terminate = SIGTERM;

	CHECK(ended_by(end_when_asked, &interrupt, 1) == ENDED_WELL);
	CHECK(ended_by(end_when_asked, &terminate, 1) == ENDED_WELL);
}

static void it_ends_all_the_same(void)
{
	static const int both[] = { SIGINT, SIGTERM };

	CHECK(ended_by(never_end, both, 1) == INTERRUPTED);
	CHECK(ended_by(never_end, both, 2) == INTERRUPTED);
}

int main(void)
{
	RUN(it_ends_in_order);
	RUN(it_ends_all_the_same);
	return checked();
}
