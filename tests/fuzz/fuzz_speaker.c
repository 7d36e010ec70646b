/*
 * Fuzz target: an instance with two peers that send anything and two that listen.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Peers: 0 a client, 1 an external peer of 4-octet AS numbers (both send what the input says), 2 a
 * client, 3 an external peer that knows 2-octet numbers only, both listening. First octet: the
 * configuration (its lowest two bits): 0 and 1 have the unicast families, 2 and 3 every family,
 * with extended messages and next hops; peer 0 sends several paths of a prefix and peer 2 takes
 * them. In 3 peer 3 has a role, so that ONLY_TO_CUSTOMER counts, and peers restart (RFC 4724, 9494)
 * and refresh (RFC 7313). Then steps; see step. What the speaker sends is judged by our own strict
 * decoder, as that peer would: every message cut, every attribute decoded, nothing malformed,
 * whatever was received. A session that did nothing wrong stays up.
 */
#include "fuzz.h"

#include "base/buf.h"
#include "bgp/update.h"
#include "speaker/speaker.h"

#define PEERS 4u
#define LISTENER 2u /* the first */
#define OUTPUT_BYTES_MAX (1u << 20)

struct peer {
	struct speaker_conn *conn;
	struct buf in;		    /* from the speaker */
	struct bgp_context context; /* of what it sends */
	struct bgp_context reads;   /* of what it is sent */
	uint32_t as;
	bool slow; /* reads nothing for a while */
	bool every_family;
	bool is_our_peer; /* in the sense of RFC 9234 */
};

struct world {
	struct speaker *speaker;
	struct peer peers[PEERS];
	instant_t now;
	bool restarts;
	uint8_t offer; /* what peers leave out when they connect */
};

static struct bgp_update cut;

#define EVERY_FAMILY                                                                      \
	"'families':['ipv4-unicast','ipv6-unicast','ipv4-multicast','ipv6-multicast',"    \
	"'ipv4-labeled-unicast','ipv6-labeled-unicast','l3vpn-ipv4-unicast',"             \
	"'l3vpn-ipv6-unicast','l2vpn-evpn','ipv4-flowspec','ipv6-flowspec',"              \
	"'l3vpn-ipv4-flowspec','l3vpn-ipv6-flowspec','route-target','srte-policy-ipv4',"  \
	"'srte-policy-ipv6','linkstate','linkstate-vpn','ipv4-mvpn','ipv6-mvpn',"         \
	"'l2vpn-vpls'],'extended-messages':true,'extended-next-hop':true,'passive':true," \
	"'accept-as-sets':true"

