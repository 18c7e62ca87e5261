# ssldyn: build, test, figures, bench, install. `make help` lists the targets.
# Users may set CC CFLAGS CPPFLAGS LDFLAGS LDLIBS PREFIX DESTDIR VARIANT.

VERSION := 0.1.0
VARIANT ?= release
PREFIX ?= /usr/local
B := build/$(VARIANT)

WARN := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
        -Wdouble-promotion -Wvla
OPT_release := -O2 -g
OPT_debug := -O0 -g
OPT_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT_tsan := -O1 -g -fsanitize=thread
OPT_coverage := -O0 -g --coverage

PKG_CONFIG ?= pkg-config
pkg = $(shell $(PKG_CONFIG) $(1) $(2) 2>/dev/null)
GSL_CFLAGS := $(call pkg,--cflags,gsl)
# GSL's own CBLAS is never linked: OpenBLAS provides it.
GSL_LIBS := $(or $(filter-out -lgslcblas,$(call pkg,--libs,gsl)),-lgsl)
BLAS_CFLAGS := $(call pkg,--cflags,openblas)
BLAS_LIBS := $(or $(call pkg,--libs,openblas),-lopenblas)
LAPACKE_CFLAGS := $(call pkg,--cflags,lapacke)
LAPACKE_LIBS := $(or $(call pkg,--libs,lapacke),-llapacke)

ALL_CFLAGS = -std=c11 -ffp-contract=off $(WARN) $(OPT_$(VARIANT)) $(CFLAGS)
ALL_CPPFLAGS = -I. -D_POSIX_C_SOURCE=200809L -DSSLDYN_VERSION='"$(VERSION)"' -MMD -MP \
               $(GSL_CFLAGS) $(BLAS_CFLAGS) $(LAPACKE_CFLAGS) $(CPPFLAGS)
LIBS = $(GSL_LIBS) $(LAPACKE_LIBS) $(BLAS_LIBS) -lm

LIB_SRC := $(wildcard theory/*.c) $(filter-out sim/cli/%,$(wildcard sim/*/*.c))
CLI_SRC := $(wildcard sim/cli/*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o)
CLI_OBJ := $(CLI_SRC:%.c=$(B)/%.o)

all: $(B)/ssldyn  ## build the library and the program (default)

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

# Objects are rebuilt when the compiler or the flags change, and not otherwise.
FLAGS_LINE = $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS)
$(B)/flags: force
	@mkdir -p $(@D); printf '%s\n' '$(subst ','\'',$(FLAGS_LINE))' | cmp -s - $@ || \
	  printf '%s\n' '$(subst ','\'',$(FLAGS_LINE))' > $@

$(B)/libssldyn.a: $(LIB_OBJ)
	@rm -f $@
	ar rcs $@ $^

.DELETE_ON_ERROR:
.PHONY: all force clean
force:

clean:  ## remove everything made
	rm -rf build ssldyn

-include $(LIB_OBJ:.o=.d) $(CLI_OBJ:.o=.d)
