/*
 * cli_apply: apply, delete and connection move: commands that change resources, and wait for them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cli_apply.h"

#include <time.h>

#include "cli/cli_document.h"
#include "cli/cli_http.h"

#define POLL_MS 300
#define WORDS_MAX 256u
#define ETAG_MAX 64u

static int64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void pause_ms(long milliseconds)
{
	struct timespec t = { milliseconds / 1000, milliseconds % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

static const json_t *state_of(const json_t *resource)
{
	return json_object_get(json_object_get(resource, "properties"), "configurationState");
}

static bool is_success(const json_t *resource)
{
	const json_t *state = state_of(resource);
	const char *status = json_string_value(json_object_get(state, "status"));

	/* What nobody realises has no state, and is as it is. */
	return state == NULL || (status != NULL && strcmp(status, "Success") == 0);
}

/* "Failure: words of the first detail". */
static void state_words(const json_t *resource, char words[static WORDS_MAX])
{
	const json_t *state = state_of(resource);
	const char *status = json_string_value(json_object_get(state, "status"));
	const char *message = json_string_value(json_object_get(
		json_array_get(json_object_get(state, "detailedInfo"), 0), "message"));

	snprintf(words, WORDS_MAX, "%s%s%s", status != NULL ? status : "Success",
		 message != NULL ? ": " : "", message != NULL ? message : "");
}

/* Polls until the resource is real (and, for a move, on the gateway). Says each change of its
 * state. CLI_OK, or CLI_FAILED at the deadline. */
static int wait_for(const struct cli *cli, const char *path, const char *gateway,
		    int64_t deadline_ms)
{
	char words[WORDS_MAX] = "", said[WORDS_MAX] = "";
	struct cli asking = *cli;

	asking.dry_run = false;
	for (;;) {
		json_t *resource = cli_http_get(&asking, path);
		const char *on = json_string_value(json_object_get(
			json_object_get(json_object_get(resource, "properties"), "gateway"),
			"resourceRef"));
		bool there = gateway == NULL || (on != NULL && strcmp(on, gateway) == 0);
		bool done = resource != NULL && there && is_success(resource);

		if (resource == NULL)
			return CLI_FAILED;
		state_words(resource, words);
		json_decref(resource);
		if (strcmp(words, said) != 0) {
			printf("%s: %s\n", path + 1, words);
			fflush(stdout);
			memcpy(said, words, sizeof(said));
		}
		if (done)
			return CLI_OK;
		if (clock_ms() >= deadline_ms)
			return cli_fail("%s: not done after %u seconds: %s", path + 1,
					cli->wait_seconds, words);
		pause_ms(POLL_MS);
	}
}

static void etag_of(const json_t *resource, char etag[static ETAG_MAX])
{
	const char *text = json_string_value(json_object_get(resource, "etag"));

	snprintf(etag, ETAG_MAX, "%s", text != NULL ? text : "");
}

/* In a dry run what comes before in the list was not made: is that all that is wrong? */
static const char *waits_for(const struct cli_document_list *list,
			     const struct cli_http_answer *answer)
{
	const json_t *details = json_object_get(json_object_get(answer->body, "error"), "details");
	const char *found = NULL;
	json_t *detail;
	size_t index;

	json_array_foreach(details, index, detail)
	{
		const char *message = json_string_value(json_object_get(detail, "message"));

		found = NULL;
		for (size_t i = 0; message != NULL && found == NULL && i < list->count; i++) {
			const char *path = list->items[i].path;
			size_t length = strlen(path);

			if (message[0] == '\'' && strncmp(message + 1, path, length) == 0 &&
			    (message[1 + length] == '\'' || message[1 + length] == '/') &&
			    strstr(message, "does not exist") != NULL)
				found = path;
		}
		if (found == NULL)
			return NULL;
	}
	return found;
}

