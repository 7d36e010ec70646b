/*
 * value: a body read by the schema: checked whole, and written in the one form that is stored.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "api/value.h"

#include <strings.h>

#include "api/value_scalar.h"
#include "base/mem.h"

#define LIST_ITEMS_MAX 10000u

/* Where in the body, in which resource, and what stands there now. */
struct spot {
	struct problem_place place;
	const struct resource_ref *ref;
	const json_t *old;
};

static json_t *read_object(const struct value_reader *r, const struct schema_property *table,
			   const struct spot *spot, const json_t *input);
static json_t *read_resource(const struct value_reader *r, const struct schema_kind *kind,
			     const struct spot *spot, const json_t *input);

const char *value_secret_place(const char *ref, const char *property,
			       char text[static VALUE_PLACE_MAX])
{
	snprintf(text, VALUE_PLACE_MAX, "%s#%s", ref, property);
	return text;
}

/* One value, not a list. A new reference, or NULL after a problem. */
static json_t *read_single(const struct value_reader *r, const struct schema_property *p,
			   const struct spot *spot, const json_t *input)
{
	switch (p->type) {
	case SCHEMA_OBJECT:
		return read_object(r, p->object, spot, input);
	case SCHEMA_ANY:
		return json_deep_copy(input);
	default:
		return value_scalar_read(r, p, &spot->place, input);
	}
}

static bool item_is_ours(const struct schema_property *p, const json_t *item)
{
	const char *key;
	json_t *value;

	if (p->skip_protocol == NULL)
		return false;
	json_object_foreach((json_t *)(uintptr_t)item, key, value)
	{
		if (strcasecmp(key, "protocol") == 0 && json_is_string(value))
			return strcasecmp(json_string_value(value), p->skip_protocol) == 0;
	}
	return false;
}

static json_t *read_list(const struct value_reader *r, const struct schema_property *p,
			 const struct spot *spot, const json_t *input)
{
	json_t *list, *item;
	size_t index;

	if (!json_is_array(input) || json_array_size(input) > LIST_ITEMS_MAX) {
		problem_add(r->problems, &spot->place, "must be a list of at most %u, is %s",
			    LIST_ITEMS_MAX, value_scalar_type_words(input));
		return NULL;
	}
	if (json_array_size(input) == 0 && (p->flags & SCHEMA_NOT_EMPTY) != 0)
		problem_add(r->problems, &spot->place, "is empty: at least one is needed");
	list = json_array();
	json_array_foreach(input, index, item)
	{
		struct spot inner = { .place = { .outer = &spot->place, .index = index },
				      .ref = spot->ref };

		if (!item_is_ours(p, item))
			json_array_append_new(list, read_single(r, p, &inner, item));
	}
	return list;
}

/* The stored child with this id. */
static const json_t *old_child(const json_t *old, const char *id)
{
	json_t *child;
	size_t index;

	json_array_foreach(old, index, child)
	{
		const char *old_id = json_string_value(json_object_get(child, "resourceId"));

		if (old_id != NULL && strcmp(old_id, id) == 0)
			return child;
	}
	return NULL;
}

static const json_t *member_of(const json_t *input, const char *name)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)input, key, value)
	{
		if (strcasecmp(key, name) == 0)
			return value;
	}
	return NULL;
}

/* A child that was made by the controller, and comes back as a client read it. */
static bool child_is_generated(const json_t *child)
{
	const json_t *generated = member_of(member_of(child, "properties"), "isGenerated");

	return json_is_true(generated) ||
	       (json_is_string(generated) && strcasecmp(json_string_value(generated), "true") == 0);
}

