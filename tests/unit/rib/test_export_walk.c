/*
 * test_export_walk: many join at once, or read slowly: everybody gets what there is, the encoding
 * is shared, and memory has a bound.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "rib/export_member.h"

#define PREFIXES 20000u
#define PREFIXES_A_BLOCK 4u /* share their attributes */
#define MEMBERS_MAX 1000u
#define WRITE_BYTES 65536u

struct reader_of_messages {
	struct export_member member;
	struct buf in;	/* octets that are no whole message yet */
	uint8_t *holds; /* by prefix: the version that was told last; 0: none */
	size_t end_of_ribs;
};

struct world {
	struct prefix_table prefixes;
	struct export_group *g;
	struct mem_account adj_rib_out, log;
	uint32_t numbers[PREFIXES];
	uint8_t versions[PREFIXES]; /* 0: withdrawn */
	uint32_t sequence;
	struct reader_of_messages *readers;
	size_t count;
};

static struct world *world_new(size_t log_bytes_max)
{
	struct world *w = mem_zalloc(sizeof(*w));

	prefix_table_init(&w->prefixes, BGP_IPV4_UNICAST, 1);
	for (uint32_t i = 0; i < PREFIXES; i++) {
		struct ip_prefix prefix = { .addr = ip_addr_v4(0x0a000000u + (i << 8)),
					    .length = 24 };
		struct bgp_nlri nlri;

		bgp_nlri_from_prefix(&prefix, &nlri);
		w->numbers[i] = prefix_table_get(&w->prefixes, &nlri);
	}
	w->g = export_group_new(&w->prefixes, true, false, 4096, 1);
	mem_account_init(&w->adj_rib_out, "adj-rib-out", NULL, 0);
	mem_account_init(&w->log, "log", NULL, 0);
	export_group_set_accounts(w->g, &w->adj_rib_out, &w->log);
	w->g->log_bytes_max = log_bytes_max;
	w->readers = mem_zalloc(MEMBERS_MAX * sizeof(*w->readers));
	return w;
}

static void world_free(struct world *w)
{
	for (size_t i = 0; i < w->count; i++) {
		export_member_leave(&w->readers[i].member);
		buf_done(&w->readers[i].in);
		mem_free(w->readers[i].holds);
	}
	assert_int_equal(w->log.bytes, 0);
	export_group_free(w->g);
	assert_int_equal(w->adj_rib_out.bytes, 0);
	mem_account_done(&w->adj_rib_out);
	mem_account_done(&w->log);
	prefix_table_done(&w->prefixes);
	mem_free(w->readers);
	mem_free(w);
}

static struct reader_of_messages *join(struct world *w)
{
	struct reader_of_messages *reader = &w->readers[w->count++];

	reader->holds = mem_zalloc(PREFIXES);
	buf_init(&reader->in, 0);
	/* no route is from it */
	export_member_join(&reader->member, w->g, (uint16_t)(w->count + 1), reader, true);
	return reader;
}

/* One batch: these prefixes have this version now, 0: none. */
static void change(struct world *w, uint32_t first, uint32_t count, uint8_t version)
{
	export_group_begin(w->g, ++w->sequence);
	for (uint32_t i = first; i < first + count; i += PREFIXES_A_BLOCK) {
		struct bgp_attrs attrs = {
			.present = UINT64_C(1) << BGP_ATTR_ORIGIN |
				   UINT64_C(1) << BGP_ATTR_AS_PATH |
				   UINT64_C(1) << BGP_ATTR_NEXT_HOP | UINT64_C(1) << BGP_ATTR_MED |
				   UINT64_C(1) << BGP_ATTR_LOCAL_PREF,
			.med = i << 8 | version,
			.next_hop = ip_addr_v4(0x0a000001),
			.mp_family = BGP_FAMILY_NONE,
		};
		bool is_new;
		uint32_t attr;

		memset(w->versions + i, version, PREFIXES_A_BLOCK);
		if (version == 0) {
			export_group_withdraw(w->g, w->numbers + i, PREFIXES_A_BLOCK);
			continue;
		}
		attr = attr_table_intern(&w->g->attrs, &attrs, BGP_IPV4_UNICAST, true, &is_new);
		assert_int_not_equal(attr, 0);
		attr_table_ref(&w->g->attrs, attr);
		export_group_announce(w->g, attr, 1, w->numbers + i, PREFIXES_A_BLOCK);
		attr_table_unref(&w->g->attrs, attr);
	}
	export_group_end(w->g);
}

static size_t u16(const uint8_t *p)
{
	return (size_t)p[0] << 8 | p[1];
}

/* MULTI_EXIT_DISC, whose last octet is the version. */
static uint8_t version_of(const uint8_t *attrs, size_t length)
{
	for (size_t at = 0; at + 3 <= length; at += 3u + attrs[at + 2])
		if (attrs[at + 1] == BGP_ATTR_MED)
			return attrs[at + 6];
	fail_msg("no MED");
	return 0;
}

static void take_prefixes(struct reader_of_messages *reader, const uint8_t *p, size_t length,
			  uint8_t version)
{
	for (size_t at = 0; at < length; at += 4) {
		uint32_t i = (uint32_t)p[at + 1] << 16 | (uint32_t)p[at + 2] << 8 | p[at + 3];

		assert_int_equal(p[at], 24);
		i -= 0x0a0000u;
		assert_in_range(i, 0, PREFIXES - 1);
		reader->holds[i] = version;
	}
}

