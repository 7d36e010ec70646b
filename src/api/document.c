/*
 * document: the resources as a tree of JSON documents, and the references between them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "api/document.h"

#include "api/api.h"
#include "api/problem.h"

void document_set_init(struct document_set *set)
{
	set->kinds = json_object();
	for (size_t i = 0; schema_roots[i] != NULL; i++)
		json_object_set_new(set->kinds, schema_roots[i]->name, json_object());
}

void document_set_done(struct document_set *set)
{
	json_decref(set->kinds);
	set->kinds = NULL;
}

const char *document_key(const struct resource_ref *root, char key[static DOCUMENT_KEY_MAX])
{
	snprintf(key, DOCUMENT_KEY_MAX, "%s%s/%s", API_KEY_PREFIX, root->kinds[0]->name,
		 root->ids[0]);
	return key;
}

const json_t *document_all(const struct document_set *set, const struct schema_kind *kind)
{
	return json_object_get(set->kinds, kind->name);
}

json_t *document_root(const struct document_set *set, const struct resource_ref *ref)
{
	return json_object_get(json_object_get(set->kinds, ref->kinds[0]->name), ref->ids[0]);
}

void document_set_root(struct document_set *set, const struct resource_ref *ref, json_t *document)
{
	json_t *all = json_object_get(set->kinds, ref->kinds[0]->name);

	if (document != NULL)
		json_object_set(all, ref->ids[0], document);
	else
		json_object_del(all, ref->ids[0]);
}

const char *document_id(const json_t *resource)
{
	return json_string_value(json_object_get(resource, "resourceId"));
}

const json_t *document_property(const json_t *resource, const char *name)
{
	return json_object_get(json_object_get(resource, "properties"), name);
}

const char *document_reference(const json_t *reference)
{
	return json_string_value(json_object_get(reference, "resourceRef"));
}

json_t *document_children(const json_t *resource, const struct schema_kind *kind)
{
	return json_object_get(json_object_get(resource, "properties"), kind->name);
}

json_t *document_child(const json_t *children, const char *id, size_t *ret_index)
{
	size_t index;
	json_t *child;

	json_array_foreach(children, index, child)
	{
		const char *child_id = document_id(child);

		if (child_id != NULL && strcmp(child_id, id) == 0) {
			if (ret_index != NULL)
				*ret_index = index;
			return child;
		}
	}
	return NULL;
}

json_t *document_find(json_t *root, const struct resource_ref *ref)
{
	json_t *resource = root;

	for (size_t i = 1; resource != NULL && i < ref->depth; i++)
		resource = document_child(document_children(resource, ref->kinds[i]), ref->ids[i],
					  NULL);
	return resource;
}

json_t *document_find_in(const struct document_set *set, const struct resource_ref *ref)
{
	json_t *root = document_root(set, ref);

	return root == NULL ? NULL : document_find(root, ref);
}

/* A walk over the references of a document. */
struct walk {
	document_use_fn *fn;
	void *context;
	struct resource_ref ref; /* the resource that it is in */
};

static void walk_object(struct walk *walk, const struct schema_property *table,
			const json_t *object, const struct problem_place *place);

static void walk_reference(struct walk *walk, const struct schema_property *p, const json_t *value,
			   const struct problem_place *place)
{
	char path[PROBLEM_TARGET_MAX];
	struct document_use use = { .from = walk->ref,
				    .property = p->name,
				    .kind = p->kind,
				    .other_kind = p->other_kind,
				    .target = document_reference(value) };

	if (p->kind == NULL || use.target == NULL ||
	    resource_ref_parse(use.target, &use.to, NULL, NULL) < 0)
		return;
	use.path = problem_place_format(place, path);
	walk->fn(walk->context, &use);
}

static void walk_child(struct walk *walk, const struct schema_kind *kind, const json_t *child,
		       const struct problem_place *place)
{
	struct problem_place inner = { .outer = place, .name = "properties" };
	struct resource_ref *ref = &walk->ref;

	assert(ref->depth < SCHEMA_DEPTH_MAX);
	ref->kinds[ref->depth] = kind;
	snprintf(ref->ids[ref->depth], SCHEMA_ID_MAX, "%s", document_id(child));
	ref->depth++;
	walk_object(walk, kind->properties, json_object_get(child, "properties"), &inner);
	ref->depth--;
}

static void walk_value(struct walk *walk, const struct schema_property *p, const json_t *value,
		       const struct problem_place *place)
{
	if (p->type == SCHEMA_REFERENCE)
		walk_reference(walk, p, value, place);
	else if (p->type == SCHEMA_OBJECT)
		walk_object(walk, p->object, value, place);
	else if (p->type == SCHEMA_CHILDREN)
		walk_child(walk, p->kind, value, place);
}

static void walk_object(struct walk *walk, const struct schema_property *table,
			const json_t *object, const struct problem_place *outer)
{
	for (const struct schema_property *p = table; p->name != NULL; p++) {
		struct problem_place place = { .outer = outer, .name = p->name };
		const json_t *value = json_object_get(object, p->name);
		json_t *item;
		size_t index;

		if (value == NULL)
			continue;
		if (!json_is_array(value)) {
			walk_value(walk, p, value, &place);
			continue;
		}
		json_array_foreach(value, index, item)
		{
			struct problem_place inner = { .outer = &place, .index = index };

			walk_value(walk, p, item, &inner);
		}
	}
}

void document_for_each_use(const struct resource_ref *root, const json_t *document,
			   document_use_fn *fn, void *context)
{
	struct problem_place place = { .name = "properties" };
	struct walk walk = { .fn = fn, .context = context, .ref = *root };

	walk.ref.depth = 1;
	walk_object(&walk, root->kinds[0]->properties, json_object_get(document, "properties"),
		    &place);
}

void document_for_each_root(const struct document_set *set, document_root_fn *fn, void *context)
{
	for (size_t i = 0; schema_roots[i] != NULL; i++) {
		json_t *document;
		const char *id;

		json_object_foreach(json_object_get(set->kinds, schema_roots[i]->name), id,
				    document)
		{
			struct resource_ref ref = { .depth = 1, .kinds = { schema_roots[i] } };

			snprintf(ref.ids[0], SCHEMA_ID_MAX, "%s", id);
			fn(context, &ref, document);
		}
	}
}
