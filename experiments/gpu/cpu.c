/* The CPU backend: plain C and CBLAS, compiled in double (for the gradient checks and the golden
 * numbers) and in float. It is the specification of the other backends. This file: context, memory,
 * the table. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/cpu.h"
#include "experiments/gpu/onednn.h"

#include <stdlib.h>
#include <string.h>

struct cpu_memory {
    struct cpu_memory *next;
    void *bytes;
};

static enum ssldyn_status create(struct ops_context **context, struct ssldyn_error *err)
{
    *context = calloc(1, sizeof(**context));
    if (!*context)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    ssldyn_linalg_single_thread();
    (*context)->threads = 1;
#ifdef _OPENMP
    (*context)->threads = omp_get_max_threads();
#endif
    return SSLDYN_OK;
}

static enum ssldyn_status create_onednn(struct ops_context **context, struct ssldyn_error *err)
{
    enum ssldyn_status status = create(context, err);
    if (status == SSLDYN_OK)
        status = onednn_create(&(*context)->onednn, (*context)->threads, err);
    return status;
}

static void destroy(struct ops_context *context)
{
    if (!context)
        return;
    while (context->memory) {
        struct cpu_memory *next = context->memory->next;
        free(context->memory->bytes);
        free(context->memory);
        context->memory = next;
    }
    onednn_free(context->onednn);
    ssldyn_eigen_free(context->eigen);
    free(context->columns);
    free(context->partial);
    free(context->sums);
    free(context->set);
    free(context->views);
    free(context);
}

static void *alloc(struct ops_context *context, size_t bytes)
{
    struct cpu_memory *memory = calloc(1, sizeof(*memory));
    void *block = ssldyn_memory_array(bytes, 1);
    if (!memory || !block) {
        free(memory);
        free(block);
        return NULL;
    }
    memory->bytes = block;
    memory->next = context->memory;
    context->memory = memory;
    return block;
}

enum ssldyn_status NAME(reserve)(void *memory, size_t *have, size_t count, size_t size,
                                 struct ssldyn_error *err)
{
    void *pointer;
    if (*have >= count)
        return SSLDYN_OK;
    memcpy(&pointer, memory, sizeof(pointer));
    free(pointer);
    pointer = ssldyn_memory_array(count, size);
    memcpy(memory, &pointer, sizeof(pointer));
    *have = pointer ? count : 0;
    return pointer ? SSLDYN_OK : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
}

static void upload(struct ops_context *context, void *device, const void *host, size_t bytes)
{
    memcpy(device, host, bytes);
    (void)context;
}

static enum ssldyn_status sync(struct ops_context *context, struct ssldyn_error *err)
{
    if (context->error.status != SSLDYN_OK && err)
        *err = context->error;
    return context->error.status;
}

static enum ssldyn_status download(struct ops_context *context, void *host, const void *device,
                                   size_t bytes, struct ssldyn_error *err)
{
    memcpy(host, device, bytes);
    return sync(context, err);
}

static void zero(struct ops_context *context, void *device, size_t bytes)
{
    memset(device, 0, bytes);
    (void)context;
}

static void convert(struct ops_context *context, size_t count, const void *state, void *activation)
{
    if (activation != state)
        memcpy(activation, state, count * sizeof(REAL));
    (void)context;
}

bool NAME(replay)(struct ops_context *context, struct ops_key key)
{
    (void)context;
    (void)key;
    return false;
}

void NAME(begin)(struct ops_context *context, struct ops_key key)
{
    (void)context;
    (void)key;
}

void NAME(end)(struct ops_context *context)
{
    (void)context;
}

void NAME(advance)(struct ops_context *context, const struct ops_clock *clock)
{
    *(int64_t *)clock->cursor += 1;
    (void)context;
}

#define CPU_MEMBER(name) .name = NAME(name),
#define CPU_TABLE(title, maker)                                                                    \
    {                                                                                              \
        .name = (title), .size = {sizeof(REAL), sizeof(REAL)}, .copies = false,                    \
        .image_channels = 1, .create = (maker), .destroy = destroy, .alloc = alloc,                \
        .upload = upload, .download = download, .zero = zero, .copy = upload, .convert = convert,  \
        .sync = sync, OPS_OPERATIONS(CPU_MEMBER)                                                   \
    }

static const struct ops table = CPU_TABLE(CPU_IS_DOUBLE ? "cpu" : "cpu-float", create);

const struct ops *NAME(table)(void)
{
    return &table;
}

static const struct ops onednn_table = CPU_TABLE("cpu-onednn", create_onednn);

const struct ops *NAME(onednn_table)(void)
{
    char version[ONEDNN_VERSION];
    return CPU_IS_DOUBLE || !onednn_version(version) ? NULL : &onednn_table;
}