static const char *const documents[] = {
	"{'name':'t','local-as':65000,'router-id':'10.0.0.1','ebgp-requires-policy':false,"
	"'neighbors':["
	"{'neighbor-address':'10.0.0.2','peer-as':65000,'passive':true,"
	"'route-reflector-client':true,'families':['ipv4-unicast','ipv6-unicast']},"
	"{'neighbor-address':'10.0.0.3','peer-as':4200000001,'passive':true,"
	"'families':['ipv4-unicast','ipv6-unicast']},"
	"{'neighbor-address':'10.0.0.4','peer-as':65000,'passive':true,"
	"'route-reflector-client':true,'families':['ipv4-unicast','ipv6-unicast']},"
	"{'neighbor-address':'10.0.0.5','peer-as':65100,'passive':true,"
	"'families':['ipv4-unicast','ipv6-unicast']}]}",
	"{'name':'t','local-as':4200000000,'router-id':'10.0.0.1','ebgp-requires-policy':false,"
	"'neighbors':["
	"{'neighbor-address':'10.0.0.2','peer-as':4200000000,'passive':true},"
	"{'neighbor-address':'10.0.0.3','peer-as':4200000001,'passive':true,"
	"'import-next-hop':'peer-address','med':7},"
	"{'neighbor-address':'10.0.0.4','peer-as':4200000000,'passive':true,"
	"'route-reflector-client':true,'next-hop-self':true},"
	"{'neighbor-address':'10.0.0.5','peer-as':65100,'passive':true,'as-override':true}]}",
	"{'name':'t','local-as':65000,'router-id':'10.0.0.1','ebgp-requires-policy':false,"
	"'neighbors':["
	"{'neighbor-address':'10.0.0.2','peer-as':65000,'route-reflector-client':true,"
	"'add-paths':{'receive':true}," EVERY_FAMILY "},"
	"{'neighbor-address':'10.0.0.3','peer-as':4200000001," EVERY_FAMILY "},"
	"{'neighbor-address':'10.0.0.4','peer-as':65000,'route-reflector-client':true,"
	"'add-paths':{'send':true}," EVERY_FAMILY "},"
	"{'neighbor-address':'10.0.0.5','peer-as':65100," EVERY_FAMILY "}]}",
	"{'name':'t','local-as':65000,'router-id':'10.0.0.1','ebgp-requires-policy':false,"
	"'graceful-restart':{'enabled':true,'long-lived':true},"
	"'neighbors':["
	"{'neighbor-address':'10.0.0.2','peer-as':65000,'add-paths':{'receive':true}," EVERY_FAMILY
	"},"
	"{'neighbor-address':'10.0.0.3','peer-as':4200000001,'import-next-hop':'peer-address',"
	"'role':'customer'," EVERY_FAMILY "},"
	"{'neighbor-address':'10.0.0.4','peer-as':65000,'route-reflector-client':true,"
	"'next-hop-self':true,'add-paths':{'send':true,'send-max':2}," EVERY_FAMILY "},"
	"{'neighbor-address':'10.0.0.5','peer-as':65100,'role':'peer'," EVERY_FAMILY "}]}",
};

static const uint32_t local_as[] = { 65000, 4200000000, 65000, 65000 };

/* Routes of the families beside ipv4-unicast, right as they are. */
static const struct {
	enum bgp_family family;
	uint8_t length;
	uint8_t nlri[40];
} routes[] = {
	{ BGP_IPV6_UNICAST, 7, { 48, 0x20, 1, 13, 0xb8, 0, 1 } },
	{ BGP_IPV4_LABELED, 7, { 48, 0, 6, 0x41, 10, 1, 2 } },
	{ BGP_IPV6_LABELED, 10, { 72, 0, 6, 0x41, 0x20, 1, 13, 0xb8, 0, 1 } },
	{ BGP_IPV4_VPN, 15, { 112, 0, 6, 0x41, 0, 0, 0xfd, 0xe8, 0, 0, 0, 1, 10, 1, 2 } },
	{ BGP_EVPN, 19, { 3, 17, 0, 1, 10, 0, 0, 1, 0, 7, 0, 0, 0, 0, 32, 10, 0, 0, 1 } },
	{ BGP_IPV4_FLOWSPEC, 9, { 8, 1, 24, 10, 1, 2, 3, 0x81, 6 } },
	{ BGP_IPV6_FLOWSPEC, 8, { 7, 1, 32, 0, 0x20, 1, 13, 0xb8 } },
	{ BGP_ROUTE_TARGET, 13, { 96, 0, 0, 0xfd, 0xe8, 0, 2, 0xfd, 0xe8, 0, 0, 0, 100 } },
	{ BGP_LINK_STATE, 13, { 0, 1, 0, 9, 2, 0, 0, 0, 0, 0, 0, 0, 1 } },
	{ BGP_VPLS, 19, { 0, 17, 0, 0, 0xfd, 0xe8, 0, 0, 0, 1, 0, 7, 0, 1, 0, 8, 0, 6, 0x40 } },
	{ BGP_IPV4_MVPN, 14, { 1, 12, 0, 0, 0xfd, 0xe8, 0, 0, 0, 1, 10, 0, 0, 1 } },
	{ BGP_IPV6_VPN,
	  18,
	  { 136, 0, 6, 0x41, 0, 0, 0xfd, 0xe8, 0, 0, 0, 1, 0x20, 1, 13, 0xb8, 0, 1 } },
};

