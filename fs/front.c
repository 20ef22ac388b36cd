#include "fs/front_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bytes/text.h"
#include "fs/catalog.h"
#include "fs/idle.h"
#include "fs/log.h"
#include "fs/ops.h"
#include "fs/worker.h"

enum {
	MIB = 1 << 20,
	CACHE_USUAL = 64 * MIB, /* of all stores together */
	CACHE_MIN = 1 * MIB,	/* of one */
	LOOK_EVERY = 2000,	/* ms, at least, from one look to the next */
	LOOK_SHARE = 10, /* and a tenth of the time at most is spent on it */
	FAILED_STAYS = 5000, /* ms until what may pass is tried again */
};

uint64_t front_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* --- what stores there are -------------------------------------------------
 */

/* It does nothing for those that nobody waits for any more. */
static void reply_error(const struct front *f, uint64_t unique, int error)
{
	const struct fuse_out_header out = { .len = sizeof(out),
					     .error = -error,
					     .unique = unique };

	(void)!write(fuse_session_fd(f->session), &out, sizeof(out));
}

static void refuse(void *arg, uint64_t unique)
{
	reply_error(arg, unique, EIO);
}

/* Have its worker ended, if it has one. */
static void close_store(struct front *f, struct known_store *s,
			enum known_state state, bool keep)
{
	const bool open = s->state == KNOWN_OPENING || s->state == KNOWN_OPEN;

	for (size_t i = 0; open && i < f->open; i++)
		if (f->opened[i] == s) {
			f->opened[i] = f->opened[--f->open];
			(void)!porter_end(f->porter, s->slot);
			break;
		}
	s->state = state;
	f->known.edition++;
	link_lost(&s->link, keep, refuse, f);
}

static void is_gone(void *arg, struct known_store *s)
{
	struct front *f = arg;

	if (f->session != NULL)
		close_store(f, s, KNOWN_CLOSED, false);
}

static bool merge(struct front *f, struct fleet *found)
{
	struct ost_error err;

	if (known_merge(&f->known, found, is_gone, f, &err) == OST_OK)
		return true;
	fuse_log(FUSE_LOG_ERR, "not all stores are shown: %s\n", err.text);
	return false;
}

bool front_look_again(struct front *f)
{
	const uint64_t took = f->look_ended - f->look_began,
		       now = front_now_ms();
	const uint64_t pause =
		took * LOOK_SHARE > LOOK_EVERY ? took * LOOK_SHARE : LOOK_EVERY;

	if (!f->looking && now - f->look_ended >= pause) {
		f->looking = porter_look(f->porter);
		f->look_began = now;
	}
	return f->looking;
}

static void has_looked(struct front *f, const struct porter_word *word)
{
	struct fleet found = { 0 };

	f->looking = false;
	f->look_ended = front_now_ms();
	if (word->fd >= 0 && porter_read(word->fd, &found))
		merge(f, &found);
	else
		fuse_log(FUSE_LOG_ERR,
			 word->status == EOVERFLOW
				 ? "there are more than 4095 stores now: new "
				   "ones are not shown\n"
				 : "the directories of the stores cannot be "
				   "read now\n");
	fleet_free(&found);
	front_answer_waiting(f, true);
}

/* --- stores are opened and closed ------------------------------------------
 */

/* Close the one that nobody has asked for the longest. False: all are busy. */
static bool make_room(struct front *f)
{
	struct known_store *oldest = NULL;

	for (size_t i = 0; i < f->open; i++) {
		struct known_store *s = f->opened[i];

		if (s->state == KNOWN_OPEN && link_is_idle(&s->link) &&
		    (oldest == NULL || s->used < oldest->used))
			oldest = s;
	}
	if (oldest != NULL)
		close_store(f, oldest, KNOWN_CLOSED, true);
	return oldest != NULL;
}

static void close_idle(struct front *f)
{
	const uint64_t idle = (uint64_t)f->asked->idle * 1000;

	for (size_t i = f->open; i-- > 0;) {
		struct known_store *s = f->opened[i];

		if (s->state == KNOWN_OPEN && link_is_idle(&s->link) &&
		    front_now_ms() - s->used >= idle)
			close_store(f, s, KNOWN_CLOSED, true);
	}
}

