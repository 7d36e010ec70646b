/*
 * Fuzz target: requests to the northbound API.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Input: lines "METHOD PATH", each followed by a body up to an octet 0. Whatever they are: no
 * crash, an error has words, what is stored can be loaded again, and what is read can be put back
 * without a change.
 */
#include "fuzz.h"

#include "api/api.h"
#include "base/mem.h"
#include "base/reader.h"

#define REQUESTS_MAX 16

struct world {
	struct api *api;
	unsigned guids;
	struct intent *intent;
	json_t *stored;
};

static void op_guid(void *context, char text[static API_GUID_MAX])
{
	struct world *world = context;

	snprintf(text, API_GUID_MAX, "00000000-0000-4000-8000-%012u", ++world->guids);
}

static char *op_seal(void *context, const char *place, const char *secret)
{
	(void)context;
	(void)place;
	return mem_strdup(secret);
}

static char *op_unseal(void *context, const char *place, const char *sealed, struct error *e)
{
	(void)context;
	(void)place;
	(void)e;
	return mem_strdup(sealed);
}

static void op_wipe(void *context, char *secret)
{
	(void)context;
	memset(secret, 0, strlen(secret));
}

static void op_private_key(void *context, char text[static API_KEY_MAX])
{
	(void)context;
	snprintf(text, API_KEY_MAX, "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=");
}

static int op_public_key(void *context, const char *private_key, char text[static API_KEY_MAX])
{
	(void)context;
	snprintf(text, API_KEY_MAX, "%s", private_key);
	return 0;
}

static int op_check(void *context, const struct intent *intent, struct error *e)
{
	(void)context;
	(void)intent;
	(void)e;
	return 0;
}

static json_t *op_view(void *context, const char *ref)
{
	(void)context;
	(void)ref;
	return NULL;
}

static json_t *op_generated_router(void *context, const char *tenant)
{
	(void)context;
	(void)tenant;
	return NULL;
}

static int op_move(void *context, const char *tenant, const char *connection, const char *gateway,
		   struct error *e)
{
	(void)context;
	(void)tenant;
	(void)connection;
	(void)gateway;
	return error_set(e, "refused");
}

static int op_commit(void *context, const char *key, const json_t *value, struct intent *intent,
		     struct error *e)
{
	struct world *world = context;

	(void)e;
	if (value != NULL)
		json_object_set_new(world->stored, key, json_deep_copy(value));
	else
		json_object_del(world->stored, key);
	intent_free(world->intent);
	world->intent = intent;
	return 0;
}

static const struct api_ops ops = {
	.guid = op_guid,
	.seal = op_seal,
	.unseal = op_unseal,
	.wipe = op_wipe,
	.private_key = op_private_key,
	.public_key = op_public_key,
	.check = op_check,
	.view = op_view,
	.generated_router = op_generated_router,
	.move = op_move,
	.commit = op_commit,
};

static struct api_response ask(struct world *world, const char *method, const char *path,
			       const void *body, size_t bytes)
{
	struct api_request request = { .method = method,
				       .path = path,
				       .content_type = "application/json",
				       .role = API_ROLE_ADMIN,
				       .body = body,
				       .body_bytes = bytes };
	struct api_response response;

	api_handle(world->api, &request, &response);
	MUST_HOLD(response.status >= 200 && response.status < 600 && response.status != 500);
	if (response.status >= 400)
		MUST_HOLD(json_string_length(json_object_get(
				  json_object_get(response.body, "error"), "message")) != 0);
	return response;
}

/* What was made is read, and put back: nothing may change. */
static void put_back(struct world *world, const char *path, const json_t *made)
{
	struct api_response read = ask(world, "GET", path, "", 0), back;
	char *text;

	MUST_HOLD(read.status == 200 && json_equal(read.body, made));
	text = json_dumps(read.body, 0);
	back = ask(world, "PUT", path, text, strlen(text));
	MUST_HOLD(back.status == 200 && json_equal(back.body, made));
	free(text);
	json_decref(read.body);
	json_decref(back.body);
}

static void load_again(const struct world *world)
{
	struct world second = { .stored = json_object() };
	struct intent *intent;
	struct error error;
	const char *key;
	json_t *value;

	second.api = api_new(&ops, &second);
	json_object_foreach(world->stored, key, value)
		MUST_HOLD(api_load(second.api, key, value, &error) == 0);
	intent = api_intent(second.api, &error);
	MUST_HOLD(intent != NULL);
	intent_free(intent);
	api_free(second.api);
	json_decref(second.stored);
}

/* "PUT /servers/x\n{...}\0": false at the end. */
static bool one_request(struct world *world, struct reader *r)
{
	char line[256];
	char *path;
	size_t length = 0, body_bytes = 0;
	const uint8_t *body;
	struct api_response response;

	while (reader_left(r) != 0 && length + 1 < sizeof(line)) {
		line[length] = (char)reader_u8(r);
		if (line[length] == '\n')
			break;
		length++;
	}
	line[length] = '\0';
	path = strchr(line, ' ');
	if (path == NULL)
		return false;
	*path++ = '\0';
	while (body_bytes < reader_left(r) && r->next[body_bytes] != 0)
		body_bytes++;
	body = reader_bytes(r, body_bytes);
	if (reader_left(r) != 0)
		reader_u8(r);
	response = ask(world, line, path, body, body_bytes);
	if (strcmp(line, "PUT") == 0 && response.status < 300)
		put_back(world, path, response.body);
	json_decref(response.body);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world world = { .stored = json_object() };
	struct reader r = reader_of(data, size);

	world.api = api_new(&ops, &world);
	for (int i = 0; i < REQUESTS_MAX && one_request(&world, &r); i++)
		;
	load_again(&world);
	api_free(world.api);
	intent_free(world.intent);
	json_decref(world.stored);
	return 0;
}
