/*
 * sandbox.c - a process that can do nothing but read what it has open
 *
 * Two walls, so that a hole in one is none: Landlock says which files, sockets
 * and processes can be reached, seccomp which system calls can be made. Calls
 * that are not listed here fail with EPERM.
 */
#include "sandbox/sandbox.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

/*
 * The sanitizers look at the process from outside it at its end: let them,
 * in builds that have them.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- privileges and descriptors ------------------------------------------ */

static void drop_capabilities(sandbox_lack *lack)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	const struct __user_cap_data_struct none[2] = { { 0 } };

	if (syscall(SYS_capset, &header, none) != 0)
		lack("the capabilities of root cannot be given up");
}

static void close_inherited(int fd)
{
	const int flags = fcntl(fd, F_GETFD);

	if (fd > STDERR_FILENO && flags >= 0 && (flags & FD_CLOEXEC) == 0)
		close(fd);
}

/* Whatever we open has FD_CLOEXEC; what came through an exec cannot have. */
static void close_all_inherited(void)
{
	enum { USUAL = 1024 };
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *d;

	for (int fd = 0; dir == NULL && fd < USUAL; fd++)
		close_inherited(fd);
	if (dir == NULL) {
		close_range(USUAL, ~0U, 0);
		return;
	}
	while ((d = readdir(dir)) != NULL)
		close_inherited(atoi(d->d_name));
	closedir(dir);
}

/* --- Landlock ------------------------------------------------------------ */

/* As of version 6; headers of older kernels have less of it. */
struct ruleset {
	uint64_t files, network, scoped;
};

/* What each version knows more: rights run from bit 0 to `last_right`. */
static const struct version {
	unsigned last_right;
	uint64_t network, scoped;
	size_t size; /* of the struct it takes */
} versions[] = {
	{ 12, 0, 0, 8 },	  /* 1: to make, read, remove */
	{ 13, 0, 0, 8 },	  /* 2: to move elsewhere */
	{ 14, 0, 0, 8 },	  /* 3: to truncate */
	{ 14, 1 | 2, 0, 16 },	  /* 4: TCP, to bind and to connect */
	{ 15, 1 | 2, 0, 16 },	  /* 5: ioctl(2) of devices */
	{ 15, 1 | 2, 1 | 2, 24 }, /* 6: abstract sockets, signals */
};

static int landlock_version(int max)
{
	const int has = (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
				     LANDLOCK_CREATE_RULESET_VERSION);

	if (max == SANDBOX_NO_LANDLOCK || has < 1)
		return 0;
	if (has > (int)COUNT(versions))
		return max > 0 ? max : (int)COUNT(versions);
	return max > 0 && max < has ? max : has;
}

static bool allow_below(int rules, int dir, uint64_t rights)
{
	const struct landlock_path_beneath_attr rule = {
		.allowed_access = rights,
		.parent_fd = dir,
	};

	return syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
		       &rule, 0) == 0;
}

static bool allow_path(int rules, const char *path, uint64_t rights)
{
	const int dir = open(path, O_PATH | O_CLOEXEC);
	const bool good = dir < 0 || allow_below(rules, dir, rights);

	if (dir >= 0)
		close(dir);
	return good;
}

/* Where the sanitizers look, and write what they find. */
static bool allow_sanitizers(int rules)
{
	const char *reports = getenv("OST_REPORTS");

	return allow_path(rules, "/proc",
			  LANDLOCK_ACCESS_FS_READ_FILE |
				  LANDLOCK_ACCESS_FS_READ_DIR) &&
	       (reports == NULL ||
		allow_path(rules, reports,
			   LANDLOCK_ACCESS_FS_MAKE_REG |
				   LANDLOCK_ACCESS_FS_WRITE_FILE));
}

/* What Landlock of every version knows, but for truncating, which is newer. */
#define WRITE_BELOW                                                            \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |          \
	 LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |         \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |        \
	 LANDLOCK_ACCESS_FS_REMOVE_DIR | (uint64_t)1 << 14)

