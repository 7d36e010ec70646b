/*
 * main: what the codec costs: helio-bench-codec [FILE].
 * SPDX-License-Identifier: Apache-2.0
 *
 * FILE holds BGP messages one after the other, 4-octet AS numbers; without it a table is made:
 * 577,706 prefixes, another set of attributes every 6 prefixes. Each stage is run ROUNDS times over
 * the whole table; the CPU time of the best round counts. Stages add up: `cut` finds the messages
 * and their parts, `check` looks at every NLRI, `iterate` takes every prefix out. `decode` and
 * `encode` are for each UPDATE's attributes. `learn` is apart: parse, intern the attributes, and
 * put the prefixes into the hash table with a path each; cold into empty tables, warm when all of
 * it is known. The goals are those of the project: with --check the status is 1 when one is missed.
 */
#include <time.h>

#include "base/mem.h"
#include "bgp/update.h"
#include "learn.h"

#define ROUNDS 30
#define PARSE_GOAL_NS 10.0 /* a prefix */
#define LEARN_GOAL_NS 60.0
#define TABLE_BYTES_MAX (64u << 20)
#define PREFIXES 577706u
#define PREFIXES_AN_UPDATE 6u

enum stage {
	STAGE_CUT,
	STAGE_CHECK,
	STAGE_ITERATE,
	STAGE_DECODE,
	STAGE_ENCODE,
	STAGES,
};

static const char *const stage_names[STAGES] = { "cut", "check", "iterate", "decode", "encode" };

struct totals {
	unsigned updates;
	unsigned prefixes;
	unsigned malformed;
	uint64_t sum; /* so that nothing is optimised away */
};

static struct bgp_update update;
static uint8_t out[BGP_MESSAGE_BYTES_MAX_EXTENDED];

static double cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static size_t read_table(const char *path, uint8_t *table)
{
	FILE *file = fopen(path, "rb");
	size_t length;

	if (file == NULL) {
		perror(path);
		exit(1);
	}
	length = fread(table, 1, TABLE_BYTES_MAX, file);
	fclose(file);
	return length;
}

/* The attributes of the n-th set: a path of 2 to 6 AS numbers, and two communities. */
static size_t make_attrs(uint32_t n, uint8_t *attrs, size_t room)
{
	struct writer w = writer_of(attrs, room);
	uint32_t hops = 2 + n % 5;

	writer_u32(&w, 0x40010100);
	writer_u16(&w, 0x4002);
	writer_u8(&w, (uint8_t)(2 + 4 * hops));
	writer_u16(&w, (uint16_t)(0x0200 | hops));
	for (uint32_t i = 0; i < hops; i++)
		writer_u32(&w, 64512 + (n * 7 + i * 131) % 100000);
	writer_u16(&w, 0x4003);
	writer_u8(&w, 4);
	writer_u32(&w, 0x0a000001 + n % 4000);
	writer_u16(&w, 0x4005);
	writer_u8(&w, 4);
	writer_u32(&w, 100);
	writer_u16(&w, 0xc008);
	writer_u8(&w, 8);
	writer_u32(&w, 65000u << 16 | n % 1000);
	writer_u32(&w, n);
	assert(!w.failed);
	return writer_length(&w);
}

static size_t make_table(uint8_t *table)
{
	struct writer w = writer_of(table, TABLE_BYTES_MAX);
	uint8_t attrs[256];

	for (uint32_t i = 0; i < PREFIXES; i += PREFIXES_AN_UPDATE) {
		size_t length = make_attrs(i / PREFIXES_AN_UPDATE, attrs, sizeof(attrs));
		struct bgp_update_writer u;

		bgp_update_begin(&u, &w, BGP_IPV4_UNICAST, false, false, attrs, length, NULL,
				 BGP_MESSAGE_BYTES_MAX);
		for (uint32_t n = i; n < MIN(i + PREFIXES_AN_UPDATE, PREFIXES); n++) {
			struct ip_addr address = ip_addr_v4(0x01000000 + n * 256);
			struct ip_prefix prefix = ip_prefix_of(&address, (uint8_t)(20 + n % 5));
			struct bgp_nlri nlri;

			bgp_nlri_from_prefix(&prefix, &nlri);
			if (!bgp_update_add(&u, &nlri))
				abort();
		}
		bgp_update_end(&u);
	}
	return writer_length(&w);
}

static void iterate(struct totals *t)
{
	struct reader r = update.announced[1].reader;
	uint32_t address;
	uint8_t length;

	if (update.announced[1].family == BGP_FAMILY_NONE)
		return;
	while (bgp_nlri_next_ipv4(&r, &address, &length)) {
		t->prefixes++;
		t->sum += address + length;
	}
}

static void attributes(const struct bgp_context *context, bool encode, struct arena *arena,
		       struct totals *t)
{
	struct bgp_notification n;
	struct bgp_attrs attrs;
	struct writer w = writer_of(out, sizeof(out));

	arena_clear(arena);
	if (!update.announces)
		return;
	if (bgp_attrs_decode(update.key, update.key_length, context, true, arena, &attrs, &n,
			     NULL) > BGP_ATTRIBUTE_DISCARD) {
		t->malformed++;
		return;
	}
	t->sum += attrs.present;
	if (!encode)
		return;
	bgp_attrs_encode(&w, &attrs, BGP_IPV4_UNICAST, true);
	t->sum += writer_length(&w);
}

