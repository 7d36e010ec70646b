/*
 * Tests of bgp/update, bgp/nlri and bgp/update_write.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bgp/update.h"

#include "base/mem.h"
#include "hex.h"

#define ORIGIN "40010100"
#define AS_PATH "40020602010000fde9"
#define NEXT_HOP "4003040a000001"
#define NEXT_HOP6 "20010db8000000000000000000000001"
#define MP_REACH6 "800e1a 000201 10" NEXT_HOP6 "00 20 20010db8"
#define MP_UNREACH6 "800f08 000201 20 20010db8"

static struct bgp_update update; /* its scratch is large */
static const struct bgp_context as4 = { .as4 = true, .message_bytes_max = 4096 };
static struct bgp_notification note;
static struct error why;

/* An UPDATE's body of its three fields. */
static struct hex body_of(const char *withdrawn, const char *attrs, const char *nlri)
{
	struct hex a = hex(withdrawn), b = hex(attrs), c = hex(nlri), out;
	struct writer w = writer_of(out.bytes, sizeof(out.bytes));

	writer_u16(&w, (uint16_t)a.length);
	writer_bytes(&w, a.bytes, a.length);
	writer_u16(&w, (uint16_t)b.length);
	writer_bytes(&w, b.bytes, b.length);
	writer_bytes(&w, c.bytes, c.length);
	assert_false(w.failed);
	out.length = writer_length(&w);
	return out;
}

static enum bgp_verdict cut(const char *withdrawn, const char *attrs, const char *nlri,
			    const struct bgp_context *context)
{
	static struct hex body; /* the result points into it */

	body = body_of(withdrawn, attrs, nlri);
	memset(&note, 0, sizeof(note));
	return bgp_update_cut(body.bytes, body.length, context, &update, &note, &why);
}

static void test_rfc4271_4_3_announcement(void **state)
{
	struct bgp_nlri_run run;
	struct bgp_nlri nlri;
	struct ip_prefix prefix;
	char text[IP_PREFIX_TEXT_MAX];

	(void)state;
	assert_int_equal(cut("", ORIGIN AS_PATH NEXT_HOP, "18 0a0102 00 20 c0000201", &as4),
			 BGP_OK);
	assert_bytes_equal(update.key, update.key_length, ORIGIN AS_PATH NEXT_HOP);
	assert_true(update.announces);
	assert_int_equal(update.announced[0].family, BGP_FAMILY_NONE);
	assert_int_equal(update.withdrawn[0].family, BGP_FAMILY_NONE);
	assert_int_equal(update.end_of_rib, BGP_FAMILY_NONE);
	run = update.announced[1];
	assert_int_equal(bgp_nlri_check(&run, &as4, &note, &why), BGP_OK);
	assert_true(bgp_nlri_next(&run, false, &nlri));
	bgp_nlri_to_prefix(run.family, &nlri, &prefix);
	assert_string_equal(ip_prefix_format(&prefix, text), "10.1.2.0/24");
	assert_true(bgp_nlri_next(&run, false, &nlri));
	assert_bytes_equal(nlri.key, nlri.key_length, "00");
	assert_true(bgp_nlri_next(&run, false, &nlri));
	assert_bytes_equal(nlri.key, nlri.key_length, "20c0000201");
	assert_false(bgp_nlri_next(&run, false, &nlri));
}

static void test_nlri_ipv4_fast_path_agrees(void **state)
{
	struct hex x = hex("00 01ff 07ff 08ff 09ffff 11c0a8ff 18c0a8ff 1fc0a8ffff 20c0a8ffff");
	struct bgp_nlri_run run = { BGP_IPV4_UNICAST, false, reader_of(x.bytes, x.length) };
	struct reader fast = run.reader;
	struct bgp_nlri nlri, again;
	unsigned count = 0;

	(void)state;
	assert_int_equal(bgp_nlri_check(&run, &as4, &note, &why), BGP_OK);
	while (bgp_nlri_next(&run, false, &nlri)) {
		uint32_t address;
		uint8_t length;
		struct ip_prefix prefix;

		assert_true(bgp_nlri_next_ipv4(&fast, &address, &length));
		bgp_nlri_to_prefix(BGP_IPV4_UNICAST, &nlri, &prefix);
		assert_int_equal(ip_addr_to_u32(&prefix.addr), address);
		assert_int_equal(prefix.length, length);
		bgp_nlri_from_prefix(&prefix, &again);
		assert_int_equal(again.key_length, nlri.key_length);
		assert_memory_equal(again.key, nlri.key, nlri.key_length);
		count++;
	}
	assert_int_equal(count, 9);
}

