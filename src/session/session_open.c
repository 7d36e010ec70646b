/*
 * session_open: our OPEN, and what comes of the peer's.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 4.2 and 6.2, 4724 3, 4760 8, 5492, 6286 (identifiers), 6793, 7313, 8538, 8654.
 */
#include "session/session_internal.h"

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
	c->role = BGP_ROLE_NONE;
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		c->families[i] = config->families[i];
		c->restart_families[i] = config->graceful_restart && config->families[i];
		c->restart_forwarding[i] = c->restarting && config->families[i];
		c->addpath_receive[i] = config->families[i] && config->addpath_receive[i];
		c->addpath_send[i] = config->families[i] && config->addpath_send[i];
	}
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
	}
}

/* RFC 5492 5: the data is the capabilities that we miss. */
static void unsupported_capability(const struct session_config *config,
				   struct bgp_notification *ret_error)
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
	bgp_notification_set(ret_error, BGP_ERROR_OPEN, BGP_OPEN_UNSUPPORTED_CAPABILITY, bytes,
			     writer_length(&w));
}

static int refuse(struct bgp_notification *ret_error, uint8_t subcode)
{
	bgp_notification_set(ret_error, BGP_ERROR_OPEN, subcode, NULL, 0);
	return -1;
}

int session_negotiate(const struct session *s, const struct bgp_open *open,
		      struct session_negotiated *ret_negotiated, struct bgp_notification *ret_error)
{
	const struct session_config *config = &s->config;
	struct session_negotiated n = { .ibgp = config->local_as.number == config->peer_as.number,
					.peer_as = open->as,
					.peer_router_id = open->router_id,
					.peer = open->capabilities };
	struct bgp_open ours;
	bool any = false;

	if (open->as.number != config->peer_as.number)
		return refuse(ret_error, BGP_OPEN_BAD_PEER_AS);
	/* RFC 6286 2.2: between autonomous systems identifiers may be equal. */
	if (n.ibgp && open->router_id == config->router_id)
		return refuse(ret_error, BGP_OPEN_BAD_IDENTIFIER);
	n.hold_time_s = MIN(config->hold_time_s, open->hold_time_s);
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		n.families[i] = config->families[i] && open->capabilities.families[i];
		any |= n.families[i];
	}
	if (!any) {
		unsupported_capability(config, ret_error);
		return -1;
	}
	n.route_refresh = open->capabilities.route_refresh;
	n.enhanced_refresh = config->enhanced_refresh && open->capabilities.enhanced_refresh;
	session_make_open(s, &ours);
	negotiate_direction(&open->capabilities, &ours.capabilities, &n, &n.receive);
	negotiate_direction(&ours.capabilities, &open->capabilities, &n, &n.send);
	*ret_negotiated = n;
	return 0;
}
