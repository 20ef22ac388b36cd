#include "fs/porter.h"

#include <errno.h>
#include <fcntl.h>
#include <fuse_log.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fs/log.h"
#include "fs/looked.h"
#include "fs/worker.h"
#include "sandbox/descriptor.h"

enum { PATH_BYTES_MAX = 1 << 16, WORKERS_MAX = 2 * OPTIONS_STORES_MAX };

enum order { ORDER_LOOK, ORDER_OPEN, ORDER_END, ORDER_LEAVE_TERMINAL };

/* What the porter is asked: the path follows. */
struct asked {
	uint32_t order;
	uint32_t slot, generation;
};

/* A child: a worker, or one that looks. */
struct child {
	pid_t pid;
	unsigned slot;
	bool left; /* nobody asks what becomes of it */
};

struct porter {
	const struct options *o;
	const struct porter_place *place;
	int front;   /* the socket to who serves */
	int signals; /* says when a child ends */
	struct child workers[WORKERS_MAX];
	size_t count;
	pid_t looker; /* 0: nobody is looking */
	int looked;   /* what it writes to */
};

/* --- what there is ---------------------------------------------------------
 */

/* What is known of the files that were named. */
static enum ost_status look_at_named(const struct porter_place *place,
				     struct fleet *out, struct ost_error *err)
{
	enum ost_status st = OST_OK;

	for (size_t i = 0; st == OST_OK && i < place->named->count; i++) {
		const struct fleet_store *n = &place->named->stores[i];
		struct fleet_store *s;
		struct stat about;

		if (fstatat(place->dir, n->path, &about, AT_SYMLINK_NOFOLLOW) !=
		    0)
			continue;
		st = fleet_add(out, n->path, n->wish, err);
		if (st != OST_OK)
			break;
		s = &out->stores[out->count - 1];
		s->size = (uint64_t)about.st_size;
		s->mtime = about.st_mtim.tv_sec;
		s->mtime_nsec = (uint32_t)about.st_mtim.tv_nsec;
		s->device = about.st_dev;
		s->inode = about.st_ino;
	}
	return st;
}

enum ost_status porter_look_here(const struct porter_place *place,
				 struct fleet *out, struct ost_error *err)
{
	return place->named != NULL ? look_at_named(place, out, err)
				    : fleet_find(out, place->dir, err);
}

/* In a process of its own. Does not return. */
static void look_and_write(const struct porter_place *place, int fd)
{
	struct fleet fleet = { 0 };
	struct ost_error err = { "" };
	enum ost_status st = porter_look_here(place, &fleet, &err);
	FILE *to = fdopen(fd, "w");

	if (fleet.unread + fleet.too_deep > 0)
		fuse_log(FUSE_LOG_WARNING,
			 "%" PRIu64 " directories below the stores' were not "
			 "looked into\n",
			 fleet.unread + fleet.too_deep);
	if (to == NULL || !looked_write(to, &fleet))
		st = OST_IO;
	_exit(st == OST_OK ? 0 : st == OST_LIMIT ? EOVERFLOW : EIO);
}

bool porter_read(int fd, struct fleet *out)
{
	FILE *from = fdopen(fd, "r");
	const bool good = from != NULL && looked_read(from, out);

	if (from != NULL)
		fclose(from);
	else
		close(fd);
	if (!good)
		fuse_log(FUSE_LOG_ERR,
			 "what stores there are now cannot be told\n");
	return good;
}

/* --- words between the two -------------------------------------------------
 */

/* With the descriptor in it, which is then closed. */
static void tell(const struct porter *p, struct porter_word word)
{
	/* Who is gone needs no answer: it is noticed as the socket closes. */
	(void)!descriptor_send(p->front, &word, sizeof(word), word.fd);
	if (word.fd >= 0)
		close(word.fd);
}

bool porter_hear(int porter, struct porter_word *out)
{
	int fd;
	const bool heard = descriptor_receive(porter, out, sizeof(*out), &fd);

	out->fd = fd;
	return heard;
}

static bool ask(int porter, struct asked a, const char *path)
{
	struct buf words = { 0 };
	bool sent;

	buf_add(&words, &a, sizeof(a));
	buf_str(&words, path);
	sent = !words.bad && send(porter, words.at, words.len, MSG_NOSIGNAL) ==
				     (ssize_t)words.len;
	buf_free(&words);
	return sent;
}

bool porter_leave_terminal(int porter)
{
	return ask(porter, (struct asked){ .order = ORDER_LEAVE_TERMINAL }, "");
}

bool porter_look(int porter)
{
	return ask(porter, (struct asked){ .order = ORDER_LOOK }, "");
}

bool porter_open(int porter, unsigned slot, uint32_t generation,
		 const char *path)
{
	return ask(porter, (struct asked){ ORDER_OPEN, slot, generation },
		   path);
}

bool porter_end(int porter, unsigned slot)
{
	return ask(porter, (struct asked){ .order = ORDER_END, .slot = slot },
		   "");
}

/* --- the porter ------------------------------------------------------------
 */

