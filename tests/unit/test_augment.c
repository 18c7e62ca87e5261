/* Views of images: each augmentation alone compared with its definition. */
// SPDX-License-Identifier: MIT
#include "sim/moments/augment.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 12, PLANE = SIDE * SIDE, NUMBERS = 3 * PLANE };

static const struct ssldyn_image_size size = {3, SIDE, SIDE};
/* Pixels are single precision, with a handful of operations each. */
static const double rounding = 4e-6;

static double draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return ((double)(*state >> 12) + 0.5) / 4503599627370496.0;
}

static void fill(float image[NUMBERS], uint64_t seed)
{
    for (size_t i = 0; i < NUMBERS; i++)
        image[i] = (float)draw(&seed);
}

/* A view with all uniforms drawn from seed, except the given ones. */
static void view_of(const struct ssldyn_augmentation *augmentation, const float image[],
                    uint64_t seed, size_t index, double uniform, float view[])
{
    double uniforms[SSLDYN_AUGMENT_UNIFORMS];
    float *workspace = malloc(ssldyn_augment_workspace(&size) * sizeof *workspace);

    ck_assert_ptr_nonnull(workspace);
    for (size_t i = 0; i < SSLDYN_AUGMENT_UNIFORMS; i++)
        uniforms[i] = draw(&seed);
    if (index < SSLDYN_AUGMENT_UNIFORMS)
        uniforms[index] = uniform;
    struct ssldyn_view drawn;
    ssldyn_augment_view_draw(augmentation, &size, uniforms, &drawn);
    ssldyn_augment_view_show(augmentation, &drawn, &size, image, NULL, workspace, view);
    free(workspace);
}

static void expect_near(double got, double want)
{
    ck_assert_msg(isfinite(got) && fabs(got - want) <= rounding * (1.0 + fabs(want)),
                  "got %.9g, want %.9g", got, want);
}

static double luminance(const float image[], size_t i)
{
    return 0.299 * (double)image[i] + 0.587 * (double)image[PLANE + i] +
           0.114 * (double)image[2 * PLANE + i];
}

START_TEST(nothing_requested_nothing_done)
{
    const struct ssldyn_augmentation none = *ssldyn_augment_named("none");
    float image[NUMBERS];
    float view[NUMBERS];

    fill(image, 1);
    view_of(&none, image, 2, SIZE_MAX, 0.0, view);
    ck_assert_mem_eq(image, view, sizeof image);
}
END_TEST

START_TEST(mirrors)
{
    const struct ssldyn_augmentation flip = {.flip = 1.0};
    float image[NUMBERS];
    float view[NUMBERS];

    fill(image, 3);
    view_of(&flip, image, 4, SIZE_MAX, 0.0, view);
    for (size_t line = 0; line < NUMBERS / SIDE; line++)
        for (size_t x = 0; x < SIDE; x++)
            ck_assert(view[line * SIDE + x] == image[line * SIDE + SIDE - 1 - x]);
}
END_TEST

START_TEST(shifts_within_a_frame)
{
    /* Every view is the image shifted by whole pixels, -3 ... 3 in each direction, and all 49
     * shifts occur. */
    const struct ssldyn_augmentation shift = {
        .pad = 3, .standardize = true, .mean = {0.25, 0.5, 0.75}, .deviation = {1.0, 1.0, 1.0}};
    float image[NUMBERS];
    float view[NUMBERS];
    int seen[7][7] = {{0}};
    int moves = 0;

    fill(image, 5);
    for (uint64_t seed = 0; seed < 600; seed++) {
        int matches = 0;
        view_of(&shift, image, seed, SIZE_MAX, 0.0, view);
        for (int dy = -3; dy <= 3; dy++) {
            for (int dx = -3; dx <= 3; dx++) {
                bool same = true;
                for (int i = 0; i < NUMBERS && same; i++) {
                    int c = i / PLANE;
                    int y = i % PLANE / SIDE + dy;
                    int x = i % SIDE + dx;
                    bool inside = y >= 0 && y < SIDE && x >= 0 && x < SIDE;
                    /* filled with the mean, which standardizing turns into 0 */
                    double want =
                        inside ? (double)image[c * PLANE + y * SIDE + x] - 0.25 * (double)(c + 1)
                               : 0.0;
                    same = fabs((double)view[i] - want) <= rounding;
                }
                matches += same;
                moves += same && seen[dy + 3][dx + 3]++ == 0;
            }
        }
        ck_assert_int_eq(matches, 1);
    }
    ck_assert_int_eq(moves, 49);
}
END_TEST

