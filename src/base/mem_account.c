/*
 * mem_account: who uses how much memory, and for what.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/mem_account.h"

void mem_account_init(struct mem_account *account, const char *name, struct mem_account *parent,
		      size_t budget_bytes)
{
	*account = (struct mem_account){ .name = name,
					 .parent = parent,
					 .budget_bytes = budget_bytes };
	if (parent != NULL) {
		struct mem_account **link = &parent->parts;

		while (*link != NULL)
			link = &(*link)->next;
		*link = account;
	}
}

void mem_account_done(struct mem_account *account)
{
	if (account == NULL)
		return;
	assert(account->bytes == 0 && account->parts == NULL);
	if (account->parent != NULL) {
		struct mem_account **link = &account->parent->parts;

		while (*link != account)
			link = &(*link)->next;
		*link = account->next;
	}
	*account = (struct mem_account){ .name = account->name };
}

void mem_account_charge(struct mem_account *account, size_t bytes)
{
	for (; account != NULL; account = account->parent) {
		account->bytes += bytes;
		if (account->bytes > account->bytes_peak)
			account->bytes_peak = account->bytes;
	}
}

void mem_account_release(struct mem_account *account, size_t bytes)
{
	for (; account != NULL; account = account->parent) {
		assert(account->bytes >= bytes);
		account->bytes -= bytes;
	}
}

void mem_account_change(struct mem_account *account, size_t before, size_t after)
{
	if (after > before)
		mem_account_charge(account, after - before);
	else
		mem_account_release(account, before - after);
}

size_t mem_account_excess(const struct mem_account *account)
{
	if (account == NULL || account->budget_bytes == 0 ||
	    account->bytes <= account->budget_bytes)
		return 0;
	return account->bytes - account->budget_bytes;
}

/* What may still be charged before a budget of this account, or of one above it, is passed. */
static size_t room(const struct mem_account *account)
{
	size_t least = SIZE_MAX;

	for (; account != NULL; account = account->parent)
		if (account->budget_bytes != 0)
			least = MIN(least, account->budget_bytes -
						   MIN(account->bytes, account->budget_bytes));
	return least;
}

size_t mem_account_grow_capacity(const struct mem_account *account, size_t capacity, size_t wanted,
				 size_t element_bytes)
{
	size_t grown = mem_grow_capacity(capacity, wanted);

	if ((grown - capacity) <= room(account) / 2 / element_bytes)
		return grown;
	return MAX(wanted, capacity + capacity / 8);
}
