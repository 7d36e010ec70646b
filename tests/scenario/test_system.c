/*
 * test_system: a tenant from intent to the hosts' routes in one process, on virtual time.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The orchestrator makes the objects; each gateway runs a speaker with the instance document that
 * it was told; sites are speakers with one neighbour, the BGP address; the gateways' Loc-RIBs go
 * back to the orchestrator as BMP. What carries bytes here is a wire that knows who has which
 * address.
 */
#include "../unit/orchestrator/world.h"

#include "base/list.h"
#include "base/writer.h"
#include "bgp/message.h"
#include "bmp/bmp.h"
#include "orchestrator/state.h"
#include "speaker/speaker.h"

#define T "T0001"
#define GATEWAYS 3
#define SITES 2

/* A machine that speaks BGP. */
struct talker {
	struct system *system;
	const char *name; /* of its machine; NULL for a site */
	struct speaker *speaker;
	struct ip_addr site; /* the CE's address */
	char *document;	     /* that is in force; NULL: none */
	struct speaker_feed *feed;
	char session[32];
	unsigned sessions;
	uint64_t offset;
	bool told;
};

/* One end of a connection. */
struct end {
	struct list in_system;
	struct talker *talker;
	struct speaker_conn *conn; /* NULL: it is closed */
	struct end *other;	   /* NULL: not connected yet, or lost */
	struct ip_addr local, remote;
	struct buf in;
	bool lost; /* the other side is gone, and this one does not know */
};

struct system {
	struct world w;
	struct talker gateways[GATEWAYS];
	struct talker sites[SITES];
	struct list ends;
};

static struct ip_addr addr(const char *text)
{
	struct ip_addr a;

	assert_int_equal(ip_addr_parse(text, &a, NULL), 0);
	return a;
}

static void on_connect(void *context, struct speaker_conn *conn, const char *instance,
		       const struct ip_addr *local, const struct ip_addr *remote, uint16_t port,
		       uint8_t ttl, const char *password)
{
	struct talker *t = context;
	struct end *end = mem_zalloc(sizeof(*end));

	(void)instance, (void)port, (void)ttl, (void)password;
	end->talker = t;
	end->conn = conn;
	end->local = local->family == IP_NONE ? t->site : *local;
	end->remote = *remote;
	buf_init(&end->in, 0);
	list_push_back(&t->system->ends, &end->in_system);
	speaker_conn_set_data(conn, end);
}

/* What the connection still has to say goes to the other side's buffer. */
static bool carry(struct end *end)
{
	struct iovec vectors[16];
	bool moved = false;
	size_t count;

	while ((count = speaker_output(end->conn, vectors, ARRAY_SIZE(vectors), 65536)) != 0) {
		size_t bytes = 0;

		for (size_t i = 0; i < count; i++) {
			if (end->other != NULL)
				buf_add(&end->other->in, vectors[i].iov_base, vectors[i].iov_len);
			bytes += vectors[i].iov_len;
		}
		speaker_wrote(end->conn, bytes, end->talker->system->w.now);
		moved = true;
	}
	return moved;
}

static void on_close(void *context, struct speaker_conn *conn)
{
	struct end *end = speaker_conn_data(conn);
	struct iovec vectors[16];
	size_t count = speaker_output(conn, vectors, ARRAY_SIZE(vectors), 65536);

	(void)context;
	for (size_t i = 0; end->other != NULL && i < count; i++)
		buf_add(&end->other->in, vectors[i].iov_base, vectors[i].iov_len);
	end->conn = NULL;
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
	struct talker *t = context;
	char address[IP_TEXT_MAX] = "-";

	(void)instance;
	if (getenv("VERBOSE") == NULL)
		return;
	if (peer != NULL)
		ip_addr_format(peer, address);
	print_message("# %7.1f %s %d %s: %s\n", (double)t->system->w.now.ns / 1e9,
		      t->name == NULL ? "site" : t->name, level, address, text);
}

static const struct speaker_ops speaker_ops = {
	.connect = on_connect,
	.close = on_close,
	.want_write = on_want_write,
	.feed_ready = on_feed,
	.next_hop_changed = on_next_hop,
	.neighbors_changed = on_neighbors,
	.log = on_log,
};

