/*
 * show: what the control socket shows of instances and neighbours.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The shapes are those of docs/INTERFACES.md section 3. Nothing here changes anything.
 * show_routes.c shows routes, show_capabilities.c what was said and agreed on in OPENs.
 */
#include "speaker/show_parts.h"

#define SHOW_REJECTED_MAX 100u
/* A page ends at so many, so that it neither takes long nor much memory. */
#define PAGE_INSTANCES 256u
#define PAGE_NEIGHBORS 256u

static const char *const MESSAGE_NAMES[BGP_TYPE_MAX] = {
	[BGP_OPEN] = "open",
	[BGP_UPDATE] = "update",
	[BGP_NOTIFICATION] = "notification",
	[BGP_KEEPALIVE] = "keepalive",
	[BGP_ROUTE_REFRESH] = "route-refresh",
};

void show_set_address(json_t *object, const char *key, const struct ip_addr *address)
{
	char text[IP_TEXT_MAX];

	json_object_set_new(object, key, json_string(ip_addr_format(address, text)));
}

const char *show_text_param(const json_t *params, const char *key)
{
	return json_string_value(json_object_get(params, key));
}

bool show_wanted_instance(const struct speaker_instance *instance, const json_t *params)
{
	const char *name = show_text_param(params, "instance");

	return name == NULL || strcmp(name, instance->config->name) == 0;
}

/* Does the named instance exist? */
int show_check_instance(const struct speaker *s, const json_t *params, struct error *e)
{
	const char *name = show_text_param(params, "instance");

	if (name != NULL && speaker_find_instance(s, name) == NULL)
		return error_set(e, "instance: there is no instance \"%s\"", name);
	return 0;
}

int show_neighbor_param(const json_t *params, const char *key, struct ip_addr *ret_address,
			struct error *e)
{
	const char *text = show_text_param(params, key);

	*ret_address = (struct ip_addr){ 0 };
	if (text != NULL && ip_addr_parse(text, ret_address, e) < 0)
		return error_prefix(e, "%s", key);
	return 0;
}

static int64_t established_seconds(const struct speaker_peer *peer, instant_t now)
{
	if (!peer->reflector_peer->established)
		return 0;
	return instant_diff(now, session_since(peer->session)).ns / 1000000000;
}

static json_t *counters_json(const uint64_t counters[BGP_TYPE_MAX], uint64_t more_updates)
{
	json_t *object = json_object();

	for (size_t type = 1; type < BGP_TYPE_MAX; type++)
		json_object_set_new(
			object, MESSAGE_NAMES[type],
			json_integer((json_int_t)(counters[type] +
						  (type == BGP_UPDATE ? more_updates : 0))));
	return object;
}

static json_t *prefix_counts(const struct reflector_peer *rp)
{
	return json_pack("{s:I,s:I,s:I,s:I}", "received", (json_int_t)rp->path_count, "accepted",
			 (json_int_t)(rp->path_count - rp->rejected_count), "rejected",
			 (json_int_t)rp->rejected_count, "advertised",
			 (json_int_t)reflector_peer_advertised(rp));
}

static json_t *neighbor_short(const struct speaker_peer *peer, instant_t now)
{
	json_t *object = json_object();
	const struct session_counters *counters = session_counters(peer->session);

	show_set_address(object, "neighbor-address", &peer->address);
	json_object_set_new(object, "peer-as", json_integer(peer->config->peer_as.number));
	json_object_set_new(object, "session-state",
			    json_string(session_state_name(session_state(peer->session))));
	json_object_set_new(object, "established-seconds",
			    json_integer(established_seconds(peer, now)));
	json_object_set_new(object, "route-reflector-client",
			    json_boolean(peer->config->route_reflector_client));
	json_object_set_new(object, "dynamic", json_boolean(peer->dynamic));
	if (peer->config->description != NULL)
		json_object_set_new(object, "description", json_string(peer->config->description));
	json_object_set_new(object, "messages",
			    json_pack("{s:o,s:o}", "received", counters_json(counters->received, 0),
				      "sent", counters_json(counters->sent, peer->updates_sent)));
	json_object_set_new(object, "prefixes", prefix_counts(peer->reflector_peer));
	return object;
}

