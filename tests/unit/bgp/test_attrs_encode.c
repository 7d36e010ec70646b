/*
 * Tests of bgp/attrs_encode: what is written is well-formed, at its edges and at random.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "attrs_rows.h"
#include "base/buf.h"
#include "base/mem.h"
#include "bgp/as_path.h"
#include "bgp/mp_reach.h"

#define BLOCK_BYTES_MAX 65535u
#define RANDOM_SETS 4000u

static uint8_t block[2 * BLOCK_BYTES_MAX], again_block[2 * BLOCK_BYTES_MAX];
static uint64_t seed = 20;

static uint32_t random_below(uint32_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(seed >> 33) % below;
}

static bool one_in(uint32_t n)
{
	return random_below(n) == 0;
}

static uint8_t *random_bytes(size_t length)
{
	uint8_t *bytes = arena_alloc(&arena, length == 0 ? 1 : length);

	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)random_below(256);
	return bytes;
}

static void set(struct bgp_attrs *a, enum bgp_attr_code code)
{
	a->present |= UINT64_C(1) << code;
	if (one_in(8))
		a->partial |= UINT64_C(1) << code;
}

/* Confederation segments lead, as they do in life: elsewhere AS4_PATH loses them. */
static void random_path(struct bgp_attrs *a)
{
	unsigned segments = one_in(50) ? 256 : random_below(5);
	struct writer w = writer_of(arena_alloc(&arena, BLOCK_BYTES_MAX), BLOCK_BYTES_MAX);
	struct as_path_facts facts = { 0 };
	bool leading = true;

	for (unsigned i = 0; i < segments; i++) {
		unsigned count = one_in(10) ? 255 : 1 + random_below(4);
		uint8_t type = (uint8_t)(leading ? 1 + random_below(4) : 1 + random_below(2));

		if (segments == 256)
			count = 1 + random_below(2);
		leading &= type == AS_CONFED_SEQUENCE || type == AS_CONFED_SET;
		writer_u8(&w, type);
		writer_u8(&w, (uint8_t)count);
		/* what is wide in a confederation segment cannot be told to a speaker of 2 octets
		 */
		for (unsigned k = 0; k < count; k++)
			writer_u32(&w,
				   1 + (one_in(3) && type <= AS_SEQUENCE ? random_below(4294967290u)
									 : random_below(65534)));
	}
	assert_false(w.failed);
	assert_null(as_path_check(w.start, writer_length(&w), 4, &facts));
	set(a, BGP_ATTR_AS_PATH);
	a->as_path = w.start;
	a->as_path_bytes = (uint16_t)writer_length(&w);
	a->as_path_length = (uint16_t)facts.length;
	a->neighbor_as = facts.neighbor;
	a->origin_as = facts.origin;
}

static uint16_t random_list(struct bgp_attrs *a, enum bgp_attr_code code, size_t each,
			    const uint8_t **ret_list)
{
	size_t length = each * (one_in(4) ? 60 + random_below(8) : 1 + random_below(5));

	if (one_in(2))
		return 0;
	set(a, code);
	*ret_list = random_bytes(length);
	return (uint16_t)length;
}

/* Unknown ones, and some that are carried, ascending. */
static void random_unknown(struct bgp_attrs *a)
{
	static const char *const carried[256] = {
		[BGP_ATTR_PMSI_TUNNEL] = "00060000640a000001",
		[BGP_ATTR_TUNNEL_ENCAPSULATION] = "0008000c060a0000000000010a000001",
		[BGP_ATTR_IPV6_EXT_COMMUNITIES] = "000220010db8000000000000000000000001 0001",
		[BGP_ATTR_LINK_STATE] = "04040004 0a000001",
		[BGP_ATTR_PREFIX_SID] = "01000700000000000001",
		[BGP_ATTR_ATTR_SET] = "0000fde8 40010100 400200",
	};
	struct writer w = writer_of(arena_alloc(&arena, BLOCK_BYTES_MAX), BLOCK_BYTES_MAX);
	uint32_t density = 1 + random_below(60);

	for (unsigned code = 0; code < 256; code++) {
		struct hex value = { 0 };
		bool wide = one_in(3);

		if (!one_in(density) || (bgp_attr_name((uint8_t)code) != NULL && !carried[code]))
			continue;
		if (carried[code] != NULL) {
			value = hex(carried[code]);
		} else {
			value.length = one_in(20) ? 256 + random_below(200) : random_below(20);
			memcpy(value.bytes, random_bytes(value.length), value.length);
		}
		wide |= value.length > 255;
		writer_u8(&w, (uint8_t)((code == BGP_ATTR_LINK_STATE ? 0x80 : 0xc0) |
					(carried[code] == NULL ? 0x20 : 0) | (wide ? 0x10 : 0)));
		writer_u8(&w, (uint8_t)code);
		if (wide)
			writer_u16(&w, (uint16_t)value.length);
		else
			writer_u8(&w, (uint8_t)value.length);
		writer_bytes(&w, value.bytes, value.length);
	}
	assert_false(w.failed);
	a->unknown = w.start;
	a->unknown_bytes = (uint16_t)writer_length(&w);
}