static void talker_start(struct system *s, struct talker *t, const char *name, uint64_t seed)
{
	t->system = s;
	t->name = name;
	t->speaker = speaker_new(&speaker_ops, t, seed);
}

static void put_instance(struct talker *t, const json_t *document)
{
	struct error e = { "" };
	struct instance_config *config = instance_config_parse(document, "instance", &e);

	assert_string_equal(e.text, "");
	assert_int_equal(speaker_instance_put(t->speaker, config, &e, t->system->w.now), 0);
}

static void site_start(struct system *s, unsigned number)
{
	struct talker *t = &s->sites[number];
	char text[1024];
	json_t *document;

	talker_start(s, t, NULL, 100 + number);
	t->site = addr(number == 0 ? "14.1.10.1" : "14.1.20.1");
	snprintf(text, sizeof(text),
		 "{\"name\":\"site\",\"local-as\":%u,\"router-id\":\"14.1.%u0.1\",\"networks\":["
		 "{\"prefix\":\"172.16.%u.0/24\",\"next-hop\":\"14.1.%u0.1\"},"
		 "{\"prefix\":\"10.1.1.0/24\",\"next-hop\":\"14.1.%u0.1\"}],"
		 "\"neighbors\":[{\"neighbor-address\":\"10.1.255.2\",\"peer-as\":64510,"
		 "\"local-address\":\"14.1.%u0.1\",\"ebgp-multihop\":64,\"hold-time\":30,"
		 "\"import-policy\":\"accept-all\",\"export-policy\":\"accept-all\"}]}",
		 64521 + number, number + 1, number + 1, number + 1, number + 1, number + 1);
	document = json_loads(text, 0, NULL);
	assert_non_null(document);
	put_instance(t, document);
	json_decref(document);
}

/* Which gateway has the connection with this CE? */
static struct talker *gateway_of_ce(struct system *s, const struct ip_addr *ce)
{
	static const char *const keys[] = { "connection/" T "/c1", "connection/" T "/c2" };
	char text[IP_TEXT_MAX];

	ip_addr_format(ce, text);
	for (size_t i = 0; i < GATEWAYS; i++)
		for (size_t k = 0; k < ARRAY_SIZE(keys); k++) {
			const json_t *c = world_object(&s->w, s->gateways[i].name, keys[k]);
			const char *has = json_string_value(
				json_array_get(json_object_get(c, "ceAddresses"), 0));

			if (s->gateways[i].speaker != NULL && has != NULL && strcmp(has, text) == 0)
				return &s->gateways[i];
		}
	return NULL;
}

static struct talker *owner_of(struct system *s, const struct ip_addr *address)
{
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < SITES; i++)
		if (ip_addr_equal(&s->sites[i].site, address))
			return gateway_of_ce(s, address) == NULL ? NULL : &s->sites[i];
	ip_addr_format(address, text);
	for (size_t i = 0; i < GATEWAYS; i++) {
		const json_t *c = world_object(&s->w, s->gateways[i].name, "compartment/" T);
		const char *overlay = json_string_value(json_object_get(c, "overlayAddress"));
		const char *bgp =
			json_string_value(json_array_get(json_object_get(c, "bgpAddresses"), 0));

		if (s->gateways[i].speaker != NULL &&
		    ((overlay && strcmp(overlay, text) == 0) || (bgp && strcmp(bgp, text) == 0)))
			return &s->gateways[i];
	}
	return NULL;
}

/* A packet gets from a site to somewhere only through its gateway. */
static bool has_way(struct system *s, const struct talker *from)
{
	return from->name != NULL || gateway_of_ce(s, &from->site) != NULL;
}

