#include "fs/preflight.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "fs/log.h"

/* A new string, or NULL after saying that memory ran out. */
static char *owned(char *text)
{
	if (text == NULL)
		log_say("out of memory");
	return text;
}

/*
 * The absolute path of a directory to be made: all of it but the last part
 * exists. NULL if not, with errno.
 */
static char *path_to_be(const char *given)
{
	char *for_dir = strdup(given), *for_base = strdup(given);
	char *parent = NULL, *path = NULL;

	if (for_dir != NULL && for_base != NULL)
		parent = realpath(dirname(for_dir), NULL);
	if (parent != NULL &&
	    asprintf(&path, "%s/%s", strcmp(parent, "/") == 0 ? "" : parent,
		     basename(for_base)) < 0)
		path = NULL;
	free(parent);
	free(for_dir);
	free(for_base);
	return path;
}

static bool find_new(struct mount_point *out, const char *given)
{
	out->path = path_to_be(given);
	if (out->path != NULL)
		return true;
	if (errno == ENOENT)
		log_say("%s: the directory it would be made in does not "
			"exist; make it with: mkdir -p \"%s\"",
			given, given);
	else
		log_say("%s: %s; name another mount point", given,
			strerror(errno));
	return false;
}

/* What is mounted on `path` with our type: its source, owned, or NULL. */
static char *mounted_store(const char *path)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	char *found = NULL;
	char text[2 * PATH_MAX];
	struct mntent m;

	if (mounts == NULL)
		return NULL;
	while (getmntent_r(mounts, &m, text, sizeof(text)) != NULL) {
		if (strcmp(m.mnt_dir, path) != 0)
			continue;
		free(found);
		found = strcmp(m.mnt_type, "fuse.ostfs") == 0
				? strdup(m.mnt_fsname)
				: NULL;
	}
	endmntent(mounts);
	return found;
}

static void say_dead(const char *path)
{
	log_say("%s: a former mount there is dead; clear it with: "
		"fusermount3 -u -z \"%s\"",
		path, path);
}

static bool is_free(const char *path)
{
	char *store = mounted_store(path);
	struct statvfs ignored;

	if (store == NULL)
		return true;
	/* The kernel remembers a dead mount's attributes, but not its size. */
	if (statvfs(path, &ignored) != 0 && errno == ENOTCONN)
		say_dead(path);
	else
		log_say("%s: %s is mounted there already; unmount it first: "
			"fusermount3 -u \"%s\"",
			path, store, path);
	free(store);
	return false;
}

static bool is_outside(const char *path, const char *store)
{
	const size_t len = strlen(path);

	if (strncmp(store, path, len) != 0 ||
	    (store[len] != '/' && strcmp(path, "/") != 0))
		return true;
	log_say("%s: the store %s lies in it and would be hidden by the "
		"mount; name another mount point",
		path, store);
	return false;
}

static bool is_empty(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	bool empty = true;

	if (dir == NULL && errno == ENOENT)
		return true; /* it is being removed: it will be made anew */
	if (dir == NULL) {
		log_say("%s: %s; name a directory of your own", path,
			strerror(errno));
		return false;
	}
	while (empty && (entry = readdir(dir)) != NULL)
		empty = strcmp(entry->d_name, ".") == 0 ||
			strcmp(entry->d_name, "..") == 0;
	closedir(dir);
	if (!empty)
		log_say("%s: the directory is not empty; name an empty or a "
			"new one, or cover its files with: -o nonempty",
			path);
	return empty;
}

/* What fusermount3(1) asks of an ordinary user. */
static bool is_ours(const char *path, const struct stat *st)
{
	const bool sticky = (st->st_mode & S_ISVTX) != 0;

	if (geteuid() == 0)
		return true;
	if (access(path, W_OK) == 0 ? !sticky || st->st_uid == geteuid()
				    : errno == ENOENT)
		return true;
	log_say("%s: you may not mount there, for it is not your directory; "
		"name one of your own",
		path);
	return false;
}

static bool find_old(struct mount_point *out, const struct options *o,
		     const struct stat *st, const char *store)
{
	if (!S_ISDIR(st->st_mode)) {
		log_say("%s: it is not a directory; name an empty or a new one",
			o->mount_point);
		return false;
	}
	out->there = true;
	out->path = realpath(o->mount_point, NULL);
	if (out->path == NULL && errno == ENOENT)
		return find_new(out, o->mount_point);
	if (out->path == NULL) {
		log_say("%s: %s; name another mount point", o->mount_point,
			strerror(errno));
		return false;
	}
	return is_free(out->path) && is_outside(out->path, store) &&
	       is_ours(out->path, st) && (o->nonempty || is_empty(out->path));
}