static int child_id(const struct value_reader *r, const struct schema_kind *kind,
		    const struct problem_place *place, const json_t *child,
		    char id[static SCHEMA_ID_MAX])
{
	const json_t *value = member_of(child, "resourceId");
	struct problem_place inner = { .outer = place, .name = "resourceId" };

	if (!json_is_object(child)) {
		problem_add(r->problems, place, "must be an object, is %s",
			    value_scalar_type_words(child));
		return -1;
	}
	if (value == NULL && kind->id_fallback != NULL) {
		snprintf(id, SCHEMA_ID_MAX, "%s%zu", kind->id_fallback, place->index + 1);
		return 0;
	}
	if (!json_is_string(value) || !resource_ref_id_is_valid(json_string_value(value))) {
		problem_add(r->problems, &inner,
			    "must be 1 to %u letters, digits, dots, dashes and underscores",
			    SCHEMA_ID_MAX - 1);
		return -1;
	}
	snprintf(id, SCHEMA_ID_MAX, "%s", json_string_value(value));
	return 0;
}

static void read_child(const struct value_reader *r, const struct schema_property *p,
		       const struct spot *spot, size_t index, const json_t *child, json_t *list)
{
	struct resource_ref ref = *spot->ref;
	struct spot inner = { .place = { .outer = &spot->place, .index = index }, .ref = &ref };

	assert(ref.depth < SCHEMA_DEPTH_MAX);
	if (child_is_generated(child))
		return;
	ref.kinds[ref.depth] = p->kind;
	if (child_id(r, p->kind, &inner.place, child, ref.ids[ref.depth]) < 0)
		return;
	ref.depth++;
	if (old_child(list, resource_ref_id(&ref)) != NULL) {
		problem_add(r->problems, &inner.place, "resourceId '%s' stands twice in the list",
			    resource_ref_id(&ref));
		return;
	}
	inner.old = old_child(spot->old, resource_ref_id(&ref));
	json_array_append_new(list, read_resource(r, p->kind, &inner, child));
}

static json_t *read_children(const struct value_reader *r, const struct schema_property *p,
			     const struct spot *spot, const json_t *input)
{
	json_t *list, *child;
	size_t index;

	if (!json_is_array(input) || json_array_size(input) > LIST_ITEMS_MAX) {
		problem_add(r->problems, &spot->place, "must be a list of at most %u, is %s",
			    LIST_ITEMS_MAX, value_scalar_type_words(input));
		return NULL;
	}
	list = json_array();
	if (p->kind->refused != NULL && json_array_size(input) != 0) {
		problem_add(r->problems, &spot->place, "%s", p->kind->refused);
		return list;
	}
	json_array_foreach(input, index, child) read_child(r, p, spot, index, child, list);
	return list;
}

static bool is_empty(const json_t *input)
{
	return json_is_null(input) || json_is_false(input) ||
	       (json_is_array(input) && json_array_size(input) == 0) ||
	       (json_is_object(input) && json_object_size(input) == 0) ||
	       (json_is_string(input) && json_string_length(input) == 0);
}

/* The secret that will be in force: the body's, else the stored one, else (a private key) a fresh
 * one; NULL: none. Wiped and freed by the caller. */
static char *secret_text(const struct value_reader *r, const struct schema_property *p,
			 const struct problem_place *place, const char *seal_place,
			 const json_t *input, const char *old_sealed)
{
	char key[API_KEY_MAX];
	json_t *text;
	char *secret = NULL;

	if (input != NULL && !json_is_null(input)) {
		text = value_scalar_read(r, p, place, input);
		if (text != NULL)
			secret = mem_strdup(json_string_value(text));
		json_decref(text);
	} else if (old_sealed != NULL) {
		struct error error;

		secret = r->ops->unseal(r->ops_context, seal_place, old_sealed, &error);
		if (secret == NULL)
			problem_add(r->problems, place, "the stored one cannot be opened: %s",
				    error.text);
	} else if (p->type == SCHEMA_PRIVATE_KEY) {
		r->ops->private_key(r->ops_context, key);
		secret = mem_strdup(key);
		r->ops->wipe(r->ops_context, key);
	}
	return secret;
}