/* Runs every stage up to this one over the table. */
static void run(const uint8_t *table, size_t length, enum stage stage, struct arena *arena,
		struct totals *ret_totals)
{
	const struct bgp_context context = { .as4 = true, .ibgp = true };
	struct totals t = { 0 };
	struct bgp_notification n;
	struct bgp_header h;

	for (size_t at = 0; length - at >= BGP_HEADER_BYTES; at += h.length) {
		if (bgp_header_decode(table + at, BGP_MESSAGE_BYTES_MAX, &h, &n) < 0 ||
		    h.length > length - at)
			break;
		if (h.type != BGP_UPDATE)
			continue;
		t.updates++;
		if (bgp_update_cut(table + at + BGP_HEADER_BYTES,
				   (size_t)h.length - BGP_HEADER_BYTES, &context, &update, &n,
				   NULL) > BGP_ATTRIBUTE_DISCARD)
			t.malformed++;
		for (size_t i = 0; stage >= STAGE_CHECK && i < 2; i++) {
			t.malformed +=
				bgp_nlri_check(&update.withdrawn[i], &context, &n, NULL) != BGP_OK;
			t.malformed +=
				bgp_nlri_check(&update.announced[i], &context, &n, NULL) != BGP_OK;
		}
		if (stage >= STAGE_ITERATE)
			iterate(&t);
		if (stage >= STAGE_DECODE)
			attributes(&context, stage == STAGE_ENCODE, arena, &t);
	}
	*ret_totals = t;
}

/* "AMD EPYC ..." of /proc/cpuinfo. */
static void print_machine(void)
{
	FILE *file = fopen("/proc/cpuinfo", "r");
	char line[256];

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, "model name", 10) != 0)
			continue;
		line[strcspn(line, "\n")] = '\0';
		printf("machine: %s\n", line + strcspn(line, ":") + 2);
		break;
	}
	if (file != NULL)
		fclose(file);
}

/* The best of some rounds, each into empty tables, and of some into full ones. */
static void measure_learn(const uint8_t *table, size_t length, double *ret_cold, double *ret_warm)
{
	*ret_cold = *ret_warm = 1e18;
	for (int round = 0; round < ROUNDS / 3; round++) {
		struct learn l;
		double start = cpu_ns();

		learn_init(&l);
		learn_table(&l, table, length);
		*ret_cold = MIN(*ret_cold, cpu_ns() - start);
		for (int again = 0; again < 3; again++) {
			start = cpu_ns();
			learn_table(&l, table, length);
			*ret_warm = MIN(*ret_warm, cpu_ns() - start);
		}
		learn_done(&l);
	}
}

/* The stages take turns: what disturbs the machine for a while disturbs all of them. */
static void measure_stages(const uint8_t *table, size_t length, double best[static STAGES],
			   struct totals *t)
{
	struct arena arena;

	arena_init(&arena, 65536);
	for (int stage = 0; stage < STAGES; stage++)
		best[stage] = 1e18;
	for (int round = 0; round < ROUNDS; round++) {
		for (int stage = 0; stage < STAGES; stage++) {
			double start = cpu_ns();

			run(table, length, (enum stage)stage, &arena, t);
			best[stage] = MIN(best[stage], cpu_ns() - start);
		}
	}
	arena_done(&arena);
}

static void print_goal(const char *name, double ns, double goal)
{
	printf("%-8s %30.2f ns a prefix   (at most %.0f: %s)\n", name, ns, goal,
	       ns <= goal ? "reached" : "MISSED");
}

int main(int argc, char **argv)
{
	bool check = argc > 1 && strcmp(argv[1], "--check") == 0;
	const char *path = argc > 1 + check ? argv[1 + check] : NULL;
	uint8_t *table = mem_alloc(TABLE_BYTES_MAX);
	size_t length = path != NULL ? read_table(path, table) : make_table(table);
	double best[STAGES], before = 0, cold, warm, parse;
	struct totals t = { 0 };

	measure_stages(table, length, best, &t);
	measure_learn(table, length, &cold, &warm);
	print_machine();
	printf("%u UPDATEs, %u prefixes, %u malformed, %zu octets%s\n", t.updates, t.prefixes,
	       t.malformed, length, path == NULL ? " (a generated table)" : "");
	for (int stage = 0; stage < STAGES; stage++) {
		printf("%-8s %7.1f ns an UPDATE %7.2f ns a prefix\n", stage_names[stage],
		       (best[stage] - before) / t.updates, (best[stage] - before) / t.prefixes);
		before = best[stage];
	}
	parse = best[STAGE_ITERATE] / t.prefixes;
	printf("learn, cold %27.2f ns a prefix\n", cold / t.prefixes);
	print_goal("parse", parse, PARSE_GOAL_NS);
	print_goal("learn", warm / t.prefixes, LEARN_GOAL_NS);
	mem_free(table);
	if (t.sum == 0 || t.prefixes == 0)
		return 1;
	return check && (parse > PARSE_GOAL_NS || warm / t.prefixes > LEARN_GOAL_NS);
}
