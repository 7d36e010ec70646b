/*
 * session_peer: see session_peer.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "session_peer.h"

#include "base/mem.h"

#define KEYS_MAX 40u

static const char *const side_names[] = { "out", "in" };
static const char *const type_names[BGP_TYPE_MAX] = { "?",	   "OPEN",
						      "UPDATE",	   "NOTIFICATION",
						      "KEEPALIVE", "REFRESH" };
static const char *const reasons[] = { "admin",	    "sent",	 "received", "hold",
				       "send-hold", "transport", "replaced" };

/* RFC 4271 8.1 by number; 29 of RFC 9687. */
static const char *const event_names[SESSION_EVENT_COUNT] = {
	"",
	"ManualStart",
	"ManualStop",
	"AutomaticStart",
	"ManualStart_with_PassiveTcpEstablishment",
	"AutomaticStart_with_PassiveTcpEstablishment",
	"AutomaticStart_with_DampPeerOscillations",
	"AutomaticStart_with_DampPeerOscillations_and_PassiveTcpEstablishment",
	"AutomaticStop",
	"ConnectRetryTimer_Expires",
	"HoldTimer_Expires",
	"KeepaliveTimer_Expires",
	"DelayOpenTimer_Expires",
	"IdleHoldTimer_Expires",
	"TcpConnection_Valid",
	"Tcp_CR_Invalid",
	"Tcp_CR_Acked",
	"TcpConnectionConfirmed",
	"TcpConnectionFails",
	"BGPOpen",
	"BGPOpen_with_DelayOpenTimer_running",
	"BGPHeaderErr",
	"BGPOpenMsgErr",
	"OpenCollisionDump",
	"NotifMsgVerErr",
	"NotifMsg",
	"KeepAliveMsg",
	"UpdateMsg",
	"UpdateMsgErr",
	"SendHoldTimer_Expires",
	"RouteRefreshMsg",
	"Replaced",
};

void session_peer_fail(struct session_peer *p, const char *format, ...)
{
	va_list args;

	if (p->failure[0] != '\0')
		return;
	va_start(args, format);
	vsnprintf(p->failure, sizeof(p->failure), format, args);
	va_end(args);
}

uint32_t session_peer_number(struct session_peer *p, const char *text)
{
	struct ip_addr address;
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text != '\0' && *end == '\0')
		return (uint32_t)value;
	if (ip_addr_parse(text, &address, NULL) == 0 && address.family == IP_V4)
		return ip_addr_to_u32(&address);
	session_peer_fail(p, "\"%s\" is no number", text);
	return 0;
}

size_t session_peer_hex(struct session_peer *p, const char *text, uint8_t *to, size_t room)
{
	size_t length = strlen(text) / 2;

	if (strlen(text) % 2 != 0 || strspn(text, "0123456789abcdefABCDEF") != strlen(text) ||
	    length > room) {
		session_peer_fail(p, "\"%s\" is no hex", text);
		return 0;
	}
	for (size_t i = 0; i < length; i++) {
		char octet[3] = { text[2 * i], text[2 * i + 1], '\0' };

		to[i] = (uint8_t)strtoul(octet, NULL, 16);
	}
	return length;
}

/* The effects */

static void note(struct session_peer *p, const char *format, ...) PRINTF(2, 3);

static void note(struct session_peer *p, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (p->effects.length != 0)
		buf_add_text(&p->effects, "; ");
	buf_add_text(&p->effects, text);
}

static void on_connect(void *context)
{
	note(context, "connect");
}

static void on_close(void *context, enum session_side side)
{
	note(context, "close %s", side_names[side]);
}

static void on_send(void *context, enum session_side side, const uint8_t *bytes, size_t length)
{
	struct session_peer *p = context;
	uint8_t type = bytes[18];

	memcpy(p->last, bytes, length);
	p->last_length = length;
	if (type == BGP_NOTIFICATION) {
		p->notifications_sent[bytes[19]][bytes[20]] = true;
		note(p, "send %s NOTIFICATION %u/%u", side_names[side], bytes[19], bytes[20]);
	} else {
		note(p, "send %s %s", side_names[side], type_names[type]);
	}
}

