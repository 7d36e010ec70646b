/*
 * instance_parts: the parts of an instance document that repeat: neighbors and networks.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "model/instance_parts.h"

#include "base/mem.h"
#include "model/doc.h"

#define IMPORT_REJECTS_MAX 10000u
#define COMMUNITIES_MAX 60u    /* below 255 octets */
#define PASSWORD_BYTES_MAX 80u /* TCP_MD5SIG_MAXKEYLEN */

static const char *const policies[] = { "", "accept-all", "reject-all", NULL };
/* As RFC 9234 4.1 numbers them. */
static const char *const roles[] = { "provider", "rs", "rs-client", "customer", "peer" };
static const char *const import_next_hops[] = { "received", "peer-address", NULL };
static const char *const matches[] = { "exact", "or-longer", NULL };
static const char *const network_kinds[] = { "static", "host", "virtual-network", NULL };
static const char *const advertises[] = { "all", "internal", "external", NULL };

static const struct {
	const char *name;
	uint32_t value;
} known_communities[] = {
	{ "graceful-shutdown", 0xffff0000u },	{ "blackhole", 0xffff029au },
	{ "no-export", 0xffffff01u },		{ "no-advertise", 0xffffff02u },
	{ "no-export-subconfed", 0xffffff03u },
};

/* A boolean with two names for its values is kept as a bool, and read by a choice. */
static int read_bool_choice(const json_t *value, void *to, const char *const *choices,
			    const char *path, struct error *e)
{
	const char *text = json_string_value(value);

	for (unsigned i = 0; text != NULL && i < 2; i++) {
		if (strcmp(text, choices[i]) == 0) {
			*(bool *)to = i == 1;
			return 0;
		}
	}
	return error_set(e, "%s: must be one of %s, %s", path, choices[0], choices[1]);
}

static int read_import_next_hop(const json_t *value, void *to, const char *path, struct error *e)
{
	return read_bool_choice(value, to, import_next_hops, path, e);
}

static json_t *print_import_next_hop(const void *from, UNUSED bool redact)
{
	return json_string(import_next_hops[*(const bool *)from]);
}

static int read_match(const json_t *value, void *to, const char *path, struct error *e)
{
	return read_bool_choice(value, to, matches, path, e);
}

static json_t *print_match(const void *from, UNUSED bool redact)
{
	return json_string(matches[*(const bool *)from]);
}

static const struct doc_field reject_fields[] = {
	{ .name = "prefix",
	  .type = DOC_PREFIX,
	  .offset = offsetof(struct import_reject, prefix),
	  .flags = DOC_REQUIRED },
	{ .name = "match",
	  .type = DOC_CUSTOM,
	  .offset = offsetof(struct import_reject, or_longer),
	  .read = read_match,
	  .print = print_match },
	{ .name = "reason",
	  .type = DOC_TEXT,
	  .offset = offsetof(struct import_reject, reason),
	  .flags = DOC_REQUIRED },
};

static void clear_rejects(struct neighbor_config *config)
{
	for (size_t i = 0; i < config->import_reject_count; i++)
		mem_free(config->import_rejects[i].reason);
	mem_free(config->import_rejects);
	config->import_rejects = NULL;
	config->import_reject_count = 0;
}

static int read_rejects(const json_t *value, void *to, const char *path, struct error *e)
{
	struct neighbor_entry *entry = to;
	struct neighbor_config *config = &entry->config;
	char item[DOC_PATH_MAX];

	if (doc_check_array(value, IMPORT_REJECTS_MAX, path, e) < 0)
		return -1;
	clear_rejects(config);
	config->import_rejects =
		mem_zalloc((json_array_size(value) + 1) * sizeof(*config->import_rejects));
	for (size_t i = 0; i < json_array_size(value); i++) {
		config->import_reject_count++;
		if (doc_read(json_array_get(value, i), reject_fields, ARRAY_SIZE(reject_fields), 0,
			     &config->import_rejects[i], doc_path_index(item, path, i), e) < 0)
			return -1;
	}
	return 0;
}

static json_t *print_rejects(const void *from, bool redact)
{
	const struct neighbor_entry *entry = from;
	json_t *list;

	if (entry->config.import_reject_count == 0)
		return NULL;
	list = json_array();
	for (size_t i = 0; i < entry->config.import_reject_count; i++)
		json_array_append_new(list, doc_print(reject_fields, ARRAY_SIZE(reject_fields), 0,
						      &entry->config.import_rejects[i], redact));
	return list;
}

static void clear_families(struct neighbor_config *config)
{
	for (size_t i = 0; i < INSTANCE_FAMILIES_MAX; i++) {
		mem_free(config->families[i]);
		config->families[i] = NULL;
	}
}

