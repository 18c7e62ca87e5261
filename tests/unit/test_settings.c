/* Options of a struct other than a spec: everything that a table describes is read from a command
 * line and a file, refused if it would be ignored, and written in a form that can be read back. */
// SPDX-License-Identifier: MIT
#include "sim/base/parse.h"
#include "sim/options/settings.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct kettle {
    struct ssldyn_settings given;
    double litres, boil;
    int64_t cups;
    int fuel; /* 0 gas, 1 wood */
    bool whistle, lid, hush;
    double smoke;
    char *label;
    struct ssldyn_list times;
    char *extras; /* names and values passed to the callback */
};

static bool burns_wood(const void *fields)
{
    return ((const struct kettle *)fields)->fuel == 1;
}

static enum ssldyn_status keep(void *fields, const char *name, const char *value)
{
    struct kettle *kettle = fields;
    char text[80];
    snprintf(text, sizeof text, "%s%s:%s;", kettle->extras ? kettle->extras : "", name, value);
    free(kettle->extras);
    kettle->extras = strdup(text);
    return SSLDYN_OK;
}

static enum ssldyn_status set_spout(void *fields, const char *name, const char *value,
                                    const char *where, struct ssldyn_error *err)
{
    (void)where;
    (void)err;
    return keep(fields, name, value);
}

static enum ssldyn_status borrow(void *fields, const struct ssldyn_option *option,
                                 const char *value, const char *where, struct ssldyn_error *err)
{
    return value ? keep(fields, option->name, value)
                 : ssldyn_fail(err, SSLDYN_EINPUT, "%s: nothing to borrow", where);
}

enum { HEAT = 1, POUR = 2 };

static const char *command_name(unsigned command)
{
    return command == HEAT ? "heat" : "pour";
}

static bool is_experiment(unsigned command, const char *operand)
{
    return command == HEAT && strstr(operand, ".conf") != NULL;
}

#define AT(field) .offset = offsetof(struct kettle, field)

static const struct ssldyn_option rows[] = {
    {.name = "litres",
     .argument = "L",
     .help = "content",
     .group = "Body",
     .default_text = "1.5",
     .kind = SSLDYN_OPTION_DOUBLE,
     AT(litres),
     .minimum = 0.0,
     .maximum = 5.0,
     .aliases = "volume|size"},
    {.name = "cups",
     .argument = "N",
     .help = "cups",
     .group = "Body",
     .kind = SSLDYN_OPTION_INTEGER,
     AT(cups),
     .minimum = 0.0,
     .maximum = 12.0,
     .letter = 'c',
     .commands = POUR},
    {.name = "fuel",
     .argument = "KIND",
     .help = "fuel",
     .group = "Fire",
     .default_text = "gas",
     .choices = SSLDYN_OPTION_CHOICES("|gas"
                                      "|wood"),
     .kind = SSLDYN_OPTION_CHOICE,
     AT(fuel),
     .commands = HEAT,
     .decides = true},
    {.name = "smoke",
     .argument = "SHARE",
     .help = "smoke",
     .group = "Fire",
     .default_text = "0.5",
     .kind = SSLDYN_OPTION_DOUBLE,
     AT(smoke),
     .minimum = 0.0,
     .maximum = HUGE_VAL,
     .commands = HEAT,
     .needs = {{burns_wood, "belongs to --fuel wood"}}},
    {.name = "boil",
     .argument = "DEGREES",
     .help = "end",
     .group = "Fire",
     .kind = SSLDYN_OPTION_DOUBLE,
     AT(boil),
     .minimum = -HUGE_VAL,
     .maximum = HUGE_VAL,
     .replaces = "times|no-lid",
     .written = SSLDYN_OPTION_WRITTEN_GIVEN},
    {.name = "whistle",
     .help = "whistles",
     .group = "Body",
     .kind = SSLDYN_OPTION_FLAG,
     AT(whistle),
     .letter = 'w'},
    {.name = "no-lid", .help = "open", .group = "Body", .kind = SSLDYN_OPTION_NEGATION, AT(lid)},
    {.name = "label",
     .argument = "TEXT",
     .help = "label",
     .group = "Body",
     .kind = SSLDYN_OPTION_STRING,
     AT(label),
     .letter = 'l',
     .repeats = true},
    {.name = "times",
     .argument = "LIST",
     .help = "times",
     .group = "Fire",
     .kind = SSLDYN_OPTION_LIST,
     AT(times),
     .minimum = 0.0,
     .maximum = HUGE_VAL},
    {.name = "hush",
     .help = "quiet",
     .group = "Fire",
     .kind = SSLDYN_OPTION_FLAG,
     AT(hush),
     .written = SSLDYN_OPTION_WRITTEN_NEVER,
     .replaces_group = true},
};

static const struct ssldyn_option_family spouts = {
    .prefix = "spout.", .whole = "label", .argument = "WIDTH", .commands = HEAT, .set = set_spout};

