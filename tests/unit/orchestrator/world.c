/*
 * world: what stands around an orchestrator in its tests.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "world.h"

#include "base/writer.h"
#include "bgp/update.h"

static struct ip_addr addr(const char *text)
{
	struct ip_addr a;

	assert_int_equal(ip_addr_parse(text, &a, NULL), 0);
	return a;
}

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix p;

	assert_int_equal(ip_prefix_parse(text, &p, NULL), 0);
	return p;
}

static void on_persist(void *context, const char *key, const json_t *value)
{
	struct world *w = context;

	w->persisted++;
	if (value == NULL)
		json_object_del(w->kept, key);
	else
		json_object_set_new(w->kept, key, json_deep_copy(value));
}

static void on_stream_ready(void *context, struct node_stream *stream)
{
	(void)context;
	assert_non_null(stream);
}

static void on_log(void *context, int level, const char *tenant, const char *node, const char *text)
{
	struct world *w = context;

	if (level <= 2)
		w->loud++;
	buf_printf(&w->log, "%d %s %s %s\n", level, tenant ? tenant : "-", node ? node : "-", text);
}

static const struct orchestrator_ops ops = { on_persist, on_stream_ready, on_log };

static void start_controller(struct world *w)
{
	char generation[32];
	struct orchestrator_config config = {
		.lease = duration_ms(3000),
		.generation = generation,
		.default_as = { 65001 },
		.seed = 42 + w->lives,
	};

	snprintf(generation, sizeof(generation), "life%u", ++w->lives);
	w->o = orchestrator_new(&config, &ops, w, w->now);
}

static void add_machine(struct world *w, bool gateway, unsigned number)
{
	struct machine *m = &w->machines[w->machine_count++];

	snprintf(m->name, sizeof(m->name), "%s%u", gateway ? "gw" : "h", number);
	m->gateway = gateway;
	m->up = true;
	m->objects = json_object();
	m->present = json_object();
	m->held = json_object();
	m->reports = json_array();
	m->touched = json_object();
}

void world_add_gateway(struct world *w, unsigned number)
{
	add_machine(w, true, number);
}

void world_init(struct world *w)
{
	*w = (struct world){ .now = { 1000000000 },
			     .gateways = 3,
			     .hosts = 2,
			     .tenants = 1,
			     .nics = 2,
			     .redundant = 1,
			     .capacity_kbps = 100,
			     .gateway_subnet = "10.1.255.0/27",
			     .dynamic = true,
			     .peer_as = 64521,
			     .connections = { { "c1", 30, "14.1.10.1", NULL },
					      { "c2", 30, "14.1.20.1", NULL } },
			     .connection_count = 2 };
	w->kept = json_object();
	buf_init(&w->log, 0);
	start_controller(w);
	for (unsigned i = 1; i <= 3; i++)
		add_machine(w, true, i);
	for (unsigned i = 1; i <= 2; i++)
		add_machine(w, false, i);
}

void world_done(struct world *w)
{
	for (size_t i = 0; i < w->machine_count; i++) {
		struct machine *m = &w->machines[i];

		node_stream_close(m->stream);
		json_decref(m->objects);
		json_decref(m->present);
		json_decref(m->held);
		json_decref(m->reports);
		json_decref(m->touched);
	}
	orchestrator_free(w->o);
	json_decref(w->kept);
	buf_done(&w->log);
}

static void fill_connection(const struct world *w, struct intent *intent, size_t index,
			    struct intent_connection *c)
{
	const struct world_connection *from = &w->connections[index];
	struct arena *a = &intent->arena;

	c->name = from->name;
	c->type = CONNECTION_WIREGUARD;
	c->inbound_kbps = c->outbound_kbps = from->kbps;
	c->destination_address = addr("203.0.113.9");
	c->routes = arena_zalloc(a, 2 * sizeof(*c->routes));
	if (from->peer != NULL) {
		struct ip_addr ce = addr(from->peer);

		c->routes[c->route_count].prefix = ip_prefix_host(&ce);
		c->routes[c->route_count++].metric = 10;
	}
	if (from->extra != NULL) {
		c->routes[c->route_count].prefix = prefix(from->extra);
		c->routes[c->route_count++].metric = 20;
	}
	c->wireguard = (struct intent_wireguard){ .private_key = arena_strdup(a, "secret"),
						  .public_key = "mine",
						  .peer_public_key = "theirs",
						  .listen_port = 0,
						  .peer_port = 51820 };
}

static void fill_peers(const struct world *w, struct intent *intent, struct intent_tenant *t)
{
	t->peers = arena_zalloc(&intent->arena, 8 * sizeof(*t->peers));
	for (size_t i = 0; i < w->connection_count; i++) {
		struct intent_bgp_peer *p = &t->peers[t->peer_count];

		if (w->connections[i].peer == NULL)
			continue;
		p->name = arena_printf(&intent->arena, "site-%s", w->connections[i].name);
		p->address = addr(w->connections[i].peer);
		p->as.number = w->peer_as + (uint32_t)i;
		t->peer_count++;
	}
	if (w->extra_peer != NULL) {
		struct intent_bgp_peer *p = &t->peers[t->peer_count++];

		p->name = "site-without";
		p->address = addr(w->extra_peer);
		p->as.number = 64599;
	}
}

static void fill_tenant(const struct world *w, struct intent *intent, unsigned number,
			struct intent_tenant *t)
{
	static const char *pools[] = { "pool" };
	struct arena *a = &intent->arena;
	struct ip_addr first = addr("10.1.1.4");

	t->name = arena_printf(a, "T%04u", number);
	t->virtual_network = arena_printf(a, "net%u", number);
	t->dynamic = w->dynamic;
	t->pools = pools;
	t->pool_count = 1;
	t->address_space = arena_zalloc(a, sizeof(*t->address_space));
	t->address_space[0] = prefix("10.1.0.0/16");
	t->address_space_count = 1;
	t->gateway_subnet = prefix(w->gateway_subnet);
	t->bgp_router = "router";
	t->local_as.number = 64510;
	t->connections = arena_zalloc(a, WORLD_CONNECTIONS_MAX * sizeof(*t->connections));
	t->connection_count = w->connection_count;
	for (size_t i = 0; i < w->connection_count; i++)
		fill_connection(w, intent, i, &t->connections[i]);
	fill_peers(w, intent, t);
	t->nics = arena_zalloc(a, (w->nics + 1) * sizeof(*t->nics));
	t->nic_count = w->nics;
	for (unsigned i = 0; i < w->nics; i++) {
		struct intent_nic *n = &t->nics[i];

		n->name = arena_printf(a, "t%uvm%u", number, i + 1);
		n->host = arena_printf(a, "h%u", i % w->hosts + 1);
		n->mac.bytes[5] = (uint8_t)(i + 1);
		n->address = ip_addr_plus(&first, i);
		n->subnet = prefix("10.1.1.0/24");
	}
}

static void fill_fabric(const struct world *w, struct intent *intent)
{
	struct arena *a = &intent->arena;
	size_t addresses = w->tenants * w->connection_count + 1;
	struct ip_addr public = addr("198.51.100.0"), provider = addr("100.64.0.0");

	intent->pools = arena_zalloc(a, sizeof(*intent->pools));
	intent->pool_count = 1;
	intent->pools[0] = (struct intent_pool){
		.name = "pool",
		.gateway_capacity_kbps = w->capacity_kbps,
		.redundant_gateway_count = w->redundant,
		.public_addresses =
			arena_zalloc(a, addresses * sizeof(struct intent_public_address)),
		.public_address_count = addresses,
	};
	for (size_t i = 0; i < addresses; i++)
		intent->pools[0].public_addresses[i] =
			(struct intent_public_address){ "public", ip_addr_plus(&public, i + 10),
							24 };
	intent->gateways = arena_zalloc(a, (w->gateways + 1) * sizeof(*intent->gateways));
	for (unsigned i = 1; i <= w->gateways; i++)
		intent->gateways[intent->gateway_count++] =
			(struct intent_gateway){ arena_printf(a, "gw%u", i), "pool",
						 ip_addr_plus(&provider, 10 + i) };
	intent->hosts = arena_zalloc(a, (w->hosts + 1) * sizeof(*intent->hosts));
	for (unsigned i = 1; i <= w->hosts; i++)
		intent->hosts[intent->host_count++] =
			(struct intent_host){ arena_printf(a, "h%u", i),
					      ip_addr_plus(&provider, 100 + i) };
}

struct intent *world_intent(const struct world *w)
{
	struct intent *intent = intent_new();

	fill_fabric(w, intent);
	intent->tenants = arena_zalloc(&intent->arena, (w->tenants + 1) * sizeof(*intent->tenants));
	for (unsigned i = 1; i <= w->tenants; i++)
		fill_tenant(w, intent, i, &intent->tenants[intent->tenant_count++]);
	return intent;
}

void world_apply(struct world *w)
{
	struct intent *intent = world_intent(w);
	struct error e = { "" };

	assert_int_equal(orchestrator_check(w->o, intent, &e), 0);
	orchestrator_set_intent(w->o, intent, w->now);
}

void world_restart_controller(struct world *w)
{
	struct error e;
	const char *key;
	json_t *value;

	for (size_t i = 0; i < w->machine_count; i++) {
		node_stream_close(w->machines[i].stream);
		w->machines[i].stream = NULL;
	}
	orchestrator_free(w->o);
	start_controller(w);
	json_object_foreach(w->kept, key, value)
		assert_int_equal(orchestrator_load(w->o, key, value, &e), 0);
	world_apply(w);
}

struct machine *world_machine(struct world *w, const char *name)
{
	for (size_t i = 0; i < w->machine_count; i++)
		if (strcmp(w->machines[i].name, name) == 0)
			return &w->machines[i];
	fail_msg("no machine %s", name);
	return NULL;
}

void world_kill(struct world *w, const char *name)
{
	struct machine *m = world_machine(w, name);

	m->up = false;
	node_stream_close(m->stream);
	m->stream = NULL;
}

void world_boot(struct world *w, const char *name)
{
	struct machine *m = world_machine(w, name);

	m->up = true;
	/* its disk kept the objects; its generation and revision are forgotten */
	m->generation[0] = '\0';
	m->revision = 0;
}