/* Sealed again only when it changed, so that the same body twice is no change. */
static json_t *seal_secret(const struct value_reader *r, const char *place, const char *secret,
			   const char *old_sealed)
{
	char *old = NULL, *sealed;
	json_t *result;
	bool same;

	if (old_sealed != NULL)
		old = r->ops->unseal(r->ops_context, place, old_sealed, NULL);
	same = old != NULL && strcmp(old, secret) == 0;
	if (old != NULL)
		r->ops->wipe(r->ops_context, old);
	mem_free(old);
	if (same)
		return json_pack("{s:s}", "sealed", old_sealed);
	sealed = r->ops->seal(r->ops_context, place, secret);
	result = json_pack("{s:s}", "sealed", sealed);
	mem_free(sealed);
	return result;
}

static void read_secret(const struct value_reader *r, const struct schema_property *p,
			const struct spot *spot, const json_t *input, json_t *output)
{
	char ref[RESOURCE_REF_TEXT_MAX], place[VALUE_PLACE_MAX], public_key[API_KEY_MAX];
	const char *old_sealed = json_string_value(json_object_get(spot->old, "sealed"));
	char *secret;

	value_secret_place(resource_ref_format(spot->ref, ref), p->name, place);
	secret = secret_text(r, p, &spot->place, place, input, old_sealed);
	if (secret == NULL)
		return;
	json_object_set_new(output, p->name, seal_secret(r, place, secret, old_sealed));
	if (p->type == SCHEMA_PRIVATE_KEY &&
	    r->ops->public_key(r->ops_context, secret, public_key) == 0)
		json_object_set_new(output, "publicKey", json_string(public_key));
	r->ops->wipe(r->ops_context, secret);
	mem_free(secret);
}

/* One property of the table, with what the body says of it (NULL: nothing). */
static void read_property(const struct value_reader *r, const struct schema_property *p,
			  const struct spot *outer, const json_t *input, json_t *output)
{
	struct spot spot = { .place = { .outer = &outer->place, .name = p->name },
			     .ref = outer->ref,
			     .old = json_object_get(outer->old, p->name) };
	json_t *value = NULL;

	if ((p->flags & SCHEMA_READ_ONLY) != 0)
		return;
	if (p->type == SCHEMA_PRIVATE_KEY || p->type == SCHEMA_SECRET) {
		read_secret(r, p, &spot, input, output);
		return;
	}
	if (input == NULL || (json_is_null(input) && p->type != SCHEMA_ANY)) {
		if ((p->flags & SCHEMA_REQUIRED) != 0)
			problem_add(r->problems, &spot.place, "is required");
		else if (p->fallback != NULL)
			value = json_loads(p->fallback, JSON_DECODE_ANY, NULL);
		else if (p->type == SCHEMA_CHILDREN)
			value = json_array();
	} else if ((p->flags & SCHEMA_UNSUPPORTED) != 0) {
		if (!is_empty(input))
			problem_add(r->problems, &spot.place,
				    "is not supported yet%s%s: leave it out",
				    p->note != NULL ? ": " : "", p->note != NULL ? p->note : "");
	} else if (p->type == SCHEMA_CHILDREN) {
		value = read_children(r, p, &spot, input);
	} else if ((p->flags & SCHEMA_LIST) != 0) {
		value = read_list(r, p, &spot, input);
	} else {
		value = read_single(r, p, &spot, input);
	}
	if (value != NULL)
		json_object_set_new(output, p->name, value);
}

static void check_names(const struct value_reader *r, const struct schema_property *table,
			const struct problem_place *place, const json_t *input)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)input, key, value)
	{
		struct problem_place inner = { .outer = place, .name = key };
		const struct schema_property *p = schema_property_by_name(table, key);

		if (p == NULL && strcasecmp(key, "provisioningState") != 0)
			problem_add(r->problems, &inner,
				    "is no property here: look at its spelling, "
				    "or leave it out");
		else if (p != NULL && member_of(input, p->name) != value)
			problem_add(r->problems, &inner, "stands twice, in different cases");
	}
}

