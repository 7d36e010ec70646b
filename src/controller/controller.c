/*
 * controller: the network controller's rim: store, API, orchestrator and HTTP wired to one loop.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "controller/controller.h"

#include <time.h>

#include "base/mem.h"
#include "controller/log.h"

#define ORCHESTRATOR_PREFIX "orchestrator/"
#define SEAL_CHECK_KEY "meta/seal-check"
#define SEAL_CHECK_TEXT "helio-controller"
#define RETRY_MS 1000
#define FEED_BYTES_MAX (8u << 20)

/* What api/ may not do itself. */

static void op_guid(void *context UNUSED, char text[static API_GUID_MAX])
{
	random_guid(text);
}

static char *op_seal(void *context, const char *place, const char *secret)
{
	struct controller *c = context;

	return seal_close(&c->key, place, secret, strlen(secret));
}

static char *op_unseal(void *context, const char *place, const char *sealed, struct error *e)
{
	struct controller *c = context;
	size_t bytes;

	return seal_open(&c->key, place, sealed, &bytes, e);
}

static void op_wipe(void *context UNUSED, char *secret)
{
	seal_wipe(secret, strlen(secret));
}

static void op_private_key(void *context UNUSED, char text[static API_KEY_MAX])
{
	random_x25519_private(text);
}

static int op_public_key(void *context UNUSED, const char *private_key,
			 char text[static API_KEY_MAX])
{
	return random_x25519_public(private_key, text);
}

static int op_check(void *context, const struct intent *intent, struct error *e)
{
	struct controller *c = context;

	return orchestrator_check(c->orchestrator, intent, e);
}

static json_t *op_view(void *context, const char *ref)
{
	struct controller *c = context;

	json_t *view = orchestrator_view(c->orchestrator, ref, loop_now(c->loop));

	state_times_stamp(&c->state_times, ref, json_object_get(view, "configurationState"),
			  time(NULL));
	return view;
}

static json_t *op_generated_router(void *context, const char *tenant)
{
	struct controller *c = context;

	return orchestrator_generated_router(c->orchestrator, tenant);
}

static int op_move(void *context, const char *tenant, const char *connection, const char *gateway,
		   struct error *e)
{
	struct controller *c = context;
	int result = orchestrator_move(c->orchestrator, tenant, connection, gateway, e,
				       loop_now(c->loop));

	if (result == 0)
		result = controller_settle(c, e);
	return result;
}

/* The resource first: what the orchestrator makes of it can be made again, the resource cannot. */
static int op_commit(void *context, const char *key, const json_t *value, struct intent *intent,
		     struct error *e)
{
	struct controller *c = context;
	char *text = value == NULL ? NULL : json_dumps(value, JSON_COMPACT);
	struct store_op op = { .kind = text != NULL ? STORE_PUT : STORE_DELETE,
			       .key = key,
			       .value = text,
			       .value_bytes = text != NULL ? strlen(text) : 0 };
	struct store_txn txn = { .ops = &op, .op_count = 1 };
	struct store_result result;
	struct error late;
	int status = store_commit(c->store, &txn, &result, e);

	free(text);
	if (status < 0)
		return -1;
	orchestrator_set_intent(c->orchestrator, intent, loop_now(c->loop));
	if (controller_settle(c, &late) < 0)
		log_event(LOG_ERR, NULL, NULL, "placements are not stored yet: %s", late.text);
	return 0;
}