static void on_connect(void *context, struct speaker_conn *conn, const char *instance,
		       const struct ip_addr *local, const struct ip_addr *remote, uint16_t port,
		       uint8_t ttl, const char *password)
{
	(void)context, (void)conn, (void)instance, (void)local, (void)remote, (void)port;
	(void)ttl, (void)password;
	MUST_HOLD(false); /* all peers are passive */
}

static void take_output(struct peer *p)
{
	struct iovec vectors[8];
	size_t count = speaker_output(p->conn, vectors, ARRAY_SIZE(vectors), 1 << 16);

	for (size_t i = 0; i < count; i++)
		buf_add(&p->in, vectors[i].iov_base, vectors[i].iov_len);
}

static void on_close(void *context, struct speaker_conn *conn)
{
	struct world *w = context;

	for (size_t i = 0; i < PEERS; i++)
		if (w->peers[i].conn == conn) {
			take_output(&w->peers[i]);
			w->peers[i].conn = NULL;
		}
}

static void on_want_write(void *context, struct speaker_conn *conn)
{
	(void)context, (void)conn;
}

static void on_feed(void *context, struct speaker_feed *feed)
{
	(void)context, (void)feed;
}

static void on_next_hop(void *context, const char *instance, const struct ip_addr *next_hop)
{
	(void)context, (void)instance, (void)next_hop;
}

static void on_neighbors(void *context, const char *instance)
{
	(void)context, (void)instance;
}

static void on_log(void *context, int level, const char *instance, const struct ip_addr *peer,
		   const char *text)
{
	(void)context, (void)level, (void)instance, (void)peer;
	MUST_HOLD(strlen(text) < 4096);
}

static const struct speaker_ops ops = {
	.connect = on_connect,
	.close = on_close,
	.want_write = on_want_write,
	.feed_ready = on_feed,
	.next_hop_changed = on_next_hop,
	.track_next_hop = on_next_hop,
	.neighbors_changed = on_neighbors,
	.log = on_log,
};

/* An UPDATE as this peer would read it. */
static void judge_update(const struct peer *p, const uint8_t *body, size_t length)
{
	struct bgp_notification n;
	struct bgp_attrs attrs;
	struct error why = { "" };
	struct arena arena;

	MUST_HOLD(bgp_update_cut(body, length, &p->reads, &cut, &n, &why) == BGP_OK);
	for (size_t i = 0; i < 2; i++) {
		MUST_HOLD(bgp_nlri_check(&cut.withdrawn[i], &p->reads, &n, &why) == BGP_OK);
		MUST_HOLD(bgp_nlri_check(&cut.announced[i], &p->reads, &n, &why) == BGP_OK);
	}
	MUST_HOLD(cut.announces || cut.key_length == 0);
	if (!cut.announces)
		return;
	arena_init(&arena, 0);
	MUST_HOLD(bgp_attrs_decode(cut.key, cut.key_length, &p->reads, true, &arena, &attrs, &n,
				   &why) == BGP_OK);
	/* RFC 9234 5: what has it is not for him, and everything else gets ours */
	if (p->is_our_peer &&
	    (attrs.mp_family == BGP_FAMILY_NONE || attrs.mp_family == BGP_IPV4_UNICAST ||
	     attrs.mp_family == BGP_IPV6_UNICAST))
		MUST_HOLD(bgp_attrs_has(&attrs, BGP_ATTR_ONLY_TO_CUSTOMER) &&
			  attrs.only_to_customer == 65000);
	if (p->reads.ibgp)
		MUST_HOLD(bgp_attrs_has(&attrs, BGP_ATTR_LOCAL_PREF));
	else
		MUST_HOLD(attrs.as_path_length > 0);
	arena_done(&arena);
}