static void establish(struct system *s, struct end *end)
{
	struct talker *target = owner_of(s, &end->remote);
	struct end *other;
	struct speaker_conn *conn;

	if (target == NULL || !has_way(s, end->talker) || target->document == NULL) {
		if (target == NULL || target->name != NULL) {
			speaker_connect_failed(end->conn, "no way", s->w.now);
			end->conn = NULL;
			return;
		}
	}
	conn = speaker_accept(target->speaker, target->name == NULL ? NULL : T, &end->remote,
			      &end->local, s->w.now);
	if (conn == NULL) {
		speaker_connect_failed(end->conn, "refused", s->w.now);
		end->conn = NULL;
		return;
	}
	other = mem_zalloc(sizeof(*other));
	other->talker = target;
	other->conn = conn;
	other->local = end->remote;
	other->remote = end->local;
	other->other = end;
	end->other = other;
	buf_init(&other->in, 0);
	list_push_back(&s->ends, &other->in_system);
	speaker_conn_set_data(conn, other);
	speaker_connected(end->conn, &end->local, s->w.now);
}

static void end_free(struct end *end)
{
	if (end->other != NULL)
		end->other->other = NULL;
	list_remove(&end->in_system);
	buf_done(&end->in);
	mem_free(end);
}

static bool deliver(struct system *s, struct end *end)
{
	size_t used;

	if (end->conn == NULL || end->in.length == 0)
		return false;
	used = speaker_input(end->conn, (const uint8_t *)buf_text(&end->in), end->in.length,
			     s->w.now);
	buf_consume(&end->in, MIN(used, end->in.length));
	return used != 0;
}

/* Moves what can be moved once. */
static bool move_bytes(struct system *s)
{
	bool moved = false;

	LIST_FOR_EACH_SAFE (entry, &s->ends) {
		struct end *end = CONTAINER_OF(entry, struct end, in_system);

		if (end->conn != NULL && end->other == NULL && !end->lost &&
		    end->talker->speaker != NULL) {
			establish(s, end);
			moved = true;
		}
	}
	LIST_FOR_EACH_SAFE (entry, &s->ends) {
		struct end *end = CONTAINER_OF(entry, struct end, in_system);

		if (end->conn != NULL && (end->other != NULL || end->lost))
			moved |= carry(end);
		moved |= deliver(s, end);
	}
	LIST_FOR_EACH_SAFE (entry, &s->ends) {
		struct end *end = CONTAINER_OF(entry, struct end, in_system);

		if (end->conn != NULL)
			continue;
		if (end->other != NULL && end->other->conn != NULL) {
			deliver(s, end->other);
			if (end->other->conn != NULL)
				speaker_closed(end->other->conn, "closed by the peer", s->w.now);
			end->other->conn = NULL;
			moved = true;
		}
		/* the loop may not hold its next entry over the end of two */
		if (end->other == NULL)
			end_free(end);
		else {
			end->other->other = NULL;
			end->other = NULL;
		}
	}
	return moved;
}

static bool feed_octets(struct system *s, struct talker *t, const uint8_t *bytes, size_t length)
{
	uint64_t expected;

	if (orchestrator_feed(s->w.o, t->name, t->session, t->offset, bytes, length, &expected,
			      s->w.now) != 0)
		return false;
	t->offset += length;
	return true;
}

static void feed_close(struct talker *t)
{
	if (t->feed != NULL)
		speaker_feed_close(t->feed);
	t->feed = NULL;
	t->told = false;
}

static struct bmp_peer bmp_peer(const struct talker *t)
{
	const struct instance_config *config = speaker_instance_config(t->speaker, T);

	return (struct bmp_peer){ .type = BMP_PEER_LOC_RIB,
				  .distinguisher = config->table_id,
				  .as = config->local_as.number,
				  .bgp_id = 7 };
}

static bool feed_peer_up(struct system *s, struct talker *t)
{
	uint8_t octets[512], open[64];
	struct writer w = writer_of(octets, sizeof(octets)), o = writer_of(open, sizeof(open));
	struct bgp_open message = { .version = 4, .as = { 64510 }, .router_id = 7 };
	struct bmp_peer peer = bmp_peer(t);
	struct bmp_peer_up up = { .sent_open = open, .received_open = open };

	bgp_open_encode(&o, &message);
	up.sent_open_length = up.received_open_length = writer_length(&o);
	bmp_peer_up_encode(&w, &peer, &up, T);
	assert_false(w.failed);
	return feed_octets(s, t, octets, writer_length(&w));
}

