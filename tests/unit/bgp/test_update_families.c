/*
 * Tests of bgp/update: each family written, and read again; families that are disabled.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bgp/update.h"

#include "hex.h"

#define ORIGIN "400101 00"
#define AS_PATH "400200"
#define NEXT_HOP "400304 0a000001"
#define RD1 "0000fde800000001"
#define V6 "20010db8000000000000000000000001"

/* An NLRI of each family. */
static const char *const samples[BGP_FAMILY_COUNT] = {
	[BGP_IPV4_UNICAST] = "18 0a0001",
	[BGP_IPV6_UNICAST] = "20 20010db8",
	[BGP_IPV4_MULTICAST] = "18 0a0001",
	[BGP_IPV6_MULTICAST] = "20 20010db8",
	[BGP_IPV4_LABELED] = "30 000641 0a0001",
	[BGP_IPV6_LABELED] = "38 000641 20010db8",
	[BGP_IPV4_VPN] = "70 000641 " RD1 "0a0001",
	[BGP_IPV6_VPN] = "78 000641 " RD1 "20010db8",
	[BGP_EVPN] = "02 21 " RD1 "00112233445566778899 00000000 30 02005e100001 00 000641",
	[BGP_IPV4_FLOWSPEC] = "03 038106",
	[BGP_IPV6_FLOWSPEC] = "03 038106",
	[BGP_IPV4_VPN_FLOWSPEC] = "0b " RD1 "038106",
	[BGP_IPV6_VPN_FLOWSPEC] = "0b " RD1 "038106",
	[BGP_ROUTE_TARGET] = "60 0000fde8 0002fde800000064",
	[BGP_IPV4_SR_POLICY] = "60 00000001 00000064 c0000201",
	[BGP_IPV6_SR_POLICY] = "c0 00000001 00000064 " V6,
	[BGP_LINK_STATE] = "0063 0002 0102",
	[BGP_LINK_STATE_VPN] = "0063 000a " RD1 "0102",
	[BGP_IPV4_MVPN] = "01 0c " RD1 "0a000001",
	[BGP_IPV6_MVPN] = "01 18 " RD1 V6,
	[BGP_VPLS] = "0011 " RD1 "0001 0001 0008 c35001",
};

static struct bgp_update update;
static struct bgp_notification note;
static struct error why;
static struct bgp_nlri sample, read;
static uint8_t message[BGP_MESSAGE_BYTES_MAX];

static void read_sample(enum bgp_family family)
{
	struct hex bytes = hex(samples[family]);
	struct bgp_nlri_run run = { .family = family,
				    .reader = reader_of(bytes.bytes, bytes.length),
				    .mp = true };

	assert_true(bgp_nlri_next(&run, false, &sample));
	assert_int_equal(reader_left(&run.reader), 0);
	sample.path_id = 7;
}

static struct ip_addr addr(const char *text)
{
	struct ip_addr out = { 0 };

	if (*text != '\0')
		assert_int_equal(ip_addr_parse(text, &out, NULL), 0);
	return out;
}

/* The message in `message` of a writer at `length`, cut; its verdict. */
static enum bgp_verdict cut(size_t length, const struct bgp_context *context)
{
	struct bgp_header h;

	assert_int_equal(bgp_header_decode(message, BGP_MESSAGE_BYTES_MAX, &h, &note), 0);
	assert_int_equal(h.length, length);
	return bgp_update_cut(message + BGP_HEADER_BYTES, length - BGP_HEADER_BYTES, context,
			      &update, &note, &why);
}

static void assert_run(struct bgp_nlri_run run, enum bgp_family family, unsigned count,
		       const struct bgp_context *context)
{
	assert_int_equal(run.family, family);
	if (bgp_nlri_check(&run, context, &note, &why) != BGP_OK)
		fail_msg("%s", why.text);
	for (unsigned i = 0; i < count; i++) {
		assert_true(bgp_nlri_next(&run, context->addpath[family], &read));
		assert_int_equal(read.path_id, context->addpath[family] ? 7 : 0);
		assert_int_equal(read.key_length, sample.key_length);
		assert_memory_equal(read.key, sample.key, sample.key_length);
		if (run.withdrawn)
			assert_int_equal(read.data_length, 0);
		else
			assert_memory_equal(read.data, sample.data, sample.data_length);
	}
	assert_false(bgp_nlri_next(&run, context->addpath[family], &read));
}

