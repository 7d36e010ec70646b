/*
 * Tests of bgp/as_path.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "bgp/as_path.h"

#include "base/buf.h"
#include "hex.h"

static struct arena arena;

static struct bgp_attrs path_of(const char *text)
{
	struct hex x = hex(text);
	struct as_path_facts facts = { 0 };
	struct bgp_attrs a = { .present = 1u << BGP_ATTR_AS_PATH };

	assert_null(as_path_check(x.bytes, x.length, 4, &facts));
	a.as_path = arena_dup(&arena, x.bytes, x.length);
	a.as_path_bytes = (uint16_t)x.length;
	a.as_path_length = (uint16_t)facts.length;
	a.neighbor_as = facts.neighbor;
	a.origin_as = facts.origin;
	return a;
}

static void assert_path(const struct bgp_attrs *a, const char *text)
{
	struct buf b;

	buf_init(&b, 0);
	bgp_as_path_format(a, &b);
	assert_string_equal(buf_text(&b), text);
	buf_done(&b);
}

static void check_widened(const char *path, const char *as4_path, const char *text)
{
	struct hex p = hex(path), p4 = hex(as4_path);
	struct bgp_attrs a = { 0 };

	assert_int_equal(as_path_widen(p.bytes, p.length, p4.length == 0 ? NULL : p4.bytes,
				       p4.length, &arena, &a.as_path, &a.as_path_bytes),
			 0);
	assert_path(&a, text);
}

static void test_rfc4271_9_1_2_2_length(void **state)
{
	struct bgp_attrs a = path_of("0203 00000001 00000002 00000003 0102 00000004 00000005");

	(void)state;
	assert_int_equal(a.as_path_length, 4);
	assert_int_equal(a.neighbor_as.number, 1);
	assert_int_equal(a.origin_as.number, 0);
	assert_path(&a, "1 2 3 {4 5}");
	a = path_of("");
	assert_int_equal(a.as_path_length, 0);
	assert_int_equal(a.neighbor_as.number, 0);
	a = path_of("0101 00000007 0201 00000009");
	assert_int_equal(a.neighbor_as.number, 0);
	assert_int_equal(a.origin_as.number, 9);
}

static void test_rfc5065_5_3_confederations_count_nothing(void **state)
{
	struct bgp_attrs a = path_of("0302 0000fde9 0000fdea 0401 0000fdeb 0202 00000001 00000002");

	(void)state;
	assert_int_equal(a.as_path_length, 2);
	assert_int_equal(a.neighbor_as.number, 1);
	assert_path(&a, "(65001 65002) [65003] 1 2");
}

static void test_rfc7606_7_2_syntax(void **state)
{
	static const char *const wrong[] = {
		"0000",
		"0001 00000001",
		"0501 00000001",
		"0200",
		"02",
		"0202 00000001",
		"0201 00000001 02",
		"0201 000001",
		"0201 00000001 0200",
	};
	struct as_path_facts facts;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct hex x = hex(wrong[i]);

		assert_non_null(as_path_check(x.bytes, x.length, 4, &facts));
	}
}

static void test_rfc6793_4_2_3_merge(void **state)
{
	(void)state;
	/* the whole path went through speakers of 4 octets, then one old AS prepended itself */
	check_widened("0203 0064 5ba0 5ba0", "0202 000fde9e 000fde9f", "100 1040030 1040031");
	/* a longer AS4_PATH is ignored */
	check_widened("0201 0064", "0202 000fde9e 000fde9f", "100");
	check_widened("0202 0064 0065", "", "100 101");
	check_widened("", "", "");
	/* an AS_SET counts one */
	check_widened("0202 0064 5ba0 0102 0001 0002", "0201 000fde9e 0102 00000001 00000002",
		      "100 1040030 {1 2}");
	check_widened("0102 0001 0002 0201 5ba0", "0201 000fde9e", "{1 2} 1040030");
	/* confederation segments in front stay */
	check_widened("0301 fde9 0202 0064 5ba0", "0201 000fde9e", "(65001) 100 1040030");
	check_widened("0301 fde9 0201 5ba0", "0201 000fde9e", "(65001) 1040030");
}

/* "either the leading path segment or adjacent to a path segment that is prepended" */
static void test_rfc6793_4_2_3_merge_with_confederations(void **state)
{
	(void)state;
	/* as long as AS4_PATH: only the leading ones are prepended */
	check_widened("0301 fe01 0202 0001 5ba0", "0202 00000001 000fde9e", "(65025) 1 1040030");
	check_widened("0301 fe01 0402 fe02 fe03 0201 5ba0", "0201 000fde9e",
		      "(65025) [65026 65027] 1040030");
	/* in the middle, behind what is prepended: it touches that */
	check_widened("0201 0001 0301 fe01 0201 5ba0", "0201 000fde9e", "1 (65025) 1040030");
	/* behind what is taken from AS4_PATH: it touches nothing */
	check_widened("0202 0001 5ba0 0301 fe01", "0201 000fde9e", "1 1040030");
	check_widened("0301 fe01", "", "(65025)");
	/* sets count one */
	check_widened("0201 0001 0102 0002 5ba0", "0102 00000002 000fde9e", "1 {2 1040030}");
	check_widened("0201 0001 0102 0002 5ba0", "0201 00000001 0102 00000002 000fde9e",
		      "1 {2 1040030}");
	/* AS4_PATH is longer: it is ignored */
	check_widened("0201 5ba0", "0202 00000001 000fde9e", "23456");
	check_widened("", "0201 000fde9e", "");
}

