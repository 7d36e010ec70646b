/*
 * Fuzz target: a BMP stream.
 * SPDX-License-Identifier: Apache-2.0
 *
 * First octet: the size of the pieces in which the rest is given. However a stream is cut, it gives
 * the same messages.
 */
#include "fuzz.h"

#include "bmp/bmp.h"

struct seen {
	uint64_t count;
	uint64_t sum;
};

static uint8_t out[2 * BMP_MESSAGE_BYTES_MAX];

/* What is decoded is written again; it may have lost TLVs and statistics that we do not write. */
static struct writer write_again(const struct bmp_message *m)
{
	struct writer w = writer_of(out, sizeof(out));
	struct reader tlvs = m->tlvs, stats = m->stats;
	struct bmp_stat list[64];
	size_t count = 0;
	struct bmp_tlv tlv, mirrored = { 0 };

	switch (m->type) {
	case BMP_ROUTE_MONITORING:
		bmp_route_monitoring_encode(&w, &m->peer, m->update, m->update_length);
		break;
	case BMP_STATISTICS:
		while (count < 64 && bmp_stat_next(&stats, &list[count]))
			count++;
		bmp_statistics_encode(&w, &m->peer, list, count);
		break;
	case BMP_PEER_DOWN:
		bmp_peer_down_encode(&w, &m->peer, m->down_reason, m->down_data,
				     m->down_data_length, NULL);
		break;
	case BMP_PEER_UP:
		bmp_peer_up_encode(&w, &m->peer, &m->up, "table");
		break;
	case BMP_INITIATION:
		bmp_initiation_encode(&w, "name", "description", NULL);
		break;
	case BMP_TERMINATION:
		bmp_termination_encode(&w, m->termination_reason, NULL);
		break;
	case BMP_ROUTE_MIRRORING:
		while (bmp_tlv_next(&tlvs, &tlv))
			if (tlv.type == BMP_MIRROR_MESSAGE)
				mirrored = tlv;
		bmp_route_mirroring_encode(&w, &m->peer, mirrored.value, mirrored.length, 1);
		break;
	}
	return w;
}

static bool same_peer(const struct bmp_peer *a, const struct bmp_peer *b)
{
	return a->type == b->type && a->distinguisher == b->distinguisher && a->as == b->as &&
	       a->bgp_id == b->bgp_id && a->time_s == b->time_s && a->time_us == b->time_us &&
	       ip_addr_equal(&a->address, &b->address) && a->flags == b->flags;
}

static void check_round_trip(const struct bmp_message *m)
{
	struct writer w = write_again(m);
	struct bmp_message again;

	MUST_HOLD(!w.failed);
	MUST_HOLD(bmp_message_decode(w.start, writer_length(&w), &again, NULL) == 1);
	MUST_HOLD(again.type == m->type);
	MUST_HOLD(again.update_length == m->update_length);
	MUST_HOLD(again.up.sent_open_length == m->up.sent_open_length);
	MUST_HOLD(again.up.received_open_length == m->up.received_open_length);
	MUST_HOLD(again.up.local_port == m->up.local_port);
	MUST_HOLD(again.down_reason == m->down_reason);
	if (m->type != BMP_INITIATION && m->type != BMP_TERMINATION)
		MUST_HOLD(same_peer(&again.peer, &m->peer));
	if (m->type == BMP_TERMINATION)
		MUST_HOLD(again.termination_reason == m->termination_reason);
}

static bool see(void *context, const struct bmp_message *m)
{
	struct seen *s = context;
	struct bmp_text name = bmp_message_tlv(m, BMP_TLV_TABLE_NAME);
	struct reader stats = m->stats;
	struct bmp_stat stat;

	check_round_trip(m);
	s->count++;
	s->sum += (uint64_t)m->type * 31 + m->update_length + name.length + m->peer.as;
	for (size_t i = 0; i < m->update_length; i++)
		s->sum = s->sum * 33 + m->update[i];
	for (size_t i = 0; i < name.length; i++)
		s->sum = s->sum * 33 + (uint8_t)name.bytes[i];
	while (bmp_stat_next(&stats, &stat))
		s->sum = s->sum * 33 + stat.value;
	return true;
}

static int feed(const uint8_t *data, size_t size, size_t piece, struct seen *s)
{
	struct bmp_decoder d;
	struct error why = { "" };
	int got = 0;

	bmp_decoder_init(&d);
	for (size_t at = 0; at < size && got == 0; at += piece)
		got = bmp_decoder_feed(&d, data + at, MIN(piece, size - at), see, s, &why);
	MUST_HOLD((got == 0) == (why.text[0] == '\0'));
	MUST_HOLD(d.pending.length <= BMP_MESSAGE_BYTES_MAX && d.offset <= size);
	bmp_decoder_done(&d);
	return got;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen whole = { 0 }, pieces = { 0 };

	if (size < 2)
		return 0;
	MUST_HOLD(feed(data + 1, size - 1, size, &whole) ==
		  feed(data + 1, size - 1, (size_t)data[0] + 1, &pieces));
	MUST_HOLD(whole.count == pieces.count && whole.sum == pieces.sum);
	return 0;
}
