/*
 * seeds: vectors as the first inputs of the fuzz targets.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <sys/stat.h>

#include "vector.h"

#define PATH_BYTES_MAX 4096

static void write_seed(const char *directory, const char *target, unsigned number,
		       const uint8_t *head, size_t head_length, const uint8_t *bytes, size_t length)
{
	char path[PATH_BYTES_MAX];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", directory, target);
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s/%s/vector%04u", directory, target, number);
	out = fopen(path, "wb");
	if (out == NULL) {
		perror(path);
		exit(1);
	}
	fwrite(head, 1, head_length, out);
	fwrite(bytes, 1, length, out);
	fclose(out);
}

/* The first octet of fuzz_update's inputs. */
static uint8_t update_bits(const struct bgp_context *c)
{
	unsigned bits = (c->as4 ? 1u : 0) | (c->ibgp ? 2u : 0) | (c->aigp ? 128u : 0);

	bits |= c->addpath[BGP_IPV4_UNICAST] ? 4u : 0;
	bits |= c->addpath[BGP_IPV6_UNICAST] ? 8u : 0;
	bits |= c->not_negotiated[BGP_IPV4_UNICAST] ? 16u : 0;
	bits |= c->not_negotiated[BGP_IPV6_UNICAST] ? 32u : 0;
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		bits |= i > BGP_IPV6_UNICAST && c->addpath[i] ? 64u : 0;
		bits |= c->extended_next_hop[i] || c->labels_max[i] != 0 ? 128u : 0;
	}
	return (uint8_t)bits;
}

/* The attributes of an UPDATE, when its lengths are right. */
static void write_attributes(const char *directory, unsigned number, const struct vector *v,
			     const uint8_t *body, size_t length)
{
	uint8_t bits = (uint8_t)((v->context.as4 ? 1u : 0) | (v->context.ibgp ? 2u : 0) |
				 (v->context.aigp ? 32u : 0));
	struct reader r = reader_of(body, length), attrs;

	(void)reader_bytes(&r, reader_u16(&r));
	attrs = reader_sub(&r, reader_u16(&r));
	if (!r.failed && reader_left(&attrs) != 0)
		write_seed(directory, "attrs", number, &bits, 1, attrs.start, reader_left(&attrs));
}

/* Each run of NLRI, as fuzz_nlri takes it. */
static void write_runs(const char *directory, unsigned number, const struct vector *v,
		       const uint8_t *body, size_t length)
{
	static struct bgp_update update;
	struct bgp_notification error;

	if (bgp_update_cut(body, length, &v->context, &update, &error, NULL) == BGP_SESSION_RESET)
		return;
	for (size_t i = 0; i < 4; i++) {
		const struct bgp_nlri_run *run =
			i < 2 ? &update.withdrawn[i] : &update.announced[i - 2];
		uint8_t head[2] = { (uint8_t)run->family };

		if (run->family == BGP_FAMILY_NONE)
			continue;
		head[1] = (uint8_t)((run->withdrawn ? 1u : 0) |
				    (v->context.addpath[run->family] ? 2u : 0) |
				    (run->mp ? 0 : 4u) | (run->labels_max != 0 ? 8u : 0));
		write_seed(directory, "nlri", number * 4 + (unsigned)i, head, sizeof(head),
			   run->reader.next, reader_left(&run->reader));
	}
}

/* The whole message, as fuzz_decode takes it: as JSON and as text. */
static void write_decode(const char *directory, unsigned number, const struct vector *v)
{
	uint8_t bits = (uint8_t)((v->context.as4 ? 0 : 8u) |
				 (v->context.addpath[BGP_IPV4_UNICAST] ? 16u : 0));

	for (unsigned text = 0; text < 2; text++) {
		uint8_t head = (uint8_t)(bits | text << 2);

		write_seed(directory, "decode", number * 2 + text, &head, 1,
			   (const uint8_t *)v->message.data, v->message.length);
	}
}

/* From a peer with every family, to all others: an announcement of peer 1, who sends no path
 * identifiers, or of peer 0, who does (fuzz_speaker). */
static void write_speaker(const char *directory, unsigned number, const struct vector *v,
			  const uint8_t *body, size_t length)
{
	uint8_t bytes[2048], which;
	struct writer w = writer_of(bytes, sizeof(bytes));
	bool addpath = v->context.addpath[BGP_IPV4_UNICAST] || v->context.addpath[BGP_EVPN];

	if (length > 0x7ff)
		return;
	writer_u8(&w, addpath ? 0 : 0x80); /* the body as it is */
	writer_u16(&w, (uint16_t)length);
	writer_bytes(&w, body, length);
	writer_u8(&w, 3);		   /* everybody takes what is for him */
	which = (uint8_t)(2 + number % 2); /* one of the two configurations with every family */
	if (!w.failed)
		write_seed(directory, "speaker", number, &which, 1, bytes, writer_length(&w));
}

void vector_write_seed(const struct vector *v, const char *directory)
{
	static unsigned number;
	const uint8_t *bytes = (const uint8_t *)v->message.data;
	uint8_t bits = update_bits(&v->context);

	write_seed(directory, "message", ++number, NULL, 0, bytes, v->message.length);
	write_decode(directory, number, v);
	if (v->message.length < BGP_HEADER_BYTES || v->type == 0)
		return;
	if (v->type == BGP_OPEN)
		write_seed(directory, "open", number, NULL, 0, bytes + BGP_HEADER_BYTES,
			   v->message.length - BGP_HEADER_BYTES);
	if (v->type != BGP_UPDATE)
		return;
	write_seed(directory, "update", number, &bits, 1, bytes + BGP_HEADER_BYTES,
		   v->message.length - BGP_HEADER_BYTES);
	write_attributes(directory, number, v, bytes + BGP_HEADER_BYTES,
			 v->message.length - BGP_HEADER_BYTES);
	write_runs(directory, number, v, bytes + BGP_HEADER_BYTES,
		   v->message.length - BGP_HEADER_BYTES);
	write_speaker(directory, number, v, bytes + BGP_HEADER_BYTES,
		      v->message.length - BGP_HEADER_BYTES);
}
