/*
 * schema: the kinds of resources as a table: their properties, types and references.
 * SPDX-License-Identifier: Apache-2.0
 * style: table
 */
#include "api/schema.h"

#include <strings.h>

#define REQUIRED SCHEMA_REQUIRED
#define LIST SCHEMA_LIST
#define READ_ONLY SCHEMA_READ_ONLY
#define UNSUPPORTED SCHEMA_UNSUPPORTED
#define NOT_EMPTY SCHEMA_NOT_EMPTY
#define IPV6 SCHEMA_IPV6

/* clang-format off */
#define TEXT(name_, flags_)            { .name = name_, .type = SCHEMA_TEXT, .flags = (flags_) }
#define BOOLEAN(name_, flags_)         { .name = name_, .type = SCHEMA_BOOLEAN, .flags = (flags_) }
#define INTEGER(name_, flags_, min_, max_, fallback_) \
	{ .name = name_, .type = SCHEMA_INTEGER, .flags = (flags_), .min = min_, .max = max_, .fallback = fallback_ }
#define ENUM(name_, flags_, values_, fallback_) \
	{ .name = name_, .type = SCHEMA_ENUM, .flags = (flags_), .values = values_, .fallback = fallback_ }
#define ADDRESS(name_, flags_)         { .name = name_, .type = SCHEMA_ADDRESS, .flags = (flags_) }
#define PREFIX(name_, flags_)          { .name = name_, .type = SCHEMA_PREFIX, .flags = (flags_) }
#define MAC(name_, flags_)             { .name = name_, .type = SCHEMA_MAC, .flags = (flags_) }
#define AS_NUMBER(name_, flags_)       { .name = name_, .type = SCHEMA_AS_NUMBER, .flags = (flags_) }
#define EXT_AS_NUMBER(name_, flags_)   { .name = name_, .type = SCHEMA_EXT_AS_NUMBER, .flags = (flags_) }
#define REFERENCE(name_, flags_, kind_) \
	{ .name = name_, .type = SCHEMA_REFERENCE, .flags = (flags_), .kind = kind_ }
#define OBJECT(name_, flags_, object_) \
	{ .name = name_, .type = SCHEMA_OBJECT, .flags = (flags_), .object = object_ }
#define CHILDREN(name_, kind_)         { .name = name_, .type = SCHEMA_CHILDREN, .kind = kind_ }
#define ANY(name_, flags_)             { .name = name_, .type = SCHEMA_ANY, .flags = (flags_) }
#define SEEN(name_)                    { .name = name_, .type = SCHEMA_ANY, .flags = READ_ONLY }
#define LATER(name_, note_)            { .name = name_, .type = SCHEMA_ANY, .flags = UNSUPPORTED, .note = note_ }
#define END                            { .name = NULL }
/* clang-format on */

static const char *const allocation_values[] = { "Static", "Dynamic", NULL };
static const char *const pool_type_values[] = { "All", "S2sIpSec", "S2sGre", "Forwarding", NULL };
static const char *const routing_type_values[] = { "Dynamic", "Static", NULL };
static const char *const connection_type_values[] = { "WireGuard", "IPSec", "GRE", "L3", NULL };
static const char *const protocol_values[] = { "Static", NULL };
static const char *const credential_type_values[] = { "UsernamePassword", "X509Certificate",
						      "SnmpCommunityString", NULL };

/* virtualNetworks */

static const struct schema_property address_space_properties[] = {
	PREFIX("addressPrefixes", LIST | REQUIRED | NOT_EMPTY),
	END,
};

static const struct schema_property dhcp_options_properties[] = {
	ADDRESS("dnsServers", LIST | IPV6),
	END,
};

static const struct schema_property subnet_properties[] = {
	PREFIX("addressPrefix", REQUIRED), SEEN("ipConfigurations"),
	SEEN("serviceInsertion"),	   LATER("accessControlList", NULL),
	LATER("routeTable", NULL),	   LATER("encryptionEnabled", NULL),
	SEEN("configurationState"),	   END,
};