static struct bgp_attrs random_attrs(void)
{
	struct bgp_attrs a = { .mp_family = BGP_FAMILY_NONE, .local_pref = 100 };

	set(&a, BGP_ATTR_ORIGIN);
	a.origin = (uint8_t)random_below(3);
	random_path(&a);
	a.next_hop = ip_addr_v4(0x0a000000 + random_below(0xffffff));
	if (one_in(2)) {
		set(&a, BGP_ATTR_MED);
		a.med = random_below(UINT32_MAX);
	}
	if (one_in(2)) {
		set(&a, BGP_ATTR_LOCAL_PREF);
		a.local_pref = random_below(UINT32_MAX);
	}
	if (one_in(4)) {
		set(&a, BGP_ATTR_ATOMIC_AGGREGATE);
		a.atomic_aggregate = true;
	}
	if (one_in(3)) {
		set(&a, BGP_ATTR_AGGREGATOR);
		a.aggregator_as = 1 + (one_in(2) ? random_below(65534) : random_below(UINT32_MAX));
		a.aggregator_address = random_below(UINT32_MAX);
	}
	if (one_in(3)) {
		set(&a, BGP_ATTR_ORIGINATOR_ID);
		a.originator_id = random_below(UINT32_MAX);
	}
	if (one_in(4)) {
		set(&a, BGP_ATTR_AIGP);
		a.aigp = random_below(UINT32_MAX);
		if (one_in(2)) {
			struct hex x = hex("63 0004 ff 01 000b 0000000000000000 01 000b"
					   "0000000000000001");

			a.aigp_tlvs = arena_dup(&arena, x.bytes, x.length);
			a.aigp_tlvs_bytes = (uint16_t)x.length;
		}
	}
	if (one_in(4)) {
		set(&a, BGP_ATTR_ONLY_TO_CUSTOMER);
		a.only_to_customer = random_below(UINT32_MAX);
	}
	a.communities_bytes = random_list(&a, BGP_ATTR_COMMUNITIES, 4, &a.communities);
	a.cluster_list_bytes = random_list(&a, BGP_ATTR_CLUSTER_LIST, 4, &a.cluster_list);
	a.extended_communities_bytes =
		random_list(&a, BGP_ATTR_EXTENDED_COMMUNITIES, 8, &a.extended_communities);
	a.large_communities_bytes =
		random_list(&a, BGP_ATTR_LARGE_COMMUNITIES, 12, &a.large_communities);
	random_unknown(&a);
	/* only optional transitive ones have such a bit */
	a.partial &= UINT64_C(1) << BGP_ATTR_AGGREGATOR | UINT64_C(1) << BGP_ATTR_COMMUNITIES |
		     UINT64_C(1) << BGP_ATTR_EXTENDED_COMMUNITIES |
		     UINT64_C(1) << BGP_ATTR_LARGE_COMMUNITIES |
		     UINT64_C(1) << BGP_ATTR_ONLY_TO_CUSTOMER;
	return a;
}

static void assert_same_bytes(const uint8_t *a, size_t a_length, const uint8_t *b, size_t b_length)
{
	assert_int_equal(a_length, b_length);
	if (a_length != 0)
		assert_memory_equal(a, b, a_length);
}

static char *path_text(const struct bgp_attrs *a)
{
	struct buf b;

	buf_init(&b, 0);
	bgp_as_path_format(a, &b);
	return buf_take(&b);
}

