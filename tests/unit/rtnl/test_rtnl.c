/*
 * test_rtnl: every kind of rtnetlink message is written, read back and equal; broken ones fail.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <linux/neighbour.h>

#include "rtnl/addr.h"
#include "rtnl/link.h"
#include "rtnl/neigh.h"
#include "rtnl/nexthop.h"
#include "rtnl/route.h"
#include "rtnl/rule.h"

static struct ip_addr address(const char *text)
{
	struct ip_addr addr;

	assert_int_equal(ip_addr_parse(text, &addr, NULL), 0);
	return addr;
}

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix p;

	assert_int_equal(ip_prefix_parse(text, &p, NULL), 0);
	return p;
}

/* The one message that the buffer holds. */
static struct rtnl_message only(const struct buf *buf)
{
	struct reader r = reader_of(buf->data, buf->length);
	struct rtnl_message message;
	struct rtnl_message second;

	assert_int_equal(rtnl_message_next(&r, &message), 1);
	assert_int_equal(rtnl_message_next(&r, &second), 0);
	return message;
}

static void link_round_trip(void **state UNUSED)
{
	struct rtnl_link link = { .name = "vx",
				  .alias = "T1",
				  .kind = "vxlan",
				  .has_mac = true,
				  .mac = { { 2, 0, 0, 0, 0, 5 } },
				  .mtu = 1450,
				  .up = true,
				  .set_up = true,
				  .has_vxlan = true,
				  .vxlan = { .vni = 5001, .port = 4789 } };
	struct rtnl_link back;
	struct rtnl_message message;
	struct buf buf;

	link.vxlan.local = address("100.64.0.11");
	buf_init(&buf, 0);
	rtnl_link_put(&buf, RTNL_CREATE, &link);
	message = only(&buf);
	assert_int_equal(message.type, RTM_NEWLINK);
	assert_int_equal(message.flags, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	assert_int_equal(rtnl_link_parse(&message, &back), 0);
	assert_string_equal(back.name, "vx");
	assert_string_equal(back.alias, "T1");
	assert_string_equal(back.kind, "vxlan");
	assert_memory_equal(&back.mac, &link.mac, sizeof(link.mac));
	assert_int_equal(back.mtu, 1450);
	assert_true(back.up && back.has_vxlan && !back.vxlan.learning);
	assert_int_equal(back.vxlan.vni, 5001);
	assert_int_equal(back.vxlan.port, 4789);
	assert_true(ip_addr_equal(&back.vxlan.local, &link.vxlan.local));
	buf_done(&buf);
}

static void addr_round_trip(void **state UNUSED)
{
	struct rtnl_addr addr = { .index = 3, .length = 32, .protocol = 72 };
	struct rtnl_addr back;
	struct rtnl_message message;
	struct buf buf;

	addr.addr = address("10.1.255.2");
	buf_init(&buf, 0);
	rtnl_addr_put(&buf, RTNL_REPLACE, &addr);
	message = only(&buf);
	assert_int_equal(rtnl_addr_parse(&message, &back), 0);
	assert_true(ip_addr_equal(&back.addr, &addr.addr));
	assert_int_equal(back.index, 3);
	assert_int_equal(back.length, 32);
	assert_int_equal(back.protocol, 72);
	buf_done(&buf);
}

static void route_round_trip(void **state UNUSED)
{
	struct rtnl_route route = {
		.table = 100000, .protocol = 186, .priority = 20, .oif = 4, .onlink = true
	};
	struct rtnl_route back;
	struct rtnl_message message;
	struct buf buf;

	route.prefix = prefix("192.168.7.0/24");
	route.gateway = address("10.1.255.6");
	route.source = address("10.1.255.5");
	buf_init(&buf, 0);
	rtnl_route_put(&buf, RTNL_REPLACE, &route);
	message = only(&buf);
	assert_int_equal(rtnl_route_parse(&message, &back), 0);
	assert_true(ip_prefix_equal(&back.prefix, &route.prefix));
	assert_int_equal(back.table, 100000);
	assert_int_equal(back.priority, 20);
	assert_int_equal(back.oif, 4);
	assert_int_equal(back.type, RTN_UNICAST);
	assert_true(back.onlink);
	assert_true(ip_addr_equal(&back.gateway, &route.gateway));
	assert_true(ip_addr_equal(&back.source, &route.source));

	buf_clear(&buf);
	route = (struct rtnl_route){ .table = 254, .nexthop_id = 0x10000007 };
	route.prefix = prefix("0.0.0.0/0");
	rtnl_route_put(&buf, RTNL_REPLACE, &route);
	message = only(&buf);
	assert_int_equal(rtnl_route_parse(&message, &back), 0);
	assert_true(ip_prefix_equal(&back.prefix, &route.prefix));
	assert_int_equal(back.nexthop_id, 0x10000007);
	buf_done(&buf);
}

static void nexthop_round_trip(void **state UNUSED)
{
	struct rtnl_nexthop nexthop = {
		.id = 7, .family = IP_V4, .protocol = 186, .onlink = true, .oif = 5, .table = 12
	};
	struct rtnl_nexthop back;
	struct rtnl_message message;
	struct buf buf;

	nexthop.gateway = address("10.1.255.6");
	buf_init(&buf, 0);
	rtnl_nexthop_put(&buf, RTNL_REPLACE, &nexthop);
	message = only(&buf);
	assert_int_equal(rtnl_nexthop_parse(&message, &back), 0);
	assert_int_equal(back.id, 7);
	assert_int_equal(back.table, 12);
	assert_int_equal(back.oif, 5);
	assert_true(back.onlink && !back.blackhole);
	assert_true(ip_addr_equal(&back.gateway, &nexthop.gateway));

	buf_clear(&buf);
	nexthop = (struct rtnl_nexthop){ .id = 9, .family = IP_V4, .blackhole = true };
	rtnl_nexthop_put(&buf, RTNL_REPLACE, &nexthop);
	message = only(&buf);
	assert_int_equal(rtnl_nexthop_parse(&message, &back), 0);
	assert_true(back.blackhole);
	assert_int_equal(back.table, 0);
	buf_done(&buf);
}

static void neigh_round_trip(void **state UNUSED)
{
	struct rtnl_neigh neigh = { .index = 2,
				    .fdb = true,
				    .has_mac = true,
				    .permanent = true,
				    .mac = { { 2, 1, 2, 3, 4, 5 } } };
	struct rtnl_neigh back;
	struct rtnl_message message;
	struct buf buf;

	neigh.addr = address("100.64.0.12");
	buf_init(&buf, 0);
	rtnl_neigh_put(&buf, RTNL_REPLACE, &neigh);
	message = only(&buf);
	assert_int_equal(rtnl_neigh_parse(&message, &back), 0);
	assert_true(back.fdb && back.permanent && back.has_mac);
	assert_memory_equal(&back.mac, &neigh.mac, sizeof(neigh.mac));
	assert_true(ip_addr_equal(&back.addr, &neigh.addr));
	buf_done(&buf);
}

static void rule_round_trip(void **state UNUSED)
{
	struct rtnl_rule rule = {
		.family = IP_V4, .priority = 1000, .mark = 77, .table = 70000, .protocol = 72
	};
	struct rtnl_rule back;
	struct rtnl_message message;
	struct buf buf;

	buf_init(&buf, 0);
	rtnl_rule_put(&buf, RTNL_CREATE, &rule);
	message = only(&buf);
	assert_int_equal(rtnl_rule_parse(&message, &back), 0);
	assert_int_equal(back.family, rule.family);
	assert_int_equal(back.priority, rule.priority);
	assert_int_equal(back.mark, rule.mark);
	assert_int_equal(back.table, rule.table);
	assert_int_equal(back.protocol, rule.protocol);
	buf_done(&buf);
}

static void broken_bytes_fail(void **state UNUSED)
{
	struct rtnl_route route = { .table = 1, .nexthop_id = 3 };
	struct rtnl_route back;
	struct buf buf;

	route.prefix = prefix("10.0.0.0/8");
	buf_init(&buf, 0);
	rtnl_route_put(&buf, RTNL_REPLACE, &route);
	for (size_t cut = 1; cut < buf.length; cut++) {
		struct reader r = reader_of(buf.data, cut);
		struct rtnl_message message;

		assert_int_equal(rtnl_message_next(&r, &message), -1);
	}
	for (size_t at = sizeof(struct nlmsghdr); at < buf.length; at++) {
		char kept = buf.data[at];
		struct reader r = reader_of(buf.data, buf.length);
		struct rtnl_message message;

		buf.data[at] = (char)0xff;
		assert_int_equal(rtnl_message_next(&r, &message), 1);
		if (rtnl_route_parse(&message, &back) == 0)
			assert_true(back.prefix.length <= 128);
		buf.data[at] = kept;
	}
	buf_done(&buf);
}

static void ack_is_read(void **state UNUSED)
{
	struct nlmsghdr request = { .nlmsg_len = 20, .nlmsg_seq = 44 };
	int32_t code = -17;
	struct rtnl_message message;
	struct rtnl_ack ack;
	struct buf buf;
	size_t start;

	buf_init(&buf, 0);
	start = rtnl_message_begin(&buf, NLMSG_ERROR, NLM_F_CAPPED | NLM_F_ACK_TLVS);
	buf_add(&buf, &code, sizeof(code));
	buf_add(&buf, &request, sizeof(request));
	rtnl_attr_put_text(&buf, NLMSGERR_ATTR_MSG, "File exists, truly");
	rtnl_message_end(&buf, start);
	rtnl_message_set_sequence(&buf, start, 44);
	message = only(&buf);
	assert_int_equal(rtnl_ack_parse(&message, &ack), 0);
	assert_int_equal(ack.code, 17);
	assert_int_equal(ack.sequence, 44);
	assert_string_equal(ack.text, "File exists, truly");
	buf_done(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(link_round_trip),   cmocka_unit_test(addr_round_trip),
		cmocka_unit_test(route_round_trip),  cmocka_unit_test(nexthop_round_trip),
		cmocka_unit_test(neigh_round_trip),  cmocka_unit_test(rule_round_trip),
		cmocka_unit_test(broken_bytes_fail), cmocka_unit_test(ack_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
