/*
 * export_writer: Adj-RIB-Out entries as messages.
 * SPDX-License-Identifier: Apache-2.0
 *
 * NLRI are packed into messages of 4,096 octets, also for peers that take longer ones (RFC 8654): a
 * longer one is made only where attributes and one NLRI need it.
 */
#include "rib/export_group.h"

void export_writer_init(struct export_writer *x, struct export_group *g, struct export_log *log)
{
	x->g = g;
	x->log = log;
	x->open = false;
}

static void writer_open(struct export_writer *x, uint32_t attr, uint16_t exclude, uint16_t only,
			uint32_t bytes_max)
{
	enum bgp_family family = x->g->prefixes->family;
	const struct attr_entry *entry = attr == 0 ? NULL : attr_table_entry(&x->g->attrs, attr);

	x->attr = attr;
	x->exclude = exclude;
	x->only = only;
	x->w = writer_of(x->message, bytes_max);
	if (entry == NULL) {
		bgp_update_begin(&x->update, &x->w, family, true, x->g->addpath, NULL, 0, NULL,
				 bytes_max);
	} else {
		size_t plain_length = (size_t)(entry->length - entry->mp_length);

		/* MP_REACH_NLRI ends a block of our own */
		bgp_update_begin_mp(&x->update, &x->w, family, x->g->addpath, entry->bytes,
				    plain_length, entry->bytes + plain_length, entry->mp_length,
				    bytes_max);
	}
	x->open = true;
}

void export_writer_flush(struct export_writer *x)
{
	if (!x->open)
		return;
	x->open = false;
	bgp_update_end(&x->update);
	assert(!x->w.failed);
	export_log_append(x->log, x->message, writer_length(&x->w), x->exclude, x->only,
			  x->g->sequence);
}

void export_slot_nlri(const struct export_group *g, uint32_t slot, bool withdraw,
		      struct bgp_nlri *ret_nlri)
{
	const uint8_t *data;
	size_t length;

	prefix_table_nlri(g->prefixes, g->addpath ? g->slots[slot].prefix : slot, ret_nlri);
	if (g->addpath)
		ret_nlri->path_id = g->slots[slot].path_id;
	if ((withdraw && !export_withdraws_data(g)) || g->entry_data == NULL)
		return;
	data = route_data_bytes(g->prefixes->data, g->entry_data[slot], &length);
	ret_nlri->data_length = (uint16_t)length;
	if (length != 0)
		memcpy(ret_nlri->data, data, length);
}

void export_writer_add(struct export_writer *x, uint32_t slot, uint32_t attr, uint16_t exclude,
		       uint16_t only)
{
	struct bgp_nlri nlri;

	export_slot_nlri(x->g, slot, attr == 0, &nlri);
	if (x->open && x->attr == attr && x->exclude == exclude && x->only == only) {
		if (bgp_update_add(&x->update, &nlri))
			return;
	}
	export_writer_flush(x);
	writer_open(x, attr, exclude, only, MIN(x->g->message_bytes_max, BGP_MESSAGE_BYTES_MAX));
	if (bgp_update_add(&x->update, &nlri))
		return;
	writer_open(x, attr, exclude, only, x->g->message_bytes_max);
	if (!bgp_update_add(&x->update, &nlri))
		assert(false && "attributes leave no room for one NLRI: export_fits refuses them");
}
