/*
 * check: what must hold between resources: references, addresses, names.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Looks at the resources as they would be after a change. Only for the files of this folder.
 */
#ifndef API_CHECK_H
#define API_CHECK_H

#include "api/document.h"
#include "api/problem.h"

/* Checks the root that was put, and, where it was there before, what its change means for those
 * that refer to it. */
void check_root(const struct document_set *set, const struct resource_ref *root, bool is_new,
		struct problem_list *problems);
/* Gathers, as problems, the references from elsewhere that hang in the air because `root` (or a
 * part of it) is gone. */
void check_in_use(const struct document_set *set, const struct resource_ref *root,
		  struct problem_list *problems);

#endif
