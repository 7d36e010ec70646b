/*
 * port: an HTTP server in the event loop.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "controller/port.h"

#include <errno.h>

static void run(struct port *port)
{
	int timeout_ms;

	httpd_run(port->httpd);
	timeout_ms = httpd_timeout_ms(port->httpd);
	if (timeout_ms < 0)
		loop_timer_clear(port->loop, &port->timer);
	else
		loop_timer_set(port->loop, &port->timer,
			       instant_add(loop_clock(port->loop), duration_ms(timeout_ms)));
}

static void on_readable(struct loop_fd *watch UNUSED, uint32_t events UNUSED, void *arg)
{
	run(arg);
}

static void on_timer(struct loop_timer *timer UNUSED, void *arg)
{
	run(arg);
}

static void on_soon(struct loop_defer *defer UNUSED, void *arg)
{
	run(arg);
}

static void run_wanted(void *context)
{
	struct port *port = context;

	loop_defer_add(port->loop, &port->soon);
}

int port_open(struct port *port, struct loop *loop, struct httpd_config *config, struct error *e)
{
	port->loop = loop;
	loop_fd_init(&port->watch);
	loop_timer_init(&port->timer, on_timer, port);
	loop_defer_init(&port->soon, on_soon, port);
	config->run_wanted = run_wanted;
	config->run_context = port;
	port->httpd = httpd_new(config, e);
	if (port->httpd == NULL)
		return -1;
	if (loop_fd_add(loop, &port->watch, httpd_fd(port->httpd), EPOLLIN, on_readable, port) <
	    0) {
		error_set(e, "epoll: %s", strerror(errno));
		httpd_free(port->httpd);
		port->httpd = NULL;
		return -1;
	}
	return 0;
}

void port_close(struct port *port)
{
	if (port->httpd == NULL)
		return;
	loop_fd_remove(&port->watch);
	loop_timer_clear(port->loop, &port->timer);
	httpd_free(port->httpd);
	loop_defer_remove(&port->soon);
	port->httpd = NULL;
}