bool mount_point_find(struct mount_point *out, const struct options *o,
		      const char *store)
{
	const char *given = o->mount_point;
	struct stat st;

	*out = (struct mount_point){ .made = -1 };
	if (*given == '\0') { /* not the directory we happen to be in */
		log_say("the mount point has an empty name; name an empty or "
			"a new directory");
		return false;
	}
	if (strncmp(given, "/dev/fd/", 8) == 0) {
		if (o->idle_unmount > 0) {
			log_say("idle_unmount: only who mounted can unmount; "
				"leave it out");
			return false;
		}
		out->open = true;
		out->path = owned(strdup(given));
		return out->path != NULL;
	}
	if (stat(given, &st) == 0)
		return find_old(out, o, &st, store);
	switch (errno) {
	case ENOENT:
		return find_new(out, given);
	case ENOTCONN:
		say_dead(given);
		return false;
	default:
		log_say("%s: %s; name another mount point", given,
			strerror(errno));
		return false;
	}
}

bool mount_point_make(struct mount_point *p)
{
	bool made;

	if (p->open)
		return true;
	/* One that was there may be gone: made by the mount before us. */
	made = mkdir(p->path, 0755) == 0;
	if (!made && errno == EEXIST && (p->there || p->made >= 0))
		return true;
	if (p->made >= 0)
		close(p->made);
	p->made = made ? open(p->path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	p->there = p->there || made;
	if (made)
		return true;
	log_say("%s: cannot make the directory: %s; name another mount point",
		p->path, strerror(errno));
	return false;
}

bool mount_point_gone(const struct mount_point *p)
{
	struct stat st;

	return !p->open && stat(p->path, &st) != 0 && errno == ENOENT;
}

/* Is what has that name now the very directory that we made? As long as that
   is open, no other has its number; a mount on it has another one. */
static bool is_what_we_made(const struct mount_point *p)
{
	struct stat made, now;

	return p->made >= 0 && fstat(p->made, &made) == 0 &&
	       lstat(p->path, &now) == 0 && made.st_dev == now.st_dev &&
	       made.st_ino == now.st_ino;
}

void mount_point_leave(struct mount_point *p)
{
	if (is_what_we_made(p))
		rmdir(p->path); /* fails rightly if it is in use again */
	if (p->made >= 0)
		close(p->made);
	free(p->path);
	*p = (struct mount_point){ .made = -1 };
}

static bool device_usable(void)
{
	const int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fd >= 0) {
		close(fd);
		return true;
	}
	if (errno == EACCES || errno == EPERM)
		log_say("/dev/fuse: %s; in a container, start it with "
			"--device /dev/fuse --cap-add SYS_ADMIN, else: "
			"chmod 666 /dev/fuse",
			strerror(errno));
	else
		log_say("/dev/fuse: %s; load it with: modprobe fuse (or start "
			"the container with --device /dev/fuse --cap-add "
			"SYS_ADMIN)",
			strerror(errno));
	return false;
}

/* Looks where libfuse does: in its own place, then along PATH. */
static bool fusermount_usable(void)
{
	const char *path = getenv("PATH");
	char *places, *rest, *place, *file;
	bool found = access("/usr/bin/fusermount3", X_OK) == 0;

	places = rest = strdup(path != NULL ? path : "");
	while (!found && rest != NULL && (place = strsep(&rest, ":")) != NULL) {
		if (asprintf(&file, "%s/fusermount3", place) < 0)
			break;
		found = access(file, X_OK) == 0;
		free(file);
	}
	free(places);
	if (!found)
		log_say("fusermount3: not found, and only root can mount "
			"without it; install it with: apt-get install fuse3");
	return found;
}

static bool others_allowed(void)
{
	FILE *conf = fopen("/etc/fuse.conf", "re");
	char line[256], word[32];
	bool allowed = false;

	while (conf != NULL && !allowed &&
	       fgets(line, sizeof(line), conf) != NULL)
		allowed = sscanf(line, "%31s", word) == 1 &&
			  strcmp(word, "user_allow_other") == 0;
	if (conf != NULL)
		fclose(conf);
	if (!allowed)
		log_say("allow_other and allow_root need a line "
			"\"user_allow_other\" in /etc/fuse.conf; ask root to "
			"add it, or leave the option out");
	return allowed;
}

bool fuse_usable(const struct options *options)
{
	if (!device_usable())
		return false;
	if (geteuid() == 0)
		return true;
	return fusermount_usable() && (!options->others || others_allowed());
}