static void on_established(void *context, enum session_side side,
			   const struct session_negotiated *negotiated, instant_t now)
{
	(void)negotiated, (void)now;
	note(context, "established %s", side_names[side]);
}

static void on_down(void *context, enum session_down_reason reason, bool retain, instant_t now)
{
	(void)now;
	note(context, "down %s%s", reasons[reason], retain ? " retain" : "");
}

static bool on_update(void *context, const uint8_t *body, size_t length, instant_t now,
		      struct bgp_notification *ret_error)
{
	struct session_peer *p = context;

	(void)body;
	(void)length;
	(void)now;
	note(p, "update");
	*ret_error = p->update_error;
	return p->update_error.code == 0;
}

static void on_refresh(void *context, enum bgp_family family, uint8_t subtype, instant_t now)
{
	(void)now;
	note(context, "refresh %s %u", bgp_family_info(family)->name, subtype);
}

static void on_event(void *context, enum session_side side, enum session_state state,
		     unsigned event)
{
	struct session_peer *p = context;

	(void)side;
	if (!p->injecting)
		p->natural[state][event]++;
	if (event == SESSION_EVENT_NOTIFICATION || event == SESSION_EVENT_VERSION_REFUSED)
		p->notifications_received[p->given[0]][p->given[1]] = true;
}

static const struct session_ops ops = {
	.connect = on_connect,
	.close = on_close,
	.send = on_send,
	.established = on_established,
	.down = on_down,
	.update = on_update,
	.refresh = on_refresh,
	.event = on_event,
};

/* Keys of `config` and `open` */

struct key {
	const char *name;
	enum {
		FLAG,
		U8,
		U16,
		U32,
		FAMILY_FLAG,
		FAMILY_TIME,
		FAMILIES
	} kind;
	size_t offset;
	size_t also; /* of a bool that is set with it; 0: none */
};

#define CONFIG(name, kind, member)                                     \
	{                                                              \
		name, kind, offsetof(struct session_config, member), 0 \
	}
#define OPEN(name, kind, member)                                 \
	{                                                        \
		name, kind, offsetof(struct bgp_open, member), 0 \
	}
#define OPEN_WITH(name, kind, member, flag)                                                    \
	{                                                                                      \
		name, kind, offsetof(struct bgp_open, member), offsetof(struct bgp_open, flag) \
	}

static const struct key config_keys[] = {
	CONFIG("local-as", U32, local_as),
	CONFIG("peer-as", U32, peer_as),
	CONFIG("id", U32, router_id),
	CONFIG("passive", FLAG, passive),
	CONFIG("hold", U16, hold_time_s),
	CONFIG("connect-retry", U16, connect_retry_s),
	CONFIG("send-hold", U16, send_hold_s),
	CONFIG("families", FAMILIES, families),
	CONFIG("graceful", FLAG, graceful_restart),
	CONFIG("restart-time", U16, restart_time_s),
	CONFIG("restarting", FLAG, restarting),
	CONFIG("enhanced-refresh", FLAG, enhanced_refresh),
	CONFIG("extended-messages", FLAG, extended_messages),
	CONFIG("add-path-send", FAMILY_FLAG, addpath_send),
	CONFIG("add-path-receive", FAMILY_FLAG, addpath_receive),
	CONFIG("long-lived", FLAG, long_lived),
	CONFIG("long-lived-time", U32, long_lived_stale_time_s),
	CONFIG("delay-open", U16, delay_open_s),
	CONFIG("extended-next-hop", FAMILY_FLAG, extended_next_hop),
	CONFIG("multiple-labels", FLAG, multiple_labels),
	CONFIG("refuse-as-sets", FLAG, refuse_as_sets),
	CONFIG("aigp", FLAG, aigp),
	CONFIG("role", U8, role),
	CONFIG("role-strict", FLAG, role_strict),
};