/* Judges the whole messages that have come. */
static void judge(struct peer *p, bool faultless)
{
	const uint8_t *bytes = (const uint8_t *)p->in.data;
	size_t used = 0;
	struct bgp_notification n;
	struct bgp_header h;

	while (p->in.length - used >= BGP_HEADER_BYTES) {
		MUST_HOLD(bgp_header_decode(bytes + used, p->reads.message_bytes_max, &h, &n) == 0);
		if (p->in.length - used < h.length)
			break;
		if (h.type == BGP_UPDATE)
			judge_update(p, bytes + used + BGP_HEADER_BYTES,
				     (size_t)h.length - BGP_HEADER_BYTES);
		MUST_HOLD(h.type != BGP_NOTIFICATION || !faultless);
		used += h.length;
	}
	buf_consume(&p->in, used);
}

static void drain(struct world *w)
{
	for (unsigned rounds = 0; speaker_drain(w->speaker, w->now); rounds++)
		MUST_HOLD(rounds < 1000);
	for (size_t i = 0; i < PEERS; i++) {
		struct peer *p = &w->peers[i];
		size_t before = SIZE_MAX;

		while (p->conn != NULL && !p->slow && p->in.length < OUTPUT_BYTES_MAX &&
		       p->in.length != before) {
			before = p->in.length;
			take_output(p);
			speaker_wrote(p->conn, p->in.length - before, w->now);
		}
		/* who takes nothing for long enough loses his session (RFC 9687) */
		MUST_HOLD(p->conn != NULL || i < LISTENER || p->slow);
		judge(p, i >= LISTENER && !p->slow);
	}
}

static void give(struct world *w, struct peer *p, enum bgp_type type, const void *body,
		 size_t length)
{
	uint8_t message[BGP_MESSAGE_BYTES_MAX];
	struct writer out = writer_of(message, sizeof(message));
	size_t used;

	bgp_header_encode(&out, (uint16_t)(BGP_HEADER_BYTES + length), type);
	writer_bytes(&out, body, length);
	if (out.failed || p->conn == NULL)
		return;
	used = speaker_input(p->conn, message, writer_length(&out), w->now);
	MUST_HOLD(used == writer_length(&out));
}

/* Each family has something else of RFC 4724 and 9494; the bits of `offer` leave things out. */
static void offer_restart(struct bgp_capabilities *c, uint8_t offer)
{
	bool kept = (offer & 1) == 0;

	c->enhanced_refresh = (offer & 2) == 0;
	c->graceful_restart = (offer & 4) == 0;
	c->notification_restart = c->graceful_restart;
	c->long_lived = (offer & 8) == 0;
	c->restart_time_s = (offer & 16) == 0 ? 20 : 0;
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		c->restart_families[i] = c->graceful_restart && i % 4 != 3;
		c->restart_forwarding[i] = kept && i % 5 != 2;
		c->long_lived_families[i] = c->long_lived && i % 3 != 2;
		c->long_lived_forwarding[i] = kept;
		c->long_lived_time_s[i] = 10 + (uint32_t)i;
	}
}

/* Connects the peer and brings it up; a peer that was refused (idle hold) comes later. */
static void connect_peer(struct world *w, size_t index)
{
	struct peer *p = &w->peers[index];
	struct ip_addr local = ip_addr_v4(0x0a000001);
	struct ip_addr remote = ip_addr_v4(0x0a000002 + (uint32_t)index);
	struct bgp_open open = { .version = 4, .as = { p->as }, .hold_time_s = 90 };
	uint8_t bytes[1024];
	struct writer out = writer_of(bytes, sizeof(bytes));

	if (p->conn != NULL)
		return;
	buf_clear(&p->in);
	p->slow = false;
	p->conn = speaker_accept(w->speaker, "t", &local, &remote, w->now);
	if (p->conn == NULL)
		return;
	speaker_tick(w->speaker, w->now);
	open.router_id = 0x0a000002 + (uint32_t)index;
	open.capabilities.as4 = p->context.as4;
	open.capabilities.multiprotocol = true;
	open.capabilities.families[BGP_IPV4_UNICAST] = true;
	open.capabilities.families[BGP_IPV6_UNICAST] = true;
	open.capabilities.route_refresh = true;
	for (size_t i = 0; p->every_family && i < BGP_FAMILY_COUNT; i++) {
		open.capabilities.families[i] = true;
		open.capabilities.addpath_send[i] = index == 0;
		open.capabilities.addpath_receive[i] = index == LISTENER;
		open.capabilities.extended_next_hop[i] =
			(bgp_family_info((enum bgp_family)i)->next_hop &
			 BGP_NEXT_HOP_V6_NEGOTIATED) != 0;
	}
	open.capabilities.extended_message = p->every_family;
	if (w->restarts)
		offer_restart(&open.capabilities, w->offer);
	bgp_open_encode(&out, &open);
	MUST_HOLD(!out.failed);
	give(w, p, BGP_OPEN, bytes + BGP_HEADER_BYTES, writer_length(&out) - BGP_HEADER_BYTES);
	give(w, p, BGP_KEEPALIVE, NULL, 0);
}

