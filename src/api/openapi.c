/*
 * openapi: the schema as an OpenAPI document, for those who generate clients or look things up.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "api/openapi.h"

#include "api/schema.h"
#include "base/base.h"

#define NAME_MAX_BYTES 128u
#define PATH_MAX_BYTES 256u

static json_t *object_schema(const struct schema_property *table, json_t *schemas);

/* "virtualNetworks.subnets": kinds of one name in two parents are told apart. */
static const char *kind_name(const struct schema_kind *kind, char name[static NAME_MAX_BYTES])
{
	if (kind->parent == NULL)
		snprintf(name, NAME_MAX_BYTES, "%s", kind->name);
	else
		snprintf(name, NAME_MAX_BYTES, "%s.%s", kind->parent->name, kind->name);
	return name;
}

static json_t *ref_to(const struct schema_kind *kind)
{
	char name[NAME_MAX_BYTES];

	return json_pack("{s:o}", "$ref",
			 json_sprintf("#/components/schemas/%s", kind_name(kind, name)));
}

static json_t *reference_schema(const struct schema_property *p)
{
	const char *of = p->kind != NULL ? p->kind->name : "KIND";

	return json_pack("{s:s, s:[s], s:{s:{s:s, s:o}}}", "type", "object", "required",
			 "resourceRef", "properties", "resourceRef", "type", "string",
			 "description", json_sprintf("a resource of %s", of));
}

static json_t *enum_schema(const struct schema_property *p)
{
	json_t *values = json_array();

	for (size_t i = 0; p->values[i] != NULL; i++)
		json_array_append_new(values, json_string(p->values[i]));
	return json_pack("{s:s, s:o}", "type", "string", "enum", values);
}

static json_t *text_schema(const char *format, const char *example)
{
	json_t *schema = json_pack("{s:s}", "type", "string");

	if (format != NULL)
		json_object_set_new(schema, "format", json_string(format));
	if (example != NULL)
		json_object_set_new(schema, "example", json_string(example));
	return schema;
}

/* One value, not a list. */
static json_t *value_schema(const struct schema_property *p, json_t *schemas)
{
	switch (p->type) {
	case SCHEMA_ENUM:
		return enum_schema(p);
	case SCHEMA_INTEGER:
		return json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum",
				 (json_int_t)p->min, "maximum", (json_int_t)p->max);
	case SCHEMA_BOOLEAN:
		return json_pack("{s:s}", "type", "boolean");
	case SCHEMA_ADDRESS:
		return text_schema((p->flags & SCHEMA_IPV6) != 0 ? "ip" : "ipv4", NULL);
	case SCHEMA_PREFIX:
		return text_schema("cidr", "10.1.0.0/16");
	case SCHEMA_MAC:
		return text_schema("mac", "02:00:5e:10:00:01");
	case SCHEMA_AS_NUMBER:
		return text_schema(NULL, "64512");
	case SCHEMA_EXT_AS_NUMBER:
		return text_schema(NULL, "0.64512");
	case SCHEMA_PUBLIC_KEY:
	case SCHEMA_PRIVATE_KEY:
		return text_schema("byte", NULL);
	case SCHEMA_REFERENCE:
		return reference_schema(p);
	case SCHEMA_OBJECT:
		return object_schema(p->object, schemas);
	case SCHEMA_CHILDREN:
		return ref_to(p->kind);
	case SCHEMA_ANY:
		return json_object();
	case SCHEMA_TEXT:
	case SCHEMA_SECRET:
		break;
	}
	return text_schema(NULL, NULL);
}

static json_t *property_schema(const struct schema_property *p, json_t *schemas)
{
	json_t *schema = value_schema(p, schemas);

	if ((p->flags & SCHEMA_LIST) != 0 || p->type == SCHEMA_CHILDREN)
		schema = json_pack("{s:s, s:o}", "type", "array", "items", schema);
	if ((p->flags & SCHEMA_NOT_EMPTY) != 0)
		json_object_set_new(schema, "minItems", json_integer(1));
	if ((p->flags & SCHEMA_READ_ONLY) != 0)
		json_object_set_new(schema, "readOnly", json_true());
	if (p->type == SCHEMA_PRIVATE_KEY || p->type == SCHEMA_SECRET)
		json_object_set_new(schema, "writeOnly", json_true());
	if (p->fallback != NULL)
		json_object_set_new(schema, "default",
				    json_loads(p->fallback, JSON_DECODE_ANY, NULL));
	return schema;
}

/* What is not there yet is left out: it would be refused. */
static json_t *object_schema(const struct schema_property *table, json_t *schemas)
{
	json_t *properties = json_object(), *required = json_array(), *schema;

	for (const struct schema_property *p = table; p->name != NULL; p++) {
		if ((p->flags & SCHEMA_UNSUPPORTED) != 0 ||
		    (p->type == SCHEMA_CHILDREN && p->kind->refused != NULL))
			continue;
		json_object_set_new(properties, p->name, property_schema(p, schemas));
		if ((p->flags & SCHEMA_REQUIRED) != 0)
			json_array_append_new(required, json_string(p->name));
	}
	schema = json_pack("{s:s, s:b, s:o}", "type", "object", "additionalProperties", 0,
			   "properties", properties);
	if (json_array_size(required) != 0)
		json_object_set(schema, "required", required);
	json_decref(required);
	return schema;
}