static void assert_same(const struct bgp_attrs *a, const struct bgp_attrs *b)
{
	char *a_path = path_text(a), *b_path = path_text(b);

	assert_string_equal(a_path, b_path);
	mem_free(a_path);
	mem_free(b_path);
	assert_true((a->present & ~(UINT64_C(1) << BGP_ATTR_NEXT_HOP)) ==
		    (b->present &
		     ~(UINT64_C(1) << BGP_ATTR_NEXT_HOP | UINT64_C(1) << BGP_ATTR_MP_REACH_NLRI)));
	assert_true(a->partial == b->partial);
	assert_int_equal(a->origin, b->origin);
	assert_int_equal(a->as_path_length, b->as_path_length);
	assert_int_equal(a->neighbor_as.number, b->neighbor_as.number);
	assert_int_equal(a->origin_as.number, b->origin_as.number);
	assert_int_equal(a->med, b->med);
	assert_int_equal(a->local_pref, b->local_pref);
	assert_int_equal(a->atomic_aggregate, b->atomic_aggregate);
	assert_int_equal(a->aggregator_as, b->aggregator_as);
	assert_int_equal(a->aggregator_address, b->aggregator_address);
	assert_int_equal(a->originator_id, b->originator_id);
	assert_int_equal(a->only_to_customer, b->only_to_customer);
	assert_true(a->aigp == b->aigp);
	assert_same_bytes(a->communities, a->communities_bytes, b->communities,
			  b->communities_bytes);
	assert_same_bytes(a->cluster_list, a->cluster_list_bytes, b->cluster_list,
			  b->cluster_list_bytes);
	assert_same_bytes(a->extended_communities, a->extended_communities_bytes,
			  b->extended_communities, b->extended_communities_bytes);
	assert_same_bytes(a->large_communities, a->large_communities_bytes, b->large_communities,
			  b->large_communities_bytes);
	assert_same_bytes(a->unknown, a->unknown_bytes, b->unknown, b->unknown_bytes);
}

static const struct bgp_context inside[2] = { { .ibgp = true, .aigp = true },
					      { .as4 = true, .ibgp = true, .aigp = true } };

static void check_round_trip(const struct bgp_attrs *a, bool as4, enum bgp_family family)
{
	struct writer w = writer_of(block, BLOCK_BYTES_MAX);
	struct writer w2 = writer_of(again_block, BLOCK_BYTES_MAX);
	struct bgp_attrs again;

	bgp_attrs_encode(&w, a, family, as4);
	if (family != BGP_IPV4_UNICAST)
		bgp_mp_reach_encode(&w, family, &a->next_hop, NULL);
	assert_false(w.failed);
	if (bgp_attrs_decode(block, writer_length(&w), &inside[as4], true, &arena, &again, &note,
			     &why) != BGP_OK)
		fail_msg("%s", why.text);
	assert_same(a, &again);
	assert_true(ip_addr_equal(&a->next_hop, &again.next_hop));
	bgp_attrs_encode(&w2, &again, family, as4);
	if (family != BGP_IPV4_UNICAST)
		bgp_mp_reach_encode(&w2, family, &again.next_hop, NULL);
	/* joined segments may be joined further, nothing else changes */
	if (as4)
		assert_same_bytes(block, writer_length(&w), again_block, writer_length(&w2));
}

static void test_what_is_encoded_decodes_to_the_same(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RANDOM_SETS; i++) {
		struct bgp_attrs a;

		arena_clear(&arena);
		a = random_attrs();
		check_round_trip(&a, true, BGP_IPV4_UNICAST);
		check_round_trip(&a, false, BGP_IPV4_UNICAST);
		check_round_trip(&a, true, BGP_IPV4_MULTICAST);
		check_round_trip(&a, false, BGP_EVPN);
	}
}

/* The same after what a reflector and an external session do to attributes. */
static void test_what_is_changed_decodes_to_the_same(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RANDOM_SETS / 4; i++) {
		struct bgp_attrs a;

		arena_clear(&arena);
		a = random_attrs();
		for (unsigned k = random_below(4); k != 0; k--)
			bgp_cluster_list_prepend(&a, random_below(UINT32_MAX), &arena);
		for (unsigned k = random_below(4); k != 0; k--)
			bgp_as_path_prepend(&a, (asn_t){ 1 + random_below(UINT32_MAX) }, &arena);
		bgp_as_path_replace(&a, a.neighbor_as.number == 0 ? (asn_t){ 1 } : a.neighbor_as,
				    (asn_t){ 4200000000 }, &arena);
		a.present |= UINT64_C(1) << BGP_ATTR_ORIGINATOR_ID | UINT64_C(1)
									     << BGP_ATTR_LOCAL_PREF;
		check_round_trip(&a, true, BGP_IPV4_UNICAST);
		/* confederation segments behind a prepended AS are lost to AS4_PATH */
		if (a.as_path_bytes < 2 || a.as_path[0] < AS_CONFED_SEQUENCE)
			check_round_trip(&a, true, BGP_EVPN);
	}
}