const struct schema_kind schema_subnets = {
	.name = "subnets",
	.singular = "subnet",
	.parent = &schema_virtual_networks,
	.properties = subnet_properties,
};

static const struct schema_property virtual_network_properties[] = {
	OBJECT("addressSpace", REQUIRED, address_space_properties),
	CHILDREN("subnets", &schema_subnets),
	REFERENCE("logicalNetwork", 0, &schema_logical_networks),
	OBJECT("dhcpOptions", 0, dhcp_options_properties),
	LATER("virtualNetworkPeerings", NULL),
	LATER("encryptionCredential", NULL),
	SEEN("configurationState"),
	END,
};

const struct schema_kind schema_virtual_networks = {
	.name = "virtualNetworks",
	.singular = "virtual network",
	.properties = virtual_network_properties,
};

/* logicalNetworks: what the fabric is, kept for those who ask */

static const struct schema_property logical_subnet_properties[] = {
	PREFIX("addressPrefix", IPV6),
	INTEGER("vlanID", 0, 0, 4094, NULL),
	ADDRESS("defaultGateways", LIST | IPV6),
	ADDRESS("dnsServers", LIST | IPV6),
	BOOLEAN("isPublic", 0),
	ANY("ipPools", 0),
	SEEN("ipConfigurations"),
	SEEN("networkInterfaces"),
	SEEN("gatewayPools"),
	SEEN("networkConnections"),
	SEEN("loadBalancerManager"),
	SEEN("usage"),
	END,
};

const struct schema_kind schema_logical_subnets = {
	.name = "subnets",
	.singular = "logical subnet",
	.parent = &schema_logical_networks,
	.properties = logical_subnet_properties,
};

static const struct schema_property logical_network_properties[] = {
	BOOLEAN("networkVirtualizationEnabled", 0),
	CHILDREN("subnets", &schema_logical_subnets),
	SEEN("virtualNetworks"),
	END,
};

const struct schema_kind schema_logical_networks = {
	.name = "logicalNetworks",
	.singular = "logical network",
	.properties = logical_network_properties,
};

/* credentials */

static const struct schema_property credential_properties[] = {
	ENUM("type", REQUIRED, credential_type_values, NULL),
	TEXT("userName", 0),
	{ .name = "value", .type = SCHEMA_SECRET },
	END,
};

const struct schema_kind schema_credentials = {
	.name = "credentials",
	.singular = "credential",
	.properties = credential_properties,
};

/* servers */

static const struct schema_property server_connection_properties[] = {
	TEXT("managementAddresses", LIST),  REFERENCE("credential", 0, &schema_credentials),
	TEXT("credentialType", 0),	    TEXT("protocol", 0),
	INTEGER("port", 0, 1, 65535, NULL), END,
};

static const struct schema_property server_properties[] = {
	ADDRESS("providerAddress", REQUIRED),
	OBJECT("connections", LIST, server_connection_properties),
	ANY("networkInterfaces", 0),
	TEXT("certificate", 0),
	TEXT("rackSlot", 0),
	TEXT("model", 0),
	TEXT("vendor", 0),
	TEXT("os", 0),
	SEEN("virtualNetworkInterfaces"),
	SEEN("virtualServers"),
	SEEN("state"),
	SEEN("healthState"),
	SEEN("configurationState"),
	END,
};

const struct schema_kind schema_servers = {
	.name = "servers",
	.singular = "server",
	.properties = server_properties,
};

/* networkInterfaces */

static const struct schema_property ip_configuration_properties[] = {
	ADDRESS("privateIPAddress", REQUIRED),
	ENUM("privateIPAllocationMethod", 0, allocation_values, NULL),
	{ .name = "subnet",
	  .type = SCHEMA_REFERENCE,
	  .flags = REQUIRED,
	  .kind = &schema_subnets,
	  .other_kind = &schema_logical_subnets },
	LATER("publicIPAddress", NULL),
	LATER("accessControlList", NULL),
	LATER("serviceInsertion", NULL),
	LATER("loadBalancerBackendAddressPools", NULL),
	LATER("loadBalancerInboundNatRules", NULL),
	SEEN("configurationState"),
	END,
};

