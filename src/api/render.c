/*
 * render: a stored document as a client sees it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "api/render.h"

#include "base/mem.h"

const char *render_etag(const json_t *root, char text[static API_ETAG_MAX])
{
	const char *etag = json_string_value(json_object_get(root, "etag"));

	snprintf(text, API_ETAG_MAX, "W/\"%s\"", etag != NULL ? etag : "");
	return text;
}

static bool is_secret(const struct schema_property *p)
{
	return p->type == SCHEMA_PRIVATE_KEY || p->type == SCHEMA_SECRET;
}

/* Drops the secrets of an object, and of the objects in it. */
static void drop_secrets(const struct schema_property *table, json_t *object)
{
	for (const struct schema_property *p = table; p->name != NULL; p++) {
		json_t *value = json_object_get(object, p->name);
		json_t *item;
		size_t index;

		if (is_secret(p)) {
			json_object_del(object, p->name);
		} else if (p->type == SCHEMA_OBJECT && json_is_array(value)) {
			json_array_foreach(value, index, item) drop_secrets(p->object, item);
		} else if (p->type == SCHEMA_OBJECT && value != NULL) {
			drop_secrets(p->object, value);
		}
	}
}

/* What refers to a resource, as a list of references in one of its properties. */
struct back_references {
	const struct resource_ref *to;
	const struct schema_kind *from;
	json_t *list;
};

static void back_reference(void *context, const struct document_use *use)
{
	struct back_references *back = context;
	char text[RESOURCE_REF_TEXT_MAX];

	if (use->to.depth == back->to->depth && resource_ref_covers(back->to, &use->to) &&
	    resource_ref_kind(&use->from) == back->from)
		json_array_append_new(back->list, json_pack("{s:s}", "resourceRef",
							    resource_ref_format(&use->from, text)));
}

static void back_root(void *context, const struct resource_ref *root, const json_t *document)
{
	document_for_each_use(root, document, back_reference, context);
}

/* Kept small on purpose: the rest of what is read-only comes from the orchestrator. */
static void add_back_references(const struct render *render, const struct resource_ref *ref,
				json_t *properties)
{
	struct back_references back = { .to = ref };

	if (resource_ref_kind(ref) != &schema_subnets)
		return;
	back.from = &schema_ip_configurations;
	back.list = json_array();
	document_for_each_root(render->set, back_root, &back);
	json_object_set_new(properties, "ipConfigurations", back.list);
}

static void add_view(const struct render *render, const char *ref, const struct schema_kind *kind,
		     json_t *properties)
{
	json_t *view = render->ops->view(render->ops_context, ref);
	json_t *port = json_object_get(view, "listenPort");
	json_t *wireguard = json_object_get(properties, "wireGuardConfiguration");

	if (view == NULL)
		return;
	if (kind == &schema_network_connections && port != NULL && wireguard != NULL) {
		json_object_set(wireguard, "listenPort", port);
		json_object_del(view, "listenPort");
	}
	json_object_update_recursive(properties, view);
	json_decref(view);
}

static json_t *render_list(const struct render *render, const struct resource_ref *ref,
			   const struct schema_kind *kind, const json_t *root,
			   const json_t *children)
{
	json_t *list = json_array(), *child;
	struct resource_ref inner = *ref;
	size_t index;

	assert(inner.depth < SCHEMA_DEPTH_MAX);
	inner.kinds[inner.depth++] = kind;
	json_array_foreach(children, index, child)
	{
		snprintf(inner.ids[inner.depth - 1], SCHEMA_ID_MAX, "%s", document_id(child));
		json_array_append_new(list, render_resource(render, &inner, root, child));
	}
	/* A tenant without a router of its own has one all the same. */
	if (kind == &schema_bgp_routers && json_array_size(children) == 0) {
		json_t *generated = render->ops->generated_router(render->ops_context, ref->ids[0]);

		if (generated != NULL)
			json_array_append_new(list, generated);
	}
	return list;
}

json_t *render_resource(const struct render *render, const struct resource_ref *ref,
			const json_t *root, const json_t *resource)
{
	const struct schema_kind *kind = resource_ref_kind(ref);
	const json_t *stored = json_object_get(resource, "properties");
	char text[RESOURCE_REF_TEXT_MAX], etag[API_ETAG_MAX];
	json_t *properties = json_pack("{s:s}", "provisioningState", "Succeeded");
	json_t *output =
		json_pack("{s:s, s:s, s:s}", "resourceRef", resource_ref_format(ref, text),
			  "resourceId", resource_ref_id(ref), "etag", render_etag(root, etag));
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)resource, key, value)
	{
		if (strcmp(key, "properties") != 0 && strcmp(key, "etag") != 0)
			json_object_set_new(output, key, json_deep_copy(value));
	}
	json_object_foreach((json_t *)(uintptr_t)stored, key, value)
	{
		const struct schema_property *p = schema_property_by_name(kind->properties, key);

		if (p != NULL && p->type == SCHEMA_CHILDREN)
			json_object_set_new(properties, key,
					    render_list(render, ref, p->kind, root, value));
		else
			json_object_set_new(properties, key, json_deep_copy(value));
	}
	drop_secrets(kind->properties, properties);
	add_back_references(render, ref, properties);
	add_view(render, text, kind, properties);
	json_object_set_new(output, "properties", properties);
	return output;
}

static json_t *value_list(json_t *list)
{
	return json_pack("{s:o, s:s}", "value", list, "nextLink", "");
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

json_t *render_roots(const struct render *render, const struct schema_kind *kind)
{
	const json_t *all = document_all(render->set, kind);
	size_t count = json_object_size(all), filled = 0;
	const char **ids = mem_zalloc(MAX(count, 1) * sizeof(*ids));
	json_t *list = json_array(), *document;
	const char *id;

	json_object_foreach((json_t *)(uintptr_t)all, id, document)
	{
		if (document != NULL)
			ids[filled++] = id;
	}
	qsort(ids, filled, sizeof(*ids), compare_ids);
	for (size_t i = 0; i < filled; i++) {
		struct resource_ref ref = { .depth = 1, .kinds = { kind } };

		document = json_object_get(all, ids[i]);
		snprintf(ref.ids[0], SCHEMA_ID_MAX, "%s", ids[i]);
		json_array_append_new(list, render_resource(render, &ref, document, document));
	}
	mem_free(ids);
	return value_list(list);
}

json_t *render_children(const struct render *render, const struct resource_ref *collection,
			const json_t *root, const json_t *parent)
{
	const struct schema_kind *kind = resource_ref_kind(collection);
	struct resource_ref ref = *collection;

	ref.depth--;
	return value_list(render_list(render, &ref, kind, root, document_children(parent, kind)));
}
