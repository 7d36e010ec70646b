/*
 * cli_decode_summary: what is in an input, counted.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Records and messages by type, routes by family and by peer, how many of them and of their
 * attribute sets are different, and what is malformed, with the offset of the first of each sort.
 * Different ones are told by hashes of 64 bits: memory is 16 octets for each, at most.
 */
#ifndef CLI_CLI_DECODE_SUMMARY_H
#define CLI_CLI_DECODE_SUMMARY_H

#include "base/hmap.h"
#include "base/outline.h"
#include "bgp/print.h"
#include "cli/cli_decode_route.h"

#define CLI_DECODE_SUMMARY_NAMES_MAX 64u

/* Names and how often each came, in the order that they came in. */
struct cli_decode_tally {
	struct {
		char name[40];
		uint64_t count;
	} rows[CLI_DECODE_SUMMARY_NAMES_MAX];
	size_t count;
	uint64_t others; /* for which there was no row left */
};

/* A set of hashes. */
struct cli_decode_seen {
	uint64_t *slots; /* 0: free */
	size_t count, capacity;
};

struct cli_decode_summary {
	struct cli_decode_tally records;
	struct cli_decode_tally messages;
	uint32_t first_s, last_s; /* 0: none had a time */
	struct {
		uint64_t announced, withdrawn;
		struct cli_decode_seen different;
	} families[BGP_FAMILY_COUNT];
	struct cli_decode_seen attrs;
	struct hmap peers; /* struct peer in the .c file */
	struct {
		uint64_t count, first_offset;
		struct error first;
	} verdicts[BGP_SESSION_RESET + 1];
	struct {
		uint64_t count, first_offset;
		struct error first;
	} errors; /* records that could not be read */
};

void cli_decode_summary_init(struct cli_decode_summary *s);
void cli_decode_summary_done(struct cli_decode_summary *s);

/* A record that the filters let through, with what a receiver makes of it. */
void cli_decode_summary_record(struct cli_decode_summary *s, const struct cli_decode_item *item,
			       enum bgp_verdict verdict, const struct error *why, uint64_t offset);
void cli_decode_summary_route(struct cli_decode_summary *s, const struct cli_decode_route *route);
void cli_decode_summary_error(struct cli_decode_summary *s, const char *what, uint64_t offset);
/* One record. `octets`: of the input. */
void cli_decode_summary_print(const struct cli_decode_summary *s, const char *name, uint64_t octets,
			      struct outline *o);

#endif
