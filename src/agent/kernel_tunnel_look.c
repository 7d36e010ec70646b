/*
 * kernel_tunnel_look: what tunnels are and do, read through their drivers.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "agent/kernel_private.h"

#include <time.h>

/* A peer that was heard within this time may have moved: its place is not ours to say. */
#define TUNNEL_ROAMING_SECONDS 180

static struct object_wireguard wireguard_of(const struct tunnel_config *config)
{
	struct object_wireguard wireguard = { .endpoint_address = config->endpoint_address,
					      .endpoint_port = config->endpoint_port,
					      .listen_port = config->listen_port,
					      .keepalive_seconds = config->keepalive_seconds,
					      .mark = config->mark };

	memcpy(wireguard.private_key, config->private_key, sizeof(wireguard.private_key));
	memcpy(wireguard.peer_public_key, config->peer_public_key,
	       sizeof(wireguard.peer_public_key));
	return wireguard;
}

const char *kernel_tunnel_driver(void)
{
	const struct tunnel_driver *driver = tunnel_wireguard(NULL);

	return driver == NULL ? "none" : driver->name;
}

static int tunnel_read(int netns_fd, const char *device, struct tunnel_state *ret_state)
{
	const struct tunnel_driver *driver = tunnel_wireguard(NULL);

	return driver == NULL ? -1 : driver->read(device, netns_fd, ret_state, NULL);
}

/* Where a peer is that was heard lately counts as where it is wanted: it may roam. */
static void tunnel_let_roam(struct kernel *kernel, const char *device, struct tunnel_state *state)
{
	const struct object *object = host_connection_by_device(kernel->host, device);

	if (object == NULL || time(NULL) - state->handshake_seconds > TUNNEL_ROAMING_SECONDS)
		return;
	state->config.endpoint_address = object->connection.wireguard.endpoint_address;
	state->config.endpoint_port = object->connection.wireguard.endpoint_port;
}

void kernel_tunnel_observe(struct kernel_place *place, const char *device)
{
	struct host *host = place->kernel->host;
	struct item_key key = { .kind = ITEM_TUNNEL,
				.place = place->id,
				.name = host_intern(host, device) };
	struct item_value value = { 0 };
	struct object_wireguard wireguard;
	struct tunnel_state state;

	if (tunnel_read(place->netns_fd, device, &state) == 0 && state.all_addresses) {
		tunnel_let_roam(place->kernel, device, &state);
		wireguard = wireguard_of(&state.config);
		value.hash = object_wireguard_hash(&wireguard);
		explicit_bzero(&wireguard, sizeof(wireguard));
	}
	explicit_bzero(&state, sizeof(state));
	host_observe(host, &key, &value);
}

int kernel_tunnel_state(struct kernel *kernel, const struct object *object,
			struct tunnel_state *ret_state)
{
	uint32_t id = host_tenant_place(kernel->host, host_object_tenant(object));
	const struct kernel_place *place = kernel_place(kernel, id);

	if (id == 0 || place == NULL)
		return -1;
	return tunnel_read(place->netns_fd, object->connection.device, ret_state);
}
