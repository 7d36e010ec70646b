/*
 * test_export_groups: whatever happens, every member holds what a recomputation from scratch would
 * give it, with ADD-PATH and without.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Random announcements, withdrawals, moves of the best path, joins, leaves, refreshes and slow
 * members, with messages cut anywhere; then each member's received stream, replayed by the
 * lab's naive receiver, is compared with a naive model: all announcements in a table, the rules
 * of RFC 4271 9.1.2.2 and RFC 4456 written down once more in the plainest way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/mem.h"
#include "lab.h"
#include "speaker/parts.h"

#define PREFIXES 40u
#define CLUSTER_ID 0x0aff0001u /* 10.255.0.1 */
#define LOCAL_AS 65000u

enum kind {
	CLIENT,
	NON_CLIENT,
	EXTERNAL
};

static const struct {
	const char *name;
	const char *address;
	enum kind kind;
	uint32_t as;
	bool paths; /* is told several paths */
} PEERS[] = {
	{ "a", "10.254.0.1", CLIENT, LOCAL_AS, false },
	{ "b", "10.254.0.2", CLIENT, LOCAL_AS, false },
	{ "c", "10.254.0.3", CLIENT, LOCAL_AS, true },
	{ "d", "10.254.0.4", CLIENT, LOCAL_AS, true },
	{ "m", "10.253.0.1", NON_CLIENT, LOCAL_AS, false },
	{ "n", "10.253.0.2", NON_CLIENT, LOCAL_AS, true },
	{ "x", "10.252.0.1", EXTERNAL, 64601, false },
	{ "y", "10.252.0.2", EXTERNAL, 64602, true },
};

#define PEER_COUNT ARRAY_SIZE(PEERS)

/* %1$zu: send-max */
static const char CONFIG[] =
	"{\"name\":\"t\",\"local-as\":65000,\"router-id\":\"10.255.0.1\",\"ebgp-requires-policy\":"
	"false,"
	"\"selection-deferral-time\":1,"
	"\"peer-groups\":[{\"name\":\"clients\",\"peer-as\":65000,\"route-reflector-client\":true,"
	"\"passive\":true,\"add-paths\":{\"send\":true,\"send-max\":%1$zu}},"
	"{\"name\":\"others\",\"peer-as\":65000,\"passive\":true,\"add-paths\":{\"send\":true,"
	"\"send-max\":%1$zu}}],"
	"\"neighbors\":[{\"neighbor-address\":\"10.252.0.1\",\"peer-as\":64601,\"passive\":true},"
	"{\"neighbor-address\":\"10.252.0.2\",\"peer-as\":64602,\"passive\":true,\"add-paths\":{"
	"\"send\":true,\"send-max\":%1$zu}}],"
	"\"dynamic-neighbors\":[{\"prefix\":\"10.254.0.0/16\",\"peer-group\":\"clients\"},"
	"{\"prefix\":\"10.253.0.0/16\",\"peer-group\":\"others\"}]}";

struct model {
	bool announced[PEER_COUNT][PREFIXES];
	struct lab_route routes[PEER_COUNT][PREFIXES];
};

static uint32_t prefix_of(size_t index)
{
	return 0xc0000000u + (uint32_t)index * 256;
}

static struct lab_route random_route(struct lab *lab, size_t peer, size_t index)
{
	struct lab_route route = { .prefix = prefix_of(index), .length = 24 };

	route.origin = (uint8_t)lab_random(lab, 2);
	route.next_hop = 0x0a000000u + (uint32_t)peer * 256 + lab_random(lab, 3);
	if (PEERS[peer].kind == EXTERNAL)
		route.as_path[route.as_path_length++] = PEERS[peer].as;
	for (size_t n = lab_random(lab, 2); n != 0; n--)
		route.as_path[route.as_path_length++] = 64700 + lab_random(lab, 3);
	if (lab_random(lab, 3) == 0) {
		route.has_med = true;
		route.med = lab_random(lab, 3);
	}
	if (PEERS[peer].kind != EXTERNAL) {
		route.has_local_pref = true;
		route.local_pref = 100 + lab_random(lab, 2);
	}
	return route;
}

