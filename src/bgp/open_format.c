/*
 * open_format: OPEN and its capabilities as text for operators.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/buf.h"
#include "bgp/message.h"

const char *bgp_role_name(uint8_t role)
{
	static const char *const names[] = {
		[BGP_ROLE_PROVIDER] = "provider",   [BGP_ROLE_RS] = "rs",
		[BGP_ROLE_RS_CLIENT] = "rs-client", [BGP_ROLE_CUSTOMER] = "customer",
		[BGP_ROLE_PEER] = "peer",
	};

	return role < ARRAY_SIZE(names) ? names[role] : NULL;
}

/* Begins a capability: ", " before all but the first. */
static void begin(struct buf *to, size_t start, const char *name)
{
	buf_printf(to, "%s%s", to->length == start ? "" : ", ", name);
}

static void flag(struct buf *to, size_t start, bool present, const char *name)
{
	if (present)
		begin(to, start, name);
}

static const char *family_name(size_t family)
{
	return bgp_family_info((enum bgp_family)family)->name;
}

static void format_families(const bool families[BGP_FAMILY_COUNT], size_t start, const char *name,
			    struct buf *to)
{
	bool any = false;

	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		if (!families[i])
			continue;
		if (!any)
			begin(to, start, name);
		any = true;
		buf_printf(to, " %s", family_name(i));
	}
}

static void format_graceful_restart(const struct bgp_capabilities *c, size_t start, struct buf *to)
{
	if (!c->graceful_restart)
		return;
	begin(to, start, "graceful-restart");
	buf_printf(to, " %us%s%s", c->restart_time_s, c->restarting ? " restarting" : "",
		   c->notification_restart ? " notification" : "");
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++)
		if (c->restart_families[i])
			buf_printf(to, " %s%s", family_name(i),
				   c->restart_forwarding[i] ? "/forwarding" : "");
}

static void format_long_lived(const struct bgp_capabilities *c, size_t start, struct buf *to)
{
	if (!c->long_lived)
		return;
	begin(to, start, "long-lived-graceful-restart");
	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++)
		if (c->long_lived_families[i])
			buf_printf(to, " %s/%" PRIu32 "s%s", family_name(i),
				   c->long_lived_time_s[i],
				   c->long_lived_forwarding[i] ? "/forwarding" : "");
}

static void format_add_path(const struct bgp_capabilities *c, size_t start, struct buf *to)
{
	bool any = false;

	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		bool receive = c->addpath_receive[i], send = c->addpath_send[i];

		if (!receive && !send)
			continue;
		if (!any)
			begin(to, start, "add-path");
		any = true;
		buf_printf(to, " %s/%s", family_name(i),
			   receive && send ? "both"
			   : receive	   ? "receive"
					   : "send");
	}
}

static void format_labels(const struct bgp_capabilities *c, size_t start, struct buf *to)
{
	bool any = false;

	for (size_t i = 0; i < BGP_FAMILY_COUNT; i++) {
		if (c->labels_max[i] == 0)
			continue;
		if (!any)
			begin(to, start, "multiple-labels");
		any = true;
		buf_printf(to, " %s/%u", family_name(i), c->labels_max[i]);
	}
}

static void format_role(const struct bgp_capabilities *c, size_t start, struct buf *to)
{
	if (!c->has_role)
		return;
	begin(to, start, "role ");
	if (bgp_role_name(c->role) != NULL)
		buf_add_text(to, bgp_role_name(c->role));
	else
		buf_printf(to, "%u", c->role);
	if (c->roles_differ)
		buf_add_text(to, " and another");
}

static void format_names(const struct bgp_capabilities *c, size_t start, struct buf *to)
{
	if (c->hostname[0] != '\0' || c->domain_name[0] != '\0') {
		begin(to, start, "fqdn");
		buf_printf(to, " \"%s%s%s\"", c->hostname, c->domain_name[0] != '\0' ? "." : "",
			   c->domain_name);
	}
	if (c->software_version[0] != '\0') {
		begin(to, start, "software-version");
		buf_printf(to, " \"%s\"", c->software_version);
	}
}

static void format_other(const struct bgp_capabilities *c, size_t start, struct buf *to)
{
	struct reader r = reader_of(c->other, c->other_bytes);

	while (reader_left(&r) != 0) {
		uint8_t code = reader_u8(&r);
		struct reader value = reader_sub(&r, reader_u8(&r));

		begin(to, start, "capability");
		buf_printf(to, " %u%s", code, reader_left(&value) != 0 ? " 0x" : "");
		while (reader_left(&value) != 0)
			buf_printf(to, "%02x", reader_u8(&value));
	}
}

void bgp_capabilities_format(const struct bgp_capabilities *c, asn_t as, struct buf *to)
{
	size_t start = to->length;

	if (c->multiprotocol)
		format_families(c->families, start, "multiprotocol", to);
	flag(to, start, c->route_refresh, "route-refresh");
	format_families(c->extended_next_hop, start, "extended-next-hop", to);
	flag(to, start, c->extended_message, "extended-message");
	format_labels(c, start, to);
	format_role(c, start, to);
	format_graceful_restart(c, start, to);
	if (c->as4) {
		begin(to, start, "as4 ");
		buf_printf(to, "%" PRIu32, as.number);
	}
	format_add_path(c, start, to);
	flag(to, start, c->enhanced_refresh, "enhanced-route-refresh");
	format_long_lived(c, start, to);
	format_names(c, start, to);
	format_other(c, start, to);
}

void bgp_open_format(const struct bgp_open *open, struct buf *to)
{
	struct ip_addr id = ip_addr_v4(open->router_id);
	char text[IP_TEXT_MAX];
	size_t start;

	buf_printf(to, "version %u, AS %" PRIu32 ", hold time %u, identifier %s", open->version,
		   open->as.number, open->hold_time_s, ip_addr_format(&id, text));
	buf_add_text(to, ", capabilities: ");
	start = to->length;
	bgp_capabilities_format(&open->capabilities, open->as, to);
	if (to->length == start)
		buf_add_text(to, "none");
}