/* An announcement that is right but for what the input adds: some attributes, and a prefix. */
static void announce(struct world *w, struct peer *p, const uint8_t *extra, size_t length,
		     uint8_t prefix)
{
	uint8_t body[2048];
	struct writer out = writer_of(body, sizeof(body));
	static const uint8_t head[] = { 0x40, 1, 1, 0, 0x40, 3, 4, 10, 0, 0, 9 };
	uint8_t path[] = { 0x40, 2, 6, 2, 1, 0, 0, 0, 0 };
	uint32_t first_as = p->context.ibgp ? 65001 : p->as;

	for (size_t i = 0; i < 4; i++)
		path[5 + i] = (uint8_t)(first_as >> (24 - 8 * i));
	writer_u16(&out, 0);
	writer_u16(&out, (uint16_t)(sizeof(head) + sizeof(path) + length));
	writer_bytes(&out, extra, length); /* first: theirs count, ours are duplicates */
	writer_bytes(&out, head, sizeof(head));
	writer_bytes(&out, path, sizeof(path));
	if (p->context.addpath[BGP_IPV4_UNICAST])
		writer_u32(&out, length == 0 ? 0 : extra[0]);
	writer_u8(&out, 24);
	writer_u8(&out, 10);
	writer_u8(&out, 1);
	writer_u8(&out, prefix);
	if (!out.failed)
		give(w, p, BGP_UPDATE, body, writer_length(&out));
}

/* The same for a route of the table, in an MP attribute. */
static void announce_route(struct world *w, struct peer *p, const uint8_t *extra, size_t length,
			   size_t route)
{
	static struct bgp_nlri nlri;
	enum bgp_family family = routes[route].family;
	struct bgp_nlri_run run = { family, false,
				    reader_of(routes[route].nlri, routes[route].length), true };
	bool v4 = (bgp_family_info(family)->next_hop & BGP_NEXT_HOP_V4) != 0;
	struct ip_addr hop = { .family = v4 ? IP_V4 : IP_V6, .bytes = { 0x20, 1, 13, 9 } };
	uint8_t attrs[2048], message[BGP_MESSAGE_BYTES_MAX];
	struct writer a = writer_of(attrs, sizeof(attrs)),
		      out = writer_of(message, sizeof(message));
	uint32_t first_as = p->context.ibgp ? 65001 : p->as;
	struct bgp_update_writer u;

	writer_bytes(&a, extra, length);
	writer_u32(&a, 0x40010100);
	writer_u32(&a, 0x40020602);
	writer_u8(&a, 1);
	writer_u32(&a, first_as);
	MUST_HOLD(bgp_nlri_next(&run, false, &nlri));
	nlri.path_id = length == 0 ? 0 : extra[0];
	bgp_update_begin(&u, &out, family, false, p->context.addpath[family], attrs,
			 writer_length(&a), &hop, sizeof(message));
	if (a.failed || !bgp_update_add(&u, &nlri))
		return;
	bgp_update_end(&u);
	give(w, p, BGP_UPDATE, message + BGP_HEADER_BYTES, writer_length(&out) - BGP_HEADER_BYTES);
}