static const struct key open_keys[] = {
	OPEN("version", U8, version),
	OPEN("as", U32, as),
	OPEN("id", U32, router_id),
	OPEN("hold", U16, hold_time_s),
	OPEN("families", FAMILIES, capabilities.families),
	OPEN_WITH("gr", U16, capabilities.restart_time_s, capabilities.graceful_restart),
	OPEN("gr-families", FAMILIES, capabilities.restart_families),
	OPEN("n-bit", FLAG, capabilities.notification_restart),
	OPEN("restarting", FLAG, capabilities.restarting),
	OPEN_WITH("ll", FAMILY_TIME, capabilities.long_lived_time_s, capabilities.long_lived),
	OPEN("ll-families", FAMILIES, capabilities.long_lived_families),
	OPEN_WITH("role", U8, capabilities.role, capabilities.has_role),
	OPEN("refresh", FLAG, capabilities.route_refresh),
	OPEN("enhanced-refresh", FLAG, capabilities.enhanced_refresh),
	OPEN("extended-messages", FLAG, capabilities.extended_message),
	OPEN("add-path-send", FAMILY_FLAG, capabilities.addpath_send),
	OPEN("add-path-receive", FAMILY_FLAG, capabilities.addpath_receive),
	OPEN("extended-next-hop", FAMILY_FLAG, capabilities.extended_next_hop),
};

static void set_families(struct session_peer *p, bool *families, char *list)
{
	char *save = NULL;

	memset(families, 0, BGP_FAMILY_COUNT * sizeof(*families));
	for (char *w = strtok_r(list, ",", &save); w != NULL; w = strtok_r(NULL, ",", &save)) {
		enum bgp_family family = bgp_family_by_name(w);

		if (family == BGP_FAMILY_NONE && strcmp(w, "none") != 0)
			session_peer_fail(p, "\"%s\" is no family", w);
		else if (family != BGP_FAMILY_NONE)
			families[family] = true;
	}
}

static void set_key(struct session_peer *p, const struct key *key, uint8_t *to, char *value)
{
	bool is_list = key->kind == FAMILIES || key->kind == FLAG || key->kind == FAMILY_FLAG;
	uint32_t number = value == NULL || is_list ? 0 : session_peer_number(p, value);
	uint8_t *at = to + key->offset;
	uint16_t u16 = (uint16_t)number;

	if ((value == NULL) != (key->kind == FLAG)) {
		session_peer_fail(p, "%s: a value is missing, or one too many", key->name);
		return;
	}
	switch (key->kind) {
	case FLAG:
		*(bool *)at = true;
		break;
	case U8:
		*at = (uint8_t)number;
		break;
	case U16:
		memcpy(at, &u16, sizeof(u16));
		break;
	case U32:
		memcpy(at, &number, sizeof(number));
		break;
	case FAMILY_TIME:
		for (size_t i = 0; i < BGP_FAMILY_COUNT; i++)
			((uint32_t *)(void *)at)[i] = number;
		break;
	case FAMILY_FLAG:
	case FAMILIES:
		set_families(p, (bool *)at, value);
		break;
	}
	if (key->also != 0)
		to[key->also] = true;
}

static void set_keys(struct session_peer *p, const struct key *keys, size_t key_count, void *to,
		     char **words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *value = strchr(words[i], '=');
		size_t k = 0;

		if (value != NULL)
			*value++ = '\0';
		while (k < key_count && strcmp(keys[k].name, words[i]) != 0)
			k++;
		if (k == key_count)
			session_peer_fail(p, "\"%s\" is no key", words[i]);
		else
			set_key(p, &keys[k], to, value);
	}
}

