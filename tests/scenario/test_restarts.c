/*
 * test_restarts: peers that come, go, come back and refresh in any order, against a model that
 * knows nothing of tables, flags and export groups.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Three sources: two with graceful restart (20 s), its long-lived form (50 s) and enhanced refresh,
 * one without any of it. Two listeners: one takes part in RFC 9494, one does not. After each step
 * both hold exactly what the model says that they hold.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "lab.h"

#define SOURCES 3u
#define PREFIXES 6u
#define SEEDS 30u
#define STEPS 1000u
#define RESTART_S 20
#define LONG_LIVED_S 50
#define SYNCHRONIZATION_S 600
#define NEVER INT64_MAX

#define COMMUNITY_LLGR_STALE 0xffff0006u
#define COMMUNITY_NO_LLGR 0xffff0007u

struct path {
	bool present, stale, long_lived, marked, no_llgr;
	uint32_t pref;
};

struct source {
	struct lab_peer *peer;
	struct path paths[PREFIXES];
	bool restarts; /* has RFC 4724, 9494 and 7313 */
	bool up, synchronized, was_stale, over;
	int64_t restart_at, long_lived_at, refresh_at;
};

struct model {
	struct lab lab;
	struct source sources[SOURCES];
	struct lab_peer *knows, *ignores;
	int64_t now_s;
};

static uint32_t prefix_of(size_t index)
{
	return 0xc0000200 + (uint32_t)index * 256;
}

static void drop(struct source *s, bool stale_only, bool marked_only)
{
	for (size_t i = 0; i < PREFIXES; i++)
		if ((!stale_only || s->paths[i].stale) && (!marked_only || s->paths[i].marked))
			s->paths[i] = (struct path){ 0 };
}

static void end_stale(struct source *s)
{
	drop(s, true, false);
	s->was_stale = s->over = false;
	s->restart_at = s->long_lived_at = NEVER;
}

static bool has_paths(const struct source *s)
{
	for (size_t i = 0; i < PREFIXES; i++)
		if (s->paths[i].present)
			return true;
	return false;
}

static void begin_long_lived(struct source *s, int64_t now_s)
{
	for (size_t i = 0; i < PREFIXES; i++) {
		if (s->paths[i].stale && s->paths[i].no_llgr)
			s->paths[i] = (struct path){ 0 };
		s->paths[i].long_lived = s->paths[i].stale;
	}
	if (s->long_lived_at == NEVER)
		s->long_lived_at = now_s + LONG_LIVED_S;
}

static void model_down(struct source *s, int64_t now_s)
{
	bool again = s->was_stale;

	s->up = false;
	s->restart_at = s->refresh_at = NEVER;
	if (!s->restarts || s->over) {
		drop(s, false, false);
		end_stale(s);
		return;
	}
	for (size_t i = 0; i < PREFIXES; i++) {
		s->paths[i].marked = false;
		s->paths[i].stale = s->paths[i].present;
	}
	s->was_stale = has_paths(s);
	if (!s->was_stale)
		end_stale(s);
	else if (again || s->long_lived_at != NEVER)
		begin_long_lived(s, now_s);
	else
		s->restart_at = now_s + RESTART_S;
}

static void model_second(struct source *s, int64_t now_s)
{
	if (s->restart_at <= now_s) {
		s->restart_at = NEVER;
		if (s->long_lived_at == NEVER && s->was_stale) {
			if (s->up)
				end_stale(s);
			else
				begin_long_lived(s, now_s);
		}
	}
	if (s->long_lived_at <= now_s) {
		if (s->up && !s->over) {
			s->over = true;
			s->long_lived_at = now_s + SYNCHRONIZATION_S;
		} else {
			end_stale(s);
		}
	}
	if (s->refresh_at <= now_s) {
		drop(s, false, true);
		s->refresh_at = NEVER;
	}
}

/* RFC 9494 4.4, 4724 4.2, 4271 9.1: a is better. */
static bool better(const struct path *a, const struct path *b)
{
	if (a->long_lived != b->long_lived)
		return b->long_lived;
	if (a->stale != b->stale)
		return b->stale;
	return a->pref > b->pref; /* of equal ones the first source has the lower router id */
}

static void check_listener(const struct model *m, const struct lab_peer *listener)
{
	size_t expected = 0;

	for (size_t i = 0; i < PREFIXES; i++) {
		const struct lab_route *route = lab_route(listener, prefix_of(i), 24);
		const struct path *best = NULL;

		for (size_t s = 0; s < SOURCES; s++)
			if (m->sources[s].paths[i].present &&
			    (best == NULL || better(&m->sources[s].paths[i], best)))
				best = &m->sources[s].paths[i];
		if (best != NULL && best->long_lived && listener == m->ignores)
			best = NULL;
		assert_int_equal(best != NULL, route != NULL);
		if (best == NULL)
			continue;
		expected++;
		assert_int_equal(route->local_pref, best->pref);
		assert_int_equal(route->community_count,
				 (best->no_llgr ? 1 : 0) + (best->long_lived ? 1 : 0));
		if (best->long_lived)
			assert_int_equal(route->communities[route->community_count - 1],
					 COMMUNITY_LLGR_STALE);
	}
	assert_int_equal(listener->route_count, expected);
	assert_string_equal(listener->complaint, "");
}