static const struct ssldyn_schema schema = {
    .program = "kettle",
    .options = rows,
    .count = sizeof rows / sizeof rows[0],
    .family = &spouts,
    .command_name = command_name,
    .is_experiment = is_experiment,
    .borrowers = HEAT,
    .borrow = borrow,
};

static struct ssldyn_error err;

static struct kettle fresh(unsigned command)
{
    struct kettle kettle = {0};
    ck_assert_int_eq(ssldyn_settings_init(&kettle.given, &schema, command, NULL), SSLDYN_OK);
    return kettle;
}

static void drop(struct kettle *kettle)
{
    free(kettle->extras);
    ssldyn_settings_clear(&kettle->given);
}

/* A command line, given as words separated by blanks. */
static enum ssldyn_status parse(struct kettle *kettle, const char *line)
{
    char text[SCRATCH_PATH + 80];
    char *words[16];
    int count = 0;
    snprintf(text, sizeof text, "%s", line);
    for (char *word = strtok(text, " "); word && count < 16; word = strtok(NULL, " ")) {
        words[count++] = word;
    }
    enum ssldyn_status status = ssldyn_settings_parse(&kettle->given, count, words, &err);
    return status == SSLDYN_OK ? ssldyn_settings_check_ignored(&kettle->given, &err) : status;
}

static const char *write_conf(const char *text)
{
    static char path[SCRATCH_PATH];
    scratch_write(scratch_path(path, "kettle.conf"), text, strlen(text));
    return path;
}

START_TEST(a_command_line_is_read)
{
    struct kettle kettle = fresh(POUR);
    ck_assert_msg(parse(&kettle, "-wc3 --litres=2 one --label a --label b --no-lid -- --litres") ==
                      SSLDYN_OK,
                  "%s", err.message);
    ck_assert(kettle.whistle && kettle.cups == 3 && kettle.litres == 2.0 && !kettle.lid);
    ck_assert_str_eq(kettle.label, "a\nb");
    ck_assert_uint_eq(kettle.given.operand_count, 2);
    ck_assert_str_eq(kettle.given.operands[1], "--litres");
    ck_assert(ssldyn_settings_given(&kettle.given, "cups"));
    ck_assert(!ssldyn_settings_given(&kettle.given, "times"));
    drop(&kettle);
}
END_TEST

static const struct {
    unsigned command;
    const char *line, *said;
} refused[] = {
    {HEAT, "--litres", "--litres: needs a value (L)"},
    {HEAT, "--litres --no-lid", "--litres: needs a value (L), not \"--no-lid\""},
    {HEAT, "--litres 6", "--litres = 6: must be at least 0 and at most 5"},
    {HEAT, "--litres 1 --litres 2", "--litres: is given twice"},
    {HEAT, "--fuel coal", "--fuel = coal: must be one of gas|wood"},
    {HEAT, "--no_lid", "--no_lid: unknown option; did you mean --no-lid?"},
    {HEAT, "--liters 1", "--liters: unknown option; did you mean --litres?"},
    {HEAT, "--volume 1", "--volume: unknown option; did you mean --litres?"},
    {HEAT, "--zzzzzzz", "--zzzzzzz: unknown option; \"kettle heat --help\" lists the options"},
    {POUR, "--fuel wood", "--fuel: is not an option of kettle pour (only of heat)"},
    {POUR, "-x", "-x: unknown option; \"kettle pour --help\" lists the options"},
    {HEAT, "--smoke 0.1", "--smoke: belongs to --fuel wood"},
    {HEAT, "--cups", "--cups: nothing to borrow"},
    {HEAT, "a.conf b.conf", "a.conf and b.conf: give only one experiment file"},
};

START_TEST(what_is_wrong_is_refused)
{
    struct kettle kettle = fresh(refused[_i].command);
    ck_assert_int_eq(parse(&kettle, refused[_i].line), SSLDYN_EINPUT);
    ck_assert_str_eq(err.message, refused[_i].said);
    drop(&kettle);
}
END_TEST

START_TEST(the_command_line_overrides_a_file)
{
    char line[SCRATCH_PATH + 40];
    struct kettle kettle = fresh(HEAT);
    const char *path = write_conf("fuel = wood\nsmoke = 0.25\ntimes = 1,2,\n  3\nno_lid = true\n");
    snprintf(line, sizeof line, "%s --litres 3", path);
    ck_assert_msg(parse(&kettle, line) == SSLDYN_OK, "%s", err.message);
    ck_assert(kettle.smoke == 0.25 && kettle.times.count == 3 && !kettle.lid);
    char where[SCRATCH_PATH];
    char wanted[SCRATCH_PATH + 40];
    snprintf(wanted, sizeof wanted, "%s:2: smoke", path);
    ck_assert_str_eq(ssldyn_settings_where(&kettle.given, &rows[3], where, sizeof where), wanted);
    drop(&kettle);

    /* the deciding option has changed: smoke is dropped; the replacing option removes times and the
     * lid */
    kettle = fresh(HEAT);
    snprintf(line, sizeof line, "%s --fuel gas --boil 90", path);
    ck_assert_msg(parse(&kettle, line) == SSLDYN_OK, "%s", err.message);
    ck_assert(kettle.smoke == 0.5 && !ssldyn_settings_given(&kettle.given, "smoke"));
    ck_assert(kettle.times.count == 0 && kettle.lid);
    drop(&kettle);

    /* and an option that replaces its group keeps the others */
    kettle = fresh(HEAT);
    snprintf(line, sizeof line, "%s --hush", path);
    ck_assert_msg(parse(&kettle, line) == SSLDYN_OK, "%s", err.message);
    ck_assert(kettle.fuel == 0 && kettle.times.count == 0 && !kettle.lid);
    drop(&kettle);

    kettle = fresh(HEAT);
    path = write_conf("fuel = gas\nsmoke = 0.25\n");
    snprintf(line, sizeof line, "%s --litres 3", path);
    ck_assert_int_eq(parse(&kettle, line), SSLDYN_EINPUT);
    ck_assert(strstr(err.message, ":2: smoke: belongs to --fuel wood"));
    drop(&kettle);
}
END_TEST