static int read_families(const json_t *value, void *to, const char *path, struct error *e)
{
	struct neighbor_config *config = &((struct neighbor_entry *)to)->config;
	char item[DOC_PATH_MAX];

	if (doc_check_array(value, INSTANCE_FAMILIES_MAX - 1, path, e) < 0)
		return -1;
	if (json_array_size(value) == 0)
		return error_set(e, "%s: must name at least one family, as ipv4-unicast", path);
	clear_families(config);
	for (size_t i = 0; i < json_array_size(value); i++) {
		const char *name;

		doc_path_index(item, path, i);
		name = doc_check_text(json_array_get(value, i), item, e);
		if (name == NULL)
			return -1;
		for (size_t j = 0; j < i; j++) {
			if (strcmp(config->families[j], name) == 0)
				return error_set(e, "%s: %s is there twice", item, name);
		}
		config->families[i] = mem_strdup(name);
	}
	return 0;
}

static json_t *print_families(const void *from, UNUSED bool redact)
{
	const struct neighbor_config *config = &((const struct neighbor_entry *)from)->config;
	json_t *list = json_array();

	for (size_t i = 0; i < INSTANCE_FAMILIES_MAX && config->families[i] != NULL; i++)
		json_array_append_new(list, json_string(config->families[i]));
	return list;
}

static int read_password(const json_t *value, void *to, const char *path, struct error *e)
{
	struct neighbor_config *config = &((struct neighbor_entry *)to)->config;
	size_t length = json_string_length(value);

	/* The value is a secret: no error may show it. */
	if (!json_is_string(value) || length == 0 || length > PASSWORD_BYTES_MAX ||
	    strlen(json_string_value(value)) != length)
		return error_set(e, "%s: must be text of 1 to %u octets", path, PASSWORD_BYTES_MAX);
	mem_free(config->password);
	config->password = mem_strdup(json_string_value(value));
	return 0;
}

static json_t *print_password(const void *from, UNUSED bool redact)
{
	const char *password = ((const struct neighbor_entry *)from)->config.password;

	return password == NULL ? NULL : json_string(password);
}

static int read_role(const json_t *value, void *to, const char *path, struct error *e)
{
	struct neighbor_config *config = &((struct neighbor_entry *)to)->config;
	const char *text = json_string_value(value);

	for (uint8_t i = 0; text != NULL && i < ARRAY_SIZE(roles); i++) {
		if (strcmp(text, roles[i]) == 0) {
			config->has_role = true;
			config->role = i;
			return 0;
		}
	}
	return error_set(e, "%s: must be one of provider, rs, rs-client, customer, peer", path);
}

static json_t *print_role(const void *from, UNUSED bool redact)
{
	const struct neighbor_config *config = &((const struct neighbor_entry *)from)->config;

	return config->has_role ? json_string(roles[config->role]) : NULL;
}

static const struct doc_field add_paths_fields[] = {
	{ .name = "receive",
	  .type = DOC_BOOL,
	  .offset = offsetof(struct neighbor_entry, config.addpath_receive) },
	{ .name = "send",
	  .type = DOC_BOOL,
	  .offset = offsetof(struct neighbor_entry, config.addpath_send) },
	{ .name = "send-max",
	  .type = DOC_U8,
	  .offset = offsetof(struct neighbor_entry, config.addpath_send_max) },
};

static int read_add_paths(const json_t *value, void *to, const char *path, struct error *e)
{
	return doc_read(value, add_paths_fields, ARRAY_SIZE(add_paths_fields), 0, to, path, e);
}

static json_t *print_add_paths(const void *from, bool redact)
{
	return doc_print(add_paths_fields, ARRAY_SIZE(add_paths_fields), 0, from, redact);
}

static int read_neighbor_address(const json_t *value, void *to, const char *path, struct error *e)
{
	struct ip_addr addr;

	if (doc_check_addr(value, &addr, path, e) < 0)
		return -1;
	if (ip_addr_is_unspecified(&addr) || ip_addr_is_multicast(&addr))
		return error_set(e, "%s: must be the address of one host", path);
	*(struct ip_addr *)to = addr;
	return 0;
}

static json_t *print_neighbor_address(const void *from, UNUSED bool redact)
{
	char text[IP_TEXT_MAX];

	return json_string(ip_addr_format(from, text));
}

#define FIELD(key, kind, member) \
	.name = key, .type = kind, .offset = offsetof(struct neighbor_entry, member)

