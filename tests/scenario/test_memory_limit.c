/*
 * test_memory_limit: an instance at its memory-limit: who is reset, who is not, and that what was
 * taken is given back.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Two tenants on one speaker, on virtual time. Routes are announced until the limit is passed; the
 * receivers' lists say what everybody holds. That every account is empty at the end is asserted
 * where an instance ends (reflector/memory.c): lab_done would not come back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/mem.h"
#include "lab.h"
#include "speaker/parts.h"

#define LIMIT_BYTES (1u << 20)
#define ROUTES_MAX 40000u

/* %s: "" or the limit */
static const char TENANT_1[] =
	"{\"name\":\"t1\",\"local-as\":65000,\"router-id\":\"10.255.0.1\",\"selection-deferral-"
	"time\":1%s,\"peer-groups\":[{\"name\":\"g\",\"peer-as\":65000,\"passive\":true,"
	"\"route-reflector-client\":true,\"add-paths\":{\"send\":true}}],\"neighbors\":["
	"{\"neighbor-address\":\"10.0.0.1\",\"peer-group\":\"g\"},"
	"{\"neighbor-address\":\"10.0.0.2\",\"peer-group\":\"g\"},"
	"{\"neighbor-address\":\"10.0.0.3\",\"peer-group\":\"g\"},"
	"{\"neighbor-address\":\"10.0.0.4\",\"peer-group\":\"g\"}]}";
static const char TENANT_2[] =
	"{\"name\":\"t2\",\"local-as\":65000,\"router-id\":\"10.255.0.1\",\"selection-deferral-"
	"time\":1,\"neighbors\":["
	"{\"neighbor-address\":\"10.1.0.1\",\"peer-as\":65000,\"passive\":true},"
	"{\"neighbor-address\":\"10.1.0.2\",\"peer-as\":65000,\"passive\":true,"
	"\"route-reflector-client\":true}]}";

struct world {
	struct lab lab;
	struct lab_peer *hog, *calm, *paths, *reader; /* of t1 */
	struct lab_peer *x, *y;			      /* of t2 */
};

static struct reflector *reflector_of(struct world *w, const char *name)
{
	return speaker_find_instance(w->lab.speaker, name)->reflector;
}

static size_t used(struct world *w)
{
	return reflector_of(w, "t1")->memory.whole.bytes;
}

static uint64_t resets(struct world *w)
{
	return reflector_of(w, "t1")->memory.limit_count;
}

static struct lab_peer *add_peer(struct world *w, const char *name, const char *address,
				 uint32_t id)
{
	return lab_add_peer(&w->lab, name, address, 65000, id);
}

static void configure(struct world *w, const char *limit)
{
	char config[sizeof(TENANT_1) + 64];

	snprintf(config, sizeof(config), TENANT_1, limit);
	lab_configure(&w->lab, config);
}

static struct world *world_new(const char *limit)
{
	struct world *w = mem_zalloc(sizeof(*w));

	lab_init(&w->lab, 7);
	configure(w, limit);
	lab_configure(&w->lab, TENANT_2);
	w->hog = add_peer(w, "hog", "10.0.0.1", 1);
	w->calm = add_peer(w, "calm", "10.0.0.2", 2);
	w->paths = add_peer(w, "paths", "10.0.0.3", 3);
	w->reader = add_peer(w, "reader", "10.0.0.4", 4);
	w->paths->add_path = true;
	w->x = add_peer(w, "x", "10.1.0.1", 5);
	w->y = add_peer(w, "y", "10.1.0.2", 6);
	for (size_t i = 0; i < w->lab.peer_count; i++)
		assert_true(lab_connect(&w->lab, &w->lab.peers[i]));
	lab_settle(&w->lab);
	lab_advance(&w->lab, duration_seconds(2), true);
	return w;
}

static void world_free(struct world *w)
{
	for (size_t i = 0; i < w->lab.peer_count; i++)
		assert_string_equal(w->lab.peers[i].complaint, "");
	lab_done(&w->lab);
	mem_free(w);
}

static void announce(struct world *w, struct lab_peer *peer, uint32_t base, uint32_t index,
		     uint32_t med)
{
	const struct lab_route route = {
		.prefix = base + index * 256,
		.length = 24,
		.next_hop = 0x0a000000u + peer->router_id,
		.has_med = true,
		.med = med,
	};

	lab_announce(&w->lab, peer, &route);
}

/* Announces up to ROUTES_MAX routes, 50 at a time, until the session is gone. Returns how many. */
static uint32_t announce_until_reset(struct world *w, struct lab_peer *peer, uint32_t base)
{
	uint32_t count = 0;

	while (peer->conn != NULL && count < ROUTES_MAX) {
		for (uint32_t i = 0; i < 50 && peer->conn != NULL; i++)
			announce(w, peer, base, count++, 0);
		lab_settle(&w->lab);
	}
	return count;
}

