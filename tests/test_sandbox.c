/*
 * test_sandbox.c - what a sandboxed process can still do, and what not
 *
 * Built without sanitizers, for those need calls that nobody else may make.
 */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <iconv.h>
#include <linux/landlock.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "check.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { NOBODY = 65534, LANDLOCKS = 6 };

/* --- what there is to reach ---------------------------------------------- */

static char dir[] = "/tmp/ostfs-sandbox.XXXXXX"; /* everybody's */
static int at_dir, file, victim_fd, datagrams, inherited;
static pid_t victim; /* of the same user, and waiting */
static int opened;   /* a program */

static const char *in_dir(const char *name)
{
	static char path[2][128];
	static unsigned next;

	next = (next + 1) % 2;
	snprintf(path[next], sizeof(path[next]), "%s/%s", dir, name);
	return path[next];
}

static struct sockaddr_un address_of(const char *name)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	if (*name == '@')
		snprintf(a.sun_path + 1, sizeof(a.sun_path) - 1, "%s", dir);
	else
		snprintf(a.sun_path, sizeof(a.sun_path), "%s/%s", dir, name);
	return a;
}

static void listen_at(const char *name, int type)
{
	const struct sockaddr_un a = address_of(name);
	const int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	CHECK(bind(fd, (const struct sockaddr *)&a, sizeof(a)) == 0);
	if (type == SOCK_STREAM)
		CHECK(listen(fd, 100) == 0);
	if (*name != '@')
		CHECK(chmod(a.sun_path, 0777) == 0);
}

static int new_file(const char *name)
{
	const int fd = open(in_dir(name), O_RDWR | O_CREAT | O_CLOEXEC, 0666);

	CHECK(fd >= 0 && fchmod(fd, 0666) == 0 && write(fd, "full", 4) == 4);
	return fd;
}

static void set_up(void)
{
	umask(0);
	CHECK(mkdtemp(dir) != NULL && chmod(dir, 0777) == 0);
	file = new_file("file");
	close(new_file("other"));
	listen_at("stream", SOCK_STREAM);
	listen_at("datagram", SOCK_DGRAM);
	listen_at("@", SOCK_STREAM);
	at_dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	datagrams = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	opened = open("/bin/true", O_RDONLY | O_CLOEXEC);
	inherited = dup(file); /* as an exec would leave it */
}

static void clean_up(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	CHECK(system(command) == 0);
}

/* --- escapes: 0 if it succeeded, else an errno --------------------------- */

static int error_of(long result)
{
	return result < 0 ? errno : 0;
}

/* Who was made ends at once. */
static int made(pid_t child)
{
	if (child == 0)
		_exit(0);
	return error_of(child);
}

static int connect_to(int fd, const char *name)
{
	const struct sockaddr_un a = address_of(name);

	return error_of(connect(fd, (const struct sockaddr *)&a, sizeof(a)));
}

static int to_a_socket(void)
{
	return connect_to(socket(AF_UNIX, SOCK_STREAM, 0), "stream");
}

static int to_a_socket_with_one_that_is_open(void)
{
	return connect_to(datagrams, "datagram");
}

static int to_an_abstract_socket(void)
{
	return connect_to(socket(AF_UNIX, SOCK_STREAM, 0), "@");
}

static int a_datagram(void)
{
	const struct sockaddr_un a = address_of("datagram");

	return error_of(sendto(datagrams, "x", 1, 0,
			       (const struct sockaddr *)&a, sizeof(a)));
}

static int a_message(void)
{
	struct sockaddr_un a = address_of("datagram");
	struct iovec part = { (char[]){ 'x' }, 1 };
	const struct msghdr m = { .msg_name = &a,
				  .msg_namelen = sizeof(a),
				  .msg_iov = &part,
				  .msg_iovlen = 1 };

	return error_of(sendmsg(datagrams, &m, 0));
}

static int by_internet(void)
{
	return error_of(socket(AF_INET, SOCK_STREAM, 0));
}

static int by_netlink(void)
{
	return error_of(socket(AF_NETLINK, SOCK_RAW, 0));
}

static int read_the_hosts(void)
{
	return error_of(open("/etc/hosts", O_RDONLY));
}

