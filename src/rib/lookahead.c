/*
 * lookahead: sends for the memory that an UPDATE will touch.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "rib/lookahead.h"

#include "bgp/update.h"

void lookahead_update(const struct attr_table *attrs, const struct prefix_table *prefixes,
		      const struct bgp_context *context, const uint8_t *body, size_t length)
{
	struct bgp_update_fields f;
	struct prefix_batch batch;

	if (!bgp_update_fields(body, length, &f) || reader_left(&f.nlri) == 0)
		return;
	attr_table_key(attrs, f.attrs.next, reader_left(&f.attrs), context);
	batch.rest = f.nlri;
	prefix_batch_read_ipv4(&batch, prefixes);
}
