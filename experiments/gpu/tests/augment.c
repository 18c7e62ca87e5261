/* Views of an image compared with torchvision's (augment.tsv, written by augment.py); and views
 * depend only on seed, epoch, image and view. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/augment.h"
#include "experiments/gpu/feed.h"
#include "experiments/gpu/tests/tap.h"

#include <string.h>

enum { SIDE = 12, PIXELS = SIDE * SIDE, NUMBERS = 3 * PIXELS, PARAMETERS = 16 };

static const struct ssldyn_image_size size = {3, SIDE, SIDE};
static const double mean[SSLDYN_AUGMENT_CHANNELS] = {0.4914, 0.4822, 0.4465, 0.0};
static const double deviation[SSLDYN_AUGMENT_CHANNELS] = {0.2023, 0.1994, 0.2010, 1.0};

/* The image that augment.py uses. */
static void make_image(uint8_t image[NUMBERS])
{
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++) {
                const int place = c * PIXELS + y * SIDE + x;
                const int noise = (7919 * place + 104729) % 61;
                image[place] = (uint8_t)((30 + 17 * c + (11 + c) * y + (7 - 2 * c) * x +
                                          3 * x * y % 40 + noise) %
                                         256);
            }
}

/* Reads one row of the file; false at its end. */
static bool read_row(FILE *file, double parameters[PARAMETERS], double pixels[NUMBERS])
{
    for (int i = 0; i < PARAMETERS; i++)
        if (fscanf(file, "%lf", &parameters[i]) != 1)
            return false;
    for (int i = 0; i < NUMBERS; i++)
        if (fscanf(file, "%lf", &pixels[i]) != 1)
            return false;
    return true;
}

static struct ssldyn_view view_of(const double p[PARAMETERS])
{
    return (struct ssldyn_view){
        .row = (int32_t)p[0],
        .column = (int32_t)p[1],
        .height = (int32_t)p[2],
        .width = (int32_t)p[3],
        .flip = (int32_t)p[4],
        .order = {(int32_t)p[5], (int32_t)p[6], (int32_t)p[7], (int32_t)p[8]},
        .brightness = (float)p[9],
        .contrast = (float)p[10],
        .saturation = (float)p[11],
        .hue = (float)p[12],
        .gray = (int32_t)p[13],
        .blur = p[14],
        .gain = 1.0,
    };
}

static void against_torchvision(struct tap *tap)
{
    uint8_t bytes[NUMBERS];
    float image[NUMBERS];
    float out[NUMBERS];
    double parameters[PARAMETERS];
    double want[NUMBERS];
    float workspace[8 * NUMBERS];
    struct augment_recipe recipe;
    struct ssldyn_augmentation settings = *ssldyn_augment_named("stl");
    FILE *file = fopen("tests/augment.tsv", "r");
    char line[64];
    int rows = 0;
    if (file == NULL || fgets(line, sizeof line, file) == NULL) {
        tap_ok(tap, false, "tests/augment.tsv can be read");
        return;
    }
    make_image(bytes);
    for (int i = 0; i < NUMBERS; i++)
        image[i] = (float)bytes[i] / 255.0F;
    while (read_row(file, parameters, want)) {
        const bool normalized = parameters[15] > 0.0;
        const struct ssldyn_view view = view_of(parameters);
        double worst = 0.0;
        augment_init(&recipe, &settings, normalized ? mean : NULL, deviation, 1);
        ssldyn_augment_view_show(&recipe.augmentation, &view, &size, image, NULL, workspace, out);
        for (int i = 0; i < NUMBERS; i++)
            worst = fmax(worst, fabs((double)out[i] - want[i]));
        /* Half a unit of the file's last digit, and single precision. In grayscale conversions
         * torchvision weighs red by 0.2989 for arrays, but by 0.299 for images, as this program
         * does: 1e-4 of a pixel in each of up to three blends, times factors up to 2, or
         * 1/deviation. */
        const bool blended = view.order[0] >= 0;
        const double allowed = blended ? 1e-3 : 2.5e-5;
        tap_ok(tap, worst <= allowed, "view %d agrees with torchvision's: %.2g, allowed %.2g",
               ++rows, worst, allowed);
    }
    fclose(file);
    tap_ok(tap, rows == 9, "all nine views were compared");
}

