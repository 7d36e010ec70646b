/*
 * export_paths: the slots of a group with ADD-PATH.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 7911. A prefix has a chain of slots, one for each path that was announced and one for each
 * that was withdrawn while a reader must still be told. The path identifier is the path's number in
 * the RIB: it names the same path for as long as that lives, and no other path of the prefix. A
 * path for one peer alone has a slot for each such peer, and EXPORT_PATH_ID_ALONE in its
 * identifier.
 */
#include "base/mem.h"
#include "rib/export_group.h"

void export_slot_free(struct export_group *g, uint32_t slot)
{
	g->slots[slot] = (struct export_slot){ .next = g->free_slot };
	g->free_slot = slot;
}

static uint32_t slot_find(const struct export_group *g, uint32_t prefix, uint32_t path_id,
			  uint16_t only)
{
	uint32_t slot = g->first_slots[prefix];

	while (slot != 0 && (g->slots[slot].path_id != path_id || g->slots[slot].only != only))
		slot = g->slots[slot].next;
	return slot;
}

static uint32_t slot_new(struct export_group *g, uint32_t prefix, uint32_t path_id, uint16_t only)
{
	uint32_t slot = g->free_slot;

	if (slot != 0) {
		g->free_slot = g->slots[slot].next;
	} else {
		slot = g->entries_end;
		export_reserve_slots(g, slot + 1);
	}
	g->entries[slot] = (struct adj_rib_out_entry){ 0 };
	g->slots[slot] = (struct export_slot){
		.prefix = prefix, .path_id = path_id, .only = only, .next = g->first_slots[prefix]
	};
	g->first_slots[prefix] = slot;
	return slot;
}

/* Frees the slots whose withdrawal everybody has heard. */
static void sweep(struct export_group *g, uint32_t prefix)
{
	uint32_t *link = &g->first_slots[prefix];
	bool asked = false, needed = false;
	uint32_t oldest = 0;

	while (*link != 0) {
		uint32_t slot = *link;

		if (g->entries[slot].attr != 0) {
			link = &g->slots[slot].next;
			continue;
		}
		if (!asked)
			needed = export_group_oldest(g, &oldest);
		asked = true;
		if (needed && export_sequence_after(g->entries[slot].sequence, oldest)) {
			link = &g->slots[slot].next;
			continue;
		}
		*link = g->slots[slot].next;
		export_entry_forget(g, slot);
		export_slot_free(g, slot);
	}
}

void export_group_paths_begin(struct export_group *g, const uint32_t *prefixes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		sweep(g, prefixes[i]);
		for (uint32_t slot = g->first_slots[prefixes[i]]; slot != 0;
		     slot = g->slots[slot].next)
			g->slots[slot].unseen = true;
	}
}

void export_group_announce_paths(struct export_group *g, uint32_t attr, uint16_t source,
				 uint16_t only, const struct export_path *paths, size_t count)
{
	bool has_room = export_has_room(g, attr);
	struct export_writer x;

	export_writer_init(&x, g, &g->log);
	for (size_t i = 0; i < count; i++) {
		uint32_t path_id = paths[i].path | (only != 0 ? EXPORT_PATH_ID_ALONE : 0);
		uint32_t slot = slot_find(g, paths[i].prefix, path_id, only);
		uint32_t data = prefix_table_path_data(g->prefixes, paths[i].path);

		assert((paths[i].path & EXPORT_PATH_ID_ALONE) == 0);
		if (slot == 0)
			slot = slot_new(g, paths[i].prefix, path_id, only);
		if (!export_fits(g, slot, attr, data, has_room)) {
			g->left_out_count++;
			continue; /* withdrawn at the end, if it was there */
		}
		g->slots[slot].unseen = false;
		if (export_entry_set(g, slot, attr, source, data) &&
		    !list_is_empty(&g->log.cursors))
			export_writer_announce(&x, slot, attr);
	}
	export_writer_flush(&x);
}

void export_group_paths_end(struct export_group *g, const uint32_t *prefixes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (uint32_t slot = g->first_slots[prefixes[i]]; slot != 0;
		     slot = g->slots[slot].next)
			if (g->slots[slot].unseen)
				export_entry_withdraw(g, slot);
}

void export_slots_shrink(struct export_group *g)
{
	while (g->entries_end > 1 && g->slots[g->entries_end - 1].prefix == RIB_NONE)
		g->entries_end--;
	g->free_slot = 0;
	for (uint32_t slot = g->entries_end; slot-- > 1;)
		if (g->slots[slot].prefix == RIB_NONE)
			export_slot_free(g, slot);
}
