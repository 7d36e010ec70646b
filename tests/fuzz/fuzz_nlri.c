/*
 * Fuzz target: a run of NLRI, of every family.
 * SPDX-License-Identifier: Apache-2.0
 *
 * First octet: the family (modulo their number). Second: bit 0 withdrawn, 1 ADD-PATH, 2 a classic
 * field (ipv4-unicast alone has one), 3 any number of labels, 4 two labels. Then the run.
 */
#include "fuzz.h"

#include "base/buf.h"
#include "base/mem.h"
#include "bgp/nlri.h"

static struct bgp_nlri first, second;
static uint8_t written[8192];

static bool same(const struct bgp_nlri *a, const struct bgp_nlri *b)
{
	return a->path_id == b->path_id && a->key_length == b->key_length &&
	       a->data_length == b->data_length && memcmp(a->key, b->key, a->key_length) == 0 &&
	       memcmp(a->data, b->data, a->data_length) == 0;
}

/* What we write of it reads as the same, is right, and is written again as the same. */
static void round_trip(const struct bgp_nlri_run *run, const struct bgp_context *context)
{
	bool addpath = context->addpath[run->family];
	struct writer w = writer_of(written, sizeof(written)), exact;
	struct bgp_nlri_run again = *run;
	struct bgp_notification n;
	uint8_t *copy;
	size_t length;

	bgp_nlri_encode(&w, run->family, &first, run->withdrawn, addpath);
	MUST_HOLD(!w.failed);
	length = writer_length(&w);
	MUST_HOLD(length == bgp_nlri_encoded_length(run->family, &first, run->withdrawn, addpath));
	copy = mem_dup(written, length); /* a sanitizer sees a read behind it */
	again.reader = reader_of(copy, length);
	MUST_HOLD(bgp_nlri_check(&again, context, &n, NULL) <= BGP_TREAT_AS_WITHDRAW);
	MUST_HOLD(bgp_nlri_next(&again, addpath, &second));
	MUST_HOLD(same(&first, &second));
	MUST_HOLD(reader_left(&again.reader) == 0 && !bgp_nlri_next(&again, addpath, &second));
	again.reader = reader_of(copy, length);
	MUST_HOLD(bgp_nlri_next(&again, addpath, &second));
	exact = writer_of(written, length);
	bgp_nlri_encode(&exact, run->family, &second, run->withdrawn, addpath);
	MUST_HOLD(!exact.failed && memcmp(written, copy, length) == 0);
	/* a writer that is too small fails, and writes nothing past its end */
	exact = writer_of(written, length - 1);
	bgp_nlri_encode(&exact, run->family, &second, run->withdrawn, addpath);
	MUST_HOLD(exact.failed);
	mem_free(copy);
}

static void print(enum bgp_family family)
{
	struct ip_prefix prefix;
	struct buf text;

	buf_init(&text, 0);
	bgp_nlri_format(family, &first, true, &text);
	MUST_HOLD(text.length != 0 && strlen(buf_text(&text)) == text.length);
	if (bgp_nlri_to_prefix(family, &first, &prefix)) {
		MUST_HOLD(prefix.length <= ip_family_bits(prefix.addr.family));
		MUST_HOLD(ip_prefix_covers(&prefix, &prefix));
	}
	buf_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bgp_context context = { 0 };
	struct bgp_nlri_run run, left;
	struct bgp_notification n = { 0 };
	struct error why = { "" };
	enum bgp_verdict v;
	size_t count = 0;

	if (size < 2 || size > BGP_MESSAGE_BYTES_MAX_EXTENDED)
		return 0;
	run = (struct bgp_nlri_run){ .family = (enum bgp_family)(data[0] % BGP_FAMILY_COUNT),
				     .withdrawn = (data[1] & 1) != 0,
				     .reader = reader_of(data + 2, size - 2),
				     .mp = (data[1] & 4) == 0,
				     .labels_max = (data[1] & 8) != 0	 ? UINT8_MAX
						   : (data[1] & 16) != 0 ? 2
									 : 0 };
	context.addpath[run.family] = (data[1] & 2) != 0;
	v = bgp_nlri_check(&run, &context, &n, &why);
	MUST_HOLD((v == BGP_OK) == (why.text[0] == '\0'));
	MUST_HOLD((v >= BGP_DISABLE_FAMILY) == (n.code == BGP_ERROR_UPDATE));
	MUST_HOLD(v != BGP_SESSION_RESET || run.family == BGP_IPV4_UNICAST);
	MUST_HOLD(v != BGP_TREAT_AS_WITHDRAW || !run.withdrawn);
	left = run;
	while (bgp_nlri_next(&left, context.addpath[run.family], &first)) {
		MUST_HOLD(++count <= size);
		if (v >= BGP_DISABLE_FAMILY) /* need not be read at all, but must end */
			continue;
		MUST_HOLD(first.key_length != 0);
		MUST_HOLD(first.key_length <= bgp_family_info(run.family)->key_length_max);
		MUST_HOLD(!run.withdrawn || first.data_length == 0);
		print(run.family);
		round_trip(&run, &context);
	}
	MUST_HOLD(v >= BGP_DISABLE_FAMILY || reader_left(&left.reader) == 0);
	return 0;
}