static bool is_held(const struct machine *m, const char *key)
{
	const char *held;
	json_t *value;

	json_object_foreach(m->held, held,
			    value) if (strncmp(key, held, strlen(held)) == 0) return true;
	return false;
}

/* After a snapshot, or a release: what was not named is gone, unless it is held. */
static void sweep(struct machine *m)
{
	const char *key;
	json_t *value;
	void *next;

	if (!m->full || !m->synced)
		return;
	json_object_foreach_safe(m->objects, next, key, value)
	{
		if (json_object_get(m->present, key) != NULL || is_held(m, key))
			continue;
		json_object_set_new(m->touched, key, json_true());
		json_object_del(m->objects, key);
	}
}

static void on_put(struct machine *m, const json_t *line)
{
	const char *key = json_string_value(json_object_get(line, "key"));
	const json_t *had = json_object_get(m->objects, key);
	json_t *value = json_pack("{s:O, s:O}", "epoch", json_object_get(line, "epoch"), "value",
				  json_object_get(line, "value"));

	if (had != NULL && json_integer_value(json_object_get(had, "epoch")) >
				   json_integer_value(json_object_get(line, "epoch"))) {
		m->stale_puts++;
		json_decref(value);
		return;
	}
	m->revision = (uint64_t)json_integer_value(json_object_get(line, "revision"));
	if (had == NULL || !json_equal(had, value))
		json_object_set_new(m->touched, key, json_true());
	json_object_set_new(m->objects, key, value);
	json_object_set_new(m->present, key, json_true());
	json_array_append_new(m->reports,
			      json_pack("{s:s, s:O, s:s}", "key", key, "revision",
					json_object_get(line, "revision"), "status", "Success"));
}

