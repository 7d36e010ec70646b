/*
 * document: the resources as a tree of JSON documents, and the references between them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A root resource with its children inline is one document. Only for the files of this folder.
 */
#ifndef API_DOCUMENT_H
#define API_DOCUMENT_H

#include <jansson.h>

#include "api/resource_ref.h"

#define DOCUMENT_KEY_MAX 160u

struct document_set {
	json_t *kinds; /* {"virtualNetworks": {"V": document}} */
};

void document_set_init(struct document_set *set);
void document_set_done(struct document_set *set);

/* The key of the store under which a root is kept. */
const char *document_key(const struct resource_ref *root, char key[static DOCUMENT_KEY_MAX]);

/* All of a kind: {"ID": document}; never NULL. */
const json_t *document_all(const struct document_set *set, const struct schema_kind *kind);
/* The document of the root that `ref` is in; NULL. */
json_t *document_root(const struct document_set *set, const struct resource_ref *ref);
/* Puts (takes a reference of its own) or, with NULL, removes. */
void document_set_root(struct document_set *set, const struct resource_ref *ref, json_t *document);

/* The resource in its root's document; NULL. */
json_t *document_find(json_t *root, const struct resource_ref *ref);
json_t *document_find_in(const struct document_set *set, const struct resource_ref *ref);
/* The list of children of `kind` in a resource; NULL when there is none. */
json_t *document_children(const json_t *resource, const struct schema_kind *kind);
/* The child with this id; *ret_index (may be NULL) its place. */
json_t *document_child(const json_t *children, const char *id, size_t *ret_index);
const char *document_id(const json_t *resource);
/* A property by its path of names, NULL-terminated. */
const json_t *document_property(const json_t *resource, const char *name);
/* The text of {"resourceRef": text}; NULL. */
const char *document_reference(const json_t *reference);

struct document_use {
	struct resource_ref from;		     /* the resource that refers */
	const char *property;			     /* the name of the property */
	const struct schema_kind *kind, *other_kind; /* what may stand there */
	const char *target;			     /* what it refers to */
	struct resource_ref to;
	const char *path; /* of the property in the document of the root, for errors */
};

typedef void document_use_fn(void *context, const struct document_use *use);
/* Calls fn for each reference in a root's document, children included. */
void document_for_each_use(const struct resource_ref *root, const json_t *document,
			   document_use_fn *fn, void *context);

/* Calls fn for each root: in order of kind, then as they were made. */
typedef void document_root_fn(void *context, const struct resource_ref *root,
			      const json_t *document);
void document_for_each_root(const struct document_set *set, document_root_fn *fn, void *context);

#endif