/* --- the naive model --- */

static uint32_t pref(const struct lab_route *r)
{
	return r->has_local_pref ? r->local_pref : 100;
}

static uint32_t neighbor(const struct lab_route *r)
{
	return r->as_path_length == 0 ? 0 : r->as_path[0];
}

static uint32_t med(const struct lab_route *r)
{
	return r->has_med ? r->med : 0;
}

/* Which of those that are not `out` stays: one step after the other, by RFC 4271 9.1.2.2. -1: none.
 */
static int model_best(const struct model *model, size_t index, const bool out[PEER_COUNT])
{
	bool in[PEER_COUNT];
	size_t left = 0;
	int best = -1;

	for (size_t p = 0; p < PEER_COUNT; p++)
		left += in[p] = model->announced[p][index] && !out[p];
	if (left == 0)
		return -1;
	for (int step = 0; step < 6; step++) {
		bool beaten[PEER_COUNT] = { false };

		for (size_t p = 0; p < PEER_COUNT; p++) {
			for (size_t q = 0; q < PEER_COUNT && in[p]; q++) {
				const struct lab_route *a = &model->routes[p][index],
						       *b = &model->routes[q][index];

				if (!in[q] || p == q)
					continue;
				beaten[p] |=
					(step == 0 && pref(b) > pref(a)) ||
					(step == 1 && b->as_path_length < a->as_path_length) ||
					(step == 2 && b->origin < a->origin) ||
					(step == 3 && neighbor(a) == neighbor(b) &&
					 med(b) < med(a)) ||
					(step == 4 && PEERS[q].kind == EXTERNAL &&
					 PEERS[p].kind != EXTERNAL) ||
					(step == 5 && q < p); /* router ids grow with the index */
			}
		}
		for (size_t p = 0; p < PEER_COUNT; p++)
			in[p] &= !beaten[p];
	}
	for (size_t p = 0; p < PEER_COUNT; p++)
		if (in[p])
			best = (int)p;
	return best;
}

/* What `to` is to hold of the route of `from`; false: nothing. */
static bool model_told(const struct model *model, size_t index, size_t from, size_t to,
		       struct lab_route *ret_route)
{
	struct lab_route route;

	if (from == to)
		return false;
	if (PEERS[from].kind == NON_CLIENT && PEERS[to].kind == NON_CLIENT)
		return false;
	route = model->routes[from][index];
	if (PEERS[to].kind == EXTERNAL) {
		memmove(route.as_path + 1, route.as_path,
			route.as_path_length * sizeof(route.as_path[0]));
		route.as_path[0] = LOCAL_AS;
		route.as_path_length++;
		route.has_med = false;
		route.has_local_pref = false;
		route.next_hop = 0x0aff0001u;
	} else {
		route.local_pref = pref(&route);
		route.has_local_pref = true;
		if (PEERS[from].kind != EXTERNAL) {
			route.has_originator = true;
			route.originator = (uint32_t)from + 1;
			route.clusters[route.cluster_count++] = CLUSTER_ID;
		}
	}
	*ret_route = route;
	return true;
}

/* What `to` is to hold of the prefix: the best path; with ADD-PATH the first `paths_max` (0: all)
 * in the order of their quality, its own left out.
 */
static size_t model_expected(const struct model *model, size_t index, size_t to, size_t paths_max,
			     struct lab_route routes[PEER_COUNT])
{
	size_t max = !PEERS[to].paths ? 1 : paths_max == 0 ? PEER_COUNT : paths_max;
	bool out[PEER_COUNT] = { false };
	size_t count = 0;

	for (size_t n = 0; n < max;) {
		int from = model_best(model, index, out);

		if (from < 0)
			break;
		out[from] = true;
		n += !PEERS[to].paths || (size_t)from != to;
		count += model_told(model, index, (size_t)from, to, &routes[count]);
	}
	return count;
}

