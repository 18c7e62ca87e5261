/* The backends; conversion of doubles to and from a device. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/ops.h"

#include <stdlib.h>

const struct ops *cpu_table_double(void);
const struct ops *cpu_table_float(void);
const struct ops *cpu_onednn_table_float(void);

const struct ops *ops_cpu(void)
{
    return cpu_table_double();
}

const struct ops *ops_cpu_float(void)
{
    return cpu_table_float();
}

const struct ops *ops_cpu_onednn(void)
{
    return cpu_onednn_table_float();
}

#ifndef BYOL_CUDA
const struct ops *ops_cuda(void)
{
    return NULL;
}

const struct ops *ops_cuda_float(void)
{
    return NULL;
}
#endif

enum ssldyn_status ops_upload_real(const struct ops *ops, struct ops_context *context, void *device,
                                   size_t count, const double values[], struct ssldyn_error *err)
{
    void *host = ssldyn_memory_array(count, ops->size[OPS_STATE]);
    if (!host)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (size_t i = 0; i < count; i++)
        ops_put(ops, host, i, values[i]);
    ops->upload(context, device, host, count * ops->size[OPS_STATE]);
    free(host);
    return SSLDYN_OK;
}

enum ssldyn_status ops_download_real(const struct ops *ops, struct ops_context *context,
                                     double values[], size_t count, const void *device,
                                     struct ssldyn_error *err)
{
    void *host = ssldyn_memory_array(count, ops->size[OPS_STATE]);
    if (!host)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    const enum ssldyn_status status =
        ops->download(context, host, device, count * ops->size[OPS_STATE], err);
    for (size_t i = 0; status == SSLDYN_OK && i < count; i++)
        values[i] = ops_get(ops, host, i);
    free(host);
    return status;
}
