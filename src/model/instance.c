/*
 * instance: the configuration of one BGP instance (a tenant), as plain structs.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The keys are rows of tables (doc.h), which read and print. What one key alone cannot tell, is
 * checked when the whole is there.
 */
#include "model/instance.h"

#include "base/mem.h"
#include "model/doc.h"
#include "model/instance_parts.h"

#define PEER_GROUPS_MAX 1000u
#define DIRECT_NEXT_HOPS_MAX 1000u
#define DYNAMIC_NEIGHBORS_MAX 10000u
#define HOLD_TIME_S 90
#define CONNECT_RETRY_S 5
#define BGP_PORT 179
#define TTL_IBGP 255
#define TTL_EBGP 1
#define LONG_LIVED_STALE_TIME_S 86400
#define TTL_SECURITY 255 /* RFC 5082 3 */
#define MEMORY_LIMIT_BYTES_MIN (1u << 20)
#define NAME_BYTES_MAX 64u /* of what OPEN announces */

/* A document while it is read: the peer groups are there only then. */
struct draft {
	struct instance_config *config;
	struct neighbor_entry *groups;
	size_t group_count;
};

static const char *const resolutions[] = { "none", "kernel", "exact", NULL };

static int read_direct_next_hops(const json_t *value, void *to, const char *path, struct error *e)
{
	struct instance_config *config = to;
	char item[DOC_PATH_MAX];

	if (doc_check_array(value, DIRECT_NEXT_HOPS_MAX, path, e) < 0)
		return -1;
	config->direct_next_hops =
		mem_zalloc((json_array_size(value) + 1) * sizeof(*config->direct_next_hops));
	for (size_t i = 0; i < json_array_size(value); i++) {
		if (doc_check_prefix(json_array_get(value, i), &config->direct_next_hops[i],
				     doc_path_index(item, path, i), e) < 0)
			return -1;
		config->direct_next_hop_count++;
	}
	return 0;
}

static json_t *print_direct_next_hops(const void *from, UNUSED bool redact)
{
	const struct instance_config *config = from;
	json_t *list = json_array();
	char text[IP_PREFIX_TEXT_MAX];

	for (size_t i = 0; i < config->direct_next_hop_count; i++)
		json_array_append_new(
			list, json_string(ip_prefix_format(&config->direct_next_hops[i], text)));
	return list;
}

#define FIELD(key, kind, member) \
	.name = key, .type = kind, .offset = offsetof(struct instance_config, member)

static const struct doc_field restart_fields[] = {
	{ FIELD("enabled", DOC_BOOL, graceful_restart) },
	{ FIELD("restart-time", DOC_U16, restart_time_s), .max = 4095 },
	{ FIELD("restarting", DOC_BOOL, restarting) },
	{ FIELD("long-lived", DOC_BOOL, long_lived_graceful_restart) },
	{ FIELD("long-lived-stale-time", DOC_U32, long_lived_stale_time_s), .max = 16777215 },
};

static int read_restart(const json_t *value, void *to, const char *path, struct error *e)
{
	return doc_read(value, restart_fields, ARRAY_SIZE(restart_fields), 0, to, path, e);
}

static json_t *print_restart(const void *from, bool redact)
{
	return doc_print(restart_fields, ARRAY_SIZE(restart_fields), 0, from, redact);
}

static int read_networks(const json_t *value, void *to, const char *path, struct error *e)
{
	struct instance_config *config = to;
	char item[DOC_PATH_MAX];

	if (doc_check_array(value, INSTANCE_NETWORKS_MAX, path, e) < 0)
		return -1;
	config->networks = mem_zalloc((json_array_size(value) + 1) * sizeof(*config->networks));
	for (size_t i = 0; i < json_array_size(value); i++) {
		config->network_count++;
		if (network_config_read(json_array_get(value, i), &config->networks[i],
					doc_path_index(item, path, i), e) < 0)
			return -1;
	}
	return 0;
}

