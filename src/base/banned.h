/*
 * banned: functions of the C library that are an error to use here.
 * SPDX-License-Identifier: Apache-2.0
 *
 * They cannot be used without a length that someone checked (strcpy, sprintf, gets, strcat), they
 * keep hidden state (strtok), or they cannot report an error (atoi).
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#define BANNED(func) banned_function_##func

#undef strcpy
#define strcpy(x, y) BANNED(strcpy)
#undef strcat
#define strcat(x, y) BANNED(strcat)
#undef strncpy
#define strncpy(x, y, n) BANNED(strncpy)
#undef strncat
#define strncat(x, y, n) BANNED(strncat)
#undef strtok
#define strtok(x, y) BANNED(strtok)
#undef sprintf
#define sprintf(...) BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf)
#undef gets
#define gets(x) BANNED(gets)
#undef atoi
#define atoi(x) BANNED(atoi)
#undef alloca
#define alloca(x) BANNED(alloca)

#endif