static int apply_one(const struct cli *cli, const struct cli_document_list *list,
		     const struct cli_document *document)
{
	char before[ETAG_MAX] = "", after[ETAG_MAX];
	struct cli_http_answer answer;
	struct error error;
	int result = CLI_OK;

	if (cli_http_request(cli, "GET", document->path, NULL, &answer, &error) < 0)
		return cli_fail_error(&error);
	if (answer.status == 200)
		etag_of(answer.body, before);
	cli_http_answer_done(&answer);
	if (cli_http_request(cli, "PUT", document->path, document->body, &answer, &error) < 0)
		return cli_fail_error(&error);
	etag_of(answer.body, after);
	if (cli->dry_run && answer.status == 422 && waits_for(list, &answer) != NULL)
		printf("%s: good in itself; needs %s (dry run)\n", document->path + 1,
		       waits_for(list, &answer) + 1);
	else if (answer.status != 200 && answer.status != 201)
		result = cli_http_fail(document->path + 1, &answer);
	else
		printf("%s: %s%s\n", document->path + 1,
		       answer.status == 201	    ? "created"
		       : strcmp(before, after) == 0 ? "unchanged"
						    : "changed",
		       cli->dry_run ? " (dry run)" : "");
	fflush(stdout);
	cli_http_answer_done(&answer);
	return result;
}

int cli_apply(const struct cli *cli)
{
	int64_t deadline = clock_ms() + (int64_t)cli->wait_seconds * 1000;
	struct cli_document_list list;
	struct error error;
	int result = CLI_OK;

	if (cli->file == NULL)
		return cli_fail("apply: -f FILE, -f DIRECTORY or -f - is needed");
	if (cli_document_read(&list, cli->file, &error) < 0)
		return cli_fail_error(&error);
	for (size_t i = 0; result == CLI_OK && i < list.count; i++)
		result = apply_one(cli, &list, &list.items[i]);
	for (size_t i = 0; cli->wait && !cli->dry_run && result == CLI_OK && i < list.count; i++)
		result = wait_for(cli, list.items[i].path, NULL, deadline);
	cli_document_list_done(&list);
	return result;
}

static int delete_one(const struct cli *cli, const char *path, bool must_exist)
{
	struct cli_http_answer answer;
	struct error error;
	int result = CLI_OK;

	if (cli_http_request(cli, "DELETE", path, NULL, &answer, &error) < 0)
		return cli_fail_error(&error);
	if (answer.status == 404 && !must_exist)
		printf("%s: was not there\n", path + 1);
	else if (answer.status < 200 || answer.status > 299)
		result = cli_http_fail(path + 1, &answer);
	else
		printf("%s: deleted%s\n", path + 1, cli->dry_run ? " (dry run)" : "");
	fflush(stdout);
	cli_http_answer_done(&answer);
	return result;
}

int cli_apply_delete(const struct cli *cli)
{
	char path[RESOURCE_REF_TEXT_MAX];
	const struct schema_kind *kind;
	struct cli_document_list list;
	struct error error;
	int result = CLI_OK;

	if ((cli->file == NULL) != (cli->argument_count == 2))
		return cli_fail("delete: KIND and NAME, or -f FILE, are needed");
	if (cli->file == NULL) {
		if (cli_document_path(cli->arguments[0], cli->arguments[1], path, &kind, &error) <
		    0)
			return cli_fail_error(&error);
		return delete_one(cli, path, true);
	}
	if (cli_document_read(&list, cli->file, &error) < 0)
		return cli_fail_error(&error);
	for (size_t i = list.count; result == CLI_OK && i > 0; i--)
		result = delete_one(cli, list.items[i - 1].path, false);
	cli_document_list_done(&list);
	return result;
}

int cli_apply_move(const struct cli *cli)
{
	int64_t deadline = clock_ms() + (int64_t)cli->wait_seconds * 1000;
	char path[RESOURCE_REF_TEXT_MAX], action[RESOURCE_REF_TEXT_MAX + 8], gateway[128];
	const struct schema_kind *kind;
	struct cli_http_answer answer;
	struct error error;
	json_t *body;
	int result;

	if (cli->to == NULL)
		return cli_fail("connection move: --to GATEWAY is needed");
	if (cli_document_path("networkConnections", cli->arguments[0], path, &kind, &error) < 0)
		return cli_fail_error(&error);
	snprintf(gateway, sizeof(gateway), "/gateways/%s", cli->to);
	snprintf(action, sizeof(action), "%s/move", path);
	body = json_pack("{s:{s:s}}", "gateway", "resourceRef", gateway);
	result = cli_http_request(cli, "POST", action, body, &answer, &error);
	json_decref(body);
	if (result < 0)
		return cli_fail_error(&error);
	if (answer.status != 200 && answer.status != 202) {
		result = cli_http_fail(path + 1, &answer);
	} else {
		printf("%s: moving to %s\n", path + 1, cli->to);
		fflush(stdout);
		result = cli->wait ? wait_for(cli, path, gateway, deadline) : CLI_OK;
	}
	cli_http_answer_done(&answer);
	return result;
}
