/*
 * config: the agent's configuration file.
 * SPDX-License-Identifier: Apache-2.0
 *
 * docs/INTERFACES.md section 8. YAML; every key is known or refused, with its line. Relative paths
 * of `tls` are those of the file's folder.
 */
#ifndef AGENT_CONFIG_H
#define AGENT_CONFIG_H

#include "base/error.h"

#define CONFIG_TEXT_MAX 256

struct config {
	char node[CONFIG_TEXT_MAX];
	char controller[CONFIG_TEXT_MAX]; /* https://HOST:PORT */
	char tls_ca[CONFIG_TEXT_MAX];
	char tls_certificate[CONFIG_TEXT_MAX];
	char tls_key[CONFIG_TEXT_MAX];
	char provider_interface[CONFIG_TEXT_MAX];
	char external_interface[CONFIG_TEXT_MAX]; /* "": none */
	char state[CONFIG_TEXT_MAX];		  /* folder */
	char run[CONFIG_TEXT_MAX];		  /* folder */
	char heliod_control[CONFIG_TEXT_MAX];	  /* "": there is no heliod here */
	char heliod_sockets[CONFIG_TEXT_MAX];
	char heliod_user[CONFIG_TEXT_MAX]; /* "": root */
	char log_level[CONFIG_TEXT_MAX];
};

/* Reads and checks the file. Returns 0, or -1 with file, line and key in e. */
int config_load(const char *path, struct config *ret_config, struct error *e) MUST_CHECK;

#endif