/* Begin to open what is asked for, as far as there may be more open. */
static void open_wanted(struct front *f)
{
	for (size_t i = 0; f->wanted && i < f->known.count; i++) {
		struct known_store *s = f->known.shown[i];

		if (s->state != KNOWN_WANTED)
			continue;
		if (f->open >= f->asked->stores_open && !make_room(f))
			return;
		if (!porter_open(f->porter, s->slot, s->generation,
				 s->file.path))
			return;
		s->state = KNOWN_OPENING;
		s->read = true;
		f->opened[f->open++] = s;
	}
	f->wanted = false;
}

static void fail_store(struct front *f, struct known_store *s, int code,
		       struct span why, bool passing)
{
	close_store(f, s, KNOWN_FAILED, false);
	known_failed(&f->known, s, code, why);
	s->passing = passing;
	s->unopened = false;
	s->failed_at = front_now_ms();
	fuse_log(FUSE_LOG_WARNING,
		 "the store in slot %u cannot be opened: "
		 "code %d\n",
		 s->slot, code);
}

/* The porter has started its worker, or could not. */
static void is_opened(struct front *f, const struct porter_word *word)
{
	struct known_store *s = f->known.by_slot[word->slot % KNOWN_SLOTS];
	struct buf why = { 0 };

	if (s == NULL || s->gone || s->state != KNOWN_OPENING) {
		if (word->fd >= 0)
			close(word->fd);
		return;
	}
	s->link.fd = word->fd;
	if (word->fd >= 0)
		return;
	/* Of what is there, but is a directory or a pipe. */
	buf_printf(&why, "%s%s: cannot be opened: %s", f->known.base,
		   s->file.path,
		   word->status == EINVAL ? "it is not a regular file"
					  : strerror(word->status));
	fail_store(f, s, OST_EXIT_CANNOT_OPEN, buf_span(&why), true);
	buf_free(&why);
}

/* It begins as the kernel began with us. False: it did not say how it is. */
static bool hear_worker(struct front *f, struct known_store *s,
			const struct fuse_out_header *out)
{
	struct said said;

	if (!said_read(&said, out, out->len) ||
	    (said.kind != WORKER_WHOSE && s->state != KNOWN_OPENING))
		return false;
	if (said.kind == WORKER_FAILED) {
		fail_store(f, s, said.code, said.words,
			   said.code == OST_EXIT_USAGE ||
				   said.code == OST_EXIT_CANNOT_OPEN);
		return true;
	}
	if (said.kind == WORKER_READY) {
		known_set(&f->known, &s->warnings, said.words);
		/* One that does not listen may not make us wait. */
		return send(s->link.fd, f->init, f->init_len,
			    MSG_DONTWAIT | MSG_NOSIGNAL) ==
		       (ssize_t)f->init_len;
	}
	known_set(&f->known, &s->guid, said.whose[0]);
	known_set(&f->known, &s->owner, said.whose[1]);
	known_set(&f->known, &s->owner_name, said.whose[2]);
	return true;
}

/* Is it the answer to how we began with it? Then it is open. */
static bool is_greeting(struct front *f, struct known_store *s,
			const struct fuse_out_header *out)
{
	const struct fuse_in_header *init =
		(const struct fuse_in_header *)f->init;

	if (s->state != KNOWN_OPENING || out->unique != init->unique)
		return false;
	s->state = KNOWN_OPEN;
	s->unopened = false;
	s->code = 0;
	f->known.edition++;
	s->link.live = true;
	link_send(&s->link);
	return true;
}

/*
 * Its worker is gone, or is to go: it does not do what it should. As with a
 * request, a store is opened a second time before it counts as what they die
 * of: the first may have been ended by somebody.
 */
static void lose_worker(struct front *f, struct known_store *s)
{
	struct buf why = { 0 };

	s->crashes++;
	if (s->state == KNOWN_OPEN || !s->unopened) {
		s->unopened = s->state != KNOWN_OPEN;
		fuse_log(FUSE_LOG_ERR,
			 "the process that reads the store in slot %u ended; "
			 "another one goes on\n",
			 s->slot);
		close_store(f, s, KNOWN_CLOSED, true);
		if (!link_is_idle(&s->link)) {
			s->state = KNOWN_WANTED;
			f->wanted = true;
		}
		return;
	}
	buf_printf(&why,
		   "%s%s: the process that reads it ended before it was open; "
		   "please report this",
		   f->known.base, s->file.path);
	fail_store(f, s, OST_EXIT_DAMAGED, buf_span(&why), true);
	buf_free(&why);
}

