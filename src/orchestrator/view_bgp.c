/*
 * view_bgp: what is shown of a tenant's BGP router and of its peers.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The read-only properties of MS-NCNBI bgpRouters and bgpPeers, with the original's misspelling
 * ("withdrawl"), and rejectedRoutes beside them. Sessions are those that the reflector's gateway
 * reports.
 */
#include "orchestrator/state.h"

#define REJECTED_MAX 100u

const char *view_router_name(const struct tenant *t, struct buf *scratch)
{
	if (t->intent->bgp_router != NULL)
		return t->intent->bgp_router;
	buf_clear(scratch);
	buf_printf(scratch, "BGP_%s", t->name);
	return buf_text(scratch);
}

static json_t *as_text(asn_t as)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu32 ".%" PRIu32, as.number >> 16, as.number & 0xffff);
	return json_string(text);
}

static void router_state(const struct orchestrator *o, const struct tenant *t,
			 struct view_state *state)
{
	char text[ERROR_TEXT_MAX];

	if (t->reflector == NULL) {
		view_state_add(state, VIEW_UNINITIALIZED, "BgpRouter", NULL, NULL);
	} else if (!node_is_alive(t->reflector)) {
		snprintf(text, sizeof(text),
			 "Unable to configure the bgpRouters resource settings on the gateway %s",
			 t->reflector->name);
		view_state_add(state, VIEW_FAILURE, "BgpRouter", "HostUnreachable", text);
	} else {
		view_state_add_object(o, state, t->reflector, "bgp", t, NULL, "BgpRouter");
	}
}

static json_t *router_properties(const struct orchestrator *o, const struct tenant *t)
{
	struct view_state state = { 0 };
	char text[IP_TEXT_MAX];
	json_t *view = json_object();

	ip_addr_format(&t->bgp_address, text);
	json_object_set_new(view, "isGenerated", json_boolean(t->intent->bgp_router == NULL));
	json_object_set_new(view, "routerId", json_string(text));
	json_object_set_new(view, "routerIP", json_pack("[s]", text));
	json_object_set_new(view, "extAsNumber", as_text(tenant_as(o, t)));
	if (t->reflector != NULL)
		json_object_set_new(view, "gateway", view_ref("/gateways/%s", t->reflector->name));
	router_state(o, t, &state);
	view_state_finish(&state, view);
	return view;
}

json_t *view_router(const struct orchestrator *o, const struct tenant *t, const char *name)
{
	struct buf scratch;
	json_t *view = NULL;

	buf_init(&scratch, 0);
	if (strcmp(view_router_name(t, &scratch), name) == 0)
		view = router_properties(o, t);
	buf_done(&scratch);
	return view;
}

json_t *orchestrator_generated_router(const struct orchestrator *o, const char *tenant)
{
	const struct tenant *t = tenant_find(o, tenant);
	struct buf scratch;
	const char *name;
	char ref[ERROR_TEXT_MAX];
	json_t *router, *properties;

	if (t == NULL || t->intent == NULL || t->intent->bgp_router != NULL || t->reflector == NULL)
		return NULL;
	buf_init(&scratch, 0);
	name = view_router_name(t, &scratch);
	snprintf(ref, sizeof(ref), "/virtualGateways/%s/bgpRouters/%s", t->name, name);
	properties = router_properties(o, t);
	json_object_set_new(properties, "provisioningState", json_string("Succeeded"));
	router = json_pack("{s:s, s:s, s:o}", "resourceRef", ref, "resourceId", name, "properties",
			   properties);
	buf_done(&scratch);
	return router;
}

/* What the reflector's gateway says of its session with a peer; NULL: nothing. */
static const json_t *session_of(const struct tenant *t, const struct intent_bgp_peer *peer)
{
	char text[IP_TEXT_MAX];
	struct buf key;
	const json_t *report;

	if (!node_is_alive(t->reflector))
		return NULL;
	buf_init(&key, 0);
	buf_printf(&key, "%s/%s", t->name, ip_addr_format(&peer->address, text));
	report = json_object_get(t->reflector->neighbor_reports, buf_text(&key));
	buf_done(&key);
	return report;
}

static json_t *counts(const json_t *session, const char *type)
{
	const json_t *messages = json_object_get(session, "messages");
	const json_t *sent = json_object_get(json_object_get(messages, "sent"), type);
	const json_t *received = json_object_get(json_object_get(messages, "received"), type);

	return json_pack("{s:I, s:I}", "sentCount", json_integer_value(sent), "receivedCount",
			 json_integer_value(received));
}