START_TEST(crops_enlarge_a_box_of_the_allowed_size)
{
    /* Bilinear interpolation reproduces a plane exactly: its slopes tell the box's sides, and its
     * value at the center gives its position. The edge repeats, half a pixel of the box's. */
    const struct ssldyn_augmentation crop = {.scale_minimum = 0.3, .ratio = 1.5};
    float image[NUMBERS];
    float view[NUMBERS];
    double least = 1.0;
    double most = 0.0;

    for (size_t i = 0; i < NUMBERS; i++)
        image[i] = (float)(i / PLANE == 0 ? (double)(i % SIDE) : (double)(i % PLANE / SIDE));
    for (uint64_t seed = 0; seed < 400; seed++) {
        view_of(&crop, image, seed, SIZE_MAX, 0.0, view);
        size_t middle = SIDE / 2 * SIDE + SIDE / 2;
        double width = (double)SIDE * (double)(view[middle] - view[middle - 1]);
        double height = (double)SIDE * (double)(view[PLANE + middle] - view[PLANE + middle - SIDE]);
        double left = 0.5 * (double)(view[middle] + view[middle - 1]) - 0.5 * width + 0.5;
        double top =
            0.5 * (double)(view[PLANE + middle] + view[PLANE + middle - SIDE]) - 0.5 * height + 0.5;
        expect_near(width, rint(width));
        expect_near(height, rint(height));
        expect_near(left, rint(left));
        expect_near(top, rint(top));
        ck_assert(left > -0.1 && top > -0.1 && left + width < (double)SIDE + 0.1 &&
                  top + height < (double)SIDE + 0.1);
        /* Sides are rounded by up to half a pixel each. */
        ck_assert((width + 0.5) * (height + 0.5) >= 0.3 * (double)PLANE);
        ck_assert((width - 0.5) / (height + 0.5) <= 1.5 && (height - 0.5) / (width + 0.5) <= 1.5);
        least = fmin(least, width * height / (double)PLANE);
        most = fmax(most, width * height / (double)PLANE);
    }
    ck_assert(least < 0.4 && most > 0.85);
}
END_TEST

START_TEST(the_whole_image_is_a_crop_too)
{
    const struct ssldyn_augmentation crop = {.scale_minimum = 1.0, .ratio = 1.0};
    float image[NUMBERS];
    float view[NUMBERS];

    fill(image, 6);
    view_of(&crop, image, 7, SIZE_MAX, 0.0, view);
    for (size_t i = 0; i < NUMBERS; i++)
        expect_near((double)view[i], (double)image[i]);
}
END_TEST

START_TEST(brightness_multiplies)
{
    const struct ssldyn_augmentation bright = {.jitter = 1.0, .brightness = 0.4};
    float image[NUMBERS];
    float view[NUMBERS];
    double low = 2.0;
    double high = 0.0;

    fill(image, 8);
    for (uint64_t seed = 0; seed < 300; seed++) {
        view_of(&bright, image, seed, SIZE_MAX, 0.0, view);
        double factor = (double)view[0] / (double)image[0];
        for (size_t i = 0; i < NUMBERS; i++)
            expect_near((double)view[i], factor * (double)image[i]);
        low = fmin(low, factor);
        high = fmax(high, factor);
    }
    ck_assert(low > 0.6 - rounding && low < 0.62 && high < 1.4 + rounding && high > 1.38);
}
END_TEST

START_TEST(contrast_keeps_the_mean_luminance)
{
    const struct ssldyn_augmentation contrast = {.jitter = 1.0, .contrast = 0.7};
    float image[NUMBERS];
    float view[NUMBERS];

    fill(image, 9);
    for (uint64_t seed = 0; seed < 20; seed++) {
        double before = 0.0;
        double after = 0.0;
        view_of(&contrast, image, seed, SIZE_MAX, 0.0, view);
        for (size_t i = 0; i < PLANE; i++) {
            before += luminance(image, i) / (double)PLANE;
            after += luminance(view, i) / (double)PLANE;
        }
        expect_near(after, before);
        double factor = ((double)view[0] - before) / ((double)image[0] - before);
        ck_assert(factor > 0.3 - 1e-3 && factor < 1.7 + 1e-3);
        for (size_t i = 0; i < NUMBERS; i++)
            ck_assert(fabs((double)view[i] - before - factor * ((double)image[i] - before)) < 1e-4);
    }
}
END_TEST

START_TEST(saturation_keeps_each_luminance)
{
    const struct ssldyn_augmentation saturation = {.jitter = 1.0, .saturation = 0.9};
    float image[NUMBERS];
    float view[NUMBERS];

    fill(image, 10);
    for (uint64_t seed = 0; seed < 20; seed++) {
        view_of(&saturation, image, seed, SIZE_MAX, 0.0, view);
        for (size_t i = 0; i < PLANE; i++)
            expect_near(luminance(view, i), luminance(image, i));
        ck_assert(memcmp(view, image, sizeof view) != 0);
    }
}
END_TEST