static void announce(enum bgp_family family, const char *next_hop, const char *link_local,
		     bool addpath)
{
	struct hex attrs = hex(ORIGIN AS_PATH);
	struct ip_addr hop = addr(next_hop), local = addr(link_local);
	struct writer w = writer_of(message, sizeof(message)), mp;
	struct bgp_context context = { .as4 = true, .ibgp = true };
	struct bgp_update_writer u;
	struct bgp_attrs decoded;
	struct arena arena;
	uint8_t mp_reach[64];

	mp = writer_of(mp_reach, sizeof(mp_reach));
	bgp_mp_reach_encode(&mp, family, &hop, &local);
	assert_false(mp.failed);
	bgp_update_begin_mp(&u, &w, family, addpath, attrs.bytes, attrs.length, mp_reach,
			    writer_length(&mp), sizeof(message));
	assert_true(bgp_update_add(&u, &sample));
	assert_true(bgp_update_add(&u, &sample));
	bgp_update_end(&u);
	context.addpath[family] = addpath;
	context.extended_next_hop[family] = true;
	if (cut(writer_length(&w), &context) != BGP_OK)
		fail_msg("%s", why.text);
	assert_true(update.announces && update.announced[0].mp);
	assert_run(update.announced[0], family, 2, &context);
	assert_int_equal(update.announced[1].family, BGP_FAMILY_NONE);
	arena_init(&arena, 0);
	if (bgp_attrs_decode(update.mp_key, update.mp_key_length, &context, true, &arena, &decoded,
			     &note, &why) != BGP_OK)
		fail_msg("%s: %s", bgp_family_info(family)->name, why.text);
	assert_true(ip_addr_equal(&decoded.next_hop, &hop));
	assert_true(ip_addr_equal(&decoded.next_hop_link_local, &local));
	assert_int_equal(decoded.mp_family, family);
	arena_done(&arena);
}

static void test_announcements(void **state)
{
	(void)state;
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		enum bgp_family family = (enum bgp_family)i;
		uint8_t forms = bgp_family_info(family)->next_hop;

		read_sample(family);
		for (int addpath = 0; addpath < 2; addpath++) {
			if ((forms & BGP_NEXT_HOP_NONE) != 0) {
				announce(family, "", "", addpath != 0);
				continue;
			}
			if ((forms & BGP_NEXT_HOP_V4) != 0)
				announce(family, "10.0.0.1", "", addpath != 0);
			if ((forms & (BGP_NEXT_HOP_V6 | BGP_NEXT_HOP_V6_NEGOTIATED)) != 0) {
				announce(family, "2001:db8::1", "", addpath != 0);
				announce(family, "2001:db8::1", "fe80::1", addpath != 0);
			}
		}
	}
}

static void test_withdrawals(void **state)
{
	(void)state;
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++)
		for (int addpath = 0; addpath < 2; addpath++) {
			enum bgp_family family = (enum bgp_family)i;
			struct writer w = writer_of(message, sizeof(message));
			struct bgp_context context = { .as4 = true };
			struct bgp_update_writer u;

			read_sample(family);
			context.addpath[family] = addpath != 0;
			bgp_update_begin(&u, &w, family, true, addpath != 0, NULL, 0, NULL,
					 sizeof(message));
			assert_true(bgp_update_add(&u, &sample));
			bgp_update_end(&u);
			assert_int_equal(cut(writer_length(&w), &context), BGP_OK);
			assert_false(update.announces);
			assert_run(update.withdrawn[family == BGP_IPV4_UNICAST ? 0 : 1], family, 1,
				   &context);
		}
}

static void test_end_of_rib_of_each(void **state)
{
	const struct bgp_context context = { 0 };

	(void)state;
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		struct writer w = writer_of(message, sizeof(message));

		bgp_end_of_rib_encode(&w, (enum bgp_family)i);
		assert_int_equal(cut(writer_length(&w), &context), BGP_OK);
		assert_int_equal(update.end_of_rib, i);
		assert_int_equal(update.withdrawn[1].family, BGP_FAMILY_NONE);
	}
}

