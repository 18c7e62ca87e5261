/* Descriptors of cuDNN's graph API, attribute by attribute. The plain C interface is untyped: set()
 * and get() pass the type along with each value. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/candidates.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef cudnnBackendDescriptor_t descriptor;

enum { CONFIGS = 32, NOTES = 16, KNOBS = 48 };
enum { UID_X = 1, UID_W, UID_Y };

/* status keeps the first failure, and later calls do nothing, so that a chain of calls is checked
 * once, at its end. */
struct chain {
    cudnnStatus_t status;
};

static descriptor create(struct chain *chain, cudnnBackendDescriptorType_t type)
{
    descriptor made = NULL;
    if (chain->status == CUDNN_STATUS_SUCCESS) {
        chain->status = cudnnBackendCreateDescriptor(type, &made);
    }
    return made;
}

static void set(struct chain *chain, descriptor of, cudnnBackendAttributeName_t name,
                cudnnBackendAttributeType_t type, int64_t count, const void *values)
{
    if (chain->status == CUDNN_STATUS_SUCCESS) {
        chain->status = cudnnBackendSetAttribute(of, name, type, count, values);
    }
}

static void set_one(struct chain *chain, descriptor of, cudnnBackendAttributeName_t name,
                    descriptor value)
{
    set(chain, of, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &value);
}

static int64_t get(struct chain *chain, descriptor of, cudnnBackendAttributeName_t name,
                   cudnnBackendAttributeType_t type, int64_t capacity, void *values)
{
    int64_t count = 0;
    if (chain->status == CUDNN_STATUS_SUCCESS) {
        chain->status = cudnnBackendGetAttribute(of, name, type, capacity, &count, values);
    }
    return chain->status == CUDNN_STATUS_SUCCESS ? count : 0;
}

static void finish(struct chain *chain, descriptor of)
{
    if (chain->status == CUDNN_STATUS_SUCCESS) {
        chain->status = cudnnBackendFinalize(of);
    }
}

static void destroy(descriptor *of)
{
    if (*of) {
        (void)cudnnBackendDestroyDescriptor(*of);
    }
    *of = NULL;
}

static enum ssldyn_status fail(struct ssldyn_error *err, const char *what, cudnnStatus_t status)
{
    char detail[256] = "";
    cudnnGetLastErrorString(detail, sizeof detail);
    return ssldyn_fail(err, SSLDYN_EFAILED, "cuDNN: %s: %s%s%s", what, cudnnGetErrorString(status),
                       detail[0] ? ": " : "", detail);
}

int64_t candidates_extent(const struct candidates_shape *shape, int64_t extent)
{
    return (extent + 2 * shape->pad - shape->kernel) / shape->stride + 1;
}

enum ssldyn_status candidates_describe(const char *json, cudnnBackendDescriptor_t *properties,
                                       struct ssldyn_error *err)
{
    struct chain chain = {CUDNN_STATUS_SUCCESS};
    descriptor made = create(&chain, CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR);
    set(&chain, made, CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR,
        (int64_t)strlen(json) + 1, json);
    finish(&chain, made);
    if (chain.status != CUDNN_STATUS_SUCCESS) {
        destroy(&made);
        return fail(err, "device properties", chain.status);
    }
    *properties = made;
    return SSLDYN_OK;
}

