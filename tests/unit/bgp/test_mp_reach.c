/*
 * Tests of bgp/mp_reach.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bgp/mp_reach.h"

#include "bgp/update.h"

#include "hex.h"

#define V4 "0a000001"
#define V6 "20010db8000000000000000000000001"
#define LL "fe800000000000000000000000000001"
#define MAPPED "00000000000000000000ffff0a000001"
#define ZERO_RD "0000000000000000"

struct hop_case {
	enum bgp_family family;
	const char *hop; /* the octets behind the length */
	const char *next_hop;
	const char *link_local; /* NULL: none */
};

static const struct hop_case right[] = {
	{ BGP_IPV4_UNICAST, V4, "10.0.0.1", NULL },
	{ BGP_IPV6_UNICAST, V6, "2001:db8::1", NULL },
	{ BGP_IPV6_UNICAST, LL, "fe80::1", NULL },
	{ BGP_IPV6_UNICAST, V6 LL, "2001:db8::1", "fe80::1" },
	{ BGP_IPV6_LABELED, MAPPED, "::ffff:10.0.0.1", NULL }, /* 6PE, RFC 4798 2 */
	{ BGP_IPV4_LABELED, V4, "10.0.0.1", NULL },
	{ BGP_IPV4_VPN, ZERO_RD V4, "10.0.0.1", NULL },
	{ BGP_IPV6_VPN, ZERO_RD V6, "2001:db8::1", NULL },
	{ BGP_IPV6_VPN, ZERO_RD V6 ZERO_RD LL, "2001:db8::1", "fe80::1" },
	{ BGP_IPV6_VPN, ZERO_RD MAPPED, "::ffff:10.0.0.1", NULL }, /* RFC 4659 3.2.1.2 */
	{ BGP_EVPN, V4, "10.0.0.1", NULL },
	{ BGP_EVPN, V6, "2001:db8::1", NULL },
	{ BGP_ROUTE_TARGET, V4, "10.0.0.1", NULL },
	{ BGP_ROUTE_TARGET, V6, "2001:db8::1", NULL },
	{ BGP_IPV4_SR_POLICY, V6, "2001:db8::1", NULL },
	{ BGP_IPV6_SR_POLICY, V4, "10.0.0.1", NULL },
	{ BGP_LINK_STATE, V4, "10.0.0.1", NULL },
	{ BGP_LINK_STATE_VPN, ZERO_RD V4, "10.0.0.1", NULL },
	{ BGP_IPV4_MVPN, V6, "2001:db8::1", NULL },
	{ BGP_VPLS, V4, "10.0.0.1", NULL },
	{ BGP_IPV4_FLOWSPEC, "", "none", NULL },
	{ BGP_IPV6_VPN_FLOWSPEC, "", "none", NULL },
};

/* IPv6 for IPv4 families, when the capability was there (RFC 8950 3). */
static const struct hop_case negotiated[] = {
	{ BGP_IPV4_UNICAST, V6, "2001:db8::1", NULL },
	{ BGP_IPV4_UNICAST, V6 LL, "2001:db8::1", "fe80::1" },
	{ BGP_IPV4_MULTICAST, V6, "2001:db8::1", NULL },
	{ BGP_IPV4_LABELED, V6, "2001:db8::1", NULL },
	{ BGP_IPV4_VPN, ZERO_RD V6, "2001:db8::1", NULL },
	{ BGP_IPV4_VPN, ZERO_RD V6 ZERO_RD LL, "2001:db8::1", "fe80::1" },
};

static struct writer value_of(const struct hop_case *c, uint8_t *bytes, size_t capacity)
{
	const struct bgp_family_info *info = bgp_family_info(c->family);
	struct writer w = writer_of(bytes, capacity);
	struct hex hop = hex(c->hop);

	writer_u16(&w, info->afi);
	writer_u8(&w, info->safi);
	writer_u8(&w, (uint8_t)hop.length);
	writer_bytes(&w, hop.bytes, hop.length);
	writer_u8(&w, 0);
	return w;
}

static void assert_addr(const struct ip_addr *addr, const char *want)
{
	char text[IP_TEXT_MAX];

	assert_string_equal(ip_addr_format(addr, text), want == NULL ? "none" : want);
}

static void check_right(const struct hop_case *c, const struct bgp_context *context)
{
	uint8_t bytes[128], again[128];
	struct writer w = value_of(c, bytes, sizeof(bytes));
	struct reader r = reader_of(bytes, writer_length(&w));
	struct bgp_mp_reach reach;

	assert_null(bgp_mp_reach_decode(&r, context, &reach));
	assert_int_equal(reader_left(&r), 0);
	assert_int_equal(reach.family, c->family);
	assert_addr(&reach.next_hop, c->next_hop);
	assert_addr(&reach.link_local, c->link_local);
	assert_true(bgp_mp_reach_next_hop_suits(c->family, &reach.next_hop));
	/* written as it was read */
	w = writer_of(again, sizeof(again));
	bgp_mp_reach_encode(&w, c->family, &reach.next_hop, &reach.link_local);
	assert_int_equal(writer_length(&w), 3 + reader_offset(&r));
	assert_int_equal(again[0], 0x80);
	assert_int_equal(again[1], 14);
	assert_int_equal(again[2], reader_offset(&r));
	assert_memory_equal(again + 3, bytes, reader_offset(&r));
	for (size_t length = 0; length < reader_offset(&r); length++) {
		struct reader cut = reader_of(bytes, length);

		assert_non_null(bgp_mp_reach_decode(&cut, context, &reach));
		assert_int_equal(reach.family, length < 3 ? BGP_FAMILY_NONE : c->family);
	}
}

