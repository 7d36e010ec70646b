/*
 * netns: named network namespaces, and sockets made inside them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The name is a file under /run/netns with the namespace bind-mounted on it; the folder is a shared
 * mount, so that namespaces made in one mount namespace are seen, and can be deleted, in others.
 */
#include "os/netns.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define NETNS_FOLDER "/run/netns"
#define NETNS_PATH_MAX (sizeof(NETNS_FOLDER) + 1 + NETNS_NAME_MAX)

static int netns_path(const char *name, char path[static NETNS_PATH_MAX], struct error *e)
{
	size_t length = strlen(name);

	if (length == 0 || length >= NETNS_NAME_MAX || strchr(name, '/') != NULL || name[0] == '.')
		return error_set(e, "\"%s\" is not a name of a namespace", name);
	snprintf(path, NETNS_PATH_MAX, "%s/%s", NETNS_FOLDER, name);
	return 0;
}

int netns_open(const char *name, struct error *e)
{
	char path[NETNS_PATH_MAX];
	int fd;

	if (netns_path(name, path, e) < 0)
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		int saved = errno;

		error_set(e, "%s: %s", path, strerror(saved));
		errno = saved;
	}
	return fd;
}

int netns_open_self(struct error *e)
{
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	return fd >= 0 ? fd : error_set(e, "/proc/thread-self/ns/net: %s", strerror(errno));
}

int netns_enter(int netns_fd, struct error *e)
{
	if (setns(netns_fd, CLONE_NEWNET) < 0)
		return error_set(e, "setns: %s", strerror(errno));
	return 0;
}

int netns_visit(int netns_fd, struct error *e)
{
	int home_fd = netns_open_self(e);

	if (home_fd < 0)
		return -1;
	if (netns_enter(netns_fd, e) < 0) {
		close(home_fd);
		return -1;
	}
	return home_fd;
}

void netns_leave(int home_fd)
{
	if (setns(home_fd, CLONE_NEWNET) < 0)
		abort();
	close(home_fd);
}

/* /run/netns must be a mount point that shares its mounts, as `ip netns` makes it. */
static int netns_make_folder(struct error *e)
{
	if (mkdir(NETNS_FOLDER, 0755) < 0 && errno != EEXIST)
		return error_set(e, "%s: mkdir: %s", NETNS_FOLDER, strerror(errno));
	if (mount("", NETNS_FOLDER, "none", MS_SHARED | MS_REC, NULL) == 0)
		return 0;
	if (errno != EINVAL)
		return error_set(e, "%s: mount --make-shared: %s", NETNS_FOLDER, strerror(errno));
	if (mount(NETNS_FOLDER, NETNS_FOLDER, "none", MS_BIND | MS_REC, NULL) < 0 ||
	    mount("", NETNS_FOLDER, "none", MS_SHARED | MS_REC, NULL) < 0)
		return error_set(e, "%s: bind mount: %s", NETNS_FOLDER, strerror(errno));
	return 0;
}

/* Is the path a mounted namespace, and not only the empty file that is left of one? */
static bool netns_is_mounted(int fd)
{
	int home_fd = netns_visit(fd, NULL);

	if (home_fd < 0)
		return false;
	netns_leave(home_fd);
	return true;
}

/* A fresh namespace, mounted on `path`; the process is back home afterwards. */
static int netns_unshare_onto(const char *path, struct error *e)
{
	int home_fd = netns_open_self(e);
	int result = 0;

	if (home_fd < 0)
		return -1;
	if (unshare(CLONE_NEWNET) < 0) {
		close(home_fd);
		return error_set(e, "unshare: %s", strerror(errno));
	}
	if (mount("/proc/thread-self/ns/net", path, "none", MS_BIND, NULL) < 0)
		result = error_set(e, "%s: bind mount: %s", path, strerror(errno));
	netns_leave(home_fd);
	return result;
}

int netns_create(const char *name, struct error *e)
{
	char path[NETNS_PATH_MAX];
	int fd;

	if (netns_path(name, path, e) < 0 || netns_make_folder(e) < 0)
		return -1;
	fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0444);
	if (fd < 0)
		return error_set(e, "%s: %s", path, strerror(errno));
	if (netns_is_mounted(fd))
		return fd;
	close(fd);
	if (netns_unshare_onto(path, e) < 0) {
		unlink(path);
		return -1;
	}
	return netns_open(name, e);
}

int netns_delete(const char *name, struct error *e)
{
	char path[NETNS_PATH_MAX];

	if (netns_path(name, path, e) < 0)
		return -1;
	umount2(path, MNT_DETACH);
	if (unlink(path) < 0 && errno != ENOENT)
		return error_set(e, "%s: unlink: %s", path, strerror(errno));
	return 0;
}

int netns_socket(int netns_fd, int domain, int type, int protocol, struct error *e)
{
	int home_fd = -1, fd, saved;

	if (netns_fd >= 0) {
		home_fd = netns_visit(netns_fd, e);
		if (home_fd < 0)
			return -1;
	}
	fd = socket(domain, type | SOCK_CLOEXEC, protocol);
	saved = errno;
	if (home_fd >= 0)
		netns_leave(home_fd);
	errno = saved;
	return fd >= 0 ? fd : error_set(e, "socket: %s", strerror(saved));
}

int netns_list(const char *prefix, netns_name_fn *call, void *arg, struct error *e)
{
	DIR *folder = opendir(NETNS_FOLDER);
	struct dirent *entry;

	if (folder == NULL)
		return errno == ENOENT ? 0 : error_set(e, "%s: %s", NETNS_FOLDER, strerror(errno));
	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] != '.' && strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
			call(entry->d_name, arg);
	}
	closedir(folder);
	return 0;
}