static void test_each_fills_a_message(void **state)
{
	struct hex attrs = hex(ORIGIN AS_PATH);

	(void)state;
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++)
		for (size_t limit = 200; limit < 260; limit++) {
			enum bgp_family family = (enum bgp_family)i;
			bool v4 = (bgp_family_info(family)->next_hop & BGP_NEXT_HOP_V4) != 0;
			struct ip_addr hop = addr(v4 ? "10.0.0.1" : "2001:db8::1");
			struct writer w = writer_of(message, sizeof(message));
			struct bgp_update_writer u;
			size_t one;

			read_sample(family);
			one = bgp_nlri_encoded_length(family, &sample, false, true);
			bgp_update_begin(&u, &w, family, false, true, attrs.bytes, attrs.length,
					 &hop, limit);
			while (bgp_update_add(&u, &sample))
				;
			bgp_update_end(&u);
			assert_true(writer_length(&w) <= limit && writer_length(&w) + one > limit);
		}
}

/* RFC 8950: an IPv6 next hop takes ipv4-unicast out of the classic fields. */
static void test_ipv4_with_an_ipv6_next_hop(void **state)
{
	struct hex attrs = hex(ORIGIN AS_PATH);
	struct ip_addr hop = addr("2001:db8::1");
	struct writer w = writer_of(message, sizeof(message));
	struct bgp_update_writer u;
	struct bgp_context context = { .as4 = true };

	(void)state;
	read_sample(BGP_IPV4_UNICAST);
	bgp_update_begin(&u, &w, BGP_IPV4_UNICAST, false, false, attrs.bytes, attrs.length, &hop,
			 sizeof(message));
	assert_true(bgp_update_add(&u, &sample));
	bgp_update_end(&u);
	assert_bytes_equal(message, writer_length(&w),
			   "ffffffffffffffffffffffffffffffff 003b 02 0000 0024"
			   "900e0019 000101 10" V6 "00 18 0a0001" ORIGIN AS_PATH);
	assert_int_equal(cut(writer_length(&w), &context), BGP_DISABLE_FAMILY);
	assert_int_equal(update.disabled, BGP_IPV4_UNICAST);
	context.extended_next_hop[BGP_IPV4_UNICAST] = true;
	assert_int_equal(cut(writer_length(&w), &context), BGP_OK);
	assert_run(update.announced[0], BGP_IPV4_UNICAST, 1, &context);
}

static enum bgp_verdict cut_hex(const char *withdrawn, const char *attrs, const char *nlri)
{
	static const struct bgp_context context = { .as4 = true };
	struct hex a = hex(withdrawn), b = hex(attrs), c = hex(nlri);
	struct writer w = writer_of(message, sizeof(message));

	writer_u16(&w, (uint16_t)a.length);
	writer_bytes(&w, a.bytes, a.length);
	writer_u16(&w, (uint16_t)b.length);
	writer_bytes(&w, b.bytes, b.length);
	writer_bytes(&w, c.bytes, c.length);
	memset(&note, 0, sizeof(note));
	return bgp_update_cut(message, writer_length(&w), &context, &update, &note, &why);
}

