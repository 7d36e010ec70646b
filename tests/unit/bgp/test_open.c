/*
 * Tests of bgp/open and bgp/capability.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bgp/message.h"

#include "hex.h"

/* version 4, AS 65001, hold time 90, identifier 10.0.0.1 */
#define FIXED "04 fde9 005a 0a000001"

static struct bgp_open decode_ok(const char *text)
{
	struct hex x = hex(text);
	struct bgp_open open;
	struct bgp_notification n;

	assert_int_equal(bgp_open_decode(x.bytes, x.length, &open, &n), 0);
	return open;
}

static void check_error(const char *text, uint8_t subcode, const char *data)
{
	struct hex x = hex(text);
	struct bgp_open open;
	struct bgp_notification n;

	assert_int_equal(bgp_open_decode(x.bytes, x.length, &open, &n), -1);
	assert_int_equal(n.code, 2);
	assert_int_equal(n.subcode, subcode);
	assert_bytes_equal(n.data, n.data_length, data);
}

static void test_rfc4271_4_2_no_parameters(void **state)
{
	struct bgp_open open = decode_ok(FIXED "00");

	(void)state;
	assert_int_equal(open.as.number, 65001);
	assert_int_equal(open.hold_time_s, 90);
	assert_int_equal(open.router_id, 0x0a000001);
	assert_false(open.capabilities.multiprotocol);
	assert_false(open.capabilities.as4);
	/* RFC 4760 8: without the capability it is ipv4-unicast */
	assert_true(open.capabilities.families[BGP_IPV4_UNICAST]);
	assert_false(open.capabilities.families[BGP_IPV6_UNICAST]);
}

static void test_rfc4271_6_2_version(void **state)
{
	(void)state;
	check_error("03 fde9 005a 0a000001 00", 1, "0004");
	check_error("05 fde9 005a 0a000001 00", 1, "0004");
}

static void test_rfc4271_6_2_hold_time(void **state)
{
	(void)state;
	check_error("04 fde9 0001 0a000001 00", 6, "");
	check_error("04 fde9 0002 0a000001 00", 6, "");
	assert_int_equal(decode_ok("04 fde9 0003 0a000001 00").hold_time_s, 3);
	assert_int_equal(decode_ok("04 fde9 0000 0a000001 00").hold_time_s, 0);
}

static void test_rfc6286_2_identifier_zero(void **state)
{
	(void)state;
	check_error("04 fde9 005a 00000000 00", 3, "");
}

static void test_rfc7607_2_as0(void **state)
{
	(void)state;
	check_error("04 0000 005a 0a000001 00", 2, "");
	check_error("04 5ba0 005a 0a000001 08 0206 4104 00000000", 2, "");
}

static void test_rfc4271_6_2_optional_parameter(void **state)
{
	(void)state;
	check_error(FIXED "03 010141", 4, ""); /* the old authentication parameter */
	check_error(FIXED "02 ff00", 0, "");
	check_error(FIXED "01 02", 0, "");
	check_error(FIXED "03 020201", 0, "");
	check_error(FIXED "02 020241", 0, "");
	check_error(FIXED "", 0, ""); /* CVE-2022-43681: ends at the length */
	check_error(FIXED "ff", 0, "");
}

static void test_every_truncation_gives_a_verdict(void **state)
{
	struct hex x = hex(FIXED "16 0214 010400010001 0200 4104000fde9e 40064078 00010180");
	struct bgp_open open;
	struct bgp_notification n;

	(void)state;
	for (size_t i = 0; i < x.length; i++)
		assert_int_equal(bgp_open_decode(x.bytes, i, &open, &n), -1);
}

static void test_rfc5492_capabilities(void **state)
{
	struct bgp_open open = decode_ok("04 5ba0 005a 0a000001 2a 0228"
					 "0104 00020001" /* ipv6-unicast */
					 "0104 00010001"
					 "0200" /* refresh */
					 "4600" /* enhanced refresh */
					 "0600" /* extended message */
					 "4104 000fde9e"
					 "4902 4142" /* unknown */
					 "4006 c078 00010180"
					 "4502 0001"); /* ADD-PATH of a wrong length: ignored */
	const struct bgp_capabilities *c = &open.capabilities;

	(void)state;
	assert_int_equal(open.as.number, 0x000fde9e);
	assert_true(c->multiprotocol && c->as4 && c->route_refresh && c->enhanced_refresh);
	assert_true(c->extended_message && c->families[0] && c->families[1]);
	assert_true(c->graceful_restart && c->restarting && c->notification_restart);
	assert_int_equal(c->restart_time_s, 120);
	assert_true(c->restart_families[BGP_IPV4_UNICAST] && c->restart_forwarding[0]);
	assert_false(c->restart_families[BGP_IPV6_UNICAST]);
	assert_false(c->addpath_send[0] || c->addpath_receive[0]);
}

static void test_rfc5492_several_parameters(void **state)
{
	struct bgp_open open = decode_ok(FIXED "0c 0202 0200 0206 0104 00010001");

	(void)state;
	assert_true(open.capabilities.route_refresh);
	assert_true(open.capabilities.families[BGP_IPV4_UNICAST]);
}

static void test_rfc4760_8_wrong_length(void **state)
{
	(void)state;
	check_error(FIXED "07 0205 0103 000100", 0, "");
	check_error(FIXED "09 0207 0105 0001000100", 0, "");
	check_error(FIXED "06 0204 4102 0001", 0, "");
}

