/*
 * view_state: configurationState, the original's answer to "is it real".
 * SPDX-License-Identifier: Apache-2.0
 *
 * {status, detailedInfo: [{source, code, message}]}. The worst of the parts is the status of the
 * whole. The time of the last change is wall clock, and so the rim's.
 */
#include "orchestrator/state.h"

static const char *const status_names[] = {
	[VIEW_SUCCESS] = "Success",
	[VIEW_UNINITIALIZED] = "Uninitialized",
	[VIEW_WARNING] = "Warning",
	[VIEW_FAILURE] = "Failure",
};

void view_state_add(struct view_state *state, enum view_status status, const char *source,
		    const char *code, const char *message)
{
	state->worst = MAX(state->worst, (int)status);
	if (code == NULL && message == NULL)
		return;
	if (state->details == NULL)
		state->details = json_array();
	json_array_append_new(state->details, json_pack("{s:s, s:s, s:s}", "source", source, "code",
							code == NULL ? "Unknown" : code, "message",
							message == NULL ? "" : message));
}

void view_state_add_object(const struct orchestrator *o, struct view_state *state,
			   const struct node *node, const char *kind, const struct tenant *tenant,
			   const char *name, const char *source)
{
	static const enum view_status statuses[] = {
		[STATUS_NONE] = VIEW_UNINITIALIZED,
		[STATUS_SUCCESS] = VIEW_SUCCESS,
		[STATUS_WARNING] = VIEW_WARNING,
		[STATUS_FAILURE] = VIEW_FAILURE,
	};
	struct buf key;
	const struct object *object;
	enum object_status status;

	buf_init(&key, 0);
	buf_printf(&key, "%s/%s", kind, tenant->name);
	if (name != NULL)
		buf_printf(&key, "/%s", name);
	object = objects_find(o, node, buf_text(&key));
	buf_done(&key);
	status = object == NULL ? STATUS_NONE : objects_status(object);
	if (status == STATUS_NONE || status == STATUS_SUCCESS)
		view_state_add(state, statuses[status], source, NULL, NULL);
	else
		view_state_add(state, statuses[status], source, object->status_code,
			       object->status_message);
}

void view_state_finish(struct view_state *state, json_t *properties)
{
	json_t *configuration = json_pack("{s:s}", "status", status_names[state->worst]);

	if (state->details != NULL)
		json_object_set_new(configuration, "detailedInfo", state->details);
	json_object_set_new(properties, "configurationState", configuration);
}

json_t *view_ref(const char *format, ...)
{
	char text[ERROR_TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return json_pack("{s:s}", "resourceRef", text);
}
