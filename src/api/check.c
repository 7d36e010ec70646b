/*
 * check: what must hold between resources: references, addresses, names.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "api/check.h"

#include "api/value.h"
#include "base/ip.h"

struct check {
	const struct document_set *set;
	const struct resource_ref *root;
	const json_t *document;
	struct problem_list *problems;
	const char
		*prefix; /* before targets: which resource, when it is not the one of the request */
};

static void add(const struct check *c, const char *path, const char *format, ...) PRINTF(3, 4);

static void add(const struct check *c, const char *path, const char *format, ...)
{
	char target[PROBLEM_TARGET_MAX];
	struct error error;
	va_list args;

	va_start(args, format);
	vsnprintf(error.text, sizeof(error.text), format, args);
	va_end(args);
	snprintf(target, sizeof(target), "%s%s%s", c->prefix, c->prefix[0] != '\0' ? " " : "",
		 path);
	problem_add_at(c->problems, target, "%s", error.text);
}

static bool prefix_of(const json_t *value, struct ip_prefix *ret)
{
	return json_is_string(value) && ip_prefix_parse(json_string_value(value), ret, NULL) == 0;
}

static bool address_of(const json_t *value, struct ip_addr *ret)
{
	return json_is_string(value) && ip_addr_parse(json_string_value(value), ret, NULL) == 0;
}

static bool overlap(const struct ip_prefix *a, const struct ip_prefix *b)
{
	return ip_prefix_covers(a, b) || ip_prefix_covers(b, a);
}

static void check_use(void *context, const struct document_use *use)
{
	const struct check *c = context;

	if (document_find_in(c->set, &use->to) == NULL)
		add(c, use->path, "'%.200s' does not exist: make it first, or mend the reference",
		    use->target);
}

/* virtualNetworks */

static void check_space(const struct check *c, const json_t *prefixes)
{
	size_t count = json_array_size(prefixes);

	for (size_t i = 0; i < count; i++) {
		struct ip_prefix one, other;
		char path[PROBLEM_TARGET_MAX], text[IP_PREFIX_TEXT_MAX];

		if (!prefix_of(json_array_get(prefixes, i), &one))
			continue;
		snprintf(path, sizeof(path), "properties.addressSpace.addressPrefixes[%zu]", i);
		for (size_t k = 0; k < i; k++) {
			if (prefix_of(json_array_get(prefixes, k), &other) && overlap(&one, &other))
				add(c, path, "overlaps %s", ip_prefix_format(&other, text));
		}
	}
}

static bool in_space(const json_t *prefixes, const struct ip_prefix *prefix)
{
	size_t index;
	json_t *value;

	json_array_foreach(prefixes, index, value)
	{
		struct ip_prefix space;

		if (prefix_of(value, &space) && ip_prefix_covers(&space, prefix))
			return true;
	}
	return false;
}

static void check_subnet(const struct check *c, const json_t *subnets, size_t index,
			 const json_t *prefixes)
{
	const json_t *subnet = json_array_get(subnets, index);
	char path[PROBLEM_TARGET_MAX], text[IP_PREFIX_TEXT_MAX];
	struct ip_prefix prefix, other;

	if (!prefix_of(document_property(subnet, "addressPrefix"), &prefix))
		return;
	snprintf(path, sizeof(path), "properties.subnets[%zu].properties.addressPrefix", index);
	if (!in_space(prefixes, &prefix))
		add(c, path, "%s is not inside the address space of the virtual network",
		    ip_prefix_format(&prefix, text));
	if (prefix.length > 30)
		add(c, path,
		    "%s is too small: the first address is the subnet's router, so /30 is "
		    "the least",
		    ip_prefix_format(&prefix, text));
	for (size_t i = 0; i < index; i++) {
		const json_t *before = json_array_get(subnets, i);

		if (prefix_of(document_property(before, "addressPrefix"), &other) &&
		    overlap(&prefix, &other))
			add(c, path, "overlaps subnet '%s', %s", document_id(before),
			    ip_prefix_format(&other, text));
	}
}

