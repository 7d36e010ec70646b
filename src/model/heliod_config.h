/*
 * heliod_config: heliod's configuration file, as plain structs.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The keys are those of docs/INTERFACES.md section 2: where to listen, the sockets to its
 * neighbours on the machine, and the instances. Reading the file's bytes is the program's.
 */
#ifndef MODEL_HELIOD_CONFIG_H
#define MODEL_HELIOD_CONFIG_H

#include "model/instance.h"

#define HELIOD_LISTEN_MAX 64u
#define HELIOD_BMP_MAX 8u
#define HELIOD_INSTANCES_MAX 100000u

struct heliod_listen {
	struct ip_addr address;
	uint16_t port;
};

/* A BMP station: a unix path, or a TCP address. */
struct heliod_bmp {
	char *path; /* NULL: TCP */
	struct ip_addr address;
	uint16_t port;
};

struct heliod_config {
	struct heliod_listen listen[HELIOD_LISTEN_MAX];
	size_t listen_count;
	char *control; /* NULL: none */
	char *sockets; /* NULL: stand-alone */
	char *fpm;     /* NULL: none */
	struct heliod_bmp bmp[HELIOD_BMP_MAX];
	size_t bmp_count;
	char *user;	    /* NULL: stay who we are */
	unsigned log_level; /* as in syslog: 3 error .. 7 debug */
	/* An entry may be set to NULL by who takes it. table_id 0: the file gives none. */
	struct instance_config **instances;
	size_t instance_count;
};

/* Parses the text of the file; every error is "NAME:LINE:COLUMN: path: what". NULL with *e. */
struct heliod_config *heliod_config_parse(const char *text, size_t length, const char *name,
					  struct error *e) MUST_CHECK;
/* The same from a document; errors start with the path. */
struct heliod_config *heliod_config_read(const json_t *document, struct error *e) MUST_CHECK;
void heliod_config_free(struct heliod_config *config);

#endif
