/* Sets of images and labels read from files, valid and invalid. "data --write DIR" writes the small
 * set that the scripts train on: train.npy, test.npy and their labels. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/data.h"
#include "experiments/gpu/tests/tap.h"

#include <string.h>

enum { SIDE = 8, PIXELS = SIDE * SIDE, NUMBERS = 3 * PIXELS, CLASSES = 4, PATH = 400 };

static FILE *open_in(const char *directory, const char *name, char path[PATH])
{
    snprintf(path, PATH, "%s/%s", directory, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        printf("Bail out! %s cannot be written\n", path);
        exit(1);
    }
    return file;
}

static void write_head(FILE *file, const char *type, const char *shape)
{
    char text[200];
    const int length =
        snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }\n",
                 type, shape);
    fwrite("\x93NUMPY\x01", 1, 7, file);
    fputc(0, file);
    fputc(length, file);
    fputc(0, file);
    fwrite(text, 1, (size_t)length, file);
}

/* A pixel of image i of a class: a wave whose direction and color depend on the class, at a random
 * position; plus noise. */
static unsigned char pixel(size_t i, int class, int y, int x, int c)
{
    const double place = 3.14 * tap_number(i, 0);
    const double turn = 0.785 * (double)class + 0.2 * tap_number(i, 1);
    const double wave = sin(0.9 * (cos(turn) * x + sin(turn) * y) + place);
    const double tint = 0.25 * cos(2.1 * c + 1.57 * class) + 0.15 * tap_number(i, 2 + (uint64_t)c);
    const double noise = 0.1 * tap_number(1000000 + i, (uint64_t)(3 * (SIDE * y + x) + c));
    const double value = 0.5 + 0.25 * wave + tint + noise;
    return (unsigned char)(255.0 * fmin(fmax(value, 0.0), 1.0));
}

static void write_set(const char *directory, const char *name, size_t first, size_t count)
{
    char path[PATH];
    char file_name[40];
    char shape[60];
    snprintf(file_name, sizeof file_name, "%s.npy", name);
    FILE *images = open_in(directory, file_name, path);
    snprintf(shape, sizeof shape, "%zu, %d, %d, 3", count, SIDE, SIDE);
    write_head(images, "|u1", shape);
    snprintf(file_name, sizeof file_name, "%s-labels.npy", name);
    FILE *labels = open_in(directory, file_name, path);
    snprintf(shape, sizeof shape, "%zu,", count);
    write_head(labels, "|u1", shape);
    for (size_t i = first; i < first + count; i++) {
        const int class = (int)(i % CLASSES);
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++)
                for (int c = 0; c < 3; c++)
                    fputc(pixel(i, class, y, x, c), images);
        fputc(class, labels);
    }
    if (fclose(images) != 0 || fclose(labels) != 0) {
        fprintf(stderr, "%s: cannot be written\n", directory);
        exit(1);
    }
}

static int write_sets(const char *directory)
{
    write_set(directory, "train", 0, 6000);
    write_set(directory, "test", 100000, 400);
    return 0;
}

/* ---- tests */

static void write_bytes(const char *directory, const char *name, size_t count, size_t label_bytes,
                        size_t numbers, int first_label)
{
    char path[PATH];
    FILE *file = open_in(directory, name, path);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < label_bytes; k++)
            fputc(first_label + (int)(i % 3), file);
        for (size_t k = 0; k < numbers; k++)
            fputc((int)((i + 7 * k) % 256), file);
    }
    fclose(file);
}

/* Result of data_open and data_label for a file; labels and option as there. */
static enum ssldyn_status try_open(const char *path, size_t limit, bool labeled, const char *labels,
                                   struct dataset *data, struct ssldyn_error *err)
{
    enum ssldyn_status status = data_open(path, SSLDYN_IMAGES_AUTO, limit, 1, data, err);
    if (status == SSLDYN_OK && labeled)
        status = data_label(data, path, labels, "--test-labels", err);
    return status;
}

static void refuses(struct tap *tap, const char *path, size_t limit, bool labeled,
                    const char *labels, const char *message)
{
    struct dataset data;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    const enum ssldyn_status status = try_open(path, limit, labeled, labels, &data, &err);
    tap_ok(tap, status == SSLDYN_EINPUT && strstr(err.message, message) != NULL, "refused: %s (%s)",
           message, status == SSLDYN_OK ? "accepted" : err.message);
    data_close(&data);
}

