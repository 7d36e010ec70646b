/*
 * test_memory: the books of an instance: they are complete, they add up, and they are empty when it
 * ends.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A reflector by itself: peers that are up, UPDATEs of several families as octets, readers that
 * read and readers that do not. What the books say is compared with what the C library says that
 * it has given (not under a sanitizer, whose allocator does not say). reflector_free ends the
 * process when an account is not empty.
 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/writer.h"
#include "reflector/reflector.h"

#define PEERS 4u
#define ROUTES 20000u

static const instant_t NOW = { 1000000000 };

struct lab {
	struct reflector *r;
	struct instance_config *config;
	struct reflector_peer *peers[PEERS];
	struct reflector_feed *feed;
	unsigned resets;
	uint8_t reset_subcode;
	struct reflector_peer *reset;
};

static void on_ready(void *context, void *owner)
{
	(void)context, (void)owner;
}

static void on_reset(void *context, struct reflector_peer *peer, const struct bgp_notification *why)
{
	struct lab *lab = context;

	lab->resets++;
	lab->reset = peer;
	lab->reset_subcode = why->subcode;
}

static void on_refresh(void *context, struct reflector_peer *peer)
{
	(void)context, (void)peer;
}

static void on_next_hop(void *context, struct reflector *r, const struct ip_addr *next_hop)
{
	(void)context, (void)r, (void)next_hop;
}

static void on_end_of_rib(void *context, struct reflector *r)
{
	(void)context, (void)r;
}

static void on_log(void *context, struct reflector *r, int level, const struct ip_addr *peer,
		   const char *text)
{
	(void)context, (void)r, (void)level, (void)peer, (void)text;
}

static const struct reflector_ops OPS = {
	.ready = on_ready,
	.reset = on_reset,
	.want_refresh = on_refresh,
	.next_hop_changed = on_next_hop,
	.track_next_hop = on_next_hop,
	.end_of_rib = on_end_of_rib,
	.log = on_log,
};

static struct instance_config *config_of(const char *limit)
{
	char text[1024];
	struct error e = { "" };
	struct instance_config *config;
	json_t *document;

	snprintf(text, sizeof(text),
		 "{\"name\":\"t\",\"local-as\":65000,\"router-id\":\"10.255.0.1\","
		 "\"selection-deferral-time\":0,\"next-hop-resolution\":\"exact\","
		 "\"direct-next-hops\":[\"10.0.0.0/8\"],%s"
		 "\"networks\":[{\"prefix\":\"198.51.100.0/24\"}],"
		 "\"neighbors\":[{\"neighbor-address\":\"10.0.0.1\",\"peer-as\":65000,"
		 "\"route-reflector-client\":true,\"families\":[\"ipv4-unicast\",\"ipv4-vpn-"
		 "unicast\"]}]}",
		 limit);
	document = json_loads(text, 0, NULL);
	config = instance_config_parse(document, "t", &e);
	json_decref(document);
	if (config == NULL)
		fail_msg("%s", e.text);
	return config;
}

static void peer_up(struct lab *lab, size_t i)
{
	static struct session_negotiated negotiated; /* large */
	const struct ip_addr local = ip_addr_v4(0x0aff0001);

	memset(&negotiated, 0, sizeof(negotiated));
	negotiated.ibgp = true;
	negotiated.peer_as.number = 65000;
	negotiated.peer_router_id = (uint32_t)i + 1;
	negotiated.families[BGP_IPV4_UNICAST] = negotiated.families[BGP_IPV4_VPN] = true;
	negotiated.role = BGP_ROLE_NONE;
	negotiated.receive.as4 = negotiated.receive.ibgp = true;
	negotiated.receive.message_bytes_max = BGP_MESSAGE_BYTES_MAX;
	negotiated.send = negotiated.receive;
	negotiated.send.addpath[BGP_IPV4_UNICAST] = i == 2; /* a group with slots */
	reflector_peer_up(lab->peers[i], &negotiated, &local, NOW);
}

static struct lab *lab_new(const char *limit)
{
	struct lab *lab = mem_zalloc(sizeof(*lab));

	lab->config = config_of(limit);
	lab->r = reflector_new(lab->config, &OPS, lab, 7, NOW);
	for (size_t i = 0; i < PEERS; i++) {
		struct ip_addr address = ip_addr_v4(0x0a000001u + (uint32_t)i);

		lab->peers[i] = reflector_peer_add(lab->r, &lab->config->neighbors[0], &address,
						   true, NULL);
		peer_up(lab, i);
	}
	lab->feed = reflector_feed_open(lab->r, false, NULL);
	return lab;
}

static void lab_free(struct lab *lab)
{
	reflector_feed_close(lab->feed);
	for (size_t i = 0; i < PEERS; i++)
		if (lab->peers[i] != NULL)
			reflector_peer_remove(lab->peers[i], NOW);
	reflector_free(lab->r);
	instance_config_free(lab->config);
	mem_free(lab);
}