/* 63 identifiers have 252 octets, 64 have 256: the length gets its second octet. */
static void test_cluster_list_of_63_and_64(void **state)
{
	(void)state;
	for (unsigned i = 62; i <= 65; i++) {
		struct writer w = writer_of(block, BLOCK_BYTES_MAX);
		struct reader r;

		assert_int_equal(decode(GOOD, &ibgp), BGP_OK);
		attrs.cluster_list_bytes = 0;
		for (unsigned k = 1; k <= i; k++)
			bgp_cluster_list_prepend(&attrs, k, &arena);
		bgp_attrs_encode(&w, &attrs, BGP_IPV4_UNICAST, true);
		r = reader_of(block, writer_length(&w));
		(void)reader_bytes(&r, hex(GOOD).length);
		assert_int_equal(reader_u8(&r), i < 64 ? 0x80 : 0x90);
		assert_int_equal(reader_u8(&r), BGP_ATTR_CLUSTER_LIST);
		assert_int_equal(i < 64 ? reader_u8(&r) : reader_u16(&r), 4 * i);
		assert_int_equal(reader_u32(&r), i);
		assert_int_equal(reader_left(&r), 4 * (i - 1));
		check_round_trip(&attrs, true, BGP_IPV4_UNICAST);
		check_round_trip(&attrs, false, BGP_IPV4_UNICAST);
	}
}

static void make_path(unsigned segments, unsigned count, uint32_t first)
{
	size_t length = segments * (2 + (size_t)count * 4);
	struct writer w = writer_of(arena_alloc(&arena, length), length);
	struct as_path_facts facts = { 0 };

	for (unsigned i = 0; i < segments; i++) {
		writer_u8(&w, AS_SEQUENCE);
		writer_u8(&w, (uint8_t)count);
		for (unsigned k = 0; k < count; k++)
			writer_u32(&w, first + i);
	}
	assert_int_equal(decode(GOOD, &ibgp), BGP_OK);
	assert_null(as_path_check(w.start, length, 4, &facts));
	attrs.as_path = w.start;
	attrs.as_path_bytes = (uint16_t)length;
	attrs.as_path_length = (uint16_t)facts.length;
	attrs.neighbor_as = facts.neighbor;
	attrs.origin_as = facts.origin;
}

static void test_prepend_to_a_segment_of_255(void **state)
{
	(void)state;
	for (unsigned count = 254; count <= 255; count++) {
		make_path(1, count, 70000);
		bgp_as_path_prepend(&attrs, (asn_t){ 65010 }, &arena);
		assert_int_equal(attrs.as_path[1], count == 254 ? 255 : 1);
		assert_int_equal(attrs.as_path_length, count + 1);
		check_round_trip(&attrs, true, BGP_IPV4_UNICAST);
		check_round_trip(&attrs, false, BGP_IPV4_UNICAST);
	}
}

static void test_255_and_256_segments(void **state)
{
	(void)state;
	for (unsigned segments = 255; segments <= 257; segments++) {
		make_path(segments, 1, 1);
		check_round_trip(&attrs, true, BGP_IPV4_UNICAST);
		check_round_trip(&attrs, false, BGP_IPV4_UNICAST);
		make_path(segments, 1, 70000);
		check_round_trip(&attrs, false, BGP_IPV4_UNICAST);
	}
}

/* As long as the largest message allows, and by one segment longer. */
static void test_path_of_a_whole_message(void **state)
{
	struct writer w;

	(void)state;
	make_path(64, 255, 7); /* 64 * 1022 = 65408 */
	check_round_trip(&attrs, true, BGP_IPV4_UNICAST);
	check_round_trip(&attrs, false, BGP_IPV4_UNICAST);
	make_path(10916, 1, 7); /* 65496 */
	assert_int_equal(attrs.as_path_bytes, BGP_AS_PATH_BYTES_MAX);
	check_round_trip(&attrs, true, BGP_IPV4_UNICAST);
	for (unsigned i = 0; i < 20; i++) {
		bgp_as_path_prepend(&attrs, (asn_t){ 7 }, &arena);
		w = writer_of(block, BLOCK_BYTES_MAX);
		bgp_attrs_encode(&w, &attrs, BGP_IPV4_UNICAST, true);
		assert_true(w.failed);
		w = writer_of(block, BLOCK_BYTES_MAX);
		bgp_attrs_encode(&w, &attrs, BGP_IPV4_UNICAST, false);
		assert_true(w.failed);
	}
}