static int read_a_file(void)
{
	return error_of(open(in_dir("file"), O_RDONLY));
}

static int write_a_file(void)
{
	return error_of(open(in_dir("file"), O_WRONLY));
}

static int empty_a_file_by_reading(void)
{
	return error_of(openat(at_dir, "file", O_RDONLY | O_TRUNC));
}

static int empty_a_file(void)
{
	return error_of(truncate(in_dir("file"), 0));
}

static int make_a_file(void)
{
	return error_of(openat(at_dir, "new", O_RDONLY | O_CREAT, 0600));
}

static int make_an_unnamed_file(void)
{
	return error_of(openat(at_dir, ".", O_TMPFILE | O_RDWR, 0600));
}

static int find_a_file(void)
{
	return error_of(openat(at_dir, "file", O_PATH));
}

static int list_the_root(void)
{
	return error_of(open("/", O_RDONLY | O_DIRECTORY));
}

static int remove_a_file(void)
{
	return error_of(unlinkat(at_dir, "other", 0));
}

static int rename_a_file(void)
{
	return error_of(renameat(at_dir, "file", at_dir, "file"));
}

static int link_a_file(void)
{
	return error_of(symlinkat("file", at_dir, "link"));
}

static int make_a_directory(void)
{
	return error_of(mkdirat(at_dir, "made", 0700));
}

static int change_a_mode(void)
{
	return error_of(fchmod(file, 0666));
}

static int change_an_owner(void)
{
	return error_of(fchown(file, (uid_t)-1, (gid_t)-1));
}

static int change_times(void)
{
	return error_of(utimensat(at_dir, "file", NULL, 0));
}

static int ask_for_a_path(void)
{
	struct stat st;

	return error_of(stat("/etc/hosts", &st));
}

static int ask_for_a_link(void)
{
	struct stat st;

	return error_of(lstat("/etc/hosts", &st));
}

static int ask_for_a_path_of_an_open_file(void)
{
	struct stat st;

	return error_of(fstatat(file, "/etc/hosts", &st, AT_EMPTY_PATH));
}

static int ask_for_more_of_a_path(void)
{
	struct statx st;

	return error_of(statx(AT_FDCWD, "/etc/hosts", 0, STATX_ALL, &st));
}

static int ask_for_access(void)
{
	return error_of(access("/etc/hosts", R_OK));
}

static int read_a_link(void)
{
	char text[64];

	return error_of(readlink("/proc/self/exe", text, sizeof(text)));
}

static int ask_for_xattrs(void)
{
	char text[64];

	return error_of(listxattr("/etc/hosts", text, sizeof(text)));
}

static int signal_a_process(void)
{
	return error_of(kill(victim, 0));
}

static int signal_a_thread(void)
{
	return error_of(syscall(SYS_tgkill, victim, victim, 0));
}

static int signal_a_thread_of_any_process(void)
{
	return error_of(syscall(SYS_tkill, victim, 0));
}

static int signal_by_descriptor(void)
{
	return error_of(syscall(SYS_pidfd_send_signal, victim_fd, 0, NULL, 0));
}

static int open_a_process(void)
{
	return error_of(syscall(SYS_pidfd_open, victim, 0));
}

static int own_by_another(void)
{
	return error_of(fcntl(datagrams, F_SETOWN, victim));
}

static int own_by_another_more(void)
{
	const struct f_owner_ex owner = { F_OWNER_PID, victim };

	return error_of(fcntl(datagrams, F_SETOWN_EX, &owner));
}

static int choose_a_signal(void)
{
	return error_of(fcntl(datagrams, F_SETSIG, SIGUSR1));
}

static int signal_when_ready(void)
{
	return error_of(fcntl(datagrams, F_SETFL, O_ASYNC));
}

static int own_by_ioctl(void)
{
	return error_of(ioctl(datagrams, FIOSETOWN, &victim));
}

static int read_another(void)
{
	char text[4];
	const struct iovec here = { text, 4 }, there = { &dir, 4 };

	return error_of(process_vm_readv(victim, &here, 1, &there, 1, 0));
}

static int trace_another(void)
{
	return error_of(ptrace(PTRACE_SEIZE, victim, NULL, NULL));
}

