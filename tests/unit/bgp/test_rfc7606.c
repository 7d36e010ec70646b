/*
 * Tests of bgp/attrs: RFC 7606, a named case for each attribute and each way to be malformed.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The table is written from the RFCs, not from the decoder's own: section, right flags, a good
 * value, lengths and values that are wrong and what they lead to.
 */
#include "attrs_rows.h"

#define BAD_MAX 12u
#define CASES_MAX 400u
#define EXTENDED_LENGTH 0x10u

struct rfc_row {
	const char *section;
	const char *name;
	const char *good; /* value */
	const char *bad_value[BAD_MAX];
	int16_t bad_length[BAD_MAX]; /* 0 too, where it is wrong; -1 ends the list */
	enum bgp_verdict length, value, flags;
	uint8_t code;
	uint8_t right_flags;
	bool mandatory;
	bool internal; /* discarded from outside */
};

#define IP6 "20010db8000000000000000000000001"

/* clang-format off */
static const struct rfc_row rows[] = {
	{ "7.1", "ORIGIN", "01", { "03", "ff" }, { 0, 2, 3, -1 }, W, W, W, 1, 0x40, true, false },
	{ "7.2", "AS_PATH", "02010000fde9",
	  { "00010000fde9", "05010000fde9", "0200", "0100", "02020000fde9", "02010000fde90201", "020100000000" },
	  { 1, 3, 5, 7, -1 }, W, W, W, 2, 0x40, true, false },
	{ "7.3", "NEXT_HOP", "0a000001", { "00000000", "00000001", "7f000001", "e0000001", "ffffffff" },
	  { 0, 3, 5, 16, -1 }, W, W, W, 3, 0x40, true, false },
	{ "7.4", "MULTI_EXIT_DISC", "00000064", { 0 }, { 0, 1, 3, 5, 8, -1 }, W, W, W, 4, 0x80, false, false },
	{ "7.5", "LOCAL_PREF", "00000064", { 0 }, { 0, 1, 3, 5, 8, -1 }, W, W, W, 5, 0x40, false, true },
	{ "7.6", "ATOMIC_AGGREGATE", "", { 0 }, { 1, 4, 255, 256, -1 }, D, D, W, 6, 0x40, false, false },
	{ "7.7", "AGGREGATOR", "0000fde90a000001", { "000000000a000001" }, { 0, 5, 6, 7, 9, -1 }, D, D, W, 7, 0xc0, false, false },
	{ "7.8", "COMMUNITIES", "00010002", { 0 }, { 0, 1, 3, 5, 255, 257, -1 }, W, W, W, 8, 0xc0, false, false },
	{ "7.9", "ORIGINATOR_ID", "01010101", { 0 }, { 0, 3, 5, 8, -1 }, W, W, W, 9, 0x80, false, true },
	{ "7.10", "CLUSTER_LIST", "0101010102020202", { 0 }, { 0, 1, 3, 5, 255, -1 }, W, W, W, 10, 0x80, false, true },
	{ "7.14", "EXTENDED_COMMUNITIES", "0002fde800000001", { 0 }, { 0, 7, 9, 12, 255, -1 }, W, W, W, 16, 0xc0, false, false },
	{ "7.15", "IPV6_EXT_COMMUNITIES", "0002" IP6 "0001", { 0 }, { 0, 8, 19, 21, 255, -1 }, W, W, W, 25, 0xc0, false, false },
	{ "7.16", "ATTR_SET", "0000fde8 40010100",
	  { "0000fde8 40010103", "0000fde8 400105", "0000fde8 c080040000fde8", "0000fde8 40060100" },
	  { 0, 1, 3, -1 }, W, W, W, 128, 0xc0, false, false },
	{ "6514 5", "PMSI_TUNNEL", "0006000064 0a000001", { "0006000064", "0006000064 0a0000", "0003000000 0a000001" },
	  { 0, 4, -1 }, W, W, W, 22, 0xc0, false, false },
	{ "9012 13", "TUNNEL_ENCAP", "00080008 0606 00000000 0000",
	  { "0008 0000", "0008 0009 0606 00000000 0000", "0008 0006 0604 00000000", "0008 0003 06ff00" },
	  { 0, 1, 3, -1 }, W, W, W, 23, 0xc0, false, false },
	{ "7311 3.2", "AIGP", "01 000b 0000000000000064", { "01 000b ffffffffffffffff", "01 000a 00000000000064", "63 0004 00" },
	  { 0, 1, 2, -1 }, D, D, D, 26, 0x80, false, false },
	{ "9552 8.2.2", "BGP-LS", "0400 0004 0a000001", { "0400 0005 0a000001" }, { 0, 1, 2, 3, -1 }, D, D, W, 29, 0x80, false, false },
	{ "8092 6", "LARGE_COMMUNITY", "000000010000000200000003", { 0 }, { 0, 4, 11, 13, 255, -1 }, W, W, W, 32, 0xc0, false, false },
	{ "9234 5", "ONLY_TO_CUSTOMER", "0000fde8", { 0 }, { 0, 3, 5, 8, -1 }, W, W, W, 35, 0xc0, false, false },
	{ "8669 6", "PREFIX_SID", "01 0007 00 0000 00000001", { "01 0006 00 0000 000000", "01 0008 00 0000 00000001", "03 0002 0000" },
	  { 0, 1, 2, -1 }, D, D, W, 40, 0xc0, false, true },
};
/* clang-format on */