static void check_virtual_network(const struct check *c)
{
	const json_t *prefixes =
		json_object_get(document_property(c->document, "addressSpace"), "addressPrefixes");
	const json_t *subnets = document_children(c->document, &schema_subnets);

	check_space(c, prefixes);
	for (size_t i = 0; i < json_array_size(subnets); i++)
		check_subnet(c, subnets, i, prefixes);
}

/* networkInterfaces */

/* Is the subnet the gateway subnet of some virtual gateway? */
static const char *gateway_subnet_of(const struct document_set *set, const char *subnet)
{
	const char *id;
	json_t *gateway, *reference;
	size_t index;

	json_object_foreach((json_t *)(uintptr_t)document_all(set, &schema_virtual_gateways), id,
			    gateway)
	{
		json_array_foreach(document_property(gateway, "gatewaySubnets"), index, reference)
		{
			const char *text = document_reference(reference);

			if (text != NULL && strcmp(text, subnet) == 0)
				return id;
		}
	}
	return NULL;
}

static void check_nic_address(const struct check *c, const char *path, const char *subnet_ref,
			      const json_t *subnet, const struct ip_addr *address)
{
	struct ip_prefix prefix;
	struct ip_addr first, last;
	char text[IP_PREFIX_TEXT_MAX], addr_text[IP_TEXT_MAX];
	const char *tenant = gateway_subnet_of(c->set, subnet_ref);

	if (tenant != NULL)
		add(c, path, "'%s' is the gateway subnet of '%s': use another subnet", subnet_ref,
		    tenant);
	if (!prefix_of(document_property(subnet, "addressPrefix"), &prefix))
		return;
	ip_addr_format(address, addr_text);
	ip_prefix_format(&prefix, text);
	first = ip_addr_plus(&prefix.addr, 1);
	last = ip_addr_plus(&prefix.addr, ip_prefix_size(&prefix) - 1);
	if (!ip_prefix_contains(&prefix, address))
		add(c, path, "%s is not in the subnet %s", addr_text, text);
	else if (ip_addr_equal(address, &first))
		add(c, path,
		    "%s is the first address of %s, which is the subnet's router: choose "
		    "a later one",
		    addr_text, text);
	else if (ip_addr_equal(address, &prefix.addr) || ip_addr_equal(address, &last))
		add(c, path, "%s is the network or broadcast address of %s", addr_text, text);
}

struct nic_address {
	struct resource_ref network; /* the root of its subnet */
	struct ip_addr address;
};

static bool nic_address_of(const json_t *configuration, struct nic_address *ret)
{
	const char *subnet = document_reference(document_property(configuration, "subnet"));

	if (subnet == NULL || resource_ref_parse(subnet, &ret->network, NULL, NULL) < 0)
		return false;
	ret->network.depth = 1;
	return address_of(document_property(configuration, "privateIPAddress"), &ret->address);
}

/* Somebody else in the same virtual network with this address (or, with address NULL, this MAC). */
static const char *nic_rival(const struct check *c, const json_t *self,
			     const struct nic_address *mine, const char *mac)
{
	const char *id, *other_mac;
	json_t *nic, *configuration;
	size_t index;

	json_object_foreach((json_t *)(uintptr_t)document_all(c->set, &schema_network_interfaces),
			    id, nic)
	{
		other_mac = json_string_value(document_property(nic, "privateMacAddress"));
		json_array_foreach(document_children(nic, &schema_ip_configurations), index,
				   configuration)
		{
			struct nic_address other;

			if (configuration == self || !nic_address_of(configuration, &other) ||
			    !resource_ref_covers(&mine->network, &other.network))
				continue;
			if (mac == NULL ? ip_addr_equal(&mine->address, &other.address)
					: nic != c->document && other_mac != NULL &&
						  strcmp(mac, other_mac) == 0)
				return id;
		}
	}
	return NULL;
}