static int limit_another(void)
{
	struct rlimit limit;

	return error_of(prlimit(victim, RLIMIT_CORE, NULL, &limit));
}

static int slow_another(void)
{
	return error_of(setpriority(PRIO_PROCESS, (id_t)victim, 19));
}

static int raise_a_limit(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) != 0
		       ? errno
		       : error_of(setrlimit(RLIMIT_NOFILE, &limit));
}

static int fork_one(void)
{
	return made(fork());
}

static int fork_by_clone(void)
{
	return made((pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL));
}

static int fork_by_clone3(void)
{
	struct clone_args a = { .exit_signal = SIGCHLD };

	return made((pid_t)syscall(SYS_clone3, &a, sizeof(a)));
}

static int new_namespaces_by_clone(void)
{
	return made((pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL,
				   NULL, NULL, NULL));
}

static int new_namespaces_by_clone3(void)
{
	struct clone_args a = { .flags = CLONE_NEWUSER | CLONE_NEWNET,
				.exit_signal = SIGCHLD };

	return made((pid_t)syscall(SYS_clone3, &a, sizeof(a)));
}

static int new_namespaces(void)
{
	return error_of(unshare(CLONE_NEWUSER));
}

static int execute(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return errno;
}

static int execute_what_is_open(void)
{
	static char name[] = "true", *const argv[] = { name, NULL };
	static char *const none[] = { NULL };

	syscall(SYS_execveat, opened, "", argv, none, AT_EMPTY_PATH);
	return errno;
}

static int spawn_one(void)
{
	static char name[] = "true", *const argv[] = { name, NULL };
	pid_t pid;

	return posix_spawn(&pid, "/bin/true", NULL, NULL, argv, NULL);
}

static int map(int prot, int flags, int fd)
{
	return mmap(NULL, 4096, prot, flags, fd, 0) == MAP_FAILED ? errno : 0;
}

