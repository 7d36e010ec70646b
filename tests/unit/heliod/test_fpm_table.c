/*
 * test_fpm_table: what the agent is told: one object for each next hop, routes counted, in order.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fpm/fpm.h"
#include "heliod/fpm_table.h"

struct world {
	struct fpm_table table;
	struct bitset ids;
	struct buf out;
	char log[4096];
	struct fpm_way ways[4]; /* by the last octet of the next hop */
};

static struct fpm_way resolve(const struct ip_addr *next_hop, void *arg)
{
	struct world *world = arg;

	return world->ways[next_hop->bytes[3]];
}

static struct ip_addr address(const char *text)
{
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr, NULL), 0);
	return addr;
}

static struct ip_prefix prefix_of(const char *text)
{
	struct ip_prefix prefix;

	assert_int_equal(ip_prefix_parse(text, &prefix, NULL), 0);
	return prefix;
}

static void setup(struct world *world)
{
	*world = (struct world){ 0 };
	bitset_init(&world->ids);
	buf_init(&world->out, 0);
	fpm_table_init(&world->table, 7, &world->ids, 42, resolve, world);
	world->ways[1].gateway = address("10.1.255.5");
	world->ways[2].gateway = address("10.1.255.6");
	world->ways[3].skip = true;
}

static void done(struct world *world)
{
	fpm_table_done(&world->table);
	bitset_done(&world->ids);
	buf_done(&world->out);
}

static void log_event(struct world *world, const struct fpm_event *event)
{
	char text[IP_PREFIX_TEXT_MAX];
	size_t used = strlen(world->log);
	char *to = world->log + used;
	size_t room = sizeof(world->log) - used;

	assert_int_equal(event->table, 7);
	switch (event->kind) {
	case FPM_NEXTHOP:
		snprintf(to, room, "object %u %s; ", event->nexthop.id,
			 event->nexthop.blackhole ? "blackhole"
						  : ip_addr_format(&event->nexthop.gateway, text));
		break;
	case FPM_NEXTHOP_DELETE:
		snprintf(to, room, "no object %u; ", event->nexthop.id);
		break;
	case FPM_ROUTE:
		snprintf(to, room, "%s by %u; ", ip_prefix_format(&event->route.prefix, text),
			 event->route.nexthop_id);
		break;
	case FPM_ROUTE_DELETE:
		snprintf(to, room, "no %s; ", ip_prefix_format(&event->route.prefix, text));
		break;
	default:
		fail();
	}
}

/* What was told since the last time. */
static void check(struct world *world, const char *wanted)
{
	size_t at = 0;

	world->log[0] = '\0';
	while (at < world->out.length) {
		struct fpm_event event;
		struct error e;
		size_t used;

		assert_int_equal(
			fpm_decode(world->out.data + at, world->out.length - at, &used, &event, &e),
			1);
		log_event(world, &event);
		at += used;
	}
	buf_clear(&world->out);
	assert_string_equal(world->log, wanted);
}

static void announce(struct world *world, const char *prefix_text, const char *next_hop)
{
	struct ip_prefix prefix = prefix_of(prefix_text);
	struct ip_addr addr = address(next_hop);

	fpm_table_announce(&world->table, &prefix, &addr, &world->out);
}

static void withdraw(struct world *world, const char *prefix_text)
{
	struct ip_prefix prefix = prefix_of(prefix_text);

	fpm_table_withdraw(&world->table, &prefix, &world->out);
}

static void changed(struct world *world, const char *next_hop)
{
	struct ip_addr addr = address(next_hop);

	fpm_table_next_hop_changed(&world->table, &addr, &world->out);
}

static void test_counted(void **state)
{
	struct world w;

	(void)state;
	setup(&w);
	announce(&w, "10.0.0.0/8", "14.0.0.1");
	announce(&w, "11.0.0.0/8", "14.0.0.1");
	check(&w, "object 1 10.1.255.5; 10.0.0.0/8 by 1; 11.0.0.0/8 by 1; ");
	announce(&w, "11.0.0.0/8", "14.0.0.1");
	check(&w, "");
	announce(&w, "10.0.0.0/8", "14.0.0.2");
	check(&w, "object 2 10.1.255.6; 10.0.0.0/8 by 2; ");
	announce(&w, "11.0.0.0/8", "14.0.0.2");
	check(&w, "11.0.0.0/8 by 2; no object 1; ");
	withdraw(&w, "10.0.0.0/8");
	withdraw(&w, "10.0.0.0/8");
	withdraw(&w, "11.0.0.0/8");
	check(&w, "no 10.0.0.0/8; no 11.0.0.0/8; no object 2; ");
	announce(&w, "10.0.0.0/8", "14.0.0.2");
	check(&w, "object 1 10.1.255.6; 10.0.0.0/8 by 1; ");
	done(&w);
}

static void test_move_is_one_message(void **state)
{
	struct world w;

	(void)state;
	setup(&w);
	announce(&w, "10.0.0.0/8", "14.0.0.1");
	announce(&w, "11.0.0.0/8", "14.0.0.1");
	buf_clear(&w.out);
	changed(&w, "14.0.0.1");
	check(&w, "");
	w.ways[1].gateway = address("10.1.255.9");
	changed(&w, "14.0.0.1");
	check(&w, "object 1 10.1.255.9; ");
	w.ways[1] = (struct fpm_way){ .blackhole = true };
	changed(&w, "14.0.0.1");
	check(&w, "object 1 blackhole; ");
	changed(&w, "14.0.0.2");
	check(&w, "");
	done(&w);
}

static void test_own_next_hop(void **state)
{
	struct world w;

	(void)state;
	setup(&w);
	announce(&w, "10.0.0.0/8", "14.0.0.3");
	check(&w, "");
	announce(&w, "10.0.0.0/8", "14.0.0.1");
	check(&w, "object 1 10.1.255.5; 10.0.0.0/8 by 1; ");
	announce(&w, "10.0.0.0/8", "14.0.0.3");
	check(&w, "no 10.0.0.0/8; no object 1; ");
	w.ways[3] = (struct fpm_way){ .gateway = address("10.1.255.7") };
	changed(&w, "14.0.0.3");
	check(&w, "object 1 10.1.255.7; 10.0.0.0/8 by 1; ");
	w.ways[3] = (struct fpm_way){ .skip = true };
	changed(&w, "14.0.0.3");
	check(&w, "no 10.0.0.0/8; no object 1; ");
	withdraw(&w, "10.0.0.0/8");
	check(&w, "");
	done(&w);
}

static void test_drop(void **state)
{
	struct world w;

	(void)state;
	setup(&w);
	announce(&w, "10.0.0.0/8", "14.0.0.1");
	announce(&w, "11.0.0.0/8", "14.0.0.1");
	buf_clear(&w.out);
	assert_true(fpm_table_drop(&w.table, 1, &w.out));
	assert_false(fpm_table_drop(&w.table, 1, &w.out));
	assert_false(fpm_table_drop(&w.table, 1, &w.out));
	assert_false(bitset_has(&w.ids, 1));
	done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counted),
		cmocka_unit_test(test_move_is_one_message),
		cmocka_unit_test(test_own_next_hop),
		cmocka_unit_test(test_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