static void on_line(struct machine *m, const json_t *line)
{
	const char *op = json_string_value(json_object_get(line, "op"));
	const char *key = json_string_value(json_object_get(line, "key"));
	const char *held = json_string_value(json_object_get(line, "prefix"));

	if (strcmp(op, "start") == 0) {
		m->full = json_is_true(json_object_get(line, "full"));
		snprintf(m->generation, sizeof(m->generation), "%s",
			 json_string_value(json_object_get(line, "generation")));
		m->synced = false;
		if (m->full)
			json_object_clear(m->present);
		json_object_clear(m->held);
	} else if (strcmp(op, "put") == 0) {
		on_put(m, line);
	} else if (strcmp(op, "delete") == 0) {
		m->revision = (uint64_t)json_integer_value(json_object_get(line, "revision"));
		if (json_object_get(m->objects, key) != NULL)
			json_object_set_new(m->touched, key, json_true());
		json_object_del(m->objects, key);
		json_object_del(m->present, key);
	} else if (strcmp(op, "hold") == 0) {
		json_object_set_new(m->held, held, json_true());
	} else if (strcmp(op, "release") == 0) {
		json_object_del(m->held, held);
		sweep(m);
	} else if (strcmp(op, "synced") == 0) {
		m->synced = true;
		m->revision = (uint64_t)json_integer_value(json_object_get(line, "revision"));
		sweep(m);
	} else {
		assert_string_equal(op, "ping");
		m->pings++;
	}
}