static json_t *read_object(const struct value_reader *r, const struct schema_property *table,
			   const struct spot *spot, const json_t *input)
{
	json_t *output;

	if (!json_is_object(input)) {
		problem_add(r->problems, &spot->place, "must be an object, is %s",
			    value_scalar_type_words(input));
		return NULL;
	}
	output = json_object();
	for (const struct schema_property *p = table; p->name != NULL; p++)
		read_property(r, p, spot, member_of(input, p->name), output);
	check_names(r, table, &spot->place, input);
	return output;
}

/* AS numbers in all their spellings agree, and each spelling is given back. */
static void settle_as_numbers(const struct value_reader *r, const struct schema_kind *kind,
			      const struct problem_place *place, json_t *properties)
{
	static const char *const names[] = { "extAsNumber", "peerAsNumber", "asNumber" };
	asn_t as = { 0 }, other;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const json_t *value = json_object_get(properties, names[i]);
		struct problem_place inner = { .outer = place, .name = names[i] };

		if (value == NULL || value_as_number(value, &other, NULL) < 0)
			continue;
		if (as.number != 0 && as.number != other.number)
			problem_add(r->problems, &inner,
				    "says AS %u, another property AS %u: leave "
				    "one out",
				    other.number, as.number);
		as = other;
	}
	if (as.number != 0) {
		json_object_set_new(properties, "extAsNumber",
				    json_sprintf("%u.%u", as.number >> 16, as.number & 0xffff));
		json_object_set_new(properties, "asNumber", json_sprintf("%u", as.number));
		if (kind == &schema_bgp_peers)
			json_object_set_new(properties, "peerAsNumber",
					    json_sprintf("%u", as.number));
	} else if (kind == &schema_bgp_peers && r->problems->count == 0) {
		struct problem_place inner = { .outer = place, .name = "peerAsNumber" };

		problem_add(r->problems, &inner, "is required (or extAsNumber)");
	}
}

/* A type that is not there is one problem, not one for each of its properties. */
static bool connection_type_is_refused(const struct value_reader *r,
				       const struct problem_place *place, const json_t *input)
{
	const json_t *value = member_of(input, "connectionType");
	struct problem_place inner = { .outer = place, .name = "connectionType" };
	const char *type = json_string_value(value);

	if (type == NULL || strcasecmp(type, "WireGuard") == 0)
		return false;
	problem_add(r->problems, &inner, "'%.40s' is not supported%s: must be WireGuard", type,
		    strcasecmp(type, "IPSec") == 0 || strcasecmp(type, "GRE") == 0 ||
				    strcasecmp(type, "L3") == 0
			    ? " yet"
			    : "");
	return true;
}

/* What the controller picked comes back with a body that was read; that is no wish. */
static void drop_picked(const struct value_reader *r, const struct spot *spot, json_t *properties)
{
	char ref[RESOURCE_REF_TEXT_MAX];
	json_t *view = r->ops->view(r->ops_context, resource_ref_format(spot->ref, ref));
	json_t *wireguard = json_object_get(properties, "wireGuardConfiguration");
	const json_t *old_wireguard = json_object_get(spot->old, "wireGuardConfiguration");
	const json_t *source = json_object_get(view, "sourceIPAddress");
	const json_t *port = json_object_get(view, "listenPort");

	if (source != NULL && json_object_get(spot->old, "sourceIPAddress") == NULL &&
	    json_equal(source, json_object_get(properties, "sourceIPAddress")))
		json_object_del(properties, "sourceIPAddress");
	if (port != NULL && json_object_get(old_wireguard, "listenPort") == NULL &&
	    json_equal(port, json_object_get(wireguard, "listenPort")))
		json_object_del(wireguard, "listenPort");
	json_decref(view);
}

