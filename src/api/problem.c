/*
 * problem: what is wrong with a body: a list of (path of the property, words), not only the first.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "api/problem.h"

#include "base/mem.h"

#define DEPTH_MAX 16u

void problem_list_done(struct problem_list *list)
{
	mem_free(list->items);
	*list = (struct problem_list){ 0 };
}

const char *problem_place_format(const struct problem_place *place,
				 char text[static PROBLEM_TARGET_MAX])
{
	const struct problem_place *chain[DEPTH_MAX];
	size_t depth = 0, length = 0;

	for (; place != NULL && depth < DEPTH_MAX; place = place->outer)
		chain[depth++] = place;
	text[0] = '\0';
	while (depth-- > 0 && length < PROBLEM_TARGET_MAX) {
		size_t left = PROBLEM_TARGET_MAX - length;
		int added;

		if (chain[depth]->name == NULL)
			added = snprintf(text + length, left, "[%zu]", chain[depth]->index);
		else
			added = snprintf(text + length, left, "%s%.100s", length == 0 ? "" : ".",
					 chain[depth]->name);
		length += added < 0 ? left : (size_t)added;
	}
	return text;
}

static void add(struct problem_list *list, const char *target, const char *format, va_list args)
{
	struct problem *problem;

	if (list->count++ >= PROBLEM_COUNT_MAX)
		return;
	MEM_RESERVE(list->items, list->capacity, list->count);
	problem = &list->items[list->count - 1];
	snprintf(problem->target, sizeof(problem->target), "%s", target);
	vsnprintf(problem->error.text, sizeof(problem->error.text), format, args);
}

void problem_add(struct problem_list *list, const struct problem_place *place, const char *format,
		 ...)
{
	char target[PROBLEM_TARGET_MAX];
	va_list args;

	va_start(args, format);
	add(list, problem_place_format(place, target), format, args);
	va_end(args);
}

void problem_add_at(struct problem_list *list, const char *target, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(list, target, format, args);
	va_end(args);
}

json_t *problem_list_json(const struct problem_list *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < MIN(list->count, PROBLEM_COUNT_MAX); i++) {
		const struct problem *problem = &list->items[i];
		/* Words may quote what a client sent, cut in the middle of a character. */
		json_t *message = json_string(problem->error.text);

		if (message == NULL)
			message = json_string(
				"holds text that is not UTF-8, or is cut in a character");
		json_array_append_new(array, json_pack("{s:s*, s:o}", "target", problem->target,
						       "message", message));
	}
	return array;
}