static void check_ip_configuration(const struct check *c, const json_t *configuration, size_t index)
{
	const char *subnet_ref = document_reference(document_property(configuration, "subnet"));
	const char *mac = json_string_value(document_property(c->document, "privateMacAddress"));
	char path[PROBLEM_TARGET_MAX], text[IP_TEXT_MAX];
	const char *rival;
	struct nic_address mine;
	struct resource_ref ref;
	const json_t *subnet;

	if (!nic_address_of(configuration, &mine) ||
	    resource_ref_parse(subnet_ref, &ref, NULL, NULL) < 0)
		return;
	subnet = document_find_in(c->set, &ref);
	if (subnet == NULL || resource_ref_kind(&ref) != &schema_subnets)
		return;
	snprintf(path, sizeof(path), "properties.ipConfigurations[%zu].properties.privateIPAddress",
		 index);
	check_nic_address(c, path, subnet_ref, subnet, &mine.address);
	if (c->prefix[0] != '\0') /* it has not changed, so nobody has become its rival */
		return;
	rival = nic_rival(c, configuration, &mine, NULL);
	if (rival != NULL)
		add(c, path,
		    "%s is used already, by network interface '%s' of the same virtual "
		    "network",
		    ip_addr_format(&mine.address, text), rival);
	rival = mac == NULL ? NULL : nic_rival(c, configuration, &mine, mac);
	if (rival != NULL)
		add(c, "properties.privateMacAddress",
		    "%s is used already, by network interface '%s' of the same virtual network",
		    mac, rival);
}

static void check_network_interface(const struct check *c)
{
	json_t *configuration;
	size_t index;

	json_array_foreach(document_children(c->document, &schema_ip_configurations), index,
			   configuration) check_ip_configuration(c, configuration, index);
}

/* publicIPAddresses, gatewayPools, gateways, servers */

/* The id of another resource of `kind` whose property has the same text. */
static const char *same_value(const struct check *c, const struct schema_kind *kind,
			      const char *property)
{
	const char *mine = json_string_value(document_property(c->document, property));
	const char *id;
	json_t *other;

	if (mine == NULL)
		return NULL;
	json_object_foreach((json_t *)(uintptr_t)document_all(c->set, kind), id, other)
	{
		const char *value = json_string_value(document_property(other, property));

		if (other != c->document && value != NULL && strcmp(value, mine) == 0)
			return id;
	}
	return NULL;
}

static void check_public_address(const struct check *c)
{
	const char *rival = same_value(c, &schema_public_ip_addresses, "ipAddress");

	if (rival != NULL)
		add(c, "properties.ipAddress", "is that of public IP address '%s' already", rival);
}

static bool holds_reference(const json_t *list, const char *target)
{
	json_t *reference;
	size_t index;

	json_array_foreach(list, index, reference)
	{
		const char *text = document_reference(reference);

		if (text != NULL && strcmp(text, target) == 0)
			return true;
	}
	return false;
}

static void check_pool(const struct check *c)
{
	const json_t *mine = json_object_get(document_property(c->document, "ipConfiguration"),
					     "publicIPAddresses");
	const char *id;
	json_t *other, *reference;
	size_t index;

	json_array_foreach(mine, index, reference)
	{
		const char *target = document_reference(reference);

		json_object_foreach(
			(json_t *)(uintptr_t)document_all(c->set, &schema_gateway_pools), id, other)
		{
			char path[PROBLEM_TARGET_MAX];

			if (other == c->document || target == NULL ||
			    !holds_reference(
				    json_object_get(document_property(other, "ipConfiguration"),
						    "publicIPAddresses"),
				    target))
				continue;
			snprintf(path, sizeof(path),
				 "properties.ipConfiguration.publicIPAddresses[%zu]", index);
			add(c, path, "'%s' belongs to gateway pool '%s' already", target, id);
		}
	}
}

/* Gateways and servers are nodes: one name space, one provider network. */
static void check_node(const struct check *c)
{
	const struct schema_kind *other_kind =
		c->root->kinds[0] == &schema_gateways ? &schema_servers : &schema_gateways;
	const char *rival = same_value(c, c->root->kinds[0], "providerAddress");

	if (rival != NULL)
		add(c, "properties.providerAddress", "is that of %s '%s' already",
		    c->root->kinds[0]->singular, rival);
	rival = same_value(c, other_kind, "providerAddress");
	if (rival != NULL)
		add(c, "properties.providerAddress", "is that of %s '%s' already",
		    other_kind->singular, rival);
	if (json_object_get(document_all(c->set, other_kind), c->root->ids[0]) != NULL)
		add(c, "resourceId", "'%s' is the name of a %s already: nodes need different names",
		    c->root->ids[0], other_kind->singular);
}

/* virtualGateways */

