/*
 * privilege: giving up what is not needed any more, and telling the service manager that we are
 * ready.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "os/privilege.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

int privilege_find_user(const char *name, uid_t *ret_uid, gid_t *ret_gid, struct error *e)
{
	const struct passwd *user;

	errno = 0;
	user = getpwnam(name);
	if (user == NULL)
		return error_set(e, "user: %s: %s", name,
				 errno == 0 ? "there is no such user" : strerror(errno));
	*ret_uid = user->pw_uid;
	*ret_gid = user->pw_gid;
	return 0;
}

int privilege_drop(uid_t uid, gid_t gid, struct error *e)
{
	if (geteuid() == 0 && setgroups(0, NULL) < 0)
		return error_set(e, "setgroups: %s", strerror(errno));
	if (setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return error_set(e, "becoming user %u: %s", (unsigned)uid, strerror(errno));
	if (uid != 0 && setuid(0) == 0)
		return error_set(e, "becoming user %u left a way back to root", (unsigned)uid);
	return 0;
}

int privilege_renounce(struct error *e)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_set(e, "no new privileges: %s", strerror(errno));
	/* Ambient ones go with the inheritable. */
	if (syscall(SYS_capset, &header, none) < 0)
		return error_set(e, "capset: %s", strerror(errno));
	return 0;
}

void privilege_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = path == NULL ? 0 : strlen(path);
	socklen_t address_length;
	int fd;

	if (length == 0 || length >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, path, length);
	address_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	if (path[0] == '@')
		address.sun_path[0] = '\0'; /* abstract */
	else
		address_length++;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address,
		   address_length) < 0)
		fprintf(stderr, "<4>NOTIFY_SOCKET: %s\n", strerror(errno));
	close(fd);
}
