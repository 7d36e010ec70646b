/*
 * objects: the keyed objects of a node, with revisions.
 * SPDX-License-Identifier: Apache-2.0
 *
 * docs/INTERFACES.md section 7. All objects and tombstones of a node are in one log in order of
 * their revision; a change moves the object to the end. A stream is a place in that log, so that a
 * reader gets the last state of each key once, however slow it is. Tombstones are bounded: a reader
 * who wants to go on from before the oldest gets a full snapshot instead.
 */
#include "orchestrator/state.h"

#define TOMBSTONES_MAX 20000u

static uint64_t key_hash(const struct orchestrator *o, const char *key)
{
	return hash_string(key, o->config.seed);
}

static struct object *find(const struct orchestrator *o, const struct node *node, const char *key)
{
	struct hmap_node *found;

	HMAP_FOR_EACH_WITH_HASH (found, key_hash(o, key), &node->objects) {
		struct object *object = CONTAINER_OF(found, struct object, by_key);

		if (strcmp(object->key, key) == 0)
			return object;
	}
	return NULL;
}

struct object *objects_find(const struct orchestrator *o, const struct node *node, const char *key)
{
	struct object *object = find(o, node, key);

	return object == NULL || object->value == NULL ? NULL : object;
}

void objects_wake(struct orchestrator *o, struct node *node)
{
	LIST_FOR_EACH (entry, &node->streams) {
		struct node_stream *stream = CONTAINER_OF(entry, struct node_stream, in_node);

		if (stream->told)
			continue;
		stream->told = true;
		o->ops.stream_ready(o->context, stream);
	}
}

static void append(struct orchestrator *o, struct node *node, struct object *object)
{
	stream_moved(node, &object->in_log);
	list_remove(&object->in_log);
	object->revision = ++node->revision;
	list_push_back(&node->log, &object->in_log);
	stream_appended(node, &object->in_log);
	objects_wake(o, node);
}

/* Some values hold private keys. */
static void free_value(struct object *object)
{
	if (object->value != NULL)
		explicit_bzero(object->value, strlen(object->value));
	mem_free(object->value);
	object->value = NULL;
}

static struct object *create(struct orchestrator *o, struct node *node, const char *key)
{
	size_t bytes = strlen(key) + 1;
	struct object *object = mem_zalloc(sizeof(*object) + bytes);

	memcpy(object->key, key, bytes);
	list_init(&object->in_log);
	list_init(&object->in_program);
	hmap_insert(&node->objects, &object->by_key, key_hash(o, key));
	return object;
}

struct object *objects_put(struct orchestrator *o, struct node *node, const char *key,
			   uint64_t epoch, const char *value)
{
	struct object *object = find(o, node, key);

	if (object == NULL)
		object = create(o, node, key);
	else if (object->value == NULL)
		node->tombstones--;
	else if (object->epoch == epoch && strcmp(object->value, value) == 0)
		return object;
	free_value(object);
	object->value = mem_strdup(value);
	object->epoch = epoch;
	append(o, node, object);
	return object;
}

static void free_object(struct node *node, struct object *object)
{
	stream_moved(node, &object->in_log);
	list_remove(&object->in_log);
	list_remove(&object->in_program);
	hmap_remove(&node->objects, &object->by_key);
	free_value(object);
	mem_free(object->status_code);
	mem_free(object->status_message);
	mem_free(object);
}

/* Forgets the oldest quarter at a time, so that the walk over live objects is paid for. */
static void bound_tombstones(struct node *node)
{
	size_t excess = TOMBSTONES_MAX / 4;

	if (node->tombstones <= TOMBSTONES_MAX)
		return;
	LIST_FOR_EACH_SAFE (entry, &node->log) {
		struct object *object = CONTAINER_OF(entry, struct object, in_log);

		if (object->value != NULL)
			continue;
		node->forgotten = object->revision;
		node->tombstones--;
		free_object(node, object);
		if (--excess == 0)
			break;
	}
}

void objects_delete(struct orchestrator *o, struct node *node, struct object *object)
{
	free_value(object);
	mem_free(object->status_code);
	mem_free(object->status_message);
	object->status_code = object->status_message = NULL;
	object->status = STATUS_NONE;
	object->program = NULL;
	object->learned = false;
	list_remove(&object->in_program);
	node->tombstones++;
	append(o, node, object);
	bound_tombstones(node);
}

void objects_free_all(struct node *node)
{
	LIST_FOR_EACH_SAFE (entry, &node->log) {
		free_object(node, CONTAINER_OF(entry, struct object, in_log));
	}
	hmap_done(&node->objects);
}

enum object_status objects_status(const struct object *object)
{
	return object->status_revision == object->revision ? object->status : STATUS_NONE;
}
