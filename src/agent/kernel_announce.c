/*
 * kernel_announce: gratuitous ARP for an address that has come to this node.
 * SPDX-License-Identifier: Apache-2.0
 *
 * RFC 5227 3: an ARP request whose sender and target address are the same. Sent three times,
 * because one can be lost.
 */
#include "agent/kernel_private.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/log.h"
#include "base/mem.h"
#include "base/writer.h"

#define ANNOUNCE_TIMES 3
#define ANNOUNCE_PAUSE_MS 300

struct announcement {
	struct list node;
	struct loop_timer timer;
	struct kernel *kernel;
	struct ip_addr addr;
	unsigned left;
	char device[RTNL_NAME_MAX];
};

static int announce_send(const char *device, const struct ip_addr *addr)
{
	static const uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), result = -1;
	struct ifreq request = { 0 };
	struct writer w;
	uint8_t frame[60] = { 0 }, mac[6];

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &request) < 0)
		goto out;
	memcpy(mac, request.ifr_hwaddr.sa_data, sizeof(mac));
	if (request.ifr_hwaddr.sa_family != ARPHRD_ETHER || ioctl(fd, SIOCGIFINDEX, &request) < 0)
		goto out;
	w = writer_of(frame, sizeof(frame));
	writer_bytes(&w, broadcast, sizeof(broadcast));
	writer_bytes(&w, mac, sizeof(mac));
	writer_u16(&w, ETH_P_ARP);
	writer_u16(&w, ARPHRD_ETHER);
	writer_u16(&w, ETH_P_IP);
	writer_u8(&w, sizeof(mac));
	writer_u8(&w, 4);
	writer_u16(&w, ARPOP_REQUEST);
	writer_bytes(&w, mac, sizeof(mac));
	writer_bytes(&w, addr->bytes, 4);
	writer_bytes(&w, broadcast, sizeof(broadcast));
	writer_bytes(&w, addr->bytes, 4);
	to.sll_ifindex = request.ifr_ifindex;
	if (sendto(fd, frame, sizeof(frame), 0, (struct sockaddr *)&to, sizeof(to)) >= 0)
		result = 0;
out:
	if (fd >= 0)
		close(fd);
	return result;
}

static void announcement_free(struct announcement *a)
{
	loop_timer_clear(a->kernel->loop, &a->timer);
	list_remove(&a->node);
	mem_free(a);
}

static void on_announce(struct loop_timer *timer, void *arg)
{
	struct announcement *a = arg;
	char text[IP_TEXT_MAX];

	if (announce_send(a->device, &a->addr) < 0)
		log_event(LOG_LEVEL_WARNING, NULL, "announcing %s on %s did not work",
			  ip_addr_format(&a->addr, text), a->device);
	if (--a->left == 0)
		announcement_free(a);
	else
		loop_timer_set(
			a->kernel->loop, timer,
			instant_add(loop_now(a->kernel->loop), duration_ms(ANNOUNCE_PAUSE_MS)));
}

void kernel_announce(struct kernel *kernel, const char *device, const struct ip_addr *addr)
{
	struct announcement *a;

	if (addr->family != IP_V4)
		return;
	a = mem_zalloc(sizeof(*a));
	a->kernel = kernel;
	a->addr = *addr;
	a->left = ANNOUNCE_TIMES;
	snprintf(a->device, sizeof(a->device), "%s", device);
	list_push_back(&kernel->announcements, &a->node);
	loop_timer_init(&a->timer, on_announce, a);
	on_announce(&a->timer, a);
}

void kernel_forget_announcements(struct kernel *kernel)
{
	while (!list_is_empty(&kernel->announcements))
		announcement_free(
			CONTAINER_OF(kernel->announcements.next, struct announcement, node));
}
