/*
 * Tests of bgp/open and bgp/capability.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bgp/message.h"

#include "base/buf.h"
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

static void test_rfc8950_4_extended_next_hop(void **state)
{
	struct bgp_open open = decode_ok(FIXED "22 0220 051e"
					       "0001 0001 0002" /* ipv4-unicast */
					       "0001 0080 0002" /* VPN */
					       "0001 0002 0001" /* IPv4 is nothing new */
					       "0002 0001 0002" /* IPv6 neither */
					       "0001 0101 0002" /* no such SAFI */);
	(void)state;
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++)
		assert_int_equal(open.capabilities.extended_next_hop[i],
				 i == BGP_IPV4_UNICAST || i == BGP_IPV4_VPN);
	/* 7 octets are no tuples */
	open = decode_ok(FIXED "0b 0209 0507 00010001000200");
	assert_false(open.capabilities.extended_next_hop[BGP_IPV4_UNICAST]);
}

static void test_rfc8277_2_1_multiple_labels(void **state)
{
	struct bgp_open open = decode_ok(FIXED "1c 021a 0818"
					       "0001 04 03"
					       "0001 04 ff" /* the first counts */
					       "0001 80 01" /* says nothing, and was the first */
					       "0001 80 05"
					       "0002 80 ff"
					       "0001 01 02" /* a family without labels */);
	struct bgp_capabilities *c = &open.capabilities;

	(void)state;
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++)
		assert_int_equal(c->labels_max[i], i == BGP_IPV4_LABELED ? 3
						   : i == BGP_IPV6_VPN	 ? 255
									 : 0);
	/* of two capabilities the first; of a wrong length it is none */
	open = decode_ok(FIXED "10 020e 0804 00010402 0804 00020403 0800");
	assert_int_equal(c->labels_max[BGP_IPV4_LABELED], 2);
	assert_int_equal(c->labels_max[BGP_IPV6_LABELED], 0);
	open = decode_ok(FIXED "09 0207 0805 0001040300");
	assert_int_equal(c->labels_max[BGP_IPV4_LABELED], 0);
	assert_int_equal(c->other_bytes, 0);
}

static void test_rfc9234_4_role(void **state)
{
	struct bgp_open open = decode_ok(FIXED "08 0206 090103 090103");

	(void)state;
	assert_true(open.capabilities.has_role && !open.capabilities.roles_differ);
	assert_int_equal(open.capabilities.role, BGP_ROLE_CUSTOMER);
	open = decode_ok(FIXED "08 0206 090103 090100");
	assert_true(open.capabilities.has_role && open.capabilities.roles_differ);
	open = decode_ok(FIXED "05 0203 0901ee"); /* a number that nobody knows is kept */
	assert_int_equal(open.capabilities.role, 0xee);
	assert_false(decode_ok(FIXED "04 0202 0900").capabilities.has_role);
	assert_false(decode_ok(FIXED "06 0204 09020300").capabilities.has_role);
}

static void test_rfc9494_3_1_long_lived(void **state)
{
	struct bgp_open open = decode_ok(FIXED "18 0216 4002 0078 4707 00010180000e10"
					       "4707 00020100ffffff");
	const struct bgp_capabilities *c = &open.capabilities;

	(void)state;
	/* the last instance counts */
	assert_true(c->long_lived && !c->long_lived_families[BGP_IPV4_UNICAST]);
	assert_true(c->long_lived_families[BGP_IPV6_UNICAST] &&
		    !c->long_lived_forwarding[BGP_IPV6_UNICAST]);
	assert_int_equal(c->long_lived_time_s[BGP_IPV6_UNICAST], 0xffffff);
	open = decode_ok(FIXED "0b 0209 4707 00010180000e10");
	assert_true(c->long_lived && c->long_lived_forwarding[BGP_IPV4_UNICAST]);
	assert_int_equal(c->long_lived_time_s[BGP_IPV4_UNICAST], 3600);
	/* 6 octets are no tuples; an empty one says that the peer knows of it */
	assert_false(decode_ok(FIXED "0a 0208 4706 00010180000e").capabilities.long_lived);
	assert_true(decode_ok(FIXED "04 0202 4700").capabilities.long_lived);
}

