/*
 * aborts: does this end the process? Asked in a child, which leaves no core file and is quiet.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef TESTS_UNIT_BASE_ABORTS_H
#define TESTS_UNIT_BASE_ABORTS_H

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static inline bool aborts(void (*what)(void))
{
	const struct rlimit no_core = { 0, 0 };
	pid_t child = fork();
	int status = 0;

	if (child < 0)
		return false;
	if (child == 0) {
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

		(void)dup2(null, STDERR_FILENO);
		(void)setrlimit(RLIMIT_CORE, &no_core);
		(void)signal(SIGABRT, SIG_DFL);
		what();
		_exit(0);
	}
	return waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
	       WTERMSIG(status) == SIGABRT;
}

#endif
