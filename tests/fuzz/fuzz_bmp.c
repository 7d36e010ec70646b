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

static bool see(void *context, const struct bmp_message *m)
{
	struct seen *s = context;
	struct bmp_text name = bmp_message_tlv(m, BMP_TLV_TABLE_NAME);
	struct reader stats = m->stats;
	struct bmp_stat stat;

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
