/*
 * caller: whose an incoming connection is, and what becomes of it.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A neighbour may be configured, or come from a range of dynamic ones; a listener may be for one
 * instance or for all.
 */
#include "speaker/parts.h"

/* Whose is a connection from `remote` to our address `local`? `name` NULL: any instance's. */
static struct speaker_peer *find_peer(const struct speaker *s, const char *name,
				      const struct ip_addr *local, const struct ip_addr *remote)
{
	const struct speaker_instance *instance;

	if (name == NULL)
		return speaker_peer_first(s, local, remote);
	instance = speaker_find_instance(s, name);
	return instance == NULL ? NULL : speaker_peer_find(instance, remote);
}

/* Who calls. */
struct caller {
	struct speaker_instance *instance; /* NULL: nobody */
	struct speaker_peer *peer;	   /* NULL: a dynamic neighbour that is not there yet */
	const struct neighbor_config *config;
};

/* A neighbour that is there comes before ranges of dynamic ones, and the longest of these counts,
 * whatever the order of the instances. */
static struct caller find_caller(const struct speaker *s, const char *name,
				 const struct ip_addr *local, const struct ip_addr *remote)
{
	struct speaker_peer *peer = find_peer(s, name, local, remote);
	const struct dynamic_neighbor_config *best = NULL;
	struct caller caller = { 0 };

	if (peer != NULL)
		return (struct caller){ peer->instance, peer, peer->config };
	LIST_FOR_EACH (node, &s->dynamic) {
		struct speaker_instance *instance =
			CONTAINER_OF(node, struct speaker_instance, dynamic_node);
		const struct dynamic_neighbor_config *range;

		if (name != NULL && strcmp(instance->config->name, name) != 0)
			continue;
		range = speaker_instance_range(instance->config, remote);
		if (range == NULL || (best != NULL && range->prefix.length <= best->prefix.length))
			continue;
		best = range;
		caller = (struct caller){ instance, NULL, &range->template };
	}
	return caller;
}

struct speaker_conn *speaker_accept(struct speaker *s, const char *name,
				    const struct ip_addr *local, const struct ip_addr *remote,
				    instant_t now)
{
	struct caller caller = find_caller(s, name, local, remote);
	struct speaker_peer *peer = caller.peer;
	struct speaker_conn *conn;

	if (s->stopping || caller.instance == NULL)
		return NULL;
	if (peer == NULL && caller.config->enabled)
		peer = speaker_peer_new(caller.instance, caller.config, remote, true, now);
	if (peer == NULL)
		return NULL;
	conn = speaker_conn_new(peer, SESSION_INCOMING, local);
	/* The rim learns of conn by our return value: what is sent meanwhile waits. */
	conn->want_write = true;
	peer->arriving = conn;
	if (!session_accept(peer->session, now)) {
		peer->arriving = NULL;
		if (peer->conns[SESSION_INCOMING] == conn)
			peer->conns[SESSION_INCOMING] = NULL;
		speaker_conn_free(conn);
		conn = NULL;
	} else if (peer->arriving != NULL) {
		assert(peer->conns[SESSION_INCOMING] == NULL);
		peer->conns[SESSION_INCOMING] = conn;
		peer->arriving = NULL;
	}
	speaker_peer_touched(peer);
	if (conn != NULL) {
		conn->want_write = false;
		if (conn->control.length != 0)
			speaker_conn_wake(conn);
	}
	speaker_settle(s, now);
	return conn;
}

uint8_t speaker_refusal(const struct speaker *s, const char *name, const struct ip_addr *local,
			const struct ip_addr *remote, char ret_why[static SPEAKER_WHY_TEXT_MAX])
{
	struct caller caller = find_caller(s, name, local, remote);
	uint8_t subcode = BGP_CEASE_REJECTED;
	const char *why, *held = "";

	if (caller.peer != NULL)
		subcode = session_refusal(caller.peer->session);
	if (s->stopping)
		why = "we are about to end";
	else if (caller.instance == NULL)
		why = "no neighbor and no prefix of dynamic-neighbors has its address";
	else if (!caller.config->enabled)
		why = "enabled is false";
	else if (caller.peer == NULL)
		why = "there are too many neighbors";
	else if (subcode == BGP_CEASE_COLLISION)
		why = "its session is established";
	else
		why = session_last_error(caller.peer->session);
	if (caller.peer != NULL && session_is_refusing(caller.peer->session))
		held = "it is held in Idle: ";
	snprintf(ret_why, SPEAKER_WHY_TEXT_MAX, "%s%s", held, why);
	return subcode;
}

void speaker_note_refusal(struct speaker *s, const char *name, const struct ip_addr *local,
			  const struct ip_addr *remote, const char *why)
{
	struct caller caller = find_caller(s, name, local, remote);

	if (caller.peer == NULL) {
		s->ops->log(s->context, 6, name, remote, why);
		return;
	}
	session_note_refusal(caller.peer->session, why);
	speaker_peer_touched(caller.peer);
}

struct speaker_guard speaker_guard(const struct speaker *s, const char *name,
				   const struct ip_addr *local, const struct ip_addr *remote)
{
	struct caller caller = find_caller(s, name, local, remote);

	if (caller.config == NULL)
		return (struct speaker_guard){ 0 };
	return (struct speaker_guard){ speaker_config_ttl_min(caller.config),
				       caller.config->password != NULL };
}