void session_peer_configure(struct session_peer *p, char **words, size_t count)
{
	session_free(p->session);
	p->config = (struct session_config){ .local_as = { 65000 },
					     .peer_as = { 65000 },
					     .router_id = 0x0a000001,
					     .hold_time_s = 90,
					     .connect_retry_s = 5,
					     .restart_time_s = 120,
					     .role = BGP_ROLE_NONE,
					     .jitter_seed = 1 };
	p->config.families[BGP_IPV4_UNICAST] = true;
	set_keys(p, config_keys, ARRAY_SIZE(config_keys), &p->config, words, count);
	p->session = session_new(&p->config, &ops, p);
	buf_clear(&p->effects);
	p->last_length = 0;
}

void session_peer_begin(struct session_peer *p)
{
	p->failure[0] = '\0';
	p->expected = p->agreed = false;
	p->now = (instant_t){ 5000000000000 };
	buf_init(&p->effects, 0);
	session_peer_configure(p, NULL, 0);
}

void session_peer_end(struct session_peer *p)
{
	if (!p->expected)
		session_peer_fail(p, "nothing is expected");
	if (p->effects.length != 0 && !p->agreed)
		session_peer_fail(p, "not expected: \"%s\"", buf_text(&p->effects));
	session_free(p->session);
	p->session = NULL;
	buf_done(&p->effects);
}

/* What the peer and the transport do */

void session_peer_bytes(struct session_peer *p, enum session_side side, const uint8_t *bytes,
			size_t length)
{
	size_t used = session_input(p->session, side, bytes, length, p->now);

	if (used > length)
		session_peer_fail(p, "%zu octets of %zu were used up", used, length);
	else if (used != length)
		note(p, "left %zu", length - used);
}

void session_peer_message(struct session_peer *p, enum session_side side, enum bgp_type type,
			  const void *body, size_t length)
{
	uint8_t bytes[BGP_MESSAGE_BYTES_MAX + BGP_HEADER_BYTES];
	struct writer w = writer_of(bytes, sizeof(bytes));

	bgp_header_encode(&w, (uint16_t)(BGP_HEADER_BYTES + length), type);
	writer_bytes(&w, body, length);
	session_peer_bytes(p, side, bytes, writer_length(&w));
}

static struct bgp_open good_open(const struct session_peer *p)
{
	struct bgp_open open = {
		.version = 4, .as = p->config.peer_as, .hold_time_s = 90, .router_id = 0x0a000002
	};

	open.capabilities.as4 = true;
	open.capabilities.multiprotocol = true;
	open.capabilities.role = BGP_ROLE_NONE;
	memcpy(open.capabilities.families, p->config.families, sizeof(p->config.families));
	memcpy(open.capabilities.restart_families, p->config.families, sizeof(p->config.families));
	memcpy(open.capabilities.long_lived_families, p->config.families,
	       sizeof(p->config.families));
	return open;
}

void session_peer_open(struct session_peer *p, enum session_side side, char **words, size_t count)
{
	uint8_t bytes[BGP_MESSAGE_BYTES_MAX];
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct bgp_open open = good_open(p);

	set_keys(p, open_keys, ARRAY_SIZE(open_keys), &open, words, count);
	bgp_open_encode(&w, &open);
	session_peer_bytes(p, side, bytes, writer_length(&w));
}

void session_peer_accept(struct session_peer *p)
{
	if (session_accept(p->session, p->now)) {
		note(p, "accepted");
		return;
	}
	note(p, "refused 6/%u", session_refusal(p->session));
	p->notifications_sent[BGP_CEASE][session_refusal(p->session)] = true; /* the owner does */
}

void session_peer_advance(struct session_peer *p, const char *seconds)
{
	double span = strtod(seconds, NULL);
	instant_t until = instant_add(p->now, duration_ms((int64_t)(span * 1000)));

	for (unsigned turns = 0; turns < 10000; turns++) {
		instant_t next = session_deadline(p->session);

		if (instant_is_never(next) || instant_before(until, next))
			break;
		p->now = instant_before(p->now, next) ? next : p->now;
		session_tick(p->session, p->now);
	}
	p->now = until;
}

/* The machine's states and events, by hand */