static void test_fqdn_and_software_version(void **state)
{
	struct bgp_open open = decode_ok(FIXED "16 0214 4909 03 727431 04 61 07 c3 bc"
					       "4b07 06 465252206f6b");
	char text[1024];
	size_t used;

	(void)state;
	assert_string_equal(open.capabilities.hostname, "rt1");
	assert_string_equal(open.capabilities.domain_name, "a?\xc3\xbc");
	assert_string_equal(open.capabilities.software_version, "FRR ok");
	/* lengths that contradict each other: as good as none */
	assert_string_equal(decode_ok(FIXED "06 0204 4902 0561").capabilities.hostname, "");
	assert_string_equal(decode_ok(FIXED "07 0205 4903 016161").capabilities.hostname, "");
	assert_string_equal(decode_ok(FIXED "06 0204 4b02 0261").capabilities.software_version, "");
	assert_string_equal(decode_ok(FIXED "07 0205 4b03 016161").capabilities.software_version,
			    "");
	/* cut at 64 octets, between characters */
	used = (size_t)snprintf(text, sizeof(text), "%s 54 0252 4b50 4f 61", FIXED);
	for (unsigned i = 0; i < 26; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "e282ac");
	open = decode_ok(text);
	assert_int_equal(strlen(open.capabilities.software_version), 64);
	used = (size_t)snprintf(text, sizeof(text), "%s 53 0251 4b4f 4e", FIXED);
	for (unsigned i = 0; i < 26; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "e282ac");
	open = decode_ok(text);
	assert_int_equal(strlen(open.capabilities.software_version), 63);
}

static void test_rfc5492_3_unknown_ones_are_kept(void **state)
{
	struct bgp_open open = decode_ok(FIXED "0b 0209 8003010203 0200 fe00");
	char text[2048];
	size_t used;

	(void)state;
	assert_bytes_equal(open.capabilities.other, open.capabilities.other_bytes,
			   "8003010203 fe00");
	/* what does not fit is left out whole; a smaller one behind it still fits */
	used = (size_t)snprintf(text, sizeof(text), "%s ff ff 010a 02 0107 80ff", FIXED);
	for (unsigned i = 0; i < 255; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "00");
	snprintf(text + used, sizeof(text) - used, "810461626364");
	open = decode_ok(text);
	assert_bytes_equal(open.capabilities.other, open.capabilities.other_bytes, "810461626364");
}

static void claim_everything(struct bgp_capabilities *c)
{
	c->as4 = c->multiprotocol = c->route_refresh = c->enhanced_refresh = true;
	c->extended_message = c->graceful_restart = c->restarting = true;
	c->notification_restart = c->long_lived = c->has_role = true;
	c->role = BGP_ROLE_PEER;
	c->restart_time_s = 4095;
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		c->families[i] = c->restart_families[i] = c->restart_forwarding[i] = true;
		c->addpath_receive[i] = c->addpath_send[i] = true;
		c->long_lived_families[i] = c->long_lived_forwarding[i] = true;
		c->long_lived_time_s[i] = 0x123456;
	}
	c->extended_next_hop[BGP_IPV4_UNICAST] = c->extended_next_hop[BGP_IPV4_MULTICAST] = true;
	c->extended_next_hop[BGP_IPV4_LABELED] = c->extended_next_hop[BGP_IPV4_VPN] = true;
	c->labels_max[BGP_IPV4_LABELED] = 2;
	c->labels_max[BGP_IPV6_LABELED] = c->labels_max[BGP_IPV4_VPN] = 255;
	memset(c->hostname, 'h', sizeof(c->hostname) - 1);
	memset(c->domain_name, 'd', sizeof(c->domain_name) - 1);
	memset(c->software_version, 'v', sizeof(c->software_version) - 1);
	c->other[0] = 0xee;
	c->other[1] = 253;
	c->other_bytes = 255;
}

