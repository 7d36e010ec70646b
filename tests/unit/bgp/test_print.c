/*
 * Tests of print: messages as text and as JSON.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bgp/print.h"

#include "base/mem.h"
#include "hex.h"

#define MARKER "ffffffffffffffffffffffffffffffff"

static struct bgp_printer *printer;
static struct outline out;
static struct buf text;
static struct bgp_context context;
static enum bgp_verdict verdict;

static int setup(void **state)
{
	(void)state;
	buf_init(&text, 0);
	printer = mem_alloc(sizeof(*printer));
	bgp_printer_init(printer, &out);
	context = (struct bgp_context){ .as4 = true,
					.ibgp = true,
					.aigp = true,
					.message_bytes_max = BGP_MESSAGE_BYTES_MAX_EXTENDED };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	bgp_printer_done(printer);
	mem_free(printer);
	buf_done(&text);
	return 0;
}

static const char *print_bytes(const uint8_t *message, size_t length, bool json)
{
	buf_clear(&text);
	outline_init(&out, &text, json);
	outline_begin(&out);
	verdict = bgp_print_message(printer, message, length, &context);
	outline_finish(&out);
	return buf_text(&text);
}

/* Octets as they are. */
static const char *print_raw(const char *message, bool json)
{
	struct hex x = hex(message);

	return print_bytes(x.bytes, x.length, json);
}

/* A message of this type with the right header. */
static const char *print(uint8_t type, const char *body, bool json)
{
	struct hex x = hex(body);
	uint8_t bytes[4200];
	struct writer w = writer_of(bytes, sizeof(bytes));

	bgp_header_encode(&w, (uint16_t)(BGP_HEADER_BYTES + x.length), (enum bgp_type)type);
	writer_bytes(&w, x.bytes, x.length);
	assert_false(w.failed);
	return print_bytes(bytes, writer_length(&w), json);
}

/* An UPDATE with the right lengths. */
static const char *update(const char *withdrawn, const char *attrs, const char *nlri, bool json)
{
	struct hex x = hex(withdrawn), y = hex(attrs), z = hex(nlri);
	uint8_t bytes[4200];
	struct writer w = writer_of(bytes, sizeof(bytes));

	bgp_header_encode(&w, (uint16_t)(BGP_HEADER_BYTES + 4 + x.length + y.length + z.length),
			  BGP_UPDATE);
	writer_u16(&w, (uint16_t)x.length);
	writer_bytes(&w, x.bytes, x.length);
	writer_u16(&w, (uint16_t)y.length);
	writer_bytes(&w, y.bytes, y.length);
	writer_bytes(&w, z.bytes, z.length);
	assert_false(w.failed);
	return print_bytes(bytes, writer_length(&w), json);
}

static void assert_has(const char *wanted)
{
	if (strstr(buf_text(&text), wanted) == NULL)
		fail_msg("\"%s\" is not in: %s", wanted, buf_text(&text));
}

static void test_update(void **state)
{
	static const char *const attrs = "40010100 400206 0201 0000fde8 400304 c0000201 "
					 "400504 00000064 c00808 fde80001 ffffff01";

	(void)state;
	assert_string_equal(update("10 0a09", attrs, "10 0a01 18 0a0203", true),
			    "{\"type\":\"UPDATE\",\"length\":71,"
			    "\"withdrawn\":{\"ipv4-unicast\":[{\"prefix\":\"10.9.0.0/16\"}]},"
			    "\"attributes\":{\"origin\":\"igp\",\"as-path\":[65000],"
			    "\"next-hop\":\"192.0.2.1\",\"local-pref\":100,"
			    "\"communities\":[\"65000:1\",\"no-export\"]},"
			    "\"announced\":{\"ipv4-unicast\":[{\"prefix\":\"10.1.0.0/16\"},"
			    "{\"prefix\":\"10.2.3.0/24\"}]}}\n");
	assert_int_equal(verdict, BGP_OK);
	assert_string_equal(update("10 0a09", attrs, "10 0a01 18 0a0203", false),
			    "UPDATE length 71\n"
			    "  withdrawn\n"
			    "    ipv4-unicast\n"
			    "      10.9.0.0/16\n"
			    "  attributes\n"
			    "    origin igp\n"
			    "    as-path 65000\n"
			    "    next-hop 192.0.2.1\n"
			    "    local-pref 100\n"
			    "    communities 65000:1 no-export\n"
			    "  announced\n"
			    "    ipv4-unicast\n"
			    "      10.1.0.0/16\n"
			    "      10.2.3.0/24\n");
}

