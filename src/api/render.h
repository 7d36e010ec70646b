/*
 * render: a stored document as a client sees it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Adds what is computed (resourceRef, etag, provisioningState, who refers to it, what the
 * orchestrator sees), and leaves out every secret. Only for the files of this folder.
 */
#ifndef API_RENDER_H
#define API_RENDER_H

#include "api/api.h"
#include "api/document.h"

struct render {
	const struct document_set *set;
	const struct api_ops *ops;
	void *ops_context;
};

/* The resource at `ref`, inside the document `root`: a new reference. */
json_t *render_resource(const struct render *render, const struct resource_ref *ref,
			const json_t *root, const json_t *resource);
/* {"value": [...], "nextLink": ""}: every root of a kind, by name; or the children of a resource.
 */
json_t *render_roots(const struct render *render, const struct schema_kind *kind);
json_t *render_children(const struct render *render, const struct resource_ref *collection,
			const json_t *root, const json_t *parent);
/* W/"..." of a document. */
const char *render_etag(const json_t *root, char text[static API_ETAG_MAX]);

#endif