static int code_to_write(void)
{
	return map(PROT_READ | PROT_WRITE | PROT_EXEC,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static int code_of_a_file(void)
{
	return map(PROT_READ | PROT_EXEC, MAP_PRIVATE, opened);
}

static int turn_into_code(int prot)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? EIO : error_of(mprotect(at, 4096, prot));
}

static int turn_data_into_code(void)
{
	return turn_into_code(PROT_READ | PROT_EXEC);
}

static int turn_data_into_code_to_write(void)
{
	return turn_into_code(PROT_READ | PROT_WRITE | PROT_EXEC);
}

static int make_code_by_key(void)
{
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return error_of(syscall(SYS_pkey_mprotect, at, 4096,
				PROT_READ | PROT_EXEC, -1));
}

static int make_all_data_code(void)
{
	return error_of(personality(READ_IMPLIES_EXEC));
}

static int use_what_was_inherited(void)
{
	char byte;

	return error_of(pread(inherited, &byte, 1, 0));
}

static int type_into_a_terminal(void)
{
	return error_of(ioctl(opened, TIOCSTI, "x"));
}

static int an_io_ring(void)
{
	char params[256] = { 0 };

	return error_of(syscall(SYS_io_uring_setup, 1, params));
}

static int become_another(void)
{
	return error_of(setuid(getuid()));
}

static int be_traced_again(void)
{
	return error_of(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

static int change_the_directory(void)
{
	return error_of(chdir("/"));
}

/*
 * `free` is what it does outside of the sandbox: a check that the escape is
 * one. Where the kernel or our rights may forbid it anyway, that is -1.
 */
static const struct escape {
	const char *name;
	int (*try)(void);
	int free;
} escapes[] = {
#define ESCAPE(name)                                                           \
	{                                                                      \
#name, name, 0                                                 \
	}
#define MAYBE(name)                                                            \
	{                                                                      \
#name, name, -1                                                \
	}
	ESCAPE(to_a_socket),
	ESCAPE(to_a_socket_with_one_that_is_open),
	ESCAPE(to_an_abstract_socket),
	ESCAPE(a_datagram),
	ESCAPE(a_message),
	MAYBE(by_internet),
	MAYBE(by_netlink),
	ESCAPE(read_the_hosts),
	ESCAPE(read_a_file),
	ESCAPE(write_a_file),
	ESCAPE(empty_a_file_by_reading),
	ESCAPE(empty_a_file),
	ESCAPE(make_a_file),
	MAYBE(make_an_unnamed_file),
	ESCAPE(find_a_file),
	ESCAPE(list_the_root),
	ESCAPE(remove_a_file),
	ESCAPE(rename_a_file),
	ESCAPE(link_a_file),
	ESCAPE(make_a_directory),
	MAYBE(change_a_mode),
	MAYBE(change_an_owner),
	ESCAPE(change_times),
	ESCAPE(ask_for_a_path),
	ESCAPE(ask_for_a_link),
	ESCAPE(ask_for_a_path_of_an_open_file),
	ESCAPE(ask_for_more_of_a_path),
	ESCAPE(ask_for_access),
	MAYBE(read_a_link),
	MAYBE(ask_for_xattrs),
	ESCAPE(signal_a_process),
	ESCAPE(signal_a_thread),
	ESCAPE(signal_a_thread_of_any_process),
	ESCAPE(signal_by_descriptor),
	ESCAPE(open_a_process),
	ESCAPE(own_by_another),
	ESCAPE(own_by_another_more),
	ESCAPE(choose_a_signal),
	ESCAPE(signal_when_ready),
	ESCAPE(own_by_ioctl),
	MAYBE(read_another),
	MAYBE(trace_another),
	MAYBE(limit_another),
	MAYBE(slow_another),
	ESCAPE(raise_a_limit),
	ESCAPE(fork_one),
	ESCAPE(fork_by_clone),
	ESCAPE(fork_by_clone3),
	MAYBE(new_namespaces_by_clone),
	MAYBE(new_namespaces_by_clone3),
	MAYBE(new_namespaces),
	ESCAPE(execute),
	ESCAPE(execute_what_is_open),
	ESCAPE(spawn_one),
	ESCAPE(code_to_write),
	ESCAPE(code_of_a_file),
	ESCAPE(turn_data_into_code),
	ESCAPE(turn_data_into_code_to_write),
	MAYBE(make_code_by_key),
	ESCAPE(make_all_data_code),
	ESCAPE(use_what_was_inherited),
	MAYBE(type_into_a_terminal),
	MAYBE(an_io_ring),
	ESCAPE(become_another),
	MAYBE(be_traced_again),
	ESCAPE(change_the_directory),
};

/* --- trying them --------------------------------------------------------- */

enum { KILLED = 1000, LACKING = 99 };

static void no_lack(const char *what)
{
	fprintf(stderr, "not in force here: %s\n", what);
	_exit(LACKING);
}

static void any_lack(const char *what)
{
	(void)what;
}

static const struct sandbox tool = { .role = SANDBOX_TOOL, .lack = no_lack };
static const struct sandbox server = { .role = SANDBOX_SERVER,
				       .lack = no_lack };
static const struct sandbox reader = { .role = SANDBOX_READER,
				       .lack = no_lack };

/* What `what` returns, in a process of user `uid` in sandbox `s` or none. */
static int result_of(const struct sandbox *s, uid_t uid, int (*what)(void))
{
	const pid_t child = fork();
	int status = -1;

	if (child == 0) {
		alarm(60);
		if (uid != getuid() &&
		    (setgroups(0, NULL) != 0 || setresgid(uid, uid, uid) != 0 ||
		     setresuid(uid, uid, uid) != 0))
			_exit(LACKING);
		if (s != NULL)
			sandbox_enter(s);
		_exit(what());
	}
	CHECK(child > 0 && waitpid(child, &status, 0) == child);
	return WIFEXITED(status) ? WEXITSTATUS(status)
				 : KILLED + WTERMSIG(status);
}

static int sandboxed(int (*what)(void))
{
	return result_of(&tool, getuid(), what);
}

/* A process of the user who tries, to be reached; `hold` keeps it waiting. */
static void victim_start(uid_t uid, int hold[2])
{
	char byte;

	CHECK(pipe2(hold, O_CLOEXEC) == 0);
	victim = fork();
	if (victim == 0) {
		close(hold[1]);
		if (uid != getuid() && setresuid(uid, uid, uid) != 0)
			_exit(1);
		_exit((int)read(hold[0], &byte, 1));
	}
	CHECK(victim > 0);
	victim_fd = (int)syscall(SYS_pidfd_open, victim, 0);
}

static void victim_end(int hold[2])
{
	close(hold[1]);
	CHECK(waitpid(victim, NULL, 0) == victim);
	close(hold[0]);
	close(victim_fd);
}

static void restore_files(void)
{
	static const char *const gone[] = { "new", "link", "made" };

	for (size_t i = 0; i < COUNT(gone); i++) {
		(void)unlinkat(at_dir, gone[i], 0);
		(void)unlinkat(at_dir, gone[i], AT_REMOVEDIR);
	}
	close(new_file("other"));
}

static void try_all(const struct sandbox *s, uid_t uid, const char *as)
{
	for (size_t i = 0; i < COUNT(escapes); i++) {
		const struct escape *e = &escapes[i];
		const int got = result_of(s, uid, e->try);
		const bool good = s == NULL ? e->free < 0 || got == e->free
					    : got > 0 && got != LACKING;

		if (!good)
			fprintf(stderr, "%s (%s): %d, %s\n", e->name, as, got,
				got < 200 ? strerror(got) : "");
		CHECK(good);
		if (s == NULL)
			restore_files();
	}
}

/* In no sandbox, each of them is an escape, and this test sees it. */
static void escapes_are_escapes(void)
{
	int hold[2];

	victim_start(getuid(), hold);
	try_all(NULL, getuid(), "free");
	victim_end(hold);
}

static void no_escape(enum sandbox_role role, const int *below, uid_t uid)
{
	int hold[2];
	char as[64];

	victim_start(uid, hold);
	for (int n = SANDBOX_NO_LANDLOCK; n <= LANDLOCKS; n++) {
		const struct sandbox s = {
			.role = role,
			.below = below,
			.lack = n < 0 ? any_lack : no_lack,
			.landlock = n,
		};

		snprintf(as, sizeof(as), "role %d, user %u, Landlock %d", role,
			 (unsigned)uid, n);
		try_all(&s, uid, as);
	}
	victim_end(hold);
}

static void every_user(void (*try)(uid_t uid))
{
	try(getuid());
	if (getuid() == 0)
		try(NOBODY);
}

static void as_reader(uid_t uid)
{
	no_escape(SANDBOX_READER, NULL, uid);
}

static void as_tool(uid_t uid)
{
	no_escape(SANDBOX_TOOL, NULL, uid);
}

static void as_server(uid_t uid)
{
	no_escape(SANDBOX_SERVER, NULL, uid);
}

/* D2 */
static void nobody_escapes(void)
{
	every_user(as_reader);
	every_user(as_tool);
	every_user(as_server);
}

/* --- those that read a copy ---------------------------------------------- */

/* What lies below is there to be read, so these are no escapes there. */
static bool is_reading_below(const struct escape *e, bool landlock)
{
	return e->try == read_a_file ||
	       (!landlock &&
		(e->try == read_the_hosts || e->try == list_the_root));
}

static void below_a_directory(uid_t uid)
{
	int hold[2];

	victim_start(uid, hold);
	for (int n = SANDBOX_NO_LANDLOCK; n <= LANDLOCKS; n++) {
		const struct sandbox s = { .role = SANDBOX_TOOL,
					   .below = &at_dir,
					   .lack = any_lack,
					   .landlock = n };

		for (size_t i = 0; i < COUNT(escapes); i++) {
			const struct escape *e = &escapes[i];
			const bool reads = is_reading_below(e, n >= 0);
			const int got = result_of(&s, uid, e->try);

			if ((got == 0) != reads)
				fprintf(stderr, "%s (below, Landlock %d): %d\n",
					e->name, n, got);
			CHECK((got == 0) == reads);
		}
	}
	victim_end(hold);
}

static void only_a_copy_is_read(void)
{
	every_user(below_a_directory);
}

/* --- those that write to a destination -------------------------------------
 */

static int kernels_landlock(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
			    LANDLOCK_CREATE_RULESET_VERSION);
}

static int at_dest;

/* All that an export does below its destination. */
static int write_the_destination(void)
{
	enum { FLAGS = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC };
	const struct timespec times[2] = { { 1, 0 }, { 1, 0 } };
	char byte = 'x';
	int fd, sub;
	bool good;

	if (mkdirat(at_dest, "sub", 0700) != 0)
		return errno;
	sub = openat(at_dest, "sub", O_RDONLY | O_DIRECTORY);
	fd = openat(sub, "part", FLAGS, 0600);
	good = sub >= 0 && fd >= 0 && write(fd, &byte, 1) == 1 &&
	       pread(fd, &byte, 1, 0) == 1 && ftruncate(fd, 0) == 0 &&
	       futimens(fd, times) == 0 && fdatasync(fd) == 0 &&
	       renameat(sub, "part", sub, "whole") == 0 &&
	       unlinkat(sub, "whole", 0) == 0 &&
	       unlinkat(at_dest, "sub", AT_REMOVEDIR) == 0;
	return good ? 0 : errno;
}

static int read_beside_it(void)
{
	return error_of(openat(at_dest, "../file", O_RDONLY));
}

static int read_by_a_link_in_it(void)
{
	return error_of(openat(at_dest, "out/file", O_RDONLY));
}

static int write_by_a_link_in_it(void)
{
	return error_of(openat(at_dest, "out/file", O_WRONLY | O_TRUNC));
}

static int move_out_of_it(void)
{
	return error_of(renameat(at_dest, "mine", at_dir, "new"));
}

static int move_into_it(void)
{
	return error_of(renameat(at_dir, "other", at_dest, "new"));
}

static int link_out_of_it(void)
{
	return error_of(symlinkat("../file", at_dest, "new"));
}

static int change_its_times_by_name(void)
{
	return error_of(utimensat(at_dest, "out/file", NULL, 0));
}

static const struct escape beside[] = {
	ESCAPE(read_beside_it),
	ESCAPE(read_by_a_link_in_it),
	ESCAPE(write_by_a_link_in_it),
	ESCAPE(move_out_of_it),
	ESCAPE(move_into_it),
	ESCAPE(link_out_of_it),
	ESCAPE(change_its_times_by_name),
};

static void check_escapes(const struct sandbox *s, uid_t uid,
			  const struct escape *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const int got = result_of(s, uid, list[i].try);

		if (got == 0)
			fprintf(stderr, "%s (writes, Landlock %d)\n",
				list[i].name, s->landlock);
		CHECK(got != 0 && got != LACKING);
	}
}

static void writes_below(uid_t uid)
{
	int hold[2];

	victim_start(uid, hold);
	CHECK(kernels_landlock() > 0);
	for (int n = 1; n <= LANDLOCKS && n <= kernels_landlock(); n++) {
		const struct sandbox s = { .role = SANDBOX_TOOL,
					   .writes = &at_dest,
					   .lack = any_lack,
					   .landlock = n };

		CHECK(result_of(&s, uid, write_the_destination) == 0);
		check_escapes(&s, uid, beside, COUNT(beside));
		check_escapes(&s, uid, escapes, COUNT(escapes));
	}
	victim_end(hold);
}

/* An export makes files in its destination, and nothing anywhere else. */
static void only_the_destination_is_written(void)
{
	CHECK(mkdirat(at_dir, "dest", 0777) == 0);
	at_dest = openat(at_dir, "dest", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(at_dest >= 0 && fchmod(at_dest, 0777) == 0);
	CHECK(symlinkat("..", at_dest, "out") == 0);
	close(openat(at_dest, "mine", O_WRONLY | O_CREAT, 0666));
	CHECK(result_of(NULL, getuid(), write_the_destination) == 0);
	for (size_t i = 0; i < COUNT(beside); i++) {
		CHECK(result_of(NULL, getuid(), beside[i].try) ==
		      beside[i].free);
		(void)unlinkat(at_dest, "new", 0);
		close(openat(at_dest, "mine", O_WRONLY | O_CREAT, 0666));
		restore_files();
	}
	every_user(writes_below);
	CHECK(unlinkat(at_dest, "out", 0) == 0 &&
	      unlinkat(at_dest, "mine", 0) == 0);
	close(at_dest);
	CHECK(unlinkat(at_dir, "dest", AT_REMOVEDIR) == 0);
}

/* --- Landlock by itself -------------------------------------------------- */

static void landlock_uses_all_that_the_kernel_has(void)
{
	static const struct {
		int since;
		int (*try)(void);
	} rows[] = {
		{ 1, read_the_hosts },	      { 1, write_a_file },
		{ 1, make_a_file },	      { 1, remove_a_file },
		{ 3, empty_a_file },	      { 3, empty_a_file_by_reading },
		{ 6, to_an_abstract_socket }, { 6, signal_a_process },
		{ 6, signal_a_thread },
	};
	int hold[2];

	victim_start(getuid(), hold);
	for (int n = 1; n <= LANDLOCKS && n <= kernels_landlock(); n++) {
		const struct sandbox s = { .role = SANDBOX_TOOL,
					   .lack = no_lack,
					   .landlock = n,
					   .no_filter = true };

		for (size_t i = 0; i < COUNT(rows); i++) {
			const int got = result_of(&s, getuid(), rows[i].try);

			if (n >= rows[i].since)
				CHECK(got == EACCES || got == EPERM ||
				      got == EXDEV);
		}
	}
	victim_end(hold);
}

/* --- seccomp by itself --------------------------------------------------- */

/* Those that a server may call, if with some arguments only; and the one that
   becomes fstat(2), whose path is looked at. No processor has them all: what
   one has not is a negative number. */
enum { UPROBE = 335 }; /* and the next: no calls, but traps of the kernel */

static const int allowed[] = {
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(pread64),
	SCMP_SYS(preadv),
	SCMP_SYS(write),
	SCMP_SYS(close),
	SCMP_SYS(fstat),
	SCMP_SYS(lseek),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(sendto),
	SCMP_SYS(recvfrom),
	SCMP_SYS(fcntl),
	SCMP_SYS(brk),
	SCMP_SYS(mmap),
	SCMP_SYS(mprotect),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	SCMP_SYS(sched_yield),
	SCMP_SYS(gettid),
	SCMP_SYS(getpid),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(getrandom),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(tgkill),
	SCMP_SYS(writev),
	SCMP_SYS(pwrite64),
	SCMP_SYS(ftruncate),
	SCMP_SYS(fadvise64),
	SCMP_SYS(fsync),
	SCMP_SYS(dup2),
	SCMP_SYS(dup3),
	SCMP_SYS(ioctl),
	SCMP_SYS(recvmsg),
	SCMP_SYS(shutdown),
	SCMP_SYS(wait4),
	SCMP_SYS(clone),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(membarrier),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(getcpu),
	SCMP_SYS(prctl),
	SCMP_SYS(uname),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getegid),
	SCMP_SYS(sysinfo),
	SCMP_SYS(clock_getres),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(nanosleep),
	SCMP_SYS(getrlimit),
	SCMP_SYS(prlimit64),
	SCMP_SYS(getrusage),
	SCMP_SYS(rt_sigtimedwait),
	SCMP_SYS(splice),
	SCMP_SYS(vmsplice),
	SCMP_SYS(pipe2),
	SCMP_SYS(setsid),
	SCMP_SYS(newfstatat),
	UPROBE,
	UPROBE + 1,
};

static bool is_allowed(long number)
{
	for (size_t i = 0; i < COUNT(allowed); i++)
		if (allowed[i] == number)
			return true;
	return false;
}

/* The first call that is open and should not be; 0: none. */
static int call_all(void)
{
	for (long n = 0; n < 600; n++) {
		if (is_allowed(n))
			continue;
		errno = 0;
		if (syscall(n, -1L, -1L, -1L, -1L, -1L, -1L) >= 0 ||
		    (errno != EPERM && (n != SYS_clone3 || errno != ENOSYS)))
			return fprintf(stderr, "call %ld: %d\n", n, errno) != 0;
	}
	return 0;
}

#ifdef __x86_64__
/* Calls as another kind of program makes them have other numbers. */
static int call_as_i386(void)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory");
	return 0;
}

