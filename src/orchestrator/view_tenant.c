/*
 * view_tenant: what is shown of a virtual gateway and of its network connections.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The read-only properties of MS-NCNBI virtualGateways and networkConnections, in the original's
 * names and shapes.
 */
#include "orchestrator/state.h"

#define SOURCE_CONNECTION "NetworkConnection"

static const char *const problem_codes[] = {
	[PROBLEM_WAITING] = "Uninitialized",
	[PROBLEM_NO_GATEWAY] = "HostUnreachable",
	[PROBLEM_NONE_ALIVE] = "HostUnreachable",
	[PROBLEM_NO_CAPACITY] = "Overloaded",
	[PROBLEM_NO_ADDRESS] = "PAIpAddressExhausted",
	[PROBLEM_SUBNET] = "PolicyConfigurationFailure",
};

void view_connection_state(const struct orchestrator *o, const struct connection *c,
			   struct view_state *state)
{
	const struct node *node = c->gateway;
	char text[ERROR_TEXT_MAX];

	if (c->problem != PROBLEM_NONE)
		view_state_add(state,
			       c->problem == PROBLEM_WAITING ? VIEW_UNINITIALIZED : VIEW_FAILURE,
			       SOURCE_CONNECTION, problem_codes[c->problem], c->problem_text.text);
	if (node == NULL) {
		view_state_add(state, VIEW_UNINITIALIZED, SOURCE_CONNECTION, NULL, NULL);
		return;
	}
	if (node->health == HEALTH_LOST || node->health == HEALTH_DEAD) {
		snprintf(text, sizeof(text), "gateway %s does not answer%s", node->name,
			 o->suspended ? ", and failover is suspended" : "");
		view_state_add(state, VIEW_FAILURE, SOURCE_CONNECTION, "HostUnreachable", text);
		return;
	}
	view_state_add_object(o, state, node, "compartment", c->tenant, NULL, SOURCE_CONNECTION);
	view_state_add_object(o, state, node, "connection", c->tenant, c->name, SOURCE_CONNECTION);
}

static json_t *static_route(const struct intent_static_route *r)
{
	char text[IP_PREFIX_TEXT_MAX];

	return json_pack("{s:s, s:s, s:I, s:s}", "destinationPrefix",
			 ip_prefix_format(&r->prefix, text), "nextHop", "0.0.0.0", "metric",
			 (json_int_t)r->metric, "protocol", "Static");
}

/* Learned routes whose CE this connection leads to. */
static void add_learned(const struct tenant *t, const struct connection *c, json_t *routes)
{
	const struct learned **all;
	size_t count, routed;

	all = learned_sorted(t, &count);
	for (size_t i = 0; t->intent->dynamic && i < t->intent->peer_count; i++) {
		const struct intent_bgp_peer *peer = &t->intent->peers[i];
		ptrdiff_t leads = site_connection(t->intent, peer, &routed);
		char prefix[IP_PREFIX_TEXT_MAX], hop[IP_TEXT_MAX];

		if (leads < 0 || t->connections[leads] != c)
			continue;
		ip_addr_format(&peer->address, hop);
		for (size_t k = 0; k < count; k++)
			if (ip_addr_equal(&all[k]->next_hop, &peer->address))
				json_array_append_new(
					routes,
					json_pack("{s:s, s:s, s:i, s:s}", "destinationPrefix",
						  ip_prefix_format(&all[k]->prefix, prefix),
						  "nextHop", hop, "metric", 0, "protocol", "Bgp"));
	}
	mem_free(all);
}

static json_t *routes_of(const struct tenant *t, const struct connection *c)
{
	json_t *routes = json_array();

	for (size_t i = 0; i < c->intent->route_count; i++)
		json_array_append_new(routes, static_route(&c->intent->routes[i]));
	add_learned(t, c, routes);
	return routes;
}

static json_int_t number_of(const json_t *report, const char *key)
{
	return json_integer_value(json_object_get(report, key));
}