struct way {
	const char *name;
	enum session_side side;
	bool passive;
	uint16_t delay_open_s;
	unsigned steps; /* of those below */
};

enum step {
	STEP_START = 1,
	STEP_CONNECTED = 2,
	STEP_FAILED = 4,
	STEP_ACCEPT = 8,
	STEP_OPEN = 16,
	STEP_KEEPALIVE = 32,
	STEP_HELD = 64,
};

static const struct way ways[] = {
	{ "Idle", SESSION_OUTGOING, false, 0, STEP_START | STEP_CONNECTED | STEP_HELD },
	{ "IdleListener", SESSION_INCOMING, false, 0, STEP_START | STEP_CONNECTED | STEP_HELD },
	{ "Connect", SESSION_OUTGOING, false, 0, STEP_START },
	{ "ConnectTcp", SESSION_OUTGOING, false, 10, STEP_START | STEP_CONNECTED },
	{ "Active", SESSION_OUTGOING, false, 0, STEP_START | STEP_FAILED },
	{ "ActiveTcp", SESSION_INCOMING, true, 10, STEP_START | STEP_ACCEPT },
	{ "OpenSent", SESSION_OUTGOING, false, 0, STEP_START | STEP_CONNECTED },
	{ "OpenConfirm", SESSION_OUTGOING, false, 0, STEP_START | STEP_CONNECTED | STEP_OPEN },
	{ "Established", SESSION_OUTGOING, false, 0,
	  STEP_START | STEP_CONNECTED | STEP_OPEN | STEP_KEEPALIVE },
};

static const struct way *find_way(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++)
		if (strcmp(ways[i].name, name) == 0)
			return &ways[i];
	return NULL;
}

void session_peer_bring_to(struct session_peer *p, const char *state)
{
	const struct way *way = find_way(state);

	if (way == NULL) {
		session_peer_fail(p, "\"%s\" is no state", state);
		return;
	}
	if (state != p->brought_to)
		snprintf(p->brought_to, sizeof(p->brought_to), "%s", state);
	session_peer_configure(p, NULL, 0);
	session_free(p->session);
	p->config.passive = way->passive;
	p->config.delay_open_s = way->delay_open_s;
	p->session = session_new(&p->config, &ops, p);
	session_start(p->session, p->now);
	if (way->steps & STEP_CONNECTED)
		session_connected(p->session, p->now);
	if (way->steps & STEP_FAILED)
		session_connect_failed(p->session, NULL, p->now);
	if (way->steps & STEP_ACCEPT)
		session_peer_accept(p);
	if (way->steps & STEP_OPEN)
		session_peer_open(p, way->side, NULL, 0);
	if (way->steps & STEP_KEEPALIVE)
		session_peer_message(p, way->side, BGP_KEEPALIVE, NULL, 0);
	if (way->steps & STEP_HELD) /* we complain */
		session_peer_message(p, SESSION_OUTGOING, BGP_KEEPALIVE, NULL, 0);
	buf_clear(&p->effects);
	p->deadline_before = session_deadline(p->session);
	p->failures_before = session_counters(p->session)->connect_retry_counter;
}

/* What is sent with an event, or was received. */
static struct bgp_notification notification_of(enum session_event event)
{
	switch (event) {
	case SESSION_EVENT_MANUAL_STOP:
		return (struct bgp_notification){ .code = 6, .subcode = 2 };
	case SESSION_EVENT_AUTOMATIC_STOP:
		return (struct bgp_notification){ .code = 6, .subcode = 1 };
	case SESSION_EVENT_HEADER_ERROR:
		return (struct bgp_notification){ .code = 1, .subcode = 1 };
	case SESSION_EVENT_OPEN_ERROR:
		return (struct bgp_notification){ .code = 2, .subcode = 4 };
	case SESSION_EVENT_VERSION_REFUSED:
		return (struct bgp_notification){ .code = 2, .subcode = 1 };
	case SESSION_EVENT_UPDATE_ERROR:
		return (struct bgp_notification){ .code = 3, .subcode = 1 };
	default:
		return (struct bgp_notification){ .code = 6, .subcode = 4 };
	}
}

