/*
 * report: what is told to the controller: the status of objects and connections, and the lease.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "agent/agent.h"

#include <time.h>

#define REPORT_CONNECTED_SECONDS 180 /* WireGuard gives a session up after as long */

struct report {
	struct agent *agent;
	json_t *list;
	bool observed;
};

static void on_status(const struct host_status *status, void *arg)
{
	static const char *const names[] = { "Success", "Warning", "Failure" };
	struct report *report = arg;
	json_t *entry = json_pack("{s:s, s:I, s:s}", "key", status->key, "revision",
				  (json_int_t)status->revision, "status", names[status->status]);

	if (status->code != NULL)
		json_object_set_new(entry, "code", json_string(status->code));
	if (status->message != NULL)
		json_object_set_new(entry, "message", json_string(status->message));
	json_array_append_new(report->list, entry);
}

static void on_connection(const struct object *object, void *arg)
{
	struct report *report = arg;
	struct tunnel_state state;
	int64_t age = -1;
	json_t *entry;

	if (object->kind != OBJECT_CONNECTION)
		return;
	entry = json_object();
	json_object_set_new(entry, "driver", json_string(kernel_tunnel_driver()));
	if (kernel_tunnel_state(report->agent->kernel, object, &state) == 0) {
		if (state.handshake_seconds != 0)
			age = (int64_t)time(NULL) - state.handshake_seconds;
		json_object_set_new(entry, "rxBytes",
				    json_integer((json_int_t)state.received_bytes));
		json_object_set_new(entry, "txBytes", json_integer((json_int_t)state.sent_bytes));
		if (age >= 0)
			json_object_set_new(entry, "lastHandshakeSeconds", json_integer(age));
		explicit_bzero(&state, sizeof(state));
	}
	json_object_set_new(entry, "state",
			    json_string(age >= 0 && age <= REPORT_CONNECTED_SECONDS ? "Connected"
					: host_connection_is_up(report->agent->host, object)
						? "Connecting"
						: "Disconnected"));
	json_object_set_new(report->list, object->key + strlen("connection/"), entry);
}

json_t *report_status(struct agent *agent, bool observed)
{
	struct report objects = { .agent = agent, .list = json_array() };
	struct report connections = { .agent = agent, .list = json_object() };
	json_t *status = json_object();
	json_t *neighbors = agent->heliod != NULL ? heliod_neighbors(agent->heliod) : NULL;

	host_statuses(agent->host, on_status, &objects);
	json_object_set_new(status, "objects", objects.list);
	if (!observed) {
		json_decref(connections.list);
		return status;
	}
	host_objects(agent->host, on_connection, &connections);
	json_object_set_new(status, "connections", connections.list);
	if (neighbors != NULL)
		json_object_set(status, "neighbors", neighbors);
	else
		json_object_set_new(status, "neighbors", json_array());
	return status;
}

static void on_epoch(const char *key, int64_t epoch, void *arg)
{
	json_object_set_new(arg, key, json_integer(epoch));
}

json_t *report_lease(struct agent *agent)
{
	json_t *lease = json_object(), *epochs = json_object();
	bool running = agent->heliod != NULL && heliod_is_alive(agent->heliod);

	host_epochs(agent->host, on_epoch, epochs);
	json_object_set_new(lease, "boot", json_string(agent->boot));
	json_object_set_new(lease, "epochs", epochs);
	json_object_set_new(lease, "probes", witness_report(agent->witness));
	json_object_set_new(lease, "heliod", json_pack("{s:b}", "running", running));
	return lease;
}