#define ATTRS_LEAST "40010100 400206 0201 0000fde8 400304 c0000201"

static void test_update_add_path(void **state)
{
	(void)state;
	context.addpath[BGP_IPV4_UNICAST] = true;
	update("", ATTRS_LEAST, "00000007 18 0a0203", true);
	assert_has("[{\"prefix\":\"10.2.3.0/24\",\"path-id\":7}]");
	update("", ATTRS_LEAST, "00000007 18 0a0203", false);
	assert_has("      10.2.3.0/24 path-id 7\n");
	assert_int_equal(verdict, BGP_OK);
}

/* 2-octet numbers, with AS4_PATH (RFC 6793). */
static void test_as4_path(void **state)
{
	(void)state;
	context.as4 = false;
	update("", "40010100 400206 0202 5ba0 0003 400304 c0000201 c01106 0201 00010001", "08 0a",
	       true);
	assert_has("\"as-path\":[23456,3]");
	assert_has("\"as4-path\":[65537]");
}

/* RFC 4271 4.3: sets; RFC 5065: confederation segments */
static void test_as_path_segments(void **state)
{
	static const char *const attrs =
		"40010100 40021a 0302 00000001 00000002 0201 00000003 0102 00000004 00000005 "
		"400304 c0000201";

	(void)state;
	update("", attrs, "08 0a", true);
	assert_has("\"as-path\":[{\"confed-sequence\":[1,2]},3,{\"set\":[4,5]}]");
	update("", attrs, "08 0a", false);
	assert_has("    as-path (1 2) 3 {4 5}\n");
}

static void test_multiprotocol(void **state)
{
	static const char *const attrs =
		"800e2e 0002 01 20 20010db8000000000000000000000001 "
		"fe800000000000000000000000000001 00 40 20010db800000001 40010100 400206 0201 "
		"0000fde8 400504 00000064";

	(void)state;
	update("", attrs, "", true);
	assert_has("\"mp-reach-nlri\":{\"family\":\"ipv6-unicast\","
		   "\"next-hop\":[\"2001:db8::1\",\"fe80::1\"]}");
	assert_has("\"announced\":{\"ipv6-unicast\":[{\"prefix\":\"2001:db8:0:1::/64\"}]}}");
	assert_int_equal(verdict, BGP_OK);
}

static void test_end_of_rib(void **state)
{
	(void)state;
	assert_string_equal(update("", "", "", true),
			    "{\"type\":\"UPDATE\",\"length\":23,\"end-of-rib\":\"ipv4-unicast\"}"
			    "\n");
	assert_string_equal(update("", "800f03 0002 01", "", false),
			    "UPDATE length 29\n"
			    "  attributes\n"
			    "    mp-unreach-nlri ipv6-unicast\n"
			    "  end-of-rib ipv6-unicast\n");
}

static void test_unknown_attribute(void **state)
{
	(void)state;
	update("", ATTRS_LEAST " e06303 010203 e06302 aabb", "08 0a", true);
	assert_has("\"attribute-99\":{\"code\":99,\"flags\":[\"optional\","
		   "\"transitive\",\"partial\"],\"value\":\"010203\"},"
		   "\"attribute-99-2\":{");
}

static void test_partial(void **state)
{
	(void)state;
	update("", ATTRS_LEAST " e00804 fde80001", "08 0a", true);
	assert_has("\"partial\":[\"communities\"]");
}

