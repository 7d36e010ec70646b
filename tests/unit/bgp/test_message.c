/*
 * Tests of bgp/message and bgp/notification.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bgp/message.h"

#include "hex.h"

#define MARKER "ffffffffffffffffffffffffffffffff"

static int header(const char *text, uint32_t bytes_max, struct bgp_header *h,
		  struct bgp_notification *n)
{
	struct hex x = hex(text);

	assert_int_equal(x.length, BGP_HEADER_BYTES);
	memset(n, 0, sizeof(*n));
	return bgp_header_decode(x.bytes, bytes_max, h, n);
}

static void check_header_error(const char *text, uint32_t bytes_max, uint8_t subcode,
			       const char *data)
{
	struct bgp_header h;
	struct bgp_notification n;

	assert_int_equal(header(text, bytes_max, &h, &n), -1);
	assert_int_equal(n.code, 1);
	assert_int_equal(n.subcode, subcode);
	assert_bytes_equal(n.data, n.data_length, data);
}

static void test_rfc4271_4_1_header(void **state)
{
	struct bgp_header h;
	struct bgp_notification n;

	(void)state;
	assert_int_equal(header(MARKER "001304", 4096, &h, &n), 0);
	assert_int_equal(h.length, 19);
	assert_int_equal(h.type, BGP_KEEPALIVE);
	assert_int_equal(header(MARKER "100002", 4096, &h, &n), 0);
	assert_int_equal(h.length, 4096);
}

static void test_rfc4271_6_1_not_synchronized(void **state)
{
	(void)state;
	check_header_error("fffffffffffffffffffffffffffffffe001304", 4096, 1, "");
	check_header_error("00000000000000000000000000000000001304", 4096, 1, "");
}

static void test_rfc4271_6_1_bad_length(void **state)
{
	(void)state;
	check_header_error(MARKER "001204", 4096, 2, "0012");
	check_header_error(MARKER "000004", 4096, 2, "0000");
	check_header_error(MARKER "001404", 4096, 2, "0014"); /* KEEPALIVE is 19 exactly */
	check_header_error(MARKER "001c01", 4096, 2, "001c"); /* OPEN is 29 at least */
	check_header_error(MARKER "001602", 4096, 2, "0016"); /* UPDATE is 23 at least */
	check_header_error(MARKER "001403", 4096, 2, "0014"); /* NOTIFICATION is 21 at least */
	check_header_error(MARKER "100102", 4096, 2, "1001");
	check_header_error(MARKER "ffff02", 4096, 2, "ffff");
}

static void test_rfc4271_6_1_bad_type(void **state)
{
	(void)state;
	check_header_error(MARKER "001300", 4096, 3, "00");
	check_header_error(MARKER "001306", 4096, 3, "06");
	check_header_error(MARKER "0013ff", 4096, 3, "ff");
}

static void test_rfc8654_3_extended(void **state)
{
	struct bgp_header h;
	struct bgp_notification n;

	(void)state;
	assert_int_equal(header(MARKER "ffff02", 65535, &h, &n), 0);
	assert_int_equal(h.length, 65535);
	/* OPEN and KEEPALIVE stay small */
	check_header_error(MARKER "100101", 65535, 2, "1001");
	check_header_error(MARKER "100104", 65535, 2, "1001");
}

static void test_rfc4271_4_4_keepalive(void **state)
{
	uint8_t bytes[64];
	struct writer w = writer_of(bytes, sizeof(bytes));

	(void)state;
	bgp_keepalive_encode(&w);
	assert_false(w.failed);
	assert_bytes_equal(bytes, writer_length(&w), MARKER "001304");
	w = writer_of(bytes, 18);
	bgp_keepalive_encode(&w);
	assert_true(w.failed);
}

static void test_rfc2918_3_refresh(void **state)
{
	uint8_t bytes[64], subtype = 9;
	struct writer w = writer_of(bytes, sizeof(bytes));
	enum bgp_family family;
	struct bgp_notification n;
	struct hex x;

	(void)state;
	bgp_refresh_encode(&w, BGP_IPV6_UNICAST, 1);
	assert_bytes_equal(bytes, writer_length(&w), MARKER "001705 00020101");
	x = hex("00010001");
	assert_int_equal(bgp_refresh_decode(x.bytes, 4, true, &family, &subtype, &n), 0);
	assert_int_equal(family, BGP_IPV4_UNICAST);
	assert_int_equal(subtype, 0);
	x = hex("0001 02 63");
	assert_int_equal(bgp_refresh_decode(x.bytes, 4, true, &family, &subtype, &n), 0);
	assert_int_equal(family, BGP_FAMILY_NONE);
	assert_int_equal(subtype, 2);
}