static void step_announce(struct model *m, struct source *s, size_t prefix)
{
	struct lab_route route = { .prefix = prefix_of(prefix),
				   .length = 24,
				   .next_hop = 0x0a000001,
				   .has_local_pref = true,
				   .local_pref = 100 + lab_random(&m->lab, 3) };

	if (lab_random(&m->lab, 4) == 0)
		route.communities[route.community_count++] = COMMUNITY_NO_LLGR;
	lab_announce(&m->lab, s->peer, &route);
	s->paths[prefix] = (struct path){ .present = true,
					  .no_llgr = route.community_count != 0,
					  .pref = route.local_pref };
}

static void step_refresh(struct model *m, struct source *s, bool begins)
{
	lab_refresh(&m->lab, s->peer, begins ? 1 : 2);
	if (!s->restarts || !s->synchronized)
		return;
	if (begins) {
		for (size_t i = 0; i < PREFIXES; i++)
			s->paths[i].marked = s->paths[i].present;
		s->refresh_at = m->now_s + SYNCHRONIZATION_S;
	} else if (s->refresh_at != NEVER) {
		drop(s, false, true);
		s->refresh_at = NEVER;
	}
}

static void step_connect(struct model *m, struct source *s)
{
	static const uint8_t enhanced[] = { 70, 0 };
	bool lost = lab_random(&m->lab, 5) == 0;

	s->peer->offer_bytes = 0;
	if (s->restarts) {
		lab_offer(s->peer, enhanced, sizeof(enhanced));
		lab_offer_restart(s->peer, RESTART_S, LONG_LIVED_S, false, lost);
	}
	assert_true(lab_connect(&m->lab, s->peer));
	if (lost || !s->restarts)
		end_stale(s);
	if (s->restart_at != NEVER)
		s->restart_at = m->now_s + SYNCHRONIZATION_S;
	s->up = true;
	s->synchronized = !s->restarts;
}

static void step_time(struct model *m, int64_t seconds)
{
	for (int64_t i = 0; i < seconds; i++) {
		m->now_s++;
		for (size_t s = 0; s < SOURCES; s++)
			model_second(&m->sources[s], m->now_s);
	}
	lab_advance(&m->lab, duration_seconds(seconds), true);
}

static void step(struct model *m)
{
	struct source *s = &m->sources[lab_random(&m->lab, SOURCES)];
	size_t prefix = lab_random(&m->lab, PREFIXES);
	uint32_t what = lab_random(&m->lab, 20);

	if (what >= 17) {
		step_time(m, 1 + lab_random(&m->lab, what == 19 ? 90 : 15));
	} else if (!s->up) {
		if (what < 9)
			step_connect(m, s);
	} else if (what < 8) {
		step_announce(m, s, prefix);
	} else if (what < 10) {
		lab_withdraw(&m->lab, s->peer, prefix_of(prefix), 24);
		s->paths[prefix] = (struct path){ 0 };
	} else if (what < 12) {
		lab_end_of_rib(&m->lab, s->peer);
		s->synchronized = true;
		end_stale(s);
	} else if (what < 14) {
		step_refresh(m, s, what == 12 || s->refresh_at == NEVER);
	} else {
		lab_close(&m->lab, s->peer);
		model_down(s, m->now_s);
	}
	lab_settle(&m->lab);
}

static void make_world(struct model *m, uint64_t seed)
{
	static const char config[] =
		"{\"name\":\"t\",\"local-as\":65000,\"router-id\":\"10.255.0.1\","
		"\"selection-deferral-time\":0,\"graceful-restart\":{\"enabled\":true,"
		"\"restart-time\":60,\"long-lived\":true},\"dynamic-neighbors\":[{\"prefix\":"
		"\"10.0.0.0/24\",\"peer-as\":65000,\"route-reflector-client\":true}]}";

	lab_init(&m->lab, seed);
	lab_configure(&m->lab, config);
	for (size_t i = 0; i < SOURCES; i++) {
		char address[32], name[2] = { (char)('a' + i), '\0' };

		snprintf(address, sizeof(address), "10.0.0.%zu", i + 1);
		m->sources[i] = (struct source){ .peer = lab_add_peer(&m->lab, name, address, 65000,
								      (uint32_t)i + 1),
						 .restarts = i != 2,
						 .restart_at = NEVER,
						 .long_lived_at = NEVER,
						 .refresh_at = NEVER };
	}
	m->knows = lab_add_peer(&m->lab, "knows", "10.0.0.8", 65000, 8);
	m->ignores = lab_add_peer(&m->lab, "ignores", "10.0.0.9", 65000, 9);
	lab_offer_restart(m->knows, RESTART_S, LONG_LIVED_S, false, false);
	assert_true(lab_connect(&m->lab, m->knows));
	assert_true(lab_connect(&m->lab, m->ignores));
	lab_settle(&m->lab);
}

static void test_any_order(void **unused)
{
	(void)unused;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct model *m = test_calloc(1, sizeof(*m));

		make_world(m, seed);
		for (unsigned i = 0; i < STEPS; i++) {
			step(m);
			check_listener(m, m->knows);
			check_listener(m, m->ignores);
		}
		lab_done(&m->lab);
		test_free(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