static void test_nlri_host_bits_are_cleared(void **state)
{
	struct hex x = hex("09 ffff");
	struct bgp_nlri_run run = { BGP_IPV4_UNICAST, false, reader_of(x.bytes, x.length) };
	struct bgp_nlri nlri;

	(void)state;
	assert_true(bgp_nlri_next(&run, false, &nlri));
	assert_bytes_equal(nlri.key, nlri.key_length, "09ff80");
}

static void test_rfc7606_5_3_nlri_syntax(void **state)
{
	static const char *const wrong[] = { "21 0a000000 00", "18 0a01", "20", "ff",
					     "18 0a0102 21" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct hex x = hex(wrong[i]);
		struct bgp_nlri_run run = { BGP_IPV4_UNICAST, false, reader_of(x.bytes, x.length) };

		assert_int_equal(bgp_nlri_check(&run, &as4, &note, &why), BGP_SESSION_RESET);
		assert_int_equal(note.code, 3);
		assert_int_equal(note.subcode, 10);
	}
}

static void test_rfc7911_3_path_identifiers(void **state)
{
	struct bgp_context context = as4;
	struct hex x = hex("00000007 18 0a0102 ffffffff 00");
	struct bgp_nlri_run run = { BGP_IPV4_UNICAST, false, reader_of(x.bytes, x.length) };
	struct bgp_nlri nlri;

	(void)state;
	context.addpath[BGP_IPV4_UNICAST] = true;
	assert_int_equal(bgp_nlri_check(&run, &context, &note, &why), BGP_OK);
	assert_true(bgp_nlri_next(&run, true, &nlri));
	assert_int_equal(nlri.path_id, 7);
	assert_bytes_equal(nlri.key, nlri.key_length, "180a0102");
	assert_true(bgp_nlri_next(&run, true, &nlri));
	assert_int_equal(nlri.path_id, 0xffffffff);
	assert_false(bgp_nlri_next(&run, true, &nlri));
	for (size_t cut_at = 1; cut_at < x.length; cut_at++) {
		run.reader = reader_of(x.bytes, cut_at);
		if (cut_at != 8)
			assert_int_equal(bgp_nlri_check(&run, &context, &note, &why),
					 BGP_SESSION_RESET);
	}
}

static void test_rfc4271_6_3_lengths(void **state)
{
	static const char *const wrong[] = {
		"", "00", "0000", "000000", "0001 0000", "0000 0001", "ffff ffff", "0000 ffff 00"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct hex x = hex(wrong[i]);

		assert_int_equal(bgp_update_cut(x.bytes, x.length, &as4, &update, &note, &why),
				 BGP_SESSION_RESET);
		assert_int_equal(note.code, 3);
		assert_int_equal(note.subcode, 1);
	}
}

static void test_rfc4724_2_end_of_rib(void **state)
{
	(void)state;
	assert_int_equal(cut("", "", "", &as4), BGP_OK);
	assert_int_equal(update.end_of_rib, BGP_IPV4_UNICAST);
	assert_int_equal(cut("", "800f03 000201", "", &as4), BGP_OK);
	assert_int_equal(update.end_of_rib, BGP_IPV6_UNICAST);
	assert_int_equal(update.withdrawn[1].family, BGP_FAMILY_NONE);
	assert_int_equal(cut("", "900f0003 000101", "", &as4), BGP_OK);
	assert_int_equal(update.end_of_rib, BGP_IPV4_UNICAST);
	/* CVE-2023-47235: what only looks like it */
	assert_int_equal(cut("", "800f03 000201" ORIGIN, "", &as4), BGP_OK);
	assert_int_equal(update.end_of_rib, BGP_FAMILY_NONE);
	assert_true(update.key_length == 4);
	assert_int_equal(cut("08 0a", "", "", &as4), BGP_OK);
	assert_int_equal(update.end_of_rib, BGP_FAMILY_NONE);
	assert_int_equal(cut("08 0a", "800f03 000201", "", &as4), BGP_OK);
	assert_int_equal(update.end_of_rib, BGP_FAMILY_NONE);
}

