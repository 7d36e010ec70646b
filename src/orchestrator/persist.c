/*
 * persist: what must survive the controller, written as small documents and read back.
 * SPDX-License-Identifier: Apache-2.0
 *
 *	orchestrator/epoch                   {"epoch"}: the highest that was given out
 *	orchestrator/node/NAME               {"number"}
 *	orchestrator/tenant/NAME             numbers, reflector, overlay addresses, CE ids
 *	orchestrator/connection/TENANT/NAME  owner, epoch, public address, port
 *
 * Never leases or learned routes: those are observed anew. A document is given to the rim only when
 * its text has changed.
 */
#include "orchestrator/state.h"

static void write_document(struct orchestrator *o, const char *key, json_t *value, char **kept)
{
	char *text = json_dumps(value, JSON_COMPACT);

	assert(text != NULL);
	if (*kept == NULL || strcmp(*kept, text) != 0) {
		o->ops.persist(o->context, key, value);
		mem_free(*kept);
		*kept = mem_strdup(text);
	}
	free(text);
	json_decref(value);
}

void persist_delete(struct orchestrator *o, const char *kind, const char *name, const char *name2)
{
	struct buf key;

	buf_init(&key, 0);
	buf_printf(&key, "orchestrator/%s/%s", kind, name);
	if (name2 != NULL)
		buf_printf(&key, "/%s", name2);
	o->ops.persist(o->context, buf_text(&key), NULL);
	buf_done(&key);
}

static void set_addr(json_t *to, const char *key, const struct ip_addr *addr)
{
	char text[IP_TEXT_MAX];

	if (addr->family != IP_NONE)
		json_object_set_new(to, key, json_string(ip_addr_format(addr, text)));
}

static void set_number(json_t *to, const char *key, uint64_t number)
{
	json_object_set_new(to, key, json_integer((json_int_t)number));
}

void persist_epoch(struct orchestrator *o)
{
	json_t *value;

	if (o->epoch == o->epoch_persisted)
		return;
	o->epoch_persisted = o->epoch;
	value = json_object();
	set_number(value, "epoch", o->epoch);
	o->ops.persist(o->context, "orchestrator/epoch", value);
	json_decref(value);
}

void persist_node(struct orchestrator *o, struct node *node)
{
	struct buf key;
	json_t *value = json_object();

	buf_init(&key, 0);
	buf_printf(&key, "orchestrator/node/%s", node->name);
	set_number(value, "number", node->number);
	o->ops.persist(o->context, buf_text(&key), value);
	node->persist_dirty = false;
	json_decref(value);
	buf_done(&key);
}

void persist_connection(struct orchestrator *o, struct connection *c)
{
	struct buf key;
	json_t *value = json_object();

	buf_init(&key, 0);
	buf_printf(&key, "orchestrator/connection/%s/%s", c->tenant->name, c->name);
	if (c->gateway != NULL)
		json_object_set_new(value, "gateway", json_string(c->gateway->name));
	set_number(value, "epoch", c->epoch);
	set_addr(value, "sourceIPAddress", &c->source);
	set_number(value, "prefixLength", c->source_length);
	set_number(value, "listenPort", c->port);
	set_number(value, "nexthop", c->nexthop);
	write_document(o, buf_text(&key), value, &c->persisted);
	buf_done(&key);
}

void persist_tenant(struct orchestrator *o, struct tenant *t)
{
	struct buf key;
	json_t *value = json_object();
	json_t *overlays = json_object();
	json_t *ces = json_object();
	char text[IP_TEXT_MAX];

	buf_init(&key, 0);
	buf_printf(&key, "orchestrator/tenant/%s", t->name);
	set_number(value, "tableId", t->table_id);
	if (t->reflector != NULL)
		json_object_set_new(value, "reflector", json_string(t->reflector->name));
	set_number(value, "epoch", t->reflector_epoch);
	json_object_set_new(value, "restarting", json_boolean(t->restarting));
	for (size_t i = 0; i < t->overlay_count; i++)
		set_addr(overlays, t->overlays[i].node->name, &t->overlays[i].address);
	for (size_t i = 0; i < t->ce_count; i++)
		set_number(ces, ip_addr_format(&t->ces[i].address, text), t->ces[i].nexthop);
	json_object_set_new(value, "overlayAddresses", overlays);
	json_object_set_new(value, "ces", ces);
	write_document(o, buf_text(&key), value, &t->persisted);
	buf_done(&key);
	for (size_t i = 0; i < t->connection_count; i++)
		persist_connection(o, t->connections[i]);
}

static uint64_t get_number(const json_t *value, const char *key)
{
	json_int_t number = json_integer_value(json_object_get(value, key));

	return number < 0 ? 0 : (uint64_t)number;
}

/* Remembers what is kept, so that it is not written again while it is the same. */
static void keep_text(char **kept, const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT);

	mem_free(*kept);
	*kept = text == NULL ? NULL : mem_strdup(text);
	free(text);
}