static const struct bgp_context inside = { .as4 = true, .ibgp = true, .aigp = true };
static const struct bgp_context outside = { .as4 = true, .aigp = true };

static void put(struct writer *w, const struct rfc_row *row, unsigned flags, const void *value,
		size_t length)
{
	if (length > UINT8_MAX)
		flags |= EXTENDED_LENGTH;
	writer_u8(w, (uint8_t)flags);
	writer_u8(w, row->code);
	if ((flags & EXTENDED_LENGTH) != 0)
		writer_u16(w, (uint16_t)length);
	else
		writer_u8(w, (uint8_t)length);
	writer_bytes(w, value, length);
}

/* The mandatory attributes but for this one. */
static void put_others(struct writer *w, uint8_t code)
{
	static const char *const others[] = { [1] = ORIGIN, [2] = AS_PATH, [3] = NEXT_HOP };

	for (uint8_t i = 1; i < ARRAY_SIZE(others); i++) {
		struct hex x = hex(others[i]);

		if (i != code)
			writer_bytes(w, x.bytes, x.length);
	}
}

/* A block of the mandatory attributes and this one. */
static struct writer block(const struct rfc_row *row, unsigned flags, const void *value,
			   size_t length)
{
	static uint8_t bytes[1024];
	struct writer w = writer_of(bytes, sizeof(bytes));

	put_others(&w, row->code);
	put(&w, row, flags, value, length);
	return w;
}

static enum bgp_verdict judge(const struct writer *w, const struct bgp_context *context,
			      bool has_nlri)
{
	assert_false(w->failed);
	return decode_octets(w->start, writer_length(w), context, has_nlri);
}

/* Is the attribute in the result? */
static bool is_there(const struct rfc_row *row)
{
	struct bgp_attrs_walk walk = bgp_attrs_walk(&attrs);
	struct bgp_attr_item item;

	while (bgp_attrs_walk_next(&walk, &item))
		if (item.code == row->code)
			return true;
	return false;
}

/* With NLRI the verdict that the RFC says; without, a reset in place of a withdrawal (5.2). */
static void check(const struct rfc_row *row, struct writer w, const struct bgp_context *context,
		  enum bgp_verdict wanted)
{
	enum bgp_verdict got = judge(&w, context, true);

	if (got != wanted)
		fail_msg("%s: verdict %d, not %d (%s)", row->name, got, wanted, why.text);
	assert_true((got == BGP_OK) == (why.text[0] == '\0'));
	if (got == D)
		assert_false(is_there(row));
	got = judge(&w, context, false);
	assert_int_equal(got, wanted == W ? R : wanted);
	assert_int_equal(note.code, wanted == W ? BGP_ERROR_UPDATE : 0);
}

static void test_good(void **state)
{
	const struct rfc_row *row = *state;
	struct hex x = hex(row->good);
	unsigned partial = (row->right_flags & 0x80) != 0 ? 0x20 : 0;

	check(row, block(row, row->right_flags, x.bytes, x.length), &inside, BGP_OK);
	assert_true(is_there(row));
	/* the Partial bit (of an optional one) and the unused ones say nothing here */
	check(row, block(row, row->right_flags | 0x0fu | partial, x.bytes, x.length), &inside,
	      BGP_OK);
	/* two octets of length where one would do */
	check(row, block(row, row->right_flags | EXTENDED_LENGTH, x.bytes, x.length), &inside,
	      BGP_OK);
}

static void test_flags(void **state)
{
	const struct rfc_row *row = *state;
	struct hex x = hex(row->good);

	for (unsigned turn = 0x40; turn <= 0xc0; turn += 0x40)
		check(row, block(row, row->right_flags ^ turn, x.bytes, x.length), &inside,
		      row->flags);
}