static int call_as_x32(void)
{
	return error_of(syscall(0x40000000 | SYS_getpid));
}
#endif

static void only_listed_calls_are_open(void)
{
	CHECK(result_of(&server, getuid(), call_all) == 0);
#ifdef __x86_64__
	CHECK(sandboxed(call_as_i386) >= KILLED);
	CHECK(sandboxed(call_as_x32) >= KILLED);
#endif
}

/* --- what is needed ------------------------------------------------------ */

static iconv_t kept;

/* With one that was opened before, another needs nothing of the system. */
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

static int waited_for[2]; /* a pipe that stays empty */

static void *wait_for_ever(void *arg)
{
	char byte;

	return read(*(const int *)arg, &byte, 1) < 0 ? NULL : arg;
}

static int cancel_thread(void)
{
	pthread_t thread;
	void *result = NULL;

	return pthread_create(&thread, NULL, wait_for_ever, waited_for) != 0 ||
	       pthread_cancel(thread) != 0 ||
	       pthread_join(thread, &result) != 0 || result != PTHREAD_CANCELED;
}

static int read_opened(void)
{
	char text[4];

	return pread(opened, text, sizeof(text), 0) != (ssize_t)sizeof(text);
}

static int measure_opened(void)
{
	struct stat st = { 0 };

	return fstat(opened, &st) != 0 ? errno : st.st_size == 0;
}