static void check_refresh(const char *body, bool enhanced, int wanted)
{
	struct hex x = hex(body);
	struct bgp_notification n;
	enum bgp_family family;
	uint8_t subtype;

	assert_int_equal(bgp_refresh_decode(x.bytes, x.length, enhanced, &family, &subtype, &n),
			 wanted == 0 ? 0 : -1);
	if (wanted != 0)
		assert_int_equal(n.code * 100 + n.subcode, wanted);
}

/* BoRR and EoRR of a peer that has the capability have an error of their own; other subtypes are
 * ignored whatever their length, and without the capability the octet says nothing. */
static void test_rfc7313_5_refresh_length(void **state)
{
	static uint8_t big[5000] = { 0, 1, BGP_REFRESH_BEGIN, 1 };
	struct bgp_notification n;
	enum bgp_family family;
	uint8_t subtype;
	struct hex x = hex("000101");

	(void)state;
	check_refresh("000101", true, 701);
	check_refresh("000102", true, 701);
	check_refresh("0001010100", true, 701);
	check_refresh("0001020100", true, 701);
	check_refresh("000101", false, 102);
	check_refresh("0001010100", false, 0);
	check_refresh("0001000100", true, 0);
	check_refresh("0001030100", true, 0);
	check_refresh("0001ff0100", true, 0);
	check_refresh("000100", true, 102);
	check_refresh("000103", true, 102);
	check_refresh("0001", true, 102);
	check_refresh("", true, 102);
	assert_int_equal(bgp_refresh_decode(x.bytes, 3, true, &family, &subtype, &n), -1);
	assert_bytes_equal(n.data, n.data_length, MARKER "001605 000101");
	assert_int_equal(bgp_refresh_decode(x.bytes, 3, false, &family, &subtype, &n), -1);
	assert_bytes_equal(n.data, n.data_length, "0016");
	/* the whole message, as far as a message of 4,096 octets has room for it */
	assert_int_equal(bgp_refresh_decode(big, 4056, true, &family, &subtype, &n), -1);
	assert_int_equal(n.data_length, 4075);
	assert_int_equal(bgp_refresh_decode(big, sizeof(big), true, &family, &subtype, &n), -1);
	assert_int_equal(n.data_length, 4075);
	assert_memory_equal(n.data + BGP_HEADER_BYTES, big, 4056);
}

static const char *text_of(uint8_t code, uint8_t subcode, const char *data)
{
	static char text[BGP_NOTIFICATION_TEXT_MAX];
	struct hex x = hex(data);
	struct bgp_notification n;

	bgp_notification_set(&n, code, subcode, x.bytes, x.length);
	return bgp_notification_format(&n, text);
}

static void test_notification_names(void **state)
{
	(void)state;
	assert_string_equal(text_of(6, 2, ""), "Cease/Administrative Shutdown");
	assert_string_equal(text_of(9, 3, ""), "code 9 subcode 3");
	assert_string_equal(text_of(0, 0, ""), "code 0 subcode 0");
	assert_string_equal(text_of(4, 0, ""), "Hold Timer Expired");
	assert_string_equal(text_of(3, 11, ""), "UPDATE Message Error/Malformed AS_PATH");
	assert_string_equal(text_of(3, 77, ""), "UPDATE Message Error/subcode 77");
	assert_string_equal(text_of(255, 255, ""), "code 255 subcode 255");
	/* every pair has words that fit */
	for (unsigned i = 0; i <= 0xffff; i++)
		assert_true(strlen(text_of((uint8_t)(i >> 8), (uint8_t)i, "")) > 0);
}

static void test_rfc9003_2_communication(void **state)
{
	(void)state;
	assert_string_equal(text_of(6, 2, "03 627965"), "Cease/Administrative Shutdown \"bye\"");
	assert_string_equal(text_of(6, 4, "02 0a41"), "Cease/Administrative Reset \"?A\"");
	assert_string_equal(text_of(6, 2, "05 6d c3bc 0a21"),
			    "Cease/Administrative Shutdown \"m\xc3\xbc?!\"");
	/* a length that is not there (CVE-2019-16159) */
	assert_string_equal(text_of(6, 2, "ff 627965"), "Cease/Administrative Shutdown");
	assert_string_equal(text_of(6, 2, "00"), "Cease/Administrative Shutdown");
	/* of other codes it is none */
	assert_string_equal(text_of(6, 3, "03 627965"), "Cease/Peer De-configured");
	assert_string_equal(text_of(3, 2, "03 627965"),
			    "UPDATE Message Error/Unrecognized Well-known Attribute");
}

