/*
 * cli_decode_raw: BGP messages, one behind the other.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 4271 4.1. OPENs in the stream tell how the UPDATEs behind them are to be read: two OPENs are
 * those of both sides; of one alone it is taken that the other side agreed to all of it. Where
 * there is no marker, the next one is looked for.
 */
#include "cli/cli_decode.h"

#define MARKER_BYTES 16u

static void learn(struct cli_decode *d, const uint8_t *message, size_t length)
{
	struct bgp_notification error;
	struct bgp_open open;
	bool add_path[BGP_FAMILY_COUNT];

	if (bgp_open_decode(message + BGP_HEADER_BYTES, length - BGP_HEADER_BYTES, &open, &error) <
	    0)
		return;
	if (d->open_count == ARRAY_SIZE(d->opens)) /* another session */
		d->open_count = 0;
	d->opens[d->open_count++] = open;
	memcpy(add_path, d->context.addpath, sizeof(add_path));
	cli_decode_negotiate(&d->context, &d->opens[0], &d->opens[d->open_count - 1]);
	for (size_t f = 0; f < BGP_FAMILY_COUNT; f++) {
		if (d->open_count == 1) /* this side sends; the other one agreed */
			d->context.addpath[f] = open.capabilities.addpath_send[f];
		else /* who of both sends what is not known */
			d->context.addpath[f] |= d->opens[1].capabilities.addpath_send[f] &&
						 d->opens[0].capabilities.addpath_receive[f];
	}
	if (d->open_count == 1)
		d->context.ibgp = true;
	if (d->told_add_path)
		memcpy(d->context.addpath, add_path, sizeof(add_path));
	if (d->cli->decode.as2)
		d->context.as4 = false;
}

/* Octets up to what looks like a marker, or may be the beginning of one. */
static size_t next_marker(const uint8_t *bytes, size_t length)
{
	size_t run = 0;

	for (size_t i = 0; i < length; i++) {
		run = bytes[i] == 0xff ? run + 1 : 0;
		if (run == MARKER_BYTES && i >= MARKER_BYTES)
			return i + 1 - MARKER_BYTES;
	}
	return length - MIN(run, length - 1);
}

static enum cli_decode_step take(struct cli_decode *d, const uint8_t *bytes, size_t length,
				 size_t *ret_used, struct error *e)
{
	static const uint8_t marker[MARKER_BYTES] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
						      0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
						      0xff, 0xff, 0xff, 0xff };
	struct reader r = reader_of(bytes, length);
	struct cli_decode_item item;
	size_t said;
	uint8_t type;

	if (length < BGP_HEADER_BYTES)
		return CLI_DECODE_MORE;
	(void)reader_bytes(&r, MARKER_BYTES);
	said = reader_u16(&r);
	type = reader_u8(&r);
	if (memcmp(bytes, marker, MARKER_BYTES) != 0 || said < BGP_HEADER_BYTES) {
		*ret_used = next_marker(bytes, length);
		error_set(e,
			  memcmp(bytes, marker, MARKER_BYTES) != 0
				  ? "no BGP marker here: %zu octets skipped"
				  : "a BGP message is at least 19 octets long: %zu octets skipped",
			  *ret_used);
		return CLI_DECODE_WRONG;
	}
	if (length < said)
		return CLI_DECODE_MORE;
	*ret_used = said;
	if (type == BGP_OPEN)
		learn(d, bytes, said);
	item = (struct cli_decode_item){
		.line = "BGP", .context = &d->context, .message = bytes, .message_length = said
	};
	if (!cli_decode_offer(d, &item))
		return CLI_DECODE_TAKEN;
	cli_decode_begin(d, 0, 0, false);
	cli_decode_finish(d, bgp_print_message(d->printer, bytes, said, &d->context));
	return CLI_DECODE_TAKEN;
}

const struct cli_decode_kind cli_decode_raw = { "raw", take, false };
