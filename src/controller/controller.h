/*
 * controller: the network controller's rim: store, API, orchestrator and HTTP wired to one loop.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A northbound change goes api -> store -> orchestrator; a node's post goes to the orchestrator;
 * what the orchestrator wants kept is committed before a node is told of it, or a caller answered.
 * Everything that decides is in api/ and orchestrator/: this folder only moves it.
 */
#ifndef CONTROLLER_CONTROLLER_H
#define CONTROLLER_CONTROLLER_H

#include "api/api.h"
#include "base/instant.h"
#include "base/list.h"
#include "controller/config.h"
#include "controller/keeper.h"
#include "controller/port.h"
#include "controller/state_times.h"
#include "controller/token.h"
#include "orchestrator/orchestrator.h"
#include "os/loop.h"
#include "store/store.h"
#include "tls/certificate.h"
#include "tls/random.h"
#include "tls/seal.h"

#define CONTROLLER_OPERATIONS_MAX 1024u

/* An answered operation, for those who ask after it. */
struct controller_operation {
	char id[RANDOM_GUID_TEXT_MAX];
};

struct controller {
	struct controller_config config;
	struct loop *loop;
	struct store *store;
	struct seal_key key;
	struct token_list tokens;
	struct keeper keeper;
	struct state_times state_times;
	struct api *api;
	struct orchestrator *orchestrator;
	struct port northbound;
	struct port southbound;
	struct certificate_set northbound_certificates;
	struct certificate_set southbound_certificates;
	struct loop_timer tick;
	struct list streams; /* of southbound.c */
	char generation[RANDOM_GUID_TEXT_MAX];
	struct controller_operation operations[CONTROLLER_OPERATIONS_MAX]; /* a ring */
	size_t operation_next;
};

/* Opens the store, loads what is in it, listens. Takes the config. */
int controller_start(struct controller *c, struct controller_config *config, struct loop *loop,
		     struct error *e) MUST_CHECK;
/* Takes a zeroed and a half-started one. */
void controller_stop(struct controller *c);
/* After every call into the orchestrator: what it wants kept is stored, then streams go on and its
 * next deadline is taken. -1 when the store failed: do not say that it is done. */
int controller_settle(struct controller *c, struct error *e);

/* northbound.c, southbound.c: handlers of the two ports. */
httpd_handler_fn controller_northbound;
httpd_handler_fn controller_southbound;
/* The stream of a node has lines. */
void controller_stream_ready(struct node_stream *stream);
/* Wakes the streams that could not go on before the store had everything. */
void controller_wake_streams(struct controller *c);

/* Answers with a JSON body (stolen; NULL: none). */
void controller_answer(struct httpd_request *request, unsigned status,
		       const struct httpd_header *headers, size_t header_count, json_t *body);

#endif