static void test_rfc4724_3_malformed_is_ignored(void **state)
{
	struct bgp_open open = decode_ok(FIXED "05 0203 400178");

	(void)state;
	assert_false(open.capabilities.graceful_restart);
	open = decode_ok(FIXED "09 0207 4005 c078 000101");
	assert_false(open.capabilities.graceful_restart);
	/* the last instance counts */
	open = decode_ok(FIXED "0e 020c 4006 0078 00010100 4002 003c");
	assert_true(open.capabilities.graceful_restart);
	assert_int_equal(open.capabilities.restart_time_s, 60);
	assert_false(open.capabilities.restart_families[BGP_IPV4_UNICAST]);
}

static void test_rfc7911_4_add_path(void **state)
{
	struct bgp_open open = decode_ok(FIXED "0e 020c 450a 00010103 00020101"
					       "0000");
	(void)state;
	/* 10 octets are no tuples */
	assert_false(open.capabilities.addpath_send[0]);
	open = decode_ok(FIXED "0c 020a 4508 00010103 00020101");
	assert_true(open.capabilities.addpath_send[0] && open.capabilities.addpath_receive[0]);
	assert_true(open.capabilities.addpath_receive[1] && !open.capabilities.addpath_send[1]);
	open = decode_ok(FIXED "0c 020a 4508 00010104 00020100");
	assert_false(open.capabilities.addpath_send[0] || open.capabilities.addpath_receive[1]);
}

static void test_rfc9072_2_extended_parameters(void **state)
{
	struct bgp_open open = decode_ok(FIXED "ff ff 0005 02 0002 0200");

	(void)state;
	assert_true(open.capabilities.route_refresh);
	/* any length but 0 may stand before it */
	assert_true(decode_ok(FIXED "01 ff 0005 02 0002 0200").capabilities.route_refresh);
	check_error(FIXED "ff ff 0006 02 0002 0200", 0, "");
	check_error(FIXED "ff ff 0004 02 0002 0200", 0, "");
	check_error(FIXED "ff ff 0002 0001", 0, ""); /* CVE-2022-40302 */
	check_error(FIXED "ff ff 00", 0, "");
	check_error(FIXED "ff ff", 0, "");
}

static void test_encode(void **state)
{
	uint8_t bytes[256];
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct bgp_open open = {
		.version = 4, .as = { 1040030 }, .hold_time_s = 90, .router_id = 0x0a000001
	};
	struct bgp_capabilities *c = &open.capabilities;

	(void)state;
	c->as4 = c->multiprotocol = c->route_refresh = c->graceful_restart = true;
	c->families[BGP_IPV4_UNICAST] = c->restart_families[BGP_IPV4_UNICAST] = true;
	c->restarting = c->restart_forwarding[BGP_IPV4_UNICAST] = true;
	c->restart_time_s = 120;
	bgp_open_encode(&w, &open);
	assert_false(w.failed);
	assert_bytes_equal(bytes, writer_length(&w),
			   "ffffffffffffffffffffffffffffffff 0035 01 04 5ba0 005a 0a000001 18 0216"
			   "010400010001 0200 4006 8078 00010180 4104 000fde9e");
}

static void test_round_trip(void **state)
{
	uint8_t bytes[512];

	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		struct writer w = writer_of(bytes, sizeof(bytes));
		struct bgp_open a = { .version = 4, .as = { 65001 }, .router_id = i + 1 }, b;
		struct bgp_capabilities *c = &a.capabilities;
		struct bgp_notification n;

		c->as4 = (i & 1) != 0;
		c->multiprotocol = (i & 2) != 0;
		c->families[BGP_IPV4_UNICAST] = !c->multiprotocol || (i & 4) != 0;
		c->families[BGP_IPV6_UNICAST] =
			c->multiprotocol && (!c->families[BGP_IPV4_UNICAST] || (i & 8) != 0);
		c->enhanced_refresh = (i & 16) != 0;
		c->extended_message = (i & 32) != 0;
		c->addpath_send[BGP_IPV6_UNICAST] = (i & 64) != 0;
		c->addpath_receive[BGP_IPV4_UNICAST] = (i & 128) != 0;
		bgp_open_encode(&w, &a);
		assert_int_equal(bgp_open_decode(bytes + 19, writer_length(&w) - 19, &b, &n), 0);
		assert_memory_equal(&a, &b, sizeof(a));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc4271_4_2_no_parameters),
		cmocka_unit_test(test_rfc4271_6_2_version),
		cmocka_unit_test(test_rfc4271_6_2_hold_time),
		cmocka_unit_test(test_rfc6286_2_identifier_zero),
		cmocka_unit_test(test_rfc7607_2_as0),
		cmocka_unit_test(test_rfc4271_6_2_optional_parameter),
		cmocka_unit_test(test_every_truncation_gives_a_verdict),
		cmocka_unit_test(test_rfc5492_capabilities),
		cmocka_unit_test(test_rfc5492_several_parameters),
		cmocka_unit_test(test_rfc4760_8_wrong_length),
		cmocka_unit_test(test_rfc4724_3_malformed_is_ignored),
		cmocka_unit_test(test_rfc7911_4_add_path),
		cmocka_unit_test(test_rfc9072_2_extended_parameters),
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
