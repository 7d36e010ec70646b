/*
 * witness: whether other gateways, and their heliod, are alive.
 * SPDX-License-Identifier: Apache-2.0
 *
 * docs/INTERFACES.md section 7, "Probes". Each node answers datagrams on UDP port 6090 of its
 * provider address, and asks those of its `witness` list twice a second. This is the second opinion
 * without which the controller calls nobody dead.
 */
#include "agent/agent.h"

#include <arpa/inet.h>
#include <errno.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/reader.h"
#include "base/writer.h"

#define WITNESS_PORT 6090
#define WITNESS_PROBE_MS 500
#define WITNESS_FRESH_MS 1500
#define WITNESS_BYTES 16
#define WITNESS_ASK 0x48574131u	   /* "HWA1" */
#define WITNESS_ANSWER 0x48575231u /* "HWR1" */

struct witness_peer {
	char name[OBJECT_NAME_MAX];
	struct ip_addr address;
	instant_t answered; /* 0: never */
	bool heliod;
};

struct witness {
	struct agent *agent;
	int fd;
	struct ip_addr bound;
	struct loop_fd watch;
	struct loop_timer timer;
	struct witness_peer peers[OBJECT_WITNESSES_MAX];
	size_t peer_count;
	uint64_t nonce;
};

static struct sockaddr_in witness_sockaddr(const struct ip_addr *addr)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(WITNESS_PORT) };

	memcpy(&to.sin_addr, addr->bytes, 4);
	return to;
}

static void witness_send(struct witness *witness, const struct sockaddr_in *to, uint32_t kind,
			 uint64_t nonce)
{
	bool alive = witness->agent->heliod != NULL && heliod_is_alive(witness->agent->heliod);
	uint8_t bytes[WITNESS_BYTES];
	struct writer w = writer_of(bytes, sizeof(bytes));

	writer_u32(&w, kind);
	writer_u64(&w, nonce);
	writer_u32(&w, alive);
	/* One that is lost, or cannot be sent, counts as not answered. */
	(void)!sendto(witness->fd, bytes, sizeof(bytes), MSG_DONTWAIT, (const struct sockaddr *)to,
		      sizeof(*to));
}

static void witness_answered(struct witness *witness, const struct sockaddr_in *from, bool heliod)
{
	for (size_t i = 0; i < witness->peer_count; i++) {
		if (memcmp(&from->sin_addr, witness->peers[i].address.bytes, 4) != 0)
			continue;
		witness->peers[i].answered = loop_now(witness->agent->loop);
		witness->peers[i].heliod = heliod;
	}
}

static void on_witness(struct loop_fd *watch, uint32_t events UNUSED, void *arg)
{
	struct witness *witness = arg;
	struct sockaddr_in from;
	socklen_t length = sizeof(from);
	uint8_t bytes[WITNESS_BYTES];
	ssize_t count;

	while ((count = recvfrom(watch->fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_TRUNC,
				 (struct sockaddr *)&from, &length)) >= 0) {
		struct reader r = reader_of(bytes, MIN((size_t)count, sizeof(bytes)));
		uint32_t kind = reader_u32(&r);
		uint64_t nonce = reader_u64(&r);
		uint32_t heliod = reader_u32(&r);

		length = sizeof(from);
		if (r.failed || count != WITNESS_BYTES)
			continue;
		if (kind == WITNESS_ASK)
			witness_send(witness, &from, WITNESS_ANSWER, nonce);
		else if (kind == WITNESS_ANSWER && witness->nonce - nonce < 3)
			witness_answered(witness, &from, heliod != 0);
	}
}

/* Takes the list over; peers that stay keep what is known of them. */
static void witness_take_list(struct witness *witness, const struct object_node *self)
{
	struct witness_peer old[OBJECT_WITNESSES_MAX];
	size_t old_count = witness->peer_count;

	memcpy(old, witness->peers, sizeof(old));
	witness->peer_count = self->witness_count;
	for (size_t i = 0; i < self->witness_count; i++) {
		struct witness_peer *peer = &witness->peers[i];

		*peer = (struct witness_peer){ .address = self->witnesses[i].address };
		memcpy(peer->name, self->witnesses[i].name, sizeof(peer->name));
		for (size_t j = 0; j < old_count; j++) {
			if (strcmp(old[j].name, peer->name) == 0 &&
			    ip_addr_equal(&old[j].address, &peer->address))
				*peer = old[j];
		}
	}
}

static void witness_bind(struct witness *witness, const struct ip_addr *addr)
{
	struct sockaddr_in local = witness_sockaddr(addr);

	if (witness->fd >= 0) {
		loop_fd_remove(&witness->watch);
		close(witness->fd);
	}
	witness->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (witness->fd >= 0 && bind(witness->fd, (struct sockaddr *)&local, sizeof(local)) == 0 &&
	    loop_fd_add(witness->agent->loop, &witness->watch, witness->fd, EPOLLIN, on_witness,
			witness) == 0) {
		witness->bound = *addr;
		return;
	}
	log_event(LOG_LEVEL_WARNING, NULL, "witness: UDP port %d: %s", WITNESS_PORT,
		  strerror(errno));
	if (witness->fd >= 0)
		close(witness->fd);
	witness->fd = -1;
}

static void on_probe(struct loop_timer *timer, void *arg)
{
	struct witness *witness = arg;
	struct loop *loop = witness->agent->loop;
	const struct object_node *self = host_self(witness->agent->host);

	loop_timer_set(loop, timer, instant_add(loop_now(loop), duration_ms(WITNESS_PROBE_MS)));
	if (self == NULL || self->provider_address.family != IP_V4)
		return;
	if (witness->fd < 0 || !ip_addr_equal(&witness->bound, &self->provider_address))
		witness_bind(witness, &self->provider_address);
	if (witness->fd < 0)
		return;
	witness_take_list(witness, self);
	witness->nonce++;
	for (size_t i = 0; i < witness->peer_count; i++) {
		struct sockaddr_in to = witness_sockaddr(&witness->peers[i].address);

		witness_send(witness, &to, WITNESS_ASK, witness->nonce);
	}
}

json_t *witness_report(const struct witness *witness)
{
	json_t *report = json_object();

	for (size_t i = 0; i < witness->peer_count; i++) {
		const struct witness_peer *peer = &witness->peers[i];
		instant_t stale = instant_add(peer->answered, duration_ms(WITNESS_FRESH_MS));
		bool fresh = peer->answered.ns != 0 &&
			     !instant_due(stale, loop_now(witness->agent->loop));

		json_object_set_new(report, peer->name,
				    json_pack("{s:b, s:b}", "reachable", fresh, "heliod",
					      fresh && peer->heliod));
	}
	return report;
}

struct witness *witness_new(struct agent *agent)
{
	struct witness *witness = mem_zalloc(sizeof(*witness));

	witness->agent = agent;
	witness->fd = -1;
	loop_fd_init(&witness->watch);
	loop_timer_init(&witness->timer, on_probe, witness);
	loop_timer_set(agent->loop, &witness->timer, loop_now(agent->loop));
	return witness;
}

void witness_free(struct witness *witness)
{
	if (witness == NULL)
		return;
	loop_fd_remove(&witness->watch);
	loop_timer_clear(witness->agent->loop, &witness->timer);
	if (witness->fd >= 0)
		close(witness->fd);
	mem_free(witness);
}
