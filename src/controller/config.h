/*
 * config: helio-controller's configuration file.
 * SPDX-License-Identifier: Apache-2.0
 *
 * docs/INTERFACES.md section 9. Relative paths are taken from the directory of the file.
 */
#ifndef CONTROLLER_CONFIG_H
#define CONTROLLER_CONFIG_H

#include "base/base.h"
#include "base/error.h"
#include "base/ip.h"

struct config_tls {
	char *ca;
	char *certificate; /* NULL: no TLS */
	char *key;
};

struct config_listen {
	struct ip_addr address; /* IP_NONE: not listening */
	uint16_t port;
	struct config_tls tls;
};

struct controller_config {
	char *store;
	char *tokens; /* NULL: none */
	char *secrets_key;
	struct config_listen northbound;
	struct config_listen southbound;
	uint32_t lease_ms;
	asn_t default_as;
	uint8_t log_level;
};

/* Reads and checks the file. Release with config_done. */
int config_load(struct controller_config *config, const char *path, struct error *e) MUST_CHECK;
void config_done(struct controller_config *config);
/* The whole file; the caller frees it with mem_free. NULL with *e. */
char *config_read_file(const char *path, size_t *ret_bytes, struct error *e);

#endif
