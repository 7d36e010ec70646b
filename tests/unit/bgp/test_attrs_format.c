/*
 * Tests of bgp/attrs_format, attr_value_format, communities_format and open_format: text.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bgp/attrs.h"

#include "base/buf.h"
#include "hex.h"

#define MANDATORY "40010100 4002060201000000c8 4003040a000001"

static struct arena arena;
static struct buf text;

static const char *value(uint8_t code, const char *octets)
{
	struct hex x = hex(octets);

	buf_clear(&text);
	bgp_attr_value_format(code, x.bytes, x.length, &text);
	return buf_text(&text);
}

static const char *extended(const char *octets)
{
	return value(BGP_ATTR_EXTENDED_COMMUNITIES, octets);
}

static void test_rfc4360_extended_communities(void **state)
{
	(void)state;
	assert_string_equal(extended("0002fde800000001"), "rt:65000:1");
	assert_string_equal(extended("0102c00002010002"), "rt:192.0.2.1:2");
	assert_string_equal(extended("0202fa56ea000003"), "rt:4200000000:3");
	assert_string_equal(extended("0003fde800000001"), "soo:65000:1");
	assert_string_equal(extended("0103c00002010002"), "soo:192.0.2.1:2");
	assert_string_equal(extended("4004fde84b989680"), "link-bandwidth:65000:20000000");
	assert_string_equal(extended("0005fde800000200"), "ospf-domain:65000:512");
	assert_string_equal(extended("0306000000000500"), "ospf-route-type:0.0.0.0:5:0");
	assert_string_equal(extended("010b0a00000100ff"), "vrf-route-import:10.0.0.1:255");
	assert_string_equal(extended("0009fde800000000"), "source-as:65000:0");
	assert_string_equal(extended("4300000000000002"), "origin-validation:2");
	assert_string_equal(extended("0002fde800000001 0003fde800000002"),
			    "rt:65000:1 soo:65000:2");
	assert_string_equal(extended("ee01020304050607"), "0xee01020304050607");
	assert_string_equal(extended("00020304050607"), "0x00020304050607"); /* 7 octets */
}

static void test_rfc9012_4_encapsulation_communities(void **state)
{
	(void)state;
	assert_string_equal(extended("030c000000000008"), "encap:vxlan");
	assert_string_equal(extended("030c00000000000a"), "encap:mpls");
	assert_string_equal(extended("030c0000000003e8"), "encap:1000");
	assert_string_equal(extended("030b000000000064"), "color:100");
	assert_string_equal(extended("030d000000000000"), "default-gateway");
}

static void test_rfc7432_7_evpn_communities(void **state)
{
	(void)state;
	assert_string_equal(extended("0600000000000005"), "mac-mobility:5");
	assert_string_equal(extended("060001000000000a"), "mac-mobility:10:sticky");
	assert_string_equal(extended("0601010000000640"), "esi-label:100:flags-0x01");
	assert_string_equal(extended("0602020000000001"), "es-import:02:00:00:00:00:01");
	assert_string_equal(extended("0603020000000002"), "router-mac:02:00:00:00:00:02");
	assert_string_equal(extended("0604000205dc0000"), "l2-attributes:flags-0x0002:mtu-1500");
}

static void test_rfc8955_7_flowspec_actions(void **state)
{
	(void)state;
	assert_string_equal(extended("8006fde800000000"), "rate-limit:65000:0");
	assert_string_equal(extended("8006000049742400"), "rate-limit:0:1000000");
	assert_string_equal(extended("800c000042c80000"), "rate-limit-packets:0:100");
	assert_string_equal(extended("8007000000000001"), "traffic-action:continue");
	assert_string_equal(extended("8007000000000003"), "traffic-action:sample-continue");
	assert_string_equal(extended("8007000000000000"), "traffic-action:terminal");
	assert_string_equal(extended("8008fde800000001"), "redirect:65000:1");
	assert_string_equal(extended("8108c00002010002"), "redirect:192.0.2.1:2");
	assert_string_equal(extended("800900000000002e"), "mark-dscp:46");
	assert_string_equal(extended("8006fde87f800000"), "rate-limit:65000:inf");
}

static void test_rfc5701_ipv6_extended_communities(void **state)
{
	(void)state;
	assert_string_equal(
		value(BGP_ATTR_IPV6_EXT_COMMUNITIES, "0002 20010db8000000000000000000000001 0064"),
		"rt:[2001:db8::1]:100");
	assert_string_equal(
		value(BGP_ATTR_IPV6_EXT_COMMUNITIES, "0a02 20010db8000000000000000000000001 0064"),
		"0x0a0220010db80000000000000000000000010064");
}

static void test_rfc6514_5_pmsi(void **state)
{
	(void)state;
	assert_string_equal(value(BGP_ATTR_PMSI_TUNNEL, "00 06 000064 0a000001"),
			    "ingress-replication label-6/vni-100 10.0.0.1");
	assert_string_equal(value(BGP_ATTR_PMSI_TUNNEL, "01 00 000000"),
			    "none flags-0x01 label-0/vni-0");
	assert_string_equal(value(BGP_ATTR_PMSI_TUNNEL, "00 03 000000 0a000001e8000001"),
			    "pim-ssm label-0/vni-0 0x0a000001e8000001");
	assert_string_equal(value(BGP_ATTR_PMSI_TUNNEL, "00 06 0000"), "0x00060000");
}

