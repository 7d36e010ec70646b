/*
 * script: a transcript as a file of cases, and playing it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "script.h"

#include "base/mem.h"

#define LINE_MAX_BYTES 8192u
#define LINES_MAX 3000u
#define FAILURE_MAX_BYTES 1400u

struct script {
	const char *name;
	char *lines[LINES_MAX];
	size_t numbers[LINES_MAX];
	size_t count;
};

/* A line continues the one before. */
static void append(char **last, const char *line)
{
	size_t length = strlen(*last) + strlen(line) + 1;

	*last = mem_realloc(*last, length);
	snprintf(*last + strlen(*last), length - strlen(*last), "%s", line);
}

static struct script *read_script(const char *path)
{
	struct script *script = mem_zalloc(sizeof(*script));
	char line[LINE_MAX_BYTES];
	FILE *file = fopen(path, "r");

	if (file == NULL) {
		fprintf(stderr, "%s: cannot be read\n", path);
		exit(2);
	}
	script->name = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
	for (size_t number = 1; fgets(line, sizeof(line), file) != NULL; number++) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || line[0] == '\0')
			continue;
		if (line[0] == ' ' && script->count != 0) {
			append(&script->lines[script->count - 1], line);
			continue;
		}
		if (script->count == LINES_MAX) {
			fprintf(stderr, "%s:%zu: more than %u lines\n", path, number, LINES_MAX);
			exit(2);
		}
		script->numbers[script->count] = number;
		script->lines[script->count++] = mem_strdup(line);
	}
	fclose(file);
	return script;
}

static void free_script(struct script *script)
{
	for (size_t i = 0; i < script->count; i++)
		mem_free(script->lines[i]);
	mem_free(script);
}

static bool is_case(const char *line)
{
	return strncmp(line, "--- ", 4) == 0;
}

size_t script_report(size_t test, const char *name, const char *title, const char *failure)
{
	printf("%s %zu - %s: %s\n", failure[0] == '\0' ? "ok" : "not ok", test, name, title);
	if (failure[0] != '\0')
		printf("# %s: %s\n", name, failure);
	return failure[0] != '\0';
}

/* Plays lines until one fails, which `failure` names then. */
static void play(const struct script *script, size_t first, size_t end,
		 const struct script_player *player, void *context,
		 char failure[static FAILURE_MAX_BYTES])
{
	for (size_t i = first; i < end && failure[0] == '\0'; i++) {
		player->line(context, script->lines[i]);
		if (player->failure(context)[0] != '\0')
			snprintf(failure, FAILURE_MAX_BYTES, "line %zu: %s", script->numbers[i],
				 player->failure(context));
	}
}

static size_t play_cases(const struct script *script, const struct script_player *player,
			 void *context, size_t *test)
{
	size_t common = 0, failed = 0;

	while (common < script->count && !is_case(script->lines[common]))
		common++;
	for (size_t first = common; first < script->count;) {
		char failure[FAILURE_MAX_BYTES] = "";
		size_t end = first + 1;

		while (end < script->count && !is_case(script->lines[end]))
			end++;
		player->begin(context);
		play(script, 0, common, player, context, failure);
		play(script, first + 1, end, player, context, failure);
		player->end(context);
		failed += script_report(++*test, script->name, script->lines[first] + 4,
					failure[0] != '\0' ? failure : player->failure(context));
		first = end;
	}
	return failed;
}

size_t script_play_files(char *const *paths, size_t count, const struct script_player *player,
			 void *context, size_t *test)
{
	size_t failed = 0;

	for (size_t i = 0; i < count; i++) {
		struct script *script = read_script(paths[i]);
		size_t before = *test;

		failed += play_cases(script, player, context, test);
		if (*test == before)
			failed += script_report(++*test, script->name, "it has cases",
						"there is none");
		free_script(script);
	}
	return failed;
}