static void withdraw_route(struct world *w, struct peer *p, size_t route)
{
	static struct bgp_nlri nlri;
	enum bgp_family family = routes[route].family;
	struct bgp_nlri_run run = { family, false,
				    reader_of(routes[route].nlri, routes[route].length), true };
	uint8_t message[BGP_MESSAGE_BYTES_MAX];
	struct writer out = writer_of(message, sizeof(message));
	struct bgp_update_writer u;

	MUST_HOLD(bgp_nlri_next(&run, false, &nlri));
	bgp_update_begin(&u, &out, family, true, p->context.addpath[family], NULL, 0, NULL,
			 sizeof(message));
	MUST_HOLD(bgp_update_add(&u, &nlri));
	bgp_update_end(&u);
	give(w, p, BGP_UPDATE, message + BGP_HEADER_BYTES, writer_length(&out) - BGP_HEADER_BYTES);
}

static void withdraw(struct world *w, struct peer *p, uint8_t prefix)
{
	uint8_t body[] = { 0, 4, 24, 10, 1, prefix, 0, 0 };
	uint8_t with_id[] = { 0, 8, 0, 0, 0, 0, 24, 10, 1, prefix, 0, 0 };

	if (p->context.addpath[BGP_IPV4_UNICAST])
		give(w, p, BGP_UPDATE, with_id, sizeof(with_id));
	else
		give(w, p, BGP_UPDATE, body, sizeof(body));
}

static void advance(struct world *w, int64_t ms)
{
	drain(w);
	w->now = instant_add(w->now, duration_ms(ms));
	for (size_t i = 0; i < PEERS; i++)
		give(w, &w->peers[i], BGP_KEEPALIVE, NULL, 0);
	speaker_tick(w->speaker, w->now);
}

static void end_of_rib(struct world *w, struct peer *p, enum bgp_family family)
{
	uint8_t message[64];
	struct writer out = writer_of(message, sizeof(message));

	bgp_end_of_rib_encode(&out, family);
	give(w, p, BGP_UPDATE, message + BGP_HEADER_BYTES, writer_length(&out) - BGP_HEADER_BYTES);
}

static void refresh_mark(struct world *w, struct peer *p, enum bgp_family family, uint8_t subtype)
{
	uint8_t message[64];
	struct writer out = writer_of(message, sizeof(message));

	bgp_refresh_encode(&out, family, subtype);
	give(w, p, BGP_ROUTE_REFRESH, message + BGP_HEADER_BYTES,
	     writer_length(&out) - BGP_HEADER_BYTES);
}

/* What only peers that restart do. */
static void restart_step(struct world *w, size_t sender, unsigned what, uint8_t argument)
{
	struct peer *p = &w->peers[sender];
	enum bgp_family family = (enum bgp_family)(argument % BGP_FAMILY_COUNT);

	switch (what) {
	case 1:
		end_of_rib(w, p, family);
		break;
	case 2:
		refresh_mark(w, p, family, BGP_REFRESH_BEGIN);
		break;
	case 3:
		refresh_mark(w, p, family, BGP_REFRESH_END);
		break;
	case 4:
		refresh_mark(w, &w->peers[LISTENER + sender], family, BGP_REFRESH_REQUEST);
		break;
	case 5:
		w->offer = argument;
		break;
	default:
		for (unsigned i = 0; i < argument % 16; i++)
			advance(w, 80000);
		break;
	}
}