static bool same_route(const struct lab_route *a, const struct lab_route *b)
{
	return a->next_hop == b->next_hop && a->origin == b->origin && a->has_med == b->has_med &&
	       (!a->has_med || a->med == b->med) && a->has_local_pref == b->has_local_pref &&
	       (!a->has_local_pref || a->local_pref == b->local_pref) &&
	       a->has_originator == b->has_originator &&
	       (!a->has_originator || a->originator == b->originator) &&
	       a->cluster_count == b->cluster_count &&
	       memcmp(a->clusters, b->clusters, a->cluster_count * 4) == 0 &&
	       a->as_path_length == b->as_path_length &&
	       memcmp(a->as_path, b->as_path, a->as_path_length * 4) == 0;
}

/* Does the peer hold these routes of the prefix, and no others? */
static bool holds(const struct lab_peer *peer, size_t index, const struct lab_route *routes,
		  size_t count)
{
	bool used[PEER_COUNT] = { false };
	size_t held = 0;

	for (size_t r = 0; r < peer->route_count; r++) {
		size_t i = 0;

		if (peer->routes[r].prefix != prefix_of(index))
			continue;
		held++;
		while (i < count && (used[i] || !same_route(&routes[i], &peer->routes[r])))
			i++;
		if (i == count)
			return false;
		used[i] = true;
	}
	return held == count;
}

static void compare(const struct lab *lab, const struct model *model, size_t paths_max,
		    uint64_t seed, size_t round)
{
	for (size_t p = 0; p < PEER_COUNT; p++) {
		const struct lab_peer *peer = &lab->peers[p];
		size_t expected = 0;

		if (peer->complaint[0] != '\0')
			fail_msg("seed %" PRIu64 " round %zu: %s", seed, round, peer->complaint);
		if (!peer->established)
			continue;
		for (size_t i = 0; i < PREFIXES; i++) {
			struct lab_route routes[PEER_COUNT];
			size_t count = model_expected(model, i, p, paths_max, routes);

			expected += count;
			if (!holds(peer, i, routes, count))
				fail_msg(
					"seed %" PRIu64
					" round %zu: %s does not hold what it should of prefix %zu",
					seed, round, peer->name, i);
		}
		if (peer->route_count != expected)
			fail_msg("seed %" PRIu64 " round %zu: %s holds %zu routes instead of %zu",
				 seed, round, peer->name, peer->route_count, expected);
	}
}

/* --- random life --- */

static void act(struct lab *lab, struct model *model)
{
	size_t p = lab_random(lab, PEER_COUNT);
	size_t i = lab_random(lab, PREFIXES);
	struct lab_peer *peer = &lab->peers[p];

	switch (lab_random(lab, 24)) {
	case 0:
		if (peer->connected)
			lab_close(lab, peer);
		memset(model->announced[p], 0, sizeof(model->announced[p]));
		peer->slow = false;
		break;
	case 1:
	case 2:
		if (!peer->connected)
			(void)lab_connect(lab, peer);
		break;
	case 3:
		peer->slow = !peer->slow && peer->established;
		break;
	case 4:
		if (peer->established && !peer->slow)
			lab_refresh(lab, peer, 0);
		break;
	case 5:
	case 6:
	case 7:
		lab_drain_once(lab);
		break;
	case 8:
	case 9:
	case 10:
	case 11:
		if (peer->established) {
			lab_withdraw(lab, peer, prefix_of(i), 24);
			model->announced[p][i] = false;
		}
		break;
	default:
		if (peer->established) {
			model->routes[p][i] = random_route(lab, p, i);
			model->announced[p][i] = true;
			lab_announce(lab, peer, &model->routes[p][i]);
		}
	}
}

/* How often members lost their place in a log. */
static uint64_t detached(const struct speaker_instance *instance)
{
	uint64_t count = 0;

	LIST_FOR_EACH (node, &instance->reflector->groups)
		count += CONTAINER_OF(node, struct export_group, node)->detached_count;
	return count;
}