/* dims in cuDNN's order (N, C, H, W); the data in memory are NHWC. */
static descriptor tensor(struct chain *chain, enum candidates_type type, int64_t uid,
                         const int64_t dims[static 4])
{
    const int64_t strides[4] = {dims[1] * dims[2] * dims[3], 1, dims[1] * dims[3], dims[1]};
    const int64_t alignment = 16;
    const cudnnDataType_t data = type == CANDIDATES_BF16 ? CUDNN_DATA_BFLOAT16 : CUDNN_DATA_FLOAT;
    descriptor made = create(chain, CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    set(chain, made, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &data);
    set(chain, made, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 4, dims);
    set(chain, made, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 4, strides);
    set(chain, made, CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 1, &uid);
    set(chain, made, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, 1, &alignment);
    finish(chain, made);
    return made;
}

static descriptor convolution(struct chain *chain, const struct candidates_shape *shape)
{
    const cudnnDataType_t sums = CUDNN_DATA_FLOAT;
    const cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;
    const int64_t dimensions = 2;
    const int64_t ones[2] = {1, 1};
    const int64_t strides[2] = {shape->stride, shape->stride};
    const int64_t pads[2] = {shape->pad, shape->pad};
    descriptor made = create(chain, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
    set(chain, made, CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &sums);
    set(chain, made, CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, 1, &mode);
    set(chain, made, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, 1, &dimensions);
    set(chain, made, CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, 2, ones);
    set(chain, made, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, 2, strides);
    set(chain, made, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, 2, pads);
    set(chain, made, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, 2, pads);
    finish(chain, made);
    return made;
}

/* The attributes of an operation node; the three operations differ in their names only. */
static const struct node {
    cudnnBackendDescriptorType_t type;
    cudnnBackendAttributeName_t convolution, alpha, beta, x, w, y;
} nodes[] = {
    [CANDIDATES_FORWARD] = {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
                            CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
                            CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
                            CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA,
                            CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
                            CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
                            CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y},
    [CANDIDATES_DATA] = {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
                         CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
                         CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
                         CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA,
                         CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
                         CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
                         CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY},
    [CANDIDATES_FILTER] = {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
                           CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
                           CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
                           CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA,
                           CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
                           CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
                           CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY},
};

struct operation {
    descriptor x, w, y, convolution, node, graph;
};

static void operation_free(struct operation *operation)
{
    destroy(&operation->graph);
    destroy(&operation->node);
    destroy(&operation->convolution);
    destroy(&operation->y);
    destroy(&operation->w);
    destroy(&operation->x);
}

static void operation_init(struct chain *chain, const struct candidates_device *device,
                           const struct candidates_shape *shape, struct operation *operation)
{
    const struct node *names = &nodes[shape->op];
    const int64_t x[4] = {shape->n, shape->c, shape->h, shape->w};
    const int64_t w[4] = {shape->k, shape->c, shape->kernel, shape->kernel};
    const int64_t y[4] = {shape->n, shape->k, candidates_extent(shape, shape->h),
                          candidates_extent(shape, shape->w)};
    const float one = 1.0F;
    const float zero = 0.0F;
    operation->x = tensor(chain, shape->type, UID_X, x);
    operation->w = tensor(chain, shape->type, UID_W, w);
    operation->y = tensor(chain, shape->type, UID_Y, y);
    operation->convolution = convolution(chain, shape);
    operation->node = create(chain, names->type);
    set_one(chain, operation->node, names->convolution, operation->convolution);
    set_one(chain, operation->node, names->x, operation->x);
    set_one(chain, operation->node, names->w, operation->w);
    set_one(chain, operation->node, names->y, operation->y);
    set(chain, operation->node, names->alpha, CUDNN_TYPE_FLOAT, 1, &one);
    set(chain, operation->node, names->beta, CUDNN_TYPE_FLOAT, 1, &zero);
    finish(chain, operation->node);
    operation->graph = create(chain, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
    set_one(chain, operation->graph, CUDNN_ATTR_OPERATIONGRAPH_OPS, operation->node);
    if (device->handle) {
        set(chain, operation->graph, CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, 1,
            &device->handle);
    }
    finish(chain, operation->graph);
}

/* Asks one heuristic for configurations; returns their number, best first. */
static int64_t ask(struct chain *chain, const struct candidates_device *device, descriptor graph,
                   cudnnBackendHeurMode_t mode, descriptor configs[static CONFIGS])
{
    descriptor heuristic = create(chain, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    set_one(chain, heuristic, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph);
    set(chain, heuristic, CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, &mode);
    if (device->properties) {
        set_one(chain, heuristic, CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, device->properties);
    }
    finish(chain, heuristic);
    for (int i = 0; i < CONFIGS; i++) {
        configs[i] = create(chain, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
    }
    const int64_t count = get(chain, heuristic, CUDNN_ATTR_ENGINEHEUR_RESULTS,
                              CUDNN_TYPE_BACKEND_DESCRIPTOR, CONFIGS, configs);
    destroy(&heuristic);
    return count < CONFIGS ? count : CONFIGS;
}

/* Engine number and knobs of a configuration as text. */
static void name(struct chain *chain, struct candidate *candidate, descriptor engine)
{
    int64_t index = -1;
    get(chain, engine, CUDNN_ATTR_ENGINE_GLOBAL_INDEX, CUDNN_TYPE_INT64, 1, &index);
    size_t used = (size_t)snprintf(candidate->name, sizeof candidate->name, "e%" PRId64, index);
    descriptor knobs[KNOBS] = {NULL};
    for (int i = 0; i < KNOBS; i++) {
        knobs[i] = create(chain, CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR);
    }
    const int64_t count = get(chain, candidate->config, CUDNN_ATTR_ENGINECFG_KNOB_CHOICES,
                              CUDNN_TYPE_BACKEND_DESCRIPTOR, KNOBS, knobs);
    for (int i = 0; i < count && i < KNOBS && used < sizeof candidate->name; i++) {
        cudnnBackendKnobType_t knob = CUDNN_KNOB_TYPE_COUNTS;
        int64_t value = 0;
        get(chain, knobs[i], CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE, CUDNN_TYPE_KNOB_TYPE, 1, &knob);
        get(chain, knobs[i], CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE, CUDNN_TYPE_INT64, 1, &value);
        used += (size_t)snprintf(candidate->name + used, sizeof candidate->name - used,
                                 " k%d=%" PRId64, (int)knob, value);
    }
    for (int i = 0; i < KNOBS; i++) {
        destroy(&knobs[i]);
    }
}

/* Numerical and behavior notes of the engine. */
static void notes(struct chain *chain, struct candidate *candidate)
{
    cudnnBackendNumericalNote_t numerical[NOTES];
    cudnnBackendBehaviorNote_t behavior[NOTES];
    descriptor engine = create(chain, CUDNN_BACKEND_ENGINE_DESCRIPTOR);
    get(chain, candidate->config, CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1,
        &engine);
    candidate->deterministic = true;
    candidate->exact = true;
    int64_t count = get(chain, engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE,
                        NOTES, numerical);
    for (int64_t i = 0; i < count; i++) {
        switch (numerical[i]) {
        case CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC:
            candidate->deterministic = false;
            break;
        case CUDNN_NUMERICAL_NOTE_TENSOR_CORE:
            candidate->tensor_core = true;
            break;
        case CUDNN_NUMERICAL_NOTE_STRICT_NAN_PROP:
            break;
        default:
            candidate->exact = false;
        }
    }
    count = get(chain, engine, CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE, CUDNN_TYPE_BEHAVIOR_NOTE, NOTES,
                behavior);
    for (int64_t i = 0; i < count; i++) {
        candidate->compiled_later |= behavior[i] == CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION;
    }
    name(chain, candidate, engine);
    destroy(&engine);
}

/* Builds the plan of a configuration; the candidate owns it. */
static cudnnStatus_t make(const struct candidates_device *device, descriptor config,
                          struct candidate *candidate)
{
    struct chain chain = {CUDNN_STATUS_SUCCESS};
    int64_t workspace = 0;
    memset(candidate, 0, sizeof *candidate);
    candidate->config = config;
    notes(&chain, candidate);
    candidate->plan = create(&chain, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
    if (device->handle) {
        set(&chain, candidate->plan, CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, 1,
            &device->handle);
    } else {
        set_one(&chain, candidate->plan, CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, device->properties);
    }
    set_one(&chain, candidate->plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, config);
    finish(&chain, candidate->plan);
    get(&chain, candidate->plan, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1,
        &workspace);
    candidate->workspace = (size_t)workspace;
    return chain.status;
}

void candidate_free(struct candidate *candidate)
{
    destroy(&candidate->plan);
    destroy(&candidate->config);
}

enum ssldyn_status candidates_list(const struct candidates_device *device,
                                   const struct candidates_shape *shape, size_t capacity,
                                   struct candidate *list, size_t *count, size_t *refused,
                                   struct ssldyn_error *err)
{
    /* the second heuristic always finds something, in case the first does not */
    static const cudnnBackendHeurMode_t modes[] = {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK};
    struct chain chain = {CUDNN_STATUS_SUCCESS};
    struct operation operation = {0};
    cudnnStatus_t last = CUDNN_STATUS_NOT_SUPPORTED;
    *count = 0;
    *refused = 0;
    operation_init(&chain, device, shape, &operation);
    for (size_t m = 0; m < 2 && chain.status == CUDNN_STATUS_SUCCESS && *count < capacity; m++) {
        struct chain asked = {CUDNN_STATUS_SUCCESS};
        descriptor configs[CONFIGS] = {NULL};
        const int64_t named = ask(&asked, device, operation.graph, modes[m], configs);
        last = asked.status == CUDNN_STATUS_SUCCESS ? last : asked.status;
        for (int64_t i = 0; i < CONFIGS; i++) {
            if (i >= named || *count == capacity) {
                destroy(&configs[i]);
                continue;
            }
            const cudnnStatus_t status = make(device, configs[i], &list[*count]);
            if (status == CUDNN_STATUS_SUCCESS) {
                ++*count;
            } else {
                last = status;
                ++*refused;
                candidate_free(&list[*count]);
            }
        }
    }
    operation_free(&operation);
    if (chain.status != CUDNN_STATUS_SUCCESS) {
        return fail(err, "cannot build the operation graph of a convolution", chain.status);
    }
    return *count > 0 ? SSLDYN_OK : fail(err, "cannot build a plan for a convolution", last);
}

enum ssldyn_status candidate_run(const struct candidate *candidate, cudnnHandle_t handle,
                                 const void *x, const void *w, const void *y, void *workspace,
                                 struct ssldyn_error *err)
{
    struct chain chain = {CUDNN_STATUS_SUCCESS};
    const int64_t uids[3] = {UID_X, UID_W, UID_Y};
    const void *const pointers[3] = {x, w, y};
    descriptor pack = create(&chain, CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
    set(&chain, pack, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, 3, uids);
    set(&chain, pack, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, 3, pointers);
    set(&chain, pack, CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1, &workspace);
    finish(&chain, pack);
    if (chain.status == CUDNN_STATUS_SUCCESS) {
        chain.status = cudnnBackendExecute(handle, candidate->plan, pack);
    }
    destroy(&pack);
    return chain.status == CUDNN_STATUS_SUCCESS ? SSLDYN_OK
                                                : fail(err, "convolution", chain.status);
}