static void test_rfc4760_3_mp_reach_leaves_the_key(void **state)
{
	(void)state;
	assert_int_equal(cut("", ORIGIN MP_REACH6 AS_PATH, "", &as4), BGP_OK);
	assert_bytes_equal(update.key, update.key_length,
			   ORIGIN "800e15 000201 10" NEXT_HOP6 "00" AS_PATH);
	assert_true(update.announces);
	assert_int_equal(update.announced[0].family, BGP_IPV6_UNICAST);
	assert_int_equal(reader_left(&update.announced[0].reader), 5);
	assert_ptr_equal(update.mp_key, update.key);
	/* the extended length bit does not make another key */
	assert_int_equal(
		cut("", ORIGIN "900e001a 000201 10" NEXT_HOP6 "00 20 20010db8" AS_PATH, "", &as4),
		BGP_OK);
	assert_bytes_equal(update.key, update.key_length,
			   ORIGIN "800e15 000201 10" NEXT_HOP6 "00" AS_PATH);
}

static void test_rfc4760_4_mp_unreach_leaves_the_key(void **state)
{
	(void)state;
	assert_int_equal(cut("", MP_UNREACH6 ORIGIN AS_PATH NEXT_HOP, "08 0a", &as4), BGP_OK);
	assert_bytes_equal(update.key, update.key_length, ORIGIN AS_PATH NEXT_HOP);
	assert_int_equal(update.withdrawn[1].family, BGP_IPV6_UNICAST);
	assert_int_equal(cut("", ORIGIN MP_UNREACH6 AS_PATH NEXT_HOP, "08 0a", &as4), BGP_OK);
	assert_bytes_equal(update.key, update.key_length, ORIGIN AS_PATH NEXT_HOP);
	assert_int_equal(cut("", ORIGIN AS_PATH NEXT_HOP MP_UNREACH6, "08 0a", &as4), BGP_OK);
	assert_bytes_equal(update.key, update.key_length, ORIGIN AS_PATH NEXT_HOP);
	assert_int_equal(cut("", MP_UNREACH6, "", &as4), BGP_OK);
	assert_int_equal(update.key_length, 0);
	assert_int_equal(update.end_of_rib, BGP_FAMILY_NONE);
	assert_false(update.announces);
}

static void test_rfc7606_5_1_both_kinds_of_nlri(void **state)
{
	(void)state;
	assert_int_equal(cut("", MP_REACH6 ORIGIN MP_UNREACH6 AS_PATH NEXT_HOP, "08 0a", &as4),
			 BGP_OK);
	assert_bytes_equal(update.key, update.key_length, ORIGIN AS_PATH NEXT_HOP);
	assert_bytes_equal(update.mp_key, update.mp_key_length,
			   "800e15 000201 10" NEXT_HOP6 "00" ORIGIN AS_PATH NEXT_HOP);
	assert_int_equal(update.announced[0].family, BGP_IPV6_UNICAST);
	assert_int_equal(update.announced[1].family, BGP_IPV4_UNICAST);
	assert_int_equal(update.withdrawn[1].family, BGP_IPV6_UNICAST);
}

static void test_rfc7606_3_d_next_hop_missing(void **state)
{
	(void)state;
	assert_int_equal(cut("", ORIGIN AS_PATH, "08 0a", &as4), BGP_TREAT_AS_WITHDRAW);
	assert_int_equal(update.announced[1].family, BGP_IPV4_UNICAST);
	/* CVE-2023-47234, CVE-2023-41358 */
	assert_int_equal(cut("", MP_UNREACH6, "08 0a", &as4), BGP_TREAT_AS_WITHDRAW);
	assert_int_equal(cut("", "", "08 0a", &as4), BGP_TREAT_AS_WITHDRAW);
	assert_int_equal(cut("", MP_REACH6 ORIGIN AS_PATH, "08 0a", &as4), BGP_TREAT_AS_WITHDRAW);
}