/* Hand on one answer; false: there is none now. */
static bool take_answer(struct front *f, struct known_store *s)
{
	static _Alignas(8) uint8_t bytes[WORKER_READ_MAX + 65536];
	const struct fuse_out_header *out = (const void *)bytes;
	const ssize_t got = recv(s->link.fd, bytes, sizeof(bytes),
				 MSG_DONTWAIT | MSG_TRUNC);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (got < (ssize_t)sizeof(*out) || (size_t)got > sizeof(bytes) ||
	    out->len != (size_t)got) {
		lose_worker(f, s);
		return false;
	}
	s->used = front_now_ms();
	if (out->unique == WORKER_SAYS) {
		if (!hear_worker(f, s, out))
			lose_worker(f, s);
		return s->link.fd >= 0;
	}
	if (is_greeting(f, s, out))
		return true;
	if (!link_answers(&s->link, out, (size_t)got, s->slot)) {
		lose_worker(f, s);
		return false;
	}
	/* It fails for those that nobody waits for any more. */
	(void)!write(fuse_session_fd(f->session), bytes, (size_t)got);
	link_send(&s->link);
	return true;
}

/* --- requests --------------------------------------------------------------
 */

/* For the process that reads its store, to be answered later. */
static void hand_on(struct front *f, const struct fuse_in_header *in)
{
	struct known_store *s = front_store_of(f, in->nodeid);
	const uint64_t now = front_now_ms();

	if (s == NULL) {
		reply_error(f, in->unique, ESTALE);
		return;
	}
	if (s->state == KNOWN_FAILED &&
	    (!s->passing || now - s->failed_at < FAILED_STAYS)) {
		reply_error(f, in->unique, EIO);
		return;
	}
	if (!link_add(&s->link, in)) {
		reply_error(f, in->unique, ENOMEM);
		return;
	}
	s->used = now;
	if (s->state == KNOWN_OPEN) {
		link_send(&s->link);
	} else if (s->state != KNOWN_OPENING) {
		s->state = KNOWN_WANTED;
		f->wanted = true;
	}
}

/* Is it a question that only who reads the store can answer? */
static bool is_for_worker(const struct fuse_in_header *in)
{
	const uint64_t own = in->nodeid & ((UINT64_C(1) << FS_SLOT_SHIFT) - 1);
	const char *name = (const char *)(in + 1);

	if (in->nodeid >> FS_SLOT_SHIFT == 0)
		return false;
	switch (in->opcode) {
	case FUSE_LOOKUP:
		return own != TREE_ROOT ||
		       (strcmp(name, ".") != 0 && strcmp(name, "..") != 0);
	case FUSE_GETATTR:
		return own != TREE_ROOT;
	case FUSE_OPENDIR:
		return own == TREE_ROOT;
	case FUSE_READ:
	case FUSE_READDIR:
	case FUSE_READDIRPLUS:
	case FUSE_GETXATTR:
	case FUSE_LISTXATTR:
		return true;
	default:
		return false;
	}
}

static void route(struct front *f, size_t len)
{
	const struct fuse_in_header *in = (const void *)f->message;
	const struct fuse_buf whole = { .size = len, .mem = f->message };

	f->message[len] = 0;
	if (in->opcode == FUSE_INIT && len <= sizeof(f->init)) {
		memcpy(f->init, f->message, len);
		f->init_len = len;
	}
	if (in->opcode == FUSE_INTERRUPT)
		reply_error(f, in->unique, ENOSYS); /* nobody is */
	else if (in->opcode == FUSE_FORGET)
		; /* a number needs no memory of ours */
	else if (is_for_worker(in))
		hand_on(f, in);
	else
		fuse_session_process_buf(f->session, &whole);
}

/* What the kernel asks; 0, or what ends the mount. */
static int take_requests(struct front *f)
{
	enum { AT_ONCE = 32 };

	for (int i = 0; i < AT_ONCE; i++) {
		const ssize_t got = read(fuse_session_fd(f->session),
					 f->message, MESSAGE_MAX);

		if (got >= (ssize_t)sizeof(struct fuse_in_header)) {
			idle_asked();
			route(f, (size_t)got);
			continue;
		}
		if (got >= 0)
			return EIO;
		if (errno == EAGAIN || errno == EINTR)
			return 0;
		if (errno != ENOENT) /* one was withdrawn */
			return errno;
	}
	return 0;
}

/* False: it is gone. */
static bool hear_porter(struct front *f)
{
	struct porter_word word;

	if (!porter_hear(f->porter, &word))
		return false;
	if (word.what == PORTER_OPENED)
		is_opened(f, &word);
	else if (word.what == PORTER_LOOKED)
		has_looked(f, &word);
	else if (WIFSIGNALED(word.status))
		fuse_log(FUSE_LOG_ERR,
			 "the process that read the store in slot %u was "
			 "ended by signal %d\n",
			 word.slot, WTERMSIG(word.status));
	return true;
}

