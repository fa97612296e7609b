# Compiles the C shim over libtorch into .native/lib; called as `make ctorch`, TORCH being a folder with include/ and lib/.
# Rebuilt by time stamps (our headers too) and whenever a flag or TORCH changes.
SOURCES := $(wildcard Sources/CTorch/src/*.cpp)
OBJECTS := $(patsubst Sources/CTorch/src/%.cpp,.native/obj/%.o,$(SOURCES))
SYSTEM := $(shell uname)

FLAGS := -std=c++20 -O2 -fPIC -fvisibility=hidden -ISources/CTorch/include \
	-isystem $(TORCH)/include -isystem $(TORCH)/include/torch/csrc/api/include
ifeq ($(SYSTEM),Darwin)
# Untried: nobody has built this on a Mac yet.
CXX := clang++
LIBRARY := .native/lib/libctorch.dylib
LINK := -dynamiclib -Wl,-install_name,@rpath/libctorch.dylib
else
CXX := g++
FLAGS += -fopenmp -D_GLIBCXX_USE_CXX11_ABI=1
LIBRARY := .native/lib/libctorch.so
# libtorch registers its operators as it loads, so it must be linked even where no symbol asks for it. Its own libgomp
# stands first on the path: two OpenMP run times in one process would fight for the cores.
LINK := -shared -fopenmp -Wl,-soname,libctorch.so -Wl,--no-undefined -Wl,--no-as-needed
endif
# CUDA graphs need libtorch's CUDA half and all of CUDA's headers: a toolkit has them, or pip's nvidia-cuda-crt beside torch,
# or the copy inside triton, which pip installs with torch. Without them everything else works.
ifneq ($(wildcard $(TORCH)/lib/libtorch_cuda.so),)
CUDA_HEADERS := $(firstword $(patsubst %/crt/host_config.h,%,$(wildcard $(addsuffix /crt/host_config.h,$(CUDA_HOME)/include \
	$(wildcard $(TORCH)/../nvidia/*/include) /usr/local/cuda/include $(TORCH)/../triton/backends/nvidia/include))))
FLAGS += -DMYNA_CUDA $(if $(CUDA_HEADERS),-isystem $(CUDA_HEADERS))
# NCCL's own header: pip's nvidia-nccl beside torch, or the system's.
NCCL_HEADERS := $(firstword $(patsubst %/nccl.h,%,$(wildcard $(TORCH)/../nvidia/*/include/nccl.h /usr/include/nccl.h)))
FLAGS += $(if $(and $(CUDA_HEADERS),$(NCCL_HEADERS)),-DMYNA_NCCL -isystem $(NCCL_HEADERS))
LINK += -L$(TORCH)/lib -ltorch_cuda -lc10_cuda
endif
LINK += -L$(TORCH)/lib -ltorch -ltorch_cpu -lc10 -Wl,-rpath,$(TORCH)/lib

all: $(LIBRARY)

$(LIBRARY): $(OBJECTS) .native/obj/flags
	@mkdir -p $(@D)
	@echo "ctorch: link $@"
	@$(CXX) -o $@.part $(OBJECTS) $(LINK)
	@mv $@.part $@

# Collectives for training in several processes, where Debian's libgloo-dev is installed.
ifneq ($(wildcard /usr/include/gloo/context.h),)
all: .native/lib/libcgloo.so
.native/lib/libcgloo.so: Sources/CGloo/cgloo.cpp Sources/CGloo/cgloo.h
	@mkdir -p $(@D)
	@echo "ctorch: compile $@"
	@$(CXX) -std=c++17 -O2 -fPIC -shared -o $@.part $< -lgloo
	@mv $@.part $@
endif

# Echo cancellation for `myna talk`, where Debian's libwebrtc-audio-processing-dev is installed.
ECHO_HEADERS := /usr/include/webrtc_audio_processing
ifneq ($(wildcard $(ECHO_HEADERS)/webrtc/common.h),)
all: .native/lib/libcecho.so
.native/lib/libcecho.so: Sources/CEcho/cecho.cpp Sources/CEcho/cecho.h
	@mkdir -p $(@D)
	@echo "ctorch: compile $@"
	@$(CXX) -std=c++17 -O2 -fPIC -shared -DWEBRTC_POSIX -isystem $(ECHO_HEADERS) -o $@.part $< -Wl,--no-undefined -lwebrtc_audio_processing
	@mv $@.part $@
endif

.native/obj/%.o: Sources/CTorch/src/%.cpp .native/obj/flags
	@echo "ctorch: compile $<"
	@$(CXX) $(FLAGS) -MMD -MP -c $< -o $@

# Rewritten only when a flag differs, so that its time stamp means something.
.native/obj/flags: always
	@mkdir -p $(@D)
	@echo '$(CXX) $(FLAGS) $(LINK)' | cmp -s - $@ || echo '$(CXX) $(FLAGS) $(LINK)' >$@

.PHONY: all always
-include $(OBJECTS:.o=.d)