void session_peer_event(struct session_peer *p, const char *name)
{
	static const uint8_t body[] = { 0, 1, 0, 1 };
	const struct way *way = find_way(p->brought_to);
	struct bgp_open open = good_open(p);
	bool taken = false;
	struct bgp_notification notification;
	unsigned event = 1;

	while (event < SESSION_EVENT_COUNT && strcmp(event_names[event], name) != 0)
		event++;
	if (event == SESSION_EVENT_COUNT || way == NULL) {
		session_peer_fail(p, "\"%s\" is no event, or there was no `in`", name);
		return;
	}
	notification = notification_of((enum session_event)event);
	if (event == SESSION_EVENT_MANUAL_STOP)
		p->session->started = false; /* as session_stop does */
	p->injecting = true;
	p->injected_state = p->session->connections[way->side].state;
	p->injected_event = event;
	session_event(p->session, &p->session->connections[way->side], (enum session_event)event,
		      &(struct session_event_data){
			      .body = body,
			      .length = sizeof(body),
			      .open = &open,
			      .notification = &notification,
			      .ret_taken = &taken,
		      },
		      p->now);
	p->injecting = false;
}

/* What is expected */

static void expect(struct session_peer *p, const char *effects, const char *state,
		   enum session_state at)
{
	const char *seen = p->effects.length == 0 ? "-" : buf_text(&p->effects);

	p->expected = true;

	if (strcmp(seen, effects) != 0)
		session_peer_fail(p, "seen is \"%s\" | %s", seen, session_state_name(at));
	else if (strcmp(session_state_name(at), state) != 0)
		session_peer_fail(p, "the state is %s", session_state_name(at));
	buf_clear(&p->effects);
}

void session_peer_expect(struct session_peer *p, const char *effects, const char *state)
{
	expect(p, effects, state, session_state(p->session));
}

void session_peer_expect_cell(struct session_peer *p, const char *effects, const char *state)
{
	const struct way *way = find_way(p->brought_to);

	if (way == NULL || p->failure[0] != '\0')
		return;
	expect(p, effects, state, p->session->connections[way->side].state);
	/* What is ignored in Idle does not hold the peer there for longer either. */
	if (strcmp(p->brought_to, "Idle") == 0 && strcmp(state, "Idle") == 0 &&
	    (session_deadline(p->session).ns != p->deadline_before.ns ||
	     session_counters(p->session)->connect_retry_counter > p->failures_before))
		session_peer_fail(p, "the event is not ignored: the idle hold timer has changed");
	if (p->failure[0] == '\0')
		p->expected_cells[p->injected_state][p->injected_event]++;
}

void session_peer_expect_last(struct session_peer *p, char **words, size_t count)
{
	uint8_t wanted[BGP_MESSAGE_BYTES_MAX];
	char seen[512] = "";
	size_t length = 0;

	for (size_t i = 0; i < count && strcmp(words[i], "?") != 0; i++)
		length += session_peer_hex(p, words[i], wanted + length, sizeof(wanted) - length);
	for (size_t i = 0; i < p->last_length && 2 * i + 3 < sizeof(seen); i++)
		snprintf(seen + 2 * i, 3, "%02x", p->last[i]);
	if (length != p->last_length || memcmp(wanted, p->last, length) != 0)
		session_peer_fail(p, "the last message was %s", seen);
}

