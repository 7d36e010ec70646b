/*
 * privilege: giving up what is not needed any more, and telling the service manager that we are
 * ready.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef OS_PRIVILEGE_H
#define OS_PRIVILEGE_H

#include <sys/types.h>

#include "base/error.h"

/* The ids of a user by name: 0, or -1 when there is none. */
int privilege_find_user(const char *name, uid_t *ret_uid, gid_t *ret_gid,
			struct error *e) MUST_CHECK;
/* Becomes the user, without supplementary groups and without a way back. */
int privilege_drop(uid_t uid, gid_t gid, struct error *e) MUST_CHECK;
/* Gives up every capability, also as root; and no program that is executed later gains any. */
int privilege_renounce(struct error *e) MUST_CHECK;

/* sd_notify(3): sends the state ("READY=1") to NOTIFY_SOCKET; nothing happens when there is none.
 */
void privilege_notify(const char *state);

#endif