static const struct doc_field neighbor_fields[] = {
	{ FIELD("name", DOC_TEXT, name), .flags = DOC_REQUIRED, .where = NEIGHBOR_IN_GROUP },
	{ FIELD("neighbor-address", DOC_CUSTOM, config.address), .flags = DOC_REQUIRED,
	  .where = NEIGHBOR_IN_LIST, .read = read_neighbor_address,
	  .print = print_neighbor_address },
	{ FIELD("prefix", DOC_PREFIX, prefix), .flags = DOC_REQUIRED,
	  .where = NEIGHBOR_IN_DYNAMIC },
	{ FIELD("peer-group", DOC_TEXT, config.peer_group),
	  .where = NEIGHBOR_IN_LIST | NEIGHBOR_IN_DYNAMIC },
	{ FIELD("peer-as", DOC_ASN, config.peer_as) },
	{ FIELD("local-address", DOC_ADDR, config.local_address) },
	{ FIELD("description", DOC_TEXT, config.description) },
	{ FIELD("route-reflector-client", DOC_BOOL, config.route_reflector_client) },
	{ FIELD("passive", DOC_BOOL, config.passive) },
	{ FIELD("port", DOC_U16, config.port), .min = 1 },
	{ FIELD("hold-time", DOC_U16, config.hold_time_s) },
	{ FIELD("connect-retry-time", DOC_U16, config.connect_retry_s), .min = 1 },
	{ FIELD("ebgp-multihop", DOC_U8, config.ttl), .min = 1 },
	{ .name = "families", .type = DOC_CUSTOM, .read = read_families, .print = print_families },
	{ FIELD("enabled", DOC_BOOL, config.enabled) },
	{ FIELD("import-policy", DOC_CHOICE, config.import_policy), .choices = policies },
	{ FIELD("export-policy", DOC_CHOICE, config.export_policy), .choices = policies },
	{ FIELD("import-next-hop", DOC_CUSTOM, config.next_hop_peer), .read = read_import_next_hop,
	  .print = print_import_next_hop },
	{ .name = "import-reject",
	  .type = DOC_CUSTOM,
	  .read = read_rejects,
	  .print = print_rejects },
	{ FIELD("next-hop-self", DOC_BOOL, config.next_hop_self) },
	{ FIELD("as-override", DOC_BOOL, config.as_override) },
	{ FIELD("med", DOC_U32, config.med),
	  .has_offset = offsetof(struct neighbor_entry, config.has_med) },
	{ FIELD("prefix-limit", DOC_U32, config.prefix_limit) },
	{ .name = "auth-password",
	  .type = DOC_CUSTOM,
	  .flags = DOC_SECRET,
	  .read = read_password,
	  .print = print_password },
	{ FIELD("expected", DOC_BOOL, config.expected) },
	{ .name = "add-paths",
	  .type = DOC_CUSTOM,
	  .read = read_add_paths,
	  .print = print_add_paths },
	{ FIELD("extended-messages", DOC_BOOL, config.extended_messages) },
	{ FIELD("extended-next-hop", DOC_BOOL, config.extended_next_hop),
	  .has_offset = offsetof(struct neighbor_entry, has_extended_next_hop) },
	{ FIELD("multiple-labels", DOC_BOOL, config.multiple_labels) },
	{ FIELD("accept-as-sets", DOC_BOOL, config.accept_as_sets) },
	{ FIELD("aigp", DOC_BOOL, config.aigp),
	  .has_offset = offsetof(struct neighbor_entry, has_aigp) },
	{ .name = "role", .type = DOC_CUSTOM, .read = read_role, .print = print_role },
	{ FIELD("role-strict", DOC_BOOL, config.role_strict) },
	{ FIELD("ttl-security-hops", DOC_U8, config.ttl_security_hops) },
	{ FIELD("delay-open", DOC_U16, config.delay_open_s) },
};

int neighbor_entry_read(const json_t *object, struct neighbor_entry *entry, unsigned where,
			const char *path, struct error *e)
{
	return doc_read(object, neighbor_fields, ARRAY_SIZE(neighbor_fields), where, entry, path,
			e);
}

static json_t *print_entry(const struct neighbor_entry *entry, unsigned where, bool redact)
{
	return doc_print(neighbor_fields, ARRAY_SIZE(neighbor_fields), where, entry, redact);
}

json_t *neighbor_config_print(const struct neighbor_config *config, bool redact)
{
	struct neighbor_entry entry = { .config = *config,
					.has_extended_next_hop = true,
					.has_aigp = true };

	return print_entry(&entry, NEIGHBOR_IN_LIST, redact);
}

json_t *dynamic_neighbor_config_print(const struct dynamic_neighbor_config *config, bool redact)
{
	struct neighbor_entry entry = { .config = config->template,
					.prefix = config->prefix,
					.has_extended_next_hop = true,
					.has_aigp = true };

	return print_entry(&entry, NEIGHBOR_IN_DYNAMIC, redact);
}

