/*
 * daemon: heliod as a whole: the speaker, its sockets, and those who ask and listen.
 * SPDX-License-Identifier: Apache-2.0
 *
 * How octets flow: listener or handover -> wire -> speaker -> wire. What operators and the agent
 * ask: control -> methods -> instances and the speaker's answers. What the speaker decided: its
 * feeds -> fpm_sender, bmp_sender -> outlet. All in one thread, on one loop. Here the parts are put
 * together, signals are taken, and the instances are kept as file or control socket want them.
 */
#ifndef HELIOD_DAEMON_H
#define HELIOD_DAEMON_H

#include "heliod/bmp_sender.h"
#include "heliod/control.h"
#include "heliod/fpm_sender.h"
#include "heliod/handover.h"
#include "heliod/listener.h"
#include "heliod/next_hops.h"
#include "heliod/wire.h"
#include "model/heliod_config.h"

struct daemon {
	struct loop *loop;
	struct speaker *speaker;
	struct wire *wire;
	struct next_hops *next_hops;
	struct instances *instances;
	struct heliod_config *config;
	const char *config_path;
	instant_t started;
	size_t descriptors_max;
	struct handover *handover; /* NULL: stand-alone */
	struct listener *listeners[HELIOD_LISTEN_MAX];
	struct control *control;
	struct fpm_sender *fpm; /* NULL: none */
	struct bmp_sender *bmp[HELIOD_BMP_MAX];
	struct loop_timer stopping;
	instant_t stop_deadline;
};

struct instances_change;

/* Runs until SIGTERM or SIGINT. Takes the config. 0, or -1 with *e when it could not start. */
int daemon_run(struct heliod_config *config, const char *config_path, struct error *e) MUST_CHECK;

/* Reads the file again: the instances become those of it, other keys need a new start. A file that
 * is wrong changes nothing. What was done is in the log, and in *ret_change. */
int daemon_reload(struct daemon *daemon, struct instances_change *ret_change,
		  struct error *e) MUST_CHECK;

#endif