static void test_rfc9012_2_tunnels(void **state)
{
	(void)state;
	assert_string_equal(value(BGP_ATTR_TUNNEL_ENCAPSULATION,
				  "0008 001a 06 0a 00000000 0001 c0000201"
				  "04 08 030b 0000 00000064 08 02 12b5"),
			    "vxlan{endpoint:192.0.2.1 color:100 udp-port:4789}");
	assert_string_equal(
		value(BGP_ATTR_TUNNEL_ENCAPSULATION, "000f 000a 82 0006 00 626c7565 1b 07"),
		"0x000f000a82000600626c75651b07"); /* ends inside a sub-TLV */
	assert_string_equal(value(BGP_ATTR_TUNNEL_ENCAPSULATION, "000f 0009 82 0006 00 626c75651b"),
			    "sr-policy{policy-name:\"blue?\"}");
	assert_string_equal(value(BGP_ATTR_TUNNEL_ENCAPSULATION,
				  "0063 0003 2a 01 ff 0002 0008 06 06 00000000 0000"),
			    "type-99{sub-42:0xff} gre{endpoint:next-hop}");
}

static void test_rfc8669_3_prefix_sid(void **state)
{
	(void)state;
	assert_string_equal(
		value(BGP_ATTR_PREFIX_SID, "01 0007 00 0000 00000064 03 0008 0000 003e80 001f40"),
		"label-index:100 srgb:flags-0x0000:16000+8000");
	assert_string_equal(value(BGP_ATTR_PREFIX_SID, "05 0002 0102 63 0000"),
			    "srv6-l3:0x0102 tlv-99:0x");
}

static void test_the_others(void **state)
{
	(void)state;
	assert_string_equal(value(BGP_ATTR_AIGP, "01 000b 0000000000000064"), "100");
	assert_string_equal(value(BGP_ATTR_AIGP, "01 000b 0000000000000064 07 0004 ee"),
			    "100 tlv-7:0xee");
	assert_string_equal(value(BGP_ATTR_AIGP, "01 0001"), "0x010001");
	assert_string_equal(value(BGP_ATTR_ONLY_TO_CUSTOMER, "0000fde8"), "65000");
	assert_string_equal(value(BGP_ATTR_LINK_STATE, "0404 0004 0a000001"), "1028:0x0a000001");
	assert_string_equal(value(BGP_ATTR_ATTR_SET, "0000fde8 40010100 400206 0201 000000c8"
						     "400504 00000064 c0630101"),
			    "{origin-as 65000, ORIGIN igp, AS_PATH 200, LOCAL_PREF 100, "
			    "attribute 99 0x01}");
	assert_string_equal(
		value(BGP_ATTR_AS_PATH, "0202 000000c8 0000012c 0102 00000001 00000002"),
		"200 300 {1 2}");
	assert_string_equal(value(BGP_ATTR_AS_PATH, "0203 000000c8"), "0x0203000000c8");
	assert_string_equal(value(99, "0a0b"), "0x0a0b");
	assert_string_equal(value(255, ""), "0x");
}

static void test_walk_and_whole(void **state)
{
	static const struct bgp_context context = { .as4 = true, .ibgp = true };
	struct hex x =
		hex("c0ff0101" MANDATORY "400600 c00804 ffffff01 c01609 0006000064 0a000001 e01008"
		    "0002fde800000001");
	struct bgp_attrs attrs;
	struct bgp_notification note;
	struct error why;
	struct bgp_attrs_walk walk;
	struct bgp_attr_item item;
	uint8_t codes[8];
	size_t count = 0;

	(void)state;
	assert_true(bgp_attrs_decode(x.bytes, x.length, &context, true, &arena, &attrs, &note,
				     &why) <= BGP_ATTRIBUTE_DISCARD);
	walk = bgp_attrs_walk(&attrs);
	while (bgp_attrs_walk_next(&walk, &item)) {
		assert_true(count < ARRAY_SIZE(codes));
		codes[count++] = item.code;
		assert_true((item.value != NULL) == (item.code == 22 || item.code == 255));
		if (item.code == BGP_ATTR_EXTENDED_COMMUNITIES)
			assert_int_equal(item.flags, 0xe0);
	}
	assert_bytes_equal(codes, count, "01 02 03 06 08 10 16 ff");
	buf_clear(&text);
	bgp_attrs_format(&attrs, &text);
	assert_string_equal(buf_text(&text),
			    "ORIGIN igp, AS_PATH 200, NEXT_HOP 10.0.0.1, ATOMIC_AGGREGATE, "
			    "COMMUNITIES no-export, EXTENDED_COMMUNITIES rt:65000:1, "
			    "PMSI_TUNNEL ingress-replication label-6/vni-100 10.0.0.1, "
			    "attribute 255 (optional transitive partial) 0x01");
}

static int setup(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	buf_init(&text, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_done(&text);
	arena_done(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc4360_extended_communities),
		cmocka_unit_test(test_rfc9012_4_encapsulation_communities),
		cmocka_unit_test(test_rfc7432_7_evpn_communities),
		cmocka_unit_test(test_rfc8955_7_flowspec_actions),
		cmocka_unit_test(test_rfc5701_ipv6_extended_communities),
		cmocka_unit_test(test_rfc6514_5_pmsi),
		cmocka_unit_test(test_rfc9012_2_tunnels),
		cmocka_unit_test(test_rfc8669_3_prefix_sid),
		cmocka_unit_test(test_the_others),
		cmocka_unit_test(test_walk_and_whole),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
