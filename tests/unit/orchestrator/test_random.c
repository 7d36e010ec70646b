/*
 * test_random: everything at once, in an order that nobody thought of.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Tenants, connections and machines come and go, tunnels move, gateways die and return, the
 * controller restarts, routes come and go. After each step a full recomputation changes nothing;
 * and whenever all is told, each machine has exactly what the orchestrator thinks it has.
 */
#include "world.h"

#include "orchestrator/state.h"

#define STEPS 400

static uint64_t draw(uint64_t *state, uint64_t below)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (*state >> 33) % below;
}

/* What a machine has read from its streams is what the orchestrator has for it. */
static void check_machine(struct world *w, const struct machine *m)
{
	const struct node *node = node_find(w->o, m->name);
	size_t live = 0;

	if (!m->up || node == NULL || m->stream == NULL || json_object_size(m->held) != 0)
		return;
	LIST_FOR_EACH (entry, &node->log) {
		const struct object *object = CONTAINER_OF(entry, struct object, in_log);
		const json_t *has = json_object_get(m->objects, object->key);
		json_t *value;

		if (object->value == NULL) {
			assert_null(has);
			continue;
		}
		live++;
		assert_non_null(has);
		value = json_loads(object->value, 0, NULL);
		assert_true(json_equal(value, json_object_get(has, "value")));
		json_decref(value);
	}
	assert_int_equal(live, json_object_size(m->objects));
	assert_int_equal(m->stale_puts, 0);
}

/* Each connection is on one living machine at most, but while it moves. */
static void check_holders(struct world *w)
{
	for (size_t i = 0; i < w->o->intent->tenant_count; i++) {
		const struct tenant *t = w->o->ordered[i];

		for (size_t k = 0; k < t->connection_count; k++) {
			const struct connection *c = t->connections[k];
			unsigned holders = 0;
			char key[64];

			snprintf(key, sizeof(key), "connection/%s/%s", t->name, c->name);
			for (size_t n = 0; n < w->machine_count; n++)
				holders += w->machines[n].stream != NULL &&
					   world_object(w, w->machines[n].name, key) != NULL;
			assert_true(holders <= (c->leaving != NULL ? 2u : 1u));
		}
	}
}

static void change_intent(struct world *w, uint64_t *random)
{
	static const char *const extras[] = { NULL, "192.168.1.0/24", "172.16.3.0/24" };

	w->tenants = (unsigned)draw(random, 6);
	w->nics = (unsigned)draw(random, 5);
	w->connection_count = draw(random, 4);
	w->redundant = (unsigned)draw(random, 2);
	w->connections[2] =
		(struct world_connection){ "c3", 5 + draw(random, 40), NULL, "10.200.0.0/16" };
	w->connections[0].extra = extras[draw(random, 3)];
	w->capacity_kbps = 100 + 100 * draw(random, 5);
	w->dynamic = draw(random, 8) != 0;
	world_apply(w);
}

static void change_machine(struct world *w, uint64_t *random)
{
	struct machine *m = &w->machines[draw(random, w->machine_count)];

	if (m->up)
		world_kill(w, m->name);
	else
		world_boot(w, m->name);
}

static void move(struct world *w, uint64_t *random)
{
	char tenant[16], connection[8], gateway[8];
	struct error e;

	snprintf(tenant, sizeof(tenant), "T%04u", (unsigned)draw(random, 5) + 1);
	snprintf(connection, sizeof(connection), "c%u", (unsigned)draw(random, 3) + 1);
	snprintf(gateway, sizeof(gateway), "gw%u", (unsigned)draw(random, 3) + 1);
	if (orchestrator_move(w->o, tenant, connection, gateway, &e, w->now) != 0)
		assert_true(strlen(e.text) > 0);
}

static void feed(struct world *w, uint64_t *random)
{
	static const char *const hops[] = { "14.1.10.1", "14.1.20.1", "10.1.255.3", NULL };
	const struct tenant *t;
	char prefix[32], session[32];

	if (w->o->intent->tenant_count == 0)
		return;
	t = w->o->ordered[draw(random, w->o->intent->tenant_count)];
	if (t->reflector == NULL || t->reflector->health != HEALTH_ALIVE)
		return;
	snprintf(session, sizeof(session), "s%u", (unsigned)draw(random, UINT32_MAX));
	world_feed_start(w, t->reflector->name, session);
	world_feed_peer_up(w, t->reflector->name, t->name);
	for (unsigned i = (unsigned)draw(random, 20); i > 0; i--) {
		snprintf(prefix, sizeof(prefix), "172.16.%u.0/24", (unsigned)draw(random, 12));
		world_feed_route(w, t->reflector->name, t->name, prefix, hops[draw(random, 4)]);
	}
	if (draw(random, 4) != 0)
		world_feed_end(w, t->reflector->name, t->name);
}

static void run(uint64_t seed)
{
	uint64_t random = seed;
	struct world w;

	world_init(&w);
	w.gateway_subnet = "10.1.255.0/29";
	world_apply(&w);
	world_run(&w, 2000);
	for (unsigned step = 0; step < STEPS; step++) {
		uint64_t what = draw(&random, 20);

		if (what < 4)
			change_intent(&w, &random);
		else if (what < 8)
			change_machine(&w, &random);
		else if (what < 12)
			move(&w, &random);
		else if (what < 19)
			feed(&w, &random);
		else
			world_restart_controller(&w);
		assert_int_equal(compile_verify(w.o), 0);
		world_run(&w, (int64_t)draw(&random, 40) * 100);
		assert_int_equal(compile_verify(w.o), 0);
		check_holders(&w);
		for (size_t i = 0; i < w.machine_count; i++)
			check_machine(&w, &w.machines[i]);
	}
	world_done(&w);
}

static void test_random(void **state)
{
	const char *seed = getenv("SEED");

	(void)state;
	if (seed != NULL) {
		run(strtoull(seed, NULL, 10));
		return;
	}
	for (uint64_t i = 1; i <= 6; i++) {
		print_message("# seed %u\n", (unsigned)i);
		run(i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
