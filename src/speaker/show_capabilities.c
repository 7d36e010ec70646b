/*
 * show_capabilities: what both sides said of themselves in OPEN, and what became of it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The shapes are those of docs/INTERFACES.md section 3.
 */
#include "speaker/show_parts.h"

json_t *show_families_json(const bool families[BGP_FAMILY_COUNT])
{
	json_t *list = json_array();

	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++)
		if (families[f])
			json_array_append_new(list, json_string(bgp_family_info(f)->name));
	return list;
}

static void set_true(json_t *object, const char *key, bool value)
{
	if (value)
		json_object_set_new(object, key, json_true());
}

static json_t *restart_json(const struct bgp_capabilities *c)
{
	json_t *object =
		json_pack("{s:I,s:b,s:b}", "restart-time", (json_int_t)c->restart_time_s,
			  "restarting", c->restarting, "notification", c->notification_restart);

	json_object_set_new(object, "families", show_families_json(c->restart_families));
	json_object_set_new(object, "forwarding", show_families_json(c->restart_forwarding));
	return object;
}

static json_t *long_lived_json(const struct bgp_capabilities *c)
{
	json_t *object = json_object();

	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++)
		if (c->long_lived_families[f])
			json_object_set_new(object, bgp_family_info(f)->name,
					    json_pack("{s:I,s:b}", "stale-time",
						      (json_int_t)c->long_lived_time_s[f],
						      "forwarding", c->long_lived_forwarding[f]));
	return object;
}

/* "receive", "send" or "send-receive" by family. */
static void set_add_path(json_t *object, const struct bgp_capabilities *c)
{
	json_t *modes = json_object();

	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++) {
		bool receive = c->addpath_receive[f], send = c->addpath_send[f];

		if (receive || send)
			json_object_set_new(modes, bgp_family_info(f)->name,
					    json_string(receive && send ? "send-receive"
							: send		? "send"
									: "receive"));
	}
	if (json_object_size(modes) != 0)
		json_object_set(object, "add-path", modes);
	json_decref(modes);
}

static void set_multiple_labels(json_t *object, const struct bgp_capabilities *c)
{
	json_t *counts = json_object();

	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++)
		if (c->labels_max[f] != 0)
			json_object_set_new(counts, bgp_family_info(f)->name,
					    json_integer(c->labels_max[f]));
	if (json_object_size(counts) != 0)
		json_object_set(object, "multiple-labels", counts);
	json_decref(counts);
}

static bool any(const bool families[BGP_FAMILY_COUNT])
{
	for (size_t f = 0; f < BGP_FAMILY_COUNT; f++)
		if (families[f])
			return true;
	return false;
}

static void set_name(json_t *object, const char *key, const char *text)
{
	if (text[0] != '\0')
		json_object_set_new(object, key, json_string(text));
}

/* Those that we do not know: code, and the value in hexadecimal digits. */
static void set_unknown(json_t *object, const struct bgp_capabilities *c)
{
	struct reader r = reader_of(c->other, c->other_bytes);
	json_t *list = json_array();

	while (reader_left(&r) >= 2) {
		uint8_t code = reader_u8(&r), length = reader_u8(&r);
		struct reader value = reader_sub(&r, length);
		char text[2 * 255 + 1] = "";

		for (size_t i = 0; reader_left(&value) != 0; i += 2)
			snprintf(text + i, sizeof(text) - i, "%02x", reader_u8(&value));
		json_array_append_new(
			list, json_pack("{s:I,s:s}", "code", (json_int_t)code, "value", text));
	}
	if (json_array_size(list) != 0)
		json_object_set(object, "unknown", list);
	json_decref(list);
}

static json_t *capabilities_json(const struct bgp_capabilities *c)
{
	json_t *object = json_object();

	json_object_set_new(object, "families", show_families_json(c->families));
	set_true(object, "four-octet-as", c->as4);
	set_true(object, "route-refresh", c->route_refresh);
	set_true(object, "enhanced-route-refresh", c->enhanced_refresh);
	set_true(object, "extended-message", c->extended_message);
	set_add_path(object, c);
	if (any(c->extended_next_hop))
		json_object_set_new(object, "extended-next-hop",
				    show_families_json(c->extended_next_hop));
	set_multiple_labels(object, c);
	if (c->graceful_restart)
		json_object_set_new(object, "graceful-restart", restart_json(c));
	if (c->long_lived)
		json_object_set_new(object, "long-lived-graceful-restart", long_lived_json(c));
	if (c->has_role)
		json_object_set_new(object, "role",
				    bgp_role_name(c->role) != NULL
					    ? json_string(bgp_role_name(c->role))
					    : json_integer(c->role));
	set_name(object, "hostname", c->hostname);
	set_name(object, "domain-name", c->domain_name);
	set_name(object, "software-version", c->software_version);
	set_unknown(object, c);
	return object;
}

json_t *show_capabilities(const struct speaker_peer *peer)
{
	const struct session_negotiated *negotiated = session_negotiated(peer->session);
	json_t *object = json_object();
	struct bgp_open open;

	session_make_open(peer->session, &open);
	json_object_set_new(object, "local", capabilities_json(&open.capabilities));
	if (negotiated != NULL)
		json_object_set_new(object, "peer", capabilities_json(&negotiated->peer));
	return object;
}

/* Seconds until then, rounded up; 0 when it is past. */
static json_int_t seconds_until(instant_t then, instant_t now)
{
	int64_t ns = instant_diff(then, now).ns;

	return ns <= 0 ? 0 : (ns + 999999999) / 1000000000;
}

static json_t *family_state(const struct speaker_peer *peer, enum bgp_family f, instant_t now)
{
	const struct session_negotiated *negotiated = session_negotiated(peer->session);
	const struct reflector_peer *rp = peer->reflector_peer;
	const struct export_member *member = rp->members[f];
	json_t *object = json_object();

	json_object_set_new(
		object, "prefixes",
		json_pack("{s:I,s:I}", "received", (json_int_t)rp->family_paths[f], "advertised",
			  member == NULL
				  ? (json_int_t)0
				  : (json_int_t)export_group_announced(member->group, rp->index)));
	json_object_set_new(object, "add-path-receive",
			    json_boolean(negotiated->receive.addpath[f]));
	json_object_set_new(object, "add-path-send", json_boolean(negotiated->send.addpath[f]));
	set_true(object, "extended-next-hop", negotiated->receive.extended_next_hop[f]);
	json_object_set_new(object, "end-of-rib-received", json_boolean(rp->end_of_rib[f]));
	set_true(object, "stale", rp->stale[f]);
	set_true(object, "disabled", rp->disabled[f]);
	if (!instant_is_never(rp->long_lived_deadline[f]) && rp->stale[f])
		json_object_set_new(object, "long-lived-seconds-left",
				    json_integer(seconds_until(rp->long_lived_deadline[f], now)));
	if (member != NULL && member->group->left_out_count != 0)
		json_object_set_new(object, "left-out",
				    json_integer((json_int_t)member->group->left_out_count));
	return object;
}

json_t *show_families_state(const struct speaker_peer *peer, instant_t now)
{
	const struct session_negotiated *negotiated = session_negotiated(peer->session);
	json_t *object = json_object();

	for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT; f++)
		if (negotiated->families[f])
			json_object_set_new(object, bgp_family_info(f)->name,
					    family_state(peer, f, now));
	return object;
}
