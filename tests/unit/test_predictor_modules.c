/* Layers found by the names in state dicts: order, normalizations, refusals. */
// SPDX-License-Identifier: MIT
#include "sim/align/predictor_modules.h"
#include "tests/suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 20 };

/* Arrays as "name:dimensions name:dimensions ..." in the order of the file; dimension 0 means a
 * vector with one number. want: layers as "path=weight" and "path~variance*weight" in order, or a
 * word of the message; none: no such module. */
static const struct {
    const char *arrays, *module, *want;
    bool refused;
} cases[] = {
    /* SimSiam: Linear, BatchNorm, ReLU, Linear. */
    {"encoder.conv1.weight:4 predictor.0.weight:2 predictor.1.weight:1 predictor.1.bias:1 "
     "predictor.1.running_mean:1 predictor.1.running_var:1 predictor.1.num_batches_tracked:0 "
     "predictor.3.weight:2 predictor.3.bias:1",
     "predictor",
     "0=predictor.0.weight 1~predictor.1.running_var*predictor.1.weight "
     "3=predictor.3.weight",
     false},
    /* Alphabetical order (safetensors) puts 10 before 2. */
    {"net.0.weight:2 net.10.weight:2 net.2.weight:2 net.2.bias:1", "net",
     "0=net.0.weight 2=net.2.weight 10=net.10.weight", false},
    /* A normalization without affine parameters; a DDP prefix; a single slope (PReLU). */
    {"module.predictor.1.running_mean:1 module.predictor.1.running_var:1 "
     "module.predictor.2.weight:0 module.predictor.0.weight:2 module.predictor.3.weight:2",
     "predictor",
     "0=module.predictor.0.weight 1~module.predictor.1.running_var "
     "3=module.predictor.3.weight",
     false},
    /* Named layers: numbers give the order, and a normalization follows its layer. */
    {"q.bn1.running_var:1 q.bn1.weight:1 q.bn1.bias:1 q.fc1.weight:2 q.fc1.bias:1 q.fc2.weight:2",
     "q", "fc1=q.fc1.weight bn1~q.bn1.running_var*q.bn1.weight fc2=q.fc2.weight", false},
    {"p.block0.linear.weight:2 p.block0.norm.running_var:1 p.block1.linear.weight:2", "p",
     "block0.linear=p.block0.linear.weight block0.norm~p.block0.norm.running_var "
     "block1.linear=p.block1.linear.weight",
     false},
    /* The state dict of the predictor itself; one linear layer; stacks over snapshots. */
    {"0.weight:2 0.bias:1 3.weight:2", "", "0=0.weight 3=3.weight", false},
    {"weight:2 bias:1", "", "=weight", false},
    {"net/0/weight:2 net/1/running_var:1", "net", "0=net/0/weight 1~net/1/running_var", false},
    {"p.0.weight:3 p.0.bias:2 p.1.weight:2 p.1.bias:2 p.1.running_var:2", "p",
     "0=p.0.weight 1~p.1.running_var*p.1.weight", false},
    /* A whole model is not a sequence; a missing module. */
    {"encoder.0.weight:2 predictor.2.weight:2", "", "", false},
    {"encoder.0.weight:2", "predictor", "", false},
    {"predictors.0.weight:2 mypredictor.0.weight:2", "predictor", "", false},
    /* No linear maps. */
    {"p.0.weight:2 p.1.weight:1 p.1.bias:1 p.3.weight:2", "p", "LayerNorm", true},
    {"p.0.weight:3 p.1.weight:2 p.1.bias:2", "p", "LayerNorm", true},
    {"p.0.weight_g:2 p.0.weight_v:2", "p", "p.0.weight_g is neither", true},
    {"p.attn.in_proj_weight:2 p.attn.out_proj.weight:2", "p", "--outputs", true},
    {"p.wide.weight:2 p.narrow.weight:2", "p", "no numbers in the names", true},
    {"online.predictor.0.weight:2 target.predictor.0.weight:2", "predictor",
     "holds several such modules: online.predictor and target.predictor; pick one", true},
};
enum { CASES = sizeof cases / sizeof cases[0] };

static void take_apart(const char *arrays, char text[1024], struct ssldyn_matrices_names *names,
                       char *items[MOST], struct ssldyn_array shapes[MOST])
{
    *names = (struct ssldyn_matrices_names){.file = text, .names = items, .shapes = shapes};
    (void)snprintf(text, 1024, "%s", arrays);
    for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " ")) {
        char *colon = strchr(word, ':');
        const int dimensions = atoi(colon + 1);
        *colon = '\0';
        items[names->count] = word;
        shapes[names->count++] =
            (struct ssldyn_array){.dimensions = dimensions == 0 ? 1 : (size_t)dimensions,
                                  .count = dimensions == 0 ? 1 : 12};
    }
    names->file = (char *)(uintptr_t) "file.pt";
}

START_TEST(layers_are_found_in_order)
{
    char text[1024];
    char *items[MOST];
    struct ssldyn_array shapes[MOST];
    struct ssldyn_matrices_names names;
    struct ssldyn_predictor_modules modules;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char got[1024] = "";
    take_apart(cases[_i].arrays, text, &names, items, shapes);
    const enum ssldyn_status status =
        ssldyn_predictor_modules_find(&names, cases[_i].module, false, &modules, &err);
    ck_assert_int_eq(status, cases[_i].refused ? SSLDYN_EINPUT : SSLDYN_OK);
    for (size_t i = 0; i < modules.count; i++) {
        const struct ssldyn_predictor_module *module = &modules.items[i];
        const size_t used = strlen(got);
        (void)snprintf(got + used, sizeof got - used, "%s%s%s%s%s%s", i > 0 ? " " : "",
                       module->path, module->norm ? "~" : "=",
                       module->norm ? module->variance : module->weight,
                       module->norm && module->weight != NULL ? "*" : "",
                       module->norm && module->weight != NULL ? module->weight : "");
    }
    if (cases[_i].refused)
        ck_assert_msg(strstr(err.message, cases[_i].want) != NULL, "%s", err.message);
    else
        ck_assert_str_eq(got, cases[_i].want);
    ssldyn_predictor_modules_clear(&modules);
    ck_assert_int_eq(ssldyn_predictor_modules_find(&names, cases[_i].module, true, &modules, NULL),
                     SSLDYN_OK);
    ck_assert_int_eq(modules.count > 0, !cases[_i].refused && cases[_i].want[0] != '\0');
    ssldyn_predictor_modules_clear(&modules);
}
END_TEST

TEST_SUITE(predictor_modules)
{
    tcase_add_loop_test(tests, layers_are_found_in_order, 0, CASES);
}