static void feed(struct system *s, struct talker *t)
{
	struct error e;
	const uint8_t *message;
	size_t length;
	bool good = true;

	if (t->document == NULL)
		return;
	if (t->feed == NULL) {
		t->feed = speaker_feed_open(t->speaker, T, false, t, &e);
		assert_non_null(t->feed);
		snprintf(t->session, sizeof(t->session), "%s-%u", t->name, ++t->sessions);
		t->offset = 0;
		good = feed_peer_up(s, t);
	}
	/* with nothing to say, too: so it hears that it has to begin anew */
	good = good && feed_octets(s, t, NULL, 0);
	while (good && (message = speaker_feed_next(t->feed, &length)) != NULL) {
		uint8_t *octets = mem_alloc(length + 64);
		struct writer w = writer_of(octets, length + 64);
		struct bmp_peer peer = bmp_peer(t);

		bmp_route_monitoring_encode(&w, &peer, message, length);
		assert_false(w.failed);
		good = feed_octets(s, t, octets, writer_length(&w));
		mem_free(octets);
	}
	if (!good)
		feed_close(t);
}

/* What the agent does with bgp/T: it gives heliod the document. */
static void follow_object(struct system *s, struct talker *t)
{
	const json_t *object = world_object(&s->w, t->name, "bgp/" T);
	char *text = object == NULL ? NULL : json_dumps(object, JSON_COMPACT);
	struct error e;

	if (text == NULL && t->document != NULL) {
		feed_close(t);
		assert_int_equal(speaker_instance_delete(t->speaker, T, &e, s->w.now), 0);
	} else if (text != NULL && (t->document == NULL || strcmp(text, t->document) != 0)) {
		put_instance(t, json_object_get(object, "instance"));
	}
	mem_free(t->document);
	t->document = text == NULL ? NULL : mem_strdup(text);
	free(text);
}

static void each_talker(struct system *s, void (*visit)(struct system *s, struct talker *t))
{
	for (size_t i = 0; i < GATEWAYS; i++)
		if (s->gateways[i].speaker != NULL)
			visit(s, &s->gateways[i]);
	for (size_t i = 0; i < SITES; i++)
		visit(s, &s->sites[i]);
}

static void work(struct system *s, struct talker *t)
{
	if (instant_due(speaker_deadline(t->speaker), s->w.now))
		speaker_tick(t->speaker, s->w.now);
	while (speaker_drain(t->speaker, s->w.now))
		;
}

static void run(struct system *s, int64_t ms)
{
	for (int64_t t = 0; t < ms; t += 100) {
		world_run(&s->w, 100);
		for (size_t i = 0; i < GATEWAYS; i++)
			if (s->gateways[i].speaker != NULL)
				follow_object(s, &s->gateways[i]);
		for (int round = 0; round < 50; round++) {
			each_talker(s, work);
			if (!move_bytes(s))
				break;
		}
		each_talker(s, work);
		for (size_t i = 0; i < GATEWAYS; i++)
			if (s->gateways[i].speaker != NULL)
				feed(s, &s->gateways[i]);
	}
}

/* All at once, and nobody is told: other ends hear nothing more. */
static void kill(struct system *s, size_t gateway)
{
	struct talker *t = &s->gateways[gateway];

	world_kill(&s->w, t->name);
	feed_close(t);
	LIST_FOR_EACH_SAFE (entry, &s->ends) {
		struct end *end = CONTAINER_OF(entry, struct end, in_system);

		if (end->talker != t)
			continue;
		if (end->other != NULL) {
			end->other->lost = true;
			end->other->other = NULL;
			end->other = NULL;
		}
	}
	speaker_free(t->speaker, s->w.now);
	t->speaker = NULL;
	mem_free(t->document);
	t->document = NULL;
	LIST_FOR_EACH_SAFE (entry, &s->ends) {
		struct end *end = CONTAINER_OF(entry, struct end, in_system);

		if (end->talker == t)
			end_free(end);
	}
}

static void boot(struct system *s, size_t gateway)
{
	struct talker *t = &s->gateways[gateway];

	world_boot(&s->w, t->name);
	json_object_clear(world_machine(&s->w, t->name)->objects);
	talker_start(s, t, t->name, 50 + gateway);
}

