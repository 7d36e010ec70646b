/*
 * malformed: what the log says of an UPDATE with an error in it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 7606 6: the NLRI that are concerned, and the whole message, so that the speaker that is at
 * fault can be found. Both at debug level: the line that says what was wrong, and what became of
 * it, is a warning of import.c.
 */
#include "reflector/reflector.h"

#include "base/buf.h"

#define LEVEL_DEBUG 7
#define NLRI_SHOWN_MAX 16u
#define LINE_OCTETS 256u /* of the message, on one line */

static void log_run(struct reflector_peer *peer, struct bgp_nlri_run run, struct buf *line)
{
	bool addpath;
	struct bgp_notification unused;
	struct bgp_nlri nlri;
	unsigned count = 0;

	if (run.family == BGP_FAMILY_NONE ||
	    bgp_nlri_check(&run, &peer->receive, &unused, NULL) >= BGP_DISABLE_FAMILY)
		return;
	addpath = peer->receive.addpath[run.family];
	buf_clear(line);
	buf_printf(line, "the malformed UPDATE %s %s:", run.withdrawn ? "withdraws" : "announces",
		   bgp_family_info(run.family)->name);
	while (bgp_nlri_next(&run, addpath, &nlri)) {
		if (count++ >= NLRI_SHOWN_MAX)
			continue;
		buf_add_text(line, " ");
		bgp_nlri_format(run.family, &nlri, false, line);
	}
	if (count > NLRI_SHOWN_MAX)
		buf_printf(line, " and %u more", count - NLRI_SHOWN_MAX);
	peer->r->ops->log(peer->r->context, peer->r, LEVEL_DEBUG, &peer->address, buf_text(line));
}

void reflector_log_malformed(struct reflector_peer *peer, const struct bgp_update *update,
			     const uint8_t *body, size_t length)
{
	struct reader r = reader_of(body, length);
	struct buf line;

	buf_init(&line, 0);
	for (size_t i = 0; i < ARRAY_SIZE(update->withdrawn); i++)
		log_run(peer, update->withdrawn[i], &line);
	for (size_t i = 0; i < ARRAY_SIZE(update->announced); i++)
		log_run(peer, update->announced[i], &line);
	while (reader_left(&r) != 0) {
		struct reader octets;

		buf_clear(&line);
		buf_printf(&line,
			   "the malformed UPDATE without its header, from octet %zu of %zu: ",
			   reader_offset(&r), length);
		octets = reader_sub(&r, MIN(reader_left(&r), LINE_OCTETS));
		while (reader_left(&octets) != 0)
			buf_printf(&line, "%02x", reader_u8(&octets));
		peer->r->ops->log(peer->r->context, peer->r, LEVEL_DEBUG, &peer->address,
				  buf_text(&line));
	}
	buf_done(&line);
}
