internal import CTorch

extension Torch {
    /// From now on, keeps the memory of freed tensors on the CPU for the next ones instead of giving it back: for training.
    ///
    /// A training step takes and frees the same hundreds of megabytes each time, and fresh pages are dear. With batches of
    /// ever new lengths a general allocator either pays for them at each step or ends up holding several times what is in
    /// use; here the memory held stays below 1 + `share` times the most that was ever in use at once. It is the whole
    /// process's and stays on. Call it before the first operator: it also tells oneDNN to keep 256 kernels instead of 1,024
    /// (unless `ONEDNN_PRIMITIVE_CACHE_CAPACITY` says otherwise), which hears it only then.
    public static func cacheMemory(share: Double = 0.5) { check(ct_cache_memory(share), "cache_memory", []) }

    /// Gives memory that no tensor uses back to the system.
    public static func releaseMemory() { ct_release_memory() }

    /// Bytes that ``cacheMemory(share:)`` keeps and no tensor uses.
    public static var cachedMemory: Int { Int(ct_cached_memory()) }

    /// Bytes of tensors on the CPU made since ``cacheMemory(share:)``, those below 64 KiB left out.
    public static var memoryInUse: Int { Int(ct_lent_memory()) }
}
