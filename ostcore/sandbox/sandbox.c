#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
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

static void drop_capabilities(sandbox_lack *lack)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	const struct __user_cap_data_struct none[2] = { { 0 } };

	if (syscall(SYS_capset, &header, none) != 0)
		lack("the capabilities of root cannot be given up");
}

/* What libmagic, iconv and the linker read, as late as they are needed; and
   where a daemon's standard output goes. */
static const struct {
	const char *path;
	uint64_t rights;
} usable[] = {
	{ "/usr", LANDLOCK_ACCESS_FS_READ_FILE },
	{ "/lib", LANDLOCK_ACCESS_FS_READ_FILE },
	{ "/lib64", LANDLOCK_ACCESS_FS_READ_FILE },
	{ "/etc/magic", LANDLOCK_ACCESS_FS_READ_FILE },
	{ "/etc/magic.mime", LANDLOCK_ACCESS_FS_READ_FILE },
	{ "/etc/ld.so.cache", LANDLOCK_ACCESS_FS_READ_FILE },
	{ "/dev/null",
	  LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE },
#if SANITIZED
	{ "/proc", LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR },
#endif
};

static bool allow(int rules, const char *path, uint64_t rights)
{
	const struct landlock_path_beneath_attr rule = {
		.allowed_access = rights,
		.parent_fd = open(path, O_PATH | O_CLOEXEC),
	};
	bool good;

	if (rule.parent_fd < 0)
		return true; /* not on this system */
	good = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
		       &rule, 0) == 0;
	close(rule.parent_fd);
	return good;
}

static bool allow_all(int rules)
{
	bool good = true;

	for (size_t i = 0; i < sizeof(usable) / sizeof(usable[0]); i++)
		good &= allow(rules, usable[i].path, usable[i].rights);
	/* Where the tests have the sanitizers write what they find. */
	if (SANITIZED && getenv("OST_REPORTS") != NULL)
		good &= allow(rules, getenv("OST_REPORTS"),
			      LANDLOCK_ACCESS_FS_MAKE_REG |
				      LANDLOCK_ACCESS_FS_WRITE_FILE);
	return good;
}

static bool close_files(bool serves)
{
	/* All rights that the first version knows, as any kernel with it does:
	   they run from bit 0 to this. */
	const struct landlock_ruleset_attr attr = {
		.handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_SYM * 2 - 1,
	};
	const int rules = (int)syscall(SYS_landlock_create_ruleset, &attr,
				       sizeof(attr.handled_access_fs), 0);
	bool good;

	if (rules < 0)
		return false;
	good = (!serves || allow_all(rules)) &&
	       syscall(SYS_landlock_restrict_self, rules, 0) == 0;
	close(rules);
	return good;
}

/* What reading needs, libraries included. Others fail with EPERM. */
static const int reading[] = {
	/* what is open */
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
	/* memory */
	SCMP_SYS(brk),
	SCMP_SYS(mmap),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(mprotect),
	SCMP_SYS(madvise),
	/* the rest */
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
};

/* What serving needs besides. */
static const int serving[] = {
	/* the FUSE descriptor, small system files */
	SCMP_SYS(writev),
	SCMP_SYS(pwrite64),
	SCMP_SYS(splice),
	SCMP_SYS(vmsplice),
	SCMP_SYS(pipe2),
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(stat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(statx),
	SCMP_SYS(access),
	SCMP_SYS(faccessat2),
	SCMP_SYS(fcntl),
	SCMP_SYS(dup2),
	SCMP_SYS(fadvise64),
	SCMP_SYS(readahead),
	SCMP_SYS(ftruncate), /* of an unlinked file of our own */
	SCMP_SYS(memfd_create),
	/* memory */
	SCMP_SYS(mincore),
	/* threads */
	SCMP_SYS(clone3),
	SCMP_SYS(clone),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(membarrier),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(getcpu),
	SCMP_SYS(tgkill), /* libfuse ends its threads by a signal */
	/* the rest */
	SCMP_SYS(setsid),
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
	SCMP_SYS(getrusage),
	/* syslog(3) */
	SCMP_SYS(connect),
	SCMP_SYS(sendmsg),
	SCMP_SYS(recvmsg),
	SCMP_SYS(shutdown),
#if SANITIZED
	SCMP_SYS(wait4),
	SCMP_SYS(ptrace),
	SCMP_SYS(prctl),
	SCMP_SYS(getdents),
	SCMP_SYS(getdents64),
	SCMP_SYS(readlink),
	SCMP_SYS(getppid),
	SCMP_SYS(process_vm_readv),
#endif
};

/* Those that are fine with some arguments only. */
static int allow_some(scmp_filter_ctx filter)
{
	int bad = 0;

	/* The log is the only thing to connect to. */
	bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
				SCMP_A0(SCMP_CMP_EQ, AF_UNIX));
	bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
				SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));
	/* Limits may be asked for, not set. */
	bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
				SCMP_A2(SCMP_CMP_EQ, 0));
	return bad;
}

static int allow_calls(scmp_filter_ctx filter, const int *calls, size_t count)
{
	int bad = 0;

	for (size_t i = 0; bad == 0 && i < count; i++)
		bad = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return bad;
}

static bool close_calls(bool serves)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int bad = filter == NULL;

	if (bad == 0)
		bad = allow_calls(filter, reading,
				  sizeof(reading) / sizeof(reading[0]));
	if (bad == 0 && serves)
		bad = allow_calls(filter, serving,
				  sizeof(serving) / sizeof(serving[0]));
	if (bad == 0 && serves)
		bad = allow_some(filter);
	if (bad == 0)
		bad = seccomp_load(filter);
	seccomp_release(filter);
	return bad == 0;
}

static void enter(bool serves, sandbox_lack *lack)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	/* Neither core nor debugger; the sanitizers are debuggers. */
	if (!SANITIZED)
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		lack("no_new_privs is not to be had");
	if (geteuid() == 0 && !SANITIZED)
		drop_capabilities(lack);
	if (!close_files(serves))
		lack("Landlock is not to be had: files stay within reach");
	if (!close_calls(serves))
		lack("seccomp is not to be had: system calls stay open");
}

void sandbox_enter(sandbox_lack *lack)
{
	enter(true, lack);
}

void sandbox_enter_reader(sandbox_lack *lack)
{
	enter(false, lack);
}
