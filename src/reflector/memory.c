/*
 * memory: the pool of an instance: what it uses memory for, and its limit.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Tables, export groups and logs charge what they take to the account of their purpose; all of it
 * is in the pool (base/mem_account.h). Nothing of an instance is in the pool of another one.
 */
#include "reflector/reflector.h"

void reflector_memory_init(struct reflector *r)
{
	struct reflector_memory *m = &r->memory;

	mem_account_init(&m->whole, r->config->name, NULL, 0);
	mem_account_init(&m->attributes, "attributes", &m->whole, 0);
	mem_account_init(&m->prefixes, "prefixes", &m->whole, 0);
	mem_account_init(&m->paths, "paths", &m->whole, 0);
	mem_account_init(&m->adj_rib_out, "adj-rib-out", &m->whole, 0);
	mem_account_init(&m->log, "log", &m->whole, 0);
	mem_account_init(&m->other, "other", &m->whole, 0);
	mem_account_charge(&m->other, sizeof(*r));
}

void reflector_memory_done(struct reflector *r)
{
	struct reflector_memory *m = &r->memory;

	mem_account_release(&m->other, sizeof(*r));
	while (m->whole.parts != NULL)
		mem_account_done(m->whole.parts);
	mem_account_done(&m->whole);
}