const struct schema_kind schema_ip_configurations = {
	.name = "ipConfigurations",
	.singular = "IP configuration",
	.parent = &schema_network_interfaces,
	.properties = ip_configuration_properties,
	.id_fallback = "ip",
};

static const struct schema_property network_interface_properties[] = {
	MAC("privateMacAddress", REQUIRED),
	ENUM("privateMacAllocationMethod", 0, allocation_values, NULL),
	CHILDREN("ipConfigurations", &schema_ip_configurations),
	REFERENCE("server", 0, &schema_servers),
	BOOLEAN("isPrimary", 0),
	BOOLEAN("isMultitenantStack", 0),
	TEXT("portId", 0),
	TEXT("internalDnsNameLabel", 0),
	ANY("dnsSettings", 0),
	LATER("portSettings", NULL),
	LATER("serviceInsertionElements", NULL),
	SEEN("configurationState"),
	END,
};

const struct schema_kind schema_network_interfaces = {
	.name = "networkInterfaces",
	.singular = "network interface",
	.properties = network_interface_properties,
};

/* publicIPAddresses */

static const struct schema_property public_ip_address_properties[] = {
	ADDRESS("ipAddress", REQUIRED),
	INTEGER("prefixLength", 0, 1, 32, "32"),
	ENUM("publicIPAllocationMethod", 0, allocation_values, "\"Static\""),
	INTEGER("idleTimeoutInMinutes", 0, 1, 1440, NULL),
	ANY("dnsSettings", 0),
	SEEN("ipConfiguration"),
	SEEN("previousIpConfiguration"),
	SEEN("gatewayPools"),
	SEEN("configurationState"),
	END,
};

const struct schema_kind schema_public_ip_addresses = {
	.name = "publicIPAddresses",
	.singular = "public IP address",
	.properties = public_ip_address_properties,
};

/* gatewayPools */

static const struct schema_property pool_ip_configuration_properties[] = {
	REFERENCE("greVipSubnets", LIST, &schema_logical_subnets),
	REFERENCE("publicIPAddresses", LIST, &schema_public_ip_addresses),
	END,
};

static const struct schema_property gateway_pool_properties[] = {
	ENUM("type", 0, pool_type_values, "\"All\""),
	OBJECT("ipConfiguration", 0, pool_ip_configuration_properties),
	INTEGER("redundantGatewayCount", 0, 0, 1000, "0"),
	INTEGER("gatewayCapacityKiloBitsPerSecond", 0, 1, 1000000000000, "10000000"),
	SEEN("gateways"),
	SEEN("virtualGateways"),
	SEEN("configurationState"),
	END,
};

const struct schema_kind schema_gateway_pools = {
	.name = "gatewayPools",
	.singular = "gateway pool",
	.properties = gateway_pool_properties,
};

/* gateways */

static const struct schema_property infrastructure_peer_properties[] = {
	ADDRESS("peerIP", REQUIRED | IPV6),
	EXT_AS_NUMBER("peerExtAsNumber", REQUIRED),
	END,
};

static const struct schema_property bgp_config_properties[] = {
	EXT_AS_NUMBER("extASNumber", 0),
	OBJECT("bgpPeer", LIST, infrastructure_peer_properties),
	END,
};

static const struct schema_property gateway_interfaces_properties[] = {
	REFERENCE("externalNetworkInterface", 0, NULL),
	REFERENCE("internalNetworkInterface", 0, NULL),
	END,
};

static const struct schema_property gateway_properties[] = {
	REFERENCE("pool", REQUIRED, &schema_gateway_pools),
	ADDRESS("providerAddress", REQUIRED),
	ENUM("type", 0, pool_type_values, NULL),
	OBJECT("bgpConfig", 0, bgp_config_properties),
	REFERENCE("virtualServer", 0, NULL),
	OBJECT("networkInterfaces", 0, gateway_interfaces_properties),
	SEEN("virtualGateways"),
	SEEN("connections"),
	SEEN("state"),
	SEEN("healthState"),
	SEEN("totalCapacity"),
	SEEN("availableCapacity"),
	SEEN("externalIPAddress"),
	SEEN("failoverSuspended"),
	SEEN("configurationState"),
	END,
};

