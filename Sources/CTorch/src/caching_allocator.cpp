// Memory for tensors on the CPU that is kept for the next tensor instead of being given back.
//
// A training step takes and frees the same hundreds of megabytes again and again. A general allocator either returns large
// blocks to the system each time, and the step pays for fresh zeroed pages (15 % of a recogniser's step), or keeps them and
// cuts them up for other sizes, until with batches of ever new lengths it holds many times what is in use. Here sizes are
// rounded up to classes, eight to an octave, so that a block serves every tensor of nearly its size; a freed block waits for
// the next of its class; and what is lent and waits together stays within a share above the most that was ever lent: the block
// that waited longest goes back to the system first.
#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <unordered_map>

#include <sys/mman.h>
#ifdef __linux__
#include <malloc.h>
#endif

#include "ctorch.h"

#include "convert.h"

namespace {

constexpr size_t kibibyte = 1024, mebibyte = 1024 * kibibyte;
// Below this the general allocator is as fast, and what it loses between blocks is little.
constexpr size_t smallest = 64 * kibibyte;
// From here on a block is mapped by itself and nothing can lie in its way when it goes back.
constexpr size_t mapped = mebibyte;
constexpr size_t huge_page = 2 * mebibyte;

// The class of a size: the next multiple of an eighth of the power of two below it.
size_t class_of(size_t bytes) {
    const size_t step = std::bit_floor(bytes - 1) >> 3;
    return (bytes + step - 1) / step * step;
}

class CachingAllocator final : public c10::Allocator {
  public:
    c10::DataPtr allocate(size_t bytes) override {
        const c10::Device cpu(c10::DeviceType::CPU);
        if (bytes < smallest) {
            void *data = c10::alloc_cpu(bytes);
            return {data, data, &c10::free_cpu, cpu};
        }
        void *data = take(class_of(bytes));
        return {data, data, &give_back, cpu};
    }

    c10::DeleterFnPtr raw_deleter() const override { return &give_back; }

    void copy_data(void *to, const void *from, size_t count) const override { default_copy_data(to, from, count); }

    void set_share(double share) {
        std::lock_guard guard(lock_);
        share_ = share;
        trim(limit());
    }

    void release() {
        std::lock_guard guard(lock_);
        trim(lent_bytes_);
        most_lent_ = lent_bytes_;
    }

    int64_t waiting() {
        std::lock_guard guard(lock_);
        return static_cast<int64_t>(waiting_bytes_);
    }

    int64_t lent() {
        std::lock_guard guard(lock_);
        return static_cast<int64_t>(lent_bytes_);
    }

    static CachingAllocator &shared() {
        static auto *allocator = new CachingAllocator;  // tensors may outlive every static object
        return *allocator;
    }

  private:
    struct Block {
        void *data;
        size_t size;
    };
    using Blocks = std::list<Block>;

    void *take(size_t size) {
        {
            std::lock_guard guard(lock_);
            lent_bytes_ += size;
            most_lent_ = std::max(most_lent_, lent_bytes_);
            // The smallest that waits, unless a quarter of it would lie idle.
            if (auto found = by_size_.lower_bound(size); found != by_size_.end() && found->first <= size + size / 4) {
                const Block block = *found->second.back();  // the newest: its pages may still lie in a cache
                waiting_.erase(found->second.back());
                found->second.pop_back();
                if (found->second.empty()) by_size_.erase(found);
                waiting_bytes_ -= block.size;
                lent_bytes_ += block.size - size;
                lent_.emplace(block.data, block.size);
                return block.data;
            }
            trim(limit());
        }
        void *data = nullptr;
        try {
            data = map(size);
        } catch (...) {
            std::lock_guard guard(lock_);
            lent_bytes_ -= size;
            throw;
        }
        std::lock_guard guard(lock_);
        lent_.emplace(data, size);
        return data;
    }

    static void give_back(void *data) { shared().put(data); }

    void put(void *data) {
        std::lock_guard guard(lock_);
        auto found = lent_.find(data);
        if (found == lent_.end()) return c10::free_cpu(data);  // a small one
        const size_t size = found->second;
        lent_.erase(found);
        waiting_.push_front({data, size});
        by_size_[size].push_back(waiting_.begin());
        lent_bytes_ -= size;
        waiting_bytes_ += size;
        trim(limit());
    }

    // How much may be lent and wait together.
    size_t limit() const { return static_cast<size_t>(static_cast<double>(most_lent_) * (1 + share_)); }

    // Gives back the blocks that waited longest until no more than `limit` is held.
    void trim(size_t limit) {
        while (!waiting_.empty() && lent_bytes_ + waiting_bytes_ > limit) {
            const Block block = waiting_.back();
            auto same = by_size_.find(block.size);
            same->second.pop_front();  // blocks of a size wait in order too
            if (same->second.empty()) by_size_.erase(same);
            waiting_.pop_back();
            waiting_bytes_ -= block.size;
            unmap(block);
        }
    }

    static void *map(size_t size) {
        if (size < mapped) return c10::alloc_cpu(size);
        // Huge pages make the first touch, and every look-up of an address, cheaper; they need their alignment.
        const size_t slack = size >= huge_page ? huge_page : 0;
        void *whole = mmap(nullptr, size + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        TORCH_CHECK(whole != MAP_FAILED, "not enough memory: ", size, " bytes for a tensor");
        if (slack == 0) return whole;
        const auto start = reinterpret_cast<uintptr_t>(whole);
        const auto data = (start + huge_page - 1) / huge_page * huge_page;
        if (data > start) munmap(whole, data - start);
        if (const auto rest = start + slack - data; rest > 0) munmap(reinterpret_cast<void *>(data + size), rest);
#ifdef MADV_HUGEPAGE
        madvise(reinterpret_cast<void *>(data), size, MADV_HUGEPAGE);  // a wish: where it is refused, small pages do
#endif
        return reinterpret_cast<void *>(data);
    }

    static void unmap(const Block &block) {
        if (block.size < mapped) c10::free_cpu(block.data);
        else munmap(block.data, block.size);
    }

    std::mutex lock_;
    Blocks waiting_;  // newest first
    std::map<size_t, std::deque<Blocks::iterator>> by_size_;  // newest last
    std::unordered_map<void *, size_t> lent_;
    size_t lent_bytes_ = 0, waiting_bytes_ = 0, most_lent_ = 0;
    double share_ = 0;
};

}  // namespace

ct_error ct_cache_memory(double share) {
    return guarded([&] {
        TORCH_CHECK(share >= 0, "a share of ", share, " of the memory in use");
        CachingAllocator::shared().set_share(share);
        // oneDNN keeps its last 1,024 kernels, each with memory of its own: with ever new lengths 300 MiB of kernels that
        // never come again. What one step repeats is kept by far fewer. oneDNN reads this once, at its first kernel.
        setenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "256", /*overwrite=*/0);
        // Memory that is out now goes back to where it came from: each block carries its own way.
        c10::SetCPUAllocator(&CachingAllocator::shared(), /*priority=*/100);
    });
}

void ct_release_memory(void) {
    CachingAllocator::shared().release();
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

int64_t ct_lent_memory(void) { return CachingAllocator::shared().lent(); }
int64_t ct_cached_memory(void) { return CachingAllocator::shared().waiting(); }