static void read_stream(struct world *w, struct machine *m)
{
	const char *text;
	size_t length;

	if (m->stream == NULL && orchestrator_knows_node(w->o, m->name))
		m->stream = node_stream_open(w->o, m->name, m->generation, m->revision, m);
	if (m->stream == NULL)
		return;
	assert_ptr_equal(node_stream_data(m->stream), m);
	while ((text = node_stream_next(m->stream, &length)) != NULL) {
		json_t *line = json_loadb(text, length, 0, NULL);

		assert_non_null(line);
		assert_int_equal(text[length - 1], '\n');
		on_line(m, line);
		json_decref(line);
	}
}

static void lease(struct world *w, struct machine *m)
{
	struct error e = { "" };
	json_t *probes = json_object();
	json_t *body, *reply;

	for (size_t i = 0; m->gateway && i < w->machine_count; i++) {
		const struct machine *other = &w->machines[i];

		if (other != m && other->gateway)
			json_object_set_new(probes, other->name,
					    json_pack("{s:b, s:b}", "reachable", other->up,
						      "heliod", other->up));
	}
	body = json_pack("{s:s, s:{}, s:o, s:{s:b}}", "boot", "1", "epochs", "probes", probes,
			 "heliod", "running", 1);
	reply = orchestrator_lease(w->o, m->name, body, &e, w->now);
	if (reply != NULL)
		assert_int_equal(json_integer_value(json_object_get(reply, "leaseMs")), 3000);
	json_decref(reply);
	json_decref(body);
}

static void report(struct world *w, struct machine *m)
{
	struct error e = { "" };
	json_t *body;

	if (json_array_size(m->reports) == 0 || m->lame)
		return;
	body = json_pack("{s:O}", "objects", m->reports);
	assert_int_equal(orchestrator_status(w->o, m->name, body, &e, w->now), 0);
	json_decref(body);
	json_array_clear(m->reports);
}

void world_run(struct world *w, int64_t ms)
{
	for (int64_t t = 0; t < ms; t += 100) {
		w->now = instant_add(w->now, duration_ms(100));
		if (instant_due(orchestrator_deadline(w->o), w->now))
			orchestrator_tick(w->o, w->now);
		for (size_t i = 0; i < w->machine_count; i++) {
			struct machine *m = &w->machines[i];

			if (!m->up || m->mute)
				continue;
			if (w->now.ns / 1000000 % 1000 == (int64_t)(i * 100) % 1000)
				lease(w, m);
			read_stream(w, m);
			report(w, m);
			read_stream(w, m);
		}
	}
	/* nobody is told of a change later than it happened */
	for (size_t i = 0; i < w->machine_count; i++)
		if (w->machines[i].up && !w->machines[i].mute)
			read_stream(w, &w->machines[i]);
}

void world_mark(struct world *w)
{
	for (size_t i = 0; i < w->machine_count; i++)
		json_object_clear(w->machines[i].touched);
}

size_t world_touched(struct world *w, const char *machine, const char *start)
{
	const char *key;
	json_t *value;
	size_t count = 0;

	json_object_foreach(world_machine(w, machine)->touched, key, value) count +=
		strncmp(key, start, strlen(start)) == 0;
	return count;
}

const json_t *world_object(struct world *w, const char *machine, const char *key)
{
	return json_object_get(json_object_get(world_machine(w, machine)->objects, key), "value");
}

uint64_t world_epoch(struct world *w, const char *machine, const char *key)
{
	return (uint64_t)json_integer_value(
		json_object_get(json_object_get(world_machine(w, machine)->objects, key), "epoch"));
}

const char *world_view(struct world *w, const char *ref, const char *path)
{
	static char text[ERROR_TEXT_MAX];
	json_t *view = orchestrator_view(w->o, ref, w->now);
	const json_t *at = view;
	char part[64];

	while (*path != '\0' && at != NULL) {
		size_t length = strcspn(path, ".");

		snprintf(part, sizeof(part), "%.*s", (int)length, path);
		at = json_is_array(at) ? json_array_get(at, (size_t)strtoul(part, NULL, 10))
				       : json_object_get(at, part);
		path += length + (path[length] == '.');
	}
	if (json_is_string(at))
		snprintf(text, sizeof(text), "%s", json_string_value(at));
	else if (json_is_integer(at))
		snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(at));
	else
		snprintf(text, sizeof(text), "%s", at == NULL ? "" : "?");
	json_decref(view);
	return text;
}