static void check_gateway_subnets(const struct check *c)
{
	const json_t *subnets = document_property(c->document, "gatewaySubnets");
	const char *mine = document_reference(json_array_get(subnets, 0));
	struct resource_ref subnet, other_subnet;
	const char *id;
	json_t *other;

	if (json_array_size(subnets) > 1)
		add(c, "properties.gatewaySubnets[1]",
		    "one gateway subnet is supported: leave this "
		    "one out");
	if (mine == NULL || resource_ref_parse(mine, &subnet, NULL, NULL) < 0)
		return;
	subnet.depth = 1;
	json_object_foreach((json_t *)(uintptr_t)document_all(c->set, &schema_virtual_gateways), id,
			    other)
	{
		const char *theirs = document_reference(
			json_array_get(document_property(other, "gatewaySubnets"), 0));

		if (other != c->document && theirs != NULL &&
		    resource_ref_parse(theirs, &other_subnet, NULL, NULL) == 0 &&
		    resource_ref_covers(&subnet, &other_subnet))
			add(c, "properties.gatewaySubnets[0]",
			    "virtual network '%s' has virtual gateway '%s' already", subnet.ids[0],
			    id);
	}
	if (c->prefix[0] != '\0') /* it has not changed, and an interface looks for itself */
		return;
	json_object_foreach((json_t *)(uintptr_t)document_all(c->set, &schema_network_interfaces),
			    id, other)
	{
		const json_t *configurations = document_children(other, &schema_ip_configurations);
		json_t *configuration;
		size_t index;

		json_array_foreach(configurations, index, configuration)
		{
			const char *used =
				document_reference(document_property(configuration, "subnet"));

			if (used != NULL && strcmp(used, mine) == 0)
				add(c, "properties.gatewaySubnets[0]",
				    "has network interface '%s' in it: a gateway subnet is for "
				    "gateways only",
				    id);
		}
	}
}

static void check_routes(const struct check *c, const json_t *connection, size_t index)
{
	const json_t *routes = document_property(connection, "routes");
	char path[PROBLEM_TARGET_MAX];

	for (size_t i = 0; i < json_array_size(routes); i++) {
		const char *prefix = json_string_value(
			json_object_get(json_array_get(routes, i), "destinationPrefix"));

		for (size_t k = 0; k < i; k++) {
			const char *other = json_string_value(
				json_object_get(json_array_get(routes, k), "destinationPrefix"));

			if (prefix == NULL || other == NULL || strcmp(prefix, other) != 0)
				continue;
			snprintf(path, sizeof(path),
				 "properties.networkConnections[%zu].properties.routes[%zu]."
				 "destinationPrefix",
				 index, i);
			add(c, path, "%s stands twice", prefix);
			break;
		}
	}
}

static void check_peers(const struct check *c, const json_t *router)
{
	const json_t *peers = document_children(router, &schema_bgp_peers);
	const char *local = json_string_value(document_property(router, "extAsNumber"));
	char path[PROBLEM_TARGET_MAX];

	for (size_t i = 0; i < json_array_size(peers); i++) {
		const json_t *peer = json_array_get(peers, i);
		const char *address = json_string_value(document_property(peer, "peerIPAddress"));
		const char *as = json_string_value(document_property(peer, "extAsNumber"));

		for (size_t k = 0; k < i; k++) {
			const json_t *before = json_array_get(peers, k);
			const char *other =
				json_string_value(document_property(before, "peerIPAddress"));

			snprintf(path, sizeof(path),
				 "properties.bgpRouters[0].properties.bgpPeers[%zu].properties."
				 "peerIPAddress",
				 i);
			if (address != NULL && other != NULL && strcmp(address, other) == 0)
				add(c, path, "%s is that of BGP peer '%s' already", address,
				    document_id(before));
		}
		snprintf(path, sizeof(path),
			 "properties.bgpRouters[0].properties.bgpPeers[%zu].properties.extAsNumber",
			 i);
		if (local != NULL && as != NULL && strcmp(local, as) == 0)
			add(c, path, "is the AS number of the router itself: a site has its own");
	}
}