static json_t *print_networks(const void *from, bool redact)
{
	const struct instance_config *config = from;
	json_t *list = json_array();

	for (size_t i = 0; i < config->network_count; i++)
		json_array_append_new(list, network_config_print(&config->networks[i], redact));
	return list;
}

static const struct neighbor_config *print_next(const struct instance_config *config, size_t index)
{
	return index < config->neighbor_count
		       ? &config->neighbors[index]
		       : &config->dynamic_neighbors[index - config->neighbor_count].template;
}

/* Neighbors are printed complete, so a group need only exist for its name to be kept. */
static json_t *print_groups(const void *from, UNUSED bool redact)
{
	const struct instance_config *config = from;
	size_t count = config->neighbor_count + config->dynamic_neighbor_count;
	json_t *list = json_array();
	json_t *seen = json_object();

	for (size_t i = 0; i < count; i++) {
		const char *name = print_next(config, i)->peer_group;

		if (name == NULL || json_object_get(seen, name) != NULL)
			continue;
		json_object_set_new(seen, name, json_true());
		json_array_append_new(list, json_pack("{s:s}", "name", name));
	}
	json_decref(seen);
	return list;
}

static json_t *print_neighbors(const void *from, bool redact)
{
	const struct instance_config *config = from;
	json_t *list = json_array();

	for (size_t i = 0; i < config->neighbor_count; i++)
		json_array_append_new(list, neighbor_config_print(&config->neighbors[i], redact));
	return list;
}

static json_t *print_dynamic(const void *from, bool redact)
{
	const struct instance_config *config = from;
	json_t *list = json_array();

	for (size_t i = 0; i < config->dynamic_neighbor_count; i++)
		json_array_append_new(
			list, dynamic_neighbor_config_print(&config->dynamic_neighbors[i], redact));
	return list;
}

/* Neighbors need the groups, whatever the order of keys: the parser reads these three itself. */
static int read_later(UNUSED const json_t *value, UNUSED void *to, UNUSED const char *path,
		      UNUSED struct error *e)
{
	return 0;
}

static const struct doc_field instance_fields[] = {
	{ FIELD("name", DOC_TEXT, name), .flags = DOC_REQUIRED },
	{ FIELD("table-id", DOC_U32, table_id), .min = 1, .max = INT32_MAX },
	{ FIELD("local-as", DOC_ASN, local_as), .flags = DOC_REQUIRED },
	{ FIELD("router-id", DOC_ADDR_V4, router_id), .flags = DOC_REQUIRED },
	{ FIELD("cluster-id", DOC_ADDR_V4, cluster_id) },
	{ FIELD("next-hop-resolution", DOC_CHOICE, next_hop_resolution), .choices = resolutions },
	{ .name = "direct-next-hops",
	  .type = DOC_CUSTOM,
	  .read = read_direct_next_hops,
	  .print = print_direct_next_hops },
	{ FIELD("next-hop-hold", DOC_U32, next_hop_hold_s), .max = 86400 },
	{ FIELD("selection-deferral-time", DOC_U32, selection_deferral_s), .max = 86400 },
	{ .name = "graceful-restart",
	  .type = DOC_CUSTOM,
	  .read = read_restart,
	  .print = print_restart },
	{ FIELD("ebgp-requires-policy", DOC_BOOL, ebgp_requires_policy) },
	{ FIELD("memory-limit", DOC_BYTES, memory_limit_bytes), .min = MEMORY_LIMIT_BYTES_MIN },
	{ FIELD("hostname", DOC_TEXT, hostname) },
	{ FIELD("domain-name", DOC_TEXT, domain_name) },
	{ FIELD("announce-software-version", DOC_BOOL, announce_software_version) },
	{ .name = "networks", .type = DOC_CUSTOM, .read = read_networks, .print = print_networks },
	{ .name = "peer-groups", .type = DOC_CUSTOM, .read = read_later, .print = print_groups },
	{ .name = "neighbors", .type = DOC_CUSTOM, .read = read_later, .print = print_neighbors },
	{ .name = "dynamic-neighbors",
	  .type = DOC_CUSTOM,
	  .read = read_later,
	  .print = print_dynamic },
};