static void test_length(void **state)
{
	const struct rfc_row *row = *state;
	static const uint8_t zeros[300];

	for (size_t i = 0; row->bad_length[i] >= 0; i++)
		check(row, block(row, row->right_flags, zeros, (size_t)row->bad_length[i]), &inside,
		      row->length);
}

static void test_value(void **state)
{
	const struct rfc_row *row = *state;

	for (size_t i = 0; i < BAD_MAX && row->bad_value[i] != NULL; i++) {
		struct hex x = hex(row->bad_value[i]);

		check(row, block(row, row->right_flags, x.bytes, x.length), &inside, row->value);
	}
}

static void test_missing(void **state)
{
	const struct rfc_row *row = *state;
	uint8_t bytes[1024];
	struct writer w = writer_of(bytes, sizeof(bytes));

	put_others(&w, row->code);
	assert_int_equal(judge(&w, &inside, true), row->mandatory ? W : BGP_OK);
	/* nothing is announced: nothing is missing */
	assert_int_equal(judge(&w, &inside, false), BGP_OK);
}

/* The first counts, the second is not even looked at. */
static void test_duplicate(void **state)
{
	const struct rfc_row *row = *state;
	struct hex x = hex(row->good);
	struct writer w = block(row, row->right_flags, x.bytes, x.length);

	put(&w, row, row->right_flags, x.bytes, x.length);
	assert_int_equal(judge(&w, &inside, true), D);
	assert_true(is_there(row));
	w = block(row, row->right_flags, x.bytes, x.length);
	put(&w, row, row->right_flags ^ 0x80, "12345", 5);
	assert_int_equal(judge(&w, &inside, true), D);
	assert_true(is_there(row));
	assert_int_equal(judge(&w, &inside, false), D);
}

/* Section 4: it is longer than what is left, by any number of octets. */
static void test_overrun(void **state)
{
	const struct rfc_row *row = *state;
	struct hex x = hex(row->good);

	for (size_t missing = 1; missing <= x.length + 2; missing++) {
		struct writer w = block(row, row->right_flags, x.bytes, x.length);

		w.next -= missing;
		assert_int_equal(judge(&w, &inside, true), W);
		assert_non_null(strstr(why.text, "it is longer than the path attributes"));
		assert_int_equal(judge(&w, &inside, false), R);
		assert_int_equal(note.subcode, BGP_UPDATE_MALFORMED_LIST);
		assert_int_equal(note.data_length, 0);
	}
}

/* 7.5, 7.9, 7.10, RFC 8669 4: from an external peer, whatever it is. Others are judged as from
 * inside. */
static void test_from_outside(void **state)
{
	const struct rfc_row *row = *state;
	struct hex x = hex(row->good);

	check(row, block(row, row->right_flags, x.bytes, x.length), &outside,
	      row->internal ? D : BGP_OK);
	check(row, block(row, row->right_flags ^ 0x40, x.bytes, x.length), &outside,
	      row->internal ? D : row->flags);
	if (row->bad_length[0] >= 0)
		check(row,
		      block(row, row->right_flags, "123456789", (size_t)MIN(row->bad_length[0], 9)),
		      &outside, row->internal ? D : row->length);
}

int main(void)
{
	static const struct {
		const char *name;
		CMUnitTestFunction function;
	} kinds[] = {
		{ "good", test_good },
		{ "flags (3 c)", test_flags },
		{ "length", test_length },
		{ "value", test_value },
		{ "missing (3 d)", test_missing },
		{ "duplicate (3 g)", test_duplicate },
		{ "overrun (4)", test_overrun },
		{ "from outside", test_from_outside },
	};
	static struct CMUnitTest tests[CASES_MAX];
	static char names[CASES_MAX][80];
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
			if (kinds[k].function == test_value && rows[i].bad_value[0] == NULL)
				continue;
			assert_true(count < CASES_MAX);
			snprintf(names[count], sizeof(names[count]), "RFC %s%s %s: %s",
				 rows[i].section[0] == '7' && rows[i].section[1] == '.' ? "7606 "
											: "",
				 rows[i].section, rows[i].name, kinds[k].name);
			tests[count] = (struct CMUnitTest){ .name = names[count],
							    .test_func = kinds[k].function,
							    .initial_state = (void *)&rows[i] };
			count++;
		}
	return _cmocka_run_group_tests("rfc7606", tests, count, setup, teardown);
}
