/*
 * script: a transcript as a file of cases, and playing it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * `# ...` is a comment; a line that begins with a blank continues the one before; `--- TITLE`
 * begins a case. The lines before the first case are played at the start of each. Results are TAP.
 */
#ifndef TESTS_SCENARIO_SCRIPT_H
#define TESTS_SCENARIO_SCRIPT_H

#include "base/base.h"

/* What the lines mean. */
struct script_player {
	void (*begin)(void *context);
	void (*line)(void *context, const char *text);
	void (*end)(void *context);
	/* What went wrong in the case so far; "" for nothing. Valid until the next `begin`. */
	const char *(*failure)(const void *context);
};

/* Plays every case of every file, numbered on from *test; returns how many failed. A file that
 * cannot be read ends the program with status 2. */
size_t script_play_files(char *const *paths, size_t count, const struct script_player *player,
			 void *context, size_t *test);
/* One line of TAP; `failure` "" for none. Returns 1 when there is one. */
size_t script_report(size_t test, const char *name, const char *title, const char *failure);

#endif
