/*
 * cli_http: a request to the controller.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CLI_CLI_HTTP_H
#define CLI_CLI_HTTP_H

#include "cli/cli.h"

struct cli_http_answer {
	long status;
	json_t *body; /* NULL: none, or no JSON */
};

/* `path` is below /networking/v1, and starts with a slash; `body` may be NULL. 0 when there was an
 * answer of whatever status; release it with cli_http_answer_done. -1 with *e when there was none.
 */
int cli_http_request(const struct cli *cli, const char *method, const char *path,
		     const json_t *body, struct cli_http_answer *answer,
		     struct error *e) MUST_CHECK;
void cli_http_answer_done(struct cli_http_answer *answer);
/* Says on stderr why the answer is an error, with its details. Returns CLI_FAILED. */
int cli_http_fail(const char *what, const struct cli_http_answer *answer);
/* GET of a path that must be there: a new reference, or NULL after words on stderr. */
json_t *cli_http_get(const struct cli *cli, const char *path);

#endif