enum { POLLED_FIRST = 2, POLLED_MAX = POLLED_FIRST + OPTIONS_STORES_MAX };

/* What to wait for. Returns how many. */
static nfds_t poll_for(const struct front *f, struct pollfd on[POLLED_MAX])
{
	nfds_t count = POLLED_FIRST;

	on[0] = (struct pollfd){ .fd = fuse_session_fd(f->session),
				 .events = POLLIN };
	on[1] = (struct pollfd){ .fd = f->porter, .events = POLLIN };
	for (size_t i = 0; i < f->open; i++) {
		const struct link *l = &f->opened[i]->link;

		if (l->fd >= 0)
			on[count++] = (struct pollfd){
				.fd = l->fd,
				.events = (short)(l->full ? POLLIN | POLLOUT
							  : POLLIN),
			};
	}
	return count;
}

static struct known_store *opened_by(const struct front *f, int fd)
{
	for (size_t i = 0; i < f->open; i++)
		if (f->opened[i]->link.fd == fd)
			return f->opened[i];
	return NULL;
}

static void hear_workers(struct front *f, const struct pollfd *on, nfds_t count)
{
	enum { AT_ONCE = 16 };

	for (nfds_t i = POLLED_FIRST; i < count; i++) {
		struct known_store *s =
			on[i].revents != 0 ? opened_by(f, on[i].fd) : NULL;

		if (s == NULL)
			continue;
		if ((on[i].revents & POLLOUT) != 0)
			link_send(&s->link);
		if ((on[i].revents & ~POLLOUT) == 0)
			continue;
		for (int n = 0; n < AT_ONCE && take_answer(f, s); n++)
			;
	}
}

int front_loop(struct front *f, struct fuse_session *session, bool background)
{
	enum { BUSY_MS = 10, IDLE_MS = 1000 };
	static struct pollfd on[POLLED_MAX];
	int error = 0;

	f->session = session;
	f->look_began = f->look_ended = front_now_ms();
	if (background && !porter_leave_terminal(f->porter))
		return -EIO;
	if (fcntl(fuse_session_fd(session), F_SETFL, O_RDWR | O_NONBLOCK) != 0)
		return -errno;
	while (fuse_session_exited(session) == 0) {
		const nfds_t count = poll_for(f, on);
		const int wait = f->waiting_count > 0 ? BUSY_MS
				 : f->open > 0	      ? IDLE_MS
						      : -1;

		if (poll(on, count, wait) < 0)
			continue;
		if (on[1].revents != 0 && !hear_porter(f)) {
			fuse_log(FUSE_LOG_ERR, "the process that opens the "
					       "stores is gone\n");
			return -EIO;
		}
		hear_workers(f, on, count);
		if (on[0].revents != 0)
			error = take_requests(f);
		if (error != 0)
			return error == ENODEV ? 0 : -error;
		front_answer_waiting(f, false);
		open_wanted(f);
		close_idle(f);
	}
	return 1;
}

/* --- to begin with ---------------------------------------------------------
 */

/* Where the stores are: a directory, or those that are named. */
static enum ost_status find_place(struct front *f, struct ost_error *err)
{
	const struct options *o = f->asked;
	enum ost_status st = OST_OK;
	struct stat about;

