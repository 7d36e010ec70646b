/*
 * methods: what the control socket answers.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "heliod/methods.h"

#include "heliod/config_file.h"
#include "heliod/instances.h"
#include "rpc/rpc.h"

struct call {
	struct daemon *daemon;
	const json_t *params; /* an object */
	uint64_t *cursor;
	struct error *e;
};

static json_t *call_version(const struct call *call)
{
	duration_t up = instant_diff(loop_now(call->daemon->loop), call->daemon->started);

	return json_pack("{s:s,s:s,s:I}", "program", "heliod", "version", HELIOSTAT_VERSION,
			 "uptime-seconds", (json_int_t)(duration_to_ms(up) / 1000));
}

static json_t *call_instance_put(const struct call *call)
{
	struct instance_config *config = instance_config_parse(call->params, "", call->e);
	bool changed;

	if (config == NULL)
		return NULL;
	if (config_file_check_instance(config, "", call->e) < 0) {
		instance_config_free(config);
		return NULL;
	}
	if (instances_put(call->daemon->instances, config, &changed, call->e) < 0)
		return NULL;
	return json_pack("{s:b}", "changed", (int)changed);
}

static json_t *call_instance_delete(const struct call *call)
{
	const char *name = json_string_value(json_object_get(call->params, "name"));

	if (name == NULL) {
		error_set(call->e, "name: missing, must be text");
		return NULL;
	}
	if (instances_delete(call->daemon->instances, name, call->e) < 0)
		return NULL;
	return json_object();
}

static json_t *call_instance_list(const struct call *call)
{
	return speaker_show_instances(call->daemon->speaker, call->cursor);
}

static json_t *call_reload(const struct call *call)
{
	struct instances_change change;

	if (daemon_reload(call->daemon, &change, call->e) < 0)
		return NULL;
	return json_pack("{s:I,s:I,s:I,s:I}", "added", (json_int_t)change.added, "changed",
			 (json_int_t)change.changed, "deleted", (json_int_t)change.deleted, "same",
			 (json_int_t)change.same);
}

static json_t *call_summary(const struct call *call)
{
	return speaker_show_summary(call->daemon->speaker, call->params, call->cursor, call->e,
				    loop_now(call->daemon->loop));
}

static json_t *call_neighbors(const struct call *call)
{
	return speaker_show_neighbors(call->daemon->speaker, call->params, call->cursor, call->e,
				      loop_now(call->daemon->loop));
}

static json_t *call_routes(const struct call *call)
{
	return speaker_show_routes(call->daemon->speaker, call->params, call->cursor, call->e,
				   loop_now(call->daemon->loop));
}

static json_t *call_explain(const struct call *call)
{
	return speaker_explain(call->daemon->speaker, call->params, call->e);
}

static const struct {
	const char *name;
	json_t *(*call)(const struct call *call);
	const char *keys[6]; /* of params; none: not checked here */
} methods[] = {
	{ "version", call_version, { 0 } },
	{ "instance.put", call_instance_put, { 0 } },
	{ "instance.delete", call_instance_delete, { "name" } },
	{ "instance.list", call_instance_list, { 0 } },
	{ "reload", call_reload, { "" } },
	{ "show.summary", call_summary, { "instance" } },
	{ "show.neighbors", call_neighbors, { "instance", "neighbor" } },
	{ "show.routes", call_routes, { "instance", "prefix", "family", "neighbor", "kind" } },
	{ "explain", call_explain, { "instance", "prefix", "family", "to" } },
};

/* Every key must be known, and text. */
static int check_keys(const char *const *keys, const json_t *params, struct error *e)
{
	const char *key;
	json_t *value;

	if (keys[0] == NULL)
		return 0;
	json_object_foreach((json_t *)(uintptr_t)params, key, value)
	{
		size_t i = 0;

		while (keys[i] != NULL && strcmp(keys[i], key) != 0)
			i++;
		if (keys[i] == NULL)
			return error_set(e, "%.64s: unknown key", key);
		if (!json_is_string(value))
			return error_set(e, "%s: must be text", key);
	}
	return 0;
}

json_t *methods_call(const char *method, const json_t *params, uint64_t *cursor, int *code,
		     struct error *e, void *arg)
{
	json_t *none = json_object();
	struct call call = { arg, params != NULL ? params : none, cursor, e };
	json_t *result = NULL;
	size_t i = 0;

	while (i < ARRAY_SIZE(methods) && strcmp(methods[i].name, method) != 0)
		i++;
	*code = RPC_INVALID_PARAMS;
	if (i == ARRAY_SIZE(methods)) {
		*code = RPC_METHOD_NOT_FOUND;
		error_set(e, "%.64s: unknown method", method);
	} else if (!json_is_object(call.params)) {
		error_set(e, "params: must be an object");
	} else if (check_keys(methods[i].keys, call.params, e) == 0) {
		result = methods[i].call(&call);
	}
	json_decref(none);
	return result;
}