static void test_rfc7606_3_h_mp_attributes_twice(void **state)
{
	(void)state;
	assert_int_equal(cut("", MP_REACH6 MP_REACH6 ORIGIN AS_PATH, "", &as4), BGP_SESSION_RESET);
	assert_int_equal(note.subcode, 1);
	assert_int_equal(cut("", MP_UNREACH6 MP_UNREACH6, "", &as4), BGP_SESSION_RESET);
	assert_int_equal(note.subcode, 1);
}

static void test_rfc7606_4_attribute_overrun(void **state)
{
	(void)state;
	assert_int_equal(cut("", NEXT_HOP ORIGIN "400250", "08 0a", &as4), BGP_TREAT_AS_WITHDRAW);
	assert_int_equal(update.announced[1].family, BGP_IPV4_UNICAST);
	assert_int_equal(cut("", NEXT_HOP ORIGIN "40", "08 0a", &as4), BGP_TREAT_AS_WITHDRAW);
	assert_int_equal(cut("", NEXT_HOP ORIGIN "500200", "08 0a", &as4), BGP_TREAT_AS_WITHDRAW);
	assert_int_equal(cut("", MP_REACH6 ORIGIN "400250", "", &as4), BGP_TREAT_AS_WITHDRAW);
	/* 5.2: nothing reachable was found */
	assert_int_equal(cut("", ORIGIN "400250", "", &as4), BGP_SESSION_RESET);
	assert_int_equal(note.subcode, 1);
}

static void test_rfc7606_7_11_next_hop_length(void **state)
{
	static const char *const wrong[] = {
		"800e05 000201 00 00",
		"800e09 000201 04 0a000001 00",
		"800e0d 000201 08 0a0000010a000001 00",
		"800e04 000201 10",
		"800e05 000101 00 00",
		"c00e1a 000201 10" NEXT_HOP6 "00 20 20010db8", /* 5.3: flags */
		"c00f03 000201",
	};
	static const char *const without_family[] = { "800e00", "800e02 0002", "800f02 0002" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_int_equal(cut("", wrong[i], "", &as4), BGP_DISABLE_FAMILY);
		assert_int_equal(note.code, 3);
		assert_int_equal(note.subcode, 9);
		assert_bytes_equal(note.data, note.data_length, wrong[i]);
		assert_int_equal(update.disabled,
				 wrong[i][10] == '1' ? BGP_IPV4_UNICAST : BGP_IPV6_UNICAST);
		assert_int_equal(update.announced[0].family, BGP_FAMILY_NONE);
		assert_int_equal(update.withdrawn[1].family, BGP_FAMILY_NONE);
		assert_int_equal(update.end_of_rib, BGP_FAMILY_NONE);
	}
	for (size_t i = 0; i < ARRAY_SIZE(without_family); i++) {
		assert_int_equal(cut("", without_family[i], "", &as4), BGP_SESSION_RESET);
		assert_int_equal(note.code, 3);
		assert_int_equal(note.subcode, 9);
		assert_bytes_equal(note.data, note.data_length, without_family[i]);
	}
	/* two IPv6 next hops are right (RFC 2545 3) */
	assert_int_equal(cut("", "800e2a 000201 20" NEXT_HOP6 NEXT_HOP6 "00 20 20010db8", "", &as4),
			 BGP_OK);
}

static void test_family_that_was_not_negotiated_is_left_out(void **state)
{
	struct bgp_context context = as4;

	(void)state;
	context.not_negotiated[BGP_IPV6_UNICAST] = true;
	assert_int_equal(cut("", MP_REACH6 ORIGIN AS_PATH NEXT_HOP, "08 0a", &context),
			 BGP_ATTRIBUTE_DISCARD);
	assert_bytes_equal(update.key, update.key_length, ORIGIN AS_PATH NEXT_HOP);
	assert_int_equal(update.announced[0].family, BGP_FAMILY_NONE);
	assert_int_equal(cut("", "800f03 000201", "", &context), BGP_ATTRIBUTE_DISCARD);
	assert_int_equal(update.end_of_rib, BGP_FAMILY_NONE);
	/* an unknown family */
	assert_int_equal(cut("", "800e09 4063 47 04 0a000001 00" ORIGIN AS_PATH, "", &as4),
			 BGP_ATTRIBUTE_DISCARD);
	assert_false(update.announces);
	context.not_negotiated[BGP_IPV4_UNICAST] = true;
	assert_int_equal(cut("08 0a", ORIGIN AS_PATH NEXT_HOP, "08 0a", &context),
			 BGP_ATTRIBUTE_DISCARD);
	assert_false(update.announces);
	assert_int_equal(update.withdrawn[0].family, BGP_FAMILY_NONE);
}

