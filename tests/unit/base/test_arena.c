/*
 * test_arena: pieces are aligned, apart from each other, and go all at once.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

#define PIECES 2000u

static void test_pieces_are_aligned_and_apart(void **state)
{
	uint8_t *pieces[PIECES];
	struct arena arena;

	(void)state;
	arena_init(&arena, 64);
	assert_int_equal(arena.bytes, 0); /* nothing before the first piece */
	for (size_t i = 0; i < PIECES; i++) {
		pieces[i] = arena_alloc(&arena, i % 37 + 1);
		assert_int_equal((uintptr_t)pieces[i] % 8, 0);
		memset(pieces[i], (int)(i & 0xff), i % 37 + 1);
	}
	for (size_t i = 0; i < PIECES; i++)
		for (size_t byte = 0; byte < i % 37 + 1; byte++)
			assert_int_equal(pieces[i][byte], i & 0xff);
	arena_done(&arena);
	assert_int_equal(arena.bytes, 0);
}

static void test_a_piece_larger_than_a_chunk(void **state)
{
	struct arena arena;
	uint8_t *large;

	(void)state;
	arena_init(&arena, 16);
	(void)arena_alloc(&arena, 8);
	large = arena_alloc(&arena, 100000);
	memset(large, 1, 100000);
	assert_true(arena.bytes >= 100000);
	arena_done(&arena);
}

static void test_zalloc_dup_and_text(void **state)
{
	static const uint8_t bytes[] = { 1, 2, 3 };
	struct arena arena;
	uint8_t *zeroes;
	char *text;

	(void)state;
	arena_init(&arena, 0);
	memset(arena_alloc(&arena, 4096 - 8), 0xff, 4096 - 8);
	arena_clear(&arena);
	zeroes = arena_zalloc(&arena, 1000);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(zeroes[i], 0);
	assert_memory_equal(arena_dup(&arena, bytes, sizeof(bytes)), bytes, sizeof(bytes));
	assert_non_null(arena_dup(&arena, NULL, 0));
	assert_string_equal(arena_strdup(&arena, ""), "");
	text = arena_printf(&arena, "%s-%u", "peer", 7u);
	assert_string_equal(text, "peer-7");
	arena_done(&arena);
}

/* Whoever uses an arena for message after message must not make it grow. */
static void test_clear_keeps_one_chunk_and_does_not_grow(void **state)
{
	struct arena arena;
	size_t settled = 0;

	(void)state;
	arena_init(&arena, 0);
	for (unsigned round = 0; round < 100; round++) {
		for (unsigned i = 0; i < 50; i++)
			memset(arena_alloc(&arena, 1000), 0xaa, 1000);
		arena_clear(&arena);
		if (round == 10)
			settled = arena.bytes;
		if (round > 10)
			assert_int_equal(arena.bytes, settled);
	}
	assert_true(settled >= 50 * 1000);
	arena_clear(&arena);
	arena_done(&arena);
	arena_done(&arena); /* twice is harmless, and so is clearing nothing */
	arena_clear(&arena);
}

static void test_chunks_are_on_the_account(void **state)
{
	struct mem_account account;
	struct arena arena;

	(void)state;
	mem_account_init(&account, "scratch", NULL, 0);
	arena_init(&arena, 0);
	arena.account = &account;
	(void)arena_alloc(&arena, 10);
	assert_true(account.bytes >= 4096);
	(void)arena_alloc(&arena, 100000);
	assert_true(account.bytes >= 104096);
	arena_clear(&arena);
	assert_true(account.bytes >= 100000 && account.bytes < 104096);
	arena_done(&arena);
	mem_account_done(&account);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces_are_aligned_and_apart),
		cmocka_unit_test(test_a_piece_larger_than_a_chunk),
		cmocka_unit_test(test_zalloc_dup_and_text),
		cmocka_unit_test(test_clear_keeps_one_chunk_and_does_not_grow),
		cmocka_unit_test(test_chunks_are_on_the_account),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
