/*
 * network: see network.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "network.h"

static void host_connect(void *context)
{
	struct host *h = context;
	struct network *n = h->network;
	struct link *l = &n->links[n->link_count++];

	assert(n->link_count < LINKS_MAX);
	*l = (struct link){ .connecting = true, .opened = n->now };
	l->ends[0].host = h;
	l->ends[0].side = SESSION_OUTGOING;
	l->ends[1].side = SESSION_INCOMING;
	buf_init(&l->ends[0].in, 0);
	buf_init(&l->ends[1].in, 0);
	h->connects++;
	h->last_connect = n->now;
}

static struct end *find_end(struct host *h, enum session_side side, struct end **ret_other)
{
	struct network *n = h->network;

	for (size_t i = n->link_count; i-- > 0;)
		for (size_t e = 0; e < 2; e++)
			if (n->links[i].ends[e].host == h && n->links[i].ends[e].side == side) {
				*ret_other = &n->links[i].ends[1 - e];
				return &n->links[i].ends[e];
			}
	return NULL;
}

static void host_close(void *context, enum session_side side)
{
	struct host *h = context;
	struct end *other, *mine = find_end(h, side, &other);

	if (mine == NULL)
		return;
	mine->host = NULL;
	if (other->in.length == 0)
		other->ready = instant_add(h->network->now, h->network->latency);
}

static void host_send(void *context, enum session_side side, const uint8_t *bytes, size_t length)
{
	struct host *h = context;
	struct end *other, *mine = find_end(h, side, &other);

	assert(mine != NULL);
	/* Messages of one moment travel together; a later one waits for nobody's sake too long. */
	if (other->in.length == 0)
		other->ready = instant_add(h->network->now, h->network->latency);
	buf_add(&other->in, bytes, length);
}

static void host_established(void *context, enum session_side side,
			     const struct session_negotiated *negotiated, instant_t now)
{
	struct host *h = context;

	(void)side, (void)now;
	assert(negotiated != NULL);
	h->established++;
}

static void host_down(void *context, enum session_down_reason reason, bool retain, instant_t now)
{
	struct host *h = context;

	(void)now;
	h->downs++;
	h->reason = reason;
	h->retain = retain;
}

static bool host_update(void *context, const uint8_t *body, size_t length, instant_t now,
			struct bgp_notification *ret_error)
{
	struct host *h = context;

	(void)body;
	(void)length;
	(void)now;
	h->updates++;
	if (h->update_fails)
		bgp_notification_set(ret_error, BGP_ERROR_UPDATE, BGP_UPDATE_MALFORMED_LIST, NULL,
				     0);
	return !h->update_fails;
}

static void host_refresh(void *context, enum bgp_family family, uint8_t subtype, instant_t now)
{
	struct host *h = context;

	(void)now;
	h->refreshes++;
	h->refresh_family = family;
	h->refresh_subtype = subtype;
}

static void host_expect(void *context, const uint8_t *body, size_t length)
{
	struct host *h = context;

	(void)body;
	h->expected++;
	h->expected_length = length;
}

static const struct session_ops ops = {
	.connect = host_connect,
	.close = host_close,
	.send = host_send,
	.established = host_established,
	.down = host_down,
	.update = host_update,
	.refresh = host_refresh,
	.expect = host_expect,
};

void network_init(struct network *n)
{
	memset(n, 0, sizeof(*n));
	n->now = (instant_t){ 1000000000000 };
	n->chunk = 4096;
	for (unsigned i = 0; i < 2; i++) {
		struct host *h = &n->hosts[i];

		h->network = n;
		h->index = i;
		h->reachable = true;
		h->config = (struct session_config){ .local_as = { 65000 },
						     .peer_as = { 65000 },
						     .router_id = 0x0a000001 + i,
						     .hold_time_s = 90,
						     .role = BGP_ROLE_NONE,
						     .connect_retry_s = 5,
						     .restart_time_s = 120,
						     .jitter_seed = 7 + i };
		h->config.families[BGP_IPV4_UNICAST] = true;
	}
}

void network_open(struct network *n)
{
	for (unsigned i = 0; i < 2; i++)
		n->hosts[i].session = session_new(&n->hosts[i].config, &ops, &n->hosts[i]);
}

void network_done(struct network *n)
{
	for (unsigned i = 0; i < 2; i++)
		session_free(n->hosts[i].session);
	for (size_t i = 0; i < n->link_count; i++)
		for (size_t e = 0; e < 2; e++)
			buf_done(&n->links[i].ends[e].in);
}

