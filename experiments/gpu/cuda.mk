# The CUDA part of the Makefile: finds CUDA and cuDNN, reports them in one line, and compiles if both are there.
#   CUDA=DIR    the toolkit (default: where nvcc in PATH is, or /usr/local/cuda); CUDA=no: build without
#   CUDNN=DIR   include/ and lib/ of cuDNN (default: the toolkit's, or Python's nvidia-cudnn package)
#   ARCH=native compiles only for the GPU of this machine; default: code for Hopper, PTX for 8.0 and newer
# SPDX-License-Identifier: MIT

CUDA := $(or $(CUDA),$(patsubst %/bin/nvcc,%,$(shell command -v nvcc 2>/dev/null)),$(wildcard /usr/local/cuda))
CUDNN := $(or $(CUDNN),$(firstword $(foreach d,$(CUDA) /usr \
           $(shell python3 -c 'import nvidia.cudnn; print(nvidia.cudnn.__path__[0])' 2>/dev/null), \
           $(if $(wildcard $(d)/include/cudnn.h),$(d)))))
CUDA_INCLUDES := -isystem $(CUDA)/include $(if $(filter-out /usr $(CUDA),$(CUDNN)),-isystem $(CUDNN)/include)

# Toolkits, distributions and pip install libraries in different places; pip's cuDNN has only libcudnn.so.9.
LIBRARY_FOLDERS := lib64 lib $(patsubst %,lib/%,$(shell $(CC) -print-multiarch 2>/dev/null))
library = $(firstword $(wildcard $(foreach d,$(LIBRARY_FOLDERS),$(1)/$(d)/$(2).so $(1)/$(d)/$(2).so.9)))
CUDNN_LIBRARY := $(call library,$(CUDNN),libcudnn)
CUDA_LIBS := $(foreach d,$(sort $(dir $(call library,$(CUDA),libcublas) $(CUDNN_LIBRARY))), \
               -L$(d) -Wl,-rpath,$(abspath $(d))) $(or $(CUDNN_LIBRARY),-lcudnn) -lcublas -lcudart

# What is missing, as text; empty if nothing is. Plans without a device need cuDNN 9.8; code for Hopper and the
# graph API used here need CUDA 12.
hash := \#
cuda_compiles = $(shell printf '%s\n' '$(hash)include <cudnn.h>' '$(hash)include <cublas_v2.h>' \
  '$(hash)include <cuda_runtime_api.h>' 'int new[CUDNN_VERSION >= 90800 && CUDART_VERSION >= 12000 ? 1 : -1], v;' \
  'int main(void) { return (int)cudnnGetVersion() + (int)cublasGetVersion_v2(0, &v) + (int)cudaRuntimeGetVersion(&v); }' | \
  $(CC) $(CUDA_INCLUDES) $(1) >/dev/null 2>&1 && echo yes)
CUDA_MISSING := $(strip \
  $(if $(filter no,$(CUDA)),not wanted, \
  $(if $(wildcard $(CUDA)/bin/nvcc),, nvcc) \
  $(if $(CUDNN),, cudnn.h)))
ifeq ($(CUDA_MISSING),)
CUDA_MISSING := $(if $(call cuda_compiles,-fsyntax-only -x c -), \
  $(if $(call cuda_compiles,-o /dev/null -x c - -x none $(LDFLAGS) $(CUDA_LIBS)),, \
    libcudnn$(comma) libcublas or libcudart to link with),CUDA 12 and cuDNN 9.8 or newer)
CUDA_MISSING := $(strip $(CUDA_MISSING))
endif
ifeq ($(BYOL_CUDA_REPORTED),)
export BYOL_CUDA_REPORTED := yes
$(info CUDA: $(if $(CUDA_MISSING),not found ($(CUDA_MISSING)): CPU backend only,$(CUDA)))
endif

CUDA_SRC := candidates.c plans.c $(wildcard cuda*.c)
KERNELS := $(wildcard *.cu)

ifeq ($(CUDA_MISSING),)
CPPFLAGS_CUDA := -DBYOL_CUDA $(CUDA_INCLUDES)
CUDA_OBJ := $(CUDA_SRC:%.c=$(B)/%.o) $(KERNELS:%.cu=$(B)/%.cu.o)

GENCODE := $(if $(ARCH),-arch=$(ARCH),-gencode=arch=compute_90a,code=sm_90a \
             -gencode=arch=compute_80,code=compute_80)
# No C++ library is linked. The report of ptxas on registers and spills is kept next to each object.
NVCCFLAGS = -std=c++17 -O3 -I$(ROOT) -Xcompiler -fno-threadsafe-statics,-Wall,-Wextra $(GENCODE) -Xptxas -v
$(B)/%.cu.o: %.cu $(B)/flags
	@mkdir -p $(@D)
	$(call short,NVCC,$<)
	$(Q)$(CUDA)/bin/nvcc $(NVCCFLAGS) -MMD -MP -MF $(@:.o=.d) -c -o $@ $< 2>$@.log || { cat $@.log; exit 1; }
	@! grep 'warning' $@.log
	@! grep -E '[1-9][0-9]* bytes spill' $@.log

# The same kernels on the host, one thread at a time (emulate/emulate.h): tests without a GPU.
E := $(B)/emulated
EMULATED := $(KERNELS:%.cu=$(E)/%.cu.o) $(E)/threads.o $(E)/runtime.o $(E)/convolution.o \
            $(patsubst %.c,$(B)/%.o,$(filter cuda%,$(CUDA_SRC)))
CXX ?= c++
# Kernels load and store 16 bytes at a time, for any type.
EMULATE_FLAGS = -std=c++17 -O2 -g -Wall -Wextra -Wno-unused-function -fno-strict-aliasing -I$(ROOT) \
                $(CUDA_INCLUDES) -MMD -MP
$(E)/%.cu.o: %.cu $(B)/flags
	@mkdir -p $(@D)
	$(call short,CXX,$< (emulated))
	$(Q)$(CXX) $(EMULATE_FLAGS) -DKERNELS_EMULATED -include experiments/gpu/emulate/emulate.h -x c++ -c -o $@ $<
$(E)/%.o: emulate/%.cc $(B)/flags
	@mkdir -p $(@D)
	$(call short,CXX,$<)
	$(Q)$(CXX) $(EMULATE_FLAGS) -c -o $@ $<
$(E)/%.o: emulate/%.c $(B)/flags
	$(compile)
-include $(wildcard $(E)/*.d)

$(B)/tests/%_emulated: $(B)/tests/%.o $(OBJ) $(EMULATED) $(LIBRARY) $(LIBRARY_PC)
	$(call short,LD,$@)
	$(Q)$(CXX) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(LIBS)
# The whole program with the emulated device.
$(B)/byol_emulated: $(B)/main.o $(OBJ) $(EMULATED) $(LIBRARY) $(LIBRARY_PC)
	$(call short,LD,$@)
	$(Q)$(CXX) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(LIBS)
EMULATED_TESTS := $(B)/byol_emulated $(patsubst %.c,$(B)/%_emulated,$(wildcard tests/gpu_*.c))
else
CUDA_LIBS :=
endif
