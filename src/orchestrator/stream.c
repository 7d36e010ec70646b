/*
 * stream: what one reader of a node's objects is told, line by line.
 * SPDX-License-Identifier: Apache-2.0
 *
 * docs/INTERFACES.md section 7: start, hold lines, puts and deletes, synced, then changes and a
 * ping each second. Tenants of whom this controller has not relearned the routes yet are held: the
 * host keeps what it has of them until the release.
 */
#include "orchestrator/state.h"
#include "overlay/json_text.h"

struct release {
	struct list in_stream;
	char tenant[];
};

/* An entry is about to leave its place: readers who would read it next read the one after it. */
void stream_moved(struct node *node, struct list *entry)
{
	LIST_FOR_EACH (each, &node->streams) {
		struct node_stream *stream = CONTAINER_OF(each, struct node_stream, in_node);

		if (stream->next == entry)
			stream->next = entry->next;
	}
}

void stream_appended(struct node *node, struct list *entry)
{
	LIST_FOR_EACH (each, &node->streams) {
		struct node_stream *stream = CONTAINER_OF(each, struct node_stream, in_node);

		if (stream->next == &node->log)
			stream->next = entry;
	}
}

static struct list *first_after(struct node *node, uint64_t revision)
{
	/* from the newest back: a reader that comes again has missed little */
	struct list *entry = node->log.prev;

	while (entry != &node->log &&
	       CONTAINER_OF(entry, struct object, in_log)->revision > revision)
		entry = entry->prev;
	return entry->next;
}

static struct tenant *next_held(const struct orchestrator *o, const struct tenant *after)
{
	struct hmap_node *each =
		after == NULL ? hmap_first(&o->tenants) : hmap_next(&o->tenants, &after->by_name);

	for (; each != NULL; each = hmap_next(&o->tenants, each)) {
		struct tenant *tenant = CONTAINER_OF(each, struct tenant, by_name);

		if (tenant->hold)
			return tenant;
	}
	return NULL;
}

struct node_stream *node_stream_open(struct orchestrator *o, const char *node_name,
				     const char *generation, uint64_t revision, void *rim_data)
{
	struct node *node = node_find(o, node_name);
	struct node_stream *stream;

	if (node == NULL || !node->known)
		return NULL;
	stream = mem_zalloc(sizeof(*stream));
	stream->o = o;
	stream->node = node;
	stream->rim_data = rim_data;
	stream->full = strcmp(generation, o->generation) != 0 || revision > node->revision ||
		       revision < node->forgotten;
	stream->opened_at = node->revision;
	stream->next = stream->full ? node->log.next : first_after(node, revision);
	stream->hold = next_held(o, NULL);
	list_init(&stream->releases);
	list_push_back(&node->streams, &stream->in_node);
	if (o->stream_count++ == 0)
		o->next_ping = instant_add(o->now, duration_seconds(1));
	return stream;
}

void node_stream_close(struct node_stream *stream)
{
	struct list *entry;

	if (stream == NULL)
		return;
	while ((entry = list_pop_front(&stream->releases)) != NULL)
		mem_free(CONTAINER_OF(entry, struct release, in_stream));
	list_remove(&stream->in_node);
	stream->o->stream_count--;
	mem_free(stream);
}

void *node_stream_data(const struct node_stream *stream)
{
	return stream->rim_data;
}

static void add_release(struct node_stream *stream, const char *tenant)
{
	size_t bytes = strlen(tenant) + 1;
	struct release *release = mem_alloc(sizeof(*release) + bytes);

	memcpy(release->tenant, tenant, bytes);
	list_push_back(&stream->releases, &release->in_stream);
}

/* Must be called while tenant->hold is still set, or after: readers that have not come to its hold
 * line never give it. */
