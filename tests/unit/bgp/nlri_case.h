/*
 * nlri_case: what the tests of NLRI share.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A case is the octets of one NLRI and what they mean. Each is decoded, printed, encoded again,
 * read twice in a run, read with path identifiers, and cut off at every octet.
 */
#ifndef TESTS_NLRI_CASE_H
#define TESTS_NLRI_CASE_H

#include "base/buf.h"
#include "base/mem.h"
#include "bgp/nlri.h"

#include "hex.h"

/* Labels that may be there, unless a test says something else. */
static uint8_t nlri_labels_max = UINT8_MAX;

struct nlri_case {
	enum bgp_family family;
	const char *bytes;
	const char *key;
	const char *data;
	const char *text;
};

static inline void nlri_bytes_are(const uint8_t *bytes, size_t length, const char *octets)
{
	struct hex want = hex(octets);

	assert_int_equal(length, want.length);
	assert_memory_equal(bytes, want.bytes, length);
}

static inline enum bgp_verdict nlri_judge(enum bgp_family family, bool withdrawn, bool addpath,
					  const uint8_t *bytes, size_t length,
					  struct bgp_notification *n, struct error *why)
{
	struct bgp_nlri_run run = { family, withdrawn, reader_of(bytes, length), true,
				    nlri_labels_max };
	struct bgp_context context = { 0 };

	context.addpath[family] = addpath;
	return bgp_nlri_check(&run, &context, n, why);
}

/* Encodes; the length must be as announced. */
static inline size_t nlri_write(enum bgp_family family, const struct bgp_nlri *nlri, bool withdraw,
				bool addpath, uint8_t *to, size_t capacity)
{
	struct writer w = writer_of(to, capacity);

	bgp_nlri_encode(&w, family, nlri, withdraw, addpath);
	assert_false(w.failed);
	assert_int_equal(writer_length(&w),
			 bgp_nlri_encoded_length(family, nlri, withdraw, addpath));
	return writer_length(&w);
}

/* All beginnings of an NLRI are wrong, and of an MP attribute. */
static inline void nlri_truncations(enum bgp_family family, bool withdrawn, const uint8_t *bytes,
				    size_t length)
{
	for (size_t i = 1; i < length; i++) {
		struct bgp_notification n = { 0 };
		struct error why = { "" };
		uint8_t *exact = mem_dup(bytes, i); /* a sanitizer sees a read behind it */

		assert_int_equal(nlri_judge(family, withdrawn, false, exact, i, &n, &why),
				 BGP_DISABLE_FAMILY);
		assert_int_equal(n.code, BGP_ERROR_UPDATE);
		assert_int_equal(n.subcode, BGP_UPDATE_OPTIONAL_ERROR);
		assert_non_null(strstr(why.text, bgp_family_info(family)->name));
		assert_non_null(strstr(why.text, "at offset 0"));
		mem_free(exact);
	}
}

/* Twice in a run, with path identifiers. */
static inline void nlri_run_of_two(enum bgp_family family, const struct bgp_nlri *nlri)
{
	struct bgp_nlri_run run = { .family = family, .mp = true, .labels_max = nlri_labels_max };
	static struct bgp_nlri copy, read;
	uint8_t bytes[512];
	size_t length;

	memcpy(&copy, nlri, sizeof(copy));
	copy.path_id = 7;
	length = nlri_write(family, &copy, false, true, bytes, sizeof(bytes));
	copy.path_id = 0xfffffffe;
	length += nlri_write(family, &copy, false, true, bytes + length, sizeof(bytes) - length);
	assert_int_equal(nlri_judge(family, false, true, bytes, length, NULL, NULL), BGP_OK);
	run.reader = reader_of(bytes, length);
	for (int i = 0; i < 2; i++) {
		assert_true(bgp_nlri_next(&run, true, &read));
		assert_int_equal(read.path_id, i == 0 ? 7 : 0xfffffffe);
		assert_int_equal(read.key_length, nlri->key_length);
		assert_memory_equal(read.key, nlri->key, nlri->key_length);
		assert_int_equal(read.data_length, nlri->data_length);
		assert_memory_equal(read.data, nlri->data, nlri->data_length);
	}
	assert_false(bgp_nlri_next(&run, true, &read));
}

static inline void nlri_cases(const struct nlri_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct nlri_case *c = &cases[i];
		struct hex bytes = hex(c->bytes);
		struct bgp_nlri_run run = { .family = c->family,
					    .mp = true,
					    .labels_max = nlri_labels_max };
		static struct bgp_nlri nlri;
		struct bgp_notification n = { 0 };
		uint8_t again[512];
		struct error why = { "" };
		struct buf text;

		assert_int_equal(
			nlri_judge(c->family, false, false, bytes.bytes, bytes.length, &n, &why),
			BGP_OK);
		run.reader = reader_of(bytes.bytes, bytes.length);
		assert_true(bgp_nlri_next(&run, false, &nlri));
		assert_int_equal(reader_left(&run.reader), 0);
		assert_int_equal(nlri.path_id, 0);
		nlri_bytes_are(nlri.key, nlri.key_length, c->key);
		nlri_bytes_are(nlri.data, nlri.data_length, c->data);
		assert_true(nlri.key_length <= bgp_family_info(c->family)->key_length_max);
		nlri_bytes_are(again,
			       nlri_write(c->family, &nlri, false, false, again, sizeof(again)),
			       c->bytes);
		buf_init(&text, 0);
		bgp_nlri_format(c->family, &nlri, true, &text);
		assert_string_equal(buf_text(&text), c->text);
		buf_done(&text);
		nlri_run_of_two(c->family, &nlri);
		nlri_truncations(c->family, false, bytes.bytes, bytes.length);
	}
}

/* What is withdrawn by `bytes` has this key, no data, and is written as `canonical`. */
static inline void nlri_withdrawn(enum bgp_family family, const char *octets, const char *key,
				  const char *canonical)
{
	struct hex bytes = hex(octets);
	struct bgp_nlri_run run = { family, true, reader_of(bytes.bytes, bytes.length), true };
	static struct bgp_nlri nlri;
	uint8_t again[512];

	assert_int_equal(nlri_judge(family, true, false, bytes.bytes, bytes.length, NULL, NULL),
			 BGP_OK);
	assert_true(bgp_nlri_next(&run, false, &nlri));
	assert_int_equal(reader_left(&run.reader), 0);
	nlri_bytes_are(nlri.key, nlri.key_length, key);
	assert_int_equal(nlri.data_length, 0);
	nlri_bytes_are(again, nlri_write(family, &nlri, true, false, again, sizeof(again)),
		       canonical);
	nlri_truncations(family, true, bytes.bytes, bytes.length);
}

/* The verdict, whose words hold `text`. */
static inline void nlri_wrong(enum bgp_family family, bool withdrawn, const char *octets,
			      enum bgp_verdict verdict, const char *text)
{
	struct hex bytes = hex(octets);
	struct bgp_notification n = { 0 };
	struct error why = { "" };

	assert_int_equal(nlri_judge(family, withdrawn, false, bytes.bytes, bytes.length, &n, &why),
			 verdict);
	if (strstr(why.text, text) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", why.text, text);
	assert_int_equal(n.code, verdict >= BGP_DISABLE_FAMILY ? BGP_ERROR_UPDATE : 0);
}

#endif