const struct schema_kind schema_gateways = {
	.name = "gateways",
	.singular = "gateway",
	.properties = gateway_properties,
};

/* virtualGateways */

static const struct schema_property connection_route_properties[] = {
	PREFIX("destinationPrefix", REQUIRED),
	{ .name = "nextHop", .type = SCHEMA_ADDRESS, .flags = IPV6, .fallback = "\"0.0.0.0\"" },
	INTEGER("metric", 0, 0, 4294967295, "10"),
	ENUM("protocol", 0, protocol_values, "\"Static\""),
	END,
};

static const struct schema_property wireguard_properties[] = {
	{ .name = "privateKey", .type = SCHEMA_PRIVATE_KEY },
	SEEN("publicKey"),
	INTEGER("listenPort", 0, 1, 65535, NULL),
	{ .name = "peerPublicKey", .type = SCHEMA_PUBLIC_KEY, .flags = REQUIRED },
	INTEGER("peerEndpointPort", 0, 1, 65535, "51820"),
	INTEGER("persistentKeepaliveSeconds", 0, 0, 65535, "0"),
	END,
};

static const struct schema_property network_connection_properties[] = {
	ENUM("connectionType", REQUIRED, connection_type_values, NULL),
	INTEGER("outboundKiloBitsPerSecond", REQUIRED, 1, 1000000000, NULL),
	INTEGER("inboundKiloBitsPerSecond", REQUIRED, 1, 1000000000, NULL),
	ADDRESS("destinationIPAddress", REQUIRED),
	ADDRESS("sourceIPAddress", 0),
	OBJECT("wireGuardConfiguration", REQUIRED, wireguard_properties),
	LATER("ipSecConfiguration", "IPSec is not there yet"),
	LATER("greConfiguration", "GRE is not there yet"),
	LATER("l3Configuration", "L3 is not there yet"),
	LATER("ipAddresses", "they belong to L3, which is not there yet"),
	LATER("peerIPAddresses", "they belong to L3, which is not there yet"),
	{ .name = "routes",
	  .type = SCHEMA_OBJECT,
	  .flags = LIST,
	  .object = connection_route_properties,
	  .skip_protocol = "Bgp" },
	SEEN("gateway"),
	SEEN("connectionStatus"),
	SEEN("connectionState"),
	SEEN("connectionUpTime"),
	SEEN("connectionErrorReason"),
	SEEN("unreachabilityReason"),
	SEEN("statistics"),
	SEEN("epoch"),
	SEEN("tunnelDriver"),
	SEEN("listenPort"),
	SEEN("lastHandshakeSeconds"),
	SEEN("configurationState"),
	END,
};

const struct schema_kind schema_network_connections = {
	.name = "networkConnections",
	.singular = "network connection",
	.parent = &schema_virtual_gateways,
	.properties = network_connection_properties,
};

static const struct schema_property bgp_peer_properties[] = {
	ADDRESS("peerIPAddress", REQUIRED),
	EXT_AS_NUMBER("extAsNumber", 0),
	AS_NUMBER("peerAsNumber", 0),
	AS_NUMBER("asNumber", 0),
	INTEGER("holdTimeSeconds", 0, 3, 65535, NULL),
	BOOLEAN("asOverride", 0),
	LATER("policyMapIn", "routing policies are not there yet"),
	LATER("policyMapOut", "routing policies are not there yet"),
	LATER("routeMapIn", "routing policies are not there yet"),
	LATER("routeMapOut", "routing policies are not there yet"),
	SEEN("isGenerated"),
	SEEN("connectionState"),
	SEEN("statistics"),
	SEEN("rejectedRoutes"),
	SEEN("routes"),
	SEEN("prefixes"),
	SEEN("lastError"),
	SEEN("establishedSeconds"),
	SEEN("configurationState"),
	END,
};