static const json_t *report_of(const struct tenant *t, const struct connection *c)
{
	struct buf key;
	const json_t *report;

	if (c->gateway == NULL)
		return NULL;
	buf_init(&key, 0);
	buf_printf(&key, "%s/%s", t->name, c->name);
	report = json_object_get(c->gateway->connection_reports, buf_text(&key));
	buf_done(&key);
	return report;
}

static void add_traffic(const struct tenant *t, const struct connection *c, json_t *view)
{
	const json_t *report = report_of(t, c);
	const char *state = json_string_value(json_object_get(report, "state"));
	bool lives = node_is_alive(c->gateway);

	json_object_set_new(view, "connectionStatus", json_string("Enabled"));
	json_object_set_new(view, "connectionState",
			    json_string(state == NULL || !lives ? "Disconnected" : state));
	json_object_set_new(view, "connectionErrorReason",
			    json_string(c->problem == PROBLEM_NONE ? "" : c->problem_text.text));
	json_object_set_new(view, "unreachabilityReason", json_string(""));
	json_object_set_new(view, "statistics",
			    json_pack("{s:I, s:I}", "outboundBytes", number_of(report, "txBytes"),
				      "inboundBytes", number_of(report, "rxBytes")));
	if (json_object_get(report, "driver") != NULL)
		json_object_set(view, "tunnelDriver", json_object_get(report, "driver"));
	if (json_object_get(report, "lastHandshakeSeconds") != NULL)
		json_object_set(view, "lastHandshakeSeconds",
				json_object_get(report, "lastHandshakeSeconds"));
}

json_t *view_connection(const struct orchestrator *o, const struct tenant *t, const char *name)
{
	const struct connection *c = tenant_connection(t, name);
	struct view_state state = { 0 };
	char text[IP_TEXT_MAX];
	json_t *view;

	if (c == NULL || c->intent == NULL)
		return NULL;
	view = json_object();
	if (c->gateway != NULL)
		json_object_set_new(view, "gateway", view_ref("/gateways/%s", c->gateway->name));
	if (c->source.family != IP_NONE)
		json_object_set_new(view, "sourceIPAddress",
				    json_string(ip_addr_format(&c->source, text)));
	if (c->port != 0)
		json_object_set_new(view, "listenPort", json_integer(c->port));
	add_traffic(t, c, view);
	json_object_set_new(view, "routes", routes_of(t, c));
	view_connection_state(o, c, &state);
	view_state_finish(&state, view);
	return view;
}

/* The original's sentence, because scripts look for it. */
static void add_peers_without_connection(const struct tenant *t, struct view_state *state)
{
	struct buf names;
	struct error text;

	buf_init(&names, 0);
	site_peers_without_connection(t->intent, &names);
	if (names.length != 0) {
		error_set(&text,
			  "Peers %s do not have connectivity through any networkconnection. Ensure "
			  "one of the networkconnections has static routes configured these BGP "
			  "peers.",
			  buf_text(&names));
		view_state_add(state, VIEW_FAILURE, "ResourceGlobal", "PolicyConfigurationFailure",
			       text.text);
	}
	buf_done(&names);
}

json_t *view_tenant(const struct orchestrator *o, const struct tenant *t)
{
	json_t *view = json_object();
	struct view_state state = { 0 };

	if (t->connection_count == 0)
		view_state_add(&state, VIEW_SUCCESS, "VirtualGateway", NULL, NULL);
	for (size_t i = 0; i < t->connection_count; i++)
		view_connection_state(o, t->connections[i], &state);
	if (t->reflector_problem.text[0] != '\0')
		view_state_add(&state, VIEW_FAILURE, "VirtualGateway", "HostUnreachable",
			       t->reflector_problem.text);
	if (node_is_alive(t->reflector))
		view_state_add_object(o, &state, t->reflector, "bgp", t, NULL, "BgpRouter");
	add_peers_without_connection(t, &state);
	view_state_finish(&state, view);
	return view;
}