static bool close_files(const struct sandbox *s)
{
	const int number = landlock_version(s->landlock);
	bool good = true;
	int rules;

	if (number == 0)
		return false;

	const struct version *v = &versions[number - 1];
	const struct ruleset all = {
		((uint64_t)2 << v->last_right) - 1,
		v->network,
		v->scoped,
	};
	rules = (int)syscall(SYS_landlock_create_ruleset, &all, v->size, 0);
	if (rules < 0)
		return false;
	if (s->below != NULL)
		good = allow_below(rules, *s->below,
				   LANDLOCK_ACCESS_FS_READ_FILE |
					   LANDLOCK_ACCESS_FS_READ_DIR);
	if (s->writes != NULL)
		good = good &&
		       allow_below(rules, *s->writes, WRITE_BELOW & all.files);
	if (SANITIZED)
		good &= allow_sanitizers(rules);
	good = good && syscall(SYS_landlock_restrict_self, rules, 0) == 0;
	close(rules);
	return good;
}

/* --- seccomp -------------------------------------------------------------- */

#define ARG(n, op, ...)                                                        \
	{                                                                      \
		n, SCMP_CMP_##op, __VA_ARGS__                                  \
	}
#define IS(n, value)   ARG(n, EQ, value, 0)
#define LACKS(n, bits) ARG(n, MASKED_EQ, bits, 0) /* none of them is set */

enum { ARGS = 2 };

/* A call, and what its arguments must be; several rows are alternatives. */
struct call {
	int number;
	unsigned count;
	struct scmp_arg_cmp args[ARGS];
};

#define CALL(name)                                                             \
	{                                                                      \
		SCMP_SYS(name), 0,                                             \
		{                                                              \
			{                                                      \
				0                                              \
			}                                                      \
		}                                                              \
	}
#define CALL1(name, one)                                                       \
	{                                                                      \
		SCMP_SYS(name), 1,                                             \
		{                                                              \
			one                                                    \
		}                                                              \
	}
#define CALL2(name, one, two)                                                  \
	{                                                                      \
		SCMP_SYS(name), 2,                                             \
		{                                                              \
			one, two                                               \
		}                                                              \
	}

/* No code that was not there from the start. */
#define NO_CODE(n) LACKS(n, PROT_EXEC)

static const struct call for_reader[] = {
	/* what is open */
	CALL(read),
	CALL(readv),
	CALL(pread64),
	CALL(preadv),
	CALL(write),
	CALL(close),
	CALL(fstat),
	CALL(lseek),
	CALL(poll),
	CALL(ppoll),
	CALL1(sendto, IS(4, 0)), /* to whom it is connected */
	CALL(recvfrom),
	CALL1(fcntl, IS(1, F_GETFD)),
	CALL1(fcntl, IS(1, F_SETFD)),
	CALL1(fcntl, IS(1, F_GETFL)),
	CALL2(fcntl, IS(1, F_SETFL), LACKS(2, O_ASYNC)), /* a signal */
	/* memory */
	CALL(brk),
	CALL1(mmap, NO_CODE(2)),
	CALL1(mprotect, NO_CODE(2)),
	CALL(munmap),
	CALL(mremap),
	CALL(madvise),
	/* the rest */
	CALL(futex),
	CALL(sched_yield),
	CALL(gettid),
	CALL(getpid),
	CALL(rt_sigaction),
	CALL(rt_sigprocmask),
	CALL(rt_sigreturn),
	CALL(sigaltstack),
	CALL(restart_syscall),
	CALL(exit),
	CALL(exit_group),
	CALL(getrandom),
	CALL(clock_gettime),
	CALL(gettimeofday),
	CALL(time),
};

/* What pthread_create(3) asks for: a thread, never a process or namespace. */
#define THREAD                                                                 \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |    \
	 CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |                  \
	 CLONE_CHILD_CLEARTID)