static bool same_view(const struct ssldyn_view *a, const struct ssldyn_view *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static void draws_by_counters(struct tap *tap)
{
    struct augment_recipe recipe;
    struct ssldyn_view view;
    struct ssldyn_view again;
    struct ssldyn_view others[4];
    memset(&view, 0, sizeof view);
    memset(&again, 0, sizeof again);
    memset(others, 0, sizeof others);
    augment_init(&recipe, ssldyn_augment_named("cifar"), mean, deviation, 7);
    augment_draw(&recipe, &size, 3, 41, 0, &view);
    augment_draw(&recipe, &size, 3, 41, 1, &others[0]);
    augment_draw(&recipe, &size, 3, 40, 0, &others[1]);
    augment_draw(&recipe, &size, 4, 41, 0, &others[2]);
    augment_draw(&recipe, &size, 3, 41, 0, &again);
    recipe.seed = 8;
    augment_draw(&recipe, &size, 3, 41, 0, &others[3]);
    tap_ok(tap, same_view(&view, &again), "drawing a view again gives the same view");
    tap_ok(tap,
           !same_view(&view, &others[0]) && !same_view(&view, &others[1]) &&
               !same_view(&view, &others[2]) && !same_view(&view, &others[3]),
           "the view depends on view, image, epoch and seed");
}

/* Frequencies over 4000 views, within four standard deviations of the authors' settings. */
static void draws_by_the_settings(struct tap *tap)
{
    enum { VIEWS = 4000 };
    struct augment_recipe recipe;
    struct ssldyn_view view;
    double flipped = 0.0;
    double jittered = 0.0;
    double gray = 0.0;
    double area = 0.0;
    augment_init(&recipe, ssldyn_augment_named("cifar"), mean, deviation, 3);
    const struct ssldyn_image_size large = {3, 1024, 1024};
    for (int i = 0; i < VIEWS; i++) {
        augment_draw(&recipe, &large, 0, i, i % 2, &view);
        flipped += view.flip;
        jittered += view.order[0] >= 0 ? 1 : 0;
        gray += view.gray;
        area += (double)view.height * (double)view.width / (1024.0 * 1024.0);
    }
    tap_below(tap, fabs(flipped / VIEWS - 0.5), 4.0 * sqrt(0.25 / VIEWS),
              "half of the views are mirrored");
    tap_below(tap, fabs(jittered / VIEWS - 0.8), 4.0 * sqrt(0.16 / VIEWS),
              "a share of 0.8 is jittered");
    tap_below(tap, fabs(gray / VIEWS - 0.2), 4.0 * sqrt(0.16 / VIEWS), "a share of 0.2 is gray");
    /* Uniform on 0.08 ... 1, except that large boxes that do not fit are drawn again. */
    tap_ok(tap, area / VIEWS > 0.45 && area / VIEWS < 0.54, "a crop has %.3f of the area",
           area / VIEWS);
}

/* With view < 0 an image is only scaled; the CPU backend stores channels last and pads them. */
static void packs_for_the_network(struct tap *tap)
{
    uint8_t bytes[2 * NUMBERS];
    const int32_t order[2] = {1, 0};
    int64_t cursor[2] = {0, 0};
    double out[2 * PIXELS * 4];
    struct augment_recipe recipe;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ops_context *context = NULL;
    const struct ops *ops = ops_cpu();
    const struct ops_clock clock = {cursor, NULL};
    const struct ops_source source = {bytes, order, NULL, 3, SIDE, SIDE};
    make_image(bytes);
    for (int i = 0; i < NUMBERS; i++)
        bytes[NUMBERS + i] = (uint8_t)(255 - bytes[i]);
    augment_init(&recipe, ssldyn_augment_named("cifar"), mean, deviation, 1);
    tap_need(ops->create(&context, &err), &err);
    ops->augment(context, &recipe, &source, &clock, 2, -1,
                 (struct ops_tensor){out, OPS_ACTIVATION, 2, SIDE, SIDE, 4});
    double worst = 0.0;
    for (int i = 0; i < 2; i++)
        for (int p = 0; p < PIXELS; p++)
            for (int c = 0; c < 4; c++) {
                const double pixel =
                    c < 3 ? (double)bytes[(1 - i) * NUMBERS + c * PIXELS + p] / 255.0 : 0.0;
                const double want = c < 3 ? (pixel - mean[c]) / deviation[c] : 0.0;
                worst = fmax(worst, fabs(out[(i * PIXELS + p) * 4 + c] - want));
            }
    tap_below(tap, worst, 1e-6,
              "images without augmentation, in the order of the step, channels last");
    ops->destroy(context);
}

static void permutations(struct tap *tap)
{
    enum { COUNT = 1000 };
    double uniforms[COUNT];
    int32_t order[COUNT];
    int32_t other[COUNT];
    int seen[COUNT] = {0};
    int places = 0;
    bool whole = true;
    feed_permutation(5, 2, COUNT, uniforms, order);
    feed_permutation(5, 3, COUNT, uniforms, other);
    for (int i = 0; i < COUNT; i++)
        seen[order[i]]++;
    for (int i = 0; i < COUNT; i++) {
        whole = whole && seen[i] == 1;
        places += order[i] == i ? 1 : 0;
    }
    tap_ok(tap, whole, "an epoch sees every image once");
    /* The number of fixed points of a random permutation is Poisson with mean 1. */
    tap_ok(tap, places <= 7 && memcmp(order, other, sizeof order) != 0,
           "the order changes from epoch to epoch");
}

int main(void)
{
    struct tap tap = {0, 0};
    against_torchvision(&tap);
    draws_by_counters(&tap);
    draws_by_the_settings(&tap);
    packs_for_the_network(&tap);
    permutations(&tap);
    return tap_done(&tap);
}
