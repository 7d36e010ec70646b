/*
 * problem: what is wrong with a body: a list of (path of the property, words), not only the first.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef API_PROBLEM_H
#define API_PROBLEM_H

#include <jansson.h>

#include "base/base.h"
#include "base/error.h"

#define PROBLEM_COUNT_MAX 50u
#define PROBLEM_TARGET_MAX 256u

/* A place in a JSON document: a chain on the stack, from the inside out. */
struct problem_place {
	const struct problem_place *outer; /* NULL: the document */
	const char *name;		   /* NULL: an item of a list */
	size_t index;
};

struct problem {
	char target[PROBLEM_TARGET_MAX];
	struct error error;
};

struct problem_list {
	struct problem *items;
	size_t count; /* more than PROBLEM_COUNT_MAX are counted, and not kept */
	size_t capacity;
};

void problem_list_done(struct problem_list *list);
/* "properties.routes[2].destinationPrefix"; cut at the end when too long. */
const char *problem_place_format(const struct problem_place *place,
				 char text[static PROBLEM_TARGET_MAX]);
void problem_add(struct problem_list *list, const struct problem_place *place, const char *format,
		 ...) PRINTF(3, 4);
void problem_add_at(struct problem_list *list, const char *target, const char *format, ...)
	PRINTF(3, 4);
/* [{"target", "message"}]: a new reference. */
json_t *problem_list_json(const struct problem_list *list);

#endif
