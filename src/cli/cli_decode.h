/*
 * cli_decode: BGP messages out of files and streams, as text or JSON lines.
 * SPDX-License-Identifier: Apache-2.0
 *
 * cli_decode.c owns the command: it reads the input piece by piece, with memory for one record, and
 * hands what is there to the reader of its kind, which takes one record at a time off the front,
 * offers it to the filters, and prints it when it is told to. What is wrong inside a record does
 * not end the file, as long as it is known where the next one begins.
 */
#ifndef CLI_CLI_DECODE_H
#define CLI_CLI_DECODE_H

#include "base/outline.h"
#include "bgp/print.h"
#include "bmp/bmp.h"
#include "cli/cli.h"
#include "cli/cli_decode_filter.h"
#include "cli/cli_decode_route.h"
#include "cli/cli_decode_summary.h"
#include "mrt/mrt.h"

struct cli_decode;

enum cli_decode_step {
	CLI_DECODE_TAKEN, /* *ret_used octets are done with */
	CLI_DECODE_MORE,  /* there is no whole record yet */
	CLI_DECODE_WRONG, /* *e says why; *ret_used octets are to be skipped, 0: all is lost */
};

/* Takes one record off the front. */
typedef enum cli_decode_step cli_decode_fn(struct cli_decode *d, const uint8_t *bytes,
					   size_t length, size_t *ret_used, struct error *e);

struct cli_decode_kind {
	const char *name;
	cli_decode_fn *take;
	bool has_peers; /* and times */
};

extern const struct cli_decode_kind cli_decode_raw;
extern const struct cli_decode_kind cli_decode_mrt;
extern const struct cli_decode_kind cli_decode_bmp;

#define CLI_DECODE_BMP_PEERS_MAX 65536u

/* What a BMP stream said of a peer. */
struct cli_decode_bmp_peer {
	struct hmap_node node;
	struct bmp_peer peer; /* type, distinguisher, address and identifier name it */
	bool from_us;	      /* Adj-RIB-Out: the peer receives */
	struct bgp_context context;
};

struct cli_decode {
	const struct cli *cli;
	const struct cli_decode_kind *kind;
	struct buf text;  /* what is to be written */
	bool output_lost; /* and cannot be any more */
	struct outline out;
	struct bgp_printer *printer;
	struct bgp_context context; /* of messages of which nothing else is known */
	bool told_add_path;
	uint64_t offset; /* of the record in hand */

	struct cli_decode_filter filter;
	uint64_t limit;			    /* 0: none */
	struct cli_decode_summary *summary; /* NULL: none is asked for */

	/* the route in hand */
	struct buf as_path;
	struct buf head, tail; /* of its line */
	struct buf room;
	bool found; /* there is one that the filters let through */

	uint64_t printed;
	uint64_t wrong;	      /* records and messages */
	uint64_t first_wrong; /* offset */
	uint64_t framing_errors;

	/* raw: the OPENs seen, two at most */
	struct bgp_open opens[2];
	unsigned open_count;
	/* MRT: of the last PEER_INDEX_TABLE */
	struct mrt_peer *peers;
	size_t peer_count;
	/* BMP */
	struct hmap bmp_peers;
};

int cli_decode(const struct cli *cli);

/* Forgets the peers of a BMP stream. */
void cli_decode_bmp_clear(struct cli_decode *d);

/* For one input, whose `kind` the caller sets. `cli` must outlive it. */
void cli_decode_init(struct cli_decode *d, const struct cli *cli);
void cli_decode_done(struct cli_decode *d);

/* Offers a record to the filters. True when it is to be printed; where lines or a summary are asked
 * for, it is done with here. */
bool cli_decode_offer(struct cli_decode *d, const struct cli_decode_item *item);
/* The lines of its routes. Returns what a receiver makes of it. */
enum bgp_verdict cli_decode_lines(struct cli_decode *d, const struct cli_decode_item *item);
/* Begins a record with its offset, and its time when that is not 0; the caller adds members and
 * calls _finish. */
void cli_decode_begin(struct cli_decode *d, uint32_t time_s, uint32_t time_us, bool has_us);
void cli_decode_finish(struct cli_decode *d, enum bgp_verdict verdict);
void cli_decode_time(struct outline *o, const char *key, uint32_t time_s, uint32_t time_us,
		     bool has_us);
/* How two OPENs shape what `sender` sends to `receiver`. */
void cli_decode_negotiate(struct bgp_context *context, const struct bgp_open *sender,
			  const struct bgp_open *receiver);

#endif
