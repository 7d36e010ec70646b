/*
 * Fuzz target: an instance with two peers that send anything and two that listen.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Peers: 0 a client, 1 an external peer of 4-octet AS numbers (both send what the input says), 2 a
 * client, 3 an external peer that knows 2-octet numbers only, both listening. First octet: the
 * configuration. Then steps; see step. What the speaker sends is judged by our own strict decoder,
 * as that peer would: every message cut, every attribute decoded, nothing malformed, whatever was
 * received. A session that did nothing wrong stays up.
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
	struct buf in; /* from the speaker */
	struct bgp_context context;
	uint32_t as;
	bool slow; /* reads nothing for a while */
};

struct world {
	struct speaker *speaker;
	struct peer peers[PEERS];
	instant_t now;
};

static struct bgp_update cut;

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
};

static const uint32_t local_as[] = { 65000, 4200000000 };

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

	MUST_HOLD(bgp_update_cut(body, length, &p->context, &cut, &n, &why) == BGP_OK);
	for (size_t i = 0; i < 2; i++) {
		MUST_HOLD(bgp_nlri_check(&cut.withdrawn[i], &p->context, &n, &why) == BGP_OK);
		MUST_HOLD(bgp_nlri_check(&cut.announced[i], &p->context, &n, &why) == BGP_OK);
	}
	MUST_HOLD(cut.announces || cut.key_length == 0);
	if (!cut.announces)
		return;
	arena_init(&arena, 0);
	MUST_HOLD(bgp_attrs_decode(cut.key, cut.key_length, &p->context, true, &arena, &attrs, &n,
				   &why) == BGP_OK);
	if (p->context.ibgp)
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
		MUST_HOLD(bgp_header_decode(bytes + used, BGP_MESSAGE_BYTES_MAX, &h, &n) == 0);
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

/* Connects the peer and brings it up; a peer that was refused (idle hold) comes later. */
static void connect_peer(struct world *w, size_t index)
{
	struct peer *p = &w->peers[index];
	struct ip_addr local = ip_addr_v4(0x0a000001);
	struct ip_addr remote = ip_addr_v4(0x0a000002 + (uint32_t)index);
	struct bgp_open open = { .version = 4, .as = { p->as }, .hold_time_s = 90 };
	uint8_t bytes[512];
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
	bgp_open_encode(&out, &open);
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
	writer_u8(&out, 24);
	writer_u8(&out, 10);
	writer_u8(&out, 1);
	writer_u8(&out, prefix);
	if (!out.failed)
		give(w, p, BGP_UPDATE, body, writer_length(&out));
}

static void withdraw(struct world *w, struct peer *p, uint8_t prefix)
{
	uint8_t body[] = { 0, 4, 24, 10, 1, prefix, 0, 0 };

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

/* One step; returns how many octets of the input it used. */
static size_t step(struct world *w, const uint8_t *data, size_t size)
{
	uint8_t op = data[0], argument = size > 1 ? data[1] : 0;
	struct peer *p = &w->peers[op >> 7];
	struct peer *listener = &w->peers[LISTENER + (op >> 7)];
	size_t wanted = size > 3 ? (size_t)(data[1] << 8 | data[2]) & 0x7ff : 0;
	size_t length = size > 3 ? MIN(size - 3, wanted) : 0;
	static const uint8_t refresh[] = { 0, 1, 0, 1 };

	switch (op & 7) {
	case 0:
		give(w, p, BGP_UPDATE, data + 3, length);
		return 3 + length;
	case 1:
		announce(w, p, data + 3, length, op >> 3 & 15);
		return 3 + length;
	case 2:
		withdraw(w, p, op >> 3 & 15);
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
	char text[2048];
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;
	unsigned which;
	size_t at = 1;

	if (size < 1)
		return 0;
	which = data[0] & 1;
	memset(&w, 0, sizeof(w));
	w.now = (instant_t){ 1000000000 };
	w.speaker = speaker_new(&ops, &w, data[0]);
	configure(&w, which);
	for (size_t i = 0; i < PEERS; i++) {
		struct peer *p = &w.peers[i];

		p->as = i == 1 ? 4200000001 : i == 3 ? 65100 : local_as[which];
		p->context = (struct bgp_context){ .as4 = i != 3,
						   .ibgp = i == 0 || i == 2,
						   .message_bytes_max = BGP_MESSAGE_BYTES_MAX };
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