static void everyone_else_is_well(struct world *w)
{
	for (size_t i = 0; i < w->lab.peer_count; i++)
		if (&w->lab.peers[i] != w->hog)
			assert_true(w->lab.peers[i].established);
}

static void test_who_takes_it_over_is_reset_and_comes_back(void **state)
{
	struct world *w = world_new(",\"memory-limit\":\"1MiB\"");
	uint32_t count;

	(void)state;
	for (uint32_t i = 0; i < 50; i++) {
		announce(w, w->calm, 0xc0000000u, i, 0);
		announce(w, w->x, 0xc0000000u, i, 0);
	}
	lab_settle(&w->lab);
	count = announce_until_reset(w, w->hog, 0x20000000u);
	assert_in_range(count, 2000, ROUTES_MAX - 1);
	assert_int_equal(w->hog->notification[0], 6); /* Cease, Out of Resources */
	assert_int_equal(w->hog->notification[1], 8);
	assert_true(lab_logged(&w->lab, "more than its memory-limit of 1.0 MiB"));
	assert_int_equal(resets(w), 1);
	everyone_else_is_well(w);
	/* its routes are gone, those of the others are not */
	assert_int_equal(w->reader->route_count, 50);
	assert_int_equal(w->paths->route_count, 50);
	assert_int_equal(w->calm->route_count, 0);
	assert_int_equal(w->y->route_count, 50);
	lab_advance(&w->lab, duration_seconds(2), true); /* when every reader knows */
	assert_true(used(w) < LIMIT_BYTES / 4);
	/* that its routes are gone is told by messages, which are in the pool as well */
	assert_true(reflector_of(w, "t1")->memory.whole.bytes_peak < LIMIT_BYTES * 7 / 4);
	/* idle hold time; then it is welcome, as long as it says less */
	lab_advance(&w->lab, duration_seconds(30), true);
	assert_true(lab_connect(&w->lab, w->hog));
	lab_settle(&w->lab);
	for (uint32_t i = 0; i < 1000; i++)
		announce(w, w->hog, 0x20000000u, i, 0);
	lab_settle(&w->lab);
	assert_true(w->hog->established);
	assert_int_equal(w->hog->route_count, 50);
	assert_int_equal(w->reader->route_count, 1050);
	assert_int_equal(w->paths->route_count, 1050);
	assert_int_equal(resets(w), 1);
	announce_until_reset(w, w->hog, 0x30000000u);
	assert_int_equal(resets(w), 2);
	assert_int_equal(w->reader->route_count, 50);
	everyone_else_is_well(w);
	world_free(w);
}

/* The Adj-RIB-Out grows after the UPDATE, so that the next one, of whomever, finds the pool full:
 * blamed is who made it grow. */
static void test_a_calm_peer_is_not_blamed(void **state)
{
	struct world *w = world_new(",\"memory-limit\":1048576");
	uint32_t count = 0;

	(void)state;
	while (w->hog->conn != NULL && count < ROUTES_MAX) {
		for (uint32_t i = 0; i < 40 && w->hog->conn != NULL; i++)
			announce(w, w->hog, 0x20000000u, count++, 0);
		lab_drain_once(&w->lab);
		announce(w, w->calm, 0xc0000000u, count / 40, count); /* always new attributes */
		lab_settle(&w->lab);
	}
	assert_int_equal(w->hog->notification[1], 8);
	assert_int_equal(resets(w), 1);
	everyone_else_is_well(w);
	assert_int_equal(w->reader->route_count, count / 40);
	world_free(w);
}

/* What waits for a reader that does not read can be had back: nobody is reset for it. */
static void test_the_log_of_a_slow_reader_goes_first(void **state)
{
	struct world *w = world_new(",\"memory-limit\":\"1024KiB\"");
	uint64_t detached = 0;

	(void)state;
	for (uint32_t i = 0; i < 500; i++)
		announce(w, w->calm, 0xc0000000u, i, 0);
	lab_settle(&w->lab);
	w->reader->slow = true;
	for (uint32_t round = 1; round <= 60; round++) {
		for (uint32_t i = 0; i < 500; i++)
			announce(w, w->calm, 0xc0000000u, i, round * 1000 + i);
		lab_settle(&w->lab);
		assert_true(used(w) < LIMIT_BYTES * 5 / 4);
	}
	assert_int_equal(resets(w), 0);
	LIST_FOR_EACH (node, &reflector_of(w, "t1")->groups)
		detached += CONTAINER_OF(node, struct export_group, node)->detached_count;
	assert_true(detached != 0);
	w->reader->slow = false;
	lab_settle(&w->lab);
	everyone_else_is_well(w);
	assert_int_equal(w->reader->route_count, 500);
	for (uint32_t i = 0; i < 500; i++) {
		const struct lab_route *route = lab_route(w->reader, 0xc0000000u + i * 256, 24);

		assert_non_null(route);
		assert_int_equal(route->med, 60000 + i);
	}
	world_free(w);
}

