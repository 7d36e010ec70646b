/*
 * agent: what the parts of helio-agent share.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The program is a ring of drivers around the brain (host/): the node channel brings objects, the
 * FPM server brings routes, the kernel part observes and does; the relay, the sockets, the witness
 * and heliod's control client serve others from what the brain knows.
 */
#ifndef AGENT_AGENT_H
#define AGENT_AGENT_H

#include <jansson.h>

#include "agent/config.h"
#include "agent/kernel.h"
#include "agent/log.h"
#include "host/host.h"
#include "os/loop.h"

struct channel;
struct control;
struct fpm_server;
struct heliod;
struct relay;
struct sockets;
struct witness;

struct agent {
	struct config config;
	struct loop *loop;
	struct host *host;
	struct kernel *kernel;
	struct channel *channel;
	struct control *control;
	struct fpm_server *fpm;
	struct heliod *heliod;
	struct relay *relay;
	struct sockets *sockets;
	struct witness *witness;
	uint64_t epochs_saved; /* host_epochs_version of the file */
	char boot[40];	       /* drawn at random: tells one life of the agent from another */
};

/* --- channel.c: the node channel to the controller --- */
struct channel *channel_new(struct agent *agent, struct error *e);
void channel_free(struct channel *channel);
bool channel_is_connected(const struct channel *channel);

/* --- epochs.c: the epochs seen, in a file that outlives the process --- */
int epochs_load(struct agent *agent, struct error *e) MUST_CHECK;
/* Writes the file when an epoch rose since. */
int epochs_save(struct agent *agent, struct error *e) MUST_CHECK;

/* --- report.c: what is told to the controller --- */
/* The status document; the caller's. `observed`: with what changes all the time (counters). */
json_t *report_status(struct agent *agent, bool observed);
json_t *report_lease(struct agent *agent);

/* --- fpm_server.c: heliod's routes --- */
struct fpm_server *fpm_server_new(struct agent *agent, struct error *e);
void fpm_server_free(struct fpm_server *server);
/* The snapshot is complete: heliod is let in from now on. */
void fpm_server_open(struct fpm_server *server);

/* --- heliod.c: the client of heliod's control socket --- */
struct heliod *heliod_new(struct agent *agent);
void heliod_free(struct heliod *heliod);
/* The objects changed: instances are put and deleted as needed. */
void heliod_wake(struct heliod *heliod);
bool heliod_is_alive(const struct heliod *heliod);
/* The neighbors that it told last, borrowed; NULL: none yet. */
json_t *heliod_neighbors(const struct heliod *heliod);

/* --- sockets.c: sockets made in compartments, handed to heliod --- */
struct sockets *sockets_new(struct agent *agent);
void sockets_free(struct sockets *sockets);

/* --- relay.c: heliod's BMP feed to the controller --- */
struct relay *relay_new(struct agent *agent, struct error *e);
void relay_free(struct relay *relay);

/* --- witness.c: who else is alive --- */
struct witness *witness_new(struct agent *agent);
void witness_free(struct witness *witness);
/* {"gw2": {"reachable": true, "heliod": true}}; the caller's. */
json_t *witness_report(const struct witness *witness);

/* --- control.c: the agent's own control socket --- */
struct control *control_new(struct agent *agent, struct error *e);
void control_free(struct control *control);

#endif
