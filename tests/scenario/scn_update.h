/*
 * scn_update: UPDATE messages of transcripts, as text; and what became of them.
 * SPDX-License-Identifier: Apache-2.0
 *
 * An UPDATE is three fields with a word "/" between them: withdrawn routes, path attributes, NLRI.
 * A word is octets in hexadecimal; or FLAGS:CODE:OCTETS, an attribute whose length is counted
 * (FLAGS hexadecimal, CODE decimal; with the flag 10 its length has two octets); or $NAME, what
 * `define` said. OCTETS*N are the last octet N times, (OCTETS)*N all of these N times.
 */
#ifndef TESTS_SCENARIO_SCN_UPDATE_H
#define TESTS_SCENARIO_SCN_UPDATE_H

#include "lab.h"

#define SCN_DEFINES_MAX 32u

struct scn_defines {
	struct {
		char name[32];
		char words[2048];
	} rows[SCN_DEFINES_MAX];
	size_t count;
};

/* Each returns 0, or -1 with what is wrong in `why`. */
int scn_define(struct scn_defines *d, char **words, size_t count, struct error *why) MUST_CHECK;
/* Sends an UPDATE. */
int scn_update_send(struct lab *lab, struct lab_peer *from, const struct scn_defines *d,
		    char **words, size_t count, struct error *why) MUST_CHECK;
/*
 * `words`: VERDICT [ARGUMENT ...] | UPDATE. The peer `from` announces 192.0.2.0/24, which `to`
 * gets; then it sends the UPDATE, which must be about the same prefix, and its verdict must be
 *   withdraw           `to` has the prefix no more, both sessions stand
 *   gone CODE          `to` has the prefix, without this attribute
 *   passed CODE OCTETS `to` has the prefix, with this value of the attribute
 *   reset CODE SUBCODE [DATA]  `from` got this NOTIFICATION; the session of `to` stands
 * `good` says how the prefix is announced before.
 */
int scn_judge(struct lab *lab, struct lab_peer *from, struct lab_peer *to,
	      const struct lab_route *good, const struct scn_defines *d, char **words, size_t count,
	      struct error *why) MUST_CHECK;

#endif