/* RFC 9003 2 lets it be 255 octets long, and a hard reset may have it inside. */
static void test_rfc9003_2_longest_communication(void **state)
{
	uint8_t data[258] = { BGP_CEASE, BGP_CEASE_SHUTDOWN, 255 };
	char text[BGP_NOTIFICATION_TEXT_MAX], wanted[BGP_NOTIFICATION_TEXT_MAX];
	struct bgp_notification n;

	(void)state;
	memset(data + 3, 'x', 255);
	bgp_notification_set(&n, BGP_CEASE, BGP_CEASE_SHUTDOWN, data + 2, 256);
	snprintf(wanted, sizeof(wanted), "Cease/Administrative Shutdown \"%.255s\"", data + 3);
	assert_string_equal(bgp_notification_format(&n, text), wanted);
	bgp_notification_set(&n, BGP_CEASE, BGP_CEASE_HARD_RESET, data, sizeof(data));
	snprintf(wanted, sizeof(wanted),
		 "Cease/Hard Reset: Cease/Administrative Shutdown \"%.255s\"", data + 3);
	assert_string_equal(bgp_notification_format(&n, text), wanted);
}

static void test_rfc8538_hard_reset_text(void **state)
{
	(void)state;
	assert_string_equal(text_of(6, 9, "0602 02 6869"),
			    "Cease/Hard Reset: Cease/Administrative Shutdown \"hi\"");
	assert_string_equal(text_of(6, 9, "06"), "Cease/Hard Reset");
	assert_string_equal(text_of(6, 9, ""), "Cease/Hard Reset");
}

static void test_rfc4486_4_limit(void **state)
{
	(void)state;
	assert_string_equal(text_of(6, 1, "0001 01 000003e8"),
			    "Cease/Maximum Number of Prefixes Reached (ipv4-unicast, 1000)");
	assert_string_equal(text_of(6, 1, "0001 77 000003e8"),
			    "Cease/Maximum Number of Prefixes Reached");
	assert_string_equal(text_of(6, 1, "0001 01 0003e8"),
			    "Cease/Maximum Number of Prefixes Reached");
	assert_string_equal(text_of(6, 1, ""), "Cease/Maximum Number of Prefixes Reached");
	assert_string_equal(
		text_of(6, 9, "0601 0001 01 000003e8"),
		"Cease/Hard Reset: Cease/Maximum Number of Prefixes Reached (ipv4-unicast, 1000)");
}

static void test_rfc4271_4_5_notification_round_trip(void **state)
{
	static uint8_t bytes[5000];
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct bgp_notification n, m;

	(void)state;
	bgp_notification_set(&n, 2, 1, "\0\4", 2);
	bgp_notification_encode(&w, &n);
	assert_bytes_equal(bytes, writer_length(&w), MARKER "001703 0201 0004");
	assert_int_equal(bgp_notification_decode(bytes + 19, writer_length(&w) - 19, &m), 0);
	assert_int_equal(m.code, 2);
	assert_int_equal(m.data_length, 2);
	assert_int_equal(bgp_notification_decode(bytes + 19, 1, &m), -1);
	memset(bytes, 0x41, sizeof(bytes));
	assert_int_equal(bgp_notification_decode(bytes, sizeof(bytes), &m), 0);
	assert_int_equal(m.data_length, 4075);
	w = writer_of(bytes, BGP_MESSAGE_BYTES_MAX);
	bgp_notification_encode(&w, &m); /* whatever is in it, any peer takes it */
	assert_false(w.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc4271_4_1_header),
		cmocka_unit_test(test_rfc4271_6_1_not_synchronized),
		cmocka_unit_test(test_rfc4271_6_1_bad_length),
		cmocka_unit_test(test_rfc4271_6_1_bad_type),
		cmocka_unit_test(test_rfc8654_3_extended),
		cmocka_unit_test(test_rfc4271_4_4_keepalive),
		cmocka_unit_test(test_rfc2918_3_refresh),
		cmocka_unit_test(test_rfc7313_5_refresh_length),
		cmocka_unit_test(test_notification_names),
		cmocka_unit_test(test_rfc9003_2_communication),
		cmocka_unit_test(test_rfc9003_2_longest_communication),
		cmocka_unit_test(test_rfc8538_hard_reset_text),
		cmocka_unit_test(test_rfc4486_4_limit),
		cmocka_unit_test(test_rfc4271_4_5_notification_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