/* Nothing of the porter's is a child's affair. */
static void leave_porter(const struct porter *p)
{
	sigset_t none;

	close(p->front);
	close(p->signals);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void look(struct porter *p)
{
	const int fd = memfd_create("ostfs-stores", MFD_CLOEXEC);

	p->looker = fd >= 0 ? fork() : -1;
	if (p->looker == 0) {
		leave_porter(p);
		look_and_write(p->place, fd);
	}
	if (p->looker > 0) {
		p->looked = fd;
		return;
	}
	if (fd >= 0)
		close(fd);
	p->looker = 0;
	tell(p, (struct porter_word){
			.what = PORTER_LOOKED, .status = errno, .fd = -1 });
}

static void end_look(struct porter *p, int status)
{
	const bool good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	struct porter_word word = { .what = PORTER_LOOKED, .fd = -1 };

	p->looker = 0;
	lseek(p->looked, 0, SEEK_SET);
	if (good)
		word.fd = p->looked;
	else
		close(p->looked);
	if (!good)
		word.status = WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
	tell(p, word);
}

/* A regular file below the directory, by no link; or -1. */
static int open_store(const struct porter_place *place, const char *path)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
			   RESOLVE_NO_MAGICLINKS,
	};
	const int fd =
		(int)syscall(SYS_openat2, place->dir, path, &how, sizeof(how));
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

/* The end of a worker's socket that is the other's; -1, with errno. */
static int start_worker(struct porter *p, const struct asked *a,
			const char *path, int store)
{
	static char told[PATH_BYTES_MAX + 2];
	const struct worker w = { .o = p->o,
				  .slot = a->slot,
				  .generation = a->generation,
				  .path = told,
				  .store = store };
	int ends[2];
	pid_t pid;

	snprintf(told, sizeof(told), "%s%s", p->place->named != NULL ? "/" : "",
		 path);
	if (p->count == WORKERS_MAX) {
		errno = EAGAIN;
		return -1;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		leave_porter(p);
		close(p->place->dir);
		worker_run(&w, ends[1]);
	}
	close(ends[1]);
	if (pid > 0) {
		p->workers[p->count++] = (struct child){ pid, a->slot, false };
		return ends[0];
	}
	close(ends[0]);
	return -1;
}

static void open_and_tell(struct porter *p, const struct asked *a,
			  const char *path)
{
	struct porter_word word = { .what = PORTER_OPENED,
				    .slot = a->slot,
				    .fd = -1 };
	const int store = open_store(p->place, path);

	if (store >= 0)
		word.fd = start_worker(p, a, path, store);
	if (word.fd < 0)
		word.status = errno;
	if (store >= 0)
		close(store);
	tell(p, word);
}

/* It reads only: there is nothing that it would have to put in order. */
static void end_worker(struct porter *p, unsigned slot)
{
	for (size_t i = 0; i < p->count; i++) {
		if (p->workers[i].slot != slot || p->workers[i].left)
			continue;
		p->workers[i].left = true;
		kill(p->workers[i].pid, SIGKILL);
	}
}

static void reap(struct porter *p)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	(void)!read(p->signals, &info, sizeof(info));
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == p->looker)
			end_look(p, status);
		for (size_t i = 0; i < p->count; i++) {
			const struct child c = p->workers[i];

			if (c.pid != pid)
				continue;
			p->workers[i] = p->workers[--p->count];
			if (!c.left)
				tell(p,
				     (struct porter_word){ .what = PORTER_ENDED,
							   .slot = c.slot,
							   .status = status,
							   .fd = -1 });
			break;
		}
	}
}

/* As who serves does, whose standard output is nowhere already. */
static void leave_terminal(void)
{
	setsid();
	dup2(STDOUT_FILENO, STDERR_FILENO);
	log_to_syslog();
}

/* False: who serves is gone. */
static bool obey(struct porter *p)
{
	static char words[sizeof(struct asked) + PATH_BYTES_MAX + 1];
	const ssize_t got = recv(p->front, words, sizeof(words) - 1, 0);
	struct asked a;

	if (got < 0 && errno == EINTR)
		return true;
	if (got < (ssize_t)sizeof(a))
		return false;
	memcpy(&a, words, sizeof(a));
	words[got] = '\0';
	if (a.order == ORDER_LOOK && p->looker == 0)
		look(p);
	else if (a.order == ORDER_OPEN)
		open_and_tell(p, &a, words + sizeof(a));
	else if (a.order == ORDER_END)
		end_worker(p, a.slot);
	else if (a.order == ORDER_LEAVE_TERMINAL)
		leave_terminal();
	return true;
}

/* Does not return. */
static void run(struct porter *p)
{
	struct pollfd on[2] = { { .fd = p->front, .events = POLLIN },
				{ .fd = p->signals, .events = POLLIN } };
	bool good = true;

	while (good) {
		if (poll(on, 2, -1) < 0)
			continue;
		if (on[1].revents != 0)
			reap(p);
		if (on[0].revents != 0)
			good = obey(p);
	}
	for (size_t i = 0; i < p->count; i++)
		kill(p->workers[i].pid, SIGKILL);
	_exit(0);
}

/* What ends who serves ends us by way of the socket. */
static bool await_children(struct porter *p)
{
	static const int ending[] = { SIGTERM, SIGINT, SIGHUP };
	sigset_t child;

	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		signal(ending[i], SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_SETMASK, &child, NULL);
	p->signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	return p->signals >= 0;
}

int porter_start(const struct options *o, const struct porter_place *place)
{
	struct porter p = { .o = o, .place = place };
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
		log_say("socketpair: %s", strerror(errno));
		return -1;
	}
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		for (size_t i = 0; i < 2; i++)
			if (place->leave[i] >= 0)
				close(place->leave[i]);
		p.front = ends[1];
		if (await_children(&p))
			run(&p);
		_exit(1);
	}
	close(ends[1]);
	if (pid > 0)
		return ends[0];
	log_say("fork: %s", strerror(errno));
	close(ends[0]);
	return -1;
}
