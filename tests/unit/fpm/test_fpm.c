/*
 * test_fpm: what is encoded is decoded, from whole buffers and from every cut of them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "fpm/fpm.h"

static void fill(struct buf *buf)
{
	struct rtnl_nexthop nexthop = { .id = 3, .family = IP_V4, .protocol = 186, .table = 1 };
	struct rtnl_route route = { .table = 1, .protocol = RTPROT_BGP, .nexthop_id = 3 };

	nexthop.gateway = ip_addr_v4(0x0a01ff06);
	route.prefix.addr = ip_addr_v4(0xc0a80700);
	route.prefix.length = 24;
	fpm_put_nexthop(buf, RTNL_REPLACE, &nexthop);
	fpm_put_route(buf, RTNL_REPLACE, &route);
	fpm_put_end_of_rib(buf, 1);
	fpm_put_route(buf, RTNL_DELETE, &route);
	fpm_put_nexthop(buf, RTNL_DELETE, &nexthop);
}

static void all_kinds_round_trip(void **state UNUSED)
{
	static const enum fpm_kind kinds[] = { FPM_NEXTHOP, FPM_ROUTE, FPM_END_OF_RIB,
					       FPM_ROUTE_DELETE, FPM_NEXTHOP_DELETE };
	struct fpm_event event;
	struct buf buf;
	size_t used;

	buf_init(&buf, 0);
	fill(&buf);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		for (size_t cut = 0; cut < 4; cut++)
			assert_int_equal(fpm_decode(buf.data, cut, &used, &event, NULL), 0);
		assert_int_equal(fpm_decode(buf.data, buf.length, &used, &event, NULL), 1);
		assert_int_equal(fpm_decode(buf.data, used - 1, &used, &event, NULL), 0);
		assert_int_equal(event.kind, kinds[i]);
		assert_int_equal(event.table, 1);
		if (event.kind == FPM_NEXTHOP) {
			assert_int_equal(event.nexthop.id, 3);
			assert_int_equal(ip_addr_to_u32(&event.nexthop.gateway), 0x0a01ff06);
		} else if (event.kind == FPM_ROUTE) {
			assert_int_equal(event.route.nexthop_id, 3);
			assert_int_equal(event.route.prefix.length, 24);
			assert_int_equal(event.route.protocol, 186);
		}
		buf_consume(&buf, used);
	}
	assert_int_equal(buf.length, 0);
	buf_done(&buf);
}

static void broken_frames_have_words(void **state UNUSED)
{
	static const uint8_t version[] = { 2, 1, 0, 20, 0 };
	static const uint8_t empty[] = { 1, 1, 0, 4 };
	struct fpm_event event;
	struct error e = { "" };
	struct buf buf;
	size_t used;

	assert_int_equal(fpm_decode(version, sizeof(version), &used, &event, &e), -1);
	assert_non_null(strstr(e.text, "version 2"));
	assert_int_equal(fpm_decode(empty, sizeof(empty), &used, &event, &e), -1);

	buf_init(&buf, 0);
	fill(&buf);
	for (size_t at = 0; at < buf.length; at++) {
		for (unsigned value = 0; value < 256; value += 17) {
			char kept = buf.data[at];
			size_t offset = 0;

			buf.data[at] = (char)value;
			while (fpm_decode(buf.data + offset, buf.length - offset, &used, &event,
					  &e) == 1)
				offset += used;
			buf.data[at] = kept;
		}
	}
	buf_done(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_kinds_round_trip),
		cmocka_unit_test(broken_frames_have_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