static void init_group(struct neighbor_entry *entry)
{
	*entry = (struct neighbor_entry){ .config = { .port = BGP_PORT,
						      .hold_time_s = HOLD_TIME_S,
						      .connect_retry_s = CONNECT_RETRY_S,
						      .enabled = true,
						      .expected = true,
						      .extended_messages = true } };
}

static int read_groups(struct draft *draft, const json_t *list, const char *path, struct error *e)
{
	char item[DOC_PATH_MAX];

	if (list == NULL)
		return 0;
	if (doc_check_array(list, PEER_GROUPS_MAX, path, e) < 0)
		return -1;
	draft->groups = mem_zalloc((json_array_size(list) + 1) * sizeof(*draft->groups));
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct neighbor_entry *entry = &draft->groups[i];

		doc_path_index(item, path, i);
		init_group(entry);
		draft->group_count++;
		if (neighbor_entry_read(json_array_get(list, i), entry, NEIGHBOR_IN_GROUP, item,
					e) < 0)
			return -1;
		for (size_t j = 0; j < i; j++) {
			if (strcmp(draft->groups[j].name, entry->name) == 0)
				return error_set(e, "%s.name: the group %s is there twice", item,
						 entry->name);
		}
	}
	return 0;
}

static const struct neighbor_entry *find_group(const struct draft *draft, const char *name)
{
	for (size_t i = 0; i < draft->group_count; i++) {
		if (strcmp(draft->groups[i].name, name) == 0)
			return &draft->groups[i];
	}
	return NULL;
}

/* RFC 5082 3: what is sent has the highest TTL, or the peer's own check would refuse it. */
static int finish_ttl(struct neighbor_config *n, bool ibgp, const char *path, struct error *e)
{
	if (n->ttl_security_hops == 0) {
		if (n->ttl == 0)
			n->ttl = ibgp ? TTL_IBGP : TTL_EBGP;
		return 0;
	}
	if (n->ttl != 0 && n->ttl != TTL_SECURITY)
		return error_set(e,
				 "%s.ttl-security-hops: packets must leave with TTL 255: take "
				 "ebgp-multihop away",
				 path);
	n->ttl = TTL_SECURITY;
	return 0;
}

static int check_role(const struct neighbor_config *n, bool ibgp, const char *path, struct error *e)
{
	if (n->has_role && ibgp)
		return error_set(e, "%s.role: is for eBGP, but peer-as is local-as (RFC 9234 4.1)",
				 path);
	if (n->role_strict && !n->has_role)
		return error_set(e, "%s.role-strict: needs a role", path);
	return 0;
}

/* What depends on other keys of the neighbor, or on the instance. */
static int finish_neighbor(const struct instance_config *config, struct neighbor_entry *entry,
			   const char *path, struct error *e)
{
	struct neighbor_config *n = &entry->config;
	const struct ip_addr *remote =
		n->address.family != IP_NONE ? &n->address : &entry->prefix.addr;
	bool ibgp = n->peer_as.number == config->local_as.number;

	if (n->peer_as.number == 0)
		return error_set(e, "%s.peer-as: missing, must be given here or in the peer group",
				 path);
	if (n->hold_time_s == 1 || n->hold_time_s == 2)
		return error_set(e, "%s.hold-time: must be 0 or at least 3 seconds (RFC 4271 4.2)",
				 path);
	if (n->route_reflector_client && !ibgp)
		return error_set(
			e,
			"%s.route-reflector-client: is for iBGP, but peer-as %u is not local-as %u",
			path, n->peer_as.number, config->local_as.number);
	if (n->as_override && ibgp)
		return error_set(e, "%s.as-override: is for eBGP, but peer-as is local-as", path);
	if (n->local_address.family != IP_NONE && n->address.family != IP_NONE &&
	    n->local_address.family != n->address.family)
		return error_set(e, "%s.local-address: is not of the neighbor's address family",
				 path);
	if (finish_ttl(n, ibgp, path, e) < 0 || check_role(n, ibgp, path, e) < 0)
		return -1;
	if (!entry->has_extended_next_hop)
		n->extended_next_hop = remote->family == IP_V6;
	if (!entry->has_aigp)
		n->aigp = ibgp;
	if (n->families[0] == NULL)
		n->families[0] = mem_strdup("ipv4-unicast");
	return 0;
}