static int load_node(struct orchestrator *o, const char *name, const json_t *value, struct error *e)
{
	uint64_t number = get_number(value, "number");
	struct node *node = node_obtain(o, name);

	if (number == 0 || number > OVERLAY_NODE_NUMBER_MAX || bitset_has(&o->numbers, number))
		return error_set(e, "number: %" PRIu64 " is out of range or another node's",
				 number);
	node->number = (uint32_t)number;
	bitset_add(&o->numbers, number);
	return 0;
}

static int load_addresses(struct orchestrator *o, struct tenant *t, const json_t *value,
			  struct error *e)
{
	const char *key;
	json_t *each;

	json_object_foreach(json_object_get(value, "overlayAddresses"), key, each)
	{
		struct overlay_lease lease = { .node = node_obtain(o, key) };
		const char *text = json_string_value(each);

		if (ip_addr_parse(text == NULL ? "" : text, &lease.address, e) != 0)
			return error_prefix(e, "overlayAddresses.%s", key);
		MEM_RESERVE(t->overlays, t->overlay_capacity, t->overlay_count + 1);
		t->overlays[t->overlay_count++] = lease;
	}
	json_object_foreach(json_object_get(value, "ces"), key, each)
	{
		struct ce_id ce = { .nexthop = (uint32_t)json_integer_value(each) };

		if (ip_addr_parse(key, &ce.address, e) != 0)
			return error_prefix(e, "ces");
		MEM_RESERVE(t->ces, t->ce_capacity, t->ce_count + 1);
		t->ces[t->ce_count++] = ce;
	}
	return 0;
}

static int load_tenant(struct orchestrator *o, const char *name, const json_t *value,
		       struct error *e)
{
	struct tenant *t = tenant_obtain(o, name);
	const char *reflector = json_string_value(json_object_get(value, "reflector"));
	uint64_t table_id = get_number(value, "tableId");

	if (table_id == 0 || table_id > INT32_MAX || bitset_has(&o->tables, table_id))
		return error_set(e, "tableId: %" PRIu64 " is out of range or another tenant's",
				 table_id);
	keep_text(&t->persisted, value);
	t->table_id = (uint32_t)table_id;
	bitset_add(&o->tables, table_id);
	t->reflector_epoch = get_number(value, "epoch");
	o->epoch = MAX(o->epoch, t->reflector_epoch);
	t->restarting = json_is_true(json_object_get(value, "restarting"));
	if (reflector != NULL) {
		t->reflector = node_obtain(o, reflector);
		t->reflector->reflectors++;
		t->hold = true;
	}
	return load_addresses(o, t, value, e);
}

static int load_connection(struct orchestrator *o, const char *tenant, const char *name,
			   const json_t *value, struct error *e)
{
	struct connection *c = tenant_obtain_connection(tenant_obtain(o, tenant), name);
	const char *gateway = json_string_value(json_object_get(value, "gateway"));
	const char *source = json_string_value(json_object_get(value, "sourceIPAddress"));
	struct ip_addr address;

	keep_text(&c->persisted, value);
	if (gateway != NULL) {
		c->gateway = node_obtain(o, gateway);
		c->gateway->connections++;
	}
	c->epoch = get_number(value, "epoch");
	o->epoch = MAX(o->epoch, c->epoch);
	c->port = (uint16_t)get_number(value, "listenPort");
	c->nexthop = (uint32_t)get_number(value, "nexthop");
	if (source == NULL)
		return 0;
	if (ip_addr_parse(source, &address, e) != 0)
		return error_prefix(e, "sourceIPAddress");
	tenant_set_source(o, c, &address, (uint8_t)get_number(value, "prefixLength"));
	return 0;
}

static int load(struct orchestrator *o, const char *kind, char *rest, const json_t *value,
		struct error *e)
{
	char *slash;

	if (strcmp(kind, "epoch") == 0) {
		o->epoch = MAX(o->epoch, get_number(value, "epoch"));
		o->epoch_persisted = o->epoch;
		return 0;
	}
	if (strcmp(kind, "node") == 0)
		return load_node(o, rest, value, e);
	if (strcmp(kind, "tenant") == 0)
		return load_tenant(o, rest, value, e);
	slash = strchr(rest, '/');
	if (strcmp(kind, "connection") != 0 || slash == NULL)
		return error_set(e, "unknown kind of document");
	*slash = '\0';
	return load_connection(o, rest, slash + 1, value, e);
}

int orchestrator_load(struct orchestrator *o, const char *key, const json_t *value, struct error *e)
{
	static const char start[] = "orchestrator/";
	char *copy, *rest;
	int result;

	if (strncmp(key, start, sizeof(start) - 1) != 0 || !json_is_object(value))
		return error_set(e, "%s: not a document of the orchestrator", key);
	copy = mem_strdup(key + sizeof(start) - 1);
	rest = strchr(copy, '/');
	if (rest != NULL)
		*rest++ = '\0';
	result = load(o, copy, rest == NULL ? copy + strlen(copy) : rest, value, e);
	mem_free(copy);
	return result == 0 ? 0 : error_prefix(e, "%s", key);
}