static size_t attributes(struct writer *w, uint32_t med)
{
	size_t start = writer_length(w);

	writer_u16(w, 0x4001); /* ORIGIN */
	writer_u16(w, 0x0100);
	writer_u16(w, 0x4002); /* AS_PATH, empty */
	writer_u8(w, 0);
	writer_u16(w, 0x8004); /* MULTI_EXIT_DISC */
	writer_u8(w, 4);
	writer_u32(w, med);
	writer_u16(w, 0x4005); /* LOCAL_PREF */
	writer_u8(w, 4);
	writer_u32(w, 100);
	return writer_length(w) - start;
}

static bool update(struct lab *lab, size_t peer, const struct writer *w)
{
	struct bgp_notification error;
	bool good = reflector_update(lab->peers[peer], w->start, writer_length(w), NOW, &error);

	assert_false(w->failed);
	assert_true(good);
	return good;
}

static void announce_ipv4(struct lab *lab, size_t peer, uint32_t index)
{
	uint8_t body[128];
	struct writer w = writer_of(body, sizeof(body));
	size_t length;

	writer_u32(&w, 0);
	length = attributes(&w, index / 7);
	writer_u16(&w, 0x4003); /* NEXT_HOP */
	writer_u8(&w, 4);
	writer_u32(&w, 0x0a000100u + index % 200);
	writer_patch_u16(&w, 2, (uint16_t)(length + 7));
	writer_u8(&w, 24);
	writer_u8(&w, (uint8_t)(64 + (index >> 16)));
	writer_u16(&w, (uint16_t)index);
	update(lab, peer, &w);
}

static void withdraw_ipv4(struct lab *lab, size_t peer, uint32_t index)
{
	uint8_t body[16];
	struct writer w = writer_of(body, sizeof(body));

	writer_u16(&w, 4);
	writer_u8(&w, 24);
	writer_u8(&w, (uint8_t)(64 + (index >> 16)));
	writer_u16(&w, (uint16_t)index);
	writer_u16(&w, 0);
	update(lab, peer, &w);
}

/* A VPNv4 route: keys beside the record, and a label as data. */
static void announce_vpn(struct lab *lab, size_t peer, uint32_t index)
{
	uint8_t body[128];
	struct writer w = writer_of(body, sizeof(body));
	size_t length;

	writer_u32(&w, 0);
	length = attributes(&w, index / 50);
	writer_u16(&w, 0x800e); /* MP_REACH_NLRI */
	writer_u8(&w, 5 + 12 + 15);
	writer_u16(&w, 1);
	writer_u8(&w, 128);
	writer_u8(&w, 12);
	writer_u64(&w, 0);
	writer_u32(&w, 0x0a000100u + index % 200);
	writer_u8(&w, 0);
	writer_u8(&w, 24 + 64 + 24);
	writer_u16(&w, (uint16_t)(index % 900)); /* label */
	writer_u8(&w, 0x01);
	writer_u64(&w, UINT64_C(0x0000fde800000001)); /* route distinguisher */
	writer_u8(&w, 20);
	writer_u16(&w, (uint16_t)index);
	writer_patch_u16(&w, 2, (uint16_t)(length + 3 + 5 + 12 + 15));
	update(lab, peer, &w);
}

static void drain(struct lab *lab)
{
	while (reflector_drain(lab->r, NOW))
		;
}

/* Peers but the last one, which is slow, and the feed read what there is. */
static void read_all(struct lab *lab, bool slow_too)
{
	size_t length;

	for (size_t i = 0; i < PEERS - (slow_too ? 0 : 1); i++)
		for (enum bgp_family f = 0; f < BGP_FAMILY_COUNT && lab->peers[i] != NULL; f++)
			while (lab->peers[i]->members[f] != NULL &&
			       export_member_next(lab->peers[i]->members[f], &length) != NULL)
				;
	while (reflector_feed_next(lab->feed, &length) != NULL)
		;
}

static void fill(struct lab *lab, uint32_t routes)
{
	for (uint32_t i = 0; i < routes; i++) {
		announce_ipv4(lab, i % 2, i);
		if (i % 4 == 0)
			announce_ipv4(lab, 3, i);
		if (i % 5 == 0)
			announce_vpn(lab, 1, i / 5);
		if (i % 1000 == 0) {
			drain(lab);
			read_all(lab, false);
		}
	}
	drain(lab);
	read_all(lab, false);
}

static void parts_add_up(const struct lab *lab)
{
	const struct mem_account *whole = &lab->r->memory.whole;
	size_t sum = 0;

	for (const struct mem_account *part = whole->parts; part != NULL; part = part->next)
		sum += part->bytes;
	assert_int_equal(sum, whole->bytes);
}