/* A neighbor starts as a copy of its group, or of the defaults. */
static int read_neighbor(const struct draft *draft, const json_t *object, unsigned where,
			 struct neighbor_entry *entry, const char *path, struct error *e)
{
	const json_t *group_name = json_object_get(object, "peer-group");

	init_group(entry);
	if (json_is_string(group_name)) {
		const struct neighbor_entry *group =
			find_group(draft, json_string_value(group_name));

		if (group == NULL)
			return error_set(e, "%s.peer-group: no peer group is named \"%.64s\"", path,
					 json_string_value(group_name));
		neighbor_config_copy(&entry->config, &group->config);
		entry->has_extended_next_hop = group->has_extended_next_hop;
		entry->has_aigp = group->has_aigp;
	}
	if (neighbor_entry_read(object, entry, where, path, e) < 0)
		return -1;
	return finish_neighbor(draft->config, entry, path, e);
}

static int read_neighbors(struct draft *draft, const json_t *list, const char *path,
			  struct error *e)
{
	struct instance_config *config = draft->config;
	char item[DOC_PATH_MAX];

	if (list == NULL)
		return 0;
	if (doc_check_array(list, INSTANCE_NEIGHBORS_MAX, path, e) < 0)
		return -1;
	config->neighbors = mem_zalloc((json_array_size(list) + 1) * sizeof(*config->neighbors));
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct neighbor_entry entry;
		int result = read_neighbor(draft, json_array_get(list, i), NEIGHBOR_IN_LIST, &entry,
					   doc_path_index(item, path, i), e);

		config->neighbors[config->neighbor_count++] = entry.config;
		if (result < 0)
			return -1;
	}
	return 0;
}

static int read_dynamic_neighbors(struct draft *draft, const json_t *list, const char *path,
				  struct error *e)
{
	struct instance_config *config = draft->config;
	char item[DOC_PATH_MAX];

	if (list == NULL)
		return 0;
	if (doc_check_array(list, DYNAMIC_NEIGHBORS_MAX, path, e) < 0)
		return -1;
	config->dynamic_neighbors =
		mem_zalloc((json_array_size(list) + 1) * sizeof(*config->dynamic_neighbors));
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct neighbor_entry entry;
		int result = read_neighbor(draft, json_array_get(list, i), NEIGHBOR_IN_DYNAMIC,
					   &entry, doc_path_index(item, path, i), e);

		config->dynamic_neighbors[config->dynamic_neighbor_count++] =
			(struct dynamic_neighbor_config){ entry.prefix, entry.config };
		if (result < 0)
			return -1;
	}
	return 0;
}

static int compare_neighbors(const void *a, const void *b)
{
	return ip_addr_compare(&(*(const struct neighbor_config *const *)a)->address,
			       &(*(const struct neighbor_config *const *)b)->address);
}

static int check_neighbors_unique(const struct instance_config *config, const char *path,
				  struct error *e)
{
	const struct neighbor_config **sorted =
		mem_alloc((config->neighbor_count + 1) * sizeof(struct neighbor_config *));
	const struct neighbor_config *twice = NULL;
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < config->neighbor_count; i++)
		sorted[i] = &config->neighbors[i];
	qsort(sorted, config->neighbor_count, sizeof(struct neighbor_config *), compare_neighbors);
	for (size_t i = 1; i < config->neighbor_count && twice == NULL; i++) {
		if (ip_addr_equal(&sorted[i - 1]->address, &sorted[i]->address))
			twice = MAX(sorted[i - 1], sorted[i]);
	}
	mem_free(sorted);
	if (twice == NULL)
		return 0;
	return error_set(e, "%s[%zu].neighbor-address: %s is there twice", path,
			 (size_t)(twice - config->neighbors),
			 ip_addr_format(&twice->address, text));
}