/* What the instance uses memory for. The books are the reflector's. */
static json_t *memory_json(const struct reflector *r)
{
	const struct mem_account *whole = &r->memory.whole;
	json_t *parts = json_object();

	for (const struct mem_account *part = whole->parts; part != NULL; part = part->next)
		json_object_set_new(parts, part->name, json_integer((json_int_t)part->bytes));
	return json_pack("{s:I,s:I,s:I,s:I,s:o}", "bytes", (json_int_t)whole->bytes, "bytes-peak",
			 (json_int_t)whole->bytes_peak, "limit-bytes",
			 (json_int_t)whole->budget_bytes, "limit-resets",
			 (json_int_t)r->memory.limit_count, "parts", parts);
}

static json_t *instance_json(const struct speaker_instance *instance)
{
	json_int_t neighbors = 0, established = 0, routes = 0;

	LIST_FOR_EACH (node, &instance->peers) {
		neighbors++;
		established +=
			CONTAINER_OF(node, struct speaker_peer, node)->reflector_peer->established;
	}
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++)
		routes += (json_int_t)instance->reflector->tables[f].count;
	return json_pack("{s:s,s:I,s:I,s:I,s:I,s:b,s:o}", "name", instance->config->name,
			 "table-id", (json_int_t)instance->config->table_id, "neighbors", neighbors,
			 "established", established, "routes", routes, "end-of-rib",
			 instance->reflector->end_of_rib, "memory",
			 memory_json(instance->reflector));
}

/* A cursor is the place of what was shown last: the serial numbers of instance and peer, which grow
 * in the order of the lists. What comes and goes between two pages moves nothing else. */
static uint64_t place_of(const struct speaker_instance *instance, const struct speaker_peer *peer)
{
	return (uint64_t)instance->serial << 32 | (peer == NULL ? 0 : peer->serial);
}

static json_t *page(const char *key, json_t *list, bool more)
{
	json_t *result = json_pack("{s:o}", key, list);

	if (more)
		json_object_set_new(result, "more", json_true());
	return result;
}

json_t *speaker_show_instances(const struct speaker *s, uint64_t *cursor)
{
	json_t *list = json_array();

	LIST_FOR_EACH (node, &s->instances) {
		const struct speaker_instance *instance =
			CONTAINER_OF(node, struct speaker_instance, node);

		if (place_of(instance, NULL) <= *cursor)
			continue;
		if (json_array_size(list) == PAGE_INSTANCES)
			return page("instances", list, true);
		json_array_append_new(list, instance_json(instance));
		*cursor = place_of(instance, NULL);
	}
	return page("instances", list, false);
}

static json_t *summary_json(const struct speaker_instance *instance, instant_t now)
{
	json_t *neighbors = json_array(), *object;

	LIST_FOR_EACH (node, &instance->peers)
		json_array_append_new(
			neighbors,
			neighbor_short(CONTAINER_OF(node, struct speaker_peer, node), now));
	object = json_pack("{s:s,s:I,s:b,s:o}", "name", instance->config->name, "local-as",
			   (json_int_t)instance->config->local_as.number, "end-of-rib",
			   instance->reflector->end_of_rib, "neighbors", neighbors);
	show_set_address(object, "router-id", &instance->config->router_id);
	show_set_address(object, "cluster-id", &instance->config->cluster_id);
	return object;
}

json_t *speaker_show_summary(const struct speaker *s, const json_t *params, uint64_t *cursor,
			     struct error *e, instant_t now)
{
	size_t neighbors = 0;
	json_t *list;

