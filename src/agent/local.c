/*
 * local: the agent's listening sockets, in its run folder.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "agent/local.h"

#include <errno.h>
#include <pwd.h>
#include <unistd.h>

#include "os/unixsock.h"

int local_listen(const struct agent *agent, const char *name, struct error *e)
{
	const char *user = agent->config.heliod_user;
	const struct passwd *entry;
	char path[CONFIG_TEXT_MAX + 64];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", agent->config.run, name);
	fd = unixsock_listen(path, SOCK_STREAM, 0600, e);
	if (fd < 0 || user[0] == '\0')
		return fd;
	entry = getpwnam(user);
	if (entry == NULL || chown(path, entry->pw_uid, (gid_t)-1) < 0) {
		error_set(e, "%s: cannot be given to heliod's user %s: %s", path, user,
			  entry == NULL ? "no such user" : strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}