/* A member of the neighbour as text; "" when absent. */
static bool is_up(struct talker *t, const char *neighbor)
{
	struct error e;
	json_t *params = json_pack("{s:s}", "neighbor", neighbor);
	uint64_t cursor = 0;
	json_t *result = speaker_show_neighbors(t->speaker, params, &cursor, &e, t->system->w.now);
	const char *state = json_string_value(json_object_get(
		json_array_get(json_object_get(result, "neighbors"), 0), "session-state"));
	bool up = state != NULL && strcmp(state, "Established") == 0;

	json_decref(params);
	json_decref(result);
	return up;
}

/* The next hop of the best route; "" when there is none. Valid until the next call. */
static const char *next_hop(struct talker *t, const char *prefix)
{
	static char text[IP_TEXT_MAX];
	struct error e = { "" };
	uint64_t cursor = 0;
	json_t *params = json_pack("{s:s}", "prefix", prefix);
	json_t *result = speaker_show_routes(t->speaker, params, &cursor, &e, t->system->w.now);
	const json_t *routes = json_object_get(result, "routes");
	size_t index;
	json_t *route;

	text[0] = '\0';
	json_array_foreach(routes, index, route) if (json_is_true(json_object_get(route, "best")))
		snprintf(text, sizeof(text), "%s",
			 json_string_value(json_object_get(route, "next-hop")));
	json_decref(params);
	json_decref(result);
	return text;
}

static int64_t host_route(struct system *s, const char *host, const char *prefix)
{
	char key[96];
	const json_t *route;

	snprintf(key, sizeof(key), "route/" T "/%s", prefix);
	route = world_object(&s->w, host, key);
	return route == NULL ? -1 : json_integer_value(json_object_get(route, "nexthop"));
}

static void assert_all_is_well(struct system *s)
{
	assert_true(is_up(&s->sites[0], "10.1.255.2"));
	assert_true(is_up(&s->sites[1], "10.1.255.2"));
	/* transit, by the BGP address; and the virtual network */
	assert_string_equal(next_hop(&s->sites[0], "172.16.2.0/24"), "10.1.255.2");
	assert_string_equal(next_hop(&s->sites[1], "172.16.1.0/24"), "10.1.255.2");
	assert_string_equal(next_hop(&s->sites[1], "10.1.0.0/16"), "10.1.255.2");
	assert_string_equal(next_hop(&s->sites[1], "14.1.10.1/32"), "");
	for (size_t i = 0; i < GATEWAYS; i++) {
		if (s->gateways[i].speaker == NULL || s->gateways[i].document == NULL)
			continue;
		/* the CE is the next hop, everywhere inside */
		assert_string_equal(next_hop(&s->gateways[i], "172.16.1.0/24"), "14.1.10.1");
		assert_string_equal(next_hop(&s->gateways[i], "172.16.2.0/24"), "14.1.20.1");
		/* refused: inside the virtual network */
		assert_string_equal(next_hop(&s->gateways[i], "10.1.1.0/24"), "");
	}
	assert_int_equal(host_route(s, "h1", "172.16.1.0/24"), 2000);
	assert_int_equal(host_route(s, "h2", "172.16.2.0/24"), 2001);
	assert_int_equal(host_route(s, "h1", "10.1.1.0/24"), -1);
	assert_int_equal(compile_verify(s->w.o), 0);
}

static void start(struct system *s)
{
	static const char *const names[] = { "gw1", "gw2", "gw3" };

	*s = (struct system){ 0 };
	world_init(&s->w);
	list_init(&s->ends);
	for (size_t i = 0; i < GATEWAYS; i++)
		talker_start(s, &s->gateways[i], names[i], 10 + i);
	for (unsigned i = 0; i < SITES; i++)
		site_start(s, i);
	world_apply(&s->w);
	run(s, 35000); /* the selection deferral, at the worst */
	assert_all_is_well(s);
}