	if (show_check_instance(s, params, e) < 0)
		return NULL;
	list = json_array();
	LIST_FOR_EACH (node, &s->instances) {
		const struct speaker_instance *instance =
			CONTAINER_OF(node, struct speaker_instance, node);

		if (!show_wanted_instance(instance, params) || place_of(instance, NULL) <= *cursor)
			continue;
		if (neighbors >= PAGE_NEIGHBORS || json_array_size(list) == PAGE_INSTANCES)
			return page("instances", list, true);
		json_array_append_new(list, summary_json(instance, now));
		neighbors += instance->peers_by_address.count;
		*cursor = place_of(instance, NULL);
	}
	return page("instances", list, false);
}

static json_t *rejected_json(const struct speaker_peer *peer)
{
	const struct reflector_peer *rp = peer->reflector_peer;
	const struct reflector *r = rp->r;
	json_t *list = json_array();

	if (rp->rejected_count == 0)
		return list;
	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++) {
		const struct prefix_table *t = &r->tables[f];

		for (uint32_t prefix = 1; prefix < t->prefixes_end; prefix++) {
			for (uint32_t p = t->prefixes[prefix].paths; p != RIB_NONE;
			     p = t->paths[p].next) {
				if (t->paths[p].peer != rp->index || t->paths[p].reject == 0)
					continue;
				json_array_append_new(
					list, json_pack("{s:o,s:s}", "prefix",
							show_prefix_json(f, t, prefix), "reason",
							reflector_reject_reason(r, &t->paths[p])));
				if (json_array_size(list) == SHOW_REJECTED_MAX)
					return list;
			}
		}
	}
	return list;
}

static json_int_t seconds_until(instant_t then, instant_t now)
{
	int64_t ns = instant_diff(then, now).ns;

	return ns <= 0 ? 0 : (ns + 999999999) / 1000000000;
}

/* The last NOTIFICATION of one direction: its numbers, their names, and the first octets of its
 * data. */
static void set_notification(json_t *object, const char *key, const struct speaker_peer *peer,
			     bool received, instant_t now)
{
	const struct session_notification *last =
		session_last_notification(peer->session, received);
	char text[BGP_NOTIFICATION_TEXT_MAX], data[2 * SESSION_NOTIFICATION_DATA_MAX + 1] = "";
	struct bgp_notification n;
	size_t kept;

	if (last == NULL)
		return;
	kept = MIN(last->data_length, sizeof(last->data));
	for (size_t i = 0; i < kept; i++)
		snprintf(data + 2 * i, 3, "%02x", last->data[i]);
	bgp_notification_set(&n, last->code, last->subcode, last->data, kept);
	json_object_set_new(object, key,
			    json_pack("{s:i,s:i,s:s,s:s,s:I}", "code", last->code, "subcode",
				      last->subcode, "text", bgp_notification_format(&n, text),
				      "data", data, "seconds-ago",
				      (json_int_t)(instant_diff(now, last->at).ns / 1000000000)));
}

