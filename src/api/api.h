/*
 * api: the northbound REST interface: requests in, responses and one change to store out.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The resources and conventions of MS-NCNBI, docs/INTERFACES.md section 11. It keeps every resource
 * as a JSON document (a root resource with its children inline is one document and one key of the
 * store), so that a change is one operation of one transaction: there is no half of it. A request
 * is checked whole against the resources as they would be; only then is it given to ops.commit, and
 * only when that succeeded does it become visible.
 *
 * Pure: HTTP, the store, randomness, cryptography and the orchestrator are behind ops.
 */
#ifndef API_API_H
#define API_API_H

#include <jansson.h>

#include "base/base.h"
#include "base/error.h"
#include "model/intent.h"

/* Of a root's document, so that it fits into one transaction of the store. */
#define API_DOCUMENT_BYTES_MAX ((1u << 20) - 4096u)
#define API_GUID_MAX 37
#define API_KEY_MAX 45 /* 32 octets in base64, with a NUL */
#define API_KEY_PREFIX "resources/"
#define API_ETAG_MAX 48
#define API_LOCATION_MAX 384

struct api;

enum api_role {
	API_ROLE_NONE,
	API_ROLE_READ,	  /* GET */
	API_ROLE_OPERATE, /* and actions: move */
	API_ROLE_ADMIN,	  /* and PUT, DELETE */
};

struct api_ops {
	void (*guid)(void *context, char text[static API_GUID_MAX]);
	/* Sealed text for a secret and its place, and back; mem_free. unseal gives NULL with *e
	 * when it was not sealed here. */
	char *(*seal)(void *context, const char *place, const char *secret);
	char *(*unseal)(void *context, const char *place, const char *sealed, struct error *e);
	void (*wipe)(void *context, char *secret);
	void (*private_key)(void *context, char text[static API_KEY_MAX]);
	int (*public_key)(void *context, const char *private_key, char text[static API_KEY_MAX]);
	/* orchestrator_check, _view, _generated_router, _move */
	int (*check)(void *context, const struct intent *intent, struct error *e);
	json_t *(*view)(void *context, const char *resource_ref);
	json_t *(*generated_router)(void *context, const char *tenant);
	int (*move)(void *context, const char *tenant, const char *connection, const char *gateway,
		    struct error *e);
	/* Makes one change durable (value NULL deletes) and takes the intent that follows from it.
	 * -1: nothing is changed and the intent is still the caller's. */
	int (*commit)(void *context, const char *key, const json_t *value, struct intent *intent,
		      struct error *e);
};

struct api_request {
	const char *method;
	const char *path;	  /* decoded, without the query */
	const char *content_type; /* NULL: none; and so the next two */
	const char *if_match;
	const char *if_none_match;
	bool dry_run; /* check only */
	enum api_role role;
	const void *body;
	size_t body_bytes;
};

struct api_response {
	unsigned status;
	json_t *body;			 /* a reference for the caller; NULL: none */
	char etag[API_ETAG_MAX];	 /* "": none */
	char location[API_LOCATION_MAX]; /* path of the resource that was made; "" */
	char allow[32];			 /* with 405 */
	bool deleted;
};

struct api *api_new(const struct api_ops *ops, void *context);
void api_free(struct api *api);
/* A document as ops.commit gave it, at the start. */
int api_load(struct api *api, const char *key, const json_t *value, struct error *e) MUST_CHECK;
/* What the resources come to; the caller's. NULL with *e when a secret cannot be opened. */
struct intent *api_intent(const struct api *api, struct error *e);
/* Answers; never fails. Release response->body with json_decref. */
void api_handle(struct api *api, const struct api_request *request, struct api_response *response);
/* {"error":{"code","message","details":[]}}: a new reference. `details` (stolen) may be NULL. */
json_t *api_error_body(const char *code, const char *message, json_t *details);

#endif
