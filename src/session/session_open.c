/*
 * session_open: our OPEN, and what comes of the peer's.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 4.2 and 6.2, 4724 3, 4760 8, 5492, 6286 (identifiers), 6793, 7313, 7911 4, 8538, 8654,
 * 8277 2.1, 8950 4, 9234 4, 9494 4.
 */
#include "session/session_internal.h"

static bool is_ibgp(const struct session_config *config)
{
	return config->local_as.number == config->peer_as.number;
}

static void set_text(char to[static BGP_CAPABILITY_TEXT_MAX], const char *text)
{
	snprintf(to, BGP_CAPABILITY_TEXT_MAX, "%s", text != NULL ? text : "");
}

void session_make_open(const struct session *s, struct bgp_open *ret_open)
{
	const struct session_config *config = &s->config;
	struct bgp_capabilities *c = &ret_open->capabilities;

	*ret_open = (struct bgp_open){ .version = 4,
				       .as = config->local_as,
				       .hold_time_s = config->hold_time_s,
				       .router_id = config->router_id };
	c->as4 = true;
	c->multiprotocol = true;
	c->route_refresh = true;
	c->enhanced_refresh = config->enhanced_refresh;
	c->extended_message = config->extended_messages;
	c->graceful_restart = config->graceful_restart;
	c->notification_restart = config->graceful_restart;
	c->restarting = config->graceful_restart && config->restarting;
	c->restart_time_s = config->restart_time_s;
	c->has_role = !is_ibgp(config) && config->role != BGP_ROLE_NONE;
	c->role = c->has_role ? config->role : BGP_ROLE_NONE;
	c->long_lived = config->graceful_restart && config->long_lived;
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		c->families[i] = config->families[i];
		c->restart_families[i] = config->graceful_restart && config->families[i];
		c->restart_forwarding[i] = c->restarting && config->families[i];
		c->long_lived_families[i] = c->long_lived && config->families[i];
		c->long_lived_forwarding[i] = c->long_lived && c->restart_forwarding[i];
		c->long_lived_time_s[i] =
			c->long_lived_families[i] ? config->long_lived_stale_time_s : 0;
		c->addpath_receive[i] = config->families[i] && config->addpath_receive[i];
		c->addpath_send[i] = config->families[i] && config->addpath_send[i];
		c->extended_next_hop[i] = config->families[i] && config->extended_next_hop[i];
		if (config->multiple_labels && config->families[i] &&
		    bgp_family_is_labeled((enum bgp_family)i))
			c->labels_max[i] = UINT8_MAX; /* what fits into an NLRI */
	}
	set_text(c->hostname, config->hostname);
	set_text(c->domain_name, config->domain_name);
	set_text(c->software_version, config->software_version);
}

/* How octets are to be read in one direction: `sender` and `receiver` are what both sides said. */
static void negotiate_direction(const struct bgp_capabilities *sender,
				const struct bgp_capabilities *receiver,
				const struct session_negotiated *n, struct bgp_context *ret)
{
	ret->as4 = sender->as4 && receiver->as4;
	ret->ibgp = n->ibgp;
	/* RFC 8654 4: who has said that he can receive long messages may be sent them */
	ret->message_bytes_max =
		receiver->extended_message ? BGP_MESSAGE_BYTES_MAX_EXTENDED : BGP_MESSAGE_BYTES_MAX;
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		ret->not_negotiated[i] = !n->families[i];
		ret->addpath[i] =
			n->families[i] && sender->addpath_send[i] && receiver->addpath_receive[i];
		ret->extended_next_hop[i] = n->families[i] && sender->extended_next_hop[i] &&
					    receiver->extended_next_hop[i];
		if (n->families[i] && sender->labels_max[i] != 0)
			ret->labels_max[i] = receiver->labels_max[i];
	}
}

/* What an OPEN is refused for: the NOTIFICATION, and words. */
struct refusal {
	struct bgp_notification *notification;
	char *why; /* SESSION_WHY_TEXT_MAX */
};

static int refuse(struct refusal refusal, uint8_t subcode, const char *format, ...) PRINTF(3, 4);

static int refuse(struct refusal refusal, uint8_t subcode, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(refusal.why, SESSION_WHY_TEXT_MAX, format, args);
	va_end(args);
	bgp_notification_set(refusal.notification, BGP_ERROR_OPEN, subcode, NULL, 0);
	return -1;
}

/* RFC 5492 5: the data is the capabilities that we miss. */
static int refuse_families(const struct session_config *config, struct refusal refusal)
{
	uint8_t bytes[255];
	struct writer w = writer_of(bytes, sizeof(bytes));

	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		const struct bgp_family_info *info = bgp_family_info((enum bgp_family)i);

		if (!config->families[i] || writer_left(&w) < 6)
			continue;
		writer_u8(&w, 1);
		writer_u8(&w, 4);
		writer_u16(&w, info->afi);
		writer_u8(&w, 0);
		writer_u8(&w, info->safi);
	}
	refuse(refusal, BGP_OPEN_UNSUPPORTED_CAPABILITY, "it offers none of our families");
	bgp_notification_set(refusal.notification, BGP_ERROR_OPEN, BGP_OPEN_UNSUPPORTED_CAPABILITY,
			     bytes, writer_length(&w));
	return -1;
}

