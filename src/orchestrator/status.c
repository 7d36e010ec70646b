/*
 * status: what nodes report of their objects, tunnels and sessions.
 * SPDX-License-Identifier: Apache-2.0
 *
 * docs/INTERFACES.md section 7. A report changes nothing but what is shown, and lets a move go on.
 * Reports may name what is gone by now; those are ignored.
 */
#include "orchestrator/state.h"

/* Reports of one node; more than a gateway can have is somebody's mistake. */
#define REPORTS_MAX 20000u

static enum object_status status_by_name(const char *name)
{
	if (name == NULL)
		return STATUS_NONE;
	if (strcmp(name, "Success") == 0)
		return STATUS_SUCCESS;
	if (strcmp(name, "Warning") == 0)
		return STATUS_WARNING;
	return strcmp(name, "Failure") == 0 ? STATUS_FAILURE : STATUS_NONE;
}

static void set_text(char **to, const json_t *value)
{
	const char *text = json_string_value(value);

	mem_free(*to);
	*to = text == NULL ? NULL : mem_strdup(text);
}

static int report_object(struct orchestrator *o, struct node *node, const json_t *report,
			 struct error *e)
{
	const char *key = json_string_value(json_object_get(report, "key"));
	const json_t *revision = json_object_get(report, "revision");
	enum object_status status =
		status_by_name(json_string_value(json_object_get(report, "status")));
	struct object *object;

	if (key == NULL)
		return error_set(e, "key must be a text");
	if (!json_is_integer(revision))
		return error_set(e, "revision must be a number");
	if (status == STATUS_NONE)
		return error_set(e, "status must be Success, Warning or Failure");
	object = objects_find(o, node, key);
	if (object == NULL)
		return 0;
	object->status = status;
	object->status_revision = (uint64_t)json_integer_value(revision);
	set_text(&object->status_code, json_object_get(report, "code"));
	set_text(&object->status_message, json_object_get(report, "message"));
	return 0;
}

static int report_objects(struct orchestrator *o, struct node *node, const json_t *reports,
			  struct error *e)
{
	size_t index;
	json_t *report;

	if (reports == NULL)
		return 0;
	if (!json_is_array(reports) || json_array_size(reports) > REPORTS_MAX * 50)
		return error_set(e, "objects must be a list");
	json_array_foreach(reports, index, report) if (report_object(o, node, report, e) !=
						       0) return error_prefix(e, "objects[%zu]",
									      index);
	return 0;
}

static int report_connections(struct node *node, json_t *reports, struct error *e)
{
	if (reports == NULL)
		return 0;
	if (!json_is_object(reports) || json_object_size(reports) > REPORTS_MAX)
		return error_set(e, "connections must be an object");
	json_decref(node->connection_reports);
	node->connection_reports = json_incref(reports);
	return 0;
}

static int report_neighbors(struct node *node, const json_t *reports, struct error *e)
{
	size_t index;
	json_t *report, *all;
	struct buf key;

	if (reports == NULL)
		return 0;
	if (!json_is_array(reports) || json_array_size(reports) > REPORTS_MAX)
		return error_set(e, "neighbors must be a list");
	all = json_object();
	buf_init(&key, 0);
	json_array_foreach(reports, index, report)
	{
		const char *instance = json_string_value(json_object_get(report, "instance"));
		const char *address =
			json_string_value(json_object_get(report, "neighbor-address"));

		if (instance == NULL || address == NULL) {
			json_decref(all);
			buf_done(&key);
			return error_set(
				e, "neighbors[%zu] must have instance and neighbor-address", index);
		}
		buf_clear(&key);
		buf_printf(&key, "%s/%s", instance, address);
		json_object_set(all, buf_text(&key), report);
	}
	buf_done(&key);
	json_decref(node->neighbor_reports);
	node->neighbor_reports = all;
	return 0;
}

int orchestrator_status(struct orchestrator *o, const char *name, const json_t *body,
			struct error *e, instant_t now)
{
	struct node *node = node_find(o, name);

	o->now = now;
	if (node == NULL || !node->known)
		return error_set(e, "there is no node %s", name);
	if (!json_is_object(body))
		return error_set(e, "the body must be an object");
	if (report_objects(o, node, json_object_get(body, "objects"), e) != 0 ||
	    report_connections(node, json_object_get(body, "connections"), e) != 0 ||
	    report_neighbors(node, json_object_get(body, "neighbors"), e) != 0)
		return -1;
	orchestrator_settle(o, now);
	return 0;
}