/* The route distinguisher is a member of its own wherever an NLRI has one at a fixed place. */
static void test_route_distinguishers(void **state)
{
#define RD1 "0000fde800000001"
	static const struct {
		const char *mp_reach; /* up to its NLRI */
		const char *nlri;
		bool has;
	} cases[] = {
		{ "000180 0c 0000000000000000 0a000001 00", "70 000641 " RD1 " c00002", true },
		{ "001946 04 0a000001 00", "03 11 " RD1 " 00000000 20 c0000201", true },
		{ "001946 04 0a000001 00", "09 14 " RD1 " 00000007 0000000000000001", true },
		{ "001946 04 0a000001 00", "0b 0c " RD1 " 0a000001", false },
		{ "000105 04 0a000001 00", "01 0c " RD1 " 0a000001", true },
		{ "000105 04 0a000001 00", "04 0c " RD1 " 0a000001", false },
		{ "000186 00 00", "0b " RD1 " 038106", true },
		{ "000185 00 00", "03 038106", false },
		{ "400448 0c 0000000000000000 0a000001 00", "0063 0008 " RD1, true },
		{ "001941 04 0a000001 00", "000c " RD1 " 0a000001", true },
		{ "001941 04 0a000001 00", "0008 " RD1, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct hex head = hex(cases[i].mp_reach), nlri = hex(cases[i].nlri);
		char attrs[256];

		snprintf(attrs, sizeof(attrs), "800e%02zx %s %s 40010100 400200",
			 head.length + nlri.length, cases[i].mp_reach, cases[i].nlri);
		update("", attrs, "", true);
		assert_int_equal(verdict, BGP_OK);
		if (cases[i].has)
			assert_has("\"rd\":\"65000:1\"");
		else
			assert_null(strstr(buf_text(&text), "\"rd\":"));
	}
}

static void test_family_unknown(void **state)
{
	(void)state;
	update("", "800e0d 0019 63 04 0a000001 00 01020304 40010100 400200", "", true);
	assert_has("\"mp-reach-nlri\":{\"family\":\"afi-25-safi-99\","
		   "\"next-hop\":[\"10.0.0.1\"],\"nlri\":\"01020304\"}");
	assert_int_equal(verdict, BGP_OK);
}

/* RFC 7606: the verdict, with the attribute and its offset; what is malformed is shown. */
static void test_verdicts(void **state)
{
	(void)state;
	update("", "40010107 400200 400304 c0000201", "08 0a", true);
	assert_int_equal(verdict, BGP_TREAT_AS_WITHDRAW);
	assert_has("\"origin\":{\"code\":1,");
	assert_has("\"malformed\":\"07\"");
	assert_has("\"verdict\":{\"action\":\"treat-as-withdraw\",\"reason\":\"");
	assert_has("ORIGIN at offset 0");
	/* NLRI of 33 bits */
	update("", ATTRS_LEAST, "21 0a000000 00", true);
	assert_int_equal(verdict, BGP_SESSION_RESET);
	assert_has("\"announced\":{\"ipv4-unicast\":[{\"malformed\":\"210a00000000\"}]}");
	assert_has("\"notification\":\"UPDATE Message Error/");
	/* the attributes are longer than the message */
	print(BGP_UPDATE, "0000 0010 40010100", true);
	assert_int_equal(verdict, BGP_SESSION_RESET);
	assert_has("\"malformed\":\"0000001040010100\"");
	/* an attribute is longer than the attributes */
	update("", ATTRS_LEAST " c0080c fde80001", "08 0a", true);
	assert_int_equal(verdict, BGP_TREAT_AS_WITHDRAW);
	assert_has("\"cut-off\":\"c0080cfde80001\"");
}

static void test_notification(void **state)
{
	(void)state;
	/* RFC 9003; a length that cannot be right leaves octets */
	assert_string_equal(print(BGP_NOTIFICATION, "06 02 08 6261636b20736f6f", true),
			    "{\"type\":\"NOTIFICATION\",\"length\":30,"
			    "\"name\":\"Cease/Administrative Shutdown\",\"code\":6,\"subcode\":2,"
			    "\"communication\":\"back soo\"}\n");
	assert_string_equal(print(BGP_NOTIFICATION, "06 02 09 6261636b20736f6f", false),
			    "NOTIFICATION length 30 Cease/Administrative Shutdown code 6 subcode 2 "
			    "data 0x096261636b20736f6f\n");
	assert_string_equal(print(BGP_NOTIFICATION, "02 02 fde8", false),
			    "NOTIFICATION length 23 OPEN Message Error/Bad Peer AS code 2 subcode "
			    "2 data 0xfde8\n");
}

/* RFC 4271 6.1 and 6.2, 4486 4, 5492 5 */
static void test_notification_data(void **state)
{
	static const struct {
		const char *body;
		const char *wanted;
	} rows[] = {
		{ "01 02 1001", "\"bad-length\":4097}" },
		{ "01 03 63", "\"bad-type\":99}" },
		{ "02 01 0004", "\"supported-version\":4}" },
		{ "02 07 0104 0001 00 01 4600",
		  "\"capabilities\":[{\"name\":\"multiprotocol\",\"code\":1,\"family\":"
		  "\"ipv4-unicast\"},{\"name\":\"enhanced-route-refresh\",\"code\":70}]}" },
		{ "06 01 0002 01 000003e8", "\"family\":\"ipv6-unicast\",\"limit\":1000}" },
		{ "06 01 0002 01 0000", "\"data\":\"0002010000\"}" },
		{ "03 05 400203 000000", "\"data\":\"400203000000\"}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		print(BGP_NOTIFICATION, rows[i].body, true);
		assert_has(rows[i].wanted);
		assert_int_equal(verdict, BGP_OK);
	}
}

/* RFC 8538 3 */
static void test_hard_reset(void **state)
{
	(void)state;
	assert_string_equal(print(BGP_NOTIFICATION, "06 09 06 04 02 41 42", true),
			    "{\"type\":\"NOTIFICATION\",\"length\":26,\"name\":\"Cease/Hard "
			    "Reset\",\"code\":6,\"subcode\":9,\"hard-reset\":{\"name\":\"Cease/"
			    "Administrative Reset\",\"code\":6,\"subcode\":4,"
			    "\"communication\":\"AB\"}}\n");
}

static void test_refresh(void **state)
{
	(void)state;
	assert_string_equal(print(BGP_ROUTE_REFRESH, "0001 00 01", false),
			    "ROUTE-REFRESH length 23 ipv4-unicast request\n");
	assert_string_equal(print(BGP_ROUTE_REFRESH, "0002 02 01", true),
			    "{\"type\":\"ROUTE-REFRESH\",\"length\":23,\"family\":\"ipv6-unicast\","
			    "\"subtype\":\"end\"}\n");
}

static void test_open(void **state)
{
	static const char *const body =
		"04 5ba0 00b4 c0000201 4f 02 4d"
		" 0104 0001 00 01 0104 0019 00 46 0200 4104 00010001 4504 0001 01 03"
		" 4006 4078 0001 01 80 4707 0001 01 80 000e10 0506 0001 0001 0002"
		" 0901 03 4906 03 677731 01 6c 4b04 03 312e30 0600 4600 6303 010203";
	struct hex x = hex(body);

	(void)state;
	assert_int_equal(x.length, 10 + 0x4f);
	assert_string_equal(print(BGP_OPEN, body, false),
			    "OPEN length 108 version 4 as 65537 as-field 23456 "
			    "hold-time 180 router-id 192.0.2.1\n"
			    "  capabilities\n"
			    "    multiprotocol ipv4-unicast\n"
			    "    multiprotocol l2vpn-evpn\n"
			    "    route-refresh\n"
			    "    four-octet-as as 65537\n"
			    "    add-path families ipv4-unicast send-receive\n"
			    "    graceful-restart restart-time 120 notification "
			    "families ipv4-unicast forwarding\n"
			    "    long-lived-graceful-restart families "
			    "ipv4-unicast forwarding stale-time 3600\n"
			    "    extended-next-hop families ipv4-unicast next-hop-afi 2\n"
			    "    role customer\n"
			    "    fqdn hostname \"gw1\" domain-name \"l\"\n"
			    "    software-version version \"1.0\"\n"
			    "    extended-message\n"
			    "    enhanced-route-refresh\n"
			    "    code 99 value 0x010203\n");
	assert_int_equal(verdict, BGP_OK);
	print(BGP_OPEN, body, true);
	assert_has("{\"name\":\"add-path\",\"code\":69,\"families\":[{\"family\":"
		   "\"ipv4-unicast\",\"mode\":\"send-receive\"}]}");
}

/* RFC 9072 2; and a capability that is longer than what it is in */
static void test_open_odd(void **state)
{
	(void)state;
	print(BGP_OPEN, "04 fde8 00b4 c0000201 ff ff 0005 02 0002 0200", false);
	assert_int_equal(verdict, BGP_OK);
	assert_has("  capabilities\n    route-refresh\n");
	print(BGP_OPEN, "04 fde8 00b4 c0000201 06 02 04 0108 0001", false);
	assert_int_equal(verdict, BGP_SESSION_RESET);
	assert_has("    multiprotocol malformed 0x0001\n");
	assert_has("    notification OPEN Message Error\n");
}

static void test_header(void **state)
{
	(void)state;
	assert_string_equal(print_raw(MARKER "0013 04", false), "KEEPALIVE length 19\n");
	assert_int_equal(verdict, BGP_OK);
	print_raw("00" MARKER "0013", false);
	assert_int_equal(verdict, BGP_SESSION_RESET);
	print_raw("ffff", true);
	assert_int_equal(verdict, BGP_SESSION_RESET);
	print_raw(MARKER "0014 63 aa", true);
	assert_has("\"type\":99,\"length\":20,\"body\":\"aa\",\"verdict\"");
	print_raw(MARKER "0016 04", true);
	assert_int_equal(verdict, BGP_SESSION_RESET);
}

/* A BGP-LS attribute of 65 octets begins with an octet of 64: in an UPDATE that is an AFI. */
static void test_rfc6396_4_3_4_abbreviated_in_rib_entries_only(void **state)
{
	/* protocol, identifier, a TLV of 39 octets */
	static const char nlri[] = "00 0000000000000000 ffff 0027 000000000000000000 0000000000"
				   "0000000000 0000000000 0000000000 0000000000 0000000000";
	char attrs[400];
	struct hex x;

	(void)state;
	snprintf(attrs, sizeof(attrs),
		 "40010100 40020602010000fde9 800e41 4004 47 04 0a000001 00 0001 0034 %s", nlri);
	update("", attrs, "", true);
	assert_int_equal(verdict, BGP_OK);
	assert_has("\"mp-reach-nlri\":{\"family\":\"linkstate\",\"next-hop\":[\"10.0.0.1\"]}");
	x = hex("800e11 10 20010db8000000000000000000000001");
	buf_clear(&text);
	outline_init(&out, &text, true);
	outline_begin(&out);
	assert_int_equal(bgp_print_rib_attrs(printer, x.bytes, x.length, &context), BGP_OK);
	outline_finish(&out);
	assert_has("\"mp-reach-nlri\":{\"next-hop\":[\"2001:db8::1\"]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_update, setup, teardown),
		cmocka_unit_test_setup_teardown(test_update_add_path, setup, teardown),
		cmocka_unit_test_setup_teardown(test_as4_path, setup, teardown),
		cmocka_unit_test_setup_teardown(test_as_path_segments, setup, teardown),
		cmocka_unit_test_setup_teardown(test_multiprotocol, setup, teardown),
		cmocka_unit_test_setup_teardown(test_end_of_rib, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unknown_attribute, setup, teardown),
		cmocka_unit_test_setup_teardown(test_partial, setup, teardown),
		cmocka_unit_test_setup_teardown(test_route_distinguishers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_family_unknown, setup, teardown),
		cmocka_unit_test_setup_teardown(test_verdicts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_notification, setup, teardown),
		cmocka_unit_test_setup_teardown(test_notification_data, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hard_reset, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refresh, setup, teardown),
		cmocka_unit_test_setup_teardown(test_open, setup, teardown),
		cmocka_unit_test_setup_teardown(test_open_odd, setup, teardown),
		cmocka_unit_test_setup_teardown(test_header, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rfc6396_4_3_4_abbreviated_in_rib_entries_only,
						setup, teardown),
	};

	return cmocka_run_group_tests_name("bgp_print", tests, NULL, NULL);
}