static void test_every_truncation_gives_a_verdict(void **state)
{
	struct hex x = body_of("08 0a", MP_REACH6 ORIGIN MP_UNREACH6 AS_PATH NEXT_HOP, "18 0a0102");

	(void)state;
	for (size_t i = 0; i < x.length; i++) {
		uint8_t *copy = mem_dup(x.bytes, i == 0 ? 1 : i); /* for the sanitizer */
		enum bgp_verdict v = bgp_update_cut(copy, i, &as4, &update, &note, &why);

		if (v == BGP_OK)
			assert_true(x.length - i <= 4);
		mem_free(copy);
	}
}

static void write_announcement(struct writer *w, enum bgp_family family, unsigned count)
{
	struct hex attrs =
		hex(family == BGP_IPV4_UNICAST ? ORIGIN AS_PATH NEXT_HOP : ORIGIN AS_PATH);
	struct hex hop = hex(NEXT_HOP6);
	struct ip_addr next_hop = ip_addr_of(IP_V6, hop.bytes);
	struct bgp_update_writer u;

	bgp_update_begin(&u, w, family, false, false, attrs.bytes, attrs.length,
			 family == BGP_IPV4_UNICAST ? NULL : &next_hop, 4096);
	for (unsigned i = 0; i < count; i++) {
		struct bgp_nlri nlri = { .key_length = 4,
					 .key = { 24, 10, (uint8_t)(i >> 8), (uint8_t)i } };

		assert_true(bgp_update_add(&u, &nlri));
	}
	bgp_update_end(&u);
}

static void test_write_announcement(void **state)
{
	uint8_t bytes[4096];
	struct writer w = writer_of(bytes, sizeof(bytes));

	(void)state;
	write_announcement(&w, BGP_IPV4_UNICAST, 2);
	assert_bytes_equal(
		bytes, writer_length(&w),
		"ffffffffffffffffffffffffffffffff 0033 02 0000 0014" ORIGIN AS_PATH NEXT_HOP
		"180a0000 180a0001");
	w = writer_of(bytes, sizeof(bytes));
	write_announcement(&w, BGP_IPV6_UNICAST, 1);
	assert_bytes_equal(bytes, writer_length(&w),
			   "ffffffffffffffffffffffffffffffff 0041 02 0000 002a"
			   "900e0019 000201 10" NEXT_HOP6 "00 180a0000" ORIGIN AS_PATH);
	/* nothing added, nothing written */
	w = writer_of(bytes, sizeof(bytes));
	write_announcement(&w, BGP_IPV6_UNICAST, 0);
	assert_int_equal(writer_length(&w), 0);
}

static void test_write_withdrawal(void **state)
{
	uint8_t bytes[4096];
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct bgp_update_writer u;
	struct bgp_nlri nlri = { .path_id = 5, .key_length = 2, .key = { 8, 10 } };

	(void)state;
	bgp_update_begin(&u, &w, BGP_IPV4_UNICAST, true, true, NULL, 0, NULL, 4096);
	assert_true(bgp_update_add(&u, &nlri));
	bgp_update_end(&u);
	assert_bytes_equal(bytes, writer_length(&w),
			   "ffffffffffffffffffffffffffffffff 001d 02 0006 00000005080a 0000");
	w = writer_of(bytes, sizeof(bytes));
	bgp_update_begin(&u, &w, BGP_IPV6_UNICAST, true, false, NULL, 0, NULL, 4096);
	assert_true(bgp_update_add(&u, &nlri));
	bgp_update_end(&u);
	assert_bytes_equal(
		bytes, writer_length(&w),
		"ffffffffffffffffffffffffffffffff 0020 02 0000 0009 900f0005 000201 080a");
}