void stream_release(struct orchestrator *o, struct tenant *tenant)
{
	struct hmap_node *each;

	HMAP_FOR_EACH (each, &o->nodes) {
		struct node *node = CONTAINER_OF(each, struct node, by_name);

		if (node->gateway || list_is_empty(&node->streams))
			continue;
		LIST_FOR_EACH (entry, &node->streams) {
			struct node_stream *stream =
				CONTAINER_OF(entry, struct node_stream, in_node);

			if (stream->hold == tenant)
				stream->hold = next_held(o, tenant);
			add_release(stream, tenant->name);
		}
		objects_wake(o, node);
	}
}

void stream_forget_tenant(struct orchestrator *o, const struct tenant *tenant)
{
	struct hmap_node *each;

	HMAP_FOR_EACH (each, &o->nodes) {
		LIST_FOR_EACH (entry, &CONTAINER_OF(each, struct node, by_name)->streams) {
			struct node_stream *stream =
				CONTAINER_OF(entry, struct node_stream, in_node);

			if (stream->hold == tenant)
				stream->hold = next_held(o, tenant);
		}
	}
}

void stream_ping_all(struct orchestrator *o)
{
	struct hmap_node *each;

	HMAP_FOR_EACH (each, &o->nodes) {
		struct node *node = CONTAINER_OF(each, struct node, by_name);

		LIST_FOR_EACH (entry, &node->streams) {
			CONTAINER_OF(entry, struct node_stream, in_node)->ping = true;
		}
		objects_wake(o, node);
	}
}

static void object_line(struct json_text *j, const struct object *object)
{
	json_text_string(j, "op", object->value == NULL ? "delete" : "put");
	json_text_string(j, "key", object->key);
	json_text_number(j, "revision", object->revision);
	if (object->value == NULL)
		return;
	json_text_number(j, "epoch", object->epoch);
	buf_add_text(j->to, ",\"value\":");
	buf_add_text(j->to, object->value);
}

static void route_prefix(struct json_text *j, const char *op, const char *tenant)
{
	struct buf prefix;

	buf_init(&prefix, 0);
	buf_printf(&prefix, "route/%s/", tenant);
	json_text_string(j, "op", op);
	json_text_string(j, "prefix", buf_text(&prefix));
	buf_done(&prefix);
}

/* The next object that this reader has to hear of. In a snapshot what was deleted before is simply
 * not there. */
static const struct object *next_object(struct node_stream *stream)
{
	while (stream->next != &stream->node->log) {
		const struct object *object = CONTAINER_OF(stream->next, struct object, in_log);

		stream->next = stream->next->next;
		if (object->value != NULL || !stream->full || object->revision > stream->opened_at)
			return object;
	}
	return NULL;
}

static bool fill_line(struct node_stream *stream, struct json_text *j)
{
	const struct object *object;
	struct list *entry;

	if (!stream->started) {
		stream->started = true;
		json_text_string(j, "op", "start");
		json_text_string(j, "generation", stream->o->generation);
		json_text_bool(j, "full", stream->full);
		return true;
	}
	if (stream->hold != NULL && !stream->node->gateway) {
		route_prefix(j, "hold", stream->hold->name);
		stream->hold = next_held(stream->o, stream->hold);
		return true;
	}
	object = next_object(stream);
	if (object != NULL) {
		object_line(j, object);
		return true;
	}
	if (!stream->synced) {
		stream->synced = true;
		json_text_string(j, "op", "synced");
		json_text_number(j, "revision", stream->node->revision);
		return true;
	}
	entry = list_pop_front(&stream->releases);
	if (entry != NULL) {
		struct release *release = CONTAINER_OF(entry, struct release, in_stream);

		route_prefix(j, "release", release->tenant);
		mem_free(release);
		return true;
	}
	if (!stream->ping)
		return false;
	stream->ping = false;
	json_text_string(j, "op", "ping");
	return true;
}

const char *node_stream_next(struct node_stream *stream, size_t *ret_length)
{
	struct buf *line = &stream->o->line;
	struct json_text j = json_text_of(line);

	buf_clear(line);
	json_text_object(&j, NULL);
	if (!fill_line(stream, &j)) {
		stream->told = false;
		return NULL;
	}
	json_text_end_object(&j);
	buf_add(line, "\n", 1);
	*ret_length = line->length;
	return buf_text(line);
}