static bool deliver_connect(struct network *n, struct link *l)
{
	struct host *opener = l->ends[0].host, *acceptor;

	if (!l->connecting || n->hold || instant_before(n->now, instant_add(l->opened, n->latency)))
		return false;
	l->connecting = false;
	if (opener == NULL)
		return true;
	acceptor = &n->hosts[1 - opener->index];
	if (!acceptor->reachable || !session_accept(acceptor->session, n->now)) {
		opener->refused += acceptor->reachable;
		l->ends[0].host = NULL;
		session_connect_failed(opener->session, NULL, n->now);
		return true;
	}
	l->ends[1].host = acceptor;
	session_connected(opener->session, n->now);
	return true;
}

static bool deliver_bytes(struct network *n, struct end *end, struct host *from)
{
	uint8_t copy[4096];
	size_t given = MIN(end->in.length, n->chunk), used = 0;
	struct session *session;

	if (end->host == NULL || end->in.length == 0 || instant_before(n->now, end->ready))
		return false;
	/* a longer piece each time until it is a whole message */
	for (; end->host != NULL && given <= end->in.length && given <= sizeof(copy); given++) {
		session = end->host->session;
		memcpy(copy, end->in.data, given);
		used = session_input(session, end->side, copy, given, n->now);
		if (used != 0)
			break;
	}
	assert(used <= given);
	if (used != 0 && from != NULL && !from->stuck)
		session_sent(from->session, false, n->now);
	if (end->host == NULL)
		buf_clear(&end->in);
	else
		buf_consume(&end->in, used);
	return used != 0;
}

static bool deliver_close(struct network *n, struct link *l, size_t e)
{
	struct end *end = &l->ends[e];
	struct host *h = end->host;

	if (l->connecting || l->cut || h == NULL || end->in.length != 0 ||
	    l->ends[1 - e].host != NULL || instant_before(n->now, end->ready))
		return false;
	end->host = NULL;
	session_closed(h->session, end->side, NULL, n->now);
	return true;
}

void network_deliver(struct network *n)
{
	bool more = true;

	for (unsigned rounds = 0; more; rounds++) {
		assert(rounds < 10000);
		more = false;
		for (unsigned i = 0; i < 2; i++)
			if (n->hosts[i].session != NULL &&
			    instant_due(session_deadline(n->hosts[i].session), n->now)) {
				session_tick(n->hosts[i].session, n->now);
				more = true;
			}
		for (size_t i = 0; i < n->link_count; i++) {
			struct link *l = &n->links[i];

			more |= deliver_connect(n, l);
			for (size_t e = 0; e < 2; e++) {
				if (l->cut)
					buf_clear(&l->ends[e].in);
				more |= deliver_bytes(n, &l->ends[e], l->ends[1 - e].host);
				more |= deliver_close(n, l, e);
			}
		}
	}
}

/* When something arrives that is under way. */
static instant_t next_arrival(const struct network *n)
{
	instant_t next = INSTANT_NEVER;

	for (size_t i = 0; i < n->link_count && n->latency.ns != 0; i++) {
		const struct link *l = &n->links[i];

		if (l->connecting)
			next = instant_min(next, instant_add(l->opened, n->latency));
		for (size_t e = 0; e < 2; e++)
			if (!l->connecting && l->ends[e].host != NULL &&
			    instant_before(n->now, l->ends[e].ready))
				next = instant_min(next, l->ends[e].ready);
	}
	return next;
}

void network_run(struct network *n, duration_t d)
{
	instant_t until = instant_add(n->now, d);

	for (;;) {
		instant_t next;

		network_deliver(n);
		next = next_arrival(n);
		for (unsigned i = 0; i < 2; i++)
			if (n->hosts[i].session != NULL)
				next = instant_min(next, session_deadline(n->hosts[i].session));
		if (!instant_before(next, until)) {
			n->now = until;
			network_deliver(n);
			return;
		}
		n->now = next;
	}
}

void network_break(struct network *n)
{
	for (size_t i = 0; i < n->link_count; i++)
		for (size_t e = 0; e < 2; e++) {
			struct end *end = &n->links[i].ends[e];
			struct host *h = end->host;

			n->links[i].connecting = false;
			if (h == NULL)
				continue;
			end->host = NULL;
			session_closed(h->session, end->side, NULL, n->now);
		}
}

struct link *network_link(struct network *n, unsigned host, enum session_side side)
{
	for (size_t i = n->link_count; i-- > 0;)
		for (size_t e = 0; e < 2; e++)
			if (n->links[i].ends[e].host == &n->hosts[host] &&
			    n->links[i].ends[e].side == side)
				return &n->links[i];
	return NULL;
}