static int print(void)
{
	FILE *f = fdopen(file, "r+");

	return f == NULL || fputs("full", f) == EOF || fclose(f) != 0;
}

static int give_up(void)
{
	abort();
}

static void can_do_what_is_needed(void)
{
	const char *lacking;

	CHECK(sandbox_load(&lacking));
	CHECK(pipe2(waited_for, O_CLOEXEC) == 0);
	kept = iconv_open("UTF-8", "SHIFT_JIS");
	CHECK(result_of(&reader, getuid(), read_opened) == 0);
	CHECK(result_of(&reader, getuid(), measure_opened) == 0);
	CHECK(result_of(&reader, getuid(), give_up) == KILLED + SIGABRT);
	CHECK(sandboxed(measure_opened) == 0);
	CHECK(sandboxed(convert) == 0);
	CHECK(sandboxed(start_thread) == 0);
	CHECK(sandboxed(cancel_thread) == 0);
	CHECK(sandboxed(print) == 0);
	CHECK(sandboxed(give_up) == KILLED + SIGABRT);
	CHECK(result_of(&server, getuid(), cancel_thread) == 0);
	iconv_close(kept);
}

static void a_reader_has_no_threads(void)
{
	CHECK(result_of(&reader, getuid(), start_thread) != 0);
}

