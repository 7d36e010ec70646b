/*
 * port: an HTTP server in the event loop.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONTROLLER_PORT_H
#define CONTROLLER_PORT_H

#include "httpd/httpd.h"
#include "os/loop.h"

struct port {
	struct httpd *httpd; /* NULL: not open */
	struct loop *loop;
	struct loop_fd watch;
	struct loop_timer timer;
	struct loop_defer soon;
};

/* Fills in the config's run_wanted. */
int port_open(struct port *port, struct loop *loop, struct httpd_config *config,
	      struct error *e) MUST_CHECK;
/* Takes a zeroed one. */
void port_close(struct port *port);

#endif
