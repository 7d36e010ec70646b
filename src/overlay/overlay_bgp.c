/*
 * overlay_bgp: the BGP instance of a tenant on a gateway, as reflector or as client.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The document of docs/INTERFACES.md section 2. All sessions of the tenant end on the BGP address.
 * The gateway that has it is nobody's client: its own connections enter the instance as local
 * routes (RFC 4456 is between the others). Static and host routes carry the overlay address of
 * their compartment, never the BGP address, so that packets go straight to the tunnel.
 */
#include "overlay/json_text.h"
#include "overlay/overlay.h"

#define CLIENT_HOLD_S 9u
#define SITE_HOLD_S 30u
#define SITE_MULTIHOP 64u
/* An active side tries again after this long; short, because it is what a failover waits for. */
#define CONNECT_RETRY_S 1u
#define RESTART_S 120u

static void head(struct json_text *j, const struct overlay_tenant *t, const struct overlay_node *n)
{
	bool reflector = t->reflector == n;
	const struct ip_addr *id = reflector ? &t->bgp_address : &n->overlay;

	json_text_string(j, "name", t->intent->name);
	json_text_number(j, "table-id", t->table_id);
	json_text_number(j, "local-as", t->local_as.number);
	json_text_addr(j, "router-id", id);
	if (reflector)
		json_text_addr(j, "cluster-id", &t->bgp_address);
	json_text_string(j, "next-hop-resolution", "exact");
	json_text_array(j, "direct-next-hops");
	json_text_prefix(j, NULL, &t->intent->gateway_subnet);
	json_text_end_array(j);
	json_text_object(j, "graceful-restart");
	json_text_bool(j, "enabled", true);
	json_text_number(j, "restart-time", RESTART_S);
	json_text_bool(j, "restarting", reflector && t->restarting);
	json_text_end_object(j);
}

static void connection_network(struct json_text *j, const struct overlay_tenant *t,
			       const struct overlay_node *n, const struct intent_static_route *r)
{
	bool ce = overlay_route_is_ce(t, &r->prefix);

	json_text_object(j, NULL);
	json_text_prefix(j, "prefix", &r->prefix);
	json_text_addr(j, "next-hop", &n->overlay);
	json_text_number(j, "med", r->metric);
	json_text_string(j, "kind", ce ? "host" : "static");
	if (ce) {
		json_text_array(j, "communities");
		json_text_string(j, NULL, "no-export");
		json_text_end_array(j);
	}
	json_text_end_object(j);
}

/* Is the same prefix among the routes of this node's earlier connections, or earlier in this one?
 * (An instance has one local route of a prefix.) The first with the smallest metric stays. */
static bool network_is_shadowed(const struct overlay_tenant *t, const struct overlay_node *n,
				size_t connection, size_t route)
{
	const struct intent_static_route *mine = &t->connections[connection].intent->routes[route];

	for (size_t i = 0; i < t->connection_count; i++) {
		const struct intent_connection *c = t->connections[i].intent;

		if (!overlay_connection_is_on(&t->connections[i], n))
			continue;
		for (size_t k = 0; k < c->route_count; k++) {
			bool earlier = i < connection || (i == connection && k < route);

			if ((i == connection && k == route) ||
			    !ip_prefix_equal(&c->routes[k].prefix, &mine->prefix))
				continue;
			if (c->routes[k].metric < mine->metric ||
			    (c->routes[k].metric == mine->metric && earlier))
				return true;
		}
	}
	return false;
}

static void networks(struct json_text *j, const struct overlay_tenant *t,
		     const struct overlay_node *n)
{
	json_text_array(j, "networks");
	for (size_t i = 0; t->reflector == n && i < t->intent->address_space_count; i++) {
		json_text_object(j, NULL);
		json_text_prefix(j, "prefix", &t->intent->address_space[i]);
		json_text_addr(j, "next-hop", &t->bgp_address);
		json_text_string(j, "kind", "virtual-network");
		json_text_string(j, "advertise", "external");
		json_text_end_object(j);
	}
	for (size_t i = 0; i < t->connection_count; i++) {
		const struct intent_connection *c = t->connections[i].intent;

		if (!overlay_connection_is_on(&t->connections[i], n))
			continue;
		for (size_t k = 0; k < c->route_count; k++)
			if (!network_is_shadowed(t, n, i, k))
				connection_network(j, t, n, &c->routes[k]);
	}
	json_text_end_array(j);
}