static uint64_t live(uint64_t seed, size_t log_bytes_max, size_t piece_max, size_t rounds)
{
	size_t paths_max = seed % 3; /* all, one, two */
	char config[sizeof(CONFIG) + 64];
	struct model *model = mem_zalloc(sizeof(*model));
	struct lab *lab = mem_zalloc(sizeof(*lab));
	struct speaker_instance *instance;
	uint64_t count;

	lab_init(lab, seed);
	lab->piece_max = piece_max;
	snprintf(config, sizeof(config), CONFIG, paths_max);
	lab_configure(lab, config);
	instance = speaker_find_instance(lab->speaker, "t");
	instance->reflector->log_bytes_max = log_bytes_max;
	for (size_t p = 0; p < PEER_COUNT; p++)
		lab_add_peer(lab, PEERS[p].name, PEERS[p].address, PEERS[p].as, (uint32_t)p + 1)
			->add_path = PEERS[p].paths;
	for (size_t p = 0; p < PEER_COUNT; p++)
		assert_true(lab_connect(lab, &lab->peers[p]));
	lab_settle(lab);
	for (size_t p = 0; p < PEER_COUNT; p++)
		assert_true(lab->peers[p].told_paths == PEERS[p].paths);
	for (size_t round = 0; round < rounds; round++) {
		for (size_t n = 1 + lab_random(lab, 120); n != 0; n--)
			act(lab, model);
		if (lab_random(lab, 3) == 0) {
			lab_settle(lab); /* the slow stay behind */
			continue;
		}
		for (size_t p = 0; p < PEER_COUNT; p++)
			lab->peers[p].slow = false;
		lab_settle(lab);
		compare(lab, model, paths_max, seed, round);
		lab_advance(lab, duration_seconds(3), true);
	}
	count = detached(instance);
	lab_done(lab);
	mem_free(lab);
	mem_free(model);
	return count;
}

static void test_everyone_keeps_up(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 15; seed++)
		assert_int_equal(live(seed, EXPORT_LOG_BYTES_MAX, 0, 25), 0);
}

static void test_slow_members_lose_their_place(void **state)
{
	uint64_t count = 0;

	(void)state;
	for (uint64_t seed = 100; seed <= 130; seed++)
		count += live(seed, 600, 0, 25);
	assert_true(count > 100);
}

static void test_messages_cut_anywhere(void **state)
{
	(void)state;
	for (uint64_t seed = 200; seed <= 212; seed++)
		live(seed, 600, 40, 15);
}

/* The socket took a part of a KEEPALIVE; then there is BoRR to be sent, which may not overtake the
 * rest. */
static void test_a_message_that_is_begun_is_ended_first(void **state)
{
	static const uint8_t enhanced_refresh[] = { 70, 0 };
	struct lab *lab = mem_zalloc(sizeof(*lab));
	char config[sizeof(CONFIG) + 64];
	struct lab_peer *peer;
	struct iovec vectors[4];

	(void)state;
	lab_init(lab, 1);
	snprintf(config, sizeof(config), CONFIG, (size_t)0);
	lab_configure(lab, config);
	peer = lab_add_peer(lab, PEERS[0].name, PEERS[0].address, PEERS[0].as, 1);
	lab_offer(peer, enhanced_refresh, sizeof(enhanced_refresh));
	assert_true(lab_connect(lab, peer));
	lab_settle(lab);
	for (size_t part = 1; part < 19; part++) {
		size_t ends = peer->refresh_ends;

		peer->slow = true;
		lab_advance(lab, duration_seconds(31), true);
		assert_in_range(speaker_output(peer->conn, vectors, ARRAY_SIZE(vectors), 65536), 1,
				ARRAY_SIZE(vectors));
		assert_in_range(vectors[0].iov_len, 19, 3 * 19); /* KEEPALIVEs */
		buf_add(&peer->in, vectors[0].iov_base, part);
		speaker_wrote(peer->conn, part, lab->now);
		lab_refresh(lab, peer, 0);
		peer->slow = false;
		lab_settle(lab);
		assert_string_equal(peer->complaint, "");
		assert_int_equal(peer->refresh_ends, ends + 1);
	}
	lab_done(lab);
	mem_free(lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everyone_keeps_up),
		cmocka_unit_test(test_slow_members_lose_their_place),
		cmocka_unit_test(test_messages_cut_anywhere),
		cmocka_unit_test(test_a_message_that_is_begun_is_ended_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
