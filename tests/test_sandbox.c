/* test_sandbox.c - what a sandboxed process can still do, and what not */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static void no_lack(const char *what)
{
	fprintf(stderr, "this kernel lacks: %s\n", what);
	_exit(99);
}

/* Its exit status, run by a child that entered so. */
static int entered(void (*enter)(sandbox_lack *lack), int (*what)(void))
{
	const pid_t child = fork();
	int status = -1;

	if (child == 0) {
		enter(no_lack);
		_exit(what());
	}
	CHECK(child > 0 && waitpid(child, &status, 0) == child);
	return WIFEXITED(status) ? WEXITSTATUS(status)
				 : 1000 + WTERMSIG(status);
}

static int sandboxed(int (*what)(void))
{
	return entered(sandbox_enter, what);
}

static int reading(int (*what)(void))
{
	return entered(sandbox_enter_reader, what);
}

static int open_hosts(void)
{
	return open("/etc/hosts", O_RDONLY) < 0 ? errno : 0;
}

static int open_new(void)
{
	return open("/tmp/ostfs-sandbox", O_WRONLY | O_CREAT, 0600) < 0 ? errno
									: 0;
}

static int list_root(void)
{
	return open("/", O_RDONLY | O_DIRECTORY) < 0 ? errno : 0;
}

static int connect_out(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0;
}

static int execute(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return errno;
}

static int unlink_one(void)
{
	return unlink("/tmp/ostfs-sandbox-none") != 0 ? errno : 0;
}

static int raise_limit(void)
{
	const struct rlimit more = { 1, 1 };

	return setrlimit(RLIMIT_CPU, &more) != 0 ? errno : 0;
}

static void can_open_no_file_but_the_systems(void)
{
	CHECK(sandboxed(open_hosts) == EACCES);
	CHECK(sandboxed(open_new) == EACCES);
	CHECK(sandboxed(list_root) == EACCES);
}

static void can_neither_connect_nor_execute_nor_remove(void)
{
	CHECK(sandboxed(connect_out) == EPERM);
	CHECK(sandboxed(execute) == EPERM);
	CHECK(sandboxed(unlink_one) == EPERM);
	CHECK(sandboxed(raise_limit) == EPERM);
}

/* Its converters are libraries, which iconv loads when they are asked for. */
static int convert(void)
{
	char in[] = "\x82\xb1", out[8], *from = in, *to = out;
	size_t in_left = 2, out_left = sizeof(out);
	const iconv_t shift_jis = iconv_open("UTF-8", "SHIFT_JIS");

	if (shift_jis == (iconv_t)-1 ||
	    iconv(shift_jis, &from, &in_left, &to, &out_left) != 0)
		return 1;
	iconv_close(shift_jis);
	return memcmp(out, "\xe3\x81\x93", 3) != 0;
}

static void *touch(void *arg)
{
	char *at = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return NULL;
	memset(at, 1, 1 << 20);
	munmap(at, 1 << 20);
	return arg;
}

static int start_thread(void)
{
	pthread_t thread;
	void *result;
	int arg;

	if (pthread_create(&thread, NULL, touch, &arg) != 0 ||
	    pthread_join(thread, &result) != 0)
		return 1;
	return result != &arg;
}

static int opened; /* before the sandbox was entered */

static int read_opened(void)
{
	char text[4];

	return pread(opened, text, sizeof(text), 0) != (ssize_t)sizeof(text);
}

static void can_do_what_serving_needs(void)
{
	opened = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	CHECK(sandboxed(read_opened) == 0);
	CHECK(sandboxed(convert) == 0);
	CHECK(sandboxed(start_thread) == 0);
	close(opened);
}

static int open_usr(void)
{
	return open("/usr/bin/env", O_RDONLY) < 0 ? errno : 0;
}

static int fork_one(void)
{
	const pid_t child = fork();

	if (child == 0)
		_exit(0);
	return child < 0 ? errno : 0;
}

static int kill_parent(void)
{
	return kill(getppid(), 0) != 0 ? errno : 0;
}

static int new_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) < 0 ? errno : 0;
}

static void can_only_read_when_it_reads(void)
{
	opened = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	CHECK(reading(read_opened) == 0);
	close(opened);
	CHECK(reading(open_usr) == EPERM);
	CHECK(reading(fork_one) == EPERM);
	CHECK(reading(kill_parent) == EPERM);
	CHECK(reading(new_socket) == EPERM);
	CHECK(reading(execute) == EPERM);
	CHECK(sandboxed(kill_parent) == EPERM);
}

static int core_limit(void)
{
	struct rlimit limit = { 1, 1 };

	return getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_max != 0;
}

/* Its value in /proc/self/status, read through what was open before. */
static int status_line(const char *name, int base)
{
	static char text[8192];
	const ssize_t got = pread(opened, text, sizeof(text) - 1, 0);
	const char *line;

	if (got <= 0)
		return -1;
	text[got] = '\0';
	line = strstr(text, name);
	return line != NULL ? (int)strtoul(line + strlen(name), NULL, base)
			    : -1;
}

static int confined(void)
{
	return status_line("NoNewPrivs:", 10) != 1 ||
	       status_line("\nSeccomp:", 10) != 2;
}

static int sandboxed_status(void)
{
	/* Of the child itself, so not opened before the fork. */
	const pid_t child = fork();
	int status = -1;

	if (child == 0) {
		opened = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
		sandbox_enter(no_lack);
		_exit(confined());
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void leaves_no_core_and_gains_no_privileges(void)
{
	CHECK(sandboxed(core_limit) == 0);
	CHECK(sandboxed_status() == 0);
}

int main(void)
{
	RUN(can_open_no_file_but_the_systems);
	RUN(can_neither_connect_nor_execute_nor_remove);
	RUN(can_do_what_serving_needs);
	RUN(can_only_read_when_it_reads);
	RUN(leaves_no_core_and_gains_no_privileges);
	return checked();
}
