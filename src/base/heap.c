/*
 * heap: an intrusive binary min-heap on a 64-bit key.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/heap.h"

#include "base/mem.h"

void heap_init(struct heap *heap)
{
	*heap = (struct heap){ 0 };
}

void heap_done(struct heap *heap)
{
	mem_free(heap->nodes);
	heap_init(heap);
}

static void heap_place(struct heap *heap, struct heap_node *node, size_t position)
{
	heap->nodes[position - 1] = node;
	node->position = position;
}

static void heap_up(struct heap *heap, struct heap_node *node)
{
	size_t position = node->position;

	while (position > 1 && heap->nodes[position / 2 - 1]->key > node->key) {
		heap_place(heap, heap->nodes[position / 2 - 1], position);
		position /= 2;
	}
	heap_place(heap, node, position);
}

static void heap_down(struct heap *heap, struct heap_node *node)
{
	size_t position = node->position;

	while (position * 2 <= heap->count) {
		size_t child = position * 2;

		if (child < heap->count && heap->nodes[child]->key < heap->nodes[child - 1]->key)
			child++;
		if (heap->nodes[child - 1]->key >= node->key)
			break;
		heap_place(heap, heap->nodes[child - 1], position);
		position = child;
	}
	heap_place(heap, node, position);
}

void heap_set(struct heap *heap, struct heap_node *node, int64_t key)
{
	if (node->position == 0) {
		MEM_RESERVE(heap->nodes, heap->capacity, heap->count + 1);
		heap->count++;
		heap_place(heap, node, heap->count);
	}
	node->key = key;
	heap_up(heap, node);
	heap_down(heap, node);
}

void heap_remove(struct heap *heap, struct heap_node *node)
{
	struct heap_node *last;
	size_t position = node->position;

	if (position == 0)
		return;
	last = heap->nodes[heap->count - 1];
	heap->count--;
	node->position = 0;
	if (last == node)
		return;
	heap_place(heap, last, position);
	heap_up(heap, last);
	heap_down(heap, last);
}

struct heap_node *heap_min(const struct heap *heap)
{
	return heap->count == 0 ? NULL : heap->nodes[0];
}
