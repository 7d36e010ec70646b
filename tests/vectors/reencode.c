/*
 * reencode: what was in a message, written by our own encoders.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "vector.h"

#define MESSAGE_BYTES_MAX BGP_MESSAGE_BYTES_MAX_EXTENDED

static struct bgp_update update;
static struct bgp_nlri nlri;
static uint8_t out[8 * MESSAGE_BYTES_MAX];

struct announcement {
	const uint8_t *attrs;
	size_t attrs_length;
	const uint8_t *mp_reach; /* as bgp_mp_reach_encode writes it */
	size_t mp_reach_length;	 /* 0: the classic fields */
};

/* `a` is NULL for a withdrawal. */
static void begin(struct bgp_update_writer *u, struct writer *w, const struct bgp_nlri_run *run,
		  const struct bgp_context *context, const struct announcement *a)
{
	bool addpath = context->addpath[run->family];

	if (a == NULL)
		bgp_update_begin(u, w, run->family, true, addpath, NULL, 0, NULL,
				 context->message_bytes_max);
	else
		bgp_update_begin_mp(u, w, run->family, addpath, a->attrs, a->attrs_length,
				    a->mp_reach, a->mp_reach_length, context->message_bytes_max);
}

/* A run in as many messages as it takes. */
static void write_run(struct writer *w, struct bgp_nlri_run run, const struct bgp_context *context,
		      const struct announcement *a)
{
	struct bgp_update_writer u = { 0 };

	begin(&u, w, &run, context, a);
	while (bgp_nlri_next(&run, context->addpath[run.family], &nlri)) {
		if (bgp_update_add(&u, &nlri))
			continue;
		bgp_update_end(&u);
		begin(&u, w, &run, context, a);
		if (!bgp_update_add(&u, &nlri))
			break;
	}
	bgp_update_end(&u);
}

static void write_announced(struct writer *w, const struct bgp_nlri_run *run, const uint8_t *key,
			    size_t key_length, const struct bgp_context *context)
{
	static uint8_t bytes[MESSAGE_BYTES_MAX];
	uint8_t mp_reach[64];
	struct writer attrs = writer_of(bytes, sizeof(bytes));
	struct writer mp = writer_of(mp_reach, sizeof(mp_reach));
	struct bgp_notification error;
	struct bgp_attrs a;
	struct arena arena;

	arena_init(&arena, 0);
	if (bgp_attrs_decode(key, key_length, context, true, &arena, &a, &error, NULL) <=
	    BGP_ATTRIBUTE_DISCARD) {
		bgp_attrs_encode(&attrs, &a, run->family, context->as4);
		if (run->family != BGP_IPV4_UNICAST || a.next_hop.family != IP_V4)
			bgp_mp_reach_encode(&mp, run->family, &a.next_hop, &a.next_hop_link_local);
		if (!attrs.failed)
			write_run(w, *run, context,
				  &(struct announcement){ bytes, writer_length(&attrs), mp_reach,
							  writer_length(&mp) });
	}
	arena_done(&arena);
}

static void reencode_update(struct writer *w, const uint8_t *body, size_t length,
			    const struct bgp_context *context)
{
	struct bgp_notification error;

	if (bgp_update_cut(body, length, context, &update, &error, NULL) > BGP_ATTRIBUTE_DISCARD)
		return;
	for (size_t i = 0; i < 2; i++)
		if (bgp_nlri_check(&update.withdrawn[i], context, &error, NULL) >
			    BGP_ATTRIBUTE_DISCARD ||
		    bgp_nlri_check(&update.announced[i], context, &error, NULL) >
			    BGP_ATTRIBUTE_DISCARD)
			return;
	if (update.end_of_rib != BGP_FAMILY_NONE)
		bgp_end_of_rib_encode(w, update.end_of_rib);
	for (size_t i = 0; i < 2; i++)
		if (update.withdrawn[i].family != BGP_FAMILY_NONE)
			write_run(w, update.withdrawn[i], context, NULL);
	if (update.announced[0].family != BGP_FAMILY_NONE)
		write_announced(w, &update.announced[0], update.mp_key, update.mp_key_length,
				context);
	if (update.announced[1].family != BGP_FAMILY_NONE)
		write_announced(w, &update.announced[1], update.key, update.key_length, context);
}

void reencode(const uint8_t *message, size_t length, const struct bgp_context *context,
	      struct buf *to)
{
	struct writer w = writer_of(out, sizeof(out));
	const uint8_t *body = message + BGP_HEADER_BYTES;
	struct bgp_notification n;
	struct bgp_open open;
	enum bgp_family family;
	uint8_t subtype;

	length -= BGP_HEADER_BYTES;
	switch (message[18]) {
	case BGP_OPEN:
		if (bgp_open_decode(body, length, &open, &n) == 0)
			bgp_open_encode(&w, &open);
		break;
	case BGP_UPDATE:
		reencode_update(&w, body, length, context);
		break;
	case BGP_NOTIFICATION:
		if (bgp_notification_decode(body, length, &n) == 0)
			bgp_notification_encode(&w, &n);
		break;
	case BGP_ROUTE_REFRESH:
		if (bgp_refresh_decode(body, length, true, &family, &subtype, &n) == 0 &&
		    family != BGP_FAMILY_NONE)
			bgp_refresh_encode(&w, family, subtype);
		break;
	default:
		bgp_keepalive_encode(&w);
		break;
	}
	assert(!w.failed);
	if (writer_length(&w) != 0)
		buf_add(to, out, writer_length(&w));
}
