#include "fs/idle.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fs/log.h"

enum { LOOKS = 4 }; /* as often in the time that was asked for */

static _Atomic int64_t *last; /* asked: shared with who serves; or NULL */

static struct {
	const char *path; /* NULL: nothing is watched */
	dev_t device;	  /* of our mount: another may lie over it */
	int64_t seconds;
} watched;

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return t.tv_sec;
}

bool idle_start(void)
{
	void *page = mmap(NULL, sizeof(*last), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED) {
		log_say("out of memory");
		return false;
	}
	last = page;
	idle_asked();
	return true;
}

void idle_asked(void)
{
	if (last != NULL)
		atomic_store_explicit(last, now(), memory_order_relaxed);
}

static void wake(int number)
{
	(void)number;
}

bool idle_watch(const char *path, unsigned seconds)
{
	const struct sigaction action = { .sa_handler = wake };
	const time_t often = seconds < LOOKS ? 1 : (time_t)seconds / LOOKS;
	const struct itimerval timer = { { often, 0 }, { often, 0 } };
	struct stat st;

	if (stat(path, &st) != 0 || sigaction(SIGALRM, &action, NULL) != 0 ||
	    setitimer(ITIMER_REAL, &timer, NULL) != 0) {
		log_say("%s: cannot be watched for idle_unmount: %s", path,
			strerror(errno));
		return false;
	}
	watched.path = path;
	watched.device = st.st_dev;
	watched.seconds = seconds;
	return true;
}

/* Who is not root needs a program for it. It is quiet about what is open. */
static void by_fusermount(void)
{
	const pid_t pid = fork();

	if (pid == 0) {
		execlp("fusermount3", "fusermount3", "-u", "-q", "--",
		       watched.path, (char *)NULL);
		_exit(1);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

void idle_check(void)
{
	struct stat st;

	if (watched.path == NULL ||
	    now() - atomic_load_explicit(last, memory_order_relaxed) <
		    watched.seconds)
		return;
	if (stat(watched.path, &st) != 0 || st.st_dev != watched.device)
		return;
	if (umount2(watched.path, 0) != 0 && errno == EPERM)
		by_fusermount();
}
