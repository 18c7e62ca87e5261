/* Running twice gives the same bytes: every block of a checkpoint after steps that were executed,
 * recorded and replayed, in bf16. (For the second run the emulated device also reverses the order
 * of its threads, so that results that depend on it differ.) */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/byol.h"
#include "experiments/gpu/tests/tap.h"

#include <string.h>

enum { STEPS = 5, BLOCKS = 16 };

struct kept {
    const char *name[BLOCKS];
    unsigned char *bytes[BLOCKS];
    size_t size[BLOCKS];
    size_t count;
};

/* Runs from the start, and stores all blocks. */
static void run(const struct ops *ops, const struct byol_config *config, struct kept *kept)
{
    struct ops_context *context;
    struct ssldyn_error err;
    struct byol *byol;
    struct byol_block block;
    tap_need(ops->create(&context, &err), &err);
    tap_need(byol_create(ops, context, config, &byol, &err), &err);
    const struct ops_tensor input = byol_input(byol);
    const size_t count = (size_t)input.n * (size_t)input.h * (size_t)input.w * (size_t)input.c;
    double *values = ssldyn_memory_array(count, sizeof *values);
    void *state = ops->alloc(context, count * ops->size[OPS_STATE]);
    for (uint64_t step = 0; step < STEPS; step++) {
        tap_fill(step, count, values);
        tap_need(ops_upload_real(ops, context, state, count, values, &err), &err);
        ops->convert(context, count, state, input.data);
        tap_need(byol_step(byol, config->batch, NULL, NULL, &err), &err);
    }
    free(values);
    for (kept->count = 0; kept->count < BLOCKS && byol_block(byol, kept->count, &block);
         kept->count++) {
        kept->name[kept->count] = block.name;
        kept->size[kept->count] = block.bytes;
        kept->bytes[kept->count] = malloc(block.bytes);
        tap_need(ops->download(context, kept->bytes[kept->count], block.data, block.bytes, &err),
                 &err);
    }
    byol_free(byol);
    ops->destroy(context);
}

int main(void)
{
    const struct ops *ops = ops_cuda();
    struct ops_context *context;
    struct ssldyn_error err;
    struct tap tap = {0};
    struct kept first = {0};
    struct kept second = {0};
    struct byol_config config;
    if (!ops || ops->create(&context, &err) != SSLDYN_OK) {
        printf("1..0 # SKIP %s\n", ops ? err.message : "built without CUDA");
        return TAP_SKIP;
    }
    ops->destroy(context);
    byol_defaults(&config);
    config.net.image = 8;
    config.net.width = 8;
    config.net.blocks[2] = 0;
    config.net.blocks[3] = 0;
    config.net.output = 16;
    config.net.projector_hidden = 24;
    config.batch = 6;
    config.steps = STEPS;
    config.rule = SSLDYN_PREDICTOR_DIRECTPRED;
    run(ops, &config, &first);
    (void)setenv("EMULATE_ORDER", "reverse", 1);
    run(ops, &config, &second);
    tap_ok(&tap, first.count == second.count && first.count > 0, "%zu blocks", first.count);
    for (size_t i = 0; i < first.count && i < second.count; i++) {
        tap_ok(&tap,
               first.size[i] == second.size[i] &&
                   memcmp(first.bytes[i], second.bytes[i], first.size[i]) == 0,
               "%s: the same %zu bytes", first.name[i], first.size[i]);
        free(first.bytes[i]);
        free(second.bytes[i]);
    }
    return tap_done(&tap);
}
