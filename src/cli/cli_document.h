/*
 * cli_document: resource documents from files, and resources' paths from what people type.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_CLI_DOCUMENT_H
#define CLI_CLI_DOCUMENT_H

#include "api/resource_ref.h"
#include "cli/cli.h"

struct cli_document {
	char path[RESOURCE_REF_TEXT_MAX]; /* "/virtualGateways/T1" */
	json_t *body;			  /* without kind */
	size_t order;			  /* what is referred to comes first */
	size_t position;
};

struct cli_document_list {
	struct cli_document *items;
	size_t count;
	size_t capacity;
};

/* Reads YAML (or JSON) documents {kind, resourceId, properties} from a file, from every .yaml, .yml
 * and .json of a directory, or ("-") from stdin, and sorts them so that references come first. */
int cli_document_read(struct cli_document_list *list, const char *from, struct error *e) MUST_CHECK;
void cli_document_list_done(struct cli_document_list *list);

/* The path of "virtualGateways T1", "networkConnections T1/c1", "bgpPeers T1/ROUTER/p"; `name`
 * NULL: of a collection. Kinds in any case, and as in "virtualGateway". */
int cli_document_path(const char *kind, const char *name, char path[static RESOURCE_REF_TEXT_MAX],
		      const struct schema_kind **ret_kind, struct error *e) MUST_CHECK;

#endif