START_TEST(a_file_is_read_exactly)
{
    static const char *const bad[][2] = {
        {"litres = 1\nlitres = 2\n", ":2: litres: duplicate key (first on line 1)"},
        {"command = pour\n", ":1: command = pour: this is kettle heat"},
        {"litres = 1,\n  2\n", ":2: continuation lines are for lists only; litres is not a list"},
        {"liters = 1\n", ":1: liters: unknown option; did you mean litres?"},
        {"cups = 1\n", ":1: cups: is not an option of kettle heat (only of pour)"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct kettle kettle = fresh(HEAT);
        ck_assert_int_eq(ssldyn_settings_read(&kettle.given, write_conf(bad[i][0]), &err),
                         SSLDYN_EINPUT);
        ck_assert_msg(strstr(err.message, bad[i][1]) != NULL, "%s", err.message);
        drop(&kettle);
    }
}
END_TEST

START_TEST(families_and_loans_are_passed_on)
{
    struct kettle kettle = fresh(HEAT);
    ck_assert_msg(parse(&kettle, "--spout.litres 2 --cups 4 --spout.boil=3") == SSLDYN_OK, "%s",
                  err.message);
    ck_assert_str_eq(kettle.extras, "litres:2;cups:4;boil:3;");
    drop(&kettle);
    kettle = fresh(HEAT);
    ck_assert_int_eq(parse(&kettle, "--spout.litres 2 --spout.litres 3"), SSLDYN_EINPUT);
    ck_assert_str_eq(err.message, "--spout.litres: is given twice");
    drop(&kettle);
}
END_TEST

static char *printed(const struct kettle *kettle)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(stream);
    ssldyn_settings_print_head(&kettle->given, stream);
    ssldyn_settings_print(&kettle->given, stream);
    ck_assert_int_eq(fclose(stream), 0);
    return text;
}

START_TEST(what_is_written_reads_back)
{
    struct kettle kettle = fresh(HEAT);
    struct kettle back = fresh(HEAT);
    ck_assert_int_eq(
        parse(&kettle, "--fuel wood --smoke 0.1 --label a#b --times 1:3:3 -w --litres 0.2"),
        SSLDYN_OK);
    char *text = printed(&kettle);
    ck_assert_msg(strstr(text,
                         "command = heat\nlitres = 0.2\nfuel = wood\nsmoke = 0.1\nwhistle = true\n"
                         "label = \"a#b\"\ntimes = 1,2,3\n") != NULL,
                  "%s", text);
    ck_assert_msg(ssldyn_settings_read(&back.given, write_conf(text), &err) == SSLDYN_OK, "%s",
                  err.message);
    ck_assert(back.given.complete);
    char *again = printed(&back);
    ck_assert_str_eq(again, text);
    free(again);
    free(text);
    drop(&kettle);
    drop(&back);
}
END_TEST

START_TEST(copies_are_independent)
{
    struct kettle kettle = fresh(POUR);
    ck_assert_int_eq(parse(&kettle, "--label a --times 1,2 operand"), SSLDYN_OK);
    struct kettle copy = kettle;
    ck_assert_int_eq(ssldyn_settings_copy(&kettle.given, &copy.given, &err), SSLDYN_OK);
    drop(&kettle);
    ck_assert_str_eq(copy.label, "a");
    ck_assert(copy.times.count == 2 && copy.times.values[1] == 2.0);
    ck_assert_str_eq(copy.given.operands[0], "operand");
    ck_assert(ssldyn_settings_given(&copy.given, "times"));
    drop(&copy);
}
END_TEST

TEST_SUITE(settings)
{
    tcase_add_test(tests, a_command_line_is_read);
    tcase_add_loop_test(tests, what_is_wrong_is_refused, 0, sizeof refused / sizeof refused[0]);
    tcase_add_test(tests, the_command_line_overrides_a_file);
    tcase_add_test(tests, a_file_is_read_exactly);
    tcase_add_test(tests, families_and_loans_are_passed_on);
    tcase_add_test(tests, what_is_written_reads_back);
    tcase_add_test(tests, copies_are_independent);
}
