/* The page inside the program: its files, made into arrays when it is built. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_EXPLORE_PAGE_H
#define SSLDYN_SIM_EXPLORE_PAGE_H

#include <stddef.h>

struct ssldyn_page_asset {
    const char *name;          /* "map.js" */
    const char *type;          /* of the content */
    const unsigned char *data; /* a zero follows */
    size_t size;
};

/* The file of that name; NULL: there is none. */
const struct ssldyn_page_asset *ssldyn_page_find(const char *name);

/* All of them, made by the Makefile from sim/explore/page/. */
extern const struct ssldyn_page_asset ssldyn_page_assets[];
extern const size_t ssldyn_page_count;

#endif
