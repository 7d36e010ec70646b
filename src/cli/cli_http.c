/*
 * cli_http: a request to the controller.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/cli_http.h"

#include <curl/curl.h>
#include <errno.h>

#include "base/buf.h"
#include "base/mem.h"

#define BASE_PATH "/networking/v1"
#define TIMEOUT_SECONDS 60L
#define ANSWER_BYTES_MAX (512u << 20)
#define TOKEN_BYTES_MAX 4096u

static size_t take(char *bytes, size_t size, size_t count, void *context)
{
	struct buf *to = context;

	buf_add(to, bytes, size * count);
	return to->overflowed ? 0 : size * count;
}

/* "Authorization: Bearer TOKEN" from the file. */
static int read_token(const char *path, struct buf *header, struct error *e)
{
	char token[TOKEN_BYTES_MAX];
	FILE *file = fopen(path, "re");
	size_t length;

	if (file == NULL)
		return error_set(e, "%s: %s", path, strerror(errno));
	length = fread(token, 1, sizeof(token) - 1, file);
	fclose(file);
	token[length] = '\0';
	token[strcspn(token, "\r\n")] = '\0';
	if (token[0] == '\0')
		return error_set(e, "%s: holds no token", path);
	buf_printf(header, "Authorization: Bearer %s", token);
	explicit_bzero(token, sizeof(token));
	return 0;
}

static int make_headers(const struct cli *cli, struct curl_slist **ret_list, struct error *e)
{
	struct curl_slist *list = curl_slist_append(NULL, "Content-Type: application/json; "
							  "charset=UTF-8");
	struct buf token;
	int result = 0;

	buf_init(&token, 0);
	if (cli->token_file != NULL) {
		result = read_token(cli->token_file, &token, e);
		if (result == 0)
			list = curl_slist_append(list, buf_text(&token));
	}
	buf_done(&token);
	*ret_list = list;
	return result;
}

static void set_options(CURL *curl, const struct cli *cli, const char *method, const char *url,
			struct curl_slist *headers, struct buf *reply)
{
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, TIMEOUT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply);
	if (cli->ca != NULL)
		curl_easy_setopt(curl, CURLOPT_CAINFO, cli->ca);
	if (cli->cert != NULL)
		curl_easy_setopt(curl, CURLOPT_SSLCERT, cli->cert);
	if (cli->key != NULL)
		curl_easy_setopt(curl, CURLOPT_SSLKEY, cli->key);
}

static int perform(CURL *curl, const struct cli *cli, struct cli_http_answer *answer,
		   const struct buf *reply, struct error *e)
{
	CURLcode code = curl_easy_perform(curl);

	if (code != CURLE_OK)
		return error_set(e, "%s: %s", cli->server, curl_easy_strerror(code));
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
	answer->body = json_loadb(buf_text(reply), reply->length, 0, NULL);
	return 0;
}

int cli_http_request(const struct cli *cli, const char *method, const char *path,
		     const json_t *body, struct cli_http_answer *answer, struct error *e)
{
	char *text = body == NULL ? NULL : json_dumps(body, JSON_COMPACT);
	struct curl_slist *headers = NULL;
	CURL *curl = curl_easy_init();
	struct buf url, reply;
	int result = -1;

	*answer = (struct cli_http_answer){ 0 };
	buf_init(&url, 0);
	buf_init(&reply, ANSWER_BYTES_MAX);
	buf_add(&url, cli->server, strcspn(cli->server, " "));
	while (url.length != 0 && buf_text(&url)[url.length - 1] == '/')
		url.length--;
	buf_printf(&url, BASE_PATH "%s%s", path, cli->dry_run ? "?dryRun=true" : "");
	if (curl == NULL) {
		error_set(e, "libcurl does not start");
	} else if (make_headers(cli, &headers, e) == 0) {
		set_options(curl, cli, method, buf_text(&url), headers, &reply);
		if (text != NULL)
			curl_easy_setopt(curl, CURLOPT_POSTFIELDS, text);
		result = perform(curl, cli, answer, &reply, e);
	}
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	buf_done(&url);
	buf_done(&reply);
	free(text);
	return result;
}

void cli_http_answer_done(struct cli_http_answer *answer)
{
	json_decref(answer->body);
	answer->body = NULL;
}

int cli_http_fail(const char *what, const struct cli_http_answer *answer)
{
	const json_t *error = json_object_get(answer->body, "error");
	const char *message = json_string_value(json_object_get(error, "message"));
	json_t *detail;
	size_t index;

	cli_fail("%s: %s (%ld %s)", what, message != NULL ? message : "no reason was given",
		 answer->status,
		 error != NULL ? json_string_value(json_object_get(error, "code")) : "");
	if (json_array_size(json_object_get(error, "details")) < 2)
		return CLI_FAILED;
	json_array_foreach(json_object_get(error, "details"), index, detail)
	{
		fprintf(stderr, "  %s: %s\n", json_string_value(json_object_get(detail, "target")),
			json_string_value(json_object_get(detail, "message")));
	}
	return CLI_FAILED;
}

json_t *cli_http_get(const struct cli *cli, const char *path)
{
	struct cli_http_answer answer;
	struct error error;
	json_t *body = NULL;

	if (cli_http_request(cli, "GET", path, NULL, &answer, &error) < 0) {
		cli_fail_error(&error);
		return NULL;
	}
	if (answer.status == 200 && answer.body != NULL)
		body = json_incref(answer.body);
	else
		cli_http_fail(path + 1, &answer);
	cli_http_answer_done(&answer);
	return body;
}
