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

static void writer_open(struct export_writer *x, uint32_t attr, struct export_audience to,
			uint32_t bytes_max)
{
	enum bgp_family family = x->g->prefixes->family;
	const struct attr_entry *entry = attr == 0 ? NULL : attr_table_entry(&x->g->attrs, attr);

	x->attr = attr;
	x->to = to;
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
	export_log_append(x->log, x->message, writer_length(&x->w), x->to, x->g->sequence);
}

void export_slot_nlri(const struct export_group *g, uint32_t slot, uint32_t data,
		      struct bgp_nlri *ret_nlri)
{
	const uint8_t *bytes;
	size_t length;

	prefix_table_nlri(g->prefixes, g->addpath ? g->slots[slot].prefix : slot, ret_nlri);
	if (g->addpath)
		ret_nlri->path_id = g->slots[slot].path_id;
	bytes = route_data_bytes(g->prefixes->data, data, &length);
	ret_nlri->data_length = (uint16_t)length;
	if (length != 0)
		memcpy(ret_nlri->data, bytes, length);
}

static void add(struct export_writer *x, const struct bgp_nlri *nlri, uint32_t attr,
		struct export_audience to)
{
	if (x->open && x->attr == attr && export_audience_equal(x->to, to)) {
		if (bgp_update_add(&x->update, nlri))
			return;
	}
	export_writer_flush(x);
	writer_open(x, attr, to, MIN(x->g->message_bytes_max, BGP_MESSAGE_BYTES_MAX));
	if (bgp_update_add(&x->update, nlri))
		return;
	writer_open(x, attr, to, x->g->message_bytes_max);
	if (!bgp_update_add(&x->update, nlri))
		assert(false && "attributes leave no room for one NLRI: export_fits refuses them");
}

void export_writer_announce(struct export_writer *x, uint32_t slot, uint32_t attr)
{
	struct bgp_nlri nlri;

	export_slot_nlri(x->g, slot, export_slot_data(x->g, slot), &nlri);
	add(x, &nlri, attr, export_slot_audience(x->g, slot));
}

void export_writer_withdraw(struct export_writer *x, uint32_t slot, struct export_audience to)
{
	uint32_t data = export_withdraws_data(x->g) ? export_slot_data(x->g, slot) : 0;
	struct bgp_nlri nlri;

	export_slot_nlri(x->g, slot, data, &nlri);
	add(x, &nlri, 0, to);
}