/* RFC 9234 4.2, table 2: what the neighbour of each role must say. */
static const uint8_t role_pairs[] = {
	[BGP_ROLE_PROVIDER] = BGP_ROLE_CUSTOMER, [BGP_ROLE_RS] = BGP_ROLE_RS_CLIENT,
	[BGP_ROLE_RS_CLIENT] = BGP_ROLE_RS,	 [BGP_ROLE_CUSTOMER] = BGP_ROLE_PROVIDER,
	[BGP_ROLE_PEER] = BGP_ROLE_PEER,
};

/* RFC 9234 4.2. Without a role of our own the peer's says nothing, unless it contradicts itself. */
static int check_roles(const struct session_config *config, const struct bgp_capabilities *peer,
		       struct refusal refusal)
{
	const char *said = bgp_role_name(peer->role);

	if (peer->has_role && peer->roles_differ)
		return refuse(refusal, BGP_OPEN_ROLE_MISMATCH, "its OPEN has two roles");
	if (config->role == BGP_ROLE_NONE)
		return 0;
	if (!peer->has_role && !config->role_strict)
		return 0;
	if (peer->has_role && peer->role == role_pairs[config->role])
		return 0;
	return refuse(refusal, BGP_OPEN_ROLE_MISMATCH, "its role is %s; to our %s it must be %s",
		      !peer->has_role ? "not said"
		      : said == NULL  ? "unknown"
				      : said,
		      bgp_role_name(config->role), bgp_role_name(role_pairs[config->role]));
}

/* RFC 4724 3, 8538 2, 9494 4.2: what holds for the time after the session. A long-lived capability
 * without the one for graceful restart is ignored. */
static void negotiate_restart(const struct session_config *config, struct session_negotiated *n)
{
	n->graceful_restart = config->graceful_restart && n->peer.graceful_restart;
	n->notification_restart = n->graceful_restart && n->peer.notification_restart;
	if (!n->peer.graceful_restart)
		n->peer.long_lived = false;
	n->long_lived = n->graceful_restart && config->long_lived && n->peer.long_lived;
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		if (n->peer.long_lived && n->peer.long_lived_families[i])
			continue;
		n->peer.long_lived_families[i] = false;
		n->peer.long_lived_forwarding[i] = false;
		n->peer.long_lived_time_s[i] = 0;
	}
}

int session_negotiate(const struct session *s, const struct bgp_open *open,
		      struct session_negotiated *ret_negotiated, struct bgp_notification *ret_error,
		      char ret_why[static SESSION_WHY_TEXT_MAX])
{
	const struct session_config *config = &s->config;
	struct refusal refusal = { ret_error, ret_why };
	struct session_negotiated n = { .ibgp = is_ibgp(config),
					.peer_as = open->as,
					.peer_router_id = open->router_id,
					.peer = open->capabilities };
	struct bgp_open ours;
	bool any = false;

	if (open->as.number != config->peer_as.number)
		return refuse(refusal, BGP_OPEN_BAD_PEER_AS,
			      "its OPEN says AS %" PRIu32 ", peer-as is %" PRIu32, open->as.number,
			      config->peer_as.number);
	/* RFC 6286 2.2: between autonomous systems identifiers may be equal. */
	if (n.ibgp && open->router_id == config->router_id)
		return refuse(refusal, BGP_OPEN_BAD_IDENTIFIER,
			      "it has the same identifier as our router-id");
	if (!n.ibgp && check_roles(config, &open->capabilities, refusal) < 0)
		return -1;
	n.role = n.ibgp ? BGP_ROLE_NONE : config->role;
	n.hold_time_s = MIN(config->hold_time_s, open->hold_time_s);
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		n.families[i] = config->families[i] && open->capabilities.families[i];
		any |= n.families[i];
	}
	if (!any)
		return refuse_families(config, refusal);
	n.route_refresh = open->capabilities.route_refresh;
	n.enhanced_refresh = config->enhanced_refresh && open->capabilities.enhanced_refresh;
	session_make_open(s, &ours);
	negotiate_direction(&open->capabilities, &ours.capabilities, &n, &n.receive);
	negotiate_direction(&ours.capabilities, &open->capabilities, &n, &n.send);
	n.receive.refuse_as_sets = config->refuse_as_sets;
	n.receive.aigp = n.send.aigp = config->aigp;
	negotiate_restart(config, &n);
	*ret_negotiated = n;
	return 0;
}