static const struct call for_tool[] = {
	CALL(writev),
	CALL(pwrite64),
	CALL(ftruncate),
	CALL(fadvise64),
	CALL(fsync),
	CALL(dup2),
	CALL(dup3),
	CALL1(fcntl, IS(1, F_DUPFD_CLOEXEC)),
	CALL1(ioctl, IS(1, TCGETS)), /* is it a terminal? */
	CALL(recvmsg), /* a descriptor from the process that starts libpff */
	CALL(shutdown),
	CALL(wait4),	       /* for a child */
	CALL(rt_sigtimedwait), /* for Ctrl-C */
	/* threads */
	CALL1(clone, IS(0, THREAD)),
	CALL(set_robust_list),
	CALL(rseq),
	CALL(membarrier),
	CALL1(sched_getaffinity, IS(0, 0)),
	CALL(getcpu),
	CALL1(prctl, IS(0, PR_SET_NAME)),
	/* the rest */
	CALL(uname),
	CALL(getuid),
	CALL(geteuid),
	CALL(getgid),
	CALL(getegid),
	CALL(sysinfo),
	CALL(clock_getres),
	CALL(clock_nanosleep),
	CALL(nanosleep),
	CALL(getrlimit),
	CALL2(prlimit64, IS(0, 0), IS(2, 0)), /* to ask for our own */
	CALL(getrusage),
};

static const struct call for_server[] = {
	CALL(splice),
	CALL(vmsplice),
	CALL(pipe2),
	CALL(setsid),
	CALL1(fcntl, IS(1, F_GETPIPE_SZ)),
	CALL1(fcntl, IS(1, F_SETPIPE_SZ)),
};

/* To read what lies below a directory: neither made nor changed, nor O_PATH,
   with which everything could be asked for. */
#define WRITES                                                                 \
	(O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | O_PATH |                   \
	 (O_TMPFILE & ~O_DIRECTORY))

static const struct call for_below[] = {
	CALL1(openat, LACKS(2, WRITES)),
	CALL(getdents64),
};

/* To make files below a directory, which Landlock keeps to that. */
static const struct call for_writes[] = {
	CALL1(openat, LACKS(2, O_PATH)),
	CALL(getdents64),
	CALL(mkdirat),
	CALL(unlinkat),
	CALL(renameat),
	CALL(renameat2),
	CALL(linkat), /* to name a file that was made without one */
	CALL1(utimensat, IS(1, 0)), /* of a file that is open */
	CALL(fdatasync),
	CALL(syncfs),
	CALL(fstatfs),
};

#if SANITIZED
static const struct call for_sanitizers[] = {
	CALL(clone),
	CALL(wait4),
	CALL(ptrace),
	CALL(prctl),
	CALL(open),
	CALL(openat),
	CALL(stat),
	CALL(newfstatat),
	CALL(access),
	CALL(getdents),
	CALL(getdents64),
	CALL(readlink),
	CALL(getppid),
	CALL(process_vm_readv),
	CALL(fcntl),
	CALL(ioctl),
	CALL(mincore),
	CALL(pipe2),
	CALL(sched_getaffinity),
	CALL(writev),
	CALL(prlimit64),
	CALL(getrlimit),
};
#endif

static int add_calls(scmp_filter_ctx filter, const struct call *calls,
		     size_t count)
{
	int bad = 0;

	for (size_t i = 0; bad == 0 && i < count; i++)
		bad = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW,
					     calls[i].number, calls[i].count,
					     calls[i].args);
	return bad;
}

/*
 * Until version 2.39, fstat(3) of the C library asks by way of a call that can
 * ask for any path. The kernel refuses that and tells us; what was meant to
 * be fstat(2) is that. This gives no right: it could be asked directly.
 */
#if defined(__x86_64__)
#define PATH_OF(u)   ((u)->uc_mcontext.gregs[REG_RSI])
#define RESULT_OF(u) ((u)->uc_mcontext.gregs[REG_RAX])
#define FD_OF(u)     ((u)->uc_mcontext.gregs[REG_RDI])
#define STAT_OF(u)   ((u)->uc_mcontext.gregs[REG_RDX])
#define FLAGS_OF(u)  ((u)->uc_mcontext.gregs[REG_R10])
#elif defined(__aarch64__)
#define PATH_OF(u)   ((u)->uc_mcontext.regs[1])
#define RESULT_OF(u) ((u)->uc_mcontext.regs[0])
#define FD_OF(u)     ((u)->uc_mcontext.regs[0])
#define STAT_OF(u)   ((u)->uc_mcontext.regs[2])
#define FLAGS_OF(u)  ((u)->uc_mcontext.regs[3])
#endif

