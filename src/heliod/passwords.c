/*
 * passwords: the TCP-MD5 passwords that a listening socket has.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "heliod/passwords.h"

#include "base/hash.h"
#include "base/mem.h"
#include "os/tcp.h"

/* One that the kernel has. Of the password only a hash is kept: is it still the same? */
struct key {
	struct hmap_node node;
	struct ip_prefix peers;
	uint64_t password;
	uint64_t round; /* in which it was wanted last */
};

void passwords_init(struct passwords *passwords, int fd, uint64_t seed)
{
	*passwords = (struct passwords){ .fd = fd, .seed = seed };
	hmap_init(&passwords->keys);
}

static void forget(struct passwords *passwords, struct key *key)
{
	hmap_remove(&passwords->keys, &key->node);
	mem_free(key);
}

void passwords_done(struct passwords *passwords)
{
	struct hmap_node *node, *next;

	HMAP_FOR_EACH_SAFE (node, next, &passwords->keys)
		forget(passwords, CONTAINER_OF(node, struct key, node));
	hmap_done(&passwords->keys);
}

static uint64_t hash_of(const struct passwords *passwords, const struct ip_prefix *peers)
{
	return hash_bytes(peers->addr.bytes, sizeof(peers->addr.bytes),
			  passwords->seed ^ peers->length);
}

static struct key *find(const struct passwords *passwords, const struct ip_prefix *peers)
{
	struct hmap_node *node;

	HMAP_FOR_EACH_WITH_HASH (node, hash_of(passwords, peers), &passwords->keys) {
		struct key *key = CONTAINER_OF(node, struct key, node);

		if (ip_prefix_equal(&key->peers, peers))
			return key;
	}
	return NULL;
}

void passwords_begin(struct passwords *passwords)
{
	passwords->round++;
	passwords->failed = 0;
}

static void note_failure(struct passwords *passwords, const struct error *why)
{
	if (passwords->failed++ == 0)
		passwords->first = *why;
}

void passwords_want(struct passwords *passwords, const struct ip_prefix *peers,
		    const char *password)
{
	uint64_t hash = hash_string(password, passwords->seed);
	struct key *key = find(passwords, peers);
	struct error e;

	if (key != NULL && key->password == hash) {
		key->round = passwords->round;
		return;
	}
	if (tcp_set_md5(passwords->fd, peers, password, &e) < 0) {
		note_failure(passwords, &e);
		return;
	}
	if (key == NULL) {
		key = mem_zalloc(sizeof(*key));
		key->peers = *peers;
		hmap_insert(&passwords->keys, &key->node, hash_of(passwords, peers));
	}
	key->password = hash;
	key->round = passwords->round;
}

int passwords_end(struct passwords *passwords, struct error *e)
{
	struct hmap_node *node, *next;
	struct error why;

	HMAP_FOR_EACH_SAFE (node, next, &passwords->keys) {
		struct key *key = CONTAINER_OF(node, struct key, node);

		if (key->round == passwords->round)
			continue;
		if (tcp_set_md5(passwords->fd, &key->peers, NULL, &why) < 0)
			note_failure(passwords, &why);
		forget(passwords, key);
	}
	if (passwords->failed == 0)
		return 0;
	return error_set(e,
			 "%zu passwords could not be set, and their neighbors cannot connect: %s",
			 passwords->failed, passwords->first.text);
}
