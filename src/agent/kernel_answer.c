/*
 * kernel_answer: how an operation went, told to the brain and to the log.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "agent/kernel_private.h"

#include <errno.h>

#include "agent/log.h"

/* The kernel's answers to a removal that mean: it was gone already. */
static bool is_gone(int code)
{
	return code == ESRCH || code == ENOENT || code == ENODEV || code == EADDRNOTAVAIL;
}

static void operation_words(const struct kernel *kernel, const struct host_operation *operation,
			    char *text, size_t capacity)
{
	static const char *const verbs[] = { "make", "change", "remove", "move" };
	const struct item_key *key = &operation->key;
	char address[IP_TEXT_MAX] = "";
	const char *name = key->name != 0 ? host_text(kernel->host, key->name) : "";

	if (key->addr.family != IP_NONE)
		ip_addr_format(&key->addr, address);
	if (key->kind == ITEM_NEXTHOP || key->kind == ITEM_RULE)
		snprintf(address, sizeof(address), "%u", key->number);
	snprintf(text, capacity, "%s %s %s%s%s", verbs[operation->verb], item_kind_name(key->kind),
		 address, name[0] != '\0' && address[0] != '\0' ? " on " : "", name);
}

void kernel_answer(struct kernel *kernel, const struct host_operation *operation, int code,
		   const char *text)
{
	const char *tenant = host_place_tenant(kernel->host, operation->key.place);
	struct kernel_place *place = kernel_place(kernel, operation->key.place);
	bool bulk = operation->key.kind >= ITEM_NEIGH && operation->key.kind <= ITEM_ROUTE;
	char words[256];

	if (operation->verb == HOST_REMOVE && is_gone(code))
		code = 0;
	operation_words(kernel, operation, words, sizeof(words));
	if (code != 0) {
		log_event(LOG_LEVEL_WARNING, tenant, "%s: %s%s%s", words, strerror(code),
			  text != NULL && text[0] != '\0' ? ": " : "", text != NULL ? text : "");
		kernel->any_failed = true;
		if (place != NULL)
			place->failed = true;
	} else {
		log_event(bulk ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO, tenant, "%s", words);
	}
	host_done(kernel->host, operation, code, text);
}