static const struct api_ops api_ops = {
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

/* What the orchestrator asks of us. */

static void op_persist(void *context, const char *key, const json_t *value)
{
	struct controller *c = context;

	keeper_add(&c->keeper, key, value);
}

static void op_stream_ready(void *context UNUSED, struct node_stream *stream)
{
	controller_stream_ready(stream);
}

static void op_log(void *context UNUSED, int level, const char *tenant, const char *node,
		   const char *text)
{
	log_event(level, tenant, node, "%s", text);
}

static const struct orchestrator_ops orchestrator_ops = {
	.persist = op_persist,
	.stream_ready = op_stream_ready,
	.log = op_log,
};

static void arm(struct controller *c)
{
	loop_timer_set(c->loop, &c->tick, orchestrator_deadline(c->orchestrator));
}

int controller_settle(struct controller *c, struct error *e)
{
	bool waiting = c->keeper.count != 0;

	if (waiting && keeper_commit(&c->keeper, c->store, e) < 0) {
		log_event(LOG_ERR, NULL, NULL, "%s", e->text);
		loop_timer_set(c->loop, &c->tick,
			       instant_add(loop_now(c->loop), duration_ms(RETRY_MS)));
		return -1;
	}
	arm(c);
	return 0;
}

static void on_tick(struct loop_timer *timer UNUSED, void *arg)
{
	struct controller *c = arg;
	bool held = c->keeper.count != 0;
	struct error error;

	orchestrator_tick(c->orchestrator, loop_now(c->loop));
	if (controller_settle(c, &error) == 0 && held)
		controller_wake_streams(c);
}

/* Start. */

struct loading {
	struct controller *controller;
	struct error *error;
	bool orchestrator;
	bool failed;
};

static void load_entry(void *context, const struct store_entry *entry)
{
	struct loading *loading = context;
	json_error_t where;
	json_t *value;
	int result;

	if (loading->failed)
		return;
	value = json_loadb(entry->value, entry->value_bytes, 0, &where);
	if (value == NULL)
		result = error_set(loading->error, "%s: %s", entry->key, where.text);
	else if (loading->orchestrator)
		result = orchestrator_load(loading->controller->orchestrator, entry->key, value,
					   loading->error);
	else
		result = api_load(loading->controller->api, entry->key, value, loading->error);
	json_decref(value);
	loading->failed = result < 0;
}

static int load_all(struct controller *c, struct error *e)
{
	struct loading resources = { .controller = c, .error = e };
	struct loading kept = { .controller = c, .error = e, .orchestrator = true };
	struct intent *intent;

	if (store_range(c->store, API_KEY_PREFIX, load_entry, &resources, e) < 0 ||
	    resources.failed ||
	    store_range(c->store, ORCHESTRATOR_PREFIX, load_entry, &kept, e) < 0 || kept.failed)
		return -1;
	intent = api_intent(c->api, e);
	if (intent == NULL)
		return -1;
	orchestrator_set_intent(c->orchestrator, intent, loop_now(c->loop));
	return controller_settle(c, e);
}

struct seal_check {
	char *sealed;
};

static void take_seal_check(void *context, const struct store_entry *entry)
{
	struct seal_check *check = context;

	check->sealed = mem_zalloc(entry->value_bytes + 1);
	memcpy(check->sealed, entry->value, entry->value_bytes);
}

static int write_seal_check(struct controller *c, struct error *e)
{
	char *sealed =
		seal_close(&c->key, SEAL_CHECK_KEY, SEAL_CHECK_TEXT, strlen(SEAL_CHECK_TEXT));
	struct store_op op = { .kind = STORE_PUT,
			       .key = SEAL_CHECK_KEY,
			       .value = sealed,
			       .value_bytes = strlen(sealed) };
	struct store_txn txn = { .ops = &op, .op_count = 1 };
	struct store_result result;
	int status = store_commit(c->store, &txn, &result, e);

	mem_free(sealed);
	return status;
}

/* The key file must be the one that this store's secrets were sealed with; for a new store a new
 * one is made. */
static int open_key(struct controller *c, struct error *e)
{
	struct seal_check check = { 0 };
	bool found, missing;
	size_t bytes;
	char *text;

	if (store_get(c->store, SEAL_CHECK_KEY, take_seal_check, &check, &found, e) < 0 ||
	    seal_key_load(&c->key, c->config.secrets_key, &missing, e) < 0) {
		mem_free(check.sealed);
		return -1;
	}
	if (!found) {
		if (missing && seal_key_create(&c->key, c->config.secrets_key, e) < 0)
			return -1;
		return write_seal_check(c, e);
	}
	if (missing) {
		mem_free(check.sealed);
		return error_set(e,
				 "%s: is not there, and the store %s was sealed with it: bring "
				 "it back",
				 c->config.secrets_key, c->config.store);
	}
	text = seal_open(&c->key, SEAL_CHECK_KEY, check.sealed, &bytes, e);
	mem_free(check.sealed);
	if (text == NULL)
		return error_set(e, "%s: is not the key that the store %s was sealed with",
				 c->config.secrets_key, c->config.store);
	mem_free(text);
	return 0;
}

static int load_certificates(struct certificate_set *set, const struct config_tls *tls,
			     struct error *e)
{
	struct certificate_files files = { .ca = tls->ca,
					   .certificate = tls->certificate,
					   .key = tls->key };

	if (tls->certificate == NULL)
		return 0;
	return certificate_set_load(set, &files, e, time(NULL));
}

static int listen_on(struct controller *c, struct port *port, const struct config_listen *listen,
		     const struct certificate_set *certificates, httpd_handler_fn *handler,
		     const char *name, struct error *e)
{
	struct httpd_config config = { .address = listen->address,
				       .port = listen->port,
				       .ca_pem = certificates->ca_pem,
				       .certificate_pem = certificates->certificate_pem,
				       .key_pem = certificates->key_pem,
				       .body_bytes_max = FEED_BYTES_MAX,
				       .handler = handler,
				       .context = c };
	char text[IP_TEXT_MAX];

	if (listen->address.family == IP_NONE)
		return 0;
	if (port_open(port, c->loop, &config, e) < 0)
		return error_prefix(e, "%s", name);
	log_event(LOG_NOTICE, NULL, NULL, "%s: listening on %s port %u%s", name,
		  ip_addr_format(&listen->address, text), httpd_port(port->httpd),
		  certificates->certificate_pem != NULL ? " with TLS" : "");
	return 0;
}

static void new_orchestrator(struct controller *c)
{
	struct orchestrator_config config = { .lease = duration_ms(c->config.lease_ms),
					      .generation = c->generation,
					      .default_as = c->config.default_as };

	random_guid(c->generation);
	random_bytes(&config.seed, sizeof(config.seed));
	state_times_init(&c->state_times, config.seed);
	c->orchestrator = orchestrator_new(&config, &orchestrator_ops, c, loop_now(c->loop));
}

int controller_start(struct controller *c, struct controller_config *config, struct loop *loop,
		     struct error *e)
{
	*c = (struct controller){ .config = *config, .loop = loop };
	*config = (struct controller_config){ 0 };
	list_init(&c->streams);
	loop_timer_init(&c->tick, on_tick, c);
	c->store = store_sqlite_open(c->config.store, e);
	if (c->store == NULL || open_key(c, e) < 0)
		return -1;
	if (c->config.tokens != NULL && token_list_load(&c->tokens, c->config.tokens, e) < 0)
		return -1;
	c->api = api_new(&api_ops, c);
	new_orchestrator(c);
	if (load_all(c, e) < 0 ||
	    load_certificates(&c->northbound_certificates, &c->config.northbound.tls, e) < 0 ||
	    load_certificates(&c->southbound_certificates, &c->config.southbound.tls, e) < 0 ||
	    listen_on(c, &c->northbound, &c->config.northbound, &c->northbound_certificates,
		      controller_northbound, "northbound", e) < 0 ||
	    listen_on(c, &c->southbound, &c->config.southbound, &c->southbound_certificates,
		      controller_southbound, "southbound", e) < 0)
		return -1;
	return 0;
}

void controller_stop(struct controller *c)
{
	struct error error;

	port_close(&c->northbound);
	port_close(&c->southbound);
	if (c->store != NULL && keeper_commit(&c->keeper, c->store, &error) < 0)
		log_event(LOG_ERR, NULL, NULL, "%s", error.text);
	if (c->loop != NULL)
		loop_timer_clear(c->loop, &c->tick);
	orchestrator_free(c->orchestrator);
	api_free(c->api);
	store_free(c->store);
	keeper_done(&c->keeper);
	state_times_done(&c->state_times);
	token_list_done(&c->tokens);
	certificate_set_done(&c->northbound_certificates);
	certificate_set_done(&c->southbound_certificates);
	seal_key_done(&c->key);
	config_done(&c->config);
}