START_TEST(hue_turns_as_the_color_circle)
{
    /* Compared with the textbook HSV formulas, evaluated by another program (Python's colorsys). */
    static const struct {
        float rgb[3];
        double turn;
        double want[3];
    } cases[] = {
        {{0.8F, 0.3F, 0.1F}, 0.1, {0.8, 0.72, 0.1}},
        {{0.2F, 0.45F, 0.9F}, -0.37, {0.604, 0.9, 0.2}},
        {{0.1F, 0.9F, 0.3F}, 0.5, {0.9, 0.1, 0.7}},
        {{0.6F, 0.2F, 0.7F}, 0.25, {0.7, 0.35, 0.2}},
    };
    const struct ssldyn_augmentation hue = {.jitter = 1.0, .hue = 0.5};
    enum { DRAW_HUE = 30 };
    float image[NUMBERS];
    float view[NUMBERS];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t k = 0; k < NUMBERS; k++)
            image[k] = cases[i].rgb[k / PLANE];
        view_of(&hue, image, 11, DRAW_HUE, 0.5 + cases[i].turn, view);
        for (size_t c = 0; c < 3; c++)
            expect_near((double)view[c * PLANE + 5], cases[i].want[c]);
    }
    for (size_t k = 0; k < NUMBERS; k++)
        image[k] = 0.375F;
    view_of(&hue, image, 11, DRAW_HUE, 0.9, view);
    ck_assert_mem_eq(image, view, sizeof image);
}
END_TEST

START_TEST(jitter_of_bytes_stays_in_range)
{
    const struct ssldyn_augmentation strong = {.jitter = 1.0,
                                               .brightness = 2.0,
                                               .contrast = 3.0,
                                               .saturation = 3.0,
                                               .hue = 0.5,
                                               .clip = true};
    float image[NUMBERS];
    float view[NUMBERS];

    fill(image, 12);
    for (uint64_t seed = 0; seed < 200; seed++) {
        view_of(&strong, image, seed, SIZE_MAX, 0.0, view);
        for (size_t i = 0; i < NUMBERS; i++)
            ck_assert(view[i] >= -1e-6F && view[i] <= 1.000001F);
    }
}
END_TEST

START_TEST(jitter_order_is_random)
{
    /* Brightness b and contrast f do not commute when values are clipped: both orders must
     * occur. */
    const struct ssldyn_augmentation both = {
        .jitter = 1.0, .brightness = 0.8, .contrast = 0.8, .clip = true};
    enum { DRAW_ORDER = 26 };
    float image[NUMBERS];
    float first[NUMBERS];
    float view[NUMBERS];
    int same = 0;

    fill(image, 13);
    view_of(&both, image, 3, DRAW_ORDER, 0.5 / 24.0, first);
    for (int order = 0; order < 24; order++) {
        view_of(&both, image, 3, DRAW_ORDER, (order + 0.5) / 24.0, view);
        same += memcmp(first, view, sizeof view) == 0;
    }
    /* In half of the 24 permutations brightness comes before contrast. */
    ck_assert_int_eq(same, 12);
}
END_TEST

START_TEST(gray_loses_color_only)
{
    const struct ssldyn_augmentation gray = {.gray = 1.0};
    float image[NUMBERS];
    float view[NUMBERS];

    fill(image, 14);
    view_of(&gray, image, 15, SIZE_MAX, 0.0, view);
    for (size_t i = 0; i < NUMBERS; i++)
        expect_near((double)view[i], luminance(image, i % PLANE));
}
END_TEST

static int reflected(int i)
{
    i = i < 0 ? -i : i;
    return i >= SIDE ? 2 * (SIDE - 1) - i : i;
}

START_TEST(blur_is_a_gaussian_convolution)
{
    /* The separable passes compared with the double sum over a 5 x 5 window. */
    const struct ssldyn_augmentation blur = {
        .blur = 1.0, .blur_minimum = 1.3, .blur_maximum = 1.3, .blur_kernel = 5};
    float image[NUMBERS];
    float view[NUMBERS];
    double total = 0.0;

    fill(image, 16);
    view_of(&blur, image, 17, SIZE_MAX, 0.0, view);
    for (int k = -2; k <= 2; k++)
        for (int l = -2; l <= 2; l++)
            total += exp(-0.5 * (k * k + l * l) / (1.3 * 1.3));
    for (int c = 0; c < 3; c++) {
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                double sum = 0.0;
                for (int k = -2; k <= 2; k++)
                    for (int l = -2; l <= 2; l++)
                        sum +=
                            exp(-0.5 * (k * k + l * l) / (1.3 * 1.3)) / total *
                            (double)image[c * PLANE + reflected(y + k) * SIDE + reflected(x + l)];
                expect_near((double)view[c * PLANE + y * SIDE + x], sum);
            }
        }
    }
}
END_TEST