static json_t *neighbor_long(const struct speaker_peer *peer, instant_t now)
{
	const struct session_negotiated *negotiated = session_negotiated(peer->session);
	const struct reflector_peer *rp = peer->reflector_peer;
	instant_t next_attempt = session_next_attempt(peer->session);
	json_t *object = neighbor_short(peer, now);

	json_object_set_new(object, "instance", json_string(peer->instance->config->name));
	json_object_set_new(object, "hold-time",
			    json_integer(negotiated != NULL ? negotiated->hold_time_s
							    : peer->config->hold_time_s));
	json_object_set_new(object, "last-error", json_string(session_last_error(peer->session)));
	set_notification(object, "last-notification-sent", peer, false, now);
	set_notification(object, "last-notification-received", peer, true, now);
	if (!instant_is_never(next_attempt))
		json_object_set_new(object, "next-attempt-seconds",
				    json_integer(seconds_until(next_attempt, now)));
	json_object_set_new(object, "auth-password-set",
			    json_boolean(peer->config->password != NULL));
	if (peer->config->ttl_security_hops != 0)
		json_object_set_new(object, "ttl-security-hops",
				    json_integer(peer->config->ttl_security_hops));
	json_object_set_new(
		object, "established-count",
		json_integer((json_int_t)session_counters(peer->session)->established_count));
	json_object_set_new(
		object, "connect-retry-counter",
		json_integer((json_int_t)session_counters(peer->session)->connect_retry_counter));
	json_object_set_new(object, "malformed-updates",
			    json_integer((json_int_t)rp->counters.malformed));
	json_object_set_new(object, "families-disabled",
			    json_integer((json_int_t)rp->counters.families_disabled));
	json_object_set_new(object, "stale", json_boolean(!instant_is_never(rp->stale_deadline)));
	json_object_set_new(object, "end-of-rib-received", json_boolean(rp->done));
	json_object_set_new(object, "rejected", rejected_json(peer));
	if (negotiated != NULL) {
		struct ip_addr router_id = ip_addr_v4(negotiated->peer_router_id);

		show_set_address(object, "router-id", &router_id);
		show_set_address(object, "local-address", &rp->local_address);
		json_object_set_new(object, "families", show_families_json(negotiated->families));
		json_object_set_new(object, "four-octet-as", json_boolean(negotiated->send.as4));
		json_object_set_new(object, "route-refresh",
				    json_boolean(negotiated->route_refresh));
		json_object_set_new(object, "graceful-restart",
				    json_boolean(negotiated->peer.graceful_restart));
		json_object_set_new(object, "enhanced-route-refresh",
				    json_boolean(negotiated->enhanced_refresh));
		json_object_set_new(object, "long-lived-graceful-restart",
				    json_boolean(negotiated->long_lived));
		json_object_set_new(object, "message-bytes-max",
				    json_pack("{s:I,s:I}", "receive",
					      (json_int_t)negotiated->receive.message_bytes_max,
					      "send",
					      (json_int_t)negotiated->send.message_bytes_max));
		if (negotiated->role != BGP_ROLE_NONE)
			json_object_set_new(object, "role",
					    json_string(bgp_role_name(negotiated->role)));
		json_object_set_new(object, "afi-safis", show_families_state(peer, now));
	}
	json_object_set_new(object, "capabilities", show_capabilities(peer));
	return object;
}

/* Adds those of the instance that were not shown. False: the page is full before its end. */
static bool add_neighbors(json_t *list, const struct speaker_instance *instance,
			  const struct ip_addr *wanted, uint64_t *cursor, instant_t now)
{
	LIST_FOR_EACH (node, &instance->peers) {
		const struct speaker_peer *peer = CONTAINER_OF(node, struct speaker_peer, node);

		if (place_of(instance, peer) <= *cursor ||
		    (wanted->family != IP_NONE && !ip_addr_equal(wanted, &peer->address)))
			continue;
		if (json_array_size(list) == PAGE_NEIGHBORS)
			return false;
		json_array_append_new(list, neighbor_long(peer, now));
		*cursor = place_of(instance, peer);
	}
	return true;
}

json_t *speaker_show_neighbors(const struct speaker *s, const json_t *params, uint64_t *cursor,
			       struct error *e, instant_t now)
{
	const bool first_page = *cursor == 0;
	struct ip_addr wanted;
	json_t *list;

	if (show_check_instance(s, params, e) < 0 ||
	    show_neighbor_param(params, "neighbor", &wanted, e) < 0)
		return NULL;
	list = json_array();
	LIST_FOR_EACH (node, &s->instances) {
		const struct speaker_instance *instance =
			CONTAINER_OF(node, struct speaker_instance, node);

		if (show_wanted_instance(instance, params) &&
		    !add_neighbors(list, instance, &wanted, cursor, now))
			return page("neighbors", list, true);
	}
	if (wanted.family != IP_NONE && first_page && json_array_size(list) == 0) {
		json_decref(list);
		error_set(e, "neighbor: there is no neighbor %s",
			  show_text_param(params, "neighbor"));
		return NULL;
	}
	return page("neighbors", list, false);
}
