/*
 * scn_explain: what transcripts expect of the speaker's own words.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   best PREFIX PEER-ADDRESS [STEP...]  whose path is best, and which step decided; PEER-ADDRESS
 *                                       `none`: no path is usable
 *   withheld PREFIX PEER REASON...      why the peer of the lab is not told of it
 *   path PREFIX PEER SOURCE REASON...   why it is not told of the path of that other one, with
 *                                       ADD-PATH; sent: it is
 *   rejected PREFIX REASON...           why the first path of it may not be used
 */
#ifndef TESTS_SCENARIO_SCN_EXPLAIN_H
#define TESTS_SCENARIO_SCN_EXPLAIN_H

#include "lab.h"

bool scn_explains(const char *word);
/* `words` as above. 0, or -1 with what is other than expected in `why`. */
int scn_explain(struct lab *lab, char **words, size_t count, struct error *why) MUST_CHECK;

#endif