static void check_virtual_gateway(const struct check *c)
{
	const json_t *routers = document_children(c->document, &schema_bgp_routers);
	const char *routing = json_string_value(document_property(c->document, "routingType"));
	json_t *connection;
	size_t index;

	check_gateway_subnets(c);
	json_array_foreach(document_children(c->document, &schema_network_connections), index,
			   connection) check_routes(c, connection, index);
	if (json_array_size(routers) > 1)
		add(c, "properties.bgpRouters[1]",
		    "a virtual gateway has one BGP router: leave "
		    "this one out");
	if (json_array_size(routers) != 0 && routing != NULL && strcmp(routing, "Static") == 0)
		add(c, "properties.bgpRouters",
		    "routingType is Static: make it Dynamic, or leave "
		    "the BGP router out");
	check_peers(c, json_array_get(routers, 0));
}

struct kind_check {
	const struct schema_kind *kind;
	void (*check)(const struct check *c);
};

static const struct kind_check kind_checks[] = {
	{ &schema_virtual_networks, check_virtual_network },
	{ &schema_network_interfaces, check_network_interface },
	{ &schema_public_ip_addresses, check_public_address },
	{ &schema_gateway_pools, check_pool },
	{ &schema_gateways, check_node },
	{ &schema_servers, check_node },
	{ &schema_virtual_gateways, check_virtual_gateway },
};

static void check_document(const struct check *c)
{
	document_for_each_use(c->root, c->document, check_use, (void *)(uintptr_t)c);
	for (size_t i = 0; i < ARRAY_SIZE(kind_checks); i++) {
		if (kind_checks[i].kind == c->root->kinds[0])
			kind_checks[i].check(c);
	}
}

struct dependents {
	const struct document_set *set;
	const struct resource_ref *changed;
	struct problem_list *problems;
	bool found;
};

static void note_use(void *context, const struct document_use *use)
{
	struct dependents *d = context;

	d->found = d->found || resource_ref_covers(d->changed, &use->to);
}

static void check_dependent(void *context, const struct resource_ref *root, const json_t *document)
{
	struct dependents *d = context;
	char name[RESOURCE_REF_TEXT_MAX];
	struct check c = { .set = d->set,
			   .root = root,
			   .document = document,
			   .problems = d->problems,
			   .prefix = resource_ref_format(root, name) };

	d->found = false;
	document_for_each_use(root, document, note_use, d);
	if (d->found)
		check_document(&c);
}

/* No property of the schema refers to these, so that nobody has to be asked. */
static bool nobody_refers_to(const struct schema_kind *kind)
{
	return kind == &schema_virtual_gateways || kind == &schema_network_interfaces;
}

void check_root(const struct document_set *set, const struct resource_ref *ref, bool is_new,
		struct problem_list *problems)
{
	struct resource_ref root = *ref;
	struct check c = { .set = set, .root = &root, .problems = problems, .prefix = "" };
	struct dependents dependents = { .set = set, .changed = &root, .problems = problems };

	root.depth = 1;
	c.document = document_root(set, &root);
	check_document(&c);
	if (!is_new && !nobody_refers_to(root.kinds[0]))
		document_for_each_root(set, check_dependent, &dependents);
}

struct in_use {
	const struct document_set *set;
	const struct resource_ref *root;
	struct problem_list *problems;
};

static void in_use_fn(void *context, const struct document_use *use)
{
	struct in_use *in_use = context;
	char from[RESOURCE_REF_TEXT_MAX];

	if (resource_ref_covers(in_use->root, &use->to) &&
	    document_find_in(in_use->set, &use->to) == NULL)
		problem_add_at(in_use->problems, resource_ref_format(&use->from, from),
			       "refers to '%s' in %s", use->target, use->path);
}

static void in_use_root(void *context, const struct resource_ref *root, const json_t *document)
{
	const struct in_use *in_use = context;

	if (!resource_ref_covers(in_use->root, root))
		document_for_each_use(root, document, in_use_fn, context);
}

void check_in_use(const struct document_set *set, const struct resource_ref *ref,
		  struct problem_list *problems)
{
	struct resource_ref root = *ref;
	struct in_use in_use = { .set = set, .root = &root, .problems = problems };

	root.depth = 1;
	if (!nobody_refers_to(root.kinds[0]))
		document_for_each_root(set, in_use_root, &in_use);
}