static json_t *statistics(const json_t *session)
{
	const json_t *prefixes = json_object_get(session, "prefixes");
	json_t *routes = json_pack(
		"{s:I, s:I, s:I, s:I}", "updateSentCount",
		json_integer_value(json_object_get(prefixes, "advertised")), "updateReceivedCount",
		json_integer_value(json_object_get(prefixes, "received")), "withdrawlSentCount",
		json_integer_value(json_object_get(prefixes, "withdrawn-sent")),
		"withdrawlReceivedCount",
		json_integer_value(json_object_get(prefixes, "withdrawn-received")));

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "openMessageStats",
			 counts(session, "open"), "notificationMessageStats",
			 counts(session, "notification"), "keepAliveMessageStats",
			 counts(session, "keepalive"), "routeRefreshMessageStats",
			 counts(session, "route-refresh"), "updateMessageStats",
			 counts(session, "update"), "ipv4Route", routes);
}

static json_t *rejected(const json_t *session)
{
	json_t *all = json_array();
	const json_t *reported = json_object_get(session, "rejected");
	size_t index;
	json_t *each;

	json_array_foreach(reported, index, each) if (index < REJECTED_MAX)
		json_array_append(all, each);
	return all;
}

static void peer_state(const struct orchestrator *o, const struct tenant *t,
		       const struct intent_bgp_peer *peer, struct view_state *state)
{
	size_t routed;
	struct error text;

	if (!t->intent->dynamic) {
		view_state_add(state, VIEW_WARNING, "BgpPeer", "PolicyConfigurationFailure",
			       "routingType is Static: the tenant has no BGP sessions");
		return;
	}
	if (site_connection(t->intent, peer, &routed) >= 0) {
		router_state(o, t, state);
		return;
	}
	if (routed == 0)
		error_set(&text,
			  "Peers %s do not have connectivity through any networkconnection. Ensure "
			  "one of the networkconnections has static routes configured these BGP "
			  "peers.",
			  peer->name);
	else
		error_set(
			&text,
			"%zu networkConnections route the address of peer %s: exactly one must, or "
			"two with different metrics",
			routed, peer->name);
	view_state_add(state, VIEW_FAILURE, "BgpPeer", "PolicyConfigurationFailure", text.text);
}

/* Sites with the same AS number do not take each other's routes. */
static void warn_of_same_as(const struct tenant *t, const struct intent_bgp_peer *peer,
			    struct view_state *state)
{
	struct error text;

	for (size_t i = 0; !peer->as_override && i < t->intent->peer_count; i++) {
		const struct intent_bgp_peer *other = &t->intent->peers[i];

		if (other == peer || other->as.number != peer->as.number)
			continue;
		error_set(&text,
			  "peer %s has the same AS number %" PRIu32
			  ": the sites do not accept each other's routes unless asOverride is set",
			  other->name, peer->as.number);
		view_state_add(state, VIEW_WARNING, "BgpPeer", "PolicyConfigurationFailure",
			       text.text);
		return;
	}
}

json_t *view_peer(const struct orchestrator *o, const struct tenant *t, const char *name)
{
	const struct intent_bgp_peer *peer = NULL;
	struct view_state state = { 0 };
	const json_t *session;
	const char *is;
	json_t *view;

	for (size_t i = 0; i < t->intent->peer_count; i++)
		if (strcmp(t->intent->peers[i].name, name) == 0)
			peer = &t->intent->peers[i];
	if (peer == NULL)
		return NULL;
	view = json_object();
	session = session_of(t, peer);
	is = json_string_value(json_object_get(session, "session-state"));
	json_object_set_new(view, "connectionState",
			    json_string(is == NULL			     ? "Disconnected"
					: strcasecmp(is, "Established") == 0 ? "Connected"
									     : "Connecting"));
	if (json_object_get(session, "last-error") != NULL)
		json_object_set(view, "lastError", json_object_get(session, "last-error"));
	json_object_set_new(view, "isGenerated", json_false());
	json_object_set_new(view, "statistics", statistics(session));
	json_object_set_new(view, "rejectedRoutes", rejected(session));
	peer_state(o, t, peer, &state);
	warn_of_same_as(t, peer, &state);
	view_state_finish(&state, view);
	return view;
}