static size_t allocated(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static void test_books_are_complete(void **state)
{
	size_t before = allocated(), given;
	struct lab *lab = lab_new("");
	const struct reflector_memory *m = &lab->r->memory;

	(void)state;
	drain(lab);
	read_all(lab, true); /* from here on the slow one stands in the log */
	fill(lab, ROUTES);
	given = allocated() - before;
	parts_add_up(lab);
	assert_true(m->attributes.bytes > ROUTES / 7 * sizeof(struct attr_entry));
	assert_true(m->prefixes.bytes > ROUTES * sizeof(struct rib_prefix));
	assert_true(m->paths.bytes > ROUTES * sizeof(struct rib_path));
	assert_true(m->adj_rib_out.bytes > ROUTES * sizeof(struct adj_rib_out_entry));
	assert_true(m->log.bytes > 100000); /* for the slow one */
	assert_true(m->other.bytes >= sizeof(*lab->r));
	if (before != 0) { /* the C library tells */
		/* beside the books: the configuration, and what the allocator adds to each block */
		assert_true(m->whole.bytes < given);
		assert_true(given < m->whole.bytes + m->whole.bytes / 8);
	}
	lab_free(lab);
	if (before != 0)
		assert_true(allocated() < before + 100000);
}

static void test_books_are_empty_when_tables_are(void **state)
{
	struct lab *lab = lab_new("");
	const struct reflector_memory *m = &lab->r->memory;
	size_t first;

	(void)state;
	drain(lab);
	read_all(lab, true);
	first = m->whole.bytes;
	fill(lab, ROUTES);
	read_all(lab, true);
	for (uint32_t i = 0; i < ROUTES; i += 2)
		withdraw_ipv4(lab, 0, i);
	drain(lab);
	for (size_t i = 0; i < PEERS; i++)
		reflector_peer_down(lab->peers[i], false, NOW);
	drain(lab);
	read_all(lab, true); /* the feed */
	reflector_tick(lab->r, instant_add(NOW, duration_seconds(5)));
	parts_add_up(lab);
	assert_int_equal(lab->r->tables[BGP_IPV4_UNICAST].count, 1); /* its own network */
	assert_int_equal(lab->r->tables[BGP_IPV4_VPN].count, 0);
	assert_int_equal(m->log.bytes, 0);
	assert_true(m->paths.bytes < 40000); /* the labels' table does not shrink */
	assert_true(m->prefixes.bytes < 4096);
	assert_true(m->attributes.bytes < 4096);
	assert_true(m->adj_rib_out.bytes < 32768);
	assert_true(m->whole.bytes < first + 150000);
	for (size_t i = 0; i < PEERS; i++)
		peer_up(lab, i);
	fill(lab, 3000); /* and it still works */
	assert_int_equal(lab->r->tables[BGP_IPV4_UNICAST].count, 3001);
	lab_free(lab);
}

static void test_an_instance_ends_with_full_tables(void **state)
{
	struct lab *lab = lab_new("");

	(void)state;
	fill(lab, 3000);
	announce_ipv4(lab, 0, 5000); /* dirty */
	lab_free(lab);
	lab = lab_new("");
	lab_free(lab);
}

static void test_the_one_who_grows_is_reset_once(void **state)
{
	struct lab *lab = lab_new("\"memory-limit\":\"2MiB\",");
	uint32_t i = 0;

	(void)state;
	read_all(lab, true);
	while (lab->resets == 0 && i < 100000) {
		announce_ipv4(lab, 1, i++);
		if (i % 500 == 0) {
			drain(lab);
			read_all(lab, true);
		}
	}
	assert_int_equal(lab->resets, 1);
	assert_ptr_equal(lab->reset, lab->peers[1]);
	assert_int_equal(lab->reset_subcode, BGP_CEASE_OUT_OF_RESOURCES);
	assert_int_equal(lab->r->memory.limit_count, 1);
	assert_true(lab->r->memory.whole.bytes > 2u << 20);
	announce_ipv4(lab, 1, i++); /* what was under way */
	announce_ipv4(lab, 0, 1 << 20);
	assert_int_equal(lab->resets, 1);
	reflector_peer_down(lab->peers[1], false, NOW);
	drain(lab);
	read_all(lab, true);
	reflector_tick(lab->r, instant_add(NOW, duration_seconds(2)));
	assert_true(lab->r->memory.whole.bytes < 1u << 20);
	assert_int_equal(lab->resets, 1);
	lab_free(lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_books_are_complete),
		cmocka_unit_test(test_books_are_empty_when_tables_are),
		cmocka_unit_test(test_an_instance_ends_with_full_tables),
		cmocka_unit_test(test_the_one_who_grows_is_reset_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
