/*
 * Fuzz target: a session, fed with bytes, transport events and the passing of time.
 * SPDX-License-Identifier: Apache-2.0
 *
 * First octet: the configuration; with its bit 7 a second one follows, of what later RFCs have.
 * Then steps: an octet that says what happens (see step), and what it needs. The owner's contract
 * is kept (no octets for a connection that is not there), and the session's is checked: established
 * and down alternate, nothing is sent or closed that is not there, everything that is sent is
 * well-formed, and after a stop all is quiet.
 */
#include "fuzz.h"

#include "session/session.h"

/* What of a message has come: never cleared. */
static uint8_t tails[SESSION_SIDES][BGP_MESSAGE_BYTES_MAX_EXTENDED];

struct owner {
	bool open[SESSION_SIDES]; /* the connection is there */
	bool open_sent[SESSION_SIDES];
	bool connecting;
	bool established;
	bool stopped;
	const struct session_config *config;
	size_t tail_length[SESSION_SIDES];
	uint8_t update_answer;
};

static void on_connect(void *context)
{
	struct owner *o = context;

	MUST_HOLD(!o->connecting && !o->open[SESSION_OUTGOING] && !o->stopped);
	o->connecting = true;
}

static void on_close(void *context, enum session_side side)
{
	struct owner *o = context;

	if (side == SESSION_OUTGOING && o->connecting)
		o->connecting = false;
	else
		MUST_HOLD(o->open[side]);
	o->open[side] = false;
	o->open_sent[side] = false;
	o->tail_length[side] = 0;
}

static void on_send(void *context, enum session_side side, const uint8_t *bytes, size_t length)
{
	struct owner *o = context;
	struct bgp_notification n;
	struct bgp_header h;

	MUST_HOLD(o->open[side] && length >= BGP_HEADER_BYTES);
	MUST_HOLD(bgp_header_decode(bytes, BGP_MESSAGE_BYTES_MAX, &h, &n) == 0);
	MUST_HOLD(h.length == length);
	if (h.type == BGP_OPEN) { /* ours is right to our own decoder */
		struct bgp_open open;

		MUST_HOLD(bgp_open_decode(bytes + BGP_HEADER_BYTES, length - BGP_HEADER_BYTES,
					  &open, &n) == 0);
		MUST_HOLD(open.as.number == o->config->local_as.number);
	}
	/* OPEN comes first, and once */
	MUST_HOLD((h.type == BGP_OPEN) == !o->open_sent[side]);
	o->open_sent[side] = true;
}

/* What was agreed on is what both said. */
static void check_negotiated(const struct session_config *config,
			     const struct session_negotiated *n)
{
	const struct bgp_capabilities *peer = &n->peer;

	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		bool both = config->families[i] && peer->families[i];

		MUST_HOLD(n->families[i] == both && n->receive.not_negotiated[i] == !both);
		MUST_HOLD(n->receive.addpath[i] ==
			  (both && config->addpath_receive[i] && peer->addpath_send[i]));
		MUST_HOLD(n->send.addpath[i] ==
			  (both && config->addpath_send[i] && peer->addpath_receive[i]));
		MUST_HOLD(n->receive.labels_max[i] ==
			  (both ? peer->labels_max[i] != 0 ? UINT8_MAX : 0 : 0));
		if (n->receive.extended_next_hop[i])
			MUST_HOLD(both && config->extended_next_hop[i] &&
				  peer->extended_next_hop[i]);
	}
	MUST_HOLD(n->receive.as4 == peer->as4 && n->send.as4 == peer->as4);
	/* RFC 8654 3: who said it can take them */
	MUST_HOLD((n->receive.message_bytes_max == BGP_MESSAGE_BYTES_MAX_EXTENDED) ==
		  config->extended_messages);
	MUST_HOLD((n->send.message_bytes_max == BGP_MESSAGE_BYTES_MAX_EXTENDED) ==
		  peer->extended_message);
	MUST_HOLD(n->hold_time_s <= config->hold_time_s);
	MUST_HOLD(!n->enhanced_refresh || (config->enhanced_refresh && peer->enhanced_refresh));
	MUST_HOLD(!n->graceful_restart || (config->graceful_restart && peer->graceful_restart));
	MUST_HOLD(!n->long_lived || (n->graceful_restart && config->long_lived));
}

static void on_established(void *context, enum session_side side,
			   const struct session_negotiated *negotiated, instant_t at)
{
	struct owner *o = context;

	(void)at;
	MUST_HOLD(!o->established && o->open[side] && negotiated->peer_router_id != 0);
	MUST_HOLD(o->open_sent[side]);
	check_negotiated(o->config, negotiated);
	o->established = true;
}

static void on_down(void *context, enum session_down_reason reason, bool retain, instant_t at)
{
	struct owner *o = context;

	(void)at;
	MUST_HOLD(o->established && !(reason == SESSION_DOWN_ADMIN && retain));
	o->established = false;
}