static int compare_networks(const void *a, const void *b)
{
	return ip_prefix_compare(&(*(const struct network_config *const *)a)->prefix,
				 &(*(const struct network_config *const *)b)->prefix);
}

/* What may be a NEXT_HOP (RFC 4271 6.3); a receiver would not take another. */
static bool is_host(const struct ip_addr *addr)
{
	if (ip_addr_is_unspecified(addr) || ip_addr_is_multicast(addr) || ip_addr_is_loopback(addr))
		return false;
	return addr->family != IP_V4 || (addr->bytes[0] != 0 && addr->bytes[0] < 240);
}

/* A network without a next hop is the instance's own; and no prefix may be there twice. */
static int finish_networks(struct instance_config *config, const char *path, struct error *e)
{
	const struct network_config **sorted;
	const struct network_config *twice = NULL;
	char text[IP_PREFIX_TEXT_MAX];

	for (size_t i = 0; i < config->network_count; i++) {
		struct network_config *network = &config->networks[i];

		if (network->next_hop.family != IP_NONE)
			continue;
		if (network->prefix.addr.family != IP_V4)
			return error_set(e, "%s[%zu].next-hop: missing, must be given for IPv6",
					 path, i);
		network->next_hop = config->router_id;
	}
	for (size_t i = 0; i < config->network_count; i++) {
		if (!is_host(&config->networks[i].next_hop))
			return error_set(e,
					 "%s[%zu].next-hop: must be the address of one host, not "
					 "loopback or multicast",
					 path, i);
	}
	sorted = mem_alloc((config->network_count + 1) * sizeof(struct network_config *));
	for (size_t i = 0; i < config->network_count; i++)
		sorted[i] = &config->networks[i];
	qsort(sorted, config->network_count, sizeof(struct network_config *), compare_networks);
	for (size_t i = 1; i < config->network_count && twice == NULL; i++) {
		if (ip_prefix_equal(&sorted[i - 1]->prefix, &sorted[i]->prefix))
			twice = MAX(sorted[i - 1], sorted[i]);
	}
	mem_free(sorted);
	if (twice == NULL)
		return 0;
	return error_set(e, "%s[%zu].prefix: %s is there twice", path,
			 (size_t)(twice - config->networks),
			 ip_prefix_format(&twice->prefix, text));
}

static int check_router_ids(const struct instance_config *config, const char *path, struct error *e)
{
	char key[DOC_PATH_MAX];

	if (ip_addr_to_u32(&config->router_id) == 0)
		return error_set(e, "%s: must not be 0.0.0.0 (RFC 6286)",
				 doc_path_key(key, path, "router-id"));
	if (ip_addr_to_u32(&config->cluster_id) == 0)
		return error_set(e, "%s: must not be 0.0.0.0",
				 doc_path_key(key, path, "cluster-id"));
	return 0;
}

/* What OPEN cannot hold must not be cut there silently. */
static int check_names(const struct instance_config *config, const char *path, struct error *e)
{
	const struct {
		const char *key, *text;
	} names[] = {
		{ "hostname", config->hostname },
		{ "domain-name", config->domain_name },
	};
	char key[DOC_PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].text != NULL && strlen(names[i].text) > NAME_BYTES_MAX)
			return error_set(e, "%s: must be at most %u octets",
					 doc_path_key(key, path, names[i].key), NAME_BYTES_MAX);
	}
	if (config->domain_name != NULL && config->hostname == NULL)
		return error_set(e, "%s: needs a hostname", doc_path_key(key, path, "domain-name"));
	if (config->long_lived_graceful_restart && !config->graceful_restart)
		return error_set(e, "%s.long-lived: needs graceful restart itself (RFC 9494 4.2)",
				 doc_path_key(key, path, "graceful-restart"));
	return 0;
}

static int parse_draft(struct draft *draft, const json_t *document, const char *path,
		       struct error *e)
{
	struct instance_config *config = draft->config;
	char key[DOC_PATH_MAX];