static void test_rfc9072_2_everything_at_once(void **state)
{
	static uint8_t bytes[4096];
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct bgp_open a = { .version = 4, .as = { 4200000000 }, .router_id = 1 }, b;
	struct bgp_notification n;
	struct bgp_header h;

	(void)state;
	claim_everything(&a.capabilities);
	bgp_open_encode(&w, &a);
	assert_false(w.failed);
	assert_int_equal(bgp_header_decode(bytes, 4096, &h, &n), 0);
	assert_int_equal(h.length, writer_length(&w));
	/* 9.2: 255, 255, two octets of length; one parameter of type 2 with a length of two octets
	 */
	assert_int_equal(bytes[28], 255);
	assert_int_equal(bytes[29], 255);
	assert_int_equal(bytes[30] << 8 | bytes[31], h.length - 32);
	assert_int_equal(bytes[32], 2);
	assert_int_equal(bytes[33] << 8 | bytes[34], h.length - 35);
	assert_int_equal(bgp_open_decode(bytes + 19, h.length - 19u, &b, &n), 0);
	assert_memory_equal(&a, &b, sizeof(a));
}

/* The classic form to its last octet: 253 octets of capabilities, then 254. */
static void test_rfc9072_2_from_one_form_to_the_other(void **state)
{
	(void)state;
	for (uint8_t length = 0; length < 254; length++) {
		uint8_t bytes[512];
		struct writer w = writer_of(bytes, sizeof(bytes));
		struct bgp_open a = { .version = 4, .as = { 1 }, .router_id = 1 }, b;
		struct bgp_notification n;
		bool extended = length + 2 > 253;

		a.capabilities.families[BGP_IPV4_UNICAST] = true;
		a.capabilities.other[0] = 0xee;
		a.capabilities.other[1] = length;
		a.capabilities.other_bytes = (uint8_t)(length + 2);
		bgp_open_encode(&w, &a);
		assert_false(w.failed);
		assert_int_equal(bytes[28], extended ? 255 : length + 4);
		assert_int_equal(bytes[29], extended ? 255 : 2);
		assert_int_equal(bgp_open_decode(bytes + 19, writer_length(&w) - 19, &b, &n), 0);
		assert_memory_equal(&a, &b, sizeof(a));
	}
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

static void test_text(void **state)
{
	struct bgp_open open = decode_ok("04 5ba0 005a 0a000001 00");
	struct buf b;

	(void)state;
	buf_init(&b, 0);
	bgp_open_format(&open, &b);
	assert_string_equal(buf_text(&b), "version 4, AS 23456, hold time 90, identifier 10.0.0.1, "
					  "capabilities: none");
	open = decode_ok("04 5ba0 005a 0a000001 4d 024b"
			 "0104 00010001 0104 00190046 0200 0506 000100010002 0600 090103"
			 "4006 c078 00010180 4104 000fde9e 4504 00010103 4600 4707 00010180000e10"
			 "4907 03727431 026578 4b02 0131 ee0201ff");
	buf_clear(&b);
	bgp_capabilities_format(&open.capabilities, open.as, &b);
	assert_string_equal(
		buf_text(&b),
		"multiprotocol ipv4-unicast l2vpn-evpn, route-refresh, extended-next-hop "
		"ipv4-unicast, extended-message, role customer, graceful-restart 120s restarting "
		"notification ipv4-unicast/forwarding, as4 1040030, add-path ipv4-unicast/both, "
		"enhanced-route-refresh, long-lived-graceful-restart "
		"ipv4-unicast/3600s/forwarding, "
		"fqdn \"rt1.ex\", software-version \"1\", capability 238 0x01ff");
	assert_string_equal(bgp_role_name(0), "provider");
	assert_null(bgp_role_name(5));
	buf_done(&b);
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
		cmocka_unit_test(test_rfc8950_4_extended_next_hop),
		cmocka_unit_test(test_rfc8277_2_1_multiple_labels),
		cmocka_unit_test(test_rfc9234_4_role),
		cmocka_unit_test(test_rfc9494_3_1_long_lived),
		cmocka_unit_test(test_fqdn_and_software_version),
		cmocka_unit_test(test_rfc5492_3_unknown_ones_are_kept),
		cmocka_unit_test(test_rfc9072_2_everything_at_once),
		cmocka_unit_test(test_rfc9072_2_from_one_form_to_the_other),
		cmocka_unit_test(test_rfc9072_2_extended_parameters),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