static bool on_update(void *context, const uint8_t *body, size_t length, instant_t now,
		      struct bgp_notification *ret_error)
{
	struct owner *o = context;

	(void)body;
	(void)now;
	MUST_HOLD(o->established && length >= 4);
	if (++o->update_answer % 8 != 0)
		return true;
	bgp_notification_set(ret_error, BGP_ERROR_UPDATE, BGP_UPDATE_MALFORMED_LIST, NULL, 0);
	return false;
}

static void on_refresh(void *context, enum bgp_family family, uint8_t subtype, instant_t now)
{
	struct owner *o = context;

	(void)now;
	MUST_HOLD(o->established && (size_t)family < BGP_FAMILY_COUNT && subtype <= 2);
}

static const struct session_ops ops = { on_connect, on_close,  on_send,	  on_established,
					on_down,    on_update, on_refresh };

static void give(struct session *s, struct owner *o, enum session_side side, const uint8_t *bytes,
		 size_t length, instant_t now)
{
	size_t used;

	if (!o->open[side] || length > sizeof(tails[side]) - o->tail_length[side])
		return;
	if (length != 0)
		memcpy(tails[side] + o->tail_length[side], bytes, length);
	o->tail_length[side] += length;
	length = o->tail_length[side];
	used = session_input(s, side, tails[side], length, now);
	MUST_HOLD(used <= length);
	if (!o->open[side]) {
		MUST_HOLD(used == length);
		return;
	}
	memmove(tails[side], tails[side] + used, length - used);
	o->tail_length[side] = length - used;
	if (o->tail_length[side] >= sizeof(tails[side]))
		o->tail_length[side] = 0;
}

static void claim_everything(struct bgp_open *open)
{
	struct bgp_capabilities *c = &open->capabilities;

	c->multiprotocol = c->as4 = c->route_refresh = c->enhanced_refresh = true;
	c->extended_message = c->graceful_restart = c->long_lived = c->has_role = true;
	c->role = BGP_ROLE_PEER;
	c->restart_time_s = 60;
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		c->families[i] = c->addpath_receive[i] = c->addpath_send[i] = true;
		c->restart_families[i] = c->restart_forwarding[i] = true;
		c->long_lived_families[i] = true;
		c->long_lived_time_s[i] = 60;
		c->extended_next_hop[i] = (bgp_family_info((enum bgp_family)i)->next_hop &
					   BGP_NEXT_HOP_V6_NEGOTIATED) != 0;
	}
}

/* A whole message: 0 an OPEN that is right, 1 KEEPALIVE, 2 UPDATE, 3 ROUTE-REFRESH, 4 NOTIFICATION,
 * 5 an OPEN without graceful restart, 6 one with everything. */
static void give_message(struct session *s, struct owner *o, enum session_side side, unsigned which,
			 instant_t now)
{
	uint8_t bytes[2048];
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct bgp_open open = { .version = 4, .as = o->config->peer_as, .hold_time_s = 30 };
	struct bgp_notification n;

	open.router_id = 0x0a000002;
	open.capabilities.graceful_restart = which == 0;
	open.capabilities.notification_restart = which == 0;
	if (which == 6)
		claim_everything(&open);
	switch (which) {
	case 1:
		bgp_keepalive_encode(&w);
		break;
	case 2:
		bgp_header_encode(&w, BGP_HEADER_BYTES + 4, BGP_UPDATE);
		writer_u32(&w, 0);
		break;
	case 3:
		bgp_refresh_encode(&w, BGP_IPV4_UNICAST, 0);
		break;
	case 4:
		bgp_notification_set(&n, BGP_CEASE, BGP_CEASE_ADMIN_RESET, NULL, 0);
		bgp_notification_encode(&w, &n);
		break;
	default:
		bgp_open_encode(&w, &open);
		break;
	}
	give(s, o, side, bytes, writer_length(&w), now);
}

static void accept_connection(struct session *s, struct owner *o, instant_t now)
{
	if (session_accept(s, now)) {
		MUST_HOLD(!o->open[SESSION_INCOMING] && !o->stopped);
		o->open[SESSION_INCOMING] = true;
		o->tail_length[SESSION_INCOMING] = 0;
	}
}

static void start_or_stop(struct session *s, struct owner *o, bool stop, instant_t now)
{
	o->stopped = stop;
	if (!stop) {
		session_start(s, now);
		return;
	}
	session_stop(s, BGP_CEASE_SHUTDOWN, "bye", now);
	MUST_HOLD(!o->established && !o->connecting && !o->open[0] && !o->open[1]);
	MUST_HOLD(session_state(s) == SESSION_IDLE && instant_is_never(session_deadline(s)));
}

static void transport(struct session *s, struct owner *o, unsigned what, enum session_side side,
		      instant_t now)
{
	if (what == 0 && o->connecting) {
		o->connecting = false;
		o->open[SESSION_OUTGOING] = true;
		session_connected(s, now);
	} else if (what == 1 && o->connecting) {
		o->connecting = false;
		session_connect_failed(s, NULL, now);
	} else if (what == 2 && o->open[side]) {
		o->open[side] = false;
		o->open_sent[side] = false;
		o->tail_length[side] = 0;
		session_closed(s, side, NULL, now);
	} else if (what == 3 && !o->open[side] && !(side == SESSION_OUTGOING && o->connecting)) {
		session_closed(s, side, NULL, now);
	}
}