	if (o->fleet.len > 0) {
		st = catalog_read(&f->named, buf_text(&o->fleet), err);
	} else if (o->store_count > 1 ||
		   (stat(o->store, &about) == 0 && !S_ISDIR(about.st_mode))) {
		for (unsigned i = 0; st == OST_OK && i < o->store_count; i++)
			st = catalog_add(&f->named, o->given[i], NULL, err);
	} else {
		f->place.dir =
			open(o->store, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		return f->place.dir >= 0 ? OST_OK
					 : ost_fail(err, OST_CANNOT_OPEN, "%s",
						    strerror(errno));
	}
	f->place.named = &f->named;
	f->known.base = "/";
	f->place.dir = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return st;
}

static void say_found(const struct front *f, const struct fleet *found,
		      const char *name)
{
	struct buf twins = { 0 };
	size_t tagged = 0;

	for (size_t i = 0; i < f->known.count; i++)
		tagged += f->known.shown[i]->file.tagged;
	if (tagged > 0)
		buf_printf(&twins,
			   ", %zu of which others have the name; see "
			   ".ostfs/fleet.json",
			   tagged);
	log_say("%s: %zu %s%s", name, f->known.count,
		text_plural(f->known.count, "store", "stores"),
		buf_text(&twins));
	buf_free(&twins);
	if (found->unread > 0)
		log_say("%s: warning: %llu %s below it cannot be read, so "
			"stores may be missing: %s",
			name, (unsigned long long)found->unread,
			text_plural(found->unread, "directory", "directories"),
			found->first.text);
	if (found->too_deep > 0)
		log_say("%s: warning: %llu %s more than %d levels below it: "
			"stores there are not shown",
			name, (unsigned long long)found->too_deep,
			text_plural(found->too_deep, "directory is",
				    "directories are"),
			FLEET_DEPTH);
}

static int look_first(struct front *f)
{
	const char *name = f->asked->store;
	struct fleet found = { 0 }, about;
	struct ost_error err;
	enum ost_status st = find_place(f, &err);

	if (st == OST_OK)
		st = porter_look_here(&f->place, &found, &err);
	about = found; /* its counts */
	if (st == OST_OK && found.count > 0)
		st = known_merge(&f->known, &found, is_gone, f, &err);
	fleet_free(&found);
	if (st == OST_LIMIT) {
		log_say("%s: more than %d stores; mount its subdirectories "
			"one by one",
			name, FLEET_MAX);
		return OST_EXIT_USAGE;
	}
	if (st != OST_OK) {
		log_say("%s: %s", name, err.text);
		return st == OST_CANNOT_OPEN ? OST_EXIT_CANNOT_OPEN
					     : OST_EXIT_USAGE;
	}
	if (f->known.count > 0) {
		say_found(f, &about, name);
		return OST_EXIT_OK;
	}
	log_say("%s: no .ost or .pst below it; name a store, or a directory "
		"that has some",
		name);
	return OST_EXIT_CANNOT_OPEN;
}

static size_t cache_of_each(const struct front *f)
{
	const size_t all = f->asked->cache > 0 ? f->asked->cache : CACHE_USUAL;
	const size_t most = f->known.count < f->asked->stores_open
				    ? f->known.count
				    : f->asked->stores_open;

	return all / most > CACHE_MIN ? all / most : CACHE_MIN;
}

int front_open(struct front **out, const struct options *o, char **where)
{
	struct front *f = calloc(1, sizeof(*f));
	int code;

	*where = realpath(o->store, NULL);
	if (f == NULL || *where == NULL) {
		log_say("%s: %s", o->store, strerror(errno));
		free(f);
		return f == NULL ? OST_EXIT_USAGE : OST_EXIT_CANNOT_OPEN;
	}
	f->asked = o;
	f->known.base = "";
	f->porter = f->place.dir = -1;
	code = look_first(f);
	if (code == OST_EXIT_OK) {
		f->each = *o;
		f->each.cache = cache_of_each(f);
		*out = f;
	} else {
		front_free(f);
	}
	return code;
}

static bool lies_in(const char *path, const char *dir)
{
	const size_t len = strcmp(dir, "/") == 0 ? 0 : strlen(dir);

	return strncmp(path, dir, len) == 0 &&
	       (path[len] == '/' || path[len] == '\0');
}

bool front_allows(const struct front *f, const char *where, const char *point)
{
	if (f->place.named == NULL && lies_in(point, where)) {
		log_say("%s: it lies in %s, the directory of the stores; name "
			"a mount point outside of it",
			point, where);
		return false;
	}
	for (size_t i = 0; i < f->named.count; i++) {
		char *path = NULL;
		bool hidden;

		if (asprintf(&path, "/%s", f->named.stores[i].path) < 0)
			return false;
		hidden = lies_in(path, point);
		if (hidden)
			log_say("%s: the store %s lies in it and would be "
				"hidden by the mount; name another mount point",
				point, path);
		free(path);
		if (hidden)
			return false;
	}
	return true;
}

bool front_start(struct front *f, int channel, int ready)
{
	f->place.leave[0] = channel;
	f->place.leave[1] = ready;
	f->porter = porter_start(&f->each, &f->place);
	return f->porter >= 0;
}

void front_free(struct front *f)
{
	if (f == NULL)
		return;
	known_free(&f->known);
	fleet_free(&f->named);
	buf_free(&f->json);
	if (f->porter >= 0)
		close(f->porter);
	if (f->place.dir >= 0)
		close(f->place.dir);
	free(f);
}
