/* Threads of a block as coroutines. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/emulate/emulate.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>
#include <vector>

enum { STACK = 96 * 1024, WARP = 32 };

enum state { READY, AT_BARRIER, AT_EXCHANGE, DONE };

/* A context is entered once. After that the thread switches by jumps, which need no system call,
 * and is reused for one block after another. */
struct coroutine {
    ucontext_t context;
    jmp_buf place; /* where it resumes */
    bool entered;
    std::vector<char> stack;
    enum state state;
    unsigned exchanges; /* barriers so far: even and odd ones use different slots */
    unsigned votes;     /* likewise */
    uint64_t given[2];
};

struct emulate_place emulate_at;

static std::vector<coroutine> pool;
static jmp_buf scheduler;
static unsigned running; /* index of the running thread */
static const std::function<void()> *work;

static void wait_as(enum state state)
{
    pool[running].state = state;
    if (_setjmp(pool[running].place) == 0) {
        _longjmp(scheduler, 1);
    }
}

static void enter(void)
{
    for (;;) {
        (*work)();
        wait_as(DONE);
    }
}

void emulate_barrier(void)
{
    wait_as(AT_BARRIER);
}

static int any[2]; /* of even and odd votes */

int emulate_barrier_or(int mine)
{
    const unsigned slot = pool[running].votes++ % 2;
    any[1 - slot] = 0; /* not read before the next vote */
    any[slot] |= mine != 0;
    emulate_barrier();
    const int result = any[slot];
    emulate_barrier();
    return result;
}

uint64_t emulate_exchange(uint64_t given, unsigned lane)
{
    const unsigned me = running;
    const unsigned slot = pool[me].exchanges++ % 2;
    pool[me].given[slot] = given;
    wait_as(AT_EXCHANGE);
    return pool[me - me % WARP + lane].given[slot];
}

static void resume(unsigned number, dim3 size)
{
    running = number;
    emulate_at.thread =
        make_uint3(number % size.x, number / size.x % size.y, number / size.x / size.y);
    if (_setjmp(scheduler) != 0) {
        return;
    }
    if (pool[number].entered) {
        _longjmp(pool[number].place, 1);
    }
    pool[number].entered = true;
    setcontext(&pool[number].context);
}

/* Makes sure that there are this many threads. */
static void provide(unsigned count)
{
    const size_t have = pool.size();
    if (have < count) {
        pool.resize(count);
    }
    for (size_t i = have; i < pool.size(); i++) {
        coroutine &one = pool[i];
        one.stack.resize(STACK);
        getcontext(&one.context);
        one.context.uc_stack.ss_sp = one.stack.data();
        one.context.uc_stack.ss_size = one.stack.size();
        one.context.uc_link = nullptr;
        makecontext(&one.context, enter, 0);
    }
}

/* Resumes the waiting threads among first ... end - 1 once all of them wait, or are done. */
static bool release(unsigned first, unsigned end, enum state state)
{
    bool any = false;
    for (unsigned i = first; i < end; i++) {
        if (pool[i].state != state && pool[i].state != DONE) {
            return false;
        }
        any |= pool[i].state == state;
    }
    for (unsigned i = first; i < end; i++) {
        if (pool[i].state == state) {
            pool[i].state = READY;
        }
    }
    return any;
}

static void run_block(unsigned count, dim3 size, bool reverse)
{
    any[0] = 0;
    any[1] = 0;
    for (unsigned i = 0; i < count; i++) {
        pool[i].state = READY;
        pool[i].exchanges = 0;
        pool[i].votes = 0;
    }
    for (unsigned left = count; left > 0;) {
        bool moved = false;
        left = 0;
        for (unsigned i = 0; i < count; i++) {
            const unsigned number = reverse ? count - 1 - i : i;
            if (pool[number].state == READY) {
                resume(number, size);
                moved = true;
            }
            left += pool[number].state != DONE;
        }
        for (unsigned first = 0; first < count; first += WARP) {
            moved |= release(first, first + WARP < count ? first + WARP : count, AT_EXCHANGE);
        }
        moved |= release(0, count, AT_BARRIER);
        if (left > 0 && !moved) {
            fprintf(stderr, "emulated kernel: deadlock at a barrier\n");
            abort();
        }
    }
}

static void run(dim3 grid, dim3 block, size_t shared, const std::function<void()> &body)
{
    const char *const order = getenv("EMULATE_ORDER");
    const bool reverse = order && strcmp(order, "reverse") == 0;
    const unsigned count = block.x * block.y * block.z;
    std::vector<double> dynamic(shared / sizeof(double) + 2, NAN); /* the kernel must not rely on
                                                                    * zeros */
    provide(count);
    work = &body;
    emulate_at.block_size = block;
    emulate_at.grid_size = grid;
    emulate_at.dynamic = dynamic.data();
    for (unsigned z = 0; z < grid.z; z++) {
        for (unsigned y = 0; y < grid.y; y++) {
            for (unsigned x = 0; x < grid.x; x++) {
                emulate_at.block = make_uint3(x, y, z);
                run_block(count, block, reverse);
            }
        }
    }
}

void emulate_launch(cudaStream_t stream, dim3 grid, dim3 block, size_t shared,
                    const std::function<void()> &body)
{
    if (block.x * block.y * block.z > 1024 || block.x * block.y * block.z == 0 || grid.x == 0) {
        fprintf(stderr, "emulated kernel: %u x %u x %u threads in a block: must be 1 to 1024\n",
                block.x, block.y, block.z);
        abort();
    }
    if (grid.y > 65535 || grid.z > 65535 || grid.y == 0 || grid.z == 0 || block.z > 64 ||
        shared > (size_t)227 * 1024) {
        fprintf(stderr, "emulated kernel: %u x %u x %u blocks with %zu bytes: exceeds the device\n",
                grid.x, grid.y, grid.z, shared);
        abort();
    }
    emulate_put(stream, [=]() { run(grid, block, shared, body); });
}