static int core_limit(void)
{
	struct rlimit limit = { 1, 1 };

	return getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_max != 0;
}

static int status_fd;

/* Its value in /proc/self/status, read through what was open before. */
static unsigned long long status_line(const char *name, int base)
{
	static char text[8192];
	const ssize_t got = pread(status_fd, text, sizeof(text) - 1, 0);
	const char *line;

	if (got <= 0)
		return 99;
	text[got] = '\0';
	line = strstr(text, name);
	return line != NULL ? strtoull(line + strlen(name), NULL, base) : 99;
}

static int confined(void)
{
	/* Of this very process, so not opened before it was there. */
	status_fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	sandbox_enter(&tool);
	return status_line("NoNewPrivs:", 10) != 1 ||
	       status_line("\nSeccomp:", 10) != 2 ||
	       status_line("CapEff:", 16) != 0 ||
	       status_line("CapPrm:", 16) != 0;
}

static void leaves_no_core_and_gains_no_privileges(void)
{
	CHECK(sandboxed(core_limit) == 0);
	CHECK(result_of(NULL, getuid(), confined) == 0);
}

int main(void)
{
	set_up();
	RUN(escapes_are_escapes);
	RUN(nobody_escapes);
	RUN(only_a_copy_is_read);
	RUN(only_the_destination_is_written);
	RUN(landlock_uses_all_that_the_kernel_has);
	RUN(only_listed_calls_are_open);
	RUN(can_do_what_is_needed);
	RUN(a_reader_has_no_threads);
	RUN(leaves_no_core_and_gains_no_privileges);
	clean_up();
	return checked();
}