static void test_widen_joins_and_splits_at_255(void **state)
{
	uint8_t path[2 + 255 * 2 + 2 + 2], as4[2 + 4 * 255];
	struct bgp_attrs a = { 0 };
	struct writer w = writer_of(path, sizeof(path)), w4 = writer_of(as4, sizeof(as4));

	(void)state;
	writer_u16(&w, 0x0201);
	writer_u16(&w, 7);
	writer_u16(&w, 0x02ff);
	for (int i = 0; i < 255; i++)
		writer_u16(&w, BGP_AS_TRANS);
	writer_u16(&w4, 0x02ff);
	for (unsigned i = 0; i < 255; i++)
		writer_u32(&w4, 100000 + i);
	assert_int_equal(as_path_widen(path, writer_length(&w), as4, sizeof(as4), &arena,
				       &a.as_path, &a.as_path_bytes),
			 0);
	assert_int_equal(a.as_path_bytes, 256 * 4 + 4);
	assert_bytes_equal(a.as_path, 10, "02ff 00000007 000186a0");
	assert_bytes_equal(a.as_path + 2 + 255 * 4, 6, "0201 0001879e");
}

static void test_rfc4271_5_1_2_prepend(void **state)
{
	struct bgp_attrs a = path_of("");

	(void)state;
	bgp_as_path_prepend(&a, (asn_t){ 65001 }, &arena);
	assert_path(&a, "65001");
	assert_int_equal(a.origin_as.number, 65001);
	bgp_as_path_prepend(&a, (asn_t){ 4200000000 }, &arena);
	assert_path(&a, "4200000000 65001");
	assert_int_equal(a.as_path_length, 2);
	assert_int_equal(a.neighbor_as.number, 4200000000);
	assert_int_equal(a.origin_as.number, 65001);
	a = path_of("0102 00000004 00000005");
	bgp_as_path_prepend(&a, (asn_t){ 9 }, &arena);
	assert_path(&a, "9 {4 5}");
	assert_int_equal(a.as_path_length, 2);
	assert_int_equal(a.origin_as.number, 0);
	a = path_of("0301 0000fde9 0201 00000001");
	bgp_as_path_prepend(&a, (asn_t){ 9 }, &arena);
	assert_path(&a, "9 (65001) 1");
}

static void test_prepend_past_255_starts_a_segment(void **state)
{
	struct bgp_attrs a = path_of("");

	(void)state;
	for (unsigned i = 1; i <= 600; i++) {
		struct as_path_facts facts;

		bgp_as_path_prepend(&a, (asn_t){ i }, &arena);
		assert_int_equal(a.as_path_length, i);
		assert_null(as_path_check(a.as_path, a.as_path_bytes, 4, &facts));
		assert_int_equal(facts.length, i);
		assert_int_equal(a.as_path_bytes, i * 4 + (i + 254) / 255 * 2);
	}
	assert_int_equal(a.origin_as.number, 1);
}

static void test_count_and_replace(void **state)
{
	struct bgp_attrs a = path_of("0202 00000001 00000002 0102 00000001 00000003");
	struct bgp_attrs before = a;

	(void)state;
	assert_int_equal(bgp_as_path_count(&a, (asn_t){ 1 }), 2);
	assert_int_equal(bgp_as_path_count(&a, (asn_t){ 9 }), 0);
	bgp_as_path_replace(&a, (asn_t){ 9 }, (asn_t){ 8 }, &arena);
	assert_ptr_equal(a.as_path, before.as_path);
	bgp_as_path_replace(&a, (asn_t){ 1 }, (asn_t){ 70000 }, &arena);
	assert_path(&a, "70000 2 {70000 3}");
	assert_int_equal(a.neighbor_as.number, 70000);
	assert_path(&before, "1 2 {1 3}");
}

static int setup(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc4271_9_1_2_2_length),
		cmocka_unit_test(test_rfc5065_5_3_confederations_count_nothing),
		cmocka_unit_test(test_rfc7606_7_2_syntax),
		cmocka_unit_test(test_rfc6793_4_2_3_merge),
		cmocka_unit_test(test_rfc6793_4_2_3_merge_with_confederations),
		cmocka_unit_test(test_widen_joins_and_splits_at_255),
		cmocka_unit_test(test_rfc4271_5_1_2_prepend),
		cmocka_unit_test(test_prepend_past_255_starts_a_segment),
		cmocka_unit_test(test_count_and_replace),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