static void take_messages(struct reader_of_messages *reader)
{
	const uint8_t *p = (const uint8_t *)reader->in.data;
	size_t at = 0;

	while (reader->in.length - at >= 19 && reader->in.length - at >= u16(p + at + 16)) {
		size_t length = u16(p + at + 16), withdrawn = u16(p + at + 19);
		size_t attrs = u16(p + at + 21 + withdrawn);
		const uint8_t *nlri = p + at + 23 + withdrawn + attrs;

		assert_int_equal(p[at], 0xff);
		assert_int_equal(p[at + 18], 2);
		reader->end_of_ribs += length == 23;
		take_prefixes(reader, p + at + 21, withdrawn, 0);
		if (length > 23 + withdrawn + attrs)
			take_prefixes(reader, nlri, length - 23 - withdrawn - attrs,
				      version_of(nlri - attrs, attrs));
		at += length;
	}
	buf_consume(&reader->in, at);
}

/* Reads at most so many octets, as much as a socket takes at a time. False: there was nothing. */
static bool read_once(struct reader_of_messages *reader, size_t bytes_max)
{
	struct iovec vectors[64];
	size_t count =
		export_member_output(&reader->member, vectors, ARRAY_SIZE(vectors), WRITE_BYTES);
	size_t taken = 0;

	for (size_t i = 0; i < count && taken < bytes_max; i++) {
		size_t part = MIN(vectors[i].iov_len, bytes_max - taken);

		buf_add(&reader->in, vectors[i].iov_base, part);
		taken += part;
	}
	if (taken != 0)
		export_member_wrote(&reader->member, taken);
	take_messages(reader);
	return taken != 0;
}

/* Everybody once. False: nobody had anything to read. */
static bool pass(struct world *w, size_t bytes_max)
{
	bool any = false;

	for (size_t i = 0; i < w->count; i++)
		any |= read_once(&w->readers[i], bytes_max);
	return any;
}

static void everybody_holds_everything(const struct world *w)
{
	for (size_t i = 0; i < w->count; i++)
		assert_memory_equal(w->readers[i].holds, w->versions, PREFIXES);
}

static void test_a_thousand_join_at_once(void **state)
{
	struct world *w = world_new(EXPORT_LOG_BYTES_MAX);

	(void)state;
	change(w, 0, PREFIXES, 1);
	for (size_t i = 0; i < MEMBERS_MAX; i++)
		join(w);
	export_group_end_of_rib(w->g);
	while (pass(w, SIZE_MAX))
		assert_true(w->log.bytes < 4 * EXPORT_WALK_BYTES_MAX);
	everybody_holds_everything(w);
	for (size_t i = 0; i < w->count; i++)
		assert_int_equal(w->readers[i].end_of_ribs, 1);
	/* one round, and as much again for those who came when it was under way */
	assert_in_range(w->g->walked_count, PREFIXES, 2 * PREFIXES + PREFIXES / 4);
	world_free(w);
}

/* They come one after the other, while routes change. */
static void test_they_join_in_the_middle(void **state)
{
	struct world *w = world_new(EXPORT_LOG_BYTES_MAX);
	size_t passes = 0;

	(void)state;
	change(w, 0, PREFIXES, 1);
	export_group_end_of_rib(w->g);
	while (pass(w, 20000) || w->count < 50) {
		if (w->count < 50)
			join(w);
		change(w, (uint32_t)(passes * 796 % (PREFIXES - 200)), 200,
		       (uint8_t)(passes % 3 == 0 ? 0 : 2 + passes % 200));
		if (++passes > 300)
			break; /* they are through before that */
	}
	while (pass(w, SIZE_MAX))
		;
	everybody_holds_everything(w);
	assert_in_range(w->g->walked_count, PREFIXES / 2, 4 * PREFIXES);
	for (size_t i = 0; i < w->count; i++)
		assert_int_equal(w->readers[i].end_of_ribs, 1);
	world_free(w);
}

/* Half of them do not read at all, others a little; the log is short. */
static void test_the_slow_hold_no_more_than_their_share(void **state)
{
	const size_t log_bytes_max = 256 * 1024, members = 100;
	struct world *w = world_new(log_bytes_max);
	/* of each a walk ahead by a step, and what is left of a message */
	size_t bound = log_bytes_max + 2 * EXPORT_SEGMENT_BYTES +
		       members * (2 * EXPORT_SEGMENT_BYTES + 4096 + 1024);

	(void)state;
	change(w, 0, PREFIXES, 1);
	export_group_end_of_rib(w->g);
	for (size_t i = 0; i < members; i++)
		join(w);
	while (pass(w, SIZE_MAX))
		;
	for (uint32_t round = 0; round < 400; round++) {
		change(w, round * 400 % PREFIXES, 400, (uint8_t)(round % 5 == 0 ? 0 : round % 250));
		for (size_t i = 0; i < members; i++)
			if (i % 2 == 0 || round % 50 == 0)
				read_once(&w->readers[i], i % 4 == 0 ? SIZE_MAX : 10 + i);
		assert_true(w->log.bytes <= bound);
	}
	assert_true(w->g->detached_count >= members / 2);
	while (pass(w, SIZE_MAX))
		;
	everybody_holds_everything(w);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_thousand_join_at_once),
		cmocka_unit_test(test_they_join_in_the_middle),
		cmocka_unit_test(test_the_slow_hold_no_more_than_their_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