/* Every code at once: those that we do not know with a value, the others as they must be. */
static void test_256_attributes(void **state)
{
	static const char *const known[256] = {
		[1] = "40010100",
		[2] = "4002060201000000c8",
		[3] = "4003040a000001",
		[4] = "80040400000001",
		[5] = "40050400000064",
		[6] = "400600",
		[7] = "c007080000fde80a000001",
		[8] = "c0080400010001",
		[9] = "80090401010101",
		[10] = "800a0401010101",
		[16] = "c010080002fde800000001",
		[22] = "c0160900060000640a000001",
		[23] = "c017100008000c060a0000000000010a000001",
		[25] = "c01914000220010db80000000000000000000000010001",
		[26] = "801a0b01000b0000000000000064",
		[29] = "801d0404000000",
		[32] = "c0200c000000010000000200000003",
		[35] = "c023040000fde8",
		[40] = "c0280a01000700000000000001",
		[128] = "c080040000fde8",
	};
	struct writer w = writer_of(block, BLOCK_BYTES_MAX), w2;
	unsigned unknown = 0;

	(void)state;
	for (unsigned code = 0; code < 256; code++) {
		if (known[code] != NULL) {
			struct hex x = hex(known[code]);

			writer_bytes(&w, x.bytes, x.length);
		} else if (bgp_attr_name((uint8_t)code) == NULL) {
			writer_u8(&w, 0xe0);
			writer_u8(&w, (uint8_t)code);
			writer_u8(&w, 1);
			writer_u8(&w, (uint8_t)code);
			unknown++;
		}
	}
	/* all but MP_REACH_NLRI, MP_UNREACH_NLRI, AS4_PATH and AS4_AGGREGATOR, which must not be */
	assert_int_equal(unknown + 20, 256 - 4);
	assert_int_equal(bgp_attrs_decode(arena_dup(&arena, block, writer_length(&w)),
					  writer_length(&w), &inside[1], true, &arena, &attrs,
					  &note, &why),
			 BGP_OK);
	w2 = writer_of(again_block, BLOCK_BYTES_MAX);
	bgp_attrs_encode(&w2, &attrs, BGP_IPV4_UNICAST, true);
	assert_same_bytes(block, writer_length(&w), again_block, writer_length(&w2));
	check_round_trip(&attrs, false, BGP_IPV4_UNICAST);
	check_round_trip(&attrs, true, BGP_IPV4_UNICAST);
	/* each of the 256 as an unknown one twice: the second ones are left out */
	assert_true(2 * writer_length(&w) < BLOCK_BYTES_MAX);
	memcpy(block + writer_length(&w), block, writer_length(&w));
	assert_int_equal(bgp_attrs_decode(block, 2 * writer_length(&w), &inside[1], true, &arena,
					  &attrs, &note, &why),
			 BGP_ATTRIBUTE_DISCARD);
	w2 = writer_of(again_block, BLOCK_BYTES_MAX);
	bgp_attrs_encode(&w2, &attrs, BGP_IPV4_UNICAST, true);
	assert_same_bytes(block, writer_length(&w), again_block, writer_length(&w2));
}

/* What just fits, and what a reflector adds to it: the writer fails, and has written nothing past
 * its end. */