static void reject(struct json_text *j, const struct ip_prefix *prefix, const char *match,
		   const char *reason)
{
	json_text_object(j, NULL);
	json_text_prefix(j, "prefix", prefix);
	json_text_string(j, "match", match);
	json_text_string(j, "reason", reason);
	json_text_end_object(j);
}

/* What no site may say: where the virtual network, the reflector and the sites' routers are. */
static void import_reject(struct json_text *j, const struct overlay_tenant *t)
{
	struct ip_prefix bgp = ip_prefix_host(&t->bgp_address);

	json_text_array(j, "import-reject");
	reject(j, &bgp, "exact", "is the tenant's BGP address");
	for (size_t i = 0; i < t->ce_count; i++) {
		struct ip_prefix prefix = ip_prefix_host(&t->ces[i].address);

		reject(j, &prefix, "exact", "is the address of a site's BGP router");
	}
	for (size_t i = 0; i < t->intent->address_space_count; i++)
		reject(j, &t->intent->address_space[i], "or-longer",
		       "inside the virtual network's address space");
	json_text_end_array(j);
}

static void site(struct json_text *j, const struct overlay_tenant *t, const struct overlay_ce *ce)
{
	uint16_t hold_s = ce->peer->hold_time_s;

	json_text_object(j, NULL);
	json_text_addr(j, "neighbor-address", &ce->address);
	json_text_number(j, "peer-as", ce->peer->as.number);
	json_text_string(j, "description", ce->peer->name);
	json_text_addr(j, "local-address", &t->bgp_address);
	json_text_number(j, "ebgp-multihop", SITE_MULTIHOP);
	json_text_number(j, "hold-time", hold_s == 0 ? SITE_HOLD_S : hold_s);
	json_text_number(j, "connect-retry-time", CONNECT_RETRY_S);
	json_text_string(j, "import-policy", "accept-all");
	json_text_string(j, "export-policy", "accept-all");
	json_text_string(j, "import-next-hop", "peer-address");
	json_text_bool(j, "next-hop-self", true);
	json_text_bool(j, "as-override", ce->peer->as_override);
	import_reject(j, t);
	json_text_end_object(j);
}

static void client(struct json_text *j, const struct overlay_tenant *t,
		   const struct overlay_node *n)
{
	json_text_object(j, NULL);
	json_text_addr(j, "neighbor-address", &n->overlay);
	json_text_number(j, "peer-as", t->local_as.number);
	json_text_string(j, "description", n->name);
	json_text_addr(j, "local-address", &t->bgp_address);
	json_text_number(j, "hold-time", CLIENT_HOLD_S);
	json_text_bool(j, "route-reflector-client", true);
	json_text_bool(j, "passive", true);
	json_text_end_object(j);
}

static void reflector(struct json_text *j, const struct overlay_tenant *t,
		      const struct overlay_node *n)
{
	json_text_object(j, NULL);
	json_text_addr(j, "neighbor-address", &t->bgp_address);
	json_text_number(j, "peer-as", t->local_as.number);
	json_text_string(j, "description", "reflector");
	json_text_addr(j, "local-address", &n->overlay);
	json_text_number(j, "hold-time", CLIENT_HOLD_S);
	json_text_number(j, "connect-retry-time", CONNECT_RETRY_S);
	json_text_end_object(j);
}

void overlay_bgp(struct overlay_job *job)
{
	const struct overlay_tenant *t = job->tenant;
	struct json_text j;

	if (t->reflector == NULL)
		return;
	j = overlay_job_begin(job, "bgp", NULL);
	json_text_number(&j, "tableId", t->table_id);
	json_text_object(&j, "instance");
	head(&j, t, job->node);
	networks(&j, t, job->node);
	json_text_array(&j, "neighbors");
	if (t->reflector != job->node) {
		reflector(&j, t, job->node);
	} else {
		for (size_t i = 0; i < t->node_count; i++)
			if (t->nodes[i].gateway && &t->nodes[i] != job->node)
				client(&j, t, &t->nodes[i]);
		for (size_t i = 0; i < t->ce_count; i++)
			site(&j, t, &t->ces[i]);
	}
	json_text_end_array(&j);
	json_text_end_object(&j);
	overlay_job_emit(job, &j, t->reflector_epoch);
}