void session_peer_expect_agreed(struct session_peer *p, const char *key, const char *value)
{
	const struct session_negotiated *n = session_negotiated(p->session);
	uint32_t wanted = session_peer_number(p, value);
	size_t i = 0;

	p->expected = p->agreed = true;
	if (n == NULL) {
		session_peer_fail(p, "there is no session");
		return;
	}
	{
		const struct {
			const char *key;
			uint32_t seen;
		} rows[] = {
			{ "ibgp", n->ibgp },
			{ "as", n->peer_as.number },
			{ "id", n->peer_router_id },
			{ "hold", n->hold_time_s },
			{ "ipv4-unicast", n->families[BGP_IPV4_UNICAST] },
			{ "ipv6-unicast", n->families[BGP_IPV6_UNICAST] },
			{ "refresh", n->route_refresh },
			{ "enhanced-refresh", n->enhanced_refresh },
			{ "graceful-restart", n->graceful_restart },
			{ "notification-restart", n->notification_restart },
			{ "long-lived", n->long_lived },
			{ "long-lived-time", n->peer.long_lived_time_s[BGP_IPV4_UNICAST] },
			{ "role", n->role },
			{ "receive-max", n->receive.message_bytes_max },
			{ "send-max", n->send.message_bytes_max },
			{ "add-path-receive", n->receive.addpath[BGP_IPV4_UNICAST] },
			{ "add-path-send", n->send.addpath[BGP_IPV4_UNICAST] },
			{ "extended-next-hop-receive",
			  n->receive.extended_next_hop[BGP_IPV4_UNICAST] },
			{ "extended-next-hop-send", n->send.extended_next_hop[BGP_IPV4_UNICAST] },
			{ "refuse-as-sets", n->receive.refuse_as_sets },
			{ "aigp-receive", n->receive.aigp },
			{ "aigp-send", n->send.aigp },
		};

		while (i < ARRAY_SIZE(rows) && strcmp(rows[i].key, key) != 0)
			i++;
		if (i == ARRAY_SIZE(rows))
			session_peer_fail(p, "agreed %s?", key);
		else if (rows[i].seen != wanted)
			session_peer_fail(p, "agreed %s is %u", key, rows[i].seen);
	}
}

/* What the transcripts have not reached */

static void add(char *text, size_t size, const char *format, ...) PRINTF(3, 4);

static void add(char *text, size_t size, const char *format, ...)
{
	size_t length = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + length, size - length, format, args);
	va_end(args);
}

void session_peer_missing_cells(const struct session_peer *p, char *text, size_t size)
{
	text[0] = '\0';
	for (unsigned state = 0; state < SESSION_STATE_COUNT; state++)
		for (unsigned event = 1; event < SESSION_EVENT_COUNT; event++)
			if (p->expected_cells[state][event] == 0)
				add(text, size, "%s %s; ",
				    session_state_name((enum session_state)state),
				    event_names[event]);
}

size_t session_peer_natural_cells(const struct session_peer *p)
{
	size_t count = 0;

	for (unsigned state = 0; state < SESSION_STATE_COUNT; state++)
		for (unsigned event = 1; event < SESSION_EVENT_COUNT; event++)
			count += p->natural[state][event] != 0;
	return count;
}

size_t session_peer_cells(void)
{
	return SESSION_STATE_COUNT * (SESSION_EVENT_COUNT - 1);
}

/* Codes with their subcodes, from and to. RFC 4271 4.5 and 6, 4486, 5492, 6608, 7313, 8538, 9234,
 * 9687. 2/5 and 3/7 are deprecated (RFC 4271 appendix A): received only. */
static const uint8_t notification_rows[][3] = {
	{ 1, 1, 3 }, { 2, 1, 4 }, { 2, 6, 7 }, { 2, 11, 11 }, { 3, 1, 6 }, { 3, 8, 11 },
	{ 4, 0, 0 }, { 5, 0, 3 }, { 6, 1, 9 }, { 7, 1, 1 },   { 8, 0, 0 },
};

void session_peer_missing_notifications(const struct session_peer *p, bool received, char *text,
					size_t size)
{
	text[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(notification_rows); i++) {
		const uint8_t *row = notification_rows[i];

		for (unsigned subcode = row[1]; subcode <= row[2]; subcode++)
			if (!(received ? p->notifications_received
				       : p->notifications_sent)[row[0]][subcode])
				add(text, size, "%u/%u ", row[0], subcode);
	}
}