char *world_dump(struct world *w)
{
	json_t *all = json_object();
	char *text;

	for (size_t i = 0; i < w->machine_count; i++)
		json_object_set(all, w->machines[i].name, w->machines[i].objects);
	text = json_dumps(all, JSON_SORT_KEYS | JSON_INDENT(1));
	json_decref(all);
	return text;
}

/* BMP */

static char feed_session[32];
static uint64_t feed_offset;

void world_feed_start(struct world *w, const char *machine, const char *session)
{
	(void)w;
	(void)machine;
	snprintf(feed_session, sizeof(feed_session), "%s", session);
	feed_offset = 0;
}

/* In pieces of 7 octets: messages come cut anywhere. */
static void feed(struct world *w, const char *machine, const uint8_t *bytes, size_t length)
{
	while (length > 0) {
		size_t piece = MIN(length, 7);
		uint64_t offset = 0;

		assert_int_equal(orchestrator_feed(w->o, machine, feed_session, feed_offset, bytes,
						   piece, &offset, w->now),
				 0);
		feed_offset += piece;
		assert_int_equal(offset, feed_offset);
		bytes += piece;
		length -= piece;
	}
}

static void begin(struct writer *out, uint8_t type, const char *tenant)
{
	uint8_t distinguisher[8] = { 0 };

	memcpy(distinguisher, tenant, MIN(strlen(tenant), 8));
	writer_u8(out, 3);
	writer_u32(out, 0);
	writer_u8(out, type);
	writer_u8(out, 3);
	writer_u8(out, 0);
	writer_bytes(out, distinguisher, 8);
	for (int i = 0; i < 4; i++)
		writer_u32(out, 0);
	writer_u32(out, 64510);
	writer_u32(out, 0x0a01ff02);
	writer_u32(out, 0);
	writer_u32(out, 0);
}

static void finish(struct world *w, const char *machine, uint8_t *bytes, const struct writer *out)
{
	size_t length = writer_length(out);

	bytes[1] = 0;
	bytes[2] = 0;
	bytes[3] = (uint8_t)(length >> 8);
	bytes[4] = (uint8_t)length;
	feed(w, machine, bytes, length);
}

void world_feed_peer_up(struct world *w, const char *machine, const char *tenant)
{
	uint8_t bytes[512];
	struct writer out = writer_of(bytes, sizeof(bytes));
	struct bgp_open open = { .version = 4, .as = { 64510 }, .router_id = 1 };

	begin(&out, 3, tenant);
	for (int i = 0; i < 5; i++)
		writer_u32(&out, 0);
	bgp_open_encode(&out, &open);
	bgp_open_encode(&out, &open);
	writer_u16(&out, 3);
	writer_u16(&out, (uint16_t)strlen(tenant));
	writer_bytes(&out, tenant, strlen(tenant));
	finish(w, machine, bytes, &out);
}

void world_feed_route(struct world *w, const char *machine, const char *tenant, const char *text,
		      const char *next_hop)
{
	uint8_t bytes[512], block[128];
	struct writer out = writer_of(bytes, sizeof(bytes));
	struct writer attributes = writer_of(block, sizeof(block));
	struct bgp_update_writer u;
	struct bgp_attrs attrs = { .present = 1u << BGP_ATTR_ORIGIN | 1u << BGP_ATTR_AS_PATH |
					      1u << BGP_ATTR_NEXT_HOP,
				   .mp_family = BGP_FAMILY_NONE };
	struct ip_prefix p = prefix(text);
	struct bgp_nlri nlri;

	if (next_hop != NULL) {
		attrs.next_hop = addr(next_hop);
		bgp_attrs_encode(&attributes, &attrs, BGP_IPV4_UNICAST, true);
	}
	begin(&out, 0, tenant);
	bgp_update_begin(&u, &out, BGP_IPV4_UNICAST, next_hop == NULL, false, block,
			 writer_length(&attributes), NULL, BGP_MESSAGE_BYTES_MAX);
	bgp_nlri_from_prefix(&p, &nlri);
	assert_true(bgp_update_add(&u, &nlri));
	bgp_update_end(&u);
	finish(w, machine, bytes, &out);
}

void world_feed_end(struct world *w, const char *machine, const char *tenant)
{
	uint8_t bytes[256];
	struct writer out = writer_of(bytes, sizeof(bytes));

	begin(&out, 0, tenant);
	bgp_end_of_rib_encode(&out, BGP_IPV4_UNICAST);
	finish(w, machine, bytes, &out);
}
