/*
 * heap: an intrusive binary min-heap on a 64-bit key; the timers of a process, or of a simulation.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include "base/base.h"

struct heap_node {
	int64_t key;
	size_t position; /* 1-based; 0 means not in a heap */
};

struct heap {
	struct heap_node **nodes;
	size_t count;
	size_t capacity;
};

void heap_init(struct heap *heap);
/* Does not touch the nodes, which may be gone already. */
void heap_done(struct heap *heap);
/* Inserts the node, or moves it when it is in the heap already. */
void heap_set(struct heap *heap, struct heap_node *node, int64_t key);
/* Nothing happens when the node is not in the heap. */
void heap_remove(struct heap *heap, struct heap_node *node);
/* The node with the smallest key; NULL when empty. */
struct heap_node *heap_min(const struct heap *heap);

#endif