	if (doc_read(document, instance_fields, ARRAY_SIZE(instance_fields), 0, config, path, e) <
	    0)
		return -1;
	if (config->cluster_id.family == IP_NONE)
		config->cluster_id = config->router_id;
	if (check_router_ids(config, path, e) < 0 || check_names(config, path, e) < 0 ||
	    finish_networks(config, doc_path_key(key, path, "networks"), e) < 0 ||
	    read_groups(draft, json_object_get(document, "peer-groups"),
			doc_path_key(key, path, "peer-groups"), e) < 0 ||
	    read_neighbors(draft, json_object_get(document, "neighbors"),
			   doc_path_key(key, path, "neighbors"), e) < 0 ||
	    check_neighbors_unique(config, key, e) < 0)
		return -1;
	return read_dynamic_neighbors(draft, json_object_get(document, "dynamic-neighbors"),
				      doc_path_key(key, path, "dynamic-neighbors"), e);
}

struct instance_config *instance_config_parse(const json_t *document, const char *path,
					      struct error *e)
{
	struct instance_config *config = mem_zalloc(sizeof(*config));
	struct draft draft = { .config = config };
	int result;

	config->next_hop_hold_s = 5;
	config->selection_deferral_s = 30;
	config->graceful_restart = true;
	config->restart_time_s = 120;
	config->long_lived_stale_time_s = LONG_LIVED_STALE_TIME_S;
	config->ebgp_requires_policy = true;
	result = parse_draft(&draft, document, path, e);
	for (size_t i = 0; i < draft.group_count; i++) {
		mem_free(draft.groups[i].name);
		neighbor_config_clear(&draft.groups[i].config);
	}
	mem_free(draft.groups);
	if (result == 0)
		return config;
	instance_config_free(config);
	return NULL;
}

void instance_config_free(struct instance_config *config)
{
	if (config == NULL)
		return;
	for (size_t i = 0; i < config->neighbor_count; i++)
		neighbor_config_clear(&config->neighbors[i]);
	for (size_t i = 0; i < config->dynamic_neighbor_count; i++)
		neighbor_config_clear(&config->dynamic_neighbors[i].template);
	for (size_t i = 0; i < config->network_count; i++)
		mem_free(config->networks[i].communities);
	mem_free(config->neighbors);
	mem_free(config->dynamic_neighbors);
	mem_free(config->networks);
	mem_free(config->direct_next_hops);
	mem_free(config->name);
	mem_free(config->hostname);
	mem_free(config->domain_name);
	mem_free(config);
}

json_t *instance_config_to_json(const struct instance_config *config, bool redact)
{
	json_t *document =
		doc_print(instance_fields, ARRAY_SIZE(instance_fields), 0, config, redact);

	if (config->table_id == 0)
		json_object_del(document, "table-id");
	return document;
}

static bool same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* What OPEN says, and what is checked of the peer's. */
static bool same_open(const struct neighbor_config *a, const struct neighbor_config *b)
{
	return a->addpath_receive == b->addpath_receive && a->addpath_send == b->addpath_send &&
	       a->extended_messages == b->extended_messages &&
	       a->extended_next_hop == b->extended_next_hop &&
	       a->multiple_labels == b->multiple_labels && a->accept_as_sets == b->accept_as_sets &&
	       a->aigp == b->aigp && a->has_role == b->has_role && a->role == b->role &&
	       a->role_strict == b->role_strict;
}

bool neighbor_config_same_session(const struct neighbor_config *a, const struct neighbor_config *b)
{
	for (size_t i = 0; i < INSTANCE_FAMILIES_MAX; i++) {
		if (!same_text(a->families[i], b->families[i]))
			return false;
		if (a->families[i] == NULL)
			break;
	}
	return ip_addr_equal(&a->address, &b->address) &&
	       ip_addr_equal(&a->local_address, &b->local_address) &&
	       a->peer_as.number == b->peer_as.number && a->port == b->port && a->ttl == b->ttl &&
	       a->ttl_security_hops == b->ttl_security_hops && a->hold_time_s == b->hold_time_s &&
	       a->passive == b->passive && a->enabled == b->enabled &&
	       same_text(a->password, b->password) && same_open(a, b);
}