/* RFC 7606 5.3: wrong NLRI in an MP attribute is another thing than in a classic field. */
static void test_wrong_ipv4_prefix_in_either_place(void **state)
{
	static const struct bgp_context context = { .as4 = true };

	(void)state;
	assert_int_equal(
		cut_hex("", "800e0f 000101 04 0a000001 00 21 0a00000100" ORIGIN AS_PATH, ""),
		BGP_OK);
	assert_int_equal(bgp_nlri_check(&update.announced[0], &context, &note, &why),
			 BGP_DISABLE_FAMILY);
	assert_int_equal(note.subcode, BGP_UPDATE_OPTIONAL_ERROR);
	assert_string_equal(why.text, "MP_REACH_NLRI: ipv4-unicast NLRI at offset 0: the prefix "
				      "length is more than the family has");
	assert_int_equal(cut_hex("", ORIGIN AS_PATH NEXT_HOP, "18 0a0001 21 0a00000100"), BGP_OK);
	assert_int_equal(bgp_nlri_check(&update.announced[1], &context, &note, &why),
			 BGP_SESSION_RESET);
	assert_int_equal(note.subcode, BGP_UPDATE_INVALID_NETWORK);
	assert_string_equal(why.text, "the NLRI field: ipv4-unicast NLRI at offset 4: the prefix "
				      "length is more than the family has");
	assert_int_equal(cut_hex("18 0a00", "", ""), BGP_OK);
	assert_int_equal(bgp_nlri_check(&update.withdrawn[0], &context, &note, &why),
			 BGP_SESSION_RESET);
	assert_string_equal(why.text,
			    "Withdrawn Routes: ipv4-unicast NLRI at offset 0: it is cut off");
}

static void test_a_disabled_family_leaves_the_others(void **state)
{
	static const struct bgp_context context = { .as4 = true };

	(void)state;
	/* a next hop of 4 octets for ipv6-unicast, beside ipv4-unicast and evpn */
	assert_int_equal(cut_hex("18 0a0002",
				 "800e0e 000201 04 0a000001 00 20 20010db8" ORIGIN AS_PATH NEXT_HOP
				 "800f16 001946 0311" RD1 "00000000 20 0a000001",
				 "18 0a0001"),
			 BGP_DISABLE_FAMILY);
	assert_int_equal(update.disabled, BGP_IPV6_UNICAST);
	assert_int_equal(update.announced[0].family, BGP_FAMILY_NONE);
	read_sample(BGP_IPV4_UNICAST);
	assert_run(update.announced[1], BGP_IPV4_UNICAST, 1, &context);
	assert_int_equal(update.withdrawn[0].family, BGP_IPV4_UNICAST);
	assert_int_equal(update.withdrawn[1].family, BGP_EVPN);
	assert_bytes_equal(update.key, update.key_length, ORIGIN AS_PATH NEXT_HOP);
	assert_string_equal(why.text, "attribute 14 MP_REACH_NLRI at offset 0: ipv6-unicast: the "
				      "next hop's length does not "
				      "suit the family");
	/* the other MP attribute of the same family is not used either */
	assert_int_equal(
		cut_hex("", "800f07 000201 18 20010d 800e0e 000201 04 0a000001 00 20 20010db8", ""),
		BGP_DISABLE_FAMILY);
	assert_int_equal(update.withdrawn[1].family, BGP_FAMILY_NONE);
	assert_false(update.announces);
	/* NEXT_HOP is missing besides: what is left is to be withdrawn */
	assert_int_equal(
		cut_hex("", "800e0e 000201 04 0a000001 00 20 20010db8" ORIGIN AS_PATH, "18 0a0001"),
		BGP_DISABLE_FAMILY);
	assert_true(update.malformed);
	assert_run(update.announced[1], BGP_IPV4_UNICAST, 1, &context);
	assert_int_equal(note.code, BGP_ERROR_UPDATE);
	/* and when nothing is left to be withdrawn, nothing tells what was meant (RFC 7606 5.2) */
	assert_int_equal(cut_hex("", "c00f07 000201 18 20010d 400250", ""), BGP_SESSION_RESET);
	assert_int_equal(cut_hex("", ORIGIN AS_PATH, "18 0a0001"), BGP_TREAT_AS_WITHDRAW);
	assert_true(update.malformed);
	assert_int_equal(cut_hex("", ORIGIN AS_PATH NEXT_HOP, "18 0a0001"), BGP_OK);
	assert_false(update.malformed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_announcements),
		cmocka_unit_test(test_withdrawals),
		cmocka_unit_test(test_end_of_rib_of_each),
		cmocka_unit_test(test_each_fills_a_message),
		cmocka_unit_test(test_ipv4_with_an_ipv6_next_hop),
		cmocka_unit_test(test_wrong_ipv4_prefix_in_either_place),
		cmocka_unit_test(test_a_disabled_family_leaves_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