static void check_growth(size_t room)
{
	size_t mandatory = hex(GOOD).length, value = room - mandatory - 4;
	struct writer w = writer_of(block, room);
	uint8_t *unknown = random_bytes(value + 4);

	assert_int_equal(decode(GOOD, &ibgp), BGP_OK);
	unknown[0] = 0xf0;
	unknown[1] = 99;
	unknown[2] = (uint8_t)(value >> 8);
	unknown[3] = (uint8_t)value;
	attrs.unknown = unknown;
	attrs.unknown_bytes = (uint16_t)(value + 4);
	bgp_attrs_encode(&w, &attrs, BGP_IPV4_UNICAST, true);
	assert_false(w.failed);
	assert_int_equal(writer_length(&w), room);
	for (unsigned i = 0; i < 3; i++) {
		struct bgp_attrs grown = attrs;

		if (i == 0)
			bgp_cluster_list_prepend(&grown, 1, &arena);
		grown.present |= i == 1	  ? UINT64_C(1) << BGP_ATTR_ORIGINATOR_ID
				 : i == 2 ? UINT64_C(1) << BGP_ATTR_LOCAL_PREF
					  : 0;
		memset(block + room, 0xa5, 16);
		w = writer_of(block, room);
		bgp_attrs_encode(&w, &grown, BGP_IPV4_UNICAST, true);
		assert_true(w.failed);
		for (unsigned k = 0; k < 16; k++)
			assert_int_equal(block[room + k], 0xa5);
		w = writer_of(block, room + 7); /* all three are of 7 octets */
		bgp_attrs_encode(&w, &grown, BGP_IPV4_UNICAST, true);
		assert_false(w.failed);
	}
}

static void test_growing_past_what_a_message_holds(void **state)
{
	(void)state;
	check_growth(4096 - 23);
	check_growth(65535 - 23);
}

static void test_changing_what_is_carried(void **state)
{
	static const uint8_t other[] = { 0xaa, 0xbb };

	(void)state;
	assert_int_equal(
		decode(GOOD "c0000100 c0280a01000700000000000001 d0290001ee c0ff00", &ibgp),
		BGP_OK);
	bgp_attrs_set_carried(&attrs, 39, NULL, 0, &arena); /* it is not there */
	assert_int_equal(attrs.unknown_bytes, 4 + 13 + 5 + 3);
	bgp_attrs_set_carried(&attrs, BGP_ATTR_PREFIX_SID, NULL, 0, &arena);
	assert_bytes_equal(attrs.unknown, attrs.unknown_bytes, "e0000100 f0290001ee e0ff00");
	bgp_attrs_set_carried(&attrs, 41, other, sizeof(other), &arena);
	assert_bytes_equal(attrs.unknown, attrs.unknown_bytes, "e0000100 f0290002aabb e0ff00");
	bgp_attrs_set_carried(&attrs, 41, other, 1, &arena);
	bgp_attrs_set_carried(&attrs, 0, NULL, 0, &arena);
	assert_bytes_equal(attrs.unknown, attrs.unknown_bytes, "f0290001aa e0ff00");
	bgp_attrs_set_carried(&attrs, 255, NULL, 0, &arena);
	assert_bytes_equal(attrs.unknown, attrs.unknown_bytes, "f0290001aa");
	bgp_attrs_set_carried(&attrs, 41, NULL, 0, &arena);
	assert_int_equal(attrs.unknown_bytes, 0);
	bgp_attrs_set_carried(&attrs, 41, NULL, 0, &arena);
	assert_int_equal(attrs.unknown_bytes, 0);
}

static void test_aigp_that_we_make(void **state)
{
	struct writer w = writer_of(block, BLOCK_BYTES_MAX);

	(void)state;
	assert_int_equal(decode(GOOD, &ibgp), BGP_OK);
	attrs.present |= UINT64_C(1) << BGP_ATTR_AIGP;
	attrs.aigp = 0x0102030405060708;
	bgp_attrs_encode(&w, &attrs, BGP_IPV4_UNICAST, true);
	assert_bytes_equal(block, writer_length(&w), GOOD "801a0b 01 000b 0102030405060708");
	/* the highest metric there is would be malformed */
	attrs.aigp = UINT64_MAX;
	w = writer_of(block, BLOCK_BYTES_MAX);
	bgp_attrs_encode(&w, &attrs, BGP_IPV4_UNICAST, true);
	assert_bytes_equal(block, writer_length(&w), GOOD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_encoded_decodes_to_the_same),
		cmocka_unit_test(test_what_is_changed_decodes_to_the_same),
		cmocka_unit_test(test_cluster_list_of_63_and_64),
		cmocka_unit_test(test_prepend_to_a_segment_of_255),
		cmocka_unit_test(test_255_and_256_segments),
		cmocka_unit_test(test_path_of_a_whole_message),
		cmocka_unit_test(test_256_attributes),
		cmocka_unit_test(test_growing_past_what_a_message_holds),
		cmocka_unit_test(test_changing_what_is_carried),
		cmocka_unit_test(test_aigp_that_we_make),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
