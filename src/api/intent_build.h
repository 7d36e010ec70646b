/*
 * intent_build: the stored documents as a struct intent.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Only for the files of this folder.
 */
#ifndef API_INTENT_BUILD_H
#define API_INTENT_BUILD_H

#include "api/api.h"
#include "api/document.h"

/* A new intent, with secrets opened; NULL with *e when one cannot be. The documents hold together
 * (see check.h). */
struct intent *intent_build(const struct document_set *set, const struct api_ops *ops,
			    void *ops_context, struct error *e);

#endif