static void test_next_hops_of_each_family(void **state)
{
	const struct bgp_context context = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(right); i++)
		check_right(&right[i], &context);
}

static void test_rfc8950(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(negotiated); i++) {
		struct bgp_context context = { 0 };
		uint8_t bytes[128];
		struct writer w = value_of(&negotiated[i], bytes, sizeof(bytes));
		struct reader r = reader_of(bytes, writer_length(&w));
		struct bgp_mp_reach reach;

		assert_non_null(bgp_mp_reach_decode(&r, &context, &reach));
		assert_int_equal(reach.family, negotiated[i].family);
		context.extended_next_hop[negotiated[i].family] = true;
		check_right(&negotiated[i], &context);
		check_right(&negotiated[i], NULL);
	}
}

static void test_lengths_that_no_family_has(void **state)
{
	static const struct hop_case wrong[] = {
		{ BGP_IPV4_UNICAST, "", NULL, NULL },
		{ BGP_IPV4_UNICAST, V4 V4, NULL, NULL },
		{ BGP_IPV6_UNICAST, V4, NULL, NULL },
		{ BGP_IPV6_UNICAST, ZERO_RD V6, NULL, NULL },
		{ BGP_IPV4_VPN, V4, NULL, NULL },
		{ BGP_IPV6_VPN, V6, NULL, NULL },
		{ BGP_IPV6_VPN, ZERO_RD V4, NULL, NULL },
		{ BGP_IPV6_VPN, ZERO_RD V6 LL, NULL, NULL },
		{ BGP_EVPN, "", NULL, NULL },
		{ BGP_EVPN, ZERO_RD V4, NULL, NULL },
		{ BGP_VPLS, "0a0000", NULL, NULL },
	};
	const struct bgp_context context = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		uint8_t bytes[128];
		struct writer w = value_of(&wrong[i], bytes, sizeof(bytes));
		struct reader r = reader_of(bytes, writer_length(&w));
		struct bgp_mp_reach reach;

		assert_non_null(bgp_mp_reach_decode(&r, &context, &reach));
		assert_int_equal(reach.family, wrong[i].family);
	}
}

/* RFC 8955 4: whatever is there. */
static void test_flowspec_ignores_its_next_hop(void **state)
{
	static const char *const hops[] = { V4, V6, V6 LL, ZERO_RD V4, "0102030405" };
	const struct bgp_context context = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hops); i++) {
		struct hop_case c = { BGP_IPV4_FLOWSPEC, hops[i], NULL, NULL };
		uint8_t bytes[128];
		struct writer w = value_of(&c, bytes, sizeof(bytes));
		struct reader r = reader_of(bytes, writer_length(&w));
		struct bgp_mp_reach reach;

		assert_null(bgp_mp_reach_decode(&r, &context, &reach));
		assert_int_equal(reach.next_hop.family, IP_NONE);
		w = writer_of(bytes, sizeof(bytes));
		bgp_mp_reach_encode(&w, BGP_IPV4_FLOWSPEC, &reach.next_hop, &reach.link_local);
		assert_bytes_equal(bytes, writer_length(&w), "800e05 000185 00 00");
	}
}

static void test_a_second_address_that_is_not_link_local_is_left_out(void **state)
{
	struct hop_case c = { BGP_IPV6_UNICAST, V6 V6, NULL, NULL };
	uint8_t bytes[128];
	struct writer w = value_of(&c, bytes, sizeof(bytes));
	struct reader r = reader_of(bytes, writer_length(&w));
	struct bgp_mp_reach reach;

	(void)state;
	assert_null(bgp_mp_reach_decode(&r, NULL, &reach));
	assert_addr(&reach.next_hop, "2001:db8::1");
	assert_addr(&reach.link_local, NULL);
}

static void test_what_suits(void **state)
{
	struct ip_addr v4 = ip_addr_v4(0x0a000001), none = { 0 }, zero = ip_addr_v4(0), v6;

	(void)state;
	assert_int_equal(ip_addr_parse("2001:db8::1", &v6, NULL), 0);
	assert_true(bgp_mp_reach_next_hop_suits(BGP_IPV4_UNICAST, &v4));
	assert_true(bgp_mp_reach_next_hop_suits(BGP_IPV4_UNICAST, &v6));
	assert_false(bgp_mp_reach_next_hop_suits(BGP_IPV4_UNICAST, &none));
	assert_false(bgp_mp_reach_next_hop_suits(BGP_IPV4_UNICAST, &zero));
	assert_false(bgp_mp_reach_next_hop_suits(BGP_IPV6_UNICAST, &v4));
	assert_true(bgp_mp_reach_next_hop_suits(BGP_IPV4_FLOWSPEC, &none));
	assert_false(bgp_mp_reach_next_hop_suits(BGP_EVPN, &none));
	assert_int_equal(ip_addr_parse("::ffff:127.0.0.1", &v6, NULL), 0);
	assert_false(bgp_mp_reach_next_hop_suits(BGP_IPV6_VPN, &v6));
	assert_int_equal(ip_addr_parse("::ffff:10.0.0.1", &v6, NULL), 0);
	assert_true(bgp_mp_reach_next_hop_suits(BGP_IPV6_VPN, &v6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_next_hops_of_each_family),
		cmocka_unit_test(test_rfc8950),
		cmocka_unit_test(test_lengths_that_no_family_has),
		cmocka_unit_test(test_flowspec_ignores_its_next_hop),
		cmocka_unit_test(test_a_second_address_that_is_not_link_local_is_left_out),
		cmocka_unit_test(test_what_suits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