/* A table that comes and goes leaves nothing behind, and numbers that are given back do no harm to
 * readers that are behind, or that are told several paths. */
static void test_what_was_taken_is_given_back(void **state)
{
	struct world *w = world_new("");
	size_t before;

	(void)state;
	for (uint32_t i = 0; i < 50; i++)
		announce(w, w->calm, 0xc0000000u, i, 0);
	lab_settle(&w->lab);
	before = used(w);
	for (uint32_t round = 1; round <= 4; round++) {
		w->reader->slow = round % 2 != 0;
		for (uint32_t i = 0; i < 5000; i++)
			announce(w, w->hog, 0x20000000u, i, i % 1200 + round);
		lab_settle(&w->lab);
		assert_true(used(w) > before + 300000);
		assert_int_equal(w->paths->route_count, 5050);
		if (round == 4)
			lab_close(&w->lab, w->hog);
		for (uint32_t i = 0; i < 5000 && round < 4; i++)
			lab_withdraw(&w->lab, w->hog, 0x20000000u + i * 256, 24);
		lab_settle(&w->lab);
		w->reader->slow = false;
		lab_settle(&w->lab);
		/* the reader that was behind has passed what was gone; now it may go */
		lab_advance(&w->lab, duration_seconds(5), true);
		assert_int_equal(w->paths->route_count, 50);
		assert_int_equal(w->reader->route_count, 50);
		assert_true(used(w) < before + 20000);
	}
	everyone_else_is_well(w);
	world_free(w);
}

/* The timer that looks for what may go comes while prefixes wait for their decision. */
static void test_given_back_while_prefixes_are_dirty(void **state)
{
	struct world *w = world_new("");

	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		announce(w, w->calm, 0xc0000000u, i, 0);
	for (uint32_t i = 0; i < 5000; i++)
		announce(w, w->hog, 0x20000000u, i, i % 1200);
	lab_settle(&w->lab);
	for (uint32_t i = 0; i < 5000; i++)
		lab_withdraw(&w->lab, w->hog, 0x20000000u + i * 256, 24);
	lab_settle(&w->lab); /* all have read it; nobody has looked since */
	assert_int_equal(reflector_of(w, "t1")->tables[BGP_IPV4_UNICAST].count, 5003);
	for (uint32_t i = 0; i < 3; i++)
		announce(w, w->calm, 0xc0000000u, i, 7);
	assert_true(reflector_is_dirty(reflector_of(w, "t1")));
	lab_advance(&w->lab, duration_seconds(5), true);
	assert_int_equal(reflector_of(w, "t1")->tables[BGP_IPV4_UNICAST].count, 3);
	assert_int_equal(w->reader->route_count, 3);
	assert_int_equal(w->paths->route_count, 3);
	assert_int_equal(w->reader->routes[0].med, 7);
	everyone_else_is_well(w);
	world_free(w);
}

#define WAVE_ROUTES 2500u

/* med of each route, 0: not announced; of even ones the hog's, of odd ones the calm peer's */
static void check_wave(struct world *w, const uint32_t *meds)
{
	const struct lab_peer *receivers[] = { w->reader, w->paths, w->hog };
	size_t counts[2] = { 0 };

	for (uint32_t i = 0; i < WAVE_ROUTES; i++)
		counts[i % 2] += meds[i] != 0;
	assert_int_equal(w->reader->route_count, counts[0] + counts[1]);
	assert_int_equal(w->paths->route_count, counts[0] + counts[1]);
	assert_int_equal(w->hog->route_count, counts[1]);
	for (size_t r = 0; r < ARRAY_SIZE(receivers); r++) {
		for (size_t i = 0; i < receivers[r]->route_count; i++) {
			const struct lab_route *route = &receivers[r]->routes[i];
			uint32_t index = (route->prefix - 0x20000000u) / 256;

			assert_true(index < WAVE_ROUTES);
			assert_int_equal(route->med, meds[index]);
		}
	}
}

/* Waves of random announcements and withdrawals, with readers that are behind while tables shrink
 * and grow again: everybody holds what was announced last. */