/* One step; returns how many octets of the input it used. */
static size_t step(struct session *s, struct owner *o, const uint8_t *data, size_t size,
		   instant_t *now)
{
	uint8_t op = data[0];
	enum session_side side = (op & 0x80) != 0 ? SESSION_INCOMING : SESSION_OUTGOING;
	unsigned argument = op >> 4 & 7;
	struct bgp_notification n;
	size_t length;

	switch (op & 15) {
	case 0: /* raw octets */
		length = MIN(size - 1, (size_t)argument * 8 + 1);
		give(s, o, side, data + 1, length, *now);
		return 1 + length;
	case 1:
		give_message(s, o, side, argument, *now);
		return 1;
	case 2:
		transport(s, o, argument & 1, side, *now);
		return 1;
	case 3:
		transport(s, o, 2, side, *now);
		return 1;
	case 4:
		accept_connection(s, o, *now);
		return 1;
	case 5: /* to the next deadline */
		if (!instant_is_never(session_deadline(s)) &&
		    instant_before(*now, session_deadline(s)))
			*now = session_deadline(s);
		session_tick(s, *now);
		return 1;
	case 6:
		*now = instant_add(*now, duration_ms((int64_t)argument * argument * 500));
		session_tick(s, *now);
		return 1;
	case 7:
		start_or_stop(s, o, argument == 0, *now);
		return 1;
	case 8:
		bgp_notification_set(&n, BGP_CEASE, (uint8_t)(argument + 1), NULL, 0);
		session_reset(s, &n, *now);
		MUST_HOLD(!o->established);
		return 1;
	case 9:
		session_sent(s, (argument & 1) != 0, *now);
		return 1;
	case 10:
		session_input_pending(s, *now);
		return 1;
	case 11: /* one that it does not have */
		transport(s, o, 3, side, *now);
		return 1;
	default:
		session_set_restarting(s, (argument & 1) != 0);
		return 1;
	}
}

/* What RFCs after 4271 have: every bit something. */
static void configure_more(struct session_config *config, uint8_t bits)
{
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		config->families[i] = (bits & 1) != 0 || i == BGP_IPV4_UNICAST;
		config->addpath_receive[i] = (bits & 2) != 0;
		config->addpath_send[i] = (bits & 4) != 0;
		config->extended_next_hop[i] = (bits & 8) != 0 && (i == BGP_IPV4_UNICAST);
	}
	config->extended_messages = (bits & 16) != 0;
	config->enhanced_refresh = (bits & 32) != 0;
	if ((bits & 64) != 0) { /* roles are for external peers */
		config->peer_as.number = 65002;
		config->role = BGP_ROLE_PEER;
		config->role_strict = (bits & 128) != 0;
	}
	config->hostname = (bits & 128) != 0 ? "rr1" : NULL;
	config->software_version = config->hostname;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct session_config config = { .local_as = { 65001 },
					 .peer_as = { 65001 },
					 .router_id = 0x0a000001,
					 .hold_time_s = 90,
					 .connect_retry_s = 5,
					 .restart_time_s = 120,
					 .role = BGP_ROLE_NONE };
	static struct owner owner;
	instant_t now = { 1000000000 };
	struct session *s;
	size_t at = 1;

	if (size < 1)
		return 0;
	config.passive = (data[0] & 1) != 0;
	config.graceful_restart = (data[0] & 2) != 0;
	config.hold_time_s = (data[0] & 4) != 0 ? 0 : 90;
	config.router_id = (data[0] & 8) != 0 ? 0x0a000001 : 0x0b000001;
	config.restarting = (data[0] & 16) != 0;
	config.delay_open_s = (data[0] & 32) != 0 ? 3 : 0;
	config.long_lived = (data[0] & 64) != 0;
	config.long_lived_stale_time_s = 60;
	config.families[BGP_IPV4_UNICAST] = true;
	config.jitter_seed = data[0];
	if ((data[0] & 128) != 0 && size > 1)
		configure_more(&config, data[at++]);
	memset(&owner, 0, sizeof(owner));
	owner.config = &config;
	s = session_new(&config, &ops, &owner);
	session_start(s, now);
	while (at < size) {
		at += step(s, &owner, data + at, size - at, &now);
		MUST_HOLD(owner.established == (session_negotiated(s) != NULL));
		MUST_HOLD(owner.established == (session_state(s) == SESSION_ESTABLISHED));
		/* it always has something to wait for, or somebody who may come */
		if (!owner.stopped && !config.passive && !owner.established && !owner.connecting)
			MUST_HOLD(!instant_is_never(session_deadline(s)));
	}
	start_or_stop(s, &owner, true, now);
	session_free(s);
	return 0;
}
