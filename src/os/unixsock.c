/*
 * unixsock: unix sockets by path, stream and seqpacket, and descriptors sent over them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "os/unixsock.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define UNIXSOCK_BACKLOG 64
#define UNIXSOCK_FDS_MAX 4
#define UNIXSOCK_DIRECTORY_MODE 0755

static int unixsock_address(const char *path, struct sockaddr_un *ret_address, struct error *e)
{
	size_t length = strlen(path);

	if (length == 0 || length >= sizeof(ret_address->sun_path))
		return error_set(e, "%s: the path of a unix socket has 1 to %zu characters", path,
				 sizeof(ret_address->sun_path) - 1);
	*ret_address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(ret_address->sun_path, path, length);
	return 0;
}

int unixsock_connect(const char *path, int type, struct error *e)
{
	struct sockaddr_un address;
	int fd;

	if (unixsock_address(path, &address, e) < 0)
		return -1;
	fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_set(e, "%s: socket: %s", path, strerror(errno));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		error_set(e, "%s: connect: %s", path, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

/* Takes away a socket file that nobody listens on. */
static int unixsock_clear_path(const char *path, int type, struct error *e)
{
	struct stat status;
	int fd;

	if (lstat(path, &status) < 0)
		return errno == ENOENT ? 0 : error_set(e, "%s: %s", path, strerror(errno));
	if (!S_ISSOCK(status.st_mode))
		return error_set(e, "%s: exists and is not a socket", path);
	fd = unixsock_connect(path, type, NULL);
	if (fd >= 0) {
		close(fd);
		return error_set(e, "%s: another process listens on it", path);
	}
	if (unlink(path) < 0 && errno != ENOENT)
		return error_set(e, "%s: unlink: %s", path, strerror(errno));
	return 0;
}

/* The directory of the path, when only it is missing. What else is wrong, bind finds. */
static void unixsock_make_directory(const char *path)
{
	char directory[sizeof(((struct sockaddr_un *)0)->sun_path)];
	const char *slash = strrchr(path, '/');
	size_t length = slash == NULL ? 0 : (size_t)(slash - path);

	if (length == 0)
		return;
	memcpy(directory, path, length);
	directory[length] = '\0';
	if (mkdir(directory, UNIXSOCK_DIRECTORY_MODE) < 0)
		errno = 0;
}

int unixsock_listen(const char *path, int type, mode_t mode, struct error *e)
{
	struct sockaddr_un address;
	int fd;

	if (unixsock_address(path, &address, e) < 0 || unixsock_clear_path(path, type, e) < 0)
		return -1;
	unixsock_make_directory(path);
	fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_set(e, "%s: socket: %s", path, strerror(errno));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || chmod(path, mode) < 0 ||
	    listen(fd, UNIXSOCK_BACKLOG) < 0) {
		error_set(e, "%s: bind and listen: %s", path, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

int unixsock_accept(int listen_fd)
{
	return accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

ssize_t unixsock_send(int sock, const void *bytes, size_t length, int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec part = { .iov_base = (void *)(uintptr_t)bytes, .iov_len = length };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fd >= 0) {
		struct cmsghdr *header;

		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &fd, sizeof(int));
	}
	return sendmsg(sock, &message, MSG_NOSIGNAL);
}

/* Keeps the first descriptor of the message and closes the others. */
static void unixsock_take_fds(struct msghdr *message, int *ret_fd)
{
	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL;
	     header = CMSG_NXTHDR(message, header)) {
		size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
			if (*ret_fd < 0)
				*ret_fd = fd;
			else
				close(fd);
		}
	}
}

ssize_t unixsock_receive(int sock, void *bytes, size_t capacity, int *ret_fd)
{
	union {
		char bytes[CMSG_SPACE(UNIXSOCK_FDS_MAX * sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec part = { .iov_base = bytes, .iov_len = capacity };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof(control.bytes) };
	int fd = -1;
	ssize_t length = recvmsg(sock, &message, MSG_CMSG_CLOEXEC);

	if (length < 0)
		return -1;
	unixsock_take_fds(&message, &fd);
	if ((message.msg_flags & MSG_TRUNC) != 0) {
		if (fd >= 0)
			close(fd);
		errno = EMSGSIZE;
		return -1;
	}
	*ret_fd = fd;
	return length;
}
