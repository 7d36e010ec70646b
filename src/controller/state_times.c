/*
 * state_times: since when a resource's configurationState is what it is.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "controller/state_times.h"

#include <time.h>

#include "base/hash.h"
#include "base/mem.h"

struct entry {
	struct hmap_node node;
	uint64_t state; /* a hash: status and details */
	int64_t since;
	char ref[];
};

void state_times_init(struct state_times *times, uint64_t seed)
{
	hmap_init(&times->by_ref);
	times->seed = seed;
}

static void forget_all(struct state_times *times)
{
	struct hmap_node *node, *next;

	HMAP_FOR_EACH_SAFE (node, next, &times->by_ref) {
		hmap_remove(&times->by_ref, node);
		mem_free(CONTAINER_OF(node, struct entry, node));
	}
}

void state_times_done(struct state_times *times)
{
	forget_all(times);
	hmap_done(&times->by_ref);
}

static struct entry *find(const struct state_times *times, const char *ref, uint64_t hash)
{
	struct hmap_node *node;

	HMAP_FOR_EACH_WITH_HASH (node, hash, &times->by_ref) {
		struct entry *entry = CONTAINER_OF(node, struct entry, node);

		if (strcmp(entry->ref, ref) == 0)
			return entry;
	}
	return NULL;
}

/* The entry of ref; what is deleted is not told, so all are forgotten before they are too many. */
static struct entry *obtain(struct state_times *times, const char *ref)
{
	uint64_t hash = hash_string(ref, times->seed);
	struct entry *entry = find(times, ref, hash);

	if (entry != NULL)
		return entry;
	if (times->by_ref.count >= STATE_TIMES_MAX)
		forget_all(times);
	entry = mem_zalloc(sizeof(*entry) + strlen(ref) + 1);
	memcpy(entry->ref, ref, strlen(ref) + 1);
	hmap_insert(&times->by_ref, &entry->node, hash);
	return entry;
}

void state_times_stamp(struct state_times *times, const char *ref, json_t *state, int64_t unix_now)
{
	struct entry *entry;
	char *text, stamp[32];
	uint64_t hash;
	time_t since;
	struct tm utc;

	if (!json_is_object(state))
		return;
	text = json_dumps(state, JSON_COMPACT | JSON_SORT_KEYS);
	hash = hash_string(text, times->seed) | 1; /* never that of a new entry */
	free(text);
	entry = obtain(times, ref);
	if (entry->state != hash) {
		entry->state = hash;
		entry->since = unix_now;
	}
	since = (time_t)entry->since;
	gmtime_r(&since, &utc);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &utc);
	json_object_set_new(state, "lastUpdatedTime", json_string(stamp));
}