#ifdef PATH_OF
static void on_refused(int number, siginfo_t *info, void *context)
{
	ucontext_t *u = context;
	const int before = errno;
	long result = -EPERM;

	(void)number;
	if (info->si_syscall == SYS_newfstatat &&
	    (FLAGS_OF(u) & AT_EMPTY_PATH) != 0 &&
	    *(const char *)(uintptr_t)PATH_OF(u) == '\0')
		result = syscall(SYS_fstat, (int)FD_OF(u),
				 (void *)(uintptr_t)STAT_OF(u)) == 0
				 ? 0
				 : -errno;
	RESULT_OF(u) = (__typeof__(RESULT_OF(u)))result;
	errno = before;
}

static int stat_open_files_only(scmp_filter_ctx filter)
{
	const struct sigaction action = {
		.sa_sigaction = on_refused,
		.sa_flags = SA_SIGINFO | SA_NODEFER,
	};

	if (SANITIZED)
		return 0; /* theirs is allowed */
	sigaction(SIGSYS, &action, NULL);
	return seccomp_rule_add(filter, SCMP_ACT_TRAP, SCMP_SYS(newfstatat), 0);
}
#else
/*
 * The lists of calls are those of the processors above. Elsewhere arguments
 * have other places (s390x: mmap, clone), calls other names (32 bits: fstat64),
 * and fstat(3) of an old C library would fail: there is no filter then, which
 * is said.
 */
static int stat_open_files_only(scmp_filter_ctx filter)
{
	(void)filter;
	return -EDOM;
}
#endif

/* What depends on who we are. */
static int add_own(scmp_filter_ctx filter)
{
	const scmp_datum_t self = (scmp_datum_t)getpid();
	int bad = 0;

	/* abort(3), and libfuse ends its threads by a signal. */
	bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
				SCMP_A0(SCMP_CMP_EQ, self));
	/* The C library then uses clone(2), whose flags can be looked at. */
	bad |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
				SCMP_SYS(clone3), 0);
	return bad | stat_open_files_only(filter);
}

static bool close_calls(const struct sandbox *s)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int bad = filter == NULL;

	bad = bad || add_calls(filter, for_reader, COUNT(for_reader));
	if (s->role >= SANDBOX_TOOL)
		bad = bad || add_calls(filter, for_tool, COUNT(for_tool));
	if (s->role >= SANDBOX_SERVER)
		bad = bad || add_calls(filter, for_server, COUNT(for_server));
	if (s->below != NULL)
		bad = bad || add_calls(filter, for_below, COUNT(for_below));
	if (s->writes != NULL)
		bad = bad || add_calls(filter, for_writes, COUNT(for_writes));
#if SANITIZED
	bad = bad || add_calls(filter, for_sanitizers, COUNT(for_sanitizers));
#endif
	bad = bad || add_own(filter) || seccomp_load(filter);
	seccomp_release(filter);
	return !bad;
}

/* --- all of it ----------------------------------------------------------- */

bool sandbox_load(const char **lacking)
{
	tzset(); /* syslog(3) writes local time */
	/* The C library needs it to end a thread, and dies without. */
	if (dlopen("libgcc_s.so.1", RTLD_NOW | RTLD_GLOBAL) != NULL)
		return true;
	*lacking = "libgcc_s.so.1 cannot be loaded: it is not installed, or "
		   "there is too little memory (ulimit -v)";
	return false;
}

void sandbox_enter(const struct sandbox *s)
{
	const struct rlimit none = { 0, 0 };

	close_all_inherited();
	setrlimit(RLIMIT_CORE, &none);
	/* Neither core nor debugger; the sanitizers are debuggers. */
	if (!SANITIZED)
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		s->lack("no_new_privs is not available");
	if (geteuid() == 0 && !SANITIZED)
		drop_capabilities(s->lack);
	if (!close_files(s))
		s->lack("Landlock is not available: only seccomp keeps it from "
			"files and other processes");
	if (!s->no_filter && !close_calls(s))
		s->lack("seccomp is not available: system calls stay open");
}