static json_t *envelope_schema(const struct schema_kind *kind, json_t *schemas)
{
	json_t *read_only = json_pack("{s:s, s:b}", "type", "string", "readOnly", 1);
	json_t *schema = json_pack(
		"{s:s, s:s, s:[s], s:{s:{s:s}, s:O, s:O, s:O, s:{s:s}, s:{s:s}, s:o}}", "type",
		"object", "title", kind->singular, "required", "properties", "properties",
		"resourceId", "type", "string", "resourceRef", read_only, "instanceId", read_only,
		"etag", read_only, "tags", "type", "object", "resourceMetadata", "type", "object",
		"properties", object_schema(kind->properties, schemas));

	json_decref(read_only);
	return schema;
}

static json_t *content_of(json_t *schema)
{
	return json_pack("{s:{s:{s:o}}}", "content", "application/json", "schema", schema);
}

static json_t *answer(const char *words, json_t *schema)
{
	json_t *response = schema != NULL ? content_of(schema) : json_object();

	json_object_set_new(response, "description", json_string(words));
	return response;
}

static json_t *error_answer(const char *words)
{
	return answer(words, json_pack("{s:s}", "$ref", "#/components/schemas/error"));
}

static json_t *operations_of(const struct schema_kind *kind)
{
	json_t *get = json_pack("{s:s, s:{s:o, s:o}}", "summary", "Read", "responses", "200",
				answer("the resource", ref_to(kind)), "404",
				error_answer("there is none"));
	json_t *put = json_pack("{s:s, s:o, s:{s:o, s:o, s:o, s:o, s:o, s:o}}", "summary",
				"Make or replace", "requestBody", content_of(ref_to(kind)),
				"responses", "200", answer("replaced, or as it was", ref_to(kind)),
				"201", answer("made", ref_to(kind)), "400", error_answer("no JSON"),
				"409", error_answer("what it drops is in use"), "412",
				error_answer("If-Match or If-None-Match does not hold"), "422",
				error_answer("details names each wrong property"));
	json_t *delete =
		json_pack("{s:s, s:{s:o, s:o, s:o}}", "summary", "Delete", "responses", "202",
			  answer("deleted; the operation has succeeded", NULL), "404",
			  error_answer("there is none"), "409", error_answer("it is in use"));

	return json_pack("{s:o, s:o, s:o}", "get", get, "put", put, "delete", delete);
}

static json_t *list_operation(const struct schema_kind *kind)
{
	json_t *schema = json_pack("{s:s, s:{s:{s:s, s:o}, s:{s:s}}}", "type", "object",
				   "properties", "value", "type", "array", "items", ref_to(kind),
				   "nextLink", "type", "string");

	return json_pack("{s:{s:s, s:{s:o}}}", "get", "summary", "Read all", "responses", "200",
			 answer("all of them", schema));
}

static json_t *parameter(const char *name)
{
	return json_pack("{s:s, s:s, s:b, s:{s:s}}", "name", name, "in", "path", "required", 1,
			 "schema", "type", "string");
}

/* The paths of a kind and of those in it: as deep as the table is. */
static void add_kind(json_t *paths, json_t *schemas, const struct schema_kind *kind,
		     const char *parent, const json_t *parent_parameters, size_t depth)
{
	char path[PATH_MAX_BYTES], name[NAME_MAX_BYTES], id[16];
	json_t *parameters = json_deep_copy(parent_parameters), *operations;

	if (kind->refused != NULL) {
		json_decref(parameters);
		return;
	}
	json_object_set_new(schemas, kind_name(kind, name), envelope_schema(kind, schemas));
	operations = list_operation(kind);
	snprintf(path, sizeof(path), "%s/%s", parent, kind->name);
	if (json_array_size(parameters) != 0)
		json_object_set_new(operations, "parameters", json_deep_copy(parameters));
	json_object_set_new(paths, path, operations);
	snprintf(id, sizeof(id), "id%zu", depth);
	json_array_append_new(parameters, parameter(id));
	operations = operations_of(kind);
	snprintf(path, sizeof(path), "%s/%s/{%s}", parent, kind->name, id);
	json_object_set(operations, "parameters", parameters);
	json_object_set_new(paths, path, operations);
	for (const struct schema_property *p = kind->properties; p->name != NULL; p++) {
		if (p->type == SCHEMA_CHILDREN)
			add_kind(paths, schemas, p->kind, path, parameters, depth + 1);
	}
	json_decref(parameters);
}

static json_t *error_schema(void)
{
	return json_pack("{s:s, s:{s:{s:s, s:{s:{s:s}, s:{s:s}, s:{s:s, s:{s:s}}}}}}", "type",
			 "object", "properties", "error", "type", "object", "properties", "code",
			 "type", "string", "message", "type", "string", "details", "type", "array",
			 "items", "type", "object");
}

json_t *openapi_document(const char *version)
{
	json_t *paths = json_object(), *schemas = json_object(), *none = json_array();

	json_object_set_new(schemas, "error", error_schema());
	for (size_t i = 0; schema_roots[i] != NULL; i++)
		add_kind(paths, schemas, schema_roots[i], "", none, 1);
	json_decref(none);
	return json_pack("{s:s, s:{s:s, s:s}, s:[{s:s}], s:o, s:{s:o, s:{s:{s:s, s:s}}}}",
			 "openapi", "3.0.3", "info", "title", "Heliostat network controller",
			 "version", version, "servers", "url", "/networking/v1", "paths", paths,
			 "components", "schemas", schemas, "securitySchemes", "bearer", "type",
			 "http", "scheme", "bearer");
}