static json_t *read_properties(const struct value_reader *r, const struct schema_kind *kind,
			       const struct spot *outer, const json_t *input)
{
	struct spot spot = { .place = { .outer = outer->place.index == SIZE_MAX ? NULL
										: &outer->place,
					.name = "properties" },
			     .ref = outer->ref,
			     .old = json_object_get(outer->old, "properties") };
	json_t *properties;

	if (input == NULL) {
		problem_add(r->problems, &spot.place, "is required");
		return NULL;
	}
	if (kind == &schema_network_connections &&
	    connection_type_is_refused(r, &spot.place, input))
		return NULL;
	properties = read_object(r, kind->properties, &spot, input);
	if (kind == &schema_bgp_peers || kind == &schema_bgp_routers)
		settle_as_numbers(r, kind, &spot.place, properties);
	if (kind == &schema_network_connections && spot.old != NULL)
		drop_picked(r, &spot, properties);
	return properties;
}

static void check_envelope(const struct value_reader *r, const struct spot *spot,
			   const json_t *input)
{
	static const char *const known[] = {
		"resourceId", "resourceRef",	  "instanceId", "etag",
		"tags",	      "resourceMetadata", "properties", "kind"
	};
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)input, key, value)
	{
		const struct problem_place *outer =
			spot->place.index == SIZE_MAX ? NULL : &spot->place;
		struct problem_place inner = { .outer = outer, .name = key };
		bool found = false;

		for (size_t i = 0; i < ARRAY_SIZE(known); i++)
			found = found || strcasecmp(known[i], key) == 0;
		if (!found)
			problem_add(r->problems, &inner,
				    "is no member of a resource: does it belong "
				    "into properties?");
		else if ((strcasecmp(key, "tags") == 0 ||
			  strcasecmp(key, "resourceMetadata") == 0) &&
			 !json_is_object(value) && !json_is_null(value))
			problem_add(r->problems, &inner, "must be an object, is %s",
				    value_scalar_type_words(value));
	}
}

/* The place of a body itself has the index SIZE_MAX: it is written as nothing. */
static json_t *read_resource(const struct value_reader *r, const struct schema_kind *kind,
			     const struct spot *spot, const json_t *input)
{
	const char *instance_id = json_string_value(json_object_get(spot->old, "instanceId"));
	const json_t *tags = member_of(input, "tags");
	const json_t *metadata = member_of(input, "resourceMetadata");
	char guid[API_GUID_MAX];
	json_t *properties, *resource;

	check_envelope(r, spot, input);
	properties = read_properties(r, kind, spot, member_of(input, "properties"));
	if (properties == NULL)
		return NULL;
	if (instance_id == NULL) {
		r->ops->guid(r->ops_context, guid);
		instance_id = guid;
	}
	resource = json_pack("{s:s, s:s}", "resourceId", resource_ref_id(spot->ref), "instanceId",
			     instance_id);
	if (json_is_object(tags))
		json_object_set_new(resource, "tags", json_deep_copy(tags));
	if (json_is_object(metadata))
		json_object_set_new(resource, "resourceMetadata", json_deep_copy(metadata));
	json_object_set_new(resource, "properties", properties);
	return resource;
}

json_t *value_read_resource(const struct value_reader *reader, const struct resource_ref *ref,
			    const json_t *body, const json_t *old)
{
	const struct schema_kind *kind = resource_ref_kind(ref);
	struct spot spot = { .place = { .index = SIZE_MAX }, .ref = ref, .old = old };
	const json_t *id = member_of(body, "resourceId");
	size_t before = reader->problems->count;
	json_t *resource;

	if (!json_is_object(body)) {
		problem_add_at(reader->problems, "", "the body must be an object, is %s",
			       value_scalar_type_words(body));
		return NULL;
	}
	if (kind->refused != NULL) {
		problem_add_at(reader->problems, kind->name, "%s", kind->refused);
		return NULL;
	}
	if (id != NULL &&
	    (!json_is_string(id) || strcmp(json_string_value(id), resource_ref_id(ref)) != 0))
		problem_add_at(reader->problems, "resourceId",
			       "is not that of the path, which is '%s'", resource_ref_id(ref));
	resource = read_resource(reader, kind, &spot, body);
	if (reader->problems->count == before)
		return resource;
	json_decref(resource);
	return NULL;
}