/* Fills a message to the brim; every one must stay within its limit and cut cleanly. */
static void fill(enum bgp_family family, bool withdraw, size_t limit)
{
	static uint8_t bytes[65535];
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct hex attrs = hex(ORIGIN AS_PATH NEXT_HOP), hop = hex(NEXT_HOP6);
	struct ip_addr next_hop = ip_addr_of(IP_V6, hop.bytes);
	struct bgp_update_writer u;
	struct bgp_nlri nlri = { .key_length = 5, .key = { 32, 10, 1, 2, 3 } };
	struct bgp_header h;

	bgp_update_begin(&u, &w, family, withdraw, false, attrs.bytes, attrs.length,
			 family == BGP_IPV4_UNICAST ? NULL : &next_hop, limit);
	while (bgp_update_add(&u, &nlri))
		;
	bgp_update_end(&u);
	assert_false(w.failed);
	assert_true(writer_length(&w) <= limit && writer_length(&w) > limit - 5);
	assert_int_equal(bgp_header_decode(bytes, (uint32_t)limit, &h, &note), 0);
	assert_int_equal(h.length, writer_length(&w));
	assert_int_equal(
		bgp_update_cut(bytes + 19, (size_t)h.length - 19, &as4, &update, &note, &why),
		BGP_OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(bgp_nlri_check(&update.announced[i], &as4, &note, &why), BGP_OK);
		assert_int_equal(bgp_nlri_check(&update.withdrawn[i], &as4, &note, &why), BGP_OK);
	}
	assert_int_equal(update.announces, !withdraw);
}

static void test_write_up_to_the_limit(void **state)
{
	(void)state;
	for (size_t limit = 200; limit < 210; limit++)
		for (size_t i = BGP_IPV4_UNICAST; i <= BGP_IPV6_UNICAST; i++) {
			fill((enum bgp_family)i, false, limit);
			fill((enum bgp_family)i, true, limit);
		}
	fill(BGP_IPV4_UNICAST, false, 4096);
	fill(BGP_IPV6_UNICAST, false, 65535);
	fill(BGP_IPV6_UNICAST, true, 65535);
}

static void test_write_no_room(void **state)
{
	uint8_t bytes[40];
	struct writer w = writer_of(bytes, sizeof(bytes));
	struct hex attrs = hex(ORIGIN AS_PATH NEXT_HOP);
	struct bgp_update_writer u;
	struct bgp_nlri nlri = { .key_length = 5, .key = { 32 } };

	(void)state;
	bgp_update_begin(&u, &w, BGP_IPV4_UNICAST, false, false, attrs.bytes, attrs.length, NULL,
			 4096);
	assert_false(bgp_update_add(&u, &nlri));
	assert_int_equal(u.count, 0);
	bgp_update_end(&u);
	assert_int_equal(writer_length(&w), 0);
}

static void test_write_end_of_rib(void **state)
{
	uint8_t bytes[64];
	struct writer w = writer_of(bytes, sizeof(bytes));

	(void)state;
	bgp_end_of_rib_encode(&w, BGP_IPV4_UNICAST);
	assert_bytes_equal(bytes, writer_length(&w),
			   "ffffffffffffffffffffffffffffffff 0017 02 00000000");
	w = writer_of(bytes, sizeof(bytes));
	bgp_end_of_rib_encode(&w, BGP_IPV6_UNICAST);
	assert_bytes_equal(bytes, writer_length(&w),
			   "ffffffffffffffffffffffffffffffff 001d 02 0000 0006 800f03 000201");
}

static void test_rfc7606_5_2_bare_attributes(void **state)
{
	static const struct {
		const char *withdrawn, *attrs, *nlri;
		bool bare;
	} rows[] = {
		{ "", ORIGIN, "", true },
		{ "", "", "", false },
		{ "08 0a", "", "", false },
		{ "08 0a", ORIGIN, "", true },
		{ "", "800f03 000201", "", false }, /* End-of-RIB */
		{ "", "800f03 000201" ORIGIN, "", true },
		{ "", MP_UNREACH6, "", false },
		{ "", ORIGIN AS_PATH NEXT_HOP, "08 0a", false },
		{ "", ORIGIN AS_PATH MP_REACH6, "", false },
	};
	struct bgp_context context = { .as4 = true, .ibgp = true };

	(void)state;
	for (size_t i = BGP_IPV4_MULTICAST; i < BGP_FAMILY_COUNT; i++)
		context.not_negotiated[i] = true;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(cut(rows[i].withdrawn, rows[i].attrs, rows[i].nlri, &context),
				 BGP_OK);
		assert_true(update.bare == rows[i].bare);
	}
	/* NLRI of a family that is not used is NLRI nevertheless */
	assert_int_equal(cut("", ORIGIN "800e0b 000102 04 0a000001 00 08 0a", "", &context),
			 BGP_ATTRIBUTE_DISCARD);
	assert_false(update.bare);
}