START_TEST(the_last_step_is_linear)
{
    const struct ssldyn_augmentation linear = {.standardize = true,
                                               .mean = {0.4, 0.5, 0.6},
                                               .deviation = {0.2, 0.25, 0.5},
                                               .gain = 0.4,
                                               .offset = 0.3,
                                               .noise = 2.0};
    double uniforms[SSLDYN_AUGMENT_UNIFORMS];
    float normals[NUMBERS];
    float image[NUMBERS];
    float view[NUMBERS];
    float *workspace = malloc(ssldyn_augment_workspace(&size) * sizeof *workspace);

    fill(image, 18);
    fill(normals, 19);
    for (size_t i = 0; i < SSLDYN_AUGMENT_UNIFORMS; i++)
        uniforms[i] = 0.75;
    struct ssldyn_view drawn;
    ssldyn_augment_view_draw(&linear, &size, uniforms, &drawn);
    ssldyn_augment_view_show(&linear, &drawn, &size, image, normals, workspace, view);
    /* u = 3/4: gain 1 + 0.4/2, offset 0.3/2 */
    for (size_t i = 0; i < NUMBERS; i++) {
        size_t c = i / PLANE;
        double standard = ((double)image[i] - linear.mean[c]) / linear.deviation[c];
        expect_near((double)view[i], 1.2 * standard + 0.15 + 2.0 * (double)normals[i]);
    }
    free(workspace);
}
END_TEST

START_TEST(refuses_meaningless_settings)
{
    const struct {
        struct ssldyn_augmentation settings;
        const char *option;
    } cases[] = {
        {{.scale_minimum = 1.5}, "--crop-scale"},
        {{.scale_minimum = -0.1}, "--crop-scale"},
        {{.ratio = 1e9}, "--crop-ratio"},
        {{.pad = SIDE + 1}, "--crop-pad"},
        {{.flip = (double)NAN}, "--flip"},
        {{.jitter = 2.0}, "--jitter"},
        {{.brightness = -1.0}, "--brightness"},
        {{.contrast = (double)INFINITY}, "--contrast"},
        {{.saturation = -1.0}, "--saturation"},
        {{.hue = 0.6}, "--hue"},
        {{.gray = -1.0}, "--gray"},
        {{.blur = 1.0}, "--blur-min"},
        {{.blur = 1.0, .blur_minimum = 2.0, .blur_maximum = 1.0}, "--blur-min"},
        {{.blur = 1.0, .blur_minimum = 1.0, .blur_maximum = 1.0, .blur_kernel = 4},
         "--blur-kernel"},
        {{.blur = 1.0, .blur_minimum = 1.0, .blur_maximum = 1.0, .blur_kernel = 2 * SIDE + 1},
         "--blur-kernel"},
        {{.gain = -1.0}, "--gain"},
        {{.offset = -1.0}, "--offset"},
        {{.noise = (double)NAN}, "--noise"},
    };
    static const char *const names[] = {"none", "weak", "cifar", "stl"};
    struct ssldyn_error err = {SSLDYN_OK, ""};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_int_eq(ssldyn_augment_check(&cases[i].settings, &size, &err), SSLDYN_EDOMAIN);
        ck_assert_msg(strstr(err.message, cases[i].option) != NULL, "%s", err.message);
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        ck_assert_msg(ssldyn_augment_check(ssldyn_augment_named(names[i]), &size, &err) ==
                          SSLDYN_OK,
                      "%s", err.message);
    ck_assert_ptr_null(ssldyn_augment_named("strong"));
}
END_TEST

TEST_SUITE(augment)
{
    tcase_add_test(tests, nothing_requested_nothing_done);
    tcase_add_test(tests, mirrors);
    tcase_add_test(tests, shifts_within_a_frame);
    tcase_add_test(tests, crops_enlarge_a_box_of_the_allowed_size);
    tcase_add_test(tests, the_whole_image_is_a_crop_too);
    tcase_add_test(tests, brightness_multiplies);
    tcase_add_test(tests, contrast_keeps_the_mean_luminance);
    tcase_add_test(tests, saturation_keeps_each_luminance);
    tcase_add_test(tests, hue_turns_as_the_color_circle);
    tcase_add_test(tests, jitter_of_bytes_stays_in_range);
    tcase_add_test(tests, jitter_order_is_random);
    tcase_add_test(tests, gray_loses_color_only);
    tcase_add_test(tests, blur_is_a_gaussian_convolution);
    tcase_add_test(tests, the_last_step_is_linear);
    tcase_add_test(tests, refuses_meaningless_settings);
}
