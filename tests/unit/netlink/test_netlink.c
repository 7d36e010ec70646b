/*
 * Tests of netlink: batches, dumps and monitors against the kernel, in a namespace of their own.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink/netlink.h"
#include "rtnl/link.h"
#include "rtnl/nexthop.h"
#include "rtnl/route.h"

#define ROUTES 3000

struct results {
	size_t good, bad;
	int last_code;
	char last_text[RTNL_ACK_TEXT_MAX];
};

static void on_result(uint64_t cookie UNUSED, int code, const char *text, void *arg)
{
	struct results *results = arg;

	if (code == 0) {
		results->good++;
		return;
	}
	results->bad++;
	results->last_code = code;
	snprintf(results->last_text, sizeof(results->last_text), "%s", text);
}

static void count_routes(const struct rtnl_message *message, void *arg)
{
	struct rtnl_route route;

	assert_int_equal(rtnl_route_parse(message, &route), 0);
	if (route.protocol == 186)
		++*(size_t *)arg;
}

static struct rtnl_route route_number(uint32_t i)
{
	struct rtnl_route route = { .table = 254, .protocol = 186, .nexthop_id = 5 };

	route.prefix.addr = ip_addr_v4(0x0b000000 + (i << 8));
	route.prefix.length = 24;
	return route;
}

static void batches(void **state)
{
	struct netlink *nl = *state;
	struct rtnl_nexthop nexthop = {
		.id = 5, .family = IP_V4, .protocol = 186, .blackhole = true
	};
	struct results results = { 0 };
	size_t routes = 0;
	struct rtnl_route route;

	if (nl == NULL)
		skip();
	rtnl_nexthop_put(netlink_begin(nl), RTNL_REPLACE, &nexthop);
	netlink_queue(nl, 0);
	for (uint32_t i = 0; i < ROUTES; i++) {
		if (netlink_is_full(nl))
			assert_int_equal(netlink_flush(nl, on_result, &results, NULL), 0);
		route = route_number(i);
		rtnl_route_put(netlink_begin(nl), RTNL_REPLACE, &route);
		netlink_queue(nl, i);
	}
	assert_int_equal(netlink_flush(nl, on_result, &results, NULL), 0);
	assert_int_equal(results.good, ROUTES + 1);
	assert_int_equal(results.bad, 0);
	assert_int_equal(netlink_dump(nl, RTM_GETROUTE, AF_INET, count_routes, &routes, NULL), 0);
	assert_int_equal(routes, ROUTES);
	/* One that fails has the kernel's words and harms no other. */
	route = route_number(0);
	route.nexthop_id = 6;
	rtnl_route_put(netlink_begin(nl), RTNL_REPLACE, &route);
	netlink_queue(nl, 1);
	route = route_number(1);
	rtnl_route_put(netlink_begin(nl), RTNL_DELETE, &route);
	netlink_queue(nl, 2);
	results = (struct results){ 0 };
	assert_int_equal(netlink_flush(nl, on_result, &results, NULL), 0);
	assert_int_equal(results.good, 1);
	assert_int_equal(results.bad, 1);
	assert_int_equal(results.last_code, EINVAL);
	assert_string_not_equal(results.last_text, "");
}

static void on_link(const struct rtnl_message *message, void *arg)
{
	if (message->type == RTM_NEWLINK)
		++*(size_t *)arg;
}

static void monitors(void **state)
{
	struct netlink *nl = *state;
	struct rtnl_link link = { .index = 1, .set_up = true, .up = true };
	struct results results = { 0 };
	size_t heard = 0;
	int fd;

	if (nl == NULL)
		skip();
	fd = netlink_monitor_open(-1, 1u << (RTNLGRP_LINK - 1), NULL);
	assert_true(fd >= 0);
	assert_int_equal(netlink_monitor_read(fd, on_link, &heard), 0);
	assert_int_equal(heard, 0);
	rtnl_link_put(netlink_begin(nl), RTNL_CHANGE, &link);
	netlink_queue(nl, 0);
	assert_int_equal(netlink_flush(nl, on_result, &results, NULL), 0);
	assert_int_equal(results.good, 1);
	assert_int_equal(netlink_monitor_read(fd, on_link, &heard), 0);
	assert_true(heard >= 1);
	close(fd);
}

static int setup(void **state)
{
	*state = NULL;
	if (geteuid() == 0 && unshare(CLONE_NEWNET) == 0)
		*state = netlink_open(-1, NULL);
	return 0;
}

static int teardown(void **state)
{
	netlink_close(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* first: a blackhole stands on the loopback device, which this one brings up */
		cmocka_unit_test(monitors),
		cmocka_unit_test(batches),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