static void test_faults_are_named_with_their_place(void **state)
{
	static const struct {
		const char *attrs, *nlri;
		enum bgp_verdict verdict;
		const char *text;
	} rows[] = {
		{ ORIGIN "800405 00", "18 0a0102", BGP_TREAT_AS_WITHDRAW,
		  "attribute 4 MULTI_EXIT_DISC at offset 4: it is longer than the path "
		  "attributes" },
		{ ORIGIN "d06301", "18 0a0102", BGP_TREAT_AS_WITHDRAW,
		  "attribute 99 at offset 4: it is longer than the path attributes" },
		{ ORIGIN MP_REACH6 MP_REACH6, "", BGP_SESSION_RESET,
		  "attribute 14 MP_REACH_NLRI at offset 33: it is there twice" },
		{ MP_UNREACH6 MP_UNREACH6, "", BGP_SESSION_RESET,
		  "attribute 15 MP_UNREACH_NLRI at offset 11: it is there twice" },
		{ "800e02 0002", "", BGP_SESSION_RESET,
		  "attribute 14 MP_REACH_NLRI at offset 0: it ends before its NLRI" },
		{ "800f02 0002", "", BGP_SESSION_RESET,
		  "attribute 15 MP_UNREACH_NLRI at offset 0: it ends before its NLRI" },
		{ ORIGIN "c00f08 000201 20 20010db8", "", BGP_DISABLE_FAMILY,
		  "attribute 15 MP_UNREACH_NLRI at offset 4: ipv6-unicast: its flags are wrong" },
		{ ORIGIN "800f03 006363", "", BGP_ATTRIBUTE_DISCARD,
		  "attribute 15 MP_UNREACH_NLRI at offset 4: the family was not negotiated" },
		{ ORIGIN AS_PATH, "18 0a0102", BGP_TREAT_AS_WITHDRAW, "NEXT_HOP is missing" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(cut("", rows[i].attrs, rows[i].nlri, &as4), rows[i].verdict);
		assert_string_equal(why.text, rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc7606_5_2_bare_attributes),
		cmocka_unit_test(test_rfc4271_4_3_announcement),
		cmocka_unit_test(test_nlri_ipv4_fast_path_agrees),
		cmocka_unit_test(test_nlri_host_bits_are_cleared),
		cmocka_unit_test(test_rfc7606_5_3_nlri_syntax),
		cmocka_unit_test(test_rfc7911_3_path_identifiers),
		cmocka_unit_test(test_rfc4271_6_3_lengths),
		cmocka_unit_test(test_rfc4724_2_end_of_rib),
		cmocka_unit_test(test_rfc4760_3_mp_reach_leaves_the_key),
		cmocka_unit_test(test_rfc4760_4_mp_unreach_leaves_the_key),
		cmocka_unit_test(test_rfc7606_5_1_both_kinds_of_nlri),
		cmocka_unit_test(test_rfc7606_3_d_next_hop_missing),
		cmocka_unit_test(test_rfc7606_3_h_mp_attributes_twice),
		cmocka_unit_test(test_rfc7606_4_attribute_overrun),
		cmocka_unit_test(test_rfc7606_7_11_next_hop_length),
		cmocka_unit_test(test_family_that_was_not_negotiated_is_left_out),
		cmocka_unit_test(test_every_truncation_gives_a_verdict),
		cmocka_unit_test(test_write_announcement),
		cmocka_unit_test(test_write_withdrawal),
		cmocka_unit_test(test_write_up_to_the_limit),
		cmocka_unit_test(test_write_no_room),
		cmocka_unit_test(test_write_end_of_rib),
		cmocka_unit_test(test_faults_are_named_with_their_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