static void test_random_waves(void **state)
{
	static uint32_t meds[WAVE_ROUTES];
	struct world *w = world_new("");
	size_t shrunk = 0;

	(void)state;
	memset(meds, 0, sizeof(meds));
	for (uint32_t wave = 1; wave <= 24; wave++) {
		size_t end = reflector_of(w, "t1")->tables[BGP_IPV4_UNICAST].prefixes_end;
		bool ebb = wave % 2 == 0;

		w->reader->slow = lab_random(&w->lab, 2) == 0;
		w->paths->slow = lab_random(&w->lab, 3) == 0;
		for (uint32_t n = 0; n < WAVE_ROUTES; n++) {
			uint32_t i = ebb ? n : lab_random(&w->lab, WAVE_ROUTES);
			struct lab_peer *peer = i % 2 == 0 ? w->hog : w->calm;

			if (ebb && lab_random(&w->lab, 40) != 0) {
				if (meds[i] != 0)
					lab_withdraw(&w->lab, peer, 0x20000000u + i * 256, 24);
				meds[i] = 0;
			} else if (!ebb) {
				meds[i] = wave * 100 + lab_random(&w->lab, 50);
				announce(w, peer, 0x20000000u, i, meds[i]);
			}
			if (lab_random(&w->lab, 600) == 0)
				lab_settle(&w->lab);
		}
		lab_settle(&w->lab);
		if (lab_random(&w->lab, 2) == 0)
			lab_advance(&w->lab, duration_seconds(2), true);
		w->reader->slow = w->paths->slow = false;
		lab_settle(&w->lab);
		check_wave(w, meds);
		lab_advance(&w->lab, duration_seconds(3), true);
		shrunk += reflector_of(w, "t1")->tables[BGP_IPV4_UNICAST].prefixes_end < end;
	}
	assert_true(shrunk > 3);
	everyone_else_is_well(w);
	world_free(w);
}

static void test_the_limit_of_a_running_instance_changes(void **state)
{
	struct world *w = world_new("");

	(void)state;
	for (uint32_t i = 0; i < 12000; i++)
		announce(w, w->hog, 0x20000000u, i, 0);
	lab_settle(&w->lab);
	assert_true(used(w) > LIMIT_BYTES);
	assert_int_equal(resets(w), 0);
	configure(w, ",\"memory-limit\":\"1MiB\"");
	lab_settle(&w->lab);
	assert_true(w->hog->established); /* what is there may stay */
	announce_until_reset(w, w->hog, 0x30000000u);
	assert_int_equal(resets(w), 1);
	lab_advance(&w->lab, duration_seconds(30), true);
	configure(w, ",\"memory-limit\":0");
	assert_true(lab_connect(&w->lab, w->hog));
	lab_settle(&w->lab);
	for (uint32_t i = 0; i < 12000; i++)
		announce(w, w->hog, 0x20000000u, i, 0);
	lab_settle(&w->lab);
	assert_true(w->hog->established);
	assert_int_equal(resets(w), 1);
	world_free(w);
}

/* What `instance.list` shows is what the books say, and the parts add up. */
static void test_show(void **state)
{
	struct world *w = world_new(",\"memory-limit\":\"1MiB\"");
	json_t *shown, *memory, *parts, *value;
	json_int_t sum = 0;
	uint64_t cursor = 0;
	const char *name;

	(void)state;
	announce(w, w->calm, 0xc0000000u, 0, 0);
	lab_settle(&w->lab);
	shown = speaker_show_instances(w->lab.speaker, &cursor);
	memory = json_object_get(json_array_get(json_object_get(shown, "instances"), 0), "memory");
	assert_int_equal(json_integer_value(json_object_get(memory, "bytes")), used(w));
	assert_int_equal(json_integer_value(json_object_get(memory, "limit-bytes")), LIMIT_BYTES);
	assert_int_equal(json_integer_value(json_object_get(memory, "limit-resets")), 0);
	parts = json_object_get(memory, "parts");
	assert_int_equal(json_object_size(parts), 6);
	json_object_foreach(parts, name, value) sum += json_integer_value(value);
	assert_int_equal(sum, used(w));
	assert_true(json_integer_value(json_object_get(parts, "prefixes")) > 0);
	assert_true(json_integer_value(json_object_get(parts, "paths")) > 0);
	assert_true(json_integer_value(json_object_get(parts, "attributes")) > 0);
	assert_true(json_integer_value(json_object_get(parts, "adj-rib-out")) > 0);
	json_decref(shown);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_takes_it_over_is_reset_and_comes_back),
		cmocka_unit_test(test_a_calm_peer_is_not_blamed),
		cmocka_unit_test(test_the_log_of_a_slow_reader_goes_first),
		cmocka_unit_test(test_what_was_taken_is_given_back),
		cmocka_unit_test(test_given_back_while_prefixes_are_dirty),
		cmocka_unit_test(test_random_waves),
		cmocka_unit_test(test_the_limit_of_a_running_instance_changes),
		cmocka_unit_test(test_show),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