static char *copy_text(const char *text)
{
	return text == NULL ? NULL : mem_strdup(text);
}

void neighbor_config_copy(struct neighbor_config *to, const struct neighbor_config *from)
{
	*to = *from;
	to->description = copy_text(from->description);
	to->peer_group = copy_text(from->peer_group);
	to->password = copy_text(from->password);
	for (size_t i = 0; i < INSTANCE_FAMILIES_MAX; i++)
		to->families[i] = copy_text(from->families[i]);
	if (from->import_reject_count == 0) {
		to->import_rejects = NULL;
		return;
	}
	to->import_rejects = mem_dup(from->import_rejects,
				     from->import_reject_count * sizeof(*from->import_rejects));
	for (size_t i = 0; i < from->import_reject_count; i++)
		to->import_rejects[i].reason = copy_text(from->import_rejects[i].reason);
}

void neighbor_config_clear(struct neighbor_config *config)
{
	mem_free(config->description);
	mem_free(config->peer_group);
	mem_free(config->password);
	clear_families(config);
	clear_rejects(config);
}

static int parse_community(const char *text, uint32_t *ret)
{
	unsigned high, low;
	int used = 0;

	for (size_t i = 0; i < ARRAY_SIZE(known_communities); i++) {
		if (strcmp(text, known_communities[i].name) == 0) {
			*ret = known_communities[i].value;
			return 0;
		}
	}
	if (strspn(text, "0123456789:") != strlen(text) || strlen(text) > 11 ||
	    sscanf(text, "%u:%u%n", &high, &low, &used) != 2 || text[used] != '\0' ||
	    high > UINT16_MAX || low > UINT16_MAX)
		return -1;
	*ret = (uint32_t)high << 16 | low;
	return 0;
}

static int read_communities(const json_t *value, void *to, const char *path, struct error *e)
{
	struct network_config *network = to;
	char item[DOC_PATH_MAX];

	if (doc_check_array(value, COMMUNITIES_MAX, path, e) < 0)
		return -1;
	network->communities =
		mem_zalloc((json_array_size(value) + 1) * sizeof(*network->communities));
	for (size_t i = 0; i < json_array_size(value); i++) {
		const char *text = json_string_value(json_array_get(value, i));

		if (text == NULL || parse_community(text, &network->communities[i]) < 0)
			return error_set(e, "%s: must be a community as \"65000:1\" or no-export",
					 doc_path_index(item, path, i));
		network->community_count++;
	}
	return 0;
}

static json_t *print_community(uint32_t community)
{
	for (size_t i = 0; i < ARRAY_SIZE(known_communities); i++) {
		if (known_communities[i].value == community)
			return json_string(known_communities[i].name);
	}
	return json_sprintf("%u:%u", community >> 16, community & 0xffff);
}

static json_t *print_communities(const void *from, UNUSED bool redact)
{
	const struct network_config *network = from;
	json_t *list;

	if (network->community_count == 0)
		return NULL;
	list = json_array();
	for (size_t i = 0; i < network->community_count; i++)
		json_array_append_new(list, print_community(network->communities[i]));
	return list;
}

#undef FIELD
#define FIELD(key, kind, member) \
	.name = key, .type = kind, .offset = offsetof(struct network_config, member)

static const struct doc_field network_fields[] = {
	{ FIELD("prefix", DOC_PREFIX, prefix), .flags = DOC_REQUIRED },
	{ FIELD("next-hop", DOC_ADDR, next_hop) },
	{ FIELD("med", DOC_U32, med), .has_offset = offsetof(struct network_config, has_med) },
	{ FIELD("kind", DOC_CHOICE, kind), .choices = network_kinds },
	{ FIELD("advertise", DOC_CHOICE, advertise), .choices = advertises },
	{ .name = "communities",
	  .type = DOC_CUSTOM,
	  .read = read_communities,
	  .print = print_communities },
};

int network_config_read(const json_t *object, struct network_config *network, const char *path,
			struct error *e)
{
	if (doc_read(object, network_fields, ARRAY_SIZE(network_fields), 0, network, path, e) < 0)
		return -1;
	if (network->next_hop.family != IP_NONE &&
	    network->next_hop.family != network->prefix.addr.family)
		return error_set(e, "%s.next-hop: is not of the prefix's address family", path);
	return 0;
}

json_t *network_config_print(const struct network_config *network, bool redact)
{
	return doc_print(network_fields, ARRAY_SIZE(network_fields), 0, network, redact);
}
