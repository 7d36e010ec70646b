/*
 * spawn: other programs, run with clean signals and no inherited descriptors.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tunnel/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define SPAWN_OUTPUT_MAX (1 << 20)

bool spawn_has(const char *program)
{
	const char *path = getenv("PATH");
	char full[512];

	if (path == NULL)
		path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	while (*path != '\0') {
		size_t length = strcspn(path, ":");

		snprintf(full, sizeof(full), "%.*s/%s", (int)length, path, program);
		if (access(full, X_OK) == 0)
			return true;
		path += length + (path[length] == ':');
	}
	return false;
}

/* The child: never returns. */
static void spawn_child(const char *const *argv, int netns_fd, int in_fd, int out_fd)
{
	sigset_t none;
	int null_fd = open("/dev/null", O_RDWR);

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (null_fd < 0 || (netns_fd >= 0 && setns(netns_fd, CLONE_NEWNET) < 0))
		_exit(126);
	dup2(in_fd >= 0 ? in_fd : null_fd, 0);
	dup2(out_fd >= 0 ? out_fd : null_fd, 1);
	dup2(null_fd, 2);
	close_range(3, ~0u, 0);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

pid_t spawn_start(const char *const *argv, struct error *e)
{
	pid_t pid = fork();

	if (pid < 0)
		return error_set(e, "fork: %s", strerror(errno));
	if (pid == 0)
		spawn_child(argv, -1, -1, -1);
	return pid;
}

static int spawn_talk(int in_fd, int out_fd, const struct buf *input, struct buf *output)
{
	size_t sent = 0, length = input == NULL ? 0 : input->length;
	char bytes[4096];
	ssize_t count;

	/* What is written is small enough for the pipe; so writing first cannot block for good. */
	while (sent < length) {
		count = write(in_fd, input->data + sent, length - sent);
		if (count <= 0 && errno != EINTR)
			return -1;
		sent += count > 0 ? (size_t)count : 0;
	}
	close(in_fd);
	while ((count = read(out_fd, bytes, sizeof(bytes))) > 0 || (count < 0 && errno == EINTR)) {
		if (count > 0 && output != NULL)
			buf_add(output, bytes, (size_t)count);
	}
	return 0;
}

int spawn_run(const char *const *argv, int netns_fd, const struct buf *input, struct buf *output,
	      struct error *e)
{
	int in[2], out[2], status;
	pid_t pid;

	if (pipe2(in, O_CLOEXEC) < 0)
		return error_set(e, "pipe: %s", strerror(errno));
	if (pipe2(out, O_CLOEXEC) < 0) {
		close(in[0]);
		close(in[1]);
		return error_set(e, "pipe: %s", strerror(errno));
	}
	pid = fork();
	if (pid == 0)
		spawn_child(argv, netns_fd, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	if (pid < 0) {
		close(in[1]);
		close(out[0]);
		return error_set(e, "fork: %s", strerror(errno));
	}
	spawn_talk(in[1], out[0], input, output);
	close(out[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return error_set(e, "%s %s ends with status %d", argv[0], argv[1],
				 WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return 0;
}