const struct schema_kind schema_bgp_peers = {
	.name = "bgpPeers",
	.singular = "BGP peer",
	.parent = &schema_bgp_routers,
	.properties = bgp_peer_properties,
};

static const struct schema_property bgp_router_properties[] = {
	BOOLEAN("isEnabled", 0),
	BOOLEAN("requireIGPSync", 0),
	EXT_AS_NUMBER("extAsNumber", 0),
	AS_NUMBER("asNumber", 0),
	ADDRESS("routerId", 0),
	ADDRESS("routerIP", LIST),
	LATER("bgpNetworks", "the virtual network's prefixes are announced by themselves"),
	CHILDREN("bgpPeers", &schema_bgp_peers),
	SEEN("isGenerated"),
	SEEN("gateway"),
	SEEN("epoch"),
	SEEN("configurationState"),
	END,
};

const struct schema_kind schema_bgp_routers = {
	.name = "bgpRouters",
	.singular = "BGP router",
	.parent = &schema_virtual_gateways,
	.properties = bgp_router_properties,
};

static const struct schema_property policy_map_properties[] = {
	ANY("policyList", 0),
	END,
};

const struct schema_kind schema_policy_maps = {
	.name = "policyMaps",
	.singular = "policy map",
	.parent = &schema_virtual_gateways,
	.properties = policy_map_properties,
	.refused = "routing policies are not supported yet: leave policyMaps out",
};

static const struct schema_property virtual_gateway_properties[] = {
	ENUM("routingType", 0, routing_type_values, "\"Dynamic\""),
	REFERENCE("gatewayPools", LIST | REQUIRED | NOT_EMPTY, &schema_gateway_pools),
	REFERENCE("gatewaySubnets", LIST | REQUIRED | NOT_EMPTY, &schema_subnets),
	LATER("vpnClientAddressSpace", "there are no point-to-site tunnels yet"),
	CHILDREN("networkConnections", &schema_network_connections),
	CHILDREN("bgpRouters", &schema_bgp_routers),
	CHILDREN("policyMaps", &schema_policy_maps),
	SEEN("configurationState"),
	END,
};

const struct schema_kind schema_virtual_gateways = {
	.name = "virtualGateways",
	.singular = "virtual gateway",
	.properties = virtual_gateway_properties,
};

const struct schema_kind *const schema_roots[] = {
	&schema_credentials,	    &schema_logical_networks,
	&schema_virtual_networks,   &schema_servers,
	&schema_network_interfaces, &schema_public_ip_addresses,
	&schema_gateway_pools,	    &schema_gateways,
	&schema_virtual_gateways,   NULL,
};

static bool name_is(const char *name, const char *text, size_t length)
{
	return strlen(name) == length && strncasecmp(name, text, length) == 0;
}

const struct schema_kind *schema_kind_by_name(const struct schema_kind *parent, const char *name,
					      size_t length)
{
	if (parent == NULL) {
		for (size_t i = 0; schema_roots[i] != NULL; i++) {
			if (name_is(schema_roots[i]->name, name, length))
				return schema_roots[i];
		}
		return NULL;
	}
	for (const struct schema_property *p = parent->properties; p->name != NULL; p++) {
		if (p->type == SCHEMA_CHILDREN && name_is(p->name, name, length))
			return p->kind;
	}
	return NULL;
}

const struct schema_property *schema_property_by_name(const struct schema_property *table,
						      const char *name)
{
	for (; table->name != NULL; table++) {
		if (strcasecmp(table->name, name) == 0)
			return table;
	}
	return NULL;
}

const struct schema_property *schema_children_property(const struct schema_kind *kind,
						       const struct schema_kind *child)
{
	for (const struct schema_property *p = kind->properties; p->name != NULL; p++) {
		if (p->type == SCHEMA_CHILDREN && p->kind == child)
			return p;
	}
	return NULL;
}