static void accepts(struct tap *tap, const char *path, const char *labels, size_t count,
                    int classes, const char *what)
{
    struct dataset data;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    const enum ssldyn_status status = try_open(path, 0, true, labels, &data, &err);
    bool right = status == SSLDYN_OK && data.count == count && data.classes == classes;
    for (size_t i = 0; right && i < count; i++)
        right = data.labels[i] == (int32_t)(i % (size_t)classes);
    tap_ok(tap, right, "%s%s%s", what, status != SSLDYN_OK ? ": " : "",
           status != SSLDYN_OK ? err.message : "");
    data_close(&data);
}

static void formats(struct tap *tap, const char *directory)
{
    char path[PATH];
    char labels[PATH];
    char *found = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    write_bytes(directory, "test_batch.bin", 7, 1, 3072, 0);
    snprintf(path, PATH, "%s/test_batch.bin", directory);
    accepts(tap, path, NULL, 7, 3, "CIFAR-10 contains its labels");
    write_bytes(directory, "train_X.bin", 6, 0, 27648, 0);
    write_bytes(directory, "train_y.bin", 6, 1, 0, 1);
    snprintf(path, PATH, "%s/train_X.bin", directory);
    accepts(tap, path, NULL, 6, 3, "STL-10 has them in a second file, starting at 1");
    snprintf(path, PATH, "%s/test.npy", directory);
    snprintf(labels, PATH, "%s/test-labels.npy", directory);
    accepts(tap, path, labels, 400, CLASSES, "labels of .npy images are in another .npy");
    tap_need(data_test_set(directory, &found, &err), &err);
    tap_ok(tap, found != NULL && strstr(found, "test_batch.bin") != NULL,
           "the test set of a directory is found");
    free(found);
    snprintf(path, PATH, "%s/data_batch_1.bin", directory);
    tap_need(data_test_set(path, &found, &err), &err);
    tap_ok(tap, found != NULL && strstr(found, "test_batch.bin") != NULL,
           "the test set of a file is found");
    free(found);
}

static void faults(struct tap *tap, const char *directory)
{
    char path[PATH];
    char labels[PATH];
    snprintf(path, PATH, "%s/none", directory);
    refuses(tap, path, 0, false, NULL, "none");
    snprintf(path, PATH, "%s/test.npy", directory);
    refuses(tap, path, 401, false, NULL, "holds 400 images, but 401 were requested");
    refuses(tap, path, 0, true, NULL, "give --test-labels FILE.npy");
    snprintf(labels, PATH, "%s/train-labels.npy", directory);
    refuses(tap, path, 0, true, labels, "6000 labels in 1 dimensions for 400 images");
    write_bytes(directory, "train_y.bin", 5, 1, 0, 1);
    snprintf(path, PATH, "%s/train_X.bin", directory);
    refuses(tap, path, 0, true, NULL, "holds only 5 labels");
    write_bytes(directory, "train_y.bin", 6, 1, 0, 0);
    refuses(tap, path, 0, true, NULL, "labels of STL-10 start at 1");
    FILE *file = open_in(directory, "wide.npy", path);
    write_head(file, "|u1", "2, 4, 5");
    for (int i = 0; i < 40; i++)
        fputc(i, file);
    fclose(file);
    refuses(tap, path, 0, false, NULL, "must be square");
    file = open_in(directory, "doubles.npy", path);
    write_head(file, "<f8", "2, 2, 2");
    for (int i = 0; i < 64; i++)
        fputc(0, file);
    fclose(file);
    refuses(tap, path, 0, false, NULL, "images of bytes (numpy.uint8) are required");
}

