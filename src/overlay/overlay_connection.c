/*
 * overlay_connection: the connections of a tenant on the gateway that owns them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Everything that is outside belongs to the connection and moves with it: public address, port and
 * key. docs/INTERFACES.md section 7, `connection/T/NAME`.
 */
#include "overlay/json_text.h"
#include "overlay/overlay.h"

/* 1500 of the underlay less the most that WireGuard takes: IPv6 40, UDP 8, its header and tag 32.
 */
#define WIREGUARD_MTU 1420u

static const char *const type_names[] = {
	[CONNECTION_WIREGUARD] = "WireGuard",
	[CONNECTION_IPSEC] = "IPSec",
	[CONNECTION_GRE] = "GRE",
	[CONNECTION_L3] = "L3",
};

bool overlay_connection_is_on(const struct overlay_connection *c, const struct overlay_node *node)
{
	return c->owner == node || c->leaving == node;
}

const struct overlay_node *overlay_connection_via(const struct overlay_connection *c)
{
	return c->leaving != NULL ? c->leaving : c->owner;
}

static void wireguard(struct json_text *j, const struct overlay_connection *c)
{
	const struct intent_wireguard *w = &c->intent->wireguard;

	json_text_object(j, "wireGuard");
	if (w->private_key != NULL)
		json_text_string(j, "privateKey", w->private_key);
	json_text_number(j, "listenPort", c->listen_port);
	if (w->peer_public_key != NULL)
		json_text_string(j, "peerPublicKey", w->peer_public_key);
	if (w->peer_port != 0)
		json_text_number(j, "peerEndpointPort", w->peer_port);
	json_text_number(j, "persistentKeepaliveSeconds", w->persistent_keepalive_s);
	json_text_end_object(j);
}

static void routes(struct json_text *j, const struct overlay_tenant *t,
		   const struct intent_connection *c)
{
	json_text_array(j, "ceAddresses");
	for (size_t i = 0; i < c->route_count; i++)
		if (overlay_route_is_ce(t, &c->routes[i].prefix))
			json_text_addr(j, NULL, &c->routes[i].prefix.addr);
	json_text_end_array(j);
	json_text_array(j, "staticRoutes");
	for (size_t i = 0; i < c->route_count; i++) {
		if (overlay_route_is_ce(t, &c->routes[i].prefix))
			continue;
		json_text_object(j, NULL);
		json_text_prefix(j, "prefix", &c->routes[i].prefix);
		json_text_number(j, "metric", c->routes[i].metric);
		json_text_end_object(j);
	}
	json_text_end_array(j);
}

static void connection(struct overlay_job *job, const struct overlay_connection *c)
{
	struct json_text j = overlay_job_begin(job, "connection", c->intent->name);

	json_text_string(&j, "type", type_names[c->intent->type]);
	if (c->public_address.family != IP_NONE) {
		json_text_addr(&j, "publicAddress", &c->public_address);
		json_text_number(&j, "publicPrefixLength", c->public_prefix_length);
	}
	json_text_number(&j, "mtu", WIREGUARD_MTU);
	if (c->intent->destination_address.family != IP_NONE)
		json_text_addr(&j, "peerAddress", &c->intent->destination_address);
	routes(&j, job->tenant, c->intent);
	if (c->intent->type == CONNECTION_WIREGUARD)
		wireguard(&j, c);
	overlay_job_emit(job, &j, c->owner == job->node ? c->epoch : c->leaving_epoch);
}

void overlay_connections(struct overlay_job *job)
{
	for (size_t i = 0; i < job->tenant->connection_count; i++)
		if (overlay_connection_is_on(&job->tenant->connections[i], job->node))
			connection(job, &job->tenant->connections[i]);
}