/* One step; returns how many octets of the input it used. */
static size_t step(struct world *w, const uint8_t *data, size_t size)
{
	uint8_t op = data[0], argument = size > 1 ? data[1] : 0;
	struct peer *p = &w->peers[op >> 7];
	struct peer *listener = &w->peers[LISTENER + (op >> 7)];
	size_t wanted = size > 3 ? (size_t)(data[1] << 8 | data[2]) & 0x7ff : 0;
	size_t length = size > 3 ? MIN(size - 3, wanted) : 0;
	static const uint8_t refresh[] = { 0, 1, 0, 1 };
	unsigned prefix = op >> 3 & 15;
	bool other_family = p->every_family && prefix < ARRAY_SIZE(routes);

	switch (op & 7) {
	case 0:
		give(w, p, BGP_UPDATE, data + 3, length);
		return 3 + length;
	case 1:
		if (other_family)
			announce_route(w, p, data + 3, length, prefix);
		else
			announce(w, p, data + 3, length, (uint8_t)prefix);
		return 3 + length;
	case 2:
		if (other_family)
			withdraw_route(w, p, prefix);
		else
			withdraw(w, p, (uint8_t)prefix);
		return 1;
	case 3:
		drain(w);
		return 1;
	case 4:
		if (p->conn != NULL) {
			speaker_closed(p->conn, "gone", w->now);
			p->conn = NULL;
		}
		return 1;
	case 5:
		give(w, listener, BGP_ROUTE_REFRESH, refresh, sizeof(refresh));
		return 1;
	case 6:
		if (w->restarts && prefix != 0 && prefix < 8) {
			restart_step(w, op >> 7, prefix, argument);
			return 2;
		}
		advance(w, (int64_t)argument * 100);
		connect_peer(w, op >> 7);
		return 2;
	default:
		listener->slow = !listener->slow;
		connect_peer(w, (size_t)(listener - w->peers));
		return 1;
	}
}

static void configure(struct world *w, unsigned which)
{
	char text[8192];
	struct error e = { "" };
	struct instance_config *config;
	json_t *document;
	size_t length = strlen(documents[which]);
	int put;

	MUST_HOLD(length < sizeof(text));
	for (size_t i = 0; i <= length; i++)
		text[i] = documents[which][i] == '\'' ? '"' : documents[which][i];
	document = json_loads(text, 0, NULL);
	config = instance_config_parse(document, "instance", &e);
	json_decref(document);
	MUST_HOLD(config != NULL);
	put = speaker_instance_put(w->speaker, config, &e, w->now);
	MUST_HOLD(put == 0);
}

/* How the peer reads and writes when it has agreed on everything. */
static void take_every_family(struct peer *p, size_t index)
{
	p->reads.message_bytes_max = BGP_MESSAGE_BYTES_MAX_EXTENDED;
	p->reads.aigp = p->reads.ibgp;
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		p->context.addpath[i] = index == 0;
		p->reads.addpath[i] = index == LISTENER;
		p->reads.extended_next_hop[i] = true;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;
	unsigned which;
	size_t at = 1;

	if (size < 1)
		return 0;
	which = data[0] & 3;
	memset(&w, 0, sizeof(w));
	w.now = (instant_t){ 1000000000 };
	w.restarts = which == 3;
	w.speaker = speaker_new(&ops, &w, data[0]);
	configure(&w, which);
	for (size_t i = 0; i < PEERS; i++) {
		struct peer *p = &w.peers[i];

		p->as = i == 1 ? 4200000001 : i == 3 ? 65100 : local_as[which];
		p->context = (struct bgp_context){ .as4 = i != 3,
						   .ibgp = i == 0 || i == 2,
						   .message_bytes_max = BGP_MESSAGE_BYTES_MAX };
		p->reads = p->context;
		p->every_family = which >= 2;
		p->is_our_peer = which == 3 && i == 3;
		if (p->every_family)
			take_every_family(p, i);
		buf_init(&p->in, 2 * OUTPUT_BYTES_MAX);
		connect_peer(&w, i);
		MUST_HOLD(p->conn != NULL);
	}
	while (at < size)
		at += step(&w, data + at, size - at);
	for (size_t i = LISTENER; i < PEERS; i++) {
		w.peers[i].slow = w.peers[i].conn == NULL;
		connect_peer(&w, i);
	}
	drain(&w);
	speaker_free(w.speaker, w.now);
	for (size_t i = 0; i < PEERS; i++)
		buf_done(&w.peers[i].in);
	return 0;
}