static void stop(struct system *s)
{
	for (size_t i = 0; i < GATEWAYS; i++) {
		feed_close(&s->gateways[i]);
		if (s->gateways[i].speaker != NULL)
			speaker_free(s->gateways[i].speaker, s->w.now);
		mem_free(s->gateways[i].document);
	}
	for (size_t i = 0; i < SITES; i++)
		speaker_free(s->sites[i].speaker, s->w.now);
	LIST_FOR_EACH_SAFE (entry, &s->ends) {
		end_free(CONTAINER_OF(entry, struct end, in_system));
	}
	world_done(&s->w);
}

static void test_creation(void **state)
{
	struct system s;

	(void)state;
	start(&s);
	assert_true(is_up(&s.gateways[0], "10.1.255.4"));
	assert_true(is_up(&s.gateways[1], "10.1.255.2"));
	assert_null(s.gateways[2].document);
	/* the CE behind the other gateway is a host route to its overlay address */
	assert_string_equal(next_hop(&s.gateways[0], "14.1.20.1/32"), "10.1.255.4");
	assert_string_equal(next_hop(&s.gateways[1], "14.1.10.1/32"), "10.1.255.3");
	stop(&s);
}

static void test_move(void **state)
{
	struct system s;
	struct error e;

	(void)state;
	start(&s);
	world_mark(&s.w);
	assert_int_equal(orchestrator_move(s.w.o, T, "c2", "gw3", &e, s.w.now), 0);
	for (int i = 0; i < 60; i++) {
		run(&s, 100);
		/* at no moment are the site's routes gone anywhere */
		assert_true(is_up(&s.sites[1], "10.1.255.2"));
		assert_string_equal(next_hop(&s.gateways[0], "172.16.2.0/24"), "14.1.20.1");
		assert_int_equal(host_route(&s, "h1", "172.16.2.0/24"), 2001);
	}
	assert_int_equal(world_touched(&s.w, "h1", "route/"), 0);
	assert_int_equal(world_touched(&s.w, "h1", "nexthop/"), 1);
	assert_string_equal(next_hop(&s.gateways[0], "14.1.20.1/32"), "10.1.255.5");
	assert_null(s.gateways[1].document);
	assert_all_is_well(&s);
	stop(&s);
}

static void test_client_dies(void **state)
{
	struct system s;

	(void)state;
	start(&s);
	world_mark(&s.w);
	kill(&s, 1);
	run(&s, 12000);
	assert_all_is_well(&s);
	assert_int_equal(world_touched(&s.w, "h1", "route/"), 0);
	assert_string_equal(next_hop(&s.gateways[0], "14.1.20.1/32"), "10.1.255.5");
	boot(&s, 1);
	run(&s, 5000);
	assert_null(s.gateways[1].document);
	assert_all_is_well(&s);
	stop(&s);
}

static void test_reflector_dies(void **state)
{
	struct system s;

	(void)state;
	start(&s);
	world_mark(&s.w);
	kill(&s, 0);
	run(&s, 45000); /* the sites' hold time, at the worst */
	assert_all_is_well(&s);
	assert_string_equal(
		world_view(&s.w, "/gateways/gw3", "virtualGateways.0.bgpRouter.resourceRef"),
		"/virtualGateways/" T "/bgpRouters/router");
	assert_true(is_up(&s.gateways[1], "10.1.255.2"));
	/* hosts kept every route throughout */
	assert_int_equal(world_touched(&s.w, "h1", "route/"), 0);
	assert_int_equal(world_touched(&s.w, "h1", "nexthop/"), 2);
	boot(&s, 0);
	run(&s, 5000);
	assert_null(s.gateways[0].document);
	assert_all_is_well(&s);
	stop(&s);
}

static void test_controller_restarts(void **state)
{
	struct system s;

	(void)state;
	start(&s);
	world_mark(&s.w);
	world_restart_controller(&s.w);
	run(&s, 15000);
	assert_all_is_well(&s);
	for (size_t i = 0; i < s.w.machine_count; i++)
		assert_int_equal(world_touched(&s.w, s.w.machines[i].name, ""), 0);
	assert_int_equal(json_object_size(world_machine(&s.w, "h1")->held), 0);
	stop(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_creation),
		cmocka_unit_test(test_move),
		cmocka_unit_test(test_client_dies),
		cmocka_unit_test(test_reflector_dies),
		cmocka_unit_test(test_controller_restarts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
