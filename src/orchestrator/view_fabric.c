/*
 * view_fabric: what is shown of gateways, pools, servers, interfaces and networks.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The read-only properties of MS-NCNBI gateways and gatewayPools in the original's shapes.
 */
#include "orchestrator/state.h"

static const char *health_name(const struct node *node)
{
	static const char *const names[] = {
		[HEALTH_UNKNOWN] = "Unknown",
		[HEALTH_ALIVE] = "Healthy",
		[HEALTH_LOST] = "Unhealthy",
		[HEALTH_DEAD] = "Unhealthy",
	};

	return names[node->health];
}

static void node_state(const struct orchestrator *o, const struct node *node, json_t *view)
{
	struct view_state state = { 0 };

	if (node->health == HEALTH_UNKNOWN || !node->ever_leased)
		view_state_add(&state, VIEW_UNINITIALIZED, "Node", "HostNotConnectedToController",
			       "its agent has not reported yet");
	else if (node->health != HEALTH_ALIVE)
		view_state_add(&state, VIEW_FAILURE, "Node", "HostUnreachable",
			       o->suspended
				       ? "its lease is lost, and failover is suspended because "
					 "more than half of the leases are"
				       : "its lease is lost");
	else if (node->number == 0)
		view_state_add(&state, VIEW_FAILURE, "Node", "Overloaded",
			       "there are too many nodes");
	else if (node->pool != NULL && node->used_kbps > node->pool->gateway_capacity_kbps)
		view_state_add(&state, VIEW_WARNING, "Node", "Overloaded",
			       "its connections need more than gatewayCapacityKiloBitsPerSecond");
	else if (node->gateway && !node->heliod_running)
		view_state_add(&state, VIEW_WARNING, "Node", "Unknown", "heliod is not running");
	view_state_finish(&state, view);
}

static json_t *tenant_on(const struct tenant *t, const struct node *node, json_t *connections)
{
	json_t *refs = json_array();
	json_t *view;
	struct buf scratch;

	buf_init(&scratch, 0);
	for (size_t i = 0; i < t->connection_count; i++) {
		const struct connection *c = t->connections[i];
		json_t *ref;

		if (c->gateway != node)
			continue;
		ref = view_ref("/virtualGateways/%s/networkConnections/%s", t->name, c->name);
		json_array_append(connections, ref);
		json_array_append_new(refs, ref);
	}
	view = json_pack("{s:o, s:o}", "virtualGateway", view_ref("/virtualGateways/%s", t->name),
			 "networkConnections", refs);
	if (t->reflector == node)
		json_object_set_new(view, "bgpRouter",
				    view_ref("/virtualGateways/%s/bgpRouters/%s", t->name,
					     view_router_name(t, &scratch)));
	buf_done(&scratch);
	return view;
}

/* The tenants in the intent's order. */
static void add_tenants(const struct orchestrator *o, const struct node *node, json_t *view)
{
	json_t *tenants = json_array(), *connections = json_array();

	for (size_t i = 0; i < o->intent->tenant_count; i++) {
		const struct tenant *t = tenant_find(o, o->intent->tenants[i].name);
		bool here = t->reflector == node;

		for (size_t k = 0; k < t->connection_count; k++)
			here |= t->connections[k]->gateway == node;
		if (here)
			json_array_append_new(tenants, tenant_on(t, node, connections));
	}
	json_object_set_new(view, "virtualGateways", tenants);
	json_object_set_new(view, "connections", connections);
}

json_t *view_gateway(const struct orchestrator *o, const struct node *node)
{
	json_t *view = json_object();
	uint64_t capacity = node->pool == NULL ? 0 : node->pool->gateway_capacity_kbps;

	json_object_set_new(view, "state",
			    json_string(node_has_roles(node) ? "Active" : "Redundant"));
	json_object_set_new(view, "healthState", json_string(health_name(node)));
	json_object_set_new(view, "totalCapacity", json_integer((json_int_t)capacity));
	json_object_set_new(view, "availableCapacity",
			    json_integer((json_int_t)placement_free_kbps(node)));
	json_object_set_new(view, "failoverSuspended", json_boolean(o->suspended));
	add_tenants(o, node, view);
	node_state(o, node, view);
	return view;
}

json_t *view_server(const struct orchestrator *o, const struct node *node)
{
	json_t *view = json_pack("{s:s}", "healthState", health_name(node));

	node_state(o, node, view);
	return view;
}

json_t *view_pool(const struct orchestrator *o, const struct intent_pool *pool)
{
	json_t *gateways = json_array(), *tenants = json_array();

	for (size_t i = 0; i < o->intent->gateway_count; i++)
		if (o->gateways[i]->pool == pool)
			json_array_append_new(gateways,
					      view_ref("/gateways/%s", o->gateways[i]->name));
	for (size_t i = 0; i < o->intent->tenant_count; i++)
		for (size_t k = 0; k < o->intent->tenants[i].pool_count; k++)
			if (strcmp(o->intent->tenants[i].pools[k], pool->name) == 0)
				json_array_append_new(tenants,
						      view_ref("/virtualGateways/%s",
							       o->intent->tenants[i].name));
	return json_pack("{s:o, s:o}", "gateways", gateways, "virtualGateways", tenants);
}

static json_t *nic_state(const struct orchestrator *o, const struct tenant *t,
			 const struct intent_nic *nic)
{
	const struct node *host = nic->host == NULL ? NULL : node_find(o, nic->host);
	struct view_state state = { 0 };
	json_t *view = json_object();

	if (host == NULL || !host->known)
		view_state_add(&state, VIEW_UNINITIALIZED, "NetworkInterface", NULL, NULL);
	else if (host->health == HEALTH_LOST || host->health == HEALTH_DEAD)
		view_state_add(&state, VIEW_FAILURE, "NetworkInterface", "HostUnreachable",
			       "the server does not answer");
	else
		view_state_add_object(o, &state, host, "port", t, nic->name, "NetworkInterface");
	view_state_finish(&state, view);
	return view;
}

json_t *view_nic(const struct orchestrator *o, const char *name)
{
	for (size_t i = 0; i < o->intent->tenant_count; i++) {
		const struct intent_tenant *intent = &o->intent->tenants[i];

		for (size_t k = 0; k < intent->nic_count; k++)
			if (strcmp(intent->nics[k].name, name) == 0)
				return nic_state(o, tenant_find(o, intent->name), &intent->nics[k]);
	}
	return NULL;
}

json_t *view_network(const struct orchestrator *o, const char *name)
{
	struct view_state state = { 0 };
	json_t *view = NULL;

	for (size_t i = 0; i < o->intent->tenant_count; i++) {
		const struct intent_tenant *intent = &o->intent->tenants[i];
		const struct tenant *t = tenant_find(o, intent->name);

		if (intent->virtual_network == NULL || strcmp(intent->virtual_network, name) != 0)
			continue;
		if (view == NULL)
			view = json_object();
		LIST_FOR_EACH (entry, &t->programs) {
			const struct program *p = CONTAINER_OF(entry, struct program, in_tenant);

			if (p->node->health == HEALTH_ALIVE)
				view_state_add_object(o, &state, p->node, "compartment", t, NULL,
						      "VirtualNetwork");
		}
	}
	if (view != NULL)
		view_state_finish(&state, view);
	return view;
}