static void channels(struct tap *tap, const char *directory)
{
    char path[PATH];
    struct dataset data;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    double mean[SSLDYN_AUGMENT_CHANNELS];
    double deviation[SSLDYN_AUGMENT_CHANNELS];
    snprintf(path, PATH, "%s/test.npy", directory);
    tap_need(try_open(path, 0, false, NULL, &data, &err), &err);
    tap_need(data_measure(&data, mean, deviation, &err), &err);
    double worst = 0.0;
    for (int c = 0; c < 3; c++) {
        double sum = 0.0;
        double squares = 0.0;
        for (size_t i = 0; i < 400; i++)
            for (int p = 0; p < PIXELS; p++) {
                const double value = (double)pixel(100000 + i, (int)((100000 + i) % CLASSES),
                                                   p / SIDE, p % SIDE, c) /
                                     255.0;
                sum += value / (400.0 * PIXELS);
                squares += value * value / (400.0 * PIXELS);
            }
        worst = fmax(worst, fabs(mean[c] - sum));
        worst = fmax(worst, fabs(deviation[c] - sqrt(squares - sum * sum)));
    }
    tap_below(tap, worst, 1e-12, "means and deviations of the channels");
    data_close(&data);
}

static void refuses_pool(struct tap *tap, const char *path, size_t pool)
{
    struct dataset data;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    const enum ssldyn_status status = data_open(path, SSLDYN_IMAGES_AUTO, 0, pool, &data, &err);
    tap_ok(tap, status == SSLDYN_EINPUT && strstr(err.message, "must divide the 8 pixels") != NULL,
           "refused: blocks of %zu pixels (%s)", pool,
           status == SSLDYN_OK ? "accepted" : err.message);
    data_close(&data);
}

/* Every image of the test set, read in one call that spans several blocks, against means in double
 * of the unpooled bytes. */
static void pools(struct tap *tap, const char *directory)
{
    enum { COUNT = 400, POOL = 4, LEFT = SIDE / POOL, SMALL = 3 * LEFT * LEFT };
    static unsigned char whole[COUNT * NUMBERS];
    static unsigned char small[COUNT * SMALL];
    char path[PATH];
    struct dataset data;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    snprintf(path, PATH, "%s/test.npy", directory);
    tap_need(data_open(path, SSLDYN_IMAGES_AUTO, 0, 1, &data, &err), &err);
    tap_need(data_read(&data, 0, COUNT, whole, &err), &err);
    data_close(&data);
    tap_need(data_open(path, SSLDYN_IMAGES_AUTO, 0, POOL, &data, &err), &err);
    tap_ok(tap, data.size.height == LEFT && data.size.width == LEFT && data.size.channels == 3,
           "blocks of %d pixels leave %d per side", POOL, LEFT);
    tap_need(data_read(&data, 0, COUNT, small, &err), &err);
    double worst = 0.0;
    for (size_t i = 0; i < (size_t)COUNT * SMALL; i++) {
        const size_t plane = i / (LEFT * LEFT); /* image and channel */
        const size_t y = i / LEFT % LEFT;
        const size_t x = i % LEFT;
        double sum = 0.0;
        for (size_t dy = 0; dy < POOL; dy++)
            for (size_t dx = 0; dx < POOL; dx++)
                sum += whole[(plane * SIDE + y * POOL + dy) * SIDE + x * POOL + dx];
        worst = fmax(worst, fabs((double)small[i] - sum / (POOL * POOL)));
    }
    tap_below(tap, worst, 0.5 + 1e-12, "pooled pixels against the means of their blocks");
    unsigned char again[SMALL];
    tap_need(data_read(&data, 300, 1, again, &err), &err);
    tap_ok(tap, memcmp(again, small + (size_t)300 * SMALL, sizeof again) == 0,
           "one image alone is the same");
    data_close(&data);
    refuses_pool(tap, path, 0);
    refuses_pool(tap, path, 3);
    refuses_pool(tap, path, SIDE);
}

int main(int argc, char *argv[])
{
    struct tap tap = {0, 0};
    const char *directory = getenv("TEST_DIR");
    if (argc == 3 && strcmp(argv[1], "--write") == 0)
        return write_sets(argv[2]);
    if (directory == NULL) {
        printf("1..0 # SKIP no TEST_DIR to write to\n");
        return TAP_SKIP;
    }
    write_set(directory, "train", 0, 6000);
    write_set(directory, "test", 100000, 400);
    formats(&tap, directory);
    faults(&tap, directory);
    channels(&tap, directory);
    pools(&tap, directory);
    return tap_done(&tap);
}
